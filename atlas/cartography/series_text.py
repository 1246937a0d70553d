"""Words of a series' pages: sections that flow through columns, contents, sources.

Letters shrink until all fits into the columns; at the smallest letters that can be read,
lines of the longest section are left out and counted, never in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from atlas.cartography.figure_text import INK, LINE, Box, fit_lines
from atlas.cartography.figure_write import NO_BREAK
from atlas.i18n import translate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlas.cartography.figure_write import Writer

SIZES = (7.4, 7.0, 6.6, 6.2, 5.8, 5.4, 5.0)
"""Letters of the words below a map, largest first."""
HEAD, INDENT, AFTER, BEFORE = 1.2, 0.85, 0.18, 0.65
"""Over the letters: size of a head, where lines begin, room below a line and above a head."""
BULLET = "·"
GUTTER = 18.0
STEPS = 20
"""Heights that are tried to make columns even."""
HEAD_COLOUR, RULE_COLOUR = "#1f3b57", "#a9b4bd"
TITLE_SIZE, ENTRY_SIZE, ENTRY_ROW, TEXT_SIZE = 18.0, 10.0, 1.75, 8.0
"""Of contents and sources: title, entries, height of an entry over its letters, sentences."""


@dataclass(frozen=True)
class Section:
    """A head and the lines below it, in one language; notes stand last and are never left out."""

    head: str
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A line of the contents: its words, and the number of the page that it names."""

    text: str
    number: int


@dataclass(frozen=True)
class Row:
    """Lines that stay together; a head stays with what follows it."""

    lines: tuple[str, ...]
    size: float
    indent: float = 0.0
    before: float = 0.0
    after: float = 0.0
    head: bool = False

    @property
    def height(self) -> float:
        """Points that its lines take, without the room above and below."""
        return len(self.lines) * self.size * LINE


def rows_of(
    writer: Writer, sections: Iterable[Section], size: float, width: float,
    held: dict[str, Row] | None = None,
) -> list[Row]:  # fmt: skip
    """Sections as rows of a width in points, with letters of a size.

    ``held`` keeps rows of this size and width by their words, where they are asked for again.
    """
    held = {} if held is None else held
    rows: list[Row] = []
    for section in sections:
        head = _lines(writer, section.head, size * HEAD, width)
        before = BEFORE * size if rows else 0.0
        rows.append(Row(head, size * HEAD, before=before, after=AFTER * size, head=True))
        for line in (*section.lines, *section.notes):
            if line not in held:
                lines = _lines(writer, line, size, width - INDENT * size)
                held[line] = Row(lines, size, INDENT * size, after=AFTER * size)
            rows.append(held[line])
    return rows


def _lines(writer: Writer, text: str, size: float, width: float) -> tuple[str, ...]:
    """A text in lines that fit: as wide as its letters side by side, without kerning.

    Measured letter by letter, since a page has thousands of beginnings of lines to try.
    """

    def measure(line: str) -> float:
        return sum(writer.width(sign, size) for sign in line)

    return tuple(fit_lines(writer.readable(text), width, most=NO_BREAK, measure=measure))


def flow(rows: list[Row], height: float, columns: int) -> list[list[Row]] | None:
    """Rows from column to column; None if they take more. No head stands last in a column."""
    packed: list[list[Row]] = [[]]
    used = 0.0
    for place, row in enumerate(rows):
        following = rows[place + 1] if row.head and place + 1 < len(rows) else None
        need = _taken(row, first=not packed[-1]) + (following.height if following else 0.0)
        if packed[-1] and used + need > height:
            if len(packed) == columns:
                return None
            packed.append([])
            used = 0.0
        used += _taken(row, first=not packed[-1])
        if used > height + row.after:
            return None
        packed[-1].append(row)
    return packed


def _taken(row: Row, *, first: bool) -> float:
    return row.height + row.after + (0.0 if first else row.before)


def draw_sections(
    writer: Writer, box: Box, texts: tuple[tuple[Section, ...], ...], languages: tuple[str, ...]
) -> None:
    """Write sections into a box of two columns.

    Parameters
    ----------
    writer, box
        What writes, and where, in points.
    texts
        Sections in each language: those of one flow through both columns, those of two have
        one each.
    languages
        The languages, in the same order.
    """
    across = (box.width - GUTTER) / 2
    count = 2 if len(texts) == 1 else 1
    held: list[list[Row]] = []
    for sections, lang in zip(texts, languages, strict=True):
        held += _fit(writer, sections, across, box.height, count, lang)
    for place, rows in enumerate(held):
        draw_rows(writer, rows, box.left + place * (across + GUTTER), box.top)


def _fit(
    writer: Writer, sections: tuple[Section, ...], width: float, height: float, columns: int,
    lang: str,
) -> list[list[Row]]:  # fmt: skip
    """Columns of the largest letters that fit, of even height."""
    for size in SIZES:
        rows = rows_of(writer, sections, size, width)
        if flow(rows, height, columns):
            return _even(rows, height, columns)
    return _cut(writer, list(sections), width, height, columns, lang)


def _cut(
    writer: Writer, sections: list[Section], width: float, height: float, columns: int, lang: str
) -> list[list[Row]]:  # fmt: skip
    """Columns of the smallest letters, lines of the longest section left out and counted."""
    cut = [0] * len(sections)
    held: dict[str, Row] = {}
    while True:
        longest = max(range(len(sections)), key=lambda place: len(sections[place].lines))
        cut[longest] += 1
        sections[longest] = replace(sections[longest], lines=sections[longest].lines[:-1])
        shown = [
            replace(entry, lines=(*entry.lines, translate("series.more", lang, count=count)))
            if count else entry
            for entry, count in zip(sections, cut, strict=True)
        ]  # fmt: skip
        rows = rows_of(writer, shown, SIZES[-1], width, held)
        if flow(rows, height, columns) or not sections[longest].lines:
            return _even(rows, height, columns)


def _even(rows: list[Row], height: float, columns: int) -> list[list[Row]]:
    """Rows in the least height that takes them."""
    for step in range(1, STEPS + 1):
        packed = flow(rows, height * step / STEPS, columns)
        if packed:
            return packed
    return [rows]


def draw_rows(writer: Writer, rows: Iterable[Row], left: float, top: float) -> float:
    """Write rows one below the other; return where the last one ends."""
    y = top
    for place, row in enumerate(rows):
        y -= row.before if place else 0.0
        colour = HEAD_COLOUR if row.head else INK
        if not row.head:
            writer.write(left, y - row.size * LINE / 2, BULLET, row.size)
        y = writer.write_lines(
            list(row.lines), left=left + row.indent, top=y, size=row.size, colour=colour
        )
        y -= row.after
    return y


def draw_title(writer: Writer, box: Box, title: str) -> Box:
    """Write the title of a page of text; return what is left."""
    lines = writer.fit(title, TITLE_SIZE, box.width)
    end = writer.write_lines(lines, left=box.left, top=box.top, size=TITLE_SIZE)
    return replace(box, top=end - TITLE_SIZE * 0.6)


def entries_a_page(height: float) -> int:
    """How many entries of the contents a page of two columns holds below its title."""
    return 2 * int((height - TITLE_SIZE * 2) / (ENTRY_SIZE * ENTRY_ROW))


def draw_entries(writer: Writer, box: Box, entries: list[Entry]) -> list[tuple[Box, int]]:
    """Write entries in two columns; return the box of each, and the page that it names."""
    across = (box.width - GUTTER) / 2
    half = max(-(-len(entries) // 2), 1)
    high = ENTRY_SIZE * ENTRY_ROW
    boxes = []
    for place, entry in enumerate(entries):
        column, row = divmod(place, half)
        left, top = box.left + column * (across + GUTTER), box.top - row * high
        cell = Box(left, top - high, left + across, top)
        _draw_entry(writer, cell, entry)
        boxes.append((cell, entry.number))
    return boxes


def _draw_entry(writer: Writer, cell: Box, entry: Entry) -> None:
    number = str(entry.number)
    wide = writer.width(number, ENTRY_SIZE)
    room = cell.width - wide - 2 * ENTRY_SIZE
    (text, *_) = writer.fit(entry.text, ENTRY_SIZE, room, most=1) or [""]
    y = (cell.bottom + cell.top) / 2
    writer.write(cell.left, y, text, ENTRY_SIZE)
    writer.write(cell.right, y, number, ENTRY_SIZE, align="right")
    start = cell.left + writer.width(text, ENTRY_SIZE) + ENTRY_SIZE / 2
    rule(writer, start, cell.right - wide - ENTRY_SIZE / 2, y - ENTRY_SIZE * 0.3, dotted=True)


def text_pages(writer: Writer, sections: Iterable[Section], box: Box) -> list[list[Row]]:
    """Sections as pages of one column; a section goes on where the page ends."""
    rows = rows_of(writer, sections, TEXT_SIZE, box.width)
    return flow(rows, box.height, len(rows) + 1) or [rows]


def rule(writer: Writer, left: float, right: float, y: float, *, dotted: bool = False) -> None:
    """A thin line across the page."""
    writer.figure.add_artist(
        Line2D([left, right], [y, y], transform=writer.points, color=RULE_COLOUR, linewidth=0.6,
               linestyle=(0.0, (0.8, 2.4)) if dotted else "solid")
    )  # fmt: skip
