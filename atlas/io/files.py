"""Reading bytes with one clear error, and writing them so that nothing is half-written."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.errors import FileDamaged, WriteFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 256 * 1024 * 1024
"""Largest file that is read into memory; every layer is far below it."""

TEMPORARY = ".tmp-"
"""Start of the name of a file that is still being written."""


def read_bytes(path: Path) -> bytes:
    """Read a whole file of bounded size.

    Raises
    ------
    FileDamaged
        If there is no such file, it cannot be read, or it is over :data:`MAX_BYTES`.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileDamaged(file=path, problem=f"{size:,} bytes; at most {MAX_BYTES:,} are read")
        return path.read_bytes()
    except OSError as error:
        raise FileDamaged(file=path, problem=error.strerror or str(error)) from error


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
