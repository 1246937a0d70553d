"""Registers as files: TOML or JSON that people write, and the canonical JSON of an edition."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.core.register import KINDS, Rows, fields_of
from atlas.core.register_rules import check_items
from atlas.core.text import near_words
from atlas.errors import FileDamaged, Problem, SchemaError
from atlas.io.geojson import load_json

if TYPE_CHECKING:
    from pathlib import Path

FORM = "form"
WHOLE, CHANGES = FORMS = ("whole", "changes")
"""A file holds a whole register, or only items to add and items to replace."""


@dataclass(frozen=True)
class Sheet:
    """What a file holds: its form, and items by kind; not yet checked beyond that."""

    form: str
    rows: Rows


def parse(content: bytes, file: Path | str, *, layer: str) -> Sheet:
    """Items of a TOML or JSON text; what begins with ``{`` is JSON.

    Raises
    ------
    FileDamaged
        If the text is neither.
    SchemaError
        If it has no form, an unknown kind, or something that is no list of items.
    """
    text = content.removeprefix(BOM_UTF8)
    document = load_json(content, file) if text.lstrip()[:1] == b"{" else _load_toml(text, file)
    problems = list(_shape_problems(layer, document))
    if problems:
        raise SchemaError(str(file), problems)
    rows = {kind: document[kind] for kind in KINDS if kind in document}
    return Sheet(document[FORM], rows)


def _load_toml(content: bytes, file: Path | str) -> dict[str, Any]:
    try:
        return {name: _plain(value) for name, value in tomllib.loads(content.decode()).items()}
    except UnicodeDecodeError as error:
        raise FileDamaged(file=file, problem=f"not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise FileDamaged(file=file, problem=f"neither JSON nor TOML: {error}") from None
    except RecursionError:
        raise FileDamaged(file=file, problem="nested too deeply") from None
    except ValueError as error:
        problem = f"holds a number or a day that cannot be: {error}"
        raise FileDamaged(file=file, problem=problem) from None


def _plain(value: Any) -> Any:
    """TOML's own days as ISO text, like JSON's; a time of day stays what it is, and is refused."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return value.isoformat() if is_day else value


def _shape_problems(layer: str, document: Any) -> list[Problem]:
    def problem(rule: str, message: str) -> Problem:
        return Problem(layer, None, None, rule, message)

    if not isinstance(document, dict):
        return [problem("form", "the file must be an object (JSON) or tables (TOML)")]
    found = []
    if document.get(FORM) not in FORMS:
        way = 'write form = "changes" to add or replace items, "whole" for a whole register'
        found.append(problem("form", f"the first line must say the form: {way}"))
    for name, rows in document.items():
        if name == FORM:
            continue
        if name not in KINDS:
            near = near_words(name, KINDS) or KINDS
            found.append(problem("kind", f"no kind '{name[:60]}'; there are {', '.join(near)}"))
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            way = f"in TOML begin each with [[{name}]], in JSON write a list of objects"
            found.append(problem("kind", f"'{name}' holds no items: {way}"))
    return found


def merge(old: Rows, changes: Rows, *, layer: str, file: Path | str) -> Rows:
    """A whole register of an old one and of items that are added, or replace those of their id.

    Raises
    ------
    SchemaError
        If an item has no id, or one id stands twice in the file.
    """
    merged: Rows = {kind: list(old.get(kind, [])) for kind in KINDS}
    for kind, rows in changes.items():
        named: dict[str, dict[str, Any]] = {}
        for place, row in enumerate(rows, start=1):
            name = row.get("id")
            if not isinstance(name, str) or name in named:
                way = "give each item an id of its own"
                problem = Problem(
                    layer, None, f"{kind} number {place}", "id", f"no id of its own: {way}"
                )
                raise SchemaError(str(file), [problem])
            named[name] = row
        replaced = [named.pop(row["id"], row) for row in merged[kind]]
        merged[kind] = [*replaced, *named.values()]
    return {kind: rows for kind, rows in merged.items() if rows}


def check(rows: Rows, file: Path | str, *, layer: str, edition: int | None = None) -> None:
    """Refuse items that break the rules.

    Raises
    ------
    SchemaError
        With every problem of every item.
    """
    problems = check_items(layer, edition, rows)
    if problems:
        raise SchemaError(str(file), problems)


def read_whole(content: bytes, file: Path | str, *, layer: str, edition: int | None = None) -> Rows:
    """Valid items of a whole register.

    Raises
    ------
    FileDamaged, SchemaError
        If the text cannot be read, holds changes only, or breaks the rules.
    """
    sheet = parse(content, file, layer=layer)
    if sheet.form != WHOLE:
        message = f'it holds changes only; an edition is a whole register: form = "{WHOLE}"'
        raise SchemaError(str(file), [Problem(layer, edition, None, "form", message)])
    check(sheet.rows, file, layer=layer, edition=edition)
    return sheet.rows


def to_bytes(rows: Rows) -> bytes:
    """Canonical JSON of a whole register: kinds and fields in fixed order, one item a line.

    The items of a kind keep their order.
    """
    parts = [f'"{FORM}":"{WHOLE}"']
    for kind in KINDS:
        lines = [_line(kind, row) for row in rows.get(kind, [])]
        if lines:
            parts.append(f'"{kind}":[\n' + ",\n".join(lines) + "\n]")
    return ("{" + ",\n".join(parts) + "}\n").encode("utf-8")


def _line(kind: str, row: dict[str, Any]) -> str:
    ordered = {
        entry.name: row[entry.name]
        for entry in fields_of(kind)
        if entry.name in row and (row[entry.name] != [] or kind in entry.required)
    }
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def count(rows: Rows) -> int:
    """How many items there are."""
    return sum(len(entries) for entries in rows.values())
