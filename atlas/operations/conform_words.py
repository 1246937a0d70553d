"""A lower plan held against an upper one, in plain sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from atlas.analysis.conformance import HARDLY, PARTLY, WHOLLY
from atlas.core.land_use import BUILD, KEEP, contradicts
from atlas.i18n import translate
from atlas.operations.grammar import capital, listed, share_text, size_text, with_article
from atlas.operations.indicator_words import origin_words
from atlas.operations.overlap_words import UNITS
from atlas.operations.row_words import with_version

if TYPE_CHECKING:
    from atlas.operations.conform import Conformed

NAMED_MOST = 3
"""Lower features that a sentence names."""
CLASSES_MOST = 8


def title(found: Conformed, lang: str) -> str:
    """Which plan against which."""
    return translate("conform.title", lang, lower=found.lower.title[lang],
                     upper=found.upper.title[lang])  # fmt: skip


def size_words(found: Conformed, size: float, lang: str) -> str:
    """A size of the upper features with its unit."""
    unit = UNITS[found.upper.kind]
    return (
        size_text(size, unit, lang) if unit else translate("conform.count", lang, count=round(size))
    )


def tell(found: Conformed, lang: str) -> tuple[str, ...]:
    """The result in a few sentences, largest facts first."""
    verdicts = found.result.features["verdict"].tolist()
    fields = {"whole": verdicts.count(WHOLLY), "part": verdicts.count(PARTLY),
              "none": verdicts.count(HARDLY)}  # fmt: skip
    told = [
        translate("conform.summary", lang, lower=found.lower.title[lang], day=found.day.isoformat(),
                  upper=found.upper.title[lang], count=sum(fields.values()), **fields),
        _against(found, lang),
    ]  # fmt: skip
    unknown = found.upper_rows[found.upper_rows.geometry.isna()]
    if len(unknown):
        names = [_name(found, place, lang) for place in unknown.index]
        told.append(translate("conform.unknown", lang, names=listed(names, lang)))
    if found.uncounted:
        parts = [
            translate("conform.uncounted_part", lang, count=count,
                      status=translate(f"conform.status_{status}", lang))
            for status, count in found.uncounted
        ]  # fmt: skip
        told.append(translate("conform.uncounted", lang, parts=listed(parts, lang)))
    return tuple(capital(text) for text in told if text)


def _against(found: Conformed, lang: str) -> str:
    """How many features contradict, or why that is not told."""
    if not found.lower.judged:
        return translate("conform.unjudged", lang)
    told = []
    uses = set(found.lower.rows["use"])
    if found.upper_use in (BUILD, KEEP) and any(contradicts(use, found.upper_use) for use in uses):
        count = int(found.result.features["is_contradicted"].sum())
        key = "conform.against" if count else "conform.against_none"
        told.append(translate(key, lang, count=count) if count else translate(key, lang))
    else:
        told.append(translate("conform.against_same", lang))
    if found.lower.unmapped:
        classes = [
            translate("conform.class_rows", lang, count=count,
                      name=name or translate("conform.class_empty", lang))
            for name, count in found.lower.unmapped[:CLASSES_MOST]
        ]  # fmt: skip
        told.append(translate("conform.unmapped", lang, classes=listed(classes, lang)))
    return ("" if lang == "zh" else " ").join(told)


def tell_feature(found: Conformed, place: int, lang: str) -> str:
    """What the lower plan does with one upper feature; empty if its extent is not known."""
    row = found.result.features.iloc[place]
    if math.isnan(row["share_carried"]):
        return ""
    fields = {
        "feature": _name(found, place, lang),
        "carried": size_words(found, float(row["carried"]), lang),
        "share": share_text(float(row["share_carried"]), lang),
        "left_out": size_words(found, float(row["left_out"]), lang),
    }
    if not row["is_contradicted"]:
        return capital(translate("conform.feature", lang, **fields))
    clashes = found.result.clashes
    own = clashes[clashes["feature"] == place].sort_values("size", ascending=False, kind="stable")
    names = [with_article(str(found.lower.rows[f"name_{lang}"].iloc[int(lower)]), lang)
             for lower in own["lower"]]  # fmt: skip
    fields["names"] = listed(list(dict.fromkeys(names))[:NAMED_MOST], lang)
    fields["contradicted"] = size_words(found, float(row["contradicted"]), lang)
    return capital(translate("conform.feature_against", lang, **fields))


def _name(found: Conformed, place: int, lang: str) -> str:
    row = found.upper_rows.iloc[place]
    return with_version(with_article(str(row[f"name_{lang}"]), lang), row, lang)


def method_texts(found: Conformed, lang: str) -> tuple[str, ...]:
    """Thresholds, the rule of contradictions, and how sizes add up."""
    held = found.thresholds
    return (
        translate(
            "conform.thresholds", lang, carried=share_text(held.carried_share, lang),
            left_out=share_text(held.left_out_share, lang),
            contradicted=share_text(held.contradicted_share, lang),
            size=size_words(found, held.contradicted_size, lang),
            near=size_text(held.near_m / 1000.0, "km", lang),
        ),
        translate("conform.rule", lang),
        translate("conform.partition", lang),
    )  # fmt: skip


def origin_texts(found: Conformed, lang: str) -> tuple[str, ...]:
    """Editions or file, with hashes."""
    told = [origin_words(found.upper.title[lang], found.upper_edition, lang)]
    if found.lower.edition is not None:
        told.append(origin_words(found.lower.title[lang], found.lower.edition, lang))
    else:
        told.append(translate("conform.file", lang, name=found.lower.name,
                              hash=found.lower.sha256[:12]))  # fmt: skip
    if found.zones.edition is not None:
        told.append(origin_words(found.zones.title[lang], found.zones.edition, lang))
    return tuple(dict.fromkeys(told))
