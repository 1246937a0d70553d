"""Tables of a Word document: a head that repeats, and columns as wide as their words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Emu

from atlas.core.report import clean

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table as WordTable

    from atlas.core.report import Table

TABLE_STYLE = "Table Grid"
CELL_SIZES = {"Table Text": 9.0, "Table Text Small": 7.5}
"""Styles of cells and their points: the second where words would break in the first."""
SHADE = "E8EEF3"
PADDING_PT = 3.5
"""Room at each side of a cell."""
LETTER = 0.56
"""Width of a letter or digit over its size, as in Arial."""
WORD = re.compile(r"[^\s/–—\u2e80-\uffef]+[/–—]?")
"""What a line is not broken in."""
NARROW, LONG, WIDE = 8, 18, 40
"""Letters: texts of so few stay on one line, longer words may break, no column wishes more."""


def add_table(document: Document, table: Table, *, width: int) -> None:
    """Add a table as wide as the text (in EMU), its caption above it.

    The empty line below keeps it apart from a next table, which Word would join to it.
    """
    if clean(table.caption):
        caption = document.add_paragraph(clean(table.caption), style="Caption")
        caption.paragraph_format.keep_with_next = True
    texts = [[clean(cell) for cell in row] for row in (table.head, *table.rows)]
    made = document.add_table(rows=len(texts), cols=len(table.head), style=TABLE_STYLE)
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    style, widths = _fit_columns(texts, width)
    for column, wide in zip(made.columns, widths, strict=True):
        column.width = wide
    for row, cells in zip(made.rows, texts, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[place]
            paragraph = cell.paragraphs[0]
            paragraph.style = style
            paragraph.add_run(text)
            if place in table.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _mark_head(made)
    document.add_paragraph(style=style)


def _mark_head(table: WordTable) -> None:
    """Repeat the first row on every page, bold on a shade."""
    head = table.rows[0]
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    for cell in head.cells:
        cell.paragraphs[0].runs[0].font.bold = True
        cell.paragraphs[0].paragraph_format.keep_with_next = True
        shade = {"w:val": "clear", "w:color": "auto", "w:fill": SHADE}
        made = OxmlElement("w:shd", {qn(name): value for name, value in shade.items()})
        cell._tc.get_or_add_tcPr().append(made)  # noqa: SLF001


def _fit_columns(rows: list[list[str]], width: int) -> tuple[str, list[Emu]]:
    """Style of cells and width of each column: whole words first, then longer texts."""
    columns = list(zip(*rows, strict=True))
    least = [max(map(_least, column)) for column in columns]
    wished = [min(max(map(_letters, column)), WIDE) for column in columns]
    more = [max(many - few, 1) for many, few in zip(wished, least, strict=True)]
    free = Emu(width).pt - 2 * PADDING_PT * len(columns)
    fitting = [name for name, size in CELL_SIZES.items() if sum(least) * LETTER * size <= free]
    style = (fitting or list(CELL_SIZES)[-1:])[0]
    letter = LETTER * CELL_SIZES[style]
    room = free / letter
    share = max(room - sum(least), 0.0) / sum(more)
    points = [
        (few + share * some) * letter + 2 * PADDING_PT
        for few, some in zip(least, more, strict=True)
    ]
    return style, [Emu(int(width * part / sum(points))) for part in points]


def _least(text: str) -> int:
    """Letters that a text needs: its longest word, and all of a short text."""
    words = [len(word) for word in WORD.findall(text)]
    return max(min(_letters(text), NARROW), min(max(words, default=0), LONG), 1)


def _letters(text: str) -> int:
    """Width of a text in Latin letters: a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
