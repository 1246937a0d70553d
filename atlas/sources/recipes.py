"""Recipes of geometries: each says in data how a planning area is drawn.

``members``: union of today's units; ``buffer``: a natural feature or a track with a stated
distance; ``axis``: a line through nodes with a stated half-width; ``digitised``: a ring drawn
from described limits; ``threshold``: terrain cells above a height inside a box of degrees;
``none``: nothing honest can be drawn, with the reason.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import shapely

from atlas.core import geometry as geometry_rules
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.sources import boundaries, land, rail, rasters, water

COAST_MARGIN_M = 1500.0
"""A border this near to another province is no coast."""
INLAND_M = 8000.0
"""Land this far from Natural Earth's shore is inland: tidal flats have moved the border out."""
METHODS = {
    "members": (
        "以今天的市、区、县界线合并成员单位",
        "Union of the member units with today's boundaries",
    ),
    "buffer": (
        "{features}两侧各 {distance_m:,} 米缓冲{within}",
        "{features}, buffered by {distance_m:,} m{within}",
    ),
    "axis": (
        "沿节点（{nodes}）连线，两侧各 {half_width_m:,} 米",
        "Line through {nodes}, {half_width_m:,} m to either side",
    ),
    "digitised": ("按文字四至描绘：{described}", "Drawn from described limits: {described}"),
    "threshold": (
        (
            "{box[0]:g}–{box[2]:g}°E、{box[1]:g}–{box[3]:g}°N 内高于 {above_m:,} 米的 ITU-R P.1511 "
            "地形格子（1/12°，约 9 公里）{within}"
        ),
        (
            "Cells of the ITU-R P.1511 terrain grid (1/12°, about 9 km) higher than {above_m:,} m, "
            "from {box[0]:g} to {box[2]:g}°E and {box[1]:g} to {box[3]:g}°N{within}"
        ),
    ),
    "none": ("没有可靠的几何：{reason}", "No honest geometry: {reason}"),
}


def method(recipe: dict[str, Any]) -> tuple[str, str]:
    """Sentence that says how a recipe's geometry is made, in Chinese and in English."""
    zh, en = METHODS[recipe["kind"]]
    fields = [_fields(recipe, place) for place in (0, 1)]
    return zh.format(**fields[0]), en.format(**fields[1])


def _fields(recipe: dict[str, Any], place: int) -> dict[str, Any]:
    """Fields of a recipe's sentence in Chinese (0) or English (1), names instead of codes."""
    fields = dict(recipe)
    for name in ("described", "reason"):
        if name in recipe:
            fields[name] = recipe[name].split(" / ")[place]
    fields["features"] = ("、", ", ")[place].join(
        _name_of(name)[place] for name in recipe.get("of", [])
    )
    fields["nodes"] = ("—", "–")[place].join(
        node[0].split(" ", 1)[place] for node in recipe.get("nodes", [])
    )
    units = ("、", ", ")[place].join(_unit(code)[place] for code in recipe.get("within", []))
    fields["within"] = (f"，限于{units}", f", inside {units}")[place] if units else ""
    return fields


def _name_of(feature: str) -> tuple[str, str]:
    layer, _, wanted = feature.partition("/")
    if layer == "coast":
        zh, en = _unit(wanted)
        return f"{zh}海岸", f"coast of {en}"
    row = next(row for row in NATURAL[layer]().itertuples() if row.id == wanted)
    return row.name_zh, row.name_en


def _unit(code: str) -> tuple[str, str]:
    return _unit_names()[code]


@cache
def _unit_names() -> dict[str, tuple[str, str]]:
    builders = (boundaries.build_provinces, boundaries.build_cities, boundaries.build_districts)
    return {
        row.id: (row.name_zh, row.name_en) for build in builders for row in build().itertuples()
    }


def shape(recipe: dict[str, Any]) -> shapely.Geometry | None:
    """Geometry of a recipe in EPSG:4326 on the 1e-6° grid, or None for ``none``.

    Raises
    ------
    KeyError
        If the recipe names a unit, a feature or a kind that does not exist.
    """
    kind = recipe["kind"]
    if kind == "none":
        return None
    if kind == "members":
        return _members(recipe["codes"])
    if kind == "digitised":
        return geometry_rules.snap(shapely.Polygon(recipe["ring"]))
    if kind == "axis":
        line = shapely.LineString([node[1:] for node in recipe["nodes"]])
        return _buffer([line], recipe["half_width_m"])
    if kind == "buffer":
        around = _buffer([_feature(name) for name in recipe["of"]], recipe["distance_m"])
        return _within(around, recipe)
    if kind == "threshold":
        return _within(_higher(recipe), recipe)
    raise KeyError(f"recipe kind '{kind}'")


def _within(area: shapely.Geometry, recipe: dict[str, Any]) -> shapely.Geometry:
    """Cut an area to the units that the recipe names under ``within``, if it names any."""
    if recipe.get("within"):
        area = shapely.intersection(area, _members(recipe["within"]))
    return geometry_rules.snap(area)


def _higher(recipe: dict[str, Any]) -> shapely.Geometry:
    if recipe["layer"] != "terrain":
        raise KeyError(f"layer '{recipe['layer']}': only terrain has heights")
    terrain = rasters.read_terrain()
    return rasters.outline_above(terrain, above_m=recipe["above_m"], box=recipe["box"])


def _members(codes: list[str]) -> shapely.Geometry:
    """Union of provinces, cities and districts, by way of the districts that make them up."""
    districts = _districts()
    chosen = districts[
        districts["id"].isin(codes)
        | districts["city"].isin(codes)
        | districts["province"].isin(codes)
    ]
    found = {*chosen["id"], *chosen["city"], *chosen["province"]}
    missing = sorted(set(codes) - found)
    if missing:
        raise KeyError(f"codes {', '.join(missing)}")
    return geometry_rules.snap(shapely.coverage_union_all(chosen.geometry.to_numpy()))


def _buffer(shapes: list[shapely.Geometry], distance_m: float) -> shapely.Geometry:
    projected = gpd.GeoSeries(shapes, crs=STORAGE_CRS).to_crs(WORKING_CRS)
    around = projected.buffer(distance_m, quad_segs=8).union_all()
    back = gpd.GeoSeries([around], crs=WORKING_CRS).to_crs(STORAGE_CRS)
    return geometry_rules.snap(back.iloc[0])


def _feature(name: str) -> shapely.Geometry:
    layer, _, feature = name.partition("/")
    if layer == "coast":
        return _coast(feature)
    rows = NATURAL[layer]()
    chosen = rows[rows["id"] == feature]
    if chosen.empty:
        raise KeyError(f"feature '{name}'")
    return shapely.union_all(chosen.geometry.to_numpy())


def _coast(province: str) -> shapely.Geometry:
    """Border of a province that neither touches another province nor lies inland."""
    border = _members([province]).boundary
    others = boundaries.build_provinces()
    others = others[others["id"] != province].geometry.to_numpy()
    projected = gpd.GeoSeries([border, shapely.union_all(others), _inland()], crs=STORAGE_CRS)
    line, neighbours, inland = projected.to_crs(WORKING_CRS)
    shore = line.difference(neighbours.buffer(COAST_MARGIN_M)).difference(inland)
    return gpd.GeoSeries([shore], crs=WORKING_CRS).to_crs(STORAGE_CRS).iloc[0]


def _inland() -> shapely.Geometry:
    """Land of Natural Earth further than the margin from the sea."""
    outline = gpd.GeoSeries(land.build_land().geometry.to_numpy(), crs=STORAGE_CRS)
    inland = outline.to_crs(WORKING_CRS).buffer(-INLAND_M)
    return inland.to_crs(STORAGE_CRS).union_all()


@cache
def _districts() -> gpd.GeoDataFrame:
    return boundaries.build_districts()


@cache
def _rivers() -> gpd.GeoDataFrame:
    return water.build_rivers()


@cache
def _lakes() -> gpd.GeoDataFrame:
    return water.build_lakes()


@cache
def _rail_lines() -> gpd.GeoDataFrame:
    return rail.build_lines(rail.build_stations())


NATURAL = {"rivers": _rivers, "lakes": _lakes, "rail-lines": _rail_lines}
"""Layers whose features a buffer can follow."""
