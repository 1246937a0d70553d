"""Small valid rasters and their layers; a test changes the one thing that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from rasterio.io import MemoryFile

from atlas.core.raster import Raster, RasterScheme, read_scheme
from atlas.io import catalogue
from atlas.io import raster as cog

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = [
    {"value": 0, "title": {"zh": "水体", "en": "Water"}, "colour": "#0000ff"},
    {"value": 1, "title": {"zh": "林地", "en": "Forest"}, "colour": "#00ff00"},
    {"value": 7, "title": {"zh": "农田", "en": "Cropland"}, "colour": "#ffff00"},
]
TEXTS = {"unit": {"zh": "类", "en": "class"}, "resolution": {"zh": "半度", "en": "half a degree"}}
CATEGORIES: dict[str, Any] = {"raster": {"nodata": 255, **TEXTS}, "classes": CLASSES}
QUANTITY: dict[str, Any] = {"raster": {"nodata": -9999, "range": [-10, 2000], **TEXTS}}


def categories() -> RasterScheme:
    return read_scheme(CATEGORIES)


def quantity() -> RasterScheme:
    return read_scheme(QUANTITY)


def land_cover(**changes: Any) -> Raster:
    """Two rows of three cells of half a degree, one of them without a value."""
    parts = {
        "values": np.array([[0, 1, 1], [7, 255, 0]], dtype="uint8"),
        "west": 118.0, "north": 32.0, "cell_deg": (0.5, 0.5), "nodata": 255.0,
    } | changes  # fmt: skip
    return Raster(**parts)


def heights(**changes: Any) -> Raster:
    """The same grid with heights."""
    values = np.array([[0, 100, 900], [2, -9999, -3]], dtype="int16")
    return land_cover(**{"values": values, "nodata": -9999.0} | changes)


def tiff(raster: Raster, *, scale: float = 1, **options: Any) -> bytes:
    """A GeoTIFF as programs write it: not cloud-optimised unless ``driver`` says so."""
    values = raster.values
    profile = {
        "driver": "GTiff", "width": values.shape[1], "height": values.shape[0], "count": 1,
        "dtype": values.dtype.name, "nodata": raster.nodata, "crs": "EPSG:4326",
        "transform": cog.grid_of(raster),
    } | options  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as dataset:
            if scale != 1:
                dataset.scales = (scale,)
            for band in range(1, profile["count"] + 1):
                dataset.write(values, band)
        return bytes(memory.getbuffer())


def add_raster_layer(folder: Path, layer: str, table: dict[str, Any] = CATEGORIES) -> Path:
    """Write ``layers/<id>/layer.toml`` of a raster layer."""
    (folder / layer).mkdir(parents=True)
    lines = ['theme = "terrain"', 'kind = "raster"', 'licence = "CC0-1.0"']
    lines += [f"{name} = {_inline({'zh': '文', 'en': name})}" for name in catalogue.BOTH_LANGUAGES]
    lines += [
        "[raster]",
        *(f"{name} = {_inline(value)}" for name, value in table["raster"].items()),
    ]
    for entry in table.get("classes", []):
        lines += ["[[classes]]", *(f"{name} = {_inline(value)}" for name, value in entry.items())]
    path = folder / layer / "layer.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{name} = {_inline(entry)}" for name, entry in value.items()) + " }"
        )
    return f'"{value}"' if isinstance(value, str) else str(value)
