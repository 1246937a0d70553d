"""The yearly evaluation as files: written when the reader asks for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import streamlit as st

from atlas.app import cache
from atlas.i18n import translate
from atlas.operations.evaluate import evaluate
from atlas.operations.evaluate_output import render
from atlas.operations.plan import Plan

MIME = {
    "pdf": "application/pdf", "json": "application/json", "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip


def offer_evaluation(plan: Plan, day: dt.date, known_by: dt.date, lang: str) -> None:
    """What every area looks like on the day beside the announcement, as a report.

    Nothing is worked out before a button is pressed.
    """
    baseline = dt.date.fromisoformat(plan.head.day or "")
    st.markdown(f"#### {translate('plan.evaluation', lang)}")
    about = {"baseline": baseline.isoformat(), "day": day.isoformat()}
    if day <= baseline:
        st.info(translate("plan.evaluation_none", lang, **about))
        return
    st.caption(translate("plan.evaluation_help", lang, **about))
    row = st.container(horizontal=True)
    for form, mime in MIME.items():
        row.download_button(
            form.upper(), data=_writer(form, baseline, day, known_by, lang), mime=mime,
            file_name=f"delta-atlas-evaluation-{day.isoformat()}.{lang}.{form}",
            on_click="ignore", key=f"plan.evaluation.{form}",
        )  # fmt: skip


def _writer(
    form: str, baseline: dt.date, day: dt.date, known_by: dt.date, lang: str
) -> Callable[[], bytes]:
    folder, record = cache.folder(), cache.indicator_record

    def write() -> bytes:
        found = evaluate(
            folder, baseline=baseline, day=day, known_by=known_by, record=record(known_by)
        )
        return render(found, form, lang=lang, made=dt.date.today(), folder=folder)

    return write
