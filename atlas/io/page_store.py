"""Finished pages of a long document, kept until the whole of it is written.

A page lies under the hash of all that it is drawn from, with the hash of its content in its
name: one that was half-written or changed is no page.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.errors import AtlasError, WriteFailed
from atlas.io.files import read_bytes, sha256_of, temporary_files, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY = re.compile(r"[0-9a-f]{64}")
DAYS_KEPT = 7
"""Pages of a document that was stopped and not taken up again for so long are dropped."""
SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class PageStore:
    """A folder of finished pages."""

    folder: Path

    def read(self, key: str) -> bytes | None:
        """A finished page; None if there is none that is whole."""
        for path in sorted(self.folder.glob(f"{_checked(key)}-*.pdf")):
            try:
                content = read_bytes(path)
            except AtlasError:
                continue
            if path.stem.endswith(sha256_of(content)):
                return content
        return None

    def write(self, key: str, content: bytes) -> None:
        """Keep a page, whole or not at all.

        Raises
        ------
        WriteFailed
            If the disk refuses.
        """
        write_atomically(self.folder / f"{_checked(key)}-{sha256_of(content)}.pdf", content)

    def forget(self, keys: Iterable[str]) -> None:
        """Drop pages of a document that is written."""
        for key in keys:
            for path in self.folder.glob(f"{_checked(key)}-*.pdf"):
                path.unlink(missing_ok=True)

    def prune(self) -> None:
        """Drop what was left for :data:`DAYS_KEPT` days."""
        if not self.folder.is_dir():
            return
        oldest = time.time() - DAYS_KEPT * SECONDS_A_DAY
        for path in (*self.folder.glob("*.pdf"), *temporary_files(self.folder)):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(key)
    return key


def default_folder() -> Path:
    """Where this user's unfinished pages are kept: ``XDG_CACHE_HOME``, else ``~/.cache``."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "delta-atlas" / "series"


def check_writable(path: Path) -> None:
    """Fail before a long work whose result could not be written.

    Raises
    ------
    WriteFailed
        If no file can be made in the nearest folder that there is, or the path is a folder.
    """
    if path.is_dir():
        raise WriteFailed(file=path, problem="it is a folder")
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise WriteFailed(file=path, problem=error.strerror or str(error)) from error
