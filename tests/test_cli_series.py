"""``atlas series`` and ``atlas report``: files, proof, one line for every failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from atlas.analysis.zone_index import index_zones
from atlas.commands import series as commands
from atlas.io.page_store import default_folder
from tests.conftest import Ran, StoreBuilder
from tests.towns import CORRIDORS, RAILS, make_towns

Run = Callable[..., Ran]
DAYS = ("--days", "2018-06-01", "2024-06-01", "--known-by", "2024-06-01", "--made", "2024-06-01")
SERIES = ("series", "--layers", f"{CORRIDORS},{RAILS}", "--processes", "1", *DAYS)


@pytest.fixture(autouse=True)
def world(
    empty_store: StoreBuilder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> StoreBuilder:
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_towns(empty_store.folder)


def success(ran: Ran) -> str:
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.out


def verdict(run: Run, path: Path) -> str:
    return json.loads(run("verify", path, "--json").out)["answer"]


def test_a_series_is_written_proven_and_found_altered(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out" / "series.pdf"
    assert success(run(*SERIES, "--lang", "en", "-o", path)) == ""
    assert len(PdfReader(BytesIO(path.read_bytes())).pages) == 6
    assert list(default_folder().iterdir()) == []
    assert success(run("verify", path, "--lang", "en")).startswith("Same:")
    path.write_bytes(path.read_bytes().replace(b"/Title", b"/Tutle", 1))
    assert verdict(run, path) == "file altered"


def test_a_report_is_written_and_proven_by_its_parts(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    asked = ("report", CORRIDORS, "--place", "w", *DAYS, "--lang", "en", "--title", "Mine")
    assert success(run(*asked, "-o", path)) == ""
    document = docx.Document(BytesIO(path.read_bytes()))
    assert document.paragraphs[0].text == "Mine"
    assert document.core_properties.title == "Mine"
    assert success(run("verify", path, "--lang", "en")).startswith("Same:")
    document.paragraphs[0].runs[0].text = "Yours"
    document.save(path)
    assert verdict(run, path) == "file altered"


def test_a_withdrawn_edition_is_named(run: Run, world: StoreBuilder, tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    success(run("report", CORRIDORS, *DAYS, "-o", path))
    world.withdraw(1, "2024-06-20", CORRIDORS)
    assert verdict(run, path) == "data withdrawn"


def test_progress_is_told_on_a_terminal_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.sys.stderr, "isatty", lambda: True, raising=False)
    told: list[str] = []
    monkeypatch.setattr(commands.click, "echo", lambda text, **_: told.append(text))
    commands._tell(1, 3)
    assert told == ["\r1 / 3"]


def test_a_series_that_is_interrupted_leaves_its_pages_and_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(commands, "_tell", interrupt)
    path, work = tmp_path / "series.pdf", tmp_path / "work"
    ran = run(*SERIES, "--work", work, "-o", path)
    assert (ran.code, ran.err.strip()) == (1, "atlas: stopped")
    assert not path.exists()
    assert len(list(work.glob("*.pdf"))) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("series", "--layers", "nowhere", "-o", "x.pdf"), 1, "no layer 'nowhere'"),
        (("series", "--layers", ",", "-o", "x.pdf"), 1, "name at least one layer"),
        (("series", "-o", "x.png"), 2, "the ending must be pdf"),
        (("series", "--by", "belts", "-o", "x.pdf"), 2, "'belts' is not one of"),
        ((*SERIES, "--title", "长" * 400, "-o", "x.pdf"), 1, "has 400 signs"),
        ((*SERIES, "-o", "file/x.pdf"), 1, "Not a directory; nothing was changed"),
        ((*SERIES, "--profile", "public", "-o", "x.pdf"), 1, "审图号"),
        ((*SERIES, "--approval-number", "GS（2024）0650号", "-o", "x.pdf"), 1, "takes no approval"),
        (("report", RAILS, *DAYS, "--place", "cities:i", "-o", "x.docx"), 1, "nothing of"),
        (("report", RAILS, "--place", "cities:x", "-o", "x.docx"), 1, "no feature 'x'"),
        (("report", RAILS, "-o", "x.pdf"), 2, "the ending must be docx"),
        (("report", RAILS, "--title", "长" * 400, "-o", "x.docx"), 1, "has 400 signs"),
        (("report", RAILS, "-o", "file/x.docx"), 1, "Not a directory; nothing was changed"),
        (("report", RAILS, "--profile", "public", "-o", "x.docx"), 1, "审图号"),
        (("report", RAILS, "--days", "2024-06-01", "2018-06-01", "-o", "x.docx"), 1, "must lie"),
    ],
    ids=lambda value: None if isinstance(value, tuple | int) else value[:20],
)
def test_every_failure_is_one_line_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...],
    code: int, words: str,
) -> None:  # fmt: skip
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "file").write_text("x")
    monkeypatch.chdir(folder)
    ran = run(*arguments)
    assert ran.code == code
    assert words in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert [path.name for path in folder.iterdir()] == ["file"]
