"""What a reader sees and does on Overlap, in a real browser."""

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import geopandas as gpd
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator

from tests.browser.conftest import ATTACK, PATIENCE_S, Visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CORRIDORS, BELTS = "innovation-corridors", "ecological-belts"
KNOWN = {"day": "2026-11-24", "known": "2026-11-24", "lang": "en"}
LINK = {"layer": CORRIDORS, "zones": "cities", "show": "features"} | KNOWN
GIVEN = LINK | {"zones": "given"}
NANJING, SUZHOU = "320100", "320500"
IN_NANJING, IN_SUZHOU = (118.8, 31.98), (120.6, 31.32)
TRIANGLE = "119,31;121,31.25;120,32"
PROVINCES = LINK | {"zones": "provinces", "show": "zones", "order": "code"}
CODES = ["310000", "320000", "330000", "340000"]
POLL_MS = 50
ROW_PX, HEAD_PX = 24, 24
MANY_CORNERS = 64
POPUPS = ".leaflet-popup"
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


class Overlap:
    """The page of overlaps in a visit."""

    def __init__(self, visit: Visit, address: str) -> None:
        self.visit, self.page, self.address = visit, visit.page, address

    def open(self, query: dict[str, str], *, drawn: bool = True) -> "Overlap":
        self.page.goto(f"{self.address}/overlap?{urlencode(query)}")
        self.settle()
        if drawn:
            self.visit.drawn_after(0)
        return self

    def settle(self) -> None:
        """Wait until the page is there to its end."""
        self.page.get_by_text("Link to share").or_(self.page.get_by_text("分享链接")).wait_for()

    def until(self, question: Callable[[], object], wanted: object) -> None:
        """Ask until the answer is what is wanted."""
        deadline = time.monotonic() + PATIENCE_S
        answer: object = None
        while time.monotonic() < deadline:
            try:
                answer = question()
            except (PlaywrightError, IndexError, AssertionError) as error:
                answer = error
            if answer == wanted:
                return
            self.page.wait_for_timeout(POLL_MS)
        raise AssertionError(f"{answer!r} is not {wanted!r}")

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def chosen(self) -> tuple[str, str]:
        """Zone and cell of the address."""
        return self.query().get("zone", ""), self.query().get("cell", "")

    def sentence(self) -> str:
        return self.page.get_by_test_id("stAlertContentSuccess").inner_text()

    def says(self, words: str) -> None:
        self.until(lambda: words in self.sentence(), True)

    def spot(self, place: tuple[float, float]) -> tuple[float, float]:
        """Where a place is on the screen."""
        self.visit.frame.frame_element().scroll_into_view_if_needed()
        box = self.visit.frame.frame_element().bounding_box()
        assert box
        point = self.visit.frame.evaluate(
            "([lon, lat]) => { const p = atlas.state.map.latLngToContainerPoint([lat, lon]);"
            " return [p.x, p.y]; }",
            list(place),
        )
        return box["x"] + point[0], box["y"] + point[1]

    def click(self, place: tuple[float, float], *, double: bool = False) -> None:
        """Click on a place of the map."""
        spot = self.spot(place)
        if double:
            self.page.mouse.dblclick(*spot)
        else:
            self.page.mouse.click(*spot)

    def drawn(self) -> list[str]:
        return self.visit.frame.evaluate(
            "() => [...atlas.state.drawn.keys()].filter(id => !id.startsWith('background:'))"
        )

    def matrix(self) -> Locator:
        return self.page.get_by_test_id("stDataFrame").first

    def cells(self) -> list[list[str]]:
        """What a screen reader finds in the matrix: heads, then row by row."""
        self.matrix().scroll_into_view_if_needed()
        self.matrix().locator("[role=gridcell]").first.wait_for(state="attached")
        return self.matrix().evaluate(
            "t => [...t.querySelectorAll('[role=row]')]"
            ".map(row => [...row.children].map(cell => cell.textContent))"
        )

    def press(self, name: str) -> None:
        """Press one of a row of choices."""
        self.page.get_by_role("radio", name=name, exact=True).click()

    def pick(self, way: str) -> None:
        """Choose how zones are given."""
        group = self.page.get_by_role("radiogroup", name="How to give it")
        group.locator("label").filter(has_text=way).click()


class Drawer:
    """The button on the map that draws."""

    def __init__(self, overlap: Overlap) -> None:
        self.overlap, self.frame = overlap, overlap.visit.frame

    @property
    def button(self) -> Locator:
        return self.frame.locator(".atlas-draw button")

    @property
    def measure(self) -> Locator:
        return self.frame.locator("#polyline-measure-control")

    @property
    def pressed(self) -> bool:
        return self.button.get_attribute("aria-pressed") == "true"

    @property
    def hint(self) -> str:
        box = self.frame.locator(".atlas-draw-hint")
        return box.inner_text() if box.is_visible() else ""

    @property
    def corners(self) -> list[list[float]]:
        return self.frame.evaluate(
            "() => atlas.drawing.state.corners.map(c => [c[0] / 1e5, c[1] / 1e5])"
        )

    def start(self) -> None:
        self.button.click()
        assert self.pressed

    def corner(self, *places: tuple[float, float]) -> None:
        """Click corners apart from each other in time: two fast clicks are a double one."""
        for place in places:
            self.overlap.click(place)
            self.overlap.page.wait_for_timeout(350)


@pytest.fixture
def overlap(visit: Visit, atlas_address: str) -> Overlap:
    """The atlas on a desk: no complaint of the browser, nothing asked outside."""
    return Overlap(visit, atlas_address)


# -- map and matrix ----------------------------------------------------------------------------


def test_a_first_visit_shows_map_matrix_and_totals_in_chinese(overlap: Overlap) -> None:
    overlap.page.goto(f"{overlap.address}/overlap")
    overlap.settle()
    overlap.visit.drawn_after(0)
    overlap.page.get_by_role("heading", name="谁与谁重叠").wait_for()
    assert overlap.drawn() == [CORRIDORS]
    assert overlap.visit.frame.evaluate("() => atlas.state.drawn.has('background:cities')")
    heads, *rows = overlap.cells()
    assert len(heads) > 10
    assert len(rows) > 20
    assert any("南京市" in row for row in rows)
    assert overlap.page.get_by_test_id("stDataFrame").count() == 3
    title = overlap.visit.frame.frame_element().get_attribute("title")
    assert title
    assert "科创走廊" in title


def test_a_click_on_the_map_chooses_a_zone_and_a_second_one_the_pair(overlap: Overlap) -> None:
    overlap.open(LINK | {"show": "zones"})
    overlap.click(IN_NANJING)
    overlap.until(overlap.chosen, (NANJING, ""))
    overlap.says("Nanjing holds")
    overlap.until(lambda: sorted(overlap.drawn()), [CORRIDORS, "overlap", "overlap-zones"])
    overlap.until(lambda: overlap.visit.covered("overlap-zones", *IN_NANJING), True)
    assert overlap.visit.frame.locator(POPUPS).count() == 0
    overlap.page.wait_for_timeout(600)
    overlap.visit.move_to(31.6, 119.6, 7.5)
    overlap.click(IN_SUZHOU)
    overlap.until(overlap.chosen, (NANJING, SUZHOU))
    overlap.says("Nanjing and Suzhou (Jiangsu) share")
    overlap.until(lambda: overlap.visit.covered("overlap-zones", *IN_SUZHOU), True)


def test_a_cell_is_chosen_by_mouse_and_told(overlap: Overlap) -> None:
    overlap.open(PROVINCES)
    overlap.matrix().scroll_into_view_if_needed()
    box = overlap.matrix().bounding_box()
    assert box
    overlap.matrix().click(position={"x": 130, "y": HEAD_PX + ROW_PX * 1.5 + 8})
    overlap.until(lambda: overlap.chosen()[0], "320000")
    before = overlap.sentence()
    overlap.matrix().click(position={"x": box["width"] - 60, "y": HEAD_PX + ROW_PX * 0.5 + 8})
    overlap.until(overlap.chosen, ("310000", "340000"))
    overlap.says("Shanghai and Anhui share")
    assert overlap.sentence() != before


def test_arrow_keys_reach_every_cell_and_each_is_told(overlap: Overlap) -> None:
    """To the right, down, to the left, down …: a path through all sixteen cells."""
    overlap.open(PROVINCES)
    overlap.matrix().scroll_into_view_if_needed()
    overlap.matrix().locator("canvas").first.focus()
    keys = overlap.page.keyboard
    keys.press("ArrowRight")
    told = {}
    for row in range(len(CODES)):
        for step in range(len(CODES)):
            column = step if row % 2 == 0 else len(CODES) - 1 - step
            if step:
                keys.press("ArrowRight" if row % 2 == 0 else "ArrowLeft")
            wanted = (CODES[row], CODES[column])
            overlap.until(overlap.chosen, wanted)
            told[wanted] = overlap.sentence()
        keys.press("ArrowDown")
    assert len(told) == len(CODES) ** 2
    assert len(set(told.values())) == len(CODES) ** 2


def test_an_order_sorts_the_matrix(overlap: Overlap) -> None:
    overlap.open(PROVINCES)
    names = ["Shanghai", "Jiangsu", "Zhejiang", "Anhui"]

    def rows() -> list[str]:
        return [row[0] for row in overlap.cells()[1:]]

    overlap.until(rows, names)
    overlap.press("largest first")
    overlap.page.wait_for_url("**order=size**")
    overlap.until(lambda: rows() != names and sorted(rows()) == sorted(names), True)
    heads = overlap.cells()[0]
    assert [head for head in heads if head] == rows()
    overlap.press("similar together")
    overlap.page.wait_for_url(re.compile(r"overlap\?(?!.*order=)"))
    overlap.press("by code")
    overlap.until(rows, names)


def test_many_columns_are_narrow_enough_to_compare(overlap: Overlap) -> None:
    overlap.open(LINK | {"show": "zones"})
    heads, *rows = overlap.cells()
    assert len(rows) == 41
    assert len([head for head in heads if head]) >= 15
    assert max(map(len, heads)) <= 4


# -- drawing -----------------------------------------------------------------------------------

CORNERS = [(119.0, 31.0), (121.0, 31.25), (120.0, 32.0)]


@pytest.fixture
def drawer(overlap: Overlap) -> Drawer:
    """A map to draw on, with the sea around its middle."""
    overlap.open(GIVEN)
    drawer = Drawer(overlap)
    drawer.button.wait_for()
    return drawer


def near(told: str, corners: list[tuple[float, float]], by: float = 0.02) -> bool:
    """Whether a link's polygon has these corners, as exact as a pixel."""
    found = [tuple(map(float, corner.split(","))) for corner in told.split(";") if corner]
    return len(found) == len(corners) and all(
        abs(one - other) < by
        for corner, wanted in zip(found, corners, strict=True)
        for one, other in zip(corner, wanted, strict=True)
    )


def drawn_so(overlap: Overlap, corners: list[tuple[float, float]]) -> None:
    overlap.until(lambda: near(overlap.query().get("polygon", ""), corners), True)


def test_a_polygon_is_drawn_by_clicks_and_told_with_its_figures(drawer: Drawer) -> None:
    overlap = drawer.overlap
    assert not drawer.pressed
    assert drawer.button.get_attribute("aria-label") == "Draw a polygon"
    drawer.start()
    assert drawer.button.get_attribute("aria-label") == "Stop drawing"
    assert "Click to set corners" in drawer.hint
    drawer.corner(*CORNERS)
    spot = overlap.spot((119.5, 31.7))
    overlap.page.mouse.move(*spot)
    line = "() => atlas.drawing.state.line.getLatLngs()[0].length"
    overlap.until(lambda: drawer.frame.evaluate(line), 4)
    view = overlap.visit.view()
    drawer.corner(CORNERS[0])
    assert not drawer.pressed
    overlap.says("Polygon 1 holds ")
    assert "the Yangtze River Delta G60 Science" in overlap.sentence()
    drawn_so(overlap, CORNERS)
    overlap.until(lambda: sorted(overlap.drawn()), [CORRIDORS, "overlap", "overlap-zones"])
    assert overlap.visit.covered("overlap-zones", 120.0, 31.4)
    assert drawer.frame.evaluate("() => atlas.drawing.state.finished._map !== null")
    overlap.page.wait_for_timeout(500)
    assert overlap.visit.view() == view, "who draws looks at the polygon already"
    assert [row[0] for row in overlap.cells()[1:]] == ["Polygon 1"]


def test_double_click_and_enter_finish_and_a_new_one_replaces_the_old(drawer: Drawer) -> None:
    overlap = drawer.overlap
    drawer.start()
    drawer.corner(*CORNERS[:2])
    zoom = overlap.visit.view()[2]
    overlap.click(CORNERS[2], double=True)
    drawn_so(overlap, CORNERS)
    assert overlap.visit.view()[2] == zoom
    other = [(118.0, 30.0), (119.0, 30.0), (119.0, 30.8), (118.0, 30.8)]
    overlap.page.wait_for_timeout(600)
    drawer.start()
    drawer.corner(*other)
    overlap.page.keyboard.press("Enter")
    drawn_so(overlap, other)
    overlap.until(lambda: overlap.visit.covered("overlap-zones", 118.5, 30.4), True)
    assert not overlap.visit.covered("overlap-zones", 120.0, 31.4)


def test_wrong_corners_are_said_and_drawing_goes_on(drawer: Drawer) -> None:
    overlap = drawer.overlap
    drawer.start()
    drawer.corner((119.0, 31.0), (121.0, 31.0))
    overlap.page.keyboard.press("Enter")
    assert "three corners" in drawer.hint
    assert drawer.pressed
    drawer.corner((119.5, 32.0), (120.0, 30.0))
    assert "would cross" in drawer.hint
    assert len(drawer.corners) == 3
    drawer.corner((121.5, 32.0), (121.0, 31.5))
    assert len(drawer.corners) == 5
    overlap.page.keyboard.press("Enter")
    assert "last side would cross" in drawer.hint
    assert drawer.pressed
    assert "polygon" not in overlap.query()
    overlap.page.keyboard.press("Escape")
    assert not drawer.pressed
    assert "cancelled" in drawer.hint
    assert "polygon" not in overlap.query()


def test_the_button_cancels_and_a_finished_polygon_stays(drawer: Drawer) -> None:
    overlap = drawer.overlap
    drawer.start()
    drawer.corner(*CORNERS)
    overlap.page.keyboard.press("Enter")
    drawn_so(overlap, CORNERS)
    before = overlap.query()
    drawer.start()
    drawer.corner((118.0, 30.0), (119.0, 30.0))
    drawer.button.click()
    assert not drawer.pressed
    overlap.page.wait_for_timeout(800)
    assert overlap.query() == before
    assert drawer.frame.evaluate("() => atlas.drawing.state.finished._map !== null")
    assert overlap.visit.covered("overlap-zones", 120.0, 31.4)


def test_drawing_and_measuring_exclude_each_other_and_keep_popups_away(drawer: Drawer) -> None:
    overlap = drawer.overlap
    on = "polyline-measure-controlOnBgColor"
    drawer.measure.click()
    assert on in (drawer.measure.get_attribute("class") or "")
    drawer.start()
    assert on not in (drawer.measure.get_attribute("class") or "")
    drawer.corner((120.2, 31.2), (120.8, 31.2))
    assert drawer.frame.locator(POPUPS).count() == 0
    assert len(drawer.corners) == 2
    drawer.measure.click()
    assert not drawer.pressed
    overlap.page.wait_for_timeout(600)
    drawer.corner((120.2, 31.2))
    assert drawer.frame.locator(POPUPS).count() == 0
    drawer.measure.click()
    overlap.page.wait_for_timeout(600)
    overlap.click((120.3, 31.3))
    drawer.frame.locator(POPUPS).wait_for()
    zoom = overlap.visit.view()[2]
    drawer.frame.evaluate("() => { atlas.state.map.closePopup(); }")
    overlap.page.wait_for_timeout(600)
    overlap.click((124.0, 33.5), double=True)
    overlap.until(lambda: overlap.visit.view()[2] > zoom, True)


def test_a_polygon_of_many_corners_is_measured_but_not_in_the_link(drawer: Drawer) -> None:
    """The browser's side alone: corners as if they had been clicked."""
    overlap = drawer.overlap
    drawer.start()
    drawer.frame.evaluate(
        """count => { for (let n = 0; n < count; n++) {
            const turn = 2 * Math.PI * n / count;
            atlas.drawing.state.corners.push([Math.round(12e6 + 8e4 * Math.cos(turn)),
                Math.round(31e5 + 8e4 * Math.sin(turn))]); } }""",
        MANY_CORNERS,
    )
    drawer.frame.locator(".leaflet-container").focus()
    overlap.page.keyboard.press("Enter")
    overlap.says("Polygon 1 holds ")
    overlap.page.get_by_text(f"it has {MANY_CORNERS} corners, a link takes 60").wait_for()
    assert "polygon" not in overlap.query()


def test_other_zones_take_the_button_away_and_drawing_brings_it_back(drawer: Drawer) -> None:
    overlap = drawer.overlap
    drawer.start()
    drawer.corner(*CORNERS)
    overlap.page.keyboard.press("Enter")
    drawn_so(overlap, CORNERS)
    overlap.page.get_by_role("combobox", name="Zones", exact=False).click()
    overlap.page.get_by_role("option", name="Cities", exact=True).click()
    overlap.page.wait_for_url("**zones=cities**")
    overlap.until(lambda: overlap.visit.frame.locator(".atlas-draw").count(), 0)
    overlap.page.get_by_role("combobox", name="Zones", exact=False).click()
    overlap.page.get_by_role("option", name="a polygon or file of your own", exact=True).click()
    drawn_so(overlap, CORNERS)
    overlap.until(lambda: overlap.visit.frame.locator(".atlas-draw").count(), 1)


def test_pasted_text_is_a_zone(overlap: Overlap) -> None:
    overlap.open(GIVEN)
    overlap.pick("paste text")
    field = overlap.page.get_by_role("textbox", name="WKT or GeoJSON", exact=False)
    field.fill("POLYGON ((119 31, 121 31.25, 120 32, 119 31))")
    field.press("Control+Enter")
    overlap.says("Polygon 1 holds ")
    overlap.until(lambda: overlap.query().get("polygon"), TRIANGLE)
    overlap.until(lambda: overlap.visit.covered("overlap-zones", 120.0, 31.4), True)
    assert overlap.visit.frame.locator(".atlas-draw").count() == 0
    field.fill("LINESTRING (119 31, 121 31.25)")
    field.press("Control+Enter")
    overlap.page.get_by_text("Pasted text: it is neither WKT of a polygon").wait_for()


def test_an_uploaded_file_is_measured(overlap: Overlap) -> None:
    overlap.open(GIVEN)
    overlap.pick("upload a file")
    box = [[118.4, 31.6], [119.0, 31.6], [119.0, 32.2], [118.4, 32.2], [118.4, 31.6]]
    one = {"type": "Feature", "properties": {"id": "site"},
           "geometry": {"type": "Polygon", "coordinates": [box]}}  # fmt: skip
    content = json.dumps({"type": "FeatureCollection", "features": [one]}).encode()
    overlap.page.locator("input[type=file]").set_input_files(
        {"name": "site.geojson", "mimeType": "application/geo+json", "buffer": content}
    )
    overlap.says("site holds ")
    overlap.until(lambda: overlap.visit.covered("overlap-zones", *IN_NANJING), True)
    assert "polygon" not in overlap.query()


# -- files -------------------------------------------------------------------------------------


def download(overlap: Overlap, form: str, folder: Path) -> Path:
    """Press a button of the downloads, and keep the file under the name it comes with."""
    with overlap.page.expect_download() as waiting:
        overlap.page.get_by_role("button", name=form, exact=True).click()
    name = waiting.value.suggested_filename
    assert name == f"delta-atlas-overlap-{CORRIDORS}.{form.lower()}"
    waiting.value.save_as(folder / name)
    return folder / name


def test_the_figures_come_as_files_and_are_the_same_in_each(
    overlap: Overlap, tmp_path: Path
) -> None:
    overlap.open(GIVEN | {"polygon": TRIANGLE})
    overlap.says("Polygon 1 holds ")
    text = download(overlap, "CSV", tmp_path).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    sizes = {(row["feature_id"], row["plan_version"], row["part"]): float(row["area_km2"])
             for row in rows}  # fmt: skip
    assert len(sizes) == len(rows) >= 5
    assert {row["zone_id"] for row in rows} == {"given"}
    pieces = json.loads(download(overlap, "GEOJSON", tmp_path).read_text("utf-8"))
    assert pieces["layer"] == CORRIDORS
    assert "Albers" in pieces["method"]["en"]
    told = [feature["properties"] for feature in pieces["features"]]
    assert {(one["feature_id"], one["plan_version"], one["part"]): one["area_km2"]
            for one in told} == sizes  # fmt: skip
    frame = gpd.read_parquet(download(overlap, "PARQUET", tmp_path))
    assert frame["area_km2"].sum() == pytest.approx(sum(sizes.values()))
    west, south, east, north = frame.total_bounds
    assert 118.99 < west < east < 121.01
    assert 30.99 < south < north < 32.01
    workbook = zipfile.ZipFile(download(overlap, "XLSX", tmp_path))
    sheets = workbook.read("xl/workbook.xml").decode()
    for name in ("overlap", "zones", "features", "method"):
        assert f'name="{name}"' in sheets
    values = json.loads(download(overlap, "JSON", tmp_path).read_text("utf-8"))
    assert len(values["rows"]) == len(rows)
    assert values["zones"][0]["zones"] == 1


# -- language, screens, links ------------------------------------------------------------------


def test_the_language_switches_on_the_page_and_on_the_map(overlap: Overlap) -> None:
    overlap.open(GIVEN | {"polygon": TRIANGLE, "lang": "zh"})
    drawer = Drawer(overlap)
    overlap.until(lambda: drawer.button.get_attribute("aria-label"), "画多边形")
    overlap.says("多边形1涉及")
    overlap.press("English")
    overlap.says("Polygon 1 holds")
    overlap.until(lambda: drawer.button.get_attribute("aria-label"), "Draw a polygon")
    legend = overlap.visit.frame.locator(".atlas-legend")
    overlap.until(lambda: "Chosen zone" in legend.inner_text(), True)
    controls = overlap.visit.frame.locator(".leaflet-top.leaflet-left > *").all()
    assert "atlas-draw" in (controls[-1].get_attribute("class") or "")


def test_a_phone_shows_all_without_scrolling_sideways(
    visit_with: Callable[..., Visit], atlas_address: str
) -> None:
    visit = visit_with(width=390, height=840, locale="en-GB")
    overlap = Overlap(visit, atlas_address)
    for query in (
        LINK | {"zone": NANJING},
        LINK | {"show": "zones", "zone": NANJING, "cell": SUZHOU},
        LINK | {"show": "layers", "with": BELTS},
        GIVEN | {"polygon": TRIANGLE},
    ):
        overlap.open(query)
        assert visit.page.evaluate(FITS)
        box = visit.frame.frame_element().bounding_box()
        assert box
        assert box["height"] <= 0.6 * 840
        assert box["width"] > 320
    overlap.open(LINK | {"show": "change", "until": "2026-11-24", "day": "2016-01-01"}, drawn=False)
    assert visit.page.evaluate(FITS)
    assert visit.outside == visit.complaints == []


def test_a_finger_draws_on_a_phone(visit_with: Callable[..., Visit], atlas_address: str) -> None:
    visit = visit_with(width=390, height=840, locale="en-GB")
    overlap = Overlap(visit, atlas_address).open(GIVEN)
    drawer = Drawer(overlap)
    drawer.start()
    hint = drawer.frame.locator(".atlas-draw-hint").bounding_box()
    assert hint
    assert hint["x"] + hint["width"] <= 390
    drawer.corner((119.0, 30.5), (121.0, 30.5), (120.5, 31.8))
    drawer.corner((119.0, 30.5))
    overlap.says("Polygon 1 holds ")
    assert visit.page.evaluate(FITS)
    assert visit.outside == visit.complaints == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (LINK | {"zone": SUZHOU, "cell": "g60-corridor/3.0/whole"}, "of the zone"),
        (LINK | {"show": "zones", "zone": NANJING, "cell": SUZHOU}, "share 3 features"),
        (GIVEN | {"polygon": TRIANGLE}, "Polygon 1 holds "),
    ],
    ids=["cell", "pair", "polygon"],
)
def test_a_link_opens_the_same_in_a_fresh_browser(
    visit_with: Callable[..., Visit], atlas_address: str, query: dict[str, str], words: str
) -> None:
    visit = visit_with(locale="zh-CN")
    overlap = Overlap(visit, atlas_address).open(query)
    for _ in range(2):
        overlap.says(words)
        overlap.until(overlap.query, query)
        overlap.until(lambda: "overlap-zones" in overlap.drawn(), True)
        link = visit.page.get_by_test_id("stCode").last.inner_text()
        assert dict(parse_qsl(urlsplit(link.strip()).query)) == query
        visit.page.reload()
        overlap.settle()
        visit.drawn_after(0)
    assert visit.outside == visit.complaints == []


def test_the_side_bar_leads_away_and_back_to_the_same(overlap: Overlap) -> None:
    overlap.open(GIVEN | {"polygon": TRIANGLE})
    overlap.says("Polygon 1 holds ")
    side = overlap.page.get_by_test_id("stSidebarNav")
    side.get_by_role("link", name="Catalogue").click()
    overlap.page.get_by_role("heading", name="Catalogue").first.wait_for()
    side.get_by_role("link", name="Overlap").click()
    overlap.says("Polygon 1 holds ")
    overlap.until(overlap.query, GIVEN | {"polygon": TRIANGLE})


# -- hostile data ------------------------------------------------------------------------------

HOSTILE = KNOWN | {"layer": BELTS, "zones": BELTS, "day": "2026-01-01"}
BELT_KEY = "belt/belt_2035/whole"


@pytest.fixture
def hostile(visit: Visit, hostile_address: str) -> Iterator[Overlap]:
    """A store with markup in every text field; it may stay text, and nothing else."""
    yield Overlap(visit, hostile_address)
    for frame in visit.page.frames:
        assert not frame.evaluate("() => window.attacked")
        assert frame.locator("img[src=x]").count() == 0


def test_markup_in_every_text_field_stays_text(hostile: Overlap) -> None:
    hostile.open(HOSTILE | {"show": "features", "zone": "belt", "cell": BELT_KEY})
    hostile.says(ATTACK)
    table = hostile.page.get_by_test_id("stDataFrame")
    for one in table.all()[:2]:
        one.scroll_into_view_if_needed()
        hostile.until(lambda one=one: ATTACK in (one.text_content() or ""), True)
    hostile.visit.frame.evaluate(
        """() => atlas.state.drawn.forEach(layer => {
            if (layer.spec.background) { return; }
            const shape = layer.group.getLayers()[0];
            const place = shape.getBounds().getCenter();
            shape.openTooltip(place); })"""
    )
    tooltip = hostile.visit.frame.locator(".atlas-tooltip strong").first
    tooltip.wait_for()
    assert ATTACK in tooltip.inner_text()
    hostile.open(HOSTILE | {"show": "zones", "zone": "belt"})
    hostile.says(ATTACK)
    hostile.open(HOSTILE | {"show": "layers"}, drawn=False)
    hostile.page.get_by_text("Nothing overlaps.").wait_for()
    hostile.open(
        HOSTILE | {"show": "change", "until": "2026-01-01", "day": "2024-01-01"}, drawn=False
    )


def test_markup_in_pasted_names_and_in_the_link_stays_text(hostile: Overlap) -> None:
    hostile.open(HOSTILE | {"show": "features", "zone": ATTACK[:70], "layer": BELTS})
    hostile.page.get_by_text(ATTACK[:30]).first.wait_for()
    hostile.open(HOSTILE | {"zones": "given", "show": "features"})
    hostile.pick("paste text")
    box = [[116, 30], [121, 30], [121, 33], [116, 33], [116, 30]]
    text = {"type": "Feature", "properties": {"id": ATTACK},
            "geometry": {"type": "Polygon", "coordinates": [box]}}  # fmt: skip
    field = hostile.page.get_by_role("textbox", name="WKT or GeoJSON", exact=False)
    field.fill(json.dumps(text))
    field.press("Control+Enter")
    hostile.says(ATTACK)
    field.fill(json.dumps({"type": ATTACK}))
    field.press("Control+Enter")
    hostile.page.get_by_text("it holds geometry of type <img src=x").wait_for()
