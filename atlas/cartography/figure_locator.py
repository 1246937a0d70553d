"""The inset of a page: where in the delta its map lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from atlas.cartography.figure_map import DELTA, Drawn, cut, project, to_path
from atlas.cartography.figure_text import Box

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atlas.cartography.figure_frame import MapFrame

AROUND_M = 60_000.0
"""Room around the four provinces."""
WIDTH, ALPHA = 0.4, 0.9
HERE, HERE_WIDTH, ORDER = "#c00020", 1.1, 600
LEAST = 0.03
"""The rectangle is at least so much of the inset, so that a small map is seen in it."""
COARSE = 0.2
"""Points of the page by which borders are simplified."""
EDGE = 0.012
"""A map that shows more than the inset has its rectangle so far inside its edge."""


def locator_crop(panel: Box) -> Box:
    """The four provinces in metres, widened to the form of a panel."""
    box = project(DELTA)
    wide, high = box.width + 2 * AROUND_M, box.height + 2 * AROUND_M
    across = max(wide, high * panel.width / panel.height)
    along = across * panel.height / panel.width
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    return Box(x - across / 2, y - along / 2, x + across / 2, y + along / 2)


def draw_locator(
    axes: Axes, drawn: list[Drawn], inset: MapFrame, shown: Box, *, letters: float
) -> None:  # fmt: skip
    """Draw areas thinly, and a rectangle around what the map shows.

    Parameters
    ----------
    axes
        Axes of the inset, in metres of the working CRS.
    drawn
        Layers to find one's way by; only areas are drawn.
    inset
        Where the inset is and what it shows.
    shown
        What the map shows, in metres.
    letters
        Of the paper, over A4.
    """
    crop = inset.crop
    for order, entry in enumerate(drawn):
        simple = entry.rows.geometry.simplify(COARSE / inset.scale)
        pairs = zip(cut(entry.rows.set_geometry(simple), crop), entry.looks, strict=True)
        kept = [(shape, look) for shape, look in pairs if not shape.is_empty]
        if kept and entry.layer.layer.info.kind == "polygon":
            axes.add_collection(
                PathCollection(
                    [to_path(shape) for shape, _ in kept],
                    facecolors=[to_rgba(look.fill, look.fill_opacity) for _, look in kept],
                    edgecolors=[look.stroke for _, look in kept],
                    linewidths=WIDTH * letters, alpha=None, zorder=order,
                ),
                autolim=False,
            )  # fmt: skip
    here = _seen(shown, crop)
    axes.add_patch(
        Rectangle((here.left, here.bottom), here.width, here.height, facecolor="none",
                  edgecolor=HERE, linewidth=HERE_WIDTH * letters, zorder=ORDER)
    )  # fmt: skip


def _seen(shown: Box, crop: Box) -> Box:
    """The box of the map, large enough to be seen and inside the inset."""
    half = LEAST * crop.width / 2
    x, y = (shown.left + shown.right) / 2, (shown.bottom + shown.top) / 2
    edge = EDGE * crop.width
    return Box(
        max(min(shown.left, x - half), crop.left + edge),
        max(min(shown.bottom, y - half), crop.bottom + edge),
        min(max(shown.right, x + half), crop.right - edge),
        min(max(shown.top, y + half), crop.top - edge),
    )  # fmt: skip
