"""Plain tables of the results."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np
import psutil
import pyproj
import shapely

from benchmarks.overlap.peers import AS_DOCUMENTED, PEERS, TUNED
from benchmarks.overlap.run import Outcome, largest_difference

Row = dict[str, str]


def machine(threads: int) -> str:
    """Processor, memory and the versions below the atlas."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(": ")[2]
            break
    return (
        f"machine: {model}, {os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} {platform.release()}"
        f"; Python {platform.python_version()}, NumPy {np.__version__}, GEOS "
        f"{shapely.geos_version_string}, PROJ {pyproj.proj_version_str}; {threads} threads; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def comparison(outcomes: list[Outcome]) -> list[Row]:
    """One row a peer, with its ratio to the atlas and the largest difference of a sum."""
    ours = next((one for one in outcomes if one.peer is PEERS["ours"] and one.runs), None)
    return [_row(outcome, ours) for outcome in outcomes]


def _row(outcome: Outcome, ours: Outcome | None) -> Row:
    if not outcome.runs:
        return {"engine": outcome.peer.title, "not measured": outcome.problem}
    seconds, read = outcome.median("seconds"), outcome.step("read")
    scan = outcome.step("scan alone", "aside")
    row = {
        "engine": outcome.peer.title,
        "version": str(outcome.runs[-1]["version"]),
        "runs": str(len(outcome.runs)),
        "read s": f"{read:.2f}" if read else f"({scan:.2f})" if scan else "",
        "compute s": f"{seconds - read:.2f}" if read else "",
        "total s": f"{seconds:.2f}",
        "fastest-slowest": "-".join(f"{pick(float(run['seconds']) for run in outcome.runs):.2f}"
                                    for pick in (min, max)),
        "cpu s": f"{outcome.median('cpu_s'):.2f}",
        "x ours": f"{seconds / ours.median('seconds'):.1f}" if ours else "",
        "cpu x ours": f"{outcome.median('cpu_s') / ours.median('cpu_s'):.1f}" if ours else "",
        "peak MiB": f"{outcome.median('peak_mib'):.0f}",
        "km2": f"{sum(outcome.sums().values()):.6f}",
    }  # fmt: skip
    if ours and outcome is not ours:
        by_zone = outcome.peer.coverage_only
        worst = largest_difference(outcome.sums(), ours.sums(), by_zone=by_zone)
        row["worst difference"] = f"{worst:.1e}{' (zones only)' if by_zone else ''}"
    return row


def steps(outcomes: list[Outcome]) -> list[Row]:
    """Steps of the engines that tell more than one."""
    return [
        {"engine": outcome.peer.title,
         **{name: f"{outcome.step(name):.2f}" for name in outcome.runs[-1]["steps"]}}
        for outcome in outcomes
        if outcome.runs and len(outcome.runs[-1]["steps"]) > 1
    ]  # fmt: skip


def verdict(outcomes: list[Outcome]) -> list[str]:
    """The ratios that issue 5 asks for."""
    done = {outcome.peer.title: outcome for outcome in outcomes if outcome.runs}
    ours = done.get(PEERS["ours"].title)
    if ours is None:
        return []
    lines = []
    for name, group in (("as its manual shows", AS_DOCUMENTED), ("tuned by us", TUNED)):
        times = {title: done[title].median("seconds")
                 for title in (PEERS[key].title for key in group) if title in done}  # fmt: skip
        if times:
            best = min(times, key=times.__getitem__)
            ratio = times[best] / ours.median("seconds")
            lines.append(f"fastest peer {name}: {best}, {ratio:.1f} x the atlas's time")
    overlay = done.get(PEERS["geopandas"].title)
    if overlay:
        ratio = overlay.median("seconds") / ours.median("seconds")
        lines.append(f"geopandas.overlay: {ratio:.1f} x the atlas's time")
    return lines


def scaling(outcomes: list[Outcome], reads: dict[int, Outcome]) -> list[Row]:
    """Time and memory of the atlas by size, with the exponent between neighbours."""
    rows, before = [], None
    for outcome in outcomes:
        if not outcome.runs:
            rows.append({"parcels": f"{outcome.size:,}", "s": outcome.problem})
            continue
        row = {
            "parcels": f"{outcome.size:,}",
            "s": f"{outcome.median('seconds'):.2f}",
            "cpu s": f"{outcome.median('cpu_s'):.2f}",
            "peak MiB": f"{outcome.median('peak_mib'):.0f}",
        }
        if before is not None:
            row["exponent"] = f"{_exponent(before, outcome, 'seconds'):.2f}"
        read = reads.get(outcome.size)
        if read is not None and read.runs:
            kept, peak = read.median("kept_mib"), read.median("peak_mib")
            row["read_parquet keeps MiB"] = f"{kept:.0f}"
            row["its peak MiB"] = f"{peak:.0f}"
            row["ours/kept"] = f"{outcome.median('peak_mib') / kept:.2f}"
        rows.append(row)
        before = outcome
    return rows


def _exponent(one: Outcome, other: Outcome, name: str) -> float:
    return float(np.log(other.median(name) / one.median(name)) / np.log(other.size / one.size))


def text(rows: list[Row]) -> str:
    """Columns side by side."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = [names, *([row.get(name, "") for name in names] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(map(str.ljust, line, widths)) for line in table)
    return "\n".join(line.rstrip() for line in lines)
