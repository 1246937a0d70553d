"""Planning layers from their fact tables: one table a row, one recipe a geometry.

``facts/<layer>.toml`` holds a ``[[version]]`` for each part of each plan version, with its
source beside it. The recipes: ``members`` (union of today's units), ``buffer`` (a natural
feature with a stated distance), ``axis`` (a line through nodes with a stated half-width),
``digitised`` (a ring drawn from described limits), ``threshold`` (terrain cells above a
height inside a box of degrees), ``none``.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core import geometry as geometry_rules
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.period import stored_day
from atlas.errors import SourceError
from atlas.sources import boundaries, rasters, water
from atlas.sources.inputs import FACTS

EXACT = "exact"
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


def build_planning(layer: str) -> gpd.GeoDataFrame:
    """Rows of a planning layer from ``facts/<layer>.toml``.

    Parameters
    ----------
    layer
        ``innovation-corridors``, ``ecological-belts`` or ``metropolitan-areas``.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, the columns of every row and those of planning layers, sorted by key.

    Raises
    ------
    SourceError
        If a recipe names what does not exist; says which row.
    """
    path = FACTS / f"{layer}.toml"
    versions = tomllib.loads(path.read_text("utf-8"))["version"]
    rows, shapes = [], []
    for version in versions:
        try:
            shapes.append(_shape(version["recipe"]))
            rows.append(_row(version))
            _refuse_fine_terrain(version)
        except (KeyError, TypeError, SourceError) as error:
            where = f"{version.get('id')}/{version.get('plan_version')}/{version.get('part')}"
            known = isinstance(error, SourceError)
            problem = str(error) if known else f"missing or unknown: {error}"
            raise SourceError(f"{path.name}, {where}: {problem}") from None
    features = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=STORAGE_CRS)
    return features.sort_values(["id", "plan_version", "part"], ignore_index=True)


def _refuse_fine_terrain(version: dict[str, Any]) -> None:
    """Refuse an outline of terrain cells that claims to be finer than a cell."""
    least_m = rasters.TERRAIN_ACCURACY_M
    accuracy_m = version.get("accuracy_m") or 0
    if version["recipe"]["kind"] == "threshold" and accuracy_m < least_m:
        raise SourceError(f"accuracy_m is {accuracy_m:g}; terrain cells give {least_m:g} or more")


def _row(version: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in ("id", "plan_version", "part", "name_zh", "name_en", "status"):
        row[name] = version[name]
    for name in ("valid_from", "valid_to", "issued"):
        row[name], row[f"{name}_precision"] = stored_day(version[name])
    recipe = version["recipe"]
    row |= {
        "sourced": version["sourced"],
        "unsourced": version["unsourced"],
        "geometry_basis": recipe["kind"],
        "accuracy_m": version.get("accuracy_m"),
        "names_old": version.get("names_old", []),
        "document": version["document"] or None,
        "issuer": version["issuer"] or None,
        "source_url": " ".join(version["source_url"]) or None,
        "members": sorted(recipe.get("codes", [])),
        "published_area_km2": version.get("published_area_km2"),
        **_covers(version.get("published_area_covers")),
        "description_zh": version["description_zh"],
        "description_en": version["description_en"],
        "notes_zh": version["notes_zh"] or None,
        "notes_en": version["notes_en"] or None,
        "events": [_event(event) for event in version.get("events", [])],
    }
    row["method_zh"], row["method_en"] = _method(recipe)
    return row


def _covers(text: str | None) -> dict[str, str | None]:
    """What a published area covers: exactly the stored extent, or a reason in both languages."""
    code = {None: None, EXACT: EXACT}.get(text, "not-comparable")
    zh, _, en = (text or "").partition(" / ") if code == "not-comparable" else ("", "", "")
    return {
        "published_area_covers": code,
        "published_area_covers_zh": zh or None,
        "published_area_covers_en": en or None,
    }


def _event(event: dict[str, str]) -> dict[str, str | None]:
    day, precision = stored_day(event["date"])
    return {
        "date": day,
        "precision": precision,
        "title_zh": event["title_zh"],
        "title_en": event["title_en"],
        "source_url": event["source_url"],
    }


def _method(recipe: dict[str, Any]) -> tuple[str, str]:
    zh, en = METHODS[recipe["kind"]]
    names = [node[0] for node in recipe.get("nodes", [])]
    features = ", ".join(recipe.get("of", []))
    within = ", ".join(recipe.get("within", []))
    fields = {key: value for key, value in recipe.items() if key not in ("of", "nodes", "within")}
    return (
        zh.format(features=features, nodes="—".join(names),
                  within=f"，限于 {within}" if within else "", **fields),
        en.format(features=features, nodes="–".join(names),
                  within=f", inside {within}" if within else "", **fields),
    )  # fmt: skip


def _shape(recipe: dict[str, Any]) -> shapely.Geometry | None:
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
        shape = _buffer([_feature(name) for name in recipe["of"]], recipe["distance_m"])
        return _within(shape, recipe)
    if kind == "threshold":
        return _within(_higher(recipe), recipe)
    raise KeyError(f"recipe kind '{kind}'")


def _within(shape: shapely.Geometry, recipe: dict[str, Any]) -> shapely.Geometry:
    """A shape cut to the units that the recipe names under ``within``, if it names any."""
    if recipe.get("within"):
        shape = shapely.intersection(shape, _members(recipe["within"]))
    return geometry_rules.snap(shape)


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
    rows = {"rivers": _rivers, "lakes": _lakes}[layer]()
    chosen = rows[rows["id"] == feature]
    if chosen.empty:
        raise KeyError(f"feature '{name}'")
    return shapely.union_all(chosen.geometry.to_numpy())


@cache
def _districts() -> gpd.GeoDataFrame:
    return boundaries.build_districts()


@cache
def _rivers() -> gpd.GeoDataFrame:
    return water.build_rivers()


@cache
def _lakes() -> gpd.GeoDataFrame:
    return water.build_lakes()
