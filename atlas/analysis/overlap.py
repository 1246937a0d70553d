"""How much of each thing lies in each zone: one kernel for plans, parcels and lines.

Everything is computed in a plane (the equal-area working CRS). A thing that lies wholly inside a
zone is never cut: its own size is its overlap. The grid of
:mod:`atlas.analysis.zone_index` finds most of those from boxes alone, prepared pieces of zones
find the rest, and only what crosses a border is intersected.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from atlas.analysis.zone_index import OUTSIDE, ZoneIndex, copy_pieces

if TYPE_CHECKING:
    from collections.abc import Callable

SURFACE, CURVE = 2, 1
CHUNK = 4_000
"""Shapes that one thread cuts at a time."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Things to overlap with zones: their shapes in the plane, and the group of each.

    ``groups`` holds small whole numbers; ``first`` is the position of the first one in the file.
    """

    shapes: np.ndarray
    groups: np.ndarray
    first: int = 0


@dataclass(frozen=True, eq=False)
class Pairs:
    """Zone and thing of each overlap, by position, and its size in the plane's units."""

    zone: np.ndarray
    thing: np.ndarray
    size: np.ndarray


def planar_size(shapes: np.ndarray) -> np.ndarray:
    """Area of polygons, length of lines, 1 of points, in the units of the plane."""
    dimensions = shapely.get_dimensions(shapes)
    sizes = np.where(dimensions == CURVE, shapely.length(shapes), shapely.area(shapes))
    counted = np.where(dimensions == 0, shapely.get_num_geometries(shapes), sizes)
    return np.asarray(counted, dtype=float)


def overlap_pairs(
    index: ZoneIndex, shapes: np.ndarray, *, threads: int = 1,
    size: Callable[[np.ndarray], np.ndarray] = planar_size,
) -> Pairs:  # fmt: skip
    """Overlap things with zones.

    Parameters
    ----------
    index
        The zones.
    shapes
        Valid geometries in the same plane, all of one dimension; missing and empty ones
        overlap nothing.
    threads
        Threads that cut at the same time.
    size
        Measure of a geometry; additive over pieces.

    Returns
    -------
    Pairs
        Each zone and thing that share more than a border once, by thing and then by zone.
        Points on a border of zones belong to the first of them.
    """
    boxes = shapely.bounds(shapes)
    known = np.isfinite(boxes[:, 0])
    certain, zone = index.grid.zones_of(np.where(known[:, None], boxes, 0.0))
    inside = np.flatnonzero(known & certain & (zone != OUTSIDE))
    rest = np.flatnonzero(known & ~certain)
    cut = _cut_all(index, shapes, rest, threads=threads, size=size)
    zones = np.concatenate([zone[inside], cut.zone])
    things = np.concatenate([inside, cut.thing])
    sizes = np.concatenate([size(shapes[inside]), cut.size])
    return _summed(zones, things, sizes, len(index.shapes))


def _cut_all(
    index: ZoneIndex, shapes: np.ndarray, places: np.ndarray, *, threads: int,
    size: Callable[[np.ndarray], np.ndarray],
) -> Pairs:  # fmt: skip
    chunks = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]
    own = threading.local()

    def cut(chunk: np.ndarray) -> Pairs:
        if threads > 1 and not hasattr(own, "index"):
            own.index = copy_pieces(index)
        return _cut(own.index if threads > 1 else index, shapes, chunk, size)

    if threads > 1 and len(chunks) > 1:
        with ThreadPoolExecutor(threads) as pool:
            found = list(pool.map(cut, chunks))
    else:
        found = [cut(chunk) for chunk in chunks]
    if not found:
        return Pairs(np.empty(0, int), np.empty(0, int), np.empty(0))
    return Pairs(*(np.concatenate([getattr(part, name) for part in found])
                   for name in ("zone", "thing", "size")))  # fmt: skip


def _cut(
    index: ZoneIndex, shapes: np.ndarray, places: np.ndarray,
    size: Callable[[np.ndarray], np.ndarray],
) -> Pairs:  # fmt: skip
    """Overlaps of some things with the pieces of zones; what a piece contains is not cut."""
    things = shapes[places]
    thing, piece = index.tree.query(things, predicate="intersects")
    pieces = index.pieces[piece]
    shapely.prepare(pieces)
    within = shapely.contains(pieces, things[thing])
    zone, dimension = index.owner[piece], shapely.get_dimensions(things[thing])
    if len(thing) and dimension[0] == 0:
        return Pairs(zone, places[thing], np.ones(len(thing)))
    cut = things[thing]
    across = np.flatnonzero(~within)
    cut[across] = shapely.intersection(pieces[across], cut[across])
    flat = np.flatnonzero(shapely.get_dimensions(cut) == dimension)
    zone, thing, cut = zone[flat], thing[flat], cut[flat]
    if len(flat) and dimension[0] == CURVE:
        zone, thing, cut = _lines_once(zone, thing, cut)
    return Pairs(zone, places[thing], size(cut))


def _lines_once(
    zone: np.ndarray, thing: np.ndarray, cut: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut lines put together by zone: what runs along a joint of two pieces counts once."""
    order = np.lexsort((zone, thing))
    zone, thing, cut = zone[order], thing[order], cut[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (zone[1:] != zone[:-1]) | (thing[1:] != thing[:-1])
    first = np.flatnonzero(new)
    ends = np.append(first[1:], len(order))
    whole = cut[first]
    for place in np.flatnonzero(ends - first > 1):
        whole[place] = shapely.union_all(cut[first[place] : ends[place]])
    return zone[first], thing[first], whole


def _summed(zones: np.ndarray, things: np.ndarray, sizes: np.ndarray, count: int) -> Pairs:
    """Each pair once, its sizes added up; pairs that only touch are left out."""
    code, place = np.unique(things.astype(np.int64) * count + zones, return_inverse=True)
    total = np.bincount(place, weights=sizes, minlength=len(code))
    kept = total > 0
    return Pairs((code % count)[kept], (code // count)[kept], total[kept])


def overlap_groups(
    index: ZoneIndex, batches: Iterable[Batch], *, groups: int, threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Add up overlaps by zone and group, batch by batch: memory does not grow with the file.

    Parameters
    ----------
    index
        The zones.
    batches
        Things, as a reader yields them.
    groups
        How many groups there are.
    threads
        Threads that cut at the same time.
    progress
        Called with the number of things done after each batch.

    Returns
    -------
    pandas.DataFrame
        ``zone`` and ``group`` by position, ``size`` in the units of the plane, and ``things``:
        how many overlap; only pairs that overlap.
    """
    shape = (len(index.shapes), groups)
    size, things = np.zeros(shape), np.zeros(shape, dtype=int)
    done = 0
    for batch in batches:
        pairs = overlap_pairs(index, batch.shapes, threads=threads)
        group = batch.groups[pairs.thing]
        np.add.at(size, (pairs.zone, group), pairs.size)
        np.add.at(things, (pairs.zone, group), 1)
        done += len(batch.shapes)
        if progress:
            progress(done)
    zone, group = np.nonzero(things)
    return pd.DataFrame(
        {"zone": zone, "group": group, "size": size[zone, group], "things": things[zone, group]}
    )


def overlap_shapes(
    zones: np.ndarray, things: np.ndarray, pairs: Pairs
) -> Iterator[tuple[int, int, shapely.Geometry]]:
    """The pieces themselves: what each pair shares, whole."""
    for zone, thing in zip(pairs.zone.tolist(), pairs.thing.tolist(), strict=True):
        cut = shapely.intersection(zones[zone], things[thing])
        dimension = shapely.get_dimensions(things[thing])
        parts = shapely.get_parts(cut)
        parts = parts[shapely.get_dimensions(parts) == dimension]
        if len(parts):
            yield zone, thing, parts[0] if len(parts) == 1 else shapely.union_all(parts)
