"""``atlas figure`` and ``atlas verify``: files, exit codes, and one line for every mistake."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran, StoreBuilder
from tests.examples import in_force
from tests.test_cli import failure, success

Run = Callable[..., Ran]
DAYS = ("--days", "2024-06-01", "--known-by", "2024-06-01", "--made", "2024-06-02")


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    rows = [in_force("2016-01-01", None), in_force("2018-06-01", None, id="later")]
    store.publish(rows, published="2020-01-01")
    return store


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_figure_is_drawn_and_verified(
    form: str, belts: StoreBuilder, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{form}"
    assert success(run("figure", "belts", *DAYS, "--dpi", 150, "-o", path)) == ""
    assert "一致" in success(run("verify", path))
    told = json.loads(success(run("verify", path, "--json")))
    assert told["answer"] == "same"
    assert (told["day"], told["made"], told["form"]) == ("2024-06-01", "2024-06-02", form)
    belts.withdraw(1, "2024-06-03")
    ran = run("verify", path, "--lang", "en")
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.startswith("Data withdrawn")


def test_every_option_reaches_the_figure(belts: StoreBuilder, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    number = "GS（2024）0650号"
    success(run(
        "figure", "belts", *DAYS, "--place", "119,29,122,32", "--paper", "A3", "--orientation",
        "portrait", "--lang", "both", "--profile", "public", "--approval-number", number,
        "--title", "Title 题目", "-o", path,
    ))  # fmt: skip
    text = path.read_text("utf-8")
    for words in ("Title 题目", f"审图号：{number}", "Legend", "图例", 'width="841.889764pt"'):
        assert words in text, words
    assert "未经审图" not in text


def test_two_days_draw_what_changed(belts: StoreBuilder, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    success(run("figure", "belts", "--days", "2017-01-01", "2024-06-01", "--made", "2024-06-02",
                "--known-by", "2024-06-01", "--lang", "en", "-o", path))  # fmt: skip
    text = path.read_text("utf-8")
    assert "What changed from 2017-01-01 to 2024-06-01" in text
    assert "Gained (1)" in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["figure", "-o", "a.pdf"], 2, "Missing argument 'LAYER...'"),
        (["figure", "belts"], 2, "Missing option '-o'"),
        (["figure", "belts", "-o", "a.jpg"], 2, "the ending must be one of"),
        (["figure", "belts", "--paper", "B5", "-o", "a.pdf"], 2, "'B5' is not one of"),
        (["figure", "belts", "--dpi", "72", "-o", "a.png"], 2, "not in the range 150<=x<=600"),
        (["figure", "belts", "--days", "2024-02-30", "-o", "a.pdf"], 2, "is not a day"),
        (["figure", "belts", "--lang", "fr", "-o", "a.pdf"], 2, "'fr' is not one of"),
        (["figure", "rivers", "-o", "a.pdf"], 1, "no layer 'rivers'"),
        (["figure", "belts", "--place", "1,2,1,2", "-o", "a.pdf"], 1, "the smaller first"),
        (["figure", "belts", "--place", "110,25,111,26", "-o", "a.pdf"], 1, "nothing of belts"),
        (["figure", "belts", "--title", "x" * 400, "-o", "a.pdf"], 1, "has 400 signs"),
        (["figure", "belts", "--profile", "public", "-o", "a.pdf"], 1, "the atlas has none"),
        (["figure", "belts", "--approval-number", "GS（2024）0650号", "-o", "a.pdf"], 1,
         "takes no approval number"),
        (["figure", "belts", "--profile", "public", "--approval-number", "x", "-o", "a.pdf"], 1,
         "'x' is no approval number"),
        (["figure", "belts", "-o", "belts.txt/a.pdf"], 1, "nothing was changed"),
        (["verify", "none.pdf"], 1, "No such file"),
        (["verify", "belts.txt"], 1, "not a PDF, SVG, PNG"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_leaves_nothing(
    arguments: list[str], code: int, words: str, belts: StoreBuilder, run: Run, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "belts.txt").write_text("x")
    assert words in failure(run(*arguments), code)
    assert [path.name for path in folder.iterdir()] == ["belts.txt"]
