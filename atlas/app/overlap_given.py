"""Zones of the reader's own on the page of overlaps: drawn on the map, pasted, or from a file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import streamlit as st

from atlas.app.state import change_view, open_view
from atlas.core.measured import GIVEN_ZONES, LINK_DECIMALS, MOST_CORNERS, Corners, Measured
from atlas.errors import FileDamaged
from atlas.i18n import translate
from atlas.operations.given_zones import (
    TEXT_MOST,
    ZONES_MOST,
    corner_zone,
    exact_corners,
    pasted_zones,
    too_many,
)
from atlas.operations.zones import ZoneSet, read_zone_file

DRAW, PASTE, UPLOAD = "draw", "paste", "upload"
WAYS = {
    DRAW: "overlap.way_draw",
    PASTE: "overlap.way_paste",
    UPLOAD: "overlap.way_upload",
}
WAY = "overlap.way"
DRAWN, TAKEN = "overlap.drawn", "overlap.taken"
"""The reader's drawing, kept while he looks at other ways; and the last one that a map told."""
UPLOAD_MIB = 20
BEGINS = {
    ".geojson": b"{", ".json": b"{", ".gpkg": b"SQLite format 3\0", ".fgb": b"fgb\x03fgb",
}  # fmt: skip
"""Endings of uploads, and how their content begins: GDAL goes by content, and opens what some
formats name, other files and web addresses too."""
PROGRAM = b'"gdal_streamed_alg"'
"""A file of GDAL's own, JSON too, that says which files to read."""
HEAD = 64


def choose_given(measured: Measured, lang: str) -> ZoneSet | None:
    """Zones that the reader gives in one of three ways; None until there are any.

    Raises
    ------
    FileDamaged
        If what was given cannot be taken.
    """
    way = st.radio(
        translate("overlap.way", lang), list(WAYS),
        format_func=lambda code: translate(WAYS[code], lang), key=WAY,
    )  # fmt: skip
    if way == DRAW:
        return _drawn(measured.polygon or st.session_state.get(DRAWN, ()), lang)
    zones = _uploaded(lang) if way == UPLOAD else _pasted(lang)
    corners = exact_corners(zones) if zones and way == PASTE else ()
    _keep_polygon(corners)
    if zones and way == PASTE and not 0 < len(corners) <= MOST_CORNERS:
        words = translate("overlap.link_not", lang, most=MOST_CORNERS, decimals=LINK_DECIMALS)
        st.caption(words)
    return zones


def can_draw() -> bool:
    """Whether the map of this rerun is one to draw on."""
    measured = open_view().measured
    given = measured is not None and measured.zones == GIVEN_ZONES
    return given and st.session_state.get(WAY, DRAW) == DRAW


def take_drawing(corners: Corners) -> None:
    """Measure in the polygon that a map tells, if it is a new one."""
    held = open_view().measured
    if not held or not corners or corners == st.session_state.get(TAKEN):
        return
    st.session_state[TAKEN] = st.session_state[DRAWN] = corners
    change_view(measured=replace(held, polygon=corners, zone="", cell=""))
    st.rerun()


def _keep_polygon(corners: Corners) -> None:
    """Keep a polygon in the view, for the link."""
    held = open_view().measured
    if held and held.polygon != corners:
        change_view(measured=replace(held, polygon=corners))


def _drawn(corners: Corners, lang: str) -> ZoneSet | None:
    _keep_polygon(corners)
    st.session_state[DRAWN] = corners
    if not corners:
        return None
    if len(corners) > MOST_CORNERS:
        words = translate("overlap.link_corners", lang, count=len(corners), most=MOST_CORNERS)
        st.caption(words)
    return corner_zone(corners, lang)


def _pasted(lang: str) -> ZoneSet | None:
    text = st.text_area(
        translate("overlap.paste", lang), max_chars=TEXT_MOST, height=160, key="overlap.paste"
    )
    key = _choose_key(lang)
    if not text.strip():
        st.info(translate("overlap.paste_help", lang))
        return None
    return pasted_zones(text, lang, key=key)


def _choose_key(lang: str) -> str:
    words = translate("overlap.upload_key", lang)
    return st.text_input(words, "id", max_chars=60, key="overlap.upload_key").strip() or "id"


def _uploaded(lang: str) -> ZoneSet | None:
    given = st.file_uploader(
        translate("overlap.upload", lang, size=UPLOAD_MIB),
        type=[ending.lstrip(".") for ending in BEGINS], max_upload_size=UPLOAD_MIB,
        key="overlap.upload",
    )  # fmt: skip
    key = _choose_key(lang)
    if given is None:
        st.info(translate("overlap.upload_help", lang))
        return None
    return read_upload(given.getvalue(), given.name, key, lang)


def read_upload(content: bytes, name: str, key: str, lang: str) -> ZoneSet:
    """Read an uploaded file, from a temporary file that is gone afterwards.

    Raises
    ------
    FileDamaged
        If it is too large, not what its ending says, or cannot be taken as zones.
    """
    shown, ending = name[:80], Path(name).suffix.lower()
    if len(content) > UPLOAD_MIB * 1024 * 1024:
        problem = translate("overlap.upload_large", lang, size=UPLOAD_MIB)
        raise FileDamaged(file=shown, problem=problem)
    begin = BEGINS.get(ending)
    start = content[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin is None or not start.startswith(begin) or PROGRAM in content:
        problem = translate("overlap.upload_other", lang)
        raise FileDamaged(file=shown, problem=problem)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{ending}"
        path.write_bytes(content)
        try:
            zones = read_zone_file(path, key=key)
        except FileDamaged as error:
            problem = str(error.values["problem"]).replace(str(path), shown)
            raise FileDamaged(file=shown, problem=problem) from error
    if len(zones.rows) > ZONES_MOST:
        raise FileDamaged(file=shown, problem=too_many(len(zones.rows), lang))
    return replace(zones, name=shown, title={"zh": shown, "en": shown})
