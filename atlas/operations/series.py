"""A series of maps: one PDF with a page for each city or metropolitan area."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from atlas.cartography.figure_versions import versions_of
from atlas.core.approval import check_approval
from atlas.core.layer import RASTER
from atlas.core.paper import PORTRAIT
from atlas.core.recipe import BASE, NAMES, PLACE, SHOWN, UNITS, EditionUsed, Recipe
from atlas.core.report import clean
from atlas.errors import FigureRefused, WrongKind
from atlas.io import catalogue
from atlas.io.assets import font_path
from atlas.io.files import write_atomically
from atlas.io.page_store import PageStore, check_writable, default_folder
from atlas.operations import figure_data
from atlas.operations.figure import CITY_NAMES, DISTRICT_NAMES, TITLE_MOST
from atlas.operations.find import known_editions
from atlas.operations.links import LINES, STATIONS
from atlas.operations.series_book import bind, gather, list_jobs
from atlas.operations.series_page import BY, CITIES, METROPOLITAN, by_of
from atlas.operations.series_pool import Tell, draw_pages, silent
from atlas.operations.web_map import BACKGROUND

SERIES = "series"
PLACES = (CITIES, METROPOLITAN)
"""Layers whose features can have a page each."""
DEFAULT_LAYERS = ("innovation-corridors", "ecological-belts", "rail-lines")


def compose(
    folder: Path, layers: Iterable[str] = DEFAULT_LAYERS, *, by: str = PLACES[0], day: dt.date,
    since: dt.date | None = None, known_by: dt.date, made: dt.date, lang: str = "zh",
    profile: str = "working", approval_number: str | None = None, title: str = "",
) -> Recipe:  # fmt: skip
    """Pin everything that a series is made of.

    Parameters
    ----------
    folder, layers
        Where the layers lie, and which are drawn and told of.
    by
        One of :data:`PLACES`: the layer whose features have a page each.
    day, since
        The day whose state is shown, and an earlier one since which changes are told.
    known_by, made
        As published by which day; the day that the series says it was made on.
    lang
        ``zh``, ``en`` or ``both``.
    profile, approval_number, title
        As of :func:`atlas.operations.figure.compose`.

    Raises
    ------
    LayerNotFound, EditionNotFound, WrongKind
        If there is no such layer by that day, or it is a raster.
    ApprovalMissing, ApprovalMisplaced, ApprovalMalformed
        If profile and approval number do not go together.
    FigureRefused
        If the series cannot be made as asked.
    """
    asked = tuple(dict.fromkeys(layers))
    recipe = Recipe(
        SERIES, "pdf", asked, (), since or day, known_by, made, day if since else None,
        orientation=PORTRAIT, lang=lang, profile=profile,
        approval_number=check_approval(profile, approval_number), title=clean(title),
        versions=versions_of(font_path()), options=((BY, by),),
    )  # fmt: skip
    _check(recipe)
    return replace(recipe, editions=_editions(folder, recipe))


def _check(recipe: Recipe) -> None:
    """Refuse what no series can be."""
    problems = {
        "name at least one layer": not recipe.layers,
        f"its title has {len(recipe.title)} signs; at most {TITLE_MOST} can be read": (
            len(recipe.title) > TITLE_MOST
        ),
        "the day of comparison must lie before the day that is shown": (
            recipe.until is not None and recipe.until <= recipe.day
        ),
        f"a series goes by {' or '.join(PLACES)}": by_of(recipe) not in PLACES,
    }
    for problem, found in problems.items():
        if found:
            raise FigureRefused(problem=problem)


def _editions(folder: Path, recipe: Recipe) -> tuple[EditionUsed, ...]:
    """Every edition that a series draws or tells of."""
    layers, by, known = recipe.layers, by_of(recipe), recipe.known_by
    for layer in layers:
        if catalogue.read_info(folder, layer).kind == RASTER:
            raise WrongKind(layer=layer, kind=RASTER, problem="a series draws layers of features")
    stations = (STATIONS,) if LINES in layers and STATIONS not in layers else ()
    pinned = [
        (SHOWN, [catalogue.find_edition(folder, name, known_by=known) for name in layers]),
        (PLACE, [catalogue.find_edition(folder, by, known_by=known)]),
    ]
    wanted = {
        BASE: [name for name in BACKGROUND if name not in layers],
        NAMES: [name for name in (DISTRICT_NAMES, CITY_NAMES) if name not in layers],
        UNITS: stations,
    }
    pinned += [(role, known_editions(folder, names, known_by=known))
               for role, names in wanted.items()]  # fmt: skip
    return tuple(
        figure_data.edition_used(folder, edition, role)
        for role, editions in pinned
        for edition in editions
    )


def render(
    recipe: Recipe, folder: Path, *, work: Path, processes: int = 2, tell: Tell = silent
) -> bytes:
    """A series as a PDF with its recipe; the same recipe and versions give the same bytes.

    Parameters
    ----------
    recipe, folder
        From :func:`compose`, and where the layers lie.
    work
        Folder of finished pages: a series that was stopped goes on from there.
    processes, tell
        As of :func:`atlas.operations.series_pool.draw_pages`.
    """
    read = figure_data.reader_of(folder)
    gathered = gather(recipe, read)
    jobs = list_jobs(gathered)
    store = PageStore(work)
    store.prune()
    pages = draw_pages(folder, jobs, store, processes=processes, tell=tell)
    content = bind(gathered, pages, read)
    store.forget(job.key for job in jobs)
    return content


def write_series(
    path: Path, recipe: Recipe, folder: Path, *, work: Path | None = None, processes: int = 2,
    tell: Tell = silent,
) -> None:  # fmt: skip
    """Write a series whole or not at all; else as :func:`render`.

    Raises
    ------
    WriteFailed
        If the path cannot be written: told before the first page is drawn.
    """
    if path.suffix.lower() != ".pdf":
        raise FigureRefused(problem=f"'{path.name}' must end in .pdf")
    check_writable(path)
    content = render(recipe, folder, work=work or default_folder(), processes=processes, tell=tell)
    write_atomically(path, content)


def draw_again(recipe: Recipe, folder: Path, *, processes: int = 2) -> bytes:
    """The series that a recipe describes, every page drawn anew."""
    check_approval(recipe.profile, recipe.approval_number)
    _check(recipe)
    with tempfile.TemporaryDirectory(prefix="atlas-series-") as work:
        return render(recipe, folder, work=Path(work), processes=processes)
