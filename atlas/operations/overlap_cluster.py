"""Overlaps of files measured by the workers of a Dask cluster, to the same bits as here.

A task is a span of rows of the parts. It reads its rows by itself and gives back small sums by
zone and group, which add up exactly in any order. The zones are made ready once, by a task of
its own: a worker that dies takes nothing with it that cannot be made again.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from typing import Any

from atlas.analysis.ring_overlap import RingIndex, copy_pieces, index_rings
from atlas.analysis.zone_index import index_zones
from atlas.errors import ClusterFailed, FileDamaged
from atlas.io.stream import Span, VectorSource, list_spans, open_source, read_batches
from atlas.operations.overlap_batch import BatchOverlap, measure, read_zones
from atlas.operations.plane_shapes import Reader, plane_shapes

SPAN_ROWS = 200_000
"""Rows of a task: a second of work or less, and little of a row group that is read in vain."""
WAIT_S = 10
"""Seconds in which a scheduler must answer and have a worker."""
INSTALL = "the extra is missing: pip install 'delta-atlas[cluster]'"
WORDS = 300


def measure_there(
    scheduler: str, zones: Reader, parts: Reader, by: str | None, rows: int
) -> Generator[BatchOverlap]:
    """Measure on the workers of a cluster.

    Parameters
    ----------
    scheduler
        Its address, as Dask writes it: protocol, host and port.
    zones, parts
        Files that the workers find under the same paths.
    by
        Column of the parts to add up by.
    rows
        Rows of a batch.

    Yields
    ------
    BatchOverlap
        Batches, in the order of the file.

    Raises
    ------
    ClusterFailed
        If the scheduler does not answer, has no workers, or gives a task up.
    FileDamaged
        As a worker found it; also if a file there is not the one here.
    """
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError:
        raise ClusterFailed(address=scheduler, problem=INSTALL) from None
    with ExitStack() as opened:
        client = opened.enter_context(_client(distributed, scheduler))
        index = client.submit(_index, _absolute(zones), pure=False)
        parts = _absolute(parts)
        tasks = [
            client.submit(_measure_span, index, parts, span, by, rows, pure=False)
            for span in list_spans(parts.source, SPAN_ROWS)
        ]
        opened.callback(client.cancel, tasks)
        try:
            for task in tasks:
                yield from task.result()
                task.release()
        except (distributed.KilledWorker, distributed.CancelledError, ImportError) as error:
            problem = f"it gave up: {' '.join(str(error).split())[:WORDS]}"
            raise ClusterFailed(address=scheduler, problem=problem) from error


def _client(distributed: Any, address: str) -> Any:
    """Connect to a scheduler that has a worker."""
    try:
        client = distributed.Client(address, timeout=WAIT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        problem = f"no scheduler answers: {' '.join(str(error).split())[:WORDS]}"
        raise ClusterFailed(address=address, problem=problem) from error
    try:
        client.wait_for_workers(1, timeout=WAIT_S)
    except TimeoutError:
        client.close()
        raise ClusterFailed(address=address, problem="it has no workers: start some") from None
    return client


def _absolute(reader: Reader) -> Reader:
    return replace(reader, source=replace(reader.source, path=reader.source.path.resolve()))


def _index(zones: Reader) -> RingIndex:
    """On a worker: the zones made ready."""
    _check_same(zones.source)
    found = read_zones(zones.source.path, str(zones.key), repair=zones.repair)
    return index_rings(index_zones(found.shapes))


def _measure_span(
    index: RingIndex, parts: Reader, span: Span, by: str | None, rows: int
) -> list[BatchOverlap]:
    """On a worker: overlaps of a span of rows; its threads share no prepared geometries."""
    _check_same(parts.source)
    own = copy_pieces(index)
    batches = read_batches(parts.source, by=by, key=parts.key, rows=rows, span=span)
    return [measure(own, batch, plane_shapes(parts, batch)) for batch in batches]


def _check_same(source: VectorSource) -> None:
    """Refuse to measure another file than the one that was looked at first."""
    if open_source(source.path) != source:
        problem = "is another file on a worker than here: put it where all machines see it"
        raise FileDamaged(file=source.path, problem=problem)
