"""Small grammar of both languages: lists, one and many, articles, sizes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from atlas.i18n import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WHOLE, TENTH, LEAST = 100, 1, 0.005
"""From here on sizes are told without decimals, with one, with two."""
MANIFOLD = 10
"""From this share on, per cents are told without decimals."""
HARDLY = 0.0005
"""Below this share, per cents are told to a hundredth: none is none."""
MINUS = "−"
ARTICLE_NOUNS = {
    "Area", "Barrier", "Belt", "Circle", "Corridor", "Eco-Island", "Island", "Zone", "line",
    "railway",
}  # fmt: skip
"""English names whose main noun is one of these take the article."""


def counted(key: str, count: int, lang: str, **values: object) -> str:
    """Words for a number of things: ``key.one`` for one, ``key.other`` for all else."""
    form = "one" if count == 1 else "other"
    return translate(f"{key}.{form}", lang, count=f"{count:,}", **values)


def listed(items: Sequence[str], lang: str) -> str:
    """Items as a list in words.

    >>> listed(["a", "b", "c"], "en"), listed(["甲", "乙", "丙"], "zh")
    ('a, b and c', '甲、乙和丙')
    """
    if len(items) < 2:  # noqa: PLR2004 - one item is no list
        return "".join(items)
    comma, last = translate("words.comma", lang), translate("words.and", lang)
    return comma.join(items[:-1]) + last + items[-1]


def joined(sentences: Iterable[str], lang: str) -> str:
    """Sentences one after another, as the language parts them; empty ones are left out."""
    return ("" if lang == "zh" else " ").join(sentence for sentence in sentences if sentence)


def with_article(name: str, lang: str) -> str:
    """A name inside a sentence: English areas, belts and corridors take "the".

    >>> with_article("Coastal Corridor of the Delta", "en"), with_article("Hefei", "en")
    ('the Coastal Corridor of the Delta', 'Hefei')
    """
    if lang != "en":
        return name
    head = re.split(r" (?:of|for|in) | \(", name, maxsplit=1)[0].split(" ")
    return f"the {name}" if head[-1] in ARTICLE_NOUNS and head[0] != "The" else name


def capital(sentence: str) -> str:
    """A sentence that begins with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def size_text(value: float, unit: str, lang: str) -> str:
    """A size with its unit in words; a size that is not known says so.

    >>> size_text(76953.4, "km²", "en"), size_text(12.34, "km", "zh"), size_text(0.0, "km²", "en")
    ('76,953 km²', '12.3公里', '0 km²')
    """
    if math.isnan(value):
        return translate("words.size_unknown", lang)
    if not unit:
        return ""
    word = translate(f"words.unit.{'area' if unit == 'km²' else 'length'}", lang)
    if 0 < value < LEAST:
        return translate("words.less_than", lang, size=f"0.01{word}")
    decimals = 0 if value >= WHOLE or value == 0 else 1 if value >= TENTH else 2
    return f"{value:,.{decimals}f}{word}"


def share_text(share: float, lang: str, *, signed: bool = False) -> str:
    """A share as per cent.

    >>> share_text(-0.552, "en", signed=True), share_text(0.5, "zh")
    ('−55.2 %', '50.0%')
    """
    decimals = 0 if abs(share) >= MANIFOLD else 2 if 0 < abs(share) < HARDLY else 1
    text = f"{share * 100:{'+' if signed else ''},.{decimals}f}".replace("-", MINUS)
    return text + translate("words.per_cent", lang)
