"""A register in the store: published whole or by changes, linked, checked, audited."""

import datetime as dt
import json
from pathlib import Path

import pytest

from atlas.core.register import Rows
from atlas.errors import LayerNotFound, PublishRefused, SchemaError, WrongKind
from atlas.io import catalogue, store
from atlas.io import register as sheets
from atlas.operations import publish as publishing
from atlas.operations import register, show
from atlas.operations.audit import audit
from atlas.operations.check import check
from tests.conftest import TODAY, StoreBuilder
from tests.register_examples import LAYER, add_register, rows, statement, with_item

TASK = statement("t", area="one-area", number=1, measures=["m"])


@pytest.fixture
def plans(empty_store: StoreBuilder) -> StoreBuilder:
    """A store with an empty register and a published layer of features, ``belts``."""
    empty_store.add_layer()
    empty_store.publish()
    add_register(empty_store.folder)
    return empty_store


def put(plans: StoreBuilder, form: str, held: Rows, **options):
    content = json.dumps({"form": form} | held, ensure_ascii=False).encode()
    file = plans.write(content, "plan.json")
    options = {"note": "why", "published": dt.date(2024, 1, 1), "today": TODAY} | options
    return publishing.publish(plans.folder, LAYER, file, **options)


def newest(plans: StoreBuilder):
    edition = catalogue.find_edition(plans.folder, LAYER, known_by=TODAY)
    return catalogue.read_register(plans.folder, edition)


def test_a_whole_register_becomes_an_edition_of_canonical_json(plans: StoreBuilder) -> None:
    done = put(plans, "whole", rows())
    assert done.edition.edition == 1
    assert done.edition.features == sheets.count(rows()) == len(done.change.inserted)
    path = store.edition_path(plans.folder / LAYER, 1)
    assert path.name == "1.json"
    assert path.read_bytes() == sheets.to_bytes(rows())
    assert newest(plans).of("measure")[0].id == "m"
    assert check(plans.folder).problems == []


def test_changes_add_and_replace_and_keep_the_rest(plans: StoreBuilder) -> None:
    put(plans, "whole", rows())
    renamed = statement("n", area="other-area")
    done = put(plans, "changes", {"task": [TASK], "measure": [renamed]})
    assert done.edition.edition == 2
    assert done.change.inserted == ("task t",)
    assert done.change.changed == ("measure n: area",)
    assert done.change.removed == ()
    assert done.change.kept == sheets.count(rows()) - 1
    found = newest(plans)
    assert [item.id for item in found.of("task")] == ["t"]
    assert [item.area for item in found.of("measure")] == ["one-area", "other-area"]
    lines = publishing.change_lines(done.change, "en")
    assert lines == ["inserted  task t", "changed   measure n: area", "kept         14 items"]


def test_a_whole_register_may_leave_items_out(plans: StoreBuilder) -> None:
    put(plans, "whole", rows())
    done = put(plans, "whole", rows(question=None))
    assert done.change.removed == ("question q",)


def test_a_dry_run_writes_nothing(plans: StoreBuilder) -> None:
    put(plans, "whole", rows())
    before = plans.state(LAYER)
    done = put(plans, "changes", {"task": [TASK]}, dry_run=True)
    assert done.edition is None
    assert done.change.inserted == ("task t",)
    assert plans.state(LAYER) == before


@pytest.mark.parametrize(
    ("form", "held", "words"),
    [
        ("whole", {"task": [TASK]}, "exactly one plan"),
        ("changes", {"task": [TASK]}, "exactly one plan"),
        (
            "whole",
            with_item("measure", layers=["belt"]),
            "'layers': there is no 'belt'; there are belts",
        ),
        ("whole", with_item("measure", layers=[LAYER]), "'layers': there is no 'small-plan'"),
        (
            "whole",
            with_item("measure", indicators=["belt-areas"]),
            "no 'belt-areas'; there are belt-area",
        ),
        (
            "whole",
            with_item("measure", features=["belts"]),
            "'belts' is no feature: write layer:id",
        ),
        ("whole", with_item("measure", features=["lakes:x"]), "'features': there is no 'lakes'"),
        (
            "whole",
            with_item("measure", features=["belts:belts"]),
            "layer 'belts' has no 'belts'; near: belt",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_item_and_nothing_is_written(
    plans: StoreBuilder, form: str, held: Rows, words: str
) -> None:
    before = plans.state(LAYER)
    with pytest.raises(SchemaError, match=r"plan\.json: \d problem") as caught:
        put(plans, form, held)
    assert any(words in str(problem) for problem in caught.value.problems)
    assert plans.state(LAYER) == before


def test_links_to_what_exists_are_taken(plans: StoreBuilder) -> None:
    linked = with_item(
        "measure", layers=["belts"], features=["belts:belt"], indicators=["belt-area"]
    )
    put(plans, "whole", linked)
    item = newest(plans).of("measure")[0]
    assert (item.layers, item.features, item.indicators) == (
        ("belts",), ("belts:belt",), ("belt-area",),
    )  # fmt: skip


def test_a_layer_that_goes_is_found_by_the_check(plans: StoreBuilder) -> None:
    put(plans, "whole", with_item("measure", layers=["belts"]))
    (plans.folder / "belts" / "layer.toml").rename(plans.folder / "belts" / "gone.toml")
    told = [str(problem) for problem in check(plans.folder, [LAYER]).problems]
    where = "small-plan edition 1 feature measure m"
    assert told == [f"{where}: [links] 'layers': there is no 'belts'; there are none yet"]


def test_the_same_content_is_no_new_edition(plans: StoreBuilder) -> None:
    put(plans, "whole", rows())
    with pytest.raises(PublishRefused, match="nothing differs from edition 1"):
        put(plans, "changes", {"measure": [rows()["measure"][0]]})


def test_changes_start_from_the_newest_edition_that_counts(plans: StoreBuilder) -> None:
    put(plans, "whole", rows())
    put(plans, "changes", {"task": [TASK]})
    plans.withdraw(2, "2024-02-01", LAYER)
    other = statement("u", area="one-area")
    done = put(plans, "changes", {"task": [other]}, published=dt.date(2024, 3, 1))
    assert done.edition.edition == 3
    assert [item.id for item in newest(plans).of("task")] == ["u"]


def test_an_edition_published_in_between_is_never_overwritten(
    plans: StoreBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(plans, "whole", rows())
    read = register.read_candidate

    def slow(folder: Path, info, content: bytes, file: Path):
        found = read(folder, info, content, file)
        monkeypatch.setattr(register, "read_candidate", read)
        put(plans, "changes", {"task": [TASK]})
        return found

    monkeypatch.setattr(register, "read_candidate", slow)
    with pytest.raises(PublishRefused, match="edition 2 was published meanwhile"):
        put(plans, "changes", {"task": [statement("u", area="one-area")]})
    assert [item.id for item in newest(plans).of("task")] == ["t"]


class TestDamage:
    """What check and audit say of a register that is no longer what was published."""

    def test_changed_bytes_are_found_by_both(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        path = store.edition_path(plans.folder / LAYER, 1)
        path.write_bytes(path.read_bytes().replace(b"Title of m", b"Title of M"))
        assert [problem.rule for problem in check(plans.folder, [LAYER]).problems] == ["hash"]
        assert [problem.rule for problem in audit(plans.folder).problems] == ["hash"]

    def test_a_chain_that_was_rewritten_is_found(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        kept = audit(plans.folder).heads[LAYER]
        put(plans, "changes", {"task": [TASK]})
        assert audit(plans.folder, head=kept).problems == []
        log = plans.folder / LAYER / store.LOG
        log.write_text(log.read_text("utf-8").replace('"why"', '"because"', 1), "utf-8")
        assert [problem.layer for problem in audit(plans.folder).problems] == [LAYER]

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (json.dumps({"form": "whole"} | rows()).encode(), "canonical"),
            (sheets.to_bytes(rows(question=None)), "rows"),
            (sheets.to_bytes(with_item("measure", area=None)), "required"),
            (b"{", "file"),
        ],
    )
    def test_an_edition_that_was_not_checked_when_published(
        self, plans: StoreBuilder, content: bytes, rule: str
    ) -> None:
        with store.locked(plans.folder / LAYER):
            store.publish(
                plans.folder / LAYER, content, features=sheets.count(rows()), note="by hand",
                published=TODAY, ending=store.RECORDS,
            )  # fmt: skip
        assert {problem.rule for problem in check(plans.folder, [LAYER]).problems} == {rule}

    def test_what_a_killed_publisher_left_is_named_and_goes(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        (plans.folder / LAYER / "2.json").write_bytes(b"half")
        found = check(plans.folder, [LAYER])
        assert (found.problems, found.leftovers) == ([], [f"{LAYER}/2.json"])
        put(plans, "changes", {"task": [TASK]})
        assert check(plans.folder, [LAYER]).leftovers == []

    def test_two_files_of_one_edition_are_an_error(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        (plans.folder / LAYER / "1.geojson").write_bytes(b"{}")
        told = [str(problem) for problem in check(plans.folder, [LAYER]).problems]
        assert "both 1.geojson and 1.json" in told[0]


class TestOtherReaders:
    """Everything else leaves a register alone, or says what it is."""

    def test_it_is_no_layer_of_features(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        assert LAYER in catalogue.list_layer_ids(plans.folder)
        assert [info.id for info in catalogue.list_feature_layers(plans.folder)] == ["belts"]
        assert not catalogue.read_info(plans.folder, LAYER).holds_features

    def test_who_asks_for_its_features_or_cells_is_told(self, plans: StoreBuilder) -> None:
        edition = put(plans, "whole", rows()).edition
        with pytest.raises(WrongKind, match=r"statements without geometry.*atlas plan"):
            catalogue.read_layer(plans.folder, edition)
        with pytest.raises(WrongKind, match="it has statements, no cells"):
            catalogue.read_raster_layer(plans.folder, edition)
        belts = catalogue.find_edition(plans.folder, "belts", known_by=TODAY)
        with pytest.raises(WrongKind, match="no register of statements"):
            catalogue.read_register(plans.folder, belts)

    def test_show_lists_its_items(self, plans: StoreBuilder) -> None:
        put(plans, "whole", rows())
        read = show.read_any(plans.folder, LAYER, known_by=TODAY)
        told = show.render(read, "csv", judged=TODAY).decode("utf-8-sig").splitlines()
        assert len(told) == 1 + sheets.count(rows())
        assert told[0].startswith("kind,id,area,zh,en")
        assert any(line.startswith("measure,m,one-area,m 中文,Title of m") for line in told)
        with pytest.raises(WrongKind, match="its statements are no features"):
            show.render(read, "geojson", judged=TODAY)

    def test_a_register_without_editions_is_named(self, plans: StoreBuilder) -> None:
        problems = check(plans.folder, [LAYER]).problems
        assert [problem.message for problem in problems] == ["nothing is published yet"]
        with pytest.raises(LayerNotFound):
            check(plans.folder, ["other-plan"])
