"""The columns that every row of a base layer has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from atlas.core.crs import STORAGE_CRS
from atlas.core.geometry import canonical
from atlas.core.schema import RECORD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence


def to_base_rows(
    features: gpd.GeoDataFrame,
    *,
    geometry_basis: str,
    accuracy_m: float,
    method: dict[str, str],
    extra: Sequence[str] = (),
) -> gpd.GeoDataFrame:
    """Complete features of today to rows of a layer, ordered by id.

    Parameters
    ----------
    features
        EPSG:4326, with ``id``, ``name_zh`` and ``name_en``; any other column of the rows
        (``part``, ``unsourced``, ``notes_en`` …) is kept where it exists.
    geometry_basis, accuracy_m
        Said of every row that does not say it itself.
    method
        How the geometry was made, keyed ``zh`` and ``en``; likewise.
    extra
        The layer's own columns, kept in this order.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of :data:`atlas.core.schema.RECORD_COLUMNS`, then ``extra``, then the
        geometry in canonical form; index 0, 1, 2 …
    """
    count = len(features)
    nothing = pd.Series([None] * count, index=features.index, dtype=object)
    common: dict[str, object] = {
        "plan_version": "current",
        "part": "whole",
        "status": "in-force",
        "valid_from": nothing,
        "valid_from_precision": nothing,
        "valid_to": nothing,
        "valid_to_precision": nothing,
        "sourced": True,
        "unsourced": pd.Series([[] for _ in range(count)], index=features.index, dtype=object),
        "geometry_basis": geometry_basis,
        "accuracy_m": accuracy_m,
        "method_zh": method["zh"],
        "method_en": method["en"],
        "notes_zh": nothing,
        "notes_en": nothing,
    }
    missing = {name: value for name, value in common.items() if name not in features}
    columns = [column.name for column in RECORD_COLUMNS]
    rows = features.assign(**missing)[[*columns, *extra, "geometry"]]
    rows["geometry"] = gpd.GeoSeries(
        [canonical(geometry) for geometry in rows.geometry], index=rows.index, crs=STORAGE_CRS
    )
    return rows.sort_values(["id", "part"], ignore_index=True)


def with_notes(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features with None for a note that is empty text in its table of facts."""
    notes = features[["notes_zh", "notes_en"]].astype(object)
    return features.assign(**notes.where(notes != "", None))
