"""The yearly evaluation of the action plan: what its indicators were, what they are, and why.

An evaluation is a value of editions and days. It is made of what the layers hold, and says of each
area of the plan what that is; it does not say whether the plan was carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.analysis.indicator_list import AREAS, INDICATORS, of_area
from atlas.errors import EvaluationRefused
from atlas.operations.indicators import Change, Reading, Record, compare, measure, read_record

if TYPE_CHECKING:
    from atlas.core.layer import Edition

BASELINE = dt.date(2025, 10, 9)
"""The day on which the plan was announced as issued: before it nothing can be its work."""
DAYS_MOST = 12
"""Days of an assessment: columns that a page holds."""


@dataclass(frozen=True, eq=False)
class AreaEvaluation:
    """An area of the plan: its number and what its indicators did.

    ``changes`` are those of the indicators that belong to it first; ``others`` are ids of
    indicators told under another area that say something of this one too. Neither: the layers
    hold nothing of the area.
    """

    area: int
    changes: tuple[Change, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Every area of the plan on two days."""

    baseline: dt.date
    day: dt.date
    record: Record
    areas: tuple[AreaEvaluation, ...]

    @property
    def known_by(self) -> dt.date:
        """As published by which day."""
        return self.record.known_by

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Editions that it was made from."""
        return self.record.editions

    @property
    def changes(self) -> tuple[Change, ...]:
        """All indicators, in the order of the areas."""
        return tuple(change for area in self.areas for change in area.changes)


@dataclass(frozen=True, eq=False)
class Assessment:
    """Several evaluations side by side: the baseline and one day a year.

    ``days`` begins with the baseline; ``readings`` holds each indicator on every day;
    ``evaluation`` compares the baseline with the last day.
    """

    days: tuple[dt.date, ...]
    readings: dict[str, tuple[Reading, ...]]
    evaluation: Evaluation

    @property
    def record(self) -> Record:
        """The layers."""
        return self.evaluation.record


def evaluate(
    folder: Path, *, day: dt.date, known_by: dt.date, baseline: dt.date = BASELINE,
    record: Record | None = None,
) -> Evaluation:  # fmt: skip
    """Evaluate every area of the plan.

    Parameters
    ----------
    folder
        Where the layers lie.
    day, baseline
        The day evaluated, and the day that it is compared with.
    known_by
        As published by which day.
    record
        The layers, if they were read.

    Raises
    ------
    EvaluationRefused
        If the day is not after the baseline.
    LayerNotFound, EditionNotFound, HashMismatch, SchemaError, FileDamaged
        If a layer is missing or cannot be read.
    """
    if day <= baseline:
        problem = f"the day {day.isoformat()} is not after the baseline {baseline.isoformat()}"
        raise EvaluationRefused(problem=problem)
    held = record or read_record(folder, known_by=known_by)
    changes = {change.indicator.id: change for change in compare(held, baseline, day)}
    areas = tuple(_area(area, changes) for area in AREAS)
    return Evaluation(baseline, day, held, areas)


def _area(area: int, changes: dict[str, Change]) -> AreaEvaluation:
    own = [one for one in of_area(area) if one.areas[0] == area]
    others = tuple(one.id for one in of_area(area) if one.areas[0] != area)
    return AreaEvaluation(area, tuple(changes[one.id] for one in own), others)


def assess(
    folder: Path, *, days: Iterable[dt.date], known_by: dt.date, baseline: dt.date = BASELINE,
    record: Record | None = None,
) -> Assessment:  # fmt: skip
    """Put several days beside the baseline; else as :func:`evaluate`.

    Raises
    ------
    EvaluationRefused
        If there is no day, there are too many, or one is not after the baseline.
    """
    asked = tuple(sorted(set(days)))
    if not 0 < len(asked) <= DAYS_MOST:
        raise EvaluationRefused(problem=f"{len(asked)} days; give 1 to {DAYS_MOST}")
    if asked[0] <= baseline:
        problem = f"the day {asked[0].isoformat()} is not after the baseline {baseline.isoformat()}"
        raise EvaluationRefused(problem=problem)
    held = record or read_record(folder, known_by=known_by)
    evaluation = evaluate(folder, day=asked[-1], known_by=known_by, baseline=baseline, record=held)
    by_day = [measure(held, day) for day in asked[:-1]]
    last = {change.indicator.id: change for change in evaluation.changes}
    readings = {
        id_: (last[id_].old, *(row[place] for row in by_day), last[id_].new)
        for place, id_ in enumerate(INDICATORS)
    }
    return Assessment((baseline, *asked), readings, evaluation)
