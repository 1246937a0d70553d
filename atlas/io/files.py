"""Reading bytes with one clear error, and writing them so that nothing is half-written."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from atlas.errors import FileDamaged, WriteFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES = 256 * 1024 * 1024
"""Largest file that is read into memory; every layer is far below it."""

TEMPORARY = ".tmp-"
"""Start of the name of a file that is still being written."""


def read_bytes(path: Path) -> bytes:
    """Read a whole regular file of bounded size.

    Raises
    ------
    FileDamaged
        If there is no such file, it cannot be read, is a pipe or a device, or is over
        :data:`MAX_BYTES`.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise FileDamaged(file=path, problem="not a regular file")
        with path.open("rb") as stream:
            return _read_bounded(stream, path)
    except OSError as error:
        raise FileDamaged(file=path, problem=error.strerror or str(error)) from error


def read_input(path: Path) -> bytes:
    """Read a file that a user named; ``-`` is standard input. Else as :func:`read_bytes`."""
    return _read_bounded(sys.stdin.buffer, path) if str(path) == "-" else read_bytes(path)


def _read_bounded(stream: IO[bytes], path: Path) -> bytes:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise FileDamaged(file=path, problem=f"too large: at most {MAX_BYTES:,} bytes are read")
    return content


def repeated_key(pairs: Sequence[tuple[str, object]]) -> str | None:
    """First key that stands twice in one JSON object, cut to a length that a message bears."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name[:60]
        seen.add(name)
    return None


def sha256_of(content: bytes) -> str:
    """Hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary file, fsync, rename, fsync of the folder.

    Raises
    ------
    WriteFailed
        If the disk is full or refuses; what was at ``path`` is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    except OSError as error:
        raise WriteFailed(file=path, problem=error.strerror or str(error)) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise WriteFailed(file=path, problem=error.strerror or str(error)) from error


def append_line(path: Path, line: bytes) -> None:
    """Append one line and force it to disk; a failed append is cut off again.

    Raises
    ------
    WriteFailed
        If the disk is full or refuses; the file is as long as before.
    """
    before = path.stat().st_size if path.exists() else 0
    try:
        with path.open("ab") as stream:
            stream.write(line + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(path.parent)
    except OSError as error:
        if path.exists():
            os.truncate(path, before)
        raise WriteFailed(file=path, problem=error.strerror or str(error)) from error


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temporary_files(folder: Path) -> Iterator[Path]:
    """Files that a killed writer left in a folder."""
    yield from sorted(folder.glob(f"{TEMPORARY}*"))
