"""The web map: a MapDocument as GeoJSON for the browser, and as a Folium map.

The Folium map is constant: it holds no data and never remounts. Everything that changes
goes through one small element that hands a specification to ``browser/atlas.js``, which
fetches each layer from a same-origin address named by its content (see the traps of
streamlit-folium in docs/decisions/0003-map-pattern.md).
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import MacroElement
from jinja2 import Template

from atlas.cartography.map_document import LegendEntry, MapDocument, MapLayer, legend, look_keys
from atlas.cartography.map_document import looks as looks_of
from atlas.cartography.popup import popup_rows, row_key, short_zh, tooltip_lines
from atlas.cartography.style import read_variants
from atlas.core.period import day_uncertain
from atlas.errors import OnlineAddress
from atlas.i18n import LANGUAGES, translate

SCREEN_DECIMALS = 5
"""About a metre: more than any source of the atlas knows."""
CENTRE = (31.15, 119.0)
ZOOM = 7
LABEL_ZOOM = 6


@dataclass(frozen=True)
class Focus:
    """What the map flies to and lights up: bounds are west, south, east, north.

    ``place`` is ``layer:id``, ``rows`` are keys of rows. ``choice`` counts what the reader
    chose: a place chosen once more is flown to once more.
    """

    bounds: tuple[float, float, float, float]
    layer: str = ""
    place: str = ""
    rows: tuple[str, ...] = ()
    choice: int = 0


@dataclass(frozen=True)
class Tiles:
    """An online background, only if someone configured it."""

    url: str
    attribution: str


class AtlasMap(folium.Map):
    """Folium's map with its scripts taken from local addresses."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self.default_js = [(n, addresses[n]) for n in ("leaflet.js", "measure.js", "atlas.js")]
        self.default_css = [(n, addresses[n]) for n in ("leaflet.css", "measure.css", "atlas.css")]
        super().__init__(
            location=CENTRE, zoom_start=ZOOM, tiles=None, min_zoom=5, max_zoom=16,
            prefer_canvas=True, zoom_snap=0.5,
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
        From :func:`specify`.
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


def legend_label(entry: LegendEntry, lang: str) -> str:
    """Words of a legend entry: class, variant unless in force, count."""
    title = entry.title[lang]
    if entry.variant == "in-force":
        return translate("map.legend_entry", lang, title=title, count=entry.count)
    variant = read_variants()[entry.variant].title[lang]
    return translate("map.legend_variant", lang, title=title, variant=variant, count=entry.count)


def specify(
    document: MapDocument, urls: dict[str, str], *, lang: str, focus: Focus | None = None,
    tiles: Tiles | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What ``atlas.draw`` needs: layers with their addresses and looks, legend, words.

    Parameters
    ----------
    document
        The map.
    urls
        Address of the screen GeoJSON of each layer, by layer id (``background:`` before
        the id of a background layer).
    lang
        Language of all words.
    focus
        What to fly to; the view stays where it is while place and choice stay the same.
    tiles
        An online background, if configured.
    """
    return {
        "lang": lang,
        "label": _map_label(document, lang),
        "layers": [_layer_spec(layer, urls) for layer in document.layers],
        "legend_title": translate("map.legend", lang),
        "legend": [
            {"label": legend_label(entry, lang), "kind": entry.kind, "look": asdict(entry.look)}
            for entry in legend(document)
        ],
        "notices": [translate("app.notice", lang)],
        "attributions": _attributions(document, lang),
        "failed": translate("map.failed", lang),
        "focus": asdict(focus) if focus else None,
        "tiles": asdict(tiles) if tiles else None,
        "measure": _measure_words(lang),
    }


def _map_label(document: MapDocument, lang: str) -> str:
    """What a screen reader says the map is: the layers on it, topmost first."""
    chosen = [layer for layer in reversed(document.layers) if not layer.background]
    layers = chosen or list(reversed(document.layers))
    titles = [layer.layer.info.title[lang] for layer in layers]
    return translate("explore.map_label", lang, layers=", ".join(titles))


def drawn_id(layer: MapLayer) -> str:
    """Id of a layer in the browser: a background is not the layer itself."""
    return f"background:{layer.id}" if layer.background else layer.id


def _layer_spec(layer: MapLayer, urls: dict[str, str]) -> dict[str, Any]:
    return {
        "id": drawn_id(layer),
        "url": urls[drawn_id(layer)],
        "kind": layer.layer.info.kind,
        "looks": {"|".join(key): asdict(look) for key, look in looks_of(layer).items()},
        "background": layer.background,
        "label": layer.style.label,
        "label_zoom": LABEL_ZOOM,
    }


def _attributions(document: MapDocument, lang: str) -> list[str]:
    texts = (layer.layer.info.attribution[lang] for layer in document.layers)
    return list(dict.fromkeys(texts))


def _measure_words(lang: str) -> dict[str, str]:
    names = {
        "measureControlTitleOn": "on", "measureControlTitleOff": "off",
        "clearControlTitle": "clear", "tooltipTextFinish": "finish",
        "tooltipTextDelete": "delete", "tooltipTextMove": "move", "tooltipTextResume": "resume",
        "tooltipTextAdd": "add",
    }  # fmt: skip
    return {name: translate(f"map.measure.{key}", lang) for name, key in names.items()}
