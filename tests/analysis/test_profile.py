"""Along a line: cells and polygons passed, with geodesic lengths that add up."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from atlas.analysis.profile import (
    OUTSIDE,
    boxes_along,
    joined,
    steps_on,
    stretches_in,
    way_along,
)
from atlas.core.crs import STORAGE_CRS, length_km
from atlas.core.grid import Grid
from tests.ground_examples import DEGREES

LEVEL = shapely.LineString([(117.9, 31.9), (120.1, 31.9)])
"""Along the first row, a little beyond it at both ends."""


ENDS_KM = 1e-4
"""What a cut inside a step may be off: kilometres are counted evenly along steps of 0.02° (2 km),
on which the length of a degree changes by tan 33° · 0.02° = 2.3e-4: an eighth of that of 2 km,
6 cm, at each of both ends."""


def true_km(*shapes: shapely.Geometry) -> float:
    return float(length_km(gpd.GeoSeries(list(shapes), crs=STORAGE_CRS)).sum())


def test_a_line_along_a_row_passes_each_cell_once() -> None:
    way = way_along(LEVEL)
    steps = steps_on(way, DEGREES)
    cells = steps.column[np.append(True, steps.column[1:] != steps.column[:-1])]
    assert cells.tolist() == [OUTSIDE, *range(8), OUTSIDE]
    inside = steps.column == 3
    part = shapely.LineString([(118.75, 31.9), (119.0, 31.9)])
    assert (steps.end_km - steps.start_km)[inside].sum() == pytest.approx(true_km(part), rel=1e-6)
    assert set(steps.row[steps.row != OUTSIDE].tolist()) == {0}


places = st.tuples(st.floats(117, 121), st.floats(29.5, 33))


@settings(max_examples=40)
@given(st.lists(places, min_size=2, max_size=8, unique=True))
def test_pieces_add_up_to_the_line(points) -> None:
    line = shapely.LineString(points)
    way = way_along(line)
    assert way.length_km == pytest.approx(true_km(shapely.segmentize(line, 0.02)), rel=1e-9)
    steps = steps_on(way, DEGREES)
    assert steps.start_km[0] == 0
    assert steps.start_km[1:] == pytest.approx(steps.end_km[:-1], abs=1e-9)
    assert steps.end_km[-1] == pytest.approx(way.length_km)


@settings(max_examples=40)
@given(st.lists(places, min_size=2, max_size=7, unique=True), st.integers(0, 20))
def test_what_lies_in_polygons_is_what_geos_cuts(points, seed: int) -> None:
    line = shapely.LineString(points)
    spots = np.random.default_rng(seed).uniform((117.5, 30), (120.5, 32.5), (18, 2))
    shapes = np.array([shapely.convex_hull(shapely.MultiPoint(part)) for part in
                       np.split(spots, 3)])  # fmt: skip
    way = way_along(line)
    found = stretches_in(way, shapes)
    for thing, shape in enumerate(shapes):
        own = found.thing == thing
        length = (found.end_km - found.start_km)[own].sum()
        if shapely.is_simple(line):
            cut = shapely.intersection(shapely.segmentize(line, 0.02), shape)
            assert length == pytest.approx(
                true_km(*shapely.get_parts([cut])), rel=1e-6, abs=ENDS_KM
            )
        assert (found.start_km[own][1:] > found.end_km[own][:-1]).all()


def test_a_line_that_crosses_itself_is_followed_twice() -> None:
    line = shapely.LineString([(118, 31), (119, 31), (119, 30.5), (118.5, 30.5), (118.5, 31.5)])
    found = stretches_in(way_along(line), np.array([shapely.box(118.4, 30.9, 118.6, 31.1)]))
    assert len(found.thing) == 2
    assert found.end_km[0] < found.start_km[1]


def test_parts_of_a_line_go_on_counting_without_the_gap() -> None:
    parts = shapely.MultiLineString([[(118, 31), (118.5, 31)], [(119, 31), (119.5, 31)]])
    way = way_along(parts)
    assert way.length_km == pytest.approx(true_km(parts), rel=1e-5)
    found = stretches_in(way, np.array([shapely.box(118.4, 30, 119.1, 32)]))
    assert found.end_km - found.start_km == pytest.approx([true_km(
        shapely.LineString([(118, 31), (118.2, 31)]))], rel=1e-3)  # fmt: skip


def test_a_grid_in_a_projection_is_met_where_it_lies() -> None:
    grid = Grid(400_000.0, 3_500_000.0, 10_000.0, 10_000.0, 40, 40, CRS.from_epsg(32650))
    way = way_along(shapely.LineString([(117, 31), (120, 31.2)]))
    steps = steps_on(way, grid)
    assert steps.end_km[-1] == pytest.approx(way.length_km)
    lengths = steps.end_km - steps.start_km
    assert lengths[steps.column != OUTSIDE].max() < 11
    boxes = boxes_along(way, grid)
    assert boxes[0, 0] == pytest.approx(500_000, abs=1)


@pytest.mark.parametrize(
    ("shape", "words"),
    [(shapely.Point(118, 31), "no line"), (shapely.box(0, 0, 1, 1), "no line"),
     (shapely.LineString([(118, 31), (118, 31)]), "no length")],
)  # fmt: skip
def test_what_is_no_line(shape: shapely.Geometry, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        way_along(shape)


def test_pieces_of_one_value_are_put_together() -> None:
    start, end = np.array([0.0, 1, 2, 5, 6]), np.array([1.0, 2, 3, 6, 7])
    values = np.array([4.0, 4, np.nan, np.nan, np.nan])
    found = joined(start, end, values)
    assert found[0].tolist() == [0, 2, 5]
    assert found[1].tolist() == [2, 3, 7]
    assert found[2][0] == 4
    assert np.isnan(found[2][1:]).all()


def test_nothing_is_passed() -> None:
    way = way_along(LEVEL)
    assert len(stretches_in(way, np.array([None, shapely.box(0, 0, 1, 1)])).thing) == 0
