"""Percentiles from windows: exact while they can be, near enough beyond."""

import numpy as np
import pytest

from atlas.analysis import ranks
from atlas.analysis.ranks import Ranks

SHARES = (0.05, 0.5, 0.95)


def weighted(values: np.ndarray, weights: np.ndarray) -> list[float]:
    """The least value for which the weight with at most that value is as large a share."""
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return [float(values[order][np.searchsorted(sums, share * sums[-1] * (1 - 1e-12))])
            for share in SHARES]  # fmt: skip


def filled(values: np.ndarray, weights: np.ndarray, zone: np.ndarray, *, whole: bool) -> Ranks:
    made = Ranks(whole=whole)
    for part in np.array_split(np.arange(len(values)), 5):
        ordered = part[np.argsort(zone[part], kind="stable")]
        ones = np.ones(len(ordered), np.int64)
        made.add(zone[ordered], ones, values[ordered], weights[ordered])
    return made


@pytest.mark.parametrize("whole", [True, False])
def test_few_numbers_are_exact(whole: bool) -> None:
    random = np.random.default_rng(1)
    values = random.integers(-500, 500, 3000).astype(float)
    weights, zone = random.random(3000), random.integers(0, 4, 3000)
    made = filled(values, weights, zone, whole=whole)
    found = made.percentiles(6, SHARES)
    assert made.precision == 0
    for number in range(4):
        own = zone == number
        assert found[number].tolist() == weighted(values[own], weights[own])
    assert np.isnan(found[4:]).all()


def test_many_fractional_numbers_are_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "EXACT_MOST", 5000)
    random = np.random.default_rng(3)
    values = random.lognormal(3, 2, 60_000) * random.choice([1, 1, 1, -1], 60_000)
    weights, zone = random.random(60_000), random.integers(0, 3, 60_000)
    made = filled(values, weights, zone, whole=False)
    assert 0 < made.precision < 1e-3
    found = made.percentiles(3, SHARES)
    for number in range(3):
        own = zone == number
        assert found[number] == pytest.approx(
            weighted(values[own], weights[own]), rel=2 * made.precision + 1e-3, abs=0.01
        )


@pytest.mark.parametrize("whole", [True, False])
def test_steps_widen_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch, whole: bool) -> None:
    for name, most in (("EXACT_MOST", 100), ("KEPT_MOST", 400), ("DENSE_MOST", 3000),
                       ("DENSE_LEAST", 50)):  # fmt: skip
        monkeypatch.setattr(ranks, name, most)
    random = np.random.default_rng(4)
    values = np.round(random.normal(0, 3000, 20_000)) if whole else random.normal(40, 9, 20_000)
    weights, zone = np.ones(20_000), random.integers(0, 5, 20_000)
    made = filled(values, weights, zone, whole=whole)
    assert made.precision > 0
    found = made.percentiles(5, SHARES)
    for number in range(5):
        exact = weighted(values[zone == number], weights[zone == number])
        off = np.abs(values[zone == number]).max() * 0.1
        assert found[number] == pytest.approx(exact, abs=off)


def test_nothing_has_no_percentiles() -> None:
    made = Ranks(whole=True)
    made.add(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))
    assert np.isnan(made.percentiles(2, SHARES)).all()
