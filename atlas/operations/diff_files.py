"""Compare two vector files of a user by a column that names their features."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from atlas.analysis.diff import KINDS, Diff, diff_rows
from atlas.analysis.pieces import pieces, sizes
from atlas.core.schema import missing_to_none
from atlas.errors import FileDamaged, WriteFailed
from atlas.io.files import write_atomically
from atlas.io.vector import check_shapes, read_vector, write_vector
from atlas.operations.show import csv_bytes

if TYPE_CHECKING:
    import geopandas as gpd

KEY = "id"
"""Column that names features if the user names none."""
SIZE_NAMES = {"old": "old_size", "new": "new_size"}
"""Sizes whose names would be those of the features before and after."""
LISTS = (".csv", ".json")
"""Endings that a list of changes can be written with."""


@dataclass(frozen=True, eq=False)
class FileComparison:
    """What differs between two files; sizes are km² of polygons and km of lines."""

    diff: Diff
    pieces: gpd.GeoDataFrame
    sizes: pd.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """How many changes there are of each kind, and how many rows are the same."""
        found = Counter(change.kind for change in self.diff.changes)
        return {kind: found[kind] for kind in KINDS} | {"kept": self.diff.kept}


def compare_files(old: Path, new: Path, *, key: str = KEY) -> FileComparison:
    """Compare two files that GDAL reads.

    Parameters
    ----------
    old, new
        The earlier and the later file, in any CRS that they name.
    key
        Column that names a feature in both.

    Raises
    ------
    FileDamaged
        If a file cannot be read, lacks the column, or holds an invalid geometry that differs.
    KeyRepeated
        If two features of a file have the same name.
    """
    before, after = read_vector(old), read_vector(new)
    for path, rows in ((old, before), (new, after)):
        if key not in rows.columns:
            names = ", ".join(str(name) for name in rows.columns[:20])
            problem = f"no column '{key[:60]}' to compare by; name one with --key: {names}"
            raise FileDamaged(file=path, problem=problem)
    diff = diff_rows(before, after, key=(key,))
    check_shapes(old, diff.old, key)
    check_shapes(new, diff.new, key)
    cut = pieces(diff)
    return FileComparison(diff, cut, sizes(diff, cut))


def write_pieces(comparison: FileComparison, path: Path) -> None:
    """Write the pieces gained, lost and kept, each with its change, ids and size."""
    kinds = [comparison.diff.changes[place].kind for place in comparison.pieces["place"]]
    told = comparison.pieces.assign(kind=kinds)
    for name in ("from_id", "to_id"):
        told[name] = told[name].map(_text)
    write_vector(path, told)


def write_changes(comparison: FileComparison, path: Path) -> None:
    """Write the list of changes as CSV or JSON, by the file's ending.

    Raises
    ------
    WriteFailed
        If the ending is neither, or the disk refuses.
    """
    rows = list_changes(comparison)
    if path.suffix.lower() == ".json":
        content = json.dumps(rows, ensure_ascii=False, indent=1, default=str).encode()
    elif path.suffix.lower() == ".csv":
        names = list(rows[0]) if rows else ["kind"]
        content = csv_bytes([names, *([_cell(row[name]) for name in names] for row in rows)])
    else:
        raise WriteFailed(file=path, problem="the ending must be .csv or .json")
    write_atomically(path, content)


def list_changes(comparison: FileComparison) -> list[dict[str, Any]]:
    """Every change: kind, names on both sides, sizes, how the rows were matched."""
    diff, name = comparison.diff, comparison.diff.key[0]
    old, new = diff.old[name].to_numpy(object), diff.new[name].to_numpy(object)
    measured = comparison.sizes.round(9).to_dict("records")
    return [
        {
            "kind": change.kind,
            "old": [_plain(old[row]) for row in change.old],
            "new": [_plain(new[row]) for row in change.new],
            "rule": change.rule or None,
            "share": change.share,
        }
        | {
            SIZE_NAMES.get(str(column), str(column)): None if pd.isna(size) else size
            for column, size in measured[place].items()
        }
        for place, change in enumerate(diff.changes)
    ]


def _plain(value: object) -> object:
    """A name as JSON holds it: a number, a truth value, a text, or nothing."""
    plain = missing_to_none(value)
    return plain if plain is None or isinstance(plain, int | float) else str(plain)


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _cell(value: object) -> object:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
