"""Recipes inside files: written into PDF, PNG, SVG and DOCX, and read back from any of them.

A map in one file (HTML) brings its envelope itself, in ``<script id="recipe">``.

A recipe travels in an envelope with a seal, the hash of the recipe and of everything else
in the file. The seal shows that a file was changed even where nobody can draw it again; it
is no signature: whoever knows how can make another one. Only drawing again proves a file.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from atlas.core import recipe as recipes
from atlas.errors import FileDamaged
from atlas.io.files import read_bytes

FORMS = ("pdf", "svg", "png", "docx")
PDF_KEY = "AtlasRecipe"
SVG_TAG, SVG_SPACE = "atlas:recipe", "urn:delta-atlas:recipe"
PNG_KEY, PNG_PLAIN = b"atlas-recipe", b"\0\0\0\0\0"
"""Keyword of an iTXt chunk; not compressed, of no language, without another keyword."""
DOCX_PART, DOCX_LINKS = "customXml/atlasRecipe.xml", "word/_rels/document.xml.rels"
DOCX_LINK = (
    b'<Relationship Id="rIdAtlasRecipe" Target="../customXml/atlasRecipe.xml" Type="http://'
    b'schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"/></Relationships>'
)
"""How the document names the part, so that a program which saves it again keeps it."""
SEAL = re.compile(rb"atlasseal([0-9a-f]{64})")
BLANK = "0" * 64
PNG_HEAD, PNG_IHDR = b"\x89PNG\r\n\x1a\n", 33
"""The first bytes of a PNG, and where its header chunk ends."""
HTML_HEAD = b"<!DOCTYPE html>"
HTML_RECIPE = re.compile(rb'<script type="application/json" id="recipe">([^<]*)</script>')
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
MOST_PARTS, MOST_UNPACKED = 2_000, 512 * 1024 * 1024
"""What a DOCX may hold that is looked into."""


@dataclass(frozen=True)
class Carried:
    """A file, its recipe, and whether its seal holds."""

    content: bytes
    form: str
    recipe: recipes.Recipe
    intact: bool


def envelope(recipe: recipes.Recipe) -> str:
    """A recipe with a blank seal, as ASCII text; :func:`seal` closes it within its file."""
    return f'{{"recipe":{recipes.to_text(recipe)},"seal":"atlasseal{BLANK}"}}'


def svg_metadata(recipe: recipes.Recipe) -> str:
    """An envelope as XML for the metadata of an SVG."""
    text = html.escape(envelope(recipe), quote=False)
    return f'<{SVG_TAG} xmlns:atlas="{SVG_SPACE}">{text}</{SVG_TAG}>'


def write_recipe(content: bytes, recipe: recipes.Recipe) -> bytes:
    """Put a recipe into a file that has none yet, and seal it; ``recipe.form`` says its kind.

    The same file and recipe give the same bytes.

    Raises
    ------
    ValueError
        If the form is none of :data:`FORMS`, or an SVG has no metadata to put it in.
    """
    text = envelope(recipe)
    if recipe.form == "png":
        chunk = _chunk(b"iTXt", PNG_KEY + PNG_PLAIN + text.encode("ascii"))
        return seal(content[:PNG_IHDR] + chunk + content[PNG_IHDR:])
    if recipe.form == "pdf":
        writer = PdfWriter(clone_from=BytesIO(content))
        writer.add_metadata({f"/{PDF_KEY}": text})
        out = BytesIO()
        writer.write(out)
        return seal(out.getvalue())
    if recipe.form == "docx":
        part = f'<recipe xmlns="{SVG_SPACE}">{html.escape(text, quote=False)}</recipe>'
        return seal(_with_part(content, part.encode("ascii")))
    if recipe.form == "svg":
        empty = b"<metadata></metadata>"
        if content.count(empty) != 1:
            raise ValueError("the SVG has no empty metadata")
        held = f"<metadata>{svg_metadata(recipe)}</metadata>".encode("ascii")
        return seal(content.replace(empty, held))
    raise ValueError(recipe.form)


def seal(content: bytes) -> bytes:
    """Close the blank seal of a file that holds an envelope."""
    form = form_of(content)
    found = hashlib.sha256(_blank(content, form)).hexdigest().encode("ascii")
    return _replace_seal(content, form, found)


def form_of(content: bytes) -> str | None:
    """Kind of a file by its first bytes; None if it is none that carries recipes."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(PNG_HEAD):
        return "png"
    if content.startswith(b"PK\x03\x04"):
        return "docx"
    if content.startswith(HTML_HEAD):
        return "html"
    return "svg" if b"<svg" in content[:2000] else None


def read_recipe(path: Path) -> Carried:
    """Read the recipe that a file carries.

    Raises
    ------
    FileDamaged
        If there is no such file, it is of no kind that carries recipes, or carries none that
        can be read.
    """
    content = read_bytes(path)
    form = form_of(content)
    if form is None:
        raise FileDamaged(file=path, problem="not a PDF, SVG, PNG, DOCX or HTML")
    text = _text_in(content, form, path)
    if text is None:
        raise FileDamaged(file=path, problem="it carries no recipe of the atlas")
    try:
        held = json.loads(text)
        recipe = recipes.from_text(json.dumps(held["recipe"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        problem = f"its recipe cannot be read: {str(error)[:80]}"
        raise FileDamaged(file=path, problem=problem) from None
    return Carried(content, form, recipe, _is_intact(content, form))


def _is_intact(content: bytes, form: str) -> bool:
    bare = _blank(content, form)
    return SEAL.findall(_envelope_bytes(content, form)) == [
        hashlib.sha256(bare).hexdigest().encode("ascii")
    ]


def parts_of(content: bytes) -> dict[str, bytes]:
    """Parts of a DOCX by name, unpacked: how two of them are compared.

    Empty if it is no archive, or holds more than a document would.
    """
    try:
        with ZipFile(BytesIO(content)) as packed:
            infos = packed.infolist()
            if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED:
                return {}
            return {info.filename: packed.read(info) for info in infos}
    except (BadZipFile, OSError, zlib.error, RuntimeError, NotImplementedError):
        return {}


def _with_part(content: bytes, part: bytes) -> bytes:
    """A DOCX with its recipe, packed again without a clock."""
    parts = parts_of(content) | {DOCX_PART: part}
    links = parts.get(DOCX_LINKS, b"")
    if b"rIdAtlasRecipe" not in links:
        parts[DOCX_LINKS] = links.replace(b"</Relationships>", DOCX_LINK)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        for name, held in parts.items():
            info = ZipInfo(name, ZIP_DATE)
            info.compress_type = ZIP_DEFLATED
            info.create_system = 0
            packed.writestr(info, held)
    return out.getvalue()


def _text_in(content: bytes, form: str, path: Path) -> str | None:
    """The envelope of a file as text; None if there is none."""
    if form == "pdf":
        return _from_pdf(content, path)
    held = _envelope_bytes(content, form)
    if not held:
        return None
    text = held.decode("utf-8", "replace")
    return text if form in ("png", "html") else html.unescape(text)


def _envelope_bytes(content: bytes, form: str) -> bytes:
    """The bytes of a file that hold its envelope; of a PDF all of them."""
    if form == "pdf":
        return content
    if form == "png":
        head = PNG_KEY + PNG_PLAIN
        chunks = [data for kind, data in _chunks(content) if kind == b"iTXt"]
        return next((data[len(head) :] for data in chunks if data.startswith(head)), b"")
    if form == "docx":
        part = parts_of(content).get(DOCX_PART, b"")
        found = re.search(rb"<recipe[^>]*>(.*)</recipe>", part, re.DOTALL)
    elif form == "html":
        found = HTML_RECIPE.search(content)
    else:
        tag = SVG_TAG.encode("ascii")
        found = re.search(rb"<" + tag + rb"[^>]*>(.*?)</" + tag + rb">", content, re.DOTALL)
    return found.group(1) if found else b""


def _from_pdf(content: bytes, path: Path) -> str | None:
    try:
        about = PdfReader(BytesIO(content)).metadata
        text = about.get(f"/{PDF_KEY}") if about else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileDamaged(file=path, problem=f"not a PDF: {str(error)[:80]}") from None
    return str(text) if text is not None else None


def _blank(content: bytes, form: str | None) -> bytes:
    """What a seal covers: the file with a blank seal; of a DOCX its parts, unpacked."""
    blanked = _replace_seal(content, form, BLANK.encode("ascii"))
    if form != "docx":
        return blanked
    return b"".join(
        name.encode() + b"\0" + hashlib.sha256(held).digest()
        for name, held in sorted(parts_of(blanked).items())
    )


def _replace_seal(content: bytes, form: str | None, digits: bytes) -> bytes:
    put = b"atlasseal" + digits
    if form == "png":
        return PNG_HEAD + b"".join(
            _chunk(kind, SEAL.sub(put, data, count=1) if kind == b"iTXt" else data)
            for kind, data in _chunks(content)
        )
    if form == "docx":
        return _with_part(content, SEAL.sub(put, parts_of(content).get(DOCX_PART, b""), count=1))
    return SEAL.sub(put, content, count=1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Chunks of a PNG in order; what is cut off at its end is one of its own."""
    found: list[tuple[bytes, bytes]] = []
    at = len(PNG_HEAD)
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        end = at + 12 + length
        found.append((content[at + 4 : at + 8], content[at + 8 : end - 4]))
        at = end
    return [*found, (b"rest", content[at:])] if content[at:] else found
