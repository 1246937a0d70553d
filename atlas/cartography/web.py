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
from atlas.cartography.style import read_variants
from atlas.core.period import day_uncertain, published_text
from atlas.core.schema import missing_to_none
from atlas.errors import OnlineAddress
from atlas.i18n import LANGUAGES, read_words, translate

SCREEN_DECIMALS = 5
"""About a metre: more than any source of the atlas knows."""
CENTRE = (31.15, 119.0)
ZOOM = 7
LABEL_ZOOM = 6


@dataclass(frozen=True)
class Focus:
    """What the map flies to and lights up: bounds are west, south, east, north."""

    bounds: tuple[float, float, float, float]
    layer: str = ""
    features: tuple[str, ...] = ()


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

    Properties: ``i`` id, ``k`` look, ``t`` lines of the tooltip, ``p`` rows of the popup,
    ``l`` label and ``c`` its place.
    """
    features = []
    uncertain = day_uncertain(layer.features, document_day)
    for row, key, doubt in zip(
        layer.features.itertuples(), look_keys(layer), uncertain, strict=True
    ):
        if row.geometry is None:
            continue
        properties: dict[str, Any] = {"i": row.id, "k": "|".join(key)}
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


def short_zh(name: str) -> str:
    """A city's name as a map writes it: without 市."""
    return name.removesuffix("市")


def tooltip_lines(row: Any, lang: str, *, doubt: bool) -> list[str]:
    """Name, version and status, period, and what is uncertain or without a source."""
    version = []
    if row.plan_version != "current":
        version.append(translate("map.version", lang, version=row.plan_version))
    if row.part != "whole":
        version.append(translate("map.part", lang, part=row.part))
    if version or row.status != "in-force":
        version.append(read_variants()[row.status].title[lang])
    lines = [
        row.name_zh if lang == "zh" else row.name_en,
        " · ".join(version),
        period_text(row, lang),
    ]
    if not row.sourced:
        lines.append(translate("map.no_source", lang))
    elif row.unsourced:
        columns = ", ".join(column_title(name, lang) for name in row.unsourced)
        lines.append(translate("map.unsourced_columns", lang, columns=columns))
    if doubt:
        lines.append(translate("map.date_uncertain", lang))
    return [line for line in lines if line]


def period_text(row: Any, lang: str) -> str:
    """A row's period as it was published; empty if nothing of it is known."""
    start, end = missing_to_none(row.valid_from), missing_to_none(row.valid_to)
    if start is None and end is None:
        return ""
    until = translate("map.still", lang)
    if end is not None:
        day = published_text(row.valid_to, row.valid_to_precision)
        until = translate("map.until", lang, end=day)
    if start is None:
        return until
    day = published_text(row.valid_from, row.valid_from_precision)
    return translate("map.period", lang, start=day, end=until)


def column_title(name: str, lang: str) -> str:
    """A column's title; its name where the atlas has no word for it."""
    return read_words(lang).get(f"column.{name}", name)


def popup_rows(layer: MapLayer, row: Any) -> list[list[dict[str, str]]]:
    """Titles and values that a click shows, for the columns that the style names."""
    rows = []
    for name in layer.style.popup:
        texts = {lang: _cell(row, name, lang) for lang in LANGUAGES}
        if any(texts.values()):
            rows.append([in_column(layer, name), texts])
    return rows


def _cell(row: Any, name: str, lang: str) -> str:
    """Text of a column, in the language if it has one for each (``notes_zh``, ``notes_en``)."""
    value = missing_to_none(getattr(row, f"{name}_{lang}", getattr(row, name, None)))
    if value is None:
        return ""
    if name == "issued":
        return published_text(row.issued, row.issued_precision)
    return ", ".join(value) if isinstance(value, list) else str(value)


def in_column(layer: MapLayer, name: str) -> dict[str, str]:
    """A column's title in both languages: the layer's own, else the atlas's."""
    own = {column.name: column.title for column in layer.layer.info.columns}
    return own.get(name) or {lang: column_title(name, lang) for lang in LANGUAGES}


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
        What to fly to; the view stays where it is while this stays the same.
    tiles
        An online background, if configured.
    """
    return {
        "lang": lang,
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
