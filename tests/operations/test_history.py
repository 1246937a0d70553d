"""A feature's plan versions in both times: what each is on a day, and what editions did."""

import datetime as dt
import json
from typing import Any

import pytest

from atlas.core.schema import Column
from atlas.errors import EditionNotFound, FeatureNotFound, LayerNotFound, WrongKind
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.io import raster as cog
from atlas.operations import publish as publishing
from atlas.operations.folder import PROJECT
from atlas.operations.history import VersionHistory, history, to_lines, to_values
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, row, square
from tests.raster_examples import add_raster_layer, land_cover

START, END = "2016-01-01", "2018-06-01"
ONE, TWO = in_force(START, END), in_force(END, None, plan_version="2")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def publish(store: StoreBuilder, *rows: tuple[dict[str, Any], Any], published: str) -> None:
    file = store.write(collection([feature(entry, shape) for entry, shape in rows]))
    publishing.publish(
        store.folder, "belts", file, note="why", published=day(published), today=TODAY
    )


def told(
    store: StoreBuilder, feature_id: str = "belt", *, on: str = "2020-01-01",
    known_by: dt.date = TODAY,
) -> list[VersionHistory]:  # fmt: skip
    return history(store.folder, "belts", feature_id, day=day(on), known_by=known_by)


def recorded(entries: list[VersionHistory]) -> dict[str, list[tuple[int, str]]]:
    return {
        entry.key: [(event.edition, event.kind) for event in entry.recorded] for entry in entries
    }


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    """Three editions: version 2 comes, version 1 moves, version 2 goes again."""
    publish(store, (ONE, square()), (row(id="other"), square(118)), published="2020-01-01")
    publish(store, (ONE, square()), (TWO, square(120, 30, 0.6)), published="2021-01-01")
    publish(store, (ONE | {"name_en": "New"}, square(120.9)), published="2022-01-01")
    return store


def test_what_each_edition_did_to_each_version(belts: StoreBuilder) -> None:
    found = told(belts)
    assert recorded(found) == {
        "belt/1": [(1, "inserted"), (3, "moved")], "belt/2": [(2, "inserted"), (3, "removed")],
    }  # fmt: skip
    assert [event.published.year for event in found[1].recorded] == [2021, 2022]


def test_a_row_is_as_the_newest_edition_that_holds_it_has_it(belts: StoreBuilder) -> None:
    first, second = told(belts)
    assert (first.row["name_en"], second.row["name_en"]) == ("New", "Huai")


@pytest.mark.parametrize(
    ("known_by", "events"),
    [
        ("2020-01-01", {"belt/1": [(1, "inserted")]}),
        ("2020-12-31", {"belt/1": [(1, "inserted")]}),
        ("2021-01-01", {"belt/1": [(1, "inserted")], "belt/2": [(2, "inserted")]}),
    ],
)
def test_only_what_was_published_by_the_day(
    belts: StoreBuilder, known_by: str, events: dict[str, list[tuple[int, str]]]
) -> None:
    assert recorded(told(belts, known_by=day(known_by))) == events


def test_a_withdrawn_edition_did_nothing(belts: StoreBuilder) -> None:
    belts.withdraw(3, "2023-01-01")
    assert recorded(told(belts, known_by=day("2023-01-01"))) == {
        "belt/1": [(1, "inserted")], "belt/2": [(2, "inserted")],
    }  # fmt: skip
    assert (3, "moved") in recorded(told(belts, known_by=day("2022-12-31")))["belt/1"]


def test_a_feature_that_is_no_longer_in_the_record(belts: StoreBuilder) -> None:
    (entry,) = told(belts, "other")
    assert recorded([entry]) == {"other/1": [(1, "inserted"), (2, "removed")]}


@pytest.mark.parametrize(
    ("on", "standings"),
    [
        ("2015-12-31", ["not-yet", "not-yet"]),
        ("2016-01-01", ["in-force", "not-yet"]),
        ("2018-05-31", ["in-force", "not-yet"]),
        ("2018-06-01", ["superseded", "in-force"]),
    ],
)
def test_each_version_is_judged_on_the_day(
    belts: StoreBuilder, on: str, standings: list[str]
) -> None:
    assert [entry.standing for entry in told(belts, on=on)] == standings


def test_versions_stand_by_their_start_and_unknown_ones_first(store: StoreBuilder) -> None:
    rows = [
        in_force("2019-01-01", None, plan_version="a"),
        in_force(None, "2016-01-01", plan_version="b"),
        in_force("2017-01-01", "2018-01-01", plan_version="c", status="draft"),
        in_force("2017-01-01", "2018-01-01", plan_version="c", status="draft", part="core"),
    ]
    store.publish(rows)
    keys = [entry.key for entry in told(store)]
    assert keys == ["belt/b", "belt/c", "belt/c/core", "belt/a"]


@pytest.mark.parametrize(("named", "standing"), [(["heir"], "superseded"), ([], "in-force")])
def test_a_successor_of_another_id_counts_for_the_standing(
    empty_store: StoreBuilder, named: list[str], standing: str
) -> None:
    words = {"zh": "后继", "en": "Successors"}
    empty_store.add_layer(columns=(Column("successors", "texts", title=words),))
    vague = in_force("2010-01-01", "2018-01-01", successors=named) | {"valid_to_precision": "year"}
    empty_store.publish([vague, in_force("2018-01-01", None, id="heir", successors=[])])
    (entry,) = told(empty_store, on="2018-06-01")
    assert entry.standing == standing


def test_what_is_not_there(belts: StoreBuilder) -> None:
    with pytest.raises(FeatureNotFound, match="edition 3 has no feature 'bell'; near: belt"):
        told(belts, "bell")
    with pytest.raises(FeatureNotFound):
        told(belts, "x" * 10_000)
    with pytest.raises(EditionNotFound, match="published by 2019-12-31"):
        told(belts, known_by=day("2019-12-31"))
    with pytest.raises(LayerNotFound, match="no layer 'moon'"):
        history(belts.folder, "moon", "belt", day=TODAY, known_by=TODAY)


def test_a_raster_has_no_features(empty_store: StoreBuilder) -> None:
    add_raster_layer(empty_store.folder, "belts")
    file = empty_store.write(cog.to_bytes(land_cover()), "cells.tif")
    publishing.publish(empty_store.folder, "belts", file, note="why", today=TODAY)
    with pytest.raises(WrongKind):
        told(empty_store)


def test_values_for_machines(belts: StoreBuilder) -> None:
    values = to_values(told(belts))
    assert json.loads(json.dumps(values)) == values
    assert values[0] == {
        "key": "belt/1", "plan_version": "1", "part": "whole",
        "name": {"zh": "淮河", "en": "New"}, "status": "in-force", "standing": "superseded",
        "valid_from": START, "valid_to": END,
        "recorded": [
            {"edition": 1, "published": "2020-01-01", "kind": "inserted"},
            {"edition": 3, "published": "2022-01-01", "kind": "moved"},
        ],
    }  # fmt: skip
    assert values[1]["valid_to"] == "still in force"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lines_for_people(belts: StoreBuilder, lang: str) -> None:
    first, *events = to_lines(told(belts)[:1], lang)
    name = {"zh": "淮河", "en": "New"}[lang]
    assert first.split(" · ")[0] == name
    assert f"{START} – {END}" in first
    assert [line.startswith("    ") for line in events] == [True, True]
    for line, kind in zip(events, ("inserted", "moved"), strict=True):
        assert translate(f"change.record.{kind}", lang) in line


@pytest.mark.parametrize(
    ("status", "on", "words"),
    [
        ("draft", "2020-01-01", "draft"),
        ("draft", "2015-01-01", "draft, not yet"),
        ("initiative", "2020-01-01", "initiative"),
        ("in-force", "2020-01-01", "in force"),
        ("in-force", "2015-01-01", "in force, not yet"),
    ],
)
def test_lines_tell_drafts_and_proposals_apart(
    store: StoreBuilder, status: str, on: str, words: str
) -> None:
    store.publish([in_force(START, None, status=status)])
    assert to_lines(told(store, on=on), "en")[0].endswith(f" · {words}")


@pytest.mark.parametrize(("status", "words"), [("draft", "draft, superseded")])
def test_lines_tell_what_has_ended(store: StoreBuilder, status: str, words: str) -> None:
    store.publish([in_force(START, END, status=status)])
    assert to_lines(told(store), "en")[0].endswith(f" · {words}")
    store.publish([in_force(START, END)], published="2021-01-01")
    assert to_lines(told(store), "en")[0].endswith(f" · {translate('describe.formerly', 'en')}")


def test_vague_and_unknown_days_are_shown_as_published(store: StoreBuilder) -> None:
    vague = row(valid_from="2018-10-01", valid_from_precision="month")
    store.publish([vague, in_force(None, "2012-01-01", plan_version="0")])
    unknown, known = to_lines(told(store), "en")[::2]
    assert " · unknown – 2012-01-01 · " in unknown
    assert " · 2018-10 – still in force · " in known


def test_hostile_names_stay_one_line_of_text(store: StoreBuilder) -> None:
    text = "<b>{0}</b> *x* \\n %s"
    store.publish([row(name_en=text, plan_version="{version}")])
    line = to_lines(told(store), "en")[0]
    assert line.startswith(f"{text} · version {{version}} · ")


def test_a_real_feature_has_its_history() -> None:
    layers = PROJECT / "layers"
    known_by = dt.date(2026, 11, 24)
    found = history(
        layers, "metropolitan-areas", "hefei-metropolitan-area", day=known_by, known_by=known_by
    )
    editions = {event.edition for entry in found for event in entry.recorded}
    assert editions <= {
        edition.edition for edition in catalogue.read_editions(layers, "metropolitan-areas")
    }
    assert [entry.standing for entry in found].count("in-force") == 1
    assert all(entry.recorded[0].kind == "inserted" for entry in found)
