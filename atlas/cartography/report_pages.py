"""A report as pages of a PDF: running text, lists and tables in one font, no clock.

Text is broken into lines by the widths of its letters; tables repeat their head on every page and
no row is cut. Everything is in points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, assert_never

from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D

from atlas.cartography.figure_text import INK, LINE, POINTS_PER_INCH
from atlas.cartography.figure_write import Writer, writer_for
from atlas.core.paper import PAPERS, PORTRAIT
from atlas.core.report import Block, Bullets, Heading, Paragraph, Picture, Report, Table, clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

EDGE, FOOT = 54.0, 24.0
"""White around the page, and room below it for the page number."""
TITLE_SIZE, TEXT_SIZE, CELL_SIZE, FOOT_SIZE = 18.0, 9.5, 8.0, 7.5
HEADING_SIZES = {1: 14.0, 2: 11.5, 3: 10.0}
AFTER, INDENT, GUTTER, CELL_GAP = 5.0, 12.0, 8.0, 4.0
"""Room below a paragraph, before a list item, between columns and between rows."""
BULLET, RULE, HEAD_INK = "·", "#a9b4bd", "#1f3b57"
LEAST_SHARE = 0.06
"""Of the width: what the narrowest column of a table has at least."""
LONGEST_CELL = 120
"""Letters of a cell from which on it asks for no more width."""
Draw = Callable[[Writer, float], None]


@dataclass(frozen=True)
class Piece:
    """What is not broken: its height, room above it, and what draws it below a height.

    ``keep`` stays with what follows; ``head`` is drawn first where the piece begins a page.
    """

    height: float
    draw: Draw
    before: float = 0.0
    keep: bool = False
    head: Piece | None = None


def to_pages(report: Report, font: Path) -> list[Figure]:
    """Pages of a report, A4 upright; draw under :func:`atlas.cartography.figure_files.drawing`.

    Parameters
    ----------
    report
        The document; letters that the font lacks become empty squares.
    font
        Font file.
    """
    measuring = writer_for(_page(), font)
    title = _lines(measuring, clean(report.title), TITLE_SIZE, HEAD_INK, keep=True)
    pieces = [*title, *(piece for block in report.blocks for piece in _pieces(measuring, block))]
    packed = _pack(pieces)
    pages = []
    for number, held in enumerate(packed, start=1):
        page = _page()
        writer = writer_for(page, font)
        y = _height() - EDGE
        for place, piece in enumerate(held):
            y -= piece.before if place else 0.0
            piece.draw(writer, y)
            y -= piece.height
        text = f"{number} / {len(packed)}"
        writer.write(_width() / 2, EDGE - FOOT, text, FOOT_SIZE, align="center")
        pages.append(page)
    return pages


def _width() -> float:
    return PAPERS["A4"].size_points(PORTRAIT)[0]


def _height() -> float:
    return PAPERS["A4"].size_points(PORTRAIT)[1]


def _across() -> float:
    return _width() - 2 * EDGE


def _page() -> Figure:
    size = (_width() / POINTS_PER_INCH, _height() / POINTS_PER_INCH)
    return Figure(figsize=size, dpi=POINTS_PER_INCH, facecolor="#ffffff")


def _pack(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces page by page; what stays together goes on to the next page together."""
    most = _height() - 2 * EDGE
    pages: list[list[Piece]] = [[]]
    used = 0.0
    for group in _groups(pieces):
        need = sum(piece.before + piece.height for piece in group)
        if pages[-1] and used + need > most:
            pages.append([group[0].head] if group[0].head else [])
            used = sum(piece.height for piece in pages[-1])
        pages[-1] += group
        used += need
    return pages


def _groups(pieces: list[Piece]) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    for piece in pieces:
        group.append(piece)
        if not piece.keep:
            yield group
            group = []
    if group:
        yield group


def _pieces(writer: Writer, block: Block) -> Iterator[Piece]:
    if isinstance(block, Heading):
        size = HEADING_SIZES[block.level]
        yield from _lines(writer, block.text, size, HEAD_INK, before=size * 0.9, keep=True)
    elif isinstance(block, Paragraph):
        yield from _lines(writer, block.text, TEXT_SIZE, INK)
    elif isinstance(block, Bullets):
        for item in block.items:
            yield from _lines(writer, item, TEXT_SIZE, INK, indent=INDENT)
    elif isinstance(block, Table):
        yield from _rows(writer, block)
    elif isinstance(block, Picture):
        yield _picture(writer, block)
    else:
        assert_never(block)


def _lines(
    writer: Writer, text: str, size: float, colour: str, *, indent: float = 0.0,
    before: float = 0.0, keep: bool = False,
) -> Iterator[Piece]:  # fmt: skip
    """A text, a piece a line, so that long ones can go on to the next page."""
    lines = writer.fit(text, size, _across() - indent)
    for place, line in enumerate(lines):
        last = place == len(lines) - 1

        def draw(pen: Writer, top: float, line: str = line, first: bool = place == 0) -> None:
            middle = top - size * LINE / 2
            if indent and first:
                pen.write(EDGE, middle, BULLET, size)
            pen.write(EDGE + indent, middle, line, size, colour=colour)

        after = AFTER if last else 0.0
        yield Piece(size * LINE + after, draw, before if place == 0 else 0.0,
                    keep or (place == 0 and not last))  # fmt: skip


def _rows(writer: Writer, table: Table) -> Iterator[Piece]:
    """A table, a piece a row; the last one leaves room below."""
    widths = _column_widths(table)
    if table.caption:
        yield from _lines(writer, table.caption, CELL_SIZE, HEAD_INK, keep=True)
    head = _row(writer, table.head, widths, table.numeric, HEAD_INK, keep=True)
    yield head
    for place, cells in enumerate(table.rows):
        last = place == len(table.rows) - 1
        yield _row(writer, cells, widths, table.numeric, INK, head=head, after=AFTER * last)


def _column_widths(table: Table) -> list[float]:
    """Widths by the longest cell of each column, Chinese signs counted twice."""
    columns = zip(table.head, *table.rows, strict=True)
    wanted = [min(max(map(_letters, column)), LONGEST_CELL) for column in columns]
    across = _across() - GUTTER * (len(wanted) - 1)
    least = across * LEAST_SHARE
    shares = [max(count / sum(wanted) * across, least) for count in wanted]
    return [share / sum(shares) * across for share in shares]


def _letters(text: str) -> int:
    return max(1, sum(1 + (sign > "\u2e7f") for sign in text))


def _row(
    writer: Writer, cells: tuple[str, ...], widths: list[float], numeric: tuple[int, ...],
    colour: str, *, keep: bool = False, head: Piece | None = None, after: float = 0.0,
) -> Piece:  # fmt: skip
    held = [writer.fit(cell, CELL_SIZE, width) for cell, width in zip(cells, widths, strict=True)]
    lines = max(map(len, held))
    height = lines * CELL_SIZE * LINE + CELL_GAP

    def draw(pen: Writer, top: float) -> None:
        x = EDGE
        for place, (texts, width) in enumerate(zip(held, widths, strict=True)):
            right = place in numeric
            for number, text in enumerate(texts):
                middle = top - (number + 0.5) * CELL_SIZE * LINE
                pen.write(x + width if right else x, middle, text, CELL_SIZE,
                          align="right" if right else "left", colour=colour)  # fmt: skip
            x += width + GUTTER
        y = top - height + CELL_GAP / 2
        line = Line2D([EDGE, EDGE + _across()], [y, y], transform=pen.points, color=RULE,
                      linewidth=0.5)  # fmt: skip
        pen.figure.add_artist(line)

    return Piece(height + after, draw, keep=keep, head=head)


def _picture(writer: Writer, picture: Picture) -> Piece:
    """A picture over the whole width at most, with its caption below."""
    pixels: np.ndarray = imread(BytesIO(picture.png), format="png")
    width = min(picture.width_cm / 2.54 * POINTS_PER_INCH, _across())
    high = width * pixels.shape[0] / pixels.shape[1]
    caption = writer.fit(picture.caption, CELL_SIZE, _across()) if clean(picture.caption) else []

    def draw(pen: Writer, top: float) -> None:
        box = [EDGE / _width(), (top - high) / _height(), width / _width(), high / _height()]
        axes = pen.figure.add_axes((box[0], box[1], box[2], box[3]))
        axes.imshow(pixels, aspect="auto")
        axes.axis("off")
        pen.write_lines(caption, left=EDGE, top=top - high, size=CELL_SIZE)

    return Piece(high + len(caption) * CELL_SIZE * LINE + AFTER, draw)
