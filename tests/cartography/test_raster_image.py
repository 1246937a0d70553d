"""Rasters on maps and figures: they lie where the coast lies, in the colours of their legend."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import matplotlib.image
import numpy as np
import pytest
import shapely
from matplotlib.figure import Figure
from pyproj import CRS, Transformer

from atlas.cartography.figure_raster import draw_raster, working_picture
from atlas.cartography.raster_image import MERCATOR, mercator_overlay, png_bytes
from atlas.cartography.raster_look import (
    Swatch,
    class_palette,
    round_steps,
    score_palette,
    step_palette,
    to_rgba,
)
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.grid import Grid
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.operations.ground import open_ground

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)
WATER, LAND = "#4f86c6", "#f2d16b"
PALETTE = (Swatch(0, 0, WATER, {"zh": "水", "en": "water"}),
           Swatch(1, 1, LAND, {"zh": "陆", "en": "land"}))  # fmt: skip
UNIT = {"zh": "米", "en": "m"}


@pytest.fixture(scope="module")
def land() -> shapely.Geometry:
    edition = catalogue.find_edition(LAYERS, "land", known_by=DAY)
    found = catalogue.read_layer(LAYERS, edition).features.geometry.iloc[0]
    clipped = shapely.clip_by_rect(found, 117, 28, 123, 35)
    shapely.prepare(clipped)
    return clipped


def burnt(land: shapely.Geometry, grid: Grid) -> np.ndarray:
    """1 where the middle of a cell lies on land, else 0."""
    x = grid.west + (np.arange(grid.columns) + 0.5) * grid.cell_width
    y = grid.north - (np.arange(grid.rows) + 0.5) * grid.cell_height
    lon, lat = np.meshgrid(x, y)
    if not grid.crs.is_geographic:
        lon, lat = Transformer.from_crs(grid.crs, STORAGE_CRS, always_xy=True).transform(lon, lat)
    return shapely.contains_xy(land, lon, lat).astype(float)


GRIDS = {
    "degrees": Grid(119.0, 34.5, 0.05, 0.05, 70, 110, STORAGE_CRS),
    "utm": Grid(250_000.0, 3_800_000.0, 5_000.0, 5_000.0, 70, 110, CRS.from_epsg(32651)),
}
CELL_DEG = 0.055


def off_coast(
    land: shapely.Geometry, is_land: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> float:
    """How far (degrees) the furthest pixel on the wrong side lies from the coast."""
    wrong = is_land != shapely.contains_xy(land, lon, lat)
    assert 0 < wrong.mean() < 0.1
    points = shapely.points(lon[wrong], lat[wrong])
    return float(shapely.distance(points, land.boundary).max())


@pytest.mark.parametrize("name", GRIDS)
def test_the_overlay_puts_the_coast_within_one_cell(name: str, land: shapely.Geometry) -> None:
    """Each pixel where Leaflet puts it: even steps in Web Mercator between the two corners."""
    grid = GRIDS[name]
    overlay = mercator_overlay(burnt(land, grid), grid, PALETTE)
    rgba = matplotlib.image.imread(BytesIO(overlay.png))[::4, ::4]
    rows, columns = matplotlib.image.imread(BytesIO(overlay.png)).shape[:2]
    to_mercator = Transformer.from_crs(STORAGE_CRS, MERCATOR, always_xy=True)
    (west, east), (south, north) = (
        to_mercator.transform([overlay.bounds[0], overlay.bounds[2]],
                              [overlay.bounds[1], overlay.bounds[3]])
    )  # fmt: skip
    x = west + (np.arange(0, columns, 4) + 0.5) * (east - west) / columns
    y = north - (np.arange(0, rows, 4) + 0.5) * (north - south) / rows
    lon, lat = to_mercator.transform(*np.meshgrid(x, y), direction="INVERSE")
    there = rgba[..., 3] > 0
    land_red = int(LAND[1:3], 16) / 255
    is_land = np.isclose(rgba[..., 0], land_red, atol=0.01)
    assert off_coast(land, is_land[there], lon[there], lat[there]) < CELL_DEG * 0.75


def test_an_unwarped_picture_would_be_seen_to_lie_wrong(land: shapely.Geometry) -> None:
    """The check can fail: cells of equal degrees spread evenly over Mercator are far off."""
    grid = Grid(117.5, 35.0, 0.05, 0.05, 110, 140, STORAGE_CRS)
    numbers = burnt(land, grid)
    to_mercator = Transformer.from_crs(STORAGE_CRS, MERCATOR, always_xy=True)
    west, south, east, north = grid.bounds
    (_, _), (bottom, top) = to_mercator.transform([west, east], [south, north])
    y = top - (np.arange(grid.rows) + 0.5) * (top - bottom) / grid.rows
    x = west + (np.arange(grid.columns) + 0.5) * grid.cell_width
    lon, mercator = np.meshgrid(x, y)
    _, lat = to_mercator.transform(np.zeros_like(mercator), mercator, direction="INVERSE")
    assert off_coast(land, numbers.ravel() == 1, lon.ravel(), lat.ravel()) > CELL_DEG


@pytest.mark.parametrize("name", GRIDS)
def test_the_figure_puts_the_coast_within_one_cell(name: str, land: shapely.Geometry) -> None:
    grid = GRIDS[name]
    axes = Figure().add_subplot(xlim=(0, 380_000), ylim=(-150_000, 350_000))
    picture = working_picture(burnt(land, grid), grid, axes)
    assert picture is not None
    west, south, east, north = picture.bounds
    rows, columns = picture.numbers.shape
    x = west + (np.arange(0, columns, 7) + 0.5) * (east - west) / columns
    y = north - (np.arange(0, rows, 7) + 0.5) * (north - south) / rows
    lon, lat = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True).transform(
        *np.meshgrid(x, y)
    )
    numbers = picture.numbers[::7, ::7]
    there = np.isfinite(numbers)
    assert off_coast(land, numbers[there] == 1, lon[there], lat[there]) < CELL_DEG * 0.75


def test_the_record_lies_where_the_coast_lies(land: shapely.Geometry) -> None:
    """Of the published land cover no shift of a cell fits the coast better than none."""
    ground = open_ground(LAYERS, "land-cover", known_by=DAY)
    numbers, grid = ground.picture((119.5, 28.5, 122.5, 34.5), side_most=999)
    is_land = numbers != 0
    vector = burnt(land, grid) == 1
    agree = {
        (down, right): (np.roll(is_land, (down, right), (0, 1)) == vector)[2:-2, 2:-2].mean()
        for down in (-1, 0, 1) for right in (-1, 0, 1)
    }  # fmt: skip
    assert max(agree, key=lambda shift: agree[shift]) == (0, 0)
    assert agree[0, 0] > 0.93


def test_a_figure_keeps_its_limits_and_shows_the_colours() -> None:
    figure = Figure(figsize=(2, 2), dpi=50)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-100_000, 100_000), ylim=(-100_000, 100_000))
    grid = Grid(118.0, 32.0, 0.5, 0.5, 4, 4, STORAGE_CRS)
    numbers = np.array([[0, 0, 1, 1]] * 4, dtype=float)
    image = draw_raster(axes, numbers, grid, PALETTE, opacity=1.0)
    assert image is not None
    assert axes.get_xlim() == (-100_000, 100_000)
    assert axes.get_ylim() == (-100_000, 100_000)
    out = BytesIO()
    figure.savefig(out, format="png")
    drawn = matplotlib.image.imread(BytesIO(out.getvalue()))
    for column, colour in ((40, WATER), (75, LAND)):
        wanted = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        assert drawn[50, column, :3] == pytest.approx(wanted, abs=0.02)


def test_a_raster_elsewhere_is_not_drawn() -> None:
    axes = Figure().add_subplot(xlim=(0, 1000), ylim=(0, 1000))
    grid = Grid(110.0, 24.0, 0.5, 0.5, 4, 4, STORAGE_CRS)
    assert draw_raster(axes, np.zeros((4, 4)), grid, PALETTE) is None


def test_what_has_no_value_is_clear() -> None:
    rgba = to_rgba(np.array([[np.nan, 0.0, 1.0, 7.0]]), PALETTE)
    assert rgba[0, :, 3].tolist() == [0, 255, 255, 0]
    decoded = matplotlib.image.imread(BytesIO(png_bytes(rgba)))
    assert np.round(decoded * 255).astype(int).tolist() == rgba.tolist()
    assert png_bytes(rgba) == png_bytes(rgba.copy())


@pytest.mark.parametrize(
    "numbers",
    [[-3, 0, 5, 30, 1500], [0.0, 0.0, 1e6], [12, 12.5, 13], [5, 5], [-40, -10], [-5, 5, 400]],
)
def test_steps_hold_every_number_and_are_round(numbers: list[float]) -> None:
    palette = step_palette(np.array(numbers, dtype=float), UNIT)
    assert 1 <= len(palette) <= 10
    assert palette[0].low <= min(numbers)
    assert palette[-1].high >= max(numbers)
    assert [one.high for one in palette[:-1]] == [one.low for one in palette[1:]]
    assert (to_rgba(np.array([numbers]), palette)[..., 3] == 255).all()
    assert palette[0].title["en"].endswith(" m")


def test_nothing_has_no_steps() -> None:
    assert step_palette(np.array([np.nan]), UNIT) == ()


def test_mountains_do_not_hide_the_plain() -> None:
    edges = round_steps(-2, 20, 1600)
    assert edges[:3] == [-2, 0, 20] or edges[:3] == [-2, 0, 10]
    assert edges[-1] == 2000


def test_classes_have_the_colours_of_the_table_then_the_files_then_others() -> None:
    classes = open_ground(LAYERS, "land-cover", known_by=DAY).classes
    titles = [{"zh": "a", "en": "a"}] * 3
    own = {12: "#123456", 200: "#654321"}
    palette = class_palette([12, 200, 201], classes, own, titles)
    by_value = {entry.value: entry.colour for entry in classes}
    assert [one.colour for one in palette][:2] == [by_value[12], "#654321"]
    assert palette[2].colour not in (None, "")
    assert palette[0].look.fill == by_value[12]


def test_scores_have_five_steps() -> None:
    palette = score_palette({"zh": "分", "en": "points"})
    assert [one.low for one in palette] == [0, 20, 40, 60, 80]
    assert to_rgba(np.array([[100.0, 0.0]]), palette)[..., 3].tolist() == [[255, 255]]
