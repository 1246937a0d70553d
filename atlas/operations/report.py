"""A Word report: the figure, what the place holds, what changed, sources and method."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.cartography.figure_sheet import languages_of
from atlas.core.approval import check_approval
from atlas.core.paper import LANDSCAPE
from atlas.core.recipe import FIGURE, UNITS, Recipe
from atlas.core.report import Block, Heading, Paragraph, Picture, Report
from atlas.errors import FigureRefused, NothingThere
from atlas.i18n import translate
from atlas.io import catalogue, recipes
from atlas.io.files import write_atomically
from atlas.io.page_store import check_writable
from atlas.io.word import to_docx
from atlas.operations import figure, figure_data, figure_words
from atlas.operations.describe import NAMING_LAYERS
from atlas.operations.figure import Figure
from atlas.operations.figure_ground import refuse_ground
from atlas.operations.find import known_editions
from atlas.operations.report_change import change_blocks
from atlas.operations.report_place import POINT, measure, place_blocks, read_zone, summary_blocks
from atlas.operations.report_sources import source_blocks

if TYPE_CHECKING:
    from atlas.operations.figure_data import Reader

REPORT, FORM = "report", "docx"
CHANGES, STATE = "changes", "state"
"""What the figure of a report shows, as its recipe says it."""
SHARP, LARGE = {"A4": 200, "slide": 200}, 150
"""Pixels an inch of the figure by its paper: a page of Word shows no more of a large one."""


def compose(
    folder: Path, layers: Iterable[str], *, day: dt.date, since: dt.date | None = None,
    known_by: dt.date, made: dt.date, place: str | None = None, paper: str = "A4",
    orientation: str = LANDSCAPE, lang: str = "zh", profile: str = "working",
    approval_number: str | None = None, title: str = "", read: Reader | None = None,
) -> Recipe:  # fmt: skip
    """Pin everything that a report is made of.

    Parameters
    ----------
    folder, layers, known_by, made, place, paper, orientation, profile, approval_number, title
        As of :func:`atlas.operations.figure.compose`.
    day, since
        The day whose state is shown, and an earlier one since which changes are told.
    lang
        ``zh``, ``en``, or ``both``: first in Chinese, then in English.
    read
        Reads editions, so that many reports of the same layers read each of them once.

    Raises
    ------
    AtlasError
        As :func:`atlas.operations.figure.compose` does.
    """
    drawn = compose_figure(
        folder, layers, day=day, since=since, known_by=known_by, made=made, place=place,
        paper=paper, orientation=orientation, lang=lang, profile=profile,
        approval_number=approval_number, title=title, dpi=SHARP.get(paper, LARGE), read=read,
    )  # fmt: skip
    recipe = replace(
        drawn.recipe, kind=REPORT, form=FORM, day=since or day, until=day if since else None,
        options=((FIGURE, CHANGES if drawn.recipe.until else STATE),),
    )  # fmt: skip
    if since and not figure_data.of_role(recipe, UNITS):
        units = known_editions(folder, NAMING_LAYERS, known_by=known_by)
        pinned = tuple(figure_data.edition_used(folder, edition, UNITS) for edition in units)
        recipe = replace(recipe, editions=(*recipe.editions, *pinned))
    return recipe


def compose_figure(
    folder: Path, layers: Iterable[str], *, day: dt.date, since: dt.date | None, **rest: object
) -> Figure:
    """The figure of a report.

    Of one layer of areas or lines and two days it is the map of what changed there, if anything
    did; else the state on the later day.

    Raises
    ------
    FigureRefused
        If the earlier day does not lie before the later one.
    """
    asked = tuple(dict.fromkeys(layers))
    if since is not None and since >= day:
        problem = "the day of comparison must lie before the day that is shown"
        raise FigureRefused(problem=problem)
    alone = len(asked) == 1 and catalogue.read_info(folder, asked[0]).kind != POINT
    if since is not None and alone:
        try:
            return figure.compose(folder, asked, day=since, until=day, **rest)  # type: ignore[arg-type]
        except NothingThere:
            pass
    drawn = figure.compose(folder, asked, day=day, **rest)  # type: ignore[arg-type]
    refuse_ground(drawn.recipe, "a report measures layers of features")
    return drawn


def figure_recipe(recipe: Recipe) -> Recipe:
    """The recipe of the picture in a report."""
    held = replace(recipe, kind=FIGURE, form="png", options=())
    if recipe.until and dict(recipe.options)[FIGURE] == STATE:
        return replace(held, day=recipe.until, until=None)
    return held


def render(recipe: Recipe, folder: Path, *, read: Reader | None = None) -> bytes:
    """A report as a Word file with its recipe; equal recipes and versions give equal parts."""
    read = read or figure_data.reader_of(folder)
    drawn = figure_recipe(recipe)
    sheet = figure.to_sheet(drawn, read)
    picture = figure.render(Figure(drawn, sheet), "png")
    langs = languages_of(recipe.lang)
    title = " · ".join(sheet.title)
    zone = read_zone(recipe, read)
    found = measure(recipe, read, zone)
    blocks: list[Block] = []
    for order, lang in enumerate(langs):
        blocks += _opening(recipe, sheet.subtitle[order], lang, changed=drawn.until is not None)
        blocks += summary_blocks(found, zone, lang)
        if order == 0:
            alt = translate("report.alt", lang, title=title)
            blocks.append(Picture(picture, alt=alt, caption="", own_page=True))
        blocks += place_blocks(found, zone, lang)
        if recipe.until:
            blocks += change_blocks(recipe, read, zone, lang)
        blocks += source_blocks(recipe, read, lang)
    content = to_docx(Report(title, langs[0], tuple(blocks)), made=recipe.made)
    return recipes.write_recipe(content, recipe)


def _opening(recipe: Recipe, days: str, lang: str, *, changed: bool) -> list[Block]:
    """Days and standing; two languages have a heading each."""
    head: list[Block] = []
    if len(languages_of(recipe.lang)) > 1:
        head.append(Heading(translate("language.name", lang)))
    stamp = " ".join(figure_words.stamp_of(replace(recipe, lang=lang)))
    told = [Paragraph(days)]
    if recipe.until and not changed:
        told.append(Paragraph(translate("series.since", lang, day=recipe.day.isoformat())))
    return [*head, *told, Paragraph(stamp)]


def write_report(path: Path, recipe: Recipe, folder: Path) -> None:
    """Write a report whole or not at all.

    Raises
    ------
    FigureRefused
        If the path does not end in ``.docx``.
    WriteFailed
        If the disk refuses; what was there is untouched.
    """
    if path.suffix.lower() != f".{FORM}":
        raise FigureRefused(problem=f"'{path.name}' must end in .{FORM}")
    check_writable(path)
    write_atomically(path, render(recipe, folder))


def draw_again(recipe: Recipe, folder: Path) -> bytes:
    """The report that a recipe describes, from the very editions that it names."""
    check_approval(recipe.profile, recipe.approval_number)
    return render(recipe, folder)
