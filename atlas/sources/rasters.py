"""Raster layers from packages: MODIS land cover and ITU-R terrain height, cut to the delta.

Both are cut along their own cells, so that no value is resampled or moved.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.windows import Window

from atlas.core.geometry import snap
from atlas.core.raster import Raster
from atlas.errors import SourceError
from atlas.io import raster as cog
from atlas.sources.inputs import (
    HEIGHT_LATITUDES,
    HEIGHT_LONGITUDES,
    HEIGHTS,
    LAND_COVER_GRID,
    locate,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.layer import Input

WEST, SOUTH, EAST, NORTH = 114.5, 27.0, 123.5, 35.5
"""The cut, in degrees: whole cells of both grids around the four provinces."""
LAND_COVER_PER_DEGREE = 20
TERRAIN_PER_DEGREE = 12
LAND_COVER_NODATA = 255
TERRAIN_NODATA = -32768
TERRAIN_ACCURACY_M = 9000.0
"""Height of a terrain cell on the ground, to which its outline can be trusted."""
MOVED_DEG = 1e-6


def build_land_cover() -> bytes:
    """MODIS MCD12C1 of 2019: IGBP class of most of each 0.05° cell (0–16, uint8).

    The source names the Clarke 1866 spheroid; its coordinates are those of the MODIS climate
    modelling grid and are read here as EPSG:4326. Water and coast fit Natural Earth best
    without any shift (tried in steps of a quarter of a cell).

    Returns
    -------
    bytes
        Cloud-Optimised GeoTIFF.

    Raises
    ------
    SourceError
        If the input is missing or is not the recorded one.
    """
    per_degree = LAND_COVER_PER_DEGREE
    column, row = round((WEST + 180) * per_degree), round((90 - NORTH) * per_degree)
    width, height = round((EAST - WEST) * per_degree), round((NORTH - SOUTH) * per_degree)
    with rasterio.open(locate(LAND_COVER_GRID)) as dataset:
        values = dataset.read(1, window=Window(column, row, width, height))
    return cog.to_bytes(_cut(values, LAND_COVER_PER_DEGREE, LAND_COVER_NODATA))


def build_terrain() -> bytes:
    """ITU-R P.1511-2 height above the sea of each 1/12° cell, in whole metres (int16).

    Returns
    -------
    bytes
        Cloud-Optimised GeoTIFF.

    Raises
    ------
    SourceError
        If an input is missing, is not the recorded one, or its grid is not as expected.
    """
    return cog.to_bytes(read_terrain())


@cache
def read_terrain() -> Raster:
    """Terrain heights of the delta in metres, each value in the middle of its cell.

    The tables give each height with its latitude and longitude: odd multiples of 1/24°,
    so that cells end at multiples of 1/12°.
    """
    latitudes, longitudes = _table(HEIGHT_LATITUDES)[:, 0], _table(HEIGHT_LONGITUDES)[0]
    rows = np.flatnonzero((latitudes > SOUTH) & (latitudes < NORTH))
    columns = np.flatnonzero((longitudes > WEST) & (longitudes < EAST))
    _refuse_moved(latitudes[rows], NORTH, -1 / TERRAIN_PER_DEGREE)
    _refuse_moved(longitudes[columns], WEST, 1 / TERRAIN_PER_DEGREE)
    heights = _table(HEIGHTS)[np.ix_(rows, columns)]
    return _cut(np.round(heights).astype("int16"), TERRAIN_PER_DEGREE, TERRAIN_NODATA)


def _table(source: Input) -> np.ndarray:
    with np.load(locate(source)) as archive:
        table: np.ndarray = archive["arr_0"]
    return table


def _refuse_moved(centres: np.ndarray, edge: float, step: float) -> None:
    """Refuse a grid whose cells do not begin at the edge of the cut."""
    expected = edge + (np.arange(len(centres)) + 0.5) * step
    if np.abs(centres - expected).max() > MOVED_DEG:
        raise SourceError("the ITU-R P.1511 grid is not centred on 1/12° cells as recorded")


def _cut(values: np.ndarray, per_degree: int, nodata: float) -> Raster:
    side = 1 / per_degree
    expected = round((NORTH - SOUTH) * per_degree), round((EAST - WEST) * per_degree)
    if values.shape != expected:
        raise SourceError(f"the cut has {values.shape} cells; expected {expected}")
    return Raster(values, west=WEST, north=NORTH, cell_deg=(side, side), nodata=nodata)


def outline_above(
    heights: Raster, *, above_m: float, box: Sequence[float]
) -> shapely.MultiPolygon | shapely.Polygon:
    """Outline of the cells that lie higher than a height, along the edges of the cells.

    Parameters
    ----------
    heights
        Terrain in metres.
    above_m
        Cells of exactly this height do not count.
    box
        West, south, east, north in degrees; a cell counts if its centre lies inside.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        EPSG:4326, valid on the 1e-6° grid.

    Raises
    ------
    SourceError
        If no cell is that high, or the box is no box inside the terrain.
    """
    west, south, east, north = box
    outer = heights.bounds
    slack = MOVED_DEG
    if not (outer[0] - slack <= west < east <= outer[2] + slack
            and outer[1] - slack <= south < north <= outer[3] + slack):  # fmt: skip
        problem = f"box {list(box)} is not west, south, east, north inside the terrain {outer}"
        raise SourceError(problem)
    rows, columns = heights.values.shape
    width, height = heights.cell_deg
    lons = heights.west + (np.arange(columns) + 0.5) * width
    lats = heights.north - (np.arange(rows) + 0.5) * height
    inside = ((lats >= south) & (lats <= north))[:, None] & ((lons >= west) & (lons <= east))
    high = inside & (heights.values > above_m) & (heights.values != heights.nodata)
    if not high.any():
        raise SourceError(f"no terrain cell in box {list(box)} is higher than {above_m:g} m")
    outlines = shapes(high.astype("uint8"), mask=high, transform=cog.grid_of(heights))
    return snap(shapely.union_all([shapely.geometry.shape(ring) for ring, _ in outlines]))
