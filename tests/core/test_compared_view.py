"""Links of the page of changes: two states are written and read again, or named."""

import datetime as dt
import json
from itertools import permutations
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.view import (
    MAPS,
    STATES,
    Compared,
    View,
    read_compared,
    read_query,
    to_address,
    to_query,
)
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from tests.strategies import DAYS, SIGNS

LAYERS = ("cities", "ecological-belts")
TODAY, LATEST = dt.date(2024, 6, 30), dt.date(2100, 12, 31)
NUMBERS = st.integers(1, 999_999).map(str)
VERSIONS = st.text(SIGNS, min_size=1).filter(lambda text: "," not in text)
PAIRS = {"days": DAYS.map(dt.date.isoformat), "editions": NUMBERS, "versions": VERSIONS}
LONGEST = 200


@st.composite
def compared_states(draw: st.DrawFn) -> Compared:
    by = draw(st.sampled_from(STATES))
    return Compared(
        draw(st.sampled_from(LAYERS)), by, draw(PAIRS[by]), draw(PAIRS[by]),
        draw(st.none() | st.text(SIGNS, min_size=1)), draw(st.sampled_from(MAPS)),
    )  # fmt: skip


def read(query: dict[str, str]) -> tuple[View, list[str]]:
    return read_query(
        query, layers=LAYERS, languages=("zh", "en"), default=("cities",), today=LATEST
    )


def address_of(compared: Compared, *, known_by: dt.date | None = None) -> str:
    view = View((), known_by=known_by, compared=compared)
    return to_address(to_query(view, today=TODAY, lang="zh", compared=True), "changes")


@given(compared_states(), st.none() | DAYS, st.sampled_from([None, "zh", "en"]))
def test_a_link_comes_back(compared: Compared, known_by: dt.date | None, lang: str | None) -> None:
    view = View((), known_by=known_by, lang=lang, compared=compared)
    address = to_address(to_query(view, today=TODAY, lang="en", compared=True), "changes")
    page, _, text = address.partition("?")
    found, unknown = read(dict(parse_qsl(text, keep_blank_values=True)))
    assert page == "/changes"
    assert unknown == []
    assert found.compared == compared
    assert (found.known_by, found.lang) == (known_by or TODAY, lang or "en")


@given(compared_states())
def test_a_link_is_one_line_of_ascii(compared: Compared) -> None:
    address = address_of(compared)
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address


def test_a_link_says_what_is_compared_and_by_when() -> None:
    compared = Compared("cities", "days", "2015-01-01", "2020-12-31")
    assert address_of(compared) == (
        "/changes?layer=cities&days=2015-01-01,2020-12-31&known=2024-06-30&lang=zh"
    )
    more = Compared("cities", "versions", "1.0", "2.0", "g60", "one")
    assert address_of(more, known_by=dt.date(2021, 1, 1)) == (
        "/changes?layer=cities&versions=1.0,2.0&feature=g60&maps=one&known=2021-01-01&lang=zh"
    )


def test_a_page_that_compares_nothing_writes_its_layers() -> None:
    compared = Compared("cities", "editions", "1", "2")
    view = View(("cities",), compared=compared)
    assert "editions" not in to_query(view, today=TODAY, lang="zh")
    assert "layer" not in to_query(View(("cities",)), today=TODAY, lang="zh", compared=True)


def test_an_address_without_states_compares_nothing() -> None:
    assert read_compared({}, layers=LAYERS) == (None, [])
    assert read_compared({"layer": "cities"}, layers=LAYERS) == (None, [])


@pytest.mark.parametrize(
    ("query", "compared"),
    [
        ({"days": "2020-01-01,2010-01-01"}, ("days", "2020-01-01", "2010-01-01")),
        ({"days": "2020-01-01,2020-01-01"}, ("days", "2020-01-01", "2020-01-01")),
        ({"days": "1900-01-01,2100-12-31"}, ("days", "1900-01-01", "2100-12-31")),
        ({"editions": "2,1"}, ("editions", "2", "1")),
        ({"editions": "999999,1"}, ("editions", "999999", "1")),
        ({"versions": "版本一,2018 draft"}, ("versions", "版本一", "2018 draft")),
    ],
)
def test_states_that_are_understood(query: dict[str, str], compared: tuple[str, str, str]) -> None:
    found = read_compared({"layer": "cities"} | query, layers=LAYERS)
    assert found == (Compared("cities", *compared), [])


@pytest.mark.parametrize(
    "query",
    [
        {"days": ""},
        {"days": ","},
        {"days": "2020-01-01"},
        {"days": "2020-01-01,"},
        {"days": ",2020-01-01"},
        {"days": "2020-01-01,2020-02-30"},
        {"days": "2020-01-01,2020-01-02,2020-01-03"},
        {"days": "1899-12-31,2020-01-01"},
        {"days": "2020-01-01,2101-01-01"},
        {"days": "2020-01-01 ,2021-01-01"},
        {"days": "２０２０-01-01,2021-01-01"},
        {"editions": "0,1"},
        {"editions": "1,-2"},
        {"editions": "01,2"},
        {"editions": "1.0,2"},
        {"editions": "1, 2"},
        {"editions": "1,1000000"},
        {"editions": "１,２"},
        {"editions": "1\n,2"},
        {"editions": "one,two"},
        {"versions": "1.0"},
        {"versions": ",2.0"},
        {"versions": "1,2,3"},
    ],
)
def test_states_that_are_not_understood_are_named(query: dict[str, str]) -> None:
    ((name, value),) = query.items()
    found, unknown = read({"layer": "cities"} | query)
    assert found.compared is None
    assert unknown == [f"{name}={value}"]


@pytest.mark.parametrize(
    ("query", "by", "unknown"),
    [
        ({"days": "2020-01-01,2021-01-01", "editions": "1,2"}, None,
         ["days=2020-01-01,2021-01-01", "editions=1,2"]),
        ({"days": "2020-01-01,2021-01-01", "editions": "x"}, "days", ["editions=x"]),
        ({"editions": "1,2", "maps": "three"}, "editions", ["maps=three"]),
        ({"editions": "1,2", "maps": ""}, "editions", ["maps="]),
        ({"editions": "1,2", "zoom": "7"}, "editions", ["zoom=7"]),
        ({"editions": "1,2", "feature": ""}, "editions", []),
    ],
)  # fmt: skip
def test_what_a_link_says_beside_its_states(
    query: dict[str, str], by: str | None, unknown: list[str]
) -> None:
    found, named = read({"layer": "cities"} | query)
    assert sorted(named) == sorted(unknown)
    assert (found.compared and found.compared.by) == by
    if found.compared:
        assert (found.compared.maps, found.compared.feature) == ("two", None)


@pytest.mark.parametrize("layer", ["moon", "", "../cities", "Cities", "cities,cities"])
def test_a_layer_that_is_not_there_is_named(layer: str) -> None:
    found, unknown = read({"layer": layer, "editions": "1,2"})
    assert found.compared is None
    assert unknown == [f"layer={layer}"]


def test_explore_and_changes_share_what_they_have_in_common() -> None:
    query = {"layers": "cities", "day": "2020-01-01", "known": "2021-01-01", "lang": "en",
             "layer": "cities", "editions": "1,2"}  # fmt: skip
    found, unknown = read(query)
    assert unknown == []
    assert (found.layers, found.day) == (("cities",), dt.date(2020, 1, 1))
    assert found.compared == Compared("cities", "editions", "1", "2")


HOSTILE = [
    "<script>alert(1)</script>", "'; DROP TABLE layers; --", "{0}{x}", "%00%ff", "a&b=c#d?e",
    "../../etc/passwd", "\u202egnp", "\x00", "9" * 100_000, "长" * 100_000, "\n" * 100,
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["layer", "days", "editions", "versions", "maps", "other"])
def test_hostile_values_are_named_and_cut_short(name: str, value: str) -> None:
    found, unknown = read({"layer": "cities", "editions": "1,2"} | {name: value})
    assert unknown == [f"{name}={value}"[:80]]
    wrong = name in ("layer", "editions")
    assert (found.compared is None) == wrong


@pytest.mark.parametrize("value", HOSTILE[:8], ids=range(8))
def test_a_hostile_feature_or_version_is_data_and_comes_back(value: str) -> None:
    compared = Compared("cities", "versions", value, value, value)
    query = dict(parse_qsl(address_of(compared).partition("?")[2], keep_blank_values=True))
    assert read(query)[0].compared == compared


def real_states() -> list[tuple[str, str, list[str]]]:
    """Layer, feature and plan versions of every feature of the newest editions."""
    layers = PROJECT / "layers"
    found: dict[tuple[str, str], list[str]] = {}
    for info in catalogue.list_feature_layers(layers):
        for line in newest(layers / info.id).read_text("utf-8").splitlines():
            if line.startswith('{"type":"Feature"'):
                entry = json.loads(line.removesuffix(","))["properties"]
                found.setdefault((info.id, entry["id"]), []).append(entry["plan_version"])
    return [(*name, list(dict.fromkeys(versions))) for name, versions in found.items()]


def newest(layer: Path) -> Path:
    return max(layer.glob("*.geojson"), key=lambda path: int(path.stem))


def test_every_real_link_is_short_and_comes_back() -> None:
    states = real_states()
    assert len({layer for layer, _, _ in states}) > 10
    layers = {layer for layer, _, _ in states}
    for layer, feature, versions in states:
        pairs = [("days", "2012-01-01", "2026-11-25"), ("editions", "999", "1000")]
        pairs += [("versions", old, new) for old, new in permutations(versions, 2)]
        for by, old, new in pairs:
            compared = Compared(layer, by, old, new, feature, "years")
            address = address_of(compared)
            assert len(address) < LONGEST
            query = dict(parse_qsl(address.partition("?")[2]))
            assert read_compared(query, layers=layers) == (compared, [])
