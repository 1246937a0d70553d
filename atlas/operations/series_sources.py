"""The last pages of a series in words: how it was measured, from what, and how to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.cartography.figure_sheet import languages_of
from atlas.cartography.series_text import Section
from atlas.core.recipe import PLACE, Recipe
from atlas.i18n import translate
from atlas.operations.figure_data import Reader, of_role, shown_day
from atlas.operations.figure_words import HASH_SIGNS

if TYPE_CHECKING:
    from atlas.core.layer import Layer
    from atlas.core.recipe import EditionUsed
    from atlas.operations.series_facts import Places

VERSIONS = ("atlas", "style", "matplotlib", "freetype", "font")
"""What is printed of what drew; the recipe holds all."""


def source_sections(recipe: Recipe, read: Reader, places: Places) -> tuple[Section, ...]:
    """Method, data and proof, in each language of a series."""
    return tuple(
        section
        for lang in languages_of(recipe.lang)
        for section in (
            _method(recipe, read, places, lang),
            _data(recipe, read, lang),
            _proof(recipe, lang),
        )
    )


def _method(recipe: Recipe, read: Reader, places: Places, lang: str) -> Section:
    lines = [
        translate("series.method_force", lang),
        translate("series.method_shared", lang),
        translate("overlap.method", lang),
        translate("figure.note.counts", lang),
        translate("figure.note.crs", lang),
    ]
    left_out = _without_extent(recipe, read, places, lang)
    if left_out:
        joined = translate("words.comma", lang).join(left_out)
        lines.append(translate("series.no_page", lang, names=joined))
    return Section(translate("series.method", lang), tuple(lines))


def _without_extent(recipe: Recipe, read: Reader, places: Places, lang: str) -> list[str]:
    """Places that have no page: they are not there on the day, or their extent is not known."""
    [used] = of_role(recipe, PLACE)
    rows = read(used).features
    started = rows["valid_from"].isna() | (rows["valid_from"] <= shown_day(recipe).isoformat())
    lasting = rows["valid_to"].isna() | (rows["valid_to"] > shown_day(recipe).isoformat())
    missing = rows[started & lasting & ~rows["id"].isin(places.rows["id"])]
    return list(dict.fromkeys(map(str, missing[f"name_{lang}"])))


def _data(recipe: Recipe, read: Reader, lang: str) -> Section:
    used = {one.layer: one for one in reversed(recipe.editions)}
    lines = [tell_edition(one, read(one), lang) for one in reversed(used.values())]
    return Section(translate("series.data", lang), tuple(lines))


def tell_edition(used: EditionUsed, layer: Layer, lang: str) -> str:
    """One edition: what it is, where it is from, how true it is, and under which licence."""
    info = layer.info
    edition = translate(
        "figure.edition", lang, layer=info.title[lang], edition=used.edition,
        day=used.published.isoformat(), hash=used.sha256[:HASH_SIGNS],
    )  # fmt: skip
    return translate(
        "series.layer", lang, edition=edition, source=info.source[lang],
        accuracy=info.accuracy[lang], licence=info.licence, attribution=info.attribution[lang],
    )  # fmt: skip


def tell_versions(recipe: Recipe, lang: str) -> str:
    """What drew, by name."""
    versions = dict(recipe.versions)
    return translate("words.comma", lang).join(f"{name} {versions[name]}" for name in VERSIONS)


def _proof(recipe: Recipe, lang: str) -> Section:
    lines = (
        translate("figure.days", lang, day=shown_day(recipe).isoformat(),
                  known=recipe.known_by.isoformat()),
        translate("series.made", lang, day=recipe.made.isoformat()),
        translate(f"figure.note.{recipe.profile}", lang),
        translate("series.verify", lang, versions=tell_versions(recipe, lang)),
    )  # fmt: skip
    return Section(translate("series.proof", lang), lines)
