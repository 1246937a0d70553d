"""What the place of a report holds of each layer, as tables of a document."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from atlas.cartography.style import read_variants
from atlas.core.period import as_of
from atlas.core.recipe import PLACE, SHOWN, Recipe
from atlas.core.report import Block, Bullets, Heading, Paragraph, Table
from atlas.core.view import place_parts
from atlas.i18n import LANGUAGES, translate
from atlas.operations.figure_data import Reader, of_role, shown_day
from atlas.operations.grammar import counted, share_text, size_text
from atlas.operations.overlap import Overlap, overlap_layer
from atlas.operations.overlap_words import UNITS as UNIT_WORDS
from atlas.operations.row_words import version_words
from atlas.operations.zones import ZoneSet, one_row_each, polygon_zone

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 60
"""Rows of a table; the rest is counted, and lies in the data files."""
POINT = "point"


def read_zone(recipe: Recipe, read: Reader) -> ZoneSet | None:
    """The place of a report as one zone; None if the report is about everything."""
    if not recipe.place:
        return None
    used = of_role(recipe, PLACE)
    if not used:
        west, south, east, north = (float(side) for side in recipe.place.split(","))
        sides = {"west": west, "south": south, "east": east, "north": north}
        zone = polygon_zone(shapely.box(west, south, east, north), recipe.place)
        title = {lang: translate("report.box", lang, **sides) for lang in LANGUAGES}
        return replace(zone, title=title)
    layer = read(used[0])
    _, feature = place_parts(recipe.place)
    rows = one_row_each(as_of(layer.features, shown_day(recipe)))
    rows = rows[rows["id"] == feature].reset_index(drop=True)
    title = {lang: str(rows[f"name_{lang}"].iloc[0]) for lang in LANGUAGES}
    return ZoneSet(rows, recipe.place, title, layer.edition, layer.info)


def measure(recipe: Recipe, read: Reader, zone: ZoneSet | None) -> list[Overlap]:
    """What each layer of a report has in its place; nothing without a place."""
    if zone is None:
        return []
    day, known = shown_day(recipe), recipe.known_by
    return [
        overlap_layer(read(used), zone, day=day, known_by=known, threads=2)
        for used in of_role(recipe, SHOWN)
    ]


def summary_blocks(found: list[Overlap], zone: ZoneSet | None, lang: str) -> list[Block]:
    """The place and each layer's sum, for the first page."""
    if zone is None or not found:
        return []
    area = size_text(float(found[0].zone_plane.size[0]), "km²", lang)
    lines = [translate("report.place_area", lang, place=zone.title[lang], size=area)]
    for one in found:
        rows = _real(one)
        told = translate("report.nothing", lang) if rows.empty else _sum(one, rows, lang)
        title = one.info.title[lang]
        lines.append(translate("report.summary", lang, layer=title, told=told))
    return [Bullets(tuple(lines))]


def place_blocks(found: list[Overlap], zone: ZoneSet | None, lang: str) -> list[Block]:
    """Tables of what each layer has in the place."""
    if zone is None or not found:
        return [Heading(translate("report.place", lang)),
                Paragraph(translate("report.no_place", lang))]  # fmt: skip
    blocks: list[Block] = [
        Heading(translate("report.in_place", lang, place=zone.title[lang])),
        Paragraph(translate("report.place_help", lang, day=found[0].day.isoformat())),
    ]
    for one in found:
        blocks += _layer_blocks(one, lang)
    if zone.rows["estimated"].any():
        blocks.append(Paragraph(translate("overlap.estimated", lang, zone=zone.title[lang])))
    return blocks


def _real(found: Overlap) -> pd.DataFrame:
    """Pairs of place and feature that are no slivers, the largest first."""
    rows = found.table[~found.table["sliver"].astype(bool)]
    return rows.sort_values(["size", "feature"], ascending=[False, True], kind="stable")


def _layer_blocks(found: Overlap, lang: str) -> list[Block]:
    """One layer: how much in all, and each feature in a table."""
    rows = _real(found)
    title = found.info.title[lang]
    blocks: list[Block] = [Heading(title, 2)]
    if rows.empty:
        return [*blocks, Paragraph(translate("report.nothing", lang)), *_notes(found, rows, lang)]
    blocks.append(Paragraph(_sum(found, rows, lang)))
    if found.info.kind != POINT:
        head, lines = _table(found, rows.iloc[:MOST_ROWS], lang)
        numeric = tuple(range(3, len(head)))
        blocks.append(Table(tuple(head), tuple(map(tuple, lines)), numeric=numeric))
    return [*blocks, *_notes(found, rows, lang)]


def _sum(found: Overlap, rows: pd.DataFrame, lang: str) -> str:
    """What all features cover of the place, counted once."""
    kind = found.info.kind
    if kind == POINT:
        return counted("report.points", len(rows), lang, all=f"{len(found.features):,}")
    covered, area = float(found.union[0]), float(found.zone_plane.size[0])
    size = size_text(covered, UNIT_WORDS[kind], lang)
    if kind == "polygon":
        return translate("report.area_sum", lang, size=size, share=share_text(covered / area, lang))
    return translate("report.line_sum", lang, size=size)


def _table(
    found: Overlap, rows: pd.DataFrame, lang: str
) -> tuple[list[str], list[list[str]]]:  # fmt: skip
    kind = found.info.kind
    columns = ["feature", "plan_version", "status", found.size_name]
    columns += ["share_of_zone"] if kind == "polygon" else []
    columns.append("share_of_feature")
    head = [translate(f"report.column.{name}", lang) for name in columns]
    lines = [_line(found, row, lang) for row in rows.itertuples()]
    return head, lines


def _line(found: Overlap, row: Any, lang: str) -> list[str]:
    feature = found.features.iloc[row.feature]
    version = str(feature["plan_version"])
    doubt = translate("series.mark", lang) if found.doubtful[row.feature] else ""
    cells = [
        str(feature[f"name_{lang}"]) + doubt,
        "" if version == "current" else version_words(feature, lang),
        read_variants()[feature["status"]].title[lang],
        f"{row.size:,.1f}",
    ]
    if found.info.kind == "polygon":
        cells.append(share_text(float(row.share_of_zone), lang))
    return [*cells, share_text(float(row.share_of_feature), lang)]


def _notes(found: Overlap, rows: pd.DataFrame, lang: str) -> list[Block]:
    """What a table leaves out, and what is not certain in it."""
    told = []
    if len(rows) > MOST_ROWS and found.info.kind != POINT:
        told.append(translate("report.more", lang, count=len(rows) - MOST_ROWS))
    unknown = int(found.features.geometry.isna().sum())
    if unknown:
        told.append(counted("series.unknown", unknown, lang))
    if np.asarray(found.doubtful[rows["feature"].to_numpy()]).any():
        told.append(translate("series.doubtful", lang, day=found.day.isoformat()))
    return [Bullets(tuple(told))] if told else []
