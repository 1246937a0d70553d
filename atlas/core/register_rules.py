"""The one place that says whether the items of a register are valid."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from atlas.core import text
from atlas.core.register import (
    AREA,
    FIELDS,
    KINDS,
    ONE,
    PAIRS,
    PLAN,
    REFERENCE,
    STATEMENTS,
    TASK,
    Field,
    Rows,
    fields_of,
)
from atlas.core.schema import FORMS, check_days, shown_key
from atlas.core.text import near_words
from atlas.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEM_ID = re.compile(r"(?!.{61})[a-z0-9]+(-[a-z0-9]+)*")
MOST = 1000
"""Greatest number that an item may hold."""
NAMES = tuple(entry.name for entry in FIELDS)
Found = tuple[str, str, str]
"""Item, rule, message."""


def check_items(layer: str, edition: int | None, rows: Rows) -> list[Problem]:
    """Every problem of a whole register.

    Parameters
    ----------
    layer, edition
        Named in each problem; ``edition`` is None for a file not yet published.
    rows
        Fields of the items by kind, as a file holds them.

    Returns
    -------
    list of Problem
        Empty if the register is valid. ``feature`` names the item: its kind and its id.
    """
    found: list[Found] = []
    ids = {
        kind: {row["id"] for row in rows.get(kind, []) if isinstance(row.get("id"), str)}
        for kind in KINDS
    }
    for kind in KINDS:
        repeated = Counter(str(row.get("id")) for row in rows.get(kind, []))
        for place, row in enumerate(rows.get(kind, []), start=1):
            name = item_name(kind, row, place)
            found += [(name, rule, words) for rule, words in _check_row(kind, row, ids)]
            if repeated[str(row.get("id"))] > 1:
                words = f"the id '{str(row.get('id'))[:60]}' is used twice: give each its own"
                found.append((name, "id", words))
    found += _check_whole(rows)
    return [
        Problem(layer, edition, shown_key(name), rule, words)
        for name, rule, words in dict.fromkeys(found)
    ]


def item_name(kind: str, row: dict[str, Any], place: int) -> str:
    """How messages name an item: kind and id, or the how-manieth of its kind it is."""
    name = row.get("id")
    return f"{kind} {name}" if isinstance(name, str) and name else f"{kind} number {place}"


def _check_row(
    kind: str, row: dict[str, Any], ids: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    allowed = fields_of(kind)
    names = [entry.name for entry in allowed]
    for extra in row.keys() - set(names):
        near = near_words(extra, names)
        hint = f"did you mean '{near[0]}'?" if near else f"it may hold {', '.join(names)}"
        yield "fields", f"a {kind} has no field '{extra[:60]}': {hint}"
    for entry in allowed:
        if entry.name in row:
            yield from _check_value(entry, row[entry.name], ids)
        elif kind in entry.required:
            yield "required", f"'{entry.name}' is missing: add it"
    yield from _check_pairs(row)
    yield from _check_days(row)
    if kind in STATEMENTS:
        yield from _check_sources(row)
    if kind == REFERENCE and not (row.get("lesson") or row.get("challenge")):
        yield "required", "name a lesson or a challenge that it belongs to"


def _check_value(
    entry: Field, value: object, ids: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    fits, form = FORMS[entry.type]
    if not fits(value):
        yield "type", f"'{entry.name}' must be {form}, not {repr(value)[:40]}"
        return
    if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= MOST:
        yield "number", f"'{entry.name}' is {value}; it must lie between 1 and {MOST:,}"
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    for part in texts:
        if len(part) > text.MAX_TEXT:
            yield "text", f"'{entry.name}' has {len(part):,} characters; at most {text.MAX_TEXT:,}"
        elif text.has_control_signs(part):
            yield "text", f"'{entry.name}' holds control characters: remove them"
        elif text.has_hidden_signs(part):
            yield "text", f"'{entry.name}' holds signs that nobody sees (Unicode Cf): remove them"
        elif not part.strip():
            yield "required", f"'{entry.name}' is empty: fill it or leave it out"
        else:
            yield from _check_word(entry, part, ids)
    if len(set(texts)) < len(texts):
        yield "values", f"'{entry.name}' names something twice"


def _check_word(entry: Field, word: str, ids: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    if entry.name == "id" and not ITEM_ID.fullmatch(word):
        yield "id", f"'{word[:60]}' is no id: small letters, digits and single '-', at most 60"
    if entry.values and word not in entry.values:
        yield "values", f"'{entry.name}' is '{word[:40]}'; one of {', '.join(entry.values)}"
    if entry.refers and word not in ids[entry.refers]:
        near = near_words(word, ids[entry.refers]) or sorted(ids[entry.refers])
        known = ", ".join(near[:12]) or "none yet"
        yield (
            "refers",
            f"'{entry.name}': there is no {entry.refers} '{word[:60]}'; there are {known}",
        )
    if entry.name == "source_urls" and not text.is_web_address(word):
        yield "source", f"'{word[:60]}' is no web address: it begins with http:// or https://"
    if entry.name == "unsourced" and word not in NAMES:
        yield "source", f"'unsourced' names '{word[:60]}', which is no field"


def _check_pairs(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in PAIRS:
        held = [lang for lang in ("zh", "en") if f"{name}_{lang}" in row]
        if len(held) == 1:
            other = "en" if held == ["zh"] else "zh"
            yield "languages", f"'{name}_{held[0]}' stands alone: add '{name}_{other}'"


def _check_days(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    days = yield from check_days(row, ("day", "until"))
    if "until" in days and days.get("day", "9") > days["until"]:
        yield "dates", f"'until' {days['until']} lies before 'day' {days.get('day', '(missing)')}"


def _check_sources(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    pages, sourced = row.get("source_urls"), row.get("sourced")
    if sourced is True and pages == []:
        way = "name the page in 'source_urls', or write sourced = false"
        yield "source", f"it says that it is sourced but names no page: {way}"
    if sourced is False and pages:
        yield "source", "it says sourced = false but names a page: write sourced = true"
    absent = [name for name in _texts(row.get("unsourced")) if name in NAMES and name not in row]
    for name in absent:
        yield "source", f"'unsourced' names '{name}', which this item does not hold"


def _texts(value: object) -> list[str]:
    return [part for part in value if isinstance(part, str)] if isinstance(value, list) else []


def _check_whole(rows: Rows) -> Iterator[Found]:
    """What a register must hold as a whole: one plan, numbered areas, no more tasks than it has."""
    plans = rows.get(PLAN, [])
    if len(plans) != 1:
        yield PLAN, "whole", f"a register has exactly one plan, not {len(plans)}"
        return
    if not rows.get(AREA):
        yield AREA, "whole", "a register has at least one area: add [[area]]"
    most = plans[0].get("tasks")
    for kind, last in ((AREA, None), (ONE, None), (TASK, most)):
        yield from _check_numbers(kind, rows.get(kind, []), last)
    areas = Counter(str(row.get("area")) for row in rows.get(ONE, []))
    for area, count in areas.items():
        if count > 1:
            yield f"area {area}", "whole", f"{count} ones name this area: each area has one at most"
    if isinstance(most, int) and len(rows.get(TASK, [])) > most:
        message = f"{len(rows[TASK])} tasks where the plan has {most}: remove some"
        yield PLAN, "whole", message


def _check_numbers(kind: str, rows: list[dict[str, Any]], last: object) -> Iterator[Found]:
    numbers = [(place, row.get("number")) for place, row in enumerate(rows, start=1)]
    known = Counter(number for _, number in numbers if isinstance(number, int))
    for place, number in numbers:
        if not isinstance(number, int):
            continue
        name = item_name(kind, rows[place - 1], place)
        if isinstance(last, int) and number > last:
            yield name, "number", f"its number is {number}; the plan has {last}: correct it"
        if known[number] > 1:
            yield name, "number", f"the number {number} is used twice"
