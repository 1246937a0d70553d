"""What changed between the two days of a report, layer by layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlas.core.recipe import FIGURE, SHOWN, UNITS, EditionUsed, Recipe
from atlas.core.report import Block, Bullets, Heading, Picture, Table
from atlas.errors import FigureRefused, NothingThere
from atlas.i18n import translate
from atlas.operations import figure
from atlas.operations.change_report import to_report
from atlas.operations.compare import Comparison, compare_days, list_units
from atlas.operations.figure_data import Reader, of_role
from atlas.operations.grammar import counted
from atlas.operations.report_place import POINT
from atlas.operations.within import rows_within

if TYPE_CHECKING:
    from atlas.core.layer import Layer
    from atlas.operations.zones import ZoneSet


def change_blocks(
    recipe: Recipe, read: Reader, zone: ZoneSet | None, lang: str
) -> list[Block]:  # fmt: skip
    """The change report of each layer, of features that touch the place.

    Parameters
    ----------
    recipe
        Of the report, with two days.
    read
        Reads its editions.
    zone
        Its place; None tells of everything.
    lang
        Language of the words.
    """
    units = list_units([read(used) for used in of_role(recipe, UNITS)])
    blocks: list[Block] = [Heading(translate("report.changes", lang))]
    for used in of_role(recipe, SHOWN):
        layer, unknown = _in_place(read(used), zone)
        comparison = compare_days(
            layer, recipe.day, recipe.until or recipe.day, known_by=recipe.known_by, units=units
        )
        alone = len(recipe.layers) == 1
        picture = b"" if alone else _map(recipe, read, used, comparison, lang)
        blocks += _of_layer(comparison, recipe, picture, lang)
        if zone is not None:
            told = [translate("report.change_place", lang, place=zone.title[lang])]
            told += [counted("report.change_unknown", unknown, lang)] if unknown else []
            blocks.append(Bullets(tuple(told)))
    return blocks


def _in_place(layer: Layer, zone: ZoneSet | None) -> tuple[Layer, int]:
    """All rows of features that ever touch a place, and how many features have no extent."""
    if zone is None:
        return layer, 0
    rows = layer.features
    inside, _ = rows_within(rows, zone)
    drawn = set(rows.loc[rows.geometry.notna(), "id"])
    unknown = len(set(rows["id"]) - drawn)
    return replace(layer, features=rows[rows["id"].isin(set(inside["id"]))]), unknown


def _of_layer(
    comparison: Comparison, recipe: Recipe, picture: bytes, lang: str
) -> list[Block]:  # fmt: skip
    """A change report as a part of this one: its headings one step lower, its method once."""
    report = to_report(comparison, lang, made=recipe.made, picture=b"")
    blocks: list[Block] = [Heading(report.title, 2)]
    method = translate("change.method", lang)
    for block in report.blocks:
        if isinstance(block, Heading) and block.text == method:
            break
        blocks.append(Heading(block.text, 3) if isinstance(block, Heading) else block)
        first_list = isinstance(block, Bullets | Table) and picture
        if first_list:
            alt = translate("change.map_alt", lang, title=report.title)
            blocks.append(Picture(picture, alt=alt, caption=report.title))
            picture = b""
    return blocks


def _map(
    recipe: Recipe, read: Reader, used: EditionUsed, comparison: Comparison, lang: str
) -> bytes:  # fmt: skip
    """What changed in one of several layers as a picture; empty if nothing can be drawn."""
    if comparison.diff.is_empty or comparison.info.kind == POINT:
        return b""
    editions = tuple(one for one in recipe.editions if one.role != SHOWN or one == used)
    held = replace(
        recipe, kind=FIGURE, form="png", layers=(used.layer,), editions=editions, lang=lang,
        title="", options=(),
    )  # fmt: skip
    try:
        return figure.render(figure.Figure(held, figure.to_sheet(held, read)), "png")
    except (NothingThere, FigureRefused):
        return b""
