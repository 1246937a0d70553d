"""What a layer is, and what its editions were on any day of record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlas.errors import EditionNotFound

if TYPE_CHECKING:
    import geopandas as gpd

    from atlas.core.raster import Raster, RasterScheme
    from atlas.core.schema import Column

THEMES = (
    "innovation", "ecology", "metropolitan", "rail", "base", "water", "terrain", "people", "plan",
)  # fmt: skip
RASTER, REGISTER = "raster", "register"
FEATURES = ("polygon", "line", "point")
"""Kinds whose editions hold features; a raster holds cells, a register holds statements."""
KINDS = (*FEATURES, RASTER, REGISTER)


@dataclass(frozen=True)
class Input:
    """One file that a layer was built from."""

    package: str
    version: str
    file: str
    sha256: str
    licence: str
    attribution: str


@dataclass(frozen=True)
class LayerInfo:
    """The part of a layer that may change: ``layers/<id>/layer.toml``.

    ``raster`` says what the cells of a raster layer hold; a layer of features has none.
    """

    id: str
    theme: str
    kind: str
    title: dict[str, str]
    description: dict[str, str]
    style: str
    licence: str
    attribution: dict[str, str]
    source: dict[str, str]
    accuracy: dict[str, str]
    columns: tuple[Column, ...] = ()
    inputs: tuple[Input, ...] = ()
    raster: RasterScheme | None = None

    @property
    def holds_features(self) -> bool:
        """Whether its editions hold features: neither cells nor statements."""
        return self.kind in FEATURES


@dataclass(frozen=True)
class Event:
    """One line of ``editions.jsonl``: an edition was published or withdrawn."""

    event: str
    edition: int
    date: dt.date
    note: str
    sha256: str
    features: int
    previous: str | None
    line_sha256: str = field(repr=False)


@dataclass(frozen=True)
class Edition:
    """One published, immutable state of a layer."""

    layer: str
    edition: int
    published: dt.date
    sha256: str
    features: int
    note: str
    withdrawn: dt.date | None = None


@dataclass(frozen=True)
class Layer:
    """A layer read at one edition: valid rows, where they came from, and what they are.

    ``features`` is in EPSG:4326 and is shared: treat it as read-only.
    """

    info: LayerInfo
    edition: Edition
    features: gpd.GeoDataFrame


@dataclass(frozen=True)
class RasterLayer:
    """A raster layer read at one edition: valid cells in EPSG:4326, shared and read-only."""

    info: LayerInfo
    edition: Edition
    raster: Raster
    scheme: RasterScheme


def list_editions(layer: str, events: list[Event]) -> list[Edition]:
    """All editions of a layer in order, each with the day of its withdrawal if any."""
    withdrawn = {event.edition: event.date for event in events if event.event == "withdraw"}
    return [
        Edition(
            layer=layer,
            edition=event.edition,
            published=event.date,
            sha256=event.sha256,
            features=event.features,
            note=event.note,
            withdrawn=withdrawn.get(event.edition),
        )
        for event in events
        if event.event == "publish"
    ]


def edition_known_by(layer: str, editions: list[Edition], day: dt.date) -> Edition:
    """The edition in the record on a day: the highest published by then, not yet withdrawn.

    A withdrawal counts from its own day on; before it, the record was what it was.

    Raises
    ------
    EditionNotFound
        If nothing was published by that day, or all of it was withdrawn.
    """
    known = [
        edition
        for edition in editions
        if edition.published <= day and not (edition.withdrawn and edition.withdrawn <= day)
    ]
    if not known:
        raise EditionNotFound(
            layer=layer, wanted=f"published by {day.isoformat()}", known=describe(editions)
        )
    return max(known, key=lambda edition: edition.edition)


def edition_numbered(layer: str, editions: list[Edition], number: int) -> Edition:
    """One edition by its number; a withdrawn edition stays readable.

    Raises
    ------
    EditionNotFound
        If the layer has no such edition.
    """
    for edition in editions:
        if edition.edition == number:
            return edition
    raise EditionNotFound(layer=layer, wanted=number, known=describe(editions))


def describe(editions: list[Edition]) -> str:
    """Editions in one line, for messages."""
    if not editions:
        return "none"
    return ", ".join(
        f"{edition.edition} ({edition.published.isoformat()}"
        + (f", withdrawn {edition.withdrawn.isoformat()})" if edition.withdrawn else ")")
        for edition in editions
    )
