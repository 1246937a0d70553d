"""Differences of two states of 100,000 polygons, beside QGIS, and of the atlas's own editions.

Both programs read the same two GeoPackages and write GeoPackages. QGIS's *Detect dataset changes*
says which rows were added, deleted and unchanged; the atlas also says what befell them and cuts
their geometry into pieces. Times run from the files to the written results, without the start of
either program (Python's imports, QGIS's providers); the whole process is told beside it.

    python -m benchmarks.diff
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import inspect
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from atlas.analysis.diff import diff_rows
from atlas.analysis.pieces import pieces
from atlas.i18n import LANGUAGES
from atlas.io import catalogue
from atlas.operations import diff_files
from atlas.operations.change_words import tell
from atlas.operations.compare import DAYS, compare
from atlas.operations.folder import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = PROJECT / "build" / "bench" / "diff"
TOLD = dt.date(2016, 11, 25), dt.date(2026, 11, 25)
LAYERS = PROJECT / "layers"
OLD, NEW, PLANTED = FOLDER / "old.gpkg", FOLDER / "new.gpkg", FOLDER / "planted.json"
SEED, CELLS, RUNS = 2019, 100_000, 3
REGION = (114.9, 27.0, 123.0, 35.2)
"""Bounds of the four provinces."""
MIB = 1024 * 1024
INSTALL = "apt-get install --no-install-recommends qgis qgis-providers (Debian's QGIS)"


# --- two states -------------------------------------------------------------------------------


@dataclass
class States:
    """A coverage of Voronoi cells and what it became; no cell is in two edits."""

    seed: int = SEED
    cells: int = CELLS
    old: dict[str, shapely.Polygon] = field(default_factory=dict)
    new: dict[str, shapely.Polygon] = field(default_factory=dict)
    reworded: set[str] = field(default_factory=set)
    planted: Counter[str] = field(default_factory=Counter)

    def build(self) -> None:
        """Draw the coverage, then edit it: each share of the cells once."""
        self.chance = np.random.default_rng(self.seed)
        per_mille = self.cells // 1000
        shapes = self._coverage(self.cells + 10 * per_mille)
        names = [f"c{place:06}" for place in range(len(shapes))]
        self.old = dict(zip(names, shapes, strict=True))
        self.new = dict(self.old)
        self.free = set(names)
        self.order = [names[place] for place in self.chance.permutation(len(names))]
        self._find_neighbours()
        self._merge(5 * per_mille)
        self._move_vertices(18 * per_mille)
        self._split(5 * per_mille)
        for name in self._take(13 * per_mille, "reshaped"):
            self.new[name] = _rounded(_clipped(self.old[name]))
        for name in self._take(13 * per_mille, "reshaped"):
            self.new[name] = _rounded(self.old[name].buffer(0.001, quad_segs=4))
        for name in self._take(10 * per_mille, "moved"):
            self.new[name] = _shifted(self.old[name], 0.004, 0.003)
        self.reworded = set(self._take(20 * per_mille, "reworded"))
        for name in self._take(10 * per_mille, "removed"):
            del self.new[name]
        for name in self._take(10 * per_mille, "inserted"):
            del self.old[name]

    def _coverage(self, count: int) -> list[shapely.Polygon]:
        west, south, east, north = REGION
        seeds = self.chance.uniform((west, south), (east, north), (count, 2))
        box = shapely.box(*REGION)
        cells = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=box, ordered=True)
        shapes = shapely.intersection(shapely.get_parts(cells), box)
        rounded = [_rounded(shape) for shape in shapes]
        if not shapely.is_valid(rounded).all() or len(rounded) != count:
            raise AssertionError("rounding broke a cell: take another seed")
        return rounded

    def _find_neighbours(self) -> None:
        """Which cells meet in each vertex."""
        self.meeting: dict[tuple[float, float], list[str]] = {}
        for name, shape in self.old.items():
            for vertex in shape.exterior.coords[:-1]:
                self.meeting.setdefault(vertex, []).append(name)

    def _take(self, count: int, kind: str) -> list[str]:
        taken = [name for name in self.order if name in self.free][:count]
        self.free -= set(taken)
        self.planted[kind] += count
        return taken

    def _merge(self, count: int) -> None:
        """Two cells with a common edge become one of a new id."""
        for number in range(count):
            name, other = next(self._free_pairs())
            self.free -= {name, other}
            whole = shapely.union(self.old[name], self.old[other])
            del self.new[name], self.new[other]
            self.new[f"m{number:06}"] = whole
        self.planted["merged"] += count

    def _free_pairs(self) -> Iterator[tuple[str, str]]:
        for name in self.order:
            vertices = self.old[name].exterior.coords[:-1]
            for vertex, after in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
                common = set(self.meeting[vertex]) & set(self.meeting[after]) - {name}
                if name in self.free and len(common) == 1 and common <= self.free:
                    yield name, common.pop()

    def _move_vertices(self, count: int) -> None:
        """A vertex where three cells meet moves towards the middle of one of them."""
        vertices = list(self.meeting)
        left = count
        for place in self.chance.permutation(len(vertices)):
            vertex = vertices[place]
            names = self.meeting[vertex]
            if left == 0:
                break
            if len(names) != 3 or not self.free.issuperset(names):
                continue
            middle = self.old[names[0]].centroid
            goal = (round(0.7 * vertex[0] + 0.3 * middle.x, 6),
                    round(0.7 * vertex[1] + 0.3 * middle.y, 6))  # fmt: skip
            shapes = [_with_vertex(self.old[name], vertex, goal) for name in names]
            if shapely.is_valid(shapes).all():
                self.free -= set(names)
                self.new |= dict(zip(names, shapes, strict=True))
                left -= 1
        self.planted["reshaped"] += 3 * count

    def _split(self, count: int) -> None:
        """A cell becomes two of new ids, cut from one vertex to another."""
        wide = [name for name in self.order
                if name in self.free and len(self.old[name].exterior.coords) > 5]  # fmt: skip
        for number, name in enumerate(wide[:count]):
            self.free.remove(name)
            ring = list(self.old[name].exterior.coords[:-1])
            half = len(ring) // 2
            del self.new[name]
            self.new[f"s{number:06}-1"] = shapely.Polygon(ring[: half + 1])
            self.new[f"s{number:06}-2"] = shapely.Polygon([*ring[half:], ring[0]])
        self.planted["split"] += count

    def frames(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Both states with id, name, class and value; the later one in another order."""
        later = list(self.new)
        return self._frame(list(self.old), self.old), self._frame(
            [later[place] for place in self.chance.permutation(len(later))],
            self.new, self.reworded,
        )  # fmt: skip

    def _frame(
        self, names: list[str], shapes: dict[str, shapely.Polygon], reworded: set[str] = frozenset()
    ) -> gpd.GeoDataFrame:
        numbers = [int(name[1:7]) for name in names]
        table = {
            "id": names,
            "name": [f"cell {name}" for name in names],
            "class": [("field", "forest", "water", "town")[number % 4] for number in numbers],
            "value": [number / 4 + (0.5 if name in reworded else 0.0)
                      for name, number in zip(names, numbers, strict=True)],
        }  # fmt: skip
        return gpd.GeoDataFrame(table, geometry=[shapes[name] for name in names], crs=4326)


def _rounded(shape: shapely.Polygon) -> shapely.Polygon:
    return shapely.remove_repeated_points(shapely.transform(shape, lambda xy: np.round(xy, 6)))


def _shifted(shape: shapely.Polygon, east: float, north: float) -> shapely.Polygon:
    return shapely.transform(shape, lambda xy: np.round(xy + np.array((east, north)), 6))


def _clipped(shape: shapely.Polygon) -> shapely.Polygon:
    """All but the eastern fifth."""
    west, south, east, north = shape.bounds
    return shapely.intersection(shape, shapely.box(west, south, 0.2 * west + 0.8 * east, north))


def _with_vertex(
    shape: shapely.Polygon, vertex: tuple[float, float], goal: tuple[float, float]
) -> shapely.Polygon:
    return shapely.Polygon([goal if point == vertex else point for point in shape.exterior.coords])


def prepare() -> dict[str, int]:
    """Both files, built once for each recipe; how many changes of each kind they hold."""
    functions = (States, _rounded, _shifted, _clipped, _with_vertex)
    recipe = "".join(map(inspect.getsource, functions)) + f"{SEED} {CELLS} {shapely.geos_version}"
    stamp = hashlib.sha256(recipe.encode()).hexdigest()
    if not PLANTED.exists() or json.loads(PLANTED.read_text("utf-8"))["stamp"] != stamp:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        states = States()
        states.build()
        for path, frame in zip((OLD, NEW), states.frames(), strict=True):
            pyogrio.write_dataframe(frame, path, layer="cells")
        planted = dict(states.planted)
        PLANTED.write_text(json.dumps({"stamp": stamp, "planted": planted}), "utf-8")
    found: dict[str, int] = json.loads(PLANTED.read_text("utf-8"))["planted"]
    return found


# --- two programs -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One program, once: seconds of work, of the whole process and of processors, what it found."""

    work_s: float
    process_s: float
    processor_s: float
    peak_mib: float
    found: dict[str, int]
    steps: dict[str, float] = field(default_factory=dict)


def run_watched(command: list[str], **settings: object) -> tuple[list[tuple[float, str]], Run]:
    """Run a program; each line of its output with its moment."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, **settings)  # fmt: skip
    lines = [(time.perf_counter() - began, line.rstrip("\n")) for line in process.stdout]
    _, status, used = os.wait4(process.pid, 0)
    whole = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError("\n".join(line for _, line in lines))
    return lines, Run(whole, whole, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, {})


def find_qgis() -> str | None:
    """QGIS's command line without its wrapper, if it is installed."""
    return shutil.which("qgis_process.bin") or shutil.which("qgis_process")


def run_qgis(program: str, *, match: int = 1, unchanged: bool = True) -> Run:
    """QGIS's Detect dataset changes; its work lies between the echo of inputs and the results."""
    sinks = ["ADDED", "DELETED", *(["UNCHANGED"] if unchanged else [])]
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="qgis-") as out:
        lines, run = run_watched(
            [program, "run", "native:detectvectorchanges", "--", f"ORIGINAL={OLD}",
             f"REVISED={NEW}", "COMPARE_ATTRIBUTES=id;name;class;value", f"MATCH_TYPE={match}",
             *(f"{sink}={out}/{sink.lower()}.gpkg" for sink in sinks)],
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": out, "XDG_RUNTIME_DIR": out},
        )  # fmt: skip
    moments = {line: moment for moment, line in lines}
    counts = dict(line.split(":\t") for _, line in lines if "_COUNT:\t" in line)
    found = {name: int(counts[f"{name.upper()}_COUNT"]) for name in ("added", "deleted",
                                                                     "unchanged")}  # fmt: skip
    return replace(run, work_s=moments["Results"] - moments["Inputs"], found=found)


def run_ours() -> Run:
    """The atlas in a process of its own."""
    lines, run = run_watched([sys.executable, "-m", "benchmarks.diff", "--ours"], cwd=PROJECT)
    told = json.loads(lines[-1][1])
    return replace(run, **told)


def ours() -> dict[str, object]:
    """What ``atlas compare`` does, with both outputs; seconds of each step."""
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="atlas-") as out:
        began = time.perf_counter()
        comparison = diff_files.compare_files(OLD, NEW)
        compared = time.perf_counter()
        diff_files.write_pieces(comparison, Path(out) / "pieces.gpkg")
        diff_files.write_changes(comparison, Path(out) / "changes.csv")
        written = time.perf_counter()
    diff = comparison.diff
    found = Counter(change.kind for change in diff.changes)
    found |= {"added": len(diff.new), "deleted": len(diff.old), "unchanged": diff.kept}
    return {
        "work_s": written - began,
        "steps": {"read, compare and cut": compared - began, "write": written - compared},
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found,
    }


# --- tables -----------------------------------------------------------------------------------


def measure() -> list[dict[str, object]]:
    """One row a program: medians of three runs, taken in turns."""
    prepare()
    program = find_qgis()
    runs: dict[str, list[Run]] = {}
    for _ in range(RUNS):
        runs.setdefault("atlas", []).append(run_ours())
        for name, settings in QGIS_RUNS.items() if program else ():
            runs.setdefault(name, []).append(run_qgis(program, **settings))
    rows = [_row(name, found) for name, found in runs.items()]
    for row in rows:
        row["times the atlas's work"] = round(row["work, s"] / rows[0]["work, s"], 2)
    if program is None:
        rows.append({"program": "QGIS", "not measured": f"qgis_process is missing: {INSTALL}"})
    return rows


QGIS_RUNS = {
    "QGIS": {},
    "QGIS, exact match": {"match": 0},
    "QGIS, unchanged not written": {"unchanged": False},
}


def _row(name: str, runs: list[Run]) -> dict[str, object]:
    steps = {f"{step}, s": round(statistics.median(run.steps[step] for run in runs), 2)
             for step in runs[-1].steps}  # fmt: skip
    return {
        "program": name,
        "work, s": round(statistics.median(run.work_s for run in runs), 2),
        **steps,
        "whole process, s": round(statistics.median(run.process_s for run in runs), 2),
        "its processor time, s": round(statistics.median(run.processor_s for run in runs), 2),
        "peak memory, MiB": round(max(run.peak_mib for run in runs)),
        "found": runs[-1].found,
    }


def classes(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """What was planted against what each program found, as far as it knows the class."""
    planted = prepare()
    wanted = planted | {
        "added": _sum(planted, "reshaped", "moved", "reworded", "inserted", "split", "split",
                      "merged"),
        "deleted": _sum(planted, "reshaped", "moved", "reworded", "removed", "split", "merged",
                        "merged"),
    }  # fmt: skip
    wanted["unchanged"] = CELLS - wanted["deleted"]
    found = {str(row["program"]): row["found"] for row in rows if "found" in row}
    shown = {program: found[program] for program in ("atlas", "QGIS") if program in found}
    names = list(dict.fromkeys([*wanted, *shown["atlas"]]))
    table = []
    for name in names:
        numbers = {
            program: known.get(name, 0 if program == "atlas" else "no such class")
            for program, known in shown.items()
        }
        agree = all(number in (wanted.get(name, 0), "no such class") for number in numbers.values())
        table.append({"class": name, "planted": wanted.get(name, 0), **numbers, "agree": agree})
    return table


def _sum(planted: dict[str, int], *kinds: str) -> int:
    return sum(planted[kind] for kind in kinds)


def editions() -> list[dict[str, object]]:
    """The two newest editions of every layer that has two: seconds, medians of three runs."""
    rows: list[dict[str, object]] = []
    for info in catalogue.list_feature_layers(LAYERS):
        newest = catalogue.read_editions(LAYERS, info.id)[-2:]
        if len(newest) < 2:
            continue
        reads, compares, count = [], [], 0
        for _ in range(RUNS):
            began = time.perf_counter()
            old, new = (catalogue.read_layer(LAYERS, edition).features for edition in newest)
            read = time.perf_counter()
            diff = diff_rows(old, new)
            count = len(pieces(diff))
            reads.append(read - began)
            compares.append(time.perf_counter() - read)
        both = [one + other for one, other in zip(reads, compares, strict=True)]
        rows.append(
            {
                "layer": info.id,
                "editions": f"{newest[0].edition} to {newest[1].edition}",
                "rows": f"{len(old)} to {len(new)}",
                "changes": len(diff.changes),
                "pieces": count,
                "compare and cut, s": round(statistics.median(compares), 3),
                "with reading, s": round(statistics.median(both), 3),
            }
        )
    return rows


def telling() -> dict[str, object]:
    """Ten years of railway stations, the change of most sentences, compared and told."""
    old, new = TOLD
    began = time.perf_counter()
    found = compare(LAYERS, "rail-stations", by=DAYS, old=old, new=new, known_by=new)
    compared = time.perf_counter()
    told = [tell(found, lang) for lang in LANGUAGES]
    return {
        "told": "rail-stations", "days": f"{old} to {new}", "sentences": len(told[0].paragraphs),
        "compare, s": round(compared - began, 2),
        "tell in one language, s": round((time.perf_counter() - compared) / len(told), 2),
    }  # fmt: skip


def about() -> dict[str, object]:
    """Versions, cores and sizes."""
    program = find_qgis()
    told = "not installed"
    if program is not None:
        settings = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run([program], capture_output=True, text=True, check=False, env=settings)
        told = done.stdout.partition("Executor - ")[2].partition("-")[0].split("\n")[0]
    prepare()
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "QGIS": told,
        "Shapely": shapely.__version__,
        "GEOS": shapely.geos_version_string,
        "pyogrio": pyogrio.__version__,
        "GDAL": pyogrio.__gdal_version_string__,
        "polygons": f"{CELLS:,} and {CELLS:,}",
        "files, MiB": " and ".join(f"{path.stat().st_size / MIB:.1f}" for path in (OLD, NEW)),
        "runs": RUNS,
    }


def main() -> None:
    """Print all tables, or run the atlas's part alone for :func:`run_ours`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", action="store_true", help="the atlas's part alone, as JSON")
    if parser.parse_args().ours:
        print(json.dumps(ours()))
        return
    report()


def report() -> None:
    """Measure and print all tables."""
    print("differences of two states;", _line(about()))
    rows = measure()
    for row in rows:
        print(_line({name: value for name, value in row.items() if name != "found"}))
    for row in [*classes(rows), *editions(), telling()]:
        print(_line(row))


def _line(row: dict[str, object]) -> str:
    return "  ".join(f"{name}: {value}" for name, value in row.items())


if __name__ == "__main__":
    main()
