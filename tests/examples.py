"""Small valid rows, shapes and files; a test changes the one thing that it is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely

from atlas.core.schema import Column
from atlas.io import geojson

if TYPE_CHECKING:
    import geopandas as gpd

OWN_COLUMNS = (
    Column("rank", "integer", title={"zh": "级", "en": "Rank"}),
    Column("share", "number", title={"zh": "比例", "en": "Share"}),
    Column("open", "boolean", title={"zh": "开放", "en": "Open"}),
    Column("names_old", "texts", required=True, title={"zh": "曾用名", "en": "Former names"}),
    Column("events", "events", title={"zh": "事件", "en": "Events"}),
    Column("source_url", title={"zh": "来源", "en": "Source"}),
)
"""One column of every type that a layer may add."""

OWN_VALUES = {"rank": None, "share": None, "open": None, "names_old": [], "events": None,
              "source_url": "page 3"}  # fmt: skip


def row(**changes: Any) -> dict[str, Any]:
    """Properties of one valid row of a layer without own columns."""
    return {
        "id": "belt", "plan_version": "1", "part": "whole", "name_zh": "淮河", "name_en": "Huai",
        "status": "in-force", "valid_from": "2018-06-01", "valid_from_precision": "day",
        "valid_to": None, "valid_to_precision": None, "sourced": True, "unsourced": [],
        "geometry_basis": "digitised", "accuracy_m": 100, "method_zh": "描绘",
        "method_en": "drawn", "notes_zh": None, "notes_en": None,
    } | changes  # fmt: skip


def full_row(**changes: Any) -> dict[str, Any]:
    """Properties of one valid row of a layer with :data:`OWN_COLUMNS`."""
    return row() | OWN_VALUES | changes


def in_force(start: str | None, end: str | None, **changes: Any) -> dict[str, Any]:
    """A row with a period of days."""
    return row(
        valid_from=start, valid_from_precision="day" if start else None,
        valid_to=end, valid_to_precision="day" if end else None, **changes,
    )  # fmt: skip


def square(west: float = 120.0, south: float = 30.0, size: float = 0.5) -> shapely.Polygon:
    """A square in degrees, running counter-clockwise from its south-west corner."""
    east, north = round(west + size, 6), round(south + size, 6)
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return shapely.Polygon(ring)


def feature(properties: dict[str, Any], geometry: Any) -> dict[str, Any]:
    """A GeoJSON feature; the geometry is a shape, or taken as it is."""
    if isinstance(geometry, shapely.Geometry):
        geometry = json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features: list[dict[str, Any]]) -> bytes:
    """A GeoJSON text as people write it: not in canonical form."""
    table = {"type": "FeatureCollection", "features": features}
    return json.dumps(table, indent=1).encode()


def rows_file(rows: list[dict[str, Any]], shape: Any = None) -> bytes:
    """A GeoJSON text of rows that share one shape (default: :func:`square`)."""
    return collection([feature(entry, shape or square()) for entry in rows])


def frame(rows: list[dict[str, Any]], shapes: list[Any] | None = None) -> gpd.GeoDataFrame:
    """A frame as the atlas reads it."""
    return geojson.to_frame((), rows, shapes or [square()] * len(rows))
