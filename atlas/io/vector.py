"""Vector files of users, in any format that GDAL reads; written whole or not at all."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from atlas.core.crs import STORAGE_CRS
from atlas.errors import FileDamaged, WriteFailed
from atlas.io.files import TEMPORARY, sync_folder

WRITTEN = (".gpkg", ".fgb", ".geojson")
"""Endings that can be written."""
INDIRECT = ("OGR_VRT", "VRT", "GTI", "OAPIF", "WFS", "PostgreSQL", "MySQL", "ODBC")
"""GDAL's drivers of files that hold an address, not shapes."""
DECIMALS = 9
"""Coordinates are read to a tenth of a millimetre: a change of CRS leaves them the same."""


def read_vector(path: Path) -> gpd.GeoDataFrame:
    """Read the first layer of a vector file, in EPSG:4326.

    Parameters
    ----------
    path
        A file that GDAL reads: GeoPackage, FlatGeobuf, GeoJSON, Shapefile and others.

    Returns
    -------
    geopandas.GeoDataFrame
        All rows with their columns, on a plain index; heights are dropped.

    Raises
    ------
    FileDamaged
        If there is no such file, it is no vector file, has no geometry, or does not say its CRS.
    """
    if not path.exists():
        raise FileDamaged(file=path, problem="No such file or directory")
    features = _read_first_layer(path)
    if not isinstance(features, gpd.GeoDataFrame):
        raise FileDamaged(file=path, problem="its layer has no geometry")
    if features.crs is None:
        problem = "it does not say its CRS: assign one, for example EPSG:4326 or EPSG:4490"
        raise FileDamaged(file=path, problem=problem)
    if features.crs != STORAGE_CRS:
        features = features.to_crs(STORAGE_CRS)
    flat = shapely.force_2d(features.geometry.to_numpy())
    rounded = shapely.transform(flat, lambda xy: np.round(xy, DECIMALS))
    features = features.set_geometry(rounded, crs=STORAGE_CRS)
    lists = [name for name in features.columns if features[name].dtype == object]
    return features.assign(**{name: features[name].map(_plain_list) for name in lists})


def _read_first_layer(path: Path) -> pd.DataFrame:
    try:
        layers = pyogrio.list_layers(path)
        if len(layers) == 0:
            raise FileDamaged(file=path, problem="not a vector file: it holds no layer")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's notes on single features
            fast = _can_stream(path, layers[0, 0])
            rows: pd.DataFrame = pyogrio.read_dataframe(path, layer=layers[0, 0], use_arrow=fast)
            return rows
    except (RuntimeError, IndexError, shapely.GEOSException) as error:
        raise FileDamaged(file=path, problem=f"not a vector file: {str(error)[:200]}") from error


def _can_stream(path: Path, layer: str) -> bool:
    """Whether Arrow may read a layer: GDAL 3.12 can crash on a FlatGeobuf without an index.

    Raises
    ------
    FileDamaged
        If the file only points to others: what it names is not what was given.
    """
    facts = pyogrio.read_info(path, layer=layer)
    if facts["driver"] in INDIRECT:
        problem = f"it only points to other files ({facts['driver']}): give one of those"
        raise FileDamaged(file=path, problem=problem)
    return bool(facts["driver"] != "FlatGeobuf" or facts["capabilities"]["fast_spatial_filter"])


def _plain_list(cell: object) -> object:
    """A list that can be compared: GDAL gives it as an array."""
    return cell.tolist() if isinstance(cell, np.ndarray) else cell


def check_shapes(path: Path, features: gpd.GeoDataFrame, key: str) -> None:
    """Refuse invalid geometries, naming the first row.

    Raises
    ------
    FileDamaged
        If a geometry is invalid; says which row, what is wrong, and the way out.
    """
    shapes = features.geometry.to_numpy()
    wrong = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_valid(shapes))
    if len(wrong):
        row = int(wrong[0])
        value = str(features[key].iloc[row])[:60]
        reason = shapely.is_valid_reason(shapes[row])
        problem = (
            f"{len(wrong)} invalid geometry(ies); first where {key} = '{value}': {reason}; "
            "repair the file, for example with QGIS 'Fix geometries'"
        )
        raise FileDamaged(file=path, problem=problem)


def write_vector(path: Path, features: gpd.GeoDataFrame) -> None:
    """Write features as GeoPackage, FlatGeobuf or GeoJSON, by the file's ending.

    Raises
    ------
    WriteFailed
        If the ending is none of :data:`WRITTEN`, or the disk refuses; nothing is half-written.
    """
    if path.suffix.lower() not in WRITTEN:
        raise WriteFailed(file=path, problem=f"the ending must be one of {', '.join(WRITTEN)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            pyogrio.write_dataframe(features, temporary, use_arrow=True)
            temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise WriteFailed(file=path, problem=error.strerror or str(error)) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError) as error:
        raise WriteFailed(file=path, problem=str(error)[:200]) from error
