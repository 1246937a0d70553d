"""The page of reports put together: the preview of the very figure, and all its files."""

from __future__ import annotations

import datetime as dt
import re

import streamlit as st

from atlas.app import cache as kept
from atlas.app import outputs, report_cache, report_inputs, report_series
from atlas.app.report_inputs import Asked
from atlas.cartography.map_document import map_document
from atlas.errors import (
    ApprovalMalformed,
    ApprovalMissing,
    FeatureNotFound,
    FigureRefused,
    FileDamaged,
    NothingThere,
    PlaceNotFound,
)
from atlas.i18n import translate
from atlas.operations.export import FORMS as DATA_FORMS
from atlas.operations.export import export_bytes
from atlas.operations.figure import FORMS as FIGURE_FORMS
from atlas.operations.figure import Figure, render
from atlas.operations.web_file import web_file_bytes

ASKED_WRONG = (
    ApprovalMissing, ApprovalMalformed, NothingThere, FigureRefused, PlaceNotFound,
    FeatureNotFound, FileDamaged,
)  # fmt: skip
"""What is wrong with the choice and not with the atlas: it is told beside the inputs."""
MIME = {
    "pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png",
    "gpkg": "application/geopackage+sqlite3", "geojson": "application/geo+json",
    "csv": "text/csv", "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
BOX_MAP_HEIGHT = 380
NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.-]+")


def show(asked: Asked, lang: str) -> None:
    """Everything below the heading."""
    if not asked.layers:
        st.info(translate("explore.nothing", lang))
        return
    if asked.by_box:
        _show_box_map(asked, lang)
    if asked.where is None:
        st.info(translate("report.box_missing", lang))
        return
    try:
        figure = report_cache.compose(asked)
        picture = report_cache.preview(figure)
    except ASKED_WRONG as error:
        outputs.show_error(error, lang)
        return
    _show_preview(asked, figure, picture, lang)
    _offer_files(asked, figure, lang)
    report_series.offer(asked, lang)


def _show_box_map(asked: Asked, lang: str) -> None:
    """A map to draw a place on; its box counts."""
    st.caption(translate("report.draw_help", lang))
    below, urls = outputs.draw_background(asked.known_by, asked.day)
    told = outputs.show_document(
        map_document(below, day=asked.day, known_by=asked.known_by), urls, lang=lang,
        key="atlas-report", draw=True, height=BOX_MAP_HEIGHT,
    )  # fmt: skip
    report_inputs.take_box(told.drawing)


def _show_preview(asked: Asked, figure: Figure, picture: bytes, lang: str) -> None:
    title = " · ".join(figure.sheet.title)
    days = " · ".join(figure.sheet.subtitle)
    with st.container(border=True):
        st.image(picture, width="stretch", alt=translate("report.alt", lang, title=title))
    st.caption(translate("report.preview", lang, days=days))
    if asked.reported.since and figure.recipe.until is None:
        st.caption(translate("report.state_only", lang))


def _offer_files(asked: Asked, figure: Figure, lang: str) -> None:
    """One click a file: the figure, the report, the data, the map in one file."""
    st.subheader(translate("report.files", lang))
    columns = st.columns(4)
    with columns[0]:
        st.caption(translate("report.figure_files", lang))
        for form in FIGURE_FORMS:
            _button(form, asked, lambda form=form: render(figure, form))  # type: ignore[misc]
    with columns[1]:
        st.caption(translate("report.word_file", lang))
        _button("docx", asked, lambda: report_cache.report_bytes(asked))
    with columns[2]:
        st.caption(translate("report.data_files", lang))
        _offer_data(asked, lang)
    with columns[3]:
        st.caption(translate("report.web_file", lang))
        _button("html", asked, lambda: _web_file(asked, lang))


def _offer_data(asked: Asked, lang: str) -> None:
    """The data behind the figure, of the place on the day."""
    try:
        export = report_cache.export(asked)
    except NothingThere:
        st.info(translate("report.no_data", lang))
        return
    made = dt.date.today()
    for form in DATA_FORMS:
        _button(
            form, asked,
            lambda form=form: export_bytes(export, form, lang=lang, made=made),  # type: ignore[misc]
        )  # fmt: skip


def _web_file(asked: Asked, lang: str) -> bytes:
    return web_file_bytes(
        kept.folder(), asked.layers, day=asked.day, known_by=asked.known_by, lang=lang,
        made=dt.date.today(), place=asked.where or None,
    )  # fmt: skip


def _button(form: str, asked: Asked, make: report_series.Make) -> None:
    name = "-".join(filter(None, ("delta-atlas", asked.where, asked.day.isoformat())))
    st.download_button(
        form.upper(), data=make, file_name=f"{NOT_IN_NAMES.sub('-', name)}.{form}",
        mime=MIME[form], on_click="ignore", key=f"report.file.{form}", width="stretch",
    )  # fmt: skip
