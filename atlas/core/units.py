"""Administrative units as plans name them: their names, and which district is whose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Texts = dict[str, str]


@dataclass(frozen=True)
class Units:
    """Units that rows name by their codes.

    Attributes
    ----------
    names
        Names by code, by language.
    parent
        City of each district, former districts too.
    children
        Districts of each city as they are today.
    """

    names: dict[str, Texts] = field(default_factory=dict)
    parent: dict[str, str] = field(default_factory=dict)
    children: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, code: str, lang: str) -> str:
        """Name of a unit; its code where no layer knows it."""
        return self.names.get(code, {}).get(lang) or code


@dataclass(frozen=True)
class Membership:
    """How one city's part in a plan changes.

    ``before`` and ``after`` say how much of the city belongs: ``none``, ``part`` or ``all``;
    ``joined`` and ``left`` are its units that came and went, ``stayed`` those that remain.
    """

    city: str
    before: str
    after: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    stayed: tuple[str, ...]


def member_changes(old: Iterable[str], new: Iterable[str], units: Units) -> list[Membership]:
    """Compare two lists of members, city by city.

    Parameters
    ----------
    old, new
        Codes of cities (all of their districts) and of districts.
    units
        Which district is whose.

    Returns
    -------
    list of Membership
        Only cities whose part differs, by code; a code that no layer knows is its own city.
    """
    before, after = _leaves(old, units), _leaves(new, units)
    cities = sorted({units.parent.get(leaf, leaf) for leaf in before ^ after})
    return [_membership(city, before, after, units) for city in cities]


def _leaves(members: Iterable[str], units: Units) -> set[str]:
    return {leaf for member in members for leaf in units.children.get(member, (member,))}


def _membership(city: str, before: set[str], after: set[str], units: Units) -> Membership:
    whole = set(units.children.get(city, (city,)))
    own = whole | {leaf for leaf in before | after if units.parent.get(leaf, leaf) == city}
    old, new = before & own, after & own
    return Membership(
        city, _extent(old, whole), _extent(new, whole), tuple(sorted(new - old)),
        tuple(sorted(old - new)), tuple(sorted(old & new)),
    )  # fmt: skip


def _extent(held: set[str], whole: set[str]) -> str:
    if not held:
        return "none"
    return "all" if whole <= held else "part"
