"""What a reader sees and does on Rail reach, in a real browser."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINK = {"day": "2026-11-25", "known": "2026-11-25", "lang": "en"}
NANJING = LINK | {"ask": "from", "origin": "cities:320100"}
MOVES, ANSWER_MS = 20, 300
SLIDE = """async label => {
    const slider = document.querySelector('.atlas-player input');
    const frames = atlas.player.state.frames.map(frame => frame.label);
    const began = performance.now();
    slider.value = frames.indexOf(label);
    slider.dispatchEvent(new Event('input'));
    while (document.body.dataset.atlasFrame !== label) {
        await new Promise(done => requestAnimationFrame(done));
    }
    return performance.now() - began;
}"""
"""Moves the slider to a year and says after how many milliseconds the map shows it."""


def open_page(visit: Visit, address: str, query: dict[str, str], *, drawn: bool = True) -> None:
    visit.page.goto(f"{address}/reach?{urlencode(query)}")
    visit.page.get_by_text("Link to share").wait_for(timeout=120_000)
    if drawn:
        visit.drawn_after(0)


def test_the_map_shows_the_network_and_reach_of_a_year_at_once(
    visit: Visit, atlas_address: str
) -> None:
    open_page(visit, atlas_address, NANJING)
    assert visit.frame.evaluate("() => document.body.dataset.atlasFrame") == "2026"
    assert "Shanghai–Nanjing intercity railway" in visit.features("reach-lines")
    later = len(visit.features("reach-lines"))
    years = [str(year) for year in range(2009, 2026)]
    for year in years:
        visit.frame.evaluate(SLIDE, year)
    taken = [visit.frame.evaluate(SLIDE, years[7 * move % len(years)]) for move in range(MOVES)]
    assert statistics.median(taken) < ANSWER_MS, taken
    visit.frame.evaluate(SLIDE, "2010")
    assert len(visit.features("reach-lines")) < later
    legend = visit.frame.locator(".atlas-legend").inner_text()
    assert "opened until 2010" in legend
    assert "within 30 minutes" in legend


def test_a_cell_of_the_matrix_tells_the_way(visit: Visit, atlas_address: str) -> None:
    open_page(visit, atlas_address, LINK | {"ask": "cities"}, drawn=False)
    grid = visit.page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    box = grid.locator("canvas").first.bounding_box()
    visit.page.mouse.click(box["x"] + 200, box["y"] + 24 * 3 + 12)
    way = visit.page.get_by_test_id("stAlertContentInfo").filter(has_text="from departure")
    way.wait_for()
    assert "minutes from departure to arrival" in way.inner_text()


def test_the_files_are_given_with_their_assumptions(
    visit: Visit, atlas_address: str, tmp_path: Path
) -> None:
    open_page(visit, atlas_address, NANJING)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("button", name="GEOJSON").click()
    file = tmp_path / "reach.geojson"
    download.value.save_as(file)
    held = json.loads(file.read_text("utf-8"))
    assert held["assumptions"]["access_kmh"]["value"] > 0
    assert len(held["features"]) == 4


def test_a_planned_line_is_drawn_and_told_on_a_telephone(visit_with, atlas_address: str) -> None:
    visit = visit_with(locale="en-GB", width=390, height=800)
    open_page(visit, atlas_address, LINK | {"ask": "line", "railway": "nantong-ningbo-hsr"})
    names = visit.features("reach-tried")
    assert names == ["Nantong–Suzhou–Jiaxing–Ningbo high-speed railway"]
    assert visit.page.get_by_text("come nearer").first.is_visible()
    assert visit.outside == []
    assert visit.complaints == []
