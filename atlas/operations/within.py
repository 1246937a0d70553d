"""What lies in a place: a feature of a layer of polygons, or a box."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import shapely

from atlas.analysis.matrix import to_plane, zone_by_feature
from atlas.analysis.zone_index import index_zones
from atlas.errors import PlaceNotFound
from atlas.io import catalogue
from atlas.operations.find import PLACE_LAYERS, known_editions
from atlas.operations.show import read_layer, select
from atlas.operations.zones import ZoneSet, follow_degrees, polygon_zone, read_zones

NUMBER = r"\s*(-?\d{1,3}(?:\.\d{1,9})?)\s*"
BOX = re.compile(",".join([NUMBER] * 4))
"""West, south, east, north in degrees."""
CELLS = 20_000
"""One place needs no fine grid; the numbers are the same with any."""


def read_place(folder: Path, place: str, *, day: dt.date, known_by: dt.date) -> ZoneSet:
    """Read a place as one zone.

    Parameters
    ----------
    folder
        Where the layers lie.
    place
        ``layer:id`` as ``atlas find`` gives it, an id that one layer of polygons has, or a box
        ``west,south,east,north`` in degrees (EPSG:4326).
    day, known_by
        The extent in force on which day, as published by which day.

    Raises
    ------
    PlaceNotFound
        If the text is no place, or the place has no known extent on that day.
    LayerNotFound, EditionNotFound, FeatureNotFound, WrongKind
        If the layer or its feature is not there, or is no polygon.
    FileDamaged
        If a box lies outside the region of the atlas.
    """
    if box := BOX.fullmatch(place):
        west, south, east, north = (float(value) for value in box.groups())
        if west >= east or south >= north:
            raise PlaceNotFound(
                place=place[:60], problem="a box is west,south,east,north, the smaller first"
            )
        return polygon_zone(shapely.box(west, south, east, north), place)
    address = place if ":" in place else _address_of(folder, place, known_by=known_by)
    layer, _, feature = address.partition(":")
    catalogue.read_info(folder, layer)  # zones may also be a file, a place may not
    zones = read_zones(folder, layer, day=day, known_by=known_by)
    rows = zones.rows[zones.rows["id"] == feature]
    if len(rows) == 0:
        select(read_layer(folder, layer, known_by=known_by), day=None, feature=feature)
        problem = f"it was not in force on {day.isoformat()}, or its extent is not known"
        raise PlaceNotFound(place=place[:60], problem=problem)
    title = {"zh": rows["name_zh"].iloc[0], "en": rows["name_en"].iloc[0]}
    return replace(zones, rows=rows.reset_index(drop=True), name=address, title=title)


def _address_of(folder: Path, feature: str, *, known_by: dt.date) -> str:
    """``layer:id`` of an id that is given alone."""
    found = []
    for edition in known_editions(folder, PLACE_LAYERS, known_by=known_by):
        if catalogue.read_info(folder, edition.layer).kind == "polygon":
            features = catalogue.read_layer(folder, edition).features
            found += [f"{edition.layer}:{feature}"] if (features["id"] == feature).any() else []
    if len(found) == 1:
        return found[0]
    if found:
        problem = f"several layers have it: write one of {', '.join(found)}"
    else:
        problem = (
            "no layer of areas has this id: `atlas find NAME` gives layer:id; or a box W,S,E,N"
        )
    raise PlaceNotFound(place=feature[:60], problem=problem)


def rows_within(rows: gpd.GeoDataFrame, place: ZoneSet) -> tuple[gpd.GeoDataFrame, int]:
    """Whole features that share more than a border with a place, and how many are not known.

    What is on average narrower than the accuracy of its boundaries is no share, as in
    :func:`atlas.analysis.matrix.zone_by_feature`.

    Returns
    -------
    rows
        Those of ``rows`` that lie in the place, uncut, in their order.
    unknown
        How many have no known extent, so that nobody can say; they are left out.
    """
    drawn = rows[rows.geometry.notna()]
    zone, plane = (to_plane(follow_degrees(one, place)) for one in (place.rows, drawn))
    table = zone_by_feature(zone, plane, index=index_zones(zone.shapes, cells=CELLS))
    held = sorted(set(table.loc[~table["sliver"].astype(bool), "feature"]))
    return drawn.iloc[held], len(rows) - len(drawn)
