"""An overlap on the map: zones, features, and what the chosen cell shares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from atlas.cartography.map_document import MapLayer, map_layer
from atlas.cartography.style import read_style
from atlas.core.crs import STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.schema import Column
from atlas.i18n import LANGUAGES, in_both, translate
from atlas.operations.grammar import size_text
from atlas.operations.overlap_words import UNITS

if TYPE_CHECKING:
    from atlas.operations.cross import Crossed
    from atlas.operations.overlap import Overlap
    from atlas.operations.zones import ZoneSet

OVERLAP = "overlap"
"""Id of the derived layer, and name of its style."""
ZONES = "overlap-zones"
Mark = tuple[str, dict[str, str], float, str, Any]
"""Class, names, size, unit and geometry (EPSG:4326) of a thing on the map."""


def features_layer(found: Overlap) -> MapLayer:
    """The features, as Explore draws them."""
    return map_layer(Layer(found.info, found.edition, found.features), found.features)


def cell_layers(found: Overlap, zones: list[int], features: list[int] | None) -> list[MapLayer]:
    """The chosen zones, and what they hold of features.

    Parameters
    ----------
    found
        An overlap.
    zones
        Positions of the chosen zones, one or two.
    features
        Positions of features; default all.
    """
    table = found.table[found.table["zone"].isin(zones) & ~found.table["sliver"].astype(bool)]
    if features is not None:
        table = table[table["feature"].isin(features)]
    unit = UNITS[found.info.kind]
    marks: list[Mark] = []
    for row in found.shapes(table).itertuples():
        feature = found.features.iloc[row.feature]
        names = {lang: str(feature[f"name_{lang}"]) for lang in LANGUAGES}
        marks.append(("shared", names, float(row.size), unit, row.geometry))
    return [
        _layer(found.info, found.edition, marks, OVERLAP, found.info.kind),
        _zones_layer(found.info, found.edition, found.zones, zones),
    ]


def _zones_layer(info: LayerInfo, edition: Edition, zones: ZoneSet, places: list[int]) -> MapLayer:
    marks = [_zone_mark(zones, zone, number) for number, zone in enumerate(places)]
    return _layer(info, edition, marks, ZONES, "polygon")


def _zone_mark(zones: ZoneSet, zone: int, number: int) -> Mark:
    row = zones.rows.iloc[zone]
    names = {lang: str(row[f"name_{lang}"]) for lang in LANGUAGES}
    return ("zone" if number == 0 else "other", names, float("nan"), "", row["geometry"])


def crossed_layers(crossed: Crossed, zone: int | None) -> list[MapLayer]:
    """Pieces of two layers on each other, in one zone or in all, and points of crossing."""
    pieces = crossed.crossing.pieces
    if zone is not None:
        by_zone = crossed.crossing.by_zone
        pieces = pieces.loc[sorted(by_zone.loc[by_zone["zone"] == zone, "piece"].unique())]
    border = None if zone is None else crossed.zones.rows.geometry.iloc[zone]
    unit = UNITS[crossed.second.kind]
    marks = [
        ("shared", _both_names(crossed, row.area, row.other), float(row.size), unit,
         row.geometry if border is None else shapely.intersection(row.geometry, border))
        for row in pieces.to_crs(STORAGE_CRS).itertuples()
    ]  # fmt: skip
    points = [
        ("crossing", _both_names(crossed, row.area, row.line), float("nan"), "", row.geometry)
        for row in crossed.crossing.points.to_crs(STORAGE_CRS).itertuples()
    ]
    layers = [
        _layer(crossed.first, crossed.editions[0], marks, OVERLAP, crossed.second.kind),
        _layer(crossed.first, crossed.editions[0], points, "crossings", "point"),
    ]
    places = [] if zone is None else [zone]
    return [*layers, _zones_layer(crossed.first, crossed.editions[0], crossed.zones, places)]


def _both_names(crossed: Crossed, area: int, other: int) -> dict[str, str]:
    first, second = crossed.areas.iloc[area], crossed.others.iloc[other]
    return {lang: f"{first[f'name_{lang}']} ∩ {second[f'name_{lang}']}" for lang in LANGUAGES}


def _layer(info: LayerInfo, edition: Edition, marks: list[Mark], name: str, kind: str) -> MapLayer:
    """Marks as a layer of their own that a map can draw."""
    kept = [mark for mark in marks if mark[4] is not None and not mark[4].is_empty]
    table: dict[str, list[Any]] = {
        "id": [f"{mark[0]}-{number}" for number, mark in enumerate(kept)],
        "plan_version": ["current"] * len(kept), "part": ["whole"] * len(kept),
        "status": ["in-force"] * len(kept), "sourced": [True] * len(kept),
        "unsourced": [[] for _ in kept], "change": [mark[0] for mark in kept],
    }  # fmt: skip
    for column in ("valid_from", "valid_from_precision", "valid_to", "valid_to_precision"):
        table[column] = [None] * len(kept)
    for lang in LANGUAGES:
        table[f"name_{lang}"] = [mark[1][lang] for mark in kept]
        table[f"size_{lang}"] = [
            size_text(mark[2], mark[3], lang) if mark[3] else "" for mark in kept
        ]
    rows = gpd.GeoDataFrame(table, geometry=[mark[4] for mark in kept], crs=STORAGE_CRS)
    columns = (Column("size", title=in_both("change.column.size")),)
    title = {lang: translate("overlap.heading", lang) for lang in LANGUAGES}
    derived = replace(info, id=name, style=OVERLAP, columns=columns, title=title, kind=kind)
    return MapLayer(Layer(derived, edition, rows), rows, read_style(OVERLAP))
