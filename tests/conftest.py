"""Fixtures that every part of the tests shares."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from atlas.__main__ import main
from atlas.io import catalogue
from atlas.operations import publish as publishing
from atlas.operations.folder import PROJECT
from tests.examples import row, rows_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlas.core.layer import Edition, Layer
    from atlas.core.schema import Column

TODAY = dt.date(2024, 6, 30)

# A loaded machine makes no test fail, and the same code gives the same examples everywhere.
# ATLAS_EXAMPLES=500 looks longer than the quarter of an hour of CI allows.
settings.register_profile(
    "atlas", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow],
    max_examples=int(os.environ.get("ATLAS_EXAMPLES", "50")),
)  # fmt: skip
settings.load_profile("atlas")


@dataclass(frozen=True)
class StoreBuilder:
    """Layers in a temporary folder, made and published in one line."""

    folder: Path

    def add_layer(
        self, layer: str = "belts", *, kind: str = "polygon", theme: str = "ecology",
        columns: tuple[Column, ...] = (),
    ) -> Path:  # fmt: skip
        """Write ``layers/<id>/layer.toml``."""
        (self.folder / layer).mkdir(parents=True)
        lines = [f'theme = "{theme}"', f'kind = "{kind}"', 'style = "belts"', 'licence = "CC0-1.0"']
        lines += [
            f'{name} = {{ zh = "{name} 中文", en = "{name} of {layer}" }}'
            for name in catalogue.BOTH_LANGUAGES
        ]
        for column in columns:
            lines += ["[[columns]]", f'name = "{column.name}"', f'type = "{column.type}"',
                      f"required = {str(column.required).lower()}",
                      f'title = {{ zh = "{column.title["zh"]}", en = "{column.title["en"]}" }}',
                      ]  # fmt: skip
        path = self.folder / layer / "layer.toml"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    def write(self, content: bytes, name: str = "rows.geojson") -> Path:
        """A file beside the store."""
        path = self.folder.parent / name
        path.write_bytes(content)
        return path

    def publish(
        self, rows: list[dict[str, Any]] | None = None, *, layer: str = "belts",
        shape: Any = None, published: str = "2020-01-01", note: str = "first",
    ) -> Edition:  # fmt: skip
        """Publish rows (default: one valid row) by the operation that the command calls."""
        file = self.write(rows_file(rows or [row()], shape))
        done = publishing.publish(
            self.folder, layer, file, note=note, published=dt.date.fromisoformat(published),
            today=TODAY,
        )  # fmt: skip
        assert done.edition is not None
        return done.edition

    def withdraw(self, edition: int, day: str, layer: str = "belts") -> None:
        """Withdraw an edition on a day."""
        publishing.withdraw(
            self.folder, layer, edition, reason="wrong", today=dt.date.fromisoformat(day)
        )

    def read(self, edition: Edition) -> Layer:
        """Read an edition back."""
        return catalogue.read_layer(self.folder, edition)

    def state(self, layer: str = "belts") -> dict[str, bytes]:
        """Every byte of a layer's folder but the lock: equal states are the same store."""
        files = (self.folder / layer).iterdir()
        return {path.name: path.read_bytes() for path in files if path.name != ".lock"}


@pytest.fixture
def empty_store(tmp_path: Path) -> StoreBuilder:
    """A folder for layers, without any."""
    folder = tmp_path / "layers"
    folder.mkdir()
    return StoreBuilder(folder)


@pytest.fixture
def store(empty_store: StoreBuilder) -> StoreBuilder:
    """A store with the layer ``belts``, nothing published."""
    empty_store.add_layer()
    return empty_store


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    empty_store: StoreBuilder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run ``atlas`` in this process on the temporary store."""

    def run_command(*arguments: object) -> Ran:
        monkeypatch.setenv("ATLAS_LAYERS", str(empty_store.folder))
        monkeypatch.setattr(sys, "argv", ["atlas", *map(str, arguments)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run_command


@pytest.fixture
def run_process(empty_store: StoreBuilder) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python in a process of its own, on the temporary store."""

    def start(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
        surroundings = os.environ | {
            "ATLAS_LAYERS": str(empty_store.folder), "PYTHONPATH": str(PROJECT),
        }  # fmt: skip
        surroundings.pop("PYTHONUNBUFFERED", None)
        if "stdout" not in options:
            options |= {"capture_output": True}
        return subprocess.run(
            [sys.executable, *map(str, arguments)], env=surroundings, text=True, check=False,
            timeout=120, **options,
        )  # fmt: skip

    return start
