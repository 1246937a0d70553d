"""``atlas overlap``: every option, every ending, one line for every failure."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from atlas.analysis.zone_index import index_zones
from atlas.i18n import LANGUAGES, translate
from atlas.operations import publish as publishing
from tests.conftest import TODAY, Ran, StoreBuilder
from tests.examples import collection, feature, in_force, square

Run = Callable[..., Ran]
WEST, EAST, MIDDLE = square(120, 30), square(120.5, 30), square(120.25, 30)
RAIL = shapely.LineString([(119.9, 30.2), (120.1, 30.2), (120.6, 30.2)])
COLUMNS = ["zone_id", "zone", "feature_id", "plan_version", "share_of_zone", "share_of_feature"]
D, D2 = "2018-06-01", "2020-06-01"


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)


@pytest.fixture(autouse=True)
def world(empty_store: StoreBuilder) -> StoreBuilder:
    """Two cities, a belt that moves east in 2019, a railway with a stop in each city."""

    def add(layer: str, kind: str, theme: str, *entries: tuple[dict[str, Any], Any]) -> None:
        empty_store.add_layer(layer, kind=kind, theme=theme)
        file = empty_store.write(collection([feature(entry, shape) for entry, shape in entries]))
        publishing.publish(
            empty_store.folder, layer, file, note="first", published=dt.date(2020, 1, 1),
            today=TODAY,
        )  # fmt: skip

    def named(id_: str, zh: str, en: str) -> dict[str, Any]:
        return in_force(None, None, id=id_, name_zh=zh, name_en=en)

    add("cities", "polygon", "base", (named("e", "东", "East"), EAST),
        (named("w", "西", "West"), WEST))  # fmt: skip
    add(
        "belts",
        "polygon",
        "ecology",
        (in_force("2016-01-01", "2019-01-01", id="belt"), WEST),
        (in_force("2019-01-01", None, id="belt", plan_version="2"), MIDDLE),
    )
    add("ways", "line", "rail", (named("way", "路", "Way"), RAIL))
    add("stops", "point", "rail", (named("stop", "站", "Stop"), shapely.Point(120.1, 30.2)))
    return empty_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Zones of a user; their names stand in ``code``, and in ``id`` too."""
    path = tmp_path / "mine.gpkg"
    table = {"code": ["left", "right"], "id": ["l", "r"]}
    gpd.GeoDataFrame(table, geometry=[WEST, EAST], crs=4326).to_crs(4549).to_file(path)
    return path


def success(ran: Ran) -> str:
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.out


def failure(ran: Ran, code: int) -> str:
    assert ran.code == code, ran
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith("atlas: ")
    assert len(line) < 600
    return line


def rows(run: Run, *options: object) -> list[dict[str, Any]]:
    return json.loads(success(run("overlap", *options, "--json")))["rows"]


class TestRows:
    def test_json_has_the_promised_columns(self, run: Run) -> None:
        told = json.loads(success(run("overlap", "belts", "--days", D, "--json")))
        (only,) = told["rows"]
        assert {*COLUMNS, "area_km2"} <= set(only)
        assert (only["zone_id"], only["feature_id"], only["plan_version"]) == ("w", "belt", "1")
        assert only["share_of_zone"] == pytest.approx(1)
        assert (told["days"], told["zones"][0]["name"]) == ([D], "cities")
        assert len(told["sha256"]) == len(told["zones"][0]["sha256"]) == 64

    def test_csv_has_the_promised_columns(self, run: Run) -> None:
        text = success(run("overlap", "ways", "--csv"))
        lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert {*COLUMNS, "length_km"} <= set(lines[0])
        assert [line["zone_id"] for line in lines] == ["e", "w"]

    @pytest.mark.parametrize(("lang", "name"), [("zh", "西"), ("en", "West")])
    def test_the_table_is_for_people(self, run: Run, lang: str, name: str) -> None:
        text = success(run("overlap", "belts", "--days", D, "--lang", lang))
        assert name in text
        assert translate("overlap.method", lang) in text

    def test_today_is_the_usual_day(self, run: Run) -> None:
        told = json.loads(success(run("overlap", "belts", "--json")))
        assert told["days"] == [dt.date.today().isoformat()]
        assert {row["plan_version"] for row in told["rows"]} == {"2"}

    def test_as_published_by_a_day(self, run: Run) -> None:
        line = failure(run("overlap", "belts", "--known-by", "2019-12-31"), 1)
        assert "no edition published by 2019-12-31" in line
        told = json.loads(success(run("overlap", "belts", "--known-by", "2020-01-01", "--json")))
        assert told["known_by"] == "2020-01-01"

    def test_only_one_feature(self, run: Run) -> None:
        assert len(rows(run, "belts", "--id", "belt", "--days", D)) == 1

    def test_points(self, run: Run) -> None:
        (only,) = rows(run, "stops")
        assert (only["zone_id"], only["count"], only["share_of_zone"]) == ("w", 1, None)


class TestZones:
    def test_any_layer_of_polygons(self, run: Run) -> None:
        told = rows(run, "cities", "--zones", "belts", "--days", D)
        assert [(row["zone_id"], row["feature_id"]) for row in told] == [("belt", "w")]

    def test_a_file_in_its_own_system(self, run: Run, file: Path) -> None:
        told = rows(run, "belts", "--zones", file, "--days", D)
        assert [row["zone_id"] for row in told] == ["l"]
        assert told[0]["share_of_zone"] == pytest.approx(1, abs=1e-6)

    def test_another_column_may_name_its_zones(self, run: Run, file: Path) -> None:
        told = rows(run, "belts", "--zones", file, "--zone-key", "code", "--days", D)
        assert [row["zone_id"] for row in told] == ["left"]

    @pytest.mark.parametrize(
        ("zones", "words"),
        [
            ("moon", "moon: No such file or directory"),
            ("ways", "layer 'ways' is of kind line: zones are polygons"),
            (".", "not a vector file"),
        ],
    )
    def test_what_are_no_zones(self, run: Run, zones: str, words: str) -> None:
        assert words in failure(run("overlap", "belts", "--zones", zones), 1)

    @pytest.mark.parametrize(
        ("shape", "words"),
        [
            (shapely.Point(120, 30), "row 1 ('a') is no polygon"),
            (shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)]), "Self-intersection"),
            (shapely.box(-179, 30, 179, 31), "crosses the 180th meridian"),
        ],
    )
    def test_bad_zones_are_named(self, run: Run, tmp_path: Path, shape: Any, words: str) -> None:
        path = tmp_path / "bad.gpkg"
        gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs=4326).to_file(path)
        out = tmp_path / "out.csv"
        assert words in failure(run("overlap", "belts", "--zones", path, "-o", out), 1)
        assert not out.exists()

    def test_a_day_without_zones_has_no_rows(self, run: Run) -> None:
        assert rows(run, "cities", "--zones", "belts", "--days", "2015-01-01") == []


class TestTwoDays:
    @pytest.mark.parametrize("days", [("--days", D, D2), (f"--days={D},{D2}",)])
    def test_both_ways_to_write_them(self, run: Run, days: tuple[str, ...]) -> None:
        told = json.loads(success(run("overlap", "belts", *days, "--json")))
        assert told["days"] == [D, D2]
        east, west = told["rows"]
        assert (east["zone_id"], west["zone_id"]) == ("e", "w")
        assert east["gained_feature"] == pytest.approx(west["lost_feature"], rel=1e-3)
        assert told["totals"]["old"] == pytest.approx(
            told["totals"]["kept"] + told["totals"]["lost"], abs=1e-5
        )

    def test_options_may_follow_and_the_layer_too(self, run: Run) -> None:
        wanted = success(run("overlap", "belts", "--days", D, D2, "--csv"))
        assert success(run("overlap", "--csv", "--days", D, D2, "belts")) == wanted
        assert success(run("overlap", "belts", "--csv", "--days", D, D2)) == wanted

    def test_one_day_may_be_written_either_way(self, run: Run) -> None:
        assert rows(run, "belts", "--days", D) == rows(run, "belts", f"--days={D}")

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_table_is_for_people(self, run: Run, lang: str) -> None:
        text = success(run("overlap", "belts", "--days", D, D2, "--lang", lang))
        assert f"{D} {D2}" in text
        assert translate("overlap.method", lang) in text


class TestWithAndPairs:
    def test_with_another_layer(self, run: Run) -> None:
        told = json.loads(success(run("overlap", "belts", "--with", "ways", "--json")))
        assert [layer["layer"] for layer in told["layers"]] == ["belts", "ways"]
        assert told["relation"] == "conflict"
        assert {row["zone_id"] for row in told["rows"]} == {"e", "w"}
        back = json.loads(success(run("overlap", "ways", "--with", "belts", "--json")))
        assert back["rows"] == told["rows"]

    def test_with_may_be_a_table_or_csv(self, run: Run) -> None:
        assert "length_km" in success(run("overlap", "belts", "--with", "ways"))
        assert "first_id" in success(run("overlap", "belts", "--with", "ways", "--csv"))

    def test_pairs(self, run: Run) -> None:
        told = json.loads(success(run("overlap", "belts", "--pairs", "--json")))
        (pair,) = told["pairs"]
        assert (pair["zone_id"], pair["other_id"], pair["shared"]) == ("e", "w", ["belt"])
        assert (pair["jaccard"], pair["lines"]) == (1, [])
        assert "East" in success(run("overlap", "belts", "--pairs", "--lang", "en"))
        assert "jaccard" in success(run("overlap", "belts", "--pairs", "--csv"))

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["belts", "--with", "moon"], "no layer 'moon'"),
            (["ways", "--with", "stops"], "neither it nor 'stops' holds polygons"),
            (["moon"], "no layer 'moon' in "),
            (["moon", "--pairs"], "no layer 'moon' in "),
            (["moon", "--days", D, D2], "no layer 'moon' in "),
        ],
    )
    def test_what_is_not_there(self, run: Run, arguments: list[str], words: str) -> None:
        assert words in failure(run("overlap", *arguments), 1)


ENDINGS = {"plain": ["csv", "xlsx", "json", "geojson", "parquet"],
           "--with": ["csv", "xlsx", "json", "geojson", "parquet"],
           "--pairs": ["csv", "xlsx", "json", "parquet"],
           "--days": ["csv", "xlsx", "json", "parquet"]}  # fmt: skip
OPTIONS = {"plain": [], "--with": ["--with", "ways"], "--pairs": ["--pairs"],
           "--days": ["--days", D, D2]}  # fmt: skip


class TestFiles:
    @pytest.mark.parametrize(
        ("mode", "ending"), [(mode, ending) for mode in ENDINGS for ending in ENDINGS[mode]]
    )
    def test_every_ending(self, run: Run, tmp_path: Path, mode: str, ending: str) -> None:
        path = tmp_path / "new" / f"rows.{ending.upper()}"
        assert success(run("overlap", "belts", *OPTIONS[mode], "-o", path)) == ""
        content = path.read_bytes()
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]
        if ending in ("json", "geojson"):
            document = json.loads(content)
            assert len(document["features"] if ending == "geojson" else document) >= 1
        elif ending == "xlsx":
            assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
        elif ending == "csv":
            assert content.startswith(b"\xef\xbb\xbf")
            assert len(content.splitlines()) > 1
        else:
            assert len(pd.read_parquet(io.BytesIO(content))) >= 1
        assert success(run("overlap", "belts", *OPTIONS[mode], "-o", path)) == ""
        assert path.read_bytes() == content, "the same bytes twice"

    def test_what_is_written_is_what_is_printed(self, run: Run, tmp_path: Path) -> None:
        for form in ("json", "csv"):
            path = tmp_path / f"rows.{form}"
            success(run("overlap", "belts", "--days", D, "-o", path))
            printed = success(run("overlap", "belts", "--days", D, f"--{form}"))
            assert path.read_bytes().decode() == printed

    @pytest.mark.parametrize("options", [[], ["--with", "ways"], ["--pairs"], ["--days", D, D2]])
    def test_a_path_that_cannot_be_written(
        self, run: Run, tmp_path: Path, options: list[str]
    ) -> None:
        (tmp_path / "file.csv").write_text("x")
        before = sorted(entry.name for entry in tmp_path.iterdir())
        ran = run("overlap", "belts", *options, "-o", tmp_path / "file.csv" / "below.csv")
        assert "nothing was changed" in failure(ran, 1)
        assert sorted(entry.name for entry in tmp_path.iterdir()) == before
        assert (tmp_path / "file.csv").read_text() == "x"

    def test_a_failure_leaves_what_was_there(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "rows.csv"
        path.write_text("before")
        failure(run("overlap", "moon", "-o", path), 1)
        assert path.read_text() == "before"


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ([], "Missing argument 'LAYER'"),
            (["belts", "--days"], "'--days' requires an argument"),
            (["belts", "--days", "2018-02-30"], "'2018-02-30' is not a day"),
            (["belts", "--days", "2018"], "'2018' is not a day"),
            (["belts", "--days", D, "2020-13-01"], "'2020-13-01' is not a day"),
            (["belts", f"--days={D},"], "'' is not a day"),
            (["belts", "--days", D, D2, "2021-01-01"], "unexpected extra argument (2021-01-01)"),
            (["belts", "--known-by", "today"], "'today' is not a day"),
            (["belts", "--lang", "fr"], "'fr' is not one of 'zh', 'en'"),
            (["belts", "--colour"], "No such option '--colour'"),
            (["belts", "--zones"], "'--zones' requires an argument"),
            (["belts", "--days", D, D2, "--pairs"], "two days go with the plain matrix only"),
            (["belts", "--days", D, D2, "--with", "ways"], "two days go with the plain matrix"),
            (["belts", "--pairs", "--with", "ways"], "give --with or --pairs, not both"),
        ],
    )  # fmt: skip
    def test_wrong_usage(self, run: Run, arguments: list[str], words: str) -> None:
        assert words in failure(run("overlap", *arguments), 2)

    @pytest.mark.parametrize("name", ["rows.pdf", "rows", "rows.csv.gz", "rows.table", ".csv"])
    def test_an_ending_that_is_none(self, run: Run, tmp_path: Path, name: str) -> None:
        line = failure(run("overlap", "belts", "-o", tmp_path / name), 2)
        assert "the ending must be one of json, csv, xlsx, geojson, parquet" in line
        assert not (tmp_path / name).exists()

    @pytest.mark.parametrize("options", [["--pairs"], ["--days", D, D2]])
    def test_what_has_no_shapes_is_no_geojson(
        self, run: Run, tmp_path: Path, options: list[str]
    ) -> None:
        path = tmp_path / "out.geojson"
        line = failure(run("overlap", "belts", *options, "-o", path), 2)
        assert "have no shapes: no .geojson" in line
        assert not path.exists()

    def test_help_mentions_every_option(self, run: Run) -> None:
        text = success(run("overlap", "--help"))
        for option in ("LAYER", "--zones LAYER|FILE", "--zone-key", "--with LAYER", "--pairs",
                       "--id", "--days D [D2]", "--known-by", "--json", "--csv", "--lang",
                       "-o, --output", "--layers", ".csv, .xlsx, .json, .geojson or"):  # fmt: skip
            assert option in text, option
        assert "overlap" in success(run("--help"))


class TestProcess:
    def test_a_real_process(self, run_process: Callable[..., Any]) -> None:
        done = run_process("-m", "atlas", "overlap", "belts", "--days", D, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["rows"][0]["zone_id"] == "w"
        done = run_process("-m", "atlas", "overlap", "belts", "--zones", "moon")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "atlas: moon: No such file or directory\n"
