"""What a page shows, and how a link says it: layers, both days, place, language."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlencode

from atlas.core.ground import GROUND_NAMES, GroundView, ground_query, read_ground
from atlas.core.measured import MEASURED_NAMES, Measured, measured_query, read_measured
from atlas.core.period import parse_day
from atlas.core.reported import REPORTED_NAMES, Reported, read_reported, reported_query
from atlas.core.travelled import TRAVELLED_NAMES, Travelled, read_travelled, travelled_query
from atlas.errors import DayError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2100, 12, 31)
"""Days that a page can show; a link to another day is not understood.

Nothing is published yet after today: a link that is ``known`` by a later day is not either.
"""
QUERY_NAMES = ("layers", "day", "known", "place", "lang", "play", "area")
PLAY = "years"
"""What ``play`` says in a link whose map plays the years."""
STATES = ("days", "editions", "versions")
COMPARED_NAMES = ("layer", *STATES, "feature", "maps")
TWO_MAPS, ONE_MAP, YEARS = MAPS = ("two", "one", "years")
NUMBER = re.compile(r"[1-9]\d{0,5}")
AREA = re.compile(r"[a-z0-9-]{1,60}")
"""The id of an area of the plan; whether there is such an area is for its reader to say."""
YEARS_BACK = 10
"""How far before today the days lie that are compared where nobody said which."""


@dataclass(frozen=True)
class Compared:
    """Two states that a page compares.

    ``by`` is one of :data:`STATES`; ``old`` and ``new`` are two full ISO days, two numbers of
    editions, or two plan versions of ``feature``. ``maps`` is one of :data:`MAPS`.
    """

    layer: str
    by: str
    old: str
    new: str
    feature: str | None = None
    maps: str = TWO_MAPS


@dataclass(frozen=True)
class View:
    """State of a page. ``None`` days mean today and latest; ``lang`` None: the browser's.

    ``place`` is ``layer:id``: what the map flies to and what the catalogue opens; there, a
    layer's id alone opens the layer. ``compared`` is what the page of changes compares,
    ``measured`` what the page of overlaps measures. ``play``: the map plays its years.
    ``ground`` is what the page of the ground shows, ``area`` the area that the page of the plan
    opens, ``reported`` what the page of reports composes, ``travelled`` what the page of rail
    reach asks.
    """

    layers: tuple[str, ...]
    day: dt.date | None = None
    known_by: dt.date | None = None
    place: str | None = None
    lang: str | None = None
    compared: Compared | None = None
    measured: Measured | None = None
    play: bool = False
    ground: GroundView | None = None
    area: str | None = None
    reported: Reported | None = None
    travelled: Travelled | None = None


def read_query(
    query: Mapping[str, str], *, layers: Collection[str], languages: Collection[str],
    default: tuple[str, ...], today: dt.date, rasters: Collection[str] = (),
) -> tuple[View, list[str]]:  # fmt: skip
    """Read a link.

    Parameters
    ----------
    query
        Names and values of the address.
    layers, languages, rasters
        What exists: layers of features, languages, raster layers.
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
    known = (*QUERY_NAMES, *COMPARED_NAMES, *MEASURED_NAMES, *GROUND_NAMES, *REPORTED_NAMES,
             *TRAVELLED_NAMES)  # fmt: skip
    unknown = [f"{name}={value}"[:80] for name, value in query.items() if name not in known]
    chosen, lang = _read_words(query, unknown, layers, languages, default)
    days = _read_days(query, unknown, today)
    place, play = query.get("place"), query.get("play")
    if play not in (None, PLAY):
        unknown.append(f"play={play}"[:80])
    compared, strange = read_compared(query, layers=layers)
    until = _read_day(query["until"], LAST_DAY) if "until" in query else None
    measured, odd = read_measured(query, layers=layers, until=until)
    then = _read_day(query["then"], LAST_DAY) if "then" in query else None
    ground, strays = read_ground(query, rasters=rasters, layers=layers, then=then)
    since = _read_day(query["since"], LAST_DAY) if "since" in query else None
    reported, rest = read_reported(query, since=since)
    travelled, unheard = read_travelled(query)
    view = View(
        chosen,
        days["day"],
        days["known"],
        place or None,
        lang,
        compared,
        measured,
        play == PLAY,
        ground,
        _known_area(query, unknown),
        reported,
        travelled,
    )
    return view, list(dict.fromkeys(unknown + strange + odd + strays + rest + unheard))


def _read_words(
    query: Mapping[str, str], unknown: list[str], layers: Collection[str],
    languages: Collection[str], default: tuple[str, ...],
) -> tuple[tuple[str, ...], str | None]:  # fmt: skip
    """Layers and language of a link; what there is not is added to what is not understood."""
    chosen = default
    if "layers" in query:
        asked = [name for name in query["layers"].split(",") if name]
        chosen = tuple(dict.fromkeys(name for name in asked if name in layers))
        unknown += [f"layers={name}"[:80] for name in asked if name not in layers]
    lang = query.get("lang")
    if lang is not None and lang not in languages:
        unknown.append(f"lang={lang}"[:80])
        lang = None
    return chosen, lang


def _read_days(
    query: Mapping[str, str], unknown: list[str], today: dt.date
) -> dict[str, dt.date | None]:
    """Both days of a link; what is no day is added to what is not understood."""
    latest = {"day": LAST_DAY, "known": today}
    days = {
        name: _read_day(query[name], last) if name in query else None
        for name, last in latest.items()
    }
    unknown += [
        f"{name}={query[name]}"[:80] for name, day in days.items() if name in query and day is None
    ]
    return days


def _known_area(query: Mapping[str, str], unknown: list[str]) -> str | None:
    """The area that a link names; what is no id is added to what is not understood."""
    area = query.get("area")
    if area and not AREA.fullmatch(area):
        unknown.append(f"area={area}"[:80])
        return None
    return area or None


def read_compared(
    query: Mapping[str, str], *, layers: Collection[str]
) -> tuple[Compared | None, list[str]]:
    """Read what a link compares; None if it compares nothing that can be understood.

    Returns
    -------
    compared
        The two states; whether editions, features and versions exist is for the reader of
        the layer to say.
    unknown
        Each part that is not understood as ``name=value``.
    """
    pairs = {by: pair for by in STATES if (pair := _pair(by, query.get(by)))}
    wrong = {by for by in STATES if by in query and list(pairs) != [by]}
    layer, maps = query.get("layer"), query.get("maps", TWO_MAPS)
    if layer is not None and layer not in layers:
        wrong.add("layer")
    if maps not in MAPS:
        wrong.add("maps")
        maps = TWO_MAPS
    unknown = [f"{name}={query[name]}"[:80] for name in COMPARED_NAMES if name in wrong]
    if layer not in layers or len(pairs) != 1:
        return None, unknown
    ((by, (old, new)),) = pairs.items()
    return Compared(str(layer), by, old, new, query.get("feature") or None, maps), unknown


def default_days(today: dt.date) -> tuple[dt.date, dt.date]:
    """Ten years ago, and today.

    >>> default_days(dt.date(2024, 2, 29))[0].isoformat()
    '2014-02-28'
    """
    leap_day = (today.month, today.day) == (2, 29)
    return today.replace(year=today.year - YEARS_BACK, day=28 if leap_day else today.day), today


def _pair(by: str, text: str | None) -> tuple[str, str] | None:
    """Two days, two numbers of editions, or two plan versions, parted by a comma."""
    parts = [unquote(part) for part in (text or "").split(",")]
    old, new = parts if len(parts) == 2 else ("", "")  # noqa: PLR2004 - a pair
    if not old or not new:
        return None
    if by == "days" and not all(_read_day(day, LAST_DAY) for day in (old, new)):
        return None
    if by == "editions" and not all(NUMBER.fullmatch(number) for number in (old, new)):
        return None
    return old, new


def _read_day(text: str, last: dt.date) -> dt.date | None:
    try:
        day = parse_day(text)
    except DayError:
        return None
    return day if FIRST_DAY <= day <= last else None


def to_query(
    view: View, *, today: dt.date, lang: str, compared: bool = False, measured: bool = False,
    ground: bool = False, planned: bool = False, reported: bool = False,
    travelled: bool = False,
) -> dict[str, str]:  # fmt: skip
    """Write a link that shows the same next year: both days are always written.

    Parameters
    ----------
    view
        What a page shows.
    today
        Written for days that mean today.
    lang
        Written where the view leaves the language to the browser.
    compared
        Whether the page compares two states: its link says those instead of layers, day and
        place.
    measured
        Whether the page measures overlaps: its link says which instead of layers and place.
    ground
        Whether the page shows the ground: its link says how instead of layers and place.
    planned
        Whether the page shows the plan: its link says which area instead of layers and place.
    reported
        Whether the page composes a report: its link says how instead of the map's place.
    travelled
        Whether the page asks of the railway: its link says what instead of layers and place.

    >>> to_query(View(("cities",)), today=dt.date(2026, 11, 24), lang="zh")["day"]
    '2026-11-24'
    """
    rest = {"known": (view.known_by or today).isoformat(), "lang": view.lang or lang}
    if compared and view.compared:
        return _compared_query(view.compared) | rest
    day = {"day": (view.day or today).isoformat()}
    own: dict[str, str] | None = None
    if measured and view.measured:
        own = measured_query(view.measured)
    elif ground and view.ground:
        own = ground_query(view.ground)
    elif travelled:
        own = travelled_query(view.travelled or Travelled())
    elif planned:
        own = {"area": view.area} if view.area else {}
    if own is not None:
        return own | day | rest
    query = {"layers": ",".join(view.layers)} | day | rest
    if reported and view.reported:
        return query | reported_query(view.reported)
    if view.place:
        query["place"] = view.place
    return query | ({"play": PLAY} if view.play else {})


def _compared_query(compared: Compared) -> dict[str, str]:
    pair = (state.replace("%", "%25").replace(",", "%2C") for state in (compared.old, compared.new))
    query = {"layer": compared.layer, compared.by: ",".join(pair)}
    if compared.feature:
        query["feature"] = compared.feature
    return query | ({"maps": compared.maps} if compared.maps != TWO_MAPS else {})


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
