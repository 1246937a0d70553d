"""What the page of rail reach asks, and how its link says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FROM, CITIES, AREAS, LINE = ASKED = ("from", "cities", "areas", "line")
"""Reach from a place; city by city; metropolitan areas; what a line changes."""
INCLUDED = ("under-construction", "planned")
TRAVELLED_NAMES = ("ask", "origin", "to", "minutes", "include", "railway", "kmh", "assume")
FIRST_ORIGIN = "cities:310000"
MINUTES = (30, 60, 90, 120)
FASTEST_KMH = 600
PLACE = re.compile(r"(?:cities|rail-stations):[\w.-]{1,80}")
STOPS = re.compile(r"[\w.-]{1,80}(?:,[\w.-]{1,80}){0,39}")
PAIR = re.compile(r"([a-z0-9_]{1,40}):(\d{1,4}(?:\.\d{1,4})?)", re.ASCII)
NUMBER = re.compile(r"[1-9]\d{0,2}", re.ASCII)
Values = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Travelled:
    """What is asked of the railway.

    Attributes
    ----------
    ask
        One of :data:`ASKED`.
    origin, target
        ``layer:id`` of a city or station; no target is empty.
    minutes
        One of :data:`MINUTES`.
    include
        Statuses that count beside what is open.
    line
        Id of a planned line, or ids of stations in order, parted by commas; may be empty.
    kmh
        Design speed of a line of the reader's own.
    assumed
        Assumptions that are not the usual ones, by name.
    """

    ask: str = FROM
    origin: str = FIRST_ORIGIN
    target: str = ""
    minutes: int = 60
    include: tuple[str, ...] = ()
    line: str = ""
    kmh: int = 350
    assumed: Values = ()


def read_travelled(query: Mapping[str, str]) -> tuple[Travelled | None, list[str]]:
    """Read what a link asks; None if it asks nothing of the railway.

    Returns
    -------
    travelled, unknown
        What is asked (whether places, lines and assumptions exist is for their reader to say),
        and each part that is not understood as ``name=value``.
    """
    if not any(name in query for name in TRAVELLED_NAMES):
        return None, []
    usual = Travelled()
    include = tuple(part for part in query.get("include", "").split(",") if part)
    assumed, odd = _values(query.get("assume", ""))
    kmh = query.get("kmh", str(usual.kmh))
    fits = {
        "ask": query.get("ask", usual.ask) in ASKED,
        "origin": bool(PLACE.fullmatch(query.get("origin", usual.origin))),
        "to": not query.get("to") or bool(PLACE.fullmatch(query["to"])),
        "minutes": query.get("minutes", str(usual.minutes)) in map(str, MINUTES),
        "include": set(include) <= set(INCLUDED),
        "railway": not query.get("railway") or bool(STOPS.fullmatch(query["railway"])),
        "kmh": bool(NUMBER.fullmatch(kmh)) and int(kmh) <= FASTEST_KMH,
        "assume": not odd,
    }
    unknown = [f"{name}={query[name]}"[:80] for name, fit in fits.items() if not fit]
    right = {name: value for name, value in query.items() if fits.get(name, False)}
    return Travelled(
        right.get("ask", usual.ask), right.get("origin", usual.origin), right.get("to", ""),
        int(right.get("minutes", usual.minutes)), include if fits["include"] else (),
        right.get("railway", ""), int(right.get("kmh", usual.kmh)), assumed if not odd else (),
    ), unknown  # fmt: skip


def _values(text: str) -> tuple[Values, bool]:
    """Names and numbers of a text like ``stop_share:0.5,dwell_min:3``; whether any part is odd."""
    parts = [part for part in text.split(",") if part]
    found = [PAIR.fullmatch(part) for part in parts]
    values = tuple((match[1], float(match[2])) for match in found if match)
    names = {name for name, _ in values}
    return values, len(values) < len(parts) or len(names) < len(values)


def travelled_query(travelled: Travelled) -> dict[str, str]:
    """The parts of a link that say what is asked; what is usual is left out."""
    usual = Travelled()
    parts = {
        "ask": travelled.ask, "origin": travelled.origin, "to": travelled.target,
        "minutes": str(travelled.minutes), "include": ",".join(travelled.include),
        "railway": travelled.line, "kmh": str(travelled.kmh),
        "assume": ",".join(f"{name}:{value:g}" for name, value in travelled.assumed),
    }  # fmt: skip
    same = {"to": "", "minutes": str(usual.minutes), "include": "", "railway": "",
            "kmh": str(usual.kmh), "assume": ""}  # fmt: skip
    return {name: value for name, value in parts.items() if value != same.get(name)}
