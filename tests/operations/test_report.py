"""A Word report: what it says, whence, for which days; the same parts each time; refusals."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_ORIENT

from atlas.analysis.zone_index import index_zones
from atlas.core.recipe import UNITS
from atlas.core.reported import read_reported
from atlas.errors import (
    ApprovalMissing,
    AtlasError,
    FeatureNotFound,
    FigureRefused,
    LayerNotFound,
    NothingThere,
    PlaceNotFound,
    WriteFailed,
)
from atlas.io import recipes
from atlas.operations import report
from atlas.operations.report_sources import address_of
from tests.conftest import StoreBuilder
from tests.examples import in_force
from tests.towns import CORRIDORS, D2, EAST, RAILS, STATIONS, D, make_towns, publish

ASKED = {"day": D2, "known_by": D2, "made": D2, "lang": "en"}
WEST_BOX = "120,30,120.5,30.5"


@pytest.fixture(scope="module", autouse=True)
def _coarse() -> Iterator[None]:
    """A grid of few cells: the same numbers sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(index_zones.__kwdefaults__, "cells", 20_000)
        yield


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> StoreBuilder:
    return make_towns(tmp_path_factory.mktemp("towns") / "layers")


def make(
    towns: StoreBuilder, *layers: str, **asked: object
) -> tuple[bytes, docx.document.Document]:
    """A report as bytes, and read back."""
    recipe = report.compose(towns.folder, layers, **ASKED | asked)
    content = report.render(recipe, towns.folder)
    return content, docx.Document(BytesIO(content))


def words(document: docx.document.Document) -> list[str]:
    return [entry.text for entry in document.paragraphs if entry.text]


def test_figure_tables_changes_sources(towns: StoreBuilder) -> None:
    content, document = make(
        towns, CORRIDORS, RAILS, STATIONS, place="cities:w", since=D, lang="en"
    )
    told = words(document)
    assert told[0].startswith("Westtown: title of innovation-corridors")
    heads = [e.text for e in document.paragraphs if e.style.name == "Heading 1"]
    assert heads == [
        "Westtown: what lies here, and how much", "What changed between the two days", "Sources",
        "Method", "Proof",
    ]  # fmt: skip
    corridors, rails, *changes = document.tables
    assert [cell.text for cell in corridors.rows[0].cells] == [
        "Feature", "Plan version", "Status", "Area (km²)", "Of the place", "Of the feature"
    ]  # fmt: skip
    rows = [[cell.text for cell in row.cells] for row in corridors.rows[1:]]
    assert [(row[0], row[2], row[4], row[5]) for row in rows] == [
        ("Middle Corridor", "in force", "50.0 %", "50.0 %"),
        ("Draft Corridor", "draft", "50.0 %", "50.0 %"),
    ]
    assert len(rails.rows) == 2
    assert len(changes) == 2  # no station of the west changed
    assert "1 lies here, of 2 in the layer." in " ".join(told)
    assert any("1 more has no published extent" in line for line in told)
    assert len(document.inline_shapes) == 3  # the figure, and the changes of two layers
    assert recipes.form_of(content) == "docx"


def test_the_figure_has_a_page_of_its_own_turned_as_it_is(towns: StoreBuilder) -> None:
    for orientation, turned in (
        ("landscape", WD_ORIENT.LANDSCAPE), ("portrait", WD_ORIENT.PORTRAIT),
    ):  # fmt: skip
        _, document = make(towns, RAILS, place="cities:w", orientation=orientation)
        first, figure, last = document.sections
        assert figure.orientation == turned
        assert first.orientation == last.orientation == WD_ORIENT.PORTRAIT
        shape = document.inline_shapes[0]
        assert shape.width <= figure.page_width - figure.left_margin - figure.right_margin
        assert shape.height <= figure.page_height - figure.top_margin - figure.bottom_margin
        assert shape.width > figure.page_width * 0.75
        alt = document.element.xpath("//wp:docPr/@descr")
        assert alt == ["Map: Westtown: title of rail-lines"]


def test_of_one_layer_the_figure_is_the_map_of_changes(towns: StoreBuilder) -> None:
    recipe = report.compose(towns.folder, [RAILS], **ASKED, since=D)
    assert (recipe.day, recipe.until) == (D, D2)
    assert report.figure_recipe(recipe).until == D2
    for layers in ([RAILS, CORRIDORS], [STATIONS]):
        several = report.compose(towns.folder, layers, **ASKED, since=D)
        held = report.figure_recipe(several)
        assert (held.day, held.until) == (D2, None)
        assert any(used.role == UNITS for used in several.editions)


def test_changes_are_those_of_features_that_touch_the_place(towns: StoreBuilder) -> None:
    _, west = make(towns, CORRIDORS, place="cities:w", since=D)
    told = " ".join(words(west))
    assert "Middle Corridor" in told
    assert "Only features that lay in Westtown at any time" in told
    assert "1 more never had a published extent" in told


def test_where_nothing_changed_the_figure_is_the_state_and_the_words_say_so(
    towns: StoreBuilder,
) -> None:
    asked = {"place": "cities:w", "since": dt.date(2022, 1, 1)}
    recipe = report.compose(towns.folder, [RAILS], **ASKED, **asked)
    assert report.figure_recipe(recipe).until is None
    told = " ".join(words(make(towns, RAILS, **asked)[1]))
    assert "Nothing differs." in told
    assert "Changes are told since 2022-01-01" in told


def test_both_languages_follow_each_other(towns: StoreBuilder) -> None:
    _, document = make(towns, CORRIDORS, place="cities:w", lang="both")
    heads = [e.text for e in document.paragraphs if e.style.name == "Heading 1"]
    assert heads.index("中文") < heads.index("西城市：涉及什么，涉及多少")
    assert heads.index("方法") < heads.index("English") < heads.index("Method")
    assert len(document.inline_shapes) == 1


def test_a_box_is_a_place_and_everything_is_none(towns: StoreBuilder) -> None:
    _, box = make(towns, CORRIDORS, place=WEST_BOX)
    assert "120–120.5°E, 30–30.5°N: what lies here, and how much" in words(box)
    assert box.tables[0].rows[1].cells[4].text == "50.0 %"
    _, everything = make(towns, CORRIDORS)
    assert "No place was chosen: there is no table of overlaps." in words(everything)


def test_equal_recipes_give_equal_parts_also_after_a_newer_edition(
    towns: StoreBuilder, tmp_path: Path
) -> None:
    recipe = report.compose(towns.folder, [CORRIDORS], **ASKED, since=D, place="cities:w")
    content = report.render(recipe, towns.folder)
    entry = (in_force("2019-01-01", None, id="c", name_zh="新走廊", name_en="New"), EAST)
    publish(towns, CORRIDORS, entry, day=D2.isoformat())
    again = report.draw_again(recipe, towns.folder)
    assert recipes.parts_of(again) == recipes.parts_of(content)
    path = tmp_path / "report.docx"
    path.write_bytes(content)
    carried = recipes.read_recipe(path)
    assert carried.intact
    assert carried.recipe == recipe


def test_the_address_opens_the_page_as_it_was(towns: StoreBuilder) -> None:
    asked = {"place": WEST_BOX, "since": D, "paper": "A3", "title": "A & B"}
    recipe = report.compose(towns.folder, [RAILS], **ASKED, **asked)
    from urllib.parse import parse_qsl, urlsplit

    address = urlsplit(address_of(recipe, "en"))
    query = dict(parse_qsl(address.query))
    assert address.path == "/report"
    assert (query["layers"], query["day"], query["since"]) == (RAILS, "2024-06-01", "2018-06-01")
    reported, unknown = read_reported(query, since=D)
    assert unknown == []
    assert (reported.where, reported.paper, reported.title) == (WEST_BOX, "A3", "A & B")


def test_a_public_report_says_its_number_and_makes_no_promise(towns: StoreBuilder) -> None:
    _, document = make(
        towns, RAILS, place="cities:w", profile="public", approval_number="GS（2024）0650号"
    )
    told = " ".join(words(document))
    assert "GS（2024）0650号" in told
    assert "no legal clearance" in told
    assert "working map" not in told


@pytest.mark.parametrize(
    ("layers", "changed", "error"),
    [
        (["nowhere"], {}, LayerNotFound),
        ([RAILS], {"place": "cities:x"}, FeatureNotFound),
        ([RAILS], {"place": "1,2"}, PlaceNotFound),
        ([RAILS], {"place": "cities:i"}, NothingThere),
        ([RAILS], {"title": "长" * 400}, FigureRefused),
        ([RAILS], {"since": D2}, FigureRefused),
        ([RAILS], {"profile": "public"}, ApprovalMissing),
    ],
    ids=["layer", "feature", "place", "empty", "title", "days", "number"],
)
def test_what_cannot_be_is_refused(
    towns: StoreBuilder, layers: list[str], changed: dict, error: type[AtlasError]
) -> None:
    with pytest.raises(error):
        report.compose(towns.folder, layers, **ASKED | changed)


@pytest.mark.parametrize("name", ["file/report.docx", "report.doc"])
def test_a_path_that_cannot_be_written_leaves_nothing(
    towns: StoreBuilder, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("x")
    recipe = report.compose(towns.folder, [RAILS], **ASKED)
    with pytest.raises((WriteFailed, FigureRefused)):
        report.write_report(tmp_path / name, recipe, towns.folder)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_no_clock_is_read(towns: StoreBuilder) -> None:
    content, document = make(towns, RAILS, place="cities:w")
    assert document.core_properties.created == dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    assert not re.search(rb"202[56]-\d\d-\d\dT", b"".join(recipes.parts_of(content).values()))
