"""Links: what is written is read again; what is not known is named and ignored."""

import datetime as dt
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.view import View, read_query, to_address, to_query
from tests.strategies import DAYS, SIGNS

LAYERS = ("cities", "ecological-belts", "rail-lines")
TODAY = dt.date(2024, 6, 30)
LATEST = dt.date(2100, 12, 31)

VIEWS = st.builds(
    View,
    layers=st.lists(st.sampled_from(LAYERS), unique=True).map(tuple),
    day=st.none() | DAYS,
    known_by=st.none() | DAYS,
    place=st.none() | st.text(SIGNS, min_size=1),
    lang=st.sampled_from([None, "zh", "en"]),
)


def read(query: dict[str, str]) -> tuple[View, list[str]]:
    return read_query(
        query, layers=LAYERS, languages=("zh", "en"), default=("cities",), today=LATEST
    )


@given(VIEWS)
def test_a_link_comes_back_with_both_days_resolved(view: View) -> None:
    address = to_address(to_query(view, today=TODAY, lang="en"), "explore")
    page, _, text = address.partition("?")
    found, unknown = read(dict(parse_qsl(text, keep_blank_values=True)))
    expected = View(
        view.layers, view.day or TODAY, view.known_by or TODAY, view.place, view.lang or "en"
    )
    assert page.strip("/") == "explore"
    assert found == expected
    assert unknown == []


def test_both_days_are_always_written() -> None:
    query = to_query(View(("cities",)), today=TODAY, lang="zh")
    assert query == {"layers": "cities", "day": "2024-06-30", "known": "2024-06-30", "lang": "zh"}


def test_an_address_without_anything_means_today_latest_and_the_default() -> None:
    assert read({}) == (View(("cities",)), [])


def test_no_layer_is_a_choice_too() -> None:
    assert read({"layers": ""})[0].layers == ()


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ({"layers": "cities,moon"}, ["layers=moon"]),
        ({"day": "2019-02-30"}, ["day=2019-02-30"]),
        ({"known": "yesterday"}, ["known=yesterday"]),
        ({"lang": "fr"}, ["lang=fr"]),
        ({"zoom": "7"}, ["zoom=7"]),
        ({"lang": ""}, ["lang="]),
    ],
)
def test_each_unknown_part_is_named_and_ignored(query: dict, unknown: list[str]) -> None:
    assert read(query) == (View(("cities",)), unknown)


@pytest.mark.parametrize(
    ("day", "known"),
    [("1899-12-31", False), ("1900-01-01", True), ("2100-12-31", True), ("2101-01-01", False)],
)
@pytest.mark.parametrize("name", ["day", "known"])
def test_a_day_that_no_page_can_show_is_unknown(name: str, day: str, *, known: bool) -> None:
    view, unknown = read({name: day})
    wanted = dt.date.fromisoformat(day) if known else None
    assert (view.day if name == "day" else view.known_by) == wanted
    assert unknown == ([] if known else [f"{name}={day}"])


def test_several_unknown_parts_are_all_named_and_cut_short() -> None:
    view, unknown = read({"layers": "moon,rail-lines,rail-lines", "day": "9" * 500, "x": "y" * 500})
    assert view == View(("rail-lines",))
    assert len(unknown) == 3
    assert all(len(part) <= 80 for part in unknown)


def test_nothing_is_known_by_a_day_after_today() -> None:
    query = {"day": "2024-07-01", "known": "2024-07-01"}
    view, unknown = read_query(query, layers=LAYERS, languages=("zh",), default=(), today=TODAY)
    assert unknown == ["known=2024-07-01"]
    assert (view.day, view.known_by) == (dt.date(2024, 7, 1), None)
    view, unknown = read_query(
        {"known": "2024-06-30"}, layers=LAYERS, languages=("zh",), default=(), today=TODAY
    )
    assert (view.known_by, unknown) == (TODAY, [])


def test_a_link_says_that_the_map_plays():
    view = View(("cities",), play=True)
    query = to_query(view, today=TODAY, lang="zh")
    assert query["play"] == "years"
    read, unknown = read_query(
        query, layers=["cities"], languages=("zh", "en"), default=(), today=TODAY
    )
    assert read.play
    assert unknown == []
    query["play"] = "<b>"
    read, unknown = read_query(
        query, layers=["cities"], languages=("zh", "en"), default=(), today=TODAY
    )
    assert not read.play
    assert unknown == ["play=<b>"]
