"""A document as a value refuses what no writer could write."""

import pytest

from atlas.core.report import Table, clean


def test_a_table_may_have_no_rows() -> None:
    assert Table(("a", "b"), ()).rows == ()


@pytest.mark.parametrize(
    ("head", "rows", "numeric"),
    [
        ((), (), ()),
        (("a", "b"), (("1",),), ()),
        (("a",), (("1",), ("1", "2")), ()),
        (("a",), (), (1,)),
        (("a",), (), (-1,)),
    ],
)
def test_a_table_that_is_none_is_refused(head, rows, numeric) -> None:
    with pytest.raises(ValueError, match=r"column|cells"):
        Table(head, rows, numeric=numeric)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\tc  d", "a b c d"),
        (" \n a \u2028 b \x85 ", "a b"),
        ("　中　文", "　中　文"),
        ("a\u00a0b", "a\u00a0b"),
        ("\x00\x1b\x7f", "\ufffd\ufffd\ufffd"),
        ("\ud800a\uffff", "\ufffda\ufffd"),
        ("𠀀\U0010ffff", "𠀀\U0010ffff"),
        ("", ""),
    ],
)
def test_text_is_one_line_that_every_format_can_hold(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_clean_text_stays() -> None:
    signs = "".join(map(chr, range(0x11000)))
    assert clean(clean(signs)) == clean(signs)
    clean(signs).encode("utf-8")
