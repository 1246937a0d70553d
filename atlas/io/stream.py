"""Vector files of any length, read batch by batch: memory does not grow with the file.

GeoParquet is read by Arrow, everything else that GDAL reads by its Arrow stream. Either way a
batch holds the geometries as well-known binary, and of the columns only what was asked for.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
from pyarrow import parquet
from pyproj import CRS
from pyproj.exceptions import CRSError

from atlas.errors import FileDamaged
from atlas.io.arrow import binaries, encode, is_text
from atlas.io.geoparquet import native_to_wkb, read_geo

MAGIC = b"PAR1"
"""First bytes of a Parquet file."""
BUFFER = 1 << 20
"""Bytes that are read of a column at a time; the whole of a column is never in memory."""
SLOWLY = "OGR_FLATGEOBUF_STREAM_BASE_IMPL"
BROKEN = (
    OSError, pa.ArrowException, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, pyogrio.errors.FieldError,
)  # fmt: skip
NOT_READ = 200
"""Characters of a library's own words that a message bears."""


@dataclass(frozen=True)
class VectorSource:
    """A vector file that can be read in batches.

    ``rows`` is None where only reading tells. Of a Parquet file, ``encoding`` is that of its
    geometry, ``groups`` are the numbers of rows of its row groups, and ``texts`` its columns of
    text; of other files, ``slow`` says that GDAL's fast way of reading is not safe.
    """

    path: Path
    crs: CRS
    columns: tuple[str, ...]
    rows: int | None
    geometry: str = ""
    encoding: str = ""
    groups: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    slow: bool = False
    size: int = 0
    modified_ns: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Span:
    """Rows of a file that follow each other, all in one row group if it is a Parquet file."""

    first: int
    rows: int
    group: int = 0
    skip: int = 0


@dataclass(frozen=True, eq=False)
class VectorBatch:
    """Some rows of a file.

    ``first`` is the position of the first row in the file. Geometries are well-known binary:
    ``length`` bytes from ``start`` on in ``content``, 0 where there is none. ``codes`` are the
    positions of each row's group in ``groups``; ``names`` tells the rows apart, if asked.
    """

    first: int
    content: np.ndarray
    start: np.ndarray
    length: np.ndarray
    codes: np.ndarray
    groups: list[Any]
    names: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.start)

    def name_at(self, row: int) -> object:
        """What names a row of the batch, or None."""
        return None if self.names is None else self.names[row].as_py()

    def list_names(self) -> list[Any]:
        """What names each row of the batch; nothing if it was not asked for."""
        return [] if self.names is None else list(self.names.to_pylist())


def open_source(path: Path) -> VectorSource:
    """Look at a vector file, without reading its rows.

    Parameters
    ----------
    path
        GeoParquet, or any file that GDAL reads; its first layer is meant.

    Raises
    ------
    FileDamaged
        If there is no such file, it is no vector file, has no geometry, or does not say its CRS.
    """
    with _reading(path):
        if not path.exists():
            raise FileDamaged(file=path, problem="No such file or directory")
        if not (path.is_file() or path.is_dir()):
            raise FileDamaged(file=path, problem="not a regular file")
        found = path.stat()
        source = _open_parquet(path) if _is_parquet(path) else _open_layer(path)
    return replace(source, size=found.st_size, modified_ns=found.st_mtime_ns)


def _is_parquet(path: Path) -> bool:
    if path.is_dir():
        return False
    with path.open("rb") as stream:
        found = stream.read(len(MAGIC)) == MAGIC
    if not found and path.suffix.lower() in (".parquet", ".geoparquet"):
        raise FileDamaged(file=path, problem="not a Parquet file")
    return found


def _open_parquet(path: Path) -> VectorSource:
    with parquet.ParquetFile(path) as file:
        facts, names = file.metadata, file.schema_arrow.names
        geometry, encoding, crs = read_geo(path, facts.metadata, names)
        groups = tuple(facts.row_group(number).num_rows for number in range(facts.num_row_groups))
        texts = tuple(column.name for column in file.schema_arrow if is_text(column.type))
    return VectorSource(path, crs, tuple(names), sum(groups), geometry, encoding, groups, texts)


def _open_layer(path: Path) -> VectorSource:
    facts = pyogrio.read_info(path, layer=0)
    if facts["geometry_type"] is None:
        raise FileDamaged(file=path, problem="its layer has no geometry")
    if facts["crs"] is None:
        problem = "it does not say its CRS: assign one, for example EPSG:4326 or EPSG:4490"
        raise FileDamaged(file=path, problem=problem)
    try:
        crs = CRS.from_user_input(facts["crs"])
    except CRSError as error:
        problem = f"its CRS cannot be read: {str(error)[:NOT_READ]}"
        raise FileDamaged(file=path, problem=problem) from None
    rows = facts["features"] if facts["features"] >= 0 else None
    indexed = facts["capabilities"]["fast_spatial_filter"]
    slow = facts["driver"] == "FlatGeobuf" and not indexed
    return VectorSource(path, crs, tuple(facts["fields"].tolist()), rows, slow=slow)


def hash_source(source: VectorSource) -> str | None:
    """Hexadecimal SHA-256 of a file's bytes, piece by piece; None for a folder.

    Raises
    ------
    FileDamaged
        If the file is not the one that was opened.
    """
    with _reading(source.path):
        found = source.path.stat()
        if (found.st_size, found.st_mtime_ns) != (source.size, source.modified_ns):
            raise FileDamaged(file=source.path, problem="changed after it was read: run again")
        if source.path.is_dir():
            return None
        with source.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def list_spans(source: VectorSource, rows: int) -> list[Span]:
    """Cut a file into spans of at most so many rows, for readers that know nothing of each other.

    Raises
    ------
    FileDamaged
        If the file does not say how many rows it has.
    """
    if source.rows is None:
        problem = "does not say how many rows it has: convert it to GeoParquet or FlatGeobuf"
        raise FileDamaged(file=source.path, problem=problem)
    groups = source.groups or (source.rows,)
    return [
        Span(sum(groups[:group]) + skip, min(rows, count - skip), group, skip)
        for group, count in enumerate(groups)
        for skip in range(0, count, rows)
    ]


def read_batches(
    source: VectorSource, *, by: str | None = None, key: str | None = None, rows: int,
    span: Span | None = None,
) -> Iterator[VectorBatch]:  # fmt: skip
    """Read a file, or a span of it, in batches.

    Parameters
    ----------
    source
        The file.
    by
        Column whose values are the groups; without one all rows are of one group, None.
    key
        Column that names a row in messages.
    rows
        Rows of a batch, at most.
    span
        Only these rows.

    Raises
    ------
    FileDamaged
        If a column is not there or cannot be grouped by, or the file breaks off.
    """
    _check_columns(source, by, key)
    columns = list(dict.fromkeys(name for name in (by, key) if name is not None))
    read = _read_parquet if source.groups or source.encoding else _read_layer
    first = span.first if span else 0
    with _reading(source.path):
        for table in read(source, columns, rows, span):
            yield _batch(source, table, first, by, key)
            first += table.num_rows
    expected = span.first + span.rows if span else source.rows
    if expected is not None and first != expected:
        problem = f"breaks off after row {first:,} of {expected:,}: make the file anew"
        raise FileDamaged(file=source.path, problem=problem)


def _check_columns(source: VectorSource, *names: str | None) -> None:
    for name in names:
        found = source.columns.count(name) if name is not None else 1
        if found != 1:
            known = ", ".join(source.columns[:20])
            problem = f"no column '{name}'; there are: {known}"
            if found:
                problem = f"two columns are called '{name}': rename one"
            raise FileDamaged(file=source.path, problem=problem[:600])


def _read_parquet(
    source: VectorSource, columns: list[str], rows: int, span: Span | None
) -> Iterator[pa.RecordBatch]:
    wanted = [*columns, source.geometry]
    groups = [span.group] if span else None
    texts = [name for name in columns if name in source.texts]
    with parquet.ParquetFile(
        source.path, read_dictionary=texts, pre_buffer=False, buffer_size=BUFFER
    ) as file:
        place = 0
        for table in file.iter_batches(rows, row_groups=groups, columns=wanted):
            start, end = 0, table.num_rows
            if span:
                start, end = max(span.skip - place, 0), min(span.skip + span.rows - place, end)
            place += table.num_rows
            if end > start:
                yield table.slice(start, end - start)
            if span and place >= span.skip + span.rows:
                return


def _read_layer(
    source: VectorSource, columns: list[str], rows: int, span: Span | None
) -> Iterator[pa.RecordBatch]:
    left = span.rows if span else sys.maxsize
    with (
        _safe_stream(source),
        pyogrio.raw.open_arrow(
            source.path, layer=0, columns=columns, batch_size=min(rows, left), use_pyarrow=True,
            skip_features=span.first if span else 0,
        ) as (_, reader),
    ):  # fmt: skip
        for table in reader:
            yield table.slice(0, left)
            left -= table.num_rows
            if left <= 0:
                return


@contextmanager
def _safe_stream(source: VectorSource) -> Iterator[None]:
    """Read FlatGeobuf without an index row by row: GDAL 3.12 mistakes rows without geometry.

    Its fast way then gives lengths below nought, or crashes. Files with an index have no such rows.
    """
    if not source.slow:
        yield
        return
    pyogrio.set_gdal_config_options({SLOWLY: True})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({SLOWLY: None})


def _batch(
    source: VectorSource, table: pa.RecordBatch, first: int, by: str | None, key: str | None
) -> VectorBatch:
    geometry = source.geometry or next(
        part.name for part in table.schema
        if (part.metadata or {}).get(b"ARROW:extension:name") in (b"geoarrow.wkb", b"ogc.wkb")
    )  # fmt: skip
    shapes = table.column(geometry)
    if source.encoding not in ("", "WKB"):
        shapes = native_to_wkb(source.path, shapes, source.encoding)
    content, start, length = binaries(source.path, shapes)
    codes, groups = np.zeros(len(start), dtype=np.int64), [None]
    if by is not None:
        codes, groups = encode(source.path, table.column(by), by)
    names = table.column(key) if key is not None else None
    return VectorBatch(first, content, start, length, codes, groups, names)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say which file a library could not read."""
    try:
        yield
    except BROKEN as error:
        words = " ".join(str(error).split())[:NOT_READ]
        raise FileDamaged(file=path, problem=f"not a readable vector file: {words}") from error
