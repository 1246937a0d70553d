"""``atlas indicators``, ``evaluate`` and ``conform``: what they print, write and refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.analysis.indicator_list import INDICATORS
from atlas.analysis.zone_index import index_zones
from atlas.io.recipes import read_recipe
from tests.conftest import Ran, StoreBuilder
from tests.plan_world import fill

KNOWN = ("--known-by", "2024-06-01")
OLD, NEW = ("--baseline", "2021-12-31"), ("--day", "2024-12-31")
Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _world(empty_store: StoreBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)
    fill(empty_store)


def test_indicators_of_a_day(run: Run) -> None:
    done = run("indicators", *KNOWN, *NEW, "--json")
    assert done.code == 0
    held = json.loads(done.out)
    assert [one["id"] for one in held["indicators"]] == list(INDICATORS)
    assert held["known_by"] == "2024-06-01"
    by_id = {one["id"]: one for one in held["indicators"]}
    assert by_id["pairs-with-direct-line"]["value"] == 2


def test_a_trend_of_one_indicator(run: Run) -> None:
    done = run("indicators", "pairs-with-direct-line", *KNOWN, "--day", "2020-01-01", *NEW,
               "--lang", "en")  # fmt: skip
    assert done.code == 0
    lines = [line for line in done.out.splitlines() if line.startswith("pairs-with")]
    assert ["1 pair" in lines[0], "2 pairs" in lines[1]] == [True, True]
    assert "sha256" in done.out


def test_the_list_needs_no_layers(run: Run, tmp_path: Path) -> None:
    done = run("indicators", "--list", "--layers", tmp_path / "nowhere")
    assert done.code == 0
    assert len(done.out.splitlines()) == len(INDICATORS)


def test_indicators_as_a_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert run("indicators", "belt-area", *KNOWN, *NEW, "-o", path).code == 0
    assert path.read_text("utf-8-sig").splitlines()[1].startswith("belt-area,")


def test_an_evaluation_that_can_be_verified(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evaluation.docx"
    done = run("evaluate", *KNOWN, *OLD, *NEW, "--made", "2025-01-02", "--lang", "en", "-o", path)
    assert (done.code, done.err) == (0, "")
    assert read_recipe(path).recipe.made.isoformat() == "2025-01-02"
    checked = run("verify", path)
    assert checked.code == 0
    values = json.loads(run("evaluate", *KNOWN, *OLD, *NEW, "--json").out)
    assert values["baseline"] == "2021-12-31"
    assert len(values["areas"]) == 8


def test_years_side_by_side_on_the_terminal(run: Run) -> None:
    done = run("evaluate", *KNOWN, *OLD, "--day", "2023-12-31", *NEW)
    assert done.code == 0
    assert "2023-12-31" in done.out
    assert "Branch开通（2024-12-26）" in done.out


def test_a_lower_plan_against_an_upper_one(run: Run, tmp_path: Path) -> None:
    done = run("conform", "metropolitan-areas", "innovation-corridors", *KNOWN,
               "--days", "2024-12-31", "--set", "carried_share=0.9", "--json")  # fmt: skip
    assert done.code == 0
    held = json.loads(done.out)
    assert held["thresholds"]["carried_share"] == 0.9
    assert {row["verdict"] for row in held["features"]} == {"carried", None}
    path = tmp_path / "pieces.geojson"
    assert run("conform", "metropolitan-areas", "innovation-corridors", *KNOWN, "--days",
               "2024-12-31", "-o", path).code == 0  # fmt: skip
    states = {one["properties"]["state"] for one in json.loads(path.read_text())["features"]}
    assert states == {"carried"}
    table = run("conform", "innovation-corridors", "ecological-belts", *KNOWN, "--csv")
    assert table.out.startswith("\ufeffzone_id,")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("indicators", "rail-kilometers"), 1, "rail-kilometres"),
        (("indicators", "--day", "2024-02-30"), 2, "not a day"),
        (("indicators", "-o", "out.pdf"), 2, ".csv, .json"),
        (("evaluate", "--day", "2020-01-01"), 1, "not after the baseline"),
        (("evaluate", "--day", "2026-01-01", "-o", "out.csv"), 2, ".md, .docx, .pdf, .json"),
        (("conform", "cities", "nowhere"), 1, "no layer 'nowhere'"),
        (("conform", "none.gpkg", "cities"), 1, "No such file"),
        (("conform", "cities", "cities", "--set", "wide=1"), 2, "no threshold 'wide'"),
        (("conform", "cities", "cities", "--set", "near_m=far"), 2, "write near_m=NUMBER"),
        (("conform", "cities", "cities", "--set", "near_m=-1"), 1, "between 0 and"),
        (("conform", "cities", "cities", "--use", "sell"), 2, "sell"),
        (("conform", "cities", "cities", "-o", "out.docx"), 2, ".json, .csv, .xlsx, .geojson"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_wrong_words_are_one_line(run: Run, words: tuple[str, ...], code: int, told: str) -> None:
    known = () if words[0] == "indicators" and "--day" in words else KNOWN
    done = run(*words, *known)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert len(done.err.splitlines()) == 1
