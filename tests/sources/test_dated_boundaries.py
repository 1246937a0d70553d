"""Districts and cities through time: exact days, unions, datum, census, crosswalk."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from atlas.analysis.generalise import dissolve_to, simplify_coverage
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, area_km2
from atlas.core.geometry import geometry_problems
from atlas.core.period import as_of, day_uncertain
from atlas.core.schema import check_rows, missing_to_none
from atlas.errors import SourceError
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.sources import boundaries, census, changes, dated, dividing, inputs

DAYS = ["2010-01-01", "2014-01-01", "2020-01-01", "2026-11-24"]
EDGES = ["2011-08-21", "2011-08-22", "2016-01-03", "2016-01-04", "2021-04-08", "2021-04-09"]
CHAOHU = {"341402", "341421", "341422", "341423", "341424"}


@pytest.fixture(scope="module")
def districts():
    return dated.build_districts()


@pytest.fixture(scope="module")
def cities():
    return dated.build_cities()


def on(rows, day):
    return as_of(rows, dt.date.fromisoformat(day))


def city_of(rows, day, unit):
    return on(rows, day).set_index("id").loc[unit, "city"]


@pytest.mark.parametrize("layer", ["districts", "cities"])
def test_rows_keep_the_layers_rules(layer, request):
    rows = request.getfixturevalue(layer)
    columns = catalogue.read_info(PROJECT / "layers", layer).columns
    records = [
        {name: missing_to_none(value) for name, value in record.items()}
        for record in rows.drop(columns="geometry").to_dict("records")
    ]
    assert check_rows(layer, None, columns, records) == []
    for row in rows.itertuples():
        assert list(geometry_problems("polygon", row.geometry_basis, row.geometry)) == [], row.id
        assert row.geometry_basis != "boundary" or row.plan_version == "current"


def test_todays_state_is_todays_coverage(districts, cities):
    for rows, today in ((districts, boundaries.build_districts()),
                        (cities, boundaries.build_cities())):  # fmt: skip
        current = on(rows, DAYS[-1])
        assert set(current["plan_version"]) == {"current"}
        assert current["id"].tolist() == today["id"].tolist()
        assert np.array_equal(current.geometry.to_wkb(), today.geometry.to_wkb())


@pytest.mark.parametrize("day", DAYS + EDGES)
def test_a_city_is_the_union_of_its_districts_of_that_day(districts, cities, day):
    units, wholes = on(districts, day), on(cities, day)
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
    assert shapely.coverage_is_valid(wholes.geometry.to_numpy())
    assert set(units["city"]) == set(wholes["id"])
    for row in wholes.itertuples():
        union = shapely.union_all(units.loc[units["city"] == row.id, "geometry"].to_numpy())
        assert union.symmetric_difference(row.geometry).area == 0.0, row.id
    for rows in (units, wholes):
        assert area_km2(rows.geometry).sum() == pytest.approx(354_384.909, abs=0.001)


@pytest.mark.parametrize("day", DAYS)
def test_the_screen_dissolves_the_cities_of_that_day(districts, cities, day):
    simple = simplify_coverage(on(districts, day), tolerance_m=100.0)
    drawn = dissolve_to(on(cities, day), simple, by="city")
    assert shapely.coverage_is_valid(drawn.geometry.to_numpy())
    assert area_km2(drawn.geometry).sum() == pytest.approx(354_385, rel=0.001)


def test_chaohu_is_divided_on_its_day(districts, cities):
    assert set(on(districts, "2011-08-21").query("city == '341400'")["id"]) == CHAOHU
    assert on(cities, "2011-08-21")["id"].tolist().count("341400") == 1
    assert not (set(on(districts, "2011-08-22")["id"]) & CHAOHU)
    assert "341400" not in set(on(cities, "2011-08-22")["id"])
    after = {"340181": "340100", "340124": "340100", "340225": "340200",
             "340522": "340500", "340523": "340500"}  # fmt: skip
    for unit, city in after.items():
        assert city_of(districts, "2011-08-22", unit) == city
    row = cities.set_index("id").loc["341400"]
    assert row["successors"] == ["340100", "340200", "340500"]
    assert "Shenxiang" in row["notes_en"]


def test_shouxian_and_zongyang_move_on_their_day(districts, cities):
    assert city_of(districts, "2016-01-03", "341521") == "341500"
    assert city_of(districts, "2016-01-04", "340422") == "340400"
    assert city_of(districts, "2016-01-03", "340823") == "340800"
    assert city_of(districts, "2016-01-04", "340722") == "340700"
    changed = {"340400", "340700", "340800", "341500"}
    both = cities[cities["id"].isin(changed)].groupby("id")["plan_version"].apply(list)
    assert all(versions == ["before-2016-01", "current"] for versions in both)


def test_hangzhou_changes_on_its_day(districts):
    before, after = on(districts, "2021-04-08"), on(districts, "2021-04-09")
    gone, come = set(before["id"]) - set(after["id"]), set(after["id"]) - set(before["id"])
    assert (gone, come) == ({"330103", "330104"}, {"330113", "330114"})
    was, now = (area_km2(rows.set_index("id").geometry) for rows in (before, after))
    assert was["330110"] == pytest.approx(now["330110"] + now["330113"])
    assert was["330103"] + was["330105"] == pytest.approx(now["330105"])
    united = ["330102", "330109", "330114"]
    assert was[["330102", "330104", "330109"]].sum() == pytest.approx(now[united].sum())
    published = {"330102": 26, "330103": 29, "330105": 69}
    for unit, km2 in published.items():
        assert was[unit] == pytest.approx(km2, abs=1.0)


@pytest.mark.parametrize(
    ("unit", "version", "km2", "published"),
    [("341402", "before-2011-08", 2047, 2082), ("341421", "before-2011-08", 2342, 2348),
     ("341423", "before-2011-08", 1028, 1028), ("341521", "before-2016-01", 2948, 2986),
     ("341422", "before-2011-08", 2021, 2449), ("341424", "before-2011-08", 1313, 1412),
     ("340823", "before-2016-01", 1473, 1809)],
)  # fmt: skip
def test_former_units_say_how_far_they_are_from_the_published_area(
    districts, unit, version, km2, published
):
    row = districts.set_index(["id", "plan_version"]).loc[[(unit, version)]]
    assert area_km2(row.geometry).iloc[0] == pytest.approx(km2, abs=1)
    assert f"{published:,}" in row["notes_en"].iloc[0]
    is_near = abs(km2 / published - 1) < 0.02
    assert row["accuracy_m"].iloc[0] == (1000 if is_near else row["accuracy_m"].iloc[0])
    assert is_near or row["accuracy_m"].iloc[0] >= 8000


class TestDatum:
    """The earlier borders of Hangzhou are GCJ-02: two of them are borders to this day."""

    def offsets(self, convert):
        """East and north, in metres, that fit each control line to today's border."""
        units = boundaries.build_districts().set_index("id").geometry.to_crs(WORKING_CRS)
        table = inputs.read_facts("hangzhou_lines").query("use == 'control'")
        found = []
        for today, points in table.groupby("today"):
            one, other = today.split()
            border = shapely.intersection(units[one].boundary, units[other].boundary)
            degrees = [convert(float(row.lon_gcj02), float(row.lat_gcj02))
                       for row in points.itertuples()]  # fmt: skip
            line = gpd.GeoSeries([shapely.LineString(degrees)], crs=STORAGE_CRS)
            found.append(self.fit(line.to_crs(WORKING_CRS).iloc[0], border))
        return found

    def fit(self, line, border):
        """Shift that brings a line to a border, and how far it lies from it then."""
        points = shapely.get_coordinates(shapely.segmentize(line, 200.0))
        shift = np.zeros(2)
        for _ in range(60):
            nearest = shapely.shortest_line(shapely.points(points + shift), border)
            ends = shapely.get_coordinates(nearest).reshape(-1, 2, 2)
            moves = ends[:, 1] - ends[:, 0]
            near = np.hypot(*moves.T) < np.percentile(np.hypot(*moves.T), 80)
            shift += moves[near].mean(axis=0)
        rest = shapely.distance(shapely.points(points + shift), border)
        return shift, float(np.median(rest))

    def test_as_it_comes_it_lies_half_a_kilometre_to_the_south_east(self):
        for (east, north), _ in self.offsets(lambda lon, lat: (lon, lat)):
            assert -620 < east < -350
            assert 100 < north < 320

    def test_converted_from_gcj02_it_lies_on_todays_border(self):
        for (east, north), rest in self.offsets(dividing.gcj02_to_wgs84):
            assert np.hypot(east, north) < 150
            assert rest < 100

    def test_the_table_is_on_the_grid_of_the_package(self):
        table = inputs.read_facts("hangzhou_lines")
        cells = table[["lon_gcj02", "lat_gcj02"]].astype(float) * 1024
        assert (cells == cells.round()).all(axis=None)
        assert inputs.FORMER_HANGZHOU in inputs.INPUTS["districts"]
        known = catalogue.read_info(PROJECT / "layers", "districts").inputs
        assert inputs.FORMER_HANGZHOU in known

    def test_the_conversion_is_the_published_one(self):
        lon, lat = dividing.gcj02_to_wgs84(120.00567568355486, 40.0013047896019)
        assert (lon, lat) == pytest.approx((120.0, 40.0), abs=1e-8)


class TestCensus:
    def test_each_city_is_the_sum_of_its_districts_and_zones(self, districts, cities):
        current = districts[districts["plan_version"] == "current"]
        sums = current.groupby("city")["census_2020"].sum()
        towns = cities[cities["plan_version"] == "current"].set_index("id")
        assert (sums + towns["census_apart"] == towns["census_2020"]).all()
        assert towns["census_2020"].sum() == 235_213_670

    def test_hangzhou_adds_up_by_its_districts_of_the_census_day_too(self, districts):
        then = on(districts, census.DAY).query("city == '330100'")
        assert then["census_2020"].sum() == 11_936_010
        assert then["census_2020"].notna().all()

    def test_every_unit_of_today_has_a_figure_and_its_source(self, districts, cities):
        for rows in (districts, cities):
            known = rows["census_2020"].notna()
            assert known[rows["plan_version"] == "current"].all()
            assert rows.loc[known, "census_source"].notna().all()
            assert set(rows.loc[known, "census_mark"]) <= {"read", "sum-checked"}
            assert set(rows.loc[~known, "census_mark"]) == {"not in force"}

    def test_a_unit_without_a_figure_says_so(self, monkeypatch, districts):
        facts = inputs.read_facts("district_census")
        monkeypatch.setattr(census, "read_facts", lambda _: facts[facts["id"] != "310101"])
        rows = census.add_to_districts(districts.drop(columns=census.COLUMNS))
        row = rows.set_index("id").loc["310101"]
        assert row["census_mark"] == "not found"
        assert row[["census_2020", "census_source"]].isna().all()


class TestCrosswalk:
    def test_every_change_has_a_date_a_precision_and_a_source(self):
        table = inputs.read_facts("crosswalk")
        assert (table[["date", "precision", "date_is", "kind", "part", "source_url"]] != "").all(
            axis=None
        )
        assert table["source_url"].str.startswith("http").all()
        assert set(table["kind"]) == {"merged", "split", "renamed", "moved"}
        assert set(table["rows"]) == {"yes", "no"}
        assert set(table["precision"]) == {"day", "month", "year"}
        assert not table.duplicated(["date", "level", "from_id", "to_id"]).any()

    def test_rows_begin_and_end_on_days_of_the_crosswalk(self, districts, cities):
        for level, rows in (("district", districts), ("city", cities)):
            table = changes.read_crosswalk("district")
            days = set(zip(table["day"], table["precision"], strict=True))
            for name in ("valid_from", "valid_to"):
                dated_rows = rows[rows[name].notna()]
                pairs = dated_rows[[name, f"{name}_precision"]].itertuples(index=False)
                assert {tuple(pair) for pair in pairs} <= days, level
                assert dated_rows["change_source"].notna().all()

    def test_names_are_those_of_the_rows(self, districts, cities):
        for level, rows in (("district", districts), ("city", cities)):
            names = set(zip(rows["id"], rows["name_zh"], strict=True))
            table = changes.read_crosswalk(level).query("rows == 'yes'")
            for end in ("from", "to"):
                told = set(zip(table[f"{end}_id"], table[f"{end}_name"], strict=True))
                assert told <= names

    def test_links_go_both_ways(self, districts):
        came = {(source, row.id) for row in districts.itertuples() for source in row.predecessors}
        went = {(row.id, target) for row in districts.itertuples() for target in row.successors}
        ids = set(districts["id"])
        both = {pair for pair in came | went if set(pair) <= ids}
        assert both <= came & went
        assert ("330104", "330114") in both
        assert ("341421", "340124") in both

    def test_a_change_without_a_known_boundary_is_told(self, districts):
        row = districts.set_index("id").loc["320106"]
        assert row["predecessors"] == ["320107"]
        assert "2013-03-28" in row["notes_en"]
        assert "不详" in row["notes_zh"]
        assert pd.isna(row["valid_from"])

    def test_a_date_known_to_the_month_is_marked(self, districts):
        day = dt.date(2019, 8, 15)
        doubtful = districts[day_uncertain(districts, day)]
        assert set(doubtful["id"]) == {"330327", "330383"}


def test_building_twice_gives_the_same(districts):
    again = dated.build_districts()
    assert again.drop(columns="geometry").equals(districts.drop(columns="geometry"))
    assert np.array_equal(again.geometry.to_wkb(), districts.geometry.to_wkb())


class TestFactsThatDoNotFit:
    def change(self, monkeypatch, module, table, edit):
        real = inputs.read_facts
        monkeypatch.setattr(
            module, "read_facts", lambda name: edit(real(name)) if name == table else real(name)
        )

    def test_a_precision_that_does_not_fit_its_date(self, monkeypatch):
        self.change(monkeypatch, changes, "crosswalk", lambda facts: facts.assign(precision="day"))
        with pytest.raises(SourceError, match="precision"):
            changes.read_crosswalk("district")

    def test_a_state_that_nothing_ended(self):
        with pytest.raises(SourceError, match="nothing ended 330102/before-2001"):
            changes.span_of("330102", "before-2001", changes.read_crosswalk("district"))

    def test_a_city_that_is_not_named(self, monkeypatch):
        self.change(monkeypatch, dated, "former_cities", lambda facts: facts.iloc[1:])
        with pytest.raises(SourceError, match="lacks 340100/before-2011-08"):
            dated.build_cities()

    def test_a_city_that_never_was(self, monkeypatch):
        extra = {"id": "349900", "plan_version": "before-2000"}
        self.change(monkeypatch, dated, "former_cities",
                    lambda facts: pd.concat([facts, pd.DataFrame([extra])]))  # fmt: skip
        with pytest.raises(SourceError, match="no change of district made"):
            dated.build_cities()

    def test_a_unit_in_two_cities(self, monkeypatch):
        self.change(monkeypatch, dated, "former_districts",
                    lambda facts: facts.replace({"members": {"340181": "340102"}}))  # fmt: skip
        with pytest.raises(SourceError, match="two cities"):
            dated.build_cities()

    def test_a_line_that_cuts_nothing(self, monkeypatch):
        units = boundaries.build_districts().set_index("id").geometry
        lines = dividing.read_lines("dividing")
        short = {key: shapely.LineString([line.coords[0], line.coords[0]])
                 for key, line in lines.items()}  # fmt: skip
        monkeypatch.setattr(dividing, "read_lines", lambda _: short)
        with pytest.raises(SourceError, match="into 1 parts, not 2"):
            dividing.cut_districts(units)
