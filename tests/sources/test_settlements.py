"""Settlements: the rows keep the contract, names and faults follow their rules."""

import pandas as pd
import pytest

from atlas.core.crs import REGION_BOUNDS
from atlas.core.geometry import geometry_problems
from atlas.core.schema import Column, check_rows, missing_to_none
from atlas.sources import inputs
from atlas.sources.boundaries import build_cities
from atlas.sources.population import FAULTS, UNKNOWN, population_faults
from atlas.sources.settlements import build_settlements, chinese_name

COLUMNS = (
    Column("population", "integer"),
    Column("population_fault_zh"),
    Column("population_fault_en"),
    Column("city"),
)


@pytest.fixture(scope="module")
def rows():
    return build_settlements()


def test_rows_keep_the_contract(rows):
    records = [
        {name: missing_to_none(value) for name, value in record.items()}
        for record in rows.drop(columns="geometry").to_dict("records")
    ]
    assert check_rows("settlements", None, COLUMNS, records) == []
    assert [
        (row.id, problem)
        for row in rows.itertuples()
        for problem in geometry_problems("point", row.geometry_basis, row.geometry)
    ] == []


def test_all_places_are_there_but_two_from_far_away(rows):
    assert len(rows) == 2404
    assert rows["id"].tolist() == sorted(set(rows["id"]))
    far = {"geonames-7351996", "geonames-8395541"}
    assert far.isdisjoint(rows["id"])
    west, south, east, north = rows.total_bounds
    assert REGION_BOUNDS[0] < west < east < REGION_BOUNDS[2]
    assert REGION_BOUNDS[1] < south < north < REGION_BOUNDS[3]


def test_the_city_is_the_one_around_the_point(rows):
    cities = build_cities().set_index("id").geometry
    inside = rows[rows["city"].notna()]
    assert inside.intersects(cities[inside["city"]].set_axis(inside.index)).all()
    outside = rows[rows["city"].isna()]
    assert len(outside) == 6
    assert not outside.intersects(cities.union_all()).any()


@pytest.mark.parametrize(
    ("place", "name_zh", "name_en", "city"),
    [("1886760", "苏州", "Suzhou", "320500"), ("1793743", "宿州市", "Suzhou", "341300"),
     ("1793505", "泰州", "Taizhou", "321200"), ("8400694", "台州", "Taizhou", "331000"),
     ("1802206", "六安", "Lu'an", "341500"), ("7283386", "常熟", "Changshu", "320500"),
     ("1785623", "昆山", "Kunshan", "320500"), ("1798524", "浦东", "Pudong", "310000")],
)  # fmt: skip
def test_names_and_cities_of_known_places(rows, place, name_zh, name_en, city):
    row = rows.set_index("id").loc[f"geonames-{place}"]
    assert (row["name_zh"], row["name_en"], row["city"]) == (name_zh, name_en, city)


def test_a_missing_chinese_name_is_marked(rows):
    chinese = rows["name_zh"].str.fullmatch(r"[\u4e00-\u9fff]+")
    marked = rows["unsourced"].map(lambda names: names == ["name_zh"])
    assert (chinese != marked).all()
    assert (rows.loc[marked, "name_zh"] == rows.loc[marked, "name_en"]).all()
    assert marked.sum() < 110


def test_english_names_have_no_typographic_signs(rows):
    assert not rows["name_en"].str.contains("[’‘áàāǎóòōǒúùūǔéèēě]").any()


def test_unknown_populations_are_missing_and_say_so(rows):
    unknown = rows["population"].isna()
    assert unknown.sum() == 2132
    listed = set(inputs.read_facts("settlement_faults")["id"])
    said = rows.loc[unknown, FAULTS].drop_duplicates()
    assert [tuple(texts) for texts in said.to_numpy()] == [UNKNOWN]
    assert (rows.loc[~unknown, "population"] > 0).all()
    assert listed <= set(rows.loc[~unknown, "id"])


def test_sound_populations_add_up_to_no_more_than_the_census(rows):
    """What carries no fault can be summed within each city."""
    sound = rows[rows["population_fault_en"].isna() & rows["city"].notna()]
    sums = sound.groupby("city")["population"].sum()
    census = inputs.read_facts("city_census").set_index("id")["census_2020"].astype(int)
    assert (sums <= census.reindex(sums.index)).all()


def test_the_census_table_sums_to_the_published_total():
    census = inputs.read_facts("city_census")
    assert census["census_2020"].astype(int).sum() == 235_213_670
    assert set(census["mark"]) == {"read", "sum-checked"}


def test_tables_name_the_places_that_they_mean(rows):
    names = rows.set_index("id")["name_en"]
    for table in ("settlement_faults", "settlement_names"):
        facts = inputs.read_facts(table)
        assert names[facts["id"]].tolist() == facts["name_en"].tolist()


class TestFaults:
    def faults(self, *places):
        index = range(5, 5 + len(places))
        frame = pd.DataFrame(places, columns=["id", "population", "city"], index=index)
        frame["city"] = frame["city"].astype(object).where(frame["city"].notna(), None)
        found = population_faults(frame)
        assert found.index.equals(frame.index)
        assert (found["population_fault_zh"].isna() == found["population_fault_en"].isna()).all()
        return found["population_fault_en"].tolist()

    def test_a_plausible_figure_has_none(self):
        assert self.faults(("a", 1_300_000, "340700")) == [None]

    def test_one_person_more_than_the_census_is_too_many(self):
        assert self.faults(("a", 1_311_726, "340700")) == [None]
        assert self.faults(("a", 1_311_727, "340700"))[0].startswith("More than the census")

    def test_places_that_do_not_add_up_are_all_marked(self):
        found = self.faults(("a", 1_000_000, "340700"), ("b", 400_000, "340700"),
                            ("c", 400_000, "340800"), ("d", 0, "340700"))  # fmt: skip
        assert found[0] == found[1]
        assert "come to 1,400,000, the census of 2020 found 1,311,726" in found[0]
        assert found[2:] == [None, UNKNOWN[1]]

    def test_a_listed_place_is_left_aside_in_the_sum(self):
        listed, other = self.faults(
            ("geonames-1798425", 7_000_000, "330700"), ("b", 1_000_000, "330700")
        )
        assert "Henan" in listed
        assert other is None

    def test_a_place_outside_every_city_has_no_census(self):
        assert self.faults(("a", 50_000_000, None)) == [None]


class TestChineseNames:
    def test_simplified_goes_before_traditional_and_japanese(self):
        assert chinese_name("Yancheng", ["塩城市", "鹽城", "盐城市", "盐城"]) == "盐城"

    def test_a_name_read_otherwise_gives_way(self):
        assert chinese_name("Cixi", ["浒山", "慈溪市", "慈溪"]) == "慈溪"

    def test_a_regional_character_is_no_fault(self):
        assert chinese_name("Huangyang", ["石平川", "黄垟", "黄垟乡"]) == "黄垟"

    def test_kana_is_not_chinese(self):
        assert chinese_name("Chuzhou", ["ジョ州市", "滁州"]) == "滁州"
        assert chinese_name("Chuzhou", ["ジョ州市"]) is None
