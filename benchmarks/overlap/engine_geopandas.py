"""GeoPandas: ``overlay`` as it is, and what one who knows the library writes instead of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from benchmarks.overlap.answer import COLUMNS, Answer, Ask


@contextmanager
def engine(_: int) -> Iterator[Ask]:
    """Nothing to start; GeoPandas works on one thread, whatever it is told."""

    def ask(zones: Path, parts: Path, variant: str) -> Answer:
        version = f"{gpd.__version__}, Shapely {shapely.__version__}"
        answer = Answer(f"{version}, GEOS {shapely.geos_version_string}")
        with answer.step("read"):
            cities, parcels = _read(zones), _read(parts)
        if variant != "read":
            with answer.step("compute"):
                answer.table = VARIANTS[variant](cities.rename(columns={"id": "zone"}), parcels)
        return answer

    yield ask


def _read(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)


def by_overlay(zones: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Zones first: GeoPandas prepares the geometries of its first frame, twice as fast here."""
    pieces = gpd.overlay(zones[["zone", "geometry"]], parts[["class", "geometry"]],
                         how="intersection", keep_geom_type=True)  # fmt: skip
    return _sums(pieces["zone"], pieces["class"], pieces.area)


def by_containment(zones: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Contained parts by the spatial index and prepared zones; only the others are cut."""
    names, uses = zones["zone"].to_numpy(), parts["class"].to_numpy()
    within_zone, within = parts.sindex.query(zones.geometry, predicate="contains")
    others = np.setdiff1d(np.arange(len(parts)), within)
    shapes, areas = zones.geometry.to_numpy(), parts.geometry.area.to_numpy()
    rest = parts.geometry.iloc[others]
    cut_zone, cut = rest.sindex.query(zones.geometry, predicate="intersects")
    pieces = shapely.intersection(shapes[cut_zone], rest.to_numpy()[cut])
    return _sums(
        np.concatenate([names[within_zone], names[cut_zone]]),
        np.concatenate([uses[within], uses[others[cut]]]),
        np.concatenate([areas[within], shapely.area(pieces)]),
    )


def _sums(zones: object, uses: object, areas: object) -> pd.DataFrame:
    rows = pd.DataFrame({"zone": zones, "class": uses, "area_km2": np.asarray(areas) / 1e6})
    return rows.groupby(["zone", "class"], as_index=False)["area_km2"].sum()[COLUMNS]


VARIANTS = {"overlay": by_overlay, "contained first": by_containment}
