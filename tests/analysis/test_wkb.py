"""Rings read by numpy against GEOS: what is taken out, proven, and shared with zones."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from atlas.analysis.exact_sums import add_sums, sum_sizes
from atlas.analysis.overlap import overlap_pairs
from atlas.analysis.ring_overlap import copy_pieces, index_rings, overlap_rings
from atlas.analysis.wkb import (
    Binaries,
    Rings,
    proven_convex,
    read_rings,
    read_shapes,
    ring_areas,
    ring_boxes,
    take_rings,
    to_polygons,
)
from atlas.analysis.zone_index import index_zones
from tests.parcels import ROTATED, make_parcels, make_zones

STAR = [(0, 3), (2, -3), (-3, 1), (3, 1), (-2, -3), (0, 3)]
POINTS = st.tuples(st.integers(0, 5), st.integers(0, 5))
RINGS = st.lists(POINTS, min_size=3, max_size=7).map(lambda points: [*points, points[0]])


def binaries(*contents: bytes, before: bytes = b"") -> Binaries:
    length = np.array([len(content) for content in contents], dtype=np.int64)
    start = len(before) + np.cumsum(length) - length
    return Binaries(np.frombuffer(before + b"".join(contents), np.uint8), start, length)


def rings_of(*rings: list[tuple[float, float]]) -> Rings:
    return read_rings(binaries(*(shapely.to_wkb(shapely.Polygon(ring)) for ring in rings)))


class TestRead:
    """Closed polygons of one ring are taken out as they are; nothing else is."""

    def test_polygons_and_lonely_multipolygons_are_taken(self) -> None:
        shapes = [shapely.box(0, 0, 2, 1), shapely.MultiPolygon([shapely.box(5, 5, 6, 7)])]
        rings = read_rings(binaries(*map(shapely.to_wkb, shapes), before=b"?????"))
        assert rings.row.tolist() == [0, 1]
        assert shapely.equals_exact(to_polygons(rings)[0], shapes[0])
        assert shapely.equals_exact(to_polygons(rings)[1], shapes[1].geoms[0])
        assert np.abs(ring_areas(rings)).tolist() == [2.0, 2.0]
        assert ring_boxes(rings).tolist() == [[0, 0, 2, 1], [5, 5, 6, 7]]

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\x01",
            b"\x01\x03\x00\x00\x00" + b"\xff" * 90,
            shapely.to_wkb(shapely.box(0, 0, 1, 1), byte_order=0),
            shapely.to_wkb(shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 2, 2))),
            shapely.to_wkb(
                shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
            ),
            shapely.to_wkb(shapely.Polygon([(0, 0, 1), (1, 0, 1), (1, 1, 1)])),
            shapely.to_wkb(shapely.set_srid(shapely.box(0, 0, 1, 1), 4326), include_srid=True),
            shapely.to_wkb(shapely.box(0, 0, 1, 1))[:-8],
            shapely.to_wkb(shapely.box(0, 0, 1, 1)) + b"\x00",
            shapely.to_wkb(shapely.LineString([(0, 0)] * 9)),
            shapely.to_wkb(shapely.Polygon()),
        ],
    )
    def test_all_else_is_left(self, content: bytes) -> None:
        whole = shapely.to_wkb(shapely.box(0, 0, 1, 1))
        assert read_rings(binaries(whole, content, whole)).row.tolist() == [0, 2]

    def test_a_ring_that_does_not_close_is_left(self) -> None:
        content = bytearray(shapely.to_wkb(shapely.box(0, 0, 1, 1)))
        content[-16:] = np.array([7.0, 7.0]).tobytes()
        assert len(read_rings(binaries(bytes(content)))) == 0

    def test_shapes_are_read_flat_and_nothing_is_none(self) -> None:
        high = shapely.to_wkb(shapely.Point(1, 2, 3))
        found = read_shapes(binaries(high, b"", b"rubbish"), np.array([2, 1, 0]))
        assert found[:2].tolist() == [None, None]
        assert found[2] == shapely.Point(1, 2)
        assert not shapely.has_z(found[2])

    def test_nothing_at_all(self) -> None:
        rings = read_rings(binaries())
        assert [len(ring_areas(rings)), len(ring_boxes(rings)), len(proven_convex(rings))] == [
            0
        ] * 3
        assert len(read_shapes(binaries(), np.array([], dtype=int))) == 0

    @given(st.lists(RINGS, min_size=1, max_size=9), st.data())
    def test_some_rings_in_any_order(self, many: list, data: st.DataObject) -> None:
        rings = rings_of(*many)
        places = np.array(data.draw(st.lists(st.integers(0, len(many) - 1), max_size=9)), dtype=int)
        taken = take_rings(rings, places)
        assert shapely.equals_exact(to_polygons(taken), to_polygons(rings)[places]).all()
        assert ring_areas(taken) == pytest.approx(ring_areas(rings)[places], abs=1e-12)


class TestProof:
    """What is proven convex is valid; convex rings are nearly always proven."""

    @given(RINGS)
    @example(STAR)
    @example([(0, 0), (4, 0), (4, 0), (0, 4), (0, 0)])
    @example([(0, 0), (4, 0), (0, 0), (0, 4), (0, 0)])
    def test_what_is_proven_is_valid(self, ring: list[tuple[int, int]]) -> None:
        if proven_convex(rings_of(ring))[0]:
            shape = shapely.Polygon(ring)
            assert shapely.is_valid(shape)
            assert shape.convex_hull.area == shape.area

    @given(st.lists(st.integers(0, 359), min_size=3, max_size=40, unique=True), st.booleans())
    def test_points_around_a_circle_are_proven(self, degrees: list[int], clockwise: bool) -> None:
        around = [math.radians(angle) for angle in sorted(degrees, reverse=clockwise)]
        ring = [(1e6 + 900 * math.cos(angle), 1e6 + 900 * math.sin(angle)) for angle in around]
        assert proven_convex(rings_of([*ring, ring[0]]))[0]

    def test_a_star_turns_twice_and_nan_never(self) -> None:
        thin = [(0, 0), (1e-200, 0), (0, 1e-200), (0, 0)]
        assert not proven_convex(rings_of(STAR, STAR[::-1], thin)).any()
        for wrong in (math.nan, math.inf):
            rings = rings_of([(0, 0), (1, 0), (1, 1), (0, 0)])
            rings.x[2] = wrong
            with np.errstate(invalid="ignore"):
                assert not proven_convex(rings).any()

    def test_rings_do_not_disturb_each_other(self) -> None:
        square = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
        assert proven_convex(rings_of(STAR, square, STAR, square)).tolist() == [False, True] * 2


@ROTATED
class TestOverlap:
    """Sums over pairs of edges against shapes cut by GEOS."""

    @given(st.lists(RINGS, min_size=1, max_size=3), st.lists(RINGS, min_size=1, max_size=5))
    def test_any_valid_polygons(self, zones: list, things: list) -> None:
        shapes = np.array(
            [shape for shape in map(shapely.Polygon, zones) if shape.is_valid], object
        )
        rings = rings_of(*(ring for ring in things if shapely.Polygon(ring).is_valid))
        if not len(shapes) or not len(rings):
            return
        index = index_zones(shapes, cells=400)
        found = overlap_rings(index_rings(index), rings, ring_areas(rings), ring_boxes(rings))
        for pair, size in table(found).items():
            cut = shapes[pair[0]].intersection(to_polygons(rings)[pair[1]])
            assert size == pytest.approx(cut.area, rel=1e-9)
        cut = shapely.area(shapely.intersection(shapes[:, None], to_polygons(rings)[None]))
        assert set(table(found)) == set(zip(*map(list, np.nonzero(cut > 1e-9)), strict=True))

    def test_as_the_kernel_cuts_parcels(self) -> None:
        index = index_zones(make_zones().geometry.to_numpy())
        parcels = make_parcels().geometry.to_numpy()
        rings = read_rings(binaries(*shapely.to_wkb(parcels)))
        found = overlap_rings(index_rings(index), rings, ring_areas(rings), ring_boxes(rings))
        wanted = table(overlap_pairs(index, to_polygons(rings)))
        assert table(found) == pytest.approx(wanted, rel=1e-9, abs=1e-6)
        assert len(wanted) > len(rings)

    def test_rings_of_many_points_are_cut_by_geos(self) -> None:
        index = index_zones(make_zones().geometry.to_numpy())
        circle = shapely.Point(0, 0).buffer(20_000, quad_segs=90)
        rings = read_rings(binaries(shapely.to_wkb(circle)))
        found = overlap_rings(
            copy_pieces(index_rings(index)), rings, ring_areas(rings), ring_boxes(rings)
        )
        assert found.size.sum() == pytest.approx(circle.area, rel=1e-12)

    def test_what_touches_shares_nothing(self) -> None:
        index = index_zones(np.array([shapely.box(1e6, 2e6, 1e6 + 300, 2e6 + 300)]), cells=400)
        squares = [shapely.box(1e6 + x, 2e6 + y, 1e6 + x + 100, 2e6 + y + 100.3)
                   for x, y in ((-100, 33.1), (300, 71.7), (133.3, 300), (300, 300))]  # fmt: skip
        rings = read_rings(binaries(*map(shapely.to_wkb, squares)))
        found = overlap_rings(index_rings(index), rings, ring_areas(rings), ring_boxes(rings))
        assert table(found) == {}


def table(pairs: object) -> dict[tuple[int, int], float]:
    return {
        (zone, thing): size
        for zone, thing, size in zip(
            pairs.zone.tolist(), pairs.thing.tolist(), pairs.size.tolist(), strict=True
        )
    }


class TestSums:
    """Sums of any order are the same bits."""

    SIZES = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1e12)), min_size=1, max_size=40)

    @given(SIZES, st.randoms(), st.integers(0, 40))
    def test_any_order_and_any_batches(self, rows: list, chance: object, cut: int) -> None:
        mixed = list(rows)
        chance.shuffle(mixed)
        whole = add_sums([sums(rows)])
        parted = add_sums([sums(mixed[:cut]), sums(mixed[cut:])])
        assert whole.key.tolist() == parted.key.tolist()
        assert whole.size.tolist() == parted.size.tolist()
        assert whole.things.tolist() == parted.things.tolist()

    @given(SIZES)
    def test_as_exact_as_a_number_can_be(self, rows: list) -> None:
        found = sums(rows)
        for key, size in zip(found.key.tolist(), found.size.tolist(), strict=True):
            wanted = math.fsum(size for one, size in rows if one == key)
            assert size == pytest.approx(wanted, rel=1e-15, abs=1e-10)


def sums(rows: list[tuple[int, float]]) -> object:
    key = np.array([key for key, _ in rows], dtype=np.int64)
    return sum_sizes(key, np.array([size for _, size in rows], dtype=float))
