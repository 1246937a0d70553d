"""Links of the page of overlaps: what is measured is written and read again, or named."""

import datetime as dt
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.measured import (
    CHANGE,
    GIVEN_ZONES,
    LEAST_CORNERS,
    MOST_CORNERS,
    ORDERS,
    SHOWN,
    Measured,
    measured_query,
    read_polygon,
    write_polygon,
)
from atlas.core.view import View, read_query, to_address, to_query
from tests.strategies import DAYS, SIGNS

LAYERS = ("cities", "ecological-belts", "rail-lines")
TODAY, LATEST = dt.date(2024, 6, 30), dt.date(2100, 12, 31)
BASE = {"layer": "ecological-belts", "zones": "cities", "show": "features"}
GIVEN = BASE | {"zones": GIVEN_ZONES}
TRIANGLE = "118.5,31;119,31.25;118.75,32"
CORNERS = ((118.5, 31.0), (119.0, 31.25), (118.75, 32.0))
CODES = st.text(SIGNS, max_size=80)


def degrees(most: int) -> st.SearchStrategy[float]:
    """Degrees on the grid of a link."""
    return st.integers(-most * 100_000, most * 100_000).map(lambda value: value / 1e5)


POLYGONS = st.lists(
    st.tuples(degrees(180), degrees(90)), min_size=3, max_size=MOST_CORNERS, unique=True
).map(tuple)


@st.composite
def measured_things(draw: st.DrawFn) -> Measured:
    show = draw(st.sampled_from(SHOWN))
    zones = draw(st.sampled_from([*LAYERS, *([] if show == CHANGE else [GIVEN_ZONES])]))
    return Measured(
        draw(st.sampled_from(LAYERS)), zones, show, draw(st.sampled_from(["", *LAYERS])),
        draw(st.none() | DAYS), draw(CODES), draw(CODES), draw(st.sampled_from(ORDERS)),
        draw(st.just(()) | POLYGONS) if zones == GIVEN_ZONES else (),
    )  # fmt: skip


def read(query: dict[str, str]) -> tuple[View, list[str]]:
    return read_query(
        query, layers=LAYERS, languages=("zh", "en"), default=("cities",), today=LATEST
    )


def address_of(measured: Measured) -> str:
    view = View((), measured=measured)
    return to_address(to_query(view, today=TODAY, lang="zh", measured=True), "overlap")


@given(measured_things(), st.none() | DAYS, st.none() | DAYS)
def test_a_link_comes_back(
    measured: Measured, day: dt.date | None, known_by: dt.date | None
) -> None:
    view = View((), day=day, known_by=known_by, lang="en", measured=measured)
    address = to_address(to_query(view, today=TODAY, lang="zh", measured=True), "overlap")
    page, _, text = address.partition("?")
    found, unknown = read(dict(parse_qsl(text, keep_blank_values=True)))
    assert page == "/overlap"
    assert unknown == []
    assert found.measured == measured
    assert (found.day, found.known_by, found.lang) == (day or TODAY, known_by or TODAY, "en")


@given(measured_things())
def test_a_link_is_one_line_of_ascii(measured: Measured) -> None:
    address = address_of(measured)
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address


def test_a_link_leaves_out_what_is_usual() -> None:
    assert address_of(Measured("cities")) == (
        "/overlap?layer=cities&zones=cities&show=features&day=2024-06-30&known=2024-06-30&lang=zh"
    )
    more = Measured(
        "cities", "rail-lines", "zones", zone="320100", cell="320500", order="code",
        until=dt.date(2020, 1, 1), other="ecological-belts",
    )  # fmt: skip
    assert address_of(more) == (
        "/overlap?layer=cities&zones=rail-lines&show=zones&with=ecological-belts&until=2020-01-01"
        "&zone=320100&cell=320500&order=code&day=2024-06-30&known=2024-06-30&lang=zh"
    )


def test_a_page_without_a_measure_writes_its_layers() -> None:
    view = View(("cities",), measured=Measured("cities"))
    assert "zones" not in to_query(view, today=TODAY, lang="zh")
    assert "zones" not in to_query(View(("cities",)), today=TODAY, lang="zh", measured=True)


def test_an_address_that_names_no_layer_measures_nothing() -> None:
    assert read({}) == (View(("cities",)), [])
    assert read({"layer": "cities"})[0].measured is None
    assert read({"show": "zones"})[0].measured is None
    assert read({"layer": "cities", "show": "zones"})[0].measured == Measured(
        "cities", show="zones"
    )


@pytest.mark.parametrize(
    ("part", "unknown"),
    [
        ({"layer": "atlantis"}, ["layer=atlantis"]),
        ({"zones": "atlantis"}, ["zones=atlantis"]),
        ({"zones": "cities,provinces"}, ["zones=cities,provinces"]),
        ({"show": "everything"}, ["show=everything"]),
        ({"with": "atlantis"}, ["with=atlantis"]),
        ({"until": "2019-02-30"}, ["until=2019-02-30"]),
        ({"until": "1850-01-01"}, ["until=1850-01-01"]),
        ({"until": ""}, ["until="]),
        ({"order": "random"}, ["order=random"]),
        ({"order": "CODE"}, ["order=CODE"]),
        ({"colour": "red"}, ["colour=red"]),
        ({"polygon": TRIANGLE}, [f"polygon={TRIANGLE}"]),
        ({"show": CHANGE, "zones": GIVEN_ZONES}, [f"zones={GIVEN_ZONES}"]),
        ({"show": CHANGE, "zones": GIVEN_ZONES, "polygon": TRIANGLE},
         [f"polygon={TRIANGLE}", f"zones={GIVEN_ZONES}"]),
    ],
    ids=str,
)  # fmt: skip
def test_parts_that_are_not_understood_are_named(part: dict[str, str], unknown: list[str]) -> None:
    found, named = read(BASE | part)
    assert sorted(named) == unknown
    if "layer" in part:
        assert found.measured is None
        return
    assert found.measured
    assert found.measured.polygon == ()
    assert found.measured.layer == BASE["layer"]
    kept = measured_query(found.measured)
    assert not any(kept.get(name) == value for name, value in part.items() if name != "show")


# -- a polygon in the link ---------------------------------------------------------------------


@given(POLYGONS)
def test_a_polygon_comes_back_from_its_link(corners: tuple[tuple[float, float], ...]) -> None:
    text = write_polygon(corners)
    assert read_polygon(text) == corners
    assert write_polygon(read_polygon(text)) == text


def test_a_polygon_is_read_only_of_given_zones() -> None:
    found, unknown = read(GIVEN | {"polygon": TRIANGLE})
    assert unknown == []
    assert found.measured
    assert found.measured.polygon == CORNERS
    assert measured_query(found.measured)["polygon"] == TRIANGLE
    elsewhere = Measured("cities", polygon=CORNERS)
    assert "polygon" not in measured_query(elsewhere)


def test_a_link_holds_as_many_corners_as_it_can_read() -> None:
    corners = tuple((118 + place / 100, 31.0 + place % 2) for place in range(MOST_CORNERS + 1))
    assert write_polygon(corners) == ""
    most = corners[:-1]
    assert read_polygon(write_polygon(most)) == most
    assert len(address_of(Measured("cities", GIVEN_ZONES, polygon=most))) < 2_000
    assert "polygon" not in measured_query(Measured("cities", GIVEN_ZONES, polygon=corners))


def test_a_polygon_is_written_as_short_as_it_can_be() -> None:
    corners = ((118.0, 31.5), (119.12345, -0.0), (-0.00001, 30.1))
    assert write_polygon(corners) == "118,31.5;119.12345,0;-0.00001,30.1"
    assert read_polygon("118.50,31.000;119,31.25;118.75,32") == CORNERS


FAR = ";".join(f"{118 + place / 100},{31 + place % 2}" for place in range(MOST_CORNERS + 1))
WRONG = [
    "x",
    "118.5,31",
    "118.5,31;119,31.25",
    f"{TRIANGLE};",
    f";{TRIANGLE}",
    TRIANGLE.replace(";", "|"),
    "118.5 31;119 31.25;118.75 32",
    "118.5,31,5;119,31.25,5;118.75,32,5",
    FAR,
    "118.123456,31;119,31.25;118.75,32",
    "1e2,31;119,31.25;118.75,32",
    "nan,31;119,31;118,32",
    "inf,31;119,31;118,32",
    "+118,31;119,31;118,32",
    " 118,31;119,31;118,32",
    "118.,31;119,31;118,32",
    ".5,31;119,31;118,32",
    "0118,31;119,31;118,32",
    "١١٨,31;119,31;118,32",
    "118，31；119，31；118，32",
    "181,31;119,31;118,32",
    "-181,31;119,31;118,32",
    "118,91;119,31;118,32",
    "118,-91;119,31;118,32",
    "118,31;118,31;118,31",
    "118,31;119,31;118,31;119,31",
    f"{TRIANGLE}\n",
    "118,31\n;119,31;118,32",
    "POLYGON((118 31,119 31,118 32,118 31))",
    "[[118,31],[119,31],[118,32]]",
    "<script>alert(1)</script>",
    "'; DROP TABLE layers; --",
    "\x00",
    "9" * 100_000,
    ";" * 100_000,
    "118,31;" * 50_000,
    "长" * 100_000,
]


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_polygon_that_is_none_is_named_and_cut_short(text: str) -> None:
    assert read_polygon(text) == ()
    found, unknown = read(GIVEN | {"polygon": text})
    assert unknown == [f"polygon={text}"[:80]]
    assert found.measured
    assert (found.measured.zones, found.measured.polygon) == (GIVEN_ZONES, ())


def test_an_empty_polygon_says_nothing() -> None:
    assert read(GIVEN | {"polygon": ""})[1] == []
    assert LEAST_CORNERS == 3


HOSTILE = [
    "<script>alert(1)</script>", "{0}{x}", "%00%ff", "a&b=c#d?e", "../../etc/passwd",
    "\u202egnp", "\x00", "9" * 100_000, "长" * 100_000, "\n" * 100,
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["layer", "zones", "show", "with", "until", "order"])
def test_hostile_values_are_named_and_cut_short(name: str, value: str) -> None:
    found, unknown = read(BASE | {name: value})
    assert unknown == [f"{name}={value}"[:80]]
    assert (found.measured is None) == (name == "layer")


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["zone", "cell"])
def test_a_hostile_code_is_data_and_cut_short(name: str, value: str) -> None:
    found, unknown = read(BASE | {name: value})
    assert unknown == []
    assert found.measured
    assert getattr(found.measured, name) == value[:80]
