"""Railway lines that link zones directly on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from atlas.analysis.links import direct_links
from atlas.analysis.matrix import Plane
from atlas.core.layer import Edition
from atlas.core.period import as_of
from atlas.io import catalogue
from atlas.operations.find import known_editions

LINES, STATIONS = "rail-lines", "rail-stations"


@dataclass(frozen=True, eq=False)
class RailLinks:
    """Lines by pair of zones (positions, smaller first), their names, and where they are from."""

    lines: dict[tuple[int, int], tuple[str, ...]]
    names: dict[str, dict[str, str]]
    editions: tuple[Edition, ...]


def rail_links(folder: Path, zones: Plane, *, day: dt.date, known_by: dt.date) -> RailLinks:
    """Lines that have a station in both of two zones on a day.

    Nothing where the store holds no railways; lines under construction and planned ones do not
    count.
    """
    editions = known_editions(folder, (LINES, STATIONS), known_by=known_by)
    if {edition.layer for edition in editions} != {LINES, STATIONS}:
        return RailLinks({}, {}, ())
    lines, stations = (
        as_of(catalogue.read_layer(folder, edition).features, day) for edition in editions
    )
    lines = lines[lines["status"] == "in-force"]
    names = {
        row.id: {"zh": row.name_zh, "en": row.name_en}
        for row in lines[["id", "name_zh", "name_en"]].itertuples(index=False)
    }
    return RailLinks(direct_links(zones.shapes, lines, stations), names, tuple(editions))
