"""GeoPackages with many tables, their origin, and the styles by which QGIS draws them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from atlas.core.crs import STORAGE_CRS
from atlas.core.geometry import canonical
from atlas.core.schema import FORMS, KEY, RECORD_COLUMNS, Column, missing_to_none
from atlas.errors import WriteFailed
from atlas.io.files import TEMPORARY, read_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

STYLES = "layer_styles"
"""The table in which QGIS keeps styles, and looks for the one to draw a layer by."""
STYLE_COLUMNS = (
    '"id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "f_table_catalog" TEXT(256), '
    '"f_table_schema" TEXT(256), "f_table_name" TEXT(256), "f_geometry_column" TEXT(256), '
    '"styleName" TEXT(30), "styleQML" TEXT, "styleSLD" TEXT, "useAsDefault" BOOLEAN, '
    '"description" TEXT, "owner" TEXT(30), "ui" TEXT(30), "update_time" DATETIME'
)
GEOMETRY, FID = "geom", "fid"
SHAPES = {
    "polygon": ("MultiPolygon", shapely.multipolygons),
    "line": ("MultiLineString", shapely.multilinestrings),
    "point": ("Point", None),
}
"""Type of the geometry column of a layer, and what makes one of many of a geometry."""
ARROW = {"day": pa.date32(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
"""Types that are not written as text."""
NAME_SHOWN = 30


@dataclass(frozen=True, eq=False)
class LayerTable:
    """One layer as a table of a GeoPackage.

    ``rows`` is in EPSG:4326, ``columns`` are the layer's own beside those of every row;
    ``qml`` is how QGIS draws it.
    """

    name: str
    title: str
    description: str
    kind: str
    columns: tuple[Column, ...]
    rows: gpd.GeoDataFrame
    qml: str


def geopackage_bytes(
    tables: Sequence[LayerTable], attributes: Mapping[str, Sequence[Mapping[str, Any]]],
    *, made: dt.date,
) -> bytes:  # fmt: skip
    """Write tables of features, tables without geometry, and styles: the same bytes each time.

    Days become dates, lists become text (JSON); polygons and lines become those of many parts,
    since a table has one type; shapes are otherwise the edition's own.

    Parameters
    ----------
    tables
        Layers, each under another name.
    attributes
        Rows of texts and numbers by the name of their table; rows of one table have the same
        columns, at least one row each.
    made
        Day written as that of the last change: no clock is read.

    Raises
    ------
    WriteFailed
        If GDAL or the disk refuses.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=TEMPORARY) as folder:
            path = Path(folder) / "atlas.gpkg"
            for table in tables:
                _write_layer(path, table)
            _write_rest(path, tables, attributes, made)
            return read_bytes(_copied(path))
    except (OSError, DataSourceError, DataLayerError, FeatureError, sqlite3.Error) as error:
        raise WriteFailed(file="GeoPackage", problem=str(error)[:200]) from error


def _write_layer(path: Path, table: LayerTable) -> None:
    kind, gather = SHAPES[table.kind]
    columns = RECORD_COLUMNS + table.columns
    rows = table.rows.sort_values(list(KEY))
    values = {column.name: _column(column, rows[column.name]) for column in columns}
    geometry = _free(GEOMETRY, columns)
    shapes = [canonical(shape) for shape in rows.geometry]
    if gather:
        shapes = [None if s is None else gather(shapely.get_parts(s)) for s in shapes]
    values[geometry] = pa.array(shapely.to_wkb(shapes) if shapes else [], type=pa.binary())
    pyogrio.write_arrow(
        pa.table(values), path, layer=table.name, driver="GPKG", geometry_name=geometry,
        geometry_type=kind, crs=STORAGE_CRS.to_wkt(), dataset_options={"VERSION": "1.3"},
        layer_options={
            "FID": _free(FID, columns), "GEOMETRY_NAME": geometry,
            "IDENTIFIER": f"{table.title} · {table.name}", "DESCRIPTION": table.description,
        },
    )  # fmt: skip


def _free(name: str, columns: tuple[Column, ...]) -> str:
    """A name that no column has; SQLite does not tell letters of two sizes apart."""
    taken = {column.name.lower() for column in columns}
    while name in taken:
        name += "_"
    return name


def _column(column: Column, cells: Any) -> pa.Array:
    """Values of a column; as text where its edition had values of another type than today."""
    values = [missing_to_none(cell) for cell in cells]
    fits, _ = FORMS[column.type]
    if column.type in ARROW and all(value is None or fits(value) for value in values):
        try:
            return pa.array([_plain(column, value) for value in values], type=ARROW[column.type])
        except ValueError:  # a text that is no day
            pass
    return pa.array([_text(value) for value in values], type=pa.string())


def _plain(column: Column, value: Any) -> Any:
    """A value as Arrow takes it.

    Raises
    ------
    ValueError
        If a day is none of the calendar.
    """
    if value is None:
        return None
    if column.type == "day":
        return dt.date.fromisoformat(value)
    return float(value) if column.type == "number" else value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _write_rest(
    path: Path, tables: Sequence[LayerTable],
    attributes: Mapping[str, Sequence[Mapping[str, Any]]], made: dt.date,
) -> None:  # fmt: skip
    """Tables without geometry, the styles, and the day of the last change."""
    moment = f"{made.isoformat()}T00:00:00.000Z"
    with closing(sqlite3.connect(path)) as file, file:
        for name, rows in attributes.items():
            _write_attributes(file, name, rows)
        file.execute(f'CREATE TABLE "{STYLES}" ({STYLE_COLUMNS})')
        _register(file, STYLES)
        for table in tables:
            style = (table.name, _free(GEOMETRY, RECORD_COLUMNS + table.columns),
                     table.name[:NAME_SHOWN], table.qml, table.description, moment)  # fmt: skip
            file.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
                style,
            )
        file.execute("UPDATE gpkg_contents SET last_change = ?", [moment])


def _copied(path: Path) -> Path:
    """A copy without gaps: SQLite counts changes in a file, not always the same number."""
    copy = path.with_name("copy.gpkg")
    with closing(sqlite3.connect(path)) as file:
        file.execute("VACUUM INTO ?", [str(copy)])
    return copy


def _write_attributes(
    file: sqlite3.Connection, name: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    columns = list(rows[0])
    kinds = {
        column: "INTEGER" if all(isinstance(row[column], int) for row in rows) else "TEXT"
        for column in columns
    }
    listed = ", ".join(f'"{column}" {kinds[column]}' for column in columns)
    file.execute(f'CREATE TABLE "{name}" ("{FID}" INTEGER PRIMARY KEY NOT NULL, {listed})')
    _register(file, name)
    marks = ", ".join("?" for _ in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    file.executemany(
        f'INSERT INTO "{name}" ({names}) VALUES ({marks})',  # noqa: S608 - names are our own
        [[row[column] for column in columns] for row in rows],
    )


def _register(file: sqlite3.Connection, name: str) -> None:
    file.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
        "VALUES (?, 'attributes', ?, '', 0)",
        [name, name],
    )
