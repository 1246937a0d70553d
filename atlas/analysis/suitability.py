"""A weighted overlay: scores of cells from 0 to 100, put together by weights that anyone can see.

Arrays in, arrays out. A cell of which one weighed criterion is not known has no score: what is
unknown stays unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Geod
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BEST, WORST = 100.0, 0.0
CANDIDATES = 3
"""Places near by the straight way through the earth whose way along the ellipsoid is measured."""
Floats = np.ndarray[Any, np.dtype[np.float64]]


def falling(values: Floats, *, best: float, worst: float) -> Floats:
    """Score that falls evenly from 100 at ``best`` (and below) to 0 at ``worst`` (and above).

    >>> falling(np.array([0.0, 10.0, 30.0, 90.0]), best=10, worst=50).tolist()
    [100.0, 100.0, 50.0, 0.0]
    """
    scores: Floats = np.clip((worst - values) / (worst - best), 0.0, 1.0) * BEST
    return scores


def looked_up(classes: Floats, scores: Mapping[int, float]) -> Floats:
    """Score of each class; NaN for a class without one.

    >>> looked_up(np.array([1.0, 7.0]), {1: 20.0}).tolist()
    [20.0, nan]
    """
    found = np.full(classes.shape, np.nan)
    for value, score in scores.items():
        found[classes == value] = score
    return found


def overlay(scores: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Weighted mean of scores; NaN where a score that has a weight is NaN.

    Parameters
    ----------
    scores
        One array a criterion, of one shape.
    weights
        One weight a criterion, none negative; only their ratio counts.

    Raises
    ------
    ValueError
        If no weight is positive, or one is negative.

    >>> overlay([np.array([100.0, 50.0]), np.array([0.0, np.nan])], [3, 1]).tolist()
    [75.0, nan]
    """
    if min(weights, default=0) < 0 or sum(weights) <= 0:
        raise ValueError("weights are not negative, and at least one is positive")
    total = np.zeros(scores[0].shape)
    for score, weight in zip(scores, weights, strict=True):
        if weight:
            total = total + score * weight
    return total / sum(weights)


def nearest_km(places: Floats, targets: Floats) -> Floats:
    """Geodesic distance in km from each place to the nearest of some targets.

    Parameters
    ----------
    places, targets
        n × 2, m × 2: longitude and latitude in degrees of EPSG:4326.

    Returns
    -------
    numpy.ndarray
        Infinite if there is no target.
    """
    if len(targets) == 0:
        return np.full(len(places), np.inf)
    number = min(CANDIDATES, len(targets))
    _, near = KDTree(_in_space(targets)).query(_in_space(places), k=number)
    near = near.reshape(len(places), number)
    held = targets[near.ravel()]
    start = np.repeat(places, number, axis=0)
    _, _, metres = Geod(ellps="WGS84").inv(start[:, 0], start[:, 1], held[:, 0], held[:, 1])
    shortest: Floats = np.asarray(metres).reshape(len(places), number).min(axis=1) / 1000.0
    return shortest


def _in_space(degrees: Floats) -> Floats:
    lon, lat = np.radians(degrees.T)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
