"""The page of overlaps through Streamlit's own test runner: no exception on any rerun."""

import datetime as dt
import io
import json
import re
import runpy
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import geopandas as gpd
import pytest
import shapely
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.app import outputs, overlap_given
from atlas.app.overlap_given import read_upload
from atlas.errors import FileDamaged
from atlas.io import catalogue
from atlas.operations.folder import PROJECT
from atlas.operations.given_zones import TEXT_MOST, ZONES_MOST, exact_corners, pasted_zones
from tests.conftest import Ran

LAYERS = PROJECT / "layers"
KNOWN, DAY = "2026-11-24", "2026-11-24"
CORRIDORS, BELTS = "innovation-corridors", "ecological-belts"
G60 = "g60-corridor"
LINK = {"layer": CORRIDORS, "zones": "cities", "show": "features", "day": DAY, "known": KNOWN,
        "lang": "en"}  # fmt: skip
NANJING, SUZHOU, HUANGSHAN = "320100", "320500", "341000"
SHOWS = ("features", "zones", "layers", "change")
ZONE_LAYERS = ("cities", "districts", "provinces", "metropolitan-areas")
LAYER_NAMES = [info.id for info in catalogue.list_feature_layers(LAYERS) if info.id != "land"]
FORMS = ["CSV", "JSON", "GEOJSON", "PARQUET", "XLSX"]
TRIANGLE = "119,31;121,31.25;120,32"
CORNERS = [(119.0, 31.0), (121.0, 31.25), (120.0, 32.0)]
ATTACK = '<img src=x onerror="window.attacked=1"></script><script>window.attacked=1</script>'


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Overlap:
    """The running app, opened at /overlap; every rerun asserts that nothing broke."""

    def __init__(self, page: str = "overlap", **query: str) -> None:
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

    def choose(self, errors: int = 0, **chosen: object) -> AppTest:
        """Set inputs by their keys (a dot is written as two underscores), and rerun."""
        for name, value in chosen.items():
            self.app_input(name.replace("__", ".")).set_value(value)
        return self.run(errors=errors)

    def app_input(self, key: str) -> Any:
        kinds = (
            "selectbox", "segmented_control", "date_input", "radio", "text_area", "text_input",
            "file_uploader",
        )  # fmt: skip
        return next(
            e for kind in kinds for e in getattr(self.app, kind) if getattr(e, "key", None) == key
        )

    @property
    def query(self) -> dict[str, str]:
        """The address, which the link to copy says too."""
        query = dict(self.app.query_params)
        page, _, parts = self.app.code[-1].value.partition("?")
        assert (page, dict(parse_qsl(parts))) == ("/overlap", query)
        return query

    def specification(self) -> dict[str, Any]:
        (arguments,) = [json.loads(e.proto.json_args) for e in self.app.get("component_instance")]
        script = arguments["feature_group"]
        start = script.index("atlas.draw(") + len("atlas.draw(")
        return json.loads(script[script.index(",", start) + 1 : script.index(");", start)])

    def drawn(self) -> list[str]:
        return [la["id"] for la in self.specification()["layers"] if not la["background"]]

    def sentence(self) -> str:
        """The chosen cell in words."""
        (told,) = self.app.success
        return re.sub(r"\\(.)", r"\1", told.value)

    def captions(self) -> str:
        return " | ".join(caption.value for caption in self.app.caption)

    def named(self) -> list[str]:
        """Parts of the link that were named as unknown."""
        return re.findall(r"`([^`]*)`", " ".join(w.value for w in self.app.warning))

    def problem(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.app.error[0].value)

    def files(self) -> list[str]:
        return [button.label for button in self.app.get("download_button")]

    def table(self, place: int = 0) -> Any:
        """A table of the page; the matrix is the first."""
        return self.app.dataframe[place].value


# -- a first visit, and links ------------------------------------------------------------------


def test_first_visit_shows_corridors_by_city_in_chinese() -> None:
    page = Overlap()
    app = page.run()
    assert app.title[0].value == "谁与谁重叠"
    assert not app.warning
    today = dt.date.today().isoformat()
    assert page.query == {
        "layer": CORRIDORS, "zones": "cities", "show": "features", "day": today, "known": today,
        "lang": "zh",
    }  # fmt: skip
    assert page.drawn() == [CORRIDORS]
    assert "在矩阵中选一格" in app.info[0].value
    assert page.files() == FORMS
    assert "南京市" in page.table().index
    assert "阿尔伯斯" in page.captions()


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"zone": NANJING},
        {"zone": NANJING, "cell": f"{G60}/3.0/whole"},
        {"zone": HUANGSHAN, "cell": f"{G60}/3.0/whole"},
        {"show": "zones", "zone": NANJING, "cell": SUZHOU},
        {"show": "zones", "zone": NANJING, "cell": NANJING, "order": "size"},
        {"show": "zones", "zones": "provinces", "order": "code"},
        {"show": "layers", "with": BELTS},
        {"show": "layers", "with": BELTS, "zone": "320000", "zones": "provinces"},
        {"show": "layers", "with": "rail-stations", "zone": NANJING},
        {"layer": "rail-lines", "show": "layers", "with": "cities", "zones": "metropolitan-areas"},
        {"show": "change", "day": "2016-01-01", "until": "2024-01-01"},
        {"show": "change", "day": "2024-01-01", "until": "2016-01-01", "zones": "provinces"},
        {"layer": "cities", "show": "change", "day": "2010-01-01", "until": "2020-01-01",
         "zones": "metropolitan-areas"},
        {"layer": "settlements", "zones": "districts", "order": "size", "lang": "zh"},
        {"layer": "rivers", "zones": BELTS, "day": "2025-01-01"},
        {"zones": "given"},
        {"zones": "given", "polygon": TRIANGLE},
        {"zones": "given", "polygon": TRIANGLE, "show": "zones", "lang": "zh"},
        {"zones": "given", "polygon": TRIANGLE, "show": "layers", "with": BELTS, "zone": "given"},
        {"zones": "given", "polygon": TRIANGLE, "zone": "given", "cell": f"{G60}/3.0/whole"},
    ],
    ids=lambda link: "-".join(link.values()) or "plain",
)  # fmt: skip
def test_a_link_opens_what_it_says_and_is_written_the_same(link: dict[str, str]) -> None:
    link = LINK | link
    page = Overlap(**link)
    page.run()
    assert page.named() == []
    assert page.query == link
    assert page.app_input("overlap.layer").value == link["layer"]
    assert page.app_input("overlap.show").value == link["show"]
    assert page.app_input("overlap.zones").value == link["zones"]
    assert page.app_input("overlap.day").value == dt.date.fromisoformat(link["day"])
    assert page.app_input("known_by").value == dt.date.fromisoformat(KNOWN)
    if "with" in link:
        assert page.app_input(f"overlap.other.{link['layer']}").value == link["with"]
    if "until" in link:
        assert page.app_input("overlap.until").value == dt.date.fromisoformat(link["until"])
    page.run()
    assert page.query == link


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"layer": "atlantis"}, ["layer=atlantis"]),
        ({"layer": "terrain"}, ["layer=terrain"]),
        ({"layer": "land"}, ["layer=land"]),
        ({"zones": "atlantis"}, ["zones=atlantis"]),
        ({"zones": "rail-lines"}, ["zones=rail-lines"]),
        ({"show": "all"}, ["show=all"]),
        ({"show": "layers", "with": "atlantis"}, ["with=atlantis"]),
        ({"show": "layers", "with": CORRIDORS}, [f"with={CORRIDORS}"]),
        ({"layer": "rail-lines", "show": "layers", "with": "rivers"}, ["with=rivers"]),
        ({"show": "change", "until": "2019-02-30"}, ["until=2019-02-30"]),
        ({"show": "change", "zones": "given"}, ["zones=given"]),
        ({"day": "1850-01-01"}, ["day=1850-01-01"]),
        ({"order": "random"}, ["order=random"]),
        ({"polygon": TRIANGLE}, [f"polygon={TRIANGLE}"]),
        ({"zones": "given", "polygon": "<b>`x`</b>"}, ["polygon=<b> x </b>"]),
        ({"zones": "given", "polygon": "119,31;121,31"}, ["polygon=119,31;121,31"]),
        ({"colour": "red"}, ["colour=red"]),
        ({"known": "2999-01-01"}, ["known=2999-01-01"]),
        ({"lang": "fr"}, ["lang=fr"]),
    ],
    ids=str,
)
def test_unknown_parts_of_a_link_are_named_and_the_page_shows_the_rest(
    part: dict[str, str], named: list[str]
) -> None:
    page = Overlap(**(LINK | {"lang": "en"} | part))
    page.run()
    assert page.named() == named
    written = page.query
    assert not any(
        written.get(name) == value for name, value in part.items() if f"{name}={value}" in named
    )
    again = Overlap(**written)
    again.run()
    assert again.named() == []
    assert again.query == written


@pytest.mark.parametrize("zone", ["999999", ATTACK[:70], "[x](y)"])
def test_a_zone_that_is_not_there_is_said(zone: str) -> None:
    page = Overlap(**LINK, zone=zone)
    app = page.run()
    said = re.sub(r"\\(.)", r"\1", app.warning[0].value)
    assert said == f"On that day nothing here has the code {zone}."
    assert not app.success


def test_a_cell_that_is_not_there_tells_the_zone() -> None:
    page = Overlap(**LINK, zone=NANJING, cell="nobody/1/whole")
    page.run()
    assert page.sentence().startswith("Nanjing holds ")


# -- every layer -------------------------------------------------------------------------------


@pytest.mark.parametrize("show", SHOWS)
def test_every_layer_opens(show: str) -> None:
    days = {"day": "2010-06-01", "until": "2026-06-01"} if show == "change" else {}
    for layer in LAYER_NAMES:
        zones = "cities" if show in ("features", "zones") else "provinces"
        page = Overlap(**(LINK | {"layer": layer, "show": show, "zones": zones} | days))
        page.run()
        assert page.query["layer"] == layer
        assert page.named() == [], layer
        expected = FORMS if show in ("features", "layers") else [f for f in FORMS if f != "GEOJSON"]
        assert page.files() == expected, layer


@pytest.mark.parametrize("zones", ZONE_LAYERS)
def test_every_layer_of_zones_opens(zones: str) -> None:
    page = Overlap(**(LINK | {"zones": zones, "show": "zones"}))
    page.run()
    matrix = page.table()
    assert matrix.shape[0] == matrix.shape[1]
    assert len(matrix) == len(set(matrix.index)) >= 4
    page.choose(overlap__show="features")
    assert len(page.table()) <= len(matrix)
    page.choose(overlap__show="layers")
    page.choose(overlap__show="change")
    assert page.query["zones"] == zones


def test_before_the_first_edition_nothing_was_published() -> None:
    for show in SHOWS:
        page = Overlap(**(LINK | {"known": "2020-01-01", "show": show}))
        app = page.run()
        assert "had no edition published by 2020-01-01" in app.info[0].value
        assert page.files() == []
        assert page.query["known"] == "2020-01-01"


def test_a_layer_without_features_on_the_day_overlaps_nothing() -> None:
    link = LINK | {"layer": "metropolitan-areas", "day": "1950-01-01"}
    for show, told in (("features", ["Nothing overlaps."]), ("zones", []), ("layers", ["Nothing"])):
        app = Overlap(**(link | {"show": show, "zone": NANJING})).run()
        assert [info.value[:7] for info in app.info] == [words[:7] for words in told]
        if show != "layers":
            assert "holds no feature of the layer" in app.success[0].value
    app = Overlap(**(link | {"until": "1960-01-01", "show": "change"})).run()
    assert "Gained 0 km²" in app.main.markdown[0].value


def test_zones_without_rows_on_the_day_overlap_nothing() -> None:
    """Metropolitan areas of a day before the first of them."""
    for show in SHOWS:
        link = {"zones": "metropolitan-areas", "day": "1950-01-01", "show": show}
        page = Overlap(**(LINK | link | ({"until": "1960-01-01"} if show == "change" else {})))
        app = page.run()
        assert (show == "change") or "no zones on that day" in app.info[0].value
        page.choose(overlap__zones="cities")
        page.choose(overlap__zones="metropolitan-areas")


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"zone": NANJING, "cell": "sunan-innovation-demonstration-zone/2021/whole"}, None),
        ({"zone": HUANGSHAN, "cell": f"{G60}/3.0/whole"}, ("does not reach Huangshan", "不涉及")),
        ({"zone": NANJING}, ("Nanjing holds the G312", "南京市涉及")),
        ({"show": "zones", "zone": NANJING, "cell": SUZHOU},
         ("Nanjing and Suzhou (Jiangsu) share 3 features", "南京市和苏州市共同涉及")),
        ({"show": "zones", "zone": SUZHOU, "cell": "310000"}, ("railway line", "铁路")),
        ({"layer": "rail-lines", "zone": NANJING}, ("railway", "铁路")),
        ({"zone": NANJING, "show": "zones", "cell": NANJING}, ("Nanjing holds", "南京市涉及")),
    ],
    ids=str,
)  # fmt: skip
def test_a_chosen_cell_is_told_in_both_languages(
    link: dict[str, str], words: tuple[str, str] | None
) -> None:
    for place, lang in enumerate(("en", "zh")):
        page = Overlap(**(LINK | {"lang": lang} | link))
        page.run()
        if words:
            assert words[place] in page.sentence()
        assert "{" not in page.sentence()
        assert page.sentence()[-1] in ".。"


def test_the_figures_of_the_sentence_are_those_of_the_matrix() -> None:
    cell = f"{G60}/3.0/whole"
    page = Overlap(**LINK, zone=SUZHOU, cell=cell)
    page.run()
    found = re.search(r"([\d.]+) % of the zone", page.sentence())
    assert found
    (column,) = [name for name in page.table().columns if "G60" in name]
    assert page.table().loc["Suzhou (Jiangsu)", column] == pytest.approx(float(found[1]), abs=0.05)


# -- inputs ------------------------------------------------------------------------------------


def test_each_input_changes_the_page_and_the_link() -> None:
    page = Overlap(**LINK)
    page.run()
    page.choose(overlap__layer=BELTS)
    assert page.drawn() == [BELTS]
    page.choose(overlap__zones="provinces")
    assert set(page.table().index) <= {"Shanghai", "Jiangsu", "Zhejiang", "Anhui"}
    page.choose(overlap__day=dt.date(2012, 1, 1))
    assert page.query["day"] == "2012-01-01"
    page.choose(overlap__order="code")
    page.choose(overlap__show="zones")
    assert page.query["order"] == "code"
    page.choose(overlap__show="layers")
    page.choose(**{f"overlap__other__{BELTS}": "lakes"})
    assert (page.query["with"], page.query["layer"]) == ("lakes", BELTS)
    page.choose(overlap__show="change")
    page.choose(overlap__until=dt.date(2025, 1, 1))
    assert page.query == {
        "layer": BELTS, "zones": "provinces", "show": "change", "until": "2025-01-01",
        "order": "code", "day": "2012-01-01", "known": KNOWN, "lang": "en",
    }  # fmt: skip
    page.choose(known_by=dt.date(2020, 1, 1))
    assert page.query["known"] == "2020-01-01"
    page.choose(known_by=dt.date.fromisoformat(KNOWN), language="zh")
    assert page.app.title[0].value == "谁与谁重叠"
    page.choose(overlap__show="features")
    assert page.query["show"] == "features"


def test_an_order_sorts_rows() -> None:
    page = Overlap(**LINK)
    page.run()
    similar = page.table().index.tolist()
    page.choose(overlap__order="size")
    largest = page.table().index.tolist()
    page.choose(overlap__order="code")
    code = page.table().index.tolist()
    assert sorted(similar) == sorted(largest) == sorted(code)
    assert similar != largest != code
    assert code[0] == "Shanghai"


def test_another_layer_forgets_the_cell_and_other_zones_forget_the_zone() -> None:
    page = Overlap(**LINK, zone=NANJING, cell=f"{G60}/3.0/whole")
    page.run()
    page.choose(overlap__layer=BELTS)
    assert page.query["zone"] == NANJING
    assert "cell" not in page.query
    page.choose(overlap__zones="provinces")
    assert "zone" not in page.query


def test_the_view_is_kept_while_other_pages_are_read() -> None:
    page = Overlap(**LINK, zone=NANJING, order="size")
    page.run()
    before = page.query
    page.go("explore")
    page.run()
    assert "zones" not in dict(page.app.query_params)
    page.go("overlap")
    page.run()
    assert page.query == before


# -- clicks on the map -------------------------------------------------------------------------


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the map tells the page: AppTest has no browser."""
    answer: dict[str, Any] = {}
    folium = outputs.st_folium

    def st_folium(*given: Any, **named: Any) -> dict[str, Any]:
        folium(*given, **named)
        return {name: answer.get(name) for name in named["returned_objects"]}

    monkeypatch.setattr(outputs, "st_folium", st_folium)
    return answer


def test_a_click_chooses_a_zone_and_a_second_one_the_pair(told: dict[str, Any]) -> None:
    page = Overlap(**(LINK | {"show": "zones"}))
    page.run()
    told["last_clicked"] = {"lat": 31.98, "lng": 118.8}
    page.run()
    assert page.query["zone"] == NANJING
    told["last_clicked"] = {"lat": 31.32, "lng": 120.6}
    page.run()
    assert (page.query["zone"], page.query["cell"]) == (NANJING, SUZHOU)
    assert page.sentence().startswith("Nanjing and Suzhou (Jiangsu) share")
    assert set(page.drawn()) == {CORRIDORS, "overlap", "overlap-zones"}
    told["last_clicked"] = {"lat": 30.0, "lng": 125.0}
    page.run()
    assert page.query["zone"] == NANJING
    page.choose(overlap__show="features")
    told["last_clicked"] = {"lat": 29.7, "lng": 118.3}
    page.run()
    assert page.query["zone"] == HUANGSHAN


# -- a polygon that is drawn -------------------------------------------------------------------


def drawing(corners: list[tuple[float, float]]) -> dict[str, Any]:
    ring = [list(corner) for corner in [*corners, corners[0]]]
    return {"last_active_drawing": {"type": "Feature", "properties": {},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}}  # fmt: skip


def test_a_drawn_polygon_is_measured_at_once_and_in_the_link(told: dict[str, Any]) -> None:
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    assert page.specification()["draw"]
    assert page.drawn() == [CORRIDORS]
    assert page.files() == []
    told |= drawing([(lon + 0.000001, lat) for lon, lat in CORNERS])
    page.run()
    assert page.query == LINK | {"zones": "given", "polygon": TRIANGLE}
    sentence = page.sentence()
    assert sentence.startswith("Polygon 1 holds ")
    assert set(page.drawn()) == {CORRIDORS, "overlap", "overlap-zones"}
    assert page.specification()["draw"]
    other = Overlap(**page.query)
    other.run()
    assert other.sentence() == sentence
    for show in ("zones", "layers", "features"):
        page.choose(overlap__show=show)
        assert page.query["polygon"] == TRIANGLE
    page.choose(overlap__zones="cities")
    assert "polygon" not in page.query
    assert page.specification()["draw"] is None
    page.choose(overlap__zones="given")
    assert page.query["polygon"] == TRIANGLE
    page.choose(overlap__way="upload")
    assert "polygon" not in page.query
    page.choose(overlap__way="draw")
    assert page.query["polygon"] == TRIANGLE


def test_a_new_drawing_replaces_the_old_one(told: dict[str, Any]) -> None:
    page = Overlap(**(LINK | {"zones": "given", "polygon": TRIANGLE, "cell": f"{G60}/3.0/whole",
                              "zone": "given"}))  # fmt: skip
    page.run()
    before = page.sentence()
    told |= drawing([(118.0, 30.0), (119.0, 30.0), (119.0, 31.0), (118.0, 31.0)])
    page.run()
    assert page.query["polygon"] == "118,30;119,30;119,31;118,31"
    assert "cell" not in page.query
    assert page.sentence() != before


def test_a_polygon_of_many_corners_is_measured_but_not_in_the_link(told: dict[str, Any]) -> None:
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    ring = shapely.Point(120, 31).buffer(0.8, quad_segs=20).exterior.coords[:-1]
    told |= drawing([(round(lon, 5), round(lat, 5)) for lon, lat in ring])
    page.run()
    assert "polygon" not in page.query
    assert "it has 80 corners, a link takes 60 at most" in page.captions()
    assert page.sentence().startswith("Polygon 1 holds ")


@pytest.mark.parametrize(
    ("corners", "reason"),
    [
        ([(119, 31), (121, 32), (121, 31), (119, 32)], "Self-intersection"),
        ([(100, 31), (101, 31), (101, 32)], "the atlas holds 108 to 130 E"),
        ([(179, 31), (-179, 31), (-179, 32), (179, 32)], "180th meridian"),
        ([(119, 31), (120, 31), (121, 31)], "invalid"),
    ],
)
def test_a_wrong_polygon_is_named_and_another_can_be_drawn(
    told: dict[str, Any], corners: list[tuple[float, float]], reason: str
) -> None:
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    told |= drawing(corners)
    page.run(errors=1)
    assert page.problem().startswith("Drawn polygon: ")
    assert reason in page.problem()
    assert page.specification()["draw"]
    again = Overlap(**page.query)
    again.run(errors=1)
    told |= drawing(CORNERS)
    page.run()
    assert page.query["polygon"] == TRIANGLE


# -- text that is pasted -----------------------------------------------------------------------

RING = [[119, 31], [121, 31.25], [120, 32], [119, 31]]
GEOMETRY = {"type": "Polygon", "coordinates": [RING]}
BOX = {"type": "Polygon", "coordinates": [[[118, 30], [119, 30], [119, 31], [118, 31], [118, 30]]]}
WKT = "POLYGON ((119 31, 121 31.25, 120 32, 119 31))"


def feature(geometry: dict[str, Any] | None = GEOMETRY, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def pasting(text: str, **link: str) -> tuple[Overlap, int]:
    page = Overlap(**(LINK | {"zones": "given"} | link))
    page.run()
    page.choose(overlap__way="paste")
    page.app_input("overlap.paste").set_value(text)
    return page, len(page.app.info)


@pytest.mark.parametrize(
    "text",
    [WKT, f"SRID=4326;{WKT}", WKT.lower().replace("polygon", "POLYGON"), f"\n {WKT}\n",
     WKT.replace("POLYGON (", "MULTIPOLYGON ((") + ")",
     *map(json.dumps, [GEOMETRY, feature(), feature(id="a"), collection(feature())])],
    ids=str,
)  # fmt: skip
def test_pasted_text_is_measured_like_the_drawn_polygon(text: str) -> None:
    drawn = Overlap(**(LINK | {"zones": "given", "polygon": TRIANGLE}))
    drawn.run()
    page, _ = pasting(text)
    page.run()
    assert page.query == LINK | {"zones": "given", "polygon": TRIANGLE}
    name = "a" if '"id": "a"' in text else "Polygon 1"
    assert page.sentence() == drawn.sentence().replace("Polygon 1", name)


def test_several_polygons_are_zones_by_their_key_or_by_number() -> None:
    text = json.dumps(collection(feature(name="east"), feature(BOX, name="west")))
    page, _ = pasting(text)
    page.run()
    assert page.table().index.tolist() in (["Polygon 1", "Polygon 2"], ["Polygon 2", "Polygon 1"])
    assert "The link does not hold these zones" in page.captions()
    assert "polygon" not in page.query
    page.choose(overlap__upload_key="name")
    assert sorted(page.table().index) == ["east", "west"]
    page.choose(overlap__show="zones")
    assert sorted(page.table().index) == ["east", "west"]
    page.choose(overlap__upload_key="nothing")
    assert sorted(page.table().index) == ["Polygon 1", "Polygon 2"]


def test_a_polygon_with_a_hole_or_fine_corners_is_not_in_the_link() -> None:
    hole = {
        "type": "Polygon",
        "coordinates": [RING, [[120, 31.4], [120.1, 31.4], [120, 31.5], [120, 31.4]]],
    }
    fine = WKT.replace("119 31,", "119.1234567 31,").replace("119 31)", "119.1234567 31)")
    for text in (json.dumps(hole), fine):
        page, _ = pasting(text)
        page.run()
        assert "polygon" not in page.query
        assert "The link does not hold" in page.captions()
        assert page.sentence().startswith("Polygon 1 holds ")


BAD = {
    "hello": "neither WKT of a polygon nor GeoJSON",
    "POLYGON": "cannot be read",
    "POLYGON ((119 31, 121 31))": "cannot be read",
    "POLYGON EMPTY": "no polygon",
    "LINESTRING (119 31, 121 31)": "neither WKT",
    "GEOMETRYCOLLECTION (" * 9_000: "neither WKT",
    "POLYGON " + "(" * 190_000: "cannot be read",
    f"SRID=3857;{WKT}": "EPSG:4326",
    f"{WKT}; DROP TABLE layers": "cannot be read",
    "POLYGON ((nan nan, 121 31, 120 32, nan nan))": "cannot be read",
    "POLYGON ((1e400 31, 121 31, 120 32, 1e400 31))": "EPSG:4326",
    "POLYGON ((119 31, 121 32, 121 31, 119 32, 119 31))": "Self-intersection",
    "POLYGON ((13300000 3600000, 13400000 3600000, 13400000 3700000, 13300000 3600000))": "CRS",
    "POLYGON ((179 31, 181 31, 181 32, 179 31))": "180th meridian",
    json.dumps({"type": "Point", "coordinates": [119, 31]}): "type Point",
    json.dumps({"type": "GeometryCollection", "geometries": [GEOMETRY]}): "GeometryCollection",
    json.dumps({"type": ATTACK}): "<img src=x",
    json.dumps({"type": "Polygon"}): "cannot be read",
    json.dumps({"type": "Polygon", "coordinates": [[["a", "b"]]]}): "cannot be read",
    json.dumps({"type": "Polygon", "coordinates": []}): "no polygon",
    json.dumps({"type": "Polygon", "coordinates": [[[119, 31], [121, 31], [120, 32]]]}): "cannot",
    json.dumps(feature(None)): "no polygon",
    json.dumps(collection()): "no polygon",
    json.dumps(collection(1, "x")): "neither WKT",
    json.dumps({"type": "FeatureCollection"}): "neither WKT",
    json.dumps(collection(feature(id="a"), feature(BOX, id="a"))): "two zones are named 'a'",
    json.dumps(collection(feature(), crs={"type": "name", "properties": {"name": "EPSG:3857"}})):
        "EPSG:4326",
    json.dumps(collection(*[feature()] * (ZONES_MOST + 1))): "501 zones; this page takes 500",
    "{": "neither WKT",
    "[1]": "neither WKT",
    '{"a":' * 30_000: "neither WKT",
    '{"type":"Polygon","coordinates":' + "[" * 50_000 + "]" * 50_000 + "}": "neither WKT",
    '{"type":"Polygon","coordinates":' + "[" * 900 + "]" * 900 + "}": "cannot be read",
    '{"type":"Polygon","coordinates":[[[NaN,31],[121,31],[120,32],[119,31]]]}': "neither WKT",
    "x" * (TEXT_MOST + 1): "longer than 200,000 characters",
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), BAD.items(), ids=range(len(BAD)))
def test_text_that_holds_no_zones_is_one_clear_error(text: str, reason: str) -> None:
    with pytest.raises(FileDamaged) as caught:
        pasted_zones(text, "en")
    assert str(caught.value).startswith("Pasted text: ")
    assert reason in str(caught.value)
    with pytest.raises(FileDamaged, match="粘贴的文本"):
        pasted_zones(text, "zh")


@pytest.mark.parametrize("text", [*list(BAD)[:3], json.dumps({"type": ATTACK})], ids=range(4))
def test_the_page_says_what_is_wrong_with_a_text_and_takes_another(text: str) -> None:
    page, _ = pasting(text)
    page.run(errors=1)
    assert BAD[text] in page.problem()
    page.choose(overlap__paste=WKT)
    assert page.query["polygon"] == TRIANGLE
    page.choose(overlap__paste=" ")
    assert "Paste one polygon" in page.app.info[0].value
    assert "polygon" not in page.query


def test_a_polygon_comes_back_from_its_corners() -> None:
    assert list(exact_corners(pasted_zones(WKT, "en"))) == CORNERS


def test_a_pasted_text_gives_the_numbers_of_the_command_line(
    tmp_path: Path, run: Callable[..., Ran]
) -> None:
    text = json.dumps(collection(feature(id="east"), feature(BOX, id="west")))
    page, _ = pasting(text)
    page.run()
    matrix = page.table()
    file = tmp_path / "zones.geojson"
    file.write_text(text, "utf-8")
    ran = run("overlap", CORRIDORS, "--zones", file, "--days", DAY, "--known-by", KNOWN, "--json",
              "--layers", LAYERS)  # fmt: skip
    assert ran.code == 0, ran.err
    rows = json.loads(ran.out)["rows"]
    assert len(rows) > 10
    for row in rows:
        columns = [name for name in matrix.columns if name.startswith(row["feature_en"])]
        shares = [matrix.loc[row["zone"], name] for name in columns]
        assert any(share == pytest.approx(row["share_of_zone"] * 100, abs=1e-6) for share in shares)
    assert (matrix > 0).sum().sum() == len(rows)


# -- files that are uploaded -------------------------------------------------------------------


def zones(*, crs: int = 4326, column: str = "id") -> gpd.GeoDataFrame:
    shapes = [shapely.from_geojson(json.dumps(shape)) for shape in (GEOMETRY, BOX)]
    frame = gpd.GeoDataFrame({column: ["east", "west"]}, geometry=shapes, crs=4326)
    return frame.to_crs(crs)


def written(frame: gpd.GeoDataFrame, folder: Path, name: str) -> bytes:
    frame.to_file(folder / name)
    return (folder / name).read_bytes()


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb", "A.GEOJSON"])
def test_an_uploaded_file_is_measured_and_its_link_says_so(name: str, tmp_path: Path) -> None:
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    page.choose(overlap__way="upload")
    assert "Give a file" in page.app.info[0].value
    content = written(zones(), tmp_path, name.lower())
    page.app_input("overlap.upload").upload(name, content)
    page.run()
    assert sorted(page.table().index) == ["east", "west"]
    assert page.query == LINK | {"zones": "given"}
    for show in ("zones", "layers", "features"):
        page.choose(overlap__show=show)
        assert page.files()


def test_another_column_of_the_same_file_names_other_zones(tmp_path: Path) -> None:
    frame = zones().assign(name=["甲", "乙"])
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    page.choose(overlap__way="upload")
    page.app_input("overlap.upload").upload("a.gpkg", written(frame, tmp_path, "a.gpkg"))
    page.run()
    assert sorted(page.table().index) == ["east", "west"]
    page.choose(overlap__upload_key="name")
    assert sorted(page.table().index) == ["乙", "甲"]
    page.choose(errors=1, overlap__upload_key="nothing")
    assert "no column 'nothing'" in page.problem()


def test_a_file_in_another_crs_gives_the_same_figures(tmp_path: Path) -> None:
    tables = []
    for crs in (4326, 4490):
        found = read_upload(written(zones(crs=crs), tmp_path, f"{crs}.gpkg"), "a.gpkg", "id", "en")
        tables.append(shapely.area(found.rows.geometry.to_numpy()).tolist())
    assert tables[0] == pytest.approx(tables[1], rel=1e-9)


def zipped(size: int) -> bytes:
    """A zip file whose one member grows to so many bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.geojson", json.dumps(collection(feature(id="a"))) + " " * size)
    return out.getvalue()


REMOTE = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{file}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
PROGRAM = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {file}"}


def bad_uploads(folder: Path) -> dict[str, tuple[str, bytes, str]]:
    """What a file may be that is not taken: name, content, reason."""
    frame = zones()
    crossing = shapely.Polygon([(119, 31), (121, 32), (121, 31), (119, 32)])
    geojson = json.dumps(collection(feature(id="a"))).encode()
    inside = str(folder / "secret.geojson")
    Path(inside).write_bytes(geojson)
    return {
        "huge": ("a.geojson", geojson + b" " * (20 * 1024 * 1024), "larger than 20 MiB"),
        "text": ("a.gpkg", b"hello", "not what its ending says"),
        "empty": ("a.geojson", b"", "not what its ending says"),
        "bomb": ("a.geojson", zipped(50_000_000), "not what its ending says"),
        "zip": ("a.zip", zipped(10), "not what its ending says"),
        "other": ("a.gpkg", geojson, "not what its ending says"),
        "words": ("a.geojson", b"{hello}", "not a vector file"),
        "cut": ("a.gpkg", written(frame, folder, "u.gpkg")[:5_000], "not a vector file"),
        "remote": ("a.geojson", REMOTE.format(file=inside).encode(), "not what its ending says"),
        "program": ("a.geojson", json.dumps(PROGRAM).replace("{file}", inside).encode(),
                    "not what its ending says"),
        "invalid": ("a.fgb", shaped(folder, "i.fgb", [crossing]), "Self-intersection"),
        "point": ("a.fgb", shaped(folder, "p.fgb", [shapely.Point(119, 31)]), "is no polygon"),
        "outside": ("a.fgb", shaped(folder, "o.fgb", [shapely.box(2, 48, 3, 49)]), "(2, 48)"),
        "around": ("a.fgb", shaped(folder, "m.fgb", [shapely.box(-179, 30, 179, 31)]), "meridian"),
        "twice": ("a.gpkg", written(frame.assign(id="a"), folder, "t.gpkg"), "two zones are named"),
        "column": ("a.gpkg", written(frame.drop(columns="id"), folder, "c.gpkg"), "no column 'id'"),
        "bare": ("a.gpkg", tables_only(folder), "not a vector file"),
        "many": ("a.fgb", shaped(folder, "n.fgb", [shapely.box(119, 31, 120, 32)] * 501),
                 "501 zones; this page takes 500"),
    }  # fmt: skip


def shaped(folder: Path, name: str, shapes: list[shapely.Geometry]) -> bytes:
    ids = [str(number) for number in range(len(shapes))]
    return written(gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=4326), folder, name)


def tables_only(folder: Path) -> bytes:
    """A database without a layer."""
    with sqlite3.connect(folder / "bare.gpkg") as database:
        for line in ("PRAGMA application_id=1196444487", "PRAGMA user_version=10300",
                     "CREATE TABLE a (b)"):  # fmt: skip
            database.execute(line)
    database.close()
    return (folder / "bare.gpkg").read_bytes()


BAD_NAMES = (
    "huge", "text", "empty", "bomb", "zip", "other", "words", "cut", "remote", "program", "invalid",
    "point", "outside", "around", "twice", "column", "bare", "many",
)  # fmt: skip


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, bytes, str]]:
    return bad_uploads(tmp_path_factory.mktemp("uploads"))


def test_every_bad_upload_is_tried(uploads: dict[str, tuple[str, bytes, str]]) -> None:
    assert set(uploads) == set(BAD_NAMES)


@pytest.mark.parametrize("sort", BAD_NAMES)
def test_a_file_that_holds_no_zones_is_one_clear_error(
    uploads: dict[str, tuple[str, bytes, str]], sort: str
) -> None:
    name, content, reason = uploads[sort]
    with pytest.raises(FileDamaged) as caught:
        read_upload(content, name, "id", "en")
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{name}: ")
    assert "/upload." not in str(caught.value)
    with pytest.raises(FileDamaged):
        read_upload(content, name, "id", "zh")


@pytest.mark.parametrize("sort", ["huge", "text", "invalid", "twice"])
def test_the_page_says_what_is_wrong_with_a_file(
    uploads: dict[str, tuple[str, bytes, str]], sort: str
) -> None:
    name, content, reason = uploads[sort]
    page = Overlap(**(LINK | {"zones": "given"}))
    page.run()
    page.choose(overlap__way="upload")
    page.app_input("overlap.upload").upload(name, content)
    page.run(errors=1)
    assert reason in page.problem()


def test_names_of_hostile_files_stay_text() -> None:
    with pytest.raises(FileDamaged) as caught:
        read_upload(b"x", f"{ATTACK}.gpkg", "id", "en")
    assert len(str(caught.value)) < 200
    page, _ = pasting(json.dumps(collection(feature(id=ATTACK), feature(BOX, id="[x](y) $z$"))))
    page.run()
    assert sorted(page.table().index) == sorted([ATTACK, "[x](y) $z$"])
    assert overlap_given.UPLOAD_MIB == 20


# -- a damaged store ---------------------------------------------------------------------------


def test_a_damaged_edition_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(LAYERS, tmp_path / "layers")
    file = max((tmp_path / "layers" / "cities").glob("*.geojson"))
    file.write_bytes(file.read_bytes().replace("南京".encode(), "东京".encode(), 1))
    monkeypatch.setenv("ATLAS_LAYERS", str(tmp_path / "layers"))
    page = Overlap(**LINK)
    page.run(errors=1)
    assert "sha256" in page.problem()
