"""An order of things in which similar ones stand together."""

from __future__ import annotations

import numpy as np

SAME = 1e-9
"""Similarity below this is none."""


def spectral_order(similarity: np.ndarray) -> np.ndarray:
    """Order things so that similar ones stand together.

    Groups that share nothing stand apart, the largest first, things that share nothing with any
    other last; inside a group the Fiedler vector of its similarity gives the order (Atkins,
    Boman, Hendrickson 1998).

    Parameters
    ----------
    similarity
        n × n, symmetric, 0 or more; missing values count as 0, the diagonal does not matter.

    Returns
    -------
    numpy.ndarray
        Positions; the same input gives the same order.

    Examples
    --------
    >>> links = np.zeros((4, 4))
    >>> links[0, 2] = links[2, 0] = links[2, 3] = links[3, 2] = 1
    >>> spectral_order(links).tolist()
    [0, 2, 3, 1]
    """
    weights = np.nan_to_num(similarity.astype(float))
    np.fill_diagonal(weights, 0.0)
    groups = sorted(_groups(weights > SAME), key=lambda group: (-len(group), group[0]))
    ordered = [_inside(weights, np.array(group)) for group in groups]
    return np.concatenate(ordered) if ordered else np.arange(0)


def _groups(linked: np.ndarray) -> list[list[int]]:
    """Things that are linked, directly or through others."""
    left = set(range(len(linked)))
    groups = []
    while left:
        met, edge = set(), {min(left)}
        while edge:
            met |= edge
            edge = {int(n) for thing in edge for n in np.flatnonzero(linked[thing])} - met
        groups.append(sorted(met))
        left -= met
    return groups


def _inside(weights: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Order of one group; it begins with the half whose things are the more alike to others."""
    if len(group) < 3:  # noqa: PLR2004 - nothing to order
        return group
    own = weights[np.ix_(group, group)]
    _, vectors = np.linalg.eigh(np.diag(own.sum(axis=1)) - own)
    order = np.argsort(np.round(vectors[:, 1], 9), kind="stable")
    strength, half = own.sum(axis=1)[order], len(order) // 2
    first, last = round(strength[:half].sum(), 9), round(strength[-half:].sum(), 9)
    forward = first > last or (first == last and order[0] < order[-1])
    return group[order if forward else order[::-1]]
