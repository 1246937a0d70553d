"""How a zone-by-feature matrix changes between two days, and because of what.

A place that a zone gains of a feature is gained because the feature came (the zone had the place
already), because the zone came (the feature was there already), or because both came. These
three add up to the gain exactly, and the same holds for losses: every cell, row, column and
total reconciles. Nothing is apportioned.

With Z and F the zone and the feature on the old (o) and the new day (n), K = Zo ∩ Zn and
C = Fo ∩ Fn, every part is a sum of the nine sizes |{Zo, Zn, K} ∩ {Fo, Fn, C}|:
kept = |K ∩ C|; gained by the feature = |K ∩ Fn| − |K ∩ C|; by the zone = |Zn ∩ C| − |K ∩ C|;
by both = |Zn ∩ Fn| − |K ∩ Fn| − |Zn ∩ C| + |K ∩ C|; losses with o for n.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.matrix import size_of
from atlas.analysis.overlap import overlap_pairs
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import WORKING_CRS

PARTS = (
    "old", "new", "kept", "gained_feature", "gained_zone", "gained_both", "lost_feature",
    "lost_zone", "lost_both",
)  # fmt: skip
"""Columns of a change; gained and lost are the sums of their three reasons."""
NOISE_KM2 = 1e-9
"""Sizes below a square millimetre are the rounding of sums, and are set to nothing."""


def matrix_change(
    old_zones: gpd.GeoSeries, new_zones: gpd.GeoSeries, old_features: gpd.GeoSeries,
    new_features: gpd.GeoSeries,
) -> pd.DataFrame:  # fmt: skip
    """Compare two matrices cell by cell.

    Parameters
    ----------
    old_zones, new_zones, old_features, new_features
        Geometry by id on the two days, any CRS; each id once, missing where there was none.

    Returns
    -------
    pandas.DataFrame
        One row a zone and feature that overlap on either day: ``zone``, ``feature`` (ids) and
        :data:`PARTS` with ``gained`` and ``lost``, in km² or km. ``old`` is kept + lost,
        ``new`` is kept + gained.
    """
    zones, zone_ids = _three(old_zones, new_zones)
    features, feature_ids = _three(old_features, new_features)
    sizes = _sizes(zones, features)
    zone_count, feature_count = len(zone_ids), len(feature_ids)
    cell = sizes.reshape(3, zone_count, 3, feature_count)
    kept = cell[2, :, 2]
    parts = {
        "old": cell[0, :, 0], "new": cell[1, :, 1], "kept": kept,
        "gained_feature": cell[2, :, 1] - kept, "gained_zone": cell[1, :, 2] - kept,
        "gained_both": cell[1, :, 1] - cell[2, :, 1] - cell[1, :, 2] + kept,
        "lost_feature": cell[2, :, 0] - kept, "lost_zone": cell[0, :, 2] - kept,
        "lost_both": cell[0, :, 0] - cell[2, :, 0] - cell[0, :, 2] + kept,
    }  # fmt: skip
    zone, feature = np.nonzero((parts["old"] > 0) | (parts["new"] > 0))
    table = pd.DataFrame({"zone": zone_ids[zone], "feature": feature_ids[feature]})
    for name in PARTS:
        values = parts[name][zone, feature]
        table[name] = np.where(np.abs(values) < NOISE_KM2, 0.0, values)
    for side in ("gained", "lost"):
        table[side] = sum(table[f"{side}_{reason}"] for reason in ("feature", "zone", "both"))
    return table


def _three(old: gpd.GeoSeries, new: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
    """Shapes on the old day, on the new day, and what both have, by id, in the working CRS."""
    ids = np.array(sorted(set(old.index) | set(new.index)), dtype=object)
    before, after = _by_id(old, ids), _by_id(new, ids)
    same = shapely.equals_identical(before, after)
    both = before.copy()
    both[~same] = shapely.intersection(before[~same], after[~same])
    return np.concatenate([before, after, both]), ids


def _by_id(shapes: gpd.GeoSeries, ids: np.ndarray) -> np.ndarray:
    """Shapes in the order of ids; nothing where there is none."""
    projected = shapes.to_crs(WORKING_CRS).reindex(ids).to_numpy()
    nothing = shapely.GeometryCollection()
    return np.asarray(np.where(shapely.is_missing(projected), nothing, projected))


def _sizes(zones: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Size of every zone with every feature; shapes that are equal are cut once."""
    zone_places, zone_of = _distinct(zones)
    feature_places, feature_of = _distinct(features)
    table = np.zeros((len(zone_places), len(feature_places)))
    drawn = zones[zone_places]
    pairs = overlap_pairs(index_zones(drawn), features[feature_places], size=size_of)
    table[pairs.zone, pairs.thing] = pairs.size
    return np.asarray(table[np.ix_(zone_of, feature_of)])


def _distinct(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of distinct shapes, and for each shape the position among them."""
    _, places, owner = np.unique(shapely.to_wkb(shapes), return_index=True, return_inverse=True)
    return places, owner
