"""The action plan for a terminal and for machines."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from atlas.i18n import translate
from atlas.operations.plan import cycle_years, stages, year_of_cycle
from atlas.operations.plan_words import (
    area_words,
    count_words,
    cycle_words,
    day_words,
    mark_words,
    note_words,
    read_words,
    stage_words,
)

if TYPE_CHECKING:
    from atlas.core.register import Item
    from atlas.operations.plan import Area, Plan

INDENT = "  "


def to_values(plan: Plan, *, day: dt.date, area: str | None = None) -> dict[str, Any]:
    """The plan as plain values for JSON: what its edition says, and where its cycle stands.

    Parameters
    ----------
    plan
        The plan at one edition.
    day
        Day on which the milestones are judged.
    area
        Id or number of the only area wanted; default all.

    Raises
    ------
    AreaUnknown
        If there is no such area.
    """
    edition = plan.register.edition
    areas = plan.areas if area is None else (plan.area(area),)
    return {
        "edition": edition.edition,
        "published": edition.published.isoformat(),
        "sha256": edition.sha256,
        "plan": item_values(plan.head),
        "read": {
            "measures": len(plan.measures), "tasks": plan.head.tasks, "entered": len(plan.tasks),
            "unplaced_measures": [item.id for item in plan.unplaced],
        },
        "areas": [area_values(entry) for entry in areas],
        "cycle": {
            "day": day.isoformat(),
            "year": year_of_cycle(plan, day),
            "years": [[first.isoformat(), after.isoformat()] for first, after in cycle_years(plan)],
            "stages": [
                item_values(stage.item) | {"state": stage.state, "days_off": stage.days_off}
                for stage in stages(plan, day)
            ],
        },
        "items": [item_values(item) for item in plan.register.items] if area is None else [],
    }  # fmt: skip


def item_values(item: Item) -> dict[str, Any]:
    """An item without the fields that it does not hold; whether it is sourced always stands."""
    held = {name: value for name, value in asdict(item).items() if value not in (None, "", (), {})}
    return held if item.sourced is None else held | {"unsourced": item.unsourced}


def area_values(area: Area) -> dict[str, Any]:
    """An area with the ids of everything that is known of it."""
    lists = ("facts", "measures", "tasks", "questions", "bodies")
    return {
        "id": area.item.id, "number": area.number, "title": area.item.title,
        "one": area.one.title if area.one else None, "heading_only": area.heading_only,
        **{name: [item.id for item in getattr(area, name)] for name in lists},
        "layers": area.layers, "features": area.features, "indicators": area.indicators,
    }  # fmt: skip


def to_text(plan: Plan, lang: str, *, day: dt.date, area: str | None = None) -> str:
    """The plan for a terminal: all areas in a line each, or one area with its items.

    Raises
    ------
    AreaUnknown
        If there is no such area.
    """
    lines = [*_statement(plan.head, lang), read_words(plan, lang), ""]
    if area is not None:
        return "\n".join([*lines, *_area_lines(plan.area(area), lang)]) + "\n"
    for entry in plan.areas:
        lines.append(area_words(entry, lang))
        lines.append(INDENT + " · ".join(count_words(entry, lang)))
    lines += ["", cycle_words(plan, day, lang)]
    for stage in stages(plan, day):
        words = (day_words(stage.item, lang), stage.item.title[lang], stage_words(stage, lang))
        lines.append(INDENT + "  ".join(words))
    own = plan.register.in_area("question", "")
    lines += ["", translate("plan.questions_plan", lang, count=len(own))]
    lines += [line for item in own for line in _statement(item, lang, INDENT)]
    return "\n".join([*lines, translate("plan.own_choice", lang)]) + "\n"


def _area_lines(area: Area, lang: str) -> list[str]:
    lines = [area_words(area, lang), " · ".join(count_words(area, lang))]
    for key, items in (
        ("measures", area.measures), ("tasks", area.tasks), ("context", area.facts),
        ("bodies", area.bodies), ("questions", area.questions),
    ):  # fmt: skip
        if items:
            lines += ["", translate(f"plan.{key}", lang, count=len(items))]
            lines += [line for item in items for line in _statement(item, lang, INDENT)]
    if not area.bodies:
        lines += ["", translate("plan.bodies_none", lang)]
    if area.layers:
        lines += ["", translate("plan.map", lang, count=len(area.layers))]
        lines += [INDENT + ", ".join((*area.layers, *area.features))]
    if area.indicators:
        lines += [translate("plan.count_indicators", lang, count=len(area.indicators))]
        lines += [INDENT + ", ".join(area.indicators)]
    return [*lines, "", translate("plan.own_choice", lang)]


def _statement(item: Item, lang: str, indent: str = "") -> list[str]:
    """A statement with its marks, its text, its notes and its pages."""
    marks = "".join(f" [{mark}]" for mark in mark_words(item, lang))
    lines = [f"{indent}{item.title[lang]}{marks}"]
    rest = [item.text[lang]] if item.text else []
    rest += [*note_words(item, lang), *item.source_urls]
    return lines + [f"{indent}{INDENT}{line}" for line in rest]
