"""The words of the map in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlas.cartography.popup import column_title
from atlas.cartography.style import read_variants
from atlas.core.period import published_text
from atlas.core.schema import missing_to_none
from atlas.i18n import read_words, translate, version_name, word_of

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapDocument

TEMPLATES = {
    "legend": "map.legend", "legend_entry": "map.legend_entry",
    "legend_variant": "map.legend_variant", "date_uncertain": "map.date_uncertain",
    "slider": "map.player.slider", "previous": "map.player.previous", "next": "map.player.next",
    "day": "explore.day", "table": "explore.table", "table_empty": "explore.table_empty",
    "uncertain": "explore.uncertain", "sources": "explore.sources", "doubtful": "table.uncertain",
    "background": "table.background", "notice": "app.notice", "language": "language.name",
    "state_until": "web_file.state_until", "state_open": "web_file.state_open",
    "table_help": "web_file.table_help", "table_most": "web_file.table_most",
    "no_extent": "web_file.no_extent", "made": "web_file.made", "shapes": "web_file.shapes",
    "zoom_in": "web_file.zoom_in", "zoom_out": "web_file.zoom_out",
    "noscript": "web_file.noscript",
}  # fmt: skip
"""Words whose fields, if they have any, are filled in the browser."""
COLUMNS = (
    "layer", "name", "version", "part", "status", "valid_from", "valid_to", "source", "edition",
    "published", "hash", "accuracy", "licence",
)  # fmt: skip


def words_of(
    document: MapDocument, lang: str, *, leaflet: str, place: dict[str, str] | None
) -> dict[str, str]:
    """Every word of the page in a language, by the name that its script uses."""
    chosen = [layer for layer in reversed(document.layers) if not layer.background]
    titles = [layer.layer.info.title[lang] for layer in chosen]
    words = {name: read_words(lang)[key] for name, key in TEMPLATES.items()}
    words |= {f"column_{name}": translate(f"table.{name}", lang) for name in COLUMNS}
    return words | {
        "title": translate("app.title", lang),
        "subtitle": " · ".join([*titles, *([place[lang]] if place else [])]),
        "map_label": translate("explore.map_label", lang, layers=", ".join(titles)),
        "credits": translate("web_file.credits", lang, leaflet=leaflet),
    }


def status_cells(row: Any, lang: str) -> list[str]:
    """Cells of the table after layer and name: version, part, status, from, to, source."""
    return [
        "" if row.plan_version == "current" else version_name(row.plan_version, lang),
        "" if row.part == "whole" else word_of("part", row.part, lang),
        read_variants()[row.status].title[lang],
        _when(row.valid_from, row.valid_from_precision, "table.unknown", lang),
        _when(row.valid_to, row.valid_to_precision, "table.open", lang),
        _sourced(row, lang),
    ]


def _when(day: object, precision: object, empty: str, lang: str) -> str:
    if missing_to_none(day) is None:
        return translate(empty, lang)
    return published_text(str(day), str(precision))


def _sourced(row: Any, lang: str) -> str:
    if not row.sourced:
        return translate("table.sourced_no", lang)
    if row.unsourced:
        columns = ", ".join(column_title(name, lang) for name in row.unsourced)
        return translate("table.sourced_part", lang, columns=columns)
    return translate("table.sourced_yes", lang)
