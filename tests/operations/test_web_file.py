"""The map in one file: all in one page, nothing fetched, and the days of Python in JavaScript."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import random
import re
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from atlas.cartography import web_file as values
from atlas.cartography import web_file_page as page
from atlas.cartography.map_document import legend, map_document, map_layer
from atlas.core.period import as_of, day_uncertain
from atlas.core.recipe import BASE, SHOWN
from atlas.errors import (
    AssetsMissing,
    FileDamaged,
    LayerNotFound,
    PlaceNotFound,
    WriteFailed,
    WrongKind,
)
from atlas.io import assets, catalogue
from atlas.io.recipes import read_recipe
from atlas.operations import web_file as making
from atlas.operations.folder import PROJECT
from atlas.operations.show import read_layer
from atlas.operations.verify import ALTERED, SAME, WITHDRAWN, verify
from atlas.operations.web_file import list_steps, web_file_bytes, write_web_file
from tests.conftest import StoreBuilder
from tests.examples import frame, in_force, row, square

LAYERS, KNOWN, DAY = PROJECT / "layers", dt.date(2026, 12, 31), dt.date(2026, 11, 24)
MADE = dt.date(2026, 11, 25)
VECTOR = [info.id for info in catalogue.list_feature_layers(LAYERS)]
PLANNING = [info.id for info in catalogue.list_feature_layers(LAYERS)
            if info.theme not in ("base", "water", "terrain", "people")]  # fmt: skip
MOST_BYTES = 5_000_000
DAYS_EACH = 40
ATTACK = '</script><!-- <script>\u2028\u2029<img src=x onerror="window.attacked=1">\' ]]>'
NODE = """
const fs = require("fs");
global.window = {};
eval(fs.readFileSync(process.argv[1], "utf8"));
const given = JSON.parse(fs.readFileSync(0, "utf8"));
const period = window.atlas.period;
process.stdout.write(JSON.stringify(given.map(function (one) {
  return one.days.map(function (day) {
    return [period.asOf(one.rows, day), one.rows.map(function (row) { return period.uncertain(row, day); })];
  });
})));
"""  # noqa: E501


class Parsed(HTMLParser):
    """What a browser would make of a page: its tags, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open = tag
        if tag in ("script", "style"):
            self.texts.append((tag, ""))

    def handle_data(self, data: str) -> None:
        if self.open in ("script", "style"):
            tag, text = self.texts[-1]
            self.texts[-1] = (tag, text + data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.open = ""


def no_font(signs: list[str]) -> bytes:
    return "".join(signs).encode()


@pytest.fixture
def fontless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters in place of a font, where a test is not about it: it takes two seconds."""
    monkeypatch.setattr(making, "font_subset", no_font)


def make(folder: Path, *layers: str, **others: Any) -> str:
    arguments = {"day": DAY, "known_by": KNOWN, "lang": "zh", "made": MADE} | others
    return web_file_bytes(folder, layers, **arguments).decode("utf-8")


def content_of(text: str) -> dict[str, Any]:
    found = re.search('<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def in_node(given: list[dict[str, Any]]) -> list[list[list[Any]]]:
    """The days of rows as the page's own script says them."""
    script = page.BROWSER / "web-period.js"
    ran = subprocess.run(
        [assets.npm_command()[0], "-e", NODE, str(script)], input=json.dumps(given),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout)


def coded(features: Any) -> list[dict[str, Any]]:
    """Rows as the page holds them."""
    layer = read_layer(LAYERS, "innovation-corridors", known_by=KNOWN)
    return values._rows(map_layer(layer, features, background=True), {}, [])


def periods(features: Any) -> Any:
    """Only what the rule reads: it is asked many times."""
    return features[[name for name in making.PERIOD if name in features.columns]]


def compare(layers: list[tuple[list[dict[str, Any]], Any]], days: list[list[str]]) -> int:
    """Compare JavaScript and Python; how many rows were in doubt on any of the days."""
    given = [{"rows": rows, "days": asked}
             for (rows, _), asked in zip(layers, days, strict=True)]  # fmt: skip
    doubtful = 0
    for (_, features), asked, answers in zip(layers, days, in_node(given), strict=True):
        for day, (current, doubts) in zip(asked, answers, strict=True):
            wanted = dt.date.fromisoformat(day)
            assert current == as_of(features, wanted).index.tolist(), day
            assert doubts == day_uncertain(features, wanted).tolist(), day
            doubtful += sum(doubts)
    return doubtful


def days_of(features: Any, chance: random.Random) -> list[str]:
    """Days on which something happens, the days beside them, and any days."""
    ends = {*features["valid_from"].dropna(), *features["valid_to"].dropna()}
    near = [
        (dt.date.fromisoformat(day) + dt.timedelta(days=by)).isoformat()
        for day in sorted(ends) for by in (-1, 0, 1, 20, 200)
    ]  # fmt: skip
    any_day = [(dt.date(1990, 1, 1) + dt.timedelta(days=chance.randrange(15_000))).isoformat()
               for _ in range(DAYS_EACH)]  # fmt: skip
    return chance.sample(near, min(len(near), DAYS_EACH * 3 // 4)) + any_day[: DAYS_EACH // 4]


class TestDays:
    @pytest.mark.usefixtures("fontless")
    def test_javascript_and_python_agree_on_every_published_row(self) -> None:
        content = content_of(make(LAYERS, *VECTOR))
        chance = random.Random(7)  # noqa: S311 - a sample
        held = {layer["id"]: layer["rows"] for layer in content["layers"]}
        layers = [(held[name], periods(read_layer(LAYERS, name, known_by=KNOWN).features))
                  for name in VECTOR]  # fmt: skip
        days = [days_of(features, chance) for _, features in layers]
        assert sum(len(rows) for rows, _ in layers) > 3_000
        assert max(map(len, days)) == DAYS_EACH
        assert compare(layers, days) > 0

    def test_they_agree_on_ends_in_doubt_and_successors(self) -> None:
        chance = random.Random(3)  # noqa: S311 - a sample
        days = ["2018-01-01", "2018-02-01", "2018-12-01", "2019-01-01", "2019-02-01", "2020-01-01"]
        rows = []
        for number in range(300):
            start, end = sorted(chance.sample(days, 2))
            precisions = [chance.choice(["day", "month", "year"]) for _ in range(2)]
            start = start[:5] + "01-01" if precisions[0] == "year" else start
            end = end[:5] + "01-01" if precisions[1] == "year" else end
            missing = [chance.random() < 0.15 for _ in range(2)]
            rows.append(
                row(id=chance.choice("abcdef"), plan_version=str(number),
                    part=chance.choice(["whole", "core"]),
                    valid_from=None if missing[0] else start,
                    valid_from_precision=None if missing[0] else precisions[0],
                    valid_to=None if missing[1] else end,
                    valid_to_precision=None if missing[1] else precisions[1])
            )  # fmt: skip
        features = frame(rows)
        named = [chance.sample("abcdef", 2) if chance.random() < 0.3 else None for _ in rows]
        features["successors"] = named
        asked = [(dt.date(2017, 12, 15) + dt.timedelta(days=20 * n)).isoformat()
                 for n in range(DAYS_EACH)]  # fmt: skip
        assert compare([(coded(features), features)], [asked]) > 100

    def test_each_step_shows_others_than_the_day_before(self) -> None:
        layers = [read_layer(LAYERS, name, known_by=KNOWN)
                  for name in ("metropolitan-areas", "innovation-corridors")]  # fmt: skip
        steps = list_steps(layers)
        assert list(steps) == sorted(set(steps))
        states = [[as_of(layer.features, dt.date.fromisoformat(day)).index.tolist()
                   for layer in layers] for day in steps]  # fmt: skip
        assert all(one != other for one, other in pairwise(states))
        for step, after, state in zip(steps, [*steps[1:], "2100-01-01"], states, strict=True):
            first, last = map(dt.date.fromisoformat, (step, after))
            for share in (0.01, 0.5, 0.99):
                between = first + (last - first - dt.timedelta(days=1)) * share
                assert [as_of(la.features, between).index.tolist() for la in layers] == state

    def test_a_month_in_doubt_ends_with_a_step(self, store: StoreBuilder) -> None:
        entry = in_force("2018-06-01", "2019-03-01") | {"valid_to_precision": "month"}
        layer = store.read(store.publish([entry]))
        assert list_steps([layer]) == ("2018-05-31", "2018-06-01", "2019-04-01")

    def test_what_never_changes_has_one_step(self, store: StoreBuilder) -> None:
        layer = store.read(store.publish([in_force(None, None)]))
        assert list_steps([layer]) == ("2000-01-01",)


@pytest.mark.usefixtures("fontless")
class TestPage:
    def test_the_policy_names_every_script_and_the_style_and_nothing_else(self) -> None:
        parsed = Parsed(make(LAYERS, "rail-lines"))
        (policy,) = [tag["content"] for name, tag in parsed.tags
                     if tag.get("http-equiv") == "Content-Security-Policy"]  # fmt: skip
        kinds = [attributes.get("type") for tag, attributes in parsed.tags if tag == "script"]
        scripts = [text for tag, text in parsed.texts if tag == "script"]
        assert kinds == ["application/json", "application/json", None, None]
        (style,) = [text for tag, text in parsed.texts if tag == "style"]

        def source(text: str) -> str:
            digest = hashlib.sha256(text.replace("\r\n", "\n").encode()).digest()
            return f"'sha256-{base64.b64encode(digest).decode()}'"

        parts = dict(part.strip().split(" ", 1) for part in (policy or "").split(";"))
        assert parts.pop("script-src").split() == [source(text) for text in scripts[2:]]
        assert parts.pop("style-src") == source(style)
        assert parts == {"default-src": "'none'", "img-src": "data:", "font-src": "data:",
                         "base-uri": "'none'", "form-action": "'none'"}  # fmt: skip

    def test_no_tag_and_no_style_points_outside(self) -> None:
        text = make(LAYERS, "rail-lines")
        parsed = Parsed(text)
        for _, attributes in parsed.tags:
            assert not attributes.keys() & {"src", "srcset", "action", "data", "style", "onload"}
            assert (attributes.get("href") or "data:").startswith("data:")
        (style,) = [held for tag, held in parsed.texts if tag == "style"]
        assert all(url.startswith('"data:') for url in re.findall(r"url\(([^)]*)", style))
        assert "@import" not in style
        scripts = [held for tag, held in parsed.texts if tag == "script"]
        assert "sourceMappingURL" not in scripts[2]
        assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(", scripts[3])

    def test_no_text_of_data_becomes_markup(self, store: StoreBuilder) -> None:
        names = ("name_zh", "name_en", "method_zh", "method_en", "notes_zh", "notes_en")
        store.publish([row(**dict.fromkeys(names, ATTACK), plan_version=ATTACK.replace("/", ""))])
        text = make(store.folder, "belts")
        plain = Parsed(make(LAYERS, "rail-lines"))
        parsed = Parsed(text)
        assert [tag for tag, _ in parsed.tags] == [tag for tag, _ in plain.tags]
        assert "\u2028" not in text
        (entry,) = content_of(text)["layers"][0]["rows"]
        assert entry["x"]["en"][0] == ATTACK

    def test_it_holds_all_plan_versions_over_land_provinces_and_cities(self) -> None:
        content = content_of(make(LAYERS, "metropolitan-areas", "rail-stations"))
        told = [(layer["id"], layer["background"]) for layer in content["layers"]]
        assert told == [("land", True), ("cities", True), ("provinces", True),
                        ("metropolitan-areas", False), ("rail-stations", False)]  # fmt: skip
        for layer in content["layers"]:
            found = read_layer(LAYERS, layer["id"], known_by=KNOWN)
            assert len(layer["rows"]) == len(found.features)
            assert layer["sha256"] == found.edition.sha256
            assert layer["licence"] == found.info.licence
        assert (content["made"], content["known_by"]) == ("2026-11-25", "2026-12-31")
        assert (content["day"], content["lang"]) == ("2026-11-24", "zh")

    def test_the_same_bytes_each_time(self) -> None:
        assert make(LAYERS, "metropolitan-areas") == make(LAYERS, "metropolitan-areas")

    def test_a_chosen_city_layer_is_no_background(self) -> None:
        content = content_of(make(LAYERS, "cities"))
        assert [la["id"] for la in content["layers"] if not la["background"]] == ["cities"]
        assert all("x" in entry for entry in content["layers"][-1]["rows"])

    def test_legend_and_looks_are_those_of_the_web_map(self) -> None:
        content = content_of(make(LAYERS, *PLANNING))
        for layer in content["layers"]:
            found = read_layer(LAYERS, layer["id"], known_by=KNOWN)
            document = map_document([map_layer(found, found.features)], day=DAY, known_by=KNOWN)
            entries = legend(document)
            assert [entry["title"] for entry in layer["legend"]] == [e.title for e in entries]
            assert [layer["looks"][e["key"]] for e in layer["legend"]] == [
                vars(entry.look) for entry in entries
            ]

    def test_it_opens_at_its_place_in_its_language(self) -> None:
        content = content_of(make(LAYERS, "rail-lines", place="cities:320100", lang="en"))
        west, south, east, north = content["bounds"]
        city = read_layer(LAYERS, "cities", known_by=KNOWN).features
        bounds = city[city["id"] == "320100"].total_bounds
        assert [west, south, east, north] == pytest.approx(
            [bounds[0] - 0.02, bounds[1] - 0.02, bounds[2] + 0.02, bounds[3] + 0.02], abs=1e-5
        )
        assert content["words"]["en"]["subtitle"].endswith("· Nanjing")
        assert content["words"]["zh"]["subtitle"].endswith("· 南京市")
        assert content["lang"] == "en"

    def test_it_opens_where_a_layer_has_an_extent(self, store: StoreBuilder) -> None:
        store.publish([row()], shape=square(120, 30, 0.5))
        assert content_of(make(store.folder, "belts"))["bounds"] == [119.98, 29.98, 120.52, 30.52]

    def test_the_font_holds_every_sign_of_the_page(self) -> None:
        text = make(LAYERS, "innovation-corridors")
        font = re.search("base64,([A-Za-z0-9+/=]+)", text)
        assert font
        signs = set(base64.b64decode(font[1]).decode())
        shown = json.dumps(content_of(text), ensure_ascii=False)
        assert {sign for sign in shown if sign.isprintable()} <= signs
        assert set("‹›abcXYZ019") <= signs


def test_a_shape_comes_back_within_half_a_metre() -> None:
    for name in ("lakes", "rail-lines", "rail-stations"):
        for shape in read_layer(LAYERS, name, known_by=KNOWN).features.geometry.dropna()[:6]:
            coded_shape = values.encode(shape)
            flat = json.dumps(coded_shape).replace("[", "").replace("]", "")
            assert all(number.strip().lstrip("-").isdigit() for number in flat.split(","))
            assert decoded(coded_shape, shape.geom_type).hausdorff_distance(shape) < 1e-5


def decoded(coded_shape: list[Any], kind: str) -> shapely.Geometry:
    def places(flat: list[int]) -> np.ndarray:
        return np.cumsum(np.array(flat).reshape(-1, 2), axis=0) / 1e5

    if kind == "Point":
        return shapely.Point(places(coded_shape)[0])
    if "Line" in kind:
        return shapely.MultiLineString([places(line) for line in coded_shape])
    rings = [[places(ring) for ring in polygon] for polygon in coded_shape]
    return shapely.MultiPolygon([shapely.Polygon(r[0], r[1:]) for r in rings])


def test_shapes_that_vanish_are_left_out() -> None:
    tiny = shapely.Polygon([(120, 30), (120.000001, 30), (120.000001, 30.000001)])
    hole = shapely.Polygon(square().exterior, [shapely.box(120.1, 30.1, 120.100001, 30.2).exterior])
    assert values.encode(tiny) == []
    assert len(values.encode(hole)[0]) == 1
    assert values.encode(shapely.MultiPolygon([tiny, square()])) == values.encode(square())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """All planning layers, font and all, as the command writes them."""
    path = tmp_path_factory.mktemp("web") / "new" / "map.html"
    write_web_file(path, LAYERS, PLANNING, day=DAY, known_by=KNOWN, lang="zh", made=MADE)
    assert [entry.name for entry in path.parent.iterdir()] == ["map.html"]
    return path.read_bytes()


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "map.html"
    path.write_bytes(content)
    return path


@pytest.mark.xdist_group("web-file")
class TestFile:
    def test_all_planning_layers_are_under_five_megabytes(self, whole: bytes) -> None:
        assert len(PLANNING) >= 5
        assert 500_000 < len(whole) < MOST_BYTES

    def test_its_seal_holds(self, whole: bytes, tmp_path: Path) -> None:
        assert read_recipe(put(tmp_path, whole)).intact

    def test_a_page_that_was_changed_is_found_out(self, whole: bytes, tmp_path: Path) -> None:
        for old, new in ((b"2026-11-24", b"2026-11-23"), (b"</h1>", b"!</h1>")):
            assert verify(put(tmp_path, whole.replace(old, new, 1)), LAYERS).answer == ALTERED

    def test_its_recipe_says_what_it_was_made_from(self, whole: bytes, tmp_path: Path) -> None:
        recipe = read_recipe(put(tmp_path, whole)).recipe
        assert (recipe.kind, recipe.form, recipe.made) == ("web-map", "html", MADE)
        assert recipe.layers == tuple(PLANNING)
        roles = {used.layer: used.role for used in recipe.editions}
        assert roles == dict.fromkeys(PLANNING, SHOWN) | dict.fromkeys(
            ("land", "provinces", "cities"), BASE
        )
        for used in recipe.editions:
            found = catalogue.find_edition(LAYERS, used.layer, known_by=KNOWN)
            assert (used.edition, used.sha256) == (found.edition, found.sha256)


@pytest.mark.usefixtures("fontless")
def test_it_is_verified_by_the_very_editions_that_it_names(
    store: StoreBuilder, tmp_path: Path
) -> None:
    """Another edition of the same day, or one withdrawn, makes no other file."""
    store.add_layer("cities")
    store.publish([row(id="w", name_en="West")], layer="cities", shape=square())
    old = store.publish([row(name_en="Old")], published="2024-01-01")
    path = tmp_path / "map.html"
    for place in ("cities:w", "120,30,121,31", None):
        write_web_file(path, store.folder, ["belts"], day=DAY, known_by=dt.date(2024, 1, 1),
                       lang="both", made=MADE, place=place)  # fmt: skip
        recipe = read_recipe(path).recipe
        assert (recipe.place, recipe.lang) == (place or "", "zh")
        if place == "cities:w":
            store.publish([row(name_en="New")], published="2024-01-01", note="second")
        assert verify(path, store.folder).answer == SAME
    assert "Old" not in path.read_text("utf-8")
    write_web_file(path, store.folder, ["belts"], day=DAY, known_by=dt.date(2024, 1, 1),
                   lang="zh", made=MADE)  # fmt: skip
    store.withdraw(old.edition + 1, "2024-02-01")
    assert verify(path, store.folder).answer == WITHDRAWN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html></html>", "carries no recipe"),
        (b'<!DOCTYPE html><script type="application/json" id="recipe">{}</script>', "cannot be"),
        (b'<!DOCTYPE html><script type="application/json" id="recipe">\xff</script>', "cannot be"),
    ],
)
def test_a_page_without_a_recipe(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(FileDamaged, match=words):
        verify(put(tmp_path, content), LAYERS)


@pytest.mark.usefixtures("fontless")
class TestRefusals:
    def test_layers_and_places_that_are_not_there(self, store: StoreBuilder) -> None:
        store.publish()
        with pytest.raises(LayerNotFound):
            make(store.folder, "lakes")
        with pytest.raises(PlaceNotFound):
            make(store.folder, "belts", place="nowhere")
        with pytest.raises(WrongKind):
            make(LAYERS, "terrain")

    def test_assets_that_are_not_installed(
        self, store: StoreBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.publish()
        monkeypatch.setattr(making, "PROJECT", tmp_path)
        with pytest.raises(AssetsMissing, match="make setup"):
            make(store.folder, "belts")

    def test_nothing_is_half_written(self, store: StoreBuilder, tmp_path: Path) -> None:
        store.publish()
        (tmp_path / "file").write_text("x")
        with pytest.raises(WriteFailed):
            write_web_file(tmp_path / "file" / "m.html", store.folder, ["belts"], day=DAY,
                           known_by=KNOWN, lang="zh", made=MADE)  # fmt: skip

    def test_code_that_would_end_its_element_is_refused(self) -> None:
        parts = page.Parts("var x = '</script>';", "", b"")
        content = {"lang": "zh", "words": {"zh": {"title": "t", "noscript": "n"}}}
        with pytest.raises(ValueError, match="its own element"):
            page.to_html(content, "{}", parts, generator="x")
