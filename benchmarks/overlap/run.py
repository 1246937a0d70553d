"""Run engines alone and one after another, each in a process of its own, with a time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from atlas.operations.folder import PROJECT
from benchmarks.overlap import data
from benchmarks.overlap.peers import PEERS, Peer

SLOW_S = 120.0
"""A run that takes longer is not repeated."""

RAW = PROJECT / "build" / "bench" / "overlap-runs.jsonl"
"""Every run that was finished, one a line, as soon as it is: a long report may be ended."""

Sums = dict[tuple[str, str], float]


@dataclass
class Outcome:
    """All runs of one peer on one file, or why there is none."""

    peer: Peer
    size: int
    runs: list[dict[str, object]]
    problem: str = ""

    def median(self, name: str) -> float:
        return statistics.median(float(run[name]) for run in self.runs)

    def step(self, name: str, within: str = "steps") -> float | None:
        """Median of one step, if the engine tells it."""
        if not all(name in run[within] for run in self.runs):
            return None
        return statistics.median(run[within][name] for run in self.runs)

    def sums(self) -> Sums:
        """km² by zone and class, of the last run, without those that are nothing."""
        rows = self.runs[-1]["rows"]
        return {(str(zone), str(use)): float(km2) for zone, use, km2 in rows if km2 > 0}


def compare(
    size: int, names: Iterable[str], runs: int, limit: float, threads: int
) -> list[Outcome]:
    """Every named peer on the same parcels; in turns, so that a noisy minute hits all."""
    outcomes = [Outcome(PEERS[name], size, []) for name in names]
    for turn in range(runs):
        for outcome in outcomes:
            slow = turn > 0 and not outcome.problem and outcome.runs[0]["seconds"] > SLOW_S
            if not outcome.problem and not slow:
                add_run(outcome, limit, threads)
    return outcomes


def repeat(peer: Peer, size: int, runs: int, limit: float, threads: int) -> Outcome:
    """One engine, so many times."""
    outcome = Outcome(peer, size, [])
    for _ in range(runs):
        if not outcome.problem:
            add_run(outcome, limit, threads)
    return outcome


def add_run(outcome: Outcome, limit: float, threads: int, *words: str) -> None:
    """Run once more, or note why that cannot be."""
    peer = outcome.peer
    zones, parts = data.zones_file(peer.kind), data.parts_file(outcome.size, peer.kind)
    for path in (zones, parts):
        warm(path)
    command = [sys.executable, "-m", "benchmarks.overlap.child", peer.engine, peer.variant,
               str(zones), str(parts), str(threads), *words]  # fmt: skip
    print(f"  … {peer.title}, {outcome.size:,}", file=sys.stderr, end="", flush=True)
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        end(process)
        outcome.problem = f"more than {limit:,.0f} s: ended"
    else:
        _take(outcome, process.returncode, out, err)
    said = outcome.problem or f"{outcome.runs[-1]['seconds']:.2f} s"
    print(f": {said}", file=sys.stderr, flush=True)


def _take(outcome: Outcome, code: int, out: str, err: str) -> None:
    """Add what the child told, or note why it told nothing."""
    if code:
        outcome.problem = f"failed: {err.strip().splitlines()[-1] if err.strip() else '?'}"
        return
    told = json.loads(out.splitlines()[-1])
    if "missing" in told:
        outcome.problem = f"not installed ({told['missing']}): {outcome.peer.install}"
        return
    outcome.runs.append(told)
    with RAW.open("a", encoding="utf-8") as file:
        line = {"peer": outcome.peer.title, "file": outcome.peer.kind, "size": outcome.size} | told
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def end(process: subprocess.Popen[str]) -> None:
    """Ask it to stop what it started, then end its whole session."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=30)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def warm(path: Path) -> None:
    """Read a file once, so that every engine finds it in the system's cache."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def largest_difference(found: Sums, wanted: Sums, *, by_zone: bool) -> float:
    """The largest relative difference of a sum; 1 where one side has no such sum."""
    if by_zone:
        found, wanted = _by_zone(found), _by_zone(wanted)
    pairs = [(found.get(key, 0.0), wanted.get(key, 0.0)) for key in found.keys() | wanted.keys()]
    return max(abs(one - other) / max(one, other) for one, other in pairs)


def _by_zone(sums: Sums) -> Sums:
    whole: Sums = {}
    for (zone, _), km2 in sums.items():
        whole[zone, ""] = whole.get((zone, ""), 0.0) + km2
    return whole
