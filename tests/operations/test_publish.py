"""Publishing checks everything first and changes nothing when anything is wrong."""

import datetime as dt
from typing import NoReturn

import pytest

from atlas.core.schema import row_key
from atlas.errors import EditionNotFound, FileDamaged, LayerNotFound, PublishRefused, SchemaError
from atlas.io import store as store_io
from atlas.operations import publish as publishing
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, row, rows_file, square

DAY = dt.date(2020, 1, 1)


def publish(store: StoreBuilder, content: bytes, **options: object) -> publishing.Publication:
    given = {"note": "why", "published": DAY, "today": TODAY} | options
    return publishing.publish(store.folder, "belts", store.write(content), **given)


def kinds(done: publishing.Publication) -> dict[str, list[str]]:
    """Keys of the rows that changed, by kind."""
    diff, found = done.change.diff, {}
    for change in diff.changes:
        rows, places = (diff.new, change.new) if change.new else (diff.old, change.old)
        found.setdefault(change.kind, []).extend(row_key(rows.iloc[place]) for place in places)
    return found


def test_the_change_is_shown_before_anything_is_written(store: StoreBuilder) -> None:
    publish(store, rows_file([row(id="a")]))
    before = store.state()
    seen = []

    def show(change: object) -> None:
        seen.append(store.state() == before)
        assert change.diff.new["id"].tolist() == ["b"]

    publish(store, collection([feature(row(id="b"), square(121))]), show=show)
    assert seen == [True]
    assert store.state() != before


def test_nothing_is_written_if_showing_fails(store: StoreBuilder) -> None:
    publish(store, rows_file([row(id="a")]))
    before = store.state()

    def fail(_: object) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(store, rows_file([row(id="b")]), show=fail)
    assert store.state() == before
    assert publish(store, rows_file([row(id="b")])).edition is not None


def test_a_publication_says_what_it_changed(store: StoreBuilder) -> None:
    first = publish(store, rows_file([row(id="a"), row(id="b"), row(id="c")]))
    assert kinds(first) == {"inserted": ["a/1", "b/1", "c/1"]}
    assert first.change.old.edition.edition == 0
    content = collection([
        feature(row(id="b", name_en="New"), square()), feature(row(id="c"), square(121)),
        feature(row(id="d"), square(122)),
    ])  # fmt: skip
    second = publish(store, content)
    assert kinds(second) == {
        "inserted": ["d/1"], "removed": ["a/1"], "moved": ["c/1"], "reworded": ["b/1"],
    }  # fmt: skip
    assert second.change.diff.kept == 0
    assert second.edition is not None
    assert (second.edition.edition, second.edition.features) == (2, 3)


def test_the_change_is_against_the_newest_edition_that_stands(store: StoreBuilder) -> None:
    publish(store, rows_file([row(id="a")]))
    publish(store, rows_file([row(id="b")]))
    store.withdraw(2, "2020-01-01")
    change = publish(store, collection([feature(row(id="c"), square(121))])).change
    assert change.diff.old["id"].tolist() == ["a"]


def test_a_trial_run_changes_nothing(store: StoreBuilder) -> None:
    before = store.state()
    done = publish(store, rows_file([row()]), dry_run=True)
    assert done.edition is None
    assert kinds(done) == {"inserted": ["belt/1"]}
    assert store.state() == before


def test_the_day_of_record_is_today_unless_given(store: StoreBuilder) -> None:
    done = publish(store, rows_file([row()]), published=None)
    assert done.edition is not None
    assert done.edition.published == TODAY


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", collection([]), rows_file([row(status="x")]), rows_file([row()])[:-9]],
)
def test_a_wrong_file_changes_nothing(store: StoreBuilder, content: bytes) -> None:
    publish(store, rows_file([row(id="a")]))
    before = store.state()
    with pytest.raises((FileDamaged, SchemaError)):
        publish(store, content)
    assert store.state() == before


def test_a_trial_run_needs_no_lock(store: StoreBuilder) -> None:
    """So it works on a store that may only be read, and while another one publishes."""
    with store_io.locked(store.folder / "belts"):
        assert publish(store, rows_file([row()]), dry_run=True).edition is None
    (store.folder / "belts" / ".lock").unlink()
    publish(store, rows_file([row()]), dry_run=True)
    assert not (store.folder / "belts" / ".lock").exists()


def test_the_file_is_read_and_checked_before_the_layer_is_held(
    store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: object) -> NoReturn:
        raise AssertionError("held")

    monkeypatch.setattr(store_io, "locked", held)
    for content in (b"{}", rows_file([row(status="x")])):
        with pytest.raises((FileDamaged, SchemaError)):
            publish(store, content)


@pytest.mark.parametrize("note", ["", "  \n", "x" * 20_001, "a\x00b", "a\rb", "\udcff"])
def test_a_note_says_why(store: StoreBuilder, note: str) -> None:
    with pytest.raises(PublishRefused, match="say why"):
        publish(store, rows_file([row()]), note=note)
    publish(store, rows_file([row()]))
    with pytest.raises(PublishRefused, match="say why"):
        publishing.withdraw(store.folder, "belts", 1, reason=note, today=TODAY)


def test_a_note_stays_one_line_of_the_log(store: StoreBuilder) -> None:
    publish(store, rows_file([row()]), note='line one\nline "two"\u2028长')
    publish(store, rows_file([row(id="b")]))
    assert (store.folder / "belts" / "editions.jsonl").read_bytes().count(b"\n") == 2


def test_a_layer_must_exist(store: StoreBuilder) -> None:
    file = store.write(rows_file([row()]))
    with pytest.raises(LayerNotFound):
        publishing.publish(store.folder, "moon", file, note="why", today=TODAY)
    with pytest.raises(LayerNotFound):
        publishing.withdraw(store.folder, "moon", 1, reason="why", today=TODAY)
    with pytest.raises(EditionNotFound):
        publishing.withdraw(store.folder, "belts", 1, reason="why", today=TODAY)
    with pytest.raises(FileDamaged, match="No such file"):
        publishing.publish(
            store.folder, "belts", store.folder / "none", note="why", today=TODAY
        )  # fmt: skip


def test_published_bytes_are_canonical_whatever_the_file_was(store: StoreBuilder) -> None:
    publish(store, rows_file([row(id="b"), row(id="a")]))
    content = (store.folder / "belts" / "1.geojson").read_bytes()
    assert content != rows_file([row(id="b"), row(id="a")])
    assert content.index(b'"id":"a"') < content.index(b'"id":"b"')
    with pytest.raises(PublishRefused, match="nothing differs"):
        publish(store, content)
