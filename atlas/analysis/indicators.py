"""Figures of plans on one day: areas, shared corridors, residents, versions.

Every function takes the frames of a day and gives a :class:`Measure`. Only what is in force counts:
initiatives, drafts and studies do not. Sizes are taken in the equal-area working CRS, and no place
counts twice. Figures of railways are in :mod:`atlas.analysis.rail_indicators`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from atlas.analysis.indicator_frames import (
    BELTS,
    CITIES,
    CORRIDORS,
    DISTRICTS,
    METROPOLITAN,
    PLANS,
    SETTLEMENTS,
    Frames,
    key_of,
    union_of,
)
from atlas.analysis.matrix import to_plane, zone_by_feature
from atlas.core.crs import WORKING_CRS, to_working

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

COOPERATION_ZONES = (
    (BELTS, "demonstration-zone", "whole"), (BELTS, "xinan-qiandao", "cooperation-area"),
)  # fmt: skip
"""Zones that two provinces or more set up together on land of each: layer, id and part."""
INSIDE_SHARE = 0.5
"""A district with at least this share of its area in a zone is a district of the zone."""
M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Part:
    """What a value is made of: a feature, a pair or a district, and its own value."""

    key: str
    value: float


@dataclass(frozen=True)
class Measure:
    """The value of an indicator on a day.

    Attributes
    ----------
    value
        NaN if it is not known.
    parts
        What it is made of; they need not add up to it.
    unknown
        Rows in force of which no extent was published: not in the value.
    uncertain
        Rows in the value of which it is not known whether they were in force on that day.
    """

    value: float
    parts: tuple[Part, ...] = ()
    unknown: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()


def measured(
    frames: Frames, layers: Collection[str], value: float, parts: Iterable[Part] = ()
) -> Measure:
    """A measure with what is unknown and uncertain of its layers."""
    unknown, uncertain = (
        tuple(key for layer in layers for key in of(layer))
        for of in (frames.unknown, frames.uncertain)
    )
    return Measure(float(value), tuple(parts), unknown, uncertain)


def covered_area(frames: Frames, layer: str) -> Measure:
    """Area that any feature of a layer covers, km²; parts: each feature for itself."""
    whole = _by_id(frames.drawn(layer))
    area = shapely.area(frames.union(layer)) / M2_PER_KM2
    return measured(frames, (layer,), area, _areas(whole))


def overlap_of_metropolitan_areas(frames: Frames) -> Measure:
    """Area that lies in two or more metropolitan areas, km²; parts: each pair of them."""
    whole = _by_id(frames.drawn(METROPOLITAN))
    pairs = list(combinations(range(len(whole)), 2))
    shapes = whole.geometry.to_numpy()
    cut = [shapely.intersection(shapes[one], shapes[other]) for one, other in pairs]
    parts = [
        Part(f"{whole['id'].iloc[one]}|{whole['id'].iloc[other]}", shapely.area(cut[place]) / 1e6)
        for place, (one, other) in enumerate(pairs)
        if shapely.area(cut[place]) > 0
    ]
    area = shapely.area(shapely.union_all(cut)) / M2_PER_KM2 if cut else 0.0
    return measured(frames, (METROPOLITAN,), area, parts)


def corridors_in_belts(frames: Frames) -> Measure:
    """Area that is both in a corridor and in a belt, km²; parts: each pair of them."""
    corridors, belts = (_by_id(frames.drawn(layer)) for layer in (CORRIDORS, BELTS))
    both = shapely.intersection(frames.union(CORRIDORS), frames.union(BELTS))
    parts = []
    for one in corridors.itertuples():
        cut = shapely.area(shapely.intersection(one.geometry, belts.geometry.to_numpy())) / 1e6
        parts += [Part(f"{one.id}|{other}", float(size))
                  for other, size in zip(belts["id"], cut, strict=True) if size > 0]  # fmt: skip
    return measured(frames, (CORRIDORS, BELTS), shapely.area(both) / M2_PER_KM2, parts)


def pairs_sharing_a_corridor(frames: Frames) -> Measure:
    """Pairs of cities that both have part of one corridor; parts: each corridor's pairs.

    A part that is narrower than the accuracy of its border, and less than a hundredth of city and
    corridor, counts as none (:func:`atlas.analysis.matrix.zone_by_feature`).
    """
    cities, rows = frames.rows[CITIES], frames.drawn(CORRIDORS).reset_index(drop=True)
    held: dict[str, set[str]] = {}
    if len(rows):
        table = zone_by_feature(to_plane(cities), to_plane(rows))
        real = table[~table["sliver"].astype(bool)]
        codes, ids = cities["id"].to_numpy(object), rows["id"].to_numpy(object)
        for zone, feature in zip(real["zone"], real["feature"], strict=True):
            held.setdefault(str(ids[feature]), set()).add(str(codes[zone]))
    pairs = {id_: set(combinations(sorted(codes), 2)) for id_, codes in sorted(held.items())}
    every = set().union(*pairs.values()) if pairs else set()
    parts = [Part(id_, float(len(own))) for id_, own in pairs.items()]
    return measured(frames, (CORRIDORS,), len(every), parts)


def districts_in_cooperation_zones(frames: Frames) -> Measure:
    """Districts on a provincial border that lie in a zone of two provinces; parts: each of them.

    A district lies in a zone if :data:`INSIDE_SHARE` of its area does; it is on the border if it
    shares a line, not only a point, with a district of another province.
    """
    zones = [_part_of(frames, *zone) for zone in COOPERATION_ZONES]
    whole = shapely.union_all([shape for rows in zones for shape in rows.geometry])
    districts = to_working(frames.rows[DISTRICTS])
    shapes = districts.geometry.to_numpy()
    inside = shapely.area(shapely.intersection(shapes, whole)) / shapely.area(shapes)
    chosen = np.flatnonzero(inside >= INSIDE_SHARE)
    provinces = districts["province"].to_numpy(object)
    border = [place for place in chosen if _borders_another(shapes, provinces, int(place))]
    parts = [Part(str(districts["id"].iloc[place]), float(inside[place])) for place in border]
    return measured(frames, (BELTS,), len(border), parts)


def _part_of(frames: Frames, layer: str, id_: str, part: str) -> gpd.GeoDataFrame:
    rows = frames.drawn(layer)
    return rows[(rows["id"] == id_) & (rows["part"] == part)]


def _borders_another(shapes: np.ndarray, provinces: np.ndarray, place: int) -> bool:
    """Whether a district shares a line with one of another province."""
    others = shapes[(provinces != provinces[place]) & shapely.intersects(shapes, shapes[place])]
    common = shapely.intersection(shapely.boundary(others), shapely.boundary(shapes[place]))
    return bool((shapely.length(common) > 0).any())


def share_of_residents(frames: Frames, layer: str) -> Measure:
    """Share of the delta's residents that a layer covers (0–1); parts: residents by city."""
    return _residents(frames, layer, share=True)


def number_of_residents(frames: Frames, layer: str) -> Measure:
    """Residents whom a layer covers; parts: residents by city."""
    return _residents(frames, layer, share=False)


def _residents(frames: Frames, layer: str, *, share: bool) -> Measure:
    """Residents by district, each spread evenly over its area."""
    whole, held = frames.union(layer), frames.residents
    inside = residents_inside(held, whole)
    by_city = inside.groupby(held["city"]).sum()
    parts = [Part(str(city), float(count)) for city, count in by_city.items() if count > 0]
    value = inside.sum() / (held["residents"].sum() if share else 1.0)
    return measured(frames, (layer,), value, parts)


def residents_inside(residents: gpd.GeoDataFrame, place: shapely.Geometry) -> gpd.GeoSeries:
    """Residents of each row inside a place: its residents by the share of its area."""
    shapes = residents.geometry.to_numpy()
    cut = shapely.area(shapely.intersection(shapes, place)) / shapely.area(shapes)
    return residents["residents"] * np.where(cut > 1.0 - 1e-9, 1.0, cut)


def share_of_settlements(frames: Frames, layer: str) -> Measure:
    """Share of the residents of settlements that a layer covers (0–1).

    Settlements whose population is not known, or known to be wrong, do not count. Parts:
    ``inside``, ``counted`` (residents), ``settlements``, ``left-out`` (numbers of settlements).
    """
    every = frames.rows[SETTLEMENTS]
    rows = every[(every["population"].fillna(0) > 0) & every["population_fault_en"].isna()]
    points = to_working(rows).geometry.to_numpy()
    whole = frames.union(layer)
    shapely.prepare(whole)
    people = rows["population"].to_numpy(dtype=float)
    inside, total = float(people[shapely.covers(whole, points)].sum()), float(people.sum())
    parts = (Part("inside", inside), Part("counted", total), Part("settlements", float(len(rows))),
             Part("left-out", float(len(every) - len(rows))))  # fmt: skip
    return measured(frames, (layer,), inside / total if total else np.nan, parts)


def versions_in_force(frames: Frames) -> Measure:
    """Plan versions in force, drawn or not; parts: by layer, and rows of each other status."""
    parts: list[Part] = []
    other: Counter[str] = Counter()
    for layer in PLANS:
        rows = frames.counted(layer)
        parts.append(Part(layer, float(len(rows[["id", "plan_version"]].drop_duplicates()))))
        every = frames.rows[layer][["id", "plan_version", "status"]].drop_duplicates()
        other.update(status for status in every["status"] if status != "in-force")
    value = sum(part.value for part in parts)
    parts += [Part(f"status:{status}", float(count)) for status, count in sorted(other.items())]
    whole = measured(frames, PLANS, value, parts)
    return Measure(whole.value, whole.parts, (), whole.uncertain)


def sourced_share(frames: Frames) -> Measure:
    """Share of the plan rows in force that are sourced throughout (0–1); parts: the others.

    A row is sourced throughout if it names a source and none of its columns is unsourced.
    """
    rows = [(layer, row) for layer in PLANS for row in frames.counted(layer).itertuples()]
    total = len(rows)
    rest = [
        Part(key_of(layer, row), 1.0)
        for layer, row in rows
        if not row.sourced or len(row.unsourced)
    ]
    return Measure(1.0 - len(rest) / total if total else np.nan, tuple(rest))


def _by_id(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One shape an id: versions and parts of it together."""
    groups = rows.groupby("id", sort=True)
    ids = [id_ for id_, _ in groups]
    shapes = [union_of(group) for _, group in groups]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=WORKING_CRS)


def _areas(rows: gpd.GeoDataFrame) -> list[Part]:
    sizes = shapely.area(rows.geometry.to_numpy()) / M2_PER_KM2
    return [Part(str(id_), float(size)) for id_, size in zip(rows["id"], sizes, strict=True)]
