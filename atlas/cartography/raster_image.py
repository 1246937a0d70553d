"""A raster as a picture that lies right on a map: cells warped to the projection of the map.

Leaflet stretches a picture between two corners in Web Mercator, where cells of equal degrees are
not equally high: an unwarped picture of the delta would lie up to 25 km off in its middle. Every
pixel shows the cell that lies there, unmixed.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio.crs
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from atlas.cartography.raster_look import to_rgba
from atlas.core.crs import STORAGE_CRS

if TYPE_CHECKING:
    from atlas.cartography.raster_look import Palette
    from atlas.core.grid import Grid

MERCATOR = CRS.from_epsg(3857)
SIDE_MOST = 1400
"""Pixels along a side of a picture."""
FINE = 8
"""Pixels along a cell where there is room: a border lies within an eighth of a cell."""
LATITUDE_MOST = 85.0
"""Web Mercator ends at 85.06°."""
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Picture:
    """Numbers on a picture, from north-west to south-east, NaN where there are none.

    ``bounds`` are west, south, east, north in units of the projection of the picture.
    """

    numbers: np.ndarray[Any, Any]
    bounds: Bounds


@dataclass(frozen=True)
class Overlay:
    """A picture for Leaflet: PNG, and west, south, east, north in degrees."""

    png: bytes
    bounds: Bounds

    @property
    def data_address(self) -> str:
        """The picture as an address that holds it: nothing of it lies on the server."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def warp(numbers: np.ndarray[Any, Any], grid: Grid, crs: CRS, bounds: Bounds,
         shape: tuple[int, int]) -> Picture:  # fmt: skip
    """Carry cells to another projection, each pixel with the cell in its middle.

    Parameters
    ----------
    numbers, grid
        Cells (NaN: none) and where they lie.
    crs, bounds, shape
        The picture: its projection, its edges in units of that, its rows and columns.
    """
    west, south, east, north = bounds
    rows, columns = shape
    target = np.full(shape, np.nan, np.float64)
    source_crs, target_crs = (rasterio.crs.CRS.from_wkt(one.to_wkt()) for one in (grid.crs, crs))
    reproject(
        numbers.astype(np.float64), target,
        src_transform=Affine(grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north),
        dst_transform=Affine((east - west) / columns, 0, west, 0, -(north - south) / rows, north),
        src_crs=source_crs, dst_crs=target_crs,
        src_nodata=np.nan, dst_nodata=np.nan, resampling=Resampling.nearest, tolerance=0.0,
    )  # fmt: skip
    return Picture(target, bounds)


def mercator_overlay(numbers: np.ndarray[Any, Any], grid: Grid, palette: Palette) -> Overlay:
    """A raster as a picture that Leaflet puts in the right place.

    Parameters
    ----------
    numbers, grid
        Cells (NaN: none, clear on the picture) and where they lie.
    palette
        Their colours.
    """
    bounds = edges_in(grid, MERCATOR)
    picture = warp(numbers, grid, MERCATOR, bounds, picture_shape(grid, bounds))
    to_degrees = Transformer.from_crs(MERCATOR, STORAGE_CRS, always_xy=True)
    west, south = to_degrees.transform(bounds[0], bounds[1])
    east, north = to_degrees.transform(bounds[2], bounds[3])
    return Overlay(png_bytes(to_rgba(picture.numbers, palette)), (west, south, east, north))


def edges_in(grid: Grid, crs: CRS) -> Bounds:
    """Edges of a grid in another projection: the least box that holds it."""
    west, south, east, north = grid.bounds
    if grid.crs.is_geographic and crs == MERCATOR:
        south, north = max(south, -LATITUDE_MOST), min(north, LATITUDE_MOST)
    transformer = Transformer.from_crs(grid.crs, crs, always_xy=True)
    left, bottom, right, top = transformer.transform_bounds(
        west, south, east, north, densify_pts=51
    )
    return left, bottom, right, top


def picture_shape(grid: Grid, bounds: Bounds) -> tuple[int, int]:
    """Rows and columns of a picture: some pixels a cell, as many as there is room for."""
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    longest = min(max(grid.columns, grid.rows) * FINE, SIDE_MOST)
    scale = longest / max(wide, high)
    return max(round(high * scale), 1), max(round(wide * scale), 1)


def png_bytes(rgba: np.ndarray[Any, Any]) -> bytes:
    """Bytes of a PNG picture; the same pixels give the same bytes, and no clock goes in.

    Parameters
    ----------
    rgba
        Rows × columns × 4 bytes.
    """
    rows, columns, _ = rgba.shape
    lines = np.zeros((rows, columns * 4 + 1), np.uint8)
    lines[:, 1:] = rgba.reshape(rows, -1)
    head = pack(">IIBBBBB", columns, rows, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(body)) + name + body + pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
