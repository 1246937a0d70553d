"""Check the layers: every rule of every edition, all problems at once; and prove the record."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.core.layer import Edition, Event, LayerInfo, list_editions
from atlas.errors import AtlasError, HashMismatch, LayerNotFound, Problem, SchemaError
from atlas.io import catalogue, geojson, raster, store

if TYPE_CHECKING:
    from pathlib import Path


HEAD_DIGITS = 12
"""A shorter head could be met by chance."""


@dataclass(frozen=True)
class Check:
    """Problems found, and leftovers of killed publishers, which are no problem."""

    problems: list[Problem]
    leftovers: list[str]


@dataclass(frozen=True)
class Audit:
    """What the record proves: the head of each layer, of the store, and where a head was met."""

    heads: dict[str, str]
    store_head: str
    editions: int
    met: str | None
    problems: list[Problem]


def check(folder: Path, layers: list[str] | None = None) -> Check:
    """Check layers in the store: schema, geometry, dates, hashes, canonical bytes.

    Parameters
    ----------
    folder
        Where the layers lie.
    layers
        Ids to check; default all.

    Returns
    -------
    Check
        Every problem of every edition.

    Raises
    ------
    LayerNotFound
        If a named layer does not exist, or there is none at all.
    """
    ids = layers or catalogue.list_layer_ids(folder)
    if not ids:
        raise LayerNotFound(layer="*", folder=folder, known="none")
    problems: list[Problem] = []
    leftovers: list[str] = []
    for layer in ids:
        if layers:
            catalogue.read_info(folder, layer)
        found, left = _check_layer(folder, layer)
        problems += found
        leftovers += left
    return Check(problems, leftovers)


def _check_layer(folder: Path, layer: str) -> tuple[list[Problem], list[str]]:
    try:
        info = catalogue.read_info(folder, layer)
        log = store.read_log(folder / layer)
    except AtlasError as error:
        return [Problem(layer, None, None, "layer", str(error))], []
    leftovers = [f"{layer}/{path.name}" for path in log.leftovers]
    if log.torn is not None:
        leftovers.append(f"{layer}/{store.LOG}: a torn last line")
    editions = list_editions(layer, log.events)
    if not editions:
        return [Problem(layer, None, None, "layer", "nothing is published yet")], leftovers
    problems = [problem for edition in editions for problem in check_edition(folder, info, edition)]
    return problems, leftovers


def check_edition(folder: Path, info: LayerInfo, edition: Edition) -> list[Problem]:
    """Problems of one edition: its hash; for the newest also its rows or cells, and its form.

    ``layer.toml`` describes the newest edition; older ones are verified by their hash.
    """
    number = edition.edition
    try:
        content = catalogue.read_edition_bytes(folder, edition)
        if number != catalogue.read_editions(folder, info.id)[-1].edition:
            return []
        file = store.edition_path(folder / info.id, number)
        if info.raster is not None:
            raster.read_raster(content, file, layer=info.id, scheme=info.raster, edition=number)
            return _check_count(edition, 1)
        features = geojson.read_features(
            content, file, layer=info.id, kind=info.kind, columns=info.columns, edition=number
        )
    except HashMismatch as error:
        return [Problem(info.id, number, None, "hash", str(error))]
    except SchemaError as error:
        return error.problems
    except AtlasError as error:
        return [Problem(info.id, number, None, "file", str(error))]
    problems = []
    if geojson.to_bytes(features, info.columns) != content:
        message = "not in canonical form (order, decimals, one feature a line)"
        problems.append(Problem(info.id, number, None, "canonical", message))
    return problems + _check_count(edition, len(features))


def _check_count(edition: Edition, features: int) -> list[Problem]:
    if features == edition.features:
        return []
    message = f"{features} rows where the record says {edition.features}"
    return [Problem(edition.layer, edition.edition, None, "rows", message)]


def audit(folder: Path, *, head: str | None = None) -> Audit:
    """Prove each layer's chain and files; compare with a head that was kept elsewhere.

    Parameters
    ----------
    folder
        Where the layers lie.
    head
        A head noted earlier: of the store (as it was at the end of any day, or is now) or
        of one layer. At least 12 hexadecimal digits.

    Returns
    -------
    Audit
        ``met`` says what the given head stands for, None if it stands for nothing known.

    Raises
    ------
    LayerNotFound
        If there is no layer at all.
    """
    ids = catalogue.list_layer_ids(folder)
    if not ids:
        raise LayerNotFound(layer="*", folder=folder, known="none")
    heads: dict[str, str] = {}
    events: dict[str, list[Event]] = {}
    problems: list[Problem] = []
    count = 0
    for layer in ids:
        try:
            log = store.read_log(folder / layer)
        except AtlasError as error:
            problems.append(Problem(layer, None, None, "chain", str(error)))
            continue
        events[layer] = log.events
        if log.head:
            heads[layer] = log.head
        for edition in list_editions(layer, log.events):
            count += 1
            problems += _check_hash(folder, edition)
    met = _find_head(events, head) if head is not None else None
    if head is not None and met is None:
        message = f"head {head[:12]} is in no history: something before it was changed or is gone"
        problems.append(Problem("*", None, None, "head", message))
    return Audit(heads, _store_head(heads), count, met, problems)


def _check_hash(folder: Path, edition: Edition) -> list[Problem]:
    try:
        catalogue.read_edition_bytes(folder, edition)
    except AtlasError as error:
        return [Problem(edition.layer, edition.edition, None, "hash", str(error))]
    return []


def _store_head(heads: dict[str, str]) -> str:
    text = "".join(f"{layer} {head}\n" for layer, head in sorted(heads.items()))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _find_head(events: dict[str, list[Event]], head: str) -> str | None:
    """Say what a head stands for: one layer's line, or the whole store at the end of a day."""
    wanted = head.lower()
    if len(wanted) < HEAD_DIGITS:
        return None
    for layer, log in events.items():
        for line, event in enumerate(log, start=1):
            if event.line_sha256.startswith(wanted):
                return f"{layer}, line {line} of {len(log)} ({event.date.isoformat()})"
    for day in sorted({event.date for log in events.values() for event in log}):
        if _store_head(_heads_on(events, day)).startswith(wanted):
            return f"the whole store at the end of {day.isoformat()}"
    return None


def _heads_on(events: dict[str, list[Event]], day: dt.date) -> dict[str, str]:
    by_then = {layer: [e for e in log if e.date <= day] for layer, log in events.items()}
    return {layer: log[-1].line_sha256 for layer, log in by_then.items() if log}
