"""Prove the record: every chain, every edition's bytes, and heads that were kept elsewhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.core.layer import list_editions
from atlas.errors import AtlasError, FileDamaged, LayerNotFound, Problem
from atlas.io import catalogue, store
from atlas.io.files import read_bytes
from atlas.operations.check import leftovers_of, nameless_folders

if TYPE_CHECKING:
    from atlas.core.layer import Edition, Event

HEAD = re.compile(r"[0-9a-f]{12,64}")
"""A shorter head could be met by chance."""
UNKNOWN_HEAD = (
    "it is no head of a layer, nor of the store now or at the end of any day: compare the "
    "layers' heads or a saved `atlas audit --json`"
)


@dataclass(frozen=True)
class Audit:
    """What the record proves: the head of each layer, of the store, and where a head was met."""

    heads: dict[str, str]
    store_head: str
    editions: int
    met: str | None
    problems: list[Problem]
    leftovers: list[str]


def audit(folder: Path, *, head: str | None = None) -> Audit:
    """Prove each layer's chain and files; compare with a head that was kept elsewhere.

    Parameters
    ----------
    folder
        Where the layers lie.
    head
        What was kept: a layer's head, which is found for ever; the store's head, which stands
        for one moment (it is found if it is the one of now or of the end of a day); or the
        name of a file that holds a saved `atlas audit --json`, whose heads of layers are each
        found for ever. A head has at least 12 hexadecimal digits.

    Returns
    -------
    Audit
        ``met`` says what the given head stands for, None if not all of it is known.

    Raises
    ------
    LayerNotFound
        If there is no layer at all.
    FileDamaged
        If ``head`` names a file that is no saved audit.
    """
    ids = catalogue.list_layer_ids(folder)
    problems = nameless_folders(folder)
    if not ids and not problems:
        raise LayerNotFound(layer="*", folder=folder, known="none")
    events: dict[str, list[Event]] = {}
    leftovers: list[str] = []
    count = 0
    for layer in ids:
        try:
            log = store.read_log(folder / layer)
        except AtlasError as error:
            problems.append(Problem(layer, None, None, "chain", str(error)))
            continue
        events[layer] = log.events
        leftovers += leftovers_of(folder, layer, log)
        for edition in list_editions(layer, log.events):
            count += 1
            problems += _check_hash(folder, edition)
    met, unknown = _find_heads(events, head) if head is not None else (None, [])
    heads = _heads(events)
    return Audit(heads, store_head(heads), count, met, problems + unknown, leftovers)


def _check_hash(folder: Path, edition: Edition) -> list[Problem]:
    try:
        catalogue.read_edition_bytes(folder, edition)
    except AtlasError as error:
        return [Problem(edition.layer, edition.edition, None, "hash", str(error))]
    return []


def store_head(heads: dict[str, str]) -> str:
    """sha256 over the sorted lines "layer head": one figure for the whole store at a moment."""
    text = "".join(f"{layer} {head}\n" for layer, head in sorted(heads.items()))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _find_heads(events: dict[str, list[Event]], head: str) -> tuple[str | None, list[Problem]]:
    """What a head, or a file of heads, stands for; problems where it is not known."""
    wanted = head.lower()
    if not HEAD.fullmatch(wanted):
        if _is_file(head):
            return _find_saved(events, Path(head))
        met = None
    else:
        met = _find_head(events, wanted)
    unknown = Problem("*", None, None, "head", f"head '{head[:12]}': {UNKNOWN_HEAD}")
    return met, [] if met else [unknown]


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:
        return False


def _find_saved(events: dict[str, list[Event]], file: Path) -> tuple[str | None, list[Problem]]:
    heads = _read_saved(file)
    lost = [
        layer
        for layer, head in sorted(heads.items())
        if head not in {event.line_sha256 for event in events.get(layer, [])}
    ]
    message = "is in no line of its log: something before it was changed or is gone"
    problems = [
        Problem(layer[:60], None, None, "head", f"head {heads[layer][:12]} of {file} {message}")
        for layer in lost
    ]
    met = None if lost else f"each of the {len(heads)} layers' heads in {file}"
    return met, problems


def _read_saved(file: Path) -> dict[str, str]:
    """Heads of the layers in a saved `atlas audit --json`, proven to be what was written."""
    try:
        table = json.loads(read_bytes(file))
        heads = {str(layer): str(head) for layer, head in table["heads"].items()}
        whole = store_head(heads) == table["store_head"] and bool(heads)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FileDamaged(file=file, problem="not a saved `atlas audit --json`") from None
    if not whole:
        problem = "its heads are not those that its store_head stands for: it was changed"
        raise FileDamaged(file=file, problem=problem)
    return heads


def _find_head(events: dict[str, list[Event]], wanted: str) -> str | None:
    """Say what a head stands for: one layer's line, or the whole store now or after a day."""
    for layer, log in events.items():
        for line, event in enumerate(log, start=1):
            if event.line_sha256.startswith(wanted):
                return f"{layer}, line {line} of {len(log)} ({event.date.isoformat()})"
    if store_head(_heads(events)).startswith(wanted):
        return "the whole store as it is now"
    for day in sorted({event.date for log in events.values() for event in log}):
        if store_head(_heads(events, day)).startswith(wanted):
            return f"the whole store at the end of {day.isoformat()}"
    return None


def _heads(events: dict[str, list[Event]], day: dt.date = dt.date.max) -> dict[str, str]:
    by_then = {layer: [e for e in log if e.date <= day] for layer, log in events.items()}
    return {layer: log[-1].line_sha256 for layer, log in by_then.items() if log}
