"""Planning layers from their fact tables: one table a row, one recipe a geometry.

``facts/<layer>.toml`` holds a ``[[version]]`` for each part of each plan version, with its
source beside it; `atlas.sources.recipes` says what a recipe may be.
"""

from __future__ import annotations

import tomllib
from typing import Any

import geopandas as gpd
import pandas as pd

from atlas.core.crs import STORAGE_CRS
from atlas.core.period import stored_day
from atlas.errors import SourceError
from atlas.sources import rasters, recipes
from atlas.sources.inputs import FACTS

EXACT = "exact"


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
            shapes.append(recipes.shape(version["recipe"]))
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
    row["method_zh"], row["method_en"] = recipes.method(recipe)
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
