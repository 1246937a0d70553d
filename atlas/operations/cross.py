"""Two layers on each other: a corridor in a belt, a railway through it, zone by zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from atlas.analysis.cross import Crossing
from atlas.analysis.cross import cross as cross_planes
from atlas.analysis.matrix import Plane, to_plane
from atlas.analysis.zone_index import index_zones
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of
from atlas.errors import WrongKind
from atlas.operations.show import read_layer
from atlas.operations.zones import ZoneSet, follow_degrees, read_zones

BUILT = ("innovation", "metropolitan", "rail")
"""Themes of layers that plan building, work and traffic."""
KEPT = ("ecology", "water")
"""Themes of layers that keep land and water as they are."""
SYNERGY, CONFLICT, NEUTRAL = "synergy", "conflict", "neutral"


@dataclass(frozen=True, eq=False)
class Crossed:
    """Two layers on each other on one day.

    ``first`` holds polygons; ``relation`` is what this atlas calls such a pair of layers, by a
    convention that says nothing of a single place (:func:`relation_of`).
    """

    first: LayerInfo
    second: LayerInfo
    editions: tuple[Edition, Edition]
    day: dt.date
    known_by: dt.date
    zones: ZoneSet
    zone_plane: Plane
    areas: gpd.GeoDataFrame
    others: gpd.GeoDataFrame
    crossing: Crossing
    relation: str


def cross(
    folder: Path, layer: str, other: str, *, zones: str | ZoneSet = "cities", day: dt.date,
    known_by: dt.date,
) -> Crossed:  # fmt: skip
    """Cross two layers as of a day.

    Parameters
    ----------
    folder, layer, other
        Where the layers lie, and which two; one of them at least holds polygons.
    zones
        A layer of polygons, a vector file, or zones that were read.
    day, known_by
        In force on which day, as published by which day.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there is nothing to cross.
    """
    held = zones if isinstance(zones, ZoneSet) else read_zones(
        folder, zones, day=day, known_by=known_by
    )  # fmt: skip
    read = [read_layer(folder, name, known_by=known_by) for name in (layer, other)]
    if read[0].info.kind != "polygon":
        read.reverse()
    if read[0].info.kind != "polygon":
        problem = f"neither it nor '{other}' holds polygons; one of the two must"
        raise WrongKind(layer=layer, kind=read[1].info.kind, problem=problem)
    return cross_layers(read[0], read[1], held, day=day, known_by=known_by)


def cross_layers(
    first: Layer, second: Layer, zones: ZoneSet, *, day: dt.date, known_by: dt.date
) -> Crossed:
    """Cross two layers that were read; the first holds polygons."""
    areas, others = (_drawn(as_of(layer.features, day)) for layer in (first, second))
    plane, one, other = (
        to_plane(follow_degrees(rows, zones)) for rows in (zones.rows, areas, others)
    )
    crossing = cross_planes(one, other, index_zones(plane.shapes))
    return Crossed(
        first.info, second.info, (first.edition, second.edition), day, known_by, zones, plane,
        areas, others, crossing, relation_of(first.info.theme, second.info.theme),
    )  # fmt: skip


def _drawn(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows[rows.geometry.notna()].reset_index(drop=True)


def relation_of(theme: str, other: str) -> str:
    """What this atlas calls two layers on each other.

    A convention, stated wherever it is shown: two plans of building, or two of keeping, support
    each other; one of each has to be reconciled; everything else is neither.

    >>> relation_of("innovation", "ecology"), relation_of("innovation", "rail")
    ('conflict', 'synergy')
    """
    themes = {theme, other}
    if themes <= set(BUILT) or themes <= set(KEPT):
        return SYNERGY
    return CONFLICT if themes <= {*BUILT, *KEPT} else NEUTRAL
