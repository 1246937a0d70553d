"""Who is within an hour of whom: reach from a city or station, and the way between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from atlas.analysis.journeys import Journey, Tree, from_stations
from atlas.analysis.rail_network import plane_points
from atlas.analysis.reach_area import Living, People, circles, living
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import WORKING_CRS
from atlas.core.period import as_of
from atlas.operations.find import known_editions
from atlas.operations.show import read_layer

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    import geopandas as gpd

    from atlas.core.layer import Edition
    from atlas.operations.rail import Model
    from atlas.operations.rail_places import Origin

LIMITS_MIN = (30, 60, 90, 120)
HOUR_MIN = 60
DISTRICTS, SETTLEMENTS = "districts", "settlements"


@dataclass(frozen=True, eq=False)
class Residents:
    """Who lives where, and from which editions: districts of a day, and settlements."""

    people: People
    editions: tuple[Edition, ...]


@dataclass(frozen=True)
class CityReached:
    """A city and its nearest principal station.

    ``minutes`` are those on trains and between them, from departure to arrival; infinite where no
    train leads.
    """

    city: str
    station: int
    minutes: float


@dataclass(frozen=True, eq=False)
class Reach:
    """Where one can be from a city or station.

    Attributes
    ----------
    model, origin
        Of which day's network, and from where.
    tree
        Fastest ways to all stations.
    cities
        Cities by minutes, the origin's own among them.
    """

    model: Model
    origin: Origin
    tree: Tree
    cities: tuple[CityReached, ...]

    def within(self, minutes: float) -> list[CityReached]:
        """Other cities that are reached within some minutes, boarding included."""
        left = minutes - self.model.assumed.boarding_min
        return [city for city in self.cities if city.minutes <= left and not self._own(city)]

    def beyond(self) -> list[str]:
        """Codes of cities that no train reaches, those without a station among them."""
        reached = {city.city for city in self.cities if np.isfinite(city.minutes)}
        return [code for code in sorted(self.model.names) if code not in reached]

    def stations_within(self, minutes: float) -> np.ndarray:
        """Positions of stations reached within some minutes, boarding included."""
        left = minutes - self.model.assumed.boarding_min
        return np.flatnonzero(self.tree.minutes <= left)

    def shape(self, minutes: float) -> shapely.Geometry:
        """Where one can be, in the working CRS.

        By train: boarding, the ride, and the way from the station. Around the stations of the
        origin itself also without a train.
        """
        assumed = self.model.assumed
        left = minutes - assumed.boarding_min - self.tree.minutes
        left[self.tree.origins] = minutes
        return circles(plane_points(self.model.network), left, kmh=assumed.access_kmh,
                       most_min=assumed.access_most_min)  # fmt: skip

    def _own(self, city: CityReached) -> bool:
        codes = self.model.network.stations["city"].to_numpy(object)
        return city.city in set(codes[self.tree.origins])


def reach_from(model: Model, origin: Origin) -> Reach:
    """Fastest ways from an origin to every station and every city."""
    tree = from_stations(model.graph, origin.stations)
    cities = []
    for code in model.cities:
        places = model.stations_of(code)
        best = int(places[np.argmin(tree.minutes[places])])
        cities.append(CityReached(code, best, float(tree.minutes[best])))
    cities.sort(key=lambda city: (city.minutes, city.city))
    return Reach(model, origin, tree, tuple(cities))


def way_to(reach: Reach, target: Origin) -> Journey | None:
    """The fastest way to another city or station; None if no train leads there."""
    best = int(target.stations[np.argmin(reach.tree.minutes[target.stations])])
    return reach.tree.journey(best)


def read_residents(folder: Path, *, day: dt.date, known_by: dt.date) -> Residents:
    """Districts of a day with their census, and settlements with their population.

    Raises
    ------
    LayerNotFound, EditionNotFound, FileDamaged
        If the districts cannot be read; a store without settlements has none.
    """
    districts = read_layer(folder, DISTRICTS, known_by=known_by)
    rows = as_of(districts.features, day)
    rows = rows[rows.geometry.notna() & ~rows["id"].duplicated(keep="last")]
    shapes = rows.geometry.to_crs(WORKING_CRS).to_numpy()
    editions = [districts.edition]
    points, settled = np.zeros((0, 2)), np.zeros(0)
    if known_editions(folder, (SETTLEMENTS,), known_by=known_by):
        layer = read_layer(folder, SETTLEMENTS, known_by=known_by)
        points, settled = _settled(layer.features)
        editions.append(layer.edition)
    people = People(
        index_zones(shapes), shapely.area(shapes) / 1e6,
        rows["census_2020"].to_numpy(float), points, settled,
    )  # fmt: skip
    return Residents(people, tuple(editions))


def _settled(rows: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    drawn = rows[rows.geometry.notna()]
    points = shapely.get_coordinates(drawn.geometry.to_crs(WORKING_CRS).to_numpy())
    return points, drawn["population"].to_numpy(float)


def live_within(reach: Reach, residents: Residents, minutes: float) -> Living:
    """Area within some minutes, and who lives there."""
    return living(reach.shape(minutes), residents.people)
