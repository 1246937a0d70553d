"""The cycle of the plan as a time line with the day on it, and the same as a table."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pandas as pd
import streamlit as st

from atlas.app.plan_statements import show_statements, statement
from atlas.core.period import window_end
from atlas.core.register import MILESTONE, Item
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.plan import OWN, Plan, cycle_years, stages
from atlas.operations.plan_words import cycle_words, day_words, stage_words

ROW_HEIGHT = 46
CYCLE, STAGES, EARLIER = LANES = ("lane_cycle", "lane_stages", "lane_earlier")
COLOURS = {CYCLE: "#2f6f9f", EARLIER: "#6b7780", STAGES: "#1c2b36"}
TODAY_COLOUR = "#b3261e"
EDGE = 24
"""Empty pixels at both ends."""


def show_cycle(plan: Plan, day: dt.date, lang: str) -> None:
    """Which year of the cycle it is, the time line, and every milestone with its sources."""
    st.subheader(translate("plan.cycle", lang), divider="gray")
    st.markdown(f"**{cycle_words(plan, day, lang)}**")
    st.caption(translate("plan.cycle_counted", lang))
    st.altair_chart(_chart(plan, day, lang), width="stretch", height="content")
    for stage in stages(plan, day):
        words = escape_markdown(stage_words(stage, lang))
        st.markdown(f"{statement(stage.item, lang, dated=True)}  \n{words}")
    st.markdown(f"**{translate('plan.lane_earlier', lang)}**")
    show_statements(_earlier(plan), lang, dated=True)


def _earlier(plan: Plan) -> list[Item]:
    return [item for item in plan.register.of(MILESTONE) if item.group != OWN]


def _bars(plan: Plan, lang: str) -> pd.DataFrame:
    """Years of the cycle and earlier plans, each from its first day to the day after its last."""
    rows = [
        {"lane": translate(f"plan.{CYCLE}", lang), "kind": CYCLE, "start": first.isoformat(),
         "end": after.isoformat(), "name": translate("plan.year_bar", lang, year=number),
         "label": str(number),
         "when": f"{first.isoformat()} – {after.isoformat()}"}
        for number, (first, after) in enumerate(cycle_years(plan), start=1)
    ]  # fmt: skip
    rows += [
        {"lane": translate(f"plan.{EARLIER}", lang), "kind": EARLIER, "start": item.day or "",
         "end": window_end(item.until or item.day or "", item.until_precision or "day"),
         "name": item.title[lang], "when": day_words(item, lang), "label": ""}
        for item in _earlier(plan)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _chart(plan: Plan, day: dt.date, lang: str) -> alt.LayerChart:
    bars = _bars(plan, lang)
    points = pd.DataFrame([
        {"lane": translate(f"plan.{STAGES}", lang), "start": stage.item.day,
         "name": stage.item.title[lang], "when": day_words(stage.item, lang),
         "counted": "day" in stage.item.unsourced}
        for stage in stages(plan, day)
    ])  # fmt: skip
    axis = alt.Axis(format="%Y", grid=True, tickCount="year", labelOverlap=True)
    time = alt.X("start:T", scale=alt.Scale(nice=False, padding=EDGE), title=None, axis=axis)
    lanes = [translate(f"plan.{lane}", lang) for lane in LANES]
    lane = alt.Y("lane:N", sort=lanes, title=None, scale=alt.Scale(domain=lanes),
                 axis=alt.Axis(labelLimit=150))  # fmt: skip
    tips = [alt.Tooltip("name:N", title=translate("plan.stage", lang)),
            alt.Tooltip("when:N", title=translate("plan.stage_day", lang))]  # fmt: skip
    colour = alt.Color("kind:N", legend=None, scale=alt.Scale(
        domain=[CYCLE, EARLIER], range=[COLOURS[CYCLE], COLOURS[EARLIER]]))  # fmt: skip
    base = alt.Chart(bars)
    bar = base.mark_bar(height=ROW_HEIGHT * 0.5, stroke="#ffffff").encode(
        x=time, x2="end:T", y=lane, color=colour, tooltip=tips
    )
    point = alt.Chart(points).mark_point(size=130, filled=True, shape="diamond", opacity=1).encode(
        x=time, y=lane, tooltip=tips,
        fill=alt.condition("datum.counted", alt.value("#ffffff"), alt.value(COLOURS[STAGES])),
        stroke=alt.value(COLOURS[STAGES]),
    )  # fmt: skip
    label = base.mark_text(align="left", dx=4, color="#ffffff", clip=True).encode(
        x=time, y=lane, text="label:N"
    )
    return _with_day(bar + label + point, day, time, height=ROW_HEIGHT * len(LANES))


def _with_day(chart: alt.LayerChart, day: dt.date, time: alt.X, *, height: float) -> alt.LayerChart:
    """A red rule on the day; only the width fits the page."""
    mark = pd.DataFrame({"start": [day.isoformat()], "day": [day.isoformat()]})
    rule = alt.Chart(mark).mark_rule(color=TODAY_COLOUR, strokeWidth=2, strokeDash=[5, 3])
    text = alt.Chart(mark).mark_text(color=TODAY_COLOUR, dy=-8, fontWeight="bold")
    layered: alt.LayerChart = (
        chart + rule.encode(x=time) + text.encode(x=time, y=alt.value(0), text="day:N")
    ).properties(height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    return layered
