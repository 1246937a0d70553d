"""Show a raster layer: its classes with their cells, or the figures of its quantity."""

from __future__ import annotations

from atlas.core.layer import RasterLayer
from atlas.core.raster import count_classes

CELLS_PLACE = 4
"""Where both tables tell the number of cells."""


def to_lines(layer: RasterLayer) -> list[tuple[str, ...]]:
    """A raster layer as a table of texts; the first line is the head.

    A categorical raster gives one line a class with its cells and its share (0 to 1) of the
    cells that hold a value; a continuous one gives the least, mean and greatest value. The
    mean is over cells, not over areas. A last line counts the cells without a value.
    """
    lines = _class_lines(layer) if layer.scheme.classes else _quantity_lines(layer)
    empty = layer.raster.values.size - layer.raster.known.size
    if empty:
        line = ["nodata", *[""] * (len(lines[0]) - 1)]
        line[CELLS_PLACE] = str(empty)
        lines.append(tuple(line))
    return lines


def _class_lines(layer: RasterLayer) -> list[tuple[str, ...]]:
    known = layer.raster.known.size
    lines: list[tuple[str, ...]] = [("value", "zh", "en", "colour", "cells", "share")]
    lines += [
        (str(entry.value), entry.title["zh"], entry.title["en"], entry.colour, str(cells),
         f"{cells / known:.4f}")
        for entry, cells in count_classes(layer.scheme.classes, layer.raster)
    ]  # fmt: skip
    return lines


def _quantity_lines(layer: RasterLayer) -> list[tuple[str, ...]]:
    known, unit = layer.raster.known, layer.scheme.unit
    figures = (("min", known.min()), ("mean", known.mean(dtype=float)), ("max", known.max()))
    lines: list[tuple[str, ...]] = [("figure", "value", "zh", "en", "cells")]
    lines += [
        (name, f"{value:.6g}", unit["zh"], unit["en"], str(known.size)) for name, value in figures
    ]
    return lines
