"""Two maps of one page that move together, in a real browser (the page is feature_page.py)."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import PATIENCE_S, Visit, watched_visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEAR_DEG = 1e-6
QUIET_MS = 600
WATCH = """
if (window === window.top) {
    window.messages = [];
    window.listeners = new Set();
    const add = window.addEventListener.bind(window);
    const remove = window.removeEventListener.bind(window);
    window.addEventListener = (name, listener, ...more) => {
        if (name === "atlas-sync") { window.listeners.add(listener); }
        add(name, listener, ...more);
    };
    window.removeEventListener = (name, listener, ...more) => {
        if (name === "atlas-sync") { window.listeners.delete(listener); }
        remove(name, listener, ...more);
    };
    add("atlas-sync", event => window.messages.push(JSON.parse(JSON.stringify(event.detail))));
}
"""
"""Counts, in the page itself, the maps that listen and what they say to each other."""


@dataclass
class Twins:
    """The maps of a page, from left to right."""

    visit: Visit

    def open(self, address: str) -> "Twins":
        self.visit.page.add_init_script(WATCH)
        self.visit.page.goto(f"{address}/?case=twins")
        self.settle(2)
        return self

    def frames(self) -> list[Frame]:
        maps = [frame for frame in self.visit.page.frames if "st_folium" in frame.url]
        return sorted(maps, key=lambda frame: frame.frame_element().bounding_box()["x"])

    def settle(self, count: int) -> None:
        """Wait until so many maps are drawn, listen, and have nothing more to say."""
        self.visit.page.wait_for_function(
            """count => {
                const maps = [...document.querySelectorAll("iframe")]
                    .filter(frame => frame.src.includes("st_folium"))
                    .map(frame => frame.contentDocument);
                return maps.length === count
                    && maps.every(map => map?.body?.dataset.atlasDrawn);
            }""",
            arg=count,
            timeout=PATIENCE_S * 1000,
        )
        self.visit.page.wait_for_timeout(QUIET_MS)

    def views(self) -> list[list[float]]:
        return [view_of(frame) for frame in self.frames()]

    def together(self) -> bool:
        left, right = self.views()
        return left == pytest.approx(right, abs=NEAR_DEG)

    def drag(self, place: int, by: tuple[int, int]) -> None:
        """Drag a map with the mouse, and wait until all is quiet."""
        box = self.frames()[place].frame_element().bounding_box()
        x, y = box["x"] + 250, box["y"] + 280
        mouse = self.visit.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + by[0] / 2, y + by[1] / 2, steps=5)
        mouse.move(x + by[0], y + by[1], steps=5)
        mouse.up()
        self.visit.page.wait_for_timeout(QUIET_MS)

    def messages(self) -> list[dict]:
        """What the maps said since they were last asked."""
        return self.visit.page.evaluate("() => window.messages.splice(0)")

    def listeners(self) -> int:
        return self.visit.page.evaluate("() => window.listeners.size")

    def check(self, box: str, *, maps: int, listening: int) -> None:
        """Tick a box of the page and wait until so many maps are drawn and listen."""
        self.visit.page.get_by_test_id("stCheckbox").filter(has_text=box).locator("label").click()
        self.visit.page.wait_for_function(
            "count => window.listeners.size === count", arg=listening, timeout=PATIENCE_S * 1000
        )
        self.settle(maps)
        assert self.listeners() == listening


def view_of(frame: Frame) -> list[float]:
    return frame.evaluate(
        "() => { const m = atlas.state.map; const c = m.getCenter();"
        " return [c.lat, c.lng, m.getZoom()]; }"
    )


@pytest.fixture
def twins(visit: Visit, feature_address: str) -> Twins:
    return Twins(visit).open(feature_address)


def test_either_map_moves_the_other(twins: Twins) -> None:
    assert twins.together()
    assert twins.listeners() == 2
    twins.messages()
    for place, by in ((0, (-120, 45)), (1, (77, -133))):
        before = twins.views()[0]
        twins.drag(place, by)
        assert twins.together()
        assert twins.views()[0] != pytest.approx(before, abs=0.1)
        told = [message for message in twins.messages() if message["kind"] == "view"]
        assert len({message["from"] for message in told}) == 1, "an echo"
        assert [message["centre"] for message in told][-1] == twins.views()[place][:2]
    twins.visit.page.wait_for_timeout(QUIET_MS)
    assert twins.messages() == []


def test_either_map_zooms_the_other(twins: Twins) -> None:
    left, right = twins.frames()
    before = view_of(left)[2]
    left.locator(".leaflet-control-zoom-in").click()
    twins.visit.page.wait_for_timeout(QUIET_MS)
    assert view_of(right)[2] == before + 1
    assert twins.together()
    box = right.frame_element().bounding_box()
    twins.visit.page.mouse.move(box["x"] + 200, box["y"] + 200)
    twins.messages()
    twins.visit.page.mouse.wheel(0, 240)
    twins.visit.page.wait_for_timeout(2 * QUIET_MS)
    assert view_of(left)[2] < before + 1
    assert twins.together()
    told = [message for message in twins.messages() if message["kind"] == "view"]
    assert len({message["from"] for message in told}) == 1
    assert all({"centre", "zoom", "group", "from"} <= set(message) for message in told)


def test_the_other_map_follows_while_the_pointer_still_drags(twins: Twins) -> None:
    left, right = twins.frames()
    box = left.frame_element().bounding_box()
    mouse = twins.visit.page.mouse
    mouse.move(box["x"] + 300, box["y"] + 280)
    mouse.down()
    mouse.move(box["x"] + 200, box["y"] + 240, steps=10)
    twins.visit.page.wait_for_timeout(200)
    assert view_of(right) == pytest.approx(view_of(left), abs=0.02)
    mouse.up()


def test_the_maps_of_another_tab_do_not_move(twins: Twins, feature_address: str) -> None:
    other = Twins(watched_visit(twins.visit.page.context)).open(feature_address)
    before = other.views()
    other.messages()
    twins.drag(0, (-90, -60))
    assert other.views() == before
    assert other.messages() == []
    mine = twins.views()
    other.drag(1, (150, 20))
    assert twins.views() == mine
    assert other.together()
    assert other.visit.outside == other.visit.complaints == []


@pytest.mark.parametrize("place", [0, 1])
def test_a_reloaded_map_leaves_one_listener_and_takes_the_view(twins: Twins, place: int) -> None:
    twins.drag(0, (-64, 91))
    before = twins.views()
    for _ in range(2):
        twins.frames()[place].evaluate("() => { location.reload(); }")
        twins.visit.page.wait_for_timeout(QUIET_MS)
        twins.settle(2)
        assert twins.listeners() == 2
    assert twins.views()[1 - place] == before[1 - place]
    assert twins.together()
    twins.drag(place, (40, 40))
    assert twins.together()


def test_a_map_that_comes_later_takes_the_view_and_one_that_goes_is_forgotten(
    twins: Twins,
) -> None:
    twins.check("Right alone", maps=1, listening=1)
    twins.drag(0, (30, -110))
    (alone,) = twins.views()
    twins.check("Right alone", maps=2, listening=2)
    left, right = twins.views()
    assert right == alone
    assert left == pytest.approx(alone, abs=NEAR_DEG)


def test_without_a_group_each_map_moves_alone(twins: Twins) -> None:
    twins.check("Apart", maps=2, listening=0)
    before = twins.views()
    twins.messages()
    twins.drag(0, (-150, 60))
    assert twins.views()[0] != before[0]
    assert twins.views()[1] == before[1]
    assert twins.messages() == []
    twins.check("Apart", maps=2, listening=2)
    assert twins.together()


def test_two_flights_to_places_of_two_days_end_on_one_view(twins: Twins) -> None:
    before = twins.views()[0]
    twins.check("Place", maps=2, listening=2)
    twins.visit.page.wait_for_timeout(QUIET_MS)
    assert twins.together()
    assert twins.views()[0][2] > before[2]
    twins.messages()
    twins.visit.page.wait_for_timeout(QUIET_MS)
    assert twins.messages() == []
    twins.drag(0, (-64, 91))
    left = twins.views()[0]
    twins.frames()[0].evaluate("() => { location.reload(); }")
    twins.visit.page.wait_for_timeout(QUIET_MS)
    twins.settle(2)
    assert twins.views()[0] == pytest.approx(left, abs=NEAR_DEG)


def test_the_pointer_shows_on_the_other_map_and_goes_with_it(twins: Twins) -> None:
    left, right = twins.frames()
    box = left.frame_element().bounding_box()
    mouse = twins.visit.page.mouse
    mouse.move(box["x"] + 222, box["y"] + 333)
    cross = right.locator(".atlas-cross")
    cross.and_(right.locator(".leaflet-marker-icon")).wait_for()
    seen = right.locator(".leaflet-marker-icon.atlas-cross").bounding_box()
    other = right.frame_element().bounding_box()
    assert seen["x"] + seen["width"] / 2 - other["x"] == pytest.approx(222, abs=2)
    assert seen["y"] + seen["height"] / 2 - other["y"] == pytest.approx(333, abs=2)
    assert right.locator(".atlas-cross.leaflet-interactive").count() == 0
    assert left.locator(".leaflet-marker-icon.atlas-cross").count() == 0
    mouse.move(other["x"] + 100, other["y"] + 300)
    left.locator(".leaflet-marker-icon.atlas-cross").wait_for()
    assert right.locator(".leaflet-marker-icon.atlas-cross").count() == 0
    mouse.move(5, 5)
    left.locator(".leaflet-marker-icon.atlas-cross").wait_for(state="detached")


def test_a_frame_of_another_size_keeps_its_view_and_moves_no_other(twins: Twins) -> None:
    twins.drag(0, (-64, 91))
    before = twins.views()
    twins.messages()
    twins.visit.page.set_viewport_size({"width": 1101, "height": 903})
    twins.visit.page.wait_for_timeout(QUIET_MS)
    assert twins.views() == before
    assert [message for message in twins.messages() if message["kind"] == "view"] == []
