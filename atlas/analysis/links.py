"""Which lines link which zones: those that have a station in both."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.core.crs import WORKING_CRS


def direct_links(
    zones: np.ndarray, lines: pd.DataFrame, stations: gpd.GeoDataFrame
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Lines with a station in both of two zones.

    Parameters
    ----------
    zones
        Polygons in the working CRS.
    lines
        Rows with ``id`` and ``stations`` (ids, in order).
    stations
        Points with ``id``, any CRS; a station on a border belongs to the first zone.

    Returns
    -------
    dict
        Ids of lines by pair of positions of zones, the smaller position first.
    """
    drawn = stations[stations.geometry.notna()].drop_duplicates("id")
    points = drawn.geometry.to_crs(WORKING_CRS).to_numpy()
    place, zone = shapely.STRtree(zones).query(points, predicate="intersects")
    ids = drawn["id"].to_numpy(object)
    zone_of: dict[str, int] = {}
    for number, met in sorted(zip(place.tolist(), zone.tolist(), strict=True)):
        zone_of.setdefault(str(ids[number]), met)
    links: dict[tuple[int, int], set[str]] = {}
    for line, held in zip(lines["id"], lines["stations"], strict=True):
        names = held if isinstance(held, list) else []
        served = sorted({zone_of[name] for name in names if name in zone_of})
        for pair in combinations(served, 2):
            links.setdefault(pair, set()).add(str(line))
    return {pair: tuple(sorted(ids)) for pair, ids in links.items()}
