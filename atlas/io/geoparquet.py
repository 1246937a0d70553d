"""What GeoParquet says of its geometry column, and its encodings besides well-known binary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from atlas.errors import FileDamaged

DEFAULT_CRS = "OGC:CRS84"
"""What the specification means where a file says nothing."""
NATIVE = ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")


def read_geo(
    path: Path, metadata: dict[bytes, bytes] | None, names: Sequence[str]
) -> tuple[str, str, CRS]:
    """Read what a Parquet file says of its geometry.

    Parameters
    ----------
    path
        Named in messages.
    metadata, names
        Key-value metadata and columns of the file.

    Returns
    -------
    geometry, encoding, crs
        Name of the primary geometry column, how it is encoded, and its CRS.

    Raises
    ------
    FileDamaged
        If the file has no geometry column, a broken or foreign description of it, or no CRS.
    """
    text = (metadata or {}).get(b"geo")
    if text is None:
        raise FileDamaged(file=path, problem="has no geometry column: it is not GeoParquet")
    try:
        facts = json.loads(text)
        geometry = facts["primary_column"]
        column = facts["columns"][geometry]
        encoding = str(column["encoding"])
        crs = _crs(path, column.get("crs", DEFAULT_CRS))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problem = "its 'geo' metadata does not describe a geometry column: write the file anew"
        raise FileDamaged(file=path, problem=problem) from None
    if list(names).count(geometry) != 1:
        problem = f"has no geometry column '{str(geometry)[:60]}', though it says so"
        raise FileDamaged(file=path, problem=problem)
    if encoding != "WKB" and encoding not in NATIVE:
        problem = f"its geometry is encoded as '{encoding[:60]}': write it as WKB"
        raise FileDamaged(file=path, problem=problem)
    if column.get("edges", "planar") != "planar":
        problem = "its edges are great circles: write it with planar edges"
        raise FileDamaged(file=path, problem=problem)
    return geometry, encoding, crs


def _crs(path: Path, told: Any) -> CRS:
    if told is None:
        problem = "it does not say its CRS: assign one, for example EPSG:4326 or EPSG:4490"
        raise FileDamaged(file=path, problem=problem)
    try:
        return CRS.from_user_input(told)
    except CRSError as error:
        problem = f"its CRS cannot be read: {str(error)[:200]}"
        raise FileDamaged(file=path, problem=problem) from None


def native_to_wkb(path: Path, shapes: pa.Array, encoding: str) -> pa.Array:
    """Geometries of a GeoArrow encoding as well-known binary.

    Raises
    ------
    FileDamaged
        If the column is not built as its encoding says.
    """
    if isinstance(shapes, pa.ExtensionArray):
        shapes = shapes.storage
    told = {"ARROW:extension:name": f"geoarrow.{encoding}", "ARROW:extension:metadata": "{}"}
    field = pa.field("geometry", shapes.type, metadata=told)
    table = pa.table([shapes], schema=pa.schema([field]))
    try:
        series = gpd.GeoDataFrame.from_arrow(table).geometry
    except (AttributeError, TypeError, ValueError, NotImplementedError) as error:
        problem = f"its geometry is not encoded as '{encoding}': {str(error)[:200]}"
        raise FileDamaged(file=path, problem=problem) from None
    return pa.array(shapely.to_wkb(series.to_numpy()), type=pa.large_binary())
