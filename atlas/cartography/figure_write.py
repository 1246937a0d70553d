"""Writing on a page that becomes PDF, SVG or PNG: measured without a screen, found as text.

Letters are measured unhinted, so that all three have the same lines at any resolution. A
halo is a shape below the letters: these stay text that can be searched and copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import PathPatch
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from atlas.cartography.figure_map import to_path
from atlas.cartography.figure_text import (
    HALO,
    INK,
    LINE,
    POINTS_PER_INCH,
    SQUARE,
    Box,
    face_of,
    fit_lines,
    plain,
)

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontPath
    from matplotlib.path import Path as Shape
    from matplotlib.transforms import Transform

FAMILY = "Atlas Sans"
"""What the letters are called in SVG, where the font is embedded under this name."""
EM = 100.0
"""Size at which letters are measured."""
HALO_SHARE, HALO_COARSE, CORNERS = 0.14, 0.02, 3
"""How far a halo reaches, and how coarse it may be, over the size of its letters."""
BASELINE = 0.36
"""From the foot of the letters to the middle of a line, over their size."""
WATERMARK_NAME = "watermark"
FEW, NO_BREAK = 0.01, 10_000


@dataclass(frozen=True)
class Writer:
    """Writes on a figure in points from its lower left corner."""

    figure: Figure
    face: FontPath
    points: Transform
    """From points to the figure's pixels."""

    def width(self, text: str, size: float) -> float:
        """Points that a line of text takes."""
        return _ems(self.face, text) * size

    def readable(self, text: str) -> str:
        """Text on one line, an empty square where the font has no sign."""
        font = get_font(self.face)
        return "".join(
            sign if font.get_char_index(ord(sign)) else SQUARE for sign in plain(text)
        )  # fmt: skip

    def fit(self, text: str, size: float, width: float, *, most: int = NO_BREAK) -> list[str]:
        """Break a text into lines; what is cut off after the last one shows as an ellipsis."""
        return fit_lines(
            self.readable(text), width + FEW, most=most, measure=lambda line: self.width(line, size)
        )

    def write(
        self, x: float, y: float, text: str, size: float, *, align: str = "left",
        colour: str = INK, halo: bool = False,
    ) -> None:  # fmt: skip
        """Write one line, its middle at the height ``y``; ``align`` says what ``x`` is."""
        shift = {"left": 0.0, "center": 0.5, "right": 1.0}[align] * self.width(text, size)
        left, base = x - shift, y - size * BASELINE
        if halo:
            place = Affine2D().scale(size / EM).translate(left, base) + self.points
            shape = _halo(self.face, text)
            under = PathPatch(shape, transform=place, facecolor=HALO, edgecolor="none", zorder=2.5)
            self.figure.add_artist(under)
        self.figure.text(
            left, base, text, color=colour, transform=self.points, va="baseline", ha="left",
            fontproperties=_font(self.face, size), parse_math=False,
        )  # fmt: skip

    def draw_across(
        self, x: float, y: float, text: str, size: float, *, turned: float, alpha: float
    ) -> None:
        """Draw words as shapes around a place, steep and pale: no search finds them twice."""
        shape, middle = _shape(self.face, text)
        place = Affine2D().translate(-middle[0], -middle[1]).scale(size / EM)
        place = place.rotate_deg(turned).translate(x, y)
        self.figure.add_artist(
            PathPatch(shape, transform=place + self.points, facecolor=INK, edgecolor="none",
                      alpha=alpha, zorder=1.1, label=WATERMARK_NAME)
        )  # fmt: skip

    def write_lines(
        self, lines: list[str], *, left: float, top: float, size: float, colour: str = INK
    ) -> float:
        """Write lines one below the other; return where the last one ends."""
        for place, line in enumerate(lines):
            self.write(left, top - (place + 0.5) * size * LINE, line, size, colour=colour)
        return top - len(lines) * size * LINE


def writer_for(figure: Figure, font: Path) -> Writer:
    """A writer with a font file; of a collection the face for simplified Chinese."""
    points = Affine2D().scale(1 / POINTS_PER_INCH) + figure.dpi_scale_trans
    return Writer(figure, face_of(font), points)


def _font(face: FontPath, size: float) -> FontProperties:
    return FontProperties(family=FAMILY, fname=face, size=size)


@lru_cache(maxsize=8)
def _shape(face: FontPath, text: str) -> tuple[Shape, tuple[float, float]]:
    """A line as a shape at the size :data:`EM`, and its middle."""
    shape = TextPath((0, 0), text, size=EM, prop=_font(face, EM))
    box = shape.get_extents()
    return shape, ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)


@lru_cache(maxsize=5_000)
def _halo(face: FontPath, text: str) -> Shape:
    """A blot around the letters of a line, of few corners, at the size :data:`EM`."""
    letters = TextPath((0, 0), text, size=EM, prop=_font(face, EM))
    corners = [np.asarray(ring) for ring in letters.to_polygons()]
    rings = [shapely.Polygon(ring) for ring in corners if len(ring) > CORNERS]
    blots = shapely.buffer(np.array(rings), HALO_SHARE * EM, quad_segs=2)
    whole = shapely.simplify(shapely.union_all(blots), HALO_COARSE * EM)
    return to_path(shapely.transform(whole, lambda xy: np.round(xy, 1)))


@lru_cache(maxsize=20_000)
def _ems(face: FontPath, text: str) -> float:
    """Width of a line over the size of its letters, with kerning, without hinting."""
    font = get_font(face)
    font.set_size(EM, POINTS_PER_INCH)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    width, _ = font.get_width_height()
    return float(width) / 64.0 / EM


def box_around(x: float, y: float, width: float, height: float) -> Box:
    """A box by its middle and its sides."""
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
