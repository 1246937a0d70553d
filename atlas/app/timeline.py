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
NAME_LIMIT = 340
OWN_NAME = r"replace(datum.label, regexp('^[0-9]+[|][0-9]+[|]'), '')"
NAME_OF_FIRST = f"test(regexp('^[0-9]+[|]0[|]'), datum.label) ? {OWN_NAME} : ''"
"""A row's key is the feature's number, the lane's number and the name; only the first lane is
named, and two features of one name stay two."""
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
    chart = _chart(kept, days, known_by, lang)
    st.altair_chart(chart, width="stretch", height="content")
    with st.expander(translate("change.timeline_table", lang)):
        table = pd.DataFrame([
            {"name": bar.name, "version": bar.version, "period": bar.period,
             "status": read_variants()[bar.status].title[lang]}
            for bar in kept
        ])  # fmt: skip
        table.columns = [translate(f"table.{name}", lang) for name in table.columns]
        st.dataframe(table, hide_index=True, width="stretch")


def _changing(bars: list[Bar]) -> list[str]:
    """Features of which any day is known: the others have no place in time."""
    return list(dict.fromkeys(bar.feature for bar in bars if bar.start or bar.end))


def _lanes(bars: list[Bar], first: dt.date, last: dt.date) -> list[str]:
    """Row of each bar: bars of one feature that overlap in time lie below each other."""
    features = list(dict.fromkeys(bar.feature for bar in bars))
    names = {bar.feature: bar.name for bar in bars}
    ends: dict[str, list[dt.date]] = {feature: [] for feature in features}
    rows = []
    for bar in bars:
        held, start = ends[bar.feature], bar.start or first
        lane = next((n for n, end in enumerate(held) if end <= start), len(held))
        held[lane : lane + 1] = [bar.end or last]
        rows.append(f"{features.index(bar.feature)}|{lane}|{names[bar.feature]}")
    return rows


def _chart(bars: list[Bar], days: list[str], known_by: dt.date, lang: str) -> alt.LayerChart:
    known = [day for bar in bars for day in (bar.start, bar.end) if day]
    known += [dt.date.fromisoformat(day) for day in days] + [known_by]
    first, last = min(known) - EDGE, max(known) + EDGE
    rows = pd.DataFrame([_row(bar, first, last, lang) for bar in bars])
    rows["row"] = _lanes(bars, first, last)
    axis = alt.Axis(format="%Y", grid=True)
    time = alt.X("start:T", scale=alt.Scale(nice=False), title=None, axis=axis)
    keys = sorted(set(rows["row"]), key=lambda key: [int(n) for n in key.split("|")[:2]])
    label = alt.Axis(labelLimit=NAME_LIMIT, labelOverlap=False, labelExpr=NAME_OF_FIRST)
    bar = (
        alt.Chart(rows)
        .mark_bar(height=ROW_HEIGHT * 0.55, stroke="#33404a", strokeWidth=0.6)
        .encode(
            x=time,
            x2="end",
            y=alt.Y("row:N", title=None, sort=keys, axis=label),
            color=_colour(rows, lang),
            opacity=alt.condition("datum.known", alt.value(0.95), alt.value(0.45)),
            tooltip=[
                alt.Tooltip(f"{name}:N", title=translate(f"table.{name}", lang))
                for name in ("name", "version", "status", "period")
            ],
        )
    )
    marks = pd.DataFrame({"start": days or [known_by.isoformat()]})
    marks["day"] = marks["start"]
    rule = (
        alt.Chart(marks).mark_rule(color="#b3261e", strokeWidth=2, strokeDash=[5, 3]).encode(x=time)
    )
    text = (
        alt.Chart(marks)
        .mark_text(color="#b3261e", dy=-8)
        .encode(x=time, y=alt.value(0), text="day:N")
    )
    # Only the width fits the page: the rows keep their height, whatever legend and axis take.
    chart: alt.LayerChart = (bar + rule + text).properties(
        height=ROW_HEIGHT * len(keys),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
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
    return alt.Color(
        "status:N", title=title, scale=scale, legend=alt.Legend(orient="top", symbolStrokeWidth=0)
    )


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
