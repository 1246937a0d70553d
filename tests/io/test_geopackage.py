"""GeoPackages as GDAL reads them: tables, types, shapes, styles, and the same bytes each time."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from atlas.core.crs import STORAGE_CRS
from atlas.core.schema import Column
from atlas.errors import WriteFailed
from atlas.io import geojson, geopackage
from atlas.io.geopackage import LayerTable, geopackage_bytes
from tests.examples import OWN_COLUMNS, full_row, square

MADE = dt.date(2024, 6, 30)
LINE = shapely.LineString([(120, 30), (121, 31)])
ABOUT = {
    "atlas_method": [
        {"name": "made", "value": "2024-06-30", "count": 3},
        {"name": "rows", "value": "'; DROP TABLE belts; --", "count": 4},
    ]
}


def table(
    rows: list[dict[str, Any]], shapes: list[Any] | None = None, *, name: str = "belts",
    kind: str = "polygon", columns: tuple[Column, ...] = OWN_COLUMNS, foreign: tuple[str, ...] = (),
) -> LayerTable:  # fmt: skip
    features = geojson.to_frame(columns, rows, shapes or [square()] * len(rows), foreign=foreign)
    return LayerTable(name, "生态带", "about 'it'", kind, columns, features, f"<qgis>{name}</qgis>")


def written(tmp_path: Path, *tables: LayerTable) -> Path:
    path = tmp_path / "file.gpkg"
    path.write_bytes(geopackage_bytes(tables, ABOUT, made=MADE))
    return path


def test_gdal_reads_every_table_with_its_crs_count_and_type(tmp_path: Path) -> None:
    lines = table([full_row(id=str(n)) for n in range(3)], [LINE] * 3, name="lines", kind="line")
    points = table([full_row()], [shapely.Point(120, 30)], name="points", kind="point")
    path = written(tmp_path, table([full_row(), full_row(id="b")]), lines, points)
    assert dict(pyogrio.list_layers(path)) == {
        "belts": "MultiPolygon", "lines": "MultiLineString", "points": "Point",
        "atlas_method": None, "layer_styles": None,
    }  # fmt: skip
    counts = {}
    for name in ("belts", "lines", "points"):
        facts = pyogrio.read_info(path, layer=name)
        counts[name] = facts["features"]
        assert facts["crs"] == "EPSG:4326"
        assert facts["layer_metadata"]["DESCRIPTION"] == "about 'it'"
    assert counts == {"belts": 2, "lines": 3, "points": 1}


def test_every_column_arrives_with_its_type_and_value(tmp_path: Path) -> None:
    rows = [
        full_row(id="a", rank=3, share=0.5, open=True, names_old=["甲", "乙,'\""],
                 events=[{"date": "2019-01-01", "title_zh": "一", "title_en": "one"}]),
        full_row(id="b", valid_from=None, valid_from_precision=None, notes_en="=1+1"),
    ]  # fmt: skip
    path = written(tmp_path, table(rows))
    types = dict(zip(*(pyogrio.read_info(path, layer="belts")[n] for n in ("fields", "ogr_types")),
                     strict=True))  # fmt: skip
    assert types["valid_from"] == "OFTDate"
    assert types["rank"] == "OFTInteger64"
    assert types["share"] == "OFTReal"
    read = pyogrio.read_dataframe(path, layer="belts")
    assert list(read.columns[:3]) == ["id", "plan_version", "part"]
    assert read["names_old"].tolist() == ['["甲", "乙,\'\\""]', "[]"]
    assert read["events"].iloc[0].startswith('[{"date": "2019-01-01"')
    assert read["open"].iloc[0] == True  # noqa: E712 - numpy's own truth
    assert read["open"].isna().tolist() == [False, True]
    assert str(read["valid_from"].iloc[0])[:10] == "2018-06-01"
    assert read["valid_from"].isna().tolist() == [False, True]
    assert read["notes_en"].isna().tolist() == [True, False]
    assert read["notes_en"].iloc[1] == "=1+1"


def test_shapes_are_the_editions_own_and_a_missing_one_stays_missing(tmp_path: Path) -> None:
    shape = square(120.123456)
    two = shapely.MultiPolygon([square(), square(122)])
    rows = [full_row(id=name) for name in "abc"]
    read = pyogrio.read_dataframe(written(tmp_path, table(rows, [shape, None, two])), layer="belts")
    assert read.geometry.iloc[0].equals_exact(shapely.MultiPolygon([shape]), 0)
    assert read.geometry.iloc[1] is None
    assert read.geometry.iloc[2].equals_exact(two, 0)
    assert read.crs == STORAGE_CRS


def test_each_layer_has_a_default_style_where_qgis_looks_for_it(tmp_path: Path) -> None:
    long = "a" * 40
    path = written(tmp_path, table([full_row()]), table([full_row()], name=long))
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    assert styles["f_table_name"].tolist() == ["belts", long]
    assert styles["styleQML"].tolist() == ["<qgis>belts</qgis>", f"<qgis>{long}</qgis>"]
    assert styles["styleName"].str.len().max() == 30
    assert styles["useAsDefault"].tolist() == [True, True]
    with closing(sqlite3.connect(path)) as file:
        found = file.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_schema = '' AND f_table_name = "
            "'belts' AND f_geometry_column = (SELECT column_name FROM gpkg_geometry_columns "
            "WHERE table_name = 'belts') AND useAsDefault"
        ).fetchall()
        assert found == [("<qgis>belts</qgis>",)]
        kinds = dict(file.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall())
        assert kinds["layer_styles"] == kinds["atlas_method"] == "attributes"
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_same_rows_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    tables = [table([full_row()]), table([full_row()], name="other")]
    one, *others = (geopackage_bytes(tables, ABOUT, made=MADE) for _ in range(4))
    assert others == [one] * 3
    assert geopackage_bytes(tables, ABOUT, made=dt.date(2024, 7, 1)) != one


def test_tables_without_geometry_hold_texts_and_numbers(tmp_path: Path) -> None:
    read = pyogrio.read_dataframe(written(tmp_path, table([full_row()])), layer="atlas_method")
    assert read.to_dict("list") == {
        "name": ["made", "rows"], "value": ["2024-06-30", "'; DROP TABLE belts; --"],
        "count": [3, 4],
    }  # fmt: skip


def test_columns_named_like_the_key_or_the_geometry_are_kept(tmp_path: Path) -> None:
    columns = (Column("FID"), Column("geom"))
    rows = [{**full_row(), "FID": "one", "geom": "two"}]
    read = pyogrio.read_dataframe(
        written(tmp_path, table(rows, columns=columns)), layer="belts"
    )  # fmt: skip
    assert (read["FID"].iloc[0], read["geom"].iloc[0]) == ("one", "two")
    assert read.geometry.iloc[0].equals(square())


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("rank", "third", "third"), ("share", [1], "[1]"), ("open", "no", "no"),
     ("valid_from", "2018-13-01", "2018-13-01")],
)  # fmt: skip
def test_values_of_another_type_than_the_schema_says_become_text(
    tmp_path: Path, name: str, value: object, text: str
) -> None:
    given = table([full_row(**{name: value})], foreign=(name,))
    read = pyogrio.read_dataframe(written(tmp_path, given), layer="belts")
    assert read[name].tolist() == [text]


def test_no_rows_make_an_empty_table(tmp_path: Path) -> None:
    full = table([full_row()])
    empty = LayerTable(**(vars(full) | {"rows": full.rows.iloc[:0]}))
    facts = pyogrio.read_info(written(tmp_path, empty), layer="belts")
    assert facts["features"] == 0
    assert facts["geometry_type"] == "MultiPolygon"


def test_a_refusal_is_one_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geopackage.tempfile, "tempdir", str(tmp_path))
    twice = (Column("rank"), Column("RANK"))
    wrong = table([{**full_row(), "RANK": "x", "rank": "y"}], columns=twice)
    with pytest.raises(WriteFailed, match=r"GeoPackage.*nothing was changed"):
        geopackage_bytes([wrong], ABOUT, made=MADE)
    assert list(tmp_path.iterdir()) == []
