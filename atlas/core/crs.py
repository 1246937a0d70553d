"""The two coordinate systems of the atlas, and measures that do not depend on a map.

Files hold EPSG:4326 (RFC 7946). CGCS2000, the national datum, agrees with WGS 84 to
under a metre here. Areas are measured in one Albers equal-area projection, lengths and
distances on the ellipsoid. Decision 1 records the worst scale error over the region.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod, Transformer

STORAGE_CRS = CRS.from_epsg(4326)
WORKING_PROJ = (
    "+proj=aea +lat_0=31 +lon_0=118.8 +lat_1=28.4 +lat_2=33.8 +datum=WGS84 +units=m +no_defs"
)
WORKING_CRS = CRS.from_proj4(WORKING_PROJ)
REGION_BOUNDS = (108.0, 22.0, 130.0, 40.5)
"""West, south, east, north in degrees: nothing of the atlas lies outside. The four provinces
reach from 114.9 to 123.0 E and from 27.0 to 35.2 N; the rest is the land around them."""

_GEOD = Geod(ellps="WGS84")
_TO_WORKING = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True)


def to_working(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project features to the equal-area working CRS, in metres."""
    return features.to_crs(WORKING_CRS)


def to_storage(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project features back to EPSG:4326, in degrees."""
    return features.to_crs(STORAGE_CRS)


def to_working_coordinates(degrees: np.ndarray) -> np.ndarray:
    """Project positions (n × 2: longitude, latitude) to the working CRS, in metres."""
    x, y = _TO_WORKING.transform(degrees[:, 0], degrees[:, 1])
    return np.column_stack([x, y])


def area_km2(geometries: gpd.GeoSeries) -> pd.Series:
    """Area of each geometry in km², in the equal-area working CRS.

    Parameters
    ----------
    geometries
        Any CRS; points and lines give 0, a missing geometry gives NaN.

    Returns
    -------
    pandas.Series
        Square kilometres on the index of ``geometries``.
    """
    projected = geometries.to_crs(WORKING_CRS)
    areas: pd.Series = projected.area.where(projected.notna()) / 1e6
    return areas


def length_km(geometries: gpd.GeoSeries) -> pd.Series:
    """Geodesic length of each line in km on the WGS 84 ellipsoid (Karney 2013, by PROJ).

    Parameters
    ----------
    geometries
        Any CRS; points and polygons give 0, a missing geometry gives NaN.

    Returns
    -------
    pandas.Series
        Kilometres on the index of ``geometries``.
    """
    degrees = geometries.to_crs(STORAGE_CRS)
    lengths = [_line_length_m(geometry) / 1000.0 for geometry in degrees]
    return pd.Series(lengths, index=geometries.index, dtype="float64")


def _line_length_m(geometry: shapely.Geometry | None) -> float:
    if geometry is None:
        return float("nan")
    if geometry.geom_type in ("LineString", "MultiLineString"):
        return float(_GEOD.geometry_length(geometry))
    return 0.0


def distance_km(from_points: gpd.GeoSeries, to_points: gpd.GeoSeries) -> pd.Series:
    """Geodesic distance between points, pair by pair in order, in km."""
    start, end = from_points.to_crs(STORAGE_CRS), to_points.to_crs(STORAGE_CRS)
    metres = _GEOD.inv(start.x.to_numpy(), start.y.to_numpy(), end.x.to_numpy(), end.y.to_numpy())[
        2
    ]
    return pd.Series(np.asarray(metres) / 1000.0, index=from_points.index)


DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def way_of(start: shapely.Point, end: shapely.Point) -> tuple[float, str]:
    """Geodesic distance in km between two points in degrees, and the direction of the way.

    Returns
    -------
    tuple
        Kilometres, and one of :data:`DIRECTIONS`.
    """
    azimuth, _, metres = _GEOD.inv(start.x, start.y, end.x, end.y)
    return metres / 1000.0, DIRECTIONS[round(azimuth / 45.0) % 8]
