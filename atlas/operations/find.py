"""Find a place by its Chinese name, its English name, or its pinyin."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely

from atlas.core.text import fold, pinyin, pinyin_initials
from atlas.errors import EditionNotFound
from atlas.io import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.core.layer import Edition, Layer

PLACE_LAYERS = ("cities", "districts", "lakes", "rivers", "rail-stations", "settlements")
"""Layers whose features are places, most important first: it breaks ties."""
NO_MATCH = 3


@dataclass(frozen=True)
class Place:
    """A named feature that the map can fly to; bounds are west, south, east, north."""

    layer: str
    id: str
    name_zh: str
    name_en: str
    bounds: tuple[float, float, float, float]
    keys: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """How links name the place: ``layer:id``."""
        return f"{self.layer}:{self.id}"


def place_editions(folder: Path, *, known_by: dt.date) -> list[Edition]:
    """Editions, as published by a day, of the layers whose features are places."""
    editions = []
    present = catalogue.list_layer_ids(folder)
    for layer in PLACE_LAYERS:
        try:
            if layer in present:
                editions.append(catalogue.find_edition(folder, layer, known_by=known_by))
        except EditionNotFound:
            continue
    return editions


def list_places(layers: list[Layer]) -> list[Place]:
    """Every feature with a geometry as a place, with the folded names a search compares."""
    places: list[Place] = []
    for layer in layers:
        features = layer.features[layer.features.geometry.notna()]
        boxes = shapely.bounds(features.geometry.to_numpy())
        for row, box in zip(features.itertuples(), boxes, strict=True):
            west, south, east, north = (float(value) for value in box)
            keys = _keys(row.name_zh, row.name_en, *(getattr(row, "names_old", None) or []))
            bounds = (west, south, east, north)
            places.append(Place(layer.info.id, row.id, row.name_zh, row.name_en, bounds, keys))
    return places


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

    Best first: the whole name, then its beginning, then any part of it; the order of
    :data:`PLACE_LAYERS` breaks ties.
    """
    wanted = fold(words)
    if not wanted:
        return []
    ranked = []
    for order, place in enumerate(places):
        rank = min((_rank(key, wanted) for key in place.keys), default=NO_MATCH)
        if rank < NO_MATCH:
            ranked.append((rank, PLACE_LAYERS.index(place.layer), len(place.name_zh), order))
    return [places[entry[3]] for entry in sorted(ranked)[:at_most]]


def _rank(key: str, wanted: str) -> int:
    if key == wanted:
        return 0
    if key.startswith(wanted):
        return 1
    return 2 if len(wanted) > 1 and wanted in key else NO_MATCH
