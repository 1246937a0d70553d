"""An evaluation as a document: overview, each area of the plan, method, sources."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from atlas.analysis.indicator_list import AREAS, INDICATORS
from atlas.core.report import Block, Bullets, Heading, Paragraph, Report, Table
from atlas.i18n import translate
from atlas.operations import indicator_words as words
from atlas.operations.evaluate import Assessment, Evaluation
from atlas.operations.grammar import MINUS, listed

if TYPE_CHECKING:
    from atlas.operations.evaluate import AreaEvaluation
    from atlas.operations.indicators import Change, Record

Evaluated = Evaluation | Assessment


def area_title(area: int, lang: str) -> str:
    """Title of an area of the plan, with its number."""
    return f"{area} {translate(f'evaluation.area_{area}', lang)}"


def evaluation_of(found: Evaluated) -> Evaluation:
    """The comparison of the first with the last day."""
    return found.evaluation if isinstance(found, Assessment) else found


def to_report(found: Evaluated, lang: str, *, made: dt.date) -> Report:
    """An evaluation as a document.

    Parameters
    ----------
    found
        Two days, or several side by side.
    lang
        Language of the document.
    made
        Day that it says it was made on.
    """
    held = evaluation_of(found)
    blocks: list[Block] = [
        *(Paragraph(text) for text in opening(held, lang)),
        Heading(translate("evaluation.overview", lang)),
        overview(found, lang),
    ]
    for area in held.areas:
        blocks += _area(held, area, lang)
    blocks += [*_method(lang), *_sources(held.record, lang, made)]
    return Report(title_of(found, lang), lang, tuple(blocks))


def title_of(found: Evaluated, lang: str) -> str:
    """Title of the document."""
    held = evaluation_of(found)
    several = isinstance(found, Assessment)
    key = "evaluation.assessment_title" if several else "evaluation.title"
    days = {"old": held.baseline.isoformat(), "new": held.day.isoformat()}
    return translate(key, lang, **days)


def opening(held: Evaluation, lang: str) -> tuple[str, str, str]:
    """What it is, what it is not, and how many indicators did what."""
    days = {"old": held.baseline.isoformat(), "new": held.day.isoformat()}
    intro = translate("evaluation.intro", lang, known_by=held.known_by.isoformat(), **days)
    return intro, translate("evaluation.caution", lang), summary(held, lang)


def summary(held: Evaluation, lang: str) -> str:
    """How many indicators went up, went down, did not change; which areas have none."""
    ways = [way_of(change) for change in held.changes]
    bare = [area_title(area.area, lang) for area in held.areas if not area.changes]
    counts = {way: ways.count(way) for way in ("more", "less", "same", "unknown")}
    return translate("evaluation.summary", lang, count=len(ways), areas=listed(bare, lang),
                     **counts)  # fmt: skip


def way_of(change: Change) -> str:
    """Which way an indicator went: ``more``, ``less``, ``same`` or ``unknown``."""
    if math.isnan(change.difference):
        return "unknown"
    if words.is_nothing(change, change.difference):
        return "same"
    return "more" if change.difference > 0 else "less"


def overview(found: Evaluated, lang: str) -> Table:
    """Every indicator of every area: its value on each day, and the change."""
    held = evaluation_of(found)
    days = found.days if isinstance(found, Assessment) else (held.baseline, held.day)
    rows = []
    for area in held.areas:
        for change in area.changes:
            readings = (
                found.readings[change.indicator.id] if isinstance(found, Assessment)
                else (change.old, change.new)
            )  # fmt: skip
            values = [words.value_text(reading, lang) for reading in readings]
            rows.append((
                str(area.area), words.title(change.indicator.id, lang), *values,
                short_change(change, lang),
            ))  # fmt: skip
    head = (
        translate("evaluation.area", lang), translate("evaluation.indicator", lang),
        *(day.isoformat() for day in days), translate("evaluation.change", lang),
    )  # fmt: skip
    return Table(head, tuple(rows), numeric=tuple(range(2, len(head))))


def short_change(change: Change, lang: str) -> str:
    """A difference with its sign; a star where features were left out of it."""
    way = way_of(change)
    star = " *" if change.left_out else ""
    if way == "unknown":
        return translate("indicator.unknown", lang)
    if way == "same":
        return translate("evaluation.no_change", lang) + star
    sign = "+" if way == "more" else MINUS
    return sign + words.difference_text(change, change.difference, lang) + star


def moved(area: AreaEvaluation) -> list[Change]:
    """Indicators of an area that changed, or of which it cannot be said."""
    return [change for change in area.changes if way_of(change) != "same" or change.left_out]


def gap_texts(held: Evaluation, area: AreaEvaluation, lang: str) -> tuple[str, ...]:
    """What is missing from the indicators of an area on either day, each thing once."""
    readings = [reading for change in area.changes for reading in (change.old, change.new)]
    return words.gaps_of(held.record, readings, lang)


def _area(held: Evaluation, area: AreaEvaluation, lang: str) -> list[Block]:
    blocks: list[Block] = [Heading(area_title(area.area, lang))]
    if area.changes:
        blocks.append(Heading(translate("evaluation.causes", lang), 2))
        for change in moved(area):
            blocks.append(Paragraph(words.change_text(held.record, change, lang)))
            causes = words.cause_texts(change, lang)
            blocks += [Bullets(causes)] if causes else []
        if not moved(area):
            blocks.append(Paragraph(translate("evaluation.nothing_changed", lang)))
        gaps = gap_texts(held, area, lang)
        blocks.append(Heading(translate("evaluation.gaps", lang), 2))
        blocks.append(Bullets(gaps) if gaps else Paragraph(translate("evaluation.no_gaps", lang)))
    else:
        blocks.append(Paragraph(translate("evaluation.no_indicator", lang)))
    if area.others:
        names = listed([words.title(id_, lang) for id_ in area.others], lang)
        blocks.append(Paragraph(translate("evaluation.see_also", lang, names=names)))
    return blocks


def _method(lang: str) -> list[Block]:
    rows = tuple(
        (words.title(id_, lang), words.definition(id_, lang), words.method(id_, lang),
         words.limits(id_, lang))
        for id_ in INDICATORS
    )  # fmt: skip
    head = tuple(
        translate(key, lang)
        for key in ("evaluation.indicator", "indicator.definition", "indicator.method",
                    "indicator.limits")
    )  # fmt: skip
    return [Heading(translate("evaluation.method", lang)), Table(head, rows)]


def _sources(record: Record, lang: str, made: dt.date) -> list[Block]:
    """Every edition with its whole hash, whose data they are, and when this was made."""
    told = [
        translate(
            "evaluation.edition", lang, layer=layer.info.title[lang], id=name,
            edition=layer.edition.edition, day=layer.edition.published.isoformat(),
            sha256=layer.edition.sha256, licence=layer.info.licence,
            attribution=layer.info.attribution[lang],
        )
        for name, layer in record.layers.items()
    ]  # fmt: skip
    return [
        Heading(translate("evaluation.sources", lang)),
        Bullets(tuple(told)),
        Paragraph(translate("evaluation.made", lang, made=made.isoformat())),
        Paragraph(translate("app.notice", lang)),
    ]


def titles(lang: str) -> dict[int, str]:
    """Titles of all areas by number."""
    return {area: area_title(area, lang) for area in AREAS}
