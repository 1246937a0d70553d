"""Zones made ready for many overlaps: a grid that knows what is well inside, and small pieces.

Most things that are overlapped with zones lie wholly inside one of them or outside all. A grid
of cells says so for a whole box at once: a cell is *uncertain* if a border of a zone comes near
it (or if zones lie on each other there), and a summed-area table tells in four look-ups whether
a box touches an uncertain cell. What remains is cut against pieces of zones of few vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.enums import MergeAlg
from rasterio.features import rasterize
from rasterio.transform import Affine, from_origin

if TYPE_CHECKING:
    from collections.abc import Iterable

CELLS = 3_000_000
"""Cells of the grid, about; more cells leave less to cut and take longer to fill."""
PIECE_VERTICES = 48
SURFACE = 2
OUTSIDE = -1


@dataclass(frozen=True, eq=False)
class Grid:
    """Square cells over all zones.

    ``zone`` is the position of the zone of each cell, :data:`OUTSIDE` where there is none;
    ``uncertain`` is the summed-area table of cells that a border may touch, one row and one
    column larger than the grid.
    """

    west: float
    north: float
    cell: float
    zone: np.ndarray
    uncertain: np.ndarray

    def zones_of(self, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which boxes lie wholly in one zone, or outside all of them.

        Parameters
        ----------
        boxes
            n × 4: west, south, east, north.

        Returns
        -------
        certain
            Whether the grid can tell.
        zone
            Position of the zone, :data:`OUTSIDE`; of no meaning where it is not certain.
        """
        rows, columns = self.zone.shape
        left = np.clip(np.floor((boxes[:, 0] - self.west) / self.cell), 0, columns - 1).astype(int)
        right = np.clip(np.floor((boxes[:, 2] - self.west) / self.cell), 0, columns - 1).astype(int)
        top = np.clip(np.floor((self.north - boxes[:, 3]) / self.cell), 0, rows - 1).astype(int)
        down = np.clip(np.floor((self.north - boxes[:, 1]) / self.cell), 0, rows - 1).astype(int)
        table = self.uncertain
        touched = (
            table[down + 1, right + 1] - table[top, right + 1]
            - table[down + 1, left] + table[top, left]
        )  # fmt: skip
        return touched == 0, self.zone[top, left]


@dataclass(frozen=True, eq=False)
class ZoneIndex:
    """Zones in a plane, with their grid and their pieces.

    ``shapes`` are the zones in order; ``pieces`` cover them and have few vertices, ``owner`` is
    the position of each piece's zone.
    """

    shapes: np.ndarray
    grid: Grid
    pieces: np.ndarray
    owner: np.ndarray
    tree: shapely.STRtree


def index_zones(shapes: np.ndarray, *, cells: int = CELLS) -> ZoneIndex:
    """Make zones ready.

    Parameters
    ----------
    shapes
        Valid polygons in a plane; they may overlap each other.
    cells
        About how many cells the grid has.
    """
    pieces, owner = subdivide(shapes, vertices=PIECE_VERTICES)
    return ZoneIndex(shapes, fill_grid(shapes, cells=cells), pieces, owner, shapely.STRtree(pieces))


def subdivide(shapes: np.ndarray, *, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut polygons in halves until each piece has few vertices.

    Returns
    -------
    pieces, owner
        Polygons that cover the shapes without overlap, and the position of each one's shape.
    """
    rest, owner = np.asarray(shapes, dtype=object), np.arange(len(shapes))
    pieces, owners = [], []
    while len(rest):
        big = shapely.get_num_coordinates(rest) > vertices
        pieces.append(rest[~big])
        owners.append(owner[~big])
        rest, owner = _halves(rest[big], owner[big])
    return np.concatenate(pieces), np.concatenate(owners)


def _halves(shapes: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = shapely.bounds(shapes).T
    wide = east - west > north - south
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    first = shapely.box(
        west, south, np.where(wide, middle_x, east), np.where(wide, north, middle_y)
    )
    second = shapely.box(
        np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north
    )
    cut = np.concatenate([shapely.intersection(shapes, half) for half in (first, second)])
    parts, place = shapely.get_parts(cut, return_index=True)
    flat = shapely.get_dimensions(parts) == SURFACE
    return parts[flat], np.concatenate([owner, owner])[place[flat]]


def fill_grid(shapes: np.ndarray, *, cells: int) -> Grid:
    """Fill a grid over polygons: which zone each cell is in, and where that is not certain."""
    west, south, east, north = shapely.total_bounds(shapes)
    cell = max(float(np.sqrt((east - west) * (north - south) / cells)), 1e-9)
    west, north = west - 3 * cell, north + 3 * cell
    columns = int(np.ceil((east - west) / cell)) + 3
    rows = int(np.ceil((north - south) / cell)) + 3
    place = from_origin(west, north, cell, cell)
    zone = _burn(
        ((shape, number) for number, shape in enumerate(shapes, start=1)), rows, columns, place
    )
    count = _burn(((shape, 1) for shape in shapes), rows, columns, place, add=True)
    borders = ((border, 1) for border in shapely.boundary(shapes) if border is not None)
    near = _burn(borders, rows, columns, place, touched=True) > 0
    near = _widened(near) | (count > 1)
    table = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    table[1:, 1:] = near.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    return Grid(west, north, cell, zone - 1, table)


def _burn(
    shapes: Iterable[tuple[shapely.Geometry, int]], rows: int, columns: int, place: Affine, *,
    add: bool = False, touched: bool = False,
) -> np.ndarray:  # fmt: skip
    drawn = [(shape, value) for shape, value in shapes if not shape.is_empty]
    if not drawn:
        return np.zeros((rows, columns), dtype="int32")
    merged = MergeAlg.add if add else MergeAlg.replace
    return np.asarray(rasterize(
        drawn, (rows, columns), transform=place, fill=0, dtype="int32", all_touched=touched,
        merge_alg=merged,
    ))  # fmt: skip


def _widened(cells: np.ndarray) -> np.ndarray:
    """Cells and all their neighbours: a line that a raster puts one cell aside is still caught."""
    wide = cells.copy()
    wide[1:] |= cells[:-1]
    wide[:-1] |= cells[1:]
    both = wide.copy()
    both[:, 1:] |= wide[:, :-1]
    both[:, :-1] |= wide[:, 1:]
    return both
