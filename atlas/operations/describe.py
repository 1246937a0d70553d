"""Describe a feature in plain values: every plan version with its source, members and sizes.

The catalogue page and ``atlas describe`` both show what is here; their words come from
:mod:`atlas.operations.tell`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from atlas.cartography.popup import column_title
from atlas.cartography.style import read_style
from atlas.core.crs import area_km2, length_km
from atlas.core.description import (
    Detail,
    Entry,
    FeatureDescription,
    Happening,
    Size,
    Texts,
    Unit,
    Version,
)
from atlas.core.period import as_of, published_text
from atlas.core.schema import RECORD_COLUMNS, missing_to_none
from atlas.core.text import split_sources
from atlas.i18n import LANGUAGES, in_both
from atlas.io import catalogue
from atlas.operations.find import known_editions
from atlas.operations.show import read_layer, select

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import Layer

Names = dict[tuple[str, str], Texts]
"""Names by layer and feature id."""

UNITS = {"members": ("cities", "districts", "provinces"), "stations": ("rail-stations",),
         "province": ("provinces",), "city": ("cities",), "district": ("districts",),
         "predecessors": ("cities", "districts"),
         "successors": ("cities", "districts")}  # fmt: skip
"""Columns that hold ids of features, and the layers where those may be."""
NAMING_LAYERS = ("provinces", "cities", "districts", "rail-stations")
SIZES = {"polygon": ("km²", area_km2, "published_area_km2", "published_area_covers"),
         "line": ("km", length_km, "published_length_km", "length_covers")}  # fmt: skip
TOLD = {"names_old", "document", "issuer", "issued", "source_url", "members", "description",
        "events", "published_area_km2", "published_area_covers", "published_length_km",
        "length_covers"}  # fmt: skip
"""Own columns that a version tells by name; all others are its ``details``."""


def list_names(layers: list[Layer]) -> Names:
    """Names of all features of layers; of several plan versions the newest gives the name."""
    names: Names = {}
    for layer in layers:
        rows = layer.features.sort_values("valid_from", na_position="first", kind="stable")
        for row in rows.itertuples():
            names[layer.info.id, row.id] = {"zh": row.name_zh, "en": row.name_en}
    return names


def describe(folder: Path, layer: str, feature: str, *, known_by: dt.date) -> FeatureDescription:
    """Describe a feature as published by a day, with the names of its units of that day.

    Raises
    ------
    LayerNotFound, EditionNotFound, FeatureNotFound
        If there is no such layer, edition or feature.
    """
    editions = known_editions(folder, NAMING_LAYERS, known_by=known_by)
    names = list_names([catalogue.read_layer(folder, edition) for edition in editions])
    return describe_feature(read_layer(folder, layer, known_by=known_by), feature, names=names)


def list_entries(layer: Layer, day: dt.date | None = None) -> list[Entry]:
    """Every feature of a layer once, in the order of the edition.

    Each is told by the newest of its rows that are in force on the day; by its newest row if
    none is.
    """
    on_day = set(as_of(layer.features, day).index) if day else set()
    rows = layer.features.drop(columns="geometry").sort_values(
        "valid_from", na_position="first", kind="stable"
    )
    newest: dict[str, dict[str, Any]] = {name: {} for name in layer.features["id"]}
    versions: dict[str, dict[str, None]] = {name: {} for name in newest}
    current: set[str] = set()
    for place, row in zip(rows.index, rows.to_dict("records"), strict=True):
        versions[row["id"]][row["plan_version"]] = None
        if place in on_day or row["id"] not in current:
            newest[row["id"]] = {name: missing_to_none(value) for name, value in row.items()}
        if place in on_day:
            current.add(row["id"])
    return [
        Entry(
            name, _pair(row, "name"), tuple(versions[name]), row["status"],
            _published(row, "valid_from"), _published(row, "valid_to"),
        )
        for name, row in newest.items()
    ]  # fmt: skip


def describe_feature(layer: Layer, feature: str, *, names: Names) -> FeatureDescription:
    """Describe a feature of a layer.

    Parameters
    ----------
    layer
        The layer at one edition.
    feature
        Id of the feature.
    names
        Names of the units that rows may name by their ids (:func:`list_names` of
        :data:`NAMING_LAYERS`).

    Returns
    -------
    FeatureDescription
        All plan versions, the one that began last first; areas in km² in the equal-area
        working CRS, lengths in km on the ellipsoid, both from the edition's own geometry.

    Raises
    ------
    FeatureNotFound
        If the edition has no row with that id.
    """
    rows = select(layer, day=None, feature=feature)
    rows = rows.sort_values("valid_from", ascending=False, na_position="last", kind="stable")
    measured = _measure(layer.info.kind, rows)
    plain = [{name: missing_to_none(value) for name, value in row.items()} for row in
             rows.drop(columns="geometry").to_dict("records")]  # fmt: skip
    versions = tuple(
        _version(layer, row, names, size, drawn=drawn)
        for row, size, drawn in zip(plain, measured, rows.geometry.notna(), strict=True)
    )
    old = dict.fromkeys(name for version in versions for name in version.names_old)
    return FeatureDescription(
        layer=layer.info.id, layer_title=layer.info.title, id=feature, name=versions[0].name,
        names_old=tuple(old), edition=layer.edition.edition,
        published=layer.edition.published.isoformat(), sha256=layer.edition.sha256,
        licence=layer.info.licence, attribution=layer.info.attribution,
        source=layer.info.source, accuracy=layer.info.accuracy, versions=versions,
    )  # fmt: skip


def _measure(kind: str, rows: gpd.GeoDataFrame) -> list[float | None]:
    if kind not in SIZES:
        return [None] * len(rows)
    sizes = SIZES[kind][1](rows.geometry)
    return [None if size != size else float(size) for size in sizes]  # noqa: PLR0124 - NaN


def _version(
    layer: Layer, row: dict[str, Any], names: Names, measured: float | None, *, drawn: bool
) -> Version:
    return Version(
        plan_version=row["plan_version"], part=row["part"], name=_pair(row, "name"),
        status=row["status"], valid_from=_published(row, "valid_from"),
        valid_to=_published(row, "valid_to"), map_day=_map_day(row), drawn=bool(drawn),
        description=_pair(row, "description"), names_old=tuple(row.get("names_old") or ()),
        document=row.get("document"), issuer=row.get("issuer"), issued=_published(row, "issued"),
        sourced=row["sourced"], unsourced=tuple(row["unsourced"]),
        sources=split_sources(row.get("source_url")),
        events=tuple(_happening(event) for event in row.get("events") or ()),
        members=_units(names, "members", row.get("members")),
        size=_size(layer.info.kind, row, measured), geometry_basis=row["geometry_basis"],
        accuracy_m=row["accuracy_m"], method=_pair(row, "method"), notes=_pair(row, "notes"),
        details=_details(layer, row, names),
    )  # fmt: skip


def _pair(row: Mapping[str, Any], name: str) -> Texts:
    """Texts of a column that there is once a language; empty where there is none."""
    return {lang: row.get(f"{name}_{lang}") or "" for lang in LANGUAGES}


def _published(row: dict[str, Any], name: str) -> str | None:
    day = row.get(name)
    return published_text(day, row.get(f"{name}_precision") or "day") if day else None


def _map_day(row: dict[str, Any]) -> str | None:
    """First day of the row; the last one where only the end is known."""
    if row["valid_from"] or not row["valid_to"]:
        return row["valid_from"]  # type: ignore[no-any-return]
    return (dt.date.fromisoformat(row["valid_to"]) - dt.timedelta(days=1)).isoformat()


def _happening(event: dict[str, Any]) -> Happening:
    day = published_text(event["date"], event.get("precision") or "day")
    return Happening(day, _pair(event, "title"), split_sources(event.get("source_url")))


def _units(names: Names, column: str, ids: list[str] | None) -> tuple[Unit, ...]:
    return tuple(_unit(names, column, unit) for unit in ids or ())


def _unit(names: Names, column: str, unit: str) -> Unit:
    for layer in UNITS[column]:
        if (layer, unit) in names:
            return Unit(layer, unit, names[layer, unit])
    return Unit("", unit, dict.fromkeys(LANGUAGES, ""))


def _size(kind: str, row: dict[str, Any], measured: float | None) -> Size | None:
    if kind not in SIZES:
        return None
    unit, _, figure, covers = SIZES[kind]
    published = row.get(figure)
    exact = published is not None and row.get(covers) == "exact"
    difference = measured / published - 1 if exact and published and measured else None
    return Size(unit, measured, published, exact, difference, _pair(row, covers))


def _details(layer: Layer, row: dict[str, Any], names: Names) -> tuple[Detail, ...]:
    """Own columns that nothing else tells, in the order of the schema, once a language pair."""
    own = {column.name: column.title for column in layer.info.columns}
    bases = dict.fromkeys(
        name[:-3] if name.endswith(("_zh", "_en")) else name for name in own
        if not name.endswith("_precision")
    )  # fmt: skip
    known = {column.name for column in RECORD_COLUMNS} | TOLD
    details = []
    for name in bases:
        title = own.get(name) or {lang: column_title(name, lang) for lang in LANGUAGES}
        value = row.get(name)
        if name in known:
            continue
        if name in UNITS and value:
            ids = value if isinstance(value, list) else [value]
            details.append(Detail(name, title, {}, _units(names, name, ids)))
        elif any(text := _texts(layer, row, name)):
            details.append(Detail(name, title, dict(zip(LANGUAGES, text, strict=True))))
    return tuple(details)


def _texts(layer: Layer, row: dict[str, Any], name: str) -> list[str]:
    """A value in each language; a class of the layer's style has its own words."""
    value = row.get(name)
    style = read_style(layer.info.style)
    if name == style.column:
        titles = [entry.title for entry in style.classes if entry.value == value]
        if titles:
            return [titles[0][lang] for lang in LANGUAGES]
    if isinstance(value, bool):
        both = in_both("describe.yes" if value else "describe.no")
        return [both[lang] for lang in LANGUAGES]
    if isinstance(value, list):
        return ["; ".join(str(item) for item in value)] * len(LANGUAGES)
    if isinstance(value, int | float):
        return [f"{value:,}"] * len(LANGUAGES)
    if f"{name}_precision" in row:
        return [_published(row, name) or ""] * len(LANGUAGES)
    return [str(row.get(f"{name}_{lang}") or value or "") for lang in LANGUAGES]
