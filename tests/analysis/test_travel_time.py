"""Minutes between stations: worked by head, and rules that hold on any railway."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings

from atlas.analysis.calibration import Sums, fit_sums, sums_of, times_of
from atlas.analysis.journeys import all_pairs, from_stations, groups, pair_table, steps_of
from atlas.analysis.rail_measures import detour, harmonic_closeness, ways_over
from atlas.analysis.rail_network import measure_sections, straight_km, with_section
from atlas.analysis.rail_states import EXPRESS, STOPPING, URBAN
from atlas.analysis.reach_area import bands, circles
from atlas.analysis.travel_time import DEFAULT, Assumptions, running_kmh, stop_loss_min
from atlas.errors import AssumptionWrong
from tests.rail_examples import (
    DAY,
    PLAIN,
    chain,
    graph_of,
    line_ids,
    lines,
    network,
    place_of,
    railways,
    stations,
)

LOSS = 300 / 3.6 * (0.5 / 0.5 + 0.5 / 0.5) / 60
"""Minutes that a stop from and to 300 km/h costs at half a metre per second squared: 2.78."""
KM = 47.752


def minutes(rows, places, one: str, other: str, assumed: Assumptions = PLAIN) -> float:
    held = network(rows, places)
    graph = graph_of(held, assumed)
    start, end = place_of(held, one, other)
    return float(all_pairs(graph, np.array([start]))[0, end])


def test_a_stop_costs_what_braking_and_starting_lose() -> None:
    assert stop_loss_min(300, 0.5, 0.5) == pytest.approx(LOSS)
    assert pytest.approx(2.778, abs=0.001) == LOSS


def test_one_ride_is_length_by_speed_and_half_a_stop_at_each_end() -> None:
    rows = lines({"id": "a", "stations": ["s", "t", "u"]})
    found = minutes(rows, stations(chain("s", "t", "u")), "s", "u")
    assert found == pytest.approx(2 * KM / 300 * 60 + LOSS, abs=0.01)


def test_a_train_stops_at_its_share_of_what_it_passes() -> None:
    rows = lines({"id": "a", "stations": ["s", "t", "u"]})
    half = replace(PLAIN, stopping_share=0.5, express_share=0.5)
    found = minutes(rows, stations(chain("s", "t", "u")), "s", "u", half)
    assert found == pytest.approx(2 * KM / 300 * 60 + LOSS + 0.5 * (LOSS + 2), abs=0.01)


def test_an_express_passes_what_does_not_bear_its_citys_name() -> None:
    rows = lines({"id": "a", "stations": ["s", "t", "u"]})
    always = replace(PLAIN, stopping_share=1.0, express_share=1.0)
    places = stations(chain("s", "t", "u"), name_zh={"s": "甲", "u": "甲东"})
    assert minutes(rows, places, "s", "u", always) == pytest.approx(
        2 * KM / 300 * 60 + LOSS, abs=0.01
    )
    assert minutes(rows, places, "s", "t", always) == pytest.approx(KM / 300 * 60 + LOSS, abs=0.01)
    named = stations(chain("s", "t", "u"), name_zh={"s": "甲", "t": "甲中", "u": "甲东"})
    assert minutes(rows, named, "s", "u", always) == pytest.approx(
        2 * KM / 300 * 60 + LOSS + LOSS + 2, abs=0.01
    )


def test_classes_have_their_own_factors() -> None:
    assumed = Assumptions(factor_fast=0.6, factor_medium=0.7, factor_early=0.8, factor_slow=0.9,
                          factor_urban=0.5)  # fmt: skip
    speeds = []
    for speed, opened, category in (
        (350, "2010-01-01", "high-speed"), (250, "2016-01-01", "high-speed"),
        (250, "2015-12-31", "mixed"), (200, "2020-01-01", "mixed"), (120, "2020-01-01", "metro"),
    ):  # fmt: skip
        row = {"id": "a", "stations": ["s", "t"], "design_speed_kmh": speed,
               "valid_from": opened, "category": category}  # fmt: skip
        (section,) = measure_sections(lines(row), stations(chain("s", "t")))
        speeds.append(running_kmh(section, assumed))
    assert speeds == pytest.approx([210, 175, 200, 180, 60])


def test_a_speed_that_nobody_says_is_a_usual_one() -> None:
    row = {"id": "a", "stations": ["s", "t"], "design_speed_kmh": None, "category": "metro"}
    (section,) = measure_sections(lines(row), stations(chain("s", "t")))
    assert running_kmh(section, PLAIN) == 80


def test_a_train_runs_on_where_two_lines_meet_and_the_passenger_stays_on_it() -> None:
    rows = lines({"id": "a", "stations": ["s", "t"]}, {"id": "b", "stations": ["t", "u"]})
    places = stations(chain("s", "t", "u"))
    held = network(rows, places)
    run_on = replace(PLAIN, run_on_min=4.0)
    way = from_stations(graph_of(held, run_on), place_of(held, "s")).journey(held.place("u"))
    assert way is not None
    assert way.changes == 0
    assert line_ids(held, way.sections) == ["a", "b"]
    assert way.minutes == pytest.approx(2 * KM / 300 * 60 + LOSS + 4, abs=0.01)
    assert way.km == pytest.approx(2 * KM, abs=0.02)


def test_where_a_train_had_to_turn_round_the_passenger_changes() -> None:
    # Both lines come to t from the west.
    places = stations({"s": (118.0, 31.0), "t": (118.5, 31.0), "u": (118.0, 31.1)})
    rows = lines({"id": "a", "stations": ["s", "t"]}, {"id": "b", "stations": ["t", "u"]})
    held = network(rows, places)
    way = from_stations(graph_of(held), place_of(held, "s")).journey(held.place("u"))
    assert way is not None
    assert way.changes == 1
    assert [leg.riding for leg in way.legs] == [True, False, True]
    assert way.legs[1].minutes == pytest.approx(PLAIN.interchange_min)
    wide = replace(PLAIN, turn_deg=180.0)
    assert from_stations(graph_of(held, wide), place_of(held, "s")).journey(
        held.place("u")
    ).changes == 0  # fmt: skip


def test_a_metro_keeps_to_its_line_and_its_sections_are_one() -> None:
    metro = {"category": "metro", "design_speed_kmh": 80}
    rows = lines(
        {"id": "m", "part": "west", "stations": ["s", "t"], **metro},
        {"id": "m", "part": "east", "stations": ["t", "u"], **metro},
        {"id": "n", "stations": ["u", "v"], **metro},
    )
    places = stations(chain("s", "t", "u", "v", step=0.1))
    held = network(rows, places)
    tree = from_stations(graph_of(held), place_of(held, "s"))
    assert tree.journey(held.place("u")).changes == 0
    assert tree.journey(held.place("v")).changes == 1
    one = KM / 5 / 80 * 60 + stop_loss_min(80, 0.8, 0.8) + 0.5
    assert tree.minutes[held.place("u")] == pytest.approx(2 * one, abs=0.01)


def test_a_change_from_metro_to_train_is_charged_once() -> None:
    rows = lines(
        {"id": "m", "stations": ["s", "t"], "category": "metro", "design_speed_kmh": 80},
        {"id": "a", "stations": ["t", "u"]},
    )
    held = network(rows, stations(chain("s", "t", "u", step=0.1)))
    way = from_stations(graph_of(held), place_of(held, "s")).journey(held.place("u"))
    ride = KM / 5 / 300 * 60 + LOSS
    metro = KM / 5 / 80 * 60 + stop_loss_min(80, 0.8, 0.8) + 0.5
    assert way.minutes == pytest.approx(metro + PLAIN.interchange_min + ride, abs=0.01)


def test_stations_beside_each_other_are_one_place_for_trains_and_for_walkers() -> None:
    # 0.005° apart: some 480 m.
    places = stations({"s": (118.0, 31.0), "t": (118.5, 31.0), "t2": (118.505, 31.0),
                       "u": (119.0, 31.0)}, city={"t2": "2"})  # fmt: skip
    rows = lines({"id": "a", "stations": ["s", "t"]}, {"id": "b", "stations": ["t2", "u"]})
    held = network(rows, places)
    tree = from_stations(graph_of(held), place_of(held, "s"))
    assert tree.journey(held.place("u")).changes == 0
    walk = 0.4775 / 4.5 * 60
    assert tree.minutes[held.place("t2")] == pytest.approx(
        KM / 300 * 60 + LOSS + PLAIN.interchange_min + walk, abs=0.1
    )


def test_another_station_of_the_city_takes_the_way_across_town() -> None:
    places = stations({"s": (118.0, 31.0), "t": (118.5, 31.0), "t2": (118.6, 31.0),
                       "u": (119.1, 31.0)}, city={"s": "2", "u": "3"})  # fmt: skip
    rows = lines({"id": "a", "stations": ["s", "t"]}, {"id": "b", "stations": ["t2", "u"]})
    held = network(rows, places)
    tree = from_stations(graph_of(held), place_of(held, "s"))
    across = 30 + KM / 5 / 30 * 60
    assert tree.minutes[held.place("u")] == pytest.approx(
        2 * (KM / 300 * 60 + LOSS) + across, abs=0.05
    )
    apart = stations({"s": (118.0, 31.0), "t": (118.5, 31.0), "t2": (118.6, 31.0),
                      "u": (119.1, 31.0)}, city={"s": "2", "u": "3", "t2": "3"})  # fmt: skip
    held = network(rows, apart)
    assert np.isinf(from_stations(graph_of(held), place_of(held, "s")).minutes[held.place("u")])


def test_a_network_that_falls_apart_is_told_in_groups_the_largest_first() -> None:
    places = stations(chain("s", "t", "u", "v", "w"), city={"v": "2", "w": "3"})
    rows = lines({"id": "a", "stations": ["s", "t", "u"]}, {"id": "b", "stations": ["v", "w"]})
    held = network(rows, places)
    assert groups(graph_of(held)).tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("value", [-1.0, 0.0, np.nan, np.inf, 1e9])
def test_an_assumption_out_of_range_is_refused_by_name(value: float) -> None:
    with pytest.raises(AssumptionWrong, match="access_kmh"):
        Assumptions(access_kmh=value)


def test_every_assumption_has_a_range_that_holds_its_value() -> None:
    for one in fields(Assumptions):
        assert one.metadata["least"] <= one.default <= one.metadata["most"], one.name
        assert one.metadata["origin"] in ("calibrated", "sourced", "assumed")
    assert replace(DEFAULT, dwell_min=3.0).key() != DEFAULT.key()


@given(railways())
@settings(max_examples=50)
def test_it_takes_as_long_back_as_there(railway) -> None:
    found = all_pairs(graph_of(network(*railway), DEFAULT))
    assert np.array_equal(np.isinf(found), np.isinf(found.T))
    assert np.allclose(np.where(np.isinf(found), 0, found), np.where(np.isinf(found.T), 0, found.T))


@given(railways())
@settings(max_examples=50)
def test_no_pair_is_faster_than_the_straight_way_at_the_fastest_design_speed(railway) -> None:
    held = network(*railway)
    if not held.sections:
        return
    fastest = max(section.speed_kmh for section in held.sections)
    found = all_pairs(graph_of(held, DEFAULT))
    assert (found >= straight_km(held) / max(fastest, DEFAULT.transfer_kmh) * 60 - 1e-6).all()


@given(railways())
@settings(max_examples=50)
def test_a_way_over_another_station_is_no_shorter_with_its_change(railway) -> None:
    found = all_pairs(graph_of(network(*railway), DEFAULT))
    over = found[:, :, None] + DEFAULT.interchange_min + found[None, :, :]
    assert (found[:, None, :] <= over + 1e-6).all()


@given(railways())
@settings(max_examples=25)
def test_a_new_line_makes_no_pair_slower(railway) -> None:
    rows, places = railway
    sections = measure_sections(rows, places)
    held = network(rows, places)
    before = all_pairs(graph_of(held, DEFAULT))
    ids = held.stations["id"].tolist()
    for section in sections:
        if section.opened > DAY.isoformat():
            more = with_section(held, replace(section, opened="2010-01-01"), places)
            after = all_pairs(graph_of(more, DEFAULT))
            kept = place_of(more, *ids)
            assert (after[np.ix_(kept, kept)] <= before + 1e-6).all()


@given(railways())
@settings(max_examples=25)
def test_legs_add_up_to_the_journey_and_tables_to_legs(railway) -> None:
    held = network(*railway)
    graph = graph_of(held, DEFAULT)
    everywhere = np.arange(graph.count)
    if not len(everywhere):
        return
    table = pair_table(graph, everywhere)
    assert np.allclose(table.minutes, all_pairs(graph), equal_nan=True)
    for origin in everywhere:
        for end in everywhere:
            way = table.journey(origin, end)
            if way is None:
                assert np.isinf(table.minutes[origin, end])
                continue
            assert sum(leg.minutes for leg in way.legs) == pytest.approx(way.minutes)
            assert way.minutes == pytest.approx(table.minutes[origin, end])
            assert way.km == pytest.approx(table.km[origin, end])
            assert way.changes == table.changes[origin, end]
            starts = [leg.start for leg in way.legs]
            ends = [leg.end for leg in way.legs]
            assert starts[:1] in ([], [origin])
            assert all(leg.kind in (EXPRESS, STOPPING, URBAN) for leg in way.legs if leg.riding)
            assert ends[-1:] in ([], [end])


def test_steps_come_after_what_leads_to_them() -> None:
    before = np.array([[-9999, 0, 1, 1], [2, -9999, 1, 2]])
    steps = [
        list(zip(row.tolist(), state.tolist(), strict=True)) for row, state in steps_of(before)
    ]
    assert steps == [[(0, 1), (1, 2)], [(0, 2), (0, 3), (1, 0), (1, 3)]]


def test_ways_lead_over_the_middle_of_a_line() -> None:
    held = network(lines({"id": "a", "stations": ["s", "t", "u", "v"]}),
                   stations(chain("s", "t", "u", "v")))  # fmt: skip
    table = pair_table(graph_of(held), np.arange(4))
    # s–u and s–v lead over t, in both directions; s–v and t–v over u.
    assert ways_over(table, np.arange(4)).tolist() == [0, 4, 4, 0]


def test_nearness_counts_what_no_train_reaches_as_nothing() -> None:
    apart = np.array([[0, 30, np.inf], [30, 0, np.inf], [np.inf, np.inf, 0]])
    assert harmonic_closeness(apart).tolist() == [1.0, 1.0, 0.0]
    assert harmonic_closeness(np.zeros((1, 1))).tolist() == [0.0]
    assert detour(np.array([0.0, 15.0, np.nan]), np.array([0.0, 10.0, 5.0]))[1] == 1.5


def test_circles_grow_with_what_is_left_and_not_beyond_the_most() -> None:
    points = np.array([[0.0, 0.0], [1e6, 0.0], [2e6, 0.0]])
    shape = circles(points, np.array([30.0, 90.0, -1.0]), kmh=20, most_min=45)
    ten, fifteen = np.pi * 10.0**2, np.pi * 15.0**2
    assert shape.area / 1e6 == pytest.approx(ten + fifteen, rel=0.003)
    assert circles(points, np.array([-1.0, np.inf * -1, 0.0]), kmh=20, most_min=45).is_empty
    growing = [circles(points[:1], np.array([left]), kmh=20, most_min=60) for left in (10.0, 20.0)]
    ring = bands(growing)
    assert ring[0].area + ring[1].area == pytest.approx(growing[1].area)


def world(assumed: Assumptions) -> tuple[Sums, np.ndarray]:
    """Ways over lines of every class, taken apart, with the model's own minutes."""
    rows = lines(
        {"id": "a", "stations": ["s", "t", "u"], "design_speed_kmh": 350},
        {"id": "b", "stations": ["u", "v", "w"], "design_speed_kmh": 250,
         "valid_from": "2018-01-01"},
        {"id": "c", "stations": ["w", "x", "y"], "design_speed_kmh": 200},
        {"id": "d", "stations": ["y", "z"], "design_speed_kmh": 250, "valid_from": "2012-01-01"},
    )  # fmt: skip
    places = stations(chain(*"stuvwxyz", step=0.3), name_zh={"s": "甲", "w": "甲西", "z": "甲北"})
    held = network(rows, places)
    graph = graph_of(held, assumed)
    origins = np.arange(graph.count)
    table = pair_table(graph, origins)
    pairs = [(one, other) for one in origins for other in origins if one < other]
    sums = sums_of(graph, table.before, [other + graph.count for _, other in pairs],
                   [one for one, _ in pairs])  # fmt: skip
    return sums, np.array([table.minutes[pair] for pair in pairs])


def test_a_time_taken_apart_adds_up_again() -> None:
    assumed = replace(DEFAULT, run_on_min=4.0, stopping_share=0.2, express_share=0.6)
    sums, found = world(assumed)
    assert times_of(sums, assumed) == pytest.approx(found, abs=1e-6)


def test_the_calibration_finds_the_values_that_made_the_times() -> None:
    true = replace(
        DEFAULT, factor_fast=0.70, factor_medium=0.82, factor_early=0.66, factor_slow=0.93,
        express_share=0.4, stopping_share=0.2, run_on_min=5.0,
    )  # fmt: skip
    sums, found = world(true)
    best, error = fit_sums(sums, found, DEFAULT)
    assert error < 0.002
    assert best.factor_fast == pytest.approx(0.70, abs=0.021)
    assert best.factor_slow == pytest.approx(0.93, abs=0.021)
    again, _ = fit_sums(sums, found, DEFAULT)
    assert again == best


def test_an_empty_network_has_no_pairs() -> None:
    held = network(lines({"id": "a", "stations": ["s", "t"]}), stations(chain("s", "t")),
                   dt.date(2001, 1, 1))  # fmt: skip
    assert len(held.stations) == 0
