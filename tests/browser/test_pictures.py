"""The pictures of the README, made by the running atlas (`make pictures` keeps them)."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
LAYERS = "cities,ecological-belts,innovation-corridors,metropolitan-areas,rail-lines,rail-stations"
DAY = "day=2026-11-26&known=2026-11-26"
LEAST_BYTES = 60_000
"""A page without its map compresses far below this."""


@pytest.mark.parametrize(("lang", "locale"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_picture_of_explore(
    visit_with: Callable[..., Visit], atlas_address: str, tmp_path: Path, lang: str, locale: str
) -> None:
    visit = visit_with(locale=locale, width=1500, height=1040)
    visit.open(f"{atlas_address}/?layers={LAYERS}&{DAY}&lang={lang}")
    visit.page.wait_for_timeout(800)
    folder = Path(os.environ.get("ATLAS_PICTURES", tmp_path))
    picture = folder / f"explore.{lang}.png"
    visit.page.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
    assert visit.outside == []


@pytest.mark.parametrize(("lang", "locale"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_picture_of_changes(
    visit_with: Callable[..., Visit], atlas_address: str, tmp_path: Path, lang: str, locale: str
) -> None:
    visit = visit_with(locale=locale, width=1500, height=1240)
    days = "layer=metropolitan-areas&days=2019-12-31,2024-06-01&known=2026-11-26"
    visit.open(f"{atlas_address}/changes?{days}&lang={lang}")
    visit.page.wait_for_timeout(1500)
    picture = Path(os.environ.get("ATLAS_PICTURES", tmp_path)) / f"changes.{lang}.png"
    visit.page.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
    assert visit.outside == []


@pytest.mark.parametrize(("lang", "locale"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_picture_of_reach(
    visit_with: Callable[..., Visit], atlas_address: str, tmp_path: Path, lang: str, locale: str
) -> None:
    visit = visit_with(locale=locale, width=1500, height=1040)
    visit.open(f"{atlas_address}/reach?{DAY}&ask=from&origin=cities:320100&lang={lang}")
    visit.page.wait_for_timeout(1500)
    picture = Path(os.environ.get("ATLAS_PICTURES", tmp_path)) / f"reach.{lang}.png"
    visit.page.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
    assert visit.outside == []


@pytest.mark.parametrize(
    "layer", ["innovation-corridors", "ecological-belts", "metropolitan-areas", "rail-lines"]
)
def test_picture_of_a_layer(visit: Visit, atlas_address: str, tmp_path: Path, layer: str) -> None:
    """The map alone, for docs/layers."""
    visit.open(f"{atlas_address}/?layers=cities,{layer}&{DAY}&lang=zh")
    visit.page.wait_for_timeout(800)
    picture = Path(os.environ.get("ATLAS_PICTURES", tmp_path)) / f"{layer}.zh.png"
    visit.page.locator("iframe").first.screenshot(path=picture)
    assert picture.stat().st_size > LEAST_BYTES
