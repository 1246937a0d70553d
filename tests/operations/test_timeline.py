"""Plan versions on a time line, and the years in which a layer looks different."""

import datetime as dt
from typing import Any

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.period import as_of, day_uncertain
from atlas.i18n import LANGUAGES, translate
from atlas.io import geojson
from atlas.operations.folder import PROJECT
from atlas.operations.show import read_layer
from atlas.operations.timeline import Bar, list_bars, list_steps, list_years
from tests.conftest import StoreBuilder
from tests.examples import frame, in_force, row, square
from tests.strategies import periods

TODAY = dt.date(2024, 6, 30)
DAYS = st.dates(min_value=dt.date(2010, 1, 1), max_value=dt.date(2016, 12, 31))


def bars(store: StoreBuilder, rows: list[dict[str, Any]], lang: str = "en") -> list[Bar]:
    layer: Layer = store.read(store.publish(rows))
    return list_bars(layer, lang)


class TestBars:
    """Each row is a bar."""

    def test_a_bar_says_whose_it_is_and_how_long(self, store: StoreBuilder) -> None:
        (bar,) = bars(store, [in_force("2016-01-01", "2018-06-01")])
        assert bar == Bar(
            "belt", "Huai", "version 1", "in-force", dt.date(2016, 1, 1), dt.date(2018, 6, 1),
            "2016-01-01 – 2018-06-01",
        )  # fmt: skip

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_open_and_unknown_ends_are_words(self, store: StoreBuilder, lang: str) -> None:
        (bar,) = bars(store, [in_force(None, None)], lang)
        assert (bar.start, bar.end) == (None, None)
        unknown, still = (translate(f"table.{word}", lang) for word in ("unknown", "open"))
        assert bar.period == f"{unknown} – {still}"
        assert bar.name == {"zh": "淮河", "en": "Huai"}[lang]

    def test_vague_days_are_shown_as_published_and_drawn_from_their_first(
        self, store: StoreBuilder
    ) -> None:
        vague = row(valid_from="2016-01-01", valid_from_precision="year",
                    valid_to="2018-06-01", valid_to_precision="month")  # fmt: skip
        (bar,) = bars(store, [vague])
        assert bar.period == "2016 – 2018-06"
        assert (bar.start, bar.end) == (dt.date(2016, 1, 1), dt.date(2018, 6, 1))

    def test_features_stand_together_and_versions_by_their_start(self, store: StoreBuilder) -> None:
        rows = [
            in_force("2018-01-01", None, id="b", plan_version="1"),
            in_force("2019-01-01", None, id="a", plan_version="1"),
            in_force(None, "2016-01-01", id="a", plan_version="3"),
            in_force("2016-01-01", "2018-01-01", id="a", plan_version="2", status="draft"),
        ]
        found = [(bar.feature, bar.version, bar.status) for bar in bars(store, rows)]
        assert found == [
            ("a", "version 3", "in-force"), ("a", "version 2", "draft"),
            ("a", "version 1", "in-force"), ("b", "version 1", "in-force"),
        ]  # fmt: skip

    def test_a_part_is_named(self, store: StoreBuilder) -> None:
        (bar,) = bars(store, [row(part="core")])
        assert bar.version == "version 1, core"

    def test_every_row_of_a_real_layer_is_a_bar(self) -> None:
        layer = read_layer(PROJECT / "layers", "metropolitan-areas", known_by=dt.date(2026, 11, 24))
        found = list_bars(layer, "zh")
        assert len(found) == len(layer.features)
        assert all(bar.start is None or bar.end is None or bar.start < bar.end for bar in found)


def years(*rows: dict[str, Any], today: dt.date = TODAY) -> dict[int, dt.date]:
    """The day that is drawn for each year."""
    return {entry.year: entry.drawn for entry in list_years(frame(list(rows)), today=today)}


class TestYears:
    """Of each year its last day is drawn, of this one today; the same map only once."""

    def test_they_run_from_the_year_before_the_first_start_to_today(self) -> None:
        found = list_years(frame([in_force("2022-03-01", None)]), today=TODAY)
        assert [(entry.year, entry.day.isoformat()) for entry in found] == [
            (2021, "2021-12-31"), (2022, "2022-12-31"), (2023, "2023-12-31"), (2024, "2024-06-30"),
        ]  # fmt: skip

    def test_they_run_to_the_last_known_end(self) -> None:
        found = years(in_force("2023-01-01", "2026-01-01"))
        assert list(found) == [2022, 2023, 2024, 2025, 2026]

    def test_an_end_counts_where_no_start_is_known(self) -> None:
        assert min(years(in_force(None, "2020-05-01"))) == 2019

    def test_without_any_known_day_they_begin_with_the_century(self) -> None:
        found = years(in_force(None, None))
        assert (min(found), max(found)) == (1999, 2024)
        assert set(found.values()) == {dt.date(1999, 12, 31)}

    def test_a_year_that_looks_the_same_is_drawn_once(self) -> None:
        found = years(in_force("2021-03-01", "2023-05-01"), in_force("2023-05-01", None, id="b"))
        assert found == {
            2020: dt.date(2020, 12, 31), 2021: dt.date(2021, 12, 31), 2022: dt.date(2021, 12, 31),
            2023: dt.date(2023, 12, 31), 2024: dt.date(2023, 12, 31),
        }  # fmt: skip

    def test_what_begins_on_the_last_day_of_a_year_is_in_it(self) -> None:
        edges = in_force("2021-12-31", "2022-12-31")
        assert years(edges)[2021] == dt.date(2021, 12, 31)
        assert years(edges)[2022] == years(edges)[2020]

    def test_what_begins_later_this_year_is_not_yet_drawn(self) -> None:
        for start, same in (("2024-07-01", True), ("2024-06-30", False)):
            found = years(in_force("2020-01-01", None), in_force(start, None, id="b"))
            assert (found[2024] == found[2023]) is same

    def test_a_doubtful_year_looks_different(self) -> None:
        vague = row(valid_from="2021-01-01", valid_from_precision="year")
        found = years(vague)
        assert found[2021] == dt.date(2021, 12, 31)
        assert found[2022] == found[2024] == dt.date(2022, 12, 31)

    def test_a_layer_without_rows(self) -> None:
        found = list_years(frame([row()]).iloc[:0], today=TODAY)
        assert [entry.year for entry in found] == list(range(1999, 2025))
        assert len({entry.drawn for entry in found}) == 1


@st.composite
def tables(draw: st.DrawFn) -> gpd.GeoDataFrame:
    rows = []
    for place in range(draw(st.integers(1, 4))):
        start, end = draw(periods(DAYS))
        entry = in_force(start, end, id=f"row-{place}", status="draft")
        if end and draw(st.booleans()):
            entry |= {"valid_to": f"{int(end[:4]) + 1}-01-01", "valid_to_precision": "year"}
        rows.append(entry)
    return frame(rows)


@settings(max_examples=25)
@given(tables(), DAYS)
def test_the_day_that_is_drawn_shows_what_the_year_shows(
    features: gpd.GeoDataFrame, today: dt.date
) -> None:
    def look(day: dt.date) -> tuple[list[str], list[bool]]:
        rows = as_of(features, day)
        return rows["id"].tolist(), day_uncertain(rows, day).tolist()

    found = list_years(features, today=today)
    assert [entry.year for entry in found] == list(range(found[0].year, found[-1].year + 1))
    for entry in found:
        assert entry.day == (today if entry.year == today.year else dt.date(entry.year, 12, 31))
        assert look(entry.drawn) == look(entry.day)
        assert entry.drawn <= entry.day
    looks = [look(day) for day in dict.fromkeys(entry.drawn for entry in found)]
    assert all(one not in looks[:place] for place, one in enumerate(looks))


class TestSteps:
    def layer(self, name: str, *periods: tuple[str | None, str | None]) -> Layer:
        rows = [row(id=f"{name}{place}", valid_from=start, valid_to=end,
                    valid_from_precision="day" if start else None,
                    valid_to_precision="day" if end else None)
                for place, (start, end) in enumerate(periods)]  # fmt: skip
        text = {"zh": name, "en": name}
        info = LayerInfo(name, "rail", "polygon", text, text, name, "CC0-1.0", text, text, text, ())
        edition = Edition(name, 1, dt.date(2020, 1, 1), "0" * 64, len(rows), "why")
        return Layer(info, edition, geojson.to_frame((), rows, [square() for _ in rows]))

    def test_years_of_all_layers_and_the_day_each_is_drawn(self) -> None:
        one = self.layer("one", ("2010-05-01", None))
        other = self.layer("other", ("2012-01-01", "2014-06-01"))
        steps = list_steps([one, other], today=dt.date(2015, 3, 1))
        assert [step.year for step in steps] == list(range(2009, 2016))
        assert steps[-1].day == dt.date(2015, 3, 1)
        drawn = {step.year: step.drawn for step in steps}
        assert drawn[2009]["other"] == drawn[2011]["other"] == dt.date(2011, 12, 31)
        assert drawn[2010]["one"] == drawn[2015]["one"] == dt.date(2010, 12, 31)
        assert drawn[2012]["other"] == dt.date(2012, 12, 31)

    def test_a_layer_without_days_takes_no_years(self) -> None:
        still, moving = self.layer("still", (None, None)), self.layer("m", ("2011-01-01", None))
        steps = list_steps([still, moving], today=dt.date(2012, 1, 1))
        assert [step.year for step in steps] == [2010, 2011, 2012]
        assert len({step.drawn["still"] for step in steps}) == 1
