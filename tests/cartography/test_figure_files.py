"""Files of a figure: true vectors, letters that can be found, the same bytes, nothing outside."""

import base64
import re
import subprocess
import xml.etree.ElementTree as ET
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib.image import imread

from atlas.cartography.figure_files import to_png, to_svg
from atlas.io.assets import font_subset
from atlas.operations.figure import render
from tests.cartography.figures import figure_of

SVG = "{http://www.w3.org/2000/svg}"


def figure(**options):
    return figure_of("innovation-corridors", **options)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written here


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("figure") / "a4.pdf"
    path.write_bytes(render(figure(), "pdf"))
    return path


def told(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_every_font_of_a_pdf_is_embedded_with_a_way_back_to_unicode(pdf: Path) -> None:
    head, _, *lines = told("pdffonts", pdf).splitlines()
    assert lines
    for line in lines:
        cells = line[head.index("emb") :].split()
        assert cells[:3] == ["yes", "yes", "yes"], line
        assert "NotoSansCJKsc" in line


def test_the_words_of_a_pdf_are_found(pdf: Path) -> None:
    words = re.sub(r"\s", "", told("pdftotext", "-layout", pdf, "-"))
    for wanted in (
        "科创走廊", "图例", "2024-06-01当日施行", "2026-11-24", "杭州", "上海", "长三角G60科创走廊",
        "未经审图·workingmap,notforpublication", "layers=innovation-corridors&day=2024-06-01",
    ):  # fmt: skip
        assert wanted in words, wanted
    assert words.count("notforpublication") == 1


def test_a_pdf_is_one_page_of_vectors_without_a_clock(pdf: Path) -> None:
    about = told("pdfinfo", pdf)
    assert re.search(r"Pages:\s+1\n", about)
    assert re.search(r"Page size:\s+841.89 x 595.276 pts \(A4\)", about)
    assert "科创走廊" in about
    assert "JavaScript:      no" in about
    assert len(told("pdfimages", "-list", pdf).splitlines()) == 2
    assert re.findall(rb"D:(\d+)", pdf.read_bytes()) == [b"20261125000000"]


def test_an_svg_is_valid_and_brings_its_font_and_nothing_else() -> None:
    text = render(figure(), "svg").decode()
    tree = parsed(text)
    assert tree.tag == f"{SVG}svg"
    assert not [node for node in tree.iter() if node.tag.lower().endswith("script")]
    assert not re.findall(r"\son\w+\s*=", text)
    addresses = re.findall(r"(?:href|src)\s*=\s*\"([^\"]*)\"|url\(([^)]*)\)", text)
    assert all("".join(pair).strip('"')[:1] in "#d" for pair in addresses)
    assert "<!DOCTYPE" not in text
    names = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(names) == len(set(names))
    [font] = re.findall(r"data:font/woff2;base64,([^\"]+)", text)
    held = set(TTFont(BytesIO(base64.b64decode(font))).getBestCmap())
    words = "".join(node.text or "" for node in tree.iter(f"{SVG}text"))
    assert "科创走廊" in words
    assert {ord(sign) for sign in words} <= held
    assert len(held) < 1000
    assert all("Atlas Sans" in node.get("style") for node in tree.iter(f"{SVG}text"))


def test_an_svg_may_have_its_letters_as_shapes() -> None:
    text = to_svg(
        figure().sheet, title="<b> & \"c\"", letters="paths", webfont=font_subset,
        metadata="<x/>",
    )  # fmt: skip
    tree = parsed(text)
    assert not list(tree.iter(f"{SVG}text"))
    assert "font/woff2" not in text
    assert tree.find(f"{SVG}title").text == '<b> & "c"'
    assert tree.find(f"{SVG}metadata")[0].tag.endswith("x")


def test_a_png_has_the_pixels_that_were_asked_for() -> None:
    picture = imread(BytesIO(to_png(figure().sheet, dpi=150)))
    assert picture.shape[:2] == (1240, 1754)


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_the_same_recipe_gives_the_same_bytes_whatever_the_settings(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"dpi": 150}
    first = render(figure(**options), form)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    settings = {
        "font.size": 31, "svg.hashsalt": None, "pdf.fonttype": 42, "text.usetex": True,
        "axes.facecolor": "red", "text.hinting": "force_autohint", "path.simplify": False,
    }  # fmt: skip
    with mpl.rc_context(settings):
        figure_of.cache_clear()
        assert render(figure(**options), form) == first
        assert mpl.rcParams["font.size"] == 31


def test_another_day_of_making_gives_another_file() -> None:
    import datetime as dt

    later = figure(made=dt.date(2026, 11, 26))
    assert render(later, "pdf") != render(figure(), "pdf")


def test_what_the_font_lacks_shows_as_a_square_and_markup_as_itself() -> None:
    odd = figure(title="<b>&amp; $x$ 😀\u202e \x00")
    text = render(odd, "svg").decode()
    assert "&lt;b&gt;&amp;amp; $x$ □" in text
    parsed(text)
