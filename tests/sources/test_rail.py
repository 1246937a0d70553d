"""The rail rows against what can be known without other data: districts, lengths, order, time."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from atlas.core.crs import STORAGE_CRS, distance_km, length_km, to_working
from atlas.core.geometry import geometry_problems
from atlas.core.layer import Layer
from atlas.core.period import as_of
from atlas.core.schema import check_rows, missing_to_none
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.sources import rail
from atlas.sources.boundaries import build_districts
from atlas.sources.inputs import read_facts
from benchmarks.rails import strays

LAYERS = PROJECT / "layers"
RAILWAYS = ("high-speed", "intercity", "mixed")
FIRST_THREE = ("beijing-shanghai-hsr", "shanghai-hangzhou-hsr", "shanghai-nanjing-intercity")
LISTED = (
    "beijing-shanghai-hsr", "shanghai-nanjing-intercity", "shanghai-hangzhou-hsr",
    "nanjing-hangzhou-hsr", "hangzhou-ningbo-hsr", "hangzhou-changsha-hsr",
    "ningbo-taizhou-wenzhou", "wenzhou-fuzhou", "hefei-nanjing", "hefei-wuhan",
    "hefei-bengbu-hsr", "hefei-fuzhou-hsr", "nanjing-anqing", "jinhua-lishui-wenzhou",
    "zhengzhou-xuzhou-hsr", "huaibei-xiaoxian-link", "quzhou-jiujiang", "hangzhou-huangshan-hsr",
    "qingdao-yancheng", "xuzhou-yancheng-hsr", "lianyungang-zhenjiang-hsr", "shangqiu-hefei-hsr",
    "zhengzhou-fuyang-hsr", "hefei-huzhou-hsr", "shanghai-suzhou-nantong", "hefei-anqing-hsr",
    "yancheng-nantong-hsr", "xuzhou-lianyungang-hsr", "anqing-jiujiang-hsr",
    "hangzhou-taizhou-hsr", "huzhou-hangzhou-hsr", "shanghai-nanjing-riverside-hsr",
    "huangshan-nanchang-hsr", "ningbo-jinhua", "chizhou-huangshan-hsr", "hangzhou-wenzhou-hsr",
    "xuancheng-jixi-hsr", "shanghai-suzhou-huzhou-hsr", "hangzhou-quzhou-hsr", "hefei-xinyi-hsr",
    "jinhua-jiande-hsr", "nanjing-qidong",
)  # fmt: skip
"""The 42 lines of the list that the record follows, in its order."""
OUTSIDE_M = {"chuzhou": 184}
"""Stations beside the district of their address, by how much; nothing else is."""
APART = {"dingyuan", "shuijiahu", "yancheng"}
"""Stations that two sources put more than 500 m apart; their notes say why."""
BENDS = {"lianyungang-zhenjiang-hsr", "shanghai-nanjing-hefei-hsr", "nanjing-s6"}
"""Lines that turn back on themselves at a station: each does so on the ground."""


@pytest.fixture(scope="module")
def stations() -> gpd.GeoDataFrame:
    return rail.build_stations()


@pytest.fixture(scope="module")
def lines(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rail.build_lines(stations)


@pytest.fixture(scope="module")
def points(stations: gpd.GeoDataFrame) -> gpd.GeoSeries:
    return stations.drop_duplicates("id").set_index("id").geometry


@pytest.fixture(scope="module")
def districts() -> gpd.GeoDataFrame:
    return build_districts().set_index("id")


def stops_of(row: object, points: gpd.GeoSeries) -> gpd.GeoSeries:
    stops = points.loc[row.stations]
    return stops[stops.notna()]


def chain_km(row: object, points: gpd.GeoSeries) -> float:
    stops = stops_of(row, points)
    return float(distance_km(stops.iloc[:-1], stops.iloc[1:]).sum())


def facts_by_key() -> pd.DataFrame:
    return read_facts("rail-lines").set_index(["id", "part", "plan_version"])


def checked_positions() -> pd.DataFrame:
    """Stations of which two sources that do not know of each other give the position."""
    facts = read_facts("rail-stations").drop_duplicates("id")
    checked = facts[facts["check_lon"] != ""].astype(
        dict.fromkeys(("lon", "lat", "check_lon", "check_lat"), float)
    )
    one, other = (
        gpd.GeoSeries(gpd.points_from_xy(checked[lon], checked[lat]), crs=STORAGE_CRS)
        for lon, lat in (("lon", "lat"), ("check_lon", "check_lat"))
    )
    shift = to_working(gpd.GeoDataFrame(geometry=one)).geometry
    there = to_working(gpd.GeoDataFrame(geometry=other)).geometry
    return checked.assign(
        apart_m=1000 * distance_km(one, other).to_numpy(),
        east_m=(shift.x - there.x).to_numpy(), north_m=(shift.y - there.y).to_numpy(),
    )  # fmt: skip


class TestRecord:
    def test_the_lines_of_the_list_are_all_there(self, lines):
        assert len(LISTED) == 42
        operating = lines[lines["status"] == "in-force"]
        assert set(LISTED) <= set(operating.loc[operating["category"].isin(RAILWAYS), "id"])

    def test_lines_being_built_and_lines_across_cities_too(self, lines):
        assert set(lines.loc[lines["status"] == "under-construction", "id"]) >= {
            "chaohu-maanshan", "huaibei-bengbu", "nantong-ningbo-hsr", "ningbo-zhoushan",
        }  # fmt: skip
        assert {"metro", "suburban"} <= set(lines["category"])

    def test_there_are_more_stations_than_asked(self, stations):
        assert stations["id"].nunique() >= 260
        named = stations[stations["names_old"].map(len) > 0]
        assert len(named) >= 10

    def test_every_stop_has_a_row_and_every_station_a_line(self, stations, lines):
        assert set(stations["id"]) == {stop for stops in lines["stations"] for stop in stops}

    @pytest.mark.parametrize("layer", ["rail-lines", "rail-stations"])
    def test_rows_are_valid(self, layer, stations, lines):
        rows = {"rail-lines": lines, "rail-stations": stations}[layer]
        info = catalogue.read_info(LAYERS, layer)
        records = [
            {name: missing_to_none(value) for name, value in row.items() if name != "geometry"}
            for row in rows.to_dict("records")
        ]
        assert [str(p) for p in check_rows(layer, None, info.columns, records)] == []
        shapes = [
            message
            for shape, basis in zip(rows.geometry, rows["geometry_basis"], strict=True)
            for message in geometry_problems(info.kind, basis, shape)
        ]
        assert shapes == []

    def test_what_is_said_is_said_in_both_languages(self, stations, lines):
        for rows in (stations, lines):
            for name in ("method", "notes"):
                assert (rows[f"{name}_zh"].isna() == rows[f"{name}_en"].isna()).all()
        assert (lines["length_covers_zh"].isna() == lines["length_covers_en"].isna()).all()

    def test_every_row_names_a_page_or_says_that_there_is_none(self, stations, lines):
        assert lines["source_url"].str.startswith("http").all()
        placed = stations[stations.geometry.notna()]
        assert placed["source_url"].str.startswith("http").all()

    def test_building_twice_gives_the_same(self, stations, lines):
        assert_geodataframe_equal(rail.build_stations(), stations)
        assert_geodataframe_equal(rail.build_lines(stations), lines)


class TestPositions:
    def test_every_station_is_in_its_district_or_within_300_m(self, stations, districts):
        placed = stations[stations.geometry.notna()].drop_duplicates("id")
        polygons = to_working(districts).geometry
        apart_m = {
            station: point.distance(polygons.loc[district])
            for station, point, district in zip(
                placed["id"], to_working(placed).geometry, placed["district"], strict=True
            )
        }
        outside = {station: round(metres) for station, metres in apart_m.items() if metres > 0}
        assert outside == OUTSIDE_M
        assert (districts.loc[placed["district"], "city"].to_numpy() == placed["city"]).all()

    def test_hongqiao_is_wgs_84_and_not_gcj_02(self, points):
        known = {"WGS 84": (121.316, 31.196), "GCJ-02": (121.320, 31.194)}
        hongqiao = gpd.GeoSeries([points["shanghai-hongqiao"]], crs=STORAGE_CRS)
        apart_m = {
            datum: 1000 * distance_km(
                hongqiao, gpd.GeoSeries([shapely.Point(place)], crs=STORAGE_CRS)
            ).iloc[0]
            for datum, place in known.items()
        }  # fmt: skip
        assert apart_m["WGS 84"] < 60
        assert apart_m["GCJ-02"] > 350

    def test_two_sources_agree_far_better_than_a_datum_shift(self):
        found = checked_positions()
        assert len(found) > 80
        assert found["apart_m"].median() < 60
        assert found["apart_m"].quantile(0.9) < 300
        assert abs(found["east_m"].median()) < 20
        assert abs(found["north_m"].median()) < 20

    def test_sources_more_than_500_m_apart_are_explained(self, stations):
        found = checked_positions()
        assert set(found.loc[found["apart_m"] > 500, "id"]) == APART
        notes = stations.set_index("id").loc[sorted(APART), "notes_en"]
        assert notes.str.contains("sources|older station").all()

    def test_the_accuracy_covers_what_two_sources_differ(self, stations):
        found = checked_positions()
        stated = stations.drop_duplicates("id").set_index("id")["accuracy_m"]
        assert (stated.loc[found["id"]].to_numpy() >= found["apart_m"]).all()


class TestLengths:
    def test_chains_of_stations_are_a_little_shorter_than_the_published_length(self, lines, points):
        facts = facts_by_key()
        compared = {}
        for row in lines[lines["length_covers"] == "exact"].itertuples():
            wanted = float(facts.loc[(row.id, row.part, row.plan_version), "section_km"])
            compared[row.id, row.part, row.plan_version] = chain_km(row, points) / wanted
        wrong = {key: ratio for key, ratio in compared.items() if not 0.88 <= ratio <= 1.0}
        assert wrong == {}
        assert len(compared) >= 35
        print(f"{len(compared)} lengths compared")

    def test_other_lengths_say_why_they_are_not_compared(self, lines):
        others = lines[lines["length_covers"].isin(["whole-line", "other-extent"])]
        assert others["length_covers_zh"].str.len().min() > 4
        assert others["length_covers_en"].str.len().min() > 4
        assert set(lines["length_covers"].dropna()) == {"exact", "whole-line", "other-extent"}

    def test_tracks_are_as_long_as_published(self, lines):
        facts = facts_by_key()
        ratios = {}
        exact = lines[(lines["length_covers"] == "exact") & (lines["geometry_basis"] == "track")]
        for row, km in zip(exact.itertuples(), length_km(exact.geometry), strict=True):
            wanted = float(facts.loc[(row.id, row.part, row.plan_version), "section_km"])
            ratios[row.id] = km / wanted
        assert len(ratios) >= 8
        assert min(ratios.values()) > 0.93
        assert max(ratios.values()) < 1.06


class TestRoutes:
    def test_no_station_is_a_detour(self, lines, points):
        for row in lines.itertuples():
            stops = stops_of(row, points)
            if len(stops) < 3:
                continue
            legs = distance_km(stops.iloc[:-1], stops.iloc[1:]).to_numpy()
            two = distance_km(stops.iloc[:-2], stops.iloc[2:]).to_numpy()
            detour = (legs[:-1] + legs[1:]) / two
            assert detour.max() < (1.8 if row.id in BENDS else 1.35), (row.id, row.part)

    def test_tracks_pass_their_stations_in_order(self, lines, points):
        for row in lines[lines["geometry_basis"] == "track"].itertuples():
            track = to_working(gpd.GeoDataFrame(geometry=[row.geometry], crs=STORAGE_CRS))
            stops = stops_of(row, points)
            placed = to_working(gpd.GeoDataFrame(geometry=stops, crs=STORAGE_CRS)).geometry
            line = track.geometry.iloc[0]
            assert placed.distance(line).max() < 300, row.id
            along = [line.project(stop) for stop in placed]
            assert along == sorted(along), row.id
            assert along[0] < 300
            assert line.length - along[-1] < 300

    def test_tracks_turn_no_corner_that_a_fast_train_could_not(self, lines):
        for row in lines[lines["geometry_basis"] == "track"].itertuples():
            track = to_working(gpd.GeoDataFrame(geometry=[row.geometry], crs=STORAGE_CRS))
            xy = shapely.get_coordinates(track.geometry.iloc[0])
            heading = np.degrees(np.arctan2(*np.diff(xy, axis=0).T))
            turn = np.abs((np.diff(heading) + 180) % 360 - 180)
            assert turn.max() < 75, row.id

    @pytest.mark.parametrize("year", range(2008, 2027))
    def test_the_network_of_each_year_is_connected_or_its_islands_are_known(
        self, lines, stations, year
    ):
        """Before 2013 the coast from Ningbo southward, in 2018 the coast of Jiangsu."""
        operating = lines[lines["status"].eq("in-force") & lines["category"].isin(RAILWAYS)]
        rows = as_of(operating, dt.date(year, 12, 31))
        city = stations.drop_duplicates("id").set_index("id")["city"]
        linked = defaultdict(set)
        for stops in rows["stations"]:
            for one, other in itertools.pairwise(stops):
                linked[one].add(other)
                linked[other].add(one)
        for group in pd.Series(list(linked)).groupby(city.loc[list(linked)].to_numpy()):
            first, *others = group[1]
            for other in others:
                linked[first].add(other)
                linked[other].add(first)
        islands = []
        left = set(linked)
        while left:
            edge, met = {next(iter(sorted(left)))}, set()
            while edge:
                met |= edge
                edge = set().union(*(linked[one] for one in edge)) - met
            islands.append(met)
            left -= met
        small = sorted(islands, key=len)[:-1]
        known = {2009: "hefei", 2018: "lianyungang"} | dict.fromkeys(
            range(2010, 2013), "taizhou-west-zhejiang"
        )
        assert [known[year] in island for island in small] == ([True] if year in known else [])

    def test_the_accuracy_of_straight_sections_covers_how_far_known_tracks_stray(
        self, lines, points
    ):
        assert np.quantile(strays(lines, points), 0.95) < 1 / 3
        straight = lines[lines["geometry_basis"] == "path"]
        for row in straight.itertuples():
            stops = stops_of(row, points)
            longest_m = 1000 * distance_km(stops.iloc[:-1], stops.iloc[1:]).max()
            if row.id != "huzhou-hangzhou-hsr":  # a track as far as Hangzhou West
                assert row.accuracy_m >= longest_m / 3, row.id


class TestTime:
    @pytest.mark.parametrize(
        ("year", "published_km", "within"),
        [(2018, 4150, 0.02), (2019, 4997, 0.02), (2020, 6008, 0.01), (2022, 6704.4, 0.02),
         (2023, 7100, 0.01), (2024, 7700, 0.01), (2025, 8100, 0.01)],
    )  # fmt: skip
    def test_kilometres_by_year_are_near_the_published_totals(
        self, lines, year, published_km, within
    ):
        """What each total counts is not published; docs/layers/rail-lines.md tells what differs."""
        operating = lines[lines["status"].eq("in-force") & lines["category"].isin(RAILWAYS)]
        rows = as_of(operating, dt.date(year, 12, 31))
        km = length_km(rows.geometry[rows.geometry.notna()]).sum()
        assert km == pytest.approx(published_km, rel=within)

    def test_the_published_totals_are_kept_with_their_words(self):
        totals = read_facts("rail-kilometres")
        assert set(totals["year"]) >= {"2018", "2023", "2025"}
        assert totals[["what_zh", "what_en"]].ne("").all(axis=None)

    def test_the_corrections_of_common_lists_are_followed(self, lines):
        opened = lines.drop_duplicates("id", keep="first").set_index("id")["valid_from"]
        assert opened["xuancheng-jixi-hsr"] == "2024-10-11"
        assert opened["ningbo-jinhua"] == "2023-12-31"
        assert opened["yancheng-nantong-hsr"] == "2020-12-30"

    @pytest.mark.parametrize(
        ("station", "before", "after", "day"),
        [("shanghai-songjiang", "松江南", "上海松江", "2024-05-22"),
         ("linping-south", "余杭", "临平南", "2021-11-18"),
         ("shaoxing-east", "上虞北", "绍兴东", "2016-12-01"),
         ("taizhou-west-zhejiang", "台州", "台州西", "2021-06-25"),
         ("wuhu-south", "弋江", "芜湖南", "2019-01-01"),
         ("pingyang", "鳌江", "平阳", "2022-01-01")],
    )  # fmt: skip
    def test_a_renamed_station_has_a_row_a_name(self, stations, station, before, after, day):
        rows = stations[stations["id"] == station].sort_values("valid_from")
        assert list(rows["name_zh"]) == [before, after]
        assert rows["valid_to"].iloc[0] == rows["valid_from"].iloc[1] == day
        assert rows["names_old"].iloc[1] == [before]

    def test_a_station_that_was_rebuilt_is_closed_meanwhile(self, stations):
        for day, there in (("2021-09-14", 1), ("2022-06-01", 0), ("2024-09-06", 1)):
            rows = as_of(stations[stations["id"] == "wenzhou-north"], dt.date.fromisoformat(day))
            assert len(rows) == there

    def test_lines_change_stations_with_them(self, lines):
        rows = lines[lines["id"] == "hefei-nanjing"]
        before, after = (as_of(rows, dt.date(year, 6, 1)).iloc[0] for year in (2010, 2020))
        assert before["stations"][0] == "hefei"
        assert after["stations"][0] == "hefei-south"

    def test_what_is_not_open_says_when_it_is_expected(self, lines):
        building = lines[lines["status"] == "under-construction"]
        assert building["expected"].notna().sum() >= 6
        assert lines.loc[lines["status"] == "in-force", "expected"].isna().all()


def test_the_first_three_tracks_are_as_they_were(lines):
    """Corridors are drawn from them."""
    edition = catalogue.read_editions(LAYERS, "rail-lines")[0]
    first: Layer = catalogue.read_layer(LAYERS, edition)
    now = lines.set_index("id").geometry.loc[list(FIRST_THREE)]
    then = first.features.set_index("id").geometry.loc[list(FIRST_THREE)]
    assert now.geom_equals_exact(then, 0).all()
