"""Canonical GeoJSON: the one text form of a layer.

Sorted by key, columns in schema order, 6 decimals, ISO dates, one feature a line, so that
a version-control diff shows only true changes; reading and writing gives the same bytes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core import geometry as geometry_rules
from atlas.core.crs import STORAGE_CRS
from atlas.core.schema import (
    KEY,
    RECORD_COLUMNS,
    Column,
    check_rows,
    missing_to_none,
    row_key,
    shown_key,
)
from atlas.errors import FileDamaged, Problem, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '{"type":"FeatureCollection","features":[\n'
TAIL = "\n]}\n"
HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape that may be half of a surrogate pair, which cannot be written as UTF-8."""
EMPTY: dict[str, Any] = {"texts": [], "events": [], "boolean": False}
"""What a row holds in a column that its edition did not have; else None."""
DTYPES = {"text": "str", "day": "str", "integer": "Int64", "number": "float64", "boolean": "bool"}


def parse(content: bytes, file: Path | str) -> list[dict[str, Any]]:
    """Features of a GeoJSON text, as dictionaries.

    Raises
    ------
    FileDamaged
        If the text is not UTF-8, not JSON, or no FeatureCollection.
    """
    document = _load(content, file)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise FileDamaged(file=file, problem="not a GeoJSON FeatureCollection")
    for place, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise FileDamaged(file=file, problem=f"feature {place} has no properties")
    return features


def _load(content: bytes, file: Path | str) -> Any:
    """Value of a JSON text, or one clear error."""

    def refuse(constant: str) -> NoReturn:
        raise FileDamaged(file=file, problem=f"holds {constant}, which is not JSON: write null")

    try:
        document = json.loads(content.decode("utf-8"), parse_constant=refuse)
        if HALF_PAIR.search(content):
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise FileDamaged(file=file, problem=f"not UTF-8 at byte {error.start}") from None
    except UnicodeEncodeError:
        raise FileDamaged(file=file, problem="holds half of a surrogate pair") from None
    except json.JSONDecodeError as error:
        problem = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise FileDamaged(file=file, problem=problem) from None
    except ValueError as error:
        raise FileDamaged(file=file, problem=f"holds a number that is too long: {error}") from None
    except RecursionError:
        raise FileDamaged(file=file, problem="nested too deeply to be GeoJSON") from None
    return document


def parse_geometry(
    feature: dict[str, Any], place: int, file: Path | str
) -> shapely.Geometry | None:
    """Geometry of one feature.

    Raises
    ------
    FileDamaged
        If the coordinates are not those of a GeoJSON geometry.
    """
    if feature.get("geometry") is None:
        return None
    try:
        return shapely.from_geojson(json.dumps(feature["geometry"]))
    except shapely.GEOSException as error:
        name = shown_key(row_key(feature["properties"]))
        problem = f"feature {place} ({name}): no GeoJSON geometry: {str(error)[:120]}"
        raise FileDamaged(file=file, problem=problem) from None


def read_features(
    content: bytes, file: Path | str, *, layer: str, kind: str, columns: tuple[Column, ...],
    edition: int | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Read a GeoJSON text into a valid frame.

    Parameters
    ----------
    content, file
        The bytes, and the name to use in messages.
    layer, edition
        Named in each problem.
    kind, columns
        Geometry kind and own columns of the layer.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, sorted by (id, plan_version, part), columns in schema order.

    Raises
    ------
    FileDamaged
        If the text cannot be read at all.
    SchemaError
        With every problem of every row.
    """
    parsed = parse(content, file)
    rows = [feature["properties"] for feature in parsed]
    geometries = [parse_geometry(feature, place, file) for place, feature in enumerate(parsed, 1)]
    problems = check_rows(layer, edition, columns, rows)
    for row, geometry in zip(rows, geometries, strict=True):
        for rule, message in geometry_rules.geometry_problems(
            kind, row.get("geometry_basis"), geometry
        ):
            problems.append(Problem(layer, edition, shown_key(row_key(row)), rule, message))
    if not rows:
        problems.append(Problem(layer, edition, None, "rows", "the layer has no features"))
    if problems:
        raise SchemaError(str(file), problems)
    return to_frame(columns, rows, geometries)


def read_published(
    content: bytes, file: Path | str, *, columns: tuple[Column, ...]
) -> gpd.GeoDataFrame:
    """Read an edition whose hash is proven: it was valid by the schema of its day.

    A column that came later is empty, a column that was dropped since is left out.

    Raises
    ------
    FileDamaged
        If the text cannot be read at all.
    """
    parsed = parse(content, file)
    schema = RECORD_COLUMNS + columns
    rows = [
        {
            column.name: feature["properties"].get(column.name, EMPTY.get(column.type))
            for column in schema
        }
        for feature in parsed
    ]
    geometries = [parse_geometry(feature, place, file) for place, feature in enumerate(parsed, 1)]
    return to_frame(columns, rows, geometries)


def to_frame(
    columns: tuple[Column, ...], rows: list[dict[str, Any]], geometries: list[Any]
) -> gpd.GeoDataFrame:
    """Rows and geometries as a frame in EPSG:4326, with the dtypes of the schema."""
    schema = RECORD_COLUMNS + columns
    table = {
        column.name: pd.Series([row[column.name] for row in rows], dtype=_dtype(column))
        for column in schema
    }
    frame = gpd.GeoDataFrame(table, geometry=geometries, crs=STORAGE_CRS)
    return frame.sort_values(list(KEY), ignore_index=True)


def _dtype(column: Column) -> str:
    """Dtype of a column; a missing truth value is neither true nor false."""
    if column.type == "boolean" and not column.required:
        return "boolean"
    return DTYPES.get(column.type, "object")


def to_bytes(features: gpd.GeoDataFrame, columns: tuple[Column, ...]) -> bytes:
    """Canonical bytes of a frame in EPSG:4326; geometries are rounded and oriented here."""
    names = [column.name for column in RECORD_COLUMNS + columns]
    ordered = features.sort_values(list(KEY))
    lines = []
    for row, geometry in zip(ordered[names].to_dict("records"), ordered.geometry, strict=True):
        properties = {name: _plain(row[name]) for name in names}
        lines.append(feature_line(properties, geometry_rules.canonical(geometry)))
    return (HEAD + ",\n".join(lines) + TAIL).encode("utf-8")


def feature_line(properties: dict[str, Any], geometry: shapely.Geometry | None) -> str:
    """One feature as one line of JSON."""
    shape = shapely.to_geojson(geometry) if geometry is not None else "null"
    text = json.dumps(properties, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f'{{"type":"Feature","properties":{text},"geometry":{shape}}}'


def _plain(value: object) -> object:
    plain = missing_to_none(value)
    if isinstance(plain, float) and plain.is_integer():
        return int(plain)
    return plain
