"""Figures of railways on one day: kilometres, stations, cities, links, and land beside them.

Kilometres are geodesic lengths of the lines as they are drawn: along the track where it is known,
else straight from station to station and so some 5 to 12 per cent short.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.indicator_frames import BELTS, CITIES, LINES, STATIONS, URBAN, Frames, union_of
from atlas.analysis.indicators import M2_PER_KM2, Measure, Part, measured, residents_inside
from atlas.analysis.journeys import all_pairs, from_stations
from atlas.analysis.links import direct_links
from atlas.analysis.rail_network import named_stations, plane_points, principal_stations
from atlas.analysis.rail_states import StateGraph, state_graph
from atlas.analysis.reach_area import circles
from atlas.analysis.travel_time import DEFAULT
from atlas.core.crs import length_km, to_working

if TYPE_CHECKING:
    from collections.abc import Collection

HIGH_SPEED_KMH = 250.0
"""Design speed from which a line is a high-speed line (code for design TB 10621)."""
MAIN = ("high-speed", "intercity", "mixed")
BESIDE_M = 1_000.0
"""How far a railway reaches to either side."""
HOUR_MIN = 60.0
CORES = ("310000", "320100", "320200", "320400", "320500", "330100", "330200", "340100")
"""Cores of the six metropolitan areas: Shanghai, Nanjing, Wuxi, Changzhou, Suzhou (the three of
Su-Xi-Chang), Hangzhou, Ningbo, Hefei."""


def line_kilometres(frames: Frames, categories: Collection[str]) -> Measure:
    """Kilometres of lines in operation; parts: each line."""
    rows = frames.counted(LINES)
    return _kilometres(frames, rows[rows["category"].isin(list(categories))])


def cross_city_kilometres(frames: Frames) -> Measure:
    """Kilometres of suburban and metro lines with stations in two cities or more, line by line."""
    rows = frames.counted(LINES)
    rows = rows[rows["category"].isin(URBAN)]
    cities = cities_of_lines(frames, rows)
    return _kilometres(frames, rows[rows["id"].map(cities).map(len) > 1])


def cities_of_lines(frames: Frames, lines: pd.DataFrame) -> dict[str, set[str]]:
    """Codes of the cities in which each line has stations in operation, by id of the line."""
    stations = frames.counted(STATIONS)
    city = stations.dropna(subset=["city"]).set_index("id")["city"].to_dict()
    found: dict[str, set[str]] = {}
    for line, stops in zip(lines["id"], lines["stations"], strict=True):
        held = found.setdefault(str(line), set())
        held |= {str(city[stop]) for stop in stops if stop in city}
    return found


def _kilometres(frames: Frames, rows: gpd.GeoDataFrame) -> Measure:
    drawn = rows[rows.geometry.notna()]
    lengths = length_km(drawn.geometry)
    by_line = lengths.groupby(drawn["id"]).sum()
    parts = [Part(str(line), float(km)) for line, km in by_line.items()]
    ids = {f"{LINES}:{id_}@" for id_ in rows["id"]}
    whole = measured(frames, (LINES,), lengths.sum(), parts)
    own = [tuple(key for key in keys if key.partition("@")[0] + "@" in ids)
           for keys in (whole.unknown, whole.uncertain)]  # fmt: skip
    return Measure(whole.value, whole.parts, *own)


def stations_in_operation(frames: Frames) -> Measure:
    """Stations in operation that a line in operation calls at; parts: by class of the station."""
    stations = frames.counted(STATIONS)
    served = {stop for stops in frames.counted(LINES)["stations"] for stop in stops}
    rows = stations[stations["id"].isin(list(served))].drop_duplicates("id")
    counts = rows["category"].value_counts().sort_index()
    parts = [Part(str(name), float(count)) for name, count in counts.items()]
    undated = tuple(f"{STATIONS}:{row.id}@{row.plan_version}/{row.part}"
                    for row in rows[rows["valid_from"].isna()].itertuples())  # fmt: skip
    return Measure(float(len(rows)), tuple(parts), (), undated)


def cities_with_high_speed(frames: Frames) -> Measure:
    """Cities with a station in operation on a line for 250 km/h or more; parts: lines of each."""
    lines = frames.counted(LINES)
    fast = lines[lines["design_speed_kmh"].fillna(0).astype(float) >= HIGH_SPEED_KMH]
    known = set(frames.rows[CITIES]["id"])
    held: dict[str, set[str]] = {}
    for line, cities in cities_of_lines(frames, fast).items():
        for city in cities & known:
            held.setdefault(city, set()).add(line)
    parts = [Part(city, float(len(ids))) for city, ids in sorted(held.items())]
    return measured(frames, (), len(held), parts)


def pairs_with_direct_line(frames: Frames) -> Measure:
    """Pairs of cities in both of which one line has a station; parts: how many lines each has.

    Sections of a line in operation are one line.
    """
    cities = to_working(frames.rows[CITIES])
    lines = frames.counted(LINES)
    joined = lines.groupby("id", sort=True)["stations"].agg(
        lambda held: list(dict.fromkeys(stop for stops in held for stop in stops))
    )
    table = pd.DataFrame({"id": joined.index, "stations": list(joined)})
    links = direct_links(cities.geometry.to_numpy(), table, frames.counted(STATIONS))
    codes = cities["id"].to_numpy(object)
    parts = [
        Part("|".join(sorted((str(codes[one]), str(codes[other])))), float(len(ids)))
        for (one, other), ids in links.items()
    ]
    return measured(frames, (), len(parts), sorted(parts, key=lambda part: part.key))


def belts_beside_railways(frames: Frames) -> Measure:
    """Area of belts within :data:`BESIDE_M` of a line in operation, km²; parts: each belt."""
    strip = shapely.union_all(shapely.buffer(frames.drawn(LINES).geometry.to_numpy(), BESIDE_M))
    belts = frames.drawn(BELTS)
    by_id = {str(id_): union_of(rows) for id_, rows in belts.groupby("id", sort=True)}
    area = shapely.area(shapely.intersection(frames.union(BELTS), strip)) / M2_PER_KM2
    own = {id_: shapely.area(shapely.intersection(shape, strip)) / M2_PER_KM2
           for id_, shape in by_id.items()}  # fmt: skip
    parts = [Part(id_, float(size)) for id_, size in own.items() if size > 0]
    return measured(frames, (BELTS, LINES), area, parts)


def close_pairs(frames: Frames, most_min: float = HOUR_MIN) -> Measure:
    """Pairs of cities that a train joins within so many minutes; parts: minutes of each.

    From departure at a principal station of one city to arrival at one of the other, changes
    counted, boarding not: the model of :mod:`atlas.analysis.travel_time` with its default
    assumptions.
    """
    if not frames.network.sections:
        return measured(frames, (), 0.0)
    graph, principal = _model(frames)
    places = np.flatnonzero(principal)
    minutes = all_pairs(graph, places)[:, places]
    city = frames.network.stations["city"].to_numpy(object)[places]
    known = sorted(set(city) & set(frames.rows[CITIES]["id"]))
    parts = [
        Part(f"{one}|{other}", float(fastest))
        for one, other in combinations(known, 2)
        if (fastest := minutes[np.ix_(city == one, city == other)].min()) <= most_min
    ]
    return measured(frames, (), len(parts), parts)


def residents_near_cores(frames: Frames, most_min: float = HOUR_MIN) -> Measure:
    """Residents who live within so many minutes of any core, door to door; parts: of each core.

    From a principal station of a core of :data:`CORES`: boarding, train, and from the station on
    at the model's speed over the straight way, for as long as it takes at most. Residents of a
    district are spread evenly over it.
    """
    if not frames.network.sections:
        return measured(frames, (), 0.0)
    graph, principal = _model(frames)
    city = frames.network.stations["city"].to_numpy(object)
    points, areas = plane_points(frames.network), {}
    for core in CORES:
        origins = np.flatnonzero(principal & (city == core))
        if len(origins):
            left_min = most_min - DEFAULT.boarding_min - from_stations(graph, origins).minutes
            areas[core] = circles(
                points, left_min, kmh=DEFAULT.access_kmh, most_min=DEFAULT.access_most_min
            )
    parts = [
        Part(core, float(residents_inside(frames.residents, area).sum()))
        for core, area in areas.items()
    ]
    whole = shapely.union_all(list(areas.values()))
    return measured(frames, (), residents_inside(frames.residents, whole).sum(), parts)


def _model(frames: Frames) -> tuple[StateGraph, np.ndarray]:
    """The states of the day's network, and which stations stand for their city."""
    cities = frames.rows[CITIES].drop_duplicates("id")
    names = dict(zip(cities["id"], cities["name_zh"], strict=True))
    principal = principal_stations(frames.network, names)
    named = named_stations(frames.network, names)
    return state_graph(frames.network, DEFAULT, named), principal
