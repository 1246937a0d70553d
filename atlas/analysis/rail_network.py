"""The railway network of a day: sections, their stops, and how far it is from stop to stop.

Sections are rows of the layer of railway lines, each with its stations in order. A section
counts on a day if it had opened by then; sections under construction or planned count where
they are asked for. Lengths are geodesic, along the track where its geometry is known.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.track_lengths import BASES, inverse, stop_lengths, sums
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.period import as_of
from atlas.core.schema import missing_to_none

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

OPEN = "in-force"
EXPECTED = ("under-construction", "planned")
"""Statuses of sections that nobody rides yet; each is counted only where it is asked for."""
URBAN = ("metro", "suburban")
"""Categories whose trains stop everywhere and keep to their own line."""


@dataclass(frozen=True, eq=False)
class Section:
    """A section of a line that opened as one, measured.

    Attributes
    ----------
    line, part
        Its key in the layer.
    name
        Name by language.
    category, status, speed_kmh
        Class, status and design speed; NaN if the speed is not known.
    opened, ended
        Its period, ISO text; None where not known or still open.
    stops
        Ids of its stations in order, those without a known position left out.
    km
        Geodesic kilometres from each stop to the next.
    bases
        Of each length, one of :data:`atlas.analysis.track_lengths.BASES`.
    bearing
        Compass bearing in degrees from each stop to the one before and the one after
        (stops × 2); NaN where there is none.
    missing
        Ids of stations of which no position is known.
    """

    line: str
    part: str
    name: dict[str, str]
    category: str
    status: str
    speed_kmh: float
    opened: str | None
    ended: str | None
    stops: tuple[str, ...]
    km: np.ndarray
    bases: tuple[str, ...]
    bearing: np.ndarray
    missing: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Line and part in one text."""
        return self.line if self.part == "whole" else f"{self.line}/{self.part}"

    @property
    def urban(self) -> bool:
        """Whether it is a metro or suburban line."""
        return self.category in URBAN


@dataclass(frozen=True, eq=False)
class RailNetwork:
    """Stations and sections of one day.

    Attributes
    ----------
    day
        The day.
    stations
        Open stations that a section serves, on positions 0 … n − 1: ``id``, ``name_zh``,
        ``name_en``, ``city``, ``district`` and a point in EPSG:4326.
    sections
        Sections between open stations; lengths run on over stops that are closed.
    undated
        Sections left out because nobody says when they opened.
    """

    day: dt.date
    stations: gpd.GeoDataFrame
    sections: tuple[Section, ...]
    undated: tuple[Section, ...] = ()

    def place(self, station: str) -> int:
        """Position of a station by its id; -1 if it is not in the network."""
        found = np.flatnonzero(self.stations["id"].to_numpy() == station)
        return int(found[0]) if len(found) else -1


def measure_sections(lines: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> tuple[Section, ...]:
    """Measure every section of a layer, whatever its period.

    Parameters
    ----------
    lines
        Rows of the layer of railway lines, EPSG:4326.
    stations
        Rows of the layer of stations, EPSG:4326; of several rows of one id the last counts.

    Returns
    -------
    tuple of Section
        In the order of the rows; sections with fewer than two stops of known position too.
    """
    drawn = stations[stations.geometry.notna()].drop_duplicates("id", keep="last")
    points = dict(zip(drawn["id"], shapely.get_coordinates(drawn.geometry.to_numpy()), strict=True))
    return tuple(_measure(row, points) for row in lines.itertuples())


def _measure(row: Any, points: dict[str, np.ndarray]) -> Section:
    named = [str(stop) for stop in row.stations]
    stops = tuple(stop for stop in named if stop in points)
    xy = np.array([points[stop] for stop in stops]).reshape(-1, 2)
    ahead, back, metres = inverse(xy[:-1], xy[1:])
    km, bases = stop_lengths(row, xy, metres / 1000.0)
    bearing = np.full((len(stops), 2), np.nan)
    bearing[1:, 0], bearing[:-1, 1] = back, ahead
    speed = missing_to_none(getattr(row, "design_speed_kmh", None))
    return Section(
        str(row.id), str(row.part), {"zh": str(row.name_zh), "en": str(row.name_en)},
        str(row.category), str(row.status), np.nan if speed is None else float(str(speed)),
        _day(row.valid_from), _day(row.valid_to), stops, km, bases, bearing,
        tuple(stop for stop in named if stop not in points),
    )  # fmt: skip


def _day(value: object) -> str | None:
    return value if isinstance(value, str) else None


def network_on(
    sections: Sequence[Section], stations: gpd.GeoDataFrame, day: dt.date, *,
    include: Collection[str] = (), undated_from: dt.date | None = None,
) -> RailNetwork:  # fmt: skip
    """The network of a day.

    Parameters
    ----------
    sections
        From :func:`measure_sections`.
    stations
        Rows of the layer of stations, EPSG:4326.
    day
        The day.
    include
        Statuses that count beside what is open, of :data:`EXPECTED`: such a section counts
        with all its stations, though nobody has built them yet.
    undated_from
        From this day on sections count whose opening day nobody says: the day of the record
        that calls them open. None: never.

    Returns
    -------
    RailNetwork
        Only sections that had opened by the day and had not closed, and those of ``include``
        that had been begun or planned by then.
    """
    asked = day.isoformat()
    held = [section for section in sections if _lasts(section, asked)]
    wanted = [section for section in held if section.status in (OPEN, *include)]
    late = undated_from is None or day < undated_from
    undated = [s for s in wanted if s.opened is None and s.status == OPEN and late]
    counted = [section for section in wanted if section not in undated]
    current = as_of(stations[stations.geometry.notna()], day)
    known = set(current.loc[current["status"] == OPEN, "id"])
    coming = {stop for s in counted if s.status != OPEN for stop in s.stops}
    unbuilt = coming & _unbuilt(stations, current, asked)
    served = [only_stops(section, known | unbuilt) for section in counted]
    served = [section for section in served if len(section.stops) > 1]
    ids = sorted({stop for section in served for stop in section.stops})
    return RailNetwork(day, _station_rows(stations, current, ids), tuple(served), tuple(undated))


def _lasts(section: Section, asked: str) -> bool:
    begun = section.opened is None or section.opened <= asked
    return begun and (section.ended is None or section.ended > asked)


def _unbuilt(stations: gpd.GeoDataFrame, current: gpd.GeoDataFrame, asked: str) -> set[str]:
    """Stations that are being built on the day, or that no row shows open by then."""
    opened = stations["valid_from"].isna() | (stations["valid_from"] <= asked)
    ever = set(stations.loc[opened & (stations["status"] == OPEN), "id"])
    return set(current.loc[current["status"] != OPEN, "id"]) | (set(stations["id"]) - ever)


def only_stops(section: Section, ids: Collection[str]) -> Section:
    """A section that calls only at some of its stops; lengths run on over the others."""
    kept = [place for place, stop in enumerate(section.stops) if stop in ids]
    if len(kept) == len(section.stops):
        return section
    at = sums(section.km)
    bases = tuple(_worst(section.bases[start:end]) for start, end in pairwise(kept))
    return replace(
        section, stops=tuple(section.stops[place] for place in kept), km=np.diff(at[kept]),
        bases=bases, bearing=section.bearing[kept],
    )  # fmt: skip


def _worst(bases: Sequence[str]) -> str:
    return max(bases, key=BASES.index)


def _station_rows(
    stations: gpd.GeoDataFrame, current: gpd.GeoDataFrame, ids: list[str]
) -> gpd.GeoDataFrame:
    """One row an id, in order: the row in force on the day, else the last that is known."""
    drawn = stations[stations.geometry.notna()]
    last = drawn.drop_duplicates("id", keep="last").set_index("id")
    now = current[current["status"] == OPEN].drop_duplicates("id", keep="last").set_index("id")
    columns = ["name_zh", "name_en", "city", "district", "geometry"]
    rows = pd.concat([now[columns], last.loc[last.index.difference(now.index), columns]])
    rows = rows.reindex(ids).rename_axis("id").reset_index()
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=STORAGE_CRS)


def section_of_stations(
    ids: Sequence[str], stations: gpd.GeoDataFrame, *, speed_kmh: float, name: dict[str, str]
) -> Section:
    """A line of a reader's own: straight from station to station.

    Parameters
    ----------
    ids
        Stations in order, each in ``stations``.
    stations
        Rows with ``id`` and points in EPSG:4326.
    speed_kmh
        Its design speed.
    name
        Its name by language.
    """
    row = pd.Series({
        "id": "own-line", "part": "whole", "name_zh": name["zh"], "name_en": name["en"],
        "category": "high-speed", "status": "planned", "design_speed_kmh": speed_kmh,
        "valid_from": None, "valid_to": None, "stations": list(ids), "geometry": None,
        "geometry_basis": "path", "published_length_km": None, "length_covers": None,
    })  # fmt: skip
    drawn = stations[stations.geometry.notna()].drop_duplicates("id", keep="last")
    points = dict(zip(drawn["id"], shapely.get_coordinates(drawn.geometry.to_numpy()), strict=True))
    return _measure(row, points)


def with_section(network: RailNetwork, section: Section, stations: gpd.GeoDataFrame) -> RailNetwork:
    """The network with one more section, its stations open.

    ``stations`` are all rows of the layer; those of the section that the network lacks come in.
    """
    ids = sorted({*network.stations["id"], *section.stops})
    held = network.stations.set_index("id")
    columns = ["name_zh", "name_en", "city", "district", "geometry"]
    last = stations[stations.geometry.notna()].drop_duplicates("id", keep="last").set_index("id")
    rows = pd.concat([held[columns], last.loc[last.index.difference(held.index), columns]])
    rows = rows.reindex(ids).rename_axis("id").reset_index()
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=STORAGE_CRS)
    return replace(network, stations=frame, sections=(*network.sections, section))


def straight_km(network: RailNetwork) -> np.ndarray:
    """Geodesic kilometres between every two stations (n × n)."""
    xy = shapely.get_coordinates(network.stations.geometry.to_numpy())
    count = len(xy)
    one, other = np.triu_indices(count, 1)
    km = np.zeros((count, count))
    km[one, other] = inverse(xy[one], xy[other])[2] / 1000.0
    return np.asarray(km + km.T)


def plane_points(network: RailNetwork) -> np.ndarray:
    """Stations in the working CRS, in metres (n × 2)."""
    points = network.stations.geometry.to_crs(WORKING_CRS).to_numpy()
    return np.asarray(shapely.get_coordinates(points))


def named_stations(network: RailNetwork, cities: Mapping[str, str]) -> np.ndarray:
    """Main-line stations that bear the Chinese name of their city: there expresses call.

    The railway names stations after their city (苏州, 苏州北) or after a county or place (昆山南).

    Parameters
    ----------
    network
        Stations and sections of a day.
    cities
        Chinese names of cities by code, with or without 市.

    Returns
    -------
    numpy.ndarray
        Booleans on the network's positions.
    """
    rows = network.stations
    pairs = zip(rows["name_zh"], _short_names(network, cities), strict=True)
    named = np.array([bool(own) and name.startswith(own) for name, own in pairs], dtype=bool)
    return np.asarray(named & _main_stations(network))


def principal_stations(network: RailNetwork, cities: Mapping[str, str]) -> np.ndarray:
    """Stations that stand for their city as a whole, told from their names.

    Principal are main-line stations named after the city alone or with one sign more (南京, 南京南)
    and others that bear the city's name and at which a line begins or ends (上海虹桥), not those
    of a district (上海松江). A city without any is stood for by its other stations of that name,
    else by all its main-line stations.

    Parameters
    ----------
    network, cities
        As in :func:`named_stations`.

    Returns
    -------
    numpy.ndarray
        Booleans on the network's positions.
    """
    rows = network.stations
    codes = rows["city"].to_numpy(object)
    pairs = zip(rows["name_zh"], _short_names(network, cities), strict=True)
    alone = np.array([len(name) <= len(own) + 1 for name, own in pairs], dtype=bool)
    named, served = named_stations(network, cities), _main_stations(network)
    ends = {section.stops[place] for section in network.sections if not section.urban
            for place in (0, -1)}  # fmt: skip
    principal = named & (alone | rows["id"].isin(ends).to_numpy(bool))
    for code in set(codes[served]) - set(codes[principal]):
        own = codes == code
        principal |= own & (named if (own & named).any() else served)
    return np.asarray(principal)


def _short_names(network: RailNetwork, cities: Mapping[str, str]) -> list[str]:
    """Name of each station's city without 市; empty where nobody says it."""
    return [cities.get(code, "").removesuffix("市") for code in network.stations["city"]]


def _main_stations(network: RailNetwork) -> np.ndarray:
    """Stations that a main line serves."""
    served = {stop for section in network.sections if not section.urban for stop in section.stops}
    return np.array([station in served for station in network.stations["id"]], dtype=bool)
