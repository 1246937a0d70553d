"""Measure and print: peers, steps, file formats, scaling, and where the time goes."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import sys
import time
from dataclasses import replace

from atlas.app import cache
from atlas.operations.cross import cross
from atlas.operations.folder import PROJECT
from atlas.operations.links import rail_links
from atlas.operations.overlap import overlap, overlap_change
from atlas.operations.overlap_words import strongest, zone_name
from benchmarks.overlap import data, run, tables
from benchmarks.overlap.peers import PEERS, READ

SIZES = (200_000, 1_000_000)
SCALING = (50_000, 200_000, 1_000_000, 4_000_000)
PARTS = ("peers", "formats", "scaling", "where", "layers")
LIMIT_S = 1200.0
FOLDER = PROJECT / "layers"
REAL = ("innovation-corridors", "ecological-belts", "metropolitan-areas", "rail-lines",
        "rail-stations")  # fmt: skip
DAY, SINCE = dt.date(2026, 11, 25), dt.date(2015, 1, 1)


def main() -> None:
    """Read the command line and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overlap")
    parser.add_argument("--size", type=int, action="append", help="parcels; may be repeated")
    parser.add_argument("--peers", help=f"comma-separated, of: {', '.join(PEERS)}")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for one run")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--part", choices=PARTS, action="append", help="may be repeated")
    asked = parser.parse_args()
    names = asked.peers.split(",") if asked.peers else list(PEERS)
    unknown = set(names) - set(PEERS)
    if unknown:
        parser.error(f"no such peers: {', '.join(sorted(unknown))}")
    parts = asked.part or (["peers"] if asked.peers else PARTS)
    report(asked.size or SIZES, names, parts, asked.runs, asked.limit, asked.threads)


def report(
    sizes: tuple[int, ...] = SIZES, names: tuple[str, ...] = tuple(PEERS),
    parts: tuple[str, ...] = PARTS, runs: int = 3, limit: float = LIMIT_S, threads: int = 2,
) -> None:  # fmt: skip
    """Measure the wanted parts and print them."""
    print("overlap of 41 cities with land-use parcels, from file to table by city and class")
    print(tables.machine(threads))
    if "peers" in parts:
        for size in sizes:
            report_peers(size, names, runs, limit, threads)
    if "formats" in parts:
        report_formats(max(sizes), runs, limit, threads)
    if "scaling" in parts:
        report_scaling(runs, limit, threads)
    if "layers" in parts:
        report_layers()
    if "where" in parts:
        for size in sizes:
            report_where(size, limit, threads)


def report_peers(size: int, names: tuple[str, ...], runs: int, limit: float, threads: int) -> None:
    """The comparison of one size."""
    outcomes = run.compare(size, names, runs, limit, threads)
    print(f"\n{size:,} parcels; in brackets: a scan with areas alone, measured beside the task\n")
    print(tables.text(tables.comparison(outcomes)))
    rows = tables.steps(outcomes)
    if rows:
        print("\nsteps, s\n" + tables.text(rows))
    print("\n".join(["", *tables.verdict(outcomes)]), flush=True)


def report_formats(size: int, runs: int, limit: float, threads: int) -> None:
    """The atlas on the same parcels in other formats."""
    rows = []
    for kind, title in data.FORMATS.items():
        outcome = run.repeat(replace(PEERS["ours"], kind=kind), size, runs, limit, threads)
        row = tables.comparison([outcome])[0]
        shown = ("total s", "cpu s", "peak MiB", "km2", "not measured")
        rows.append({"file": title} | {name: row[name] for name in shown if name in row})
    print(f"\nthe atlas, {size:,} parcels, by format\n\n{tables.text(rows)}", flush=True)


def report_scaling(runs: int, limit: float, threads: int) -> None:
    """The atlas by size, and what reading the same file whole adds to memory."""
    outcomes, reads = [], {}
    for size in SCALING:
        outcomes.append(run.repeat(PEERS["ours"], size, runs, limit, threads))
        reads[size] = run.repeat(READ, size, 1, limit, threads)
    rows = tables.scaling(outcomes, reads)
    print(f"\nthe atlas by number of parcels\n\n{tables.text(rows)}", flush=True)


def report_where(size: int, limit: float, threads: int) -> None:
    """Shares of the time of all threads that work."""
    outcome = run.Outcome(PEERS["ours"], size, [])
    run.add_run(outcome, limit, threads, "--where")
    if not outcome.runs:
        print(outcome.problem, file=sys.stderr)
        return
    found = list(outcome.runs[0]["where"].items())[:15]
    rows = [{"function": name, "percent": f"{share:.1f}"} for name, share in found]
    print(f"\nwhere the atlas's time goes, {size:,} parcels\n\n{tables.text(rows)}", flush=True)


def report_layers() -> None:
    """The real layers by city, as the page asks for them: cold, kept, and between two days."""
    rows = []
    for layer in REAL:
        begin = time.perf_counter()
        overlap(FOLDER, layer, day=DAY, known_by=DAY, threads=2)
        cold = time.perf_counter() - begin
        begin = time.perf_counter()
        overlap_change(FOLDER, layer, old=SINCE, new=DAY, known_by=DAY)
        change = time.perf_counter() - begin
        rows.append({"layer": layer, "cold s": f"{cold:.2f}", "change s": f"{change:.2f}"})
    begin = time.perf_counter()
    cross(FOLDER, *REAL[:2], day=DAY, known_by=DAY)
    crossed = time.perf_counter() - begin
    print(f"\nthe layers of the atlas by 41 cities\n\n{tables.text(rows)}")
    print(f"\n{REAL[0]} on {REAL[1]}: {crossed:.2f} s; kept by the page: {_kept_ms():.1f} ms")
    print("\n" + tables.text(_strongest()))


def _strongest() -> list[dict[str, str]]:
    """The five pairs of cities that share most corridors, and the five that share least."""
    found = overlap(FOLDER, REAL[0], day=DAY, known_by=DAY)
    links = rail_links(FOLDER, found.zone_plane, day=DAY, known_by=DAY)
    order, pairs = strongest(found, links.lines), found.pairs()
    rows = [pairs.iloc[int(place)] for place in [*order[:5], *order[-5:]]]
    return [
        {"one": zone_name(found, row.zone, "en"), "other": zone_name(found, row.other, "en"),
         "shared": str(len(row.shared)), "Jaccard": f"{row.jaccard:.2f}"}
        for row in rows
    ]  # fmt: skip


def _kept_ms() -> float:
    """Milliseconds of a second call of what the page keeps."""
    logging.disable(logging.WARNING)  # Streamlit's, outside of its own server
    zones = cache.read_zones(FOLDER, cache.stamp(), "cities", DAY, DAY)
    asked = (FOLDER, cache.stamp(), REAL[1], zones, "benchmark", DAY, DAY)
    cache.measure(*asked)
    begin = time.perf_counter()
    cache.measure(*asked)
    return 1000 * (time.perf_counter() - begin)
