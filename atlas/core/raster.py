"""Cells of a raster layer, what their values mean, and the rules that they keep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.core.crs import REGION_BOUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator

COLOUR = re.compile(r"#[0-9a-f]{6}")
SHOWN = 5
"""Values that a message repeats."""
SLACK_DEG = 1e-9
"""Rounding that a bound computed from cells may have."""


@dataclass(frozen=True)
class RasterClass:
    """One value of a categorical raster: what it stands for, and its colour (``#rrggbb``)."""

    value: int
    title: dict[str, str]
    colour: str


@dataclass(frozen=True)
class RasterScheme:
    """What cells hold, as ``layer.toml`` says: classes, or a quantity inside a range.

    ``range`` is closed at both ends, in ``unit``; it is None if there are ``classes``.
    """

    nodata: float
    unit: dict[str, str]
    resolution: dict[str, str]
    classes: tuple[RasterClass, ...] = ()
    range: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Raster:
    """Cells in EPSG:4326, rows from north to south; treat ``values`` as read-only.

    ``west`` and ``north`` are the outer edges of the first cell, not its centre;
    ``cell_deg`` is the width and height of a cell in degrees.
    """

    values: np.ndarray[Any, Any]
    west: float
    north: float
    cell_deg: tuple[float, float]
    nodata: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Outer edges: west, south, east, north in degrees."""
        rows, columns = self.values.shape
        width, height = self.cell_deg
        return self.west, self.north - rows * height, self.west + columns * width, self.north

    @property
    def known(self) -> np.ndarray[Any, Any]:
        """Values of the cells that are not nodata, in one row."""
        known: np.ndarray[Any, Any] = self.values[self.values != self.nodata]
        return known

    def value_at(self, lon: float, lat: float) -> float:
        """Value of the cell that holds a point (degrees); its west and north edges belong to it.

        Raises
        ------
        IndexError
            If the point lies outside.
        """
        west, south, east, north = self.bounds
        if not (west <= lon < east and south < lat <= north):
            raise IndexError(f"({lon:g}, {lat:g}) lies outside the raster")
        width, height = self.cell_deg
        row, column = int((north - lat) / height), int((lon - west) / width)
        return float(self.values[row, column])


def read_scheme(table: dict[str, Any]) -> RasterScheme:
    """Scheme from the tables ``[raster]`` and ``[[classes]]`` of a ``layer.toml``.

    Raises
    ------
    KeyError, TypeError, ValueError
        Naming what is missing or wrong.
    """
    head = table["raster"]
    for name in ("unit", "resolution"):
        if not (head[name]["zh"].strip() and head[name]["en"].strip()):
            raise ValueError(f"raster.{name} must have zh and en")
    classes = tuple(_class(entry) for entry in table.get("classes", []))
    limits = tuple(float(value) for value in head["range"]) if "range" in head else None
    nodata = float(head["nodata"])
    if bool(classes) == bool(limits):
        raise ValueError("a raster has either [[classes]] or raster.range")
    if limits and not (len(limits) == 2 and limits[0] < limits[1]):  # noqa: PLR2004
        raise ValueError("raster.range must be two rising numbers")
    values = [entry.value for entry in classes]
    if len(set(values)) < len(values) or nodata in values:
        raise ValueError("classes: each value once, and none of them raster.nodata")
    if limits and limits[0] <= nodata <= limits[1]:
        raise ValueError("raster.nodata lies inside raster.range")
    return RasterScheme(
        nodata=nodata,
        unit=dict(head["unit"]),
        resolution=dict(head["resolution"]),
        classes=classes,
        range=(limits[0], limits[1]) if limits else None,
    )


def _class(entry: dict[str, Any]) -> RasterClass:
    value, title, colour = entry["value"], entry["title"], entry["colour"]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"class value {value!r} is no integer")
    if not (title["zh"].strip() and title["en"].strip()):
        raise ValueError(f"class {value}: title must have zh and en")
    if not COLOUR.fullmatch(colour):
        raise ValueError(f"class {value}: colour must be #rrggbb in lower case")
    return RasterClass(value, dict(title), colour)


def raster_problems(scheme: RasterScheme, raster: Raster) -> Iterator[tuple[str, str]]:
    """What is wrong with place and values: pairs of rule and message, none if all is right."""
    west, south, east, north = raster.bounds
    limits = REGION_BOUNDS
    if (west < limits[0] - SLACK_DEG or south < limits[1] - SLACK_DEG
            or east > limits[2] + SLACK_DEG or north > limits[3] + SLACK_DEG):  # fmt: skip
        message = (
            f"the raster reaches from {west:g} to {east:g} E and {south:g} to {north:g} N, out "
            f"of the region ({limits[0]:g} to {limits[2]:g} E, {limits[1]:g} to {limits[3]:g} N)"
        )
        yield "region", message
    if raster.nodata != scheme.nodata:
        yield "nodata", f"nodata is {raster.nodata:g}; layer.toml says {scheme.nodata:g}"
        return
    known = raster.known
    if known.size == 0:
        yield "values", "no cell holds a value"
    elif scheme.classes:
        yield from _class_problems(scheme.classes, known)
    elif scheme.range:
        yield from _range_problems(scheme.range, known)


def _class_problems(
    classes: tuple[RasterClass, ...], known: np.ndarray[Any, Any]
) -> Iterator[tuple[str, str]]:
    found = np.unique(known)
    strange = found[~np.isin(found, [entry.value for entry in classes])]
    if strange.size:
        cells = int(np.isin(known, strange).sum())
        names = ", ".join(f"{value:g}" for value in strange[:SHOWN])
        more = f" and {strange.size - SHOWN} more" if strange.size > SHOWN else ""
        yield "values", f"{cells:,} cells hold values without a class: {names}{more}"


def _range_problems(
    limits: tuple[float, float], known: np.ndarray[Any, Any]
) -> Iterator[tuple[str, str]]:
    inside = (known >= limits[0]) & (known <= limits[1])
    if not inside.all():
        outside = known[~inside]
        message = (
            f"{outside.size:,} cells lie outside the range {limits[0]:g} to {limits[1]:g}; "
            f"the first is {outside[0]:g}"
        )
        yield "values", message


def count_classes(
    classes: tuple[RasterClass, ...], raster: Raster
) -> list[tuple[RasterClass, int]]:
    """Cells of each class, in the order of the class table."""
    values, counts = np.unique(raster.values, return_counts=True)
    by_value = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return [(entry, by_value.get(entry.value, 0)) for entry in classes]
