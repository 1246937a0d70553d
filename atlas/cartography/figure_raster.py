"""A raster inside a figure: cells in the working CRS, below the features of the map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.cartography.raster_image import Picture, edges_in, warp
from atlas.cartography.raster_look import to_rgba
from atlas.core.crs import WORKING_CRS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from atlas.cartography.figure_map import Drawn
    from atlas.cartography.map_document import MapLayer
    from atlas.cartography.raster_look import Palette
    from atlas.core.grid import Grid

ORDER = -1.0
"""Below the first layer of features."""
PIXELS_MOST = 2000
"""Along the longer side of the crop."""
SHORE = "#3c4a54"
"""Outlines of the background on a raster, whose colours are stronger than those of the land."""


@dataclass(frozen=True, eq=False)
class RasterPart:
    """The raster of a sheet: its words in the legend (in each language), cells and colours.

    ``numbers`` are NaN where there is no value; ``grid`` says where they lie, in any CRS.
    """

    title: tuple[str, ...]
    numbers: np.ndarray[Any, Any]
    grid: Grid
    palette: Palette


def draw_below(axes: Axes, part: RasterPart, drawn: list[Drawn]) -> list[Drawn]:
    """Draw the raster of a sheet on the background and below its layers.

    Parameters
    ----------
    axes
        In metres of the working CRS, with their limits.
    part
        The raster; it covers the background, whose fills would hide it.
    drawn
        Layers from bottom to top, background first.

    Returns
    -------
    list of Drawn
        What :func:`atlas.cartography.figure_map.draw_layers` must draw: the background, its
        outlines again, which lie on the raster, and the layers.
    """
    below = [entry for entry in drawn if entry.layer.background]
    outlines = [_outline(entry) for entry in below]
    draw_raster(axes, part.numbers, part.grid, part.palette, order=len(below) - 0.5)
    return [*below, *outlines, *drawn[len(below) :]]


def hollow(layer: MapLayer) -> MapLayer:
    """A layer of areas without fills, on the map and in the legend; others as they are.

    A fill, however pale, would give the cells below it a colour that no legend has.
    """
    if layer.layer.info.kind != "polygon":
        return layer
    classes = tuple(
        replace(entry, look=replace(entry.look, fill_opacity=0.0)) for entry in layer.style.classes
    )
    return replace(layer, style=replace(layer.style, classes=classes))


def _outline(entry: Drawn) -> Drawn:
    looks = [replace(look, stroke=SHORE, fill_opacity=0.0) for look in entry.looks]
    return replace(entry, looks=looks, marks=[""] * len(entry.marks))


def draw_raster(
    axes: Axes, numbers: np.ndarray[Any, Any], grid: Grid, palette: Palette, *,
    opacity: float = 1.0, order: float = ORDER,
) -> AxesImage | None:  # fmt: skip
    """Draw a raster on axes in metres of the working CRS, cut to what they show.

    Parameters
    ----------
    axes
        Their limits must be set: they say what is drawn, and keep.
    numbers, grid
        Cells (NaN: none, clear on the figure) in any CRS, and where they lie.
    palette
        Their colours, from :mod:`atlas.cartography.raster_look`.
    opacity
        0 (clear) to 1.
    order
        Matplotlib's ``zorder``.

    Returns
    -------
    matplotlib.image.AxesImage or None
        None if the raster lies outside of what the axes show.
    """
    picture = working_picture(numbers, grid, axes)
    if picture is None:
        return None
    west, south, east, north = picture.bounds
    limits = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(
        to_rgba(picture.numbers, palette), extent=(west, east, south, north), origin="upper",
        interpolation="none", alpha=opacity, zorder=order, aspect="auto",
    )  # fmt: skip
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    return image


def working_picture(numbers: np.ndarray[Any, Any], grid: Grid, axes: Axes) -> Picture | None:
    """The part of a raster that axes show, in the working CRS; None if they show none of it."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    edges = edges_in(grid, WORKING_CRS)
    bounds = (
        max(left, edges[0]), max(bottom, edges[1]), min(right, edges[2]), min(top, edges[3])
    )  # fmt: skip
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    if wide <= 0 or high <= 0:
        return None
    scale = PIXELS_MOST / max(wide, high)
    shape = max(round(high * scale), 1), max(round(wide * scale), 1)
    return warp(numbers, grid, WORKING_CRS, bounds, shape)
