"""The place search: Chinese, English, pinyin, initials; the best first."""

import datetime as dt

import pytest

from atlas.core.schema import Column
from atlas.operations.find import Place, find_places, list_places, place_editions
from tests.conftest import StoreBuilder
from tests.examples import row, square

CITIES = {"hangzhou": ("杭州市", "Hangzhou"), "nanjing": ("南京市", "Nanjing"),
          "huaian": ("淮安市", "Huai'an"), "maanshan": ("马鞍山市", "Ma’anshan")}  # fmt: skip
DISTRICTS = {"changxing": ("长兴县", "Changxing"), "xiaoshan": ("萧山区", "Xiaoshan"),
             "jiangning": ("江宁区", "Jiangning"), "huaian": ("淮安区", "Huai'an"),
             "nanjing-road": ("南京路", "Nanjing Road")}  # fmt: skip
NAMES_OLD = Column("names_old", "texts", title={"zh": "曾用名", "en": "Former names"})


@pytest.fixture
def search_store(empty_store: StoreBuilder) -> StoreBuilder:
    """Cities and districts, and a layer whose features are no places."""
    for layer, names in (("districts", DISTRICTS), ("cities", CITIES)):
        empty_store.add_layer(layer, theme="base", columns=(NAMES_OLD,))
        rows = [
            row(id=place, name_zh=zh, name_en=en, names_old=["金陵"] if place == "nanjing" else [])
            for place, (zh, en) in names.items()
        ]
        empty_store.publish(rows, layer=layer, shape=square(120.25))
    empty_store.add_layer("belts")
    empty_store.publish([row(name_zh="杭州湾", name_en="Hangzhou Bay")])
    return empty_store


@pytest.fixture
def places(search_store: StoreBuilder) -> list[Place]:
    editions = place_editions(search_store.folder, known_by=dt.date(2024, 1, 1))
    return list_places([search_store.read(edition) for edition in editions])


def found(places: list[Place], words: str) -> list[str]:
    return [place.address for place in find_places(places, words)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("杭州市", "cities:hangzhou"), ("杭州", "cities:hangzhou"), ("Hangzhou", "cities:hangzhou"),
        ("HANG ZHOU", "cities:hangzhou"), ("hangzhoushi", "cities:hangzhou"),
        ("hzs", "cities:hangzhou"), ("hz", "cities:hangzhou"),
        ("长兴县", "districts:changxing"), ("changxing", "districts:changxing"),
        ("cxx", "districts:changxing"), ("xingxian", "districts:changxing"),
        ("maanshan", "cities:maanshan"), ("Ma'anshan", "cities:maanshan"),
        ("金陵", "cities:nanjing"), ("jinling", "cities:nanjing"), ("jl", "cities:nanjing"),
        ("江", "districts:jiangning"), ("ning", "districts:jiangning"),
    ],
)  # fmt: skip
def test_every_way_to_write_a_name(places: list[Place], words: str, first: str) -> None:
    assert found(places, words)[0] == first


def test_the_whole_name_then_its_beginning_then_its_parts(places: list[Place]) -> None:
    assert found(places, "nanjing") == ["cities:nanjing", "districts:nanjing-road"]
    assert found(places, "山") == [], "one sign inside a name finds too much"
    assert found(places, "shan") == ["districts:xiaoshan", "cities:maanshan"][::-1]


def place(layer: str, key: str, name_zh: str = "名") -> Place:
    return Place(layer, key, name_zh, key, (120.0, 30.0, 121.0, 31.0), (key,))


def test_the_order_whatever_the_order_given() -> None:
    ranked = [
        place("settlements", "wu"),
        place("cities", "wuxi"),
        place("districts", "wujin"),
        place("districts", "wuzhong", "吴中区"),
        place("cities", "yiwu"),
    ]
    addresses = [entry.address for entry in ranked]
    assert found(ranked, "wu") == addresses
    assert found(ranked[::-1], "wu") == addresses


def test_the_more_important_layer_breaks_a_tie(places: list[Place]) -> None:
    assert found(places, "huaian") == ["cities:huaian", "districts:huaian"]


@pytest.mark.parametrize("words", ["", "  ", "!?", "不在这里", "zzz"])
def test_nothing_is_found(places: list[Place], words: str) -> None:
    assert found(places, words) == []


def test_only_places_are_found_and_not_too_many(places: list[Place]) -> None:
    assert len(places) == len(CITIES) + len(DISTRICTS)
    assert len(find_places(places * 3, "n", at_most=2)) == 2


def test_a_place_knows_its_bounds(places: list[Place]) -> None:
    assert find_places(places, "hangzhou")[0].bounds == (120.25, 30.0, 120.75, 30.5)


def test_places_are_those_of_the_day_of_record(search_store: StoreBuilder) -> None:
    assert place_editions(search_store.folder, known_by=dt.date(2019, 1, 1)) == []
    editions = place_editions(search_store.folder, known_by=dt.date(2020, 1, 1))
    assert [edition.layer for edition in editions] == ["cities", "districts"]


def test_a_feature_without_a_geometry_is_no_place(empty_store: StoreBuilder) -> None:
    empty_store.add_layer("lakes", theme="water")
    layer = empty_store.read(empty_store.publish([row(geometry_basis="none")], layer="lakes"))
    assert len(list_places([layer])) == 1
    gone = layer.features.set_geometry([None], crs=4326)
    assert list_places([type(layer)(layer.info, layer.edition, gone)]) == []
