"""Around the map of a page: graticule, scale bar, north arrow.

The scale is geodesic and true at the middle latitude of the map, from west to east; the
arrow points to true north at the map's middle, which in the equal-area projection is not
quite the top of the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Affine2D
from pyproj import Transformer

from atlas.cartography.figure_map import bar_of
from atlas.cartography.figure_text import HALO, INK, Box
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, to_working_coordinates

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlas.cartography.figure_write import Writer

MM_PER_POINT = 25.4 / 72.0
STEPS_MINUTES = (600, 300, 120, 60, 30, 20, 10, 5, 2, 1)
SPACING = 46.0
"""Least distance between two lines of the graticule on A4, in points."""
TICK_SIZE, TICK_GAP = 5.5, 2.0
LINES, LINE_WIDTH, LINE_ALPHA, LINE_ORDER = "#4a6472", 0.35, 0.55, 500
DENSE = 60
ARROW = (12.0, 24.0)
"""Width and height of the north arrow on A4, in points."""
BAR_HEIGHT, BAR_SIZE, ABOVE_BAR = 3.2, 6.5, 0.7
PLATE, PLATE_ALPHA = "plate", 0.82


@dataclass(frozen=True)
class MapFrame:
    """Where the map lies: the panel in points, the crop in metres of the working CRS."""

    panel: Box
    crop: Box

    @property
    def scale(self) -> float:
        """Points a metre."""
        return self.panel.width / self.crop.width

    def to_page(self, x: float, y: float) -> tuple[float, float]:
        """Page position of a place in metres."""
        return (
            self.panel.left + (x - self.crop.left) * self.scale,
            self.panel.bottom + (y - self.crop.bottom) * self.scale,
        )

    def middle_degrees(self) -> tuple[float, float]:
        """Longitude and latitude of the map's middle."""
        crop = self.crop
        back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True)
        lon, lat = back.transform((crop.left + crop.right) / 2, (crop.bottom + crop.top) / 2)
        return float(lon), float(lat)


@dataclass(frozen=True)
class Graticule:
    """Lines in metres, and where each meets the frame: page coordinate and words."""

    lines: tuple[np.ndarray, ...]
    below: tuple[tuple[float, str], ...]
    beside: tuple[tuple[float, str], ...]


def graticule(frame: MapFrame, *, spacing: float) -> Graticule:
    """Meridians and parallels at round minutes, at least so many points apart."""
    crop = frame.crop
    back = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True)
    west, south, east, north = back.transform_bounds(
        crop.left, crop.bottom, crop.right, crop.top, densify_pts=21
    )
    lon, lat = (west + east) / 2, (south + north) / 2
    ends = to_working_coordinates(np.array([[lon, lat], [lon + 1, lat], [lon, lat + 1]]))
    degree = min(math.dist(ends[0], ends[1]), math.dist(ends[0], ends[2])) * frame.scale
    fitting = [step for step in STEPS_MINUTES if step / 60 * degree >= spacing]
    step = min(fitting, default=STEPS_MINUTES[0])
    lons, lats = _rounds(west, east, step), _rounds(south, north, step)
    along = np.linspace(south - 1, north + 1, DENSE)
    across = np.linspace(west - 1, east + 1, DENSE)
    meridians = [_line(np.full(DENSE, lon / 60), along) for lon in lons]
    parallels = [_line(across, np.full(DENSE, lat / 60)) for lat in lats]
    below = [
        (frame.to_page(float(np.interp(crop.bottom, line[:, 1], line[:, 0])), 0)[0], minute)
        for line, minute in zip(meridians, lons, strict=True)
    ]
    beside = [
        (frame.to_page(0, float(np.interp(crop.left, line[:, 0], line[:, 1])))[1], minute)
        for line, minute in zip(parallels, lats, strict=True)
    ]
    return Graticule(
        tuple(meridians + parallels),
        tuple((place, degrees_text(minute, "EW")) for place, minute in below),
        tuple((place, degrees_text(minute, "NS")) for place, minute in beside),
    )


def _rounds(low: float, high: float, step: int) -> list[int]:
    """Multiples of a step of minutes between two degrees."""
    return list(range(math.ceil(low * 60 / step) * step, math.floor(high * 60) + 1, step))


def _line(lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    return to_working_coordinates(np.column_stack([lons, lats]))


def degrees_text(minutes: int, sides: str) -> str:
    """Write a round number of minutes of arc.

    >>> degrees_text(7170, "EW"), degrees_text(-60, "NS")
    ('119°30′E', '1°S')
    """
    degree, minute = divmod(abs(minutes), 60)
    side = sides[0] if minutes >= 0 else sides[1]
    return f"{degree}°{f'{minute:02d}′' if minute else ''}{side}"


def draw_graticule(writer: Writer, axes: Axes, frame: MapFrame, *, letters: float) -> None:
    """Draw the lines inside the map and write their degrees below and left of it."""
    lines = graticule(frame, spacing=SPACING * letters)
    axes.add_collection(
        LineCollection(
            list(lines.lines), colors=LINES, linewidths=LINE_WIDTH * letters, alpha=LINE_ALPHA,
            zorder=LINE_ORDER,
        ),
        autolim=False,
    )  # fmt: skip
    size, panel = TICK_SIZE * letters, frame.panel
    for x, text in lines.below:
        if panel.left + writer.width(text, size) / 2 < x < panel.right:
            y = panel.bottom - TICK_GAP - size * 0.6
            half = writer.width(text, size) / 2
            writer.write(min(x, panel.right - half), y, text, size, align="center")
    for y, text in lines.beside:
        if panel.bottom + size < y < panel.top - size / 2:
            writer.write(panel.left - TICK_GAP, y, text, size, align="right")


def gutter_of(writer: Writer, *, letters: float) -> float:
    """Width that degrees take left of the map, in points."""
    return writer.width("00°00′N", TICK_SIZE * letters) + TICK_GAP


def draw_north(writer: Writer, frame: MapFrame, words: str, *, letters: float) -> Box:
    """Draw the arrow in the map's upper right corner; return what it covers."""
    wide, high = (side * letters for side in ARROW)
    room = 4.0 * letters
    size = BAR_SIZE * letters
    text = writer.width(words, size)
    box = Box(
        frame.panel.right - max(wide, text) - 3 * room,
        frame.panel.top - high - size * 1.5 - 2.5 * room, frame.panel.right - room,
        frame.panel.top - room,
    )  # fmt: skip
    plate(writer, box)
    x, y = (box.left + box.right) / 2, box.bottom + room / 2 + high / 2
    turn = Affine2D().rotate_deg(north_angle(frame)).translate(x, y) + writer.points
    for side, colour in ((-1, INK), (1, HALO)):
        half = [(0, high / 2), (side * wide / 2, -high / 2), (0, -high / 4)]
        writer.figure.add_artist(
            Polygon(half, closed=True, facecolor=colour, edgecolor=INK, linewidth=0.5 * letters,
                    transform=turn, zorder=1.5)
        )  # fmt: skip
    writer.write(x, box.top - room / 2 - size * 0.75, words, size, align="center")
    return box


def north_angle(frame: MapFrame) -> float:
    """Degrees from the page's top, against the clock, to true north at the map's middle."""
    lon, lat = frame.middle_degrees()
    (x, y), (x2, y2) = to_working_coordinates(np.array([[lon, lat], [lon, lat + 0.01]]))
    return math.degrees(math.atan2(x - x2, y2 - y))


def plate(writer: Writer, box: Box) -> None:
    """A pale ground below words on the map."""
    writer.figure.add_artist(
        Rectangle((box.left, box.bottom), box.width, box.height, facecolor=HALO,
                  alpha=PLATE_ALPHA, edgecolor="none", transform=writer.points, zorder=1.2,
                  label=PLATE)
    )  # fmt: skip


def ratio_of(frame: MapFrame) -> float:
    """How many metres on the ground one metre on the paper is, at the middle latitude."""
    length_km, points = bar_of(frame.crop, frame.panel)
    return length_km * 1e6 / (points * MM_PER_POINT)


def ratio_text(ratio: float) -> str:
    """A scale with three figures.

    >>> ratio_text(2_543_210.0)
    '1 : 2,540,000'
    """
    unit = 10 ** max(math.floor(math.log10(ratio)) - 2, 0)
    return f"1 : {round(ratio / unit) * unit:,}"


def draw_scale(writer: Writer, frame: MapFrame, y: float, words: str, *, letters: float) -> float:
    """Draw the scale bar below the map, its middle at a height; return where it ends.

    Its two halves carry 0, the half and the whole length; ``words`` stand after it.
    """
    length, points = bar_of(frame.crop, frame.panel)
    left, size, high = frame.panel.left, BAR_SIZE * letters, BAR_HEIGHT * letters
    for place, colour in enumerate((INK, HALO)):
        writer.figure.add_artist(
            Rectangle(
                (left + place * points / 2, y - high), points / 2, high, facecolor=colour,
                edgecolor=INK, linewidth=0.6 * letters, transform=writer.points,
            )
        )  # fmt: skip
    level = y + size * ABOVE_BAR
    writer.write(left, level, "0", size)
    writer.write(left + points / 2, level, f"{length / 2:g}", size, align="center")
    last = f"{length:g} km"
    figure_width = writer.width(f"{length:g}", size) / 2
    writer.write(left + points - figure_width, level, last, size)
    end = left + points - figure_width + writer.width(last, size) + 2 * size
    writer.write(end, level, words, size)
    return end + writer.width(words, size)
