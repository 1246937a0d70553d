"""Rows of frames compared by key and by content, all at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.errors import KeyRepeated


def key_index(features: gpd.GeoDataFrame, key: tuple[str, ...]) -> pd.Index:
    """Keys of rows, in order.

    Raises
    ------
    KeyRepeated
        If a key stands twice.
    """
    index = pd.Index(features[key[0]]) if len(key) == 1 else pd.MultiIndex.from_frame(
        features[list(key)]
    )  # fmt: skip
    if not index.is_unique:
        repeated = index[index.duplicated()][0]
        shown = "/".join(map(str, repeated)) if isinstance(repeated, tuple) else str(repeated)
        raise KeyRepeated(columns=", ".join(key), value=shown[:80])
    return index


def positions(wanted: pd.Index, held: pd.Index) -> np.ndarray:
    """Position in ``held`` of each key of ``wanted``; −1 where it is not there."""
    if len(wanted) == 0 or len(held) == 0:
        return np.full(len(wanted), -1)
    return np.asarray(held.get_indexer(wanted))


def differing(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> np.ndarray:
    """Which rows differ from the row at the same position, in any column or in geometry.

    Missing values equal each other; a geometry equals itself however its rings begin.
    """
    found = np.zeros(len(old), dtype=bool)
    geometry = old.geometry.name
    for name in old.columns:
        if name != geometry:
            found |= values_differ(old[name], new[name])
    return np.asarray(found | ~same_shapes(old[geometry].to_numpy(), new[geometry].to_numpy()))


def values_differ(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Which values differ from the value at the same position; missing equals missing."""
    empty, void = old.isna().to_numpy(), new.isna().to_numpy()
    unequal = np.zeros(len(old), dtype=bool)
    known = ~empty & ~void
    if known.all():
        unequal = _unequal(old, new)
    elif known.any():
        unequal[known] = _unequal(old[known], new[known])
    return np.asarray(unequal | (empty != void))


def _unequal(old: pd.Series, new: pd.Series) -> np.ndarray:
    """Whether values that are all known differ; lists and records compare as a whole."""
    if old.dtype == new.dtype and old.dtype.kind in "biuf":
        return np.asarray(old.to_numpy() != new.to_numpy())
    return np.asarray(old.to_numpy(object) != new.to_numpy(object), dtype=bool)


def same_shapes(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Which geometries are equal point by point, wherever rings start; none equals none."""
    missing, void = shapely.is_missing(old), shapely.is_missing(new)
    same = shapely.equals_identical(old, new) | (missing & void)
    rest = np.flatnonzero(~same & ~missing & ~void)
    rest = rest[shapely.get_num_coordinates(old[rest]) == shapely.get_num_coordinates(new[rest])]
    same[rest] = shapely.equals_identical(
        shapely.normalize(old[rest]), shapely.normalize(new[rest])
    )
    return np.asarray(same)
