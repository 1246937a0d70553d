"""Zonal statistics: what lies in zones, from windows of a raster, cells cut exactly.

A kernel on arrays: it knows a grid, polygons in the CRS of the grid, and windows of values that
come in any order. A cell counts with the share that a zone covers of it, times its true area on
the ellipsoid. Memory does not grow with the raster.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.analysis.coverage import Coverage, cover, edges_of
from atlas.analysis.ranks import Ranks
from atlas.core.grid import cell_areas_km2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.core.grid import Grid

CHUNK_CELLS = 1 << 18
"""Whole cells that are counted at a time."""
COUNTERS_MOST = 4_000_000
"""Counters of lines by class that are kept at a time."""
CLASSES_MOST = 1024
"""A raster with more values than this holds no classes."""
PERCENTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SUMS = ("area", "area_value", "share", "share_value", "empty")
"""What is added up of a quantity, by zone."""
UNSEEN, EMPTY, FIRST = 0, 1, 2
"""Codes of values: not met before, no value, and the first class."""
Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Values = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class ClassSums:
    """Classes by zone.

    ``values`` are the values met, rising; ``area_km2`` and ``cells`` (zones × values) say how much
    each zone holds of each; ``empty_km2`` (by zone) what of the raster has no value there.
    """

    values: Floats
    area_km2: Floats
    cells: Floats
    empty_km2: Floats

    @property
    def known_km2(self) -> Floats:
        """Area of each zone that has a value."""
        known: Floats = self.area_km2.sum(axis=1)
        return known


@dataclass(frozen=True, eq=False)
class QuantitySums:
    """A quantity by zone; figures of a zone without values are NaN.

    ``mean`` is weighted by area; ``total`` is the sum of the cells' values, each by its share in
    the zone (people, if cells hold people); ``percentiles`` is zones × :data:`PERCENTILES`, by
    area; ``precision`` is the share of itself by which one may be off, 0 if they are exact.
    """

    known_km2: Floats
    empty_km2: Floats
    mean: Floats
    least: Floats
    greatest: Floats
    total: Floats
    percentiles: Floats
    precision: float


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of zones in a window, in order of their zones, in lines.

    ``place`` is a cell's position in the window; a line is cells of one zone that share a
    ``share`` (1 for whole cells of a row) and an area; ``length`` counts them.
    """

    place: Ints
    zone: Ints
    length: Ints
    share: Floats
    area: Floats


class Zones:
    """Polygons over a grid, ready to be met by windows."""

    def __init__(self, shapes: Values, grid: Grid) -> None:
        """Take polygons in the CRS of the grid."""
        self.grid = grid
        self.count = len(shapes)
        self._edges = edges_of(shapes, grid)

    def cells(self, row: int, column: int, rows: int, columns: int) -> Iterator[_Cells]:
        """Cells of a window that zones cover, in chunks: first those on borders."""
        areas: Floats | None = None
        for found in cover(self._edges, row=row, column=column, rows=rows, columns=columns):
            if areas is None:
                held = cell_areas_km2(self.grid.part(row, column, rows, columns))
                areas = np.broadcast_to(held, (rows, held.shape[1]))
            yield _border_cells(found, areas, columns)
            yield from _whole_cells(found, areas, columns)


def _border_cells(found: Coverage, areas: Floats, columns: int) -> _Cells:
    ones = np.ones(len(found.zone), np.int64)
    wide = areas.shape[1] > 1
    area = areas[found.row, found.column if wide else 0]
    return _Cells(found.row * columns + found.column, found.zone, ones, found.share, area)


def _whole_cells(found: Coverage, areas: Floats, columns: int) -> Iterator[_Cells]:
    ends = np.cumsum(found.run_length)
    start = 0
    while start < len(ends):
        before = int(ends[start - 1]) if start else 0
        stop = max(int(np.searchsorted(ends, before + CHUNK_CELLS, "right")), start + 1)
        length = found.run_length[start:stop]
        row = found.run_row[start:stop]
        first = row * columns + found.run_start[start:stop]
        place = np.repeat(first - (ends[start:stop] - length - before), length)
        place += np.arange(len(place))
        zone = found.run_zone[start:stop]
        if areas.shape[1] == 1:
            yield _Cells(place, zone, length, np.ones(len(length)), areas[row, 0])
        else:
            ones = np.ones(len(place), np.int64)
            zone = np.repeat(zone, length)
            yield _Cells(place, zone, ones, np.ones(len(place)), areas.ravel()[place])
        start = stop


class ClassTally:
    """Counts classes by zone, window by window."""

    def __init__(self, zones: Zones, *, nodata: float | None = None) -> None:
        self._zones, self._nodata = zones, nodata
        self._values: list[float] = []
        self._lookup: Ints | None = None
        self._area = np.zeros((zones.count, FIRST + 8))
        self._cells = np.zeros_like(self._area)

    def add(self, row: int, column: int, values: Values, known: Values | None = None) -> None:
        """Take a window of the grid: its first cell, its values, and where they are values.

        Raises
        ------
        OverflowError
            If there are more than :data:`CLASSES_MOST` values.
        """
        flat = np.ascontiguousarray(values).ravel()
        seen = None if known is None else known.ravel()
        for cells in self._zones.cells(row, column, *values.shape):
            if len(cells.place):
                self._count(cells, self._codes(flat, seen, cells.place))

    def _codes(self, flat: Values, known: Values | None, place: Ints) -> Ints:
        """Code of the value of each cell; values not met before get one."""
        picked = flat[place]
        if picked.dtype.kind in "iu" and picked.dtype.itemsize <= 2:  # noqa: PLR2004 - a table
            codes = self._look_up(picked)
        else:
            distinct, inverse = np.unique(picked, return_inverse=True)
            codes = np.array([self._code(value) for value in distinct.tolist()])[inverse]
        if known is not None:
            codes = np.where(known[place], codes, EMPTY)
        return codes

    def _look_up(self, picked: Values) -> Ints:
        unsigned = picked.view(f"u{picked.dtype.itemsize}")
        if self._lookup is None:
            self._lookup = np.zeros(1 << (8 * picked.dtype.itemsize), np.int64)
        codes: Ints = self._lookup[unsigned]
        if not codes.all():
            for value in np.unique(picked[codes == UNSEEN]):
                place = np.array([value], picked.dtype).view(unsigned.dtype)
                self._lookup[place] = self._code(float(value))
            codes = self._lookup[unsigned]
        return codes

    def _code(self, value: float) -> int:
        if value == self._nodata or value != value:  # noqa: PLR0124 - NaN
            return EMPTY
        if value not in self._values:
            if len(self._values) == CLASSES_MOST:
                raise OverflowError(f"more than {CLASSES_MOST} values")
            self._values.append(value)
            if FIRST + len(self._values) > self._area.shape[1]:
                wider = ((0, 0), (0, self._area.shape[1]))
                self._area, self._cells = np.pad(self._area, wider), np.pad(self._cells, wider)
        return FIRST + self._values.index(value)

    def _count(self, cells: _Cells, codes: Ints) -> None:
        """Add up by zone and code: first by line, whose cells have one share and one area."""
        width, lines = FIRST + len(self._values), len(cells.length)
        if lines == len(codes) or lines * width > COUNTERS_MOST:
            self._count_each(cells, codes, width)
            return
        keys = np.repeat(np.arange(lines) * width, cells.length) + codes
        counts = np.bincount(keys, minlength=lines * width).reshape(lines, width)
        begins = np.flatnonzero(np.diff(cells.zone, prepend=-1))
        zones = cells.zone[begins]
        self._cells[zones, :width] += np.add.reduceat(counts, begins, axis=0)
        areas = counts * cells.area[:, None]
        self._area[zones, :width] += np.add.reduceat(areas, begins, axis=0)

    def _count_each(self, cells: _Cells, codes: Ints, width: int) -> None:
        """Add up cell by cell, each with its own weight."""
        shape = (self._zones.count, width)
        keys = np.repeat(cells.zone * width, cells.length) + codes
        for sums, weight in ((self._cells, cells.share), (self._area, cells.share * cells.area)):
            each = np.repeat(weight, cells.length)
            added = np.bincount(keys, each, minlength=shape[0] * shape[1])
            sums[:, :width] += added.reshape(shape)

    def sums(self) -> ClassSums:
        """What was counted."""
        order = np.argsort(self._values, kind="stable")
        columns = FIRST + order
        values = np.array(self._values, dtype=float)[order]
        return ClassSums(
            values, self._area[:, columns], self._cells[:, columns], self._area[:, EMPTY]
        )


class QuantityTally:
    """Adds up a quantity by zone, window by window."""

    def __init__(
        self, zones: Zones, *, nodata: float | None = None, scale: float = 1.0,
        offset: float = 0.0, whole: bool = False,
    ) -> None:  # fmt: skip
        """Begin.

        Parameters
        ----------
        zones
            Where to add up.
        nodata
            Value of cells that have none, before scale and offset; NaN never counts.
        scale, offset
            What a stored value is multiplied by, and what is then added.
        whole
            Whether stored values are whole numbers of at most 16 bits.
        """
        self._zones, self._nodata = zones, nodata
        self._scale, self._offset = scale, offset
        self._ranks = Ranks(whole=whole)
        self._sums = np.zeros((len(SUMS), zones.count))
        self._least = np.full(zones.count, np.inf)
        self._greatest = np.full(zones.count, -np.inf)

    def add(self, row: int, column: int, values: Values, known: Values | None = None) -> None:
        """Take a window of the grid: its first cell, its values, and where they are values."""
        flat = np.ascontiguousarray(values).ravel()
        seen = None if known is None else known.ravel()
        for cells in self._zones.cells(row, column, *values.shape):
            if len(cells.place):
                self._count(cells, flat[cells.place], None if seen is None else seen[cells.place])

    def _count(self, cells: _Cells, picked: Values, known: Values | None) -> None:
        there, length = self._there(picked, known), cells.length
        weight = cells.share * cells.area
        if not there.all():
            line = np.repeat(np.arange(len(length)), length)
            lost = np.bincount(line[~there], minlength=len(length))
            self._sum("empty", cells.zone, weight * lost)
            picked, length = picked[there], length - lost
        held = length > 0
        if not held.any():
            return
        zone, weight, share = cells.zone[held], weight[held], cells.share[held]
        length, stored = length[held], picked.astype(float)
        begins = np.cumsum(length) - length
        sums = np.add.reduceat(stored, begins)
        self._sum("area", zone, weight * length)
        self._sum("area_value", zone, weight * sums)
        self._sum("share", zone, share * length)
        self._sum("share_value", zone, share * sums)
        np.minimum.at(self._least, zone, np.minimum.reduceat(picked, begins).astype(float))
        np.maximum.at(self._greatest, zone, np.maximum.reduceat(picked, begins).astype(float))
        self._ranks.add(zone, length, stored, weight)

    def _there(self, picked: Values, known: Values | None) -> Values:
        """Which cells have a value."""
        there = np.ones(len(picked), bool) if known is None else known.astype(bool)
        if self._nodata is not None and not math.isnan(self._nodata):
            there &= picked != self._nodata
        return there & np.isfinite(picked) if picked.dtype.kind == "f" else there

    def _sum(self, name: str, zone: Ints, parts: Floats) -> None:
        self._sums[SUMS.index(name)] += np.bincount(zone, parts, minlength=self._zones.count)

    def sums(self) -> QuantitySums:
        """What was added up, in the unit of the quantity."""
        area, area_value, share, share_value, empty = self._sums
        there = area > 0
        mean = np.full(len(area), np.nan)
        mean[there] = area_value[there] / area[there]
        extremes = [np.where(there, found, np.nan) for found in (self._least, self._greatest)]
        ranks = self._ranks.percentiles(self._zones.count, PERCENTILES)
        least, greatest = (self._scaled(found) for found in extremes)
        percentiles = self._scaled(ranks)
        if self._scale < 0:
            least, greatest, percentiles = greatest, least, percentiles[:, ::-1]
        total = np.where(there, share_value * self._scale + share * self._offset, np.nan)
        return QuantitySums(
            area, empty, self._scaled(mean), least, greatest, total, percentiles,
            self._ranks.precision,
        )  # fmt: skip

    def _scaled(self, stored: Floats) -> Floats:
        return stored * self._scale + self._offset
