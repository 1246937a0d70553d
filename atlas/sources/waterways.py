"""The way along a network of lines through points that are known to lie on it."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from itertools import pairwise

import shapely

from atlas.errors import SourceError

Place = tuple[float, float]
Network = dict[Place, dict[Place, float]]

BRIDGE_DEGREES = 0.005
"""Loose ends are joined to what lies this near (about 500 m): confluences are not noded."""
REACH_DEGREES = 0.05
"""A way-point must lie this near to the network (about 5 km)."""
_BRIDGE_COST = 3.0


def to_network(lines: list[shapely.LineString]) -> Network:
    """Every vertex of the lines, with its neighbours and how far they are in degrees.

    A loose end is bridged to the nearest vertex of another line; a bridge counts three
    times its length, so that no way takes it where the line itself goes on.
    """
    network: Network = defaultdict(dict)
    line_of: dict[Place, int] = {}
    for number, line in enumerate(lines):
        places = _places(line)
        line_of.update(dict.fromkeys(places, number))
        for one, other in pairwise(places):
            if one != other:
                _join(network, one, other, _distance(one, other))
    _bridge(network, line_of)
    return network


def trace(network: Network, way_points: list[Place]) -> shapely.LineString:
    """Shortest way along the network from the first way-point by all others to the last.

    Where a way-point sits on a spur, the way there and back is left out.

    Raises
    ------
    SourceError
        If a way-point lies off the network, or there is no way to the next.
    """
    places = [_nearest(network, point) for point in way_points]
    way = [places[0]]
    for start, end in pairwise(places):
        for place in _shortest(network, start, end)[1:]:
            if place == (way[-2] if len(way) > 1 else None):
                way.pop()
            else:
                way.append(place)
    return shapely.LineString(way)


def _places(line: shapely.LineString) -> list[Place]:
    return [(round(float(x), 6), round(float(y), 6)) for x, y in shapely.get_coordinates(line)]


def _distance(one: Place, other: Place) -> float:
    shrink = math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot((one[0] - other[0]) * shrink, one[1] - other[1])


def _join(network: Network, one: Place, other: Place, cost: float) -> None:
    network[one][other] = network[other][one] = cost


def _bridge(network: Network, line_of: dict[Place, int]) -> None:
    places = list(network)
    tree = shapely.STRtree(shapely.points(places))
    for end in [place for place in places if len(network[place]) == 1]:
        near = tree.query(shapely.Point(end), predicate="dwithin", distance=BRIDGE_DEGREES)
        others = [places[i] for i in near if line_of[places[i]] != line_of[end]]
        if others:
            best = min(others, key=lambda place: (_distance(end, place), place))
            _join(network, end, best, _BRIDGE_COST * _distance(end, best))


def _nearest(network: Network, point: Place) -> Place:
    reach = 2 * REACH_DEGREES
    around = [p for p in network if abs(p[0] - point[0]) < reach and abs(p[1] - point[1]) < reach]
    place = min(around, key=lambda p: (_distance(p, point), p), default=None)
    if place is None or _distance(place, point) > REACH_DEGREES:
        raise SourceError(f"way-point {point} lies more than 5 km from every line")
    return place


def _shortest(network: Network, start: Place, end: Place) -> list[Place]:
    """Dijkstra's algorithm (1959); ties go to the smaller coordinates."""
    queue: list[tuple[float, Place, Place | None]] = [(0.0, start, None)]
    before: dict[Place, Place | None] = {}
    while queue:
        cost, place, previous = heapq.heappop(queue)
        if place in before:
            continue
        before[place] = previous
        if place == end:
            return _walk_back(before, end)
        for neighbour, step in network[place].items():
            if neighbour not in before:
                heapq.heappush(queue, (cost + step, neighbour, place))
    raise SourceError(f"no way along the lines from {start} to {end}")


def _walk_back(before: dict[Place, Place | None], end: Place) -> list[Place]:
    way: list[Place] = []
    place: Place | None = end
    while place is not None:
        way.append(place)
        place = before[place]
    return way[::-1]
