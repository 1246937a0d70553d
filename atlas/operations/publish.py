"""Publish, withdraw: the two events that a layer's history knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.analysis.change import CellChange, Change, compare_cells, summarise_change
from atlas.core.layer import Edition, LayerInfo, edition_numbered, list_editions
from atlas.core.raster import Raster
from atlas.core.text import MAX_TEXT, has_control_signs
from atlas.errors import PublishRefused
from atlas.io import catalogue, geojson, raster, store
from atlas.io.files import read_input

if TYPE_CHECKING:
    import geopandas as gpd

KEYS_SHOWN = 5


@dataclass(frozen=True)
class Publication:
    """A checked file, what it would change, and the edition that it became (or None)."""

    change: Change | CellChange
    edition: Edition | None


@dataclass(frozen=True)
class Candidate:
    """Checked rows or cells of an edition to be, and their bytes."""

    content: bytes
    features: int
    checked: gpd.GeoDataFrame | Raster
    ending: str


def publish(
    folder: Path, layer: str, file: Path, *, note: str, published: dt.date | None = None,
    today: dt.date, dry_run: bool = False,
) -> Publication:  # fmt: skip
    """Check a file, compare it with the newest edition, and publish it.

    Parameters
    ----------
    folder, layer
        Where the layers lie, and which one.
    file
        GeoJSON in EPSG:4326 with the layer's columns, in any order and spacing; of a raster
        layer a Cloud-Optimised GeoTIFF in EPSG:4326, whose bytes are published as they are.
        ``-`` is standard input.
    note
        Why this edition exists.
    published
        Day of record; default today. Not before the newest event, not after today.
    today
        The current day.
    dry_run
        Only check and compare: needs no lock, and writes nothing.

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
    candidate = _read(info, file)
    if dry_run:
        return Publication(_change(folder, info, candidate), None)
    with store.locked(folder / layer):
        change = _change(folder, info, candidate)
        edition = store.publish(
            folder / layer, candidate.content, features=candidate.features, note=note,
            published=day, ending=candidate.ending,
        )  # fmt: skip
    return Publication(change, edition)


def _read(info: LayerInfo, file: Path) -> Candidate:
    content = read_input(file)
    if info.raster is not None:
        cells = raster.read_raster(content, file, layer=info.id, scheme=info.raster)
        return Candidate(content, 1, cells, store.CELLS)
    features = geojson.read_features(
        content, file, layer=info.id, kind=info.kind, columns=info.columns
    )
    return Candidate(geojson.to_bytes(features, info.columns), len(features), features, store.ROWS)


def _change(folder: Path, info: LayerInfo, candidate: Candidate) -> Change | CellChange:
    """What a candidate changes in the newest edition that was not withdrawn."""
    editions = list_editions(info.id, store.read_log(folder / info.id).events)
    newest = next((entry for entry in reversed(editions) if entry.withdrawn is None), None)
    if isinstance(candidate.checked, Raster):
        cells = catalogue.read_raster_layer(folder, newest).raster if newest else None
        return compare_cells(cells, candidate.checked)
    rows = catalogue.read_layer(folder, newest).features if newest else None
    return summarise_change(rows, candidate.checked)


def change_lines(change: Change | CellChange) -> list[str]:
    """What an edition changes, in lines for a terminal."""
    if isinstance(change, CellChange):
        return [f"{name:<9} {cells:>5}  cells" for name, cells in asdict(change).items()]
    lines = []
    for name in ("inserted", "removed", "reshaped", "reworded"):
        keys = getattr(change, name)
        if keys:
            more = f" … and {len(keys) - KEYS_SHOWN} more" if len(keys) > KEYS_SHOWN else ""
            lines.append(f"{name:<9} {len(keys):>5}  {', '.join(keys[:KEYS_SHOWN])}{more}")
    return [*lines, f"kept      {change.kept:>5}"]


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
