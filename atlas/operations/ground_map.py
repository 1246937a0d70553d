"""A raster on maps and figures: its colours, its picture, and where the browser finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from pyproj import Transformer

from atlas.cartography.map_document import MapLayer
from atlas.cartography.raster_image import Overlay, mercator_overlay
from atlas.cartography.raster_look import (
    Palette,
    class_palette,
    score_palette,
    step_palette,
)
from atlas.cartography.style import Look, Style, StyleClass
from atlas.core.crs import REGION_BOUNDS, STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.schema import Column
from atlas.i18n import LANGUAGES, in_both
from atlas.io.files import sha256_of, write_atomically
from atlas.operations.grammar import size_text
from atlas.operations.ground import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.core.grid import Grid
    from atlas.operations.ground import Ground
    from atlas.operations.profile import Profile

SIDE_MOST = 1400
"""Cells along a side of what is drawn: of larger rasters every n-th cell."""
LEGEND_MOST = 40
LINE = "ground-line"
"""Id of the line of a profile on the map."""
LINE_COLOUR, LINE_ORDER = "#b3261e", 99
NOBODY = dict.fromkeys(LANGUAGES, "")
SCORE = "score"
"""Name of the raster of the sketch: it has colours of its own."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A raster ready to be drawn: numbers (NaN: none) on a grid, and their colours."""

    numbers: np.ndarray[Any, Any]
    grid: Grid
    palette: Palette


def draw_ground(ground: Ground) -> Drawing:
    """Numbers and colours of the part of a raster that lies in the region.

    Raises
    ------
    FileDamaged
        If cells of a file cannot be unpacked.
    """
    numbers, grid = ground.picture(_region_on(ground.grid), side_most=SIDE_MOST)
    return Drawing(numbers, grid, palette_of(ground, numbers))


def palette_of(ground: Ground, numbers: np.ndarray[Any, Any]) -> Palette:
    """Colours of the values that occur."""
    if ground.name == SCORE:
        return score_palette(ground.unit)
    if ground.kind != CLASSES:
        return step_palette(numbers, ground.unit)
    values = np.unique(numbers[np.isfinite(numbers)])[:LEGEND_MOST].tolist()
    titles = [{lang: ground.class_title(value, lang) for lang in LANGUAGES} for value in values]
    own = ground.facts.colours if ground.facts else {}
    return class_palette(values, ground.classes, own, titles)


def _region_on(grid: Grid) -> tuple[float, float, float, float]:
    """The region of the atlas in the CRS of a grid."""
    if grid.crs.equals(STORAGE_CRS):
        return REGION_BOUNDS
    transformer = Transformer.from_crs(STORAGE_CRS, grid.crs, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*REGION_BOUNDS, densify_pts=51)
    return west, south, east, north


def overlay_of(drawing: Drawing) -> Overlay:
    """The picture that Leaflet shows."""
    return mercator_overlay(drawing.numbers, drawing.grid, drawing.palette)


def serve_overlay(overlay: Overlay, static: Path) -> str:
    """Write a picture of the record under its content's hash; return its address in static.

    Only of layers and of what is made from them: a file of a user's own never lies on the server.
    """
    name = f"data/{sha256_of(overlay.png)[:24]}.png"
    if not (static / name).is_file():
        write_atomically(static / name, overlay.png)
    return name


def line_layer(found: Profile) -> MapLayer:
    """The line of a profile as a layer that a map can draw."""
    shape = found.line.shape
    table: dict[str, Any] = {
        "id": ["line"], "plan_version": ["current"], "part": ["whole"], "status": ["in-force"],
        "sourced": [True], "unsourced": [[]], "change": [LINE],
        "valid_from": [None], "valid_from_precision": [None], "valid_to": [None],
        "valid_to_precision": [None],
    }  # fmt: skip
    for lang in LANGUAGES:
        table[f"name_{lang}"] = [found.line.title[lang]]
        table[f"size_{lang}"] = [size_text(found.way.length_km, "km", lang)]
    rows = gpd.GeoDataFrame(table, geometry=[shape], crs=STORAGE_CRS)
    edition = found.line.edition or Edition(LINE, 1, found.day, "", 1, "")
    info = LayerInfo(
        id=LINE, theme="rail", kind="line", title=found.line.title,
        description=found.line.title, style=LINE, licence="", attribution=NOBODY,
        source=NOBODY, accuracy=NOBODY,
        columns=(Column("size", title=in_both("change.column.size")),),
    )  # fmt: skip
    look = Look(fill=LINE_COLOUR, stroke=LINE_COLOUR, fill_opacity=0.0, weight=3.5)
    classes = (StyleClass(LINE, in_both("ground.followed"), look),)
    style = Style(LINE, "change", classes, order=LINE_ORDER, popup=("size",))
    return MapLayer(Layer(info, edition, rows), rows, style)
