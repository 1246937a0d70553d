"""The page of rail reach put together: what is asked decides what is shown."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import streamlit as st

from atlas.analysis.travel_time import Assumptions
from atlas.app import cache, outputs, reach_cache, table
from atlas.app.reach_inputs import Asked
from atlas.app.reach_outputs import model_of, show_reach
from atlas.app.reach_tables import show_areas, show_cities, show_line
from atlas.core.text import escape_markdown
from atlas.core.travelled import AREAS, CITIES, FROM, LINE
from atlas.errors import LineUnknown, NetworkEmpty, PlaceUnknown, StationClosed
from atlas.i18n import translate
from atlas.operations.reach_check import LEFT_OUT, fit_of, read_origins
from atlas.operations.reach_sensitivity import sensitivity
from atlas.operations.reach_words import tell_fit

SHOWN = {FROM: show_reach, CITIES: show_cities, AREAS: show_areas, LINE: show_line}


def show(asked: Asked, lang: str) -> None:
    """Everything below the heading."""
    st.warning(translate("reach.notice", lang), icon=":material/info:")
    try:
        SHOWN[asked.travelled.ask](asked, lang)
    except (LineUnknown, NetworkEmpty) as error:
        outputs.show_error(error, lang)
    _show_model(asked, lang)
    rail = reach_cache.rail(asked.known_by)
    layers = [rail.lines, rail.stations, rail.cities]
    editions = reach_cache.residents(asked.known_by).editions
    layers += [cache.read_layer(cache.folder(), edition) for edition in editions]
    table.show_sources(layers, outputs.background_layers(asked.known_by), lang)


def _show_model(asked: Asked, lang: str) -> None:
    """The model with all its assumptions, where they are from, how far it is from the truth."""
    st.subheader(translate("reach.model", lang))
    st.markdown(escape_markdown(translate("reach.method", lang)))
    checked = reach_cache.checked(reach_cache.rail(asked.known_by), asked.assumed)
    st.markdown(escape_markdown(tell_fit(fit_of(checked), lang)))
    with st.expander(translate("reach.assumed", lang)):
        _show_assumptions(asked, lang)
    with st.expander(translate("reach.checked", lang)):
        st.caption(translate("reach.checked_help", lang))
        rows = [
            {
                "from": one.published.from_station or one.published.from_zh,
                "to": one.published.to_station or one.published.to_zh,
                "day": one.published.day.isoformat(), "published": one.published.minutes,
                "modelled": round(one.modelled, 1) if np.isfinite(one.modelled) else None,
                "error": one.error if np.isfinite(one.error) else None,
                "use": translate(f"reach.use.{one.use}", lang), "source": one.published.source_url,
            }
            for one in sorted(checked, key=lambda one: (one.use in LEFT_OUT, one.use))
        ]  # fmt: skip
        titles = {name: translate(f"reach.column.{name}", lang) for name in rows[0]}
        st.dataframe(
            pd.DataFrame(rows).rename(columns=titles), hide_index=True, height=320,
            key=f"reach.checked.{lang}",
            column_config={titles["error"]: st.column_config.NumberColumn(format="percent"),
                           titles["source"]: st.column_config.LinkColumn()},
        )  # fmt: skip
    _show_sensitivity(asked, lang)


def _show_assumptions(asked: Asked, lang: str) -> None:
    """Every assumption with its value and its source."""
    origins = read_origins()
    rows = []
    for one in fields(Assumptions):
        value = getattr(asked.assumed, one.name)
        note, urls = origins[one.name]
        rows.append({
            "assumption": translate(f"reach.assumption.{one.name}", lang),
            "value": f"{value:g} {one.metadata['unit']}".strip(),
            "origin": note[lang], "source": " ".join(urls),
        })  # fmt: skip
    held = pd.DataFrame(rows).map(escape_markdown)
    held.columns = [translate(f"reach.column.{name}", lang) for name in held.columns]
    st.table(held.set_index(held.columns[0]), border="horizontal")


def _show_sensitivity(asked: Asked, lang: str) -> None:
    """What a fifth less or more of each assumption does, where one asks from a place."""
    if asked.travelled.ask != FROM:
        return
    if not st.toggle(translate("reach.sensitivity", lang), key="reach.sensitivity"):
        return
    try:
        found = reach_cache.reached(model_of(asked), asked.travelled.origin)
    except (PlaceUnknown, StationClosed):
        return
    minutes = asked.travelled.minutes
    st.caption(translate("reach.sensitivity_help", lang, minutes=minutes,
                         origin=escape_markdown(found.origin.name[lang])))  # fmt: skip
    rows = [
        {
            "assumption": translate(f"reach.assumption.{row.name}", lang),
            "lower": f"{row.lower.value:g}", "cities_lower": row.lower.cities,
            "area_lower": round(row.lower.area_km2), "upper": f"{row.upper.value:g}",
            "cities_upper": row.upper.cities, "area_upper": round(row.upper.area_km2),
            "spread": round(row.spread, 1),
        }
        for row in sensitivity(found, minutes)
    ]  # fmt: skip
    held = pd.DataFrame(rows)
    held.columns = [translate(f"reach.column.{name}", lang) for name in held.columns]
    st.dataframe(held, hide_index=True, key=f"reach.sensitive.{lang}")
