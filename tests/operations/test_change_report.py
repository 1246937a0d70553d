"""A real change as Word and Markdown: words, map, table, sources, method, the same bytes twice."""

import datetime as dt
import io
import re
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qsl

import docx
import numpy as np
import pytest
import shapely
from docx.document import Document
from matplotlib.image import imread

from atlas.core.period import as_of
from atlas.core.report import Bullets, Heading, Paragraph, Picture, Report, Table
from atlas.core.view import read_query
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue
from atlas.operations import change_report
from atlas.operations.change_output import to_rows
from atlas.operations.change_report import FORMS, draw, read_background, render, to_report, view_of
from atlas.operations.change_words import plain_text, tell
from atlas.operations.compare import DAYS, EDITIONS, VERSIONS, Comparison, compare
from atlas.operations.folder import PROJECT
from atlas.operations.publish import publish
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, row

LAYERS = PROJECT / "layers"
KNOWN_BY, MADE = dt.date(2026, 11, 24), dt.date(2026, 11, 25)
AREAS, HEFEI = "metropolitan-areas", "hefei-metropolitan-area"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def hefei() -> Comparison:
    return compare(
        LAYERS, AREAS, by=VERSIONS, old="2016", new="2024", known_by=KNOWN_BY, feature=HEFEI
    )


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def word(hefei: Comparison, lang: str) -> Document:
    return docx.Document(io.BytesIO(written(hefei, "docx", lang)))


@pytest.fixture(scope="module")
def markdown(hefei: Comparison, lang: str) -> str:
    return written(hefei, "md", lang).decode("utf-8")


def written(comparison: Comparison, form: str, lang: str, folder: Path = LAYERS) -> bytes:
    return render(comparison, form, lang=lang, made=MADE, folder=folder)


def texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def plain(markdown: str) -> str:
    """Markdown without its escapes."""
    return re.sub(r"\\(.)", r"\1", markdown)


def test_word_holds_the_words(hefei: Comparison, word: Document, lang: str) -> None:
    telling, told = tell(hefei, lang), texts(word)
    assert told[:3] == [telling.title, telling.states, telling.summary]
    bullets = [entry.text for entry in word.paragraphs if entry.style.name == "List Bullet"]
    assert bullets[: len(telling.paragraphs)] == [text for _, text in telling.paragraphs]


def test_its_parts_stand_in_order(word: Document, lang: str) -> None:
    headings = [entry.text for entry in word.paragraphs if entry.style.name == "Heading 1"]
    assert headings == [
        translate(f"change.{name}", lang) for name in ("map", "table", "sources", "method")
    ]


def test_its_table_holds_the_figures(hefei: Comparison, word: Document, lang: str) -> None:
    (table,) = word.tables
    head, line = ([cell.text for cell in entry.cells] for entry in table.rows)
    (told,) = to_rows(hefei, lang)
    assert head[0] == translate("change.column.name", lang)
    assert f"{translate('change.column.lost', lang)} (km²)" in head
    assert f"{told['lost']:,.1f}" in line
    assert line[0] == told["name"]
    assert len(head) == len(line)


def test_it_says_where_every_figure_comes_from(
    hefei: Comparison, word: Document, markdown: str, lang: str
) -> None:
    edition, info = hefei.new.edition, hefei.info
    wanted = [
        edition.sha256[:12], edition.published.isoformat(), info.title[lang], info.licence,
        info.attribution[lang], info.accuracy[lang], translate("words.method", lang),
        translate("app.notice", lang), MADE.isoformat(), hefei.diff.new["source_url"].iloc[0],
    ]  # fmt: skip
    for text in ("\n".join(texts(word)), plain(markdown)):
        missing = [part for part in wanted if part not in text]
        assert missing == []


def test_its_address_shows_the_same_again(
    hefei: Comparison, word: Document, markdown: str, lang: str
) -> None:
    for text in ("\n".join(texts(word)), plain(markdown)):
        (address,) = re.findall(r"/changes\?\S+", text)
        query = dict(parse_qsl(address.partition("?")[2]))
        view, unknown = read_query(
            query, layers=[AREAS], languages=LANGUAGES, default=(), today=MADE
        )
        assert unknown == []
        assert (view.compared, view.known_by, view.lang) == (
            view_of(hefei).compared, KNOWN_BY, lang,
        )  # fmt: skip


def test_word_holds_one_map(word: Document) -> None:
    pictures = [part.blob for part in word.part.package.iter_parts()
                if part.partname.endswith(".png")]  # fmt: skip
    assert [picture[:8] for picture in pictures] == [PNG]


def test_markdown_holds_the_same_words_table_and_map(
    hefei: Comparison, markdown: str, lang: str
) -> None:
    telling, text = tell(hefei, lang), plain(markdown)
    assert text.startswith(f"# {telling.title}\n\n{telling.states}\n\n{telling.summary}\n\n")
    assert all(f"\n- {sentence}\n" in text or f"\n* {sentence}\n" in text
               for _, sentence in telling.paragraphs)  # fmt: skip
    (row,) = [
        line
        for line in text.splitlines()
        if line.startswith(f"| {to_rows(hefei, lang)[0]['name']}")
    ]
    assert f"{hefei.sizes_of(0)['kept']:,.1f}" in row
    (picture,) = re.findall(r"^\[picture-1\]: data:image/png;base64,(\S+)$", markdown, re.MULTILINE)
    assert b64decode(picture).startswith(PNG)


@pytest.mark.parametrize("form", FORMS)
def test_the_same_bytes_twice(hefei: Comparison, form: str) -> None:
    again = compare(
        LAYERS, AREAS, by=VERSIONS, old="2016", new="2024", known_by=KNOWN_BY, feature=HEFEI
    )
    assert written(hefei, form, "zh") == written(again, form, "zh")


def test_the_map_shows_what_was_lost_above_its_background(hefei: Comparison) -> None:
    background = read_background(LAYERS, KNOWN_BY)
    picture, bare = (pixels(draw(hefei, layers, "zh")) for layers in (background, []))
    assert picture.shape == bare.shape
    assert (picture != bare).any(axis=2).mean() > 0.01
    red, _, blue = np.moveaxis(bare, 2, 0)
    orange = red - blue > 0.2
    assert 0.1 < orange.mean() < hefei.sizes_of(0)["lost"] / hefei.sizes_of(0)["old"]


def pixels(png: bytes) -> np.ndarray:
    return imread(io.BytesIO(png))[..., :3]


def test_the_background_is_what_was_published_by_the_day() -> None:
    assert read_background(LAYERS, dt.date(2000, 1, 1)) == []
    layers = read_background(LAYERS, KNOWN_BY)
    assert layers
    for layer in layers:
        shown = as_of(layer.layer.features, KNOWN_BY)
        assert set(layer.features["id"]) <= set(shown["id"])


@pytest.fixture
def editions(store: StoreBuilder) -> StoreBuilder:
    """Editions of which the second corrects a source, and the third nothing on the ground."""
    store.publish([row(), row(id="b", sourced=False)])
    store.publish([row(name_en="New"), row(id="b", sourced=False, notes_en="more")])
    return store


def compared(store: StoreBuilder, by: str, old: object, new: object) -> Comparison:
    return compare(store.folder, "belts", by=by, old=old, new=new, known_by=TODAY)


def blocks(report: Report, kind: type) -> list:
    return [block for block in report.blocks if isinstance(block, kind)]


def test_nothing_that_differs_leaves_map_and_table_out(editions: StoreBuilder) -> None:
    comparison = compared(editions, DAYS, "2020-01-01", "2021-01-01")
    assert draw(comparison, [], "en") == b""
    report = to_report(comparison, "en", made=MADE, picture=b"")
    assert blocks(report, Picture) == blocks(report, Table) == []
    headings = [block.text for block in blocks(report, Heading)]
    assert headings == [translate(f"change.{name}", "en") for name in ("sources", "method")]
    assert blocks(report, Paragraph)[1].text == translate("words.no_change", "en")
    assert "picture" not in written(comparison, "md", "en", editions.folder).decode()
    word = docx.Document(io.BytesIO(written(comparison, "docx", "en", editions.folder)))
    assert len(word.inline_shapes) == len(word.tables) == 0


def test_rows_without_any_extent_have_a_table_and_no_map(store: StoreBuilder) -> None:
    for name in ("Huai", "New"):
        nowhere = feature(row(name_en=name, geometry_basis="none"), None)
        file = store.write(collection([nowhere]))
        publish(store.folder, "belts", file, note="why", today=TODAY)
    comparison = compared(store, EDITIONS, 1, 2)
    assert draw(comparison, [], "en") == b""
    (table,) = blocks(to_report(comparison, "en", made=MADE, picture=b""), Table)
    assert dict(zip(table.head, *table.rows, strict=True))["before (km²)"] == "unknown"


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_without_a_source_are_said_to_have_none(editions: StoreBuilder, language: str) -> None:
    report = to_report(compared(editions, EDITIONS, 1, 2), language, made=MADE, picture=b"")
    sources = blocks(report, Bullets)[-1].items
    name = {"zh": "淮河", "en": "Huai"}[language]
    assert translate("change.unsourced", language, name=name) in sources
    assert len(sources) == len(set(sources))


def test_both_editions_are_named_with_their_hashes(editions: StoreBuilder) -> None:
    report = to_report(compared(editions, EDITIONS, 1, 2), "en", made=MADE, picture=b"")
    sources = " ".join(blocks(report, Bullets)[-1].items)
    for edition in catalogue.read_editions(editions.folder, "belts"):
        assert edition.sha256[:12] in sources


def test_the_table_leaves_out_columns_that_say_nothing(editions: StoreBuilder) -> None:
    report = to_report(compared(editions, EDITIONS, 1, 2), "en", made=MADE, picture=b"")
    (table,) = blocks(report, Table)
    assert "gained (km²)" not in table.head
    numbers = [table.head[place] for place in table.numeric]
    assert numbers == ["before (km²)", "after (km²)", "kept (km²)"]


def test_the_text_and_the_terminal_say_the_same(hefei: Comparison) -> None:
    text = written(hefei, "txt", "en").decode()
    assert text == plain_text(tell(hefei, "en"))
    table = written(hefei, "table", "en").decode()
    assert table.startswith("\n".join(text.splitlines()[:3]) + "\n\n")
    assert len(table.splitlines()) == 6
    cells = re.split(r"  +", table.splitlines()[-1])
    assert f"{hefei.sizes_of(0)['lost']:,.1f}" in cells


def test_a_terminal_that_has_nothing_to_tell(editions: StoreBuilder) -> None:
    comparison = compared(editions, EDITIONS, 2, 2)
    lines = written(comparison, "table", "en", editions.folder).decode().splitlines()
    assert len(lines) == 3
    assert lines[-1] == translate("words.no_change", "en")


def test_long_names_are_cut_for_a_terminal_only(store: StoreBuilder) -> None:
    store.publish([row(name_en="x" * 500)])
    comparison = compared(store, DAYS, "2010-01-01", "2020-01-01")
    table = written(comparison, "table", "en", store.folder).decode()
    assert "x" * (change_report.TERMINAL_NAME + 1) not in table.splitlines()[-1]
    assert "x" * 500 in written(comparison, "md", "en", store.folder).decode()


@pytest.mark.parametrize("by", [DAYS, EDITIONS, VERSIONS])
def test_the_view_is_what_was_compared(store: StoreBuilder, by: str) -> None:
    store.publish([row()])
    states = {DAYS: ("2010-01-01", "2020-01-01"), EDITIONS: ("1", "1"), VERSIONS: ("1", "1")}[by]
    comparison = compare(
        store.folder, "belts", by=by, old=states[0], new=states[1], known_by=TODAY, feature="belt"
    )
    view = view_of(comparison)
    assert view.compared is not None
    assert (view.compared.by, view.compared.old, view.compared.new) == (by, *states)
    assert (view.compared.feature, view.known_by) == ("belt", TODAY)


def test_a_map_shows_a_little_around_what_differs(hefei: Comparison) -> None:
    west, south, east, north = change_report._with_margin((120.0, 30.0, 121.0, 30.5))
    assert (west, south, east, north) == pytest.approx((119.94, 29.94, 121.06, 30.56))
    west, south, east, north = change_report._with_margin((120.0, 30.0, 120.0, 30.0))
    assert shapely.box(west, south, east, north).area == pytest.approx(0.01)
