"""What one batch of a file adds to the table of overlaps, and how batches add up.

Used by the threads of one process and by the workers of a cluster alike. Sums are exact, so the
table is the same whatever the batches are and wherever they were measured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Geod, Transformer

from atlas.analysis.exact_sums import Sums, add_sums, sum_sizes
from atlas.analysis.overlap import Pairs, overlap_pairs, planar_size
from atlas.analysis.ring_overlap import RingIndex, overlap_rings
from atlas.analysis.wkb import to_polygons
from atlas.core.crs import STORAGE_CRS, WORKING_CRS
from atlas.errors import FileDamaged
from atlas.io.stream import VectorBatch, open_source, read_batches
from atlas.operations.plane_shapes import PlaneShapes, Reader, Repair, check_one_kind, plane_shapes

CURVE, SURFACE = 1, 2
SIZES = {CURVE: ("length_km", 1e3), SURFACE: ("area_km2", 1e6)}
"""Column and unit of the size of lines and polygons; points have none."""
BATCH_ROWS = 20_000
"""Rows of a batch: its arrays stay in the processor's caches. 50,000 take half as long again."""
PENDING = 16
"""Batches that wait until their sums are added."""
_GEOD = Geod(ellps="WGS84")
_TO_DEGREES = Transformer.from_crs(WORKING_CRS, STORAGE_CRS, always_xy=True)


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones of a file, in the plane: their names, each once, and their shapes."""

    reader: Reader
    names: list[Any]
    shapes: np.ndarray
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, eq=False)
class BatchOverlap:
    """Overlaps of one batch: sums by zone and group, and what was found on the way.

    A key of the sums is the position of the group in ``groups``, times the number of zones, plus
    the position of the zone.
    """

    groups: list[Any]
    sums: Sums
    rows: int
    skipped: int
    first: dict[int, int]
    repairs: tuple[Repair, ...]


def read_zones(path: Path, zone_id: str, *, repair: bool = False) -> Zones:
    """Read the zones of a file.

    Parameters
    ----------
    path
        Polygons, in any CRS that the file names.
    zone_id
        Column whose values name the zones.
    repair
        Make invalid zones valid.

    Raises
    ------
    FileDamaged
        If the file cannot be read or has no zones, or a zone has no name, the name of another
        zone, no geometry, no area, or an invalid geometry that is not to be repaired.
    """
    source = open_source(path)
    reader = Reader(source, zone_id, repair)
    names: list[Any] = []
    shapes: list[np.ndarray] = []
    repairs: list[Repair] = []
    for batch in read_batches(source, key=zone_id, rows=BATCH_ROWS):
        found = plane_shapes(reader, batch)
        names += batch.list_names()
        shapes.append(_in_order(reader, batch, found))
        repairs += found.repairs
    if not names:
        raise FileDamaged(file=path, problem="it has no zones")
    _check_names(path, zone_id, names)
    return Zones(reader, names, np.concatenate(shapes), tuple(repairs))


def _in_order(reader: Reader, batch: VectorBatch, found: PlaneShapes) -> np.ndarray:
    shapes = np.full(len(batch), None, dtype=object)
    shapes[found.rings.row] = to_polygons(found.rings)
    shapes[found.row] = found.shapes
    flat = np.flatnonzero(shapely.get_dimensions(shapes) != SURFACE)
    flat = flat if len(flat) else np.flatnonzero(shapely.is_empty(shapes))
    if len(flat):
        shape = shapes[flat[0]]
        kind = "has no geometry" if shape is None or shape.is_empty else f"is a {shape.geom_type}"
        raise reader.refuse(batch, int(flat[0]), f"{kind}: zones are polygons")
    return shapes


def _check_names(path: Path, zone_id: str, names: list[Any]) -> None:
    seen: dict[Any, int] = {}
    for row, name in enumerate(names, start=1):
        problem = f"row {row:,} has no {zone_id}" if name is None else ""
        if name in seen:
            problem = f"rows {seen[name]:,} and {row:,} both have {zone_id} = '{str(name)[:60]}'"
        if problem:
            problem += ": name a column that tells the zones apart"
            raise FileDamaged(file=path, problem=problem)
        seen[name] = row


def geodesic_m(lines: np.ndarray) -> np.ndarray:
    """Geodesic length of lines in the working CRS, in metres (Karney 2013, by PROJ)."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    line = owner[part]
    longitude, latitude = _TO_DEGREES.transform(points[:, 0], points[:, 1])
    next_one = np.flatnonzero(part[1:] == part[:-1])
    _, _, metres = _GEOD.inv(
        longitude[next_one], latitude[next_one], longitude[next_one + 1], latitude[next_one + 1]
    )
    return np.bincount(line[next_one], weights=metres, minlength=len(lines)).astype(float)


def measure(index: RingIndex, batch: VectorBatch, found: PlaneShapes) -> BatchOverlap:
    """Overlap the shapes of a batch with zones, and add up by zone and group."""
    zones = len(index.zones.shapes)
    inside = overlap_rings(index, found.rings, found.areas, found.boxes)
    others = _overlap_others(index, found)
    zone = np.concatenate([inside.zone, others.zone])
    row = np.concatenate([found.rings.row[inside.thing], found.row[others.thing]])
    size = np.concatenate([inside.size, others.size])
    sums = sum_sizes(batch.codes[row] * zones + zone, size)
    return BatchOverlap(batch.groups, sums, len(batch), found.skipped, found.first, found.repairs)


def _overlap_others(index: RingIndex, found: PlaneShapes) -> Pairs:
    if not len(found.shapes):
        return Pairs(np.empty(0, int), np.empty(0, int), np.empty(0))
    dimension = next(iter(found.first), SURFACE)
    pairs = overlap_pairs(
        index.zones, found.shapes, size=geodesic_m if dimension == CURVE else planar_size
    )
    if dimension in SIZES:
        return pairs
    one = shapely.get_num_geometries(found.shapes[pairs.thing]) == 1
    again = np.zeros(len(pairs.thing), dtype=bool)
    again[1:] = one[1:] & (pairs.thing[1:] == pairs.thing[:-1])
    return Pairs(pairs.zone[~again], pairs.thing[~again], pairs.size[~again])


@dataclass
class Gathering:
    """Batches that add up to a table; they may come in any order."""

    reader: Reader
    zones: int
    codes: dict[Any, int] = field(default_factory=dict)
    pending: list[Sums] = field(default_factory=list)
    rows: int = 0
    skipped: int = 0
    first: dict[int, int] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)

    def add(self, measured: BatchOverlap) -> None:
        """Add a batch.

        Raises
        ------
        FileDamaged
            If it is of another kind than those before: lines among polygons.
        """
        for kind, row in measured.first.items():
            self.first[kind] = min(self.first.get(kind, row), row)
        check_one_kind(self.reader, self.first)
        code = np.array(
            [self.codes.setdefault(group, len(self.codes)) for group in measured.groups], dtype=int
        )
        sums = measured.sums
        group, zone = np.divmod(sums.key, self.zones)
        key = code[group] * self.zones + zone
        self.pending.append(Sums(key, sums.whole, sums.parts, sums.things))
        if len(self.pending) >= PENDING:
            self.pending = [add_sums(self.pending)]
        self.rows += measured.rows
        self.skipped += measured.skipped
        self.repairs += measured.repairs

    def table(self, zones: Zones, by: str | None) -> pd.DataFrame:
        """The table: by zone in the order of the file, then by group; only what overlaps."""
        empty = np.empty(0, dtype=np.int64)
        sums = add_sums(self.pending or [Sums(empty, empty, empty, empty)])
        group, zone = np.divmod(sums.key, self.zones)
        groups = list(self.codes)
        ranks = np.empty(len(groups), dtype=int)
        ranks[sorted(range(len(groups)), key=lambda at: _sorting(groups[at]))] = range(len(groups))
        order = np.lexsort((ranks[group], zone))
        columns: dict[str, Any] = {"zone": [zones.names[at] for at in zone[order].tolist()]}
        if by is not None:
            columns[by] = pd.array([groups[at] for at in group[order].tolist()])
        dimension = next(iter(self.first), SURFACE)
        if dimension in SIZES:
            name, unit = SIZES[dimension]
            columns[name] = sums.size[order] / unit
        return pd.DataFrame(columns | {"parts": sums.things[order]})


def _sorting(group: Any) -> tuple[bool, Any]:
    return group is None, 0 if group is None else group
