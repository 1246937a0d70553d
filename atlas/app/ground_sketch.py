"""The sketch of suitability on the page: weights and rules beside what they give."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from atlas.app import cache, ground_cache, outputs
from atlas.app.ground_inputs import Asked
from atlas.app.ground_map import show_map
from atlas.app.ground_sources import show_sources
from atlas.app.ground_tables import offer_files, show_zones
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.ground import open_ground
from atlas.operations.suitability import (
    CRITERIA,
    FAR_KM,
    HIGH_M,
    LAND_COVER,
    LOW_M,
    NEAR_KM,
    SOURCES,
    TERRAIN,
    Sketch,
    to_geotiff,
)

ENDS = {"stations": (NEAR_KM, FAR_KM), "terrain": (LOW_M, HIGH_M)}


def show_sketch(asked: Asked, lang: str) -> None:
    """What it asks, that it is a sketch, the map, rules with weights, zones, files."""
    st.warning(escape_markdown(translate("ground.sketch_notice", lang)), icon=":material/draw:")
    st.markdown(translate("ground.sketch_intro", lang))
    missing = [name for name in SOURCES if not _known(name, asked, lang)]
    if missing:
        words = translate("ground.sketch_missing", lang, layers=", ".join(missing))
        st.info(escape_markdown(words))
        return
    if not sum(asked.view.weights):
        st.info(translate("ground.sketch_weights", lang))
        return
    found, drawing, overlay = ground_cache.sketch(
        cache.folder(), cache.stamp(), asked.view.weights, asked.day, asked.known_by
    )
    st.caption(escape_markdown(found.ground.resolution[lang]))
    show_map(asked, found.ground, drawing, overlay, lang)
    _show_rules(found, lang)
    st.download_button(
        translate("ground.download_sketch", lang), data=lambda: to_geotiff(found),
        file_name=f"delta-atlas-sketch-{asked.day.isoformat()}.tif", mime="image/tiff",
        on_click="ignore", key="ground.form.sketch",
    )  # fmt: skip
    if outputs.find_editions((asked.view.over,), asked.known_by, lang):
        st.subheader(translate("ground.sketch_by_zone", lang))
        zones = ground_cache.sketch_zones(
            cache.folder(), cache.stamp(), found, asked.view.over, asked.view.weights, asked.day,
            asked.known_by,
        )  # fmt: skip
        if zones.zones.rows.empty:
            st.info(translate("ground.no_zones", lang))
            return
        show_zones(zones, drawing.palette, lang)
        offer_files(zones, "sketch", lang)
    rasters = [
        open_ground(cache.folder(), name, known_by=asked.known_by) for name in (TERRAIN, LAND_COVER)
    ]
    others = [one for one in found.editions if one.layer not in (TERRAIN, LAND_COVER)]
    show_sources(rasters, asked, others, lang)


def _known(name: str, asked: Asked, lang: str) -> bool:
    there = name in catalogue.list_layer_ids(cache.folder())
    return there and bool(outputs.find_editions((name,), asked.known_by, lang))


def _show_rules(found: Sketch, lang: str) -> None:
    """Every criterion with its weight, its rule and the edition that it is from."""
    total = sum(found.weights)
    rows = []
    for name, weight, edition in zip(CRITERIA, found.weights, found.editions, strict=True):
        best, worst = ENDS.get(name, (0, 0))
        info = catalogue.read_info(cache.folder(), edition.layer)
        rows.append({
            "layer": translate(f"ground.criterion.{name}", lang),
            "weight": f"{weight} ({weight / total:.0%})",
            "rule": translate(f"ground.rule_of.{name}", lang, best=best, worst=worst),
            "source": f"{info.title[lang]}, {edition.edition} ({edition.published.isoformat()})",
        })  # fmt: skip
    heads = ("table.layer", "ground.weight", "ground.rule", "table.source")
    held = pd.DataFrame(rows).map(escape_markdown)
    held.columns = [translate(key, lang) for key in heads]
    st.subheader(translate("ground.sketch_rules", lang))
    st.table(held.set_index(held.columns[0]), border="horizontal")
