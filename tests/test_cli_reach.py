"""``atlas reach``: every question, every file, one line for every failure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.operations.folder import PROJECT
from tests.conftest import Ran

Run = Callable[..., Ran]
LAYERS = ("--layers", str(PROJECT / "layers"), "--known-by", "2026-11-25")
DAY = ("--day", "2026-11-25", *LAYERS)


def ask(run: Run, *words: str) -> str:
    ran = run("reach", *words, *DAY)
    assert ran.code == 0, ran.err
    return ran.out


def test_who_is_within_an_hour_of_a_city(run: Run) -> None:
    told = ask(run, "南京", "--minutes", "60")
    assert "马鞍山市" in told
    assert "GeoNames" in told
    assert "不是时刻表" in told
    english = ask(run, "nanjing", "--lang", "en")
    assert "Ma'anshan" in english
    assert "not a timetable" in english


def test_the_way_to_another(run: Run) -> None:
    told = ask(run, "Nanjing South", "--to", "黄山", "--lang", "en")
    assert "from Nanjing South to Huangshan" in told
    values = json.loads(ask(run, "Nanjing South", "--to", "黄山", "--json"))
    way = values["way"]
    assert way["from"] == "nanjing-south"
    assert sum(leg["minutes"] for leg in way["legs"]) == pytest.approx(way["minutes"], abs=0.5)


def test_the_past_and_lines_to_come(run: Run) -> None:
    before = run("reach", "上海", "--day", "2010-12-31", "--json", *LAYERS)
    later = run("reach", "上海", "--day", "2030-12-31", "--include", "under-construction", "--json",
                *LAYERS)  # fmt: skip
    counts = [len(json.loads(ran.out)["within"]["60"]["cities"]) for ran in (before, later)]
    assert counts[0] < counts[1]
    assert json.loads(later.out)["include"] == ["under-construction"]


def test_the_matrix_as_words_csv_and_json(run: Run, tmp_path: Path) -> None:
    told = ask(run, "--matrix", "--lang", "en")
    assert "cities make" in told
    file = tmp_path / "matrix.csv"
    assert ask(run, "--matrix", "-o", str(file)) == ""
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    values = json.loads(ask(run, "--matrix", "--json"))
    assert len(rows) == len(values["pairs"])
    assert all(row["legs"] for row in values["pairs"])


def test_metropolitan_areas(run: Run) -> None:
    told = ask(run, "--areas", "--lang", "en")
    assert "Shanghai Metropolitan Area" in told
    assert "would save" in told
    values = json.loads(ask(run, "--areas", "--json"))
    assert {core["core"] for core in values["cores"]} >= {"310000", "320100", "330200"}


def test_what_a_line_changes(run: Run) -> None:
    told = ask(run, "--what-if", "nantong-ningbo-hsr", "--lang", "en")
    assert "pairs of cities come nearer" in told
    assert "ecological belts" in told
    values = json.loads(ask(run, "--what-if", "徐州东,淮安东", "--speed", "300", "--json"))
    assert values["line"] == "own-line"
    assert values["sections"][0]["design_speed_kmh"] == 300


def test_the_model_beside_published_times(run: Run) -> None:
    assert "kept out" in ask(run, "--check", "--lang", "en")
    values = json.loads(ask(run, "--check", "--json", "--assume", "factor_fast=0.5"))
    assert values["assumptions"]["factor_fast"]["value"] == 0.5
    assert len(values["times"]) > 100


def test_the_area_as_geojson(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reach.geojson"
    assert ask(run, "南京", "-o", str(file)) == ""
    held = json.loads(file.read_text("utf-8"))
    assert [one["properties"]["until_min"] for one in held["features"]] == [30, 60, 90, 120]
    assert held["origin"] == "cities:320100"
    assert held["assumptions"]["boarding_min"]["value"] == 10


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "give one of FROM"),
        (("南京", "--matrix"), 2, "give one of FROM"),
        (("南京", "--minutes", "0"), 2, "0 is not in the range"),
        (("南京", "--minutes", "-5"), 2, "-5 is not in the range"),
        (("南京", "--assume", "speed=3"), 2, "no assumption 'speed'"),
        (("南京", "--assume", "access_kmh=fast"), 2, "access_kmh=NUMBER"),
        (("南京", "--assume", "access_kmh=-3"), 1, "must lie between"),
        (("南京", "--include", "draft"), 2, "draft"),
        (("南京", "-o", "x.csv"), 2, "must be one of .json, .geojson"),
        (("--matrix", "-o", "x.geojson"), 2, "must be one of .json, .csv"),
        (("suzhou",), 1, "cities:341300"),
        (("nankin",), 1, "南京市"),
        (("南京", "--to", "nowhere"), 1, "no city or station 'nowhere'"),
        (("舟山",), 1, "no line of the record"),
        (("--what-if", "foo"), 1, "no such line"),
        (("--what-if", "徐州东,淮安东", "--speed", "-1"), 1, "its speed is -1"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line(run: Run, words: tuple[str, ...], code: int, told: str) -> None:
    ran = run("reach", *words, *DAY)
    assert ran.code == code
    assert ran.out == ""
    assert told in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_station_that_is_not_open_and_a_day_before_all(run: Run) -> None:
    closed = run("reach", "杭州西", "--day", "2020-01-01", *LAYERS)
    assert closed.code == 1
    assert "it opened on 2022-09-22" in closed.err
    early = run("reach", "南京", "--day", "1990-01-01", *LAYERS)
    assert "the first opened on 2008-04-18" in early.err
