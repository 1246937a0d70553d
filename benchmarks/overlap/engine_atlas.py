"""The atlas's own engine, as every caller in the atlas uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shapely

from atlas.operations.overlap_files import overlap_files
from benchmarks.overlap.answer import COLUMNS, Answer, Ask


@contextmanager
def engine(threads: int) -> Iterator[Ask]:
    """Nothing to start."""

    def ask(zones: Path, parts: Path, _: str) -> Answer:
        answer = Answer(f"Shapely {shapely.__version__}, GEOS {shapely.geos_version_string}")
        with answer.step("all"):
            table = overlap_files(zones, parts, by="class", threads=threads).table
        answer.table = table[COLUMNS]
        return answer

    yield ask
