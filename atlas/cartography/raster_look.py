"""How a raster looks: one colour for each class, or for each step of a quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.cartography.style import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.raster import RasterClass

RAMP = (
    "#f3f6e4", "#dde7b8", "#bcd28c", "#d8c27a", "#c79a56", "#a9713c", "#8a5236", "#e9e4df",
)  # fmt: skip
"""Low to high: plains are pale, hills green and ochre, mountains brown."""
SCORES = ("#b2473e", "#e0986b", "#f2e3b3", "#9cc3a1", "#2f7d5b")
"""Unfit to fit, told apart without red and green alone: lightness differs too."""
OTHERS = (
    "#7b6fa8", "#d98f4e", "#5aa0a8", "#c05f7c", "#8a9a3b", "#4f6d9c", "#b88a7a", "#6b8f71",
    "#caa72f", "#8c5a8c", "#5f5f5f", "#a3b8d1",
)  # fmt: skip
"""Colours of classes that nobody gave one, in the order of their values, over and over."""
NICE = (1.0, 2.0, 5.0, 10.0)
STEEP = 20.0
"""From this ratio of the greatest value to the median on, steps widen as numbers grow."""


@dataclass(frozen=True)
class Swatch:
    """One colour (``#rrggbb``) and the values that have it: from ``low`` up to ``high``.

    A class has one value, ``low`` and ``high`` alike; of steps the last holds its ``high`` too.
    """

    low: float
    high: float
    colour: str
    title: dict[str, str]

    @property
    def look(self) -> Look:
        """The look of its symbol in a legend."""
        return Look(
            stroke="#5f6b73", weight=0.6, fill=self.colour, fill_opacity=1.0, dash="", radius=4.0
        )


Palette = tuple[Swatch, ...]


def class_palette(
    values: Sequence[float], classes: tuple[RasterClass, ...], own: dict[int, str],
    titles: Sequence[dict[str, str]],
) -> Palette:  # fmt: skip
    """Colours of the classes that occur.

    Parameters
    ----------
    values, titles
        Values that occur, rising, and their words.
    classes
        The class table, which may be empty.
    own
        Colours of the file's own table.
    """
    known = own | {entry.value: entry.colour for entry in classes}
    return tuple(
        Swatch(value, value, known.get(int(value), OTHERS[place % len(OTHERS)]), title)
        for place, (value, title) in enumerate(zip(values, titles, strict=True))
    )


def step_palette(numbers: np.ndarray[Any, Any], unit: dict[str, str]) -> Palette:
    """Round steps of a quantity over the numbers that occur; empty if there are none."""
    there = numbers[np.isfinite(numbers)]
    if there.size == 0:
        return ()
    edges = round_steps(float(there.min()), float(np.median(there)), float(there.max()))
    colours = [RAMP[round(n * (len(RAMP) - 1) / max(len(edges) - 2, 1))] for n in
               range(len(edges) - 1)]  # fmt: skip
    return tuple(
        Swatch(low, high, colour, step_title(low, high, unit))
        for low, high, colour in zip(edges[:-1], edges[1:], colours, strict=True)
    )


def score_palette(unit: dict[str, str]) -> Palette:
    """Five steps of a score from 0 to 100."""
    edges = np.linspace(0, 100, len(SCORES) + 1).tolist()
    return tuple(
        Swatch(low, high, colour, step_title(low, high, unit))
        for low, high, colour in zip(edges[:-1], edges[1:], SCORES, strict=True)
    )


def step_title(low: float, high: float, unit: dict[str, str]) -> dict[str, str]:
    """Words of a step: its two ends and the unit."""
    ends = f"{low:,.6g}–{high:,.6g}".replace("-", "−")
    return {lang: f"{ends} {word}".strip() for lang, word in unit.items()}


def round_steps(least: float, median: float, greatest: float) -> list[float]:
    """Round edges of some eight steps from the least to the greatest value.

    Where most values are small and few large, steps widen: 0, 10, 20, 50, 100 …
    """
    if greatest <= least:
        return [least, least + 1.0]
    if least > -greatest and greatest > STEEP * max(median, greatest * 1e-6):
        below = [-_nice(-least)] if least < 0 else []
        return below + _widening(greatest)
    step = _nice((greatest - least) / (len(RAMP) - 1))
    first = math.floor(least / step)
    last = math.ceil(greatest / step)
    return [float(f"{number * step:.12g}") for number in range(first, max(last, first + 1) + 1)]


def _widening(greatest: float) -> list[float]:
    """Nought, then 1, 2 and 5 times powers of ten, as many as there are colours."""
    power = math.floor(math.log10(greatest))
    series = [digit * 10.0**n for n in range(power - 3, power + 2) for digit in NICE[:3]]
    above = next(place for place, number in enumerate(series) if number >= greatest)
    return [0.0, *series[max(above - len(RAMP) + 2, 0) : above + 1]]


def _nice(step: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is no smaller than a step."""
    power = 10.0 ** math.floor(math.log10(step))
    return power * next(number for number in NICE if number * power >= step * (1 - 1e-9))


def to_rgba(numbers: np.ndarray[Any, Any], palette: Palette) -> np.ndarray[Any, Any]:
    """Colours of numbers: rows × columns × 4 bytes, clear where a number has no colour."""
    rgba = np.zeros((*numbers.shape, 4), np.uint8)
    for place, entry in enumerate(palette):
        last = place == len(palette) - 1 or entry.low == entry.high
        inside = (numbers >= entry.low) & (
            (numbers <= entry.high) if last else (numbers < entry.high)
        )
        rgba[inside] = (*bytes.fromhex(entry.colour[1:]), 255)
    return rgba
