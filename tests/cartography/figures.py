"""What tests of figures share: real figures, each drawn once, and what lies on a page."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg

from atlas.cartography.figure_files import drawing
from atlas.cartography.figure_page import to_page
from atlas.cartography.figure_text import Box
from atlas.operations.figure import Figure, compose
from atlas.operations.figure_data import reader_of
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "layers"
DAY, KNOWN_BY, MADE = dt.date(2024, 6, 1), dt.date(2026, 11, 24), dt.date(2026, 11, 25)
READ = reader_of(FOLDER)


@cache
def figure_of(*layers: str, **options: Any) -> Figure:
    """A figure of published layers, as of days that no new edition reaches."""
    days = {"day": DAY, "known_by": KNOWN_BY, "made": MADE}
    return compose(FOLDER, layers, read=READ, **(days | options))


@cache
def page_of(figure: Figure) -> tuple[Any, list[tuple[str, Box]], list[Box]]:
    """A page, its texts with the boxes around them, and its maps, all in points."""
    with drawing():
        page = to_page(figure.sheet)
        renderer = FigureCanvasAgg(page).get_renderer()
        texts = [
            (text.get_text(), Box(*text.get_window_extent(renderer).extents)) for text in page.texts
        ]
        maps = [Box(*axes.get_window_extent(renderer).extents) for axes in page.axes]
    return page, texts, maps
