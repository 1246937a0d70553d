"""A report as a Word document, read back by python-docx."""

import datetime as dt
import struct
import zlib
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Cm

from atlas.core.report import Bullets, Heading, Paragraph, Picture, Report, Table, clean
from atlas.io.word import to_docx

DAY = dt.date(2024, 6, 1)
HOSTILE = [
    "<w:p/> & </w:t>]]>", "<!-- x -->", "&lt; &amp;", "{MERGEFIELD x}", "a\nb\tc\r\nd",
    "\x00\x07\x1b", "\ud800\uffff", "\u202e\u200b", "x" * 400, "长" * 400, "a|b `c` **d**",
    "", " ", "𠀀",
]  # fmt: skip


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def full_report(text: str = "文字", lang: str = "zh") -> Report:
    return Report(text, lang, (
        Heading(text, 1), Heading(text, 2), Heading(text, 3), Paragraph(text),
        Bullets((text, "b")),
        Table((text, "n"), ((text, "1"), ("z", text)), caption=text, numeric=(1,)),
        Picture(png(40, 20), text, text), Paragraph("end"),
    ))  # fmt: skip


def read(report: Report):
    return docx.Document(BytesIO(to_docx(report, made=DAY)))


def styled(document, style: str) -> list[str]:
    return [entry.text for entry in document.paragraphs if entry.style.name == style]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_acts_as_anything_but_text_wherever_it_stands(text: str) -> None:
    document = read(full_report(text))
    line = clean(text)
    caption = [line] if line else []
    assert styled(document, "Title") == [line]
    for level in (1, 2, 3):
        assert styled(document, f"Heading {level}") == [line]
    assert styled(document, "List Bullet") == [line, "b"]
    assert styled(document, "Caption") == caption * 2
    assert styled(document, "Normal") == [line, "", "end"]
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells == [[line, "n"], [line, "1"], ["z", line]]
    assert document.element.xpath("//wp:docPr/@descr") == [line]
    assert document.core_properties.title == line[:255]


def test_the_head_of_a_table_repeats_and_no_row_breaks() -> None:
    rows = read(full_report()).tables[0].rows
    heads = [bool(row._tr.xpath("w:trPr/w:tblHeader")) for row in rows]
    assert heads == [True, False, False]
    assert all(row._tr.xpath("w:trPr/w:cantSplit") for row in rows)
    assert all(run.bold for cell in rows[0].cells for run in cell.paragraphs[0].runs)


def test_numeric_columns_are_aligned_right_and_columns_fill_the_page() -> None:
    table = read(full_report()).tables[0]
    assert table.style.name == "Table Grid"
    for row in table.rows:
        aligned = [cell.paragraphs[0].alignment for cell in row.cells]
        assert [str(entry) for entry in aligned] == ["None", "RIGHT (2)"]
    assert sum(column.width for column in table.columns) == pytest.approx(Cm(16.6), rel=1e-3)


def test_a_column_is_wider_for_longer_texts_within_bounds() -> None:
    rows = (("中" * 10, "x " * 100, "1"),)
    middle, wide, narrow = (
        column.width
        for column in read(Report("t", "zh", (Table(("a", "b", "c"), rows),))).tables[0].columns
    )
    assert narrow < middle < wide < 3 * middle


def test_words_and_numbers_stay_whole_in_many_columns() -> None:
    head = ("Feature", "Change", "Version before", "After", *("passed (km²)",) * 6, "Matched by")
    rows = (("Demonstration Zone", "new", "2021", "2024", *("84,153.3",) * 6, "plan version"),)
    document = read(Report("t", "en", (Table(head, rows, numeric=tuple(range(4, 10))),)))
    table = document.tables[0]
    assert table.rows[0].cells[0].paragraphs[0].style.name == "Table Text Small"
    size = document.styles["Table Text Small"].font.size.pt
    for place in (0, 1, 4, 10):
        words = max(len(word) for cell in table.columns[place].cells for word in cell.text.split())
        assert table.columns[place].width.pt >= words * size * 0.5 + 7
    few = read(full_report()).tables[0]
    assert few.rows[0].cells[0].paragraphs[0].style.name == "Table Text"


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en-GB")])
def test_the_language_and_the_fonts_are_named(lang: str, tag: str) -> None:
    document = read(full_report(lang=lang))
    [language] = document.styles.element.xpath("w:docDefaults//w:lang")
    assert language.get(qn("w:val")) == "en-GB"
    assert language.get(qn("w:eastAsia")) == "zh-CN"
    assert document.core_properties.language == tag
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        assert fonts.get(qn("w:eastAsia")) == "Noto Sans CJK SC"
        assert fonts.get(qn("w:ascii")) == "Arial"
        assert not any("Theme" in name for name in fonts.attrib)
    with ZipFile(BytesIO(to_docx(full_report(lang=lang), made=DAY))) as parts:
        assert "Microsoft YaHei" in parts.read("word/fontTable.xml").decode()


def test_the_file_names_its_day_its_author_and_no_other_program() -> None:
    content = to_docx(full_report(), made=DAY)
    properties = docx.Document(BytesIO(content)).core_properties
    assert properties.author == properties.last_modified_by == "Delta Atlas"
    assert properties.created.date() == properties.modified.date() == DAY
    with ZipFile(BytesIO(content)) as parts:
        assert parts.namelist()[0] == "[Content_Types].xml"
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not {"docProps/app.xml", "docProps/thumbnail.jpeg"} & set(parts.namelist())
        core = parts.read("docProps/core.xml")
    assert b"python-docx" not in core
    assert b"2013" not in core


def test_the_same_report_and_day_give_the_same_bytes() -> None:
    first = to_docx(full_report(), made=DAY)
    assert to_docx(full_report(), made=DAY) == first
    assert to_docx(full_report(), made=dt.date(2024, 6, 2)) != first
    assert to_docx(full_report("other"), made=DAY) != first


def test_the_page_is_a4_upright() -> None:
    section = read(full_report()).sections[0]
    sides = (section.page_width, section.page_height, section.left_margin, section.top_margin)
    assert [round(side.cm, 1) for side in sides] == [21.0, 29.7, 2.2, 2.2]
    assert "PAGE" in section.footer._element.xml


@pytest.mark.parametrize(
    ("size", "width_cm", "expected"),
    [((40, 20), 10.0, (10.0, 5.0)), ((40, 20), 30.0, (16.6, 8.3)), ((10, 40), 16.0, (5.25, 21.0))],
)
def test_a_picture_fits_the_page(size, width_cm: float, expected) -> None:
    report = Report("t", "en", (Picture(png(*size), "alt", "", width_cm),))
    [shape] = read(report).inline_shapes
    assert (shape.width.cm, shape.height.cm) == pytest.approx(expected, rel=1e-3)


def test_a_caption_stays_with_its_picture_and_its_table() -> None:
    document = read(full_report())
    kept = [entry for entry in document.paragraphs if entry.paragraph_format.keep_with_next]
    texts = [entry.text for entry in kept]
    assert texts == ["文字", ""]
    assert kept[1]._p.xpath(".//pic:pic")


def test_an_empty_report_is_its_title() -> None:
    document = read(Report("标题", "zh", (Bullets(()),)))
    assert [entry.text for entry in document.paragraphs] == ["标题"]
