"""What indicators are made of on one day: rows of layers, residents, sections of railways.

A day's frames are a value: :func:`with_change_undone` gives those of a day on which one feature
had stayed as it was, so that every indicator can say what one line or plan version did to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.analysis.rail_network import RailNetwork, Section, network_on
from atlas.core.crs import to_working
from atlas.core.period import as_of, day_uncertain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

CITIES, DISTRICTS, SETTLEMENTS = "cities", "districts", "settlements"
CORRIDORS, BELTS, METROPOLITAN = PLANS = (
    "innovation-corridors", "ecological-belts", "metropolitan-areas",
)  # fmt: skip
LINES, STATIONS = RAIL = ("rail-lines", "rail-stations")
_T = TypeVar("_T")
LAYERS = (*PLANS, *RAIL, CITIES, DISTRICTS, SETTLEMENTS)
"""Layers of indicators."""
IN_FORCE = "in-force"
"""The one status that counts: initiatives, drafts and studies do not, nor what is being built."""
CENSUS_DAY = dt.date(2020, 11, 1)
"""Day of the seventh national census."""
URBAN = ("suburban", "metro")
DATED = (*PLANS, *RAIL)
"""Layers whose rows began some day; a city that does not say when is not in doubt."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Layers as of a day.

    Attributes
    ----------
    day
        The day.
    rows
        Rows of each layer of :data:`LAYERS` whose period holds the day, EPSG:4326; layers that
        were not read have no rows.
    residents
        From :func:`residents_of`, whatever the day.
    sections
        Measured sections of the railways, of all periods.
    station_rows
        Rows of the layer of stations, of all periods.
    undated_from
        Day from which sections count whose opening day nobody says.
    """

    day: dt.date
    rows: Mapping[str, gpd.GeoDataFrame]
    residents: gpd.GeoDataFrame
    sections: tuple[Section, ...]
    station_rows: gpd.GeoDataFrame
    undated_from: dt.date | None

    def counted(self, layer: str) -> gpd.GeoDataFrame:
        """Rows in force, drawn or not; nothing else counts."""
        return self._once(layer, "counted", lambda: _in_force(self.rows[layer]))

    def drawn(self, layer: str) -> gpd.GeoDataFrame:
        """Rows in force whose extent is known, in the working CRS."""
        return self._once(layer, "drawn", lambda: _projected(self.counted(layer)))

    def union(self, layer: str) -> shapely.Geometry:
        """All that rows in force cover, in the working CRS."""
        return self._once(layer, "union", lambda: union_of(self.drawn(layer)))

    def unknown(self, layer: str) -> tuple[str, ...]:
        """Keys of rows in force of which no extent was published: they are in no size."""
        return self._once(layer, "unknown", lambda: _without_extent(layer, self.counted(layer)))

    def uncertain(self, layer: str) -> tuple[str, ...]:
        """Keys of drawn rows of which it is not known whether they were in force on the day."""
        return self._once(
            layer, "uncertain", lambda: _doubtful(layer, self.counted(layer), self.day)
        )

    def by_key(self, layer: str) -> dict[tuple[str, str], dict[str, object]]:
        """Rows in force without geometry, by id and ``version/part``."""
        return self._once(layer, "by_key", lambda: _by_key(self.counted(layer)))

    @cached_property
    def memo(self) -> dict[tuple[str, str], Any]:
        """What was worked out of each layer, by layer and name."""
        return {}

    def _once(self, layer: str, name: str, make: Callable[[], _T]) -> _T:
        if (layer, name) not in self.memo:
            self.memo[layer, name] = make()
        found: _T = self.memo[layer, name]
        return found

    def with_rows(self, rows: Mapping[str, gpd.GeoDataFrame], **changes: Any) -> Frames:
        """Frames with other rows of some layers; what was worked out of the others is kept."""
        changed = replace(self, rows={**self.rows, **rows}, **changes)
        kept = {key: held for key, held in self.memo.items() if key[0] not in rows}
        changed.memo.update(kept)
        if not rows.keys() & set(RAIL) and "network" in self.__dict__:
            changed.__dict__["network"] = self.network
        return changed

    @cached_property
    def network(self) -> RailNetwork:
        """Stations and sections in operation."""
        return network_on(
            self.sections, self.station_rows, self.day, undated_from=self.undated_from
        )


def frames_on(
    layers: Mapping[str, gpd.GeoDataFrame], residents: gpd.GeoDataFrame,
    sections: tuple[Section, ...], day: dt.date, *, undated_from: dt.date | None = None,
) -> Frames:  # fmt: skip
    """Frames of a day from rows of all periods; else as :class:`Frames`."""
    rows = {layer: as_of(features, day) for layer, features in layers.items()}
    return Frames(day, rows, residents, sections, layers[STATIONS], undated_from)


def residents_of(districts: gpd.GeoDataFrame, cities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Residents of the census of 2020 by district, and those that it counts apart from districts.

    Parameters
    ----------
    districts, cities
        Rows of all periods with ``census_2020``, of cities also ``census_apart``: people of
        development zones, whom the census names beside the districts of their city.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id``, ``city`` and ``residents`` in the working CRS: districts of the census day, then a
        row for each city that has people apart. Their sum is that of the cities' census figures.
    """
    held = as_of(districts, CENSUS_DAY)
    held = held[held["census_2020"].notna()]
    whole = as_of(cities, CENSUS_DAY)
    apart = whole[whole["census_apart"].fillna(0) > 0]
    table = pd.DataFrame({
        "id": [*held["id"], *apart["id"]],
        "city": [*held["city"], *apart["id"]],
        "residents": [*held["census_2020"], *apart["census_apart"]],
    }).astype({"residents": "float64"})  # fmt: skip
    shapes = np.concatenate([held.geometry.to_numpy(), apart.geometry.to_numpy()])
    return to_working(gpd.GeoDataFrame(table, geometry=shapes, crs=districts.crs))


def key_of(layer: str, row: object) -> str:
    """A row as ``layer:id@version/part``."""
    return f"{layer}:{row.id}@{row.plan_version}/{row.part}"  # type: ignore[attr-defined]


def id_of(key: str) -> tuple[str, str]:
    """Layer and id of a key.

    >>> id_of("belts:huai@2018/whole")
    ('belts', 'huai')
    """
    layer, _, rest = key.partition(":")
    return layer, rest.partition("@")[0]


def _in_force(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows[rows["status"] == IN_FORCE]


def _projected(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return to_working(rows[rows.geometry.notna()])


def _without_extent(layer: str, rows: gpd.GeoDataFrame) -> tuple[str, ...]:
    return tuple(key_of(layer, row) for row in rows[rows.geometry.isna()].itertuples())


def _doubtful(layer: str, rows: gpd.GeoDataFrame, day: dt.date) -> tuple[str, ...]:
    held = rows[rows.geometry.notna()]
    doubtful = day_uncertain(held, day)
    if layer in DATED:
        doubtful |= held["valid_from"].isna()
    return tuple(key_of(layer, row) for row in held[doubtful].itertuples())


def _by_key(rows: gpd.GeoDataFrame) -> dict[tuple[str, str], dict[str, object]]:
    table = rows.drop(columns="geometry").to_dict("records")
    return {(str(row["id"]), f"{row['plan_version']}/{row['part']}"): row for row in table}


def with_change_undone(frames: Frames, old: Frames, layer: str, id_: str) -> Frames:
    """Frames of a day as if one feature of a layer had stayed as it was on an earlier day."""
    kept, back = (one.rows[layer] for one in (frames, old))
    rows = {layer: pd.concat([kept[kept["id"] != id_], back[back["id"] == id_]])}
    if layer == LINES:
        return frames.with_rows(rows, sections=_sections_back(frames, old, id_))
    if layer == STATIONS:
        every = frames.station_rows
        own = as_of(every[every["id"] == id_], old.day).assign(valid_to=None)
        return frames.with_rows(rows, station_rows=pd.concat([every[every["id"] != id_], own]))
    return frames.with_rows(rows)


def _sections_back(frames: Frames, old: Frames, line: str) -> tuple[Section, ...]:
    """Sections, those of one line as they were on the old day and still open."""
    asked = old.day.isoformat()
    others = [section for section in frames.sections if section.line != line]
    own = [
        replace(section, ended=None) for section in old.sections
        if section.line == line and (section.opened is None or section.opened <= asked)
        and (section.ended is None or section.ended > asked)
    ]  # fmt: skip
    return (*others, *own)


def without(frames: Frames, features: Collection[tuple[str, str]]) -> Frames:
    """Frames without some features, each a layer and an id; railways lose no section."""
    rows = {}
    for layer in {name for name, _ in features}:
        ids = {id_ for name, id_ in features if name == layer}
        rows[layer] = frames.rows[layer][~frames.rows[layer]["id"].isin(ids)]
    return frames.with_rows(rows)


def union_of(rows: gpd.GeoDataFrame) -> shapely.Geometry:
    """All shapes as one; nothing if there are none."""
    return shapely.union_all(rows.geometry.to_numpy())
