"""Figures and series, and a QGIS atlas of the same layers in the same run.

``python -m benchmarks.figures [PAGES]``. Ours is the whole command from the shell by two processes,
with measuring, cover, contents, links and seal; of QGIS only the export counts, by its one thread,
without its start. ``plain`` is a layout without hatches, names and words, ``full`` one with them.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from atlas.io.assets import font_path
from atlas.operations import figure, figure_data, series, series_book
from atlas.operations.export import export_bytes, read_export
from atlas.operations.folder import PROJECT

LAYERS = PROJECT / "layers"
DAY, SINCE = dt.date(2026, 11, 25), dt.date(2016, 11, 25)
PLANS = series.DEFAULT_LAYERS
BASE = ("land", "lakes", "provinces", "districts", "cities")
"""Bottom to top, below the plans."""
ALL = 41
REPEATS = 5
QGIS_PYTHON, QGIS_MODULES = "/usr/bin/python3", "/usr/share/qgis/python"
MIB = 1024 * 1024
DAYS = {"day": DAY, "known_by": DAY, "made": DAY}


def measure_figure() -> dict[str, str]:
    """A single A4: in a started process (median of several places), and from the shell."""
    read = figure_data.reader_of(LAYERS)
    seconds = []
    for place in ("cities:320100", "cities:310000", "cities:330100", "cities:340100", None):
        begin = time.perf_counter()
        drawn = figure.compose(LAYERS, PLANS, **DAYS, place=place, read=read)
        figure.render(drawn, "pdf")
        seconds.append(time.perf_counter() - begin)
    shell = []
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "figure.pdf"
        for _ in range(REPEATS):
            begin = time.perf_counter()
            _atlas("figure", *PLANS, "--place", "cities:320100", "-o", str(target))
            shell.append(time.perf_counter() - begin)
    return {
        "A4 PDF": "figure", "first": f"{seconds[0]:.2f} s",
        "then, median": f"{statistics.median(seconds[1:]):.2f} s",
        "from the shell, median": f"{statistics.median(shell):.2f} s",
    }  # fmt: skip


def measure_series(folder: Path) -> tuple[dict[str, str], float]:
    """The series of all cities from the shell: everything counts; and seconds a page."""
    target = folder / "series.pdf"
    begin, before = time.perf_counter(), _processor_s()
    _atlas("series", "--by", "cities", "--work", str(folder / "work"), "-o", str(target))
    seconds = time.perf_counter() - begin
    used = _processor_s() - before
    told = {
        "series": "atlas", "pages": str(ALL), "total": f"{seconds:.1f} s",
        "a page": f"{seconds / ALL:.2f} s", "processor": f"{used:.1f} s",
        "size": f"{target.stat().st_size / MIB:.1f} MiB",
    }  # fmt: skip
    return told, seconds / ALL


def measure_qgis(folder: Path, pages: int, kind: str) -> tuple[dict[str, str], float]:
    """A QGIS atlas of the same layers with the same looks: only its export counts."""
    source, target = folder / f"{kind}.gpkg", folder / f"{kind}.pdf"
    names = (*BASE, *PLANS)
    export = read_export(LAYERS, names, day=DAY, known_by=DAY)
    source.write_bytes(export_bytes(export, "gpkg", lang="zh", made=DAY))
    words = folder / "words.json"
    words.write_text(json.dumps(_words()), "utf-8")
    script = str(Path(__file__).with_name("figures_qgis.py"))
    surroundings = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": QGIS_MODULES,
    }  # fmt: skip
    before = _processor_s()
    done = subprocess.run(
        [QGIS_PYTHON, script, str(source), ",".join(names), str(target), str(pages), kind,
         str(words), str(font_path())],
        env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-2000:])
    told = json.loads(done.stdout.strip().splitlines()[-1])
    a_page = told["export_s"] / told["pages"]
    row = {
        "series": f"QGIS {told['version']}, {kind}", "pages": str(told["pages"]),
        "total": f"{told['export_s']:.1f} s", "a page": f"{a_page:.2f} s",
        "processor": f"{_processor_s() - before:.1f} s",
        "size": f"{told['bytes'] / MIB:.1f} MiB",
    }  # fmt: skip
    return row, a_page


def _words() -> dict[str, str]:
    """What the pages of the atlas's own series say below their maps."""
    recipe = series.compose(LAYERS, PLANS, **DAYS, since=SINCE)
    gathered = series_book.gather(recipe, figure_data.reader_of(LAYERS))
    return {
        job.place: "\n".join(
            line
            for section in job.texts[0]
            for line in (section.head, *section.lines, *section.notes)
        )
        for job in series_book.list_jobs(gathered)
    }


def _processor_s() -> float:
    """Seconds of the processor that finished children have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _atlas(*words: str) -> None:
    days = ("--known-by", DAY.isoformat(), "--made", DAY.isoformat())
    subprocess.run(
        [sys.executable, "-m", "atlas", *words, *days], cwd=PROJECT, check=True,
        env=os.environ | {"ATLAS_LAYERS": str(LAYERS)},
    )  # fmt: skip


def report(pages: int = ALL) -> None:
    """Print plain tables."""
    print("  ".join(f"{name}: {value}" for name, value in measure_figure().items()))
    with tempfile.TemporaryDirectory(prefix="figures-") as name:
        folder = Path(name)
        ours, a_page = measure_series(folder)
        rows = [ours]
        if Path(QGIS_MODULES).is_dir():
            for kind in ("plain", "full"):
                theirs, their_page = measure_qgis(folder, pages, kind)
                rows.append(theirs | {"x ours": f"{their_page / a_page:.2f}"})
        else:
            rows.append({"QGIS": "not installed: apt-get install python3-qgis"})
    for row in rows:
        print("  ".join(f"{name}: {value}" for name, value in row.items()))


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else ALL)
