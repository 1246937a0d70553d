"""A figure shows what the web map shows, and nothing in it covers another thing."""

import datetime as dt
from io import BytesIO

import numpy as np
import pytest
import shapely
from matplotlib.colors import to_hex, to_rgba
from matplotlib.font_manager import FontPath
from matplotlib.image import imread
from pyproj import Geod, Transformer

from atlas.cartography import figure_text
from atlas.cartography.figure import to_figure, to_png
from atlas.cartography.figure_map import SEA, bar_of, crop_of, prepare, symbol, to_path
from atlas.cartography.figure_text import Box
from atlas.cartography.map_document import map_document, map_layer
from atlas.cartography.style import Look
from atlas.cartography.web_spec import specify
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.io.assets import SC_FACE, font_path
from atlas.operations.folder import PROJECT
from tests.examples import frame, row, square

FOLDER = PROJECT / "layers"
DAY = dt.date(2024, 6, 1)
KNOWN = dt.date(2026, 11, 24)
FONT = font_path()
VECTOR = [
    layer
    for layer in catalogue.list_layer_ids(FOLDER)
    if catalogue.read_info(FOLDER, layer).kind in ("polygon", "line", "point")
]
BOTH = dict.fromkeys(LANGUAGES, "x")


def published(*layers: str, background: tuple[str, ...] = ()):
    """Layers of the store on a day, as the map shows them."""
    drawn = []
    for layer in (*background, *layers):
        edition = catalogue.find_edition(FOLDER, layer, known_by=KNOWN)
        read = catalogue.read_layer(FOLDER, edition)
        rows = as_of(read.features, DAY)
        drawn.append(map_layer(read, rows, background=layer in background))
    return map_document(drawn, day=DAY, known_by=KNOWN)


def made_layer(rows, shapes, *, kind: str = "polygon", style: str = "belts"):
    """A layer that no store holds."""
    info = LayerInfo(
        id="made", theme="base", kind=kind, title=BOTH, description=BOTH, style=style,
        licence="x", attribution=BOTH, source=BOTH, accuracy=BOTH,
    )  # fmt: skip
    edition = Edition("made", 1, DAY, "0" * 64, len(rows), "")
    features = frame(rows, shapes)
    return map_layer(Layer(info, edition, features), features)


def made(*shapes, **options):
    rows = [row(id=f"belt-{place}") for place, _ in enumerate(shapes)]
    layer = made_layer(rows, list(shapes), **options)
    return map_document([layer], day=DAY, known_by=KNOWN)


def drawn(document, **options):
    options = {"lang": "en", "title": "Title", "font": FONT} | options
    return to_figure(document, **options)


def pixels(document, **options):
    options = {"lang": "en", "title": "Title", "font": FONT} | options
    return imread(BytesIO(to_png(document, **options)))


def box_of(artist) -> Box:
    return Box(*artist.get_window_extent().extents)


def texts_of(made_figure) -> list[str]:
    return [text.get_text() for text in made_figure.texts]


def legend_of(made_figure, lang: str) -> list[str]:
    """Texts at the right of the map."""
    [head] = [
        text for text in made_figure.texts if text.get_text() == translate("map.legend", lang)
    ]
    left = head.get_position()[0]
    return [text.get_text() for text in made_figure.texts if text.get_position()[0] >= left]


def web_legend(document, lang: str):
    urls = {layer.id: "x" for layer in document.layers}
    urls |= {f"background:{layer.id}": "x" for layer in document.layers}
    return specify(document, urls, lang=lang)["legend"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("layer", VECTOR)
def test_figure_and_web_map_have_the_same_legend_and_looks(layer: str, lang: str) -> None:
    document = published(layer)
    shown = drawn(document, lang=lang, width_cm=40, height_cm=24)
    web = web_legend(document, lang)
    assert legend_of(shown, lang) == [translate("map.legend", lang), *(e["label"] for e in web)]
    swatches = [artist for artist in shown.artists if hasattr(artist, "get_path")][: len(web)]
    wanted = [symbol(Look(**entry["look"]), entry["kind"]) for entry in web]
    for swatch, look in zip(swatches, wanted, strict=True):
        assert swatch.get_facecolor() == look["facecolor"]
        assert swatch.get_edgecolor() == look["edgecolor"]
        assert swatch.get_linewidth() == look["linewidth"]
    [collection] = shown.axes[0].collections
    for name in ("facecolor", "edgecolor"):
        on_map = {tuple(colour) for colour in getattr(collection, f"get_{name}")()}
        assert on_map == {look[name] for look in wanted}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_covers_another_thing_even_with_every_layer(lang: str) -> None:
    layers = [layer for layer in VECTOR if layer != "land"]
    document = published(*layers, background=("land",))
    notes = ("A note that is long " * 30, "很长的一条注" * 40)
    shown = drawn(document, lang=lang, title="标题 and title " * 25, notes=notes)
    assert legend_of(shown, lang)[1:] == [entry["label"] for entry in web_legend(document, lang)]
    page = Box(0, 0, *shown.bbox.size)
    boxes = [box_of(text) for text in shown.texts]
    assert all(page.holds(box) for box in boxes)
    # A line of text is higher than its letters: a pixel may be shared.
    inner = [Box(b.left + 1, b.bottom + 1, b.right - 1, b.top - 1) for b in boxes]
    for place, box in enumerate(inner):
        assert not any(box.meets(other) for other in inner[place + 1 :])
    panel = box_of(shown.axes[0])
    on_map = [box for box in boxes if panel.meets(box)]
    assert on_map
    assert all(panel.holds(box) for box in on_map)
    assert not any(panel.meets(box_of(artist)) for artist in shown.artists)


@pytest.mark.parametrize(("lang", "name"), [("zh", "南京"), ("en", "Nanjing")])
def test_cities_bear_their_names(lang: str, name: str) -> None:
    texts = texts_of(drawn(published("cities"), lang=lang))
    assert name in texts
    assert len(texts) - len(set(texts)) == 0


def test_a_name_is_left_out_where_there_is_no_room() -> None:
    boxes = [shapely.box(120, 30, 121, 31), shapely.box(120.1, 30.1, 120.9, 30.9)]
    boxes += [shapely.box(120.2, 30.2, 120.8, 30.8), shapely.box(120.3, 30.3, 120.7, 30.7)]
    shown = drawn(made(*boxes, style="cities"), bounds=(110, 25, 128, 38))
    assert texts_of(shown).count("Huai") == 1


@pytest.mark.parametrize(
    ("width_cm", "height_cm", "dpi", "size"),
    [(16.0, 12.0, 150, (945, 709)), (10.0, 8.0, 96, (378, 302)), (7.62, 7.62, 100, (300, 300))],
)
def test_the_picture_has_the_size_that_was_asked(width_cm, height_cm, dpi, size) -> None:
    picture = pixels(made(square()), width_cm=width_cm, height_cm=height_cm, dpi=dpi)
    assert picture.shape[:2] == size[::-1]


def test_a_colour_is_where_it_belongs() -> None:
    document = made(square(120.0, 30.0, 0.5))
    shown = drawn(document, bounds=(119.5, 29.5, 121.0, 31.0))
    picture = pixels(document, bounds=(119.5, 29.5, 121.0, 31.0))
    panel = shown.axes[0].get_window_extent()
    middle = picture[
        round(len(picture) - (panel.y0 + panel.y1) / 2), round((panel.x0 + panel.x1) / 2)
    ]
    sea = picture[round(len(picture) - panel.y1) + 5, round(panel.x0) + 5]
    assert to_hex(sea) == SEA
    [look] = {
        symbol(Look(**entry["look"]), "polygon")["facecolor"]
        for entry in web_legend(document, "en")
    }
    blended = np.array(look[:3]) * look[3] + np.array(to_rgba(SEA)[:3]) * (1 - look[3])
    assert middle[:3] == pytest.approx(blended, abs=0.01)


@pytest.mark.parametrize("turned", [False, True])
def test_a_hole_is_empty(turned: bool) -> None:
    hole = shapely.box(120.1, 30.1, 120.4, 30.4).exterior
    rings = (square().exterior, hole.reverse() if turned else hole)
    document = made(shapely.Polygon(rings[0], [rings[1]]))
    panel = drawn(document).axes[0].get_window_extent()
    picture = pixels(document)
    middle = picture[
        round(len(picture) - (panel.y0 + panel.y1) / 2), round((panel.x0 + panel.x1) / 2)
    ]
    assert to_hex(middle) == SEA


def test_the_sea_is_as_blue_as_on_the_web_map() -> None:
    css = (PROJECT / "atlas/cartography/browser/atlas.css").read_text("utf-8")
    assert f"background: {SEA};" in css


def test_dashes_and_widths_are_those_of_the_web_map() -> None:
    look = Look(fill="#112233", stroke="#445566", fill_opacity=0.5, weight=2.0, dash="8 5")
    assert symbol(look, "polygon") == {
        "facecolor": to_rgba("#112233", 0.5), "edgecolor": to_rgba("#445566"),
        "linewidth": 1.5, "linestyle": (0.0, (4.0, 2.5)),
    }  # fmt: skip
    assert symbol(look, "line")["facecolor"][3] == 0


def test_points_are_dots_of_their_radius() -> None:
    document = made(shapely.Point(120, 30), shapely.MultiPoint([(120.5, 30), (120.6, 30.2)]),
                    kind="point", style="rail-stations")  # fmt: skip
    [collection] = drawn(document).axes[0].collections
    [look] = {Look(**entry["look"]) for entry in web_legend(document, "en")}
    assert len(collection.get_offsets()) == 3
    assert np.allclose(collection.get_sizes(), np.pi * (look.radius * 0.75) ** 2)


def test_a_path_closes_rings_and_leaves_lines_open() -> None:
    lines = shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0), (4, 0)]])
    assert to_path(lines).codes.tolist() == [1, 2, 1, 2, 2]
    shapes = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)])
    assert to_path(shapes).codes.tolist() == [1, 2, 2, 2, 79] * 2


def test_a_row_without_geometry_counts_in_the_legend_and_is_not_drawn() -> None:
    rows = [row(id="a"), row(id="b", geometry_basis="none", status="draft")]
    layer = made_layer(rows, [square(), None])
    document = map_document([layer], day=DAY, known_by=KNOWN)
    shown = drawn(document)
    assert len(shown.axes[0].collections[0].get_paths()) == 1
    assert legend_of(shown, "en")[1:] == [entry["label"] for entry in web_legend(document, "en")]
    alone = map_document([made_layer(rows[1:], [None])], day=DAY, known_by=KNOWN)
    assert drawn(alone).axes[0].collections[:] == []


def test_backgrounds_lie_below_and_do_not_count() -> None:
    document = published("lakes", background=("land", "provinces"))
    orders = [entry.get_zorder() for entry in drawn(document).axes[0].collections]
    assert orders == sorted(orders)
    panel = Box(0, 0, 100, 100)
    crop, alone = (crop_of(prepare(doc), None, panel) for doc in (document, published("lakes")))
    assert crop == alone


def test_the_map_shows_at_least_the_bounds_and_has_the_form_of_its_panel() -> None:
    bounds = (118.0, 30.0, 121.0, 31.0)
    for panel in (Box(0, 0, 300, 100), Box(0, 0, 100, 300)):
        crop = crop_of([], bounds, panel)
        assert crop.width / crop.height == pytest.approx(panel.width / panel.height)
        project = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True).transform
        for x in (bounds[0], 119.5, bounds[2]):
            for y in (bounds[1], bounds[3]):
                east, north = project(x, y)
                assert crop.left - 1 <= east <= crop.right + 1
                assert crop.bottom - 1 <= north <= crop.top + 1


def test_one_point_still_makes_a_map() -> None:
    document = made(shapely.Point(120, 30), kind="point", style="rail-stations")
    assert crop_of(prepare(document), None, Box(0, 0, 100, 100)).width == 20_000


@pytest.mark.parametrize("degrees", [0.1, 1.0, 6.0])
def test_the_scale_bar_is_true_on_the_ellipsoid(degrees: float) -> None:
    panel = Box(0, 0, 300, 200)
    crop = crop_of([], (117 - degrees, 29 - degrees, 117 + degrees, 29 + degrees), panel)
    length, points = bar_of(crop, panel)
    assert str(length).strip("0.")[0] in "125"
    assert 0.1 < points / panel.width <= 0.3
    x, y = (crop.left + crop.right) / 2, (crop.bottom + crop.top) / 2
    metres = points / panel.width * crop.width
    back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True).transform
    ends = (*back(x - metres / 2, y), *back(x + metres / 2, y))
    assert Geod(ellps="WGS84").inv(*ends)[2] == pytest.approx(length * 1000, rel=1e-4)


@pytest.mark.parametrize(
    ("half_m", "text"), [(1000, "500 m"), (2000, "1 km"), (1e5, "50 km"), (5e5, "200 km")]
)
def test_the_scale_bar_says_its_length(half_m: float, text: str, monkeypatch) -> None:
    monkeypatch.setattr("atlas.cartography.figure_map.LEAST_M", 0.0)
    step = half_m / 111_000
    bounds = (118.8 - step, 31 - step / 2, 118.8 + step, 31 + step / 2)
    assert text in texts_of(drawn(made(square()), bounds=bounds, width_cm=15, height_cm=10))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_notice_is_always_at_the_lower_left(lang: str) -> None:
    for document in (map_document([], day=DAY, known_by=KNOWN), made(square())):
        shown = drawn(document, lang=lang, notes=("note",) * 50)
        lowest = min(shown.texts, key=lambda text: text.get_position()[1])
        assert lowest.get_text() == translate("app.notice", lang)
        assert lowest.get_position()[0] == min(text.get_position()[0] for text in shown.texts)
        assert "…" in texts_of(shown)


def test_an_empty_map_shows_the_delta() -> None:
    empty = map_document([], day=DAY, known_by=KNOWN)
    shown = drawn(empty, title="")
    assert len(shown.texts) == 2
    back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True).transform
    (west, east), (south, north) = shown.axes[0].get_xlim(), shown.axes[0].get_ylim()
    assert back(west, south)[0] < 114.9
    assert back(east, south)[0] > 122.9
    assert back((west + east) / 2, north)[1] > 35.1
    assert len(to_png(empty, lang="zh", title="", font=FONT)) > 1000


def test_the_same_map_gives_the_same_bytes_without_a_clock_or_a_program() -> None:
    document = made(square())
    first = to_png(document, lang="zh", title="同样", font=FONT)
    assert to_png(document, lang="zh", title="同样", font=FONT) == first
    assert to_png(document, lang="en", title="同样", font=FONT) != first
    for name in (b"tEXt", b"tIME", b"iTXt", b"Matplotlib"):
        assert name not in first


def test_chinese_is_written_in_the_face_for_simplified_chinese(monkeypatch) -> None:
    document = made(square())
    assert figure_text.face_of(FONT).face_index == SC_FACE
    chinese = to_png(document, lang="zh", title="直角骨曜化", font=FONT)
    monkeypatch.setattr(figure_text, "face_of", lambda font: FontPath(str(font), 0))
    assert to_png(document, lang="zh", title="直角骨曜化", font=FONT) != chinese


def test_a_sign_that_the_font_lacks_is_told() -> None:
    with pytest.warns(UserWarning, match="Glyph"):
        to_png(made(square()), lang="en", title="\u0e01", font=FONT)


@pytest.mark.parametrize(
    "text", ["$x^2$ and $", "\x00\x1b", "a\nb", "\\frac{", "%s {x}", "x" * 400, "长" * 400, "<b>&"]
)
def test_text_is_plain_text(text: str) -> None:
    shown = drawn(made(square()), title=text, notes=(text,))
    shown.canvas.draw()
    start = figure_text.plain(text)[:10]
    assert len([entry for entry in texts_of(shown) if entry.startswith(start)]) >= 2


def test_lines_do_not_begin_with_a_full_stop_or_end_with_an_opening_bracket() -> None:
    pen = figure_text.pen_for(drawn(made(square())), FONT)
    text = "长江三角洲（简称“长三角”）区域一体化，发展规划。" * 6
    for width in range(40, 120, 7):
        lines = pen.fit(text, 7.5, width, most=200)
        assert "".join(lines) == text
        assert all(pen.width(line, 7.5) <= width for line in lines)
        assert not any(line[0] in "，。）”" or line[-1] in "（“" for line in lines)
    words = "of the Yangtze River Delta"
    assert pen.fit(words, 7.5, 60, most=9) == ["of the Yangtze", "River Delta"]
    assert pen.fit(words, 7.5, 60, most=1) == ["of the Yangtze…"]


def test_a_page_without_room_for_a_map_is_refused() -> None:
    with pytest.raises(ValueError, match="too small"):
        drawn(made(square()), width_cm=3, height_cm=2)
