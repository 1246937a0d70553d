"""Rasters and zones of the golden figures: small ones drawn by hand, and the record's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid, grid_of_raster
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.operations.zones import read_zones

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)
CITIES = ("310000", "320500", "330100", "330900", "341000")
"""Shanghai, Suzhou, Hangzhou, Zhoushan (islands) and Huangshan (mountains)."""
NODATA = 255


@dataclass(frozen=True)
class Case:
    """Values on a grid, and polygons by name."""

    values: np.ndarray[Any, Any]
    nodata: float
    grid: Grid
    shapes: dict[str, shapely.Geometry]
    finer: int


def drawn() -> Case:
    """Six by five cells, two without a value, and zones of every kind."""
    values = np.array(
        [[1, 1, 2, 2, 3, 3], [1, 2, 2, NODATA, 3, 3], [4, 4, 2, 2, 3, 1],
         [4, 4, 5, 5, 1, 1], [4, 5, 5, 5, NODATA, 1]], dtype="uint8",
    )  # fmt: skip
    grid = Grid(118.0, 32.5, 0.5, 0.5, 6, 5, STORAGE_CRS)
    ring = shapely.Polygon([(118.2, 30.2), (120.9, 30.4), (120.4, 32.3), (118.4, 32.2)])
    shapes = {
        "slanted": shapely.Polygon([(118.13, 30.31), (120.77, 30.93), (119.21, 32.41)]),
        "with a hole": ring.difference(shapely.box(119.1, 30.9, 119.9, 31.7)),
        "in one cell": shapely.Polygon([(118.55, 31.55), (118.95, 31.6), (118.7, 31.95)]),
        "two parts": shapely.union_all([shapely.box(118.1, 30.1, 118.35, 32.45),
                                        shapely.box(120.6, 31.2, 120.95, 32.2)]),
        "along cells": shapely.box(118.5, 30.5, 120.0, 32.0),
        "half outside": shapely.Polygon([(117.2, 31.1), (119.3, 30.7), (118.9, 33.4)]),
        "nodata only": shapely.box(119.6, 31.6, 119.9, 31.9),
    }  # fmt: skip
    return Case(values, NODATA, grid, shapes, 80)


def record(layer: str) -> Case:
    """A raster layer of the record, and five cities."""
    found = catalogue.read_raster_layer(LAYERS, catalogue.find_edition(LAYERS, layer, known_by=DAY))
    rows = read_zones(LAYERS, "cities", day=DAY, known_by=DAY).rows.set_index("id")
    shapes = {code: rows.loc[code, "geometry"] for code in CITIES}
    raster = found.raster
    return Case(raster.values, raster.nodata, grid_of_raster(raster), shapes, 40)


CASES = {
    "drawn": drawn,
    "land-cover": lambda: record("land-cover"),
    "terrain": lambda: record("terrain"),
}
