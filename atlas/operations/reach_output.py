"""Rail reach as plain values and as files; assumptions and editions go with every number."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from atlas.analysis.reach_area import bands, polygons_of
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.geometry import canonical
from atlas.i18n import LANGUAGES, translate
from atlas.io.geojson import feature_line
from atlas.operations.reach import LIMITS_MIN
from atlas.operations.reach_check import Fit, fit_of
from atlas.operations.reach_line_words import belt_lengths
from atlas.operations.show import csv_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.analysis.journeys import Journey
    from atlas.analysis.reach_area import Living
    from atlas.core.layer import Edition
    from atlas.operations.rail import Model
    from atlas.operations.reach import Reach, Residents
    from atlas.operations.reach_areas import CoreReach, Link
    from atlas.operations.reach_check import Checked
    from atlas.operations.reach_matrix import CityMatrix
    from atlas.operations.reach_what_if import WhatIf

MINUTE_DECIMALS, KM_DECIMALS = 1, 2


def provenance(model: Model, extra: Sequence[Edition] = ()) -> dict[str, Any]:
    """Of which network and by which model: day, editions with their hash, assumptions."""
    rail = model.rail
    editions = [rail.lines.edition, rail.stations.edition, rail.cities.edition, *extra]
    return {
        "day": model.day.isoformat(), "known_by": rail.known_by.isoformat(),
        "include": list(model.include),
        "layers": [
            {"layer": one.layer, "edition": one.edition, "published": one.published.isoformat(),
             "sha256": one.sha256}
            for one in editions
        ],
        "assumptions": {one.name: {"value": getattr(model.assumed, one.name),
                                   "unit": one.metadata["unit"]}
                        for one in fields(model.assumed)},
        "method": {lang: translate("reach.method", lang) for lang in LANGUAGES},
        "licence": rail.lines.info.licence, "attribution": rail.lines.info.attribution,
    }  # fmt: skip


def minutes_value(minutes: float) -> float | None:
    """Minutes as JSON takes them: None where no train leads."""
    return round(float(minutes), MINUTE_DECIMALS) if np.isfinite(minutes) else None


def living_values(living: Living) -> dict[str, Any]:
    """An area and its residents by both methods."""
    return {
        "area_km2": round(living.area_km2, KM_DECIMALS),
        "residents_census_by_area": round(living.by_area),
        "residents_geonames_settlements": round(living.by_settlements),
        "settlements": living.settlements, "settlements_of_unknown_population": living.unknown,
    }  # fmt: skip


def way_values(model: Model, way: Journey | None) -> dict[str, Any] | None:
    """A journey with its legs; None if no train leads there."""
    if way is None:
        return None
    rows = model.network.stations
    ids = rows["id"].to_numpy(object)
    legs = [
        {
            "line": model.network.sections[leg.section].line if leg.riding else None,
            "part": model.network.sections[leg.section].part if leg.riding else None,
            "train": ("express", "stopping", "urban", None)[leg.kind],
            "from": str(ids[leg.start]), "to": str(ids[leg.end]),
            "km": round(leg.km, KM_DECIMALS), "minutes": round(leg.minutes, MINUTE_DECIMALS),
        }
        for leg in way.legs
    ]  # fmt: skip
    return {
        "from": str(ids[way.start]), "to": str(ids[way.end]),
        "minutes": minutes_value(way.minutes), "km": round(way.km, KM_DECIMALS),
        "changes": way.changes, "legs": legs,
    }  # fmt: skip


def reach_values(reach: Reach, residents: Residents | None, lives: dict[int, Living]
                 ) -> dict[str, Any]:  # fmt: skip
    """Reach as plain values: every city and station with its minutes, areas and residents."""
    model = reach.model
    rows = model.network.stations
    ids = rows["id"].to_numpy(object)
    return provenance(model, residents.editions if residents else ()) | {
        "origin": reach.origin.address, "name": reach.origin.name,
        "boarding_min": model.assumed.boarding_min,
        "within": {
            str(minutes): {"cities": [city.city for city in reach.within(minutes)],
                           "stations": len(reach.stations_within(minutes)),
                           **(living_values(lives[minutes]) if minutes in lives else {})}
            for minutes in sorted({*LIMITS_MIN, *lives})
        },
        "cities": [
            {"city": city.city, "name": model.names[city.city], "station": str(ids[city.station]),
             "minutes": minutes_value(city.minutes)}
            for city in reach.cities
        ],
        "not_reached": reach.beyond(),
        "stations": [
            {"station": str(ids[place]), "minutes": minutes_value(reach.tree.minutes[place])}
            for place in range(len(ids))
        ],
    }  # fmt: skip


def matrix_rows(matrix: CityMatrix) -> list[dict[str, Any]]:
    """One row a pair of cities: minutes, changes, kilometres, detour, direct lines, stations."""
    model = matrix.model
    ids = model.network.stations["id"].to_numpy(object)
    rows = []
    for first, one in enumerate(matrix.codes):
        for second in range(first + 1, len(matrix.codes)):
            other = matrix.codes[second]
            joined = bool(np.isfinite(matrix.minutes[first, second]))
            start = matrix.table.origins[matrix.rows[first, second]]
            rows.append({
                "from_id": one, "from": model.names[one]["zh"], "from_en": model.names[one]["en"],
                "to_id": other, "to": model.names[other]["zh"], "to_en": model.names[other]["en"],
                "minutes": minutes_value(matrix.minutes[first, second]),
                "changes": int(matrix.changes[first, second]) if joined else None,
                "km": _number(matrix.km[first, second]),
                "straight_km": _number(matrix.straight[first, second]),
                "detour": _number(matrix.detour[first, second]),
                "direct_lines": list(matrix.direct.get((first, second), ())),
                "from_station": str(ids[start]), "to_station": str(ids[matrix.ends[first, second]]),
            })  # fmt: skip
    return rows


def _number(value: float) -> float | None:
    return round(float(value), KM_DECIMALS) if np.isfinite(value) else None


def matrix_values(matrix: CityMatrix, *, ways: bool = True) -> dict[str, Any]:
    """City by city as plain values, with the way of each pair and how central cities are."""
    model = matrix.model
    rows = matrix_rows(matrix)
    if ways:
        place = {code: number for number, code in enumerate(matrix.codes)}
        for row in rows:
            way = matrix.journey(place[row["from_id"]], place[row["to_id"]])
            values = way_values(model, way)
            row["legs"] = values["legs"] if values else None
    ids = model.network.stations["id"].to_numpy(object)
    return provenance(model) | {
        "pairs": rows,
        "cities": [
            {"city": code, "name": model.names[code],
             "closeness": round(float(matrix.closeness[number]), 4)}
            for number, code in enumerate(matrix.codes)
        ],
        "ways_over": {str(ids[station]): int(matrix.over[station])
                      for station in np.argsort(-matrix.over, kind="stable")
                      if matrix.over[station] > 0},
        "without_station": [code for code in sorted(model.names) if code not in matrix.codes],
        "islands": matrix.islands if len(matrix.islands) > 1 else [],
    }  # fmt: skip


def what_if_values(found: WhatIf) -> dict[str, Any]:
    """What a line changes, as plain values."""
    model = found.after.model
    return provenance(model) | {
        "line": found.line, "name": found.name,
        "sections": [
            {"part": section.part, "stations": list(section.stops),
             "km": [round(float(km), KM_DECIMALS) for km in section.km],
             "lengths": list(section.bases), "design_speed_kmh": section.speed_kmh}
            for section in found.sections
        ],
        "stations_without_position": list(found.unplaced),
        "gains": [
            {"from_id": gain.one, "to_id": gain.other, "before": minutes_value(gain.before),
             "after": minutes_value(gain.after), "saved": minutes_value(gain.saved_min)}
            for gain in found.gains
        ],
        "within_an_hour": [
            {"city": pair.city, "before": living_values(pair.before),
             "after": living_values(pair.after)}
            for pair in found.nearer
        ],
        "belts": [
            {"name": name, "plan_version": version, "km": round(size, KM_DECIMALS)}
            for name, version, size in belt_lengths(found)
        ],
        "belts_km_counted_once": None if found.belts is None else
        round(float(found.belts.crossing.union.sum()), KM_DECIMALS),
    }  # fmt: skip


def areas_values(model: Model, cores: Sequence[CoreReach], links: Sequence[Link]) -> dict[str, Any]:
    """One-hour circles of the cores and the links inside their areas."""
    return provenance(model) | {
        "cores": [
            {"core": core.core, "plan": core.plan.id, "part": core.plan.part,
             "plan_version": core.plan.version, "extent_of_an_older_version": core.plan.older,
             "share_within_an_hour": _number(core.share),
             "inside": living_values(core.inside), "outside": living_values(core.outside),
             "plan_area": living_values(core.whole)}
            for core in cores
        ],
        "links": [
            asdict(link) | {"minutes": minutes_value(link.minutes),
                            "straight_km": _number(link.straight_km), "kmh": _number(link.kmh),
                            "saved_min": minutes_value(link.saved_min)}
            for link in links
        ],
    }  # fmt: skip


def check_values(model: Model, checked: Sequence[Checked]) -> dict[str, Any]:
    """The model beside published times, one by one, and both sets in figures."""
    return provenance(model) | {
        "fit": [_fit_values(fit) for fit in fit_of(checked)],
        "times": [
            {"from": one.published.from_zh, "to": one.published.to_zh,
             "from_station": one.published.from_station, "to_station": one.published.to_station,
             "day": one.published.day.isoformat(), "published": one.published.minutes,
             "modelled": minutes_value(one.modelled), "error": _number(one.error), "use": one.use,
             "source_url": one.published.source_url}
            for one in checked
        ],
    }  # fmt: skip


def _fit_values(fit: Fit) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(fit).items()}  # fmt: skip


def to_json(values: dict[str, Any]) -> bytes:
    """Plain values as JSON."""
    return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def matrix_csv(matrix: CityMatrix) -> bytes:
    """City by city as CSV, one row a pair."""
    rows = matrix_rows(matrix)
    names = list(rows[0]) if rows else ["from_id"]
    return csv_bytes([names, *([row[name] for name in names] for row in rows)])


def band_shapes(reach: Reach, limits: Sequence[int] = LIMITS_MIN) -> gpd.GeoDataFrame:
    """Where one can be by bands of minutes, EPSG:4326: ``since``, ``until`` and a polygon each."""
    shapes = bands([reach.shape(minutes) for minutes in limits])
    degrees = gpd.GeoSeries(shapes, crs=WORKING_CRS).to_crs(STORAGE_CRS)
    table = {"since": [0, *limits[:-1]], "until": list(limits)}
    return gpd.GeoDataFrame(table, geometry=degrees.map(polygons_of), crs=STORAGE_CRS)


def reach_geojson(reach: Reach, limits: Sequence[int] = LIMITS_MIN) -> bytes:
    """Bands of minutes as GeoJSON; the head says of which network and by which model."""
    head = json.dumps(
        {"type": "FeatureCollection", **provenance(reach.model), "origin": reach.origin.address},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    frame = band_shapes(reach, limits)
    lines = [
        feature_line({"since_min": int(row.since), "until_min": int(row.until)},
                     canonical(row.geometry))
        for row in frame.itertuples() if not row.geometry.is_empty
    ]  # fmt: skip
    return (head[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")
