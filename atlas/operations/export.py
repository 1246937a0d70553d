"""Export layers as of a day for other programs: GeoPackage, GeoJSON, CSV and Excel."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.cartography.map_document import map_layer
from atlas.cartography.popup import in_column
from atlas.cartography.qgis_style import to_qml
from atlas.core.period import as_of
from atlas.core.schema import KEY, RECORD_COLUMNS, missing_to_none
from atlas.errors import NothingThere, WriteFailed
from atlas.i18n import translate
from atlas.io.geopackage import LayerTable, geopackage_bytes
from atlas.operations.download import shown_geojson
from atlas.operations.show import csv_bytes, read_layer
from atlas.operations.tables import xlsx_bytes
from atlas.operations.within import read_place, rows_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import Layer
    from atlas.operations.zones import ZoneSet

FORMS = ("gpkg", "geojson", "csv", "xlsx")
SOURCES, METHOD = "atlas_sources", "atlas_method"
"""Tables that no layer can be named like: an id has no underscore."""
EXCEL_SIGNS, EXCEL_ROWS, SHEET_SIGNS = 32_767, 1_048_575, 31
"""What a cell, a sheet below its head, and the name of a sheet can hold."""


@dataclass(frozen=True, eq=False)
class Taken:
    """Rows of one layer that are exported; ``unknown`` counts those left out without extent."""

    layer: Layer
    rows: gpd.GeoDataFrame
    unknown: int = 0


@dataclass(frozen=True, eq=False)
class Export:
    """Rows of layers in force on a day, as published by a day, of the whole region or a place."""

    taken: tuple[Taken, ...]
    day: dt.date
    known_by: dt.date
    place: ZoneSet | None = None


def read_export(
    folder: Path, layers: Iterable[str], *, day: dt.date, known_by: dt.date,
    place: str | None = None,
) -> Export:  # fmt: skip
    """Read what is to be exported.

    Parameters
    ----------
    folder, layers
        Where the layers lie, and which; one named twice counts once.
    day, known_by
        In force on which day, as published by which day.
    place
        Only features that share more than a border with a place, see
        :func:`atlas.operations.within.read_place`; they are not cut.

    Raises
    ------
    LayerNotFound, EditionNotFound, WrongKind, PlaceNotFound, FeatureNotFound, FileDamaged
        If a layer or the place is not there.
    NothingThere
        If no layer has anything on that day in that place.
    """
    read = [read_layer(folder, layer, known_by=known_by) for layer in dict.fromkeys(layers)]
    zone = read_place(folder, place, day=day, known_by=known_by) if place else None
    taken = tuple(_take(layer, day, zone) for layer in read)
    if not any(len(entry.rows) for entry in taken):
        raise NothingThere(
            layers=", ".join(layer.info.id for layer in read), day=day.isoformat(),
            place=place[:60] if place else "*",
        )  # fmt: skip
    return Export(taken, day, known_by, zone)


def _take(layer: Layer, day: dt.date, place: ZoneSet | None) -> Taken:
    rows = as_of(layer.features, day)
    if place is None:
        return Taken(layer, rows)
    return Taken(layer, *rows_within(rows, place))


def export_bytes(export: Export, form: str, *, lang: str, made: dt.date) -> bytes:
    """What is exported as a file: ``gpkg``, ``geojson``, ``csv`` or ``xlsx``.

    Parameters
    ----------
    export
        From :func:`read_export`.
    form
        One of :data:`FORMS`.
    lang
        Language of legends, titles and of the method; names of columns stay as they are.
    made
        Day written into the file: no clock is read.

    Raises
    ------
    WriteFailed
        If Excel cannot hold a text or that many rows, or GDAL refuses.
    """
    if form == "geojson":
        shown = [(entry.layer, entry.rows) for entry in export.taken]
        place = export.place.name if export.place else None
        return shown_geojson(shown, day=export.day, known_by=export.known_by, place=place)
    if form == "csv":
        return _csv(export, lang)
    sources, method = source_rows(export, lang, made), method_rows(export, lang, made)
    if form == "xlsx":
        return _xlsx(export, sources, method, lang, made)
    tables = [_table(entry, lang) for entry in export.taken]
    return geopackage_bytes(tables, {SOURCES: sources, METHOD: method}, made=made)


def source_rows(export: Export, lang: str, made: dt.date) -> list[dict[str, Any]]:
    """One row a layer: its edition with hash, both days, the place, licence and attribution."""
    return [
        {
            "layer": entry.layer.info.id, "title": entry.layer.info.title[lang],
            "edition": entry.layer.edition.edition,
            "published": entry.layer.edition.published.isoformat(),
            "sha256": entry.layer.edition.sha256, "in_force_on": export.day.isoformat(),
            "as_published_by": export.known_by.isoformat(),
            "place": export.place.name if export.place else "",
            "features": len(entry.rows), "left_out_without_extent": entry.unknown,
            "licence": entry.layer.info.licence,
            "attribution": entry.layer.info.attribution[lang],
            "source": entry.layer.info.source[lang],
            "accuracy": entry.layer.info.accuracy[lang], "made": made.isoformat(),
        }
        for entry in export.taken
    ]  # fmt: skip


def method_rows(export: Export, lang: str, made: dt.date) -> list[dict[str, Any]]:
    """What the file holds and how it was chosen, as names and values."""
    unknown = sum(entry.unknown for entry in export.taken)
    told = {
        "in_force_on": export.day.isoformat(), "as_published_by": export.known_by.isoformat(),
        "made": made.isoformat(), "crs": "EPSG:4326", "rows": translate("export.rows", lang),
        "shapes": translate("export.shapes", lang), "notice": translate("app.notice", lang),
    }  # fmt: skip
    if export.place:
        title = export.place.title[lang]
        told |= {"place": export.place.name, "place_name": title}
        told["place_rule"] = translate("export.place_rule", lang, place=title, count=unknown)
    return [{"name": name, "value": value} for name, value in told.items()]


def _table(entry: Taken, lang: str) -> LayerTable:
    info, edition = entry.layer.info, entry.layer.edition
    return LayerTable(
        info.id, info.title[lang], f"{info.attribution[lang]} · {info.licence} · "
        f"{edition.edition} · sha256 {edition.sha256}",
        info.kind, info.columns, entry.rows, to_qml(map_layer(entry.layer, entry.rows), lang=lang),
    )  # fmt: skip


def _names(entry: Taken) -> list[str]:
    return [column.name for column in RECORD_COLUMNS + entry.layer.info.columns]


def _values(entry: Taken) -> list[dict[str, Any]]:
    """Properties of the rows by key, without geometry."""
    names = _names(entry)
    ordered = entry.rows[names].sort_values(list(KEY)).to_dict("records")
    return [{name: missing_to_none(row[name]) for name in names} for row in ordered]


def _csv(export: Export, lang: str) -> bytes:
    """One table of all rows, each with where it is from; columns of any layer, once."""
    columns = list(dict.fromkeys(name for entry in export.taken for name in _names(entry)))
    origin = ["layer", "edition", "edition_sha256"]
    ends = ["in_force_on", "as_published_by", "licence", "attribution"]
    lines: list[list[object]] = [[*origin, *columns, *ends]]
    for entry in export.taken:
        info, edition = entry.layer.info, entry.layer.edition
        head = [info.id, edition.edition, edition.sha256]
        tail = [export.day.isoformat(), export.known_by.isoformat(), info.licence,
                info.attribution[lang]]  # fmt: skip
        lines += [[*head, *(row.get(name) for name in columns), *tail] for row in _values(entry)]
    return csv_bytes(lines)


def _xlsx(
    export: Export, sources: list[dict[str, Any]], method: list[dict[str, Any]], lang: str,
    made: dt.date,
) -> bytes:  # fmt: skip
    sheets: dict[str, Sequence[Mapping[str, Any]]] = {}
    for entry in export.taken:
        name = entry.layer.info.id[:SHEET_SIGNS]
        if name in sheets:
            name = f"{name[: SHEET_SIGNS - 3]}-{len(sheets)}"
        sheets[name] = _values(entry)
        _refuse_cut(name, sheets[name])
    titles = [
        {"layer": entry.layer.info.id, "column": name,
         "title": in_column(map_layer(entry.layer, entry.rows), name)[lang]}
        for entry in export.taken for name in _names(entry)
    ]  # fmt: skip
    rest = {"atlas_columns": titles, SOURCES: sources, METHOD: method}
    return xlsx_bytes(sheets | rest, made=made)


def _refuse_cut(sheet: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Excel cuts long texts and drops rows without a word.

    Raises
    ------
    WriteFailed
        Names the first that would be cut, and the way out.
    """
    if len(rows) > EXCEL_ROWS:
        problem = f"{len(rows):,} rows; a sheet holds {EXCEL_ROWS:,}: choose .gpkg or .csv"
        raise WriteFailed(file=f"xlsx, {sheet}", problem=problem)
    for number, row in enumerate(rows, start=2):
        for name, value in row.items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            size = len(text.encode("utf-16-le")) // 2
            if size > EXCEL_SIGNS:
                problem = (f"'{name}' has {size:,} characters; a cell holds {EXCEL_SIGNS:,}: "
                           "choose .gpkg or .csv")  # fmt: skip
                raise WriteFailed(file=f"xlsx, {sheet}, row {number}", problem=problem)
