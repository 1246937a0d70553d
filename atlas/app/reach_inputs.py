"""Inputs of the page of rail reach: what is asked, on which network, under which assumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import streamlit as st

from atlas.analysis.travel_time import DEFAULT, Assumptions
from atlas.app import reach_cache
from atlas.app.inputs import choose_known_by
from atlas.app.state import change_view, name_unknown, open_view
from atlas.core.travelled import (
    ASKED,
    FASTEST_KMH,
    FIRST_ORIGIN,
    FROM,
    INCLUDED,
    LINE,
    MINUTES,
    Travelled,
)
from atlas.core.view import LAST_DAY
from atlas.i18n import translate
from atlas.operations.rail import Rail, expected_lines

OWN, NO_TARGET = "own", ""
RESET = "reach.reset"
"""Button, and how often it was pressed: sliders of another number are new ones."""
ROUND = "reach.round"
NAMES = tuple(one.name for one in fields(Assumptions))


@dataclass(frozen=True)
class Asked:
    """What the page asks, on which day, as published by which day, under which assumptions."""

    travelled: Travelled
    day: dt.date
    known_by: dt.date
    assumed: Assumptions


def choose(lang: str) -> Asked:
    """Everything that says what is asked; kept in the view."""
    held = open_view().travelled or Travelled()
    with st.expander(translate("explore.known_by", lang)):
        known_by = choose_known_by(lang)
    rail = reach_cache.rail(known_by)
    ask = st.segmented_control(
        translate("reach.ask", lang), ASKED, default=held.ask, required=True,
        format_func=lambda code: translate(f"reach.ask_{code}", lang), key="reach.ask",
    )  # fmt: skip
    day = _day(rail, lang)
    include = st.multiselect(
        translate("reach.include_label", lang), INCLUDED, default=held.include,
        format_func=lambda code: translate(f"reach.include.{code}", lang), key="reach.include",
        help=translate("reach.include_help", lang), placeholder=translate("reach.none", lang),
    )  # fmt: skip
    chosen = replace(held, ask=str(ask), include=tuple(sorted(include)))
    if ask == FROM:
        chosen = _places(rail, chosen, lang)
    elif ask == LINE:
        chosen = _line(rail, chosen, day, lang)
    assumed = _assumptions(held, lang)
    usual = DEFAULT.key()
    changed = tuple(pair for pair, same in zip(assumed.key(), usual, strict=True) if pair != same)
    chosen = replace(chosen, assumed=changed)
    if chosen != open_view().travelled:
        change_view(travelled=chosen)
    return Asked(chosen, day, known_by, assumed)


def _day(rail: Rail, lang: str) -> dt.date:
    """Day of the network: from the first opening on."""
    held = open_view().day or dt.date.today()
    chosen = st.date_input(
        translate("reach.day", lang), value=max(held, rail.first), min_value=rail.first,
        max_value=LAST_DAY, format="YYYY-MM-DD", key="reach.day",
        help=translate("reach.day_help", lang),
    )  # fmt: skip
    day = chosen if isinstance(chosen, dt.date) else held
    if day != held:
        change_view(day=day)
    return day


def _places(rail: Rail, held: Travelled, lang: str) -> Travelled:
    """Where from, within how many minutes, and the way to where."""
    names = _names(rail, lang)
    origin = _choose_place("reach.origin", names, held.origin, lang, key="reach.origin")
    minutes = st.segmented_control(
        translate("reach.limit", lang), MINUTES, default=held.minutes, required=True,
        format_func=lambda count: translate("reach.minutes", lang, minutes=count),
        key="reach.minutes", help=translate("reach.limit_help", lang),
    )  # fmt: skip
    targets = {NO_TARGET: translate("reach.no_target", lang)} | names
    target = _choose_place("reach.target", targets, held.target, lang, key="reach.target")
    return replace(held, origin=origin, minutes=int(minutes or held.minutes), target=target)


def _names(rail: Rail, lang: str) -> dict[str, str]:
    """Cities, then stations by name, each with its address."""
    names = {}
    for place in rail.places:
        first, second = (place.name_zh, place.name_en)[:: 1 if lang == "zh" else -1]
        kind = "city" if place.layer == "cities" else "station"
        names[place.address] = f"{first} · {second} · {translate(f'reach.kind_{kind}', lang)}"
    return names


def _choose_place(label: str, names: dict[str, str], wanted: str, lang: str, *, key: str) -> str:
    options = list(names)
    if wanted not in names:
        name_unknown([f"{label.partition('.')[2]}={wanted}"[:80]])
        wanted = FIRST_ORIGIN if FIRST_ORIGIN in names else options[0]
    return st.selectbox(
        translate(label, lang), options, index=options.index(wanted),
        format_func=names.__getitem__, key=key,
    )  # fmt: skip


def _line(rail: Rail, held: Travelled, day: dt.date, lang: str) -> Travelled:
    """A line of the record, or the stations of one of the reader's own."""
    lines = {id_: name[lang] for id_, name in expected_lines(rail, day).items()}
    own = {OWN: translate("reach.own_line", lang)}
    options = [*lines, OWN]
    given = held.line in lines or not held.line
    wanted = held.line if held.line in lines else options[0] if given else OWN
    choice = st.selectbox(
        translate("reach.line_label", lang), options, index=options.index(wanted),
        format_func=(lines | own).__getitem__, key="reach.line",
    )  # fmt: skip
    if choice != OWN:
        return replace(held, line=choice)
    stations = {
        address.partition(":")[2]: name
        for address, name in _names(rail, lang).items() if address.startswith("rail-")
    }  # fmt: skip
    before = [stop for stop in held.line.split(",") if stop in stations]
    stops = st.multiselect(
        translate("reach.own_stations", lang), list(stations), default=before,
        format_func=stations.__getitem__, key="reach.own", max_selections=20,
        help=translate("reach.own_help", lang), placeholder=translate("reach.none", lang),
    )  # fmt: skip
    kmh = st.number_input(
        translate("reach.own_kmh", lang), 1, FASTEST_KMH, held.kmh, 10, key="reach.kmh"
    )
    return replace(held, line=",".join(stops), kmh=int(kmh))


def _assumptions(held: Travelled, lang: str) -> Assumptions:
    """Every assumption with its range, its value and where it comes from."""
    given = {name: value for name, value in held.assumed if name in NAMES}
    _name_odd(name for name, _ in held.assumed if name not in NAMES)
    values: dict[str, float] = {}
    number = st.session_state.get(ROUND, 0)
    with st.expander(translate("reach.assumptions", lang)):
        st.caption(translate("reach.assumptions_help", lang))
        st.button(translate("reach.reset", lang), on_click=_reset, key=RESET)
        for one in fields(Assumptions):
            unit = one.metadata["unit"]
            title = translate(f"reach.assumption.{one.name}", lang)
            least, most = one.metadata["least"], one.metadata["most"]
            start = given.get(one.name, float(one.default))  # type: ignore[arg-type]
            if not least <= start <= most:
                _name_odd([one.name])
                start = float(one.default)  # type: ignore[arg-type]
            values[one.name] = st.slider(
                translate("words.in_brackets", lang, text=title, note=unit) if unit else title,
                least, most, start, one.metadata["step"], key=f"reach.assume.{number}.{one.name}",
                help=translate(f"reach.from_{one.metadata['origin']}", lang),
            )  # fmt: skip
    return Assumptions(**values)


def _name_odd(names: Iterable[str]) -> None:
    """Name assumptions of a link that there are not, or that lie out of range."""
    odd = [f"assume={name}"[:80] for name in names]
    if odd:
        name_unknown(odd)


def _reset() -> None:
    """Every assumption as it is usually."""
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    change_view(travelled=replace(open_view().travelled or Travelled(), assumed=()))
