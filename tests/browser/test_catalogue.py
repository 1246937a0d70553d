"""What a reader sees and does in the catalogue, in a real browser."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import ATTACK, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

G60 = "innovation-corridors:g60-corridor"
ENTRY = f"/catalogue?place={G60}&known=2026-11-24&lang="
G60_ZH, G60_EN = "长三角G60科创走廊", "Yangtze River Delta G60"


@pytest.mark.parametrize(("lang", "heading"), [("zh", G60_ZH), ("en", G60_EN)])
def test_a_link_opens_one_feature(
    visit: Visit, atlas_address: str, lang: str, heading: str
) -> None:
    visit.read(atlas_address + ENTRY + lang, heading)
    visit.page.get_by_role("heading", level=3).nth(3).wait_for()
    assert visit.page.get_by_role("heading", level=2).count() == 1
    visit.page.get_by_role("rowheader").nth(20).wait_for()
    source = visit.page.get_by_role("link", name="te-ch.tech/news/show-7748.html")
    assert source.get_attribute("href") == "http://te-ch.tech/news/show-7748.html"


def test_a_version_leads_to_the_map_where_it_is_drawn(visit: Visit, atlas_address: str) -> None:
    visit.read(atlas_address + ENTRY + "en", G60_EN)
    visit.page.get_by_role("link", name="On the map on 2016-05-24").click()
    visit.drawn_after(0)
    names = visit.features("innovation-corridors")
    assert any("G60" in name and "version 1.0" in name for name in names)
    assert visit.covered("innovation-corridors", 121.22, 31.03)
    for part in ("day=2016-05-24", "known=2026-11-24", "layers=innovation-corridors&"):
        visit.address_says(part)
    assert "/catalogue" not in visit.page.url


def test_the_map_leads_to_the_entry_and_back_returns(visit: Visit, atlas_address: str) -> None:
    visit.open(f"{atlas_address}/?layers=innovation-corridors&day=2019-01-01&place={G60}&lang=en")
    visit.page.get_by_role("link", name="The chosen feature's entry").click()
    visit.page.get_by_role("heading", name=G60_EN).wait_for()
    visit.page.wait_for_url("**/catalogue?*day=2019-01-01*")
    visit.page.go_back()
    visit.page.get_by_role("heading", name="The delta on the map").wait_for()


def test_the_side_bar_keeps_the_view(visit: Visit, atlas_address: str) -> None:
    visit.read(atlas_address + ENTRY + "en&day=2019-01-01&layers=cities", G60_EN)
    visit.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Explore").click()
    visit.page.get_by_role("heading", name="The delta on the map").wait_for()
    visit.page.wait_for_url("**/?*day=2019-01-01*")
    visit.address_says("layers=cities&")
    visit.address_says("place=innovation-corridors")
    visit.drawn_after(0)


def test_a_row_opens_an_entry_and_the_browsers_back_closes_it(
    visit: Visit, atlas_address: str
) -> None:
    visit.read(f"{atlas_address}/catalogue?place=cities&lang=en", "Cities")
    table = visit.page.get_by_test_id("stDataFrame").first
    table.click(position={"x": 18, "y": 52})
    visit.page.get_by_role("heading", name="Shanghai").wait_for()
    visit.page.wait_for_url("**/catalogue?*place=cities%3A310000*")
    visit.page.go_back()
    visit.page.get_by_role("heading", name="Features: ").wait_for()


def test_a_member_leads_to_its_own_entry(visit: Visit, atlas_address: str) -> None:
    visit.read(atlas_address + ENTRY + "en", G60_EN)
    link = visit.page.get_by_role("link", name="Songjiang District 310117").first
    assert "place=districts:310117" in str(link.get_attribute("href"))
    with visit.page.context.expect_page() as opening:
        link.click()
    opening.value.get_by_role("heading", name="Songjiang District").wait_for()


def test_at_phone_width_the_text_fits(visit_with: Callable[..., Visit], atlas_address: str) -> None:
    visit = visit_with(width=390, height=840).read(atlas_address + ENTRY + "en", G60_EN)
    visit.page.get_by_role("heading", name="Layer, edition, licence").wait_for()
    wide = visit.page.evaluate(
        """() => [...document.querySelectorAll(".stTable table")]
            .filter(t => t.scrollWidth > t.parentElement.clientWidth + 1).length"""
    )
    assert wide == 0
    assert visit.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert visit.outside == []


def test_markup_in_every_text_field_stays_text(visit: Visit, hostile_address: str) -> None:
    visit.read(f"{hostile_address}/catalogue?place=ecological-belts:belt&lang=en", "Catalogue")
    visit.page.get_by_role("heading", name="<img src=x").wait_for()
    visit.page.get_by_role("heading", name="Layer, edition, licence").wait_for()
    visit.page.get_by_text(ATTACK).nth(5).wait_for()
    assert visit.page.locator("img[src=x]").count() == 0
    assert not visit.page.evaluate("() => window.attacked")
