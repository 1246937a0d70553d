"""Pages of a series: cover, contents, a map with words below it, sources; A4 upright.

The map is a sheet of :mod:`atlas.cartography.figure_page` on a part of the page, at its own
scale: nothing on it is made smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from atlas.cartography import series_text
from atlas.cartography.figure_page import MARK_COLOUR, PAPER, to_page
from atlas.cartography.figure_sheet import Sheet
from atlas.cartography.figure_text import INK, LINE, Box
from atlas.cartography.figure_write import writer_for
from atlas.core.paper import MM_PER_INCH, PAPERS, POINTS_PER_INCH, PORTRAIT, Paper

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.cartography.figure_write import Writer
    from atlas.cartography.series_text import Entry, Section

PAGE = PAPERS["A4"]
WIDTH, HEIGHT = PAGE.size_points(PORTRAIT)
POINTS_PER_MM = POINTS_PER_INCH / MM_PER_INCH
EDGE = 9.0 * POINTS_PER_MM
"""White around a page, as around a figure."""
MAP_MM, COVER_MM = 150.0, 202.0
"""Height of the map's part of a page, and of the cover."""
FOOT_SIZE, FOOT_AT, FOOT_ROOM = 6.5, 20.0, 14.0
FOOT_COLOUR = "#555555"
BACK_WIDTH = 110.0
BACK_BOX = Box((WIDTH - BACK_WIDTH) / 2, FOOT_AT - 7, (WIDTH + BACK_WIDTH) / 2, FOOT_AT + 7)
"""Where the foot of a page leads back to the contents."""
ROOM = Box(EDGE, FOOT_AT + FOOT_ROOM, WIDTH - EDGE, HEIGHT - EDGE)
"""What a page of text fills."""
COVER_SIZE, COVER_SECOND, COVER_LINE, COVER_TOP = 25.0, 15.0, 9.5, 2.2 * EDGE
COVER_STEPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Letters of the cover over their usual size, tried until all fits above the map."""


@dataclass(frozen=True)
class Foot:
    """Below a page: the series, the way back to the contents, the number of the page."""

    title: str
    back: str
    number: int
    total: int


@dataclass(frozen=True)
class Cover:
    """The first page beside its map: title in each language, sentences, for whom it is."""

    title: tuple[str, ...]
    lines: tuple[str, ...]
    stamp: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Part(Sheet):
    """A sheet on a part of a page: as wide as the page, and so many millimetres high."""

    high_mm: float = MAP_MM

    @property
    def page(self) -> Paper:
        """The part as a paper of its own."""
        return Paper(self.high_mm, PAGE.short_mm, PAGE.letters)


def part_of(sheet: Sheet, high_mm: float) -> Part:
    """A sheet as a part of a page."""
    held = {field.name: getattr(sheet, field.name) for field in fields(Sheet)}
    return Part(**held, high_mm=high_mm)


def map_page(part: Part, texts: tuple[tuple[Section, ...], ...], foot: Foot) -> Figure:
    """A map with its words below it, in each language of the map.

    Raises
    ------
    FigureRefused
        If the map's title or legend does not fit.
    """
    below = HEIGHT - part.high_mm * POINTS_PER_MM
    figure = _onto_page(to_page(part), below)
    writer = writer_for(figure, part.font)
    top = below + EDGE * 0.5
    series_text.rule(writer, EDGE, WIDTH - EDGE, top)
    box = replace(ROOM, top=top - 5.0)
    series_text.draw_sections(writer, box, texts, part.languages)
    _draw_foot(figure, part.font, foot)
    return figure


def cover_page(part: Part, cover: Cover) -> Figure:
    """The cover: title and sentences above the map of everything, in letters that fit."""
    up = EDGE * 0.5
    figure = _onto_page(to_page(part), up)
    writer = writer_for(figure, part.font)
    room = HEIGHT - COVER_TOP - up - part.high_mm * POINTS_PER_MM
    for step in COVER_STEPS:
        lines = _cover_lines(writer, cover, step)
        if sum(size * LINE + after for _, size, after, _ in lines) <= room:
            break
    y = HEIGHT - COVER_TOP
    for text, size, after, colour in lines:
        y = writer.write_lines([text], left=EDGE, top=y, size=size, colour=colour) - after
    return figure


def _cover_lines(
    writer: Writer, cover: Cover, step: float
) -> list[tuple[str, float, float, str]]:  # fmt: skip
    """Lines of the cover: text, letters, room below, colour."""
    held: list[tuple[str, float, float, str]] = []
    for place, title in enumerate(cover.title):
        size = (COVER_SECOND if place else COVER_SIZE) * step
        lines = writer.fit(title, size, ROOM.width)
        held += [(line, size, 0.0, INK) for line in lines]
    size = COVER_LINE * step
    held[-1] = (*held[-1][:2], size, INK)
    for texts, colour in ((cover.lines, INK), (cover.stamp, MARK_COLOUR)):
        for text in texts:
            lines = writer.fit(text, size, ROOM.width)
            held += [(line, size, 0.0, colour) for line in lines]
            held[-1] = (*held[-1][:2], size * 0.35, colour)
    return held


def contents_pages(
    title: str, entries: list[Entry], font: Path, feet: list[Foot]
) -> list[tuple[Figure, list[tuple[Box, int]]]]:
    """Pages of contents, each with the boxes that lead to a page and the number of that page."""
    most = series_text.entries_a_page(ROOM.height)
    pages = []
    for place, foot in enumerate(feet):
        figure, box = _text_page(title, font, foot)
        writer = writer_for(figure, font)
        boxes = series_text.draw_entries(writer, box, entries[place * most : (place + 1) * most])
        pages.append((figure, boxes))
    return pages


def count_contents(entries: int) -> int:
    """How many pages the contents take."""
    return -(-entries // series_text.entries_a_page(ROOM.height))


def source_pages(
    title: str, sections: tuple[Section, ...], font: Path, feet: list[Foot]
) -> list[Figure]:
    """Pages of sources and method; ``feet`` are those of :func:`count_sources`."""
    pages = []
    for rows, foot in zip(_source_rows(sections, font), feet, strict=True):
        figure, box = _text_page(title, font, foot)
        series_text.draw_rows(writer_for(figure, font), rows, box.left, box.top)
        pages.append(figure)
    return pages


def count_sources(sections: tuple[Section, ...], font: Path) -> int:
    """How many pages sources and method take."""
    return len(_source_rows(sections, font))


def _source_rows(sections: tuple[Section, ...], font: Path) -> list[list[series_text.Row]]:
    writer = writer_for(_blank(), font)
    room = replace(ROOM, top=ROOM.top - series_text.TITLE_SIZE * 2)
    return series_text.text_pages(writer, sections, room)


def _text_page(title: str, font: Path, foot: Foot) -> tuple[Figure, Box]:
    """A page with a title and a foot, and the room between them."""
    figure = _blank()
    box = series_text.draw_title(writer_for(figure, font), ROOM, title)
    _draw_foot(figure, font, foot)
    return figure, box


def _blank() -> Figure:
    size = (WIDTH / POINTS_PER_INCH, HEIGHT / POINTS_PER_INCH)
    return Figure(figsize=size, dpi=POINTS_PER_INCH, facecolor=PAPER)


def _draw_foot(figure: Figure, font: Path, foot: Foot) -> None:
    writer = writer_for(figure, font)
    size, wide = FOOT_SIZE, BACK_BOX.left - EDGE - FOOT_SIZE
    (title, *_) = writer.fit(foot.title, size, wide, most=1) or [""]
    writer.write(EDGE, FOOT_AT, title, size, colour=FOOT_COLOUR)
    writer.write(WIDTH / 2, FOOT_AT, foot.back, size, align="center", colour=FOOT_COLOUR)
    number = f"{foot.number} / {foot.total}"
    writer.write(WIDTH - EDGE, FOOT_AT, number, size, align="right", colour=FOOT_COLOUR)


def _onto_page(figure: Figure, up: float) -> Figure:
    """Put what is drawn on a part onto a whole page, so many points above its lower edge.

    The part is drawn at 72 pixels an inch, so that its pixels are points. A patch has a second
    transform of its own, which stays.
    """
    wide, high = (float(side) for side in figure.get_size_inches() * POINTS_PER_INCH)
    move = Affine2D().translate(0.0, up)
    figure.set_size_inches(WIDTH / POINTS_PER_INCH, HEIGHT / POINTS_PER_INCH)
    for artist in figure.get_children():
        if isinstance(artist, Axes):
            box = artist.get_position()
            artist.set_position((
                box.x0 * wide / WIDTH, (box.y0 * high + up) / HEIGHT,
                box.width * wide / WIDTH, box.height * high / HEIGHT,
            ))  # fmt: skip
        elif artist is not figure.patch:
            artist.set_transform(Artist.get_transform(artist) + move)
    return figure
