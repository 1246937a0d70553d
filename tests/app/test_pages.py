"""Every page through Streamlit's own test runner: no exception on any rerun."""

import datetime as dt
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from atlas.operations.folder import PROJECT
from atlas.operations.web_map import DEFAULT_LAYERS


class Atlas:
    """The running app; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=60)
        for name, value in query.items():
            self.app.query_params[name] = value

    def run(self) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self.app

    def map_arguments(self) -> dict:
        frames = [e for e in self.app.main if e.type == "component_instance"]
        assert len(frames) == 1
        return json.loads(frames[0].proto.json_args)

    def specification(self) -> dict:
        script = self.map_arguments()["feature_group"]
        start = script.index("atlas.draw(") + len("atlas.draw(")
        text = script[script.index(",", start) + 1 : script.index(");", start)]
        return json.loads(text)


def drawn(specification: dict) -> list[str]:
    return [layer["id"] for layer in specification["layers"] if not layer["background"]]


def test_first_visit_shows_today_in_chinese_and_writes_both_days() -> None:
    atlas = Atlas()
    app = atlas.run()
    assert app.title[0].value == "图上的长三角"
    assert not app.error
    assert sorted(drawn(atlas.specification())) == sorted(DEFAULT_LAYERS)
    today = dt.date.today().isoformat()
    assert app.query_params["day"] == today
    assert app.query_params["known"] == today


def test_a_link_opens_what_it_says() -> None:
    atlas = Atlas(layers="innovation-corridors", day="2017-01-01", lang="en", known="2026-11-24")
    app = atlas.run()
    assert app.title[0].value == "The delta on the map"
    specification = atlas.specification()
    assert drawn(specification) == ["innovation-corridors"]
    table = app.dataframe[0].value
    g60 = table[table["Name"].str.contains("G60")]
    assert g60["Plan version"].tolist() == ["1.0"]
    assert g60["From"].tolist() == ["2016-05-24"]


def test_the_day_decides_which_plan_version_is_drawn() -> None:
    atlas = Atlas(layers="innovation-corridors", day="2017-01-01", lang="en")
    app = atlas.run()
    before = atlas.specification()["layers"][-1]["url"]
    app.date_input(key="day").set_value(dt.date(2019, 1, 1))
    app = atlas.run()
    after = atlas.specification()["layers"][-1]["url"]
    assert before != after
    assert "3.0" in app.dataframe[0].value["Plan version"].tolist()
    assert app.query_params["day"] == "2019-01-01"


def test_the_map_itself_is_constant_whatever_is_shown() -> None:
    """A changed script would remount the map and lose the view (docs/decisions/0003)."""
    scripts = set()
    for query in ({"lang": "zh"}, {"lang": "en", "layers": "cities", "day": "2010-05-01"}):
        atlas = Atlas(**query)
        atlas.run()
        scripts.add(atlas.map_arguments()["script"])
        assert atlas.map_arguments()["returned_objects"] == []
    assert len(scripts) == 1


def test_toggling_a_layer_draws_and_removes_it() -> None:
    atlas = Atlas()
    app = atlas.run()
    app.checkbox(key="layer.districts").check()
    app = atlas.run()
    assert "districts" in drawn(atlas.specification())
    assert "districts" in app.query_params["layers"].split(",")
    app.checkbox(key="layer.districts").uncheck()
    atlas.run()
    assert "districts" not in drawn(atlas.specification())


def test_no_layer_chosen_is_said() -> None:
    atlas = Atlas(layers="", lang="en")
    app = atlas.run()
    assert "Choose at least one layer" in app.info[0].value
    assert drawn(atlas.specification()) == []


def test_unknown_parts_of_a_link_are_named_and_ignored() -> None:
    atlas = Atlas(layers="cities,atlantis", day="2019-02-30", colour="red", lang="en")
    app = atlas.run()
    for part in ("layers=atlantis", "day=2019-02-30", "colour=red"):
        assert part in app.warning[0].value
    assert drawn(atlas.specification()) == ["cities"]
    assert "colour" not in app.query_params


@pytest.mark.parametrize(
    "part", [("place", "cities:999999"), ("place", "x"), ("day", "0001-01-01"), ("lang", "fr")]
)
def test_a_link_to_what_does_not_exist_is_named(part: tuple[str, str]) -> None:
    name, value = part
    atlas = Atlas(**({"layers": "cities", "lang": "en"} | {name: value}))
    app = atlas.run()
    assert f"{name}={value}" in app.warning[0].value
    assert app.query_params.get(name) != value


@pytest.mark.parametrize("words", ["南京", "Nanjing", "nanjing", "nj"])
def test_search_in_chinese_english_and_pinyin_flies_to_the_city(words: str) -> None:
    atlas = Atlas(lang="en")
    app = atlas.run()
    app.text_input(key="search").set_value(words)
    app = atlas.run()
    assert app.query_params["place"] == "cities:320100"
    west, south, east, north = atlas.specification()["focus"]["bounds"]
    assert west < 118.8 < east
    assert south < 32.05 < north


def test_a_search_without_result_says_so() -> None:
    atlas = Atlas(lang="en")
    app = atlas.run()
    app.text_input(key="search").set_value("<b>Atlantis</b>")
    app = atlas.run()
    assert any("Nothing found" in caption.value for caption in app.caption)


def test_before_the_first_edition_nothing_was_published() -> None:
    atlas = Atlas(layers="cities", known="2020-01-01", lang="en")
    app = atlas.run()
    assert ["had no edition published by 2020-01-01" in info.value for info in app.info] == [True]


def test_language_switches_every_word() -> None:
    atlas = Atlas(lang="zh")
    app = atlas.run()
    app.segmented_control(key="language").set_value("en")
    app = atlas.run()
    assert app.title[0].value == "The delta on the map"
    assert app.query_params["lang"] == "en"
    assert atlas.specification()["lang"] == "en"


def test_a_damaged_edition_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    shutil.copytree(PROJECT / "layers", tmp_path / "layers")
    file = max((tmp_path / "layers" / "cities").glob("*.geojson"))
    file.write_bytes(file.read_bytes().replace("南京".encode(), "东京".encode(), 1))
    monkeypatch.setenv("ATLAS_LAYERS", str(tmp_path / "layers"))
    atlas = Atlas(layers="cities", lang="en")
    app = atlas.run()
    assert len(app.error) == 1
    assert "sha256" in app.error[0].value


def test_each_choice_flies_again_and_cleared_words_clear_the_place() -> None:
    atlas = Atlas(lang="en")
    app = atlas.run()
    flights = []
    for words in ("南京", "nanjing", "", "Nanjing"):
        app.text_input(key="search").set_value(words)
        app = atlas.run()
        focus = atlas.specification()["focus"]
        flights.append((focus["place"], focus["choice"]) if focus else None)
        assert ("place" in app.query_params) is bool(words)
    place = "cities:320100"
    assert flights == [(place, 1), (place, 2), None, (place, 4)]
    app.radio[0].set_value("")
    app = atlas.run()
    assert atlas.specification()["focus"] is None
    assert "place" not in app.query_params


@pytest.mark.parametrize(
    ("words", "place", "layer"),
    [
        ("G60", "innovation-corridors:g60-corridor", "Innovation corridors"),
        ("jiangsu", "provinces:320000", "Provinces"),
        ("京沪高速", "rail-lines:beijing-shanghai-hsr", "Railway lines"),
        ("合肥都市圈", "metropolitan-areas:hefei-metropolitan-area", "Metropolitan areas"),
    ],
)
def test_search_finds_plans_provinces_and_lines_and_names_the_layer(
    words: str, place: str, layer: str
) -> None:
    atlas = Atlas(lang="en")
    app = atlas.run()
    app.text_input(key="search").set_value(words)
    app = atlas.run()
    assert app.query_params["place"] == place
    assert app.radio[0].options[0].endswith(f"· {layer}")


@pytest.mark.parametrize("layer", ["land", "land-cover"])
def test_a_link_to_a_layer_that_nobody_can_choose_is_named(layer: str) -> None:
    app = Atlas(layers=f"cities,{layer}", lang="en").run()
    assert f"layers={layer}" in app.warning[0].value


def test_a_link_known_by_a_day_to_come_is_named() -> None:
    day = (dt.date.today() + dt.timedelta(days=1)).isoformat()
    app = Atlas(known=day, lang="en").run()
    assert f"known={day}" in app.warning[0].value
    assert app.date_input(key="known_by").max == dt.date.today()


def test_only_a_map_without_ticks_asks_for_a_layer() -> None:
    app = Atlas(layers="cities", known="2020-01-01", lang="en").run()
    assert not any("Choose at least one" in info.value for info in app.info)


def test_the_table_and_the_sources_say_where_all_came_from() -> None:
    app = Atlas(layers="innovation-corridors,lakes", lang="en").run()
    table = app.dataframe[0].value
    assert table["Source page"].dropna().str.startswith("http").all()
    assert table["Document"].notna().any()
    titles = app.table[0].value.index.tolist()
    assert titles == [
        "Innovation corridors",
        "Lakes",
        "Land (background)",
        "Provinces (background)",
    ]


def test_a_map_plays_its_years_and_the_link_says_so() -> None:
    atlas = Atlas(layers="rail-lines", day="2010-12-31", play="years", lang="en")
    app = atlas.run()
    frames = atlas.specification()["frames"]
    assert [frame["label"] for frame in frames][:2] == ["2007", "2008"]
    assert frames[atlas.specification()["frame"]]["label"] == "2010"
    assert app.query_params["play"] == "years"
    app.checkbox(key="play").uncheck()
    atlas.run()
    assert atlas.specification()["frames"] is None
    assert "play" not in app.query_params
