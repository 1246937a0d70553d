"""Show a layer: as of a day, as published by a day, as rows or cells, a table or a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import TYPE_CHECKING, Any

from atlas.core.layer import RASTER, REGISTER, Edition, Layer, RasterLayer, list_editions
from atlas.core.period import as_of, published_text, standings
from atlas.core.register import Register
from atlas.core.schema import KEY, RECORD_COLUMNS, missing_to_none
from atlas.core.text import near_words, width_of
from atlas.errors import FeatureNotFound, LayerNotFound, WrongKind
from atlas.io import catalogue, geojson, store
from atlas.operations import register
from atlas.operations.show_raster import to_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins with one of these for a formula."""
NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")
"""A negative number is no formula."""


def list_layers(folder: Path) -> list[dict[str, Any]]:
    """All layers with their editions, as plain values for ``atlas layers --json``."""
    layers = []
    ids = catalogue.list_layer_ids(folder)
    if not ids:
        raise LayerNotFound(layer="*", folder=folder, known="none")
    for layer in ids:
        info = catalogue.read_info(folder, layer)
        editions = list_editions(layer, store.read_log(folder / layer).events)
        layers.append(
            {
                "id": info.id,
                "theme": info.theme,
                "kind": info.kind,
                "title": info.title,
                "licence": info.licence,
                "editions": [_edition_row(edition) for edition in editions],
            }
        )
    return layers


def _edition_row(edition: Edition) -> dict[str, Any]:
    return {
        "edition": edition.edition,
        "published": edition.published.isoformat(),
        "sha256": edition.sha256,
        "features": edition.features,
        "withdrawn": edition.withdrawn.isoformat() if edition.withdrawn else None,
    }


def read_layer(folder: Path, layer: str, *, known_by: dt.date, edition: int | None = None) -> Layer:
    """Read a layer at an edition, or as published by a day (all its periods).

    Raises
    ------
    LayerNotFound, EditionNotFound, HashMismatch, SchemaError, FileDamaged
        Whatever is wrong, once.
    """
    found = catalogue.find_edition(folder, layer, known_by=known_by, number=edition)
    return catalogue.read_layer(folder, found)


def read_any(
    folder: Path, layer: str, *, known_by: dt.date, edition: int | None = None
) -> Layer | RasterLayer | Register:
    """Read a layer of any kind; else as :func:`read_layer`."""
    found = catalogue.find_edition(folder, layer, known_by=known_by, number=edition)
    kind = catalogue.read_info(folder, layer).kind
    if kind == RASTER:
        return catalogue.read_raster_layer(folder, found)
    if kind == REGISTER:
        return catalogue.read_register(folder, found)
    return catalogue.read_layer(folder, found)


def select(layer: Layer, *, day: dt.date | None, feature: str | None = None) -> gpd.GeoDataFrame:
    """Rows of a layer in force on a day (all periods if None), of one feature or of all.

    Raises
    ------
    FeatureNotFound
        If the edition has no row with that id, on any day.
    """
    if feature is not None and not (layer.features["id"] == feature).any():
        ids = layer.features["id"].unique()
        raise FeatureNotFound(
            layer=layer.info.id,
            edition=layer.edition.edition,
            feature=feature[:60],
            near=", ".join(near_words(feature, ids)) or "none",
        )
    # The day first: whether a row is still shown can depend on a successor of another id.
    features = layer.features if day is None else as_of(layer.features, day)
    return features if feature is None else features[features["id"] == feature]


def to_geojson(layer: Layer, features: gpd.GeoDataFrame) -> bytes:
    """Rows as canonical GeoJSON bytes."""
    return geojson.to_bytes(features, layer.info.columns)


def to_csv(layer: Layer, features: gpd.GeoDataFrame) -> bytes:
    """Properties of rows as CSV (UTF-8 with a mark for spreadsheets, formulas disarmed)."""
    names = [column.name for column in RECORD_COLUMNS + layer.info.columns]
    rows = features[names].sort_values(list(KEY)).to_dict("records")
    cells = ([missing_to_none(row[name]) for name in names] for row in rows)
    return csv_bytes([names, *cells])


def csv_bytes(lines: Iterable[Sequence[object]]) -> bytes:
    """Lines of cells as CSV (UTF-8 with a mark for spreadsheets, formulas disarmed)."""
    out = io.StringIO()
    disarmed = ([_cell(value) for value in line] for line in lines)
    csv.writer(out, lineterminator="\r\n").writerows(disarmed)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS) and not NUMBER.fullmatch(value):
        return "'" + value
    return value


def to_table(features: gpd.GeoDataFrame, standing: pd.Series | None = None) -> str:
    """Rows as aligned text for a terminal.

    Parameters
    ----------
    features
        The rows.
    standing
        What each row is on a day (:func:`atlas.core.period.standings`), default its status.
    """
    lines: list[tuple[str, ...]] = [
        ("id", "plan", "part", "zh", "en", "status", "from", "to", "sourced")
    ]
    words = features["status"] if standing is None else standing[features.index]
    told = [
        status if word == status else f"{status}, {word}"
        for status, word in zip(features["status"], words, strict=True)
    ]
    rows = zip(features.itertuples(), told, strict=True)
    lines += [_table_line(row, word) for row, word in rows]
    return align(lines)


def render(
    read: Layer | RasterLayer | Register, form: str, *, judged: dt.date, day: dt.date | None = None,
    feature: str | None = None,
) -> bytes:  # fmt: skip
    """A layer as ``table`` for a terminal, as ``csv`` or as ``geojson``.

    Parameters
    ----------
    read
        A layer of features; a raster: its classes, or the figures of its quantity; a register:
        its items.
    form
        One of the three.
    judged
        Day on which the table says what is in force, superseded or not yet.
    day, feature
        Only rows in force on a day, or of one feature.

    Raises
    ------
    FeatureNotFound
        If the edition has no such feature.
    WrongKind
        If GeoJSON, a day or a feature is asked of a raster or a register.
    """
    if not isinstance(read, Layer):
        if form == "geojson" or day or feature:
            held = "cells" if isinstance(read, RasterLayer) else "statements"
            problem = f"its {held} are no features: no GeoJSON, no --as-of, no --id; table or csv"
            raise WrongKind(layer=read.info.id, kind=read.info.kind, problem=problem)
        lines = to_lines(read) if isinstance(read, RasterLayer) else register.to_lines(read)
        return csv_bytes(lines) if form == "csv" else (align(lines) + "\n").encode("utf-8")
    rows = select(read, day=day, feature=feature)
    if form == "geojson":
        return to_geojson(read, rows)
    if form == "csv":
        return to_csv(read, rows)
    return (to_table(rows, standings(read.features, judged)) + "\n").encode("utf-8")


def align(lines: list[tuple[str, ...]]) -> str:
    """Lines of cells as columns for a terminal; the first line is the head."""
    widths = [max(width_of(str(line[place])) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            str(cell) + " " * (width - width_of(str(cell)))
            for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def _table_line(row: Any, standing: str) -> tuple[str, ...]:
    return (
        row.id, row.plan_version, row.part, row.name_zh, row.name_en, standing,
        _when(row.valid_from, row.valid_from_precision),
        _when(row.valid_to, row.valid_to_precision),
        "yes" if row.sourced and not row.unsourced else "not all" if row.sourced else "no",
    )  # fmt: skip


def _when(day: object, precision: object) -> str:
    if isinstance(day, str) and isinstance(precision, str):
        return published_text(day, precision)
    return "-"
