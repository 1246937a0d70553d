"""Kill publishers (SIGKILL) at random moments and prove that the store survives.

A forked process publishes into a layer over and over, so that its whole run lies in the
store. It is killed at a moment drawn from a seeded generator over several publishes. After
each kill: the log reads, it still begins with every line that was there, every edition
that the publisher had reported is listed, every listed edition has the bytes that its line
records, and the next publish works and leaves nothing behind.

What it does not prove: SIGKILL stops a process, not the disk. Bytes that the operating
system had taken are kept; a power cut is what the fsyncs are for.

    python -m benchmarks.store_kills --kills 300
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import random
import select
import shutil
import signal
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import shapely

from atlas.core.layer import list_editions
from atlas.io import catalogue, files, geojson, store
from atlas.operations.audit import audit
from atlas.operations.check import check

if TYPE_CHECKING:
    from collections.abc import Callable

LAYER = "kills"
MARK = b"edition-000000"
ROWS = 40
KILLS_PER_STORE = 10
PUBLISHES_SPANNED = 3
MEASURED = 15
DAY = dt.date(2024, 1, 1)
LAYER_TOML = """theme = "base"
kind = "polygon"
style = "belts"
licence = "CC0-1.0"
title = { zh = "试验", en = "Trial" }
description = { zh = "试验", en = "Trial" }
attribution = { zh = "试验", en = "Trial" }
source = { zh = "试验", en = "Trial" }
accuracy = { zh = "试验", en = "Trial" }
"""


@dataclass
class Summary:
    """What the kills met."""

    kills: int = 0
    publish_ms: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    editions: int = 0
    reported: int = 0


def template() -> bytes:
    """Canonical bytes of a valid edition, whose mark makes each edition another."""
    rows = [
        {
            "id": f"row-{place:03}", "plan_version": "1", "part": "whole", "name_zh": "试验",
            "name_en": MARK.decode(), "status": "in-force", "valid_from": "2018-01-01",
            "valid_from_precision": "day", "valid_to": None, "valid_to_precision": None,
            "sourced": True, "unsourced": [], "geometry_basis": "digitised", "accuracy_m": 1,
            "method_zh": "试验", "method_en": "trial", "notes_zh": None, "notes_en": "x" * 2000,
        }
        for place in range(ROWS)
    ]  # fmt: skip
    return geojson.to_bytes(geojson.to_frame((), rows, [shapely.box(119, 30, 120, 31)] * ROWS), ())


def new_store(folder: Path) -> Path:
    """A layer's folder without editions."""
    layer_folder = folder / LAYER
    layer_folder.mkdir(parents=True)
    (layer_folder / "layer.toml").write_text(LAYER_TOML, "utf-8")
    return layer_folder


def publish_one(layer_folder: Path, content: bytes) -> tuple[int, str]:
    """Publish the next edition as the operation does, without the checks of the rows."""
    with store.locked(layer_folder):
        number = len(list_editions(LAYER, store.read_log(layer_folder).events)) + 1
        marked = content.replace(MARK, f"edition-{number:06}".encode())
        edition = store.publish(layer_folder, marked, features=ROWS, note="trial", published=DAY)
    return edition.edition, edition.sha256


def fork(run: Callable[[int], None]) -> tuple[int, int]:
    """Start a process that runs something with a pipe to report into; its id and our end."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries are idle here
        process = os.fork()
    if process == 0:
        _run_child(run, reading, writing)
    os.close(writing)
    return process, reading


def _run_child(run: Callable[[int], None], reading: int, writing: int) -> NoReturn:
    code = 1
    try:
        os.close(reading)
        run(writing)
        code = 0
    finally:
        os._exit(code)


def read_all(reading: int) -> bytes:
    """Everything that a process reported, until it ended."""
    with os.fdopen(reading, "rb") as stream:
        return stream.read()


def publish_for_ever(layer_folder: Path, content: bytes, writing: int) -> None:
    """Publish and report each edition after it was published."""
    os.write(writing, b"ready\n")
    while True:
        number, sha256 = publish_one(layer_folder, content)
        os.write(writing, f"{number} {sha256}\n".encode())


def measure_publish(folder: Path, content: bytes) -> float:
    """Median seconds of one publish."""
    layer_folder = new_store(folder / "measured")
    times = []
    for _ in range(MEASURED):
        start = time.perf_counter()
        publish_one(layer_folder, content)
        times.append(time.perf_counter() - start)
    shutil.rmtree(folder / "measured")
    return statistics.median(times)


def kill_after(layer_folder: Path, content: bytes, delay_s: float) -> dict[int, str]:
    """Kill a publishing process after a delay; the editions that it had reported."""
    process, reading = fork(lambda writing: publish_for_ever(layer_folder, content, writing))
    select.select([reading], [], [])
    time.sleep(delay_s)
    os.kill(process, signal.SIGKILL)
    reported = read_all(reading)
    _, status = os.waitpid(process, 0)
    if not os.WIFSIGNALED(status):
        raise AssertionError("the publisher ended by itself")
    lines = [line.split() for line in reported.decode().splitlines()[1:]]
    return {int(number): sha256 for number, sha256 in lines}


def prove(layer_folder: Path, before: bytes, reported: dict[int, str]) -> str:
    """Prove that a store survived; say in which state the kill left it.

    Raises
    ------
    AssertionError, AtlasError
        If it did not.
    """
    path = layer_folder / store.LOG
    content = path.read_bytes() if path.exists() else b""
    if not content.startswith(before):
        raise AssertionError("lines that were there are gone")
    log = store.read_log(layer_folder)
    editions = list_editions(LAYER, log.events)
    listed = {edition.edition: edition.sha256 for edition in editions}
    lost = {number: sha256 for number, sha256 in reported.items() if listed.get(number) != sha256}
    if lost:
        raise AssertionError(f"published editions are lost: {lost}")
    for edition in editions:
        catalogue.read_edition_bytes(layer_folder.parent, edition)
    if log.torn is not None:
        return "a torn line"
    if list(files.temporary_files(layer_folder)):
        return "a temporary file"
    if store.list_leftovers(layer_folder, log.events):
        return "an edition that no line lists"
    if len(listed) > before.count(b"\n") + len(reported):
        return "an edition listed, not yet reported"
    return "nothing left over"


def prove_next(layer_folder: Path, content: bytes) -> bytes:
    """Prove that the next publish works and cleans up; the log after it."""
    number, _ = publish_one(layer_folder, content)
    log = store.read_log(layer_folder)
    leftovers = store.list_leftovers(layer_folder, log.events)
    if leftovers or log.torn is not None:
        raise AssertionError(f"leftovers stay: {leftovers or log.torn}")
    wanted = {f"{count}.geojson" for count in range(1, number + 1)}
    wanted |= {"layer.toml", store.LOG, store.LOCK}
    extra = {path.name for path in layer_folder.iterdir()} - wanted
    if extra:
        raise AssertionError(f"unknown files: {extra}")
    return (layer_folder / store.LOG).read_bytes()


def run_kills(folder: Path, *, kills: int, seed: int = 2019) -> Summary:
    """Kill publishers at random moments, in stores below a folder.

    Parameters
    ----------
    folder
        An empty folder.
    kills
        How many processes to kill.
    seed
        Of the random moments.

    Returns
    -------
    Summary
        The states that the kills met.

    Raises
    ------
    AssertionError, AtlasError
        As soon as a store is not valid and complete.
    """
    chance = random.Random(seed)
    content = template()
    publish_s = measure_publish(folder, content)
    summary = Summary(kills=kills, publish_ms=publish_s * 1000)
    for first in range(0, kills, KILLS_PER_STORE):
        layer_folder = new_store(folder / f"store-{first}")
        before = b""
        for _ in range(min(KILLS_PER_STORE, kills - first)):
            delay_s = chance.uniform(0, PUBLISHES_SPANNED * publish_s)
            reported = kill_after(layer_folder, content, delay_s)
            summary.states[prove(layer_folder, before, reported)] += 1
            summary.reported += len(reported)
            before = prove_next(layer_folder, content)
        summary.editions += prove_whole(layer_folder.parent)
        shutil.rmtree(layer_folder.parent)
    return summary


def prove_whole(folder: Path) -> int:
    """Prove a store by the atlas's own commands; the number of its editions.

    Raises
    ------
    AssertionError
        If `check` or `audit` names a problem or a leftover.
    """
    checked, audited = check(folder), audit(folder)
    wrong = [*checked.problems, *checked.leftovers, *audited.problems]
    if wrong:
        raise AssertionError("; ".join(map(str, wrong)))
    return audited.editions


def leave_leftovers(layer_folder: Path) -> None:
    """What killed publishers leave, all at once."""
    (layer_folder / ".tmp-killed").write_bytes(b"half")
    number = len(store.read_log(layer_folder).events) + 1
    (layer_folder / f"{number}.geojson").write_bytes(b"never listed")
    with (layer_folder / store.LOG).open("ab") as stream:
        stream.write(b'{"event":"publish","edi')


def kill_at_every_step(folder: Path, *, leftovers: bool) -> Counter[str]:
    """Kill publishers before each call to the operating system in turn.

    Parameters
    ----------
    folder
        An empty folder.
    leftovers
        Whether each publisher finds what another one left.

    Returns
    -------
    Counter
        The states that the kills met; their sum is the number of steps of a publish.
    """
    layer_folder, content = new_store(folder), template()
    states: Counter[str] = Counter()
    before = prove_next(layer_folder, content)
    while True:
        if leftovers:
            leave_leftovers(layer_folder)
        step = states.total() + 1
        process, reading = fork(lambda _: _publish_until(layer_folder, content, step))  # noqa: B023
        read_all(reading)
        _, status = os.waitpid(process, 0)
        if not os.WIFSIGNALED(status):
            if os.WEXITSTATUS(status):
                raise AssertionError("the publisher failed")
            return states
        states[prove(layer_folder, before, {})] += 1
        before = prove_next(layer_folder, content)
        prove_whole(folder)


def _publish_until(layer_folder: Path, content: bytes, step: int) -> None:
    """Publish, and end by SIGKILL right before a call to the operating system."""
    count = 0

    def count_call(event: str, _: object) -> None:
        nonlocal count
        if event.startswith(("open", "os.", "fcntl.", "tempfile.")):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sync = os.fsync

    def count_sync(handle: int) -> None:
        count_call("os.fsync", handle)
        sync(handle)

    os.fsync = count_sync
    sys.addaudithook(count_call)
    publish_one(layer_folder, content)


def main() -> None:
    """Run the kills and print what they met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2019)
    arguments = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="store-kills-") as name:
        folder = Path(name)
        summary = run_kills(folder / "random", kills=arguments.kills, seed=arguments.seed)
        steps = kill_at_every_step(folder / "steps", leftovers=False)
        more = kill_at_every_step(folder / "more", leftovers=True)
        kind = os.statvfs(folder)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"blocks of {kind.f_bsize} bytes")  # fmt: skip
    print(f"one publish: {summary.publish_ms:.2f} ms (median of {MEASURED}, {len(template()):,} "
          f"bytes); kills over {PUBLISHES_SPANNED} publishes, seed {arguments.seed}")  # fmt: skip
    print(f"{summary.kills} kills at random moments; {summary.reported} editions were reported "
          f"before a kill, {summary.editions} in all at the end, none lost")  # fmt: skip
    _print_states(summary.states)
    print(f"{steps.total()} kills, one before each call to the operating system")
    _print_states(steps)
    print(f"{more.total()} more, where another publisher had left all it can leave")
    _print_states(more)
    print(f"every store valid and complete; {time.perf_counter() - start:.1f} s")


def _print_states(states: Counter[str]) -> None:
    for state, count in states.most_common():
        print(f"  {count:>5}  {state}")


if __name__ == "__main__":
    main()
