"""A page: a sheet with all its parts, each in its own place.

The page is taken up from its edges: each part takes what it needs and leaves the rest, so
that no part covers another; the map takes what is left. In landscape the legend and the
locator stand right of the map, in portrait below it. Everything is in points and no clock
goes in: the same sheet gives the same page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from atlas.cartography import figure_frame as around
from atlas.cartography.figure_key import OUTLINE, OUTLINE_WIDTH, Key, draw_key, fit_key
from atlas.cartography.figure_labels import draw_names
from atlas.cartography.figure_locator import draw_locator, locator_crop
from atlas.cartography.figure_map import (
    Drawn,
    crop_of,
    cut,
    draw_layers,
    map_axes,
    prepare,
    snapped,
    to_path,
)
from atlas.cartography.figure_raster import draw_below
from atlas.cartography.figure_text import LINE, POINTS_PER_INCH, Box
from atlas.cartography.figure_write import writer_for
from atlas.core.crs import STORAGE_CRS, to_working
from atlas.core.paper import LANDSCAPE, MM_PER_INCH
from atlas.errors import FigureRefused
from atlas.i18n import translate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlas.cartography.figure_sheet import Sheet
    from atlas.cartography.figure_write import Writer
    from atlas.cartography.map_document import MapDocument, MapLayer

PAPER, OUTLINE_ORDER = "#ffffff", 400
EDGE_MM = 9.0
"""White around the page on A4: what a desk printer cannot print."""
GAP = 7.0
TITLE_SIZES, TITLE_LINES, MOST_LINES = (17.0, 15.0, 13.0, 11.5, 10.0), 2, 4
SECOND, SUBTITLE_SIZE = 0.72, 8.5
"""Letters of the second language's title over the first's; of the subtitle on A4."""
NOTE_SIZES, NOTES_SHARE, NOTE_GAP = (5.8, 5.4, 5.0, 4.6), 0.27, 16.0
SIDE_SHARE, BAND_SHARE, LOCATOR_SHARE, LEAST_LOCATOR = 0.25, 0.3, 0.32, 0.26
"""Of the page: width of the legend beside the map, height below it, height of the locator."""
LOCATOR_FORM = 1.15
"""Width of the locator over its height at most."""
STRIP, LEAST = 27.0, 120.0
"""Height of the scale bar's strip; the least that the map may be wide and high, on A4."""
STAMP_SIZES, MARK_COLOUR = (7.5, 6.5, 5.5), "#a3121f"
MARK_ALPHA, MARK_SHARE, MARK_TURN, MARK_ROWS = 0.13, 0.62, 24.0, (0.2, 0.5, 0.8)
"""The watermark: how solid, how wide over the map, how steep, at which heights."""


@dataclass(frozen=True)
class Parts:
    """Where the parts of a page are, in points."""

    panel: Box
    key: Key
    key_at: tuple[float, float]
    """Left and top."""
    locator: Box
    strip: float
    """Middle of the scale bar's strip."""


def to_page(sheet: Sheet, *, dpi: float = POINTS_PER_INCH) -> Figure:
    """Draw a sheet.

    Parameters
    ----------
    sheet
        What the page shows.
    dpi
        Pixels an inch, for PNG; it changes no place and no line.

    Raises
    ------
    FigureRefused
        If something does not fit on the paper at letters that can be read.
    """
    width, height = (side / POINTS_PER_INCH for side in sheet.page.size_points(sheet.orientation))
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor=PAPER)
    writer = writer_for(figure, sheet.font)
    letters = sheet.page.letters
    edge = EDGE_MM / MM_PER_INCH * POINTS_PER_INCH * letters
    whole = [float(side) * POINTS_PER_INCH for side in (width, height)]
    page = Box(edge, edge, whole[0] - edge, whole[1] - edge)
    page = _draw_head(writer, page, sheet)
    page = _draw_notes(writer, page, sheet)
    parts = _arrange(writer, page, sheet)
    drawn = prepare(sheet.document)
    frame = around.MapFrame(parts.panel, crop_of(drawn, sheet.bounds, parts.panel))
    _draw_map(writer, sheet, snapped(drawn, frame.crop, frame.scale), frame, parts)
    draw_key(writer, sheet, parts.key, *parts.key_at)
    inset = around.MapFrame(parts.locator, locator_crop(parts.locator))
    below = snapped(prepare(_of_layers(sheet, sheet.locator)), inset.crop, inset.scale)
    axes = map_axes(writer.figure, inset.panel, inset.crop)
    draw_locator(axes, below, inset, frame.crop, letters=letters)
    return figure


def _of_layers(sheet: Sheet, layers: tuple[MapLayer, ...]) -> MapDocument:
    return replace(sheet.document, layers=layers)


def _draw_head(writer: Writer, page: Box, sheet: Sheet) -> Box:
    """Write title and subtitle in each language; return what is left of the page.

    Two languages share a line where they fit.
    """
    letters, top = sheet.page.letters, page.top
    first, *others = map(writer.readable, sheet.title)
    size = TITLE_SIZES[0] * letters
    wide = writer.width(first, size)
    after = wide + sum(SECOND * (writer.width(text, size) + size) for text in others)
    if others and after <= page.width:
        row = top - size * LINE / 2
        writer.write(page.left, row, first, size)
        x = page.left + wide + SECOND * size
        writer.write(x, row, others[0], size * SECOND)
        top -= size * LINE
    else:
        for order, title in enumerate(sheet.title):
            top = _draw_title(writer, page, title, top, letters * (SECOND if order else 1.0))
    size = SUBTITLE_SIZE * letters
    lines = writer.fit(" · ".join(sheet.subtitle), size, page.width)
    top = writer.write_lines(lines, left=page.left, top=top, size=size)
    return Box(page.left, page.bottom, page.right, top - GAP * letters)


def _draw_title(writer: Writer, page: Box, title: str, top: float, letters: float) -> float:
    """Write one title in the largest letters that fit on two lines; return where it ends.

    The smallest letters may take four.
    """
    size, lines = 0.0, [""]
    for step in TITLE_SIZES:
        size = step * letters
        lines = writer.fit(title, size, page.width)
        if len(lines) <= TITLE_LINES:
            break
    if len(lines) > MOST_LINES:
        raise FigureRefused(problem="the title is too long for this paper: shorten it")
    return writer.write_lines(lines, left=page.left, top=top, size=size)


def _draw_notes(writer: Writer, page: Box, sheet: Sheet) -> Box:
    """Write the notes at the bottom in columns; return what is left of the page.

    Two languages have a column each; one language flows through two in landscape.
    """
    letters = sheet.page.letters
    wide = sheet.orientation == LANDSCAPE or len(sheet.notes) > 1
    columns, gap = (2 if wide else 1), NOTE_GAP * letters
    across = (page.width - gap * (columns - 1)) / columns
    held: list[list[str]] = []
    size = 0.0
    for step in NOTE_SIZES:
        size = step * letters
        texts = [
            [line for note in notes for line in writer.fit(note, size, across)]
            for notes in sheet.notes
        ]
        held = texts if len(texts) > 1 else _halves(texts[0], columns)
        if max(map(len, held)) * size * LINE <= page.height * NOTES_SHARE:
            break
    top = page.bottom + max(map(len, held)) * size * LINE
    for place, lines in enumerate(held):
        writer.write_lines(lines, left=page.left + place * (across + gap), top=top, size=size)
    return Box(page.left, top + GAP * letters, page.right, page.top)


def _halves(lines: list[str], columns: int) -> list[list[str]]:
    long = -(-len(lines) // columns)
    return [lines[place * long : (place + 1) * long] for place in range(columns)]


def _arrange(writer: Writer, page: Box, sheet: Sheet) -> Parts:
    """Give map, legend, locator and scale bar their places."""
    letters = sheet.page.letters
    gap, strip = GAP * letters, STRIP * letters
    gutter = around.gutter_of(writer, letters=letters)
    if sheet.orientation == LANDSCAPE:
        wide = page.width * SIDE_SHARE
        left = page.right - wide
        key = fit_key(writer, sheet, wide, page.height * (1 - LEAST_LOCATOR) - gap, columns=1)
        high = min(page.height * LOCATOR_SHARE, wide, page.height - key.height - gap)
        panel = Box(page.left + gutter, page.bottom + strip, left - gap, page.top)
        key_at, bottom = (left, page.top), page.bottom + strip
        locator = Box(left, bottom, left + min(wide, high * LOCATOR_FORM), bottom + high - strip)
    else:
        high = page.height * BAND_SHARE
        wide = page.width * LOCATOR_SHARE
        key = fit_key(writer, sheet, page.width - wide - gap, high, columns=2)
        high = max(key.height, wide)
        panel = Box(page.left + gutter, page.bottom + high + strip + gap, page.right, page.top)
        key_at = (page.left, page.bottom + high)
        locator = Box(page.right - wide, page.bottom + high - wide, page.right, page.bottom + high)
    panel, locator = _even(panel), _even(locator)
    if min(panel.width, panel.height, locator.height * 3) < LEAST * letters:
        raise FigureRefused(problem="no room is left for the map: choose a larger paper")
    return Parts(panel, key, key_at, locator, panel.bottom - strip * 0.8)


def _even(box: Box) -> Box:
    """A box on the page's grid, so that corners on it are short numbers in vector files."""
    return Box(*(round(side, 2) for side in (box.left, box.bottom, box.right, box.top)))


def _draw_map(
    writer: Writer, sheet: Sheet, drawn: list[Drawn], frame: around.MapFrame, parts: Parts
) -> None:
    """Draw the map with all that stands on it, and its scale below it."""
    letters = sheet.page.letters
    axes = map_axes(writer.figure, parts.panel, frame.crop)
    stacked = draw_below(axes, sheet.raster, drawn) if sheet.raster else drawn
    draw_layers(axes, stacked, frame.crop, marked=True)
    _draw_outline(axes, sheet, frame)
    around.draw_graticule(writer, axes, frame, letters=letters)
    _draw_watermark(writer, sheet, parts.panel)
    north = " ".join(translate("figure.north", lang) for lang in sheet.languages)
    taken = [around.draw_north(writer, frame, north, letters=letters)]
    taken += _draw_stamp(writer, sheet, parts.panel)
    named = prepare(_of_layers(sheet, sheet.names))
    missing = draw_names(writer, sheet, drawn, named, frame, taken)
    _draw_strip(writer, sheet, frame, parts, missing)


def _draw_strip(
    writer: Writer, sheet: Sheet, frame: around.MapFrame, parts: Parts, missing: int
) -> None:
    """The scale, and at the right how many names found no room."""
    letters = sheet.page.letters
    _, latitude = frame.middle_degrees()
    ratio = around.ratio_text(around.ratio_of(frame))
    lang = sheet.languages[0]
    words = translate(
        "figure.scale", lang, ratio=ratio, paper=translate(f"figure.paper.{sheet.paper}", lang),
        latitude=f"{latitude:.1f}",
    )  # fmt: skip
    end = around.draw_scale(writer, frame, parts.strip, words, letters=letters)
    if not missing:
        return
    size = around.TICK_SIZE * letters
    level = parts.strip + around.BAR_SIZE * letters * around.ABOVE_BAR
    told = [translate("figure.left_out", lang, count=missing) for lang in sheet.languages]
    text = " · ".join(told)
    if end + 2 * size + writer.width(text, size) > parts.panel.right:
        level = parts.strip - size * 0.5
    writer.write(parts.panel.right, level, text, size, align="right")


def _draw_outline(axes: Axes, sheet: Sheet, frame: around.MapFrame) -> None:
    """Draw the place that the figure is about, above its layers."""
    if sheet.outline is None:
        return
    rows = to_working(gpd.GeoDataFrame(geometry=[sheet.outline.shape], crs=STORAGE_CRS))
    paths = [to_path(shape) for shape in cut(rows, frame.crop) if not shape.is_empty]
    axes.add_collection(
        PathCollection(paths, facecolors="none", edgecolors=OUTLINE, linewidths=OUTLINE_WIDTH,
                       zorder=OUTLINE_ORDER),
        autolim=False,
    )  # fmt: skip


def _draw_watermark(writer: Writer, sheet: Sheet, panel: Box) -> None:
    """Write across the whole map what it is not for."""
    if not sheet.watermark:
        return
    size = MARK_SHARE * panel.width / writer.width(sheet.watermark, 1.0)
    for place, share in enumerate(MARK_ROWS):
        x = panel.left + panel.width * (0.42, 0.5, 0.58)[place]
        y = panel.bottom + panel.height * share
        writer.draw_across(x, y, sheet.watermark, size, turned=MARK_TURN, alpha=MARK_ALPHA)


def _draw_stamp(writer: Writer, sheet: Sheet, panel: Box) -> list[Box]:
    """Write the approval number, or for whom the map is, in its lower left corner."""
    if not sheet.stamp:
        return []
    letters = sheet.page.letters
    room, size, wide = 3.0 * letters, 0.0, 0.0
    lines = [writer.readable(line) for line in sheet.stamp]
    for step in STAMP_SIZES:
        size = step * letters
        wide = max(writer.width(line, size) for line in lines)
        if wide + 4 * room <= panel.width:
            break
    left, bottom = panel.left + room, panel.bottom + room
    box = Box(left, bottom, left + wide + 2 * room, bottom + len(lines) * size * LINE + room)
    around.plate(writer, box)
    writer.write_lines(lines, left=left + room, top=box.top - room / 2, size=size,
                       colour=MARK_COLOUR)  # fmt: skip
    return [box]
