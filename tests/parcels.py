"""Parcels and zones for tests of overlaps: small, seeded, in the working CRS."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from atlas.core.crs import WORKING_CRS

ROTATED = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
"""rasterio 1.4 multiplies transforms in a way that affine 3 announces to drop."""
REGION = (-60_000.0, -40_000.0, 60_000.0, 40_000.0)
USES = ("耕地", "林地", "水域", "建设用地")


def make_zones() -> gpd.GeoDataFrame:
    """Four zones that divide the region along crooked lines; one has a hole that another fills."""
    west, south, east, north = REGION
    line = [(x, 6_000 * np.sin(x / 9_000)) for x in np.linspace(west, east, 200)]
    upper = shapely.Polygon([(west, north), *line, (east, north)])
    lower = shapely.Polygon([(west, south), *line, (east, south)])
    hole = shapely.Point(-20_000, -22_000).buffer(9_000, quad_segs=40)
    left = shapely.box(west, south, 5_000, south + 80_000)
    shapes = [upper, lower.difference(hole).intersection(left), hole, lower.difference(left)]
    return gpd.GeoDataFrame({"id": ["n", "sw", "lake", "se"]}, geometry=shapes, crs=WORKING_CRS)


def make_parcels(count: int = 600, seed: int = 7) -> gpd.GeoDataFrame:
    """Voronoi cells over the region; one in five has a hole or two parts, one in nine no use."""
    chance = np.random.default_rng(seed)
    box = shapely.box(*REGION)
    seeds = shapely.multipoints(chance.uniform(REGION[:2], REGION[2:], (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box, ordered=True))
    cells = shapely.intersection(cells, box)
    holed = np.arange(0, count, 10)
    middle = shapely.point_on_surface(cells[holed])
    near = shapely.distance(middle, shapely.boundary(cells[holed])) / 3
    cells[holed] = shapely.difference(cells[holed], shapely.buffer(middle, near, quad_segs=2))
    parted = np.arange(5, count, 10)
    halves = shapely.bounds(cells[parted])
    centre = (halves[:, 0] + halves[:, 2]) / 2
    strips = shapely.box(centre - 50, halves[:, 1] - 1, centre + 50, halves[:, 3] + 1)
    cells[parted] = shapely.difference(cells[parted], strips)
    uses = [None if place % 9 == 0 else USES[place % 4] for place in range(count)]
    names = [f"p{place:04}" for place in range(count)]
    return gpd.GeoDataFrame({"name": names, "use": uses}, geometry=cells, crs=WORKING_CRS)


def write(rows: gpd.GeoDataFrame, path: Path) -> Path:
    """Write rows by the ending of the path."""
    if path.suffix == ".parquet":
        rows.to_parquet(path, index=False)
    else:
        options = {"SPATIAL_INDEX": "NO"} if path.suffix == ".fgb" else {}
        rows.to_file(path, engine="pyogrio", **options)
    return path
