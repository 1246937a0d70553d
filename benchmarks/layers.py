"""Size of each layer: features, vertices and bytes of the edition and of its screen form."""

from __future__ import annotations

import datetime as dt

import shapely

from atlas.cartography.web import screen_geojson
from atlas.core.crs import area_km2
from atlas.core.period import as_of
from atlas.io import catalogue, store
from atlas.operations.folder import PROJECT
from atlas.operations.web_map import screen_layer

FOLDER = PROJECT / "layers"


def measure() -> list[dict[str, object]]:
    """One row a vector layer, newest editions."""
    day = dt.date.today()
    districts = _read("districts", day)
    rows: list[dict[str, object]] = []
    for name in catalogue.list_layer_ids(FOLDER):
        if catalogue.read_info(FOLDER, name).kind not in ("polygon", "line", "point"):
            continue
        layer = _read(name, day)
        drawn = screen_layer(layer, day, districts=districts)
        path = store.edition_path(FOLDER / name, layer.edition.edition)
        rows.append(
            {
                "layer": name,
                "rows": len(layer.features),
                "vertices": int(shapely.get_num_coordinates(layer.features.geometry).sum()),
                "KiB": round(path.stat().st_size / 1024),
                "vertices on screen": int(
                    shapely.get_num_coordinates(drawn.features.geometry).sum()
                ),
                "KiB on screen": round(len(screen_geojson(drawn, day)) / 1024),
            }
        )
    return rows


def region_km2() -> float:
    """Area of the 41 cities in the working CRS."""
    today = dt.date.today()
    cities = as_of(_read("cities", today).features, today)
    return float(area_km2(cities.geometry).sum())


def _read(name: str, day: dt.date):  # noqa: ANN202
    return catalogue.read_layer(FOLDER, catalogue.find_edition(FOLDER, name, known_by=day))
