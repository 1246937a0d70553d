"""DuckDB with its extension *spatial*, which PyPI's ``duckdb-extension-spatial`` carries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from benchmarks.overlap.answer import COLUMNS, Answer, Ask, PeerMissing

MANUAL = """
SELECT z.id AS zone_id, p.class, sum(ST_Area(ST_Intersection(z.geometry, p.geometry))) / 1e6
FROM '{parts}' AS p JOIN '{zones}' AS z ON ST_Intersects(p.geometry, z.geometry)
GROUP BY ALL
"""
"""Planned as SPATIAL_JOIN: an R-tree over the zones, parcels streamed through it."""

TILED = """
WITH z AS MATERIALIZED (
    SELECT id, geometry AS g, ST_XMin(geometry) AS x, ST_YMin(geometry) AS y,
        (ST_XMax(geometry) - ST_XMin(geometry)) / 8 AS w,
        (ST_YMax(geometry) - ST_YMin(geometry)) / 8 AS h
    FROM '{zones}'
), tile AS MATERIALIZED (
    SELECT id, ST_Intersection(g, ST_MakeEnvelope(
        x + i * w, y + j * h, x + (i + 1) * w, y + (j + 1) * h)) AS g
    FROM z, range(8) AS a(i), range(8) AS b(j)
), piece AS MATERIALIZED (SELECT id, g FROM tile WHERE ST_Area(g) > 0)
SELECT z.id AS zone_id, p.class, sum(ST_Area(ST_Intersection(z.g, p.geometry))) / 1e6
FROM '{parts}' AS p JOIN piece AS z ON ST_Intersects(p.geometry, z.g)
GROUP BY ALL
"""
"""The zones cut into 8 × 8 tiles each: a piece has 50 vertices where its zone has 2,000. Of 4, 6,
8, 16 and 32 a side, 6 and 8 were the fastest; testing containment first was slower."""

VARIANTS = {"manual": MANUAL, "tiled": TILED}


@contextmanager
def engine(threads: int) -> Iterator[Ask]:
    """Load the extension from the package's own file: nothing is downloaded."""
    connection = duckdb.connect()
    connection.execute(f"LOAD '{_extension()}'")
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET enable_progress_bar = false")

    def ask(zones: Path, parts: Path, variant: str) -> Answer:
        answer = Answer(duckdb.__version__)
        query = VARIANTS[variant].format(zones=zones, parts=parts)
        with answer.step("all"):
            table = connection.execute(query).fetch_df()
        answer.table = table.set_axis(COLUMNS, axis="columns")
        with answer.beside("scan alone"):
            connection.execute(SCAN.format(parts=parts)).fetchall()
        return answer

    yield ask
    connection.close()


SCAN = "SELECT count(*), sum(ST_Area(geometry)) FROM '{parts}'"


def _extension() -> Path:
    package = find_spec("duckdb_extension_spatial")
    if package is None or package.origin is None:
        raise PeerMissing("duckdb-extension-spatial")
    found = sorted(Path(package.origin).parent.glob("extensions/*/spatial.duckdb_extension"))
    if not found:
        raise PeerMissing("the extension's file in duckdb-extension-spatial")
    return found[-1]
