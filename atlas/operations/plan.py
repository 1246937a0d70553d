"""The action plan: its areas at a glance, and where its cycle stands on a day."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.analysis.indicator_list import of_area
from atlas.core.register import (
    AREA,
    BODY,
    FACT,
    MEASURE,
    MILESTONE,
    ONE,
    PLAN,
    QUESTION,
    TASK,
    Item,
    Register,
)
from atlas.core.text import near_words
from atlas.errors import AreaUnknown
from atlas.io import catalogue
from atlas.operations.find import known_editions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from atlas.core.register import Texts

ACTION_PLAN = "action-plan"
OWN = "plan"
"""Group of the milestones of the plan itself."""
PAST, TODAY, COMING = "past", "today", "coming"
LEAP_DAY = (2, 29)
FIRST_YEAR = 1900
TREND_YEARS = 6
"""How many anniversaries a trend holds."""


@dataclass(frozen=True)
class Area:
    """An area of the plan and everything that is known of it.

    ``layers`` are all that its items touch, those of its ``features`` too; ``indicators`` are
    the atlas's own choice (`atlas.analysis.indicator_list`), and what its items name besides.
    """

    item: Item
    one: Item | None
    facts: tuple[Item, ...]
    measures: tuple[Item, ...]
    tasks: tuple[Item, ...]
    questions: tuple[Item, ...]
    bodies: tuple[Item, ...]
    layers: tuple[str, ...]
    features: tuple[str, ...]
    indicators: tuple[str, ...]

    @property
    def number(self) -> int:
        """Number of the area in the plan."""
        return self.item.number or 0

    @property
    def heading_only(self) -> bool:
        """Whether no page was read that says more than the area's heading."""
        return not (self.measures or self.tasks or self.facts)


@dataclass(frozen=True)
class Stage:
    """A milestone of the cycle on a day: past, today or coming, and how many days off."""

    item: Item
    state: str
    days_off: int


@dataclass(frozen=True)
class Plan:
    """The plan as one edition of its register tells it."""

    register: Register
    head: Item
    areas: tuple[Area, ...]

    @property
    def measures(self) -> tuple[Item, ...]:
        """Measures read, of all areas."""
        return self.register.of(MEASURE)

    @property
    def tasks(self) -> tuple[Item, ...]:
        """Tasks of the plan that somebody entered, of all areas."""
        return self.register.of(TASK)

    @property
    def unplaced(self) -> tuple[Item, ...]:
        """Measures of which it is not known to which task they belong."""
        placed = {name for task in self.tasks for name in task.measures}
        return tuple(item for item in self.measures if item.id not in placed)

    def area(self, name: str) -> Area:
        """One area by its id or its number.

        Raises
        ------
        AreaUnknown
            If there is none; names those that there are.
        """
        for area in self.areas:
            if name in (area.item.id, str(area.number)):
                return area
        ids = [area.item.id for area in self.areas]
        known = ", ".join(near_words(name, ids) or ids)
        raise AreaUnknown(area=name[:60], known=known)


def read_plan(folder: Path, *, known_by: dt.date, edition: int | None = None) -> Plan:
    """The plan as published by a day, or at an edition.

    Raises
    ------
    LayerNotFound, EditionNotFound, HashMismatch, FileDamaged
        If there is no register, none by that day, or it is damaged.
    """
    found = catalogue.find_edition(folder, ACTION_PLAN, known_by=known_by, number=edition)
    return to_plan(catalogue.read_register(folder, found))


def to_plan(register: Register) -> Plan:
    """The plan that a register tells, area by area."""
    areas = sorted(register.of(AREA), key=lambda item: item.number or 0)
    return Plan(register, register.of(PLAN)[0], tuple(_area(register, item) for item in areas))


def area_titles(folder: Path, *, known_by: dt.date) -> dict[int, Texts]:
    """Titles of the areas by their numbers; none if there is no register by that day."""
    if not known_editions(folder, [ACTION_PLAN], known_by=known_by):
        return {}
    plan = read_plan(folder, known_by=known_by)
    return {area.number: area.item.title for area in plan.areas}


def _area(register: Register, item: Item) -> Area:
    held = {kind: register.in_area(kind, item.id) for kind in (FACT, MEASURE, TASK, QUESTION)}
    linked = [item, *held[MEASURE], *held[TASK], *held[FACT]]
    features = _once(name for entry in linked for name in entry.features)
    layers = _once(name for entry in linked for name in entry.layers)
    bodies = _once(name for entry in linked for name in entry.bodies)
    own = [indicator.id for indicator in of_area(item.number or 0)]
    return Area(
        item=item,
        one=next(iter(register.in_area(ONE, item.id)), None),
        facts=held[FACT],
        measures=held[MEASURE],
        tasks=held[TASK],
        questions=held[QUESTION],
        bodies=tuple(entry for entry in register.of(BODY) if entry.id in bodies),
        layers=_once([*layers, *(name.partition(":")[0] for name in features)]),
        features=features,
        indicators=_once([*own, *(name for entry in linked for name in entry.indicators)]),
    )


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def anniversary(day: dt.date, years: int) -> dt.date:
    """The same day some years later; 29 February becomes the 28th where a year has none.

    >>> anniversary(dt.date(2024, 2, 29), 1).isoformat()
    '2025-02-28'
    """
    year = day.year + years
    short = (day.month, day.day) == LEAP_DAY and not calendar.isleap(year)
    return day.replace(year=year, day=28 if short else day.day)


def trend_days(baseline: dt.date, day: dt.date) -> list[dt.date]:
    """Days of a trend: anniversaries of the baseline before a day, and the day itself.

    The baseline is among them if it is one of the last :data:`TREND_YEARS` anniversaries.

    >>> [d.year for d in trend_days(dt.date(2025, 10, 9), dt.date(2026, 11, 25))]
    [2021, 2022, 2023, 2024, 2025, 2026, 2026]
    """
    before = [
        anniversary(baseline, year - baseline.year) for year in range(FIRST_YEAR, day.year + 1)
    ]
    return [*[asked for asked in before if asked < day][-TREND_YEARS:], day]


def cycle_years(plan: Plan) -> tuple[tuple[dt.date, dt.date], ...]:
    """First day of each year of the cycle, and the day after its last.

    Counted from the day on which the plan was announced: no source gives other days.
    """
    start, years = dt.date.fromisoformat(plan.head.day or ""), plan.head.cycle_years or 0
    return tuple((anniversary(start, n), anniversary(start, n + 1)) for n in range(years))


def year_of_cycle(plan: Plan, day: dt.date) -> int:
    """Which year of the cycle a day lies in: 1, 2 …; 0 before it, one more than the last after.

    A year is closed at its start, open at its end.
    """
    return sum(start <= day for start, _ in cycle_years(plan)) + (day >= cycle_years(plan)[-1][1])


def stages(plan: Plan, day: dt.date) -> tuple[Stage, ...]:
    """Milestones of the plan itself, in order, as they stand on a day.

    A past milestone is a day that has gone by: whether what was due was done is another matter.
    """
    own = [item for item in plan.register.of(MILESTONE) if item.group == OWN]
    return tuple(_stage(item, day) for item in sorted(own, key=lambda item: item.day or ""))


def _stage(item: Item, day: dt.date) -> Stage:
    first = dt.date.fromisoformat(item.day or "")
    last = dt.date.fromisoformat(item.until or item.day or "")
    if last < day:
        return Stage(item, PAST, (last - day).days)
    return Stage(item, COMING if first > day else TODAY, max((first - day).days, 0))
