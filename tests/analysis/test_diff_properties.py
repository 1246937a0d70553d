"""What holds of every difference, whatever the states."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from atlas.analysis.diff import Diff, apply, compose, diff_rows, inverse
from atlas.analysis.pieces import pieces
from atlas.core.crs import area_km2, length_km
from atlas.core.schema import KEY, missing_to_none, row_key
from atlas.errors import DiffMismatch
from tests.diff_strategies import chains, states

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

Chain = list[gpd.GeoDataFrame]
SUCCESSIVE = st.booleans()
SOME = settings(max_examples=30)
"""Each example is whole states in pandas, so fewer than usual."""
EXACT = {"rel": 1e-9, "abs": 1e-9}
"""Sizes add up so well because every vertex lies on the grid of the strategies."""


def contents(frame: gpd.GeoDataFrame) -> dict[str, tuple[dict[str, Any], bytes | None]]:
    """Rows by key: plain values, and the geometry in one normal form."""
    name = frame.geometry.name
    shapes = shapely.to_wkb(shapely.normalize(frame.geometry.to_numpy()))
    rows = {}
    for row, shape in zip(frame.drop(columns=name).to_dict("records"), shapes, strict=True):
        values = {str(column): missing_to_none(value) for column, value in row.items()}
        rows[row_key(values)] = values, shape
    assert len(rows) == len(frame)
    return rows


def keys(frame: gpd.GeoDataFrame) -> list[str]:
    return [row_key(row) for row in frame[list(KEY)].to_dict("records")]


def named(diff: Diff) -> Counter[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Changes with the keys of their rows."""
    old, new = keys(diff.old), keys(diff.new)
    return Counter(
        (
            change.kind,
            tuple(sorted(old[place] for place in change.old)),
            tuple(sorted(new[place] for place in change.new)),
        )
        for change in diff.changes
    )


def covered(rows: gpd.GeoDataFrame) -> float:
    """Size of what rows cover together: km² of polygons, km of lines, 0 if none is drawn."""
    drawn = rows.geometry.dropna()
    if drawn.empty:
        return 0.0
    whole = gpd.GeoSeries([drawn.union_all()], crs=rows.crs)
    return float(area_km2(whole).iloc[0] + length_km(whole).iloc[0])


def unstated(chain: Chain) -> Chain:
    """States whose record names no successors: it names them in one direction of time only."""
    return [state.drop(columns=["predecessors", "successors"]) for state in chain]


def groups(diff: Diff) -> Iterator[tuple[int, gpd.GeoDataFrame, gpd.GeoDataFrame]]:
    """Position of each change whose rows are drawn on every side, with its rows."""
    for place, change in enumerate(diff.changes):
        old, new = diff.old.iloc[list(change.old)], diff.new.iloc[list(change.new)]
        if all(rows.geometry.notna().any() for rows in (old, new) if len(rows)):
            yield place, old, new


def overlapping(rows: gpd.GeoDataFrame) -> bool:
    """Whether features of several ids cover common ground."""
    apart = sum(covered(part) for _, part in rows.groupby("id"))
    return apart > covered(rows) * (1 + 1e-9)


@SOME
@given(states(), SUCCESSIVE)
def test_a_state_does_not_differ_from_itself(state: gpd.GeoDataFrame, successive: bool) -> None:
    diff = diff_rows(state, state.iloc[::-1], successive=successive)
    assert diff.is_empty
    assert (len(diff.old), len(diff.new), diff.kept) == (0, 0, len(state))
    assert len(pieces(diff)) == 0


@SOME
@given(chains(2), SUCCESSIVE)
def test_touched_rows_are_those_that_differ(chain: Chain, successive: bool) -> None:
    old, new = map(contents, chain)
    diff = diff_rows(*chain, successive=successive)
    equal = {key for key in old.keys() & new.keys() if old[key] == new[key]}
    assert keys(diff.old) == [key for key in keys(chain[0]) if key not in equal]
    assert keys(diff.new) == [key for key in keys(chain[1]) if key not in equal]
    assert diff.kept == len(equal)


@SOME
@given(chains(2), SUCCESSIVE)
def test_every_touched_row_is_in_one_change(chain: Chain, successive: bool) -> None:
    diff = diff_rows(*chain, successive=successive)
    for side, rows in (("old", diff.old), ("new", diff.new)):
        places = [place for change in diff.changes for place in getattr(change, side)]
        assert sorted(places) == list(range(len(rows)))


@SOME
@given(chains(2), SUCCESSIVE)
def test_a_diff_leads_to_the_later_state(chain: Chain, successive: bool) -> None:
    old, new = chain
    later = apply(old, diff_rows(old, new, successive=successive))
    assert contents(later) == contents(new)
    assert list(later.columns) == list(new.columns)
    assert keys(later) == keys(new)
    assert later.crs == new.crs


@SOME
@given(chains(2), SUCCESSIVE)
def test_its_inverse_leads_back(chain: Chain, successive: bool) -> None:
    old, new = chain
    diff = diff_rows(old, new, successive=successive)
    assert contents(apply(new, inverse(diff))) == contents(old)
    assert named(inverse(inverse(diff))) == named(diff)


@SOME
@given(chains(2), SUCCESSIVE)
def test_the_inverse_is_the_diff_the_other_way(chain: Chain, successive: bool) -> None:
    old, new = unstated(chain)
    forth = diff_rows(old, new, successive=successive)
    back = diff_rows(new, old, successive=successive)
    assert contents(inverse(forth).old) == contents(back.old)
    assert contents(inverse(forth).new) == contents(back.new)
    assert named(inverse(forth)) == named(back)


@SOME
@given(chains(3), SUCCESSIVE)
def test_diffs_compose(chain: Chain, successive: bool) -> None:
    one, two, three = chain
    first = diff_rows(one, two, successive=successive)
    second = diff_rows(two, three, successive=successive)
    net, direct = compose(first, second), diff_rows(one, three, successive=successive)
    assert contents(apply(one, net)) == contents(three)
    assert contents(net.old) == contents(direct.old)
    assert contents(net.new) == contents(direct.new)
    assert named(net) == named(direct)
    assert net.kept == direct.kept


@SOME
@given(chains(2), SUCCESSIVE)
def test_there_and_back_is_nothing(chain: Chain, successive: bool) -> None:
    diff = diff_rows(*chain, successive=successive)
    net = compose(diff, inverse(diff))
    assert net.is_empty
    assert net.kept == len(chain[0])


@SOME
@given(chains(4))
def test_it_does_not_matter_which_two_compose_first(chain: Chain) -> None:
    first, second, third = (diff_rows(*pair) for pair in itertools.pairwise(chain))
    left = compose(compose(first, second), third)
    right = compose(first, compose(second, third))
    assert contents(left.old) == contents(right.old)
    assert contents(left.new) == contents(right.new)
    assert named(left) == named(right)
    assert left.kept == right.kept


@SOME
@given(chains(2))
def test_a_diff_is_refused_where_it_does_not_start(chain: Chain) -> None:
    old, new = chain
    diff = diff_rows(old, new)
    assume(not diff.is_empty)
    with pytest.raises(DiffMismatch):
        apply(new, diff)


@SOME
@given(chains(2), SUCCESSIVE)
def test_pieces_add_up_to_what_features_covered(chain: Chain, successive: bool) -> None:
    diff = diff_rows(*chain, successive=successive)
    cut = pieces(diff)
    for place, old, new in groups(diff):
        mine = cut[cut["place"] == place]
        # Ground that two features of the other side share flows to both of them.
        if not overlapping(new):
            _add_up(old, mine[mine["change"] != "gained"], "from_id")
        if not overlapping(old):
            _add_up(new, mine[mine["change"] != "lost"], "to_id")


def _add_up(rows: gpd.GeoDataFrame, cut: pd.DataFrame, side: str) -> None:
    for id_, part in rows.groupby("id"):
        assert cut.loc[cut[side] == id_, "size"].sum() == pytest.approx(covered(part), **EXACT)
    assert set(cut[side]) <= set(rows["id"])


@SOME
@given(chains(2), SUCCESSIVE)
def test_pieces_lie_where_they_belong(chain: Chain, successive: bool) -> None:
    """Lost ground is nothing of the later rows, gained ground nothing of the earlier ones."""
    diff = diff_rows(*chain, successive=successive)
    cut = pieces(diff)
    assert cut.geometry.notna().all()
    assert cut.geometry.is_valid.all()
    assert not cut.geometry.is_empty.any()
    for place, old, new in groups(diff):
        mine = cut[cut["place"] == place]
        for piece in mine.itertuples():
            for rows, sort in ((old, "gained"), (new, "lost")):
                if piece.change == sort:
                    assert not _meets(piece.geometry, rows)
                else:
                    assert not _leaves(piece.geometry, rows)


def _meets(piece: shapely.Geometry, rows: gpd.GeoDataFrame) -> bool:
    """Whether a piece and rows have more in common than a border."""
    common = shapely.intersection(piece, rows.geometry.dropna().union_all())
    alike = shapely.get_dimensions(common) == shapely.get_dimensions(piece)
    return bool(alike and not shapely.is_empty(common))


def _leaves(piece: shapely.Geometry, rows: gpd.GeoDataFrame) -> bool:
    """Whether some of a piece lies outside of rows."""
    return not shapely.covers(rows.geometry.dropna().union_all(), piece)


@SOME
@given(chains(2), SUCCESSIVE)
def test_what_one_way_gains_the_other_loses(chain: Chain, successive: bool) -> None:
    old, new = unstated(chain)
    forth = flows(diff_rows(old, new, successive=successive))
    back = flows(diff_rows(new, old, successive=successive))
    turned = {"gained": "lost", "lost": "gained"}
    mirrored = {(turned.get(sort, sort), to_id, from_id): size
                for (sort, from_id, to_id), size in back.items()}  # fmt: skip
    assert forth.keys() == mirrored.keys()
    for flow, size in forth.items():
        assert size == pytest.approx(mirrored[flow], **EXACT), flow


def flows(diff: Diff) -> dict[tuple[str, str | None, str | None], float]:
    """Sizes of pieces added up by sort and ids."""
    cut = pieces(diff)
    total: dict[tuple[str, str | None, str | None], float] = {}
    for piece in cut.itertuples():
        ends = (end if isinstance(end, str) else None for end in (piece.from_id, piece.to_id))
        flow = (piece.change, *ends)
        total[flow] = total.get(flow, 0.0) + piece.size
    return total
