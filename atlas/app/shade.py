"""How dark a cell of a matrix is."""

from __future__ import annotations

import numpy as np

DARK, TEXT_FROM = "31, 111, 180", 0.6
"""Colour of a full cell, and how dark it must be for white text."""


def shades(share: np.ndarray, *, least: float) -> list[list[str]]:
    """Style of each cell: the darker the larger its share, with text that can be read on it.

    Parameters
    ----------
    share
        0–1; what is nothing has no colour.
    least
        How dark the smallest share is.
    """
    return [
        [
            "" if value <= 0 else
            f"background-color: rgba({DARK}, {least + (1.0 - least) * value:.2f}); "
            f"color: {'#ffffff' if value >= TEXT_FROM else '#1b1f23'}"
            for value in row
        ]
        for row in share.tolist()
    ]  # fmt: skip
