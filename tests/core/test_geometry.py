"""Rules of shapes: place, form, decimals and ring direction."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.crs import REGION_BOUNDS
from atlas.core.geometry import canonical, geometry_problems, snap
from tests.examples import square
from tests.strategies import LINES, POINTS, SHAPES, boxes

WEST, SOUTH, EAST, NORTH = REGION_BOUNDS
STEP = 1e-6
HOLE = [(120.1, 30.1), (120.1, 30.2), (120.2, 30.2), (120.2, 30.1), (120.1, 30.1)]


def problems(shape: Any, kind: str = "polygon", basis: str = "digitised") -> list[tuple[str, str]]:
    return list(geometry_problems(kind, basis, shape))


def one_problem(shape: Any, kind: str = "polygon", basis: str = "digitised") -> tuple[str, str]:
    found = problems(shape, kind, basis)
    assert len(found) == 1, found
    return found[0]


def test_right_shapes_have_no_problem() -> None:
    assert problems(square()) == []
    assert problems(shapely.MultiPolygon([square(), square(121)])) == []
    assert problems(shapely.Polygon(square().exterior.coords, [HOLE])) == []
    assert problems(shapely.LineString([(120, 30), (121, 31)]), "line") == []
    assert problems(shapely.MultiLineString([[(120, 30), (121, 31)]]), "line") == []
    assert problems(shapely.Point(120.123456, 30.654321), "point") == []


def test_no_geometry_only_where_the_row_says_none() -> None:
    assert problems(None, basis="none") == []
    rule, message = one_problem(None)
    assert rule == "geometry"
    assert "geometry_basis is 'none'" in message


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("polygon", shapely.Point(120, 30)),
        ("polygon", shapely.LineString([(120, 30), (121, 31)])),
        ("line", square()),
        ("point", shapely.MultiPoint([(120, 30)])),
        ("polygon", shapely.GeometryCollection([square()])),
    ],
)
def test_a_shape_of_another_kind_is_named(kind: str, shape: shapely.Geometry) -> None:
    assert one_problem(shape, kind) == ("geometry", f"{shape.geom_type} in a {kind} layer")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_coordinates_are_finite(value: float) -> None:
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(120, 30), (value, 31), (121, 31)])
    rule, message = one_problem(line, "line")
    assert rule == "coordinates"
    assert "NaN" in message


def test_an_empty_shape_is_named() -> None:
    assert one_problem(shapely.Polygon())[0] == "coordinates"
    assert one_problem(shapely.Point(), "point")[0] == "coordinates"


def test_swapped_coordinates_are_called_swapped() -> None:
    rule, message = one_problem(shapely.Point(30.5, 120.5), "point")
    assert rule == "region"
    assert "swapped" in message
    assert "longitude first" in message


def test_a_place_outside_the_region_is_named() -> None:
    rule, message = one_problem(shapely.LineString([(120, 30), (2.5, 48.5)]), "line")
    assert rule == "region"
    assert "(2.5, 48.5) lies outside" in message


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [
        (WEST, SOUTH, True),
        (EAST, NORTH, True),
        (WEST - STEP, 30, False),
        (EAST + STEP, 30, False),
        (120, SOUTH - STEP, False),
        (120, NORTH + STEP, False),
    ],
)
def test_the_region_holds_its_own_border(x: float, y: float, *, inside: bool) -> None:
    found = problems(shapely.Point(round(x, 6), round(y, 6)), "point")
    assert [rule for rule, _ in found] == ([] if inside else ["region"])


def test_the_region_holds_the_four_provinces() -> None:
    assert problems(shapely.box(114.9, 27.0, 123.0, 35.2)) == []


def test_metres_of_a_projection_are_outside() -> None:
    assert one_problem(shapely.Point(350_000, 3_400_000), "point")[0] == "region"


def test_six_decimals_and_no_more() -> None:
    assert problems(shapely.Point(120.000001, 30), "point") == []
    rule, message = one_problem(shapely.Point(120.0000001, 30), "point")
    assert rule == "coordinates"
    assert "more than 6 decimals" in message


def test_heights_are_refused_not_dropped() -> None:
    rule, message = one_problem(shapely.Point(120, 30, 5), "point")
    assert rule == "coordinates"
    assert "heights are not stored" in message


def test_a_bow_tie_is_no_polygon() -> None:
    bow = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31), (120, 30)])
    rule, message = one_problem(bow)
    assert rule == "validity"
    assert "Self-intersection" in message


def test_rings_run_as_rfc_7946_says() -> None:
    assert one_problem(square().reverse())[0] == "rings"
    wrong_hole = shapely.Polygon(square().exterior.coords, [HOLE[::-1]])
    assert one_problem(wrong_hole)[0] == "rings"
    second = shapely.MultiPolygon([square(), square(121).reverse()])
    assert one_problem(second)[0] == "rings"


def test_several_problems_of_one_shape_are_all_named() -> None:
    bow = shapely.Polygon([(10, 30), (11.0000001, 31), (11, 30), (10, 31), (10, 30)])
    assert [rule for rule, _ in problems(bow)] == ["region", "coordinates", "validity"]


@given(st.sampled_from(sorted(SHAPES)).flatmap(SHAPES.get))
def test_canonical_is_idempotent(shape: shapely.Geometry) -> None:
    once = canonical(shape)
    assert shapely.to_wkb(canonical(once)) == shapely.to_wkb(once)


@given(boxes())
def test_canonical_turns_rings_the_right_way_and_moves_nothing(shape: shapely.Polygon) -> None:
    right = canonical(shape)
    assert problems(right) == []
    assert right.equals(shape)


@given(LINES | POINTS)
def test_canonical_leaves_lines_and_points_as_they_run(shape: shapely.Geometry) -> None:
    assert shapely.to_wkb(canonical(shape)) == shapely.to_wkb(shape)


def test_canonical_rounds_to_six_decimals_without_minus_zero() -> None:
    point = canonical(shapely.Point(120.12345651, -0.0000001))
    assert shapely.to_geojson(point) == '{"type":"Point","coordinates":[120.123457,0.0]}'
    assert canonical(None) is None


def test_snap_puts_a_union_on_the_grid_and_keeps_it_valid() -> None:
    shape = snap(shapely.Point(120, 30).buffer(0.1))
    assert problems(canonical(shape)) == []
    assert abs(shape.area - np.pi * 0.01) < 0.0005
