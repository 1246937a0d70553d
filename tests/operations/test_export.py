"""Exports: what is in force on a day in a place, in four forms that agree with each other."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from atlas.cartography.map_document import map_layer
from atlas.cartography.qgis_style import to_qml
from atlas.errors import (
    FeatureNotFound,
    FileDamaged,
    LayerNotFound,
    NothingThere,
    PlaceNotFound,
    WriteFailed,
    WrongKind,
)
from atlas.operations import publish as publishing
from atlas.operations.download import shown_geojson
from atlas.operations.export import (
    METHOD,
    SOURCES,
    Export,
    export_bytes,
    method_rows,
    read_export,
    source_rows,
)
from atlas.operations.folder import PROJECT
from atlas.operations.overlap import overlap
from atlas.operations.within import read_place, rows_within
from tests.conftest import TODAY, StoreBuilder
from tests.examples import OWN_COLUMNS, collection, feature, full_row, in_force, row, square
from tests.operations.test_tables import cells

LAYERS, KNOWN, DAY = PROJECT / "layers", dt.date(2026, 11, 24), dt.date(2019, 6, 1)
MADE = dt.date(2024, 6, 30)
HOSTILE = "=1+1</script>\u2028"


def add(store: StoreBuilder, layer: str, *entries: tuple[dict[str, Any], Any], kind: str) -> None:
    """Publish rows with shapes of their own as a new layer."""
    store.add_layer(layer, kind=kind)
    rows = [feature(entry if shape else entry | {"geometry_basis": "none"}, shape)
            for entry, shape in entries]  # fmt: skip
    publishing.publish(store.folder, layer, store.write(collection(rows)), note="first",
                       published=dt.date(2020, 1, 1), today=TODAY)  # fmt: skip


@pytest.fixture
def places(empty_store: StoreBuilder) -> StoreBuilder:
    """Two cities side by side, plans in both, and plans of which no extent is known."""
    west, east = square(120, 30), square(120.5, 30)
    add(empty_store, "cities", (row(id="w", name_zh="西市", name_en="West"), west),
        (row(id="e"), east), (in_force("2022-01-01", None, id="late"), square(122, 30)),
        (row(id="dark"), None), kind="polygon")  # fmt: skip
    add(
        empty_store, "plans",
        (row(id="in-west", accuracy_m=1), square(120.1, 30.1, 0.2)),
        (row(id="both", accuracy_m=1), square(120.4, 30.1, 0.2)),
        (row(id="touches", accuracy_m=1), square(120.5, 30.2, 0.1)),
        (row(id="sliver", accuracy_m=500), square(120.4999, 30.3, 0.1)),
        (in_force("2022-01-01", None, id="later"), square(120.1, 30.1, 0.1)),
        (row(id="unknown"), None), kind="polygon",
    )  # fmt: skip
    line = shapely.LineString([(119, 30.2), (120.2, 30.2)])
    add(empty_store, "lines", (row(id="line"), line), kind="line")
    add(empty_store, "stations", (row(id="near"), shapely.Point(120.2, 30.2)),
        (row(id="far"), shapely.Point(120.8, 30.2)), kind="point")  # fmt: skip
    return empty_store


def ids(export: Export) -> dict[str, list[str]]:
    return {entry.layer.info.id: sorted(entry.rows["id"]) for entry in export.taken}


def read(store: StoreBuilder, *layers: str, day: dt.date = DAY, place: str | None = None) -> Export:
    return read_export(store.folder, layers, day=day, known_by=KNOWN, place=place)


class TestRows:
    def test_what_is_in_force_on_the_day(self, places: StoreBuilder) -> None:
        before = {"in-west", "both", "touches", "sliver", "unknown"}
        assert set(ids(read(places, "plans"))["plans"]) == before
        after = ids(read(places, "plans", day=dt.date(2022, 1, 1)))["plans"]
        assert set(after) == before | {"later"}

    @pytest.mark.parametrize(
        "place", ["cities:w", "w", "120,30,120.5,30.5", " 120, 30,120.5 ,30.5"]
    )
    def test_what_shares_more_than_a_border_with_a_place(
        self, places: StoreBuilder, place: str
    ) -> None:
        export = read(places, "plans", "lines", "stations", place=place)
        assert ids(export) == {
            "plans": ["both", "in-west"], "lines": ["line"], "stations": ["near"],
        }  # fmt: skip
        assert [entry.unknown for entry in export.taken] == [1, 0, 0]

    def test_features_are_not_cut(self, places: StoreBuilder) -> None:
        (entry,) = read(places, "plans", place="w").taken
        both = entry.rows[entry.rows["id"] == "both"].geometry.iloc[0]
        assert both.equals(square(120.4, 30.1, 0.2))

    def test_the_same_as_an_overlap_counts(self) -> None:
        zone = read_place(LAYERS, "cities:320100", day=DAY, known_by=KNOWN)
        found = overlap(LAYERS, "innovation-corridors", zones=zone, day=DAY, known_by=KNOWN)
        real = found.table[~found.table["sliver"].astype(bool)]
        wanted = found.features.iloc[sorted(set(real["feature"]))]
        kept, unknown = rows_within(found.features, zone)
        assert kept["id"].tolist() == wanted["id"].tolist()
        assert 0 < len(kept) < len(found.features)
        assert unknown == found.features.geometry.isna().sum()

    def test_a_layer_named_twice_counts_once(self, places: StoreBuilder) -> None:
        assert len(read(places, "plans", "plans").taken) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("place", "error", "words"),
        [
            ("120.5,30,120,31", PlaceNotFound, "the smaller first"),
            ("120,30,120,31", PlaceNotFound, "the smaller first"),
            ("0,0,1,1", FileDamaged, "the atlas holds"),
            ("nowhere", PlaceNotFound, "no layer of areas has this id"),
            ("line", PlaceNotFound, "no layer of areas has this id"),
            ("", None, ""),
            ("cities:late", PlaceNotFound, "was not in force on 2019-06-01"),
            ("cities:dark", PlaceNotFound, "its extent is not known"),
            ("cities:x", FeatureNotFound, "no feature 'x'"),
            ("lines:line", WrongKind, "zones are polygons"),
            ("towns:x", LayerNotFound, "no layer 'towns'"),
            ("/etc/hostname:x", LayerNotFound, "no layer '/etc/hostname'"),
        ],
    )
    def test_places(
        self, places: StoreBuilder, place: str, error: type[Exception] | None, words: str
    ) -> None:
        if error is None:
            assert read(places, "plans", place=place).place is None
            return
        with pytest.raises(error, match=words):
            read(places, "plans", place=place)

    def test_an_id_that_two_layers_have(self, places: StoreBuilder) -> None:
        add(places, "provinces", (row(id="w"), square()), kind="polygon")
        with pytest.raises(PlaceNotFound, match="write one of cities:w, provinces:w"):
            read(places, "plans", place="w")

    def test_nothing_there(self, places: StoreBuilder) -> None:
        with pytest.raises(NothingThere, match="plans, lines on 2019-06-01 in '128,39,129,40'"):
            read(places, "plans", "lines", place="128,39,129,40")
        with pytest.raises(NothingThere, match="on 1999-01-01"):
            read(places, "plans", day=dt.date(1999, 1, 1))

    def test_one_layer_may_be_empty_beside_another(self, places: StoreBuilder) -> None:
        export = read(places, "plans", "stations", place="120.7,30.1,120.9,30.3")
        assert ids(export) == {"plans": [], "stations": ["far"]}
        for form in ("gpkg", "csv", "xlsx", "geojson"):
            assert export_bytes(export, form, lang="zh", made=MADE)

    def test_rasters_and_unknown_layers(self) -> None:
        with pytest.raises(WrongKind, match="terrain"):
            read_export(LAYERS, ["terrain"], day=DAY, known_by=KNOWN)
        with pytest.raises(LayerNotFound, match="citys"):
            read_export(LAYERS, ["citys"], day=DAY, known_by=KNOWN)


@pytest.fixture
def hostile(empty_store: StoreBuilder) -> Export:
    """Two layers with columns of every type, and text that a spreadsheet would run."""
    rows = [
        full_row(id="a", name_en=HOSTILE, rank=2, share=0.5, names_old=["@x", "乙"],
                 events=[{"date": "2019-01-01", "title_zh": "一", "title_en": "one"}]),
        full_row(id="b", notes_en="-2+3", open=True),
    ]  # fmt: skip
    for name in ("corridors", "a" * 33, "a" * 34):
        empty_store.add_layer(name, columns=OWN_COLUMNS)
        empty_store.publish(rows, layer=name)
    return read(empty_store, "corridors", "a" * 33, "a" * 34)


class TestForms:
    def test_gdal_reads_what_was_selected_with_style_and_sources(
        self, tmp_path: Path, places: StoreBuilder
    ) -> None:
        export = read(places, "plans", "lines", "stations", "cities", place="w")
        path = tmp_path / "x.gpkg"
        path.write_bytes(export_bytes(export, "gpkg", lang="en", made=MADE))
        listed = [name for name, _ in pyogrio.list_layers(path)]
        assert listed == ["plans", "lines", "stations", "cities", SOURCES, METHOD, "layer_styles"]
        for entry in export.taken:
            facts = pyogrio.read_info(path, layer=entry.layer.info.id)
            assert (facts["crs"], facts["features"]) == ("EPSG:4326", len(entry.rows))
            read_back = pyogrio.read_dataframe(path, layer=entry.layer.info.id)
            assert sorted(read_back["id"]) == sorted(entry.rows["id"])
        styles = pyogrio.read_dataframe(path, layer="layer_styles").set_index("f_table_name")
        for entry in export.taken:
            qml = to_qml(map_layer(entry.layer, entry.rows), lang="en")
            assert styles.loc[entry.layer.info.id, "styleQML"] == qml
        sources = pyogrio.read_dataframe(path, layer=SOURCES).to_dict("records")
        assert sources == source_rows(export, "en", MADE)
        assert sources[0]["sha256"] == export.taken[0].layer.edition.sha256
        assert sources[0]["left_out_without_extent"] == 1
        assert sources[0]["made"] == "2024-06-30"
        assert sources[0]["licence"] == "CC0-1.0"
        assert sources[0]["attribution"] == "attribution of plans"

    def test_geojson_is_the_download_with_its_place(self, places: StoreBuilder) -> None:
        export = read(places, "plans", place="w")
        document = json.loads(export_bytes(export, "geojson", lang="zh", made=MADE))
        assert document["place"] == "cities:w"
        assert [f["properties"]["id"] for f in document["features"]] == ["both", "in-west"]
        everything = read(places, "plans")
        shown = [(entry.layer, entry.rows) for entry in everything.taken]
        assert export_bytes(everything, "geojson", lang="zh", made=MADE) == shown_geojson(
            shown, day=DAY, known_by=KNOWN
        )

    def test_csv_has_each_row_with_its_origin_and_no_formula(self, hostile: Export) -> None:
        text = export_bytes(hostile, "csv", lang="en", made=MADE).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [r["layer"] for r in rows[:2]] == ["corridors"] * 2
        assert len(rows) == 6
        first, second = rows[:2]
        assert first["name_en"] == "'" + HOSTILE
        assert first["names_old"] == '["@x", "乙"]'
        assert second["notes_en"] == "'-2+3"
        assert first["edition_sha256"] == hostile.taken[0].layer.edition.sha256
        assert (first["in_force_on"], first["as_published_by"]) == ("2019-06-01", "2026-11-24")
        assert first["licence"] == "CC0-1.0"

    def test_csv_of_unlike_layers_has_the_columns_of_all(self, places: StoreBuilder) -> None:
        places.add_layer("own", columns=OWN_COLUMNS)
        places.publish([full_row(rank=3)], layer="own")
        export = read(places, "lines", "own")
        text = export_bytes(export, "csv", lang="zh", made=MADE).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [r["rank"] for r in rows] == ["", "3"]

    def test_excel_has_a_sheet_a_layer_with_text_as_text(self, hostile: Export) -> None:
        content = export_bytes(hostile, "xlsx", lang="en", made=MADE)
        for sheet in (1, 2, 3):
            head, first, _ = cells(content, sheet)
            assert [text for _, text in head][:5] == [
                "id", "plan_version", "part", "name_zh", "name_en",
            ]  # fmt: skip
            assert first[4] == ("s", HOSTILE)
            assert ("s", '["@x", "乙"]') in first
            assert (None, "0.5") in first
        columns, sources, method = (cells(content, sheet) for sheet in (4, 5, 6))
        assert [text for _, text in columns[1]] == ["corridors", "id", "Code"]
        assert sources[1][4][1] == hostile.taken[0].layer.edition.sha256
        assert [text for _, text in method[1]] == ["in_force_on", "2019-06-01"]

    def test_what_excel_would_cut_is_refused(self, hostile: Export) -> None:
        rows = hostile.taken[0].rows.copy()
        rows["names_old"] = [["长" * 20_000] * 2, []]
        wide = Export((type(hostile.taken[0])(hostile.taken[0].layer, rows),), DAY, KNOWN)
        with pytest.raises(WriteFailed, match=r"row 2: 'names_old' has 40,008 .*\.gpkg or \.csv"):
            export_bytes(wide, "xlsx", lang="en", made=MADE)
        assert export_bytes(wide, "csv", lang="en", made=MADE)

    @pytest.mark.parametrize("form", ["gpkg", "geojson", "csv", "xlsx"])
    def test_the_same_bytes_each_time(self, hostile: Export, form: str) -> None:
        one, two = (export_bytes(hostile, form, lang="zh", made=MADE) for _ in range(2))
        assert one == two

    def test_the_method_names_the_place_and_what_was_left_out(self, places: StoreBuilder) -> None:
        export = read(places, "plans", place="w")
        told = {entry["name"]: entry["value"] for entry in method_rows(export, "en", MADE)}
        assert told["place"] == "cities:w"
        assert told["place_name"] == "West"
        assert told["place_rule"].endswith("so that nobody can say: 1.")
        assert told["crs"] == "EPSG:4326"
        assert "place" not in {e["name"] for e in method_rows(read(places, "plans"), "zh", MADE)}
