"""What a line changes: pairs of cities that gain, residents newly within an hour, belts crossed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from atlas.analysis.rail_network import OPEN
from atlas.analysis.reach_area import living
from atlas.core.crs import STORAGE_CRS
from atlas.core.layer import Layer
from atlas.core.text import fold
from atlas.errors import LineUnknown
from atlas.operations.cross import Crossed, cross_layers
from atlas.operations.find import known_editions
from atlas.operations.rail import (
    CITIES,
    OWN_LINE,
    OWN_SPEED_KMH,
    Model,
    Rail,
    expected_lines,
    model_on,
    own_section,
)
from atlas.operations.rail_places import Origin
from atlas.operations.reach import HOUR_MIN, reach_from
from atlas.operations.reach_areas import CORES
from atlas.operations.reach_matrix import CityMatrix, city_matrix
from atlas.operations.show import read_layer
from atlas.operations.zones import read_zones

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from atlas.analysis.rail_network import Section
    from atlas.analysis.reach_area import Living
    from atlas.analysis.travel_time import Assumptions
    from atlas.operations.reach import Residents

BELTS = "ecological-belts"
GAIN_MIN = 1.0
"""Less than this is no gain to tell."""
PARTED = (",", "，", "+", "、")
"""Signs that part the stations of a line of a reader's own."""


@dataclass(frozen=True)
class Gain:
    """Two cities that a line brings nearer: codes, and minutes before and after."""

    one: str
    other: str
    before: float
    after: float

    @property
    def saved_min(self) -> float:
        """Minutes saved; infinite if nothing joined them before."""
        return self.before - self.after


@dataclass(frozen=True)
class Nearer:
    """A city, and who is within an hour of it without and with the line."""

    city: str
    before: Living
    after: Living


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The network of a day without and with a line.

    Attributes
    ----------
    line, name
        Its id and its name by language.
    sections
        Its sections as measured.
    before, after
        City by city, without and with it.
    gains
        Pairs that gain :data:`GAIN_MIN` minutes or more, or are joined at all, most saved first.
    nearer
        Cities around which residents come within an hour, most first.
    belts
        Ecological belts on the line; None if its course or the belts are not known.
    unplaced
        Ids of its stations of which no position is known: it is tried without them.
    """

    line: str
    name: dict[str, str]
    sections: tuple[Section, ...]
    before: CityMatrix
    after: CityMatrix
    gains: tuple[Gain, ...]
    nearer: tuple[Nearer, ...]
    belts: Crossed | None
    unplaced: tuple[str, ...]


def what_if(
    rail: Rail, line: str, day: dt.date, *, include: Collection[str], assumed: Assumptions,
    residents: Residents, speed_kmh: float = OWN_SPEED_KMH,
) -> WhatIf:  # fmt: skip
    """Try a line that is planned or under construction, or one of a reader's own.

    Parameters
    ----------
    rail
        The record.
    line
        Id or name of a line of the record, or stations in order, parted by commas.
    day, include
        The network to which the line is added.
    assumed
        The model's assumptions.
    residents
        Who lives where.
    speed_kmh
        Design speed of a line of a reader's own.

    Raises
    ------
    LineUnknown
        If there is no such line, or the stations make none.
    PlaceUnknown
        If a station is not known.
    NetworkEmpty
        If nothing is open on that day.
    """
    found = _named_line(rail, line, day)
    if found:
        before = model_on(rail, day, include=include, assumed=assumed, without=found)
        after = model_on(rail, day, include=include, assumed=assumed, only=found)
        sections = tuple(s for s in after.network.sections if s.line == found
                         and s.status != "in-force")  # fmt: skip
        if not sections:
            raise LineUnknown(line=line[:80], known=", ".join(expected_lines(rail, day)),
                              problem="nobody says where its stations are")  # fmt: skip
        unplaced = tuple(stop for s in sections for stop in s.missing)
    else:
        own = own_section(rail, _stations(rail, line, day), speed_kmh=speed_kmh)
        before = model_on(rail, day, include=include, assumed=assumed)
        after = model_on(rail, day, include=include, assumed=assumed, extra=own)
        found, sections, unplaced = OWN_LINE, (own,), ()
    matrices = city_matrix(before), city_matrix(after)
    return WhatIf(
        found, sections[0].name, sections, *matrices, _gains(*matrices),
        _nearer(before, after, sections, residents), _belts(rail, found, sections, day), unplaced,
    )  # fmt: skip


def _named_line(rail: Rail, line: str, day: dt.date) -> str:
    """Id of the planned line that is meant; empty if stations are given."""
    lines = expected_lines(rail, day)
    if line in lines:
        return line
    wanted = fold(line)
    named = [id_ for id_, name in lines.items() if wanted in map(fold, name.values())]
    if len(named) == 1:
        return named[0]
    if any(sign in line for sign in PARTED):
        return ""
    statuses = {section.status for section in rail.sections if section.line == line}
    problem = "there is no such line"
    if statuses:
        opened = statuses == {OPEN}
        problem = "it is open already" if opened else "nobody says where its stations are"
    raise LineUnknown(line=line[:80], problem=problem, known=", ".join(sorted(lines)))


def _stations(rail: Rail, line: str, day: dt.date) -> list[str]:
    """Ids of the stations that a reader lists by id or name; a city means none."""
    text = line
    for sign in PARTED[1:]:
        text = text.replace(sign, PARTED[0])
    places = [place for place in rail.places if place.layer == "rail-stations"]
    ids = []
    for words in (part.strip() for part in text.split(PARTED[0]) if part.strip()):
        wanted = fold(words)
        exact = [p for p in places if words in (p.id, p.address)]
        exact = exact or [p for p in places if wanted in (fold(p.name_zh), fold(p.name_en))]
        exact = exact or [p for p in places if wanted in p.keys]
        if len(exact) != 1:
            problem = f"'{words[:40]}' names {len(exact)} stations"
            raise LineUnknown(line=line[:80], problem=problem,
                              known=", ".join(sorted(expected_lines(rail, day))))  # fmt: skip
        ids.append(exact[0].id)
    return ids


def _gains(before: CityMatrix, after: CityMatrix) -> tuple[Gain, ...]:
    """Pairs of cities that are nearer with the line; a city that it joins first has none before."""
    place = {code: number for number, code in enumerate(before.codes)}
    found = []
    for first, one in enumerate(after.codes):
        for second in range(first + 1, len(after.codes)):
            other = after.codes[second]
            known = one in place and other in place
            was = float(before.minutes[place[one], place[other]]) if known else np.inf
            now = float(after.minutes[first, second])
            if np.isfinite(now) and was - now >= GAIN_MIN:
                found.append(Gain(one, other, was, now))
    return tuple(sorted(found, key=lambda gain: (-gain.saved_min, gain.one, gain.other)))


def _nearer(
    before: Model, after: Model, sections: tuple[Section, ...], residents: Residents
) -> tuple[Nearer, ...]:
    """Cores of the metropolitan areas and cities on the line around which more live in an hour."""
    city = dict(zip(after.network.stations["id"], after.network.stations["city"], strict=True))
    cores = {code for held in CORES.values() for code in held}
    served = {str(city[stop]) for section in sections for stop in section.stops}
    found = []
    for code in sorted(cores | served):
        one, other = (_hour(model, code) for model in (before, after))
        if other.is_empty or shapely.equals(one, other):
            continue
        pair = Nearer(code, living(one, residents.people), living(other, residents.people))
        if pair.after.area_km2 - pair.before.area_km2 > 0:
            found.append(pair)
    return tuple(sorted(found, key=lambda pair: pair.before.by_area - pair.after.by_area))


def _hour(model: Model, code: str) -> shapely.Geometry:
    stations = model.stations_of(code)
    if len(stations) == 0:
        return shapely.MultiPolygon()
    return reach_from(model, Origin(CITIES, code, model.names.get(code, {}), stations)).shape(
        HOUR_MIN
    )


def _belts(rail: Rail, line: str, sections: tuple[Section, ...], day: dt.date) -> Crossed | None:
    """Ecological belts on the line, by the overlap engine."""
    if not known_editions(rail.folder, (BELTS,), known_by=rail.known_by):
        return None
    features = rail.lines.features
    if line == OWN_LINE:
        rows = features.head(1).copy()
        drawn = rail.stations.features
        drawn = drawn[drawn.geometry.notna()].drop_duplicates("id", keep="last").set_index("id")
        course = shapely.LineString([drawn.geometry[stop] for stop in sections[0].stops])
        rows[["id", "name_zh", "name_en"]] = [line, sections[0].name["zh"], sections[0].name["en"]]
        rows[["valid_from", "valid_to", "status"]] = [None, None, "planned"]
        rows = gpd.GeoDataFrame(rows, geometry=[course], crs=STORAGE_CRS)
    else:
        rows = features[(features["id"] == line) & (features["status"] != "in-force")]
        rows = rows[rows.geometry.notna()]
    if rows.empty:
        return None
    belts = read_layer(rail.folder, BELTS, known_by=rail.known_by)
    zones = read_zones(rail.folder, "provinces", day=day, known_by=rail.known_by)
    crossing = Layer(rail.lines.info, rail.lines.edition, rows)
    return cross_layers(belts, crossing, zones, day=day, known_by=rail.known_by)
