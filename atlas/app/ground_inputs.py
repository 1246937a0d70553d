"""Inputs of the page of the ground: raster, what is told of it, zones, line, weights."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import streamlit as st

from atlas.app import cache
from atlas.app.ground_cache import Source
from atlas.app.ground_upload import choose_file
from atlas.app.inputs import choose_day, choose_known_by
from atlas.app.state import change_view, open_view
from atlas.core.ground import (
    DRAWN,
    MOST_CORNERS,
    OPACITY_MOST,
    OWN,
    PROFILE,
    SKETCH,
    VIEWS,
    WEIGHT_MOST,
    GroundView,
    read_corners,
    write_corners,
)
from atlas.core.layer import LayerInfo
from atlas.core.measured import Corners
from atlas.core.view import FIRST_DAY, LAST_DAY
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.find import known_editions, list_features
from atlas.operations.suitability import CRITERIA, WEIGHTS
from atlas.operations.web_map import BACKGROUND_ONLY

CUTTERS = ("cities", "districts", "provinces", "metropolitan-areas")
LINES = ("rail-lines", "rivers")
FIRST_LINE = "rail-lines"
TAKEN, TOLD, WRITTEN = "ground.taken", "ground.told", "ground.corners"
"""The last line that a map told, whether it is new, and the corners as they are written."""


@dataclass(frozen=True)
class Asked:
    """Everything that says what is shown; ``source`` is None until a file is given."""

    view: GroundView
    source: Source | None
    day: dt.date
    known_by: dt.date


def choose(lang: str) -> Asked:
    """Let the reader choose; kept in the view."""
    rasters = catalogue.list_raster_layers(cache.folder())
    first = next((info.id for info in rasters if info.id == "land-cover"), None)
    held = open_view().ground or GroundView(first or (rasters[0].id if rasters else OWN))
    tell = st.segmented_control(
        translate("ground.show", lang), VIEWS, default=held.tell, required=True,
        format_func=lambda code: translate(f"ground.view_{code}", lang), key="ground.tell",
    )  # fmt: skip
    tell = str(tell)
    raster = held.raster if tell == SKETCH else _choose_raster(held, rasters, lang)
    source = choose_file(lang) if raster == OWN and tell != SKETCH else Source(raster)
    opacity = st.slider(
        translate("ground.opacity", lang), 0, OPACITY_MOST, held.opacity, step=5,
        key="ground.opacity",
    )  # fmt: skip
    day = choose_day(lang)
    over, cut, then = _choose_zones(held, tell, lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = choose_known_by(lang)
    line = _choose_line(held, known_by, lang) if tell == PROFILE else held.line
    weights = _choose_weights(held, lang) if tell == SKETCH else held.weights
    view = GroundView(raster, tell, over, cut, then, line, int(opacity), weights)
    if view != open_view().ground:
        change_view(ground=view)
    return Asked(view, source, day, known_by)


def _choose_raster(held: GroundView, rasters: list[LayerInfo], lang: str) -> str:
    titles = {info.id: info.title[lang] for info in rasters}
    titles[OWN] = translate("ground.own", lang)
    return _select("ground.raster", titles, held.raster, lang)


def _choose_zones(held: GroundView, tell: str, lang: str) -> tuple[str, str, dt.date | None]:
    """Zones, what cuts them, and the second day of a comparison."""
    if tell == PROFILE:
        return held.over, held.cut, held.then
    infos = catalogue.list_feature_layers(cache.folder())
    polygons = {
        info.id: info.title[lang] for info in infos
        if info.kind == "polygon" and info.id not in BACKGROUND_ONLY
    }  # fmt: skip
    if not polygons:
        return held.over, "", None
    over = _select("ground.over", polygons, held.over, lang)
    if tell == SKETCH:
        return over, held.cut, held.then
    cutters = {"": translate("ground.cut_none", lang)} | {
        name: polygons[name] for name in CUTTERS if name in polygons and name != over
    }
    cut = _select("ground.cut", cutters, held.cut, lang)
    return over, cut, _choose_then(held, lang)


def _choose_then(held: GroundView, lang: str) -> dt.date | None:
    two = st.toggle(
        translate("ground.two_days", lang), value=held.then is not None, key="ground.two"
    )
    if not two:
        return None
    then = st.date_input(
        translate("ground.then", lang), value=held.then or dt.date.today(),
        min_value=FIRST_DAY, max_value=LAST_DAY, format="YYYY-MM-DD", key="ground.then",
    )  # fmt: skip
    return then if isinstance(then, dt.date) else held.then


def _select(label: str, titles: dict[str, str], wanted: str, lang: str) -> str:
    options = list(titles)
    place = options.index(wanted) if wanted in options else 0
    return st.selectbox(
        translate(label, lang), options, index=place, format_func=titles.__getitem__, key=label
    )


def _choose_line(held: GroundView, known_by: dt.date, lang: str) -> str:
    """A line of the record, or corners of one that is drawn or written."""
    titles: dict[str, str] = {}
    for edition in known_editions(cache.folder(), LINES, known_by=known_by):
        places = list_features(cache.read_layer(cache.folder(), edition))
        titles |= {
            place.address: place.name_zh if lang == "zh" else place.name_en
            for place in places if place.bounds
        }  # fmt: skip
    titles[DRAWN] = translate("ground.line_drawn", lang)
    corners = read_corners(held.line)
    line = _select("ground.line", titles, DRAWN if corners else held.line, lang)
    if line != DRAWN:
        return line
    if WRITTEN not in st.session_state or st.session_state.pop(TOLD, False):
        st.session_state[WRITTEN] = held.line if corners else ""
    text = st.text_input(
        translate("ground.line_corners", lang), max_chars=4000, key=WRITTEN,
        help=translate("ground.line_corners_help", lang),
    )  # fmt: skip
    return text.replace(" ", "").strip(";") or DRAWN


def _choose_weights(held: GroundView, lang: str) -> tuple[int, ...]:
    usual = held.weights if len(held.weights) == len(CRITERIA) else WEIGHTS
    return tuple(
        int(st.slider(
            translate(f"ground.criterion.{name}", lang), 0, WEIGHT_MOST, weight,
            key=f"ground.weight.{name}",
        ))
        for name, weight in zip(CRITERIA, usual, strict=True)
    )  # fmt: skip


def take_line(corners: Corners, lang: str) -> None:
    """Follow the line that a map tells, if it is a new one."""
    held = open_view().ground
    if not held or not corners or corners == st.session_state.get(TAKEN):
        return
    st.session_state[TAKEN] = corners
    if len(corners) > MOST_CORNERS:
        st.warning(translate("ground.line_many", lang, count=len(corners), most=MOST_CORNERS))
        return
    st.session_state[TOLD] = True
    change_view(ground=replace(held, line=write_corners(corners)))
    st.rerun()
