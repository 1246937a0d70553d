"""A report as Markdown, read back by another program (markdown-it)."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from atlas.core.report import Bullets, Heading, Paragraph, Picture, Report, Table, clean
from atlas.io.markdown import to_markdown

PNG = b"\x89PNG\r\n\x1a\nnot a picture"
HOSTILE = [
    "<script>alert(1)</script>", "<!-- x -->", "a | b || \\| \\\\| `|`", "**b** _i_ ~~s~~ ==m==",
    "# heading", "- item", "+ item", "* item", "1. item", "1) item", "> quote", "    code",
    "```\ncode\n```", "[link](javascript:alert)", "![x](y)", "[ref]: y", "[picture-1]: z",
    "&lt;b&gt; &amp; &#60; &copy;", "http://a.example www.a.example a@b.example", "---", "===",
    "a\n---", "a\n\n# b", "a  \nb", "\\", "\\\\", "`a", "$x$ :smile: {x}", "| --- |",
    "\x00\x1b[31m", "\ud800", "\u3000中文\u3000", "“引号”——", "x" * 400, "长" * 400, "",
    " ", "\t", "*", "**", "_",
]  # fmt: skip


def tokens_of(content: bytes):
    """Block tokens, each inline one with its children."""
    return (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(content.decode("utf-8"))
    )


def full_report(text: str) -> Report:
    return Report(text, "zh", (
        Heading(text, 1), Paragraph(text), Heading(text, 3), Bullets((text, "b", text)),
        Bullets((text,)),
        Table((text, "n"), ((text, "1"), ("z", text)), caption=text, numeric=(1,)),
        Picture(PNG, text, text), Paragraph("end"),
    ))  # fmt: skip


def texts_of(tokens) -> list[str]:
    """What a reader sees of each inline token, which may hold plain text and nothing else."""
    shown = []
    for token in tokens:
        if token.type != "inline":
            continue
        kinds = {child.type for child in token.children}
        assert kinds <= {"text", "text_special", "em_open", "em_close", "image"}, kinds
        shown.append("".join(
            child.content if child.type != "image" else
            "".join(part.content for part in child.children or ()) for child in token.children
        ))  # fmt: skip
    return shown


def check(text: str) -> None:
    tokens = tokens_of(to_markdown(full_report(text)))
    line = clean(text)
    caption = [line.strip()] if line.strip() else []
    listed = [line] if line else []
    expected = [
        line, line, *listed, line, *listed, "b", *listed, *listed, *caption, line, "n", line, "1",
        "z", line, line, *caption, "end",
    ]  # fmt: skip
    assert [shown.strip() for shown in texts_of(tokens)] == [shown.strip() for shown in expected]
    opened = [token.type for token in tokens if token.type.endswith("_open")]
    assert opened.count("heading_open") == 3
    assert opened.count("bullet_list_open") == 2
    assert opened.count("list_item_open") == 4
    assert opened.count("tr_open") == 3
    assert not any(token.type in ("html_block", "fence", "code_block", "hr") for token in tokens)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_acts_as_markup_wherever_it_stands(text: str) -> None:
    check(text)


@given(st.text(st.sampled_from("\\`*_{}[]()<>#+-.!|~$:&=^\"'/ \n\t\u3000a1中"), max_size=12))
def test_no_mixture_of_signs_acts_as_markup(text: str) -> None:
    check(text)


def test_a_file_is_plain_to_read() -> None:
    report = Report("Report", "en", (
        Heading("Changes", 2), Paragraph("One\nline"), Bullets(("a", "b")),
        Table(("Name", "km²"), (("A\nB", "1"),), caption="Table", numeric=(1,)),
        Picture(b"png", "alt", "Figure"),
    ))  # fmt: skip
    assert to_markdown(report).decode() == (
        "# Report\n\n### Changes\n\nOne line\n\n- a\n- b\n\n*Table*\n\n"
        "| Name | km² |\n| --- | ---: |\n| A B | 1 |\n\n"
        "![alt][picture-1]\n\n*Figure*\n\n[picture-1]: data:image/png;base64,cG5n\n"
    )


def test_pictures_lie_in_the_file_each_under_its_own_name() -> None:
    report = Report("t", "en", (Picture(b"1", "a", ""), Paragraph("p"), Picture(b"2", "b", "c")))
    images = [
        child for token in tokens_of(to_markdown(report)) for child in token.children or []
        if child.type == "image"
    ]  # fmt: skip
    contents = [
        b64decode(image.attrs["src"].removeprefix("data:image/png;base64,")) for image in images
    ]
    assert contents == [b"1", b"2"]
    assert [image.content for image in images] == ["a", "b"]


def test_numeric_columns_are_aligned_right() -> None:
    report = Report("t", "en", (Table(("a", "b", "c"), (), numeric=(0, 2)),))
    styles = [
        token.attrs.get("style")
        for token in tokens_of(to_markdown(report))
        if token.type == "th_open"
    ]
    assert styles == ["text-align:right", None, "text-align:right"]


def test_an_empty_report_is_its_title() -> None:
    assert to_markdown(Report("标题", "zh", ())) == "# 标题\n".encode()
    assert to_markdown(Report("t", "en", (Bullets(()), Paragraph("")))) == b"# t\n"
