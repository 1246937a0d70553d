"""`atlas export`: four endings, one line for whatever goes wrong, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest

from tests.conftest import Ran, StoreBuilder
from tests.examples import in_force, square

Run = Callable[..., Ran]


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    rows = [in_force("2016-01-01", "2018-06-01"), in_force("2018-06-01", None, plan_version="2")]
    store.publish(rows, published="2020-01-01", shape=square())
    return store


def failure(ran: Ran, code: int = 1) -> str:
    assert (ran.code, ran.out) == (code, ""), ran
    (line,) = ran.err.splitlines()
    assert line.startswith("atlas: ")
    return line


@pytest.mark.parametrize("ending", ["gpkg", "GPKG", "geojson", "csv", "xlsx"])
def test_each_ending_is_written(run: Run, belts: StoreBuilder, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "new" / f"belts.{ending}"
    for _ in range(2):
        ran = run("export", "belts", "--day", "2017-01-01", "-o", path)
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert path.stat().st_size > 400
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_both_days_and_the_language_reach_the_file(
    run: Run, belts: StoreBuilder, tmp_path: Path
) -> None:
    belts.publish([in_force("2016-01-01", None)], published="2024-01-01", note="second")
    path = tmp_path / "x.gpkg"
    days = ("--day", "2017-01-01", "--known-by", "2023-12-31")
    for lang, attribution in (("zh", "attribution 中文"), ("en", "attribution of belts")):
        assert run("export", "belts", *days, "--lang", lang, "-o", path).code == 0
        (source,) = pyogrio.read_dataframe(path, layer="atlas_sources").to_dict("records")
        assert source["edition"] == 1
        assert source["in_force_on"] == "2017-01-01"
        assert source["as_published_by"] == "2023-12-31"
        assert source["attribution"] == attribution


def test_today_unless_a_day_is_given(run: Run, belts: StoreBuilder, tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    assert run("export", "belts", "-o", path).code == 0
    (shown,) = json.loads(path.read_text("utf-8"))["features"]
    assert shown["properties"]["plan_version"] == "2"


def test_a_place(run: Run, belts: StoreBuilder, tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    assert run("export", "belts", "--place", "120.1,30.1,120.2,30.2", "-o", path).code == 0
    assert json.loads(path.read_text("utf-8"))["place"] == "120.1,30.1,120.2,30.2"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["belts", "-o", "x.shp"], 2, "the ending must be one of .gpkg, .geojson, .csv, .xlsx"),
        (["belts", "-o", "x"], 2, "the ending must be one of"),
        (["belts"], 2, "Missing option '-o'"),
        (["-o", "x.csv"], 2, "Missing argument 'LAYER...'"),
        (["belts", "--day", "2017-13-01", "-o", "x.csv"], 2, "is not a day"),
        (["belts", "--lang", "both", "-o", "x.csv"], 2, "'both' is not one of"),
        (["rivers", "-o", "x.csv"], 1, "no layer 'rivers'"),
        (["belts", "--day", "1999-01-01", "-o", "x.csv"], 1, "nothing of belts on 1999-01-01"),
        (["belts", "--place", "belts:x", "-o", "x.csv"], 1, "no feature 'x'"),
        (["belts", "--place", "110,39,111,40", "-o", "x.csv"], 1, "choose another day or place"),
        (["belts", "--known-by", "2019-12-31", "-o", "x.csv"], 1, "has no edition published by"),
    ],
)
def test_one_line_and_no_file(
    run: Run, belts: StoreBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert words in failure(run("export", *arguments), code)
    assert sorted(tmp_path.iterdir()) == before


def test_a_path_that_cannot_be_written(run: Run, belts: StoreBuilder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    assert "nothing was changed" in failure(run("export", "belts", "-o", tmp_path / "file/x.gpkg"))
    (tmp_path / "x.gpkg").mkdir()
    assert "nothing was changed" in failure(run("export", "belts", "-o", tmp_path / "x.gpkg"))
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "x.gpkg"])


def test_figure_writes_a_map_in_one_file(run: Run, belts: StoreBuilder, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    command = ("figure", "belts", "--days", "2017-01-01", "--made", "2024-06-30", "--lang", "en")
    ran = run(*command, "-o", path)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    text = path.read_text("utf-8")
    assert '"day":"2017-01-01"' in text
    assert '"made":"2024-06-30"' in text
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    ran = run("verify", path, "--lang", "en", "--json")
    assert json.loads(ran.out)["answer"] == "same"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--days", "2017-01-01", "2019-01-01"], "opens at one day"),
        (["--profile", "public"], "always a working map"),
        (["--approval-number", "GS（2024）0650号"], "always a working map"),
        (["--title", "x"], "the atlas's own title"),
    ],
)
def test_what_a_map_in_one_file_does_not_take(
    run: Run, belts: StoreBuilder, tmp_path: Path, options: list[str], words: str
) -> None:
    path = tmp_path / "map.html"
    assert words in failure(run("figure", "belts", *options, "-o", path), 2)
    assert not path.exists()
