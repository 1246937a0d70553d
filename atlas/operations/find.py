"""Find a place by its Chinese name, its English name, or its pinyin."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from atlas.core.text import fold, pinyin, pinyin_initials
from atlas.errors import EditionNotFound
from atlas.io import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from atlas.core.layer import Edition, Layer

PLACE_LAYERS = (
    "innovation-corridors", "ecological-belts", "metropolitan-areas", "cities", "provinces",
    "districts", "lakes", "rivers", "rail-lines", "rail-stations", "settlements",
)  # fmt: skip
"""Layers whose features are places, most important first: it breaks ties."""
NO_MATCH = 3
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """A named feature; bounds are west, south, east, north, None if no geometry is known."""

    layer: str
    id: str
    name_zh: str
    name_en: str
    bounds: Bounds | None
    keys: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """How links name the place: ``layer:id``."""
        return f"{self.layer}:{self.id}"


def place_editions(folder: Path, *, known_by: dt.date) -> list[Edition]:
    """Editions, as published by a day, of the layers whose features are places."""
    return known_editions(folder, PLACE_LAYERS, known_by=known_by)


def known_editions(folder: Path, layers: Iterable[str], *, known_by: dt.date) -> list[Edition]:
    """Editions, as published by a day, of those layers that exist and had one by then."""
    editions = []
    present = catalogue.list_layer_ids(folder)
    for layer in layers:
        try:
            if layer in present:
                editions.append(catalogue.find_edition(folder, layer, known_by=known_by))
        except EditionNotFound:
            continue
    return editions


def list_places(layers: list[Layer]) -> list[Place]:
    """Every feature that the map can fly to, with the folded names a search compares."""
    return [place for layer in layers for place in list_features(layer) if place.bounds]


def list_features(layer: Layer) -> list[Place]:
    """Every feature of a layer once, whether or not a geometry of it is known.

    It has the names of its newest plan version; a search compares the names of all its
    versions, its former names, and its code.
    """
    features: dict[str, Place] = {}
    rows = layer.features.sort_values("valid_from", na_position="first", kind="stable")
    boxes = shapely.bounds(rows.geometry.to_numpy())
    for row, box in zip(rows.itertuples(), boxes.tolist(), strict=True):
        keys = _keys(row.name_zh, row.name_en, *(getattr(row, "names_old", None) or []))
        code = (row.id,) if row.id.isdigit() else ()
        known = features.get(row.id)
        features[row.id] = Place(
            layer.info.id, row.id, row.name_zh, row.name_en,
            _bounds(box, known.bounds if known else None),
            tuple(dict.fromkeys((known.keys if known else ()) + keys + code)),
        )  # fmt: skip
    return list(features.values())


def _bounds(box: list[float], known: Bounds | None) -> Bounds | None:
    """A box in degrees (NaN where there is no geometry), grown by one known before."""
    if math.isnan(box[0]):
        return known
    west, south, east, north = box
    if known is None:
        return west, south, east, north
    return min(west, known[0]), min(south, known[1]), max(east, known[2]), max(north, known[3])


def _keys(*names: str) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for name in (*names, *(name.removesuffix("市") for name in names)):
        keys[fold(name)] = None
        if not name.isascii():
            keys[fold(pinyin(name))] = None
            keys[fold(pinyin_initials(name))] = None
    return tuple(key for key in keys if key)


def find_places(places: list[Place], words: str, *, at_most: int = 8) -> list[Place]:
    """Places whose Chinese name, English name, pinyin or pinyin initials hold the words.

    Best first: the whole name, then its beginning, then any part of it; planning layers and
    then the order of :data:`PLACE_LAYERS` break ties.
    """
    wanted = fold(words)
    if not wanted:
        return []
    ranked = []
    for order, place in enumerate(places):
        rank = min((_rank(key, wanted) for key in place.keys), default=NO_MATCH)
        if rank < NO_MATCH:
            ranked.append((rank, _weight(place.layer), len(place.name_zh), order))
    return [places[entry[3]] for entry in sorted(ranked)[:at_most]]


def _weight(layer: str) -> int:
    return PLACE_LAYERS.index(layer) if layer in PLACE_LAYERS else -1


def _rank(key: str, wanted: str) -> int:
    if key == wanted:
        return 0
    if key.startswith(wanted):
        return 1
    return 2 if len(wanted) > 1 and wanted in key else NO_MATCH
