"""Outputs that pages share: the map, its download and its link, and errors."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit_folium import st_folium

from atlas.app import cache
from atlas.app.state import change_view, name_unknown, open_view, place_choice
from atlas.cartography.map_document import MapDocument, MapLayer, map_document
from atlas.cartography.web import to_folium
from atlas.cartography.web_spec import Focus, Frame, Tiles, drawn_id, specify
from atlas.core.layer import Edition, Layer
from atlas.core.measured import LINK_DECIMALS, Corners
from atlas.core.period import as_of
from atlas.core.text import escape_markdown
from atlas.core.view import to_address
from atlas.errors import AtlasError, EditionNotFound, SchemaError
from atlas.i18n import say_error, translate
from atlas.io import catalogue
from atlas.operations.download import shown_geojson
from atlas.operations.timeline import list_steps
from atlas.operations.web_map import BACKGROUND, focus_on

MAP_HEIGHT = 620
ROOM = """
.stMainBlockContainer { padding-top: 2.2rem; padding-bottom: 2rem }
@media (max-width: 800px), (max-height: 700px) {
  .stCustomComponentV1 { max-height: 58vh }
}
"""
"""On a small screen the map leaves room for a finger that scrolls the page."""
PROBLEMS_SHOWN = 50
CLICKED, DRAWN = "last_clicked", "last_active_drawing"
"""What streamlit-folium calls the last click and the last polygon."""


@dataclass(frozen=True)
class Told:
    """What a map says of its reader: where he clicked last, the polygon that he drew last."""

    click: tuple[float, float] | None = None
    drawing: Corners = ()


def tighten() -> None:
    """Give the map the room that Streamlit leaves empty above it, and no more than that."""
    st.html(f"<style>{ROOM}</style>")


def find_editions(layers: tuple[str, ...], known_by: dt.date, lang: str) -> list[Edition]:
    """Editions of layers in the record on a day; a layer without one is named and left out."""
    editions = []
    for layer in layers:
        try:
            edition = catalogue.find_edition(cache.folder(), layer, known_by=known_by)
        except EditionNotFound:
            title = catalogue.read_info(cache.folder(), layer).title[lang]
            st.info(translate("explore.not_yet", lang, layer=title, day=known_by.isoformat()))
            continue
        editions.append(edition)
    return editions


def show_map(
    editions: list[Edition], day: dt.date, known_by: dt.date, lang: str
) -> list[tuple[Layer, MapLayer]]:
    """Draw editions as of a day over the background; return what is drawn, layer by layer."""
    folder = cache.folder()
    districts = edition_or_none("districts", known_by)
    below, urls = draw_background(known_by, day)
    chosen = [cache.draw_layer(folder, edition, districts, day) for edition in editions]
    document = map_document([*below, *(entry for entry, _ in chosen)], day=day, known_by=known_by)
    urls |= {entry.id: url for entry, url in chosen}
    layers = [cache.read_layer(folder, edition) for edition in editions]
    held = layers + _place_layers(known_by)
    focus = focus_on(held, open_view().place, day, choice=place_choice())
    if open_view().place and focus is None:
        name_unknown([f"place={open_view().place}"[:80]])
        change_view(place=None)
    if open_view().play and layers:
        show_years(layers, day, known_by, lang, key="atlas-play", focus=focus)
    else:
        show_document(document, urls, lang=lang, key="atlas", focus=focus)
    return [(layer, entry) for layer, (entry, _) in zip(layers, chosen, strict=True)]


def show_years(
    layers: list[Layer], day: dt.date, known_by: dt.date, lang: str, *, key: str,
    focus: Focus | None,
) -> None:  # fmt: skip
    """Layers year by year, playable; starts at the year of the day."""
    districts = edition_or_none("districts", known_by)
    steps = list_steps(layers, today=known_by)
    frames = []
    for step in steps:
        drawn = [
            cache.draw_layer(cache.folder(), layer.edition, districts, step.drawn[layer.info.id])
            for layer in layers
        ]
        document = map_document([entry for entry, _ in drawn], day=step.day, known_by=known_by)
        urls = {entry.id: url for entry, url in drawn}
        frames.append(Frame(str(step.year), step.day.isoformat(), document, urls))
    below, urls = draw_background(known_by, day)
    first = min(range(len(steps)), key=lambda place: abs(steps[place].year - day.year))
    show_document(
        MapDocument(tuple(below), day, known_by), urls, lang=lang, key=key, focus=focus,
        frames=tuple(frames), frame=first,
    )  # fmt: skip


def draw_background(
    known_by: dt.date, day: dt.date | None = None
) -> tuple[list[MapLayer], dict[str, str]]:
    """Layers below every map, as of a day (default: the day of record), and their addresses."""
    districts = edition_or_none("districts", known_by)
    drawn = [
        cache.draw_layer(cache.folder(), edition, districts, day or known_by, background=True)
        for edition in _backgrounds(known_by)
    ]
    layers = [entry for entry, _ in drawn]
    return layers, {drawn_id(entry): url for entry, url in drawn}


def show_document(
    document: MapDocument, urls: dict[str, str], *, lang: str, key: str,
    focus: Focus | None = None, sync: str | None = None, frames: tuple[Frame, ...] = (),
    frame: int = 0, height: int = MAP_HEIGHT, clicks: bool = False, draw: bool = False,
) -> Told:  # fmt: skip
    """Show a map: one component a key, whose Folium map never changes.

    What a component tells is settled when it first appears: maps to draw on need their own key.

    Returns
    -------
    Told
        Longitude and latitude of the last click if ``clicks`` are wanted; the last polygon if
        the reader can ``draw``.
    """
    specification = specify(
        document, urls, lang=lang, focus=focus, tiles=online_tiles(), frames=frames, frame=frame,
        sync=sync, draw=draw, choose=clicks,
    )  # fmt: skip
    base, group = to_folium(specification, cache.asset_addresses())
    told = st_folium(
        base, key=key, feature_group_to_add=group, height=height, use_container_width=True,
        returned_objects=[DRAWN] if draw else [CLICKED] if clicks else [],
    )  # fmt: skip
    point, drawing = ((told or {}).get(name) for name in (CLICKED, DRAWN))
    click = (float(point["lng"]), float(point["lat"])) if point else None
    return Told(click, _corners(drawing) if drawing else ())


def _corners(drawing: dict[str, Any]) -> Corners:
    """Corners of a polygon as the browser tells it, as precise as a link."""
    ring = drawing["geometry"]["coordinates"][0]
    return tuple((round(lon, LINK_DECIMALS), round(lat, LINK_DECIMALS)) for lon, lat in ring[:-1])


def background_layers(known_by: dt.date) -> list[Layer]:
    """Layers drawn below every map, as published by a day."""
    return [cache.read_layer(cache.folder(), edition) for edition in _backgrounds(known_by)]


def _backgrounds(known_by: dt.date) -> list[Edition]:
    return [e for e in (edition_or_none(name, known_by) for name in BACKGROUND) if e]


def edition_or_none(layer: str, known_by: dt.date) -> Edition | None:
    """Find an edition of a layer of features that may not exist, or not yet by that day."""
    known = layer in catalogue.list_layer_ids(cache.folder())
    if not known or not catalogue.read_info(cache.folder(), layer).holds_features:
        return None
    try:
        return catalogue.find_edition(cache.folder(), layer, known_by=known_by)
    except EditionNotFound:
        return None


def _place_layers(known_by: dt.date) -> list[Layer]:
    """The layer that the view's place names, if it is not on the map."""
    name = (open_view().place or "").partition(":")[0]
    edition = edition_or_none(name, known_by)
    return [cache.read_layer(cache.folder(), edition)] if edition else []


def online_tiles() -> Tiles | None:
    """An online background, only where ``ATLAS_TILES`` names one (and its attribution)."""
    url = os.environ.get("ATLAS_TILES")
    return Tiles(url, os.environ.get("ATLAS_TILES_ATTRIBUTION", url)) if url else None


def offer_download(
    shown: list[tuple[Layer, MapLayer]], day: dt.date, known_by: dt.date, lang: str
) -> None:
    """GeoJSON of exactly what is shown, in the editions' own geometry."""
    st.download_button(
        translate("explore.download", lang),
        data=lambda: shown_geojson(
            [(layer, as_of(layer.features, day)) for layer, _ in shown], day=day, known_by=known_by
        ),
        file_name=f"delta-atlas-{day.isoformat()}.geojson",
        mime="application/geo+json",
        on_click="ignore",
    )


def offer_link(query: dict[str, str], lang: str, page: str = "") -> None:
    """The link that shows the same next year, ready to copy."""
    st.caption(f"{translate('explore.link', lang)} · {translate('explore.link_help', lang)}")
    st.code(to_address(query, page), language=None)


def show_error(error: AtlasError, lang: str) -> None:
    """One clear sentence, and the list of problems where there is one."""
    st.error(escape_markdown(say_error(error, lang)))
    if isinstance(error, SchemaError):
        with st.expander(translate("app.problems", lang, count=PROBLEMS_SHOWN)):
            for problem in error.problems[:PROBLEMS_SHOWN]:
                st.text(str(problem))
