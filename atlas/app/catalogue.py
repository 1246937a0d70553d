"""The catalogue: all layers and features as text, the twin of the map that needs no map."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.entry import CATALOGUE, EXPLORE, show_facts, show_feature, show_rows
from atlas.app.state import PLAN, change_place, forget_place, link_query, open_view
from atlas.core.layer import REGISTER, THEMES, Edition, LayerInfo
from atlas.core.raster import RasterScheme
from atlas.core.text import escape_markdown
from atlas.core.view import place_parts, to_address
from atlas.i18n import translate, version_name
from atlas.io.catalogue import list_layer_ids, read_editions, read_info
from atlas.operations.find import Place, find_places, known_editions
from atlas.operations.tell import layer_facts, period_words, status_text
from atlas.operations.web_map import BACKGROUND_ONLY

PLAN_PAGE = "pages/plan.py"
FOUND_AT_MOST = 50
TABLE_HEIGHT = 420
ROWS_UNSCROLLED = 10
TABLES = """
.stTable td, .stTable th { white-space: normal; vertical-align: top }
.stTable td div, .stTable td p, .stTable td a {
  max-width: none !important; overflow-wrap: anywhere !important; white-space: normal !important
}
.stTable table:has(thead) td p { overflow-wrap: break-word !important; min-width: 5.2em }
.stTable th { text-align: left !important; min-width: 3em }
.stTable table:not(:has(thead)) th[scope=row] { min-width: 6.5em; width: 20% }
"""
"""Long words of a table break, so that it fits a phone."""
LAYER, SEARCH = "catalogue.layer", "catalogue.search"


def list_editions(known_by: dt.date) -> dict[str, Edition]:
    """Editions in the record on a day, by layer; a layer without one is left out."""
    folder = cache.folder()
    editions = known_editions(folder, list_layer_ids(folder), known_by=known_by)
    return {edition.layer: edition for edition in editions}


def open_place(editions: dict[str, Edition]) -> tuple[str, str]:
    """Layer and feature that the view opens; a place that nothing knows is named and ignored."""
    layer, feature = place_parts(open_view().place or "")
    known = layer in list_layer_ids(cache.folder())
    if known and feature:
        found = _features(editions[layer]) if layer in editions else []
        known = any(place.id == feature for place in found)
    if open_view().place and not known:
        forget_place()
        return "", ""
    return layer, feature


def _features(edition: Edition) -> list[Place]:
    """Features of an edition; a raster and a register have none."""
    info = read_info(cache.folder(), edition.layer)
    return cache.features(edition) if info.holds_features else []


def choose_layer(layer: str, lang: str) -> None:
    """Let the reader open a layer; the choice follows whatever is open."""
    infos = {name: read_info(cache.folder(), name) for name in _in_order()}
    st.session_state[LAYER] = layer
    st.selectbox(
        translate("catalogue.layer", lang), ["", *infos], key=LAYER, on_change=_open_layer,
        format_func=lambda name: infos[name].title[lang] if name
        else translate("catalogue.all", lang),
    )  # fmt: skip


def _in_order() -> list[str]:
    """Layer ids by theme."""
    infos = [read_info(cache.folder(), name) for name in list_layer_ids(cache.folder())]
    return [info.id for theme in THEMES for info in infos if info.theme == theme]


def _open_layer() -> None:
    change_place(st.session_state[LAYER] or None)


def ask_words(lang: str) -> str:
    """Words to search for."""
    return st.text_input(
        translate("catalogue.search", lang), help=translate("catalogue.search_help", lang),
        max_chars=60, key=SEARCH,
    ).strip()  # fmt: skip


def show_found(editions: dict[str, Edition], words: str, lang: str) -> None:
    """Features of all layers with such a name; a chosen row opens its entry."""
    if not words:
        return
    everything = [place for edition in editions.values() for place in _features(edition)]
    found = find_places(everything, words, at_most=FOUND_AT_MOST)
    if not found:
        st.caption(translate("explore.search_none", lang, words=escape_markdown(words)))
        return
    key = "catalogue.found_most" if len(found) == FOUND_AT_MOST else "catalogue.found"
    st.markdown(translate(key, lang, count=len(found)))
    titles = {name: read_info(cache.folder(), name).title[lang] for name in editions}
    rows = [
        {"name": place.name_zh if lang == "zh" else place.name_en,
         "other": place.name_en if lang == "zh" else place.name_zh,
         "layer": titles[place.layer], "code": place.id}
        for place in found
    ]  # fmt: skip
    _show_choice(rows, [place.address for place in found], f"catalogue.found.{words}", lang)


def _show_choice(rows: list[dict[str, str]], places: list[str], name: str, lang: str) -> None:
    """A table of features of which a row opens the entry."""
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    table = pd.DataFrame(rows)[columns]
    table.columns = [translate(f"table.{column}", lang) for column in columns]
    key = f"{name}.{lang}.{hash(tuple(places))}"
    st.caption(translate("catalogue.pick", lang))
    st.dataframe(
        table, hide_index=True, height=TABLE_HEIGHT if len(rows) > ROWS_UNSCROLLED else "auto",
        selection_mode="single-row", key=key,
        on_select=lambda: _open_row(key, places),
    )  # fmt: skip


def _open_row(key: str, places: list[str]) -> None:
    chosen = st.session_state[key].selection.rows
    if chosen:
        st.session_state[SEARCH] = ""
        change_place(places[chosen[0]])


def show(
    editions: dict[str, Edition], layer: str, feature: str, day: dt.date, known_by: dt.date,
    lang: str,
) -> None:  # fmt: skip
    """What is open: an entry, a layer, or the list of layers."""
    st.html(f"<style>{TABLES}</style>")
    if feature:
        show_feature(editions[layer], feature, day, known_by, lang)
    elif layer:
        _show_layer(read_info(cache.folder(), layer), editions.get(layer), day, known_by, lang)
    else:
        _show_layers(editions, known_by, lang)


def _show_layers(editions: dict[str, Edition], known_by: dt.date, lang: str) -> None:
    """Every layer, by theme: title, description, how much there is of it."""
    st.header(translate("catalogue.all", lang))
    for name in _in_order():
        with st.container(gap=None):
            _show_title(read_info(cache.folder(), name), editions.get(name), known_by, lang)


def _show_title(info: LayerInfo, edition: Edition | None, known_by: dt.date, lang: str) -> None:
    st.button(
        f"**{escape_markdown(info.title[lang])}** →", key=f"catalogue.open.{info.id}",
        type="tertiary", on_click=change_place, args=(info.id,),
    )  # fmt: skip
    words = [info.description[lang]]
    if edition is None:
        words.append(translate("catalogue.no_edition", lang, day=known_by.isoformat()))
    elif info.kind == REGISTER:
        words.append(translate("plan.items", lang, count=edition.features))
    elif info.holds_features:
        features = len(_features(edition))
        words.append(translate("catalogue.counts", lang, features=features, rows=edition.features))
    st.caption(escape_markdown(" · ".join(words)))


def _show_layer(
    info: LayerInfo, edition: Edition | None, day: dt.date, known_by: dt.date, lang: str
) -> None:
    st.header(escape_markdown(info.title[lang]))
    st.markdown(escape_markdown(info.description[lang]))
    if edition is None:
        st.info(translate("catalogue.no_edition", lang, day=known_by.isoformat()))
        return
    if info.raster:
        _show_cells(info.raster, lang)
    elif info.kind == REGISTER:
        st.page_link(PLAN_PAGE, label=translate("plan.open", lang), query_params=link_query(PLAN))
    else:
        _show_features(edition, day, lang)
    st.subheader(translate("catalogue.about", lang), divider="gray")
    show_facts(layer_facts(info, edition, lang), lang)
    _show_editions(info.id, lang)


def _show_cells(scheme: RasterScheme, lang: str) -> None:
    """What the cells of a raster hold: classes, or a quantity."""
    st.caption(translate("catalogue.raster", lang))
    facts = {
        translate("catalogue.resolution", lang): escape_markdown(scheme.resolution[lang]),
        translate("catalogue.unit", lang): escape_markdown(scheme.unit[lang]),
    }
    if scheme.range:
        low, high = scheme.range
        facts[translate("catalogue.range", lang)] = escape_markdown(f"{low:,g} – {high:,g}")
    st.table(facts, border="horizontal")
    if scheme.classes:
        st.subheader(translate("catalogue.classes", lang), divider="gray")
        st.table(
            {str(entry.value): escape_markdown(entry.title[lang]) for entry in scheme.classes},
            border="horizontal",
        )


def _show_features(edition: Edition, day: dt.date, lang: str) -> None:
    if edition.layer not in BACKGROUND_ONLY:
        label = translate("catalogue.on_map_layer", lang)
        query = link_query(layers=(edition.layer,), place=None)
        st.page_link(EXPLORE, label=label, query_params=query)
    entries = cache.list_entries(cache.folder(), edition, day)
    st.subheader(translate("catalogue.features", lang, count=len(entries)), divider="gray")
    rows = [
        {"name": entry.name[lang], "other": entry.name["en" if lang == "zh" else "zh"],
         "versions": ", ".join(version_name(name, lang) for name in entry.versions)
         if len(entry.versions) > 1 or entry.versions[0] != "current" else "",
         "status": status_text(entry, lang, day),
         "period": period_words(entry.valid_from, entry.valid_to, lang), "code": entry.id}
        for entry in entries
    ]  # fmt: skip
    places = [f"{edition.layer}:{entry.id}" for entry in entries]
    _show_choice(rows, places, f"catalogue.features.{edition.layer}", lang)


def _show_editions(layer: str, lang: str) -> None:
    st.subheader(translate("catalogue.editions", lang), divider="gray")
    rows = [
        {"edition": str(edition.edition), "published": edition.published.isoformat(),
         "features": f"{edition.features:,}", "note": edition.note,
         "hash": edition.sha256[:12],
         "withdrawn": edition.withdrawn.isoformat() if edition.withdrawn else ""}
        for edition in reversed(read_editions(cache.folder(), layer))
    ]  # fmt: skip
    show_rows(rows, lang)


def offer_address(query: dict[str, str], lang: str) -> None:
    """The address of what is open, ready to copy."""
    st.caption(f"{translate('catalogue.link', lang)} · {translate('explore.link_help', lang)}")
    st.code(to_address(query, "catalogue"), language=None)


def link_to_catalogue(query: dict[str, str], lang: str) -> None:
    """From the map to the entry of the chosen feature, or to the catalogue's first page."""
    key = "catalogue.from_map" if "place" in query else "catalogue.from_map_all"
    st.page_link(CATALOGUE, label=translate(key, lang), query_params=query)
