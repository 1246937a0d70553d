"""Small railways for tests: stations and lines as rows of the layers have them."""

import datetime as dt
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

from atlas.analysis.rail_network import RailNetwork, measure_sections, named_stations, network_on
from atlas.analysis.rail_states import StateGraph, state_graph
from atlas.analysis.travel_time import Assumptions

DAY = dt.date(2024, 7, 1)
CITIES = {"1": "甲市", "2": "乙市", "3": "丙市"}
PLAIN = Assumptions(
    factor_fast=1.0, factor_medium=1.0, factor_early=1.0, factor_slow=1.0, factor_urban=1.0,
    express_share=0.0, stopping_share=0.0, run_on_min=0.0, acceleration_ms2=0.5, braking_ms2=0.5,
    dwell_min=2.0, interchange_min=20.0, other_station_min=30.0, transfer_kmh=30.0,
)  # fmt: skip
"""Numbers that can be worked by head: no share of stops, half a metre per second squared."""


def stations(places: Mapping[str, tuple[float, float]], **columns: Mapping[str, object]
             ) -> gpd.GeoDataFrame:  # fmt: skip
    """One row a station; columns give single stations other values."""
    ids = list(places)
    usual = {
        "plan_version": "current", "part": "whole", "status": "in-force", "city": "1",
        "district": "101", "valid_from": None, "valid_from_precision": None, "valid_to": None,
        "valid_to_precision": None,
    }  # fmt: skip
    table: dict[str, object] = {"id": ids, "name_zh": ids, "name_en": ids}
    table |= {name: [value] * len(ids) for name, value in usual.items()}
    for name, own in columns.items():
        before = table.get(name, [None] * len(ids))
        table[name] = [own.get(one, old) for one, old in zip(ids, before, strict=True)]
        if name.startswith("valid_"):
            table[f"{name}_precision"] = [None if day is None else "day" for day in table[name]]
    shapes = [None if place is None else shapely.Point(place) for place in places.values()]
    rows = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)
    return rows.astype({name: object for name in rows.columns if name.startswith("valid_")})


def lines(*rows: Mapping[str, object]) -> gpd.GeoDataFrame:
    """One row a section; what is not given is as usual."""
    usual = {
        "part": "whole", "plan_version": "current", "status": "in-force", "category": "high-speed",
        "design_speed_kmh": 300, "valid_from": "2010-01-01", "valid_from_precision": "day",
        "valid_to": None, "valid_to_precision": None, "published_length_km": None,
        "length_covers": None, "geometry_basis": "path", "geometry": None,
    }  # fmt: skip
    full = [usual | {"name_zh": row["id"], "name_en": row["id"]} | dict(row) for row in rows]
    table = {name: [row[name] for row in full] for name in full[0] if name != "geometry"}
    shapes = [row["geometry"] for row in full]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def network(
    rows: gpd.GeoDataFrame, places: gpd.GeoDataFrame, day: dt.date = DAY, **options: object
) -> RailNetwork:
    return network_on(measure_sections(rows, places), places, day, **options)


def graph_of(held: RailNetwork, assumed: Assumptions = PLAIN) -> StateGraph:
    return state_graph(held, assumed, named_stations(held, CITIES))


def place_of(held: RailNetwork, *ids: str) -> np.ndarray:
    return np.array([held.place(id_) for id_ in ids], dtype=int)


@st.composite
def railways(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Lines and stations of a made-up delta, some of them urban, some in one city."""
    count = draw(st.integers(3, 9))
    spots = draw(st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=count, max_size=count,
        unique=True,
    ))  # fmt: skip
    ids = [f"s{number}" for number in range(count)]
    city = {one: draw(st.sampled_from("123")) for one in ids}
    named = {one: f"{CITIES[city[one]][0]}{one}" for one in ids if draw(st.booleans())}
    places = stations(
        {one: (118.0 + x / 20, 31.0 + y / 20) for one, (x, y) in zip(ids, spots, strict=True)},
        city=city, name_zh=named,
    )  # fmt: skip
    rows = []
    for number in range(draw(st.integers(1, 5))):
        stops = draw(st.lists(st.sampled_from(ids), min_size=2, max_size=5, unique=True))
        rows.append({
            "id": f"line{number}", "stations": stops,
            "category": draw(st.sampled_from(("high-speed", "mixed", "suburban", "metro"))),
            "design_speed_kmh": draw(st.sampled_from((80, 160, 200, 250, 350))),
            "valid_from": draw(st.sampled_from(("2009-05-01", "2018-05-01", "2030-01-01"))),
        })  # fmt: skip
    return lines(*rows), places


def chain(*ids: str, step: float = 0.5) -> dict[str, tuple[float, float]]:
    """Stations on one parallel, a step apart."""
    return {one: (118.0 + step * number, 31.0) for number, one in enumerate(ids)}


def line_ids(held: RailNetwork, sections: Sequence[int]) -> list[str]:
    return [held.sections[number].line for number in sections]
