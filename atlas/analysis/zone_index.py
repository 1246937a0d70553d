"""Zones made ready for many overlaps: a grid that knows what is well inside, and small pieces.

Most things that are overlapped with zones lie wholly inside one of them or outside all. A grid
of cells says so for a whole box at once: a cell is *uncertain* if a border of a zone comes near
it (or if zones lie on each other there), and a summed-area table tells in four look-ups whether
a box touches an uncertain cell. What remains is cut against pieces of zones of few vertices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from rasterio.enums import MergeAlg
from rasterio.features import rasterize
from rasterio.transform import Affine

CELLS = 3_000_000
"""Cells of the grid, about; more cells leave less to cut and take longer to fill."""
PIECE_VERTICES = 48
SURFACE = 2
OUTSIDE = -1
ZONE = 2.0**32
"""Added to a cell for each zone on it, besides the zone's number: whole numbers, so exact."""


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


def copy_pieces(index: ZoneIndex) -> ZoneIndex:
    """An index for another thread: prepared geometries of GEOS cannot be shared (GEOS #825)."""
    pieces = shapely.from_wkb(shapely.to_wkb(index.pieces))
    return replace(index, pieces=pieces, tree=shapely.STRtree(pieces))


def subdivide(shapes: np.ndarray, *, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut polygons in halves until each piece has few vertices.

    Returns
    -------
    pieces, owner
        Polygons that cover the shapes without overlap, and the position of each one's shape.
    """
    rest, owner = np.asarray(shapes, dtype=object), np.arange(len(shapes))
    pieces, owners = [rest[:0]], [owner[:0]]
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
    first = (west, south, np.where(wide, middle_x, east), np.where(wide, north, middle_y))
    second = (np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north)
    one, other = _clipped(shapes, first), _clipped(shapes, second)
    bad = np.flatnonzero(~(
        shapely.is_valid(one) & shapely.is_valid(other)
        & np.isclose(shapely.area(one) + shapely.area(other), shapely.area(shapes), 1e-12, 0)
    ))  # fmt: skip
    for cut, half in ((one, first), (other, second)):
        cut[bad] = shapely.intersection(shapes[bad], shapely.box(*(side[bad] for side in half)))
    parts, place = shapely.get_parts(np.concatenate([one, other]), return_index=True)
    flat = shapely.get_dimensions(parts) == SURFACE
    return parts[flat], np.concatenate([owner, owner])[place[flat]]


def _clipped(shapes: np.ndarray, boxes: tuple[np.ndarray, ...]) -> np.ndarray:
    """Shapes cut to boxes: seven times as fast as an intersection, seldom not valid."""
    cut = np.empty(len(shapes), dtype=object)
    cut[:] = [
        shapely.clip_by_rect(shape, *box)
        for shape, box in zip(shapes, np.column_stack(boxes).tolist(), strict=True)
    ]
    return cut


def fill_grid(shapes: np.ndarray, *, cells: int) -> Grid:
    """Fill a grid over polygons: which zone each cell is in, and where that is not certain."""
    drawn = shapes[~shapely.is_empty(shapes)] if len(shapes) else shapes
    west, south, east, north = shapely.total_bounds(drawn) if len(drawn) else (0.0, 0.0, 1.0, 1.0)
    cell = max(float(np.sqrt((east - west) * (north - south) / cells)), 1e-9)
    west, north = west - 3 * cell, north + 3 * cell
    columns = int(np.ceil((east - west) / cell)) + 3
    rows = int(np.ceil((north - south) / cell)) + 3
    burnt = [
        (shape, ZONE + number)
        for number, shape in enumerate(shapes, start=1) if not shape.is_empty
    ]  # fmt: skip
    burned = rasterize(
        burnt, (rows, columns), transform=Affine(cell, 0, west, 0, -cell, north), fill=0,
        dtype="float64", merge_alg=MergeAlg.add,
    ) if burnt else np.zeros((rows, columns))  # fmt: skip
    near = _widened(_border_cells(shapes, (rows, columns), west, north, cell))
    near |= burned >= 2 * ZONE
    zone = np.where((burned >= ZONE) & ~near, burned - ZONE, 0).astype(np.int32)
    table = np.zeros((rows + 1, columns + 1), dtype=np.int32)
    inner = table[1:, 1:]
    np.cumsum(near, axis=1, dtype=np.int32, out=inner)
    np.cumsum(inner, axis=0, out=inner)
    return Grid(west, north, cell, zone - 1, table)


def _border_cells(
    shapes: np.ndarray, size: tuple[int, int], west: float, north: float, cell: float
) -> np.ndarray:
    """Cells that hold a point of a border, taken at least once in every cell's width."""
    points, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(shapes)), return_index=True
    )
    if len(points) == 0:
        return np.zeros(size, dtype=bool)
    x, y = (points[:, 0] - west) / cell, (north - points[:, 1]) / cell
    first = np.flatnonzero(ring[1:] == ring[:-1])
    east, down = x[first + 1] - x[first], y[first + 1] - y[first]
    steps = np.ceil(np.hypot(east, down)).astype(int) + 1
    edge = np.repeat(np.arange(len(first)), steps)
    along = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = along / steps[edge]
    cells = np.zeros(size, dtype=bool)
    cells[
        (y[first][edge] + down[edge] * share).astype(int),
        (x[first][edge] + east[edge] * share).astype(int),
    ] = True
    return cells


def _widened(cells: np.ndarray) -> np.ndarray:
    """Cells and all their neighbours: what passes between two points of a border is caught."""
    wide = cells.copy()
    wide[1:] |= cells[:-1]
    wide[:-1] |= cells[1:]
    both = wide.copy()
    both[:, 1:] |= wide[:, :-1]
    both[:, :-1] |= wide[:, 1:]
    return both
