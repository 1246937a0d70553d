"""A line of the record, a drawn one and a file: what it passes, in words and files."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import matplotlib.image
import numpy as np
import pytest
import shapely

from atlas.errors import FeatureNotFound, FileDamaged, WrongKind
from atlas.operations import profile_output
from atlas.operations.folder import PROJECT
from atlas.operations.ground import open_ground
from atlas.operations.ground_map import LINE, line_layer
from atlas.operations.profile import Profile, by_value, figures, profile, read_line
from atlas.operations.profile_picture import LANE_COLOURS, to_png
from tests.ground_examples import write_tiff

LAYERS, DAY = PROJECT / "layers", dt.date(2026, 11, 24)
MADE = dt.date(2026, 11, 25)
HSR = "rail-lines:beijing-shanghai-hsr"
ACROSS = "119.2,31.1;121.5,31.3"
"""From the hills past lake Tai to Shanghai."""


def follow(text: str, *rasters: str) -> Profile:
    line = read_line(LAYERS, text, day=DAY, known_by=DAY)
    grounds = [open_ground(LAYERS, name, known_by=DAY) for name in rasters]
    return profile(LAYERS, grounds, line, day=DAY, known_by=DAY)


@pytest.fixture(scope="module")
def rail() -> Profile:
    return follow(HSR, "terrain", "land-cover")


def test_every_strip_is_as_long_as_the_line(rail: Profile) -> None:
    for strip in rail.strips:
        assert strip.length_km.sum() == pytest.approx(rail.way.length_km)
        assert strip.covered.all()
        assert by_value(strip)["share"].sum() == pytest.approx(1)
    heights = figures(rail.strips[0])
    assert heights["least"] < heights["mean"] < heights["greatest"]
    sums = profile_output.sum_rows(rail.strips[1])
    assert sums == sorted(sums, key=lambda row: -row["length_km"])


def test_belts_and_lakes_are_named_with_their_length() -> None:
    found = follow(ACROSS, "land-cover")
    rows = [row for passed in found.passed for row in profile_output.passed_rows(passed)]
    lakes = [row for row in rows if row["of"] == "lakes"]
    assert any("Tai" in row["name_en"] for row in lakes)
    tai = sum(row["length_km"] for row in lakes if "Tai" in row["name_en"])
    assert 20 < tai < 60
    water = by_value(found.strips[0])
    assert water.loc[water["value"] == 0, "length_km"].sum() == pytest.approx(tai, abs=15)
    assert {row["of"] for row in rows} == {"ecological-belts", "lakes"}


@pytest.mark.parametrize("form", profile_output.FORMS)
def test_every_form_says_what_and_how(rail: Profile, form: str) -> None:
    content = profile_output.render(rail, form, lang="en", made=MADE)
    assert content == profile_output.render(rail, form, lang="en", made=MADE)
    if form == "json":
        told = json.loads(content)
        assert told["length_km"] == pytest.approx(rail.way.length_km)
        assert told["line_sha256"]
        assert {entry["raster"] for entry in told["strips"]} == {"terrain", "land-cover"}
        assert sum(row["share"] for row in told["strips"][1]["sums"]) == pytest.approx(1)
    if form == "csv":
        assert content.decode("utf-8-sig").startswith("of,from_km,to_km,length_km,value,name")
    if form == "table":
        assert "Along the line: mean" in content.decode()
        assert "for regions, not for parcels" in content.decode()


def test_a_line_that_leaves_the_raster(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", np.full((6, 8), 4, "uint8"), nodata=9)
    found = follow("117,31;119,31", str(path))
    strip = found.strips[0]
    assert strip.covered.tolist() == [False, True]
    rows = profile_output.strip_rows(strip)
    assert [row["name_en"] for row in rows] == ["not covered", "value 4"]
    assert rows[0]["value"] is None


def test_cells_without_a_value_along_a_line(tmp_path: Path) -> None:
    values = np.full((6, 8), 4, "int16")
    values[:, 3] = -1
    path = write_tiff(tmp_path / "a.tif", values, nodata=-1)
    strip = follow("118.1,31;119.9,31", str(path)).strips[0]
    assert [row["name_en"] for row in profile_output.strip_rows(strip)] == ["", "no value", ""]
    assert figures(strip)["mean"] == 4
    nothing = write_tiff(tmp_path / "b.tif", np.full((6, 8), 9, "uint8"), nodata=9)
    strip = follow("118.1,31;119.9,31", str(nothing)).strips[0]
    assert "no value of b.tif" in profile_output.strip_sentence(strip, "en")


def test_a_line_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "line.geojson"
    shape = shapely.LineString([(118, 31), (119, 31.5)])
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs=4326).to_file(path)
    assert follow(str(path), "terrain").way.length_km == pytest.approx(110, abs=3)
    two = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[shape, shape], crs=4326)
    two.to_file(tmp_path / "two.geojson")
    with pytest.raises(FileDamaged, match="one line"):
        read_line(LAYERS, str(tmp_path / "two.geojson"), day=DAY, known_by=DAY)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("rail-lines", WrongKind, "name one of its features"),
        ("cities:320100", WrongKind, "a profile follows a line"),
        ("rail-lines:nowhere", FeatureNotFound, "nowhere"),
        ("118,31", FileDamaged, "corners"), ("8,50;9,51", FileDamaged, "leaves the region"),
        ("31.2,118;31.3,119", FileDamaged, "corners"),
        ("none.geojson", FileDamaged, "No such file"),
    ],
)  # fmt: skip
def test_what_is_no_line(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        read_line(LAYERS, text, day=DAY, known_by=DAY)


def test_a_railway_that_was_not_there_yet() -> None:
    with pytest.raises(FeatureNotFound, match="none in force"):
        read_line(LAYERS, HSR, day=dt.date(2000, 1, 1), known_by=DAY)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_shows_what_the_table_says(rail: Profile, lang: str) -> None:
    """In its own colours: the classes that the line passes, belts, and the heights."""
    content = to_png(rail, lang)
    assert content == to_png(rail, lang)
    pixels = np.round(matplotlib.image.imread(BytesIO(content))[..., :3] * 255).astype(int)
    counts = {
        f"#{red:02x}{green:02x}{blue:02x}": count
        for (red, green, blue), count in zip(
            *np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True), strict=True
        )
    }
    strip = rail.strips[1]
    longest = profile_output.sum_rows(strip)[:2]
    colours = {entry.value: entry.colour for entry in strip.ground.classes}
    first, second = (counts[colours[int(row["value"])]] for row in longest)
    ratio = longest[0]["length_km"] / longest[1]["length_km"]
    assert first / second == pytest.approx(ratio, rel=0.05)
    assert counts[LANE_COLOURS["ecological-belts"]] > counts[LANE_COLOURS["lakes"]] > 0


def test_the_line_is_drawn_on_the_map(rail: Profile) -> None:
    layer = line_layer(rail)
    assert layer.id == LINE
    assert len(layer.features) == 1
    assert layer.style.classes[0].title["en"] == "Line followed"
