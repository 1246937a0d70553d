"""Draw layers for the browser: rows of a day, simplified, as files named by their content."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from atlas.analysis.generalise import (
    SCREEN_TOLERANCE_M,
    dissolve_to,
    simplify_coverage,
    simplify_lines,
)
from atlas.cartography.map_document import MapLayer, map_layer
from atlas.cartography.popup import row_key
from atlas.cartography.web import screen_geojson
from atlas.cartography.web_spec import Focus
from atlas.core.period import as_of
from atlas.io.files import sha256_of, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import Layer

BACKGROUND = ("land", "lakes", "provinces")
"""Layers below every map: drawn, not listed, not clickable."""
BACKGROUND_ONLY = ("land",)
"""Layers that nobody chooses: they are always there."""
DEFAULT_LAYERS = ("cities", "ecological-belts", "innovation-corridors", "rail-lines")
FLY_MARGIN_DEG = 0.02
DISSOLVED = {"cities": "city", "provinces": "province"}


def screen_layer(
    layer: Layer, day: dt.date, *, districts: Layer | None, background: bool = False
) -> MapLayer:
    """Rows of a layer in force on a day, simplified for the screen.

    Districts are simplified once as a coverage; cities and provinces are dissolved from
    the simplified districts, so that all three draw the very same borders. Lines are
    simplified each by itself; planning areas, points and lakes stay as they are.
    """
    rows = as_of(layer.features, day)
    return map_layer(layer, _screen_rows(layer, rows, day, districts), background=background)


def _screen_rows(
    layer: Layer, rows: gpd.GeoDataFrame, day: dt.date, districts: Layer | None
) -> gpd.GeoDataFrame:
    if layer.info.kind == "line":
        return simplify_lines(rows, tolerance_m=SCREEN_TOLERANCE_M)
    if layer.info.id == "districts":
        return simplify_coverage(rows, tolerance_m=SCREEN_TOLERANCE_M)
    if layer.info.id in DISSOLVED and districts is not None:
        children = as_of(districts.features, day)
        simple = simplify_coverage(children, tolerance_m=SCREEN_TOLERANCE_M)
        return dissolve_to(rows, simple, by=DISSOLVED[layer.info.id])
    return rows


def serve(layer: MapLayer, day: dt.date, static: Path) -> str:
    """Write a layer's screen GeoJSON under its content's hash; return its address in static."""
    content = screen_geojson(layer, day)
    name = f"data/{sha256_of(content)[:24]}.json"
    if not (static / name).is_file():
        write_atomically(static / name, content)
    return name


def focus_on(
    layers: list[Layer], address: str | None, day: dt.date, *, choice: tuple[int, str] = (0, "")
) -> Focus | None:
    """Where a link's place (``layer:id``) is; None if none of the layers holds it.

    Rows in force on the day are preferred; where there is none, any version will do.

    Parameters
    ----------
    layers
        Layers that may hold the place.
    address
        The place.
    day
        The day shown.
    choice
        The how-manieth choice of a reader it is, which makes the map fly again, and the key
        of the one row chosen: a version of a part.
    """
    if not address:
        return None
    wanted, _, feature = address.partition(":")
    for layer in layers:
        if layer.info.id != wanted:
            continue
        rows = layer.features[layer.features["id"] == feature]
        rows = rows[rows.geometry.notna()]
        current = as_of(layer.features, day)
        current = rows[rows.index.isin(current.index)]
        rows = current if len(current) else rows
        keys = [row_key(row) for row in rows.itertuples()]
        if choice[1] in keys:
            rows, keys = rows.iloc[[keys.index(choice[1])]], [choice[1]]
        if len(rows):
            west, south, east, north = (float(value) for value in rows.total_bounds)
            margin = FLY_MARGIN_DEG
            box = (west - margin, south - margin, east + margin, north + margin)
            return Focus(box, wanted, address, tuple(keys), choice[0])
    return None
