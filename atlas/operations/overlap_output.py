"""An overlap as rows, as plain values, and as files; the method goes with every number."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.core.crs import WORKING_PROJ
from atlas.core.geometry import canonical
from atlas.i18n import LANGUAGES, translate
from atlas.io.geojson import feature_line
from atlas.operations.overlap import Overlap, OverlapChange
from atlas.operations.show import csv_bytes
from atlas.operations.tables import parquet_bytes, records, xlsx_bytes

if TYPE_CHECKING:
    import geopandas as gpd

    from atlas.operations.zones import ZoneSet

SHARE_DECIMALS, SIZE_DECIMALS = 9, 6
CHANGE_COLUMNS = (
    "old", "new", "kept", "gained", "gained_feature", "gained_zone", "gained_both", "lost",
    "lost_feature", "lost_zone", "lost_both",
)  # fmt: skip
FORMS = ("table", "json", "csv", "xlsx", "geojson", "parquet")


def provenance(found: Overlap | OverlapChange) -> dict[str, Any]:
    """What was measured: layer, editions with their hash, days, zones, and by which method."""
    zones = (found.zones,) if isinstance(found, Overlap) else (found.old_zones, found.new_zones)
    days = [found.day] if isinstance(found, Overlap) else [found.old, found.new]
    return {
        "layer": found.info.id, "title": found.info.title,
        "edition": found.edition.edition, "published": found.edition.published.isoformat(),
        "sha256": found.edition.sha256, "days": [day.isoformat() for day in days],
        "known_by": found.known_by.isoformat(),
        "zones": [zone_values(zone) for zone in dict.fromkeys(zones)],
        "crs": WORKING_PROJ, "unit": found.size_name,
        "method": {lang: translate("overlap.method", lang) for lang in LANGUAGES},
        "licence": found.info.licence, "attribution": found.info.attribution,
    }  # fmt: skip


def zone_values(zones: ZoneSet) -> dict[str, Any]:
    """Where zones are from."""
    if zones.edition is None:
        return {"name": zones.name, "zones": len(zones.rows), "sha256": zones.sha256}
    return {
        "name": zones.name, "zones": len(zones.rows), "edition": zones.edition.edition,
        "sha256": zones.edition.sha256,
        "estimated": sorted(zones.rows.loc[zones.rows["estimated"], "id"]),
    }  # fmt: skip


def to_rows(found: Overlap) -> list[dict[str, Any]]:
    """One row a pair: zone, feature with plan version and part, size, both shares."""
    zones, features = found.zones.rows, found.features
    columns = {name: zones[name].to_numpy() for name in ("id", "name_zh", "name_en")}
    names = ("id", "plan_version", "part", "name_zh", "name_en", "status")
    told = {name: features[name].to_numpy() for name in names}
    rows = []
    for pair in records(found.table):
        zone, feature = pair.zone, pair.feature
        rows.append(
            {
                "zone_id": columns["id"][zone], "zone": columns["name_zh"][zone],
                "zone_en": columns["name_en"][zone], "feature_id": told["id"][feature],
                "plan_version": told["plan_version"][feature], "part": told["part"][feature],
                "feature": told["name_zh"][feature], "feature_en": told["name_en"][feature],
                "status": told["status"][feature],
                found.size_name: round(float(pair.size), SIZE_DECIMALS),
                "share_of_zone": _share(pair.share_of_zone),
                "share_of_feature": _share(pair.share_of_feature),
                "sliver": bool(pair.sliver), "uncertain": bool(found.doubtful[feature]),
            }
        )  # fmt: skip
    return rows


def _share(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), SHARE_DECIMALS)


def zone_totals(found: Overlap) -> list[dict[str, Any]]:
    """What any feature covers of each zone, counted once, beside the plain sum."""
    sums = np.bincount(
        found.table["zone"], weights=found.table["size"], minlength=len(found.zones.rows)
    )
    flat = found.info.kind == "polygon"
    rows = zip(found.zones.rows.itertuples(), sums, found.union, found.zone_plane.size, strict=True)
    return [
        {
            "zone_id": row.id, "zone": row.name_zh, "zone_en": row.name_en,
            "covered_by_any": round(float(union), SIZE_DECIMALS),
            "share_covered": round(float(union / size), SHARE_DECIMALS) if flat else None,
            "sum_of_features": round(float(total), SIZE_DECIMALS),
            "zone_km2": round(float(size), SIZE_DECIMALS), "estimated": bool(row.estimated),
        }
        for row, total, union, size in rows
    ]  # fmt: skip


def feature_totals(found: Overlap) -> list[dict[str, Any]]:
    """The whole of each feature, and what of it lies in no zone."""
    rows = zip(found.features.itertuples(), found.plane.size, found.left, strict=True)
    return [
        {
            "feature_id": row.id, "plan_version": row.plan_version, "part": row.part,
            "feature": row.name_zh, "feature_en": row.name_en,
            found.size_name: round(float(size), SIZE_DECIMALS),
            "outside_zones": round(float(left), SIZE_DECIMALS),
            "drawn": row.geometry is not None,
        }
        for row, size, left in rows
    ]  # fmt: skip


def pair_rows(
    found: Overlap, links: dict[tuple[int, int], tuple[str, ...]]
) -> list[dict[str, Any]]:
    """One row a pair of zones: what they share, Jaccard index, direct lines, common border."""
    zones = found.zones.rows
    held = _held(found)
    rows = []
    for pair in records(found.pairs()):
        one, other = int(pair.zone), int(pair.other)
        rows.append(
            {
                "zone_id": zones["id"].iloc[one], "zone": zones["name_zh"].iloc[one],
                "zone_en": zones["name_en"].iloc[one], "other_id": zones["id"].iloc[other],
                "other": zones["name_zh"].iloc[other], "other_en": zones["name_en"].iloc[other],
                "shared": list(pair.shared),
                "held": {id_: [held[one].get(id_, 0.0), held[other].get(id_, 0.0)]
                         for id_ in pair.shared},
                "jaccard": _share(pair.jaccard), "lines": list(links.get((one, other), ())),
                "border_km": round(float(pair.border_km), SIZE_DECIMALS),
            }
        )  # fmt: skip
    return rows


def _held(found: Overlap) -> list[dict[str, float]]:
    """Size of each feature id in each zone; of overlapping parts the largest counts."""
    held: list[dict[str, float]] = [{} for _ in range(len(found.zones.rows))]
    ids = found.features["id"].to_numpy()
    for pair in records(found.table[~found.table["sliver"].astype(bool)]):
        size = round(float(pair.size), SIZE_DECIMALS)
        zone = held[pair.zone]
        zone[ids[pair.feature]] = max(size, zone.get(ids[pair.feature], 0.0))
    return held


def to_values(found: Overlap) -> dict[str, Any]:
    """An overlap as plain values, with totals and method."""
    return provenance(found) | {
        "rows": to_rows(found), "zone_totals": zone_totals(found),
        "feature_totals": feature_totals(found),
    }  # fmt: skip


def change_rows(found: OverlapChange) -> list[dict[str, Any]]:
    """One row a zone and feature: sizes on both days, gained and lost with their reasons."""
    zones = _names(found.old_zones.rows) | _names(found.new_zones.rows)
    features = _names(found.old_features) | _names(found.new_features)
    return [
        {
            "zone_id": row.zone, "zone": zones[row.zone][0], "zone_en": zones[row.zone][1],
            "feature_id": row.feature, "feature": features[row.feature][0],
            "feature_en": features[row.feature][1],
            **{name: round(float(getattr(row, name)), SIZE_DECIMALS) for name in CHANGE_COLUMNS},
            "estimated": row.zone in found.estimated,
        }
        for row in records(found.table)
    ]  # fmt: skip


def _names(rows: gpd.GeoDataFrame) -> dict[str, tuple[str, str]]:
    return {
        row.id: (row.name_zh, row.name_en)
        for row in rows[["id", "name_zh", "name_en"]].itertuples(index=False)
    }


def change_values(found: OverlapChange) -> dict[str, Any]:
    """A change of a matrix as plain values, with its totals and method."""
    totals = found.table[list(CHANGE_COLUMNS)].sum().round(SIZE_DECIMALS)
    return provenance(found) | {
        "unknown_features": sorted(found.unknown), "rows": change_rows(found),
        "totals": totals.to_dict(),
    }  # fmt: skip


def to_geojson(found: Overlap) -> bytes:
    """The pieces as GeoJSON, each with its row; the head says what was measured and how."""
    head = json.dumps(
        {"type": "FeatureCollection", **provenance(found)},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    shapes = found.shapes().geometry
    lines = [
        feature_line(row, canonical(shape))
        for row, shape in zip(to_rows(found), shapes, strict=True)
    ]
    return (head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def render(found: Overlap | OverlapChange, form: str, *, made: dt.date) -> bytes:
    """An overlap or its change in one of :data:`FORMS` but ``table``.

    Parameters
    ----------
    found
        What was measured.
    form
        Of a change, ``geojson`` gives no pieces and is not offered.
    made
        Day written into a workbook.
    """
    if form == "json":
        values = change_values(found) if isinstance(found, OverlapChange) else to_values(found)
        return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode()
    if form == "geojson" and isinstance(found, Overlap):
        return to_geojson(found)
    rows = change_rows(found) if isinstance(found, OverlapChange) else to_rows(found)
    if form == "parquet":
        shapes = None if isinstance(found, OverlapChange) else found.shapes().geometry
        return parquet_bytes(rows, shapes, provenance(found))
    if form == "xlsx":
        sheets = {"overlap": rows}
        if isinstance(found, Overlap):
            sheets |= {"zones": zone_totals(found), "features": feature_totals(found)}
        return xlsx_bytes(sheets | {"method": method_rows(found)}, made=made)
    origin = {"layer_sha256": found.edition.sha256, "known_by": found.known_by.isoformat(),
              "days": " ".join(provenance(found)["days"])}  # fmt: skip
    names = [*(rows[0] if rows else ()), *origin]
    return csv_bytes([names, *([(row | origin)[name] for name in names] for row in rows)])


def method_rows(found: Overlap | OverlapChange) -> list[dict[str, Any]]:
    """The method as rows of a sheet."""
    values = provenance(found)
    return [
        {"name": name, "value": value if isinstance(value, str) else
         json.dumps(value, ensure_ascii=False)}
        for name, value in values.items()
    ]  # fmt: skip
