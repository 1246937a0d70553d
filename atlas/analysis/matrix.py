"""Zone by feature: how much of each feature lies in each zone, and what two zones share."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.overlap import SURFACE, overlap_pairs, planar_size
from atlas.analysis.zone_index import ZoneIndex, index_zones
from atlas.core.crs import WORKING_CRS, length_km

SMALL_SHARE = 0.01
"""An overlap of more than this share of zone or feature is never a sliver."""
SURE_M = 1.0
"""Accuracy where a row states none."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Rows of a frame in the working CRS: missing geometries are empty.

    ``kind`` is 2 for polygons, 1 for lines, 0 for points; ``size`` is km², km or a count.
    """

    rows: gpd.GeoDataFrame
    shapes: np.ndarray
    kind: int
    size: np.ndarray


def to_plane(features: gpd.GeoDataFrame) -> Plane:
    """Project rows once, and measure them whole."""
    projected = features.geometry.to_crs(WORKING_CRS).to_numpy()
    shapes = np.where(shapely.is_missing(projected), shapely.GeometryCollection(), projected)
    kind = int(max(shapely.get_dimensions(shapes).max(initial=0), 0))
    return Plane(features, shapes, kind, size_of(shapes))


def size_of(shapes: np.ndarray) -> np.ndarray:
    """Size of geometries in the working CRS: km² of polygons, geodesic km of lines, a count."""
    kind = int(max(shapely.get_dimensions(shapes).max(initial=0), 0))
    if kind == 1:
        lines = gpd.GeoSeries(shapes, crs=WORKING_CRS)
        return length_km(lines).to_numpy()
    return planar_size(shapes) / (1e6 if kind == SURFACE else 1.0)


def zone_by_feature(
    zones: Plane, features: Plane, *, index: ZoneIndex | None = None, threads: int = 1
) -> pd.DataFrame:
    """How much of each feature lies in each zone.

    Parameters
    ----------
    zones, features
        In the working CRS; zones are polygons and may overlap each other.
    index
        The zones made ready, if they are.
    threads
        Threads that cut at the same time.

    Returns
    -------
    pandas.DataFrame
        One row a pair that shares more than a border, by zone and then by feature: ``zone`` and
        ``feature`` (positions), ``size`` (km², geodesic km or a count), ``share_of_zone`` (0–1,
        NaN of lines and points), ``share_of_feature`` (0–1), and ``sliver``: a polygon overlap
        that is on average narrower than the accuracy of zone or feature, so that it may be
        nothing at all.
    """
    ready = index or index_zones(zones.shapes)
    pairs = overlap_pairs(ready, features.shapes, threads=threads, size=size_of)
    table = pd.DataFrame({"zone": pairs.zone, "feature": pairs.thing, "size": pairs.size})
    table = table.sort_values(["zone", "feature"], ignore_index=True)
    zone, feature = table["zone"].to_numpy(), table["feature"].to_numpy()
    flat = features.kind == SURFACE
    table["share_of_zone"] = table["size"] / zones.size[zone] if flat else np.nan
    table["share_of_feature"] = table["size"] / features.size[feature]
    table["sliver"] = _slivers(zones, features, table) if flat else False
    return table


def _slivers(zones: Plane, features: Plane, table: pd.DataFrame) -> np.ndarray:
    """Which overlaps have a mean width (twice the area by the perimeter) below the accuracy."""
    small = (table["share_of_zone"] < SMALL_SHARE) & (table["share_of_feature"] < SMALL_SHARE)
    places = np.flatnonzero(small.to_numpy())
    zone, feature = (table[name].to_numpy()[places] for name in ("zone", "feature"))
    cut = shapely.intersection(zones.shapes[zone], features.shapes[feature])
    with np.errstate(invalid="ignore", divide="ignore"):
        width = 2 * shapely.area(cut) / shapely.length(cut)
    least = np.maximum(_accuracy(zones)[zone], _accuracy(features)[feature])
    found = np.zeros(len(table), dtype=bool)
    found[places] = ~(width >= least)
    return found


def _accuracy(plane: Plane) -> np.ndarray:
    if "accuracy_m" not in plane.rows:
        return np.full(len(plane.rows), SURE_M)
    return np.asarray(plane.rows["accuracy_m"].fillna(SURE_M), dtype=float)


def covered(zones: Plane, features: Plane, *, index: ZoneIndex | None = None) -> np.ndarray:
    """How much of each zone any feature covers, counted once.

    Returns
    -------
    numpy.ndarray
        km² of polygons or km of lines, in the order of the zones.
    """
    whole = shapely.get_parts(shapely.union_all(features.shapes))
    ready = index or index_zones(zones.shapes)
    pairs = overlap_pairs(ready, whole, size=size_of)
    return np.bincount(pairs.zone, weights=pairs.size, minlength=len(zones.shapes))


def outside(features: Plane, table: pd.DataFrame) -> np.ndarray:
    """How much of each feature lies in no zone, if no two zones overlap (else an estimate)."""
    inside = np.bincount(table["feature"], weights=table["size"], minlength=len(features.size))
    return np.maximum(features.size - inside, 0.0)


def zone_by_zone(zones: Plane, table: pd.DataFrame, features: pd.Series) -> pd.DataFrame:
    """What two zones share.

    Parameters
    ----------
    zones
        The zones.
    table
        From :func:`zone_by_feature`; slivers do not count.
    features
        Id of each feature by position: plan versions and parts of one id are one feature.

    Returns
    -------
    pandas.DataFrame
        One row a pair of zones, the first before the second: ``zone`` and ``other``
        (positions), ``shared`` (ids that both hold), ``only`` and ``only_other`` (how many one
        alone holds), ``jaccard`` (shared by all that either holds; NaN if neither holds any),
        ``border_km`` (geodesic length of the border that they share).
    """
    held: list[set[str]] = [set() for _ in range(len(zones.shapes))]
    real = table[~table["sliver"].astype(bool)]
    for zone, feature in zip(real["zone"], features.to_numpy()[real["feature"]], strict=True):
        held[zone].add(str(feature))
    first, second = np.triu_indices(len(held), k=1)
    border = shared_border_km(zones)
    rows = [_pair(held[one], held[other]) for one, other in zip(first, second, strict=True)]
    found = pd.DataFrame(rows, columns=["shared", "only", "only_other", "jaccard"])
    found.insert(0, "zone", first)
    found.insert(1, "other", second)
    keys = zip(first.tolist(), second.tolist(), strict=True)
    return found.assign(border_km=[border.get(key, 0.0) for key in keys])


def _pair(one: set[str], other: set[str]) -> tuple[tuple[str, ...], int, int, float]:
    both, either = one & other, one | other
    share = len(both) / len(either) if either else float("nan")
    return tuple(sorted(both)), len(one - other), len(other - one), share


def shared_border_km(zones: Plane) -> dict[tuple[int, int], float]:
    """Length of the border that each pair of zones shares, geodesic km.

    Borders are shared where they are the same line; of zones that overlap nothing is shared.
    """
    tree = shapely.STRtree(zones.shapes)
    one, other = tree.query(zones.shapes, predicate="touches")
    keep = one < other
    one, other = one[keep], other[keep]
    borders = shapely.boundary(zones.shapes)
    lines = shapely.intersection(borders[one], borders[other])
    kept = [_lines_of(line) for line in lines]
    lengths = length_km(gpd.GeoSeries(kept, crs=WORKING_CRS))
    keys = zip(one.tolist(), other.tolist(), strict=True)
    return dict(zip(keys, lengths.tolist(), strict=True))


def _lines_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 1])


def pair_shapes(zones: Plane, features: Plane, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The pieces of pairs as a frame in the working CRS, on the index of the table."""
    cut = shapely.intersection(
        zones.shapes[table["zone"].to_numpy()], features.shapes[table["feature"].to_numpy()]
    )
    shapes = [_like(shape, features.kind) for shape in cut]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WORKING_CRS)


def _like(shape: shapely.Geometry, kind: int) -> shapely.Geometry:
    """Only the parts of a cut that have the kind of the feature."""
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == kind]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)
