"""The weighted overlay: scores, weights, distances; what is unknown stays unknown."""

import numpy as np
import pytest
from pyproj import Geod

from atlas.analysis.suitability import falling, looked_up, nearest_km, overlay

NAN = np.nan


def test_weights_count_by_their_ratio() -> None:
    scores = [np.array([100.0, 0.0]), np.array([0.0, 50.0])]
    assert overlay(scores, [3, 1]).tolist() == [75.0, 12.5]
    assert overlay(scores, [6, 2]).tolist() == [75.0, 12.5]


def test_a_criterion_without_weight_may_be_unknown() -> None:
    scores = [np.array([40.0, NAN]), np.array([NAN, 80.0])]
    assert overlay(scores, [1, 0]).tolist()[0] == 40
    assert np.isnan(overlay(scores, [1, 0])[1])
    assert np.isnan(overlay(scores, [1, 1])).all()


@pytest.mark.parametrize("weights", [[0, 0], [2, -1]])
def test_weights_that_say_nothing(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        overlay([np.zeros(1), np.zeros(1)], weights)


def test_scores_fall_evenly_and_classes_are_looked_up() -> None:
    found = falling(np.array([0.0, 5.0, 27.5, 50.0, np.inf]), best=5, worst=50)
    assert found.tolist() == [100, 100, 50, 0, 0]
    classes = np.array([[1.0, 2.0], [NAN, 9.0]])
    told = looked_up(classes, {1: 20.0, 2: 0.0})
    assert told[0].tolist() == [20, 0]
    assert np.isnan(told[1]).all()


def test_distances_are_geodesic_and_to_the_nearest() -> None:
    random = np.random.default_rng(1)
    places = random.uniform((115, 27), (123, 35), (60, 2))
    targets = random.uniform((115, 27), (123, 35), (25, 2))
    geod = Geod(ellps="WGS84")
    every = np.array([
        [geod.inv(*place, *target)[2] / 1000 for target in targets] for place in places
    ])  # fmt: skip
    assert nearest_km(places, targets) == pytest.approx(every.min(axis=1))
    assert nearest_km(places, targets[:1]) == pytest.approx(every[:, 0])
    assert np.isinf(nearest_km(places, np.empty((0, 2)))).all()
