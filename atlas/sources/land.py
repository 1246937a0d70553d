"""Land around the delta, so that the background does not draw a neighbour as sea."""

from __future__ import annotations

import geopandas as gpd
import pyogrio
import shapely

from atlas.core import geometry as geometry_rules
from atlas.core.crs import REGION_BOUNDS, STORAGE_CRS
from atlas.sources.base_rows import to_base_rows
from atlas.sources.inputs import LAND_INDEX, LAND_POLYGONS, locate

ACCURACY_M = 2000.0


def build_land() -> gpd.GeoDataFrame:
    """Land of Natural Earth 1:10m inside the region of the atlas, as one row.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, one MultiPolygon cut at ``REGION_BOUNDS``.
    """
    locate(LAND_INDEX)
    land = pyogrio.read_dataframe(locate(LAND_POLYGONS), bbox=REGION_BOUNDS, columns=[])
    shape = shapely.intersection(
        shapely.union_all(shapely.make_valid(land.geometry.to_numpy())), shapely.box(*REGION_BOUNDS)
    )
    rows = gpd.GeoDataFrame(
        {"id": ["land"], "name_zh": ["陆地"], "name_en": ["Land"]},
        geometry=[geometry_rules.snap(shape)],
        crs=STORAGE_CRS,
    )
    return to_base_rows(
        rows,
        geometry_basis="digitised",
        accuracy_m=ACCURACY_M,
        method={
            "zh": "Natural Earth 1:1000万陆地，裁至本图集的范围。",
            "en": "Land of Natural Earth 1:10m, cut at the region of the atlas.",
        },
    )
