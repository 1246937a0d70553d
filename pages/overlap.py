"""How much of a plan lies in which zone, and what do zones share? Matrix, map, words."""

import streamlit as st

from atlas.app import outputs, overlap_inputs, overlaps, state
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    measured, day, known_by = overlap_inputs.choose(lang)

st.title(translate("overlap.heading", lang))
overlaps.show(measured, day, known_by, lang)
outputs.offer_link(state.write_address("overlap"), lang, "overlap")
