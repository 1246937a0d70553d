"""Make the cases and what PostGIS and QGIS say of them. Run by hand; tests only read.

    PYTHONPATH=. .venv/bin/python tests/golden/diff/make.py

Needs Debian's qgis, postgis and postgresql-15-postgis-3. Starts a PostgreSQL cluster of its
own on a socket below /tmp (as user postgres if you are root) and removes it at the end.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
SRID = 990001
PROJ4 = "+proj=aea +lat_0=31 +lon_0=118.8 +lat_1=28.4 +lat_2=33.8 +datum=WGS84 +units=m +no_defs"
"""The text of `atlas.core.crs.WORKING_CRS`; written out, so that nothing of the atlas is used."""

Row = dict[str, Any]
Rows = list[Row]
Pair = tuple[Rows, Rows]

# --- shapes: corners of an uneven mesh around lake Tai, three fields wide and two high ---------

NODES = {
    "a": [(120.012345, 30.803127), (120.398713, 30.79125), (120.811904, 30.812345),
          (121.203371, 30.788001)],
    "b": [(119.991217, 31.204455), (120.412346, 31.187654), (120.795502, 31.213579),
          (121.19002, 31.196418)],
    "c": [(120.020411, 31.602233), (120.385127, 31.588873), (120.804413, 31.61),
          (121.215508, 31.59373)],
}  # fmt: skip
BEND = (120.433007, 31.402371)
"""A vertex between fields d and e, on their common border."""


def ring(*points: tuple[float, float]) -> list[list[float]]:
    return [list(point) for point in (*points, points[0])]


def polygon(*rings: list[list[float]]) -> Row:
    return {"type": "Polygon", "coordinates": list(rings)}


def islands(*polygons: Row) -> Row:
    return {"type": "MultiPolygon", "coordinates": [part["coordinates"] for part in polygons]}


def line(*points: tuple[float, float]) -> Row:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def point(x: float, y: float) -> Row:
    return {"type": "Point", "coordinates": [x, y]}


def row(name: str, shape: Row | None, use: str = "field") -> Row:
    properties = {"id": name, "name": f"area {name}", "use": use}
    return {"type": "Feature", "properties": properties, "geometry": shape}


def moved(shape: Row, east: float, north: float) -> Row:
    """A polygon a bit farther east and north."""
    rings = [[[round(x + east, 6), round(y + north, 6)] for x, y in part]
             for part in shape["coordinates"]]  # fmt: skip
    return polygon(*rings)


A, B, C = NODES["a"], NODES["b"], NODES["c"]
FIELDS = {
    "a": polygon(ring(A[0], A[1], B[1], B[0])),
    "b": polygon(ring(A[1], A[2], B[2], B[1])),
    "c": polygon(ring(A[2], A[3], B[3], B[2])),
    "d": polygon(ring(B[0], B[1], BEND, C[1], C[0])),
    "e": polygon(ring(B[1], B[2], C[2], C[1], BEND)),
    "f": polygon(ring(B[2], B[3], C[3], C[2])),
}
HOLE = ring((120.550123, 30.950321), (120.541777, 31.071234), (120.663399, 31.060606),
            (120.678888, 30.93))  # fmt: skip
CANAL = [(120.05, 30.700301), (120.315502, 30.744413), (120.602233, 30.731177),
         (120.9051, 30.752626), (121.150007, 30.725)]  # fmt: skip


def state(**changes: Row | None) -> Rows:
    """The six fields with other shapes for some; None leaves a field out."""
    shapes: dict[str, Row | None] = {**FIELDS, **changes}
    return [row(name, shape) for name, shape in sorted(shapes.items()) if shape is not None]


# --- cases ------------------------------------------------------------------------------------


def simple_cases() -> dict[str, Pair]:
    """One kind of change each."""
    same = state()
    reworded = state()
    reworded[1] = row("b", FIELDS["b"], use="orchard")
    turned = ring(B[2], B[1], A[1], A[2])
    return {
        "equal": (same, state()),
        "redrawn": (same, state(b=polygon(turned))),
        "attribute": (same, reworded),
        "inserted": (state(e=None), same),
        "removed": (same, state(c=None)),
        "grown": (same, state(c=polygon(ring(A[2], A[3], (121.401234, 31.050505), B[3], B[2])))),
        "shrunk": (same, state(f=polygon(ring(B[2], B[3], (121.003377, 31.54321), C[2])))),
        "grown-and-shrunk": (
            same,
            state(c=polygon(ring((120.9, 30.70917), (121.311111, 30.9), B[3], B[2]))),
        ),
        "moved": (same, state(f=moved(FIELDS["f"], 0.153241, 0.071113))),
        "moved-away": (same, state(f=moved(FIELDS["f"], 1.1, 0.4))),
        "hole-opened": (same, state(b=polygon(FIELDS["b"]["coordinates"][0], HOLE))),
        "hole-filled": (state(b=polygon(FIELDS["b"]["coordinates"][0], HOLE)), same),
        "island": (same, state(f=islands(FIELDS["f"], moved(FIELDS["f"], 0.6, 0.1)))),
        "renamed": (same, [*state(b=None), row("g", FIELDS["b"])]),
        "geometry-found": ([*same, row("g", None)],
                           [*same, row("g", moved(FIELDS["c"], 0.5, 0.05))]),
        "geometry-lost": ([*same, row("g", moved(FIELDS["c"], 0.5, 0.05))],
                          [*same, row("g", None)]),
    }  # fmt: skip


def dividing_cases() -> dict[str, Pair]:
    """Ground that passes between features."""
    north, south, middle = (120.601, 31.212345), (120.59, 30.79), (120.587654, 31.005001)
    three = [
        row("b1", polygon(ring(A[1], south, middle, B[1]))),
        row("b2", polygon(ring(south, A[2], B[2], middle))),
        row("b3", polygon(ring(B[1], middle, B[2]))),
    ]
    # The outer border of the three, so that the whole is exactly their union.
    whole = row("b", polygon(ring(A[1], south, A[2], B[2], B[1])))
    rest = state(b=None)
    bend = (120.285001, 31.4)
    overlap = polygon(ring((120.7, 30.9), (121.05, 30.88), (121.02, 31.33), (120.72, 31.3)))
    wider = polygon(ring((120.55, 30.91), (121.05, 30.88), (121.02, 31.33), north))
    return {
        "split": ([*rest, whole], [*rest, *three]),
        "merged": ([*rest, *three], [*rest, whole]),
        "split-among-others": (
            state(b=whole["geometry"], e=None),
            [*state(b=None, c=None), *three],
        ),
        "split-unevenly": (
            [*rest, whole],
            [*rest, row("b1", polygon(ring(A[1], (120.57, 30.76123), middle, B[1]))),
             row("b2", polygon(ring((120.633, 30.795), A[2], B[2], middle))), three[2]],
        ),
        "split-off": ([*rest, whole], [*rest, row("b", three[0]["geometry"]), *three[1:]]),
        "redivided": (
            [*rest, whole],
            [*state(b=None, a=polygon(ring(A[0], A[1], south, middle, B[1], B[0]))),
             row("h", polygon(ring(south, A[2], B[2], B[1], middle)))],
        ),
        "border-moved": (
            state(),
            state(d=polygon(ring(B[0], B[1], bend, C[1], C[0])),
                  e=polygon(ring(B[1], B[2], C[2], C[1], bend))),
        ),
        "corner-moved": (
            state(),
            state(a=polygon(ring(A[0], A[1], (120.5, 31.15), B[0])),
                  b=polygon(ring(A[1], A[2], B[2], (120.5, 31.15))),
                  d=polygon(ring(B[0], (120.5, 31.15), BEND, C[1], C[0])),
                  e=polygon(ring((120.5, 31.15), B[2], C[2], C[1], BEND))),
        ),
        "overlapping": (
            [*state(), row("plan", overlap, "plan")], [*state(), row("plan", wider, "plan")],
        ),
    }  # fmt: skip


def line_cases() -> dict[str, Pair]:
    """Lines and points."""
    road = row("road", line((120.1, 30.6), (120.7, 30.61), (121.2, 30.58)), "road")
    detour = [*CANAL[:2], (120.45, 30.85), (120.71, 30.833333), *CANAL[3:]]
    ports = [row("p1", point(120.25, 30.75), "port"), row("p2", point(120.9, 30.77), "port")]
    return {
        "line-extended": (
            [road, row("canal", line(*CANAL[:4]), "canal")],
            [road, row("canal", line(*CANAL), "canal")],
        ),
        "line-rerouted": (
            [road, row("canal", line(*CANAL), "canal")],
            [road, row("canal", line(*detour), "canal")],
        ),
        "line-split": (
            [road, row("canal", line(*CANAL), "canal")],
            [road, row("east", line(*CANAL[2:]), "canal"),
             row("west", line(*CANAL[:3]), "canal")],
        ),
        "point-moved": (ports, [ports[0], row("p2", point(120.912345, 30.774321), "port")]),
    }  # fmt: skip


LISTS = ("predecessors", "successors")
"""Columns that hold lists, here as words of one text: QGIS 3.22 writes no lists to GeoJSON."""
COLUMNS = ("id", "plan_version", "part", "name_zh", "name_en", "status",
           *LISTS)  # fmt: skip


def real_cases() -> dict[str, Pair]:
    """Cut from the atlas's own editions: names and shapes as they are."""
    cities = read("cities")
    districts = read("districts")
    return {
        "hefei-area-2024": (
            cut(read("metropolitan-areas"), {"hefei-metropolitan-area": "2019"}),
            cut(read("metropolitan-areas"), {"hefei-metropolitan-area": "2024"}),
        ),
        "chaohu-2011": (
            cut(cities, dict.fromkeys(("340100", "340200", "340500", "341400"), "before-2011-08")),
            cut(cities, dict.fromkeys(("340100", "340200", "340500"), "current")),
        ),
        "longgang-2019": (
            cut(districts, {"330327": "before-2019-08", "330326": "current"}),
            cut(districts, {"330327": "current", "330383": "current", "330326": "current"}),
        ),
    }


def read(layer: str) -> Rows:
    path = PROJECT / "layers" / layer / "2.geojson"
    features: Rows = json.loads(path.read_text("utf-8"))["features"]
    return features


def cut(features: Rows, versions: dict[str, str]) -> Rows:
    """Some features at one plan version each."""
    found = []
    for feature in features:
        entry = feature["properties"]
        if versions.get(entry["id"]) == entry["plan_version"] and entry["part"] == "whole":
            kept = {name: entry[name] for name in COLUMNS if name in entry}
            kept |= {name: " ".join(kept[name]) for name in LISTS if name in kept}
            found.append(feature | {"properties": kept})
    if len(found) != len(versions):
        raise LookupError(versions)
    return found


def write(path: Path, rows: Rows) -> None:
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
                       for entry in rows)  # fmt: skip
    path.write_text('{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n", "utf-8")


# --- the two programs -------------------------------------------------------------------------


class Cluster:
    """A PostgreSQL cluster of its own that hears a socket only."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(folder, "postgres")

    def call(self, program: str, *words: str) -> str:
        command = [*self.user, str(self.programs / program), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False)
        if done.returncode:
            raise SystemExit(f"{program}: {done.stderr}")
        return done.stdout.strip()

    def start(self) -> None:
        self.call("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8",
                  "--locale=C.UTF-8")  # fmt: skip
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        self.call("pg_ctl", "-D", str(self.data), "-o", options, "-w", "start",
                  "-l", str(self.folder / "log"))  # fmt: skip

    def stop(self) -> None:
        self.call("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def psql(self, *words: str) -> str:
        return self.call("psql", "-X", "-h", str(self.folder), "-U", "postgres", "-At", *words)


@contextlib.contextmanager
def cluster() -> Any:
    with tempfile.TemporaryDirectory(prefix="golden-diff-", dir="/tmp") as name:
        server = Cluster(Path(name))
        server.start()
        try:
            server.psql("-c", "CREATE EXTENSION postgis")
            yield server
        finally:
            server.stop()


def ask_postgis(server: Cluster, case: str) -> Row:
    """Sizes of the pieces of one case; the server reads copies that it may read."""
    words = ["-v", f"srid={SRID}", "-v", f"proj4={PROJ4}"]
    for name in ("old", "new"):
        copy = server.folder / f"{name}.geojson"
        shutil.copyfile(HERE / case / f"{name}.geojson", copy)
        copy.chmod(0o644)
        words += ["-v", f"{name}={copy}"]
    script = server.folder / "pieces.sql"
    shutil.copyfile(HERE / "pieces.sql", script)
    script.chmod(0o644)
    answer: Row = json.loads(server.psql(*words, "-f", str(script)))
    return answer


def call_qgis(*words: str) -> str:
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen", "HOME": home, "XDG_RUNTIME_DIR": home,
        }  # fmt: skip
        done = subprocess.run(
            ["qgis_process.bin", *words], capture_output=True, text=True, env=environment,
            check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def ask_qgis(case: str, *, match: int) -> dict[str, list[str]]:
    """Ids of the features that QGIS says are added, deleted and unchanged."""
    old, new = (HERE / case / f"{name}.geojson" for name in ("old", "new"))
    columns = list(json.loads(old.read_text("utf-8"))["features"][0]["properties"])
    with tempfile.TemporaryDirectory() as name:
        sinks = {sink: Path(name) / f"{sink}.geojson" for sink in ("added", "deleted", "unchanged")}
        call_qgis(
            "run", "native:detectvectorchanges", "--", f"ORIGINAL={old}", f"REVISED={new}",
            f"COMPARE_ATTRIBUTES={';'.join(columns)}", f"MATCH_TYPE={match}",
            *(f"{sink.upper()}={path}" for sink, path in sinks.items()),
        )  # fmt: skip
        return {sink: ids_in(path) for sink, path in sinks.items()}


def ids_in(path: Path) -> list[str]:
    features = json.loads(path.read_text("utf-8"))["features"]
    return sorted(str(feature["properties"]["id"]) for feature in features)


def versions(server: Cluster) -> dict[str, str]:
    """Of all that took part."""
    full = server.psql("-c", "SELECT postgis_full_version()")
    found = {name.lower(): version for name, version in re.findall(r'(\w+)="([^" ]+)', full)}
    qgis = subprocess.run(
        ["qgis_process.bin"], capture_output=True, text=True, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    ).stdout  # fmt: skip
    wanted = re.search(r"Executor - ([\d.]+)", qgis)
    return {
        "postgresql": server.psql("-c", "SHOW server_version").split()[0],
        "postgis": found["postgis"], "geos": found["geos"], "proj": found["proj"],
        "qgis": wanted[1] if wanted else "unknown",
    }  # fmt: skip


def main() -> None:
    cases = simple_cases() | dividing_cases() | line_cases() | real_cases()
    for case, (old, new) in cases.items():
        (HERE / case).mkdir(exist_ok=True)
        write(HERE / case / "old.geojson", old)
        write(HERE / case / "new.geojson", new)
    with cluster() as server:
        expected: Row = {"versions": versions(server), "projection": PROJ4, "cases": {}}
        for case in cases:
            answer = ask_postgis(server, case)
            tolerant, exact = ask_qgis(case, match=1), ask_qgis(case, match=0)
            expected["cases"][case] = answer | {"qgis": tolerant}
            if exact != tolerant:
                expected["cases"][case]["qgis exact"] = exact
            if {name: tolerant[name] for name in ("deleted", "added")} != answer["rows"]:
                print(f"{case}: QGIS says {tolerant}, PostGIS {answer['rows']}", file=sys.stderr)
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (HERE / "expected.json").write_text(text + "\n", "utf-8")
    print(json.dumps(expected["versions"]))


if __name__ == "__main__":
    main()
