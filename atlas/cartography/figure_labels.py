"""Names on a map that do not collide: most important first, each tried at several places.

A greedy placement with bounding boxes (after Imhof 1975 and Christensen, Marks and Shieber
1995): a name takes the first of its places that is free, and is left out where none is. How
many names a map bears depends on its size on paper, so that a small scale shows only the
most important ones. The same map gives the same names at the same places.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.colors import to_hex, to_rgb

from atlas.cartography.figure_map import PIXEL, Drawn, cut
from atlas.cartography.figure_text import INK, LINE, SQUARE, Box
from atlas.cartography.popup import short_zh
from atlas.core.schema import missing_to_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from atlas.cartography.figure_frame import MapFrame
    from atlas.cartography.figure_sheet import Sheet
    from atlas.cartography.figure_write import Writer

IMPORTANCE = ("census_2020", "population")
"""Columns that say how important a feature is; else its size on the map."""
TIERS = ((8_000_000.0, 9.0), (4_000_000.0, 8.0), (1_500_000.0, 7.0), (0.0, 6.0))
"""Population from which, and size of letters on A4."""
FEATURE_SIZE, FEATURE_WIDTH, FEATURE_LINES = 6.5, 84.0, 4
ROOM_PER_NAME = 1_500.0
"""Square points of map that a name needs on A4."""
POINTS_SHOWN = 250
"""Up to so many points are kept free of names."""
GAP, GRID, DARK = 1.2, 5, 0.62
EVEN_STEPS = (1.0, 1.05, 1.1, 1.2, 1.3, 1.45, 1.6)
LEAST_SHARE = 0.2
"""A feature of which the map shows less than this is not named, unless that is large."""
LARGE = 4.0
"""Over the area of the name."""


@dataclass(frozen=True)
class Name:
    """A name, how it is written, and the middles at which it is tried, in points."""

    lines: tuple[str, ...]
    size: float
    colour: str
    rank: tuple[float, ...]
    places: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Placed:
    """A name at its place."""

    name: Name
    box: Box


def place_names(
    names: Iterable[Name], writer: Writer, panel: Box, taken: list[Box], *, most: int
) -> tuple[list[Placed], list[Name]]:
    """Give every name a place that is free, most important first.

    Returns
    -------
    placed
        Those that fit.
    left_out
        Those that do not.
    """
    placed: list[Placed] = []
    left_out: list[Name] = []
    held = list(taken)
    for name in sorted(names, key=lambda name: (name.rank, name.lines, name.places)):
        box = _free(name, writer, panel, held) if len(placed) < most else None
        if box is None:
            left_out.append(name)
        else:
            placed.append(Placed(name, box))
            held.append(box)
    return placed, left_out


def _free(name: Name, writer: Writer, panel: Box, held: list[Box]) -> Box | None:
    wide = max(writer.width(line, name.size) for line in name.lines) + 2 * GAP
    high = len(name.lines) * name.size * LINE
    for x, y in name.places:
        box = Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if panel.holds(box) and not any(box.meets(other) for other in held):
            return box
    return None


def draw_names(
    writer: Writer, sheet: Sheet, drawn: list[Drawn], named: list[Drawn], frame: MapFrame,
    taken: list[Box],
) -> int:  # fmt: skip
    """Write the names of a map; return how many of its own features found no room.

    Parameters
    ----------
    writer, sheet
        What writes, and what the page shows.
    drawn, named
        Layers of the map, and those that only give names, in the working CRS.
    frame
        Where the map is.
    taken
        Boxes on the page that no name may touch.
    """
    letters = sheet.page.letters
    own = [entry for entry in drawn if not entry.layer.background]
    names: list[Name] = []
    for order, entry in enumerate(reversed(own)):
        names += _of_layer(writer, sheet, entry, frame, order)
    others = [
        name for entry in reversed(named) for name in _of_layer(writer, sheet, entry, frame, 0)
    ]
    panel = frame.panel
    most = max(int(panel.width * panel.height / (ROOM_PER_NAME * letters**2)), 3)
    free = taken + _dots(own, frame)
    placed, left_out = place_names([*names, *others], writer, panel, free, most=most)
    for one in placed:
        _write(writer, one)
    told = {name.lines for name in names} - {one.name.lines for one in placed}
    return len({name.lines for name in left_out} & told)


def _write(writer: Writer, placed: Placed) -> None:
    x = (placed.box.left + placed.box.right) / 2
    size = placed.name.size
    for place, line in enumerate(placed.name.lines):
        y = placed.box.top - (place + 0.5) * size * LINE
        writer.write(x, y, line, size, align="center", halo=True, colour=placed.name.colour)


def _dots(own: list[Drawn], frame: MapFrame) -> list[Box]:
    """What the points of a map cover, unless there are so many that no name would fit."""
    boxes: list[Box] = []
    for entry in own:
        shapes = cut(entry.rows, frame.crop) if entry.layer.layer.info.kind == "point" else []
        kept = [(shape, look) for shape, look in zip(shapes, entry.looks, strict=False)
                if not shape.is_empty]  # fmt: skip
        if len(kept) <= POINTS_SHOWN:
            for shape, look in kept:
                x, y = frame.to_page(shape.x, shape.y)
                half = look.radius * PIXEL
                boxes.append(Box(x - half, y - half, x + half, y + half))
    return boxes


def _of_layer(
    writer: Writer, sheet: Sheet, entry: Drawn, frame: MapFrame, order: int
) -> Iterator[Name]:  # fmt: skip
    """Names of the features of a layer that the map shows, each feature once."""
    best: dict[str, tuple[float, Any, Any, Any]] = {}
    sizes = shapely.area if entry.layer.layer.info.kind == "polygon" else shapely.length
    shapes = cut(entry.rows, frame.crop, room=0.0)
    whole = sizes(entry.rows.geometry.to_numpy())
    shown = sizes(shapes)
    rows = zip(entry.rows.itertuples(), entry.looks, shapes, shown, whole, strict=True)
    for row, look, shape, size, full in rows:
        if shape.is_empty or (full and size < LEAST_SHARE * full and not _is_large(size, frame)):
            continue
        if row.id not in best or size > best[row.id][0]:
            best[row.id] = (size, row, look, shape)
    for size, row, look, shape in best.values():
        yield _name(writer, sheet, entry, frame, order, (size, row, look, shape))


def _is_large(size: float, frame: MapFrame) -> bool:
    return size * frame.scale**2 > LARGE * FEATURE_WIDTH * FEATURE_SIZE


def _name(
    writer: Writer, sheet: Sheet, entry: Drawn, frame: MapFrame, order: int,
    feature: tuple[float, Any, Any, Any],
) -> Name:  # fmt: skip
    size_m, row, look, shape = feature
    letters = sheet.page.letters
    weight = _importance(row)
    is_town = entry.layer.style.label or weight is not None
    size = _letters(weight) * letters if is_town else FEATURE_SIZE * letters
    texts = dict.fromkeys(_text(row, lang) for lang in sheet.languages)
    lines = tuple(
        line for text in texts for line in _balanced(writer, text, size, FEATURE_WIDTH * letters)
    )
    high, wide = len(lines) * size * LINE, max(writer.width(line, size) for line in lines)
    kind = entry.layer.layer.info.kind
    beside = (wide / 2 + look.radius * PIXEL + 2 * GAP, high / 2 + look.radius * PIXEL + GAP)
    places = [frame.to_page(x, y) for x, y in spots(shape, kind)]
    if kind == "point":
        places = _around(places[0], beside)
    big = is_town and (weight or 0.0) >= TIERS[0][0]
    group = 0.0 if big else 2.0 if is_town else 3.0 if kind == "point" else 1.0
    rank = (group, float(order), -(weight or 0.0), -float(size_m))
    colour = INK if is_town else darker(look.stroke)
    return Name(lines, size, colour, rank, tuple(places))


def _text(row: Any, lang: str) -> str:
    """A feature's name without 市 and without what stands in brackets after it."""
    if lang == "zh":
        return short_zh(re.split("[（(]", row.name_zh)[0]) or str(row.name_zh)
    return str(row.name_en).split(" (")[0]


def _balanced(writer: Writer, text: str, size: float, width: float) -> list[str]:
    """Lines of about the same length, as few as fit into a width; one at least."""
    text = writer.readable(text) or SQUARE
    lines = writer.fit(text, size, width, most=FEATURE_LINES)
    even = writer.width(text, size) / len(lines)
    for step in EVEN_STEPS:
        closer = writer.fit(text, size, min(even * step, width), most=FEATURE_LINES + 1)
        if len(closer) == len(lines):
            return closer
    return lines


def _importance(row: Any) -> float | None:
    for column in IMPORTANCE:
        value = missing_to_none(getattr(row, column, None))
        if value is not None:
            return float(str(value))
    return None


def _letters(weight: float | None) -> float:
    return next(size for least, size in TIERS if (weight or 0.0) >= least)


def darker(colour: str) -> str:
    """A colour dark enough for letters on a pale ground.

    >>> darker("#ffffff")
    '#9e9e9e'
    """
    red, green, blue = (part * DARK for part in to_rgb(colour))
    return to_hex((red, green, blue))


def spots(shape: shapely.Geometry, kind: str) -> list[tuple[float, float]]:
    """Places in a shape at which its name may stand, best first, in metres."""
    if kind == "point":
        return [(shape.x, shape.y)]
    if kind == "line":
        longest = max(shapely.get_parts(shape), key=lambda part: part.length)
        at = [longest.interpolate(share, normalized=True) for share in (0.5, 0.35, 0.65, 0.2, 0.8)]
        return [(point.x, point.y) for point in at]
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    point = largest.representative_point()
    west, south, east, north = largest.bounds
    steps = (np.arange(GRID) + 0.5) / GRID
    x, y = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    shapely.prepare(largest)
    inside = shapely.contains_xy(largest, x.ravel(), y.ravel())
    rest = sorted(
        zip(x.ravel()[inside].tolist(), y.ravel()[inside].tolist(), strict=True),
        key=lambda place: (math.dist(place, (point.x, point.y)), place),
    )
    return [(point.x, point.y), *rest]


def _around(
    middle: tuple[float, float], beside: tuple[float, float]
) -> list[tuple[float, float]]:  # fmt: skip
    """Right, left, above and below a point, then its corners."""
    (x, y), (dx, dy) = middle, beside
    sides = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
    return [(x + right * dx, y + up * dy) for right, up in sides]
