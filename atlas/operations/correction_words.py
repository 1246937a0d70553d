"""What an edition corrects in the words of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.analysis.diff import column_changes
from atlas.cartography.popup import column_title, number_text
from atlas.cartography.style import read_variants
from atlas.i18n import translate, word_of
from atlas.operations.compare import EDITIONS
from atlas.operations.grammar import listed
from atlas.operations.row_words import named, subject, with_version

if TYPE_CHECKING:
    from atlas.analysis.diff import Change
    from atlas.operations.compare import Comparison

MANY = 3
"""More rows than this with the same columns corrected share one sentence."""
NAMES_SHOWN, VALUE_SHOWN = 12, 40


def tell_corrections(comparison: Comparison, lang: str) -> list[tuple[tuple[int, ...], str]]:
    """Equal corrections of many rows, each group in one sentence, with the changes it tells."""
    if comparison.by != EDITIONS:
        return []
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, change in enumerate(comparison.diff.changes):
        if change.kind == "reworded" and change.rule == "key":
            columns = tuple(column_changes(comparison.diff, change))
            groups.setdefault(columns, []).append(place)
    return [
        (tuple(places), _together(comparison, columns, places, lang))
        for columns, places in groups.items()
        if len(places) > MANY
    ]


def _together(
    comparison: Comparison, columns: tuple[str, ...], places: list[int], lang: str
) -> str:
    changes = [comparison.diff.changes[place] for place in places]
    names = [named(comparison.diff.new.iloc[change.new[0]], lang) for change in changes]
    names = list(dict.fromkeys(names))
    words = listed(names[:NAMES_SHOWN], lang)
    if len(names) > NAMES_SHOWN:
        words = translate("words.comma", lang).join(names[:NAMES_SHOWN])
        words = translate("words.and_more", lang, names=words, count=len(names) - NAMES_SHOWN)
    return translate(
        "words.corrected_many", lang, count=len(places), names=words,
        columns=listed(_titles(comparison, columns, lang), lang),
    )  # fmt: skip


def _titles(comparison: Comparison, columns: tuple[str, ...], lang: str) -> list[str]:
    """Titles of columns, each once: both languages of a text are one column."""
    own = {column.name: column.title for column in comparison.info.columns}
    bases = [name[:-3] if name.endswith(("_zh", "_en")) else name for name in columns]
    bases = [name.removesuffix("_precision") for name in bases]
    titles = [(own.get(name) or {}).get(lang) or column_title(name, lang) for name in bases]
    return list(dict.fromkeys(titles))


def tell_correction(comparison: Comparison, change: Change, lang: str) -> str:
    """What differs in the words of one row: short values are told, long ones only named."""
    row = comparison.diff.new.iloc[change.new[0]]
    changes = column_changes(comparison.diff, change)
    told: dict[str, None] = {}
    for name, (before, after) in changes.items():
        if name.endswith("_precision") or (name[-3:] in ("_zh", "_en") and not name.endswith(lang)):
            continue
        title = _titles(comparison, (name,), lang)[0]
        told[_corrected(name, title, before, after, lang)] = None
    columns = listed(list(told) or _titles(comparison, tuple(changes), lang), lang)
    who = with_version(subject(row, lang), row, lang)
    return translate("words.corrected", lang, subject=who, columns=columns)


def _corrected(name: str, title: str, before: object, after: object, lang: str) -> str:
    old, new = _short(name, before, lang), _short(name, after, lang)
    if before is None and new:
        return translate("words.column_set", lang, column=title, new=new)
    if after is None and before is not None:
        return translate("words.column_cleared", lang, column=title)
    if old and new:
        return translate("words.column", lang, column=title, old=old, new=new)
    return title


def _short(name: str, value: object, lang: str) -> str:
    """A value in words if it is short, else nothing."""
    if isinstance(value, bool):
        return translate("describe.yes" if value else "describe.no", lang)
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, str) and 0 < len(value) <= VALUE_SHOWN:
        if name == "status":
            return read_variants()[value].title[lang]
        group = {"geometry_basis": "basis", "part": "part"}.get(name, "")
        return word_of(group, value, lang)
    return ""
