"""The railway of a day: what is open, how far it is, what stations stand for."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given

from atlas.analysis.rail_network import (
    measure_sections,
    named_stations,
    network_on,
    only_stops,
    plane_points,
    principal_stations,
    section_of_stations,
    straight_km,
    with_section,
)
from atlas.analysis.track_lengths import CHORD, PUBLISHED, TRACK
from tests.rail_examples import CITIES, DAY, chain, lines, network, railways, stations

HALF_DEGREE_KM = 47.752
"""Half a degree of longitude on the 31st parallel: 6,383.81 km × cos 31° × π ÷ 360."""


def test_a_straight_section_is_as_long_as_the_ellipsoid_says() -> None:
    (section,) = measure_sections(
        lines({"id": "a", "stations": ["s", "t", "u"]}), stations(chain("s", "t", "u"))
    )
    assert section.km == pytest.approx([HALF_DEGREE_KM] * 2, abs=0.01)
    assert section.bases == (CHORD, CHORD)
    assert section.bearing[0, 1] == pytest.approx(90, abs=0.5)
    assert section.bearing[1, 0] == pytest.approx(-90, abs=0.5)
    assert np.isnan(section.bearing[0, 0])
    assert np.isnan(section.bearing[2, 1])


def test_a_track_is_followed_between_the_feet_of_the_stations() -> None:
    # East half a degree, north half a degree: the stations lie beside it by some 100 m.
    track = shapely.LineString([(118.0, 31.0), (118.5, 31.0), (118.5, 31.5)])
    places = stations({"s": (118.0, 31.001), "t": (118.501, 31.5)})
    row = {"id": "a", "stations": ["s", "t"], "geometry": track, "geometry_basis": "track"}
    (section,) = measure_sections(lines(row), places)
    north = 55.43  # half a degree of latitude at 31.25 N
    assert section.km[0] == pytest.approx(HALF_DEGREE_KM + north, rel=0.002)
    assert section.bases == (TRACK,)


def test_a_track_may_run_the_other_way() -> None:
    track = shapely.LineString(
        [(119.0, 31.0), (118.75, 31.1), (118.5, 31.0), (118.25, 31.1), (118.0, 31.0)]
    )
    row = {"id": "a", "stations": ["s", "t", "u"], "geometry": track, "geometry_basis": "track"}
    (section,) = measure_sections(lines(row), stations(chain("s", "t", "u")))
    assert section.bases == (TRACK, TRACK)
    assert (section.km > HALF_DEGREE_KM).all()


def test_a_station_far_from_the_track_is_reached_straight() -> None:
    track = shapely.LineString([(118.0, 31.0), (118.5, 31.0)])
    row = {"id": "a", "stations": ["s", "t", "u"], "geometry": track, "geometry_basis": "track"}
    (section,) = measure_sections(lines(row), stations(chain("s", "t", "u")))
    assert section.bases == (TRACK, CHORD)
    assert section.km[1] == pytest.approx(HALF_DEGREE_KM, abs=0.01)


@pytest.mark.parametrize(
    ("published", "covers", "stretch"),
    [(100.0, "exact", 100.0 / 95.504), (100.0, "whole-line", 1.0), (None, None, 1.0),
     (200.0, "exact", 1.0), (80.0, "exact", 1.0)],
)  # fmt: skip
def test_straight_lengths_are_stretched_to_a_published_one_that_covers_them_exactly(
    published: float | None, covers: str | None, stretch: float
) -> None:
    row = {"id": "a", "stations": ["s", "t", "u"], "published_length_km": published,
           "length_covers": covers}  # fmt: skip
    (section,) = measure_sections(lines(row), stations(chain("s", "t", "u")))
    assert section.km.sum() == pytest.approx(95.504 * stretch, abs=0.02)
    assert set(section.bases) == {PUBLISHED if stretch > 1 else CHORD}


def test_a_station_without_a_position_is_named_and_left_out() -> None:
    places = stations(chain("s", "t", "u") | {"x": None})
    (section,) = measure_sections(lines({"id": "a", "stations": ["s", "x", "u"]}), places)
    assert section.stops == ("s", "u")
    assert section.missing == ("x",)


def test_a_section_counts_from_its_first_day_to_the_day_before_its_end() -> None:
    rows = lines({"id": "a", "stations": ["s", "t"], "valid_from": "2015-06-28",
                  "valid_to": "2020-01-01", "valid_to_precision": "day"})  # fmt: skip
    places = stations(chain("s", "t"))
    counts = {
        day: len(network(rows, places, dt.date.fromisoformat(day)).sections)
        for day in ("2015-06-27", "2015-06-28", "2019-12-31", "2020-01-01")
    }
    assert list(counts.values()) == [0, 1, 1, 0]


def test_trains_pass_a_station_that_is_not_open_and_lengths_run_on() -> None:
    places = stations(chain("s", "t", "u"), valid_from={"t": "2030-01-01"})
    held = network(lines({"id": "a", "stations": ["s", "t", "u"]}), places)
    assert held.stations["id"].tolist() == ["s", "u"]
    assert held.sections[0].km == pytest.approx([2 * HALF_DEGREE_KM], abs=0.02)
    assert held.place("t") == -1


def test_lines_to_come_count_only_where_they_are_asked_for_with_their_stations() -> None:
    rows = lines(
        {"id": "a", "stations": ["s", "t"]},
        {"id": "b", "stations": ["t", "u"], "status": "under-construction", "valid_from": None},
        {"id": "c", "stations": ["u", "v"], "status": "planned", "valid_from": None},
    )
    places = stations(chain("s", "t", "u", "v"),
                      status={"u": "under-construction", "v": "planned"})  # fmt: skip

    def served(*include: str) -> list[str]:
        return network(rows, places, include=include).stations["id"].tolist()

    assert served() == ["s", "t"]
    assert served("under-construction") == ["s", "t", "u"]
    assert served("under-construction", "planned") == ["s", "t", "u", "v"]


def test_a_station_that_was_closed_and_is_built_anew_counts_with_the_line_to_come() -> None:
    rows = lines({"id": "a", "stations": ["s", "t"], "status": "planned", "valid_from": None})
    places = stations(chain("s", "t"), valid_to={"t": "2013-01-01"})
    anew = stations(chain("s", "t")).query("id == 't'").assign(status="under-construction")
    both = pd.concat([places, anew], ignore_index=True)
    assert network(rows, both, include=("planned",)).stations["id"].tolist() == ["s", "t"]
    assert network(rows, places, include=("planned",)).sections == ()


def test_a_section_whose_opening_nobody_says_counts_from_the_day_of_the_record() -> None:
    rows = lines({"id": "a", "stations": ["s", "t"], "valid_from": None})
    places = stations(chain("s", "t"))
    record = dt.date(2024, 1, 1)
    held = network(rows, places, dt.date(2023, 12, 31), undated_from=record)
    assert held.sections == ()
    assert [section.line for section in held.undated] == ["a"]
    assert len(network(rows, places, record, undated_from=record).sections) == 1


def test_the_names_of_the_day_are_those_of_the_version_in_force() -> None:
    places = stations(chain("s", "t"), valid_to={"t": "2021-01-01"})
    later = stations(chain("s", "t"), name_zh={"t": "新名"}, valid_from={"t": "2021-01-01"})
    both = pd.concat([places, later.query("id == 't'")], ignore_index=True)
    rows = lines({"id": "a", "stations": ["s", "t"]})
    names = [
        network(rows, both, dt.date(year, 7, 1)).stations.set_index("id")["name_zh"]["t"]
        for year in (2020, 2022)
    ]
    assert names == ["t", "新名"]


@given(railways())
def test_the_network_of_a_day_has_only_what_is_open_by_then(railway) -> None:
    rows, places = railway
    held = network(rows, places)
    for section in held.sections:
        assert section.opened <= DAY.isoformat()
        assert set(section.stops) <= set(held.stations["id"])
        assert len(section.km) == len(section.stops) - 1


@given(railways())
def test_no_length_is_shorter_than_the_straight_way(railway) -> None:
    held = network(*railway)
    apart = straight_km(held)
    assert np.allclose(apart, apart.T)
    for section in held.sections:
        places = [held.place(stop) for stop in section.stops]
        chords = [apart[one, other] for one, other in pairwise(places)]
        assert (section.km >= np.array(chords) - 1e-9).all()


def test_a_section_that_calls_at_fewer_stops_keeps_its_whole_length() -> None:
    (section,) = measure_sections(
        lines({"id": "a", "stations": ["s", "t", "u", "v"]}), stations(chain("s", "t", "u", "v"))
    )
    fewer = only_stops(section, {"s", "v"})
    assert fewer.km.sum() == pytest.approx(section.km.sum())
    assert fewer.bearing.shape == (2, 2)


def test_stations_are_ranked_by_their_names() -> None:
    names = {
        "a": "甲南",
        "b": "甲虹桥",
        "c": "甲松江",
        "d": "别处",
        "e": "乙县",
        "f": "甲站",
        "m": "甲",
    }
    places = stations(
        chain(*names), name_zh=names, city={"e": "2"},
    )  # fmt: skip
    rows = lines(
        {"id": "x", "stations": ["b", "a", "c", "d", "f"]},
        {"id": "y", "stations": ["d", "e"]},
        {"id": "metro", "stations": ["m", "c"], "category": "metro"},
    )
    held = network(rows, places)
    named = held.stations["id"][named_stations(held, CITIES)].tolist()
    assert named == ["a", "b", "c", "e", "f"], "the metro's is no railway station"
    principal = held.stations["id"][principal_stations(held, CITIES)].tolist()
    # b begins a line; c is a district's; e stands for its city though it bears a longer name.
    assert principal == ["a", "b", "e", "f"]


def test_a_city_without_a_station_of_its_name_is_stood_for_by_the_others() -> None:
    held = network(
        lines({"id": "x", "stations": ["s", "t"]}), stations(chain("s", "t"), city={"t": "2"})
    )
    assert principal_stations(held, CITIES).tolist() == [True, True]


def test_a_line_of_ones_own_runs_straight_and_brings_its_stations() -> None:
    places = stations(chain("s", "t", "u"))
    held = network(lines({"id": "a", "stations": ["s", "t"]}), places)
    own = section_of_stations(["t", "u"], places, speed_kmh=300, name={"zh": "新", "en": "new"})
    more = with_section(held, own, places)
    assert more.stations["id"].tolist() == ["s", "t", "u"]
    assert more.sections[-1].km == pytest.approx([HALF_DEGREE_KM], abs=0.01)
    assert len(held.sections) == 1
    assert len(plane_points(more)) == 3


def test_nothing_is_a_network_too() -> None:
    held = network_on((), stations(chain("s")), DAY)
    assert held.sections == ()
    assert len(held.stations) == 0
    assert straight_km(held).shape == (0, 0)
