"""A picture on a page of its own in a Word document, upright or turned as the picture is."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm

from atlas.core.report import clean

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section
    from docx.text.run import Run

    from atlas.core.report import Picture

PAGE_CM, MARGIN_CM = (21.0, 29.7), 2.2
"""A4 upright, and the white around its text."""
EDGE_CM, FOOT_CM, FOOTER_CM = 1.0, 1.5, 0.7
"""White around a picture that has a page of its own; below it stands the page's number."""
LINE_CM = 0.3
"""What the line that holds the picture takes beside it."""


def add_picture_page(document: Document, picture: Picture) -> None:
    """Add a page with nothing but a picture, as large as it can be; the text goes on after it.

    The picture stands in the very paragraph that ends its section: an empty one below it would
    make a page more.
    """
    document.add_section(WD_SECTION.NEW_PAGE)
    wide, high = _pixels(picture.png)
    section = document.sections[-1]
    room = _turn(section, wide > high)
    document.add_section(WD_SECTION.NEW_PAGE)
    paragraph = document.paragraphs[-1]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Cm(0)
    share = min(room[0] / wide, room[1] / high)
    run = paragraph.add_run()
    run.add_picture(BytesIO(picture.png), width=Cm(wide * share), height=Cm(high * share))
    tell_alt(run, picture)
    _text_page(document.sections[-1])


def _turn(section: Section, landscape: bool) -> tuple[float, float]:
    """Set a section for a picture; return the width and height that it may take, in cm."""
    wide, high = reversed(PAGE_CM) if landscape else PAGE_CM
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(wide), Cm(high)
    section.left_margin = section.right_margin = section.top_margin = Cm(EDGE_CM)
    section.bottom_margin, section.footer_distance = Cm(FOOT_CM), Cm(FOOTER_CM)
    return wide - 2 * EDGE_CM, high - EDGE_CM - FOOT_CM - LINE_CM


def _text_page(section: Section) -> None:
    """Set a section for text."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(PAGE_CM[0]), Cm(PAGE_CM[1])
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    section.footer_distance = Cm(FOOTER_CM)


def tell_alt(run: Run, picture: Picture) -> None:
    """Say what a picture shows to those who cannot see it."""
    for properties in run._r.iter(qn("wp:docPr")):  # noqa: SLF001 - python-docx has no alt text
        properties.set("descr", clean(picture.alt))


def _pixels(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG."""
    wide, high = struct.unpack(">II", png[16:24])
    return int(wide), int(high)
