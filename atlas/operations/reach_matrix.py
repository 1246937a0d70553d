"""City by city: minutes, changes, kilometres and the way between every two; direct lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.journeys import Journey, PairTable, groups, pair_table
from atlas.analysis.rail_measures import detour, harmonic_closeness, ways_over
from atlas.analysis.rail_network import straight_km

if TYPE_CHECKING:
    from atlas.operations.rail import Model


@dataclass(frozen=True, eq=False)
class CityMatrix:
    """Fastest ways between the principal stations of every two cities.

    Attributes
    ----------
    model
        Of which day's network.
    codes
        Cities, sorted by code; positions below are among them.
    table
        Ways from every principal station.
    minutes
        Cities × cities, from departure to arrival; infinite where no train leads.
    rows, ends
        Row of the table and position of the station that the fastest way of a pair joins.
    """

    model: Model
    codes: tuple[str, ...]
    table: PairTable
    minutes: np.ndarray
    rows: np.ndarray
    ends: np.ndarray

    def journey(self, one: int, other: int) -> Journey | None:
        """The way from one city to another; None if no train leads there."""
        return self.table.journey(int(self.rows[one, other]), int(self.ends[one, other]))

    def of(self, values: np.ndarray) -> np.ndarray:
        """Values of the table (origins × stations) for each pair of cities."""
        return np.asarray(values[self.rows, self.ends])

    @cached_property
    def km(self) -> np.ndarray:
        """Kilometres on trains; NaN where no train leads."""
        return self.of(self.table.km)

    @cached_property
    def changes(self) -> np.ndarray:
        """How often another train is boarded; -1 where no train leads."""
        return self.of(self.table.changes)

    @cached_property
    def straight(self) -> np.ndarray:
        """Straight kilometres between the stations that the fastest way joins."""
        apart = straight_km(self.model.network)
        return np.asarray(apart[self.table.origins[self.rows], self.ends])

    @cached_property
    def detour(self) -> np.ndarray:
        """Kilometres on trains ÷ the straight way; NaN where there is none."""
        return detour(self.km, self.straight)

    @cached_property
    def closeness(self) -> np.ndarray:
        """How near each city is to all others: mean of 60 ÷ minutes."""
        return harmonic_closeness(self.minutes)

    @cached_property
    def over(self) -> np.ndarray:
        """Of the ways between cities, how many lead over each station of the network."""
        return ways_over(self.table, self.table.origins)

    @cached_property
    def direct(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """Lines with a main station in both of two cities, the smaller position first."""
        city = dict(zip(self.model.network.stations["id"], self.model.network.stations["city"],
                        strict=True))  # fmt: skip
        place = {code: number for number, code in enumerate(self.codes)}
        served: dict[str, set[int]] = {}
        for section in self.model.network.sections:
            if not section.urban:
                held = {place[city[stop]] for stop in section.stops if city[stop] in place}
                served.setdefault(section.line, set()).update(held)
        found: dict[tuple[int, int], list[str]] = {}
        for line, cities in sorted(served.items()):
            for one in cities:
                for other in cities:
                    if one < other:
                        found.setdefault((one, other), []).append(line)
        return {pair: tuple(lines) for pair, lines in found.items()}

    def without_direct(self) -> list[tuple[int, int]]:
        """Pairs of cities that no line joins, the smaller position first."""
        count = len(self.codes)
        return [(one, other) for one in range(count) for other in range(one + 1, count)
                if (one, other) not in self.direct]  # fmt: skip

    def apart(self) -> list[tuple[int, int]]:
        """Pairs of cities that no train joins at all."""
        one, other = np.nonzero(np.triu(~np.isfinite(self.minutes), 1))
        return list(zip(one.tolist(), other.tolist(), strict=True))

    @cached_property
    def islands(self) -> list[list[str]]:
        """Cities of each part of a network that falls apart, the largest part first."""
        label = groups(self.model.graph)
        first = {code: int(label[self.model.stations_of(code)[0]]) for code in self.codes}
        return [[code for code, part in first.items() if part == number]
                for number in sorted(set(first.values()))]  # fmt: skip


def city_matrix(model: Model) -> CityMatrix:
    """Fastest ways between every two cities of a model."""
    codes = tuple(model.cities)
    origins = np.flatnonzero(model.principal)
    table = pair_table(model.graph, origins)
    places = [model.stations_of(code) for code in codes]
    rows_of = [np.searchsorted(origins, held) for held in places]
    count = len(codes)
    minutes = np.zeros((count, count))
    rows, ends = np.zeros((count, count), dtype=int), np.zeros((count, count), dtype=int)
    for one, row in enumerate(rows_of):
        for other, end in enumerate(places):
            block = table.minutes[np.ix_(row, end)]
            best, last = np.unravel_index(int(block.argmin()), block.shape)
            minutes[one, other] = block[best, last]
            rows[one, other], ends[one, other] = row[best], end[last]
    return CityMatrix(model, codes, table, minutes, rows, ends)
