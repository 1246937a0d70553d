"""The view of a session: opened from the address, kept across pages, written back to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import streamlit as st

from atlas.app import cache
from atlas.core.view import View, read_query, to_query
from atlas.i18n import LANGUAGES, language_of, translate
from atlas.io.catalogue import list_layer_ids
from atlas.operations.web_map import DEFAULT_LAYERS

KEY = "atlas.view"


def open_view() -> View:
    """The session's view; the first time it is read from the address, unknown parts named."""
    if KEY not in st.session_state:
        ids = list_layer_ids(cache.folder())
        default = tuple(name for name in DEFAULT_LAYERS if name in ids)
        view, unknown = read_query(
            st.query_params.to_dict(), layers=ids, languages=LANGUAGES, default=default
        )
        st.session_state[KEY] = view
        st.session_state[f"{KEY}.unknown"] = unknown
    return st.session_state[KEY]  # type: ignore[no-any-return]


def change_view(**parts: Any) -> View:
    """Change parts of the session's view."""
    st.session_state[KEY] = replace(open_view(), **parts)
    return st.session_state[KEY]  # type: ignore[no-any-return]


def language() -> str:
    """Language of the session: chosen, else in the link, else the browser's."""
    return open_view().lang or language_of(st.context.locale)


def write_address() -> dict[str, str]:
    """Write the view to the address, both days resolved, and return the query."""
    query = to_query(open_view(), today=dt.date.today(), lang=language())
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    return query


def warn_unknown() -> None:
    """Name the parts of the link that nothing knows."""
    unknown = st.session_state.get(f"{KEY}.unknown")
    if unknown:
        name_unknown(unknown)


def name_unknown(parts: list[str]) -> None:
    """Say which parts of a link were not understood."""
    named = ", ".join(f"`{part.replace('`', ' ')}`" for part in parts)
    st.warning(translate("app.unknown_parts", language(), parts=named))
