"""Indicators in plain sentences: meaning, value, what changed it, what is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from atlas.analysis.indicator_frames import LINES, PLANS
from atlas.analysis.indicator_list import SHARE
from atlas.core.period import published_text
from atlas.i18n import translate, version_name, word_of
from atlas.operations.grammar import MINUS, capital, listed, with_article

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.layer import Edition
    from atlas.operations.indicators import Cause, Change, Reading, Record

PERCENT, POINTS = 100.0, "points"
STATION_UNIT = "stations"
NAMED_MOST = 4
"""Uncertain features that a sentence names; files name all."""
CAUSES_MOST = 8
"""Causes that get a sentence each."""
WHOLE = "whole"


def title(id_: str, lang: str) -> str:
    """Name of an indicator."""
    return translate(f"indicator.{id_}.title", lang)


def definition(id_: str, lang: str) -> str:
    """What it is."""
    return translate(f"indicator.{id_}.definition", lang)


def method(id_: str, lang: str) -> str:
    """How it is worked out."""
    return translate(f"indicator.{id_}.method", lang)


def limits(id_: str, lang: str) -> str:
    """What it cannot say."""
    return translate(f"indicator.{id_}.limits", lang)


def size_words(value: float, unit: str, decimals: int, lang: str) -> str:
    """A number with its unit; a number that is not known says so.

    >>> size_words(1.0, "pairs", 0, "en"), size_words(0.4222, "share", 1, "zh")
    ('1 pair', '42.2%')
    """
    if math.isnan(value):
        return translate("indicator.unknown", lang)
    shown = value * PERCENT if unit in (SHARE, POINTS) else value
    text = f"{round(shown, decimals):,.{max(decimals, 0)}f}".replace("-", MINUS)
    form = "one" if text == "1" else "other"
    return translate(f"indicator.unit.{unit}.{form}", lang, value=text)


def value_text(reading: Reading, lang: str) -> str:
    """The value of an indicator on its day."""
    one = reading.indicator
    return size_words(reading.value, one.unit, one.decimals, lang)


def difference_text(change: Change, value: float, lang: str) -> str:
    """A difference of an indicator, without its sign; of shares in percentage points."""
    one = change.indicator
    unit = POINTS if one.unit == SHARE else one.unit
    return size_words(abs(value), unit, one.decimals, lang)


def is_nothing(change: Change, value: float) -> bool:
    """Whether a difference is too small to be shown."""
    one = change.indicator
    shown = value * PERCENT if one.unit == SHARE else value
    return abs(shown) < 0.5 * 10.0**-one.decimals


def change_text(record: Record, change: Change, lang: str) -> str:
    """What an indicator was, what it is, and how much that is more or less."""
    fields = {
        "title": title(change.indicator.id, lang),
        "old": change.old.day.isoformat(), "new": change.new.day.isoformat(),
        "before": value_text(change.old, lang), "after": value_text(change.new, lang),
    }  # fmt: skip
    if math.isnan(change.difference):
        return translate("indicator.undetermined", lang, **fields)
    fields["difference"] = difference_text(change, change.difference, lang)
    way = "more" if change.difference > 0 else "less"
    if change.left_out:
        names = [with_article(record.name_of(*key)[lang], lang) for key in change.left_out]
        if is_nothing(change, change.difference):
            fields.pop("difference")
            way = "same"
        return translate(f"indicator.compared_{way}", lang, features=listed(names, lang), **fields)
    if is_nothing(change, change.difference):
        return translate("indicator.same", lang, title=fields["title"], old=fields["old"],
                         new=fields["new"], value=fields["after"])  # fmt: skip
    return translate(f"indicator.{way}", lang, **fields)


def cause_texts(change: Change, lang: str) -> tuple[str, ...]:
    """A sentence for each of the largest causes, and for what they leave."""
    shown = [cause for cause in change.causes if not _is_small(change, cause)]
    told = [cause_text(change, cause, lang) for cause in shown[:CAUSES_MOST]]
    more = [cause.effect for cause in shown[CAUSES_MOST:] if not math.isnan(cause.effect)]
    if more:
        told.append(translate("indicator.further", lang, count=len(more),
                              effect=_effect(change, sum(more), lang)))  # fmt: skip
    if not math.isnan(change.joint) and not is_nothing(change, change.joint):
        rest = difference_text(change, change.joint, lang)
        key = "rest_stations" if change.indicator.unit == STATION_UNIT else "rest"
        if shown:
            told.append(translate(f"indicator.{key}", lang, difference=rest))
        elif change.causes:
            names = [cause.name[lang] for cause in change.causes[:CAUSES_MOST]]
            told.append(translate("indicator.together", lang, names=listed(names, lang)))
    return tuple(told)


def _is_small(change: Change, cause: Cause) -> bool:
    return not math.isnan(cause.effect) and is_nothing(change, cause.effect)


def _effect(change: Change, effect: float, lang: str) -> str:
    """An effect in words, with its way."""
    if math.isnan(effect):
        return translate("indicator.cause.effect.unknown", lang)
    way = "up" if effect > 0 else "down"
    size = difference_text(change, effect, lang)
    return translate(f"indicator.cause.effect.{way}", lang, size=size)


def cause_text(change: Change, cause: Cause, lang: str) -> str:
    """What one feature did to an indicator."""
    fields = {"name": with_article(cause.name[lang], lang), "day": _day(cause, lang),
              "effect": _effect(change, cause.effect, lang)}  # fmt: skip
    group = "line" if cause.layer == LINES else "unit"
    if cause.layer in PLANS:
        group = "plan"
        sides = {"old": cause.old, "new": cause.new}
        fields |= {name: versions_words(rows, lang) for name, rows in sides.items()}
    return capital(translate(f"indicator.cause.{group}.{cause.kind}", lang, **fields))


def _day(cause: Cause, lang: str) -> str:
    if cause.day is None:
        return translate("indicator.cause.day_unknown", lang)
    return published_text(cause.day, cause.precision or "day")


def versions_words(rows: tuple[str, ...], lang: str) -> str:
    """Some ``version/part`` in words, each version once, its parts in brackets."""
    held: dict[str, list[str]] = {}
    for row in rows:
        version, _, part = row.partition("/")
        held.setdefault(version, []).extend([word_of("part", part, lang)] * (part != WHOLE))
    told = []
    for version, names in held.items():
        words, note = version_words(version, lang), listed(names, lang)
        told.append(translate("words.in_brackets", lang, text=words, note=note) if note else words)
    return listed(told, lang)


def version_words(version: str, lang: str) -> str:
    """A plan version in words."""
    name = version_name(version, lang)
    return translate("words.version", lang, version=version) if name == version else name


def gap_texts(record: Record, reading: Reading, lang: str) -> tuple[str, ...]:
    """What is not in a value, and what may not belong in it."""
    return gaps_of(record, [reading], lang)


def gaps_of(record: Record, readings: Sequence[Reading], lang: str) -> tuple[str, ...]:
    """What is not in some values, and what may not belong in them, each thing once."""
    unknown = dict.fromkeys(key for reading in readings for key in reading.measure.unknown)
    told = [
        translate("indicator.gap_unknown", lang, name=key_words(record, key, lang))
        for key in unknown
    ]
    days: dict[str, dict[str, None]] = {}
    for reading in readings:
        for key in reading.measure.uncertain:
            days.setdefault(key, {})[reading.day.isoformat()] = None
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, held in days.items():
        groups.setdefault(tuple(sorted(held)), []).append(key)
    told += [_uncertain(record, keys, held, lang) for held, keys in sorted(groups.items())]
    return tuple(capital(text) for text in told)


def _uncertain(record: Record, keys: list[str], days: tuple[str, ...], lang: str) -> str:
    names = listed([key_words(record, key, lang) for key in keys[:NAMED_MOST]], lang)
    if len(keys) > NAMED_MOST:
        return translate("indicator.gap_uncertain_many", lang, days=listed(days, lang),
                         names=names, count=len(keys))  # fmt: skip
    return translate("indicator.gap_uncertain", lang, days=listed(days, lang), name=names)


def key_words(record: Record, key: str, lang: str) -> str:
    """A row by its key: name and version; railways have their name alone."""
    layer, _, rest = key.partition(":")
    id_, _, row = rest.partition("@")
    name = with_article(record.name_of(layer, id_, row)[lang], lang)
    if layer not in PLANS:
        return name
    version, _, part = row.partition("/")
    words = [version_words(version, lang)]
    if part != WHOLE:
        words.append(word_of("part", part, lang))
    note = translate("words.comma", lang).join(words)
    return translate("words.in_brackets", lang, text=name, note=note)


def origin_words(name: str, edition: Edition, lang: str) -> str:
    """A layer by its title, with an edition's number, day and hash."""
    return translate(
        "indicator.origin", lang, layer=name, edition=edition.edition,
        day=edition.published.isoformat(), hash=edition.sha256[:12],
    )  # fmt: skip


def origin_text(record: Record, edition: Edition, lang: str) -> str:
    """An edition with its day and hash."""
    return origin_words(record.layers[edition.layer].info.title[lang], edition, lang)


def origin_texts(record: Record, reading: Reading, lang: str) -> tuple[str, ...]:
    """Every edition that a value was made of."""
    return tuple(origin_text(record, edition, lang) for edition in reading.editions)
