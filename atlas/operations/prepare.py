"""Prepare a fresh checkout for its first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.core.layer import RASTER
from atlas.io import assets, catalogue, store
from atlas.io.files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path


def prepare_assets(project: Path, layers: Path) -> list[Path]:
    """Install the browser's assets; the font holds every character of the newest editions."""
    texts = [path.read_text("utf-8") for path in sorted((project / "atlas/locale").glob("*.toml"))]
    for layer in catalogue.list_layer_ids(layers):
        texts.append(read_bytes(layers / layer / "layer.toml").decode("utf-8"))
        if catalogue.read_info(layers, layer).kind == RASTER:
            continue
        for edition in catalogue.read_editions(layers, layer):
            path = store.edition_path(layers / layer, edition.edition)
            texts.append(read_bytes(path).decode("utf-8", "replace"))
    return assets.install(project, texts)
