"""Valid time: days, half-open periods, and dates known only to the month or the year.

A day is ISO text (``2019-12-01``) in a frame and a :class:`datetime.date` as an argument;
it is never a timestamp, so no time zone can move a plan by a day. A period is
``[valid_from, valid_to)``: the row is in force on ``valid_from`` and no longer on
``valid_to``. A missing start is unknown, a missing end means still in force. An end known
only to its month or year may be any day of it: see :func:`as_of`.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from atlas.errors import DayError

if TYPE_CHECKING:
    import geopandas as gpd

PRECISIONS = ("day", "month", "year")
DECEMBER = 12
_SHAPES = {"day": re.compile(r"\d{4}-\d{2}-\d{2}"), "month": re.compile(r"\d{4}-\d{2}-01"),
           "year": re.compile(r"\d{4}-01-01")}  # fmt: skip
_PUBLISHED_LENGTH = {"day": 10, "month": 7, "year": 4}


def parse_day(text: str) -> dt.date:
    """Read a full ISO day.

    Raises
    ------
    DayError
        If the text is not ``YYYY-MM-DD`` or the calendar has no such day.

    >>> parse_day("2018-06-01")
    datetime.date(2018, 6, 1)
    """
    if not _SHAPES["day"].fullmatch(text):
        raise DayError(text=text[:40])
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise DayError(text=text) from None


def stored_day(published: str) -> tuple[str | None, str | None]:
    """Turn a published date into the stored day and its precision.

    >>> stored_day("2018-06"), stored_day("2016"), stored_day("")
    (('2018-06-01', 'month'), ('2016-01-01', 'year'), (None, None))
    """
    if not published:
        return None, None
    precision = {4: "year", 7: "month"}.get(len(published), "day")
    full = published + {"year": "-01-01", "month": "-01", "day": ""}[precision]
    return parse_day(full).isoformat(), precision


def published_text(day: str, precision: str) -> str:
    """Show a stored day as it was published.

    >>> published_text("2018-06-01", "month")
    '2018-06'
    """
    return day[: _PUBLISHED_LENGTH[precision]]


def fits_precision(day: str, precision: str) -> bool:
    """Whether a stored day is the first of its month or year where it must be."""
    return bool(_SHAPES[precision].fullmatch(day))


def window_end(day: str, precision: str) -> str:
    """First day after the month or year (or day) that a date is known to.

    >>> window_end("2018-12-01", "month")
    '2019-01-01'
    """
    start = dt.date.fromisoformat(day)
    if precision == "day":
        return (start + dt.timedelta(days=1)).isoformat()
    if precision == "month" and start.month < DECEMBER:
        return start.replace(month=start.month + 1).isoformat()
    return dt.date(start.year + 1, 1, 1).isoformat()


def as_of(features: gpd.GeoDataFrame, day: dt.date) -> gpd.GeoDataFrame:
    """Rows in force on a day; the interval is closed at its start, open at its end.

    A row whose end is known only to a month or year stays until that month or year is over,
    unless its successor begins on the same stored day: a row of the same ``id`` and ``part``,
    or one that it names in ``successors``. :func:`day_uncertain` marks both.

    Drafts, initiatives and research rows have periods too: a row is kept by its period
    alone, its ``status`` tells what it is.

    Parameters
    ----------
    features
        Rows with ``valid_from`` and ``valid_to`` (ISO text or missing), any CRS; all rows of
        a layer, so that successors are known.
    day
        The day asked for.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows whose period holds the day or may hold it, on their own index.
    """
    asked = day.isoformat()
    started = features["valid_from"].isna() | (features["valid_from"] <= asked)
    not_ended = features["valid_to"].isna() | (features["valid_to"] > asked)
    ended = features[started & ~not_ended]
    lasting = ended.index[_inside_windows(ended, "valid_to", asked)]
    if len(lasting) == 0:
        return features[started & not_ended]
    begun = set(zip(features["id"], features["part"], features["valid_from"], strict=True))
    lasting = [
        index
        for index, row in zip(lasting, ended.loc[lasting].itertuples(), strict=True)
        if not any((id_, row.part, row.valid_to) in begun for id_ in _successors(row))
    ]
    return features[(started & not_ended) | features.index.isin(lasting)]


def _successors(row: Any) -> list[str]:
    named = getattr(row, "successors", None)
    return [row.id, *(named if isinstance(named, list) else [])]


def day_uncertain(features: gpd.GeoDataFrame, day: dt.date) -> pd.Series:
    """Rows of which it is not known whether they were in force on the day.

    True where the day falls inside the month or year in which the row began or ended
    and no exact day is known.
    """
    asked = day.isoformat()
    began = _inside_windows(features, "valid_from", asked)
    ended = _inside_windows(features, "valid_to", asked)
    flags = [either or other for either, other in zip(began, ended, strict=True)]
    return pd.Series(flags, index=features.index, dtype=bool)


def standings(features: gpd.GeoDataFrame, day: dt.date) -> pd.Series:
    """What each row is on a day: its status, or that it is ``superseded`` or ``not-yet``.

    A draft, an initiative and a plan in force keep their status while their period holds the
    day (:func:`as_of`); a row that has ended by then is superseded, one that begins later is
    not yet.

    Returns
    -------
    pandas.Series
        Text on the index of ``features``.
    """
    current = features.index.isin(as_of(features, day).index)
    later = features["valid_from"].notna() & (features["valid_from"] > day.isoformat())
    ended = features["status"].where(current, "superseded")
    return pd.Series(ended.mask(later & ~current, "not-yet"))


def _inside_windows(features: gpd.GeoDataFrame, column: str, asked: str) -> list[bool]:
    """Whether a day lies in the month or year which is all that is known of a row's day."""
    days, precisions = features[column], features[f"{column}_precision"]
    return [
        _inside_window(day, precision, asked)
        for day, precision in zip(days, precisions, strict=True)
    ]


def _inside_window(day: object, precision: object, asked: str) -> bool:
    if not isinstance(day, str) or not isinstance(precision, str) or precision == "day":
        return False
    return day <= asked < window_end(day, precision)


def overlapping_periods(periods: list[tuple[str | None, str | None]]) -> list[tuple[int, int]]:
    """Positions of periods that begin before an earlier one has ended.

    Each pair names the earlier period that lasts longest and the one that overlaps it.

    >>> overlapping_periods([("2018-01-01", None), ("2016-01-01", "2018-01-02")])
    [(1, 0)]
    """
    order = sorted(range(len(periods)), key=lambda place: periods[place][0] or "")
    pairs: list[tuple[int, int]] = []
    longest: int | None = None
    for place in order:
        start = periods[place][0]
        if longest is not None:
            end = periods[longest][1]
            if end is None or start is None or start < end:
                pairs.append((longest, place))
        if longest is None or _ends_later(periods[place][1], periods[longest][1]):
            longest = place
    return pairs


def _ends_later(end: str | None, other: str | None) -> bool:
    return other is not None and (end is None or end > other)
