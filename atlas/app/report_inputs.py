"""Inputs of the page of reports: layers, days, place, paper, language, for whom."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace

import streamlit as st

from atlas.app import cache, inputs
from atlas.app.state import change_view, name_unknown, open_view
from atlas.core.approval import PROFILES, PUBLIC
from atlas.core.layer import Edition
from atlas.core.measured import Corners
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.core.recipe import LANGS
from atlas.core.reported import BOX, TITLE_SIGNS, Reported, write_box
from atlas.core.view import FIRST_DAY, LAST_DAY, default_days, place_parts
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.find import known_editions

PLACE_LAYERS = ("cities", "metropolitan-areas")
EVERYTHING, BY_BOX = "", "box"
TAKEN = "report.taken"
"""The last polygon that the map told."""
NUMBER_SIGNS, BOX_SIGNS = 40, 60


@dataclass(frozen=True)
class Asked:
    """Everything that says what is composed; ``where`` is None until there is a box."""

    layers: tuple[str, ...]
    day: dt.date
    known_by: dt.date
    where: str | None
    reported: Reported
    number: str

    @property
    def by_box(self) -> bool:
        """Whether the place is a box."""
        return self.where is None or bool(BOX.fullmatch(self.where))


def choose(lang: str) -> Asked:
    """Let the reader choose; kept in the view, but for the approval number."""
    held = open_view().reported or Reported(words=lang)
    layers = inputs.choose_layers(lang)
    day = inputs.choose_day(lang)
    since = _choose_since(held, day, lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = inputs.choose_known_by(lang)
    where = _choose_where(held, known_by, lang)
    paper = _select("report.paper", tuple(PAPERS), held.paper, "figure.paper.", lang)
    turn = _select("report.turn", ORIENTATIONS, held.orientation, "report.turn_", lang)
    words = _select("report.words", LANGS, held.words, "report.words_", lang)
    profile = _select("report.profile", PROFILES, held.profile, "report.profile_", lang)
    number = _choose_number(profile, layers, where, day, lang)
    title = st.text_input(
        translate("report.title", lang), value=held.title, max_chars=TITLE_SIGNS,
        help=translate("report.title_help", lang), key="report.title",
    ).strip()  # fmt: skip
    reported = Reported(where or "", since, paper, turn, words, profile, title)
    if reported != open_view().reported:
        change_view(reported=reported)
    return Asked(layers, day, known_by, where, reported, number)


def _select(label: str, options: tuple[str, ...], wanted: str, words: str, lang: str) -> str:
    return st.selectbox(
        translate(label, lang), options, index=options.index(wanted),
        format_func=lambda code: translate(f"{words}{code}", lang), key=label,
    )  # fmt: skip


def _choose_since(held: Reported, day: dt.date, lang: str) -> dt.date | None:
    """An earlier day since which changes are told, if the reader wants one."""
    two = st.toggle(
        translate("report.since", lang), value=held.since is not None, key="report.two",
        help=translate("report.since_help", lang),
    )  # fmt: skip
    if not two:
        return None
    since = st.date_input(
        translate("report.since_day", lang), value=held.since or default_days(day)[0],
        min_value=FIRST_DAY, max_value=LAST_DAY, format="YYYY-MM-DD", key="report.since",
    )  # fmt: skip
    return since if isinstance(since, dt.date) else held.since


def _choose_where(held: Reported, known_by: dt.date, lang: str) -> str | None:
    """Everything, a feature of a layer of areas, or a box."""
    named = place_parts(held.where)[0] if ":" in held.where else ""
    editions = _place_editions(named, known_by)
    if named and not _is_there(held.where, editions.get(named)):
        name_unknown([f"where={held.where}"[:80]])
        held, named = replace(held, where=""), ""
    titles = {EVERYTHING: translate("report.everything", lang)}
    titles |= {name: catalogue.read_info(cache.folder(), name).title[lang] for name in editions}
    titles[BY_BOX] = translate("report.by_box", lang)
    first = named if named in editions else BY_BOX if held.where else EVERYTHING
    kinds = list(titles)
    kind = st.selectbox(
        translate("report.where", lang), kinds, index=kinds.index(first),
        format_func=titles.__getitem__, key="report.where",
    )  # fmt: skip
    if kind == EVERYTHING:
        return ""
    if kind == BY_BOX:
        return _choose_box(held, lang)
    places = [place for place in cache.features(editions[kind]) if place.bounds]
    names = {place.address: place.name_zh if lang == "zh" else place.name_en for place in places}
    addresses = list(names)
    place = addresses.index(held.where) if held.where in names else 0
    return st.selectbox(
        titles[kind], addresses, index=place, format_func=names.__getitem__, key=f"report.{kind}"
    )


def _place_editions(named: str, known_by: dt.date) -> dict[str, Edition]:
    """Layers of areas that a place can be chosen from, and the one that a link names."""
    wanted = tuple(dict.fromkeys((*PLACE_LAYERS, named)))
    found = known_editions(cache.folder(), wanted, known_by=known_by)
    return {
        one.layer: one for one in found
        if catalogue.read_info(cache.folder(), one.layer).kind == "polygon"
    }  # fmt: skip


def _is_there(address: str, edition: Edition | None) -> bool:
    places = cache.features(edition) if edition else []
    return any(place.address == address and place.bounds for place in places)


def _choose_box(held: Reported, lang: str) -> str | None:
    """Four degrees as text; the map below the heading writes them too."""
    box = held.where if BOX.fullmatch(held.where) else ""
    text = st.text_input(
        translate("report.box_text", lang), value=box, max_chars=BOX_SIGNS,
        help=translate("report.box_help", lang), key=f"report.box.{box}",
    ).replace(" ", "")  # fmt: skip
    if text and not BOX.fullmatch(text):
        st.warning(translate("report.box_wrong", lang))
        return None
    return text or None


def take_box(corners: Corners) -> None:
    """Follow the polygon that the map tells, if it is a new one: its box is the place."""
    held = open_view().reported
    if not held or not corners or corners == st.session_state.get(TAKEN):
        return
    st.session_state[TAKEN] = corners
    change_view(reported=replace(held, where=write_box(corners)))
    st.rerun()


def _choose_number(
    profile: str, layers: tuple[str, ...], where: str | None, day: dt.date, lang: str
) -> str:
    """The approval number: given for one extent and one base, so that others ask for it anew."""
    if profile != PUBLIC:
        return ""
    base = hashlib.sha256(repr((sorted(layers), where, day)).encode()).hexdigest()
    return st.text_input(
        translate("report.number", lang), max_chars=NUMBER_SIGNS,
        help=translate("report.number_help", lang), key=f"report.number.{base}",
    ).strip()  # fmt: skip
