"""Overlap of zones with the features of a layer: on one day, or as it changes between two."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from atlas.analysis.matrix import (
    Plane,
    covered,
    outside,
    pair_shapes,
    to_plane,
    zone_by_feature,
    zone_by_zone,
)
from atlas.analysis.matrix_change import matrix_change
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of, day_uncertain
from atlas.operations.show import read_layer
from atlas.operations.zones import ZoneSet, follow_degrees, one_row_each, read_zones

PLANNED = ("innovation", "ecology", "metropolitan", "rail")
"""Themes whose features begin some day; a lake that does not say when is not in doubt."""
SIZE = {"polygon": "area_km2", "line": "length_km", "point": "count"}
"""Name of the size column, by kind of the layer."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """A zone-by-feature matrix on one day.

    ``table`` is that of :func:`atlas.analysis.matrix.zone_by_feature`; its positions point into
    ``zones.rows`` and ``features``. ``union`` is what any feature covers of each zone, ``left``
    what of each feature lies in no zone. ``doubtful`` marks features of which it is not known
    whether they were in force on the day.
    """

    info: LayerInfo
    edition: Edition
    day: dt.date
    known_by: dt.date
    zones: ZoneSet
    features: gpd.GeoDataFrame
    zone_plane: Plane
    plane: Plane
    table: pd.DataFrame
    union: np.ndarray
    left: np.ndarray
    doubtful: np.ndarray

    @property
    def size_name(self) -> str:
        """Name of the size column: ``area_km2``, ``length_km`` or ``count``."""
        return SIZE[self.info.kind]

    def pairs(self) -> pd.DataFrame:
        """What two zones share, see :func:`atlas.analysis.matrix.zone_by_zone`."""
        ids = self.features["id"].reset_index(drop=True)
        return zone_by_zone(self.zone_plane, self.table, ids)

    def shapes(self, rows: pd.DataFrame | None = None) -> gpd.GeoDataFrame:
        """The pieces of pairs in EPSG:4326 (default all), on the index of the table."""
        chosen = self.table if rows is None else rows
        return pair_shapes(self.zone_plane, self.plane, chosen).to_crs(STORAGE_CRS)


def overlap(
    folder: Path, layer: str, *, zones: str | ZoneSet = "cities", day: dt.date, known_by: dt.date,
    feature: str | None = None, threads: int = 1,
) -> Overlap:  # fmt: skip
    """Overlap zones with the features of a layer that are in force on a day.

    Parameters
    ----------
    folder, layer
        Where the layers lie, and which one.
    zones
        A layer of polygons, a vector file, or zones that were read.
    day, known_by
        In force on which day, as published by which day; zones too.
    feature
        Only this feature.
    threads
        Threads that cut at the same time.

    Raises
    ------
    LayerNotFound, EditionNotFound, FeatureNotFound, FileDamaged, WrongKind
        If there is nothing to overlap.
    """
    read = read_layer(folder, layer, known_by=known_by)
    held = zones if isinstance(zones, ZoneSet) else read_zones(
        folder, zones, day=day, known_by=known_by
    )  # fmt: skip
    return overlap_layer(read, held, day=day, known_by=known_by, feature=feature, threads=threads)


def overlap_layer(
    layer: Layer, zones: ZoneSet, *, day: dt.date, known_by: dt.date, feature: str | None = None,
    threads: int = 1,
) -> Overlap:  # fmt: skip
    """Overlap zones with a layer that was read; else as :func:`overlap`."""
    rows = as_of(layer.features, day)
    if feature is not None:
        rows = rows[rows["id"] == feature]
    rows = rows.reset_index(drop=True)
    zone_plane, plane = (to_plane(follow_degrees(one, zones)) for one in (zones.rows, rows))
    index = index_zones(zone_plane.shapes)
    table = zone_by_feature(zone_plane, plane, index=index, threads=threads)
    return Overlap(
        layer.info, layer.edition, day, known_by, zones, rows, zone_plane, plane, table,
        covered(zone_plane, plane, index=index), outside(plane, table),
        _doubtful(layer.info, rows, day),
    )  # fmt: skip


def _doubtful(info: LayerInfo, rows: gpd.GeoDataFrame, day: dt.date) -> np.ndarray:
    """Features that may not have begun or may have ended: also those that do not say when."""
    uncertain = day_uncertain(rows, day)
    if info.theme in PLANNED:
        uncertain |= rows["valid_from"].isna()
    return uncertain.to_numpy()


@dataclass(frozen=True, eq=False)
class OverlapChange:
    """How a matrix changes between two days, and because of what.

    ``table`` is that of :func:`atlas.analysis.matrix_change.matrix_change`, by ids;
    ``estimated`` holds ids of zones whose boundary on one of the days is a reconstruction;
    ``unknown`` ids of features of which an extent was not published on one of the days: what
    zones gain and lose of them is not known, and they are not in the table.
    """

    info: LayerInfo
    edition: Edition
    old: dt.date
    new: dt.date
    known_by: dt.date
    old_zones: ZoneSet
    new_zones: ZoneSet
    old_features: gpd.GeoDataFrame
    new_features: gpd.GeoDataFrame
    table: pd.DataFrame
    estimated: frozenset[str]
    unknown: frozenset[str]

    @property
    def size_name(self) -> str:
        """Name of the size columns' unit: ``area_km2``, ``length_km`` or ``count``."""
        return SIZE[self.info.kind]


def overlap_change(
    folder: Path, layer: str, *, zones: str | ZoneSet = "cities", old: dt.date, new: dt.date,
    known_by: dt.date,
) -> OverlapChange:  # fmt: skip
    """Compare the matrices of two days; versions and parts of one id are one feature.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there is nothing to compare.
    """
    read = read_layer(folder, layer, known_by=known_by)
    held = [
        zones if isinstance(zones, ZoneSet)
        else read_zones(folder, zones, day=day, known_by=known_by)
        for day in (old, new)
    ]  # fmt: skip
    current = [as_of(read.features, day) for day in (old, new)]
    unknown = frozenset(id_ for rows in current for id_ in rows.loc[rows.geometry.isna(), "id"])
    rows = [one_row_each(rows[~rows["id"].isin(unknown)]) for rows in current]
    shapes = [
        follow_degrees(frame, held[0]).set_index("id").geometry
        for frame in (held[0].rows, held[1].rows, *rows)
    ]
    table = matrix_change(*shapes)
    doubtful = frozenset(
        id_ for zone in held for id_ in zone.rows.loc[zone.rows["estimated"], "id"]
    )
    return OverlapChange(
        read.info, read.edition, old, new, known_by, held[0], held[1], rows[0], rows[1], table,
        doubtful, unknown,
    )  # fmt: skip
