"""Zonal statistics: by hand, against exactextract, and sums that must hold."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.analysis import zonal
from atlas.analysis.zonal import ClassTally, QuantityTally, Zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid, cell_areas_km2
from tests.ground_examples import DEGREES, METRIC, add_up, count_classes, grid_of

FOUR = np.array([[1, 1, 2, 2], [1, 3, 3, 2], [9, 3, 3, 2], [1, 1, 2, 2]], dtype="uint8")
"""The 4 × 4 case: 9 is no value."""
TILTED = shapely.Polygon([(500, 500), (3500, 500), (3500, 3500)])
"""Half of the square of nine square kilometres in the middle."""
KM = 1000.0


def test_the_four_by_four_case_by_hand() -> None:
    """A square from the middle of corner cells to the middle of corner cells."""
    square = shapely.box(500, 500, 3500, 3500)
    found = count_classes(FOUR, [square, TILTED], METRIC, nodata=9)
    assert found.values.tolist() == [1, 2, 3]
    # Corners count a quarter, sides a half, the four in the middle wholly.
    assert found.area_km2[0] == pytest.approx([0.25 + 0.5 + 0.5 + 0.25 + 0.5, 2.5, 4.0])
    assert found.empty_km2[0] == pytest.approx(0.5)
    # On the diagonal an eighth of the corners and half of the middle cells; below it the rest.
    right = 0.125 + 0.5 + 0.5 + 0.25
    assert found.area_km2[1] == pytest.approx([0.125 + 0.5, 0.5 + right, 0.5 + 1.0 + 0.5])
    assert found.cells == pytest.approx(found.area_km2, rel=1e-6)


def test_a_quantity_by_hand() -> None:
    found = add_up(FOUR, [TILTED], METRIC, nodata=9, whole=True)
    areas = {1: 0.625, 2: 1.875, 3: 2.0}
    assert found.known_km2[0] == pytest.approx(4.5)
    assert found.mean[0] == pytest.approx(sum(v * a for v, a in areas.items()) / 4.5)
    assert found.total[0] == pytest.approx(found.mean[0] * 4.5, rel=1e-6)
    assert (found.least[0], found.greatest[0]) == (1, 3)
    # 0.625 of 4.5 is 14 %, 2.5 of 4.5 is 56 %.
    assert found.percentiles[0].tolist() == [1, 2, 2, 3, 3]
    assert found.precision == 0


def test_no_value_is_no_nought() -> None:
    found = count_classes(FOUR, [shapely.box(0, 1000, 1000, 2000)], METRIC, nodata=9)
    assert found.known_km2.tolist() == [0]
    assert found.empty_km2 == pytest.approx([1])
    held = add_up(FOUR, [shapely.box(0, 1000, 1000, 2000)], METRIC, nodata=9, whole=True)
    assert held.empty_km2 == pytest.approx([1])
    for figure in (held.mean, held.least, held.greatest, held.total, held.percentiles):
        assert np.isnan(figure).all()


def test_a_zone_off_the_raster_meets_nothing() -> None:
    away = shapely.box(9000, 9000, 9900, 9900)
    found = count_classes(FOUR, [away, TILTED], METRIC, nodata=9)
    assert found.area_km2[0].sum() == found.empty_km2[0] == 0
    assert np.isnan(add_up(FOUR, [away], METRIC).mean).all()


def test_numbers_that_are_none_and_a_mask_hold_no_value() -> None:
    values = np.array([[1.0, np.nan], [np.inf, 5.0]])
    grid, whole = grid_of(values), shapely.box(0, 0, 2000, 2000)
    found = add_up(values, [whole], grid)
    assert found.known_km2 == pytest.approx([2])
    assert found.empty_km2 == pytest.approx([2])
    assert found.mean[0] == pytest.approx(3)
    tally = QuantityTally(Zones(np.array([whole]), grid))
    tally.add(0, 0, values, np.array([[False, True], [True, True]]))
    assert tally.sums().mean[0] == 5
    counted = ClassTally(Zones(np.array([whole]), grid))
    counted.add(0, 0, FOUR[:2, :2], np.array([[True, False], [True, True]]))
    assert counted.sums().area_km2 == pytest.approx(np.array([[2.0, 1.0]]))
    assert counted.sums().empty_km2 == pytest.approx([1])


def test_stored_numbers_are_scaled_to_their_unit() -> None:
    values = np.array([[100, 200], [300, 400]], dtype="int16")
    whole = [shapely.box(0, 0, 2000, 2000)]
    up = add_up(values, whole, grid_of(values), whole=True, scale=0.1, offset=-5.0)
    assert up.mean[0] == pytest.approx(20)
    assert up.total[0] == pytest.approx(80, rel=1e-6)
    assert (up.least[0], up.greatest[0]) == pytest.approx((5, 35))
    down = add_up(values, whole, grid_of(values), whole=True, scale=-1.0)
    assert (down.least[0], down.greatest[0]) == (-400, -100)
    assert (np.diff(down.percentiles[0]) >= 0).all()


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "int32", "float32"])
def test_classes_of_every_type_of_number(dtype: str) -> None:
    values = np.array([[1, 2], [2, 100]]).astype(dtype)
    if dtype.startswith(("int", "float")):
        values[0, 0] = -7
    found = count_classes(values, [shapely.box(0, 0, 2000, 2000)], grid_of(values))
    assert found.values.tolist() == sorted(set(values.ravel().tolist()))
    assert found.area_km2.sum() == pytest.approx(4)


def test_too_many_values_are_no_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zonal, "CLASSES_MOST", 3)
    values = np.arange(4, dtype="uint16").reshape(2, 2)
    with pytest.raises(OverflowError, match="more than 3 values"):
        count_classes(values, [shapely.box(0, 0, 2000, 2000)], grid_of(values))


def voronoi(points, grid: Grid) -> list[shapely.Geometry]:
    """A partition of the whole grid."""
    west, south, east, north = grid.bounds
    whole = shapely.box(west, south, east, north)
    places = [(west + x * (east - west), south + y * (north - south)) for x, y in points]
    parts = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places), extend_to=whole))
    cut = shapely.intersection(parts, whole)
    return list(cut[shapely.get_dimensions(cut) == 2])


unit = st.floats(0.01, 0.99)


@settings(max_examples=50)
@given(st.lists(st.tuples(unit, unit), min_size=2, max_size=9), st.integers(0, 9), st.booleans())
def test_a_partition_adds_up_to_the_raster(points, seed: int, degrees: bool) -> None:
    """To 1e-9: single precision, which exactextract counts in, could not."""
    random = np.random.default_rng(seed)
    values = random.integers(0, 6, (6, 8)).astype("uint8")
    grid = DEGREES if degrees else grid_of(values)
    zones = voronoi(points, grid)
    areas = np.broadcast_to(cell_areas_km2(grid), values.shape)
    found = count_classes(values, zones, grid, nodata=0)
    for place, value in enumerate(found.values):
        total = areas[values == value].sum()
        assert found.area_km2[:, place].sum() == pytest.approx(total, rel=1e-9)
    assert found.empty_km2.sum() == pytest.approx(areas[values == 0].sum(), rel=1e-9, abs=1e-9)
    numbers = random.normal(50, 20, values.shape)
    sums = add_up(numbers, zones, grid)
    assert np.nansum(sums.total) == pytest.approx(numbers.sum(), rel=1e-9)
    assert np.nansum(sums.mean * sums.known_km2) == pytest.approx((numbers * areas).sum(), rel=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 40))
def test_against_exactextract(seed: int) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(100, 40, (6, 8))
    values[random.random(values.shape) < 0.1] = -1
    points = random.uniform((117.5, 30), (120.5, 32.5), (9, 2))
    zones = [shapely.convex_hull(shapely.MultiPoint(part)) for part in np.split(points, 3)]
    west, south, east, north = DEGREES.bounds
    source = NumPyRasterSource(
        values, west, south, east, north, nodata=-1, srs_wkt=STORAGE_CRS.to_wkt()
    )
    areas = np.broadcast_to(cell_areas_km2(DEGREES), values.shape).copy()
    weights = NumPyRasterSource(areas, west, south, east, north, srs_wkt=STORAGE_CRS.to_wkt())
    frame = gpd.GeoDataFrame(geometry=zones, crs=STORAGE_CRS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked = ["sum", "min", "max", "weighted_mean"]
        told = exact_extract(source, frame, asked, weights=weights, output="pandas")
    own = add_up(values, zones, DEGREES, nodata=-1)
    for name, figure in zip(asked, (own.total, own.least, own.greatest, own.mean), strict=True):
        there = told[name].notna() & (own.known_km2 > 1e-3)
        assert figure[there] == pytest.approx(told.loc[there, name], rel=1e-4), name


def test_windows_make_no_difference() -> None:
    random = np.random.default_rng(2)
    values = random.integers(0, 200, (40, 50)).astype("int16")
    grid = grid_of(values)
    parts = voronoi(random.uniform(0.02, 0.98, (12, 2)), grid)
    zones = [*parts, shapely.box(0, 0, 9e4, 9e4)]
    whole = add_up(values, zones, grid, side=99, whole=True)
    cut = add_up(values, zones, grid, side=7, whole=True)
    for name in ("known_km2", "mean", "least", "greatest", "total", "percentiles"):
        assert getattr(cut, name) == pytest.approx(getattr(whole, name), rel=1e-12), name
    small = values % 9
    assert count_classes(small, zones, grid, side=7).area_km2 == pytest.approx(
        count_classes(small, zones, grid, side=99).area_km2, rel=1e-12
    )


def test_many_short_lines_are_counted_cell_by_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.tile(np.arange(5, dtype="uint8"), (30, 6))
    grid = grid_of(values)
    zones = [shapely.box(1000 * n + 200, 0, 1000 * n + 3800, 30_000) for n in range(20)]
    usual = count_classes(values, zones, grid, side=30)
    monkeypatch.setattr(zonal, "COUNTERS_MOST", 10)
    monkeypatch.setattr(zonal, "CHUNK_CELLS", 16)
    assert count_classes(values, zones, grid, side=30).area_km2 == pytest.approx(usual.area_km2)
