"""Two layers on each other in plain sentences: over all zones, and in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.i18n import translate
from atlas.operations.grammar import listed, size_text
from atlas.operations.overlap_words import UNITS

if TYPE_CHECKING:
    from atlas.operations.cross import Crossed

NAMED_MOST = 6
"""Pieces that a sentence names; the table has all."""


def tell_crossed(crossed: Crossed, lang: str) -> str:
    """How many pieces two layers have in common, how large they are, how often lines cross."""
    key = (
        "overlap.cross_summary" if crossed.second.kind == "line" else "overlap.cross_summary_areas"
    )
    both = float(crossed.crossing.union.sum())
    count, points = len(crossed.crossing.pieces), len(crossed.crossing.points)
    fields = {"count": f"{count:,}", "both": _size(both, crossed, lang)}
    if crossed.second.kind == "line":
        fields["points"] = f"{points:,}"
    return translate(key, lang, **fields)


def tell_crossed_zone(crossed: Crossed, zone: int, lang: str) -> str:
    """What two layers have in common in one zone, the largest pieces first."""
    name = str(crossed.zones.rows[f"name_{lang}"].iloc[zone])
    found = crossed.crossing.by_zone
    own = found[found["zone"] == zone].sort_values("size", ascending=False, kind="stable")
    if own.empty:
        return translate("overlap.cross_zone_none", lang, zone=name)
    parts = [
        translate("overlap.zone_part", lang, feature=_names(crossed, int(piece), lang),
                  size=_size(float(size), crossed, lang))
        for piece, size in zip(own["piece"][:NAMED_MOST], own["size"][:NAMED_MOST], strict=True)
    ]  # fmt: skip
    if len(own) > NAMED_MOST:
        parts.append(translate("overlap.cross_more", lang, count=len(own) - NAMED_MOST))
    both = _size(float(crossed.crossing.union[zone]), crossed, lang)
    return translate("overlap.cross_zone", lang, zone=name, parts=listed(parts, lang), size=both)


def _names(crossed: Crossed, piece: int, lang: str) -> str:
    row = crossed.crossing.pieces.iloc[piece]
    first, second = crossed.areas.iloc[int(row["area"])], crossed.others.iloc[int(row["other"])]
    return f"{first[f'name_{lang}']} ∩ {second[f'name_{lang}']}"


def _size(size: float, crossed: Crossed, lang: str) -> str:
    unit = UNITS[crossed.second.kind]
    return size_text(size, unit, lang) if unit else f"{size:,.0f}"
