"""Canonical GeoJSON: the one text form of a layer.

Sorted by key, columns in schema order, 6 decimals, ISO dates, one feature a line, so that
a version-control diff shows only true changes; reading and writing gives the same bytes.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, NoReturn

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core import geometry as geometry_rules
from atlas.core.crs import STORAGE_CRS
from atlas.core.schema import (
    FORMS,
    KEY,
    RECORD_COLUMNS,
    Column,
    check_rows,
    missing_to_none,
    row_key,
    shown_key,
)
from atlas.errors import FileDamaged, Problem, SchemaError
from atlas.io.files import repeated_key

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

HEAD = '{"type":"FeatureCollection","features":[\n'
TAIL = "\n]}\n"
HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
"""An escape that may be half of a surrogate pair, which cannot be written as UTF-8."""
CRS_CODES = ("4326", "4490")
"""EPSG codes of longitude and latitude in degrees: WGS 84, and CGCS2000, alike to 1 m."""
NO_GEOMETRY = "not the coordinates of a GeoJSON geometry"
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
    document = load_json(content, file)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise FileDamaged(file=file, problem="not a GeoJSON FeatureCollection")
    if "crs" in document:
        _refuse_crs(document["crs"], file)
    for place, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            raise FileDamaged(file=file, problem=f"feature {place} has no properties")
        if feature.get("type") != "Feature":
            raise FileDamaged(file=file, problem=f"feature {place} is not of type 'Feature'")
    return features


def _refuse_crs(crs: Any, file: Path | str) -> None:
    """Old GeoJSON may name a CRS; only longitude and latitude in degrees are read."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    parts = re.split("[:/]+", name.upper()) if isinstance(name, str) else [""]
    if parts[-1] == "CRS84" or (parts[-1] in CRS_CODES and "EPSG" in parts):
        return
    shown = name if isinstance(name, str) else json.dumps(crs, ensure_ascii=False)
    problem = f"its CRS is {shown[:60]}; it must be EPSG:4326 (or CRS84, EPSG:4490): reproject it"
    raise FileDamaged(file=file, problem=problem)


def load_json(content: bytes, file: Path | str) -> Any:
    """Value of a JSON text, or one clear error."""

    def refuse(constant: str) -> NoReturn:
        raise FileDamaged(file=file, problem=f"holds {constant}, which is not JSON: write null")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated = repeated_key(pairs)
        if repeated is not None:
            problem = f"the key '{repeated}' stands twice in one object"
            raise FileDamaged(file=file, problem=problem)
        return dict(pairs)

    try:
        text = content.removeprefix(BOM_UTF8).decode("utf-8")
        document = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
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
        raise FileDamaged(file=file, problem="nested too deeply") from None
    return document


def parse_geometry(feature: dict[str, Any]) -> shapely.Geometry | None:
    """Geometry of one feature.

    Raises
    ------
    ValueError
        If the coordinates are not those of a GeoJSON geometry.
    """
    if feature.get("geometry") is None:
        return None
    try:
        return shapely.from_geojson(json.dumps(feature["geometry"]))
    except shapely.GEOSException:
        raise ValueError(NO_GEOMETRY) from None


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
    geometries: list[shapely.Geometry | None] = []
    problems = check_rows(layer, edition, columns, rows)
    for feature, row in zip(parsed, rows, strict=True):
        try:
            geometries.append(parse_geometry(feature))
        except ValueError as error:
            wrong = [("geometry", str(error))]
        else:
            basis = row.get("geometry_basis")
            wrong = list(geometry_rules.geometry_problems(kind, basis, geometries[-1]))
        name = shown_key(row_key(row))
        problems += [Problem(layer, edition, name, rule, message) for rule, message in wrong]
    if not rows:
        problems.append(Problem(layer, edition, None, "rows", "the layer has no features"))
    if problems:
        raise SchemaError(str(file), problems)
    return to_frame(columns, rows, geometries)


def read_published(
    content: bytes, file: Path | str, *, columns: tuple[Column, ...]
) -> gpd.GeoDataFrame:
    """Read an edition whose hash is proven: it was valid by the schema of its day.

    A column that came later is empty, a column that was dropped since is left out; values
    of another type than today's stay as they were published.

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
    try:
        geometries = [parse_geometry(feature) for feature in parsed]
    except ValueError as error:
        raise FileDamaged(file=file, problem=str(error)) from None
    foreign = [column.name for column in schema if not _fits(column, rows)]
    return to_frame(columns, rows, geometries, foreign=foreign)


def _fits(column: Column, rows: list[dict[str, Any]]) -> bool:
    """Whether the values of a column are of its type; its edition may have had another one."""
    fits, _ = FORMS[column.type]
    empty = column.type != "boolean" or not column.required
    return all(empty if row[column.name] is None else fits(row[column.name]) for row in rows)


def to_frame(
    columns: tuple[Column, ...], rows: list[dict[str, Any]], geometries: list[Any],
    *, foreign: Collection[str] = (),
) -> gpd.GeoDataFrame:  # fmt: skip
    """Rows and geometries as a frame in EPSG:4326, with the dtypes of the schema.

    Values of ``foreign`` columns stay as they are: of other types than the schema says.
    """
    schema = RECORD_COLUMNS + columns
    table = {}
    for column in schema:
        dtype = "object" if column.name in foreign else _dtype(column)
        table[column.name] = pd.Series([row[column.name] for row in rows], dtype=dtype)
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
