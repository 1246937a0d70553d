"""QGIS is told the atlas's own looks: class by class, variant by variant, for every layer."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree as ET

import pytest

from atlas.cartography.map_document import MapLayer, look_keys, looks, map_layer
from atlas.cartography.qgis_style import MM_PER_PIXEL, class_expression, to_qml
from atlas.cartography.style import Look, Style, StyleClass, read_style, read_variants
from atlas.core.layer import RASTER
from atlas.i18n import LANGUAGES
from atlas.io import catalogue
from atlas.operations.folder import PROJECT

FOLDER, DAY = PROJECT / "layers", dt.date(2026, 12, 31)
VECTOR = [info.id for info in catalogue.list_feature_layers(FOLDER)]
SHAPE = {"polygon": "fill", "line": "line", "point": "marker"}


@cache
def read(layer: str) -> MapLayer:
    found = catalogue.read_layer(FOLDER, catalogue.find_edition(FOLDER, layer, known_by=DAY))
    return map_layer(found, found.features)


def parsed(drawn: MapLayer, lang: str = "en") -> ET.Element:
    return ET.fromstring(to_qml(drawn, lang=lang))  # noqa: S314 - written by ourselves


def options(layer: ET.Element) -> dict[str, str]:
    return {o.get("name", ""): o.get("value", "") for o in layer.findall("Option/Option")}


def rgba(colour: str, opacity: float) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return ",".join(map(str, [*parts, round(opacity * 255)]))


def stroke_is(layer: ET.Element, look: Look) -> None:
    found = options(layer)
    assert layer.get("class") == "SimpleLine"
    assert found["line_color"] == rgba(look.stroke, 1)
    assert float(found["line_width"]) == pytest.approx(look.weight * MM_PER_PIXEL, abs=1e-4)
    assert found["use_custom_dash"] == ("1" if look.dash else "0")
    if look.dash:
        steps = [float(step) / MM_PER_PIXEL for step in found["customdash"].split(";")]
        assert steps == pytest.approx([float(step) for step in look.dash.split()], abs=1e-3)


def fill_is(layer: ET.Element, look: Look) -> None:
    assert layer.get("class") == "SimpleFill"
    assert options(layer)["color"] == rgba(look.fill, look.fill_opacity)
    assert options(layer)["outline_style"] == "no"


def symbol_is(symbol: ET.Element, kind: str, look: Look) -> None:
    layers = symbol.findall("layer")
    assert symbol.get("type") == SHAPE[kind]
    if kind == "line":
        stroke_is(layers[0], look)
    elif kind == "polygon":
        fill_is(layers[0], look)
        stroke_is(layers[1], look)
    else:
        size = float(options(layers[0])["size"])
        assert size == pytest.approx(2 * look.radius * MM_PER_PIXEL, abs=1e-4)
        if look.dash:
            inner = layers[0].findall("symbol/layer")
            fill_is(inner[0], look)
            stroke_is(inner[1], look)
        else:
            found = options(layers[0])
            assert found["color"] == rgba(look.fill, look.fill_opacity)
            assert found["outline_color"] == rgba(look.stroke, 1)
            width = float(found["outline_width"])
            assert width == pytest.approx(look.weight * MM_PER_PIXEL, abs=1e-4)


@pytest.mark.parametrize("layer", VECTOR)
def test_every_look_of_the_web_map_is_a_category(layer: str) -> None:
    drawn = read(layer)
    root = parsed(drawn)
    categories = {c.get("value"): c.get("symbol") for c in root.findall(".//category")}
    symbols = {s.get("name"): s for s in root.findall("renderer-v2/symbols/symbol")}
    held = looks(drawn)
    assert set(categories) == {"|".join(key) for key in held}
    for key, look in held.items():
        symbol_is(symbols[categories["|".join(key)]], drawn.layer.info.kind, look)


@pytest.mark.parametrize("layer", VECTOR)
def test_the_expression_puts_each_row_into_its_category(layer: str) -> None:
    """SQLite evaluates it: it knows all of its words but one."""
    drawn = read(layer)
    column = drawn.style.column
    names = ["sourced", "status", *([column] if column not in ("", "sourced", "status") else [])]
    file = sqlite3.connect(":memory:")
    file.create_function("to_string", 1, lambda value: None if value is None else str(value))
    file.execute(f"CREATE TABLE t ({', '.join(names)})")
    rows = drawn.features.reindex(columns=names).astype(object)
    rows = rows.where(rows.notna(), None).to_numpy().tolist()
    marks = ", ".join("?" for _ in names)
    file.executemany(f"INSERT INTO t VALUES ({marks})", rows)  # noqa: S608
    query = f"SELECT {class_expression(drawn.style)} FROM t ORDER BY rowid"  # noqa: S608
    found = file.execute(query)
    assert [row[0] for row in found] == ["|".join(key) for key in look_keys(drawn)]
    file.close()


@pytest.mark.parametrize("kind", list(SHAPE))
@pytest.mark.parametrize("variant", list(read_variants()))
def test_every_variant_of_every_kind(kind: str, variant: str) -> None:
    drawn = read("innovation-corridors")
    layer = replace(drawn.layer, info=replace(drawn.layer.info, kind=kind))
    row = drawn.features.head(1).assign(
        sourced=variant != "unsourced",
        status="draft" if variant == "unsourced" else variant,
    )
    one = MapLayer(layer, row, drawn.style)
    (look,) = looks(one).values()
    symbol_is(parsed(one).find("renderer-v2/symbols/symbol"), kind, look)


def test_names_of_classes_are_text_to_the_expression_and_to_xml() -> None:
    hostile = 'it\'s \\ <b> "x" ]]>'
    look = Look("#112233", "#445566")
    title = {"zh": hostile, "en": hostile}
    style = Style("s", "part", (StyleClass(hostile, title, look), StyleClass("*", title, look)))
    assert "= 'it''s \\\\ <b>" in class_expression(style)
    assert '("co""l")' in class_expression(replace(style, column='co"l'))
    drawn = read("innovation-corridors")
    one = MapLayer(drawn.layer, drawn.features.head(1).assign(part=hostile), style)
    (category,) = parsed(one).findall(".//category")
    assert category.get("label", "").startswith(hostile)
    assert category.get("value", "").startswith(f"{hostile}|")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_layers_with_names_on_the_map_have_labels(lang: str) -> None:
    for layer in VECTOR:
        root = parsed(read(layer), lang)
        labelled = read_style(catalogue.read_info(FOLDER, layer).style).label
        assert root.get("labelsEnabled") == ("1" if labelled else "0")
        assert (root.find("labeling") is not None) == labelled
    field = parsed(read("cities"), lang).find("labeling/settings/text-style")
    assert f"name_{lang}" in field.get("fieldName")


def test_columns_have_their_titles() -> None:
    aliases = {a.get("field"): a.get("name") for a in parsed(read("rail-lines")).iter("alias")}
    assert aliases["design_speed_kmh"] == "Design speed (km/h)"
    assert all(aliases.values())


def test_rasters_have_no_such_style() -> None:
    assert all(catalogue.read_info(FOLDER, layer).kind != RASTER for layer in VECTOR)
