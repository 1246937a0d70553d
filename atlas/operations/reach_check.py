"""The model of rail travel beside published fastest times: calibrated on some, checked on others.

Every time collected lies in ``data/rail-times.csv`` with its words and its page. Rules that do not
look at any result say which of them can be compared (:func:`verdict_of`), and which are kept out
of the calibration (:func:`is_held_out`).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass, fields
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from atlas.analysis.calibration import Sums, fit_sums, sums_of
from atlas.analysis.journeys import all_pairs, from_stations
from atlas.analysis.rail_states import StateGraph, state_graph
from atlas.analysis.travel_time import DEFAULT, Assumptions
from atlas.core.period import stored_day
from atlas.core.text import split_sources
from atlas.errors import NetworkEmpty
from atlas.operations.rail import Model, Rail, model_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ORIGINS = resources.files("atlas.operations") / "data" / "rail-assumptions.csv"
TIMES = resources.files("atlas.operations") / "data" / "rail-times.csv"
SLOWED = dt.date(2011, 8, 28)
"""Since this day trains run below the design speed (order of the Ministry of Railways)."""
HELD_OUT_ONE_IN = 4
SAME_TIMETABLE_DAYS = 730
"""Of several times of a pair that are not farther apart, the shortest is the fastest."""
FAR = 0.25
"""An error that the atlas wants nowhere."""
ROUNDS_MOST = 6
USED, HELD_OUT = "calibration", "held-out"
NOT_DIRECT, NOT_FASTEST, NOT_EXACT, BEFORE, OTHER_LINE, NO_STATION, SHORTER = LEFT_OUT = (
    "not-direct", "not-fastest", "not-exact", "before-order", "other-line", "no-station",
    "shorter-known",
)  # fmt: skip
"""Why a published time is not compared."""


@dataclass(frozen=True)
class PublishedTime:
    """A fastest time that a page gives; a station is empty where it names the city only."""

    from_zh: str
    to_zh: str
    from_station: str
    to_station: str
    minutes: float
    day: dt.date
    direct: str
    fastest: bool
    exact: bool
    other_line: str
    quote: str
    source_url: str

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends, whichever way round."""
        one = f"{self.from_zh}/{self.from_station}"
        other = f"{self.to_zh}/{self.to_station}"
        return (one, other) if one <= other else (other, one)


@dataclass(frozen=True)
class Checked:
    """A published time beside the model's; ``modelled`` is NaN where it was not compared."""

    published: PublishedTime
    use: str
    modelled: float

    @property
    def error(self) -> float:
        """How much longer the model's is, as a share of the published."""
        return self.modelled / self.published.minutes - 1.0


def read_times() -> list[PublishedTime]:
    """Every published time, in the order of the file; a month means its last day."""
    text = TIMES.read_text("utf-8")
    return [_time(row) for row in csv.DictReader(text.splitlines())]


def _time(row: dict[str, str]) -> PublishedTime:
    return PublishedTime(
        row["from_zh"], row["to_zh"], row["from_station"], row["to_station"],
        float(row["minutes"]), last_day(row["day"]), row["direct"],
        row["fastest"] == "yes", row["exact"] == "yes", row["other_line"], row["quote"],
        row["source_url"],
    )  # fmt: skip


def last_day(published: str) -> dt.date:
    """The last day that a published date can mean.

    >>> last_day("2016"), last_day("2020-02")
    (datetime.date(2016, 12, 31), datetime.date(2020, 2, 29))
    """
    stored, precision = stored_day(published)
    day = dt.date.fromisoformat(str(stored))
    if precision == "month":
        return (day + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return day.replace(month=12, day=31) if precision == "year" else day


def is_held_out(published: PublishedTime) -> bool:
    """Whether a time is kept out of the calibration: one pair in four, by a hash of its ends."""
    digest = hashlib.sha256("|".join(published.ends).encode("utf-8")).hexdigest()
    return int(digest, 16) % HELD_OUT_ONE_IN == 0


def verdict_of(published: PublishedTime) -> str:
    """Whether a time can be compared, by its words alone: why not, or nothing.

    Compared are exact times of a train that its page calls the fastest, on lines of the record,
    after trains were slowed in 2011. Where no page says whether the train is a direct one, both
    ends must lie on one line.
    """
    found = (
        (published.direct == "no", NOT_DIRECT), (not published.fastest, NOT_FASTEST),
        (not published.exact, NOT_EXACT), (published.day < SLOWED, BEFORE),
        (bool(published.other_line), OTHER_LINE),
    )  # fmt: skip
    return next((verdict for holds, verdict in found if holds), "")


@dataclass(frozen=True, eq=False)
class _Case:
    """A time to compare: its model's day, and the positions of both ends."""

    published: PublishedTime
    model: Model
    start: np.ndarray
    end: np.ndarray


def check_times(rail: Rail, assumed: Assumptions = DEFAULT) -> list[Checked]:
    """Put every published time beside the model's, in the order of the file."""
    times = read_times()
    cases, verdicts = _cases(rail, times)
    found = iter(_modelled(cases, assumed))
    return [
        Checked(one, verdict, np.nan) if verdict else
        Checked(one, HELD_OUT if is_held_out(one) else USED, next(found))
        for one, verdict in zip(times, verdicts, strict=True)
    ]  # fmt: skip


def _cases(rail: Rail, times: Sequence[PublishedTime]) -> tuple[list[_Case], list[str]]:
    """Times that can be compared, and the verdict on each time."""
    models: dict[dt.date, Model] = {}
    cases: list[_Case] = []
    verdicts = [verdict_of(one) for one in times]
    for place, one in enumerate(times):
        if verdicts[place]:
            continue
        case = _case(rail, one, models)
        if case is None:
            verdicts[place] = NO_STATION
        elif one.direct != "yes" and not _on_one_line(case):
            verdicts[place] = NOT_DIRECT
        else:
            cases.append(case)
    beaten = [case for case in cases if any(_beats(other, case) for other in cases)]
    for case in beaten:
        verdicts[times.index(case.published)] = SHORTER
    return [case for case in cases if case not in beaten], verdicts


def _case(rail: Rail, one: PublishedTime, models: dict[dt.date, Model]) -> _Case | None:
    if one.day not in models:
        try:
            models[one.day] = model_on(rail, one.day)
        except NetworkEmpty:
            return None
    model = models[one.day]
    start = _ends(model, one.from_zh, one.from_station)
    end = _ends(model, one.to_zh, one.to_station)
    return _Case(one, model, start, end) if len(start) and len(end) else None


def _on_one_line(case: _Case) -> bool:
    ids = case.model.network.stations["id"].to_numpy(object)
    start, end = set(ids[case.start]), set(ids[case.end])
    return any(
        start & set(section.stops) and end & set(section.stops)
        for section in case.model.network.sections if not section.urban
    )  # fmt: skip


def _beats(one: _Case, other: _Case) -> bool:
    """Whether a time of the same pair, from about the same timetable, is shorter."""
    apart = abs((one.published.day - other.published.day).days)
    if one.published.minutes >= other.published.minutes or apart > SAME_TIMETABLE_DAYS:
        return False
    ids = [
        [set(case.model.network.stations["id"].to_numpy(object)[places])
         for places in (case.start, case.end)]
        for case in (one, other)
    ]  # fmt: skip
    (start, end), (from_, to) = ids
    return (start <= from_ and end <= to) or (start <= to and end <= from_)


def _ends(model: Model, city: str, station: str) -> np.ndarray:
    """Stations that a published time may mean: the one it names, else the city's principal ones."""
    if station:
        rows = model.network.stations
        main = {stop for s in model.network.sections if not s.urban for stop in s.stops}
        return np.flatnonzero((rows["name_zh"] == station) & rows["id"].isin(main))
    codes = [code for code, name in model.names.items() if name["zh"].removesuffix("市") == city]
    return model.stations_of(codes[0]) if codes else np.zeros(0, dtype=int)


def _graphs(cases: Sequence[_Case], assumed: Assumptions) -> Iterator[tuple[list[int], StateGraph]]:
    """Numbers of the cases of each network, and its graph."""
    by_model: dict[int, list[int]] = {}
    for number, case in enumerate(cases):
        by_model.setdefault(id(case.model), []).append(number)
    for numbers in by_model.values():
        model = cases[numbers[0]].model
        yield numbers, state_graph(model.network, assumed, model.named)


def _modelled(cases: Sequence[_Case], assumed: Assumptions) -> list[float]:
    """The model's minutes of each case; infinite where no train leads."""
    found = np.full(len(cases), np.nan)
    for numbers, graph in _graphs(cases, assumed):
        origins = np.unique(np.concatenate([cases[number].start for number in numbers]))
        minutes = all_pairs(graph, origins)
        for number in numbers:
            rows = np.searchsorted(origins, cases[number].start)
            found[number] = minutes[np.ix_(rows, cases[number].end)].min()
    return found.tolist()


def errors_of(checked: Iterable[Checked], use: str) -> np.ndarray:
    """Errors of one set as shares, in order."""
    return np.array([one.error for one in checked if one.use == use])


def calibrate(rail: Rail, start: Assumptions = DEFAULT) -> tuple[Assumptions, float]:
    """Least absolute deviation on the times that are not held out.

    Values are sought on the ways that the model takes now (:mod:`atlas.analysis.calibration`),
    then the ways again with the values found, until the error does not fall any more. The same
    record gives the same values.

    Returns
    -------
    assumptions, error
        The values found, and their mean absolute error on the calibration set as a share of the
        published times.
    """
    cases, _ = _cases(rail, read_times())
    cases = [case for case in cases if not is_held_out(case.published)]
    minutes = np.array([case.published.minutes for case in cases])

    def error(assumed: Assumptions) -> float:
        return float(np.abs(np.array(_modelled(cases, assumed)) / minutes - 1.0).mean())

    best, least = start, error(start)
    for _ in range(ROUNDS_MOST):
        order, sums = _ways(cases, best)
        tried, _ = fit_sums(sums, minutes[order], best)
        found = error(tried)
        if found >= least - 1e-9:
            break
        best, least = tried, found
    return best, least


def _ways(cases: Sequence[_Case], assumed: Assumptions) -> tuple[np.ndarray, Sums]:
    """The fastest way of each case taken apart, and the order of the cases in it."""
    order: list[int] = []
    parts: list[Sums] = []
    for numbers, graph in _graphs(cases, assumed):
        trees = [from_stations(graph, cases[number].start) for number in numbers]
        ends = [int(cases[number].end[np.argmin(tree.minutes[cases[number].end])]) + graph.count
                for number, tree in zip(numbers, trees, strict=True)]  # fmt: skip
        before = np.array([tree.before for tree in trees])
        parts.append(sums_of(graph, before, ends, range(len(numbers))))
        order += numbers
    whole = [np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(Sums)]
    return np.array(order), Sums(*whole)


def count_uses(checked: Iterable[Checked]) -> Counter[str]:
    """How many published times are used for what, or left out why."""
    return Counter(one.use for one in checked)


@dataclass(frozen=True)
class Fit:
    """How far the model is from one set of published times.

    Errors are absolute, as shares of the published time; ``far`` counts those above
    :data:`FAR`, ``bias`` is the mean with its sign.
    """

    use: str
    count: int
    median: float
    worst: float
    far: int
    bias: float


def fit_of(checked: Iterable[Checked]) -> tuple[Fit, Fit]:
    """Median and worst error on the calibration set and on what was kept out of it."""
    held = list(checked)
    return _fit(held, USED), _fit(held, HELD_OUT)


def _fit(checked: Sequence[Checked], use: str) -> Fit:
    errors = errors_of(checked, use)
    absolute = np.abs(errors)
    return Fit(use, len(errors), float(np.median(absolute)), float(absolute.max()),
               int((absolute > FAR).sum()), float(errors.mean()))  # fmt: skip


def read_origins() -> dict[str, tuple[dict[str, str], tuple[str, ...]]]:
    """Where each assumption's value comes from: words by language, and pages."""
    rows = csv.DictReader(ORIGINS.read_text("utf-8").splitlines())
    return {
        row["name"]: (
            {"zh": row["note_zh"], "en": row["note_en"]},
            split_sources(row["source_url"]),
        )
        for row in rows
    }
