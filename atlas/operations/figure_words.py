"""The words of a figure: title, days, sources, accuracy, editions, and for whom it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlas.cartography.figure_sheet import Texts, languages_of
from atlas.core.approval import PUBLIC, WORKING
from atlas.core.ground import GroundView
from atlas.core.recipe import GROUND, PLACE, SHOWN, UNITS, EditionUsed, Recipe
from atlas.core.view import Compared, View, to_address, to_query
from atlas.i18n import LANGUAGES, translate
from atlas.operations.change_words import tell
from atlas.operations.figure_data import Reader, of_role, outline_of

if TYPE_CHECKING:
    from atlas.core.layer import LayerInfo
    from atlas.operations.compare import Comparison
    from atlas.operations.ground import Ground

HASH_SIGNS = 12
"""Signs of a hash that a reader compares."""
ASKED = (SHOWN, GROUND)
"""Roles of the layers that were asked for."""


def title_of(
    recipe: Recipe, read: Reader, comparison: Comparison | None, ground: Ground | None = None
) -> Texts:
    """The user's title, else what is shown and where, in each language of the figure."""
    if recipe.title:
        return (recipe.title,)
    asked = [_info(used, read, ground) for used in recipe.editions if used.role in ASKED]
    texts = []
    for lang in languages_of(recipe.lang):
        if comparison:
            layers = tell(comparison, lang).title
        else:
            layers = translate("figure.and", lang).join(info.title[lang] for info in asked)
        texts.append(_title(recipe, read, layers, lang))
    return tuple(texts)


def _info(used: EditionUsed, read: Reader, ground: Ground | None) -> LayerInfo:
    """What a layer, or the raster, says of itself."""
    if used.role == GROUND and ground and ground.info:
        return ground.info
    return read(used).info


def _title(recipe: Recipe, read: Reader, layers: str, lang: str) -> str:
    place = outline_of(recipe, read)
    if place is None:
        return layers
    name = place.title[languages_of(recipe.lang).index(lang)]
    return translate("figure.title_of_place", lang, place=name, layers=layers)


def subtitle_of(recipe: Recipe, comparison: Comparison | None) -> Texts:
    """Both days, and what a change figure shows, in each language."""
    key = "figure.days_changed" if comparison else "figure.days"
    texts = []
    for lang in languages_of(recipe.lang):
        until = (recipe.until or recipe.day).isoformat()
        text = translate(
            key, lang, day=recipe.day.isoformat(), until=until, known=recipe.known_by.isoformat()
        )
        texts.append(f"{text} {tell(comparison, lang).summary}" if comparison else text)
    return tuple(texts)


def stamp_of(recipe: Recipe) -> Texts:
    """Lines in the map's lower left corner."""
    if recipe.profile == PUBLIC:
        return tuple(
            translate("figure.stamp.public", lang, number=recipe.approval_number)
            for lang in languages_of(recipe.lang)
        )
    return (translate(f"figure.stamp.{recipe.profile}", LANGUAGES[0]),)


def watermark_of(recipe: Recipe) -> str:
    """Words across a map that is not for publication; they are the same in every language."""
    return translate("figure.stamp.working", LANGUAGES[0]) if recipe.profile == WORKING else ""


def notes_of(recipe: Recipe, read: Reader, ground: Ground | None = None) -> tuple[Texts, ...]:
    """Paragraphs below the map, in each language."""
    told = [used for used in _unique(recipe) if used.role != UNITS]
    infos = {used.layer: _info(used, read, ground) for used in told}
    return tuple(_notes(recipe, told, infos, lang) for lang in languages_of(recipe.lang))


def _notes(
    recipe: Recipe, told: list[EditionUsed], infos: dict[str, LayerInfo], lang: str
) -> Texts:
    stop = translate("figure.stop", lang)
    joined = {
        "editions": stop.join(_edition(used, infos[used.layer], lang) for used in told),
        "sources": stop.join(dict.fromkeys(_source(infos[used.layer], lang) for used in told)),
        "accuracy": stop.join(
            f"{infos[used.layer].title[lang]}: {infos[used.layer].accuracy[lang]}"
            for used in told
            if used.role in ASKED
        ),
    }
    words = [translate(f"figure.note.{name}", lang, text=text) for name, text in joined.items()]
    if recipe.bounds:
        words.append(translate("figure.note.counts", lang))
    words += [
        translate("figure.note.crs", lang),
        translate(
            "figure.note.made",
            lang,
            day=recipe.made.isoformat(),
            address=address_of(recipe, lang, infos),
        ),
        translate(f"figure.note.{recipe.profile}", lang),
    ]
    return tuple(words)


def _unique(recipe: Recipe) -> list[EditionUsed]:
    """Editions of a recipe, each layer once, those that are shown first."""
    order = sorted(recipe.editions, key=lambda used: used.role not in ASKED)
    return list({used.layer: used for used in reversed(order)}.values())[::-1]


def _edition(used: EditionUsed, info: LayerInfo, lang: str) -> str:
    return translate(
        "figure.edition", lang, layer=info.title[lang], edition=used.edition,
        day=used.published.isoformat(), hash=used.sha256[:HASH_SIGNS],
    )  # fmt: skip


def _source(info: LayerInfo, lang: str) -> str:
    return translate(
        "figure.source", lang, attribution=info.attribution[lang], licence=info.licence
    )


def address_of(recipe: Recipe, lang: str, infos: dict[str, LayerInfo] | None = None) -> str:
    """Address of the same view below the atlas's own.

    A figure with a raster leads to the page of the ground, with the first of its layers that has
    areas as zones; ``infos`` are those of the layers, for this only.
    """
    for used in of_role(recipe, GROUND):
        ground = GroundView(used.layer)
        for layer in recipe.layers:
            if infos and infos[layer].kind == "polygon":
                ground = replace(ground, over=layer)
                break
        view = View((), recipe.day, recipe.known_by, ground=ground)
        return to_address(to_query(view, today=recipe.made, lang=lang, ground=True), "ground")
    if recipe.until:
        pair = (recipe.day.isoformat(), recipe.until.isoformat())
        view = View(
            (), known_by=recipe.known_by, compared=Compared(recipe.layers[0], "days", *pair)
        )
        return to_address(to_query(view, today=recipe.made, lang=lang, compared=True), "changes")
    place = recipe.place if of_role(recipe, PLACE) else None
    view = View(recipe.layers, recipe.day, recipe.known_by, place)
    return to_address(to_query(view, today=recipe.made, lang=lang))
