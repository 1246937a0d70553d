"""The page of the action plan in a browser: areas, map, time line, diagram, phone; all offline."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINK = "day=2026-11-25&known=2026-11-25"


def settle(visit: Visit) -> None:
    """Wait until nothing is being worked out any more."""
    visit.page.get_by_role("heading", name="国际参照").or_(
        visit.page.get_by_role("heading", name="International references")
    ).first.wait_for()
    visit.page.wait_for_function("() => !document.querySelector('[data-testid=stSpinner]')")


def test_an_area_opens_with_its_map_the_time_line_and_the_diagram(
    visit: Visit, atlas_address: str
) -> None:
    page = visit.page
    page.goto(f"{atlas_address}/plan?{LINK}&lang=zh")
    settle(visit)
    words = "读到 12 项举措；方案有 30 项任务；哪项举措属于哪项任务，不知道。"
    page.get_by_text(words).wait_for()
    page.get_by_role("button", name="生态环境共保联治").click()
    visit.drawn_after(0)
    assert visit.features("ecological-belts")
    page.wait_for_function("() => location.search.includes('area=ecology')")
    settle(visit)
    line = page.locator("[data-testid=stVegaLiteChart]").first
    line.locator("canvas, svg").first.wait_for()
    boxes = page.locator("[data-testid=stGraphVizChart] svg g.node")
    boxes.first.wait_for()
    assert boxes.count() == 6
    drawn = page.locator("[data-testid=stGraphVizChart] svg").text_content()
    assert "长三角区域合作办公室" in drawn


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_wider_than_a_phone(
    visit_with: Callable[..., Visit], atlas_address: str, lang: str
) -> None:
    visit = visit_with(width=390, height=844)
    visit.page.goto(f"{atlas_address}/plan?{LINK}&lang={lang}&area=ecology")
    settle(visit)
    visit.page.get_by_test_id("stTable").last.wait_for(state="attached")
    visit.page.wait_for_function(
        """() => document.documentElement.scrollWidth <= innerWidth
            && [...document.querySelectorAll(
            '[data-testid=stMain] p, [data-testid=stMain] button, [data-testid=stMain] svg')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .every(e => !e.checkVisibility()
                || e.closest('[data-testid=stDataFrame], [data-testid=stTable]'))"""
    )
    assert visit.outside == []
