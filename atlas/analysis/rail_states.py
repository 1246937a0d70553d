"""The graph whose shortest paths are journeys: trains at stations, and people between trains.

A state is a train that arrives at a stop or departs from it (express or stopping train, in one
direction of one section), or a passenger who has got off at a station or is about to board. So a
change is charged where a passenger changes trains, and nowhere else. Every edge has its mirror
image of the same cost: journeys take as long back as there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import csr_array

from atlas.analysis.rail_network import plane_points
from atlas.analysis.travel_time import Assumptions, running_kmh, section_loss_min

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlas.analysis.rail_network import RailNetwork, Section

TOGETHER_M = 1_000.0
"""Stations closer than this are one place: a walk apart, their tracks joined."""
WALK_KMH = 4.5
TRANSFER_MOST_M = 60_000.0
"""Stations of one city farther apart than this are no place to change at."""
EXPRESS, STOPPING, URBAN, STREET = range(4)
"""What a passenger is on: a kind of train of a main line, a metro or suburban train, or none."""
AHEAD, BACK = 0, 1


@dataclass(frozen=True, eq=False)
class StateGraph:
    """States and what it takes from one to the next.

    Attributes
    ----------
    network, assumed
        What it was made of.
    minutes
        Minutes by edge, a sparse matrix (states × states).
    station
        Station of each state (position).
    section
        Section of each state (position); -1 for a passenger on foot.
    at_km
        Kilometre of the section at which the state's stop lies; 0 on foot.
    kind
        :data:`EXPRESS`, :data:`STOPPING`, :data:`URBAN` or :data:`STREET`.

    States 0 … n − 1 are passengers about to board at each station, n … 2n − 1 those who have
    got off.
    """

    network: RailNetwork
    assumed: Assumptions
    minutes: csr_array
    station: np.ndarray
    section: np.ndarray
    at_km: np.ndarray
    kind: np.ndarray

    @property
    def count(self) -> int:
        """How many stations there are."""
        return len(self.network.stations)


@dataclass
class _Builder:
    """States and edges as they are found."""

    station: list[np.ndarray] = field(default_factory=list)
    section: list[np.ndarray] = field(default_factory=list)
    at_km: list[np.ndarray] = field(default_factory=list)
    kind: list[np.ndarray] = field(default_factory=list)
    edges: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    size: int = 0

    def states(self, station: np.ndarray, section: int, at_km: np.ndarray, kind: int
               ) -> np.ndarray:  # fmt: skip
        """New states; return their numbers."""
        count = len(station)
        numbers = np.arange(self.size, self.size + count)
        self.size += count
        self.station.append(station)
        self.section.append(np.full(count, section))
        self.at_km.append(at_km)
        self.kind.append(np.full(count, kind))
        return numbers

    def edge(self, start: object, end: object, minutes: object) -> None:
        """New edges, one by one in order; minutes may be one number for all."""
        one, other = np.atleast_1d(np.asarray(start)), np.atleast_1d(np.asarray(end))
        self.edges.append((one, other, np.broadcast_to(np.asarray(minutes, float), one.shape)))


@dataclass(frozen=True)
class _Call:
    """A main-line train at a stop: its two states, where it comes from and where it goes.

    ``stops`` says whether it may stop there when it passes.
    """

    arrive: int
    depart: int
    heading_in: float
    heading_out: float
    kind: int
    loss_min: float
    kmh: float
    section: int
    stops: bool


def state_graph(network: RailNetwork, assumed: Assumptions, named: np.ndarray) -> StateGraph:
    """Build the graph of a network.

    Parameters
    ----------
    network
        Stations and sections of a day.
    assumed
        The model's assumptions.
    named
        Stations at which expresses call (:func:`atlas.analysis.rail_network.named_stations`).
    """
    built = _Builder()
    count = len(network.stations)
    everywhere = np.arange(count)
    for _ in range(2):
        built.states(everywhere, -1, np.zeros(count), STREET)
    built.edge(everywhere + count, everywhere, assumed.interchange_min)
    place_of = {station: place for place, station in enumerate(network.stations["id"])}
    stops = [
        np.array([place_of[stop] for stop in section.stops], dtype=int)
        for section in network.sections
    ]
    points = plane_points(network)
    near = _near_pairs(points)
    meeting = _meeting(network.sections, stops, near, count)
    calls: dict[int, list[_Call]] = {}
    urban: dict[tuple[str, int], int] = {}
    for number, section in enumerate(network.sections):
        if section.urban:
            _urban(built, number, section, stops[number], assumed, urban, count)
            continue
        here = stops[number]
        for kind in (EXPRESS, STOPPING):
            called = named[here] if kind == EXPRESS else np.ones(len(here), bool)
            _main(built, number, section, here, kind, called, meeting[here], assumed, calls,
                  count)  # fmt: skip
    _run_on(built, calls, near, points, assumed)
    _transfers(built, network, stops, near, points, assumed, count)
    return _finish(built, network, assumed)


def _finish(built: _Builder, network: RailNetwork, assumed: Assumptions) -> StateGraph:
    start, end, minutes = (np.concatenate(parts) for parts in zip(*built.edges, strict=True))
    # Two edges between the same states: the shorter one counts; zeros stay edges.
    order = np.lexsort((minutes, end, start))
    start, end, minutes = start[order], end[order], minutes[order]
    first = np.ones(len(start), bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    shape = (built.size, built.size)
    matrix = csr_array((minutes[first], (start[first], end[first])), shape=shape)
    return StateGraph(
        network, assumed, matrix, np.concatenate(built.station), np.concatenate(built.section),
        np.concatenate(built.at_km), np.concatenate(built.kind),
    )  # fmt: skip


def _near_pairs(points: np.ndarray) -> list[tuple[int, int]]:
    """Stations within :data:`TOGETHER_M` of each other, each pair once."""
    if len(points) == 0:
        return []
    shapes = shapely.points(points)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOGETHER_M)
    return [(int(a), int(b)) for a, b in zip(one, other, strict=True) if a < b]


def _meeting(
    sections: Iterable[Section], stops: list[np.ndarray], near: list[tuple[int, int]], count: int
) -> np.ndarray:
    """Whether two main sections meet at each station or beside it."""
    served = np.zeros(count, dtype=int)
    for section, places in zip(sections, stops, strict=True):
        if not section.urban:
            served[places] += 1
    meeting = served > 1
    for one, other in near:
        if served[one] and served[other]:
            meeting[[one, other]] = True
    return meeting


def _main(
    built: _Builder, number: int, section: Section, places: np.ndarray, kind: int,
    called: np.ndarray, meeting: np.ndarray, assumed: Assumptions,
    calls: dict[int, list[_Call]], count: int,
) -> None:  # fmt: skip
    """States of one kind of train on a main section, both ways.

    It has states where it calls and where it may go on to another line.
    """
    kept = np.flatnonzero(called | meeting)
    if not called.any() or len(kept) < 2:  # noqa: PLR2004 - a train goes from stop to stop
        return
    at_km = np.concatenate([[0.0], np.cumsum(section.km)])[kept]
    here, calling = places[kept], called[kept]
    kmh = running_kmh(section, assumed)
    loss = section_loss_min(section, assumed)
    passing = np.where(calling, share_of(kind, assumed) * (loss + assumed.dwell_min), 0.0)
    running = np.diff(at_km) / kmh * 60.0
    bearing = section.bearing[kept]
    for way in (AHEAD, BACK):
        arrive = built.states(here, number, at_km, kind)
        depart = built.states(here, number, at_km, kind)
        one, other = (slice(None, -1), slice(1, None))[:: 1 if way == AHEAD else -1]
        built.edge(depart[one], arrive[other], running)
        built.edge(arrive[1:-1], depart[1:-1], passing[1:-1])
        built.edge(here[calling], depart[calling], loss / 2.0)
        built.edge(arrive[calling], here[calling] + count, loss / 2.0)
        heading_in, heading_out = bearing[:, way] + 180.0, bearing[:, 1 - way]
        for place in np.flatnonzero(meeting[kept]):
            calls.setdefault(int(here[place]), []).append(
                _Call(int(arrive[place]), int(depart[place]), float(heading_in[place]),
                      float(heading_out[place]), kind, loss, kmh, number, bool(calling[place]))
            )  # fmt: skip


def share_of(kind: int, assumed: Assumptions) -> float:
    """Share of the stations at which a train of a kind stops of those that it passes."""
    return assumed.express_share if kind == EXPRESS else assumed.stopping_share


def _run_on(
    built: _Builder, calls: dict[int, list[_Call]], near: list[tuple[int, int]],
    points: np.ndarray, assumed: Assumptions,
) -> None:  # fmt: skip
    """Edges of trains that go on to another line, at a station or at one beside it."""
    found: list[tuple[int, int, float]] = []
    both = [(place, place) for place in calls]
    both += [pair for one, other in near for pair in ((one, other), (other, one))]
    for here, there in both:
        apart_km = float(np.hypot(*(points[here] - points[there]))) / 1000.0
        for one in calls.get(here, ()):
            for other in calls.get(there, ()):
                if (
                    one.kind == other.kind
                    and one.section != other.section
                    and _goes(one.heading_in, other.heading_out, assumed.turn_deg)
                ):
                    between = apart_km / min(one.kmh, other.kmh) * 60.0
                    minutes = _passing(one, other, assumed) + between
                    found.append((one.arrive, other.depart, minutes))
    if found:
        built.edge(*(np.array(column) for column in zip(*found, strict=True)))


def _goes(heading_in: float, heading_out: float, most_deg: float) -> bool:
    turn = abs((heading_out - heading_in + 180.0) % 360.0 - 180.0)
    return bool(turn <= most_deg)


def _passing(one: _Call, other: _Call, assumed: Assumptions) -> float:
    """Minutes where a train goes on to another line: that, and a stop by the share of stops."""
    if not (one.stops or other.stops):
        return assumed.run_on_min
    stop = (one.loss_min + other.loss_min) / 2.0 + assumed.dwell_min
    return assumed.run_on_min + share_of(one.kind, assumed) * stop


def _urban(
    built: _Builder, number: int, section: Section, places: np.ndarray, assumed: Assumptions,
    urban: dict[tuple[str, int], int], count: int,
) -> None:  # fmt: skip
    """States of an urban line, one a stop: trains stop everywhere, sections of a line are one."""
    at_km = np.concatenate([[0.0], np.cumsum(section.km)])
    states = built.states(places, number, at_km, URBAN)
    for state, place in zip(states.tolist(), places.tolist(), strict=True):
        first = urban.setdefault((section.line, place), state)
        if first != state:
            built.edge([first, state], [state, first], 0.0)
    running = section.km / running_kmh(section, assumed) * 60.0
    hop = running + section_loss_min(section, assumed) + assumed.urban_dwell_min
    built.edge(states[:-1], states[1:], hop)
    built.edge(states[1:], states[:-1], hop)
    built.edge(places, states, 0.0)
    built.edge(states, places + count, 0.0)


def _transfers(
    built: _Builder, network: RailNetwork, stops: list[np.ndarray], near: list[tuple[int, int]],
    points: np.ndarray, assumed: Assumptions, count: int,
) -> None:  # fmt: skip
    """Ways between stations: a walk where they are together, else across the city.

    Across the city lead ways between stations of main lines, and from the nearest station
    of each urban section to each of them.
    """
    minutes: dict[tuple[int, int], float] = {}
    for one, other in near:
        walk = float(np.hypot(*(points[one] - points[other]))) / 1000.0 / WALK_KMH * 60.0
        minutes[one, other] = assumed.interchange_min + walk
    for one, other in _across(network, stops, points):
        if (one, other) not in minutes:
            way_km = float(np.hypot(*(points[one] - points[other]))) / 1000.0
            ride = way_km / assumed.transfer_kmh * 60.0
            minutes[one, other] = assumed.other_station_min + ride
    if not minutes:
        return
    pairs = np.array(list(minutes))
    cost = np.array(list(minutes.values()))
    for start, end in ((pairs[:, 0], pairs[:, 1]), (pairs[:, 1], pairs[:, 0])):
        built.edge(start + count, end, cost)
        built.edge(start, end, cost)
        built.edge(start + count, end + count, cost)


def _across(
    network: RailNetwork, stops: list[np.ndarray], points: np.ndarray
) -> set[tuple[int, int]]:
    """Pairs of stations of one city between which people change, the smaller position first."""
    city = network.stations["city"].to_numpy(object)
    main = {int(p) for section, places in zip(network.sections, stops, strict=True)
            if not section.urban for p in places}  # fmt: skip
    urban: dict[tuple[int, str], set[int]] = {}
    for number, (section, places) in enumerate(zip(network.sections, stops, strict=True)):
        if section.urban:
            for place in places.tolist():
                urban.setdefault((number, str(city[place])), set()).add(place)
    pairs: set[tuple[int, int]] = set()
    by_city: dict[str, list[int]] = {}
    for place in sorted(main):
        by_city.setdefault(str(city[place]), []).append(place)
    for own in by_city.values():
        pairs |= {(a, b) for a in own for b in own if a < b}
    for (_, code), held in urban.items():
        ids = np.array(sorted(held))
        for place in by_city.get(code, ()):
            apart = np.hypot(*(points[ids] - points[place]).T)
            nearest = int(ids[int(apart.argmin())])
            if nearest != place:
                pairs.add((min(nearest, place), max(nearest, place)))
    return {(a, b) for a, b in pairs if np.hypot(*(points[a] - points[b])) <= TRANSFER_MOST_M}
