"""The yearly evaluation: each area, causes and gaps; documents that prove themselves."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from pypdf import PdfReader

from atlas.analysis.indicator_list import AREAS, INDICATORS
from atlas.analysis.zone_index import index_zones
from atlas.errors import DayError, EvaluationRefused
from atlas.i18n import LANGUAGES, translate
from atlas.io.recipes import read_recipe
from atlas.operations.evaluate import BASELINE, Assessment, Evaluation, assess, evaluate
from atlas.operations.evaluate_output import EVALUATION, FORMS, draw_again, recipe_of, render
from atlas.operations.evaluate_report import (
    area_title,
    gap_texts,
    overview,
    short_change,
    summary,
    to_report,
    way_of,
)
from atlas.operations.folder import PROJECT
from atlas.operations.verify import ALTERED, CHANGED, SAME, WITHDRAWN, verify
from tests.conftest import StoreBuilder
from tests.plan_world import D, entry, fill, publish, world

LAYERS = PROJECT / "layers"
KNOWN_BY = dt.date(2026, 11, 25)
DAY = dt.date(2026, 10, 9)
OLD, NEW, RECORD, MADE = (
    dt.date(2021, 12, 31), dt.date(2024, 12, 31), dt.date(2024, 6, 1), dt.date(2025, 1, 2),
)  # fmt: skip
SECONDS_MOST = 30.0


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)


@pytest.fixture(scope="module")
def delta() -> Evaluation:
    """The whole delta, in the time that it may take."""
    start = time.process_time()
    found = evaluate(LAYERS, day=DAY, known_by=KNOWN_BY)
    assert time.process_time() - start < SECONDS_MOST
    return found


@pytest.fixture
def small(empty_store: StoreBuilder) -> StoreBuilder:
    """The world of tests/plan_world.py."""
    fill(empty_store)
    return empty_store


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> StoreBuilder:
    """The same with a name that tries to be markup, for tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("kept") / "layers"
    folder.mkdir()
    sharp = entry("2023-05-01", D, id="sharp", name_en="<b>*Sharp*</b> | _x_")
    store = StoreBuilder(folder)
    fill(store, {"innovation-corridors": [*world()["innovation-corridors"], sharp]})
    return store


@pytest.fixture(scope="module")
def found(kept: StoreBuilder) -> Evaluation:
    return evaluated(kept)


def evaluated(store: StoreBuilder) -> Evaluation:
    return evaluate(store.folder, day=NEW, known_by=RECORD, baseline=OLD)


def written(store: StoreBuilder, form: str, lang: str = "zh") -> Path:
    content = render(evaluated(store), form, lang=lang, made=MADE, folder=store.folder)
    return store.write(content, f"evaluation.{form}")


class TestDelta:
    """The published layers between the announcement and a year later."""

    def test_every_area_and_every_indicator_once(self, delta: Evaluation) -> None:
        assert [area.area for area in delta.areas] == list(AREAS)
        assert sorted(change.indicator.id for change in delta.changes) == sorted(INDICATORS)
        assert BASELINE == dt.date(2025, 10, 9) == delta.baseline
        assert [area.area for area in delta.areas if not area.changes] == [4, 5, 7]

    def test_changes_have_causes(self, delta: Evaluation) -> None:
        for change in delta.changes:
            if way_of(change) in ("more", "less"):
                assert change.causes, change.indicator.id
                for cause in change.causes:
                    assert cause.day is None or cause.day <= DAY.isoformat()
                    assert cause.day is None or cause.day >= BASELINE.isoformat()

    def test_known_openings_are_causes(self, delta: Evaluation) -> None:
        by_id = {change.indicator.id: change for change in delta.changes}
        lines = {cause.id for cause in by_id["rail-kilometres"].causes}
        assert {"hefei-xinyi-hsr", "hangzhou-quzhou-hsr", "jinhua-jiande-hsr"} <= lines
        areas = {cause.id for cause in by_id["metropolitan-population"].causes}
        assert areas == {"ningbo-metropolitan-area"}

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_gaps_are_told_once_each(self, delta: Evaluation, lang: str) -> None:
        told = gap_texts(delta, delta.areas[0], lang)
        assert len(told) == len(set(told))
        hangzhou = delta.record.name_of("metropolitan-areas", "hangzhou-metropolitan-area")[lang]
        assert any(hangzhou in text for text in told)

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_markdown_says_what_it_is_and_what_it_is_not(
        self, delta: Evaluation, lang: str
    ) -> None:
        text = render(delta, "md", lang=lang, made=DAY, folder=LAYERS).decode("utf-8")
        plain = re.sub(r"\\(.)", r"\1", text)
        for area in AREAS:
            assert f"## {area_title(area, lang)}" in plain
        for key in ("evaluation.caution", "evaluation.no_indicator", "app.notice"):
            assert translate(key, lang) in plain
        for edition in delta.editions:
            assert edition.sha256 in plain
        assert summary(delta, lang) in plain
        assert DAY.isoformat() in plain
        assert KNOWN_BY.isoformat() in plain

    def test_the_overview_adds_up(self, delta: Evaluation) -> None:
        table = overview(delta, "en")
        assert len(table.rows) == len(INDICATORS)
        assert table.head[2:4] == (BASELINE.isoformat(), DAY.isoformat())
        by_name = {row[1]: row for row in table.rows}
        row = by_name["Main railways in operation"]
        assert row[2:] == ("7,741 km", "8,099 km", "+358 km")


def test_days_in_the_wrong_order_are_refused() -> None:
    for day in (BASELINE, BASELINE - dt.timedelta(days=1)):
        with pytest.raises(EvaluationRefused, match="not after the baseline"):
            evaluate(LAYERS, day=day, known_by=KNOWN_BY)
    with pytest.raises(EvaluationRefused, match="not after the baseline"):
        assess(LAYERS, days=[BASELINE], known_by=KNOWN_BY)
    with pytest.raises(EvaluationRefused, match="0 days"):
        assess(LAYERS, days=[], known_by=KNOWN_BY)


def test_years_side_by_side(kept: StoreBuilder) -> None:
    days = [dt.date(2023, 12, 31), NEW, dt.date(2022, 12, 31)]
    found = assess(kept.folder, days=days, known_by=RECORD, baseline=OLD)
    assert isinstance(found, Assessment)
    assert found.days == (OLD, *sorted(days))
    values = [reading.value for reading in found.readings["rail-kilometres"]]
    assert values[0] == values[1] == values[2] < values[3]
    assert found.evaluation.day == NEW
    table = overview(found, "en")
    assert len(table.head) == 2 + 4 + 1
    text = render(found, "table", lang="en", made=MADE, folder=kept.folder).decode()
    assert "2022-12-31" in text


def test_values_for_machines(found: Evaluation, kept: StoreBuilder) -> None:
    held = json.loads(render(found, "json", lang="zh", made=MADE, folder=kept.folder))
    assert [area["area"] for area in held["areas"]] == list(AREAS)
    network = {one["id"]: one for one in held["areas"][1]["indicators"]}
    assert network["pairs-with-direct-line"]["difference"] == 1
    (cause,) = network["pairs-with-direct-line"]["causes"]
    assert (cause["id"], cause["day"], cause["kind"]) == ("branch", "2024-12-26", "began")
    corridors = {one["id"]: one for one in held["areas"][2]["indicators"]}
    assert {cause["id"] for cause in corridors["corridor-area"]["causes"]} == {"sharp"}
    assert corridors["corridor-area"]["unknown"] == ["innovation-corridors:dark@1/whole"]


def test_the_same_words_in_every_document(found: Evaluation, kept: StoreBuilder) -> None:
    word, markdown = (
        render(found, form, lang="en", made=MADE, folder=kept.folder) for form in ("docx", "md")
    )
    told = "\n".join(line.text for line in docx.Document(io.BytesIO(word)).paragraphs)
    assert to_report(found, "en", made=MADE).title in told
    assert "<b>*Sharp*</b> | _x_" in told
    assert b"<b>" not in markdown
    assert rb"\*Sharp\*" in markdown


def test_word_proves_itself_and_its_data(small: StoreBuilder) -> None:
    path = written(small, "docx")
    recipe = read_recipe(path).recipe
    assert (recipe.kind, recipe.day, recipe.until) == (EVALUATION, OLD, NEW)
    assert {used.layer for used in recipe.editions} == set(world())
    assert verify(path, small.folder).answer == SAME
    broken = small.write(reworded(path.read_bytes(), b"2021-12-31", b"2020-12-31"), "broken.docx")
    assert verify(broken, small.folder).answer == ALTERED


def reworded(content: bytes, old: bytes, new: bytes) -> bytes:
    """A DOCX of which somebody changed the text."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(out, "w") as target:
        for info in source.infolist():
            held = source.read(info)
            changed = held.replace(old, new) if info.filename == "word/document.xml" else held
            target.writestr(info, changed)
    return out.getvalue()


def test_a_new_edition_changes_nothing_and_a_withdrawn_one_is_told(small: StoreBuilder) -> None:
    path = written(small, "docx")
    publish(small, "ecological-belts", world()["ecological-belts"][:1], "2024-05-01")
    assert verify(path, small.folder).answer == SAME
    small.withdraw(1, "2024-06-02", "ecological-belts")
    assert verify(path, small.folder).answer == WITHDRAWN


def test_changed_data_are_told(small: StoreBuilder) -> None:
    path = written(small, "docx")
    edition = small.folder / "metropolitan-areas" / "1.geojson"
    edition.chmod(0o644)
    edition.write_bytes(edition.read_bytes().replace(b"first", b"fIrst"))
    assert verify(path, small.folder).answer == CHANGED


def test_pdf_has_its_letters_and_its_recipe(small: StoreBuilder) -> None:
    path = written(small, "pdf")
    pages = PdfReader(path).pages
    text = "".join(page.extract_text() for page in pages)
    for area in AREAS:
        assert translate(f"evaluation.area_{area}", "zh") in text
    fonts = {
        str(font.get_object()["/Subtype"]) for page in pages
        for font in page["/Resources"]["/Font"].get_object().values()
    }  # fmt: skip
    assert fonts == {"/Type3"}, "letters lie in the file"
    assert f"1 / {len(pages)}" in text
    assert verify(path, small.folder).answer == SAME


def test_a_forged_recipe_is_refused(found: Evaluation, kept: StoreBuilder) -> None:
    recipe = recipe_of(found, "docx", lang="zh", made=MADE, folder=kept.folder)
    for wrong in (
        replace(recipe, editions=()), replace(recipe, until=None), replace(recipe, lang="both"),
        replace(recipe, form="png"),
    ):  # fmt: skip
        with pytest.raises(EvaluationRefused):
            draw_again(wrong, kept.folder)
    with pytest.raises(DayError):
        draw_again(replace(recipe, options=(("days", "soon"),)), kept.folder)


def test_a_star_marks_what_was_left_out(small: StoreBuilder) -> None:
    rows = world()["metropolitan-areas"]
    hidden = entry("2023-01-01", None, id="first", plan_version="2")
    first = entry("2016-06-03", rows[0][1], "2023-01-01", id="first")
    publish(small, "metropolitan-areas", [first, hidden, rows[1]], "2024-02-01")
    found = {change.indicator.id: change for change in evaluated(small).changes}
    change = found["metropolitan-population"]
    assert change.left_out == (("metropolitan-areas", "first"),)
    assert change.difference == pytest.approx(950)
    assert short_change(change, "en").endswith("*")


def test_forms() -> None:
    assert set(FORMS) == {"table", "json", "md", "docx", "pdf"}
