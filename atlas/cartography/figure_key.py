"""The legend of a page: every class that is drawn, in the words of the web map.

Letters shrink until all entries fit into the columns; nothing is ever left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import PathPatch
from matplotlib.path import Path as Shape
from matplotlib.transforms import Affine2D

from atlas.cartography.figure_map import (
    BARE,
    HATCH_WIDTH,
    PIXEL,
    ROUND,
    centre_of,
    core_of,
    symbol,
)
from atlas.cartography.figure_sheet import legend_texts
from atlas.cartography.figure_text import LINE
from atlas.cartography.map_document import LegendEntry, legend
from atlas.errors import FigureRefused
from atlas.i18n import translate

if TYPE_CHECKING:
    from matplotlib.transforms import Transform

    from atlas.cartography.figure_raster import RasterPart
    from atlas.cartography.figure_sheet import Sheet
    from atlas.cartography.figure_write import Writer

SIZES = (8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)
"""Letters on A4, largest first."""
HEAD, INDENT, ROW, GUTTER = 1.2, 3.9, 0.42, 2.0
"""In letters: size of the head, where labels begin, room below a row, between columns."""
SWATCH = (26 * PIXEL, 12 * PIXEL)
"""Width and height of a symbol beside the largest letters, in points."""
OUTLINE_WIDTH = 1.6
OUTLINE = "#1d1d1d"


@dataclass(frozen=True)
class Row:
    """One line or more of the legend, with the symbol of a look or of the outline.

    A head has no symbol: what follows belongs to it.
    """

    lines: tuple[str, ...]
    entry: LegendEntry | None = None
    head: bool = False


@dataclass(frozen=True)
class Key:
    """A legend that fits: its columns of rows, the size of its letters, its height."""

    columns: tuple[tuple[Row, ...], ...]
    size: float
    height: float
    width: float
    """Of one column, the gutter after it included."""


def fit_key(writer: Writer, sheet: Sheet, width: float, height: float, *, columns: int) -> Key:
    """Fit the legend of a sheet into a box of so many columns, in points.

    Raises
    ------
    FigureRefused
        If it does not fit at the smallest letters.
    """
    across, entries = width / columns, legend(sheet.document)
    for step in SIZES:
        size = step * sheet.page.letters
        rows = _rows(writer, sheet, entries, size, across - (INDENT + GUTTER) * size)
        room = height - (LINE * HEAD + ROW) * size
        packed = _pack(rows, size, room, columns)
        if packed:
            used = max((sum(_height(row, size) for row in column) for column in packed), default=0)
            return Key(packed, size, used + (LINE * HEAD + ROW) * size, across)
    raise FigureRefused(problem="its legend is too long for this paper: choose a larger one")


def _rows(
    writer: Writer, sheet: Sheet, entries: list[LegendEntry], size: float, width: float
) -> list[Row]:
    rows = [
        Row(_lines(writer, legend_texts(entry, sheet), size, width), entry) for entry in entries
    ]
    if sheet.outline:
        rows.append(Row(_lines(writer, sheet.outline.title, size, width)))
    if sheet.raster:
        rows += _raster_rows(writer, sheet, sheet.raster, size, width)
    return rows


def _raster_rows(
    writer: Writer, sheet: Sheet, part: RasterPart, size: float, width: float
) -> list[Row]:
    """The raster's words, then each of its colours with what it stands for."""
    rows = [Row(_lines(writer, part.title, size, width + INDENT * size), head=True)]
    for swatch in part.palette:
        texts = tuple(swatch.title[lang] for lang in sheet.languages)
        entry = LegendEntry("", "polygon", swatch.title, "", swatch.look, 0)
        rows.append(Row(_lines(writer, texts, size, width), entry))
    return rows


def _lines(writer: Writer, texts: tuple[str, ...], size: float, width: float) -> tuple[str, ...]:
    return tuple(writer.fit(" ".join(dict.fromkeys(texts)), size, width))


def _height(row: Row, size: float) -> float:
    return (len(row.lines) * LINE + ROW) * size


def _pack(
    rows: list[Row], size: float, room: float, columns: int
) -> tuple[tuple[Row, ...], ...] | None:  # fmt: skip
    """Rows in columns of even height, no head alone at an end; None if one would be too high."""
    even = sum(_height(row, size) for row in rows) / columns
    packed: list[list[Row]] = [[]]
    used = 0.0
    for place, row in enumerate(rows):
        high = _height(row, size)
        need = sum(_height(one, size) for one in rows[place : place + 1 + row.head])
        full = packed[-1] and (used + need > room or used + need / 2 > even)
        if full and len(packed) < columns:
            packed.append([])
            used = 0.0
        used += high
        if used > room:
            return None
        packed[-1].append(row)
    return tuple(map(tuple, packed))


def draw_key(writer: Writer, sheet: Sheet, key: Key, left: float, top: float) -> None:
    """Draw a legend whose upper left corner is given."""
    size = key.size
    head = " ".join(translate("map.legend", lang) for lang in sheet.languages)
    end = writer.write_lines([head], left=left, top=top, size=size * HEAD) - ROW * size
    for place, column in enumerate(key.columns):
        x, y = left + place * key.width, end
        for row in column:
            if not row.head:
                _draw_symbol(writer, row.entry, x, y - size * LINE / 2, scale=size / SIZES[0])
            left_of = x if row.head else x + INDENT * size
            y = writer.write_lines(list(row.lines), left=left_of, top=y, size=size)
            y -= ROW * size


def _draw_symbol(
    writer: Writer, entry: LegendEntry | None, left: float, middle: float, *, scale: float
) -> None:
    """Draw a swatch, a stroke or a dot in the look of the map."""
    wide, high = SWATCH[0] * scale, SWATCH[1] * scale
    frame = Shape(
        [(0, -high / 2), (wide, -high / 2), (wide, high / 2), (0, high / 2), (0, 0)], closed=True
    )
    place = Affine2D().translate(left, middle) + writer.points
    if entry is None:
        patch = PathPatch(
            frame, transform=place, facecolor="none", edgecolor=OUTLINE, linewidth=OUTLINE_WIDTH
        )
    else:
        radius = entry.look.radius * PIXEL
        shapes = {
            "polygon": frame,
            "line": Shape([(0, 0), (wide, 0)]),
            "point": Shape.circle((wide / 2, 0), radius),
        }
        look = symbol(entry.look, entry.kind)
        patch = PathPatch(shapes[entry.kind], transform=place, **look, **ROUND)
    writer.figure.add_artist(patch)
    if entry and entry.mark:
        _mark_symbol(writer, entry, patch, (wide / 2, place))


def _mark_symbol(
    writer: Writer, entry: LegendEntry, patch: PathPatch, at: tuple[float, Transform]
) -> None:
    """Add the mark of a class to its symbol, as on the map."""
    middle, place = at
    look = symbol(entry.look, entry.kind) | {"radius": entry.look.radius * PIXEL}
    shape = patch.get_path()
    if entry.kind == "polygon":
        hatched = PathPatch(shape, transform=place, **BARE)
        hatched.set(hatch=entry.mark, hatchcolor=look["edgecolor"], hatch_linewidth=HATCH_WIDTH)
        writer.figure.add_artist(hatched)
        return
    inner = look | (
        core_of(look, entry.mark) if entry.kind == "line" else centre_of(look, entry.mark)
    )
    if entry.kind == "point":
        shape = Shape.circle((middle, 0), inner["radius"])
    inner.pop("radius")
    ends = ROUND | {"capstyle": "butt"}
    writer.figure.add_artist(PathPatch(shape, transform=place, **inner, **ends))
