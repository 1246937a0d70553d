"""One engine, once, in a process of its own: seconds, memory and sums as JSON.

    python -m benchmarks.overlap.child ENGINE VARIANT ZONES PARTS THREADS

The process may use only so many cores. Its memory is the high-water mark of its resident size
since the imports, less the resident size then.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from benchmarks.overlap import where
from benchmarks.overlap.answer import PeerMissing


def main() -> None:
    """Run the engine that the command line names; print JSON on the last line."""
    name, variant, zones, parts, threads = sys.argv[1:6]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers are stopped
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    try:
        module = importlib.import_module(f"benchmarks.overlap.engine_{name}")
        with module.engine(int(threads)) as ask:
            told = measure(ask, Path(zones), Path(parts), variant)
    except (ModuleNotFoundError, PeerMissing) as error:
        told = {"missing": str(error)}
    print(json.dumps(told))


def measure(ask: object, zones: Path, parts: Path, variant: str) -> dict[str, object]:
    """The answer with its processor time and memory."""
    before, cpu = forget_peak(), time.process_time()
    with where.sampled(wanted="--where" in sys.argv) as samples:
        answer = ask(zones, parts, variant)
    answer.cpu_s = answer.cpu_s or time.process_time() - cpu
    kept, peak = memory_mib("VmRSS") - before, memory_mib("VmHWM") - before
    return {
        "version": answer.version,
        "seconds": sum(answer.steps.values()),
        "steps": answer.steps,
        "aside": answer.aside,
        "cpu_s": answer.cpu_s,
        "peak_mib": answer.peak_mib or peak,
        "kept_mib": kept,
        "rows": answer.table.to_numpy().tolist(),
        "where": where.shares(samples),
    }


def forget_peak() -> float:
    """Set the high-water mark back to the resident size now, in MiB."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    return memory_mib("VmRSS")


def memory_mib(name: str) -> float:
    """A line of the kernel's account of this process."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


if __name__ == "__main__":
    main()
