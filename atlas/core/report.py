"""A document as a value: what a report says, whatever file it becomes.

Every text in it is plain text and never markup: each writer escapes it for its own format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Level = Literal[1, 2, 3]
BREAKS = re.compile("[ \t\n\v\f\r\x85\u2028\u2029]+")
"""Runs of spaces, tabs and line breaks; the wide and the unbreakable space stay as they are."""
FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids or discourages: control signs, half surrogate pairs, non-characters."""


@dataclass(frozen=True)
class Heading:
    """Title of a part of the document; level 1 is the highest below the document's title."""

    text: str
    level: Level = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; line breaks in it count as spaces."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """A list without numbers."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; ``numeric`` holds the positions of its right-aligned columns, from 0.

    Raises
    ------
    ValueError
        If there is no column, a row is not as long as the head, or ``numeric`` names a
        column that is not there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.head:
            raise ValueError("a table needs at least one column")
        for place, row in enumerate(self.rows, start=1):
            if len(row) != len(self.head):
                raise ValueError(f"row {place} has {len(row)} cells, the head {len(self.head)}")
        if not set(self.numeric) <= set(range(len(self.head))):
            raise ValueError(f"numeric columns {self.numeric} of {len(self.head)} columns")


@dataclass(frozen=True)
class Picture:
    """A PNG picture; ``alt`` tells those who cannot see it what it shows.

    Where the file has pages, ``own_page`` gives it one of its own, turned as the picture is.
    """

    png: bytes
    alt: str
    caption: str
    width_cm: float = 16.0
    own_page: bool = False


Block = Heading | Paragraph | Bullets | Table | Picture


@dataclass(frozen=True)
class Report:
    """A document in one language: its title, and its blocks in order."""

    title: str
    lang: str
    blocks: tuple[Block, ...]


def clean(text: str) -> str:
    r"""Text on one line that every file format can hold.

    Line breaks, tabs and runs of spaces become one space; characters that XML 1.0 forbids
    or discourages become U+FFFD.

    >>> clean(" a\n b\x07 ")
    'a b\ufffd'
    """
    return FORBIDDEN.sub("\ufffd", BREAKS.sub(" ", text)).strip(" ")
