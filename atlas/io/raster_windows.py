"""Any GeoTIFF, window by window: memory stays the same however large the file is.

Only the one file that was named is opened, only as GeoTIFF: no other format, which could name
files or addresses, and nothing that lies beside it (world files, ``.aux.xml``, ``.ovr``).
"""

from __future__ import annotations

import math
import stat
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.enums import Interleaving, MaskFlags, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from atlas.core.grid import Grid
from atlas.errors import FileDamaged
from atlas.io.raster import DTYPES, SIGNATURES
from atlas.io.raster_place import place_problem, read_crs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import NoReturn

    from rasterio.io import DatasetReader

WINDOW_CELLS = 1 << 21
"""Cells of a window: two million."""
SIDE_MOST = 10_000_000
"""Columns or rows that a file may declare."""
BLOCK_MOST = 128 << 20
"""Bytes of one block of a file when it is unpacked: it is unpacked whole."""
BLOCKS_MOST = 50_000_000
UNPACKED_LEAST, UNPACKED_TIMES = 1 << 30, 20_000
"""From a gigabyte on, a file may unpack to so many times its size."""
SURROUNDINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": 32 << 20,
    "GDAL_NUM_THREADS": "2", "GDAL_PAM_ENABLED": "NO",
}  # fmt: skip
"""GDAL sees no other file, and keeps at most 32 MB of blocks."""
PROBLEM_MOST = 120


@dataclass(frozen=True)
class Band:
    """One band as the file describes it: number from 1, its words, its unit (may be empty)."""

    number: int
    title: str
    unit: str


@dataclass(frozen=True)
class RasterFacts:
    """What a GeoTIFF says of itself, and which of its bands is asked.

    ``scale`` and ``offset`` turn stored values into the band's unit; ``colours`` are those of the
    file's own colour table, ``#rrggbb`` by value.
    """

    path: Path
    grid: Grid
    band: int
    bands: tuple[Band, ...]
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    colours: dict[int, str]
    size_bytes: int
    block: tuple[int, int]
    masked: bool


@dataclass(frozen=True, eq=False)
class RasterWindow:
    """Values of a window: its first cell, and where they are values (None: nodata says)."""

    row: int
    column: int
    values: np.ndarray[Any, Any]
    known: np.ndarray[Any, Any] | None = None


def read_facts(path: Path, *, band: int = 1) -> RasterFacts:
    """Read what a GeoTIFF says of itself; no cell is read.

    Raises
    ------
    FileDamaged
        One clear problem: no GeoTIFF, no or a wrong CRS, a rotated grid, no such band, complex
        cells, sizes that no raster has, or a file that would unpack to a mountain.
    """
    with _opened(path) as dataset:
        _refuse_size(path, dataset)
        if not 1 <= band <= dataset.count:
            _refuse(path, f"no band {band}; it has {dataset.count}")
        dtype = dataset.dtypes[band - 1]
        if dtype not in DTYPES:
            _refuse(path, f"cells of type {dtype}; one of {', '.join(DTYPES)}")
        flags = set(dataset.mask_flag_enums[band - 1])
        return RasterFacts(
            path, _grid(path, dataset), band, _bands(dataset), dtype,
            dataset.nodatavals[band - 1], float(dataset.scales[band - 1]),
            float(dataset.offsets[band - 1]), _colours(dataset, band), path.stat().st_size,
            dataset.block_shapes[band - 1],
            bool(flags & {MaskFlags.per_dataset, MaskFlags.alpha}),
        )  # fmt: skip


def read_windows(
    facts: RasterFacts, boxes: np.ndarray[Any, Any] | None = None
) -> Iterator[RasterWindow]:
    """Read the windows of a file that boxes meet, one after the other.

    Parameters
    ----------
    facts
        From :func:`read_facts`.
    boxes
        n × 4: west, south, east, north in the CRS of the file; default the whole of it.

    Raises
    ------
    FileDamaged
        If cells cannot be unpacked; says where.
    """
    plan = plan_windows(facts.grid, facts.block, boxes)
    with _opened(facts.path) as dataset, ThreadPoolExecutor(1) as reader:
        ahead: Future[RasterWindow] | None = None
        for place in plan:
            here, ahead = ahead, reader.submit(_read_window, facts, dataset, place)
            if here:
                yield here.result()
        if ahead:
            yield ahead.result()


def _read_window(
    facts: RasterFacts, dataset: DatasetReader, place: tuple[int, int, int, int]
) -> RasterWindow:
    """Read one window; the next is read while the last is measured, never two at a time."""
    row, column, rows, columns = place
    window = Window(column, row, columns, rows)
    with rasterio.Env(**SURROUNDINGS):
        try:
            values = dataset.read(facts.band, window=window)
            known = dataset.read_masks(facts.band, window=window) > 0 if facts.masked else None
        except RasterioError as error:
            where = f"rows {row:,} to {row + rows:,}, columns {column:,} to {column + columns:,}"
            _refuse(facts.path, f"cells of {where} cannot be unpacked: {_reason(error)}")
    return RasterWindow(row, column, values, known)


def read_picture(
    facts: RasterFacts, box: tuple[float, float, float, float], *, side_most: int
) -> tuple[RasterWindow, Grid]:
    """Read what lies in a box, thinned out to a picture: every n-th cell as it is.

    Parameters
    ----------
    facts
        From :func:`read_facts`.
    box
        West, south, east, north in the CRS of the file.
    side_most
        Cells along a side of the picture.

    Returns
    -------
    RasterWindow, Grid
        The cells, and the grid that they lie on, which may be coarser than that of the file.
    """
    row, column, rows, columns = cells_of_box(facts.grid, box)
    shape = min(rows, side_most), min(columns, side_most)
    window = Window(column, row, columns, rows)
    options = {"window": window, "out_shape": shape, "resampling": Resampling.nearest}
    with _opened(facts.path) as dataset:
        try:
            values = dataset.read(facts.band, **options)
            known = dataset.read_masks(facts.band, **options) > 0 if facts.masked else None
        except RasterioError as error:
            _refuse(facts.path, f"its cells cannot be unpacked: {_reason(error)}")
    part = facts.grid.part(row, column, rows, columns)
    grid = Grid(
        part.west, part.north, part.cell_width * columns / shape[1],
        part.cell_height * rows / shape[0], shape[1], shape[0], part.crs,
    )  # fmt: skip
    return RasterWindow(row, column, values, known), grid


def cells_of_box(grid: Grid, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """First row and column, and number of rows and columns, of the cells that a box meets."""
    west, south, east, north = box
    column = min(max(math.floor((west - grid.west) / grid.cell_width), 0), grid.columns - 1)
    row = min(max(math.floor((grid.north - north) / grid.cell_height), 0), grid.rows - 1)
    last_column = min(math.ceil((east - grid.west) / grid.cell_width), grid.columns)
    last_row = min(math.ceil((grid.north - south) / grid.cell_height), grid.rows)
    return row, column, max(last_row - row, 1), max(last_column - column, 1)


def plan_windows(
    grid: Grid, block: tuple[int, int], boxes: np.ndarray[Any, Any] | None
) -> Iterator[tuple[int, int, int, int]]:
    """Windows of whole blocks that meet any box: first row and column, rows, columns.

    Each has at most about :data:`WINDOW_CELLS` cells, so that a block is unpacked once.
    """
    height, width = _window_shape(grid, block)
    wanted = None if boxes is None else _wanted(grid, boxes, height, width)
    for row in range(0, grid.rows, height):
        for column in range(0, grid.columns, width):
            if wanted is None or (row // height, column // width) in wanted:
                yield (
                    row, column, min(height, grid.rows - row), min(width, grid.columns - column)
                )  # fmt: skip


def _window_shape(grid: Grid, block: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of a window: as square as whole blocks allow."""
    high, wide = min(block[0], grid.rows), min(block[1], grid.columns)
    side = math.isqrt(WINDOW_CELLS)
    width = min(max(side // wide, 1) * wide, -(-grid.columns // wide) * wide)
    height = max(WINDOW_CELLS // width // high, 1) * high
    return min(height, grid.rows), min(width, grid.columns)


def _wanted(
    grid: Grid, boxes: np.ndarray[Any, Any], height: int, width: int
) -> set[tuple[int, int]]:
    """Windows (by their place among windows) that boxes meet."""
    wanted: set[tuple[int, int]] = set()
    west, south, east, north = grid.bounds
    for box in boxes[np.isfinite(boxes).all(axis=1)]:
        if box[0] < east and box[2] > west and box[1] < north and box[3] > south:
            row, column, rows, columns = cells_of_box(grid, tuple(box))
            down = range(row // height, (row + rows - 1) // height + 1)
            across = range(column // width, (column + columns - 1) // width + 1)
            wanted.update((y, x) for y in down for x in across)
    return wanted


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    """Open a regular file as GeoTIFF and nothing else."""
    try:
        real = path.resolve(strict=True)
        if not stat.S_ISREG(real.stat().st_mode):
            _refuse(path, "not a regular file")
        with real.open("rb") as stream:
            start = stream.read(4)
    except (OSError, RuntimeError) as error:
        _refuse(path, getattr(error, "strerror", None) or str(error)[:PROBLEM_MOST])
    if start not in SIGNATURES:
        _refuse(path, "not a readable GeoTIFF: it does not begin as one")
    with rasterio.Env(**SURROUNDINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        try:
            dataset = rasterio.open(real, driver="GTiff", sharing=False)
        except RasterioError as error:
            _refuse(path, f"not a readable GeoTIFF: {_reason(error)}")
        with dataset:
            yield dataset


def _reason(error: RasterioError) -> str:
    text = " ".join(str(error.__cause__ or error).split())
    return "its content is damaged" if "/" in text else text[:PROBLEM_MOST]


def _refuse(path: Path, problem: str) -> NoReturn:
    raise FileDamaged(file=path, problem=problem) from None


def _refuse_size(path: Path, dataset: DatasetReader) -> None:
    """Refuse what no raster is, before any cell is unpacked."""
    width, height = dataset.width, dataset.height
    if max(width, height) > SIDE_MOST:
        _refuse(path, f"it declares {width:,} × {height:,} cells; at most {SIDE_MOST:,} a side")
    cell_bytes = max(np.dtype(name).itemsize if name in DTYPES else 16 for name in dataset.dtypes)
    deep = dataset.count if dataset.interleaving == Interleaving.pixel else 1
    high, wide = dataset.block_shapes[0]
    block = min(high, height) * min(wide, width) * cell_bytes * deep
    way_out = "write it anew with gdal_translate -of COG"
    if block > BLOCK_MOST:
        _refuse(path, f"it is stored in blocks of {block >> 20:,} MB: {way_out}")
    if -(-width // wide) * -(-height // high) > BLOCKS_MOST:
        _refuse(path, f"it is stored in more than {BLOCKS_MOST:,} blocks: {way_out}")
    unpacked, packed = width * height * dataset.count * cell_bytes, path.stat().st_size
    if unpacked > max(UNPACKED_LEAST, packed * UNPACKED_TIMES):
        problem = (
            f"{packed:,} bytes declare {width:,} × {height:,} cells, {unpacked >> 20:,} MB: "
            "such a file is not read"
        )
        _refuse(path, problem)


def _grid(path: Path, dataset: DatasetReader) -> Grid:
    """The grid, if it can be trusted to lie where it says."""
    turn = dataset.transform
    if turn.is_identity or turn.a == 0 or turn.e == 0:
        _refuse(path, "it does not say where its cells lie (no geotransform)")
    if turn.b or turn.d:
        _refuse(path, "its grid is rotated: warp it first, for example with gdalwarp")
    if turn.a < 0 or turn.e > 0:
        _refuse(path, "its rows or columns run backwards: warp it first, for example with gdalwarp")
    if dataset.crs is None:
        problem = "it does not say its CRS: assign one, for example with gdal_edit -a_srs"
        _refuse(path, problem)
    crs = read_crs(dataset.crs.to_wkt())
    if crs is None:
        _refuse(path, "its CRS is none of the earth: degrees, or a projection in metres")
    grid = Grid(turn.c, turn.f, turn.a, -turn.e, dataset.width, dataset.height, crs)
    problem = place_problem(grid)
    if problem:
        _refuse(path, problem)
    return grid


def _bands(dataset: DatasetReader) -> tuple[Band, ...]:
    words = zip(dataset.descriptions, dataset.units, strict=True)
    return tuple(
        Band(number, (title or "")[:PROBLEM_MOST], (unit or "")[:40])
        for number, (title, unit) in enumerate(words, start=1)
    )


def _colours(dataset: DatasetReader, band: int) -> dict[int, str]:
    try:
        table = dataset.colormap(band)
    except ValueError:
        return {}
    return {value: f"#{red:02x}{green:02x}{blue:02x}" for value, (red, green, blue, _) in
            table.items()}  # fmt: skip
