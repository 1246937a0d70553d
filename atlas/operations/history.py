"""The history of a feature in both times: its plan versions, and what each edition did to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from atlas.analysis.diff import diff_rows
from atlas.core.layer import Edition
from atlas.core.period import standings
from atlas.core.schema import row_key
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.operations.row_words import named, version_words, when
from atlas.operations.show import read_layer, select
from atlas.operations.tell import standing_words


@dataclass(frozen=True)
class Entry:
    """What one edition did to a row: ``inserted``, ``removed``, or how it was changed."""

    edition: int
    published: dt.date
    kind: str


@dataclass(frozen=True)
class VersionHistory:
    """One row of a feature, as the newest edition that holds it has it, in both times.

    ``standing`` is what it is on the day asked for: its status, ``superseded`` or ``not-yet``;
    ``recorded`` is empty of removals unless it is no longer in the record.
    """

    key: str
    row: dict[str, Any]
    standing: str
    recorded: tuple[Entry, ...]


def history(
    folder: Path, layer: str, feature: str, *, day: dt.date, known_by: dt.date
) -> list[VersionHistory]:
    """Every plan version of a feature that any edition held, by start.

    Parameters
    ----------
    folder, layer, feature
        Where the layers lie, which layer, and whose history.
    day
        The day on which each version is judged.
    known_by
        Only editions published by this day, and not withdrawn by then.

    Raises
    ------
    LayerNotFound, EditionNotFound, FeatureNotFound, WrongKind
        If there is no such history.
    """
    newest = read_layer(folder, layer, known_by=known_by)
    entries: dict[str, list[Entry]] = {}
    rows: dict[str, dict[str, Any]] = {}
    standing: dict[str, str] = {}
    before: gpd.GeoDataFrame | None = None
    for edition in _counting(folder, layer, known_by):
        features = catalogue.read_layer(folder, edition).features
        held = features[features["id"] == feature]
        for key, kind in _changes(before, held):
            entries.setdefault(key, []).append(Entry(edition.edition, edition.published, kind))
        for (_, row), word in zip(
            held.iterrows(), standings(features, day)[held.index], strict=True
        ):
            rows[row_key(row)], standing[row_key(row)] = dict(row), word
        before = held
    if not rows:
        select(newest, day=None, feature=feature)
    told = [VersionHistory(key, rows[key], standing[key], tuple(entries[key])) for key in rows]
    return sorted(told, key=lambda entry: (_start(entry.row), entry.key))


def _counting(folder: Path, layer: str, known_by: dt.date) -> list[Edition]:
    return [
        edition
        for edition in catalogue.read_editions(folder, layer)
        if edition.published <= known_by
        and not (edition.withdrawn and edition.withdrawn <= known_by)
    ]


def _changes(old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Keys of rows that an edition changed, and how."""
    if old is None:
        return [(row_key(row), "inserted") for _, row in new.iterrows()]
    diff = diff_rows(old, new)
    found = []
    for change in diff.changes:
        before = [row_key(diff.old.iloc[place]) for place in change.old]
        after = [row_key(diff.new.iloc[place]) for place in change.new]
        found += [(key, change.kind if key in before else "inserted") for key in after]
        found += [(key, "removed") for key in before if key not in after]
    return found


def _start(row: dict[str, Any]) -> str:
    start = row["valid_from"]
    return "" if pd.isna(start) else str(start)


def to_values(told: list[VersionHistory]) -> list[dict[str, Any]]:
    """A history as plain values."""
    return [
        {
            "key": entry.key,
            "plan_version": entry.row["plan_version"],
            "part": entry.row["part"],
            "name": {lang: named(entry.row, lang) for lang in LANGUAGES},
            "status": entry.row["status"],
            "standing": entry.standing,
            "valid_from": when(entry.row, "valid_from", "en"),
            "valid_to": when(entry.row, "valid_to", "en"),
            "recorded": [
                {"edition": e.edition, "published": e.published.isoformat(), "kind": e.kind}
                for e in entry.recorded
            ],
        }
        for entry in told
    ]


def to_lines(told: list[VersionHistory], lang: str) -> list[str]:
    """A history for a terminal: a line a version, then what each edition did to it."""
    lines = []
    for entry in told:
        period = f"{when(entry.row, 'valid_from', lang)} – {when(entry.row, 'valid_to', lang)}"
        words = [named(entry.row, lang), version_words(entry.row, lang), period,
                 standing_words(entry.row["status"], entry.standing, lang)]  # fmt: skip
        lines.append(" · ".join(words))
        lines += [
            "    " + translate("change.recorded", lang, edition=e.edition,
                               day=e.published.isoformat(), kind=_recorded(e.kind, lang))
            for e in entry.recorded
        ]  # fmt: skip
    return lines


def _recorded(kind: str, lang: str) -> str:
    return translate(f"change.record.{kind}", lang)
