"""Shares of cells that polygons cover: exact, whatever the window."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.analysis import coverage
from atlas.analysis.coverage import cover, edges_of
from atlas.core.crs import WORKING_CRS
from atlas.core.grid import Grid

GRID = Grid(0.0, 10.0, 1.0, 1.0, 12, 10, WORKING_CRS)
ALL = {"row": 0, "column": 0, "rows": 10, "columns": 12}


def shares(shapes: list, **window: int) -> np.ndarray:
    """Zones × rows × columns."""
    window = ALL | window
    found = np.zeros((len(shapes), window["rows"], window["columns"]))
    for part in cover(edges_of(np.array(shapes, dtype=object), GRID), **window):
        assert (found[part.zone, part.row, part.column] == 0).all()
        found[part.zone, part.row, part.column] = part.share
        runs = zip(part.run_zone, part.run_row, part.run_start, part.run_length, strict=True)
        for zone, row, start, length in runs:
            assert (found[zone, row, start : start + length] == 0).all()
            found[zone, row, start : start + length] = 1
    return found


def clipped(shape, row: int, column: int, rows: int, columns: int) -> np.ndarray:
    """The same, cell by cell, by GEOS."""
    return np.array([
        [shapely.area(shapely.intersection(shape, shapely.box(x, 9 - y, x + 1, 10 - y)))
         for x in range(column, column + columns)]
        for y in range(row, row + rows)
    ])  # fmt: skip


coordinates = st.one_of(
    st.integers(-3, 15).map(float), st.integers(-6, 30).map(lambda n: n / 2),
    st.floats(-3, 15, allow_subnormal=False),
)  # fmt: skip
corners = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


@settings(max_examples=60)
@given(corners, corners, st.tuples(*[st.integers(0, 5), st.integers(0, 6)] * 2))
def test_shares_are_those_of_geos(outer, hole, window) -> None:
    shape = shapely.convex_hull(shapely.MultiPoint(outer))
    shape = shapely.difference(shape, shapely.convex_hull(shapely.MultiPoint(hole)))
    row, column, rows, columns = window[0], window[1], window[2] + 1, window[3] + 1
    if shapely.get_dimensions(shape) != 2 or not shapely.is_valid(shape):
        return
    own = shares([shape], row=row, column=column, rows=rows, columns=columns)[0]
    assert own == pytest.approx(clipped(shape, row, column, rows, columns), abs=1e-9)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.2, 11.8), st.floats(0.2, 9.8)), min_size=3, max_size=12))
def test_the_cells_of_a_partition_add_up_to_one(points) -> None:
    seeds = shapely.MultiPoint(points)
    whole = shapely.box(0, 0, 12, 10)
    parts = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=whole))
    parts = shapely.intersection(parts, whole)
    parts = parts[shapely.get_dimensions(parts) == 2]
    assert shares(list(parts)).sum(axis=0) == pytest.approx(np.ones((10, 12)), abs=1e-9)


def test_a_zone_along_the_edges_of_cells_touches_no_other() -> None:
    found = shares([shapely.box(2, 3, 5, 7)])[0]
    assert found.sum() == 12
    assert set(np.unique(found)) == {0.0, 1.0}


def test_a_side_along_a_row_shares_all_its_cells_alike() -> None:
    """The middle cells are passed by no other side than the level one."""
    assert shares([shapely.box(1.5, 2.0, 9.5, 4.3)])[0][5, 2:9].tolist() == pytest.approx([0.3] * 7)


def test_missing_and_empty_zones_cover_nothing() -> None:
    found = shares([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)])
    assert found[:2].sum() == 0
    assert found[2].sum() == 1


def test_many_zones_come_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = [shapely.box(x, y, x + 1.5, y + 1.5) for x in range(10) for y in range(8)]
    at_once = shares(zones)
    monkeypatch.setattr(coverage, "PIECES_MOST", 40)
    groups = list(cover(edges_of(np.array(zones), GRID), **ALL))
    assert len(groups) > 10
    assert shares(zones) == pytest.approx(at_once, abs=0)
