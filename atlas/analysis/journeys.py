"""Fastest journeys: minutes between all stations, from a few, and what one journey is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components, dijkstra

from atlas.analysis.rail_states import STREET, StateGraph

NOBODY = -9999
"""Predecessor of a state that has none (scipy's)."""


@dataclass(frozen=True)
class Leg:
    """A part of a journey on one section of a line, or a change between two.

    ``section`` is a position among the network's sections, -1 for a change; ``start`` and ``end``
    are positions of stations. ``kind`` is one of :mod:`atlas.analysis.rail_states`'s.
    """

    section: int
    kind: int
    start: int
    end: int
    km: float
    minutes: float

    @property
    def riding(self) -> bool:
        """Whether it is on a train."""
        return self.section >= 0


@dataclass(frozen=True)
class Journey:
    """The fastest way from one station to another.

    ``minutes`` runs from departure to arrival, changes included, boarding not. ``changes`` is how
    often the passenger gets off one train and boards another.
    """

    start: int
    end: int
    minutes: float
    legs: tuple[Leg, ...]

    @property
    def km(self) -> float:
        """Kilometres on trains."""
        return sum(leg.km for leg in self.legs)

    @property
    def changes(self) -> int:
        """How often another train is boarded."""
        riding = [leg.riding for leg in self.legs]
        between = range(1, len(riding) - 1)
        return sum(not riding[place] and riding[place - 1] and riding[place + 1]
                   for place in between)  # fmt: skip

    @property
    def sections(self) -> tuple[int, ...]:
        """Sections that it runs over, in order."""
        return tuple(leg.section for leg in self.legs if leg.riding)


@dataclass(frozen=True, eq=False)
class Tree:
    """Fastest ways from the nearest of some stations to all others.

    ``minutes`` is by station, infinite where no train leads; ``at`` and ``before`` are minutes and
    predecessor by state.
    """

    graph: StateGraph
    origins: np.ndarray
    minutes: np.ndarray
    at: np.ndarray
    before: np.ndarray

    def journey(self, station: int) -> Journey | None:
        """The way to a station; None if no train leads there."""
        return _journey(self.graph, self.at, self.before, station)


def from_stations(graph: StateGraph, origins: np.ndarray) -> Tree:
    """Fastest ways from the nearest of some stations.

    Parameters
    ----------
    graph
        The states of a day's network.
    origins
        Positions of stations, one at least.
    """
    at, before, _ = dijkstra(
        graph.minutes, indices=np.asarray(origins), return_predecessors=True, min_only=True
    )
    minutes = at[graph.count : 2 * graph.count].copy()
    minutes[origins] = 0.0
    return Tree(graph, np.asarray(origins), minutes, at, before)


def all_pairs(graph: StateGraph, origins: np.ndarray | None = None) -> np.ndarray:
    """Minutes from each station to each other.

    Parameters
    ----------
    graph
        The states of a day's network.
    origins
        Positions of stations to start from; all by default.

    Returns
    -------
    numpy.ndarray
        Origins × stations, from departure to arrival; infinite where no train leads, 0 from a
        station to itself.
    """
    start = np.arange(graph.count) if origins is None else np.asarray(origins)
    at = dijkstra(graph.minutes, indices=start)
    minutes: np.ndarray = at[:, graph.count : 2 * graph.count].copy()
    minutes[np.arange(len(start)), start] = 0.0
    return minutes


def groups(graph: StateGraph) -> np.ndarray:
    """Which stations trains join: the number of its group by station, the largest group is 0."""
    _, label = connected_components(graph.minutes, directed=False)
    own = label[: graph.count]
    _, inverse, size = np.unique(own, return_inverse=True, return_counts=True)
    rank: np.ndarray = np.empty(len(size), dtype=int)
    rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
    return np.asarray(rank[inverse])


@dataclass(frozen=True, eq=False)
class PairTable:
    """Journeys from some stations to all: origins × stations, and their predecessors.

    ``minutes``, ``km`` on trains and ``changes``; NaN kilometres and -1 changes where no train
    leads.
    """

    graph: StateGraph
    origins: np.ndarray
    minutes: np.ndarray
    km: np.ndarray
    changes: np.ndarray
    at: np.ndarray
    before: np.ndarray

    def journey(self, origin: int, station: int) -> Journey | None:
        """The way from the origin of a row to a station; None if no train leads there."""
        return _journey(self.graph, self.at[origin], self.before[origin], station)


def pair_table(graph: StateGraph, origins: np.ndarray) -> PairTable:
    """Minutes, kilometres and changes from some stations to all."""
    start = np.asarray(origins)
    at, before = dijkstra(graph.minutes, indices=start, return_predecessors=True)
    km, changes = _gather(graph, at, before)
    last = slice(graph.count, 2 * graph.count)
    minutes, far, changed = at[:, last].copy(), km[:, last].copy(), changes[:, last].copy()
    far[~np.isfinite(minutes)], changed[~np.isfinite(minutes)] = np.nan, -1
    row = np.arange(len(start))
    minutes[row, start], far[row, start], changed[row, start] = 0.0, 0.0, 0
    return PairTable(graph, start, minutes, far, changed, at, before)


def _gather(graph: StateGraph, at: np.ndarray, before: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kilometres and changes up to each state (origins × states), from step to step."""
    km, changes = np.zeros(at.shape), np.zeros(at.shape, dtype=int)
    count = graph.count
    for row, here in steps_of(before):
        there = before[row, here]
        same = (graph.section[here] == graph.section[there]) & (graph.section[here] >= 0)
        step = np.where(same, np.abs(graph.at_km[here] - graph.at_km[there]), 0.0)
        boards = (there >= count) & (there < 2 * count) & (here < count)
        km[row, here] = km[row, there] + step
        changes[row, here] = changes[row, there] + boards
    return km, changes


def steps_of(before: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """States by the number of steps that lead to them: rows and states of one step, of two.

    Parameters
    ----------
    before
        Predecessors by state (origins × states), :data:`NOBODY` where there is none.

    Returns
    -------
    list of tuple
        The predecessor of each state is in an earlier group, or begins its way.
    """
    rows = np.arange(len(before))[:, None]
    depth = (before != NOBODY).astype(int)
    back = np.where(before == NOBODY, np.arange(before.shape[1])[None, :], before)
    while True:
        # Twice as far back each time, until every way has come to its beginning.
        further = depth[rows, back]
        if not further.any():
            break
        depth += further
        back = back[rows, back]
    row, state = np.nonzero(depth)
    order = np.argsort(depth[row, state], kind="stable")
    row, state = row[order], state[order]
    ends = np.cumsum(np.bincount(depth[row, state])[1:])
    return list(zip(np.split(row, ends[:-1]), np.split(state, ends[:-1]), strict=True))


def _journey(graph: StateGraph, at: np.ndarray, before: np.ndarray, station: int) -> Journey | None:
    states = [station + graph.count]
    if not np.isfinite(at[states[0]]):
        # The station itself, where the way begins, is not one that a train arrives at.
        return Journey(station, station, 0.0, ()) if at[station] == 0 else None
    while before[states[-1]] != NOBODY:
        states.append(int(before[states[-1]]))
    states.reverse()
    start = int(graph.station[states[0]])
    if start == station:
        return Journey(station, station, 0.0, ())
    legs = _legs(graph, at, states)
    return Journey(start, station, float(at[states[-1]] - at[states[0]]), legs)


def _legs(graph: StateGraph, at: np.ndarray, states: list[int]) -> tuple[Leg, ...]:
    """States of a way as legs: a leg ends where the section changes, or the passenger gets off."""
    legs: list[Leg] = []
    begin = 0
    for place in range(1, len(states) + 1):
        ends = place == len(states) or (
            graph.section[states[place]] != graph.section[states[begin]]
        )
        if not ends:
            continue
        first, last = states[begin], states[place - 1]
        section = int(graph.section[first])
        # Boarding and getting off belong to the train; what is on foot lasts between them.
        since = states[begin - 1] if section >= 0 and begin else first
        until = states[place] if section >= 0 and place < len(states) else last
        if section >= 0 or first != last:
            until_min = at[until] if graph.kind[until] == STREET else at[last]
            since_min = at[since]
            legs.append(Leg(
                section, int(graph.kind[first]), int(graph.station[first]),
                int(graph.station[last]), float(abs(graph.at_km[last] - graph.at_km[first])),
                float(until_min - since_min),
            ))  # fmt: skip
        begin = place
    return tuple(legs)
