"""The page of changes through Streamlit's own test runner: no exception on any rerun."""

import datetime as dt
import json
import re
import runpy
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.io import catalogue, geojson, store
from atlas.operations import publish as publishing
from atlas.operations.folder import PROJECT
from atlas.operations.web_map import DEFAULT_LAYERS

LAYERS = PROJECT / "layers"
STATIC = PROJECT / "static"
METRO, HEFEI = "metropolitan-areas", "hefei-metropolitan-area"
KNOWN = "2026-11-24"
BACKGROUND = ["background:land", "background:lakes", "background:provinces"]
DATA = re.compile(r"\.\./\.\./app/static/(data/[0-9a-f]{24}\.json)")
HEFEI_DAYS = {"layer": METRO, "days": "2016-06-04,2024-06-01", "known": KNOWN, "feature": HEFEI}
ATTACK = '<img src=x onerror="window.attacked=1"></script><script>window.attacked=1</script>'
MARKDOWN = "`]**_ $x$ :red[ [x](https://example.com) ![x](https://example.com/x.png)\n# h\n- i"
"""What a text field may hold that HTML does not, but Markdown would act on."""
TEXTS = ("name_zh", "name_en", "document", "issuer", "description_zh", "description_en",
         "notes_zh", "notes_en", "method_zh", "method_en", "source_url")  # fmt: skip
LAYER_NAMES = [
    info.id for info in catalogue.list_feature_layers(LAYERS) if info.id not in ("land",)
]


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Changes:
    """The running app, opened at /changes; every rerun asserts that nothing broke."""

    def __init__(self, page: str = "changes", **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120)
        self.go(page, **query)

    def go(self, page: str, **query: str) -> None:
        """Open a page by the side bar, which clears the address, or by a link."""
        self.app.switch_page(f"pages/{page}.py")
        self.app.query_params.clear()
        for name, value in query.items():
            self.app.query_params[name] = value

    def run(self, *, errors: int = 0) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        assert len(self.app.error) == errors, [error.value for error in self.app.error]
        return self.app

    def choose(self, **chosen: object) -> AppTest:
        """Set inputs by their keys (a dot is written as two underscores), and rerun."""
        for name, value in chosen.items():
            self.app_input(name.replace("__", ".")).set_value(value)
        return self.run()

    def app_input(self, key: str) -> Any:
        kinds = ("selectbox", "segmented_control", "date_input", "checkbox")
        return next(e for kind in kinds for e in getattr(self.app, kind) if e.key == key)

    @property
    def query(self) -> dict[str, str]:
        """The address, which the link to copy says too."""
        query = dict(self.app.query_params)
        page, _, parts = self.app.code[-1].value.partition("?")
        assert (page, dict(parse_qsl(parts))) == ("/changes", query)
        return query

    def maps(self) -> list[dict[str, Any]]:
        return [json.loads(e.proto.json_args) for e in self.app.get("component_instance")]

    def specifications(self) -> list[dict[str, Any]]:
        """What each map shows, from left to right."""
        return [specification(one["feature_group"]) for one in self.maps()]

    def summary(self) -> str:
        return plain(self.app.main.markdown[0].value)

    def words(self) -> list[str]:
        """Sentences on the page, one a change."""
        told = [m.value for m in self.app.main.markdown if m.value.startswith("- ")]
        return [plain(line[2:]) for text in told for line in text.split("\n")]

    def named(self) -> list[str]:
        """Parts of the link that were named as unknown."""
        return re.findall(r"`([^`]*)`", " ".join(w.value for w in self.app.warning))


def specification(script: str) -> dict[str, Any]:
    start = script.index("atlas.draw(") + len("atlas.draw(")
    return json.loads(script[script.index(",", start) + 1 : script.index(");", start)])


def plain(text: str) -> str:
    """Markdown without its escapes."""
    return re.sub(r"\\(.)", r"\1", text)


def drawn(specification: dict[str, Any]) -> list[str]:
    return [layer["id"] for layer in specification["layers"] if not layer["background"]]


def address_of(specification: dict[str, Any], layer: str) -> str:
    return next(entry["url"] for entry in specification["layers"] if entry["id"] == layer)


def features_of(specification: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    """Properties of the features that a map fetches."""
    found = DATA.fullmatch(address_of(specification, layer))
    assert found
    content = json.loads((STATIC / found[1]).read_text("utf-8"))
    return [feature["properties"] for feature in content["features"]]


def sorts(specification: dict[str, Any]) -> set[str]:
    """Sorts of pieces on a map."""
    return {entry["k"].split("|")[0] for entry in features_of(specification, "changes")}


def table_of(app: AppTest) -> Any:
    """The table of changes: the first one, before the time line's."""
    return app.dataframe[0].value


# -- a first visit, and links ----------------------------------------------------------------


def test_first_visit_compares_ten_years_of_metropolitan_areas_in_chinese() -> None:
    page = Changes()
    app = page.run()
    assert app.title[0].value == "变了什么"
    assert not app.warning
    today = dt.date.today()
    back = today.replace(year=today.year - 10, day=min(today.day, 28))
    old, new = page.query["days"].split(",")
    assert new == today.isoformat()
    assert old[:8] == back.isoformat()[:8]
    assert page.query == {
        "layer": METRO, "days": f"{old},{new}", "known": today.isoformat(), "lang": "zh",
    }  # fmt: skip
    assert len(page.maps()) == 2
    assert {heading.value for heading in app.subheader} >= {"文字说明", "变化数据表"}
    assert len(app.get("download_button")) == 5
    assert app.get("vega_lite_chart")


@pytest.mark.parametrize(
    "link",
    [
        {"layer": METRO, "days": "2016-06-04,2024-06-01"},
        {"layer": METRO, "days": "2016-06-04,2024-06-01", "feature": HEFEI},
        {"layer": "cities", "days": "2011-01-01,2012-01-01", "maps": "one"},
        {"layer": "ecological-belts", "days": "2007-01-01,2022-01-01", "maps": "years"},
        {"layer": "cities", "editions": "1,2"},
        {"layer": "cities", "editions": "2,1", "feature": "340100", "maps": "one"},
        {"layer": METRO, "versions": "2016,2024", "feature": HEFEI},
        {"layer": METRO, "versions": "2024,2006", "feature": HEFEI, "maps": "years"},
        {"layer": "rail-stations", "days": "2009-01-01,2026-01-01", "lang": "zh"},
        {"layer": "rivers", "editions": "1,1", "lang": "zh"},
    ],
    ids=lambda link: "-".join(link.values()),
)
def test_a_link_opens_what_it_says_and_is_written_the_same(link: dict[str, str]) -> None:
    link = {"known": KNOWN, "lang": "en"} | link
    page = Changes(**link)
    app = page.run()
    assert not app.warning
    assert page.query == link
    assert page.app_input("changes.layer").value == link["layer"]
    assert page.app_input("changes.maps").value == link.get("maps", "two")
    assert page.app_input("known_by").value == dt.date.fromisoformat(KNOWN)
    by = page.app_input("changes.by").value
    inputs = states_of(page, link)
    assert ",".join(str(value) for value in inputs) == link[by]
    assert len(page.maps()) == (2 if "maps" not in link else 1)
    page.run()
    assert page.query == link


def states_of(page: Changes, link: dict[str, str]) -> list[object]:
    """Values of the two inputs that say what is compared."""
    by, layer = page.app_input("changes.by").value, link["layer"]
    if by == "days":
        keys = [f"changes.day.{side}" for side in ("old", "new")]
    elif by == "editions":
        keys = [f"changes.edition.{side}.{layer}" for side in ("old", "new")]
    else:
        keys = [f"changes.version.{side}.{layer}.{link['feature']}" for side in ("old", "new")]
        assert page.app_input(f"changes.versions.{layer}").value == link["feature"]
    if by != "versions":
        assert page.app_input(f"changes.feature.{layer}").value == link.get("feature", "")
    return [page.app_input(key).value for key in keys]


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"layer": "atlantis"}, ["layer=atlantis"]),
        ({"layer": "terrain"}, ["layer=terrain"]),
        ({"layer": "land"}, ["layer=land"]),
        ({"days": "2019-02-30,2020-01-01"}, ["days=2019-02-30,2020-01-01"]),
        ({"days": "1850-01-01,2020-01-01"}, ["days=1850-01-01,2020-01-01"]),
        ({"days": "2019-01-01"}, ["days=2019-01-01"]),
        ({"days": "", "editions": "1,99"}, ["editions=1,99"]),
        ({"days": "", "editions": "one,two"}, ["editions=one,two"]),
        ({"days": "", "versions": "nope,2024", "feature": HEFEI}, ["versions=nope,2024"]),
        ({"days": "", "versions": "2016,2024", "feature": "nobody"}, ["feature=nobody"]),
        ({"feature": "nobody"}, ["feature=nobody"]),
        ({"feature": "<b>`x`</b>"}, ["feature=<b> x </b>"]),
        ({"maps": "three"}, ["maps=three"]),
        ({"editions": "1,2"}, ["days=2016-06-04,2024-06-01", "editions=1,2"]),
        ({"colour": "red"}, ["colour=red"]),
        ({"known": "2999-01-01"}, ["known=2999-01-01"]),
        ({"lang": "fr"}, ["lang=fr"]),
    ],
    ids=str,
)
def test_unknown_parts_of_a_link_are_named_and_the_page_shows_the_rest(
    part: dict[str, str], named: list[str]
) -> None:
    link = {"layer": METRO, "days": "2016-06-04,2024-06-01", "known": KNOWN, "lang": "en"} | part
    page = Changes(**{name: value for name, value in link.items() if value})
    page.run()
    assert page.named() == named
    assert len(page.maps()) == 2
    written = page.query
    for part_ in named:
        name, _, value = part_.partition("=")
        assert written.get(name) != value or len(named) == 2
    assert written["layer"] == METRO
    again = Changes(**written)
    again.run()
    assert again.named() == []
    assert again.query == written


# -- inputs ------------------------------------------------------------------------------------


def test_days_decide_what_is_compared_and_each_moves_its_own_map() -> None:
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    before = page.specifications()
    page.choose(changes__day__old=dt.date(2007, 1, 1))
    after = page.specifications()
    assert page.query["days"] == "2007-01-01,2024-06-01"
    assert address_of(before[0], METRO) != address_of(after[0], METRO)
    assert address_of(before[1], METRO) == address_of(after[1], METRO)
    page.choose(changes__day__new=dt.date(2007, 2, 1))
    assert page.query["days"] == "2007-01-01,2007-02-01"
    last = page.specifications()
    assert address_of(last[0], METRO) == address_of(after[0], METRO)
    assert address_of(last[1], METRO) != address_of(after[1], METRO)
    assert any("Nothing differs" in info.value for info in page.app.info)


def test_one_feature_and_all_of_them() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    app = page.run()
    everything = len(table_of(app))
    assert everything > 1
    app = page.choose(**{f"changes__feature__{METRO}": HEFEI})
    assert page.query["feature"] == HEFEI
    assert table_of(app)["Feature"].tolist() == ["Hefei Metropolitan Area"]
    assert {f["i"].split("/")[0] for f in features_of(page.specifications()[0], METRO)} == {HEFEI}
    app = page.choose(**{f"changes__feature__{METRO}": ""})
    assert "feature" not in page.query
    assert len(table_of(app)) == everything


def test_editions_are_chosen_by_number_and_published_day() -> None:
    page = Changes(layer="cities", days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    page.run()
    app = page.choose(changes__by="editions")
    assert page.query == {"layer": "cities", "editions": "1,2", "known": KNOWN, "lang": "en"}
    assert len(table_of(app)) > 0
    assert all(
        option.startswith(str(number))
        for number, option in enumerate(
            page.app_input("changes.edition.old.cities").options, start=1
        )
    )
    page.choose(changes__edition__old__cities="2")
    assert page.query["editions"] == "2,2"
    assert "Nothing differs" in page.summary()
    app = page.choose(changes__edition__new__cities="1")
    assert page.query["editions"] == "2,1"
    assert len(table_of(app)) > 0


def test_versions_are_those_of_the_chosen_feature() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    page.run()
    page.choose(changes__by="versions")
    assert set(page.query) == {"layer", "versions", "feature", "known", "lang"}
    page.choose(**{f"changes__versions__{METRO}": HEFEI})
    assert page.query["feature"] == HEFEI
    assert page.query["versions"] == "2019,2024"
    old = page.app_input(f"changes.version.old.{METRO}.{HEFEI}")
    assert old.options == ["2006", "2008", "2012", "2013", "2016", "2019", "2024"]
    page.choose(**{f"changes__version__old__{METRO}__{HEFEI}": "2006"})
    assert page.query["versions"] == "2006,2024"
    left, right = page.specifications()
    assert [f["i"] for f in features_of(left, METRO)] == [f"{HEFEI}/2006/whole"]
    assert [f["i"] for f in features_of(right, METRO)] == [f"{HEFEI}/2024/whole"]


def test_maps_are_two_or_one_or_one_that_plays() -> None:
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    assert [spec["sync"] for spec in page.specifications()] == ["changes", "changes"]
    page.choose(changes__maps="one")
    (one,) = page.specifications()
    assert page.query["maps"] == "one"
    assert (one["sync"], one["frames"], drawn(one)) == (None, None, ["changes"])
    assert sorts(one) == {"lost", "kept"}
    page.choose(changes__maps="years")
    (years,) = page.specifications()
    assert page.query["maps"] == "years"
    assert years["sync"] is None
    assert years["frames"]
    page.choose(changes__maps="two")
    assert "maps" not in page.query
    assert len(page.maps()) == 2


def test_the_language_changes_every_word_and_nothing_else() -> None:
    page = Changes(**HEFEI_DAYS, lang="zh", maps="one")
    page.run()
    before, map_before = page.query, page.specifications()[0]
    app = page.choose(language="en")
    after, map_after = page.query, page.specifications()[0]
    assert app.title[0].value == "What changed?"
    assert after == before | {"lang": "en"}
    assert [layer["url"] for layer in map_after["layers"]] == [
        layer["url"] for layer in map_before["layers"]
    ]
    assert map_after["focus"] == map_before["focus"]
    assert map_after["legend"] != map_before["legend"]
    assert re.search(r"[一-鿿]", app.main.markdown[0].value) is None
    for page_ in ("two", "years"):
        page.choose(changes__maps=page_)
        page.choose(language="zh")
        page.choose(language="en")
        assert page.query["maps" if page_ == "years" else "layer"] in ("years", METRO)


def test_another_layer_keeps_days_and_maps_and_drops_what_it_cannot_have() -> None:
    page = Changes(**HEFEI_DAYS, lang="en", maps="one")
    page.run()
    page.choose(changes__layer="cities")
    rest = {"known": KNOWN, "lang": "en", "maps": "one"}
    assert page.query == {"layer": "cities", "days": "2016-06-04,2024-06-01"} | rest
    assert page.app_input("changes.feature.cities").value == ""
    page.choose(changes__by="editions")
    page.choose(changes__edition__old__cities="2")
    page.choose(changes__layer="rivers")
    assert page.query == {"layer": "rivers", "editions": "1,1"} | rest
    page.choose(changes__layer="districts")
    assert page.query == {"layer": "districts", "editions": "1,2"} | rest
    page.choose(changes__by="versions")
    page.choose(changes__layer=METRO)
    assert page.query["layer"] == METRO
    feature, versions = page.query["feature"], page.query["versions"].split(",")
    assert feature.endswith("metropolitan-area")
    assert len(set(versions)) == 2
    assert not page.app.warning


def test_a_rerun_draws_the_same_maps() -> None:
    """What stays the same is not sent anew, so no map flies or flickers."""
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    before = page.maps()
    page.run()
    assert page.maps() == before


# -- every layer -------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_every_layer_opens_in_every_way(layer: str) -> None:
    page = Changes(layer=layer, days="2009-01-01,2026-01-01", known=KNOWN, lang="en")
    app = page.run()
    for by in ("days", "editions", "versions"):
        for maps in ("two", "one", "years"):
            page.choose(changes__by=by, changes__maps=maps)
            assert page.query["layer"] == layer
            assert by in page.query
            assert len(page.maps()) == (2 if maps == "two" else 1)
            assert not app.warning
            for shown in page.specifications():
                check_served(shown)


def check_served(shown: dict[str, Any]) -> None:
    """Whatever a map will fetch lies in the static folder under its hash."""
    frames = shown["frames"] or []
    layers = shown["layers"] + [layer for frame in frames for layer in frame["layers"]]
    assert [layer["id"] for layer in shown["layers"]][:3] == BACKGROUND
    for layer in layers:
        found = DATA.fullmatch(layer["url"])
        assert found
        assert (STATIC / found[1]).is_file()


# -- what the page shows -----------------------------------------------------------------------


def test_the_specification_of_both_maps() -> None:
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    left, right = page.specifications()
    assert [layer["id"] for layer in left["layers"]] == [*BACKGROUND, METRO, "changes"]
    assert [layer["id"] for layer in right["layers"]] == [*BACKGROUND, METRO], "nothing gained"
    for shown in (left, right):
        assert shown["sync"] == "changes"
        assert shown["frames"] is None
        check_served(shown)
    assert [f["i"] for f in features_of(left, METRO)] == [f"{HEFEI}/2016/whole"]
    assert [f["i"] for f in features_of(right, METRO)] == [f"{HEFEI}/2024/whole"]
    assert sorts(left) == {"lost"}
    assert left["focus"] == right["focus"]
    west, south, east, north = left["focus"]["bounds"]
    assert west < 117.0 < east
    assert south < 32.63 < north
    assert left["layers"][:3] == right["layers"][:3]


def test_every_map_is_constant_and_tells_nothing_back() -> None:
    """A changed script would remount the map and lose the view (docs/decisions/0003)."""
    scripts = set()
    for query in (
        HEFEI_DAYS,
        {"layer": "rivers", "editions": "1,1", "lang": "zh"},
        {"layer": "cities", "days": "2011-01-01,2026-01-01", "maps": "one"},
        {"layer": METRO, "versions": "2016,2024", "feature": HEFEI, "maps": "years"},
    ):
        page = Changes(**query)
        page.run()
        for one in page.maps():
            scripts.add(one["script"])
            assert one["returned_objects"] == []
    assert len(scripts) == 1


def test_years_run_from_before_the_first_known_day_to_today() -> None:
    page = Changes(layer=METRO, days="2006-06-04,2014-06-01", maps="years", known=KNOWN, lang="en")
    page.run()
    (shown,) = page.specifications()
    frames = shown["frames"]
    assert [frame["label"] for frame in frames] == [str(year) for year in range(2002, 2027)]
    assert frames[0]["title"] == "2002-12-31"
    assert frames[-1]["title"] == KNOWN
    assert frames[shown["frame"]]["label"] == "2014"
    assert [layer["id"] for layer in shown["layers"]] == BACKGROUND
    assert {len(frame["layers"]) for frame in frames} == {1}
    held = {frame["label"]: frame["layers"][0]["url"] for frame in frames}
    assert held["2009"] == held["2010"]
    assert held["2007"] != held["2008"]
    nothing = features_of({"layers": frames[0]["layers"]}, METRO)
    assert nothing == []
    page.choose(changes__day__new=dt.date(1950, 1, 1))
    assert page.specifications()[0]["frame"] == 0
    page.choose(changes__day__new=dt.date(2090, 1, 1))
    assert page.specifications()[0]["frame"] == len(frames) - 1


@pytest.mark.parametrize(
    ("lang", "facts"),
    [
        ("en", ["Hefei Metropolitan Area", "57,577 km²", "25,770 km²", "55.2 %", "2016-06-04"]),
        ("zh", ["合肥都市圈", "57,577", "25,770", "55.2%", "2016-06-04"]),
    ],
)
def test_the_words_say_what_changed(lang: str, facts: list[str]) -> None:
    page = Changes(**HEFEI_DAYS, lang=lang)
    app = page.run()
    (told,) = page.words()
    summary = page.summary()
    for fact in facts:
        assert fact in told + summary
    copied = app.code[0].value
    assert told in copied
    for line in summary.split("\n"):
        assert line.strip().strip("*") in copied


def test_of_very_many_changes_the_first_are_told_and_the_others_opened() -> None:
    page = Changes(layer="rail-stations", days="2016-11-25,2026-11-25", known="2026-11-25",
                   lang="en")  # fmt: skip
    app = page.run()
    [opened] = [box for box in app.expander if box.label.startswith("The other ")]
    hidden = int(opened.label.removeprefix("The other "))
    assert hidden == len(table_of(app)) - 30 > 300
    assert opened.markdown[0].value.count("\n- ") == hidden - 1


def test_the_table_has_the_columns_that_say_something() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    table = table_of(page.run())
    columns = table.columns.tolist()
    assert columns[:2] == ["Feature", "Change"]
    assert {"Version before", "Version after", "Matched by"} <= set(columns)
    assert {"before (km²)", "after (km²)", "gained (km²)", "lost (km²)"} <= set(columns)
    hefei = table[table["Feature"] == "Hefei Metropolitan Area"].iloc[0]
    assert hefei["before (km²)"] == pytest.approx(57577, abs=1)
    assert hefei["after (km²)"] == pytest.approx(25770, abs=1)
    assert hefei["lost (km²)"] == pytest.approx(57577 - 25770, abs=2)
    assert len(table) == len(page.words())


def test_lines_are_measured_in_km_and_points_not_at_all() -> None:
    page = Changes(layer="rail-lines", days="2009-01-01,2026-01-01", known=KNOWN, lang="en")
    lines = table_of(page.run())
    assert "after (km)" in lines.columns
    assert lines["after (km)"].max() > 100
    page.choose(changes__layer="rail-stations")
    points = table_of(page.run())
    assert len(points) == 29, "those of 41 whose start is known"
    assert not [name for name in points.columns if "km" in name]


def test_the_time_line_is_a_table_too() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    app = page.run()
    chart = app.get("vega_lite_chart")
    assert len(chart) == 1
    line = app.dataframe[1].value
    assert len(line) == 20
    assert line["Status"].isin(["in force", "draft"]).all()
    page.choose(changes__layer="lakes")
    assert not page.app.get("vega_lite_chart")


def test_sources_name_the_layer_and_its_background() -> None:
    app = Changes(**HEFEI_DAYS, lang="en").run()
    titles = app.table[0].value.index.tolist()
    assert titles[0] == "Metropolitan areas"
    assert titles[1:] == ["Land (background)", "Lakes (background)", "Provinces (background)"]


# -- states at the edge ------------------------------------------------------------------------


def test_days_in_reverse_order_say_so() -> None:
    page = Changes(layer=METRO, days="2024-06-01,2016-06-04", known=KNOWN, feature=HEFEI, lang="en")
    app = page.run()
    assert any("first day lies after the second" in info.value for info in app.info)
    assert "gained" in sorts(page.specifications()[1])
    assert "lost (km²)" not in table_of(app).columns


def test_a_day_before_everything_shows_an_empty_map() -> None:
    page = Changes(layer=METRO, days="1900-01-01,2024-06-01", known=KNOWN, lang="en")
    app = page.run()
    left, right = page.specifications()
    assert drawn(left) == []
    assert drawn(right) == [METRO, "changes"]
    assert set(table_of(app)["Change"]) == {"new"}
    page.choose(changes__day__new=dt.date(1901, 1, 1))
    assert [drawn(shown) for shown in page.specifications()] == [[], []]
    assert "Nothing differs" in page.summary()


def test_the_same_day_twice_differs_in_nothing() -> None:
    page = Changes(layer=METRO, days="2020-01-01,2020-01-01", known=KNOWN, lang="en")
    app = page.run()
    assert "Nothing differs" in page.summary()
    assert not app.get("arrow_data_frame")[1:]
    left, right = page.specifications()
    assert left["layers"] == right["layers"]
    assert drawn(left) == [METRO]
    assert left["focus"] is None
    page.choose(changes__maps="one")
    assert drawn(page.specifications()[0]) == []


def test_before_the_first_edition_nothing_can_be_compared() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known="2020-01-01", lang="en")
    app = page.run()
    assert ["had no edition published by 2020-01-01" in info.value for info in app.info] == [True]
    assert page.maps() == []
    assert page.query["days"] == "2016-06-04,2024-06-01"
    page.choose(known_by=dt.date.fromisoformat(KNOWN))
    assert len(page.maps()) == 2
    assert page.query == {
        "layer": METRO, "days": "2016-06-04,2024-06-01", "known": KNOWN, "lang": "en",
    }  # fmt: skip


def test_a_layer_of_one_edition_compares_it_with_itself() -> None:
    page = Changes(layer="lakes", days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    page.run()
    page.choose(changes__by="editions")
    assert page.query["editions"] == "1,1"
    assert "Nothing differs" in page.summary()
    assert len(page.app_input("changes.edition.new.lakes").options) == 1


def test_a_withdrawn_edition_can_still_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_layers(tmp_path, monkeypatch, METRO)
    publishing.withdraw(folder, METRO, 2, reason="wrong", today=dt.date.today())
    page = Changes(layer=METRO, editions="1,2", lang="en")
    app = page.run()
    assert len(table_of(app)) > 0
    page.choose(changes__by="days")
    assert "edition 1" in page.summary()
    assert len(page.maps()) == 2


# -- other pages -------------------------------------------------------------------------------


def test_explore_and_changes_keep_each_others_view() -> None:
    page = Changes(page="explore", layers="cities,lakes", day="2019-01-01", known=KNOWN, lang="en")
    page.run()
    page.go("changes")
    page.run()
    page.choose(changes__layer="cities", changes__day__old=dt.date(2011, 1, 1))
    compared = page.query
    assert compared["known"] == KNOWN
    assert compared["lang"] == "en"
    page.go("explore")
    app = page.run()
    assert dict(app.query_params) == {
        "layers": "cities,lakes", "day": "2019-01-01", "known": KNOWN, "lang": "en",
    }  # fmt: skip
    page.choose(layer__rivers=True)
    page.go("changes")
    page.run()
    assert page.query == compared
    page.go("explore")
    assert page.run().query_params["layers"] == "cities,lakes,rivers"


def test_a_place_of_explore_stays_while_changes_are_read() -> None:
    place = "cities:320100"
    page = Changes(page="explore", layers="cities", day="2019-01-01", place=place, lang="en")
    page.run()
    page.go("changes")
    page.run()
    page.choose(changes__maps="one")
    assert "place" not in page.query
    page.go("explore")
    assert page.run().query_params["place"] == place


def test_a_link_of_another_page_opens_the_comparison() -> None:
    page = Changes(page="catalogue", place="cities", lang="en")
    page.run()
    page.go("changes", **HEFEI_DAYS)
    page.run()
    assert page.query == HEFEI_DAYS | {"lang": "en"}


# -- hostile and damaged stores ----------------------------------------------------------------


def copy_layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Path:
    """A store of some layers only, which the app reads."""
    folder = tmp_path / "layers"
    for name in names:
        shutil.copytree(LAYERS / name, folder / name)
    monkeypatch.setenv("ATLAS_LAYERS", str(folder))
    return folder


def publish_hostile(layers: Path, versions: list[str], text: str) -> None:
    """Publish a layer with one feature in two plan versions, and a text in every field."""
    folder = layers / "ecological-belts"
    folder.mkdir(parents=True)
    source = LAYERS / "ecological-belts"
    shutil.copy(source / "layer.toml", folder)
    info = catalogue.read_info(layers, "ecological-belts")
    rows = geojson.read_features(
        store.edition_path(source, 1).read_bytes(), "source", layer=info.id, kind=info.kind,
        columns=info.columns,
    )  # fmt: skip
    two = rows[rows.geometry.notna()].head(2).copy()
    for name in TEXTS:
        two[name] = text
    two["id"], two["part"], two["status"] = "belt", "whole", "in-force"
    two["plan_version"] = versions
    two["unsourced"] = [[], []]
    two["valid_from"], two["valid_to"] = ["2023-01-01", "2025-01-01"], ["2025-01-01", None]
    two["valid_from_precision"], two["valid_to_precision"] = "day", ["day", None]
    for number in (1, 2):
        content = geojson.to_bytes(two.head(number), info.columns)
        day = dt.date(2026, 1, number)
        store.publish(folder, content, features=number, note=text, published=day)


@pytest.mark.parametrize("text", [ATTACK, MARKDOWN], ids=["html", "markdown"])
def test_hostile_text_is_shown_and_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    layers = tmp_path / "layers"
    publish_hostile(layers, ["belt_2023", "belt_2035"], text)
    monkeypatch.setenv("ATLAS_LAYERS", str(layers))
    page = Changes(layer="ecological-belts", days="2024-01-01,2026-01-01", lang="en")
    page.run()
    assert any(text.split(maxsplit=1)[0] in told for told in page.words())
    versions = page.specifications()
    for shown, version in zip(versions, ("belt_2023", "belt_2035"), strict=True):
        assert [f["i"] for f in features_of(shown, "ecological-belts")] == [f"belt/{version}/whole"]
    for one in page.maps():
        assert "<img" not in one["feature_group"]
        assert "</script" not in one["feature_group"]
    for by in ("editions", "versions", "days"):
        for maps in ("one", "years", "two"):
            for lang in ("zh", "en"):
                app = page.choose(changes__by=by, changes__maps=maps, language=lang)
                for shown in app.main.markdown:
                    assert text not in shown.value


@pytest.mark.parametrize(("old", "new"), [("belt_2023", "belt_2035"), ("a", "b/../c d")])
def test_look_alike_versions_are_two_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    layers = tmp_path / "layers"
    publish_hostile(layers, [old, new], "text")
    monkeypatch.setenv("ATLAS_LAYERS", str(layers))
    page = Changes(
        layer="ecological-belts", versions=f"{old},{new}", feature="belt", known="2026-02-01",
        lang="en",
    )  # fmt: skip
    page.run()
    assert page.named() == []
    left, right = page.specifications()
    assert address_of(left, "ecological-belts") != address_of(right, "ecological-belts")
    page.choose(**{"changes__version__new__ecological-belts__belt": old})
    left, right = page.specifications()
    assert address_of(left, "ecological-belts") == address_of(right, "ecological-belts")


def test_a_damaged_edition_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_layers(tmp_path, monkeypatch, METRO, "lakes")
    file = folder / METRO / "1.geojson"
    file.write_bytes(file.read_bytes().replace("合肥".encode(), "东京".encode(), 1))
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    app = page.app
    page.app_input("changes.by").set_value("editions")
    app = page.run(errors=1)
    assert "sha256" in app.error[0].value
    page.app_input("changes.layer").set_value("lakes")
    assert len(page.run().get("component_instance")) == 2


def test_a_store_without_layers_of_the_background_still_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_layers(tmp_path, monkeypatch, METRO)
    page = Changes(**HEFEI_DAYS, lang="en")
    page.run()
    shown = [[layer["id"] for layer in one["layers"]] for one in page.specifications()]
    assert shown == [[METRO, "changes"], [METRO]]


def test_a_first_visit_finds_a_layer_where_the_usual_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_layers(tmp_path, monkeypatch, "lakes")
    page = Changes(lang="en")
    page.run()
    assert page.query["layer"] == "lakes"
    assert set(DEFAULT_LAYERS).isdisjoint(page.app_input("changes.layer").options)
