"""Simpler shapes for the screen. Analysis and downloads use the edition itself."""

from __future__ import annotations

import geopandas as gpd
import shapely

from atlas.core.crs import STORAGE_CRS, WORKING_CRS

SCREEN_TOLERANCE_M = 100.0
"""Below a pixel up to zoom 10 (about 130 m a pixel at 31° N)."""


def simplify_coverage(zones: gpd.GeoDataFrame, *, tolerance_m: float) -> gpd.GeoDataFrame:
    """Simplify zones that share borders so that shared borders stay shared.

    No gap and no overlap arises: every shared edge is simplified once
    (Visvalingam–Whyatt by GEOS ``CoverageSimplify``; the tolerance is the square root of
    the area of the triangles that go).

    Parameters
    ----------
    zones
        Polygons in EPSG:4326 that form a coverage: they touch and never overlap.
    tolerance_m
        Metres in the working CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in EPSG:4326, simplified.
    """
    projected = zones.geometry.to_crs(WORKING_CRS)
    simple = shapely.coverage_simplify(projected.to_numpy(), tolerance_m)
    shapes = gpd.GeoSeries(simple, index=zones.index, crs=WORKING_CRS).to_crs(STORAGE_CRS)
    return zones.set_geometry(shapes)


def dissolve_to(parents: gpd.GeoDataFrame, children: gpd.GeoDataFrame, *, by: str
                ) -> gpd.GeoDataFrame:  # fmt: skip
    """Give parents the union of their children, so that both draw the very same border.

    Parameters
    ----------
    parents
        Rows with ``id``; one that no child names keeps its own geometry.
    children
        A coverage whose column ``by`` holds a parent's id, same CRS.
    """
    groups = dict(iter(children.groupby(by)))
    shapes = [
        shapely.coverage_union_all(groups[row.id].geometry.to_numpy())
        if row.id in groups
        else row.geometry
        for row in parents.itertuples()
    ]
    return parents.set_geometry(gpd.GeoSeries(shapes, index=parents.index, crs=parents.crs))


def simplify_lines(lines: gpd.GeoDataFrame, *, tolerance_m: float) -> gpd.GeoDataFrame:
    """Simplify lines that share nothing (Douglas–Peucker); ends stay where they are."""
    projected = lines.geometry.to_crs(WORKING_CRS)
    return lines.set_geometry(projected.simplify(tolerance_m).to_crs(STORAGE_CRS))
