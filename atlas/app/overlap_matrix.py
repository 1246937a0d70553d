"""The matrix of the page of overlaps: a heat map whose every cell the keyboard reaches."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.overlap_inputs import choose_cell
from atlas.app.overlap_outputs import feature_keys
from atlas.app.shade import shades
from atlas.cartography.popup import short_zh
from atlas.core.measured import FEATURES, Measured
from atlas.i18n import translate
from atlas.operations.heat import COLUMNS_MOST, Heat, zone_feature_heat, zone_zone_heat
from atlas.operations.overlap import Overlap
from atlas.operations.row_words import with_version

ROW_HEIGHT, MATRIX_MOST = 24, 1100
MANY = 8
"""From so many columns on they are narrow, their heads short."""
ZONE_WIDTH, FEATURE_WIDTH = 44, 76
SIGN_WIDTH, HEAD_MARGIN = {"zh": 14, "en": 7}, 16
"""Width of a column by what it is of, of a sign of its head by language, and what is around."""


def show_matrix(found: Overlap, measured: Measured, key: str, lang: str) -> None:
    """The matrix as a heat map; arrow keys reach every cell, the chosen cell is told above."""
    if measured.show == FEATURES:
        heat = zone_feature_heat(found, measured.order)
        codes = feature_keys(found)
        titles = _titles(found, lang)
    else:
        pairs = cache.pairs(cache.folder(), cache.stamp(), found, key)
        heat = zone_zone_heat(len(found.zones.rows), pairs, measured.order)
        codes = found.zones.rows["id"].tolist()
        titles = _zone_titles(found, lang)
    of = f"_{found.info.kind}" if measured.show == FEATURES else ""
    st.caption(translate(f"overlap.matrix_{measured.show}{of}", lang))
    if len(heat.columns) == COLUMNS_MOST:
        st.caption(translate("overlap.matrix_most", lang, count=COLUMNS_MOST))
    if heat.values.size == 0:
        st.info(translate("overlap.nothing", lang))
        return
    width = FEATURE_WIDTH if measured.show == FEATURES else ZONE_WIDTH
    name = f"{key}.{measured.show}.{measured.order}"
    _show_heat(found, heat, titles, codes, lang, name=name, width=width)


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
    return _unique(told, feature_keys(found))


def _unique(titles: list[str], codes: list[str]) -> list[str]:
    """Titles that differ: the code is added where two are the same."""
    twice = {title for title, count in Counter(titles).items() if count > 1}
    return [
        f"{title} ({code})" if title in twice else title
        for title, code in zip(titles, codes, strict=True)
    ]


def _show_heat(
    found: Overlap, heat: Heat, titles: list[str], codes: list[str], lang: str, *, name: str,
    width: int,
) -> None:  # fmt: skip
    columns = [titles[place] for place in heat.columns]
    zone_titles = _zone_titles(found, lang)
    rows = [zone_titles[int(place)] for place in heat.rows]
    table = pd.DataFrame(heat.values, index=pd.Index(rows), columns=columns)
    shade = pd.DataFrame(shades(heat.share, least=0.1), index=table.index, columns=table.columns)
    digits = 0 if np.allclose(heat.values, np.round(heat.values)) else 1
    styled = table.style.apply(lambda _: shade, axis=None).format(
        lambda value: _cell_text(value, digits)
    )
    zones = [str(found.zones.rows["id"].iloc[int(place)]) for place in heat.rows]
    cells = {title: codes[place] for title, place in zip(columns, heat.columns, strict=True)}
    key = f"overlap.matrix.{name}.{lang}"
    height = min(MATRIX_MOST, ROW_HEIGHT * (len(rows) + 1) + 12)
    narrow = {
        title: st.column_config.Column(_short(title, lang, width), width=width, help=title)
        for title in (columns if len(columns) > MANY else [])
    }
    st.dataframe(
        styled, key=key, column_config=narrow, selection_mode="single-cell", height=height,
        row_height=ROW_HEIGHT, on_select=lambda: _choose(key, zones, cells),
    )  # fmt: skip


def _cell_text(value: Any, digits: int) -> str:
    """A number as a cell shows it: nothing is empty, very little is not nothing."""
    if value == 0:
        return ""
    least = 10.0**-digits
    return f"<{least:g}" if value < least / 2 else f"{value:,.{digits}f}"


def _short(title: str, lang: str, width: int) -> str:
    """The head of a narrow column: a Chinese city without 市, as many signs as there is room."""
    return short_zh(title)[: (width - HEAD_MARGIN) // SIGN_WIDTH[lang]]


def _choose(key: str, zones: list[str], cells: dict[str, str]) -> None:
    chosen = st.session_state[key].selection.cells
    if chosen:
        row, column = chosen[0]
        choose_cell(zones[int(row)], cells.get(str(column), ""))
