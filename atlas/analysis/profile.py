"""Along a line: which cells of a raster it passes and which polygons, from where to where.

Lengths are geodesic. A side of the line is straight in degrees (RFC 7946); long sides get
corners between first, so that the way from corner to corner is even.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from atlas.analysis.coverage import spread
from atlas.core.crs import STORAGE_CRS

if TYPE_CHECKING:
    from atlas.core.grid import Grid

LONGEST_DEG = 0.02
"""Longer sides get corners between: within 2 km, degrees and metres keep step to 1e-6."""
ON_LINE_DEG = 1e-9
SHORTEST_KM = 1e-9
OUTSIDE = -1
Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Way:
    """Sides of a line in order: ends in degrees (n × 2), and km from the beginning of the line.

    Where a line has parts, the next goes on counting where the last ended.
    """

    start: Floats
    end: Floats
    start_km: Floats
    end_km: Floats

    @property
    def length_km(self) -> float:
        """Length of all parts."""
        return float(self.end_km[-1])


@dataclass(frozen=True, eq=False)
class Steps:
    """Pieces of a way, one a cell passed: from and to km, and the cell (−1: off the grid)."""

    start_km: Floats
    end_km: Floats
    row: Ints
    column: Ints


@dataclass(frozen=True, eq=False)
class Stretches:
    """Pieces of a way: of which thing (a position), from and to which km."""

    thing: Ints
    start_km: Floats
    end_km: Floats


def way_along(line: shapely.Geometry) -> Way:
    """Measure a line in degrees of EPSG:4326 along the ellipsoid.

    Raises
    ------
    ValueError
        If it is no line, or has no length.
    """
    if line.geom_type not in ("LineString", "MultiLineString"):
        raise ValueError(f"it is a {line.geom_type}, no line")
    if line.length == 0:
        raise ValueError("it has no length")
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    parts = shapely.get_parts([shapely.segmentize(merged, LONGEST_DEG)])
    xy, part = shapely.get_coordinates(parts, return_index=True)
    sides = np.flatnonzero((part[1:] == part[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
    start, end = xy[sides], xy[sides + 1]
    _, _, metres = Geod(ellps="WGS84").inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    end_km = np.cumsum(metres) / 1000.0
    return Way(start, end, np.concatenate([[0.0], end_km[:-1]]), end_km)


def boxes_along(way: Way, grid: Grid) -> Floats:
    """Boxes of the sides in the CRS of a grid, n × 4: where its cells have to be read."""
    ends = [_moved(points, grid) for points in (way.start, way.end)]
    return np.column_stack([np.minimum(*ends), np.maximum(*ends)])


def _moved(points: Floats, grid: Grid) -> Floats:
    if grid.crs.equals(STORAGE_CRS):
        return points
    transformer = Transformer.from_crs(STORAGE_CRS, grid.crs, always_xy=True)
    return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))


def steps_on(way: Way, grid: Grid) -> Steps:
    """Cut a way where it passes from one cell of a grid to the next."""
    (u0, v0), (u1, v1) = (grid.cells(*_moved(points, grid).T) for points in (way.start, way.end))
    sides, parts = zip(*(_crossings(*pair) for pair in ((u0, u1), (v0, v1))), strict=True)
    side, begin, end = _pieces(np.concatenate(sides), np.concatenate(parts), len(u0))
    middle = (begin + end) / 2
    column = np.floor(u0[side] + middle * (u1 - u0)[side])
    row = np.floor(v0[side] + middle * (v1 - v0)[side])
    inside = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    start_km, end_km = _km(way, side, begin), _km(way, side, end)
    return Steps(
        start_km, end_km, np.where(inside, row, OUTSIDE).astype(np.int64),
        np.where(inside, column, OUTSIDE).astype(np.int64),
    )  # fmt: skip


def _crossings(one: Floats, other: Floats) -> tuple[Ints, Floats]:
    """Sides and places along them (0–1) where they cross whole numbers."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    side, number = spread(
        np.floor(low).astype(np.int64) + 1, np.ceil(high).astype(np.int64)
    )  # fmt: skip
    return side, (number - one[side]) / (other - one)[side]


def _pieces(side: Ints, part: Floats, sides: int) -> tuple[Ints, Floats, Floats]:
    """Sides cut at places along them: side, begin and end (0–1) of each piece, in order."""
    every = np.arange(sides)
    side = np.concatenate([side, every])
    part = np.concatenate([np.clip(part, 0.0, 1.0), np.zeros(sides)])
    order = np.lexsort((part, side))
    side, part = side[order], part[order]
    end = np.append(part[1:], 1.0)
    end[np.append(side[1:] != side[:-1], True)] = 1.0
    kept = end > part
    return side[kept], part[kept], end[kept]


def _km(way: Way, side: Ints, part: Floats) -> Floats:
    return way.start_km[side] + part * (way.end_km - way.start_km)[side]


def stretches_in(way: Way, shapes: np.ndarray[Any, Any]) -> Stretches:
    """Stretches of a way inside polygons, borders included.

    Parameters
    ----------
    way
        The line.
    shapes
        Valid polygons in degrees of EPSG:4326; missing ones are met nowhere.
    """
    lines = shapely.linestrings(np.stack([way.start, way.end], axis=1))
    tree = shapely.STRtree(lines)
    whole = shapely.multilinestrings(lines)
    found: list[tuple[Ints, Floats, Floats]] = []
    for thing in np.flatnonzero(shapely.intersects(whole, shapes)):
        start, end = _inside(way, tree, whole, shapes[thing])
        found.append((np.full(len(start), thing, np.int64), start, end))
    if not found:
        return Stretches(np.empty(0, np.int64), np.empty(0), np.empty(0))
    return Stretches(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _inside(
    way: Way, tree: shapely.STRtree, whole: shapely.Geometry, shape: shapely.Geometry
) -> tuple[Floats, Floats]:
    """Begin and end of each stretch of a way inside one polygon."""
    shared = shapely.get_parts([shapely.intersection(whole, shape)])
    ends = shapely.points(shapely.get_coordinates(shared))
    point, side = tree.query(ends, predicate="dwithin", distance=ON_LINE_DEG)
    xy = shapely.get_coordinates(ends)[point]
    along = way.end[side] - way.start[side]
    part = ((xy - way.start[side]) * along).sum(axis=1) / (along**2).sum(axis=1)
    side, begin, end = _pieces(side.astype(np.int64), part, len(way.start))
    middle = way.start[side] + ((begin + end) / 2)[:, None] * (way.end - way.start)[side]
    shapely.prepare(shape)
    within = shapely.intersects_xy(shape, middle[:, 0], middle[:, 1])
    start_km, end_km = _km(way, side, begin)[within], _km(way, side, end)[within]
    return joined(start_km, end_km, np.zeros(len(start_km)))[:2]


def joined(start_km: Floats, end_km: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Put pieces of one value (NaN is one too) together where one begins as the last ends."""
    if len(start_km) == 0:
        return start_km, end_km, values
    same = (values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1]))
    goes_on = same & (np.abs(start_km[1:] - end_km[:-1]) <= SHORTEST_KM)
    first = np.flatnonzero(np.append(True, ~goes_on))
    last = np.append(first[1:], len(start_km)) - 1
    kept = end_km[last] - start_km[first] > SHORTEST_KM
    return start_km[first][kept], end_km[last][kept], values[first][kept]
