"""Layer on layer, change between days, and the files that the page of overlaps offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.overlap_inputs import choose_cell
from atlas.app.overlap_outputs import number_formats, show_layers, take_click
from atlas.cartography.map_document import map_layer
from atlas.cartography.web_spec import Focus
from atlas.core.layer import Layer
from atlas.core.measured import ZONES, Measured
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.cross import Crossed
from atlas.operations.cross_words import tell_crossed, tell_crossed_zone
from atlas.operations.grammar import size_text
from atlas.operations.overlap import SIZE, Overlap, OverlapChange
from atlas.operations.overlap_output import change_rows, render
from atlas.operations.overlap_report import cross_rows, render_cross, render_pairs
from atlas.operations.overlap_words import UNITS
from atlas.operations.zones import ZoneSet

TABLE_HEIGHT = 420
SHOWN_FROM = 0.05
"""Smaller pieces are in the files only: the table would show them as 0.0."""
HIDDEN = {"zone_id", "feature_id", "first_id", "second_id", "relation"}
REASONS = ("gained", "gained_feature", "gained_zone", "gained_both", "lost", "lost_feature",
           "lost_zone", "lost_both", "kept")  # fmt: skip
MIME = {
    "csv": "text/csv", "json": "application/json", "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def show_crossed(crossed: Crossed, measured: Measured, key: str, lang: str) -> None:
    """Two layers on each other: map, what they have in common, table by zone."""
    zone = _zone_place(crossed.zones, measured.zone)
    layers = [
        map_layer(Layer(crossed.first, crossed.editions[0], crossed.areas), crossed.areas),
        map_layer(Layer(crossed.second, crossed.editions[1], crossed.others), crossed.others),
        *cache.draw_crossed(crossed, key, zone),
    ]
    focus = None
    if zone is not None:
        west, south, east, north = crossed.zones.rows.geometry.iloc[[zone]].total_bounds
        box = (west - 0.1, south - 0.1, east + 0.1, north + 0.1)
        focus = Focus(box, "overlap-zones", measured.zone)
    point = show_layers(layers, crossed.day, crossed.known_by, lang, focus=focus, clicks=True)
    take_click(crossed.zones, measured, point)
    relation = translate(f"overlap.relation_{crossed.relation}", lang)
    summary = tell_crossed(crossed, lang)
    st.markdown(f"**{escape_markdown(relation)}** · {escape_markdown(summary)}")
    st.caption(escape_markdown(translate("overlap.relation_note", lang)))
    if zone is not None:
        words = tell_crossed_zone(crossed, zone, lang)
        st.success(escape_markdown(words), icon=":material/info:")
    size = SIZE[crossed.second.kind]
    rows = [row for row in cross_rows(crossed) if row[size] >= SHOWN_FROM]
    rows.sort(key=lambda row: -row[size])
    _show_rows(rows, [row["zone_id"] for row in rows], "overlap.cross", lang)


def _zone_place(zones: ZoneSet, code: str) -> int | None:
    ids = zones.rows["id"].tolist()
    return ids.index(code) if code in ids else None


def show_change(found: OverlapChange, lang: str) -> None:
    """The change in one sentence and as a table: every sum reconciles."""
    unit = UNITS[found.info.kind]
    total = found.table[list(REASONS)].sum()
    words = {name: size_text(float(total[name]), unit, lang) for name in REASONS}
    st.markdown(escape_markdown(translate("overlap.change_summary", lang, **words)))
    if found.unknown:
        ids = ", ".join(sorted(found.unknown))
        st.warning(escape_markdown(translate("overlap.unknown", lang, ids=ids)))
    rows = sorted(change_rows(found), key=lambda row: -(row["gained"] + row["lost"]))
    _show_rows(rows, [], "overlap.change", lang)


def _show_rows(rows: list[dict[str, object]], zones: list[str], key: str, lang: str) -> None:
    """Rows as a table in one language; a chosen row opens its zone."""
    if not rows:
        st.info(translate("overlap.nothing", lang))
        return
    table = pd.DataFrame(rows)
    table.columns = table.columns.map(str)
    columns: list[str] = table.columns.tolist()
    pairs = [name for name in columns if f"{name}_en" in columns]
    table = table.drop(columns=[name if lang == "en" else f"{name}_en" for name in pairs])
    table = table.rename(columns={f"{name}_en": name for name in pairs})
    wanted = ["zone", "first", "second", "feature"]
    names = [name for name in wanted if name in table]
    names += [
        name for name in map(str, table.columns)
        if name not in names and name not in HIDDEN and not name.endswith(("version", "part"))
    ]  # fmt: skip
    table = table[names].rename(
        columns={name: translate(f"overlap.column.{name}", lang) for name in names}
    )
    name, formats = f"{key}.{lang}.{len(rows)}", number_formats(table)
    if zones:
        st.dataframe(
            table, hide_index=True, height=TABLE_HEIGHT, key=name, selection_mode="single-row",
            column_config=formats,
            on_select=lambda: _open(name, zones),
        )  # fmt: skip
    else:
        st.dataframe(table, hide_index=True, height=TABLE_HEIGHT, key=name, column_config=formats)


def _open(key: str, zones: list[str]) -> None:
    chosen = st.session_state[key].selection.rows
    choose_cell(zones[chosen[0]] if chosen else "")


def offer_files(
    found: Overlap | OverlapChange | Crossed, measured: Measured, key: str, lang: str
) -> None:
    """The same numbers as files, each with its method."""
    st.caption(translate("overlap.download", lang))
    row = st.container(horizontal=True)
    for form in _forms(found, measured):
        row.download_button(
            form.upper(), data=_writer(found, measured, form, key, lang),
            file_name=f"delta-atlas-overlap-{measured.layer}.{form}", mime=MIME[form],
            on_click="ignore", key=f"overlap.form.{form}",
        )  # fmt: skip


def _forms(found: Overlap | OverlapChange | Crossed, measured: Measured) -> list[str]:
    """Files that there are: a change and a list of pairs have no shapes."""
    shapes = not isinstance(found, OverlapChange) and measured.show != ZONES
    return [form for form in MIME if shapes or form != "geojson"]


def _writer(
    found: Overlap | OverlapChange | Crossed, measured: Measured, form: str, key: str, lang: str
) -> Callable[[], bytes]:
    def write() -> bytes:
        made = dt.date.today()
        if isinstance(found, Crossed):
            return render_cross(found, form, lang=lang, made=made)
        if isinstance(found, Overlap) and measured.show == ZONES:
            links = cache.links(cache.folder(), cache.stamp(), found, key)
            return render_pairs(found, links, form, lang=lang, made=made)
        return render(found, form, made=made)

    return write


def show_method(lang: str) -> None:
    """How every figure of the page was measured."""
    st.caption(escape_markdown(translate("overlap.method", lang)))
