"""Compose a figure, draw it, and write it with its recipe; what page and command both call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from atlas.cartography import figure_files
from atlas.cartography.figure_sheet import Sheet
from atlas.cartography.figure_versions import versions_of
from atlas.core.approval import check_approval
from atlas.core.paper import LANDSCAPE
from atlas.core.recipe import (
    BASE,
    DPI_RANGE,
    FIGURE,
    NAMES,
    PLACE,
    UNITS,
    EditionUsed,
    Recipe,
)
from atlas.core.report import clean
from atlas.errors import FigureRefused
from atlas.io import catalogue, recipes
from atlas.io.assets import font_path, font_subset
from atlas.io.files import write_atomically
from atlas.operations import figure_data, figure_ground, figure_words
from atlas.operations.describe import NAMING_LAYERS
from atlas.operations.find import known_editions
from atlas.operations.web_map import BACKGROUND
from atlas.operations.within import read_place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlas.operations.figure_data import Reader
    from atlas.operations.ground import Ground

FORMS = ("pdf", "svg", "png")
TITLE_MOST = 120
"""Signs of a title: two lines of A4 at letters that can be read."""
CITY_NAMES, DISTRICT_NAMES = "cities", "districts"
DISTRICTS_BELOW_M = 260_000.0
"""A map that is at most so wide also names districts."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure before it is a file: its recipe, and what its page shows."""

    recipe: Recipe
    sheet: Sheet


def compose(
    folder: Path, layers: Iterable[str], *, day: dt.date, known_by: dt.date, made: dt.date,
    until: dt.date | None = None, place: str | None = None, paper: str = "A4",
    orientation: str = LANDSCAPE, lang: str = "zh", profile: str = "working",
    approval_number: str | None = None, title: str = "", dpi: int = 300, svg_text: str = "text",
    read: Reader | None = None,
) -> Figure:  # fmt: skip
    """Read what a figure shows, and lay it out.

    Parameters
    ----------
    folder, layers
        Where the layers lie, and which; areas and lines are named on the map, a raster lies below.
    day, known_by
        In force on which day, as published by which day.
    made
        The day that the figure says it was made on.
    until
        A second day: the figure then shows what changed in the one layer between the two.
    place
        ``layer:id``, an id, or ``west,south,east,north`` in degrees; the whole map without.
    paper, orientation
        ``A4``, ``A3``, ``A2`` or ``slide``; ``landscape`` or ``portrait``.
    lang
        ``zh``, ``en`` or ``both``.
    profile, approval_number
        ``working``, ``internal`` or ``public``; the last one needs the number that the
        authority gave for this extent and this base.
    title
        Instead of the atlas's own.
    dpi, svg_text
        Of PNG; of SVG, ``text`` or ``paths``.
    read
        Reads editions, so that many figures of the same layers read each of them once.

    Raises
    ------
    LayerNotFound, EditionNotFound, WrongKind
        If there is no such layer by that day, or it is a register, or a raster with two days.
    PlaceNotFound, FeatureNotFound, FileDamaged
        If there is no such place.
    NothingThere
        If the layers have nothing there on the day.
    ApprovalMissing, ApprovalMisplaced, ApprovalMalformed
        If profile and approval number do not go together.
    FigureRefused
        If the figure cannot be drawn as asked, or has two rasters.
    """
    asked = tuple(dict.fromkeys(layers))
    recipe = Recipe(
        FIGURE, FORMS[0], asked, (), day, known_by, made, until, paper=paper,
        orientation=orientation, lang=lang, profile=profile,
        approval_number=check_approval(profile, approval_number), title=clean(title), dpi=dpi,
        svg_text=svg_text, versions=versions_of(font_path()),
    )  # fmt: skip
    _check(recipe)
    recipe = _with_place(folder, recipe, place)
    read = read or figure_data.reader_of(folder)
    recipe = _with_editions(folder, recipe, read)
    return Figure(recipe, to_sheet(recipe, read, figure_ground.read_ground(folder, recipe)))


def _check(recipe: Recipe) -> None:
    """Refuse what no figure can be."""
    low, high = DPI_RANGE
    problems = {
        "name at least one layer": not recipe.layers,
        f"its title has {len(recipe.title)} signs; at most {TITLE_MOST} can be read": (
            len(recipe.title) > TITLE_MOST
        ),
        f"{recipe.dpi} pixels an inch; give {low} to {high}": not low <= recipe.dpi <= high,
        "two days compare one layer: name one": bool(recipe.until) and len(recipe.layers) > 1,
        "the two days are the same": recipe.until == recipe.day,
    }
    for problem, found in problems.items():
        if found:
            raise FigureRefused(problem=problem)


def _with_place(folder: Path, recipe: Recipe, place: str | None) -> Recipe:
    """A recipe with the place's address, its box and the edition that says where it is."""
    if not place:
        return recipe
    day = figure_data.shown_day(recipe)
    zone = read_place(folder, place, day=day, known_by=recipe.known_by)
    shape = shapely.union_all(zone.rows.geometry.to_numpy())
    if zone.edition is None:
        return replace(recipe, place=place.replace(" ", ""), bounds=tuple(shape.bounds))
    used = figure_data.edition_used(folder, zone.edition, PLACE)
    bounds = figure_data.bounds_of_place(shape)
    return replace(recipe, place=zone.name, bounds=bounds, editions=(used,))


def _with_editions(folder: Path, recipe: Recipe, read: Reader) -> Recipe:
    """A recipe with every edition that it draws, by the day that it knows of."""
    known_by = recipe.known_by
    found = [catalogue.find_edition(folder, name, known_by=known_by) for name in recipe.layers]
    used = [
        figure_data.edition_used(
            folder, edition, figure_ground.role_of(folder, recipe, edition.layer)
        )
        for edition in found
    ]
    below = [name for name in BACKGROUND if name not in recipe.layers]
    names = [name for name in (CITY_NAMES,) if name not in recipe.layers]
    if DISTRICT_NAMES not in recipe.layers and _is_near(recipe, used, read):
        names.insert(0, DISTRICT_NAMES)
    for role, wanted in (
        (BASE, below), (NAMES, names), (UNITS, NAMING_LAYERS if recipe.until else ()),
    ):  # fmt: skip
        editions = known_editions(folder, wanted, known_by=known_by)
        used += [figure_data.edition_used(folder, edition, role) for edition in editions]
    return replace(recipe, editions=(*used, *recipe.editions))


def _is_near(recipe: Recipe, used: list[EditionUsed], read: Reader) -> bool:
    """Whether a map shows so little that districts can be named."""
    held = replace(recipe, editions=tuple(used))
    shown = figure_data.read_shown(held, read)
    return figure_data.width_m(figure_data.extent_of(recipe, shown)) <= DISTRICTS_BELOW_M


def to_sheet(recipe: Recipe, read: Reader, ground: Ground | None = None) -> Sheet:
    """What the page of a recipe shows; the same recipe gives the same page.

    ``ground`` is its raster, from :func:`atlas.operations.figure_ground.read_ground`.
    """
    comparison = figure_data.read_comparison(recipe, read)
    return Sheet(
        figure_data.read_document(recipe, read, comparison, ground),
        lang=recipe.lang,
        title=figure_words.title_of(recipe, read, comparison, ground),
        subtitle=figure_words.subtitle_of(recipe, comparison),
        notes=figure_words.notes_of(recipe, read, ground),
        stamp=figure_words.stamp_of(recipe),
        watermark=figure_words.watermark_of(recipe),
        font=font_path(),
        names=figure_data.read_names(recipe, read),
        locator=figure_data.read_locator(recipe, read),
        bounds=recipe.bounds,
        outline=figure_data.outline_of(recipe, read),
        raster=figure_ground.raster_part(ground, recipe.lang) if ground else None,
        paper=recipe.paper,
        orientation=recipe.orientation,
    )


def recipe_for(figure: Figure, form: str) -> Recipe:
    """The recipe as a file of one form carries it."""
    return replace(figure.recipe, form=form)


def render(figure: Figure, form: str) -> bytes:
    """A figure as a file of one of :data:`FORMS`, with its recipe.

    The same recipe and versions give the same bytes.
    """
    recipe = recipe_for(figure, form)
    title = " · ".join(figure.sheet.title)
    if form == "pdf":
        keys = {recipes.PDF_KEY: recipes.envelope(recipe)}
        return recipes.seal(
            figure_files.to_pdf([figure.sheet], title=title, made=recipe.made, keys=keys)
        )
    if form == "svg":
        text = figure_files.to_svg(
            figure.sheet, title=title, letters=recipe.svg_text, webfont=_webfont,
            metadata=recipes.svg_metadata(recipe),
        )  # fmt: skip
        return recipes.seal(text.encode("utf-8"))
    png = figure_files.to_png(figure.sheet, dpi=recipe.dpi)
    return recipes.write_recipe(png, recipe)


def _webfont(signs: list[str]) -> bytes:
    return _webfont_of("".join(signs))


@lru_cache(maxsize=16)
def _webfont_of(signs: str) -> bytes:
    """WOFF2 of the atlas's font with some characters; drawing again needs the same ones."""
    return font_subset(list(signs))


def write_figure(path: Path, figure: Figure) -> None:
    """Write a figure whole or not at all; the ending of the path says its form.

    Raises
    ------
    FigureRefused
        If the ending is none of :data:`FORMS`.
    WriteFailed
        If the disk refuses; what was there is untouched.
    """
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        raise FigureRefused(problem=f"'{path.name}' must end in one of .{', .'.join(FORMS)}")
    write_atomically(path, render(figure, form))


def draw_again(recipe: Recipe, folder: Path) -> bytes:
    """The file that a recipe describes, from the very editions that it names."""
    read = figure_data.reader_of(folder)
    check_approval(recipe.profile, recipe.approval_number)
    _check(recipe)
    ground = figure_ground.read_ground(folder, recipe)
    return render(Figure(recipe, to_sheet(recipe, read, ground)), recipe.form)
