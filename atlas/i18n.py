"""The atlas's own words, in each language; names of data lie beside the data."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

from atlas.errors import AtlasError, SchemaError

LOCALES = resources.files("atlas") / "locale"
LANGUAGES = ("zh", "en")
BEFORE = "before-"
"""Start of the plan version of a boundary that ended with a change."""


@cache
def read_words(lang: str) -> dict[str, str]:
    """All words of a language, by dotted key."""
    table = tomllib.loads((LOCALES / f"{lang}.toml").read_text("utf-8"))
    return dict(_flatten("", table))


def _flatten(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            flat += _flatten(f"{prefix}{name}.", value)
        else:
            flat.append((prefix + name, value))
    return flat


def translate(key: str, lang: str, **values: object) -> str:
    """Words for a key, with its fields filled; an unknown key is a programmer's error.

    >>> translate("language.name", "en")
    'English'
    """
    return read_words(lang)[key].format(**values)


def word_of(group: str, code: str, lang: str) -> str:
    """Word for a code of the data; the code itself where the atlas has none.

    >>> word_of("part", "core", "en"), word_of("part", "17b", "en")
    ('core', '17b')
    """
    return read_words(lang).get(f"{group}.{code}", code)


def version_name(code: str, lang: str) -> str:
    """Words for codes that are no bare name: today's state, former boundaries, drafts, studies.

    >>> version_name("2026-draft", "en"), version_name("3.0", "en")
    ('draft of 2026', '3.0')
    """
    if code == "current":
        return translate("describe.current", lang)
    if code.startswith(BEFORE):
        return translate("describe.before", lang, day=code.removeprefix(BEFORE))
    stem, _, kind = code.rpartition("-")
    if stem and kind in ("draft", "study"):
        return translate(f"version.{kind}", lang, version=stem)
    alone = {"initial": "version.initial", "study": "version.only_study"}
    return translate(alone[code], lang) if code in alone else code


def in_both(key: str, **values: object) -> dict[str, str]:
    """Words for a key in every language."""
    return {lang: translate(key, lang, **values) for lang in LANGUAGES}


@cache
def _read_reasons(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """Sentences in English, ready to be met, with the same in a language."""
    file = LOCALES / f"reasons.{lang}.toml"
    table = tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    return [(_pattern(english), words) for english, words in table.items()]


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = Formatter().parse(sentence)
    return re.compile(
        "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, *_ in parts),
        re.DOTALL,
    )


def say_reason(reason: str, lang: str) -> str:
    """Why something was refused; in English where the atlas has no other words for it.

    What stands before a colon, such as the page of a series, stays as it is.

    >>> say_reason("no band 4; it has 3", "zh")
    '没有第 4 波段；共有 3 个'
    """
    for pattern, words in _read_reasons(lang):
        found = pattern.fullmatch(reason)
        if found:
            values = {name: say_reason(text, lang) for name, text in found.groupdict().items()}
            return words.format(**values)
    where, _, rest = reason.partition(": ")
    said = say_reason(rest, lang) if rest else rest
    return reason if said == rest else f"{where}：{said}"


def say_error(error: AtlasError, lang: str) -> str:
    """An error's sentence in a language; problems of rows stay as they are."""
    values = dict(error.values)
    if "problem" in values:
        values["problem"] = say_reason(str(values["problem"]), lang)
    if "kind" in values:
        values["kind"] = word_of("kind", str(values["kind"]), lang)
    if isinstance(error, SchemaError):
        values["first"] = str(error.problems[0])
    return translate(f"error.{type(error).__name__}", lang, **values)


def language_of(browser: str | None) -> str:
    """Language for a browser's preference (``zh-CN``, ``en``, …): zh if it gives none.

    >>> language_of(None), language_of("zh-TW"), language_of("fr")
    ('zh', 'zh', 'en')
    """
    if not browser or browser.lower().startswith("zh"):
        return "zh"
    return "en"
