"""Describing a feature: versions, sources, members, sizes; and the command that prints it."""

import datetime as dt
import json
from typing import Any

import pytest
import shapely

from atlas.core.layer import Layer
from atlas.core.schema import BASES, Column
from atlas.errors import FeatureNotFound
from atlas.i18n import LANGUAGES, read_words
from atlas.io import catalogue
from atlas.operations import describe, find, tell
from atlas.operations.folder import PROJECT
from tests.conftest import StoreBuilder
from tests.examples import full_row, square

DAY = dt.date(2024, 6, 30)
LAYERS = PROJECT / "layers"
NAMES = {("cities", "330100"): {"zh": "杭州市", "en": "Hangzhou"}}


def column(name: str, kind: str = "text") -> Column:
    return Column(name, kind, title={"zh": f"{name}列", "en": f"{name} column"})


COLUMNS = (
    column("names_old", "texts"), column("document"), column("issued", "day"),
    column("issued_precision"), column("source_url"), column("members", "texts"),
    column("published_area_km2", "number"), column("published_area_covers"),
    column("published_area_covers_zh"), column("published_area_covers_en"),
    column("description_zh"), column("description_en"), column("events", "events"),
    column("rank", "integer"), column("open", "boolean"), column("remark_zh"),
    column("remark_en"), column("city"),
)  # fmt: skip
EMPTY = {entry.name: [] if entry.type in ("texts", "events") else None for entry in COLUMNS}


def version(**changes: Any) -> dict[str, Any]:
    """A row with all columns of a planning layer."""
    base = {key: value for key, value in full_row().items() if key not in ("rank", "share", "open",
            "names_old", "events")}  # fmt: skip
    return base | EMPTY | {"source_url": "http://a.cn/x"} | changes


@pytest.fixture
def publish(empty_store: StoreBuilder):
    """Publish versions of one feature and read them back."""
    empty_store.add_layer("plans", columns=COLUMNS)

    def make(*rows: dict[str, Any]) -> Layer:
        return empty_store.read(empty_store.publish(list(rows), layer="plans"))

    return make


def first(layer: Layer):
    return describe.describe_feature(layer, "belt", names=NAMES).versions[0]


def test_versions_are_newest_first_and_keep_the_precision_of_their_days(publish) -> None:
    layer = publish(
        version(plan_version="1", valid_from="2016-05-24", valid_from_precision="day",
                valid_to="2018-06-01", valid_to_precision="month"),
        version(plan_version="2", valid_from="2018-06-01", valid_from_precision="month"),
        version(plan_version="0", valid_from=None, valid_from_precision=None, status="draft",
                valid_to="2016-05-24", valid_to_precision="day"),
    )  # fmt: skip
    told = describe.describe_feature(layer, "belt", names={}).versions
    assert [entry.plan_version for entry in told] == ["2", "1", "0"]
    assert [(entry.valid_from, entry.valid_to) for entry in told] == [
        ("2018-06", None), ("2016-05-24", "2018-06"), (None, "2016-05-24")]  # fmt: skip
    assert [entry.map_day for entry in told] == ["2018-06-01", "2016-05-24", "2016-05-23"]


def test_sources_stand_apart_and_only_web_addresses_become_links(publish) -> None:
    text = "http://a.cn/x?y=1 https://b.cn/(c) gazette, page 3"
    sources = first(publish(version(source_url=text))).sources
    assert sources == ("http://a.cn/x?y=1", "https://b.cn/(c) gazette, page 3")
    items = [tell.source_item(source) for source in sources]
    assert [item.url for item in items] == ["http://a.cn/x?y=1", ""]
    assert tell.source_item("javascript:alert(1)").url == ""
    assert tell.source_item("https://a.cn/x](javascript:1)").url == ""


def test_a_row_without_a_source_says_so_in_both_languages(publish) -> None:
    told = first(publish(version(sourced=False, source_url=None, unsourced=["document"])))
    for lang, label, words in (("zh", "来源", "无来源"), ("en", "Sources", "no source")):
        facts = {fact.label: [item.text for item in fact.items]
                 for fact in tell.version_facts(told, lang)}  # fmt: skip
        assert facts[label] == [words]
        assert facts[read_words(lang)["describe.unsourced"]] == [
            read_words(lang)["column.document"]]  # fmt: skip


def test_members_have_names_and_codes_and_an_unknown_code_stays(publish) -> None:
    members = first(publish(version(members=["330100", "999999"]))).members
    assert [(unit.layer, unit.id, unit.name["en"]) for unit in members] == [
        ("cities", "330100", "Hangzhou"), ("", "999999", "")]  # fmt: skip


def test_area_is_measured_and_compared_only_with_the_same_extent(publish) -> None:
    """A geodesic polygon area (Karney 2013, by PROJ) is the second opinion."""
    from pyproj import Geod

    shape = square()
    expected = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0]) / 1e6
    size = first(publish(version(published_area_km2=2000, published_area_covers="exact"))).size
    assert size.measured == pytest.approx(expected, rel=1e-3)
    assert size.difference == pytest.approx(expected / 2000 - 1, rel=1e-2)


def test_a_figure_of_another_extent_is_not_compared(publish) -> None:
    told = first(
        publish(version(
            published_area_km2=283, published_area_covers="not-comparable",
            published_area_covers_zh="仅走廊", published_area_covers_en="strip only",
        ))
    )  # fmt: skip
    assert told.size.difference is None
    words = [item.text for fact in tell.version_facts(told, "en") for item in fact.items]
    assert "283 km²; not comparable with the extent drawn: strip only" in words
    assert not any("against" in text for text in words)


def test_lines_are_measured_in_km(empty_store: StoreBuilder) -> None:
    empty_store.add_layer("lines", kind="line")
    from tests.examples import row

    line = shapely.LineString([(120.0, 30.0), (120.0, 31.0)])
    layer = empty_store.read(empty_store.publish([row()], layer="lines", shape=line))
    size = first(layer).size
    assert size.unit == "km"
    assert size.measured == pytest.approx(110.86, abs=0.05)  # a degree of latitude at 30.5° N


def test_other_columns_are_told_once_in_each_language(publish) -> None:
    told = first(publish(version(rank=1234, open=True, remark_zh="注", remark_en="note",
                                 city="330100")))  # fmt: skip
    details = {detail.name: detail for detail in told.details}
    assert list(details) == ["rank", "open", "remark", "city"]
    assert details["rank"].text == {"zh": "1,234", "en": "1,234"}
    assert details["open"].text == {"zh": "是", "en": "yes"}
    assert details["remark"].text == {"zh": "注", "en": "note"}
    assert details["city"].units[0].name["zh"] == "杭州市"


def test_events_keep_their_day_as_published(publish) -> None:
    event = {"date": "2019-12-01", "precision": "month", "title_zh": "写入", "title_en": "named",
             "source_url": "http://a.cn"}  # fmt: skip
    happened = first(publish(version(events=[event]))).events[0]
    assert (happened.day, happened.title["en"], happened.sources) == (
        "2019-12", "named", ("http://a.cn",))  # fmt: skip


def test_a_version_that_has_ended_is_no_longer_called_in_force(publish) -> None:
    told = first(publish(version(valid_to="2020-01-01", valid_to_precision="day")))
    assert tell.status_text(told, "en", dt.date(2019, 12, 31)) == "in force"
    assert tell.status_text(told, "en", dt.date(2020, 1, 1)) == "formerly in force"


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [("3.0", "版本 3.0", "Version 3.0"), ("current", "现状", "Today's state"),
     ("before-2011-08", "2011-08 以前", "Before 2011-08")],
)  # fmt: skip
def test_versions_have_words(publish, code: str, zh: str, en: str) -> None:
    told = first(publish(version(plan_version=code)))
    assert (tell.version_text(told, "zh"), tell.version_text(told, "en")) == (zh, en)


def test_an_unknown_feature_is_an_error_that_names_near_ones(publish) -> None:
    with pytest.raises(FeatureNotFound, match="near: belt"):
        describe.describe_feature(publish(version()), "belts", names={})


def test_a_list_has_each_feature_once_with_all_its_versions(publish) -> None:
    layer = publish(
        version(plan_version="10", valid_from="2020-01-01", name_en="New"),
        version(plan_version="9", valid_to="2020-01-01", valid_to_precision="day", name_en="Old"),
    )
    (entry,) = describe.list_entries(layer)
    assert entry.name["en"] == "New"
    assert entry.versions == ("9", "10")


def test_search_finds_a_feature_by_any_name_of_any_version_and_without_geometry(publish) -> None:
    layer = publish(
        version(plan_version="2", valid_from="2020-01-01", name_zh="合肥都市圈"),
        version(plan_version="1", valid_to="2020-01-01", valid_to_precision="day",
                name_zh="省会经济圈", names_old=["合肥经济圈"]),
    )  # fmt: skip
    features = find.list_features(layer)
    assert len(features) == 1
    for words in ("合肥都市圈", "shenghui", "hfjjq", "合肥经济圈", "Huai"):
        assert [place.id for place in find.find_places(features, words)] == ["belt"]
    empty = layer.features.copy()
    empty["geometry"] = None
    places = find.list_features(Layer(layer.info, layer.edition, empty))
    assert places[0].bounds is None
    assert find.list_places([Layer(layer.info, layer.edition, empty)]) == []


def test_codes_of_the_schema_have_words_in_both_languages() -> None:
    for lang in LANGUAGES:
        missing = [basis for basis in BASES if f"basis.{basis}" not in read_words(lang)]
        assert missing == []


@pytest.mark.parametrize("layer", [info.id for info in catalogue.list_feature_layers(LAYERS)])
def test_every_published_feature_can_be_told_in_both_languages(layer: str) -> None:
    known = dt.date.today()
    naming = find.known_editions(LAYERS, describe.NAMING_LAYERS, known_by=known)
    names = describe.list_names([catalogue.read_layer(LAYERS, edition) for edition in naming])
    edition = catalogue.find_edition(LAYERS, layer, known_by=known)
    read = catalogue.read_layer(LAYERS, edition)
    ids = [entry.id for entry in describe.list_entries(read)]
    assert len(ids) == read.features["id"].nunique()
    for feature in ids[:: max(1, len(ids) // 40)]:
        described = describe.describe_feature(read, feature, names=names)
        for unit in (unit for entry in described.versions for unit in entry.members):
            assert unit.layer, f"{layer}:{feature} names {unit.id}, which no layer has"
        for lang in LANGUAGES:
            assert described.name[lang] in tell.to_text(described, lang, known)


def test_the_command_prints_both_languages_and_json(empty_store: StoreBuilder, run) -> None:
    empty_store.add_layer("plans", columns=COLUMNS)
    empty_store.publish([version(document="方案")], layer="plans")
    assert "文件: 方案" in run("describe", "plans", "belt").out
    assert "Document: 方案" in run("describe", "plans", "belt", "--lang", "en").out
    told = json.loads(run("describe", "plans", "belt", "--json").out)
    assert told["versions"][0]["document"] == "方案"
    assert told["sha256"]


def test_the_command_refuses_what_is_not_there(store: StoreBuilder, run) -> None:
    store.publish()
    for arguments in (("belts", "nothing"), ("nothing", "belt"),
                      ("belts", "belt", "--known-by", "2019-01-01")):  # fmt: skip
        ran = run("describe", *arguments)
        assert ran.code == 1
        assert ran.err.count("\n") == 1
