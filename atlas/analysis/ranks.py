"""Percentiles of cells by zone from windows: every cell weighs as much as its area in the zone.

Whole numbers of up to 16 bits are counted value by value and stay exact. Other numbers are kept as
they are while they are few; from :data:`EXACT_MOST` on they are counted in steps of 1/4096 of
themselves (near nought: of a millionth of the largest), so that memory does not grow with the
raster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

EXACT_MOST = 400_000
"""Cells of fractional numbers that are kept as they are."""
DENSE_LEAST = 4096
"""Cells of one zone in one call from which on they are counted in a table of their own."""
DENSE_MOST = 6_000_000
"""Counters of all tables together: 48 MB."""
KEPT_MOST = 1_000_000
"""Counters kept outside of tables; beyond, steps become twice as wide."""
MANTISSA, KEPT_BITS = 23, 12
"""Bits of the digits of a single-precision number, and how many of them its step keeps."""
OCTAVES = 20
"""Halvings of the largest number below which all are one step."""
ROOM = 1 << 34
"""Above every step: a key is zone · ROOM + step."""
Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(eq=False)
class _Table:
    """Weights by step of one zone, from step ``low`` on."""

    low: int
    weights: Floats


class Ranks:
    """Weights by zone and value, from windows in any order."""

    def __init__(self, *, whole: bool) -> None:
        """Begin.

        Parameters
        ----------
        whole
            Whether all values are whole numbers of at most 16 bits.
        """
        self.whole = whole
        self.shift = 0 if whole else MANTISSA - KEPT_BITS
        self.exact = True
        self._loose: list[tuple[Ints, Ints, Floats, Floats]] = []
        self._loose_cells = 0
        self._tables: dict[int, _Table] = {}
        self._dense = 0
        self._keys: list[Ints] = []
        self._weights: list[Floats] = []
        self._kept = 0
        self._least: int | None = None

    def add(self, zone: Ints, length: Ints, values: Floats, weights: Floats) -> None:
        """Take cells of a window in lines, in order of their zones.

        Parameters
        ----------
        zone, length, weights
            One entry a line: cells of one zone that have one weight, and how many, at least one.
        values
            One entry a cell; none is NaN.
        """
        if len(zone) == 0:
            return
        weights = np.repeat(weights, length)
        begins = np.flatnonzero(np.diff(zone, prepend=-1))
        zone, length = zone[begins], np.add.reduceat(length, begins)
        if self.whole or not self.exact:
            self._count(zone, length, values, weights)
            return
        self._loose.append((zone, length, values, weights))
        self._loose_cells += len(values)
        if self._loose_cells > EXACT_MOST:
            held, self._loose, self.exact = self._loose, [], False
            for entry in held:
                self._count(*entry)

    @property
    def precision(self) -> float:
        """Share of itself by which a percentile of fractional numbers may be off; 0 if exact."""
        return 0.0 if self.exact else float(2.0 ** (self.shift - MANTISSA - 1))

    def _steps(self, values: Floats) -> Ints:
        """Step of each value: whole numbers in the same order as the values.

        Fractional numbers are stepped by the bits of their size, which are in its order; all sizes
        below a millionth of the largest of the first call are one step.
        """
        if self.whole:
            return values.astype(np.int64) >> self.shift
        bits = np.abs(values).astype(np.float32).view(np.int32)
        if self._least is None:
            self._least = max(int(bits.max()) - (OCTAVES << MANTISSA), 0) >> MANTISSA << MANTISSA
        size = np.maximum((bits >> self.shift) - (self._least >> self.shift), 0).astype(np.int64)
        steps: Ints = np.where(values < 0, -size, size)
        return steps

    def _halved(self, steps: Ints) -> Ints:
        """Steps when two become one."""
        return steps >> 1 if self.whole else np.sign(steps) * (np.abs(steps) >> 1)

    def _count(self, zone: Ints, length: Ints, values: Floats, weights: Floats) -> None:
        steps = self._steps(values)
        ends = np.cumsum(length)
        loose = np.ones(len(zone), bool)
        for place in np.flatnonzero(length >= DENSE_LEAST).tolist():
            part = slice(int(ends[place] - length[place]), int(ends[place]))
            loose[place] = not self._count_dense(int(zone[place]), steps[part], weights[part])
        if loose.any():
            kept = np.repeat(loose, length)
            zone = np.repeat(zone[loose], length[loose])
            self._keep(zone * ROOM + steps[kept], weights[kept])

    def _count_dense(self, zone: int, steps: Ints, weights: Floats) -> bool:
        """Count cells of one zone in its table; false if there is no room for it."""
        low, high = int(steps.min()), int(steps.max()) + 1
        table = self._tables.get(zone) or _Table(low, np.zeros(0))
        first = min(low, table.low) if len(table.weights) else low
        last = max(high, table.low + len(table.weights))
        more = last - first - len(table.weights)
        if self._dense + more > DENSE_MOST:
            return False
        if more:
            wider = np.zeros(last - first)
            wider[table.low - first : table.low - first + len(table.weights)] = table.weights
            table = self._tables[zone] = _Table(first, wider)
            self._dense += more
        table.weights[low - first : high - first] += np.bincount(steps - low, weights=weights)
        return True

    def _keep(self, keys: Ints, weights: Floats) -> None:
        self._keys.append(keys)
        self._weights.append(weights)
        self._kept += len(keys)
        if self._kept > KEPT_MOST:
            self._merge()

    def _merge(self) -> None:
        """Put counters of one key together; widen all steps while there are too many."""
        keys, weights = _together(np.concatenate(self._keys), np.concatenate(self._weights))
        while len(keys) > KEPT_MOST // 2:
            self._halve_tables()
            zone, step = self._split(keys)
            self.shift, self.exact = self.shift + 1, False
            keys, weights = _together(zone * ROOM + self._halved(step), weights)
        self._keys, self._weights, self._kept = [keys], [weights], len(keys)

    def _halve_tables(self) -> None:
        """Halve the tables: two steps become one."""
        self._dense = 0
        for zone, table in self._tables.items():
            steps = self._halved(np.arange(len(table.weights)) + table.low)
            held = np.bincount(steps - steps[0], weights=table.weights)
            self._tables[zone] = _Table(int(steps[0]), np.asarray(held, dtype=float))
            self._dense += len(held)

    @staticmethod
    def _split(keys: Ints) -> tuple[Ints, Ints]:
        """Zone and step of keys; steps below nought are taken from the next zone's room."""
        zone = (keys + ROOM // 2) // ROOM
        return zone, keys - zone * ROOM

    def _middles(self, steps: Ints) -> Floats:
        """Value in the middle of each step."""
        if self.whole:
            return np.asarray((steps << self.shift) + ((1 << self.shift) - 1) / 2, dtype=float)
        least = (self._least or 0) >> self.shift
        bits = ((np.abs(steps) + least) << self.shift) + (1 << (self.shift - 1))
        sizes = bits.astype(np.int32).view(np.float32).astype(float)
        return np.where(steps == 0, 0.0, np.sign(steps) * sizes)

    def percentiles(self, zones: int, shares: tuple[float, ...]) -> Floats:
        """Values below which given shares of each zone's area lie.

        Parameters
        ----------
        zones
            How many zones there are.
        shares
            0–1; 0.5 is the median.

        Returns
        -------
        numpy.ndarray
            zones × shares: the least value for which the area with at most that value is as
            large a share; NaN for zones without cells.
        """
        found = np.full((zones, len(shares)), np.nan)
        zone, value, weight = self._sorted()
        starts = np.searchsorted(zone, np.arange(zones + 1))
        for number in range(zones):
            part = slice(starts[number], starts[number + 1])
            if part.start < part.stop:
                sums = np.cumsum(weight[part])
                wanted = np.asarray(shares) * sums[-1] * (1 - 1e-12)
                found[number] = value[part][np.searchsorted(sums, wanted)]
        return found

    def _sorted(self) -> tuple[Ints, Floats, Floats]:
        """Zone, value and weight of all that was counted, by zone and value."""
        if self._loose:
            parts = (np.concatenate(part) for part in zip(*self._loose, strict=True))
            zone, length, value, weight = parts
            zone = np.repeat(zone, length)
            order = np.lexsort((value, zone))
            return zone[order], value[order], weight[order]
        keys, weights = list(self._keys), list(self._weights)
        for number, table in self._tables.items():
            used = np.flatnonzero(table.weights)
            keys.append(number * ROOM + table.low + used)
            weights.append(table.weights[used])
        if not keys:
            return np.empty(0, np.int64), np.empty(0), np.empty(0)
        held, summed = _together(np.concatenate(keys), np.concatenate(weights))
        zone, step = self._split(held)
        return zone, self._middles(step), summed


def _together(keys: Ints, weights: Floats) -> tuple[Ints, Floats]:
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1)) if len(keys) else order
    summed: Floats = np.add.reduceat(weights[order], first) if len(keys) else weights
    return keys[first], summed
