"""Words of one row on the map: its tooltip, and what a click shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.cartography.style import read_variants
from atlas.core.period import published_text
from atlas.core.schema import missing_to_none
from atlas.i18n import LANGUAGES, read_words, translate, version_name, word_of

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapLayer


def row_key(row: Any) -> str:
    """Name of a row among the rows of its layer: feature, plan version and part."""
    return f"{row.id}/{row.plan_version}/{row.part}"


def short_zh(name: str) -> str:
    """A city's name as a map writes it: without 市."""
    return name.removesuffix("市")


def tooltip_lines(row: Any, lang: str, *, doubt: bool) -> list[str]:
    """Name, version and status, period, and what is uncertain or without a source."""
    version = []
    if row.plan_version != "current":
        name = version_name(row.plan_version, lang)
        bare = name == row.plan_version
        version.append(translate("map.version", lang, version=name) if bare else name)
    if row.part != "whole":
        version.append(translate("map.part", lang, part=word_of("part", row.part, lang)))
    if version or row.status != "in-force":
        version.append(read_variants()[row.status].title[lang])
    lines = [
        row.name_zh if lang == "zh" else row.name_en,
        " · ".join(version),
        period_text(row, lang),
    ]
    if not row.sourced:
        lines.append(translate("map.no_source", lang))
    elif row.unsourced:
        columns = ", ".join(column_title(name, lang) for name in row.unsourced)
        lines.append(translate("map.unsourced_columns", lang, columns=columns))
    if doubt:
        lines.append(translate("map.date_uncertain", lang))
    return [line for line in lines if line]


def period_text(row: Any, lang: str) -> str:
    """A row's period as it was published; empty if nothing of it is known."""
    start, end = missing_to_none(row.valid_from), missing_to_none(row.valid_to)
    if start is None and end is None:
        return ""
    until = translate("map.still", lang)
    if end is not None:
        day = published_text(row.valid_to, row.valid_to_precision)
        until = translate("map.until", lang, end=day)
    if start is None:
        return until
    day = published_text(row.valid_from, row.valid_from_precision)
    return translate("map.period", lang, start=day, end=until)


def status_cells(row: Any, lang: str) -> dict[str, str]:
    """Version, part, status, period and sources of a row as a table beside a map says them."""
    return {
        "version": "" if row.plan_version == "current" else version_name(row.plan_version, lang),
        "part": "" if row.part == "whole" else word_of("part", row.part, lang),
        "status": read_variants()[row.status].title[lang],
        "valid_from": _when(row.valid_from, row.valid_from_precision, "table.unknown", lang),
        "valid_to": _when(row.valid_to, row.valid_to_precision, "table.open", lang),
        "source": _sourced(row, lang),
    }


def _when(day: object, precision: object, empty: str, lang: str) -> str:
    if missing_to_none(day) is None:
        return translate(empty, lang)
    return published_text(str(day), str(precision))


def _sourced(row: Any, lang: str) -> str:
    if not row.sourced:
        return translate("table.sourced_no", lang)
    if row.unsourced:
        columns = ", ".join(column_title(name, lang) for name in row.unsourced)
        return translate("table.sourced_part", lang, columns=columns)
    return translate("table.sourced_yes", lang)


def column_title(name: str, lang: str) -> str:
    """A column's title; its name where the atlas has no word for it."""
    return read_words(lang).get(f"column.{name}", name)


def popup_rows(layer: MapLayer, row: Any) -> list[list[dict[str, str]]]:
    """Titles and values that a click shows, for the columns that the style names."""
    rows = []
    for name in layer.style.popup:
        texts = {lang: _cell(row, name, lang) for lang in LANGUAGES}
        if any(texts.values()):
            rows.append([in_column(layer, name), texts])
    return rows


def _cell(row: Any, name: str, lang: str) -> str:
    """Text of a column, in the language if it has one for each (``notes_zh``, ``notes_en``)."""
    value = missing_to_none(getattr(row, f"{name}_{lang}", getattr(row, name, None)))
    if value is None:
        return ""
    if name == "issued":
        return published_text(row.issued, row.issued_precision)
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return number_text(float(value))
    return str(value)


def number_text(number: float) -> str:
    """Write a number with its thousands apart, and a whole one without decimals.

    >>> number_text(1234567.0), number_text(0.5)
    ('1,234,567', '0.5')
    """
    return f"{int(number) if number.is_integer() else number:,}"


def in_column(layer: MapLayer, name: str) -> dict[str, str]:
    """A column's title in both languages: the layer's own, else the atlas's."""
    own = {column.name: column.title for column in layer.layer.info.columns}
    return own.get(name) or {lang: column_title(name, lang) for lang in LANGUAGES}
