"""Find the assumptions that come nearest to published times: least absolute deviation.

While the ways of the trains stay the same their times are simple sums: minutes of running at the
design speed by class, divided by the factor of the class; stops, whose loss grows with the speed;
and what nothing changes. So a grid of values is searched on the sums alone, then the ways are
sought again with the values found, until they bring no better ones. Nothing is random.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.rail_states import EXPRESS, STOPPING, StateGraph
from atlas.analysis.travel_time import Assumptions, design_kmh, factor_name, stop_loss_min

if TYPE_CHECKING:
    from collections.abc import Sequence

FACTORS = ("factor_fast", "factor_medium", "factor_early", "factor_slow")
FACTOR_GRID = np.round(np.arange(0.50, 1.001, 0.01), 4)
SHARE_GRID = np.round(np.arange(0.0, 1.001, 0.1), 4)
RUN_ON_GRID = np.round(np.arange(0.0, 12.001, 1.0), 4)
ROUNDS_MOST = 30


@dataclass(frozen=True, eq=False)
class Sums:
    """What the time of each case is made of; cases on the first axis, classes on the second.

    Attributes
    ----------
    running
        Minutes at the design speed, by class of :data:`FACTORS`.
    express, stopping
        Sums of the design speeds, by class, at which expresses and stopping trains pass stations
        that they may stop at.
    stopped
        The same of stations where the passenger boards or gets off, each half a stop.
    passes
        How many stations expresses and stopping trains pass (cases × 2).
    run_ons
        How often a train goes on to another line.
    fixed
        Minutes that none of the sought values changes.
    """

    running: np.ndarray
    express: np.ndarray
    stopping: np.ndarray
    stopped: np.ndarray
    passes: np.ndarray
    run_ons: np.ndarray
    fixed: np.ndarray


def sums_of(graph: StateGraph, before: np.ndarray, ends: Sequence[int], rows: Sequence[int]
            ) -> Sums:  # fmt: skip
    """Take apart the ways that lead to some states.

    Parameters
    ----------
    graph
        States and edges.
    before
        Predecessors (origins × states).
    ends, rows
        The last state of each way, and its row of ``before``.
    """
    parts = [_parts(graph, before[row], end) for row, end in zip(rows, ends, strict=True)]
    columns = zip(*parts, strict=True)
    return Sums(*(np.array(column) for column in columns))


def _parts(
    graph: StateGraph, before: np.ndarray, end: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, float, float]:
    running, stopped = np.zeros(len(FACTORS)), np.zeros(len(FACTORS))
    passed, passes = np.zeros((2, len(FACTORS))), np.zeros(2)
    run_ons = fixed = 0.0
    state = end
    while before[state] >= 0:
        prior = int(before[state])
        one, other = int(graph.section[prior]), int(graph.section[state])
        on_train = np.isin(graph.kind[[prior, state]], (EXPRESS, STOPPING))
        if on_train.all() and one == other and graph.station[prior] != graph.station[state]:
            km = abs(graph.at_km[state] - graph.at_km[prior])
            running[_class(graph, one)] += km / _design(graph, one) * 60.0
        elif on_train.all():
            run_ons += one != other
            if _may_stop(graph, prior, state):
                kind = int(graph.kind[state])
                passes[kind] += 1.0
                for number in (one, other):
                    passed[kind, _class(graph, number)] += _design(graph, number) / 2.0
        elif on_train.any():
            number = max(one, other)
            stopped[_class(graph, number)] += _design(graph, number) / 2.0
        else:
            fixed += float(graph.minutes[prior, state])
        state = prior
    return running, passed[EXPRESS], passed[STOPPING], stopped, passes, run_ons, fixed


def _may_stop(graph: StateGraph, *states: int) -> bool:
    """Whether a train may stop where it passes: one can get off there, or board."""
    count = graph.count
    return any(
        graph.minutes[state, graph.station[state] + count] > 0
        or graph.minutes[graph.station[state], state] > 0
        for state in states
    )


def _design(graph: StateGraph, section: int) -> float:
    return design_kmh(graph.network.sections[section])


def _class(graph: StateGraph, section: int) -> int:
    return FACTORS.index(factor_name(graph.network.sections[section]))


def times_of(sums: Sums, assumed: Assumptions) -> np.ndarray:
    """Minutes of each case."""
    factors = np.array([getattr(assumed, name) for name in FACTORS])
    shares = (assumed.express_share, assumed.stopping_share)
    return _times(sums, factors, shares, assumed.run_on_min, assumed)


def _times(
    sums: Sums, factors: np.ndarray, shares: tuple[float, float], run_on: float,
    assumed: Assumptions,
) -> np.ndarray:  # fmt: skip
    """Minutes of each case; ``factors`` may have leading axes (… × classes), and so the result."""
    loss = stop_loss_min(1.0, assumed.acceleration_ms2, assumed.braking_ms2)
    met = sums.stopped + shares[0] * sums.express + shares[1] * sums.stopping
    slowing = loss * (met * factors[..., None, :]).sum(axis=-1)
    running = (sums.running / factors[..., None, :]).sum(axis=-1)
    dwelling = (sums.passes @ np.array(shares)) * assumed.dwell_min
    return np.asarray(running + slowing + dwelling + sums.run_ons * run_on + sums.fixed)


def fit_sums(sums: Sums, minutes: np.ndarray, start: Assumptions) -> tuple[Assumptions, float]:
    """Values with the smallest mean absolute error, as a share of the published minutes.

    For all shares of stops and costs of running on of the grid the factors are sought one after
    another until none brings anything; of equal values the first of the grid counts.

    Returns
    -------
    assumptions, error
        ``start`` with the values found, and their error.
    """
    best, least = start, _error(times_of(sums, start), minutes)
    for express, stopping, run_on in product(SHARE_GRID, SHARE_GRID, RUN_ON_GRID):
        shares = (float(express), float(stopping))
        factors, error = _best_factors(sums, minutes, shares, float(run_on), start)
        if error < least - 1e-9:
            values = dict(zip(FACTORS, factors.tolist(), strict=True))
            best = replace(start, express_share=shares[0], stopping_share=shares[1],
                           run_on_min=float(run_on), **values)  # fmt: skip
            least = error
    return best, least


def _best_factors(
    sums: Sums,
    minutes: np.ndarray,
    shares: tuple[float, float],
    run_on: float,
    start: Assumptions,
) -> tuple[np.ndarray, float]:
    factors = np.array([getattr(start, name) for name in FACTORS])
    least = np.inf
    for _ in range(ROUNDS_MOST):
        before = least
        for place in range(len(FACTORS)):
            tried = np.repeat(factors[None, :], len(FACTOR_GRID), axis=0)
            tried[:, place] = FACTOR_GRID
            errors = np.abs(_times(sums, tried, shares, run_on, start) / minutes - 1.0).mean(
                axis=-1
            )
            choice = int(errors.argmin())
            if errors[choice] < least - 1e-12:
                least, factors = float(errors[choice]), tried[choice]
        if least >= before - 1e-12:
            break
    return factors, least


def _error(times: np.ndarray, minutes: np.ndarray) -> float:
    return float(np.abs(times / minutes - 1.0).mean())
