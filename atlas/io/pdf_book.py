"""Many PDFs as one: links between its pages, bookmarks, and what the file says of itself.

No clock and no chance goes in: the same parts give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link as Annotation
from pypdf.generic import Fit, NameObject, TextStringObject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_BORDER = [0, 0, 0]
FIT = Fit.fit()
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en-GB"}


@dataclass(frozen=True)
class Link:
    """A box on a page that leads to another page; pages count from 0, boxes are in points."""

    page: int
    box: tuple[float, float, float, float]
    """Left, bottom, right, top."""
    target: int


@dataclass(frozen=True)
class Bookmark:
    """A line of the outline that a reader's program shows beside the pages."""

    title: str
    page: int


def bind(
    parts: Sequence[bytes], *, links: Sequence[Link], bookmarks: Sequence[Bookmark], title: str,
    made: dt.date, lang: str, keys: Mapping[str, str],
) -> bytes:  # fmt: skip
    """Put PDFs one after the other into one file.

    Parameters
    ----------
    parts
        Whole PDFs that were drawn here, in their order.
    links, bookmarks
        Where the new file leads, by its own pages.
    title, made, lang
        What the file says that it is, of which day, in which language.
    keys
        More entries of the file's information: ASCII text by name.
    """
    writer = PdfWriter()
    for part in parts:
        for page in PdfReader(BytesIO(part)).pages:
            writer.add_page(page)
    for link in links:
        annotation = Annotation(rect=link.box, border=NO_BORDER, target_page_index=link.target)
        writer.add_annotation(link.page, annotation)
    for mark in bookmarks:
        writer.add_outline_item(title=mark.title, page_number=mark.page, fit=FIT)
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/Lang")] = TextStringObject(LANGUAGE_TAGS[lang])
    day = f"D:{made:%Y%m%d}000000Z"
    about = {"/Title": title, "/Creator": "Delta Atlas", "/CreationDate": day}
    writer.add_metadata(about | {f"/{name}": text for name, text in keys.items()})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def count_pages(content: bytes) -> int:
    """How many pages a PDF has that was drawn here."""
    return len(PdfReader(BytesIO(content)).pages)
