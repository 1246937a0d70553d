"""Rows of a layer: on a day, of a feature, as table, CSV or GeoJSON."""

import csv
import datetime as dt
import io
import json

import pytest

from atlas.core.layer import Layer
from atlas.errors import EditionNotFound, FeatureNotFound, LayerNotFound
from atlas.operations import show
from atlas.operations.download import shown_geojson
from tests.conftest import StoreBuilder
from tests.examples import OWN_COLUMNS, full_row, in_force, row

DAY = dt.date(2020, 1, 1)
ROWS = [
    in_force("2016-01-01", "2018-06-01", id="g60", plan_version="1.0"),
    in_force("2018-06-01", None, id="g60", plan_version="2.0"),
    row(id="huai", valid_from="2018-10-01", valid_from_precision="month", sourced=False),
]


@pytest.fixture
def layer(store: StoreBuilder) -> Layer:
    return store.read(store.publish(ROWS))


def versions(layer: Layer, day: dt.date | None, feature: str | None = None) -> list[str]:
    rows = show.select(layer, day=day, feature=feature)
    return [f"{entry.id} {entry.plan_version}" for entry in rows.itertuples()]


def test_rows_in_force_on_a_day(layer: Layer) -> None:
    assert versions(layer, dt.date(2018, 5, 31)) == ["g60 1.0"]
    assert versions(layer, dt.date(2018, 6, 1)) == ["g60 2.0"]
    assert versions(layer, DAY) == ["g60 2.0", "huai 1"]
    assert versions(layer, None) == ["g60 1.0", "g60 2.0", "huai 1"]
    assert versions(layer, dt.date(1999, 1, 1)) == []


def test_rows_of_one_feature(layer: Layer) -> None:
    assert versions(layer, None, "g60") == ["g60 1.0", "g60 2.0"]
    assert versions(layer, dt.date(2017, 1, 1), "huai") == [], "known, but not in force"
    with pytest.raises(FeatureNotFound, match="edition 1 has no feature 'g61'; near: g60"):
        show.select(layer, day=DAY, feature="g61")
    with pytest.raises(FeatureNotFound, match="near: none"):
        show.select(layer, day=DAY, feature="x" * 10_000)


def test_a_layer_is_read_as_it_was_published_by_a_day(store: StoreBuilder) -> None:
    store.publish([row(name_en="Old")], published="2020-01-01")
    store.publish([row(name_en="New")], published="2021-01-01")

    def name(day: str, edition: int | None = None) -> str:
        read = show.read_layer(
            store.folder, "belts", known_by=dt.date.fromisoformat(day), edition=edition
        )
        return read.features["name_en"].iloc[0]

    assert name("2020-12-31") == "Old"
    assert name("2021-01-01") == "New"
    assert name("2021-01-01", 1) == "Old"
    with pytest.raises(EditionNotFound, match=r"no edition 3; it has: 1 .*2 "):
        name("2021-01-01", 3)
    with pytest.raises(EditionNotFound):
        name("2019-01-01")
    with pytest.raises(LayerNotFound):
        show.read_layer(store.folder, "moon", known_by=DAY)


def cells(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark"
    return list(csv.DictReader(io.StringIO(content[3:].decode("utf-8"), newline="")))


def test_csv_holds_every_column_and_empty_cells(layer: Layer) -> None:
    table = cells(show.to_csv(layer, layer.features))
    assert list(table[0]) == list(row())
    assert [line["plan_version"] for line in table] == ["1.0", "2.0", "1"]
    assert table[1]["valid_to"] == ""
    assert table[0]["sourced"] == "True"
    assert table[0]["unsourced"] == "[]"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_csv_disarms_formulas(store: StoreBuilder, sign: str) -> None:
    text = f"{sign}HYPERLINK(\"x\",'y')"
    layer = store.read(store.publish([row(name_en=text, name_zh=f"a{sign}b")]))
    line = cells(show.to_csv(layer, layer.features))[0]
    assert line["name_en"] == "'" + text
    assert line["name_zh"] == f"a{sign}b"
    content = show.to_geojson(layer, layer.features)
    assert json.loads(content)["features"][0]["properties"]["name_en"] == text


def test_markup_quotes_and_lines_stay_plain_text_everywhere(store: StoreBuilder) -> None:
    text = '<script>alert("1, 2")</script>\n第二行'
    layer = store.read(store.publish([row(name_en=text)]))
    rows = layer.features
    assert cells(show.to_csv(layer, rows))[0]["name_en"] == text
    for content in (
        show.to_geojson(layer, rows),
        shown_geojson([(layer, rows)], day=DAY, known_by=DAY),
    ):
        assert json.loads(content)["features"][0]["properties"]["name_en"] == text
    assert "<script>" in show.to_table(rows)


def test_csv_writes_lists_and_own_columns(empty_store: StoreBuilder) -> None:
    empty_store.add_layer(columns=OWN_COLUMNS)
    event = {"date": "2020-01-01", "title_zh": "批复", "title_en": "approved"}
    entry = full_row(rank=-3, names_old=["旧", "古"], events=[event], open=False)
    layer = empty_store.read(empty_store.publish([entry]))
    line = cells(show.to_csv(layer, layer.features))[0]
    assert line["rank"] == "-3", "a number is no formula"
    assert json.loads(line["names_old"]) == ["旧", "古"]
    assert json.loads(line["events"]) == [event]
    assert (line["open"], line["share"]) == ("False", "")


def test_the_table_shows_dates_as_they_were_published(layer: Layer) -> None:
    lines = show.to_table(layer.features).splitlines()
    assert lines[0].split() == [
        "id", "plan", "part", "zh", "en", "status", "from", "to", "sourced",
    ]  # fmt: skip
    assert lines[1].split()[-3:] == ["2016-01-01", "2018-06-01", "yes"]
    assert lines[3].split()[-3:] == ["2018-10", "-", "no"]


@pytest.mark.parametrize(
    ("sourced", "unsourced", "words"),
    [(True, [], "yes"), (True, ["valid_from"], "not all"), (False, [], "no")],
)
def test_the_table_says_what_has_a_source(
    store: StoreBuilder, words: str, *, sourced: bool, unsourced: list[str]
) -> None:
    layer = store.read(store.publish([row(sourced=sourced, unsourced=unsourced)]))
    assert show.to_table(layer.features).splitlines()[1].endswith("  " + words)


def test_no_rows_are_a_whole_file_too(layer: Layer) -> None:
    none = show.select(layer, day=dt.date(1999, 1, 1))
    assert json.loads(show.to_geojson(layer, none))["features"] == []
    assert cells(show.to_csv(layer, none)) == []
    assert len(show.to_table(none).splitlines()) == 1


def test_a_list_of_layers(store: StoreBuilder) -> None:
    store.add_layer("zones")
    first = store.publish([row()], published="2020-01-01")
    store.publish([row(name_en="New")], published="2020-01-02")
    store.withdraw(1, "2020-01-03")
    belts, zones = show.list_layers(store.folder)
    assert zones["editions"] == []
    assert belts["editions"][0] == {
        "edition": 1, "published": "2020-01-01", "sha256": first.sha256, "features": 1,
        "withdrawn": "2020-01-03",
    }  # fmt: skip
    assert belts["editions"][1]["withdrawn"] is None
