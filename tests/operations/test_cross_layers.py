"""Two layers of the store on each other: what they share, by zone, in words and in files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from atlas.analysis.zone_index import index_zones
from atlas.core.crs import (
    STORAGE_CRS,
    area_km2,
    length_km,
)
from atlas.core.layer import THEMES
from atlas.errors import EditionNotFound, FileDamaged, LayerNotFound, WrongKind
from atlas.i18n import LANGUAGES, translate
from atlas.operations import publish as publishing
from atlas.operations.cross import BUILT, KEPT, Crossed, cross, relation_of
from atlas.operations.cross_words import tell_crossed, tell_crossed_zone
from atlas.operations.overlap_map import crossed_layers
from atlas.operations.overlap_report import cross_rows, cross_totals, render_cross
from atlas.operations.zones import polygon_zone
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, row, square

COARSE = 20_000
DAY, MADE = dt.date(2019, 6, 1), dt.date(2024, 6, 30)
WEST, EAST, MIDDLE = square(120, 30), square(120.5, 30), square(120.25, 30)
RAIL = shapely.LineString([(119.9, 30.2), (120.1, 30.2), (120.6, 30.2)])
Entry = tuple[dict[str, Any], Any]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", COARSE)


def add(store: StoreBuilder, layer: str, *entries: Entry, published: str = "2020-01-01") -> None:
    rows = [feature(entry if shape else entry | {"geometry_basis": "none"}, shape)
            for entry, shape in entries]  # fmt: skip
    publishing.publish(
        store.folder, layer, store.write(collection(rows)), note=published,
        published=dt.date.fromisoformat(published), today=TODAY,
    )  # fmt: skip


@pytest.fixture
def world(empty_store: StoreBuilder) -> StoreBuilder:
    """Two cities; a belt over the western one; corridors, of which one came in 2019; a railway."""
    for layer, theme, kind in (
        ("cities", "base", "polygon"), ("belts", "ecology", "polygon"), ("rail", "rail", "line"),
        ("corridors", "innovation", "polygon"), ("stops", "rail", "point"),
    ):  # fmt: skip
        empty_store.add_layer(layer, theme=theme, kind=kind)
    always = in_force(None, None)
    add(empty_store, "cities", (always | {"id": "e", "name_en": "East", "name_zh": "东"}, EAST),
        (always | {"id": "w", "name_en": "West", "name_zh": "西"}, WEST))  # fmt: skip
    add(empty_store, "belts", (always | {"id": "belt"}, MIDDLE), (always | {"id": "dark"}, None))
    add(empty_store, "corridors",
        (always | {"id": "road", "name_en": "Road", "name_zh": "路"}, WEST),
        (in_force("2019-06-01", None, id="new", name_en="New", name_zh="新"), MIDDLE))  # fmt: skip
    add(empty_store, "rail", (always | {"id": "line", "name_en": "Line", "name_zh": "线"}, RAIL))
    add(empty_store, "stops", (always | {"id": "stop"}, shapely.Point(120.3, 30.2)))
    return empty_store


def crossed(
    store: StoreBuilder, layer: str = "belts", other: str = "corridors", **asked: Any
) -> Crossed:
    return cross(store.folder, layer, other, **({"day": DAY, "known_by": TODAY} | asked))


def area(shape: shapely.Geometry) -> Any:
    """Edges that run along a parallel bend a little when cut at other places."""
    size = area_km2(gpd.GeoSeries([shape], crs=STORAGE_CRS)).iloc[0]
    return pytest.approx(size, rel=1e-3)


def length(shape: shapely.Geometry) -> Any:
    size = length_km(gpd.GeoSeries([shape], crs=STORAGE_CRS)).iloc[0]
    return pytest.approx(size, rel=1e-3)


HALF = MIDDLE.intersection(WEST)


class TestAreas:
    def test_pieces_by_zone(self, world: StoreBuilder) -> None:
        rows = cross_rows(crossed(world))
        told = {(row["zone_id"], row["first_id"], row["second_id"]): row["area_km2"]
                for row in rows}  # fmt: skip
        assert told == {
            ("w", "belt", "road"): area(HALF), ("w", "belt", "new"): area(HALF),
            ("e", "belt", "new"): area(HALF),
        }  # fmt: skip
        assert {row["relation"] for row in rows} == {"conflict"}

    def test_a_row_names_zone_and_both_features(self, world: StoreBuilder) -> None:
        first = cross_rows(crossed(world, day=dt.date(2019, 5, 31)))[0]
        assert list(first) == [
            "zone_id", "zone", "zone_en", "first_id", "first_version", "first_part", "first",
            "first_en", "second_id", "second_version", "second_part", "second", "second_en",
            "area_km2", "relation",
        ]  # fmt: skip
        assert (first["zone"], first["first_en"], first["second"]) == ("西", "Huai", "路")

    def test_it_is_as_of_the_day(self, world: StoreBuilder) -> None:
        assert len(crossed(world, day=dt.date(2019, 5, 31)).crossing.pieces) == 1
        assert len(crossed(world, day=DAY).crossing.pieces) == 2

    def test_both_are_as_published_by_the_day(self, world: StoreBuilder) -> None:
        add(world, "belts", (in_force(None, None, id="late"), WEST), published="2021-01-01")
        for known, id_, edition in ((dt.date(2020, 6, 1), "belt", 1), (TODAY, "late", 2)):
            found = crossed(world, known_by=known)
            assert found.areas["id"].tolist() == [id_]
            assert [held.edition for held in found.editions] == [edition, 1]

    def test_totals_count_no_place_twice(self, world: StoreBuilder) -> None:
        totals = cross_totals(crossed(world))
        assert {row["zone_id"]: row["both"] for row in totals} == {"w": area(HALF), "e": area(HALF)}
        early = cross_totals(crossed(world, day=dt.date(2019, 5, 31)))
        assert [(row["zone_en"], row["both"]) for row in early] == [("West", area(HALF))]

    def test_what_is_not_drawn_is_left_out(self, world: StoreBuilder) -> None:
        found = crossed(world)
        assert found.areas["id"].tolist() == ["belt"]
        assert found.areas.index.tolist() == [0]

    def test_a_layer_on_itself(self, world: StoreBuilder) -> None:
        rows = cross_rows(crossed(world, "corridors", "corridors"))
        assert {(row["first_id"], row["second_id"]) for row in rows} == {
            ("road", "road"), ("road", "new"), ("new", "road"), ("new", "new"),
        }  # fmt: skip

    def test_before_there_were_areas_nothing_crosses(self, world: StoreBuilder) -> None:
        add(world, "belts", (in_force("2020-01-01", None), WEST), published="2021-01-01")
        found = crossed(world)
        assert cross_rows(found) == cross_totals(found) == []


class TestLines:
    def test_lengths_and_crossings(self, world: StoreBuilder) -> None:
        found = crossed(world, "belts", "rail")
        told = {row["zone_id"]: row["length_km"] for row in cross_rows(found)}
        west, east = ([(120.25, 30.2), (120.5, 30.2)], [(120.5, 30.2), (120.6, 30.2)])
        assert told == {"w": length(shapely.LineString(west)),
                        "e": length(shapely.LineString(east))}  # fmt: skip
        assert {row["crossings_whole_line"] for row in cross_rows(found)} == {1}
        points = found.crossing.points.to_crs(STORAGE_CRS).geometry
        assert points.x.tolist() == pytest.approx([120.25], abs=1e-6)

    def test_each_line_has_its_own_crossings(self, world: StoreBuilder) -> None:
        always = in_force(None, None)
        through = shapely.LineString([(120.1, 30.1), (120.9, 30.1)])
        add(world, "rail", (always | {"id": "a"}, RAIL), (always | {"id": "b"}, through),
            published="2021-01-01")  # fmt: skip
        rows = cross_rows(crossed(world, "belts", "rail"))
        assert {(row["second_id"], row["crossings_whole_line"]) for row in rows} == {
            ("a", 1), ("b", 2),
        }  # fmt: skip

    def test_the_layer_of_polygons_comes_first(self, world: StoreBuilder) -> None:
        there, back = crossed(world, "belts", "rail"), crossed(world, "rail", "belts")
        assert (there.first.id, there.second.id) == (back.first.id, back.second.id)
        assert cross_rows(there) == cross_rows(back)

    def test_points_are_counted(self, world: StoreBuilder) -> None:
        (told,) = cross_rows(crossed(world, "belts", "stops"))
        assert told["count"] == 1
        assert "area_km2" not in told


@pytest.mark.parametrize(
    ("layer", "other", "error", "words"),
    [
        ("rail", "stops", WrongKind, "is of kind line: neither it nor 'stops' holds polygons"),
        ("stops", "rail", WrongKind, "is of kind point: neither it nor 'rail' holds polygons"),
        ("belts", "moon", LayerNotFound, "no layer 'moon'"),
        ("moon", "belts", LayerNotFound, "no layer 'moon'"),
    ],
)
def test_what_cannot_be_crossed(
    world: StoreBuilder, layer: str, other: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        crossed(world, layer, other)


def test_without_zones_or_editions_there_is_an_error(world: StoreBuilder) -> None:
    with pytest.raises(FileDamaged, match="moon: No such file"):
        crossed(world, zones="moon")
    with pytest.raises(EditionNotFound):
        crossed(world, known_by=dt.date(2019, 12, 31))


class TestRelation:
    """A convention of pairs of themes."""

    @pytest.mark.parametrize("one", THEMES)
    @pytest.mark.parametrize("other", THEMES)
    def test_every_pair_has_one_name(self, one: str, other: str) -> None:
        sides = {theme: "built" if theme in BUILT else "kept" if theme in KEPT else "neither"
                 for theme in (one, other)}  # fmt: skip
        wanted = {"built built": "synergy", "kept kept": "synergy", "built kept": "conflict"}
        told = " ".join(sorted((sides[one], sides[other])))
        assert relation_of(one, other) == wanted.get(told, "neutral")

    def test_building_and_keeping_exclude_each_other(self) -> None:
        assert not set(BUILT) & set(KEPT)
        assert {*BUILT, *KEPT} <= set(THEMES)


class TestFiles:
    @pytest.fixture
    def found(self, world: StoreBuilder) -> Crossed:
        return crossed(world, "belts", "rail")

    def test_json(self, found: Crossed) -> None:
        told = json.loads(render_cross(found, "json", lang="zh", made=MADE))
        assert [layer["layer"] for layer in told["layers"]] == ["belts", "rail"]
        assert [layer["sha256"] for layer in told["layers"]] == [e.sha256 for e in found.editions]
        assert (told["day"], told["known_by"]) == (DAY.isoformat(), TODAY.isoformat())
        assert told["zones"]["name"] == "cities"
        assert len(told["zones"]["sha256"]) == 64
        assert told["relation"] == "conflict"
        for lang in LANGUAGES:
            assert told["relation_note"][lang] == translate("overlap.relation_note", lang)
            assert told["method"][lang] == translate("overlap.method", lang)
        assert told["rows"] == cross_rows(found)
        assert told["zone_totals"] == cross_totals(found)

    def test_geojson_holds_pieces_and_points(self, found: Crossed) -> None:
        document = json.loads(render_cross(found, "geojson", lang="zh", made=MADE))
        kinds = [(f["properties"]["kind"], f["geometry"]["type"]) for f in document["features"]]
        assert kinds == [("piece", "LineString"), ("crossing", "Point")]
        assert document["layers"][0]["sha256"] == found.editions[0].sha256
        piece = document["features"][0]["properties"]
        assert (piece["first_id"], piece["second_id"]) == ("belt", "line")
        assert piece["size"] == pytest.approx(found.crossing.pieces["size"].iloc[0], abs=1e-6)

    def test_csv_and_parquet_hold_the_rows(self, found: Crossed, tmp_path: Path) -> None:
        text = render_cross(found, "csv", lang="zh", made=MADE).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [line["zone_id"] for line in lines] == ["e", "w"]
        path = tmp_path / "rows.parquet"
        path.write_bytes(render_cross(found, "parquet", lang="zh", made=MADE))
        assert pd.read_parquet(path).to_dict("records") == cross_rows(found)

    def test_xlsx_has_rows_and_totals(self, found: Crossed) -> None:
        content = render_cross(found, "xlsx", lang="zh", made=MADE)
        assert content == render_cross(found, "xlsx", lang="zh", made=MADE)
        book = zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml").decode()
        assert 'name="overlap"' in book
        assert 'name="zones"' in book

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_table_is_in_the_language(self, found: Crossed, lang: str) -> None:
        text = render_cross(found, "table", lang=lang, made=MADE).decode()
        names = {"zh": ("西", "淮河", "线"), "en": ("West", "Huai", "Line")}[lang]
        assert all(name in text for name in names)
        assert translate("overlap.relation_note", lang) in text
        assert text.startswith("conflict\n")
        assert "length_km" in text

    @pytest.mark.parametrize("form", ["table", "json", "csv", "xlsx", "geojson", "parquet"])
    def test_nothing_in_every_form(self, world: StoreBuilder, form: str) -> None:
        apart = shapely.LineString([(122, 30), (122, 31)])
        add(world, "rail", (in_force(None, None), apart), published="2021-01-01")
        found = crossed(world, "belts", "rail")
        assert cross_rows(found) == cross_totals(found) == []
        assert render_cross(found, form, lang="zh", made=MADE)


class TestMap:
    def test_pieces_points_and_no_zone(self, world: StoreBuilder) -> None:
        pieces, points, zones = crossed_layers(crossed(world, "belts", "rail"), None)
        assert pieces.features["name_en"].tolist() == ["Huai ∩ Line"]
        assert pieces.features["name_zh"].tolist() == ["淮河 ∩ 线"]
        assert points.features.geom_type.tolist() == ["Point"]
        assert zones.features.empty

    def test_in_one_zone_pieces_end_at_its_border(self, world: StoreBuilder) -> None:
        found = crossed(world)
        pieces, _, zones = crossed_layers(found, 0)
        assert zones.features["name_en"].tolist() == ["East"]
        assert pieces.features["name_en"].tolist() == ["Huai ∩ New"]
        assert area_km2(pieces.features.geometry).iloc[0] == area(HALF)

    def test_in_a_zone_that_holds_none_there_is_none(self, world: StoreBuilder) -> None:
        found = crossed(world, day=dt.date(2019, 5, 31))
        pieces, _, zones = crossed_layers(found, 0)
        assert pieces.features.empty
        assert len(zones.features) == 1


def test_a_row_may_have_any_name(world: StoreBuilder) -> None:
    hostile = row(
        valid_from=None, valid_from_precision=None, name_en='=1+1 {x} "<b>"', name_zh="{}"
    )
    add(world, "corridors", (hostile, MIDDLE), published="2021-01-01")
    found = crossed(world)
    assert '=1+1 {x} "<b>"' in render_cross(found, "table", lang="en", made=MADE).decode()
    csv_text = render_cross(found, "csv", lang="en", made=MADE).decode("utf-8-sig")
    (line, *_) = csv.DictReader(io.StringIO(csv_text, newline=""))
    assert line["second_en"] == '\'=1+1 {x} "<b>"'


class TestWords:
    def test_of_all_zones_and_of_one(self, world: StoreBuilder) -> None:
        found = crossed(world, "belts", "corridors")
        west = found.zones.rows["id"].tolist().index("w")
        told = tell_crossed_zone(found, west, "en")
        assert re.match(r"In West: .* ∩ Road: [\d,]+ km².*no place is counted twice", told)
        assert "crossings" not in tell_crossed(found, "en")
        assert tell_crossed(found, "zh").startswith("2 块")

    def test_lines_tell_their_crossings(self, world: StoreBuilder) -> None:
        found = crossed(world, "belts", "rail")
        assert tell_crossed(found, "en").endswith(" crossings.")

    def test_a_zone_with_nothing(self, world: StoreBuilder) -> None:
        found = cross(
            world.folder, "belts", "corridors", zones=polygon_zone(square(125, 35), "far"),
            day=DAY, known_by=TODAY,
        )  # fmt: skip
        assert tell_crossed_zone(found, 0, "en").endswith("nothing in common.")

    def test_many_pieces_are_not_all_named(self, world: StoreBuilder) -> None:
        strips = [square(round(120 + n / 50, 2), 30, 0.01) for n in range(8)]
        add(world, "corridors", *((in_force(None, None, id=f"s{n}"), strip)
            for n, strip in enumerate(strips)), published="2021-01-01")  # fmt: skip
        add(world, "belts", (in_force(None, None, id="belt"), WEST), published="2021-01-01")
        found = crossed(world, "belts", "corridors")
        west = found.zones.rows["id"].tolist().index("w")
        assert "and 2 more." in tell_crossed_zone(found, west, "en")
