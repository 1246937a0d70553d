"""Which share of each cell of a grid polygons cover: exact, in double precision.

A side of a polygon covers, in each row that it passes, everything to its right by as much as
it is high there; in the cell that it passes itself, by the part to its right. Sides that run
down add, sides that run up subtract. Summed along a row, that is the exact share of each cell
(signed areas, as exact font rasterisers accumulate them). Neighbours that share a side add up
to one to the last bits, which single precision does not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.core.grid import Grid

NOTHING = 1e-10
"""Shares below are rounding: a zone that ends on the edge of a cell does not touch the next."""
PIECES_MOST = 150_000
"""Pieces of sides, one a cell passed, that are held at a time."""
Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Edges:
    """Sides of polygons in cells of a grid, from their upper to their lower end.

    ``u`` counts columns from the west, ``v`` rows from the north; ``sign`` is +1 where the zone
    lies to the east of the side. ``zone`` is a position among the shapes.
    """

    zone: Ints
    top_u: Floats
    top_v: Floats
    low_u: Floats
    low_v: Floats
    sign: Floats

    def chosen(self, kept: np.ndarray[Any, Any] | slice) -> Edges:
        """Some of the sides."""
        return Edges(
            self.zone[kept], self.top_u[kept], self.top_v[kept], self.low_u[kept],
            self.low_v[kept], self.sign[kept],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Coverage:
    """Cells of a window that zones cover.

    ``zone``, ``row``, ``column`` and ``share`` (0–1) of cells that a border passes; ``run_zone``,
    ``run_row``, ``run_start`` and ``run_length`` of whole cells beside each other. Both are in
    order of zone, row and column, counted from the window's first cell.
    """

    zone: Ints
    row: Ints
    column: Ints
    share: Floats
    run_zone: Ints
    run_row: Ints
    run_start: Ints
    run_length: Ints


def edges_of(shapes: np.ndarray[Any, Any], grid: Grid) -> Edges:
    """Sides of polygons in cells of a grid.

    Parameters
    ----------
    shapes
        Valid polygons in the CRS of the grid; missing and empty ones have no sides.
    grid
        Whose cells count.
    """
    parts, owners = shapely.get_parts(shapes, return_index=True)
    rings, part_of = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    u, v = grid.cells(xy[:, 0], xy[:, 1])
    sides = np.flatnonzero((ring_of[1:] == ring_of[:-1]) & (v[1:] != v[:-1]))
    down = v[sides + 1] > v[sides]
    top, low = np.where(down, sides, sides + 1), np.where(down, sides + 1, sides)
    zone = owners[part_of[ring_of[sides]]].astype(np.int64)
    return Edges(zone, u[top], v[top], u[low], v[low], np.where(down, 1.0, -1.0))


def cover(edges: Edges, *, row: int, column: int, rows: int, columns: int) -> Iterator[Coverage]:
    """What zones cover of a window of the grid, some zones at a time, in their order.

    Parameters
    ----------
    edges
        All sides of the zones, also those outside the window.
    row, column, rows, columns
        The window: its first cell and its size.
    """
    met = (edges.low_v > row) & (edges.top_v < row + rows)
    met &= np.minimum(edges.top_u, edges.low_u) < column + columns
    held = edges.chosen(met)
    for group in _groups(held, rows, columns):
        zone, line, place, height, area = _cells(held.chosen(group), row, column, rows, columns)
        width = columns + 1
        key = (zone * rows + line) * width + place
        if len(key):
            order = np.argsort(key, kind="stable")
            key = key[order]
            first = np.flatnonzero(np.diff(key, prepend=-1))
            height = np.add.reduceat(height[order], first)
            area = np.add.reduceat(area[order], first)
            yield _along_rows(key[first], height, area, rows, width)


def _groups(edges: Edges, rows: int, columns: int) -> Iterator[slice]:
    """Sides of whole zones, so many at a time that their pieces take little memory."""
    if len(edges.zone) == 0:
        return
    down = np.minimum(edges.low_v - edges.top_v, rows)
    across = np.minimum(np.abs(edges.low_u - edges.top_u), columns)
    begins = np.flatnonzero(np.diff(edges.zone, prepend=-1))
    pieces = np.cumsum(np.add.reduceat(down + across + 2, begins))
    start = 0
    while start < len(begins):
        before = pieces[start - 1] if start else 0.0
        stop = max(int(np.searchsorted(pieces, before + PIECES_MOST, "right")), start + 1)
        yield slice(begins[start], begins[stop] if stop < len(begins) else len(edges.zone))
        start = stop


def _cells(
    edges: Edges, row: int, column: int, rows: int, columns: int
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Sides cut into cells: zone, row, place, signed height and signed area to the right.

    Place 0 is everything to the west of the window, place 1 its first column.
    """
    first = np.maximum(np.floor(edges.top_v).astype(np.int64), row)
    last = np.minimum(np.ceil(edges.low_v).astype(np.int64), row + rows)
    owner, line = spread(first, last)
    top_u, top_v = edges.top_u[owner], edges.top_v[owner]
    low_u, low_v = edges.low_u[owner], edges.low_v[owner]
    slope = (low_u - top_u) / (low_v - top_v)
    start, end = np.maximum(top_v, line), np.minimum(low_v, line + 1)
    lowest, highest = np.minimum(top_u, low_u), np.maximum(top_u, low_u)
    one = np.clip(top_u + (start - top_v) * slope, lowest, highest)
    other = np.clip(top_u + (end - top_v) * slope, lowest, highest)
    west, east = np.minimum(one, other), np.maximum(one, other)
    signed = edges.sign[owner] * (end - start)
    begin = np.maximum(np.floor(west).astype(np.int64), column - 1)
    stop = np.minimum(np.maximum(np.ceil(east).astype(np.int64), begin + 1), column + columns)
    stop = np.where(east <= column, np.minimum(stop, column), stop)
    begin = np.where(east <= column, column - 1, begin)
    piece, cell = spread(begin, stop)
    west, east, signed = west[piece], east[piece], signed[piece]
    left = np.where(cell < column, west, np.maximum(west, cell))
    right = np.minimum(east, cell + 1)
    wide = east - west
    height = signed * np.where(wide > 0, (right - left) / np.where(wide > 0, wide, 1.0), 1.0)
    area = height * (cell + 1 - (left + right) / 2)
    inside = cell >= column
    return (
        edges.zone[owner[piece]], line[piece] - row, cell - column + 1, height,
        np.where(inside, area, height),
    )  # fmt: skip


def spread(first: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Every whole number from ``first`` up to ``stop`` of each entry, with the entry's place."""
    counts = np.maximum(stop - first, 0)
    owner = np.repeat(np.arange(len(first)), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - before[owner] + first[owner]


def _along_rows(key: Ints, height: Floats, area: Floats, rows: int, width: int) -> Coverage:
    """Sum along each row of each zone: shares of the cells passed, and whole cells between."""
    line, place = np.divmod(key, width)
    begins = np.flatnonzero(np.diff(line, prepend=-1))
    totals = np.add.reduceat(height, begins)
    steps = height.copy()
    steps[begins[1:]] -= totals[:-1]
    after = np.cumsum(steps)
    share = np.clip(after - height + area, 0.0, 1.0)
    share[share > 1.0 - NOTHING] = 1.0
    ends = np.full(len(key), width, dtype=np.int64)
    same = line[1:] == line[:-1]
    ends[:-1][same] = place[1:][same]
    length = ends - place - 1
    zone, row = np.divmod(line, rows)
    passed = (place > 0) & (share > NOTHING)
    runs = (length > 0) & (after > 1.0 - NOTHING)
    flat = np.flatnonzero((length > 0) & (after > NOTHING) & ~runs)
    partly = _with_flat(
        (zone[passed], row[passed], place[passed] - 1, share[passed]),
        (zone[flat], row[flat], place[flat], length[flat], after[flat]),
    )
    return Coverage(*partly, zone[runs], row[runs], place[runs], length[runs])


def _with_flat(
    passed: tuple[Ints, Ints, Ints, Floats], flat: tuple[Ints, Ints, Ints, Ints, Floats]
) -> tuple[Ints, Ints, Ints, Floats]:
    """Add the cells that only a side along their row passes: all of a run have one share."""
    if len(flat[0]) == 0:
        return passed
    run, column = spread(flat[2], flat[2] + flat[3])
    zone, row, place, share = (
        np.concatenate(pair)
        for pair in zip(passed, (flat[0][run], flat[1][run], column, flat[4][run]), strict=True)
    )
    order = np.lexsort((place, row, zone))
    return zone[order], row[order], place[order], share[order]
