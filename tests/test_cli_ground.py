"""``atlas zonal``, ``profile`` and ``suitability`` on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from atlas.operations.folder import PROJECT
from tests.conftest import Ran
from tests.ground_examples import write_tiff, zone_file

LAYERS = ("--layers", PROJECT / "layers")
DAY = "2026-11-24"
KNOWN = ("--known-by", DAY)
Run = Callable[..., Ran]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_a_layer_by_cities(run: Run) -> None:
    done = run("zonal", "land-cover", "--days", DAY, *KNOWN, "--csv", *LAYERS)
    assert (done.code, done.err) == (0, "")
    rows = rows_of(done.out)
    assert len({row["zone_id"] for row in rows}) == 41
    assert {row["state"] for row in rows} == {"covered"}
    assert rows[0]["days"] == DAY


def test_two_days_and_pieces(run: Run) -> None:
    done = run("zonal", "terrain", "--zones", "ecological-belts", "--by", "cities",
               "--days", "2016-07-01", DAY, *KNOWN, "--json", *LAYERS)  # fmt: skip
    told = json.loads(done.out)
    assert told["days"] == ["2016-07-01", DAY]
    assert all("/" in row["zone_id"] for row in told["rows"])
    assert {"old_mean", "new_mean", "change_mean"} <= set(told["rows"][0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_table_for_the_terminal(run: Run, lang: str) -> None:
    done = run("zonal", "terrain", "--zones", "provinces", *KNOWN, "--lang", lang, *LAYERS)
    assert done.code == 0
    assert ("mountain areas, not for peaks" if lang == "en" else "看山地，不看山峰") in done.out


def test_a_file_by_a_file_into_a_file(run: Run, tmp_path: Path) -> None:
    raster = write_tiff(tmp_path / "a.tif", np.full((2, 6, 8), 3, "uint8"))
    shapes = {
        "here": shapely.box(118.1, 31, 118.4, 31.5),
        "away": shapely.box(120.5, 31, 121, 31.5),
    }
    zones = zone_file(tmp_path / "z.geojson", shapes)
    out = tmp_path / "out.csv"
    done = run("zonal", raster, "--zones", zones, "--band", 2, "--as", "classes", "-o", out,
               *LAYERS)  # fmt: skip
    assert (done.code, done.out, done.err) == (0, "", "")
    states = {row["zone_id"]: row["state"] for row in rows_of(out.read_text("utf-8-sig"))}
    assert states == {"here": "covered", "away": "not-covered"}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "layers") == [
        "a.tif", "out.csv", "z.geojson",
    ]  # fmt: skip


def test_a_profile(run: Run, tmp_path: Path) -> None:
    done = run("profile", "land-cover", "rail-lines:shanghai-hangzhou-hsr", "--as-of", DAY, *KNOWN,
               "--json", *LAYERS)  # fmt: skip
    told = json.loads(done.out)
    assert told["length_km"] == pytest.approx(159, abs=3)
    picture = tmp_path / "profile.png"
    done = run("profile", "terrain", "118.2,30.1;121.9,31.2", *KNOWN, "-o", picture, *LAYERS)
    assert (done.code, done.err) == (0, "")
    assert picture.read_bytes().startswith(b"\x89PNG")
    drawn = run("profile", "terrain", "118.2,30.1;121.9,31.2", *KNOWN, *LAYERS)
    assert "地形高度" in drawn.out
    assert "黄山" in drawn.out


def test_the_sketch(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "sketch.tif"
    done = run("suitability", "--weights", "1,0,0,1", "--as-of", DAY, *KNOWN, "-o", out, *LAYERS)
    assert (done.code, done.err) == (0, "")
    with rasterio.open(out) as dataset:
        assert json.loads(dataset.tags()["ATLAS_SKETCH"])["weights"]["stations"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("zonal", "land-cover", "-o", "x.doc"), 2, "ending"),
        (("zonal", "land-cover", "--days", "2016-02-30"), 2, "not a day"),
        (("zonal", "cities"), 1, "cells"), (("zonal", "nothing.tif"), 1, "No such file"),
        (("zonal", "land-cover", "--zones", "none.gpkg"), 1, "No such file"),
        (("profile", "terrain", "rail-lines:none"), 1, "no feature"),
        (("profile", "terrain", "1,2"), 1, "corners"),
        (("suitability", "--weights", "1,2", "-o", "x.tif"), 2, "4 whole numbers"),
        (("suitability", "--weights", "0,0,0,0", "-o", "x.tif"), 1, "not all of them 0"),
    ],
)  # fmt: skip
def test_errors_are_one_line(
    run: Run, arguments: tuple[str, ...], code: int, words: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = run(*arguments, *LAYERS)
    assert done.code == code
    assert done.out == ""
    assert words in done.err
    assert done.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] in ([], ["layers"])


def test_bad_rasters_are_one_line_and_leave_nothing(run: Run, tmp_path: Path) -> None:
    """The list of the issue, through the command."""
    text = tmp_path / "text.tif"
    text.write_text("hello", "utf-8")
    ones = np.ones((6, 8), "uint8")
    bad = {
        "does not begin": text,
        "does not say its CRS": write_tiff(tmp_path / "nocrs.tif", ones, crs=None),
        "nodata everywhere": write_tiff(tmp_path / "empty.tif", ones, nodata=1),
    }
    before = sorted(tmp_path.iterdir())
    zones = zone_file(tmp_path / "z.geojson", {"here": shapely.box(118.1, 31, 118.4, 31.5)})
    for words, path in bad.items():
        done = run("zonal", path, "--zones", zones, "-o", tmp_path / "out.json", *LAYERS)
        assert (done.code, done.out) == (1, "")
        assert words in done.err
        assert done.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == sorted([*before, zones])
