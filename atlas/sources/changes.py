"""Which unit became which, and on which day: ``facts/crosswalk.csv``.

A change marked ``yes`` in its column ``rows`` ends one row of a layer and begins another.
One marked ``no`` is on record, but the boundary of before cannot be had: today's row then
says so in its notes.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from atlas.core.period import published_text, stored_day
from atlas.errors import SourceError
from atlas.sources.inputs import read_facts

CURRENT = "current"
COLUMNS = ["predecessors", "successors", "change_source"]
FIRST, LAST = "", "9999-12-31"
"""Before and after every day there is, for comparing days as text."""

_UNKNOWN = {
    "zh": "界线有变（{dates}）；此前的界线不详，更早的日期仍按此界显示。",
    "en": "The boundary changed ({dates}); the one of before is unknown, and earlier days show "
    "this one.",
}


class Span(NamedTuple):
    """A period of a unit: its first day and the first day after it, with precisions."""

    valid_from: str | None
    valid_from_precision: str | None
    valid_to: str | None
    valid_to_precision: str | None


def read_crosswalk(level: str) -> pd.DataFrame:
    """Changes of a level (``district`` or ``city``), with ``day`` as rows store it.

    Raises
    ------
    SourceError
        If a date is not of the precision beside it.
    """
    table = read_facts("crosswalk")
    stored = [stored_day(date) for date in table["date"]]
    if [precision for _, precision in stored] != table["precision"].tolist():
        raise SourceError("facts/crosswalk.csv: a date is not of the precision beside it")
    return table.assign(day=[day or FIRST for day, _ in stored])[table["level"] == level]


def version_before(day: str, precision: str) -> str:
    """How the state that ended on a day is called.

    >>> version_before("2011-08-22", "day"), version_before("2016-01-01", "year")
    ('before-2011-08', 'before-2016')
    """
    return f"before-{published_text(day, precision)[:7]}"


def span_of(unit: str, version: str, crosswalk: pd.DataFrame) -> Span:
    """When a state of a unit began and ended, by the changes that rows carry.

    Parameters
    ----------
    unit, version
        Adcode, and ``current`` or as :func:`version_before` calls it.
    crosswalk
        Changes of the unit's level.

    Raises
    ------
    SourceError
        If no change ended a state of that name.
    """
    carried = crosswalk[crosswalk["rows"] == "yes"]
    end: tuple[str | None, str | None] = (None, None)
    if version != CURRENT:
        ends = carried[carried["from_id"] == unit]
        fits = [
            (day, precision)
            for day, precision in zip(ends["day"], ends["precision"], strict=True)
            if version_before(day, precision) == version
        ]
        if not fits:
            raise SourceError(f"facts/crosswalk.csv: nothing ended {unit}/{version}")
        end = fits[0]
    begun = carried[(carried["to_id"] == unit) & (carried["day"] < (end[0] or LAST))]
    if begun.empty:
        return Span(None, None, *end)
    latest = begun.sort_values("day").iloc[-1]
    return Span(latest["day"], latest["precision"], *end)


def add_links(rows: gpd.GeoDataFrame, crosswalk: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add :data:`COLUMNS`, and a note where the boundary of before is unknown.

    ``predecessors`` and ``successors`` are the ids of the units from and to which the whole
    or a part of a row's unit came and went, at its ends or meanwhile; ``change_source`` is
    where that, and any other change at its ends, was read.
    """
    links: list[tuple[list[str], list[str], str | None]] = []
    notes: list[tuple[str | None, str | None]] = []
    for row in rows.itertuples():
        start, end = row.valid_from or FIRST, row.valid_to or LAST
        table = crosswalk[(start <= crosswalk["day"]) & (crosswalk["day"] <= end)]
        is_to, is_from = table["to_id"] == row.id, table["from_id"] == row.id
        came = sorted(set(table.loc[is_to & (table["day"] < end), "from_id"]))
        went = sorted(set(table.loc[is_from & (table["day"] > start), "to_id"]))
        addresses = " ".join(table.loc[is_to | is_from, "source_url"]).split()
        links.append((came, went, " ".join(dict.fromkeys(addresses)) or None))
        unknown = table.loc[(is_to | is_from) & (table["rows"] == "no"), "date"]
        is_told = not unknown.empty and row.plan_version == CURRENT
        dates = ", ".join(sorted(set(unknown))) if is_told else ""
        notes.append((_note(row.notes_zh, "zh", dates), _note(row.notes_en, "en", dates)))
    added = dict(zip(COLUMNS, zip(*links, strict=True), strict=True))
    told = dict(zip(("notes_zh", "notes_en"), zip(*notes, strict=True), strict=True))
    return rows.assign(**{name: list(values) for name, values in (added | told).items()})


def _note(before: str | None, lang: str, dates: str) -> str | None:
    """A note, with what is unknown said after it if there are dates to tell."""
    unknown = _UNKNOWN[lang].format(dates=dates) if dates else ""
    return " ".join(filter(None, (before, unknown))) or None
