"""Find the city or station that a reader names, in Chinese, English or pinyin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atlas.core.text import fold, near_words
from atlas.errors import PlaceUnknown, StationClosed
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
        raise StationClosed(station=place.name_zh, day=model.day.isoformat(),
                            known=_why(model, place.id))  # fmt: skip
    return Origin(STATIONS, place.id, {"zh": place.name_zh, "en": place.name_en}, np.array([found]))


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
        rows = model.rail.stations.features
        own = rows[(rows["city"] == place.id) & (rows["status"] == "in-force")]
        later = own["valid_from"].dropna()
        later = later[later > model.day.isoformat()]
        known = f"its first opened on {later.min()}" if len(later) else "it has no open station"
        raise StationClosed(station=place.name_zh, day=model.day.isoformat(), known=known)
    return Origin(CITIES, place.id, {"zh": place.name_zh, "en": place.name_en}, stations)


def _why(model: Model, station: str) -> str:
    """Why no train calls at a station on the model's day."""
    rows = model.rail.stations.features
    own = rows[rows["id"] == station]
    day = model.day.isoformat()
    opened = own[own["status"] == "in-force"]
    if opened.empty:
        return "it is not open yet; count it with --include under-construction or planned"
    later = opened["valid_from"].dropna()
    later = later[later > day]
    ended = opened["valid_to"].dropna()
    ended = ended[ended <= day]
    if len(ended) and not len(later):
        return f"it closed on {ended.max()}"
    if len(ended):
        return f"it was closed from {ended.max()} to {later.min()}"
    if len(later):
        return f"it opened on {later.min()}"
    return "no line of the record had opened there by then"
