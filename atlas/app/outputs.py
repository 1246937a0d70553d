"""Outputs that pages share: the map, the table beside it, and where everything came from."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

from atlas.app import cache
from atlas.app.state import change_view, name_unknown, open_view
from atlas.cartography.map_document import MapLayer, map_document
from atlas.cartography.style import read_variants
from atlas.cartography.web import Tiles, column_title, specify, to_folium
from atlas.core.layer import RASTER, Edition, Layer
from atlas.core.period import as_of, day_uncertain, published_text
from atlas.core.schema import missing_to_none
from atlas.core.text import escape_markdown
from atlas.core.view import to_address
from atlas.errors import AtlasError, EditionNotFound, SchemaError
from atlas.i18n import say_error, translate
from atlas.io import catalogue
from atlas.operations.download import shown_geojson
from atlas.operations.web_map import BACKGROUND, focus_on

MAP_HEIGHT = 620
PROBLEMS_SHOWN = 50


def tighten() -> None:
    """Give the map the room that Streamlit leaves empty above it."""
    st.html("<style>.stMainBlockContainer { padding-top: 2.2rem; padding-bottom: 2rem }</style>")


def find_editions(layers: tuple[str, ...], known_by: dt.date, lang: str) -> list[Edition]:
    """Editions of layers in the record on a day; a layer without one is named and left out."""
    editions = []
    for layer in layers:
        try:
            edition = catalogue.find_edition(cache.folder(), layer, known_by=known_by)
        except EditionNotFound:
            title = catalogue.read_info(cache.folder(), layer).title[lang]
            st.info(translate("explore.not_yet", lang, layer=title, day=known_by.isoformat()))
            continue
        editions.append(edition)
    return editions


def show_map(
    editions: list[Edition], day: dt.date, known_by: dt.date, lang: str
) -> list[tuple[Layer, MapLayer]]:
    """Draw editions as of a day over the background; return what is drawn, layer by layer."""
    folder = cache.folder()
    backgrounds = [e for e in (_edition_or_none(name, known_by) for name in BACKGROUND) if e]
    districts = _edition_or_none("districts", known_by)
    drawn = [
        cache.draw_layer(folder, edition, districts, day, background=True)
        for edition in backgrounds
    ]
    chosen = [cache.draw_layer(folder, edition, districts, day) for edition in editions]
    document = map_document([entry for entry, _ in drawn + chosen], day=day, known_by=known_by)
    urls = {f"background:{entry.id}": url for entry, url in drawn}
    urls |= {entry.id: url for entry, url in chosen}
    layers = [cache.read_layer(folder, edition) for edition in editions]
    focus = focus_on(layers + _place_layers(known_by), open_view().place, day)
    if open_view().place and focus is None:
        name_unknown([f"place={open_view().place}"[:80]])
        change_view(place=None)
    specification = specify(document, urls, lang=lang, focus=focus, tiles=online_tiles())
    base, group = to_folium(specification, cache.asset_addresses())
    st_folium(
        base, key="atlas", feature_group_to_add=group, returned_objects=[],
        height=MAP_HEIGHT, use_container_width=True,
    )  # fmt: skip
    return [(layer, entry) for layer, (entry, _) in zip(layers, chosen, strict=True)]


def _edition_or_none(layer: str, known_by: dt.date) -> Edition | None:
    """Find an edition of a layer of features that may not exist, or not yet by that day."""
    known = layer in catalogue.list_layer_ids(cache.folder())
    if not known or catalogue.read_info(cache.folder(), layer).kind == RASTER:
        return None
    try:
        return catalogue.find_edition(cache.folder(), layer, known_by=known_by)
    except EditionNotFound:
        return None


def _place_layers(known_by: dt.date) -> list[Layer]:
    """The layer that the view's place names, if it is not on the map."""
    name = (open_view().place or "").partition(":")[0]
    edition = _edition_or_none(name, known_by)
    return [cache.read_layer(cache.folder(), edition)] if edition else []


def online_tiles() -> Tiles | None:
    """An online background, only where ``ATLAS_TILES`` names one (and its attribution)."""
    url = os.environ.get("ATLAS_TILES")
    return Tiles(url, os.environ.get("ATLAS_TILES_ATTRIBUTION", url)) if url else None


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
    addresses = [row["address"] for row in rows]
    names = ["layer", "name", "version", "part", "status", "valid_from", "valid_to", "source"]
    table = pd.DataFrame(rows)[names]
    table.columns = [translate(f"table.{name}", lang) for name in names]
    st.caption(translate("explore.table_help", lang))
    key = f"table.{lang}.{hash(tuple(addresses))}"
    st.dataframe(
        table, hide_index=True, height=320, on_select=lambda: _select(key, addresses),
        selection_mode="single-row", key=key,
    )  # fmt: skip


def _select(key: str, addresses: list[str]) -> None:
    chosen = st.session_state[key].selection.rows
    change_view(place=addresses[chosen[0]] if chosen else None)


def feature_rows(layer: Layer, drawn: MapLayer, day: dt.date, lang: str) -> list[dict[str, Any]]:
    """Rows of the table, one a feature drawn; dates as they were published."""
    rows = []
    doubts = day_uncertain(drawn.features, day)
    for row, doubt in zip(drawn.features.itertuples(), doubts, strict=True):
        status = read_variants()[row.status].title[lang]
        rows.append(
            {
                "address": f"{layer.info.id}:{row.id}",
                "uncertain": bool(doubt),
                "layer": layer.info.title[lang],
                "name": row.name_zh if lang == "zh" else row.name_en,
                "version": "" if row.plan_version == "current" else row.plan_version,
                "part": "" if row.part == "whole" else row.part,
                "status": f"{status} · {translate('table.uncertain', lang)}" if doubt else status,
                "valid_from": _when(row.valid_from, row.valid_from_precision, "unknown", lang),
                "valid_to": _when(row.valid_to, row.valid_to_precision, "open", lang),
                "source": _sourced(row, lang),
            }
        )
    return rows


def _when(day: object, precision: object, empty: str, lang: str) -> str:
    if missing_to_none(day) is None:
        return translate(f"table.{empty}", lang)
    return published_text(str(day), str(precision))


def _sourced(row: Any, lang: str) -> str:
    if not row.sourced:
        return translate("table.sourced_no", lang)
    if row.unsourced:
        columns = ", ".join(column_title(name, lang) for name in row.unsourced)
        return translate("table.sourced_part", lang, columns=columns)
    return translate("table.sourced_yes", lang)


def show_sources(layers: list[Layer], lang: str) -> None:
    """Source, edition, accuracy and licence of each layer shown."""
    with st.expander(translate("explore.sources", lang), expanded=True):
        rows = [
            {
                "layer": layer.info.title[lang],
                "edition": str(layer.edition.edition),
                "published": layer.edition.published.isoformat(),
                "hash": layer.edition.sha256[:12],
                "source": layer.info.source[lang],
                "accuracy": layer.info.accuracy[lang],
                "licence": f"{layer.info.licence} · {layer.info.attribution[lang]}",
            }
            for layer in layers
        ]
        table = pd.DataFrame(rows)
        table.columns = [translate(f"table.{name}", lang) for name in table.columns]
        st.table(table.set_index(table.columns[0]))


def offer_download(
    shown: list[tuple[Layer, MapLayer]], day: dt.date, known_by: dt.date, lang: str
) -> None:
    """GeoJSON of exactly what is shown, in the editions' own geometry."""
    st.download_button(
        translate("explore.download", lang),
        data=lambda: shown_geojson(
            [(layer, as_of(layer.features, day)) for layer, _ in shown], day=day, known_by=known_by
        ),
        file_name=f"delta-atlas-{day.isoformat()}.geojson",
        mime="application/geo+json",
        on_click="ignore",
    )


def offer_link(query: dict[str, str], lang: str) -> None:
    """The link that shows the same next year, ready to copy."""
    st.caption(f"{translate('explore.link', lang)} · {translate('explore.link_help', lang)}")
    st.code(to_address(query), language=None)


def show_error(error: AtlasError, lang: str) -> None:
    """One clear sentence, and the list of problems where there is one."""
    st.error(escape_markdown(say_error(error, lang)))
    if isinstance(error, SchemaError):
        with st.expander(translate("app.problems", lang, count=PROBLEMS_SHOWN)):
            for problem in error.problems[:PROBLEMS_SHOWN]:
                st.text(str(problem))
