"""What a lower plan carries of an upper one, what it leaves out, what contradicts.

Of every upper feature each place is one of three: *carried*, where the lower plan has something
that does not contradict; *contradicted*, where it builds on what the upper plan keeps or keeps what
the upper one builds; *silent*, where it has nothing. Where lower features lie on each other and
one of them contradicts, the place is contradicted. What is not carried is left out: carried and
left out are the whole feature.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.matrix import Plane, size_of
from atlas.analysis.overlap import overlap_pairs
from atlas.analysis.zone_index import ZoneIndex
from atlas.core.crs import WORKING_CRS
from atlas.core.land_use import contradicts
from atlas.errors import AssumptionWrong

CARRIED, CONTRADICTED, SILENT = STATES = ("carried", "contradicted", "silent")
WHOLLY, PARTLY, HARDLY = VERDICTS = ("carried", "partly", "left-out")
SURFACE = 2
MOST = {"carried_share": 1.0, "left_out_share": 1.0, "contradicted_share": 1.0,
        "contradicted_size": 1e6, "near_m": 50_000.0}  # fmt: skip
NOTHING = 1e-9
"""Sizes below a square millimetre are the rounding of sums."""


@dataclass(frozen=True)
class Thresholds:
    """From when on words are used.

    Attributes
    ----------
    carried_share
        An upper feature counts as carried from this carried share on (0–1).
    left_out_share
        It counts as left out up to this carried share (0–1); between the two it is partly carried.
    contradicted_share, contradicted_size
        It counts as contradicted if both this share of it (0–1) and this size (km², km or a
        number) are contradicted.
    near_m
        Lines and points of the lower plan reach so far to all sides, metres.
    """

    carried_share: float = 0.95
    left_out_share: float = 0.05
    contradicted_share: float = 0.01
    contradicted_size: float = 1.0
    near_m: float = 1_000.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value, most = getattr(self, one.name), MOST[one.name]
            if not 0.0 <= value <= most:
                raise AssumptionWrong(name=one.name, value=f"{value:g}", least="0",
                                      most=f"{most:g}")  # fmt: skip
        if self.left_out_share > self.carried_share:
            raise AssumptionWrong(name="left_out_share", value=f"{self.left_out_share:g}",
                                  least="0", most=f"{self.carried_share:g}")  # fmt: skip


DEFAULT = Thresholds()


@dataclass(frozen=True, eq=False)
class Conformance:
    """A lower plan against an upper one.

    Sizes are km² of polygons, geodesic km of lines, or a number of points, by the upper features.

    Attributes
    ----------
    features
        By position of the upper feature: ``size``, ``carried``, ``left_out`` (size less carried),
        ``contradicted`` (part of what is left out), ``share_carried``, ``share_left_out``,
        ``share_contradicted`` (NaN of a feature without an extent), ``verdict`` (one of
        :data:`VERDICTS`, None without an extent) and ``is_contradicted``.
    by_zone
        The same sizes by ``zone`` and ``feature`` (positions); what lies in no zone is in none.
    pieces
        Shapes in the working CRS: ``feature``, ``state`` (one of :data:`STATES`) and ``size``.
    clashes
        ``feature`` and ``lower`` (positions) with the size on which they contradict, each pair
        for itself.
    """

    features: pd.DataFrame
    by_zone: pd.DataFrame
    pieces: gpd.GeoDataFrame
    clashes: pd.DataFrame


def conform(
    lower: Plane, lower_uses: np.ndarray, upper: Plane, upper_use: str, zones: ZoneIndex,
    thresholds: Thresholds = DEFAULT,
) -> Conformance:  # fmt: skip
    """Hold a lower plan against an upper one.

    Parameters
    ----------
    lower
        Features of the lower plan in the working CRS; they may overlap each other.
    lower_uses
        What each of them is for, of :data:`atlas.core.land_use.USES`.
    upper
        Features of the upper plan; each is measured for itself.
    upper_use
        What the upper plan is for.
    zones
        Zones that the result is told by; if they overlap, a place counts in each of them.
    thresholds
        From when on words are used.
    """
    against = np.array([contradicts(str(use), upper_use) for use in lower_uses], dtype=bool)
    shapes = _widened(lower, thresholds.near_m)
    met = _meeting(shapes, upper.shapes)
    bad = shapely.union_all(shapes[met & against])
    good = shapely.union_all(shapes[met & ~against])
    cut = {CONTRADICTED: shapely.intersection(upper.shapes, bad)}
    rest = shapely.difference(upper.shapes, bad)
    cut[CARRIED] = shapely.intersection(rest, good)
    cut[SILENT] = shapely.difference(rest, good)
    pieces = _pieces(cut, upper.kind)
    clashes = _clashes(upper, shapes, np.flatnonzero(met & against))
    return Conformance(
        _features(upper, pieces, thresholds), _by_zone(upper, pieces, zones), pieces, clashes
    )


def _widened(lower: Plane, near_m: float) -> np.ndarray:
    """Polygons as they are; lines and points with what is near them."""
    thin = (shapely.get_dimensions(lower.shapes) < SURFACE) & ~shapely.is_empty(lower.shapes)
    return np.where(thin, shapely.buffer(lower.shapes, near_m), lower.shapes)


def _meeting(shapes: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Which lower shapes meet any upper one."""
    found = np.zeros(len(shapes), dtype=bool)
    if len(shapes) and len(upper):
        found[np.unique(shapely.STRtree(shapes).query(upper, predicate="intersects")[1])] = True
    return found


def _pieces(cut: dict[str, np.ndarray], kind: int) -> gpd.GeoDataFrame:
    """Pieces of upper features that have their kind, by feature and state."""
    rows, shapes = [], []
    for state in STATES:
        for feature, shape in enumerate(cut[state]):
            held = _like(shape, kind)
            if not held.is_empty:
                rows.append((feature, state))
                shapes.append(held)
    table = pd.DataFrame(rows, columns=["feature", "state"])
    table["size"] = size_of(np.array(shapes, dtype=object)) if shapes else 0.0
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=WORKING_CRS)
    return frame.sort_values(["feature", "state"], ignore_index=True)


def _like(shape: shapely.Geometry, kind: int) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    parts = parts[shapely.get_dimensions(parts) == kind]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _sizes(pieces: gpd.GeoDataFrame, state: str, count: int) -> np.ndarray:
    own = pieces[pieces["state"] == state]
    return np.bincount(own["feature"].astype(int), weights=own["size"], minlength=count)


def _features(upper: Plane, pieces: gpd.GeoDataFrame, thresholds: Thresholds) -> pd.DataFrame:
    count, size = len(upper.shapes), upper.size
    table = pd.DataFrame({"size": size, "carried": _sizes(pieces, CARRIED, count)})
    table["left_out"] = _clean(table["size"] - table["carried"])
    table["contradicted"] = _sizes(pieces, CONTRADICTED, count)
    known = ~shapely.is_empty(upper.shapes)
    whole = np.where(known, size, np.nan)
    for name in ("carried", "left_out", "contradicted"):
        table[f"share_{name}"] = table[name] / whole
    share = table["share_carried"]
    verdict = np.where(share >= thresholds.carried_share, WHOLLY,
                       np.where(share <= thresholds.left_out_share, HARDLY, PARTLY))  # fmt: skip
    table["verdict"] = pd.Series(verdict, dtype=object).where(known, None)
    table["is_contradicted"] = (
        (table["share_contradicted"] >= thresholds.contradicted_share)
        & (table["contradicted"] >= thresholds.contradicted_size)
        & (table["contradicted"] > 0)
    )
    return table


def _clean(sizes: pd.Series) -> pd.Series:
    return sizes.where(sizes.abs() >= NOTHING, 0.0)


def _by_zone(upper: Plane, pieces: gpd.GeoDataFrame, zones: ZoneIndex) -> pd.DataFrame:
    whole = overlap_pairs(zones, upper.shapes, size=size_of)
    table = pd.DataFrame({"zone": whole.zone, "feature": whole.thing, "size": whole.size})
    found = overlap_pairs(zones, pieces.geometry.to_numpy(), size=size_of)
    held = pd.DataFrame({
        "zone": found.zone, "feature": pieces["feature"].to_numpy()[found.thing],
        "state": pieces["state"].to_numpy(object)[found.thing], "part": found.size,
    })  # fmt: skip
    for state in (CARRIED, CONTRADICTED):
        own = held[held["state"] == state].rename(columns={"part": state})
        sums = own.groupby(["zone", "feature"])[state].sum()
        table = table.join(sums, on=["zone", "feature"]).fillna({state: 0.0})
    table["left_out"] = _clean(table["size"] - table["carried"])
    columns = ["zone", "feature", "size", "carried", "left_out", "contradicted"]
    return table[columns].sort_values(["zone", "feature"], ignore_index=True)


def _clashes(upper: Plane, shapes: np.ndarray, against: np.ndarray) -> pd.DataFrame:
    """How much of each upper feature each contradicting lower feature lies on."""
    columns = ["feature", "lower", "size"]
    if len(against) == 0:
        return pd.DataFrame({name: [] for name in columns})
    feature, place = shapely.STRtree(shapes[against]).query(upper.shapes, predicate="intersects")
    cut = shapely.intersection(upper.shapes[feature], shapes[against][place])
    held = np.array([_like(shape, upper.kind) for shape in cut], dtype=object)
    table = pd.DataFrame({"feature": feature, "lower": against[place], "size": size_of(held)})
    real = table[table["size"] > 0]
    return real.sort_values(["feature", "lower"], ignore_index=True)
