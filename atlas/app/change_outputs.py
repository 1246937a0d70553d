"""Outputs of the page of changes: maps, words, table, downloads, and what they rest on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import streamlit as st

from atlas.app import cache, outputs
from atlas.cartography.map_document import MapDocument
from atlas.cartography.web_spec import Focus
from atlas.core.layer import Layer
from atlas.core.text import escape_markdown
from atlas.core.view import MAPS, ONE_MAP, YEARS, Compared
from atlas.i18n import translate
from atlas.operations.change_map import CHANGES
from atlas.operations.change_output import to_rows
from atlas.operations.change_report import FORMS, render
from atlas.operations.change_words import Telling, plain_text, side_words, tell
from atlas.operations.compare import EDITIONS, Comparison

TABLE_HEIGHT = 360
ROWS_UNSCROLLED = 9
TWIN_HEIGHT = 480
LINES_MOST = 30
"""Changes that are told at once; the others are opened."""
MIME = {
    "md": "text/markdown", "json": "application/json", "csv": "text/csv",
    "geojson": "application/geo+json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
CHOSEN = "changes.row"


def show_summary(comparison: Comparison, lang: str) -> Telling:
    """What is compared and how much differs, above the maps."""
    telling = tell(comparison, lang)
    st.subheader(escape_markdown(telling.title))
    st.markdown(f"**{escape_markdown(telling.states)}**  \n{escape_markdown(telling.summary)}")
    if comparison.old.day and comparison.new.day and comparison.old.day > comparison.new.day:
        st.info(translate("change.backwards", lang))
    return telling


def show_maps(compared: Compared, comparison: Comparison, layer: Layer, lang: str) -> None:
    """The maps that the reader chose: two that move together, one, or the years."""
    if compared.maps == YEARS:
        _show_years(compared, comparison, layer, lang)
        return
    focus = _focus(compared, comparison)
    drawn = cache.draw_comparison(cache.folder(), cache.stamp(), compared, comparison.known_by)
    if compared.maps == ONE_MAP:
        _show(drawn[0], "atlas-change", lang, focus=focus)
        return
    columns = st.columns(2)
    sides = (comparison.old, comparison.new)
    for column, side, maps, name in zip(columns, sides, drawn, ("old", "new"), strict=True):
        with column:
            state = side_words(side, lang)
            if comparison.by == EDITIONS:
                state = translate("change.edition", lang, number=state)
            words = translate(f"change.{name}_map", lang, state=state)
            st.caption(f"**{escape_markdown(words)}**")
            _show(maps, f"atlas-{name}", lang, focus=focus, sync=CHANGES, height=TWIN_HEIGHT)


def _show(
    maps: tuple[MapDocument, dict[str, str]], key: str, lang: str, *, focus: Focus | None,
    sync: str | None = None, height: int = outputs.MAP_HEIGHT,
) -> None:  # fmt: skip
    document, urls = maps
    below, below_urls = outputs.draw_background(document.known_by)
    whole = MapDocument((*below, *document.layers), document.day, document.known_by)
    outputs.show_document(
        whole, below_urls | urls, lang=lang, key=key, focus=focus, sync=sync, height=height
    )


def _focus(compared: Compared, comparison: Comparison) -> Focus | None:
    """The change chosen in the table of this comparison, else everything that differs."""
    count, place, of = st.session_state.get(CHOSEN, (0, None, ""))
    cut = comparison.pieces
    if of == _comparison_key(compared, comparison) and (cut["place"] == place).any():
        cut = cut[cut["place"] == place]
    else:
        place = None
    if cut.empty:
        return None
    west, south, east, north = (float(value) for value in cut.total_bounds)
    name = (
        f"{compared.layer}.{compared.by}.{compared.old}.{compared.new}.{compared.feature}.{place}"
    )
    return Focus((west, south, east, north), CHANGES, name, (), count)


def _show_years(compared: Compared, comparison: Comparison, layer: Layer, lang: str) -> None:
    """The layer year by year, playable; starts at the later day."""
    st.caption(translate("change.years_help", lang))
    outputs.show_years(
        [layer], comparison.new.day or comparison.known_by, comparison.known_by, lang,
        key="atlas-years", focus=_focus(compared, comparison),
    )  # fmt: skip


def show_words(telling: Telling, lang: str) -> None:
    """What changed, in sentences; ready to copy."""
    st.subheader(translate("change.words", lang))
    if not telling.paragraphs:
        st.info(telling.summary)
        return
    lines = [f"- {escape_markdown(text)}" for _, text in telling.paragraphs]
    st.markdown("\n".join(lines[:LINES_MOST]))
    if lines[LINES_MOST:]:
        with st.expander(translate("change.more", lang, count=len(lines) - LINES_MOST)):
            st.markdown("\n".join(lines[LINES_MOST:]))
    with st.expander(translate("change.copy", lang)):
        st.code(plain_text(telling), language=None, wrap_lines=True)


def show_table(compared: Compared, comparison: Comparison, lang: str) -> None:
    """The changes in figures; a chosen row moves the maps."""
    rows = to_rows(comparison, lang)
    if not rows:
        return
    st.subheader(translate("change.table", lang))
    st.caption(translate("change.table_help", lang))
    table = pd.DataFrame(rows)
    late = [name for name in ("old_version", "new_version", "evidence") if name in table]
    table = table[[*(name for name in table if name not in late), *late]]
    table = table.loc[:, [_says_something(table[name]) for name in table]]
    unit = f" ({comparison.unit})" if comparison.unit else ""
    titles = {name: translate(f"change.column.{name}", lang) for name in table}
    sizes = [name for name in table if table[name].dtype.kind == "f" or name in ("old", "new")]
    titles |= {name: titles[name] + unit for name in sizes}
    of = _comparison_key(compared, comparison)
    key = f"changes.table.{lang}.{of}"
    number = st.column_config.NumberColumn(format="%,.1f")
    st.dataframe(
        table.rename(columns=titles), hide_index=True, key=key, selection_mode="single-row",
        height=TABLE_HEIGHT if len(rows) > ROWS_UNSCROLLED else "auto",
        on_select=lambda: _choose_row(key, of),
        placeholder=translate("table.unknown", lang),
        column_config={titles[name]: number for name in sizes},
    )  # fmt: skip


def _says_something(column: pd.Series) -> bool:
    """Whether a column holds more than nothing, zeros and unknown values."""
    return bool((column.fillna(0.0).infer_objects() != 0.0).any()) and bool((column != "").any())


def _comparison_key(compared: Compared, comparison: Comparison) -> str:
    """What a choice in the table belongs to: the two states, however they are drawn."""
    editions = comparison.old.edition.edition, comparison.new.edition.edition
    return f"{replace(compared, maps=MAPS[0])}.{editions}"


def _choose_row(key: str, of: str) -> None:
    chosen = st.session_state[key].selection.rows
    count = st.session_state.get(CHOSEN, (0, None, ""))[0]
    st.session_state[CHOSEN] = (count + 1, chosen[0] if chosen else None, of)


def offer_files(compared: Compared, comparison: Comparison, lang: str) -> None:
    """The report as Word or Markdown, the pieces as GeoJSON, the table as CSV or JSON."""
    st.caption(translate("change.download", lang))
    forms = [form for form in FORMS if form in MIME]
    row = st.container(horizontal=True)
    for form in forms:
        row.download_button(
            translate(f"change.form.{form}", lang),
            data=lambda form=form: render(  # type: ignore[misc]
                comparison, form, lang=lang, made=dt.date.today(), folder=cache.folder()
            ),
            file_name=f"delta-atlas-{compared.layer}-{compared.old}-{compared.new}.{form}",
            mime=MIME[form], on_click="ignore", key=f"changes.form.{form}",
        )  # fmt: skip


def show_method(lang: str) -> None:
    """How the figures came about, and from which editions."""
    st.caption(escape_markdown(translate("words.method", lang)))
