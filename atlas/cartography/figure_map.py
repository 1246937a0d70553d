"""The map inside a figure: layers and labels in the working CRS, and its scale bar.

The working CRS keeps areas true. The scale bar is geodesic: true in the middle of the map,
from west to east.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import CircleCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from pyproj import Transformer

from atlas.cartography.figure_text import HALO, INK, LINE, Box, plain
from atlas.cartography.map_document import look_keys, looks
from atlas.cartography.popup import short_zh
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, length_km, to_working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from atlas.cartography.figure_text import Pen
    from atlas.cartography.map_document import MapDocument, MapLayer
    from atlas.cartography.style import Look

DELTA = (114.8, 27.0, 123.0, 35.2)
"""West, south, east, north of the four provinces: what an empty map shows."""
PIXEL = 0.75
"""Points of a CSS pixel, which styles are written in."""
MARGIN, LEAST_M = 0.04, 20_000.0
"""Room around what a map shows, over its longer side; the least that a map is wide."""
BEYOND = 0.03
"""How far shapes are drawn beyond the map, over its width: their cut edges stay outside."""
ROUND = {"capstyle": "round", "joinstyle": "round"}
"""Ends and corners of lines, as Leaflet draws them."""
LABEL_SIZE, LABEL_GAP = 6.5, 1.0
LABEL_SHIFTS = (0.0, 0.8, -0.8)
"""Heights that are tried for a label, in lines above its point."""
BAR_SHARE, BAR_HEIGHT, BAR_SIZE = 0.3, 3.0, 6.5
STEPS = (5, 2, 1)


@dataclass(frozen=True)
class Drawn:
    """Rows of a layer that have a geometry, in the working CRS, and the look of each."""

    layer: MapLayer
    rows: gpd.GeoDataFrame
    looks: list[Look]


def prepare(document: MapDocument) -> list[Drawn]:
    """Project a document's layers, from bottom to top."""
    return [_prepare(layer) for layer in document.layers]


def _prepare(layer: MapLayer) -> Drawn:
    there = layer.features.geometry.notna() & ~layer.features.geometry.is_empty
    by_key = looks(layer)
    chosen = [by_key[key] for key, drawn in zip(look_keys(layer), there, strict=True) if drawn]
    return Drawn(layer, to_working(layer.features[there]), chosen)


def crop_of(
    drawn: list[Drawn], bounds: tuple[float, float, float, float] | None, panel: Box
) -> Box:
    """What a map shows, in metres: all that was asked, widened to the form of the panel.

    Parameters
    ----------
    drawn
        Without bounds, the map shows these but the background, with a margin; the delta if
        there are none.
    bounds
        West, south, east, north in degrees.
    panel
        Where the map is drawn; only its form counts.
    """
    box = _project(bounds) if bounds else _extent(drawn) or _project(DELTA)
    across = max(box.width, box.height * panel.width / panel.height, LEAST_M)
    along = across * panel.height / panel.width
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return Box(x - across / 2, y - along / 2, x + across / 2, y + along / 2)


def _project(bounds: tuple[float, float, float, float]) -> Box:
    transformer = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True)
    return Box(*transformer.transform_bounds(*bounds))


def _extent(drawn: list[Drawn]) -> Box | None:
    shown = [entry.rows for entry in drawn if not entry.layer.background and len(entry.rows)]
    if not shown:
        return None
    edges = np.array([rows.total_bounds for rows in shown])
    west, south = edges[:, :2].min(axis=0)
    east, north = edges[:, 2:].max(axis=0)
    room = max(east - west, north - south) * MARGIN
    return Box(west - room, south - room, east + room, north + room)


def symbol(look: Look, kind: str) -> dict[str, Any]:
    """A look in Matplotlib's words, the same on the map and in the legend.

    Matplotlib counts dashes in widths of the line.
    """
    dash = tuple(float(length) / look.weight for length in look.dash.split())
    return {
        "facecolor": to_rgba(look.fill, 0.0 if kind == "line" else look.fill_opacity),
        "edgecolor": to_rgba(look.stroke),
        "linewidth": look.weight * PIXEL,
        "linestyle": (0.0, dash) if dash else "solid",
    }


def draw_layers(axes: Axes, drawn: list[Drawn], crop: Box) -> None:
    """Draw layers from bottom to top, rows in their order."""
    for order, entry in enumerate(drawn):
        kind = entry.layer.layer.info.kind
        symbols, shapes = [], []
        for look, shape in zip(entry.looks, _cut(entry.rows, crop), strict=True):
            if not shape.is_empty:
                symbols.append(symbol(look, kind) | {"radius": look.radius * PIXEL})
                shapes.append(shape)
        if shapes:
            made = _points if kind == "point" else _paths
            axes.add_collection(made(axes, shapes, symbols, order), autolim=False)


def _cut(rows: gpd.GeoDataFrame, crop: Box) -> Any:
    """Shapes cut off a little beyond the map."""
    room = crop.width * BEYOND
    return shapely.clip_by_rect(
        rows.geometry.to_numpy(),
        crop.left - room, crop.bottom - room, crop.right + room, crop.top + room,
    )  # fmt: skip


def _styles(symbols: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("facecolor", "edgecolor", "linewidth", "linestyle")
    return {f"{name}s": [entry[name] for entry in symbols] for name in names} | ROUND


def _paths(_: Axes, shapes: list[Any], symbols: list[dict[str, Any]], order: int) -> PathCollection:
    return PathCollection([to_path(shape) for shape in shapes], zorder=order, **_styles(symbols))


def _points(
    axes: Axes, shapes: list[Any], symbols: list[dict[str, Any]], order: int
) -> CircleCollection:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    owned = [symbols[owner] for owner in owners]
    return CircleCollection(
        [math.pi * entry["radius"] ** 2 for entry in owned],
        offsets=shapely.get_coordinates(parts), offset_transform=axes.transData, zorder=order,
        **_styles(owned),
    )  # fmt: skip


def to_path(shape: shapely.Geometry) -> Path:
    """Lines, or the rings of polygons: holes run against the ring around them."""
    parts = shapely.get_parts([shape])
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    lines = rings if len(rings) else parts
    vertices, owners = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    codes[begins] = Path.MOVETO
    if len(rings):
        codes[np.append(begins[1:], len(vertices)) - 1] = Path.CLOSEPOLY
    return Path(vertices, codes)


def draw_labels(pen: Pen, drawn: list[Drawn], lang: str, crop: Box, panel: Box) -> None:
    """Write names of the layers that have labels, topmost first.

    A name that would cover another one moves up or down a little, or is left out.
    """
    taken: list[Box] = []
    scale = panel.width / crop.width
    high = LABEL_SIZE * LINE
    for text, place in _names(drawn, lang, crop):
        x = panel.left + (place.x - crop.left) * scale
        half = pen.width(text, LABEL_SIZE) / 2 + LABEL_GAP
        for shift in LABEL_SHIFTS:
            y = panel.bottom + (place.y - crop.bottom) * scale + shift * high
            box = Box(x - half, y - high / 2, x + half, y + high / 2)
            if panel.holds(box) and not any(box.meets(other) for other in taken):
                taken.append(box)
                pen.write(x, y, text, LABEL_SIZE, align="center", halo=True)
                break


def _names(drawn: list[Drawn], lang: str, crop: Box) -> Iterator[tuple[str, shapely.Point]]:
    """Labels, each with a point inside the part of its feature that the map shows."""
    for entry in reversed(drawn):
        if entry.layer.style.label:
            for row, shape in zip(entry.rows.itertuples(), _cut(entry.rows, crop), strict=True):
                name = short_zh(row.name_zh) if lang == "zh" else row.name_en.split(" (")[0]
                if not shape.is_empty:
                    yield plain(name), shape.representative_point()


def bar_of(crop: Box, panel: Box) -> tuple[float, float]:
    """A round length in km for a scale bar, and the points that it takes on the panel."""
    y = (crop.bottom + crop.top) / 2
    half = crop.width / 2 * BAR_SHARE
    x = (crop.left + crop.right) / 2
    line = gpd.GeoSeries([shapely.LineString([(x - half, y), (x + half, y)])], crs=WORKING_CRS)
    most = float(length_km(line).iloc[0])
    unit = 10.0 ** math.floor(math.log10(most))
    length = next(step * unit for step in STEPS if step * unit <= most)
    return length, panel.width * BAR_SHARE * length / most


def draw_scale_bar(pen: Pen, crop: Box, panel: Box, strip: Box) -> None:
    """Draw a bar of two halves at the left of a strip below the map, its length beside it."""
    length, points = bar_of(crop, panel)
    y = (strip.bottom + strip.top) / 2
    for place, colour in enumerate((INK, HALO)):
        corner = (strip.left + place * points / 2, y - BAR_HEIGHT / 2)
        half = Rectangle(
            corner, points / 2, BAR_HEIGHT, facecolor=colour, edgecolor=INK, linewidth=0.6,
            transform=pen.points,
        )  # fmt: skip
        pen.figure.add_artist(half)
    text = f"{length:g} km" if length >= 1 else f"{length * 1000:g} m"
    pen.write(strip.left + points + BAR_SIZE / 2, y, text, BAR_SIZE)
