"""Inputs of the page of changes: which layer, which two states, which maps."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from atlas.app import cache
from atlas.app.state import change_view, name_unknown, open_view
from atlas.core.layer import Edition, Layer
from atlas.core.view import FIRST_DAY, LAST_DAY, MAPS, Compared, default_days
from atlas.i18n import translate, version_name
from atlas.io import catalogue
from atlas.operations.compare import BY, DAYS, EDITIONS, VERSIONS
from atlas.operations.web_map import BACKGROUND_ONLY

FIRST_LAYER = "metropolitan-areas"
"""The layer that a first visit compares, where there is one."""
ALL = ""
LAST_DAYS = "changes.days"
"""The two days compared last: they come back when a reader compares days again."""


def choose_layer(lang: str) -> str:
    """Let the reader choose the layer whose states are compared."""
    infos = {
        info.id: info.title[lang]
        for info in catalogue.list_feature_layers(cache.folder())
        if info.id not in BACKGROUND_ONLY
    }
    compared = open_view().compared
    wanted = compared.layer if compared else FIRST_LAYER
    place = list(infos).index(wanted) if wanted in infos else 0
    chosen = st.selectbox(
        translate("catalogue.layer", lang), list(infos), index=place, key="changes.layer",
        format_func=infos.__getitem__,
    )  # fmt: skip
    if compared is None or compared.layer != chosen:
        maps = compared.maps if compared else MAPS[0]
        days = [day.isoformat() for day in _last_days()]
        if compared and compared.by == DAYS:
            days = [compared.old, compared.new]
        change_view(compared=Compared(chosen, DAYS, days[0], days[1], maps=maps))
    return chosen


def _last_days() -> tuple[dt.date, dt.date]:
    return st.session_state.get(LAST_DAYS) or default_days(dt.date.today())


def choose_states(layer: Layer, lang: str) -> Compared:
    """Let the reader choose what is compared, and keep it in the view.

    A link's states are taken if the layer has them, else named and replaced.
    """
    linked = open_view().compared
    held = linked if linked and linked.layer == layer.info.id else None
    by = st.segmented_control(
        translate("change.by", lang), BY, default=held.by if held else DAYS, required=True,
        format_func=lambda code: translate(f"change.by_{code}", lang), key="changes.by",
    )  # fmt: skip
    same = held if held and held.by == by else None
    whole = held if held and held.by != VERSIONS else None
    feature = None if by == VERSIONS else _choose_feature(layer, whole, lang)
    if by == DAYS:
        compared = _choose_days(layer, same, lang)
    elif by == EDITIONS:
        compared = _choose_editions(layer, same, lang)
    else:
        compared = _choose_versions(layer, held, lang)
    maps = linked.maps if linked else MAPS[0]
    compared = replace(compared, feature=compared.feature or feature, maps=maps)
    if compared != linked:
        change_view(compared=compared)
    return compared


def _choose_feature(layer: Layer, held: Compared | None, lang: str) -> str | None:
    """One feature, or all."""
    names = _names(layer, lang)
    wanted = held.feature if held else None
    if wanted is not None and wanted not in names:
        name_unknown([f"feature={wanted}"[:80]])
        wanted = None
    options = [ALL, *names]
    chosen = st.selectbox(
        translate("change.feature", lang), options, index=options.index(wanted or ALL),
        format_func=lambda code: names.get(code, translate("change.all_features", lang)),
        key=f"changes.feature.{layer.info.id}",
    )  # fmt: skip
    return chosen or None


def _names(layer: Layer, lang: str) -> dict[str, str]:
    """Name of every feature, by id, in the order of the edition."""
    rows = layer.features
    return dict(zip(rows["id"], rows[f"name_{lang}"], strict=True))


def _choose_days(layer: Layer, held: Compared | None, lang: str) -> Compared:
    days = _last_days()
    if held:
        days = dt.date.fromisoformat(held.old), dt.date.fromisoformat(held.new)
    chosen = [
        st.date_input(
            translate(f"change.{side}_day", lang), value=day, min_value=FIRST_DAY,
            max_value=LAST_DAY, format="YYYY-MM-DD", key=f"changes.day.{side}",
        )
        for side, day in zip(("old", "new"), days, strict=True)
    ]  # fmt: skip
    old, new = (
        day if isinstance(day, dt.date) else fallback
        for day, fallback in zip(chosen, days, strict=True)
    )
    st.session_state[LAST_DAYS] = (old, new)
    return Compared(layer.info.id, DAYS, old.isoformat(), new.isoformat())


def _choose_editions(layer: Layer, held: Compared | None, lang: str) -> Compared:
    editions = {
        str(edition.edition): edition
        for edition in catalogue.read_editions(cache.folder(), layer.info.id)
    }
    newest = list(editions)[-2:]
    wanted = _held_pair(held, list(editions), (newest[0], newest[-1]), EDITIONS)
    old, new = (
        st.selectbox(
            translate(f"change.{side}_edition", lang), list(editions),
            index=list(editions).index(number), key=f"changes.edition.{side}.{layer.info.id}",
            format_func=lambda number: _edition_words(editions[number], lang),
        )
        for side, number in zip(("old", "new"), wanted, strict=True)
    )  # fmt: skip
    return Compared(layer.info.id, EDITIONS, old, new)


def _edition_words(edition: Edition, lang: str) -> str:
    day = edition.published.isoformat()
    return translate("describe.edition", lang, number=edition.edition, day=day)


def _choose_versions(layer: Layer, held: Compared | None, lang: str) -> Compared:
    rows = layer.features.sort_values("valid_from", na_position="first", kind="stable")
    versions = {
        id_: list(dict.fromkeys(group)) for id_, group in rows.groupby("id")["plan_version"]
    }
    several = [id_ for id_ in versions if len(versions[id_]) > 1] or list(versions)
    names = _names(layer, lang)
    wanted = held.feature if held and held.feature in several else several[0]
    if held and held.by == VERSIONS and held.feature not in several:
        part = f"feature={held.feature}" if held.feature else f"versions={held.old},{held.new}"
        name_unknown([part[:80]])
    feature = st.selectbox(
        translate("change.feature", lang), several, index=several.index(wanted),
        format_func=names.__getitem__, key=f"changes.versions.{layer.info.id}",
    )  # fmt: skip
    choices = versions[feature]
    same = held if held and held.by == VERSIONS and held.feature == feature else None
    pair = _held_pair(same, choices, (choices[-2:][0], choices[-1]), VERSIONS)
    old, new = (
        st.selectbox(
            translate(f"change.{side}_version", lang), choices, index=choices.index(version),
            key=f"changes.version.{side}.{layer.info.id}.{feature}",
            format_func=lambda code: version_name(code, lang),
        )
        for side, version in zip(("old", "new"), pair, strict=True)
    )  # fmt: skip
    return Compared(layer.info.id, VERSIONS, old, new, feature)


def _held_pair(
    held: Compared | None, choices: list[str], default: tuple[str, str], by: str
) -> tuple[str, str]:
    """The pair of a link where both exist; else the link's pair is named, and the default taken."""
    if held is None or held.by != by:
        return default
    if held.old in choices and held.new in choices:
        return held.old, held.new
    name_unknown([f"{by}={held.old},{held.new}"[:80]])
    return default


def choose_maps(compared: Compared, lang: str) -> Compared:
    """Two maps side by side, one map, or the years one after another."""
    maps = st.segmented_control(
        translate("change.maps", lang), MAPS, default=compared.maps, required=True,
        format_func=lambda code: translate(f"change.maps_{code}", lang), key="changes.maps",
    )  # fmt: skip
    if maps != compared.maps:
        compared = replace(compared, maps=str(maps))
        change_view(compared=compared)
    return compared
