"""Text from data and users: escaped for each place where it goes, folded for the search."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core import text


@given(st.text(st.sampled_from("<>&\"'; aé长") | st.characters()))
def test_escaped_text_holds_no_markup_and_comes_back(words: str) -> None:
    escaped = text.escape(words)
    assert not set(escaped) & set("<>\"'")
    assert html.unescape(escaped) == words


def test_markdown_signs_lose_their_force() -> None:
    assert text.escape_markdown("[a](b) $x$ :red[c]") == r"\[a\]\(b\) \$x\$ \:red\[c\]"
    assert text.escape_markdown("长三角 1") == "长三角 1"


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Ma’an Shān", "maanshan"), ("MA'ANSHAN", "maanshan"), ("Lü-Liang", "luliang"),
        ("ＡＢＣ", "abc"), ("南 京", "南京"), ("–!?", ""),
    ],
)  # fmt: skip
def test_folding(name: str, folded: str) -> None:
    assert text.fold(name) == folded


def test_pinyin_and_initials() -> None:
    assert text.pinyin("杭州") == "hangzhou"
    assert text.pinyin_initials("上海市") == "shs"
    assert text.pinyin("G60") == "G60"


def test_near_words_are_few_and_best_first() -> None:
    words = ["cities", "districts", "city", "lakes"]
    assert text.near_words("citys", words)[0] in {"city", "cities"}
    assert text.near_words("zzz", words) == []
    assert len(text.near_words("a", ["a", "ab", "ba", "aa", "aaa"])) <= 3


@pytest.mark.parametrize(
    ("words", "has"),
    [
        ("a\nb\tc", False), ("长三角 🗺️", False), ("a\rb", True), ("\x00", True), ("\x7f", True),
        ("\x85", True), ("\x1b[2J", True), ("\ud800", True), ("", False),
    ],
)  # fmt: skip
def test_control_signs(words: str, *, has: bool) -> None:
    assert text.has_control_signs(words) is has


@pytest.mark.parametrize(
    ("words", "is_address"),
    [
        ("https://a.cn/x?y=1", True),
        ("javascript:1", False),
        ("p. 3", False),
        ("https://a.cn/)[x](", False),
        ("https://a.cn/ b", False),
    ],
)
def test_only_plain_web_addresses_become_links(words: str, is_address: bool) -> None:
    assert text.is_web_address(words) is is_address


def test_sources_of_a_cell_stand_apart() -> None:
    assert text.split_sources("page 3 http://a.cn https://b.cn") == (
        "page 3",
        "http://a.cn",
        "https://b.cn",
    )
    assert text.split_sources(None) == ()
