"""A profile as a PNG picture: steps of quantities, strips of classes, lanes of what is passed.

All share one axis of kilometres. No clock goes in: the same arguments give the same bytes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from atlas.cartography.figure_text import ALONE, LINE, POINTS_PER_INCH, pen_for, plain

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.cartography.figure_text import Pen

WIDE, EDGE, NAMES, GAP = 620.0, 10.0, 130.0, 9.0
"""Points: width of the picture, around it, of the names on the left, and between panels."""
HIGH, LOW, LANE = 96.0, 18.0, 11.0
SIZE, TITLE = 7.0, 10.0
GRID, FRAME, FILL = "#d9dde0", "#8b949b", "#c79a56"
TICKS = 8
NOTE_LINES = 12
Piece = tuple[float, float, str]
"""From and to which km, and the colour."""


@dataclass(frozen=True)
class StepPanel:
    """A quantity: from km, to km and value of each piece that has one."""

    title: str
    unit: str
    pieces: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class StripPanel:
    """Classes: pieces in their colours, and what the colours stand for."""

    title: str
    pieces: tuple[Piece, ...]
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LanePanel:
    """Features passed, one a lane: name and pieces."""

    lanes: tuple[tuple[str, tuple[Piece, ...]], ...]


Panel = StepPanel | StripPanel | LanePanel


@dataclass(frozen=True)
class ProfilePicture:
    """What the picture shows; notes stand below, each from a new line."""

    title: str
    length_km: float
    axis: str
    panels: tuple[Panel, ...]
    notes: tuple[str, ...]


def profile_png(picture: ProfilePicture, *, font: Path, dpi: int = 150) -> bytes:
    """Draw a profile.

    Parameters
    ----------
    picture
        What to draw.
    font
        A font file with Chinese characters.
    dpi
        Pixels per inch.
    """
    with ALONE:
        figure = Figure(figsize=(WIDE / POINTS_PER_INCH, 1), dpi=dpi, facecolor="#ffffff")
        pen = pen_for(figure, font)
        room = WIDE - 2 * EDGE
        notes = [line for note in picture.notes
                 for line in pen.fit(note, SIZE, room, most=NOTE_LINES)]  # fmt: skip
        heights = [_height(pen, panel) for panel in picture.panels]
        high = sum(heights) + GAP * len(heights) + TITLE * LINE + SIZE * LINE * (len(notes) + 3)
        figure.set_size_inches(WIDE / POINTS_PER_INCH, (high + 2 * EDGE) / POINTS_PER_INCH)
        pen = pen_for(figure, font)
        _draw(pen, picture, heights, notes, high + EDGE)
        out = BytesIO()
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    return out.getvalue()


def _draw(
    pen: Pen, picture: ProfilePicture, heights: list[float], notes: list[str], top: float
) -> None:
    title = pen.fit(picture.title, TITLE, WIDE - 2 * EDGE, most=1)
    y = pen.write_lines(title, left=EDGE, top=top, size=TITLE)
    begin = y
    for panel, height in zip(picture.panels, heights, strict=True):
        y -= GAP
        made = {StepPanel: _steps, StripPanel: _strip, LanePanel: _lanes}[type(panel)]
        made(pen, panel, y, picture.length_km)  # type: ignore[operator]
        y -= height
    y = _axis(pen, picture, begin, y)
    pen.write_lines(notes, left=EDGE, top=y, size=SIZE)


def _height(pen: Pen, panel: Panel) -> float:
    if isinstance(panel, StepPanel):
        return HIGH
    if isinstance(panel, LanePanel):
        return LANE * len(panel.lanes)
    return LOW + SIZE * LINE * len(_rows(pen, panel))


def _x(km: float, length_km: float) -> float:
    left, right = EDGE + NAMES, WIDE - EDGE
    return left + (right - left) * km / length_km


def _box(pen: Pen, x: float, y: float, wide: float, high: float, colour: str) -> None:
    corner = Rectangle((x, y), wide, high, facecolor=colour, linewidth=0, transform=pen.points)
    pen.figure.add_artist(corner)


def _name(pen: Pen, text: str, middle: float) -> None:
    line = pen.fit(text, SIZE, NAMES - GAP, most=1)
    pen.write(EDGE + NAMES - GAP, middle, "".join(line), SIZE, align="right")


def _steps(pen: Pen, panel: StepPanel, top: float, length_km: float) -> None:
    values = [value for _, _, value in panel.pieces] or [0.0]
    low, high = min(0.0, *values), max(values)
    step = _round((high - low) / 4 or 1.0)
    low, high = math.floor(low / step) * step, max(math.ceil(high / step) * step, step)

    def height(value: float) -> float:
        return top - HIGH + HIGH * (value - low) / (high - low)

    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        _box(pen, EDGE + NAMES, height(value) - 0.2, WIDE - 2 * EDGE - NAMES, 0.4, GRID)
        pen.write(EDGE + NAMES - 3, height(value), f"{value:,.6g}", SIZE - 1, align="right")
    for start, end, value in panel.pieces:
        x, bottom = _x(start, length_km), min(height(0.0), height(value))
        tall = abs(height(value) - height(0.0))
        _box(pen, x, bottom, _x(end, length_km) - x, tall, FILL)
    for place, text in enumerate((panel.title, panel.unit)):
        line = pen.fit(text, SIZE, NAMES - 4 * GAP, most=1)
        pen.write_lines(line, left=EDGE, top=top - HIGH / 2 + (1 - place) * SIZE * LINE, size=SIZE)


def _strip(pen: Pen, panel: StripPanel, top: float, length_km: float) -> None:
    _name(pen, panel.title, top - LOW / 2)
    for start, end, colour in panel.pieces:
        x = _x(start, length_km)
        _box(pen, x, top - LOW, _x(end, length_km) - x, LOW, colour)
    y = top - LOW
    for row in _rows(pen, panel):
        x = EDGE + NAMES
        for colour, words in row:
            _box(pen, x, y - SIZE * LINE + 2, SIZE, SIZE - 1, colour)
            pen.write(x + SIZE + 3, y - SIZE * LINE / 2, words, SIZE)
            x += _entry(pen, words)
        y -= SIZE * LINE


def _entry(pen: Pen, words: str) -> float:
    return SIZE + 3 + pen.width(words, SIZE) + GAP


def _rows(pen: Pen, panel: StripPanel) -> list[list[tuple[str, str]]]:
    """The legend broken into rows that fit."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for colour, words in panel.legend:
        wide = _entry(pen, plain(words))
        if rows[-1] and used + wide > WIDE - 2 * EDGE - NAMES:
            rows.append([])
            used = 0.0
        rows[-1].append((colour, plain(words)))
        used += wide
    return rows


def _lanes(pen: Pen, panel: LanePanel, top: float, length_km: float) -> None:
    for place, (name, pieces) in enumerate(panel.lanes):
        middle = top - (place + 0.5) * LANE
        _name(pen, name, middle)
        _box(pen, EDGE + NAMES, middle - 0.2, WIDE - 2 * EDGE - NAMES, 0.4, GRID)
        for start, end, colour in pieces:
            x = _x(start, length_km)
            _box(pen, x, middle - LANE * 0.3, max(_x(end, length_km) - x, 0.6), LANE * 0.6, colour)


def _axis(pen: Pen, picture: ProfilePicture, begin: float, end: float) -> float:
    """Kilometres below the panels; return where notes may begin."""
    step = _round(picture.length_km / TICKS)
    for number in range(int(picture.length_km / step) + 1):
        x = _x(number * step, picture.length_km)
        _box(pen, x - 0.2, end - 3, 0.4, 3, FRAME)
        pen.write(x, end - 3 - SIZE * LINE / 2, f"{number * step:g}", SIZE - 1, align="center")
    _box(pen, EDGE + NAMES - 0.2, end, 0.4, begin - end, FRAME)
    _name(pen, picture.axis, end - 3 - SIZE * LINE / 2)
    return end - 3 - 2 * SIZE * LINE


def _round(step: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is no smaller than a step."""
    power = 10.0 ** math.floor(math.log10(step))
    return power * next(number for number in (1, 2, 5, 10) if number * power >= step * (1 - 1e-9))
