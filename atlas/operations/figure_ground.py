"""The raster below a figure: which one is asked for, its edition, its cells and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atlas.cartography.figure_raster import RasterPart
from atlas.cartography.figure_sheet import Texts, languages_of
from atlas.core.layer import RASTER
from atlas.core.recipe import GROUND, SHOWN, Recipe
from atlas.errors import FigureRefused, WrongKind
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.ground import CLASSES, Ground, open_ground
from atlas.operations.ground_map import draw_ground

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.operations.ground_map import Drawing


def role_of(folder: Path, recipe: Recipe, layer: str) -> str:
    """What a layer that was asked for is to a figure: shown, or the ground below what is shown.

    Raises
    ------
    LayerNotFound
        If there is no such layer.
    WrongKind
        If it is a raster, which does not change, and the figure shows what changed.
    """
    kind = catalogue.read_info(folder, layer).kind
    if kind != RASTER:
        return SHOWN
    if recipe.until:
        problem = "a figure of what changed shows layers of features"
        raise WrongKind(layer=layer, kind=kind, problem=problem)
    return GROUND


def check_one(recipe: Recipe) -> None:
    """Refuse a second raster.

    Raises
    ------
    FigureRefused
        If a recipe has more than one.
    """
    names = [used.layer for used in recipe.editions if used.role == GROUND]
    if len(names) > 1:
        problem = f"one raster hides another: name one of {', '.join(names)}"
        raise FigureRefused(problem=problem)


def refuse_ground(recipe: Recipe, problem: str) -> None:
    """Refuse any raster, for what can only be made of features.

    Raises
    ------
    WrongKind
        If a recipe has one.
    """
    for used in recipe.editions:
        if used.role == GROUND:
            raise WrongKind(layer=used.layer, kind=RASTER, problem=problem)


def read_ground(folder: Path, recipe: Recipe) -> Ground | None:
    """The raster of a recipe at the very edition that it names, if it has one.

    Raises
    ------
    FigureRefused
        If it has more than one.
    EditionNotFound, HashMismatch, FileDamaged
        If the store does not hold it.
    """
    check_one(recipe)
    for used in recipe.editions:
        if used.role == GROUND:
            return open_ground(
                folder, used.layer, known_by=used.published, edition=used.edition
            )  # fmt: skip
    return None


def raster_part(ground: Ground, lang: str) -> RasterPart:
    """A raster as a sheet shows it: the colours are those of the page of the ground."""
    drawing = draw_ground(ground)
    title = _title(ground, drawing, lang)
    return RasterPart(title, drawing.numbers, drawing.grid, drawing.palette)


def _title(ground: Ground, drawing: Drawing, lang: str) -> Texts:
    """Its title; of a quantity with unit, least and greatest value."""
    if ground.kind == CLASSES:
        return tuple(ground.title[one] for one in languages_of(lang))
    ends = (np.nanmin(drawing.numbers), np.nanmax(drawing.numbers))
    low, high = (f"{end:,.6g}".replace("-", "−") for end in ends)
    return tuple(
        translate(
            "figure.raster_range", one, title=ground.title[one], low=low, high=high,
            unit=ground.unit[one],
        )
        for one in languages_of(lang)
    )  # fmt: skip
