"""Rail reach on the map: lines by the year they opened, where one can be, and stations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from atlas.analysis.generalise import SCREEN_TOLERANCE_M, simplify_lines
from atlas.analysis.rail_network import OPEN
from atlas.analysis.reach_area import bands, polygons_of
from atlas.cartography.map_document import MapLayer
from atlas.cartography.style import read_style
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.core.layer import Layer, LayerInfo
from atlas.core.schema import Column
from atlas.i18n import LANGUAGES, in_both, translate
from atlas.operations.grammar import share_text
from atlas.operations.reach import HOUR_MIN, LIMITS_MIN
from atlas.operations.reach_words import minutes_text, plan_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.layer import Edition
    from atlas.operations.rail import Model
    from atlas.operations.reach import Reach
    from atlas.operations.reach_areas import CoreReach
    from atlas.operations.reach_what_if import WhatIf

BANDS, LINES, STATIONS = "reach", "reach-lines", "reach-stations"
"""Ids of the derived layers, and names of their styles."""
ERAS = (2010, 2013, 2016, 2019, 2022, 2025)
"""Last years of the classes of opening years."""
SCREEN_M = 150.0
"""Circles are simplified by so much for the screen: less than a hundredth of their radius."""


def era_of(year: int | None, *, status: str = OPEN) -> str:
    """Class of an opening year.

    >>> era_of(2011), era_of(2026), era_of(None)
    ('2013', 'later', 'undated')
    """
    if status != OPEN:
        return "expected"
    if year is None:
        return "undated"
    return next((str(last) for last in ERAS if year <= last), "later")


def bands_layer(reach: Reach, limits: Sequence[int] = LIMITS_MIN) -> MapLayer:
    """Where one can be, by bands of minutes."""
    shapes = bands([reach.shape(minutes) for minutes in limits])
    since = [0, *limits[:-1]]
    rows = []
    for start, until in zip(since, limits, strict=True):
        told = {lang: translate("reach.band", lang, since=start, until=until) for lang in LANGUAGES}
        rows.append(_row(f"band-{until}", told, band=str(until), minutes=told))
    return _layer(reach.model, BANDS, "polygon", rows, _on_screen(shapes), ("minutes",))


def _on_screen(shapes: list[Any]) -> list[Any]:
    """Areas of the working CRS in degrees, simplified for the screen."""
    simple = gpd.GeoSeries(shapely.simplify(shapes, SCREEN_M), crs=WORKING_CRS).to_crs(STORAGE_CRS)
    return [polygons_of(shape) for shape in simple]


def lines_layer(model: Model) -> MapLayer:
    """Sections of the network by the year in which they first opened."""
    opened = model.rail.opened_in()
    held = {(section.line, section.part): section for section in model.network.sections}
    drawn = model.rail.lines.features
    drawn = drawn[drawn.geometry.notna()]
    chosen = [index for index, row in zip(drawn.index, drawn.itertuples(), strict=True)
              if _counted(held.get((row.id, row.part)), row)]  # fmt: skip
    simple = simplify_lines(drawn.loc[chosen], tolerance_m=SCREEN_TOLERANCE_M)
    rows = [_line_row(held[row.id, row.part], opened) for row in simple.itertuples()]
    return _layer(model, LINES, "line", rows, list(simple.geometry),
                  ("opened", "design_speed_kmh", "km"))  # fmt: skip


def _counted(section: Any, row: Any) -> bool:
    """Whether a row of the layer is the one that the network counts."""
    if section is None or section.status != row.status:
        return False
    start = row.valid_from if isinstance(row.valid_from, str) else None
    return bool(section.opened == start)


def _line_row(section: Any, opened: dict[str, int]) -> dict[str, Any]:
    year = opened.get(section.key)
    words = {lang: str(year) if year else translate("reach.not_dated", lang) for lang in LANGUAGES}
    if section.status != OPEN:
        words = {lang: translate(f"reach.include.{section.status}", lang) for lang in LANGUAGES}
    speed = f"{section.speed_kmh:.0f}" if np.isfinite(section.speed_kmh) else ""
    length = {lang: f"{section.km.sum():,.1f}" for lang in LANGUAGES}
    return _row(
        section.key.replace("/", "."), section.name, era=era_of(year, status=section.status),
        opened=words, design_speed_kmh=dict.fromkeys(LANGUAGES, speed), km=length,
        status=section.status,
    )  # fmt: skip


def stations_layer(reach: Reach) -> MapLayer:
    """Stations with the minutes to them; the origin's own stand out."""
    model = reach.model
    near = set(reach.stations_within(HOUR_MIN).tolist())
    origins = set(reach.tree.origins.tolist())
    rows = []
    for place, row in enumerate(model.network.stations.itertuples()):
        kind = "origin" if place in origins else "near" if place in near else "far"
        minutes = float(reach.tree.minutes[place])
        told = {lang: minutes_text(minutes, lang) for lang in LANGUAGES}
        city = {lang: model.city_name(str(row.city), lang) for lang in LANGUAGES}
        name = {"zh": str(row.name_zh), "en": str(row.name_en)}
        rows.append(_row(str(row.id), name, kind=kind, minutes=told, city=city))
    return _layer(model, STATIONS, "point", rows, list(model.network.stations.geometry),
                  ("minutes", "city"))  # fmt: skip


def tried_layer(found: WhatIf) -> MapLayer | None:
    """The course of a line that is tried, straight where its track is not known."""
    model = found.after.model
    points = dict(zip(model.network.stations["id"], model.network.stations.geometry, strict=True))
    rows, shapes = [], []
    for section in found.sections:
        stops = [stop for stop in section.stops if stop in points]
        if len(stops) < 2:  # noqa: PLR2004 - a line has two ends
            continue
        length = {lang: f"{section.km.sum():,.1f}" for lang in LANGUAGES}
        kind = {lang: translate("reach.tried", lang) for lang in LANGUAGES}
        id_ = section.key.replace("/", ".")
        rows.append(_row(id_, section.name, era="tried", opened=kind, km=length))
        shapes.append(shapely.LineString([points[stop] for stop in stops]))
    if not rows:
        return None
    return _layer(model, "reach-tried", "line", rows, shapes, ("opened", "km"), style=LINES)


def cores_layer(model: Model, cores: Sequence[CoreReach]) -> MapLayer:
    """One-hour circles of the cores and the areas of their plans."""
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for core in cores:
        city = {lang: model.city_name(core.core, lang) for lang in LANGUAGES}
        plan = {lang: area_title(core, lang) for lang in LANGUAGES}
        share = {lang: share_text(core.share, lang) for lang in LANGUAGES}
        if core.plan.id not in {row["id"].rpartition(".")[0] for row in rows}:
            rows.append(_row(f"{core.plan.id}.{core.plan.part}", plan, band="plan", minutes=plan))
            shapes.append(core.plan.shape)
        words = {lang: translate("reach.hour", lang, plan=plan[lang], share=share[lang])
                 for lang in LANGUAGES}  # fmt: skip
        rows.append(_row(f"{core.core}.{core.plan.part}", city, band="60", minutes=words))
        shapes.append(core.hour)
    order = sorted(range(len(rows)), key=lambda place: rows[place]["band"] != "plan")
    simple = _on_screen(shapes)
    return _layer(model, "reach-cores", "polygon", [rows[place] for place in order],
                  [simple[place] for place in order], ("minutes",), style=BANDS)  # fmt: skip


def area_title(core: CoreReach, lang: str) -> str:
    """Name of a core's plan with its part and its version."""
    name = plan_name(core, lang)
    return translate("words.in_brackets", lang, text=name, note=core.plan.version)


def _row(id_: str, name: dict[str, str], *, status: str = OPEN, **values: Any) -> dict[str, Any]:
    """A row that a map can draw; values by language become two columns."""
    row: dict[str, Any] = {
        "id": id_, "plan_version": "current", "part": "whole", "name_zh": name["zh"],
        "name_en": name["en"], "status": status, "sourced": True, "unsourced": [],
        "valid_from": None, "valid_from_precision": None, "valid_to": None,
        "valid_to_precision": None,
    }  # fmt: skip
    for column, value in values.items():
        if isinstance(value, dict):
            row |= {f"{column}_{lang}": value[lang] for lang in LANGUAGES}
        else:
            row[column] = value
    return row


def _layer(
    model: Model, name: str, kind: str, rows: list[dict[str, Any]], shapes: list[Any],
    popup: tuple[str, ...], *, style: str = "",
) -> MapLayer:  # fmt: skip
    """Rows as a layer of their own that a map can draw; empty shapes are left out."""
    kept = [place for place, shape in enumerate(shapes)
            if shape is not None and not shape.is_empty]  # fmt: skip
    columns = list(rows[0]) if rows else list(_row("", {"zh": "", "en": ""}))
    table = {column: [rows[place][column] for place in kept] for column in columns}
    features = gpd.GeoDataFrame(table, geometry=[shapes[place] for place in kept],
                                crs=STORAGE_CRS)  # fmt: skip
    info, edition = _info(model, name, kind, popup)
    return MapLayer(Layer(info, edition, features), features, read_style(style or name))


def _info(model: Model, name: str, kind: str, popup: tuple[str, ...]) -> tuple[LayerInfo, Edition]:
    source = model.rail.stations if kind == "point" else model.rail.lines
    title = {lang: translate(f"reach.layer.{name}", lang) for lang in LANGUAGES}
    columns = tuple(Column(column, title=in_both(f"reach.column.{column}")) for column in popup)
    info = replace(source.info, id=name, style=name, title=title, kind=kind, columns=columns)
    return info, source.edition
