"""The kernel of overlaps: against plain intersections, and by the laws of areas."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis import overlap as kernel
from atlas.analysis.overlap import (
    Batch,
    Pairs,
    overlap_groups,
    overlap_pairs,
    overlap_shapes,
    planar_size,
)
from atlas.analysis.zone_index import ZoneIndex, index_zones

REGION = shapely.box(0, 0, 1000, 800)
CELLS = 2_000
RELATIVE = 1e-9
SEEDS = st.integers(0, 10_000)


def array(*shapes: shapely.Geometry | None) -> np.ndarray:
    held = np.empty(len(shapes), dtype=object)
    held[:] = shapes
    return held


def index(*shapes: shapely.Geometry) -> ZoneIndex:
    return index_zones(array(*shapes), cells=CELLS)


def ragged(shape: shapely.Geometry, step: float = 7.0) -> shapely.Geometry:
    """The same shape with many vertices, so that it is subdivided."""
    return shapely.segmentize(shape, step)


def voronoi(seed: int, count: int) -> np.ndarray:
    """A partition of the region."""
    points = shapely.MultiPoint(
        np.random.default_rng(seed).uniform((0, 0), (1000, 800), (count, 2))
    )
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=REGION))
    return np.asarray(shapely.intersection(cells, REGION))


def scattered(seed: int, count: int, most: float = 300) -> np.ndarray:
    """Boxes that overlap each other and reach beyond the region."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(-100, 1050, count), random.uniform(-100, 850, count)
    return np.asarray(
        shapely.box(x, y, x + random.uniform(1, most, count), y + random.uniform(1, most, count))
    )


def brute(zones: np.ndarray, things: np.ndarray) -> dict[tuple[int, int], float]:
    """Every zone cut with every thing."""
    sizes = shapely.area(shapely.intersection(zones[:, None], things[None, :]))
    return {(zone, thing): sizes[zone, thing] for zone, thing in np.argwhere(sizes > 0).tolist()}


def told(pairs: Pairs) -> dict[tuple[int, int], float]:
    keys = list(zip(pairs.zone.tolist(), pairs.thing.tolist(), strict=True))
    assert len(set(keys)) == len(keys), "each pair once"
    assert keys == sorted(keys, key=lambda key: key[::-1]), "by thing and then by zone"
    return dict(zip(keys, pairs.size.tolist(), strict=True))


def compare(found: dict[tuple[int, int], float], wanted: dict[tuple[int, int], float]) -> None:
    """Equal but for pairs of no size to speak of."""
    for key in found.keys() | wanted.keys():
        size = wanted.get(key, 0.0)
        assert found.get(key, 0.0) == pytest.approx(size, rel=RELATIVE, abs=1e-6), key


class TestAgainstPlainIntersections:
    @given(SEEDS, st.integers(2, 12), st.integers(1, 40))
    def test_parcels_in_a_partition(self, seed: int, zones: int, things: int) -> None:
        shapes, parcels = ragged(voronoi(seed, zones)), voronoi(seed + 1, things)
        compare(told(overlap_pairs(index(*shapes), parcels)), brute(shapes, parcels))

    @given(SEEDS, st.integers(1, 8), st.integers(1, 30))
    def test_boxes_in_zones_that_overlap(self, seed: int, zones: int, things: int) -> None:
        shapes, boxes = ragged(scattered(seed, zones)), scattered(seed + 1, things)
        compare(told(overlap_pairs(index(*shapes), boxes)), brute(shapes, boxes))

    def test_many_small_things(self) -> None:
        zones, things = ragged(voronoi(1, 9)), scattered(2, 2_000, 20)
        compare(told(overlap_pairs(index(*zones), things)), brute(zones, things))

    def test_things_larger_than_the_zones(self) -> None:
        zones = voronoi(3, 30)
        things = array(REGION.buffer(50), shapely.difference(REGION, REGION.buffer(-200)))
        compare(told(overlap_pairs(index(*zones), things)), brute(zones, things))


class TestLaws:
    @given(SEEDS, st.integers(2, 12), st.integers(1, 30))
    def test_a_partition_adds_up_to_the_thing(self, seed: int, zones: int, things: int) -> None:
        parcels = voronoi(seed + 1, things)
        pairs = overlap_pairs(index(*ragged(voronoi(seed, zones))), parcels)
        sums = np.bincount(pairs.thing, weights=pairs.size, minlength=things)
        np.testing.assert_allclose(sums, shapely.area(parcels), rtol=RELATIVE)

    @given(SEEDS, st.integers(1, 9), st.integers(1, 9))
    def test_both_ways_are_the_same(self, seed: int, ones: int, others: int) -> None:
        one, other = ragged(scattered(seed, ones)), ragged(scattered(seed + 1, others))
        there = told(overlap_pairs(index(*one), other))
        back = told(overlap_pairs(index(*other), one))
        compare(there, {(zone, thing): size for (thing, zone), size in back.items()})

    @given(SEEDS)
    def test_what_is_shared_and_what_is_not_is_all(self, seed: int) -> None:
        one, other = ragged(scattered(seed, 1)[0]), ragged(scattered(seed + 1, 1)[0])
        rest = shapely.difference(one, other)
        shared = overlap_pairs(index(other), array(one)).size.sum()
        assert shared + rest.area == pytest.approx(one.area, rel=RELATIVE)
        assert overlap_pairs(index(other), array(rest)).size.sum() == pytest.approx(0, abs=1e-6)

    def test_a_thing_overlaps_itself_whole(self) -> None:
        shapes = ragged(voronoi(5, 8))
        pairs = overlap_pairs(index(*shapes), shapes)
        own = pairs.size[pairs.zone == pairs.thing]
        np.testing.assert_allclose(own, shapely.area(shapes), rtol=RELATIVE)

    def test_the_order_of_things_does_not_matter(self) -> None:
        zones, things = index(*ragged(voronoi(1, 5))), scattered(2, 50)
        forth, back = overlap_pairs(zones, things), told(overlap_pairs(zones, things[::-1]))
        turned = {(zone, 49 - thing): size for (zone, thing), size in back.items()}
        compare(told(forth), turned)


SQUARE = shapely.box(0, 0, 100, 100)
FRAME = shapely.difference(SQUARE, shapely.box(40, 40, 60, 60))
ISLANDS = shapely.union_all([shapely.box(0, 0, 10, 10), shapely.box(50, 50, 60, 60)])


class TestPlaces:
    """One zone, one thing, one answer."""

    @pytest.mark.parametrize(
        ("zone", "thing", "size"),
        [
            (SQUARE, shapely.box(10, 10, 20, 20), 100),
            (SQUARE, shapely.box(-50, -50, 150, 150), 10_000),
            (SQUARE, SQUARE, 10_000),
            (SQUARE, shapely.box(90, 90, 110, 110), 100),
            (SQUARE, shapely.box(0, 0, 10, 10), 100),
            (SQUARE, ISLANDS, 200),
            (ISLANDS, SQUARE, 200),
            (ISLANDS, shapely.box(5, 5, 55, 55), 50),
            (ISLANDS, shapely.box(20, 20, 30, 30), None),
            (FRAME, shapely.box(45, 45, 55, 55), None),
            (FRAME, shapely.box(40, 40, 60, 60), None),
            (FRAME, shapely.box(30, 30, 70, 70), 1_200),
            (FRAME, shapely.box(50, 50, 150, 60), 400),
            (FRAME, SQUARE, 9_600),
            (SQUARE, shapely.box(100, 0, 200, 100), None),
            (SQUARE, shapely.box(100, 100, 200, 200), None),
            (SQUARE, shapely.box(500, 500, 600, 600), None),
            (SQUARE, shapely.Polygon([(100, 50), (200, 0), (200, 100)]), None),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("step", [1000.0, 3.0])
    def test_it_has_its_size(
        self, zone: shapely.Geometry, thing: shapely.Geometry, size: float | None, step: float
    ) -> None:
        pairs = overlap_pairs(index(ragged(zone, step)), array(thing))
        wanted = [] if size is None else [pytest.approx(size, rel=RELATIVE)]
        assert pairs.size.tolist() == wanted
        assert pairs.zone.tolist() == pairs.thing.tolist() == [0] * len(wanted)

    def test_what_only_touches_is_no_pair(self) -> None:
        things = array(*voronoi(1, 6))
        pairs = overlap_pairs(index(*things), things)
        large = pairs.size > 1e-6
        assert (pairs.zone[large] == pairs.thing[large]).all()
        assert large.sum() == 6

    def test_missing_and_empty_things_overlap_nothing(self) -> None:
        things = array(None, shapely.Polygon(), shapely.box(1, 1, 2, 2), None,
                       shapely.GeometryCollection(), shapely.box(99, 1, 101, 2))  # fmt: skip
        pairs = overlap_pairs(index(SQUARE), things)
        assert told(pairs) == {(0, 2): 1.0, (0, 5): 1.0}

    @pytest.mark.parametrize("things", [array(), array(None), array(shapely.Polygon())])
    def test_nothing_at_all(self, things: np.ndarray) -> None:
        pairs = overlap_pairs(index(SQUARE), things)
        assert (len(pairs.zone), len(pairs.thing), len(pairs.size)) == (0, 0, 0)

    def test_an_empty_zone_keeps_its_place(self) -> None:
        pairs = overlap_pairs(index(shapely.Polygon(), SQUARE), array(shapely.box(1, 1, 2, 2)))
        assert told(pairs) == {(1, 0): 1.0}

    def test_zones_that_overlap_each_count(self) -> None:
        pairs = overlap_pairs(index(SQUARE, SQUARE), array(shapely.box(10, 10, 20, 20)))
        assert told(pairs) == {(0, 0): 100.0, (1, 0): 100.0}


TWO = (SQUARE, shapely.box(100, 0, 200, 100))


class TestLines:
    @given(SEEDS, st.integers(2, 10))
    def test_a_partition_adds_up_to_the_line(self, seed: int, count: int) -> None:
        zones = ragged(voronoi(seed, count))
        random = np.random.default_rng(seed + 1)
        lines = shapely.linestrings(random.uniform((50, 50), (950, 750), (20, 6, 2)))
        pairs = overlap_pairs(index(*zones), lines)
        sums = np.bincount(pairs.thing, weights=pairs.size, minlength=20)
        np.testing.assert_allclose(sums, shapely.length(lines), rtol=RELATIVE)

    def test_across(self) -> None:
        line = shapely.LineString([(-50, 50), (250, 50)])
        assert told(overlap_pairs(index(*TWO), array(line))) == {(0, 0): 100.0, (1, 0): 100.0}

    def test_inside_and_outside(self) -> None:
        inside, outside = ([(10, 10), (20, 10)], [(10, 110), (20, 110)])
        lines = shapely.linestrings([inside, outside])
        assert told(overlap_pairs(index(*TWO), lines)) == {(0, 0): 10.0}

    def test_along_a_common_border_it_lies_in_both(self) -> None:
        line = shapely.LineString([(100, -50), (100, 150)])
        assert told(overlap_pairs(index(*TWO), array(line))) == {(0, 0): 100.0, (1, 0): 100.0}

    def test_a_line_that_only_meets_a_border_is_no_pair(self) -> None:
        lines = shapely.linestrings([[(200, 50), (300, 50)], [(150, 150), (250, 50)]])
        assert len(overlap_pairs(index(*TWO), lines).size) == 0

    def test_of_several_parts(self) -> None:
        line = shapely.MultiLineString([[(10, 10), (20, 10)], [(90, 50), (110, 50)]])
        assert told(overlap_pairs(index(*TWO), array(line))) == {(0, 0): 20.0, (1, 0): 10.0}

    def test_along_a_line_where_zones_are_cut_it_counts_once(self) -> None:
        """The disc is cut in quarters along both axes."""
        disc = shapely.Point(0, 0).buffer(100, quad_segs=64)
        lines = shapely.linestrings([[(0, -150), (0, 150)], [(-150, 0), (50, 0)]])
        assert told(overlap_pairs(index(disc), lines)) == {
            (0, 0): pytest.approx(200), (0, 1): pytest.approx(150),
        }  # fmt: skip


class TestPoints:
    def test_each_lies_in_its_zone(self) -> None:
        points = shapely.points([[50, 50], [150, 50], [50, 150], [99.99, 50]])
        pairs = overlap_pairs(index(*TWO), points)
        assert told(pairs) == {(0, 0): 1.0, (1, 1): 1.0, (0, 3): 1.0}

    def test_a_hole_holds_none(self) -> None:
        assert len(overlap_pairs(index(FRAME), shapely.points([[50, 50]])).size) == 0

    def test_missing_ones_are_nowhere(self) -> None:
        things = array(shapely.Point(), None, shapely.Point(50, 50))
        assert told(overlap_pairs(index(*TWO), things)) == {(0, 2): 1.0}


class TestSize:
    def test_planar_sizes(self) -> None:
        shapes = array(SQUARE, FRAME, shapely.LineString([(0, 0), (3, 4)]), shapely.Point(1, 1),
                       shapely.MultiPoint([(0, 0), (1, 1)]), shapely.Polygon())  # fmt: skip
        assert planar_size(shapes).tolist() == [10_000, 9_600, 5, 1, 2, 0]

    def test_any_measure_that_adds_up_will_do(self) -> None:
        things = scattered(4, 40)
        zones = index(*ragged(voronoi(4, 6)))
        plain = told(overlap_pairs(zones, things))
        tripled = overlap_pairs(zones, things, size=lambda shapes: 3 * shapely.area(shapes))
        compare(told(tripled), {key: 3 * size for key, size in plain.items()})


class TestThreadsAndChunks:
    @pytest.mark.parametrize("chunk", [1, 2, 3, 99, 100, 101])
    @pytest.mark.parametrize("threads", [1, 2, 5])
    def test_they_change_nothing(
        self, monkeypatch: pytest.MonkeyPatch, chunk: int, threads: int
    ) -> None:
        zones, things = index(*ragged(voronoi(1, 7))), scattered(2, 100)
        wanted = overlap_pairs(zones, things)
        monkeypatch.setattr(kernel, "CHUNK", chunk)
        found = overlap_pairs(zones, things, threads=threads)
        for name in ("zone", "thing", "size"):
            assert (getattr(found, name) == getattr(wanted, name)).all(), name


class TestGroups:
    ZONES = ragged(voronoi(1, 5))
    THINGS = scattered(2, 200, 80)
    GROUPS = np.arange(200) % 4

    def batches(self, *edges: int) -> Iterator[Batch]:
        for start, end in pairwise((0, *edges, 200)):
            yield Batch(self.THINGS[start:end], self.GROUPS[start:end], start)

    def wanted(self) -> pd.DataFrame:
        rows = [(zone, self.GROUPS[thing], size)
                for (zone, thing), size in brute(self.ZONES, self.THINGS).items()]  # fmt: skip
        table = pd.DataFrame(rows, columns=["zone", "group", "size"])
        return table.groupby(["zone", "group"])["size"].agg(["sum", "count"]).reset_index()

    @pytest.mark.parametrize(
        "edges", [(), (100,), (1, 2, 3), tuple(range(7, 200, 7)), (0, 0, 200), (199,)]
    )
    def test_batches_of_any_size_give_the_same(self, edges: tuple[int, ...]) -> None:
        found = overlap_groups(index(*self.ZONES), self.batches(*edges), groups=4)
        wanted = self.wanted()
        assert list(found.columns) == ["zone", "group", "size", "things"]
        assert found["zone"].tolist() == wanted["zone"].tolist()
        assert found["group"].tolist() == wanted["group"].tolist()
        assert found["things"].tolist() == wanted["count"].tolist()
        np.testing.assert_allclose(found["size"], wanted["sum"], rtol=RELATIVE)

    def test_threads_give_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = overlap_groups(index(*self.ZONES), self.batches(90), groups=4)
        monkeypatch.setattr(kernel, "CHUNK", 5)
        two = overlap_groups(index(*self.ZONES), self.batches(90), groups=4, threads=2)
        pd.testing.assert_frame_equal(one, two)

    def test_it_tells_how_far_it_is(self) -> None:
        done: list[int] = []
        overlap_groups(index(*self.ZONES), self.batches(50, 120), groups=4, progress=done.append)
        assert done == [50, 120, 200]

    def test_batches_are_read_one_after_another(self) -> None:
        """The next batch is asked for when the one before is done: memory does not grow."""
        seen: list[str] = []

        def reader() -> Iterator[Batch]:
            for number, batch in enumerate(self.batches(100)):
                seen.append(f"read {number}")
                yield batch

        overlap_groups(index(*self.ZONES), reader(), groups=4,
                       progress=lambda count: seen.append(f"done {count}"))  # fmt: skip
        assert seen == ["read 0", "done 100", "read 1", "done 200"]

    def test_no_batches_and_groups_that_lie_nowhere(self) -> None:
        assert overlap_groups(index(SQUARE), [], groups=3).empty
        batch = Batch(array(shapely.box(1, 1, 2, 2), shapely.box(500, 0, 501, 1)), np.array([2, 0]))
        found = overlap_groups(index(SQUARE), [batch], groups=3)
        assert found.to_dict("records") == [{"zone": 0, "group": 2, "size": 1.0, "things": 1}]


class TestShapes:
    def test_pieces_have_the_sizes_of_their_pairs(self) -> None:
        zones, things = ragged(voronoi(1, 5)), scattered(2, 30)
        pairs = overlap_pairs(index(*zones), things)
        pieces = list(overlap_shapes(zones, things, pairs))
        compare({(zone, thing): piece.area for zone, thing, piece in pieces}, told(pairs))
        assert all(piece.geom_type in ("Polygon", "MultiPolygon") for _, _, piece in pieces)

    def test_a_piece_has_only_parts_of_the_things_dimension(self) -> None:
        notched = shapely.Polygon([(50, 50), (150, 50), (150, 60), (100, 60), (100, 90), (50, 90)])
        zones = array(shapely.box(100, 0, 200, 100))
        ((_, _, piece),) = overlap_shapes(
            zones, array(notched), overlap_pairs(index(*zones), array(notched))
        )
        assert piece.equals(shapely.box(100, 50, 150, 60))
