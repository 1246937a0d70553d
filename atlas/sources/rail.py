"""Railway stations and lines of the delta, from tables of facts.

Positions and tracks were transcribed from public repositories, each named with its commit
in ``facts/rail-sources.csv``; the tracks and most stations are OpenStreetMap's (ODbL 1.0).
All are WGS 84: two sources that do not know of each other put the same station within
50 m in the median, while one of them also lists the shifted GCJ-02 positions, 490 m away.
A section that opened on one day is one row; a section whose stations changed, and a station
that was renamed, moved or closed, has one row a version.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from atlas.core.crs import STORAGE_CRS, distance_km
from atlas.core.geometry import canonical
from atlas.core.period import stored_day
from atlas.core.schema import RECORD_COLUMNS
from atlas.errors import SourceError
from atlas.sources.inputs import read_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

UNCHECKED_ACCURACY_M = 350.0
"""Of a position that only the station list gives: 31 of the 32 positions that could be
compared differ by less."""

_SMALLEST_ACCURACY_M, _ACCURACY_STEP_M = 100.0, 50.0
_DOCUMENT = ("document", "issuer", "issued", "issued_precision")
_OPENED, _BEGUN = ("开通运营", "Opened to traffic"), ("开工建设", "Works began")
_STATION_COLUMNS = ("category", "city", "district", "names_old", *_DOCUMENT, "source_url", "events")
_LINE_COLUMNS = ("category", "design_speed_kmh", "stations", "published_length_km",
                 "length_covers", "length_covers_zh", "length_covers_en", "expected",
                 *_DOCUMENT, "source_url", "events")  # fmt: skip


def build_stations() -> gpd.GeoDataFrame:
    """Passenger stations of the lines, one row a station, ordered by id.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in EPSG:4326, missing where no public position was found; beside the columns of
        every row ``category`` (the fastest class of its lines), ``city`` and ``district``
        (adcodes as text), ``names_old`` (Chinese names it had before, oldest first) and the
        columns of a document, empty but for ``source_url``. ``accuracy_m`` is the distance to
        the second source, rounded up to 50 m and at least 100 m.

    Raises
    ------
    SourceError
        If a station names a source that ``facts/rail-sources.csv`` does not hold.
    """
    facts = _read_with_sources("rail-stations")
    stations = gpd.GeoDataFrame(facts, geometry=_points(facts, "lon", "lat"))
    drawn = stations.geometry.notna()
    stations["accuracy_m"] = _accuracy_m(stations).where(drawn)
    stations["city"] = _objects([_city(district) for district in facts["district"]], facts)
    stations["district"] = _objects([code or None for code in facts["district"]], facts)
    stations["names_old"] = [names.split() for names in facts["names_old"]]
    stations["source_url"] = (facts["url"] + " " + facts["source_url"]).str.strip()
    stations["geometry_basis"] = ["position" if there else "none" for there in drawn]
    return _to_rows(stations, columns=_STATION_COLUMNS)


def build_lines(stations: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines in sections that opened together, one row a section, ordered by id and part.

    Parameters
    ----------
    stations
        The rows of :func:`build_stations`.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines in EPSG:4326, first station first; beside the columns of every row
        ``design_speed_kmh``, ``stations`` (their ids in order), ``published_length_km``
        with ``length_covers`` ("exact", "whole-line" or "other-extent", in words in
        ``length_covers_zh`` and ``length_covers_en``), ``expected`` (when it is to open, as
        published) and the columns of a document. ``valid_from`` is the opening, or the
        beginning of the works of a section that is not open. ``geometry_basis`` is "track", or
        "path": straight from station to station, without those of unknown position.

    Raises
    ------
    SourceError
        If a section stops at a station without a row, or names an unknown source.
    """
    lines = _read_with_sources("rail-lines")
    lines["stations"] = [ids.split() for ids in lines["stations"]]
    lines["geometry_basis"] = lines["basis"]
    for column in ("accuracy_m", "published_length_km"):
        lines[column] = pd.to_numeric(lines[column])
    speeds = [int(speed) if speed else None for speed in lines["design_speed_kmh"]]
    lines["design_speed_kmh"] = _objects(speeds, lines)
    for column in ("expected", "length_covers", "length_covers_zh", "length_covers_en"):
        lines[column] = _objects([text or None for text in lines[column]], lines)
    lines["events"] = _openings(lines)
    lines["source_url"] = (lines["source_url"] + " " + lines["url"]).str.strip()
    geometry = _sections(lines, stations.drop_duplicates("id").set_index("id").geometry)
    sections = gpd.GeoDataFrame(lines, geometry=geometry, crs=STORAGE_CRS)
    return _to_rows(sections, columns=_LINE_COLUMNS)


def _read_with_sources(table: str) -> pd.DataFrame:
    """A table of facts, each row with the ``url`` and method of its ``source``."""
    facts = read_facts(table)
    columns = ["url", "method_zh", "method_en"]
    sources = read_facts("rail-sources").set_index("key")[columns]
    unknown = sorted(set(facts["source"]) - set(sources.index))
    if unknown:
        raise SourceError(f"facts/{table}.csv: no source {unknown} in facts/rail-sources.csv")
    return facts.join(sources, on="source")


def _points(facts: pd.DataFrame, lon: str, lat: str) -> gpd.GeoSeries:
    x, y = pd.to_numeric(facts[lon]), pd.to_numeric(facts[lat])
    places = gpd.GeoSeries(gpd.points_from_xy(x, y), index=facts.index, crs=STORAGE_CRS)
    return places.where(x.notna(), None)


def _accuracy_m(stations: gpd.GeoDataFrame) -> pd.Series:
    """Distance to the position in the other source, rounded up; a constant without one."""
    checked = stations[stations["check_lon"] != ""]
    apart_m = distance_km(checked.geometry, _points(checked, "check_lon", "check_lat")) * 1000.0
    rounded = apart_m.map(lambda metres: math.ceil(metres / _ACCURACY_STEP_M) * _ACCURACY_STEP_M)
    return rounded.clip(lower=_SMALLEST_ACCURACY_M).reindex(
        stations.index, fill_value=UNCHECKED_ACCURACY_M
    )


def _city(district: str) -> str | None:
    """Adcode of the city of a district; a municipality is its own city."""
    if not district:
        return None
    return "310000" if district.startswith("31") else f"{district[:4]}00"


def _sections(lines: pd.DataFrame, points: gpd.GeoSeries) -> list[shapely.LineString | None]:
    paths = [
        _path(line, stops, points)
        for line, stops in zip(lines["id"], lines["stations"], strict=True)
    ]
    return [
        _read_track(track) if track else path
        for track, path in zip(lines["track"], paths, strict=True)
    ]


def _read_track(name: str) -> shapely.LineString:
    track = read_facts(f"rail-tracks/{name}")
    return shapely.LineString(track[["lon", "lat"]].astype(float).to_numpy())


def _path(line: str, stops: Sequence[str], points: gpd.GeoSeries) -> shapely.LineString | None:
    """Straight from station to station, in EPSG:4326; None where fewer than two have a place."""
    missing = [stop for stop in stops if stop not in points.index]
    if missing:
        raise SourceError(f"facts/rail-lines.csv: {line} stops at {missing}, which have no row")
    placed = [points[stop] for stop in stops if points[stop] is not None]
    return shapely.LineString(placed) if len(placed) > 1 else None


def _openings(lines: pd.DataFrame) -> pd.Series:
    """One event a section: the day it opened, or its works began, by the first of its sources."""
    openings: list[list[dict[str, str | None]]] = []
    for opened, status, urls in zip(
        lines["opened"], lines["status"], lines["source_url"], strict=True
    ):
        day, precision = stored_day(opened)
        title_zh, title_en = _OPENED if status == "in-force" else _BEGUN
        opening = {"date": day, "precision": precision, "title_zh": title_zh,
                   "title_en": title_en, "source_url": urls.split(maxsplit=1)[0]}  # fmt: skip
        openings.append([opening] if day else [])
    return _objects(openings, lines)


def _objects(values: Sequence[object], rows: pd.DataFrame) -> pd.Series:
    """A column that keeps None, lists and texts as they are."""
    return pd.Series(list(values), index=rows.index, dtype=object)


def _to_rows(facts: gpd.GeoDataFrame, *, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Complete fact rows to rows of a layer, ordered by their key, canonical geometry."""
    nothing = _objects([None] * len(facts), facts)
    defaults = {
        "part": "whole",
        "events": _objects([[] for _ in range(len(facts))], facts),
        **dict.fromkeys(_DOCUMENT, nothing),
    }
    complete = facts.assign(
        **_days(facts, "opened", "valid_from"),
        **_days(facts, "closed", "valid_to"),
        sourced=True,
        unsourced=_objects([names.split() for names in facts["unsourced"]], facts),
        notes_zh=_objects([note or None for note in facts["notes_zh"]], facts),
        notes_en=_objects([note or None for note in facts["notes_en"]], facts),
        geometry=[shape if shape is None else canonical(shape) for shape in facts.geometry],
        **{name: value for name, value in defaults.items() if name not in facts},
    )
    names = [column.name for column in RECORD_COLUMNS]
    ordered = complete.sort_values(["id", "part", "plan_version"], ignore_index=True)
    return ordered[[*names, *columns, "geometry"]]


def _days(facts: pd.DataFrame, column: str, name: str) -> dict[str, pd.Series]:
    """Stored days of a column of published ones, and their precision."""
    days = [stored_day(published) for published in facts[column]]
    return {
        name: _objects([day for day, _ in days], facts),
        f"{name}_precision": _objects([precision for _, precision in days], facts),
    }
