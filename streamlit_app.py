"""The frame of the atlas: language, navigation, and the one place that shows errors."""

import streamlit as st

from atlas.app import inputs, outputs, state
from atlas.errors import AtlasError
from atlas.i18n import translate

PAGES = ("explore", "changes", "overlap", "ground", "plan", "reach", "report", "catalogue")

lang = state.language()
st.set_page_config(page_title=translate("app.title", lang), page_icon="🗺️", layout="wide")
page = st.navigation(
    [
        st.Page(f"pages/{name}.py", title=translate(f"page.{name}", lang), url_path=name)
        for name in PAGES
    ]
)
state.enter_page(page.url_path)
outputs.tighten()
with st.sidebar:
    inputs.choose_language(lang)
try:
    page.run()
except AtlasError as error:
    outputs.show_error(error, lang)
st.caption(f"{translate('app.title', lang)} · {translate('app.notice', lang)}")
