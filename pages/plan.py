"""What does the action plan say, who does it, and how far has it come? Areas, cycle, sources."""

import streamlit as st

from atlas.app import inputs, outputs, plan, state
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    day = inputs.choose_day(lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = inputs.choose_known_by(lang)

st.title(translate("plan.heading", lang))
st.caption(translate("plan.intro", lang))
plan.show(day, known_by, lang)
outputs.offer_link(state.write_address("plan"), lang, "plan")
