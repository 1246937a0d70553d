"""What a reader sees and does on Ground, in a real browser."""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import matplotlib.image
import numpy as np
import pytest

from tests.browser.conftest import PATIENCE_S, Visit
from tests.ground_examples import write_tiff

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Frame

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINK = {"raster": "land-cover", "day": "2026-11-24", "known": "2026-11-24", "lang": "en"}
WATER, CROPLAND = "#4f86c6", "#f2d16b"
PLACES = {(122.9, 31.5): WATER, (122.7, 29.0): WATER, (116.5, 33.5): CROPLAND,
          (120.15, 31.2): WATER}  # fmt: skip
"""The sea twice, a plain, and the middle of lake Tai."""
IMAGE = "() => { const l = atlas.raster.state.layer; return l && l.getElement(); }"


def open_ground(visit: Visit, address: str, **query: str) -> None:
    visit.page.goto(f"{address}/ground?{urlencode(LINK | query)}")
    visit.page.get_by_text("Link to share").wait_for()
    visit.drawn_after(0)


def until(visit: Visit, question: Callable[[], object], wanted: object) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while (answer := question()) != wanted:
        assert time.monotonic() < deadline, f"{answer!r} is not {wanted!r}"
        visit.page.wait_for_timeout(50)


def spot(frame: Frame, lon: float, lat: float) -> tuple[float, float]:
    x, y = frame.evaluate(
        "([lon, lat]) => { const p = atlas.state.map.latLngToContainerPoint([lat, lon]);"
        " return [p.x, p.y]; }",
        [lon, lat],
    )
    return x, y


def test_the_raster_lies_where_it_should_below_the_zones(visit: Visit, atlas_address: str) -> None:
    open_ground(visit, atlas_address, opacity="100", over="provinces")
    frame = visit.frame
    box = frame.evaluate(
        "() => { const r = atlas.raster.state.layer.getElement().getBoundingClientRect();"
        " return [r.left, r.top, r.right, r.bottom]; }"
    )
    corners = [*spot(frame, 114.5, 35.5), *spot(frame, 123.5, 27.0)]
    assert box == pytest.approx(corners, abs=1.5)
    picture = frame.frame_element().screenshot()
    pixels = matplotlib.image.imread(BytesIO(picture))
    for place, colour in PLACES.items():
        x, y = spot(frame, *place)
        wanted = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        assert pixels[round(y), round(x), :3] == pytest.approx(wanted, abs=0.02), place
    assert frame.evaluate("() => atlas.state.drawn.has('provinces')")
    view = visit.view()
    slider = visit.page.get_by_role("slider", name="Opacity")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    until(visit, lambda: frame.evaluate(f"() => ({IMAGE})().style.opacity"), "0.8")
    assert visit.view() == view


def test_a_line_is_drawn_and_its_profile_told(visit: Visit, atlas_address: str) -> None:
    open_ground(visit, atlas_address, tell="profile", line="drawn")
    frame = visit.frame
    button = frame.locator(".atlas-draw button")
    button.click()
    assert "double click" in frame.locator(".atlas-draw-hint").inner_text()
    for lon, lat in ((118.8, 32.0), (120.2, 31.2), (121.4, 31.2)):
        x, y = spot(frame, lon, lat)
        area = frame.frame_element().bounding_box()
        assert area, "asked each time: a page that still grows moves its map"
        visit.page.mouse.click(area["x"] + x, area["y"] + y)
        visit.page.wait_for_timeout(350)
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("heading", name="Drawn line").wait_for()
    visit.page.get_by_text("Along the line: mean").wait_for()
    visit.page.wait_for_url("**line=1**")
    line = dict(parse_qsl(urlsplit(visit.page.url).query))["line"]
    corners = [tuple(map(float, corner.split(","))) for corner in line.split(";")]
    assert len(corners) == 3
    assert corners[1] == pytest.approx((120.2, 31.2), abs=0.02)
    assert visit.page.get_by_role("textbox", name="Corners of the line").input_value() == line
    visit.page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first.wait_for()
    until(visit, lambda: frame.evaluate("() => atlas.state.drawn.has('ground-line')"), True)


def test_a_file_of_ones_own_is_seen_and_stays_nowhere(
    visit: Visit, atlas_address: str, tmp_path: Path
) -> None:
    values = np.full((6, 8), 3, "uint8")
    values[:, 4:] = 8
    colours = {3: (255, 0, 0, 255), 8: (0, 0, 255, 255)}
    path = write_tiff(tmp_path / "own.tif", values, colours=colours)
    query = LINK | {"raster": "own", "opacity": "100", "over": "provinces"}
    visit.page.goto(f"{atlas_address}/ground?{urlencode(query)}")
    visit.page.locator("input[type=file]").set_input_files(path)
    visit.page.get_by_text("What the file says of itself").wait_for()
    visit.drawn_after(0)
    frame = visit.frame
    assert frame.evaluate(f"() => ({IMAGE})().src").startswith("data:image/png")
    pixels = matplotlib.image.imread(BytesIO(frame.frame_element().screenshot()))
    for place, colour in (((118.3, 30.9), (1, 0, 0)), ((119.7, 30.7), (0, 0, 1))):
        x, y = spot(frame, *place)
        assert pixels[round(y), round(x), :3] == pytest.approx(colour, abs=0.02)
    bad = tmp_path / "bad.tif"
    bad.write_text("hello", "utf-8")
    visit.page.locator("input[type=file]").set_input_files(bad)
    visit.page.get_by_test_id("stAlertContentError").get_by_text("bad.tif").wait_for()
