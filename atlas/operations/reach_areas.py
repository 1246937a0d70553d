"""Metropolitan areas on rails: what their cores reach in an hour, and their weakest links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from atlas.analysis.journeys import all_pairs
from atlas.analysis.rail_network import plane_points, straight_km
from atlas.analysis.reach_area import living
from atlas.core.crs import WORKING_CRS
from atlas.core.period import as_of
from atlas.operations.rail import CITIES, Model, expected_lines, model_on
from atlas.operations.rail_places import Origin
from atlas.operations.reach import HOUR_MIN, reach_from
from atlas.operations.show import read_layer

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from atlas.analysis.reach_area import Living
    from atlas.core.layer import Edition
    from atlas.operations.reach import Residents

AREAS = "metropolitan-areas"
CORES: dict[str, tuple[str, ...]] = {
    "shanghai-metropolitan-area": ("310000",),
    "nanjing-metropolitan-area": ("320100",),
    "hangzhou-metropolitan-area": ("330100",),
    "hefei-metropolitan-area": ("340100",),
    "suxichang-metropolitan-area": ("320200", "320400", "320500"),
    "ningbo-metropolitan-area": ("330200",),
}
"""Cores of the six metropolitan areas, by the id of the area."""
MENDED_MIN = 3.0
"""A line mends a link if it saves so many minutes, or joins it at all."""
IN_FORCE = "in-force"


@dataclass(frozen=True, eq=False)
class PlanArea:
    """A metropolitan area as a plan draws it.

    ``shape`` is in the working CRS; ``older`` says that the plan of the day has no known extent
    and the shape is of the last one that had, ``version``.
    """

    id: str
    part: str
    version: str
    name: dict[str, str]
    older: bool
    shape: shapely.Geometry

    @property
    def area_km2(self) -> float:
        """Its area."""
        return float(shapely.area(self.shape)) / 1e6


@dataclass(frozen=True, eq=False)
class CoreReach:
    """What one core reaches in an hour, against the area that its plan claims.

    Attributes
    ----------
    core
        Code of the city.
    plan
        The area.
    hour
        Where one can be, working CRS.
    inside, outside
        What of it lies in the plan's area and what beyond.
    whole
        The plan's area.
    """

    core: str
    plan: PlanArea
    hour: shapely.Geometry
    inside: Living
    outside: Living
    whole: Living

    @property
    def share(self) -> float:
        """Share of the plan's area that is within an hour."""
        return self.inside.area_km2 / self.whole.area_km2 if self.whole.area_km2 else np.nan


@dataclass(frozen=True)
class Link:
    """Two places of a metropolitan area, and how well trains join them.

    Attributes
    ----------
    area
        Id and part of the area.
    one, other
        Codes of the cities.
    minutes
        From departure to arrival; infinite where no train leads.
    straight_km, kmh
        The straight way, and how fast it is covered; 0 where no train leads.
    mender, saved_min
        Id of the line under construction or planned that helps most, and minutes that it saves;
        infinite if it joins what nothing joined. Empty and 0 if none does.
    """

    area: str
    one: str
    other: str
    minutes: float
    straight_km: float
    kmh: float
    mender: str = ""
    saved_min: float = 0.0


def read_areas(folder: Path, *, day: dt.date, known_by: dt.date) -> tuple[list[PlanArea], Edition]:
    """Metropolitan areas in force on a day, with their extent.

    Where the plan of the day has no extent, the last one that has stands in, and says so. An area
    of which no extent was ever known is left out.
    """
    layer = read_layer(folder, AREAS, known_by=known_by)
    rows = layer.features[layer.features["status"] == IN_FORCE]
    held = as_of(rows, day)
    areas = []
    for id_ in CORES:
        own = held[held["id"] == id_]
        drawn, older = own[own.geometry.notna()], False
        if drawn.empty:
            past = rows[(rows["id"] == id_) & rows.geometry.notna()]
            past = past[past["valid_from"].isna() | (past["valid_from"] <= day.isoformat())]
            drawn, older = past.sort_values("valid_from", na_position="first").tail(1), True
        shapes = drawn.geometry.to_crs(WORKING_CRS)
        areas += [_area(row, shape, older=older)
                  for row, shape in zip(drawn.itertuples(), shapes, strict=True)]  # fmt: skip
    return areas, layer.edition


def _area(row: Any, shape: shapely.Geometry, *, older: bool) -> PlanArea:
    name = {"zh": str(row.name_zh), "en": str(row.name_en)}
    return PlanArea(str(row.id), str(row.part), str(row.plan_version), name, older, shape)


def core_reach(model: Model, areas: list[PlanArea], residents: Residents) -> list[CoreReach]:
    """One-hour circle of each core against its plan's area; cores without a train are left out."""
    found = []
    for area in areas:
        whole = living(area.shape, residents.people)
        for code in CORES[area.id]:
            stations = model.stations_of(code)
            if len(stations) == 0:
                continue
            hour = reach_from(model, Origin(CITIES, code, model.names[code], stations)).shape(
                HOUR_MIN
            )
            inside = shapely.intersection(hour, area.shape)
            outside = shapely.difference(hour, area.shape)
            found.append(CoreReach(
                code, area, hour, living(inside, residents.people),
                living(outside, residents.people), whole,
            ))  # fmt: skip
    return found


def weak_links(model: Model, areas: list[PlanArea]) -> list[Link]:
    """Links inside each area, the weakest first: cities that no train joins, then the slowest.

    A city is joined where the area has main-line stations of it: its principal ones, else the
    others. Slow is what covers the straight way slowest. The line that helps most is found by
    trying each that is planned or under construction.
    """
    nodes = {f"{area.id}/{area.part}": _nodes(model, area) for area in areas}
    links = _links(model, nodes, model.network.stations["id"].to_numpy(object))
    lines = expected_lines(model.rail, model.day)
    tried = {}
    for line in lines:
        if any(s.line == line and s.status in model.include for s in model.rail.sections):
            continue
        other = model_on(model.rail, model.day, include=model.include, assumed=model.assumed,
                         only=line)  # fmt: skip
        tried[line] = _links(other, nodes, other.network.stations["id"].to_numpy(object))
    order = {(link.area, link.one, link.other): link for link in links}
    mended = [_mended(key, link, tried) for key, link in order.items()]
    return sorted(mended, key=lambda link: (link.kmh, -link.straight_km))


def _nodes(model: Model, area: PlanArea) -> dict[str, list[str]]:
    """Ids of the stations that join each city of an area, by code."""
    points = plane_points(model.network)
    shapely.prepare(area.shape)
    inside = shapely.intersects_xy(area.shape, points[:, 0], points[:, 1])
    rows = model.network.stations
    codes, ids = rows["city"].to_numpy(object), rows["id"].to_numpy(object)
    main = {stop for s in model.network.sections if not s.urban for stop in s.stops}
    served = np.array([station in main for station in ids])
    found = {}
    for code in sorted(set(codes[inside & served])):
        own = inside & served & (codes == code)
        best = own & model.principal
        found[str(code)] = [str(station) for station in ids[best if best.any() else own]]
    return found


def _links(model: Model, nodes: dict[str, dict[str, list[str]]], ids: np.ndarray) -> list[Link]:
    place = {station: number for number, station in enumerate(ids)}
    wanted = sorted({place[s] for area in nodes.values() for held in area.values() for s in held})
    origins = np.array(wanted, dtype=int)
    minutes = all_pairs(model.graph, origins)
    apart = straight_km(model.network)
    links = []
    for area, cities in nodes.items():
        codes = list(cities)
        for first, one in enumerate(codes):
            for other in codes[first + 1 :]:
                starts = np.array([place[s] for s in cities[one]])
                ends = np.array([place[s] for s in cities[other]])
                block = minutes[np.ix_(np.searchsorted(origins, starts), ends)]
                best, last = np.unravel_index(int(block.argmin()), block.shape)
                least, km = float(block[best, last]), float(apart[starts[best], ends[last]])
                kmh = km / least * 60.0 if np.isfinite(least) and least > 0 else 0.0
                links.append(Link(area, one, other, least, km, kmh))
    return links


def _mended(key: tuple[str, str, str], link: Link, tried: dict[str, list[Link]]) -> Link:
    """A link with the line that helps it most."""
    best, saved = "", 0.0
    for line, links in tried.items():
        after = next((one for one in links if (one.area, one.one, one.other) == key), None)
        if after is None or not np.isfinite(after.minutes):
            continue
        gain = link.minutes - after.minutes
        if gain >= MENDED_MIN and gain > saved:
            best, saved = line, gain
    return Link(link.area, link.one, link.other, link.minutes, link.straight_km, link.kmh, best,
                saved)  # fmt: skip
