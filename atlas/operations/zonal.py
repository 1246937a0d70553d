"""What lies in zones: classes and quantities of a raster, on one day or between two."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from atlas.analysis.overlap import planar_size
from atlas.analysis.zonal import ClassSums, ClassTally, QuantitySums, QuantityTally, Zones
from atlas.core.crs import WORKING_CRS
from atlas.errors import FileDamaged
from atlas.operations.ground import CLASSES, Ground, refuse_empty
from atlas.operations.ground_zones import GroundZones, ground_zones, shapes_on
from atlas.operations.zones import follow_degrees

if TYPE_CHECKING:
    from atlas.operations.zones import ZoneSet

WHOLE, PARTLY, NOWHERE, EMPTY = STATES = ("covered", "partly", "not-covered", "no-values")
"""How a raster covers a zone: wholly, partly, not at all, or without any value."""
ALL = 1.0 - 1e-9


@dataclass(frozen=True, eq=False)
class Zonal:
    """Figures of zones on one day, in the order of ``zones.rows``.

    ``zone_km2`` is the whole of each zone, ``covered`` the share (0–1) of it that lies on the
    raster. ``classes`` or ``quantity`` holds the figures, by what the raster holds.
    """

    ground: Ground
    held: GroundZones
    day: dt.date
    known_by: dt.date
    zone_km2: np.ndarray[Any, Any]
    covered: np.ndarray[Any, Any]
    classes: ClassSums | None
    quantity: QuantitySums | None

    @property
    def zones(self) -> ZoneSet:
        """The zones."""
        return self.held.zones

    @property
    def known_km2(self) -> np.ndarray[Any, Any]:
        """Area of each zone where the raster has a value."""
        sums = self.classes or self.quantity
        return np.zeros(len(self.zone_km2)) if sums is None else sums.known_km2

    def state(self, zone: int) -> str:
        """How the raster covers a zone, one of :data:`STATES`."""
        if self.covered[zone] == 0:
            return NOWHERE
        if self.known_km2[zone] == 0:
            return EMPTY
        return WHOLE if self.covered[zone] >= ALL else PARTLY


@dataclass(frozen=True, eq=False)
class ZonalChange:
    """The same raster in the zones of two days: what changes are the zones, not the cells."""

    old: Zonal
    new: Zonal

    @property
    def ids(self) -> list[str]:
        """Zones of either day, those of the new day first."""
        rows = [found.zones.rows["id"].tolist() for found in (self.new, self.old)]
        return list(dict.fromkeys([*rows[0], *rows[1]]))


def zonal(
    folder: Path, ground: Ground, *, zones: str = "cities", day: dt.date, known_by: dt.date,
    by: str = "", key: str = "id",
) -> Zonal:  # fmt: skip
    """Measure what lies in zones as of a day; arguments as of :func:`ground_zones`.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there are no such zones, or the raster cannot be read or holds no value there.
    """
    held = ground_zones(folder, zones, day=day, known_by=known_by, by=by, key=key)
    return zonal_in(ground, held, day=day, known_by=known_by)


def zonal_in(ground: Ground, held: GroundZones, *, day: dt.date, known_by: dt.date) -> Zonal:
    """Measure in zones that were read; else as :func:`zonal`."""
    shapes = shapes_on(held.zones, ground.grid)
    ready = Zones(shapes, ground.grid)
    tally = _tally(ground, ready)
    try:
        for window in ground.windows(shapely.bounds(shapes)):
            tally.add(window.row, window.column, window.values, window.known)
    except OverflowError as error:
        problem = f"{error}: it holds a quantity, not classes (--as quantity)"
        raise FileDamaged(file=ground.name, problem=problem) from None
    sums = tally.sums()
    inside = sums.known_km2 + sums.empty_km2
    if inside.any() and not sums.known_km2.any():
        refuse_empty(ground)
    plane = follow_degrees(held.zones.rows, held.zones).geometry.to_crs(WORKING_CRS)
    size = planar_size(plane.to_numpy()) / 1e6
    return Zonal(
        ground, held, day, known_by, size, _covered(ground, shapes, inside, size),
        sums if isinstance(sums, ClassSums) else None,
        sums if isinstance(sums, QuantitySums) else None,
    )  # fmt: skip


def _tally(ground: Ground, ready: Zones) -> ClassTally | QuantityTally:
    if ground.kind == CLASSES:
        return ClassTally(ready, nodata=ground.nodata)
    scale, offset = ground.scale
    return QuantityTally(
        ready, nodata=ground.nodata, scale=scale, offset=offset, whole=ground.whole
    )


def _covered(
    ground: Ground, shapes: np.ndarray[Any, Any], inside: np.ndarray[Any, Any],
    size: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:  # fmt: skip
    """Share of each zone that lies on the raster: one if its box does, nought if none of it."""
    west, south, east, north = ground.grid.bounds
    boxes = shapely.bounds(shapes)
    whole = (boxes[:, 0] >= west) & (boxes[:, 1] >= south)
    whole &= (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
    share = np.divide(inside, size, out=np.zeros_like(size), where=size > 0)
    return np.where(whole & (inside > 0), 1.0, np.minimum(share, np.nextafter(ALL, 0.0)))


def zonal_change(
    folder: Path, ground: Ground, *, zones: str, old: dt.date, new: dt.date, known_by: dt.date,
    by: str = "", key: str = "id",
) -> ZonalChange:  # fmt: skip
    """Measure in the zones of two days; else as :func:`zonal`."""
    return ZonalChange(*(
        zonal(folder, ground, zones=zones, day=day, known_by=known_by, by=by, key=key)
        for day in (old, new)
    ))  # fmt: skip
