"""What a change gained, lost and kept: pieces whose sizes are known beforehand."""

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from atlas.analysis.diff import Diff, diff_rows
from atlas.analysis.pieces import SORTS, pieces, sizes
from tests.examples import frame, row

DEGREE = 0.1
POLYGON, LINE, POINT = "polygon", "line", "point"
A, F = 6378137.0, 1 / 298.257223563
E2 = F * (2 - F)
GEOD = Geod(a=A, f=F)


def cell(x: int, y: int, wide: int = 1, high: int = 1) -> shapely.Polygon:
    """Cells of a tenth of a degree, with a vertex at each of their corners."""
    west, south = 1200 + x, 300 + y
    ring = [(west + i, south) for i in range(wide)]
    ring += [(west + wide, south + i) for i in range(high)]
    ring += [(west + wide - i, south + high) for i in range(wide)]
    ring += [(west, south + high - i) for i in range(high)]
    return shapely.Polygon([(i / 10, j / 10) for i, j in ring])


def zone_km2(south: float, north: float) -> float:
    """Area between two parallels of a strip of a tenth of a degree (Snyder 1987, eq. 3-12)."""

    def q(degrees: float) -> float:
        sine, e = math.sin(math.radians(degrees)), math.sqrt(E2)
        return (1 - E2) * (
            sine / (1 - E2 * sine**2) - math.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
        )

    return A**2 / 2 * math.radians(DEGREE) * (q(north) - q(south)) / 1e6


LOW, HIGH = zone_km2(30, 30.1), zone_km2(30.1, 30.2)
"""One cell of the lower and of the upper row, on the ellipsoid."""
SHARE = 1e-5
"""A side of a cell along a parallel is a straight line in the working CRS, not an arc."""


def km2(value: float) -> Any:
    return pytest.approx(value, rel=SHARE)


def state(*entries: tuple[str, Any], version: str = "1", **lists: Any) -> gpd.GeoDataFrame:
    rows = [row(id=id_, plan_version=version) for id_, _ in entries]
    return frame(rows, [shape for _, shape in entries]).assign(**lists)


def cut_of(diff: Diff) -> dict[tuple[str, Any, Any], float]:
    """Size of each piece by sort, whence and whither."""
    cut = pieces(diff)
    found = {
        (piece.change, piece.from_id, piece.to_id): piece.size
        for piece in cut.itertuples()
    }  # fmt: skip
    assert len(found) == len(cut)
    assert cut.geometry.is_valid.all()
    assert not cut.geometry.is_empty.any()
    assert cut.crs.to_epsg() == 4326
    return found


def change(before: Any, after: Any) -> Diff:
    return diff_rows(state(("a", before)), state(("a", after)))


def row_of(diff: Diff, place: int = 0) -> dict[str, float]:
    return sizes(diff, pieces(diff)).loc[place].to_dict()


class TestAreas:
    """Square kilometres in the equal-area working CRS."""

    def test_a_cell_has_its_size_on_the_ellipsoid(self) -> None:
        assert (round(LOW, 2), round(HIGH, 2)) == (106.90, 106.80)
        assert cut_of(diff_rows(state(), state(("a", cell(0, 0))))) == {
            ("gained", None, "a"): km2(LOW)
        }

    def test_what_grows_keeps_all_it_had(self) -> None:
        diff = change(cell(0, 0), cell(0, 0, 3))
        assert cut_of(diff) == {
            ("gained", None, "a"): km2(2 * LOW), ("kept", "a", "a"): km2(LOW),
        }  # fmt: skip
        assert row_of(diff) == {
            "gained": km2(2 * LOW), "lost": 0, "kept": km2(LOW), "transferred": 0,
            "old": km2(LOW), "new": km2(3 * LOW),
        }  # fmt: skip

    def test_what_shifts_gains_and_loses(self) -> None:
        diff = change(cell(0, 0, 2, 2), cell(1, 1, 2, 1))
        assert cut_of(diff) == {
            ("gained", None, "a"): km2(HIGH), ("lost", "a", None): km2(2 * LOW + HIGH),
            ("kept", "a", "a"): km2(HIGH),
        }  # fmt: skip

    def test_a_hole_is_lost_and_an_island_gained(self) -> None:
        whole, hole = cell(0, 0, 3, 3), cell(1, 1)
        holed = shapely.difference(whole, hole)
        assert cut_of(change(whole, holed))["lost", "a", None] == km2(HIGH)
        assert cut_of(change(holed, whole))["gained", None, "a"] == km2(HIGH)

    def test_what_only_changes_its_words_is_kept_whole(self) -> None:
        old = state(("a", cell(0, 0)))
        diff = diff_rows(old, old.assign(name_en="New"))
        assert cut_of(diff) == {("kept", "a", "a"): km2(LOW)}
        assert row_of(diff)["old"] == row_of(diff)["new"] == km2(LOW)

    def test_what_goes_is_lost_whole(self) -> None:
        diff = diff_rows(state(("a", cell(0, 0, 2))), state())
        assert cut_of(diff) == {("lost", "a", None): km2(2 * LOW)}
        assert row_of(diff)["new"] == 0


class TestFlows:
    """What passes from one feature to another."""

    def test_one_that_is_divided(self) -> None:
        diff = diff_rows(state(("a", cell(0, 0, 2))), state(("b", cell(0, 0)), ("c", cell(1, 0))))
        assert cut_of(diff) == {
            ("transferred", "a", "b"): km2(LOW), ("transferred", "a", "c"): km2(LOW),
        }  # fmt: skip
        assert row_of(diff)["transferred"] == km2(2 * LOW)

    def test_one_that_gives_a_part_and_keeps_the_rest(self) -> None:
        old = state(("a", cell(0, 0, 2)), ("b", cell(2, 0)), successors=[["b"], []])
        new = state(("a", cell(0, 0)), ("b", cell(1, 0, 2)), version="2")
        diff = diff_rows(old, new, successive=True)
        assert cut_of(diff) == {
            ("transferred", "a", "b"): km2(LOW), ("kept", "a", "a"): km2(LOW),
            ("kept", "b", "b"): km2(LOW),
        }  # fmt: skip
        assert row_of(diff) == {
            "gained": 0, "lost": 0, "kept": km2(2 * LOW), "transferred": km2(LOW),
            "old": km2(3 * LOW), "new": km2(3 * LOW),
        }  # fmt: skip

    def test_what_nobody_had_and_nobody_gets(self) -> None:
        old = state(("a", cell(0, 0, 2)), ("b", cell(5, 0)), successors=[["c"], ["c"]])
        diff = diff_rows(old, state(("c", cell(1, 0, 2))), successive=True)
        assert cut_of(diff) == {
            ("transferred", "a", "c"): km2(LOW), ("lost", "a", None): km2(LOW),
            ("lost", "b", None): km2(LOW), ("gained", None, "c"): km2(LOW),
        }  # fmt: skip

    def test_one_that_is_absorbed(self) -> None:
        old = state(("a", cell(0, 0)), ("b", cell(1, 0)), successors=[["b"], []])
        diff = diff_rows(old, state(("b", cell(0, 0, 2)), version="2"), successive=True)
        assert cut_of(diff) == {
            ("transferred", "a", "b"): km2(LOW), ("kept", "b", "b"): km2(LOW),
        }  # fmt: skip

    def test_parts_of_one_feature_are_one(self) -> None:
        old = frame([row()], [cell(0, 0, 2)])
        parts = [row(plan_version="2", part=part) for part in ("core", "shore")]
        diff = diff_rows(old, frame(parts, [cell(0, 0), cell(1, 0)]), successive=True)
        assert cut_of(diff) == {("kept", "belt", "belt"): km2(2 * LOW)}


class TestUnknown:
    """An extent that was never published is neither gained nor lost."""

    @pytest.mark.parametrize(
        ("before", "after", "known"), [(None, cell(0, 0), "new"), (cell(0, 0), None, "old")]
    )
    def test_one_side(self, before: Any, after: Any, known: str) -> None:
        diff = change(before, after)
        assert list(cut_of(diff).values()) == [km2(LOW)]
        assert pieces(diff)["change"].tolist() == ["undetermined"]
        row = row_of(diff)
        assert row.pop(known) == km2(LOW)
        assert all(math.isnan(value) for value in row.values())

    def test_neither_side(self) -> None:
        old = state(("a", None))
        diff = diff_rows(old, old.assign(name_en="New"))
        assert cut_of(diff) == {}
        assert all(math.isnan(value) for value in row_of(diff).values())

    @pytest.mark.parametrize("came", [True, False])
    def test_a_row_that_came_or_went_without_an_extent(self, *, came: bool) -> None:
        rows = state(("a", None))
        diff = diff_rows(rows.iloc[:0], rows) if came else diff_rows(rows, rows.iloc[:0])
        assert cut_of(diff) == {}
        assert math.isnan(row_of(diff)["new" if came else "old"])

    def test_a_group_of_which_one_side_is_unknown(self) -> None:
        old = state(("a", cell(0, 0)), ("b", cell(1, 0)), successors=[["c"], ["c"]])
        diff = diff_rows(old, state(("c", None)), successive=True)
        assert cut_of(diff) == {
            ("undetermined", "a", None): km2(LOW), ("undetermined", "b", None): km2(LOW),
        }  # fmt: skip
        assert row_of(diff)["old"] == km2(2 * LOW)
        assert math.isnan(row_of(diff)["lost"])


class TestTouching:
    """There are no pieces of a lower dimension where shapes only touch."""

    @pytest.mark.parametrize("other", [cell(1, 0), cell(1, 1), cell(5, 5)])
    def test_areas(self, other: shapely.Polygon) -> None:
        kite = shapely.Polygon([*other.exterior.coords[:-1], other.centroid])
        diff = change(cell(0, 0), kite)
        assert {sort for sort, _, _ in cut_of(diff)} == {"gained", "lost"}
        assert row_of(diff)["kept"] == 0

    def test_areas_that_touch_and_overlap_elsewhere(self) -> None:
        old = shapely.union(cell(0, 0), cell(0, 2))
        new = shapely.union(cell(1, 0), cell(0, 2, 1, 2))
        assert set(pieces(change(old, new)).geom_type) <= {"Polygon", "MultiPolygon"}

    def test_lines_that_cross(self) -> None:
        old = shapely.LineString([(120, 30), (121, 31)])
        new = shapely.LineString([(120, 31), (120.4, 30.7), (121, 30)])
        cut = pieces(change(old, new))
        assert cut["change"].tolist() == ["gained", "lost"]
        assert set(cut.geom_type) <= {"LineString", "MultiLineString"}
        assert cut["size"].tolist() == [pytest.approx(GEOD.geometry_length(line) / 1000, rel=SHARE)
                                        for line in (new, old)]  # fmt: skip

    def test_units_that_swap_their_places(self) -> None:
        old = state(("a", cell(0, 0)), ("b", cell(1, 0)), successors=[["b"], ["a"]])
        new = state(("a", cell(1, 0)), ("b", cell(0, 0)), version="2")
        cut = pieces(diff_rows(old, new, successive=True))
        assert set(cut["change"]) == {"transferred"}
        assert set(cut.geom_type) == {"Polygon"}


class TestLinesAndPoints:
    """Kilometres on the ellipsoid; points have no size."""

    def test_a_line_that_is_extended(self) -> None:
        diff = change(
            shapely.LineString([(120, 30), (120.2, 30.1)]),
            shapely.LineString([(120, 30), (120.2, 30.1), (120.2, 30.4)]),
        )
        _, _, old = GEOD.inv(120, 30, 120.2, 30.1)
        _, _, more = GEOD.inv(120.2, 30.1, 120.2, 30.4)
        assert cut_of(diff) == {
            ("kept", "a", "a"): pytest.approx(old / 1000),
            ("gained", None, "a"): pytest.approx(more / 1000),
        }

    def test_a_line_cut_in_two_is_joined_again(self) -> None:
        whole = shapely.LineString([(120, 30), (120.1, 30), (120.2, 30), (120.3, 30)])
        left = shapely.MultiLineString([whole.coords[:2], whole.coords[2:]])
        cut = pieces(change(whole, left))
        assert cut["change"].tolist() == ["lost", "kept"]
        assert cut.geom_type.tolist() == ["LineString", "MultiLineString"]

    def test_points(self) -> None:
        diff = change(shapely.Point(120, 30), shapely.Point(120.5, 30))
        assert cut_of(diff) == {("gained", None, "a"): 0, ("lost", "a", None): 0}
        assert set(row_of(diff).values()) == {0}


class TestTables:
    """The tables of pieces and sizes, whatever differs."""

    def test_nothing_differs(self) -> None:
        old = state(("a", cell(0, 0)))
        diff = diff_rows(old, old)
        cut, table = pieces(diff), sizes(diff, pieces(diff))
        assert (len(cut), len(table)) == (0, 0)
        assert list(cut.columns) == ["place", "change", "from_id", "to_id", "geometry", "size"]
        assert set(table.columns) == {*SORTS[:4], "old", "new"}

    def test_every_change_has_a_row_and_its_own_pieces(self) -> None:
        old = state(("a", cell(0, 0)), ("b", cell(3, 0)), ("c", None), ("d", cell(6, 0)))
        new = state(("a", cell(0, 0, 2)), ("b", cell(3, 0)), ("c", cell(9, 0)), ("e", cell(6, 3)))
        diff = diff_rows(old, new)
        cut, table = pieces(diff), sizes(diff, pieces(diff))
        assert table.index.tolist() == list(range(len(diff.changes)))
        assert cut["place"].is_monotonic_increasing
        for place, entry in enumerate(diff.changes):
            ids = {*diff.old["id"].iloc[list(entry.old)], *diff.new["id"].iloc[list(entry.new)]}
            mine = cut[cut["place"] == place]
            assert set(mine["from_id"]) | set(mine["to_id"]) <= ids | {None}

    def test_sums_hold_for_a_coverage_redrawn_at_random(self) -> None:
        random = np.random.default_rng(7)
        cells = [(x, y) for x in range(5) for y in range(4)]
        owners = [random.integers(0, 4, len(cells)) for _ in range(2)]
        states = [
            state(*((name, shapely.union_all([cell(*place) for place, owner in
                                              zip(cells, dealt, strict=True) if owner == number]))
                    for number, name in enumerate("abcd")), version=str(version))
            for version, dealt in enumerate(owners)
        ]  # fmt: skip
        stated = states[0].assign(successors=[["a", "b", "c", "d"]] * 4)
        diff = diff_rows(stated, states[1], successive=True)
        found = cut_of(diff)
        for one, name in enumerate("abcd"):
            for other, heir in enumerate("abcd"):
                shared = [place for place, *pair in zip(cells, *owners, strict=True)
                          if pair == [one, other]]  # fmt: skip
                sort = "kept" if name == heir else "transferred"
                expected = sum(zone_km2(30 + y / 10, 30.1 + y / 10) for _, y in shared)
                assert found.get((sort, name, heir), 0.0) == km2(expected)
        total = 5 * sum(zone_km2(30 + y / 10, 30.1 + y / 10) for y in range(4))
        table = row_of(diff)
        assert table["old"] == table["new"] == km2(total)
        assert table["gained"] == table["lost"] == 0
