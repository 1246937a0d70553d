"""The page of overlaps put together: what is measured decides what is shown."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import streamlit as st

from atlas.app import (
    cache,
    outputs,
    overlap_inputs,
    overlap_matrix,
    overlap_outputs,
    overlap_tables,
    table,
)
from atlas.app.overlap_given import can_draw
from atlas.core.layer import Edition, Layer
from atlas.core.measured import CHANGE, LAYERS, Measured
from atlas.core.text import escape_markdown
from atlas.errors import EditionNotFound, FileDamaged
from atlas.i18n import translate
from atlas.operations.zones import ZoneSet


def show(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> None:
    """Everything below the heading."""
    if measured.show == LAYERS and not measured.other:
        st.info(translate("overlap.nothing", lang))
        return
    names = [measured.layer, *([measured.other] if measured.show == LAYERS else [])]
    editions = outputs.find_editions(tuple(names), known_by, lang)
    if len(editions) < len(names):
        return
    if measured.show == CHANGE and measured.until:
        _show_change(measured, day, known_by, lang)
    else:
        zones = _choose_zones(measured, day, known_by, lang)
        if zones is None:
            if can_draw():
                overlap_outputs.show_blank(_layers(editions), day, known_by, lang)
            return
        if zones.rows.empty:
            st.info(translate("overlap.no_zones", lang))
            return
        key = f"{measured.layer}.{measured.zones}.{_stamp(zones)}.{day}.{known_by}"
        measured = _alone(measured, zones)
        _name_odd(measured, zones, lang)
        if measured.show == LAYERS:
            _show_layers(measured, zones, key, day, known_by, lang)
        else:
            _show_matrix(measured, zones, key, day, known_by, lang)
    overlap_tables.show_method(lang)
    table.show_sources(_layers(editions), outputs.background_layers(known_by), lang)


def _layers(editions: list[Edition]) -> list[Layer]:
    return [cache.read_layer(cache.folder(), edition) for edition in editions]


def _choose_zones(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> ZoneSet | None:
    """Zones, or None where there are none; who drew a wrong polygon can draw another."""
    try:
        with st.sidebar:
            return overlap_inputs.choose_zones(measured, day, known_by, lang)
    except EditionNotFound:
        outputs.find_editions((measured.zones,), known_by, lang)
    except FileDamaged as error:
        if not can_draw():
            raise
        outputs.show_error(error, lang)
    return None


def _stamp(zones: ZoneSet) -> str:
    """What tells zones from others: the same file may name them by another column."""
    names = zones.rows[["id", "name_zh", "name_en"]].to_numpy().ravel()
    text = "\0".join([zones.name, zones.sha256, *map(str, names)])
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _alone(measured: Measured, zones: ZoneSet) -> Measured:
    """Of a single zone the figures are told without a choice."""
    if len(zones.rows) != 1 or measured.zone:
        return measured
    return replace(measured, zone=str(zones.rows["id"].iloc[0]))


def _name_odd(measured: Measured, zones: ZoneSet, lang: str) -> None:
    """Say that the chosen zone is not among these: of a link, or of another day."""
    if measured.zone and measured.zone not in set(zones.rows["id"]):
        code = escape_markdown(measured.zone)
        st.warning(translate("overlap.no_code", lang, code=code))


def _show_matrix(
    measured: Measured, zones: ZoneSet, key: str, day: dt.date, known_by: dt.date, lang: str
) -> None:
    found = cache.measure(cache.folder(), cache.stamp(), measured.layer, zones, key, day, known_by)
    overlap_outputs.show_sentence(found, measured, key, lang)
    overlap_outputs.show_map(found, measured, lang)
    measured = overlap_inputs.choose_order(measured, lang)
    overlap_matrix.show_matrix(found, measured, key, lang)
    overlap_outputs.show_totals(found, lang)
    overlap_tables.offer_files(found, measured, key, lang)


def _show_layers(
    measured: Measured, zones: ZoneSet, key: str, day: dt.date, known_by: dt.date, lang: str
) -> None:
    crossed = cache.cross_layers(
        cache.folder(), cache.stamp(), measured.layer, measured.other, zones, key, day, known_by
    )
    overlap_tables.show_crossed(crossed, measured, f"{key}.{measured.other}", lang)
    overlap_tables.offer_files(crossed, measured, key, lang)


def _show_change(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> None:
    until = measured.until or day
    found = cache.measure_change(
        cache.folder(), cache.stamp(), measured.layer, measured.zones, day, until, known_by
    )
    overlap_tables.show_change(found, lang)
    overlap_tables.offer_files(found, measured, "", lang)
