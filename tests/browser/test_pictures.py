"""The pictures of the README, made by the running atlas (`make pictures` keeps them)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LAYERS = "cities,ecological-belts,innovation-corridors,metropolitan-areas,rail-lines,rail-stations"
DAY = "day=2026-11-26&known=2026-11-26"
COMPARED = "layer=metropolitan-areas&days=2019-12-31,2024-06-01&known=2026-11-26"
PAGES = {
    "explore": (f"?layers={LAYERS}&{DAY}", 1040),
    "changes": (f"changes?{COMPARED}", 1240),
    "reach": (f"reach?{DAY}&ask=from&origin=cities:320100", 1040),
}
"""Address and height of the pages that the README shows."""
SETTLED_MS = 1500
LEAST_BYTES = 60_000
"""A page without its map compresses far below this."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures go: the project's own if they are to be kept."""
    return Path(os.environ.get("ATLAS_PICTURES", tmp_path))


@pytest.mark.parametrize(("lang", "locale"), [("zh", "zh-CN"), ("en", "en-GB")])
@pytest.mark.parametrize("page", PAGES)
def test_picture_of_a_page(
    visit_with: Callable[..., Visit], atlas_address: str, folder: Path, page: str, lang: str,
    locale: str,
) -> None:  # fmt: skip
    address, height = PAGES[page]
    visit = visit_with(locale=locale, width=1500, height=height)
    visit.open(f"{atlas_address}/{address}&lang={lang}")
    visit.page.wait_for_timeout(SETTLED_MS)
    picture = folder / f"{page}.{lang}.png"
    visit.page.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
    assert visit.outside == []


@pytest.mark.parametrize(
    "layer", ["innovation-corridors", "ecological-belts", "metropolitan-areas", "rail-lines"]
)
def test_picture_of_a_layer(visit: Visit, atlas_address: str, folder: Path, layer: str) -> None:
    """The map alone, for docs/layers."""
    visit.open(f"{atlas_address}/?layers=cities,{layer}&{DAY}&lang=zh")
    visit.page.wait_for_timeout(SETTLED_MS)
    picture = folder / f"{layer}.zh.png"
    visit.page.locator("iframe").first.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
