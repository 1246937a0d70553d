"""Areas that rings and pieces of zones have in common, without building the common shapes.

A polygon is what lies under its upper edges less what lies under its lower ones, and what lies
under two edges lies under the lower of the two. So the area that two polygons share is a sum over
pairs of their edges: the signed area under the smaller of two straight lines, over the stretch of
x that both span. Nothing is built and no case is special: shapes that touch or share edges give a
sum that rounding alone keeps from nought.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from atlas.analysis.overlap import Pairs, overlap_pairs
from atlas.analysis.wkb import Rings, take_rings, to_polygons
from atlas.analysis.zone_index import OUTSIDE, ZoneIndex

MOST_POINTS = 64
"""Rings of more points are cut by GEOS: the pairs of edges would outgrow it."""
CHUNK = 2_000_000
"""Pairs of edges that are looked at together, at most about."""
ROUNDING = 1e-14
"""What rounding makes of nought, in units of the width times the height that are summed over."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of polygons that are not vertical, in a row.

    ``low`` to ``high`` is the stretch of x; ``y`` is the height at ``low``, ``slope`` how it
    rises; ``sign`` is 1 if the edge runs east around a polygon that runs anticlockwise, else -1.
    The edges of polygon ``n`` lie from ``start[n]`` to ``start[n + 1]``.
    """

    low: np.ndarray
    high: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    sign: np.ndarray
    start: np.ndarray

    @property
    def count(self) -> np.ndarray:
        """How many edges each polygon has."""
        return np.diff(self.start)


@dataclass(frozen=True, eq=False)
class RingIndex:
    """Zones made ready for rings: the index of any shape, and edges and boxes of its pieces."""

    zones: ZoneIndex
    edges: Edges
    boxes: np.ndarray


def index_rings(zones: ZoneIndex) -> RingIndex:
    """Make an index of zones ready for rings."""
    parts, piece = shapely.get_parts(shapely.orient_polygons(zones.pieces), return_index=True)
    ring, part = shapely.get_rings(parts, return_index=True)
    points, place = shapely.get_coordinates(ring, return_index=True)
    count = len(zones.pieces)
    edges = _edges(points[:, 0], points[:, 1], place, piece[part], count, np.ones(count))
    return RingIndex(zones, edges, shapely.bounds(zones.pieces))


def copy_pieces(index: RingIndex) -> RingIndex:
    """An index for another thread: with pieces of its own, all else shared."""
    pieces = shapely.from_wkb(shapely.to_wkb(index.zones.pieces))
    return replace(index, zones=replace(index.zones, pieces=pieces, tree=shapely.STRtree(pieces)))


def _edges(
    x: np.ndarray, y: np.ndarray, ring: np.ndarray, owner: np.ndarray, polygons: int,
    way: np.ndarray,
) -> Edges:  # fmt: skip
    """Edges between points that follow each other in one ring; ``way`` is -1 if clockwise."""
    first = np.flatnonzero((ring[:-1] == ring[1:]) & (x[:-1] != x[1:]))
    owner = owner[ring[first]]
    x0, y0, x1, y1 = x[first], y[first], x[first + 1], y[first + 1]
    east = x1 > x0
    return Edges(
        low=np.where(east, x0, x1), high=np.where(east, x1, x0), y=np.where(east, y0, y1),
        slope=(y1 - y0) / (x1 - x0), sign=np.where(east, way[owner], -way[owner]),
        start=np.searchsorted(owner, np.arange(polygons + 1)),
    )  # fmt: skip


def overlap_rings(index: RingIndex, rings: Rings, areas: np.ndarray, boxes: np.ndarray) -> Pairs:
    """Overlap valid rings with zones.

    Parameters
    ----------
    index
        The zones.
    rings, areas, boxes
        Rings in the same plane, with their signed areas and their boxes.

    Returns
    -------
    Pairs
        As :func:`atlas.analysis.overlap.overlap_pairs` gives them; ``thing`` is the position
        among the rings. What shares less than rounding can tell from nought only touches.
    """
    certain, zone = index.zones.grid.zones_of(boxes)
    inside = np.flatnonzero(certain & (zone != OUTSIDE))
    small = np.diff(rings.start) <= MOST_POINTS
    few, many = np.flatnonzero(~certain & small), np.flatnonzero(~certain & ~small)
    found = [
        Pairs(zone[inside], inside, np.abs(areas[inside])),
        _overlap_few(index, rings, few, areas, boxes),
    ]
    if len(many):
        cut = overlap_pairs(index.zones, to_polygons(take_rings(rings, many)))
        found.append(Pairs(cut.zone, many[cut.thing], cut.size))
    return Pairs(*(np.concatenate([getattr(part, name) for part in found])
                   for name in ("zone", "thing", "size")))  # fmt: skip


def _overlap_few(
    index: RingIndex, rings: Rings, places: np.ndarray, areas: np.ndarray, boxes: np.ndarray
) -> Pairs:
    if not len(places):
        return Pairs(np.empty(0, int), np.empty(0, int), np.empty(0))
    taken, boxes = take_rings(rings, places), boxes[places]
    number = np.arange(len(taken))
    ring = np.repeat(number, np.diff(taken.start))
    edges = _edges(taken.x, taken.y, ring, number, len(taken), np.sign(areas[places]))
    thing, piece = index.zones.tree.query(shapely.box(*boxes.T))
    cost = np.cumsum(index.edges.count[piece] * edges.count[thing])
    most = cost[-1] if len(cost) else 0
    bounds = [0, *np.searchsorted(cost, np.arange(CHUNK, most, CHUNK)), len(cost)]
    size = np.concatenate([
        _common_areas(index, edges, boxes, piece[start:end], thing[start:end])
        for start, end in pairwise(bounds)
    ])  # fmt: skip
    return _summed(index.zones.owner[piece], thing, size, places)


def _summed(zone: np.ndarray, thing: np.ndarray, size: np.ndarray, places: np.ndarray) -> Pairs:
    """Each zone and ring once, by ring and then by zone, without those that only touch."""
    kept = size > 0
    zone, thing, size = zone[kept], thing[kept], size[kept]
    order = np.lexsort((zone, thing))
    zone, thing, size = zone[order], thing[order], size[order]
    new = np.ones(len(zone), dtype=bool)
    new[1:] = (zone[1:] != zone[:-1]) | (thing[1:] != thing[:-1])
    first = np.flatnonzero(new)
    total = np.add.reduceat(size, first) if len(first) else size
    return Pairs(zone[first], places[thing[first]], total)


def _common_areas(
    index: RingIndex, edges: Edges, boxes: np.ndarray, piece: np.ndarray, thing: np.ndarray
) -> np.ndarray:
    """Area that each piece and ring share; 0 where rounding cannot tell it from nought."""
    west, south, east, north = boxes[thing].T
    pair, one = _spread(index.edges.start[piece], index.edges.count[piece])
    near = np.flatnonzero(
        (index.edges.low[one] < east[pair]) & (index.edges.high[one] > west[pair])
    )
    pair, one = pair[near], one[near]
    place, other = _spread(edges.start[thing[pair]], edges.count[thing[pair]])
    low = np.maximum(index.edges.low[one][place], edges.low[other])
    high = np.minimum(index.edges.high[one][place], edges.high[other])
    both = np.flatnonzero(high > low)
    area = _under_both(
        index.edges, one, edges, other[both], place[both], south[pair], low[both], high[both]
    )
    size = np.bincount(pair[place[both]], weights=area, minlength=len(piece))
    reach = np.maximum(index.boxes[piece, 3], north) - np.minimum(index.boxes[piece, 1], south)
    size[size <= ROUNDING * (east - west) * reach] = 0.0
    return size


def _under_both(
    first: Edges, one: np.ndarray, second: Edges, other: np.ndarray, place: np.ndarray,
    base: np.ndarray, low: np.ndarray, high: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Signed area under the lower of two edges, above ``base``, from ``low`` to ``high``.

    ``one`` and ``base`` are looked up by ``place``; ``other`` is as long as the result.
    """
    wide = high - low
    slope = second.slope[other]
    start = second.y[other] - base[place] + (low - second.low[other]) * slope
    over = (first.y[one] - base)[place] + (low - first.low[one][place]) * first.slope[one][place]
    over -= start
    after = over + wide * (first.slope[one][place] - slope)
    below = np.minimum(over, 0.0) + np.minimum(after, 0.0)
    across = np.flatnonzero((over < 0) != (after < 0))
    below[across] *= -below[across] / np.abs(over[across] - after[across])
    area = wide * (2 * start + wide * slope + below)
    area *= second.sign[other] * first.sign[one][place]
    return np.asarray(area / 2)


def _spread(start: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers from each start on, as many as counted, and whose they are."""
    whose = np.repeat(np.arange(len(count)), count)
    ends = np.cumsum(count)
    total = ends[-1] if len(ends) else 0
    return whose, np.arange(total) + np.repeat(start - (ends - count), count)
