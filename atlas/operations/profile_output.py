"""A profile as rows, as plain values, and as files; the method goes with every number."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any

from atlas.i18n import LANGUAGES, translate
from atlas.operations.grammar import listed, share_text, size_text
from atlas.operations.ground import CLASSES
from atlas.operations.profile import Passed, Profile, Strip, by_value, figures
from atlas.operations.row_words import with_version
from atlas.operations.show import align, csv_bytes
from atlas.operations.tables import records, xlsx_bytes
from atlas.operations.zonal_output import ground_values, method_rows, plain

if TYPE_CHECKING:
    import pandas as pd

KM_DECIMALS = 6
FORMS = ("table", "json", "csv", "xlsx")
LINE_COLUMNS = ("of", "from_km", "to_km", "length_km", "value", "name", "name_en")


def strip_rows(strip: Strip) -> list[dict[str, Any]]:
    """One row a piece of one value: from, to, length, value, and what a class stands for."""
    rows = zip(strip.start_km, strip.end_km, strip.values, strip.covered, strict=True)
    return [
        {
            "of": strip.ground.name, "from_km": round(float(start), KM_DECIMALS),
            "to_km": round(float(end), KM_DECIMALS),
            "length_km": round(float(end - start), KM_DECIMALS), "value": plain(float(value)),
            **_names(strip, float(value), covered=bool(covered)),
        }
        for start, end, value, covered in rows
    ]  # fmt: skip


def _names(strip: Strip, value: float, *, covered: bool) -> dict[str, str]:
    words = [value_words(strip, value, lang, covered=covered) for lang in LANGUAGES]
    return dict(zip(("name", "name_en"), words, strict=True))


def value_words(strip: Strip, value: float, lang: str, *, covered: bool) -> str:
    """What a piece of a strip is: its class, its unit, no value, or not covered."""
    if not covered:
        return translate("ground.state.not-covered", lang)
    if math.isnan(value):
        return translate("ground.no_value", lang)
    if strip.ground.kind == CLASSES:
        return strip.ground.class_title(value, lang)
    return strip.ground.unit[lang]


def sum_rows(strip: Strip) -> list[dict[str, Any]]:
    """Length and share of each class along the line, the longest first."""
    table: pd.DataFrame = by_value(strip).sort_values("length_km", ascending=False)
    return [
        {
            "value": plain(float(row.value)),
            **_names(strip, float(row.value), covered=bool(row.covered)),
            "length_km": round(float(row.length_km), KM_DECIMALS),
            "share": round(float(row.share), 9),
        }
        for row in records(table)
    ]


def passed_rows(passed: Passed) -> list[dict[str, Any]]:
    """One row a stretch inside a feature, in order along the line."""
    held = passed.stretches
    order = sorted(range(len(held.thing)), key=lambda n: (held.start_km[n], held.thing[n]))
    rows = []
    for number in order:
        feature = passed.features.iloc[int(held.thing[number])].to_dict()
        start, end = float(held.start_km[number]), float(held.end_km[number])
        names = {lang: with_version(str(feature[f"name_{lang}"]), feature, lang)
                 for lang in LANGUAGES}  # fmt: skip
        rows.append({
            "of": passed.info.id, "from_km": round(start, KM_DECIMALS),
            "to_km": round(end, KM_DECIMALS), "length_km": round(end - start, KM_DECIMALS),
            "value": feature["id"], "name": names["zh"], "name_en": names["en"],
        })  # fmt: skip
    return rows


def to_rows(found: Profile) -> list[dict[str, Any]]:
    """Every piece of every strip, then every stretch in a feature."""
    rows = [row for strip in found.strips for row in strip_rows(strip)]
    return rows + [row for passed in found.passed for row in passed_rows(passed)]


def provenance(found: Profile) -> dict[str, Any]:
    """Which line, which rasters, which layers, on which day, and how."""
    line = found.line.edition
    return {
        "line": found.line.name, "title": found.line.title,
        "line_edition": line.edition if line else None,
        "line_sha256": line.sha256 if line else None,
        "length_km": round(found.way.length_km, KM_DECIMALS),
        "day": found.day.isoformat(), "known_by": found.known_by.isoformat(),
        "rasters": [ground_values(strip.ground) for strip in found.strips],
        "layers": [
            {"layer": one.info.id, "edition": one.edition.edition, "sha256": one.edition.sha256,
             "extent_not_published": list(one.undrawn)}
            for one in found.passed
        ],
        "method": {lang: translate("ground.profile_method", lang) for lang in LANGUAGES},
    }  # fmt: skip


def to_values(found: Profile) -> dict[str, Any]:
    """A profile as plain values: sums and figures of each raster, and all pieces."""
    strips = [
        {"raster": strip.ground.name, "sums": sum_rows(strip)}
        | ({} if strip.ground.kind == CLASSES else {
            name: plain(value) for name, value in figures(strip).items()})
        for strip in found.strips
    ]  # fmt: skip
    return provenance(found) | {"strips": strips, "rows": to_rows(found)}


def render(found: Profile, form: str, *, lang: str, made: dt.date) -> bytes:
    """A profile in one of :data:`FORMS`; arguments as of ``zonal_output.render``."""
    if form == "json":
        return (json.dumps(to_values(found), ensure_ascii=False, indent=1) + "\n").encode()
    rows = to_rows(found)
    if form == "xlsx":
        told = method_rows(provenance(found))
        return xlsx_bytes({"profile": rows, "method": told}, made=made)
    if form == "csv":
        lines = ([row[name] for name in LINE_COLUMNS] for row in rows)
        return csv_bytes([LINE_COLUMNS, *lines])
    return terminal(found, lang).encode("utf-8")


def terminal(found: Profile, lang: str) -> str:
    """A profile as text: what it passes, with the length in each."""
    parts = [f"{found.line.title[lang]} · {found.day.isoformat()} · {_km(found.way.length_km)}"]
    for strip in found.strips:
        parts += [strip.ground.title[lang], strip_sentence(strip, lang), _sums(strip, lang)]
    for passed in found.passed:
        parts += [passed.info.title[lang], _stretches(passed, lang)]
        parts += undrawn_words(passed, lang)
    notes = [f"{s.ground.title[lang]}: {s.ground.resolution[lang]} · {s.ground.accuracy[lang]}"
             for s in found.strips]  # fmt: skip
    return "\n\n".join([*parts, *notes, translate("ground.profile_method", lang)]) + "\n"


def _km(length_km: float) -> str:
    return f"{length_km:,.1f} km"


def _sums(strip: Strip, lang: str) -> str:
    if strip.ground.kind != CLASSES:
        columns = ("from_km", "to_km", "value")
        return align([
            tuple(translate(f"ground.column.{name}", lang) for name in columns),
            *((f"{row['from_km']:.1f}", f"{row['to_km']:.1f}",
               row["name" if lang == "zh" else "name_en"] if row["value"] is None
               else f"{row['value']:g}") for row in strip_rows(strip)),
        ])  # fmt: skip
    name = "name" if lang == "zh" else "name_en"
    head = tuple(translate(f"ground.column.{key}", lang) for key in ("class", "length_km", "share"))
    return align([head, *(
        (row[name], f"{row['length_km']:,.1f}", share_text(row["share"], lang))
        for row in sum_rows(strip)
    )])  # fmt: skip


def _stretches(passed: Passed, lang: str) -> str:
    rows = passed_rows(passed)
    if not rows:
        return translate("ground.passes_none", lang)
    name = "name" if lang == "zh" else "name_en"
    columns = ("name", "from_km", "to_km", "length_km")
    head = tuple(translate(f"ground.column.{key}", lang) for key in columns)
    return align([head, *(
        (row[name], *(f"{row[key]:,.1f}" for key in columns[1:])) for row in rows
    )])  # fmt: skip


def strip_sentence(strip: Strip, lang: str) -> str:
    """A raster along the line in one sentence."""
    covered = strip.length_km[strip.covered & (strip.values == strip.values)].sum()
    if not covered:
        return translate("ground.strip_nothing", lang, raster=strip.ground.title[lang])
    if strip.ground.kind == CLASSES:
        parts = [
            translate("ground.tell_class", lang, share=share_text(row["share"], lang),
                      title=row["name" if lang == "zh" else "name_en"],
                      size=size_text(row["length_km"], "km", lang))
            for row in sum_rows(strip)[:4]
        ]  # fmt: skip
        return translate("ground.strip_classes", lang, parts=listed(parts, lang))
    told = {name: f"{value:,.4g}" for name, value in figures(strip).items()}
    unit = strip.ground.unit[lang] or translate("ground.unit_unknown", lang)
    return translate("ground.strip_quantity", lang, unit=unit, **told)


def undrawn_words(passed: Passed, lang: str) -> list[str]:
    """Features in force of which it is not known whether the line passes them."""
    names = [name[lang] for name in passed.undrawn]
    return [translate("ground.undrawn", lang, names=", ".join(names))] if names else []
