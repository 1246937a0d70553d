"""What the page of the ground shows, and its link."""

import datetime as dt

import pytest

from atlas.core.ground import (
    GroundView,
    ground_query,
    read_corners,
    read_ground,
    write_corners,
)

RASTERS, LAYERS = ("land-cover", "terrain"), ("cities", "rail-lines")
THEN = dt.date(2016, 1, 1)


def read(query: dict[str, str], layers: tuple[str, ...] = LAYERS, then: dt.date | None = None):
    return read_ground(query, rasters=RASTERS, layers=layers, then=then)


@pytest.mark.parametrize(
    "view",
    [
        GroundView("terrain"), GroundView("own", "profile", line="drawn"),
        GroundView("land-cover", "zones", "cities", "cities", THEN, opacity=0),
        GroundView("land-cover", "profile", line="118.5,31;119,31.25"),
        GroundView("land-cover", "profile", line="rail-lines:x"),
        GroundView("terrain", "sketch", "cities", weights=(0, 1, 10, 3)),
    ],
)  # fmt: skip
def test_a_link_says_what_is_shown(view: GroundView) -> None:
    query = ground_query(view)
    found, unknown = read(query, (*LAYERS, "ecological-belts"), view.then)
    assert found == view
    assert unknown == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("raster", "cities"), ("tell", "lies"), ("over", "terrain"), ("cut", "x"),
        ("line", "1,2"), ("line", "terrain:x"), ("opacity", "101"), ("opacity", "-1"),
        ("opacity", "٣"), ("weights", "1,2,x"), ("weights", "11"), ("then", "2016"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named(name: str, value: str) -> None:
    view, unknown = read({"raster": "terrain"} | {name: value})
    assert unknown == [f"{name}={value}"]
    assert view is None or name != "raster"


def test_a_link_of_another_page_shows_no_ground() -> None:
    assert read({"layers": "cities", "zones": "cities"}) == (None, [])


@pytest.mark.parametrize("text", ["", "118,31", "118,31;118,31", "190,31;118,31", "a;b", "1,2;3"])
def test_no_line(text: str) -> None:
    assert read_corners(text) == ()


def test_corners_come_back_as_written() -> None:
    corners = ((118.5, 31.0), (119.0, 31.25), (-0.5, 0.0))
    assert read_corners(write_corners(corners)) == corners
