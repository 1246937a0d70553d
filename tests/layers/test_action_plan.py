"""Truth of the action plan's register: nothing in it that no page says, unless it says so."""

import datetime as dt
import re

import pytest

from atlas.analysis.indicator_list import INDICATORS
from atlas.core.register import KINDS, STATEMENTS, Item
from atlas.operations.folder import PROJECT
from atlas.operations.plan import Plan, read_plan
from atlas.operations.plan_words import read_words

SPAM = (
    "mcpops.cn", "shcckj.cn", "boxmcp.cn", "56938.cn", "exvn.cn", "shwbkj.cn", "shmdkj.cn",
    "lioq.cn", "98218.cn", "zohope.cn", "plfo.cn", "mfmcp.cn", "nwyv.cn", "62818.cn", "shtkkj.cn",
    "ejag.cn", "yffice.cn", "zcsjo.cn", "shfwkj.cn", "kfmcp.cn",
)  # fmt: skip
"""Hosts of machine-written pages with invented numbers."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return read_plan(PROJECT / "layers", known_by=dt.date.max, edition=1)


def all_items(plan: Plan) -> tuple[Item, ...]:
    return plan.register.items


def test_it_holds_what_was_read_and_no_task(plan: Plan) -> None:
    counts = {kind: len(plan.register.of(kind)) for kind in KINDS}
    assert (counts["plan"], counts["area"], counts["one"], counts["measure"]) == (1, 8, 7, 12)
    assert counts["task"] == 0
    assert plan.head.tasks == 30
    assert [len(area.measures) for area in plan.areas] == [4, 5, 3, 0, 0, 0, 0, 0]
    assert read_words(plan, "en") == (
        "12 measures read; the plan has 30 tasks; which measure belongs to which task is not known."
    )


def test_the_plan_is_dated_by_its_announcement(plan: Plan) -> None:
    assert (plan.head.day, plan.head.day_precision) == ("2025-10-09", "day")
    assert plan.head.bodies == (
        "yrd-office", "drc-shanghai", "drc-jiangsu", "drc-zhejiang", "drc-anhui",
    )  # fmt: skip


def test_every_statement_names_a_page_or_says_that_it_has_none(plan: Plan) -> None:
    for item in all_items(plan):
        if item.kind in STATEMENTS:
            assert bool(item.source_urls) == item.sourced, item.key
            assert item.sourced or item.cited, item.key


def test_no_page_is_of_a_host_that_invents(plan: Plan) -> None:
    for item in all_items(plan):
        for page in item.source_urls:
            assert not any(host in page for host in SPAM), item.key


def test_measures_are_those_of_the_one_page_that_lists_them(plan: Plan) -> None:
    pages = {page for item in plan.measures for page in item.source_urls}
    assert pages == {"https://news.cri.cn/20251009/afb89335-d26f-122a-ef72-f01de24b3af2.html"}
    assert all(item.number is None for item in plan.measures)


def test_back_translated_names_are_marked(plan: Plan) -> None:
    marked = [one.id for one in plan.register.of("one") if "title_zh" in one.unsourced]
    assert marked == ["one-stop", "one-chess-game", "one-ruler", "one-card"]
    assert all(one.doubt for one in plan.register.of("one") if one.id in marked)


def test_days_that_are_only_counted_are_marked(plan: Plan) -> None:
    for item in plan.register.of("milestone"):
        assert ("day" in item.unsourced) == (item.number is not None), item.key
    due = [item.day for item in plan.register.of("milestone") if item.number]
    assert due == ["2026-10-09", "2027-10-09", "2028-10-09"]


def test_ratios_of_gdp_are_the_article_s(plan: Plan) -> None:
    ratios = [item for item in plan.register.of("reference") if item.challenge]
    assert [re.findall(r"\d+ %", item.text["en"]) for item in ratios] == [["25 %"], ["50 %"]]
    for item in ratios:
        assert item.text["en"].startswith("Per the article"), item.key
        assert item.text["zh"].startswith("据该文"), item.key
        assert "no year" in item.doubt["en"], item.key


def test_every_lever_and_challenge_is_there(plan: Plan) -> None:
    lessons = [item.id for item in plan.register.of("lesson")]
    assert lessons == ["planning", "law", "mechanism", "focus"]
    assert len(plan.register.of("challenge")) == 4
    used = {item.lesson for item in plan.register.of("reference") if item.lesson}
    assert used == {"planning", "law", "mechanism"}


def test_what_the_atlas_itself_draws_from_a_reference_is_told_apart(plan: Plan) -> None:
    for item in plan.register.of("reference"):
        article = any("reportify" in page for page in item.source_urls)
        assert (item.learn_by == "article") == article, item.key


def test_areas_of_headings_only_have_an_open_question(plan: Plan) -> None:
    bare = [area.item.id for area in plan.areas if area.heading_only]
    assert bare == ["market", "opening", "ecology", "services"]
    assert all(area.questions for area in plan.areas)


def test_measures_name_indicators_of_their_own_area(plan: Plan) -> None:
    for area in plan.areas:
        for item in area.measures:
            for name in item.indicators:
                assert area.number in INDICATORS[name].areas, (item.key, name)


def test_english_is_english(plan: Plan) -> None:
    for item in all_items(plan):
        for name in ("text", "learn", "doubt", "cited"):
            english = getattr(item, name).get("en", "")
            assert item.id == "title" or not CHINESE.search(english.replace("(第一财经)", "")), (
                item.key
            )
        assert not CHINESE.search(item.title["en"]), item.key
