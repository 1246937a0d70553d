"""An entry of the catalogue: one feature with all its plan versions, as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.state import change_place, link_query
from atlas.core.description import FeatureDescription, Version
from atlas.core.layer import Edition
from atlas.core.text import escape_markdown
from atlas.core.view import to_address
from atlas.i18n import translate
from atlas.operations.describe import NAMING_LAYERS, describe_feature
from atlas.operations.find import known_editions
from atlas.operations.tell import (
    Fact,
    Item,
    feature_facts,
    old_names,
    part_text,
    period_words,
    size_words,
    source_item,
    status_text,
    version_facts,
    version_text,
    version_title,
)
from atlas.operations.web_map import BACKGROUND_ONLY

EXPLORE, CATALOGUE = "pages/explore.py", "pages/catalogue.py"
MANY = 12
"""From so many items on, a fact is a list that reads on, not one item a line."""


def show_feature(
    edition: Edition, feature: str, day: dt.date, known_by: dt.date, lang: str
) -> None:
    """A feature's names, its versions, and the edition that says so."""
    folder = cache.folder()
    naming = known_editions(folder, NAMING_LAYERS, known_by=known_by)
    names = cache.list_names(folder, naming)
    described = describe_feature(cache.read_layer(folder, edition), feature, names=names)
    title = described.layer_title[lang]
    st.button(
        translate("catalogue.back", lang, layer=escape_markdown(title)), type="tertiary",
        key="catalogue.back", on_click=change_place, args=(described.layer,),
    )  # fmt: skip
    other = "en" if lang == "zh" else "zh"
    st.header(escape_markdown(described.name[lang]))
    st.markdown(f"**{escape_markdown(described.name[other])}**")
    for line in old_names(described, lang):
        st.caption(escape_markdown(line))
    if len(described.versions) > 1:
        _show_overview(described, day, lang)
    for version in described.versions:
        _show_version(described, version, day, lang)
    st.subheader(translate("catalogue.record", lang), divider="gray")
    show_facts(feature_facts(described, lang), lang)


def _show_overview(described: FeatureDescription, day: dt.date, lang: str) -> None:
    """All versions in one table, newest first."""
    st.markdown(translate("catalogue.versions", lang, count=len(described.versions)))
    rows = [
        {
            "version": version_text(version, lang),
            "part": part_text(version, lang),
            "period": period_words(version.valid_from, version.valid_to, lang),
            "status": status_text(version, lang, day),
            "size": _size(version),
        }
        for version in described.versions
    ]
    show_rows(rows, lang)


def show_rows(rows: list[dict[str, str]], lang: str) -> None:
    """A table to read, its first column naming the row; empty columns are left out."""
    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    table = pd.DataFrame(rows)[columns].map(escape_markdown)
    table.columns = [translate(f"table.{name}", lang) for name in columns]
    st.table(table.set_index(table.columns[0]), border="horizontal")


def _size(version: Version) -> str:
    size = version.size
    return size_words(size.measured, size.unit) if size and size.measured else ""


def _show_version(described: FeatureDescription, version: Version, day: dt.date, lang: str) -> None:
    st.subheader(escape_markdown(version_title(version, lang, day)), divider="gray")
    if version.description[lang]:
        st.markdown(escape_markdown(version.description[lang]))
    link_to_map(described.layer, described.id, version, lang)
    show_facts(version_facts(version, lang), lang)
    if version.events:
        st.markdown(f"#### {translate('catalogue.events', lang)}")
        lines = [
            f"- **{escape_markdown(event.day)}** {escape_markdown(event.title[lang])} "
            + " · ".join(_markdown(source_item(source)) for source in event.sources)
            for event in version.events
        ]
        st.markdown("\n".join(lines))


def link_to_map(layer: str, feature: str, version: Version, lang: str) -> None:
    """A link that opens Explore on the layer, at the feature, on the version's first day."""
    if not version.drawn:
        st.caption(translate("catalogue.no_geometry", lang))
        return
    parts: dict[str, Any] = {}
    if version.map_day:
        parts["day"] = dt.date.fromisoformat(version.map_day)
    layers = () if layer in BACKGROUND_ONLY else (layer,)
    query = link_query(layers=layers, place=f"{layer}:{feature}", **parts)
    label = translate("catalogue.on_map", lang, day=query["day"])
    st.page_link(EXPLORE, label=label, query_params=query)


def show_facts(facts: list[Fact], lang: str) -> None:
    """Labelled facts as a table of two columns; what leads somewhere is a link."""
    cells = {}
    for fact in facts:
        separator = " · " if len(fact.items) < MANY else "、" if lang == "zh" else ", "
        cells[escape_markdown(fact.label)] = separator.join(_markdown(i) for i in fact.items)
    st.table(cells, border="horizontal")


def _markdown(item: Item) -> str:
    """A piece of a fact; its words are escaped, its address was checked or written by us."""
    words = escape_markdown(" ".join(item.text.split()))
    if item.place:
        address = to_address(link_query(place=item.place), "catalogue")
        return f"[{words}]({address.removeprefix('/')})"
    return f"[{words}]({item.url})" if item.url else words
