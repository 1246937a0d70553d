"""The figures whose pictures are kept: editions of one day, so that no new one changes them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from atlas.operations.figure import Figure, compose
from atlas.operations.folder import PROJECT

KNOWN_BY = dt.date(2026, 11, 24)
DPI = 55
"""Enough to see a part that moved, a colour or a missing name; small files."""
CASES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "corridors-belts.zh": (("innovation-corridors", "ecological-belts"), {}),
    "nanjing.en": (
        ("metropolitan-areas", "districts"),
        {"place": "cities:320100", "orientation": "portrait", "lang": "en", "profile": "public",
         "approval_number": "TEST（2026）0000号"},
    ),
    "change.both": (
        ("innovation-corridors",),
        {"day": dt.date(2018, 1, 1), "until": dt.date(2024, 1, 1), "lang": "both",
         "paper": "slide", "profile": "internal"},
    ),
}  # fmt: skip


def composed(name: str) -> Figure:
    """The figure of a case, on the layers of the project."""
    layers, options = CASES[name]
    options = {"day": dt.date(2024, 6, 1)} | options
    return compose(PROJECT / "layers", layers, known_by=KNOWN_BY, made=KNOWN_BY, **options)
