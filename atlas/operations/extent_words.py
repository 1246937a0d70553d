"""One feature that stays itself: how its extent, its members and its words change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from atlas.cartography.style import read_variants
from atlas.core.crs import way_of
from atlas.core.schema import missing_to_none
from atlas.core.units import member_changes
from atlas.i18n import translate, word_of
from atlas.operations.compare import EDITIONS, VERSIONS
from atlas.operations.grammar import capital, listed, share_text, size_text
from atlas.operations.member_words import tell_members
from atlas.operations.row_words import bare_version, named, subject, version_words, with_version

if TYPE_CHECKING:
    from atlas.operations.compare import Comparison

PROPOSED = ("draft", "initiative", "research", "planned")
"""Statuses of plans that nobody has put in force."""
SLIVER_SHARE = 1e-4
"""What is gained or lost below this share of the whole is not told in words; tables have it."""


def tell_extent(comparison: Comparison, place: int, old: Any, new: Any, lang: str) -> list[str]:
    """Sentences of a change of one row to one row."""
    change = comparison.diff.changes[place]
    if old["id"] != new["id"]:
        return [
            *_becomes(comparison, place, old, new, lang),
            _members(comparison, [old], [new], lang),
        ]
    if change.kind == "moved":
        told = [_moves(comparison, place, old, new, lang)]
    else:
        told = _resized(comparison, place, old, new, lang)
    members = _members(comparison, [old], [new], lang)
    return [told[0], members, *told[1:], *tell_attributes(comparison, old, new, lang)]


def _becomes(comparison: Comparison, place: int, old: Any, new: Any, lang: str) -> list[str]:
    """A feature that goes on under another code."""
    sizes = {
        n: size_text(comparison.sizes_of(place)[n], comparison.unit, lang) for n in ("old", "new")
    }
    head = translate(
        "words.becomes", lang, old=subject(old, lang), new=named(new, lang), old_code=old["id"],
        new_code=new["id"],
    )  # fmt: skip
    if comparison.diff.changes[place].kind == "reworded":
        return [translate("words.becomes_same", lang, subject=head, size=sizes["new"])]
    return [translate("words.becomes_other", lang, subject=head, **sizes)]


def _moves(comparison: Comparison, place: int, old: Any, new: Any, lang: str) -> str:
    distance_km, direction = way_of(old["geometry"].centroid, new["geometry"].centroid)
    size = comparison.sizes_of(place)["new"]
    return translate(
        "words.moves_size" if comparison.unit and size > 0 else "words.moves", lang,
        subject=subject(new, lang), distance=size_text(distance_km, "km", lang),
        direction=translate(f"words.direction.{direction}", lang),
        size=size_text(size, comparison.unit, lang),
    )  # fmt: skip


def _resized(comparison: Comparison, place: int, old: Any, new: Any, lang: str) -> list[str]:
    """How the extent changes, and what it gains and loses if it does both."""
    sizes = comparison.sizes_of(place)
    before, after = sizes["old"], sizes["new"]
    values = {
        "subject": subject(new, lang), "old": version_words(old, lang),
        "new": version_words(new, lang),
    }  # fmt: skip
    if old["part"] == new["part"] != "whole":
        part = word_of("part", new["part"], lang)
        whose = translate("words.in_brackets", lang, text=values["subject"], note=part)
        versions = {"old": bare_version(old, lang), "new": bare_version(new, lang)}
        values |= {"subject": whose} | versions
    if math.isnan(before) or math.isnan(after):
        return [_half_known(comparison, before, after, values, lang)]
    words = {name: size_text(sizes[name], comparison.unit, lang) for name in sizes}
    least = SLIVER_SHARE * max(before, after)
    gained, lost = sizes["gained"] > least, sizes["lost"] > least
    if not gained and not lost:
        same = old["plan_version"] == new["plan_version"]
        key = "words.same_extent" if same else "words.same_extent_version"
        return [translate(key, lang, size=words["new"], **values)]
    whole = old["part"] == new["part"]
    values |= {
        "old": with_version(words["old"], old, lang, part=not whole),
        "new": with_version(words["new"], new, lang, part=not whole),
    }
    both = translate(
        "words.gain_and_loss", lang, **{n: words[n] for n in ("gained", "lost", "kept")}
    )
    if abs(after - before) <= least:
        return [
            translate("words.border", lang, gained=words["gained"], lost=words["lost"], **values)
        ]
    told = translate(
        _direction(comparison, new, larger=after > before), lang, **values,
        difference=size_text(abs(after - before), comparison.unit, lang),
        share=share_text((after - before) / before, lang, signed=True),
    )  # fmt: skip
    return [told, both] if gained and lost else [told]


def _direction(comparison: Comparison, new: Any, *, larger: bool) -> str:
    """A plan in force grows or shrinks; one that is only proposed would."""
    if comparison.by == VERSIONS and new["status"] in PROPOSED:
        return "words.would_grow" if larger else "words.would_shrink"
    return "words.grows" if larger else "words.shrinks"


def _half_known(
    comparison: Comparison, before: float, after: float, values: dict[str, str], lang: str
) -> str:
    """An extent that one of the states, or neither, has."""
    if math.isnan(before) and math.isnan(after):
        return translate("words.no_extent", lang, **values)
    key = "words.extent_lost" if math.isnan(after) else "words.extent_found"
    size = size_text(before if math.isnan(after) else after, comparison.unit, lang)
    record = "_record" if comparison.by == EDITIONS else ""
    return translate(key + record, lang, size=size, **values)


def _members(comparison: Comparison, old: list[Any], new: list[Any], lang: str) -> str:
    before, after = ([unit for row in rows for unit in _listed(row)] for rows in (old, new))
    if not before or not after:
        return ""
    changes = member_changes(before, after, comparison.units)
    return tell_members(changes, comparison.units, lang)


def _listed(row: Any) -> list[str]:
    members = row.get("members")
    return members if isinstance(members, list) else []


def tell_attributes(comparison: Comparison, old: Any, new: Any, lang: str) -> list[str]:
    """Name, status and document, where they change."""
    told = []
    if named(old, lang) != named(new, lang):
        values = {"old": named(old, lang), "new": named(new, lang)}
        told.append(translate("words.renamed", lang, **values))
    if old["status"] != new["status"]:
        titles = read_variants()
        before, after = (titles[row["status"]].title[lang] for row in (old, new))
        if comparison.by == VERSIONS:
            versions = {"old": capital(bare_version(old, lang)), "new": bare_version(new, lang)}
            statuses = {"old_status": before, "new_status": after}
            told.append(translate("words.compared", lang, **versions, **statuses))
        else:
            told.append(translate("words.turned", lang, old=before, new=after))
    document = missing_to_none(new.get("document"))
    if document is not None and document != missing_to_none(old.get("document")):
        quoted = translate("words.quoted", lang, text=document)
        told.append(translate("words.document", lang, document=quoted))
    return told


def tell_parts(
    comparison: Comparison, place: int, old: list[Any], new: list[Any], lang: str
) -> list[str]:
    """Sentences of one feature that is told in other parts than before."""
    sizes = comparison.sizes_of(place)
    words = {name: size_text(sizes[name], comparison.unit, lang) for name in sizes}
    values = {
        "subject": subject(new[0], lang), "old": words["old"], "new": words["new"],
        "version": listed(list(dict.fromkeys(bare_version(row, lang) for row in new)), lang),
    }  # fmt: skip
    if len(new) == 1:
        parts = listed([part_words(comparison, row, lang) for row in old], lang)
        head = translate("words.in_one", lang, parts=parts, **values)
    else:
        parts = listed([part_words(comparison, row, lang) for row in new], lang)
        key = "words.in_parts" if len(old) == 1 else "words.in_other_parts"
        version = translate("words.old_version", lang, version=bare_version(old[0], lang))
        head = translate(key, lang, parts=parts, count=len(new), old_version=version, **values)
    least = SLIVER_SHARE * max(sizes["old"], sizes["new"])
    unknown = [word_of("part", r["part"], lang) for r in old + new if r["geometry_basis"] == "none"]
    note = translate("words.part_unknown", lang, parts=listed(unknown, lang)) if unknown else ""
    told = [head, note, _members(comparison, old, new, lang)]
    if sizes["gained"] > least and sizes["lost"] > least:
        kept = {name: words[name] for name in ("gained", "lost", "kept")}
        told.append(translate("words.gain_and_loss", lang, **kept))
    return told


def part_words(comparison: Comparison, row: Any, lang: str) -> str:
    """A part with its size."""
    measured = comparison.measure(row["geometry"])
    size = size_text(measured, comparison.unit, lang)
    if math.isnan(measured):
        size = translate("words.size_unknown", lang)
    name = word_of("part", row["part"], lang)
    return translate("words.in_brackets", lang, text=name, note=size)
