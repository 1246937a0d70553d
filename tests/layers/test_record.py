"""Truth of what is published: rules over the data itself, whoever made it."""

import datetime as dt

import pytest
import shapely

from atlas.core.crs import area_km2, length_km
from atlas.core.period import as_of
from atlas.io import catalogue
from atlas.operations.check import check
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "layers"
DAY = dt.date(2026, 11, 24)
PLANNING = ("innovation-corridors", "ecological-belts", "metropolitan-areas")
TOLERANCE = 0.04
REGION_KM2 = 358_000


def read(layer: str):
    return catalogue.read_layer(FOLDER, catalogue.find_edition(FOLDER, layer, known_by=DAY))


def today(layer: str):
    return as_of(read(layer).features, DAY)


def test_all_layers_are_valid() -> None:
    assert [str(problem) for problem in check(FOLDER).problems] == []


def test_the_region_has_its_units_and_its_area() -> None:
    cities = today("cities")
    assert len(cities) == 41
    assert len(today("provinces")) == 4
    assert len(today("districts")) == 305
    assert area_km2(cities.geometry).sum() == pytest.approx(REGION_KM2, rel=0.02)


@pytest.mark.parametrize(("parents", "by"), [("cities", "city"), ("provinces", "province")])
def test_units_are_exactly_the_union_of_their_districts(parents: str, by: str) -> None:
    districts = today("districts")
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    units = today(parents).set_index("id")
    assert set(districts[by]) == set(units.index)
    for code, members in districts.groupby(by):
        union = shapely.coverage_union_all(members.geometry.to_numpy())
        assert shapely.symmetric_difference(union, units.geometry[code]).area < 1e-9, code


@pytest.mark.parametrize("layer", PLANNING)
def test_members_are_units_that_exist(layer: str) -> None:
    codes = {*read("cities").features["id"], *read("districts").features["id"]}
    codes |= set(read("provinces").features["id"])
    for row in read(layer).features.itertuples():
        assert set(row.members) <= codes, row.id


def test_areas_from_members_agree_with_published_areas(capsys: pytest.CaptureFixture[str]) -> None:
    compared, not_comparable, wrong = 0, 0, []
    for layer in PLANNING:
        features = read(layer).features
        measured = area_km2(features.geometry)
        for row, area in zip(features.itertuples(), measured, strict=True):
            if row.published_area_covers == "not-comparable":
                assert row.published_area_covers_zh
                assert row.published_area_covers_en
                not_comparable += 1
            elif row.published_area_covers == "exact":
                compared += 1
                if abs(area / row.published_area_km2 - 1) > TOLERANCE:
                    wrong.append((row.id, row.plan_version, area, row.published_area_km2))
    with capsys.disabled():
        print(f"\npublished areas: {compared} compared, {not_comparable} not comparable")
    assert wrong == []
    assert compared >= 6


def test_g60_grew_from_one_district_to_nine_members() -> None:
    corridor = read("innovation-corridors").features
    corridor = corridor[corridor["id"] == "g60-corridor"]
    members = {
        day: [len(m) for m in as_of(corridor, dt.date.fromisoformat(day))["members"]]
        for day in ("2016-05-23", "2016-05-24", "2017-07-11", "2017-07-12", "2018-06-01")
    }
    assert members == {
        "2016-05-23": [], "2016-05-24": [1], "2017-07-11": [1], "2017-07-12": [3],
        "2018-06-01": [9],
    }  # fmt: skip


def test_lines_are_as_long_as_published_where_that_is_comparable() -> None:
    lines = read("rail-lines").features
    measured = length_km(lines.geometry)
    for row, length in zip(lines.itertuples(), measured, strict=True):
        if row.length_covers == "exact":
            assert 0.88 <= length / row.published_length_km <= 1.0, row.id


def test_stations_of_lines_exist_and_lie_on_them() -> None:
    stations = read("rail-stations").features.set_index("id")
    for line in read("rail-lines").features.itertuples():
        assert set(line.stations) <= set(stations.index), line.id
        for station in line.stations:
            point = stations.geometry[station]
            assert shapely.distance(line.geometry, point) < 0.02, (line.id, station)


@pytest.mark.parametrize("layer", catalogue.list_layer_ids(FOLDER))
def test_inputs_are_the_ones_the_builders_check(layer: str) -> None:
    from atlas.sources.inputs import INPUTS

    assert catalogue.read_info(FOLDER, layer).inputs == INPUTS.get(layer, ())


def test_one_feature_of_a_day_is_what_the_whole_layer_shows_of_it() -> None:
    """Successors may have another id, so choosing the id first would show too much."""
    from atlas.operations.show import select

    districts = read("districts")
    former = districts.features[districts.features["valid_to"].notna()]
    for row in former.itertuples():
        day = dt.date.fromisoformat(row.valid_to)
        whole = select(districts, day=day)
        alone = select(districts, day=day, feature=row.id)
        assert list(alone.index) == list(whole.index[whole["id"] == row.id]), row.id
