"""What the page of reports composes, to a link and back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.approval import PROFILES
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.core.recipe import LANGS
from atlas.core.reported import (
    TITLE_SIGNS,
    Reported,
    read_reported,
    reported_query,
    write_box,
)
from atlas.core.view import View, read_query, to_query

TODAY = dt.date(2026, 11, 25)
PLACES = st.sampled_from(["", "cities:320100", "lakes:taihu", "118,31,120,32.5", "-1,0,1.25,2"])
ANY = st.builds(
    Reported, PLACES, st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)),
    st.sampled_from(list(PAPERS)), st.sampled_from(ORIENTATIONS), st.sampled_from(LANGS),
    st.sampled_from(PROFILES), st.sampled_from(["", "A & B=?", "标题，一", "x" * TITLE_SIGNS]),
)  # fmt: skip


@given(ANY)
def test_a_link_says_what_is_composed(reported: Reported) -> None:
    view = View(("cities",), day=TODAY, known_by=TODAY, lang="en", reported=reported)
    query = to_query(view, today=TODAY, lang="en", reported=True)
    read, unknown = read_query(
        query, layers=["cities"], languages=["zh", "en"], default=(), today=TODAY
    )
    assert unknown == []
    assert read.reported == reported
    assert (read.layers, read.day, read.lang) == (("cities",), TODAY, "en")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("where", "cities"), ("where", "cities:a b"), ("where", "1,2,3"), ("where", "a:b,c"),
        ("where", "1,2,3,٤"), ("since", "2024-13-01"), ("paper", "A9"), ("turn", "askew"),
        ("words", "fr"), ("profile", "secret"), ("title", "x" * (TITLE_SIGNS + 1)),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named_and_left_out(name: str, value: str) -> None:
    reported, unknown = read_reported({name: value}, since=None)
    assert reported == Reported()
    assert unknown == [f"{name}={value}"[:80]]


def test_a_link_to_another_page_composes_nothing() -> None:
    assert read_reported({"layers": "cities", "number": "GS"}, since=None) == (None, [])


def test_no_link_carries_an_approval_number() -> None:
    query = reported_query(Reported(profile="public"))
    assert query == {"paper": "A4", "turn": "landscape", "words": "zh", "profile": "public"}


def test_a_box_is_as_exact_as_ten_metres() -> None:
    corners = ((118.123456, 31.0), (119.0, 30.00004), (118.5, 32.5))
    assert write_box(corners) == "118.1235,30,119,32.5"
    assert write_box(((-0.00001, 1.0), (2.0, 3.0))) == "0,1,2,3"
