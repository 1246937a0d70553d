"""A profile as a picture to take along."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from atlas.cartography.figure_profile import (
    LanePanel,
    ProfilePicture,
    StepPanel,
    StripPanel,
    profile_png,
)
from atlas.i18n import translate
from atlas.io.assets import font_path
from atlas.operations.grammar import size_text
from atlas.operations.ground import CLASSES
from atlas.operations.ground_map import palette_of
from atlas.operations.profile_output import passed_rows

if TYPE_CHECKING:
    from atlas.operations.profile import Profile, Strip

LANE_COLOURS = {"ecological-belts": "#5c9e5f", "lakes": "#4f86c6"}
UNKNOWN = "#ffffff"


def to_png(found: Profile, lang: str) -> bytes:
    """Draw a profile: quantities above, then classes, then belts and lakes; notes below."""
    strips = sorted(found.strips, key=lambda strip: strip.ground.kind == CLASSES)
    lanes = _lanes(found, lang)
    panels = [_strip(one, lang) if one.ground.kind == CLASSES else _steps(one, lang)
              for one in strips]  # fmt: skip
    length = size_text(found.way.length_km, "km", lang)
    notes = [
        f"{one.ground.title[lang]}: {one.ground.resolution[lang]} · {one.ground.accuracy[lang]}"
        + (f" · {one.ground.info.attribution[lang]}" if one.ground.info else "")
        for one in strips
    ]
    picture = ProfilePicture(
        f"{found.line.title[lang]} · {length} · {found.day.isoformat()}", found.way.length_km,
        translate("ground.along_km", lang), (*panels, *([lanes] if lanes.lanes else [])),
        (*notes, translate("ground.profile_method", lang), translate("app.notice", lang)),
    )  # fmt: skip
    return profile_png(picture, font=font_path())


def _steps(strip: Strip, lang: str) -> StepPanel:
    pieces = zip(strip.start_km.tolist(), strip.end_km.tolist(), strip.values.tolist(), strict=True)
    there = tuple(piece for piece in pieces if not math.isnan(piece[2]))
    return StepPanel(strip.ground.title[lang], strip.ground.unit[lang], there)


def _strip(strip: Strip, lang: str) -> StripPanel:
    palette = palette_of(strip.ground, strip.values)
    colours = {swatch.low: swatch.colour for swatch in palette}
    pieces = zip(strip.start_km.tolist(), strip.end_km.tolist(), strip.values.tolist(), strict=True)
    return StripPanel(
        strip.ground.title[lang],
        tuple((start, end, colours.get(value, UNKNOWN)) for start, end, value in pieces),
        tuple((swatch.colour, swatch.title[lang]) for swatch in palette),
    )


def _lanes(found: Profile, lang: str) -> LanePanel:
    held: dict[str, list[tuple[float, float, str]]] = {}
    name = "name_en" if lang == "en" else "name"
    for passed in found.passed:
        for row in passed_rows(passed):
            piece = (row["from_km"], row["to_km"], LANE_COLOURS[passed.info.id])
            held.setdefault(row[name], []).append(piece)
    return LanePanel(tuple((title, tuple(pieces)) for title, pieces in held.items()))
