"""Tables as files: Excel workbooks and GeoParquet, the same bytes for the same rows and day."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from atlas.core.crs import STORAGE_CRS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDEST = 60


def records(table: pd.DataFrame) -> list[Any]:
    """Rows of a table as named tuples."""
    return list(table.itertuples(index=False))


def xlsx_bytes(sheets: Mapping[str, Sequence[Mapping[str, Any]]], *, made: dt.date) -> bytes:
    """Sheets of rows as an Excel workbook: bold frozen heads, filters, numbers as numbers.

    Text is written as text, never as a formula or a link.

    Parameters
    ----------
    sheets
        Rows by the name of their sheet; rows of one sheet have the same columns.
    made
        Day written into the workbook: no clock is read.
    """
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "nan_inf_to_errors": True}  # fmt: skip
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"author": "Delta Atlas", "created": dt.datetime.combine(made, dt.time())})
    bold = book.add_format({"bold": True, "bottom": 1})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        columns = list(rows[0]) if rows else ["-"]
        sheet.write_row(0, 0, columns, bold)
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                _write(sheet, number, place, row[column])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.autofit(max_width=WIDEST * 7)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif isinstance(value, list | dict):
        sheet.write_string(row, column, json.dumps(value, ensure_ascii=False))
    elif value is not None:
        sheet.write_string(row, column, str(value))


def parquet_bytes(
    rows: Sequence[Mapping[str, Any]], shapes: gpd.GeoSeries | None, origin: Mapping[str, Any]
) -> bytes:
    """Rows as Parquet, with shapes as GeoParquet; the origin stands in the file's metadata.

    Parameters
    ----------
    rows
        Rows of one table.
    shapes
        Geometry of each row in EPSG:4326, or None.
    origin
        What was measured and how, as plain values.
    """
    table = pd.DataFrame(list(rows))
    out = io.BytesIO()
    if shapes is None:
        arrow = pa.Table.from_pandas(table, preserve_index=False)
    else:
        frame = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=STORAGE_CRS)
        held = io.BytesIO()
        frame.to_parquet(held, index=False)
        arrow = pq.read_table(pa.BufferReader(held.getvalue()))
    told = {"delta_atlas": json.dumps(origin, ensure_ascii=False)}
    meta = {**(arrow.schema.metadata or {}), **{k.encode(): v.encode() for k, v in told.items()}}
    pq.write_table(arrow.replace_schema_metadata(meta), out)
    return out.getvalue()
