"""An evaluation as a file: text, values, Markdown, Word or PDF; the last two carry their recipe."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from atlas.analysis.indicator_list import INDICATORS
from atlas.cartography.figure_files import drawing, pages_to_pdf
from atlas.cartography.figure_versions import versions_of
from atlas.cartography.report_pages import to_pages
from atlas.core.layer import Edition
from atlas.core.paper import PORTRAIT
from atlas.core.period import parse_day
from atlas.core.recipe import SHOWN, EditionUsed, Recipe
from atlas.errors import EvaluationRefused
from atlas.i18n import LANGUAGES, translate
from atlas.io import catalogue, recipes
from atlas.io.assets import font_path
from atlas.io.files import read_bytes, sha256_of
from atlas.io.markdown import to_markdown
from atlas.io.word import to_docx
from atlas.operations.evaluate import Assessment, assess, evaluate
from atlas.operations.evaluate_report import (
    Evaluated,
    evaluation_of,
    gap_texts,
    moved,
    opening,
    overview,
    title_of,
    titles,
    to_report,
)
from atlas.operations.indicator_output import change_values, edition_values, number
from atlas.operations.indicator_words import cause_texts, change_text
from atlas.operations.indicators import read_named
from atlas.operations.show import align

FORMS = ("table", "json", "md", "docx", "pdf")
CARRIERS = ("docx", "pdf")
"""Forms that carry their recipe."""
EVALUATION = "evaluation"
"""Kind of recipe."""
DAYS = "days"


def render(found: Evaluated, form: str, *, lang: str, made: dt.date, folder: Path) -> bytes:
    """An evaluation in one of :data:`FORMS`.

    Parameters
    ----------
    found
        Two days, or several side by side.
    form
        ``table`` is for a terminal; ``docx`` and ``pdf`` carry the recipe that proves them.
    lang
        Language of words.
    made
        Day that a document says it was made on.
    folder
        Where the layers lie, for the recipe.

    Raises
    ------
    AssetsMissing
        If the font of a PDF was not installed.
    """
    if form == "json":
        return (json.dumps(to_values(found), ensure_ascii=False, indent=1) + "\n").encode()
    if form == "table":
        return terminal(found, lang).encode()
    report = to_report(found, lang, made=made)
    if form == "md":
        return to_markdown(report)
    recipe = recipe_of(found, form, lang=lang, made=made, folder=folder)
    if form == "docx":
        return recipes.write_recipe(to_docx(report, made=made), recipe)
    keys = {recipes.PDF_KEY: recipes.envelope(recipe)}
    with drawing():
        pages = to_pages(report, font_path())
        return recipes.seal(pages_to_pdf(pages, title=report.title, made=made, keys=keys))


def recipe_of(found: Evaluated, form: str, *, lang: str, made: dt.date, folder: Path) -> Recipe:
    """All that an evaluation was made from: editions, days, versions of the atlas."""
    held = evaluation_of(found)
    days = found.days[1:] if isinstance(found, Assessment) else ()
    asked = ((DAYS, ",".join(day.isoformat() for day in days)),) if days else ()
    return Recipe(
        EVALUATION, form, tuple(held.record.layers),
        tuple(_used(folder, edition) for edition in held.editions), held.baseline, held.known_by,
        made, held.day, orientation=PORTRAIT, lang=lang, versions=versions_of(font_path()),
        options=asked,
    )  # fmt: skip


def _used(folder: Path, edition: Edition) -> EditionUsed:
    about = sha256_of(read_bytes(folder / edition.layer / "layer.toml"))
    return EditionUsed(
        edition.layer, edition.edition, edition.published, edition.sha256, about, SHOWN
    )


def draw_again(recipe: Recipe, folder: Path) -> bytes:
    """The file that a recipe describes, from the very editions that it names.

    Raises
    ------
    EvaluationRefused
        If the recipe names no editions of the layers, or no second day.
    """
    used = {entry.layer: entry for entry in recipe.editions}

    def find(layer: str) -> Edition:
        if layer not in used:
            raise EvaluationRefused(problem=f"its recipe names no edition of {layer}")
        entry = used[layer]
        return catalogue.find_edition(folder, layer, known_by=entry.published, number=entry.edition)

    record = read_named(folder, find, known_by=recipe.known_by)
    asked = dict(recipe.options).get(DAYS, "")
    if recipe.until is None or recipe.lang not in LANGUAGES or recipe.form not in CARRIERS:
        raise EvaluationRefused(problem="its recipe is not whole")
    found: Evaluated
    if asked:
        days = [parse_day(day) for day in asked.split(",")]
        found = assess(
            folder, days=days, known_by=recipe.known_by, baseline=recipe.day, record=record
        )
    else:
        found = evaluate(
            folder, day=recipe.until, known_by=recipe.known_by, baseline=recipe.day, record=record
        )
    return render(found, recipe.form, lang=recipe.lang, made=recipe.made, folder=folder)


def terminal(found: Evaluated, lang: str) -> str:
    """An evaluation as text: opening, overview, and area by area what changed."""
    held = evaluation_of(found)
    table = overview(found, lang)
    told = [title_of(found, lang), *opening(held, lang), align([table.head, *table.rows])]
    named = titles(lang)
    for area in held.areas:
        lines = [named[area.area]]
        if not area.changes:
            lines.append("  " + translate("evaluation.no_indicator", lang))
        for change in moved(area):
            lines.append("  " + change_text(held.record, change, lang))
            lines += [f"    - {text}" for text in cause_texts(change, lang)]
        lines += [f"  ? {text}" for text in gap_texts(held, area, lang)]
        told.append("\n".join(lines))
    return "\n\n".join(told) + "\n"


def to_values(found: Evaluated) -> dict[str, Any]:
    """An evaluation as plain values for machines."""
    held = evaluation_of(found)
    named = {lang: titles(lang) for lang in LANGUAGES}
    values: dict[str, Any] = {
        "baseline": held.baseline.isoformat(),
        "day": held.day.isoformat(),
        "known_by": held.known_by.isoformat(),
        "editions": [edition_values(edition) for edition in held.editions],
        "caution": {lang: translate("evaluation.caution", lang) for lang in LANGUAGES},
        "areas": [
            {
                "area": area.area,
                "title": {lang: named[lang][area.area] for lang in LANGUAGES},
                "indicators": [change_values(change) for change in area.changes],
                "others": list(area.others),
                "gaps": {lang: gap_texts(held, area, lang) for lang in LANGUAGES},
            }
            for area in held.areas
        ],
    }
    if isinstance(found, Assessment):
        values["days"] = [day.isoformat() for day in found.days]
        values["values"] = {
            id_: [number(reading.value) for reading in found.readings[id_]] for id_ in INDICATORS
        }
    return values
