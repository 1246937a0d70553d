"""One cell of an overlap in a sentence: every sort of sentence, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.i18n import LANGUAGES, read_words
from atlas.io import geojson
from atlas.operations.overlap import Overlap, overlap_layer
from atlas.operations.overlap_words import strongest, tell_cell, tell_pair, tell_zone, zone_name
from atlas.operations.zones import ZoneSet
from tests.conftest import TODAY
from tests.examples import row, square
from tests.strategies import VISIBLE

DAY = dt.date(2019, 6, 1)
WEST, EAST, FAR = square(120, 30), square(120.5, 30), square(118, 33)
HOSTILE = ["{zone}", "{0}", "{{}}", "%s {", "<b>x</b>", "=1+1", "a\\b", "}"]
Entry = tuple[dict[str, Any], Any]


def thing(shape: Any = WEST, **changes: Any) -> Entry:
    plain = {"plan_version": "current", "name_zh": "甲带", "name_en": "Belt of A"}
    blank = {} if shape else {"geometry_basis": "none", "accuracy_m": None}
    return row(**(plain | blank | changes)), shape


def measure(
    *things: Entry, kind: str = "polygon", names: list[tuple[str, str]] | None = None,
    estimated: bool = False,
) -> Overlap:  # fmt: skip
    """Things in three cities: two side by side, one far away."""
    text = {"zh": "生态带", "en": "Belts"}
    info = LayerInfo("belts", "ecology", kind, text, text, "belts", "CC0-1.0", text, text, text, ())
    edition = Edition("belts", 1, dt.date(2020, 1, 1), "0" * 64, len(things), "why")
    rows = geojson.to_frame((), [entry for entry, _ in things], [shape for _, shape in things])
    called = names or [("甲市", "A City"), ("乙市", "B City"), ("丙市", "C City")]
    table = {"id": ["1", "2", "3"], "name_zh": [zh for zh, _ in called],
             "name_en": [en for _, en in called], "accuracy_m": 0.0,
             "estimated": [estimated, False, False]}  # fmt: skip
    shapes = gpd.GeoDataFrame(table, geometry=[WEST, EAST, FAR], crs=STORAGE_CRS)
    zones = ZoneSet(shapes, "cities", text, info=info)
    with pytest.MonkeyPatch.context() as patch:  # a grid of few cells: the same numbers sooner
        patch.setitem(index_zones.__kwdefaults__, "cells", 5_000)
        return overlap_layer(Layer(info, edition, rows), zones, day=DAY, known_by=TODAY)


BOTH = shapely.union_all([WEST, EAST])
STRIP = shapely.box(119, 30, 120.00001, 30.5)
"""Reaches a metre into the first city."""
LINE, POINT = shapely.LineString([(119.9, 30.2), (120.1, 30.2)]), shapely.Point(120.1, 30.1)


WHOLE = ("占该区域的100.0%，占该要素的100.0%。", "100.0 % of the zone, 100.0 % of the feature.")
THE_CELL = (f"甲带有2,667平方公里在甲市：{WHOLE[0]}",
            f"2,667 km² of the Belt of A lie in A City: {WHOLE[1]}")  # fmt: skip


class TestCell:
    def test_an_area(self) -> None:
        found = measure(thing())
        assert (tell_cell(found, 0, 0, "zh"), tell_cell(found, 0, 0, "en")) == THE_CELL

    def test_a_line_has_no_share_of_the_zone(self) -> None:
        found = measure(thing(LINE), kind="line")
        assert tell_cell(found, 0, 0, "zh") == "甲带有9.6公里在甲市：占该要素的50.0%。"
        assert tell_cell(found, 0, 0, "en") == (
            "9.6 km of the Belt of A lie in A City: 50.0 % of the feature."
        )

    def test_none(self) -> None:
        found = measure(thing(FAR))
        assert tell_cell(found, 0, 0, "zh") == "甲带不涉及甲市。"
        assert tell_cell(found, 0, 0, "en").endswith("he Belt of A does not reach A City.")

    def test_an_unknown_extent_is_said_to_be_unknown(self) -> None:
        found = measure(thing(None))
        assert tell_cell(found, 0, 0, "zh") == "甲带的范围未公布，是否涉及甲市不详。"
        assert tell_cell(found, 0, 0, "en") == (
            "Whether the Belt of A reaches A City is not known: its extent was not published."
        )

    @pytest.mark.parametrize(
        ("found", "zh", "en"),
        [
            (measure(thing(STRIP, accuracy_m=300)), "这一重叠窄于边界精度，可能并不存在。",
             "This is narrower than the accuracy of the boundaries: it may be nothing at all."),
            (measure(thing(valid_from="2019-01-01", valid_from_precision="year")),
             "该要素在 2019-06-01 是否有效并不确定：其起止日期不完全可知。",
             "its first or last day is not known exactly."),
            (measure(thing(), estimated=True), "甲市当日的边界为重建，数字为估算。",
             "is a reconstruction: these figures are estimates."),
        ],
    )  # fmt: skip
    def test_a_doubt_is_told(self, found: Overlap, zh: str, en: str) -> None:
        assert tell_cell(found, 0, 0, "zh").endswith(f"。{zh}")
        assert tell_cell(found, 0, 0, "en").endswith(f" {en}")
        assert zh not in tell_cell(measure(thing()), 0, 0, "zh")

    def test_a_plan_names_its_version_and_part(self) -> None:
        found = measure(thing(plan_version="2.0", part="core"))
        assert tell_cell(found, 0, 0, "zh").startswith("甲带（版本 2.0、核心圈）有")
        assert "the Belt of A (version 2.0, core) lie in" in tell_cell(found, 0, 0, "en")


PAIR = measure(thing(BOTH, id="a"), thing(EAST, id="b", name_en="Corridor B", name_zh="乙廊"))
TWIN = measure(thing(BOTH, id="a"), thing(BOTH, id="b", name_en="Corridor B", name_zh="乙廊"))
NAMES = {"x": {"zh": "京沪线", "en": "Jing–Hu line"}, "y": {"zh": "宁杭线", "en": "Ning–Hang line"}}


class TestPair:
    def test_one_feature(self) -> None:
        assert tell_pair(PAIR, 0, 1, {}, {}, "zh") == (
            "甲市和乙市共同涉及 1 项：甲带。两者合计涉及 2 项，重合度 0.50（杰卡德指数）。"
            "两者共同边界长55.4公里。"
        )
        assert tell_pair(PAIR, 0, 1, {}, {}, "en") == (
            "A City and B City share 1 feature: the Belt of A. That is 0.50 of the 2 that either "
            "holds (Jaccard index). Their common border is 55.4 km long."
        )

    def test_many_features(self) -> None:
        assert tell_pair(TWIN, 0, 1, {}, {}, "zh").startswith(
            "甲市和乙市共同涉及 2 项：甲带和乙廊。两者合计涉及 2 项，重合度 1.00"
        )
        assert tell_pair(TWIN, 0, 1, {}, {}, "en").startswith(
            "A City and B City share 2 features: the Belt of A and Corridor B. That is 1.00"
        )

    @pytest.mark.parametrize(
        ("lines", "zh", "en"),
        [
            (("x",), "有 1 条铁路直接连接：京沪线。",
             "1 railway line links them directly: Jing–Hu line."),
            (("x", "y"), "有 2 条铁路直接连接：京沪线和宁杭线。",
             "2 railway lines link them directly: Jing–Hu line and Ning–Hang line."),
            (("z",), "有 1 条铁路直接连接：z。", "1 railway line links them directly: z."),
        ],
    )  # fmt: skip
    def test_direct_lines(self, lines: tuple[str, ...], zh: str, en: str) -> None:
        for one, other in ((0, 1), (1, 0)):
            assert zh in tell_pair(PAIR, one, other, {(0, 1): lines}, NAMES, "zh")
            assert en in tell_pair(PAIR, one, other, {(0, 1): lines}, NAMES, "en")
        assert "railway" not in tell_pair(PAIR, 0, 2, {(0, 1): lines}, NAMES, "en")

    def test_nothing_in_common(self) -> None:
        assert tell_pair(PAIR, 0, 2, {}, {}, "zh") == (
            "甲市和丙市没有共同涉及本图层的要素。两者没有共同边界。"
        )
        assert tell_pair(PAIR, 2, 0, {}, {}, "en") == (
            "C City and A City share no feature of this layer. They have no common border."
        )

    def test_the_zone_named_first_comes_first(self) -> None:
        assert tell_pair(PAIR, 1, 0, {}, {}, "en").startswith("B City and A City share")

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_a_zone_with_itself_is_the_zone(self, lang: str) -> None:
        assert tell_pair(PAIR, 1, 1, {}, {}, lang) == tell_zone(PAIR, 1, lang)


class TestZone:
    def test_what_it_holds_and_covers(self) -> None:
        assert tell_zone(PAIR, 1, "zh") == (
            "乙市涉及甲带2,667平方公里和乙廊2,667平方公里。"
            "合计覆盖2,667平方公里，占该区域的100.0%，不重复计算。"
        )
        assert tell_zone(PAIR, 1, "en") == (
            "B City holds the Belt of A: 2,667 km² and Corridor B: 2,667 km². "
            "Together they cover 2,667 km², 100.0 % of the zone; no place is counted twice."
        )

    def test_nothing(self) -> None:
        assert tell_zone(PAIR, 2, "zh") == "丙市不涉及图层“生态带”的任何要素。"
        assert tell_zone(PAIR, 2, "en") == "C City holds no feature of the layer Belts."

    def test_slivers_are_not_held(self) -> None:
        found = measure(thing(STRIP, accuracy_m=300))
        assert tell_zone(found, 0, "en") == "A City holds no feature of the layer Belts."

    def test_points_are_counted_not_named(self) -> None:
        points = [thing(shapely.Point(120.1, 30.1 + n / 50), id=f"p{n}") for n in range(3)]
        found = measure(*points, thing(shapely.Point(121.5, 33), id="away"), kind="point")
        assert tell_zone(found, 0, "en") == "A City holds 3 of the 4 features of the layer Belts."
        assert tell_zone(found, 0, "zh") == "甲市有“生态带”图层 4 个要素中的 3 个。"

    def test_a_zone_tells_what_is_doubtful(self) -> None:
        found = measure(thing(valid_from=None, valid_from_precision=None), estimated=True)
        assert "whether 1 of them counted on 2019-06-01" in tell_zone(found, 0, "en")
        assert "on that day is a reconstruction" in tell_zone(found, 0, "en")

    def test_lines_and_points_cover_nothing(self) -> None:
        assert tell_zone(measure(thing(LINE), kind="line"), 0, "en") == (
            "A City holds the Belt of A: 9.6 km."
        )
        assert tell_zone(measure(thing(POINT), kind="point"), 0, "zh") == (
            "甲市有“生态带”图层 1 个要素中的 1 个。"
        )


def everything(found: Overlap, lang: str) -> list[str]:
    """All that can be told of three zones and the things in them."""
    links = {(0, 1): ("x",), (0, 2): ("x", "unknown")}
    zones = range(3)
    told = [tell_cell(found, zone, place, lang) for zone in zones
            for place in range(len(found.features))]  # fmt: skip
    told += [tell_pair(found, one, other, links, NAMES, lang) for one in zones for other in zones]
    return [*told, *(tell_zone(found, zone, lang) for zone in zones)]


FIELD = re.compile(r"\{[a-z_]*\}")


class TestWellFormed:
    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize(
        "found",
        [
            PAIR, TWIN, measure(), measure(thing(None), thing(STRIP, id="b", accuracy_m=300)),
            measure(thing(LINE), kind="line"), measure(thing(POINT), kind="point"),
            measure(thing(BOTH, valid_from="2019-01-01", valid_from_precision="year",
                          plan_version="2026-draft"), estimated=True),
        ],
    )  # fmt: skip
    def test_every_sentence_ends_and_no_field_stays(self, found: Overlap, lang: str) -> None:
        end = {"zh": "。", "en": "."}[lang]
        for told in everything(found, lang):
            assert told.endswith(end), told
            assert not FIELD.search(told), told
            assert "  " not in told, told
            assert "nan" not in told.replace("Ning–Hang", "").lower(), told

    def test_languages_are_not_mixed(self) -> None:
        for told in everything(TWIN, "en"):
            assert not re.search(r"[\u3000-\u9fff]", told), told
        for told in everything(TWIN, "zh"):
            assert not re.search(r"[A-Za-z]", told.replace("unknown", "")), told

    @pytest.mark.parametrize("lang", LANGUAGES)
    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_told_as_they_are(self, name: str, lang: str) -> None:
        names = [(name, name)] * 3
        found = measure(thing(BOTH, name_zh=name, name_en=name), names=names)
        for told in everything(found, lang):
            assert name in told
        assert zone_name(found, 0, lang) == name

    @given(VISIBLE, VISIBLE, st.sampled_from(LANGUAGES))
    def test_any_name_will_do(self, thing_name: str, zone: str, lang: str) -> None:
        found = measure(thing(name_zh=thing_name, name_en=thing_name), names=[(zone, zone)] * 3)
        told = tell_cell(found, 0, 0, lang)
        for name in (thing_name, zone):
            assert name in told or name[1:] in told, "the first letter is a capital"

    def test_both_languages_have_the_same_keys(self) -> None:
        keys = [{key for key in read_words(lang) if key.startswith("overlap.")}
                for lang in LANGUAGES]  # fmt: skip
        assert keys[0] == keys[1]
        assert len(keys[0]) > 50


class TestStrongest:
    """Pairs by shared features, then by direct lines, then by the Jaccard index."""

    def order(self, found: Overlap, links: Any = None, **asked: int) -> list[tuple[int, int]]:
        pairs = found.pairs()
        return [(pairs["zone"][place], pairs["other"][place])
                for place in strongest(found, links or {}, **asked)]  # fmt: skip

    ALL = shapely.union_all([WEST, EAST, FAR])
    FOUND = measure(
        thing(ALL, id="a"), thing(BOTH, id="b"), thing(shapely.union_all([EAST, FAR]), id="c"),
        thing(EAST, id="d"),
    )  # fmt: skip

    def test_shared_features_come_first(self) -> None:
        assert self.order(self.FOUND) == [(1, 2), (0, 1), (0, 2)] or self.order(self.FOUND) == [
            (0, 1), (1, 2), (0, 2),
        ]  # fmt: skip
        assert self.order(self.FOUND)[-1] == (0, 2)

    def test_then_direct_lines(self) -> None:
        assert self.order(self.FOUND, {(0, 1): ("x",)})[0] == (0, 1)
        assert self.order(self.FOUND, {(1, 2): ("x",)})[0] == (1, 2)
        assert self.order(self.FOUND, {(0, 2): ("x", "y")})[-1] == (0, 2)

    def test_zones_that_hold_little_do_not_count(self) -> None:
        assert self.order(self.FOUND, least=3) == []
        assert len(self.order(self.FOUND, least=2)) == 3
        assert self.order(PAIR, least=1) == [(0, 1)]
        assert self.order(measure(), least=1) == []
