"""Changes of stations and settlements: they have a place, and no extent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlas.core.crs import way_of
from atlas.i18n import translate, word_of
from atlas.operations.extent_words import tell_attributes
from atlas.operations.grammar import listed, size_text, with_article
from atlas.operations.row_words import bare_version, named, subject, version_words

if TYPE_CHECKING:
    from atlas.operations.compare import Comparison


def tell_points(
    comparison: Comparison, place: int, old: list[Any], new: list[Any], lang: str
) -> list[str]:
    """Sentences of a change of points that are neither new nor gone."""
    if len(old) == len(new) == 1:
        return _tell_one(comparison, place, old[0], new[0], lang)
    if len({row["id"] for row in old + new}) == 1:
        parts = listed([word_of("part", row["part"], lang) for row in new], lang)
        version = bare_version(new[0], lang)
        values = {"subject": subject(new[0], lang), "parts": parts, "version": version}
        return [translate("words.point_parts", lang, **values)]
    before, after = (
        listed(
            [with_article(name, lang) for name in dict.fromkeys(named(r, lang) for r in rows)], lang
        )
        for rows in (old, new)
    )
    return [translate("words.point_several", lang, old=before, new=after)]


def _tell_one(comparison: Comparison, place: int, old: Any, new: Any, lang: str) -> list[str]:
    kind = comparison.diff.changes[place].kind
    if old["id"] != new["id"]:
        head = translate(
            "words.becomes", lang, old=subject(old, lang), new=named(new, lang),
            old_code=old["id"], new_code=new["id"],
        )  # fmt: skip
        key = "words.point_becomes_here" if kind == "reworded" else "words.point_becomes_elsewhere"
        return [translate(key, lang, subject=head)]
    return [_where(kind, old, new, lang), *tell_attributes(comparison, old, new, lang)]


def _where(kind: str, old: Any, new: Any, lang: str) -> str:
    """Whether a point stays where it is, moves, or is known on one side only."""
    values = {
        "subject": subject(new, lang), "old": version_words(old, lang),
        "new": version_words(new, lang),
    }  # fmt: skip
    if old["geometry"] is None or new["geometry"] is None:
        known = old["geometry"] is not None or new["geometry"] is not None
        lost = "words.point_lost" if new["geometry"] is None else "words.point_found"
        return translate(lost if known else "words.point_unknown", lang, **values)
    if kind == "reworded":
        return translate("words.point_same_version", lang, **values)
    distance_km, direction = way_of(old["geometry"], new["geometry"])
    return translate(
        "words.moves", lang, distance=size_text(distance_km, "km", lang),
        direction=translate(f"words.direction.{direction}", lang), **values,
    )  # fmt: skip
