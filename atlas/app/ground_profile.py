"""The profile on the page: charts above each other over one axis of kilometres, and tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from atlas.app.ground_tables import offer_forms, show_rows
from atlas.cartography.raster_look import Palette
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.grammar import size_text
from atlas.operations.ground import CLASSES
from atlas.operations.ground_map import palette_of
from atlas.operations.profile import Profile, Strip
from atlas.operations.profile_output import (
    passed_rows,
    render,
    strip_rows,
    strip_sentence,
    sum_rows,
    undrawn_words,
)
from atlas.operations.profile_picture import LANE_COLOURS, to_png

WIDTH, HIGH, LOW, LANE = 760, 150, 34, 20
LAND = "#c79a56"


def show_profile(found: Profile, lang: str) -> None:
    """The line in words and pictures, then what it passes as tables, then files."""
    length = size_text(found.way.length_km, "km", lang)
    st.subheader(escape_markdown(f"{found.line.title[lang]} · {length}"))
    for strip in found.strips:
        words = f"{strip.ground.title[lang]} · {strip_sentence(strip, lang)}"
        st.markdown(escape_markdown(words))
    st.altair_chart(_charts(found, lang), width="stretch", height="content")
    _tables(found, lang)
    st.caption(escape_markdown(translate("ground.profile_method", lang)))
    offer_forms(
        lambda form: render(found, form, lang=lang, made=dt.date.today()),
        "delta-atlas-profile", "ground.profile", lang,
    )  # fmt: skip
    st.download_button(
        translate("ground.download_picture", lang), data=lambda: to_png(found, lang),
        file_name="delta-atlas-profile.png", mime="image/png", on_click="ignore",
        key="ground.profile.png",
    )  # fmt: skip


def _tables(found: Profile, lang: str) -> None:
    for strip in found.strips:
        if strip.ground.kind == CLASSES:
            st.markdown(f"**{escape_markdown(strip.ground.title[lang])}**")
            rows = [row | {"class": row["name"], "class_en": row["name_en"]}
                    for row in sum_rows(strip)]  # fmt: skip
            show_rows(rows, ["class", "length_km", "share"], lang)
    st.markdown(f"**{translate('ground.passed', lang)}**")
    rows = [row for one in found.passed for row in passed_rows(one)]
    titles = {one.info.id: one.info.title for one in found.passed}
    told = [row | {"of": titles[row["of"]]["zh"], "of_en": titles[row["of"]]["en"]} for row in rows]
    if told:
        show_rows(told, ["of", "name", "from_km", "to_km", "length_km"], lang)
    else:
        st.info(translate("ground.passes_none", lang))
    for one in found.passed:
        for words in undrawn_words(one, lang):
            st.warning(escape_markdown(words))
    with st.expander(translate("ground.strips", lang)):
        pieces = [row for strip in found.strips for row in _pieces(strip)]
        show_rows(pieces, ["of", "from_km", "to_km", "length_km", "value", "name"], lang)


def _pieces(strip: Strip) -> list[dict[str, Any]]:
    title = strip.ground.title
    return [row | {"of": title["zh"], "of_en": title["en"]} for row in strip_rows(strip)]


def _charts(found: Profile, lang: str) -> alt.VConcatChart:
    """Quantities as steps, classes as strips, belts and lakes as lanes, on one axis."""
    scale = alt.Scale(domain=[0, found.way.length_km], nice=False)
    parts: list[Any] = []
    for strip in sorted(found.strips, key=lambda strip: strip.ground.kind == CLASSES):
        made = _strip if strip.ground.kind == CLASSES else _steps
        parts.append(made(strip, scale, lang))
    lanes = _lanes(found, scale, lang)
    if lanes is not None:
        parts.append(lanes)
    chart: alt.VConcatChart = (
        alt.vconcat(*parts, spacing=6)
        .resolve_scale(color="independent", x="shared")
        .configure_axisY(minExtent=120, maxExtent=120)
    )
    return chart


def _axis(title: str) -> alt.Axis:
    return alt.Axis(title=title or None, grid=True, tickCount=12)


def _steps(strip: Strip, scale: alt.Scale, lang: str) -> alt.Chart:
    """One flat piece a cell: nothing is drawn between cells that the raster does not say."""
    held = pd.DataFrame(strip_rows(strip)).dropna(subset=["value"]).assign(zero=0.0)
    unit = strip.ground.unit[lang] or translate("ground.unit_unknown", lang)
    held["zero"] = np.minimum(0.0, held["value"].min())
    chart: alt.Chart = (
        alt.Chart(held)
        .mark_rect(color=LAND)
        .encode(
            x=alt.X("from_km:Q", scale=scale, axis=_axis("")), x2="to_km",
            y=alt.Y("value:Q", title=[strip.ground.title[lang], unit],
                    axis=alt.Axis(titleAngle=0, titleAlign="right", titleX=-40, titleY=60)),
            y2="zero",
            tooltip=_tips(lang, ("from_km", "to_km", "value")),
        )
        .properties(width=WIDTH, height=HIGH)
    )  # fmt: skip
    return chart


def _strip(strip: Strip, scale: alt.Scale, lang: str) -> alt.Chart:
    palette: Palette = palette_of(strip.ground, strip.values)
    name = "name_en" if lang == "en" else "name"
    held = pd.DataFrame(strip_rows(strip)).assign(lane=strip.ground.title[lang])
    held["told"] = held[name]
    colours = alt.Scale(
        domain=[entry.title[lang] for entry in palette], range=[entry.colour for entry in palette]
    )
    legend = alt.Legend(orient="bottom", columns=4, labelLimit=210, title=None)
    chart: alt.Chart = (
        alt.Chart(held)
        .mark_rect()
        .encode(
            x=alt.X("from_km:Q", scale=scale, axis=_axis("")), x2="to_km",
            y=alt.Y("lane:N", title=None, axis=alt.Axis(labelLimit=115)),
            color=alt.Color("told:N", scale=colours, legend=legend),
            tooltip=[alt.Tooltip("told:N", title=translate("ground.column.class", lang)),
                     *_tips(lang, ("from_km", "to_km", "length_km"))],
        )
        .properties(width=WIDTH, height=LOW)
    )  # fmt: skip
    return chart


def _lanes(found: Profile, scale: alt.Scale, lang: str) -> alt.Chart | None:
    rows = [row for one in found.passed for row in passed_rows(one)]
    if not rows:
        return None
    name = "name_en" if lang == "en" else "name"
    held = pd.DataFrame(rows)
    held["told"] = held[name]
    lanes = held["told"].nunique()
    titles = {one.info.id: one.info.title[lang] for one in found.passed}
    held["layer"] = held["of"].map(titles)
    colours = alt.Scale(
        domain=[titles[code] for code in titles], range=[LANE_COLOURS[code] for code in titles]
    )
    chart: alt.Chart = (
        alt.Chart(held)
        .mark_bar(height=LANE * 0.6)
        .encode(
            x=alt.X("from_km:Q", scale=scale, axis=_axis(translate("ground.along_km", lang))),
            x2="to_km",
            y=alt.Y("told:N", title=None, sort=None, axis=alt.Axis(labelLimit=115)),
            color=alt.Color("layer:N", title=None, scale=colours,
                            legend=alt.Legend(orient="bottom")),
            tooltip=[alt.Tooltip("told:N", title=translate("ground.column.name", lang)),
                     *_tips(lang, ("from_km", "to_km", "length_km"))],
        )
        .properties(width=WIDTH, height=LANE * lanes)
    )  # fmt: skip
    return chart


def _tips(lang: str, names: tuple[str, ...]) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{name}:Q", format=",.1f", title=translate(f"ground.column.{name}", lang))
        for name in names
    ]
