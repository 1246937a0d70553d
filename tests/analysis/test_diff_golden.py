"""Differences of small cases against PostGIS (sizes) and QGIS (which rows differ).

What the two programs said lies in tests/golden/diff/, with their versions and how it was made.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import geopandas as gpd
import pytest

from atlas.analysis.diff import Diff, diff_rows
from atlas.analysis.pieces import pieces
from atlas.core.crs import WORKING_CRS
from atlas.core.schema import KEY
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "tests" / "golden" / "diff"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))
RELATIVE, ABSOLUTE_KM = 1e-6, 1e-9
REAL = ("hefei-area-2024", "chaohu-2011", "longgang-2019")
"""Cut from the atlas: two plan versions, of which one succeeds the other."""
LISTS = ("predecessors", "successors")

KINDS = {
    "equal": [],
    "redrawn": [],
    "attribute": ["reworded"],
    "inserted": ["inserted"],
    "removed": ["removed"],
    "grown": ["reshaped"],
    "shrunk": ["reshaped"],
    "grown-and-shrunk": ["reshaped"],
    "moved": ["moved"],
    "moved-away": ["moved"],
    "hole-opened": ["reshaped"],
    "hole-filled": ["reshaped"],
    "island": ["reshaped"],
    "renamed": ["reworded"],
    "geometry-found": ["reshaped"],
    "geometry-lost": ["reshaped"],
    "split": ["split"],
    "merged": ["merged"],
    "split-among-others": ["inserted", "removed", "split"],
    "split-unevenly": ["split"],
    "split-off": ["inserted", "inserted", "reshaped"],
    "redivided": ["inserted", "removed", "reshaped"],
    "border-moved": ["reshaped", "reshaped"],
    "corner-moved": ["reshaped", "reshaped", "reshaped", "reshaped"],
    "overlapping": ["reshaped"],
    "line-extended": ["reshaped"],
    "line-rerouted": ["reshaped"],
    "line-split": ["split"],
    "point-moved": ["moved"],
    "hefei-area-2024": ["reshaped"],
    "chaohu-2011": ["redivided"],
    "longgang-2019": ["split"],
}
CASES = list(KINDS)
Flow = tuple[str, str | None, str | None]
"""Sort of a piece, id it comes from, id it goes to."""


def read(case: str, name: str) -> gpd.GeoDataFrame:
    """One state of a case, whose lists are written as words."""
    features = json.loads((FOLDER / case / f"{name}.geojson").read_text("utf-8"))["features"]
    for feature in features:
        entry = feature["properties"]
        entry |= {column: entry[column].split() for column in LISTS if column in entry}
    return gpd.GeoDataFrame.from_features(features, crs=4326)


@cache
def compared(case: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Diff]:
    old, new = read(case, "old"), read(case, "new")
    real = case in REAL
    return old, new, diff_rows(old, new, key=KEY if real else ("id",), successive=real)


def test_every_case_has_an_answer() -> None:
    assert list(EXPECTED["cases"]) == CASES
    assert {path.parent.name for path in FOLDER.glob("*/old.geojson")} == set(CASES)


def test_the_projection_is_the_atlas_own() -> None:
    assert WORKING_CRS.equals(EXPECTED["projection"])


@pytest.mark.parametrize("case", CASES)
def test_the_same_rows_differ_as_in_qgis_and_postgis(case: str) -> None:
    old, _, diff = compared(case)
    said = EXPECTED["cases"][case]["qgis"]
    assert {name: said[name] for name in ("deleted", "added")} == EXPECTED["cases"][case]["rows"]
    assert sorted(diff.old["id"]) == said["deleted"]
    assert sorted(diff.new["id"]) == said["added"]
    assert sorted(set(old["id"]) - set(diff.old["id"])) == said["unchanged"]
    assert diff.kept == len(said["unchanged"])


@pytest.mark.parametrize("case", CASES)
def test_the_change_has_its_name(case: str) -> None:
    _, _, diff = compared(case)
    assert sorted(change.kind for change in diff.changes) == KINDS[case]


@pytest.mark.parametrize("case", CASES)
def test_pieces_have_the_sizes_that_postgis_measures(case: str) -> None:
    _, _, diff = compared(case)
    found = found_flows(diff)
    wanted = wanted_flows(diff, EXPECTED["cases"][case])
    for flow in found.keys() | wanted.keys():
        size = pytest.approx(wanted.get(flow, 0.0), rel=RELATIVE, abs=ABSOLUTE_KM)
        assert found.get(flow, 0.0) == size, flow


def found_flows(diff: Diff) -> dict[Flow, float]:
    """Our pieces, added up; what is drawn for the first or the last time stands for itself."""
    cut = pieces(diff)
    flows: dict[Flow, float] = {}
    for entry in cut.itertuples():
        from_id, to_id = (value if isinstance(value, str) else None
                          for value in (entry.from_id, entry.to_id))  # fmt: skip
        flow = entry.change, from_id, to_id
        flows[flow] = flows.get(flow, 0.0) + entry.size
    return flows


def wanted_flows(diff: Diff, answer: dict[str, Any]) -> dict[Flow, float]:
    """PostGIS's sizes of what each change of ours says to have befallen its rows."""
    entries = {entry["id"]: entry for entry in answer["features"]}
    common = {(entry["from_id"], entry["to_id"]): entry["size"] for entry in answer["common"]}
    flows: dict[Flow, float] = {}
    for change in diff.changes:
        before = list(diff.old["id"].iloc[list(change.old)])
        after = list(diff.new["id"].iloc[list(change.new)])
        single = len(before) <= 1 and len(after) <= 1
        blind = single and before == after and None in (entries[before[0]]["old"],
                                                        entries[before[0]]["new"])  # fmt: skip
        if blind:
            drawn = entries[before[0]]
            flows["undetermined", before[0], after[0]] = drawn["new"] or drawn["old"]
            continue
        net = "" if not single or (before and after and before != after) else "_in_all"
        flows |= {("gained", None, name): entries[name][f"gained{net}"] for name in after}
        flows |= {("lost", name, None): entries[name][f"lost{net}"] for name in before}
        for one in before:
            for other in after:
                sort = "kept" if one == other or single else "transferred"
                flows[sort, one, other] = common.get((one, other), 0.0)
    return flows
