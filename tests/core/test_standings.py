"""What a row is on a day: in force, superseded, not yet, a draft; to the exact day."""

import datetime as dt
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.core.period import as_of, standings
from atlas.core.schema import STATUSES, missing_to_none
from tests.examples import frame, in_force, row
from tests.strategies import NEAR_DAYS, periods

START, END = "2018-06-01", "2019-11-01"
ONE_DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def standing(rows: list[dict[str, Any]], text: str) -> list[str]:
    return standings(frame(rows), day(text)).tolist()


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("2018-05-31", "not-yet"),
        ("2018-06-01", None),
        ("2018-06-02", None),
        ("2019-10-31", None),
        ("2019-11-01", "superseded"),
        ("2019-11-02", "superseded"),
    ],
)
def test_the_first_day_counts_and_the_last_does_not(
    status: str, asked: str, expected: str | None
) -> None:
    assert standing([in_force(START, END, status=status)], asked) == [expected or status]


@pytest.mark.parametrize("asked", ["0001-01-01", "2018-06-01", "9999-12-31"])
def test_a_row_without_days_is_always_what_its_status_says(asked: str) -> None:
    assert standing([in_force(None, None, status="draft")], asked) == ["draft"]


def test_an_open_end_lasts_and_an_unknown_start_was_always() -> None:
    rows = [in_force(START, None, id="a"), in_force(None, END, id="b")]
    assert standing(rows, "9999-12-31") == ["in-force", "superseded"]
    assert standing(rows, "0001-01-01") == ["not-yet", "in-force"]


def test_a_period_of_one_day_is_in_force_on_that_day_only() -> None:
    rows = [in_force("2018-06-01", "2018-06-02")]
    days = ("2018-05-31", "2018-06-01", "2018-06-02")
    assert [standing(rows, asked)[0] for asked in days] == ["not-yet", "in-force", "superseded"]


def test_two_versions_that_meet_change_places_on_one_day() -> None:
    rows = [in_force(START, END, plan_version="1"), in_force(END, None, plan_version="2")]
    assert standing(rows, "2019-10-31") == ["in-force", "not-yet"]
    assert standing(rows, "2019-11-01") == ["superseded", "in-force"]


def test_drafts_initiatives_and_research_stay_apart_from_what_is_in_force() -> None:
    rows = [
        in_force(START, None, plan_version=str(place), status=status)
        for place, status in enumerate(STATUSES)
    ]
    assert standing(rows, START) == list(STATUSES)
    assert set(standing(rows, "2018-05-31")) == {"not-yet"}


def vague(end: str, precision: str, **changes: Any) -> dict[str, Any]:
    return in_force("2010-01-01", end, **changes) | {"valid_to_precision": precision}


@pytest.mark.parametrize(
    ("precision", "asked", "expected"),
    [
        ("month", "2017-12-31", "in-force"),
        ("month", "2018-01-01", "in-force"),
        ("month", "2018-01-31", "in-force"),
        ("month", "2018-02-01", "superseded"),
        ("year", "2018-01-01", "in-force"),
        ("year", "2018-12-31", "in-force"),
        ("year", "2019-01-01", "superseded"),
    ],
)
def test_a_row_whose_end_is_vague_lasts_until_it_must_be_over(
    precision: str, asked: str, expected: str
) -> None:
    assert standing([vague("2018-01-01", precision)], asked) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "superseded"),
        ({"status": "draft"}, "superseded"),
        ({"part": "core"}, "in-force"),
        ({"id": "other"}, "in-force"),
        ({"valid_from": "2018-01-02", "valid_from_precision": "day"}, "in-force"),
    ],
)
def test_a_successor_of_the_same_stored_day_supersedes_it(
    changes: dict[str, Any], expected: str
) -> None:
    new = in_force("2018-01-01", None, plan_version="2") | changes
    features = frame([vague("2018-01-01", "month"), new])
    old = features.index[features["plan_version"] == "1"][0]
    assert standings(features, day("2018-01-15"))[old] == expected


def test_a_named_successor_supersedes_it_too() -> None:
    rows = [vague("2018-01-01", "year", id="a"), in_force("2018-01-01", None, id="b")]
    features = frame(rows)
    assert standings(features, day("2018-06-01")).tolist() == ["in-force", "in-force"]
    features["successors"] = [["b"], []]
    assert standings(features, day("2018-06-01")).tolist() == ["superseded", "in-force"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("2017-12-31", "not-yet"), ("2018-01-01", "in-force"), ("2018-01-31", "in-force")],
)
def test_a_vague_start_counts_from_its_first_day(asked: str, expected: str) -> None:
    entry = row(valid_from="2018-01-01", valid_from_precision="month")
    assert standing([entry], asked) == [expected]


def test_no_rows_have_no_standing() -> None:
    found = standings(frame([row()]).iloc[:0], day(START))
    assert found.tolist() == []


def test_the_index_is_the_rows_own_and_the_frame_stays_as_it_was() -> None:
    features = frame([in_force(START, END, id="a"), in_force(END, None, id="b")])[::-1]
    before = features.copy(deep=True)
    found = standings(features, day(END))
    assert found.to_dict() == {1: "in-force", 0: "superseded"}
    assert features.equals(before)


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Rows of few features whose edges meet, some known only to the month."""
    rows = []
    for place in range(draw(st.integers(1, 5))):
        start, end = draw(periods())
        entry = in_force(
            start, end, id=draw(st.sampled_from("ab")), plan_version=str(place),
            status=draw(st.sampled_from(STATUSES)),
        )  # fmt: skip
        if end and draw(st.booleans()):
            entry |= {"valid_to": end[:8] + "01", "valid_to_precision": "month"}
        rows.append(entry)
    features = frame(rows)
    features["successors"] = [
        draw(st.sampled_from([[], ["a"], ["b"], ["moon"]])) for _ in range(len(features))
    ]
    return features


def days_near_edges(features: gpd.GeoDataFrame) -> set[dt.date]:
    edges = [day(text) for text in [*features["valid_from"], *features["valid_to"]]
             if isinstance(text, str)]  # fmt: skip
    return {edge + ONE_DAY * step for edge in edges for step in (-1, 0, 1, 31)}


@settings(max_examples=40)
@given(tables(), NEAR_DAYS)
def test_every_row_stands_as_the_map_of_the_day_shows_it(
    features: gpd.GeoDataFrame, other: dt.date
) -> None:
    for asked in days_near_edges(features) | {other}:
        found = standings(features, asked)
        held = features.index.isin(as_of(features, asked).index)
        assert list(found[held]) == list(features.loc[held, "status"])
        for word, start in zip(found[~held], features.loc[~held, "valid_from"], strict=True):
            later = (missing_to_none(start) or "") > asked.isoformat()
            assert word == ("not-yet" if later else "superseded")
