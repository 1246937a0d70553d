"""The series on the page of reports: made while the reader looks on, stopped when he wants.

A series is drawn by processes of its own; this session only waits for their pages. Whatever the
reader clicks meanwhile ends the work before the next page, and finished pages are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from atlas.app import cache
from atlas.app.report_inputs import Asked
from atlas.core.recipe import Recipe, to_text
from atlas.core.view import default_days
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.io.page_store import default_folder
from atlas.operations import series

Make = Callable[[], bytes]
RUNNING, MADE = "report.series.running", "report.series.made"
"""The recipe of a series that is being made, and the last one that was made with its bytes."""


def offer(asked: Asked, lang: str) -> None:
    """A page for each city or metropolitan area as one PDF."""
    st.subheader(translate("series.heading", lang))
    since = asked.reported.since or default_days(asked.day)[0]
    st.caption(translate("series.intro", lang, day=since.isoformat()))
    known = catalogue.list_layer_ids(cache.folder())
    choices = [name for name in series.PLACES if name in known]
    if not choices:
        return
    by = st.segmented_control(
        translate("series.by", lang), choices, default=choices[0], required=True,
        format_func=lambda name: catalogue.read_info(cache.folder(), name).title[lang],
        key="report.series.by",
    )  # fmt: skip
    recipe = _recipe(asked, str(by), since)
    key = to_text(recipe)
    stopped = st.session_state.pop(RUNNING, None) == key
    if st.button(translate("series.make", lang), key="report.series.make"):
        _make(recipe, key, lang)
    elif stopped:
        st.info(translate("series.stopped", lang))
    made = st.session_state.get(MADE)
    if made and made[0] == key:
        st.download_button(
            translate("series.download", lang), data=made[1],
            file_name=f"delta-atlas-{by}-{asked.day.isoformat()}.pdf", mime="application/pdf",
            on_click="ignore", key="report.series.file",
        )  # fmt: skip


def _recipe(asked: Asked, by: str, since: dt.date) -> Recipe:
    held = asked.reported
    return series.compose(
        cache.folder(), asked.layers, by=by, day=asked.day, since=since, known_by=asked.known_by,
        made=dt.date.today(), lang=held.words, profile=held.profile,
        approval_number=asked.number,
    )  # fmt: skip


def _make(recipe: Recipe, key: str, lang: str) -> None:
    """Make a series under a bar; a click on the button below it ends this run at the next page."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=translate("series.begins", lang))
        st.button(translate("series.stop", lang), key="report.series.stop")
    st.session_state[RUNNING] = key

    def tell(done: int, total: int) -> None:
        bar.progress(done / total, text=translate("series.done", lang, done=done, total=total))

    content = series.render(recipe, cache.folder(), work=default_folder(), tell=tell)
    st.session_state[MADE] = (key, content)
    del st.session_state[RUNNING]
    place.empty()
