"""Indicators of the plan from the layers: on a day, over days, and what changed them.

Nothing is kept and no clock is read: the same editions and days give the same values.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.analysis.indicator_frames import (
    LAYERS,
    LINES,
    STATIONS,
    Frames,
    frames_on,
    id_of,
    residents_of,
    with_change_undone,
    without,
)
from atlas.analysis.indicator_list import INDICATORS, Indicator
from atlas.analysis.indicators import Measure
from atlas.analysis.rail_network import Section, measure_sections
from atlas.core.layer import Edition, Layer
from atlas.core.text import near_words
from atlas.errors import IndicatorNotFound
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue

if TYPE_CHECKING:
    import geopandas as gpd

Finder = Callable[[str], Edition]
BEGAN, ENDED, REPLACED = KINDS = ("began", "ended", "replaced")
"""What befell a feature between two days."""


@dataclass(frozen=True, eq=False)
class Record:
    """Layers of the indicators, read once.

    Attributes
    ----------
    layers
        By id, in the order of :data:`atlas.analysis.indicator_frames.LAYERS`.
    residents
        Residents by district.
    sections
        Measured sections of the railways.
    known_by
        As published by which day.
    """

    layers: dict[str, Layer]
    residents: gpd.GeoDataFrame
    sections: tuple[Section, ...]
    known_by: dt.date

    @property
    def editions(self) -> tuple[Edition, ...]:
        """Editions that were read."""
        return tuple(layer.edition for layer in self.layers.values())

    def name_of(self, layer: str, id_: str, row: str = "") -> dict[str, str]:
        """Name of a feature by language: of one row of it (``version/part``), else the newest."""
        rows = self.layers[layer].features
        own = rows[rows["id"] == id_]
        named = own[own["plan_version"] + "/" + own["part"] == row]
        last = (own if named.empty else named).iloc[-1]
        return {"zh": str(last["name_zh"]), "en": str(last["name_en"])}


@dataclass(frozen=True, eq=False)
class Reading:
    """An indicator on a day."""

    indicator: Indicator
    day: dt.date
    measure: Measure
    editions: tuple[Edition, ...]

    @property
    def value(self) -> float:
        """NaN if it is not known."""
        return self.measure.value


@dataclass(frozen=True)
class Cause:
    """A feature that changed between two days.

    Attributes
    ----------
    layer, id, name
        The feature; its name by language.
    old, new
        Its rows in force on each day as ``version/part``, those that are the same left out.
    day, precision
        Stored day of the change and how exactly it is known; None if not known.
    effect
        Value of the new day less the value if this feature had stayed as it was; effects of
        several features need not add up. NaN if the feature's extent is not known on a day.
    """

    layer: str
    id: str
    name: dict[str, str]
    old: tuple[str, ...]
    new: tuple[str, ...]
    day: str | None
    precision: str | None
    effect: float

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`."""
        if self.old and self.new:
            return REPLACED
        return BEGAN if self.new else ENDED


@dataclass(frozen=True, eq=False)
class Change:
    """An indicator on two days.

    ``left_out`` holds features (layer and id) whose extent is published on one of the days only:
    ``difference`` compares both days without them, so nothing is gained or lost for want of
    knowledge. ``difference`` is NaN if the value of a day is not known.
    """

    old: Reading
    new: Reading
    difference: float
    causes: tuple[Cause, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def indicator(self) -> Indicator:
        """Which indicator it is."""
        return self.new.indicator

    @property
    def joint(self) -> float:
        """What the effects of its causes, one by one, leave of the difference."""
        known = [cause.effect for cause in self.causes if not math.isnan(cause.effect)]
        return self.difference - sum(known)


def read_record(folder: Path, *, known_by: dt.date) -> Record:
    """Read every layer of the indicators as published by a day.

    Raises
    ------
    LayerNotFound, EditionNotFound, HashMismatch, SchemaError, FileDamaged
        If a layer is missing or cannot be read.
    """
    return read_named(
        folder, lambda layer: catalogue.find_edition(folder, layer, known_by=known_by),
        known_by=known_by,
    )  # fmt: skip


def read_named(folder: Path, edition_of: Finder, *, known_by: dt.date) -> Record:
    """Read the very editions that a function names by layer; else as :func:`read_record`."""
    layers = {name: catalogue.read_layer(folder, edition_of(name)) for name in LAYERS}
    rows = {name: layer.features for name, layer in layers.items()}
    residents = residents_of(rows["districts"], rows["cities"])
    return Record(layers, residents, measure_sections(rows[LINES], rows[STATIONS]), known_by)


def chosen(ids: Iterable[str] | None) -> list[Indicator]:
    """Indicators by their ids, all of them if None.

    Raises
    ------
    IndicatorNotFound
        If there is no such indicator.
    """
    wanted = list(INDICATORS) if ids is None else list(dict.fromkeys(ids))
    for id_ in wanted:
        if id_ not in INDICATORS:
            near = ", ".join(near_words(id_, INDICATORS)) or ", ".join(INDICATORS)
            raise IndicatorNotFound(id=id_[:60], near=near)
    return [INDICATORS[id_] for id_ in wanted]


def frames_of(record: Record, day: dt.date) -> Frames:
    """Frames of a day."""
    rows = {name: layer.features for name, layer in record.layers.items()}
    return frames_on(
        rows, record.residents, record.sections, day,
        undated_from=record.layers[LINES].edition.published,
    )  # fmt: skip


def measure(record: Record, day: dt.date, ids: Iterable[str] | None = None) -> tuple[Reading, ...]:
    """Indicators on a day, all or those asked for.

    Raises
    ------
    IndicatorNotFound
        If there is no such indicator.
    """
    frames = frames_of(record, day)
    return tuple(_read(record, one, frames) for one in chosen(ids))


def trend(record: Record, id_: str, days: Iterable[dt.date]) -> tuple[Reading, ...]:
    """One indicator on several days; else as :func:`measure`."""
    return tuple(measure(record, day, [id_])[0] for day in days)


def compare(
    record: Record, old: dt.date, new: dt.date, ids: Iterable[str] | None = None
) -> tuple[Change, ...]:
    """Indicators on two days, with what changed them; else as :func:`measure`."""
    before, after = frames_of(record, old), frames_of(record, new)
    return tuple(_compare(record, one, before, after) for one in chosen(ids))


def _read(record: Record, indicator: Indicator, frames: Frames) -> Reading:
    editions = tuple(record.layers[layer].edition for layer in indicator.layers)
    return Reading(indicator, frames.day, indicator.of(frames), editions)


def _compare(record: Record, indicator: Indicator, old: Frames, new: Frames) -> Change:
    first, last = (_read(record, indicator, frames) for frames in (old, new))
    sides = (old, new)
    left_out = _half_known(first.measure, last.measure)
    if left_out:
        old, new = without(old, left_out), without(new, left_out)
        values = [indicator.of(frames).value for frames in (old, new)]
    else:
        values = [first.value, last.value]
    every = [
        cause
        for layer in indicator.moving
        for cause in _causes(indicator, layer, old, new, values[1])
    ]
    difference = values[1] - values[0]
    causes = [cause for cause in every if cause.effect != 0.0]
    if not causes and difference:
        causes = every
    causes += [_unmeasured(sides, key) for key in left_out]
    return Change(first, last, difference, tuple(sorted(causes, key=_order)), left_out)


def _half_known(old: Measure, new: Measure) -> tuple[tuple[str, str], ...]:
    """Features with an extent that is not published on one of two days."""
    sides = [{id_of(key) for key in side.unknown} for side in (old, new)]
    return tuple(sorted(sides[0] ^ sides[1]))


def _order(cause: Cause) -> tuple[float, str, str]:
    """Largest effect first."""
    effect = 0.0 if math.isnan(cause.effect) else cause.effect
    return -abs(effect), cause.day or "", cause.id


def _causes(
    indicator: Indicator, layer: str, old: Frames, new: Frames, value: float
) -> list[Cause]:
    """Features of a layer that changed between two days, with their effect on the value."""
    before, after = old.by_key(layer), new.by_key(layer)
    return [
        _cause(layer, id_, before, after,
               value - indicator.of(with_change_undone(new, old, layer, id_)).value)
        for id_ in sorted({id_ for id_, _ in before.keys() ^ after.keys()})
    ]  # fmt: skip


def _cause(
    layer: str, id_: str, before: dict[tuple[str, str], dict[str, object]],
    after: dict[tuple[str, str], dict[str, object]], effect: float,
) -> Cause:  # fmt: skip
    went, came = (
        {name: row for (own, name), row in side.items() if own == id_ and (own, name) not in other}
        for side, other in ((before, after), (after, before))
    )
    named = list((came or went).values())
    name = {
        lang: translate("words.comma", lang).join(
            dict.fromkeys(str(row[f"name_{lang}"]) for row in named)
        )
        for lang in LANGUAGES
    }
    day, precision = _first_day(came, "valid_from") if came else _first_day(went, "valid_to")
    return Cause(layer, id_, name, tuple(went), tuple(came), day, precision, effect)


def _first_day(rows: dict[str, dict[str, object]], column: str) -> tuple[str | None, str | None]:
    """The first day on which one of some rows began or ended, with its precision."""
    known = [row for row in rows.values() if isinstance(row[column], str)]
    if not known:
        return None, None
    first = min(known, key=lambda row: str(row[column]))
    return str(first[column]), str(first[f"{column}_precision"])


def _unmeasured(sides: tuple[Frames, Frames], key: tuple[str, str]) -> Cause:
    """A feature that changed, but whose effect nobody knows."""
    layer, id_ = key
    before, after = (frames.by_key(layer) for frames in sides)
    return _cause(layer, id_, before, after, math.nan)
