"""A recipe travels in every kind of file, is read back, and its seal shows any change."""

import dataclasses
import datetime as dt
import struct
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from atlas.core.recipe import Recipe
from atlas.core.report import Paragraph, Report
from atlas.errors import FileDamaged
from atlas.io import recipes
from atlas.io.word import to_docx

DAY = dt.date(2024, 6, 1)


def recipe(form: str) -> Recipe:
    return Recipe(
        "figure", form, ("cities",), (), DAY, DAY, DAY, title="图 (a\\b) <&> atlas:recipe"
    )


def pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    )


def svg() -> bytes:
    return '<svg xmlns="http://www.w3.org/2000/svg"><metadata></metadata><text>图</text></svg>'.encode()


def word() -> bytes:
    return to_docx(Report("图", "zh", (Paragraph("x"),)), made=DAY)


BARE = {"pdf": pdf, "png": png, "svg": svg, "docx": word}


def carrier(form: str) -> bytes:
    return recipes.write_recipe(BARE[form](), recipe(form))


def put(folder: Path, content: bytes, form: str = "x") -> Path:
    path = folder / f"file.{form}"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", recipes.FORMS)
def test_a_recipe_is_read_back_and_its_seal_holds(form: str, tmp_path: Path) -> None:
    content = carrier(form)
    assert content == carrier(form)
    read = recipes.read_recipe(put(tmp_path, content, form))
    assert (read.form, read.recipe, read.intact) == (form, recipe(form), True)


@pytest.mark.parametrize("form", recipes.FORMS)
def test_another_recipe_breaks_the_seal(form: str, tmp_path: Path) -> None:
    text = recipes.envelope(recipe(form))
    other = text.replace("2024-06-01", "2024-06-02", 1)
    assert other != text
    content = carrier(form)
    if form == "docx":
        parts = recipes.parts_of(content)
        changed = BytesIO()
        with ZipFile(changed, "w") as packed:
            for name, held in parts.items():
                packed.writestr(name, held.replace(b"2024-06-01", b"2024-06-02"))
        content = changed.getvalue()
    else:
        assert b"2024-06-01" in content or form == "pdf"
        plain = content.replace(b"2024-06-01", b"2024-06-02")
        content = plain.replace(rb"2024\05506\05501", rb"2024\05506\05502")
    read = recipes.read_recipe(put(tmp_path, content))
    assert not read.intact
    assert read.recipe != recipe(form)


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_change_outside_the_recipe_breaks_the_seal(form: str, tmp_path: Path) -> None:
    content = carrier(form)
    change = {"pdf": (b"100", b"101"), "svg": ("图".encode(), b"abc"), "png": (b"IDAT", b"IDAx")}
    old, new = change[form]
    read = recipes.read_recipe(put(tmp_path, content.replace(old, new, 1)))
    assert not read.intact


def test_a_changed_part_of_a_document_breaks_the_seal(tmp_path: Path) -> None:
    parts = recipes.parts_of(carrier("docx"))
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for name, held in parts.items():
            packed.writestr(name, held.replace(b">x<", b">y<"))
    assert not recipes.read_recipe(put(tmp_path, out.getvalue())).intact


def test_a_document_packed_again_keeps_its_seal(tmp_path: Path) -> None:
    parts = recipes.parts_of(carrier("docx"))
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for name in sorted(parts):
            packed.writestr(name, parts[name])
    assert recipes.read_recipe(put(tmp_path, out.getvalue())).intact


def test_other_programs_read_files_that_carry_a_recipe() -> None:
    assert len(PdfReader(BytesIO(carrier("pdf")), strict=True).pages) == 1
    document = docx.Document(BytesIO(carrier("docx")))
    assert [paragraph.text for paragraph in document.paragraphs] == ["图", "x"]
    again = BytesIO()
    document.save(again)
    assert recipes.DOCX_PART in recipes.parts_of(again.getvalue())


def test_a_pdf_saved_by_another_program_still_has_its_recipe(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=BytesIO(carrier("pdf")))
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": "other"})
    out = BytesIO()
    writer.write(out)
    read = recipes.read_recipe(put(tmp_path, out.getvalue()))
    assert read.recipe == recipe("pdf")
    assert not read.intact


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a PDF, SVG, PNG"),
        (b"hello", "not a PDF, SVG, PNG"),
        (b"%PDF-1.7\n", "not a PDF"),
        (pdf(), "carries no recipe"),
        (png(), "carries no recipe"),
        (svg(), "carries no recipe"),
        (word(), "carries no recipe"),
        (b"PK\x03\x04 no archive", "carries no recipe"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIDAT", "carries no recipe"),
        (svg().replace(b"></meta", b"><atlas:recipe>{</atlas:recipe></meta"), "cannot be read"),
        (svg().replace(b"></meta", b"><atlas:recipe>{}</atlas:recipe></meta"), "cannot be read"),
        (svg().replace(b"></meta", b"><atlas:recipe>[]</atlas:recipe></meta"), "cannot be read"),
    ],
)
def test_a_file_without_a_recipe_says_so(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(FileDamaged, match=words):
        recipes.read_recipe(put(tmp_path, content))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileDamaged, match="No such file"):
        recipes.read_recipe(tmp_path / "none.pdf")


@given(st.sampled_from(recipes.FORMS), st.integers(0, 100_000), st.binary(min_size=1, max_size=3))
def test_no_damage_does_more_than_break_the_seal(form: str, at: int, put_in: bytes) -> None:
    content = bytearray(carrier(form))
    at %= len(content)
    content[at : at + len(put_in)] = put_in
    path = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path("/tmp")  # noqa: S108
    file = path / "atlas-test-recipe"
    file.write_bytes(bytes(content))
    try:
        read = recipes.read_recipe(file)
    except FileDamaged:
        return
    assert read.recipe == recipe(form) or not read.intact


def test_only_these_forms_carry_recipes() -> None:
    with pytest.raises(ValueError, match="xlsx"):
        recipes.write_recipe(b"", dataclasses.replace(recipe("pdf"), form="xlsx"))
    with pytest.raises(ValueError, match="metadata"):
        recipes.write_recipe(b"<svg/>", recipe("svg"))
