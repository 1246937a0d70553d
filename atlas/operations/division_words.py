"""Units that are divided, joined or redrawn: what passes from whom to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlas.i18n import translate
from atlas.operations.extent_words import SLIVER_SHARE
from atlas.operations.grammar import capital, listed, share_text, size_text, with_article

if TYPE_CHECKING:
    import pandas as pd

    from atlas.operations.compare import Comparison


def tell_division(
    comparison: Comparison, place: int, old: list[Any], new: list[Any], lang: str
) -> list[str]:
    """Sentences of a change among several features: first who gives, then who is new or grows."""
    cut = comparison.pieces[comparison.pieces["place"] == place]
    cut = cut[cut["size"] > SLIVER_SHARE * cut["size"].sum()]
    names = {str(row["id"]): str(row[f"name_{lang}"]) for row in old + new}
    before = {str(row["id"]): str(row[f"name_{lang}"]) for row in old}
    after = {str(row["id"]) for row in new}
    told = [
        _gives(comparison, cut, id_, before, names, after, lang)
        for id_ in before
        if ((cut["from_id"] == id_) & (cut["change"] == "transferred")).any()
    ]
    told += [
        _takes(comparison, cut, id_, id_ in before, names, lang)
        for id_ in dict.fromkeys(str(row["id"]) for row in new)
    ]
    for sort, key in (("lost", "words.loss_everything"), ("gained", "words.gain_everything")):
        size = float(cut.loc[cut["change"] == sort, "size"].sum())
        if size > 0:
            told.append(translate(key, lang, size=size_text(size, comparison.unit, lang)))
    return [sentence for sentence in told if sentence]


def _gives(
    comparison: Comparison, cut: pd.DataFrame, id_: str, before: dict[str, str],
    names: dict[str, str], after: set[str], lang: str,
) -> str:  # fmt: skip
    """What a feature passes to others."""
    own = cut[cut["from_id"] == id_]
    passed = own[own["change"] == "transferred"]
    kept = float(own.loc[own["change"] == "kept", "size"].sum())
    values = {"subject": capital(with_article(before[id_], lang))}
    if id_ not in after and len(passed) == 1:
        target = str(passed["to_id"].iloc[0])
        key = "words.absorbed" if target in before else "words.turns_into"
        size = size_text(float(passed["size"].sum()), comparison.unit, lang)
        return translate(key, lang, size=size, target=with_article(names[target], lang), **values)
    gone = id_ not in after
    targets = [
        translate(
            "words.dissolved_part" if gone else "words.gives_part", lang,
            size=size_text(float(size), comparison.unit, lang),
            target=_target(str(to), before, names, lang),
        )
        for to, size in zip(passed["to_id"], passed["size"], strict=True)
    ]  # fmt: skip
    return translate(
        "words.dissolved" if gone else "words.gives", lang, targets=listed(targets, lang),
        kept=size_text(kept, comparison.unit, lang), **values,
    )  # fmt: skip


def _target(id_: str, before: dict[str, str], names: dict[str, str], lang: str) -> str:
    """The name of who takes; said to be new if it was not there before."""
    if id_ in before:
        return with_article(names[id_], lang)
    return translate("words.new_unit", lang, name=names[id_])


def _takes(
    comparison: Comparison, cut: pd.DataFrame, id_: str, was: bool, names: dict[str, str], lang: str
) -> str:  # fmt: skip
    """How a feature that takes something grows, or what a new one is made of."""
    taken = cut[(cut["to_id"] == id_) & (cut["change"] == "transferred")]
    if taken.empty:
        return ""
    after = float(cut.loc[cut["to_id"] == id_, "size"].sum())
    before = float(cut.loc[cut["from_id"] == id_, "size"].sum())
    values = {"subject": capital(with_article(names[id_], lang))}
    if not was:
        if len(taken) == 1:
            return ""
        sources = [
            translate(
                "words.made_of_part", lang, size=size_text(float(size), comparison.unit, lang),
                source=with_article(names[str(source)], lang),
            )
            for source, size in zip(taken["from_id"], taken["size"], strict=True)
        ]  # fmt: skip
        size = size_text(after, comparison.unit, lang)
        return translate("words.made_of", lang, size=size, sources=listed(sources, lang), **values)
    if before == 0 or abs(after - before) <= SLIVER_SHARE * after:
        return ""
    old, new = (size_text(size, comparison.unit, lang) for size in (before, after))
    difference = size_text(abs(after - before), comparison.unit, lang)
    share = share_text((after - before) / before, lang, signed=True)
    key = "words.grows" if after > before else "words.shrinks"
    return translate(key, lang, old=old, new=new, difference=difference, share=share, **values)
