"""A comparison as JSON, GeoJSON, CSV and rows: whole, valid, and safe in a spreadsheet."""

import csv
import datetime as dt
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely

from atlas.core.crs import REGION_BOUNDS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.schema import Column
from atlas.core.units import Units
from atlas.i18n import LANGUAGES, translate
from atlas.io import geojson
from atlas.operations.change_output import (
    evidence_words,
    provenance,
    to_geojson,
    to_rows,
    to_values,
    used_sorts,
)
from atlas.operations.change_report import render
from atlas.operations.compare import Comparison, compare_days, compare_editions, compare_versions
from tests.conftest import TODAY
from tests.examples import in_force, row, square

COLUMNS = (
    Column("successors", "texts", title={"zh": "后继", "en": "Successors"}),
    Column("rank", "integer", title={"zh": "级", "en": "Rank"}),
)
OLD_DAY, NEW_DAY, CHANGED = dt.date(2018, 6, 1), dt.date(2020, 6, 1), "2019-01-01"
WEST, EAST, WHOLE = square(120, 30, 0.2), square(120.2, 30, 0.2), shapely.box(120, 30, 120.4, 30.2)
FIRST, SECOND = "a" * 64, "b" * 64
FORMULAS = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "-1+1", "--1"]
PLAIN = ["-1", "+2.5", "-3e5", "a=b", "1-2", "长-短", "'=1"]


def values(**changes: Any) -> dict[str, Any]:
    return row(successors=[], rank=None) | changes


def ended(**changes: Any) -> dict[str, Any]:
    return in_force("2016-01-01", CHANGED, successors=[], rank=None) | changes


def begun(**changes: Any) -> dict[str, Any]:
    return in_force(CHANGED, None, successors=[], rank=None, plan_version="2") | changes


def layer(
    rows: list[dict[str, Any]], shapes: list[Any], *, edition: int = 1, kind: str = "polygon"
) -> Layer:
    words = {"zh": "带", "en": "Belts"}
    info = LayerInfo(
        "belts", "ecology", kind, words, words, "belts", "CC-BY-4.0",
        {"zh": "某人", "en": "somebody"}, words, words, COLUMNS,
    )  # fmt: skip
    sha256 = {1: FIRST, 2: SECOND}[edition]
    published = Edition("belts", edition, dt.date(2019 + edition, 1, 1), sha256, len(rows), "why")
    return Layer(info, published, geojson.to_frame(COLUMNS, rows, shapes))


def days(rows: list[dict[str, Any]], shapes: list[Any], kind: str = "polygon") -> Comparison:
    held = layer(rows, shapes, kind=kind)
    return compare_days(held, OLD_DAY, NEW_DAY, known_by=TODAY, units=Units())


def editions(old: Layer, new: Layer) -> Comparison:
    return compare_editions(old, new, known_by=TODAY, units=Units())


@pytest.fixture(scope="module")
def grown() -> Comparison:
    return days([ended(), begun(rank=3)], [square(), square(120, 30, 0.6)])


@pytest.fixture(scope="module")
def divided() -> Comparison:
    """A feature that keeps a part and gives another, and one of unknown extent."""
    rows = [ended(id="a", successors=["b"]), begun(id="a"), begun(id="b"), ended(id="c"),
            begun(id="c", geometry_basis="none")]  # fmt: skip
    return days(rows, [WHOLE, WEST, EAST, square(118), None])


class TestValues:
    """JSON for machines."""

    def test_the_head_says_what_was_compared(self, grown: Comparison) -> None:
        told = to_values(grown)
        assert list(told) == [
            "layer", "title", "by", "feature", "known_by", "old", "new", "unit", "method",
            "licence", "attribution", "kept", "changes",
        ]  # fmt: skip
        assert (told["layer"], told["by"], told["feature"]) == ("belts", "days", None)
        assert (told["known_by"], told["unit"], told["kept"]) == (TODAY.isoformat(), "km²", 0)
        assert told["old"] == {
            "edition": 1, "published": "2020-01-01", "sha256": FIRST, "rows": 1,
            "day": "2018-06-01", "uncertain": [],
        }  # fmt: skip
        assert told["licence"] == "CC-BY-4.0"
        assert told["attribution"] == {"zh": "某人", "en": "somebody"}
        assert told["method"] == {lang: translate("words.method", lang) for lang in LANGUAGES}

    def test_a_change_says_its_rows_sizes_and_evidence(self, grown: Comparison) -> None:
        (change,) = to_values(grown)["changes"]
        assert list(change) == [
            "kind", "old", "new", "rule", "share", "area_km2", "flows", "columns",
        ]  # fmt: skip
        assert (change["kind"], change["rule"], change["share"]) == ("reshaped", "part", None)
        assert change["old"] == [
            {"key": "belt/1", "id": "belt", "plan_version": "1", "part": "whole",
             "status": "in-force", "name": {"zh": "淮河", "en": "Huai"},
             "valid_from": "2016-01-01", "valid_to": CHANGED}
        ]  # fmt: skip
        assert change["columns"]["rank"] == {"old": None, "new": 3}
        sizes = change["area_km2"]
        assert list(sizes) == ["old", "new", "gained", "lost", "kept", "transferred"]
        assert sizes["old"] + sizes["gained"] == pytest.approx(sizes["new"])
        assert all(size == round(size, 6) for size in sizes.values())

    def test_flows_say_what_passes_to_whom(self, divided: Comparison) -> None:
        changes = to_values(divided)["changes"]
        flows = {change["kind"]: change["flows"] for change in changes}
        assert [(flow["change"], flow["from"], flow["to"]) for flow in flows["split"]] == [
            ("kept", "a", "a"), ("transferred", "a", "b"),
        ]  # fmt: skip
        assert flows["reshaped"] == []

    def test_sizes_that_are_not_known_are_null(self, divided: Comparison) -> None:
        change = to_values(divided)["changes"][1]
        assert (change["kind"], change["old"][0]["id"]) == ("reshaped", "c")
        sizes = change["area_km2"]
        assert sizes.pop("old") > 0
        assert set(sizes.values()) == {None}

    @pytest.mark.parametrize(
        ("kind", "shape", "name", "unit"),
        [
            ("line", shapely.LineString([(120, 30), (121, 30)]), "length_km", "km"),
            ("point", shapely.Point(120, 30), "size", None),
        ],
    )
    def test_lines_have_lengths_and_points_no_size(
        self, kind: str, shape: Any, name: str, unit: str | None
    ) -> None:
        told = to_values(days([begun()], [shape], kind))
        assert told["unit"] == unit
        assert set(told["changes"][0][name].values()) >= {0.0}

    def test_states_by_edition_and_version(self) -> None:
        first = layer([values()], [square()])
        second = layer([values(rank=1)], [square()], edition=2)
        told = provenance(editions(first, second))
        assert [told[side]["sha256"] for side in ("old", "new")] == [FIRST, SECOND]
        assert "day" not in told["old"]
        held = layer([values(), values(plan_version="2")], [square(), WEST])
        versions = compare_versions(held, "belt", "1", "2", known_by=TODAY, units=Units())
        told = provenance(versions)
        assert (told["feature"], told["new"]["plan_version"]) == ("belt", "2")

    def test_doubtful_rows_are_named(self) -> None:
        vague = begun(valid_from="2018-01-01", valid_from_precision="year", part="core")
        told = to_values(days([vague], [square()]))
        assert told["old"]["uncertain"] == ["belt/2/core"]
        assert told["new"]["uncertain"] == []

    def test_everything_is_json(self, grown: Comparison, divided: Comparison) -> None:
        nothing = editions(layer([values()], [WEST]), layer([values()], [WEST], edition=2))
        for comparison in (grown, divided, nothing):
            text = json.dumps(to_values(comparison), allow_nan=False)
            assert json.loads(text) == to_values(comparison)
        assert to_values(nothing)["changes"] == []
        assert used_sorts(nothing) == []


class TestGeoJson:
    """The pieces as a file that says of what they are."""

    def read(self, comparison: Comparison) -> dict[str, Any]:
        return json.loads(to_geojson(comparison).decode("utf-8"))

    def test_the_head_has_both_states_hashes_and_licence(self, grown: Comparison) -> None:
        told = self.read(grown)
        features = told.pop("features")
        assert told == {"type": "FeatureCollection"} | provenance(grown)
        assert {told["old"]["sha256"], told["new"]["sha256"]} == {FIRST}
        assert (told["licence"], len(features)) == ("CC-BY-4.0", 2)

    def test_each_piece_says_what_it_is_and_whose(self, divided: Comparison) -> None:
        told = [feature["properties"] for feature in self.read(divided)["features"]]
        assert [(piece["change"], piece["kind"], piece["from_version"], piece["to_version"])
                for piece in told] == [
            ("kept", "split", "1", "2"), ("transferred", "split", "1", "2"),
            ("undetermined", "reshaped", "1", "2"),
        ]  # fmt: skip
        assert [(piece["from_id"], piece["to_id"]) for piece in told[:2]] == [
            ("a", "a"), ("a", "b"),
        ]  # fmt: skip
        assert all(piece["area_km2"] > 0 and piece["name_zh"] == "淮河" for piece in told)

    def test_geometries_are_valid_in_the_region_and_of_six_decimals(
        self, grown: Comparison, divided: Comparison
    ) -> None:
        west, south, east, north = REGION_BOUNDS
        for comparison in (grown, divided):
            for feature in self.read(comparison)["features"]:
                shape = shapely.from_geojson(json.dumps(feature["geometry"]))
                assert shape.is_valid
                assert not shape.is_empty
                assert shapely.box(west, south, east, north).contains(shape)
                assert all(shapely.is_ccw(part.exterior) for part in shapely.get_parts(shape)), (
                    "RFC 7946"
                )
                places = shapely.get_coordinates(shape).ravel().tolist()
                assert all(round(place, 6) == place for place in places)

    def test_pieces_cover_what_their_sizes_say(self, grown: Comparison) -> None:
        sizes = {piece["properties"]["change"]: piece["properties"]["area_km2"]
                 for piece in self.read(grown)["features"]}  # fmt: skip
        table = to_values(grown)["changes"][0]["area_km2"]
        assert sizes == {sort: table[sort] for sort in ("gained", "kept")}

    def test_no_pieces_are_a_whole_file_too(self) -> None:
        told = self.read(editions(layer([values()], [WEST]), layer([values()], [WEST], edition=2)))
        assert told["features"] == []
        assert told["new"]["sha256"] == SECOND


def cells(comparison: Comparison, lang: str = "en") -> list[dict[str, str]]:
    content = render(comparison, "csv", lang=lang, made=TODAY, folder=Path("none"))
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content[3:].decode("utf-8"), newline="")))


class TestCsv:
    """Figures for a spreadsheet, each row with what it was made from."""

    def test_each_row_says_where_it_comes_from(self, grown: Comparison) -> None:
        (line,) = cells(grown)
        assert list(line) == [
            "name", "kind", "old_version", "new_version", "old", "new", "gained", "lost", "kept",
            "transferred", "evidence", "layer", "old_state", "new_state", "known_by",
            "old_sha256", "new_sha256", "unit",
        ]  # fmt: skip
        assert (line["layer"], line["unit"], line["old_sha256"]) == ("belts", "km²", FIRST)
        assert (line["old_state"], line["new_state"]) == ("2018-06-01", "2020-06-01")
        assert (line["old_version"], line["new_version"]) == ("version 1", "version 2")
        gained = to_values(grown)["changes"][0]["area_km2"]["gained"]
        assert float(line["gained"]) == gained

    def test_what_is_not_known_is_an_empty_cell(self, divided: Comparison) -> None:
        line = cells(divided)[1]
        assert (line["new"], line["gained"]) == ("", "")
        assert float(line["old"]) > 0

    @pytest.mark.parametrize("text", FORMULAS)
    def test_formulas_are_disarmed(self, text: str) -> None:
        (line,) = cells(days([begun(name_en=text)], [WEST]))
        assert line["name"] == "'" + text

    @pytest.mark.parametrize("text", PLAIN)
    def test_numbers_and_other_words_stay(self, text: str) -> None:
        (line,) = cells(days([begun(name_en=text)], [WEST]))
        assert line["name"] == text

    def test_states_are_disarmed_too(self) -> None:
        held = layer([values(), values(plan_version="=1+1")], [square(), WEST])
        versions = compare_versions(held, "belt", "1", "=1+1", known_by=TODAY, units=Units())
        (line,) = cells(versions)
        assert (line["new_state"], line["old_state"]) == ("'=1+1", "1")

    def test_no_change_is_a_head_without_rows(self) -> None:
        held = layer([values()], [WEST])
        assert cells(editions(held, layer([values()], [WEST], edition=2))) == []

    def test_quotes_and_lines_come_back(self) -> None:
        text = 'a "b", c\n第二行; d'
        (line,) = cells(days([begun(name_zh=text)], [WEST]), "zh")
        assert line["name"] == text


class TestRows:
    """The table of a page and of a report."""

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_kinds_and_evidence_are_words(self, divided: Comparison, lang: str) -> None:
        first, second = to_rows(divided, lang)
        assert first["kind"] == translate("change.kind.split", lang)
        assert first["evidence"] == translate("change.rule.stated", lang)
        assert second["evidence"] == translate("change.rule.part", lang)
        assert math.isclose(first["old"], first["kept"] + first["transferred"])
        assert second["new"] is None

    def test_a_feature_in_parts_is_not_called_divided(self) -> None:
        rows = [ended(), begun(part="core"), begun(part="shore")]
        (told,) = to_rows(days(rows, [WHOLE, WEST, EAST]), "en")
        assert told["kind"] == translate("change.kind.parts", "en")
        assert told["name"] == "Huai"
        assert told["new_version"] == "version 2, core; version 2, shore"

    def test_a_match_by_shape_says_its_share(self) -> None:
        comparison = days([ended(id="a"), begun(id="b")], [square(), square(120, 30, 0.49)])
        (told,) = to_rows(comparison, "en")
        assert told["evidence"] == translate("change.rule.shape", "en") + " (96.0 %)"
        assert to_values(comparison)["changes"][0]["share"] == pytest.approx(0.9604)

    def test_between_editions_the_same_key_is_the_same_row(self) -> None:
        old, new = layer([values()], [WEST]), layer([values(rank=1)], [WEST], edition=2)
        comparison = editions(old, new)
        assert evidence_words(comparison, comparison.diff.changes[0], "en") == "same row"

    def test_points_have_no_sizes(self) -> None:
        (told,) = to_rows(days([begun()], [shapely.Point(120, 30)], "point"), "en")
        assert list(told) == ["name", "kind", "old_version", "new_version", "evidence"]
