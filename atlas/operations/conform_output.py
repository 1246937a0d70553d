"""A lower plan held against an upper one as a file or a map: table, values, sheets, shapes."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from atlas.cartography.map_document import MapLayer
from atlas.cartography.style import read_style
from atlas.core.crs import STORAGE_CRS
from atlas.core.geometry import canonical
from atlas.core.land_use import LAND_USES
from atlas.core.layer import Layer
from atlas.core.schema import Column
from atlas.i18n import LANGUAGES, in_both, translate
from atlas.io.geojson import feature_line
from atlas.operations import conform_words as words
from atlas.operations.grammar import share_text
from atlas.operations.overlap import SIZE
from atlas.operations.overlap_output import SIZE_DECIMALS
from atlas.operations.row_words import version_words
from atlas.operations.show import align, csv_bytes
from atlas.operations.tables import xlsx_bytes

if TYPE_CHECKING:
    from atlas.operations.conform import Conformed

FORMS = ("table", "json", "csv", "xlsx", "geojson")
SIZES = ("size", "carried", "left_out", "contradicted")
CONFORM = "conform"
"""Id of the layer on the map, and name of its style."""
NAME_SHOWN, CLASHES_TOLD = 34, 6
COLUMNS = (
    "column_feature", "column_version", "column_verdict", "column_share_carried",
    "column_carried", "column_left_out", "column_contradicted", "column_size",
)  # fmt: skip


def feature_rows(found: Conformed) -> list[dict[str, Any]]:
    """One row an upper feature."""
    unit = SIZE[found.upper.kind]
    told = []
    for place, row in enumerate(found.result.features.to_dict("records")):
        upper = found.upper_rows.iloc[place]
        known = not math.isnan(row["share_carried"])
        values: dict[str, Any] = {
            "upper_id": upper["id"], "upper_version": upper["plan_version"],
            "upper_part": upper["part"], "upper": upper["name_zh"], "upper_en": upper["name_en"],
            "unit": unit,
        }  # fmt: skip
        for name in SIZES:
            values[name] = round(float(row[name]), SIZE_DECIMALS) if known else None
        for name in SIZES[1:]:
            values[f"share_{name}"] = round(float(row[f"share_{name}"]), 6) if known else None
        values["verdict"] = row["verdict"]
        values["contradicts"] = bool(row["is_contradicted"])
        told.append(values)
    return told


def zone_rows(found: Conformed) -> list[dict[str, Any]]:
    """One row a zone and upper feature."""
    zones, unit = found.zones.rows, SIZE[found.upper.kind]
    told = []
    for row in found.result.by_zone.to_dict("records"):
        zone, upper = zones.iloc[int(row["zone"])], found.upper_rows.iloc[int(row["feature"])]
        told.append({
            "zone_id": zone["id"], "zone": zone["name_zh"], "zone_en": zone["name_en"],
            "upper_id": upper["id"], "upper_version": upper["plan_version"],
            "upper_part": upper["part"], "upper": upper["name_zh"], "upper_en": upper["name_en"],
            "unit": unit, **{name: round(float(row[name]), SIZE_DECIMALS) for name in SIZES},
        })  # fmt: skip
    return told


def clash_rows(found: Conformed) -> list[dict[str, Any]]:
    """One row a lower feature that contradicts an upper one."""
    unit = SIZE[found.upper.kind]
    told = []
    for row in found.result.clashes.to_dict("records"):
        upper = found.upper_rows.iloc[int(row["feature"])]
        lower = found.lower.rows.iloc[int(row["lower"])]
        told.append({
            "upper_id": upper["id"], "upper_version": upper["plan_version"],
            "upper_part": upper["part"], "lower_id": lower["id"],
            "lower_version": lower["plan_version"], "lower_part": lower["part"],
            "lower": lower["name_zh"], "lower_en": lower["name_en"], "lower_use": lower["use"],
            "unit": unit, "size": round(float(row["size"]), SIZE_DECIMALS),
        })  # fmt: skip
    return told


def provenance(found: Conformed) -> dict[str, Any]:
    """What was held against what: editions or file with hashes, days, thresholds, rule."""
    lower = found.lower
    return {
        "lower": {
            "name": lower.name, "title": lower.title,
            "edition": lower.edition.edition if lower.edition else None,
            "sha256": lower.edition.sha256 if lower.edition else lower.sha256,
            "class_column": lower.class_column or None, "judged": lower.judged,
            "unmapped_classes": dict(lower.unmapped),
        },
        "upper": {
            "layer": found.upper.id, "title": found.upper.title,
            "edition": found.upper_edition.edition, "sha256": found.upper_edition.sha256,
            "use": found.upper_use, "not_counted": dict(found.uncounted),
            "licence": found.upper.licence, "attribution": found.upper.attribution,
        },
        "zones": {
            "name": found.zones.name,
            "sha256": found.zones.edition.sha256 if found.zones.edition else found.zones.sha256,
        },
        "day": found.day.isoformat(), "known_by": found.known_by.isoformat(),
        "thresholds": asdict(found.thresholds),
        "method": {lang: list(words.method_texts(found, lang)) for lang in LANGUAGES},
        "land_uses": [asdict(entry) for entry in LAND_USES] if lower.class_column else [],
    }  # fmt: skip


def render(found: Conformed, form: str, *, lang: str, made: dt.date) -> bytes:
    """A conformance in one of :data:`FORMS`; ``csv`` holds the rows by zone."""
    if form == "json":
        values = provenance(found) | {
            "words": {code: list(words.tell(found, code)) for code in LANGUAGES},
            "features": feature_rows(found), "by_zone": zone_rows(found),
            "clashes": clash_rows(found),
        }  # fmt: skip
        return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "csv":
        rows = zone_rows(found)
        return csv_bytes([list(rows[0]), *(list(row.values()) for row in rows)] if rows else [])
    if form == "xlsx":
        sheets = {"features": feature_rows(found), "zones": zone_rows(found),
                  "clashes": clash_rows(found)}  # fmt: skip
        return xlsx_bytes(sheets, made=made)
    if form == "geojson":
        return to_geojson(found)
    return terminal(found, lang).encode()


def terminal(found: Conformed, lang: str) -> str:
    """A conformance as text: sentences, a line an upper feature, thresholds, origin."""
    lines = [tuple(translate(f"conform.{name}", lang) for name in COLUMNS)]
    lines += [(line[0][:NAME_SHOWN], *line[1:]) for line, _ in table_lines(found, lang)]
    told = [words.title(found, lang), "\n".join(words.tell(found, lang)), align(lines)]
    table = found.result.features
    worst = table[table["is_contradicted"]].sort_values("contradicted", ascending=False)
    clashing = [words.tell_feature(found, int(place), lang) for place in worst.index[:CLASHES_TOLD]]
    told += ["\n".join(clashing)] if clashing else []
    told.append("\n".join((*words.method_texts(found, lang), *words.origin_texts(found, lang))))
    return "\n\n".join(told) + "\n"


def table_lines(found: Conformed, lang: str) -> list[tuple[tuple[str, ...], int]]:
    """A line an upper feature with a known extent, and its position; the least carried first."""
    table = found.result.features
    order = table[table["verdict"].notna()].sort_values(
        ["share_carried", "size"], ascending=[True, False], kind="stable"
    )
    lines: list[tuple[tuple[str, ...], int]] = []
    for place, row in order.iterrows():
        upper = found.upper_rows.iloc[int(str(place))]
        sizes = {name: words.size_words(found, float(row[name]), lang) for name in SIZES}
        line = (
            str(upper[f"name_{lang}"]), version_words(upper, lang),
            translate(f"conform.verdict_{row['verdict']}", lang),
            share_text(float(row["share_carried"]), lang), sizes["carried"], sizes["left_out"],
            sizes["contradicted"], sizes["size"],
        )  # fmt: skip
        lines.append((line, int(str(place))))
    return lines


def to_geojson(found: Conformed) -> bytes:
    """Pieces of upper features with their state, EPSG:4326."""
    head = json.dumps({"type": "FeatureCollection", **provenance(found)}, ensure_ascii=False)
    lines = []
    for row in found.shapes().itertuples():
        upper = found.upper_rows.iloc[row.feature]
        values = {
            "upper_id": upper["id"], "upper_version": upper["plan_version"],
            "upper_part": upper["part"], "name_zh": upper["name_zh"], "name_en": upper["name_en"],
            "state": row.state, SIZE[found.upper.kind]: round(float(row.size), SIZE_DECIMALS),
        }  # fmt: skip
        lines.append(feature_line(values, canonical(row.geometry)))
    return (head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def to_map_layer(found: Conformed, feature: int | None = None) -> MapLayer:
    """Pieces as a layer that a map draws: of all upper features, or of one (its position)."""
    pieces = found.shapes()
    if feature is not None:
        pieces = pieces[pieces["feature"] == feature]
    count = len(pieces)
    table: dict[str, list[Any]] = {
        "id": [f"{row.state}-{row.Index}" for row in pieces.itertuples()],
        "plan_version": ["current"] * count, "part": ["whole"] * count,
        "status": ["in-force"] * count, "sourced": [True] * count,
        "unsourced": [[] for _ in range(count)], "change": pieces["state"].to_list(),
    }  # fmt: skip
    for column in ("valid_from", "valid_from_precision", "valid_to", "valid_to_precision"):
        table[column] = [None] * count
    for lang in LANGUAGES:
        names = found.upper_rows[f"name_{lang}"].to_numpy(object)[pieces["feature"].astype(int)]
        table[f"name_{lang}"] = [str(name) for name in names]
        table[f"size_{lang}"] = [
            words.size_words(found, float(size), lang) for size in pieces["size"]
        ]
    rows = gpd.GeoDataFrame(table, geometry=list(pieces.geometry), crs=STORAGE_CRS)
    title = {lang: words.title(found, lang) for lang in LANGUAGES}
    info = replace(
        found.upper, id=CONFORM, style=CONFORM, title=title,
        columns=(Column("size", title=in_both("change.column.size")),),
    )  # fmt: skip
    return MapLayer(Layer(info, found.upper_edition, rows), rows, read_style(CONFORM))
