"""The command line: exit codes, one line on standard error, and the promised shapes."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran, StoreBuilder
from tests.examples import in_force, row, rows_file, square

Run = Callable[..., Ran]
MEGABYTE = 1_000_000


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    """A layer with two editions; the second has two versions of one belt."""
    store.publish([row(name_en="Old")], published="2020-01-01")
    store.publish(
        [in_force("2016-01-01", "2018-06-01"), in_force("2018-06-01", None, plan_version="2")],
        published="2021-01-01",
    )
    return store


def failure(ran: Ran, code: int = 1) -> str:
    """The one line that a failed command says."""
    assert ran.code == code, ran
    lines = ran.err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("atlas: ")
    assert len(lines[0]) < 600
    return lines[0]


def success(ran: Ran) -> str:
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.out


class TestUsage:
    """Wrong usage is 2, with one line that says what is right."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["nonsense"], "No such command 'nonsense'"),
            (["show"], "Missing argument 'LAYER'"),
            (["show", "belts", "--format", "pdf"], "'pdf' is not one of 'geojson', 'csv', 'table'"),
            (["show", "belts", "--edition", "0"], "0 is not in the range"),
            (["show", "belts", "--edition", "two"], "'two' is not a valid integer"),
            (["show", "belts", "--as-of", "2019-02-30"], "'2019-02-30' is not a day"),
            (["show", "belts", "--as-of", "2019-2-3"], "'2019-2-3' is not a day"),
            (["show", "belts", "--known-by", "2019-01-01T00:00"], "write YYYY-MM-DD"),
            (["show", "belts", "--as-of", "2019\n01"], "'2019 01' is not a day"),
            (["show", "belts", "--colour"], "No such option '--colour'"),
            (["download"], "Missing argument"),
            (["publish", "belts"], "Missing argument 'FILE'"),
            (["publish", "belts", "file"], "Missing option '--note'"),
            (["publish", "belts", "file", "--note", "x", "--published", "today"], "is not a day"),
            (["withdraw", "belts", "1"], "Missing option '--reason'"),
            (["withdraw", "belts", "-1", "--reason", "x"], "-1"),
            (["link", "belts", "--lang", "fr"], "'fr' is not one of 'zh', 'en'"),
            (["link", "belts", "--as-of", "1899-12-31"], "1899-12-31 lies outside 1900-01-01 to"),
            (["link", "belts", "--known-by", "2101-01-01"], "2101-01-01 lies outside 1900-01-01"),
            (["find"], "Missing argument 'WORDS'"),
        ],
    )
    def test_wrong_usage(self, run: Run, arguments: list[str], words: str) -> None:
        ran = run(*arguments)
        assert words in failure(ran, 2)
        assert ran.out == ""

    @pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["show", "--help"]])
    def test_help(self, run: Run, arguments: list[str]) -> None:
        assert "Usage:" in success(run(*arguments))

    def test_version(self, run: Run) -> None:
        assert success(run("--version")).startswith("atlas, version ")


class TestLayers:
    def test_the_shape_for_machines(self, run: Run, belts: StoreBuilder) -> None:
        belts.withdraw(1, "2022-02-02")
        listed = json.loads(success(run("layers", "--json")))
        hashes = [
            hashlib.sha256((belts.folder / "belts" / f"{n}.geojson").read_bytes()).hexdigest()
            for n in (1, 2)
        ]
        assert listed == [
            {
                "id": "belts",
                "theme": "ecology",
                "kind": "polygon",
                "title": {"zh": "title 中文", "en": "title of belts"},
                "licence": "CC0-1.0",
                "editions": [
                    {"edition": 1, "published": "2020-01-01", "sha256": hashes[0], "features": 1,
                     "withdrawn": "2022-02-02"},
                    {"edition": 2, "published": "2021-01-01", "sha256": hashes[1], "features": 2,
                     "withdrawn": None},
                ],
            }
        ]  # fmt: skip

    def test_the_list_for_people(self, run: Run, belts: StoreBuilder) -> None:
        belts.add_layer("lakes")
        belts.withdraw(1, "2022-02-02")
        first, second = success(run("layers")).splitlines()
        assert first.startswith("belts ")
        assert "1 (2020-01-01, withdrawn 2022-02-02), 2 (2021-01-01)" in first
        assert "no edition" in second

    def test_the_folder_may_be_named(self, run: Run, belts: StoreBuilder, tmp_path: Path) -> None:
        assert belts.folder.exists()
        other = StoreBuilder(tmp_path / "other")
        other.add_layer("lakes")
        listed = json.loads(success(run("layers", "--json", "--layers", other.folder)))
        assert [layer["id"] for layer in listed] == ["lakes"]


@pytest.mark.usefixtures("belts")
class TestShow:
    def test_all_versions_or_those_of_a_day(self, run: Run) -> None:
        def versions(*options: str) -> list[str]:
            text = success(run("show", "belts", "--format", "geojson", *options))
            return [f["properties"]["plan_version"] for f in json.loads(text)["features"]]

        assert versions() == ["1", "2"]
        assert versions("--as-of", "2018-05-31") == ["1"]
        assert versions("--as-of", "2018-06-01") == ["2"]
        assert versions("--as-of", "2018-06-01", "--id", "belt") == ["2"]
        assert versions("--as-of", "2015-12-31") == []
        assert versions("--edition", "1") == ["1"]
        assert versions("--known-by", "2020-12-31") == ["1"]

    def test_geojson_is_the_edition_itself(self, run: Run, belts: StoreBuilder) -> None:
        text = success(run("show", "belts", "--format", "geojson", "--edition", "2"))
        assert text.encode() == (belts.folder / "belts" / "2.geojson").read_bytes()

    def test_csv_and_table(self, run: Run) -> None:
        text = success(run("show", "belts", "--format", "csv"))
        lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
        assert [line["valid_to"] for line in lines] == ["2018-06-01", ""]
        table = success(run("show", "belts"))
        assert [line.split()[0] for line in table.splitlines()] == ["id", "belt", "belt"]

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["show", "belt"], "no layer 'belt' in .* there are: belts"),
            (["show", "zzz"], "no layer 'zzz' in .* there are: belts"),
            (["show", "../belts"], "no layer"),
            (["show", "belts", "--edition", "3"], "no edition 3; it has: 1 .2020-01-01., 2 "),
            (["show", "belts", "--known-by", "2019-12-31"], "no edition published by 2019-12-31"),
            (["show", "belts", "--id", "bett"], "edition 2 has no feature 'bett'; near: belt"),
            (["link", "belts", "moon"], "no layer 'moon' in .* there are: belts"),
            (["download", "belts", "moon"], "no layer 'moon'"),
            (["download", "belts", "--known-by", "2019-12-31"], "published by 2019-12-31"),
            (["check", "moon"], "no layer 'moon'"),
            (["publish", "moon", "file", "--note", "x"], "no layer 'moon'"),
            (["publish", "belts", "nowhere", "--note", "x"], "nowhere: No such file"),
            (["publish", "belts", ".", "--note", "x"], "Is a directory"),
            (["withdraw", "belts", "3", "--reason", "x"], "no edition 3"),
            (["withdraw", "moon", "3", "--reason", "x"], "no layer 'moon'"),
            (["find", "moon"], "no place found for 'moon'"),
        ],
    )
    def test_what_is_not_there(self, run: Run, arguments: list[str], words: str) -> None:
        ran = run(*arguments)
        assert re.search(words, failure(ran))
        assert ran.out == ""

    def test_the_wrong_bytes(self, run: Run, belts: StoreBuilder) -> None:
        path = belts.folder / "belts" / "2.geojson"
        path.write_bytes(path.read_bytes().replace(b"Huai", b"Hual"))
        for command in (["show", "belts"], ["download", "belts"]):
            line = failure(run(*command))
            assert "2.geojson: its sha256 is " in line
            assert "restore the file from version control" in line


@pytest.mark.usefixtures("belts")
class TestOutput:
    def test_a_file_is_written_whole(self, run: Run, tmp_path: Path) -> None:
        path = tmp_path / "new" / "rows.geojson"
        wanted = success(run("show", "belts", "--format", "geojson"))
        for _ in range(2):
            assert success(run("show", "belts", "--format", "geojson", "-o", path)) == ""
        assert path.read_text("utf-8") == wanted
        assert [entry.name for entry in path.parent.iterdir()] == ["rows.geojson"]

    @pytest.mark.parametrize("command", ["show", "download"])
    def test_a_path_that_cannot_be_written(self, run: Run, tmp_path: Path, command: str) -> None:
        (tmp_path / "file").write_text("x")
        for path in (tmp_path / "file" / "below", tmp_path):
            line = failure(run(command, "belts", "-o", path))
            assert "nothing was changed" in line
        assert sorted(entry.name for entry in tmp_path.iterdir()) == [
            "file", "layers", "rows.geojson",
        ]  # fmt: skip

    def test_download_is_what_the_map_shows(self, run: Run) -> None:
        text = success(
            run("download", "belts", "--as-of", "2017-01-01", "--known-by", "2024-01-01")
        )
        document = json.loads(text)
        assert document["in_force_on"] == "2017-01-01"
        assert [f["properties"]["plan_version"] for f in document["features"]] == ["1"]

    def test_a_link_has_both_days(self, run: Run, belts: StoreBuilder) -> None:
        belts.add_layer("lakes")
        text = success(run("link", "belts", "lakes", "--as-of", "2019-01-01", "--lang", "en"))
        today = dt.date.today().isoformat()
        assert text.strip().endswith(
            f"?layers=belts,lakes&day=2019-01-01&known={today}&lang=en"
        )  # fmt: skip


class TestFind:
    def test_places(self, run: Run, store: StoreBuilder) -> None:
        store.add_layer("cities", theme="base")
        entry = row(id="hangzhou", name_zh="杭州市", name_en="Hangzhou")
        store.publish([entry], layer="cities", shape=square())
        for words in ("杭州", "hangzhou", "hzs"):
            assert success(run("find", words)).split() == ["cities:hangzhou", "杭州市", "Hangzhou"]
        assert json.loads(success(run("find", "hz", "--json"))) == [
            {"place": "cities:hangzhou", "name": {"zh": "杭州市", "en": "Hangzhou"},
             "bounds": [120.0, 30.0, 120.5, 30.5]}
        ]  # fmt: skip


class TestCheck:
    def test_valid_layers(self, run: Run, belts: StoreBuilder) -> None:
        (belts.folder / "belts" / ".tmp-1").write_text("x")
        assert json.loads(success(run("check", "--json"))) == {
            "ok": True, "problems": [], "leftovers": ["belts/.tmp-1"],
        }  # fmt: skip
        out = success(run("check"))
        assert out.splitlines() == [
            "leftover of a stopped publisher, no failure: belts/.tmp-1", "all layers are valid",
        ]  # fmt: skip

    def test_problems_of_several_layers(self, run: Run, belts: StoreBuilder) -> None:
        belts.add_layer("lakes")
        (belts.folder / "belts" / "1.geojson").write_bytes(b"{}")
        (belts.folder / "belts" / "2.geojson").write_bytes(b"{}")
        ran = run("check", "--json")
        assert (ran.code, ran.err) == (1, "")
        table = json.loads(ran.out)
        assert list(table) == ["ok", "problems", "leftovers"]
        assert table["ok"] is False
        assert [set(problem) for problem in table["problems"]] == [
            {"layer", "edition", "feature", "rule", "message"}
        ] * 3
        assert [(p["layer"], p["edition"], p["feature"], p["rule"]) for p in table["problems"]] == [
            ("belts", 1, None, "hash"), ("belts", 2, None, "hash"), ("lakes", None, None, "layer"),
        ]  # fmt: skip
        people = run("check")
        assert people.code == 1
        assert people.out.splitlines()[-1] == "3 problem(s)"
        assert run("check", "lakes").code == 1

    def test_no_layers_at_all(self, run: Run) -> None:
        for command in ("check", "audit"):
            assert "there are: none" in failure(run(command))


@pytest.mark.usefixtures("belts")
class TestAudit:
    def test_without_a_head_it_says_what_it_cannot_prove(self, run: Run) -> None:
        out = success(run("audit"))
        assert "no --head given" in out
        assert "not that the log is the one first published" in out

    def test_with_heads(self, run: Run, belts: StoreBuilder) -> None:
        table = json.loads(success(run("audit", "--json")))
        assert set(table) == {"ok", "heads", "store_head", "editions", "met", "problems",
                              "leftovers"}  # fmt: skip
        assert table["ok"] is True
        assert table["editions"] == 2
        for head in (table["heads"]["belts"], table["store_head"], table["store_head"][:12]):
            assert "nothing up to there was changed" in success(run("audit", "--head", head))
        belts.publish([row(name_en="Third")], published="2022-01-01")
        out = success(run("audit", "--head", table["store_head"]))
        assert "the whole store at the end of 2021-01-01" in out

    def test_a_saved_audit(self, run: Run, belts: StoreBuilder) -> None:
        saved = success(run("audit", "--json"))
        file = belts.write(saved.encode(), "audit.json")
        belts.publish([row(name_en="Same day")], published="2021-01-01")
        out = success(run("audit", "--head", file))
        assert "each of the 1 layers' heads in " in out
        assert "stands for this moment only" in out
        (belts.folder / "belts" / ".tmp-1").write_text("x")
        assert "no failure: belts/.tmp-1" in success(run("audit"))

    @pytest.mark.parametrize("head", ["0" * 64, "", "short"])
    def test_an_unknown_head(self, run: Run, head: str) -> None:
        ran = run("audit", "--head", head)
        assert ran.code == 1
        assert "is no head of a layer, nor of the store now" in ran.out
        assert "no --head given" not in ran.out
        assert json.loads(run("audit", "--json", "--head", head).out)["ok"] is False


class TestPublish:
    @pytest.fixture
    def file(self, store: StoreBuilder) -> Path:
        return store.write(rows_file([row(id=f"b{n}") for n in range(7)]), "new.geojson")

    def test_a_life(self, run: Run, store: StoreBuilder, file: Path) -> None:
        trial = success(run("publish", "belts", file, "--note", "first", "--dry-run"))
        assert "inserted" in trial
        assert "published" not in trial
        assert not (store.folder / "belts" / "1.geojson").exists()

        out = success(run("publish", "belts", file, "--note", "first", "--published", "2020-01-01"))
        assert "b0/1, b1/1, b2/1, b3/1, b4/1 … and 2 more" in out
        assert out.endswith("published belts edition 1 (2020-01-01)\n")

        line = failure(run("publish", "belts", file, "--note", "again"))
        assert "nothing differs from edition 1" in line
        file.write_bytes(rows_file([row(id="b0")]))
        table = json.loads(success(run("publish", "belts", file, "--note", "2", "--json")))
        assert (table["layer"], table["edition"]) == ("belts", 2)
        assert table["change"]["kept"] == 1
        assert [c["old"][0]["key"] for c in table["change"]["changes"]] == [
            f"b{n}/1" for n in range(1, 7)
        ]
        assert {c["kind"] for c in table["change"]["changes"]} == {"removed"}

        assert success(run("withdraw", "belts", "2", "--reason", "wrong")) == (
            "withdrew belts edition 2\n"
        )
        assert "was withdrawn on" in failure(run("withdraw", "belts", "2", "--reason", "wrong"))
        editions = json.loads(success(run("layers", "--json")))[0]["editions"]
        assert editions[1]["withdrawn"] == dt.date.today().isoformat()
        assert "b6" in success(run("show", "belts"))
        assert "b6" not in success(run("show", "belts", "--edition", "2"))
        success(run("check"))
        success(run("audit"))

    def test_days_of_record(self, run: Run, store: StoreBuilder, file: Path) -> None:
        store.publish(published="2024-06-30")
        early = run("publish", "belts", file, "--note", "x", "--published", "2024-06-29")
        assert "2024-06-29 lies before the newest event of 2024-06-30" in failure(early)
        late = run("publish", "belts", file, "--note", "x", "--published", "9999-12-31")
        assert "9999-12-31 lies after today" in failure(late)
        assert "say why" in failure(run("publish", "belts", file, "--note", " "))

    def test_all_problems_are_listed_and_the_first_is_the_error(
        self, run: Run, store: StoreBuilder
    ) -> None:
        bad = [row(id=f"b{number:02}", status="x", name_en=None) for number in range(30)]
        file = store.write(rows_file(bad), "bad.geojson")
        before = store.state()
        ran = run("publish", "belts", file, "--note", "x")
        assert "bad.geojson: 60 problem(s); first: belts feature b00/1" in failure(ran)
        lines = ran.out.splitlines()
        assert len(lines) == 20
        assert lines[0] == "belts feature b00/1: [required] 'name_en' is empty"
        assert store.state() == before

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"{", "not JSON at line 1"),
            (rows_file([row()]).replace(b"120.5", b"NaN", 1), "holds NaN"),
            (rows_file([row()], square(30, 10)), "lies outside the region"),
            (rows_file([row(valid_from="2019-02-30")]), "'2019-02-30' is not a day"),
        ],
    )
    def test_a_damaged_file(
        self, run: Run, store: StoreBuilder, content: bytes, words: str
    ) -> None:
        file = store.write(content, "bad.geojson")
        assert words in failure(run("publish", "belts", file, "--note", "x"))

    @pytest.mark.parametrize("name", ["notes_en", "id"])
    def test_an_attribute_of_200_megabytes(self, run: Run, store: StoreBuilder, name: str) -> None:
        head, tail = rows_file([row() | {name: "@@@"}]).split(b"@@@")
        path = store.folder.parent / "big.geojson"
        with path.open("wb") as stream:
            stream.write(head)
            for _ in range(200):
                stream.write(b"x" * MEGABYTE)
            stream.write(tail)
        ran = run("publish", "belts", path, "--note", "x")
        path.unlink()
        line = failure(ran)
        assert (
            f"1 problem(s); first: belts feature {'belt/1' if name == 'notes_en' else 'xxx'}"
            in (line)
        )
        assert "200,000,000 characters; at most 20,000" in line
        assert len(ran.out) < 400

    def test_markup_is_published_as_it_is(self, run: Run, store: StoreBuilder) -> None:
        name = "<script>alert(1)</script>"
        file = store.write(rows_file([row(name_en=name)]), "new.geojson")
        success(run("publish", "belts", file, "--note", "<b>"))
        for command in (["show", "belts", "--format", "geojson"], ["download", "belts"]):
            assert name in success(run(*command))


class TestProcess:
    """The same through a real process."""

    def test_it_runs_and_fails_as_promised(
        self, run_process: Callable, belts: StoreBuilder
    ) -> None:
        done = run_process("-m", "atlas", "show", "belts", "--format", "csv")
        assert (done.returncode, done.stderr) == (0, "")
        assert "淮河" in done.stdout
        failed = run_process("-m", "atlas", "show", "moon")
        assert (failed.returncode, failed.stdout) == (1, "")
        assert failed.stderr == (
            f"atlas: no layer 'moon' in {belts.folder}; there are: belts\n"
        )  # fmt: skip
        assert run_process("-m", "atlas", "show").returncode == 2

    @pytest.mark.usefixtures("store")
    def test_a_file_may_come_by_standard_input(self, run_process: Callable) -> None:
        words = ["-m", "atlas", "publish", "belts", "-", "--note", "x"]
        done = run_process(*words, input=rows_file([row()]).decode())
        assert (done.returncode, done.stderr) == (0, "")
        failed = run_process(*words, input="{")
        assert (failed.returncode, failed.stderr.startswith("atlas: -: not JSON")) == (1, True)

    @pytest.mark.usefixtures("belts")
    def test_a_full_output_is_one_line(self, run_process: Callable) -> None:
        for command in (["layers"], ["show", "belts", "--format", "geojson"]):
            with Path("/dev/full").open("w") as full:
                done = run_process("-m", "atlas", *command, stdout=full, stderr=-1)
            assert done.returncode == 1
            assert done.stderr == "atlas: No space left on device\n"

    @pytest.mark.usefixtures("belts")
    def test_a_reader_that_left_is_no_error_worth_a_word(self, run_process: Callable) -> None:
        code = (
            "import os, subprocess, sys\n"
            "reading, writing = os.pipe()\n"
            "os.close(reading)\n"
            "words = [sys.executable, '-m', 'atlas', 'show', 'belts', '--format', 'geojson']\n"
            "subprocess.run(words, stdout=writing)\n"
        )
        assert run_process("-c", code).stderr == ""
