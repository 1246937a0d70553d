"""What a link asks of the railway."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.travelled import (
    ASKED,
    INCLUDED,
    MINUTES,
    TRAVELLED_NAMES,
    Travelled,
    read_travelled,
    travelled_query,
)
from atlas.core.view import View, read_query, to_query

ASSUMED = st.lists(
    st.tuples(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), st.integers(0, 999).map(float)),
    max_size=3, unique_by=lambda pair: pair[0],
).map(tuple)  # fmt: skip
WANTED = st.builds(
    Travelled, ask=st.sampled_from(ASKED),
    origin=st.sampled_from(("cities:310000", "rail-stations:nanjing-south")),
    target=st.sampled_from(("", "cities:341000")), minutes=st.sampled_from(MINUTES),
    include=st.lists(st.sampled_from(INCLUDED), unique=True).map(lambda held: tuple(sorted(held))),
    line=st.sampled_from(("", "nantong-ningbo-hsr", "nanjing,nanjing-south")),
    kmh=st.integers(1, 600), assumed=ASSUMED,
)  # fmt: skip


@given(WANTED)
def test_a_link_says_what_is_asked_and_is_read_again(wanted: Travelled) -> None:
    assert read_travelled(travelled_query(wanted)) == (wanted, [])


def test_what_is_usual_is_left_out() -> None:
    assert travelled_query(Travelled()) == {"ask": "from", "origin": "cities:310000"}
    assert read_travelled({"layers": "cities"}) == (None, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ask", "who"), ("origin", "nanjing"), ("origin", "cities:<b>"), ("to", "x"),
        ("minutes", "61"), ("minutes", "-60"), ("include", "in-force"), ("railway", "a b"),
        ("kmh", "0"), ("kmh", "-300"), ("kmh", "900"), ("kmh", "３００"), ("assume", "speed"),
        ("assume", "access_kmh:-3"), ("assume", "a:1,a:2"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named_and_the_usual_taken(name: str, value: str) -> None:
    found, unknown = read_travelled({"ask": "from", name: value})
    assert unknown == [f"{name}={value}"]
    assert found == Travelled()


def test_the_view_carries_it_with_the_day() -> None:
    view = View((), day=dt.date(2019, 12, 31), travelled=Travelled(minutes=90))
    query = to_query(view, today=dt.date(2026, 11, 25), lang="zh", travelled=True)
    assert query["minutes"] == "90"
    assert query["day"] == "2019-12-31"
    again, unknown = read_query(
        query, layers=[], languages=("zh",), default=(), today=dt.date(2026, 11, 25)
    )
    assert unknown == []
    assert again.travelled == view.travelled


def test_no_other_page_uses_its_names() -> None:
    from atlas.core import ground, measured, reported, view

    others = {*view.QUERY_NAMES, *view.COMPARED_NAMES, *measured.MEASURED_NAMES,
              *ground.GROUND_NAMES, *reported.REPORTED_NAMES}  # fmt: skip
    assert not others & set(TRAVELLED_NAMES)
