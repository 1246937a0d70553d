"""The page of rail reach: city by city, metropolitan areas, what a line changes."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from atlas.app import reach_cache
from atlas.app.reach_inputs import Asked
from atlas.app.reach_outputs import TABLE_HEIGHT, model_of, show_layers
from atlas.app.shade import shades
from atlas.cartography.popup import short_zh
from atlas.cartography.web_spec import Focus
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations import reach_map, reach_output
from atlas.operations.rail import expected_lines
from atlas.operations.reach_areas import MENDED_MIN
from atlas.operations.reach_line_words import (
    belt_lengths,
    tell_belts,
    tell_gains,
    tell_line,
    tell_nearer,
)
from atlas.operations.reach_matrix import CityMatrix
from atlas.operations.reach_what_if import WhatIf
from atlas.operations.reach_words import tell_city, tell_core, tell_link, tell_matrix, tell_way

CITY = "reach.city"
ROW_HEIGHT, CELL_WIDTH = 24, 38
FAR_MIN = 180.0
"""Minutes from which on a cell is white."""
LINKS_TOLD, WAYS_TOLD = 8, 20


def show_cities(asked: Asked, lang: str) -> None:
    """City by city: a heat map of minutes, and a city's profile."""
    matrix = reach_cache.matrix(model_of(asked))
    st.success(escape_markdown(tell_matrix(matrix, lang)), icon=":material/grid_on:")
    _show_heat(matrix, lang)
    _show_profile(matrix, lang)
    with st.expander(translate("reach.pairs", lang)):
        _show_pairs(matrix, lang)
    with st.expander(translate("reach.ways", lang)):
        _show_ways(matrix, lang)
    st.caption(translate("reach.download", lang))
    row = st.container(horizontal=True)
    name = f"delta-atlas-reach-{matrix.model.day.isoformat()}"
    row.download_button(
        "CSV", data=lambda: reach_output.matrix_csv(matrix), file_name=f"{name}.csv",
        mime="text/csv", on_click="ignore", key="reach.form.csv",
    )  # fmt: skip
    row.download_button(
        "JSON", data=lambda: reach_output.to_json(reach_output.matrix_values(matrix)),
        file_name=f"{name}.json", mime="application/json", on_click="ignore",
        key="reach.form.json",
    )  # fmt: skip


def _show_heat(matrix: CityMatrix, lang: str) -> None:
    st.caption(translate("reach.heat_help", lang))
    names = [short_zh(matrix.model.city_name(code, lang)) for code in matrix.codes]
    minutes = np.round(matrix.minutes)
    table = pd.DataFrame(minutes, index=pd.Index(names), columns=names)
    near = np.clip(1.0 - matrix.minutes / FAR_MIN, 0.0, 1.0)
    np.fill_diagonal(near, 0.0)
    shade = pd.DataFrame(shades(near, least=0.05), index=table.index, columns=table.columns)
    styled = table.style.apply(lambda _: shade, axis=None).format(_cell_text)
    key = f"reach.heat.{lang}"
    st.dataframe(
        styled, key=key, height=ROW_HEIGHT * (len(names) + 1) + 12, row_height=ROW_HEIGHT,
        selection_mode="single-cell", on_select=lambda: _choose(key, matrix.codes, names),
        column_config={name: st.column_config.Column(width=CELL_WIDTH, help=name)
                       for name in names},
    )  # fmt: skip


def _cell_text(value: Any) -> str:
    return "" if value == 0 else f"{value:.0f}" if np.isfinite(value) else "–"


def _choose(key: str, codes: tuple[str, ...], names: list[str]) -> None:
    chosen = st.session_state[key].selection.cells
    if chosen:
        row, column = chosen[0]
        st.session_state[CITY] = (codes[int(row)], codes[names.index(str(column))])


def _show_profile(matrix: CityMatrix, lang: str) -> None:
    """The chosen city in words and as a bar for each other one, and the way of the chosen pair."""
    one, other = st.session_state.get(CITY, (matrix.codes[0], matrix.codes[0]))
    one = one if one in matrix.codes else matrix.codes[0]
    st.subheader(translate("reach.profile", lang, city=matrix.model.city_name(one, lang)))
    st.markdown(escape_markdown(tell_city(matrix, one, lang)))
    place = matrix.codes.index(one)
    if other in matrix.codes and other != one:
        end = matrix.codes.index(other)
        names = (matrix.model.city_name(one, lang), matrix.model.city_name(other, lang))
        way = tell_way(matrix.model, matrix.journey(place, end), names, lang)
        st.info(escape_markdown(way), icon=":material/route:")
    rows = [
        {"city": matrix.model.city_name(code, lang),
         "minutes": float(matrix.minutes[place, number]),
         "changes": int(matrix.changes[place, number])}
        for number, code in enumerate(matrix.codes)
        if number != place and np.isfinite(matrix.minutes[place, number])
    ]  # fmt: skip
    if not rows:
        return
    table = pd.DataFrame(rows).sort_values("minutes", kind="stable")
    titles = {name: translate(f"reach.column.{name}", lang) for name in table}
    chart = alt.Chart(table).mark_bar(color="#2f6f9f").encode(
        x=alt.X("city:N", sort=table["city"].tolist(), title=None),
        y=alt.Y("minutes:Q", title=titles["minutes"]),
        tooltip=[alt.Tooltip("city:N", title=titles["city"]),
                 alt.Tooltip("minutes:Q", title=titles["minutes"], format=".0f"),
                 alt.Tooltip("changes:Q", title=titles["changes"])],
    )  # fmt: skip
    st.altair_chart(chart.properties(height=260), width="stretch")


def _show_pairs(matrix: CityMatrix, lang: str) -> None:
    """Every pair with its changes, kilometres, detour and direct lines."""
    st.caption(translate("reach.pairs_help", lang))
    end = "" if lang == "zh" else "_en"
    names = {section.line: section.name[lang] for section in matrix.model.network.sections}
    rows = [
        {
            "from": row[f"from{end}"], "to": row[f"to{end}"], "minutes": row["minutes"],
            "changes": row["changes"], "km": row["km"], "detour": row["detour"],
            "direct": ", ".join(names[line] for line in row["direct_lines"]),
        }
        for row in reach_output.matrix_rows(matrix)
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.columns = [translate(f"reach.column.{name}", lang) for name in table.columns]
    st.dataframe(table, hide_index=True, height=TABLE_HEIGHT, key=f"reach.pairs.{lang}",
                 placeholder=translate("reach.no_train", lang))  # fmt: skip


def _show_ways(matrix: CityMatrix, lang: str) -> None:
    """Stations over which most of the ways between cities lead, and how near cities are."""
    st.caption(translate("reach.ways_help", lang))
    left, right = st.columns(2)
    order = np.argsort(-matrix.over, kind="stable")[:WAYS_TOLD]
    over = [{"station": matrix.model.station_name(int(place), lang),
             "ways": int(matrix.over[place])} for place in order]  # fmt: skip
    near = [{"city": matrix.model.city_name(matrix.codes[int(place)], lang),
             "closeness": round(float(matrix.closeness[place]), 3)}
            for place in np.argsort(-matrix.closeness, kind="stable")]  # fmt: skip
    for place, rows, name in ((left, over, "over"), (right, near, "near")):
        table = pd.DataFrame(rows)
        table.columns = [translate(f"reach.column.{column}", lang) for column in table.columns]
        place.dataframe(table, hide_index=True, height=TABLE_HEIGHT, key=f"reach.{name}.{lang}")


def show_areas(asked: Asked, lang: str) -> None:
    """One-hour circles of the cores against their plans, and the weakest links."""
    model = model_of(asked)
    cores, links, _ = reach_cache.areas(model)
    layers = [reach_map.cores_layer(model, cores), reach_cache.lines(model)[0]]
    show_layers(layers, model.day, asked.known_by, lang, key="atlas-reach-areas")
    st.subheader(translate("reach.cores", lang))
    st.markdown("\n".join(f"- {escape_markdown(tell_core(core, model, lang))}" for core in cores))
    st.subheader(translate("reach.links", lang))
    st.caption(translate("reach.links_help", lang, minutes=f"{MENDED_MIN:g}"))
    names = {section.line: section.name for section in model.rail.sections}
    areas = {f"{core.plan.id}/{core.plan.part}": core for core in cores}
    for area, core in areas.items():
        own = [link for link in links if link.area == area][:LINKS_TOLD]
        title = reach_map.area_title(core, lang)
        with st.expander(escape_markdown(title), expanded=area == next(iter(areas))):
            lines = [f"{number}. {escape_markdown(tell_link(link, model, names, lang))}"
                     for number, link in enumerate(own, start=1)]  # fmt: skip
            st.markdown("\n".join(lines) or translate("reach.links_none", lang))
    st.caption(translate("reach.download", lang))
    st.download_button(
        "JSON", data=lambda: reach_output.to_json(reach_output.areas_values(model, cores, links)),
        file_name=f"delta-atlas-reach-areas-{model.day.isoformat()}.json",
        mime="application/json", on_click="ignore", key="reach.form.json",
    )  # fmt: skip


def show_line(asked: Asked, lang: str) -> None:
    """What a line changes: map, words, pairs that gain."""
    line = asked.travelled.line
    planned = expected_lines(reach_cache.rail(asked.known_by), asked.day)
    if line not in planned and "," not in line:
        st.info(translate("reach.own_help", lang))
        return
    found = reach_cache.tried(model_of(asked), line, float(asked.travelled.kmh))
    model = found.after.model
    layers = [reach_cache.lines(found.before.model)[0], reach_map.tried_layer(found)]
    drawn = [layer for layer in layers if layer is not None]
    show_layers(drawn, model.day, asked.known_by, lang, key="atlas-reach-line",
                focus=_focus(found, line))  # fmt: skip
    st.success(escape_markdown(tell_line(found, lang)), icon=":material/add_road:")
    for told in (tell_gains(found, lang), tell_nearer(found, lang), tell_belts(found, lang)):
        st.markdown(escape_markdown(told))
    _show_gains(found, lang)
    _show_belts(found, lang)
    st.caption(translate("reach.download", lang))
    st.download_button(
        "JSON", data=lambda: reach_output.to_json(reach_output.what_if_values(found)),
        file_name=f"delta-atlas-line-{model.day.isoformat()}.json", mime="application/json",
        on_click="ignore", key="reach.form.json",
    )  # fmt: skip


def _focus(found: WhatIf, line: str) -> Focus | None:
    layer = reach_map.tried_layer(found)
    if layer is None:
        return None
    west, south, east, north = (float(value) for value in layer.features.total_bounds)
    return Focus((west - 0.3, south - 0.3, east + 0.3, north + 0.3), layer.id, line)


def _show_gains(found: WhatIf, lang: str) -> None:
    if not found.gains:
        return
    model = found.after.model
    rows = [
        {"from": model.city_name(gain.one, lang), "to": model.city_name(gain.other, lang),
         "before": _whole(gain.before), "after": _whole(gain.after),
         "saved": _whole(gain.saved_min)}
        for gain in found.gains
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.columns = [translate(f"reach.column.{name}", lang) for name in table.columns]
    st.subheader(translate("reach.gains", lang))
    st.dataframe(table, hide_index=True, height=TABLE_HEIGHT, key=f"reach.gains.{lang}",
                 placeholder=translate("reach.no_train", lang))  # fmt: skip


def _show_belts(found: WhatIf, lang: str) -> None:
    rows = [{"belt": name[lang], "version": version, "km": round(size, 1)}
            for name, version, size in belt_lengths(found)]  # fmt: skip
    if not rows:
        return
    table = pd.DataFrame(rows)
    table.columns = [translate(f"reach.column.{name}", lang) for name in table.columns]
    st.subheader(translate("reach.belts", lang))
    st.dataframe(table, hide_index=True, key=f"reach.belts.{lang}")


def _whole(value: float) -> int | None:
    return round(value) if np.isfinite(value) else None
