"""`check` names every problem at once; `audit` says what the record proves."""

import datetime as dt
import hashlib
import json

import pytest

from atlas.errors import LayerNotFound
from atlas.operations.check import audit, check
from tests.conftest import StoreBuilder
from tests.examples import row, rows_file


def plant(store: StoreBuilder, layer: str, content: bytes, features: int = 1) -> None:
    """Publish bytes past every check, as a faulty program would."""
    folder = store.folder / layer
    (folder / "1.geojson").write_bytes(content)
    event = {
        "event": "publish", "edition": 1, "date": "2020-01-01", "note": "planted",
        "sha256": hashlib.sha256(content).hexdigest(), "features": features, "previous": None,
    }  # fmt: skip
    (folder / "editions.jsonl").write_text(json.dumps(event) + "\n")


def found(store: StoreBuilder, *layers: str) -> list[tuple]:
    problems = check(store.folder, list(layers) or None).problems
    return [(p.layer, p.edition, p.feature, p.rule) for p in problems]


def test_valid_layers_have_no_problem(store: StoreBuilder) -> None:
    store.publish()
    store.publish([row(name_en="New")])
    assert found(store) == []
    assert found(store, "belts") == []


def test_all_problems_of_all_layers_come_at_once(store: StoreBuilder) -> None:
    for layer in ("empty", "lakes", "rivers", "roads", "unread"):
        store.add_layer(layer)
    plant(store, "belts", rows_file([row(id="a", status="x", name_en=None), row(id="b", part="")]))
    plant(store, "lakes", rows_file([row()]), features=2)
    plant(store, "rivers", rows_file([row()]))
    (store.folder / "rivers" / "1.geojson").write_bytes(b"other bytes")
    (store.folder / "roads" / "editions.jsonl").write_bytes(b"{}\n")
    (store.folder / "unread" / "layer.toml").write_bytes(b"= 5")
    assert found(store) == [
        ("belts", 1, "a/1", "required"),
        ("belts", 1, "a/1", "values"),
        ("belts", 1, "b/1/", "required"),
        ("empty", None, None, "layer"),
        ("lakes", 1, None, "canonical"),
        ("lakes", 1, None, "rows"),
        ("rivers", 1, None, "hash"),
        ("roads", None, None, "layer"),
        ("unread", None, None, "layer"),
    ]


def test_a_damaged_file_that_was_published_is_one_problem(store: StoreBuilder) -> None:
    plant(store, "belts", b"not JSON")
    assert found(store) == [("belts", 1, None, "file")]


@pytest.mark.parametrize("change", [(b",", b", "), (b"\n]}\n", b"\n]}"), (b'"id"', b' "id"')])
def test_bytes_must_be_canonical(store: StoreBuilder, change: tuple[bytes, bytes]) -> None:
    store.publish()
    content = (store.folder / "belts" / "1.geojson").read_bytes()
    plant(store, "belts", content)
    assert found(store) == []
    plant(store, "belts", content.replace(*change))
    assert found(store) == [("belts", 1, None, "canonical")]


def test_older_editions_are_verified_by_their_hash_alone(store: StoreBuilder) -> None:
    """``layer.toml`` describes the newest edition, so an older one may break its rules."""
    store.publish()
    store.publish([row(name_en="New")])
    old = store.folder / "belts" / "1.geojson"
    old.write_bytes(old.read_bytes() + b" ")
    assert found(store) == [("belts", 1, None, "hash")]


def test_only_the_layers_asked_for(store: StoreBuilder) -> None:
    store.add_layer("lakes")
    store.publish()
    assert found(store, "belts") == []
    assert found(store, "lakes", "belts") == [("lakes", None, None, "layer")]
    with pytest.raises(LayerNotFound, match="there are: lakes"):
        check(store.folder, ["lake"])


def test_a_folder_without_layers_is_not_valid(empty_store: StoreBuilder) -> None:
    for prove in (check, audit):
        for folder in (empty_store.folder, empty_store.folder / "nowhere"):
            with pytest.raises(LayerNotFound, match="there are: none"):
                prove(folder)


class TestAudit:
    """Heads kept elsewhere prove that nothing before them was changed."""

    @pytest.fixture(autouse=True)
    def history(self, store: StoreBuilder) -> None:
        store.add_layer("lakes")
        store.publish(published="2020-01-01")
        store.publish(layer="lakes", published="2020-01-01")
        self.head_2020 = audit(store.folder).store_head
        self.belts_2020 = audit(store.folder).heads["belts"]
        store.publish([row(name_en="New")], published="2021-01-01")
        store.withdraw(1, "2022-01-01", layer="lakes")

    def test_without_a_head_it_proves_the_chains_and_the_files(self, store: StoreBuilder) -> None:
        result = audit(store.folder)
        assert result.problems == []
        assert result.editions == 3
        assert set(result.heads) == {"belts", "lakes"}
        assert result.met is None
        last = (store.folder / "lakes" / "editions.jsonl").read_bytes().splitlines()[-1]
        assert result.heads["lakes"] == hashlib.sha256(last).hexdigest()

    @pytest.mark.parametrize("digits", [64, 12])
    def test_a_head_of_an_earlier_day_is_met(self, store: StoreBuilder, digits: int) -> None:
        met = audit(store.folder, head=self.head_2020[:digits].upper())
        assert met.problems == []
        assert met.met == "the whole store at the end of 2020-01-01"

    def test_the_head_of_now_is_met(self, store: StoreBuilder) -> None:
        now = audit(store.folder).store_head
        assert now != self.head_2020
        assert audit(store.folder, head=now).met == "the whole store at the end of 2022-01-01"

    def test_the_head_of_a_line_is_met(self, store: StoreBuilder) -> None:
        met = audit(store.folder, head=self.belts_2020).met
        assert met == "belts, line 1 of 2 (2020-01-01)"

    @pytest.mark.parametrize("head", ["0" * 64, "", "abc", "not a head at all"])
    def test_an_unknown_head_is_a_problem(self, store: StoreBuilder, head: str) -> None:
        result = audit(store.folder, head=head)
        assert result.met is None
        assert [problem.rule for problem in result.problems] == ["head"]

    def test_a_short_head_proves_nothing(self, store: StoreBuilder) -> None:
        assert audit(store.folder, head=self.head_2020[:11]).met is None

    def test_a_history_written_anew_is_seen(self, store: StoreBuilder) -> None:
        head = audit(store.folder).store_head
        log = store.folder / "belts" / "editions.jsonl"
        log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
        assert audit(store.folder).problems == [], "what is left is a valid chain"
        assert audit(store.folder, head=head).problems != []
        assert audit(store.folder, head=self.head_2020).problems == []

    def test_a_changed_old_edition_and_a_broken_chain_are_named(self, store: StoreBuilder) -> None:
        (store.folder / "belts" / "1.geojson").write_bytes(b"{}")
        log = store.folder / "lakes" / "editions.jsonl"
        log.write_bytes(log.read_bytes().replace(b"first", b"First"))
        problems = audit(store.folder).problems
        assert [(p.layer, p.edition, p.rule) for p in problems] == [
            ("belts", 1, "hash"), ("lakes", None, "chain"),
        ]  # fmt: skip

    def test_withdrawn_editions_are_proven_too(self, store: StoreBuilder) -> None:
        (store.folder / "lakes" / "1.geojson").unlink()
        problems = audit(store.folder).problems
        assert [(p.layer, p.edition) for p in problems] == [("lakes", 1)]
        assert (
            dt.date(2022, 1, 1).isoformat()
            in (store.folder / "lakes" / "editions.jsonl").read_text()
        )
