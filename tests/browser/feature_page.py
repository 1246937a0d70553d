"""A page with what no page of the atlas has yet: a map that plays, or two that move together.

Streamlit runs this file as a script; ``?case=player`` and ``?case=twins`` choose, and the check
boxes change what a rerun of a page may change.
"""

import datetime as dt

import streamlit as st
from streamlit_folium import st_folium

from atlas.app import cache, outputs
from atlas.cartography.map_document import MapDocument, map_document
from atlas.cartography.web import to_folium
from atlas.cartography.web_spec import Frame, specify
from atlas.core.layer import Edition
from atlas.io import catalogue
from atlas.operations.web_map import BACKGROUND, focus_on

KNOWN_BY = dt.date(2026, 11, 24)
FIRST, LATER, LAST = 2006, 2012, 2024
LAYER, PLACE = "metropolitan-areas", "hangzhou-metropolitan-area"
HEIGHT = 560


def main() -> None:
    """Draw the case that the address names."""
    st.set_page_config(layout="wide")
    outputs.tighten()
    lang = "zh" if st.checkbox("Chinese") else "en"
    if st.query_params.get("case") == "twins":
        show_twins(lang)
    else:
        show_player(lang)


def show_player(lang: str) -> None:
    """One map that plays, one day a year."""
    first = LATER if st.checkbox("Later years") else FIRST
    frames = tuple(
        Frame(str(year), f"{year}-07-01", *draw(LAYER, dt.date(year, 7, 1)))
        for year in range(first, LAST + 1)
    )
    shown = len(frames) - 3 if st.checkbox("Near the end") else 2
    document, urls = draw(None, dt.date(LAST, 7, 1))
    if st.checkbox("No frames"):
        frames, shown = (), 0
    show("atlas", specify(document, urls, lang=lang, frames=frames, frame=shown))


def show_twins(lang: str) -> None:
    """Two maps side by side, two days of the same layer; a check box removes the left one."""
    sync = None if st.checkbox("Apart") else "changes"
    left = not st.checkbox("Right alone")
    place = f"{LAYER}:{PLACE}" if st.checkbox("Place") else None
    days = {"atlas-old": dt.date(2008, 7, 1), "atlas-new": dt.date(2024, 7, 1)}
    for column, (key, day) in zip(st.columns(2), days.items(), strict=True):
        if key == "atlas-new" or left:
            with column:
                layer = cache.read_layer(cache.folder(), edition(LAYER))
                focus = focus_on([layer], place, day)
                show(key, specify(*draw(LAYER, day), lang=lang, focus=focus, sync=sync))


def show(key: str, specification: dict) -> None:
    """A map as ``outputs.show_map`` shows it."""
    base, group = to_folium(specification, cache.asset_addresses())
    st_folium(
        base, key=key, feature_group_to_add=group, returned_objects=[], height=HEIGHT,
        use_container_width=True,
    )  # fmt: skip


def draw(layer: str | None, day: dt.date) -> tuple[MapDocument, dict[str, str]]:
    """The background on a day, and a layer over it."""
    folder, districts = cache.folder(), edition("districts")
    drawn = [
        cache.draw_layer(folder, edition(name), districts, day, background=True)
        for name in BACKGROUND
    ]
    urls = {f"background:{entry.id}": url for entry, url in drawn}
    if layer is not None:
        drawn.append(cache.draw_layer(folder, edition(layer), districts, day))
        urls[layer] = drawn[-1][1]
    return map_document([entry for entry, _ in drawn], day=day, known_by=KNOWN_BY), urls


def edition(layer: str) -> Edition:
    """The edition of a layer that all cases draw."""
    return catalogue.find_edition(cache.folder(), layer, known_by=KNOWN_BY)


if __name__ == "__main__":
    main()
