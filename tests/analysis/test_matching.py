"""Which rows are the same thing: every match names its rule, and nothing is matched silently."""

from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.analysis import matching
from atlas.analysis.matching import Match, match_rows
from tests.examples import frame, in_force, row, square

FAR = square(117, 28, 0.1)
METRE = 1e-5
"""About a metre, in degrees."""


def box(west: float, width: float, *, south: float = 30.0, height: float = 1.0) -> Any:
    return shapely.box(120 + west, south, 120 + west + width, south + height)


def rows(*entries: tuple[dict[str, Any], Any], **lists: list[list[str]]) -> gpd.GeoDataFrame:
    """Rows with their shapes and, by name, further columns in their order."""
    table = frame([entry for entry, _ in entries], [shape for _, shape in entries])
    return table.assign(**lists)


def matched(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, successive: bool = False
) -> list[tuple[tuple[int, ...], tuple[int, ...], str]]:
    found = match_rows(old, new, successive=successive)
    return sorted((match.old, match.new, match.rule) for match in found)


def by_shape(
    old: list[Any], new: list[Any], *, successive: bool = False, key: tuple[str, ...] | None = None
) -> list[Match]:
    """Matches of rows that share nothing but their shapes."""
    before = rows(*((row(id=f"old-{n}"), shape) for n, shape in enumerate(old)))
    after = rows(*((row(id=f"new-{n}"), shape) for n, shape in enumerate(new)))
    return match_rows(before, after, successive=successive, **({"key": key} if key else {}))


class TestByTheRecord:
    """Ids and columns first, whatever the shapes are."""

    @pytest.mark.parametrize("successive", [True, False])
    def test_the_same_key(self, *, successive: bool) -> None:
        old = rows((row(id="a"), square()), (row(id="b"), square(121)))
        new = rows((row(id="b"), FAR), (row(id="c"), square(118)))
        assert matched(old, new, successive=successive) == [((1,), (0,), "key")]

    def test_one_version_follows_another_in_the_same_part_and_status(self) -> None:
        old = rows((row(part="core"), square()), (row(part="shore"), square()))
        new = rows(
            (row(part="core", plan_version="2"), FAR), (row(part="shore", plan_version="2"), FAR)
        )
        assert matched(old, new, successive=True) == [((0,), (0,), "part"), ((1,), (1,), "part")]

    def test_other_parts_of_the_same_status_are_one_group(self) -> None:
        old = rows((row(), square()))
        new = rows(
            (row(part="core", plan_version="2"), FAR), (row(part="shore", plan_version="2"), FAR)
        )
        assert matched(old, new, successive=True) == [((0,), (0, 1), "status")]

    def test_a_draft_does_not_follow_what_is_in_force_while_there_is_a_version_that_does(
        self,
    ) -> None:
        old = rows((row(), square()), (row(plan_version="draft", status="draft"), square()))
        new = rows((row(plan_version="2"), FAR), (row(plan_version="3", status="draft"), FAR))
        assert matched(old, new, successive=True) == [((0,), (0,), "part"), ((1,), (1,), "part")]

    def test_a_draft_that_comes_into_force_is_the_same_feature(self) -> None:
        old = rows((row(plan_version="draft", status="draft"), square()))
        new = rows((row(plan_version="1"), FAR))
        assert matched(old, new, successive=True) == [((0,), (0,), "id")]

    def test_two_versions_of_one_part_are_no_single_match_but_a_group(self) -> None:
        old = rows((row(plan_version="1", status="draft"), square()),
                   (row(plan_version="2", status="draft"), square()))  # fmt: skip
        new = rows((row(plan_version="3", status="draft"), FAR))
        assert matched(old, new, successive=True) == [((0, 1), (0,), "status")]

    def test_between_editions_a_corrected_version_is_known_by_its_start(self) -> None:
        old = rows((in_force("2016-01-01", None), square()))
        new = rows((in_force("2016-01-01", None, plan_version="1.0"), FAR))
        assert matched(old, new) == [((0,), (0,), "period")]

    def test_between_editions_an_unknown_start_is_a_start_like_any_other(self) -> None:
        old = rows((in_force(None, None), square()))
        new = rows((in_force(None, None, plan_version="1.0"), FAR))
        assert matched(old, new) == [((0,), (0,), "period")]

    @pytest.mark.parametrize(
        "changes",
        [{"id": "other"}, {"part": "core"}, {"valid_from": "2016-01-02"}, {"valid_from": None}],
    )
    def test_between_editions_nothing_less_makes_a_match(self, changes: dict[str, Any]) -> None:
        old = rows((in_force("2016-01-01", None), square()))
        new = rows((in_force("2016-01-01", None, plan_version="1.0") | changes, FAR))
        assert matched(old, new) == []

    def test_two_rows_of_one_start_are_not_told_apart_by_it(self) -> None:
        old = rows((in_force("2016-01-01", None), square()))
        new = rows(*((in_force("2016-01-01", None, plan_version=name), FAR) for name in ("a", "b")))
        assert matched(old, new) == []

    def test_a_key_of_one_column_knows_no_versions(self) -> None:
        old = rows((row(id="a"), square()))
        new = rows((row(id="a", plan_version="2"), FAR))
        assert match_rows(old, new, key=("plan_version",)) == []
        assert match_rows(old, new, key=("id",)) == [Match((0,), (0,), "key")]


class TestStated:
    """Successors and predecessors that the record names, between two days only."""

    def test_a_successor(self) -> None:
        old = rows((row(id="a"), square()), successors=[["b"]])
        new = rows((row(id="b"), FAR))
        assert matched(old, new, successive=True) == [((0,), (0,), "stated")]
        assert matched(old, new) == []

    def test_a_predecessor(self) -> None:
        old = rows((row(id="a"), square()))
        new = rows((row(id="b"), FAR), predecessors=[["a"]])
        assert matched(old, new, successive=True) == [((0,), (0,), "stated")]
        assert matched(old, new) == []

    def test_one_that_gives_to_another_that_was_there_joins_both(self) -> None:
        old = rows((row(id="a"), square()), (row(id="b"), square(121)), successors=[["b"], []])
        new = rows((row(id="b", plan_version="2"), FAR))
        assert matched(old, new, successive=True) == [((0, 1), (0,), "stated")]

    def test_groups_that_share_a_row_are_one(self) -> None:
        old = rows(
            (row(id="a"), square()), (row(id="b"), square()), (row(id="z"), square()),
            successors=[["c", "d"], ["d"], []],
        )  # fmt: skip
        new = rows((row(id="c"), FAR), (row(id="d"), FAR), (row(id="z", name_en="New"), FAR))
        assert matched(old, new, successive=True) == [
            ((0, 1), (0, 1), "stated"), ((2,), (2,), "key"),
        ]  # fmt: skip

    def test_what_follows_itself_keeps_its_own_rule(self) -> None:
        old = rows((row(id="a"), square()), successors=[["a"]])
        new = rows((row(id="a", plan_version="2"), FAR), predecessors=[["a"]])
        assert matched(old, new, successive=True) == [((0,), (0,), "part")]

    @pytest.mark.parametrize("named", [[], ["moon"], None, float("nan"), "b"])
    def test_nobody_follows_where_nobody_is_named(self, named: Any) -> None:
        old = rows((row(id="a"), square()), successors=[named])
        new = rows((row(id="b"), FAR))
        assert matched(old, new, successive=True) == []


class TestByShape:
    """What is left: the same place, or one thing cut into several, with the share said."""

    @pytest.mark.parametrize(("width", "share"), [(1.0, 1.0), (0.95, 0.95), (0.81, 0.81)])
    def test_the_share_is_intersection_over_union(self, width: float, share: float) -> None:
        (match,) = by_shape([box(0, 1)], [box(0, width)])
        assert (match.old, match.new, match.rule) == ((0,), (0,), "shape")
        assert match.share == pytest.approx(share)

    @pytest.mark.parametrize(
        ("shift", "matches"), [(0.0, True), (0.1, True), (0.12, False), (0.5, False), (1.0, False)]
    )
    def test_corridors_that_only_overlap_are_different(self, shift: float, matches: bool) -> None:
        assert bool(by_shape([box(0, 1)], [box(shift, 1)])) is matches

    @pytest.mark.parametrize("width", [0.79, 0.5, 0.01])
    def test_a_corridor_inside_another_is_not_that_other(self, width: float) -> None:
        assert by_shape([box(0, 1)], [box(0, width)]) == []
        assert by_shape([box(0, width)], [box(0, 1)]) == []

    def test_the_thresholds_are_those_that_are_written(self) -> None:
        assert (matching.AGREEING_SHARE, matching.INSIDE_SHARE) == (0.8, 0.9)
        for width, matches in ((0.8 + 1e-6, 1), (0.8 - 1e-6, 0)):
            assert len(by_shape([box(0, 1)], [box(0, width)])) == matches

    def test_a_piece_counts_if_nine_tenths_of_it_lie_inside(self) -> None:
        for out, matches in ((0.1 - 1e-6, 1), (0.1 + 1e-6, 0)):
            pieces = [box(0, 5), box(5, 3), box(8 + 2 * out, 2)]
            assert len(by_shape([box(0, 10)], pieces)) == 1
            found = by_shape([box(0, 10)], pieces)[0].new
            assert (2 in found) is bool(matches)

    def test_one_thing_cut_into_several(self) -> None:
        (match,) = by_shape([box(0, 1)], [box(0, 0.3), box(0.3, 0.3), box(0.6, 0.4)])
        assert (match.old, match.new) == ((0,), (0, 1, 2))
        assert match.share == pytest.approx(1)

    def test_several_joined_to_one(self) -> None:
        (match,) = by_shape([box(0, 0.5), box(0.5, 0.5)], [box(0, 1)])
        assert (match.old, match.new) == ((0, 1), (0,))

    def test_pieces_that_leave_too_much_are_no_division(self) -> None:
        assert by_shape([box(0, 1)], [box(0, 0.3), box(0.3, 0.3)]) == []

    def test_neighbours_that_only_touch_are_different(self) -> None:
        beside = [box(1, 1), box(-1, 1), box(0, 1, south=31), box(1, 1, south=31)]
        assert by_shape([box(0, 1)], beside) == []

    @pytest.mark.parametrize("apart", [1, 2])
    def test_two_that_change_their_ids_stay_two(self, apart: int) -> None:
        found = by_shape([box(0, 1), box(apart, 1)], [box(apart, 1), box(0, 1)])
        assert sorted((match.old, match.new) for match in found) == [((0,), (1,)), ((1,), (0,))]

    @pytest.mark.parametrize(
        ("length", "share"), [(1.0, 1.0), (0.85, 0.85), (0.75, None), (0.1, None)]
    )
    def test_lines_agree_by_length(self, length: float, share: float | None) -> None:
        one = shapely.LineString([(120, 30), (121, 30)])
        found = by_shape([one], [shapely.LineString([(120, 30), (120 + length, 30)])])
        assert [match.share for match in found] == ([] if share is None else pytest.approx([share]))

    def test_lines_that_cross_or_run_side_by_side_are_different(self) -> None:
        one = shapely.LineString([(120, 30), (121, 30)])
        others = [
            shapely.LineString([(120.5, 29.5), (120.5, 30.5)]),
            shapely.LineString([(120, 30.000001), (121, 30.000001)]),
        ]
        assert by_shape([one], others) == []

    @pytest.mark.parametrize(
        ("away", "matches"), [(0.0, True), (0.9 * METRE, True), (1.1 * METRE, False)]
    )
    def test_points_are_one_place_within_a_metre(self, away: float, matches: bool) -> None:
        found = by_shape([shapely.Point(120, 30)], [shapely.Point(120, 30 + away)])
        assert [match.share for match in found] == ([1.0] if matches else [])

    def test_without_a_shape_there_is_no_match(self) -> None:
        assert by_shape([None, square()], [None, FAR]) == []
        assert by_shape([None], [None], successive=True) == []

    @pytest.mark.parametrize("successive", [True, False])
    def test_the_record_comes_before_the_shape(self, *, successive: bool) -> None:
        old = rows((row(id="a"), box(0, 1)), (row(id="b"), box(1, 1)))
        new = rows((row(id="b"), box(0, 1)), (row(id="c"), box(1, 1)))
        assert matched(old, new, successive=successive) == [((1,), (0,), "key")]

    def test_users_files_without_periods_are_matched_by_shape_too(self) -> None:
        old = gpd.GeoDataFrame({"name": ["a"]}, geometry=[square()], crs=4326)
        new = gpd.GeoDataFrame({"name": ["b"]}, geometry=[square()], crs=4326)
        assert match_rows(old, new, key=("name",)) == [Match((0,), (0,), "shape", 1.0)]


@pytest.mark.parametrize(
    ("old", "new", "together"),
    [
        (("2010-01-01", "2018-01-01"), ("2018-01-01", None), False),
        (("2018-01-01", None), ("2010-01-01", "2018-01-01"), False),
        (("2010-01-01", "2018-01-02"), ("2018-01-01", None), True),
        (("2010-01-01", "2018-01-01"), ("2017-12-31", "2018-01-01"), True),
        ((None, "2018-01-01"), ("2018-01-01", None), False),
        ((None, "2018-01-01"), (None, "2011-01-01"), True),
        ((None, None), (None, None), True),
        (("2018-01-01", None), (None, None), True),
        ((None, "2018-01-01"), ("2017-12-31", None), True),
    ],
)
def test_rows_of_two_editions_are_one_by_shape_only_if_they_share_a_day(
    old: tuple[str | None, str | None], new: tuple[str | None, str | None], *, together: bool
) -> None:
    before = rows((in_force(*old, id="a"), square()))
    after = rows((in_force(*new, id="b"), square()))
    expected = [((0,), (0,), "shape")]
    assert matched(before, after) == (expected if together else [])
    assert matched(before, after, successive=True) == expected


@pytest.mark.parametrize("successive", [True, False])
def test_nothing_matches_nothing(*, successive: bool) -> None:
    some = rows((row(), square()))
    for old, new in ((some, some.iloc[:0]), (some.iloc[:0], some), (some.iloc[:0], some.iloc[:0])):
        assert match_rows(old, new, successive=successive) == []


SHAPES = [None, box(0, 1), box(0, 0.5), box(0.5, 0.5), box(0.1, 1), box(0, 0.9), FAR]
NAMED = st.lists(st.sampled_from("abc"), max_size=2)


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    keys = draw(
        st.lists(
            st.tuples(*map(st.sampled_from, ("abc", "12", ["whole", "core"]))),
            max_size=5, unique=True,
        )
    )  # fmt: skip
    entries = [
        row(id=key[0], plan_version=key[1], part=key[2],
            status=draw(st.sampled_from(["in-force", "draft"])),
            valid_from=draw(st.sampled_from(["2018-06-01", "2019-01-01"])))
        for key in keys
    ]  # fmt: skip
    shapes = [draw(st.sampled_from(SHAPES)) for _ in keys]
    table = frame(entries, shapes)
    return table.assign(
        successors=[draw(NAMED) for _ in keys], predecessors=[draw(NAMED) for _ in keys]
    )


@settings(max_examples=60)
@given(tables(), tables(), st.booleans())
def test_each_row_is_matched_at_most_once_and_every_match_says_why(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, successive: bool
) -> None:
    found = match_rows(old, new, successive=successive)
    for side, table in (("old", old), ("new", new)):
        places = [place for match in found for place in getattr(match, side)]
        assert len(places) == len(set(places))
        assert set(places) <= set(range(len(table)))
    for match in found:
        assert match.old
        assert match.new
        assert match.rule in matching.RULES
        assert (match.share is not None) == (match.rule == "shape")
        assert match.share is None or matching.AGREEING_SHARE <= match.share <= 1 + 1e-9


@settings(max_examples=60)
@given(tables(), tables(), st.booleans())
def test_rows_with_the_same_key_are_never_parted(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, successive: bool
) -> None:
    group = {}
    for number, match in enumerate(match_rows(old, new, successive=successive)):
        group |= {("old", place): number for place in match.old}
        group |= {("new", place): number for place in match.new}
    for one in old.itertuples():
        for other in new.itertuples():
            if (one.id, one.plan_version, one.part) == (other.id, other.plan_version, other.part):
                assert group["old", one.Index] == group["new", other.Index]
