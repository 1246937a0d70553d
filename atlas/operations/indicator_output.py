"""Indicators as values for machines, as rows, and as text for a terminal."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from atlas.i18n import LANGUAGES
from atlas.operations import indicator_words as words
from atlas.operations.show import align, csv_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.layer import Edition
    from atlas.operations.indicators import Cause, Change, Reading, Record

FORMS = ("table", "json", "csv")
DECIMALS = 6


def number(value: float) -> float | None:
    """A value for JSON: rounded, None if it is not known."""
    return None if math.isnan(value) else round(value, DECIMALS)


def edition_values(edition: Edition) -> dict[str, Any]:
    """An edition with its hash."""
    return {"layer": edition.layer, "edition": edition.edition,
            "published": edition.published.isoformat(), "sha256": edition.sha256}  # fmt: skip


def reading_values(reading: Reading) -> dict[str, Any]:
    """An indicator on a day, with what it means and what it was made of."""
    one, measure = reading.indicator, reading.measure
    return {
        "id": one.id,
        "title": {lang: words.title(one.id, lang) for lang in LANGUAGES},
        "definition": {lang: words.definition(one.id, lang) for lang in LANGUAGES},
        "method": {lang: words.method(one.id, lang) for lang in LANGUAGES},
        "limits": {lang: words.limits(one.id, lang) for lang in LANGUAGES},
        "unit": one.unit,
        "areas": list(one.areas),
        "day": reading.day.isoformat(),
        "value": number(measure.value),
        "parts": {part.key: number(part.value) for part in measure.parts},
        "unknown": list(measure.unknown),
        "uncertain": list(measure.uncertain),
        "editions": [edition_values(edition) for edition in reading.editions],
    }


def change_values(change: Change) -> dict[str, Any]:
    """An indicator on two days, with what changed it."""
    one = change.indicator
    return {
        "id": one.id,
        "title": {lang: words.title(one.id, lang) for lang in LANGUAGES},
        "unit": one.unit,
        "old": number(change.old.value),
        "new": number(change.new.value),
        "difference": number(change.difference),
        "joint": number(change.joint),
        "left_out": [f"{layer}:{id_}" for layer, id_ in change.left_out],
        "causes": [cause_values(cause) for cause in change.causes],
        "unknown": list(change.new.measure.unknown),
        "uncertain": list(change.new.measure.uncertain),
    }


def cause_values(cause: Cause) -> dict[str, Any]:
    """A feature that changed between two days."""
    return {
        "layer": cause.layer, "id": cause.id, "name": cause.name, "kind": cause.kind,
        "old": list(cause.old), "new": list(cause.new), "day": cause.day,
        "precision": cause.precision, "effect": number(cause.effect),
    }  # fmt: skip


def to_rows(record: Record, readings: Sequence[Reading], lang: str) -> list[dict[str, Any]]:
    """One row an indicator and day, as a table or a CSV file has it."""
    return [
        {
            "id": reading.indicator.id,
            "title": words.title(reading.indicator.id, lang),
            "day": reading.day.isoformat(),
            "value": number(reading.value),
            "unit": reading.indicator.unit,
            "definition": words.definition(reading.indicator.id, lang),
            "limits": words.limits(reading.indicator.id, lang),
            "gaps": " ".join(words.gap_texts(record, reading, lang)),
            "editions": " ".join(
                f"{edition.layer}@{edition.edition}:{edition.sha256}"
                for edition in reading.editions
            ),
        }
        for reading in readings
    ]


def render(record: Record, readings: Sequence[Reading], form: str, *, lang: str) -> bytes:
    """Indicators in one of :data:`FORMS`."""
    if form == "json":
        held = {
            "known_by": record.known_by.isoformat(),
            "indicators": [reading_values(reading) for reading in readings],
        }
        return (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "csv":
        rows = to_rows(record, readings, lang)
        return csv_bytes([list(rows[0]), *(list(row.values()) for row in rows)] if rows else [])
    lines: list[tuple[str, ...]] = [("id", "day", "value", "title")]
    lines += [
        (reading.indicator.id, reading.day.isoformat(), words.value_text(reading, lang),
         words.title(reading.indicator.id, lang))
        for reading in readings
    ]  # fmt: skip
    used = dict.fromkeys(edition for reading in readings for edition in reading.editions)
    origin = [words.origin_text(record, edition, lang) for edition in used]
    return ("\n".join([align(lines), "", *origin]) + "\n").encode()
