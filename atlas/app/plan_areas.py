"""The areas of the plan at a glance, and one of them opened."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from atlas.app import cache, outputs
from atlas.app.entry import CATALOGUE, EXPLORE
from atlas.app.plan_statements import badges, links, show_heading, show_statements, small
from atlas.app.state import change_view, link_query, name_unknown, open_view
from atlas.cartography.map_document import map_document
from atlas.core.layer import Layer
from atlas.core.register import Item
from atlas.core.text import escape_markdown
from atlas.core.view import to_address
from atlas.errors import AreaUnknown
from atlas.i18n import translate
from atlas.io.catalogue import read_info
from atlas.operations.find import Place
from atlas.operations.plan import Area, Plan
from atlas.operations.plan_words import area_words, count_words, read_words, titled

CARDS_IN_A_ROW = 4
MAP_HEIGHT = 460


def open_area(plan: Plan) -> Area | None:
    """The area that the view opens; one that the plan does not have is named and ignored."""
    name = open_view().area
    if name is None:
        return None
    try:
        return plan.area(name)
    except AreaUnknown:
        name_unknown([f"area={name}"])
        change_view(area=None)
        return None


def show_cards(plan: Plan, opened: Area | None, lang: str) -> None:
    """Every area as a card with what is known of it; its button opens it."""
    st.subheader(translate("plan.areas", lang, count=len(plan.areas)), divider="gray")
    st.markdown(f"**{read_words(plan, lang)}**")
    st.caption(f"{translate('plan.areas_help', lang)} {translate('plan.own_choice', lang)}")
    for start in range(0, len(plan.areas), CARDS_IN_A_ROW):
        columns = st.columns(CARDS_IN_A_ROW, gap="small")
        for column, area in zip(columns, plan.areas[start:], strict=False):
            with column, st.container(border=True, height="stretch", gap="small"):
                _show_card(area, opened, lang)


def _show_card(area: Area, opened: Area | None, lang: str) -> None:
    chosen = opened is not None and opened.item.id == area.item.id
    one = f" · {escape_markdown(area.one.title[lang])}" if area.one else ""
    mark = "" if titled(area, lang) else f" :orange-badge[{translate('plan.unsourced', lang)}]"
    st.markdown(f":small[**{area.number}**{one}{mark}]")
    st.button(
        escape_markdown(area.item.title[lang]), key=f"plan.area.{area.item.id}", width="stretch",
        type="primary" if chosen else "secondary",
        on_click=_open, args=(None if chosen else area.item.id,),
    )  # fmt: skip
    st.caption(escape_markdown(" · ".join(count_words(area, lang))))


def _open(area: str | None) -> None:
    change_view(area=area)


def show_area(plan: Plan, area: Area, day: dt.date, known_by: dt.date, lang: str) -> list[Layer]:
    """One area: measures, tasks, bodies, open questions, map; returns the layers drawn."""
    st.header(escape_markdown(area_words(area, lang)))
    st.markdown("  \n".join(_heading_sources(area, lang)))
    left, right = st.columns(2, gap="large")
    with left:
        _show_measures(plan, area, lang)
    with right:
        _show_bodies(area, lang)
        _show_questions(area, lang)
    return _show_map(area, day, known_by, lang)


def _heading_sources(area: Area, lang: str) -> list[str]:
    """Where the area's title and its "one" were read."""
    lines = [translate("plan.title_sources", lang, sources=links(area.item.source_urls))]
    if area.one:
        words = translate("plan.one_of", lang, one=escape_markdown(area.one.title[lang]))
        lines.append(" ".join([words, *badges(area.one, lang), *small(area.one, lang)]))
    return [f":small[{lines[0]}]", *lines[1:]]


def _show_measures(plan: Plan, area: Area, lang: str) -> None:
    show_heading(translate("plan.measures", lang, count=len(area.measures)))
    if not area.measures:
        st.info(translate("plan.measures_none", lang))
    show_statements(area.measures, lang)
    if area.tasks:
        show_heading(translate("plan.tasks", lang, count=len(area.tasks)))
        titles = {item.id: item.title[lang] for item in plan.measures}
        for task in area.tasks:
            _show_task(task, titles, lang)
    if area.facts:
        show_heading(translate("plan.context", lang))
        show_statements(area.facts, lang)


def _show_task(task: Item, titles: dict[str, str], lang: str) -> None:
    """A task with its number, if it is known, and the measures that belong to it."""
    if task.number:
        st.caption(translate("plan.task_number", lang, number=task.number))
    show_statements([task], lang)
    if task.measures:
        named = ("、" if lang == "zh" else ", ").join(titles[name] for name in task.measures)
        st.caption(escape_markdown(f"{translate('plan.measures_of', lang)} {named}"))


def _show_bodies(area: Area, lang: str) -> None:
    show_heading(translate("plan.bodies", lang))
    if not area.bodies:
        st.info(translate("plan.bodies_none", lang))
    show_statements(area.bodies, lang)


def _show_questions(area: Area, lang: str) -> None:
    show_heading(translate("plan.questions", lang, count=len(area.questions)))
    show_statements(area.questions, lang)


def _show_map(area: Area, day: dt.date, known_by: dt.date, lang: str) -> list[Layer]:
    """The layers that an area touches, as of the day, and a list that is the map's twin."""
    show_heading(translate("plan.map", lang, count=len(area.layers)))
    if not area.layers:
        st.info(translate("plan.map_none", lang))
        return []
    editions = outputs.find_editions(_choose_layers(area, lang), known_by, lang)
    districts = outputs.edition_or_none("districts", known_by)
    below, urls = outputs.draw_background(known_by, day)
    drawn = [cache.draw_layer(cache.folder(), edition, districts, day) for edition in editions]
    document = map_document([*below, *(entry for entry, _ in drawn)], day=day, known_by=known_by)
    urls |= {entry.id: url for entry, url in drawn}
    outputs.show_document(document, urls, lang=lang, key="atlas-plan", height=MAP_HEIGHT)
    layers = [cache.read_layer(cache.folder(), edition) for edition in editions]
    for layer, (entry, _) in zip(layers, drawn, strict=True):
        words = translate(
            "plan.map_counts", lang, layer=layer.info.title[lang], day=day.isoformat(),
            count=entry.features["id"].nunique(),
        )  # fmt: skip
        st.markdown(f"- {escape_markdown(words)}")
    _link_features(area, known_by, lang)
    names = tuple(layer.info.id for layer in layers) or area.layers
    query = link_query(layers=names, place=None)
    st.page_link(EXPLORE, label=translate("plan.on_map", lang), query_params=query)
    return layers


def _choose_layers(area: Area, lang: str) -> tuple[str, ...]:
    """Which of its layers the map draws: at first those of the area itself, if it names any."""
    titles = {name: read_info(cache.folder(), name).title[lang] for name in area.layers}
    chosen = st.pills(
        translate("plan.map_layers", lang), list(area.layers), selection_mode="multi",
        default=list(area.item.layers or area.layers), format_func=titles.__getitem__,
        key=f"plan.layers.{area.item.id}",
    )  # fmt: skip
    return tuple(name for name in area.layers if name in chosen)


def _link_features(area: Area, known_by: dt.date, lang: str) -> None:
    """Features that items name, each a link to its entry in the catalogue."""
    named = [link for name in area.features if (link := _link(name, known_by, lang))]
    if named:
        st.markdown(f"{translate('plan.map_features', lang)}: " + " · ".join(named))


def _link(address: str, known_by: dt.date, lang: str) -> str:
    layer, _, feature = address.partition(":")
    edition = outputs.edition_or_none(layer, known_by)
    found: list[Place] = cache.features(edition) if edition else []
    name = next(
        (p.name_zh if lang == "zh" else p.name_en for p in found if p.id == feature), address
    )
    target = to_address(link_query(place=address), CATALOGUE.split("/")[1].removesuffix(".py"))
    return f"[{escape_markdown(name)}]({target.removeprefix('/')})"
