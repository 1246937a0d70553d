"""How a sentence names one row: its name, its version, its days."""

from __future__ import annotations

from typing import Any

from atlas.core.period import published_text
from atlas.core.schema import missing_to_none
from atlas.i18n import translate, version_name, word_of
from atlas.operations.grammar import capital, with_article


def named(row: Any, lang: str) -> str:
    """Name of a row in the language."""
    return str(row[f"name_{lang}"])


def subject(row: Any, lang: str) -> str:
    """Name of a row at the beginning of a sentence."""
    return capital(with_article(named(row, lang), lang))


def bare_version(row: Any, lang: str) -> str:
    """Version of a row in words, without its part; a bare code is said to be a version."""
    code = str(row["plan_version"])
    name = version_name(code, lang)
    return translate("words.version", lang, version=code) if name == code else name


def version_words(row: Any, lang: str) -> str:
    """Version and part of a row in words."""
    words = [bare_version(row, lang)]
    if row["part"] != "whole":
        words.append(word_of("part", row["part"], lang))
    return translate("words.comma", lang).join(words)


def with_version(text: str, row: Any, lang: str, *, part: bool = True) -> str:
    """A text and, in brackets, the version that it is of; units as they are now have none."""
    if str(row["plan_version"]) == "current" or str(row["plan_version"]).startswith("before-"):
        return text
    note = version_words(row, lang) if part else bare_version(row, lang)
    return translate("words.in_brackets", lang, text=text, note=note)


def when(row: Any, column: str, lang: str) -> str:
    """A day of a row as it was published, or that it is not known or open."""
    day = missing_to_none(row[column])
    if day is None:
        return translate("table.unknown" if column == "valid_from" else "table.open", lang)
    return published_text(str(day), str(row[f"{column}_precision"]))
