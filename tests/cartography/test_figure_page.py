"""A page holds all its parts, none of them clipped, none of them on another."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Page
from matplotlib.patches import Patch
from pyproj import Geod, Transformer

from atlas.cartography import figure_frame as around
from atlas.cartography.figure_files import drawing
from atlas.cartography.figure_key import fit_key
from atlas.cartography.figure_map import symbol
from atlas.cartography.figure_page import to_page
from atlas.cartography.figure_text import Box
from atlas.cartography.figure_write import writer_for
from atlas.cartography.map_document import legend
from atlas.cartography.web_spec import specify
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.errors import FigureRefused
from atlas.i18n import translate
from tests.cartography.figures import figure_of, page_of

PLANS = ("innovation-corridors", "ecological-belts", "metropolitan-areas")
EVERYTHING = ("cities", "districts", "provinces", "lakes", "rivers", "rail-lines",
              "rail-stations", "settlements", *PLANS)  # fmt: skip
FIGURES = {
    "a4-zh": (PLANS, {}),
    "a4-both-portrait": (PLANS[:2], {"lang": "both", "orientation": "portrait"}),
    "a3-en": (("innovation-corridors", "rail-lines", "rail-stations"),
              {"lang": "en", "paper": "A3", "profile": "public",
               "approval_number": "TEST（2026）0000号"}),
    "a2-everything": (EVERYTHING, {"paper": "A2"}),
    "slide-both": (("metropolitan-areas", "rail-lines"),
                   {"lang": "both", "paper": "slide", "profile": "internal"}),
    "place": (("metropolitan-areas", "rail-stations"),
              {"place": "cities:320100", "lang": "en", "orientation": "portrait"}),
    "box": (("innovation-corridors",), {"place": "120.0,30.0,120.9,30.6", "lang": "both"}),
    "change": (("innovation-corridors",),
               {"day": dt.date(2018, 1, 1), "until": dt.date(2024, 1, 1), "lang": "both"}),
    "ground": (("land-cover", "ecological-belts", "cities"),
               {"place": "cities:330100", "lang": "both", "orientation": "portrait"}),
    "ground-steps": (("terrain", "rail-lines"), {"lang": "en"}),
    "long-title": (("cities",), {"title": "长" * 118 + "。", "orientation": "portrait"}),
}  # fmt: skip
HAIR = 0.4
"""Points that the boxes of two lines may share: they are larger than the letters."""


def shrunk(box: Box) -> Box:
    return Box(box.left + HAIR, box.bottom + HAIR, box.right - HAIR, box.top - HAIR)


def inside(box: Box, other: Box) -> bool:
    return other.holds(shrunk(box))


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_of_a_page_is_clipped_or_lies_on_another(name: str) -> None:
    layers, options = FIGURES[name]
    page, texts, maps = page_of(figure_of(*layers, **options))
    width, height = (float(side) * 72 for side in page.get_size_inches())
    paper = Box(8, 8, width - 8, height - 8)
    assert len(texts) > 20
    for text, box in texts:
        assert text.strip()
        assert inside(box, paper), text
        for panel in maps:
            assert inside(box, panel) or not shrunk(box).meets(panel), text
    for place, (text, box) in enumerate(texts):
        for other, there in texts[place + 1 :]:
            assert not shrunk(box).meets(shrunk(there)), (text, other)
    assert not maps[0].meets(maps[1])


@pytest.mark.parametrize("name", ["a4-zh", "a3-en"])
def test_no_name_lies_below_the_arrow_or_the_stamp(name: str) -> None:
    layers, options = FIGURES[name]
    figure = figure_of(*layers, **options)
    page, texts, _ = page_of(figure)
    with drawing():
        renderer = FigureCanvasAgg(page).get_renderer()
        plates = [
            Box(*patch.get_window_extent(renderer).extents)
            for patch in page.artists
            if patch.get_label() == around.PLATE
        ]
    assert len(plates) == 2
    own = {"北", "N", *figure.sheet.stamp}
    for plate in plates:
        assert {text for text, box in texts if shrunk(box).meets(plate)} <= own


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_page_has_the_size_of_its_paper(paper: str, orientation: str) -> None:
    sheet = replace(figure_of("cities").sheet, paper=paper, orientation=orientation)
    empty = replace(sheet, document=replace(sheet.document, layers=()), names=(), locator=())
    with drawing():
        width, height = to_page(empty).get_size_inches() * 25.4
    sides = (PAPERS[paper].short_mm, PAPERS[paper].long_mm)
    assert (width, height) == pytest.approx(
        sides[::-1] if orientation == "landscape" else sides, abs=0.01
    )


@pytest.mark.parametrize(
    ("layers", "options"), [(EVERYTHING, {"paper": "A2"}), (PLANS[:2], {"lang": "en"})]
)
def test_the_legend_is_that_of_the_web_map(layers: tuple, options: dict) -> None:
    figure = figure_of(*layers, **options)
    lang = figure.recipe.lang
    document = figure.sheet.document
    urls = {f"{head}{layer.id}": "x" for layer in document.layers for head in ("", "background:")}
    web = specify(document, urls, lang=lang)["legend"]
    assert len(web) > 5
    page, texts, _ = page_of(figure)
    head = next(box for text, box in texts if text == translate("map.legend", lang))
    right = [text for text, box in texts if abs(box.top - head.top) < 500 and box.left > head.left]
    told = "".join(right).replace(" ", "")
    assert told.startswith("".join(entry["label"] for entry in web).replace(" ", ""))
    looks = [symbol(entry.look, entry.kind) for entry in legend(document)]
    patches = [artist for artist in page.artists if isinstance(artist, Patch)]
    drawn = {(p.get_facecolor(), p.get_edgecolor(), p.get_linewidth()) for p in patches}
    for look in looks:
        assert (look["facecolor"], look["edgecolor"], look["linewidth"]) in drawn


def test_the_page_says_all_that_a_reader_must_know() -> None:
    figure = figure_of(*PLANS[:1], place="cities:320100", lang="both")
    _, texts, _ = page_of(figure)
    told = "".join(text for text, _ in texts).replace(" ", "")
    edition = next(used for used in figure.recipe.editions if used.role == "shown")
    address = "layers=innovation-corridors&day=2024-06-01&known=2026-11-24"
    for words in (
        "南京市：科创走廊", "Nanjing:Innovationcorridors", "2024-06-01", "2026-11-24", "2026-11-25",
        edition.sha256[:12], "ODbL-1.0", "2–15公里", "2–15km", "阿尔伯斯等积圆锥", "EPSG:4326",
        address, "place=cities:320100", "未经审图·workingmap,notforpublication", "图例", "北N",
    ):  # fmt: skip
        assert words in told, words


@pytest.mark.parametrize(
    ("profile", "number", "stamp", "note"),
    [
        ("internal", None, "内部使用，不得公开", "不得公开发表"),
        ("public", "GS（2024）0650号", "审图号：GS（2024）0650号", "不作任何法律上的审查"),
    ],
)
def test_the_stamp_stands_in_the_lower_left_corner_of_the_map(
    profile: str, number: str | None, stamp: str, note: str
) -> None:
    figure = figure_of("cities", profile=profile, approval_number=number)
    page, texts, maps = page_of(figure)
    [box] = [box for text, box in texts if text.startswith(stamp)]
    assert inside(box, maps[0])
    assert box.left - maps[0].left < 15
    assert box.bottom - maps[0].bottom < 15
    assert note in "".join(text for text, _ in texts)
    assert not [patch for patch in page.artists if patch.get_label() == "watermark"]


def test_only_a_working_map_has_a_watermark_across_it() -> None:
    page, _, maps = page_of(figure_of("cities"))
    marks = [patch for patch in page.artists if patch.get_label() == "watermark"]
    assert len(marks) == 3
    box = marks[1].get_window_extent()
    assert box.width > maps[0].width / 2
    assert maps[0].left < box.x0 < box.x1 < maps[0].right


def frame_of(west: float, south: float, east: float, north: float) -> around.MapFrame:
    forth = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True)
    crop = Box(*forth.transform_bounds(west, south, east, north))
    return around.MapFrame(Box(50, 50, 650, 50 + 600 * crop.height / crop.width), crop)


@pytest.mark.parametrize(
    "bounds", [(114.8, 27.0, 123.0, 35.2), (118.0, 31.0, 119.5, 32.5), (121.4, 31.1, 121.6, 31.3)]
)
def test_the_scale_is_true_at_the_middle_of_the_map(bounds: tuple) -> None:
    frame = frame_of(*bounds)
    ratio = around.ratio_of(frame)
    back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True)
    x = (frame.crop.left + frame.crop.right) / 2
    y = (frame.crop.bottom + frame.crop.top) / 2
    half = frame.crop.width / 8
    ends = [*back.transform(x - half, y), *back.transform(x + half, y)]
    metres = Geod(ellps="WGS84").inv(*ends)[2]
    paper = frame.panel.width / 4 / 72 * 0.0254
    assert metres / paper == pytest.approx(ratio, rel=0.002)
    assert around.ratio_text(ratio).startswith("1 : ")


@pytest.mark.parametrize(("lon", "west"), [(115.5, True), (122.5, False)])
def test_the_arrow_points_to_true_north(lon: float, *, west: bool) -> None:
    frame = frame_of(lon - 0.5, 30.5, lon + 0.5, 31.5)
    angle = around.north_angle(frame)
    lons, lat = frame.middle_degrees()
    forth = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True)
    (x, y), (x2, y2) = forth.transform(lons, lat), forth.transform(lons, lat + 0.2)
    assert angle == pytest.approx(math.degrees(math.atan2(x - x2, y2 - y)), abs=0.01)
    assert (angle < 0) == west
    assert 1 < abs(angle) < 3


def test_the_graticule_meets_the_frame_where_it_says() -> None:
    frame = frame_of(114.8, 27.0, 123.0, 35.2)
    lines = around.graticule(frame, spacing=60)
    back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True)
    assert len(lines.below) >= 3
    assert len(lines.beside) >= 3
    for x, text in lines.below:
        metres = frame.crop.left + (x - frame.panel.left) / frame.scale
        lon, _ = back.transform(metres, frame.crop.bottom)
        assert lon == pytest.approx(float(text.removesuffix("°E")), abs=0.01)
    for y, text in lines.beside:
        metres = frame.crop.bottom + (y - frame.panel.bottom) / frame.scale
        _, lat = back.transform(frame.crop.left, metres)
        assert lat == pytest.approx(float(text.removesuffix("°N")), abs=0.01)
    apart = np.diff([x for x, _ in lines.below])
    assert apart.min() > 55


def test_the_locator_shows_where_a_small_map_lies() -> None:
    figure = figure_of("cities", place="cities:310000")
    page, _, maps = page_of(figure)
    [mark] = page.axes[1].patches
    box = mark.get_window_extent()
    inset = maps[1]
    assert inset.left < box.x0 < box.x1 < inset.right
    assert inset.bottom < box.y0 < box.y1 < inset.top
    assert box.x0 > (inset.left + inset.right) / 2
    assert len(page.axes[1].collections) >= 3


def test_a_legend_that_does_not_fit_is_refused_and_never_cut() -> None:
    sheet = figure_of(*EVERYTHING, paper="A2").sheet
    with drawing():
        writer = writer_for(Page(), sheet.font)
        with pytest.raises(FigureRefused, match="legend is too long"):
            fit_key(writer, sheet, 100.0, 60.0, columns=1)
