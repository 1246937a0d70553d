"""Which rows of two states are the same thing: by id first, by the record, then by shape.

Nothing is matched silently: every match names its rule, and a match by shape says how far
the shapes agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.rows import key_index, positions
from atlas.core.schema import KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

RULES = ("key", "part", "period", "status", "id", "stated", "shape")
"""How rows were found to belong together, strongest first: the same key; the same id, part and
status; the same id, part and start; the same id and status; the same id; the record names a
predecessor or successor; the shapes agree."""
AGREEING_SHARE = 0.8
"""Shapes are one thing if their intersection is this share of their union (of lines: length)."""
INSIDE_SHARE = 0.9
"""A shape is part of another if this share of it lies inside."""
SAME_PLACE_DEG = 1e-5
"""Points are one place within about a metre."""


@dataclass(frozen=True)
class Match:
    """Positions of rows of two states that belong together, and why."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    rule: str
    share: float | None = None


def match_rows(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, *, key: tuple[str, ...] = KEY,
    successive: bool = False,
) -> list[Match]:  # fmt: skip
    """Match rows of two states, each row at most once.

    Parameters
    ----------
    old, new
        Rows that differ between the states, EPSG:4326, on a plain index.
    key
        Columns that name a row.
    successive
        See :func:`atlas.analysis.diff.diff_rows`.

    Returns
    -------
    list of Match
        Rows in none of them were removed or inserted.
    """
    places = positions(key_index(old, key), key_index(new, key))
    held = np.flatnonzero(places >= 0)
    matches = [
        Match((int(one),), (int(other),), "key")
        for one, other in zip(held, places[held], strict=True)
    ]
    if set(KEY) <= set(key):
        for rule, columns, single in _rules(successive=successive):
            matches += _match_by(old, new, matches, rule, columns, single=single)
    if successive:
        matches = _join_stated(old, new, matches)
    return matches + _match_shapes(old, new, matches, successive=successive)


def _rules(*, successive: bool) -> list[tuple[str, list[str], bool]]:
    """Rules by columns: name, columns, and whether only a single row on each side counts."""
    if successive:
        return [("part", ["id", "part", "status"], True), ("status", ["id", "status"], False),
                ("id", ["id"], False)]  # fmt: skip
    return [("period", ["id", "part", "valid_from"], True)]


def _left(count: int, used: Iterable[tuple[int, ...]]) -> np.ndarray:
    """Positions that no match holds."""
    free = np.ones(count, dtype=bool)
    free[[place for places in used for place in places]] = False
    return np.flatnonzero(free)


def _match_by(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, matches: list[Match], rule: str,
    columns: list[str], *, single: bool,
) -> list[Match]:  # fmt: skip
    """Match rows that no match holds yet and that agree in columns."""
    before = _grouped(old, _left(len(old), (match.old for match in matches)), columns)
    after = _grouped(new, _left(len(new), (match.new for match in matches)), columns)
    return [
        Match(before[name], after[name], rule)
        for name in before.keys() & after.keys()
        if not single or len(before[name]) == len(after[name]) == 1
    ]


def _grouped(
    rows: gpd.GeoDataFrame, places: np.ndarray, columns: list[str]
) -> dict[tuple[object, ...], tuple[int, ...]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    table = rows.iloc[places][columns].astype(object)
    values = table.where(table.notna(), None).to_numpy()
    for place, value in zip(places.tolist(), map(tuple, values), strict=True):
        groups.setdefault(value, []).append(place)
    return {name: tuple(held) for name, held in groups.items()}


def _join_stated(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, matches: list[Match]) -> list[Match]:
    """Join rows to those that the record names as their successors or predecessors."""
    edges = _stated(old, new, "successors")
    edges |= {(one, other) for other, one in _stated(new, old, "predecessors")}
    if not edges:
        return matches
    groups = [(set(match.old), set(match.new)) for match in matches]
    groups += [({one}, {other}) for one, other in edges]
    joined = _components(groups)
    before = {(match.old, match.new): match for match in matches}
    return [
        before.get((one, other)) or Match(one, other, "stated")
        for one, other in ((tuple(sorted(a)), tuple(sorted(b))) for a, b in joined)
    ]


def _stated(rows: gpd.GeoDataFrame, others: gpd.GeoDataFrame, column: str) -> set[tuple[int, int]]:
    """Pairs of a row and a row of the other state whose id it names."""
    if column not in rows:
        return set()
    by_id = _grouped(others, np.arange(len(others)), ["id"])
    named = rows[column].to_numpy()
    return {
        (place, other)
        for place, ids in enumerate(named)
        for id_ in (ids if isinstance(ids, list) else ())
        for other in by_id.get((id_,), ())
    }


def _components(groups: list[tuple[set[int], set[int]]]) -> list[tuple[set[int], set[int]]]:
    """Join groups that share a row on either side."""
    joined: list[tuple[set[int], set[int]]] = []
    owner: dict[tuple[int, int], int] = {}
    for group in groups:
        names = [(side, place) for side in (0, 1) for place in group[side]]
        met = sorted({owner[name] for name in names if name in owner})
        whole: tuple[set[int], set[int]] = (set(group[0]), set(group[1]))
        for number in met:
            whole[0].update(joined[number][0])
            whole[1].update(joined[number][1])
            joined[number] = (set(), set())
        joined.append(whole)
        owner |= {(side, place): len(joined) - 1 for side in (0, 1) for place in whole[side]}
    return [group for group in joined if group[0] or group[1]]


def _match_shapes(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, matches: list[Match], *, successive: bool
) -> list[Match]:
    """Match what is left by its shape: the same place, or one thing cut into several."""
    before = _left(len(old), (match.old for match in matches))
    after = _left(len(new), (match.new for match in matches))
    one, other = old.geometry.to_numpy()[before], new.geometry.to_numpy()[after]
    if len(before) == 0 or len(after) == 0:
        return []
    pairs = shapely.STRtree(other).query(one, predicate="dwithin", distance=SAME_PLACE_DEG)
    if not successive:
        pairs = pairs[:, _lasting_together(old.iloc[before[pairs[0]]], new.iloc[after[pairs[1]]])]
    alike = shapely.get_dimensions(one[pairs[0]]) == shapely.get_dimensions(other[pairs[1]])
    pairs = pairs[:, alike]
    first, second = one[pairs[0]], other[pairs[1]]
    kind = shapely.get_dimensions(first)
    common = _size(shapely.intersection(first, second), kind)
    sizes, others = _size(first, kind), _size(second, kind)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = np.maximum(common / sizes, common / others) >= INSIDE_SHARE
        agreeing = common / (sizes + others - common) >= AGREEING_SHARE
    edges = np.flatnonzero(inside | agreeing)
    groups = _components([({int(pairs[0, e])}, {int(pairs[1, e])}) for e in edges])
    found = []
    for left, right in groups:
        a, b = sorted(left), sorted(right)
        share = _agreement(one[a], other[b])
        if share >= AGREEING_SHARE:
            places = tuple(before[a].tolist()), tuple(after[b].tolist())
            found.append(Match(*places, "shape", share))
    return found


def _lasting_together(old: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Whether rows of two editions are in force on a common day; without periods, always."""
    if "valid_from" not in old or "valid_from" not in new:
        return np.ones(len(old), dtype=bool)
    start = np.maximum(old["valid_from"].fillna("").to_numpy(object),
                       new["valid_from"].fillna("").to_numpy(object))  # fmt: skip
    end = np.minimum(old["valid_to"].fillna("9999").to_numpy(object),
                     new["valid_to"].fillna("9999").to_numpy(object))  # fmt: skip
    return np.asarray(start < end, dtype=bool)


def _size(shapes: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Area where polygons are meant, length where lines, 1 for points (by dimension).

    In degrees: good for shares of one place only. Polygons that only touch share no area.
    """
    measured = np.where(kind == 1, shapely.length(shapes), shapely.area(shapes))
    return np.where(kind == 0, 1.0, measured)


def _agreement(old: np.ndarray, new: np.ndarray) -> float:
    """Intersection over union of what both groups of shapes cover (points: 1)."""
    if shapely.get_dimensions(old).max() == 0:
        return 1.0
    one, other = shapely.union_all(old), shapely.union_all(new)
    shapes = np.array([shapely.intersection(one, other), one, other])
    common, first, second = _size(shapes, np.full(3, shapely.get_dimensions(old).max())).tolist()
    both = first + second - common
    return common / both if both else 0.0
