"""A comparison in words, from the comparison alone, in either language."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.cartography.style import read_variants
from atlas.core.report import clean
from atlas.core.schema import missing_to_none
from atlas.i18n import translate, version_name
from atlas.operations.compare import DAYS, EDITIONS
from atlas.operations.correction_words import tell_correction, tell_corrections
from atlas.operations.division_words import tell_division
from atlas.operations.extent_words import tell_extent, tell_parts
from atlas.operations.grammar import counted, joined, share_text, size_text, with_article
from atlas.operations.member_words import tell_list
from atlas.operations.point_words import tell_points
from atlas.operations.row_words import named, subject, version_words, when, with_version

if TYPE_CHECKING:
    from atlas.analysis.diff import Change
    from atlas.operations.compare import Comparison, Side

RAIL = "rail"
"""Theme of layers whose features open and close."""
MODIFIED = ("split", "merged", "redivided", "reshaped", "moved", "reworded")


@dataclass(frozen=True)
class Telling:
    """A comparison in words: a title, what is compared, a summary, and what changed.

    ``paragraphs`` are pairs of the positions of the changes told and their sentences.
    """

    title: str
    states: str
    summary: str
    paragraphs: tuple[tuple[tuple[int, ...], str], ...]


def tell(comparison: Comparison, lang: str) -> Telling:
    """Tell what changed.

    Parameters
    ----------
    comparison
        Two states of a layer.
    lang
        Language of the words; names of documents stay in the language of the record.

    Returns
    -------
    Telling
        One paragraph a change; equal corrections of many rows share one.
    """
    shared = tell_corrections(comparison, lang)
    together = {place for places, _ in shared for place in places}
    paragraphs = [
        ((place,), tell_change(comparison, place, lang))
        for place in range(len(comparison.diff.changes))
        if place not in together
    ]
    return Telling(
        _title(comparison, lang), tell_states(comparison, lang), _summary(comparison, lang),
        tuple(paragraphs + shared),
    )  # fmt: skip


def _title(comparison: Comparison, lang: str) -> str:
    title = translate("words.title", lang, layer=comparison.info.title[lang])
    if comparison.feature is None:
        return title
    rows = comparison.new.rows if len(comparison.new.rows) else comparison.old.rows
    names = [getattr(row, f"name_{lang}") for row in rows.itertuples()][:1]
    feature = names[0] if names else comparison.feature
    return translate("words.of_feature", lang, title=title, feature=feature)


def tell_states(comparison: Comparison, lang: str) -> str:
    """Which two states are compared, by which edition."""
    old, new = comparison.old, comparison.new
    return translate(
        f"words.between_{comparison.by}", lang,
        old=side_words(old, lang), new=side_words(new, lang),
        old_day=old.edition.published.isoformat(), new_day=new.edition.published.isoformat(),
        known=comparison.known_by.isoformat(), edition=new.edition.edition,
    )  # fmt: skip


def side_words(side: Side, lang: str) -> str:
    """A day, the number of an edition, or the words of a plan version."""
    if side.version is None:
        return side.label
    name = version_name(side.version, lang)
    return name if name != side.version else translate("words.version", lang, version=name)


def _summary(comparison: Comparison, lang: str) -> str:
    """How many entries differ, and how many stay."""
    diff = comparison.diff
    if diff.is_empty:
        return translate("words.no_change", lang)
    kinds = Counter("modified" if c.kind in MODIFIED else c.kind for c in diff.changes)
    parts = [
        counted(f"words.{kind}", kinds[kind], lang)
        for kind in ("inserted", "removed", "modified")
        if kinds[kind]
    ]
    told = counted("words.changes", len(diff.changes), lang)
    words = translate(
        "words.in_brackets", lang, text=told, note=translate("words.comma", lang).join(parts)
    )
    if diff.kept:
        words += translate("words.semicolon", lang) + counted("words.kept", diff.kept, lang)
    return translate("words.sentence", lang, text=words)


def tell_change(comparison: Comparison, place: int, lang: str) -> str:
    """One change as a paragraph: what befell it, who came and went, how that is known."""
    change = comparison.diff.changes[place]
    old = [comparison.diff.old.iloc[row] for row in change.old]
    new = [comparison.diff.new.iloc[row] for row in change.new]
    if not old or not new:
        sentences = _tell_lone(comparison, place, (old or new)[0], lang)
    elif comparison.by == EDITIONS and change.kind == "reworded":
        sentences = [tell_correction(comparison, change, lang)]
    elif not comparison.unit:
        sentences = tell_points(comparison, place, old, new, lang)
    elif len(old) == len(new) == 1:
        sentences = tell_extent(comparison, place, old[0], new[0], lang)
    elif len({row["id"] for row in old + new}) == 1:
        sentences = tell_parts(comparison, place, old, new, lang)
    else:
        sentences = tell_division(comparison, place, old, new, lang)
    sentences += [*_evidence(change, lang), *_doubts(comparison, old + new, lang)]
    return joined(sentences, lang)


def _tell_lone(comparison: Comparison, place: int, row: Any, lang: str) -> list[str]:
    """A row that came or went."""
    change = comparison.diff.changes[place]
    group = "begins" if change.kind == "inserted" else "ends"
    values = {
        "subject": subject(row, lang), "object": with_article(named(row, lang), lang),
        "version": version_words(row, lang), "status": read_variants()[row["status"]].title[lang],
        "start": _when(row, "valid_from", "words.start_unknown", "words.start", lang),
        "since": _when(row, "valid_from", "words.start_unknown", "words.since", lang),
        "until": _when(row, "valid_to", "words.still", "words.until", lang),
    }  # fmt: skip
    if comparison.by == EDITIONS:
        told = translate(f"words.record.{change.kind}", lang, **values)
    elif comparison.info.theme == RAIL and row["status"] == "in-force":
        told = translate("words.opens" if group == "begins" else "words.closes", lang, **values)
    else:
        told = translate(f"words.{group}.{row['status']}", lang, **values)
    size = comparison.sizes_of(place)["new" if change.kind == "inserted" else "old"]
    sentences = [told]
    if row["geometry_basis"] == "none":
        sentences.append(translate("words.extent_none", lang))
    elif comparison.unit:
        key = "words.length" if comparison.unit == "km" else "words.extent"
        key += "" if change.kind == "inserted" else "_was"
        sentences.append(translate(key, lang, size=size_text(size, comparison.unit, lang)))
    members = row.get("members")
    if change.kind == "inserted" and isinstance(members, list) and members:
        units = tell_list(members, comparison.units, lang)
        sentences.append(translate("words.members", lang, units=units))
    return sentences


def _when(row: Any, column: str, empty: str, known: str, lang: str) -> str:
    """A day in words; what is not known, or has not come, says so."""
    if missing_to_none(row[column]) is None:
        return translate(empty, lang)
    return translate(known, lang, day=when(row, column, lang))


def _evidence(change: Change, lang: str) -> list[str]:
    """How it is known that rows belong together, where their id does not say it."""
    if change.rule == "stated":
        return [translate("words.stated", lang)]
    if change.rule == "shape":
        share = share_text(change.share or 0.0, lang)
        return [translate("words.by_shape", lang, share=share)]
    return []


def _doubts(comparison: Comparison, rows: list[Any], lang: str) -> list[str]:
    """Rows of which it is not known whether they were in force on the day asked for."""
    if comparison.by != DAYS:
        return []
    told = []
    for side in (comparison.old, comparison.new):
        told += [
            translate(
                "words.not_certain_old", lang, day=side.label,
                version=with_version(with_article(named(row, lang), lang), row, lang),
            )
            for row in rows
            if (row["id"], row["plan_version"], row["part"]) in side.doubtful
        ]  # fmt: skip
    return list(dict.fromkeys(told))


def plain_text(telling: Telling) -> str:
    """A telling as plain text: title, states, summary, and a line a paragraph."""
    lines = [telling.title, telling.states, telling.summary, ""]
    lines += [f"• {text}" for _, text in telling.paragraphs]
    return "\n".join(map(clean, lines)).rstrip() + "\n"
