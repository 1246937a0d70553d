"""Compare a layer with itself: two days, two editions, or two plan versions of one feature."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from atlas.analysis.diff import Diff, diff_rows
from atlas.analysis.pieces import pieces, sizes
from atlas.core.crs import STORAGE_CRS, area_km2, length_km
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of, day_uncertain, parse_day
from atlas.core.schema import KEY
from atlas.core.units import Units
from atlas.errors import VersionNotFound
from atlas.io import catalogue
from atlas.operations.describe import NAMING_LAYERS
from atlas.operations.find import known_editions
from atlas.operations.show import read_layer, select

DAYS, EDITIONS, VERSIONS = "days", "editions", "versions"
BY = (DAYS, EDITIONS, VERSIONS)
UNIT = {"polygon": "km²", "line": "km", "point": ""}


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two states: whose rows, as of when, from which edition.

    ``day`` is set when days are compared, ``version`` when plan versions are.
    """

    edition: Edition
    rows: gpd.GeoDataFrame
    day: dt.date | None = None
    version: str | None = None

    @property
    def label(self) -> str:
        """What tells this side from the other: the day, the version, or the edition's number."""
        return self.day.isoformat() if self.day else self.version or str(self.edition.edition)

    @cached_property
    def doubtful(self) -> tuple[tuple[str, str, str], ...]:
        """Id, version and part of rows that may or may not have been in force on the day."""
        if self.day is None:
            return ()
        rows = self.rows[day_uncertain(self.rows, self.day)]
        return tuple(zip(*(rows[name] for name in KEY), strict=True))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two states of a layer and what differs between them.

    ``pieces`` and ``sizes`` are those of :mod:`atlas.analysis.pieces`; ``unit`` is what sizes
    are in (empty for points). ``known_by`` is the day by which editions counted.
    """

    info: LayerInfo
    by: str
    old: Side
    new: Side
    known_by: dt.date
    diff: Diff
    pieces: gpd.GeoDataFrame
    sizes: pd.DataFrame
    units: Units
    feature: str | None = None

    @property
    def unit(self) -> str:
        """Unit of all sizes."""
        return UNIT[self.info.kind]

    def sizes_of(self, place: int) -> dict[str, float]:
        """Sizes of one change by name, as in :func:`atlas.analysis.pieces.sizes`."""
        values = self.sizes.to_numpy(float)[place].tolist()
        return dict(zip(map(str, self.sizes.columns), values, strict=True))

    def measure(self, shape: shapely.Geometry | None) -> float:
        """Size of one geometry in the unit of the comparison; NaN where there is none."""
        measured = {"km²": area_km2, "km": length_km}.get(self.unit)
        if shape is None or measured is None:
            return float("nan")
        return float(measured(gpd.GeoSeries([shape], crs=STORAGE_CRS)).iloc[0])


def compare_days(
    layer: Layer, old: dt.date, new: dt.date, *, known_by: dt.date, units: Units,
    feature: str | None = None,
) -> Comparison:  # fmt: skip
    """What is in force on one day and on another, by one edition.

    Parameters
    ----------
    layer
        The layer at the edition that counts.
    old, new
        The two days; the second may lie before the first.
    known_by
        The day by which the edition was chosen.
    units
        Names of the units that rows name.
    feature
        Only this feature.

    Raises
    ------
    FeatureNotFound
        If the edition has no such feature.
    """
    sides = [Side(layer.edition, _rows(layer, day, feature), day=day) for day in (old, new)]
    return _compare(layer.info, DAYS, sides[0], sides[1], known_by, units, feature)


def compare_editions(
    old: Layer, new: Layer, *, known_by: dt.date, units: Units, feature: str | None = None
) -> Comparison:
    """What one edition of the record holds and another does not, in all periods.

    Raises
    ------
    FeatureNotFound
        If neither edition has such a feature.
    """
    if feature is not None and not (old.features["id"] == feature).any():
        select(new, day=None, feature=feature)
    sides = [Side(layer.edition, _of_feature(layer.features, feature)) for layer in (old, new)]
    return _compare(new.info, EDITIONS, sides[0], sides[1], known_by, units, feature)


def compare_versions(
    layer: Layer, feature: str, old: str, new: str, *, known_by: dt.date, units: Units
) -> Comparison:
    """What differs between two plan versions of one feature, by one edition.

    Raises
    ------
    FeatureNotFound
        If the edition has no such feature.
    VersionNotFound
        If the feature has no such plan version.
    """
    rows = select(layer, day=None, feature=feature)
    sides = []
    for version in (old, new):
        of_version = rows[rows["plan_version"] == version]
        if len(of_version) == 0:
            versions = rows["plan_version"].unique()
            raise VersionNotFound(
                layer=layer.info.id, feature=feature, version=version[:60],
                known=", ".join(versions),
            )  # fmt: skip
        sides.append(Side(layer.edition, of_version, version=version))
    return _compare(layer.info, VERSIONS, sides[0], sides[1], known_by, units, feature)


def _rows(layer: Layer, day: dt.date, feature: str | None) -> gpd.GeoDataFrame:
    if feature is not None:
        return select(layer, day=day, feature=feature)
    return as_of(layer.features, day)


def _of_feature(features: gpd.GeoDataFrame, feature: str | None) -> gpd.GeoDataFrame:
    return features if feature is None else features[features["id"] == feature]


def _compare(
    info: LayerInfo, by: str, old: Side, new: Side, known_by: dt.date, units: Units,
    feature: str | None,
) -> Comparison:  # fmt: skip
    diff = diff_rows(old.rows, new.rows, successive=by != EDITIONS)
    cut = pieces(diff)
    return Comparison(
        info, by, old, new, known_by, diff, cut, sizes(diff, cut), units, feature
    )  # fmt: skip


def compare(
    folder: Path, layer: str, *, by: str, old: str | dt.date | int, new: str | dt.date | int,
    known_by: dt.date, feature: str | None = None,
) -> Comparison:  # fmt: skip
    """Read what a comparison needs, and compare; what the page and the command call.

    Parameters
    ----------
    folder, layer
        Where the layers lie, and which one.
    by
        ``days``, ``editions`` or ``versions``.
    old, new
        Days, numbers of editions, or plan versions.
    known_by
        Editions published by this day count; editions by number count always.
    feature
        Only this feature; needed for versions.

    Raises
    ------
    LayerNotFound, EditionNotFound, FeatureNotFound, VersionNotFound, WrongKind
        If there is nothing to compare.
    """
    units = read_units(folder, known_by=known_by)
    if by == EDITIONS:
        read = [
            read_layer(folder, layer, known_by=known_by, edition=int(str(n))) for n in (old, new)
        ]
        return compare_editions(read[0], read[1], known_by=known_by, units=units, feature=feature)
    held = read_layer(folder, layer, known_by=known_by)
    if by == VERSIONS:
        return compare_versions(
            held, str(feature), str(old), str(new), known_by=known_by, units=units
        )
    days = [day if isinstance(day, dt.date) else parse_day(str(day)) for day in (old, new)]
    return compare_days(held, days[0], days[1], known_by=known_by, units=units, feature=feature)


def read_units(folder: Path, *, known_by: dt.date) -> Units:
    """Units that rows name, as published by a day."""
    editions = known_editions(folder, NAMING_LAYERS, known_by=known_by)
    return list_units([catalogue.read_layer(folder, edition) for edition in editions])


def list_units(layers: list[Layer]) -> Units:
    """Units of layers: names from all, the city of each district from the one that says it."""
    names: dict[str, dict[str, str]] = {}
    parent: dict[str, str] = {}
    children: dict[str, list[str]] = {}
    for layer in layers:
        rows = layer.features.sort_values("valid_from", na_position="first", kind="stable")
        for row in rows.itertuples():
            names[row.id] = {"zh": row.name_zh, "en": row.name_en}
            city = getattr(row, "city", None)
            if isinstance(city, str):
                parent[row.id] = city
                if row.valid_to is None or pd.isna(row.valid_to):
                    children.setdefault(city, []).append(row.id)
    return Units(names, parent, {city: tuple(held) for city, held in children.items()})
