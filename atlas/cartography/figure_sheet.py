"""A sheet as a value: all that a page of a figure shows, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import shapely

from atlas.cartography.figure_raster import RasterPart
from atlas.cartography.map_document import LegendEntry, MapDocument, MapLayer
from atlas.cartography.web_spec import legend_label
from atlas.core.paper import PAPERS, Paper
from atlas.core.recipe import BOTH
from atlas.i18n import LANGUAGES

Texts = tuple[str, ...]
"""The same words in each language of a sheet."""


def languages_of(lang: str) -> tuple[str, ...]:
    """Languages that a sheet speaks, the first one largest.

    >>> languages_of("both"), languages_of("en")
    (('zh', 'en'), ('en',))
    """
    return LANGUAGES if lang == BOTH else (lang,)


@dataclass(frozen=True, eq=False)
class Outline:
    """The place that a figure is about: in EPSG:4326, drawn above the layers, never filled."""

    shape: shapely.Geometry
    title: Texts


@dataclass(frozen=True, eq=False)
class Sheet:
    """What a page shows.

    Parameters
    ----------
    document
        The map: the same value that the web map draws.
    lang
        ``zh``, ``en`` or ``both``.
    title, subtitle
        Above the map, in each language.
    notes
        Below it: paragraphs in each language.
    stamp
        Lines in the map's lower left corner: approval number, or for whom the figure is.
    watermark
        Written across the map; none if empty.
    font
        A font file with Chinese characters.
    names
        Layers of which only names are written, most important last.
    locator
        Layers of the inset, from bottom to top.
    bounds
        West, south, east, north in degrees that the map must show.
    outline
        The place that the figure is about.
    raster
        Drawn below the layers, in the legend after them.
    paper, orientation
        A key of :data:`atlas.core.paper.PAPERS`; ``landscape`` or ``portrait``.
    """

    document: MapDocument
    lang: str
    title: Texts
    subtitle: Texts
    notes: tuple[Texts, ...]
    stamp: Texts
    watermark: str
    font: Path
    names: tuple[MapLayer, ...] = ()
    locator: tuple[MapLayer, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    outline: Outline | None = None
    raster: RasterPart | None = None
    paper: str = "A4"
    orientation: str = "landscape"

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that the sheet speaks."""
        return languages_of(self.lang)

    @property
    def page(self) -> Paper:
        """Its paper."""
        return PAPERS[self.paper]


def legend_texts(entry: LegendEntry, sheet: Sheet) -> Texts:
    """Words of a legend entry, those of the web map, in each language of a sheet."""
    return tuple(legend_label(entry, lang) for lang in sheet.languages)
