"""Indicators of the published layers: against SQL, by hand, and how known openings move them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely

from atlas.analysis.indicator_list import INDICATORS
from atlas.analysis.journeys import from_stations
from atlas.analysis.rail_indicators import CORES
from atlas.analysis.travel_time import DEFAULT
from atlas.core.crs import REGION_BOUNDS, to_working
from atlas.errors import EditionNotFound, IndicatorNotFound
from atlas.i18n import LANGUAGES
from atlas.operations import indicator_words as words
from atlas.operations.folder import PROJECT
from atlas.operations.indicator_output import FORMS, render
from atlas.operations.indicators import (
    BEGAN,
    ENDED,
    REPLACED,
    Change,
    Reading,
    Record,
    compare,
    measure,
    read_record,
    trend,
)
from atlas.operations.rail import model_on, read_rail
from atlas.operations.reach_areas import CORES as AREA_CORES
from atlas.operations.reach_matrix import city_matrix

LAYERS = PROJECT / "layers"
GOLDEN = json.loads((PROJECT / "tests/golden/indicators/expected.json").read_text("utf-8"))
KNOWN_BY = dt.date(2026, 11, 25)
FIRST_LINE = dt.date(2008, 12, 31)
"""Only Hefei–Nanjing is open."""
BEFORE, AFTER = dt.date(2024, 12, 25), dt.date(2024, 12, 26)
"""The Shanghai–Suzhou–Huzhou line opens on the second day, and nothing else of the layers."""
LINE = "shanghai-suzhou-huzhou-hsr"
ROUND = {"belt-area-crossed-by-rail": 1e-4}
"""Circles have other corners there."""


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record(LAYERS, known_by=KNOWN_BY)


@pytest.fixture(scope="module")
def golden_readings(record: Record) -> dict[str, Reading]:
    day = dt.date.fromisoformat(GOLDEN["day"])
    return {one.indicator.id: one for one in measure(record, day, GOLDEN["values"])}


@pytest.fixture(scope="module")
def opening(record: Record) -> dict[str, Change]:
    return {change.indicator.id: change for change in compare(record, BEFORE, AFTER)}


@pytest.mark.parametrize("id_", sorted(GOLDEN["values"]))
def test_postgis_says_the_same(id_: str, golden_readings: dict[str, Reading]) -> None:
    expected = GOLDEN["values"][id_]
    assert golden_readings[id_].value == pytest.approx(expected, rel=ROUND.get(id_, 1e-9))


def test_postgis_used_the_editions_that_are_read(record: Record) -> None:
    assert {e.layer: e.edition for e in record.editions} == GOLDEN["editions"]


def test_all_but_the_two_of_the_model_have_a_golden_value() -> None:
    assert set(INDICATORS) - set(GOLDEN["values"]) == {
        "pairs-within-60-minutes", "residents-within-an-hour-of-cores",
    }  # fmt: skip


def train_min(km: float) -> float:
    """A train on a line for 200 km/h by hand: it starts, runs and brakes, and stops nowhere.

    From v to rest at b costs v/2b more than passing, starting at a v/2a.
    """
    return km / (200.0 * DEFAULT.factor_slow) * 60 + stop_min()


def stop_min() -> float:
    """What starting and braking cost."""
    metres_s = 200.0 * DEFAULT.factor_slow / 3.6
    return metres_s * (0.5 / DEFAULT.acceleration_ms2 + 0.5 / DEFAULT.braking_ms2) / 60


def test_pairs_within_an_hour_by_hand_on_the_first_line(record: Record) -> None:
    # Hefei 16.13 Feidong 78.51 Quanjiao 48.65 Nanjing, 200 km/h; Quanjiao stands for Chuzhou.
    # A train that passes stations is no faster than one that stops nowhere, and no slower than
    # one that stops everywhere.
    (found,) = measure(record, FIRST_LINE, ["pairs-within-60-minutes"])
    told = {part.key: part.value for part in found.measure.parts}
    assert told["320100|341100"] == pytest.approx(train_min(48.65), abs=0.02)
    each, near = stop_min() + DEFAULT.dwell_min, 0.02
    assert train_min(94.64) - near < told["340100|341100"] < train_min(94.64) + each + near
    whole = told.get("320100|340100", 60.0)
    assert train_min(143.29) - near < whole < train_min(143.29) + 2 * each + near
    assert found.value == len(told) <= 3


def test_residents_near_the_first_line_by_a_grid_of_points(record: Record) -> None:
    """Each district's residents on a grid of points half a kilometre wide; no polygon is cut."""
    model = model_on(read_rail(LAYERS, known_by=KNOWN_BY), FIRST_LINE)
    points = shapely.get_coordinates(to_working(model.network.stations).geometry)
    circles = []
    for core in ("340100", "320100"):
        minutes = from_stations(model.graph, model.stations_of(core)).minutes
        left = np.minimum(60 - DEFAULT.boarding_min - minutes, DEFAULT.access_most_min)
        circles += [
            (*point, spare / 60 * DEFAULT.access_kmh * 1000)
            for point, spare in zip(points, left, strict=True) if spare > 0
        ]  # fmt: skip
    assert len(circles) > 4
    expected = sum(
        people * share_near(shape, circles)
        for shape, people in zip(record.residents.geometry, record.residents["residents"],
                                 strict=True)
    )  # fmt: skip
    (found,) = measure(record, FIRST_LINE, ["residents-within-an-hour-of-cores"])
    assert found.value == pytest.approx(expected, rel=0.01)
    assert found.value > 1e6


def share_near(shape: shapely.Geometry, circles: list[tuple[float, float, float]]) -> float:
    """Share of a district's grid points that lie in any circle (x, y, radius in metres)."""
    west, south, east, north = shape.bounds
    if not any(west - r < x < east + r and south - r < y < north + r for x, y, r in circles):
        return 0.0
    xs, ys = (axis.ravel() for axis in np.meshgrid(np.arange(west, east, 500.0),
                                                   np.arange(south, north, 500.0)))  # fmt: skip
    own = shapely.contains_xy(shape, xs, ys)
    near = np.zeros(len(xs), dtype=bool)
    for x, y, radius in circles:
        near |= np.hypot(xs - x, ys - y) <= radius
    return float((own & near).sum() / own.sum()) if own.any() else 0.0


def test_the_page_of_reach_counts_the_same_pairs(record: Record) -> None:
    model = model_on(read_rail(LAYERS, known_by=KNOWN_BY), AFTER)
    minutes = city_matrix(model).minutes
    (found,) = measure(record, AFTER, ["pairs-within-60-minutes"])
    assert found.value == (np.triu(minutes <= 60, 1)).sum()
    assert set(CORES) == {city for cities in AREA_CORES.values() for city in cities}


def test_the_population_is_that_of_the_census(record: Record) -> None:
    assert record.residents["residents"].sum() == 235_213_670
    assert set(record.residents["city"]) == set(record.layers["cities"].features["id"]) - {"341400"}


UP = ("rail-kilometres", "stations-in-operation", "pairs-with-direct-line",
      "pairs-within-60-minutes", "residents-within-an-hour-of-cores",
      "belt-area-crossed-by-rail")  # fmt: skip


@pytest.mark.parametrize("id_", UP)
def test_a_line_that_opens_moves_it_up_and_is_its_cause(
    id_: str, opening: dict[str, Change]
) -> None:
    change = opening[id_]
    assert change.difference > 0
    assert [cause.id for cause in change.causes] == [LINE]
    cause = change.causes[0]
    assert (cause.kind, cause.day, cause.precision) == (BEGAN, "2024-12-26", "day")
    assert cause.effect == pytest.approx(change.difference)
    assert change.joint == pytest.approx(0, abs=1e-6)


def test_it_moves_nothing_else(opening: dict[str, Change]) -> None:
    still = {id_ for id_, change in opening.items() if change.difference == 0}
    assert still == set(INDICATORS) - set(UP)
    assert all(not opening[id_].causes for id_ in still)
    # 164 km are published; the line is drawn straight from station to station.
    assert opening["rail-kilometres"].difference == pytest.approx(150.7, abs=0.1)


MOVES = [
    ("corridor-area", "2018-05-31", "2018-06-01", 1, "g60-corridor", REPLACED),
    ("residents-in-corridors", "2018-05-31", "2018-06-01", 1, "g60-corridor", REPLACED),
    ("settlement-residents-in-corridors", "2018-05-31", "2018-06-01", 1, "g60-corridor", REPLACED),
    ("pairs-sharing-a-corridor", "2018-05-31", "2018-06-01", 1, "g60-corridor", REPLACED),
    ("corridor-belt-conflict", "2018-05-31", "2018-06-01", 1, "g60-corridor", REPLACED),
    ("belt-area", "2018-09-30", "2018-10-01", 1, "huai-belt", BEGAN),
    ("cooperation-zone-districts", "2019-10-31", "2019-11-01", 1, "demonstration-zone", BEGAN),
    ("metropolitan-overlap", "2024-01-31", "2024-02-01", -1, "hefei-metropolitan-area", REPLACED),
    ("metropolitan-population", "2021-12-31", "2022-01-01", 1, "shanghai-metropolitan-area", BEGAN),
    ("cross-city-suburban-kilometres", "2021-12-27", "2021-12-28", 1, "nanjing-s6", BEGAN),
    ("suburban-kilometres", "2019-01-22", "2019-01-23", 1, "wenzhou-s1", BEGAN),
    ("cities-with-high-speed", "2010-10-25", "2010-10-26", 1, "shanghai-hangzhou-hsr", BEGAN),
    ("plan-versions-in-force", "2022-11-13", "2022-11-14", 1, "taizhou-bay", BEGAN),
    ("sourced-share", "2026-02-28", "2026-03-01", -1, "grand-canal-belt", ENDED),
]


@pytest.mark.parametrize(("id_", "old", "new", "way", "cause", "kind"), MOVES,
                         ids=[move[0] for move in MOVES])  # fmt: skip
def test_a_known_change_moves_it_the_right_way(
    record: Record, id_: str, old: str, new: str, way: int, cause: str, kind: str
) -> None:
    (change,) = compare(record, dt.date.fromisoformat(old), dt.date.fromisoformat(new), [id_])
    assert np.sign(change.difference) == way
    assert (change.causes[0].id, change.causes[0].kind) == (cause, kind)
    assert np.sign(change.causes[0].effect) == way


def test_every_indicator_is_known_to_move() -> None:
    assert {*UP, *(move[0] for move in MOVES)} == set(INDICATORS)


def test_an_extent_known_on_one_day_only_is_neither_gained_nor_lost(record: Record) -> None:
    old, new = dt.date(2022, 12, 31), dt.date(2023, 1, 1)
    (change,) = compare(record, old, new, ["metropolitan-population"])
    assert change.left_out == (("metropolitan-areas", "hangzhou-metropolitan-area"),)
    assert change.new.value < change.old.value - 10e6
    assert change.difference == 0
    assert math.isnan(change.causes[0].effect)
    for lang in LANGUAGES:
        told = words.change_text(record, change, lang)
        assert record.name_of("metropolitan-areas", "hangzhou-metropolitan-area")[lang] in told
        assert words.gap_texts(record, change.new, lang)


def test_a_trend_reads_every_day(record: Record) -> None:
    days = [dt.date(year, 12, 31) for year in (2019, 2021, 2023)]
    found = trend(record, "rail-kilometres", days)
    assert [reading.day for reading in found] == days
    # The figures of docs/layers/rail.md, worked out when the layer was made.
    assert [round(reading.value) for reading in found] == [5034, 6275, 7110]


def test_every_indicator_has_all_its_words_in_both_languages() -> None:
    for id_ in INDICATORS:
        for lang in LANGUAGES:
            for tell in (words.title, words.definition, words.method, words.limits):
                assert tell(id_, lang).strip(), (id_, lang)


def test_the_document_says_what_the_words_say() -> None:
    text = (PROJECT / "docs" / "indicators.md").read_text("utf-8")
    for id_ in INDICATORS:
        for told in (f"`{id_}`", words.title(id_, "en"), words.definition(id_, "en"),
                     words.method(id_, "en"), words.limits(id_, "en")):  # fmt: skip
            assert told in text, id_


def test_sentences_name_value_cause_and_day(record: Record, opening: dict[str, Change]) -> None:
    change = opening["rail-kilometres"]
    told = words.change_text(record, change, "en")
    assert "7,591 km on 2024-12-25, 7,741 km on 2024-12-26, up by 151 km" in told
    assert words.cause_texts(change, "en") == (
        "The Shanghai–Suzhou–Huzhou high-speed railway opened (2024-12-26): +151 km.",
    )
    assert words.cause_texts(change, "zh") == ("沪苏湖高速铁路开通（2024-12-26）：增加 151 公里。",)
    assert "no change" in words.change_text(record, opening["belt-area"], "en")


def test_numbers_keep_their_unit_and_no_false_precision() -> None:
    assert words.size_words(1234567.8, "residents", -3, "en") == "1,235,000 residents"
    assert words.size_words(0.4217, "share", 1, "zh") == "42.2%"
    assert words.size_words(1.0, "cities", 0, "en") == "1 city"
    assert words.size_words(-3.0, "pairs", 0, "en") == "−3 pairs"
    assert words.size_words(math.nan, "km", 0, "zh") == "未知"


def test_files_hold_value_meaning_and_hashes(record: Record) -> None:
    readings = measure(record, AFTER, ["rail-kilometres", "belt-area"])
    held = json.loads(render(record, readings, "json", lang="zh"))
    first = held["indicators"][0]
    assert first["value"] == pytest.approx(readings[0].value, abs=1e-6)
    assert first["editions"][0]["sha256"] == record.layers["rail-lines"].edition.sha256
    assert all(first[name]["zh"] for name in ("definition", "method", "limits"))
    text = render(record, readings, "csv", lang="en").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows] == ["rail-kilometres", "belt-area"]
    assert record.layers["ecological-belts"].edition.sha256 in rows[1]["editions"]
    table = render(record, readings, "table", lang="zh").decode()
    assert "7,741 公里" in table
    assert set(FORMS) == {"table", "json", "csv"}


def test_a_wrong_name_is_told_the_near_ones(record: Record) -> None:
    with pytest.raises(IndicatorNotFound, match="rail-kilometres"):
        measure(record, AFTER, ["rail-kilometers"])


def test_a_day_before_any_edition_is_refused() -> None:
    with pytest.raises(EditionNotFound):
        read_record(LAYERS, known_by=dt.date(2026, 11, 1))


def test_the_region_holds_all_residents(record: Record) -> None:
    west, south, east, north = record.residents.to_crs(4326).total_bounds
    assert REGION_BOUNDS[0] < west
    assert REGION_BOUNDS[1] < south
    assert east < REGION_BOUNDS[2]
    assert north < REGION_BOUNDS[3]


def test_the_folder_of_golden_values_says_how_they_were_made() -> None:
    folder = Path(PROJECT / "tests/golden/indicators")
    assert {"README.md", "make.py", "indicators.sql", "expected.json"} <= {
        path.name for path in folder.iterdir()
    }
