"""What the app keeps between reruns, each under the hash of what it came from.

Everything here is shared between sessions and read-only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from atlas.cartography.map_document import MapDocument, MapLayer
from atlas.core.description import Entry
from atlas.core.layer import Edition, Layer
from atlas.core.view import MAPS, ONE_MAP, Compared
from atlas.io import catalogue
from atlas.io.assets import versioned_names
from atlas.operations import describe, web_map, zones
from atlas.operations.change_map import one_map, two_maps
from atlas.operations.compare import Comparison
from atlas.operations.compare import compare as compare_states
from atlas.operations.cross import Crossed, cross
from atlas.operations.describe import Names
from atlas.operations.find import Place, list_features, place_editions
from atlas.operations.folder import PROJECT, layers_folder
from atlas.operations.indicators import Change, Reading, Record, read_record
from atlas.operations.indicators import compare as compare_indicators
from atlas.operations.indicators import measure as measure_indicators
from atlas.operations.links import RailLinks, rail_links
from atlas.operations.overlap import Overlap, OverlapChange, overlap, overlap_change
from atlas.operations.overlap_map import crossed_layers
from atlas.operations.plan import Plan, to_plan
from atlas.operations.zones import ZoneSet

STATIC = PROJECT / "static"
FROM_COMPONENT = "../../app/static/"
"""From streamlit-folium's frame to the app's static files, under any base path."""


@st.cache_resource(max_entries=64, show_spinner=False)
def read_layer(folder: Path, edition: Edition) -> Layer:
    """One edition, read and checked once."""
    return catalogue.read_layer(folder, edition)


@st.cache_resource(max_entries=256, show_spinner=False)
def draw_layer(
    folder: Path,
    edition: Edition,
    districts: Edition | None,
    day: dt.date,
    *,
    background: bool = False,
) -> tuple[MapLayer, str]:
    """A layer prepared for the screen, and the address of its GeoJSON."""
    children = read_layer(folder, districts) if districts else None
    drawn = web_map.screen_layer(
        read_layer(folder, edition), day, districts=children, background=background
    )
    return drawn, FROM_COMPONENT + web_map.serve(drawn, day, STATIC)


def stamp() -> tuple[Edition, ...]:
    """Every edition in the store: what is kept under it is never stale."""
    ids = catalogue.list_layer_ids(folder())
    return tuple(edition for layer in ids for edition in catalogue.read_editions(folder(), layer))


def compare(
    layers: Path, stamp: tuple[Edition, ...], compared: Compared, known_by: dt.date
) -> Comparison:
    """Two states of a layer, compared once; how many maps show them makes no difference."""
    return _compare(layers, stamp, replace(compared, maps=MAPS[0]), known_by)


@st.cache_resource(max_entries=32, show_spinner=False)
def _compare(
    layers: Path, stamp: tuple[Edition, ...], compared: Compared, known_by: dt.date
) -> Comparison:
    _ = stamp
    return compare_states(
        layers, compared.layer, by=compared.by, old=compared.old, new=compared.new,
        known_by=known_by, feature=compared.feature,
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def draw_comparison(
    layers: Path, stamp: tuple[Edition, ...], compared: Compared, known_by: dt.date
) -> list[tuple[MapDocument, dict[str, str]]]:
    """Maps of a comparison without their background, with the addresses of their layers."""
    comparison = compare(layers, stamp, compared, known_by)
    one = compared.maps == ONE_MAP
    documents = [one_map(comparison, [])] if one else list(two_maps(comparison, []))
    return [
        (
            document,
            {
                layer.id: FROM_COMPONENT + web_map.serve(layer, document.day, STATIC)
                for layer in document.layers
            },
        )
        for document in documents
    ]


@st.cache_resource(max_entries=32, show_spinner=False)
def read_zones(
    layers: Path, stamp: tuple[Edition, ...], name: str, day: dt.date, known_by: dt.date
) -> ZoneSet:
    """Zones of a layer as of a day."""
    _ = stamp
    return zones.read_zones(layers, name, day=day, known_by=known_by)


@st.cache_resource(max_entries=32, show_spinner=False)
def measure(
    layers: Path, stamp: tuple[Edition, ...], layer: str, _zones: ZoneSet, key: str, day: dt.date,
    known_by: dt.date,
) -> Overlap:  # fmt: skip
    """An overlap, measured once; ``key`` tells zones from others."""
    _ = stamp, key
    return overlap(layers, layer, zones=_zones, day=day, known_by=known_by, threads=2)


@st.cache_resource(max_entries=32, show_spinner=False)
def pairs(layers: Path, stamp: tuple[Edition, ...], _found: Overlap, key: str) -> pd.DataFrame:
    """What each two zones of an overlap share."""
    _ = layers, stamp, key
    return _found.pairs()


@st.cache_resource(max_entries=32, show_spinner=False)
def links(layers: Path, stamp: tuple[Edition, ...], _found: Overlap, key: str) -> RailLinks:
    """Railway lines that link the zones of an overlap."""
    _ = stamp, key
    return rail_links(layers, _found.zone_plane, day=_found.day, known_by=_found.known_by)


@st.cache_resource(max_entries=16, show_spinner=False)
def measure_change(
    layers: Path, stamp: tuple[Edition, ...], layer: str, name: str, old: dt.date, new: dt.date,
    known_by: dt.date,
) -> OverlapChange:  # fmt: skip
    """How an overlap changes between two days, measured once."""
    _ = stamp
    return overlap_change(layers, layer, zones=name, old=old, new=new, known_by=known_by)


@st.cache_resource(max_entries=16, show_spinner=False)
def cross_layers(
    layers: Path, stamp: tuple[Edition, ...], layer: str, other: str, _zones: ZoneSet, key: str,
    day: dt.date, known_by: dt.date,
) -> Crossed:  # fmt: skip
    """Two layers on each other, crossed once."""
    _ = stamp, key
    return cross(layers, layer, other, zones=_zones, day=day, known_by=known_by)


@st.cache_resource(max_entries=16, show_spinner=False)
def draw_crossed(_crossed: Crossed, key: str, zone: int | None) -> list[MapLayer]:
    """What two layers have in common, on a map; ``key`` tells crossings from others."""
    _ = key
    return crossed_layers(_crossed, zone)


@st.cache_resource(max_entries=16, show_spinner=False)
def read_plan(layers: Path, edition: Edition) -> Plan:
    """The action plan at an edition of its register."""
    return to_plan(catalogue.read_register(layers, edition))


def indicator_record(known_by: dt.date) -> Record:
    """Layers of the indicators as published by a day."""
    return _record(folder(), stamp(), known_by)


def indicator_changes(
    old: dt.date, new: dt.date, ids: tuple[str, ...], known_by: dt.date
) -> tuple[Change, ...]:
    """Indicators on two days with what changed them, worked out once."""
    return _indicator_changes(folder(), stamp(), old, new, ids, known_by)


@st.cache_resource(max_entries=128, show_spinner=False)
def _indicator_changes(
    layers: Path, stamp: tuple[Edition, ...], old: dt.date, new: dt.date, ids: tuple[str, ...],
    known_by: dt.date,
) -> tuple[Change, ...]:  # fmt: skip
    return compare_indicators(_record(layers, stamp, known_by), old, new, ids)


def readings(
    days: list[dt.date], ids: tuple[str, ...], known_by: dt.date
) -> list[tuple[Reading, ...]]:
    """Indicators on each day, each worked out once while no edition is published."""
    now = stamp()
    return [_readings(folder(), now, day, ids, known_by) for day in days]


@st.cache_resource(max_entries=512, show_spinner=False)
def _readings(
    layers: Path, stamp: tuple[Edition, ...], day: dt.date, ids: tuple[str, ...], known_by: dt.date
) -> tuple[Reading, ...]:
    return measure_indicators(_record(layers, stamp, known_by), day, ids)


@st.cache_resource(max_entries=4, show_spinner=False)
def _record(layers: Path, stamp: tuple[Edition, ...], known_by: dt.date) -> Record:
    _ = stamp
    return read_record(layers, known_by=known_by)


def places(known_by: dt.date) -> list[Place]:
    """Every place that a search can find, as published by a day."""
    editions = place_editions(folder(), known_by=known_by)
    return [place for edition in editions for place in features(edition) if place.bounds]


def features(edition: Edition) -> list[Place]:
    """Every feature of an edition, as a search finds it."""
    return _list_features(folder(), edition)


@st.cache_resource(max_entries=64, show_spinner=False)
def _list_features(layers: Path, edition: Edition) -> list[Place]:
    return list_features(read_layer(layers, edition))


@st.cache_resource(max_entries=8, show_spinner=False)
def list_names(layers: Path, editions: list[Edition]) -> Names:
    """Names of the units that rows name by their codes, from these editions."""
    return describe.list_names([read_layer(layers, edition) for edition in editions])


@st.cache_resource(max_entries=64, show_spinner=False)
def list_entries(layers: Path, edition: Edition, day: dt.date) -> list[Entry]:
    """Every feature of an edition, as the catalogue lists it."""
    return describe.list_entries(read_layer(layers, edition), day)


@st.cache_resource(show_spinner=False)
def asset_addresses() -> dict[str, str]:
    """Where the map's frame finds its scripts."""
    return {name: FROM_COMPONENT + file for name, file in versioned_names(STATIC).items()}


def folder() -> Path:
    """Folder of the layers."""
    return layers_folder()
