"""Faults of the first change reports that were found and mended, each with what showed it."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from atlas.analysis.diff import apply, compose, diff_rows, inverse
from atlas.analysis.pieces import pieces
from atlas.core.view import Compared
from atlas.errors import DayError, FileDamaged
from atlas.i18n import LANGUAGES
from atlas.io.vector import read_vector
from atlas.operations import grammar
from atlas.operations.change_output import to_geojson
from atlas.operations.change_words import plain_text, tell
from atlas.operations.compare import compare
from atlas.operations.diff_files import compare_files, list_changes
from atlas.operations.folder import PROJECT
from tests.analysis.test_diff import NEW, OLD, ONE, kind_of
from tests.analysis.test_matching import box, by_shape
from tests.conftest import TODAY, StoreBuilder
from tests.core.test_compared_view import address_of, read
from tests.examples import collection, feature, in_force, row
from tests.operations import test_change_words as words_of
from tests.operations.test_change_words import (
    EAST,
    FAR,
    LINE,
    POINTS,
    WEST,
    WHOLE,
    days,
    editions,
    entry,
    well_formed,
)
from tests.operations.test_diff_files import BOWTIE, damaged, some, write  # noqa: F401
from tests.operations.test_history import recorded, told

POINT = shapely.Point(120, 30)


# --- tests/analysis/test_matching.py, class TestByShape -------------------------------------------
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (shapely.Point(120.5, 30.5), box(0, 1)),
    ],
)
def test_shapes_of_different_kinds_are_different(one: Any, other: Any) -> None:
    assert by_shape([one], [other]) == []
    assert by_shape([other], [one]) == []


# --- tests/analysis/test_diff.py ------------------------------------------------------------------
def test_states_with_other_columns() -> None:
    more = NEW.assign(river="Huai")
    diff = diff_rows(OLD, more)
    assert diff_rows(apply(OLD, diff), more).is_empty
    assert diff_rows(apply(more, inverse(diff)), OLD).is_empty


def test_diffs_of_states_with_other_columns_compose() -> None:
    more = NEW.assign(river="Huai")
    third = more.assign(lake="Tai")
    net = compose(diff_rows(OLD, more), diff_rows(more, third))
    assert diff_rows(apply(OLD, net), third).is_empty


def test_one_vertex_corrected_by_half_a_metre_has_not_moved_the_shape() -> None:
    corner = shapely.Polygon([*ONE.exterior.coords[:2], (120.200005, 30.2), (120, 30.2)])
    assert kind_of(ONE, corner) == "reshaped"


# --- tests/analysis/test_pieces.py ----------------------------------------------------------------
def test_pieces_go_by_the_column_that_names_features() -> None:
    old = gpd.GeoDataFrame({"kind": ["x"], "code": ["1"]}, geometry=[WHOLE], crs=4326)
    new = gpd.GeoDataFrame(
        {"kind": ["x", "x"], "code": ["2", "3"]}, geometry=[WEST, EAST], crs=4326
    )
    cut = pieces(diff_rows(old, new, key=("code",)))
    assert cut[["change", "from_id", "to_id"]].to_numpy().tolist() == [
        ["transferred", "1", "2"], ["transferred", "1", "3"],
    ]  # fmt: skip


# --- tests/core/test_compared_view.py -------------------------------------------------------------
def test_versions_that_hold_a_comma_come_back() -> None:
    compared = Compared("cities", "versions", "2019, draft", "2020", "g60")
    query = dict(parse_qsl(address_of(compared).partition("?")[2]))
    assert read(query)[0].compared == compared


# --- tests/operations/test_change_words.py (examples to add to EXAMPLES) --------------------------
POINT_CASES = {
    "a point stays": ([entry(POINT)], [entry(POINT, name_zh="新河", name_en="New")]),
    "a point of another code": ([entry(POINT, id="a")], [entry(POINT, id="b")]),
    "a point twice": ([entry(POINT, id="a")], [entry(POINT, id="b"), entry(POINT, id="c")]),
    "a point in parts": ([entry(POINT)], [entry(POINT, part="core"), entry(POINT, part="shore")]),
    "a point is found": ([entry(None)], [entry(POINT)]),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", POINT_CASES)
def test_points_have_no_extent_to_tell(name: str, lang: str) -> None:
    old, new = POINT_CASES[name]
    ((_, text),) = tell(days(old, new, **POINTS), lang).paragraphs
    well_formed(text, lang)
    assert not re.search("extent|cover|范围|覆盖", text)
    assert {"zh": "河", "en": "River"}[lang] in text or "New" in text


def test_a_line_that_moves_has_no_area() -> None:
    moved = shapely.LineString([(120, 30.2), (120.5, 30.3)])
    ((_, text),) = tell(days([entry(LINE)], [entry(moved)], kind="line"), "zh").paragraphs
    assert "面积" not in text


def test_a_feature_that_had_no_extent_takes_some() -> None:
    old = [entry(WEST, id="a", successors=["b"]), entry(None, id="b")]
    ((_, text),) = tell(days(old, [entry(WEST, id="b")]), "en").paragraphs
    well_formed(text, "en")


def test_what_gives_as_much_as_it_takes_does_not_shrink() -> None:
    old = [entry(WEST, id="a", successors=["b"]), entry(EAST, id="b", successors=["a"])]
    ((_, text),) = tell(days(old, [entry(EAST, id="a"), entry(WEST, id="b")]), "en").paragraphs
    assert "shrinks" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_days_turned_round_tell_no_open_end(lang: str) -> None:
    held = words_of.layer(entry(valid_from="2019-01-01"))
    back = words_of.compare_days(
        held, words_of.NEW_DAY, words_of.OLD_DAY, known_by=TODAY, units=words_of.UNITS
    )
    ((_, text),) = tell(back, lang).paragraphs
    assert not re.search("until still in force|至 至今|至 仍|仍有效", text), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_start_is_no_day_from_which_something_begins(lang: str) -> None:
    held = words_of.layer(entry(valid_from=None, valid_from_precision=None, valid_to="2019-01-01",
                                valid_to_precision="day"))  # fmt: skip
    back = words_of.compare_days(
        held, words_of.NEW_DAY, words_of.OLD_DAY, known_by=TODAY, units=words_of.UNITS
    )
    ((_, text),) = tell(back, lang).paragraphs
    assert not re.search("from unknown|自 不详|自 未知", text), text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_corrected_columns_and_codes_are_words(lang: str) -> None:
    old = entry(status="draft", sourced=False, name_zh="甲河", name_en="Alpha")
    new = entry(name_zh="乙河", name_en="Beta", part="core", plan_version="2")
    ((_, text),) = tell(editions([old], [new]), lang).paragraphs
    well_formed(text, lang)
    for code in ("plan_version", "in-force", "geometry_basis", "sourced", "part (", "status ("):
        assert code not in text


def test_a_word_of_the_record_is_no_code() -> None:
    old, new = entry(notes_en="x", notes_zh="x"), entry(notes_en="none", notes_zh="none")
    ((_, text),) = tell(editions([old], [new]), "en").paragraphs
    assert "no geometry" not in text


def test_a_small_share_is_not_told_as_none() -> None:
    assert grammar.share_text(-0.0004, "en", signed=True) not in ("−0.0 %", "+0.0 %")


def test_a_name_of_two_lines_is_one_line_of_text() -> None:
    text = plain_text(tell(days([], [entry(name_en="Huai\n• Tai ends.")]), "en"))
    assert sum(line.startswith("•") for line in text.splitlines()) == 1


# --- tests/operations/test_change_output.py -------------------------------------------------------
def test_pieces_of_real_changes_are_valid() -> None:
    comparison = compare(
        PROJECT / "layers", "ecological-belts", by="days", old="2019-06-01", new="2026-11-24",
        known_by=dt.date(2026, 11, 24),
    )  # fmt: skip
    for piece in json.loads(to_geojson(comparison))["features"]:
        shape = shapely.from_geojson(json.dumps(piece["geometry"]))
        assert shape.is_valid, piece["properties"]


# --- tests/operations/test_compare.py -------------------------------------------------------------
def test_a_day_that_is_none_is_refused(store: StoreBuilder) -> None:
    store.publish([row()])
    with pytest.raises(DayError):
        compare(
            store.folder, "belts", by="days", old="2018-02-30", new="2020-01-01", known_by=TODAY
        )


# --- tests/operations/test_history.py -------------------------------------------------------------
def test_a_version_that_is_renamed_is_no_longer_in_the_record(store: StoreBuilder) -> None:
    store.publish([row()], published="2020-01-01")
    store.publish([row(plan_version="1.0")], published="2021-01-01")
    found = recorded(told(store))
    assert found["belt/1"][-1] == (2, "removed")
    assert found["belt/1.0"] == [(2, "inserted")]


# --- tests/operations/test_timeline.py ------------------------------------------------------------
def test_the_first_year_of_all() -> None:
    from tests.operations.test_timeline import years

    assert min(years(in_force("0001-01-01", None), today=dt.date(3, 1, 1))) == 1


# --- tests/operations/test_diff_files.py ----------------------------------------------------------
def pair_of(write: Any) -> tuple[Path, Path]:  # noqa: F811
    from tests.operations.test_diff_files import pair

    return pair(write)


def test_both_sides_are_named(write: Any) -> None:  # noqa: F811
    told = {entry["kind"]: (entry["old"], entry["new"])
            for entry in list_changes(compare_files(*pair_of(write)))}  # fmt: skip
    assert told["split"] == (["cut"], ["cut-1", "cut-2"])
    assert told["removed"] == (["gone"], [])
    assert told["inserted"] == ([], ["new"])


def test_days_as_names_are_json(write: Any) -> None:  # noqa: F811
    when = [pd.Timestamp("2020-01-01"), pd.Timestamp("2021-01-01")]
    old = write("old.gpkg", {"a": WEST, "b": EAST}, when=when)
    new = write("new.gpkg", {"a": WEST, "b": FAR}, when=when)
    (told,) = list_changes(compare_files(old, new, key="when"))
    assert "2021-01-01" in json.dumps(told)


def test_columns_of_lists(tmp_path: Path) -> None:
    for name, lists in (("old", [["x", "y"], []]), ("new", [["x", "y"], ["z", "w"]])):
        rows = [feature({"id": id_, "l": held}, shape)
                for id_, held, shape in zip("ab", lists, (WEST, EAST), strict=True)]  # fmt: skip
        (tmp_path / f"{name}.geojson").write_bytes(collection(rows))
    found = compare_files(tmp_path / "old.geojson", tmp_path / "new.geojson")
    assert some(found.counts) == {"reworded": 1, "kept": 1}


def test_of_several_layers_the_first_is_read(write: Any) -> None:  # noqa: F811
    path = write("two.gpkg", {"a": WEST})
    gpd.GeoDataFrame({"id": ["b"]}, geometry=[EAST], crs=4326).to_file(path, layer="b", mode="a")
    assert some(compare_files(path, path).counts) == {"kept": 1}


def test_half_a_file(write: Any) -> None:  # noqa: F811
    name = "half.fgb"
    good, path = write("good.gpkg", {"a": WEST}), write(name, {"a": WEST, "b": EAST})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert f"{name}: not a vector file" in damaged(path, good)


def test_a_table_with_a_column_called_geometry(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("id,geometry\na,POINT(1 2)\n", "utf-8")
    assert damaged(table, table).endswith("table.csv: its layer has no geometry")


def test_a_ring_that_is_not_closed(tmp_path: Path) -> None:
    ring = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31]]]}
    path = tmp_path / "open.geojson"
    path.write_bytes(collection([feature({"id": "a"}, ring)]))
    with pytest.raises(FileDamaged, match=r"open\.geojson: not a vector file"):
        read_vector(path)


def test_two_crs_of_the_same_ground(write: Any) -> None:  # noqa: F811
    shapes = {"a": WEST, "b": EAST}
    degrees, metres = write("a.gpkg", shapes), write("b.gpkg", shapes, "EPSG:4549")
    assert some(compare_files(degrees, metres).counts) == {"kept": 2}


# --- tests/test_cli_change.py, class TestDaysOfOtherCommands --------------------------------------
def test_every_command_judges_a_vague_end_alike(run: Any, store: StoreBuilder) -> None:
    store.publish([in_force("2010-01-01", "2018-12-01") | {"valid_to_precision": "month"}])
    options = ["--as-of", "2018-12-15"]
    assert "in-force, superseded" not in run("show", "belts", *options).out
    assert "formerly" not in run("history", "belts", "belt", *options, "--lang", "en").out
    assert "formerly" not in run("describe", "belts", "belt", *options, "--lang", "en").out


def test_table_is_no_ending(run: Any, store: StoreBuilder) -> None:
    line = run("diff", "belts", "--editions", 1, 1, "-o", "a.pdf").err
    assert "table" not in line
