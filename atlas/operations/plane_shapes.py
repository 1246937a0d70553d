"""A batch of a user's file as valid shapes in the working CRS: what is wrong is named by row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from atlas.analysis.overlap import planar_size
from atlas.analysis.wkb import (
    Binaries,
    Rings,
    move_rings,
    proven_convex,
    read_rings,
    read_shapes,
    ring_areas,
    ring_boxes,
    take_rings,
    to_polygons,
)
from atlas.core.crs import WORKING_CRS
from atlas.errors import FileDamaged
from atlas.io.stream import VectorBatch, VectorSource

COLLECTION = 7
KINDS = ("points", "lines", "polygons")
DEGREES = (180.0, 90.0)
SHOWN = 60


@dataclass(frozen=True)
class Repair:
    """An invalid geometry that was made valid.

    ``row`` counts from 1; sizes are square metres of polygons and metres of lines, in the plane.
    A geometry with a coordinate that is no number has no size before.
    """

    file: str
    row: int
    name: str | None
    reason: str
    before: float | None
    after: float

    def __str__(self) -> str:
        named = f" ('{self.name}')" if self.name else ""
        before = "unknown" if self.before is None else f"{self.before:,.3f}"
        where = f"{self.file}, row {self.row:,}{named}"
        return f"{where}: {self.reason}; size {before} before, {self.after:,.3f} after"


@dataclass(frozen=True, eq=False)
class PlaneShapes:
    """Valid shapes of a batch, in metres.

    Polygons of one ring are ``rings``, with their areas and boxes; the others are ``shapes``, of
    the rows ``row``. ``skipped`` counts the rows without a geometry, ``first`` says on which row
    of the file (from 1) each dimension comes first.
    """

    rings: Rings
    areas: np.ndarray
    boxes: np.ndarray
    row: np.ndarray
    shapes: np.ndarray
    skipped: int
    first: dict[int, int]
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class Reader:
    """How the rows of a file become shapes, and how they are named: by ``key``, if given."""

    source: VectorSource
    key: str | None = None
    repair: bool = False

    def refuse(self, batch: VectorBatch, row: int, problem: str) -> FileDamaged:
        """The error that names a row of a batch."""
        name = self.name_of(batch, row)
        where = f"row {batch.first + row + 1:,}"
        if name is not None:
            where += f" ({self.key} = '{name}')"
        return FileDamaged(file=self.source.path, problem=f"{where} {problem}")

    def name_of(self, batch: VectorBatch, row: int) -> str | None:
        """What the key says of a row, cut to a length that a message bears."""
        name = batch.name_at(row)
        return None if name is None else str(name)[:SHOWN]


def plane_shapes(reader: Reader, batch: VectorBatch) -> PlaneShapes:
    """Valid shapes of a batch in the working CRS.

    Parameters
    ----------
    reader
        The file, and whether to repair.
    batch
        Rows of it.

    Raises
    ------
    FileDamaged
        Naming the first row that cannot be read, lies outside the degrees there are, spans more
        than half the globe, is a collection, or is invalid and not to be repaired.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        return _checked(reader, batch, Binaries(batch.content, batch.start, batch.length))


def _checked(reader: Reader, batch: VectorBatch, binaries: Binaries) -> PlaneShapes:
    rings = read_rings(binaries)
    rest = np.ones(len(batch), dtype=bool)
    rest[rings.row] = False
    row = np.flatnonzero(rest & (batch.length > 0))
    shapes = _read(reader, batch, binaries, row)
    full = ~shapely.is_empty(shapes)
    row, shapes = row[full], shapes[full]
    rings, shapes = _to_plane(reader, batch, rings, row, shapes)
    bad = _invalid_rings(rings)
    if len(bad):
        row = np.concatenate([row, rings.row[bad]])
        shapes = np.concatenate([shapes, to_polygons(take_rings(rings, bad))])
        rings = take_rings(rings, np.delete(np.arange(len(rings)), bad))
    shapes, repairs = _made_valid(reader, batch, binaries, row, shapes)
    first = _first_rows(reader, batch, rings, row, shapes)
    return PlaneShapes(
        rings, ring_areas(rings), ring_boxes(rings), row, shapes,
        skipped=len(batch) - len(rings) - len(row), first=first, repairs=repairs,
    )  # fmt: skip


def _read(reader: Reader, batch: VectorBatch, binaries: Binaries, row: np.ndarray) -> np.ndarray:
    shapes = read_shapes(binaries, row)
    lost = np.flatnonzero(shapely.is_missing(shapes))
    if len(lost):
        try:
            shapely.from_wkb(binaries.at(int(row[lost[0]])))
        except shapely.GEOSException as error:
            problem = f"is no geometry that can be read: {str(error)[:SHOWN]}"
            raise reader.refuse(batch, int(row[lost[0]]), problem) from None
    mixed = np.flatnonzero(shapely.get_type_id(shapes) >= COLLECTION)
    if len(mixed):
        kind = shapes[mixed[0]].geom_type
        problem = f"is a {kind}: split it into points, lines or polygons"
        raise reader.refuse(batch, int(row[mixed[0]]), problem)
    return shapes


def _to_plane(
    reader: Reader, batch: VectorBatch, rings: Rings, row: np.ndarray, shapes: np.ndarray
) -> tuple[Rings, np.ndarray]:
    crs = reader.source.crs
    if crs.equals(WORKING_CRS, ignore_axis_order=True):
        return rings, shapes
    if crs.is_geographic:
        _check_degrees(reader, batch, rings.row, ring_boxes(rings))
        _check_degrees(reader, batch, row, shapely.bounds(shapes))
    try:
        transformer = _transformer(crs)
        moved = move_rings(rings, transformer.transform) if len(rings) else rings
        if len(shapes):
            shapes = shapely.transform(shapes, transformer.transform, interleaved=False)
    except ProjError as error:
        problem = f"its CRS cannot be brought to the atlas's: {str(error)[:SHOWN]}"
        raise FileDamaged(file=reader.source.path, problem=problem) from None
    return moved, shapes


@lru_cache(maxsize=8)
def _transformer(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs, WORKING_CRS, always_xy=True)


def _check_degrees(reader: Reader, batch: VectorBatch, row: np.ndarray, boxes: np.ndarray) -> None:
    west, south, east, north = boxes.T
    outside = (west < -DEGREES[0]) | (east > DEGREES[0]) | (south < -DEGREES[1])
    outside |= north > DEGREES[1]
    wide = east - west > DEGREES[0]
    wrong = np.flatnonzero(outside | wide)
    if len(wrong):
        place = wrong[np.argmin(row[wrong])]
        problem = (
            f"has the longitude and latitude {west[place]:g} {south[place]:g} to {east[place]:g} "
            f"{north[place]:g}, beyond ±180 and ±90: assign the CRS that it is in"
            if outside[place] else
            "is wider than 180 degrees: cut it at the antimeridian"
        )  # fmt: skip
        raise reader.refuse(batch, int(row[place]), problem)


def _invalid_rings(rings: Rings) -> np.ndarray:
    """Places of rings that are no valid polygons: convex ones are, GEOS looks at the others."""
    unsure = np.flatnonzero(~proven_convex(rings))
    if not len(unsure):
        return unsure
    return np.asarray(unsure[~shapely.is_valid(to_polygons(take_rings(rings, unsure)))])


def _made_valid(
    reader: Reader, batch: VectorBatch, binaries: Binaries, row: np.ndarray, shapes: np.ndarray
) -> tuple[np.ndarray, tuple[Repair, ...]]:
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(bad):
        return shapes, ()
    bad = bad[np.argsort(row[bad])]
    reasons = [_reason(binaries, int(row[place]), shapes[place]) for place in bad]
    if not reader.repair:
        problem = (
            f"is invalid: {reasons[0]}; {len(bad)} such row(s) of {len(batch):,} looked at: "
            "repair the file (QGIS 'Fix geometries'), or ask for repairs"
        )
        raise reader.refuse(batch, int(row[bad[0]]), problem)
    shapes = shapes.copy()
    before = planar_size(shapes[bad])
    shapes[bad] = shapely.make_valid(shapes[bad], method="structure", keep_collapsed=False)
    wrong = np.flatnonzero(~shapely.is_valid(shapes[bad]))
    if len(wrong):
        problem = f"is invalid and cannot be repaired: {reasons[wrong[0]]}"
        raise reader.refuse(batch, int(row[bad[wrong[0]]]), problem)
    after = planar_size(shapes[bad])
    file = str(reader.source.path)
    return shapes, tuple(
        Repair(file, batch.first + int(row[place]) + 1, reader.name_of(batch, int(row[place])),
               reason, float(was) if np.isfinite(was) else None, float(now))
        for place, reason, was, now in zip(bad, reasons, before, after, strict=True)
    )  # fmt: skip


def _reason(binaries: Binaries, row: int, shape: shapely.Geometry) -> str:
    """Why a geometry is invalid, with the place in the file's own coordinates."""
    given = read_shapes(binaries, np.array([row]))[0]
    if shapely.is_valid(given):
        return f"only in the working CRS, {shapely.is_valid_reason(shape)}"
    return str(shapely.is_valid_reason(given))


def _first_rows(
    reader: Reader, batch: VectorBatch, rings: Rings, row: np.ndarray, shapes: np.ndarray
) -> dict[int, int]:
    """On which row each dimension comes first; two dimensions in one batch are refused."""
    dimension = shapely.get_dimensions(shapes)
    first = {int(found): int(row[dimension == found].min()) for found in np.unique(dimension)}
    if len(rings):
        first[2] = min(first.get(2, len(batch)), int(rings.row[0]))
    first.pop(-1, None)
    check_one_kind(reader, first := {kind: batch.first + at + 1 for kind, at in first.items()})
    return first


def check_one_kind(reader: Reader, first: dict[int, int]) -> None:
    """Refuse a file that holds polygons and lines, or lines and points.

    Raises
    ------
    FileDamaged
        Naming the first row of the kind that comes later.
    """
    if len(first) > 1:
        (_, early), (at, late) = sorted((place, KINDS[kind]) for kind, place in first.items())[:2]
        problem = f"row {at:,}: {late} among {early}: make a file of each"
        raise FileDamaged(file=reader.source.path, problem=problem)
