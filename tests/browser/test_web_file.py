"""The map in one file, opened from a folder: no request, no complaint, all that it promises."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route

from atlas.cartography.map_document import legend, map_document, map_layer
from atlas.cartography.web_spec import legend_label
from atlas.core.period import as_of, day_uncertain
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.operations.show import read_layer
from atlas.operations.web_file import write_web_file
from tests.browser.conftest import ATTACK, Visit
from tests.conftest import StoreBuilder
from tests.examples import in_force, square

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LAYERS, KNOWN, DAY = PROJECT / "layers", dt.date(2026, 12, 31), dt.date(2026, 11, 24)
PLANNING = [info.id for info in catalogue.list_feature_layers(LAYERS)
            if info.theme not in ("base", "water", "terrain", "people")]  # fmt: skip
LABELS = "Array.from(document.querySelectorAll('#legend li')).map(line => line.textContent)"
ROWS = "document.querySelectorAll('#features tbody tr').length"
INK = """() => { const c = document.querySelector('.leaflet-overlay-pane canvas');
    const copy = new OffscreenCanvas(c.width, c.height);
    const drawn = copy.getContext('2d', { willReadFrequently: true });
    drawn.drawImage(c, 0, 0);
    const d = drawn.getImageData(0, 0, c.width, c.height).data;
    let sum = 0; for (let at = 3; at < d.length; at += 4) { sum += d[at]; } return sum; }"""
LEAST_BYTES = 60_000


def opened(visit: Visit, path: Path) -> Visit:
    """Open a file; whatever else it asks for is refused and remembered."""

    def guard(route: Route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            visit.outside.append(route.request.url)
            route.abort()

    visit.page.route("**/*", guard)
    visit.page.on("request", lambda asked: asked.url == path.as_uri()
                  or visit.outside.append(asked.url))  # fmt: skip
    visit.page.context.set_offline(True)
    visit.page.goto(path.as_uri())
    visit.page.wait_for_function("document.body.dataset.atlasDrawn === '1'")
    return visit


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "map.html"
    write_web_file(path, LAYERS, PLANNING, day=DAY, known_by=KNOWN, lang="zh", made=DAY)
    return path


@pytest.fixture
def visit(visit_with: Callable[..., Visit], file: Path) -> Iterator[Visit]:
    made = opened(visit_with(fresh=True), file)
    yield made
    assert made.outside == []
    assert made.complaints == []
    made.page.context.close()


def labels(day: dt.date, lang: str) -> list[str]:
    """The legend as the web map has it."""
    drawn = []
    for name in PLANNING:
        layer = read_layer(LAYERS, name, known_by=KNOWN)
        rows = as_of(layer.features, day)
        drawn += [map_layer(layer, rows)] if len(rows) else []
    return [legend_label(entry, lang)
            for entry in legend(map_document(drawn, day=day, known_by=KNOWN))]  # fmt: skip


def test_days_legend_table_and_language(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    assert page.evaluate(LABELS) == labels(DAY, "zh")
    shown, ink = page.evaluate(ROWS), page.evaluate(INK)
    folder = Path(os.environ.get("ATLAS_PICTURES", tmp_path))
    page.screenshot(path=folder / "web-file.zh.png")
    assert (folder / "web-file.zh.png").stat().st_size > LEAST_BYTES

    page.evaluate("() => { const s = document.getElementById('slider'); s.value = 0;"
                  " s.dispatchEvent(new Event('input')); }")  # fmt: skip
    first = dt.date.fromisoformat(page.input_value("#day"))
    assert page.evaluate(LABELS) == labels(first, "zh")
    assert page.evaluate(ROWS) < shown
    page.wait_for_timeout(100)
    assert page.evaluate(INK) < ink

    page.fill("#day", "2019-06-01")
    page.locator("#day").press("Enter")
    day = dt.date(2019, 6, 1)
    assert page.evaluate(LABELS) == labels(day, "zh")
    current = [as_of(read_layer(LAYERS, name, known_by=KNOWN).features, day) for name in PLANNING]
    assert page.evaluate(ROWS) == sum(map(len, current))
    doubtful = sum(int(day_uncertain(rows, day).sum()) for rows in current)
    assert page.locator("#features td", has_text="日期不确定").count() == doubtful > 0

    page.get_by_role("button", name="English").click()
    assert page.evaluate(LABELS) == labels(day, "en")
    assert page.title() == "Yangtze River Delta Planning Atlas"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.get_by_role("heading", name="Features on the map").is_visible()
    assert page.get_by_role("button", name="中文").is_visible()


def test_a_name_is_a_way_to_its_feature_by_keyboard(visit: Visit) -> None:
    page = visit.page
    zoom = page.evaluate("atlas.file.state.map.getZoom()")
    button = page.locator("button.fly").first
    name = button.inner_text()
    button.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup strong")
    popup.wait_for()
    assert popup.inner_text() == name
    assert page.evaluate("atlas.file.state.map.getZoom()") > zoom
    for layer in PLANNING:
        edition = catalogue.find_edition(LAYERS, layer, known_by=KNOWN)
        assert page.get_by_text(edition.sha256).count() == 1


def test_it_fits_a_telephone(visit_with: Callable[..., Visit], file: Path, tmp_path: Path) -> None:
    visit = opened(visit_with(width=390, height=800, fresh=True), file)
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.locator("#legend li").first.is_visible()
    page.locator("#legend summary").click()
    assert page.locator("#legend li").first.is_visible()
    page.screenshot(path=Path(os.environ.get("ATLAS_PICTURES", tmp_path)) / "web-file.phone.png")
    assert (visit.outside, visit.complaints) == ([], [])
    page.context.close()


def test_text_of_data_stays_text(
    visit_with: Callable[..., Visit], store: StoreBuilder, tmp_path: Path
) -> None:
    names = ("name_zh", "name_en", "method_zh", "method_en", "notes_zh", "notes_en")
    hostile = dict.fromkeys(names, ATTACK)
    store.publish([in_force("2018-01-01", None, **hostile)], shape=square())
    path = tmp_path / "hostile.html"
    write_web_file(path, store.folder, ["belts"], day=DAY, known_by=KNOWN, lang="en", made=DAY)
    visit = opened(visit_with(fresh=True), path)
    button = visit.page.locator("button.fly").first
    assert button.inner_text() == ATTACK
    button.click()
    visit.page.locator(".leaflet-popup strong").wait_for()
    assert ATTACK in visit.page.locator(".leaflet-popup").inner_text()
    assert visit.page.evaluate("window.attacked") is None
    assert visit.page.locator("img").count() == 0
    assert (visit.outside, visit.complaints) == ([], [])
    visit.page.context.close()
