"""The page of overlaps put together: what is measured decides what is shown."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from atlas.app import cache, outputs, overlap_inputs, overlap_outputs, overlap_tables, table
from atlas.core.layer import Layer
from atlas.core.measured import CHANGE, LAYERS, Measured
from atlas.errors import EditionNotFound
from atlas.operations.zones import ZoneSet


def show(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> None:
    """Everything below the heading."""
    names = [measured.layer, *([measured.other] if measured.show == LAYERS else [])]
    editions = outputs.find_editions(tuple(names), known_by, lang)
    if len(editions) < len(names):
        return
    if measured.show == CHANGE and measured.until:
        _show_change(measured, day, known_by, lang)
    else:
        with st.sidebar:
            try:
                zones = overlap_inputs.choose_zones(measured, day, known_by, lang)
            except EditionNotFound:
                outputs.find_editions((measured.zones,), known_by, lang)
                return
        if zones is None:
            return
        key = f"{measured.layer}.{zones.name}.{zones.sha256}.{measured.zones}.{day}.{known_by}"
        if measured.show == LAYERS:
            _show_layers(measured, zones, key, day, known_by, lang)
        else:
            _show_matrix(measured, zones, key, day, known_by, lang)
    overlap_tables.show_method(lang)
    layers: list[Layer] = [cache.read_layer(cache.folder(), edition) for edition in editions]
    table.show_sources(layers, outputs.background_layers(known_by), lang)


def _show_matrix(
    measured: Measured, zones: ZoneSet, key: str, day: dt.date, known_by: dt.date, lang: str
) -> None:
    found = cache.measure(cache.folder(), cache.stamp(), measured.layer, zones, key, day, known_by)
    overlap_outputs.show_sentence(found, measured, key, lang)
    overlap_outputs.show_map(found, measured, lang)
    measured = overlap_inputs.choose_order(measured, lang)
    overlap_outputs.show_matrix(found, measured, key, lang)
    overlap_outputs.show_totals(found, lang)
    overlap_tables.offer_files(found, measured, key, lang)


def _show_layers(
    measured: Measured, zones: ZoneSet, key: str, day: dt.date, known_by: dt.date, lang: str
) -> None:
    crossed = cache.cross_layers(
        cache.folder(), cache.stamp(), measured.layer, measured.other, zones, key, day, known_by
    )
    overlap_tables.show_crossed(crossed, measured, lang)
    overlap_tables.offer_files(crossed, measured, key, lang)


def _show_change(measured: Measured, day: dt.date, known_by: dt.date, lang: str) -> None:
    until = measured.until or day
    found = cache.measure_change(
        cache.folder(), cache.stamp(), measured.layer, measured.zones, day, until, known_by
    )
    overlap_tables.show_change(found, lang)
    overlap_tables.offer_files(found, measured, "", lang)
