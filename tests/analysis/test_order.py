"""Similar things stand together, and the same input gives the same order."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from atlas.analysis.order import spectral_order


def path(order: list[int]) -> np.ndarray:
    """Each thing is like the next one."""
    links = np.zeros((len(order), len(order)))
    for one, other in itertools.pairwise(order):
        links[one, other] = links[other, one] = 1.0
    return links


def blocks(*groups: list[int], within: float = 1.0) -> np.ndarray:
    count = sum(map(len, groups))
    links = np.zeros((count, count))
    for group in groups:
        links[np.ix_(group, group)] = within
    return links


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_few_things_stay_as_they_are(count: int, value: float) -> None:
    assert spectral_order(np.full((count, count), value)).tolist() == list(range(count))


@pytest.mark.parametrize("count", [3, 4, 7, 41])
def test_a_chain_is_found(count: int) -> None:
    order = np.random.default_rng(count).permutation(count).tolist()
    found = spectral_order(path(order)).tolist()
    assert found in (order, order[::-1])
    assert found[0] < found[-1], "the end that stands earlier comes first"


def test_groups_stand_apart_and_the_largest_comes_first() -> None:
    groups = [[0, 4], [1, 3, 6, 7], [2, 8, 9]]
    links = blocks(*groups, [5])
    found = spectral_order(links).tolist()
    assert [set(found[:4]), set(found[4:7]), set(found[7:9]), found[9]] == [
        {1, 3, 6, 7}, {2, 8, 9}, {0, 4}, 5,
    ]  # fmt: skip


def test_groups_of_one_size_keep_their_order() -> None:
    assert spectral_order(blocks([0, 2], [1, 3])).tolist() == [0, 2, 1, 3]
    assert spectral_order(np.zeros((4, 4))).tolist() == [0, 1, 2, 3]


def test_loosely_linked_clusters_are_not_mixed() -> None:
    links = blocks([0, 2, 4, 6], [1, 3, 5, 7])
    links[6, 1] = links[1, 6] = 0.05
    found = spectral_order(links).tolist()
    assert {tuple(sorted(found[:4])), tuple(sorted(found[4:]))} == {(0, 2, 4, 6), (1, 3, 5, 7)}


def test_what_is_alone_comes_last() -> None:
    links = np.zeros((7, 7))
    for one, other in ((0, 2), (2, 4)):
        links[one, other] = links[other, one] = 1.0
    assert spectral_order(links).tolist() == [0, 2, 4, 1, 3, 5, 6]


def test_missing_values_and_tiny_ones_link_nothing() -> None:
    links = path([0, 1, 2])
    holes = links.copy()
    holes[links == 0] = np.nan
    assert spectral_order(holes).tolist() == spectral_order(links).tolist()
    assert spectral_order(np.full((3, 3), 1e-12)).tolist() == [0, 1, 2]


def test_the_diagonal_does_not_matter_and_the_input_stays_as_it_is() -> None:
    links = path([3, 1, 0, 2])
    marked = links.copy()
    np.fill_diagonal(marked, 99.0)
    kept = marked.copy()
    assert spectral_order(marked).tolist() == spectral_order(links).tolist()
    assert (marked == kept).all()


def test_whole_numbers_and_truth_will_do() -> None:
    links = path([2, 0, 1])
    wanted = spectral_order(links).tolist()
    assert spectral_order(links.astype(int)).tolist() == wanted
    assert spectral_order(links.astype(bool)).tolist() == wanted


SQUARES = st.integers(0, 9).flatmap(
    lambda count: arrays(float, (count, count), elements=st.sampled_from([0.0, 0.2, 0.5, 1.0]))
)


@given(SQUARES)
def test_every_thing_stands_once_and_each_time_in_the_same_place(values: np.ndarray) -> None:
    links = np.maximum(values, values.T)
    first, second = spectral_order(links), spectral_order(links.copy())
    assert sorted(first.tolist()) == list(range(len(links)))
    assert first.tolist() == second.tolist()


@given(SQUARES)
def test_a_group_is_never_torn_apart(values: np.ndarray) -> None:
    links = np.maximum(values, values.T)
    np.fill_diagonal(links, 0)
    reach = np.linalg.matrix_power((links > 0) + np.eye(len(links)), max(len(links), 1)) > 0
    order = spectral_order(links)
    changes = sum(not reach[one, other] for one, other in itertools.pairwise(order.tolist()))
    assert changes == max(len(np.unique(reach, axis=0)) - 1, 0)
