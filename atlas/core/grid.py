"""The grid of a raster: where its cells lie, and how large they are on the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS, Geod, Transformer

from atlas.core.crs import STORAGE_CRS, WORKING_CRS

if TYPE_CHECKING:
    from atlas.core.raster import Raster

Floats = np.ndarray[Any, np.dtype[np.float64]]
LATTICE_M, STEPS_MOST = 1000.0, 256
"""How far apart the area of a cell is asked in a projection, and how often along a side of a
window; between, it is interpolated."""
PROBE_M = 50.0
"""Side of the square that is carried to the working CRS."""
SAME_AREA = 1e-8
"""Areas that differ by less are those of an equal-area projection."""


@dataclass(frozen=True)
class Grid:
    """Cells that run from north-west to south-east, in any CRS.

    ``west`` and ``north`` are the outer edges of the first cell, ``cell_width`` and
    ``cell_height`` (both positive) are in units of the CRS.
    """

    west: float
    north: float
    cell_width: float
    cell_height: float
    columns: int
    rows: int
    crs: CRS

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Outer edges: west, south, east, north in units of the CRS."""
        return (
            self.west, self.north - self.rows * self.cell_height,
            self.west + self.columns * self.cell_width, self.north,
        )  # fmt: skip

    def cells(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Columns from the west and rows from the north of places in the CRS of the grid."""
        return (x - self.west) / self.cell_width, (self.north - y) / self.cell_height

    def part(self, row: int, column: int, rows: int, columns: int) -> Grid:
        """The grid of a window."""
        return Grid(
            self.west + column * self.cell_width, self.north - row * self.cell_height,
            self.cell_width, self.cell_height, columns, rows, self.crs,
        )  # fmt: skip


def grid_of_raster(raster: Raster) -> Grid:
    """Grid of a raster layer's cells, in EPSG:4326."""
    rows, columns = raster.values.shape
    width, height = raster.cell_deg
    return Grid(raster.west, raster.north, width, height, columns, rows, STORAGE_CRS)


def cell_areas_km2(grid: Grid) -> Floats:
    """True area of cells on the ellipsoid.

    Returns
    -------
    numpy.ndarray
        Square kilometres, in a shape that spreads over rows × columns: rows × 1 for degrees,
        1 × 1 for an equal-area projection, rows × columns for any other.

    Notes
    -----
    In degrees: the area between two parallels in closed form (Snyder 1987, eq. 3-12). In a
    projection: small squares are carried to the working CRS, which keeps areas. PROJ's own areal
    scale would not do: Web Mercator and Mollweide are drawn on a sphere, and on the ellipsoid
    they are 0.3 % off at 33° N. Right to 1e-6 for cells up to 5 km.
    """
    if grid.crs.is_geographic:
        return _degree_areas(grid)
    return _plane_areas(grid)


def _degree_areas(grid: Grid) -> Floats:
    geod = grid.crs.get_geod() or Geod(ellps="WGS84")
    major, minor = geod.a, geod.b
    edges = np.radians(
        np.clip(grid.north - np.arange(grid.rows + 1) * grid.cell_height, -90.0, 90.0)
    )
    sines = np.sin(edges)
    e2 = 1.0 - (minor / major) ** 2
    if e2 > 0:
        e = math.sqrt(e2)
        belt = sines / (1.0 - e2 * sines**2) + np.arctanh(e * sines) / e
        belt *= minor**2 / 2.0
    else:
        belt = sines * major**2
    areas: Floats = -np.diff(belt) * math.radians(grid.cell_width) / 1e6
    return areas[:, None]


def _plane_areas(grid: Grid) -> Floats:
    """Area at the middle of each cell, from a lattice of cells carried to the working CRS.

    Beyond the rim of a map of the whole earth, where no zone is, it is that of the rest.
    """
    unit_m = float(grid.crs.axis_info[0].unit_conversion_factor)
    v, rows = _nodes(grid.rows, grid.cell_height * unit_m)
    u, columns = _nodes(grid.columns, grid.cell_width * unit_m)
    areas = _lattice_areas(grid, u, v, unit_m)
    there = np.isfinite(areas) & (areas > 0)
    areas = np.where(there, areas, areas[there].mean() if there.any() else 0.0)
    if np.ptp(areas) <= SAME_AREA * areas.max():
        return np.full((1, 1), areas.mean())
    spread = _mix(areas, rows, axis=0)
    if np.ptp(areas, axis=1).max() <= SAME_AREA * areas.max():
        return spread[:, :1]
    return _mix(spread, columns, axis=1)


def _lattice_areas(grid: Grid, u: Floats, v: Floats, unit_m: float) -> Floats:
    """Area in km² of a cell around each node: that of a small square, carried to the working CRS.

    The sides of a whole cell would bend on the way.
    """
    across, down = np.meshgrid(u, v)
    half_x, half_y = (
        min(side, PROBE_M / unit_m) / 2 for side in (grid.cell_width, grid.cell_height)
    )
    corners = []
    for right, above in ((-1, 1), (-1, -1), (1, -1), (1, 1)):
        x = grid.west + across * grid.cell_width + right * half_x
        y = grid.north - down * grid.cell_height + above * half_y
        corners.append(_to_working(grid.crs).transform(x, y))
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    probe = np.abs((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2e6
    areas: Floats = probe * (grid.cell_width * grid.cell_height) / (4 * half_x * half_y)
    return areas


def _nodes(cells: int, cell_m: float) -> tuple[Floats, Floats]:
    """Places of nodes in cells, and the place of the middle of each cell among the nodes."""
    steps = min(max(1, math.ceil(cells * cell_m / LATTICE_M)), STEPS_MOST)
    if steps >= cells:
        places = np.arange(cells, dtype=float)
        return places + 0.5, places
    middles = (np.arange(cells, dtype=float) + 0.5) * steps / cells
    return np.asarray(np.linspace(0.0, cells, steps + 1), dtype=float), middles


def _mix(values: Floats, places: Floats, *, axis: int) -> Floats:
    """Interpolate along an axis at places among the nodes."""
    last = values.shape[axis] - 1
    low = np.clip(places.astype(int), 0, max(last - 1, 0))
    high = np.minimum(low + 1, last)
    part = (places - low)[:, None] if axis == 0 else (places - low)[None, :]
    mixed: Floats = values.take(low, axis) * (1 - part) + values.take(high, axis) * part
    return mixed


@cache
def _to_working(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, WORKING_CRS, always_xy=True)
