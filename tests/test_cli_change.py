"""Commands about change on the command line: diff, history, compare, and days of other commands."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import pytest
import shapely

from atlas.i18n import translate
from atlas.io import raster as cog
from atlas.operations import publish as publishing
from tests.conftest import TODAY, Ran, StoreBuilder
from tests.examples import collection, feature, in_force, row, square
from tests.raster_examples import add_raster_layer, land_cover

Run = Callable[..., Ran]
START, END = "2016-01-01", "2018-06-01"
DAYS, EDITIONS = ["--days", "2017-01-01", "2020-01-01"], ["--editions", "1", "2"]
VERSIONS = ["--versions", "belt", "1.0", "2.0"]
STATES = {"days": DAYS, "editions": EDITIONS, "versions": VERSIONS}
SMALL, LARGE, FAR = square(), square(120, 30, 0.6), square(118, 30)


def publish(store: StoreBuilder, *rows: tuple[dict[str, Any], Any]) -> None:
    file = store.write(collection([feature(entry, shape) for entry, shape in rows]))
    publishing.publish(store.folder, "belts", file, note="why", today=TODAY)


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    """Two editions; the second corrects a name, and knows a draft."""
    one = in_force(START, END, plan_version="1.0")
    two = in_force(END, None, plan_version="2.0")
    publish(store, (one, SMALL), (two, LARGE))
    publish(
        store, (one | {"name_en": "Old Huai"}, SMALL), (two, LARGE),
        (in_force("2019-01-01", None, id="tai", plan_version="d", status="draft"), FAR),
        (in_force("2019-01-01", None, id="yi", status="initiative"), square(117)),
    )  # fmt: skip
    add_raster_layer(store.folder, "cover")
    cells = store.write(cog.to_bytes(land_cover()), "cells.tif")
    publishing.publish(store.folder, "cover", cells, note="why", today=TODAY)
    return store


def failure(ran: Ran, code: int = 1) -> str:
    """The one line that a failed command says."""
    assert (ran.code, ran.out) == (code, ""), ran
    (line,) = ran.err.splitlines()
    assert line.startswith("atlas: ")
    assert len(line) < 600
    return line


def success(ran: Ran) -> str:
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.out


@pytest.mark.usefixtures("belts")
class TestDiff:
    """Two states of a layer in every form."""

    @pytest.mark.parametrize("by", STATES)
    def test_a_table_for_people(self, run: Run, by: str) -> None:
        lines = success(run("diff", "belts", *STATES[by], "--lang", "en")).splitlines()
        assert lines[0].startswith("What changed: title of belts")
        assert lines[3] == ""
        assert lines[4].split()[0] == "Feature"
        assert len(lines) == {"days": 8, "editions": 8, "versions": 6}[by]

    @pytest.mark.parametrize("by", STATES)
    def test_values_for_machines(self, run: Run, by: str) -> None:
        told = json.loads(success(run("diff", "belts", *STATES[by], "--json")))
        assert (told["layer"], told["by"]) == ("belts", by)
        kinds = [change["kind"] for change in told["changes"]]
        assert kinds == {
            "days": ["inserted", "inserted", "reshaped"],
            "editions": ["inserted", "inserted", "reworded"], "versions": ["reshaped"],
        }[by]  # fmt: skip

    @pytest.mark.parametrize(("lang", "name"), [("zh", "淮河"), ("en", "Huai")])
    def test_words(self, run: Run, lang: str, name: str) -> None:
        text = success(run("diff", "belts", *VERSIONS, "--words", lang))
        assert text.splitlines()[-1].startswith(f"• {name}")
        assert translate("words.title", lang, layer="").strip("： ") in text

    def test_pieces(self, run: Run) -> None:
        told = json.loads(success(run("diff", "belts", *VERSIONS, "--geojson")))
        assert [piece["properties"]["change"] for piece in told["features"]] == ["gained", "kept"]
        assert told["old"]["plan_version"] == "1.0"

    def test_the_language_is_chinese_unless_asked(self, run: Run) -> None:
        assert success(run("diff", "belts", *DAYS)).startswith("变化：")

    def test_one_feature_alone(self, run: Run) -> None:
        told = json.loads(success(run("diff", "belts", *DAYS, "--id", "tai", "--json")))
        assert [change["new"][0]["id"] for change in told["changes"]] == ["tai"]
        assert told["feature"] == "tai"

    @pytest.mark.parametrize(
        ("old", "new", "count"),
        [("2018-05-31", END, 1), (END, "2018-12-31", 0), ("2018-12-31", "2019-01-01", 2)],
    )
    def test_days_count_exactly(self, run: Run, old: str, new: str, count: int) -> None:
        told = json.loads(success(run("diff", "belts", "--days", old, new, "--json")))
        assert len(told["changes"]) == count

    def test_nothing_differs(self, run: Run) -> None:
        lines = success(run("diff", "belts", "--editions", 2, 2, "--lang", "en")).splitlines()
        assert (len(lines), lines[-1]) == (3, "Nothing differs.")

    @pytest.mark.parametrize("ending", ["md", "docx", "csv", "geojson", "json", "txt", "MD"])
    def test_a_file_by_its_ending(self, run: Run, tmp_path: Path, ending: str) -> None:
        path = tmp_path / "new" / f"report.{ending}"
        assert success(run("diff", "belts", *DAYS, "--lang", "en", "-o", path)) == ""
        content = path.read_bytes()
        if ending == "docx":
            told = docx.Document(io.BytesIO(content)).paragraphs[0].text
        else:
            told = content.decode("utf-8-sig")
        assert "belts" in told
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    def test_a_form_that_is_asked_for_counts_more_than_the_ending(
        self, run: Run, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.md"
        success(run("diff", "belts", *DAYS, "--json", "-o", path))
        assert json.loads(path.read_text("utf-8"))["by"] == "days"

    def test_csv_has_a_line_a_change(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        success(run("diff", "belts", *DAYS, "-o", path))
        lines = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        assert len(lines) == 3
        assert {line["unit"] for line in lines} == {"km²"}


@pytest.mark.usefixtures("belts")
class TestDiffRefuses:
    """Wrong usage is 2, what is not there is 1; one line each."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ([], "give one of --days D1 D2, --editions N1 N2, --versions ID V1 V2"),
            ([*DAYS, *EDITIONS], "give one of --days"),
            ([*DAYS, *VERSIONS], "give one of --days"),
            ([*DAYS, "--json", "--geojson"], "give one of --json, --words, --geojson"),
            ([*DAYS, "--json", "--words", "en"], "give one of --json, --words, --geojson"),
            ([*DAYS, "--words", "fr"], "'fr' is not one of 'zh', 'en'"),
            ([*DAYS, "-o", "a.pdf"], "'a.pdf': the ending must be one of"),
            ([*DAYS, "-o", "noending"], "'noending': the ending must be one of"),
            (["--days", "2017-01-01"], "requires 2 arguments"),
            (["--days", "2017-01-01", "2017-02-30"], "'2017-02-30' is not a day"),
            (["--days", "2017-01-01", "2018"], "'2018' is not a day"),
            (["--editions", "0", "1"], "0 is not in the range"),
            (["--editions", "one", "2"], "'one' is not a valid integer"),
            (["--versions", "belt", "1.0"], "requires 3 arguments"),
            ([*DAYS, "--known-by", "now"], "'now' is not a day"),
        ],
    )
    def test_wrong_usage(self, run: Run, arguments: list[str], words: str) -> None:
        assert words in failure(run("diff", "belts", *arguments), 2)

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["moon", *DAYS], "no layer 'moon'"),
            (["moon", *EDITIONS], "no layer 'moon'"),
            (["belts", "--editions", "1", "3"], "no edition 3; it has: 1"),
            (["belts", *DAYS, "--known-by", "2000-01-01"], "no edition published by 2000-01-01"),
            (["belts", *DAYS, "--id", "bell"], "no feature 'bell'; near: belt"),
            (["belts", *EDITIONS, "--id", "bell"], "no feature 'bell'; near: belt"),
            (["belts", "--versions", "bell", "1.0", "2.0"], "no feature 'bell'; near: belt"),
            (["belts", "--versions", "belt", "1.0", "9"], "no plan version '9'; it has: 1.0, 2.0"),
            (["cover", *DAYS], "'cover' is of kind raster"),
            (["cover", "--editions", "1", "1"], "'cover' is of kind raster"),
            (["cover", *VERSIONS], "'cover' is of kind raster"),
        ],
    )
    def test_what_is_not_there(self, run: Run, arguments: list[str], words: str) -> None:
        assert words in failure(run("diff", *arguments))

    def test_a_file_that_cannot_be_written(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        for path in (tmp_path / "file" / "a.csv", Path("/proc/a.csv")):
            assert "nothing was changed" in failure(run("diff", "belts", *DAYS, "-o", path))


@pytest.mark.usefixtures("belts")
class TestHistory:
    """A feature's plan versions in both times."""

    def test_lines_for_people(self, run: Run) -> None:
        text = success(run("history", "belts", "belt", "--lang", "en", "--as-of", "2018-05-31"))
        first, *events = text.splitlines()
        assert first == "Old Huai · version 1.0 · 2016-01-01 – 2018-06-01 · in force"
        assert events[0] == f"    edition 1, published {TODAY}: added"
        assert "not yet" in text

    @pytest.mark.parametrize(("day", "standing"), [("2018-05-31", "in-force"), (END, "superseded")])
    def test_values_for_machines(self, run: Run, day: str, standing: str) -> None:
        told = json.loads(success(run("history", "belts", "belt", "--as-of", day, "--json")))
        assert [entry["key"] for entry in told] == ["belt/1.0", "belt/2.0"]
        assert told[0]["standing"] == standing
        assert [event["kind"] for event in told[0]["recorded"]] == ["inserted", "reworded"]

    @pytest.mark.parametrize(
        ("arguments", "words", "code"),
        [
            (["belts", "bell"], "no feature 'bell'; near: belt", 1),
            (["moon", "belt"], "no layer 'moon'", 1),
            (["cover", "belt"], "'cover' is of kind raster", 1),
            (["belts", "belt", "--known-by", "2000-01-01"], "published by 2000-01-01", 1),
            (["belts"], "Missing argument 'ID'", 2),
            (["belts", "belt", "--as-of", "2018"], "'2018' is not a day", 2),
        ],
    )
    def test_it_refuses(self, run: Run, arguments: list[str], words: str, code: int) -> None:
        assert words in failure(run("history", *arguments), code)


class TestCompare:
    """Two files of a user."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        paths = tmp_path / "old.gpkg", tmp_path / "new.gpkg"
        for path, shapes in zip(paths, ((SMALL, FAR), (LARGE, FAR)), strict=True):
            table = {"id": ["a", "b"], "code": [1, 2]}
            gpd.GeoDataFrame(table, geometry=list(shapes), crs=4490).to_file(path)
        return paths

    def test_counts_and_sizes_for_people(self, run: Run, files: tuple[Path, Path]) -> None:
        lines = dict(line.split() for line in success(run("compare", *files)).splitlines())
        assert (lines["reshaped"], lines["moved"]) == ("1", "0")
        assert float(lines["gained"].replace(",", "")) == pytest.approx(1172, abs=1)

    def test_values_for_machines(self, run: Run, files: tuple[Path, Path]) -> None:
        told = json.loads(success(run("compare", *files, "--key", "code", "--json")))
        assert (told["reshaped"], told["kept"]) == (1, 1)
        assert [change["kind"] for change in told["changes"]] == ["reshaped"]

    @pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.geojson", "a.csv", "a.json"])
    def test_a_file_by_its_ending(
        self, run: Run, files: tuple[Path, Path], tmp_path: Path, name: str
    ) -> None:
        assert success(run("compare", *files, "-o", tmp_path / name)) == ""
        if name in ("a.csv", "a.json"):
            assert "reshaped" in (tmp_path / name).read_text("utf-8")
        else:
            assert sorted(gpd.read_file(tmp_path / name)["change"]) == ["gained", "kept"]

    def test_it_refuses(self, run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
        text, old = tmp_path / "text.gpkg", files[0]
        text.write_text("hello")
        for arguments, words in (
            ((old, text), "text.gpkg: not a vector file"),
            ((old, tmp_path / "none.gpkg"), "none.gpkg: No such file or directory"),
            ((*files, "--key", "name"), "no column 'name' to compare by; name one with --key"),
            ((*files, "-o", tmp_path / "a.pdf"), "the ending must be one of .gpkg"),
            ((*files, "-o", "/proc/a.gpkg"), "nothing was changed"),
        ):
            assert words in failure(run("compare", *arguments))
        assert "Missing argument 'NEW'" in failure(run("compare", old), 2)


class TestPublish:
    """The change is told before anything is written."""

    def test_the_words_stand_before_the_edition(self, run: Run, belts: StoreBuilder) -> None:
        file = belts.write(collection([feature(in_force(END, None, plan_version="2.0"), SMALL)]))
        lines = success(run("publish", "belts", file, "--note", "why", "--lang", "en")).splitlines()
        assert lines[0].split() == ["removed", "3", "belt/1.0,", "tai/d,", "yi/1"]
        assert "kept          0" in lines
        assert sum(line.startswith("• ") for line in lines) == 4
        assert lines[-1].startswith("published belts edition 3 (")

    def test_a_trial_run_tells_and_writes_nothing(self, run: Run, belts: StoreBuilder) -> None:
        before = belts.state()
        file = belts.write(collection([feature(row(), SMALL)]))
        told = run("publish", "belts", file, "--note", "x", "--dry-run", "--json")
        values = json.loads(success(told))
        assert (values["layer"], values["edition"]) == ("belts", None)
        assert values["change"]["new"]["edition"] == 3
        assert {change["kind"] for change in values["change"]["changes"]} >= {"removed"}
        assert belts.state() == before

    def test_a_first_edition_lists_its_keys_only(self, run: Run, store: StoreBuilder) -> None:
        file = store.write(collection([feature(row(), SMALL)]))
        lines = success(run("publish", "belts", file, "--note", "why")).splitlines()
        assert [line.split()[:2] for line in lines[:2]] == [["inserted", "1"], ["kept", "0"]]
        assert len(lines) == 3


@pytest.mark.usefixtures("belts")
class TestDaysOfOtherCommands:
    """Each command judges rows on the exact day."""

    @pytest.mark.parametrize(
        ("day", "versions"),
        [("2015-12-31", []), (START, ["1.0"]), ("2018-05-31", ["1.0"]), (END, ["2.0"])],
    )
    def test_download(self, run: Run, day: str, versions: list[str]) -> None:
        told = json.loads(success(run("download", "belts", "--as-of", day)))
        assert [row["properties"]["plan_version"] for row in told["features"]] == versions

    def test_show_tells_what_is_superseded_draft_or_initiative(self, run: Run) -> None:
        lines = [re.split(r"  +", line) for line in success(run("show", "belts")).splitlines()[1:]]
        assert [(line[0], line[5]) for line in lines] == [
            ("belt", "in-force, superseded"), ("belt", "in-force"), ("tai", "draft"),
            ("yi", "initiative"),
        ]  # fmt: skip

    def test_describe_judges_each_version_on_the_day(self, run: Run) -> None:
        for day, words in (("2018-05-31", "in force"), (END, "formerly in force")):
            text = success(run("describe", "belts", "belt", "--as-of", day, "--lang", "en"))
            assert re.search(rf"^## Version 1\.0 · {words}$", text, re.MULTILINE)

    def test_find_knows_only_what_is_in_force(self, run: Run, belts: StoreBuilder) -> None:
        belts.add_layer("cities", theme="base")
        belts.publish([in_force(START, END, id="a", name_en="Chaohu")], layer="cities")
        assert success(run("find", "chaohu", "--as-of", "2018-05-31")).split()[0] == "cities:a"
        assert success(run("find", "chaohu")).split()[0] == "cities:a"
        for day in ("2015-12-31", END):
            assert "no place found" in failure(run("find", "chaohu", "--as-of", day))


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("diff", ["--days", "--editions", "--versions", "--id", "--known-by", "--json", "--words",
                  "--geojson", "--lang", "-o, --output", "--layers"]),
        ("history", ["--as-of", "--known-by", "--lang", "--json", "--layers"]),
        ("compare", ["--key", "-o, --output", "--json"]),
        ("publish", ["--note", "--published", "--dry-run", "--lang", "--json", "--layers"]),
        ("describe", ["--as-of", "--known-by", "--lang", "--json", "--layers"]),
        ("find", ["--as-of", "--known-by", "--json", "--layers"]),
        ("download", ["--as-of", "--known-by", "-o, --output", "--layers"]),
    ],
)  # fmt: skip
def test_help_names_each_option_and_says_what_it_does(
    run: Run, command: str, options: list[str]
) -> None:
    lines = success(run(command, "--help")).splitlines()
    for option in options:
        place = next(n for n, line in enumerate(lines) if line.strip().startswith(option))
        told = " ".join(lines[place : place + 2])
        assert re.search(r" {2,}\S", told.strip()), option


def test_a_diff_reads_the_store_that_is_named(run: Run, tmp_path: Path) -> None:
    other = StoreBuilder(tmp_path / "other")
    other.add_layer("lines", kind="line")
    line = feature(row(), shapely.LineString([(120, 30), (121, 30)]))
    file = other.write(collection([line]))
    publishing.publish(other.folder, "lines", file, note="why", today=TODAY)
    text = success(run("diff", "lines", "--days", "2017-01-01", "2020-01-01", "--layers",
                       other.folder, "--words", "en"))  # fmt: skip
    assert "96.5 km" in text
