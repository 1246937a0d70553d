"""Zones to measure in: a layer as of a day, a vector file, or one polygon."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import shapely

from atlas.core.crs import REGION_BOUNDS, STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of
from atlas.errors import FileDamaged, WrongKind
from atlas.io import catalogue
from atlas.io.vector import check_shapes, read_vector
from atlas.operations.show import read_layer

ID = "id"
GIVEN = "given"
"""Id of a polygon that a reader drew or pasted."""
LONGEST_EDGE = 0.05
"""Degrees: longer sides of given zones get corners between, so that they stay on their parallel
in the working CRS (5 km bend by 0.3 m; the side of a box from 118 to 122 E would by 1.7 km)."""
RECONSTRUCTED = "before-"
"""Plan version of a boundary that ended with a change and was put together again from parts."""


@dataclass(frozen=True, eq=False)
class ZoneSet:
    """Zones, each id once.

    ``rows`` has ``id``, ``name_zh``, ``name_en``, ``accuracy_m``, ``estimated`` (the boundary of
    the day is a reconstruction) and a geometry in EPSG:4326. ``layer`` and ``edition`` say where
    they are from, ``file`` and ``sha256`` if it is a file.
    """

    rows: gpd.GeoDataFrame
    name: str
    title: dict[str, str]
    edition: Edition | None = None
    info: LayerInfo | None = None
    sha256: str = ""


def read_zones(
    folder: Path, zones: str, *, day: dt.date, known_by: dt.date, key: str = ID
) -> ZoneSet:
    """Read zones: a layer of polygons as of a day, or a vector file.

    Parameters
    ----------
    folder
        Where the layers lie.
    zones
        Id of a layer, or path of a file that GDAL reads.
    day, known_by
        As of which day, as published by which day; a file has no days.
    key
        Column of a file that names its zones.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged, WrongKind
        If there are no such zones.
    """
    if zones in catalogue.list_layer_ids(folder):
        return zones_of(read_layer(folder, zones, known_by=known_by), day)
    return read_zone_file(Path(zones), key=key)


def zones_of(layer: Layer, day: dt.date) -> ZoneSet:
    """Zones of a layer that was read, as of a day.

    Raises
    ------
    WrongKind
        If it holds no polygons.
    """
    if layer.info.kind != "polygon":
        problem = "zones are polygons; choose cities, districts, provinces or a plan"
        raise WrongKind(layer=layer.info.id, kind=layer.info.kind, problem=problem)
    rows = one_row_each(as_of(layer.features, day))
    return ZoneSet(rows, layer.info.id, layer.info.title, layer.edition, layer.info)


def follow_degrees(rows: gpd.GeoDataFrame, zones: ZoneSet) -> gpd.GeoDataFrame:
    """Rows to be measured with zones: with corners every :data:`LONGEST_EDGE` degrees.

    A side is straight in degrees, as RFC 7946 says and as the map draws it. With zones of a
    layer rows stay as they are: boundaries are measured from corner to corner, as their
    neighbours are, so that they stay coverages.
    """
    if zones.info is not None:
        return rows
    shapes = shapely.segmentize(rows.geometry.to_numpy(), LONGEST_EDGE)
    return rows.set_geometry(shapes, crs=STORAGE_CRS)


def one_row_each(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Zones of a layer, parts and plan versions of one id put together; drawn ones only."""
    drawn = features[features.geometry.notna()]
    former = drawn["plan_version"].str.startswith(RECONSTRUCTED)
    groups = drawn.assign(estimated=former).groupby("id", sort=True)
    table = groups.agg(
        name_zh=("name_zh", "first"), name_en=("name_en", "first"),
        accuracy_m=("accuracy_m", "max"), estimated=("estimated", "any"),
    )  # fmt: skip
    shapes = [_whole(group) for _, group in groups]
    return gpd.GeoDataFrame(table.reset_index(), geometry=shapes, crs=drawn.crs)


def _whole(rows: gpd.GeoDataFrame) -> shapely.Geometry:
    shapes = rows.geometry.to_numpy()
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


def read_zone_file(path: Path, *, key: str = ID) -> ZoneSet:
    """Read polygons of a vector file as zones; names are the key's values.

    Raises
    ------
    FileDamaged
        If it cannot be read, has other geometry than polygons, no such column, repeated or
        missing names, invalid shapes, or lies outside the region.
    """
    rows = read_vector(path)
    if key not in rows.columns:
        names = ", ".join(str(name) for name in rows.columns[:20] if name != "geometry")
        problem = f"no column '{key[:60]}' that names its zones; there are: {names or 'none'}"
        raise FileDamaged(file=path, problem=problem)
    check_shapes(path, rows, key)
    names = rows[key].map(str)
    if not names.is_unique:
        repeated = names[names.duplicated()].iloc[0]
        raise FileDamaged(file=path, problem=f"two zones are named '{repeated[:60]}' in '{key}'")
    return _given(path, rows, names.to_list(), hash_of(path))


def _given(path: Path, rows: gpd.GeoDataFrame, names: list[str], sha256: str) -> ZoneSet:
    shapes = rows.geometry.to_numpy()
    flat = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004 - surfaces
    if not flat.all():
        row = int((~flat).argmax())
        problem = f"row {row + 1} ('{names[row][:60]}') is no polygon; zones are polygons"
        raise FileDamaged(file=path, problem=problem)
    check_region(path, shapes, names)
    frame = gpd.GeoDataFrame(
        {"id": names, "name_zh": names, "name_en": names, "accuracy_m": 0.0, "estimated": False},
        geometry=shapes, crs=STORAGE_CRS,
    )  # fmt: skip
    return ZoneSet(frame, path.name, {"zh": path.name, "en": path.name}, sha256=sha256)


def check_region(path: Path, shapes: object, names: list[str]) -> None:
    """Refuse shapes outside the region of the atlas, or across the antimeridian.

    Raises
    ------
    FileDamaged
        Names the first row outside.
    """
    west, south, east, north = REGION_BOUNDS
    boxes = shapely.bounds(shapes)
    outside = (
        (boxes[:, 0] < west) | (boxes[:, 1] < south) | (boxes[:, 2] > east) | (boxes[:, 3] > north)
    )
    if outside.any():
        row = int(outside.argmax())
        x0, y0, x1, y1 = boxes[row]
        problem = (
            f"row {row + 1} ('{names[row][:60]}') reaches from ({x0:g}, {y0:g}) to "
            f"({x1:g}, {y1:g}); the atlas holds {west:g} to {east:g} E, {south:g} to {north:g} N: "
            "check its CRS, or "
            "cut it, also where it crosses the 180th meridian"
        )
        raise FileDamaged(file=path, problem=problem)


def polygon_zone(shape: shapely.Geometry, name: str) -> ZoneSet:
    """One polygon in EPSG:4326 that a reader drew or pasted."""
    rows = gpd.GeoDataFrame({ID: [GIVEN], "value": [1]}, geometry=[shape], crs=STORAGE_CRS)
    path = Path(name)
    check_shapes(path, rows, ID)
    digest = hashlib.sha256(shapely.to_wkb(shape)).hexdigest()
    return _given(path, rows, [name], digest)


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
