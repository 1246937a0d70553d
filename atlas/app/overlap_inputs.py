"""Inputs of the page of overlaps: layer, zones, what is shown, and the chosen cell."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from atlas.app import cache
from atlas.app.inputs import choose_known_by
from atlas.app.overlap_given import choose_given
from atlas.app.state import change_view, name_unknown, open_view
from atlas.core.measured import CHANGE, GIVEN_ZONES, LAYERS, ORDERS, SHOWN, ZONES, Measured
from atlas.core.view import FIRST_DAY, LAST_DAY
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.web_map import BACKGROUND_ONLY
from atlas.operations.zones import ZoneSet

FIRST = Measured("innovation-corridors", other="ecological-belts")
"""What a first visit measures."""
ZONE_LAYERS = ("cities", "districts", "provinces", "metropolitan-areas")
YEARS_BACK = 10


def choose(lang: str) -> tuple[Measured, dt.date, dt.date]:
    """Everything that says what is measured; kept in the view.

    Returns
    -------
    measured, day, known_by
        What, in force on which day, as published by which day.
    """
    held = open_view().measured or FIRST
    infos = {
        info.id: info.title[lang]
        for info in catalogue.list_feature_layers(cache.folder())
        if info.id not in BACKGROUND_ONLY
    }
    polygons = [
        info.id for info in catalogue.list_feature_layers(cache.folder())
        if info.kind == "polygon" and info.id not in BACKGROUND_ONLY
    ]  # fmt: skip
    layer = _select("catalogue.layer", list(infos), held.layer, infos, "overlap.layer", lang)
    shown = st.segmented_control(
        translate("overlap.show", lang), SHOWN, default=held.show, required=True,
        format_func=lambda code: translate(f"overlap.show_{code}", lang), key="overlap.show",
    )  # fmt: skip
    other = _other(held, layer, infos, polygons, lang) if shown == LAYERS else ""
    titles = infos | {GIVEN_ZONES: translate("overlap.zones_given", lang)}
    name = _select(
        "overlap.zones", _zone_choices(held, polygons, str(shown)), held.zones, titles,
        "overlap.zones", lang,
    )  # fmt: skip
    day, until = _days(held, lang, two=shown == CHANGE)
    with st.expander(translate("explore.known_by", lang)):
        known_by = choose_known_by(lang)
    same = (layer, name, shown) == (held.layer, held.zones, held.show)
    measured = Measured(
        layer, name, str(shown), other, until, held.zone if name == held.zones else "",
        held.cell if same else "", held.order, held.polygon,
    )  # fmt: skip
    if measured != open_view().measured:
        change_view(measured=measured)
    return measured, day, known_by


def _other(
    held: Measured, layer: str, infos: dict[str, str], polygons: list[str], lang: str
) -> str:
    """The second layer; one of the two holds polygons. Empty if there is no other layer."""
    choices = [name for name in infos if name != layer and (layer in polygons or name in polygons)]
    if layer == held.layer:
        _name_odd("with", held.other, choices)
    if not choices:
        return ""
    wanted = held.other if held.other in choices else FIRST.other
    return _select("overlap.other", choices, wanted, infos, f"overlap.other.{layer}", lang)


def _zone_choices(held: Measured, polygons: list[str], shown: str) -> list[str]:
    """Layers of zones, any other layer of polygons that a link names, and the reader's own."""
    names = [name for name in ZONE_LAYERS if name in polygons]
    if held.zones in polygons and held.zones not in names:
        names.append(held.zones)
    given = [] if shown == CHANGE else [GIVEN_ZONES]
    if held.zones != GIVEN_ZONES:
        _name_odd("zones", held.zones, names)
    return names + given


def _name_odd(name: str, value: str, choices: list[str]) -> None:
    """Name a part of the link that says something which cannot be chosen here."""
    if value and value not in choices:
        name_unknown([f"{name}={value}"])


def _select(
    label: str, options: list[str], wanted: str, titles: dict[str, str], key: str, lang: str
) -> str:
    place = options.index(wanted) if wanted in options else 0
    return st.selectbox(
        translate(label, lang), options, index=place, format_func=titles.__getitem__, key=key
    )


def _days(held: Measured, lang: str, *, two: bool) -> tuple[dt.date, dt.date | None]:
    """One day in force, or two."""
    today = dt.date.today()
    back = today.replace(year=today.year - YEARS_BACK, day=min(today.day, 28))
    first = open_view().day or (back if two else today)
    label = "change.old_day" if two else "explore.day"
    day = _date(label, first, "overlap.day", lang)
    if day != first or (two and open_view().day is None):
        change_view(day=day)
    until = _date("change.new_day", held.until or today, "overlap.until", lang) if two else None
    return day, until


def _date(label: str, value: dt.date, key: str, lang: str) -> dt.date:
    chosen = st.date_input(
        translate(label, lang), value=value, min_value=FIRST_DAY, max_value=LAST_DAY,
        format="YYYY-MM-DD", key=key,
    )  # fmt: skip
    return chosen if isinstance(chosen, dt.date) else value


def choose_zones(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> ZoneSet | None:
    """Zones of the chosen layer, or those that the reader gives; None until there are any.

    Raises
    ------
    EditionNotFound
        If the layer of zones had none by that day.
    FileDamaged
        If what was given cannot be taken.
    """
    if measured.zones != GIVEN_ZONES:
        return cache.read_zones(cache.folder(), cache.stamp(), measured.zones, day, known_by)
    return choose_given(measured, lang)


def choose_order(measured: Measured, lang: str) -> Measured:
    """In which order zones stand in a matrix."""
    if measured.show not in (ZONES, SHOWN[0]):
        return measured
    order = st.segmented_control(
        translate("overlap.order", lang), ORDERS, default=measured.order, required=True,
        format_func=lambda code: translate(f"overlap.order_{code}", lang), key="overlap.order",
    )  # fmt: skip
    if order != measured.order:
        measured = replace(measured, order=str(order))
        change_view(measured=measured)
    return measured


def choose_cell(zone: str, cell: str = "") -> None:
    """Open another cell: for the map and the matrix."""
    held = open_view().measured
    if held and (held.zone, held.cell) != (zone, cell):
        change_view(measured=replace(held, zone=zone, cell=cell))
