"""`check` names every problem at once; `audit` says what the record proves."""

import datetime as dt
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from atlas.cartography import style
from atlas.errors import FileDamaged, LayerNotFound
from atlas.operations.audit import audit
from atlas.operations.check import check
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


def test_a_layer_that_lost_its_layer_toml_is_a_problem(store: StoreBuilder) -> None:
    store.add_layer("lakes")
    for layer in ("belts", "lakes"):
        store.publish(layer=layer)
    (store.folder / "lakes" / "layer.toml").unlink()
    (store.folder / "notes").mkdir()
    assert found(store) == [("lakes", None, None, "layer")]
    [problem] = audit(store.folder).problems
    assert str(problem).startswith("lakes: [layer] it holds a log or editions but no layer.toml")
    (store.folder / "belts" / "layer.toml").unlink()
    (store.folder / "belts" / "editions.jsonl").unlink()
    assert found(store) == [("belts", None, None, "layer"), ("lakes", None, None, "layer")]


@pytest.mark.parametrize("name", ["moon", "../styles/belts", "status", "Belts", ""])
def test_the_style_must_exist(store: StoreBuilder, name: str) -> None:
    store.publish()
    path = store.folder / "belts" / "layer.toml"
    path.write_text(path.read_text("utf-8").replace('"belts"', f'"{name}"'), "utf-8")
    assert found(store) == [("belts", 1, None, "style")]
    assert "there are: belts, " in check(store.folder).problems[0].message


def test_the_style_must_have_a_class_for_every_row(
    store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.publish([row(id="a", part="core"), row(id="b", part="moon"), row(id="c", part="moon")])
    look = style.read_style("belts").classes[0].look
    core = style.Style("parts", "part", (style.StyleClass("core", {}, look),))
    for column, messages in [
        ("part", ["feature b: [style] style 'parts' has no class for part = 'moon'"]),
        ("rank", ["feature a: [style] style 'parts' has no class for rank = 'None'"]),
    ]:
        changed = replace(core, column=column)
        monkeypatch.setattr("atlas.operations.check.read_style", lambda _, new=changed: new)
        problems = [str(problem) for problem in check(store.folder).problems]
        assert problems == [f"belts edition 1 {message}" for message in messages]


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
        assert audit(store.folder, head=now).met == "the whole store as it is now"

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

    def saved(self, store: StoreBuilder) -> str:
        result = audit(store.folder)
        table = {"heads": result.heads, "store_head": result.store_head}
        return str(store.write(json.dumps(table).encode(), "audit.json"))

    def test_a_saved_audit_is_found_for_ever(self, store: StoreBuilder) -> None:
        """Noted in the middle of a day, before a layer came with an edition of an earlier day."""
        file, head = self.saved(store), audit(store.folder).store_head
        store.publish([row(name_en="Same day")], layer="lakes", published="2022-01-01")
        store.add_layer("early")
        store.publish(layer="early", published="2019-01-01")
        kept = audit(store.folder, head=file)
        assert kept.problems == []
        assert kept.met == f"each of the 2 layers' heads in {file}"
        lost = audit(store.folder, head=head)
        assert lost.met is None
        assert "no head of a layer, nor of the store now or at the end of any day" in str(
            lost.problems[0]
        )

    def test_a_saved_audit_names_each_layer_whose_history_changed(
        self, store: StoreBuilder
    ) -> None:
        file = self.saved(store)
        log = store.folder / "belts" / "editions.jsonl"
        log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
        result = audit(store.folder, head=file)
        assert result.met is None
        assert [(p.layer, p.rule) for p in result.problems] == [("belts", "head")]
        shutil.rmtree(store.folder / "lakes")
        assert [p.layer for p in audit(store.folder, head=file).problems] == ["belts", "lakes"]

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b"{}", b'{"heads":{}}', b'{"heads":[],"store_head":""}', b"\xff"]
    )
    def test_another_file_is_no_saved_audit(self, store: StoreBuilder, content: bytes) -> None:
        with pytest.raises(FileDamaged, match="not a saved `atlas audit --json`"):
            audit(store.folder, head=str(store.write(content, "audit.json")))

    def test_a_saved_audit_that_lost_a_layer_is_refused(self, store: StoreBuilder) -> None:
        table = json.loads(Path(self.saved(store)).read_bytes())
        del table["heads"]["belts"]
        file = store.write(json.dumps(table).encode(), "audit.json")
        with pytest.raises(FileDamaged, match="not those that its store_head stands for"):
            audit(store.folder, head=str(file))

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
