"""The web map: a MapDocument as GeoJSON for the browser, and as a Folium map.

The Folium map is constant: it holds no data and never remounts. Everything that changes
goes through one small element that hands a specification (:mod:`atlas.cartography.web_spec`)
to ``browser/atlas.js``, which fetches each layer from a same-origin address named by its content
(see the traps of streamlit-folium in docs/decisions/0003-map-pattern.md).
"""

from __future__ import annotations

import json
import re
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import MacroElement
from jinja2 import Template

from atlas.cartography.map_document import MapLayer, look_keys
from atlas.cartography.popup import popup_rows, row_key, short_zh, tooltip_lines
from atlas.core.period import day_uncertain
from atlas.errors import OnlineAddress
from atlas.i18n import LANGUAGES

SCREEN_DECIMALS = 5
"""About a metre: more than any source of the atlas knows."""
CENTRE = (31.15, 119.0)
ZOOM = 7
SCRIPTS = (
    "leaflet.js", "measure.js", "atlas-dom.js", "atlas-player.js", "atlas-sync.js", "atlas-draw.js",
    "atlas-raster.js", "atlas.js",
)  # fmt: skip
STYLES = ("leaflet.css", "measure.css", "atlas.css")
"""What the map's frame loads, in this order."""


class AtlasMap(folium.Map):
    """Folium's map with its scripts taken from local addresses."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.default_js = [(name, addresses[name]) for name in SCRIPTS]
        self.default_css = [(name, addresses[name]) for name in STYLES]
        super().__init__(
            location=CENTRE, zoom_start=ZOOM, tiles=None, min_zoom=5, max_zoom=16,
            prefer_canvas=True, zoom_snap=0.5, track_resize=False,
        )  # fmt: skip


class MapContent(MacroElement):
    """Hands a specification to ``atlas.draw`` in the browser."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "atlas.draw({{ this._parent._parent.get_name() }}, {{ this.specification }});"
        "{% endmacro %}"
    )

    def __init__(self, specification: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "MapContent"
        self.specification = script_safe(specification)


def script_safe(value: object) -> str:
    r"""JSON that cannot end a script element, whatever text it holds.

    >>> script_safe("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def to_folium(
    specification: dict[str, Any], addresses: dict[str, str]
) -> tuple[folium.Map, folium.FeatureGroup]:
    """The constant map, and the group that carries all that changes.

    Parameters
    ----------
    specification
        From :func:`atlas.cartography.web_spec.specify`.
    addresses
        Where the browser finds each asset; all must be local.

    Raises
    ------
    OnlineAddress
        If anything would be loaded from the network.
    """
    base = AtlasMap(addresses)
    group = folium.FeatureGroup(name="atlas")
    group.add_child(MapContent(specification))
    refuse_online(base)
    return base, group


def refuse_online(base: folium.Map) -> None:
    """Raise if a map loads a script, a style or anything else from another host."""
    addresses = [address for _, address in base.default_js + base.default_css]
    for element in base._children.values():  # noqa: SLF001 - Folium has no public list
        addresses += [address for _, address in getattr(element, "default_js", [])]
        addresses += [address for _, address in getattr(element, "default_css", [])]
    for address in addresses:
        if re.match(r"(?:[a-z]+:)?//", address, re.IGNORECASE):
            raise OnlineAddress(address=address)


def screen_geojson(layer: MapLayer, document_day: Any) -> bytes:
    """GeoJSON of a layer's rows as the browser draws them, in both languages.

    Properties: ``i`` key of the row, ``k`` look, ``t`` lines of the tooltip, ``p`` rows of
    the popup, ``l`` label and ``c`` its place.
    """
    features = []
    uncertain = day_uncertain(layer.features, document_day)
    for row, key, doubt in zip(
        layer.features.itertuples(), look_keys(layer), uncertain, strict=True
    ):
        if row.geometry is None:
            continue
        properties: dict[str, Any] = {"i": row_key(row), "k": "|".join(key)}
        if not layer.background:
            properties["t"] = {lang: tooltip_lines(row, lang, doubt=doubt) for lang in LANGUAGES}
            properties["p"] = popup_rows(layer, row)
        if layer.style.label:
            place = row.geometry.representative_point()
            properties["c"] = [round(place.x, 4), round(place.y, 4)]
            properties["l"] = {"zh": short_zh(row.name_zh), "en": row.name_en.split(" (")[0]}
        shape = shapely.transform(row.geometry, lambda xy: np.round(xy, SCREEN_DECIMALS))
        text = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
        features.append(
            f'{{"type":"Feature","properties":{text},"geometry":{shapely.to_geojson(shape)}}}'
        )
    return ('{"type":"FeatureCollection","features":[' + ",\n".join(features) + "]}").encode()
