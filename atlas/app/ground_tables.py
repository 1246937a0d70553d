"""What lies in zones, on the page: a sentence, stacked bars, the table, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from atlas.app import cache
from atlas.app.ground_map import day_words
from atlas.app.overlap_outputs import number_formats
from atlas.cartography.raster_look import Palette
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.operations.ground import Ground
from atlas.operations.zonal import NOWHERE, Zonal, ZonalChange
from atlas.operations.zonal_output import (
    FIGURES,
    cell_text,
    method,
    render,
    rows_of,
    to_rows,
    uncertain_words,
    undrawn_words,
)
from atlas.operations.zonal_words import tell_zone

ZONES_SHOWN = 40
BAR_HEIGHT, NAME_LIMIT = 20, 260
TABLE_HEIGHT = 380
FIT = alt.AutoSizeParams(type="fit-x", contains="padding")
"""Only the width fits the page: the bars keep their height, whatever legend and axis take."""
HIDDEN = ("zone_id", "class_id", "estimated", "uncertain")
MIME = {
    "csv": "text/csv", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def show_zones(found: Zonal | ZonalChange, palette: Palette, lang: str) -> None:
    """A sentence of one zone, a chart of all, the table, and how it was measured."""
    last = found if isinstance(found, Zonal) else found.new
    _tell(last, lang)
    _chart(found, palette, lang)
    if isinstance(found, ZonalChange):
        days = day_words(found.old.day, found.new.day)
        st.subheader(f"{translate('ground.table_change', lang)} ({days})")
        st.caption(translate("ground.change_note", lang))
    else:
        st.subheader(translate("ground.table", lang))
    rows = rows_of(found)
    names = [name for name in rows[0] if name not in HIDDEN and not name.endswith("_en")]
    if not _sums_matter(last):
        names = [name for name in names if "total" not in name]
    show_rows(rows, names, lang)
    for words in [*undrawn_words(last, lang), *uncertain_words(last, lang)]:
        st.warning(escape_markdown(words))
    st.caption(escape_markdown(method(last, lang)))


def _sums_matter(found: Zonal) -> bool:
    """Whether adding up cells says anything: not of heights and scores, which are per place."""
    return found.ground.facts is not None


def show_rows(rows: list[dict[str, Any]], names: list[str], lang: str) -> None:
    """Rows as a table in one language, numbers as numbers, states as words."""
    shown = pd.DataFrame({
        translate(f"ground.column.{name}", lang): [
            row[name] if isinstance(row[name], float | int) and not isinstance(row[name], bool)
            else cell_text(row, name, lang, most=None) or None
            for row in rows
        ]
        for name in names
    })  # fmt: skip
    st.dataframe(
        shown, hide_index=True, height=min(TABLE_HEIGHT, 36 * (len(rows) + 1) + 4),
        column_config=_formats(shown, names, lang),
    )  # fmt: skip


def _formats(shown: pd.DataFrame, names: list[str], lang: str) -> dict[str, Any]:
    formats = number_formats(shown)
    for name in names:
        if name.startswith("share"):
            head = translate(f"ground.column.{name}", lang)
            formats[head] = st.column_config.NumberColumn(format="percent")
    return formats


def _tell(found: Zonal, lang: str) -> None:
    """The reader chooses a zone, and it is told in words; at first the largest."""
    rows = found.zones.rows
    order = sorted(range(len(rows)), key=lambda zone: -float(found.zone_km2[zone]))
    names = rows[f"name_{lang}"].tolist()
    zone = st.selectbox(
        translate("ground.tell", lang), order, format_func=lambda place: names[place],
        key=f"ground.zone.{found.zones.name}.{found.day}.{len(rows)}.{lang}",
    )  # fmt: skip
    st.success(escape_markdown(tell_zone(found, int(zone), lang)), icon=":material/info:")


def _chart(found: Zonal | ZonalChange, palette: Palette, lang: str) -> None:
    both = [found] if isinstance(found, Zonal) else [found.old, found.new]
    last = both[-1]
    shown = _largest(last)
    if len(last.zones.rows) > len(shown):
        st.caption(translate("ground.bars_most", lang, count=len(shown)))
    name = "zone_en" if lang == "en" else "zone"
    rows = []
    for one in both:
        end = f" ({one.day.isoformat()})" if len(both) > 1 else ""
        rows += [row | {"bar": f"{row[name]}{end}"} for row in to_rows(one)
                 if row["zone_id"] in shown and row["state"] != NOWHERE]  # fmt: skip
    if not rows:
        return
    chart = _stacked(rows, palette, lang) if last.classes else _spans(rows, last.ground, lang)
    st.altair_chart(chart, width="stretch", height="content")


def _largest(found: Zonal) -> set[str]:
    ids = found.zones.rows["id"].tolist()
    order = sorted(range(len(ids)), key=lambda zone: -float(found.zone_km2[zone]))
    return {ids[zone] for zone in order[:ZONES_SHOWN]}


def _bars(rows: list[dict[str, Any]]) -> tuple[alt.Y, int]:
    bars = list(dict.fromkeys(row["bar"] for row in rows))
    axis = alt.Axis(labelLimit=NAME_LIMIT, labelOverlap=False)
    return alt.Y("bar:N", title=None, sort=bars, axis=axis), BAR_HEIGHT * len(bars)


def _stacked(rows: list[dict[str, Any]], palette: Palette, lang: str) -> alt.Chart:
    """Shares of classes of each zone, side by side to one hundred per cent."""
    titles = {entry.low: entry.title[lang] for entry in palette}
    held = [row for row in rows if row["share"]]
    for row in held:
        row["told"] = titles.get(row["class_id"], row["class"])
        row["place"] = list(titles).index(row["class_id"]) if row["class_id"] in titles else 99
    there = {row["class_id"] for row in held}
    scale = alt.Scale(
        domain=[entry.title[lang] for entry in palette if entry.low in there],
        range=[entry.colour for entry in palette if entry.low in there],
    )
    y, height = _bars(held)
    chart: alt.Chart = (
        alt.Chart(pd.DataFrame(held))
        .mark_bar(stroke="#ffffff", strokeWidth=0.4)
        .encode(
            x=alt.X("share:Q", stack="zero", axis=alt.Axis(format="%"),
                    title=translate("ground.bars_class", lang), scale=alt.Scale(domain=[0, 1])),
            y=y,
            color=alt.Color("told:N", title=None, scale=scale,
                            legend=alt.Legend(orient="top", columns=3, labelLimit=300)),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("bar:N", title=translate("ground.column.zone", lang)),
                alt.Tooltip("told:N", title=translate("ground.column.class", lang)),
                alt.Tooltip("area_km2:Q", format=",.1f",
                            title=translate("ground.column.area_km2", lang)),
                alt.Tooltip("share:Q", format=".1%", title=translate("ground.column.share", lang)),
            ],
        )
        .properties(height=height, autosize=FIT)
    )  # fmt: skip
    return chart


def _spans(rows: list[dict[str, Any]], ground: Ground, lang: str) -> alt.LayerChart:
    """Mean of each zone as a bar, and a line from its lowest to its highest twentieth."""
    y, height = _bars(rows)
    held = pd.DataFrame(rows)
    base = alt.Chart(held)
    unit = ground.unit[lang] or translate("ground.unit_unknown", lang)
    x = alt.X("mean:Q", title=f"{translate('ground.bars_quantity', lang)} · {unit}")
    tips = [alt.Tooltip("bar:N", title=translate("ground.column.zone", lang))] + [
        alt.Tooltip(f"{name}:Q", format=",.4~g", title=translate(f"ground.column.{name}", lang))
        for name in FIGURES[:-1]
    ]
    bar = base.mark_bar(color="#8db3c9").encode(x=x, y=y, tooltip=tips)
    rule = base.mark_rule(color="#33404a").encode(x="p5:Q", x2="p95:Q", y=y, tooltip=tips)
    chart: alt.LayerChart = (bar + rule).properties(height=height, autosize=FIT)
    return chart


def offer_files(found: Zonal | ZonalChange, name: str, lang: str) -> None:
    """The same numbers as files, each with its method."""
    offer_forms(
        lambda form: render(found, form, lang=lang, made=dt.date.today()),
        f"delta-atlas-ground-{name}", "ground.form", lang,
    )  # fmt: skip


def offer_forms(write: Callable[[str], bytes], name: str, key: str, lang: str) -> None:
    """Buttons for files that are written when they are asked for."""
    st.caption(translate("ground.download", lang))
    row = st.container(horizontal=True)
    for form, mime in MIME.items():
        row.download_button(
            form.upper(), data=partial(write, form), file_name=f"{name}.{form}", mime=mime,
            on_click="ignore", key=f"{key}.{form}",
        )  # fmt: skip


def offer_raster(ground: Ground, lang: str) -> None:
    """The published bytes of a raster layer."""
    edition = ground.edition
    if edition is None:
        return
    st.download_button(
        translate("ground.download_tif", lang),
        data=lambda: catalogue.read_edition_bytes(cache.folder(), edition),
        file_name=f"{edition.layer}-{edition.edition}.tif", mime="image/tiff",
        on_click="ignore", key="ground.form.tif",
    )  # fmt: skip
