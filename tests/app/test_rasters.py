"""Rasters are layers of the store that Explore does not draw yet."""

import pytest

from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from tests.app.test_pages import Atlas, drawn

RASTERS = ("land-cover", "terrain")


def test_explore_offers_every_layer_of_features_and_no_raster() -> None:
    offered = {box.key for box in Atlas(lang="en").run().checkbox}
    features = {info.id for info in catalogue.list_feature_layers(PROJECT / "layers")}
    assert features.isdisjoint(RASTERS)
    assert {f"layer.{name}" for name in features - {"land"}} <= offered
    assert offered.isdisjoint(f"layer.{name}" for name in RASTERS)


@pytest.mark.parametrize("name", RASTERS)
def test_a_link_to_a_raster_is_named_and_ignored(name: str) -> None:
    atlas = Atlas(layers=f"cities,{name}", lang="en")
    app = atlas.run()
    assert f"layers={name}" in app.warning[0].value
    assert drawn(atlas.specification()) == ["cities"]


def test_a_place_in_a_raster_leads_nowhere() -> None:
    atlas = Atlas(layers="cities", place="terrain:1", lang="en")
    app = atlas.run()
    assert not app.error
    assert atlas.specification()["focus"] is None
