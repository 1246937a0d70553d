"""How much of each zone of one file the parts of another hold, for files of any length."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue

import pandas as pd

from atlas.analysis.ring_overlap import RingIndex, copy_pieces, index_rings
from atlas.analysis.zone_index import index_zones
from atlas.errors import FileDamaged
from atlas.io.stream import VectorBatch, VectorSource, open_source, read_batches
from atlas.operations.overlap_batch import (
    BATCH_ROWS,
    SIZES,
    BatchOverlap,
    Gathering,
    Zones,
    measure,
    read_zones,
)
from atlas.operations.overlap_cluster import measure_there
from atlas.operations.plane_shapes import Reader, Repair, plane_shapes

AHEAD = 2
"""Batches that wait for each thread: what is read ahead, and so what memory holds."""
OWN_COLUMNS = ("zone", "parts", *(name for name, _ in SIZES.values()))


@dataclass(frozen=True, eq=False)
class FileOverlap:
    """Overlaps of two files.

    ``table`` has the columns ``zone``, the column that was grouped by, ``area_km2`` of polygons or
    ``length_km`` of lines, and ``parts``: how many rows overlap. ``rows`` is how many there are,
    ``skipped`` how many of them have no geometry. ``zones`` and ``parts`` are the files.
    """

    table: pd.DataFrame
    repairs: list[Repair]
    rows: int
    skipped: int
    zones: VectorSource
    parts: VectorSource
    by: str | None


def overlap_files(
    zones: Path, parts: Path, *, zone_id: str = "id", by: str | None = None,
    part_id: str | None = None, repair: bool = False, threads: int = 2,
    progress: Callable[[int], None] | None = None, batch_rows: int = BATCH_ROWS,
    scheduler: str | None = None,
) -> FileOverlap:  # fmt: skip
    """Overlap the parts of one file with the zones of another, and add up by zone and group.

    The table does not depend on ``threads``, ``batch_rows`` or ``scheduler``, to the last bit.

    Parameters
    ----------
    zones
        Polygons: GeoParquet, or any file that GDAL reads, in any CRS that it names.
    parts
        Polygons, lines or points, all of one kind; read batch by batch.
    zone_id
        Column that names the zones.
    by
        Column of the parts to add up by; without one there is one sum for each zone.
    part_id
        Column that names a part in messages.
    repair
        Make invalid geometries valid, and list them; else the first one stops the run.
    threads
        Threads that work at the same time.
    progress
        Called with the number of rows done.
    batch_rows
        Rows that are read at a time.
    scheduler
        Address of a Dask scheduler, whose workers then measure; they read the same paths.

    Raises
    ------
    FileDamaged
        If a file cannot be read, lacks a column, mixes polygons and lines, or holds an invalid
        geometry; names the row.
    ClusterFailed
        If the cluster cannot be reached or gives up.
    """
    if by in OWN_COLUMNS:
        problem = f"the table has a column '{by}' of its own: rename that of the file"
        raise FileDamaged(file=parts, problem=problem)
    ready = read_zones(zones, zone_id, repair=repair)
    reader = Reader(open_source(parts), part_id, repair)
    if scheduler is None:
        found = _measure_here(ready, reader, by, threads, batch_rows)
    else:
        found = measure_there(scheduler, ready.reader, reader, by, batch_rows)
    return _gathered(ready, reader, by, found, progress)


def _gathered(
    zones: Zones, reader: Reader, by: str | None, found: Generator[BatchOverlap],
    progress: Callable[[int], None] | None,
) -> FileOverlap:  # fmt: skip
    gathered = Gathering(reader, len(zones.names))
    with closing(found):
        for measured in found:
            gathered.add(measured)
            if progress:
                progress(gathered.rows)
    repairs = [*zones.repairs, *sorted(gathered.repairs, key=lambda repair: repair.row)]
    return FileOverlap(
        gathered.table(zones, by), repairs, gathered.rows, gathered.skipped,
        zones.reader.source, reader.source, by,
    )  # fmt: skip


def _measure_here(
    zones: Zones, reader: Reader, by: str | None, threads: int, rows: int
) -> Generator[BatchOverlap]:
    """Measure on threads of this process; batches are read while others are measured.

    The first batches are looked at while this thread makes the zones ready: rasterio changes the
    filters of warnings meanwhile, which only the main thread may do.
    """
    ready: Future[SimpleQueue[RingIndex]] = Future()
    with ThreadPoolExecutor(threads) as pool:
        try:
            batches = read_batches(reader.source, by=by, key=reader.key, rows=rows)
            waiting = deque(
                pool.submit(_measure_batch, reader, batch, ready)
                for batch in islice(batches, threads)
            )
            ready.set_result(_indexes(zones, threads))
            for batch in batches:
                waiting.append(pool.submit(_measure_batch, reader, batch, ready))
                if len(waiting) > AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            ready.cancel()
            pool.shutdown(cancel_futures=True)


def _indexes(zones: Zones, threads: int) -> SimpleQueue[RingIndex]:
    """An index of zones for each thread: GEOS lets no two threads share prepared geometries."""
    index = index_rings(index_zones(zones.shapes))
    queue: SimpleQueue[RingIndex] = SimpleQueue()
    queue.put(index)
    for _ in range(threads - 1):
        queue.put(copy_pieces(index))
    return queue


def _measure_batch(
    reader: Reader, batch: VectorBatch, ready: Future[SimpleQueue[RingIndex]]
) -> BatchOverlap:
    found = plane_shapes(reader, batch)
    queue = ready.result()
    index = queue.get()
    try:
        return measure(index, batch, found)
    finally:
        queue.put(index)
