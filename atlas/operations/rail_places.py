"""Find the city or station that a reader names, in Chinese, English or pinyin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.rail_network import OPEN
from atlas.core.text import fold, near_words
from atlas.errors import (
    PlaceUnknown,
    StationClosed,
    StationGone,
    StationNotYet,
    StationPaused,
    StationToCome,
)
from atlas.operations.find import find_places
from atlas.operations.rail import CITIES, STATIONS

if TYPE_CHECKING:
    from atlas.operations.find import Place
    from atlas.operations.rail import Model, Rail

NEAR_MOST = 6


@dataclass(frozen=True, eq=False)
class Origin:
    """A city or a station of a model: ``stations`` are positions in its network.

    ``layer`` says which it is; ``id`` is the city's code or the station's id.
    """

    layer: str
    id: str
    name: dict[str, str]
    stations: np.ndarray

    @property
    def address(self) -> str:
        """How links name it: ``layer:id``."""
        return f"{self.layer}:{self.id}"


def find_origin(model: Model, words: str) -> Origin:
    """The city or station that words name: ``cities:320100``, a code, an id, or a name.

    A name must be a whole one, in Chinese, English, pinyin or its initials, with or without 市; a
    city comes before a station of the same name.

    Raises
    ------
    PlaceUnknown
        If nothing bears the name, or several cities do; names what is near.
    StationClosed
        If no train calls there on the model's day.
    """
    place = _place(model.rail, words)
    if place.layer == CITIES:
        return _city(model, place)
    found = model.network.place(place.id)
    if found < 0:
        raise _closed(model, place)
    return Origin(STATIONS, place.id, _names(place), np.array([found]))


def _names(place: Place) -> dict[str, str]:
    return {"zh": place.name_zh, "en": place.name_en}


def _place(rail: Rail, words: str) -> Place:
    places = rail.places
    by_address = {place.address: place for place in places}
    if words in by_address:
        return by_address[words]
    exact = [place for place in places if words == place.id and place.layer == STATIONS]
    wanted = fold(words)
    named = [place for place in places if wanted and wanted in place.keys]
    cities = [place for place in named if place.layer == CITIES]
    if len(cities) == 1:
        return cities[0]
    if not cities:
        if exact:
            return exact[0]
        if len(named) == 1:
            return named[0]
        whole = [place for place in named if wanted in (fold(place.name_zh), fold(place.name_en))]
        if len(whole) == 1:
            return whole[0]
    raise PlaceUnknown(name=words[:60], near=_near(places, cities or named, words))


def _near(places: list[Place], named: list[Place], words: str) -> str:
    """Places that words may mean: of the same name, found by a search, or spelt alike."""
    found = named or find_places(places, words, at_most=NEAR_MOST)
    if not found:
        keys = {key: place for place in reversed(places) for key in place.keys}
        found = [keys[key] for key in near_words(fold(words), keys, at_most=NEAR_MOST)]
    told = [f"{place.name_zh} {place.name_en} ({place.address})" for place in found[:NEAR_MOST]]
    return "; ".join(dict.fromkeys(told)) or "none"


def _city(model: Model, place: Place) -> Origin:
    stations = model.stations_of(place.id)
    if len(stations) == 0:
        own = model.network.stations["city"].to_numpy(object) == place.id
        stations = np.flatnonzero(own)
    if len(stations) == 0:
        raise _closed(model, place)
    return Origin(CITIES, place.id, _names(place), stations)


def _closed(model: Model, place: Place) -> StationClosed:
    """Why no train calls at a station, or anywhere in a city, on the model's day."""
    rows = model.rail.stations.features
    own = rows[rows["city" if place.layer == CITIES else "id"] == place.id]
    about = {"station": f"{place.name_zh} {place.name_en}", "day": model.day.isoformat()}
    opened = own[own["status"] == OPEN]
    later = opened["valid_from"].dropna()
    later = later[later > about["day"]]
    ended = opened["valid_to"].dropna()
    ended = ended[ended <= about["day"]]
    if place.layer == STATIONS and len(ended):
        if len(later):
            return StationPaused(closed=ended.max(), opened=later.min(), **about)
        return StationGone(closed=ended.max(), **about)
    if len(later):
        return StationNotYet(opened=later.min(), **about)
    if len(own) and opened.empty:
        return StationToCome(**about)
    return StationClosed(**about)
