"""Sums by key that do not depend on the order in which they are added up.

Sizes are split into whole units and 2⁻⁴⁰ths, and both are added as whole numbers. So the same
pairs give the same bits, whatever the batches, the threads and the machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PARTS = 2.0**40
"""Parts of a unit that are told apart: of a square metre, less than a square micrometre."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Sizes and numbers of things by key; each key once, in order."""

    key: np.ndarray
    whole: np.ndarray
    parts: np.ndarray
    things: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """The sums as ordinary numbers."""
        sizes: np.ndarray = self.whole + self.parts / PARTS
        return sizes


def sum_sizes(key: np.ndarray, size: np.ndarray) -> Sums:
    """Add up sizes by key.

    Parameters
    ----------
    key
        Whole numbers.
    size
        Finite sizes, one for each key, fewer than 8 million.
    """
    whole = np.floor(size)
    parts = np.rint((size - whole) * PARTS)
    return _summed(key, whole.astype(np.int64), parts.astype(np.int64), np.ones(len(key), np.int64))


def add_sums(sums: Sequence[Sums]) -> Sums:
    """Add sums to each other."""
    return _summed(*(
        np.concatenate([getattr(one, name) for one in sums])
        for name in ("key", "whole", "parts", "things")
    ))  # fmt: skip


def _summed(key: np.ndarray, whole: np.ndarray, parts: np.ndarray, things: np.ndarray) -> Sums:
    keys, place = np.unique(key, return_inverse=True)
    total = np.zeros((3, len(keys)), dtype=np.int64)
    for row, values in enumerate((whole, parts, things)):
        np.add.at(total[row], place, values)
    carried = total[1] >> 40
    return Sums(keys, total[0] + carried, total[1] - (carried << 40), total[2])
