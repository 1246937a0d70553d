"""The page of the action plan put together."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from atlas.app import cache, outputs, table
from atlas.app.conform import show_conformance
from atlas.app.entry import show_facts
from atlas.app.plan_areas import open_area, show_area, show_cards
from atlas.app.plan_context import show_governance, show_identity, show_references
from atlas.app.plan_cycle import show_cycle
from atlas.app.plan_evaluation import offer_evaluation
from atlas.app.plan_indicators import show_indicators
from atlas.core.layer import Layer
from atlas.i18n import translate
from atlas.operations.find import known_editions
from atlas.operations.plan import ACTION_PLAN
from atlas.operations.tell import layer_facts


def show(day: dt.date, known_by: dt.date, lang: str) -> None:
    """Everything below the heading; what takes longest is filled in last."""
    found = known_editions(cache.folder(), [ACTION_PLAN], known_by=known_by)
    if not found:
        st.info(translate("plan.none", lang, day=known_by.isoformat()))
        return
    plan = cache.read_plan(cache.folder(), found[0])
    show_identity(plan, lang)
    area = open_area(plan)
    show_cards(plan, area, lang)
    layers: list[Layer] = []
    slot = None
    if area:
        layers = show_area(plan, area, day, known_by, lang)
        slot = st.container()
    show_cycle(plan, day, lang)
    offer_evaluation(plan, day, known_by, lang)
    show_governance(plan, lang)
    show_references(plan, lang)
    _show_conformance(day, known_by, lang)
    with st.expander(translate("plan.record", lang)):
        show_facts(layer_facts(plan.register.info, found[0], lang), lang)
        st.caption(translate("plan.how_to_add", lang))
    table.show_sources(layers, outputs.background_layers(known_by) if layers else [], lang)
    if area and slot:
        with slot:
            show_indicators(area, plan, day, known_by, lang)


def _show_conformance(day: dt.date, known_by: dt.date, lang: str) -> None:
    """Passing plans down: measured when the reader asks for it."""
    st.subheader(translate("plan.conform", lang), divider="gray")
    if st.toggle(translate("plan.conform_show", lang), key="plan.conform"):
        show_conformance(lang, day, known_by)
