"""Zones to look into a raster with: features, cities, files, and pieces of one in the other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from atlas.analysis.matrix import pair_shapes, to_plane, zone_by_feature
from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid
from atlas.core.period import as_of, day_uncertain
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.operations.show import read_layer
from atlas.operations.zones import LONGEST_EDGE, ZoneSet, follow_degrees, read_zones, zones_of

PIECE = " ∩ "


@dataclass(frozen=True, eq=False)
class GroundZones:
    """Zones, and what is not known of them.

    ``undrawn`` are names of features in force whose extent was not published; ``uncertain`` are
    ids of zones of which it is not known whether they were in force on the day.
    """

    zones: ZoneSet
    undrawn: tuple[dict[str, str], ...] = ()
    uncertain: frozenset[str] = frozenset()


def ground_zones(
    folder: Path, name: str, *, day: dt.date, known_by: dt.date, by: str = "", key: str = "id"
) -> GroundZones:
    """Read zones as of a day.

    Parameters
    ----------
    folder, name
        Where the layers lie; a layer of polygons, or a vector file.
    day, known_by
        In force on which day, as published by which day.
    by
        Another layer of polygons: the zones are the pieces of the first in the features of this.
    key
        Column of a file that names its zones.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there are no such zones.
    """
    found = _read(folder, name, day, known_by, key)
    if not by:
        return found
    other = _read(folder, by, day, known_by, "id")
    return _pieces(found, other.zones, other.uncertain)


def _read(folder: Path, name: str, day: dt.date, known_by: dt.date, key: str) -> GroundZones:
    """Zones of a layer with what is not known of them, or of a file."""
    if name not in catalogue.list_layer_ids(folder):
        return GroundZones(read_zones(folder, name, day=day, known_by=known_by, key=key))
    layer = read_layer(folder, name, known_by=known_by)
    zones = zones_of(layer, day)
    rows = as_of(layer.features, day)
    lost = rows[rows.geometry.isna() & ~rows["id"].isin(zones.rows["id"])]
    names = {row.id: {"zh": row.name_zh, "en": row.name_en} for row in lost.itertuples()}
    doubtful = rows.loc[day_uncertain(rows, day), "id"]
    return GroundZones(zones, tuple(names.values()), frozenset(doubtful))


def _pieces(found: GroundZones, other: ZoneSet, doubts: frozenset[str]) -> GroundZones:
    """Pieces of zones in other zones; slivers, which may be nothing at all, are left out."""
    first = found.zones
    outer_plane, inner_plane = (
        to_plane(follow_degrees(zones.rows, first)) for zones in (other, first)
    )
    pairs = zone_by_feature(outer_plane, inner_plane)
    pairs = pairs[~pairs["sliver"].astype(bool)]
    shapes = pair_shapes(outer_plane, inner_plane, pairs).to_crs(STORAGE_CRS).geometry.to_numpy()
    outer, inner = (
        rows.iloc[pairs[place].to_numpy()].reset_index(drop=True)
        for rows, place in ((other.rows, "zone"), (first.rows, "feature"))
    )
    table: dict[str, Any] = {"id": inner["id"] + "/" + outer["id"]}
    for lang in LANGUAGES:
        table[f"name_{lang}"] = inner[f"name_{lang}"] + PIECE + outer[f"name_{lang}"]
    table["accuracy_m"] = np.fmax(inner["accuracy_m"], outer["accuracy_m"])
    table["estimated"] = inner["estimated"] | outer["estimated"]
    rows = gpd.GeoDataFrame(table, geometry=shapes, crs=STORAGE_CRS)
    title = {
        lang: translate("ground.pieces", lang, first=first.title[lang], second=other.title[lang])
        for lang in LANGUAGES
    }
    unsure = inner["id"].isin(found.uncertain) | outer["id"].isin(doubts)
    zones = ZoneSet(
        rows, f"{first.name}{PIECE}{other.name}", title, first.edition, first.info,
        first.sha256,
    )  # fmt: skip
    return GroundZones(zones, found.undrawn, frozenset(rows.loc[unsure, "id"]))


def shapes_on(zones: ZoneSet, grid: Grid) -> np.ndarray[Any, Any]:
    """Polygons of zones in the CRS of a grid; sides are straight in degrees, as files say.

    On a grid in degrees they stay as they are; elsewhere corners are set between first.
    """
    rows = zones.rows
    if grid.crs.equals(STORAGE_CRS):
        return np.asarray(rows.geometry.to_numpy())
    dense = shapely.segmentize(rows.geometry.to_numpy(), LONGEST_EDGE)
    moved = gpd.GeoSeries(dense, crs=STORAGE_CRS).to_crs(grid.crs)
    return np.asarray(moved.to_numpy())
