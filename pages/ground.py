"""What lies on the ground under the plans? Rasters on the map, by zone, along lines; a sketch."""

import streamlit as st

from atlas.app import ground_inputs, grounds, outputs, state
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    asked = ground_inputs.choose(lang)

st.title(translate("ground.heading", lang))
st.caption(translate("ground.intro", lang))
grounds.show(asked, lang)
outputs.offer_link(state.write_address("ground"), lang, "ground")
