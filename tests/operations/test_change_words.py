"""Every kind of sentence at least once, in both languages, whole and well formed."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas import i18n
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.schema import STATUSES, Column
from atlas.core.units import Units
from atlas.i18n import LANGUAGES
from atlas.io import geojson
from atlas.operations import grammar
from atlas.operations.change_words import plain_text, tell
from atlas.operations.compare import Comparison, compare_days, compare_editions, compare_versions
from tests.conftest import TODAY
from tests.examples import row, square

CHANGED, OLD_DAY, NEW_DAY = "2019-01-01", dt.date(2018, 6, 1), dt.date(2020, 6, 1)
NAMES = {"a": "甲河", "b": "乙河", "c": "丙河", "belt": "淮河"}
COLUMNS = (
    Column("members", "texts", title={"zh": "单位", "en": "Units"}),
    Column("successors", "texts", title={"zh": "后继", "en": "Successors"}),
    Column("document", title={"zh": "文件", "en": "Document"}),
    Column("rank", "integer", title={"zh": "级别", "en": "Rank"}),
    Column("open", "boolean", title={"zh": "开放", "en": "Open"}),
)
CITIES = {"A": "甲市", "B": "乙市", "C": "丙市"}
COUNTIES = {f"{city}{n}": (f"{city}-{n} County", f"{CITIES[city]}{name}县")
            for city in CITIES for n, name in enumerate("东南西北", 1)}  # fmt: skip
UNITS = Units(
    names={code: {"zh": zh, "en": f"{code} City"} for code, zh in CITIES.items()}
    | {code: {"zh": zh, "en": en} for code, (en, zh) in COUNTIES.items()},
    parent={code: code[0] for code in COUNTIES},
    children={city: tuple(code for code in COUNTIES if code[0] == city) for city in CITIES},
)
Entry = tuple[dict[str, Any], Any]
ONE = square()


def entry(shape: Any = ONE, **changes: Any) -> Entry:
    """A row with its shape; its names follow its id."""
    id_ = changes.get("id", "belt")
    names = {"name_zh": NAMES.get(id_, "支流"), "name_en": f"River {id_}"}
    values = row(**names, members=[], successors=[], document=None, rank=None, open=None)
    return values | ({"geometry_basis": "none"} if shape is None else {}) | changes, shape


def numbered(n: int, accuracy_m: int) -> Entry:
    return entry(id=str(n), name_zh=f"支流{n}", name_en=f"River {n}", accuracy_m=accuracy_m)


def layer(*rows: Entry, edition: int = 1, kind: str = "polygon", theme: str = "ecology") -> Layer:
    text = {"zh": "带", "en": "Belts"}
    info = LayerInfo(
        "belts", theme, kind, text, text, "belts", "CC0-1.0", text, text, text, COLUMNS
    )
    published = Edition("belts", edition, dt.date(2019 + edition, 1, 1), "0" * 64, len(rows), "why")
    values, shapes = [values for values, _ in rows], [shape for _, shape in rows]
    return Layer(info, published, geojson.to_frame(COLUMNS, values, shapes))


def days(old: list[Entry], new: list[Entry], **options: str) -> Comparison:
    """Rows that end where others begin, seen on a day before and on a day after."""
    ended = {"valid_from": "2016-01-01", "valid_to": CHANGED, "valid_to_precision": "day"}
    begun = {"plan_version": "2", "valid_from": CHANGED}
    rows = [(values | ended, shape) for values, shape in old]
    rows += [(values | begun, shape) for values, shape in new]
    held = layer(*rows, **options)
    return compare_days(held, OLD_DAY, NEW_DAY, known_by=TODAY, units=UNITS)


def backwards(gone: list[Entry], come: list[Entry], **options: str) -> Comparison:
    """The later day first: what began later is gone, what has no known start is there again."""
    lasting = {"valid_from": CHANGED, "plan_version": "2"}
    former = {"valid_from": None, "valid_from_precision": None, "valid_to": CHANGED,
              "valid_to_precision": "day"}  # fmt: skip
    rows = [(values | lasting, shape) for values, shape in gone]
    rows += [(values | former, shape) for values, shape in come]
    held = layer(*rows, **options)
    return compare_days(held, NEW_DAY, OLD_DAY, known_by=TODAY, units=UNITS)


def editions(old: list[Entry], new: list[Entry], **options: str) -> Comparison:
    sides = [layer(*rows, edition=n, **options) for n, rows in ((1, old), (2, new))]
    return compare_editions(*sides, known_by=TODAY, units=UNITS)


def versions(old: list[Entry], new: list[Entry]) -> Comparison:
    held = layer(*old, *((values | {"plan_version": "2"}, shape) for values, shape in new))
    return compare_versions(held, "belt", "1", "2", known_by=TODAY, units=UNITS)


def doubts(old: list[Entry], new: list[Entry]) -> Comparison:
    return compare_days(
        layer(*old, *new), dt.date(2017, 1, 1), OLD_DAY, known_by=TODAY, units=UNITS
    )


WEST, EAST, WHOLE = square(120, 30, 0.2), square(120.2, 30, 0.2), shapely.box(120, 30, 120.4, 30.2)
FAR, LARGE, WIDE = square(117, 28, 0.1), square(120, 30, 0.6), square(120.1, 30, 0.6)
TALL = shapely.Polygon([(120.1, 30), (120.6, 30), (120.5, 30.5), (120, 30.5)])
SLIVER = shapely.box(120, 30, 120.50003, 30.5)
TINY, TINIER = square(120, 30, 0.001), shapely.box(120, 30, 120.001, 30.00102)
LINE = shapely.LineString([(120, 30), (120.5, 30.1)])
LONGER = shapely.LineString([*LINE.coords, (120.6, 30)])
OTHER_LINE = shapely.LineString([(118, 30), (119, 31), (119.5, 31)])
CORE, SHORE = {"part": "core"}, {"part": "shore"}
RAIL, POINTS = {"kind": "line", "theme": "rail"}, {"kind": "point"}
BEFORE = {"accuracy_m": 5, "notes_zh": "甲", "notes_en": "a", "rank": 1, "open": False}
AFTER = {"accuracy_m": 5.5, "method_zh": "量" * 41, "method_en": "m" * 41, "rank": None,
         "notes_zh": None, "notes_en": None, "open": True, "document": "7"}  # fmt: skip
POINT = shapely.Point(120.5, 30.5)
COMPASS = {"n": (0, 1), "ne": (1, 1), "e": (1, 0), "se": (1, -1), "s": (0, -1), "sw": (-1, -1),
           "w": (-1, 0), "nw": (-1, 1)}  # fmt: skip
Example = tuple[Callable[..., Comparison], list[Entry], list[Entry], dict[str, str], str]
EXAMPLES: dict[str, Example] = {
    "grows": (days, [entry()], [entry(LARGE)], {}, "grows in_brackets version unit.area"),
    "shrinks": (days, [entry(LARGE)], [entry()], {}, "shrinks between_days"),
    "gains and loses": (days, [entry()], [entry(WIDE)], {}, "grows gain_and_loss"),
    "border": (days, [entry()], [entry(TALL)], {}, "border"),
    "same": (days, [entry()], [entry()], {}, "same_extent_version"),
    "sliver": (editions, [entry()], [entry(SLIVER)], {}, "same_extent between_editions"),
    "a point stays": (days, [entry(POINT)], [entry(POINT)], POINTS, "point_same_version"),
    "a point is lost": (days, [entry(POINT)], [entry(None)], POINTS, "point_lost"),
    "a point is found": (days, [entry(None)], [entry(POINT)], POINTS, "point_found"),
    "a point is nowhere": (days, [entry(None)], [entry(None)], POINTS, "point_unknown"),
    "a point goes on": (days, [entry(POINT, id="a", successors=["b"])], [entry(POINT, id="b")],
                        POINTS, "becomes point_becomes_here stated"),
    "a point goes elsewhere": (days, [entry(POINT, id="a", successors=["b"])],
                               [entry(shapely.Point(121, 31), id="b")], POINTS,
                               "point_becomes_elsewhere"),
    "a point in parts": (days, [entry(POINT)], [entry(POINT, **CORE), entry(POINT, **SHORE)],
                         POINTS, "point_parts"),
    "a point becomes two": (days, [entry(POINT, id="a", successors=["b", "c"])],
                            [entry(POINT, id="b"), entry(POINT, id="c")], POINTS,
                            "point_several"),
    "days turned round": (backwards, [entry(id="a")], [entry(FAR, id="b")], {},
                          "still start_unknown"),
    "unknown": (days, [entry(None)], [entry(None)], {}, "no_extent"),
    "lost": (days, [entry()], [entry(None)], {}, "extent_lost"),
    "found": (days, [entry(None)], [entry()], {}, "extent_found"),
    "record loses": (editions, [entry()], [entry(None)], {}, "extent_lost_record"),
    "record finds": (editions, [entry(None)], [entry()], {}, "extent_found_record"),
    "an area moves": (days, [entry()], [entry(square(120.9))], {}, "moves_size direction.e"),
    "longer": (days, [entry(LINE)], [entry(LONGER)], {"kind": "line"}, "grows unit.length"),
    "hardly": (days, [entry(TINY)], [entry(TINIER)], {}, "less_than"),
    "words": (editions, [entry(**BEFORE)], [entry(**AFTER)], {},
              "corrected column column_set column_cleared and"),
    "many words": (editions, [numbered(n, 100) for n in range(15)],
                   [numbered(n, 50) for n in range(15)], {},
                   "corrected_many and_more comma modified.other"),
    "name and status": (days, [entry(status="draft", name_zh="旧", name_en="Old")],
                        [entry(LARGE, document="总体规划")], {}, "renamed turned document quoted"),
    "would grow": (versions, [entry()], [entry(LARGE, status="draft")], {},
                   "between_versions of_feature would_grow compared"),
    "would shrink": (versions, [entry(LARGE)], [entry(status="initiative")], {}, "would_shrink"),
    "code": (days, [entry(id="a", successors=["b"])], [entry(id="b")], {},
             "becomes becomes_same stated"),
    "code and extent": (days, [entry(id="a", successors=["b"])], [entry(LARGE, id="b")], {},
                        "becomes becomes_other"),
    "shape": (days, [entry(id="a")], [entry(square(120, 30, 0.49), id="b")], {},
              "becomes_other by_shape per_cent"),
    "parts": (days, [entry(WHOLE)], [entry(WEST, **CORE), entry(EAST, **SHORE)], {},
              "in_parts old_version"),
    "a part unknown": (days, [entry(WHOLE)], [entry(WEST, **CORE), entry(None, **SHORE)], {},
                       "in_parts part_unknown size_unknown"),
    "one": (days, [entry(WEST, **CORE), entry(FAR, **SHORE)], [entry(WHOLE)], {},
            "in_one gain_and_loss"),
    "other parts": (days, [entry(WEST, **CORE), entry(EAST, **SHORE)],
                    [entry(WEST, part="centre"), entry(EAST, part="start-up")], {},
                    "in_other_parts"),
    "a part grows": (days, [entry(**CORE)], [entry(LARGE, **CORE)], {}, "grows"),
    "gives": (days, [entry(WHOLE, id="a", successors=["a", "b"])],
              [entry(WEST, id="a"), entry(EAST, id="b")], {}, "gives gives_part new_unit"),
    "dissolved": (days, [entry(WHOLE, id="a", successors=["b", "c"])],
                  [entry(WEST, id="b"), entry(EAST, id="c")], {}, "dissolved dissolved_part"),
    "absorbed": (days, [entry(WEST, id="a", successors=["b"]), entry(EAST, id="b")],
                 [entry(WHOLE, id="b")], {}, "absorbed grows"),
    "made of two": (days, [entry(WEST, id="a", successors=["c"]),
                           entry(EAST, id="b", successors=["c"])],
                    [entry(WHOLE, id="c")], {}, "turns_into made_of made_of_part"),
    "more and less": (days, [entry(WEST, id="a", successors=["c"]),
                             entry(FAR, id="b", successors=["c"])],
                      [entry(WHOLE, id="c")], {}, "loss_everything gain_everything"),
    "rail": (days, [entry(LINE, id="a")], [entry(OTHER_LINE, id="b")], RAIL,
             "opens closes length length_was"),
    "unknown begins": (days, [], [entry(None)], {}, "extent_none inserted.one"),
    "record": (editions, [entry(id="a")], [entry(FAR, id="b")], {},
               "record.inserted record.removed extent extent_was"),
    "doubt": (doubts, [entry(valid_from="2018-01-01", valid_from_precision="year")], [], {},
              "not_certain_old"),
    "nothing": (days, [], [], {}, "no_change title"),
    "kept": (editions, [entry(id=n) for n in "abc"],
             [entry(id="a", accuracy_m=1), entry(id="b"), entry(id="c")], {},
             "changes.one modified.one kept.other semicolon"),
    "one kept": (editions, [entry(id="a"), entry(FAR, id="b"), entry(WEST, id="c")],
                 [entry(id="a")], {}, "changes.other removed.other kept.one sentence"),
    "one removed": (days, [entry()], [], {}, "removed.one"),
    "two inserted": (days, [], [entry(id="a"), entry(id="b")], {}, "inserted.other"),
    "takes in": (days, [], [entry(members=["A", "B1", "Z"])], {}, "members of_city"),
    "join": (days, [entry(members=["C"])], [entry(members=["A", "B1", "B2", "C"])], {},
             "join.one join.other"),
    "leave": (days, [entry(members=["A", "B", "C"])], [entry(members=["C3", "C4"])], {},
              "leave.other leave.except"),
    "leaves": (days, [entry(members=["A", "B1"])], [entry(members=["A1", "A2", "A3"])], {},
               "leave.one"),
    "rest": (days, [entry(members=["A1", "B2"])], [entry(members=["A", "B"])], {}, "join.rest"),
    **{status: (days, [entry(id="a", status=status)], [entry(FAR, id="b", status=status)], {},
                f"begins.{status} ends.{status}") for status in STATUSES},
    **{way: (days, [entry(shapely.Point(120, 30))],
             [entry(shapely.Point(120 + east / 10, 30 + north / 10))], POINTS,
             f"moves direction.{way}") for way, (east, north) in COMPASS.items()},
}  # fmt: skip


@cache
def compared(name: str) -> Comparison:
    make, old, new, options, _ = EXAMPLES[name]
    return make(old, new, **options)


class Noting(dict[str, str]):
    """Words that note which of them were asked for."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__(words)
        self.used: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.used.add(key)
        return super().__getitem__(key)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Noting]]:
    """The words of both languages, each noting what was used."""
    noting = {lang: Noting(i18n.read_words(lang)) for lang in LANGUAGES}
    monkeypatch.setattr(i18n, "read_words", noting.__getitem__)
    return noting


WRONG = re.compile(
    r"[{}]|\s\s|\s[.,;:)。，；]|\(\s|\.\.|[。，；、]{2}|\(\)|（）|\bnan\b|\bNone\b|\bof\.|为。"
)
FOREIGN = {"zh": re.compile(r"[a-z]{2,}"), "en": re.compile(r"[㐀-鿿。，；：（）]")}


def well_formed(text: str, lang: str) -> None:
    assert not WRONG.search(text), text
    assert text == text.strip()
    assert text[:1] == text[:1].upper()
    assert not FOREIGN[lang].search(re.sub(r"《.*?》", "", text)), text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_each_kind_of_sentence_is_whole(name: str, lang: str, words: dict[str, Noting]) -> None:
    telling = tell(compared(name), lang)
    assert {f"words.{key}" for key in EXAMPLES[name][4].split()} <= words[lang].used
    sentences = [telling.summary, *(text for _, text in telling.paragraphs)]
    for text in (telling.title, telling.states, *sentences):
        well_formed(text, lang)
    assert {text[-1] for text in sentences} == {"。" if lang == "zh" else "."}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_has_an_example(lang: str, words: dict[str, Noting]) -> None:
    for name in EXAMPLES:
        tell(compared(name), lang)
    known = {key for key in words[lang] if key.startswith("words.")}
    assert known - words[lang].used == {"words.method"}, "the last part of a report"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_change_is_told_once(name: str) -> None:
    telling = tell(compared(name), "en")
    places = [place for held, _ in telling.paragraphs for place in held]
    assert sorted(places) == list(range(len(compared(name).diff.changes)))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("grows", ["River belt", "2,667 km²", "3,840 km²", "1,172 km²", "+44.0 %"]),
        ("shape", ["96.0 %"]),
        ("longer", ["49.5 km", "64.2 km", "14.7 km", "+29.7 %"]),
        ("many words", ["15 rows", "3 more"]),
        ("leave", ["A City", "B City", "C City leaves except C-3 County and C-4 County"]),
        ("rest", ["the rest of A City and B City"]),
        ("takes in", ["A City and Z; B-1 County (B City)"]),
        ("words", ["Rank (no longer given)", "Open (from no to yes)", "(from 5 to 5.5)"]),
    ],
)
def test_figures_and_names_are_those_of_the_rows(name: str, told: list[str]) -> None:
    text = plain_text(tell(compared(name), "en"))
    missing = [part for part in told if part.lower() not in text.lower()]
    assert missing == [], text


HOSTILE = "{0} {old} {subject!r:>{kept}} %s %(x)d <b>*x*</b> [a](b) `|$` \\1 \\n '\""


@pytest.mark.parametrize("name", ["grows", "name and status", "parts", "rail", "takes in", "join"])
def test_hostile_names_stay_plain_text(name: str) -> None:
    make, old, new, options, _ = EXAMPLES[name]
    words = {"name_zh": HOSTILE, "name_en": HOSTILE, "document": HOSTILE}
    members = {"members": [HOSTILE, "A1"]}
    comparison = make(old, [(values | words | members, shape) for values, shape in new], **options)
    for lang in LANGUAGES:
        assert HOSTILE in plain_text(tell(comparison, lang))


def test_plain_text_is_title_states_summary_and_a_line_a_change() -> None:
    telling = tell(compared("two inserted"), "en")
    lines = plain_text(telling).split("\n")
    assert lines[:4] == [telling.title, telling.states, telling.summary, ""]
    assert lines[4:] == [*(f"• {text}" for _, text in telling.paragraphs), ""]
    assert plain_text(tell(compared("nothing"), "en")).endswith("Nothing differs.\n")


@pytest.mark.parametrize(
    ("items", "zh", "en"),
    [
        ([], "", ""), (["a"], "a", "a"), (["a", "b"], "a和b", "a and b"),
        (["a", "b", "c"], "a、b和c", "a, b and c"),
    ],
)  # fmt: skip
def test_lists(items: list[str], zh: str, en: str) -> None:
    assert (grammar.listed(items, "zh"), grammar.listed(items, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Huai River Belt", "the {}"), ("Coastal Corridor of the Delta", "the {}"),
        ("Hefei Circle (draft)", "the {}"), ("Beijing–Shanghai railway", "the {}"),
        ("Hefei", "{}"), ("Belt River", "{}"), ("City in the Zone", "{}"), ("The Green Belt", "{}"),
        ("Zone", "the {}"), ("Zones", "{}"), ("", "{}"),
    ],
)  # fmt: skip
def test_articles(name: str, told: str) -> None:
    assert grammar.with_article(name, "en") == told.format(name)
    assert grammar.with_article(name, "zh") == name


@pytest.mark.parametrize(
    ("count", "told"), [(1, "1 entry differs"), (0, "0 entries differ"), (12345, "12,345 entries")]
)
def test_one_and_many(count: int, told: str) -> None:
    assert grammar.counted("words.changes", count, "en").startswith(told)
    assert f"{count:,}" in grammar.counted("words.changes", count, "zh")


def test_sentences_are_joined_as_the_language_parts_them() -> None:
    assert grammar.joined(["A.", "", "B."], "en") == "A. B."
    assert grammar.joined(["甲。", "", "乙。"], "zh") == "甲。乙。"
    assert (grammar.capital("iPhone"), grammar.capital("")) == ("IPhone", "")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), "extent not published"), (0.0, "0 km²"), (1e-9, "less than 0.01 km²"),
        (0.0049, "less than 0.01 km²"), (0.006, "0.01 km²"), (0.99, "0.99 km²"), (1.0, "1.0 km²"),
        (99.94, "99.9 km²"), (100.4, "100 km²"), (1234567.8, "1,234,568 km²"),
    ],
)  # fmt: skip
def test_sizes(value: float, told: str) -> None:
    assert grammar.size_text(value, "km²", "en") == told
    assert grammar.size_text(0.0, "", "en") == ""


@given(st.floats(0, 1e7), st.sampled_from(["km²", "km"]), st.sampled_from(LANGUAGES))
def test_a_size_reads_back(value: float, unit: str, lang: str) -> None:
    number = float(re.sub(r"[^\d.]", "", grammar.size_text(value, unit, lang)))
    assert number == pytest.approx(value, rel=0.006, abs=0.01)


@pytest.mark.parametrize(
    ("share", "plain", "signed"),
    [(0.0, "0.0 %", "+0.0 %"), (0.5, "50.0 %", "+50.0 %"), (-0.552, "−55.2 %", "−55.2 %"),
     (9.999, "999.9 %", "+999.9 %"), (123.456, "12,346 %", "+12,346 %")],
)  # fmt: skip
def test_shares(share: float, plain: str, signed: str) -> None:
    assert grammar.share_text(share, "en") == plain
    assert grammar.share_text(share, "en", signed=True) == signed
    assert grammar.share_text(share, "zh") == plain.replace(" ", "")
