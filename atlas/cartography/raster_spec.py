"""A raster in the specification of a map: its picture, its opacity and its legend."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from atlas.cartography.web_spec import DRAW_WORDS
from atlas.i18n import translate

if TYPE_CHECKING:
    from atlas.cartography.raster_image import Bounds
    from atlas.cartography.raster_look import Palette

LINE_WORDS = DRAW_WORDS | {
    "start": "ground.draw.start", "help": "ground.draw.help", "few": "ground.draw.few",
    "done": "ground.draw.done",
}  # fmt: skip


def with_image(
    specification: dict[str, Any], *, address: str, bounds: Bounds, opacity: float,
    palette: Palette, label: str, attribution: str, lang: str,
) -> dict[str, Any]:  # fmt: skip
    """Put a raster below the features of a map, its legend after theirs.

    Parameters
    ----------
    specification
        From :func:`atlas.cartography.web_spec.specify`.
    address
        Of the picture: below the app's own static files, or holding it.
    bounds
        West, south, east, north in degrees.
    opacity
        0 (clear) to 1.
    palette
        Its colours.
    label, attribution
        Its title, and whom to thank (may be empty).
    lang
        Language of all words.
    """
    west, south, east, north = bounds
    image = {
        "url": address, "bounds": [[south, west], [north, east]], "opacity": opacity,
        "label": label,
    }  # fmt: skip
    entries = [
        {"label": swatch.title[lang], "kind": "polygon", "look": asdict(swatch.look)}
        for swatch in palette
    ]
    return specification | {
        "image": image, "legend": specification["legend"] + entries,
        "attributions": [*specification["attributions"], *([attribution] if attribution else [])],
    }  # fmt: skip


def with_line_drawing(specification: dict[str, Any], lang: str) -> dict[str, Any]:
    """Let the reader draw a line on the map."""
    words = {name: translate(key, lang) for name, key in LINE_WORDS.items()}
    return specification | {"draw": words | {"line": True}}
