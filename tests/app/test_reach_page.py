"""The page of rail reach through Streamlit's own test runner: no exception on any rerun."""

from __future__ import annotations

import json
import re
import runpy
from urllib.parse import parse_qsl

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.analysis.travel_time import DEFAULT
from atlas.operations.folder import PROJECT

DAY = "2026-11-25"
LINK = {"day": DAY, "known": DAY, "lang": "en"}
NANJING, HUANGSHAN = "cities:320100", "cities:341000"


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Page:
    """The running app, opened at /reach; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=180)
        self.app.switch_page("pages/reach.py")
        for name, value in (LINK | query).items():
            self.app.query_params[name] = value

    def run(self, *, errors: int = 0) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        assert len(self.app.error) == errors, [error.value for error in self.app.error]
        return self.app

    def link(self) -> dict[str, str]:
        code = next(code.value for code in self.app.code if code.value.startswith("/reach?"))
        return dict(parse_qsl(code.partition("?")[2]))

    def words(self) -> str:
        kinds = (self.app.success, self.app.info, self.app.markdown, self.app.caption)
        return "\n".join(element.value.replace("\\", "") for kind in kinds for element in kind)

    def map(self) -> dict:
        """The specification that the page's map was given."""
        arguments = next(
            json.loads(element.proto.json_args) for element in self.app.get("component_instance")
        )
        text = arguments["feature_group"]
        found = re.search(r"atlas\.draw\([^,]+, (\{.*\})\);", text)
        return json.loads(found[1])


@pytest.mark.parametrize(
    ("ask", "lang"),
    [("from", "zh"), ("cities", "en"), ("cities", "zh"), ("areas", "en"), ("line", "zh")],
)
def test_every_question_is_answered_in_both_languages(ask: str, lang: str) -> None:
    page = Page(ask=ask, lang=lang)
    app = page.run()
    notice = {"zh": "不是时刻表", "en": "not a timetable"}[lang]
    assert any(notice in warning.value for warning in app.warning)
    assert page.link()["ask"] == ask
    assert {"zh": "留作检验", "en": "kept out"}[lang] in page.words()


def test_reach_and_the_way_of_a_link() -> None:
    page = Page(ask="from", origin=NANJING, to=HUANGSHAN, minutes="90")
    page.run()
    words = page.words()
    assert "within 90 minutes of Nanjing" in words
    assert "from Nanjing to Huangshan" in words
    assert page.link() | LINK == page.link()
    assert page.link()["to"] == HUANGSHAN


def test_the_map_plays_the_years_and_stands_at_the_day() -> None:
    page = Page(ask="from", origin=NANJING, day="2016-12-31")
    page.run()
    spec = page.map()
    labels = [frame["label"] for frame in spec["frames"]]
    assert labels[0] == "2008"
    assert labels[spec["frame"]] == "2016"
    assert labels == sorted(labels)
    layers = {layer["id"] for layer in spec["frames"][spec["frame"]]["layers"]}
    assert layers == {"reach", "reach-lines", "reach-stations"}


def test_lines_to_come_add_a_year_and_are_said() -> None:
    page = Page(ask="from", origin=NANJING, include="under-construction")
    page.run()
    assert [frame["label"] for frame in page.map()["frames"]][-1] == "2030"
    assert "under construction" in page.words()


def test_another_place_is_asked_from_the_side_bar() -> None:
    page = Page(ask="from", origin=NANJING)
    page.run()
    page.app.selectbox(key="reach.origin").set_value("rail-stations:hangzhou-west")
    page.run()
    assert "of Hangzhou West" in page.words()
    assert page.link()["origin"] == "rail-stations:hangzhou-west"


def test_an_assumption_changes_the_answer_and_the_link_and_can_be_taken_back() -> None:
    page = Page(ask="from", origin=NANJING)
    page.run()
    usual = page.words()
    page.app.slider(key="reach.assume.0.boarding_min").set_value(40.0)
    page.run()
    assert "40 minutes before departure" in page.words()
    assert page.link()["assume"] == "boarding_min:40"
    page.app.button(key="reach.reset").click()
    page.run()
    assert page.words() == usual
    assert "assume" not in page.link()


def test_every_assumption_is_on_screen_with_its_source() -> None:
    page = Page(ask="from")
    app = page.run()
    keys = {slider.key for slider in app.slider}
    assert {f"reach.assume.0.{name}" for name, _ in DEFAULT.key()} <= keys
    assert len(app.table) >= 2


def test_sensitivity_is_worked_out_when_asked_for() -> None:
    page = Page(ask="from", origin=NANJING)
    app = page.run()
    before = len(app.dataframe)
    app.toggle(key="reach.sensitivity").set_value(True)
    page.run()
    assert len(app.dataframe) == before + 1


def test_a_station_that_is_not_open_is_one_sentence_and_the_page_goes_on() -> None:
    page = Page(ask="from", origin="rail-stations:hangzhou-west", day="2019-12-31")
    app = page.run(errors=1)
    assert "2022-09-22" in app.error[0].value.replace("\\", "")
    assert page.link()["origin"] == "rail-stations:hangzhou-west"
    way = Page(ask="from", origin=NANJING, to="rail-stations:hangzhou-west", day="2019-12-31")
    assert "2022-09-22" in way.run(errors=1).error[0].value.replace("\\", "")


def test_a_line_that_there_is_not_asks_for_stations() -> None:
    page = Page(ask="line", railway="no-such-line")
    app = page.run()
    assert any("two stations" in info.value for info in app.info)
    own = Page(ask="line", railway="nantong-west,huzhou", kmh="300")
    own.run()
    assert "built for 300 km/h" in own.words()


def test_what_a_link_says_wrong_is_named() -> None:
    page = Page(ask="from", origin="cities:999999", minutes="61", assume="speed:3", to="<b>")
    page.run()
    told = "\n".join(warning.value for warning in page.app.warning)
    for part in ("minutes=61", "to=<b>", "origin=cities:999999", "assume=speed"):
        assert f"`{part}`" in told


def test_the_files_hold_what_the_page_shows() -> None:
    page = Page(ask="from", origin=NANJING)
    app = page.run()
    assert {button.label for button in app.get("download_button")} == {"GEOJSON", "JSON"}


@pytest.mark.parametrize("ask", ["from", "cities", "areas", "line"])
def test_an_early_record_of_three_lines_is_enough(ask: str) -> None:
    page = Page(ask=ask, known="2026-11-24", day="2012-01-01")
    page.run()
    assert page.link()["known"] == "2026-11-24"
