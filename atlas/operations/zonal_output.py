"""What lies in zones as rows, as plain values, and as files; the method goes with every number."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any

from atlas.analysis.zonal import PERCENTILES
from atlas.core.crs import WORKING_PROJ
from atlas.i18n import LANGUAGES, translate
from atlas.operations.grammar import share_text
from atlas.operations.overlap_output import zone_values
from atlas.operations.show import align, csv_bytes
from atlas.operations.tables import xlsx_bytes
from atlas.operations.zonal import NOWHERE, Zonal, ZonalChange

if TYPE_CHECKING:
    from atlas.operations.ground import Ground

AREA_DECIMALS, SHARE_DECIMALS, DIGITS = 6, 9, 10
FORMS = ("table", "json", "csv", "xlsx")
FIGURES = ("mean", "min", *(f"p{share * 100:.0f}" for share in PERCENTILES), "max", "total")
"""Figures of a quantity, in the order of tables."""
SHOWN_NAME = 30
HIDDEN = ("zone_id", "class_id")


def ground_values(ground: Ground) -> dict[str, Any]:
    """Where a raster is from and what its cells are."""
    values: dict[str, Any] = {
        "raster": ground.name, "title": ground.title, "sha256": ground.sha256 or None,
        "kind": ground.kind, "unit": ground.unit, "resolution": ground.resolution,
        "accuracy": ground.accuracy, "cell_m": [round(side, 3) for side in ground.cell_m],
        "crs": ground.grid.crs.name, "nodata": plain(ground.nodata),
    }  # fmt: skip
    if ground.edition and ground.info:
        values |= {
            "edition": ground.edition.edition,
            "published": ground.edition.published.isoformat(),
            "licence": ground.info.licence, "attribution": ground.info.attribution,
        }  # fmt: skip
    if ground.facts:
        facts = ground.facts
        values |= {
            "bytes": facts.size_bytes, "columns": facts.grid.columns, "rows": facts.grid.rows,
            "band": facts.band, "bands": [band.title for band in facts.bands],
            "scale": facts.scale, "offset": facts.offset, "cell_type": facts.dtype,
        }  # fmt: skip
    return values


def plain(value: float | None) -> float | None:
    """A number that JSON can hold; None for NaN."""
    return None if value is None or not math.isfinite(value) else value


def provenance(found: Zonal | ZonalChange) -> dict[str, Any]:
    """What was measured, in which zones, on which days, and how."""
    both = (found.old, found.new) if isinstance(found, ZonalChange) else (found,)
    last = both[-1]
    return ground_values(last.ground) | {
        "days": [one.day.isoformat() for one in both], "known_by": last.known_by.isoformat(),
        "zones": [zone_values(one.zones) for one in both],
        "extent_not_published": [name for one in both for name in one.held.undrawn],
        "area_crs": WORKING_PROJ,
        "method": {lang: method(last, lang) for lang in LANGUAGES},
    }  # fmt: skip


def method(found: Zonal, lang: str) -> str:
    """How the figures were measured."""
    told = [translate("ground.method", lang)]
    if found.quantity is not None:
        told.append(translate("ground.method_quantity", lang))
        if found.quantity.precision:
            share = f"{found.quantity.precision:.1g}"
            told.append(translate("ground.method_steps", lang, share=share))
    return ("" if lang == "zh" else " ").join(told)


def to_rows(found: Zonal) -> list[dict[str, Any]]:
    """One row a zone and class, or one row a zone with the figures of the quantity.

    A zone that the raster does not cover has one row without figures: not nought, not covered.
    """
    rows = []
    for zone in range(len(found.zones.rows)):
        head = zone_head(found, zone)
        told = _class_rows(found, zone) if found.classes else [_quantity_row(found, zone)]
        rows += [head | row for row in told]
    return rows


def zone_head(found: Zonal, zone: int) -> dict[str, Any]:
    """What every row says of its zone."""
    row = found.zones.rows.iloc[zone]
    return {
        "zone_id": row["id"], "zone": row["name_zh"], "zone_en": row["name_en"],
        "state": found.state(zone), "zone_km2": round(float(found.zone_km2[zone]), AREA_DECIMALS),
        "share_covered": round(float(found.covered[zone]), SHARE_DECIMALS),
        "estimated": bool(row["estimated"]), "uncertain": row["id"] in found.held.uncertain,
    }  # fmt: skip


def _class_rows(found: Zonal, zone: int) -> list[dict[str, Any]]:
    """Classes of a zone in the order of the table, and what has no value."""
    names = ("class_id", "class", "class_en", "area_km2", "share")
    classes = found.classes
    if classes is None or found.state(zone) == NOWHERE:
        return [dict.fromkeys(names)]
    known = float(found.known_km2[zone])
    areas = zip(classes.values.tolist(), classes.area_km2[zone].tolist(), strict=True)
    rows = [
        dict(zip(names, (
            value, *(found.ground.class_title(value, lang) for lang in LANGUAGES),
            round(area, AREA_DECIMALS), round(area / known, SHARE_DECIMALS),
        ), strict=True))
        for value, area in areas
        if area > 0
    ]  # fmt: skip
    empty = round(float(classes.empty_km2[zone]), AREA_DECIMALS)
    if empty:
        words = [translate("ground.no_value", lang) for lang in LANGUAGES]
        rows.append(dict(zip(names, (None, *words, empty, None), strict=True)))
    return rows


def _quantity_row(found: Zonal, zone: int) -> dict[str, Any]:
    sums = found.quantity
    names = ("known_km2", "no_value_km2", *FIGURES)
    if sums is None or found.state(zone) == NOWHERE:
        return dict.fromkeys(names)
    figures = [
        sums.mean[zone], sums.least[zone], *sums.percentiles[zone], sums.greatest[zone],
        sums.total[zone],
    ]  # fmt: skip
    areas = [round(float(area[zone]), AREA_DECIMALS) for area in (sums.known_km2, sums.empty_km2)]
    told = [plain(float(f"{figure:.{DIGITS}g}")) for figure in figures]
    return dict(zip(names, (*areas, *told), strict=True))


def change_rows(found: ZonalChange) -> list[dict[str, Any]]:
    """One row a zone and class with both days, or one row a zone with both means.

    A zone that was not there on a day, or that the raster does not cover, has no figure then;
    a class that a covered zone does not hold has nought.
    """
    held = [_by_zone(one) for one in (found.old, found.new)]
    rows = []
    for code in found.ids:
        both = [one.get(code) for one in held]
        there = next(one for one in reversed(both) if one)[0]
        head = {name: there[name] for name in ("zone_id", "zone", "zone_en")}
        head |= {
            f"{name}_{day}": one[0][name] if one else None
            for name in ("state", "zone_km2") for day, one in zip(("old", "new"), both, strict=True)
        }  # fmt: skip
        told = _class_changes(both) if found.new.classes else [_quantity_change(both)]
        rows += [head | row for row in told]
    return rows


def _by_zone(found: Zonal) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in to_rows(found):
        rows.setdefault(row["zone_id"], []).append(row)
    return rows


def _class_changes(both: list[list[dict[str, Any]] | None]) -> list[dict[str, Any]]:
    areas: list[dict[Any, float] | None] = []
    titles: dict[Any, tuple[str, str]] = {}
    for rows in both:
        measured = rows is not None and rows[0]["state"] != NOWHERE
        areas.append({row["class_id"]: row["area_km2"] for row in rows or []} if measured else None)
        titles |= {
            row["class_id"]: (row["class"], row["class_en"]) for row in rows or [] if row["class"]
        }
    if not titles:
        return [
            dict.fromkeys(("class_id", "class", "class_en", "old_km2", "new_km2", "change_km2"))
        ]
    told = []
    for code in sorted(titles, key=lambda code: (code is None, code or 0)):
        old, new = (None if area is None else area.get(code, 0.0) for area in areas)
        change = None if old is None or new is None else round(new - old, AREA_DECIMALS)
        told.append({
            "class_id": code, "class": titles[code][0], "class_en": titles[code][1],
            "old_km2": old, "new_km2": new, "change_km2": change,
        })  # fmt: skip
    return told


def _quantity_change(both: list[list[dict[str, Any]] | None]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in ("mean", "total"):
        old, new = (None if rows is None else rows[0][name] for rows in both)
        change = None if old is None or new is None else float(f"{new - old:.{DIGITS}g}")
        row |= {f"old_{name}": old, f"new_{name}": new, f"change_{name}": change}
    return row


def rows_of(found: Zonal | ZonalChange) -> list[dict[str, Any]]:
    """Rows of either."""
    return change_rows(found) if isinstance(found, ZonalChange) else to_rows(found)


def render(found: Zonal | ZonalChange, form: str, *, lang: str, made: dt.date) -> bytes:
    """What lies in zones in one of :data:`FORMS`.

    Parameters
    ----------
    found
        What was measured.
    form
        ``table`` is aligned text in ``lang``; the others hold both languages.
    lang
        Language of a table.
    made
        Day written into a workbook.
    """
    rows, origin = rows_of(found), provenance(found)
    if form == "json":
        return (json.dumps(origin | {"rows": rows}, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "xlsx":
        return xlsx_bytes({"ground": rows, "method": method_rows(origin)}, made=made)
    if form == "csv":
        last = {"raster": origin["raster"], "raster_sha256": origin["sha256"],
                "days": " ".join(origin["days"]), "known_by": origin["known_by"]}  # fmt: skip
        names = [*(rows[0] if rows else ()), *last]
        return csv_bytes([names, *([(row | last)[name] for name in names] for row in rows)])
    return terminal(found, rows, lang).encode("utf-8")


def method_rows(origin: dict[str, Any]) -> list[dict[str, Any]]:
    """What was measured and how, as rows of a sheet."""
    return [
        {"name": name, "value": value if isinstance(value, str) else
         json.dumps(value, ensure_ascii=False)}
        for name, value in origin.items()
    ]  # fmt: skip


def terminal(found: Zonal | ZonalChange, rows: list[dict[str, Any]], lang: str) -> str:
    """Rows as aligned text, what the cells can tell, and how it was measured."""
    last = found.new if isinstance(found, ZonalChange) else found
    columns = [
        name for name in (rows[0] if rows else ("zone",))
        if name not in HIDDEN and not name.endswith("_en")
        and name not in ("estimated", "uncertain")
    ]  # fmt: skip
    head = tuple(translate(f"ground.column.{name}", lang) for name in columns)
    lines = [head, *(tuple(cell_text(row, name, lang) for name in columns) for row in rows)]
    ground = last.ground
    titles = [ground.title[lang], last.zones.title[lang], *provenance(found)["days"]]
    notes = [f"{ground.resolution[lang]} · {ground.accuracy[lang]}", method(last, lang)]
    doubts = [*undrawn_words(last, lang), *uncertain_words(last, lang)]
    return "\n\n".join([" · ".join(titles), align(lines), *doubts, *notes]) + "\n"


def undrawn_words(found: Zonal, lang: str) -> list[str]:
    """Features in force that are no zones because their extent was not published."""
    names = [name[lang] for name in found.held.undrawn]
    return [translate("ground.undrawn", lang, names=", ".join(names))] if names else []


def uncertain_words(found: Zonal, lang: str) -> list[str]:
    """Zones of which it is not certain whether they were in force on the day."""
    rows = found.zones.rows
    names = rows.loc[rows["id"].isin(found.held.uncertain), f"name_{lang}"].tolist()
    if not names:
        return []
    values = {"day": found.day.isoformat(), "names": ", ".join(names)}
    return [translate("ground.uncertain", lang, **values)]


def cell_text(row: dict[str, Any], name: str, lang: str, *, most: int | None = SHOWN_NAME) -> str:
    """One cell of a table as text, names cut to ``most``; a figure that is not known is empty."""
    value = row[f"{name}_en"] if lang == "en" and f"{name}_en" in row else row[name]
    if value is None:
        return ""
    if name.startswith("state"):
        return translate(f"ground.state.{value}", lang)
    if name.startswith("share"):
        return share_text(value, lang)
    return f"{value:,.1f}" if isinstance(value, float) else str(value)[:most]
