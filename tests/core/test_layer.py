"""Record time: which edition was in the record on which day."""

import datetime as dt

import pytest

from atlas.core.layer import (
    Edition,
    Event,
    describe,
    edition_known_by,
    edition_numbered,
    list_editions,
)
from atlas.errors import EditionNotFound


def edition(number: int, published: str, withdrawn: str | None = None) -> Edition:
    gone = dt.date.fromisoformat(withdrawn) if withdrawn else None
    return Edition("belts", number, dt.date.fromisoformat(published), "0" * 64, 1, "why", gone)


def known(editions: list[Edition], day: str) -> int | None:
    try:
        return edition_known_by("belts", editions, dt.date.fromisoformat(day)).edition
    except EditionNotFound:
        return None


def test_an_edition_counts_from_its_own_day() -> None:
    editions = [edition(1, "2020-01-01"), edition(2, "2021-01-01")]
    days = ["2019-12-31", "2020-01-01", "2020-12-31", "2021-01-01", "2030-01-01"]
    assert [known(editions, day) for day in days] == [None, 1, 1, 2, 2]


def test_of_editions_of_one_day_the_highest_counts() -> None:
    assert known([edition(1, "2020-01-01"), edition(2, "2020-01-01")], "2020-01-01") == 2


def test_a_withdrawal_counts_from_its_day_and_not_before() -> None:
    editions = [edition(1, "2020-01-01"), edition(2, "2021-01-01", "2021-06-01")]
    days = ["2021-01-01", "2021-05-31", "2021-06-01", "2022-01-01"]
    assert [known(editions, day) for day in days] == [2, 2, 1, 1]


def test_when_all_is_withdrawn_there_is_none() -> None:
    editions = [edition(1, "2020-01-01", "2020-01-01")]
    with pytest.raises(EditionNotFound, match=r"by 2020-01-01; .*withdrawn 2020-01-01"):
        edition_known_by("belts", editions, dt.date(2020, 1, 1))


def test_a_withdrawn_edition_stays_readable_by_its_number() -> None:
    editions = [edition(1, "2020-01-01", "2020-02-01")]
    assert edition_numbered("belts", editions, 1) is editions[0]
    with pytest.raises(EditionNotFound, match=r"no edition 2; it has: 1 \(2020-01-01"):
        edition_numbered("belts", editions, 2)
    assert describe([]) == "none"


def test_events_become_editions() -> None:
    def event(kind: str, number: int, day: str) -> Event:
        return Event(kind, number, dt.date.fromisoformat(day), kind, "0" * 64, 5, None, "1" * 64)

    events = [event("publish", 1, "2020-01-01"), event("publish", 2, "2020-01-02"),
              event("withdraw", 1, "2020-01-03")]  # fmt: skip
    editions = list_editions("belts", events)
    assert [entry.edition for entry in editions] == [1, 2]
    assert [entry.withdrawn for entry in editions] == [dt.date(2020, 1, 3), None]
    assert editions[0].note == "publish"
