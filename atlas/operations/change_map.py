"""A comparison on the map: its pieces as a layer, and its two states side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from atlas.cartography.map_document import MapLayer, map_document, map_layer
from atlas.cartography.style import read_style
from atlas.core.layer import Layer, LayerInfo
from atlas.core.schema import Column
from atlas.i18n import LANGUAGES, in_both, translate
from atlas.operations.change_output import kind_words, piece_name
from atlas.operations.grammar import size_text
from atlas.operations.row_words import version_words

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapDocument
    from atlas.operations.compare import Comparison, Side

CHANGES = "changes"
"""Id of the derived layer, and name of its style."""
OLD_SORTS = ("lost", "transferred")
NEW_SORTS = ("gained", "transferred")
"""What the earlier and the later map show beside their own rows; a piece of which only one
side has an extent is shown on that side too."""
POPUP = ("kind", "from_version", "to_version", "size")


def changes_layer(comparison: Comparison, side: str | None = None) -> MapLayer:
    """The pieces as a layer of their own, from the largest to the smallest.

    Parameters
    ----------
    comparison
        Two states of a layer.
    side
        Only what the ``old`` or the ``new`` map shows beside its rows; default everything.
    """
    cut = comparison.pieces
    if side is not None:
        sorts = OLD_SORTS if side == "old" else NEW_SORTS
        half = (cut["change"] == "undetermined") & cut["place"].isin(_drawn(comparison, side))
        cut = cut[cut["change"].isin(sorts) | half]
    rows = [_piece_row(comparison, piece) for piece in cut.itertuples()]
    names = ["id", "plan_version", "part", "name_zh", "name_en", "status", "sourced", "unsourced",
             "valid_from", "valid_from_precision", "valid_to", "valid_to_precision", "change",
             *(f"{name}_{lang}" for name in POPUP for lang in LANGUAGES)]  # fmt: skip
    table = {name: [row[name] for row in rows] for name in names}
    features = gpd.GeoDataFrame(table, geometry=list(cut.geometry), crs=cut.crs)
    layer = Layer(_info(comparison.info), comparison.new.edition, features)
    return MapLayer(layer, features, read_style(CHANGES))


def _drawn(comparison: Comparison, side: str) -> list[int]:
    """Changes that have an extent on one side."""
    rows = getattr(comparison.diff, side)
    known = rows.geometry.notna().to_numpy()
    return [
        place
        for place, change in enumerate(comparison.diff.changes)
        if known[list(getattr(change, side))].any()
    ]


def _info(info: LayerInfo) -> LayerInfo:
    columns = tuple(Column(name, title=in_both(f"change.column.{name}")) for name in POPUP)
    title = {lang: translate("words.title", lang, layer=info.title[lang]) for lang in LANGUAGES}
    return replace(info, id=CHANGES, style=CHANGES, title=title, columns=columns)


def _piece_row(comparison: Comparison, piece: Any) -> dict[str, Any]:
    """A piece as a row that a map can draw: who gains or loses, which versions, how much."""
    change = comparison.diff.changes[piece.place]
    old = [comparison.diff.old.iloc[row] for row in change.old]
    new = [comparison.diff.new.iloc[row] for row in change.new]
    source = (new or old)[0]
    row: dict[str, Any] = {
        "id": str(piece.to_id or piece.from_id), "plan_version": "current", "part": "whole",
        "status": source["status"], "sourced": bool(source["sourced"]), "unsourced": [],
        "valid_from": None, "valid_from_precision": None, "valid_to": None,
        "valid_to_precision": None, "change": piece.change,
    }  # fmt: skip
    for lang in LANGUAGES:
        sort = translate(f"change.sort.{piece.change}", lang)
        name = piece_name(comparison, piece, lang)
        row[f"name_{lang}"] = translate("words.of_feature", lang, title=name, feature=sort)
        row[f"kind_{lang}"] = kind_words(comparison, change, lang)
        row[f"from_version_{lang}"] = _versions(old, lang)
        row[f"to_version_{lang}"] = _versions(new, lang)
        row[f"size_{lang}"] = size_text(piece.size, comparison.unit, lang)
    return row


def _versions(rows: list[Any], lang: str) -> str:
    return "; ".join(dict.fromkeys(version_words(row, lang) for row in rows))


def side_layer(comparison: Comparison, side: Side) -> MapLayer:
    """The rows of one state, as Explore draws them; of two editions only those that differ."""
    rows = side.rows
    if not side.day and comparison.feature is None:
        differing = comparison.diff.old if side is comparison.old else comparison.diff.new
        keys = set(zip(differing["id"], differing["plan_version"], differing["part"], strict=True))
        held = zip(rows["id"], rows["plan_version"], rows["part"], strict=True)
        rows = rows[[key in keys for key in held]]
    return map_layer(Layer(comparison.info, side.edition, rows), rows)


def one_map(comparison: Comparison, below: list[MapLayer]) -> MapDocument:
    """What was gained, lost and kept on one map."""
    return _document(comparison, comparison.new, [*below, changes_layer(comparison)])


def two_maps(comparison: Comparison, below: list[MapLayer]) -> tuple[MapDocument, MapDocument]:
    """The earlier state with what it loses, and the later state with what it gains."""
    return (
        _document(comparison, comparison.old, [
            *below, side_layer(comparison, comparison.old), changes_layer(comparison, "old"),
        ]),
        _document(comparison, comparison.new, [
            *below, side_layer(comparison, comparison.new), changes_layer(comparison, "new"),
        ]),
    )  # fmt: skip


def _document(comparison: Comparison, side: Side, layers: list[MapLayer]) -> MapDocument:
    drawn = [layer for layer in layers if layer.background or len(layer.features)]
    return map_document(drawn, day=side.day or comparison.known_by, known_by=comparison.known_by)


def bounds_of(comparison: Comparison) -> tuple[float, float, float, float] | None:
    """Box of all pieces in degrees; None if nothing differs on the ground."""
    if comparison.pieces.empty:
        return None
    west, south, east, north = (float(value) for value in comparison.pieces.total_bounds)
    return west, south, east, north
