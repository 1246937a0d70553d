"""QGIS by ``qgis_process``: *Intersection* with statistics, and *Overlap analysis*.

Each algorithm runs in a process of its own. Its time lies between the echo of the inputs and the
results, so the start of QGIS and of its providers does not count; files between the steps do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from benchmarks.overlap.answer import COLUMNS, Answer, Ask, PeerMissing


@dataclass
class Program:
    """The command line of QGIS with a home of its own."""

    path: str
    folder: Path
    empty_mib: float = 0.0

    def call(self, *words: str) -> tuple[list[tuple[float, str]], float, float]:
        """Lines of output with their moments, peak memory in MiB, processor seconds."""
        settings = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder)}
        process = subprocess.Popen([self.path, *words], env=settings, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        lines = [(time.perf_counter(), line.rstrip("\n")) for line in process.stdout or ()]
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("\n".join(line for _, line in lines))
        return lines, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime

    def run(self, answer: Answer, step: str, algorithm: str, **settings: object) -> None:
        """Run one algorithm as a step of the answer."""
        words = [f"{name}={value}" for name, value in settings.items()]
        lines, peak, cpu = self.call("run", algorithm, "--", *words)
        moments = {line: moment for moment, line in lines}
        answer.steps[step] = moments["Results"] - moments["Inputs"]
        answer.peak_mib = max(answer.peak_mib or 0.0, peak - self.empty_mib)
        answer.cpu_s = (answer.cpu_s or 0.0) + cpu


@contextmanager
def engine(_: int) -> Iterator[Ask]:
    """Find the program; these algorithms work on one thread."""
    path = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if path is None:
        raise PeerMissing("qgis_process")
    with tempfile.TemporaryDirectory(prefix="overlap-qgis-") as name:
        program = Program(path, Path(name))
        lines, program.empty_mib, _cpu = program.call("list")
        told = [line for _, line in program.call()[0] if line.startswith("QGIS Processing")]
        version = told[0].partition(" - ")[2].split("-")[0] if told else str(len(lines))

        def ask(zones: Path, parts: Path, variant: str) -> Answer:
            answer = Answer(version)
            VARIANTS[variant](program, answer, zones, parts)
            return answer

        yield ask


def by_intersection(program: Program, answer: Answer, zones: Path, parts: Path) -> None:
    """Zones as INPUT: QGIS prepares each input feature, three times as fast as the other way."""
    cut, sized, sums = (program.folder / name for name in ("cut.fgb", "sized.fgb", "sums.gpkg"))
    program.run(answer, "intersection", "native:intersection", INPUT=zones, OVERLAY=parts,
                INPUT_FIELDS="id", OVERLAY_FIELDS="class", OUTPUT=cut)  # fmt: skip
    program.run(answer, "areas", "native:fieldcalculator", INPUT=cut, FIELD_NAME="m2",
                FIELD_TYPE=0, FIELD_LENGTH=0, FIELD_PRECISION=0, FORMULA="area($geometry)",
                OUTPUT=sized)  # fmt: skip
    program.run(answer, "statistics", "qgis:statisticsbycategories", INPUT=sized,
                VALUES_FIELD_NAME="m2", CATEGORIES_FIELD_NAME="id;class", OUTPUT=sums)  # fmt: skip
    rows = gpd.read_file(sums)
    answer.table = pd.DataFrame(
        {"zone": rows["id"], "class": rows["class"], "area_km2": rows["sum"] / 1e6}
    )[COLUMNS]


def by_coverage(program: Program, answer: Answer, zones: Path, parts: Path) -> None:
    """How much of each zone all parts together cover: no classes."""
    covered = program.folder / "covered.gpkg"
    program.run(answer, "overlap analysis", "native:calculatevectoroverlaps", INPUT=zones,
                LAYERS=parts, OUTPUT=covered)  # fmt: skip
    rows = gpd.read_file(covered)
    areas = rows[f"{parts.stem}_area"] / 1e6
    answer.table = pd.DataFrame({"zone": rows["id"], "class": "", "area_km2": areas})[COLUMNS]


VARIANTS = {"intersection": by_intersection, "overlap analysis": by_coverage}
