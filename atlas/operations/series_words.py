"""The figures of a place of a series in words: sections of short lines, in one language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atlas.cartography.popup import short_zh
from atlas.cartography.series_text import Section
from atlas.cartography.style import read_variants
from atlas.core.recipe import Recipe
from atlas.i18n import translate
from atlas.operations.figure_data import shown_day
from atlas.operations.grammar import counted, listed, share_text, size_text
from atlas.operations.overlap_words import UNITS
from atlas.operations.row_words import bare_version, with_version
from atlas.operations.series_facts import IN_FORCE, LayerFacts, Places

if TYPE_CHECKING:
    import pandas as pd

RAIL, POINT = "rail", "point"
MOST_PARTNERS, MOST_LINES, MOST_CHANGES = 8, 24, 14
"""So many partners of a feature, features of a layer, and changes of a layer are named."""
LEAST = 0.05
"""Changes below this many km² or km are the rounding of boundaries, and not told."""


def tell_place(
    places: Places, measured: list[LayerFacts], place: int, recipe: Recipe, lang: str
) -> tuple[Section, ...]:
    """Everything that a page says of one place.

    Parameters
    ----------
    places, measured
        From :mod:`atlas.operations.series_facts`.
    place
        Position of the place.
    recipe
        Of the series: its days.
    lang
        Language of the words.
    """
    sections = [_key_figures(places, measured, place, lang)]
    sections += [
        _held(facts, places, place, lang)
        for facts in measured
        if facts.info.kind != POINT and facts.info.id != places.info.id
    ]
    if recipe.until:
        sections.append(_changed(places, measured, place, recipe, lang))
    doubtful = [
        translate("series.doubtful", lang, day=shown_day(recipe).isoformat())
        for facts in measured
        if facts.features["uncertain"].iloc[_rows(facts, place)["feature"]].any()
    ]
    sections[-1] = replace(sections[-1], notes=sections[-1].notes + tuple(dict.fromkeys(doubtful)))
    return tuple(sections)


def _rows(facts: LayerFacts, place: int) -> pd.DataFrame:
    return facts.table[facts.table["zone"] == place]


def _key_figures(
    places: Places, measured: list[LayerFacts], place: int, lang: str
) -> Section:  # fmt: skip
    """Residents, area, and what each layer covers, counted once."""
    row = places.rows.iloc[place]
    lines = []
    if places.residents is not None:
        count = places.residents[row["id"]]
        lines.append(
            translate("series.residents", lang, count=f"{count:,}") if count is not None
            else translate("series.residents_unknown", lang)
        )  # fmt: skip
    area = float(places.plane.size[place])
    lines.append(translate("series.area", lang, size=size_text(area, "km²", lang)))
    if row["id"] in places.pending:
        statuses = [read_variants()[name].title[lang] for name in places.pending[row["id"]]]
        lines.append(translate("series.pending", lang, status=listed(statuses, lang)))
    if row["estimated"]:
        lines.append(translate("series.estimated", lang))
    lines += [
        _covered(facts, float(facts.covered[place]), area, lang)
        for facts in measured
        if facts.info.id != places.info.id
    ]
    return Section(translate("series.key_figures", lang), tuple(lines))


def _covered(facts: LayerFacts, size: float, area: float, lang: str) -> str:
    """What one layer covers of a place, or how long it is there, or how many it has."""
    title = facts.info.title[lang]
    kind = facts.info.kind
    if kind == POINT:
        return translate("series.points", lang, layer=title, count=f"{round(size):,}")
    key = "series.length" if kind == "line" else "series.covered"
    if facts.info.theme == RAIL:
        key = "series.rail"
    if size <= 0:
        return translate("series.none", lang, layer=title)
    share = share_text(size / area, lang)
    return translate(key, lang, layer=title, size=size_text(size, UNITS[kind], lang), share=share)


def _held(facts: LayerFacts, places: Places, place: int, lang: str) -> Section:
    """Features of a layer in a place, those in force first, the largest first."""
    rows = _rows(facts, place)
    features = facts.features.iloc[rows["feature"]]
    order = sorted(
        range(len(rows)),
        key=lambda at: (features["status"].iloc[at] != IN_FORCE, -float(rows["size"].iloc[at])),
    )
    lines = [
        _feature(facts, places, rows.iloc[at], features.iloc[at], lang) for at in order[:MOST_LINES]
    ]
    if len(order) > MOST_LINES:
        lines.append(translate("series.more", lang, count=len(order) - MOST_LINES))
    if not lines:
        lines.append(translate("series.nothing", lang))
    notes = (counted("series.unknown", facts.unknown, lang),) if facts.unknown else ()
    return Section(facts.info.title[lang], tuple(lines), notes)


def _feature(facts: LayerFacts, places: Places, pair: Any, feature: Any, lang: str) -> str:
    """One feature: its size here, its share, and who else has it."""
    kind = facts.info.kind
    name = _named(facts, feature, lang)
    if feature["uncertain"]:
        name += translate("series.mark", lang)
    size = size_text(float(pair["size"]), UNITS[kind], lang)
    if kind == "polygon":
        share = share_text(float(pair["share_of_zone"]), lang)
        size = translate("series.with_share", lang, size=size, share=share)
    others = _others(facts, places, int(pair["zone"]), int(pair["feature"]), lang)
    return translate("series.feature", lang, name=name, size=size, others=others)


def _named(facts: LayerFacts, feature: Any, lang: str) -> str:
    """A feature's name and, in brackets, its version and its status where it is not in force.

    Versions of railways are the years of their opening, which a page has no room for.
    """
    notes = []
    versioned = facts.info.theme != RAIL and feature["plan_version"]
    if versioned and with_version("", {**feature, "part": "whole"}, lang):
        notes.append(bare_version(feature, lang))
    if feature["status"] != IN_FORCE:
        notes.append(read_variants()[feature["status"]].title[lang])
    name = str(feature[f"name_{lang}"])
    if not notes:
        return name
    note = translate("words.comma", lang).join(notes)
    return translate("words.in_brackets", lang, text=name, note=note)


def _others(facts: LayerFacts, places: Places, place: int, feature: int, lang: str) -> str:
    """Who else holds a feature, by name; many are counted."""
    same = facts.features["id"] == facts.features["id"].iloc[feature]
    held = facts.table[facts.table["feature"].isin(same[same].index)]
    zones = sorted(set(held["zone"]) - {place})
    if not zones:
        return translate("series.alone", lang)
    names = [place_name(places, zone, lang) for zone in zones]
    if len(names) > MOST_PARTNERS:
        shown = translate("words.comma", lang).join(names[:MOST_PARTNERS])
        told = translate("series.and_others", lang, names=shown, count=len(names) - MOST_PARTNERS)
    else:
        told = listed(names, lang)
    return translate("series.shared", lang, names=told)


def place_name(places: Places, place: int, lang: str) -> str:
    """Short name of a place."""
    row = places.rows.iloc[place]
    return short_zh(str(row["name_zh"])) if lang == "zh" else str(row["name_en"])


def _changed(
    places: Places, measured: list[LayerFacts], place: int, recipe: Recipe, lang: str
) -> Section:
    """What a place gained and lost of each layer since the earlier day."""
    head = translate("series.changed", lang, day=recipe.day.isoformat())
    code = str(places.rows["id"].iloc[place])
    if places.former is None or code not in set(places.former["id"]):
        return Section(head, (translate("series.no_former", lang, day=recipe.day.isoformat()),))
    lines = []
    for facts in measured:
        if facts.change is None or facts.info.id == places.info.id:
            continue
        rows = facts.change[facts.change["zone"] == code]
        told = (
            _points_changed(facts, rows, lang) if facts.info.kind == POINT
            else _layer_changed(facts, rows, lang)
        )  # fmt: skip
        if told:
            lines.append(told)
    return Section(head, tuple(lines) or (translate("series.unchanged", lang),))


def _points_changed(facts: LayerFacts, rows: pd.DataFrame, lang: str) -> str:
    old, new = (round(float(rows[name].sum())) for name in ("old", "new"))
    if old == new and not (rows["gained"].any() or rows["lost"].any()):
        return ""
    return translate(
        "series.points_changed", lang, layer=facts.info.title[lang], old=f"{old:,}", new=f"{new:,}"
    )


def _layer_changed(facts: LayerFacts, rows: pd.DataFrame, lang: str) -> str:
    """The changes of one layer in a place as one line, the largest first."""
    moved = rows[(rows["gained"] + rows["lost"]) >= LEAST]
    if moved.empty:
        return ""
    order = (-(moved["gained"] + moved["lost"])).argsort(kind="stable")
    parts = [_part(facts, row, lang) for row in moved.iloc[order[:MOST_CHANGES]].itertuples()]
    if len(moved) > MOST_CHANGES:
        parts.append(translate("series.more", lang, count=len(moved) - MOST_CHANGES))
    joined = translate("words.semicolon", lang).join(parts)
    return translate("series.layer_changed", lang, layer=facts.info.title[lang], parts=joined)


def _part(facts: LayerFacts, row: Any, lang: str) -> str:
    """One feature that came, went, grew or shrank here."""
    unit = UNITS[facts.info.kind]
    sizes = {
        name: size_text(float(getattr(row, name)), unit, lang)
        for name in ("old", "new", "gained", "lost")
    }
    name = facts.names[row.feature][lang]
    came, went = row.old < LEAST, row.new < LEAST
    key = "series.came" if came else "series.went" if went else "series.became"
    told = translate(key, lang, name=name, **sizes)
    border = sum(
        float(getattr(row, f"{side}_{reason}"))
        for side in ("gained", "lost") for reason in ("zone", "both")
    )  # fmt: skip
    if border < LEAST:
        return told
    return told + translate("series.by_border", lang, size=size_text(border, unit, lang))
