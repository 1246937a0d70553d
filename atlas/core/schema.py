"""The columns that rows have, and the one place that says whether rows are valid."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from atlas.core import period, text
from atlas.errors import DayError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

KEY = ("id", "plan_version", "part")
NAME_SHOWN = 80
"""Characters of a row's key that a message repeats."""
STATUSES = ("in-force", "draft", "initiative", "research", "under-construction", "planned")
BASES = ("boundary", "members", "buffer", "axis", "digitised", "track", "path", "position",
         "threshold", "none")  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One property of the rows; ``values`` lists what it may hold, if it is a closed list."""

    name: str
    type: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    title: dict[str, str] = field(default_factory=dict)


def _column(name: str, kind: str = "text", *, required: bool = False, values: tuple[str, ...] = ()
            ) -> Column:  # fmt: skip
    return Column(name, kind, required=required, values=values)


RECORD_COLUMNS: tuple[Column, ...] = (
    _column("id", required=True),
    _column("plan_version", required=True),
    _column("part", required=True),
    _column("name_zh", required=True),
    _column("name_en", required=True),
    _column("status", required=True, values=STATUSES),
    _column("valid_from", "day"),
    _column("valid_from_precision", values=period.PRECISIONS),
    _column("valid_to", "day"),
    _column("valid_to_precision", values=period.PRECISIONS),
    _column("sourced", "boolean", required=True),
    _column("unsourced", "texts", required=True),
    _column("geometry_basis", required=True, values=BASES),
    _column("accuracy_m", "number"),
    _column("method_zh", required=True),
    _column("method_en", required=True),
    _column("notes_zh"),
    _column("notes_en"),
)
"""Columns that every row of every layer has, in canonical order."""

FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "text"),
    "day": (lambda value: isinstance(value, str), "a day YYYY-MM-DD"),
    "integer": (
        lambda value: isinstance(value, int) and not isinstance(value, bool)
        and -(2**63) <= value < 2**63,
        "an integer of 64 bits",
    ),
    "number": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max,
        "a finite number",
    ),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "texts": (
        lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
        "a list of texts",
    ),
    "events": (
        lambda value: isinstance(value, list)
        and all(isinstance(item, dict) and {"date", "title_zh", "title_en"} <= set(item)
                for item in value),
        "a list of events with date, title_zh and title_en",
    ),
}  # fmt: skip
"""What a value of each column type must look like, and how a message says it."""


def row_key(row: dict[str, Any]) -> str:
    """The key of a row as one text; 'whole' is left out.

    >>> row_key({"id": "g60-corridor", "plan_version": "3.0", "part": "whole"})
    'g60-corridor/3.0'
    """
    parts = [str(row.get(name)) for name in KEY]
    return "/".join(parts[:2] if parts[2] == "whole" else parts)


def shown_key(name: str) -> str:
    """A row's key as a message shows it, of bounded length."""
    return name if len(name) <= NAME_SHOWN else name[:NAME_SHOWN] + "…"


def check_rows(
    layer: str, edition: int | None, columns: tuple[Column, ...], rows: list[dict[str, Any]]
) -> list[Problem]:
    """Every problem in the properties of rows (geometry is `atlas.core.geometry`'s).

    Parameters
    ----------
    layer, edition
        Named in each problem; ``edition`` is None for a file not yet published.
    columns
        The layer's own columns, beside :data:`RECORD_COLUMNS`.
    rows
        Properties of each feature, in file order; missing values are None.

    Returns
    -------
    list of Problem
        Empty if the rows are valid.
    """
    schema = RECORD_COLUMNS + columns
    found: list[tuple[str, str, str]] = []
    seen: set[str] = set()
    for place, row in enumerate(rows, start=1):
        name = row_key(row) if isinstance(row.get("id"), str) else f"number {place}"
        found += [(name, rule, message) for rule, message in _check_row(schema, row)]
        if name in seen:
            found.append((name, "key", "the key (id, plan_version, part) is used twice"))
        seen.add(name)
    found += _overlapping_validity(rows)
    return [
        Problem(layer, edition, shown_key(name), rule, message) for name, rule, message in found
    ]


def _check_row(schema: tuple[Column, ...], row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    names = {column.name for column in schema}
    for extra in row.keys() - names:
        yield "columns", f"column '{extra[:60]}' is not in the layer's schema"
    for column in schema:
        if column.name not in row:
            yield "columns", f"column '{column.name}' is missing"
        else:
            yield from _check_value(column, row[column.name])
    yield from _check_dates(row)
    accuracy = row.get("accuracy_m")
    if isinstance(accuracy, int | float) and accuracy < 0:
        yield "values", f"'accuracy_m' is {accuracy:g}; it must not be negative"
    if isinstance(row.get("unsourced"), list):
        for name in row["unsourced"]:
            if str(name) not in names:
                yield "source", f"'unsourced' names '{str(name)[:60]}', which is no column"
    if row.get("sourced") is True and "source_url" in names and not row.get("source_url"):
        yield "source", "the row says that it is sourced but has no source_url"


def _check_value(column: Column, value: object) -> Iterator[tuple[str, str]]:
    if value is None:
        if column.required:
            yield "required", f"'{column.name}' is empty"
        return
    fits, form = FORMS[column.type]
    if not fits(value):
        yield "type", f"'{column.name}' must be {form}, not {repr(value)[:40]}"
        return
    if isinstance(value, str):
        yield from _check_text(column, value)
        if column.name in KEY and "/" in value:
            yield "key", f"'{column.name}' holds '/', which parts the names of a key"
        elif column.name == "id" and value.strip() and not text.ID.fullmatch(value):
            yield "key", "'id' may hold letters, digits, '-', '_' and '.' only"
        if column.name.startswith("name_") and text.has_hidden_signs(value):
            yield "text", f"'{column.name}' holds signs that nobody sees (Unicode Cf)"
    elif isinstance(value, list):
        for part in _texts(value):
            yield from _check_signs(column, part)


def _texts(values: list[Any]) -> Iterator[str]:
    """Texts of a list of texts or of events."""
    for value in values:
        yield from [value] if isinstance(value, str) else filter(_is_text, value.values())


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _check_signs(column: Column, value: str) -> Iterator[tuple[str, str]]:
    if len(value) > text.MAX_TEXT:
        yield "text", f"'{column.name}' has {len(value):,} characters; at most {text.MAX_TEXT:,}"
    elif text.has_control_signs(value):
        yield "text", f"'{column.name}' holds control characters"


def _check_text(column: Column, value: str) -> Iterator[tuple[str, str]]:
    wrong = list(_check_signs(column, value))
    if wrong:
        yield from wrong
    elif column.required and not value.strip():
        yield "required", f"'{column.name}' is empty"
    elif column.values and value not in column.values:
        yield "values", f"'{column.name}' is '{value[:40]}'; one of {', '.join(column.values)}"


def _check_dates(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    days = yield from check_days(row, ("valid_from", "valid_to", "issued"))
    if "valid_from" in days and "valid_to" in days and days["valid_from"] >= days["valid_to"]:
        yield "dates", f"valid_to {days['valid_to']} is not after valid_from {days['valid_from']}"


def check_days(
    row: dict[str, Any], names: tuple[str, ...]
) -> Generator[tuple[str, str], None, dict[str, str]]:
    """Yield every problem of these days and their precisions; return the days that are right."""
    days: dict[str, str] = {}
    for name in names:
        day, precision = row.get(name), row.get(f"{name}_precision")
        if not isinstance(day, str):
            if precision is not None:
                yield "dates", f"'{name}_precision' is set but '{name}' is empty"
            continue
        try:
            days[name] = period.parse_day(day).isoformat()
        except DayError as error:
            yield "dates", f"'{name}': {error}"
            continue
        if precision not in period.PRECISIONS:
            yield "dates", f"'{name}' needs '{name}_precision' (day, month or year)"
        elif not period.fits_precision(day, precision):
            yield "dates", f"'{name}' {day} is not the first day of its {precision}"
    return days


def _overlapping_validity(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    groups: dict[tuple[object, object], list[dict[str, Any]]] = {}
    for row in rows:
        if row.get("status") == "in-force":
            groups.setdefault((str(row.get("id")), str(row.get("part"))), []).append(row)
    found: list[tuple[str, str, str]] = []
    for group in groups.values():
        periods = [(_text(row.get("valid_from")), _text(row.get("valid_to"))) for row in group]
        for before, after in period.overlapping_periods(periods):
            one, other = shown_key(row_key(group[before])), row_key(group[after])
            found.append((other, "validity", f"in force on the same day as {one}"))
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def missing_to_none(value: object) -> object:
    """Turn pandas' missing values into None and numpy scalars into Python ones."""
    if isinstance(value, list | dict | str | bool):
        return value
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return value.item() if hasattr(value, "item") else value
