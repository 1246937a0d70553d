"""A comparison as a document or a file: words, map, table, sources and method."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.cartography.figure import to_png
from atlas.core.report import Block, Bullets, Heading, Paragraph, Picture, Report, Table, clean
from atlas.core.view import Compared, View, to_address, to_query
from atlas.i18n import translate
from atlas.io.assets import font_path
from atlas.io.markdown import to_markdown
from atlas.io.word import to_docx
from atlas.operations.change_map import bounds_of, one_map
from atlas.operations.change_output import to_geojson, to_rows, to_values
from atlas.operations.change_words import plain_text, tell
from atlas.operations.find import known_editions
from atlas.operations.show import align, csv_bytes, read_layer
from atlas.operations.web_map import BACKGROUND, screen_layer

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapLayer
    from atlas.operations.compare import Comparison

FORMS = ("table", "txt", "md", "docx", "json", "csv", "geojson")
"""What a comparison can be written as; ``table`` is for a terminal."""
TERMINAL_NAME = 48
"""Characters of a name that a terminal's table shows."""


def render(comparison: Comparison, form: str, *, lang: str, made: dt.date, folder: Path) -> bytes:
    """A comparison in one of :data:`FORMS`.

    Parameters
    ----------
    comparison
        Two states of a layer.
    form
        One of the forms.
    lang
        Language of words.
    made
        Day that a document says it was made on.
    folder
        Where the layers of the map's background lie.

    Raises
    ------
    AssetsMissing
        If the font of the map was not installed.
    """
    if form == "json":
        return (json.dumps(to_values(comparison), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "geojson":
        return to_geojson(comparison)
    if form == "csv":
        return csv_bytes(_csv_lines(comparison, lang))
    if form == "txt":
        return plain_text(tell(comparison, lang)).encode()
    if form == "table":
        return _terminal(comparison, lang).encode()
    background = read_background(folder, comparison.known_by)
    report = to_report(comparison, lang, made=made, picture=draw(comparison, background, lang))
    return to_docx(report, made=made) if form == "docx" else to_markdown(report)


def _terminal(comparison: Comparison, lang: str) -> str:
    telling = tell(comparison, lang)
    head = f"{telling.title}\n{telling.states}\n{telling.summary}\n"
    if comparison.diff.is_empty:
        return head
    names, lines = _table(comparison, lang)
    short = [[clean(cell)[:TERMINAL_NAME] for cell in line] for line in lines]
    return head + "\n" + align([tuple(names), *map(tuple, short)]) + "\n"


def _csv_lines(comparison: Comparison, lang: str) -> list[list[object]]:
    """The table with full figures, each row with what it was made from."""
    rows = to_rows(comparison, lang)
    origin = {
        "layer": comparison.info.id, "old_state": comparison.old.label,
        "new_state": comparison.new.label, "known_by": comparison.known_by.isoformat(),
        "old_sha256": comparison.old.edition.sha256, "new_sha256": comparison.new.edition.sha256,
        "unit": comparison.unit,
    }  # fmt: skip
    names = [*(rows[0] if rows else ()), *origin]
    return [names, *([(row | origin)[name] for name in names] for row in rows)]


def _table(comparison: Comparison, lang: str) -> tuple[list[str], list[list[str]]]:
    """Head and lines of the table, with numbers as a reader wants them."""
    rows = to_rows(comparison, lang)
    names = [name for name in rows[0] if any(row[name] not in ("", 0.0) for row in rows)]
    lines = [[_cell(row[name], lang) for name in names] for row in rows]
    unit = f" ({comparison.unit})" if comparison.unit else ""
    head = [
        translate(f"change.column.{name}", lang) + (unit if _is_size(name) else "")
        for name in names
    ]
    return head, lines


def _is_size(name: str) -> bool:
    return name in ("old", "new", "gained", "lost", "kept", "transferred")


def _cell(value: object, lang: str) -> str:
    if value is None:
        return translate("table.unknown", lang)
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def read_background(folder: Path, known_by: dt.date) -> list[MapLayer]:
    """Background layers of a map, as published by a day and in force on it."""
    editions = known_editions(folder, BACKGROUND, known_by=known_by)
    layers = [
        read_layer(folder, edition.layer, known_by=known_by, edition=edition.edition)
        for edition in editions
    ]
    return [screen_layer(la, known_by, districts=None, background=True) for la in layers]


def draw(comparison: Comparison, background: list[MapLayer], lang: str) -> bytes:
    """The map of a comparison as PNG; empty if nothing differs on the ground."""
    box = bounds_of(comparison)
    if box is None:
        return b""
    telling = tell(comparison, lang)
    return to_png(
        one_map(comparison, background), lang=lang, title=telling.title,
        notes=(telling.states, *_origin(comparison, lang)), bounds=_with_margin(box),
        font=font_path(),
    )  # fmt: skip


def _with_margin(
    box: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    margin = max(0.05, 0.06 * max(box[2] - box[0], box[3] - box[1]))
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def to_report(comparison: Comparison, lang: str, *, made: dt.date, picture: bytes) -> Report:
    """A comparison as a document: words, map, table, then sources and method.

    Parameters
    ----------
    comparison
        Two states of a layer.
    lang
        Language of the document.
    made
        Day that it says it was made on.
    picture
        Its map as PNG; none if empty.
    """
    telling = tell(comparison, lang)
    blocks: list[Block] = [Paragraph(telling.states), Paragraph(telling.summary)]
    if telling.paragraphs:
        blocks.append(Bullets(tuple(text for _, text in telling.paragraphs)))
    if picture:
        blocks.append(Heading(translate("change.map", lang)))
        alt = translate("change.map_alt", lang, title=telling.title)
        blocks.append(Picture(picture, alt=alt, caption=telling.states))
    if not comparison.diff.is_empty:
        head, lines = _table(comparison, lang)
        numeric = tuple(place for place, name in enumerate(head) if f"({comparison.unit})" in name)
        blocks += [
            Heading(translate("change.table", lang)),
            Table(tuple(head), tuple(map(tuple, lines)), numeric=numeric),
        ]
    blocks += _record(comparison, lang, made)
    return Report(telling.title, lang, tuple(blocks))


def _record(comparison: Comparison, lang: str, made: dt.date) -> list[Block]:
    """Where every figure comes from, and how to see it again."""
    address = to_address(
        to_query(view_of(comparison), today=made, lang=lang, compared=True), "changes"
    )
    return [
        Heading(translate("change.sources", lang)),
        Bullets((
            *_origin(comparison, lang), *_documents(comparison, lang),
            translate("change.licence", lang, licence=comparison.info.licence,
                      attribution=comparison.info.attribution[lang]),
        )),
        Heading(translate("change.method", lang)),
        Paragraph(translate("words.method", lang)),
        Paragraph(comparison.info.accuracy[lang]),
        Paragraph(translate("change.made", lang, day=made.isoformat(), address=address)),
        Paragraph(translate("app.notice", lang)),
    ]  # fmt: skip


def _origin(comparison: Comparison, lang: str) -> list[str]:
    """Layer and editions with their hash, each once."""
    editions = {side.edition.edition: side.edition for side in (comparison.old, comparison.new)}
    return [
        translate(
            "change.origin", lang, layer=comparison.info.title[lang], edition=edition.edition,
            day=edition.published.isoformat(), hash=edition.sha256[:12],
        )
        for edition in editions.values()
    ]  # fmt: skip


def _documents(comparison: Comparison, lang: str) -> list[str]:
    """Sources of the rows that differ, each once; rows without one are said to have none."""
    told: dict[str, None] = {}
    for rows in (comparison.diff.old, comparison.diff.new):
        for row in rows.drop(columns="geometry").to_dict("records"):
            source = row.get("source_url") or row.get("change_source")
            if not row["sourced"]:
                told[translate("change.unsourced", lang, name=row[f"name_{lang}"])] = None
            elif isinstance(source, str):
                told[source] = None
    return list(told)


def view_of(comparison: Comparison) -> View:
    """The view that shows the same on the page of changes."""
    compared = Compared(
        comparison.info.id, comparison.by, comparison.old.label, comparison.new.label,
        comparison.feature,
    )  # fmt: skip
    return View((), known_by=comparison.known_by, compared=compared)
