"""What a page shows, and how a link says it: layers, both days, place, language."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from atlas.core.period import parse_day
from atlas.errors import DayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
"""Days that a page can show; a link to another day is not understood.

Nothing is published yet after today: a link that is ``known`` by a later day is not either.
"""
QUERY_NAMES = ("layers", "day", "known", "place", "lang")


@dataclass(frozen=True)
class View:
    """State of a page. ``None`` days mean today and latest; ``lang`` None: the browser's.

    ``place`` is ``layer:id``: what the map flies to and what the catalogue opens; there, a
    layer's id alone opens the layer.
    """

    layers: tuple[str, ...]
    day: dt.date | None = None
    known_by: dt.date | None = None
    place: str | None = None
    lang: str | None = None


def read_query(
    query: Mapping[str, str], *, layers: Collection[str], languages: Collection[str],
    default: tuple[str, ...], today: dt.date,
) -> tuple[View, list[str]]:  # fmt: skip
    """Read a link.

    Parameters
    ----------
    query
        Names and values of the address.
    layers, languages
        What exists.
    default
        Layers to show if the link names none.
    today
        Last day by which anything can be known.

    Returns
    -------
    view
        The state, without what is not known.
    unknown
        Each unknown part as ``name=value``, for the reader to see.
    """
    unknown = [f"{name}={value}"[:80] for name, value in query.items() if name not in QUERY_NAMES]
    chosen = default
    if "layers" in query:
        asked = [name for name in query["layers"].split(",") if name]
        chosen = tuple(dict.fromkeys(name for name in asked if name in layers))
        unknown += [f"layers={name}"[:80] for name in asked if name not in layers]
    lang = query.get("lang")
    if lang is not None and lang not in languages:
        unknown.append(f"lang={lang}"[:80])
        lang = None
    latest = {"day": LAST_DAY, "known": today}
    days = {
        name: _read_day(query[name], last) if name in query else None
        for name, last in latest.items()
    }
    unknown += [
        f"{name}={query[name]}"[:80] for name, day in days.items() if name in query and day is None
    ]
    place = query.get("place")
    return View(chosen, days["day"], days["known"], place or None, lang), unknown


def _read_day(text: str, last: dt.date) -> dt.date | None:
    try:
        day = parse_day(text)
    except DayError:
        return None
    return day if FIRST_DAY <= day <= last else None


def to_query(view: View, *, today: dt.date, lang: str) -> dict[str, str]:
    """Write a link that shows the same next year: both days are always written.

    >>> to_query(View(("cities",)), today=dt.date(2026, 11, 24), lang="zh")["day"]
    '2026-11-24'
    """
    query = {
        "layers": ",".join(view.layers),
        "day": (view.day or today).isoformat(),
        "known": (view.known_by or today).isoformat(),
        "lang": view.lang or lang,
    }
    if view.place:
        query["place"] = view.place
    return query


def place_parts(place: str) -> tuple[str, str]:
    """Layer and feature of a place; the feature is empty if the place is a whole layer.

    >>> place_parts("cities:320100"), place_parts("cities")
    (('cities', '320100'), ('cities', ''))
    """
    layer, _, feature = place.partition(":")
    return layer, feature


def to_address(query: Mapping[str, str], page: str = "") -> str:
    """Write a link below the atlas's own address; Explore, the first page, has no name.

    >>> to_address({"layers": "cities,lakes"})
    '/?layers=cities,lakes'
    """
    return f"/{page}?{urlencode(query, safe=',:')}"
