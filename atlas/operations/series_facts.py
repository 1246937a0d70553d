"""Figures of every place of a series: what it holds of each layer, with whom, what changed.

Everything is read from the editions that a recipe pins, so that the same recipe gives the same
figures. Rows of one feature with one status are put together: their common places count once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.matrix import Plane, covered, to_plane, zone_by_feature
from atlas.analysis.matrix_change import matrix_change
from atlas.analysis.zone_index import ZoneIndex, index_zones
from atlas.core.period import as_of, day_uncertain
from atlas.operations.figure_data import shown_day
from atlas.operations.overlap import PLANNED
from atlas.operations.zones import one_row_each

if TYPE_CHECKING:
    from atlas.core.layer import Layer, LayerInfo
    from atlas.core.recipe import Recipe

IN_FORCE = "in-force"
CENSUS = "census_2020"


@dataclass(frozen=True, eq=False)
class Places:
    """The places of a series on its two days.

    ``rows`` has one row a place (``id``, ``name_zh``, ``name_en``, ``estimated``, geometry in
    EPSG:4326) on the later day, ``former`` the same on the earlier one, if there is one;
    ``residents`` the census of 2020 by id where the layer has it; ``pending`` the statuses by id
    of places that are not in force.
    """

    info: LayerInfo
    rows: gpd.GeoDataFrame
    plane: Plane
    index: ZoneIndex
    former: gpd.GeoDataFrame | None
    residents: dict[str, int | None] | None
    pending: dict[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class LayerFacts:
    """One layer in the places of a series.

    Parameters
    ----------
    info
        The layer.
    features
        One row a feature and status: ``id``, both names, ``status``, ``plan_version`` (empty
        if it has several), ``uncertain``.
    table
        Pairs of place and feature (positions) with ``size`` and ``share_of_zone``, without
        overlaps that may be nothing at all.
    covered
        What features in force cover of each place, counted once: km², km or a count.
    unknown
        How many features have no published extent: nobody can say where they are.
    change
        Of features in force, by ids of place and feature, between the two days: as of
        :func:`atlas.analysis.matrix_change.matrix_change`; None without a second day.
    names
        Names of all features of the edition by id, for those that are gone.
    """

    info: LayerInfo
    features: pd.DataFrame
    table: pd.DataFrame
    covered: np.ndarray
    unknown: int
    change: pd.DataFrame | None
    names: dict[str, dict[str, str]]


def read_places(layer: Layer, recipe: Recipe) -> Places:
    """Places of a layer of polygons on the days of a recipe, by id."""
    day = shown_day(recipe)
    current = as_of(layer.features, day)
    rows = one_row_each(current)
    former = one_row_each(as_of(layer.features, recipe.day)) if recipe.until else None
    plane = to_plane(rows)
    residents = None
    if CENSUS in current:
        known = current.dropna(subset=[CENSUS]).groupby("id")[CENSUS].first()
        residents = {id_: int(known[id_]) if id_ in known else None for id_ in rows["id"]}
    statuses = current[current.geometry.notna()].groupby("id")["status"].unique()
    pending = {
        str(id_): tuple(map(str, held)) for id_, held in statuses.items() if IN_FORCE not in held
    }
    return Places(layer.info, rows, plane, index_zones(plane.shapes), former, residents, pending)


def measure(layer: Layer, places: Places, recipe: Recipe) -> LayerFacts:
    """Measure one layer in all places."""
    current = _together(layer, shown_day(recipe))
    drawn = current[current.geometry.notna()].reset_index(drop=True)
    plane = to_plane(drawn)
    table = zone_by_feature(places.plane, plane, index=places.index)
    table = table[~table["sliver"].astype(bool)]
    held = to_plane(drawn[drawn["status"] == IN_FORCE])
    once = covered(places.plane, held, index=places.index)
    real = drawn["status"].iloc[table["feature"]].to_numpy() == IN_FORCE
    once[~np.isin(np.arange(len(once)), table["zone"].to_numpy()[real])] = 0.0
    change = _changes(layer, places, recipe) if places.former is not None else None
    names = {
        row.id: {"zh": row.name_zh, "en": row.name_en}
        for row in layer.features[["id", "name_zh", "name_en"]].itertuples(index=False)
    }
    features = pd.DataFrame(drawn.drop(columns="geometry"))
    return LayerFacts(layer.info, features, table, once, len(current) - len(drawn), change, names)


def _together(layer: Layer, day: dt.date) -> gpd.GeoDataFrame:
    """Rows as of a day, those of one feature and status as one."""
    rows = as_of(layer.features, day)
    doubt = day_uncertain(rows, day)
    if layer.info.theme in PLANNED:
        doubt |= rows["valid_from"].isna()
    groups = rows.assign(uncertain=doubt).groupby(["id", "status"], sort=True)
    table = groups.agg(
        name_zh=("name_zh", "first"), name_en=("name_en", "first"),
        plan_version=("plan_version", _only), accuracy_m=("accuracy_m", "max"),
        uncertain=("uncertain", "any"),
    ).reset_index()  # fmt: skip
    shapes = [_whole(group.geometry) for _, group in groups]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=rows.crs)


def _only(values: pd.Series) -> str:
    """The one value of a group; empty if there are several."""
    found = values.unique()
    return str(found[0]) if len(found) == 1 else ""


def _whole(shapes: gpd.GeoSeries) -> shapely.Geometry | None:
    known = shapes[shapes.notna()].to_numpy()
    if len(known) == 0:
        return None
    return known[0] if len(known) == 1 else shapely.union_all(known)


def _changes(layer: Layer, places: Places, recipe: Recipe) -> pd.DataFrame:
    """What places gained and lost of features in force between the two days.

    A feature whose extent was not published on one of the days is left out.
    """
    current = [
        rows[rows["status"] == IN_FORCE]
        for rows in (as_of(layer.features, day) for day in (recipe.day, shown_day(recipe)))
    ]
    unknown = {id_ for rows in current for id_ in rows.loc[rows.geometry.isna(), "id"]}
    old, new = (
        one_row_each(rows[~rows["id"].isin(unknown)]).set_index("id").geometry for rows in current
    )
    former = places.former if places.former is not None else places.rows
    zones = [frame.set_index("id").geometry for frame in (former, places.rows)]
    return matrix_change(zones[0], zones[1], old, new)
