"""Write the map in one HTML file that opens from a folder, without network."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from atlas import __version__
from atlas.cartography.figure_versions import versions_of
from atlas.cartography.map_document import map_document, map_layer
from atlas.cartography.web_file import WebFile, to_content
from atlas.cartography.web_file_page import Parts, signs_of, to_html
from atlas.core.period import as_of, window_end
from atlas.core.recipe import BASE, BOTH, PLACE, SHOWN, Recipe
from atlas.i18n import LANGUAGES
from atlas.io import catalogue, recipes
from atlas.io.assets import font_path, font_subset, read_asset
from atlas.io.files import write_atomically
from atlas.operations.figure_data import edition_used, of_role, outline_of, reader_of
from atlas.operations.find import known_editions
from atlas.operations.folder import PROJECT
from atlas.operations.within import read_place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import Layer
    from atlas.operations.figure_data import Reader

KIND, FORM = "web-map", "html"
BACKGROUND = ("land", "provinces", "cities")
"""Layers below every map, bottom to top, where the store has them."""
DELTA = (114.8, 27.0, 123.0, 35.2)
"""What the map shows first where no row has an extent: west, south, east, north in degrees."""
MARGIN_DEG = 0.02
LEAFLET = ("leaflet.js", "leaflet.css")
PERIOD = (
    "id", "part", "valid_from", "valid_from_precision", "valid_to", "valid_to_precision",
    "successors",
)  # fmt: skip
"""Columns that say when a row is in force."""
FIRST_STEP = "2000-01-01"
"""The one step of a map on which nothing ever changes."""


def write_web_file(
    path: Path, folder: Path, layers: Iterable[str], *, day: dt.date, known_by: dt.date,
    lang: str, made: dt.date, place: str | None = None,
) -> None:  # fmt: skip
    """Write the map in one file, whole or not at all; arguments as of :func:`web_file_bytes`."""
    content = web_file_bytes(
        folder, layers, day=day, known_by=known_by, lang=lang, made=made, place=place
    )
    write_atomically(path, content)


def web_file_bytes(
    folder: Path, layers: Iterable[str], *, day: dt.date, known_by: dt.date, lang: str,
    made: dt.date, place: str | None = None,
) -> bytes:  # fmt: skip
    """The map in one file: the same bytes for the same layers, days, place, language and day made.

    It holds every plan version of the layers, in the edition's own geometry rounded to about a
    metre; its reader chooses the day.

    Parameters
    ----------
    folder, layers
        Where the layers lie, and which; land, provinces and cities lie below.
    day
        The day that it opens at.
    known_by
        As published by which day.
    lang
        Language that it opens in, Chinese if it is none of the atlas's; the reader can change it.
    made
        The day that it says it was made on: no clock is read.
    place
        What it opens at, see :func:`atlas.operations.within.read_place`; default all layers.

    Raises
    ------
    LayerNotFound, EditionNotFound, WrongKind, PlaceNotFound, FeatureNotFound, FileDamaged
        If a layer or the place is not there.
    AssetsMissing
        If Leaflet was not installed.
    """
    names = tuple(dict.fromkeys(layers))
    chosen = [catalogue.find_edition(folder, name, known_by=known_by) for name in names]
    wanted = [name for name in BACKGROUND if name not in names]
    below = known_editions(folder, wanted, known_by=known_by)
    used = [edition_used(folder, edition, SHOWN) for edition in chosen]
    used += [edition_used(folder, edition, BASE) for edition in below]
    recipe = Recipe(
        KIND, FORM, names, tuple(used), day, known_by, made,
        lang=lang if lang in LANGUAGES else LANGUAGES[0], versions=versions_of(font_path()),
    )  # fmt: skip
    if place:
        recipe = _with_place(folder, recipe, place)
    return draw_web_file(recipe, folder)


def _with_place(folder: Path, recipe: Recipe, place: str) -> Recipe:
    """A recipe with the place's address, its box, and the edition that says where it is."""
    zone = read_place(folder, place, day=recipe.day, known_by=recipe.known_by)
    held = () if zone.edition is None else (edition_used(folder, zone.edition, PLACE),)
    bounds = _around([zone.rows])
    return replace(recipe, place=zone.name, bounds=bounds, editions=recipe.editions + held)


def draw_web_file(recipe: Recipe, folder: Path) -> bytes:
    """The map in one file that a recipe describes, from the very editions that it names.

    Raises
    ------
    EditionNotFound, HashMismatch, WrongKind
        If the store does not hold what the recipe names.
    """
    read = reader_of(folder)
    chosen = [read(used) for used in of_role(recipe, SHOWN)]
    drawn = [map_layer(layer, layer.features) for layer in chosen]
    drawn += [
        map_layer(layer, layer.features, background=True)
        for layer in map(read, of_role(recipe, BASE))
    ]
    file = WebFile(
        map_document(drawn, day=recipe.day, known_by=recipe.known_by), list_steps(chosen),
        recipe.bounds or _around([layer.features for layer in chosen]), recipe.lang, recipe.made,
        _title_of(recipe, read),
    )  # fmt: skip
    script, style = (read_asset(PROJECT / "static", name).decode("utf-8") for name in LEAFLET)
    content = to_content(file, leaflet=_version_of(script))
    parts = Parts(script, style, font_subset(signs_of(content)))
    generator = f"Delta Atlas {__version__}"
    return recipes.seal(to_html(content, recipes.envelope(recipe), parts, generator=generator))


def _title_of(recipe: Recipe, read: Reader) -> dict[str, str] | None:
    """Name of the place in each language; a box is called by its corners."""
    if not recipe.place:
        return None
    outline = outline_of(replace(recipe, lang=BOTH), read)
    told = outline.title if outline else (recipe.place,) * len(LANGUAGES)
    return dict(zip(LANGUAGES, told, strict=True))


def list_steps(layers: list[Layer]) -> tuple[str, ...]:
    """Days from which on other rows of the layers are in force, as ISO text.

    The first is the day before anything changes, so that the map has a step for every state
    that it was ever in; where nothing ever changes there is one.
    """
    days = {day for layer in layers for day in _steps(layer)}
    ends = [day for layer in layers for day in _ends(layer)]
    if not ends:
        return (FIRST_STEP,)
    before = dt.date.fromisoformat(min(ends)) - dt.timedelta(days=1)
    return (before.isoformat(), *sorted(days))


def _steps(layer: Layer) -> list[str]:
    """Days on which other rows of one layer are in force than on the day before."""
    names = [name for name in PERIOD if name in layer.features.columns]
    rows = layer.features[names]
    held = None
    steps = []
    for day in sorted(_ends(layer)):
        asked = dt.date.fromisoformat(day)
        if held is None:
            held = as_of(rows, asked - dt.timedelta(days=1)).index.tolist()
        state = as_of(rows, asked).index.tolist()
        if state != held:
            steps.append(day)
            held = state
    return steps


def _ends(layer: Layer) -> set[str]:
    """Days on which a row may begin or cease to be in force."""
    rows = layer.features
    ended = rows[rows["valid_to"].notna()]
    windows = zip(ended["valid_to"], ended["valid_to_precision"], strict=True)
    return {
        *rows["valid_from"].dropna(), *ended["valid_to"],
        *(window_end(day, precision) for day, precision in windows if precision != "day"),
    }  # fmt: skip


def _around(frames: list[gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    """All rows that have an extent and some room around them, in degrees; else the delta."""
    boxes = [frame.total_bounds for frame in frames if frame.geometry.notna().any()]
    if not boxes:
        return DELTA
    west, south = (min(float(box[side]) for box in boxes) - MARGIN_DEG for side in (0, 1))
    east, north = (max(float(box[side]) for box in boxes) + MARGIN_DEG for side in (2, 3))
    return round(west, 6), round(south, 6), round(east, 6), round(north, 6)


def _version_of(leaflet: str) -> str:
    found = re.search(r"Leaflet (\d+\.\d+\.\d+)", leaflet)
    return found[1] if found else "?"
