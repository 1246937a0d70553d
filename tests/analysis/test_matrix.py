"""Matrices of zones and features, worked out by hand in squares of ten kilometres."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis.matrix import (
    Plane,
    covered,
    outside,
    pair_shapes,
    shared_border_km,
    size_of,
    to_plane,
    zone_by_feature,
    zone_by_zone,
)
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, area_km2, length_km
from tests.examples import square

KM = 1_000.0
EXACT = 1e-12
ON_THE_ELLIPSOID = 2e-3
"""A straight line of the plane and its length on the ellipsoid differ by less."""


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Edges in km from the middle of the projection."""
    return shapely.box(west * KM, south * KM, east * KM, north * KM)


def line(*nodes: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(x * KM, y * KM) for x, y in nodes])


def plane(*shapes: shapely.Geometry | None, **columns: list[Any]) -> Plane:
    return to_plane(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=WORKING_CRS))


def cells(zones: Plane, features: Plane) -> dict[tuple[int, int], tuple[float, float, float]]:
    table = zone_by_feature(zones, features)
    return {
        (row.zone, row.feature): (row.size, row.share_of_zone, row.share_of_feature)
        for row in table.itertuples(index=False, name="Row")
    }


WEST, EAST = box(0, 0, 10, 10), box(10, 0, 20, 10)
ZONES = plane(WEST, EAST, box(50, 50, 60, 60))
COARSE = index_zones(ZONES.shapes, cells=1_000)


class TestPlane:
    def test_polygons_lines_and_points_have_their_kind_and_size(self) -> None:
        assert (ZONES.kind, ZONES.size.tolist()) == (2, pytest.approx([100, 100, 100]))
        lines = plane(line((0, 0), (3, 4)), line((0, 0), (0, 1), (1, 1)))
        assert lines.kind == 1
        assert lines.size == pytest.approx([5, 2], rel=ON_THE_ELLIPSOID)
        points = plane(shapely.Point(0, 0), shapely.Point(1, 1))
        assert (points.kind, points.size.tolist()) == (0, [1, 1])

    def test_it_is_projected_from_any_system(self) -> None:
        degrees = gpd.GeoDataFrame(geometry=[square()], crs=STORAGE_CRS)
        wanted = area_km2(degrees.geometry).iloc[0]
        for crs in (4326, 4490, 4549, 3857):
            assert to_plane(degrees.to_crs(crs)).size[0] == pytest.approx(wanted, rel=1e-9)

    def test_lengths_are_those_of_the_ellipsoid(self) -> None:
        degrees = gpd.GeoSeries([shapely.LineString([(118, 30), (121, 33)])], crs=STORAGE_CRS)
        found = to_plane(gpd.GeoDataFrame(geometry=degrees)).size[0]
        assert found == pytest.approx(length_km(degrees).iloc[0], rel=1e-9)

    def test_missing_geometries_are_empty_and_have_no_size(self) -> None:
        held = plane(WEST, None)
        assert shapely.is_empty(held.shapes).tolist() == [False, True]
        assert held.size.tolist() == [100, 0]

    def test_no_rows(self) -> None:
        assert (plane().kind, len(plane().size)) == (0, 0)
        assert size_of(np.empty(0, dtype=object)).tolist() == []


class TestZoneByFeature:
    def test_cells_by_hand(self) -> None:
        features = plane(box(8, 0, 12, 10), box(0, 0, 5, 5), box(-10, 0, 20, 10), box(80, 0, 90, 9))
        assert cells(ZONES, features) == {
            (0, 0): pytest.approx((20, 0.2, 0.5)),
            (0, 1): pytest.approx((25, 0.25, 1)),
            (0, 2): pytest.approx((100, 1, 1 / 3)),
            (1, 0): pytest.approx((20, 0.2, 0.5)),
            (1, 2): pytest.approx((100, 1, 1 / 3)),
        }

    def test_rows_come_by_zone_and_then_by_feature(self) -> None:
        features = plane(box(8, 0, 12, 10), box(0, 0, 20, 1), box(12, 1, 13, 2))
        table = zone_by_feature(ZONES, features)
        assert list(zip(table["zone"], table["feature"], strict=True)) == [
            (0, 0), (0, 1), (1, 0), (1, 1), (1, 2),
        ]  # fmt: skip
        assert table.index.tolist() == [0, 1, 2, 3, 4]
        assert list(table.columns) == [
            "zone", "feature", "size", "share_of_zone", "share_of_feature", "sliver",
        ]  # fmt: skip

    def test_lines_have_a_length_and_no_share_of_the_zone(self) -> None:
        found = cells(ZONES, plane(line((-5, 5), (15, 5)), line((1, 1), (1, 3))))
        assert set(found) == {(0, 0), (0, 1), (1, 0)}
        assert found[0, 0][0] == pytest.approx(10, rel=ON_THE_ELLIPSOID)
        assert found[1, 0][0] == pytest.approx(5, rel=ON_THE_ELLIPSOID)
        assert [found[key][2] for key in found] == pytest.approx([0.5, 1, 0.25], rel=1e-6)
        assert all(math.isnan(share) for _, share, _ in found.values())

    def test_points_are_counted(self) -> None:
        found = cells(ZONES, plane(shapely.Point(5 * KM, KM), shapely.Point(90 * KM, 0)))
        assert list(found) == [(0, 0)]
        assert found[0, 0][::2] == (1, 1)

    def test_no_zones(self) -> None:
        assert zone_by_feature(plane(), plane(box(0, 0, 1, 1))).empty
        assert covered(plane(), plane(box(0, 0, 1, 1))).tolist() == []

    def test_a_feature_without_extent_is_nowhere(self) -> None:
        assert set(cells(ZONES, plane(None, box(1, 1, 2, 2)))) == {(0, 1)}

    def test_features_that_lie_on_each_other_each_count(self) -> None:
        found = cells(ZONES, plane(box(0, 0, 5, 5), box(0, 0, 5, 5)))
        assert [size for size, _, _ in found.values()] == pytest.approx([25, 25])

    def test_no_features(self) -> None:
        table = zone_by_feature(ZONES, plane())
        assert table.empty
        assert "sliver" in table

    def test_an_index_made_before_and_threads_give_the_same(self) -> None:
        features = plane(box(8, 0, 12, 10), box(0, 0, 5, 5))
        wanted = zone_by_feature(ZONES, features)
        ready = zone_by_feature(ZONES, features, index=index_zones(ZONES.shapes), threads=2)
        assert ready.equals(wanted)


def slivers(feature: shapely.Geometry, zone_m: Any, feature_m: Any) -> list[bool]:
    zones, features = plane(WEST, accuracy_m=[zone_m]), plane(feature, accuracy_m=[feature_m])
    return zone_by_feature(zones, features)["sliver"].tolist()


class TestSlivers:
    """An overlap narrower than the accuracy of a boundary may be nothing at all."""

    STRIP = box(-30, 0, 0.05, 8)
    """Reaches 50 m into the zone, 8 km long: on average 49.7 m wide."""

    @pytest.mark.parametrize(
        ("zone_m", "feature_m", "sliver"),
        [(49, 0, False), (50, 0, True), (0, 50, True), (0, 49, False), (50, 300, True),
         (0, 0, False), (None, None, False), (None, 50, True), (50, None, True),
         (np.nan, np.nan, False)],
    )  # fmt: skip
    def test_the_coarser_of_both_decides(
        self, zone_m: float | None, feature_m: float | None, *, sliver: bool
    ) -> None:
        assert slivers(self.STRIP, zone_m, feature_m) == [sliver]

    def test_without_a_stated_accuracy_it_is_a_metre(self) -> None:
        inch, ell = (plane(box(-30, 0, wide / KM, 8)) for wide in (0.5, 2))
        assert zone_by_feature(plane(WEST), inch)["sliver"].tolist() == [True]
        assert zone_by_feature(plane(WEST), ell)["sliver"].tolist() == [False]

    @pytest.mark.parametrize(
        ("feature", "why"),
        [
            (box(-30, 0, 0.2, 10), "a fiftieth of the zone"),
            (box(1, 1, 1.02, 2), "all of a small feature"),
            (box(-0.5, 0, 0.05, 8), "a tenth of the feature"),
        ],
    )
    def test_a_share_that_matters_is_none(self, feature: shapely.Geometry, why: str) -> None:
        assert slivers(feature, 10_000, 10_000) == [False], why

    def test_a_small_corner_is_one(self) -> None:
        assert slivers(box(-30, -30, 0.1, 0.1), 300, 0) == [True]

    def test_lines_and_points_have_none(self) -> None:
        zones = plane(WEST, accuracy_m=[1e6])
        for feature in (line((-50, 5), (0.001, 5)), shapely.Point(KM, KM)):
            table = zone_by_feature(zones, plane(feature, accuracy_m=[1e6]))
            assert table["sliver"].tolist() == [False]


class TestTotals:
    def test_no_place_is_covered_twice(self) -> None:
        features = plane(box(0, 0, 5, 10), box(3, 0, 8, 10), box(0, 0, 8, 10), box(9, 0, 11, 1))
        assert covered(ZONES, features) == pytest.approx([81, 1, 0])
        table = zone_by_feature(ZONES, features)
        assert table.groupby("zone")["size"].sum().tolist() == pytest.approx([181, 1])

    def test_lines_that_run_together_count_once(self) -> None:
        once = line((0, 5), (10, 5))
        features = plane(once, once, line((5, 5), (15, 5)))
        assert covered(ZONES, features) == pytest.approx([10, 5, 0], rel=ON_THE_ELLIPSOID)

    def test_nothing_covers_nothing(self) -> None:
        assert covered(ZONES, plane()).tolist() == [0, 0, 0]
        assert covered(ZONES, plane(None)).tolist() == [0, 0, 0]

    @given(st.lists(st.tuples(*[st.integers(0, 20)] * 4), min_size=1, max_size=6))
    def test_covered_is_at_most_the_zone_and_the_sum(self, edges: list[tuple[int, ...]]) -> None:
        shapes = [box(x, y, x + wide + 1, y + high + 1) for x, y, wide, high in edges]
        features = plane(*shapes)
        union = covered(ZONES, features, index=COARSE)
        table = zone_by_feature(ZONES, features, index=COARSE)
        sums = np.bincount(table["zone"], weights=table["size"], minlength=3)
        whole = shapely.union_all(shapes)
        wanted = [shapely.intersection(zone, whole).area / 1e6 for zone in ZONES.shapes]
        assert union == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert (union <= np.minimum(sums, ZONES.size) + 1e-9).all()

    def test_outside_is_what_lies_in_no_zone(self) -> None:
        features = plane(box(8, 0, 12, 10), box(-10, 0, 10, 10), box(80, 0, 90, 10), None)
        table = zone_by_feature(ZONES, features)
        assert outside(features, table) == pytest.approx([0, 100, 100, 0])

    def test_outside_of_lines(self) -> None:
        features = plane(line((-10, 5), (15, 5)), line((1, 1), (2, 2)))
        left = outside(features, zone_by_feature(ZONES, features))
        assert left == pytest.approx([10, 0], rel=ON_THE_ELLIPSOID, abs=1e-9)


def ids(*names: str) -> Any:
    return gpd.pd.Series(list(names))


class TestZoneByZone:
    ZONES = plane(box(0, 0, 10, 10), box(10, 0, 20, 10), box(10, 10, 20, 20), box(40, 0, 50, 10))
    FEATURES = plane(box(5, 0, 15, 10), box(5, 5, 12, 12), box(0, 0, 1, 1), box(18, 18, 19, 19))

    def shared(self, *names: str) -> dict[tuple[int, int], tuple[Any, ...]]:
        table = zone_by_feature(self.ZONES, self.FEATURES)
        found = zone_by_zone(self.ZONES, table, ids(*names))
        assert list(found.columns) == [
            "zone", "other", "shared", "only", "only_other", "jaccard", "border_km",
        ]  # fmt: skip
        rows = found.itertuples(index=False, name=None)
        return {(row[0], row[1]): row[2:6] for row in rows}

    def test_what_two_zones_share(self) -> None:
        found = self.shared("a", "b", "c", "d")
        assert found[0, 1] == (("a", "b"), 1, 0, pytest.approx(2 / 3))
        assert found[0, 2] == (("b",), 2, 1, pytest.approx(1 / 4))
        assert found[1, 2] == (("b",), 1, 1, pytest.approx(1 / 3))
        assert found[0, 3] == ((), 3, 0, 0)

    def test_every_pair_is_there_once(self) -> None:
        assert list(self.shared("a", "b", "c", "d")) == [
            (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
        ]  # fmt: skip

    def test_versions_and_parts_of_one_id_are_one_feature(self) -> None:
        assert self.shared("a", "a", "c", "d")[0, 1] == (("a",), 1, 0, 0.5)
        assert self.shared("a", "a", "a", "a")[0, 2] == (("a",), 0, 0, 1)

    def test_two_zones_that_hold_nothing_have_no_index(self) -> None:
        table = zone_by_feature(self.ZONES, plane())
        found = zone_by_zone(self.ZONES, table, ids())
        assert found["jaccard"].isna().all()
        assert found["shared"].tolist() == [()] * 6

    def test_slivers_are_not_shared(self) -> None:
        features = plane(box(-50, 0, 10.05, 10), accuracy_m=[300])
        table = zone_by_feature(self.ZONES, features)
        assert table["sliver"].tolist() == [False, True]
        assert zone_by_zone(self.ZONES, table, ids("a"))["shared"].tolist() == [()] * 6

    @pytest.mark.parametrize("count", [1, 2])
    def test_few_zones(self, count: int) -> None:
        zones = plane(*self.ZONES.shapes[:count])
        found = zone_by_zone(zones, zone_by_feature(zones, self.FEATURES), ids("a", "b", "c", "d"))
        assert len(found) == count - 1


class TestBorders:
    def borders(self, *shapes: shapely.Geometry) -> dict[tuple[int, int], float]:
        return shared_border_km(plane(*shapes))

    def test_side_by_side(self) -> None:
        found = self.borders(WEST, EAST, box(20, 5, 30, 10))
        assert found == {
            (0, 1): pytest.approx(10, rel=ON_THE_ELLIPSOID),
            (1, 2): pytest.approx(5, rel=ON_THE_ELLIPSOID),
        }

    def test_in_a_corner_there_is_none(self) -> None:
        assert self.borders(WEST, box(10, 10, 20, 20)) == {(0, 1): 0}

    def test_apart_or_over_each_other_nothing_is_shared(self) -> None:
        assert self.borders(WEST, box(11, 0, 20, 10)) == {}
        assert self.borders(WEST, box(9, 0, 20, 10)) == {}
        assert self.borders(WEST, WEST) == {}
        assert self.borders(WEST) == {}

    def test_an_enclave_shares_its_whole_border(self) -> None:
        enclave = box(4, 4, 6, 6)
        found = self.borders(shapely.difference(WEST, enclave), enclave)
        assert found == {(0, 1): pytest.approx(8, rel=ON_THE_ELLIPSOID)}

    def test_parts_and_nodes_of_a_border_add_up(self) -> None:
        comb = shapely.union_all([box(10, 0, 11, 10), box(10, 0, 20, 1), box(10, 9, 20, 10)])
        other = shapely.difference(EAST, comb)
        found = self.borders(shapely.segmentize(WEST, 900), comb, other)
        assert found[0, 1] == pytest.approx(10, rel=ON_THE_ELLIPSOID)
        assert found[1, 2] == pytest.approx(9 + 8 + 9, rel=ON_THE_ELLIPSOID)


class TestPieces:
    def test_each_pair_has_its_piece(self) -> None:
        features = plane(box(8, 0, 12, 10), box(5, 5, 30, 30))
        table = zone_by_feature(ZONES, features)
        found = pair_shapes(ZONES, features, table)
        assert found.crs == WORKING_CRS
        assert found.index.equals(table.index)
        assert (found.area / 1e6).tolist() == pytest.approx(table["size"].tolist(), rel=EXACT)

    def test_any_choice_of_rows_keeps_its_index(self) -> None:
        features = plane(box(8, 0, 12, 10), box(5, 5, 30, 30))
        chosen = zone_by_feature(ZONES, features).iloc[[3, 1]]
        found = pair_shapes(ZONES, features, chosen)
        assert found.index.tolist() == [3, 1]
        assert (found.area / 1e6).tolist() == pytest.approx(chosen["size"].tolist(), rel=EXACT)
        assert pair_shapes(ZONES, features, chosen.iloc[:0]).empty

    def test_points_and_borders_that_a_cut_leaves_are_no_pieces(self) -> None:
        """The feature runs along the zone's border, and touches it in a corner."""
        feature = shapely.union_all([box(-5, 0, 0, 8), box(-5, 7, 3, 8), box(10, 10, 12, 12)])
        zones, features = plane(WEST), plane(feature)
        assert shapely.intersection(WEST, feature).geom_type == "GeometryCollection"
        found = pair_shapes(zones, features, zone_by_feature(zones, features))
        assert found.geometry.iloc[0].equals(box(0, 7, 3, 8))
        assert found["size"].tolist() == pytest.approx([3])


def test_points_are_counted_one_by_one_in_what_any_covers() -> None:
    """A union of points is one multipoint: its parts count, each place once."""
    zones = to_plane(gpd.GeoDataFrame(geometry=[shapely.box(119, 30, 120, 31)], crs="EPSG:4326"))
    places = [(119.2, 30.2), (119.4, 30.4), (119.6, 30.6), (119.6, 30.6)]
    points = to_plane(
        gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in places], crs="EPSG:4326")
    )
    assert covered(zones, points).tolist() == [3.0]
