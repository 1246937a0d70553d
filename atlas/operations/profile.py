"""Along a line: rasters, belts and lakes that it passes, with the length in each."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from atlas.analysis.profile import (
    OUTSIDE,
    Stretches,
    Way,
    boxes_along,
    joined,
    steps_on,
    stretches_in,
    way_along,
)
from atlas.core.crs import REGION_BOUNDS
from atlas.core.ground import read_corners
from atlas.core.layer import Edition, LayerInfo
from atlas.core.period import as_of
from atlas.errors import FeatureNotFound, FileDamaged, WrongKind
from atlas.i18n import LANGUAGES, in_both
from atlas.io import catalogue
from atlas.io.vector import read_vector
from atlas.operations.find import known_editions
from atlas.operations.row_words import with_version
from atlas.operations.show import read_layer, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from atlas.operations.ground import Ground

CROSSED = ("ecological-belts", "lakes")
"""Layers whose features a profile names where the line passes them."""
COORDINATES = re.compile(r"[-\d.,;\s]+")


@dataclass(frozen=True, eq=False)
class Strip:
    """A raster along the line: pieces of one value, in the unit of the raster.

    ``values`` is NaN where a cell has no value, ``covered`` false where the line leaves the raster.
    """

    ground: Ground
    start_km: np.ndarray[Any, Any]
    end_km: np.ndarray[Any, Any]
    values: np.ndarray[Any, Any]
    covered: np.ndarray[Any, Any]

    @property
    def length_km(self) -> np.ndarray[Any, Any]:
        """Length of each piece."""
        length: np.ndarray[Any, Any] = self.end_km - self.start_km
        return length


@dataclass(frozen=True, eq=False)
class Passed:
    """Features of a layer that the line passes; ``stretches.thing`` points into ``features``.

    ``undrawn`` are names of features in force whose extent was not published.
    """

    info: LayerInfo
    edition: Edition
    features: gpd.GeoDataFrame
    stretches: Stretches
    undrawn: tuple[dict[str, str], ...]


@dataclass(frozen=True, eq=False)
class NamedLine:
    """A line to follow, in EPSG:4326, and where it is from."""

    name: str
    title: dict[str, str]
    shape: shapely.Geometry
    edition: Edition | None = None


@dataclass(frozen=True, eq=False)
class Profile:
    """What lies along a line on one day."""

    line: NamedLine
    way: Way
    day: dt.date
    known_by: dt.date
    strips: tuple[Strip, ...]
    passed: tuple[Passed, ...]


def read_line(
    folder: Path, line: str, *, day: dt.date, known_by: dt.date, files: bool = True
) -> NamedLine:
    """Read a line: a feature of a layer (``layer:id``), corners (``lon,lat;lon,lat``), or a file.

    Parameters
    ----------
    folder, line
        Where the layers lie, and the line.
    day, known_by
        In force on which day, as published by which day.
    files
        Whether the line may be a file: not where a reader of the page writes it.

    Raises
    ------
    LayerNotFound, EditionNotFound, FeatureNotFound, FileDamaged, WrongKind
        If there is no such line.
    """
    name, colon, feature = line.partition(":")
    if colon and name in catalogue.list_layer_ids(folder):
        return _feature_line(folder, name, feature, day, known_by)
    if COORDINATES.fullmatch(line) or not files:
        return drawn_line(line)
    if line in catalogue.list_layer_ids(folder):
        ids = read_layer(folder, line, known_by=known_by).features["id"].unique()
        named = ", ".join(f"{line}:{code}" for code in sorted(ids)[:8])
        kind = catalogue.read_info(folder, line).kind
        raise WrongKind(layer=line, kind=kind, problem=f"name one of its features: {named}")
    return _file_line(Path(line))


def drawn_line(text: str) -> NamedLine:
    """Read corners of a drawn line.

    Raises
    ------
    FileDamaged
        If they are no line in the region.
    """
    corners = read_corners(text.replace(" ", ""))
    if not corners:
        problem = "a line is corners as 'lon,lat;lon,lat', two to 200 of them"
        raise FileDamaged(file=text[:40], problem=problem)
    shape = shapely.LineString(corners)
    _check_region(text[:40], shape)
    return NamedLine("drawn", in_both("ground.drawn_line"), shape)


def _feature_line(
    folder: Path, name: str, feature: str, day: dt.date, known_by: dt.date
) -> NamedLine:
    layer = read_layer(folder, name, known_by=known_by)
    if layer.info.kind != "line":
        problem = "a profile follows a line; choose a railway or a river"
        raise WrongKind(layer=name, kind=layer.info.kind, problem=problem)
    rows = select(layer, day=day, feature=feature)
    rows = rows[rows.geometry.notna()]
    if rows.empty:
        raise FeatureNotFound(
            layer=name, edition=layer.edition.edition, feature=f"{feature[:60]} ({day})",
            near="none in force on that day",
        )  # fmt: skip
    title = {lang: str(rows[f"name_{lang}"].iloc[0]) for lang in LANGUAGES}
    shape = shapely.union_all(rows.geometry.to_numpy()) if len(rows) > 1 else rows.geometry.iloc[0]
    return NamedLine(f"{name}:{feature}", title, shape, layer.edition)


def _file_line(path: Path) -> NamedLine:
    rows = read_vector(path)
    shapes = rows.geometry.dropna().to_numpy()
    if len(shapes) != 1 or shapes[0].geom_type not in ("LineString", "MultiLineString"):
        problem = f"it holds {len(shapes)} shapes; a profile follows one line: keep one in the file"
        raise FileDamaged(file=path, problem=problem)
    _check_region(path, shapes[0])
    return NamedLine(path.name, dict.fromkeys(LANGUAGES, path.name), shapes[0])


def _check_region(file: object, shape: shapely.Geometry) -> None:
    west, south, east, north = REGION_BOUNDS
    box = shape.bounds
    if not (box[0] >= west and box[1] >= south and box[2] <= east and box[3] <= north):
        problem = (
            f"the line leaves the region of the atlas ({west:g} to {east:g} E, {south:g} to "
            f"{north:g} N): longitude comes first, in degrees of EPSG:4326"
        )
        raise FileDamaged(file=file, problem=problem)


def profile(
    folder: Path, grounds: Sequence[Ground], line: NamedLine, *, day: dt.date, known_by: dt.date
) -> Profile:
    """Follow a line over rasters, belts and lakes.

    Parameters
    ----------
    folder
        Where the layers lie.
    grounds
        Rasters to read along the line.
    line
        From :func:`read_line`.
    day, known_by
        In force on which day, as published by which day.

    Raises
    ------
    FileDamaged
        If the line has no length, or cells cannot be unpacked.
    """
    try:
        way = way_along(line.shape)
    except ValueError as error:
        raise FileDamaged(file=line.name, problem=str(error)) from None
    strips = tuple(strip_along(way, ground) for ground in grounds)
    passed = tuple(
        _pass(folder, edition, way, day)
        for edition in known_editions(folder, CROSSED, known_by=known_by)
    )
    return Profile(line, way, day, known_by, strips, passed)


def strip_along(way: Way, ground: Ground) -> Strip:
    """Read a raster along a way.

    Raises
    ------
    FileDamaged
        If cells of a file cannot be unpacked.
    """
    steps = steps_on(way, ground.grid)
    values = np.full(len(steps.row), np.nan)
    for window in ground.windows(boxes_along(way, ground.grid)):
        rows, columns = window.values.shape
        row, column = steps.row - window.row, steps.column - window.column
        here = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        values[here] = ground.numbers(window)[row[here], column[here]]
    covered = steps.row != OUTSIDE
    marked = np.where(covered, values, np.inf)
    start, end, told = joined(steps.start_km, steps.end_km, marked)
    there = ~np.isinf(told)
    return Strip(ground, start, end, np.where(there, told, np.nan), there)


def _pass(folder: Path, edition: Edition, way: Way, day: dt.date) -> Passed:
    layer = catalogue.read_layer(folder, edition)
    rows = as_of(layer.features, day)
    lost = rows[rows.geometry.isna()].to_dict("records")
    names = tuple(
        {lang: with_version(str(row[f"name_{lang}"]), row, lang) for lang in LANGUAGES}
        for row in lost
    )
    drawn = rows[rows.geometry.notna()].reset_index(drop=True)
    stretches = stretches_in(way, drawn.geometry.to_numpy())
    return Passed(layer.info, edition, drawn, stretches, names)


def figures(strip: Strip) -> dict[str, float]:
    """Least, mean (by length) and greatest value along the line; NaN without values."""
    there = ~np.isnan(strip.values)
    if not there.any():
        return dict.fromkeys(("least", "mean", "greatest"), float("nan"))
    values, length = strip.values[there], strip.length_km[there]
    mean = float((values * length).sum() / length.sum())
    return {"least": float(values.min()), "mean": mean, "greatest": float(values.max())}


def by_value(strip: Strip) -> pd.DataFrame:
    """Length of each value: ``value`` (NaN: none), ``covered``, ``length_km``, ``share`` (0–1)."""
    table = pd.DataFrame(
        {"value": strip.values, "covered": strip.covered, "length_km": strip.length_km}
    )
    sums = table.groupby(["covered", "value"], dropna=False, as_index=False)["length_km"].sum()
    shared: pd.DataFrame = sums.assign(share=sums["length_km"] / sums["length_km"].sum())
    return shared
