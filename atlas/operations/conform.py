"""Passing plans down: how much of an upper layer a lower plan carries, and what contradicts.

The lower plan is a layer of the atlas or a vector file in any CRS that GDAL reads; the upper one is
a layer. Of both only rows in force count, and of a file all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.conformance import DEFAULT, Conformance, Thresholds
from atlas.analysis.conformance import conform as conform_planes
from atlas.analysis.matrix import Plane, to_plane
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.land_use import NEITHER, USES, use_of_class, use_of_theme
from atlas.core.layer import RASTER, Edition, LayerInfo
from atlas.core.period import as_of
from atlas.core.report import clean
from atlas.errors import FileDamaged, WrongKind
from atlas.io import catalogue
from atlas.io.vector import check_shapes, read_vector
from atlas.operations.show import read_layer
from atlas.operations.zones import LONGEST_EDGE, ZoneSet, check_region, hash_of, read_zones

if TYPE_CHECKING:
    from collections.abc import Collection

IN_FORCE = "in-force"
UNKNOWN_USE = ""
"""Of a lower plan that does not say what its areas are for: no contradiction is judged."""
ROW = "row"
NAMES = ("name_zh", "name", "id")
"""Columns that name the features of a file, the first that it has."""


@dataclass(frozen=True, eq=False)
class LowerPlan:
    """A lower plan.

    Attributes
    ----------
    name, title
        Id of the layer or name of the file; its title by language.
    rows
        ``id``, ``name_zh``, ``name_en`` and ``use`` (one of :data:`atlas.core.land_use.USES`;
        :data:`UNKNOWN_USE` if nothing says it), EPSG:4326.
    info, edition
        Of a layer.
    sha256
        Of a file.
    class_column
        Column of a file that names land-use classes; empty if none.
    unmapped
        Classes of a file that the table of land uses does not have, with their numbers of rows;
        they count as neither.
    """

    name: str
    title: dict[str, str]
    rows: gpd.GeoDataFrame
    info: LayerInfo | None = None
    edition: Edition | None = None
    sha256: str = ""
    class_column: str = ""
    unmapped: tuple[tuple[str, int], ...] = ()

    @property
    def judged(self) -> bool:
        """Whether it says what its areas are for, so that contradictions can be found."""
        return not (self.rows["use"] == UNKNOWN_USE).any()


@dataclass(frozen=True, eq=False)
class Conformed:
    """A lower plan held against an upper layer on a day.

    ``result`` points by position into ``upper_rows``, ``lower.rows`` and ``zones.rows``;
    ``uncounted`` says how many rows of each status the upper layer has besides.
    """

    lower: LowerPlan
    upper: LayerInfo
    upper_edition: Edition
    upper_rows: gpd.GeoDataFrame
    upper_use: str
    uncounted: tuple[tuple[str, int], ...]
    zones: ZoneSet
    day: dt.date
    known_by: dt.date
    thresholds: Thresholds
    result: Conformance

    def shapes(self) -> gpd.GeoDataFrame:
        """Pieces in EPSG:4326: ``feature``, ``state`` and ``size``."""
        return self.result.pieces.to_crs(STORAGE_CRS)


def conform(
    folder: Path, lower: str, upper: str, *, zones: str | ZoneSet = "cities", day: dt.date,
    known_by: dt.date, class_column: str = "", use: str = UNKNOWN_USE,
    thresholds: Thresholds = DEFAULT,
) -> Conformed:  # fmt: skip
    """Hold a lower plan against an upper layer.

    Parameters
    ----------
    folder
        Where the layers lie.
    lower
        Id of a layer, or path of a file.
    upper
        Id of a layer.
    zones
        Zones that the result is told by: a layer of polygons, a file, or zones that were read.
    day, known_by
        In force on which day, as published by which day; a file has no days.
    class_column
        Column of the file that names land-use classes (:mod:`atlas.core.land_use`).
    use
        What the whole file is for, where no column says it.
    thresholds
        From when on words are used.

    Raises
    ------
    LayerNotFound, EditionNotFound, WrongKind
        If there is no such layer, or it is a raster.
    FileDamaged
        If the file cannot be read, does not say its CRS, has no such column, or lies elsewhere.
    """
    held = zones if isinstance(zones, ZoneSet) else read_zones(
        folder, zones, day=day, known_by=known_by
    )  # fmt: skip
    plan = read_lower(folder, lower, day=day, known_by=known_by, class_column=class_column, use=use)
    info = _feature_layer(folder, upper)
    layer = read_layer(folder, upper, known_by=known_by)
    every = as_of(layer.features, day)
    rows = every[every["status"] == IN_FORCE].reset_index(drop=True)
    others = Counter(str(status) for status in every["status"] if status != IN_FORCE)
    return conform_plans(
        plan, info, layer.edition, rows, held, day=day, known_by=known_by, thresholds=thresholds,
        uncounted=tuple(sorted(others.items())),
    )  # fmt: skip


def conform_plans(
    lower: LowerPlan, upper: LayerInfo, edition: Edition, rows: gpd.GeoDataFrame, zones: ZoneSet, *,
    day: dt.date, known_by: dt.date, thresholds: Thresholds = DEFAULT,
    uncounted: tuple[tuple[str, int], ...] = (),
) -> Conformed:  # fmt: skip
    """Hold plans that were read against each other; else as :func:`conform`."""
    files = lower.info is None or zones.info is None
    lower_plane, upper_plane, zone_plane = (
        _plane(one, follow=files) for one in (lower.rows, rows, zones.rows)
    )
    upper_use = use_of_theme(upper.theme)
    result = conform_planes(
        lower_plane, lower.rows["use"].to_numpy(object), upper_plane, upper_use,
        index_zones(zone_plane.shapes), thresholds,
    )  # fmt: skip
    return Conformed(
        lower, upper, edition, rows, upper_use, uncounted, zones, day, known_by, thresholds, result
    )


def _plane(rows: gpd.GeoDataFrame, *, follow: bool) -> Plane:
    """Rows in the working CRS; beside files with corners on their long sides.

    A side is straight in degrees: a file and a layer with the same corners are then the same.
    """
    if not follow:
        return to_plane(rows)
    shapes = shapely.segmentize(rows.geometry.to_numpy(), LONGEST_EDGE)
    return to_plane(rows.set_geometry(shapes, crs=STORAGE_CRS))


def _feature_layer(folder: Path, layer: str) -> LayerInfo:
    info = catalogue.read_info(folder, layer)
    if info.kind == RASTER:
        problem = "it has cells, no features; choose a layer of polygons, lines or points"
        raise WrongKind(layer=layer, kind=info.kind, problem=problem)
    return info


def read_lower(
    folder: Path, lower: str, *, day: dt.date, known_by: dt.date, class_column: str = "",
    use: str = UNKNOWN_USE,
) -> LowerPlan:  # fmt: skip
    """Read a lower plan: a layer as of a day, or a file; else as :func:`conform`."""
    if lower in catalogue.list_layer_ids(folder):
        info = _feature_layer(folder, lower)
        layer = read_layer(folder, lower, known_by=known_by)
        rows = as_of(layer.features, day)
        rows = rows[(rows["status"] == IN_FORCE) & rows.geometry.notna()]
        named = rows[["id", "name_zh", "name_en", "plan_version", "part", "geometry"]]
        own = named.assign(use=use_of_theme(info.theme)).reset_index(drop=True)
        return LowerPlan(lower, info.title, own, info, layer.edition)
    return read_lower_file(Path(lower), class_column=class_column, use=use)


def read_lower_file(
    path: Path, *, class_column: str = "", use: str = UNKNOWN_USE, shown: str = ""
) -> LowerPlan:
    """Read a file as a lower plan.

    Parameters
    ----------
    path
        A vector file.
    class_column, use
        What says what its areas are for; the column counts where both are given.
    shown
        Name that it goes by; default its own.

    Raises
    ------
    FileDamaged
        If it cannot be read or taken.
    """
    rows = read_vector(path)
    rows = rows[rows.geometry.notna() & ~rows.geometry.is_empty].reset_index(drop=True)
    names = _names(rows)
    check_shapes(path, rows.assign(**{ROW: names}), ROW)
    if len(rows):
        check_region(path, rows.geometry.to_numpy(), names)
    uses, unmapped = _uses(path, rows, class_column, use)
    frame = gpd.GeoDataFrame(
        {"id": names, "name_zh": names, "name_en": names, "plan_version": "", "part": "whole",
         "use": uses},
        geometry=rows.geometry.to_numpy(), crs=STORAGE_CRS,
    )  # fmt: skip
    name = shown or path.name
    return LowerPlan(
        name, {"zh": name, "en": name}, frame, sha256=hash_of(path), class_column=class_column,
        unmapped=unmapped,
    )  # fmt: skip


def _names(rows: gpd.GeoDataFrame) -> list[str]:
    """Names of a file's features: of the first naming column, else their numbers from 1."""
    column = next((name for name in NAMES if name in rows.columns), None)
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    if column is None:
        return numbers
    held = zip(rows[column], numbers, strict=True)
    return [number if pd.isna(value) else clean(str(value))[:80] for value, number in held]


def _uses(
    path: Path, rows: gpd.GeoDataFrame, column: str, use: str
) -> tuple[np.ndarray, tuple[tuple[str, int], ...]]:
    """What each feature is for, and the classes that the table does not have."""
    if not column:
        return np.full(len(rows), use if use in USES else UNKNOWN_USE, dtype=object), ()
    if column not in rows.columns:
        there: Collection[str] = [str(name) for name in rows.columns[:20] if name != "geometry"]
        problem = f"no column '{column[:60]}' of land-use classes; there are: {', '.join(there)}"
        raise FileDamaged(file=path, problem=problem)
    found = [use_of_class(value) for value in rows[column]]
    unmapped = Counter(
        "" if pd.isna(value) else clean(str(value))[:60]
        for value, known in zip(rows[column], found, strict=True) if known is None
    )  # fmt: skip
    uses = np.array([known or NEITHER for known in found], dtype=object)
    return uses, tuple(sorted(unmapped.items(), key=lambda item: (-item[1], item[0])))
