"""The view of a session: opened from the address, kept across pages, written back to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import streamlit as st

from atlas.app import cache
from atlas.core.view import (
    MAPS,
    TWO_MAPS,
    Compared,
    View,
    default_days,
    read_query,
    to_query,
)
from atlas.i18n import LANGUAGES, language_of, translate
from atlas.io.catalogue import list_feature_layers, list_raster_layers
from atlas.operations.web_map import BACKGROUND_ONLY, DEFAULT_LAYERS

KEY = "atlas.view"
UNKNOWN = f"{KEY}.unknown"
PAGE = f"{KEY}.page"
WRITTEN = f"{KEY}.written"
CHANGED = f"{KEY}.changed"
CHOICE = f"{KEY}.choice"
CHANGES = "changes"
"""The page that compares two states of a layer."""
OVERLAP = "overlap"
"""The page that measures overlaps."""
GROUND = "ground"
"""The page that shows rasters."""
REPORT = "report"
"""The page that composes figures and reports."""
PLAN = "plan"
"""The page that shows the action plan."""
REACH = "reach"
"""The page that asks of the railway."""


def open_view() -> View:
    """The session's view; the first time it is read from the address, unknown parts named."""
    if KEY not in st.session_state:
        _read_address()
    return st.session_state[KEY]  # type: ignore[no-any-return]


def _read_address() -> None:
    ids = [info.id for info in list_feature_layers(cache.folder())]
    ids = [layer for layer in ids if layer not in BACKGROUND_ONLY]
    default = tuple(name for name in DEFAULT_LAYERS if name in ids)
    view, unknown = read_query(
        st.query_params.to_dict(), layers=ids, languages=LANGUAGES, default=default,
        today=dt.date.today(), rasters=[info.id for info in list_raster_layers(cache.folder())],
    )  # fmt: skip
    if view.compared is None and st.query_params.get("layer") in ids:
        view = replace(view, compared=_whole_layer())
    before = st.session_state.get(KEY)
    if before is not None:
        # A link to one page says nothing of the others: they stay as they were.
        view = replace(
            view, compared=view.compared or before.compared,
            measured=view.measured or before.measured, ground=view.ground or before.ground,
        )  # fmt: skip
        if "layers" not in st.query_params:
            view = replace(view, layers=before.layers, place=view.place or before.place)
        if "day" not in st.query_params:
            view = replace(view, day=before.day)
        view = replace(
            view,
            area=view.area or before.area,
            reported=view.reported or before.reported,
            travelled=view.travelled or before.travelled,
        )
    st.session_state[KEY] = view
    st.session_state[UNKNOWN] = unknown


def _whole_layer() -> Compared:
    """A link's layer over ten years, where its two states are missing or not understood."""
    query = st.query_params
    old, new = default_days(dt.date.today())
    maps = query.get("maps")
    return Compared(
        query["layer"], "days", old.isoformat(), new.isoformat(), query.get("feature") or None,
        maps if maps in MAPS else TWO_MAPS,
    )  # fmt: skip


def enter_page(page: str) -> None:
    """Note the page that opens, and follow its address where the browser changed it.

    A link of another page is read as a whole, but the language is the session's own; the
    side bar's navigation clears the address, and the view stays as it was. On the same page
    the browser's own Back and Forward change the place.
    """
    before = st.session_state.get(PAGE)
    st.session_state[PAGE] = page
    if before == page:
        _follow_back()
    elif before is not None:
        st.session_state[UNKNOWN] = []
        if st.query_params:
            lang = language()
            _read_address()
            change_view(lang=lang)


def _follow_back() -> None:
    """Take the place from the address, unless an input of this rerun has just changed the view."""
    place = st.query_params.get("place")
    if not st.session_state.get(CHANGED) and place != st.session_state.get(WRITTEN):
        change_view(place=place)


def change_view(**parts: Any) -> View:
    """Change parts of the session's view."""
    st.session_state[KEY] = replace(open_view(), **parts)
    st.session_state[CHANGED] = True
    return st.session_state[KEY]  # type: ignore[no-any-return]


def change_place(place: str | None, row: str = "") -> None:
    """Open another place, or none, or one of its rows: for buttons, lists and tables."""
    st.session_state[CHOICE] = (place_choice()[0] + 1, row)
    change_view(place=place)


def place_choice() -> tuple[int, str]:
    """How often a place was chosen, and the row of the last choice (empty: all its rows)."""
    return st.session_state.get(CHOICE, (0, ""))  # type: ignore[no-any-return]


def language() -> str:
    """Language of the session: chosen, else in the link, else the browser's."""
    return open_view().lang or language_of(st.context.locale)


def write_address(page: str = "") -> dict[str, str]:
    """Write the view to the address as a page needs it, both days resolved; return the query."""
    query = link_query(page)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    st.session_state[WRITTEN] = query.get("place")
    st.session_state[CHANGED] = False
    return query


def forget_place() -> None:
    """Ignore the view's place, and name it among the unknown parts."""
    place = open_view().place
    st.session_state[UNKNOWN] = [*st.session_state.get(UNKNOWN, []), f"place={place}"[:80]]
    change_view(place=None)


def link_query(page: str = "", **parts: Any) -> dict[str, str]:
    """Query of a link that differs from the view in some parts; both days are resolved.

    The link of the page of changes says what it compares instead of layers,
    day and place.
    """
    view = replace(open_view(), **parts)
    return to_query(
        view, today=dt.date.today(), lang=language(), compared=page == CHANGES,
        measured=page == OVERLAP, ground=page == GROUND, planned=page == PLAN,
        reported=page == REPORT, travelled=page == REACH,
    )  # fmt: skip


def warn_unknown() -> None:
    """Name the parts of the link that nothing knows."""
    unknown = st.session_state.get(UNKNOWN)
    if unknown:
        name_unknown(unknown)


def name_unknown(parts: list[str]) -> None:
    """Say which parts of a link were not understood."""
    named = ", ".join(f"`{part.replace('`', ' ')}`" for part in parts)
    st.warning(translate("app.unknown_parts", language(), parts=named))
