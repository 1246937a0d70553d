"""The store: a chain of events, immutable editions, leftovers that do no harm."""

import datetime as dt
import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from atlas.errors import (
    AtlasError,
    EditionNotFound,
    FileDamaged,
    HashMismatch,
    PublishRefused,
    StoreBusy,
    StoreDamaged,
    WriteFailed,
)
from atlas.io import catalogue
from atlas.io import store as storing
from atlas.operations.audit import audit
from atlas.operations.check import check
from tests.conftest import StoreBuilder
from tests.examples import row

FIRST, SECOND, THIRD = (row(name_en=name) for name in ("First", "Second", "Third"))
LOG = "editions.jsonl"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def belts(store: StoreBuilder) -> Path:
    """Folder of a layer with two editions, of 2020 and 2021."""
    store.publish([FIRST], published="2020-01-01", note="first")
    store.publish([SECOND], published="2021-01-01", note="第二版")
    return store.folder / "belts"


def known_by(store: StoreBuilder, text: str) -> int:
    return catalogue.find_edition(store.folder, "belts", known_by=day(text)).edition


class TestHistory:
    """What publish and withdraw write, and what the record then says."""

    def test_each_line_says_what_happened_and_carries_the_line_before(self, belts: Path) -> None:
        lines = (belts / LOG).read_bytes().splitlines()
        events = [json.loads(line) for line in lines]
        contents = [(belts / f"{number}.geojson").read_bytes() for number in (1, 2)]
        assert events[0] == {
            "event": "publish", "edition": 1, "date": "2020-01-01", "note": "first",
            "sha256": hashlib.sha256(contents[0]).hexdigest(), "features": 1, "previous": None,
        }  # fmt: skip
        assert events[1]["previous"] == hashlib.sha256(lines[0]).hexdigest()
        assert events[1]["sha256"] == hashlib.sha256(contents[1]).hexdigest()
        assert "第二版".encode() in lines[1]
        assert storing.read_log(belts).head == hashlib.sha256(lines[1]).hexdigest()

    @pytest.mark.usefixtures("belts")
    def test_an_edition_counts_from_its_day(self, store: StoreBuilder) -> None:
        days = ["2020-01-01", "2020-12-31", "2021-01-01", "2030-01-01"]
        assert [known_by(store, text) for text in days] == [1, 1, 2, 2]
        with pytest.raises(EditionNotFound, match="no edition published by 2019-12-31"):
            known_by(store, "2019-12-31")

    def test_of_one_day_the_highest_counts(self, store: StoreBuilder) -> None:
        for rows in ([FIRST], [SECOND], [THIRD]):
            store.publish(rows, published="2020-01-01")
        assert known_by(store, "2020-01-01") == 3

    def test_a_withdrawal_counts_from_its_day_on(self, belts: Path, store: StoreBuilder) -> None:
        content = (belts / "2.geojson").read_bytes()
        store.withdraw(2, "2022-03-01")
        days = ["2021-01-01", "2022-02-28", "2022-03-01"]
        assert [known_by(store, text) for text in days] == [2, 2, 1]
        assert (belts / "2.geojson").read_bytes() == content, "the bytes stay"
        edition = catalogue.find_edition(store.folder, "belts", known_by=day("2024-01-01"),
                                         number=2)  # fmt: skip
        assert store.read(edition).features["name_en"].tolist() == ["Second"]
        assert check(store.folder).problems == []

    def test_nothing_in_force_is_left_when_all_is_withdrawn(self, store: StoreBuilder) -> None:
        store.publish([FIRST], published="2020-01-01")
        store.withdraw(1, "2020-01-01")
        with pytest.raises(EditionNotFound, match="withdrawn 2020-01-01"):
            known_by(store, "2020-01-01")
        assert store.publish([FIRST], published="2020-01-02").edition == 2, "numbers go on"

    @pytest.mark.usefixtures("belts")
    def test_days_run_forward(self, store: StoreBuilder) -> None:
        before = store.state()
        with pytest.raises(PublishRefused, match="2020-12-31 lies before the newest event of 2021"):
            store.publish([THIRD], published="2020-12-31")
        with pytest.raises(PublishRefused, match="lies before the newest event"):
            store.withdraw(1, "2020-12-31")
        with pytest.raises(PublishRefused, match="2024-07-01 lies after today"):
            store.publish([THIRD], published="2024-07-01")
        assert store.state() == before
        assert store.publish([THIRD], published="2024-06-30").published == day("2024-06-30")

    @pytest.mark.usefixtures("belts")
    def test_a_withdrawal_is_an_event_that_later_ones_may_not_precede(
        self, store: StoreBuilder
    ) -> None:
        store.withdraw(2, "2022-03-01")
        with pytest.raises(PublishRefused, match="before the newest event of 2022-03-01"):
            store.publish([THIRD], published="2022-02-28")

    @pytest.mark.usefixtures("belts")
    def test_the_same_bytes_are_no_new_edition(self, store: StoreBuilder) -> None:
        before = store.state()
        with pytest.raises(PublishRefused, match="nothing differs from edition 2"):
            store.publish([SECOND], published="2022-01-01")
        assert store.state() == before
        assert store.publish([FIRST], published="2022-01-01").edition == 3, "going back is news"

    @pytest.mark.usefixtures("belts")
    def test_what_a_withdrawal_brought_back_is_compared(self, store: StoreBuilder) -> None:
        store.withdraw(2, "2022-01-01")
        with pytest.raises(PublishRefused, match="nothing differs from edition 1"):
            store.publish([FIRST], published="2022-01-01")
        assert store.publish([SECOND], published="2022-01-01").edition == 3

    @pytest.mark.usefixtures("belts")
    def test_an_edition_is_withdrawn_once(self, store: StoreBuilder) -> None:
        store.withdraw(1, "2021-01-01")
        before = store.state()
        with pytest.raises(PublishRefused, match="edition 1 was withdrawn on 2021-01-01"):
            store.withdraw(1, "2022-01-01")
        with pytest.raises(EditionNotFound, match="no edition 3"):
            store.withdraw(3, "2022-01-01")
        assert store.state() == before


class TestLeftovers:
    """What a killed publisher leaves is named, is no failure, and goes with the next publish."""

    def test_a_line_torn_at_any_byte(self, belts: Path, store: StoreBuilder) -> None:
        whole = (belts / LOG).read_bytes()
        first = whole.index(b"\n") + 1
        for cut in range(first, len(whole) - 1):
            (belts / LOG).write_bytes(whole[:cut])
            log = storing.read_log(belts)
            assert len(log.events) == 1
            assert (log.torn is None) is (cut == first)
            assert log.length == first
            found = check(store.folder)
            assert found.problems == []
            torn = [] if cut == first else [f"belts/{LOG}: a torn last line"]
            assert found.leftovers == ["belts/2.geojson", *torn]
            assert audit(store.folder).leftovers == found.leftovers
        assert cut == len(whole) - 2, "the next cut takes the line break only"

    @pytest.mark.parametrize("last", ["publish", "withdraw"])
    def test_a_line_that_lost_its_line_break_alone_is_committed(
        self, belts: Path, store: StoreBuilder, last: str
    ) -> None:
        if last == "withdraw":
            store.withdraw(2, "2021-02-02")
        log = belts / LOG
        whole = log.read_bytes()
        log.write_bytes(whole[:-1])
        before = store.state()
        events = storing.read_log(belts).events
        assert (events[-1].event, events[-1].edition) == (last, 2)
        assert known_by(store, "2024-01-01") == (2 if last == "publish" else 1)
        found = check(store.folder)
        assert (found.problems, found.leftovers) == ([], [])
        with pytest.raises(PublishRefused):
            store.publish([SECOND if last == "publish" else FIRST], published="2022-01-01")
        assert store.state() == before
        assert store.publish([THIRD], published="2022-01-01").edition == 3
        assert log.read_bytes().startswith(whole), "the next line brings the line break"
        assert log.read_bytes().count(b"\n") == whole.count(b"\n") + 1
        assert storing.read_log(belts).events[:-1] == events

    def test_wherever_the_line_after_it_is_cut(self, belts: Path, store: StoreBuilder) -> None:
        log = belts / LOG
        two = log.read_bytes()
        log.write_bytes(two[:-1])
        store.publish([THIRD], published="2022-01-01")
        whole = log.read_bytes()
        for cut in range(len(two) - 1, len(whole) + 1):
            log.write_bytes(whole[:cut])
            committed = 3 if cut >= len(whole) - 1 else 2
            assert len(storing.read_log(belts).events) == committed
            assert (belts / "2.geojson").is_file()

    @pytest.mark.parametrize("damage", ["edition", "gone", "chain", "withdraws nothing"])
    def test_a_line_without_break_that_does_not_fit_is_torn(self, belts: Path, damage: str) -> None:
        log = belts / LOG
        first, second = log.read_bytes().splitlines()
        if damage == "edition":
            (belts / "2.geojson").write_bytes(b"{}")
        elif damage == "gone":
            (belts / "2.geojson").unlink()
        elif damage == "chain":
            second = second.replace(b'"previous":"', b'"previous":"0')
        else:
            second = second.replace(b"publish", b"withdraw")
        log.write_bytes(first + b"\n" + second)
        read = storing.read_log(belts)
        assert len(read.events) == 1
        assert read.torn == second.decode()

    @pytest.mark.parametrize("kept", [1, 30, -2])
    def test_the_next_publish_removes_a_torn_line(
        self, belts: Path, store: StoreBuilder, kept: int
    ) -> None:
        first, second = (belts / LOG).read_bytes().splitlines(keepends=True)
        (belts / LOG).write_bytes(first + second[:kept])
        assert store.publish([THIRD], published="2020-01-01").edition == 2
        lines = (belts / LOG).read_bytes().splitlines(keepends=True)
        assert lines[0] == first
        assert [json.loads(line)["edition"] for line in lines] == [1, 2]
        assert check(store.folder).leftovers == []

    def test_a_torn_first_line(self, store: StoreBuilder) -> None:
        path = store.folder / "belts" / LOG
        path.write_bytes(b'{"event":')
        with pytest.raises(EditionNotFound, match="it has: none"):
            known_by(store, "2024-01-01")
        assert store.publish([FIRST]).edition == 1
        assert len(path.read_bytes().splitlines()) == 1

    def test_unlisted_and_temporary_files(self, belts: Path, store: StoreBuilder) -> None:
        (belts / "3.geojson").write_bytes(b"half")
        (belts / ".tmp-x1").write_bytes(b"half")
        found = check(store.folder)
        assert found.problems == []
        assert found.leftovers == ["belts/.tmp-x1", "belts/3.geojson"]
        assert known_by(store, "2024-01-01") == 2
        edition = store.publish([THIRD], published="2022-01-01")
        assert edition.edition == 3
        assert store.read(edition).features["name_en"].tolist() == ["Third"]
        assert check(store.folder).leftovers == []
        names = {path.name for path in belts.iterdir()}
        assert names == {"layer.toml", LOG, ".lock", "1.geojson", "2.geojson", "3.geojson"}

    def test_a_withdrawal_cleans_too(self, belts: Path, store: StoreBuilder) -> None:
        with (belts / LOG).open("ab") as stream:
            stream.write(b"torn")
        (belts / ".tmp-x1").write_bytes(b"half")
        store.withdraw(2, "2022-01-01")
        assert check(store.folder).leftovers == []
        assert len(storing.read_log(belts).events) == 3

    def test_a_refused_publish_removes_nothing(self, belts: Path, store: StoreBuilder) -> None:
        (belts / ".tmp-x1").write_bytes(b"half")
        before = store.state()
        with pytest.raises(PublishRefused):
            store.publish([SECOND], published="2022-01-01")
        assert store.state() == before


def rewrite(belts: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = (belts / LOG).read_bytes().splitlines(keepends=True)
    (belts / LOG).write_bytes(b"".join(change(lines)))


class TestDamage:
    """A changed history is seen; nothing is published on top of it."""

    @pytest.fixture
    def three(self, belts: Path, store: StoreBuilder) -> Path:
        store.publish([THIRD], published="2022-01-01", note="third")
        return belts

    @pytest.mark.parametrize(
        ("change", "line"),
        [
            (lambda lines: [lines[0].replace(b"first", b"FIRST"), *lines[1:]], 2),
            (lambda lines: [lines[0].replace(b"2020", b"2019"), *lines[1:]], 2),
            (lambda lines: [lines[0][:-1] + b" \n", *lines[1:]], 2),
            (lambda lines: [lines[0][:-1] + b"\r\n", *lines[1:]], 2),
            (lambda lines: [lines[1], lines[0], lines[2]], 1),
            (lambda lines: [lines[0], lines[2], lines[1]], 2),
            (lambda lines: [lines[1], lines[2]], 1),
            (lambda lines: [lines[0], lines[2]], 2),
            (lambda lines: [lines[0], lines[0], *lines[1:]], 2),
            (lambda lines: [*lines, lines[2]], 4),
            (lambda lines: [b"\n", *lines], 1),
            (lambda lines: [lines[0], b"\n", *lines[1:]], 2),
            (lambda lines: [*lines, b"\n"], 4),
            (lambda lines: [*lines, b"null\n"], 4),
            (lambda lines: [*lines, b"{}\n"], 4),
            (lambda lines: [*lines, b"\xff\xfe\n"], 4),
            (lambda lines: [*lines[:2], lines[2].replace(b"{", b'{"note":"x",')], 3),
            (lambda lines: [*lines, b"[" * 5000 + b"\n"], 4),
        ],
    )
    def test_a_changed_log_names_its_line(
        self, three: Path, store: StoreBuilder, change: Callable, line: int
    ) -> None:
        rewrite(three, change)
        with pytest.raises(StoreDamaged, match=rf"editions\.jsonl, line {line}: "):
            storing.read_log(three)
        before = store.state()
        for act in (
            lambda: store.publish([FIRST], published="2023-01-01"),
            lambda: store.withdraw(1, "2023-01-01"),
            lambda: known_by(store, "2023-01-01"),
        ):
            with pytest.raises(StoreDamaged):
                act()
        assert store.state() == before
        assert [problem.rule for problem in check(store.folder).problems] == ["layer"]

    def append(self, belts: Path, **changes: Any) -> None:
        """Append a line that continues the chain but breaks a rule."""
        lines = (belts / LOG).read_bytes().splitlines()
        table = json.loads(lines[-1]) | {"previous": hashlib.sha256(lines[-1]).hexdigest()}
        text = json.dumps(table | {"edition": 4} | changes)
        with (belts / LOG).open("ab") as stream:
            stream.write(text.encode() + b"\n")

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"edition": 5}, "edition 5 where 4 was expected"),
            ({"edition": 3}, "edition 3 where 4 was expected"),
            ({"date": "2021-12-31"}, "its date 2021-12-31 lies before the line above"),
            ({"date": "2022-02-30"}, "not an event"),
            ({"date": None}, "not an event"),
            ({"edition": "four"}, "not an event"),
            ({"edition": float("inf")}, "not an event"),
            ({"event": "erase"}, "unknown event 'erase'"),
            ({"event": "withdraw", "edition": 9}, "withdraws edition 9, which was never published"),
            ({"previous": None}, "does not continue the line before it"),
        ],
    )
    def test_a_line_that_breaks_a_rule(self, three: Path, changes: dict, words: str) -> None:
        self.append(three, **changes)
        with pytest.raises(StoreDamaged, match=f"line 4: .*{words}"):
            storing.read_log(three)

    def test_no_byte_of_an_earlier_line_can_change_unseen(self, three: Path) -> None:
        whole = (three / LOG).read_bytes()
        last = whole.rindex(b"\n", 0, -1)
        for place in range(last):
            changed = bytearray(whole)
            changed[place] ^= 1
            (three / LOG).write_bytes(changed)
            with pytest.raises(StoreDamaged):
                storing.read_log(three)

    @pytest.mark.parametrize("content", [b"", b"{}", None])
    def test_a_changed_edition_is_not_read(
        self, three: Path, store: StoreBuilder, content: bytes | None
    ) -> None:
        path = three / "1.geojson"
        if content is None:
            content = path.read_bytes().replace(b"First", b"Firsz")
        path.write_bytes(content)
        editions = catalogue.read_editions(store.folder, "belts")
        with pytest.raises(
            HashMismatch, match=r"1\.geojson: its sha256 is [0-9a-f]{12}, published"
        ):
            store.read(editions[0])
        assert store.read(editions[1]).features["name_en"].tolist() == ["Second"]

    def test_a_missing_edition_is_named(self, three: Path, store: StoreBuilder) -> None:
        (three / "3.geojson").unlink()
        with pytest.raises(FileDamaged, match=r"3\.geojson: No such file"):
            store.read(catalogue.read_editions(store.folder, "belts")[-1])
        assert [problem.rule for problem in check(store.folder).problems] == ["file"]

    def test_nothing_is_published_beside_a_changed_edition(
        self, three: Path, store: StoreBuilder
    ) -> None:
        (three / "3.geojson").write_bytes(b"{}")
        before = store.state()
        with pytest.raises(HashMismatch):
            store.publish([FIRST], published="2023-01-01")
        assert store.state() == before


HOLD = """
import sys
from pathlib import Path
from atlas.io import store
with store.locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""

PUBLISH = """
import datetime, sys
from pathlib import Path
from atlas.errors import StoreBusy
from atlas.operations.publish import publish
day = datetime.date(2024, 1, 1)
folder, file = map(Path, sys.argv[1:])
print("ready", flush=True)
sys.stdin.read(1)
try:
    print(publish(folder, "belts", file, note="race", published=day, today=day).edition.edition)
except StoreBusy as error:
    print("busy", error)
"""


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() in {"held\n", "ready\n"}
    return process


def waits(*_: object) -> NoReturn:
    raise AssertionError("told at once means: without waiting")


class TestTwoPublishers:
    """One wins, the other is told at once."""

    def test_while_one_holds_the_layer_the_other_is_told(
        self, belts: Path, store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with start(HOLD, belts) as holder, monkeypatch.context() as patched:
            patched.setattr("time.sleep", waits)
            before = store.state()
            with pytest.raises(StoreBusy, match="'belts' is being published by another process"):
                store.publish([THIRD], published="2022-01-01")
            with pytest.raises(StoreBusy):
                store.withdraw(1, "2022-01-01")
            assert store.state() == before
            assert known_by(store, "2024-01-01") == 2, "readers do not wait"
            store.add_layer("lakes")
            assert store.publish([FIRST], layer="lakes").edition == 1, "other layers are free"
            holder.communicate()
        assert store.publish([THIRD], published="2022-01-01").edition == 3

    def test_a_killed_holder_holds_nothing(self, belts: Path, store: StoreBuilder) -> None:
        with start(HOLD, belts) as holder:
            holder.kill()
        assert store.publish([THIRD], published="2022-01-01").edition == 3

    def test_publishers_that_start_together(self, store: StoreBuilder) -> None:
        racers = []
        for number in range(3):
            content = json.dumps(
                {"type": "FeatureCollection", "features": [{
                    "type": "Feature", "geometry": None,
                    "properties": row(name_en=f"Racer {number}", geometry_basis="none"),
                }]}
            )  # fmt: skip
            file = store.write(content.encode(), f"{number}.geojson")
            racers.append(start(PUBLISH, store.folder, file))
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("!")
            racer.stdin.flush()
        answers = [racer.communicate()[0].strip() for racer in racers]
        won = sorted(answer for answer in answers if not answer.startswith("busy"))
        assert len(won) >= 1
        assert won == [str(number) for number in range(1, len(won) + 1)]
        assert len(catalogue.read_editions(store.folder, "belts")) == len(won)
        found = check(store.folder)
        assert (found.problems, found.leftovers) == ([], [])


def full(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class TestFullDisk:
    """Whatever step the disk refuses: the record is what it was, and the next publish works."""

    def refuse(self, store: StoreBuilder) -> None:
        belts = store.folder / "belts"
        log, before = storing.read_log(belts), store.state()
        with pytest.raises(WriteFailed, match="No space left on device; nothing was changed"):
            store.publish([THIRD], published="2022-01-01")
        self.proves_unchanged(store, log, before)

    def proves_unchanged(
        self, store: StoreBuilder, log: storing.Log, before: dict[str, bytes]
    ) -> None:
        after = store.state()
        assert {name: after[name] for name in before} == before
        assert set(after) - set(before) <= {"3.geojson"}, "at most an unlisted file"
        assert storing.read_log(store.folder / "belts").events == log.events
        assert check(store.folder).problems == []

    def works_again(self, store: StoreBuilder) -> None:
        assert store.publish([THIRD], published="2022-01-01").edition == 3
        found = check(store.folder)
        assert (found.problems, found.leftovers) == ([], [])

    @pytest.mark.parametrize("step", range(4))
    @pytest.mark.usefixtures("belts")
    def test_at_each_fsync(
        self, store: StoreBuilder, monkeypatch: pytest.MonkeyPatch, step: int
    ) -> None:
        sync, calls = os.fsync, iter(range(100))
        with monkeypatch.context() as patched:
            patched.setattr(
                os, "fsync", lambda handle: full() if next(calls) == step else sync(handle)
            )
            self.refuse(store)
        assert next(calls) == step + 1
        self.works_again(store)

    @pytest.mark.parametrize("name", ["replace", "chmod"])
    @pytest.mark.usefixtures("belts")
    def test_at_the_rename(
        self, store: StoreBuilder, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(Path, name, full)
            self.refuse(store)
        self.works_again(store)

    @pytest.mark.usefixtures("belts")
    def test_at_the_temporary_file(
        self, store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr("tempfile.mkstemp", full)
            self.refuse(store)
        self.works_again(store)

    def test_at_the_cleaning(
        self, belts: Path, store: StoreBuilder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (belts / ".tmp-x1").write_bytes(b"half")
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", full)
            self.refuse(store)
        self.works_again(store)

    LIMITED = """
import datetime, resource, signal, sys
from pathlib import Path
from atlas.errors import AtlasError
from atlas.operations.publish import publish
day = datetime.date(2024, 1, 1)
folder, file, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    publish(folder, "belts", file, note="n" * 400, published=day, today=day)
except AtlasError as error:
    sys.exit(f"{type(error).__name__} {error}")
"""

    @pytest.mark.parametrize("room", ["for half an edition", "for half a line"])
    def test_a_real_limit_of_the_system(
        self, store: StoreBuilder, run_process: Callable, room: str
    ) -> None:
        for number in range(2):
            store.publish([row(name_en=f"E{number}")], note="n" * 2000)
        belts = store.folder / "belts"
        log, before = storing.read_log(belts), store.state()
        edition, lines = len(before["2.geojson"]), len(before[LOG])
        assert edition + 1000 < lines, "or the limit would stop the edition, not the line"
        limit = edition // 2 if room == "for half an edition" else lines + 100
        file = store.folder.parent / "rows.geojson"
        file.write_bytes(file.read_bytes().replace(b"E1", b"E2"))
        done = run_process("-c", self.LIMITED, store.folder, file, limit)
        name = "3.geojson" if room == "for half an edition" else LOG
        assert done.returncode == 1
        assert done.stderr.startswith("WriteFailed ")
        assert f"{name}: File too large; nothing was changed" in done.stderr
        self.proves_unchanged(store, log, before)
        self.works_again(store)


def test_a_folder_that_is_gone_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AtlasError), storing.locked(tmp_path / "file"):
        pass
