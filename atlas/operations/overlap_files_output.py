"""An overlap of two files as CSV, JSON or Parquet; the method goes with every number."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from atlas.core.crs import WORKING_PROJ
from atlas.errors import WriteFailed
from atlas.i18n import LANGUAGES, translate
from atlas.io.files import write_atomically
from atlas.io.stream import VectorSource, hash_source
from atlas.operations.overlap_files import FileOverlap
from atlas.operations.show import csv_bytes
from atlas.operations.tables import parquet_bytes

FORMS = ("csv", "json", "parquet")


def provenance(found: FileOverlap) -> dict[str, Any]:
    """What was measured: both files with their hash, what was repaired, and by which method.

    Raises
    ------
    FileDamaged
        If a file changed since it was measured.
    """
    return {
        "zones": _file_values(found.zones), "parts": _file_values(found.parts),
        "by": found.by, "rows": found.rows, "skipped": found.skipped,
        "repairs": [asdict(repair) for repair in found.repairs], "crs": WORKING_PROJ,
        "method": {lang: translate("overlap.files_method", lang) for lang in LANGUAGES},
    }  # fmt: skip


def _file_values(source: VectorSource) -> dict[str, Any]:
    authority = source.crs.to_authority()
    return {
        "file": source.path.name, "bytes": source.size, "sha256": hash_source(source),
        "crs": ":".join(authority) if authority else source.crs.to_wkt(),
    }  # fmt: skip


def to_rows(found: FileOverlap) -> list[dict[str, Any]]:
    """The table as plain values."""
    rows = found.table.astype(object).where(found.table.notna(), None)
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def render(found: FileOverlap, form: str) -> bytes:
    """An overlap of files in one of :data:`FORMS`."""
    rows, origin = to_rows(found), provenance(found)
    if form == "json":
        values = origin | {"table": rows}
        return (json.dumps(values, ensure_ascii=False, indent=1, default=str) + "\n").encode()
    if form == "parquet":
        return parquet_bytes(rows, None, origin)
    told = {
        "zones_sha256": origin["zones"]["sha256"], "parts_sha256": origin["parts"]["sha256"],
        "crs": WORKING_PROJ.replace("+", ""),
    }  # fmt: skip
    names = [*map(str, found.table.columns), *told]
    return csv_bytes([names, *([(row | told)[name] for name in names] for row in rows)])


def write_overlap(found: FileOverlap, path: Path) -> None:
    """Write an overlap of files, by the file's ending.

    Raises
    ------
    WriteFailed
        If the ending is none of :data:`FORMS`, or the disk refuses; nothing is half-written.
    """
    form = path.suffix.lower().lstrip(".")
    if form not in FORMS:
        problem = f"the ending must be one of {', '.join(f'.{name}' for name in FORMS)}"
        raise WriteFailed(file=path, problem=problem)
    write_atomically(path, render(found, form))
