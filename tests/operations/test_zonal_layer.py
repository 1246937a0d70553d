"""What lies in zones of the record and of files: states, sums, changes, words, forms."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS

from atlas.core.grid import Grid
from atlas.errors import FileDamaged, LayerNotFound, WrongKind
from atlas.operations import zonal_output
from atlas.operations.folder import PROJECT
from atlas.operations.ground import CLASSES, QUANTITY, Ground, length_text, open_ground
from atlas.operations.ground_map import draw_ground, overlay_of, serve_overlay
from atlas.operations.overlap import overlap
from atlas.operations.zonal import Zonal, ZonalChange, zonal, zonal_change
from atlas.operations.zonal_words import tell_zone
from tests.ground_examples import DEGREES, write_tiff, zone_file

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)
MADE = dt.date(2026, 11, 25)
VALUES = np.array([[1, 1, 2, 2, 3, 3, 1, 1]] * 6, dtype="uint8")


@pytest.fixture(scope="module")
def cover() -> Ground:
    return open_ground(LAYERS, "land-cover", known_by=DAY)


@pytest.fixture(scope="module")
def terrain() -> Ground:
    return open_ground(LAYERS, "terrain", known_by=DAY)


@pytest.fixture(scope="module")
def belts(cover: Ground) -> Zonal:
    return zonal(LAYERS, cover, zones="ecological-belts", day=DAY, known_by=DAY)


@pytest.fixture(scope="module")
def change(cover: Ground) -> ZonalChange:
    return zonal_change(
        LAYERS, cover, zones="metropolitan-areas", old=dt.date(2016, 7, 1), new=DAY, known_by=DAY
    )


@pytest.fixture
def own(tmp_path: Path) -> Ground:
    return open_ground(LAYERS, str(write_tiff(tmp_path / "own.tif", VALUES)), known_by=DAY)


def in_file(ground: Ground, tmp_path: Path, **shapes: shapely.Geometry) -> Zonal:
    path = zone_file(tmp_path / "zones.geojson", shapes)
    return zonal(LAYERS, ground, zones=str(path), day=DAY, known_by=DAY)


def test_cities_and_their_provinces_hold_the_same(cover: Ground, terrain: Ground) -> None:
    """Cities divide provinces: each class, and every metre, is found once in both."""
    both = [zonal(LAYERS, cover, zones=name, day=DAY, known_by=DAY) for name in
            ("cities", "provinces")]  # fmt: skip
    one, other = (found.classes for found in both)
    assert one is not None
    assert other is not None
    assert one.values.tolist() == other.values.tolist()
    assert one.area_km2.sum(axis=0) == pytest.approx(other.area_km2.sum(axis=0), rel=1e-7)
    heights = [zonal(LAYERS, terrain, zones=name, day=DAY, known_by=DAY).quantity for name in
               ("cities", "provinces")]  # fmt: skip
    sums = [float((held.mean * held.known_km2).sum()) for held in heights if held]
    assert sums[0] == pytest.approx(sums[1], rel=1e-6)


def test_cells_fill_the_zones(belts: Zonal) -> None:
    """Areas by cells and by the polygons themselves agree: both are true areas."""
    assert belts.known_km2 == pytest.approx(belts.zone_km2, rel=2e-3)
    assert {belts.state(zone) for zone in range(len(belts.zone_km2))} == {"covered"}


def test_pieces_of_belts_in_cities_are_those_of_the_overlap(cover: Ground) -> None:
    found = zonal(LAYERS, cover, zones="ecological-belts", by="cities", day=DAY, known_by=DAY)
    measured = overlap(LAYERS, "ecological-belts", zones="cities", day=DAY, known_by=DAY)
    kept = measured.table[~measured.table["sliver"].astype(bool)]
    ids = measured.features["id"].to_numpy()[kept["feature"]]
    towns = measured.zones.rows["id"].to_numpy()[kept["zone"]]
    assert set(found.zones.rows["id"]) <= {f"{a}/{b}" for a, b in zip(ids, towns, strict=True)}
    assert "nanjing-hangzhou-belt/320100" in set(found.zones.rows["id"])
    place = found.zones.rows["id"].tolist().index("nanjing-hangzhou-belt/320100")
    held = kept[(ids == "nanjing-hangzhou-belt") & (towns == "320100")]
    assert found.zone_km2[place] == pytest.approx(held["size"].max(), rel=1e-6)
    assert "南京" in found.zones.rows["name_zh"].iloc[place]


def test_a_feature_without_extent_is_named_not_measured(cover: Ground) -> None:
    found = zonal(LAYERS, cover, zones="metropolitan-areas", day=DAY, known_by=DAY)
    assert [name["en"] for name in found.held.undrawn] == ["Hangzhou Metropolitan Area"]
    text = zonal_output.render(found, "table", lang="en", made=MADE).decode()
    assert "Extent not published, so not measured: Hangzhou Metropolitan Area" in text


class TestStates:
    """Covered, partly, not at all, without values: never nought for what is not known."""

    def test_off_the_raster(self, own: Ground, tmp_path: Path) -> None:
        found = in_file(own, tmp_path, away=shapely.box(110, 25, 111, 26),
                        here=shapely.box(118.1, 31, 118.4, 31.5))  # fmt: skip
        assert [found.state(0), found.state(1)] == ["not-covered", "covered"]
        row = next(row for row in zonal_output.to_rows(found) if row["zone_id"] == "away")
        assert row["state"] == "not-covered"
        assert row["area_km2"] is row["share"] is row["class_id"] is None
        assert row["zone_km2"] > 1000
        assert "does not cover away" in tell_zone(found, 0, "en")
        assert "未覆盖" in zonal_output.render(found, "table", lang="zh", made=MADE).decode()

    def test_partly_on_the_raster(self, own: Ground, tmp_path: Path) -> None:
        found = in_file(own, tmp_path, half=shapely.box(117.75, 31, 118.25, 31.25))
        assert found.state(0) == "partly"
        assert found.covered[0] == pytest.approx(0.5, abs=1e-4)
        assert "covers only 50.0 % of it" in tell_zone(found, 0, "en")

    def test_without_values(self, tmp_path: Path) -> None:
        values = VALUES.copy()
        values[:, :2] = 0
        path = write_tiff(tmp_path / "own.tif", values, nodata=0)
        found = in_file(open_ground(LAYERS, str(path), known_by=DAY), tmp_path,
                        empty=shapely.box(118.0, 31, 118.4, 31.2),
                        part=shapely.box(118.25, 31, 118.75, 31.2))  # fmt: skip
        assert [found.state(0), found.state(1)] == ["no-values", "covered"]
        rows = [row for row in zonal_output.to_rows(found) if row["zone_id"] == "part"]
        assert [row["class_en"] for row in rows] == ["value 2", "no value"]
        assert rows[0]["share"] == 1
        assert rows[1]["share"] is None
        assert rows[0]["area_km2"] == pytest.approx(rows[1]["area_km2"], rel=1e-6)

    def test_nodata_everywhere_is_an_error(self, tmp_path: Path) -> None:
        path = write_tiff(tmp_path / "own.tif", np.full_like(VALUES, 7), nodata=7)
        ground = open_ground(LAYERS, str(path), known_by=DAY)
        with pytest.raises(FileDamaged, match="nodata everywhere"):
            in_file(ground, tmp_path, here=shapely.box(118.1, 31, 118.4, 31.5))

    def test_a_zone_of_few_cells_says_so(self, own: Ground, tmp_path: Path) -> None:
        found = in_file(own, tmp_path, small=shapely.box(118.1, 31, 118.2, 31.1))
        assert "only a few cells" in tell_zone(found, 0, "en")


class TestFiles:
    """Rasters of a user's own."""

    def test_what_cells_hold_is_guessed_and_can_be_said(self, tmp_path: Path) -> None:
        heights = write_tiff(tmp_path / "dem.tif", VALUES.astype("float32"), unit="m")
        assert open_ground(LAYERS, str(heights), known_by=DAY).kind == QUANTITY
        ground = open_ground(LAYERS, str(heights), known_by=DAY, kind=CLASSES)
        assert ground.kind == CLASSES
        assert ground.unit["en"] == "m"
        assert ground.edition is None
        assert len(ground.sha256) == 64
        tabled = write_tiff(
            tmp_path / "c.tif", VALUES.astype("uint16"), colours={1: (9, 9, 9, 255)}
        )
        assert open_ground(LAYERS, str(tabled), known_by=DAY).kind == CLASSES
        scaled = write_tiff(tmp_path / "s.tif", VALUES, scale=(0.5, 0.0))
        assert open_ground(LAYERS, str(scaled), known_by=DAY).kind == QUANTITY

    def test_other_projections_give_the_same_areas(self, tmp_path: Path) -> None:
        grid = Grid(300_000.0, 3_600_000.0, 2_000.0, 2_000.0, 200, 150, CRS.from_epsg(32650))
        path = write_tiff(tmp_path / "utm.tif", np.ones((150, 200), "uint8"), grid)
        zones = {"a": shapely.box(116, 30.5, 117.5, 31.5), "b": shapely.box(117.5, 30.5, 118, 32)}
        found = in_file(open_ground(LAYERS, str(path), known_by=DAY), tmp_path, **zones)
        assert found.known_km2 == pytest.approx(found.zone_km2, rel=1e-5)

    def test_a_scaled_quantity_is_told_in_its_unit(self, tmp_path: Path) -> None:
        path = write_tiff(tmp_path / "s.tif", VALUES, scale=(10.0, 5.0), unit="people")
        found = in_file(open_ground(LAYERS, str(path), known_by=DAY), tmp_path,
                        a=shapely.box(118.5, 31, 119.0, 31.5))  # fmt: skip
        row = zonal_output.to_rows(found)[0]
        assert (row["mean"], row["min"], row["max"]) == (25, 25, 25)
        assert row["total"] == pytest.approx(25 * 4)
        assert "mean 25" in tell_zone(found, 0, "en")
        assert "people" in tell_zone(found, 0, "en")

    def test_too_many_values_for_classes(self, tmp_path: Path) -> None:
        grid = Grid(118.0, 32.0, 0.01, 0.01, 100, 100, DEGREES.crs)
        values = np.arange(10_000, dtype="int32").reshape(100, 100)
        path = write_tiff(tmp_path / "many.tif", values, grid)
        ground = open_ground(LAYERS, str(path), known_by=DAY, kind=CLASSES)
        with pytest.raises(FileDamaged, match="a quantity, not classes"):
            in_file(ground, tmp_path, a=shapely.box(118.1, 31.1, 118.9, 31.9))

    def test_no_such_raster(self) -> None:
        with pytest.raises(FileDamaged, match="No such file"):
            open_ground(LAYERS, "land-covr", known_by=DAY)
        with pytest.raises(WrongKind, match="cells"):
            open_ground(LAYERS, "cities", known_by=DAY)

    def test_lengths_need_no_decimals(self) -> None:
        assert [length_text(metres) for metres in (30.02, 927.6, 4834)] == [
            "30 m",
            "928 m",
            "4.8 km",
        ]


class TestChange:
    """Two days of the plan on one raster: the zones change, not the cells."""

    def test_what_a_zone_gained_and_lost_by_class(self, change: ZonalChange) -> None:
        rows = [row for row in zonal_output.change_rows(change) if row["zone_id"] == "hefei"]
        rows = rows or [row for row in zonal_output.change_rows(change) if row["old_km2"]]
        zone = [row for row in rows if row["zone_id"] == rows[0]["zone_id"]]
        for row in zone:
            assert row["change_km2"] == pytest.approx(row["new_km2"] - row["old_km2"], abs=1e-5)
        total = sum(row["new_km2"] for row in zone)
        assert total == pytest.approx(zone[0]["zone_km2_new"], rel=2e-3)

    def test_a_zone_of_one_day_only_has_no_change(self, change: ZonalChange) -> None:
        rows = [row for row in zonal_output.change_rows(change) if row["state_old"] is None]
        assert rows
        assert all(row["old_km2"] is row["change_km2"] is None for row in rows)
        assert all(row["new_km2"] is not None for row in rows)

    def test_heights_change_with_the_zone(self, terrain: Ground) -> None:
        found = zonal_change(
            LAYERS, terrain, zones="metropolitan-areas", old=dt.date(2016, 7, 1), new=DAY,
            known_by=DAY,
        )  # fmt: skip
        row = next(row for row in zonal_output.change_rows(found) if row["old_mean"])
        assert row["change_mean"] == pytest.approx(row["new_mean"] - row["old_mean"], rel=1e-6)


@pytest.mark.parametrize("form", zonal_output.FORMS)
def test_every_form_says_what_and_how(belts: Zonal, form: str) -> None:
    content = zonal_output.render(belts, form, lang="zh", made=MADE)
    assert content == zonal_output.render(belts, form, lang="zh", made=MADE)
    if form == "json":
        told = json.loads(content)
        assert told["sha256"] == belts.ground.sha256
        assert told["days"] == ["2026-11-24"]
        assert "true area" in told["method"]["en"]
        assert len(told["rows"]) == len(zonal_output.to_rows(belts))
    if form == "csv":
        lines = content.decode("utf-8-sig").splitlines()
        assert belts.ground.sha256 in lines[1]
        assert lines[0].startswith("zone_id,")
    if form == "xlsx":
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        assert "xl/worksheets/sheet2.xml" in names
    if form == "table":
        assert "看区域，不看地块" in content.decode()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_zone_is_told_in_words(belts: Zonal, terrain: Ground, lang: str) -> None:
    place = belts.zones.rows["id"].tolist().index("dabie-barrier")
    told = tell_zone(belts, place, lang)
    assert ("Woody savanna" if lang == "en" else "多树稀树草原") in told
    heights = zonal(LAYERS, terrain, zones="ecological-belts", day=DAY, known_by=DAY)
    assert ("median" if lang == "en" else "中位数") in tell_zone(heights, place, lang)


def test_formulas_of_a_file_are_disarmed(own: Ground, tmp_path: Path) -> None:
    path = zone_file(tmp_path / "z.geojson", {"=1+1": shapely.box(118.1, 31, 118.4, 31.5)})
    found = zonal(LAYERS, own, zones=str(path), day=DAY, known_by=DAY)
    line = zonal_output.render(found, "csv", lang="en", made=MADE).decode("utf-8-sig")
    assert "'=1+1" in line


def test_no_such_zones(cover: Ground) -> None:
    with pytest.raises((FileDamaged, LayerNotFound)):
        zonal(LAYERS, cover, zones="nowhere", day=DAY, known_by=DAY)
    with pytest.raises(WrongKind, match="zones are polygons"):
        zonal(LAYERS, cover, zones="rail-lines", day=DAY, known_by=DAY)


def test_a_picture_of_the_record_is_served_by_its_content(cover: Ground, tmp_path: Path) -> None:
    drawing = draw_ground(cover)
    assert [one.title["en"] for one in drawing.palette][:2] == [
        "Water", "Evergreen needleleaf forest",
    ]  # fmt: skip
    overlay = overlay_of(drawing)
    name = serve_overlay(overlay, tmp_path)
    assert (tmp_path / name).read_bytes() == overlay.png
    assert serve_overlay(overlay, tmp_path) == name
    assert overlay.data_address.startswith("data:image/png;base64,")
    assert overlay.bounds == pytest.approx((114.5, 27.0, 123.5, 35.5))
