"""Who is within an hour of whom by train, on the network of any day? Map, matrix, words."""

import streamlit as st

from atlas.app import outputs, reach_inputs, reaches, state
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    asked = reach_inputs.choose(lang)

st.title(translate("reach.heading", lang))
reaches.show(asked, lang)
outputs.offer_link(state.write_address("reach"), lang, "reach")
