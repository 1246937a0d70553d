"""Publish, withdraw: the two events that a layer's history knows."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atlas.analysis.cells import CellChange, compare_cells
from atlas.analysis.items import ItemChange, compare_items
from atlas.core.layer import REGISTER, Edition, Layer, LayerInfo, edition_numbered, list_editions
from atlas.core.raster import Raster
from atlas.core.schema import row_key
from atlas.core.text import MAX_TEXT, has_control_signs
from atlas.errors import PublishRefused
from atlas.io import catalogue, geojson, raster, store
from atlas.io import register as sheets
from atlas.io.files import read_input, sha256_of
from atlas.operations import register
from atlas.operations.change_output import to_values
from atlas.operations.change_words import tell
from atlas.operations.compare import Comparison, compare_editions, read_units

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from atlas.core.register import Rows

    Change = Comparison | CellChange | ItemChange
    Show = Callable[[Change], None]

KEYS_SHOWN = 5
WORDS_SHOWN = 20
"""Paragraphs of a change that a terminal shows; `atlas diff` tells them all."""


@dataclass(frozen=True)
class Publication:
    """A checked file, what it would change, and the edition that it became (or None)."""

    change: Change
    edition: Edition | None


@dataclass(frozen=True)
class Candidate:
    """Checked rows, cells or items of an edition to be, and their bytes.

    ``base``: the edition that a register's items start from.
    """

    content: bytes
    features: int
    checked: gpd.GeoDataFrame | Raster | Rows
    ending: str
    base: int = 0


def publish(
    folder: Path, layer: str, file: Path, *, note: str, published: dt.date | None = None,
    today: dt.date, dry_run: bool = False, show: Show | None = None,
) -> Publication:  # fmt: skip
    """Check a file, compare it with the newest edition, and publish it.

    Parameters
    ----------
    folder, layer
        Where the layers lie, and which one.
    file
        GeoJSON in EPSG:4326 with the layer's columns, in any order and spacing; of a raster
        layer a Cloud-Optimised GeoTIFF in EPSG:4326, whose bytes are published as they are; of
        a register TOML or JSON, whole or changes only. ``-`` is standard input.
    note
        Why this edition exists.
    published
        Day of record; default today. Not before the newest event, not after today.
    today
        The current day.
    dry_run
        Only check and compare: needs no lock, and writes nothing.
    show
        Called with the change before anything is written; if it raises, nothing is.

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
    candidate = _read(folder, info, file)
    if dry_run:
        return Publication(_change(folder, info, candidate, note=note, day=day, show=show), None)
    with store.locked(folder / layer):
        change = _change(folder, info, candidate, note=note, day=day, show=show)
        edition = store.publish(
            folder / layer, candidate.content, features=candidate.features, note=note,
            published=day, ending=candidate.ending,
        )  # fmt: skip
    return Publication(change, edition)


def _read(folder: Path, info: LayerInfo, file: Path) -> Candidate:
    content = read_input(file)
    if info.kind == REGISTER:
        items, base = register.read_candidate(folder, info, content, file)
        count = sheets.count(items)
        return Candidate(sheets.to_bytes(items), count, items, store.RECORDS, base)
    if info.raster is not None:
        cells = raster.read_raster(content, file, layer=info.id, scheme=info.raster)
        return Candidate(content, 1, cells, store.CELLS)
    features = geojson.read_features(
        content, file, layer=info.id, kind=info.kind, columns=info.columns
    )
    return Candidate(geojson.to_bytes(features, info.columns), len(features), features, store.ROWS)


def _change(
    folder: Path, info: LayerInfo, candidate: Candidate, *, note: str, day: dt.date,
    show: Show | None,
) -> Change:  # fmt: skip
    """What a candidate changes in the newest edition that was not withdrawn."""
    editions = list_editions(info.id, store.read_log(folder / info.id).events)
    newest = next((entry for entry in reversed(editions) if entry.withdrawn is None), None)
    change: Change
    if isinstance(candidate.checked, dict):
        change = _change_of_items(folder, info, candidate.checked, candidate.base)
    elif isinstance(candidate.checked, Raster):
        cells = catalogue.read_raster_layer(folder, newest).raster if newest else None
        change = compare_cells(cells, candidate.checked)
    else:
        number = editions[-1].edition if editions else 0
        content, rows = candidate.content, candidate.checked
        coming = Edition(info.id, number + 1, day, sha256_of(content), len(rows), note)
        before = _newest_rows(folder, info, newest, rows)
        units = read_units(folder, known_by=day)
        change = compare_editions(
            before, Layer(info, coming, rows), known_by=day, units=units
        )  # fmt: skip
    if show:
        show(change)
    return change


def _change_of_items(folder: Path, info: LayerInfo, items: Rows, base: int) -> ItemChange:
    """What a register's candidate changes; refused if another edition came in between."""
    old, number = register.newest_rows(folder, info.id)
    if number != base:
        problem = f"edition {number} was published meanwhile: look at it, then publish again"
        raise PublishRefused(layer=info.id, problem=problem)
    return compare_items(old, items)


def _newest_rows(
    folder: Path, info: LayerInfo, newest: Edition | None, rows: gpd.GeoDataFrame
) -> Layer:
    """The newest edition; before the first one, an edition 0 without rows."""
    if newest:
        return catalogue.read_layer(folder, newest)
    nothing = Edition(info.id, 0, dt.date.min, "", 0, "")
    return Layer(info, nothing, rows.iloc[:0])


def change_values(change: Change) -> dict[str, Any]:
    """What an edition changes, as plain values."""
    return to_values(change) if isinstance(change, Comparison) else asdict(change)


def change_lines(change: Change, lang: str) -> list[str]:
    """What an edition changes, in lines for a terminal: keys by kind, then words."""
    if isinstance(change, ItemChange):
        by_kind = {
            "inserted": change.inserted,
            "changed": change.changed,
            "removed": change.removed,
        }
        lines = [f"{kind:<9} {item}" for kind, items in by_kind.items() for item in items]
        return [*lines, f"kept      {change.kept:>5} items"]
    if isinstance(change, CellChange):
        return [f"{name:<9} {cells:>5}  cells" for name, cells in asdict(change).items()]
    keys: dict[str, list[str]] = {}
    for entry in change.diff.changes:
        rows, places = (change.diff.new, entry.new) if entry.new else (change.diff.old, entry.old)
        keys.setdefault(entry.kind, []).extend(row_key(rows.iloc[place]) for place in places)
    lines = []
    for kind, held in keys.items():
        more = f" … and {len(held) - KEYS_SHOWN} more" if len(held) > KEYS_SHOWN else ""
        lines.append(f"{kind:<9} {len(held):>5}  {', '.join(held[:KEYS_SHOWN])}{more}")
    lines.append(f"kept      {change.diff.kept:>5}")
    if change.old.edition.edition == 0:
        return lines
    telling = tell(change, lang)
    told = [f"• {text}" for _, text in telling.paragraphs]
    left = len(told) - WORDS_SHOWN
    return [*lines, telling.summary, *told[:WORDS_SHOWN], *([f"… +{left}"] if left > 0 else [])]


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
