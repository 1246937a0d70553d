"""The sketch: every weight and rule is in the file, and what is unknown has no score."""

import datetime as dt
import json

import numpy as np
import pytest
from rasterio.io import MemoryFile

from atlas.errors import AtlasError, EditionNotFound
from atlas.operations.folder import PROJECT
from atlas.operations.ground_map import draw_ground
from atlas.operations.suitability import (
    CRITERIA,
    NODATA,
    WEIGHTS,
    Sketch,
    sketch,
    to_geotiff,
)
from atlas.operations.zonal import zonal

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def found() -> Sketch:
    return sketch(LAYERS, day=DAY, known_by=DAY)


def test_scores_are_the_weighted_mean_of_the_criteria(found: Sketch) -> None:
    values = found.raster.values
    there = values != NODATA
    mean = sum(score * weight for score, weight in zip(found.scores, WEIGHTS, strict=True))
    assert values[there] == pytest.approx((mean / sum(WEIGHTS))[there], abs=0.01)
    assert values[there].min() >= 0
    assert values[there].max() <= 100


def test_water_and_what_is_unknown_have_no_score(found: Sketch) -> None:
    assert (found.raster.values[~np.isfinite(found.scores[2])] == NODATA).all()
    assert found.raster.value_at(122.9, 31.0) == NODATA
    assert found.raster.value_at(121.45, 31.2) > 60


def test_one_criterion_alone(found: Sketch) -> None:
    alone = sketch(LAYERS, weights=(0, 1, 0, 0), day=DAY, known_by=DAY)
    there = alone.raster.values != NODATA
    assert alone.raster.values[there] == pytest.approx(found.scores[1][there], abs=0.01)


def test_the_file_says_that_it_is_a_sketch_and_how_it_came(found: Sketch) -> None:
    content = to_geotiff(found)
    assert content == to_geotiff(sketch(LAYERS, day=DAY, known_by=DAY))
    with MemoryFile(content) as memory, memory.open() as dataset:
        tags = dataset.tags()
        assert dataset.crs.to_epsg() == 4326
        assert dataset.nodata == NODATA
        assert (dataset.read(1) == found.raster.values).all()
    assert "A sketch, not a finding" in tags["TIFFTAG_IMAGEDESCRIPTION"]
    told = json.loads(tags["ATLAS_SKETCH"])
    assert told["weights"] == dict(zip(CRITERIA, WEIGHTS, strict=True))
    assert [entry["layer"] for entry in told["layers"]] == [
        "rail-stations", "terrain", "land-cover", "ecological-belts",
    ]  # fmt: skip


def test_the_sketch_is_a_raster_like_any_other(found: Sketch) -> None:
    scores = zonal(LAYERS, found.ground, zones="cities", day=DAY, known_by=DAY)
    assert scores.quantity is not None
    rows = scores.zones.rows["id"].tolist()
    mean = dict(zip(rows, scores.quantity.mean, strict=True))
    assert mean["310000"] > mean["331100"]
    palette = draw_ground(found.ground).palette
    assert len(palette) == 5
    assert "sketch" in found.ground.title["en"]


@pytest.mark.parametrize("weights", [(0, 0, 0, 0), (1, 2), (1, 1, 1, -1)])
def test_weights_that_say_nothing(weights: tuple[int, ...]) -> None:
    with pytest.raises(AtlasError, match="weights"):
        sketch(LAYERS, weights=weights, day=DAY, known_by=DAY)


def test_nothing_was_published_yet() -> None:
    with pytest.raises(EditionNotFound):
        sketch(LAYERS, day=DAY, known_by=dt.date(2000, 1, 1))
