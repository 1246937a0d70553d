"""Members of plans, city by city: wholes, parts, and units that are no more."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.units import Membership, Units, member_changes

DISTRICTS = {"A": ("A1", "A2", "A3"), "B": ("B1", "B2"), "C": ("C1",)}
FORMER = {"A0": "A", "B0": "B"}
UNITS = Units(
    names={"A": {"zh": "甲市", "en": "Alpha"}, "A1": {"zh": "甲一区", "en": "Alpha One"}},
    parent={unit: city for city, units in DISTRICTS.items() for unit in units} | FORMER,
    children=DISTRICTS,
)
CODES = [*DISTRICTS, *chain(*DISTRICTS.values()), *FORMER, "Z", "310000"]
MEMBERS = st.lists(st.sampled_from(CODES), max_size=8)


def leaves(members: list[str]) -> set[str]:
    return set(chain(*(DISTRICTS.get(member, (member,)) for member in members)))


def city_of(unit: str) -> str:
    return UNITS.parent.get(unit, unit)


def changes(old: list[str], new: list[str]) -> list[Membership]:
    return member_changes(old, new, UNITS)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], ["A"], Membership("A", "none", "all", ("A1", "A2", "A3"), (), ())),
        (["A"], [], Membership("A", "all", "none", (), ("A1", "A2", "A3"), ())),
        ([], ["A2"], Membership("A", "none", "part", ("A2",), (), ())),
        (["A1"], ["A"], Membership("A", "part", "all", ("A2", "A3"), (), ("A1",))),
        (["A"], ["A3"], Membership("A", "all", "part", (), ("A1", "A2"), ("A3",))),
        (["A1", "A2"], ["A2", "A3"], Membership("A", "part", "part", ("A3",), ("A1",), ("A2",))),
        (["A1"], ["A2"], Membership("A", "part", "part", ("A2",), ("A1",), ())),
        ([], ["C1"], Membership("C", "none", "all", ("C1",), (), ())),
        ([], ["Z"], Membership("Z", "none", "all", ("Z",), (), ())),
        (["Z"], [], Membership("Z", "all", "none", (), ("Z",), ())),
    ],
)
def test_one_city(old: list[str], new: list[str], expected: Membership) -> None:
    assert changes(old, new) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], ["A0"], Membership("A", "none", "part", ("A0",), (), ())),
        (["A0"], ["A1"], Membership("A", "part", "part", ("A1",), ("A0",), ())),
        (["A0"], ["A"], Membership("A", "part", "all", ("A1", "A2", "A3"), ("A0",), ())),
        (["A", "A0"], ["A"], Membership("A", "all", "all", (), ("A0",), ("A1", "A2", "A3"))),
    ],
)
def test_a_former_district_belongs_to_its_city_and_is_no_part_of_the_whole(
    old: list[str], new: list[str], expected: Membership
) -> None:
    assert changes(old, new) == [expected]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([], []),
        (["A"], ["A"]),
        (["A"], ["A3", "A1", "A2"]),
        (["A"], ["A", "A1", "A"]),
        (["C1"], ["C"]),
        (["Z", "B"], ["B1", "Z", "B2"]),
    ],
)
def test_the_same_units_in_other_words_are_no_change(old: list[str], new: list[str]) -> None:
    assert changes(old, new) == []


def test_only_cities_that_differ_are_told_in_order() -> None:
    found = changes(["B", "A1"], ["Z", "B", "A2", "C"])
    assert [change.city for change in found] == ["A", "C", "Z"]


def test_a_district_of_a_city_that_no_layer_lists_is_a_part_of_it() -> None:
    units = Units(parent={"X1": "X"})
    (change,) = member_changes([], ["X1"], units)
    assert (change.city, change.before, change.after) == ("X", "none", "part")


def test_without_any_units_every_code_stands_alone() -> None:
    found = member_changes(["A1"], ["A", "A1"], Units())
    assert [(change.city, change.before, change.after) for change in found] == [
        ("A", "none", "all")
    ]


def test_members_may_come_from_any_iterable() -> None:
    assert member_changes(iter(["A"]), (code for code in ("A1",)), UNITS) == changes(["A"], ["A1"])


@given(MEMBERS, MEMBERS)
def test_what_joined_and_left_leads_from_one_list_to_the_other(
    old: list[str], new: list[str]
) -> None:
    found = changes(old, new)
    joined = set(chain(*(change.joined for change in found)))
    left = set(chain(*(change.left for change in found)))
    assert (leaves(old) - left) | joined == leaves(new)
    assert (joined, left) == (leaves(new) - leaves(old), leaves(old) - leaves(new))
    cities = [change.city for change in found]
    assert cities == sorted({city_of(unit) for unit in joined | left})


@given(MEMBERS, MEMBERS)
def test_the_way_back_says_the_reverse(old: list[str], new: list[str]) -> None:
    back = [
        Membership(change.city, change.after, change.before, change.left, change.joined,
                   change.stayed)
        for change in changes(new, old)
    ]  # fmt: skip
    assert changes(old, new) == back


@given(MEMBERS, MEMBERS)
def test_a_city_is_whole_if_all_its_districts_of_today_are_in(
    old: list[str], new: list[str]
) -> None:
    for change in changes(old, new):
        for extent, members in ((change.before, old), (change.after, new)):
            own = {unit for unit in leaves(members) if city_of(unit) == change.city}
            whole = own >= set(DISTRICTS.get(change.city, (change.city,)))
            assert extent == ("all" if own and whole else "part" if own else "none")
        kept = leaves(old) & leaves(new)
        assert set(change.stayed) == {unit for unit in kept if city_of(unit) == change.city}


@pytest.mark.parametrize(
    ("code", "lang", "name"),
    [("A", "zh", "甲市"), ("A1", "en", "Alpha One"), ("Z", "en", "Z"), ("A", "fr", "A")],
)
def test_a_unit_without_a_name_is_called_by_its_code(code: str, lang: str, name: str) -> None:
    assert UNITS.name(code, lang) == name


def test_a_unit_whose_name_is_empty_is_called_by_its_code() -> None:
    assert Units(names={"A": {"zh": ""}}).name("A", "zh") == "A"
