"""A series put together: what it says of every place, its contents, cover, sources and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.cartography import figure_files, series_sheet
from atlas.cartography.figure_sheet import languages_of
from atlas.cartography.series_sheet import Cover, Foot
from atlas.cartography.series_text import Entry
from atlas.core import recipe as recipes
from atlas.core.recipe import PLACE, SHOWN, UNITS, Recipe
from atlas.errors import NothingThere
from atlas.i18n import translate
from atlas.io import pdf_book
from atlas.io import recipes as carried
from atlas.io.assets import font_path
from atlas.io.pdf_book import Bookmark, Link
from atlas.operations import figure_data, series_facts, series_words
from atlas.operations.series_page import CITIES, Job, by_of, cover_part
from atlas.operations.series_sources import source_sections

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from atlas.cartography.figure_text import Box
    from atlas.cartography.series_text import Section
    from atlas.operations.figure_data import Reader
    from atlas.operations.series_facts import LayerFacts, Places

FRONT = 1
"""The cover; the contents follow it."""


@dataclass(frozen=True)
class Numbers:
    """How many pages each part of a series takes, and so where each begins, from 1."""

    contents: int
    places: int
    sources: int

    @property
    def first_place(self) -> int:
        """Number of the first place's page."""
        return FRONT + self.contents + 1

    @property
    def first_source(self) -> int:
        """Number of the page on which the sources begin."""
        return self.first_place + self.places

    @property
    def total(self) -> int:
        """How many pages there are."""
        return FRONT + self.contents + self.places + self.sources


@dataclass(frozen=True, eq=False)
class Gathered:
    """All that a series says, before a page is drawn."""

    recipe: Recipe
    places: Places
    measured: list[LayerFacts]
    sections: tuple[Section, ...]
    """Sources and method."""
    numbers: Numbers


def gather(recipe: Recipe, read: Reader) -> Gathered:
    """Measure every place, and count the pages.

    Raises
    ------
    NothingThere
        If no place has anything of the layers on the day.
    """
    [used] = figure_data.of_role(recipe, PLACE)
    places = series_facts.read_places(read(used), recipe)
    measured = [
        series_facts.measure(read(one), places, recipe)
        for one in recipe.editions
        if one.role in (SHOWN, UNITS)
    ]
    if len(places.rows) == 0 or all(len(facts.table) == 0 for facts in measured):
        day = figure_data.shown_day(recipe).isoformat()
        raise NothingThere(layers=", ".join(recipe.layers), day=day, place=by_of(recipe))
    sections = source_sections(recipe, read, places)
    count = len(places.rows)
    numbers = Numbers(
        series_sheet.count_contents(count + 1), count,
        series_sheet.count_sources(sections, font_path()),
    )  # fmt: skip
    return Gathered(recipe, places, measured, sections, numbers)


def list_jobs(gathered: Gathered) -> list[Job]:
    """A job for each place, in the order of their codes."""
    recipe, numbers = gathered.recipe, gathered.numbers
    text = recipes.to_text(recipe)
    jobs = []
    for place, code in enumerate(gathered.places.rows["id"]):
        texts = tuple(
            series_words.tell_place(gathered.places, gathered.measured, place, recipe, lang)
            for lang in languages_of(recipe.lang)
        )
        foot = _foot(gathered, numbers.first_place + place)
        jobs.append(Job(text, str(code), texts, foot, numbers.first_source))
    return jobs


def _foot(gathered: Gathered, number: int) -> Foot:
    recipe = gathered.recipe
    back = " · ".join(translate("series.contents", lang) for lang in languages_of(recipe.lang))
    return Foot(title_of(recipe)[0], f"↑ {back}", number, gathered.numbers.total)


def title_of(recipe: Recipe) -> tuple[str, ...]:
    """The user's title, else the atlas's, in each language."""
    if recipe.title:
        return (recipe.title,)
    key = "series.title_cities" if by_of(recipe) == CITIES else "series.title_areas"
    return tuple(translate(key, lang) for lang in languages_of(recipe.lang))


def bind(gathered: Gathered, pages: list[bytes], read: Reader) -> bytes:
    """Cover, contents, places and sources as one file with links and bookmarks."""
    recipe, numbers = gathered.recipe, gathered.numbers
    langs = languages_of(recipe.lang)
    names = [
        " · ".join(str(row[f"name_{lang}"]) for lang in langs)
        for _, row in gathered.places.rows.iterrows()
    ]
    sources = " · ".join(translate("series.sources", lang) for lang in langs)
    entries = [Entry(name, numbers.first_place + at) for at, name in enumerate(names)]
    entries.append(Entry(sources, numbers.first_source))
    contents = " · ".join(translate("series.contents", lang) for lang in langs)
    feet = [_foot(gathered, number + 1) for number in range(numbers.total)]
    with figure_files.drawing():
        front = [_cover(gathered, read)]
        listed = series_sheet.contents_pages(
            contents, entries, font_path(), feet[FRONT : numbers.first_place - 1]
        )
        front += [page for page, _ in listed]
        back = series_sheet.source_pages(
            sources, gathered.sections, font_path(), feet[numbers.first_source - 1 :]
        )
        first = figure_files.pages_to_pdf(front, title="", made=recipe.made)
        last = figure_files.pages_to_pdf(back, title="", made=recipe.made)
    links = [
        Link(FRONT + at, _corners(box), number - 1)
        for at, (_, boxes) in enumerate(listed)
        for box, number in boxes
    ]
    links += [
        Link(number, _corners(series_sheet.BACK_BOX), FRONT)
        for number in range(FRONT, numbers.total)
    ]
    cover = " · ".join(title_of(recipe))
    marks = [Bookmark(cover, 0), Bookmark(contents, FRONT)]
    marks += [Bookmark(entry.text, entry.number - 1) for entry in entries]
    content = pdf_book.bind(
        [first, *pages, last], links=links, bookmarks=marks, title=cover, made=recipe.made,
        lang=langs[0], keys={carried.PDF_KEY: carried.envelope(recipe)},
    )  # fmt: skip
    return carried.seal(content)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return tuple(round(side, 2) for side in (box.left, box.bottom, box.right, box.top))  # type: ignore[return-value]


def _cover(gathered: Gathered, read: Reader) -> Figure:
    recipe = gathered.recipe
    west, south, east, north = gathered.places.rows.total_bounds.tolist()
    part = cover_part(recipe, (west, south, east, north), read, gathered.numbers.first_source)
    lines = tuple(
        line for lang in languages_of(recipe.lang) for line in _cover_lines(gathered, read, lang)
    )
    return series_sheet.cover_page(part, Cover(title_of(recipe), lines, part.stamp))


def _cover_lines(gathered: Gathered, read: Reader, lang: str) -> list[str]:
    recipe = gathered.recipe
    titles = [read(used).info.title[lang] for used in figure_data.of_role(recipe, SHOWN)]
    day = figure_data.shown_day(recipe).isoformat()
    lines = [
        translate(
            "series.about", lang, count=len(gathered.places.rows),
            layers=translate("figure.and", lang).join(titles),
        ),
        translate("figure.days", lang, day=day, known=recipe.known_by.isoformat()),
    ]  # fmt: skip
    if recipe.until:
        lines.append(translate("series.since", lang, day=recipe.day.isoformat()))
    lines.append(translate("series.made", lang, day=recipe.made.isoformat()))
    return lines
