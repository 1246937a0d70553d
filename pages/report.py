"""Which figure goes into the report? Layers, days, place, paper; preview, files, whole series."""

import streamlit as st

from atlas.app import outputs, report_inputs, reports, state
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    asked = report_inputs.choose(lang)

st.title(translate("report.heading", lang))
st.caption(translate("report.intro", lang))
reports.show(asked, lang)
outputs.offer_link(state.write_address("report"), lang, "report")
