"""Pages as files: PDF and SVG as vectors, PNG in pixels; no clock, no chance, one at a time.

Every file is drawn under Matplotlib's own defaults, whatever the user's are, with letters
unhinted, names in SVG salted by a constant, and the day that was given as the only date.
PDF holds its letters as Type 3 fonts with a table back to Unicode: Matplotlib's other form
embeds this font under a wrong type, which readers warn about.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from contextlib import contextmanager
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.backends.backend_svg import FigureCanvasSVG

from atlas.cartography.figure_page import to_page
from atlas.cartography.figure_text import ALONE
from atlas.cartography.figure_write import FAMILY
from atlas.core.recipe import PATHS
from atlas.core.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from matplotlib.figure import Figure

    from atlas.cartography.figure_sheet import Sheet

AUTHOR = "Delta Atlas"
SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 3, "pdf.compression": 6, "svg.hashsalt": "delta-atlas", "svg.id": "page",
    "text.hinting": "no_hinting", "path.simplify": True, "savefig.facecolor": "auto",
    "text.parse_math": False, "font.enable_last_resort": False,
}  # fmt: skip
FAMILIES = re.compile(r"font-family: [^;\"]+")
DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>\s*")
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
LETTERS = re.compile(r"<text[^>]*>([^<]*)</text>")
STYLE = '<style type="text/css">'


@contextmanager
def drawing() -> Iterator[None]:
    """Draw under settings that nothing outside can change, alone in this process."""
    with ALONE, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        yield


def to_pdf(
    sheets: Iterable[Sheet], *, title: str, made: dt.date, keys: dict[str, str] | None = None
) -> bytes:  # fmt: skip
    """Sheets as the pages of one PDF.

    Parameters
    ----------
    sheets
        A page each; drawn one after the other.
    title, made
        What the file says that it is, and of which day.
    keys
        More entries of the file's information: ASCII text by name.
    """
    with drawing():
        return pages_to_pdf((to_page(sheet) for sheet in sheets), title=title, made=made, keys=keys)


def pages_to_pdf(
    pages: Iterable[Figure], *, title: str, made: dt.date, keys: dict[str, str] | None = None
) -> bytes:  # fmt: skip
    """Pages that were drawn under :func:`drawing` as one PDF; call it under the same."""
    out = BytesIO()
    about = {
        "Title": title, "Creator": AUTHOR,
        "CreationDate": dt.datetime.combine(made, dt.time(), dt.UTC),
    }  # fmt: skip
    with PdfPages(out, metadata=about) as pdf:
        for figure in pages:
            FigureCanvasPdf(figure)
            pdf.savefig(figure)
        pdf.infodict().update(keys or {})
    return out.getvalue()


def to_png(sheet: Sheet, *, dpi: int) -> bytes:
    """A sheet as PNG with so many pixels an inch."""
    with drawing():
        figure = to_page(sheet, dpi=dpi)
        width, height = (float(side) for side in figure.get_size_inches())
        figure.set_size_inches(_whole(width, dpi), _whole(height, dpi))
        out = BytesIO()
        canvas = FigureCanvasAgg(figure)
        canvas.print_png(out, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return out.getvalue()


def _whole(side: float, dpi: int) -> float:
    """A side of whole pixels; the canvas would cut off the last one for less."""
    return (round(side * dpi) + 0.001) / dpi


def to_svg(
    sheet: Sheet, *, title: str, letters: str, webfont: Callable[[list[str]], bytes],
    metadata: str = "",
) -> str:  # fmt: skip
    """A sheet as SVG without scripts and without addresses outside.

    Parameters
    ----------
    sheet
        What it shows.
    title
        What it says that it is.
    letters
        ``text``: text with the font's subset inside the file; ``paths``: shapes.
    webfont
        Makes WOFF2 of the sheet's font with only these characters.
    metadata
        XML to put into the file's metadata.
    """
    with drawing():
        mpl.rcParams["svg.fonttype"] = "path" if letters == PATHS else "none"
        out = StringIO()
        canvas = FigureCanvasSVG(to_page(sheet))
        canvas.print_svg(out, metadata={"Date": None})  # type: ignore[no-untyped-call]
    text = DOCTYPE.sub("", out.getvalue())
    about = f"<title>{escape(title)}</title>\n <metadata>{metadata}</metadata>"
    text = METADATA.sub(lambda _: about, text, count=1)
    if letters == PATHS:
        return text
    signs = sorted(set(_unescape("".join(LETTERS.findall(text)))) | {" "})
    font = base64.b64encode(webfont(signs)).decode("ascii")
    face = (
        f'@font-face{{font-family:"{FAMILY}";'
        f'src:url("data:font/woff2;base64,{font}") format("woff2")}}'
    )
    text = FAMILIES.sub(f"font-family: '{FAMILY}', sans-serif", text)
    return text.replace(STYLE, STYLE + face, 1)


def _unescape(text: str) -> str:
    for name, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(name, sign)
    return text
