"""What a change gained, lost and kept on the ground: the pieces themselves, and their sizes.

Edges of the atlas are straight in longitude and latitude (RFC 7946), so pieces are cut there,
where a border that two states share is the very same line; they are measured like every area
and length of the atlas, in the equal-area working CRS and on the ellipsoid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.core.crs import STORAGE_CRS, area_km2, length_km

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.analysis.diff import Diff

SORTS = ("gained", "lost", "kept", "transferred", "undetermined")
"""What a piece is. ``transferred`` goes from one id to another, ``undetermined`` is the extent
of one side where the other's was never published."""
SURFACE = 2
Piece = tuple[int, str, object, object, shapely.Geometry]
"""Position of the change, sort, id it comes from, id it goes to, shape."""


def pieces(diff: Diff) -> gpd.GeoDataFrame:
    """Cut the geometry of every change into pieces.

    Parameters
    ----------
    diff
        A difference of two states in EPSG:4326.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, one row a piece: ``place`` (position in ``diff.changes``), ``change`` (one of
        :data:`SORTS`), ``from_id`` and ``to_id`` (None where it comes from or goes to nothing),
        and ``size``: km² of polygons, geodesic km of lines, 0 of points.
    """
    simple = [
        place
        for place, change in enumerate(diff.changes)
        if len(change.old) <= 1 and len(change.new) <= 1
    ]
    cut = _simple_pieces(diff, simple)
    grouped = set(range(len(diff.changes))).difference(simple)
    cut += [piece for place in sorted(grouped) for piece in _group_pieces(diff, place)]
    cut = [piece for piece in cut if not piece[4].is_empty]
    cut.sort(key=lambda piece: piece[0])
    columns = ["place", "change", "from_id", "to_id"]
    table = pd.DataFrame([piece[:4] for piece in cut], columns=columns, dtype=object)
    shapes = np.array([piece[4] for piece in cut], dtype=object)
    found = gpd.GeoDataFrame(table.astype({"place": int}), geometry=shapes, crs=STORAGE_CRS)
    return found.assign(size=_sizes(found.geometry))


def sizes(diff: Diff, cut: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sizes of every change, from its pieces.

    Parameters
    ----------
    diff
        The difference.
    cut
        Its pieces, from :func:`pieces`.

    Returns
    -------
    pandas.DataFrame
        One row a change, on its position: ``old`` and ``new`` (what the rows covered before
        and after), ``gained``, ``lost``, ``kept``, ``transferred``; km² or km, NaN where a side
        has no geometry. ``old`` is kept + lost + transferred, ``new`` is kept + gained +
        transferred.
    """
    index = range(len(diff.changes))
    table = cut.pivot_table(index="place", columns="change", values="size", aggfunc="sum")
    table = table.reindex(index=index, columns=list(SORTS[:4]), fill_value=0.0).fillna(0.0)
    table["old"] = table["kept"] + table["lost"] + table["transferred"]
    table["new"] = table["kept"] + table["gained"] + table["transferred"]
    drawn_old = ~shapely.is_missing(diff.old.geometry.to_numpy())
    drawn_new = ~shapely.is_missing(diff.new.geometry.to_numpy())
    whole = cut[cut["change"] == "undetermined"].groupby("place")["size"].sum()
    for place, change in enumerate(diff.changes):
        known_old = bool(drawn_old[list(change.old)].any())
        known_new = bool(drawn_new[list(change.new)].any())
        blind_old, blind_new = change.old and not known_old, change.new and not known_new
        if blind_old or blind_new:
            table.loc[place] = np.nan
            if known_old or known_new:
                table.loc[place, "old" if known_old else "new"] = whole.get(place, 0.0)
    return pd.DataFrame(table)


def _simple_pieces(diff: Diff, places: list[int]) -> list[Piece]:
    """Pieces of changes with at most one row on each side, all at once."""
    name = diff.key[0]
    before, old = _side(diff.old, name, [diff.changes[place].old for place in places])
    after, new = _side(diff.new, name, [diff.changes[place].new for place in places])
    reworded = np.array([diff.changes[place].kind == "reworded" for place in places], dtype=bool)
    came = np.array([not diff.changes[place].old for place in places], dtype=bool)
    gone = np.array([not diff.changes[place].new for place in places], dtype=bool)
    both = ~shapely.is_missing(before) & ~shapely.is_missing(after) & ~reworded
    one, other = before[both], after[both]
    half = ~came & ~gone & ~both & ~reworded
    told: list[tuple[str, np.ndarray, np.ndarray]] = [
        ("gained", np.flatnonzero(came), after[came]),
        ("lost", np.flatnonzero(gone), before[gone]),
        ("kept", np.flatnonzero(reworded), after[reworded]),
        ("undetermined", np.flatnonzero(half), before[half]),
        ("undetermined", np.flatnonzero(half), after[half]),
        ("gained", np.flatnonzero(both), _like(other, shapely.difference(other, one))),
        ("lost", np.flatnonzero(both), _like(one, shapely.difference(one, other))),
        ("kept", np.flatnonzero(both), _like(one, shapely.intersection(one, other))),
    ]
    return [
        (
            places[row], sort, None if sort == "gained" else old[row],
            None if sort == "lost" else new[row], shape,
        )
        for sort, rows, shapes in told
        for row, shape in zip(rows.tolist(), shapes, strict=True)
        if shape is not None
    ]  # fmt: skip


def _side(
    rows: gpd.GeoDataFrame, name: str, places: list[tuple[int, ...]]
) -> tuple[np.ndarray, list[object]]:
    """Geometry and id of each place; None where there is no row or no geometry."""
    shapes, ids = rows.geometry.to_numpy(), rows[name].to_numpy(object)
    found = np.full(len(places), None, dtype=object)
    held = [number for number, place in enumerate(places) if place]
    found[held] = shapes[[places[number][0] for number in held]]
    return found, [ids[place[0]] if place else None for place in places]


def _group_pieces(diff: Diff, place: int) -> Iterator[Piece]:
    """Pieces of a change of several rows: what flows from each id to each id."""
    change = diff.changes[place]
    before = _by_id(diff.old, diff.key[0], change.old)
    after = _by_id(diff.new, diff.key[0], change.new)
    if not before or not after:
        for id_, shape in (before or after).items():
            yield place, "undetermined", id_ if before else None, id_ if after else None, shape
        return
    all_before = shapely.union_all(list(before.values()))
    all_after = shapely.union_all(list(after.values()))
    for id_, shape in after.items():
        yield place, "gained", None, id_, _only_like(shape, shapely.difference(shape, all_before))
    for id_, shape in before.items():
        yield place, "lost", id_, None, _only_like(shape, shapely.difference(shape, all_after))
        for other, target in after.items():
            common = _only_like(shape, shapely.intersection(shape, target))
            yield place, "kept" if id_ == other else "transferred", id_, other, common


def _by_id(
    rows: gpd.GeoDataFrame, column: str, places: tuple[int, ...]
) -> dict[object, shapely.Geometry]:
    """What the rows of each id cover together."""
    groups: dict[object, list[shapely.Geometry]] = {}
    for place in places:
        shape = rows.geometry.iloc[place]
        if shape is not None:
            groups.setdefault(rows[column].iloc[place], []).append(shape)
    return {id_: shapely.union_all(shapes) for id_, shapes in groups.items()}


def _like(shapes: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """Pieces of the dimension of what they were cut from: no edge where areas only touch."""
    mixed = shapely.get_type_id(cut) == shapely.GeometryType.GEOMETRYCOLLECTION
    lower = shapely.get_dimensions(cut) != shapely.get_dimensions(shapes)
    for place in np.flatnonzero(mixed | lower):
        cut[place] = _only_like(shapes[place], cut[place])
    return cut


def _only_like(shape: shapely.Geometry, cut: shapely.Geometry) -> shapely.Geometry:
    wanted = shapely.get_dimensions(shape)
    if shapely.get_dimensions(cut) == wanted and cut.geom_type != "GeometryCollection":
        return shapely.line_merge(cut) if cut.geom_type == "MultiLineString" else cut
    parts = [part for part in shapely.get_parts(cut) if shapely.get_dimensions(part) == wanted]
    return shapely.union_all(parts) if parts else shapely.GeometryCollection()


def _sizes(shapes: gpd.GeoSeries) -> pd.Series:
    surface = shapely.get_dimensions(shapes.to_numpy()) == SURFACE
    return area_km2(shapes).where(surface, length_km(shapes))
