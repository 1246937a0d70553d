"""The map of the page of the ground: the raster below outlines of zones, or a line."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from streamlit_folium import st_folium

from atlas.app import cache, outputs
from atlas.app.ground_inputs import Asked, take_line
from atlas.cartography.map_document import MapLayer, map_document
from atlas.cartography.raster_image import Overlay
from atlas.cartography.raster_spec import with_image, with_line_drawing
from atlas.cartography.web import to_folium
from atlas.cartography.web_spec import Focus, specify
from atlas.core.ground import DRAWN, PROFILE, read_corners
from atlas.core.measured import LINK_DECIMALS, Corners
from atlas.i18n import translate
from atlas.operations.ground import Ground
from atlas.operations.ground_map import Drawing, line_layer, serve_overlay
from atlas.operations.profile import Profile
from atlas.operations.web_map import serve

MAP_HEIGHT = 520
KEYS = {False: "atlas-ground", True: "atlas-ground-draw"}
"""Names of maps, by whether a line can be drawn on them."""
OUTLINE_WEIGHT = 1.6


def show_map(
    asked: Asked, ground: Ground, drawing: Drawing, overlay: Overlay, lang: str,
    found: Profile | None = None,
) -> None:  # fmt: skip
    """The raster, and above it the zones as lines, or the line that is followed."""
    drawn = asked.view.tell == PROFILE and _is_drawn(asked.view.line)
    layers, urls = _above(asked, found)
    below, addresses = outputs.draw_background(asked.known_by, asked.day)
    document = map_document([*below, *layers], day=asked.day, known_by=asked.known_by)
    focus = _focus(found) if found and not drawn else None
    specification = specify(
        document, addresses | urls, lang=lang, focus=focus, tiles=outputs.online_tiles()
    )
    thanks = ground.info.attribution[lang] if ground.info else ""
    specification = with_image(
        specification, address=_address(ground, overlay), bounds=overlay.bounds,
        opacity=asked.view.opacity / 100, palette=drawing.palette, label=ground.title[lang],
        attribution=thanks, lang=lang,
    )  # fmt: skip
    title = {"layers": specification["label"], "raster": ground.title[lang]}
    specification["label"] = translate("ground.map_of", lang, **title)
    specification["attributions"] = [text for text in specification["attributions"] if text]
    if drawn:
        specification = with_line_drawing(specification, lang)
    _show(specification, drawn=drawn, lang=lang)


def _is_drawn(line: str) -> bool:
    return line in ("", DRAWN) or bool(read_corners(line))


def _address(ground: Ground, overlay: Overlay) -> str:
    """A picture of the record lies on the server; one of an upload travels with the page."""
    if ground.facts is not None:
        return overlay.data_address
    return cache.FROM_COMPONENT + serve_overlay(overlay, cache.STATIC)


def _above(asked: Asked, found: Profile | None) -> tuple[list[MapLayer], dict[str, str]]:
    """Zones as outlines, or the line."""
    if asked.view.tell == PROFILE:
        if found is None:
            return [], {}
        layer = line_layer(found)
        return [layer], {layer.id: cache.FROM_COMPONENT + serve(layer, asked.day, cache.STATIC)}
    edition = outputs.edition_or_none(asked.view.over, asked.known_by)
    if edition is None:
        return [], {}
    districts = outputs.edition_or_none("districts", asked.known_by)
    layer, url = cache.draw_layer(cache.folder(), edition, districts, asked.day)
    return [_outlined(layer)], {layer.id: url}


def _outlined(layer: MapLayer) -> MapLayer:
    """Zones as lines only: what lies in them is what counts."""
    classes = tuple(
        replace(entry, look=replace(entry.look, fill_opacity=0.0, weight=OUTLINE_WEIGHT))
        for entry in layer.style.classes
    )
    return replace(layer, style=replace(layer.style, classes=classes))


def _focus(found: Profile) -> Focus:
    west, south, east, north = found.line.shape.bounds
    return Focus((west - 0.2, south - 0.2, east + 0.2, north + 0.2), "ground-line", found.line.name)


def _show(specification: dict[str, Any], *, drawn: bool, lang: str) -> None:
    base, group = to_folium(specification, cache.asset_addresses())
    told = st_folium(
        base, key=KEYS[drawn], feature_group_to_add=group, height=MAP_HEIGHT,
        use_container_width=True, returned_objects=[outputs.DRAWN] if drawn else [],
    )  # fmt: skip
    drawing = (told or {}).get(outputs.DRAWN)
    if drawn and drawing and drawing["geometry"]["type"] == "LineString":
        take_line(_corners(drawing), lang)


def _corners(drawing: dict[str, Any]) -> Corners:
    """Corners of a line as the browser tells it, as precise as a link."""
    places = drawing["geometry"]["coordinates"]
    return tuple((round(lon, LINK_DECIMALS), round(lat, LINK_DECIMALS)) for lon, lat in places)


def day_words(day: dt.date, then: dt.date | None) -> str:
    """The days asked, the earlier first."""
    return " · ".join(one.isoformat() for one in sorted({day, then or day}))
