"""Rail reach on the real record: its rules over all openings, its questions, its words."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely

from atlas.analysis.journeys import all_pairs, groups
from atlas.analysis.rail_network import measure_sections, network_on, straight_km
from atlas.analysis.rail_states import state_graph
from atlas.analysis.travel_time import DEFAULT
from atlas.core.crs import STORAGE_CRS
from atlas.errors import LineUnknown, NetworkEmpty, PlaceUnknown, StationClosed
from atlas.i18n import LANGUAGES
from atlas.operations import reach_check, reach_map, reach_output
from atlas.operations.folder import PROJECT
from atlas.operations.rail import Model, Rail, expected_lines, model_on, own_section, read_rail
from atlas.operations.rail_places import find_origin
from atlas.operations.reach import (
    LIMITS_MIN,
    Reach,
    Residents,
    live_within,
    reach_from,
    read_residents,
    way_to,
)
from atlas.operations.reach_areas import CORES, core_reach, read_areas, weak_links
from atlas.operations.reach_line_words import belt_lengths, tell_what_if
from atlas.operations.reach_matrix import CityMatrix, city_matrix
from atlas.operations.reach_sensitivity import sensitivity
from atlas.operations.reach_what_if import what_if
from atlas.operations.reach_words import (
    minutes_text,
    people_text,
    tell_beyond,
    tell_city,
    tell_core,
    tell_fit,
    tell_link,
    tell_living,
    tell_matrix,
    tell_way,
    tell_within,
)

LAYERS = PROJECT / "layers"
KNOWN_BY = DAY = dt.date(2026, 11, 25)
NANTONG_NINGBO = "nantong-ningbo-hsr"


@cache
def rail() -> Rail:
    return read_rail(LAYERS, known_by=KNOWN_BY)


@cache
def model(day: dt.date = DAY, *include: str) -> Model:
    return model_on(rail(), day, include=include)


@cache
def matrix(day: dt.date = DAY) -> CityMatrix:
    return city_matrix(model(day))


@cache
def residents() -> Residents:
    return read_residents(LAYERS, day=DAY, known_by=KNOWN_BY)


def reach(words: str, day: dt.date = DAY) -> Reach:
    return reach_from(model(day), find_origin(model(day), words))


def openings() -> list[dt.date]:
    days = {s.opened for s in rail().sections if s.status == "in-force" and s.opened}
    return sorted(map(dt.date.fromisoformat, days))


class TestRecord:
    """Rules that hold over the whole record."""

    def test_there_is_a_record(self) -> None:
        assert len(openings()) > 40
        assert len(model().network.stations) > 400

    def test_the_network_of_a_day_has_only_what_had_opened(self) -> None:
        for day in openings():
            for section in model(day).network.sections:
                assert section.opened is not None
                assert section.opened <= day.isoformat()
                assert section.status == "in-force"

    @pytest.mark.parametrize("year", range(2010, 2027, 4))
    def test_times_are_the_same_both_ways_and_never_faster_than_the_fastest_line(
        self, year: int
    ) -> None:
        held = model(dt.date(year, 11, 25))
        found = all_pairs(held.graph)
        assert np.array_equal(np.isinf(found), np.isinf(found.T))
        finite = np.isfinite(found)
        assert np.allclose(found[finite], found.T[finite])
        fastest = max(s.speed_kmh for s in held.network.sections if np.isfinite(s.speed_kmh))
        assert (found >= straight_km(held.network) / fastest * 60 - 1e-6).all()

    def test_a_way_over_another_station_is_no_shorter_with_its_change(self) -> None:
        found = matrix().minutes
        over = found[:, :, None] + DEFAULT.interchange_min + found[None, :, :]
        # Ways over a city may use two of its stations: to change there takes longer.
        stations = all_pairs(model().graph, np.flatnonzero(model().principal))
        stations = stations[:, model().principal]
        over = stations[:, :, None] + DEFAULT.interchange_min + stations[None, :, :]
        assert (stations[:, None, :] <= over + 1e-6).all()

    def test_a_new_line_makes_no_pair_slower_on_the_day_it_opens(self) -> None:
        for day in openings()[1:]:
            held = model(day)
            new = {s.key for s in held.network.sections if s.opened == day.isoformat()}
            # Versions of a section that only end earlier or call elsewhere are no new line.
            new -= {s.key for s in rail().sections if s.opened and s.opened < day.isoformat()}
            if not new:
                continue
            older = replace(
                held.network, sections=tuple(s for s in held.network.sections if s.key not in new)
            )
            served = {stop for s in older.sections for stop in s.stops}
            places = np.flatnonzero(held.network.stations["id"].isin(served).to_numpy())
            before = all_pairs(state_graph(older, DEFAULT, held.named), places)[:, places]
            after = all_pairs(held.graph, places)[:, places]
            assert (after <= before + 1e-6).all(), day

    def test_every_city_with_a_station_is_reached_or_named(self) -> None:
        for day in (dt.date(2010, 12, 31), dt.date(2013, 7, 1), DAY):
            held = model(day)
            found = reach("上海", day)
            reached = {city.city for city in found.cities if np.isfinite(city.minutes)}
            assert reached | set(found.beyond()) == set(held.names)
            assert not reached & set(found.beyond())
        assert "330900" in reach("上海").beyond(), "Zhoushan has no railway yet"

    def test_a_network_that_falls_apart_names_its_pieces(self) -> None:
        early = matrix(dt.date(2009, 12, 31))
        assert len(early.islands) == 2
        assert early.apart()
        assert groups(model(dt.date(2009, 12, 31)).graph).max() == 1
        assert len(matrix().islands) == 1

    def test_sections_follow_their_tracks_and_published_lengths(self) -> None:
        by_key = {s.key: s for s in rail().sections if s.status == "in-force"}
        jinghu = by_key["beijing-shanghai-hsr/xuzhou-east-shanghai-hongqiao"]
        assert set(jinghu.bases) == {"track"}
        assert jinghu.km.sum() == pytest.approx(626, rel=0.02), "1,318 − 692 km"
        assert by_key["xuzhou-lianyungang-hsr"].km.sum() == pytest.approx(185)


class TestPlaces:
    """Who asks may write Chinese, English, pinyin or a code."""

    @pytest.mark.parametrize(
        ("words", "address"),
        [
            ("南京", "cities:320100"), ("南京市", "cities:320100"), ("Nanjing", "cities:320100"),
            ("nanjing", "cities:320100"), ("njs", "cities:320100"),
            ("cities:320100", "cities:320100"), ("320100", "cities:320100"),
            ("南京南", "rail-stations:nanjing-south"),
            ("Nanjing South", "rail-stations:nanjing-south"),
            ("nanjing-south", "rail-stations:nanjing-south"),
            ("rail-stations:nanjing", "rail-stations:nanjing"),
            ("上虞北", "rail-stations:shaoxing-east"),
        ],
    )  # fmt: skip
    def test_a_place_is_found(self, words: str, address: str) -> None:
        assert find_origin(model(), words).address == address

    def test_two_cities_of_one_name_are_named_both(self) -> None:
        with pytest.raises(PlaceUnknown, match=r"cities:320500.*cities:341300"):
            find_origin(model(), "suzhou")

    @pytest.mark.parametrize(
        ("words", "near"),
        [("nankin", "南京市"), ("杭洲", "杭州"), ("Hangzhow", "杭州市"), ("xuanchen", "宣城市")],
    )
    def test_what_is_no_place_is_told_with_what_is_near(self, words: str, near: str) -> None:
        with pytest.raises(PlaceUnknown, match=near):
            find_origin(model(), words)

    def test_what_is_like_nothing_has_nothing_near(self) -> None:
        with pytest.raises(PlaceUnknown, match="none"):
            find_origin(model(), "%%%%")

    @pytest.mark.parametrize(
        ("words", "day", "why"),
        [
            ("杭州西", dt.date(2020, 1, 1), "it opened on 2022-09-22"),
            ("温州北", dt.date(2022, 1, 1), "closed from 2021-09-15 to 2024-09-06"),
            ("上海东", DAY, "it is to come"),
            ("舟山", DAY, "no line of the record"),
            ("徐州", dt.date(2010, 12, 31), "it opened on 2011-06-30"),
        ],
    )
    def test_a_station_that_is_not_open_says_why(self, words: str, day: dt.date, why: str) -> None:
        with pytest.raises(StationClosed, match=why):
            find_origin(model(day), words)

    def test_a_day_before_all_railways_says_when_they_began(self) -> None:
        with pytest.raises(NetworkEmpty, match="2008-04-18"):
            model_on(rail(), dt.date(1990, 1, 1))


class TestReach:
    """Where one can be, and who lives there."""

    def test_more_minutes_reach_more(self) -> None:
        found = reach("南京")
        areas = [live_within(found, residents(), minutes) for minutes in LIMITS_MIN]
        for fewer, more in pairwise(areas):
            assert fewer.area_km2 < more.area_km2
            assert fewer.by_area < more.by_area
            assert fewer.by_settlements <= more.by_settlements
        assert [len(found.within(m)) for m in LIMITS_MIN] == sorted(
            len(found.within(m)) for m in LIMITS_MIN
        )
        assert all(city.minutes + 10 <= 60 for city in found.within(60))

    def test_before_boarding_there_is_only_the_way_around_the_station(self) -> None:
        found = reach("nanjing-south")
        shape = found.shape(9)
        radius = 9 / 60 * DEFAULT.access_kmh
        assert shape.area / 1e6 == pytest.approx(np.pi * radius**2, rel=0.01)

    def test_all_of_the_delta_has_the_census_of_its_districts(self) -> None:
        whole = shapely.union_all(residents().people.index.shapes)
        everyone = float(np.nansum(residents().people.residents))
        found = reach("南京")
        living = reach_output.living_values
        from atlas.analysis.reach_area import living as live

        assert live(whole, residents().people).by_area == pytest.approx(everyone, rel=1e-6)
        assert set(living(live_within(found, residents(), 60))) == {
            "area_km2", "residents_census_by_area", "residents_geonames_settlements",
            "settlements", "settlements_of_unknown_population",
        }  # fmt: skip

    def test_the_way_is_told_leg_by_leg(self) -> None:
        found = reach("南京")
        end = find_origin(model(), "黄山")
        way = way_to(found, end)
        told = {lang: tell_way(model(), way, ("A", "B"), lang) for lang in LANGUAGES}
        assert "宣绩高速铁路" in told["zh"]
        assert "without a change" in told["en"]
        assert "no train" in tell_way(model(), None, ("A", "B"), "en")
        assert "the same place" in tell_way(model(), way_to(found, found.origin), ("A", "A"), "en")

    def test_words_say_the_day_the_boarding_and_the_methods(self) -> None:
        found = reach("南京")
        told = tell_within(found, 60, "zh")
        assert "2026-11-25" in told
        assert "含进站候车10分钟" in told
        living = tell_living(live_within(found, residents(), 60), "en")
        assert "census" in living
        assert "GeoNames" in living
        assert "舟山市" in tell_beyond(found, "zh")
        assert "no other city" in tell_within(found, 11, "en")

    def test_lines_to_come_count_where_asked_and_are_named(self) -> None:
        later = model(dt.date(2030, 12, 31), "under-construction")
        found = reach_from(later, find_origin(later, "南通"))
        now = reach("南通")
        assert len(found.within(60)) > len(now.within(60))
        assert "在建" in tell_within(found, 60, "zh")

    def test_numbers_of_people_and_minutes_in_words(self) -> None:
        assert people_text(8_520_214, "zh") == "852万"
        assert people_text(52_014, "zh") == "5.2万"
        assert people_text(5_201, "zh") == "5,200"
        assert people_text(812_345, "en") == "812,300"
        assert minutes_text(np.inf, "en") == "no train"

    def test_bands_lie_beside_each_other(self) -> None:
        frame = reach_output.band_shapes(reach("南京"))
        assert frame.crs == STORAGE_CRS
        plane = frame.geometry
        whole = shapely.union_all(plane.to_numpy()).area
        assert shapely.area(plane.to_numpy()).sum() == pytest.approx(whole, rel=1e-6)

    def test_what_matters_most_for_the_area_comes_first(self) -> None:
        rows = sensitivity(reach("南京"), 60)
        assert len(rows) == len(DEFAULT.key())
        assert rows[0].name in ("access_kmh", "access_most_min")
        by_name = {row.name: row for row in rows}
        assert by_name["factor_fast"].lower.median_min > by_name["factor_fast"].upper.median_min
        assert by_name["urban_ms2"].spread < 1


class TestMatrix:
    """City by city."""

    def test_the_matrix_holds_every_pair_once(self) -> None:
        rows = reach_output.matrix_rows(matrix())
        count = len(matrix().codes)
        assert len(rows) == count * (count - 1) // 2
        assert all(row["minutes"] > 0 for row in rows)
        assert all(row["detour"] >= 1 or row["changes"] for row in rows)

    def test_direct_lines_are_those_with_a_station_in_both(self) -> None:
        place = {code: number for number, code in enumerate(matrix().codes)}
        pair = (place["310000"], place["320100"])
        assert "beijing-shanghai-hsr" in matrix().direct[pair]
        without = set(matrix().without_direct())
        assert not without & set(matrix().direct)
        count = len(place)
        assert len(without) + len(matrix().direct) == count * (count - 1) // 2

    def test_the_middle_of_the_network_is_near_and_passed(self) -> None:
        stations = model().network.stations["id"].to_numpy()
        top = set(stations[np.argsort(-matrix().over)[:8]])
        assert "nanjing-south" in top
        nearest = {matrix().codes[place] for place in np.argsort(-matrix().closeness)[:8]}
        assert "320100" in nearest
        assert "341600" not in nearest

    def test_words_and_files_hold_the_same_numbers(self) -> None:
        values = reach_output.matrix_values(matrix())
        json.dumps(values)
        lines = list(csv.DictReader(io.StringIO(
            reach_output.matrix_csv(matrix()).decode("utf-8-sig")
        )))  # fmt: skip
        assert len(lines) == len(values["pairs"])
        hour = sum(float(line["minutes"]) <= 60.05 for line in lines)
        told = tell_matrix(matrix(), "en")
        assert f"{hour} pairs are within an hour" in told
        assert "Zhoushan" in told
        assert "京沪高速铁路" in tell_city(matrix(), "320100", "zh")
        assert values["assumptions"]["access_kmh"]["value"] == DEFAULT.access_kmh

    def test_no_train_joins_some_pairs_of_an_early_network(self) -> None:
        early = dt.date(2009, 12, 31)
        assert "No train joins" in tell_matrix(matrix(early), "en")
        rows = reach_output.matrix_rows(matrix(early))
        apart = [row for row in rows if row["minutes"] is None]
        assert apart
        assert all(row["km"] is None and row["changes"] is None for row in apart)


class TestAreas:
    """Metropolitan areas."""

    def test_every_core_has_its_circle_against_its_plan(self) -> None:
        areas, _ = read_areas(LAYERS, day=DAY, known_by=KNOWN_BY)
        cores = core_reach(model(), areas, residents())
        assert {core.core for core in cores} == {code for held in CORES.values() for code in held}
        for core in cores:
            assert 0 < core.share < 1
            assert core.inside.area_km2 <= core.whole.area_km2
            for lang in LANGUAGES:
                assert tell_core(core, model(), lang)
        older = [core.plan.id for core in cores if core.plan.older]
        assert older == ["hangzhou-metropolitan-area"], "the plan of 2023 has no extent"

    def test_links_are_ranked_slowest_first_and_mended_by_what_helps_most(self) -> None:
        areas, _ = read_areas(LAYERS, day=DAY, known_by=KNOWN_BY)
        links = weak_links(model(), areas)
        speeds = [link.kmh for link in links]
        assert speeds == sorted(speeds)
        lines = expected_lines(rail(), DAY)
        mended = [link for link in links if link.mender]
        assert mended
        assert {link.mender for link in mended} <= set(lines)
        assert all(link.saved_min >= 3 for link in mended)
        names = {section.line: section.name for section in rail().sections}
        for lang in LANGUAGES:
            assert tell_link(mended[0], model(), names, lang)
        values = reach_output.areas_values(model(), core_reach(model(), areas, residents()), links)
        json.dumps(values)


class TestWhatIf:
    """What a line changes."""

    def test_a_planned_line_brings_cities_nearer_and_crosses_belts(self) -> None:
        found = what_if(rail(), NANTONG_NINGBO, DAY, include=(), assumed=DEFAULT,
                        residents=residents())  # fmt: skip
        best = found.gains[0]
        assert {best.one, best.other} <= {"320600", "330200", "320900", "321200"}
        assert all(gain.saved_min >= 1 for gain in found.gains)
        assert all(pair.after.by_area >= pair.before.by_area for pair in found.nearer)
        belts = belt_lengths(found)
        assert any(name["en"].startswith("Yangtze") for name, _, _ in belts)
        assert all(size > 0 for _, _, size in belts)
        own = sum(float(section.km.sum()) for section in found.sections)
        assert float(found.belts.crossing.union.sum()) < own
        for lang in LANGUAGES:
            assert found.name[lang] in tell_what_if(found, lang)
        json.dumps(reach_output.what_if_values(found))
        drawn = reach_map.tried_layer(found)
        assert drawn is not None
        assert len(drawn.features) == 1

    def test_a_line_may_be_named_and_one_that_makes_no_difference_says_so(self) -> None:
        named = what_if(rail(), "通苏嘉甬高铁（南通至宁波高铁）", DAY, include=(), assumed=DEFAULT,
                        residents=residents())  # fmt: skip
        assert named.line == NANTONG_NINGBO
        none = what_if(rail(), "徐州东,温州南", DAY, include=(), assumed=DEFAULT,
                       residents=residents(), speed_kmh=20)  # fmt: skip
        assert none.gains == ()
        assert "No pair of cities gains" in tell_what_if(none, "en")

    def test_a_line_of_ones_own_joins_its_stations(self) -> None:
        found = what_if(rail(), "nantong-west,huzhou", DAY, include=(), assumed=DEFAULT,
                        residents=residents())  # fmt: skip
        assert {"320600", "330500"} <= {code for gain in found.gains
                                        for code in (gain.one, gain.other)}  # fmt: skip
        assert found.belts is not None
        assert found.sections[0].km.sum() == pytest.approx(155, abs=5)

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("no-such-line", "no such line"), ("beijing-shanghai-hsr", "open already"),
            ("nantong-west,崇明", "names 2 stations"),
            ("nantong-west,nantong-west", "none of them"),
            ("nantong-west,zhoushan", "no position"), ("nantong-west,nowhere", "names 0 stations"),
            ("ningbo-zhoushan", "where its stations"),
        ],
    )  # fmt: skip
    def test_what_is_no_line_says_why_and_what_there_is(self, line: str, why: str) -> None:
        with pytest.raises(LineUnknown, match=why) as caught:
            what_if(rail(), line, DAY, include=(), assumed=DEFAULT, residents=residents())
        assert NANTONG_NINGBO in str(caught.value)

    @pytest.mark.parametrize("speed", [0.0, -300.0, 900.0])
    def test_a_speed_that_no_train_has_is_refused(self, speed: float) -> None:
        with pytest.raises(LineUnknown, match="speed"):
            own_section(rail(), ["nanjing", "nanjing-south"], speed_kmh=speed)


class TestCheck:
    """The model beside published times."""

    def test_every_time_is_used_or_says_why_not(self) -> None:
        times = reach_check.read_times()
        assert len(times) >= 100
        assert all(one.source_url.startswith("http") and one.minutes > 0 for one in times)
        checked = reach_check.check_times(rail())
        uses = reach_check.count_uses(checked)
        assert set(uses) <= {reach_check.USED, reach_check.HELD_OUT, *reach_check.LEFT_OUT}
        assert uses[reach_check.USED] >= 30
        assert uses[reach_check.HELD_OUT] >= 10
        for one in checked:
            assert np.isnan(one.modelled) == (one.use in reach_check.LEFT_OUT)

    def test_what_is_held_out_is_chosen_by_its_ends_alone(self) -> None:
        for one in reach_check.read_times():
            other = replace(one, minutes=1.0, from_zh=one.to_zh, to_zh=one.from_zh,
                            from_station=one.to_station, to_station=one.from_station)  # fmt: skip
            assert reach_check.is_held_out(one) == reach_check.is_held_out(other)

    def test_the_errors_are_those_that_the_documents_state(self) -> None:
        used, held = reach_check.fit_of(reach_check.check_times(rail()))
        assert used.median < 0.06
        assert held.median < 0.12
        assert held.worst < 0.45
        assert held.far <= 3
        assert f"{held.count} pairs kept out" in tell_fit((used, held), "en")

    def test_a_worse_factor_fits_worse(self) -> None:
        slow = reach_check.check_times(rail(), replace(DEFAULT, factor_fast=0.5))
        assert reach_check.fit_of(slow)[0].median > 0.1

    def test_the_usual_values_are_as_good_as_those_that_the_calibration_finds(self) -> None:
        _, error = reach_check.calibrate(rail())
        usual = reach_check.errors_of(reach_check.check_times(rail()), reach_check.USED)
        assert error < 0.1
        assert np.abs(usual).mean() < error + 0.005, "the record has changed: calibrate anew"

    def test_every_assumption_says_where_it_is_from(self) -> None:
        origins = reach_check.read_origins()
        assert list(origins) == [name for name, _ in DEFAULT.key()]
        from dataclasses import fields

        for one in fields(DEFAULT):
            note, urls = origins[one.name]
            assert note["zh"]
            assert note["en"]
            assert bool(urls) or one.metadata["origin"] != "sourced", one.name


class TestMap:
    """What the map draws."""

    def test_lines_are_classed_by_the_year_they_opened(self) -> None:
        drawn = reach_map.lines_layer(model())
        rows = drawn.features.set_index("id")
        assert rows.loc["xuzhou-lianyungang-hsr", "era"] == "2022"
        assert rows.loc["hangzhou-ningbo-hsr", "era"] == "2013"
        assert rows.loc["hangzhou-ningbo-hsr", "opened_zh"] == "2013"
        assert len(rows) == len(model().network.sections)
        later = reach_map.lines_layer(model(DAY, "under-construction")).features
        assert (later["era"] == "expected").any()

    def test_stations_tell_their_minutes_and_the_origin_stands_out(self) -> None:
        drawn = reach_map.stations_layer(reach("南京")).features
        assert set(drawn.loc[drawn["kind"] == "origin", "id"]) == {"nanjing", "nanjing-south"}
        assert len(drawn) == len(model().network.stations)

    def test_the_bands_are_drawn_with_their_minutes(self) -> None:
        drawn = reach_map.bands_layer(reach("南京")).features
        assert drawn["band"].tolist() == ["30", "60", "90", "120"]
        assert drawn.geometry.is_valid.all()


def test_networks_of_sixteen_years_share_one_measure() -> None:
    sections = measure_sections(rail().lines.features, rail().stations.features)
    counts = [
        len(network_on(sections, rail().stations.features, dt.date(year, 7, 1)).sections)
        for year in range(2011, 2027)
    ]
    assert counts == sorted(counts)
