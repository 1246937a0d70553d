"""Make the cases and what PostGIS says of them. Run by hand; tests only read.

    PYTHONPATH=. .venv/bin/python tests/golden/overlap/make.py

Needs Debian's postgis and postgresql-15-postgis-3. Uses the cluster, the shapes and the GeoJSON
writer of ``tests/golden/diff/make.py``; nothing of the atlas, of Shapely or of GeoPandas.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tests.golden.diff.make import (
    BEND,
    CANAL,
    FIELDS,
    HOLE,
    NODES,
    PROJ4,
    SRID,
    Cluster,
    Row,
    Rows,
    cluster,
    islands,
    line,
    moved,
    point,
    polygon,
    ring,
    write,
)

HERE = Path(__file__).parent
PROJECT = HERE.parents[2]
NAMES = ("zones", "things")
A, B, C = NODES["a"], NODES["b"], NODES["c"]
Pair = tuple[Rows, Rows]

# --- cases by hand: zones are the six fields around lake Tai, three wide and two high -----------


def row(name: str, shape: Row) -> Row:
    return {"type": "Feature", "properties": {"id": name}, "geometry": shape}


def rows(**shapes: Row) -> Rows:
    return [row(name.replace("_", "-"), shape) for name, shape in shapes.items()]


def fields(**changes: Row | None) -> Rows:
    """The six fields, with other shapes for some; None leaves a field out."""
    shapes: dict[str, Row | None] = {**FIELDS, **changes}
    return [row(name, shape) for name, shape in sorted(shapes.items()) if shape is not None]


def lines(*parts: Row) -> Row:
    return {"type": "MultiLineString", "coordinates": [part["coordinates"] for part in parts]}


def block(west: float, south: float, east: float, north: float) -> Row:
    """An upright rectangle in degrees, a little skewed in the plane."""
    return polygon(ring((west, south), (east, south), (east, north), (west, north)))


def mesh() -> Rows:
    """Twelve things that share borders, four wide and three high, over all six fields."""
    xs, ys = (119.9, 120.271828, 120.577215, 120.914159, 121.3), (30.7, 31.1, 31.314159, 31.7)
    nodes = [[(round(x + 0.031 * (high % 2), 6), round(y + 0.017 * (wide % 2), 6))
              for wide, x in enumerate(xs)] for high, y in enumerate(ys)]  # fmt: skip
    return [
        row(f"{high}{wide}", polygon(ring(nodes[high][wide], nodes[high][wide + 1],
                                          nodes[high + 1][wide + 1], nodes[high + 1][wide])))
        for high in range(3) for wide in range(4)
    ]  # fmt: skip


def surface_cases() -> dict[str, Pair]:
    """Polygons in zones."""
    holed = polygon(FIELDS["b"]["coordinates"][0], HOLE)
    within_hole = block(120.58, 30.97, 120.63, 31.03)
    far = moved(FIELDS["f"], 0.6, 0.1)
    inner = ring((120.15, 30.95), (120.25, 30.95), (120.25, 31.05), (120.15, 31.05))
    around = block(119.5, 30.5, 121.6, 31.9)
    return {
        "partition": (fields(), mesh()),
        "zone-with-hole": (
            fields(b=holed),
            rows(in_hole=within_hole, over_hole=block(120.5, 30.9, 120.72, 31.1),
                 across_rim=block(120.6, 31.0, 120.75, 31.15), equal_to_hole=polygon(HOLE)),
        ),
        "islands": (
            fields(f=islands(FIELDS["f"], far)),
            rows(bridge=block(121.1, 31.3, 121.5, 31.5), on_island=block(121.6, 31.4, 121.7, 31.6),
                 archipelago=islands(block(120.1, 31.0, 120.3, 31.1),
                                     block(120.9, 31.3, 121.0, 31.4),
                                     block(121.65, 31.35, 121.75, 31.45))),
        ),
        "touching-only": (
            fields(),
            rows(along_edge=polygon(ring(A[0], A[1], (120.2, 30.6))),
                 at_corner=polygon(ring(A[3], (121.4, 30.7), (121.4, 30.75))),
                 apart=block(121.5, 31.0, 121.6, 31.1)),
        ),
        "contained": (
            fields(),
            rows(plain=block(120.1, 30.9, 120.3, 31.1), with_hole=polygon(
                ring((120.12, 30.92), (120.28, 30.92), (120.28, 31.08), (120.12, 31.08)), inner),
                 at_the_border=polygon(ring(A[1], (120.6, 30.9), B[1])), at_a_bend=polygon(
                     ring(B[1], (120.6, 31.3), BEND)), beside=block(120.9, 31.3, 121.1, 31.5)),
        ),
        "covering": (fields(), rows(all_of_it=around)),
        "across-three": (
            fields(), rows(belt=polygon(ring((120.2, 30.95), (121.0, 30.93), (121.02, 31.05),
                                             (120.21, 31.07)))),
        ),
        "equal": (
            fields(),
            rows(the_other_way_round=polygon(ring(B[2], B[1], A[1], A[2])), the_same=FIELDS["d"],
                 both=polygon(ring(A[0], A[1], A[2], B[2], B[1], B[0]))),
        ),
        "overlapping-things": (
            fields(),
            rows(one=block(120.2, 30.9, 120.7, 31.3), two=block(120.5, 31.0, 121.0, 31.5),
                 three=block(120.3, 30.85, 120.6, 31.45), again=block(120.2, 30.9, 120.7, 31.3)),
        ),
        "overlapping-zones": (
            [row("north", islands(FIELDS["d"], moved(FIELDS["f"], 0.6, 0.1))),
             row("west", polygon(ring(A[0], A[1], B[1], BEND, C[1], C[0], B[0]))),
             row("all", around)],
            mesh(),
        ),
    }  # fmt: skip


def line_cases() -> dict[str, Pair]:
    """Lines and points in zones."""
    holed = polygon(FIELDS["b"]["coordinates"][0], HOLE)
    loop = line((120.2, 31.0), (120.6, 31.02), (120.61, 31.4), (120.21, 31.38), (120.2, 31.0))
    spots = {
        "inside": point(120.2, 31.0), "on_an_edge": point(*BEND), "where_four_meet": point(*B[1]),
        "at_an_outer_corner": point(*A[0]), "in_the_hole": point(120.6, 31.0),
        "on_the_rim": point(*HOLE[1]), "outside": point(121.5, 31.0),
    }  # fmt: skip
    return {
        "lines-along-borders": (
            fields(),
            rows(between_two=line(A[1], B[1]), on_the_outside=line(A[0], A[1]),
                 then_inside=line(A[2], B[2], (120.9, 31.4)),
                 around_a_bend=line(B[1], BEND, C[1]), through=line((120.398713, 30.6), A[1], B[1],
                                                                   BEND, (120.5, 31.5))),
        ),
        "lines-across": (
            fields(b=holed),
            rows(canal=line(*[(x, y + 0.25) for x, y in CANAL]),
                 through_the_hole=line((120.45, 31.0), (120.75, 31.01)),
                 in_the_hole=line((120.58, 30.98), (120.62, 31.02)), loop=loop,
                 to_a_corner=line((120.2, 31.3), B[1]), two_parts=lines(
                     line((120.1, 31.3), (120.3, 31.5)), line((120.9, 30.9), (121.5, 31.0))),
                 touching=line((120.2, 30.5), A[0], (119.9, 30.9)),
                 outside=line((121.5, 30.8), (121.6, 31.2))),
        ),
        "points": (fields(b=holed), rows(**spots)),
    }  # fmt: skip


# --- cases from the atlas's own layers ----------------------------------------------------------


def real_cases() -> dict[str, Pair]:
    """Names and shapes as they are published; of the zones only those that the thing touches."""
    cities, districts = read("cities", 2, current=True), read("districts", 2, current=True)
    hefei = pick(read("metropolitan-areas", 2), "hefei-metropolitan-area", "2024")
    g60 = pick(read("innovation-corridors", 2), "g60-corridor", "2.0")
    rail = pick(read("rail-lines", 1), "beijing-shanghai-hsr", "2011")
    return {
        "hefei-area-cities": (cities, [hefei]),
        "g60-districts": (districts, [g60]),
        "beijing-shanghai-cities": (cities, [rail]),
    }


def read(layer: str, edition: int, *, current: bool = False) -> Rows:
    """The rows of an edition that are whole features, or of those only what has no end."""
    path = PROJECT / "layers" / layer / f"{edition}.geojson"
    found: Rows = json.loads(path.read_text("utf-8"))["features"]
    return [entry for entry in found if not current or entry["properties"]["valid_to"] is None]


def pick(entries: Rows, name: str, version: str) -> Row:
    """One feature at one plan version."""
    found = [entry for entry in entries if entry["properties"]["id"] == name
             and entry["properties"]["plan_version"] == version]  # fmt: skip
    if len(found) != 1:
        raise LookupError(name, version)
    return found[0]


def bare(entry: Row) -> Row:
    """A feature with its id, its Chinese name and its plan version alone."""
    kept = {name: entry["properties"][name] for name in ("id", "name_zh", "plan_version")
            if name in entry["properties"]}  # fmt: skip
    return {"type": "Feature", "properties": kept, "geometry": entry["geometry"]}


# --- PostGIS ------------------------------------------------------------------------------------


def ask(server: Cluster, case: str) -> Row:
    """What PostGIS says of one case; the server reads copies that it may read."""
    words = ["-v", f"srid={SRID}", "-v", f"proj4={PROJ4}"]
    copies = {name: server.folder / f"{name}.geojson" for name in NAMES}
    for name, copy in copies.items():
        shutil.copyfile(HERE / case / f"{name}.geojson", copy)
        copy.chmod(0o644)
        words += ["-v", f"{name}={copy}"]
    script = server.folder / "sizes.sql"
    shutil.copyfile(HERE / "sizes.sql", script)
    script.chmod(0o644)
    answer: Row = json.loads(server.psql(*words, "-f", str(script)))
    return answer


def keep_touched(server: Cluster, case: str, pair: Pair) -> Pair:
    """Leave out zones that share no point with a thing, as PostGIS sees it."""
    save(case, pair)
    answer = ask(server, case)
    touched = {zone for zone, _ in answer["touching"]} | {
        entry["zone"] for entry in answer["overlaps"]
    }
    return [zone for zone in pair[0] if zone["properties"]["id"] in touched], pair[1]


def save(case: str, pair: Pair) -> None:
    (HERE / case).mkdir(exist_ok=True)
    for name, entries in zip(NAMES, pair, strict=True):
        write(HERE / case / f"{name}.geojson", entries)


def versions(server: Cluster) -> dict[str, str]:
    full = server.psql("-c", "SELECT postgis_full_version()")
    found = {name.lower(): version for name, version in re.findall(r'(\w+)="([^" ]+)', full)}
    return {
        "postgresql": server.psql("-c", "SHOW server_version").split()[0],
        **{name: found[name] for name in ("postgis", "geos", "proj")},
    }


def main() -> None:
    cases = surface_cases() | line_cases()
    with cluster() as server:
        for case, (zones, things) in real_cases().items():
            whole = ([bare(zone) for zone in zones], [bare(thing) for thing in things])
            cases[case] = keep_touched(server, case, whole)
        expected: Row = {"versions": versions(server), "projection": PROJ4, "cases": {}}
        for case, pair in cases.items():
            save(case, pair)
            expected["cases"][case] = ask(server, case)
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (HERE / "expected.json").write_text(text + "\n", "utf-8")
    print(json.dumps(expected["versions"]), len(cases), "cases")


if __name__ == "__main__":
    main()
