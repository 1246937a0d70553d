"""What changed between two days, two editions or two plan versions? Maps, words, figures."""

import streamlit as st

from atlas.app import cache, change_inputs, change_outputs, inputs, outputs, state, table, timeline
from atlas.i18n import translate

lang = state.language()
state.warn_unknown()

with st.sidebar:
    name = change_inputs.choose_layer(lang)
    with st.expander(translate("explore.known_by", lang)):
        known_by = inputs.choose_known_by(lang)

st.title(translate("change.heading", lang))
editions = outputs.find_editions((name,), known_by, lang)
for edition in editions:
    layer = cache.read_layer(cache.folder(), edition)
    with st.sidebar:
        compared = change_inputs.choose_states(layer, lang)
    comparison = cache.compare(cache.folder(), cache.stamp(), compared, known_by)
    telling = change_outputs.show_summary(comparison, lang)
    compared = change_inputs.choose_maps(compared, lang)
    change_outputs.show_maps(compared, comparison, layer, lang)
    change_outputs.show_words(telling, lang)
    change_outputs.show_table(compared, comparison, lang)
    change_outputs.offer_files(compared, comparison, lang)
    timeline.show_timeline(layer, compared, known_by, lang)
    change_outputs.show_method(lang)
    table.show_sources([layer], outputs.background_layers(known_by), lang)
outputs.offer_link(state.write_address("changes"), lang, "changes")
