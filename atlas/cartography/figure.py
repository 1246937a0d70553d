"""A figure: a MapDocument as a PNG picture, with title, legend, scale bar and notes.

It shows the looks, classes, labels and counts of the web map. The page is taken up from
its edges: each part takes what it needs and leaves the rest, so that no part covers
another; the map takes what is left. No clock goes in: the same arguments give the same
bytes.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Shape
from matplotlib.transforms import Affine2D

from atlas.cartography.figure_map import (
    PIXEL,
    ROUND,
    crop_of,
    draw_labels,
    draw_layers,
    draw_scale_bar,
    map_axes,
    prepare,
    symbol,
)
from atlas.cartography.figure_text import ALONE, LINE, POINTS_PER_INCH, Box, pen_for
from atlas.cartography.map_document import legend
from atlas.cartography.web_spec import legend_label
from atlas.i18n import translate

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.cartography.figure_text import Pen
    from atlas.cartography.map_document import LegendEntry, MapDocument

PAPER = "#ffffff"
CM_PER_INCH = 2.54
EDGE, GAP = 8.0, 6.0
"""Points around the page, and between its parts."""
TITLE_SIZE, TITLE_LINES = 12.0, 3
NOTE_SIZE, NOTES_SHARE, NOTICE_LINES = 6.5, 0.3, 2
LEGEND_SIZES = (7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0, 3.5, 3.0, 2.5, 2.0)
LEGEND_SHARE, LABEL_LINES = 0.36, 4
"""How much of the page's width the legend takes at most; lines of one label."""
HEAD, INDENT, ROW = 1.15, 3.2, 0.4
"""Of the legend, in its letters: size of its title, where labels begin, room below a row."""
SWATCH = (26 * PIXEL, 12 * PIXEL)
"""Width and height of a symbol beside the largest letters."""
STRIP, LEAST = 14.0, 30.0
"""Height of the scale bar's strip; the least that the map may be wide and high."""


def to_png(
    document: MapDocument, *, lang: str, title: str, notes: tuple[str, ...] = (),
    bounds: tuple[float, float, float, float] | None = None,
    width_cm: float = 16.0, height_cm: float = 12.0, dpi: int = 150, font: Path,
) -> bytes:  # fmt: skip
    """Draw a map as a PNG picture; arguments as of :func:`to_figure`."""
    out = BytesIO()
    with ALONE:
        figure = to_figure(
            document, lang=lang, title=title, notes=notes, bounds=bounds,
            width_cm=width_cm, height_cm=height_cm, dpi=dpi, font=font,
        )  # fmt: skip
        canvas = FigureCanvasAgg(figure)
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def to_figure(
    document: MapDocument, *, lang: str, title: str, notes: tuple[str, ...] = (),
    bounds: tuple[float, float, float, float] | None = None,
    width_cm: float = 16.0, height_cm: float = 12.0, dpi: int = 150, font: Path,
) -> Figure:  # fmt: skip
    """Draw a map on a page.

    Parameters
    ----------
    document
        The map; it may hold no layer.
    lang
        Language of all words.
    title
        Above the map: at most three lines, the rest is cut off.
    notes
        Small, below the map, each from a new line; the notice of the atlas is always last.
    bounds
        West, south, east, north in degrees that the map must show; it shows more where
        its form needs it. Without bounds: all features but the background.
    width_cm, height_cm, dpi
        Size of the page, and pixels per inch.
    font
        A font file with Chinese characters; of a collection the face for simplified Chinese.

    Raises
    ------
    ValueError
        If the page is so small that no room is left for the map.
    """
    figure = Figure(figsize=_inches(width_cm, height_cm, dpi), dpi=dpi, facecolor=PAPER)
    pen = pen_for(figure, font)
    width, height = (float(side) * POINTS_PER_INCH for side in figure.get_size_inches())
    page = Box(EDGE, EDGE, width - EDGE, height - EDGE)
    page = draw_title(pen, page, title)
    page = draw_notes(pen, page, notes, translate("app.notice", lang))
    page = draw_legend(pen, page, legend(document), lang)
    draw_map(pen, page, document, lang=lang, bounds=bounds)
    return figure


def _inches(width_cm: float, height_cm: float, dpi: int) -> tuple[float, float]:
    """Size of a page of whole pixels; the canvas would cut off the last one for less."""
    width, height = (round(side / CM_PER_INCH * dpi) + 0.001 for side in (width_cm, height_cm))
    return width / dpi, height / dpi


def draw_title(pen: Pen, page: Box, title: str) -> Box:
    """Write the title at the top; return what is left of the page."""
    lines = pen.fit(title, TITLE_SIZE, page.width, most=TITLE_LINES)
    end = pen.write_lines(lines, left=page.left, top=page.top, size=TITLE_SIZE)
    return Box(page.left, page.bottom, page.right, end - GAP if lines else page.top)


def draw_notes(pen: Pen, page: Box, notes: tuple[str, ...], notice: str) -> Box:
    """Write notes at the bottom, the notice below them; return what is left of the page."""
    room = max(int(page.height * NOTES_SHARE / (NOTE_SIZE * LINE)), NOTICE_LINES)
    last = pen.fit(notice, NOTE_SIZE, page.width, most=NOTICE_LINES)
    lines = [line for note in notes for line in pen.fit(note, NOTE_SIZE, page.width, most=room)]
    left = room - len(last)
    if len(lines) > left:
        lines = [*lines[: left - 1], "…"] if left else []
    lines += last
    top = page.bottom + len(lines) * NOTE_SIZE * LINE
    pen.write_lines(lines, left=page.left, top=top, size=NOTE_SIZE)
    return Box(page.left, top + GAP / 2, page.right, page.top)


def draw_legend(pen: Pen, page: Box, entries: list[LegendEntry], lang: str) -> Box:
    """Draw the legend at the right; return what is left of the page."""
    if not entries:
        return page
    head = translate("map.legend", lang)
    labels = [legend_label(entry, lang) for entry in entries]
    size, rows = _fit_legend(pen, page, labels)
    indent = INDENT * size
    widths = [indent + pen.width(line, size) for row in rows for line in row]
    left = page.right - max(*widths, pen.width(head, size * HEAD))
    y = pen.write_lines([head], left=left, top=page.top, size=size * HEAD) - ROW * size
    for entry, row in zip(entries, rows, strict=True):
        _draw_symbol(pen, entry, left, y - size * LINE / 2, scale=size / LEGEND_SIZES[0])
        y = pen.write_lines(row, left=left + indent, top=y, size=size) - ROW * size
    return Box(page.left, page.bottom, left - GAP * 1.5, page.top)


def _fit_legend(pen: Pen, page: Box, labels: list[str]) -> tuple[float, list[list[str]]]:
    """The largest size of letters at which all labels fit, and their lines."""
    rows: list[list[str]] = []
    size = LEGEND_SIZES[0]
    for size in LEGEND_SIZES:
        width = page.width * LEGEND_SHARE - INDENT * size
        rows = [pen.fit(label, size, width, most=LABEL_LINES) for label in labels]
        lines = sum(len(row) for row in rows) + HEAD
        if (lines * LINE + (len(rows) + 1) * ROW) * size <= page.height:
            break
    return size, rows


def _draw_symbol(pen: Pen, entry: LegendEntry, left: float, middle: float, *, scale: float) -> None:
    """Draw a swatch, a stroke or a dot in the look of the map."""
    wide, high = SWATCH[0] * scale, SWATCH[1] * scale
    shapes = {
        "polygon": Shape([(0, -high / 2), (wide, -high / 2), (wide, high / 2), (0, high / 2),
                          (0, 0)], closed=True),
        "line": Shape([(0, 0), (wide, 0)]),
        "point": Shape.circle((wide / 2, 0), entry.look.radius * PIXEL),
    }  # fmt: skip
    place = Affine2D().translate(left, middle) + pen.points
    look = symbol(entry.look, entry.kind)
    pen.figure.add_artist(PathPatch(shapes[entry.kind], transform=place, **look, **ROUND))


def draw_map(
    pen: Pen, page: Box, document: MapDocument, *, lang: str,
    bounds: tuple[float, float, float, float] | None,
) -> None:  # fmt: skip
    """Draw the map and, in a strip below it, the scale bar."""
    strip = Box(page.left, page.bottom, page.right, page.bottom + STRIP)
    panel = Box(page.left, strip.top, page.right, page.top)
    if min(panel.width, panel.height) < LEAST:
        raise ValueError("the page is too small for a map")
    drawn = prepare(document)
    crop = crop_of(drawn, bounds, panel)
    draw_layers(map_axes(pen.figure, panel, crop), drawn, crop)
    draw_labels(pen, drawn, lang, crop, panel)
    draw_scale_bar(pen, crop, panel, strip)
