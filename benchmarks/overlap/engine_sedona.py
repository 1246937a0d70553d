"""SedonaDB: DataFusion with spatial joins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sedonadb

from benchmarks.overlap.answer import COLUMNS, Answer, Ask

MANUAL = """
SELECT z.id, p.class, sum(ST_Area(ST_Intersection(z.geometry, p.geometry))) / 1e6
FROM parts AS p JOIN zones AS z ON ST_Intersects(p.geometry, z.geometry)
GROUP BY z.id, p.class
"""

CONTAINED_FIRST = """
WITH within AS (
    SELECT z.id AS zone, p.id, p.class, ST_Area(p.geometry) AS area
    FROM parts AS p JOIN zones AS z ON ST_Within(p.geometry, z.geometry)
), rest AS (SELECT * FROM parts WHERE id NOT IN (SELECT id FROM within)
), cut AS (
    SELECT z.id AS zone, p.id, p.class, ST_Area(ST_Intersection(z.geometry, p.geometry)) AS area
    FROM rest AS p JOIN zones AS z ON ST_Intersects(p.geometry, z.geometry)
)
SELECT zone, class, sum(area) / 1e6
FROM (SELECT * FROM within UNION ALL SELECT * FROM cut) GROUP BY zone, class
"""

TILED = """
WITH z AS (
    SELECT id, ST_SetSRID(geometry, 0) AS g, ST_XMin(geometry) AS x, ST_YMin(geometry) AS y,
        (ST_XMax(geometry) - ST_XMin(geometry)) / 8 AS w,
        (ST_YMax(geometry) - ST_YMin(geometry)) / 8 AS h
    FROM zones
), tile AS (
    SELECT id, ST_Intersection(g, ST_SetSRID(ST_MakeEnvelope(
        x + i * w, y + j * h, x + (i + 1) * w, y + (j + 1) * h), 0)) AS g
    FROM z, (SELECT value AS i FROM generate_series(0, 7)),
        (SELECT value AS j FROM generate_series(0, 7))
), piece AS (SELECT id, g FROM tile WHERE ST_Area(g) > 0
), p AS (SELECT class, ST_SetSRID(geometry, 0) AS g FROM parts)
SELECT z.id, p.class, sum(ST_Area(ST_Intersection(z.g, p.g))) / 1e6
FROM p JOIN piece AS z ON ST_Intersects(p.g, z.g)
GROUP BY z.id, p.class
"""
"""The zones cut into 8 × 8 tiles each. SedonaDB refuses two geometries of different CRS, and an
envelope has none: all are given none."""

VARIANTS = {"manual": MANUAL, "contained first": CONTAINED_FIRST, "tiled": TILED}
SCAN = "SELECT count(*), sum(ST_Area(geometry)) FROM parts"


@contextmanager
def engine(threads: int) -> Iterator[Ask]:
    """A session with so many partitions."""
    session = sedonadb.connect()

    def query(text: str) -> pd.DataFrame:
        return pa.table(session.sql(text)).to_pandas()

    query(f"SET datafusion.execution.target_partitions = {threads}")

    def ask(zones: Path, parts: Path, variant: str) -> Answer:
        answer = Answer(sedonadb.__version__)
        with answer.step("all"):
            session.read_parquet(str(zones)).to_view("zones", overwrite=True)
            session.read_parquet(str(parts)).to_view("parts", overwrite=True)
            table = query(VARIANTS[variant])
        answer.table = table.set_axis(COLUMNS, axis="columns")
        with answer.beside("scan alone"):
            query(SCAN)
        return answer

    yield ask
