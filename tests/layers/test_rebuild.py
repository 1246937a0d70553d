"""`make layers` rebuilds the bytes of each newest edition from packages and fact tables."""

from pathlib import Path

import pytest

from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.sources.build import BUILDERS, build_layers

FOLDER = PROJECT / "layers"


def test_every_layer_has_a_builder() -> None:
    assert sorted(BUILDERS) == catalogue.list_layer_ids(FOLDER)


@pytest.mark.parametrize("layer", BUILDERS)
def test_a_layer_rebuilds_to_the_published_bytes(layer: str, tmp_path: Path) -> None:
    assert [result.outcome for result in build_layers(FOLDER, tmp_path, [layer])] == ["same"]
