"""What differs between two states of a layer, row by row (key = id, plan version, part)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from atlas.core.schema import KEY, missing_to_none, row_key

if TYPE_CHECKING:
    import geopandas as gpd

    from atlas.core.raster import Raster


@dataclass(frozen=True)
class Change:
    """Keys of the rows that came, went, or differ; of the last, in shape or only in words."""

    inserted: list[str]
    removed: list[str]
    reshaped: list[str]
    reworded: list[str]
    kept: int

    @property
    def is_empty(self) -> bool:
        """Whether both states hold the same rows."""
        return not (self.inserted or self.removed or self.reshaped or self.reworded)


def summarise_change(old: gpd.GeoDataFrame | None, new: gpd.GeoDataFrame) -> Change:
    """Compare two states of a layer by key.

    Parameters
    ----------
    old
        The earlier state, or None if there is none.
    new
        The later state, same CRS.

    Returns
    -------
    Change
        Each list sorted; a row whose geometry differs is ``reshaped``, whatever else does.
    """
    before = _rows(old) if old is not None else {}
    after = _rows(new)
    both = sorted(before.keys() & after.keys())
    reshaped = [key for key in both if before[key][1] != after[key][1]]
    reworded = [key for key in both if key not in set(reshaped) and before[key] != after[key]]
    return Change(
        inserted=sorted(after.keys() - before.keys()),
        removed=sorted(before.keys() - after.keys()),
        reshaped=reshaped,
        reworded=reworded,
        kept=len(both) - len(reshaped) - len(reworded),
    )


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


def _rows(features: gpd.GeoDataFrame) -> dict[str, tuple[dict[str, object], bytes | None]]:
    table = features.drop(columns=features.geometry.name)
    shapes = shapely.to_wkb(shapely.normalize(features.geometry.to_numpy()))
    rows = {}
    for row, shape in zip(table.to_dict("records"), shapes, strict=True):
        plain = {str(name): missing_to_none(value) for name, value in row.items()}
        rows[row_key({name: plain[name] for name in KEY})] = (plain, shape)
    return rows
