"""A comparison as plain values, as GeoJSON of its pieces, and as rows of a table."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import shapely

from atlas.analysis.diff import column_changes
from atlas.analysis.pieces import SORTS
from atlas.core.geometry import canonical, snap
from atlas.core.schema import KEY, missing_to_none, row_key
from atlas.i18n import LANGUAGES, translate
from atlas.io.geojson import feature_line
from atlas.operations.compare import EDITIONS
from atlas.operations.grammar import listed, share_text
from atlas.operations.row_words import named, version_words

if TYPE_CHECKING:
    from atlas.analysis.diff import Change
    from atlas.operations.compare import Comparison, Side

DECIMALS = 6
"""Sizes are written to a square metre, lengths to a millimetre."""
MEASURES = ("old", "new", "gained", "lost", "kept", "transferred")
SIZE_NAMES = {"km²": "area_km2", "km": "length_km", "": "size"}


def to_values(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain values: what was compared, and every change with its evidence."""
    return {
        **provenance(comparison),
        "kept": comparison.diff.kept,
        "changes": [_change_values(comparison, n) for n in range(len(comparison.diff.changes))],
    }  # fmt: skip


def provenance(comparison: Comparison) -> dict[str, Any]:
    """What was compared: layer, both states with the edition's hash, and how it was measured."""
    info = comparison.info
    return {
        "layer": info.id, "title": info.title, "by": comparison.by,
        "feature": comparison.feature, "known_by": comparison.known_by.isoformat(),
        "old": _side_values(comparison.old),
        "new": _side_values(comparison.new),
        "unit": comparison.unit or None,
        "method": {lang: translate("words.method", lang) for lang in LANGUAGES},
        "licence": info.licence, "attribution": info.attribution,
    }  # fmt: skip


def _side_values(side: Side) -> dict[str, Any]:
    values: dict[str, Any] = {
        "edition": side.edition.edition,
        "published": side.edition.published.isoformat(),
        "sha256": side.edition.sha256,
        "rows": len(side.rows),
    }
    if side.day:
        doubtful = [row_key(dict(zip(KEY, key, strict=True))) for key in side.doubtful]
        values |= {"day": side.day.isoformat(), "uncertain": doubtful}
    return values | ({"plan_version": side.version} if side.version else {})


def _change_values(comparison: Comparison, place: int) -> dict[str, Any]:
    diff, change = comparison.diff, comparison.diff.changes[place]
    sizes = comparison.sizes_of(place)
    return {
        "kind": change.kind,
        "old": [_row_values(diff.old.iloc[row]) for row in change.old],
        "new": [_row_values(diff.new.iloc[row]) for row in change.new],
        "rule": change.rule or None,
        "share": None if change.share is None else round(change.share, DECIMALS),
        SIZE_NAMES[comparison.unit]: {name: _number(sizes[name]) for name in MEASURES},
        "flows": _flows(comparison, place),
        "columns": {
            name: {"old": pair[0], "new": pair[1]}
            for name, pair in column_changes(diff, change).items()
        },
    }


def _row_values(row: Any) -> dict[str, Any]:
    return {
        "key": row_key(row), "id": row["id"], "plan_version": row["plan_version"],
        "part": row["part"], "status": row["status"],
        "name": {lang: named(row, lang) for lang in LANGUAGES},
        "valid_from": missing_to_none(row["valid_from"]),
        "valid_to": missing_to_none(row["valid_to"]),
    }  # fmt: skip


def _flows(comparison: Comparison, place: int) -> list[dict[str, Any]]:
    """What passes from whom to whom, where more than one feature is concerned."""
    cut = comparison.pieces[comparison.pieces["place"] == place]
    if not (cut["change"] == "transferred").any():
        return []
    return [
        {"change": piece.change, "from": piece.from_id, "to": piece.to_id,
         "size": _number(piece.size)}
        for piece in cut[["change", "from_id", "to_id", "size"]].itertuples(index=False)
    ]  # fmt: skip


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), DECIMALS)


def to_geojson(comparison: Comparison) -> bytes:
    """The pieces as GeoJSON, each with what it is, whose, and its size; the head says of what."""
    head = json.dumps(
        {"type": "FeatureCollection", **provenance(comparison)},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    told = ((piece, _drawn(piece.geometry)) for piece in comparison.pieces.itertuples())
    lines = [_piece_line(comparison, piece, shape) for piece, shape in told if not shape.is_empty]
    return (head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def _drawn(shape: shapely.Geometry) -> shapely.Geometry:
    """A piece as files hold it; what is thinner than their last decimal is gone."""
    return canonical(snap(shape))


def _piece_line(comparison: Comparison, piece: Any, shape: shapely.Geometry) -> str:
    change = comparison.diff.changes[piece.place]
    properties = {
        "change": piece.change, "kind": change.kind, "from_id": piece.from_id,
        "to_id": piece.to_id, "from_version": _versions(comparison, change, "old", piece.from_id),
        "to_version": _versions(comparison, change, "new", piece.to_id),
    }  # fmt: skip
    for lang in LANGUAGES:
        properties[f"name_{lang}"] = piece_name(comparison, piece, lang)
    properties[SIZE_NAMES[comparison.unit]] = _number(piece.size)
    return feature_line(properties, shape)


def _versions(comparison: Comparison, change: Change, side: str, id_: object) -> str | None:
    """Plan versions (and parts) of a feature on one side of a change."""
    rows = getattr(comparison.diff, side)
    held = [rows.iloc[row] for row in getattr(change, side)]
    keys = [row_key(row).partition("/")[2] for row in held if row["id"] == id_]
    return ", ".join(keys) or None


def piece_name(comparison: Comparison, piece: Any, lang: str) -> str:
    """Name of the feature that a piece goes to, or came from if it goes to nothing."""
    change = comparison.diff.changes[piece.place]
    for side, id_ in (("new", piece.to_id), ("old", piece.from_id)):
        rows = getattr(comparison.diff, side)
        for row in (rows.iloc[place] for place in getattr(change, side)):
            if row["id"] == id_:
                return named(row, lang)
    return str(piece.to_id or piece.from_id)


def to_rows(comparison: Comparison, lang: str) -> list[dict[str, Any]]:
    """The changes as rows of a table: kind, names, versions, sizes in km² or km, evidence."""
    return [_table_row(comparison, place, lang) for place in range(len(comparison.diff.changes))]


def _table_row(comparison: Comparison, place: int, lang: str) -> dict[str, Any]:
    diff, change = comparison.diff, comparison.diff.changes[place]
    old = [diff.old.iloc[row] for row in change.old]
    new = [diff.new.iloc[row] for row in change.new]
    names = list(dict.fromkeys(named(row, lang) for row in [*new, *old]))
    sizes = comparison.sizes_of(place)
    row: dict[str, Any] = {
        "name": listed(names, lang),
        "kind": kind_words(comparison, change, lang),
        "old_version": "; ".join(dict.fromkeys(version_words(row, lang) for row in old)),
        "new_version": "; ".join(dict.fromkeys(version_words(row, lang) for row in new)),
    }
    if comparison.unit:
        row |= {name: _number(sizes[name]) for name in MEASURES}
    return row | {"evidence": evidence_words(comparison, change, lang)}


def kind_words(comparison: Comparison, change: Change, lang: str) -> str:
    """What befell rows; one feature that is told in other parts is not divided."""
    ids = {comparison.diff.old.iloc[row]["id"] for row in change.old}
    ids |= {comparison.diff.new.iloc[row]["id"] for row in change.new}
    several = len(change.old) > 1 or len(change.new) > 1
    kind = "parts" if several and len(ids) == 1 else change.kind
    return translate(f"change.kind.{kind}", lang)


def evidence_words(comparison: Comparison, change: Change, lang: str) -> str:
    """How the rows of a change were found to belong together."""
    if not change.rule:
        return ""
    rule = translate(f"change.rule.{change.rule}", lang)
    if comparison.by == EDITIONS and change.rule == "key":
        rule = translate("change.rule.same", lang)
    return rule if change.share is None else f"{rule} ({share_text(change.share, lang)})"


def used_sorts(comparison: Comparison) -> list[str]:
    """Sorts of pieces that there are, in their order."""
    held = set(comparison.pieces["change"])
    return [sort for sort in SORTS if sort in held]
