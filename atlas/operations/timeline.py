"""Every plan version of a layer on one time line, and the years in which it looks different."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.core.period import as_of, day_uncertain
from atlas.operations.row_words import named, version_words, when

if TYPE_CHECKING:
    import geopandas as gpd

    from atlas.core.layer import Layer

FIRST_YEAR = 2000
"""Where a time line begins if no plan version has a known start."""


@dataclass(frozen=True)
class Bar:
    """One plan version on the time line; ``start`` None: not known, ``end`` None: open."""

    feature: str
    name: str
    version: str
    status: str
    start: dt.date | None
    end: dt.date | None
    period: str


@dataclass(frozen=True)
class Year:
    """A year, the day of it that is drawn, and the earlier day whose map looks the same."""

    year: int
    day: dt.date
    drawn: dt.date


def list_bars(layer: Layer, lang: str) -> list[Bar]:
    """Plan versions of a layer, feature by feature, by start."""
    rows = layer.features.sort_values(["id", "valid_from"], na_position="first", kind="stable")
    return [_bar(row, lang) for row in rows.to_dict("records")]


def _bar(row: dict[Any, Any], lang: str) -> Bar:
    start, end = when(row, "valid_from", lang), when(row, "valid_to", lang)
    return Bar(
        row["id"], named(row, lang), version_words(row, lang), row["status"],
        _day(row["valid_from"]), _day(row["valid_to"]), f"{start} – {end}",
    )  # fmt: skip


def _day(text: object) -> dt.date | None:
    return dt.date.fromisoformat(text) if isinstance(text, str) else None


def list_years(features: gpd.GeoDataFrame, *, today: dt.date) -> list[Year]:
    """Years from the first known start or end to today, or to the last one if that is later.

    Of each year its last day is drawn, of the current one today. Years in which the very same
    rows are in force, with the same doubts, are drawn once.
    """
    days = [*features["valid_from"].dropna(), *features["valid_to"].dropna()]
    years = [int(day[:4]) for day in days] or [FIRST_YEAR]
    first, last = max(min(years) - 1, dt.MINYEAR), max(*years, today.year)
    seen: dict[tuple[object, ...], dt.date] = {}
    found = []
    for year in range(first, last + 1):
        day = today if year == today.year else dt.date(year, 12, 31)
        rows = as_of(features, day)
        doubts = day_uncertain(rows, day)
        state = (*rows.index, "doubtful", *rows.index[doubts])
        found.append(Year(year, day, seen.setdefault(state, day)))
    return found


@dataclass(frozen=True)
class Step:
    """A year of a map that plays: the day that it stands for, and the day each layer is drawn."""

    year: int
    day: dt.date
    drawn: dict[str, dt.date]


def list_steps(layers: list[Layer], *, today: dt.date) -> list[Step]:
    """Years from the first change of any of these layers to the last; see :func:`list_years`."""
    years = {layer.info.id: list_years(layer.features, today=today) for layer in layers}
    dated = {layer.info.id for layer in layers if _changes(layer)} or set(years)
    spans = [years[name] for name in years if name in dated]
    first = min(span[0].year for span in spans)
    last = max(span[-1].year for span in spans)
    found = []
    for year in range(first, last + 1):
        day = today if year == today.year else dt.date(year, 12, 31)
        drawn = {name: _drawn(span, year) for name, span in years.items()}
        found.append(Step(year, day, drawn))
    return found


def _changes(layer: Layer) -> bool:
    return bool(layer.features[["valid_from", "valid_to"]].notna().any(axis=None))


def _drawn(span: list[Year], year: int) -> dt.date:
    """The day to draw a layer for a year: before and after all it knows it looks the same."""
    return span[min(max(year - span[0].year, 0), len(span) - 1)].drawn
