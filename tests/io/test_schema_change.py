"""A layer's schema may change; what was published stays readable, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from atlas.errors import FileDamaged, PublishRefused
from atlas.io import catalogue
from atlas.operations.check import check
from tests.examples import row

if TYPE_CHECKING:
    from tests.conftest import StoreBuilder

NEW_COLUMN = """
[[columns]]
name = "rank"
type = "integer"
required = true
title = { zh = "名次", en = "Rank" }
"""


def add_column(store: StoreBuilder, text: str = NEW_COLUMN) -> None:
    path = store.folder / "belts" / "layer.toml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")


def test_an_edition_from_before_a_column_is_read_with_the_column_empty(
    store: StoreBuilder,
) -> None:
    first = store.publish()
    add_column(store)
    assert store.read(first).features["rank"].isna().all()


def test_the_next_edition_brings_the_column_and_both_stay_readable(store: StoreBuilder) -> None:
    first = store.publish()
    add_column(store)
    second = store.publish([row() | {"rank": 3}], published="2020-02-01")
    assert store.read(first).features["rank"].isna().all()
    assert store.read(second).features["rank"].tolist() == [3]
    assert check(store.folder).problems == []


def test_until_then_check_says_that_the_newest_edition_lacks_the_column(
    store: StoreBuilder,
) -> None:
    store.publish()
    add_column(store)
    assert [problem.rule for problem in check(store.folder).problems] == ["columns"]


def test_a_dropped_column_is_left_out(store: StoreBuilder) -> None:
    path = store.folder / "belts" / "layer.toml"
    before = path.read_text("utf-8")
    add_column(store)
    edition = store.publish([row() | {"rank": 3}])
    path.write_text(before, "utf-8")
    assert "rank" not in store.read(edition).features.columns


def test_a_column_that_every_row_has_already_is_refused(store: StoreBuilder) -> None:
    add_column(store, NEW_COLUMN.replace("rank", "name_zh"))
    with pytest.raises(FileDamaged, match="name_zh"):
        catalogue.read_info(store.folder, "belts")


@pytest.mark.parametrize("lines_kept", [0, 1])
def test_a_log_that_lost_lines_makes_the_next_publish_stop_and_keep_everything(
    store: StoreBuilder, lines_kept: int
) -> None:
    for number in (1, 2, 3):
        store.publish([row(name_en=f"Belt {number}")])
    log = store.folder / "belts" / "editions.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:lines_kept]))
    before = store.state()
    with pytest.raises(PublishRefused, match=r"restore editions\.jsonl"):
        store.publish([row(name_en="Belt 4")])
    assert store.state() == before


def change_type(store: StoreBuilder, old: str, new: str) -> None:
    path = store.folder / "belts" / "layer.toml"
    path.write_text(path.read_text("utf-8").replace(f'"{old}"', f'"{new}"'), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        ("text", "integer", ["007", None]),
        ("text", "number", ["1e3", "many"]),
        ("number", "integer", [2.5, 3]),
        ("integer", "text", [7, None]),
        ("boolean", "integer", [True, None]),
        ("text", "boolean", ["no", ""]),
        ("text", "texts", ["one", None]),
    ],
)
def test_values_of_another_type_than_today_s_stay_as_they_were(
    store: StoreBuilder, old: str, new: str, values: list
) -> None:
    column = NEW_COLUMN.replace("integer", old).replace("required = true", "required = false")
    add_column(store, column)
    rows = [row(id=f"b{place}") | {"rank": value} for place, value in enumerate(values)]
    edition = store.publish(rows)
    change_type(store, old, new)
    features = store.read(edition).features
    assert [None if value is None else (type(value), value) for value in features["rank"]] == [
        None if value is None else (type(value), value) for value in values
    ]
    assert [problem.rule for problem in check(store.folder).problems if "rank" in problem.message]


def test_a_missing_truth_value_that_became_required_is_not_false(store: StoreBuilder) -> None:
    add_column(store, NEW_COLUMN.replace("integer", "boolean").replace("= true", "= false"))
    edition = store.publish([row() | {"rank": None}])
    path = store.folder / "belts" / "layer.toml"
    path.write_text(path.read_text("utf-8").replace("required = false", "required = true"), "utf-8")
    assert store.read(edition).features["rank"].tolist() == [None]
