"""The map as a value: what it shows, in which order, and its legend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.cartography.style import Look, Style, read_style, variant_of, varied

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from atlas.core.layer import Layer


@dataclass(frozen=True)
class MapLayer:
    """Rows of one layer at one edition, as a map draws them.

    ``features`` is in EPSG:4326 and may be simplified for the screen.
    """

    layer: Layer
    features: gpd.GeoDataFrame
    style: Style
    background: bool = False

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.layer.info.id


@dataclass(frozen=True)
class MapDocument:
    """Layers from bottom to top, and the two days that they answer for."""

    layers: tuple[MapLayer, ...]
    day: dt.date
    known_by: dt.date


@dataclass(frozen=True)
class LegendEntry:
    """One class of one layer in one variant: its symbol, its words, how many rows, its mark."""

    layer: str
    kind: str
    title: dict[str, str]
    variant: str
    look: Look
    count: int
    mark: str = ""


def map_layer(layer: Layer, features: gpd.GeoDataFrame, *, background: bool = False) -> MapLayer:
    """Give rows of a layer the style that its ``layer.toml`` names."""
    return MapLayer(layer, features, read_style(layer.info.style), background)


def map_document(layers: list[MapLayer], *, day: dt.date, known_by: dt.date) -> MapDocument:
    """Put layers in drawing order: backgrounds first, then by the style's order."""
    ordered = sorted(layers, key=lambda entry: (not entry.background, entry.style.order))
    return MapDocument(tuple(ordered), day, known_by)


def look_keys(layer: MapLayer) -> Iterator[tuple[str, str]]:
    """Class value and variant of each row, in the order of the rows."""
    rows, style = layer.features, layer.style
    values = rows[style.column] if style.column in rows else [None] * len(rows)
    for value, status, sourced in zip(values, rows["status"], rows["sourced"], strict=True):
        yield style.class_of(value).value, variant_of(str(status), sourced=bool(sourced))


def looks(layer: MapLayer) -> dict[tuple[str, str], Look]:
    """Looks that the rows of a layer use, by class value and variant."""
    by_value = {entry.value: entry.look for entry in layer.style.classes}
    return {key: varied(by_value[key[0]], key[1]) for key in sorted(set(look_keys(layer)))}


def legend(document: MapDocument) -> list[LegendEntry]:
    """Legend of a map: top layer first, classes in style order, variants by name."""
    entries: list[LegendEntry] = []
    for layer in reversed(document.layers):
        if layer.background:
            continue
        used = list(look_keys(layer))
        order = [entry.value for entry in layer.style.classes]
        titles = {entry.value: entry.title for entry in layer.style.classes}
        marks = {entry.value: entry.mark for entry in layer.style.classes}
        drawn = looks(layer)
        entries += [
            LegendEntry(
                layer=layer.id,
                kind=layer.layer.info.kind,
                title=titles[key[0]],
                variant=key[1],
                look=drawn[key],
                count=used.count(key),
                mark=marks[key[0]],
            )
            for key in sorted(drawn, key=lambda key: (order.index(key[0]), key[1]))
        ]
    return entries
