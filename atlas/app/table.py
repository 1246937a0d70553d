"""Tables beside the map: its accessible twin, and where everything drawn came from."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pandas as pd
import streamlit as st

from atlas.app.state import change_place
from atlas.cartography.map_document import MapLayer
from atlas.cartography.popup import row_key, status_cells
from atlas.core.layer import Layer
from atlas.core.period import day_uncertain
from atlas.core.schema import missing_to_none
from atlas.i18n import translate

ORIGIN = ("document", "source_url")
"""Own columns of a layer that say where a row comes from."""
COLUMNS = (
    "layer", "name", "version", "part", "status", "valid_from", "valid_to", "source", *ORIGIN,
)  # fmt: skip
TITLES = {name: f"column.{name}" for name in ORIGIN}
WEB_ADDRESS = r"https?://\S+"


def show_table(shown: list[tuple[Layer, MapLayer]], day: dt.date, lang: str) -> None:
    """The accessible twin of the map: every feature drawn; a chosen row moves the map."""
    rows = [row for layer, drawn in shown for row in feature_rows(layer, drawn, day, lang)]
    st.subheader(translate("explore.table", lang, count=len(rows)))
    if not rows:
        st.info(translate("explore.table_empty", lang, day=day.isoformat()))
        return
    doubtful = sum(row["uncertain"] for row in rows)
    if doubtful:
        st.warning(translate("explore.uncertain", lang, count=doubtful, day=day.isoformat()))
    names = [name for name in COLUMNS if name not in ORIGIN or any(row[name] for row in rows)]
    table = pd.DataFrame(rows)[names]
    table.columns = [translate(TITLES.get(name, f"table.{name}"), lang) for name in names]
    st.caption(translate("explore.table_help", lang))
    choices = [(row["address"], row["key"]) for row in rows]
    key = f"table.{lang}.{hash(tuple(choices))}"
    st.dataframe(
        table, hide_index=True, height=320, on_select=lambda: _select(key, choices),
        selection_mode="single-row", key=key, column_config=_links(rows, lang),
    )  # fmt: skip


def _select(key: str, choices: list[tuple[str, str]]) -> None:
    chosen = st.session_state[key].selection.rows
    change_place(*(choices[chosen[0]] if chosen else (None, "")))


def _links(rows: list[dict[str, Any]], lang: str) -> dict[str, Any]:
    """Source pages as links, if each row names one page at most; several stay text."""
    pages = [row["source_url"] for row in rows if row["source_url"]]
    if not all(re.fullmatch(WEB_ADDRESS, page) for page in pages):
        return {}
    return {translate(TITLES["source_url"], lang): st.column_config.LinkColumn()}


def feature_rows(layer: Layer, drawn: MapLayer, day: dt.date, lang: str) -> list[dict[str, Any]]:
    """Rows of the table, one a feature drawn; dates as they were published."""
    rows = []
    doubts = day_uncertain(drawn.features, day)
    for row, doubt in zip(drawn.features.itertuples(), doubts, strict=True):
        cells = status_cells(row, lang)
        if doubt:
            cells["status"] += f" · {translate('table.uncertain', lang)}"
        rows.append(
            {
                "address": f"{layer.info.id}:{row.id}",
                "key": row_key(row),
                "uncertain": bool(doubt),
                "layer": layer.info.title[lang],
                "name": row.name_zh if lang == "zh" else row.name_en,
            }
            | cells
            | {name: missing_to_none(getattr(row, name, None)) for name in ORIGIN}
        )
    return rows


def show_sources(layers: list[Layer], backgrounds: list[Layer], lang: str) -> None:
    """Source, edition, accuracy and licence of each layer drawn, the background's last."""
    below = [layer for layer in backgrounds if layer not in layers]
    if not layers + below:
        return
    with st.expander(translate("explore.sources", lang), expanded=True):
        rows = [
            {
                "layer": _source_title(layer, below, lang),
                "edition": str(layer.edition.edition),
                "published": layer.edition.published.isoformat(),
                "hash": layer.edition.sha256[:12],
                "source": layer.info.source[lang],
                "accuracy": layer.info.accuracy[lang],
                "licence": f"{layer.info.licence} · {layer.info.attribution[lang]}",
            }
            for layer in layers + below
        ]
        table = pd.DataFrame(rows)
        table.columns = [translate(f"table.{name}", lang) for name in table.columns]
        st.table(table.set_index(table.columns[0]))


def _source_title(layer: Layer, below: list[Layer], lang: str) -> str:
    title = layer.info.title[lang]
    return translate("table.background", lang, layer=title) if layer in below else title
