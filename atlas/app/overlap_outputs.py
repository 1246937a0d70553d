"""Outputs of the page of overlaps: map, matrix, sentence, totals, downloads."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from atlas.app import cache, outputs
from atlas.app.overlap_inputs import choose_cell
from atlas.cartography.map_document import MapDocument, MapLayer, map_document
from atlas.cartography.popup import short_zh
from atlas.cartography.web_spec import Focus
from atlas.core.measured import FEATURES, Measured
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.heat import COLUMNS_MOST, Heat, zone_feature_heat, zone_zone_heat
from atlas.operations.overlap import Overlap
from atlas.operations.overlap_map import cell_layers, features_layer
from atlas.operations.overlap_output import feature_totals, zone_totals
from atlas.operations.overlap_words import tell_cell, tell_pair, tell_zone
from atlas.operations.row_words import with_version
from atlas.operations.web_map import serve

MAP_HEIGHT = 460
ROW_HEIGHT, MATRIX_MOST = 24, 1100
NARROW, MANY = 30, 30
"""Width of the columns of a matrix of many columns, in pixels, and from how many on."""
CLICKED = "overlap.clicked"
DARK, TEXT_FROM = "31, 111, 180", 0.6
"""Colour of a full cell, and how dark it must be for white text."""


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
    keys = _feature_keys(found)
    return keys.index(code) if code in keys else None


def _feature_keys(found: Overlap) -> list[str]:
    rows = found.features[["id", "plan_version", "part"]]
    return ["/".join(row) for row in rows.itertuples(index=False)]


def show_map(found: Overlap, measured: Measured, lang: str) -> None:
    """Features, the chosen zones and what they hold; a click chooses a zone."""
    zones = [
        place for place in (place_of(found, measured.zone), place_of(found, measured.cell))
        if place is not None
    ]  # fmt: skip
    feature = _feature_place(found, measured.cell) if measured.show == FEATURES else None
    layers = [features_layer(found)]
    if zones:
        layers += cell_layers(found, zones, None if feature is None else [feature])
    point = show_layers(layers, found.day, found.known_by, lang, focus=_focus(found, zones))
    st.caption(translate("overlap.map_help", lang))
    _take_click(found, measured, point)


def show_layers(
    layers: list[MapLayer], day: dt.date, known_by: dt.date, lang: str, *, focus: Focus | None
) -> tuple[float, float] | None:
    """Draw layers over the background; return the last click."""
    below, urls = outputs.draw_background(known_by, day)
    kept = [layer for layer in layers if len(layer.features)]
    urls |= {la.id: cache.FROM_COMPONENT + serve(la, day, cache.STATIC) for la in kept}
    document: MapDocument = map_document([*below, *kept], day=day, known_by=known_by)
    return outputs.show_document(
        document, urls, lang=lang, key="atlas-overlap", focus=focus, height=MAP_HEIGHT, clicks=True
    )


def _focus(found: Overlap, zones: list[int]) -> Focus | None:
    """The chosen zones; their box changes only when they do."""
    if not zones:
        return None
    box = found.zones.rows.geometry.iloc[zones].total_bounds
    west, south, east, north = (float(value) for value in box)
    name = ".".join(str(found.zones.rows["id"].iloc[zone]) for zone in zones)
    return Focus((west - 0.1, south - 0.1, east + 0.1, north + 0.1), "overlap-zones", name)


def _take_click(found: Overlap, measured: Measured, point: tuple[float, float] | None) -> None:
    """A new click opens the zone there; in zone by zone, a second one opens the pair."""
    if point is None or st.session_state.get(CLICKED) == point:
        return
    st.session_state[CLICKED] = point
    held = found.zones.rows.geometry.to_numpy()
    met = np.flatnonzero(shapely.intersects_xy(held, *point))
    if len(met) == 0:
        return
    code = str(found.zones.rows["id"].iloc[int(met[0])])
    pair = measured.show != FEATURES and measured.zone and measured.zone != code
    choose_cell(*((measured.zone, code) if pair and not measured.cell else (code, "")))
    st.rerun()


def show_matrix(found: Overlap, measured: Measured, key: str, lang: str) -> None:
    """The matrix as a heat map; arrow keys reach every cell, the chosen cell is told above."""
    if measured.show == FEATURES:
        heat = zone_feature_heat(found, measured.order)
        codes = _feature_keys(found)
        titles = _titles(found, lang)
    else:
        pairs = cache.pairs(cache.folder(), cache.stamp(), found, key)
        heat = zone_zone_heat(len(found.zones.rows), pairs, measured.order)
        codes = found.zones.rows["id"].tolist()
        titles = _zone_titles(found, lang)
    st.caption(translate(f"overlap.matrix_{measured.show}", lang))
    if len(heat.columns) == COLUMNS_MOST:
        st.caption(translate("overlap.matrix_most", lang, count=COLUMNS_MOST))
    if heat.values.size == 0:
        st.info(translate("overlap.nothing", lang))
        return
    _show_heat(found, heat, titles, codes, lang, name=f"{key}.{measured.show}.{measured.order}")


def _zone_titles(found: Overlap, lang: str) -> list[str]:
    rows = found.zones.rows
    return _unique(rows[f"name_{lang}"].tolist(), rows["id"].tolist())


def _titles(found: Overlap, lang: str) -> list[str]:
    """Titles of columns: the name, with version and part where two have the same."""
    rows = found.features
    names = rows[f"name_{lang}"].tolist()
    twice = {name for name, count in Counter(names).items() if count > 1}
    told = [
        with_version(name, row, lang) if name in twice else name
        for name, row in zip(names, rows.to_dict("records"), strict=True)
    ]
    return _unique(told, _feature_keys(found))


def _unique(titles: list[str], codes: list[str]) -> list[str]:
    """Titles that differ: the code is added where two are the same."""
    twice = {title for title, count in Counter(titles).items() if count > 1}
    return [
        f"{title} ({code})" if title in twice else title
        for title, code in zip(titles, codes, strict=True)
    ]


def _show_heat(
    found: Overlap, heat: Heat, titles: list[str], codes: list[str], lang: str, *, name: str
) -> None:
    columns = [titles[place] for place in heat.columns]
    zone_titles = _zone_titles(found, lang)
    rows = [zone_titles[int(place)] for place in heat.rows]
    table = pd.DataFrame(heat.values, index=pd.Index(rows), columns=columns)
    shade = pd.DataFrame(_shades(heat.share), index=table.index, columns=table.columns)
    digits = 0 if np.allclose(heat.values, np.round(heat.values)) else 1
    styled = table.style.apply(lambda _: shade, axis=None).format(
        lambda value: "" if value == 0 else f"{value:,.{digits}f}"
    )
    zones = [str(found.zones.rows["id"].iloc[int(place)]) for place in heat.rows]
    cells = {title: codes[place] for title, place in zip(columns, heat.columns, strict=True)}
    key = f"overlap.matrix.{name}.{lang}"
    height = min(MATRIX_MOST, ROW_HEIGHT * (len(rows) + 1) + 12)
    narrow = {
        title: st.column_config.Column(_short(title, lang), width=NARROW, help=title)
        for title in (columns if len(columns) > MANY else [])
    }
    st.dataframe(
        styled, key=key, column_config=narrow, selection_mode="single-cell", height=height,
        row_height=ROW_HEIGHT, on_select=lambda: _choose(key, zones, cells),
    )  # fmt: skip


def _short(title: str, lang: str) -> str:
    """The head of a narrow column: a Chinese city without 市, four letters in English."""
    return short_zh(title)[:3] if lang == "zh" else title[:4]


def _shades(share: np.ndarray) -> list[list[str]]:
    """Style of each cell: the darker the larger its share, with text that can be read on it."""
    return [
        [
            "" if value <= 0 else
            f"background-color: rgba({DARK}, {0.1 + 0.9 * value:.2f}); "
            f"color: {'#ffffff' if value >= TEXT_FROM else '#1b1f23'}"
            for value in row
        ]
        for row in share.tolist()
    ]  # fmt: skip


def _choose(key: str, zones: list[str], cells: dict[str, str]) -> None:
    chosen = st.session_state[key].selection.cells
    if chosen:
        row, column = chosen[0]
        choose_cell(zones[int(row)], cells.get(str(column), ""))


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
        table.columns = [translate(f"overlap.column.{name}", lang) for name in table.columns]
        place.dataframe(table, hide_index=True, height=280, column_config=number_formats(table))
