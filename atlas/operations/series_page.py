"""One page of a series, as plain values that a worker can take, and drawn."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlas.cartography import figure_files
from atlas.cartography.series_sheet import COVER_MM, MAP_MM, Foot, Part, map_page, part_of
from atlas.cartography.series_text import Section
from atlas.core import recipe as recipes
from atlas.core.paper import LANDSCAPE
from atlas.core.period import as_of
from atlas.core.recipe import BASE, FIGURE, NAMES, PLACE, SHOWN, Recipe
from atlas.errors import FigureRefused, NothingThere
from atlas.i18n import translate
from atlas.operations import figure_data, figure_words
from atlas.operations.figure import DISTRICT_NAMES, DISTRICTS_BELOW_M, to_sheet

if TYPE_CHECKING:
    from atlas.cartography.figure_sheet import Sheet
    from atlas.core.layer import Layer
    from atlas.core.recipe import EditionUsed
    from atlas.operations.figure_data import Bounds, Reader

BY = "by"
CITIES, METROPOLITAN = "cities", "metropolitan-areas"
Texts = tuple[tuple[Section, ...], ...]
"""Sections in each language of a series."""


@dataclass(frozen=True)
class Job:
    """A page of one place: the series' recipe as text, and all words of the page."""

    recipe: str
    place: str
    texts: Texts
    foot: Foot
    sources: int
    """Number of the page where the sources stand."""

    @property
    def key(self) -> str:
        """Hash of everything that the page is drawn from."""
        return hashlib.sha256(self.to_json().encode("ascii")).hexdigest()

    def to_json(self) -> str:
        """The job on one line of ASCII."""
        return json.dumps(asdict(self), sort_keys=True)

    @staticmethod
    def from_json(text: str) -> Job:
        """The job that :meth:`to_json` wrote."""
        values: dict[str, Any] = json.loads(text)
        texts = tuple(
            tuple(
                Section(entry["head"], tuple(entry["lines"]), tuple(entry["notes"]))
                for entry in sections
            )
            for sections in values["texts"]
        )
        foot = Foot(**values["foot"])
        return Job(values["recipe"], values["place"], texts, foot, values["sources"])


def by_of(recipe: Recipe) -> str:
    """Layer of the places of a series."""
    return dict(recipe.options)[BY]


def map_recipe(recipe: Recipe, place: str = "", bounds: Bounds | None = None) -> Recipe:
    """The recipe of one map of a series, as a figure of the day that it shows.

    Parameters
    ----------
    recipe
        Of the series.
    place
        Id of a place; the map of everything without.
    bounds
        What the map shows, in degrees.
    """
    address = f"{by_of(recipe)}:{place}" if place else ""
    near = bounds is not None and figure_data.width_m(bounds) <= DISTRICTS_BELOW_M
    editions = tuple(used for used in recipe.editions if _is_drawn(used, near=near, place=place))
    return replace(
        recipe, kind=FIGURE, day=figure_data.shown_day(recipe), until=None, place=address,
        bounds=bounds, editions=editions, orientation=LANDSCAPE, title="", options=(),
    )  # fmt: skip


def _is_drawn(used: EditionUsed, *, near: bool, place: str) -> bool:
    if used.role == PLACE:
        return bool(place)
    if used.role == NAMES and used.layer == DISTRICT_NAMES:
        return near
    return used.role in (SHOWN, BASE, NAMES)


def of_day(read: Reader, day: dt.date) -> Reader:
    """Reads editions with only the rows of a day: all pages of a series show the same one.

    Rows of a day are the rows of that day's rows, so that nothing else changes.
    """
    held: dict[tuple[str, int], Layer] = {}

    def read_day(used: EditionUsed) -> Layer:
        key = (used.layer, used.edition)
        if key not in held:
            layer = read(used)
            held[key] = replace(layer, features=as_of(layer.features, day))
        return held[key]

    return read_day


def place_part(recipe: Recipe, place: str, read: Reader, sources: int) -> Part:
    """The map of one place; where the layers have nothing, its own boundary."""
    bare = map_recipe(recipe, place)
    outline = figure_data.outline_of(bare, read)
    if outline is None:
        raise NothingThere(
            layers=by_of(recipe), day=figure_data.shown_day(recipe).isoformat(), place=place
        )
    held = map_recipe(recipe, place, figure_data.bounds_of_place(outline.shape))
    sheet = _sheet(held, by_of(recipe), read)
    return replace(part_of(sheet, MAP_MM), title=outline.title, notes=_notes(held, sheet, sources))


def cover_part(recipe: Recipe, bounds: Bounds, read: Reader, sources: int) -> Part:
    """The map of everything, for the cover."""
    held = map_recipe(recipe, bounds=bounds)
    sheet = _sheet(held, by_of(recipe), read)
    return replace(
        part_of(sheet, COVER_MM), title=("",), subtitle=(), notes=_notes(held, sheet, sources)
    )


def _sheet(recipe: Recipe, by: str, read: Reader) -> Sheet:
    """What a map shows; boundaries alone where none of the layers is there."""
    try:
        return to_sheet(recipe, read)
    except NothingThere:
        places = [
            replace(used, role=SHOWN) for used in recipe.editions
            if used.layer == by and used.role == PLACE
        ]  # fmt: skip
        rest = [used for used in recipe.editions if used.role != SHOWN and used.layer != by]
        own = [used for used in recipe.editions if used.role == PLACE]
        return to_sheet(replace(recipe, layers=(by,), editions=(*places, *rest, *own)), read)


def _notes(recipe: Recipe, sheet: Sheet, sources: int) -> tuple[tuple[str, ...], ...]:
    """Short notes below a map: the sources stand at the end of the series."""
    told = []
    for lang in sheet.languages:
        address = figure_words.address_of(recipe, lang)
        told.append((
            translate(f"figure.note.{recipe.profile}", lang),
            translate("series.see_sources", lang, page=sources),
            translate("figure.note.counts", lang),
            translate("figure.note.made", lang, day=recipe.made.isoformat(), address=address),
        ))  # fmt: skip
    return tuple(told)


def reader_for(recipe: Recipe, folder: Path) -> Reader:
    """What reads for all pages of a series."""
    return of_day(figure_data.reader_of(folder), figure_data.shown_day(recipe))


def draw(job: Job, read: Reader) -> bytes:
    """A page as a PDF; the same job gives the same bytes.

    Parameters
    ----------
    job
        The page.
    read
        From :func:`reader_for`, or any that reads the whole editions.

    Raises
    ------
    FigureRefused
        If its map cannot be drawn; says of which place.
    """
    recipe = recipes.from_text(job.recipe)
    part = place_part(recipe, job.place, read, job.sources)
    try:
        with figure_files.drawing():
            page = map_page(part, job.texts, job.foot)
            return figure_files.pages_to_pdf([page], title="", made=recipe.made)
    except FigureRefused as error:
        problem = f"{part.title[0]}: {error.values['problem']}"
        raise FigureRefused(problem=problem) from None
