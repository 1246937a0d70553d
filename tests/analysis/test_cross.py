"""Two layers on each other, worked out by hand in squares of ten kilometres."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import pytest
import shapely

from atlas.analysis.cross import Crossing, cross
from atlas.analysis.matrix import Plane, to_plane
from atlas.analysis.zone_index import ZoneIndex, index_zones
from atlas.core.crs import WORKING_CRS

KM = 1_000.0
ON_THE_ELLIPSOID = 2e-3


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Edges in km from the middle of the projection."""
    return shapely.box(west * KM, south * KM, east * KM, north * KM)


def line(*nodes: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(x * KM, y * KM) for x, y in nodes])


def plane(*shapes: shapely.Geometry | None, **columns: list[Any]) -> Plane:
    return to_plane(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=WORKING_CRS))


def zones(*shapes: shapely.Geometry) -> ZoneIndex:
    return index_zones(plane(*shapes).shapes, cells=2_000)


HALVES = zones(box(0, 0, 10, 20), box(10, 0, 20, 20))


def pieces(crossing: Crossing) -> dict[tuple[int, int], tuple[float, float, float]]:
    columns = ["size", "share_of_area", "share_of_other"]
    table = crossing.pieces
    return {
        (area, other): tuple(row)
        for area, other, row in zip(
            table["area"], table["other"], table[columns].to_numpy(), strict=True
        )
    }


def by_zone(crossing: Crossing) -> dict[tuple[int, int], float]:
    table = crossing.by_zone
    return dict(
        zip(zip(table["zone"], table["piece"], strict=True), table["size"], strict=True)
    )  # fmt: skip


def points(crossing: Crossing) -> set[tuple[float, float]]:
    return {(round(p.x / KM, 6), round(p.y / KM, 6)) for p in crossing.points.geometry}


class TestAreas:
    BELTS = plane(box(2, 2, 12, 12), box(0, 14, 4, 18))
    CORRIDORS = plane(box(8, 0, 18, 6), box(30, 0, 40, 10), box(2, 2, 12, 12))

    def test_pieces_and_their_shares(self) -> None:
        found = cross(self.BELTS, self.CORRIDORS, HALVES)
        assert pieces(found) == {
            (0, 0): pytest.approx((16, 0.16, 16 / 60)),
            (0, 2): pytest.approx((100, 1, 1)),
        }
        assert found.pieces.crs == WORKING_CRS
        assert found.pieces.geometry.iloc[0].equals(box(8, 2, 12, 6))

    def test_pieces_are_told_zone_by_zone(self) -> None:
        found = cross(self.BELTS, self.CORRIDORS, HALVES)
        assert by_zone(found) == {
            (0, 0): pytest.approx(8), (1, 0): pytest.approx(8),
            (0, 1): pytest.approx(80), (1, 1): pytest.approx(20),
        }  # fmt: skip
        sums = found.by_zone.groupby("piece")["size"].sum()
        assert sums.tolist() == pytest.approx(found.pieces["size"].tolist())

    def test_no_place_is_counted_twice(self) -> None:
        assert cross(self.BELTS, self.CORRIDORS, HALVES).union == pytest.approx([80, 20])

    def test_it_is_the_same_both_ways(self) -> None:
        there = cross(self.BELTS, self.CORRIDORS, HALVES)
        back = cross(self.CORRIDORS, self.BELTS, HALVES)
        turned = {(other, area): (size, *shares[::-1])
                  for (area, other), (size, *shares) in pieces(back).items()}  # fmt: skip
        assert pieces(there) == {key: pytest.approx(row) for key, row in turned.items()}
        assert there.union == pytest.approx(back.union)

    def test_areas_have_no_points(self) -> None:
        found = cross(self.BELTS, self.CORRIDORS, HALVES).points
        assert found.empty
        assert list(found.columns) == ["area", "line", "geometry"]
        assert found.crs == WORKING_CRS

    def test_what_only_touches_is_no_piece(self) -> None:
        found = cross(plane(box(0, 0, 10, 10)), plane(box(10, 0, 20, 10)), HALVES)
        assert found.pieces.empty
        assert found.by_zone.empty
        assert found.union.tolist() == [0, 0]

    def test_slivers_are_left_out(self) -> None:
        belts = plane(box(0, 0, 10, 10), accuracy_m=[300])
        assert cross(belts, plane(box(9.95, 0, 20, 10)), HALVES).pieces.empty
        assert len(cross(belts, plane(box(9.5, 0, 20, 10)), HALVES).pieces) == 1

    def test_outside_all_zones_it_is_a_piece_of_none(self) -> None:
        found = cross(plane(box(50, 0, 60, 10)), plane(box(55, 0, 65, 10)), HALVES)
        assert found.pieces["size"].tolist() == pytest.approx([50])
        assert found.by_zone.empty
        assert found.union.tolist() == [0, 0]

    def test_without_features_there_is_nothing(self) -> None:
        for found in (
            cross(self.BELTS, plane(), HALVES),
            cross(self.BELTS, plane(None), HALVES),
        ):
            assert found.pieces.empty
            assert found.points.empty
            assert found.union.tolist() == [0, 0]

    def test_without_areas_there_is_nothing(self) -> None:
        found = cross(plane(), self.CORRIDORS, HALVES)
        assert found.pieces.empty
        assert found.union.tolist() == [0, 0]


class TestLines:
    BELT = plane(box(2, 2, 18, 8))

    def test_lengths_inside_and_points_where_it_crosses(self) -> None:
        found = cross(self.BELT, plane(line((0, 5), (20, 5))), HALVES)
        ((size, of_belt, of_line),) = pieces(found).values()
        assert size == pytest.approx(16, rel=ON_THE_ELLIPSOID)
        assert math.isnan(of_belt), "a length is no share of an area"
        assert of_line == pytest.approx(0.8, rel=1e-6)
        assert by_zone(found) == {
            (0, 0): pytest.approx(8, rel=ON_THE_ELLIPSOID),
            (1, 0): pytest.approx(8, rel=ON_THE_ELLIPSOID),
        }
        assert points(found) == {(2, 5), (18, 5)}
        assert found.points[["area", "line"]].to_numpy().tolist() == [[0, 0], [0, 0]]

    @pytest.mark.parametrize(
        ("nodes", "crossings"),
        [
            ([(0, 5), (6, 5)], {(2, 5)}),
            ([(4, 0), (4, 10), (6, 10), (6, 0)], {(4, 2), (4, 8), (6, 8), (6, 2)}),
            ([(1, 1), (4, 4)], {(2, 2)}),
            ([(2, 5), (6, 5)], {(2, 5)}),
        ],
    )
    def test_crossings(
        self, nodes: list[tuple[float, float]], crossings: set[tuple[float, float]]
    ) -> None:
        assert points(cross(self.BELT, plane(line(*nodes)), HALVES)) == crossings

    def test_the_rim_of_a_hole_is_a_border_too(self) -> None:
        frame = plane(shapely.difference(box(2, 2, 18, 8), box(8, 4, 12, 6)))
        found = cross(frame, plane(line((0, 5), (20, 5))), HALVES)
        assert points(found) == {(2, 5), (8, 5), (12, 5), (18, 5)}
        assert found.pieces["size"].tolist() == pytest.approx([12], rel=ON_THE_ELLIPSOID)
        assert found.pieces.geom_type.tolist() == ["MultiLineString"]

    def test_along_a_border_it_crosses_where_it_comes_and_leaves(self) -> None:
        found = cross(self.BELT, plane(line((4, 5), (4, 8), (9, 8), (9, 12))), HALVES)
        assert points(found) == {(4, 8), (9, 8)}

    def test_each_area_has_its_own_points(self) -> None:
        belts = plane(box(2, 2, 10, 8), box(10, 2, 18, 8))
        found = cross(belts, plane(line((0, 5), (20, 5))), HALVES).points
        assert found.groupby("area").size().to_dict() == {0: 2, 1: 2}

    def test_lines_in_one_place_count_once(self) -> None:
        lines = plane(line((4, 5), (8, 5)), line((4, 5), (8, 5)), line((6, 5), (16, 5)))
        found = cross(self.BELT, lines, HALVES)
        assert len(found.pieces) == 3
        assert found.union == pytest.approx([6, 6], rel=ON_THE_ELLIPSOID)
