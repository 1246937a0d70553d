"""What a figure is drawn from: the editions of a recipe, read and made simple for paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from atlas.analysis.generalise import simplify_coverage, simplify_lines
from atlas.cartography.figure_map import DELTA
from atlas.cartography.figure_raster import hollow
from atlas.cartography.figure_sheet import Outline, languages_of
from atlas.cartography.map_document import MapDocument, MapLayer, map_document, map_layer
from atlas.core.crs import STORAGE_CRS, to_working
from atlas.core.layer import Layer
from atlas.core.paper import PAPERS, POINTS_PER_INCH
from atlas.core.period import as_of
from atlas.core.recipe import BASE, NAMES, PLACE, SHOWN, UNITS, EditionUsed, Recipe
from atlas.core.view import place_parts
from atlas.errors import FigureRefused, NothingThere
from atlas.io import catalogue
from atlas.io.files import read_bytes, sha256_of
from atlas.operations.change_map import changes_layer
from atlas.operations.compare import Comparison, compare_days, list_units
from atlas.operations.web_map import BACKGROUND

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from atlas.core.layer import Edition
    from atlas.operations.ground import Ground

Bounds = tuple[float, float, float, float]
Reader = Callable[[EditionUsed], Layer]
COVERAGES = ("cities", "districts", "provinces")
"""Layers whose features touch and never overlap: their borders stay shared."""
ON_PAPER_M = 0.00004
"""What no reader sees on paper: shapes are simplified by this much at the map's scale."""
MAP_SHARE = 0.7
"""How much of a page's width a map takes, about."""
METRES_PER_INCH = 0.0254
MARGIN, LEAST_MARGIN_DEG = 0.06, 0.02
"""Room around a place, over its longer side."""


def edition_used(folder: Path, edition: Edition, role: str) -> EditionUsed:
    """Pin an edition, and the file that says what its layer is."""
    about = sha256_of(read_bytes(folder / edition.layer / "layer.toml"))
    return EditionUsed(
        edition.layer, edition.edition, edition.published, edition.sha256, about, role
    )


def reader_of(folder: Path) -> Reader:
    """Reads each pinned edition once; its hash is checked."""
    held: dict[tuple[str, int], Layer] = {}

    def read(used: EditionUsed) -> Layer:
        key = (used.layer, used.edition)
        if key not in held:
            found = catalogue.find_edition(
                folder, used.layer, known_by=used.published, number=used.edition
            )
            held[key] = catalogue.read_layer(folder, found)
        return held[key]

    return read


def of_role(recipe: Recipe, role: str) -> list[EditionUsed]:
    """Editions that a recipe uses for one purpose, in their order."""
    return [used for used in recipe.editions if used.role == role]


def outline_of(recipe: Recipe, read: Reader) -> Outline | None:
    """The place that a figure is about, if it is a feature."""
    for used in of_role(recipe, PLACE):
        _, feature = place_parts(recipe.place)
        rows = as_of(read(used).features, shown_day(recipe))
        rows = rows[(rows["id"] == feature) & rows.geometry.notna()]
        if len(rows):
            shape = shapely.union_all(rows.geometry.to_numpy())
            names = rows.iloc[0]
            told = tuple(str(names[f"name_{lang}"]) for lang in languages_of(recipe.lang))
            return Outline(shape, told)
    return None


def bounds_of_place(shape: shapely.Geometry) -> Bounds:
    """A place and some room around it, in degrees."""
    west, south, east, north = shape.bounds
    room = max(LEAST_MARGIN_DEG, MARGIN * max(east - west, north - south))
    return (
        round(west - room, 6), round(south - room, 6), round(east + room, 6),
        round(north + room, 6),
    )  # fmt: skip


def shown_day(recipe: Recipe) -> dt.date:
    """The day that a map shows: the later state of two."""
    return recipe.until or recipe.day


def read_comparison(recipe: Recipe, read: Reader) -> Comparison | None:
    """What changed between the two days of a recipe, if it has two."""
    if recipe.until is None:
        return None
    shown = of_role(recipe, SHOWN)
    if len(shown) != 1:
        raise FigureRefused(problem="two days compare one layer: name one")
    units = list_units([read(unit) for unit in of_role(recipe, UNITS)])
    return compare_days(
        read(shown[0]), recipe.day, recipe.until, known_by=recipe.known_by, units=units
    )  # fmt: skip


def read_document(
    recipe: Recipe, read: Reader, comparison: Comparison | None, ground: Ground | None = None
) -> MapDocument:
    """The map of a recipe, simplified for its paper; above a raster areas are outlines.

    Raises
    ------
    NothingThere
        If none of its layers, nor its raster, has anything on the day in the place.
    """
    day = shown_day(recipe)
    shown = [changes_layer(comparison)] if comparison else read_shown(recipe, read)
    _check_any(recipe, shown, outline_of(recipe, read), ground)
    if ground:
        shown = [hollow(layer) for layer in shown]
    below = [_rows_layer(read(used), day, background=True) for used in of_role(recipe, BASE)]
    tolerance_m = ON_PAPER_M * scale_of(recipe, shown)
    simple = [_simple(layer, tolerance_m) for layer in [*below, *shown]]
    return map_document(simple, day=day, known_by=recipe.known_by)


def read_shown(recipe: Recipe, read: Reader) -> list[MapLayer]:
    """The layers that were asked for, as of the day that a map shows."""
    return [_rows_layer(read(used), shown_day(recipe)) for used in of_role(recipe, SHOWN)]


def read_names(recipe: Recipe, read: Reader) -> tuple[MapLayer, ...]:
    """Layers of which a map only writes the names, as of its day."""
    return tuple(_rows_layer(read(used), shown_day(recipe)) for used in of_role(recipe, NAMES))


def read_locator(recipe: Recipe, read: Reader) -> tuple[MapLayer, ...]:
    """Layers by which a reader finds where the map lies, drawn on it or not."""
    used = {one.layer: one for one in recipe.editions if one.layer in BACKGROUND}
    layers = [read(used[name]) for name in BACKGROUND if name in used]
    return tuple(_rows_layer(layer, shown_day(recipe), background=True) for layer in layers)


def _rows_layer(layer: Layer, day: dt.date, *, background: bool = False) -> MapLayer:
    return map_layer(layer, as_of(layer.features, day), background=background)


def _check_any(
    recipe: Recipe, shown: list[MapLayer], outline: Outline | None, ground: Ground | None
) -> None:
    where = outline.shape if outline else shapely.box(*recipe.bounds) if recipe.bounds else None
    if ground and (where is None or shapely.box(*ground.grid.bounds).intersects(where)):
        return
    for layer in shown:
        shapes = layer.features.geometry[layer.features.geometry.notna()]
        if len(shapes) and (where is None or shapes.intersects(where).any()):
            return
    day = " – ".join(day.isoformat() for day in (recipe.day, recipe.until) if day)
    raise NothingThere(layers=", ".join(recipe.layers), day=day, place=recipe.place or "*")


def extent_of(recipe: Recipe, shown: list[MapLayer]) -> Bounds:
    """What a map shows, in degrees: the place, else all features, else the delta."""
    if recipe.bounds:
        return recipe.bounds
    edges = [layer.features.total_bounds for layer in shown if len(layer.features)]
    known = [edge for edge in edges if np.isfinite(edge).all()]
    if not known:
        return DELTA
    table = np.array(known)
    west, south = table[:, :2].min(axis=0).tolist()
    east, north = table[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def width_m(bounds: Bounds) -> float:
    """The longer side of a box in degrees, in metres of the working CRS."""
    box = gpd.GeoDataFrame(geometry=[shapely.box(*bounds)], crs=STORAGE_CRS)
    west, south, east, north = to_working(box).total_bounds.tolist()
    return float(max(east - west, north - south))


def scale_of(recipe: Recipe, shown: list[MapLayer]) -> float:
    """About how many metres on the ground are one on the paper."""
    wide = PAPERS[recipe.paper].size_points(recipe.orientation)[0]
    return width_m(extent_of(recipe, shown)) / (
        wide / POINTS_PER_INCH * METRES_PER_INCH * MAP_SHARE
    )


def _simple(layer: MapLayer, tolerance_m: float) -> MapLayer:
    rows, kind = layer.features, layer.layer.info.kind
    if kind == "point" or len(rows) == 0:
        return layer
    if layer.id in COVERAGES:
        rows = simplify_coverage(rows, tolerance_m=tolerance_m)
    else:
        rows = simplify_lines(rows, tolerance_m=tolerance_m)
    return MapLayer(layer.layer, rows, layer.style, layer.background)
