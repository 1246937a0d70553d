"""What a reader sees and does on Report, in a real browser."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from pypdf import PdfReader

from atlas.io.recipes import read_recipe
from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINK = {"layers": "innovation-corridors,rail-lines", "day": "2026-11-24", "known": "2026-11-25",
        "lang": "en", "where": "cities:320100", "words": "en"}  # fmt: skip
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


def open_page(visit: Visit, address: str, query: dict[str, str]) -> None:
    visit.page.goto(f"{address}/report?{urlencode(query)}")
    visit.page.get_by_text("Link to share").wait_for()


def where(visit: Visit) -> str:
    """The place of the address."""
    return dict(parse_qsl(urlsplit(visit.page.url).query))["where"]


def test_the_preview_is_the_figure_and_the_pdf_holds_its_recipe(
    visit: Visit, atlas_address: str, tmp_path: Path
) -> None:
    open_page(visit, atlas_address, LINK)
    picture = visit.page.get_by_alt_text("Map: Nanjing: Innovation corridors, Railway lines")
    picture.wait_for()
    size = picture.evaluate("i => i.decode().then(() => [i.naturalWidth, i.naturalHeight])")
    assert size[0] > 1000
    assert size[0] / size[1] == pytest.approx(297 / 210, rel=0.01)
    assert visit.page.evaluate(FITS)
    with visit.page.expect_download() as started:
        visit.page.get_by_role("button", name="PDF", exact=True).click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == "delta-atlas-cities-320100-2026-11-24.pdf"
    carried = read_recipe(path)
    assert carried.intact
    assert carried.recipe.place == "cities:320100"
    assert carried.recipe.layers == ("innovation-corridors", "rail-lines")
    assert "Nanjing: Innovation corridors" in PdfReader(path).pages[0].extract_text()


def test_a_box_is_drawn_on_the_map_and_a_series_stops_when_asked(
    visit: Visit, atlas_address: str
) -> None:
    open_page(visit, atlas_address, LINK | {"where": "118,31.5,119.5,32.5"})
    page = visit.page
    visit.drawn_after(0)
    visit.frame.locator(".atlas-draw button").click()
    spots = visit.frame.evaluate(
        """() => [[31, 118], [31, 120], [33, 119]].map(place => {
            const point = atlas.state.map.latLngToContainerPoint(place);
            const box = atlas.state.map.getContainer().getBoundingClientRect();
            return [box.x + point.x, box.y + point.y]; })"""
    )
    for x, y in spots:
        frame = visit.frame.frame_element().bounding_box()
        assert frame, "asked each time: a page that still grows moves its map"
        page.mouse.click(frame["x"] + x, frame["y"] + y)
        page.wait_for_timeout(350)
    page.keyboard.press("Enter")
    page.wait_for_function("() => !location.search.includes('where=118%2C31.5') && "
                           "!location.search.includes('where=118,31.5')")  # fmt: skip
    box = [float(side) for side in where(visit).split(",")]
    assert box == pytest.approx([118, 31, 120, 33], abs=0.03)
    page.get_by_role("button", name="Make the whole PDF").click()
    page.get_by_role("button", name="Stop").wait_for()
    page.get_by_text("of 41 pages drawn").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Finished pages are kept").wait_for()
    assert [float(side) for side in where(visit).split(",")] == box
