"""What a line would change, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atlas.i18n import translate
from atlas.operations.grammar import counted, joined, listed, size_text
from atlas.operations.reach_words import network_text, people_text

if TYPE_CHECKING:
    from atlas.operations.reach_what_if import Gain, WhatIf

NAMED_MOST = 3


def tell_what_if(found: WhatIf, lang: str) -> str:
    """Everything that a line changes, in a few sentences."""
    return joined((tell_line(found, lang), tell_gains(found, lang), tell_nearer(found, lang),
                   tell_belts(found, lang)), lang)  # fmt: skip


def tell_line(found: WhatIf, lang: str) -> str:
    """Which line is tried on which network, and what of it is not known."""
    model = found.before.model
    km = sum(float(section.km.sum()) for section in found.sections)
    told = [translate(
        "reach.line", lang, line=found.name[lang], km=size_text(km, "km", lang),
        kmh=f"{found.sections[0].speed_kmh:.0f}", network=network_text(model, lang),
    )]  # fmt: skip
    if found.unplaced:
        told.append(counted("reach.count.unplaced", len(set(found.unplaced)), lang))
    return joined(told, lang)


def tell_gains(found: WhatIf, lang: str) -> str:
    """How many pairs of cities gain, and which gain most."""
    if not found.gains:
        return translate("reach.gains_none", lang)
    first = [gain for gain in found.gains if not np.isfinite(gain.before)]
    known = [gain for gain in found.gains if np.isfinite(gain.before)]
    told = []
    if known:
        most = [_gain(found, gain, lang) for gain in known[:NAMED_MOST]]
        told.append(counted("reach.count.gains", len(known), lang, most=listed(most, lang)))
    if first:
        told.append(counted("reach.count.first", len(first), lang))
    return joined(told, lang)


def _gain(found: WhatIf, gain: Gain, lang: str) -> str:
    model = found.after.model
    return translate(
        "reach.gain", lang, one=model.city_name(gain.one, lang),
        other=model.city_name(gain.other, lang), before=f"{gain.before:.0f}",
        after=f"{gain.after:.0f}", saved=f"{gain.saved_min:.0f}",
    )  # fmt: skip


def tell_nearer(found: WhatIf, lang: str) -> str:
    """Residents who come within an hour of a city, by both methods."""
    if not found.nearer:
        return translate("reach.nearer_none", lang)
    parts = [
        translate(
            "reach.nearer_part", lang, city=found.after.model.city_name(pair.city, lang),
            people=people_text(pair.after.by_area - pair.before.by_area, lang),
            settled=people_text(pair.after.by_settlements - pair.before.by_settlements, lang),
        )
        for pair in found.nearer[:NAMED_MOST]
    ]  # fmt: skip
    return translate("reach.nearer", lang, parts=listed(parts, lang))


def belt_lengths(found: WhatIf) -> list[tuple[dict[str, str], str, float]]:
    """Belts that the line crosses: name, plan version with part, kilometres inside; longest first.

    A belt drawn in several parts or plans has a row each; they are not summed.
    """
    if found.belts is None:
        return []
    pieces = found.belts.crossing.pieces
    sizes: dict[int, float] = {}
    for place, size in zip(pieces["area"], pieces["size"], strict=True):
        sizes[int(place)] = sizes.get(int(place), 0.0) + float(size)
    rows = found.belts.areas
    told = []
    for place, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        row = rows.iloc[place]
        name = {lang: str(row[f"name_{lang}"]) for lang in ("zh", "en")}
        version = str(row["plan_version"])
        part = "" if row["part"] == "whole" else f"/{row['part']}"
        told.append((name, version + part, size))
    return told


def tell_belts(found: WhatIf, lang: str) -> str:
    """Ecological belts that the line crosses, and how long it lies inside them."""
    if found.belts is None:
        return translate("reach.belts_unknown", lang)
    held = belt_lengths(found)
    if not held:
        return translate("reach.belts_none", lang)
    longest: dict[str, float] = {}
    for name, _, size in held:
        longest[name[lang]] = max(size, longest.get(name[lang], 0.0))
    parts = [
        translate("reach.belt", lang, belt=name, km=size_text(size, "km", lang))
        for name, size in longest.items()
    ]
    whole = size_text(float(found.belts.crossing.union.sum()), "km", lang)
    return counted("reach.count.belts", len(parts), lang, parts=listed(parts, lang), whole=whole)
