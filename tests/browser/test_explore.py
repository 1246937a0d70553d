"""What a reader sees and does on Explore, in a real browser."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import ATTACK, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEFEI = (117.23, 31.82)
SONGJIANG = (121.22, 31.03)
CORRIDORS = "?layers=innovation-corridors&lang=en&known=2026-11-24&day="


def test_first_visit_draws_the_delta_without_leaving_the_machine(
    visit: Visit, atlas_address: str
) -> None:
    visit.open(atlas_address)
    assert visit.page.get_by_role("heading", name="图上的长三角").is_visible()
    assert len(visit.features("cities")) == 41
    box = visit.page.locator("iframe").first.bounding_box()
    assert box
    assert box["width"] > 900
    assert box["height"] > 500


def test_day_decides_what_is_drawn(visit: Visit, atlas_address: str) -> None:
    """G60: only Songjiang in version 1.0, nine members in version 3.0."""
    visit.open(f"{atlas_address}/{CORRIDORS}2017-01-01")
    assert visit.covered("innovation-corridors", *SONGJIANG, "g60-corridor/")
    assert not visit.covered("innovation-corridors", *HEFEI, "g60-corridor/")
    ticket = visit.ticket()
    set_day(visit, "2019-01-01")
    visit.drawn_after(ticket)
    assert visit.covered("innovation-corridors", *SONGJIANG, "g60-corridor/")
    assert visit.covered("innovation-corridors", *HEFEI, "g60-corridor/")
    visit.address_says("day=2019-01-01")


def set_day(visit: Visit, day: str) -> None:
    """Type a day into the date input as a reader would: digits, then a click elsewhere."""
    field = visit.page.get_by_test_id("stDateInput").first
    field.locator("[role=spinbutton][data-type=year]").focus()
    visit.page.keyboard.type(day.replace("-", ""), delay=20)
    visit.page.get_by_role("heading").first.click()


def test_toggling_a_layer_keeps_the_view_and_does_not_flash(
    visit: Visit, atlas_address: str
) -> None:
    visit.open(f"{atlas_address}/?layers=cities&lang=en")
    frame = visit.frame
    visit.move_to(30.2, 120.1, 9)
    frame.evaluate(
        """() => {
            window.flashes = 0;
            const look = () => {
                const cities = atlas.state.drawn.get("cities").group;
                if (!atlas.state.map.hasLayer(cities)) { window.flashes++; }
                requestAnimationFrame(look);
            };
            look();
            window.theMap = atlas.state.map;
        }"""
    )
    before, ticket = visit.view(), visit.ticket()
    toggle(visit, "Districts and counties")
    visit.drawn_after(ticket)
    assert len(visit.features("districts")) == 305
    assert visit.view() == before
    assert frame.evaluate("() => window.theMap === atlas.state.map")
    assert frame.evaluate("() => window.flashes") == 0


def toggle(visit: Visit, title: str) -> None:
    box = visit.page.get_by_test_id("stCheckbox").filter(has_text=title).first
    box.locator("label").click()


def test_language_switches_on_the_page_and_on_the_map(visit: Visit, atlas_address: str) -> None:
    visit.open(atlas_address)
    assert "图例" in visit.frame.locator(".atlas-legend").inner_text()
    ticket = visit.ticket()
    visit.page.get_by_role("radio", name="English").or_(
        visit.page.get_by_role("button", name="English")
    ).first.click()
    visit.page.get_by_role("heading", name="The delta on the map").wait_for()
    visit.drawn_after(ticket)
    assert "Legend" in visit.frame.locator(".atlas-legend").inner_text()
    assert visit.frame.locator(".atlas-label", has_text="Nanjing").count() >= 1


def test_an_english_browser_gets_english(
    visit_with: Callable[..., Visit], atlas_address: str
) -> None:
    visit = visit_with(locale="en-GB").open(atlas_address)
    assert visit.page.get_by_role("heading", name="The delta on the map").is_visible()
    assert visit.outside == []


def test_a_row_of_the_table_moves_the_map(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=cities&lang=en")
    before, ticket = visit.view(), visit.ticket()
    table = visit.page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": 52})
    visit.drawn_after(ticket)
    assert visit.view() != before
    visit.address_says("place=cities")


def test_a_link_opens_on_its_place(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=cities&place=cities:331100&lang=zh")
    latitude, longitude, zoom = visit.view()
    assert latitude == pytest.approx(28.2, abs=0.4)
    assert longitude == pytest.approx(119.5, abs=0.5)
    assert zoom > 7.5


def test_chinese_names_are_drawn_by_the_atlas_own_font(visit: Visit, atlas_address: str) -> None:
    visit.open(atlas_address)
    assert visit.frame.evaluate("() => document.fonts.check('12px \"Atlas Sans\"', '盱眙')")
    assert visit.page.evaluate("() => document.fonts.check('12px \"Atlas Sans\"', '长三角')")
    loaded = visit.page.evaluate(
        "() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    )
    assert any("Atlas Sans" in family for family in loaded)


def test_the_measure_tool_measures(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=cities&lang=en")
    frame = visit.frame
    frame.locator("#polyline-measure-control").click()
    for x, y in ((400, 300), (600, 300)):
        frame.locator(".leaflet-container").click(position={"x": x, "y": y})
        visit.page.wait_for_timeout(400)
    text = frame.locator(".polyline-measure-tooltip-total").last.inner_text()
    measured = float(re.search(r"([\d.]+)\s*km", text.replace(",", "")).group(1))
    expected = frame.evaluate(
        """() => { const m = atlas.state.map;
            const at = x => m.containerPointToLatLng([x, 300]);
            return m.distance(at(400), at(600)) / 1000; }"""
    )
    assert measured == pytest.approx(expected, rel=0.02)


def test_download_is_exactly_what_is_shown(
    visit: Visit, atlas_address: str, tmp_path: Path
) -> None:
    visit.open(f"{atlas_address}/{CORRIDORS}2019-01-01")
    with visit.page.expect_download() as waiting:
        visit.page.get_by_test_id("stDownloadButton").locator("button").click()
    file = tmp_path / "shown.geojson"
    waiting.value.save_as(file)
    shown = json.loads(file.read_text("utf-8"))
    assert shown["in_force_on"] == "2019-01-01"
    versions = {(f["properties"]["id"], f["properties"]["plan_version"]) for f in shown["features"]}
    assert ("g60-corridor", "3.0") in versions
    assert ("g60-corridor", "1.0") not in versions
    drawn = [feature for feature in shown["features"] if feature["geometry"]]
    assert len(drawn) == len(visit.features("innovation-corridors"))


def test_at_phone_width_the_map_fills_the_screen(
    visit_with: Callable[..., Visit], atlas_address: str
) -> None:
    visit = visit_with(width=390, height=840).open(atlas_address)
    box = visit.page.locator("iframe").first.bounding_box()
    assert box
    assert box["width"] > 320
    assert visit.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.outside == []


def test_markup_in_every_text_field_stays_text(visit: Visit, hostile_address: str) -> None:
    visit.open(f"{hostile_address}/?layers=ecological-belts&lang=en&day=2024-01-01")
    frame = visit.frame
    frame.evaluate(
        """() => { const s = atlas.state.drawn.get("ecological-belts").group.getLayers()[0];
            s.openTooltip(s.getBounds().getCenter()); s.openPopup(s.getBounds().getCenter()); }"""
    )
    frame.locator(".atlas-popup").wait_for()
    assert ATTACK in frame.locator(".atlas-popup strong").inner_text()
    assert frame.locator(".leaflet-container img[src=x]").count() == 0
    visit.page.wait_for_timeout(300)
    assert not frame.evaluate("() => window.attacked")
    assert not visit.page.evaluate("() => window.attacked")


def test_versions_that_differ_behind_an_underscore_are_both_drawn(
    visit: Visit, hostile_address: str
) -> None:
    """streamlit-folium's key ignores what follows an underscore; we must not rely on it."""
    visit.open(f"{hostile_address}/?layers=ecological-belts&lang=en&day=2024-01-01")
    assert any("belt_2023" in name for name in visit.features("ecological-belts"))
    ticket = visit.ticket()
    set_day(visit, "2026-01-01")
    visit.drawn_after(ticket)
    assert any("belt_2035" in name for name in visit.features("ecological-belts"))


def test_a_tooltip_names_version_status_and_period(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/{CORRIDORS}2019-01-01")
    names = visit.features("innovation-corridors")
    assert any("version 3.0" in name and "from 2018-06" in name for name in names)


@pytest.mark.parametrize(("width", "height"), [(390, 840), (740, 360)])
def test_on_a_small_screen_the_map_leaves_room_to_scroll(
    visit_with: Callable[..., Visit], atlas_address: str, width: int, height: int
) -> None:
    visit = visit_with(width=width, height=height).open(atlas_address)
    box = visit.page.locator("iframe").first.bounding_box()
    assert box
    assert box["height"] <= 0.6 * height
    drawn = visit.frame.evaluate("() => atlas.state.map.getSize().y")
    assert drawn == pytest.approx(box["height"], abs=2)
    assert visit.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_alone_chooses_a_row(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=cities&lang=en")
    title = visit.page.locator("iframe").first.get_attribute("title")
    assert title
    assert title.startswith("Map: Cities.")
    before, ticket = visit.view(), visit.ticket()
    grid = visit.page.get_by_test_id("stDataFrame").first.locator("canvas").first
    grid.focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Shift+Space")
    visit.drawn_after(ticket)
    assert visit.view() != before
    visit.address_says("place=cities")


def test_a_part_chosen_in_the_table_is_lit_alone(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=metropolitan-areas&day=2022-01-01&lang=en")
    ticket = visit.ticket()
    table = visit.page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 18, "y": 122})
    visit.drawn_after(ticket)
    rows = visit.frame.evaluate("() => atlas.state.spec.focus.rows")
    assert rows == ["nanjing-metropolitan-area/2021/core"]
    lit = visit.frame.evaluate(
        "() => atlas.state.drawn.get('metropolitan-areas').group.getLayers()"
        ".filter(s => s.focused).length"
    )
    assert lit == 1


def test_a_popup_has_links_of_the_web_only_and_goes_with_the_language(
    visit: Visit, atlas_address: str
) -> None:
    visit.open(f"{atlas_address}/{CORRIDORS}2019-01-01")
    frame = visit.frame
    frame.evaluate(
        """() => { const s = atlas.state.drawn.get("innovation-corridors").group.getLayers()
                .find(s => s.feature.properties.i.startsWith("g60-corridor/"));
            s.feature.properties.p.push([{en: "bad"}, {en: "javascript:alert(1)"}]);
            s.openPopup(s.getBounds().getCenter()); }"""
    )
    links = frame.locator(".atlas-popup a")
    assert links.count() >= 1
    for link in links.all():
        assert str(link.get_attribute("href")).startswith(("http://", "https://"))
        assert link.get_attribute("rel") == "noopener"
        assert link.get_attribute("target") == "_blank"
    assert frame.locator(".atlas-popup dd", has_text="javascript:").locator("a").count() == 0
    narrow = frame.evaluate(
        "() => Math.min(...[...document.querySelectorAll('.atlas-popup dd')]"
        ".map(d => d.clientWidth))"
    )
    assert narrow > 100
    ticket = visit.ticket()
    visit.page.get_by_role("radio", name="中文").or_(
        visit.page.get_by_role("button", name="中文")
    ).first.click()
    visit.drawn_after(ticket)
    frame.locator(".atlas-popup").wait_for(state="detached")


def test_the_years_of_the_railways_play(visit: Visit, atlas_address: str) -> None:
    """In 2011 the delta has two lines more than in 2010; the last year shows all of today."""
    visit.open(f"{atlas_address}/?layers=rail-lines&day=2010-12-31&lang=en&play=years")
    label = "label => document.body.dataset.atlasFrame === label"
    visit.frame.wait_for_function(label, arg="2010")
    before = visit.features("rail-lines")
    visit.frame.locator("[data-atlas-player=next]").click()
    visit.frame.wait_for_function(label, arg="2011")
    after = visit.features("rail-lines")
    assert any("Beijing–Shanghai" in name for name in set(after) - set(before))
    assert set(before) <= set(after)
    visit.address_says("play=years")
