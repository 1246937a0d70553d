"""A map that plays over time, in a real browser (the page is feature_page.py)."""

import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LAYER = "metropolitan-areas"
STEP_S = 1.2
GROUP = f"() => L.stamp(atlas.state.drawn.get('{LAYER}').group)"

SLOW = """delays => {
    const fetch = window.fetch;
    window.fetch = (...asked) => new Promise(
        done => setTimeout(done, delays.length > 1 ? delays.shift() : delays[0])
    ).then(() => fetch(...asked));
}"""
"""Makes each file that the map asks for come so many milliseconds late, the last for all."""


class Player:
    """The control on the map of a visit."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    @property
    def box(self) -> Locator:
        return self.visit.frame.locator(".atlas-player")

    @property
    def slider(self) -> Locator:
        return self.box.get_by_role("slider")

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)

    @property
    def label(self) -> str:
        return self.visit.frame.evaluate("() => document.body.dataset.atlasFrame")

    def wait(self, label: str) -> None:
        """Until the map shows a frame."""
        self.visit.frame.wait_for_function(
            "label => document.body.dataset.atlasFrame === label", arg=label
        )

    def slide(self, label: str) -> None:
        """Go to a year as a reader who clicks into the slider and uses its keys does."""
        self.slider.focus()
        for _ in range(40):
            shown = self.slider.get_attribute("aria-valuetext") or ""
            if shown == label:
                break
            self.slider.press("ArrowRight" if shown < label else "ArrowLeft")
        self.wait(label)

    def check(self, box: str) -> None:
        """Tick a box of the page and wait until the map heard of it."""
        self.visit.frame.evaluate("() => { atlas.state.before = atlas.state.spec; }")
        self.visit.page.get_by_test_id("stCheckbox").filter(has_text=box).locator("label").click()
        self.visit.frame.wait_for_function("() => atlas.state.spec !== atlas.state.before")
        self.visit.page.wait_for_timeout(300)


@pytest.fixture
def player(visit: Visit, feature_address: str) -> Player:
    """The player of a map on a desk, at its first frame: 2008."""
    visit.open(f"{feature_address}/?case=player")
    player = Player(visit)
    player.wait("2008")
    return player


def test_buttons_step_and_the_map_and_its_legend_follow(player: Player) -> None:
    visit = player.visit
    visit.move_to(31.2, 119.4, 8)
    before, names = visit.view(), visit.features(LAYER)
    assert len(names) == 3
    player.button("Next point in time").click()
    player.wait("2009")
    player.slide("2024")
    assert set(visit.features(LAYER)).isdisjoint(names)
    assert visit.frame.locator(".atlas-legend", has_text="core (1)").count() == 1
    assert player.button("Next point in time").get_attribute("aria-disabled") == "true"
    player.button("Previous point in time").click()
    player.wait("2023")
    assert visit.view() == before
    assert visit.frame.evaluate("() => atlas.state.drawn.size") == 4


def test_play_runs_to_the_end_and_then_from_the_start(player: Player) -> None:
    visit = player.visit
    player.slide("2020")
    before = visit.view()
    visit.frame.evaluate(
        """() => {
            window.shown = []; window.flashes = 0;
            new MutationObserver(() => window.shown.push(
                [document.body.dataset.atlasFrame, performance.now()]))
                .observe(document.body, {attributeFilter: ["data-atlas-frame"]});
            const look = () => {
                if ([...atlas.state.drawn.values()].length !== 4
                    || [...atlas.state.drawn.values()].some(
                        d => !atlas.state.map.hasLayer(d.group))) { window.flashes++; }
                requestAnimationFrame(look);
            };
            look();
        }"""
    )
    player.button("Play").click()
    assert player.button("Pause").is_visible()
    player.wait("2022")
    assert player.box.get_by_role("status").inner_text() == ""
    player.wait("2024")
    player.button("Play").wait_for()
    shown = visit.frame.evaluate("() => window.shown")
    assert [label for label, _ in shown] == ["2021", "2022", "2023", "2024"]
    gaps = [(after - at) / 1000 for (_, at), (_, after) in pairwise(shown)]
    assert min(gaps) > STEP_S - 0.2
    assert max(gaps) < STEP_S + 1
    assert player.box.get_by_role("status").inner_text() == "2024"
    assert visit.frame.evaluate("() => window.flashes") == 0
    assert visit.view() == before
    player.button("Play").click()
    player.wait("2006")
    player.wait("2007")
    player.button("Pause").click()
    visit.page.wait_for_timeout(1500)
    assert player.label == "2007"


def test_the_keyboard_alone_plays_and_slides(player: Player) -> None:
    visit = player.visit
    before = visit.view()
    visit.frame.locator(".leaflet-container").focus()
    player.slider.focus()
    player.slider.press("ArrowRight")
    player.wait("2009")
    assert player.slider.get_attribute("aria-label") == "Point in time"
    assert player.slider.get_attribute("aria-valuetext") == "2009"
    player.slider.press("ArrowLeft")
    player.slider.press("ArrowLeft")
    player.wait("2007")
    player.slider.press("End")
    player.wait("2024")
    player.slider.press("Home")
    player.wait("2006")
    player.slider.press("Shift+Tab")
    visit.page.keyboard.press("Enter")
    player.wait("2007")
    assert player.box.get_by_role("status").inner_text() == "2007"
    visit.page.keyboard.press("Shift+Tab")
    visit.page.keyboard.press("Space")
    player.wait("2008")
    visit.page.keyboard.press("Space")
    assert player.button("Play").is_visible()
    assert visit.view() == before


def test_dragging_and_scrolling_on_the_control_do_not_move_the_map(player: Player) -> None:
    visit = player.visit
    before = visit.view()
    box = player.slider.bounding_box()
    words = player.box.locator("strong").bounding_box()
    assert box
    assert words
    mouse = visit.page.mouse
    mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 1, box["y"] - 60, steps=8)
    mouse.up()
    player.wait("2024")
    mouse.move(words["x"] + 5, words["y"] + 5)
    mouse.down()
    mouse.move(words["x"] + 150, words["y"] - 90, steps=5)
    mouse.up()
    mouse.move(words["x"] + 5, words["y"] + 5)
    mouse.wheel(0, 300)
    mouse.dblclick(words["x"] + 5, words["y"] + 5)
    visit.page.wait_for_timeout(500)
    assert visit.view() == before


def test_a_rerun_with_the_same_frames_keeps_the_frame(player: Player) -> None:
    player.slide("2015")
    player.check("Chinese")
    player.wait("2015")
    assert player.box.get_by_role("button", name="播放").is_visible()
    player.check("Near the end")
    player.wait("2022")
    player.check("Later years")
    player.wait("2022")
    player.check("Near the end")
    player.wait("2014")
    player.check("No frames")
    assert player.box.count() == 0
    assert player.visit.features(LAYER) == []
    assert player.label is None
    player.check("No frames")
    player.wait("2014")


def test_a_rerun_does_not_stop_playing_but_other_frames_do(player: Player) -> None:
    player.button("Play").click()
    player.wait("2009")
    player.check("Chinese")
    player.wait("2011")
    assert player.box.get_by_role("button", name="暂停").is_visible()
    player.check("Later years")
    player.wait("2014")
    player.visit.page.wait_for_timeout(1500)
    assert player.label == "2014"
    assert player.box.get_by_role("button", name="播放").is_visible()


def test_the_same_data_is_neither_fetched_nor_built_again(player: Player) -> None:
    visit = player.visit
    player.slide("2010")
    asked: list[str] = []
    visit.page.on("request", lambda r: asked.append(r.url) if "/static/data/" in r.url else None)
    group = visit.frame.evaluate(GROUP)
    player.slide("2011")
    assert visit.frame.evaluate(GROUP) == group
    assert asked == []
    player.slide("2014")
    assert visit.frame.evaluate(GROUP) != group
    assert len(asked) == len(set(asked)) > 0
    asked.clear()
    player.slide("2011")
    assert visit.frame.evaluate(GROUP) == group
    assert asked == []


def test_data_that_do_not_come_stop_the_player_and_are_named(
    visit_with: Callable[..., Visit], feature_address: str
) -> None:
    visit = visit_with(locale="en-GB").open(f"{feature_address}/?case=player")
    player = Player(visit)
    player.wait("2008")
    player.slide("2015")
    visit.page.route("**/static/data/*", lambda route: route.fulfill(status=404))
    player.button("Play").click()
    visit.frame.get_by_role("alert").wait_for()
    assert player.button("Play").is_visible()
    assert player.label == "2015"
    assert len(visit.features(LAYER)) > 0
    player.button("Previous point in time").click()
    visit.frame.get_by_role("alert").wait_for(state="detached")


def test_no_click_is_answered_on_any_frame_while_a_line_is_measured(player: Player) -> None:
    answering = f"""() => new Set(atlas.state.drawn.get('{LAYER}').group.getLayers()
        .flatMap(shape => shape.getLayers ? shape.getLayers() : [shape])
        .map(shape => shape.options.interactive)).has(true)"""
    frame = player.visit.frame
    frame.locator("#polyline-measure-control").click()
    player.slide("2014")
    assert not frame.evaluate(answering)
    frame.locator("#polyline-measure-control").click()
    player.slide("2008")
    assert frame.evaluate(answering)


def test_a_hasty_reader_does_not_make_it_play_faster(player: Player) -> None:
    """Pause and play while a frame is on its way: one clock runs on, not two."""
    frame = player.visit.frame
    player.slide("2012")
    frame.evaluate(SLOW, [700])
    frame.evaluate("() => { atlas.player.state.host.fetch = () => null; }")
    player.button("Play").click()
    frame.evaluate(
        """() => new Promise(done => {
            const [, play] = document.querySelectorAll(".atlas-player button");
            const look = () => {
                if (atlas.player.frame().label !== "2013") { setTimeout(look, 10); return; }
                play.click();
                play.click();
                done();
            };
            look();
        })"""
    )
    start = time.monotonic()
    player.wait("2016")
    assert time.monotonic() - start > 3 * STEP_S


@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (800, 1000), (390, 840), (740, 360)])
def test_the_control_covers_no_other(
    visit_with: Callable[..., Visit], feature_address: str, width: int, height: int
) -> None:
    visit = visit_with(width=width, height=height).open(f"{feature_address}/?case=player")
    player = Player(visit)
    player.slide("2024")
    legend = visit.frame.locator(".atlas-legend")
    others = (".atlas-legend", ".leaflet-control-scale", ".leaflet-control-attribution",
              ".leaflet-control-zoom", "#polyline-measure-control", ".atlas-notice")  # fmt: skip
    for _ in range(2):
        for other in others:
            assert not overlap(player.box, visit.frame.locator(other).first), other
        legend.locator("button").click()
    assert visit.outside == visit.complaints == []


def overlap(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a
    assert b
    return (
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    )


def test_a_slow_file_draws_the_last_frame_asked_for(player: Player) -> None:
    """Whatever comes first, the map shows the frame that the slider is at."""
    frame = player.visit.frame
    frame.evaluate(SLOW, [900, 500, 100])
    player.slider.focus()
    for key in ("End", "Home", "ArrowRight"):
        player.slider.press(key)
    player.wait("2007")
    frame.evaluate(
        """() => { window.shown = [];
            new MutationObserver(() => window.shown.push(document.body.dataset.atlasFrame))
                .observe(document.body, {attributeFilter: ["data-atlas-frame"]}); }"""
    )
    player.visit.page.wait_for_timeout(1200)
    assert player.label == "2007"
    assert frame.evaluate("() => window.shown") == []
