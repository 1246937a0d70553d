"""The census of 1 November 2020, for districts and cities.

County-level figures are those of the official tabulation by county, from a public copy of
it; where Hangzhou's districts changed after the census, those of the city's own bulletin,
which already counted by the new districts. The tabulation counts some development zones
apart from the districts that they lie in: a city's figure is the sum of its districts'
and of these (``census_apart``), exactly, for every city.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from atlas.sources.inputs import read_facts

DAY = "2020-11-01"
COLUMNS = ["census_2020", "census_mark", "census_source"]
APART = "census_apart"
MARKS = ("read", "sum-checked", "not found", "not in force")
_WITHOUT_ZONES = (
    "不含该市另列的开发区共 {people:,} 人 / without {people:,} people in zones of this city that "
    "are counted apart"
)


def add_to_districts(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add :data:`COLUMNS` to districts with ``id``, ``plan_version``, ``city`` and a period."""
    facts = read_facts("district_census").set_index(["id", "plan_version"])
    found = facts.reindex(pd.MultiIndex.from_frame(rows[["id", "plan_version"]]))
    apart = _people_apart()
    sources = [
        f"{source}; {_WITHOUT_ZONES.format(people=apart[city])}" if city in apart else source
        for source, city in zip(found["source"], rows["city"], strict=True)
    ]
    return _with_columns(rows, found.assign(source=sources))


def add_to_cities(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add :data:`COLUMNS` and :data:`APART` to cities with ``id`` and a period."""
    facts = read_facts("city_census").assign(plan_version="current")
    keyed = facts.set_index(["id", "plan_version"])
    found = keyed.reindex(pd.MultiIndex.from_frame(rows[["id", "plan_version"]]))
    apart = _people_apart().reindex(found.index.get_level_values("id")).fillna(0)
    counted = apart.astype("Int64").where(found["census_2020"].notna().to_numpy())
    return _with_columns(rows, found).assign(**{APART: counted.array})


def _with_columns(rows: gpd.GeoDataFrame, found: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add what was found for each row, in order, and say why where nothing was."""
    is_found = found["census_2020"].notna().to_numpy()
    in_force = (rows["valid_from"].isna() | (rows["valid_from"] <= DAY)) & (
        rows["valid_to"].isna() | (rows["valid_to"] > DAY)
    )
    missing = in_force.map({True: "not found", False: "not in force"})
    return rows.assign(
        census_2020=pd.array(pd.to_numeric(found["census_2020"]).to_numpy(), dtype="Int64"),
        census_mark=missing.where(~is_found, found["mark"].to_numpy()),
        census_source=found["source"].astype(object).where(is_found, None).to_numpy(),
    )


def _people_apart() -> pd.Series:
    """People in zones counted apart, by city."""
    facts = read_facts("district_census")
    zones = facts[facts["plan_version"] == "apart"]
    cities = zones["id"].str[:4] + "00"
    return zones["census_2020"].astype(int).groupby(cities).sum()
