"""What differs between two states of a register, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.core.register import KINDS, fields_of

if TYPE_CHECKING:
    from atlas.core.register import Rows


@dataclass(frozen=True)
class ItemChange:
    """Items by kind and id: those that came, differ (with the fields that do), or went."""

    inserted: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int


def compare_items(old: Rows, new: Rows) -> ItemChange:
    """Compare two states of a register; an item is the same if its kind and id are.

    Parameters
    ----------
    old, new
        Valid items by kind; ``old`` is empty before the first edition. An absent list and an
        empty one are the same.

    Examples
    --------
    >>> one, other = {"lesson": [{"id": "law", "title_en": "Law"}]}, {"lesson": [{"id": "law"}]}
    >>> compare_items(one, other).changed
    ('lesson law: title_en',)
    """
    inserted, changed, removed, kept = [], [], [], 0
    for kind in KINDS:
        before = {row["id"]: row for row in old.get(kind, [])}
        after = {row["id"]: row for row in new.get(kind, [])}
        inserted += [f"{kind} {name}" for name in sorted(after.keys() - before.keys())]
        removed += [f"{kind} {name}" for name in sorted(before.keys() - after.keys())]
        for name in sorted(before.keys() & after.keys()):
            one, other = before[name], after[name]
            differing = [
                entry.name
                for entry in fields_of(kind)
                if (one.get(entry.name) or None) != (other.get(entry.name) or None)
                or isinstance(one.get(entry.name), bool) != isinstance(other.get(entry.name), bool)
            ]
            if differing:
                changed.append(f"{kind} {name}: {', '.join(differing)}")
            else:
                kept += 1
    return ItemChange(tuple(inserted), tuple(changed), tuple(removed), kept)
