"""Land cover and terrain from packages: whole cells in their place, the same bytes each time."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
import shapely
from rasterio.features import rasterize
from rasterio.transform import Affine

from atlas.core.geometry import canonical, geometry_problems
from atlas.core.raster import Raster
from atlas.errors import SourceError
from atlas.io import catalogue
from atlas.io import raster as cog
from atlas.operations.folder import PROJECT
from atlas.sources import inputs, planning, rasters
from atlas.sources.build import build_layers
from atlas.sources.inputs import INPUTS

FOLDER = PROJECT / "layers"
WATER, CROPLAND, URBAN = 0, 12, 13
MOUNTAINS = [117.0, 29.0, 119.0, 31.0]


def read(layer: str) -> Raster:
    return catalogue.read_raster_layer(FOLDER, catalogue.read_editions(FOLDER, layer)[-1]).raster


@pytest.fixture(scope="module")
def cover() -> Raster:
    return read("land-cover")


@pytest.fixture(scope="module")
def terrain() -> Raster:
    return read("terrain")


@pytest.mark.parametrize("layer", ["land-cover", "terrain"])
def test_the_newest_edition_is_built_again_byte_by_byte(layer: str, tmp_path) -> None:
    built = build_layers(FOLDER, tmp_path, [layer])[0]
    assert (built.outcome, built.features) == ("same", 1)
    assert built.file == str(tmp_path / f"{layer}.tif")
    assert catalogue.read_info(FOLDER, layer).inputs == INPUTS[layer]


def test_the_cut_is_made_of_whole_cells_around_the_provinces(cover, terrain) -> None:
    assert cover.values.shape == (170, 180)
    assert terrain.values.shape == (102, 108)
    assert (cover.values.dtype, terrain.values.dtype) == (np.uint8, np.int16)
    edition = catalogue.read_editions(FOLDER, "provinces")[-1]
    west, south, east, north = catalogue.read_layer(FOLDER, edition).features.total_bounds
    for raster in (cover, terrain):
        assert raster.bounds == pytest.approx((114.5, 27.0, 123.5, 35.5))
        assert raster.known.size == raster.values.size
        assert raster.bounds[0] < west < east < raster.bounds[2]
        assert raster.bounds[1] < south < north < raster.bounds[3]


@pytest.mark.parametrize(
    ("lon", "lat", "classes"),
    [
        (120.15, 31.20, {WATER}),  # Taihu
        (117.55, 31.55, {WATER}),  # Chaohu
        (118.65, 33.30, {WATER}),  # Hongze
        (123.0, 31.0, {WATER}),  # the sea
        (121.47, 31.23, {URBAN}),  # Shanghai
        (120.60, 31.30, {URBAN}),  # Suzhou
        (117.0, 33.3, {CROPLAND}),  # the plain of the Huai
    ],
)
def test_land_cover_of_known_places(cover, lon: float, lat: float, classes: set[int]) -> None:
    assert cover.value_at(lon, lat) in classes


def test_thirteen_classes_occur_and_all_seventeen_have_names(cover) -> None:
    scheme = catalogue.read_info(FOLDER, "land-cover").raster
    assert [entry.value for entry in scheme.classes] == list(range(17))
    assert len({entry.colour for entry in scheme.classes}) == 17
    assert len(np.unique(cover.values)) == 13


def land_share(raster: Raster, east: float, north: float, *, lakes: bool) -> np.ndarray:
    """Share of each cell that Natural Earth has as land, the grid moved by part of a cell."""
    fine = 8
    rows, columns = raster.values.shape
    side = raster.cell_deg[0]
    grid = Affine(
        side / fine, 0, raster.west + east * side, 0, -side / fine, raster.north + north * side
    )

    def burnt(layer: str) -> np.ndarray:
        edition = catalogue.read_editions(FOLDER, layer)[-1]
        shapes = list(catalogue.read_layer(FOLDER, edition).features.geometry)
        cells = rasterize(shapes, out_shape=(rows * fine, columns * fine), transform=grid)
        return cells.reshape(rows, fine, columns, fine).mean((1, 3))

    return burnt("land") - (burnt("lakes") if lakes else 0)


@pytest.mark.parametrize("layer", ["land-cover", "terrain"])
def test_cells_fit_the_coast_best_where_they_lie(layer: str) -> None:
    """Half a cell to any side makes it worse.

    A terrain cell is 0 only without any land worth a metre, so there a tenth of land counts.
    """
    raster = read(layer)

    def fit(east: float, north: float) -> float:
        share = land_share(raster, east, north, lakes=layer == "land-cover")
        expected = share if layer == "land-cover" else share > 0.1
        return float(np.corrcoef(expected.ravel(), (raster.values != 0).ravel())[0, 1])

    here = fit(0, 0)
    assert here > 0.94
    for east, north in ((0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)):
        assert fit(east, north) < here


@pytest.mark.parametrize(
    ("lon", "lat", "height_m", "within_m"),
    [
        (118.17, 30.13, 804, 0),  # Huangshan
        (119.43, 30.35, 926, 0),  # Tianmu
        (115.8, 31.1, 1074, 2),  # the Dabie mountains
        (121.47, 31.23, 10, 0),  # Shanghai
        (123.4, 30.0, 0, 0),  # the sea
    ],
)
def test_heights_of_known_places(
    terrain, lon: float, lat: float, height_m: float, within_m: float
) -> None:
    assert abs(terrain.value_at(lon, lat) - height_m) <= within_m


def test_each_height_lies_in_the_middle_of_its_cell(terrain) -> None:
    """The tables' own latitude and longitude of a height are the centre of its cell."""

    def table(source):
        with np.load(inputs.locate(source)) as archive:
            return archive["arr_0"]

    lats, lons = table(inputs.HEIGHT_LATITUDES)[:, 0], table(inputs.HEIGHT_LONGITUDES)[0]
    heights = table(inputs.HEIGHTS)
    side = terrain.cell_deg[0]
    for row in np.flatnonzero((lats > 27) & (lats < 35.5))[::9]:
        for column in np.flatnonzero((lons > 114.5) & (lons < 123.5))[::7]:
            lon, lat = float(lons[column]), float(lats[row])
            assert terrain.value_at(lon, lat) == heights[row, column]
            for lean in (-0.49, 0.49):
                aside = terrain.value_at(lon + lean * side, lat + lean * side)
                assert aside == heights[row, column]


def test_a_moved_grid_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = rasters._table
    rasters.read_terrain.cache_clear()
    shift = {inputs.HEIGHT_LATITUDES: 1 / 24}
    monkeypatch.setattr(rasters, "_table", lambda source: real(source) + shift.get(source, 0))
    with pytest.raises(SourceError, match="not centred"):
        rasters.read_terrain()
    monkeypatch.undo()
    rasters.read_terrain.cache_clear()


@pytest.mark.parametrize("name", ["HEIGHTS", "LAND_COVER_GRID"])
def test_a_changed_input_stops_the_build(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasters, name, replace(getattr(inputs, name), sha256="0" * 64))
    rasters.read_terrain.cache_clear()
    with pytest.raises(SourceError, match="expected sha256 0000"):
        (rasters.build_terrain if name == "HEIGHTS" else rasters.build_land_cover)()


class TestThreshold:
    """The recipe of the mountain shields: outlines of cells above a height."""

    def grid(self) -> Raster:
        values = np.array([[0, 400, 400], [0, 300, 0], [400, 0, 0]], dtype="int16")
        return Raster(values, west=115.0, north=31.0, cell_deg=(0.5, 0.5), nodata=-32768)

    def test_cells_higher_than_the_height_are_outlined_along_their_edges(self) -> None:
        shape = rasters.outline_above(self.grid(), above_m=300, box=[115, 29.5, 116.5, 31])
        parts = [shapely.box(115.5, 30.5, 116.5, 31), shapely.box(115, 29.5, 115.5, 30)]
        assert shapely.equals(shape, shapely.union_all(parts))

    def test_a_cell_counts_if_its_centre_lies_in_the_box(self) -> None:
        shape = rasters.outline_above(self.grid(), above_m=300, box=[115.7, 30.7, 116.2, 30.8])
        assert shapely.equals(shape, shapely.box(115.5, 30.5, 116, 31))

    @pytest.mark.parametrize(
        ("above_m", "box", "words"),
        [
            (5000, [115, 29.5, 116.5, 31], "higher than 5000 m"),
            (300, [115, 29.5, 114, 31], "no.* box|is not west"),
            (300, [114, 29.5, 116.5, 31], "is not west"),
            (300, [30, 115, 31, 116], "is not west"),
        ],
    )
    def test_what_cannot_be_outlined_is_said(self, above_m, box, words: str) -> None:
        with pytest.raises(SourceError, match=words):
            rasters.outline_above(self.grid(), above_m=above_m, box=box)

    def test_the_outline_holds_exactly_the_high_cells(self, terrain) -> None:
        shape = rasters.outline_above(terrain, above_m=300, box=MOUNTAINS)
        assert list(geometry_problems("polygon", "threshold", canonical(shape))) == []
        height, width = terrain.cell_deg
        rows, columns = terrain.values.shape
        lons = terrain.west + (np.arange(columns) + 0.5) * width
        lats = terrain.north - (np.arange(rows) + 0.5) * height
        lon, lat = np.meshgrid(lons, lats)
        inside = shapely.contains_xy(shape, lon, lat)
        box = shapely.contains_xy(shapely.box(*MOUNTAINS), lon, lat)
        assert np.array_equal(inside, box & (terrain.values > 300))
        assert shape.area == pytest.approx(inside.sum() * width * height, rel=1e-4)


RECIPE = """
[[version]]
id = "shield"
plan_version = "1"
part = "whole"
name_zh = "屏障"
name_en = "Shield"
status = "in-force"
valid_from = "2019"
valid_to = ""
issued = "2019-12-01"
sourced = true
unsourced = []
accuracy_m = 9000
document = "Outline"
issuer = "State Council"
source_url = ["https://example.org"]
description_zh = "屏障"
description_en = "Shield"
notes_zh = ""
notes_en = ""
recipe = { kind = "threshold", layer = "terrain", above_m = 300, box = [117.0, 29.0, 119.0, 31.0] }
"""


def build(text: str, folder, monkeypatch: pytest.MonkeyPatch):
    tomllib.loads(text)
    (folder / "shields.toml").write_text(text, "utf-8")
    monkeypatch.setattr(planning, "FACTS", folder)
    return planning.build_planning("shields")


def test_a_recipe_gives_a_row_that_says_how_it_was_made(tmp_path, monkeypatch) -> None:
    row = build(RECIPE, tmp_path, monkeypatch).iloc[0]
    assert row["geometry_basis"] == "threshold"
    assert row["accuracy_m"] == 9000
    assert "higher than 300 m, from 117 to 119°E and 29 to 31°N" in row["method_en"]
    assert "高于 300 米" in row["method_zh"]
    assert row.geometry.is_valid


def test_a_recipe_may_be_cut_to_units(tmp_path, monkeypatch) -> None:
    text = RECIPE.replace("31.0] }", '31.0], within = ["341000"] }')
    rows = build(text, tmp_path, monkeypatch)
    whole = build(RECIPE, tmp_path, monkeypatch)
    assert rows.geometry[0].area < whole.geometry[0].area
    assert rows["method_en"][0].endswith("inside Huangshan")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("accuracy_m = 9000", "accuracy_m = 8999"), "accuracy_m is 8999; terrain cells give 9000"),
        (("accuracy_m = 9000\n", ""), "accuracy_m is 0"),
        (('"terrain"', '"land-cover"'), "only terrain has heights"),
        (("above_m = 300, ", ""), "above_m"),
        (("above_m = 300", "above_m = 9000"), "higher than 9000 m"),
        (("box = [117.0, ", "box = [17.0, "), "is not west, south, east, north"),
    ],
)
def test_a_wrong_recipe_names_its_row(tmp_path, monkeypatch, change, words: str) -> None:
    with pytest.raises(SourceError, match=r"shields.toml, shield/1/whole: ") as caught:
        build(RECIPE.replace(*change), tmp_path, monkeypatch)
    assert words in str(caught.value)


def test_the_bytes_are_cloud_optimised(cover) -> None:
    assert cog.to_bytes(cover) == rasters.build_land_cover()
