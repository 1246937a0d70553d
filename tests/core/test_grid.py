"""Cells on the ground: their true area, in degrees and in any projection."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid, cell_areas_km2

GEOD = Geod(ellps="WGS84")


def true_km2(grid: Grid, row: int, column: int) -> float:
    """Area of one cell on the ellipsoid, its sides followed closely (Karney's polygon area)."""
    part = grid.part(row, column, 1, 1)
    west, south, east, north = part.bounds
    box = shapely.segmentize(shapely.box(west, south, east, north), grid.cell_width / 40)
    lon, lat = Transformer.from_crs(grid.crs, STORAGE_CRS, always_xy=True).transform(
        *shapely.get_coordinates(box).T
    )
    return abs(GEOD.polygon_area_perimeter(lon, lat)[0]) / 1e6


@pytest.mark.parametrize(
    ("crs", "side", "shape"),
    [
        ("EPSG:4326", 0.05, (40, 1)), ("EPSG:4490", 0.25, (40, 1)), ("EPSG:32650", 1000, (40, 60)),
        ("EPSG:3857", 1000, (40, 1)), ("ESRI:54009", 1000, (40, 1)), ("EPSG:4549", 100, (40, 60)),
        ("+proj=laea +lat_0=33 +lon_0=119 +datum=WGS84", 1000, (1, 1)),
    ],
)  # fmt: skip
def test_a_cell_has_its_area_on_the_ellipsoid(crs: str, side: float, shape: tuple) -> None:
    system = CRS.from_user_input(crs)
    x, y = Transformer.from_crs(STORAGE_CRS, system, always_xy=True).transform(119.0, 33.0)
    grid = Grid(x, y, side, side, 60, 40, system)
    areas = cell_areas_km2(grid)
    assert areas.shape == shape
    spread = np.broadcast_to(areas, (40, 60))
    for row, column in ((0, 0), (17, 41), (39, 59)):
        assert spread[row, column] == pytest.approx(true_km2(grid, row, column), rel=1e-5)


def test_large_windows_are_interpolated_without_loss() -> None:
    """Between nodes of the lattice the area is as good as at them."""
    grid = Grid(1_000_000.0, 3_600_000.0, 30.0, 30.0, 2000, 2000, CRS.from_epsg(32649))
    areas = cell_areas_km2(grid)
    for row, column in ((0, 0), (1234, 77), (1999, 1999)):
        own = cell_areas_km2(grid.part(row, column, 1, 1))
        assert areas[row, column] == pytest.approx(float(own[0, 0]), rel=1e-8)


def test_cells_shrink_to_the_north() -> None:
    areas = cell_areas_km2(Grid(114.5, 35.5, 0.05, 0.05, 180, 170, STORAGE_CRS)).ravel()
    assert (np.diff(areas) > 0).all()
    assert areas[-1] / areas[0] == pytest.approx(1.09, abs=0.01)


def test_a_part_keeps_its_place() -> None:
    grid = Grid(100.0, 40.0, 0.5, 0.25, 20, 30, STORAGE_CRS)
    part = grid.part(4, 6, 3, 2)
    assert part.bounds == (103.0, 38.25, 104.0, 39.0)
    assert grid.cells(np.array([103.0]), np.array([39.0])) == (6.0, 4.0)
