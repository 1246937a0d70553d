"""The page of reports through Streamlit's own test runner: no exception on any rerun."""

from __future__ import annotations

import datetime as dt
import re
import runpy
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import docx
import pytest
from pypdf import PdfReader
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest

from atlas.analysis.zone_index import index_zones
from atlas.app import report_inputs, report_series, reports
from atlas.app.report_inputs import Asked
from atlas.core.reported import Reported
from atlas.io import recipes
from atlas.operations import series
from atlas.operations.folder import PROJECT
from tests.towns import CORRIDORS, RAILS, STATIONS, make_towns

DAY = "2024-06-01"
LINK = {"layers": CORRIDORS, "day": DAY, "known": DAY, "lang": "en"}
WEST = LINK | {"where": "cities:w", "words": "en"}
NUMBER = "GS（2024）0650号"
PLAIN = {"paper": "A4", "turn": "landscape", "words": "en", "profile": "working"}


@pytest.fixture(autouse=True)
def _world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A small store; AppTest runs a file of pages/ by itself, which atlas.app.serve forbids."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)
    monkeypatch.setenv("ATLAS_LAYERS", str(make_towns(tmp_path / "layers").folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Page:
    """The running app at /report; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120)
        self.app.switch_page("pages/report.py")
        for name, value in query.items():
            self.app.query_params[name] = value
        self.run()

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self

    def widget(self, key: str) -> Any:
        kinds = ("selectbox", "toggle", "date_input", "text_input", "button", "checkbox",
                 "segmented_control")  # fmt: skip
        return next(e for kind in kinds for e in getattr(self.app, kind) if e.key == key)

    def choose(self, key: str, value: object) -> Page:
        self.widget(key).set_value(value)
        return self.run()

    @property
    def query(self) -> dict[str, str]:
        """The address, which the link to copy says too."""
        query = dict(self.app.query_params)
        page, _, parts = self.app.code[-1].value.partition("?")
        assert (page, dict(parse_qsl(parts))) == ("/report", query)
        return query

    def problem(self) -> str:
        """The one thing that is wrong; then there are no files to take."""
        assert self.forms() == []
        return re.sub(r"\\(.)", r"\1", " ".join(error.value for error in self.app.error))

    def forms(self) -> list[str]:
        return [button.proto.label for button in self.app.get("download_button")]

    def captions(self) -> str:
        return " | ".join(caption.value for caption in self.app.caption)


def asked(**changes: Any) -> Asked:
    day = dt.date.fromisoformat(DAY)
    values: dict[str, Any] = {
        "layers": (CORRIDORS,), "day": day, "known_by": day, "where": "cities:w",
        "reported": Reported("cities:w", words="en"), "number": "",
    }  # fmt: skip
    return Asked(**values | changes)


FORMS = ["PDF", "SVG", "PNG", "DOCX", "GPKG", "GEOJSON", "CSV", "XLSX", "HTML"]


def test_a_link_opens_as_it_was_and_every_file_is_offered() -> None:
    page = Page(**WEST, paper="A3", turn="portrait", title="Mine")
    assert page.query == WEST | PLAIN | {"paper": "A3", "turn": "portrait", "title": "Mine"}
    assert page.forms() == FORMS
    assert "Preview: In force on 2024-06-01" in page.captions()
    assert len(page.app.get("image")) == 1
    assert page.widget("report.cities").value == "cities:w"
    assert not page.app.warning


def test_every_choice_is_in_the_link() -> None:
    page = Page(**LINK)
    assert page.query == LINK | PLAIN
    page.choose("report.where", "cities").choose("report.cities", "cities:e")
    page.choose("report.paper", "slide").choose("report.words", "both")
    page.choose("report.profile", "internal").choose("report.title", "T")
    page.choose("report.two", value=True)
    assert page.query == LINK | {
        "where": "cities:e", "paper": "slide", "turn": "landscape", "words": "both",
        "profile": "internal", "title": "T", "since": "2014-06-01",
    }  # fmt: skip
    assert page.forms() == FORMS


def test_what_a_link_says_wrong_is_named() -> None:
    page = Page(**LINK, paper="A9", where="a b", since="x", words="fr", title="x" * 200)
    named = " ".join(warning.value for warning in page.app.warning)
    for part in ("paper=A9", "where=a b", "since=x", "words=fr", "title=xxx"):
        assert part in named
    assert page.query == LINK | PLAIN | {"words": "zh"}
    assert page.forms() == FORMS


@pytest.mark.parametrize("where", ["cities:x", "provinces:w", "rail-stations:s"])
def test_a_place_that_is_not_there_is_named_and_everything_shown(where: str) -> None:
    page = Page(**WEST | {"where": where})
    assert f"where={where}" in page.app.warning[0].value
    assert page.query == LINK | PLAIN
    assert page.forms() == FORMS


def test_a_public_figure_needs_its_number_and_asks_anew_for_other_extents() -> None:
    page = Page(**WEST, profile="public")
    assert "审图号" in page.problem()
    number = next(e.key for e in page.app.text_input if e.key.startswith("report.number"))
    page.choose(number, "nonsense")
    assert "is no approval number" in page.problem()
    page.choose(number, NUMBER)
    assert page.forms() == FORMS
    assert NUMBER not in str(page.query)
    page.choose("report.cities", "cities:e")
    assert "审图号" in page.problem()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"where": "cities:i"}, "Nothing of innovation-corridors"),
        ({"where": "1,2,3,4"}, "the atlas holds"),
        ({"where": "121,30,120,31"}, "west,south,east,north"),
        ({"since": DAY}, "must lie before"),
    ],
    ids=["empty", "outside", "backwards", "days"],
)
def test_what_cannot_be_drawn_is_one_clear_error(changed: dict[str, str], words: str) -> None:
    assert words in Page(**WEST | changed).problem()


def test_no_layer_and_no_box_are_asked_for() -> None:
    page = Page(**LINK | {"layers": ""})
    assert [info.value for info in page.app.info] == ["Choose at least one layer in the side bar."]
    page = Page(**LINK).choose("report.where", "box")
    assert page.app.info[0].value.startswith("Draw the place on the map")
    box = next(e.key for e in page.app.text_input if e.key.startswith("report.box"))
    page.choose(box, "120,30")
    assert page.app.warning[0].value.startswith("Write four numbers")
    page.choose(box, "120, 30, 120.5, 30.5")
    assert page.query["where"] == "120,30,120.5,30.5"
    assert page.forms() == FORMS


def test_two_days_of_several_layers_are_told_in_the_report() -> None:
    page = Page(**WEST | {"layers": f"{CORRIDORS},{RAILS}", "since": "2018-06-01"})
    assert "The figure shows the later day" in page.captions()
    page = Page(**WEST | {"since": "2018-06-01"})
    assert "What changed from 2018-06-01" in page.captions()
    assert "The figure shows the later day" not in page.captions()


def test_files_are_what_their_names_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each button makes its file when it is pressed: here all are pressed at once."""
    made: dict[str, bytes] = {}

    def press(form: str, _: Asked, make: report_series.Make) -> None:
        made[form] = make()

    monkeypatch.setattr(reports, "_button", press)
    monkeypatch.setattr(report_series, "offer", lambda *_: None)
    Page(**WEST | {"layers": f"{CORRIDORS},{STATIONS}"})
    begins = {"pdf": b"%PDF-", "svg": b"<?xml", "png": b"\x89PNG", "docx": b"PK", "xlsx": b"PK",
              "gpkg": b"SQLite format 3", "geojson": b"{", "html": b"<!doctype html>"}  # fmt: skip
    for form, start in begins.items():
        assert made[form].lower().startswith(start.lower()), form
    assert b"Middle Corridor" in made["csv"]
    for form in ("pdf", "svg", "png", "docx"):
        assert recipes.form_of(made[form]) == form
    told = [paragraph.text for paragraph in docx.Document(BytesIO(made["docx"])).paragraphs]
    assert "Westtown: what lies here, and how much" in told


def test_a_series_is_made_under_a_bar_and_offered() -> None:
    page = Page(**WEST)
    assert "changes since 2014-06-01" in page.captions()
    page.widget("report.series.make").click()
    page.run()
    assert page.forms()[-1] == "Download the whole PDF"
    key, content = page.app.session_state[report_series.MADE]
    assert len(PdfReader(BytesIO(content)).pages) == 6
    assert "innovation-corridors" in key
    page.choose("report.words", "zh")
    assert page.forms() == FORMS  # another series is another file


def test_a_series_that_was_stopped_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit ends a run by an exception of its own, at the next page."""

    def stop(*_: object, tell: Any, **__: object) -> bytes:
        tell(1, 3)
        raise StopException

    page = Page(**WEST)
    with monkeypatch.context() as patch:
        patch.setattr(series, "render", stop)
        page.widget("report.series.make").click()
        page.run()
    assert not page.app.info
    page.run()
    assert any("Finished pages are kept" in info.value for info in page.app.info)
    page.run()
    assert not any("Finished pages are kept" in info.value for info in page.app.info)


def test_a_polygon_that_is_drawn_gives_its_box(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {"view": None}
    state: dict[str, Any] = {}

    class View:
        reported = Reported(paper="A3")

    monkeypatch.setattr(report_inputs, "open_view", lambda: View)
    monkeypatch.setattr(report_inputs, "change_view", lambda **parts: seen.update(parts))
    monkeypatch.setattr(report_inputs.st, "session_state", state)
    monkeypatch.setattr(report_inputs.st, "rerun", lambda: seen.update(again=True))
    corners = ((118.5, 31.0), (119.12, 31.25), (118.75, 32.0))
    report_inputs.take_box(corners)
    assert seen["reported"] == Reported("118.5,31,119.12,32", paper="A3")
    assert seen.pop("again")
    report_inputs.take_box(corners)
    assert "again" not in seen
