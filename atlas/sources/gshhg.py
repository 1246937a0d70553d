"""Lines of GSHHG 2.3, which are kept in square bins with relative coordinates.

Each bin (here 1°) lists its segments, each segment its points, each point its offset from
the bin's south-west corner in 65,535ths of the bin: a line that crosses a bin's edge ends
on it, and goes on from exactly the same place in the next bin.
See P. Wessel and W. H. F. Smith (1996), and the README of the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import netCDF4
import numpy as np
import shapely

from atlas.sources.debian import locate_debian
from atlas.sources.inputs import RIVER_LINES, SHORE_LINES

if TYPE_CHECKING:
    from atlas.core.layer import Input

WINDOW = (113, 26, 124, 36)
"""West, south, east, north in whole degrees: the bins that are read."""

LAKE_LEVEL = 2
_STEPS = 65535
_PACKED = "Embedded_npts_levels_exit_entry_for_a_segment"


def read_rivers() -> list[shapely.LineString]:
    """Rivers and canals of the World Data Bank II in the window, EPSG:4326, in file order."""
    with _open(RIVER_LINES) as bins:
        counts = bins["N_points_for_a_segment"][:]
        return _read_segments(bins, _segments(bins), counts)


def read_shores() -> list[shapely.LineString]:
    """Shores of land (estuaries with it) and of lakes in the window, EPSG:4326."""
    with _open(SHORE_LINES) as bins:
        return _read_segments(bins, _segments(bins), bins[_PACKED][:] >> 9)


def read_lakes() -> list[shapely.Polygon]:
    """Lakes in the window, wide rivers among them, without their islands, EPSG:4326."""
    with _open(SHORE_LINES) as bins:
        packed = bins[_PACKED][:]
        levels = (packed >> 6) & 7
        shores = [pair for pair in _segments(bins) if levels[pair[1]] == LAKE_LEVEL]
        lines = _read_segments(bins, shores, packed >> 9)
    return list(shapely.get_parts(shapely.polygonize(lines)))


def _open(source: Input) -> netCDF4.Dataset:
    bins = netCDF4.Dataset(locate_debian(source))
    bins.set_auto_mask(False)
    return bins


def _segments(bins: netCDF4.Dataset) -> list[tuple[int, int]]:
    """The bins of the window and their segments, as pairs of numbers."""
    west, south, east, north = WINDOW
    columns = int(bins["N_bins_in_360_longitude_range"][0])
    first, counts = bins["Id_of_first_segment_in_a_bin"][:], bins["N_segments_in_a_bin"][:]
    return [
        (place, int(first[place]) + number)
        for row in range(90 - north, 90 - south)
        for place in range(row * columns + west, row * columns + east)
        for number in range(int(counts[place]))
    ]


def _read_segments(
    bins: netCDF4.Dataset, segments: list[tuple[int, int]], counts: np.ndarray
) -> list[shapely.LineString]:
    columns = int(bins["N_bins_in_360_longitude_range"][0])
    first_points = bins["Id_of_first_point_in_a_segment"][:]
    x = bins["Relative_longitude_from_SW_corner_of_bin"]
    y = bins["Relative_latitude_from_SW_corner_of_bin"]
    lines = []
    for place, segment in segments:
        points = slice(int(first_points[segment]), int(first_points[segment] + counts[segment]))
        longitudes = place % columns + x[points].astype(np.uint16) / _STEPS
        latitudes = 89 - place // columns + y[points].astype(np.uint16) / _STEPS
        lines.append(shapely.LineString(np.column_stack([longitudes, latitudes])))
    return lines
