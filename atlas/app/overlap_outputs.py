"""Outputs of the page of overlaps: map, matrix, sentence, totals, downloads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from atlas.app import cache, outputs
from atlas.app.overlap_given import can_draw, take_drawing
from atlas.app.overlap_inputs import choose_cell
from atlas.app.state import open_view
from atlas.cartography.map_document import MapDocument, MapLayer, map_document, map_layer
from atlas.cartography.web_spec import Focus, drawn_id
from atlas.core.layer import Layer
from atlas.core.measured import FEATURES, ZONES, Measured
from atlas.core.period import as_of
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.overlap import Overlap
from atlas.operations.overlap_map import cell_layers, features_layer
from atlas.operations.overlap_output import feature_totals, zone_totals
from atlas.operations.overlap_words import tell_cell, tell_pair, tell_zone
from atlas.operations.web_map import serve
from atlas.operations.zones import ZoneSet

MAP_HEIGHT = 460
MAP_KEYS = {
    (False, True): "atlas-overlap",
    (False, False): "atlas-overlap-plain",
    (True, False): "atlas-overlap-draw",
}
"""Names of maps, by whether they are drawn on and whether clicks choose."""
GIVEN_OUTLINES = "overlap-others"
MEASURED_COLUMNS = ("covered_by_any", "sum_of_features", "outside_zones")
UNIT_WORDS = {"polygon": "words.unit.area", "line": "words.unit.length"}
CLICKED = "overlap.clicked"


def place_of(found: Overlap, code: str) -> int | None:
    """Position of a zone by its code; None if there is none."""
    ids = found.zones.rows["id"].tolist()
    return ids.index(code) if code in ids else None


def show_sentence(found: Overlap, measured: Measured, key: str, lang: str) -> None:
    """The chosen cell in words, or how to choose one."""
    zone = place_of(found, measured.zone)
    if zone is None:
        st.info(translate("overlap.pick", lang))
        return
    st.success(escape_markdown(_sentence(found, measured, zone, key, lang)), icon=":material/info:")


def _sentence(found: Overlap, measured: Measured, zone: int, key: str, lang: str) -> str:
    if measured.show == FEATURES:
        feature = _feature_place(found, measured.cell)
        return tell_zone(found, zone, lang) if feature is None else tell_cell(
            found, zone, feature, lang
        )  # fmt: skip
    other = place_of(found, measured.cell)
    if other is None:
        return tell_zone(found, zone, lang)
    links = cache.links(cache.folder(), cache.stamp(), found, key)
    return tell_pair(found, zone, other, links.lines, links.names, lang)


def _feature_place(found: Overlap, code: str) -> int | None:
    """Position of a feature row by ``id/version/part``."""
    keys = feature_keys(found)
    return keys.index(code) if code in keys else None


def feature_keys(found: Overlap) -> list[str]:
    """Each feature row as ``id/version/part``, in order."""
    rows = found.features[["id", "plan_version", "part"]]
    return ["/".join(row) for row in rows.itertuples(index=False)]


def show_map(found: Overlap, measured: Measured, lang: str) -> None:
    """Features, the chosen zones and what they hold; a click chooses a zone."""
    zones = [
        place for place in (place_of(found, measured.zone), place_of(found, measured.cell))
        if place is not None
    ]  # fmt: skip
    feature = _feature_place(found, measured.cell) if measured.show == FEATURES else None
    layers = [features_layer(found), *_outlines(found, zones)]
    if zones:
        layers += cell_layers(found, zones, None if feature is None else [feature])
    focus = _focus(found, zones)
    point = show_layers(layers, found.day, found.known_by, lang, focus=focus, clicks=True)
    st.caption(translate("overlap.draw_help" if can_draw() else "overlap.map_help", lang))
    take_click(found.zones, measured, point)


def _outlines(found: Overlap, chosen: list[int]) -> list[MapLayer]:
    """The reader's own zones that are not chosen; those of a layer are in the background."""
    others = [place for place in range(len(found.zones.rows)) if place not in chosen]
    if found.zones.edition is not None or not others:
        return []
    drawn = cell_layers(found, others, [])[-1]
    rows = drawn.features.assign(change="other")
    info = replace(drawn.layer.info, id=GIVEN_OUTLINES)
    return [MapLayer(replace(drawn.layer, info=info, features=rows), rows, drawn.style)]


def show_layers(
    layers: list[MapLayer],
    day: dt.date,
    known_by: dt.date,
    lang: str,
    *,
    focus: Focus | None,
    clicks: bool = False,
) -> tuple[float, float] | None:
    """Draw layers over the background; return the last click, or take what was drawn."""
    below, urls = _background(day, known_by, [layer.id for layer in layers])
    kept = [layer for layer in layers if len(layer.features)]
    urls |= {la.id: cache.FROM_COMPONENT + serve(la, day, cache.STATIC) for la in kept}
    document: MapDocument = map_document([*below, *kept], day=day, known_by=known_by)
    draw = can_draw()
    key = MAP_KEYS[draw, clicks and not draw]
    told = outputs.show_document(
        document, urls, lang=lang, key=key, focus=focus, height=MAP_HEIGHT,
        clicks=clicks and not draw, draw=draw,
    )  # fmt: skip
    take_drawing(told.drawing)
    return told.click


def _background(
    day: dt.date, known_by: dt.date, above: list[str]
) -> tuple[list[MapLayer], dict[str, str]]:
    """What is below every map, and the borders of the zones, which a reader clicks."""
    below, urls = outputs.draw_background(known_by, day)
    measured = open_view().measured
    edition = outputs.edition_or_none(measured.zones, known_by) if measured else None
    if edition is None or edition.layer in [*above, *(layer.id for layer in below)]:
        return below, urls
    districts = outputs.edition_or_none("districts", known_by)
    borders, url = cache.draw_layer(cache.folder(), edition, districts, day, background=True)
    return [*below, _unfilled(borders)], urls | {drawn_id(borders): url}


def _unfilled(borders: MapLayer) -> MapLayer:
    """Zones as lines only: what lies in them is what counts."""
    classes = tuple(
        replace(entry, look=replace(entry.look, fill_opacity=0.0))
        for entry in borders.style.classes
    )
    return replace(borders, style=replace(borders.style, classes=classes))


def show_blank(layers: list[Layer], day: dt.date, known_by: dt.date, lang: str) -> None:
    """Layers on a map to draw on, before there is a polygon."""
    drawn = [map_layer(layer, as_of(layer.features, day)) for layer in layers]
    show_layers(drawn, day, known_by, lang, focus=None)
    st.caption(translate("overlap.draw_help", lang))


def _focus(found: Overlap, zones: list[int]) -> Focus | None:
    """The chosen zones, else the reader's own; their box changes only when they do."""
    if not zones and found.zones.edition is not None:
        return None
    rows = found.zones.rows
    box = rows.geometry.iloc[zones or range(len(rows))].total_bounds
    west, south, east, north = (float(value) for value in box)
    name = ".".join(str(rows["id"].iloc[zone]) for zone in zones) or found.zones.sha256
    return Focus((west - 0.1, south - 0.1, east + 0.1, north + 0.1), "overlap-zones", name)


def take_click(zones: ZoneSet, measured: Measured, point: tuple[float, float] | None) -> None:
    """A new click opens the zone there; in zone by zone, a second one opens the pair."""
    if point is None or st.session_state.get(CLICKED) == point:
        return
    st.session_state[CLICKED] = point
    held = zones.rows.geometry.to_numpy()
    met = np.flatnonzero(shapely.intersects_xy(held, *point))
    if len(met) == 0:
        return
    code = str(zones.rows["id"].iloc[int(met[0])])
    pair = measured.show == ZONES and measured.zone and measured.zone != code
    choose_cell(*((measured.zone, code) if pair and not measured.cell else (code, "")))
    st.rerun()


def number_formats(table: pd.DataFrame) -> dict[str, Any]:
    """Thousands apart and one decimal for sizes; shares (0–1) as per cent."""
    formats: dict[str, Any] = {}
    for name in table.select_dtypes("float"):
        largest = float(table[name].abs().max())
        share = "share" in str(name).lower() or "比例" in str(name)
        form = "percent" if share and largest <= 1.0 + 1e-6 else "%,.1f"
        formats[str(name)] = st.column_config.NumberColumn(format=form)
    return formats


def show_totals(found: Overlap, lang: str) -> None:
    """Totals by zone and by feature; no place is counted twice in what any covers."""
    left, right = st.tabs([translate("overlap.zone_totals", lang),
                           translate("overlap.feature_totals", lang)])  # fmt: skip
    for place, rows in ((left, zone_totals(found)), (right, feature_totals(found))):
        table = pd.DataFrame(rows)
        drop = [name for name in ("zone", "zone_en", "feature", "feature_en")
                if name in table and name.endswith("_en") != (lang == "en")]  # fmt: skip
        table = table.drop(columns=drop).rename(
            columns={"zone_en": "zone", "feature_en": "feature"}
        )
        table = table.dropna(axis="columns", how="all") if len(table) else table
        table.columns = [_head(str(name), found, lang) for name in table.columns]
        place.dataframe(table, hide_index=True, height=280, column_config=number_formats(table))


def _head(name: str, found: Overlap, lang: str) -> str:
    """Head of a column of totals, with the unit of what is measured."""
    words = translate(f"overlap.column.{name}", lang)
    if name not in MEASURED_COLUMNS or found.info.kind not in UNIT_WORDS:
        return words
    unit = translate(UNIT_WORDS[found.info.kind], lang).strip()
    return translate("words.in_brackets", lang, text=words, note=unit)
