"""A lower plan against an upper one in the plane: partition, empty, identical, disjoint, rules."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.analysis.conformance import (
    CARRIED,
    CONTRADICTED,
    HARDLY,
    PARTLY,
    SILENT,
    WHOLLY,
    Conformance,
    Thresholds,
    conform,
)
from atlas.analysis.matrix import Plane, to_plane
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import WORKING_CRS
from atlas.core.land_use import BUILD, KEEP, NEITHER, USES
from atlas.errors import AssumptionWrong

KM = 1_000.0
ZONES = (shapely.box(-50 * KM, -50 * KM, 0, 50 * KM), shapely.box(0, -50 * KM, 50 * KM, 50 * KM))


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle by its sides in km."""
    return shapely.box(west * KM, south * KM, east * KM, north * KM)


def plane(*shapes: Any) -> Plane:
    return to_plane(gpd.GeoDataFrame(geometry=list(shapes), crs=WORKING_CRS))


def held(
    lower: list[Any], upper: list[Any], *, uses: list[str] | None = None, upper_use: str = NEITHER,
    **thresholds: float,
) -> Conformance:  # fmt: skip
    zones = index_zones(plane(*ZONES).shapes, cells=2_000)
    told = np.array(uses or [NEITHER] * len(lower), dtype=object)
    return conform(plane(*lower), told, plane(*upper), upper_use, zones, Thresholds(**thresholds))


def row(found: Conformance, place: int = 0) -> dict[str, Any]:
    return found.features.iloc[place].to_dict()


def test_half_carried_is_half_left_out() -> None:
    found = held([box(-10, 0, 0, 10)], [box(-5, 0, 5, 10)])
    assert row(found)["size"] == pytest.approx(100)
    assert row(found)["carried"] == pytest.approx(50)
    assert row(found)["left_out"] == pytest.approx(50)
    assert row(found)["verdict"] == PARTLY
    assert not row(found)["is_contradicted"]
    assert found.by_zone["carried"].tolist() == pytest.approx([50, 0])
    assert found.by_zone["left_out"].tolist() == pytest.approx([0, 50])


def test_an_identical_plan_carries_everything() -> None:
    shapes = [box(-5, 0, 5, 10), box(20, 0, 30, 10), shapely.Point(0, -20 * KM).buffer(7 * KM)]
    found = held(shapes, shapes)
    assert found.features["share_carried"].tolist() == pytest.approx([1, 1, 1], abs=1e-12)
    assert found.features["left_out"].tolist() == [0, 0, 0]
    assert set(found.features["verdict"]) == {WHOLLY}
    assert set(found.pieces["state"]) == {CARRIED}


def test_an_empty_plan_carries_nothing() -> None:
    found = held([], [box(-5, 0, 5, 10)])
    assert row(found)["carried"] == 0
    assert row(found)["left_out"] == pytest.approx(100)
    assert row(found)["verdict"] == HARDLY
    assert set(found.pieces["state"]) == {SILENT}
    assert found.clashes.empty


def test_a_disjoint_plan_carries_nothing_and_one_that_touches_neither() -> None:
    for lower in (box(10, 0, 20, 10), box(5, 0, 15, 10)):
        found = held([lower], [box(-5, 0, 5, 10)], uses=[BUILD], upper_use=KEEP)
        assert row(found)["carried"] == 0
        assert row(found)["contradicted"] == 0
        assert not row(found)["is_contradicted"]
        assert set(found.pieces["state"]) == {SILENT}


def test_an_empty_upper_plan_is_no_error() -> None:
    found = held([box(0, 0, 1, 1)], [])
    assert found.features.empty
    assert found.by_zone.empty
    assert found.pieces.empty


def test_building_on_what_is_kept_contradicts_and_is_left_out() -> None:
    found = held(
        [box(-5, 0, 0, 10), box(-2, 0, 3, 10)], [box(-5, 0, 5, 10)], uses=[KEEP, BUILD],
        upper_use=KEEP,
    )  # fmt: skip
    # Where both lie on each other the one that builds is enough.
    assert row(found)["carried"] == pytest.approx(30)
    assert row(found)["contradicted"] == pytest.approx(50)
    assert row(found)["left_out"] == pytest.approx(70)
    assert row(found)["is_contradicted"]
    assert found.clashes[["feature", "lower"]].to_numpy().tolist() == [[0, 1]]
    assert found.clashes["size"].tolist() == pytest.approx([50])
    assert found.by_zone["contradicted"].tolist() == pytest.approx([20, 30])


@pytest.mark.parametrize("lower", USES)
@pytest.mark.parametrize("upper", USES)
def test_only_building_and_keeping_contradict(lower: str, upper: str) -> None:
    shape = box(-5, 0, 5, 10)
    found = held([shape], [shape], uses=[lower], upper_use=upper)
    against = {lower, upper} == {BUILD, KEEP}
    assert bool(row(found)["is_contradicted"]) is against
    assert row(found)["share_carried"] == pytest.approx(0 if against else 1)


def test_thresholds_decide_the_words_and_nothing_else() -> None:
    lower, upper = [box(-5, 0, 4, 10)], [box(-5, 0, 5, 10)]
    assert row(held(lower, upper))["verdict"] == PARTLY
    loose = held(lower, upper, carried_share=0.9)
    assert row(loose)["verdict"] == WHOLLY
    assert row(loose)["carried"] == pytest.approx(90)
    strict = held(lower, upper, carried_share=0.99, left_out_share=0.9)
    assert row(strict)["verdict"] == HARDLY
    uses = {"uses": [BUILD], "upper_use": KEEP}
    small = [box(-5, 0, -4.95, 10)]
    assert not row(held(small, upper, **uses))["is_contradicted"]
    assert row(held(small, upper, **uses, contradicted_size=0.4, contradicted_share=0.004))[
        "is_contradicted"
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"carried_share": 1.1}, {"left_out_share": -0.1}, {"near_m": 1e9},
     {"contradicted_share": float("nan")}, {"left_out_share": 0.96}],
)  # fmt: skip
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(AssumptionWrong, match=next(iter(wrong))):
        Thresholds(**wrong)


def test_lines_are_measured_in_kilometres() -> None:
    line = shapely.LineString([(-10 * KM, 0), (10 * KM, 0)])
    found = held([box(-5, -1, 5, 1)], [line])
    assert row(found)["size"] == pytest.approx(20, rel=2e-3)
    assert row(found)["carried"] == pytest.approx(10, rel=2e-3)
    whole = row(found)["carried"] + found.pieces.loc[found.pieces["state"] == SILENT, "size"].sum()
    assert whole == pytest.approx(row(found)["size"], rel=1e-9)


def test_a_line_along_the_border_of_the_lower_plan_is_carried() -> None:
    line = shapely.LineString([(-5 * KM, 0), (5 * KM, 0)])
    assert row(held([box(-5, 0, 5, 5)], [line]))["share_carried"] == pytest.approx(1)


def test_points_are_counted() -> None:
    points = [shapely.Point(0, 0), shapely.Point(20 * KM, 0)]
    found = held([box(-5, -5, 5, 5)], points)
    assert found.features["carried"].tolist() == [1, 0]
    assert found.features["verdict"].tolist() == [WHOLLY, HARDLY]


def test_lines_and_points_of_the_lower_plan_reach_as_far_as_stated() -> None:
    line, point = shapely.LineString([(-5 * KM, 0), (5 * KM, 0)]), shapely.Point(0, 0)
    upper = [box(-5, -5, 5, 5)]
    assert row(held([line], upper))["carried"] == pytest.approx(20)
    assert row(held([line], upper, near_m=500.0))["carried"] == pytest.approx(10)
    assert row(held([point], upper, near_m=2_000.0))["carried"] == pytest.approx(
        np.pi * 4, rel=0.01
    )
    assert row(held([line], upper, near_m=0.0))["carried"] == 0


def test_a_feature_without_an_extent_is_not_judged() -> None:
    found = held([box(0, 0, 1, 1)], [None, box(0, 0, 1, 1)])
    assert np.isnan(row(found)["share_carried"])
    assert found.features["verdict"].tolist() == [None, WHOLLY]
    assert set(found.pieces["feature"]) == {1}


rectangles = st.tuples(*[st.integers(-40, 39)] * 2, *[st.integers(1, 30)] * 2).map(
    lambda told: box(told[0], told[1], told[0] + told[2], told[1] + told[3])
)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(rectangles, st.sampled_from(USES)), max_size=5),
    st.lists(rectangles, min_size=1, max_size=3), st.sampled_from(USES),
)  # fmt: skip
def test_every_place_is_one_of_three(
    lower: list[tuple[Any, str]], upper: list[Any], upper_use: str
) -> None:
    found = held([shape for shape, _ in lower], upper, uses=[use for _, use in lower],
                 upper_use=upper_use)  # fmt: skip
    sums = found.pieces.groupby("feature")["size"].sum()
    for place, whole in enumerate(upper):
        told = row(found, place)
        area = whole.area / 1e6
        assert told["carried"] + told["left_out"] == pytest.approx(area, rel=1e-12)
        assert told["contradicted"] <= told["left_out"] + 1e-9
        assert sums[place] == pytest.approx(area, rel=1e-9)
        pieces = found.pieces[found.pieces["feature"] == place]
        assert shapely.union_all(pieces.geometry.to_numpy()).area / 1e6 == pytest.approx(area)
    inside = [shapely.intersection(shape, shapely.union_all(ZONES)).area / 1e6 for shape in upper]
    by_feature = found.by_zone.groupby("feature")[["size", "carried", "left_out"]].sum()
    for place, area in enumerate(inside):
        assert by_feature["size"].get(place, 0.0) == pytest.approx(area, abs=1e-9)
    assert by_feature["carried"].sum() + by_feature["left_out"].sum() == pytest.approx(sum(inside))


def test_states_are_named() -> None:
    assert (CARRIED, CONTRADICTED, SILENT) == ("carried", "contradicted", "silent")
