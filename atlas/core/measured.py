"""What the page of overlaps measures, and how its link says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FEATURES, ZONES, LAYERS, CHANGE = SHOWN = ("features", "zones", "layers", "change")
"""Zone by feature, zone by zone, layer on layer, change between two days."""
MEASURED_NAMES = ("show", "zones", "with", "until", "zone", "cell", "order")
ORDERS = ("cluster", "size", "code")
GIVEN_ZONES = "given"
"""Zones that a reader uploads or pastes: no link can hold them."""


@dataclass(frozen=True)
class Measured:
    """An overlap: ``layer`` by ``zones``; ``zone`` and ``cell`` are the chosen row and column.

    ``other`` is the second layer of ``layers``, ``until`` the second day of ``change``.
    """

    layer: str
    zones: str = "cities"
    show: str = FEATURES
    other: str = ""
    until: dt.date | None = None
    zone: str = ""
    cell: str = ""
    order: str = ORDERS[0]


def read_measured(
    query: Mapping[str, str], *, layers: Collection[str], until: dt.date | None
) -> tuple[Measured | None, list[str]]:
    """Read what a link measures; None if it measures nothing that can be understood.

    Parameters
    ----------
    query
        Names and values of the address.
    layers
        Layers that exist.
    until
        The second day, if it was understood.

    Returns
    -------
    measured, unknown
        What is measured, and each part that is not understood as ``name=value``.
    """
    if not any(name in query for name in MEASURED_NAMES):
        return None, []
    allowed = {"show": SHOWN, "order": ORDERS, "with": layers, "zones": [*layers, GIVEN_ZONES]}
    wrong = [name for name, values in allowed.items() if query.get(name, "") not in ("", *values)]
    if "until" in query and until is None:
        wrong.append("until")
    layer = query.get("layer", "")
    if layer and layer not in layers:
        wrong.append("layer")
    unknown = [f"{name}={query[name]}"[:80] for name in wrong]
    if layer not in layers:
        return None, unknown
    right = {name: value for name, value in query.items() if name not in wrong}
    measured = Measured(
        layer, right.get("zones") or "cities", right.get("show") or FEATURES,
        right.get("with", ""), until, right.get("zone", "")[:80], right.get("cell", "")[:80],
        right.get("order") or ORDERS[0],
    )  # fmt: skip
    return measured, unknown


def measured_query(measured: Measured) -> dict[str, str]:
    """The parts of a link that say what is measured; what is usual is left out."""
    usual = Measured(measured.layer)
    parts = {
        "layer": measured.layer, "zones": measured.zones, "show": measured.show,
        "with": measured.other, "until": measured.until.isoformat() if measured.until else "",
        "zone": measured.zone, "cell": measured.cell, "order": measured.order,
    }  # fmt: skip
    kept = {"layer", "zones", "show"}
    same = {"order": usual.order, "with": "", "until": "", "zone": "", "cell": ""}
    return {name: value for name, value in parts.items() if name in kept or value != same.get(name)}
