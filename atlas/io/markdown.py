"""A report as one Markdown file: CommonMark with pipe tables, pictures inside the file.

Every text is escaped, so nothing in it acts as markup or HTML. Pictures are references
whose ``data:`` addresses stand at the end, so the text above stays readable.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, assert_never

from atlas.core.report import Bullets, Heading, Paragraph, Picture, Table, clean
from atlas.core.text import escape_markdown

if TYPE_CHECKING:
    from atlas.core.report import Block, Report

BULLETS = "-*"
"""Signs of lists, by turns: two lists in a row would be one if they had the same sign."""


def to_markdown(report: Report) -> bytes:
    """A report as UTF-8 Markdown; paragraphs, list items and table rows are one line each."""
    parts = [f"# {_escape(report.title)}"]
    pictures: list[Picture] = []
    for place, block in enumerate(report.blocks):
        if isinstance(block, Picture):
            pictures.append(block)
        parts += _block(block, bullet=BULLETS[place % 2], picture=len(pictures))
    parts += [_definition(number, picture) for number, picture in enumerate(pictures, start=1)]
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8")


def _block(block: Block, *, bullet: str, picture: int) -> list[str]:
    """Paragraphs of a block; ``picture`` is the number of the picture, if it is one."""
    if isinstance(block, Heading):
        return [f"{'#' * (block.level + 1)} {_escape(block.text)}"]
    if isinstance(block, Paragraph):
        return [_escape(block.text)]
    if isinstance(block, Bullets):
        return ["\n".join(f"{bullet} {_escape(item)}" for item in block.items)]
    if isinstance(block, Table):
        return [_caption(block.caption), _table(block)]
    if isinstance(block, Picture):
        return [f"![{_escape(block.alt)}][picture-{picture}]", _caption(block.caption)]
    assert_never(block)


def _table(table: Table) -> str:
    columns = range(len(table.head))
    rule = ["---:" if place in table.numeric else "---" for place in columns]
    rows = [[_escape(cell) for cell in row] for row in (table.head, *table.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def _caption(text: str) -> str:
    escaped = _escape(text).strip()
    return f"*{escaped}*" if escaped else ""


def _definition(number: int, picture: Picture) -> str:
    return f"[picture-{number}]: data:image/png;base64,{b64encode(picture.png).decode('ascii')}"


def _escape(text: str) -> str:
    """Text on one line, harmless: an ampersand too, which would begin an entity."""
    return escape_markdown(clean(text)).replace("&", "\\&")
