"""Hypothesis strategies for states of a layer and for chains of states that differ by edits.

Shapes are sets of pieces of one small grid: cells of polygons, edges of lines, one node of a
point. So every overlay meets only nodes that both shapes have as vertices, and sizes of pieces
add up exactly; states that share borders, overlap, touch in a corner or have holes all arise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely
from hypothesis import strategies as st

from atlas.core.geometry import canonical
from atlas.core.schema import KEY, Column
from atlas.io import geojson
from tests.examples import OWN_COLUMNS, full_row

if TYPE_CHECKING:
    import geopandas as gpd

WIDE, HIGH = 4, 3
WEST, SOUTH, STEP = 120.0, 30.0, 0.1
IDS, VERSIONS, PARTS = ("a", "b", "c", "d", "e"), ("1", "2"), ("whole", "core")
COLUMNS = (
    *OWN_COLUMNS,
    Column("predecessors", "texts", title={"zh": "前身", "en": "Predecessors"}),
    Column("successors", "texts", title={"zh": "后继", "en": "Successors"}),
)
KINDS = st.sampled_from(["polygon", "polygon", "polygon", "line", "point"])

Key = tuple[str, ...]
Node = tuple[int, int]
Grid = frozenset[Any]
"""What a shape is made of: cells (their south-west nodes), edges (pairs of nodes), or one node."""

NODES = [(x, y) for x in range(WIDE + 1) for y in range(HIGH + 1)]
CELLS = [(x, y) for x in range(WIDE) for y in range(HIGH)]
EDGES = [
    ((x, y), other)
    for x, y in NODES
    for other in ((x + 1, y), (x, y + 1))
    if other[0] <= WIDE and other[1] <= HIGH
]
MATERIAL: dict[str, list[Any]] = {"polygon": CELLS, "line": EDGES, "point": NODES}


@dataclass(frozen=True)
class Row:
    """A row before it becomes part of a frame; ``grid`` is None where there is no geometry."""

    values: dict[str, Any]
    grid: Grid | None

    @property
    def key(self) -> Key:
        return tuple(self.values[name] for name in KEY)

    def keyed(self, key: Key) -> Row:
        return replace(self, values=self.values | dict(zip(KEY, key, strict=True)))


def _place(node: Node) -> tuple[float, float]:
    return round(WEST + STEP * node[0], 6), round(SOUTH + STEP * node[1], 6)


def to_shape(kind: str, grid: Grid | None) -> shapely.Geometry | None:
    """The geometry of a set of pieces, as files hold it."""
    if grid is None:
        return None
    if kind == "polygon":
        boxes = [shapely.box(*_place((x, y)), *_place((x + 1, y + 1))) for x, y in sorted(grid)]
        return canonical(shapely.union_all(boxes))
    if kind == "line":
        edges = [shapely.LineString([_place(one), _place(other)]) for one, other in sorted(grid)]
        return canonical(shapely.line_merge(shapely.union_all(edges)))
    (node,) = grid
    return shapely.Point(_place(node))


def to_frame(kind: str, rows: list[Row]) -> gpd.GeoDataFrame:
    """Rows as the atlas reads them."""
    values = [
        row.values | {"geometry_basis": "none" if row.grid is None else "digitised"} for row in rows
    ]
    return geojson.to_frame(COLUMNS, values, [to_shape(kind, row.grid) for row in rows])


def _keys() -> st.SearchStrategy[Key]:
    return st.tuples(*(st.sampled_from(values) for values in (IDS, VERSIONS, PARTS)))


def _grids(kind: str) -> st.SearchStrategy[Grid]:
    most = {"polygon": 6, "line": 5, "point": 1}[kind]
    some = st.sets(st.sampled_from(MATERIAL[kind]), min_size=1, max_size=most)
    return (some | _runs(kind)).map(frozenset)


def _known(kind: str) -> st.SearchStrategy[Grid | None]:
    """Mostly a shape, now and then none."""
    return st.integers(0, 5).flatmap(lambda chance: _grids(kind) if chance < 5 else st.none())


@st.composite
def _runs(draw: st.DrawFn, kind: str) -> Grid:
    """A block of cells, a straight line, or a node: the shapes that features mostly have."""
    x, y = draw(st.integers(0, WIDE - 1)), draw(st.integers(0, HIGH - 1))
    east, north = draw(st.integers(x + 1, WIDE)), draw(st.integers(y + 1, HIGH))
    if kind == "polygon":
        return frozenset((i, j) for i in range(x, east) for j in range(y, north))
    if kind == "line":
        return frozenset(((i, y), (i + 1, y)) for i in range(x, east))
    return frozenset([(x, y)])


WORDS = {
    "name_en": st.sampled_from(["Huai", "Tai"]),
    "status": st.sampled_from(["in-force", "draft"]),
    "valid_from": st.sampled_from([None, "2011-08-22", "2019-01-01"]),
    "accuracy_m": st.sampled_from([None, 0, 100.5]),
    "sourced": st.booleans(),
    "unsourced": st.sampled_from([[], ["rank"], ["rank", "share"]]),
    "notes_en": st.sampled_from([None, "", "note"]),
    "rank": st.sampled_from([None, 0, 2**53 + 1, 2**53 + 2]),
    "share": st.sampled_from([None, 0.0, 0.5]),
    "open": st.sampled_from([None, True, False]),
    "names_old": st.lists(st.sampled_from(["x", "y"]), max_size=2),
    "events": st.sampled_from([None, [], [{"date": "2019", "title_zh": "会", "title_en": "talk"}]]),
}  # fmt: skip
"""What a change of words draws from: every type of column, and what is easily taken for empty."""


@st.composite
def _values(draw: st.DrawFn, key: Key) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from(sorted(WORDS)), max_size=3))
    said = {name: draw(WORDS[name]) for name in sorted(names)}
    return _dated(
        full_row(predecessors=draw(_named()), successors=draw(_named()))
        | said | dict(zip(KEY, key, strict=True))
    )  # fmt: skip


def _named() -> st.SearchStrategy[list[str]]:
    """Ids that the record names; mostly none."""
    return (
        st.just([])
        | st.just([])
        | st.just([])
        | st.lists(st.sampled_from(IDS), max_size=2, unique=True)
    )


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    precision = None if values["valid_from"] is None else "day"
    return values | {"valid_from_precision": precision}


@st.composite
def _tables(draw: st.DrawFn, kind: str) -> list[Row]:
    least = draw(st.sampled_from([4, 3, 2, 0]))
    keys = draw(st.lists(_keys(), min_size=least, max_size=5, unique=True))
    if kind == "polygon" and keys and draw(st.booleans()):
        grids = draw(_coverages(len(keys)))
    else:
        grids = [draw(_known(kind)) for _ in keys]
    return [Row(draw(_values(key)), grid) for key, grid in zip(keys, grids, strict=True)]


@st.composite
def _coverages(draw: st.DrawFn, count: int) -> list[Grid | None]:
    """Cells dealt out, each to one row or to none."""
    owners = draw(
        st.lists(st.integers(0, count), min_size=len(CELLS), max_size=len(CELLS))
    )  # fmt: skip
    dealt = [
        frozenset(cell for cell, owner in zip(CELLS, owners, strict=True) if owner == place)
        for place in range(count)
    ]
    return [grid or None for grid in dealt]


@st.composite
def states(draw: st.DrawFn, kind: str | None = None) -> gpd.GeoDataFrame:
    """One state of a layer: keys differ, ids are few, rows and geometries may be missing."""
    kind = kind or draw(KINDS)
    return to_frame(kind, draw(_tables(kind)))


@st.composite
def chains(draw: st.DrawFn, length: int, *, most: int = 4) -> list[gpd.GeoDataFrame]:
    """States of one layer, each made from the one before by a few edits (or none)."""
    kind = draw(KINDS)
    rows = draw(_tables(kind))
    tables = [rows]
    for _ in range(length - 1):
        least = draw(st.sampled_from([2, 1, 0]))
        for edit in draw(st.lists(st.sampled_from(EDITS), min_size=least, max_size=most)):
            rows = edit(draw, kind, rows)
        tables.append(rows)
    return [to_frame(kind, table) for table in tables]


# --- edits: each returns other rows, or the same if it cannot be done --------------------------


def _free_key(draw: st.DrawFn, rows: list[Row]) -> Key:
    taken = {row.key for row in rows}
    return draw(_keys().filter(lambda key: key not in taken))


def _without(rows: list[Row], *gone: Row) -> list[Row]:
    return [row for row in rows if row not in gone]


def insert(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    key = _free_key(draw, rows)
    return [*rows, Row(draw(_values(key)), draw(_known(kind)))]


def remove(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    return _without(rows, draw(st.sampled_from(rows))) if rows else rows


def reshape(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    if not rows:
        return rows
    row = draw(st.sampled_from(rows))
    return [*_without(rows, row), replace(row, grid=draw(_known(kind)))]


def extend(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """A few cells or edges more, a few less."""
    drawn = [row for row in rows if row.grid is not None]
    if kind == "point" or not drawn:
        return rows
    row = draw(st.sampled_from(drawn))
    grid = row.grid ^ draw(st.frozensets(st.sampled_from(MATERIAL[kind]), max_size=2))
    return [*_without(rows, row), replace(row, grid=grid or None)]


def move(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """The same shape one step east, if it stays on the grid."""
    drawn = [row for row in rows if row.grid is not None]
    if not drawn:
        return rows
    row = draw(st.sampled_from(drawn))
    grid = frozenset(_shifted(kind, piece) for piece in row.grid)
    return [*_without(rows, row), replace(row, grid=grid)] if grid <= set(MATERIAL[kind]) else rows


def _shifted(kind: str, piece: Any) -> Any:
    if kind == "line":
        return tuple((x + 1, y) for x, y in piece)
    return piece[0] + 1, piece[1]


def rename(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """Another id or plan version, all else as it was."""
    if not rows:
        return rows
    row = draw(st.sampled_from(rows))
    return [*_without(rows, row), row.keyed(_free_key(draw, rows))]


def split(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """One row to two, of which one may keep the key."""
    wide = [row for row in rows if row.grid is not None and len(row.grid) > 1]
    if not wide:
        return rows
    row = draw(st.sampled_from(wide))
    first, *rest = sorted(row.grid)
    half = frozenset([first, *(piece for piece in rest[:-1] if draw(st.booleans()))])
    key = row.key if draw(st.booleans()) else _free_key(draw, rows)
    one = replace(row.keyed(key), grid=half)
    other = replace(row.keyed(_free_key(draw, [*rows, one])), grid=row.grid - half)
    return [*_without(rows, row), one, other]


def merge(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """Two rows to one, of the first's key or a new one."""
    drawn = [row for row in rows if row.grid is not None]
    if kind == "point" or len(drawn) < 2:
        return rows
    one, other = draw(st.permutations(drawn))[:2]
    key = one.key if draw(st.booleans()) else _free_key(draw, rows)
    return [*_without(rows, one, other), replace(one.keyed(key), grid=one.grid | other.grid)]


def reword(draw: st.DrawFn, kind: str, rows: list[Row]) -> list[Row]:
    """Another value in one column."""
    if not rows:
        return rows
    row, name = draw(st.sampled_from(rows)), draw(st.sampled_from(list(WORDS)))
    values = _dated(row.values | {name: draw(WORDS[name])})
    return [*_without(rows, row), replace(row, values=values)]


EDITS = [insert, remove, reshape, extend, move, rename, split, merge, reword]
