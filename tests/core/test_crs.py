"""Areas and lengths against the ellipsoid itself."""

import geopandas as gpd
import pytest
import shapely
from pyproj import Geod

from atlas.core import crs
from tests.examples import square

GEOD = Geod(ellps="WGS84")
ON_MAP = "EPSG:4326"


@pytest.mark.parametrize("south", [27.0, 29.0, 31.0, 33.0, 35.0])
def test_areas_are_true_all_over_the_region(south: float) -> None:
    shape = shapely.segmentize(square(118, south, 0.5), 0.01)
    measured = crs.area_km2(gpd.GeoSeries([shape], crs=ON_MAP)).iloc[0]
    true = GEOD.geometry_area_perimeter(shape)[0] / 1e6
    assert measured == pytest.approx(true, rel=1e-4)


def test_area_keeps_the_index_and_says_nothing_of_nothing() -> None:
    shapes = gpd.GeoSeries([None, shapely.Point(120, 30)], index=[7, 3], crs=ON_MAP)
    areas = crs.area_km2(shapes)
    assert areas.index.tolist() == [7, 3]
    assert areas.isna().tolist() == [True, False]
    assert areas[3] == 0


def test_lengths_are_geodesic_in_any_crs() -> None:
    line = shapely.LineString([(120, 30), (120, 31)])
    lines = gpd.GeoSeries([line, square(), None], index=[5, 1, 2], crs=ON_MAP)
    true = GEOD.inv(120, 30, 120, 31)[2] / 1000
    for given in (lines, lines.to_crs(crs.WORKING_CRS)):
        lengths = crs.length_km(given)
        assert lengths[5] == pytest.approx(true, rel=1e-9)
        assert lengths[1] == 0
        assert lengths.isna().tolist() == [False, False, True]


def test_distances_go_pair_by_pair() -> None:
    start = gpd.GeoSeries(gpd.points_from_xy([120, 121], [30, 31]), index=[9, 8], crs=ON_MAP)
    end = gpd.GeoSeries(gpd.points_from_xy([120, 121], [30, 32]), crs=ON_MAP)
    distances = crs.distance_km(start, end)
    assert distances.index.tolist() == [9, 8]
    assert distances[9] == 0
    assert distances[8] == pytest.approx(GEOD.inv(121, 31, 121, 32)[2] / 1000)


def test_there_and_back_is_the_same_place() -> None:
    features = gpd.GeoDataFrame(geometry=[square()], crs=ON_MAP)
    back = crs.to_storage(crs.to_working(features))
    assert back.geometry.iloc[0].equals_exact(square(), 1e-9)
    assert back.crs == crs.STORAGE_CRS
