"""What the page of the ground shows, and how its link says it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.core.measured import CORNER, EAST_MOST, LINK_DECIMALS, NORTH_MOST, Corners

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ZONES, PROFILE, SKETCH = VIEWS = ("zones", "profile", "sketch")
"""What the page tells: zones, a line, or the sketch of suitability."""
OWN = "own"
"""A raster of the reader's own: it is read and forgotten, a link names none."""
DRAWN = "drawn"
"""A line that the reader drew: a link holds its corners."""
GROUND_NAMES = ("raster", "tell", "over", "cut", "then", "line", "opacity", "weights")
LEAST_CORNERS, MOST_CORNERS = 2, 200
OPACITY, OPACITY_MOST = 70, 100
"""Per cent."""
WEIGHT_MOST = 10


@dataclass(frozen=True)
class GroundView:
    """State of the page of the ground.

    ``raster`` is a raster layer or :data:`OWN`; ``over`` the layer of zones, ``cut`` the one that
    cuts them (or none), ``then`` a second day, ``line`` a feature ``layer:id``, corners as text,
    or :data:`DRAWN` while there are none,
    ``weights`` those of the sketch, in the order of its criteria.
    """

    raster: str
    tell: str = ZONES
    over: str = "ecological-belts"
    cut: str = ""
    then: dt.date | None = None
    line: str = ""
    opacity: int = OPACITY
    weights: tuple[int, ...] = ()


def read_ground(
    query: Mapping[str, str], *, rasters: Collection[str], layers: Collection[str],
    then: dt.date | None,
) -> tuple[GroundView | None, list[str]]:  # fmt: skip
    """Read what a link to the ground shows; None if it shows nothing that can be understood.

    Parameters
    ----------
    query
        Names and values of the address.
    rasters, layers
        Raster layers, and layers of features, that exist.
    then
        The second day, if it was understood.

    Returns
    -------
    view, unknown
        What is shown, and each part that is not understood as ``name=value``.
    """
    if not any(name in query for name in GROUND_NAMES):
        return None, []
    allowed: dict[str, Collection[str]] = {
        "raster": [*rasters, OWN], "tell": VIEWS, "over": layers, "cut": layers,
    }  # fmt: skip
    wrong = [name for name, values in allowed.items() if query.get(name, "") not in ("", *values)]
    if "then" in query and then is None:
        wrong.append("then")
    line = query.get("line", "")
    if line and line != DRAWN and not (read_corners(line) or line.partition(":")[0] in layers):
        wrong.append("line")
    opacity = _whole(query.get("opacity", str(OPACITY)), OPACITY_MOST)
    weights = [_whole(text, WEIGHT_MOST) for text in query.get("weights", "").split(",") if text]
    if opacity is None:
        wrong.append("opacity")
    if None in weights:
        wrong.append("weights")
    unknown = [f"{name}={query[name]}"[:80] for name in wrong]
    right = {name: value for name, value in query.items() if name not in wrong}
    if not right.get("raster"):
        return None, unknown
    return GroundView(
        right["raster"], right.get("tell") or ZONES, right.get("over") or "ecological-belts",
        right.get("cut", ""), then, right.get("line", ""),
        OPACITY if opacity is None else opacity,
        () if "weights" in wrong else tuple(value for value in weights if value is not None),
    ), unknown  # fmt: skip


def _whole(text: str, most: int) -> int | None:
    """A whole number from 0 on, as a link writes it; None for anything else."""
    right = text.isascii() and text.isdigit() and text == str(int(text))
    return int(text) if right and int(text) <= most else None


def ground_query(view: GroundView) -> dict[str, str]:
    """The parts of a link that say what is shown; what is usual is left out.

    >>> ground_query(GroundView("terrain", opacity=40))
    {'raster': 'terrain', 'tell': 'zones', 'over': 'ecological-belts', 'opacity': '40'}
    """
    parts = {
        "raster": view.raster, "tell": view.tell, "over": view.over, "cut": view.cut,
        "then": view.then.isoformat() if view.then else "", "line": view.line,
        "opacity": "" if view.opacity == OPACITY else str(view.opacity),
        "weights": ",".join(map(str, view.weights)),
    }  # fmt: skip
    return {name: value for name, value in parts.items() if value}


def read_corners(text: str) -> Corners:
    """Read the corners of a line; none if the text is not understood.

    >>> read_corners("118.5,31;119,31.25")
    ((118.5, 31.0), (119.0, 31.25))
    """
    parts = text.strip(";").split(";", MOST_CORNERS)
    found = [CORNER.fullmatch(part) for part in parts]
    corners = tuple((float(one[1]), float(one[2])) for one in found if one)
    if len(corners) < len(parts) or not LEAST_CORNERS <= len(parts) <= MOST_CORNERS:
        return ()
    inside = all(abs(lon) <= EAST_MOST and abs(lat) <= NORTH_MOST for lon, lat in corners)
    return corners if inside and len(set(corners)) >= LEAST_CORNERS else ()


def write_corners(corners: Corners) -> str:
    """Corners as a link says them.

    >>> write_corners(((118.5, 31.0), (119.0, 31.25)))
    '118.5,31;119,31.25'
    """
    return ";".join(f"{_degrees(lon)},{_degrees(lat)}" for lon, lat in corners)


def _degrees(value: float) -> str:
    text = f"{value:.{LINK_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
