"""Who takes part: module, variant, the file it reads, and how to install it."""

from __future__ import annotations

from dataclasses import dataclass

PIP = "pip install"
POSTGIS = "apt-get install --no-install-recommends postgresql-15-postgis-3 gdal-bin"
QGIS = "apt-get install --no-install-recommends qgis qgis-providers"


@dataclass(frozen=True)
class Peer:
    """One row of the table. ``kind`` is a key of :data:`benchmarks.overlap.data.FORMATS`."""

    title: str
    engine: str
    variant: str
    kind: str
    install: str = ""
    coverage_only: bool = False


PEERS = {
    "ours": Peer("Delta Atlas", "atlas", "", "parquet"),
    "geopandas": Peer("geopandas.overlay", "geopandas", "overlay", "parquet"),
    "geopandas-tuned": Peer(
        "GeoPandas, contained first", "geopandas", "contained first", "parquet"
    ),
    "duckdb": Peer(
        "DuckDB spatial", "duckdb", "manual", "parquet", f"{PIP} duckdb duckdb-extension-spatial"
    ),
    "duckdb-tuned": Peer(
        "DuckDB spatial, zones tiled", "duckdb", "tiled", "parquet",
        f"{PIP} duckdb duckdb-extension-spatial",
    ),
    "sedona": Peer("SedonaDB", "sedona", "manual", "parquet", f"{PIP} sedonadb"),
    "sedona-tuned": Peer(
        "SedonaDB, contained first", "sedona", "contained first", "parquet", f"{PIP} sedonadb"
    ),
    "sedona-tiled": Peer("SedonaDB, zones tiled", "sedona", "tiled", "parquet", f"{PIP} sedonadb"),
    "postgis": Peer("PostGIS", "postgis", "manual", "fgb", POSTGIS),
    "postgis-tuned": Peer("PostGIS, zones subdivided", "postgis", "subdivided", "fgb", POSTGIS),
    "qgis": Peer("QGIS Intersection", "qgis", "intersection", "gpkg", QGIS),
    "qgis-coverage": Peer(
        "QGIS Overlap analysis", "qgis", "overlap analysis", "gpkg", QGIS, coverage_only=True
    ),
}  # fmt: skip
AS_DOCUMENTED = ("geopandas", "duckdb", "sedona", "postgis", "qgis")
"""What a manual shows: join where they intersect, and measure the intersection."""
TUNED = ("geopandas-tuned", "duckdb-tuned", "sedona-tuned", "sedona-tiled", "postgis-tuned")
"""The fastest that we found for each engine, with our own insight, told apart."""
READ = Peer("geopandas.read_parquet", "geopandas", "read", "parquet")
"""No peer: what reading alone adds to memory."""
