"""Writing whole or not at all; reading with one clear error."""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, Self

import pytest

from atlas.errors import FileDamaged, WriteFailed
from atlas.io import files


def full(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullStream:
    """A file whose disk is full after half of what is written."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, content: bytes) -> NoReturn:
        self.stream.write(content[: len(content) // 2])
        self.stream.flush()
        full()


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_is_written_whole_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    files.write_atomically(path, b"one")
    files.write_atomically(path, b"two")
    assert listing(path.parent) == {"a.txt": b"two"}
    assert path.stat().st_mode & 0o777 == 0o644


def break_mkstemp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkstemp", full)


def break_write(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *given: FullStream(whole(*given)))


def break_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full)


def break_rename(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", full)


@pytest.mark.parametrize("broken", [break_mkstemp, break_write, break_fsync, break_rename])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with monkeypatch.context() as patched:
        broken(patched)
        with pytest.raises(WriteFailed, match=r"a\.txt: No space left.*nothing was changed"):
            files.write_atomically(path, b"new")
    assert listing(tmp_path) == {"a.txt": b"old"}


def break_append(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Path.open
    monkeypatch.setattr(Path, "open", lambda *given: FullStream(whole(*given)))


@pytest.mark.parametrize("broken", [break_append, break_fsync])
@pytest.mark.parametrize("before", [b"", b"one\n", b"one\ntorn"])
def test_a_failed_append_is_cut_off_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable, before: bytes
) -> None:
    path = tmp_path / "log"
    path.write_bytes(before)
    with monkeypatch.context() as patched:
        broken(patched)
        with pytest.raises(WriteFailed, match="No space left"):
            files.append_line(path, b"a long line")
    assert path.read_bytes() == before


def test_lines_are_appended_with_their_line_break(tmp_path: Path) -> None:
    path = tmp_path / "log"
    files.append_line(path, b"one")
    files.append_line(path, b"two")
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_path_below_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(WriteFailed, match="nothing was changed"):
        files.write_atomically(tmp_path / "file" / "a.txt", b"new")
    with pytest.raises(WriteFailed):
        files.write_atomically(tmp_path, b"new")
    assert listing(tmp_path) == {"file": b"x"}


def test_reading_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileDamaged, match="No such file"):
        files.read_bytes(tmp_path / "none")
    with pytest.raises(FileDamaged, match="directory"):
        files.read_bytes(tmp_path)
    path = tmp_path / "big"
    path.write_bytes(b"12345")
    monkeypatch.setattr(files, "MAX_BYTES", 5)
    assert files.read_bytes(path) == b"12345"
    monkeypatch.setattr(files, "MAX_BYTES", 4)
    with pytest.raises(FileDamaged, match="too large: at most 4 bytes are read"):
        files.read_bytes(path)


def test_temporary_files_are_found_and_others_are_not(tmp_path: Path) -> None:
    for name in (".tmp-b", ".tmp-a", "1.geojson", "tmp-c"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in files.temporary_files(tmp_path)] == [".tmp-a", ".tmp-b"]


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(FileDamaged, match="not a regular file"):
            files.read_bytes(path)


def test_a_minus_is_standard_input_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (5, 6):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * size)))
        monkeypatch.setattr(files, "MAX_BYTES", 5)
        if size == 5:
            assert files.read_input(Path("-")) == b"xxxxx"
        else:
            with pytest.raises(FileDamaged, match="too large"):
                files.read_input(Path("-"))
