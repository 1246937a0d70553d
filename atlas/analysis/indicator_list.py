"""Every indicator of the plan: what it is made of, in which unit, for which area of the plan.

What an indicator means, how it is worked out and what it cannot say stands in the locale under
``indicator.<id>``, in both languages, and in ``docs/indicators.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from atlas.analysis import indicators as plans
from atlas.analysis import rail_indicators as rail
from atlas.analysis.indicator_frames import (
    BELTS,
    CITIES,
    CORRIDORS,
    DISTRICTS,
    LINES,
    METROPOLITAN,
    PLANS,
    RAIL,
    SETTLEMENTS,
    URBAN,
    Frames,
)
from atlas.analysis.indicators import Measure

AREAS = (1, 2, 3, 4, 5, 6, 7, 8)
"""Areas of the action plan: its seven "ones", and organisation."""
GROUP, NETWORK, CHAIN, ECOLOGY, ORGANISATION = 1, 2, 3, 6, 8
KM2, KM, PAIRS, RESIDENTS, SHARE = "km2", "km", "pairs", "residents", "share"


@dataclass(frozen=True)
class Indicator:
    """An indicator.

    Attributes
    ----------
    id
        Its name in links, files and on the command line.
    unit
        ``km2``, ``km``, ``pairs``, ``residents``, ``cities``, ``districts``, ``stations``,
        ``versions``, or ``share`` (0–1).
    decimals
        Decimals that are shown, of a share those of its per cents; −3 shows thousands.
    layers
        Layers that it is made of.
    areas
        Areas of the plan that it tells something of, the main one first; a choice of this atlas.
    of
        Works it out from the frames of a day.
    moving
        Layers whose rows can be the cause of its change.
    """

    id: str
    unit: str
    decimals: int
    layers: tuple[str, ...]
    areas: tuple[int, ...]
    of: Callable[[Frames], Measure]
    moving: tuple[str, ...]


_RESIDENTS = (DISTRICTS, CITIES)
_LIST = (
    Indicator("metropolitan-overlap", KM2, 0, (METROPOLITAN,), (GROUP,),
              plans.overlap_of_metropolitan_areas, (METROPOLITAN,)),
    Indicator("metropolitan-population", RESIDENTS, -3, (METROPOLITAN, *_RESIDENTS), (GROUP,),
              partial(plans.number_of_residents, layer=METROPOLITAN), (METROPOLITAN,)),
    Indicator("cooperation-zone-districts", "districts", 0, (BELTS, DISTRICTS), (GROUP,),
              plans.districts_in_cooperation_zones, (BELTS, DISTRICTS)),
    Indicator("pairs-sharing-a-corridor", PAIRS, 0, (CORRIDORS, CITIES), (GROUP, CHAIN),
              plans.pairs_sharing_a_corridor, (CORRIDORS, CITIES)),
    Indicator("rail-kilometres", KM, 0, (LINES,), (NETWORK,),
              partial(rail.line_kilometres, categories=rail.MAIN), (LINES,)),
    Indicator("suburban-kilometres", KM, 1, (LINES,), (NETWORK,),
              partial(rail.line_kilometres, categories=URBAN), (LINES,)),
    Indicator("cross-city-suburban-kilometres", KM, 1, RAIL, (NETWORK,),
              rail.cross_city_kilometres, (LINES,)),
    Indicator("stations-in-operation", "stations", 0, RAIL, (NETWORK,),
              rail.stations_in_operation, (LINES,)),
    Indicator("cities-with-high-speed", "cities", 0, (*RAIL, CITIES), (NETWORK,),
              rail.cities_with_high_speed, (LINES, CITIES)),
    Indicator("pairs-with-direct-line", PAIRS, 0, (*RAIL, CITIES), (NETWORK,),
              rail.pairs_with_direct_line, (LINES, CITIES)),
    Indicator("pairs-within-60-minutes", PAIRS, 0, (*RAIL, CITIES), (NETWORK, GROUP),
              rail.close_pairs, (LINES, CITIES)),
    Indicator("residents-within-an-hour-of-cores", RESIDENTS, -3, (*RAIL, *_RESIDENTS),
              (NETWORK, GROUP), rail.residents_near_cores, (LINES,)),
    Indicator("corridor-area", KM2, 0, (CORRIDORS,), (CHAIN, GROUP),
              partial(plans.covered_area, layer=CORRIDORS), (CORRIDORS,)),
    Indicator("residents-in-corridors", SHARE, 1, (CORRIDORS, *_RESIDENTS), (CHAIN,),
              partial(plans.share_of_residents, layer=CORRIDORS), (CORRIDORS,)),
    Indicator("settlement-residents-in-corridors", SHARE, 1, (CORRIDORS, SETTLEMENTS), (CHAIN,),
              partial(plans.share_of_settlements, layer=CORRIDORS), (CORRIDORS,)),
    Indicator("belt-area", KM2, 0, (BELTS,), (ECOLOGY, GROUP),
              partial(plans.covered_area, layer=BELTS), (BELTS,)),
    Indicator("belt-area-crossed-by-rail", KM2, 0, (BELTS, LINES), (ECOLOGY, NETWORK),
              rail.belts_beside_railways, (BELTS, LINES)),
    Indicator("corridor-belt-conflict", KM2, 0, (CORRIDORS, BELTS), (ECOLOGY, CHAIN),
              plans.corridors_in_belts, (CORRIDORS, BELTS)),
    Indicator("plan-versions-in-force", "versions", 0, PLANS, (ORGANISATION,),
              plans.versions_in_force, PLANS),
    Indicator("sourced-share", SHARE, 1, PLANS, (ORGANISATION,), plans.sourced_share, PLANS),
)  # fmt: skip
INDICATORS: dict[str, Indicator] = {indicator.id: indicator for indicator in _LIST}
"""By id, in the order in which they are shown."""


def of_area(area: int) -> tuple[Indicator, ...]:
    """Indicators of an area of the plan, those that belong to it first."""
    own = [one for one in _LIST if one.areas[0] == area]
    return (*own, *(one for one in _LIST if area in one.areas[1:]))
