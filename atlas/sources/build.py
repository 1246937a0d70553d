"""Rebuild layers from their sources, aside; publishing is another, deliberate step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from atlas.core.layer import RASTER, REGISTER
from atlas.core.text import near_words
from atlas.errors import LayerNotFound
from atlas.io import catalogue, geojson, raster, store
from atlas.io import register as sheets
from atlas.io.files import write_atomically
from atlas.sources import (
    boundaries,
    dated,
    land,
    planning,
    rail,
    rasters,
    registers,
    settlements,
    water,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import LayerInfo

BUILDERS: dict[str, Callable[[], gpd.GeoDataFrame | bytes]] = {
    "provinces": boundaries.build_provinces,
    "cities": dated.build_cities,
    "districts": dated.build_districts,
    "land": land.build_land,
    "lakes": water.build_lakes,
    "rivers": water.build_rivers,
    "settlements": settlements.build_settlements,
    "innovation-corridors": partial(planning.build_planning, "innovation-corridors"),
    "ecological-belts": partial(planning.build_planning, "ecological-belts"),
    "metropolitan-areas": partial(planning.build_planning, "metropolitan-areas"),
    "rail-stations": rail.build_stations,
    "rail-lines": lambda: rail.build_lines(rail.build_stations()),
    "land-cover": rasters.build_land_cover,
    "terrain": rasters.build_terrain,
    "action-plan": registers.build_action_plan,
}
"""How each layer is made: rows, or the bytes of a raster or of a register."""


ENDINGS = {RASTER: store.CELLS, REGISTER: store.RECORDS}


@dataclass(frozen=True)
class Rebuilt:
    """A layer rebuilt aside; ``outcome`` is same, differs or new."""

    layer: str
    outcome: str
    file: str
    features: int


def build_layers(folder: Path, into: Path, layers: list[str] | None = None) -> list[Rebuilt]:
    """Rebuild layers into ``into`` and compare each with the bytes of its newest edition.

    Parameters
    ----------
    folder
        The store, for each layer's schema and newest edition; it is not changed.
    into
        Where ``<layer>.geojson`` is written, ``<layer>.tif`` for a raster, ``.json`` for a
        register.
    layers
        Ids; default all that have a builder.

    Raises
    ------
    LayerNotFound
        If a layer has no builder.
    SourceError
        If an input is missing or is not the recorded one.
    SchemaError
        If what was built breaks the layer's own rules.
    """
    results = []
    for layer in layers or BUILDERS:
        if layer not in BUILDERS:
            known = ", ".join(near_words(layer, BUILDERS) or BUILDERS)
            raise LayerNotFound(layer=layer, folder="atlas/sources", known=known)
        results.append(_build_layer(folder, into, layer))
    return results


def _build_layer(folder: Path, into: Path, layer: str) -> Rebuilt:
    info = catalogue.read_info(folder, layer)
    built = BUILDERS[layer]()
    content = built if isinstance(built, bytes) else geojson.to_bytes(built, info.columns)
    file = into / f"{layer}{ENDINGS.get(info.kind, store.ROWS)}"
    write_atomically(file, content)
    features = _check(info, content, file)
    return Rebuilt(layer, _compare(folder, layer, content), str(file), features)


def _check(info: LayerInfo, content: bytes, file: Path) -> int:
    """Read what was built by the layer's own rules; the number of its features."""
    if info.raster is not None:
        raster.read_raster(content, file, layer=info.id, scheme=info.raster)
        return 1
    if info.kind == REGISTER:
        return sheets.count(sheets.read_whole(content, file, layer=info.id))
    return len(
        geojson.read_features(content, file, layer=info.id, kind=info.kind, columns=info.columns)
    )


def _compare(folder: Path, layer: str, content: bytes) -> str:
    editions = catalogue.read_editions(folder, layer)
    if not editions:
        return "new"
    return "same" if catalogue.read_edition_bytes(folder, editions[-1]) == content else "differs"
