"""A layer's Style as QGIS reads it: QML, categorised by class and by status variant.

Each category is one look of the web map (:func:`atlas.cartography.map_document.looks`), with the
same words in the legend. Sizes go from CSS pixels to millimetres at 96 pixels an inch, as CSS
itself defines them, so that a map printed by QGIS has the weights of the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from atlas.cartography.map_document import looks
from atlas.cartography.popup import in_column
from atlas.cartography.style import EVERY, read_variants
from atlas.core.schema import RECORD_COLUMNS

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapLayer
    from atlas.cartography.style import Look, Style

VERSION = "3.22.0"
"""Oldest QGIS that reads symbols in this form."""
MM_PER_PIXEL = 25.4 / 96
POINTS_PER_PIXEL = 72 / 96
LABEL_PIXELS, HALO_PIXELS = 12, 1.5
LABEL, HALO = "#333333", "#ffffff"
"""City names as in ``browser/atlas.css``."""
SYMBOLS = {"polygon": "fill", "line": "line", "point": "marker"}
NAMES = {
    "zh": "regexp_replace(\"name_zh\", '市$', '')",
    "en": "regexp_replace(\"name_en\", ' [(].*', '')",
}
"""Names as the web map writes them."""


def to_qml(layer: MapLayer, *, lang: str) -> str:
    """Write the looks, the legend and the labels of a layer as QML.

    Parameters
    ----------
    layer
        Rows with their style; only looks that a row has become categories.
    lang
        Language of the legend, of the names on the map and of the columns' titles.
    """
    root = Element("qgis", version=VERSION, styleCategories="Symbology|Labeling|Fields",
                   labelsEnabled="1" if layer.style.label else "0")  # fmt: skip
    root.append(_renderer(layer, lang))
    if layer.style.label:
        root.append(_labeling(lang))
    aliases = SubElement(root, "aliases")
    for column in (*RECORD_COLUMNS, *layer.layer.info.columns):
        SubElement(aliases, "alias", field=column.name, name=in_column(layer, column.name)[lang])
    indent(root)
    return tostring(root, encoding="unicode")


def class_expression(style: Style) -> str:
    """QGIS expression of a row's class and variant, as :func:`looks` names them.

    >>> from atlas.cartography.style import read_style
    >>> print(class_expression(read_style("corridors")))
    '*' || '|' || CASE WHEN "sourced" THEN "status" ELSE 'unsourced' END
    """
    values = [entry.value for entry in style.classes]
    last = values.index(EVERY) if EVERY in values else len(values)
    value = f"coalesce(to_string({_column(style.column)}), '')"
    cases = " ".join(f"WHEN {value} = {_text(v)} THEN {_text(v)}" for v in values[:last])
    other = _text(EVERY) if EVERY in values else "NULL"
    found = f"CASE {cases} ELSE {other} END" if style.column and cases else other
    return f"{found} || '|' || CASE WHEN \"sourced\" THEN \"status\" ELSE 'unsourced' END"


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _renderer(layer: MapLayer, lang: str) -> Element:
    renderer = Element("renderer-v2", type="categorizedSymbol", symbollevels="0", enableorderby="0",
                       forceraster="0", attr=class_expression(layer.style))  # fmt: skip
    categories, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    titles = {entry.value: entry.title[lang] for entry in layer.style.classes}
    order = list(titles)
    drawn = looks(layer)
    for place, key in enumerate(sorted(drawn, key=lambda key: (order.index(key[0]), key[1]))):
        label = titles[key[0]]
        if key[1] != "in-force":
            label = f"{label} · {read_variants()[key[1]].title[lang]}"
        SubElement(categories, "category", type="string", render="true", symbol=str(place),
                   value="|".join(key), label=label)  # fmt: skip
        symbols.append(_symbol(str(place), layer.layer.info.kind, drawn[key]))
    return renderer


def _symbol(name: str, kind: str, look: Look) -> Element:
    symbol = Element("symbol", type=SYMBOLS[kind], name=name, alpha="1", clip_to_extent="1",
                     force_rhr="0")  # fmt: skip
    if kind == "line":
        symbol.append(_stroke(look))
    elif kind == "polygon":
        symbol.extend([_fill(look), _stroke(look)])
    elif look.dash:
        symbol.append(_dashed_marker(look))
    else:
        symbol.append(_marker(look))
    return symbol


def _stroke(look: Look) -> Element:
    options = {
        "line_color": _rgba(look.stroke, 1), "line_width": _mm(look.weight),
        "line_width_unit": "MM", "line_style": "solid", "capstyle": "round", "joinstyle": "round",
        "use_custom_dash": "1" if look.dash else "0",
    }  # fmt: skip
    if look.dash:
        steps = ";".join(_mm(float(step)) for step in look.dash.split())
        options |= {"customdash": steps, "customdash_unit": "MM"}
    return _layer("SimpleLine", options)


def _fill(look: Look) -> Element:
    return _layer(
        "SimpleFill",
        {"color": _rgba(look.fill, look.fill_opacity), "style": "solid", "outline_style": "no"},
    )


def _marker(look: Look) -> Element:
    return _layer(
        "SimpleMarker",
        {
            "name": "circle", "size": _mm(2 * look.radius), "size_unit": "MM",
            "color": _rgba(look.fill, look.fill_opacity), "outline_color": _rgba(look.stroke, 1),
            "outline_width": _mm(look.weight), "outline_width_unit": "MM",
            "outline_style": "solid", "scale_method": "diameter",
        },
    )  # fmt: skip


def _dashed_marker(look: Look) -> Element:
    """A circle whose outline is dashed, which a plain marker of QGIS cannot be."""
    layer = _layer("FilledMarker", {"name": "circle", "size": _mm(2 * look.radius),
                                    "size_unit": "MM", "scale_method": "diameter"})  # fmt: skip
    inner = SubElement(layer, "symbol", type="fill", name="@0@0", alpha="1", clip_to_extent="1",
                       force_rhr="0")  # fmt: skip
    inner.extend([_fill(look), _stroke(look)])
    return layer


def _layer(name: str, options: dict[str, str]) -> Element:
    layer = Element("layer", {"class": name, "enabled": "1", "locked": "0", "pass": "0"})
    table = SubElement(layer, "Option", type="Map")
    for option, value in options.items():
        SubElement(table, "Option", type="QString", name=option, value=value)
    return layer


def _labeling(lang: str) -> Element:
    labeling = Element("labeling", type="simple")
    settings = SubElement(labeling, "settings", calloutType="simple")
    style = SubElement(
        settings, "text-style", fieldName=NAMES[lang], isExpression="1",
        fontSize=f"{LABEL_PIXELS * POINTS_PER_PIXEL:g}", fontSizeUnit="Point",
        textColor=_rgba(LABEL, 1), textOpacity="1",
    )  # fmt: skip
    SubElement(style, "text-buffer", bufferDraw="1", bufferSize=_mm(HALO_PIXELS),
               bufferSizeUnits="MM", bufferColor=_rgba(HALO, 1), bufferOpacity="1")  # fmt: skip
    SubElement(settings, "placement", placement="1", centroidInside="1", fitInPolygonOnly="0")
    return labeling


def _mm(pixels: float) -> str:
    return f"{pixels * MM_PER_PIXEL:.4f}".rstrip("0").rstrip(".")


def _rgba(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"
