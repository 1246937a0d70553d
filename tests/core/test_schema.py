"""Rules of rows: each rule once, and all problems at once."""

from typing import Any

import pandas as pd
import pytest

from atlas.core.schema import Column, check_rows, missing_to_none, row_key
from atlas.core.text import MAX_TEXT
from tests.examples import OWN_COLUMNS, full_row, in_force, row


def problems(*rows: dict[str, Any], columns: tuple[Column, ...] = ()) -> list[tuple]:
    found = check_rows("belts", 3, columns, list(rows))
    assert all((problem.layer, problem.edition) == ("belts", 3) for problem in found)
    return [(problem.feature, problem.rule, problem.message) for problem in found]


def rules(*rows: dict[str, Any], columns: tuple[Column, ...] = ()) -> list[str]:
    return [rule for _, rule, _ in problems(*rows, columns=columns)]


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in row().items() if key != name}


def test_a_valid_row_has_no_problem() -> None:
    assert problems(row()) == []
    assert problems(full_row(), columns=OWN_COLUMNS) == []


@pytest.mark.parametrize(
    ("changes", "rule", "words"),
    [
        ({"colour": "red"}, "columns", "column 'colour' is not in the layer's schema"),
        ({"name_zh": None}, "required", "'name_zh' is empty"),
        ({"name_en": " \t"}, "required", "'name_en' is empty"),
        ({"unsourced": None}, "required", "'unsourced' is empty"),
        ({"name_en": 5}, "type", "'name_en' must be text, not 5"),
        ({"accuracy_m": "5"}, "type", "'accuracy_m' must be a finite number, not '5'"),
        ({"accuracy_m": True}, "type", "must be a finite number"),
        ({"accuracy_m": float("inf")}, "type", "must be a finite number"),
        ({"accuracy_m": 10**400}, "type", "must be a finite number"),
        ({"sourced": 1}, "type", "'sourced' must be true or false"),
        ({"unsourced": "id"}, "type", "must be a list of texts"),
        ({"status": "In-Force"}, "values", "'status' is 'In-Force'; one of in-force, draft"),
        ({"geometry_basis": "guess"}, "values", "'geometry_basis' is 'guess'"),
        ({"valid_from_precision": "week"}, "values", "one of day, month, year"),
        ({"notes_en": "x" * (MAX_TEXT + 1)}, "text", "20,001 characters; at most 20,000"),
        ({"notes_en": "a\x00b"}, "text", "'notes_en' holds control characters"),
        ({"notes_en": "\x1b[31m"}, "text", "control characters"),
        ({"notes_en": "a\rb"}, "text", "control characters"),
        ({"id": "a/b"}, "key", "'id' holds '/'"),
        ({"id": "a b"}, "key", "'id' may hold letters, digits, '-', '_' and '.' only"),
        ({"id": "a\u200b"}, "key", "'id' may hold letters"),
        ({"name_en": "Hu\u202eai"}, "text", "'name_en' holds signs that nobody sees"),
        ({"accuracy_m": -1}, "values", "'accuracy_m' is -1; it must not be negative"),
        ({"unsourced": ["nonsense"]}, "source", "'unsourced' names 'nonsense', which is no column"),
        ({"valid_from": "2019-02-30"}, "dates", "'valid_from': '2019-02-30' is not a day"),
        ({"valid_from": "2019-2-3"}, "dates", "'2019-2-3' is not a day"),
        ({"valid_from": " 2019-01-01"}, "dates", "is not a day"),
        ({"valid_from": "2019-01-01T00:00"}, "dates", "is not a day"),
        ({"valid_from": None}, "dates", "'valid_from_precision' is set but 'valid_from' is empty"),
        ({"valid_to_precision": "day"}, "dates", "'valid_to_precision' is set"),
        ({"valid_from_precision": None}, "dates", "'valid_from' needs 'valid_from_precision'"),
        (
            {"valid_from": "2018-06-02", "valid_from_precision": "month"},
            "dates",
            "is not the first day of its month",
        ),
        (
            {"valid_to": "2018-06-01", "valid_to_precision": "day"},
            "dates",
            "valid_to 2018-06-01 is not after valid_from 2018-06-01",
        ),
        (
            {"valid_to": "2018-05-31", "valid_to_precision": "day"},
            "dates",
            "valid_to 2018-05-31 is not after valid_from",
        ),
    ],
)
def test_each_rule_speaks_once_and_names_the_row(changes: dict, rule: str, words: str) -> None:
    entry = row(**changes)
    found = problems(entry)
    spoken = [message for _, name, message in found if name == rule]
    assert len(spoken) == 1
    assert words in spoken[0]
    assert len(spoken[0]) < 200
    assert {name for _, name, _ in found} <= {rule, "dates"}, "a wrong precision is a wrong date"
    assert {feature for feature, _, _ in found} == {row_key(entry)}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"rank": 1.0}, "type"),
        ({"rank": True}, "type"),
        ({"rank": 2**63}, "type"),
        ({"rank": -(2**63) - 1}, "type"),
        ({"open": "yes"}, "type"),
        ({"names_old": None}, "required"),
        ({"names_old": [None]}, "type"),
        ({"names_old": ["x" * (MAX_TEXT + 1)]}, "text"),
        ({"names_old": ["ok", "a\x07"]}, "text"),
        ({"events": [{"date": "2020-01-01", "title_zh": "批复"}]}, "type"),
        ({"events": ["2020-01-01"]}, "type"),
        ({"events": {}}, "type"),
        ({"events": [{"date": "", "title_zh": "", "title_en": "x" * 30_000}]}, "text"),
        ({"source_url": None}, "source"),
        ({"source_url": ""}, "source"),
    ],
)
def test_own_columns_have_the_same_rules(changes: dict, rule: str) -> None:
    assert rules(full_row(**changes), columns=OWN_COLUMNS) == [rule]


def test_an_issue_date_has_the_rules_of_every_date() -> None:
    columns = (Column("issued", "day"), Column("issued_precision"))
    good = {"issued": "2019-12-01", "issued_precision": "month"}
    assert rules(row() | good, columns=columns) == []
    assert rules(row() | good | {"issued": "2019-12-02"}, columns=columns) == ["dates"]
    assert rules(row() | good | {"issued": None}, columns=columns) == ["dates"]


def test_a_missing_column_is_named() -> None:
    assert problems(without("notes_zh")) == [
        ("belt/1", "columns", "column 'notes_zh' is missing")
    ]  # fmt: skip


def test_unsourced_may_name_own_columns_and_survives_any_nonsense() -> None:
    assert rules(full_row(unsourced=["events", "id"]), columns=OWN_COLUMNS) == []
    assert set(rules(row(unsourced=[{}, ["id"], "x" * 300]))) == {"type", "source"}


def test_a_row_without_a_source_says_so() -> None:
    entry = full_row(sourced=False, source_url=None)
    assert rules(entry, columns=OWN_COLUMNS) == []


def test_text_at_the_limit_and_line_breaks_are_fine() -> None:
    assert problems(row(notes_en="x" * MAX_TEXT, notes_zh="一\n二\t三")) == []


def test_markup_is_data() -> None:
    assert problems(row(name_en="<script>alert(1)</script>", name_zh="<b>&amp;=1+1")) == []


def test_several_problems_are_all_named() -> None:
    first = row(id="a", status="nowhere", valid_from="2019-02-30", name_en=None)
    second = row(id="b", accuracy_m="far", unsourced=["moon"])
    found = problems(first, second)
    assert [(feature, rule) for feature, rule, _ in found] == [
        ("a/1", "required"), ("a/1", "values"), ("a/1", "dates"),
        ("b/1", "type"), ("b/1", "source"),
    ]  # fmt: skip


def test_a_row_without_an_id_is_named_by_its_place() -> None:
    found = problems(row(), row(id=None, part="core"), row(id=7, part="extended"))
    assert [(feature, rule) for feature, rule, _ in found] == [
        ("number 2", "required"), ("number 3", "type"),
    ]  # fmt: skip


def test_a_key_is_used_once() -> None:
    assert ("belt/1", "key", "the key (id, plan_version, part) is used twice") in problems(
        row(status="draft"), row(status="draft")
    )
    assert rules(row(status="draft"), row(status="draft", part="core")) == []
    assert rules(row(status="draft"), row(status="draft", plan_version="2")) == []


def test_a_long_key_makes_no_long_message() -> None:
    long = "x" * 1_000_000
    found = check_rows("belts", None, (), [row(id=long), row(id=long, plan_version="2")])
    assert {problem.rule for problem in found} == {"text", "validity"}
    assert all(len(str(problem)) < 300 for problem in found)


class TestValidity:
    """Overlap is a problem between rows of one id, one part, in force."""

    one = in_force("2018-01-01", "2019-01-01")

    def test_meeting_is_fine(self) -> None:
        assert rules(self.one, in_force("2019-01-01", None, plan_version="2")) == []

    def test_one_common_day_is_not(self) -> None:
        found = problems(self.one, in_force("2018-12-31", None, plan_version="2"))
        assert found == [("belt/2", "validity", "in force on the same day as belt/1")]

    def test_the_order_of_the_file_does_not_matter(self) -> None:
        found = problems(in_force("2018-12-31", None, plan_version="2"), self.one)
        assert found == [("belt/2", "validity", "in force on the same day as belt/1")]

    def test_two_unknown_starts_overlap(self) -> None:
        rows = in_force(None, "2018-01-01"), in_force(None, "2017-01-01", plan_version="2")
        assert rules(*rows) == ["validity"]

    @pytest.mark.parametrize(
        "status", ["draft", "initiative", "research", "under-construction", "planned"]
    )
    def test_what_is_not_in_force_never_collides(self, status: str) -> None:
        other = in_force("2018-06-01", None, plan_version="2", status=status)
        assert rules(self.one, other) == []
        assert rules({**self.one, "status": status}, other) == []

    def test_parts_and_ids_never_collide(self) -> None:
        assert rules(self.one, in_force("2018-06-01", None, part="core")) == []
        assert rules(self.one, in_force("2018-06-01", None, id="other")) == []

    def test_same_part_that_is_not_whole_collides(self) -> None:
        rows = ({**self.one, "part": "core"},
                in_force("2018-06-01", None, part="core", plan_version="2"))  # fmt: skip
        assert problems(*rows) == [
            ("belt/2/core", "validity", "in force on the same day as belt/1/core")
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None), (float("nan"), None), (pd.NA, None), (pd.NaT, None), ("", ""), ([], []),
        ([None], [None]), (pd.Series([3]).iloc[0], 3), (True, True), (0, 0), ({}, {}),
        (pd.Series([True]).iloc[0], True),
    ],
)  # fmt: skip
def test_missing_values_become_none_and_others_plain(value: object, plain: object) -> None:
    found = missing_to_none(value)
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize(
    "changes",
    [{"id": "长三角-G60_2.0"}, {"name_en": "نی\u200cزار"}, {"accuracy_m": 0}, {"accuracy_m": None}],
)
def test_what_is_unusual_but_right(changes: dict) -> None:
    assert problems(row(**changes)) == []
