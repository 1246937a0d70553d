"""How long a train takes from station to station: a model of open assumptions, no timetable.

Time = length ÷ (design speed × factor by class) + what stops cost + changes. Two kinds of trains
run on main lines. An *express* calls at stations that bear their city's name, and stops at a share
of those that it passes; a *stopping train* calls everywhere, and stops at a share of all that it
passes. Both run on from one line to another where the two meet, unless they had to turn round.
Metro and suburban trains stop everywhere and keep to their line. Frequency, delays and capacity
are not in it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.rail_network import OPEN
from atlas.errors import AssumptionWrong

if TYPE_CHECKING:
    from atlas.analysis.rail_network import Section

FAST_KMH, MEDIUM_KMH = 300.0, 250.0
"""Design speeds from which on a main line is fast, or medium."""
SLOWED_UNTIL = "2016-01-01"
"""Medium lines that opened before this day were opened, or slowed in 2011, to 200 km/h."""
DEFAULT_URBAN_KMH = {"metro": 80.0, "suburban": 100.0}
"""Design speed of an urban line whose own nobody says."""
DEFAULT_KMH = 200.0
SECONDS, KMH_PER_MS = 60.0, 3.6


def _assume(value: float, least: float, most: float, step: float, unit: str, origin: str) -> float:
    """A field with its range, its unit, and where its value comes from."""
    kept = {"least": least, "most": most, "step": step, "unit": unit, "origin": origin}
    return field(default=value, metadata=kept)


@dataclass(frozen=True)
class Assumptions:
    """Everything that the model assumes.

    Attributes
    ----------
    factor_fast, factor_medium, factor_early, factor_slow, factor_urban
        Speed between stops ÷ design speed: on main lines built for 300 km/h or more, for 250
        (those opened before 2016 apart: early), for less, and on metro and suburban lines.
    express_share
        Share of the stations bearing their city's name at which an express stops that passes them.
    stopping_share
        Share of all stations at which a stopping train stops that passes them.
    acceleration_ms2, braking_ms2
        Mean acceleration and deceleration of main-line trains, m/s².
    run_on_min
        Minutes that it costs a train to go on from one line to another, a stop by its share apart.
    dwell_min
        Minutes of a stop.
    urban_ms2, urban_dwell_min
        Both accelerations, and minutes of a stop, of metro and suburban trains.
    boarding_min
        Minutes in the station before the train leaves; counted in reach, not in train times.
    interchange_min
        Minutes from train to train in one station.
    other_station_min, transfer_kmh
        To another station of the city: minutes, and speed over the straight way.
    turn_deg
        Sharpest turn that a train makes from line to line; it turns round for more.
    access_kmh, access_most_min
        Speed over the straight way from a station to the door, and for how long at most.
    """

    factor_fast: float = _assume(0.64, 0.5, 1.0, 0.01, "", "calibrated")
    factor_medium: float = _assume(0.83, 0.5, 1.0, 0.01, "", "calibrated")
    factor_early: float = _assume(0.63, 0.5, 1.0, 0.01, "", "calibrated")
    factor_slow: float = _assume(0.88, 0.5, 1.0, 0.01, "", "calibrated")
    factor_urban: float = _assume(0.80, 0.5, 1.0, 0.01, "", "assumed")
    express_share: float = _assume(0.8, 0.0, 1.0, 0.1, "", "calibrated")
    stopping_share: float = _assume(0.3, 0.0, 1.0, 0.1, "", "calibrated")
    acceleration_ms2: float = _assume(0.26, 0.1, 1.0, 0.01, "m/s²", "sourced")
    braking_ms2: float = _assume(0.50, 0.1, 1.5, 0.01, "m/s²", "sourced")
    run_on_min: float = _assume(7.0, 0.0, 15.0, 1.0, "min", "calibrated")
    dwell_min: float = _assume(2.0, 0.5, 10.0, 0.5, "min", "sourced")
    urban_ms2: float = _assume(0.8, 0.3, 1.5, 0.05, "m/s²", "assumed")
    urban_dwell_min: float = _assume(0.5, 0.0, 3.0, 0.1, "min", "assumed")
    boarding_min: float = _assume(10.0, 0.0, 60.0, 1.0, "min", "sourced")
    interchange_min: float = _assume(25.0, 3.0, 90.0, 1.0, "min", "sourced")
    other_station_min: float = _assume(35.0, 5.0, 120.0, 1.0, "min", "sourced")
    transfer_kmh: float = _assume(30.0, 5.0, 80.0, 1.0, "km/h", "assumed")
    turn_deg: float = _assume(120.0, 0.0, 180.0, 5.0, "°", "assumed")
    access_kmh: float = _assume(20.0, 3.0, 60.0, 1.0, "km/h", "assumed")
    access_most_min: float = _assume(30.0, 0.0, 120.0, 5.0, "min", "assumed")

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            least, most = one.metadata["least"], one.metadata["most"]
            if not np.isfinite(value) or not least <= value <= most:
                raise AssumptionWrong(
                    name=one.name, value=f"{value:g}", least=f"{least:g}", most=f"{most:g}"
                )

    def key(self) -> tuple[tuple[str, float], ...]:
        """All values, to tell sets of assumptions apart."""
        return tuple(asdict(self).items())


DEFAULT = Assumptions()


def design_kmh(section: Section) -> float:
    """Design speed of a section; a usual one of its class where nobody says it."""
    if np.isfinite(section.speed_kmh) and section.speed_kmh > 0:
        return section.speed_kmh
    return DEFAULT_URBAN_KMH.get(section.category, DEFAULT_KMH)


def factor_name(section: Section) -> str:
    """Which factor a section's speed is reduced by."""
    if section.urban:
        return "factor_urban"
    speed = design_kmh(section)
    if speed >= FAST_KMH:
        return "factor_fast"
    if speed < MEDIUM_KMH:
        return "factor_slow"
    early = section.opened is not None and section.opened < SLOWED_UNTIL
    return "factor_early" if early and section.status == OPEN else "factor_medium"


def running_kmh(section: Section, assumed: Assumptions) -> float:
    """Speed between stops in km/h."""
    return design_kmh(section) * float(getattr(assumed, factor_name(section)))


def stop_loss_min(speed_kmh: float, acceleration_ms2: float, braking_ms2: float) -> float:
    """Minutes that a stop costs beside its own: what braking and starting lose.

    From v to rest at b takes v/b and covers what v covers in v/2b: v/2b is lost, and v/2a in
    starting.

    >>> round(stop_loss_min(300.0, 0.26, 0.5), 2)
    4.06
    """
    metres_s = speed_kmh / KMH_PER_MS
    return metres_s * (0.5 / acceleration_ms2 + 0.5 / braking_ms2) / SECONDS


def section_loss_min(section: Section, assumed: Assumptions) -> float:
    """Minutes that a stop on a section costs beside its own."""
    kmh = running_kmh(section, assumed)
    if section.urban:
        return stop_loss_min(kmh, assumed.urban_ms2, assumed.urban_ms2)
    return stop_loss_min(kmh, assumed.acceleration_ms2, assumed.braking_ms2)
