"""Overlaps of two files: true sums, whatever the format, the CRS and the batches."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import Geod
from shapely import affinity

from atlas.core.crs import WORKING_CRS
from atlas.errors import FileDamaged, WriteFailed
from atlas.operations.overlap_files import FileOverlap, overlap_files
from atlas.operations.overlap_files_output import provenance, render, write_overlap
from tests.parcels import REGION, ROTATED, make_parcels, make_zones, write

pytestmark = ROTATED
REGION_KM2 = (REGION[2] - REGION[0]) * (REGION[3] - REGION[1]) / 1e6
BOW = shapely.Polygon([(0, 0), (2_000, 2_000), (2_000, 0), (0, 2_000), (0, 0)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Zones and parcels, once for all tests."""
    path = tmp_path_factory.mktemp("overlap")
    write(make_zones(), path / "zones.parquet")
    write(make_parcels(), path / "parcels.parquet")
    return path


@pytest.fixture(scope="module")
def found(folder: Path) -> FileOverlap:
    return overlap_files(folder / "zones.parquet", folder / "parcels.parquet", by="use")


def rows(found: FileOverlap, size: str = "area_km2") -> dict[tuple[Any, ...], float]:
    names = [name for name in found.table.columns if name not in (size, "parts")]
    table = found.table.astype(object).where(found.table.notna(), None)
    return {tuple(row[name] for name in names): row[size] for row in table.to_dict("records")}


def frame(shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Shapes in the working CRS, numbered from 1."""
    told = {"id": range(1, len(shapes) + 1)}
    return gpd.GeoDataFrame(told, geometry=list(shapes), crs=WORKING_CRS)


def overlap(folder: Path, zones: Any, parts: Any, **asked: Any) -> FileOverlap:
    """Overlap shapes in the working CRS, written to files first."""
    for name, shapes in (("z", zones), ("p", parts)):
        rows = shapes if isinstance(shapes, gpd.GeoDataFrame) else frame(shapes)
        write(rows, folder / f"{name}.parquet")
    return overlap_files(folder / "z.parquet", folder / "p.parquet", **asked)


def problem(zones: Path, parts: Path, **asked: Any) -> str:
    with pytest.raises(FileDamaged) as failed:
        overlap_files(zones, parts, **asked)
    said = str(failed.value)
    assert len(said) < 700
    return said


class TestSums:
    """The numbers are right."""

    def test_as_geopandas_overlays(self, found: FileOverlap) -> None:
        cut = gpd.overlay(make_zones(), make_parcels(), keep_geom_type=True)
        wanted = cut.assign(km2=cut.area / 1e6).groupby(["id", "use"], dropna=False)["km2"].sum()
        wanted = {(zone, None if pd.isna(use) else use): km2 for (zone, use), km2 in wanted.items()}
        assert rows(found) == pytest.approx(wanted, rel=1e-9)
        counted = cut.groupby("id")["name"].nunique()
        assert found.table.groupby("zone")["parts"].sum().to_dict() == counted.to_dict()

    def test_rows_are_in_the_order_of_zones_and_groups(self, found: FileOverlap) -> None:
        assert list(found.table.columns) == ["zone", "use", "area_km2", "parts"]
        assert found.table["zone"].drop_duplicates().tolist() == make_zones()["id"].tolist()
        first = found.table[found.table["zone"] == "n"]["use"]
        assert first.isna().tolist() == [False] * 4 + [True]
        assert first.tolist()[:4] == sorted(first.tolist()[:4])

    def test_a_partition_adds_up_to_the_whole(self, found: FileOverlap) -> None:
        parcels = make_parcels()
        assert found.table["area_km2"].sum() == pytest.approx(parcels.area.sum() / 1e6, rel=1e-12)
        by_use = found.table.groupby("use", dropna=False)["area_km2"].sum()
        wanted = parcels.assign(km2=parcels.area / 1e6).groupby("use", dropna=False)["km2"].sum()
        assert by_use.to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-12)
        assert (found.rows, found.skipped, found.repairs) == (600, 0, [])

    def test_without_groups(self, folder: Path, found: FileOverlap) -> None:
        plain = overlap_files(folder / "zones.parquet", folder / "parcels.parquet")
        assert list(plain.table.columns) == ["zone", "area_km2", "parts"]
        sums = found.table.groupby("zone", sort=False)["area_km2"].sum()
        assert plain.table["area_km2"].tolist() == pytest.approx(sums.tolist(), rel=1e-14)

    @pytest.mark.parametrize("batch_rows", [1, 7, 256, 10_000])
    @pytest.mark.parametrize("threads", [1, 3])
    def test_batches_and_threads_change_no_bit(
        self, folder: Path, found: FileOverlap, batch_rows: int, threads: int
    ) -> None:
        again = overlap_files(
            folder / "zones.parquet", folder / "parcels.parquet", by="use",
            batch_rows=batch_rows, threads=threads,
        )  # fmt: skip
        pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)

    @pytest.mark.parametrize("ending", [".fgb", ".gpkg", ".shp"])
    def test_formats_change_nothing(self, tmp_path: Path, found: FileOverlap, ending: str) -> None:
        zones = write(make_zones(), tmp_path / f"z{ending}")
        parts = write(make_parcels(), tmp_path / f"p{ending}")
        assert rows(overlap_files(zones, parts, by="use")) == pytest.approx(rows(found), rel=1e-9)

    @pytest.mark.parametrize("crs", [4326, 4490, 4549, 3857])
    def test_any_crs_gives_the_same_table(
        self, tmp_path: Path, found: FileOverlap, crs: int
    ) -> None:
        zones = write(make_zones().to_crs(crs), tmp_path / "z.parquet")
        parts = write(make_parcels().to_crs(crs), tmp_path / "p.gpkg")
        again = overlap_files(zones, parts, by="use", batch_rows=99)
        assert rows(again) == pytest.approx(rows(found), rel=1e-6)

    def test_zones_that_lie_on_each_other_and_apart(self, tmp_path: Path) -> None:
        box = shapely.box(0, 0, 10_000, 10_000)
        zones = [
            box,
            box,
            shapely.box(5_000, 0, 50_000, 10_000),
            shapely.box(9e4, 9e4, 9.5e4, 9.5e4),
        ]
        two = overlap(tmp_path, zones, [shapely.box(2_000, 2_000, 8_000, 4_000)])
        assert rows(two) == pytest.approx({(1,): 12.0, (2,): 12.0, (3,): 6.0})

    def test_heights_are_dropped(self, tmp_path: Path) -> None:
        flat = shapely.box(1_000, 1_000, 3_000, 2_000)
        high = shapely.force_3d(flat, 88.0)
        found = overlap(
            tmp_path, [shapely.force_3d(shapely.box(0, 0, 9e3, 9e3), 1.0)], [high, flat]
        )
        assert rows(found) == pytest.approx({(1,): 4.0})

    def test_many_groups(self, folder: Path) -> None:
        each = overlap_files(folder / "zones.parquet", folder / "parcels.parquet", by="name",
                             batch_rows=20)  # fmt: skip
        assert each.table["name"].nunique() == 600
        assert each.table["area_km2"].sum() == pytest.approx(make_parcels().area.sum() / 1e6)

    def test_progress_counts_the_rows(self, folder: Path) -> None:
        told: list[int] = []
        overlap_files(folder / "zones.parquet", folder / "parcels.parquet", batch_rows=250,
                      progress=told.append)  # fmt: skip
        assert told == [250, 500, 600]


class TestKinds:
    """Lines have a geodesic length, points are counted, nothing else is measured."""

    def test_lines_are_geodesic_and_add_up(self, tmp_path: Path) -> None:
        chance = np.random.default_rng(3)
        ends = chance.uniform(REGION[:2], REGION[2:], (60, 4, 2))
        lines = [shapely.LineString(points) for points in ends]
        lines += [shapely.MultiLineString([ends[0, :2], ends[1, 2:]]), shapely.LineString()]
        found = overlap(tmp_path, make_zones(), lines)
        assert list(found.table.columns) == ["zone", "length_km", "parts"]
        degrees = gpd.GeoSeries(lines, crs=WORKING_CRS).to_crs(4326)
        geod = Geod(ellps="WGS84")
        wanted = sum(geod.geometry_length(line) for line in degrees if not line.is_empty) / 1e3
        assert found.table["length_km"].sum() == pytest.approx(wanted, rel=1e-6)
        assert (found.rows, found.skipped) == (62, 1)
        again = overlap_files(tmp_path / "z.parquet", tmp_path / "p.parquet", batch_rows=5)
        pd.testing.assert_frame_equal(found.table, again.table, check_exact=True)

    def test_points_are_counted_once(self, tmp_path: Path) -> None:
        zones = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
        parts = [shapely.Point(*at) for at in ((5, 5), (10, 5), (15, 5), (20, 10), (30, 5))]
        parts += [shapely.MultiPoint([(1, 1), (11, 1)])]
        found = overlap(tmp_path, zones, parts)
        assert found.table.to_dict("list") == {"zone": [1, 2], "parts": [3, 3]}

    @pytest.mark.parametrize("batch_rows", [1, 100])
    def test_kinds_are_not_mixed(self, tmp_path: Path, batch_rows: int) -> None:
        shapes = [
            shapely.box(0, 0, 9, 9),
            shapely.box(0, 0, 9, 9),
            shapely.LineString([(0, 0), (1, 1)]),
        ]
        overlap(tmp_path, shapes[:1], shapes[:2])
        write(gpd.GeoDataFrame(geometry=shapes, crs=WORKING_CRS), tmp_path / "m.parquet")
        said = problem(tmp_path / "z.parquet", tmp_path / "m.parquet", batch_rows=batch_rows)
        assert "row 3: lines among polygons" in said

    def test_a_collection_is_named(self, tmp_path: Path) -> None:
        mixed = shapely.GeometryCollection([shapely.box(0, 0, 9, 9), shapely.Point(1, 1)])
        with pytest.raises(FileDamaged, match="row 2 is a GeometryCollection"):
            overlap(tmp_path, [shapely.box(0, 0, 9, 9)], [shapely.box(0, 0, 9, 9), mixed])

    def test_rows_without_geometry_are_counted(self, tmp_path: Path) -> None:
        box = shapely.box(0, 0, 1_000, 1_000)
        found = overlap(tmp_path, [box], [None, box, shapely.Polygon(), shapely.MultiPolygon()])
        assert (found.rows, found.skipped) == (4, 3)
        assert found.table.to_dict("list") == {"zone": [1], "area_km2": [1.0], "parts": [1]}

    def test_an_empty_file_gives_an_empty_table(self, tmp_path: Path) -> None:
        write(make_parcels(5).iloc[:0], tmp_path / "p.parquet")
        write(make_zones(), tmp_path / "z.parquet")
        found = overlap_files(tmp_path / "z.parquet", tmp_path / "p.parquet", by="use")
        assert list(found.table.columns) == ["zone", "use", "area_km2", "parts"]
        assert (len(found.table), found.rows) == (0, 0)
        assert json.loads(render(found, "json"))["table"] == []
        assert pd.read_csv(BytesIO(render(found, "csv"))).empty


class TestInvalid:
    """An invalid geometry is named by its row, and stops the run unless it may be repaired."""

    def bad(self, places: int = 30) -> gpd.GeoDataFrame:
        shapes = [shapely.box(x, 0, x + 1_000, 1_000) for x in range(0, places * 1_000, 1_000)]
        shapes[7] = affinity.translate(BOW, 7_000, 0)
        shapes[20] = shapely.MultiPolygon([BOW, BOW])
        names = [f"parcel {place}" for place in range(places)]
        return gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=WORKING_CRS)

    @pytest.mark.parametrize("batch_rows", [3, 100])
    def test_the_first_row_is_named(self, tmp_path: Path, batch_rows: int) -> None:
        zones = [shapely.box(-5_000, -5_000, 90_000, 9_000)]
        with pytest.raises(FileDamaged) as failed:
            overlap(tmp_path, zones, self.bad(), part_id="name", batch_rows=batch_rows)
        said = str(failed.value)
        assert (
            "p.parquet: row 8 (name = 'parcel 7') is invalid: Self-intersection[8000 1000]" in said
        )
        assert "ask for repairs" in said

    def test_the_place_is_in_the_files_own_crs(self, tmp_path: Path) -> None:
        rows = self.bad().set_crs(4490, allow_override=True)
        rows.geometry = rows.geometry.scale(1e-4, 1e-4, origin=(0, 0))
        with pytest.raises(FileDamaged, match=r"Self-intersection\[0.8 0.1\]"):
            overlap(tmp_path, [shapely.box(0, 0, 9, 9)], rows)

    def test_repairs_are_listed(self, tmp_path: Path) -> None:
        zones = [shapely.box(-5_000, -5_000, 90_000, 9_000), BOW]
        found = overlap(tmp_path, zones, self.bad(), part_id="name", repair=True, batch_rows=4)
        told = [(Path(one.file).name, one.row, one.name) for one in found.repairs]
        assert told == [("z.parquet", 2, "2"), ("p.parquet", 8, "parcel 7"),
                        ("p.parquet", 21, "parcel 20")]  # fmt: skip
        assert str(found.repairs[1]).endswith(
            "p.parquet, row 8 ('parcel 7'): Self-intersection[8000 1000]; "
            "size 0.000 before, 2,000,000.000 after"
        )
        assert [(one.before, one.after) for one in found.repairs][:2] == [(0.0, 2e6)] * 2
        assert rows(found) == pytest.approx({(1,): 28 + 2 + 2, (2,): 0.5 + 0.5 + 2})
        assert json.loads(render(found, "json"))["repairs"][1]["row"] == 8

    def test_what_collapses_overlaps_nothing(self, tmp_path: Path) -> None:
        flat = shapely.Polygon([(0, 0), (500, 500), (0, 0), (0, 0)])
        found = overlap(tmp_path, [shapely.box(-9, -9, 999, 999)], [flat], repair=True)
        assert (len(found.table), found.repairs[0].after) == (0, 0.0)

    @pytest.mark.parametrize("value", [np.nan, np.inf])
    def test_no_number_is_no_coordinate(self, tmp_path: Path, value: float) -> None:
        content = bytearray(shapely.to_wkb(shapely.box(0, 0, 70, 90)))
        content[29:37] = np.float64(value).tobytes()
        zones, parts = self.replaced(tmp_path, bytes(content))
        said = problem(zones, parts, part_id="name")
        assert "row 3 (name = 'p0002') is invalid: Invalid Coordinate" in said
        found = overlap_files(zones, parts, repair=True)
        assert [(one.row, one.before) for one in found.repairs] == [(3, None)]

    def test_bytes_that_are_no_geometry(self, tmp_path: Path) -> None:
        zones, parts = self.replaced(tmp_path, b"\x01\x02rubbish")
        said = problem(zones, parts, part_id="name", repair=True)
        assert "row 3 (name = 'p0002') is no geometry that can be read" in said

    def replaced(self, folder: Path, content: bytes) -> tuple[Path, Path]:
        """Zones, and parcels of which the third has other bytes."""
        path = write(make_parcels(3), folder / "p.parquet")
        table = pq.read_table(path)
        shapes = [*table.column("geometry").to_pylist()[:2], content]
        table = table.set_column(2, table.schema.field(2), pa.array(shapes, pa.binary()))
        pq.write_table(table, path)
        return write(make_zones(), folder / "z.parquet"), path


class TestPlaces:
    """Degrees that there are not, and shapes around the back of the globe, are refused."""

    @pytest.mark.parametrize(
        ("shape", "words"),
        [
            (shapely.box(119, 30, 181, 31), "row 2 has the longitude"),
            (shapely.box(119, 30, 120, 91), "beyond ±180 and ±90"),
            (shapely.box(499_000, 3_400_000, 500_000, 3_401_000), "assign the CRS that it is in"),
            (shapely.box(-179.5, 30, 179.5, 31), "row 2 is wider than 180 degrees"),
            (shapely.LineString([(179, 30), (-179, 30)]), "cut it at the antimeridian"),
        ],
    )
    def test_wrong_degrees(self, tmp_path: Path, shape: shapely.Geometry, words: str) -> None:
        shapes = [shapely.Polygon(), shape]
        rows = gpd.GeoDataFrame({"n": [1, 2]}, geometry=shapes, crs=4326)
        write(rows, tmp_path / "p.parquet")
        write(make_zones(), tmp_path / "z.parquet")
        assert words in problem(tmp_path / "z.parquet", tmp_path / "p.parquet")

    def test_a_crs_that_is_no_map(self, tmp_path: Path) -> None:
        rows = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.box(0, 0, 1, 1)])
        local = (
            'ENGCRS["site",EDATUM["site"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],'
            'LENGTHUNIT["metre",1]]'
        )
        write(rows.set_crs(local), tmp_path / "p.parquet")
        write(make_zones(), tmp_path / "z.parquet")
        assert "its CRS cannot be" in problem(tmp_path / "z.parquet", tmp_path / "p.parquet")


class TestZones:
    """Zones are polygons, each with a name of its own."""

    @pytest.mark.parametrize(
        ("ids", "shapes", "words"),
        [
            (["a", "b", "a"], [BOW.convex_hull] * 3, "rows 1 and 3 both have id = 'a'"),
            (["a", None], [BOW.convex_hull] * 2, "row 2 has no id"),
            (["a", "b"], [BOW.convex_hull, None], "row 2 (id = 'b') has no geometry"),
            (["a", "b"], [BOW.convex_hull, shapely.Polygon()], "row 2 (id = 'b') has no geometry"),
            (["a"], [shapely.LineString([(0, 0), (1, 1)])], "row 1 (id = 'a') is a LineString"),
            (["a", "b"], [BOW.convex_hull, BOW], "row 2 (id = 'b') is invalid: Self-intersection"),
            ([], [], "it has no zones"),
        ],
    )
    def test_wrong_zones(self, tmp_path: Path, ids: list, shapes: list, words: str) -> None:
        zones = gpd.GeoDataFrame({"id": pd.array(ids, "string")}, geometry=shapes, crs=WORKING_CRS)
        write(zones, tmp_path / "z.parquet")
        write(make_parcels(5), tmp_path / "p.parquet")
        said = problem(tmp_path / "z.parquet", tmp_path / "p.parquet")
        assert said.startswith(str(tmp_path / "z.parquet"))
        assert words in said

    def test_another_column_names_them(self, folder: Path, tmp_path: Path) -> None:
        write(make_zones().rename(columns={"id": "名"}), tmp_path / "z.gpkg")
        found = overlap_files(tmp_path / "z.gpkg", folder / "parcels.parquet", zone_id="名")
        assert found.table["zone"].tolist() == ["n", "sw", "lake", "se"]
        assert "no column 'id'; there are: 名" in problem(tmp_path / "z.gpkg", tmp_path / "z.gpkg")

    def test_columns_of_the_table_are_its_own(self, folder: Path) -> None:
        zones, parts = folder / "zones.parquet", folder / "parcels.parquet"
        assert "the table has a column 'parts' of its own" in problem(zones, parts, by="parts")
        assert "no column 'class'" in problem(zones, parts, by="class")


class TestFiles:
    """The method goes with the numbers."""

    def test_json_says_how(self, found: FileOverlap) -> None:
        told = json.loads(render(found, "json"))
        assert told["table"][0] == to_plain(found.table.iloc[0])
        assert told["parts"]["file"] == "parcels.parquet"
        assert len(told["parts"]["sha256"]) == 64
        assert told["crs"].startswith("+proj=aea")
        assert set(told["method"]) == {"zh", "en"}

    @pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
    def test_files_are_written(self, found: FileOverlap, tmp_path: Path, ending: str) -> None:
        path = tmp_path / f"table.{ending}"
        write_overlap(found, path)
        if ending == "csv":
            table = pd.read_csv(path, encoding="utf-8-sig", dtype={"use": str})
            assert table["parts_sha256"].unique() == [provenance(found)["parts"]["sha256"]]
            assert table["crs"][0].startswith("proj=aea")
        elif ending == "parquet":
            table = pd.read_parquet(path)
            origin = json.loads(pq.read_schema(path).metadata[b"delta_atlas"])
            assert origin == json.loads(json.dumps(provenance(found)))
        else:
            table = pd.DataFrame(json.loads(path.read_text("utf-8"))["table"])
        assert table["area_km2"].tolist() == found.table["area_km2"].tolist()
        assert table["parts"].tolist() == found.table["parts"].tolist()

    def test_other_endings_are_refused(self, found: FileOverlap, tmp_path: Path) -> None:
        with pytest.raises(WriteFailed, match=r"must be one of \.csv, \.json, \.parquet"):
            write_overlap(found, tmp_path / "table.docx")
        assert list(tmp_path.iterdir()) == []


def to_plain(row: pd.Series) -> dict[str, Any]:
    return {name: value.item() if hasattr(value, "item") else value for name, value in row.items()}
