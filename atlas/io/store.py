"""The store of one layer: immutable editions and the append-only log of events.

``layers/<id>/editions.jsonl`` holds one event a line; each line carries the sha256 of the
line before it, so that nothing published can change unseen. The appended line is the
commit point: a file that no line lists, a temporary file, or a torn last line are leftovers
of a killed publisher. They are named, are no failure, and are removed by the next publish.
A last line that lacks nothing but its line break is committed; the next line brings it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from atlas.core.layer import Edition, Event, list_editions
from atlas.core.period import parse_day
from atlas.errors import (
    DayError,
    FileDamaged,
    PublishRefused,
    StoreBusy,
    StoreDamaged,
    WriteFailed,
)
from atlas.io import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = "editions.jsonl"
LOCK = ".lock"
ROWS = ".geojson"
CELLS = ".tif"
RECORDS = ".json"
ENDINGS = (ROWS, CELLS, RECORDS)
"""An edition is a file of rows (GeoJSON), of a raster's cells (GeoTIFF), or of items (JSON)."""


@dataclass(frozen=True)
class Log:
    """The events of a layer, and the torn line that a killed publisher left behind.

    ``unended``: the last line is whole but its line break is missing.
    """

    events: list[Event]
    torn: str | None = None
    length: int = 0
    unended: bool = False

    @property
    def head(self) -> str | None:
        """sha256 of the last line: it stands for the whole history."""
        return self.events[-1].line_sha256 if self.events else None


def edition_path(layer_folder: Path, edition: int) -> Path:
    """Where the content of an edition lies (a missing edition: where rows would lie)."""
    paths = [layer_folder / f"{edition}{ending}" for ending in ENDINGS]
    return next((path for path in paths if path.is_file()), paths[0])


def holds_record(folder: Path) -> bool:
    """Whether a folder has a log, or files named as editions."""
    editions = (path for ending in ENDINGS for path in folder.glob(f"[0-9]*{ending}"))
    return (folder / LOG).exists() or any(path.stem.isdigit() for path in editions)


def read_log(layer_folder: Path) -> Log:
    """Read and prove the chain of events of a layer.

    Raises
    ------
    StoreDamaged
        If a complete line is unreadable or does not continue the line before it, or if two
        files claim to be one edition.
    """
    path = layer_folder / LOG
    content = files.read_bytes(path) if path.exists() else b""
    *complete, rest = content.split(b"\n")
    events: list[Event] = []
    for number, line in enumerate(complete, start=1):
        event = _read_event(path, number, line)
        _check_event(path, number, event, events)
        events.append(event)
    last = _unended_event(layer_folder, rest, events) if rest else None
    if last:
        events.append(last)
    _refuse_twins(layer_folder, events)
    return Log(
        events=events,
        torn=rest.decode("utf-8", "replace") if rest and not last else None,
        length=len(content) - (0 if last else len(rest)),
        unended=last is not None,
    )


def _unended_event(layer_folder: Path, line: bytes, before: list[Event]) -> Event | None:
    """Event of a line without its line break, if it lacks nothing else; None if it is torn."""
    path, number = layer_folder / LOG, len(before) + 1
    try:
        event = _read_event(path, number, line)
        _check_event(path, number, event, before)
        if event.event == "publish":
            content = files.read_bytes(edition_path(layer_folder, event.edition))
            return event if files.sha256_of(content) == event.sha256 else None
    except (StoreDamaged, FileDamaged):
        return None
    return event


def _read_event(path: Path, number: int, line: bytes) -> Event:
    try:
        table = json.loads(line, object_pairs_hook=_unique)
        return Event(
            event=table["event"],
            edition=int(table["edition"]),
            date=parse_day(table["date"]),
            note=str(table["note"]),
            sha256=str(table["sha256"]),
            features=int(table["features"]),
            previous=table["previous"],
            line_sha256=files.sha256_of(line),
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, DayError) as error:
        problem = f"not an event ({str(error)[:80]}); restore the file from version control"
        raise StoreDamaged(file=path, line=number, problem=problem) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    repeated = files.repeated_key(pairs)
    if repeated is not None:
        raise ValueError(f"the key '{repeated}' stands twice")
    return dict(pairs)


def _check_event(path: Path, number: int, event: Event, before: list[Event]) -> None:
    def damaged(problem: str) -> StoreDamaged:
        return StoreDamaged(file=path, line=number, problem=problem)

    expected = before[-1].line_sha256 if before else None
    if event.previous != expected:
        raise damaged("does not continue the line before it: the history was changed")
    if before and event.date < before[-1].date:
        raise damaged(f"its date {event.date} lies before the line above")
    published = {entry.edition: entry for entry in before if entry.event == "publish"}
    if event.event == "publish":
        if event.edition != len(published) + 1:
            raise damaged(f"edition {event.edition} where {len(published) + 1} was expected")
    elif event.event != "withdraw":
        raise damaged(f"unknown event '{event.event}'")
    elif event.edition not in published:
        raise damaged(f"withdraws edition {event.edition}, which was never published")


def _refuse_twins(layer_folder: Path, events: list[Event]) -> None:
    """No publisher leaves two files for a listed edition; which one counts is not ours to guess."""
    for line, event in enumerate(events, start=1):
        names = [f"{event.edition}{ending}" for ending in ENDINGS]
        present = [name for name in names if (layer_folder / name).is_file()]
        if len(present) > 1:
            problem = f"both {' and '.join(present)} lie beside it; remove the one not published"
            raise StoreDamaged(file=layer_folder / LOG, line=line, problem=problem)


def list_leftovers(layer_folder: Path, events: list[Event]) -> list[Path]:
    """Files that a killed publisher left: half-written ones, and editions that no line lists."""
    listed = {edition_path(layer_folder, event.edition).name for event in events}
    present = [path for ending in ENDINGS for path in layer_folder.glob(f"*{ending}")]
    unlisted = [path for path in present if path.name not in listed]
    return [*files.temporary_files(layer_folder), *sorted(unlisted)]


@contextmanager
def locked(layer_folder: Path) -> Iterator[None]:
    """Hold a layer against other publishers.

    Raises
    ------
    StoreBusy
        At once, if another process holds it.
    WriteFailed
        If the folder cannot be written.
    """
    lock = FileLock(layer_folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise StoreBusy(layer=layer_folder.name) from None
    except OSError as error:
        problem = error.strerror or str(error)
        raise WriteFailed(file=layer_folder / LOCK, problem=problem) from error
    try:
        yield
    finally:
        lock.release()


def publish(
    layer_folder: Path, content: bytes, *, features: int, note: str, published: dt.date,
    ending: str = ROWS,
) -> Edition:  # fmt: skip
    """Write the next edition of a layer; the caller holds :func:`locked`.

    Parameters
    ----------
    layer_folder
        ``layers/<id>``; must hold its ``layer.toml``.
    content
        Canonical bytes, already valid.
    features
        Number of rows or items in them; 1 for a raster.
    note
        Why this edition exists, in one or two sentences.
    published
        Day of record; not before the newest event.
    ending
        One of :data:`ENDINGS`.

    Raises
    ------
    PublishRefused
        If the day lies before the newest event, or nothing differs from the newest edition.
    WriteFailed
        If the disk refuses; the store is as it was.
    """
    log = read_log(layer_folder)
    editions = list_editions(layer_folder.name, log.events)
    _refuse_past(layer_folder, log, published)
    sha256 = files.sha256_of(content)
    newest = next((entry for entry in reversed(editions) if entry.withdrawn is None), None)
    if newest and newest.sha256 == sha256:
        problem = f"nothing differs from edition {newest.edition}"
        raise PublishRefused(layer=layer_folder.name, problem=problem)
    _clean(layer_folder, log)
    number = len(editions) + 1
    files.write_atomically(layer_folder / f"{number}{ending}", content)
    _append(layer_folder, log, "publish", number, published, note, sha256, features)
    return Edition(layer_folder.name, number, published, sha256, features, note)


def withdraw(layer_folder: Path, edition: Edition, *, reason: str, day: dt.date) -> None:
    """Say that an edition no longer counts; its bytes stay readable. Caller holds the lock.

    Raises
    ------
    PublishRefused
        If it is withdrawn already, or the day lies before the newest event.
    """
    log = read_log(layer_folder)
    if edition.withdrawn is not None:
        problem = f"edition {edition.edition} was withdrawn on {edition.withdrawn.isoformat()}"
        raise PublishRefused(layer=layer_folder.name, problem=problem)
    _refuse_past(layer_folder, log, day)
    _clean(layer_folder, log)
    _append(
        layer_folder, log, "withdraw", edition.edition, day, reason, edition.sha256,
        edition.features,
    )  # fmt: skip


def _refuse_past(layer_folder: Path, log: Log, day: dt.date) -> None:
    if log.events and day < log.events[-1].date:
        problem = (
            f"{day.isoformat()} lies before the newest event of {log.events[-1].date.isoformat()}"
        )
        raise PublishRefused(layer=layer_folder.name, problem=problem)


def _append(
    layer_folder: Path, log: Log, event: str, edition: int, day: dt.date, note: str, sha256: str,
    features: int,
) -> None:  # fmt: skip
    table = {
        "event": event, "edition": edition, "date": day.isoformat(), "note": note,
        "sha256": sha256, "features": features, "previous": log.head,
    }  # fmt: skip
    line = json.dumps(table, ensure_ascii=False, separators=(",", ":"))
    missing_break = b"\n" if log.unended else b""
    files.append_line(layer_folder / LOG, missing_break + line.encode("utf-8"))


def _clean(layer_folder: Path, log: Log) -> None:
    """Remove what a killed publisher left: unlisted files and a torn last line.

    A publisher writes one edition at a time, so an unlisted edition after the next one
    means that the log itself lost lines: then nothing is removed.
    """
    number = 1 + sum(event.event == "publish" for event in log.events)
    beyond = edition_path(layer_folder, number + 1)
    leftovers = list_leftovers(layer_folder, log.events)
    if beyond in leftovers:
        problem = f"{beyond.name} exists but {LOG} ends before it: restore {LOG} first"
        raise PublishRefused(layer=layer_folder.name, problem=problem)
    try:
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        if log.torn is not None:
            os.truncate(layer_folder / LOG, log.length)
    except OSError as error:
        problem = error.strerror or str(error)
        raise WriteFailed(file=layer_folder / LOG, problem=problem) from error
