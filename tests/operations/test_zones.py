"""Zones: a layer as of a day, a file in any system, one polygon; and what they cannot be."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from atlas.core.crs import STORAGE_CRS, area_km2
from atlas.errors import EditionNotFound, FileDamaged, WrongKind
from atlas.operations.folder import PROJECT
from atlas.operations.zones import ZoneSet, polygon_zone, read_zone_file, read_zones
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, row, square
from tests.raster_examples import add_raster_layer

LAYERS = PROJECT / "layers"
KNOWN = dt.date(2026, 12, 31)
CHAOHU, HEFEI = "341400", "340100"
CHANGED = dt.date(2011, 8, 22)
"""Chaohu was dissolved, its counties passed to Hefei, Wuhu and Ma'anshan."""
WEST, EAST = square(120, 30), square(121, 30)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write shapes to a vector file: by default two zones, ``a`` and ``b``."""

    def to_file(
        name: str = "zones.gpkg", shapes: list[Any] | None = None, *, crs: Any = 4326,
        **columns: list[Any],
    ) -> Path:  # fmt: skip
        table = columns or {"id": ["a", "b"]}
        frame = gpd.GeoDataFrame(table, geometry=shapes or [WEST, EAST], crs=4326)
        path = tmp_path / name
        frame.to_crs(crs).to_file(path)
        return path

    return to_file


def cities(day: dt.date) -> gpd.GeoDataFrame:
    return read_zones(LAYERS, "cities", day=day, known_by=KNOWN).rows.set_index("id")


class TestChaohu:
    """The real layer on the last day of the prefecture and on the first without it."""

    def test_the_last_day_and_the_first(self) -> None:
        before, after = cities(CHANGED - dt.timedelta(days=1)), cities(CHANGED)
        assert (len(before), len(after)) == (42, 41)
        assert set(before.index) - set(after.index) == {CHAOHU}

    def test_former_boundaries_are_marked_as_estimated(self) -> None:
        before, after = cities(CHANGED - dt.timedelta(days=1)), cities(CHANGED)
        assert before.loc[[CHAOHU, HEFEI, "340200", "340500"], "estimated"].all()
        assert not after.loc[[HEFEI, "340200", "340500"], "estimated"].any()
        assert not before.loc["310000", "estimated"]
        assert not cities(dt.date(2016, 1, 4))["estimated"].any()

    def test_only_borders_between_zones_moved(self) -> None:
        before, after = cities(CHANGED - dt.timedelta(days=1)), cities(CHANGED)
        areas = [area_km2(rows.geometry).sum() for rows in (before, after)]
        assert areas[0] == pytest.approx(areas[1], rel=1e-9)
        grown = area_km2(after.geometry) - area_km2(before.geometry).reindex(after.index)
        assert set(grown.index[grown > 1]) == {HEFEI, "340200", "340500"}


class TestLayer:
    @pytest.fixture
    def areas(self, store: StoreBuilder) -> StoreBuilder:
        """Two editions: a zone of two parts, a former and a later extent, one unknown."""
        entries = [
            (row(id="two", part="core", accuracy_m=50), WEST),
            (row(id="two", part="rest", accuracy_m=300), EAST),
            (in_force(None, "2016-01-04", id="was", plan_version="before-2016-01"), WEST),
            (in_force("2016-01-04", None, id="was", plan_version="current"), EAST),
            (row(id="unknown", geometry_basis="none", accuracy_m=None), None),
        ]
        file = store.write(collection([feature(entry, shape) for entry, shape in entries]))
        self.publish(store, file, "2020-01-01")
        store.publish([row(id="only")], published="2022-01-01", note="second")
        return store

    @staticmethod
    def publish(store: StoreBuilder, file: Path, published: str) -> None:
        from atlas.operations import publish as publishing

        publishing.publish(
            store.folder, "belts", file, note="why", published=dt.date.fromisoformat(published),
            today=TODAY,
        )  # fmt: skip

    def zones(self, store: StoreBuilder, day: str, known_by: str = "2021-01-01") -> ZoneSet:
        day_, known = dt.date.fromisoformat(day), dt.date.fromisoformat(known_by)
        return read_zones(store.folder, "belts", day=day_, known_by=known)

    def test_each_id_once_and_its_parts_together(self, areas: StoreBuilder) -> None:
        rows = self.zones(areas, "2018-06-01").rows.set_index("id")
        assert list(rows.index) == ["two", "was"]
        assert rows.geometry["two"].equals(shapely.union_all([WEST, EAST]))
        assert rows.loc["two", "accuracy_m"] == 300, "the coarser part counts"
        assert list(rows.columns) == ["name_zh", "name_en", "accuracy_m", "estimated", "geometry"]
        assert rows.crs == STORAGE_CRS

    def test_what_has_no_extent_is_no_zone(self, areas: StoreBuilder) -> None:
        assert "unknown" not in self.zones(areas, "2018-06-01").rows["id"].tolist()

    def test_it_is_as_of_the_day(self, areas: StoreBuilder) -> None:
        last, first = (self.zones(areas, day).rows for day in ("2016-01-03", "2016-01-04"))
        last, first = (rows.set_index("id").loc["was"] for rows in (last, first))
        assert (last["estimated"], first["estimated"]) == (True, False)
        assert last.geometry.equals(WEST)
        assert first.geometry.equals(EAST)

    def test_it_is_as_published_by_the_day(self, areas: StoreBuilder) -> None:
        old, new = self.zones(areas, "2018-06-01"), self.zones(areas, "2018-06-01", "2022-01-01")
        assert (old.edition.edition, new.edition.edition) == (1, 2)
        assert new.rows["id"].tolist() == ["only"]
        with pytest.raises(EditionNotFound):
            self.zones(areas, "2018-06-01", "2019-12-31")

    def test_it_says_where_it_is_from(self, areas: StoreBuilder) -> None:
        held = self.zones(areas, "2018-06-01")
        assert (held.name, held.sha256) == ("belts", "")
        assert held.title == {"zh": "title 中文", "en": "title of belts"}
        assert held.info.id == "belts"

    def test_a_day_without_zones_gives_none(self, areas: StoreBuilder) -> None:
        areas.publish([in_force("2020-01-01", None)], published="2023-01-01", note="third")
        assert self.zones(areas, "2019-01-01", "2023-01-01").rows.empty

    def test_zones_are_polygons(self, areas: StoreBuilder) -> None:
        areas.add_layer("lines", kind="line")
        areas.publish([row()], layer="lines", shape=shapely.LineString([(120, 30), (121, 31)]))
        with pytest.raises(WrongKind, match="is of kind line: zones are polygons; choose cities"):
            read_zones(areas.folder, "lines", day=TODAY, known_by=TODAY)
        add_raster_layer(areas.folder, "cover")
        with pytest.raises(EditionNotFound):
            read_zones(areas.folder, "cover", day=TODAY, known_by=TODAY)
        with pytest.raises(WrongKind, match="is of kind raster"):
            read_zones(LAYERS, "terrain", day=KNOWN, known_by=KNOWN)

    def test_what_is_no_layer_is_a_file(self, areas: StoreBuilder, write: Write) -> None:
        held = read_zones(areas.folder, str(write()), day=TODAY, known_by=TODAY)
        assert held.rows["id"].tolist() == ["a", "b"]
        with pytest.raises(FileDamaged, match="belt: No such file"):
            read_zones(areas.folder, "belt", day=TODAY, known_by=TODAY)

    def test_a_layer_comes_before_a_file_of_its_name(
        self, areas: StoreBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "belts").write_text("no zones")
        monkeypatch.chdir(tmp_path)
        assert self.zones(areas, "2018-06-01").edition is not None


class TestFile:
    @pytest.mark.parametrize("name", ["z.gpkg", "z.geojson", "z.fgb", "z.shp"])
    def test_any_format(self, write: Write, name: str) -> None:
        path = write(name, [square(120.123, 30), square(121, 30)])
        held = read_zone_file(path)
        assert sorted(held.rows["id"]) == ["a", "b"]
        assert held.rows.crs == STORAGE_CRS
        shape = held.rows.set_index("id").geometry["a"]
        assert shape.normalize().equals_exact(square(120.123, 30).normalize(), 1e-9)
        assert (held.name, held.title) == (name, {"zh": name, "en": name})
        assert held.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (held.edition, held.info) == (None, None)

    @pytest.mark.parametrize("crs", [4326, 4490, 4549, 3857, 32651])
    def test_any_system_gives_the_same(self, write: Write, crs: int) -> None:
        shapes = read_zone_file(write(crs=crs)).rows.geometry.to_numpy()
        found = shapely.get_coordinates(shapely.normalize(shapes))
        wanted = shapely.get_coordinates(shapely.normalize(np.array([WEST, EAST])))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-8)

    def test_names_are_those_of_the_key(self, write: Write) -> None:
        path = write(code=[7, 8], label=["甲", "乙"])
        assert read_zone_file(path, key="label").rows["id"].tolist() == ["甲", "乙"]
        rows = read_zone_file(path, key="code").rows
        assert rows["id"].tolist() == rows["name_zh"].tolist() == rows["name_en"].tolist()
        assert rows["id"].tolist() == ["7", "8"]

    def test_they_are_exact_and_not_estimated(self, write: Write) -> None:
        rows = read_zone_file(write()).rows
        assert rows["accuracy_m"].tolist() == [0, 0]
        assert not rows["estimated"].any()
        assert (
            not read_zone_file(write("z.geojson", [shapely.force_3d(WEST, 9), EAST]))
            .rows["geometry"]
            .has_z.any()
        )

    @pytest.mark.parametrize(
        ("name", "made", "key", "problem"),
        [
            ("k.gpkg", {"code": [1, 2]}, "id", "no column 'id' that names its zones; .*: code$"),
            ("d.gpkg", {"id": ["a", "a"]}, "id", "two zones are named 'a' in 'id'"),
            ("m.gpkg", {"shapes": [WEST, None]}, "id", r"row 2 \('b'\) is no polygon"),
            ("l.gpkg", {"shapes": [WEST, shapely.LineString([(120, 30), (121, 31)])]}, "id",
             r"row 2 \('b'\) is no polygon; zones are polygons"),
            ("p.gpkg", {"shapes": [shapely.Point(120, 30), EAST]}, "id", r"row 1 \('a'\) is no p"),
            ("b.gpkg", {"shapes": [WEST, shapely.Polygon([(120, 30), (121, 31), (121, 30),
                                                          (120, 31)])]},
             "id", "1 invalid geometr.*first where id = 'b': Self-intersection.*Fix geometries"),
            ("o.gpkg", {"shapes": [WEST, shapely.box(0, 50, 1, 51)]}, "id",
             r"row 2 \('b'\) reaches from \(0, 50\) to \(1, 51\); the atlas .*: check its CRS"),
            ("a.gpkg", {"shapes": [shapely.box(-179, 30, 179, 31), EAST]}, "id",
             r"reaches from \(-179, 30\).*cut it, also where it crosses the 180th meridian"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_of_the_first_row(
        self, write: Write, name: str, made: dict[str, Any], key: str, problem: str
    ) -> None:
        path = write(name, **made)
        with pytest.raises(FileDamaged) as failed:
            read_zone_file(path, key=key)
        message = str(failed.value)
        assert message.startswith(f"{path}: ")
        assert re.search(problem, message), message
        assert "\n" not in message

    @pytest.mark.parametrize(
        ("west", "south"), [(107.9, 30), (129.9, 30), (120, 21.9), (120, 40.4)]
    )
    def test_nothing_lies_outside_the_region(self, write: Write, west: float, south: float) -> None:
        with pytest.raises(FileDamaged, match=r"row 2 .*the atlas holds 108 to 130 E"):
            read_zone_file(write("z.gpkg", [WEST, square(west, south)]))

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("none.gpkg", None, "No such file or directory"),
            ("text.txt", b"hello", "not a vector file"),
            ("empty.geojson", b"", "not a vector file"),
            ("cut.geojson", b'{"type": "FeatureCollection", "features": [', "not a vector file"),
            ("zones.gpkg", b"SQLite format 3\0", "not a vector file"),
            ("table.csv", b"id,size\na,1\n", "its layer has no geometry"),
        ],
    )
    def test_what_is_no_vector_file(
        self, tmp_path: Path, name: str, content: bytes | None, problem: str
    ) -> None:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(FileDamaged, match=problem):
            read_zone_file(path)

    def test_a_file_that_points_to_another_is_refused(self, write: Write, tmp_path: Path) -> None:
        held = write("held.gpkg")
        path = tmp_path / "zones.vrt"
        path.write_text(
            f'<OGRVRTDataSource><OGRVRTLayer name="held"><SrcDataSource>{held}</SrcDataSource>'
            "</OGRVRTLayer></OGRVRTDataSource>"
        )
        with pytest.raises(FileDamaged, match=r"it only points to other files .*: give one"):
            read_zone_file(path)

    def test_rows_without_shape_in_a_file_without_index(self, tmp_path: Path) -> None:
        path = tmp_path / "zones.fgb"
        rows = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[WEST, None], crs=STORAGE_CRS)
        rows.to_file(path, SPATIAL_INDEX="NO")
        with pytest.raises(FileDamaged, match=r"row 2 \('b'\) is no polygon"):
            read_zone_file(path)

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(FileDamaged, match="not a vector file"):
            read_zone_file(tmp_path)

    def test_a_file_must_say_its_system(self, write: Write) -> None:
        path = write("z.shp")
        path.with_suffix(".prj").unlink()
        with pytest.raises(FileDamaged, match="does not say its CRS: assign one"):
            read_zone_file(path)

    def test_a_hostile_name_is_cut_and_no_new_line(self, write: Write) -> None:
        with pytest.raises(FileDamaged) as failed:
            read_zone_file(write(id=["x" * 5_000] * 2))
        assert len(str(failed.value)) < 400


class TestPolygon:
    def test_one_that_a_reader_drew(self) -> None:
        held = polygon_zone(WEST, "mine")
        (zone,) = held.rows.to_dict("records")
        assert (zone["id"], zone["name_zh"], zone["name_en"]) == ("mine", "mine", "mine")
        assert zone["geometry"].equals(WEST)
        assert held.sha256 == hashlib.sha256(shapely.to_wkb(WEST)).hexdigest()
        assert polygon_zone(EAST, "mine").sha256 != held.sha256

    @pytest.mark.parametrize(
        ("shape", "problem"),
        [
            (shapely.LineString([(120, 30), (121, 31)]), "is no polygon"),
            (shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)]), "Self-intersection"),
            (square(0, 0), "check its CRS"),
        ],
    )
    def test_what_is_none(self, shape: shapely.Geometry, problem: str) -> None:
        with pytest.raises(FileDamaged, match=f"^mine: .*{problem}"):
            polygon_zone(shape, "mine")
