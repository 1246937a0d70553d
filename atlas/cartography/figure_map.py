"""The map inside a figure: layers and labels in the working CRS, and its scale bar.

The working CRS keeps areas true. The scale bar is geodesic: true in the middle of the map,
from west to east.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import CircleCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from pyproj import Transformer

from atlas.cartography.figure_text import HALO, INK, LINE, POINTS_PER_INCH, Box, plain
from atlas.cartography.map_document import look_keys, looks
from atlas.cartography.popup import short_zh
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, length_km, to_working

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
HATCH_WIDTH = 0.35
GRID_DECIMALS = 2
BARE = {"facecolor": "none", "edgecolor": "none", "linewidth": 0.0, "linestyle": "solid"}
"""A hatch is a shape of its own: as part of a pale one it would be pale in SVG."""
SEA, FRAME, FRAME_ORDER = "#d7e8f2", "#555555", 1000
"""The sea is as in ``browser/atlas.css``."""
CORE, CORE_DASH, BROKEN_CORE, CENTRES = (
    0.36, (9.0, 7.0), "core-dashes", {"dot": 0.45, "full": 1.0}
)  # fmt: skip
"""Marks of classes, so that they differ on grey paper too: width of a line's pale middle over
the line's, its dashes in its widths, radius of a point's dark middle over the point's."""
LABEL_SIZE, LABEL_GAP = 6.5, 1.0
LABEL_SHIFTS = (0.0, 0.8, -0.8)
"""Heights that are tried for a label, in lines above its point."""
BAR_SHARE, BAR_HEIGHT, BAR_SIZE = 0.3, 3.0, 6.5
STEPS = (5, 2, 1)


@dataclass(frozen=True)
class Drawn:
    """Rows of a layer that have a geometry, in the working CRS, with look and mark of each."""

    layer: MapLayer
    rows: gpd.GeoDataFrame
    looks: list[Look]
    marks: list[str]


def prepare(document: MapDocument) -> list[Drawn]:
    """Project a document's layers, from bottom to top."""
    return [_prepare(layer) for layer in document.layers]


def _prepare(layer: MapLayer) -> Drawn:
    there = layer.features.geometry.notna() & ~layer.features.geometry.is_empty
    by_key = looks(layer)
    keys = [key for key, drawn in zip(look_keys(layer), there, strict=True) if drawn]
    marks = {entry.value: entry.mark for entry in layer.style.classes}
    return Drawn(
        layer, to_working(layer.features[there]), [by_key[key] for key in keys],
        [marks[value] for value, _ in keys],
    )  # fmt: skip


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
    box = project(bounds) if bounds else _extent(drawn) or project(DELTA)
    across = max(box.width, box.height * panel.width / panel.height, LEAST_M)
    along = across * panel.height / panel.width
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return Box(x - across / 2, y - along / 2, x + across / 2, y + along / 2)


def project(bounds: tuple[float, float, float, float]) -> Box:
    """A box in degrees as the box around it in metres."""
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


def draw_layers(axes: Axes, drawn: list[Drawn], crop: Box, *, marked: bool = False) -> None:
    """Draw layers from bottom to top, rows in their order; on request with the marks of classes.

    Rows that share a mark are drawn together.
    """
    for order, entry in enumerate(drawn):
        kind = entry.layer.layer.info.kind
        shapes = cut(entry.rows, crop)
        marks = entry.marks if marked else [""] * len(shapes)
        for mark in dict.fromkeys(marks):
            rows = zip(entry.looks, shapes, marks, strict=True)
            held = [(look, shape) for look, shape, of in rows if of == mark and not shape.is_empty]
            if held:
                _draw_rows(axes, held, kind, mark, order)


def _draw_rows(
    axes: Axes, held: list[tuple[Look, Any]], kind: str, mark: str, order: int
) -> None:  # fmt: skip
    symbols = [symbol(look, kind) | {"radius": look.radius * PIXEL} for look, _ in held]
    shapes = [shape for _, shape in held]
    if kind == "point":
        axes.add_collection(_points(axes, shapes, symbols, order), autolim=False)
        if mark:
            centres = [dict(entry) | centre_of(entry, mark) for entry in symbols]
            axes.add_collection(_points(axes, shapes, centres, order), autolim=False)
        return
    axes.add_collection(_paths(axes, shapes, symbols, order), autolim=False)
    if mark and kind == "polygon":
        strokes = [entry["edgecolor"] for entry in symbols]
        bare = [dict(entry) | BARE for entry in symbols]
        hatched = _paths(axes, shapes, bare, order)
        hatched.set(hatch=mark, hatchcolor=strokes)
        hatched.set_hatch_linewidth(HATCH_WIDTH)
        axes.add_collection(hatched, autolim=False)
    elif mark:
        cores = [dict(entry) | core_of(entry, mark) for entry in symbols]
        inner = _paths(axes, shapes, cores, order)
        inner.set_capstyle("butt")
        axes.add_collection(inner, autolim=False)


def snapped(drawn: list[Drawn], crop: Box, scale: float) -> list[Drawn]:
    """Layers whose corners lie on a grid of the page, so that vector files stay small.

    Parameters
    ----------
    drawn
        Layers in metres.
    crop
        What the map shows, in metres.
    scale
        Points of the page a metre; the grid is a hundredth of a point.
    """
    origin = np.array([crop.left, crop.bottom])

    def snap(xy: np.ndarray) -> np.ndarray:
        onto: np.ndarray = np.round((xy - origin) * scale, GRID_DECIMALS) / scale + origin
        return onto

    return [
        replace(entry, rows=entry.rows.set_geometry(shapely.transform(cut(entry.rows, crop), snap)))
        for entry in drawn
    ]


def core_of(look: dict[str, Any], mark: str) -> dict[str, Any]:
    """The pale middle of a line: whole, or broken as railways are drawn."""
    broken = mark == BROKEN_CORE and look["linestyle"] == "solid"
    return {
        "facecolor": "none", "edgecolor": to_rgba(HALO), "linewidth": look["linewidth"] * CORE,
        "linestyle": (0.0, CORE_DASH) if broken else look["linestyle"],
    }  # fmt: skip


def centre_of(look: dict[str, Any], mark: str) -> dict[str, Any]:
    """The dark middle of a point; a broken outline is never filled up to it.

    A hatch, which only areas can carry, is a dot in a point.
    """
    least = min(CENTRES.values())
    share = CENTRES.get(mark, least) if look["linestyle"] == "solid" else least
    radius = look["radius"] * share
    return BARE | {"facecolor": look["edgecolor"], "radius": radius}


def map_axes(figure: Figure, panel: Box, crop: Box) -> Axes:
    """Axes without ticks: the panel on the page in points, the crop in metres."""
    wide, high = (float(side) * POINTS_PER_INCH for side in figure.get_size_inches())
    axes = figure.add_axes(
        (panel.left / wide, panel.bottom / high, panel.width / wide, panel.height / high),
        facecolor=SEA, xlim=(crop.left, crop.right), ylim=(crop.bottom, crop.top),
        xticks=[], yticks=[],
    )  # fmt: skip
    for spine in axes.spines.values():
        spine.set(color=FRAME, linewidth=0.7, zorder=FRAME_ORDER)
    return axes


def cut(rows: gpd.GeoDataFrame, crop: Box, *, room: float = BEYOND) -> Any:
    """Shapes cut off a little beyond the map: so much of its width."""
    beyond = crop.width * room
    return shapely.clip_by_rect(
        rows.geometry.to_numpy(),
        crop.left - beyond, crop.bottom - beyond, crop.right + beyond, crop.top + beyond,
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
            for row, shape in zip(entry.rows.itertuples(), cut(entry.rows, crop), strict=True):
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
