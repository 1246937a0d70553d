"""What the atlas can tell of a feature, in plain values.

Pairs of texts are dictionaries by language; days are texts as they were published.
"""

from __future__ import annotations

from dataclasses import dataclass

Texts = dict[str, str]


@dataclass(frozen=True)
class Unit:
    """A feature that a row names by its id; ``layer`` is empty where no layer knows it."""

    layer: str
    id: str
    name: Texts


@dataclass(frozen=True)
class Size:
    """Area or length as measured from the edition's geometry, beside the published figure.

    ``exact`` says that the published figure covers the stored extent; only then is there a
    ``difference``, a share of the published figure. ``reason`` says why not.
    """

    unit: str
    measured: float | None
    published: float | None
    exact: bool
    difference: float | None
    reason: Texts


@dataclass(frozen=True)
class Happening:
    """Something that befell a version without changing its extent; the day as published."""

    day: str
    title: Texts
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Detail:
    """A further column: words in each language, or units."""

    name: str
    title: Texts
    text: Texts
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Version:
    """One row: a plan version of a feature; days as they were published.

    ``map_day`` is a full ISO day on which a map draws the row, None if any day does;
    ``drawn`` says whether there is a geometry at all.
    """

    plan_version: str
    part: str
    name: Texts
    status: str
    valid_from: str | None
    valid_to: str | None
    map_day: str | None
    drawn: bool
    description: Texts
    names_old: tuple[str, ...]
    document: str | None
    issuer: str | None
    issued: str | None
    sourced: bool
    unsourced: tuple[str, ...]
    sources: tuple[str, ...]
    events: tuple[Happening, ...]
    members: tuple[Unit, ...]
    size: Size | None
    geometry_basis: str
    accuracy_m: float | None
    method: Texts
    notes: Texts
    details: tuple[Detail, ...]


@dataclass(frozen=True)
class FeatureDescription:
    """A feature of a layer at one edition, newest plan version first."""

    layer: str
    layer_title: Texts
    id: str
    name: Texts
    names_old: tuple[str, ...]
    edition: int
    published: str
    sha256: str
    licence: str
    attribution: Texts
    source: Texts
    accuracy: Texts
    versions: tuple[Version, ...]


@dataclass(frozen=True)
class Entry:
    """A feature in a list: its names and code, and the plan version that a list tells."""

    id: str
    name: Texts
    versions: tuple[str, ...]
    status: str
    valid_from: str | None
    valid_to: str | None
