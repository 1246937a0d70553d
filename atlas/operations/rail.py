"""The railway record read once, and the model of a day: network, states, assumptions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.rail_network import (
    EXPECTED,
    OPEN,
    RailNetwork,
    Section,
    measure_sections,
    named_stations,
    network_on,
    principal_stations,
    section_of_stations,
    with_section,
)
from atlas.analysis.rail_states import StateGraph, state_graph
from atlas.analysis.travel_time import DEFAULT, Assumptions
from atlas.core.period import as_of
from atlas.errors import LineUnknown, NetworkEmpty
from atlas.i18n import LANGUAGES
from atlas.operations.find import Place, list_features
from atlas.operations.show import read_layer

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from atlas.core.layer import Layer

LINES, STATIONS, CITIES = "rail-lines", "rail-stations", "cities"
OWN_LINE = "own-line"
"""Id of a line that a reader makes of stations."""
OWN_SPEED_KMH, FASTEST_KMH = 350.0, 600.0
"""Design speed of such a line, and the most that the model takes."""


@dataclass(frozen=True, eq=False)
class Rail:
    """Lines, stations and cities as published by a day, with every section measured.

    ``first`` is the day on which the first dated section opened.
    """

    folder: Path
    lines: Layer
    stations: Layer
    cities: Layer
    sections: tuple[Section, ...]
    known_by: dt.date

    @property
    def first(self) -> dt.date:
        """Day of the first opening."""
        days = [s.opened for s in self.sections if s.status == OPEN and s.opened]
        return dt.date.fromisoformat(min(days))

    @cached_property
    def places(self) -> list[Place]:
        """Cities and stations with the folded names that a search compares, cities first."""
        return [*list_features(self.cities), *list_features(self.stations)]

    def city_names(self, day: dt.date) -> dict[str, dict[str, str]]:
        """Names of the cities of a day by code, by language."""
        rows = as_of(self.cities.features, day)
        return {
            str(row.id): {"zh": str(row.name_zh), "en": str(row.name_en)}
            for row in rows.drop_duplicates("id").itertuples()
        }

    def opened_in(self) -> dict[str, int]:
        """Year in which each section first opened, by its key."""
        years: dict[str, int] = {}
        for section in self.sections:
            if section.status == OPEN and section.opened:
                year = int(section.opened[:4])
                years[section.key] = min(year, years.get(section.key, year))
        return years


@dataclass(frozen=True, eq=False)
class Model:
    """The network of a day with its states.

    Attributes
    ----------
    rail
        The record.
    day, include
        Of which day, and which statuses count beside what is open.
    assumed
        The model's assumptions.
    network, graph
        Stations and sections; states and edges.
    names
        Names of the day's cities by code, by language.
    named, principal
        Stations that bear their city's name, and those that stand for it (booleans on the
        network's positions).
    """

    rail: Rail
    day: dt.date
    include: tuple[str, ...]
    assumed: Assumptions
    network: RailNetwork
    graph: StateGraph
    names: dict[str, dict[str, str]]
    named: np.ndarray
    principal: np.ndarray

    @property
    def cities(self) -> list[str]:
        """Codes of cities that a principal station stands for, sorted."""
        return sorted(set(self.network.stations["city"][self.principal]) & set(self.names))

    def stations_of(self, city: str) -> np.ndarray:
        """Positions of the principal stations of a city."""
        own = self.network.stations["city"].to_numpy(object) == city
        return np.flatnonzero(own & self.principal)

    def station_name(self, place: int, lang: str) -> str:
        """Name of a station by its position."""
        return str(self.network.stations[f"name_{lang}"].iloc[place])

    def city_name(self, code: str, lang: str) -> str:
        """Name of a city; its code where no layer knows it."""
        return self.names.get(code, {}).get(lang, code)


def read_rail(folder: Path, *, known_by: dt.date) -> Rail:
    """Read the railway layers and the cities, and measure every section.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged
        If there is nothing to read.
    """
    lines, stations, cities = (
        read_layer(folder, name, known_by=known_by) for name in (LINES, STATIONS, CITIES)
    )
    sections = measure_sections(lines.features, stations.features)
    return Rail(folder, lines, stations, cities, sections, known_by)


def model_on(
    rail: Rail, day: dt.date, *, include: Collection[str] = (), assumed: Assumptions = DEFAULT,
    extra: Section | None = None, only: str = "", without: str = "",
) -> Model:  # fmt: skip
    """The model of a day.

    Parameters
    ----------
    rail
        The record.
    day
        The day.
    include
        Statuses that count beside what is open.
    assumed
        The model's assumptions.
    extra
        A section of a reader's own.
    only, without
        Id of a line whose sections count though they are not open, or do not count.

    Raises
    ------
    NetworkEmpty
        If nothing is open on that day.
    """
    held = [s for s in rail.sections if s.line != without or s.status == OPEN]
    if only:
        held = [s for s in held if s.status in (OPEN, *include) or s.line == only]
    counted = EXPECTED if only else tuple(include)
    network = network_on(
        held, rail.stations.features, day, include=counted,
        undated_from=rail.lines.edition.published,
    )  # fmt: skip
    if extra is not None:
        network = with_section(network, extra, rail.stations.features)
    if not network.sections:
        raise NetworkEmpty(day=day.isoformat(), first=rail.first.isoformat())
    names = rail.city_names(day)
    short = {code: name["zh"] for code, name in names.items()}
    named = named_stations(network, short)
    graph = state_graph(network, assumed, named)
    principal = principal_stations(network, short)
    return Model(rail, day, tuple(include), assumed, network, graph, names, named, principal)


def expected_lines(rail: Rail, day: dt.date) -> dict[str, dict[str, str]]:
    """Lines planned or under construction on a day, with a section to ride: names by id."""
    asked = day.isoformat()
    return {
        section.line: section.name for section in rail.sections
        if section.status in EXPECTED and len(section.stops) > 1
        and not (section.ended and section.ended <= asked)
    }  # fmt: skip


def own_section(rail: Rail, ids: Sequence[str], *, speed_kmh: float = OWN_SPEED_KMH) -> Section:
    """A line of a reader's own, straight from station to station.

    Raises
    ------
    LineUnknown
        If the stations make no line.
    """
    positions = rail.stations.features
    drawn = set(positions.loc[positions.geometry.notna(), "id"])
    known = ", ".join(sorted(expected_lines(rail, dt.date.today())))
    line = "+".join(ids)
    if len(set(ids)) != len(ids) or len(ids) < 2:  # noqa: PLR2004 - a line has two ends
        problem = "a line takes two stations or more, none of them twice"
        raise LineUnknown(line=line[:80], known=known, problem=problem)
    missing = [name for name in ids if name not in drawn]
    if missing:
        problem = f"no position is known of {', '.join(missing)[:80]}"
        raise LineUnknown(line=line[:80], known=known, problem=problem)
    if not 0 < speed_kmh <= FASTEST_KMH:
        problem = f"its speed is {speed_kmh:g} km/h; more than 0, at most {FASTEST_KMH:g}"
        raise LineUnknown(line=line[:80], known=known, problem=problem)
    rows = positions.drop_duplicates("id", keep="last").set_index("id")
    ends = rows.loc[[ids[0], ids[-1]]]
    name = {lang: "–".join(ends[f"name_{lang}"]) for lang in LANGUAGES}
    return section_of_stations(ids, positions, speed_kmh=speed_kmh, name=name)
