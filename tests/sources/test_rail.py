"""The rail rows against what can be known without other data: districts, lengths, order."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from atlas.core.crs import STORAGE_CRS, distance_km, length_km, to_working
from atlas.core.geometry import geometry_problems
from atlas.core.schema import Column, check_rows, missing_to_none
from atlas.errors import SourceError
from atlas.sources import rail
from atlas.sources.boundaries import build_districts
from atlas.sources.inputs import read_facts

PLAN_COLUMNS = (
    Column("category", required=True, values=("high-speed", "intercity")),
    Column("document"),
    Column("issuer"),
    Column("issued", "day"),
    Column("issued_precision"),
    Column("source_url"),
    Column("events", "events", required=True),
)
STATION_COLUMNS = (
    *PLAN_COLUMNS,
    Column("city", required=True),
    Column("district", required=True),
    Column("names_old", "texts", required=True),
)
LINE_COLUMNS = (
    *PLAN_COLUMNS,
    Column("design_speed_kmh", "integer"),
    Column("stations", "texts", required=True),
    Column("published_length_km", "number"),
    Column("length_covers", values=("exact", "whole-line")),
    Column("length_covers_zh"),
    Column("length_covers_en"),
)
LINES = ("beijing-shanghai-hsr", "shanghai-hangzhou-hsr", "shanghai-nanjing-intercity")


@pytest.fixture(scope="module")
def stations() -> gpd.GeoDataFrame:
    return rail.build_stations()


@pytest.fixture(scope="module")
def lines(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rail.build_lines(stations)


@pytest.fixture(scope="module")
def districts() -> gpd.GeoDataFrame:
    return build_districts().set_index("id")


def stops_of(line: str, lines: gpd.GeoDataFrame, stations: gpd.GeoDataFrame) -> gpd.GeoSeries:
    ids = lines.set_index("id").loc[line, "stations"]
    return stations.set_index("id").geometry.loc[ids]


def leg_km(stops: gpd.GeoSeries, *, step: int = 1) -> np.ndarray:
    return distance_km(stops.iloc[:-step], stops.iloc[step:]).to_numpy()


def section_km(line: str) -> float:
    return float(read_facts("rail-lines").set_index("id").loc[line, "section_km"])


def problems(kind: str, rows: gpd.GeoDataFrame, columns: tuple[Column, ...]) -> list[str]:
    records = [
        {name: missing_to_none(value) for name, value in row.items() if name != "geometry"}
        for row in rows.to_dict("records")
    ]
    shapes = [
        message
        for geometry, basis in zip(rows.geometry, rows["geometry_basis"], strict=True)
        for message in geometry_problems(kind, basis, geometry)
    ]
    return [*map(str, check_rows("rail", None, columns, records)), *map(str, shapes)]


def test_the_first_edition_holds_three_lines_and_their_41_stations(stations, lines):
    assert tuple(lines["id"]) == LINES
    assert len(stations) == 41
    assert set(stations["id"]) == {stop for stops in lines["stations"] for stop in stops}
    assert [len(stops) for stops in lines["stations"]] == [13, 9, 21]


def test_rows_are_valid_and_ordered(stations, lines):
    assert problems("point", stations, STATION_COLUMNS) == []
    assert problems("line", lines, LINE_COLUMNS) == []
    assert stations["id"].is_monotonic_increasing
    assert stations["name_zh"].is_unique
    assert lines["id"].is_monotonic_increasing


def test_what_is_said_is_said_in_both_languages(stations, lines):
    for rows in (stations, lines):
        for name in ("method", "notes"):
            assert (rows[f"{name}_zh"].isna() == rows[f"{name}_en"].isna()).all()
    assert lines[["length_covers_zh", "length_covers_en"]].notna().all(axis=None)


def test_building_twice_gives_the_same(stations, lines):
    assert_geodataframe_equal(rail.build_stations(), stations)
    assert_geodataframe_equal(rail.build_lines(stations), lines)


def test_every_station_is_in_its_district_or_within_300_m(stations, districts):
    points = to_working(stations).set_index("id")
    polygons = to_working(districts).geometry
    apart_m = {
        station: point.distance(polygons.loc[district])
        for station, point, district in zip(
            points.index, points.geometry, points["district"], strict=True
        )
    }
    assert max(apart_m.values()) <= 300.0
    assert [station for station, metres in apart_m.items() if metres > 0] == ["chuzhou"]
    assert (districts.loc[stations["district"], "city"].to_numpy() == stations["city"]).all()


def test_positions_are_wgs_84_and_not_gcj_02(stations):
    hongqiao = stations[stations["id"] == "shanghai-hongqiao"].geometry
    known = {"WGS 84": (121.316, 31.196), "GCJ-02": (121.320, 31.194)}
    apart_m = {
        datum: 1000 * distance_km(hongqiao, gpd.GeoSeries([shapely.Point(place)], crs=4326)).iloc[0]
        for datum, place in known.items()
    }
    assert apart_m["WGS 84"] < 60
    assert apart_m["GCJ-02"] > 350


def test_two_sources_agree_far_better_than_a_datum_shift():
    facts = read_facts("rail-stations")
    checked = facts[facts["check_lon"] != ""].astype(
        dict.fromkeys(("lon", "lat", "check_lon", "check_lat"), float)
    )
    apart_m = 1000 * distance_km(
        gpd.GeoSeries(gpd.points_from_xy(checked["lon"], checked["lat"]), crs=STORAGE_CRS),
        gpd.GeoSeries(
            gpd.points_from_xy(checked["check_lon"], checked["check_lat"]), crs=STORAGE_CRS
        ),
    )
    assert len(apart_m) == 32
    assert apart_m.median() < 45
    assert (apart_m < 320).sum() == 31


@pytest.mark.parametrize("line", LINES)
def test_chain_of_stations_is_a_little_shorter_than_the_published_length(line, lines, stations):
    chain_km = leg_km(stops_of(line, lines, stations)).sum()
    assert 0.88 <= chain_km / section_km(line) <= 1.0


@pytest.mark.parametrize("line", LINES)
def test_track_is_as_long_as_published(line, lines):
    track_km = length_km(lines.set_index("id").geometry).loc[line]
    assert 0.98 <= track_km / section_km(line) <= 1.0


@pytest.mark.parametrize("line", LINES)
def test_no_station_is_a_detour(line, lines, stations):
    stops = stops_of(line, lines, stations)
    legs = leg_km(stops)
    detour = (legs[:-1] + legs[1:]) / leg_km(stops, step=2)
    assert detour.max() < 1.12


@pytest.mark.parametrize("line", LINES)
def test_track_passes_its_stations_in_order(line, lines, stations):
    track = to_working(lines).set_index("id").geometry.loc[line]
    stops = to_working(stations).set_index("id").geometry.loc[stops_of(line, lines, stations).index]
    assert stops.distance(track).max() < 200
    along = [track.project(stop) for stop in stops]
    assert along == sorted(along)
    assert along[0] < 200
    assert track.length - along[-1] < 200


@pytest.mark.parametrize("line", LINES)
def test_track_turns_no_corner_that_a_fast_train_could_not(line, lines):
    xy = shapely.get_coordinates(to_working(lines).set_index("id").geometry.loc[line])
    heading = np.degrees(np.arctan2(*np.diff(xy, axis=0).T))
    turn = np.abs((np.diff(heading) + 180) % 360 - 180)
    assert turn.max() < 45


def test_published_length_is_compared_only_where_it_is_exact(lines):
    exact = lines[lines["length_covers"] == "exact"]
    assert list(exact["id"]) == ["shanghai-hangzhou-hsr", "shanghai-nanjing-intercity"]
    assert [section_km(line) for line in exact["id"]] == list(exact["published_length_km"])


def test_old_names_and_opening_days_are_kept(stations, lines):
    rows = stations.set_index("id")
    assert rows.loc["shanghai-songjiang", "names_old"] == ["松江南"]
    assert rows.loc["linping-south", "names_old"] == ["余杭"]
    assert rows.loc["dingyuan", "valid_from"] == "2011-06-30"
    assert pd.isna(rows.loc["nanjing", "valid_from"])
    assert list(lines["valid_from"]) == ["2011-06-30", "2010-10-26", "2010-07-01"]
    assert [events[0]["date"] for events in lines["events"]] == list(lines["valid_from"])


def change(monkeypatch: pytest.MonkeyPatch, table: str, **values: str) -> None:
    """Let the builder read one table with other values in its first row."""

    def read(name: str) -> pd.DataFrame:
        facts = read_facts(name)
        if name == table:
            facts.loc[0, list(values)] = list(values.values())
        return facts

    monkeypatch.setattr(rail, "read_facts", read)


def test_a_section_without_a_track_runs_straight_from_station_to_station(monkeypatch, stations):
    change(monkeypatch, "rail-lines", track="", source="straight", accuracy_m="4000")
    row = rail.build_lines(stations).iloc[0]
    assert row["geometry_basis"] == "path"
    assert row["accuracy_m"] == 4000
    assert row["geometry"].coords[0] == stations.set_index("id").geometry["xuzhou-east"].coords[0]
    assert len(row["geometry"].coords) == 13
    assert row["method_en"].startswith("Straight")
    assert "github" not in row["source_url"]


def test_a_stop_without_a_row_stops_the_build(monkeypatch, stations):
    change(monkeypatch, "rail-lines", stations="xuzhou-east atlantis")
    with pytest.raises(SourceError, match="atlantis"):
        rail.build_lines(stations)


def test_an_unknown_source_stops_the_build(monkeypatch):
    change(monkeypatch, "rail-stations", source="hearsay")
    with pytest.raises(SourceError, match="hearsay"):
        rail.build_stations()
