"""What the shortest ways say of stations: how near to all others, how many ways lead over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.journeys import PairTable, steps_of

if TYPE_CHECKING:
    from atlas.analysis.rail_states import StateGraph


def harmonic_closeness(minutes: np.ndarray) -> np.ndarray:
    """Mean of 60 ÷ minutes to all others: how many of them an hour is worth, on average.

    Parameters
    ----------
    minutes
        Between every two of some places (n × n), infinite where no train leads.

    Returns
    -------
    numpy.ndarray
        One number a place; a place that no train reaches counts as 0 (Marchiori and Latora 2000:
        the harmonic mean takes disconnected networks).
    """
    count = len(minutes)
    if count < 2:  # noqa: PLR2004 - nothing to be near to
        return np.zeros(count)
    with np.errstate(divide="ignore"):
        near = 60.0 / np.asarray(minutes, dtype=float)
    near[np.isinf(minutes)] = 0.0
    np.fill_diagonal(near, 0.0)
    return np.asarray(near.sum(axis=1) / (count - 1))


def ways_over(table: PairTable, ends: np.ndarray) -> np.ndarray:
    """How many of the fastest ways between some stations lead over each station.

    A way leads over a station if it calls there or turns there onto another line, and the
    station is not one of its ends. Of ways that take equally long one counts, as in the tables
    of journeys. The counts of a tree of shortest ways are summed from its leaves (the
    accumulation of Brandes 2001 with one predecessor a state).

    Parameters
    ----------
    table
        Ways from the origins of its rows.
    ends
        Positions of the stations that ways lead to.

    Returns
    -------
    numpy.ndarray
        One number a station of the network; each pair counts in both directions if both ends
        are origins.
    """
    graph = table.graph
    rows = np.arange(len(table.origins))
    flow = np.zeros(table.at.shape)
    arrived = np.asarray(ends) + graph.count
    flow[:, arrived] = np.isfinite(table.at[:, arrived])
    flow[rows, table.origins + graph.count] = 0.0
    over = np.zeros(graph.count)
    for row, here in reversed(steps_of(table.before)):
        there = table.before[row, here]
        np.add.at(flow, (row, there), flow[row, here])
        enters = graph.station[here] != graph.station[there]
        np.add.at(over, graph.station[here[enters]], flow[row[enters], here[enters]])
    own = _arrivals(graph, table, ends)
    return np.asarray(over - own)


def _arrivals(graph: StateGraph, table: PairTable, ends: np.ndarray) -> np.ndarray:
    """Ways that end at each station."""
    reached = np.isfinite(table.minutes[:, ends])
    reached[table.origins[:, None] == np.asarray(ends)[None, :]] = False
    count = np.zeros(graph.count)
    count[ends] = reached.sum(axis=0)
    return count


def detour(km: np.ndarray, straight_km: np.ndarray) -> np.ndarray:
    """Kilometres on trains ÷ the straight way; NaN where there is none or it is no way at all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.asarray(km, dtype=float) / np.asarray(straight_km, dtype=float)
    factor[~np.isfinite(factor) | (np.asarray(km) <= 0)] = np.nan
    return np.asarray(factor)
