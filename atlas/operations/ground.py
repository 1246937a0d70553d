"""A raster to look into: a raster layer of the record, or a GeoTIFF of the user's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Geod, Transformer

from atlas.core.crs import STORAGE_CRS
from atlas.core.grid import Grid, grid_of_raster
from atlas.core.layer import Edition, LayerInfo
from atlas.core.raster import Raster, RasterClass
from atlas.errors import FileDamaged
from atlas.i18n import LANGUAGES, in_both, translate
from atlas.io import catalogue
from atlas.io.raster_windows import (
    RasterFacts,
    RasterWindow,
    cells_of_box,
    read_facts,
    read_picture,
    read_windows,
)
from atlas.operations.zones import hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASSES, QUANTITY = KINDS = ("classes", "quantity")
"""What cells hold: values that stand for something, or numbers that can be averaged."""
HASHED_MOST = 1 << 30
"""Files up to a gigabyte are named by their sha256 too."""
KM = 1000.0


@dataclass(frozen=True, eq=False)
class Ground:
    """A raster and what is known of it.

    ``kind`` is one of :data:`KINDS`; ``classes`` is the class table, empty if nobody gave one;
    ``unit`` may be empty: then it is not known. ``edition`` and ``info`` are those of a layer,
    ``facts`` those of a file; ``cell_m`` is the width and height of a cell in its middle.
    """

    name: str
    title: dict[str, str]
    grid: Grid
    kind: str
    nodata: float | None
    classes: tuple[RasterClass, ...]
    unit: dict[str, str]
    resolution: dict[str, str]
    accuracy: dict[str, str]
    cell_m: tuple[float, float]
    sha256: str
    edition: Edition | None = None
    info: LayerInfo | None = None
    raster: Raster | None = None
    facts: RasterFacts | None = None

    @property
    def scale(self) -> tuple[float, float]:
        """What a stored value is multiplied by, and what is then added."""
        return (self.facts.scale, self.facts.offset) if self.facts else (1.0, 0.0)

    @property
    def whole(self) -> bool:
        """Whether stored values are whole numbers of at most 16 bits."""
        name = self.facts.dtype if self.facts else self.raster.values.dtype if self.raster else "f8"
        kind = np.dtype(name)
        return kind.kind in "iu" and kind.itemsize <= 2  # noqa: PLR2004 - bytes

    def windows(self, boxes: np.ndarray[Any, Any]) -> Iterator[RasterWindow]:
        """Windows that boxes (n × 4, in the CRS of the grid) meet.

        Raises
        ------
        FileDamaged
            If cells of a file cannot be unpacked.
        """
        if self.raster is not None:
            yield RasterWindow(0, 0, self.raster.values)
        elif self.facts is not None:
            yield from read_windows(self.facts, boxes)

    def picture(
        self, box: tuple[float, float, float, float], *, side_most: int
    ) -> tuple[np.ndarray[Any, Any], Grid]:
        """Numbers in a box (in the CRS of the grid), NaN where there are none, and their grid.

        Every n-th cell as it is where there are more than ``side_most`` along a side.
        """
        if self.raster is not None:
            row, column, rows, columns = cells_of_box(self.grid, box)
            values = self.raster.values[row : row + rows, column : column + columns]
            window, grid = RasterWindow(row, column, values), self.grid.part(
                row, column, rows, columns
            )  # fmt: skip
        elif self.facts is not None:
            window, grid = read_picture(self.facts, box, side_most=side_most)
        return self.numbers(window), grid

    def numbers(self, window: RasterWindow) -> np.ndarray[Any, Any]:
        """Values of a window in the unit of the raster; NaN where there is none."""
        scale, offset = self.scale
        numbers = window.values.astype(float)
        if self.nodata is not None:
            numbers[window.values == self.nodata] = np.nan
        if window.known is not None:
            numbers[~window.known] = np.nan
        numbers[~np.isfinite(numbers)] = np.nan
        scaled: np.ndarray[Any, Any] = numbers * scale + offset
        return scaled

    def class_title(self, value: float, lang: str) -> str:
        """Words for a class; its value where nobody said what it stands for."""
        for entry in self.classes:
            if entry.value == value:
                return entry.title[lang]
        return translate("ground.value", lang, value=f"{value:g}")


def open_ground(
    folder: Path, raster: str, *, known_by: dt.date, edition: int | None = None, band: int = 1,
    kind: str | None = None,
) -> Ground:  # fmt: skip
    """Open a raster layer, or a GeoTIFF; of a file no cell is read yet.

    Parameters
    ----------
    folder
        Where the layers lie.
    raster
        Id of a raster layer, or path of a GeoTIFF.
    known_by, edition
        Which edition of a layer: as published by a day, or by its number.
    band
        Band of a file, from 1.
    kind
        What the cells of a file hold, one of :data:`KINDS`; by default classes if it has a table
        of colours or bytes as cells, else a quantity.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there is no such raster, or it cannot be trusted.
    """
    if raster in catalogue.list_layer_ids(folder):
        found = catalogue.find_edition(folder, raster, known_by=known_by, number=edition)
        return _of_layer(folder, found)
    facts = read_facts(Path(raster), band=band)
    return _of_file(facts, kind)


def rename(ground: Ground, name: str) -> Ground:
    """The same raster under the name that its user knows."""
    return replace(ground, name=name, title=dict.fromkeys(LANGUAGES, name))


def _of_layer(folder: Path, edition: Edition) -> Ground:
    layer = catalogue.read_raster_layer(folder, edition)
    scheme, grid = layer.scheme, grid_of_raster(layer.raster)
    return Ground(
        name=layer.info.id, title=layer.info.title, grid=grid,
        kind=CLASSES if scheme.classes else QUANTITY, nodata=scheme.nodata,
        classes=scheme.classes, unit=scheme.unit, resolution=scheme.resolution,
        accuracy=layer.info.accuracy, cell_m=cell_size_m(grid), sha256=edition.sha256,
        edition=edition, info=layer.info, raster=layer.raster,
    )  # fmt: skip


def _of_file(facts: RasterFacts, kind: str | None) -> Ground:
    size = cell_size_m(facts.grid)
    guessed = CLASSES if facts.colours or facts.dtype in ("uint8", "int8") else QUANTITY
    if (facts.scale, facts.offset) != (1.0, 0.0):
        guessed = QUANTITY
    unit = facts.bands[facts.band - 1].unit
    width, height = (length_text(side) for side in size)
    return Ground(
        name=facts.path.name, title=dict.fromkeys(LANGUAGES, facts.path.name), grid=facts.grid,
        kind=kind or guessed, nodata=facts.nodata, classes=(),
        unit=dict.fromkeys(LANGUAGES, unit),
        resolution=in_both("ground.cells", width=width, height=height),
        accuracy=in_both("ground.accuracy_file"), cell_m=size,
        sha256=hash_of(facts.path) if facts.size_bytes <= HASHED_MOST else "", facts=facts,
    )  # fmt: skip


def length_text(metres: float) -> str:
    """A length that needs no decimals: ``30 m``, ``4.8 km``."""
    return f"{metres / KM:.2g} km" if metres >= KM else f"{metres:.3g} m"


def cell_size_m(grid: Grid) -> tuple[float, float]:
    """Width and height in metres, on the ellipsoid, of the cell in the middle of a grid."""
    x = grid.west + grid.cell_width * (grid.columns // 2 + np.array([0.0, 1.0, 0.0]))
    y = grid.north - grid.cell_height * (grid.rows // 2 + np.array([0.0, 0.0, 1.0]))
    lon, lat = Transformer.from_crs(grid.crs, STORAGE_CRS, always_xy=True).transform(x, y)
    geod = Geod(ellps="WGS84")
    _, _, metres = geod.inv(lon[[0, 0]], lat[[0, 0]], lon[1:], lat[1:])
    return float(metres[0]), float(metres[1])


def refuse_empty(ground: Ground) -> None:
    """Say that a raster holds no value wherever it was asked.

    Raises
    ------
    FileDamaged
        Always.
    """
    problem = "none of the cells asked holds a value (nodata everywhere): check nodata and band"
    raise FileDamaged(file=ground.name, problem=problem)
