"""Small rasters on grids, files of them, and zones; a test changes the one thing it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import Affine

from atlas.analysis.zonal import ClassSums, ClassTally, QuantitySums, QuantityTally, Zones
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.grid import Grid

METRIC = Grid(0.0, 4000.0, 1000.0, 1000.0, 4, 4, WORKING_CRS)
"""Four by four cells of a square kilometre in an equal-area plane."""
DEGREES = Grid(118.0, 32.0, 0.25, 0.25, 8, 6, STORAGE_CRS)


def grid_of(values: np.ndarray[Any, Any], crs: CRS = WORKING_CRS, side: float = 1000.0) -> Grid:
    """A grid whose south-western corner is the origin."""
    rows, columns = values.shape
    return Grid(0.0, rows * side, side, side, columns, rows, crs)


def windows(values: np.ndarray[Any, Any], side: int) -> list[tuple[int, int, np.ndarray[Any, Any]]]:
    """Values cut into windows."""
    rows, columns = values.shape
    return [
        (row, column, values[row : row + side, column : column + side])
        for row in range(0, rows, side)
        for column in range(0, columns, side)
    ]


def count_classes(
    values: np.ndarray[Any, Any], shapes: list[shapely.Geometry], grid: Grid, *,
    nodata: float | None = None, side: int = 3,
) -> ClassSums:  # fmt: skip
    """Classes by zone, window by window."""
    tally = ClassTally(Zones(np.array(shapes, dtype=object), grid), nodata=nodata)
    for row, column, part in windows(values, side):
        tally.add(row, column, part)
    return tally.sums()


def add_up(
    values: np.ndarray[Any, Any], shapes: list[shapely.Geometry], grid: Grid, *,
    side: int = 3, **options: Any,
) -> QuantitySums:  # fmt: skip
    """A quantity by zone, window by window."""
    tally = QuantityTally(Zones(np.array(shapes, dtype=object), grid), **options)
    for row, column, part in windows(values, side):
        tally.add(row, column, part)
    return tally.sums()


def write_tiff(
    path: Path, values: np.ndarray[Any, Any], grid: Grid = DEGREES, *,
    transform: Affine | None = None, crs: Any = "own", colours: dict[int, Any] | None = None,
    scale: tuple[float, float] | None = None, unit: str = "", **options: Any,
) -> Path:  # fmt: skip
    """A GeoTIFF as programs write it."""
    own = Affine(grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north)
    bands = values if values.ndim == 3 else values[None]
    profile = {
        "driver": "GTiff", "width": bands.shape[2], "height": bands.shape[1],
        "count": bands.shape[0], "dtype": bands.dtype.name,
        "crs": grid.crs.to_wkt() if crs == "own" else crs, "transform": transform or own,
    } | options  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(bands)
        if colours:
            dataset.write_colormap(1, colours)
        if scale:
            dataset.scales = (scale[0],) * bands.shape[0]
            dataset.offsets = (scale[1],) * bands.shape[0]
        if unit:
            dataset.units = (unit,) * bands.shape[0]
    return path


def zone_file(path: Path, shapes: dict[str, shapely.Geometry]) -> Path:
    """A GeoJSON of zones by name."""
    frame = gpd.GeoDataFrame({"id": list(shapes)}, geometry=list(shapes.values()), crs=STORAGE_CRS)
    frame.to_file(path)
    return path
