"""Registers from their fact tables: one statement an item, its source beside it."""

from __future__ import annotations

from atlas.io import register as sheets
from atlas.io.files import read_bytes
from atlas.sources.inputs import FACTS

ACTION_PLAN = "action-plan"


def build_action_plan() -> bytes:
    """Canonical JSON of the action plan of October 2025 from ``facts/action-plan.toml``.

    Raises
    ------
    FileDamaged, SchemaError
        If the table cannot be read, or an item breaks the rules of registers.
    """
    path = FACTS / f"{ACTION_PLAN}.toml"
    return sheets.to_bytes(sheets.read_whole(read_bytes(path), path, layer=ACTION_PLAN))
