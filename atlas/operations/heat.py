"""Matrices as grids of numbers: which rows and columns, in which order, how dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from atlas.analysis.order import spectral_order

if TYPE_CHECKING:
    from atlas.operations.overlap import Overlap

SIZE, CODE = "size", "code"
COLUMNS_MOST = 80
"""Of more features only the largest are columns; tables and files hold all."""


@dataclass(frozen=True, eq=False)
class Heat:
    """A grid of numbers.

    ``values`` by position of row and column; ``rows`` and ``columns`` are the positions of zones
    or features in the order shown; ``share`` (0–1) says how dark a cell is.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    share: np.ndarray


def zone_feature_heat(found: Overlap, order: str) -> Heat:
    """Share of each zone that each feature covers; of lines and points the size.

    Zones without any and features without extent are left out.
    """
    shape = (len(found.zones.rows), len(found.features))
    sizes, shares = np.zeros(shape), np.zeros(shape)
    table = found.table
    flat = found.info.kind == "polygon"
    sizes[table["zone"], table["feature"]] = table["size"]
    shares[table["zone"], table["feature"]] = table["share_of_zone"] if flat else table["size"]
    if not flat and shares.size:
        shares = shares / max(shares.max(), 1e-12)
    few = shape[1] <= COLUMNS_MOST
    rows = _order(shares @ shares.T, sizes.sum(axis=1), order)
    columns = _order(shares.T @ shares if few else None, sizes.sum(axis=0), order)
    largest = np.argsort(-sizes.sum(axis=0), kind="stable")[:COLUMNS_MOST]
    columns = columns[np.isin(columns, largest)]
    rows, columns = rows[sizes[rows].any(axis=1)], columns[sizes[:, columns].any(axis=0)]
    grid = np.ix_(rows, columns)
    return Heat(rows, columns, (shares * 100 if flat else sizes)[grid], np.clip(shares, 0, 1)[grid])


def zone_zone_heat(count: int, pairs: pd.DataFrame, order: str) -> Heat:
    """How many features each two zones share; as dark as their Jaccard index."""
    shared, jaccard = np.zeros((count, count)), np.zeros((count, count))
    one, other = pairs["zone"].to_numpy(), pairs["other"].to_numpy()
    shared[one, other] = shared[other, one] = pairs["shared"].map(len)
    jaccard[one, other] = jaccard[other, one] = pairs["jaccard"].fillna(0.0)
    own = np.zeros(count)
    np.maximum.at(own, one, pairs["shared"].map(len) + pairs["only"])
    np.maximum.at(own, other, pairs["shared"].map(len) + pairs["only_other"])
    np.fill_diagonal(shared, own)
    rows = _order(jaccard, shared.sum(axis=1), order)
    np.fill_diagonal(jaccard, (own > 0).astype(float))
    grid = np.ix_(rows, rows)
    return Heat(rows, rows, shared[grid], jaccard[grid])


def _order(similarity: np.ndarray | None, size: np.ndarray, order: str) -> np.ndarray:
    if order == CODE:
        return np.arange(len(size))
    if order == SIZE or similarity is None:
        return np.argsort(-size, kind="stable")
    return spectral_order(similarity)
