"""Tell a description in the words of one language: labelled facts, for a page or a terminal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.cartography.popup import column_title
from atlas.cartography.style import read_variants
from atlas.core.text import is_web_address, split_sources
from atlas.i18n import translate, version_name, word_of

if TYPE_CHECKING:
    from atlas.core.description import Detail, Entry, FeatureDescription, Size, Unit, Version
    from atlas.core.layer import Edition, LayerInfo

LINK_SHOWN = 64
"""Characters of an address that a page repeats."""
"""How the plan version of a former boundary begins; the rest is when it ended."""
SMALL = 100
"""Below this, sizes are told to a tenth."""


@dataclass(frozen=True)
class Item:
    """A piece of a fact: words, and where they lead (a web address, or a place of the atlas)."""

    text: str
    url: str = ""
    place: str = ""


@dataclass(frozen=True)
class Fact:
    """A label and what there is to say."""

    label: str
    items: tuple[Item, ...]


def version_title(version: Version, lang: str, day: dt.date) -> str:
    """Version, part and status on a day in one line."""
    words = version_text(version, lang), part_text(version, lang), status_text(version, lang, day)
    return " · ".join(word for word in words if word)


def version_text(version: Version, lang: str) -> str:
    """Words of a version: its name, said to be one if it is a bare number."""
    name = version_name(version.plan_version, lang)
    if name == version.plan_version:
        return translate("describe.version", lang, version=name)
    return name


def part_text(version: Version, lang: str) -> str:
    """Words of a version's part; empty if it is the whole."""
    return "" if version.part == "whole" else word_of("part", version.part, lang)


def status_text(version: Version | Entry, lang: str, day: dt.date) -> str:
    """Words of a version's status on a day; one that had ended, or had not begun, says so."""
    asked = day.isoformat()
    if version.valid_to is not None and version.valid_to <= asked[: len(version.valid_to)]:
        if version.valid_to == asked[: len(version.valid_to)] != asked:
            doubt = translate("table.uncertain", lang)
            return f"{standing_words(version.status, version.status, lang)} · {doubt}"
        return standing_words(version.status, "superseded", lang)
    if version.valid_from is not None and version.valid_from > asked:
        return standing_words(version.status, "not-yet", lang)
    return standing_words(version.status, version.status, lang)


def standing_words(status: str, standing: str, lang: str) -> str:
    """Status and standing in words: a draft that has ended is a superseded draft.

    Parameters
    ----------
    status
        Of the row.
    standing
        The status again, ``superseded`` or ``not-yet`` (:func:`atlas.core.period.standings`).
    """
    title = read_variants()[status].title[lang]
    if standing == status:
        return title
    if (status, standing) == ("in-force", "superseded"):
        return translate("describe.formerly", lang)
    return translate(f"standing.{standing}", lang, status=title)


def period_words(start: str | None, end: str | None, lang: str) -> str:
    """A period as it was published, what is not known of it said."""
    if start is None and end is None:
        return translate("table.unknown", lang)
    until = translate("map.until", lang, end=end) if end else translate("map.still", lang)
    return translate("map.period", lang, start=start, end=until) if start else until


def feature_facts(described: FeatureDescription, lang: str) -> list[Fact]:
    """What holds for every version of a feature: code, layer, edition, licence."""
    return _facts(
        ("table.layer", [Item(described.layer_title[lang], place=described.layer)], lang),
        ("column.id", [Item(f"{described.layer}:{described.id}")], lang),
        ("table.edition", [Item(translate("describe.edition", lang, number=described.edition,
                                          day=described.published))], lang),
        ("table.hash", [Item(described.sha256)], lang),
        ("describe.layer_source", [Item(described.source[lang])], lang),
        ("table.licence", [Item(f"{described.licence} · {described.attribution[lang]}")], lang),
    )  # fmt: skip


def old_names(described: FeatureDescription, lang: str) -> list[str]:
    """All former names of a feature in one line, or none."""
    names = " · ".join(described.names_old)
    return [f"{translate('column.names_old', lang)}: {names}"] if names else []


def layer_facts(info: LayerInfo, edition: Edition, lang: str) -> list[Fact]:
    """What a layer and its edition say of themselves."""
    packages = dict.fromkeys(f"{entry.package} {entry.version}" for entry in info.inputs)
    return _facts(
        ("column.id", [Item(info.id)], lang),
        ("table.edition", [Item(translate("describe.edition", lang, number=edition.edition,
                                          day=edition.published.isoformat()))], lang),
        ("table.hash", [Item(edition.sha256)], lang),
        ("table.source", [Item(info.source[lang])], lang),
        ("table.inputs", [Item(package) for package in packages], lang),
        ("table.accuracy", [Item(info.accuracy[lang])], lang),
        ("table.licence", [Item(f"{info.licence} · {info.attribution[lang]}")], lang),
    )  # fmt: skip


def version_facts(version: Version, lang: str) -> list[Fact]:
    """Everything about one version but its description and its events."""
    members = [_unit_item(unit, lang) for unit in version.members]
    head = _facts(
        ("describe.period", [Item(period_words(version.valid_from, version.valid_to, lang))], lang),
        ("column.document", _words(version.document), lang),
        ("column.issuer", _words(version.issuer), lang),
        ("column.issued", _words(version.issued), lang),
        ("describe.sources", _sources(version, lang), lang),
        ("describe.unsourced", [Item(column_title(name, lang)) for name in version.unsourced],
         lang),
        ("describe.members", members, lang),
        ("column.names_old", [Item(name) for name in version.names_old], lang),
    )  # fmt: skip
    details = [Fact(detail.title[lang], _detail(detail, lang)) for detail in version.details]
    accuracy = "" if version.accuracy_m is None else f"{version.accuracy_m:,.0f}"
    tail = _facts(
        ("column.geometry_basis", [Item(word_of("basis", version.geometry_basis, lang))], lang),
        ("column.method", _words(version.method[lang]), lang),
        ("column.accuracy_m", _words(accuracy), lang),
        ("column.notes", _words(version.notes[lang]), lang),
    )
    return head + details + _size_facts(version.size, lang) + tail


def _facts(*told: tuple[str, list[Item], str]) -> list[Fact]:
    """Facts of which there is anything to say."""
    return [Fact(translate(key, lang), tuple(items)) for key, items, lang in told if items]


def _words(text: str | None) -> list[Item]:
    return [Item(text)] if text else []


def _detail(detail: Detail, lang: str) -> tuple[Item, ...]:
    if detail.units:
        return tuple(_unit_item(unit, lang) for unit in detail.units)
    if detail.name.endswith("_source"):
        return tuple(source_item(source) for source in split_sources(detail.text[lang]))
    return (Item(word_of("value", detail.text[lang], lang)),)


def _unit_item(unit: Unit, lang: str) -> Item:
    if not unit.layer:
        return Item(translate("describe.unknown_unit", lang, code=unit.id))
    place = f"{unit.layer}:{unit.id}"
    return Item(f"{unit.name[lang]} {unit.id}" if unit.id.isdigit() else unit.name[lang], "", place)


def _sources(version: Version, lang: str) -> list[Item]:
    if not version.sourced:
        return [Item(translate("table.sourced_no", lang))]
    found = [source_item(source) for source in version.sources]
    return found or [Item(translate("describe.source_of_layer", lang))]


def source_item(source: str) -> Item:
    """A source: a link if it is a web address that can stand as one, else plain words."""
    if not is_web_address(source):
        return Item(source)
    shown = source.split("://", 1)[1].removesuffix("/")
    return Item(shown if len(shown) <= LINK_SHOWN else shown[: LINK_SHOWN - 1] + "…", source)


def size_words(value: float, unit: str) -> str:
    """A size with its unit.

    >>> size_words(76200, "km²"), size_words(12.34, "km")
    ('76,200 km²', '12.3 km')
    """
    return f"{value:,.0f} {unit}" if value >= SMALL else f"{value:,.1f} {unit}"


def _size_facts(size: Size | None, lang: str) -> list[Fact]:
    """Published and measured size; compared only where they are of the same extent."""
    if size is None:
        return []
    kind = "area" if size.unit == "km²" else "length"
    facts = []
    if size.published is not None:
        words = size_words(size.published, size.unit)
        if not size.exact:
            words = translate("describe.not_comparable", lang, size=words, reason=size.reason[lang])
        facts.append(Fact(translate(f"describe.published_{kind}", lang), (Item(words),)))
    if size.measured is not None:
        words = size_words(size.measured, size.unit)
        words = translate("describe.computed", lang, size=words)
        if size.difference is not None:
            share = f"{size.difference * 100:+.1f} %"
            words += translate("describe.difference", lang, share=share)
        facts.append(Fact(translate(f"describe.measured_{kind}", lang), (Item(words),)))
    return facts


def to_text(described: FeatureDescription, lang: str, day: dt.date) -> str:
    """A description for a terminal; the day tells which versions have ended."""
    other = "en" if lang == "zh" else "zh"
    lines = [described.name[lang], described.name[other], *old_names(described, lang), ""]
    lines += [_line(fact) for fact in feature_facts(described, lang)]
    for version in described.versions:
        lines += ["", f"## {version_title(version, lang, day)}"]
        lines += [version.description[lang]] if version.description[lang] else []
        lines += [_line(fact) for fact in version_facts(version, lang)]
        for event in version.events:
            lines.append(f"{event.day}: " + " ".join((event.title[lang], *event.sources)))
    return "\n".join(lines)


def _line(fact: Fact) -> str:
    return f"{fact.label}: " + "; ".join(item.url or item.text for item in fact.items)
