"""Zonal statistics beside exactextract called directly and rasterstats, on the same files.

    python -m benchmarks.zonal

Every measurement runs in a process of its own on the same cores, from opening the raster to the
last figure, zones read before; the time is the best of three runs, memory the high-water mark.
The atlas weighs cells by their true area, the others do not; rasterstats counts a cell wholly if
its middle lies in the zone. "Reading" unpacks the cells that the boxes of the zones meet, by the
atlas's reader and on both cores, and measures nothing: no program can be faster than that.

Four tasks: the record itself by district, 20,000 parcels and the 41 cities on large rasters, and
the cities once more where rasterstats gets cells cut into 8 × 8, so that it, too, knows partial
cells.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_bounds
from rasterio.windows import Window

from atlas.i18n import in_both
from atlas.operations.folder import PROJECT
from atlas.operations.ground import CLASSES, QUANTITY, open_ground
from atlas.operations.ground_zones import GroundZones, ground_zones, shapes_on
from atlas.operations.zonal import zonal_in
from benchmarks.overlap.child import forget_peak, memory_mib

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)
BOX = (114.5, 27.0, 123.5, 35.5)
SIDE, RUNS, PARCELS = 8_000, 3, 20_000
COARSE, FINER = 2_000, 8
LONG_S = 20.0
SIZES = (5_000, 10_000, 20_000)
"""Columns and rows of 1, 4 and 16 times as many cells."""
KINDS = {"classes": "uint8", "heights": "int16", "people": "float32"}
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
STRIP = 512
READING = "reading"


def make_raster(path: Path, kind: str, side: int) -> None:
    """A tiled, compressed GeoTIFF over the delta, written strip by strip."""
    dtype = KINDS[kind]
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": dtype,
        "crs": "EPSG:4326", "transform": from_bounds(*BOX, side, side), "tiled": True,
        "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 1,
        "nodata": {"uint8": 255, "int16": -32768, "float32": -1.0}[dtype], "bigtiff": "if_safer",
    }  # fmt: skip
    random = np.random.default_rng(5)
    x = np.linspace(0, 24, side)[None, :]
    with rasterio.open(path, "w", **profile) as dataset:
        for row in range(0, side, STRIP):
            rows = min(STRIP, side - row)
            y = (np.arange(row, row + rows) * 24 / side)[:, None]
            values = 500 + 300 * np.sin(x + 0.4 * y) + 200 * np.cos(1.7 * y)
            if kind == "classes":
                patches = random.integers(0, 6, (-(-rows // 16), -(-side // 16)))
                values = values // 120 + patches.repeat(16, 0).repeat(16, 1)[:rows, :side]
            elif kind == "heights":
                values = values + random.integers(0, 8, values.shape)
            else:
                values = values + random.random(values.shape, dtype=np.float32)
            dataset.write(values.astype(dtype), 1, window=Window(0, row, side, rows))


def make_finer(path: Path, coarse: Path) -> None:
    """The same cells, each cut into many."""
    with rasterio.open(coarse) as source:
        side = source.width * FINER
        profile = source.profile | {
            "width": side, "height": side, "transform": from_bounds(*BOX, side, side),
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as dataset:
            for row in range(0, source.height, STRIP // FINER):
                rows = min(STRIP // FINER, source.height - row)
                values = source.read(1, window=Window(0, row, source.width, rows))
                many = values.repeat(FINER, 0).repeat(FINER, 1)
                window = Window(0, row * FINER, side, rows * FINER)
                dataset.write(many, 1, window=window)


def make_parcels(path: Path) -> None:
    """Four-sided parcels of about 3 by 3 km, each turned a little."""
    random = np.random.default_rng(7)
    west, south = random.uniform((115, 27.5), (122.5, 35), (PARCELS, 2)).T
    corners = np.array([(0, 0), (0.03, 0), (0.03, 0.03), (0, 0.03)])
    moved = corners + random.uniform(-0.01, 0.01, (PARCELS, 4, 2))
    shapes = shapely.polygons(moved + np.column_stack([west, south])[:, None])
    names = [f"p{number}" for number in range(PARCELS)]
    gpd.GeoDataFrame({"id": names}, geometry=shapes, crs=4326).to_file(path)


def by_atlas(path: Path, kind: str, held: GroundZones) -> list[float]:
    """Mean (or largest share) of each zone, by the atlas."""
    as_kind = CLASSES if kind == "classes" else QUANTITY
    ground = open_ground(LAYERS, str(path), known_by=DAY, kind=as_kind)
    found = zonal_in(ground, held, day=DAY, known_by=DAY)
    if found.classes is not None:
        return (found.classes.area_km2.max(axis=1) / found.known_km2).tolist()
    return found.quantity.mean.tolist()


def by_exactextract(path: Path, kind: str, held: GroundZones) -> list[float]:
    """The same by exactextract, in its own way through the file."""
    extract = importlib.import_module("exactextract").exact_extract
    quantiles = [f"quantile(q={share})" for share in SHARES]
    classes = kind == "classes"
    asked = ["count", "unique", "frac"] if classes else ["mean", "min", "max", "sum", *quantiles]
    found = extract(str(path), _rows(held), asked, output="pandas")
    return [max(parts) for parts in found["frac"]] if classes else found["mean"].tolist()


def by_rasterstats(path: Path, kind: str, held: GroundZones) -> list[float]:
    """The same by rasterstats."""
    zonal_stats = importlib.import_module("rasterstats").zonal_stats
    if kind == "classes":
        rows = zonal_stats(_rows(held), str(path), categorical=True)
        return [max(row.values()) / sum(row.values()) if row else np.nan for row in rows]
    stats = ["mean", "min", "max", "sum", *(f"percentile_{share * 100:g}" for share in SHARES)]
    return [row["mean"] for row in zonal_stats(_rows(held), str(path), stats=stats)]


def by_reading(path: Path, kind: str, held: GroundZones) -> list[float]:
    """No figure: the cells are unpacked, and that is all."""
    del kind
    ground = open_ground(LAYERS, str(path), known_by=DAY, kind=QUANTITY)
    for window in ground.windows(shapely.bounds(shapes_on(held.zones, ground.grid))):
        del window
    return [np.nan] * len(held.zones.rows)


def _rows(held: GroundZones) -> gpd.GeoDataFrame:
    return held.zones.rows[["id", "geometry"]]


PEERS = {
    "atlas": by_atlas, "exactextract": by_exactextract, "rasterstats": by_rasterstats,
    READING: by_reading,
}  # fmt: skip


def child() -> None:
    """One measurement: seconds, MiB and figures as JSON; imports are not measured."""
    peer, kind, path, zones = sys.argv[2:6]
    warnings.simplefilter("ignore")
    ours = peer in ("atlas", READING)
    importlib.import_module("atlas.operations.zonal" if ours else peer)
    in_both("ground.sketch_title")  # reads the atlas's words, as an import would
    held = ground_zones(LAYERS, zones, day=DAY, known_by=DAY)
    before, cpu, began = forget_peak(), time.process_time(), time.perf_counter()
    figures = PEERS[peer](Path(path), kind, held)
    told = {
        "seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu,
        "peak_mib": memory_mib("VmHWM"), "figures": figures,
    }  # fmt: skip
    print(json.dumps(told | {"more_mib": told["peak_mib"] - before}))


def measure(
    peer: str, kind: str, path: Path, zones: str = "cities", runs: int = RUNS
) -> dict[str, object]:
    """The best of some runs; one that takes long is measured once."""
    told = []
    for _ in range(runs):
        command = [sys.executable, "-m", "benchmarks.zonal", "child", peer, kind, str(path), zones]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return {"problem": done.stderr.strip().splitlines()[-1][:120]}
        told.append(json.loads(done.stdout.splitlines()[-1]))
        if told[-1]["seconds"] > LONG_S:
            break
    return min(told, key=lambda one: one["seconds"])


def report() -> None:
    """Peers on each task, then the atlas on 1, 4 and 16 times as many cells."""
    with tempfile.TemporaryDirectory(prefix="atlas-zonal-") as folder:
        told = f"best of {RUNS}, {os.cpu_count()} cores"
        print(f"zonal statistics from raster file to figures; {told}\n")
        _compare("classes", LAYERS / "land-cover" / "1.tif", "districts")
        _compare("heights", LAYERS / "terrain" / "1.tif", "districts")
        parcels = Path(folder) / "parcels.gpkg"
        make_parcels(parcels)
        for kind in KINDS:
            path = Path(folder) / f"{kind}.tif"
            make_raster(path, kind, SIDE)
            _compare(kind, path, str(parcels))
            _compare(kind, path, "cities")
            path.unlink()
        coarse, finer = Path(folder) / "coarse.tif", Path(folder) / "finer.tif"
        make_raster(coarse, "heights", COARSE)
        make_finer(finer, coarse)
        _compare("heights", coarse, "cities", finer)
        finer.unlink()
        print("\nmemory by size of the raster (heights)\n")
        for side in SIZES:
            path = Path(folder) / "heights.tif"
            make_raster(path, "heights", side)
            one = measure("atlas", "heights", path, runs=1)
            more, peak = one["more_mib"], one["peak_mib"]
            size = f"{side:>6,} × {side:<6,}  {path.stat().st_size >> 20:>5,} MiB packed"
            print(f"  {size}  {one['seconds']:6.2f} s   peak {peak:4.0f} MiB, {more:4.0f} working")


def _compare(kind: str, path: Path, zones: str, finer: Path | None = None) -> None:
    """All peers on one task, and how far their figures are from ours."""
    found = {
        peer: measure(peer, kind, (finer or path) if peer == "rasterstats" else path, zones)
        for peer in PEERS
    }
    ours = found["atlas"]
    size = path.stat().st_size / 2**20
    cut = f", rasterstats: cells cut {FINER} × {FINER}" if finer else ""
    print(f"  {path.name} ({kind}, {size:,.1f} MiB) by {Path(zones).name}{cut}", flush=True)
    for peer, one in found.items():
        if "problem" in one or "problem" in ours:
            print(f"    {peer:<14} {one.get('problem', '')}")
            continue
        held = np.array([ours["figures"], one["figures"]], dtype=float)
        off = np.abs(held[1] / held[0] - 1)
        told = f"furthest figure {np.nanmax(off):.1e} off ours" if np.isfinite(off).any() else ""
        ratio = one["seconds"] / ours["seconds"]
        print(
            f"    {peer:<14} {one['seconds']:7.2f} s  {ratio:5.1f} ×  cpu {one['cpu_s']:6.2f} s  "
            f"peak {one['peak_mib']:5.0f} MiB  {told}", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    child() if sys.argv[1:2] == ["child"] else report()
