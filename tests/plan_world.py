"""A small world for tests of indicators: four cities, plans and railways, worked out by hand.

::

    119.0        119.5   120.5        121.0        121.5
      +------------+       +------+-----+------------+   31.5
      | D 340100   |       | B 320500   | A 310000   |
      |            |       | w    |  e  |            |
      +------------+       +------+-----+------------+   31.0
                           | C 330500   |
                           +------------+                30.5
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from atlas.core.schema import Column
from atlas.io import geojson
from atlas.operations import publish as publishing
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, square

if TYPE_CHECKING:
    import geopandas as gpd


def dense(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape with so many corners that its sides bend alike, whatever shares them."""
    return shapely.segmentize(shape, 0.01)


A, B, C, D = (
    dense(square(*corner)) for corner in ((121, 31), (120.5, 31), (120.5, 30.5), (119, 31))
)
B_WEST = dense(shapely.box(120.5, 31, 120.75, 31.5))
B_EAST = dense(shapely.box(120.75, 31, 121, 31.5))
STATIONS = {
    "a": (121.2, 31.2, "上海", "310000"), "a2": (121.05, 31.1, "安亭", "310000"),
    "b": (120.8, 31.2, "苏州", "320500"), "b2": (120.95, 31.1, "花桥", "320500"),
    "c": (120.8, 30.9, "湖州", "330500"), "c2": (120.6, 30.9, "长兴", "330500"),
}  # fmt: skip
Entry = tuple[dict[str, Any], Any]
KINDS = {
    "cities": ("base", "polygon"), "districts": ("base", "polygon"),
    "settlements": ("people", "point"), "innovation-corridors": ("innovation", "polygon"),
    "ecological-belts": ("ecology", "polygon"), "metropolitan-areas": ("metropolitan", "polygon"),
    "rail-lines": ("rail", "line"), "rail-stations": ("rail", "point"),
}  # fmt: skip


def _columns(**types: str) -> tuple[Column, ...]:
    return tuple(
        Column(name, type_, title={"zh": name, "en": name}) for name, type_ in types.items()
    )


COLUMNS = {
    "cities": _columns(census_2020="integer", census_apart="integer"),
    "districts": _columns(city="text", province="text", census_2020="integer"),
    "settlements": _columns(population="integer", population_fault_en="text"),
    "rail-lines": _columns(category="text", design_speed_kmh="integer", stations="texts",
                           published_length_km="number", length_covers="text"),
    "rail-stations": _columns(category="text", city="text", district="text"),
}  # fmt: skip


def entry(start: str | None, shape: Any, end: str | None = None, **changes: Any) -> Entry:
    """A row with a period and a shape; without a shape it says so."""
    names = {"name_zh": changes.get("id", "甲"), "name_en": changes.get("id", "a")}
    basis = {} if shape is not None else {"geometry_basis": "none"}
    return in_force(start, end, **names | basis | changes), shape


def _unit(code: str, shape: Any, **changes: Any) -> Entry:
    return entry(None, shape, id=code, plan_version="current", **changes)


def _line(line: str, start: str | None, stops: str, category: str, kmh: int | None,
          **changes: Any) -> Entry:  # fmt: skip
    ids = stops.split()
    shape = shapely.LineString([STATIONS[stop][:2] for stop in ids])
    return entry(
        start, shape, id=line, category=category, design_speed_kmh=kmh, stations=ids,
        geometry_basis="path", published_length_km=None, length_covers=None, **changes,
    )  # fmt: skip


def _station(code: str, start: str | None, category: str) -> Entry:
    x, y, name, city = STATIONS[code]
    return entry(start, shapely.Point(x, y), id=code, category=category, city=city,
                 district=None, name_zh=name)  # fmt: skip


def world() -> dict[str, list[Entry]]:
    """Rows of each layer."""
    return {
        "cities": [
            _unit("310000", A, name_zh="上海市", census_2020=1000, census_apart=0),
            _unit("320500", B, name_zh="苏州市", census_2020=550, census_apart=50),
            _unit("330500", C, name_zh="湖州市", census_2020=400, census_apart=0),
            _unit("340100", D, name_zh="合肥市", census_2020=100, census_apart=0),
        ],
        "districts": [
            _unit("310101", A, city="310000", province="310000", census_2020=1000),
            _unit("320501", B_WEST, city="320500", province="320000", census_2020=200),
            _unit("320502", B_EAST, city="320500", province="320000", census_2020=300),
            _unit("330501", C, city="330500", province="330000", census_2020=400),
            _unit("340101", D, city="340100", province="340000", census_2020=100),
        ],
        "settlements": [
            _unit("s1", shapely.Point(121.3, 31.3), population=300, population_fault_en=None),
            _unit("s2", shapely.Point(119.2, 31.2), population=100, population_fault_en=None),
            _unit("s3", shapely.Point(121.1, 31.1), population=900, population_fault_en="wrong"),
            _unit("s4", shapely.Point(120.6, 31.1), population=0, population_fault_en=None),
        ],
        "innovation-corridors": [
            entry("2018-06-01", shapely.union_all([A, B]), id="road"),
            entry("2020-01-01", C, id="spark"),
            entry("2015-01-01", D, id="idea", status="initiative"),
            entry("2016-01-01", None, id="dark"),
        ],
        "ecological-belts": [
            entry("2019-11-01", shapely.union_all([B_EAST, C]), id="demonstration-zone"),
            entry("2016-06-01", D, id="wide"),
        ],
        "metropolitan-areas": [
            entry("2016-06-03", shapely.union_all([A, B]), id="first"),
            entry("2022-01-01", shapely.union_all([B, C]), id="second"),
        ],
        "rail-lines": [
            _line("main", "2010-07-01", "a b", "high-speed", 350),
            _line("branch", "2024-12-26", "b c", "intercity", 200),
            _line("tram", "2015-05-01", "b2 a2", "suburban", 100),
            _line("metro", "2021-06-28", "c c2", "metro", None),
            _line("dream", "2023-01-01", "a c", "high-speed", 350, status="under-construction"),
        ],
        "rail-stations": [
            _station("a", "2010-07-01", "high-speed"), _station("b", None, "high-speed"),
            _station("c", "2021-06-28", "intercity"), _station("a2", "2015-05-01", "suburban"),
            _station("b2", "2015-05-01", "suburban"), _station("c2", "2021-06-28", "metro"),
        ],
    }  # fmt: skip


def to_frame(layer: str, entries: list[Entry]) -> gpd.GeoDataFrame:
    """Rows as the atlas reads them."""
    return geojson.to_frame(
        COLUMNS.get(layer, ()), [row for row, _ in entries], [shape for _, shape in entries]
    )


def fill(store: StoreBuilder, changed: dict[str, list[Entry]] | None = None) -> None:
    """Publish the world as layers of a store; some layers may hold other rows."""
    for name, content in _files().items():
        path = store.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for layer, entries in (changed or {}).items():
        shutil.rmtree(store.folder / layer)
        _add(store, layer, entries)


@cache
def _files() -> dict[str, bytes]:
    """Every file of the store, made once."""
    with tempfile.TemporaryDirectory() as name:
        store = StoreBuilder(Path(name) / "layers")
        store.folder.mkdir()
        for layer, entries in world().items():
            _add(store, layer, entries)
        return {
            str(path.relative_to(store.folder)): path.read_bytes()
            for path in store.folder.rglob("*") if path.is_file() and path.name != ".lock"
        }  # fmt: skip


def _add(store: StoreBuilder, layer: str, entries: list[Entry]) -> None:
    theme, kind = KINDS[layer]
    store.add_layer(layer, theme=theme, kind=kind, columns=COLUMNS.get(layer, ()))
    publish(store, layer, entries, "2024-01-01")


def publish(store: StoreBuilder, layer: str, entries: list[Entry], published: str) -> None:
    """Publish one edition of a layer."""
    rows = [feature(row, shape and shapely.orient_polygons(shape)) for row, shape in entries]
    content = collection(rows)
    publishing.publish(
        store.folder, layer, store.write(content), note=published,
        published=dt.date.fromisoformat(published), today=TODAY,
    )  # fmt: skip
