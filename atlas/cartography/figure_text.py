"""Writing on a figure: one font, text broken into lines that fit, lengths in points.

Matplotlib breaks lines at spaces only, which Chinese does not have, and takes a dollar
sign for mathematics; both are settled here.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontPath, FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D

from atlas.core.report import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from matplotlib.backends.backend_agg import RendererAgg
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

POINTS_PER_INCH = 72.0
ALONE = threading.RLock()
"""Held while anything is drawn: Matplotlib's settings are the whole process's."""
LINE = 1.4
"""Height of a line of text over the size of its letters."""
INK = "#1d1d1d"
HALO = "#ffffff"
SQUARE = "□"
CHINESE_FACE = " SC"
"""End of the name of the face to take from a collection: simplified Chinese."""
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
NOT_FIRST = "，。、；：？！）》」』】”’％…"
NOT_LAST = "（《「『【“‘"
PIECES = re.compile(
    rf"[{NOT_LAST}]*[^\s–{WIDE}{NOT_LAST}]+–?[{NOT_FIRST}]*|[{NOT_LAST}]*[{WIDE}][{NOT_FIRST}]*|\s+|."
)
"""What a line may be broken between: spaces, words, parts of a word before and after a long
dash, and Chinese characters with the punctuation that may not begin or end a line."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    def meets(self, other: Box) -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right
            and self.bottom < other.top and other.bottom < self.top
        )  # fmt: skip

    def holds(self, other: Box) -> bool:
        """Whether the other lies inside."""
        return (
            self.left <= other.left and other.right <= self.right
            and self.bottom <= other.bottom and other.top <= self.top
        )  # fmt: skip


@dataclass(frozen=True)
class Pen:
    """Writes on a figure and measures what it would write."""

    figure: Figure
    renderer: RendererAgg
    face: FontPath
    points: Transform
    """From points to the figure's pixels."""

    def width(self, text: str, size: float) -> float:
        """Points that a line of text takes."""
        width, _, _ = self.renderer.get_text_width_height_descent(  # type: ignore[no-untyped-call]
            text, self._font(size), ismath=False
        )
        return float(width) * POINTS_PER_INCH / float(self.figure.dpi)

    def write(
        self, x: float, y: float, text: str, size: float, *, align: str = "left", halo: bool = False
    ) -> None:
        """Write one line, its middle at the height ``y``."""
        effects = [withStroke(linewidth=size * 0.3, foreground=HALO)] if halo else []
        self.figure.text(
            x, y, text, transform=self.points, fontproperties=self._font(size), color=INK,
            ha=align, va="center_baseline", parse_math=False, path_effects=effects,
        )  # fmt: skip

    def write_lines(self, lines: list[str], *, left: float, top: float, size: float) -> float:
        """Write lines one below the other; return where the last one ends."""
        for place, line in enumerate(lines):
            self.write(left, top - (place + 0.5) * size * LINE, line, size)
        return top - len(lines) * size * LINE

    def fit(self, text: str, size: float, width: float, *, most: int) -> list[str]:
        """Break a text into at most so many lines; what is cut off shows as an ellipsis."""
        return fit_lines(plain(text), width, most=most, measure=lambda line: self.width(line, size))

    def _font(self, size: float) -> FontProperties:
        return FontProperties(fname=self.face, size=size)


def pen_for(figure: Figure, font: Path) -> Pen:
    """A pen that writes on a figure with a font file; gives the figure its canvas."""
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    points = Affine2D().scale(1 / POINTS_PER_INCH) + figure.dpi_scale_trans
    return Pen(figure, renderer, face_of(font), points)


def fit_lines(
    text: str, width: float, *, most: int, measure: Callable[[str], float]
) -> list[str]:  # fmt: skip
    """Break a text into at most so many lines; what is cut off shows as an ellipsis.

    Parameters
    ----------
    text
        One line of plain text.
    width
        What a line may take, in the unit of ``measure``.
    most
        How many lines there may be.
    measure
        How much a line takes.
    """
    lines = list(islice(_break(text, width, measure), most + 1))
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and measure(last + "…") > width:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _break(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    line = ""
    for piece in _pieces(text, width, measure):
        if line and measure((line + piece).rstrip(" ")) > width:
            yield line.rstrip(" ")
            line = ""
        line += piece if line else piece.lstrip(" ")
    if line:
        yield line.rstrip(" ")


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Pieces of a text; a word that is longer than a line falls into its letters."""
    for piece in PIECES.findall(text):
        if len(piece) > 1 and measure(piece) > width:
            yield from piece
        else:
            yield piece


def plain(text: str) -> str:
    """Text on one line; what no file may hold is an empty square, which every font has."""
    return clean(text).replace("\ufffd", SQUARE)


@cache
def face_of(font: Path) -> FontPath:
    """The face to write with: of a collection the Chinese one, else the first."""
    for place in range(FT2Font(font).num_faces):
        if FT2Font(font, face_index=place).family_name.endswith(CHINESE_FACE):
            return FontPath(str(font), place)
    return FontPath(str(font), 0)
