"""Valid time: every period is closed at its start and open at its end."""

import datetime as dt
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core import period
from atlas.core.schema import missing_to_none
from atlas.errors import DayError
from tests.examples import frame, in_force, row
from tests.strategies import DAYS, NEAR_DAYS, periods

START, END = dt.date(2018, 6, 1), dt.date(2019, 11, 1)
ONE_DAY = dt.timedelta(days=1)


def kept(rows: list[dict], day: dt.date) -> list[str]:
    return period.as_of(frame(rows), day)["id"].tolist()


@pytest.mark.parametrize(
    ("day", "in_force_then"),
    [
        (START - ONE_DAY, False),
        (START, True),
        (END - ONE_DAY, True),
        (END, False),
        (END + ONE_DAY, False),
    ],
)
def test_the_first_day_counts_and_the_last_does_not(day: dt.date, *, in_force_then: bool) -> None:
    rows = [in_force(START.isoformat(), END.isoformat())]
    assert bool(kept(rows, day)) is in_force_then


def test_two_versions_that_meet_are_never_in_force_together() -> None:
    rows = [
        in_force(START.isoformat(), END.isoformat(), id="old"),
        in_force(END.isoformat(), None, id="new"),
    ]
    assert kept(rows, END - ONE_DAY) == ["old"]
    assert kept(rows, END) == ["new"]


@given(st.lists(periods(), min_size=1, max_size=6), NEAR_DAYS)
def test_as_of_keeps_exactly_the_periods_that_hold_the_day(
    given_periods: list[tuple[str | None, str | None]], day: dt.date
) -> None:
    rows = [
        in_force(start, end, id=f"row-{place}", status="draft")
        for place, (start, end) in enumerate(given_periods)
    ]
    expected = [
        f"row-{place}"
        for place, (start, end) in enumerate(given_periods)
        if (start is None or dt.date.fromisoformat(start) <= day)
        and (end is None or day < dt.date.fromisoformat(end))
    ]
    assert kept(rows, day) == expected


def test_an_unknown_start_was_always_and_a_missing_end_is_still_in_force() -> None:
    rows = [in_force(None, "2019-01-01", id="a"), in_force("2019-01-01", None, id="b")]
    assert kept(rows, dt.date(1, 1, 1)) == ["a"]
    assert kept(rows, dt.date(9999, 12, 31)) == ["b"]


def test_as_of_keeps_the_index_and_leaves_the_frame_alone() -> None:
    features = frame([in_force("2018-01-01", "2019-01-01", id="a"), in_force("2019-01-01", None)])
    before = features.copy(deep=True)
    rows = period.as_of(features, dt.date(2020, 1, 1))
    assert rows.index.tolist() == [1]
    assert features.equals(before)
    assert rows.crs == features.crs


def test_a_draft_is_kept_by_its_period_too() -> None:
    assert kept([row(status="draft")], dt.date(2020, 1, 1)) == ["belt"]


@pytest.mark.parametrize(
    "text",
    [
        "2019-02-30", "2019-02-29", "2019-13-01", "2019-00-10", "2019-01-00", "2019-2-3",
        " 2019-01-01", "2019-01-01 ", "2019-01-01\n", "2019-01-01T00:00", "2019-01-01T00:00:00Z",
        "20190101", "2019-W01-1", "2019-01", "2019", "", "0000-01-01", "-019-01-01", "today",
        "２０１９-01-01", "٢٠١٩-01-01", "2019/01/01", "10000-01-01",
    ],
)  # fmt: skip
def test_what_is_no_full_day_is_refused(text: str) -> None:
    with pytest.raises(DayError, match="is not a day: write YYYY-MM-DD"):
        period.parse_day(text)


def test_the_error_of_a_long_day_is_short() -> None:
    with pytest.raises(DayError) as caught:
        period.parse_day("9" * 1_000_000)
    assert len(str(caught.value)) < 200


@given(DAYS)
def test_every_day_reads_back(day: dt.date) -> None:
    assert period.parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("published", "stored"),
    [
        ("2018-06-15", ("2018-06-15", "day")),
        ("2018-06", ("2018-06-01", "month")),
        ("2018-12", ("2018-12-01", "month")),
        ("2018", ("2018-01-01", "year")),
        ("", (None, None)),
    ],
)
def test_a_published_date_is_stored_as_its_first_day(published: str, stored: tuple) -> None:
    assert period.stored_day(published) == stored
    if published:
        assert period.published_text(*stored) == published


@pytest.mark.parametrize("published", ["2018-13", "20181", "2018-6", "201", "2018-06-31", "abcd"])
def test_a_published_date_must_be_a_date(published: str) -> None:
    with pytest.raises(DayError):
        period.stored_day(published)


@pytest.mark.parametrize(
    ("day", "precision", "fits"),
    [
        ("2018-06-02", "day", True),
        ("2018-06-01", "month", True),
        ("2018-06-02", "month", False),
        ("2018-01-01", "year", True),
        ("2018-02-01", "year", False),
        ("2018-01-02", "year", False),
    ],
)
def test_a_stored_day_is_the_first_of_its_window(day: str, precision: str, *, fits: bool) -> None:
    assert period.fits_precision(day, precision) is fits


@pytest.mark.parametrize(
    ("day", "precision", "end"),
    [
        ("2018-06-01", "month", "2018-07-01"),
        ("2018-11-01", "month", "2018-12-01"),
        ("2018-12-01", "month", "2019-01-01"),
        ("2020-02-01", "month", "2020-03-01"),
        ("2018-01-01", "year", "2019-01-01"),
        ("2018-12-31", "day", "2019-01-01"),
        ("2020-02-28", "day", "2020-02-29"),
    ],
)
def test_a_window_ends_before_the_next_month_or_year(day: str, precision: str, end: str) -> None:
    assert period.window_end(day, precision) == end


@pytest.mark.parametrize(
    ("precision", "asked", "uncertain"),
    [
        ("month", "2018-11-30", False),
        ("month", "2018-12-01", True),
        ("month", "2018-12-31", True),
        ("month", "2019-01-01", False),
        ("day", "2018-12-01", False),
    ],
)
@pytest.mark.parametrize("side", ["valid_from", "valid_to"])
def test_a_day_is_uncertain_inside_the_window_only(
    side: str, precision: str, asked: str, *, uncertain: bool
) -> None:
    other = {"valid_from": "2001-01-01", "valid_from_precision": "day"}
    entry = row(**other | {side: "2018-12-01", f"{side}_precision": precision})
    flags = period.day_uncertain(frame([entry]), dt.date.fromisoformat(asked))
    assert flags.tolist() == [uncertain]


def test_a_year_is_uncertain_to_its_last_day_and_unknown_dates_never() -> None:
    rows = [
        row(id="a", valid_from="2016-01-01", valid_from_precision="year"),
        row(id="b", valid_from=None, valid_from_precision=None),
    ]
    features = frame(rows)
    assert period.day_uncertain(features, dt.date(2016, 12, 31)).tolist() == [True, False]
    assert period.day_uncertain(features, dt.date(2017, 1, 1)).tolist() == [False, False]
    nothing = period.day_uncertain(features.iloc[:0], dt.date(2016, 1, 1))
    assert nothing.tolist() == []
    assert nothing.dtype == bool


@pytest.mark.parametrize(
    ("precision", "last"), [("month", dt.date(2018, 1, 31)), ("year", dt.date(2018, 12, 31))]
)
def test_a_row_whose_end_is_vague_stays_until_it_must_be_over(
    precision: str, last: dt.date
) -> None:
    old = row(valid_from="2010-01-01", valid_to="2018-01-01", valid_to_precision=precision)
    assert kept([old], last) == ["belt"]
    assert period.day_uncertain(frame([old]), last).tolist() == [True]
    assert kept([old], last + ONE_DAY) == []


@pytest.mark.parametrize(
    ("changes", "replaced"),
    [
        ({}, True),
        ({"valid_from": "2018-01-02"}, False),
        ({"id": "other"}, False),
        ({"part": "core"}, False),
        ({"id": "heir"}, True),
    ],
)
def test_a_successor_replaces_a_row_whose_end_is_vague(changes: dict, *, replaced: bool) -> None:
    old = row(valid_from="2010-01-01", valid_to="2018-01-01", valid_to_precision="year")
    new = row(**({"plan_version": "2", "valid_from": "2018-01-01"} | changes))
    features = frame([old, new])
    features["successors"] = [["heir"], []]
    versions = period.as_of(features, dt.date(2018, 6, 1))["plan_version"].tolist()
    assert versions == (["2"] if replaced else ["1", "2"])


@given(
    st.lists(st.tuples(periods(), st.sampled_from(["day", "month"])), max_size=6),
    st.lists(st.sampled_from("ab"), min_size=6, max_size=6),
    NEAR_DAYS,
)
def test_what_is_added_to_the_sure_rows_is_marked_and_has_no_successor(
    given_periods: list[tuple[tuple[str | None, str | None], str]], ids: list[str], day: dt.date
) -> None:
    rows = [
        in_force(start, end and (end[:8] + "01" if precision == "month" else end), id=ids[place])
        | {"valid_to_precision": precision if end else None}
        for place, ((start, end), precision) in enumerate(given_periods)
    ]
    features = frame(rows)
    kept_rows = set(period.as_of(features, day).index)
    doubts = period.day_uncertain(features, day)
    asked = day.isoformat()
    begun = {(entry["id"], entry["valid_from"]) for entry in rows}
    for entry in features.itertuples():
        start, end = missing_to_none(entry.valid_from), missing_to_none(entry.valid_to)
        started = (start or "") <= asked
        sure = started and asked < (end or "9")
        may_last = started and doubts[entry.Index] and (entry.id, end) not in begun
        assert (entry.Index in kept_rows) == (sure or may_last)


def share_a_day(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Brute force: try every day around."""
    days = [dt.date(2018, 12, 1) + ONE_DAY * step for step in range(90)]
    return any(
        all((start or "") <= day.isoformat() < (end or "9") for start, end in (one, other))
        for day in days
    )


@given(st.lists(periods(), max_size=6))
def test_overlaps_are_those_that_share_a_day(
    given_periods: list[tuple[str | None, str | None]],
) -> None:
    found = period.overlapping_periods(given_periods)
    expected = [
        pair
        for pair in combinations(range(len(given_periods)), 2)
        if share_a_day(given_periods[pair[0]], given_periods[pair[1]])
    ]
    assert bool(found) == bool(expected)
    assert {tuple(sorted(pair)) for pair in found} <= set(expected)
    late = [after for _, after in found]
    assert len(late) == len(set(late)), "each row is named once"
    without = [entry for place, entry in enumerate(given_periods) if place not in late]
    assert period.overlapping_periods(without) == [], "without the rows named, all is well"


def test_a_long_period_hides_no_later_overlap() -> None:
    assert period.overlapping_periods(
        [("2010-01-01", "2020-01-01"), ("2011-01-01", "2012-01-01"), ("2019-12-31", None)]
    ) == [(0, 1), (0, 2)]
    assert period.overlapping_periods([("2010-01-01", "2020-01-01"), ("2020-01-01", None)]) == []
