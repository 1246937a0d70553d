"""Rules of a geometry in a file: RFC 7946, OGC validity, and the region of the atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from atlas.core.crs import REGION_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator

DECIMALS = 6
TYPES = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString"),
    "point": ("Point",),
}


def canonical(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    """Geometry as files hold it: 6 decimals, exterior rings counter-clockwise (RFC 7946).

    Parameters
    ----------
    geometry
        In EPSG:4326; None stays None.
    """
    if geometry is None:
        return None
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, DECIMALS) + 0.0)
    return shapely.orient_polygons(rounded, exterior_cw=False)


def snap(geometry: shapely.Geometry) -> shapely.Geometry:
    """Put our own unions and buffers on the 1e-6° grid, valid on it (shapely.set_precision)."""
    return shapely.set_precision(geometry, 10.0**-DECIMALS)


def geometry_problems(
    kind: str, basis: object, geometry: shapely.Geometry | None
) -> Iterator[tuple[str, str]]:
    """What is wrong with one geometry: pairs of rule and message, none if it is right."""
    if geometry is None:
        if basis != "none":
            yield "geometry", "there is no geometry; if none is known, geometry_basis is 'none'"
        return
    if geometry.geom_type not in TYPES[kind]:
        yield "geometry", f"{geometry.geom_type} in a {kind} layer"
        return
    coordinates = shapely.get_coordinates(geometry)
    if geometry.is_empty or not np.isfinite(coordinates).all():
        yield "coordinates", "the geometry is empty or holds NaN or infinite coordinates"
        return
    if geometry.has_z:
        yield "coordinates", "heights are not stored: give longitude and latitude only"
    yield from _place_problems(coordinates)
    if not np.array_equal(np.round(coordinates, DECIMALS), coordinates):
        yield "coordinates", f"coordinates have more than {DECIMALS} decimals"
    if not geometry.is_valid:
        yield "validity", shapely.is_valid_reason(geometry)
    elif kind == "polygon" and not _turns_right(geometry):
        yield "rings", "exterior rings must run counter-clockwise, holes clockwise (RFC 7946)"


def _place_problems(coordinates: np.ndarray) -> Iterator[tuple[str, str]]:
    west, south, east, north = REGION_BOUNDS
    if _inside(coordinates, west, south, east, north):
        return
    if _inside(coordinates[:, ::-1], west, south, east, north):
        yield "region", "longitude and latitude are swapped: GeoJSON wants longitude first"
        return
    x, y = next(
        pair for pair in coordinates if not _inside(np.array([pair]), west, south, east, north)
    )
    message = (
        f"({x:g}, {y:g}) lies outside the region of the atlas "
        f"({west:g} to {east:g} E, {south:g} to {north:g} N, in degrees of EPSG:4326)"
    )
    yield "region", message


def _inside(xy: np.ndarray, west: float, south: float, east: float, north: float) -> bool:
    x, y = xy[:, 0], xy[:, 1]
    return bool(((x >= west) & (x <= east) & (y >= south) & (y <= north)).all())


def _turns_right(geometry: shapely.Geometry) -> bool:
    return all(
        shapely.is_ccw(polygon.exterior)
        and not any(shapely.is_ccw(ring) for ring in polygon.interiors)
        for polygon in shapely.get_parts(geometry)
    )
