"""Outputs of the page of rail reach: the map over the years, cities, the way, downloads."""

from __future__ import annotations

import datetime as dt

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from atlas.app import outputs, reach_cache
from atlas.app.reach_inputs import Asked
from atlas.cartography.map_document import MapDocument, MapLayer, map_document
from atlas.cartography.web_spec import Focus, Frame
from atlas.core.text import escape_markdown
from atlas.core.travelled import FIRST_ORIGIN
from atlas.errors import PlaceUnknown, StationClosed
from atlas.i18n import translate
from atlas.operations import reach_output
from atlas.operations.rail import Model, Rail
from atlas.operations.rail_places import find_origin
from atlas.operations.reach import LIMITS_MIN, Reach, way_to
from atlas.operations.reach_words import (
    tell_beyond,
    tell_circles,
    tell_living,
    tell_way,
    tell_within,
)

MAP_HEIGHT, TABLE_HEIGHT = 560, 320
ADDED_YEARS = 4
"""How many years after the record the last frame lies, where lines to come are counted."""
CHART_HEIGHT = 220


def model_of(asked: Asked) -> Model:
    """The model of what is asked."""
    return reach_cache.model(asked.known_by, asked.day, asked.travelled.include, asked.assumed)


def show_reach(asked: Asked, lang: str) -> None:
    """Where one can be from a place: words, map over the years, cities, files."""
    model = model_of(asked)
    found = _reach(model, asked.travelled.origin, lang)
    if found is None:
        return
    minutes = asked.travelled.minutes
    st.success(escape_markdown(tell_within(found, minutes, lang)), icon=":material/train:")
    show_map(asked, found, lang)
    st.markdown(escape_markdown(tell_living(reach_cache.lived(found, minutes), lang)))
    st.caption(escape_markdown(tell_circles(model, lang)))
    beyond = tell_beyond(found, lang)
    if beyond:
        st.info(escape_markdown(beyond))
    if asked.travelled.target:
        show_way(found, asked.travelled.target, lang)
    left, right = st.columns([3, 2])
    with left:
        show_cities(found, lang)
    with right:
        show_limits(found, lang)
    show_years(asked, lang)
    offer_files(found, lang)


def _reach(model: Model, origin: str, lang: str) -> Reach | None:
    """Reach from the place, or one sentence why there is none."""
    try:
        return reach_cache.reached(model, origin)
    except (PlaceUnknown, StationClosed) as error:
        outputs.show_error(error, lang)
        return None


def years_of(asked: Asked, rail: Rail) -> list[tuple[int, dt.date]]:
    """Years from the first opening to the record's, and the one that lines to come count in.

    Of each its last day is drawn, of the current one today.
    """
    last = min(asked.known_by, dt.date.today())
    years = [(year, dt.date(year, 12, 31)) for year in range(rail.first.year, last.year)]
    years.append((last.year, last))
    if asked.travelled.include:
        years.append((last.year + ADDED_YEARS, dt.date(last.year + ADDED_YEARS, 12, 31)))
    return years


def show_map(asked: Asked, found: Reach, lang: str) -> None:
    """Lines by the year they opened and where one can be, year by year, playable."""
    frames = []
    for year, day in years_of(asked, found.model.rail):
        layers = _frame(asked, day)
        document = map_document([layer for layer, _ in layers], day=day, known_by=asked.known_by)
        urls = {layer.id: url for layer, url in layers}
        frames.append(Frame(str(year), day.isoformat(), document, urls))
    wanted = [abs((dt.date.fromisoformat(frame.title) - asked.day).days) for frame in frames]
    first = int(np.argmin(wanted))
    if wanted[first]:
        layers = reach_cache.drawn(found)
        document = map_document([layer for layer, _ in layers], day=asked.day,
                                known_by=asked.known_by)  # fmt: skip
        urls = {layer.id: url for layer, url in layers}
        place = sum(dt.date.fromisoformat(frame.title) < asked.day for frame in frames)
        own = Frame(asked.day.isoformat(), asked.day.isoformat(), document, urls)
        frames.insert(place, own)
        first = place
    below, urls = outputs.draw_background(asked.known_by, asked.day)
    whole = MapDocument(tuple(below), asked.day, asked.known_by)
    outputs.show_document(
        whole, urls, lang=lang, key="atlas-reach", frames=tuple(frames), frame=first,
        focus=_focus(found), height=MAP_HEIGHT,
    )  # fmt: skip
    st.caption(translate("reach.map_help", lang))


def _frame(asked: Asked, day: dt.date) -> list[tuple[MapLayer, str]]:
    """What a year shows; only its lines where no train calls at the place yet."""
    later = day > dt.date.today()
    include = asked.travelled.include if later or day == asked.day else ()
    model = reach_cache.model(asked.known_by, day, include, asked.assumed)
    try:
        return reach_cache.drawn(reach_cache.reached(model, asked.travelled.origin))
    except StationClosed:
        return [reach_cache.lines(model)]


def _focus(found: Reach) -> Focus | None:
    """The place and what is around it; the box changes only with the place."""
    rows = found.model.network.stations.iloc[found.tree.origins]
    west, south, east, north = (float(value) for value in rows.total_bounds)
    if found.origin.address == FIRST_ORIGIN:
        return None
    around = 1.6
    box = (west - around, south - around, east + around, north + around)
    return Focus(box, "reach-stations", found.origin.address)


def show_way(found: Reach, target: str, lang: str) -> None:
    """The fastest way to another place."""
    try:
        end = find_origin(found.model, target)
    except (PlaceUnknown, StationClosed) as error:
        outputs.show_error(error, lang)
        return
    names = (found.origin.name[lang], end.name[lang])
    told = tell_way(found.model, way_to(found, end), names, lang)
    st.info(escape_markdown(told), icon=":material/route:")


def show_cities(found: Reach, lang: str) -> None:
    """Every city with its minutes: the accessible twin of the map."""
    st.subheader(translate("reach.cities", lang))
    rows = [
        {
            "city": found.model.city_name(city.city, lang),
            "station": found.model.station_name(city.station, lang),
            "minutes": round(city.minutes) if np.isfinite(city.minutes) else None,
            "with_boarding": round(city.minutes + found.model.assumed.boarding_min)
            if np.isfinite(city.minutes) else None,
        }
        for city in found.cities
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.columns = [translate(f"reach.column.{name}", lang) for name in table.columns]
    st.dataframe(table, hide_index=True, height=TABLE_HEIGHT, key=f"reach.cities.{lang}",
                 placeholder=translate("reach.no_train", lang))  # fmt: skip


def show_limits(found: Reach, lang: str) -> None:
    """Cities, area and residents within each limit."""
    st.subheader(translate("reach.limits", lang))
    rows = []
    for minutes in LIMITS_MIN:
        living = reach_cache.lived(found, minutes)
        rows.append({
            "within": minutes, "cities": len(found.within(minutes)),
            "area_km2": round(living.area_km2), "census": round(living.by_area, -3),
            "settlements": round(living.by_settlements, -3),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    table.columns = [translate(f"reach.column.{name}", lang) for name in table.columns]
    number = st.column_config.NumberColumn(format="%,d")
    st.dataframe(table, hide_index=True, key=f"reach.limits.{lang}",
                 column_config=dict.fromkeys(map(str, table.columns), number))  # fmt: skip
    st.caption(translate("reach.residents_help", lang))


def show_years(asked: Asked, lang: str) -> None:
    """Cities within the chosen minutes, year by year."""
    minutes = asked.travelled.minutes
    st.subheader(translate("reach.years", lang, minutes=minutes))
    rail = reach_cache.rail(asked.known_by)
    rows = []
    for year, day in years_of(asked, rail):
        include = asked.travelled.include if day > dt.date.today() else ()
        model = reach_cache.model(asked.known_by, day, include, asked.assumed)
        try:
            found = reach_cache.reached(model, asked.travelled.origin)
        except StationClosed:
            rows.append({"year": str(year), "cities": 0, "joined": 0})
            continue
        joined = sum(bool(np.isfinite(city.minutes)) for city in found.cities) - 1
        rows.append({"year": str(year), "cities": len(found.within(minutes)), "joined": joined})
    table = pd.DataFrame(rows)
    titles = {name: translate(f"reach.column.{name}", lang) for name in table}
    bars = alt.Chart(table).mark_bar(color="#2f6f9f").encode(
        x=alt.X("year:N", title=titles["year"], axis=alt.Axis(labelAngle=0)),
        y=alt.Y("cities:Q", title=titles["cities"], axis=alt.Axis(tickMinStep=1)),
        tooltip=[alt.Tooltip(f"{name}:{kind}", title=titles[name])
                 for name, kind in (("year", "N"), ("cities", "Q"), ("joined", "Q"))],
    )  # fmt: skip
    st.altair_chart(bars.properties(height=CHART_HEIGHT), width="stretch")
    with st.expander(translate("reach.years_table", lang)):
        st.dataframe(table.rename(columns=titles), hide_index=True, key=f"reach.years.{lang}")


def offer_files(found: Reach, lang: str) -> None:
    """Where one can be as GeoJSON, all figures as JSON."""
    st.caption(translate("reach.download", lang))
    row = st.container(horizontal=True)
    name = found.origin.id
    day = found.model.day.isoformat()
    row.download_button(
        "GEOJSON", data=lambda: reach_output.reach_geojson(found), on_click="ignore",
        file_name=f"delta-atlas-reach-{name}-{day}.geojson", mime="application/geo+json",
        key="reach.form.geojson",
    )  # fmt: skip
    row.download_button(
        "JSON", data=lambda: _json(found), on_click="ignore",
        file_name=f"delta-atlas-reach-{name}-{day}.json", mime="application/json",
        key="reach.form.json",
    )  # fmt: skip


def _json(found: Reach) -> bytes:
    residents = reach_cache.residents(found.model.rail.known_by)
    lives = {minutes: reach_cache.lived(found, minutes) for minutes in LIMITS_MIN}
    return reach_output.to_json(reach_output.reach_values(found, residents, lives))


def show_layers(
    layers: list[MapLayer], day: dt.date, known_by: dt.date, lang: str, *, key: str,
    focus: Focus | None = None,
) -> None:  # fmt: skip
    """Draw layers over the background."""
    below, urls = outputs.draw_background(known_by, day)
    kept = [layer for layer in layers if len(layer.features)]
    urls |= {layer.id: reach_cache.address_of(layer, day) for layer in kept}
    document = map_document([*below, *kept], day=day, known_by=known_by)
    outputs.show_document(document, urls, lang=lang, key=key, focus=focus, height=MAP_HEIGHT)
