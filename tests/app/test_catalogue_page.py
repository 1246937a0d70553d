"""The catalogue through Streamlit's own test runner: no exception on any rerun."""

import datetime as dt
import runpy

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.operations.folder import PROJECT

G60 = "innovation-corridors:g60-corridor"


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Catalogue:
    """The running app, opened at /catalogue; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=60)
        self.app.switch_page("pages/catalogue.py")
        for name, value in query.items():
            self.app.query_params[name] = value

    def run(self) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        assert not self.app.error, self.app.error[0].value
        return self.app

    def facts(self, place: int) -> dict[str, str]:
        """Rows of a table of labels and values."""
        table = self.app.table[place].value
        return dict(zip(table.index, table.iloc[:, 0], strict=True))


def links(app: AppTest) -> list[str]:
    return [entry.proto.query_string for entry in app.get("page_link")]


def test_first_page_lists_every_layer_in_chinese_and_writes_both_days() -> None:
    app = Catalogue().run()
    assert app.title[0].value == "图层与要素目录"
    labels = [button.label for button in app.button]
    assert any("科创走廊" in label for label in labels)
    assert any("居民点" in label for label in labels)
    assert app.query_params["day"] == app.query_params["known"] != ""


def test_a_link_opens_a_feature() -> None:
    app = Catalogue(place=G60, lang="en").run()
    assert "G60 Science and Technology Innovation Corridor" in app.header[0].value
    headings = [heading.value for heading in app.subheader]
    assert headings[-1] == "Layer, edition, licence"
    for version in ("1\\.0", "2\\.0", "3\\.0"):
        assert any(f"Version {version}" in heading for heading in headings)
    assert app.query_params["place"] == G60


def test_a_version_tells_period_sources_members_and_both_areas() -> None:
    catalogue = Catalogue(place=G60, lang="zh")
    app = catalogue.run()
    headings = [heading.value for heading in app.subheader]
    place = next(i for i, heading in enumerate(headings) if "版本 1\\.0" in heading)
    facts = catalogue.facts(place + 1)
    assert facts["时期"] == "2016\\-05\\-24 起，至 2017\\-07\\-12"
    assert facts["来源"].startswith("[")
    assert "](http://te-ch.tech/news/show-7748.html)" in facts["来源"]
    assert "松江区 310117" in facts["成员"]
    assert "catalogue?" in facts["成员"]
    assert facts["公布面积"].startswith("283 km²；与所画范围不可比")
    assert facts["量算面积"].startswith("602 km²，由本图集按该版几何计算")


def test_links_of_versions_open_the_map_on_the_layer_its_first_day_and_place() -> None:
    app = Catalogue(place=G60, lang="en", known="2026-11-24").run()
    expected = (
        "layers=innovation-corridors&day=2016-05-24&known=2026-11-24&lang=en"
        "&place=innovation-corridors%3Ag60-corridor"
    )
    assert expected in links(app)


def test_an_unknown_feature_is_named_and_ignored() -> None:
    app = Catalogue(place="cities:atlantis", lang="en", colour="red").run()
    assert "place=cities:atlantis" in app.warning[0].value
    assert "colour=red" in app.warning[0].value
    assert app.header[0].value == "All layers"
    assert "place" not in app.query_params


def test_an_unknown_layer_is_named_and_ignored() -> None:
    app = Catalogue(place="atlantis", lang="en").run()
    assert "place=atlantis" in app.warning[0].value


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("chaohu", "Chaohu City"),
        ("松江", "Songjiang District"),
        ("310117", "Songjiang District"),
        (
            "G60上海松江科创走廊",
            "Yangtze River Delta G60 Science and Technology Innovation Corridor",
        ),
        ("合肥经济圈", "Hefei Metropolitan Area"),
        ("hfjjq", "Hefei Metropolitan Area"),
    ],
)
def test_search_by_name_pinyin_code_and_old_name(words: str, name: str) -> None:
    catalogue = Catalogue(lang="en")
    app = catalogue.run()
    app.text_input(key="catalogue.search").set_value(words)
    app = catalogue.run()
    assert name in app.dataframe[0].value["Name"].tolist()


def test_a_search_without_result_says_so_as_text() -> None:
    catalogue = Catalogue(lang="en")
    app = catalogue.run()
    app.text_input(key="catalogue.search").set_value("<b>Atlantis</b>")
    app = catalogue.run()
    assert any("Nothing found" in caption.value and "\\<b\\>" in caption.value
               for caption in app.caption)  # fmt: skip


def test_the_language_switches_every_word_and_keeps_the_feature() -> None:
    catalogue = Catalogue(place=G60, lang="zh")
    app = catalogue.run()
    app.segmented_control(key="language").set_value("en")
    app = catalogue.run()
    assert app.title[0].value == "Catalogue of layers and features"
    assert app.query_params["lang"] == "en"
    assert app.query_params["place"] == G60


def test_layers_open_by_button_and_by_choice_and_close_again() -> None:
    catalogue = Catalogue(lang="en")
    app = catalogue.run()
    app.button(key="catalogue.open.settlements").click()
    app = catalogue.run()
    assert app.header[0].value == "Settlements"
    assert app.query_params["place"] == "settlements"
    assert len(app.dataframe[0].value) == 2404
    app.selectbox(key="catalogue.layer").set_value("districts")
    app = catalogue.run()
    assert app.query_params["place"] == "districts"
    app.selectbox(key="catalogue.layer").set_value("")
    app = catalogue.run()
    assert app.header[0].value == "All layers"
    assert "place" not in app.query_params


def test_back_from_a_feature_opens_its_layer() -> None:
    catalogue = Catalogue(place=G60, lang="en")
    app = catalogue.run()
    app.button(key="catalogue.back").click()
    app = catalogue.run()
    assert app.header[0].value == "Innovation corridors"


def test_the_browsers_back_changes_the_place() -> None:
    catalogue = Catalogue(place=G60, lang="en")
    app = catalogue.run()
    app.query_params["place"] = "cities:320100"
    app = catalogue.run()
    assert app.header[0].value == "Nanjing"


def test_before_the_first_edition_a_layer_has_no_features() -> None:
    app = Catalogue(place="cities", known="2020-01-01", lang="en").run()
    assert "No edition was published by 2020-01-01" in app.info[0].value


def test_the_view_stays_when_the_page_changes() -> None:
    catalogue = Catalogue(place=G60, layers="cities", day="2019-01-01", lang="en")
    catalogue.run()
    app = catalogue.app.switch_page("pages/explore.py")
    app.query_params.clear()
    app = catalogue.run()
    assert app.title[0].value == "The delta on the map"
    assert app.query_params["place"] == G60
    assert app.query_params["day"] == "2019-01-01"
    assert app.query_params["layers"] == "cities"


def test_a_link_of_another_page_is_read() -> None:
    catalogue = Catalogue(place=G60, layers="cities", day="2019-01-01", lang="en")
    catalogue.run()
    app = catalogue.app.switch_page("pages/explore.py")
    app.query_params["day"] = "2016-05-24"
    app.query_params["layers"] = "innovation-corridors"
    app = catalogue.run()
    rows = app.dataframe[0].value
    assert rows[rows["Name"].str.contains("G60")]["Plan version"].tolist() == ["1.0"]
    assert app.query_params["day"] == "2016-05-24"


def statuses(app: AppTest) -> dict[str, str]:
    """Status of each version in the overview of an entry."""
    table = app.table[0].value
    column = next(name for name in table.columns if name in ("Status", "状态"))
    return {str(name).replace("\\", ""): status for name, status in table[column].items()}


@pytest.mark.parametrize(
    ("day", "version"),
    [
        ("2016-05-23", None),
        ("2016-05-24", "Version 1.0"),
        ("2017-07-11", "Version 1.0"),
        ("2017-07-12", "Version 2.0"),
        ("2019-01-01", "Version 3.0"),
    ],
)
def test_the_day_judges_which_version_is_in_force(day: str, version: str | None) -> None:
    app = Catalogue(place=G60, day=day, known="2026-11-24", lang="en").run()
    found = statuses(app)
    assert set(found) == {"Version 1.0", "Version 2.0", "Version 3.0"}
    assert [name for name, status in found.items() if status == "in force"] == (
        [version] if version else []
    )
    headings = [heading.value.replace("\\", "") for heading in app.subheader]
    for name, status in found.items():
        assert f"{name} · {status}" in headings
    assert app.query_params["day"] == day


def test_another_day_judges_anew_and_keeps_the_entry() -> None:
    catalogue = Catalogue(place=G60, day="2017-01-01", known="2026-11-24", lang="zh")
    before = statuses(catalogue.run())
    catalogue.app.date_input(key="day").set_value(dt.date(2019, 1, 1))
    app = catalogue.run()
    after = statuses(app)
    assert [name for name, status in before.items() if status == "施行中"] == ["版本 1.0"]
    assert [name for name, status in after.items() if status == "施行中"] == ["版本 3.0"]
    assert before["版本 2.0"] != after["版本 2.0"] != "施行中", "not yet, then superseded"
    assert app.query_params["day"] == "2019-01-01"
    assert app.query_params["place"] == G60
    assert "长三角G60科创走廊" in app.header[0].value


def test_the_day_goes_to_the_map_of_a_layer_and_stays_on_explore() -> None:
    catalogue = Catalogue(
        place="innovation-corridors", day="2017-01-01", known="2026-11-24", lang="en"
    )
    app = catalogue.run()
    assert "layers=innovation-corridors&day=2017-01-01&known=2026-11-24&lang=en" in links(app)
    app.date_input(key="day").set_value(dt.date(2018, 1, 1))
    catalogue.run()
    app = catalogue.app.switch_page("pages/explore.py")
    app.query_params.clear()
    app = catalogue.run()
    assert app.date_input(key="day").value == dt.date(2018, 1, 1)
    assert app.query_params["day"] == "2018-01-01"


def test_the_day_does_not_move_the_links_of_versions() -> None:
    """A version is shown on its own first day, whatever day it is judged on."""
    early = Catalogue(place=G60, day="2010-01-01", known="2026-11-24", lang="en").run()
    late = Catalogue(place=G60, day="2026-01-01", known="2026-11-24", lang="en").run()
    assert [q for q in links(early) if "day=2016-05-24" in q]
    assert links(early) == links(late)


def test_a_day_that_is_none_is_named() -> None:
    app = Catalogue(place=G60, day="2017-02-29", lang="en").run()
    assert "day=2017-02-29" in app.warning[0].value
    assert app.query_params["day"] == dt.date.today().isoformat()
