"""What the page of rail reach keeps between reruns, each under what it came from.

Everything here is shared between sessions and read-only. A model is told from others by its day,
by what counts beside what is open, and by its assumptions.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import streamlit as st

from atlas.analysis.reach_area import Living
from atlas.analysis.travel_time import Assumptions
from atlas.app import cache
from atlas.cartography.map_document import MapLayer
from atlas.core.layer import Edition
from atlas.operations import reach, reach_map
from atlas.operations.rail import Model, Rail, model_on
from atlas.operations.rail import read_rail as read
from atlas.operations.rail_places import find_origin
from atlas.operations.reach import Reach, Residents, live_within, reach_from
from atlas.operations.reach_areas import CoreReach, Link, core_reach, read_areas, weak_links
from atlas.operations.reach_check import Checked, check_times
from atlas.operations.reach_matrix import CityMatrix, city_matrix
from atlas.operations.reach_what_if import WhatIf, what_if
from atlas.operations.web_map import serve

Stamp = tuple[Edition, ...]


def rail(known_by: dt.date) -> Rail:
    """The railway record as published by a day."""
    return _rail(cache.folder(), cache.stamp(), known_by)


@st.cache_resource(max_entries=4, show_spinner=False)
def _rail(layers: Path, stamp: Stamp, known_by: dt.date) -> Rail:
    _ = stamp
    return read(layers, known_by=known_by)


def model(known_by: dt.date, day: dt.date, include: tuple[str, ...], assumed: Assumptions) -> Model:
    """The model of a day."""
    return _model(cache.folder(), cache.stamp(), known_by, day, include, assumed)


@st.cache_resource(max_entries=96, show_spinner=False)
def _model(
    layers: Path, stamp: Stamp, known_by: dt.date, day: dt.date, include: tuple[str, ...],
    assumed: Assumptions,
) -> Model:  # fmt: skip
    return model_on(_rail(layers, stamp, known_by), day, include=include, assumed=assumed)


@st.cache_resource(max_entries=8, show_spinner=False)
def _residents(layers: Path, stamp: Stamp, known_by: dt.date, day: dt.date) -> Residents:
    _ = stamp
    return reach.read_residents(layers, day=day, known_by=known_by)


def residents(known_by: dt.date) -> Residents:
    """Who lives where, in the districts of the day of the record."""
    return _residents(cache.folder(), cache.stamp(), known_by, known_by)


def reached(of: Model, origin: str) -> Reach:
    """Reach from a place by its address.

    Raises
    ------
    PlaceUnknown, StationClosed
        If no train calls there on the model's day.
    """
    return _reached(of, _key(of), origin)


def _key(of: Model) -> tuple[object, ...]:
    return (cache.folder(), cache.stamp(), of.rail.known_by, of.day, of.include, of.assumed.key())


@st.cache_resource(max_entries=256, show_spinner=False)
def _reached(_of: Model, key: tuple[object, ...], origin: str) -> Reach:
    _ = key
    return reach_from(_of, find_origin(_of, origin))


def lived(of: Reach, minutes: int) -> Living:
    """Area and residents within some minutes."""
    return _lived(of, (*_key(of.model), of.origin.address), minutes)


@st.cache_resource(max_entries=512, show_spinner=False)
def _lived(_of: Reach, key: tuple[object, ...], minutes: int) -> Living:
    _ = key
    return live_within(_of, residents(_of.model.rail.known_by), minutes)


def drawn(of: Reach) -> list[tuple[MapLayer, str]]:
    """Reach on the map: where one can be, lines, stations, each with its address."""
    return _drawn(of, (*_key(of.model), of.origin.address))


@st.cache_resource(max_entries=128, show_spinner=False)
def _drawn(_of: Reach, key: tuple[object, ...]) -> list[tuple[MapLayer, str]]:
    layers = [
        reach_map.bands_layer(_of), _lines(_of.model, key[:-1]), reach_map.stations_layer(_of),
    ]  # fmt: skip
    return [(layer, address_of(layer, _of.model.day)) for layer in layers if len(layer.features)]


@st.cache_resource(max_entries=96, show_spinner=False)
def _lines(_of: Model, key: tuple[object, ...]) -> MapLayer:
    _ = key
    return reach_map.lines_layer(_of)


def lines(of: Model) -> tuple[MapLayer, str]:
    """Lines by the year they opened, and the address of their file."""
    layer = _lines(of, _key(of))
    return layer, address_of(layer, of.day)


def address_of(layer: MapLayer, day: dt.date) -> str:
    """Address of a layer's file, written once."""
    return cache.FROM_COMPONENT + serve(layer, day, cache.STATIC)


def matrix(of: Model) -> CityMatrix:
    """City by city."""
    return _matrix(of, _key(of))


@st.cache_resource(max_entries=16, show_spinner=False)
def _matrix(_of: Model, key: tuple[object, ...]) -> CityMatrix:
    _ = key
    return city_matrix(_of)


def areas(of: Model) -> tuple[list[CoreReach], list[Link], Edition]:
    """What the cores of the metropolitan areas reach, their links, and where they are from."""
    return _areas(of, _key(of))


@st.cache_resource(max_entries=8, show_spinner=False)
def _areas(_of: Model, key: tuple[object, ...]) -> tuple[list[CoreReach], list[Link], Edition]:
    _ = key
    known = _of.rail.known_by
    held, edition = read_areas(_of.rail.folder, day=_of.day, known_by=known)
    return core_reach(_of, held, residents(known)), weak_links(_of, held), edition


def tried(of: Model, line: str, kmh: float) -> WhatIf:
    """What a line changes.

    Raises
    ------
    LineUnknown
        If there is no such line.
    """
    return _tried(of, _key(of), line, kmh)


@st.cache_resource(max_entries=16, show_spinner=False)
def _tried(_of: Model, key: tuple[object, ...], line: str, kmh: float) -> WhatIf:
    _ = key
    return what_if(
        _of.rail, line, _of.day, include=_of.include, assumed=_of.assumed,
        residents=residents(_of.rail.known_by), speed_kmh=kmh,
    )  # fmt: skip


def checked(of: Rail, assumed: Assumptions) -> list[Checked]:
    """The model beside published times."""
    return _checked(of, (cache.folder(), cache.stamp(), of.known_by, assumed.key()), assumed)


@st.cache_resource(max_entries=8, show_spinner=False)
def _checked(_of: Rail, key: tuple[object, ...], assumed: Assumptions) -> list[Checked]:
    _ = key
    return check_times(_of, assumed)
