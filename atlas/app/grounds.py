"""The page of the ground put together: what is told decides what is shown."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from atlas.app import cache, ground_cache, outputs
from atlas.app.ground_inputs import Asked
from atlas.app.ground_map import show_map
from atlas.app.ground_profile import show_profile
from atlas.app.ground_sketch import show_sketch
from atlas.app.ground_sources import show_sources
from atlas.app.ground_tables import offer_files, offer_raster, show_zones
from atlas.app.ground_upload import show_facts
from atlas.cartography.raster_look import Palette
from atlas.core.ground import DRAWN, OWN, PROFILE, SKETCH, ZONES
from atlas.core.text import escape_markdown
from atlas.errors import EditionNotFound
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.ground import Ground
from atlas.operations.profile import Profile
from atlas.operations.zonal import Zonal

ALONG = ("terrain", "land-cover")
"""Rasters of the record that a profile shows beside the chosen one."""


def show(asked: Asked, lang: str) -> None:
    """Everything below the heading."""
    if asked.view.tell == SKETCH:
        show_sketch(asked, lang)
        return
    if asked.source is None:
        if not catalogue.list_raster_layers(cache.folder()):
            st.info(translate("ground.no_record", lang))
        st.info(translate("ground.upload_help", lang))
        return
    if asked.view.raster != OWN and not known(asked.view.raster, asked, lang):
        return
    ground, drawing, overlay = ground_cache.draw(
        cache.folder(), cache.stamp(), asked.source.key, asked.known_by, asked.source
    )
    show_limits(ground, lang)
    show_facts(ground, lang)
    found = _follow(asked) if asked.view.tell == PROFILE else None
    show_map(asked, ground, drawing, overlay, lang, found)
    show_legend(drawing.palette, lang)
    if asked.view.tell == ZONES:
        _show_zones(asked, ground, drawing.palette, lang)
    elif found is None:
        st.info(translate("ground.line_none", lang))
    else:
        show_profile(found, lang)
    others = [found.line.edition, *(one.edition for one in found.passed)] if found else []
    rasters = [strip.ground for strip in found.strips] if found else [ground]
    show_sources(rasters, asked, others, lang)


def known(layer: str, asked: Asked, lang: str) -> bool:
    """Whether a layer had an edition by the day of record; says so if not."""
    return bool(outputs.find_editions((layer,), asked.known_by, lang))


def show_limits(ground: Ground, lang: str) -> None:
    """How large cells are, and what they cannot tell."""
    values = {"title": ground.title[lang], "resolution": ground.resolution[lang],
              "accuracy": ground.accuracy[lang]}  # fmt: skip
    words = translate("ground.limits", lang, **values)
    st.info(escape_markdown(words), icon=":material/grid_on:")


def show_legend(palette: Palette, lang: str) -> None:
    """The class table, or the steps of a quantity, with their colours."""
    keys = ("ground.legend_colour", "ground.legend_value", "ground.legend_title")
    names = [translate(key, lang) for key in keys]
    rows = [
        ("", f"{entry.low:g}" if entry.low == entry.high else f"{entry.low:g}–{entry.high:g}",
         entry.title[lang])
        for entry in palette
    ]  # fmt: skip
    held = pd.DataFrame(rows, columns=names)
    shades = pd.DataFrame("", index=held.index, columns=names)
    shades[names[0]] = [f"background-color: {entry.colour}" for entry in palette]
    with st.expander(translate("ground.legend", lang)):
        st.dataframe(held.style.apply(lambda _: shades, axis=None), hide_index=True)


def _follow(asked: Asked) -> Profile | None:
    """The profile of the chosen line; None while there is none."""
    source = asked.source
    if source is None or asked.view.line in ("", DRAWN):
        return None
    layers = [info.id for info in catalogue.list_raster_layers(cache.folder())]
    beside = [name for name in ALONG if name in layers and name != source.name]
    sources = [source, *(ground_cache.Source(name) for name in beside if _there(name, asked))]
    return ground_cache.follow(
        cache.folder(), cache.stamp(), tuple(one.key for one in sources), asked.view.line,
        asked.day, asked.known_by, tuple(sources),
    )  # fmt: skip


def _there(layer: str, asked: Asked) -> bool:
    try:
        catalogue.find_edition(cache.folder(), layer, known_by=asked.known_by)
    except EditionNotFound:
        return False
    return True


def _show_zones(asked: Asked, ground: Ground, palette: Palette, lang: str) -> None:
    view, source = asked.view, asked.source
    names = (view.over, *([view.cut] if view.cut else []))
    if source is None or len(outputs.find_editions(names, asked.known_by, lang)) < len(names):
        return
    found = ground_cache.measure(
        cache.folder(), cache.stamp(), source.key, view.over, view.cut, asked.day, view.then,
        asked.known_by, source,
    )  # fmt: skip
    last = found if isinstance(found, Zonal) else found.new
    if last.zones.rows.empty:
        st.info(translate("ground.no_zones", lang))
        return
    show_zones(found, palette, lang)
    offer_files(found, source.name, lang)
    offer_raster(ground, lang)
