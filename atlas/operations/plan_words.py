"""The action plan in the words of one language; nothing in them claims more than its items."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from atlas.core.period import published_text
from atlas.core.register import REFERENCE, Item
from atlas.i18n import translate, word_of
from atlas.operations.plan import COMING, PAST, cycle_years, year_of_cycle

if TYPE_CHECKING:
    from atlas.operations.plan import Area, Plan, Stage

COUNTED = ("measures", "tasks", "bodies", "layers", "indicators", "questions")


def read_words(plan: Plan, lang: str) -> str:
    """How many measures were read, how many tasks the plan has, and what is not known of them."""
    key = "plan.read_tasks" if plan.tasks else "plan.read"
    return translate(
        key, lang, measures=len(plan.measures), tasks=plan.head.tasks, entered=len(plan.tasks),
        unplaced=len(plan.unplaced),
    )  # fmt: skip


def area_words(area: Area, lang: str) -> str:
    """An area in one line: its number, its "one" (marked if no page says so), its title."""
    one = area.one.title[lang] if area.one else ""
    if not titled(area, lang):
        one = translate("plan.marked", lang, words=one, mark=translate("plan.unsourced", lang))
    return translate(
        "plan.area_line", lang, number=area.number, one=one, title=area.item.title[lang]
    ).replace("  ", " ")


def titled(area: Area, lang: str) -> bool:
    """Whether a page says the area's "one" in a language; true where there is none."""
    return area.one is None or f"title_{lang}" not in area.one.unsourced


def count_words(area: Area, lang: str) -> list[str]:
    """What is known of an area, each count in words; what there is none of is left out."""
    counts = {name: len(getattr(area, name)) for name in COUNTED}
    told = [
        translate(f"plan.count_{name}", lang, count=count)
        for name, count in counts.items()
        if count
    ]
    return [translate("plan.heading_only", lang), *told] if area.heading_only else told


def fields_words(names: tuple[str, ...], lang: str) -> str:
    """Names of fields in words."""
    return ("、" if lang == "zh" else ", ").join(
        word_of("plan.field", name, lang) for name in names
    )


def mark_words(item: Item, lang: str) -> list[str]:
    """Short marks of what no page says: the whole statement, or some of its fields."""
    marks = [translate("plan.unsourced", lang)] if item.sourced is False else []
    if item.unsourced:
        marks.append(translate("plan.partly", lang, fields=fields_words(item.unsourced, lang)))
    return marks


def note_words(item: Item, lang: str) -> list[str]:
    """Where a statement was read if no page was kept, and why to be careful with it."""
    notes = [translate("plan.cited", lang, cited=item.cited[lang])] if item.cited else []
    return [*notes, translate("plan.doubt", lang, doubt=item.doubt[lang])] if item.doubt else notes


def day_words(item: Item, lang: str) -> str:
    """Day or period of an item as published; a day that no page says is marked as counted."""
    if not item.day:
        return ""
    day = published_text(item.day, item.day_precision or "day")
    if item.until:
        until = published_text(item.until, item.until_precision or "day")
        day = f"{day} – {until}"
    return translate("plan.counted", lang, day=day) if "day" in item.unsourced else day


def stage_words(stage: Stage, lang: str) -> str:
    """How a milestone stands on the day: how long ago, today, or how long to go."""
    if stage.state == PAST:
        key = "plan.stage_past_evaluation" if stage.item.number else "plan.stage_past"
        return translate(key, lang, days=-stage.days_off)
    if stage.state == COMING:
        return translate("plan.stage_coming", lang, days=stage.days_off)
    return translate("plan.stage_today", lang)


def cycle_words(plan: Plan, day: dt.date, lang: str) -> str:
    """Which year of the cycle a day lies in."""
    year, years = year_of_cycle(plan, day), len(cycle_years(plan))
    key = "before" if year == 0 else "year" if year <= years else "after"
    return translate(f"plan.cycle_{key}", lang, day=day.isoformat(), year=year, years=years)


def learn_words(item: Item, lang: str) -> str:
    """What the delta can learn from a reference, and who says so; empty for other items."""
    if item.kind != REFERENCE:
        return ""
    return translate(f"plan.learn_{item.learn_by}", lang, words=item.learn[lang])
