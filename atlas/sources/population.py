"""What is wrong with the populations that GeoNames gives.

They come from different years and mean different areas: a town, an urban area, or a whole
city with the places around it that are listed besides.
"""

from __future__ import annotations

import pandas as pd

from atlas.sources.inputs import read_facts

FAULTS = ["population_fault_zh", "population_fault_en"]
Fault = tuple[str, str] | tuple[None, None]
UNKNOWN = ("GeoNames 记为 0，即人口不详。", "GeoNames gives 0, which means that it is not known.")


def population_faults(places: pd.DataFrame) -> pd.DataFrame:
    """Why the population of each place cannot stand as it is, None where it can.

    The first of these that holds: the place is in ``facts/settlement_faults.csv``; the
    figure is 0; it is more than the census of 2020 found in the whole city; the places of
    its city (those of the table left aside) add up to more than that census.

    Parameters
    ----------
    places
        With ``id``, ``population`` (0 if not known) and ``city`` (adcode or None).

    Returns
    -------
    pandas.DataFrame
        Columns :data:`FAULTS`, text or None, on the index of ``places``.
    """
    table = read_facts("settlement_faults")
    listed = dict(
        zip(table["id"], zip(table[FAULTS[0]], table[FAULTS[1]], strict=True), strict=True)
    )
    census = read_facts("city_census").set_index("id")["census_2020"].astype(int)
    sound = places[~places["id"].isin(table["id"])]
    sums = sound.groupby("city")["population"].sum()
    faults = [
        listed.get(name) or _fault(int(population), city, census, sums)
        for name, population, city in zip(
            places["id"], places["population"], places["city"], strict=True
        )
    ]
    return pd.DataFrame(faults, columns=FAULTS, index=places.index, dtype=object)


def _fault(population: int, city: str | None, census: pd.Series, sums: pd.Series) -> Fault:
    if population == 0:
        return UNKNOWN
    if city is None:
        return None, None
    counted, listed = int(census[city]), int(sums[city])
    if population > counted:
        return (
            f"超过 2020 年普查全市人口（{counted:,} 人）。",
            f"More than the census of 2020 found in the whole city ({counted:,}).",
        )
    if listed > counted:
        chinese = (
            f"不可相加：所列该市各地人口合计 {listed:,}，2020 年普查全市 {counted:,}，有重复计算。"
        )
        english = (
            f"Does not add up: the places listed in this city come to {listed:,}, the census "
            f"of 2020 found {counted:,}; some people are counted twice."
        )
        return chinese, english
    return None, None
