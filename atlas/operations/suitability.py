"""A sketch of where new building would fit: a weighted overlay, every weight and rule visible.

It is a sketch, and says so wherever it is shown: its rules are conventions of the atlas, its
cells 5 km wide, and it knows nothing of farmland protection, price or ownership.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from atlas.analysis.coverage import cover, edges_of
from atlas.analysis.suitability import falling, looked_up, nearest_km, overlay
from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid
from atlas.core.layer import Edition
from atlas.core.period import as_of
from atlas.core.raster import Raster
from atlas.errors import AtlasError
from atlas.i18n import in_both
from atlas.io import catalogue
from atlas.io import raster as cog
from atlas.operations.ground import QUANTITY, Ground, cell_size_m, open_ground
from atlas.operations.ground_map import SCORE

CRITERIA = ("stations", "terrain", "land_cover", "belts")
STATIONS, TERRAIN, LAND_COVER, BELTS = SOURCES = (
    "rail-stations", "terrain", "land-cover", "ecological-belts",
)  # fmt: skip
"""The layer of each criterion, in the same order."""
WEIGHTS = (3, 2, 3, 2)
NEAR_KM, FAR_KM = 5.0, 50.0
LOW_M, HIGH_M = 50.0, 500.0
LAND_SCORES = {
    1: 20.0, 2: 20.0, 3: 20.0, 4: 20.0, 5: 20.0, 6: 40.0, 7: 50.0, 8: 40.0, 9: 50.0, 10: 60.0,
    11: 0.0, 12: 60.0, 13: 100.0, 14: 60.0, 15: 0.0, 16: 80.0,
}  # fmt: skip
"""Score of each IGBP class; water (0) has none: there is nothing to build on."""
NODATA = -1.0
DECIMALS = 2


@dataclass(frozen=True, eq=False)
class Sketch:
    """Scores of cells, 0 (unfit) to 100 (fit).

    ``weights`` and ``scores`` are by criterion (:data:`CRITERIA`), ``editions`` what they are from.
    """

    raster: Raster
    grid: Grid
    weights: tuple[int, ...]
    scores: tuple[np.ndarray[Any, Any], ...]
    editions: tuple[Edition, ...]
    day: dt.date
    known_by: dt.date

    @property
    def ground(self) -> Ground:
        """The scores as a raster to look into: by zone, along lines, on maps."""
        return Ground(
            name=SCORE, title=in_both("ground.sketch_title"), grid=self.grid, kind=QUANTITY,
            nodata=NODATA, classes=(), unit=in_both("ground.sketch_unit"),
            resolution=in_both("ground.sketch_cells"), accuracy=in_both("ground.sketch_notice"),
            cell_m=cell_size_m(self.grid), sha256="", raster=self.raster,
        )  # fmt: skip


def sketch(
    folder: Path, *, weights: tuple[int, ...] = WEIGHTS, day: dt.date, known_by: dt.date
) -> Sketch:
    """Put distance to stations, terrain, land cover and belts together.

    Parameters
    ----------
    folder
        Where the layers lie.
    weights
        One a criterion, in the order of :data:`CRITERIA`; only their ratio counts.
    day, known_by
        Stations and belts in force on which day; all as published by which day.

    Raises
    ------
    AtlasError
        If the weights are all nought, or not one a criterion.
    LayerNotFound, EditionNotFound
        If one of the layers is missing.
    """
    if len(weights) != len(CRITERIA) or sum(weights) <= 0 or min(weights) < 0:
        raise AtlasError(problem=f"give {len(CRITERIA)} weights from 0 on, not all of them 0")
    cover_ground = open_ground(folder, LAND_COVER, known_by=known_by)
    heights = open_ground(folder, TERRAIN, known_by=known_by)
    read = [catalogue.find_edition(folder, name, known_by=known_by) for name in SOURCES]
    grid = cover_ground.grid
    centres = _centres(grid)
    classes, _ = cover_ground.picture(grid.bounds, side_most=max(grid.rows, grid.columns))
    scores = (
        _station_scores(folder, read[0], centres, day).reshape(classes.shape),
        falling(_heights(heights, centres), best=LOW_M, worst=HIGH_M).reshape(classes.shape),
        looked_up(classes, LAND_SCORES),
        100.0 * (1.0 - _belt_shares(folder, read[3], grid, day)),
    )
    found = np.round(overlay(scores, weights), DECIMALS)
    found[~np.isfinite(scores[2])] = np.nan
    values = np.where(np.isfinite(found), found, NODATA).astype("float32")
    raster = Raster(values, grid.west, grid.north, (grid.cell_width, grid.cell_height), NODATA)
    return Sketch(raster, grid, tuple(weights), scores, tuple(read), day, known_by)


def _centres(grid: Grid) -> np.ndarray[Any, Any]:
    lon = grid.west + (np.arange(grid.columns) + 0.5) * grid.cell_width
    lat = grid.north - (np.arange(grid.rows) + 0.5) * grid.cell_height
    return np.stack(np.meshgrid(lon, lat), axis=-1).reshape(-1, 2)


def _station_scores(
    folder: Path, edition: Edition, centres: np.ndarray[Any, Any], day: dt.date
) -> np.ndarray[Any, Any]:
    """From the middle of each cell to the nearest station in service on the day."""
    rows = as_of(catalogue.read_layer(folder, edition).features, day)
    served = rows[(rows["status"] == "in-force") & rows.geometry.notna()]
    targets = shapely.get_coordinates(served.geometry.to_numpy())
    return falling(nearest_km(centres, targets), best=NEAR_KM, worst=FAR_KM)


def _heights(heights: Ground, centres: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Height of the terrain cell that holds the middle of each cell."""
    numbers, grid = heights.picture(
        heights.grid.bounds, side_most=max(heights.grid.rows, heights.grid.columns)
    )
    u, v = grid.cells(centres[:, 0], centres[:, 1])
    column, row = np.floor(u).astype(int), np.floor(v).astype(int)
    inside = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    found = np.full(len(centres), np.nan)
    found[inside] = numbers[row[inside], column[inside]]
    return found


def _belt_shares(folder: Path, edition: Edition, grid: Grid, day: dt.date) -> np.ndarray[Any, Any]:
    """Share of each cell that lies in any belt in force on the day."""
    rows = as_of(catalogue.read_layer(folder, edition).features, day)
    rows = rows[(rows["status"] == "in-force") & rows.geometry.notna()]
    whole = shapely.union_all(rows.to_crs(STORAGE_CRS).geometry.to_numpy())
    shares = np.zeros((grid.rows, grid.columns))
    edges = edges_of(np.array([whole]), grid)
    for found in cover(edges, row=0, column=0, rows=grid.rows, columns=grid.columns):
        shares[found.row, found.column] = found.share
        runs = zip(found.run_row, found.run_start, found.run_length, strict=True)
        for row, start, length in runs:
            shares[row, start : start + length] = 1.0
    return shares


def to_geotiff(found: Sketch) -> bytes:
    """The scores as a Cloud-Optimised GeoTIFF that says that it is a sketch, and how it came."""
    words = in_both("ground.sketch_notice")
    tags = {
        "TIFFTAG_IMAGEDESCRIPTION": f"{words['en']} / {words['zh']}",
        "ATLAS_SKETCH": json.dumps(provenance(found), ensure_ascii=True),
    }  # fmt: skip
    return cog.to_bytes(found.raster, tags=tags)


def provenance(found: Sketch) -> dict[str, Any]:
    """Weights, rules and editions: everything that made the scores."""
    return {
        "sketch": in_both("ground.sketch_notice"),
        "weights": dict(zip(CRITERIA, found.weights, strict=True)),
        "rules": {
            "stations": {"best_km": NEAR_KM, "worst_km": FAR_KM},
            "terrain": {"best_m": LOW_M, "worst_m": HIGH_M},
            "land_cover": {str(value): score for value, score in LAND_SCORES.items()},
            "belts": {"inside": 0, "outside": 100},
        },
        "layers": [
            {"layer": edition.layer, "edition": edition.edition, "sha256": edition.sha256}
            for edition in found.editions
        ],
        "day": found.day.isoformat(), "known_by": found.known_by.isoformat(),
    }  # fmt: skip
