"""What ``atlas overlap`` and the page of overlaps put out: tables for a terminal, and files."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from atlas.core.crs import STORAGE_CRS
from atlas.core.geometry import canonical
from atlas.i18n import LANGUAGES, translate
from atlas.io.geojson import feature_line
from atlas.operations.grammar import share_text
from atlas.operations.overlap import SIZE, Overlap, OverlapChange
from atlas.operations.overlap_output import (
    SIZE_DECIMALS,
    change_rows,
    pair_rows,
    provenance,
    to_rows,
    zone_values,
)
from atlas.operations.show import align, csv_bytes
from atlas.operations.tables import parquet_bytes, records, xlsx_bytes

if TYPE_CHECKING:
    from atlas.operations.cross import Crossed
    from atlas.operations.links import RailLinks

TERMINAL_COLUMNS = ("zone", "feature", "plan_version", "part", "share_of_zone", "share_of_feature")
NAME_SHOWN = 28


def terminal(found: Overlap | OverlapChange, lang: str) -> str:
    """An overlap as aligned text, its largest cells first, and how it was measured."""
    name = found.size_name
    if isinstance(found, OverlapChange):
        rows = sorted(change_rows(found), key=lambda row: -(row["gained"] + row["lost"]))
        columns = ("zone", "feature", "old", "new", "kept", "gained", "lost")
        rows = [row for row in rows if row["gained"] or row["lost"]]
    else:
        rows = sorted(to_rows(found), key=lambda row: -row[name])
        columns = (*TERMINAL_COLUMNS[:4], name, *TERMINAL_COLUMNS[4:])
    lines = [columns, *(tuple(_cell(row, column, lang) for column in columns) for row in rows)]
    origin = provenance(found)
    head = f"{origin['title'][lang]} · {' '.join(origin['days'])} · {origin['known_by']}"
    notes = [translate("overlap.method", lang)]
    if isinstance(found, OverlapChange) and found.unknown:
        notes.insert(0, translate("overlap.unknown", lang, ids=", ".join(sorted(found.unknown))))
    return "\n\n".join([head, align(lines), *notes]) + "\n"


def _cell(row: dict[str, Any], column: str, lang: str) -> str:
    value = row[f"{column}_en"] if lang == "en" and f"{column}_en" in row else row[column]
    if column.startswith("share"):
        return "" if value is None else share_text(value, lang)
    if isinstance(value, float):
        return f"{value:,.1f}"
    return str(value)[:NAME_SHOWN]


def render_pairs(found: Overlap, links: RailLinks, form: str, *, lang: str, made: dt.date) -> bytes:
    """What each two zones share, as ``table``, ``json``, ``csv``, ``xlsx`` or ``parquet``."""
    rows = pair_rows(found, links.lines)
    if form == "json":
        origin = provenance(found) | {"rail_editions": [e.sha256 for e in links.editions]}
        text = json.dumps(origin | {"pairs": rows}, ensure_ascii=False, indent=1)
        return (text + "\n").encode()
    if form == "xlsx":
        return xlsx_bytes({"pairs": rows}, made=made)
    flat = [row | {n: json.dumps(row[n], ensure_ascii=False) for n in ("shared", "held", "lines")}
            for row in rows]  # fmt: skip
    if form == "parquet":
        return parquet_bytes(flat, None, provenance(found))
    if form == "csv":
        return csv_bytes([list(flat[0]), *(list(row.values()) for row in flat)] if flat else [])
    shown = sorted((row for row in rows if row["shared"]), key=lambda row: -len(row["shared"]))
    end = "_en" if lang == "en" else ""
    head = ("zone", "other", "shared", "jaccard", "lines", "border_km")
    lines: list[tuple[str, ...]] = [head, *(
        (row[f"zone{end}"], row[f"other{end}"], str(len(row["shared"])), f"{row['jaccard']:.2f}",
         str(len(row["lines"])), f"{row['border_km']:,.1f}")
        for row in shown
    )]  # fmt: skip
    return (align(lines) + "\n").encode()


def cross_rows(crossed: Crossed) -> list[dict[str, Any]]:
    """One row a zone and pair of features that lie on each other there."""
    pieces, zones = crossed.crossing.pieces, crossed.zones.rows
    name = SIZE[crossed.second.kind]
    points = crossed.crossing.points.groupby(["area", "line"]).size().to_dict()
    told = []
    for row in records(crossed.crossing.by_zone):
        piece = pieces.iloc[row.piece]
        area, other = (int(piece[column]) for column in ("area", "other"))
        first, second = crossed.areas.iloc[area], crossed.others.iloc[other]
        values = {
            "zone_id": zones["id"].iloc[row.zone], "zone": zones["name_zh"].iloc[row.zone],
            "zone_en": zones["name_en"].iloc[row.zone],
            "first_id": first["id"], "first_version": first["plan_version"],
            "first_part": first["part"], "first": first["name_zh"], "first_en": first["name_en"],
            "second_id": second["id"], "second_version": second["plan_version"],
            "second_part": second["part"], "second": second["name_zh"],
            "second_en": second["name_en"], name: round(float(row.size), SIZE_DECIMALS),
            "relation": crossed.relation,
        }  # fmt: skip
        if crossed.second.kind == "line":
            values["crossings_whole_line"] = points.get((area, other), 0)
        told.append(values)
    return told


def cross_provenance(crossed: Crossed) -> dict[str, Any]:
    """What was crossed: both layers with their editions, the day, the zones, the method."""
    infos = (crossed.first, crossed.second)
    return {
        "layers": [
            {"layer": info.id, "title": info.title, "edition": edition.edition,
             "sha256": edition.sha256, "licence": info.licence, "attribution": info.attribution}
            for info, edition in zip(infos, crossed.editions, strict=True)
        ],
        "day": crossed.day.isoformat(), "known_by": crossed.known_by.isoformat(),
        "zones": zone_values(crossed.zones), "relation": crossed.relation,
        "relation_note": {lang: translate("overlap.relation_note", lang) for lang in LANGUAGES},
        "method": {lang: translate("overlap.method", lang) for lang in LANGUAGES},
    }  # fmt: skip


def cross_totals(crossed: Crossed) -> list[dict[str, Any]]:
    """Of each zone, what both layers have in common there, counted once."""
    rows = zip(crossed.zones.rows.itertuples(), crossed.crossing.union, strict=True)
    return [
        {"zone_id": row.id, "zone": row.name_zh, "zone_en": row.name_en,
         "both": round(float(size), SIZE_DECIMALS)}
        for row, size in rows
        if size > 0
    ]  # fmt: skip


def render_cross(crossed: Crossed, form: str, *, lang: str, made: dt.date) -> bytes:
    """Two layers on each other, as ``table``, ``json``, ``csv``, ``xlsx`` or ``geojson``."""
    rows, origin = cross_rows(crossed), cross_provenance(crossed)
    if form == "json":
        values = origin | {"rows": rows, "zone_totals": cross_totals(crossed)}
        return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "xlsx":
        return xlsx_bytes({"overlap": rows, "zones": cross_totals(crossed)}, made=made)
    if form == "geojson":
        return _cross_geojson(crossed, origin)
    if form == "parquet":
        return parquet_bytes(rows, None, origin)
    if form == "csv":
        return csv_bytes([list(rows[0]), *(list(row.values()) for row in rows)] if rows else [])
    name = SIZE[crossed.second.kind]
    end = "_en" if lang == "en" else ""
    lines: list[tuple[str, ...]] = [("zone", "first", "second", name)]
    lines += [
        (row[f"zone{end}"], row[f"first{end}"][:NAME_SHOWN], row[f"second{end}"][:NAME_SHOWN],
         f"{row[name]:,.1f}")
        for row in sorted(rows, key=lambda row: -row[name])
    ]  # fmt: skip
    note = translate("overlap.relation_note", lang)
    return f"{crossed.relation}\n\n{align(lines)}\n\n{note}\n".encode()


def _cross_geojson(crossed: Crossed, origin: dict[str, Any]) -> bytes:
    """The pieces, and the points where lines cross a border."""
    head = json.dumps({"type": "FeatureCollection", **origin}, ensure_ascii=False)
    pieces = crossed.crossing.pieces.to_crs(STORAGE_CRS)
    points = crossed.crossing.points.to_crs(STORAGE_CRS)
    lines = []
    for row in pieces.itertuples():
        first, second = crossed.areas.iloc[row.area], crossed.others.iloc[row.other]
        values = {
            "kind": "piece", "relation": crossed.relation, "first_id": first["id"],
            "first_version": first["plan_version"], "second_id": second["id"],
            "second_version": second["plan_version"], "size": round(float(row.size), SIZE_DECIMALS),
        }  # fmt: skip
        lines.append(feature_line(values, canonical(row.geometry)))
    for row in points.itertuples():
        values = {"kind": "crossing", "first_id": crossed.areas["id"].iloc[row.area],
                  "second_id": crossed.others["id"].iloc[row.line]}  # fmt: skip
        lines.append(feature_line(values, canonical(row.geometry)))
    return (head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")
