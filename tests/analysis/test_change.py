"""What differs between two states, against a plain comparison of the rows."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis.change import Change, summarise_change
from atlas.core.schema import row_key
from atlas.io.geojson import to_frame
from tests.examples import OWN_COLUMNS, frame, full_row, row, square

KEYS = st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.sampled_from(["whole", "core"]))
SHAPES = st.sampled_from([None, square(), square(121), shapely.Point(120, 30)])
WORDS = st.fixed_dictionaries(
    {
        "name_en": st.sampled_from(["A", "B"]),
        "accuracy_m": st.sampled_from([None, 0.0, 1.5]),
        "rank": st.sampled_from([None, 0, 2]),
        "open": st.sampled_from([None, True, False]),
        "events": st.sampled_from([None, [], [{"date": "x", "title_zh": "y", "title_en": "z"}]]),
    }
)
STATES = st.dictionaries(KEYS, st.tuples(WORDS, SHAPES), max_size=6)
State = dict[tuple[str, str, str], tuple[dict[str, Any], Any]]


def to_rows(state: State) -> Any:
    rows = [
        full_row(id=key[0], plan_version=key[1], part=key[2], **words)
        for key, (words, _) in state.items()
    ]
    return to_frame(OWN_COLUMNS, rows, [shape for _, shape in state.values()])


def names(keys: set[tuple[str, str, str]]) -> list[str]:
    return sorted(row_key({"id": k[0], "plan_version": k[1], "part": k[2]}) for k in keys)


@given(STATES, STATES)
def test_against_a_plain_comparison(old: State, new: State) -> None:
    both = old.keys() & new.keys()
    reshaped = {key for key in both if _wkt(old[key][1]) != _wkt(new[key][1])}
    reworded = {
        key for key in both - reshaped
        if json.dumps(old[key][0], sort_keys=True) != json.dumps(new[key][0], sort_keys=True)
    }  # fmt: skip
    change = summarise_change(to_rows(old), to_rows(new))
    assert change == Change(
        inserted=names(new.keys() - old.keys()),
        removed=names(old.keys() - new.keys()),
        reshaped=names(reshaped),
        reworded=names(reworded),
        kept=len(both - reshaped - reworded),
    )
    assert change.is_empty == (old.keys() == new.keys() and not reshaped and not reworded)


def _wkt(shape: shapely.Geometry | None) -> str | None:
    return None if shape is None else shape.wkt


def test_without_an_earlier_state_everything_came() -> None:
    change = summarise_change(None, frame([row(), row(id="a", part="core")]))
    assert change == Change(["a/1/core", "belt/1"], [], [], [], 0)
    assert not change.is_empty


def test_a_ring_that_starts_elsewhere_is_the_same_shape() -> None:
    ring = list(square().exterior.coords)[:-1]
    turned = shapely.Polygon(ring[2:] + ring[:2])
    assert summarise_change(frame([row()]), frame([row()], [turned])).is_empty


def test_a_point_moved_by_the_last_decimal_is_reshaped() -> None:
    moved = shapely.transform(square(), lambda xy: xy + np.array([0.000001, 0]))
    change = summarise_change(frame([row()]), frame([row(name_en="New")], [moved]))
    assert change == Change([], [], ["belt/1"], [], 0)


@pytest.mark.parametrize("column", ["notes_en", "valid_from", "unsourced", "accuracy_m"])
def test_a_word_changed_is_reworded(column: str) -> None:
    value = {"accuracy_m": 101, "unsourced": ["id"]}.get(column, "2018-06-02")
    change = summarise_change(frame([row()]), frame([row(**{column: value})]))
    assert change == Change([], [], [], ["belt/1"], 0)


def test_the_order_of_rows_is_no_change() -> None:
    rows = [row(id="a"), row(id="b")]
    assert summarise_change(frame(rows), frame(rows[::-1]).iloc[::-1]).is_empty
