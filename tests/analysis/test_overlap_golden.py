"""Overlaps of small cases against PostGIS.

What PostGIS said lies in tests/golden/overlap/, with its version and how it was made.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from atlas.analysis.matrix import Plane, covered, outside, pair_shapes, to_plane, zone_by_feature
from atlas.core.crs import WORKING_CRS
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "tests" / "golden" / "overlap"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))
CASES = list(EXPECTED["cases"])
RELATIVE, ABSOLUTE_KM = 1e-9, 1e-9
SIZE = {2: "area_km2", 1: "length_km"}
POINTS = [case for case in CASES if case != "points"]
APART = [case for case in CASES if case not in ("points", "lines-along-borders")]
"""Where a line lies in two zones, what lies in none is an estimate."""


@cache
def read(case: str, name: str) -> tuple[list[str], Plane]:
    rows = gpd.read_file(FOLDER / case / f"{name}.geojson")
    return rows["id"].tolist(), to_plane(rows)


@cache
def measured(case: str) -> pd.DataFrame:
    table = zone_by_feature(read(case, "zones")[1], read(case, "things")[1])
    return table[table["size"] > ABSOLUTE_KM]  # what only touches may overlap by some rounding


def pairs(case: str) -> dict[tuple[str, str], float]:
    """Size of each pair by ids."""
    zones, things = read(case, "zones")[0], read(case, "things")[0]
    table = measured(case)
    keys = [
        (zones[zone], things[thing])
        for zone, thing in zip(table["zone"], table["feature"], strict=True)
    ]
    return dict(zip(keys, table["size"], strict=True))


def size_in(entry: dict[str, Any], case: str) -> float:
    """What PostGIS measured of an entry; points are counted."""
    kind = read(case, "things")[1].kind
    return float(entry[SIZE[kind]]) if kind else 1.0


def near(values: Any) -> Any:
    return pytest.approx(values, rel=RELATIVE, abs=ABSOLUTE_KM)


def test_every_case_has_an_answer() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/zones.geojson")} == set(CASES)
    assert len(CASES) >= 16


def test_the_projection_is_the_atlas_own() -> None:
    assert WORKING_CRS.equals(EXPECTED["projection"])


@pytest.mark.parametrize("case", POINTS)
def test_the_same_pairs_overlap_with_the_same_sizes(case: str) -> None:
    said = EXPECTED["cases"][case]
    wanted = {(entry["zone"], entry["thing"]): size_in(entry, case) for entry in said["overlaps"]}
    assert pairs(case) == near(wanted)


@pytest.mark.parametrize("case", POINTS)
def test_what_only_touches_is_no_pair(case: str) -> None:
    assert not pairs(case).keys() & set(map(tuple, EXPECTED["cases"][case]["touching"]))


@pytest.mark.parametrize("case", CASES)
def test_what_a_zone_covers_lies_in_it_whole(case: str) -> None:
    found = pairs(case)
    ids, things = read(case, "things")
    whole = dict(zip(ids, things.size, strict=True))
    for entry in EXPECTED["cases"][case]["overlaps"]:
        share = found[entry["zone"], entry["thing"]] / whole[entry["thing"]]
        assert bool(share > 1 - 1e-9) is entry["within"], entry


@pytest.mark.parametrize("case", CASES)
def test_zones_and_things_have_their_sizes(case: str) -> None:
    said = EXPECTED["cases"][case]
    zones, things = read(case, "zones"), read(case, "things")
    assert zones[0] == [entry["zone"] for entry in said["zones"]]
    assert things[0] == [entry["thing"] for entry in said["things"]]
    assert zones[1].size.tolist() == near([entry["area_km2"] for entry in said["zones"]])
    assert things[1].size.tolist() == near([size_in(entry, case) for entry in said["things"]])


@pytest.mark.parametrize("case", [case for case in APART if case != "lines-across"])
def test_no_place_is_covered_twice(case: str) -> None:
    found = covered(read(case, "zones")[1], read(case, "things")[1])
    wanted = [size_in(entry["covered"], case) for entry in EXPECTED["cases"][case]["zones"]]
    assert found.tolist() == near(wanted)


@pytest.mark.parametrize("case", APART)
def test_what_lies_in_no_zone(case: str) -> None:
    found = outside(read(case, "things")[1], measured(case))
    wanted = [size_in(entry["outside"], case) for entry in EXPECTED["cases"][case]["things"]]
    assert found.tolist() == pytest.approx(wanted, rel=RELATIVE, abs=1e-6)


@pytest.mark.parametrize("case", POINTS)
def test_the_pieces_have_the_sizes_of_the_pairs(case: str) -> None:
    zones, things = read(case, "zones")[1], read(case, "things")[1]
    pieces = pair_shapes(zones, things, measured(case))
    assert shapely.get_dimensions(pieces.geometry.to_numpy()).tolist() == [things.kind] * len(
        pieces
    )
    sizes = to_plane(pieces).size if len(pieces) else np.empty(0)
    np.testing.assert_allclose(sizes, measured(case)["size"], rtol=RELATIVE, atol=ABSOLUTE_KM)
