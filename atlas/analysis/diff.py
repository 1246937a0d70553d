"""What differs between two states of a layer, as a value.

A :class:`Diff` holds the rows that differ, whole, on both sides: it can be applied, inverted
and composed without either state at hand. Its ``changes`` say which rows belong together and
what befell them; :mod:`atlas.analysis.matching` finds them, :mod:`atlas.analysis.pieces` cuts
their geometry into what was gained, lost and kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.matching import Match, match_rows
from atlas.analysis.rows import differing, key_index, positions, same_shapes
from atlas.core.crs import to_working_coordinates
from atlas.core.schema import KEY, missing_to_none
from atlas.errors import DiffMismatch

INVERSE = {"inserted": "removed", "removed": "inserted", "split": "merged", "merged": "split"}
"""Kinds that turn into another when a diff is turned round; all others stay."""
KINDS = (
    "inserted", "removed", "split", "merged", "redivided", "reshaped", "moved", "reworded",
)  # fmt: skip
"""What can befall rows, in the order in which a report tells it."""


@dataclass(frozen=True)
class Change:
    """What befell rows that belong together.

    ``kind`` is one of :data:`KINDS`: ``reworded`` is a change of attributes only, ``moved``
    the same shape elsewhere, ``reshaped`` any other change of one row's geometry, ``split``
    one row to several, ``merged`` several to one, ``redivided`` several to several.
    ``old`` and ``new`` are positions of rows in the diff's frames. ``rule`` says how they
    were found to belong together (:data:`atlas.analysis.matching.RULES`, empty where nothing
    was matched), ``share`` how far their shapes agree where that is the reason (0 to 1,
    intersection over union).
    """

    kind: str
    old: tuple[int, ...]
    new: tuple[int, ...]
    rule: str = ""
    share: float | None = None


@dataclass(frozen=True, eq=False)
class Diff:
    """Rows that differ between two states.

    Attributes
    ----------
    old, new
        Rows of the earlier state that are gone or differ, and rows of the later state that
        came or differ; both in EPSG:4326, sorted by key, on a plain index.
    changes
        What befell them; every row is in exactly one.
    kept
        How many rows are the same in both states.
    key
        Columns that name a row within a state.
    successive
        Whether the states follow each other, so that one plan version may succeed another.
    """

    old: gpd.GeoDataFrame
    new: gpd.GeoDataFrame
    changes: tuple[Change, ...]
    kept: int
    key: tuple[str, ...] = KEY
    successive: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether both states hold the same rows."""
        return not self.changes


def diff_rows(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, key: tuple[str, ...] = KEY,
    successive: bool = False,
) -> Diff:  # fmt: skip
    """Compare two states of a layer.

    Rows are the same if all columns are equal and the geometries are equal point by point; a
    ring may start at another of its points, and parts may stand in another order.

    Parameters
    ----------
    old, new
        The earlier and the later state, same CRS; a column that one of them lacks is empty
        there.
    key
        Columns that name a row.
    successive
        True for states of two days, or for two plan versions of one feature: then one plan
        version may succeed another, and ``successors`` and ``predecessors`` count. False for
        two editions of the record.

    Returns
    -------
    Diff
        The rows that differ, and what befell them.

    Raises
    ------
    KeyRepeated
        If two rows of one state have the same key.
    """
    old, new = _same_columns(old, new)
    places = positions(key_index(old, key), key_index(new, key))
    both = np.flatnonzero(places >= 0)
    same = ~differing(old.iloc[both], new.iloc[places[both]])
    gone = np.ones(len(old), dtype=bool)
    gone[both[same]] = False
    came = np.ones(len(new), dtype=bool)
    came[places[both[same]]] = False
    return _explained(
        _sorted(old[gone], key), _sorted(new[came], key), kept=int(same.sum()), key=key,
        successive=successive,
    )  # fmt: skip


def apply(state: gpd.GeoDataFrame, diff: Diff) -> gpd.GeoDataFrame:
    """The later state, from the earlier one and the diff.

    Parameters
    ----------
    state
        The state that the diff starts from, whole.

    Returns
    -------
    geopandas.GeoDataFrame
        The later state, sorted by key, on a plain index.

    Raises
    ------
    DiffMismatch
        If the state is not the one that the diff starts from.
    """
    state, _ = _same_columns(state, diff.old)
    places = _held(state, diff.old, diff.key)
    stays = np.ones(len(state), dtype=bool)
    stays[places] = False
    rest = state[stays]
    if (positions(key_index(diff.new, diff.key), key_index(rest, diff.key)) >= 0).any():
        raise DiffMismatch(problem="a row that the diff inserts is there already")
    return _sorted(_joined(rest, diff.new), diff.key)


def inverse(diff: Diff) -> Diff:
    """The way back: ``apply(new, inverse(diff))`` is the earlier state."""
    changes = tuple(
        replace(change, kind=INVERSE.get(change.kind, change.kind), old=change.new, new=change.old)
        for change in diff.changes
    )
    return replace(diff, old=diff.new, new=diff.old, changes=_in_order(changes))


def compose(first: Diff, second: Diff) -> Diff:
    """The diff from the state before ``first`` to the state after ``second``.

    Raises
    ------
    DiffMismatch
        If the second does not start where the first ends.
    """
    left_rows, start_rows = _same_columns(first.new, second.old)
    taken = positions(key_index(second.old, first.key), key_index(first.new, first.key))
    again = taken >= 0
    if differing(start_rows[again], left_rows.iloc[taken[again]]).any():
        raise DiffMismatch(problem="the second diff starts from other rows than the first left")
    untouched = second.old[~again]
    if (positions(key_index(untouched, first.key), key_index(first.old, first.key)) >= 0).any():
        raise DiffMismatch(problem="the second diff starts from a row that the first removed")
    left = np.ones(len(first.new), dtype=bool)
    left[taken[again]] = False
    net = diff_rows(
        _joined(first.old, untouched), _joined(first.new[left], second.new), key=first.key,
        successive=first.successive,
    )  # fmt: skip
    rows_before = first.kept + len(first.old)
    return replace(net, kept=rows_before - len(net.old))


def column_changes(diff: Diff, change: Change) -> dict[str, tuple[object, object]]:
    """Columns that differ between the one old and the one new row of a change, geometry apart.

    Empty where there is not one row on each side.
    """
    if len(change.old) != 1 or len(change.new) != 1:
        return {}
    before, after = diff.old.iloc[change.old[0]], diff.new.iloc[change.new[0]]
    pairs = {
        str(name): (missing_to_none(before[name]), missing_to_none(after[name]))
        for name in diff.old.columns
        if name != diff.old.geometry.name
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _explained(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, kept: int, key: tuple[str, ...],
    successive: bool,
) -> Diff:  # fmt: skip
    matches = match_rows(old, new, key=key, successive=successive)
    changes = _classify(old, new, matches)
    used_old = {place for match in matches for place in match.old}
    used_new = {place for match in matches for place in match.new}
    changes += [
        Change("removed", (place,), ()) for place in range(len(old)) if place not in used_old
    ]
    changes += [
        Change("inserted", (), (place,)) for place in range(len(new)) if place not in used_new
    ]
    return Diff(old, new, _in_order(tuple(changes)), kept, key, successive)


def _in_order(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda c: (KINDS.index(c.kind), c.old, c.new)))


def _classify(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, matches: list[Match]) -> list[Change]:
    pairs = [match for match in matches if len(match.old) == len(match.new) == 1]
    before = old.geometry.to_numpy()[[match.old[0] for match in pairs]]
    after = new.geometry.to_numpy()[[match.new[0] for match in pairs]]
    equal = same_shapes(before, after)
    kinds = np.where(equal, "reworded", "reshaped").astype(object)
    other = np.flatnonzero(~equal)
    kinds[other[_moved(before[other], after[other])]] = "moved"
    found = [
        Change(str(kind), match.old, match.new, match.rule, match.share)
        for kind, match in zip(kinds, pairs, strict=True)
    ]
    return found + [
        Change(_group_kind(match), match.old, match.new, match.rule, match.share)
        for match in matches
        if len(match.old) != 1 or len(match.new) != 1
    ]


def _group_kind(match: Match) -> str:
    if len(match.old) == 1:
        return "split"
    return "merged" if len(match.new) == 1 else "redivided"


MOVED_SHARE, MOVED_M = 0.01, 1.0
"""Vertices of a moved shape all move alike, to this share of the way and this many metres."""


def _moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Whether shapes are the same elsewhere: every vertex moved alike in the working CRS."""
    moved = np.zeros(len(before), dtype=bool)
    counts = shapely.get_num_coordinates(before)
    alike = (counts == shapely.get_num_coordinates(after)) & (counts > 0)
    alike &= shapely.get_type_id(before) == shapely.get_type_id(after)
    places = np.flatnonzero(alike)
    if len(places) == 0:
        return moved
    start, end = (
        to_working_coordinates(shapely.get_coordinates(shapely.normalize(shapes)))
        for shapes in (before[places], after[places])
    )
    shift = end - start
    starts = np.concatenate([[0], np.cumsum(counts[places])[:-1]])
    spread = np.maximum.reduceat(shift, starts) - np.minimum.reduceat(shift, starts)
    way = np.linalg.norm(np.add.reduceat(shift, starts) / counts[places][:, None], axis=1)
    alike = spread.max(axis=1) <= np.minimum(MOVED_M + MOVED_SHARE * way, way / 2)
    moved[places] = alike & (way > 0)
    return moved


def _same_columns(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Both states with the columns of both; the geometry has the earlier one's name."""
    if old.geometry.name != new.geometry.name:
        new = new.rename_geometry(old.geometry.name)
    names = list(dict.fromkeys([*old.columns, *new.columns]))
    if list(old.columns) == names == list(new.columns):
        return old, new
    return old.reindex(columns=names), new.reindex(columns=names)


def _sorted(rows: gpd.GeoDataFrame, key: tuple[str, ...]) -> gpd.GeoDataFrame:
    return rows.sort_values(list(key), ignore_index=True)


def _joined(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if len(other) == 0 or len(one) == 0:
        return other if len(one) == 0 else one
    return pd.concat([one, other], ignore_index=True)


def _held(state: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, key: tuple[str, ...]) -> np.ndarray:
    """Positions in a state of rows that it must hold."""
    places = positions(key_index(rows, key), key_index(state, key))
    if (places < 0).any() or differing(rows, state.iloc[places]).any():
        raise DiffMismatch(problem="the state is not the one that the diff starts from")
    return places
