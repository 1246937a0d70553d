"""Whether a raster lies where its CRS says it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from atlas.core.crs import REGION_BOUNDS, STORAGE_CRS

if TYPE_CHECKING:
    from atlas.core.grid import Grid

EDGE_POINTS = 21
SLACK_DEG = 1e-6
EAST_MOST, NORTH_MOST = 360.0, 90.0
"""Some grids count longitudes from 0 to 360."""


def read_crs(wkt: str) -> CRS | None:
    """Horizontal CRS of a raster; None if it is none of the earth's surface."""
    try:
        crs = CRS.from_wkt(wkt)
    except CRSError:
        return None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if not (crs.is_geographic or crs.is_projected):
        return None
    return STORAGE_CRS if crs.equals(STORAGE_CRS, ignore_axis_order=True) else crs


def degrees_box(grid: Grid) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a grid in degrees of EPSG:4326.

    Corners of a map of the whole earth may lie beyond its rim and do not count; None if no part
    of the grid lies on the earth.
    """
    west, south, east, north = grid.bounds
    part = np.linspace(0.0, 1.0, EDGE_POINTS)
    x, y = (grid_side.ravel() for grid_side in np.meshgrid(
        west + part * (east - west), south + part * (north - south)))  # fmt: skip
    try:
        transformer = Transformer.from_crs(grid.crs, STORAGE_CRS, always_xy=True)
        lon, lat = transformer.transform(x, y)
    except ProjError:
        return None
    there = np.isfinite(lon) & np.isfinite(lat)
    if not there.any():
        return None
    lon, lat = lon[there], lat[there]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def place_problem(grid: Grid) -> str:
    """What is wrong with the place of a grid; empty if it meets the region of the atlas."""
    west, south, east, north = grid.bounds
    if grid.crs.is_geographic and not (
        west >= -EAST_MOST / 2 - SLACK_DEG and east <= EAST_MOST + SLACK_DEG
        and south >= -NORTH_MOST - SLACK_DEG and north <= NORTH_MOST + SLACK_DEG
    ):  # fmt: skip
        return (
            f"its CRS counts in degrees, its cells run from ({west:g}, {south:g}) to "
            f"({east:g}, {north:g}): the CRS is wrong"
        )
    box = degrees_box(grid)
    name = grid.crs.name[:60]
    if box is None:
        return f"its cells lie where its CRS ({name}) cannot: the CRS is wrong"
    region = REGION_BOUNDS
    if box[0] >= region[2] or box[2] <= region[0] or box[1] >= region[3] or box[3] <= region[1]:
        return (
            f"by its CRS ({name}) it lies from {box[0]:.2f} to {box[2]:.2f} E and {box[1]:.2f} to "
            f"{box[3]:.2f} N, outside the region of the atlas ({region[0]:g} to {region[2]:g} E, "
            f"{region[1]:g} to {region[3]:g} N): check its CRS"
        )
    return ""
