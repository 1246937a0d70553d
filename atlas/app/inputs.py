"""Inputs that pages share. Each keeps its choice in the view, so that links and pages agree."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from atlas.app import cache
from atlas.app.state import change_place, change_view, open_view
from atlas.core.layer import THEMES, LayerInfo
from atlas.core.text import escape_markdown
from atlas.core.view import FIRST_DAY, LAST_DAY
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.operations.find import Place, find_places
from atlas.operations.web_map import BACKGROUND_ONLY

LANGUAGE, SEARCH = "language", "search"


def choose_language(lang: str) -> None:
    """Let the reader change the language; it starts with the browser's."""
    st.segmented_control(
        translate("language.label", lang),
        LANGUAGES,
        default=lang,
        required=True,
        format_func=lambda code: translate("language.name", code),
        on_change=_keep_language,
        key=LANGUAGE,
    )


def _keep_language() -> None:
    change_view(lang=st.session_state[LANGUAGE])


def choose_day(lang: str) -> dt.date:
    """Day on which plan versions are in force."""
    return _choose_day("day", LAST_DAY, lang)


def choose_known_by(lang: str) -> dt.date:
    """Day up to which published editions count."""
    return _choose_day("known_by", dt.date.today(), lang)


def _choose_day(name: str, last: dt.date, lang: str) -> dt.date:
    chosen = st.date_input(
        translate(f"explore.{name}", lang),
        value=getattr(open_view(), name) or dt.date.today(),
        min_value=FIRST_DAY,
        max_value=last,
        format="YYYY-MM-DD",
        help=translate(f"explore.{name}_help", lang),
        key=name,
    )
    day = chosen if isinstance(chosen, dt.date) else dt.date.today()
    if day != (getattr(open_view(), name) or dt.date.today()):
        change_view(**{name: day})
    return day


def choose_layers(lang: str) -> tuple[str, ...]:
    """Check boxes of all layers of features, by theme."""
    st.markdown(f"**{translate('explore.layers', lang)}**")
    infos = [
        info
        for info in catalogue.list_feature_layers(cache.folder())
        if info.id not in BACKGROUND_ONLY
    ]
    chosen: list[str] = []
    for theme in THEMES:
        group = [info for info in infos if info.theme == theme]
        if group:
            st.caption(translate(f"theme.{theme}", lang))
            chosen += [info.id for info in group if _check_box(info, lang)]
    layers = tuple(chosen)
    if set(layers) != set(open_view().layers):
        change_view(layers=layers)
    return layers


def choose_play(lang: str) -> bool:
    """Whether the map plays the years of the chosen layers."""
    chosen = st.checkbox(
        translate("explore.play", lang), value=open_view().play,
        help=translate("explore.play_help", lang), key="play",
    )  # fmt: skip
    if chosen != open_view().play:
        change_view(play=chosen)
    return chosen


def _check_box(info: LayerInfo, lang: str) -> bool:
    return st.checkbox(
        info.title[lang],
        value=info.id in open_view().layers,
        help=info.description[lang],
        key=f"layer.{info.id}",
    )


def search_place(lang: str, places: list[Place]) -> None:
    """Search by zh, en or pinyin; the chosen place goes into the view, none clears it."""
    words = st.text_input(
        translate("explore.search", lang),
        help=translate("explore.search_help", lang),
        max_chars=60,
        key=SEARCH,
        on_change=lambda: _choose_first(places),
    )
    if not words.strip():
        return
    found = find_places(places, words)
    if not found:
        st.caption(translate("explore.search_none", lang, words=escape_markdown(words)))
        return
    names = {place.address: _name(place, lang) for place in found}
    key = f"found.{words}"
    st.radio(
        translate("explore.search_pick", lang),
        [*names, ""],
        format_func=(names | {"": translate("explore.search_any", lang)}).__getitem__,
        key=key,
        on_change=lambda: change_place(st.session_state[key] or None),
    )


def _choose_first(places: list[Place]) -> None:
    """Fly to the best place for new words; cleared words clear the place."""
    words = st.session_state[SEARCH]
    found = find_places(places, words, at_most=1)
    if found or not words.strip():
        change_place(found[0].address if found else None)


def _name(place: Place, lang: str) -> str:
    """Both names, and the layer, which tells two of the same name apart."""
    names = (place.name_zh, place.name_en)
    first, second = names if lang == "zh" else names[::-1]
    title = catalogue.read_info(cache.folder(), place.layer).title[lang]
    return escape_markdown(f"{first} · {second} · {title}")
