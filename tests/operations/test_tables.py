"""Workbooks and Parquet: text stays text, numbers stay numbers, the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.core.crs import STORAGE_CRS
from atlas.operations.tables import WIDEST, parquet_bytes, records, xlsx_bytes
from tests.examples import square

MADE = dt.date(2024, 6, 30)
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = ["=1+1", '=HYPERLINK("http://x")', "+A1", "-A1", "@SUM(A1)", "\t=1", "{=SUM(A1)}",
           "http://example.org", "mailto:a@b", "<b>&\"'", "长三角", "x\ny", " ", "1", "1e5",
           "TRUE"]  # fmt: skip


def part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def read_xml(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written by ourselves


def cells(content: bytes, sheet: int = 1) -> list[list[tuple[str | None, str | None]]]:
    """Type and text of each cell, row by row, read from the file itself."""
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    texts = []
    if "xl/sharedStrings.xml" in names:
        shared = read_xml(part(content, "xl/sharedStrings.xml"))
        texts = ["".join(entry.itertext()) for entry in shared.iter(f"{SPACE}si")]
    tree = read_xml(part(content, f"xl/worksheets/sheet{sheet}.xml"))
    assert tree.find(f".//{SPACE}f") is None, "no formula"
    assert tree.find(f".//{SPACE}hyperlink") is None, "no link"
    found = []
    for row in tree.iter(f"{SPACE}row"):
        line = []
        for cell in row.iter(f"{SPACE}c"):
            value = cell.findtext(f"{SPACE}v")
            kind = cell.get("t")
            line.append((kind, texts[int(value)] if kind == "s" and value else value))
        found.append(line)
    return found


def one(value: Any) -> tuple[str | None, str | None]:
    """A value as a workbook holds it."""
    return cells(xlsx_bytes({"s": [{"a": value, "end": "x"}]}, made=MADE))[1][0]


class TestWorkbook:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_text_is_never_a_formula_a_link_or_a_number(self, text: str) -> None:
        assert one(text) == ("s", text)

    @pytest.mark.parametrize(
        ("value", "cell"),
        [
            (1, (None, "1")), (-2.5, (None, "-2.5")), (0, (None, "0")), (1e-9, (None, "1E-09")),
            (True, ("b", "1")), (False, ("b", "0")),
            (["a", "乙"], ("s", '["a", "乙"]')), ({"a": 1}, ("s", '{"a": 1}')), ([], ("s", "[]")),
            (dt.date(2020, 1, 2), ("s", "2020-01-02")),
        ],
    )  # fmt: skip
    def test_values_keep_their_type(self, value: Any, cell: tuple[str | None, str]) -> None:
        assert one(value) == cell

    def test_a_missing_value_is_an_empty_cell(self) -> None:
        assert one(None) == ("s", "x"), "the first cell is not there"

    @pytest.mark.parametrize(("value", "word"), [(float("nan"), "NUM"), (float("inf"), "DIV/0")])
    def test_what_is_no_number_is_an_error_and_no_damage(self, value: float, word: str) -> None:
        content = xlsx_bytes({"s": [{"a": value}]}, made=MADE)
        assert word in part(content, "xl/worksheets/sheet1.xml")

    def test_sheets_have_their_names_heads_and_rows(self) -> None:
        content = xlsx_bytes({"one": [{"a": 1, "b": "x"}, {"a": 2, "b": None}], "two": [{"c": 3}]},
                             made=MADE)  # fmt: skip
        book = read_xml(part(content, "xl/workbook.xml"))
        assert [sheet.get("name") for sheet in book.iter(f"{SPACE}sheet")] == ["one", "two"]
        assert cells(content)[0] == [("s", "a"), ("s", "b")]
        assert cells(content)[1] == [(None, "1"), ("s", "x")]
        assert cells(content)[2] == [(None, "2")]
        assert cells(content, 2) == [[("s", "c")], [(None, "3")]]

    @pytest.mark.parametrize("text", HOSTILE[:6])
    def test_heads_are_text_too(self, text: str) -> None:
        assert cells(xlsx_bytes({"s": [{text: 1}]}, made=MADE))[0] == [("s", text)]

    def test_heads_are_frozen_and_filtered(self) -> None:
        sheet = part(xlsx_bytes({"s": [{"a": 1, "b": 2}]}, made=MADE), "xl/worksheets/sheet1.xml")
        assert '<autoFilter ref="A1:B2"' in sheet
        assert 'state="frozen"' in sheet

    def test_columns_are_not_wider_than_a_screen(self) -> None:
        long = xlsx_bytes({"s": [{"a": "x" * 5_000}]}, made=MADE)
        tree = read_xml(part(long, "xl/worksheets/sheet1.xml"))
        widths = [float(col.get("width", "0")) for col in tree.iter(f"{SPACE}col")]
        assert max(widths) <= WIDEST + 1
        assert cells(long)[1] == [("s", "x" * 5_000)], "the text itself is whole"

    @pytest.mark.parametrize("sheets", [{"s": []}, {"s": [], "t": [{"a": 1}]}])
    def test_no_rows(self, sheets: dict[str, Any]) -> None:
        assert cells(xlsx_bytes(sheets, made=MADE)) == [[("s", "-")]]

    def test_the_same_rows_and_day_give_the_same_bytes(self) -> None:
        rows = {"s": [{"a": text} for text in HOSTILE]}
        first, second, other = (xlsx_bytes(rows, made=day)
                                for day in (MADE, MADE, dt.date(2020, 1, 1)))  # fmt: skip
        assert first == second
        assert first != other

    def test_no_clock_is_read(self) -> None:
        content = xlsx_bytes({"s": [{"a": 1}]}, made=MADE)
        assert "2024-06-30T00:00:00Z" in part(content, "docProps/core.xml")
        assert "Delta Atlas" in part(content, "docProps/core.xml")
        days = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()}
        assert days == {(1980, 1, 1, 0, 0, 0)}


ORIGIN = {"layer": "belts", "sha256": "0" * 64, "title": {"zh": "带", "en": "Belts"}}
ROWS = [{"id": "a", "size": 1.5, "count": 3, "open": True, "note": None, "name": "=1+1 长"},
        {"id": "b", "size": 2.5, "count": 4, "open": False, "note": "x", "name": ""}]  # fmt: skip
SHAPES = gpd.GeoSeries([square(), shapely.MultiPolygon([square(118), square(119, 33)])],
                       index=[7, 3], crs=STORAGE_CRS)  # fmt: skip


class TestParquet:
    def test_rows_without_shapes(self) -> None:
        content = parquet_bytes(ROWS, None, ORIGIN)
        table = pd.read_parquet(io.BytesIO(content))
        assert table["id"].tolist() == ["a", "b"]
        assert table["size"].tolist() == [1.5, 2.5]
        assert table["open"].tolist() == [True, False]
        assert table["name"].tolist() == ["=1+1 长", ""], "no spreadsheet: nothing is disarmed"
        assert pd.isna(table["note"].iloc[0])
        assert b"geo" not in pq.read_schema(io.BytesIO(content)).metadata

    def test_rows_with_shapes(self) -> None:
        content = parquet_bytes(ROWS, SHAPES, ORIGIN)
        read = gpd.read_parquet(io.BytesIO(content))
        assert read.crs == STORAGE_CRS
        assert read["id"].tolist() == ["a", "b"]
        assert shapely.equals_identical(read.geometry.to_numpy(), SHAPES.to_numpy()).all()
        assert list(read.columns) == [*ROWS[0], "geometry"]

    def test_it_is_geoparquet(self) -> None:
        metadata = pq.read_schema(io.BytesIO(parquet_bytes(ROWS, SHAPES, ORIGIN))).metadata
        geo = json.loads(metadata[b"geo"])
        assert geo["primary_column"] == "geometry"
        assert geo["columns"]["geometry"]["encoding"] == "WKB"
        assert set(geo["columns"]["geometry"]["geometry_types"]) == {"Polygon", "MultiPolygon"}

    @pytest.mark.parametrize("shapes", [None, SHAPES], ids=["plain", "geo"])
    def test_the_origin_stands_in_the_file(self, shapes: gpd.GeoSeries | None) -> None:
        metadata = pq.read_schema(io.BytesIO(parquet_bytes(ROWS, shapes, ORIGIN))).metadata
        assert json.loads(metadata[b"delta_atlas"]) == ORIGIN

    @pytest.mark.parametrize("shapes", [None, SHAPES], ids=["plain", "geo"])
    def test_the_same_rows_give_the_same_bytes(self, shapes: gpd.GeoSeries | None) -> None:
        assert parquet_bytes(ROWS, shapes, ORIGIN) == parquet_bytes(ROWS, shapes, ORIGIN)

    @pytest.mark.parametrize("shapes", [None, SHAPES.iloc[:0]], ids=["plain", "geo"])
    def test_no_rows(self, shapes: gpd.GeoSeries | None) -> None:
        content = parquet_bytes([], shapes, ORIGIN)
        table = pq.read_table(io.BytesIO(content))
        assert table.num_rows == 0
        assert json.loads(table.schema.metadata[b"delta_atlas"]) == ORIGIN


def test_records_are_named() -> None:
    (first, second) = records(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=[5, 6]))
    assert (first.a, second.b) == (1, "y")
    assert first._fields == ("a", "b")
    assert records(pd.DataFrame({"a": []})) == []
