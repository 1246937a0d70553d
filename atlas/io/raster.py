"""Cloud-Optimised GeoTIFF: the one file form of a raster layer."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader, MemoryFile
from rasterio.transform import Affine

from atlas.core.crs import STORAGE_CRS
from atlas.core.raster import Raster, RasterScheme, raster_problems
from atlas.errors import FileDamaged, Problem, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

MAX_CELLS = 50_000_000
"""Largest raster that is read into memory; a small file may unpack to far more."""
SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of TIFF and BigTIFF, either byte order."""
TILE = 256
"""Cells along the side of a tile that we write."""
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")


def read_raster(
    content: bytes, file: Path | str, *, layer: str, scheme: RasterScheme,
    edition: int | None = None,
) -> Raster:  # fmt: skip
    """Read the bytes of a Cloud-Optimised GeoTIFF into valid cells.

    Parameters
    ----------
    content, file
        The bytes, and the name to use in messages.
    layer, edition
        Named in each problem.
    scheme
        What the layer's cells may hold.

    Returns
    -------
    Raster
        EPSG:4326, one band.

    Raises
    ------
    FileDamaged
        If it is no GeoTIFF, too large, or cannot be unpacked.
    SchemaError
        With every problem: layout, CRS, grid, region, nodata, values.
    """
    with _opened(content, file) as dataset:
        found = list(_form_problems(dataset))
        raster = None if found else _cells(dataset)
    if raster is not None:
        found += raster_problems(scheme, raster)
    if raster is None or found:
        problems = [Problem(layer, edition, None, rule, message) for rule, message in found]
        raise SchemaError(str(file), problems)
    return raster


def read_superseded(content: bytes, file: Path | str) -> Raster:
    """Read an edition that a newer one has superseded; it was valid by the rules of its day.

    Raises
    ------
    FileDamaged
        If it cannot be read at all.
    """
    with _opened(content, file) as dataset:
        return _cells(dataset)


@contextmanager
def _opened(content: bytes, file: Path | str) -> Iterator[DatasetReader]:
    """Open bytes as a GeoTIFF and nothing else: other forms could name files or addresses."""
    if content[:4] not in SIGNATURES:
        raise FileDamaged(file=file, problem="not a readable GeoTIFF: it does not begin as one")
    try:
        with MemoryFile(content) as memory, _open(memory) as dataset:
            _refuse_size(dataset, file)
            yield dataset
    except RasterioError as error:
        text = " ".join(str(error.__cause__ or error).split())
        if "/vsimem/" in text:
            text = "its head is unreadable"
        raise FileDamaged(file=file, problem=f"not a readable GeoTIFF: {text[:120]}") from None


def _open(memory: MemoryFile) -> DatasetReader:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return memory.open(driver="GTiff")


def _refuse_size(dataset: DatasetReader, file: Path | str) -> None:
    cells = dataset.width * dataset.height * dataset.count
    if cells > MAX_CELLS:
        problem = f"{dataset.width:,} × {dataset.height:,} cells; at most {MAX_CELLS:,} are read"
        raise FileDamaged(file=file, problem=problem)


def _form_problems(dataset: DatasetReader) -> Iterator[tuple[str, str]]:
    """Everything that a reader must know before it can trust the cells."""
    way_out = "write it with GDAL's COG driver (gdal_translate -of COG)"
    tile_height, tile_width = dataset.block_shapes[0]
    larger = dataset.width > tile_width or dataset.height > tile_height
    if dataset.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") != "COG":
        yield "layout", f"not a Cloud-Optimised GeoTIFF: {way_out}"
    elif larger and tile_width >= dataset.width:
        yield "layout", f"stored in strips, not in tiles: {way_out}"
    elif larger and not dataset.overviews(1):
        yield "layout", f"larger than a tile but without overviews: {way_out}"
    if dataset.count != 1:
        yield "bands", f"{dataset.count} bands; a raster layer has one"
    if dataset.dtypes[0] not in DTYPES:
        yield "type", f"cells of type {dataset.dtypes[0]}; one of {', '.join(DTYPES)}"
    if dataset.crs is None or dataset.crs.to_epsg() != STORAGE_CRS.to_epsg():
        name = "none" if dataset.crs is None else dataset.crs.to_string()[:60]
        yield "crs", f"the CRS is {name}; it must be EPSG:4326"
    grid = dataset.transform
    if grid.b or grid.d or grid.a <= 0 or grid.e >= 0 or grid == Affine.identity():
        yield "grid", "the grid must run from north-west to south-east, not rotated"
    if dataset.scales[0] != 1 or dataset.offsets[0] != 0:
        yield "type", "a scale or offset is set: store the values themselves"
    if dataset.nodata is None:
        yield "nodata", "no nodata value is set"


def _cells(dataset: DatasetReader) -> Raster:
    grid = dataset.transform
    return Raster(
        values=dataset.read(1),
        west=grid.c,
        north=grid.f,
        cell_deg=(grid.a, -grid.e),
        nodata=dataset.nodata,
    )


def grid_of(raster: Raster) -> Affine:
    """Affine transform from column and row to degrees, as rasterio wants it."""
    width, height = raster.cell_deg
    return Affine(width, 0.0, raster.west, 0.0, -height, raster.north)


def to_bytes(raster: Raster, *, tags: dict[str, str] | None = None) -> bytes:
    """Bytes of a raster as Cloud-Optimised GeoTIFF; the same cells give the same bytes.

    Tiles of :data:`TILE` cells, deflate, overviews by the nearest cell, no time stamp. The
    type of the values is kept. ``tags`` say what the file is, for whom it is handed on to.
    """
    values: np.ndarray = raster.values
    with MemoryFile() as memory:
        with memory.open(
            driver="COG", width=values.shape[1], height=values.shape[0], count=1,
            dtype=values.dtype.name, nodata=raster.nodata, crs="EPSG:4326",
            transform=grid_of(raster), compress="deflate", level=9, blocksize=TILE,
            predictor="no", num_threads=1, overview_resampling="nearest",
        ) as dataset:  # fmt: skip
            dataset.write(values, 1)
            if tags:
                dataset.update_tags(**tags)
        return bytes(memory.getbuffer())
