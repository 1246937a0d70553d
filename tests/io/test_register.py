"""Registers as files: what people write, and the canonical JSON of an edition."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import FileDamaged, SchemaError
from atlas.io import register as sheets
from tests.register_examples import rows, statement

TOML = """form = "changes"
[[task]]
id = "t"
number = 2
area = "one-area"
title_zh = "任务"
title_en = "Task"
sourced = true
source_urls = ["https://example.org/"]
unsourced = []
"""


def whole(changed=None) -> bytes:
    return json.dumps({"form": "whole"} | (changed or rows()), ensure_ascii=False).encode()


def read(content: bytes):
    return sheets.read_whole(content, "plan.json", layer="small-plan")


def test_toml_and_json_say_the_same() -> None:
    from_toml = sheets.parse(TOML.encode(), "a.toml", layer="p")
    as_json = json.dumps({"form": "changes", "task": from_toml.rows["task"]}).encode()
    assert sheets.parse(as_json, "a.json", layer="p") == from_toml
    assert from_toml.form == sheets.CHANGES
    assert from_toml.rows["task"][0]["title_zh"] == "任务"


def test_a_byte_order_mark_and_space_before_json_do_no_harm() -> None:
    assert read(b"\xef\xbb\xbf\n  " + whole()) == read(whole())


def test_a_day_of_toml_is_the_same_as_its_text() -> None:
    text = TOML.replace("number = 2", "day = 2026-10-09")
    assert sheets.parse(text.encode(), "a", layer="p").rows["task"][0]["day"] == "2026-10-09"


def test_canonical_bytes_are_read_back_to_themselves_and_to_the_same_items() -> None:
    content = sheets.to_bytes(read(whole()))
    assert read(content) == rows()
    assert sheets.to_bytes(read(content)) == content
    assert sheets.count(read(content)) == content.count(b'"id":')


def test_order_and_spacing_of_a_file_make_no_other_bytes_but_items_keep_their_order() -> None:
    changed = {kind: [dict(reversed(row.items())) for row in held] for kind, held in rows().items()}
    shuffled = dict(reversed(changed.items()))
    assert sheets.to_bytes(read(whole(shuffled))) == sheets.to_bytes(rows())
    turned = rows(measure=[*reversed(rows()["measure"])])
    assert sheets.to_bytes(turned) != sheets.to_bytes(rows())


def test_an_empty_list_that_need_not_be_is_not_written() -> None:
    padded = rows(measure=[row | {"layers": []} for row in rows()["measure"]])
    assert sheets.to_bytes(padded) == sheets.to_bytes(rows())
    assert b'"unsourced":[]' in sheets.to_bytes(rows())


SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs"))


@given(title=st.text(SIGNS, min_size=1).filter(str.strip))
def test_any_title_survives(title: str) -> None:
    held = rows(measure=[statement("m", area="one-area", title_zh=title, title_en=title)])
    assert read(sheets.to_bytes(held))["measure"][0]["title_zh"] == title


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the first line must say the form"),
        (b"[[task]]\nid = 1\n", "the first line must say the form"),
        (b'form = "part"\n', 'write form = "changes" to add or replace items'),
        (b'form = "whole"\n[[taks]]\nid = "t"\n', "no kind 'taks'; there are task"),
        (
            b'form = "whole"\ntask = "t"\n',
            r"'task' holds no items: in TOML begin each with \[\[task",
        ),
        (b'{"form":"whole","task":[1]}', "'task' holds no items"),
        (b'form = "changes"\n[[measure]]\nid = "m"\n', "an edition is a whole register"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_the_way_out(content: bytes, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON at line 1"),
        (b'{"form":"whole","form":"whole"}', "'form' stands twice"),
        (b'{"form": NaN}', "holds NaN"),
        (b"form = whole", "neither JSON nor TOML"),
        (b"form = \xff", "not UTF-8 at byte 7"),
        (b"form = 2026-02-30\n", "neither JSON nor TOML|cannot be"),
        (b"[" * 50_000, "neither JSON nor TOML|nested too deeply"),
        (b"a = " + b"[" * 50_000, "neither JSON nor TOML|nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply|not JSON"),
    ],
)
def test_a_file_that_is_neither_is_named(content: bytes, words: str) -> None:
    with pytest.raises(FileDamaged, match=f"plan.json: .*({words})"):
        read(content)


class TestChanges:
    """Items that are added, or that replace those of their id."""

    def merge(self, **changes):
        return sheets.merge(rows(), changes, layer="p", file="f.toml")

    def test_a_new_item_comes_last_and_the_rest_stays(self) -> None:
        task = statement("t", area="one-area")
        assert self.merge(task=[task]) == rows(task=[task])

    def test_an_item_of_a_known_id_is_replaced_where_it_stands(self) -> None:
        other = statement("m", area="other-area")
        merged = self.merge(measure=[other, statement("z", area="one-area")])
        assert [row["id"] for row in merged["measure"]] == ["m", "n", "z"]
        assert merged["measure"][0] == other

    def test_merging_nothing_changes_nothing(self) -> None:
        assert self.merge() == rows()

    @pytest.mark.parametrize("item", [{"title_zh": "x"}, {"id": 5}])
    def test_an_item_needs_an_id(self, item) -> None:
        with pytest.raises(SchemaError, match=r"measure number 1: .*give each item an id"):
            self.merge(measure=[item])

    def test_one_id_stands_once_in_a_file(self) -> None:
        with pytest.raises(SchemaError, match="measure number 2"):
            self.merge(measure=[statement("a"), statement("a")])


def test_reading_refuses_what_breaks_the_rules() -> None:
    with pytest.raises(SchemaError) as caught:
        read(whole(rows(area=None)))
    assert len(caught.value.problems) > 3
    assert "plan.json" in str(caught.value)
