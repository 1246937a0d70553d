"""An overlap as rows and as files: the promised columns, the method, nothing that computes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS, WORKING_PROJ, area_km2
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.i18n import LANGUAGES, translate
from atlas.io import geojson
from atlas.operations.links import RailLinks
from atlas.operations.overlap import Overlap, OverlapChange, overlap_change, overlap_layer
from atlas.operations.overlap_output import (
    CHANGE_COLUMNS,
    FORMS,
    change_rows,
    change_values,
    feature_totals,
    pair_rows,
    provenance,
    render,
    to_geojson,
    to_rows,
    to_values,
    zone_totals,
)
from atlas.operations.overlap_report import render_pairs, terminal
from atlas.operations.zones import ZoneSet, polygon_zone
from tests.conftest import TODAY, StoreBuilder
from tests.examples import in_force, row, square

DAY, MADE = dt.date(2019, 6, 1), dt.date(2024, 6, 30)
WEST, EAST, MIDDLE = square(120, 30), square(120.5, 30), square(120.25, 30)
LAYER_HASH, ZONE_HASH = "a" * 64, "b" * 64
FORMULA = '=HYPERLINK("http://x")'
TEXT = {"zh": "带", "en": "Belts"}
FILES = [form for form in FORMS if form != "table"]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)


def info(kind: str = "polygon", name: str = "belts") -> LayerInfo:
    attribution = {"zh": "某人", "en": "somebody"}
    return LayerInfo(
        name, "ecology", kind, TEXT, TEXT, "belts", "CC-BY-4.0", attribution, TEXT, TEXT
    )


def edition(sha256: str, name: str = "belts") -> Edition:
    return Edition(name, 2, dt.date(2020, 1, 1), sha256, 1, "why")


def measure(*things: tuple[dict[str, Any], Any], kind: str = "polygon") -> Overlap:
    """Things in two cities side by side, of which the western one is a reconstruction."""
    rows = geojson.to_frame((), [values for values, _ in things], [shape for _, shape in things])
    table = {"id": ["e", "w"], "name_zh": ["东", "西"], "name_en": ["East", "West"],
             "accuracy_m": 0.0, "estimated": [False, True]}  # fmt: skip
    zones = ZoneSet(
        gpd.GeoDataFrame(table, geometry=[EAST, WEST], crs=STORAGE_CRS), "cities", TEXT,
        edition(ZONE_HASH, "cities"), info(name="cities"),
    )  # fmt: skip
    layer = Layer(info(kind), edition(LAYER_HASH), rows)
    return overlap_layer(layer, zones, day=DAY, known_by=TODAY)


@pytest.fixture
def found() -> Overlap:
    """A belt over both cities, a park in one by its two versions, one of unknown extent."""
    return measure(
        (row(id="belt", name_zh=FORMULA, name_en="+1 Belt", valid_from="2019-01-01",
             valid_from_precision="year"), MIDDLE),
        (row(id="park", plan_version="2", part="core"), EAST),
        (row(id="secret", geometry_basis="none"), None),
    )  # fmt: skip


LINE = (row(), shapely.LineString([(119.9, 30.2), (120.1, 30.2)]))
POINT = (row(), shapely.Point(120.1, 30.1))


class TestRows:
    def test_they_have_the_promised_columns(self, found: Overlap) -> None:
        first = to_rows(found)[0]
        assert list(first) == [
            "zone_id", "zone", "zone_en", "feature_id", "plan_version", "part", "feature",
            "feature_en", "status", "area_km2", "share_of_zone", "share_of_feature", "sliver",
            "uncertain",
        ]  # fmt: skip
        assert first == {
            "zone_id": "e", "zone": "东", "zone_en": "East", "feature_id": "belt",
            "plan_version": "1", "part": "whole", "feature": FORMULA, "feature_en": "+1 Belt",
            "status": "in-force", "area_km2": pytest.approx(1333.3, abs=0.1),
            "share_of_zone": pytest.approx(0.5, abs=1e-3),
            "share_of_feature": pytest.approx(0.5, abs=1e-3), "sliver": False, "uncertain": True,
        }  # fmt: skip

    def test_each_pair_once_by_zone_and_feature(self, found: Overlap) -> None:
        keys = [(row["zone_id"], row["feature_id"], row["plan_version"]) for row in to_rows(found)]
        assert keys == [("e", "belt", "1"), ("e", "park", "2"), ("w", "belt", "1")]

    @pytest.mark.parametrize(
        ("thing", "kind", "name", "size"),
        [(LINE, "line", "length_km", 9.63), (POINT, "point", "count", 1)],
    )
    def test_lines_and_points(self, thing: Any, kind: str, name: str, size: float) -> None:
        (told,) = to_rows(measure(thing, kind=kind))
        assert told[name] == pytest.approx(size, abs=0.01)
        assert told["share_of_zone"] is None
        assert "area_km2" not in told

    def test_values_are_plain(self, found: Overlap) -> None:
        tables = [to_rows(found), zone_totals(found), feature_totals(found), pair_rows(found, {})]
        for told in tables:
            assert told
            types = {type(value) for row in told for value in row.values()}
            assert types <= {str, int, float, bool, type(None), list, dict}
            json.dumps(told, allow_nan=False)


class TestTotals:
    def test_of_zones(self, found: Overlap) -> None:
        east, west = zone_totals(found)
        assert (east["zone_id"], east["estimated"], west["estimated"]) == ("e", False, True)
        assert east["covered_by_any"] == pytest.approx(east["zone_km2"], rel=1e-4)
        assert east["share_covered"] == pytest.approx(1, abs=1e-4)
        assert east["sum_of_features"] == pytest.approx(1.5 * east["zone_km2"], rel=1e-3)
        assert west["covered_by_any"] == west["sum_of_features"]

    def test_of_features(self, found: Overlap) -> None:
        belt, park, secret = feature_totals(found)
        assert list(belt) == [
            "feature_id", "plan_version", "part", "feature", "feature_en", "area_km2",
            "outside_zones", "drawn",
        ]  # fmt: skip
        assert belt["outside_zones"] == pytest.approx(0, abs=1)
        assert (park["part"], park["drawn"]) == ("core", True)
        assert (secret["area_km2"], secret["outside_zones"], secret["drawn"]) == (0, 0, False)

    def test_lines_have_no_share_of_a_zone(self) -> None:
        for told in zone_totals(measure(LINE, kind="line")):
            assert told["share_covered"] is None
        (line,) = feature_totals(measure(LINE, kind="line"))
        assert line["outside_zones"] == pytest.approx(line["length_km"] / 2, rel=1e-3)


class TestPairs:
    def test_what_they_share_and_hold(self, found: Overlap) -> None:
        (pair,) = pair_rows(found, {(0, 1): ("x", "y")})
        assert list(pair) == [
            "zone_id", "zone", "zone_en", "other_id", "other", "other_en", "shared", "held",
            "jaccard", "lines", "border_km",
        ]  # fmt: skip
        assert (pair["zone_id"], pair["other_id"], pair["shared"]) == ("e", "w", ["belt"])
        assert pair["held"] == {"belt": [pytest.approx(1333.3, abs=0.1)] * 2}
        assert (pair["jaccard"], pair["lines"]) == (0.5, ["x", "y"])
        assert pair["border_km"] == pytest.approx(55.4, abs=0.1)

    def test_of_parts_that_overlap_the_largest_counts(self) -> None:
        both = shapely.box(120, 30, 121, 30.5)
        (pair,) = pair_rows(measure((row(part="core"), MIDDLE), (row(part="rest"), both)), {})
        assert pair["held"]["belt"] == [pytest.approx(2665, abs=3)] * 2

    def test_nothing_shared_is_no_number(self) -> None:
        (pair,) = pair_rows(measure(), {})
        assert (pair["shared"], pair["held"], pair["jaccard"]) == ([], {}, None)

    @pytest.mark.parametrize("form", ["json", "csv", "xlsx", "parquet", "table"])
    def test_every_form(self, found: Overlap, form: str) -> None:
        links = RailLinks({(0, 1): ("x",)}, {}, (edition("c" * 64, "rail-lines"),))
        content = render_pairs(found, links, form, lang="en", made=MADE)
        assert content == render_pairs(found, links, form, lang="en", made=MADE)
        if form == "json":
            told = json.loads(content)
            assert told["pairs"] == pair_rows(found, links.lines)
            assert told["rail_editions"] == ["c" * 64]
            assert told["sha256"] == LAYER_HASH
        elif form == "csv":
            (line,) = csv_lines(content)
            assert json.loads(line["shared"]) == ["belt"]
            assert json.loads(line["lines"]) == ["x"]
        elif form == "parquet":
            assert json.loads(pd.read_parquet(io.BytesIO(content))["held"].iloc[0]).keys() == {
                "belt"
            }
        elif form == "table":
            assert re.search(r"East +West +1 +0\.50 +1 +55\.4", content.decode())


class TestProvenance:
    def test_it_says_what_was_measured_and_how(self, found: Overlap) -> None:
        told = provenance(found)
        assert told == {
            "layer": "belts", "title": TEXT, "edition": 2, "published": "2020-01-01",
            "sha256": LAYER_HASH, "days": ["2019-06-01"], "known_by": TODAY.isoformat(),
            "zones": [{"name": "cities", "zones": 2, "edition": 2, "sha256": ZONE_HASH,
                       "estimated": ["w"]}],
            "crs": WORKING_PROJ, "unit": "area_km2",
            "method": {lang: translate("overlap.method", lang) for lang in LANGUAGES},
            "licence": "CC-BY-4.0", "attribution": {"zh": "某人", "en": "somebody"},
        }  # fmt: skip

    def test_zones_of_a_file_have_its_hash(self, found: Overlap) -> None:
        drawn = polygon_zone(WEST, "mine")
        layer = Layer(found.info, found.edition, found.features)
        told = provenance(overlap_layer(layer, drawn, day=DAY, known_by=TODAY))
        assert told["zones"] == [{"name": "mine", "zones": 1, "sha256": drawn.sha256}]

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_method_names_projection_simplification_slivers_and_lengths(
        self, lang: str
    ) -> None:
        method = translate("overlap.method", lang)
        words = {"en": ["Albers equal-area", "nothing simplified", "ellipsoid", "sliver", "twice"],
                 "zh": ["阿尔伯斯等积", "未经简化", "椭球面", "碎屑", "不重复"]}[lang]  # fmt: skip
        assert [word for word in words if word not in method] == []


def csv_lines(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "a mark for spreadsheets"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_part(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


class TestFiles:
    @pytest.mark.parametrize("form", FILES)
    def test_the_same_bytes_twice(self, found: Overlap, form: str) -> None:
        assert render(found, form, made=MADE) == render(found, form, made=MADE)

    @pytest.mark.parametrize("form", FILES)
    def test_nothing_is_a_file_too(self, form: str) -> None:
        assert render(measure(), form, made=MADE)

    def test_json(self, found: Overlap) -> None:
        text = render(found, "json", made=MADE).decode()
        assert json.loads(text) == json.loads(json.dumps(to_values(found), allow_nan=False))
        assert list(json.loads(text))[-3:] == ["rows", "zone_totals", "feature_totals"]
        assert text.endswith("}\n")

    def test_csv_disarms_formulas_and_says_where_it_is_from(self, found: Overlap) -> None:
        first, *_ = csv_lines(render(found, "csv", made=MADE))
        assert first["feature"] == f"'{FORMULA}"
        assert first["feature_en"] == "'+1 Belt"
        assert (first["zone"], first["sliver"]) == ("东", "False")
        assert (first["layer_sha256"], first["days"]) == (LAYER_HASH, "2019-06-01")
        assert first["known_by"] == TODAY.isoformat()
        assert list(first)[:-3] == list(to_rows(found)[0])

    def test_a_missing_share_is_an_empty_cell(self) -> None:
        (line,) = csv_lines(render(measure(LINE, kind="line"), "csv", made=MADE))
        assert line["share_of_zone"] == ""

    def test_xlsx_has_all_tables_and_the_method(self, found: Overlap) -> None:
        content = render(found, "xlsx", made=MADE)
        names = re.findall(r'<sheet name="(\w+)"', xlsx_part(content, "xl/workbook.xml"))
        assert names == ["overlap", "zones", "features", "method"]
        texts = xlsx_part(content, "xl/sharedStrings.xml")
        for text in (LAYER_HASH, ZONE_HASH, WORKING_PROJ, translate("overlap.method", "zh")):
            assert text in texts
        for number in range(1, 5):
            assert "<f>" not in xlsx_part(content, f"xl/worksheets/sheet{number}.xml")

    def test_geojson_says_in_its_head_what_it_is(self, found: Overlap) -> None:
        document = json.loads(to_geojson(found))
        head = {name: value for name, value in document.items() if name not in ("type", "features")}
        assert document["type"] == "FeatureCollection"
        assert head == json.loads(json.dumps(provenance(found)))
        assert render(found, "geojson", made=MADE) == to_geojson(found)

    def test_geojson_holds_the_pieces(self, found: Overlap) -> None:
        features = json.loads(to_geojson(found))["features"]
        assert [entry["properties"] for entry in features] == to_rows(found)
        shapes = [shapely.from_geojson(json.dumps(entry["geometry"])) for entry in features]
        assert all(shape.is_valid and shapely.is_ccw(shape.exterior) for shape in shapes)
        areas = area_km2(gpd.GeoSeries(shapes, crs=STORAGE_CRS)).tolist()
        assert areas == pytest.approx([row["area_km2"] for row in to_rows(found)], abs=0.01)
        coordinates = shapely.get_coordinates(shapes)
        assert (coordinates.round(6) == coordinates).all()

    def test_geoparquet_holds_rows_pieces_and_method(self, found: Overlap) -> None:
        content = render(found, "parquet", made=MADE)
        read = gpd.read_parquet(io.BytesIO(content))
        assert read.crs == STORAGE_CRS
        assert read.drop(columns="geometry").to_dict("records") == to_rows(found)
        sizes = area_km2(read.geometry).tolist()
        assert sizes == pytest.approx([row["area_km2"] for row in to_rows(found)], rel=1e-6)
        metadata = pq.read_schema(io.BytesIO(content)).metadata
        assert json.loads(metadata[b"delta_atlas"]) == json.loads(json.dumps(provenance(found)))


class TestTerminal:
    @pytest.mark.parametrize(("lang", "name"), [("zh", "东"), ("en", "East")])
    def test_the_largest_cells_come_first(self, found: Overlap, lang: str, name: str) -> None:
        text = terminal(found, lang)
        head, _, columns, first, *_ = text.splitlines()
        assert head.startswith(TEXT[lang])
        assert "2019-06-01" in head
        assert columns.split() == ["zone", "feature", "plan_version", "part", "area_km2",
                                   "share_of_zone", "share_of_feature"]  # fmt: skip
        assert first.split()[0] == name
        assert "100.0" in first, "the park is all of the zone"
        assert translate("overlap.method", lang) in text

    def test_lines_have_no_share(self) -> None:
        assert re.search(r"9\.6 +50\.0 %", terminal(measure(LINE, kind="line"), "en"))


@pytest.fixture
def changed(store: StoreBuilder) -> OverlapChange:
    """A belt that moves east, one whose extent is not known later."""
    gone = in_force("2018-01-01", "2019-01-01", id="dark")
    store.publish([in_force("2018-01-01", "2019-01-01"), gone], shape=WEST)
    from atlas.operations.publish import publish
    from tests.examples import collection, feature

    entries = [
        feature(in_force("2018-01-01", "2019-01-01", name_zh=FORMULA), WEST), feature(gone, WEST),
        feature(in_force("2019-01-01", None, plan_version="2", name_zh=FORMULA), MIDDLE),
        feature(in_force("2019-01-01", None, id="dark", plan_version="2", geometry_basis="none"),
                None),
    ]  # fmt: skip
    publish(store.folder, "belts", store.write(collection(entries)), note="second",
            published=dt.date(2021, 1, 1), today=TODAY)  # fmt: skip
    return overlap_change(
        store.folder, "belts", zones=polygon_zone(WEST, "mine"), old=dt.date(2018, 6, 1),
        new=DAY, known_by=TODAY,
    )  # fmt: skip


class TestChange:
    def test_rows(self, changed: OverlapChange) -> None:
        (told,) = change_rows(changed)
        assert list(told) == ["zone_id", "zone", "zone_en", "feature_id", "feature", "feature_en",
                              *CHANGE_COLUMNS, "estimated"]  # fmt: skip
        assert (told["zone_id"], told["feature_id"], told["estimated"]) == ("mine", "belt", False)
        assert told["lost"] == told["lost_feature"] == pytest.approx(1333, abs=1)
        assert told["old"] == pytest.approx(told["kept"] + told["lost"], abs=1e-5)

    def test_values_have_totals_days_and_what_is_unknown(self, changed: OverlapChange) -> None:
        told = change_values(changed)
        assert told["days"] == ["2018-06-01", "2019-06-01"]
        assert told["unknown_features"] == ["dark"]
        assert len(told["zones"]) == 1, "the same zones on both days"
        assert told["totals"] == {name: told["rows"][0][name] for name in CHANGE_COLUMNS}

    @pytest.mark.parametrize("form", ["json", "csv", "xlsx", "parquet"])
    def test_every_form(self, changed: OverlapChange, form: str) -> None:
        content = render(changed, form, made=MADE)
        assert content == render(changed, form, made=MADE)
        if form == "csv":
            (line,) = csv_lines(content)
            assert (line["feature"], line["days"]) == (f"'{FORMULA}", "2018-06-01 2019-06-01")
        elif form == "parquet":
            assert pd.read_parquet(io.BytesIO(content)).to_dict("records") == change_rows(changed)
        elif form == "xlsx":
            names = re.findall(r'<sheet name="(\w+)"', xlsx_part(content, "xl/workbook.xml"))
            assert names == ["overlap", "method"]

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_terminal_names_what_is_unknown(self, changed: OverlapChange, lang: str) -> None:
        text = terminal(changed, lang)
        assert translate("overlap.unknown", lang, ids="dark") in text
        assert "2018-06-01 2019-06-01" in text.splitlines()[0]
