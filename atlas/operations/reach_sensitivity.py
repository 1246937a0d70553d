"""How much each assumption matters: reach with it a fifth smaller and a fifth larger."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.rail_states import state_graph
from atlas.analysis.travel_time import Assumptions
from atlas.operations.reach import Reach, reach_from

if TYPE_CHECKING:
    from atlas.operations.rail import Model

CHANGE = 0.2


@dataclass(frozen=True)
class Outcome:
    """What a set of assumptions gives: cities within the minutes, and the median to all others.

    ``area_km2`` is that of the circles, water and land beyond the delta included.
    """

    value: float
    cities: int
    median_min: float
    area_km2: float


@dataclass(frozen=True)
class Sensitivity:
    """One assumption with its outcome as it is, a fifth smaller and a fifth larger.

    Values stay in the range that the model takes.
    """

    name: str
    unit: str
    now: Outcome
    lower: Outcome
    upper: Outcome

    @property
    def spread(self) -> float:
        """By how many minutes the median differs between the two."""
        return abs(self.upper.median_min - self.lower.median_min)


def sensitivity(found: Reach, minutes: int) -> list[Sensitivity]:
    """Every assumption by itself, the one that matters most for the area first."""
    model = found.model
    rows = []
    for one in fields(Assumptions):
        value = float(getattr(model.assumed, one.name))
        ends = [_within(one.metadata, value * (1.0 + sign * CHANGE)) for sign in (-1, 1)]
        outcomes = [_outcome(found, one.name, end, minutes) for end in (value, *ends)]
        rows.append(Sensitivity(one.name, str(one.metadata["unit"]), *outcomes))
    return sorted(rows, key=lambda row: -abs(row.upper.area_km2 - row.lower.area_km2))


def _within(metadata: object, value: float) -> float:
    least, most = metadata["least"], metadata["most"]  # type: ignore[index]
    return float(min(max(value, least), most))


def _outcome(found: Reach, name: str, value: float, minutes: int) -> Outcome:
    model = _with(found.model, replace(found.model.assumed, **{name: value}))
    reach = reach_from(model, found.origin)
    finite = [city.minutes for city in reach.cities if 0 < city.minutes < np.inf]
    median = float(np.median(finite)) if finite else np.nan
    return Outcome(value, len(reach.within(minutes)), median, reach.shape(minutes).area / 1e6)


def _with(model: Model, assumed: Assumptions) -> Model:
    """The same network under other assumptions."""
    if assumed == model.assumed:
        return model
    graph = state_graph(model.network, assumed, model.named)
    return replace(model, assumed=assumed, graph=graph)
