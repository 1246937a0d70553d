"""Where everything on the page of the ground is from."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from atlas.app import cache, outputs, table
from atlas.app.ground_inputs import Asked
from atlas.core.ground import PROFILE
from atlas.core.layer import Edition, Layer
from atlas.operations.ground import Ground


def show_sources(
    rasters: Sequence[Ground], asked: Asked, others: Sequence[Edition | None], lang: str
) -> None:
    """Source, edition, accuracy and licence of rasters, zones, lines and backgrounds."""
    layers = [
        Layer(ground.info, ground.edition, gpd.GeoDataFrame())
        for ground in rasters if ground.info and ground.edition
    ]  # fmt: skip
    names = () if asked.view.tell == PROFILE else (asked.view.over, asked.view.cut)
    zones = [outputs.edition_or_none(name, asked.known_by) for name in names if name]
    editions = [edition for edition in [*zones, *others] if edition]
    layers += [cache.read_layer(cache.folder(), one) for one in dict.fromkeys(editions)]
    table.show_sources(layers, outputs.background_layers(asked.known_by), lang)
