"""How far it is from stop to stop: along the track, else straight, stretched where one may."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from pyproj import Geod

from atlas.core.crs import to_working_coordinates
from atlas.core.schema import missing_to_none

TRACK, PUBLISHED, CHORD = BASES = ("track", "published", "chord")
"""How a length came about: along the track; straight, stretched to the published length of the
section; straight."""
OFF_TRACK_M = 2_000.0
"""A station farther from the track than this is not on it: the track is not drawn so far."""
STRETCH_MOST = 1.5
"""More than this a published length is not the length of these stops."""
_GEOD = Geod(ellps="WGS84")


def inverse(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bearings at the start and back at the end in degrees, and metres, pair by pair (n × 2)."""
    if len(start) == 0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    ahead, back, metres = _GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return np.asarray(ahead), np.asarray(back), np.asarray(metres)


def stop_lengths(
    row: Any, xy: np.ndarray, chords: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Kilometres from stop to stop, never less than the straight way, and their bases."""
    along = _along_track(row, xy)
    known = np.isfinite(along)
    km = np.where(known, np.maximum(along, chords), chords)
    stretch = _stretch(row, km, known)
    km = np.where(known, km, chords * stretch)
    straight = PUBLISHED if stretch > 1.0 else CHORD
    return km, tuple(TRACK if held else straight for held in known)


def _stretch(row: Any, km: np.ndarray, known: np.ndarray) -> float:
    """How much longer than straight the lengths without a track are, by the published length."""
    published = missing_to_none(getattr(row, "published_length_km", None))
    straight = float(km[~known].sum())
    if published is None or getattr(row, "length_covers", None) != "exact" or straight == 0:
        return 1.0
    stretch = (float(str(published)) - float(km[known].sum())) / straight
    return stretch if 1.0 <= stretch <= STRETCH_MOST else 1.0


def _along_track(row: Any, xy: np.ndarray) -> np.ndarray:
    """Kilometres between neighbours along the section's track; NaN where it is not drawn.

    Stations are projected on the track in the working CRS; the length between their feet is
    geodesic, by the geodesic lengths of the track's sides.
    """
    unknown = np.full(max(len(xy) - 1, 0), np.nan)
    line = _single_line(row)
    if line is None or len(xy) < 2:  # noqa: PLR2004 - a length has two ends
        return unknown
    corners = shapely.get_coordinates(line)
    plane = to_working_coordinates(corners)
    flat = shapely.LineString(plane)
    points = shapely.points(to_working_coordinates(xy))
    feet = shapely.line_locate_point(flat, points)
    near = shapely.distance(flat, points) <= OFF_TRACK_M
    sides = np.hypot(*np.diff(plane, axis=0).T)
    geodesic = inverse(corners[:-1], corners[1:])[2]
    at_km = np.interp(feet, sums(sides), sums(geodesic)) / 1000.0
    if np.median(np.diff(feet)) < 0:
        at_km = -at_km
    steps = np.diff(at_km)
    return np.where(near[:-1] & near[1:] & (steps > 0), steps, np.nan)


def sums(steps: np.ndarray) -> np.ndarray:
    """How far it is from the first to each: 0 and the sums of the steps."""
    return np.concatenate([[0.0], np.cumsum(steps)])


def _single_line(row: Any) -> shapely.LineString | None:
    """The track as one line; None if the geometry is no track."""
    if row.geometry is None or row.geometry_basis != TRACK:
        return None
    line = row.geometry
    if line.geom_type == "MultiLineString":
        line = shapely.line_merge(line)
    return line if line.geom_type == "LineString" else None
