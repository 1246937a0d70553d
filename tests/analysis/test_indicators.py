"""Indicators of a world that is small enough to work them out by hand (tests/plan_world.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from atlas.analysis.indicator_frames import (
    Frames,
    frames_on,
    id_of,
    residents_of,
    with_change_undone,
    without,
)
from atlas.analysis.indicator_list import AREAS, INDICATORS, of_area
from atlas.analysis.indicators import Measure
from atlas.analysis.rail_network import measure_sections
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import area_km2
from tests.plan_world import (
    B_EAST,
    B_WEST,
    STATIONS,
    A,
    B,
    C,
    D,
    Entry,
    dense,
    entry,
    to_frame,
    world,
)

COARSE = 20_000
GEOD = Geod(ellps="WGS84")
World = dict[str, list[Entry]]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", COARSE)


def frames(day: str, rows: World | None = None) -> Frames:
    return known(day) if rows is None else made(day, rows)


@lru_cache
def known(day: str) -> Frames:
    """The world as it is, read once a day."""
    return made(day, world())


def made(day: str, rows: World) -> Frames:
    held = {layer: to_frame(layer, entries) for layer, entries in rows.items()}
    residents = residents_of(held["districts"], held["cities"])
    sections = measure_sections(held["rail-lines"], held["rail-stations"])
    return frames_on(held, residents, sections, dt.date.fromisoformat(day))


def measure(id_: str, day: str = "2025-01-01", rows: World | None = None) -> Measure:
    return INDICATORS[id_].of(frames(day, rows))


def parts(measured: Measure) -> dict[str, float]:
    return {part.key: part.value for part in measured.parts}


def km2(*shapes: Any) -> float:
    """Area of shapes, each for itself: they do not overlap."""
    return float(area_km2(gpd.GeoSeries(list(shapes), crs=4326)).sum())


def km(*stops: str) -> float:
    places = [STATIONS[stop] for stop in stops]
    return float(GEOD.line_length([p[0] for p in places], [p[1] for p in places])) / 1000.0


VALUES: list[tuple[str, str, Callable[[], float]]] = [
    ("corridor-area", "2018-05-31", lambda: 0.0),
    ("corridor-area", "2018-06-01", lambda: km2(A, B)),
    ("corridor-area", "2025-01-01", lambda: km2(A, B, C)),
    ("belt-area", "2019-10-31", lambda: km2(D)),
    ("belt-area", "2025-01-01", lambda: km2(D, B_EAST, C)),
    ("corridor-belt-conflict", "2019-12-31", lambda: km2(B_EAST)),
    ("corridor-belt-conflict", "2025-01-01", lambda: km2(B_EAST, C)),
    ("metropolitan-overlap", "2021-12-31", lambda: 0.0),
    ("metropolitan-overlap", "2022-01-01", lambda: km2(B)),
    ("metropolitan-population", "2021-12-31", lambda: 1000 + 200 + 300 + 50),
    ("metropolitan-population", "2022-01-01", lambda: 1550 + 400),
    ("residents-in-corridors", "2018-06-01", lambda: 1550 / 2050),
    ("settlement-residents-in-corridors", "2025-01-01", lambda: 300 / 400),
    ("pairs-sharing-a-corridor", "2018-05-31", lambda: 0),
    ("pairs-sharing-a-corridor", "2025-01-01", lambda: 1),
    ("cooperation-zone-districts", "2019-10-31", lambda: 0),
    ("cooperation-zone-districts", "2019-11-01", lambda: 2),
    ("rail-kilometres", "2024-12-25", lambda: km("a", "b")),
    ("rail-kilometres", "2024-12-26", lambda: km("a", "b") + km("b", "c")),
    ("suburban-kilometres", "2025-01-01", lambda: km("b2", "a2") + km("c", "c2")),
    ("cross-city-suburban-kilometres", "2025-01-01", lambda: km("b2", "a2")),
    ("stations-in-operation", "2010-06-30", lambda: 0),
    ("stations-in-operation", "2014-12-31", lambda: 2),
    ("stations-in-operation", "2025-01-01", lambda: 6),
    ("cities-with-high-speed", "2010-06-30", lambda: 0),
    ("cities-with-high-speed", "2025-01-01", lambda: 2),
    ("pairs-with-direct-line", "2024-12-25", lambda: 1),
    ("pairs-with-direct-line", "2024-12-26", lambda: 2),
    ("pairs-within-60-minutes", "2010-06-30", lambda: 0),
    ("pairs-within-60-minutes", "2024-12-25", lambda: 1),
    ("plan-versions-in-force", "2015-12-31", lambda: 0),
    ("plan-versions-in-force", "2025-01-01", lambda: 3 + 2 + 2),
    ("sourced-share", "2025-01-01", lambda: 1.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id_", "day", "value"), VALUES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_values_by_hand(id_: str, day: str, value: Callable[[], float]) -> None:
    assert measure(id_, day).value == pytest.approx(value(), rel=1e-6, abs=1e-9)


def test_every_indicator_has_a_value_by_hand() -> None:
    told = {id_ for id_, _, _ in VALUES}
    assert set(INDICATORS) - told == {
        "belt-area-crossed-by-rail", "residents-within-an-hour-of-cores",
    }  # fmt: skip


def test_parts_say_what_a_value_is_made_of() -> None:
    assert parts(measure("metropolitan-overlap")) == {"first|second": pytest.approx(km2(B))}
    assert parts(measure("pairs-sharing-a-corridor")) == {"road": 1.0, "spark": 0.0}
    assert set(parts(measure("cooperation-zone-districts"))) == {"320502", "330501"}
    assert parts(measure("metropolitan-population"))["320500"] == pytest.approx(550)
    assert set(parts(measure("cities-with-high-speed"))) == {"310000", "320500"}
    held = parts(measure("settlement-residents-in-corridors"))
    assert held == {"inside": 300, "counted": 400, "settlements": 2, "left-out": 2}
    assert parts(measure("plan-versions-in-force"))["status:initiative"] == 1


def test_a_strip_of_a_kilometre_along_the_railway_inside_belts() -> None:
    # Of a–b the last 0.2 degrees lie in the eastern half of B; two kilometres wide, half a round
    # end at b.
    found = measure("belt-area-crossed-by-rail", "2014-12-31")
    assert found.value == 0.0
    found = measure("belt-area-crossed-by-rail", "2020-01-01")
    east = GEOD.line_length([120.8, 121.0], [31.2, 31.2]) / 1000.0
    tram = GEOD.line_length([120.95, 121.0], [31.1, 31.1]) / 1000.0
    assert found.value == pytest.approx(2 * (east + tram) + np.pi, rel=0.01)
    assert set(parts(found)) == {"demonstration-zone"}


def test_what_is_not_drawn_is_named_and_not_counted() -> None:
    found = measure("corridor-area")
    assert found.unknown == ("innovation-corridors:dark@1/whole",)
    assert found.value == pytest.approx(km2(A, B, C))
    assert id_of(found.unknown[0]) == ("innovation-corridors", "dark")


def test_a_start_known_to_the_year_is_uncertain_all_that_year() -> None:
    rows = world()
    vague = entry("2020-01-01", A, id="vague")[0] | {"valid_from_precision": "year"}
    rows["ecological-belts"].append((vague, A))
    key = "ecological-belts:vague@1/whole"
    assert measure("belt-area", "2020-06-01", rows).uncertain == (key,)
    assert measure("belt-area", "2021-01-01", rows).uncertain == ()
    assert measure("belt-area", "2019-12-31", rows).value == pytest.approx(km2(D, B_EAST, C))


def test_a_station_that_does_not_say_when_it_opened_is_uncertain() -> None:
    assert measure("stations-in-operation").uncertain == ("rail-stations:b@1/whole",)


def test_only_what_is_in_force_counts() -> None:
    rows = world()
    rows["innovation-corridors"] = [
        entry("2015-01-01", D, id=status, status=status)
        for status in ("draft", "initiative", "research")
    ]
    for id_ in ("corridor-area", "residents-in-corridors", "pairs-sharing-a-corridor"):
        assert measure(id_, rows=rows).value == 0.0
    assert parts(measure("rail-kilometres")).keys() == {"main", "branch"}


def test_no_place_and_nobody_counts_twice() -> None:
    rows = world()
    again = [entry("2018-06-01", A, id="again"), entry("2018-06-01", A, id="road", part="core")]
    rows["innovation-corridors"] += again
    assert measure("corridor-area", rows=rows).value == pytest.approx(km2(A, B, C))
    assert measure("residents-in-corridors", rows=rows).value == pytest.approx(1950 / 2050)


def test_residents_are_spread_over_their_district() -> None:
    rows = world()
    half = dense(shapely.box(121.0, 31.0, 121.25, 31.5))
    rows["innovation-corridors"] = [entry("2018-06-01", half, id="road")]
    found = measure("residents-in-corridors", rows=rows)
    assert found.value * 2050 == pytest.approx(1000 * km2(half) / km2(A))


def test_people_apart_from_districts_are_in_their_city() -> None:
    rows = world()
    rows["metropolitan-areas"] = [entry("2016-06-03", B_WEST, id="west")]
    found = measure("metropolitan-population", rows=rows)
    assert found.value == pytest.approx(200 + 50 * km2(B_WEST) / km2(B))


def test_a_district_that_touches_another_province_in_a_point_is_not_on_the_border() -> None:
    rows = world()
    rows["ecological-belts"] = [entry("2019-11-01", A, id="demonstration-zone")]
    # A meets B of another province along a side; C only in a corner of A.
    rows["districts"] = [row for row in rows["districts"] if row[0]["id"] in ("310101", "330501")]
    assert measure("cooperation-zone-districts", rows=rows).value == 0
    rows = world() | {"ecological-belts": rows["ecological-belts"]}
    assert measure("cooperation-zone-districts", rows=rows).value == 1


def test_an_unsourced_row_lowers_the_share() -> None:
    rows = world()
    rows["ecological-belts"].append(
        entry("2019-01-01", A, id="hearsay", sourced=False, unsourced=[])
    )
    found = measure("sourced-share", rows=rows)
    assert found.value == pytest.approx(7 / 8)
    assert parts(found) == {"ecological-belts:hearsay@1/whole": 1.0}


def test_nothing_at_all_is_nothing_and_not_an_error() -> None:
    for id_ in INDICATORS:
        value = measure(id_, "1950-01-01").value
        if id_ == "sourced-share":
            assert np.isnan(value)
        else:
            assert value == 0.0, id_


def test_a_change_undone_is_the_day_without_it() -> None:
    old, new = frames("2024-12-25"), frames("2024-12-26")
    undone = with_change_undone(new, old, "rail-lines", "branch")
    for id_ in ("rail-kilometres", "pairs-with-direct-line", "pairs-within-60-minutes",
                "residents-within-an-hour-of-cores"):  # fmt: skip
        assert INDICATORS[id_].of(undone).value == INDICATORS[id_].of(old).value, id_
        assert INDICATORS[id_].of(new).value > INDICATORS[id_].of(old).value, id_


def test_a_plan_that_ended_comes_back_when_its_end_is_undone() -> None:
    rows = world()
    rows["ecological-belts"][1][0].update(valid_to="2023-01-01", valid_to_precision="day")
    old, new = frames("2022-12-31", rows), frames("2023-01-01", rows)
    undone = with_change_undone(new, old, "ecological-belts", "wide")
    of = INDICATORS["belt-area"].of
    assert of(new).value < of(old).value
    assert of(undone).value == pytest.approx(of(old).value)


def test_frames_without_a_feature() -> None:
    held = without(frames("2025-01-01"), [("innovation-corridors", "road")])
    assert INDICATORS["corridor-area"].of(held).value == pytest.approx(km2(C))


def test_every_area_of_the_plan_knows_its_indicators() -> None:
    assert tuple(range(1, 9)) == AREAS
    mains = [one.id for area in AREAS for one in of_area(area) if one.areas[0] == area]
    assert sorted(mains) == sorted(INDICATORS)
    assert [area for area in AREAS if not of_area(area)] == [4, 5, 7]
    assert len(INDICATORS) >= 15
    for one in INDICATORS.values():
        assert set(one.moving) <= set(one.layers)
