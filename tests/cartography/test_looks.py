"""One look for the web map and the legend, for every layer that is published."""

import datetime as dt
import json
import re

import pytest

from atlas.cartography import popup, style, web, web_spec
from atlas.cartography.map_document import legend, look_keys, looks, map_document, map_layer
from atlas.core.schema import STATUSES
from atlas.errors import OnlineAddress
from atlas.i18n import LANGUAGES
from atlas.io import catalogue
from atlas.operations.change_map import CHANGES
from atlas.operations.conform_output import CONFORM
from atlas.operations.folder import PROJECT
from atlas.operations.overlap_map import OVERLAP
from atlas.operations.reach_map import BANDS, LINES, STATIONS

FOLDER = PROJECT / "layers"
DAY = dt.date(2026, 11, 24)
VECTOR = [
    layer
    for layer in catalogue.list_layer_ids(FOLDER)
    if catalogue.read_info(FOLDER, layer).kind in ("polygon", "line", "point")
]
ADDRESSES = {name: f"../../app/static/assets/{name}" for name in web.SCRIPTS + web.STYLES}


def read(layer: str):
    return catalogue.read_layer(FOLDER, catalogue.find_edition(FOLDER, layer, known_by=DAY))


@pytest.mark.parametrize("layer", VECTOR)
def test_map_and_legend_show_the_same_looks_classes_and_counts(layer: str) -> None:
    drawn = map_layer(read(layer), read(layer).features)
    document = map_document([drawn], day=DAY, known_by=DAY)
    entries = legend(document)
    assert sum(entry.count for entry in entries) == len(drawn.features)
    specification = web_spec.specify(document, {layer: "x"}, lang="en")
    in_map = {
        json.dumps(look, sort_keys=True) for look in specification["layers"][0]["looks"].values()
    }
    in_legend = {json.dumps(entry["look"], sort_keys=True) for entry in specification["legend"]}
    assert in_map == in_legend
    features = json.loads(web.screen_geojson(drawn, DAY))["features"]
    assert {feature["properties"]["k"] for feature in features} <= set(
        specification["layers"][0]["looks"]
    )


@pytest.mark.parametrize("layer", VECTOR)
def test_every_row_has_a_class_and_every_colour_six_digits(layer: str) -> None:
    drawn = map_layer(read(layer), read(layer).features)
    assert len(list(look_keys(drawn))) == len(drawn.features)
    for look in looks(drawn).values():
        assert re.fullmatch(r"#[0-9a-f]{6}", look.fill)
        assert re.fullmatch(r"#[0-9a-f]{6}", look.stroke)


def test_every_status_and_a_missing_source_look_different() -> None:
    base = style.read_style("corridors").classes[0].look
    seen = {style.varied(base, name) for name in (*STATUSES, "unsourced")}
    assert len(seen) == len(STATUSES) + 1


def test_a_row_without_a_source_shows_that_before_its_status() -> None:
    assert style.variant_of("in-force", sourced=False) == "unsourced"
    assert style.variant_of("draft", sourced=True) == "draft"


def test_every_style_file_is_used_or_is_the_status_file() -> None:
    used = {catalogue.read_info(FOLDER, layer).style for layer in VECTOR}
    files = {path.name.removesuffix(".toml") for path in style.STYLES.iterdir()}
    own = {"status", CHANGES, CONFORM, OVERLAP, BANDS, LINES, STATIONS}
    assert files - own == used


def test_the_specification_cannot_end_the_script_it_lies_in() -> None:
    text = web.script_safe({"name": "</script><script>alert(1)</script>\u2028"})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["name"].startswith("</script>")


@pytest.mark.parametrize(
    "address", ["https://a.example/leaflet.js", "//a.example/x.js", "HTTP://a"]
)
def test_a_map_that_would_go_online_is_refused(address: str) -> None:
    with pytest.raises(OnlineAddress, match=re.escape(address)):
        web.to_folium({}, ADDRESSES | {"leaflet.js": address})


def test_local_addresses_make_a_map_whose_scripts_are_all_local() -> None:
    base, group = web.to_folium({"lang": "zh"}, ADDRESSES)
    assert [address for _, address in base.default_js] == [ADDRESSES[name] for name in web.SCRIPTS]
    assert len(group._children) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tooltips_say_what_is_uncertain_or_without_a_source(lang: str) -> None:
    layer = read("metropolitan-areas")
    row = next(layer.features.itertuples())
    sure = popup.tooltip_lines(row, lang, doubt=False)
    unsure = popup.tooltip_lines(row, lang, doubt=True)
    assert len(unsure) == len(sure) + 1
    unsourced = popup.tooltip_lines(row._replace(sourced=False), lang, doubt=False)
    assert popup.translate("map.no_source", lang) in unsourced


def test_screen_shapes_have_five_decimals() -> None:
    drawn = map_layer(read("lakes"), read("lakes").features)
    text = web.screen_geojson(drawn, DAY).decode()
    assert not re.search(r"\d\.\d{6,}", text.split('"geometry"', 1)[1].split('"properties"')[0])


@pytest.mark.parametrize(
    ("value", "text"), [(1234.0, "1,234"), (8000, "8,000"), (0.25, "0.25"), (-3.0, "-3")]
)
def test_numbers_have_thousands_apart_and_no_empty_decimals(value: float, text: str) -> None:
    layer = read("rail-lines")
    drawn = map_layer(layer, layer.features)
    row = next(layer.features.itertuples())._replace(published_length_km=value)
    shown = {title["en"]: texts["en"] for title, texts in popup.popup_rows(drawn, row)}
    assert text in shown.values()
