"""What does the atlas hold, and who says so? Every layer and feature as text."""

import streamlit as st

from atlas.app import catalogue, inputs, state
from atlas.i18n import translate

lang = state.language()

with st.sidebar:
    day = inputs.choose_day(lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = inputs.choose_known_by(lang)

st.title(translate("catalogue.heading", lang))
editions = catalogue.list_editions(known_by)
layer, feature = catalogue.open_place(editions)
state.warn_unknown()
st.caption(translate("catalogue.intro", lang))
left, right = st.columns(2)
with left:
    catalogue.choose_layer(layer, lang)
with right:
    words = catalogue.ask_words(lang)
catalogue.show_found(editions, words, lang)
catalogue.show(editions, layer, feature, day, known_by, lang)
catalogue.offer_address(state.write_address(), lang)
