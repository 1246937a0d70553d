"""Indicators of an area of the plan: value on the day, change since the baseline, trend."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.plan_statements import show_heading
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations import indicator_words as words
from atlas.operations.indicators import Change, Reading, Record
from atlas.operations.plan import Area, Plan, trend_days


def show_indicators(area: Area, plan: Plan, day: dt.date, known_by: dt.date, lang: str) -> None:
    """What the atlas's layers say of an area: a table, and how each figure came to be."""
    show_heading(translate("plan.indicators", lang))
    if not area.indicators:
        st.info(translate("plan.indicators_none", lang))
        return
    baseline = dt.date.fromisoformat(plan.head.day or "")
    about = {"baseline": baseline.isoformat(), "day": day.isoformat()}
    st.caption(translate("plan.indicators_help", lang, **about))
    with st.spinner(translate("plan.measuring", lang)):
        record = cache.indicator_record(known_by)
        changes = cache.indicator_changes(baseline, day, area.indicators, known_by)
        days = trend_days(baseline, day)
        held = cache.readings(days, area.indicators, known_by)
    trends = [[readings[place] for readings in held] for place in range(len(changes))]
    _show_table(changes, trends, lang)
    for change, trend in zip(changes, trends, strict=True):
        _show_about(record, change, trend, lang)


def _show_table(changes: tuple[Change, ...], trends: list[list[Reading]], lang: str) -> None:
    days = [reading.day for reading in trends[0]]
    first, last = changes[0].old.day, changes[0].new.day
    titles = {
        "indicator": translate("plan.indicator", lang),
        "baseline": translate("plan.baseline", lang, day=first.isoformat()),
        "now": translate("plan.now", lang, day=last.isoformat()),
        "change": translate("plan.change", lang),
        "trend": translate("plan.trend", lang, first=days[0].year, last=days[-1].year),
    }
    rows = [_row(change, trend, lang) for change, trend in zip(changes, trends, strict=True)]
    table = pd.DataFrame(rows)[list(titles)]
    table.columns = list(titles.values())
    column = st.column_config.LineChartColumn()
    st.dataframe(table, hide_index=True, width="stretch", column_config={titles["trend"]: column})


def _row(change: Change, trend: list[Reading], lang: str) -> dict[str, Any]:
    return {
        "indicator": words.title(change.indicator.id, lang),
        "baseline": words.value_text(change.old, lang),
        "now": words.value_text(change.new, lang),
        "change": _difference(change, lang),
        "trend": [None if math.isnan(reading.value) else reading.value for reading in trend],
    }


def _difference(change: Change, lang: str) -> str:
    """More or less, with its sign; what is too small to be shown is no change."""
    if words.is_nothing(change, change.difference):
        return translate("plan.no_change", lang)
    sign = "" if math.isnan(change.difference) else "+" if change.difference > 0 else "−"
    return sign + words.difference_text(change, change.difference, lang)


def _show_about(record: Record, change: Change, trend: list[Reading], lang: str) -> None:
    """What an indicator means, what changed it, its gaps, editions, and values by day."""
    name = change.indicator.id
    told = {
        "definition": [words.definition(name, lang)], "method": [words.method(name, lang)],
        "limits": [words.limits(name, lang)],
        "change": [words.change_text(record, change, lang), *words.cause_texts(change, lang)],
        "gaps": words.gap_texts(record, change.new, lang),
        "by_day": [f"{r.day.isoformat()}: {words.value_text(r, lang)}" for r in trend],
        "origins": words.origin_texts(record, change.new, lang),
    }  # fmt: skip
    about = translate("plan.indicator_about", lang)
    with st.expander(escape_markdown(f"{words.title(name, lang)} · {about}")):
        for key, lines in told.items():
            if lines:
                label = translate(f"plan.about_{key}", lang)
                st.markdown("  \n".join([f"**{label}**", *map(escape_markdown, lines)]))
