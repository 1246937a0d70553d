"""A Debian file is fetched once, however many builders ask for it at the same time."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from atlas.core.layer import Input
from atlas.sources import debian

CONTENT = b"rivers"
SOURCE = Input(
    package="some-rivers",
    version="1",
    file="usr/share/rivers.nc",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    licence="LGPL-3.0-or-later",
    attribution="somebody",
)


def test_builders_that_ask_at_once_share_one_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    def fetch(package: str, folder: Path) -> Path:
        assert fetched == [], "a second builder fetched while, or after, the first did"
        fetched.append(package)
        return folder / "some.deb"

    def unpack(_: Path, folder: Path) -> None:
        path = folder / SOURCE.file
        path.parent.mkdir(parents=True)
        path.write_bytes(CONTENT)

    monkeypatch.setattr(debian, "_fetch", fetch)
    monkeypatch.setattr(debian, "_unpack", unpack)
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda _: debian.locate_debian(SOURCE, folder=tmp_path), range(4)))
    assert fetched == ["some-rivers"]
    assert {path.read_bytes() for path in paths} == {CONTENT}
