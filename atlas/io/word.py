"""A report as a Word document: real styles, lists and tables, no clock in the file.

The same report and day give the same bytes: the parts are packed again in one order and
with one date. python-docx's template carries traces of another program; they are dropped.
"""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, assert_never
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.oxml import serialize_part_xml
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Cm, Emu, Pt, RGBColor

from atlas.core.report import Bullets, Heading, Paragraph, Picture, Table, clean
from atlas.io.word_page import MARGIN_CM, PAGE_CM, add_picture_page, tell_alt
from atlas.io.word_table import CELL_SIZES, PADDING_PT, TABLE_STYLE, add_table

if TYPE_CHECKING:
    from docx.document import Document

    from atlas.core.report import Block, Report

AUTHOR = "Delta Atlas"
LATIN, CHINESE = "Arial", "Noto Sans CJK SC"
OTHER_CHINESE = "Source Han Sans SC,Microsoft YaHei,PingFang SC,SimHei"
"""Fonts that Word takes where :data:`CHINESE` is not installed, best first."""
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en-GB"}
TEXT_CM = PAGE_CM[0] - 2 * MARGIN_CM
PICTURE_CM = 21.0
"""Greatest height of a picture: its caption stands on the same page."""
SIZES = {
    "Normal": 10.5, "Title": 20, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11,
    "Caption": 9,
}  # fmt: skip
"""Points of each style that is used."""
INK = RGBColor(0x1F, 0x3B, 0x57)
TITLE_LIMIT = 255
"""Letters that a document's property holds."""
DROPPED = ("/thumbnail", "/extended-properties", "/stylesWithEffects")
DEFAULTS = "w:docDefaults/w:rPrDefault/w:rPr"
FONTS_PART = "word/fontTable.xml"
FIRST_PART = "[Content_Types].xml"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def to_docx(report: Report, *, made: dt.date) -> bytes:
    """A report as the bytes of a .docx file, A4 upright.

    Parameters
    ----------
    report
        The document; characters that XML forbids become U+FFFD.
    made
        The day that the file says it was made on.
    """
    document = docx.Document()
    _set_page(document)
    _set_styles(document)
    _set_language(document, report.lang)
    _set_properties(document, report, made)
    document.add_heading(clean(report.title), 0)
    for block in report.blocks:
        _add(document, block)
    for rels in (document.part.rels, document.part.package.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(DROPPED)]:
            del rels[name]
    out = BytesIO()
    document.save(out)
    return _pack(out)


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number = OxmlElement("w:fldSimple", {qn("w:instr"): "PAGE"})
    footer._p.append(number)  # noqa: SLF001 - python-docx has no fields


def _set_styles(document: Document) -> None:
    styles = document.styles
    for name, size in SIZES.items():
        styles[name].font.size = Pt(size)
        if name != "Normal":
            styles[name].font.color.rgb = INK
    for name, before, after in (
        ("Normal", 0, 6), ("Title", 0, 12), ("Heading 1", 18, 6), ("Heading 2", 12, 4),
        ("Heading 3", 10, 4), ("Caption", 6, 6), ("List Bullet", 0, 3),
    ):  # fmt: skip
        layout = styles[name].paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
    _set_table_styles(document)
    for fonts in styles.element.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "cs"):
            fonts.set(qn(f"w:{script}"), LATIN)
        fonts.set(qn("w:eastAsia"), CHINESE)


def _set_table_styles(document: Document) -> None:
    for name, size in CELL_SIZES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.font.size = Pt(size)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(1.5)
        layout.line_spacing = 1.1
    margins = document.styles[TABLE_STYLE].element.xpath("w:tblPr/w:tblCellMar/*")
    for margin in margins:
        if margin.tag in (qn("w:left"), qn("w:right")):
            margin.set(qn("w:w"), str(Pt(PADDING_PT).twips))


def _set_language(document: Document, lang: str) -> None:
    """Language of the document's text: of Latin letters, and of Chinese.

    Latin letters are English in a Chinese document too: as Chinese, LibreOffice would break
    lines inside numbers. There quotation marks are as wide as Chinese characters.
    """
    names = [
        *document.styles.element.xpath(f"{DEFAULTS}/w:lang"),
        *document.settings.element.iter(qn("w:themeFontLang")),
    ]
    for name in names:
        name.set(qn("w:val"), LANGUAGE_TAGS["en"])
        name.set(qn("w:eastAsia"), LANGUAGE_TAGS["zh"])
    if lang == "zh":
        for fonts in document.styles.element.xpath(f"{DEFAULTS}/w:rFonts"):
            fonts.set(qn("w:hint"), "eastAsia")


def _set_properties(document: Document, report: Report, made: dt.date) -> None:
    properties = document.core_properties
    properties.title = clean(report.title)[:TITLE_LIMIT]
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments = ""
    properties.language = LANGUAGE_TAGS[report.lang]
    properties.created = properties.modified = dt.datetime.combine(made, dt.time())


def _add(document: Document, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(clean(block.text), block.level)
    elif isinstance(block, Paragraph):
        document.add_paragraph(clean(block.text))
    elif isinstance(block, Bullets):
        for item in block.items:
            document.add_paragraph(clean(item), style="List Bullet")
    elif isinstance(block, Table):
        add_table(document, block, width=Cm(TEXT_CM))
    elif isinstance(block, Picture) and block.own_page:
        add_picture_page(document, block)
    elif isinstance(block, Picture):
        _add_picture(document, block)
    else:
        assert_never(block)


def _add_picture(document: Document, picture: Picture) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    shape = run.add_picture(BytesIO(picture.png), width=Cm(min(picture.width_cm, TEXT_CM)))
    if shape.height > Cm(PICTURE_CM):
        shape.width = Emu(round(shape.width * Cm(PICTURE_CM) / shape.height))
        shape.height = Cm(PICTURE_CM)
    tell_alt(run, picture)
    if clean(picture.caption):
        paragraph.paragraph_format.keep_with_next = True
        caption = document.add_paragraph(clean(picture.caption), style="Caption")
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _pack(written: BytesIO) -> bytes:
    """The same parts in one order, without dates; the font table names what may replace."""
    with ZipFile(written) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts[FONTS_PART] = _name_fonts(parts[FONTS_PART])
    out = BytesIO()
    with ZipFile(out, "w") as target:
        for name in sorted(parts, key=lambda name: (name != FIRST_PART, name)):
            entry = ZipInfo(name, ZIP_DATE)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 0
            target.writestr(entry, parts[name])
    return out.getvalue()


def _name_fonts(part: bytes) -> bytes:
    """A font table with the Chinese font and those that may stand in for it."""
    fonts = parse_xml(part)
    font = OxmlElement("w:font", {qn("w:name"): CHINESE})
    for name, value in (
        ("altName", OTHER_CHINESE), ("charset", "86"), ("family", "swiss"), ("pitch", "variable"),
    ):  # fmt: skip
        font.append(OxmlElement(f"w:{name}", {qn("w:val"): value}))
    fonts.append(font)
    return serialize_part_xml(fonts)
