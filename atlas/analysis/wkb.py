"""Well-known binary read by numpy: polygons of one ring without an object for each.

Most parcels are polygons of one ring. Their coordinates lie behind a head of fixed length, so
that one look-up takes those of a whole batch out; boxes, areas and a proof of validity are then
sums over plain arrays. Everything else becomes a geometry of shapely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

POLYGON, MULTI_POLYGON = 3, 6
LITTLE_ENDIAN = 1
POLYGON_HEAD = 13
"""Byte order, type, number of rings, number of points."""
MULTI_HEAD = 22
"""Byte order, type, number of polygons, and the head of the only polygon."""
POINT = 16
FEWEST = 4
"""Points of a ring that is a surface: a triangle, closed."""
TURN_ERROR = (3 + 16 * 2.0**-53) * 2.0**-53
"""Error of a computed turn in units of its terms (Shewchuk 1997, bound A of ``orient2d``)."""
UNDERFLOW = 1e-290
ONCE_AROUND = 2
"""Changes between up and down along a ring that turns once around."""


@dataclass(frozen=True, eq=False)
class Binaries:
    """Geometries as well-known binary: one array of bytes, and where each one lies.

    ``length`` is 0 for a missing geometry.
    """

    content: np.ndarray
    start: np.ndarray
    length: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    def at(self, row: int) -> bytes:
        """Bytes of one geometry."""
        start = int(self.start[row])
        return self.content[start : start + int(self.length[row])].tobytes()


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed rings, one polygon each: their coordinates in a row.

    ``row`` says which geometry each ring is, ``start`` where its first point lies in ``x`` and
    ``y``, with the number of points as last element.
    """

    row: np.ndarray
    start: np.ndarray
    x: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.row)


def read_rings(binaries: Binaries) -> Rings:
    """Take the closed polygons of one ring out of a batch.

    Parameters
    ----------
    binaries
        A batch; little-endian polygons, or multipolygons of one polygon, in two dimensions.

    Returns
    -------
    Rings
        In order; what is none of these is not among them.
    """
    head, points = _heads(binaries)
    row = np.flatnonzero(points)
    if not len(row):
        return Rings(row, np.zeros(1, dtype=np.int64), np.empty(0), np.empty(0))
    points = points[row]
    start = np.zeros(len(row) + 1, dtype=np.int64)
    np.cumsum(points, out=start[1:])
    place = np.arange(start[-1]) * POINT + np.repeat(
        binaries.start[row] + head[row] - start[:-1] * POINT, points
    )
    x, y = (_anywhere(binaries.content, "<f8")[place + shift] for shift in (0, 8))
    return _closed(Rings(row, start, x, y))


def _heads(binaries: Binaries) -> tuple[np.ndarray, np.ndarray]:
    """Bytes before the first point, and number of points: 0 where it is no such polygon."""
    head = np.zeros(len(binaries), dtype=np.int64)
    points = np.zeros(len(binaries), dtype=np.int64)
    row = np.flatnonzero(binaries.length >= POLYGON_HEAD + FEWEST * POINT)
    if not len(row):
        return head, points
    start = binaries.start[row]
    number = _anywhere(binaries.content, "<u4")
    single = (binaries.content[start] == LITTLE_ENDIAN) & (number[start + 5] == 1)
    kind = number[start + 1]
    plain = single & (kind == POLYGON)
    multi = single & (kind == MULTI_POLYGON) & (binaries.content[start + 9] == LITTLE_ENDIAN)
    multi &= (number[start + 10] == POLYGON) & (number[start + 14] == 1)
    head[row] = np.where(multi, MULTI_HEAD, POLYGON_HEAD)
    count = number[start + head[row] - 4].astype(np.int64)
    whole = binaries.length[row] == head[row] + count * POINT
    points[row] = np.where((plain | multi) & whole & (count >= FEWEST), count, 0)
    return head, points


def _anywhere(content: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers that start at any byte."""
    size = np.dtype(dtype).itemsize
    return np.ndarray(len(content) - size + 1, dtype=dtype, buffer=content, strides=(1,))


def _closed(rings: Rings) -> Rings:
    first, last = rings.start[:-1], rings.start[1:] - 1
    closed = (rings.x[first] == rings.x[last]) & (rings.y[first] == rings.y[last])
    return rings if closed.all() else take_rings(rings, np.flatnonzero(closed))


def take_rings(rings: Rings, places: np.ndarray) -> Rings:
    """Some of the rings, in the order asked."""
    points = np.diff(rings.start)[places]
    start = np.zeros(len(places) + 1, dtype=np.int64)
    np.cumsum(points, out=start[1:])
    point = np.arange(start[-1]) + np.repeat(rings.start[places] - start[:-1], points)
    return Rings(rings.row[places], start, rings.x[point], rings.y[point])


def ring_boxes(rings: Rings) -> np.ndarray:
    """West, south, east, north of each ring."""
    first = rings.start[:-1]
    if not len(first):
        return np.empty((0, 4))
    return np.column_stack([
        np.minimum.reduceat(rings.x, first), np.minimum.reduceat(rings.y, first),
        np.maximum.reduceat(rings.x, first), np.maximum.reduceat(rings.y, first),
    ])  # fmt: skip


def ring_areas(rings: Rings) -> np.ndarray:
    """Area of each ring, negative if it runs clockwise."""
    first = rings.start[:-1]
    if not len(first):
        return np.empty(0)
    points = np.diff(rings.start)
    x = rings.x - np.repeat(rings.x[first], points)
    y = rings.y - np.repeat(rings.y[first], points)
    twice = np.zeros(len(x))
    twice[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    areas: np.ndarray = np.add.reduceat(twice, first) / 2
    return areas


def proven_convex(rings: Rings) -> np.ndarray:
    """Which rings are certainly convex, and so valid polygons.

    A closed ring that turns to one side at every vertex, and once around in all, is convex: no
    edge meets another. The side is taken for certain only where rounding cannot change it; the
    number of turns is half the number of changes between edges that go up and edges that go
    down, which are exact. Rings that are not proven may still be valid.

    Returns
    -------
    numpy.ndarray
        A truth value for each ring.
    """
    first, last = rings.start[:-1], rings.start[1:] - 1
    if not len(first):
        return np.empty(0, dtype=bool)
    east, north = np.empty(len(rings.x)), np.empty(len(rings.x))
    east[:-1], north[:-1] = np.diff(rings.x), np.diff(rings.y)
    east[last], north[last] = east[first], north[first]
    one, other = east[:-1] * north[1:], north[:-1] * east[1:]
    turn = one - other
    unsure = (np.abs(one) + np.abs(other)) * TURN_ERROR + UNDERFLOW
    up = (north > 0) | ((north == 0) & (east > 0))
    counted = np.zeros((3, len(rings.x)), dtype=np.int32)
    counted[0, :-1], counted[1, :-1] = turn > unsure, turn < -unsure
    counted[2, :-1] = up[:-1] != up[1:]
    counted[:, last] = 0
    left, right, changes = np.add.reduceat(counted, first, axis=1)
    edges = np.diff(rings.start) - 1
    convex: np.ndarray = ((left == edges) | (right == edges)) & (changes == ONCE_AROUND)
    return convex


def to_polygons(rings: Rings) -> np.ndarray:
    """Rings as polygons of shapely."""
    points = np.diff(rings.start)
    place = np.repeat(np.arange(len(rings)), points)
    lines = shapely.linearrings(np.column_stack([rings.x, rings.y]), indices=place)
    return np.asarray(shapely.polygons(lines))


def read_shapes(binaries: Binaries, rows: np.ndarray) -> np.ndarray:
    """Geometries of some rows, in two dimensions; None where missing or not readable."""
    start, length = binaries.start[rows], binaries.length[rows]
    low, high = (int(start.min()), int((start + length).max())) if len(rows) else (0, 0)
    content, start = binaries.content[low:high].tobytes(), start - low
    texts = np.empty(len(rows), dtype=object)
    texts[:] = [
        content[first:last] or None
        for first, last in zip(start.tolist(), (start + length).tolist(), strict=True)
    ]
    return np.asarray(shapely.force_2d(shapely.from_wkb(texts, on_invalid="ignore")))


def move_rings(
    rings: Rings, move: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
) -> Rings:
    """Rings in another plane."""
    x, y = move(rings.x, rings.y)
    return Rings(rings.row, rings.start, x, y)
