"""Passing plans down on a page: choose a lower and an upper layer; words, map, table, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import streamlit as st

from atlas.app import cache, outputs
from atlas.cartography.map_document import map_document
from atlas.core.layer import Edition
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations import conform_words as words
from atlas.operations.conform import Conformed
from atlas.operations.conform import conform as hold
from atlas.operations.conform_output import COLUMNS, render, table_lines, to_map_layer
from atlas.operations.web_map import BACKGROUND_ONLY, serve

FIRST = ("metropolitan-areas", "innovation-corridors")
"""What a first visit holds against each other: lower and upper."""
MAP_HEIGHT = 460
MIME = {
    "csv": "text/csv", "json": "application/json", "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def held(
    layers: Path, stamp: tuple[Edition, ...], lower: str, upper: str, day: dt.date,
    known_by: dt.date,
) -> Conformed:  # fmt: skip
    """A lower layer held against an upper one, once while no edition is published."""
    _ = stamp
    return hold(layers, lower, upper, day=day, known_by=known_by)


def show_conformance(lang: str, day: dt.date, known_by: dt.date) -> None:
    """The whole section: choices, words, map, table, files, method.

    Parameters
    ----------
    lang
        Language of words.
    day, known_by
        In force on which day, as published by which day.
    """
    st.caption(translate("conform.intro", lang))
    lower, upper = _choose(lang, known_by)
    if not lower or not upper:
        return
    found = held(cache.folder(), cache.stamp(), lower, upper, day, known_by)
    for sentence in words.tell(found, lang):
        st.markdown(escape_markdown(sentence))
    place = _choose_feature(found, lang)
    if place is not None:
        st.info(escape_markdown(words.tell_feature(found, place, lang)))
    _show_map(found, place, lang)
    _show_table(found, lang)
    _offer_files(found, lang)
    with st.expander(translate("conform.about", lang)):
        for text in (*words.method_texts(found, lang), *words.origin_texts(found, lang)):
            st.caption(escape_markdown(text))


def _choose(lang: str, known_by: dt.date) -> tuple[str, str]:
    """Lower and upper layer; empty where there is no layer by that day."""
    titles = {
        info.id: info.title[lang]
        for info in catalogue.list_feature_layers(cache.folder())
        if info.id not in BACKGROUND_ONLY and outputs.edition_or_none(info.id, known_by)
    }
    if not titles or not outputs.edition_or_none("cities", known_by):
        st.info(translate("conform.nothing", lang, day=known_by.isoformat()))
        return "", ""
    ids = list(titles)
    columns = st.columns(2)
    chosen = [
        column.selectbox(
            translate(f"conform.{side}", lang), ids, format_func=titles.__getitem__,
            index=ids.index(first) if first in ids else 0, key=f"conform.{side}",
        )
        for column, side, first in zip(columns, ("lower", "upper"), FIRST, strict=True)
    ]  # fmt: skip
    return str(chosen[0]), str(chosen[1])


def _choose_feature(found: Conformed, lang: str) -> int | None:
    """One upper feature to be told and drawn alone; None for all."""
    names = {place: " · ".join(line[:2]) for line, place in table_lines(found, lang)}
    if not names:
        return None
    chosen = st.selectbox(
        translate("conform.feature_choice", lang), [None, *names], key="conform.feature",
        format_func=lambda place: translate("conform.all", lang) if place is None
        else names[place],
    )  # fmt: skip
    return chosen if chosen in names else None


def _show_map(found: Conformed, place: int | None, lang: str) -> None:
    layer = to_map_layer(found, place)
    below, urls = outputs.draw_background(found.known_by, found.day)
    kept = [layer] if len(layer.features) else []
    urls |= {la.id: cache.FROM_COMPONENT + serve(la, found.day, cache.STATIC) for la in kept}
    document = map_document([*below, *kept], day=found.day, known_by=found.known_by)
    outputs.show_document(document, urls, lang=lang, key="atlas-conform", height=MAP_HEIGHT)


def _show_table(found: Conformed, lang: str) -> None:
    """The same as the map, in rows, the least carried first."""
    heads = [translate(f"conform.{name}", lang) for name in COLUMNS]
    rows = [line for line, _ in table_lines(found, lang)]
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, width="stretch")


def _offer_files(found: Conformed, lang: str) -> None:
    row = st.container(horizontal=True)
    for form, mime in MIME.items():
        row.download_button(
            form.upper(), data=_writer(found, form, lang), mime=mime, on_click="ignore",
            file_name=f"delta-atlas-conform-{found.lower.name}-{found.upper.id}.{form}",
            key=f"conform.form.{form}",
        )  # fmt: skip


def _writer(found: Conformed, form: str, lang: str) -> Callable[[], bytes]:
    def write() -> bytes:
        return render(found, form, lang=lang, made=dt.date.today())

    return write
