"""Who joins and who leaves, in words: whole cities first, exceptions instead of long lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.core.units import Membership, member_changes
from atlas.i18n import translate
from atlas.operations.grammar import capital, counted, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlas.core.units import Units


def tell_members(changes: list[Membership], units: Units, lang: str) -> str:
    """One sentence of who leaves and who joins; empty if nobody does.

    Parameters
    ----------
    changes
        City by city, from :func:`atlas.core.units.member_changes`.
    units
        Names.
    """
    phrases = [
        *_whole(changes, "none", "words.leave", units, lang),
        *(_partly(change, "left", units, lang) for change in changes if change.left),
        *_whole(changes, "all", "words.join", units, lang),
        *_rest(changes, units, lang),
        *(_partly(change, "joined", units, lang) for change in changes if change.joined),
    ]
    told = [phrase for phrase in phrases if phrase]
    if not told:
        return ""
    return translate(
        "words.sentence", lang, text=capital(translate("words.semicolon", lang).join(told))
    )


def list_units(codes: Iterable[str], units: Units, lang: str) -> str:
    """Names of units as a list in words."""
    return listed([units.name(code, lang) for code in codes], lang)


def tell_list(members: Iterable[str], units: Units, lang: str) -> str:
    """Members as a list in words: whole cities first, then districts with their city."""
    changes = member_changes((), members, units)
    whole = [units.name(change.city, lang) for change in changes if change.after == "all"]
    parts = [
        _named(change, change.joined, units, lang) for change in changes if change.after == "part"
    ]
    groups = [listed(whole, lang), *parts] if whole else parts
    return translate("words.semicolon", lang).join(groups)


def _whole(changes: list[Membership], after: str, key: str, units: Units, lang: str) -> list[str]:
    """Cities that leave or join as a whole, in one phrase."""
    before = "all" if after == "none" else "none"
    cities = [change.city for change in changes if (change.before, change.after) == (before, after)]
    return (
        [counted(key, len(cities), lang, units=list_units(cities, units, lang))] if cities else []
    )


def _partly(change: Membership, side: str, units: Units, lang: str) -> str:
    """A city of which only a part leaves or joins; empty if all of it does."""
    city = units.name(change.city, lang)
    gone = side == "left"
    moved, key = (change.left, "words.leave") if gone else (change.joined, "words.join")
    whole, other = (change.before, change.after) if gone else (change.after, change.before)
    if whole == "all" and other == "none":
        return ""
    if _all_but_few(change, gone=gone):
        if not gone:
            return ""
        stayed = list_units(change.stayed, units, lang)
        return translate(f"{key}.except", lang, city=city, units=stayed)
    return counted(key, len(moved), lang, units=_named(change, moved, units, lang))


def _all_but_few(change: Membership, *, gone: bool) -> bool:
    """Whether a whole city leaves, or comes to be a member, but for few of its units."""
    whole, other = (change.before, change.after) if gone else (change.after, change.before)
    moved = change.left if gone else change.joined
    return whole == "all" and other == "part" and len(change.stayed) <= len(moved)


def _rest(changes: list[Membership], units: Units, lang: str) -> list[str]:
    """Cities of which all that was not a member joins, in one phrase."""
    cities = [change.city for change in changes if _all_but_few(change, gone=False)]
    rest = "words.join.rest"
    return [translate(rest, lang, city=list_units(cities, units, lang))] if cities else []


def _named(change: Membership, codes: tuple[str, ...], units: Units, lang: str) -> str:
    """Units of a city with the city's name; a unit that no layer knows stands alone."""
    names = list_units(codes, units, lang)
    if change.city in codes:
        return names
    return translate("words.of_city", lang, units=names, city=units.name(change.city, lang))
