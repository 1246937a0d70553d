"""The time line: every plan version of a layer as a bar, and the same as a table."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pandas as pd
import streamlit as st

from atlas.cartography.style import read_variants
from atlas.core.layer import Layer
from atlas.core.view import Compared
from atlas.i18n import translate
from atlas.operations.compare import DAYS
from atlas.operations.timeline import Bar, list_bars

ROW_HEIGHT = 24
CHART_EDGE = 90
"""Pixels for the legend above the bars and the years below."""
NAME_LIMIT = 260
FEATURES_SHOWN = 60
EDGE = dt.timedelta(days=500)
"""Room before the first known day and after the last, where open ends run out."""


def show_timeline(layer: Layer, compared: Compared, known_by: dt.date, lang: str) -> None:
    """Bars of all plan versions, with the two days compared; the same rows as a table."""
    st.subheader(translate("change.timeline", lang))
    bars = list_bars(layer, lang)
    changing = _changing(bars)
    if not changing:
        st.caption(translate("change.timeline_none", lang))
        return
    shown = changing[:FEATURES_SHOWN]
    kept = [bar for bar in bars if bar.feature in shown]
    left = len({bar.feature for bar in bars}) - len(shown)
    if left:
        st.caption(translate("change.timeline_left", lang, count=left))
    days = [compared.old, compared.new] if compared.by == DAYS else []
    height = ROW_HEIGHT * len({bar.name for bar in kept}) + CHART_EDGE
    chart = _chart(kept, days, known_by, lang)
    st.altair_chart(chart, width="stretch", height=height)
    with st.expander(translate("change.timeline_table", lang)):
        table = pd.DataFrame([
            {"name": bar.name, "version": bar.version, "period": bar.period,
             "status": read_variants()[bar.status].title[lang]}
            for bar in kept
        ])  # fmt: skip
        table.columns = [translate(f"table.{name}", lang) for name in table.columns]
        st.dataframe(table, hide_index=True, width="stretch")


def _changing(bars: list[Bar]) -> list[str]:
    """Features that have more than one version, or of one version any known day."""
    count: dict[str, int] = {}
    known: set[str] = set()
    for bar in bars:
        count[bar.feature] = count.get(bar.feature, 0) + 1
        if bar.start or bar.end:
            known.add(bar.feature)
    return [feature for feature in count if count[feature] > 1 or feature in known]


def _chart(bars: list[Bar], days: list[str], known_by: dt.date, lang: str) -> alt.LayerChart:
    known = [day for bar in bars for day in (bar.start, bar.end) if day]
    known += [dt.date.fromisoformat(day) for day in days] + [known_by]
    first, last = min(known) - EDGE, max(known) + EDGE
    rows = pd.DataFrame([_row(bar, first, last, lang) for bar in bars])
    axis = alt.Axis(format="%Y", grid=True)
    time = alt.X("start:T", scale=alt.Scale(nice=False), title=None, axis=axis)
    names = list(dict.fromkeys(rows["name"]))
    label = alt.Axis(labelLimit=NAME_LIMIT, labelOverlap=False)
    bar = (
        alt.Chart(rows)
        .mark_bar(height=ROW_HEIGHT * 0.55, stroke="#33404a", strokeWidth=0.6)
        .encode(
            x=time,
            x2="end",
            y=alt.Y("name:N", title=None, sort=names, axis=label),
            color=_colour(rows, lang),
            opacity=alt.condition("datum.known", alt.value(0.95), alt.value(0.45)),
            tooltip=[
                alt.Tooltip(f"{name}:N", title=translate(f"table.{name}", lang))
                for name in ("name", "version", "status", "period")
            ],
        )
    )
    marks = pd.DataFrame({"start": days or [known_by.isoformat()]})
    rule = (
        alt.Chart(marks).mark_rule(color="#b3261e", strokeWidth=2, strokeDash=[5, 3]).encode(x=time)
    )
    chart: alt.LayerChart = bar + rule
    return chart


def _colour(rows: pd.DataFrame, lang: str) -> alt.Color:
    """A colour for each status that there is."""
    held = {
        entry.title[lang]: STATUS_COLOURS[name]
        for name, entry in read_variants().items()
        if name in STATUS_COLOURS and entry.title[lang] in set(rows["status"])
    }
    scale = alt.Scale(domain=list(held), range=list(held.values()))
    title = translate("table.status", lang)
    return alt.Color("status:N", title=title, scale=scale, legend=alt.Legend(orient="top"))


STATUS_COLOURS = {
    "in-force": "#2f6f9f", "draft": "#d9a441", "initiative": "#7aa974", "research": "#b7b7b7",
    "under-construction": "#c9743a", "planned": "#a98fc2",
}  # fmt: skip


def _row(bar: Bar, first: dt.date, last: dt.date, lang: str) -> dict[str, object]:
    """A bar for the chart; one whose start is not known begins at the edge, paler."""
    return {
        "name": bar.name, "version": bar.version, "period": bar.period,
        "status": read_variants()[bar.status].title[lang],
        "start": (bar.start or first).isoformat(), "end": (bar.end or last).isoformat(),
        "known": bar.start is not None,
    }  # fmt: skip
