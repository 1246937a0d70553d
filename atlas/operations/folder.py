"""Where the layers lie."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def layers_folder(given: str | Path | None = None) -> Path:
    """Folder of the layers: the one given, else ``ATLAS_LAYERS``, else the project's own."""
    return Path(given or os.environ.get("ATLAS_LAYERS") or PROJECT / "layers")
