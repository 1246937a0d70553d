"""Where one can be within some minutes: circles around stations, and who lives there.

From a station people go on over the straight way at a stated speed, so long as minutes are left
and not longer than stated: a circle. Circles lie in the equal-area working CRS, where the radius
is true to the scale error that decision 1 states.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from atlas.analysis.overlap import overlap_pairs

if TYPE_CHECKING:
    from atlas.analysis.zone_index import ZoneIndex

CIRCLE_SEGMENTS = 16
"""Corners of a quarter of a circle: the polygon lacks 0.16 per cent of the circle's area."""


@dataclass(frozen=True, eq=False)
class People:
    """People of districts by area, and of settlements as points, in the working CRS.

    Attributes
    ----------
    index
        Districts made ready.
    area_km2, residents
        Area and census of each district; NaN where nobody says.
    points, settled
        Settlements and their population; NaN where nobody says.
    """

    index: ZoneIndex
    area_km2: np.ndarray
    residents: np.ndarray
    points: np.ndarray
    settled: np.ndarray


@dataclass(frozen=True)
class Living:
    """What lies in a shape, and who lives there by two methods.

    Attributes
    ----------
    area_km2
        Of the districts' land.
    by_area
        Residents of the census, each district's by the share of its area that lies in the shape.
    by_settlements
        Population of settlements that lie in the shape.
    settlements, unknown
        How many settlements of known and of unknown population that is.
    """

    area_km2: float
    by_area: float
    by_settlements: float
    settlements: int
    unknown: int


def circles(
    points: np.ndarray, minutes_left: np.ndarray, *, kmh: float, most_min: float
) -> shapely.Geometry:
    """Union of the circles around stations.

    Parameters
    ----------
    points
        Stations in the working CRS, in metres (n × 2).
    minutes_left
        Minutes that are left at each; where they are not above 0 there is no circle.
    kmh
        Speed over the straight way.
    most_min
        Longest way in minutes.

    Returns
    -------
    shapely.Geometry
        Polygons in the working CRS, empty if no minutes are left anywhere.
    """
    left = np.minimum(np.asarray(minutes_left, dtype=float), most_min)
    held = np.isfinite(left) & (left > 0)
    if not held.any():
        return shapely.MultiPolygon()
    radius_m = left[held] / 60.0 * kmh * 1000.0
    shapes = shapely.buffer(
        shapely.points(np.asarray(points)[held]), radius_m, quad_segs=CIRCLE_SEGMENTS
    )
    return shapely.union_all(shapes)


def living(shape: shapely.Geometry, people: People) -> Living:
    """Area and residents of a shape in the working CRS."""
    parts = shapely.get_parts(shape)
    pairs = overlap_pairs(people.index, parts)
    inside = np.bincount(pairs.zone, weights=pairs.size, minlength=len(people.area_km2)) / 1e6
    share = inside / people.area_km2
    shapely.prepare(shape)
    met = shapely.intersects_xy(shape, people.points[:, 0], people.points[:, 1])
    settled = people.settled[met]
    known = np.isfinite(settled)
    return Living(
        float(inside.sum()), float(np.nansum(share * people.residents)),
        float(settled[known].sum()), int(known.sum()), int((~known).sum()),
    )  # fmt: skip


def polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape made valid, its polygons only: projecting may fold the thinnest slivers."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    flat = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
    return flat[0] if len(flat) == 1 else shapely.MultiPolygon(flat)


def bands(shapes: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """What each shape has beyond the one before, for a map: the shapes grow."""
    found = shapes[:1]
    for before, shape in pairwise(shapes):
        found.append(shapely.difference(shape, before))
    return found
