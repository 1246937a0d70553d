"""Sources, method and proof of a report."""

from __future__ import annotations

from atlas.core.recipe import PLACE, Recipe
from atlas.core.report import Block, Bullets, Heading, Paragraph
from atlas.core.reported import Reported
from atlas.core.view import View, to_address, to_query
from atlas.i18n import translate
from atlas.operations.figure_data import Reader, of_role, shown_day
from atlas.operations.series_sources import tell_edition, tell_versions


def source_blocks(recipe: Recipe, read: Reader, lang: str) -> list[Block]:
    """Every edition with its source, how figures were measured, and how to check them."""
    used = {one.layer: one for one in reversed(recipe.editions)}
    method = ["overlap.method", "figure.note.crs"]
    if recipe.until:
        method.append("words.method")
    if recipe.bounds:
        method.append("figure.note.counts")
    made = translate(
        "figure.note.made", lang, day=recipe.made.isoformat(), address=address_of(recipe, lang)
    )
    return [
        Heading(translate("change.sources", lang)),
        Bullets(tuple(tell_edition(one, read(one), lang) for one in reversed(used.values()))),
        Heading(translate("change.method", lang)),
        *(Paragraph(translate(key, lang)) for key in method),
        Heading(translate("series.proof", lang)),
        Paragraph(made),
        Paragraph(translate(f"figure.note.{recipe.profile}", lang)),
        Paragraph(translate("report.verify", lang, versions=tell_versions(recipe, lang))),
    ]


def address_of(recipe: Recipe, lang: str) -> str:
    """Address of the page that composes the same report, below the atlas's own."""
    where = recipe.place if of_role(recipe, PLACE) or recipe.bounds else ""
    since = recipe.day if recipe.until else None
    reported = Reported(
        where, since, recipe.paper, recipe.orientation, recipe.lang, recipe.profile, recipe.title
    )
    view = View(
        recipe.layers, day=shown_day(recipe), known_by=recipe.known_by, lang=lang,
        reported=reported,
    )  # fmt: skip
    return to_address(to_query(view, today=recipe.made, lang=lang, reported=True), "report")
