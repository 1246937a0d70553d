"""The atlas's own words, in each language; names of data lie beside the data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
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


def say_error(error: AtlasError, lang: str) -> str:
    """An error's sentence in a language; problems of rows stay as they are."""
    values = dict(error.values)
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
