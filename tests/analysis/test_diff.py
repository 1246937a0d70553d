"""A difference as a value: its kinds by hand-made squares, and what it refuses."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import affinity

from atlas.analysis.diff import (
    Change,
    Diff,
    apply,
    column_changes,
    compose,
    diff_rows,
    inverse,
)
from atlas.errors import DiffMismatch, KeyRepeated
from tests.examples import frame, row, square

ONE, TWO = square(120, 30, 0.2), square(120.2, 30, 0.2)
BOTH = shapely.box(120, 30, 120.4, 30.2)
FAR = square(117, 28, 0.1)
HOLES = (square(120.2, 30.2, 0.2), square(120.6, 30.6, 0.2))
HOLED = shapely.Polygon(square(120, 30, 1).exterior, [hole.exterior for hole in HOLES])
KITE = shapely.Polygon([(120, 30.1), (120.1, 30), (120.25, 30.1), (120.1, 30.2)])
LINE = shapely.LineString([(120, 30), (120.1, 30.2), (120.4, 30.1)])


def state(*entries: tuple[dict[str, Any], Any]) -> gpd.GeoDataFrame:
    return frame([entry for entry, _ in entries], [shape for _, shape in entries])


def kinds(diff: Diff) -> list[str]:
    return [change.kind for change in diff.changes]


def kind_of(before: Any, after: Any) -> str:
    """What befell one row whose shape changed."""
    diff = diff_rows(state((row(), before)), state((row(), after)))
    return kinds(diff)[0] if diff.changes else "same"


def keys(rows: gpd.GeoDataFrame) -> list[str]:
    return [f"{entry.id}/{entry.plan_version}" for entry in rows.itertuples()]


class TestKinds:
    """What befell a row, or rows that belong together."""

    def test_one_that_came_and_one_that_went(self) -> None:
        diff = diff_rows(state((row(id="a"), ONE)), state((row(id="b"), FAR)))
        assert diff.changes == (Change("inserted", (), (0,)), Change("removed", (0,), ()))

    def test_other_words_and_the_same_extent(self) -> None:
        diff = diff_rows(state((row(), ONE)), state((row(name_en="New"), ONE)))
        assert diff.changes == (Change("reworded", (0,), (0,), "key"),)

    def test_another_extent_counts_more_than_other_words(self) -> None:
        diff = diff_rows(state((row(), ONE)), state((row(name_en="New"), BOTH)))
        assert diff.changes == (Change("reshaped", (0,), (0,), "key"),)

    def test_one_that_becomes_several(self) -> None:
        diff = diff_rows(state((row(id="a"), BOTH)), state((row(id="b"), ONE), (row(id="c"), TWO)))
        (change,) = diff.changes
        assert (change.kind, change.old, change.new, change.rule) == (
            "split",
            (0,),
            (0, 1),
            "shape",
        )
        assert change.share == pytest.approx(1)

    def test_several_that_become_one(self) -> None:
        diff = diff_rows(state((row(id="b"), ONE), (row(id="c"), TWO)), state((row(id="a"), BOTH)))
        assert [(change.kind, change.old, change.new) for change in diff.changes] == [
            ("merged", (0, 1), (0,))
        ]

    def test_several_that_become_several(self) -> None:
        old = state((row(id="a"), ONE), (row(id="b"), TWO))
        new = state((row(id="a", plan_version="2"), BOTH), (row(id="c"), FAR))
        old["successors"] = [["c"], ["a"]]
        diff = diff_rows(old, new, successive=True)
        assert [(change.kind, change.old, change.new) for change in diff.changes] == [
            ("redivided", (0, 1), (0, 1))
        ]

    def test_one_feature_told_in_parts_is_split_too(self) -> None:
        new = [row(plan_version="2", part=part) for part in ("core", "shore")]
        diff = diff_rows(state((row(), BOTH)), state((new[0], ONE), (new[1], TWO)), successive=True)
        assert kinds(diff) == ["split"]

    def test_they_stand_in_the_order_in_which_a_report_tells_them(self) -> None:
        old = state(
            (row(id="gone"), FAR), (row(id="moves"), ONE), (row(id="words"), TWO),
            (row(id="grows"), square(121)),
        )  # fmt: skip
        new = state(
            (row(id="came"), square(118)), (row(id="moves"), square(120, 29, 0.2)),
            (row(id="words", name_en="New"), TWO), (row(id="grows"), square(121, 30, 0.8)),
        )  # fmt: skip
        assert kinds(diff_rows(old, new)) == [
            "inserted", "removed", "reshaped", "moved", "reworded",
        ]  # fmt: skip

    @pytest.mark.parametrize(("before", "after"), [(None, ONE), (ONE, None)])
    def test_an_extent_that_only_one_state_knows_is_another_extent(
        self, before: Any, after: Any
    ) -> None:
        assert kind_of(before, after) == "reshaped"

    def test_a_row_without_an_extent_can_change_its_words(self) -> None:
        old, new = state((row(), None)), state((row(name_en="New"), None))
        assert kinds(diff_rows(old, new)) == ["reworded"]
        assert diff_rows(old, old).is_empty


SMALL = affinity.scale(KITE, 0.3, 0.3)
SHAPES = {
    "polygon": KITE, "line": LINE, "point": shapely.Point(120, 30),
    "with a hole": shapely.Polygon(KITE.exterior, [SMALL.exterior]),
    "two areas": shapely.MultiPolygon([KITE, affinity.translate(SMALL, 0.2)]),
    "two lines": shapely.MultiLineString([LINE, affinity.translate(LINE, 0.05, 0.3)]),
}  # fmt: skip


def moved(shape: Any, east_km: float, north_km: float) -> Any:
    """A shape elsewhere on the ground."""
    metres = gpd.GeoSeries([shape], crs=4326).to_crs(4549)
    return metres.translate(east_km * 1000, north_km * 1000).to_crs(4326)[0]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
class TestMoved:
    """The same shape elsewhere: every vertex moved alike."""

    @pytest.mark.parametrize("way", [(0.001, 0), (0, -3), (30, 20), (-50, 40)])
    def test_a_shape_elsewhere(self, shape: Any, way: tuple[float, float]) -> None:
        assert kind_of(shape, moved(shape, *way)) == "moved"

    def test_it_may_begin_at_another_vertex(self, shape: Any) -> None:
        elsewhere = moved(shape, 10, 1)
        assert kind_of(shape, shapely.normalize(elsewhere)) == "moved"
        assert kind_of(shape, shapely.reverse(elsewhere)) == "moved"

    def test_a_shape_that_stays_has_not_moved(self, shape: Any) -> None:
        assert kind_of(shape, shapely.normalize(shape)) == "same"
        assert kind_of(shape, shapely.reverse(shape)) == "same"

    def test_a_shape_that_grows_has_not_moved(self, shape: Any) -> None:
        if shape.geom_type != "Point":
            assert kind_of(shape, affinity.scale(shape, 1.2, 1.2)) == "reshaped"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, affinity.rotate(ONE, 30)),
        (ONE, shapely.Polygon([*ONE.exterior.coords[:2], (120.2, 30.3), *ONE.exterior.coords[3:]])),
        (HOLED, shapely.Polygon(affinity.translate(HOLED, 0.2).exterior)),
        (HOLED, shapely.Polygon(HOLED.exterior, [affinity.translate(HOLES[0], 0.1).exterior,
                                                 HOLES[1].exterior])),
        (LINE, shapely.LineString([*LINE.coords[:2], (120.4, 30.2)])),
        (ONE, shapely.MultiPolygon([affinity.translate(ONE, 0.3), FAR])),
        (shapely.Point(120, 30), shapely.MultiPoint([(120, 30), (121, 30)])),
        (square(120, 30, 0.1), shapely.LineString(square(121, 30, 0.1).exterior.coords)),
    ],
)  # fmt: skip
def test_a_shape_of_another_form_has_not_moved(before: Any, after: Any) -> None:
    assert kind_of(before, after) == "reshaped"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, shapely.Polygon([*ONE.exterior.coords[2:], *ONE.exterior.coords[1:3]])),
        (ONE, shapely.Polygon(ONE.exterior.coords[::-1])),
        (HOLED, shapely.Polygon(HOLED.exterior, [ring.coords[::-1] for ring in HOLED.interiors])),
        (HOLED, shapely.Polygon(HOLED.exterior, HOLED.interiors[::-1])),
        (shapely.MultiPolygon([ONE, FAR]), shapely.MultiPolygon([FAR, ONE])),
        (LINE, shapely.LineString(LINE.coords[::-1])),
        (shapely.MultiPoint([(120, 30), (121, 30)]), shapely.MultiPoint([(121, 30), (120, 30)])),
    ],
)
def test_a_shape_written_in_another_way_is_no_change(before: Any, after: Any) -> None:
    assert kind_of(before, after) == "same"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, shapely.MultiPolygon([ONE])),
        (ONE, shapely.segmentize(ONE, 0.1)),
        (HOLED, shapely.Polygon(HOLED.exterior)),
        (ONE, affinity.translate(ONE, 0, 1e-6)),
    ],
)
def test_another_vertex_is_a_change_however_small(before: Any, after: Any) -> None:
    assert kind_of(before, after) != "same"


class TestColumns:
    """Rows are the same if all columns are equal; a column that is not there is empty."""

    @pytest.mark.parametrize(
        ("before", "after", "differs"),
        [
            (None, None, False),
            (None, float("nan"), False),
            (None, "", True),
            (None, [], True),
            (None, 0, True),
            (0, False, False),
            (1, 1.0, False),
            ([], [], False),
            (["a", "b"], ["b", "a"], True),
            ([{"date": "2019"}], [{"date": "2020"}], True),
            ("a", "a ", True),
            (2**53 + 1, 2**53 + 2, True),
            (pd.NA, None, False),
        ],
    )
    def test_values(self, before: Any, after: Any, *, differs: bool) -> None:
        old, new = (
            state((row(), ONE)).assign(note=pd.Series([value], dtype=object))
            for value in (before, after)
        )
        assert bool(diff_rows(old, new).changes) is differs

    def test_a_column_that_one_state_lacks_is_empty_there(self) -> None:
        old = state((row(id="a"), ONE), (row(id="b"), TWO))
        new = old.assign(river=pd.Series([None, "Huai"], dtype=object))
        for diff, before, after in (
            (diff_rows(old, new), None, "Huai"), (diff_rows(new, old), "Huai", None),
        ):  # fmt: skip
            assert (keys(diff.old), diff.kept) == (["b/1"], 1)
            assert column_changes(diff, diff.changes[0]) == {"river": (before, after)}
            assert list(diff.old.columns) == list(diff.new.columns)

    def test_the_geometry_may_have_another_name(self) -> None:
        old, new = state((row(), ONE)), state((row(), BOTH)).rename_geometry("shape")
        assert kinds(diff_rows(old, new)) == ["reshaped"]
        assert diff_rows(old, old.rename_geometry("shape")).is_empty

    def test_column_changes_are_those_of_one_row(self) -> None:
        old, new = state((row(), ONE)), state((row(name_en="New", accuracy_m=None), TWO))
        diff = diff_rows(old, new)
        assert column_changes(diff, diff.changes[0]) == {
            "name_en": ("Huai", "New"), "accuracy_m": (100.0, None),
        }  # fmt: skip
        assert column_changes(diff, Change("inserted", (), (0,))) == {}
        assert column_changes(diff, Change("merged", (0, 0), (0,))) == {}


class TestStates:
    """What of the states does not matter, and what is refused."""

    def test_order_and_index_do_not_matter(self) -> None:
        old = state((row(id="a"), ONE), (row(id="b"), TWO), (row(id="c"), FAR))
        new = state((row(id="a"), ONE), (row(id="b"), BOTH), (row(id="d"), square(121)))
        plain = diff_rows(old, new)
        shuffled = diff_rows(
            old.iloc[[2, 0, 1]].set_index(pd.Index([7, 7, 9])), new.iloc[::-1]
        )  # fmt: skip
        assert shuffled.changes == plain.changes
        assert (keys(shuffled.old), keys(shuffled.new)) == (["b/1", "c/1"], ["b/1", "d/1"])
        assert shuffled.old.index.tolist() == [0, 1]

    def test_the_states_stay_as_they_were(self) -> None:
        old, new = state((row(), ONE)), state((row(id="b"), FAR))
        before = old.copy(deep=True), new.copy(deep=True)
        diff = diff_rows(old, new)
        apply(old, diff)
        assert old.equals(before[0])
        assert new.equals(before[1])

    @pytest.mark.parametrize("sides", [(2, 0), (0, 2), (0, 0)])
    def test_a_state_may_be_empty(self, sides: tuple[int, int]) -> None:
        rows = state((row(id="a"), ONE), (row(id="b"), TWO))
        old, new = rows.iloc[: sides[0]], rows.iloc[: sides[1]]
        diff = diff_rows(old, new)
        assert kinds(diff) == ["inserted"] * sides[1] + ["removed"] * sides[0]
        assert keys(apply(old, diff)) == keys(new)
        assert diff.kept == 0
        assert (diff.old.crs, diff.new.crs) == (rows.crs, rows.crs)

    def test_a_repeated_key_is_named(self) -> None:
        good = state((row(), ONE))
        bad = state((row(id="a"), ONE), (row(id="b", part="core"), TWO))
        bad["id"], bad["part"] = "a", "core"
        for old, new in ((bad, good), (good, bad)):
            with pytest.raises(KeyRepeated, match=r"id, plan_version, part = 'a/1/core' stands in"):
                diff_rows(old, new)

    def test_a_long_repeated_key_is_cut_short(self) -> None:
        rows = gpd.GeoDataFrame({"name": ["x" * 10_000] * 2}, geometry=[ONE, TWO], crs=4326)
        with pytest.raises(KeyRepeated) as caught:
            diff_rows(rows, rows, key=("name",))
        assert len(str(caught.value)) < 200


OLD = state((row(id="a"), ONE), (row(id="b"), TWO))
NEW = state((row(id="b"), BOTH), (row(id="c"), FAR))
CHANGED: dict[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
    "lacks a row": lambda rows: rows[rows["id"] != "a"],
    "has another name": lambda rows: rows.assign(name_en=["Huai", "Other"]),
    "has another extent": lambda rows: rows.set_geometry([ONE, FAR], crs=4326),
    "is empty": lambda rows: rows.iloc[:0],
}


class TestApplied:
    """A diff leads from its own state to the other, and from no other state."""

    def test_there_and_back(self) -> None:
        diff = diff_rows(OLD, NEW)
        assert diff_rows(apply(OLD, diff), NEW).is_empty
        assert diff_rows(apply(NEW, inverse(diff)), OLD).is_empty

    def test_the_way_back_has_the_reverse_names(self) -> None:
        split = diff_rows(state((row(id="a"), BOTH)), state((row(id="b"), ONE), (row(id="c"), TWO)))
        assert kinds(inverse(split)) == ["merged"]
        assert kinds(inverse(diff_rows(OLD, NEW))) == ["inserted", "removed", "reshaped"]

    @pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
    def test_another_state_is_refused(
        self, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
    ) -> None:
        with pytest.raises(DiffMismatch, match="the state is not the one that the diff starts"):
            apply(change(OLD), diff_rows(OLD, NEW))

    def test_a_row_that_is_there_already_is_not_inserted(self) -> None:
        rich = pd.concat([OLD, state((row(id="c"), FAR))], ignore_index=True)
        with pytest.raises(DiffMismatch, match="a row that the diff inserts is there already"):
            apply(rich, diff_rows(OLD, NEW))

    def test_two_diffs_make_one(self) -> None:
        third = state((row(id="b"), BOTH), (row(id="d"), square(121)))
        net = compose(diff_rows(OLD, NEW), diff_rows(NEW, third))
        assert (keys(net.old), keys(net.new), net.kept) == (["a/1", "b/1"], ["b/1", "d/1"], 0)
        assert diff_rows(apply(OLD, net), third).is_empty

    def test_a_diff_that_starts_from_other_rows_is_refused(self) -> None:
        elsewhere = diff_rows(state((row(id="b"), FAR)), state((row(id="b"), ONE)))
        with pytest.raises(DiffMismatch, match="starts from other rows than the first left"):
            compose(diff_rows(OLD, NEW), elsewhere)

    def test_a_diff_that_starts_from_a_row_that_is_gone_is_refused(self) -> None:
        elsewhere = diff_rows(state((row(id="a"), ONE)), state((row(id="a"), FAR)))
        with pytest.raises(DiffMismatch, match="starts from a row that the first removed"):
            compose(diff_rows(OLD, NEW), elsewhere)
