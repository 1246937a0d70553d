"""What is planned where, on which day? The map, its table, and where it all came from."""

import streamlit as st

from atlas.app import cache, catalogue, inputs, outputs, state, table
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    day = inputs.choose_day(lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = inputs.choose_known_by(lang)
    inputs.search_place(lang, cache.places(known_by))
    layers = inputs.choose_layers(lang)
    inputs.choose_play(lang)

st.title(translate("explore.heading", lang))
editions = outputs.find_editions(layers, known_by, lang)
if not layers:
    st.info(translate("explore.nothing", lang))
shown = outputs.show_map(editions, day, known_by, lang)
query = state.write_address()
if shown:
    table.show_table(shown, day, lang)
    catalogue.link_to_catalogue(query, lang)
    outputs.offer_download(shown, day, known_by, lang)
    outputs.offer_link(query, lang)
table.show_sources([layer for layer, _ in shown], outputs.background_layers(known_by), lang)
