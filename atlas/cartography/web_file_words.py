"""The words of the map in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.i18n import read_words, translate

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
