"""The diagram of bodies: what shares a box, which way arrows point, and that no text acts."""

import re

import pytest

from atlas.cartography.governance import to_dot, wrap
from atlas.core.register import Register, to_items
from atlas.core.text import width_of
from tests.register_examples import rows, statement


def dot(bodies, links) -> str:
    items = to_items(rows(body=bodies, link=links))
    return to_dot(Register(None, None, items), "en", unknown="not known")  # type: ignore[arg-type]


def link(name: str, origin: str, target: str, **more):
    return statement(name, **({"from": origin, "to": target, "title_en": "does"} | more))


BODIES = [statement("top", level=1), statement("a", level=2), statement("b", level=2),
          statement("office", level=2)]  # fmt: skip


def box_of(text: str, name: str) -> str:
    return next(m[1] for m in re.finditer(r"(n\d+) \[label=\"([^\"]*)\"", text) if name in m[2])


def test_bodies_that_do_the_same_share_a_box() -> None:
    text = dot(BODIES, [link("l", "a", "office"), link("m", "b", "office")])
    assert box_of(text, "Title of a") == box_of(text, "Title of b")
    assert box_of(text, "Title of a") != box_of(text, "Title of office")
    arrow = f"{box_of(text, 'Title of a')} -> {box_of(text, 'Title of office')}"
    assert text.count(arrow) == 1


def test_who_does_something_else_has_a_box_of_his_own() -> None:
    text = dot(BODIES, [link("l", "a", "office"), link("m", "b", "office", title_en="asks")])
    assert box_of(text, "Title of a") != box_of(text, "Title of b")


def test_upper_levels_stand_above_whatever_way_arrows_point() -> None:
    text = dot(BODIES, [link("up", "office", "top")])
    top, office = box_of(text, "Title of top"), box_of(text, "Title of office")
    assert f'{top} -> {office} [label=" does ", dir=back];' in text
    down = dot(BODIES, [link("down", "top", "office")])
    assert f'{top} -> {office} [label=" does "];' in down


@pytest.mark.parametrize(
    ("more", "dashed"),
    [({}, False), ({"unsourced": ["from"]}, True), ({"sourced": False, "source_urls": []}, True),
     ({"unsourced": ["title_zh"]}, False)],
)  # fmt: skip
def test_what_no_page_says_is_dashed(more, dashed: bool) -> None:
    text = dot(BODIES, [link("l", "office", "top", **more)])
    assert ("style=dashed" in text) == dashed


def test_a_body_without_a_link_says_that_its_role_is_not_known() -> None:
    text = dot(BODIES, [link("l", "office", "top")])
    line = next(line for line in text.splitlines() if "Title of a" in line)
    assert "(not known)" in line
    assert "dashed" in line


def test_levels_without_a_link_between_them_still_stand_in_order() -> None:
    text = dot(BODIES, [])
    assert re.search(r"n0 -> n\d \[style=invis\];", text)


def test_text_cannot_leave_its_label() -> None:
    evil = 'x"]; n9 [label="\\'
    text = dot([statement("top", level=1, title_en=evil)], [])
    assert '\\"]; n9' in text
    assert text.replace('\\"', "").replace("\\\\", "").count('"') % 2 == 0
    assert not re.search(r'(?<!\\)"\]; n9', text)


@pytest.mark.parametrize("words", ["长三角地区主要领导座谈会暨区域合作办公室", "a " * 40, "短"])
def test_lines_of_a_box_are_short_and_lose_no_sign(words: str) -> None:
    lines = wrap(words)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(0 < width_of(line) <= 26 for line in lines)
