"""What a reader sees and does on Changes, in a real browser."""

import csv
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Frame, Locator

from tests.app.test_changes_page import publish_hostile
from tests.browser.conftest import ATTACK, PATIENCE_S, Visit
from tests.browser.test_player import Player
from tests.browser.test_sync import view_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

METRO, BELTS = "metropolitan-areas", "ecological-belts"
HEFEI = "hefei-metropolitan-area"
METRO_DAYS = f"layer={METRO}&days=2016-06-04,2024-06-01&known=2026-11-24&lang=en"
HEFEI_DAYS = f"{METRO_DAYS}&feature={HEFEI}"
HUAINAN, SHOU_COUNTY = (117.0, 32.63), (116.79, 32.45)
HOSTILE = f"layer={BELTS}&known=2026-11-24&lang=en"
NEAR_DEG = 1e-6
POLL_MS = 50
LEAST_ROW_PX = 12
"""What one line of words needs."""
MARKS = "<b>x</b> [x](https://example.com/a) ![x](https://example.com/b.png) <img src=x>"

COVERED = """([id, lon, lat]) => {
    const layer = atlas.state.drawn.get(id);
    if (!layer) { return false; }
    const point = atlas.state.map.latLngToLayerPoint([lat, lon]);
    return layer.group.getLayers().some(s => s._containsPoint && s._containsPoint(point));
}"""
KEYS = """id => {
    const layer = atlas.state.drawn.get(id);
    return layer ? layer.data.features.map(f => f.properties.i).sort() : [];
}"""
ORDER = "() => [...atlas.state.drawn.keys()].filter(id => !id.startsWith('background:'))"
SORTS = """() => {
    const layer = atlas.state.drawn.get("changes");
    return layer ? [...new Set(layer.data.features.map(f => f.properties.k.split("|")[0]))] : [];
}"""


class Changes:
    """The page of changes, with its maps from the first to the last."""

    def __init__(self, visit: Visit, address: str) -> None:
        self.visit, self.page, self.address = visit, visit.page, address

    def open(self, query: str, *, maps: int = 2) -> "Changes":
        self.page.goto(f"{self.address}/changes?{query}")
        return self.settle(maps)

    def settle(self, maps: int = 2) -> "Changes":
        """Wait until so many maps are drawn, and the page below them."""
        self.until(
            lambda: [bool(f.evaluate(ORDER) is not None) for f in self.drawn()], [True] * maps
        )
        self.page.get_by_text("Link to share").or_(self.page.get_by_text("分享链接")).wait_for()
        return self

    def drawn(self) -> list[Frame]:
        """Frames that have drawn something; Streamlit may load one twice on a first visit."""
        ready = "() => Boolean(document.body?.dataset.atlasDrawn) && Boolean(window.atlas?.state)"
        return [frame for frame in self.frames() if frame.evaluate(ready)]

    def frames(self) -> list[Frame]:
        boxes = [
            (frame.frame_element().bounding_box(), frame)
            for frame in self.page.frames
            if "st_folium" in frame.url
        ]
        found = [(box["y"], box["x"], frame) for box, frame in boxes if box]
        return [frame for *_, frame in sorted(found, key=lambda entry: entry[:2])]

    def until(self, question: Callable[[], object], wanted: object) -> None:
        """Ask until the answer is what is wanted: maps answer when they have been drawn."""
        deadline = time.monotonic() + PATIENCE_S
        answer: object = None
        while time.monotonic() < deadline:
            try:
                answer = question()
            except (PlaywrightError, IndexError) as error:
                answer = error
            if answer == wanted:
                return
            self.page.wait_for_timeout(POLL_MS)
        raise AssertionError(f"{answer!r} is not {wanted!r}")

    def keys(self, layer: str) -> list[list[str]]:
        """Rows of a layer on each map."""
        return [frame.evaluate(KEYS, layer) for frame in self.frames()]

    def covered(self, layer: str, place: tuple[float, float]) -> list[bool]:
        """Whether a layer covers a place on each map."""
        return [frame.evaluate(COVERED, [layer, *place]) for frame in self.frames()]

    def views(self) -> list[list[float]]:
        return [view_of(frame) for frame in self.frames()]

    def moved(self, before: list[list[float]]) -> list[bool]:
        """Whether each map shows another view than before."""
        return [view != old for view, old in zip(self.views(), before, strict=True)]

    def together(self) -> bool:
        first, *others = self.views()
        return all(view == pytest.approx(first, abs=NEAR_DEG) for view in others)

    def choose(self, label: str, option: str) -> None:
        """Choose in a box of options as a reader with a mouse does."""
        self.page.get_by_role("combobox", name=label, exact=False).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def press(self, name: str) -> None:
        """Press one of a row of choices."""
        self.page.get_by_role("radio", name=name, exact=True).click()

    def unfold(self, title: str) -> Locator:
        """Open a folded part of the page."""
        part = self.page.get_by_test_id("stExpander").filter(has_text=title)
        part.locator("summary").click()
        return part

    def play(self, year: str) -> Player:
        """The player of the map of years, once it shows a year."""
        shown = "() => document.body?.dataset.atlasFrame"
        self.until(lambda: [frame.evaluate(shown) for frame in self.frames()], [year])
        return Player(self.visit)

    def table(self) -> Locator:
        return self.page.get_by_test_id("stDataFrame").first

    def drag(self, place: int, by: tuple[int, int]) -> None:
        box = self.frames()[place].frame_element().bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + by[0] / 2, y + by[1] / 2, steps=5)
        mouse.move(x + by[0], y + by[1], steps=5)
        mouse.up()


@pytest.fixture
def changes(visit: Visit, atlas_address: str) -> Changes:
    """The atlas in Chinese on a desk: no complaint of the browser, nothing asked outside."""
    return Changes(visit, atlas_address)


# -- maps --------------------------------------------------------------------------------------


def test_two_maps_are_drawn_side_by_side_without_leaving_the_machine(
    visit: Visit, atlas_address: str
) -> None:
    changes = Changes(visit, atlas_address)
    visit.page.goto(f"{atlas_address}/changes")
    changes.settle()
    visit.page.get_by_role("heading", name="变了什么").wait_for()
    old, new = (frame.frame_element().bounding_box() for frame in changes.frames())
    assert old
    assert new
    assert old["y"] == new["y"]
    assert old["x"] + old["width"] < new["x"]
    for box in (old, new):
        assert box["width"] > 380
        assert box["height"] > 400
    assert all(len(keys) > 2 for keys in changes.keys(METRO))
    for frame in changes.frames():
        drawn = frame.evaluate("() => atlas.state.map.getSize().x")
        assert drawn == pytest.approx(old["width"], abs=2)
        title = frame.frame_element().get_attribute("title")
        assert title
        assert "都市圈" in title


def test_each_map_moves_the_other(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    changes.until(changes.together, True)
    for place, by in ((0, (-90, 40)), (1, (60, -70))):
        before = changes.views()[1 - place]
        changes.drag(place, by)
        changes.until(lambda p=place, b=before: changes.views()[1 - p] != b, True)
        changes.until(changes.together, True)
    before = changes.views()[0][2]
    changes.frames()[1].locator(".leaflet-control-zoom-in").click()
    changes.until(lambda: changes.views()[0][2] > before, True)
    changes.until(changes.together, True)


def test_what_was_lost_is_on_the_old_map_only(changes: Changes) -> None:
    """Hefei, 2016 and 2024: the city of Huainan left, Shou county stayed."""
    changes.open(HEFEI_DAYS)
    assert changes.keys(METRO) == [[f"{HEFEI}/2016/whole"], [f"{HEFEI}/2024/whole"]]
    assert changes.covered("changes", HUAINAN) == [True, False]
    assert changes.covered(METRO, HUAINAN) == [True, False]
    assert changes.covered("changes", SHOU_COUNTY) == [False, False]
    assert changes.covered(METRO, SHOU_COUNTY) == [True, True]
    legend = changes.frames()[0].locator(".atlas-legend")
    assert legend.locator("li", has_text="(1)").count() >= 1


def test_one_map_holds_what_was_lost_and_what_was_kept(changes: Changes) -> None:
    changes.open(f"{HEFEI_DAYS}&maps=one", maps=1)
    (frame,) = changes.frames()
    assert sorted(frame.evaluate(SORTS)) == ["kept", "lost"]
    assert changes.covered("changes", HUAINAN) == [True]
    assert changes.covered("changes", SHOU_COUNTY) == [True]
    legend = frame.locator(".atlas-legend").inner_text()
    for word in ("Lost", "Kept"):
        assert word in legend
    shape = """sort => { const shapes = atlas.state.drawn.get("changes").group.getLayers();
        const one = shapes.find(s => s.feature.properties.k.startsWith(sort));
        one.openPopup(one.getBounds().getCenter()); }"""
    frame.evaluate(shape, "lost")
    popup = frame.locator(".atlas-popup")
    popup.wait_for()
    assert "Hefei Metropolitan Area" in popup.inner_text()
    assert "31,807 km²" in popup.inner_text()


def test_years_play_to_the_end(changes: Changes) -> None:
    changes.open(f"{METRO_DAYS}&maps=years", maps=1)
    player = changes.play("2024")
    frame = changes.frames()[0]
    ningbo = (
        "() => atlas.state.drawn.get('metropolitan-areas').data.features.map(f => f.properties.i)"
    )
    assert "ningbo-metropolitan-area/2016/whole" in frame.evaluate(ningbo)
    player.button("Play").click()
    player.wait("2025")
    player.wait("2026")
    player.button("Play").wait_for()
    assert "ningbo-metropolitan-area/2026/whole" in frame.evaluate(ningbo)
    player.slider.focus()
    player.slider.press("Home")
    player.wait("2002")
    assert frame.evaluate(ningbo) == []


def test_the_maps_change_by_a_press_and_the_address_says_so(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    changes.press("one map")
    changes.settle(1)
    changes.page.wait_for_url("**maps=one**")
    changes.press("year by year")
    changes.play("2024")
    changes.page.wait_for_url("**maps=years**")
    changes.press("side by side")
    changes.settle(2)
    changes.page.wait_for_url(re.compile(r"changes\?(?!.*maps=)"))


# -- inputs ------------------------------------------------------------------------------------


def test_a_day_that_is_typed_redraws_its_map(changes: Changes) -> None:
    changes.open(HEFEI_DAYS)
    field = changes.page.get_by_test_id("stDateInput").filter(has_text="From the day")
    field.locator("[role=spinbutton][data-type=year]").focus()
    changes.page.keyboard.type("20070101", delay=20)
    changes.page.get_by_role("heading").first.click()
    wanted = [[f"{HEFEI}/2006/whole"], [f"{HEFEI}/2024/whole"]]
    changes.until(lambda: changes.keys(METRO), wanted)
    changes.page.wait_for_url("**days=2007-01-01**2024-06-01**")


def test_another_layer_is_drawn_on_both_maps(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    changes.choose("Layer", "Cities")
    changes.until(lambda: [len(keys) for keys in changes.keys("cities")], [41, 41])
    assert changes.keys(METRO) == [[], []]
    changes.page.wait_for_url("**layer=cities**")


def test_the_language_switches_on_the_page_and_on_both_maps(changes: Changes) -> None:
    changes.open(METRO_DAYS.replace("lang=en", "lang=zh"))
    legends = [frame.locator(".atlas-legend") for frame in changes.frames()]
    assert all("图例" in legend.inner_text() for legend in legends)
    changes.press("English")
    changes.page.get_by_role("heading", name="What changed?").wait_for()
    changes.until(lambda: ["Legend" in legend.inner_text() for legend in legends], [True, True])
    changes.page.wait_for_url("**lang=en**")
    changes.page.get_by_text("shrinks from 57,577 km²").first.wait_for()


def test_a_row_of_the_table_moves_both_maps(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    changes.until(changes.together, True)
    before = changes.views()
    changes.table().scroll_into_view_if_needed()
    changes.table().click(position={"x": 18, "y": 52})
    changes.until(lambda: changes.moved(before), [True, True])
    changes.until(changes.together, True)
    assert changes.views()[0][2] > before[0][2]


def test_the_keyboard_alone_chooses_a_row(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    changes.until(changes.together, True)
    before = changes.views()
    changes.table().locator("canvas").first.focus()
    changes.page.keyboard.press("ArrowDown")
    changes.page.keyboard.press("ArrowDown")
    changes.page.keyboard.press("Shift+Space")
    changes.until(lambda: changes.moved(before), [True, True])
    changes.until(changes.together, True)


def test_a_row_chosen_in_one_comparison_means_nothing_in_another(changes: Changes) -> None:
    corridors = METRO_DAYS.replace(METRO, "innovation-corridors")
    bounds = "() => atlas.state.spec.focus.bounds"
    whole = changes.open(corridors).frames()[0].evaluate(bounds)
    changes.open(METRO_DAYS)
    changes.until(changes.together, True)
    before = changes.views()
    changes.table().scroll_into_view_if_needed()
    changes.table().click(position={"x": 18, "y": 157})
    changes.until(lambda: changes.moved(before), [True, True])
    changes.choose("Layer", "Innovation corridors")
    changes.page.wait_for_url("**innovation-corridors**")
    changes.until(lambda: [frame.evaluate(bounds) for frame in changes.frames()], [whole, whole])


# -- words, files, time line -------------------------------------------------------------------


def test_the_words_can_be_copied(visit_with: Callable[..., Visit], atlas_address: str) -> None:
    visit = visit_with(locale="en-GB")
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    changes = Changes(visit, atlas_address).open(HEFEI_DAYS)
    code = changes.unfold("The words to copy").get_by_test_id("stCode")

    def copy() -> str:
        """What a press of the button copies; the part that unfolds still moves at first."""
        code.hover()
        code.locator("button").click()
        return visit.page.evaluate("() => navigator.clipboard.readText()")

    changes.until(lambda: "57,577 km²" in copy(), True)
    copied = copy()
    assert "Hefei Metropolitan Area" in copied
    assert "\\" not in copied
    assert "2016-06-04" in copied
    assert visit.outside == visit.complaints == []


def test_the_report_and_the_figures_come_as_files(changes: Changes, tmp_path: Path) -> None:
    changes.open(METRO_DAYS)
    document = docx.Document(str(download(changes, "Word", tmp_path)))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Metropolitan areas" in text
    assert "57,577 km²" in text
    assert "/changes?layer=metropolitan-areas" in text
    assert len(document.inline_shapes) == 1
    assert [len(table.rows) for table in document.tables] == [5]
    pieces = json.loads(download(changes, "GeoJSON", tmp_path).read_text("utf-8"))
    assert pieces["layer"] == METRO
    lost = [
        feature["properties"]["area_km2"]
        for feature in pieces["features"]
        if (feature["properties"]["change"], feature["properties"]["from_id"]) == ("lost", HEFEI)
    ]
    assert [round(area) for area in lost] == [31807]
    figures = download(changes, "CSV", tmp_path).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(figures)))
    assert len(rows) == 4
    assert {(row["layer"], row["old_state"]) for row in rows} == {(METRO, "2016-06-04")}
    values = json.loads(download(changes, "JSON", tmp_path).read_text("utf-8"))
    assert len(values["changes"]) == 4
    assert "57,577 km²" in download(changes, "Markdown", tmp_path).read_text("utf-8")


def download(changes: Changes, form: str, folder: Path) -> Path:
    """Press a button of the downloads, and keep the file under the name it comes with."""
    box = changes.page.get_by_test_id("stDownloadButton")
    with changes.page.expect_download() as waiting:
        box.get_by_role("button", name=form, exact=True).click()
    name = waiting.value.suggested_filename
    assert name.startswith(f"delta-atlas-{METRO}-2016-06-04-2024-06-01.")
    waiting.value.save_as(folder / name)
    return folder / name


def test_the_time_line_shows_every_feature(changes: Changes) -> None:
    changes.open(METRO_DAYS)
    chart = changes.page.get_by_test_id("stVegaLiteChart")
    chart.locator("svg").wait_for()
    names = [
        label
        for label in chart.locator("svg text").all()
        if label.inner_html().endswith("Metropolitan Area")
    ]
    assert len(names) == 6
    box = chart.bounding_box()
    assert box
    assert box["height"] >= 20 * len(names)
    spots = sorted((spot["y"], spot["height"]) for label in names if (spot := label.bounding_box()))
    for (upper, _), (lower, _) in pairwise(spots):
        assert lower - upper >= LEAST_ROW_PX
    chart.scroll_into_view_if_needed()
    bars = chart.locator("svg .mark-rect.role-mark path")
    assert bars.count() == 20
    table = changes.unfold("The time line as a table")
    table.get_by_test_id("stDataFrame").wait_for()


def test_names_of_a_short_time_line_do_not_overlap(changes: Changes) -> None:
    changes.open("layer=rail-lines&days=2009-01-01,2024-06-01&known=2026-11-24&lang=en")
    chart = changes.page.get_by_test_id("stVegaLiteChart")
    names = [text for text in chart.locator("svg text").all() if "railway" in text.inner_html()]
    assert len(names) == 3
    spots = sorted(spot["y"] for name in names if (spot := name.bounding_box()))
    assert all(lower - upper >= LEAST_ROW_PX for upper, lower in pairwise(spots))


# -- links -------------------------------------------------------------------------------------


def test_a_link_opens_versions_on_one_map_and_so_does_a_reload(
    visit_with: Callable[..., Visit], atlas_address: str
) -> None:
    visit = visit_with(locale="en-GB")
    changes = Changes(visit, atlas_address)
    query = f"layer={METRO}&versions=2016,2024&feature={HEFEI}&maps=one&known=2026-11-24&lang=zh"
    changes.open(query, maps=1)
    for _ in range(2):
        assert changes.covered("changes", HUAINAN) == [True]
        visit.page.get_by_text("57,577平方公里").first.wait_for()
        visit.page.get_by_role("radio", name="两个规划版本", checked=True).wait_for()
        link = visit.page.get_by_test_id("stCode").last.inner_text()
        assert f"/changes?{query}" in link
        visit.page.reload()
        changes.settle(1)
    assert visit.outside == visit.complaints == []


def test_the_side_bar_leads_to_explore_and_back_with_both_views(changes: Changes) -> None:
    visit = changes.visit
    visit.open(f"{changes.address}/?layers=cities&day=2019-01-01&known=2026-11-24&lang=en")
    side = visit.page.get_by_test_id("stSidebarNav")
    side.get_by_role("link", name="Changes").click()
    changes.settle()
    changes.choose("Layer", "Cities")
    changes.until(lambda: [len(keys) for keys in changes.keys("cities")], [41, 41])
    changes.page.wait_for_url("**layer=cities**")
    compared = visit.page.url
    side.get_by_role("link", name="Explore").click()
    visit.page.get_by_role("heading", name="The delta on the map").wait_for()
    visit.page.wait_for_url("**/?*layers=cities&day=2019-01-01**")
    assert not re.search(r"[?&](days|layer|maps)=", visit.page.url)
    side.get_by_role("link", name="Changes").click()
    changes.settle()
    visit.page.wait_for_url(compared)


def test_the_browsers_back_returns_to_explore(changes: Changes) -> None:
    """The first press leads to the page without an address, which writes it again."""
    visit = changes.visit
    visit.open(f"{changes.address}/?layers=cities&day=2019-01-01&known=2026-11-24&lang=en")
    visit.page.get_by_test_id("stSidebarNav").get_by_role("link", name="Changes").click()
    changes.settle()
    visit.page.wait_for_url("**/changes?layer=**")
    visit.page.go_back()
    visit.page.wait_for_url("**/changes?layer=**")
    visit.page.go_back()
    visit.page.get_by_role("heading", name="The delta on the map").wait_for()
    visit.page.wait_for_url("**/?*layers=cities&day=2019-01-01**")


# -- small screens -----------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(390, 840), (740, 360)])
def test_on_a_small_screen_nothing_is_wider_and_maps_leave_room(
    visit_with: Callable[..., Visit], atlas_address: str, width: int, height: int
) -> None:
    visit = visit_with(width=width, height=height)
    changes = Changes(visit, atlas_address).open(METRO_DAYS)
    fits = "() => document.documentElement.scrollWidth <= window.innerWidth"
    assert visit.page.evaluate(fits)
    old, new = (frame.frame_element().bounding_box() for frame in changes.frames())
    assert old
    assert new
    for box in (old, new):
        assert box["height"] <= 0.6 * height
    if width < 640:
        assert old["x"] == new["x"]
        assert old["y"] + old["height"] < new["y"]
        assert old["width"] > 320
    changes.until(changes.together, True)
    changes.press("year by year")
    changes.play("2024")
    assert visit.page.evaluate(fits)
    assert visit.outside == visit.complaints == []


# -- hostile data ------------------------------------------------------------------------------


@pytest.fixture
def hostile(visit: Visit, hostile_address: str) -> Iterator[Changes]:
    """A store with markup in every text field; it may stay text, and nothing else."""
    yield Changes(visit, hostile_address)
    for frame in visit.page.frames:
        assert not frame.evaluate("() => window.attacked")
        assert frame.locator("img[src=x]").count() == 0


def test_days_of_look_alike_versions_are_two_maps(hostile: Changes) -> None:
    """streamlit-folium's key ignores what follows an underscore; we must not rely on it."""
    hostile.open(f"{HOSTILE}&days=2024-01-01,2026-01-01")
    wanted = [["belt/belt_2023/whole"], ["belt/belt_2035/whole"]]
    hostile.until(lambda: hostile.keys(BELTS), wanted)
    hostile.open(f"{HOSTILE}&days=2026-01-01,2024-01-01")
    hostile.until(lambda: hostile.keys(BELTS), wanted[::-1])


def test_another_look_alike_version_is_drawn_at_once(hostile: Changes) -> None:
    hostile.open(f"{HOSTILE}&versions=belt_2023,belt_2035&feature=belt")
    hostile.until(lambda: hostile.keys(BELTS), [["belt/belt_2023/whole"], ["belt/belt_2035/whole"]])
    hostile.choose("From plan version", "belt_2035")
    hostile.until(lambda: hostile.keys(BELTS), [["belt/belt_2035/whole"]] * 2)
    hostile.choose("To plan version", "belt_2023")
    hostile.until(lambda: hostile.keys(BELTS), [["belt/belt_2035/whole"], ["belt/belt_2023/whole"]])


def test_markup_in_every_text_field_stays_text(hostile: Changes) -> None:
    page = hostile.open(f"{HOSTILE}&days=2024-01-01,2026-01-01").page
    page.get_by_text(ATTACK).first.wait_for()
    hostile.unfold("The words to copy").get_by_text(ATTACK).first.wait_for()
    for frame in hostile.frames():
        frame.evaluate(
            """() => atlas.state.drawn.forEach(layer => {
                if (layer.spec.background) { return; }
                const shape = layer.group.getLayers()[0];
                const place = shape.getBounds().getCenter();
                shape.openTooltip(place); shape.openPopup(place); })"""
        )
        frame.locator(".atlas-popup strong").wait_for()
        assert ATTACK in frame.locator(".atlas-popup strong").inner_text()
    chart = page.get_by_test_id("stVegaLiteChart")
    bar = chart.locator("svg .mark-rect.role-mark path").first
    bar.scroll_into_view_if_needed()
    bar.hover(position={"x": 6, "y": 2})
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    assert "<img src=x" in tooltip.inner_text()
    for maps in ("one map", "year by year", "side by side"):
        hostile.press(maps)
        hostile.settle(2 if maps == "side by side" else 1)
    for by in ("two plan versions", "two editions"):
        hostile.press(by)
        page.wait_for_url(f"**{by.split()[-1]}=**")
        hostile.settle()


def test_marks_in_names_stay_text(
    visit: Visit, start_atlas: Callable[[Path], str], tmp_path: Path
) -> None:
    """Pictures, links and formulas of Markdown, which Streamlit would act on."""
    layers = tmp_path / "layers"
    publish_hostile(layers, ["a", "b"], MARKS)
    changes = Changes(visit, start_atlas(layers))
    page = changes.open(f"{HOSTILE}&days=2024-01-01,2026-01-01").page
    page.get_by_text("[x](https://example.com/a)").first.wait_for()
    for maps in ("one map", "year by year"):
        changes.press(maps)
        changes.settle(1)
    assert page.locator("img[src*='example.com']").count() == 0
    for link in page.locator("a[href*='example.com']").all():
        assert link.inner_text() == link.get_attribute("href"), "a link says where it leads"


@pytest.mark.parametrize("mark", ["![x](https://example.com/v.png)", "[b](https://example.com/c)"])
def test_a_plan_version_is_no_markdown(
    visit: Visit, start_atlas: Callable[[Path], str], tmp_path: Path, mark: str
) -> None:
    layers = tmp_path / "layers"
    publish_hostile(layers, ["a", mark], "text")
    changes = Changes(visit, start_atlas(layers))
    page = changes.open(f"{HOSTILE}&versions=a,{mark}&feature=belt").page
    assert page.locator("img[src*='example.com']").count() == 0
    for link in page.locator("a[href*='example.com']").all():
        assert link.inner_text() == link.get_attribute("href"), "a link says where it leads"
