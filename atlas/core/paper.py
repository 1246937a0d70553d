"""Sizes of pages, and how large letters are on each."""

from __future__ import annotations

from dataclasses import dataclass

MM_PER_INCH, POINTS_PER_INCH = 25.4, 72.0
LANDSCAPE, PORTRAIT = ORIENTATIONS = ("landscape", "portrait")


@dataclass(frozen=True)
class Paper:
    """A page held upright: its sides in millimetres, and its letters over those of A4."""

    short_mm: float
    long_mm: float
    letters: float

    def size_points(self, orientation: str) -> tuple[float, float]:
        """Width and height in points (1/72 inch).

        >>> [round(side, 1) for side in PAPERS["A4"].size_points(LANDSCAPE)]
        [841.9, 595.3]
        """
        sides = (self.long_mm, self.short_mm)
        if orientation == PORTRAIT:
            sides = (self.short_mm, self.long_mm)
        width, height = (side / MM_PER_INCH * POINTS_PER_INCH for side in sides)
        return width, height


PAPERS = {
    "A4": Paper(210.0, 297.0, 1.0),
    "A3": Paper(297.0, 420.0, 1.25),
    "A2": Paper(420.0, 594.0, 1.6),
    "slide": Paper(190.5, 338.667, 1.2),
}
"""ISO 216, and the slide of 16:9 that PowerPoint and LibreOffice open with."""
