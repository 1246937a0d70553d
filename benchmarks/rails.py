"""The rail record against what is published: positions, lengths, kilometres by year.

python -m benchmarks.rails      (the tables of docs/layers/rail.md)
"""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops

from atlas.core.crs import STORAGE_CRS, distance_km, length_km, to_working
from atlas.core.period import as_of
from atlas.sources import rail
from atlas.sources.inputs import read_facts

RAILWAYS = ("high-speed", "intercity", "mixed")
FIRST_YEAR = 2008
SHORT_M = 2_000.0
"""Legs shorter than this say little of how far a track strays."""


def main() -> None:
    """Print every figure that docs/layers/rail.md gives."""
    stations = rail.build_stations()
    lines = rail.build_lines(stations)
    points = stations.drop_duplicates("id").set_index("id").geometry
    print(f"{len(lines)} sections of {lines['id'].nunique()} lines; "
          f"{stations['id'].nunique()} stations in {len(stations)} rows, "
          f"{int(points.notna().sum())} with a position")  # fmt: skip
    print("sections by basis:", lines["geometry_basis"].value_counts().to_dict())
    sourced = [int((rows["unsourced"].map(len) == 0).sum()) for rows in (lines, stations)]
    print(f"rows with every column sourced: {sourced[0]} sections, {sourced[1]} stations\n")
    print_positions()
    print_strays(lines, points)
    print_lengths(lines, points)
    print_years(lines)


def print_positions() -> None:
    """How far two sources that do not know of each other put the same station apart."""
    facts = read_facts("rail-stations").drop_duplicates("id")
    checked = facts[facts["check_lon"] != ""]
    one, other = (
        gpd.GeoSeries(
            gpd.points_from_xy(pd.to_numeric(checked[x]), pd.to_numeric(checked[y])),
            crs=STORAGE_CRS,
        )
        for x, y in (("lon", "lat"), ("check_lon", "check_lat"))
    )
    apart = 1000 * distance_km(one, other)
    here, there = (to_working(gpd.GeoDataFrame(geometry=side)).geometry for side in (one, other))
    east, north = (here.x - there.x).mean(), (here.y - there.y).mean()
    print(
        f"{len(apart)} stations in two sources: median {apart.median():.0f} m, 95 % "
        f"{apart.quantile(0.95):.0f} m, mean shift {east:.0f} m east, {north:.0f} m north\n"
    )


def strays(lines: gpd.GeoDataFrame, points: gpd.GeoSeries) -> np.ndarray:
    """How far each known track strays from the chord of a leg, over the length of the leg."""
    found = []
    for row in lines[lines["geometry_basis"] == "track"].itertuples():
        stops = points.loc[row.stations].dropna()
        track, *placed = to_working(
            gpd.GeoDataFrame(geometry=[row.geometry, *stops], crs=STORAGE_CRS)
        ).geometry
        along = [track.project(stop) for stop in placed]
        for begin, end, one, other in zip(along, along[1:], placed, placed[1:], strict=False):
            chord = shapely.LineString([one, other])
            if chord.length < SHORT_M:
                continue
            corners = shapely.points(shapely.ops.substring(track, begin, end).coords)
            found.append(shapely.distance(corners, chord).max() / chord.length)
    return np.array(found)


def print_strays(lines: gpd.GeoDataFrame, points: gpd.GeoSeries) -> None:
    """What the accuracy of sections drawn from station to station rests on."""
    found = strays(lines, points)
    print(f"{len(found)} legs with a track: it strays from the chord by "
          f"{np.median(found):.0%} of the leg in the median, {np.quantile(found, 0.95):.0%} for "
          f"95 %, {found.max():.0%} at most\n")  # fmt: skip


def print_lengths(lines: gpd.GeoDataFrame, points: gpd.GeoSeries) -> None:
    """The chain of stations beside published lengths of exactly the stored section."""
    facts = read_facts("rail-lines").set_index(["id", "part", "plan_version"])
    exact = lines[lines["length_covers"] == "exact"]
    ratios = []
    for row, drawn in zip(exact.itertuples(), length_km(exact.geometry), strict=True):
        stops = points.loc[row.stations].dropna()
        chain = float(distance_km(stops.iloc[:-1], stops.iloc[1:]).sum())
        wanted = float(facts.loc[(row.id, row.part, row.plan_version), "section_km"])
        ratios.append(chain / wanted)
        print(f"  {row.id} {row.part}: published {wanted:g}, chain {chain:.1f} "
              f"({chain / wanted:.3f}), drawn {drawn:.1f} ({row.geometry_basis})")  # fmt: skip
    print(f"{len(ratios)} lengths compared: {min(ratios):.3f} to {max(ratios):.3f}\n")


def print_years(lines: gpd.GeoDataFrame) -> None:
    """Drawn kilometres of railways in operation at the end of each year."""
    operating = lines[lines["status"].eq("in-force") & lines["category"].isin(RAILWAYS)]
    totals = read_facts("rail-kilometres").set_index("year")
    for year in range(FIRST_YEAR, dt.date.today().year):
        rows = as_of(operating, dt.date(year, 12, 31))
        km = length_km(rows.geometry[rows.geometry.notna()]).sum()
        told = totals.loc[[str(year)]] if str(year) in totals.index else totals[:0]
        words = "; ".join(f"{row.km}: {row.what_en}" for row in told.itertuples())
        print(f"  {year}: {km:,.0f} km drawn{'; published ' + words if words else ''}")


if __name__ == "__main__":
    main()
