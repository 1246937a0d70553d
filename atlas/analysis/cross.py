"""Where features of one layer lie on features of another, zone by zone; where lines cross."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.matrix import Plane, pair_shapes, size_of, zone_by_feature
from atlas.analysis.overlap import overlap_pairs
from atlas.analysis.zone_index import ZoneIndex
from atlas.core.crs import WORKING_CRS


@dataclass(frozen=True, eq=False)
class Crossing:
    """Features of one layer on features of another.

    Attributes
    ----------
    pieces
        One row a pair that shares more than a border, working CRS: ``area`` and ``other``
        (positions of the polygon and of the other feature), ``size`` (km² or km),
        ``share_of_area``, ``share_of_other``, ``sliver``.
    by_zone
        ``zone``, ``piece`` (position in ``pieces``), ``size``: pieces zone by zone.
    union
        Size of what both layers have in each zone, counted once.
    points
        Where lines cross the border of areas: ``area``, ``line``, one point each, working CRS.
    """

    pieces: gpd.GeoDataFrame
    by_zone: pd.DataFrame
    union: np.ndarray
    points: gpd.GeoDataFrame


def cross(areas: Plane, others: Plane, zones: ZoneIndex) -> Crossing:
    """Cross two layers.

    Parameters
    ----------
    areas
        Polygons.
    others
        Polygons or lines.
    zones
        Zones that the pieces are told by.
    """
    table = zone_by_feature(areas, others).rename(
        columns={"zone": "area", "feature": "other", "share_of_zone": "share_of_area",
                 "share_of_feature": "share_of_other"}
    )  # fmt: skip
    pairs = table.rename(columns={"area": "zone", "other": "feature"})
    shapes = pair_shapes(areas, others, pairs).geometry
    pieces = gpd.GeoDataFrame(table, geometry=shapes.to_numpy(), crs=WORKING_CRS)
    real = pieces[~pieces["sliver"].astype(bool)].reset_index(drop=True)
    cut = overlap_pairs(zones, real.geometry.to_numpy(), size=size_of)
    by_zone = pd.DataFrame({"zone": cut.zone, "piece": cut.thing, "size": cut.size})
    return Crossing(real, by_zone, _union(real, zones), crossing_points(areas, others, real))


def _union(pieces: gpd.GeoDataFrame, zones: ZoneIndex) -> np.ndarray:
    """Size of all pieces in each zone, each place counted once."""
    count = len(zones.shapes)
    if pieces.empty:
        return np.zeros(count)
    whole = shapely.get_parts(shapely.union_all(pieces.geometry.to_numpy()))
    pairs = overlap_pairs(zones, whole, size=size_of)
    return np.bincount(pairs.zone, weights=pairs.size, minlength=count)


def crossing_points(areas: Plane, lines: Plane, pieces: pd.DataFrame) -> gpd.GeoDataFrame:
    """Points where lines cross the border of areas, each once for each area; none for polygons.

    A line that runs along a border crosses it where it comes to the border and leaves it.
    """
    rows: list[tuple[int, int, shapely.Point]] = []
    if lines.kind == 1:
        for area, line in zip(pieces["area"], pieces["other"], strict=True):
            border = shapely.boundary(areas.shapes[area])
            met = shapely.intersection(border, lines.shapes[line])
            rows += [(area, line, point) for point in _ends(met)]
    table = pd.DataFrame([row[:2] for row in rows], columns=["area", "line"], dtype=int)
    return gpd.GeoDataFrame(table, geometry=[row[2] for row in rows], crs=WORKING_CRS)


def _ends(met: shapely.Geometry) -> list[shapely.Point]:
    """Points of an intersection: its points, and both ends of its lines."""
    found: list[shapely.Point] = []
    for part in shapely.get_parts(met):
        if part.geom_type == "Point":
            found.append(part)
        elif part.geom_type == "LineString":
            found += [shapely.get_point(part, 0), shapely.get_point(part, -1)]
    return found
