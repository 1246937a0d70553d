"""What the page of overlaps measures, and how its link says it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FEATURES, ZONES, LAYERS, CHANGE = SHOWN = ("features", "zones", "layers", "change")
"""Zone by feature, zone by zone, layer on layer, change between two days."""
MEASURED_NAMES = ("show", "zones", "with", "until", "zone", "cell", "order", "polygon")
ORDERS = ("cluster", "size", "code")
GIVEN_ZONES = "given"
"""Zones that a reader draws, pastes or uploads: a link holds one small polygon at most."""
Corners = tuple[tuple[float, float], ...]
"""Longitude and latitude of each corner of a polygon, none of them twice at the end."""
LEAST_CORNERS, MOST_CORNERS = 3, 60
"""How many corners a polygon of a link has."""
LINK_DECIMALS = 5
"""About a metre."""
CORNER = re.compile(
    r"(-?(?:0|[1-9]\d{0,2})(?:\.\d{1,5})?),(-?(?:0|[1-9]\d?)(?:\.\d{1,5})?)", re.ASCII
)
EAST_MOST, NORTH_MOST = 180, 90


@dataclass(frozen=True)
class Measured:
    """An overlap: ``layer`` by ``zones``; ``zone`` and ``cell`` are the chosen row and column.

    ``other`` is the second layer of ``layers``, ``until`` the second day of ``change``,
    ``polygon`` the one zone of :data:`GIVEN_ZONES`, if it was drawn or pasted.
    """

    layer: str
    zones: str = "cities"
    show: str = FEATURES
    other: str = ""
    until: dt.date | None = None
    zone: str = ""
    cell: str = ""
    order: str = ORDERS[0]
    polygon: Corners = ()


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
    if query.get("show") == CHANGE and query.get("zones") == GIVEN_ZONES:
        wrong.append("zones")
    polygon = read_polygon(query.get("polygon", "")) if _given(query, wrong) else ()
    if query.get("polygon") and not polygon:
        wrong.append("polygon")
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
        right.get("order") or ORDERS[0], polygon,
    )  # fmt: skip
    return measured, unknown


def _given(query: Mapping[str, str], wrong: list[str]) -> bool:
    return query.get("zones") == GIVEN_ZONES and "zones" not in wrong


def measured_query(measured: Measured) -> dict[str, str]:
    """The parts of a link that say what is measured; what is usual is left out."""
    usual = Measured(measured.layer)
    parts = {
        "layer": measured.layer, "zones": measured.zones, "show": measured.show,
        "with": measured.other, "until": measured.until.isoformat() if measured.until else "",
        "zone": measured.zone, "cell": measured.cell, "order": measured.order,
        "polygon": write_polygon(measured.polygon) if measured.zones == GIVEN_ZONES else "",
    }  # fmt: skip
    kept = {"layer", "zones", "show"}
    same = {"order": usual.order, "with": "", "until": "", "zone": "", "cell": "", "polygon": ""}
    return {name: value for name, value in parts.items() if name in kept or value != same.get(name)}


def read_polygon(text: str) -> Corners:
    """Read the corners of a polygon from a link; none if the text is not understood.

    >>> read_polygon("118.5,31;119,31.25;118.75,32")
    ((118.5, 31.0), (119.0, 31.25), (118.75, 32.0))
    """
    parts = text.split(";", MOST_CORNERS)
    found = [CORNER.fullmatch(part) for part in parts]
    corners = tuple((float(corner[1]), float(corner[2])) for corner in found if corner)
    enough = len(set(corners)) >= LEAST_CORNERS and len(parts) <= MOST_CORNERS
    if len(corners) < len(parts) or not enough:
        return ()
    inside = all(abs(lon) <= EAST_MOST and abs(lat) <= NORTH_MOST for lon, lat in corners)
    return corners if inside else ()


def write_polygon(corners: Corners) -> str:
    """Corners as a link says them; empty if they are too many for a link.

    >>> write_polygon(((118.5, 31.0), (119.0, 31.25), (118.75, 32.0)))
    '118.5,31;119,31.25;118.75,32'
    """
    if len(corners) > MOST_CORNERS:
        return ""
    return ";".join(f"{_degrees(lon)},{_degrees(lat)}" for lon, lat in corners)


def _degrees(value: float) -> str:
    text = f"{value:.{LINK_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
