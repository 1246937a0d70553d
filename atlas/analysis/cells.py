"""What differs between two states of a raster layer, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from atlas.core.raster import Raster


@dataclass(frozen=True)
class CellChange:
    """Cells that came (all of them, if the grid is another one), differ, or were kept."""

    inserted: int
    changed: int
    kept: int


def compare_cells(old: Raster | None, new: Raster) -> CellChange:
    """Compare two states of a raster layer cell by cell.

    Parameters
    ----------
    old
        The earlier state, or None if there is none.
    new
        The later state. On another grid its cells cannot be compared: all are inserted.
    """
    cells = new.values.size
    if old is None or not _same_grid(old, new):
        return CellChange(inserted=cells, changed=0, kept=0)
    empty = (old.values == old.nodata) & (new.values == new.nodata)
    kept = int(np.count_nonzero((old.values == new.values) | empty))
    return CellChange(inserted=0, changed=cells - kept, kept=kept)


def _same_grid(old: Raster, new: Raster) -> bool:
    return (old.values.shape, old.west, old.north, old.cell_deg) == (
        new.values.shape, new.west, new.north, new.cell_deg,
    )  # fmt: skip
