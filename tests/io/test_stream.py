"""Files of any length in batches: the same rows from every format, one clear error from none."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyarrow import parquet

from atlas.core.crs import WORKING_CRS
from atlas.errors import FileDamaged
from atlas.io.stream import VectorBatch, hash_source, list_spans, open_source, read_batches
from tests.parcels import make_parcels, write

FORMATS = (".parquet", ".fgb", ".gpkg", ".geojson", ".shp")


def rows_of(batches: list[VectorBatch]) -> list[tuple[Any, bytes]]:
    """Group and geometry of each row."""
    return [
        (batch.groups[code], batch.content[start : start + length].tobytes())
        for batch in batches
        for code, start, length in zip(batch.codes, batch.start, batch.length, strict=True)
    ]


def read(path: Path, rows: int = 50, **asked: Any) -> list[VectorBatch]:
    return list(read_batches(open_source(path), rows=rows, **asked))


def problem(path: Path, **asked: Any) -> str:
    """What is said of a file that cannot be read."""
    with pytest.raises(FileDamaged) as failed:
        read(path, **asked)
    assert failed.value.values["file"] == path
    said = str(failed.value.values["problem"])
    assert len(said) < 700
    assert "\n" not in said
    return said


class TestFormats:
    """Rows, groups and CRS are the same, whatever the format and the batches."""

    @pytest.mark.parametrize("ending", FORMATS)
    def test_all_formats_hold_the_same_rows(self, tmp_path: Path, ending: str) -> None:
        parcels = make_parcels(130)
        if ending == ".geojson":
            parcels = parcels.to_crs(4326)
        path = write(parcels, tmp_path / f"parcels{ending}")
        source = open_source(path)
        assert source.crs.equals(parcels.crs, ignore_axis_order=True)
        assert source.rows == 130
        batches = list(read_batches(source, by="use", key="name", rows=50))
        assert [batch.first for batch in batches] == [0, 50, 100]
        found = rows_of(batches)
        uses = parcels["use"].astype(object).where(parcels["use"].notna(), None).tolist()
        assert [group for group, _ in found] == uses
        shapes = shapely.from_wkb([content for _, content in found])
        assert shapely.area(shapes) == pytest.approx(
            shapely.area(parcels.geometry.to_numpy()), rel=1e-6
        )
        assert [batch.name_at(3) for batch in batches] == ["p0003", "p0053", "p0103"]
        assert batches[1].list_names() == parcels["name"].tolist()[50:100]

    @pytest.mark.parametrize("rows", [1, 7, 64, 1000])
    @pytest.mark.parametrize("ending", [".parquet", ".gpkg"])
    def test_batches_of_any_size(self, tmp_path: Path, rows: int, ending: str) -> None:
        path = write(make_parcels(130), tmp_path / f"parcels{ending}")
        assert rows_of(read(path, rows, by="use")) == rows_of(read(path, 130, by="use"))

    @pytest.mark.parametrize("ending", FORMATS[:3])
    @pytest.mark.parametrize("size", [1, 13, 40, 500])
    def test_spans_are_the_file(self, tmp_path: Path, ending: str, size: int) -> None:
        path = tmp_path / f"parcels{ending}"
        parcels = make_parcels(130)
        if ending == ".parquet":
            parcels.to_parquet(path, row_group_size=45)
        else:
            write(parcels, path)
        source = open_source(path)
        spans = list_spans(source, size)
        assert sum(span.rows for span in spans) == 130
        batches = [
            batch for span in spans for batch in read_batches(source, by="use", rows=11, span=span)
        ]
        assert [batch.first for batch in batches] == sorted(batch.first for batch in batches)
        assert rows_of(batches) == rows_of(read(path, by="use"))

    @pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
    @pytest.mark.parametrize(
        "shape",
        [
            shapely.Point(1, 2),
            shapely.LineString([(0, 0), (1, 2), (2, 2)]),
            shapely.box(0, 0, 1, 1).difference(shapely.box(0.2, 0.2, 0.4, 0.4)),
            shapely.MultiPoint([(0, 0), (1, 1)]),
            shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 4)]]),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]),
        ],
    )
    def test_both_encodings_of_geoparquet(
        self, tmp_path: Path, encoding: str, shape: shapely.Geometry
    ) -> None:
        rows = gpd.GeoDataFrame({"n": [1, 2]}, geometry=[shape, shape], crs=4326)
        rows.to_parquet(tmp_path / "a.parquet", geometry_encoding=encoding)
        contents = [content for _, content in rows_of(read(tmp_path / "a.parquet"))]
        assert shapely.from_wkb(contents).tolist() == [shape, shape]

    @pytest.mark.parametrize("ending", [".parquet", ".gpkg", ".fgb"])
    def test_missing_and_empty_geometries_are_rows(self, tmp_path: Path, ending: str) -> None:
        shapes = [None, shapely.box(0, 0, 1, 1), shapely.Polygon(), None]
        rows = gpd.GeoDataFrame({"use": list("abca")}, geometry=shapes, crs=WORKING_CRS)
        found = rows_of(read(write(rows, tmp_path / f"a{ending}"), by="use"))
        assert [group for group, _ in found] == list("abca")
        assert [len(content) > 0 for _, content in found][:2] == [False, True]

    def test_an_empty_file_has_no_batches_with_rows(self, tmp_path: Path) -> None:
        for ending in (".parquet", ".gpkg"):
            path = write(make_parcels(5).iloc[:0], tmp_path / f"a{ending}")
            assert open_source(path).rows == 0
            assert rows_of(read(path, by="use")) == []
            assert list_spans(open_source(path), 10) == []

    def test_nothing_said_of_a_crs_means_degrees(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, lambda geo: geo["columns"]["geometry"].pop("crs"))
        assert open_source(path).crs.to_authority() == ("OGC", "CRS84")

    def test_bytes_are_hashed_unless_they_changed(self, tmp_path: Path) -> None:
        path = write(make_parcels(5), tmp_path / "a.gpkg")
        source = open_source(path)
        assert len(str(hash_source(source))) == 64
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(FileDamaged, match="changed after it was read"):
            hash_source(source)


class TestGroups:
    """Values of a column as numbers, and the values."""

    @pytest.mark.parametrize(
        ("values", "wanted"),
        [
            (pa.array(["x", None, "y", "x"]), ["x", None, "y", "x"]),
            (pa.array(["x", None, "y", "x"]).dictionary_encode(), ["x", None, "y", "x"]),
            (pa.array(["x", None, "y", "x"], pa.large_string()), ["x", None, "y", "x"]),
            (pa.array([3, 1, None, 3]), [3, 1, None, 3]),
            (pa.array([True, None, False, True]), [True, None, False, True]),
            (pa.array([1.5, float("nan"), None, 1.5]), [1.5, None, None, 1.5]),
            (pa.array([None] * 4, pa.string()), [None] * 4),
            (pa.array(np.array(["2019-12-01"] * 4, "datetime64[D]")), ["2019-12-01"] * 4),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("rows", [1, 3, 4])
    def test_any_plain_column(self, tmp_path: Path, values: Any, wanted: list, rows: int) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, rows=4, column=values)
        assert [group for group, _ in rows_of(read(path, rows, by="value"))] == wanted

    def test_a_batch_names_only_its_own_groups(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, rows=4, column=pa.array(list("wxyz")).dictionary_encode())
        assert [batch.groups for batch in read(path, 2, by="value")] == [["w", "x"], ["y", "z"]]

    def test_a_list_is_no_group(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, rows=1, column=pa.array([[1, 2]]))
        assert "column 'value' holds list" in problem(path, by="value")

    def test_text_that_is_no_text(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        bad = pa.Array.from_buffers(
            pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], "<i4")), pa.py_buffer(b"\xff\xfe")]
        )
        rewrite(path, rows=1, column=bad)
        assert "column 'value' is not UTF-8" in problem(path, by="value")


def rewrite(
    path: Path, change: Callable[[dict[str, Any]], object] = bool, *, rows: int = 3,
    column: pa.Array | None = None,
) -> None:  # fmt: skip
    """A GeoParquet file whose metadata were changed, with another column."""
    shapes = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)] * rows, crs=4326)
    shapes.to_parquet(path)
    table = parquet.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo)
    if column is not None:
        table = table.append_column("value", column)
    parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


class TestHostile:
    """Files that are not what they say."""

    @pytest.mark.parametrize("ending", [".parquet", ".fgb", ".gpkg", ".geojson", ".shp", ".xyz"])
    def test_text_and_zip_renamed(self, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"a{ending}"
        path.write_text("nothing of the kind\n")
        assert problem(path).startswith(("not a Parquet file", "not a readable vector file"))
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme.txt", "x")
        assert problem(path).startswith(("not a Parquet file", "not a readable vector file"))

    def test_no_file_and_no_geometry(self, tmp_path: Path) -> None:
        assert problem(tmp_path / "none.gpkg") == "No such file or directory"
        (tmp_path / "a.csv").write_text("a,b\n1,2\n")
        assert problem(tmp_path / "a.csv") == "its layer has no geometry"
        pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
        assert "has no geometry column" in problem(tmp_path / "a.parquet")
        assert "not a readable vector file" in problem(tmp_path)
        with pytest.raises(FileDamaged, match="not a regular file"):
            open_source(Path("/dev/null"))

    @pytest.mark.parametrize("ending", [".parquet", ".fgb", ".gpkg", ".geojson"])
    @pytest.mark.parametrize("kept", [0.05, 0.5, 0.9])
    def test_a_file_that_breaks_off(self, tmp_path: Path, ending: str, kept: float) -> None:
        parcels = make_parcels(900)
        if ending == ".geojson":
            parcels = parcels.to_crs(4326)
        content = write(parcels, tmp_path / f"whole{ending}").read_bytes()
        path = tmp_path / f"cut{ending}"
        path.write_bytes(content[: int(len(content) * kept)])
        assert problem(path, by="use")

    def test_a_damaged_page(self, tmp_path: Path) -> None:
        path = write(make_parcels(900), tmp_path / "a.parquet")
        content = bytearray(path.read_bytes())
        content[2000:60_000:7] = b"\x81" * len(content[2000:60_000:7])
        path.write_bytes(bytes(content))
        assert problem(path, by="use").startswith("not a readable vector file")

    @pytest.mark.parametrize("ending", [".parquet", ".gpkg"])
    def test_unknown_columns(self, tmp_path: Path, ending: str) -> None:
        path = write(make_parcels(5), tmp_path / f"a{ending}")
        assert problem(path, by="class").startswith("no column 'class'; there are: name, use")
        assert problem(path, key="nr").startswith("no column 'nr'")

    @pytest.mark.parametrize("ending", [".parquet", ".gpkg", ".fgb"])
    def test_no_crs(self, tmp_path: Path, ending: str) -> None:
        rows = make_parcels(5).set_crs(None, allow_override=True)
        path = tmp_path / f"a{ending}"
        if ending == ".parquet":
            rows.to_parquet(path)
        else:
            with pytest.warns(UserWarning, match="crs"):
                pyogrio.write_dataframe(rows, path)
        said = problem(path)
        assert "does not say its CRS: assign one" in said or "Undefined" in said

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda geo: geo.pop("primary_column"), "'geo' metadata"),
            (lambda geo: geo.update(columns=[]), "'geo' metadata"),
            (lambda geo: geo.update(primary_column=["geometry"]), "'geo' metadata"),
            (lambda geo: geo.update(columns={"geometry": "WKB"}), "'geo' metadata"),
            (lambda geo: geo["columns"]["geometry"].update(encoding="WKT"), "encoded as 'WKT'"),
            (lambda geo: geo["columns"]["geometry"].update(encoding="polygon"), "not encoded as"),
            (lambda geo: geo["columns"]["geometry"].update(edges="spherical"), "great circles"),
            (lambda geo: geo["columns"]["geometry"].update(crs=None), "does not say its CRS"),
            (lambda geo: geo["columns"]["geometry"].update(crs="nowhere"), "CRS cannot be read"),
            (
                lambda geo: geo["columns"]["geometry"].update(crs={"type": "x"}),
                "CRS cannot be read",
            ),
            (lambda geo: geo["columns"]["geometry"].update(crs=[1]), ""),
        ],
    )
    def test_foreign_metadata(self, tmp_path: Path, change: Callable, words: str) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, change)
        assert words in problem(path)

    def test_metadata_that_is_no_json_or_names_another_column(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        rewrite(path, lambda geo: geo["columns"].update(shape=geo["columns"]["geometry"]))
        table = parquet.read_table(path)
        geo = table.schema.metadata[b"geo"].replace(b'"primary_column": "geometry"',
                                                    b'"primary_column": "shape"')  # fmt: skip
        parquet.write_table(table.replace_schema_metadata({"geo": geo}), path)
        assert "no geometry column 'shape', though it says so" in problem(path)
        parquet.write_table(table.replace_schema_metadata({"geo": "{"}), path)
        assert "'geo' metadata" in problem(path)
        two = pa.table([table.column(0)] * 2, names=["geometry", "geometry"])
        parquet.write_table(two.replace_schema_metadata(table.schema.metadata), path)
        assert problem(path)
