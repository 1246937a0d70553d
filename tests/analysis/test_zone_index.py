"""Zones made ready: pieces cover them exactly, and the grid is never wrong."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis.zone_index import OUTSIDE, Grid, fill_grid, index_zones, subdivide

FEW = 400
"""Cells of a grid that is coarse beside the shapes of these tests."""
AREA = 1e-9


def array(*shapes: shapely.Geometry) -> np.ndarray:
    held = np.empty(len(shapes), dtype=object)
    held[:] = shapes
    return held


def disc(x: float = 0, y: float = 0, radius: float = 10, steps: int = 64) -> shapely.Polygon:
    return shapely.Point(x, y).buffer(radius, quad_segs=steps)


def star(points: int) -> shapely.Polygon:
    """Long rays that meet in the middle: halves of it have many parts."""
    turns = np.linspace(0, 2 * np.pi, 2 * points, endpoint=False)
    radius = np.where(np.arange(2 * points) % 2, 1.0, 10.0)
    return shapely.Polygon(np.column_stack([radius * np.cos(turns), radius * np.sin(turns)]))


def comb(teeth: int) -> shapely.Geometry:
    """Cut lines run along and across its teeth."""
    bars = [shapely.box(2 * number, 0, 2 * number + 1, 10) for number in range(teeth)]
    return shapely.union_all([*bars, shapely.box(0, 0, 2 * teeth, 1)])


RING = shapely.difference(disc(), disc(radius=8))
SHAPES = {
    "disc": disc(),
    "a hole": RING,
    "an island in a hole": shapely.union_all([RING, disc(radius=3)]),
    "many islands": shapely.union_all([disc(25 * x, 25 * y) for x in range(3) for y in range(2)]),
    "small holes": shapely.difference(
        shapely.box(0, 0, 10, 10),
        shapely.union_all([disc(x, y, 0.3, 4) for x in range(1, 10) for y in range(1, 10)]),
    ),
    "holes that touch": shapely.Polygon(
        shapely.box(-10, -10, 10, 10).exterior,
        [[(0, 0), (9, step), (9, step + 0.05)] for step in np.arange(-4, 4, 0.1)],
    ),
    "star": star(60),
    "comb": comb(30),
    "long and thin": shapely.LineString([(0, 0), (1e4, 1)]).buffer(1e-3, quad_segs=64),
    "far from zero": disc(5e6, 4e6, 1e5, 256),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("vertices", [12, 48])
class TestPieces:
    """Pieces cover a polygon exactly, whatever it looks like."""

    def test_each_is_a_valid_polygon_of_few_vertices(
        self, shape: shapely.Geometry, vertices: int
    ) -> None:
        pieces, owner = subdivide(array(shape), vertices=vertices)
        assert len(pieces) > 1
        assert shapely.get_num_coordinates(pieces).max() <= vertices
        assert shapely.is_valid(pieces).all()
        assert set(shapely.get_dimensions(pieces)) == {2}
        assert not shapely.is_empty(pieces).any()
        assert not owner.any()

    def test_they_cover_it(self, shape: shapely.Geometry, vertices: int) -> None:
        pieces, _ = subdivide(array(shape), vertices=vertices)
        assert shapely.area(pieces).sum() == pytest.approx(shape.area, rel=AREA)
        apart = shapely.symmetric_difference(shapely.union_all(pieces), shape)
        assert apart.area <= AREA * shape.area

    def test_they_do_not_overlap(self, shape: shapely.Geometry, vertices: int) -> None:
        pieces, _ = subdivide(array(shape), vertices=vertices)
        one, other = shapely.STRtree(pieces).query(pieces, predicate="intersects")
        one, other = one[one < other], other[one < other]
        common = shapely.area(shapely.intersection(pieces[one], pieces[other]))
        assert common.sum() <= AREA * shape.area


class TestSubdivide:
    def test_what_has_few_vertices_stays_as_it_is(self) -> None:
        shape = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)])
        pieces, owner = subdivide(array(shape), vertices=10)
        assert pieces.tolist() == [shape]
        assert owner.tolist() == [0]

    def test_each_piece_knows_its_shape(self) -> None:
        shapes = array(shapely.box(20, 0, 21, 1), disc(), star(40), shapely.box(30, 0, 31, 1))
        pieces, owner = subdivide(shapes, vertices=16)
        assert set(owner.tolist()) == {0, 1, 2, 3}
        for place, shape in enumerate(shapes):
            own = pieces[owner == place]
            assert shapely.area(own).sum() == pytest.approx(shape.area, rel=AREA)
            assert shapely.covers(shape.buffer(1e-9), own).all()

    def test_shapes_that_lie_on_each_other_keep_their_own_pieces(self) -> None:
        pieces, owner = subdivide(array(disc(), disc()), vertices=16)
        areas = [shapely.area(pieces[owner == place]).sum() for place in (0, 1)]
        assert areas == pytest.approx([disc().area] * 2, rel=AREA)

    def test_empty_shapes_have_no_extent(self) -> None:
        pieces, owner = subdivide(array(shapely.Polygon(), disc()), vertices=16)
        assert shapely.area(pieces[owner == 0]).sum() == 0
        assert shapely.area(pieces[owner == 1]).sum() == pytest.approx(disc().area, rel=AREA)

    def test_of_nothing_there_are_none(self) -> None:
        pieces, owner = subdivide(array(), vertices=16)
        assert (len(pieces), len(owner)) == (0, 0)

    def test_the_same_shapes_give_the_same_pieces(self) -> None:
        first, second = (subdivide(array(disc(), star(40)), vertices=16) for _ in range(2))
        assert shapely.equals_identical(first[0], second[0]).all()
        assert (first[1] == second[1]).all()


NUMBERS = st.integers(0, 1000).map(lambda value: value / 10)
SMALL = st.integers(0, 40).map(lambda value: value / 10)


@st.composite
def zones(draw: st.DrawFn) -> shapely.Geometry:
    """Something of every sort: box, frame, disc, islands, a box smaller than a cell, nothing."""
    x, y, size = draw(NUMBERS), draw(NUMBERS), draw(NUMBERS) / 2 + 1
    box = shapely.box(x, y, x + size, y + size)
    sorts = {
        "box": box,
        "frame": shapely.difference(box, shapely.box(x + 0.3, y + 0.3, x + size / 2, y + size / 2)),
        "disc": disc(x, y, size),
        "islands": shapely.union_all([disc(x, y, size / 4, 8), disc(x + size, y, size / 4, 8)]),
        "tiny": shapely.box(x, y, x + 0.01, y + 0.02),
        "slanted": shapely.Polygon([(x, y), (x + size, y + 0.1), (x + size, y + 0.2)]),
        "nothing": shapely.Polygon(),
    }
    return draw(st.sampled_from(list(sorts.values())))


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    """Bounds of any size, points too; some lie outside the grid."""
    west, south = draw(NUMBERS) * 2 - 50, draw(NUMBERS) * 2 - 50
    return west, south, west + draw(SMALL | NUMBERS), south + draw(SMALL | NUMBERS)


def judge(grid: Grid, shapes: np.ndarray, bounds: np.ndarray) -> int:
    """Compare what the grid says for certain with the shapes; how often it was certain."""
    certain, zone = grid.zones_of(bounds)
    places = np.flatnonzero(certain)
    things = shapely.box(*bounds[places].T)
    flat = (bounds[places, :2] == bounds[places, 2:]).all(axis=1)
    things[flat] = shapely.points(bounds[places[flat], :2])
    for number, shape in enumerate(shapes):
        shapely.prepare(shape)
        inside = zone[places] == number
        assert shapely.contains_properly(shape, things[inside]).all(), number
        assert shapely.disjoint(shape, things[~inside]).all(), number
    return len(places)


def beside(shapes: np.ndarray, cell: float, seed: int, count: int = 2_000) -> np.ndarray:
    """Bounds of boxes, most smaller than a cell, beside or on the borders of shapes."""
    random = np.random.default_rng(seed)
    borders = shapely.boundary(shapes[~shapely.is_empty(shapes)])
    chosen = borders[random.integers(0, len(borders), count)]
    points = shapely.line_interpolate_point(chosen, random.random(count), normalized=True)
    corner = shapely.get_coordinates(points) + random.uniform(-2.5, 2.5, (count, 2)) * cell
    return np.hstack([corner, corner + random.random((count, 2)) ** 4 * 2 * cell])


class TestGrid:
    """What the grid is certain of is so; what it is not certain of is cut."""

    @given(
        st.lists(zones(), min_size=1, max_size=5).filter(
            lambda shapes: any(not shape.is_empty for shape in shapes)
        ),
        st.lists(boxes(), min_size=20, max_size=20),
        st.sampled_from([9, FEW, 10_000]),
    )  # fmt: skip
    def test_it_is_never_wrong(
        self, shapes: list[shapely.Geometry], bounds: list[tuple[float, ...]], cells: int
    ) -> None:
        judge(fill_grid(array(*shapes), cells=cells), array(*shapes), np.array(bounds))

    @given(
        st.lists(zones(), min_size=1, max_size=4).filter(
            lambda shapes: any(not shape.is_empty for shape in shapes)
        ),
        st.sampled_from([30, FEW, 10_000]), st.integers(0, 1_000),
    )  # fmt: skip
    def test_nor_beside_a_border(
        self, shapes: list[shapely.Geometry], cells: int, seed: int
    ) -> None:
        held = array(*(part for shape in shapes for part in shapely.get_parts(shape)))
        grid = fill_grid(held, cells=cells)
        judge(grid, held, beside(held, grid.cell, seed))

    @pytest.mark.parametrize("degrees", [1, 20, 45, 70, 89])
    def test_nor_beside_a_slanted_border(self, degrees: int) -> None:
        turned = shapely.affinity.rotate(shapely.box(0, 0, 300, 100), degrees)
        held = array(turned, shapely.box(1_000, 0, 1_001, 1))
        grid = fill_grid(held, cells=3_000)
        assert judge(grid, held, beside(held[:1], grid.cell, 1, 20_000)) > 0

    def test_it_is_mostly_certain(self) -> None:
        shapes = array(shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100))
        steps = np.arange(-4.5, 105, 1.0)
        bounds = np.array([(x, y, x + 0.5, y + 0.5) for x in steps for y in steps])
        certain = judge(fill_grid(shapes, cells=10_000), shapes, bounds)
        assert certain > 0.85 * len(bounds)

    def test_one_zone(self) -> None:
        grid = fill_grid(array(shapely.box(0, 0, 100, 100)), cells=FEW)
        bounds = np.array([[40, 40, 60, 60], [-500, 0, -400, 9], [-5, -5, 50, 50], [0, 0, 0, 0]])
        certain, zone = grid.zones_of(bounds.astype(float))
        assert certain.tolist() == [True, True, False, False]
        assert zone[:2].tolist() == [0, OUTSIDE]

    def test_a_box_outside_the_grid_is_outside_all(self) -> None:
        grid = fill_grid(array(shapely.box(0, 0, 100, 100)), cells=FEW)
        far = [(1e3, 0, 1e4, 50), (-1e4, 0, -1e3, 50), (0, 1e3, 50, 1e4), (0, -1e4, 50, -1e3),
               (1e3, 1e3, 1e4, 1e4), (-1e4, -1e4, -1e3, -1e3)]  # fmt: skip
        certain, zone = grid.zones_of(np.array(far))
        assert certain.all()
        assert set(zone.tolist()) == {OUTSIDE}

    def test_a_box_around_everything_is_not_certain(self) -> None:
        grid = fill_grid(array(shapely.box(0, 0, 100, 100)), cells=FEW)
        around = np.array([[-1e4, -1e4, 1e4, 1e4], [-1e4, 50, 1e4, 51], [50, -1e4, 51, 1e4]])
        assert not grid.zones_of(around)[0].any()

    def test_where_zones_lie_on_each_other_nothing_is_certain(self) -> None:
        shapes = array(shapely.box(0, 0, 100, 100), shapely.box(0, 0, 100, 100))
        assert not fill_grid(shapes, cells=FEW).zones_of(np.array([[50.0, 50, 51, 51]]))[0].any()

    def test_a_hole_is_outside(self) -> None:
        shape = shapely.difference(shapely.box(0, 0, 100, 100), shapely.box(20, 20, 80, 80))
        certain, zone = fill_grid(array(shape), cells=FEW).zones_of(
            np.array([[45.0, 45, 55, 55], [45, 45, 90, 55]])
        )
        assert certain.tolist() == [True, False]
        assert zone[0] == OUTSIDE

    def test_a_zone_smaller_than_a_cell_is_seen(self) -> None:
        shapes = array(shapely.box(0, 0, 100, 100), shapely.box(150, 50, 150.001, 50.001))
        grid = fill_grid(shapes, cells=100)
        assert not grid.zones_of(np.array([[149.0, 49, 151, 51]]))[0].any()

    def test_an_empty_zone_among_others_is_nowhere(self) -> None:
        shapes = array(shapely.Polygon(), shapely.box(0, 0, 100, 100), shapely.GeometryCollection())
        certain, zone = fill_grid(shapes, cells=FEW).zones_of(np.array([[50.0, 50, 51, 51]]))
        assert certain.all()
        assert zone.tolist() == [1]

    @pytest.mark.parametrize("shapes", [array(), array(shapely.Polygon(), shapely.Polygon())])
    def test_without_zones_everything_is_outside(self, shapes: np.ndarray) -> None:
        grid = fill_grid(shapes, cells=FEW)
        certain, zone = grid.zones_of(np.array([[50.0, 50, 51, 51], [-9, -9, 9, 9]]))
        assert certain.all()
        assert set(zone.tolist()) == {OUTSIDE}

    def test_no_boxes(self) -> None:
        certain, zone = fill_grid(array(disc()), cells=FEW).zones_of(np.empty((0, 4)))
        assert (len(certain), len(zone)) == (0, 0)

    @pytest.mark.parametrize("cells", [1, 10, 1_000, 100_000])
    def test_it_has_about_as_many_cells_as_asked(self, cells: int) -> None:
        rows, columns = fill_grid(array(shapely.box(0, 0, 200, 100)), cells=cells).zone.shape
        margin = 7
        assert (rows - margin) * (columns - margin) <= cells <= rows * columns

    def test_its_table_counts_uncertain_cells(self) -> None:
        grid = fill_grid(array(shapely.box(0, 0, 100, 100)), cells=FEW)
        assert grid.uncertain.shape == (grid.zone.shape[0] + 1, grid.zone.shape[1] + 1)
        assert not grid.uncertain[0].any()
        assert not grid.uncertain[:, 0].any()
        each = np.diff(np.diff(grid.uncertain, axis=0), axis=1)
        assert set(np.unique(each)) == {0, 1}


class TestIndex:
    def test_it_holds_zones_grid_pieces_and_tree(self) -> None:
        shapes = array(disc(), shapely.box(20, 0, 30, 10))
        index = index_zones(shapes, cells=FEW)
        assert index.shapes is shapes
        assert len(index.pieces) == len(index.owner) == len(index.tree)
        assert shapely.get_num_coordinates(index.pieces).max() <= 48
        assert set(index.owner.tolist()) == {0, 1}

    def test_the_number_of_cells_changes_nothing_but_speed(self) -> None:
        shapes = array(disc(), star(40))
        coarse, fine = (index_zones(shapes, cells=cells) for cells in (10, 10_000))
        assert shapely.equals_identical(coarse.pieces, fine.pieces).all()
        assert coarse.grid.cell > fine.grid.cell
