"""Publish, withdraw: the two events that a layer's history knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from atlas.analysis.change import Change, summarise_change
from atlas.core.layer import Edition, edition_numbered, list_editions
from atlas.core.text import MAX_TEXT, has_control_signs
from atlas.errors import PublishRefused
from atlas.io import catalogue, geojson, store
from atlas.io.files import read_bytes


@dataclass(frozen=True)
class Publication:
    """A checked file, what it would change, and the edition that it became (or None)."""

    change: Change
    edition: Edition | None


def publish(
    folder: Path, layer: str, file: Path, *, note: str, published: dt.date | None = None,
    today: dt.date, dry_run: bool = False,
) -> Publication:  # fmt: skip
    """Check a GeoJSON file, compare it with the newest edition, and publish it.

    Parameters
    ----------
    folder, layer
        Where the layers lie, and which one.
    file
        GeoJSON in EPSG:4326 with the layer's columns; any order, any spacing.
    note
        Why this edition exists.
    published
        Day of record; default today. Not before the newest event, not after today.
    today
        The current day.
    dry_run
        Only check and compare.

    Returns
    -------
    Publication
        The change and, unless ``dry_run``, the new edition.

    Raises
    ------
    SchemaError, FileDamaged
        If the file is not a valid edition.
    StoreBusy, PublishRefused, WriteFailed
        If the store cannot take it; nothing was changed.
    """
    info = catalogue.read_info(folder, layer)
    day = _event_day(layer, published or today, today)
    _check_note(layer, note)
    with store.locked(folder / layer):
        features = geojson.read_features(
            read_bytes(file), file, layer=layer, kind=info.kind, columns=info.columns
        )
        editions = list_editions(layer, store.read_log(folder / layer).events)
        standing = [edition for edition in editions if edition.withdrawn is None]
        before = catalogue.read_layer(folder, standing[-1]).features if standing else None
        change = summarise_change(before, features)
        if dry_run:
            return Publication(change, None)
        content = geojson.to_bytes(features, info.columns)
        edition = store.publish(
            folder / layer, content, features=len(features), note=note, published=day
        )
    return Publication(change, edition)


def withdraw(folder: Path, layer: str, number: int, *, reason: str, today: dt.date) -> Edition:
    """Withdraw an edition: it stays readable by its number but is no longer shown.

    Raises
    ------
    EditionNotFound, PublishRefused, StoreBusy
        If there is no such edition, it is withdrawn already, or the layer is busy.
    """
    catalogue.read_info(folder, layer)
    _check_note(layer, reason)
    with store.locked(folder / layer):
        editions = list_editions(layer, store.read_log(folder / layer).events)
        edition = edition_numbered(layer, editions, number)
        store.withdraw(folder / layer, edition, reason=reason, day=today)
    return edition


def _event_day(layer: str, day: dt.date, today: dt.date) -> dt.date:
    if day > today:
        raise PublishRefused(layer=layer, problem=f"{day.isoformat()} lies after today")
    return day


def _check_note(layer: str, note: str) -> None:
    if not note.strip() or len(note) > MAX_TEXT or has_control_signs(note):
        raise PublishRefused(layer=layer, problem="say why, in one or two sentences")
