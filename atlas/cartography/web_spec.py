"""What ``atlas.draw`` in the browser needs of a map: the specification, as plain JSON.

It holds addresses, looks and words, never geometry. A map may play over time (``frames``),
and may move together with the other maps of its page (``sync``); docs/decisions/0009 says how.
The reader may draw a polygon on it (``draw``); where a click chooses a place it opens no popup,
which would swallow it (``choose``).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from atlas.cartography.map_document import LegendEntry, MapDocument, MapLayer, legend
from atlas.cartography.map_document import looks as looks_of
from atlas.cartography.style import read_variants
from atlas.i18n import translate

LABEL_ZOOM = 6
PLAYER_WORDS = {
    "play": "map.player.play",
    "pause": "map.player.pause",
    "slider": "map.player.slider",
    "previous": "map.player.previous",
    "next": "map.player.next",
}
DRAW_WORDS = {
    "start": "map.draw.start",
    "stop": "map.draw.stop",
    "help": "map.draw.help",
    "few": "map.draw.few",
    "cross": "map.draw.cross",
    "close": "map.draw.close",
    "done": "map.draw.done",
    "cancelled": "map.draw.cancelled",
}


@dataclass(frozen=True)
class Focus:
    """What the map flies to and lights up: bounds are west, south, east, north.

    ``place`` is ``layer:id``, ``rows`` are keys of rows. ``choice`` counts what the reader
    chose: a place chosen once more is flown to once more.
    """

    bounds: tuple[float, float, float, float]
    layer: str = ""
    place: str = ""
    rows: tuple[str, ...] = ()
    choice: int = 0


@dataclass(frozen=True)
class Tiles:
    """An online background, only if someone configured it."""

    url: str
    attribution: str


@dataclass(frozen=True)
class Frame:
    """One step of a map that plays: its words, its map, and the addresses of its layers.

    ``label`` is short ("2019") and should not depend on the language, since other labels are
    other frames; ``title`` says more ("2019-01-01"). ``document`` is a map like any other, but
    its backgrounds are not drawn: those of the map that plays stay. ``urls`` is as in
    :func:`specify`.
    """

    label: str
    title: str
    document: MapDocument
    urls: dict[str, str]


def specify(
    document: MapDocument, urls: dict[str, str], *, lang: str, focus: Focus | None = None,
    tiles: Tiles | None = None, frames: tuple[Frame, ...] = (), frame: int = 0,
    sync: str | None = None, draw: bool = False, choose: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What ``atlas.draw`` needs: layers with their addresses and looks, legend, words.

    Parameters
    ----------
    document
        The map. Where there are frames only its backgrounds are drawn: each frame brings
        the layers above them.
    urls
        Address of the screen GeoJSON of each layer, by layer id (``background:`` before
        the id of a background layer).
    lang
        Language of all words.
    focus
        What to fly to; the view stays where it is while place and choice stay the same.
    tiles
        An online background, if configured.
    frames
        Steps of a map that plays. While they stay the same the reader stays at the step
        reached, playing or not.
    frame
        Place of the step shown first; the map goes there again when this changes.
    sync
        Name of a group: the maps of one page that share it move together.
    draw
        Whether the reader can draw a polygon.
    choose
        Whether a click chooses a place instead of opening a popup.

    Raises
    ------
    IndexError
        If there are frames, but none at ``frame``.
    """
    if frames and frame not in range(len(frames)):
        raise IndexError(f"no frame {frame} among {len(frames)}")
    layers = _layers_below(document) if frames else document
    return {
        "lang": lang,
        "label": _map_label(document, frames, lang),
        "layers": _layer_specs(layers, urls),
        "legend_title": translate("map.legend", lang),
        "legend": _legend_spec(layers, lang),
        "notices": [translate("app.notice", lang)],
        "attributions": _attributions(document, frames, lang),
        "failed": translate("map.failed", lang),
        "focus": asdict(focus) if focus else None,
        "tiles": asdict(tiles) if tiles else None,
        "measure": _measure_words(lang),
        "frames": _frame_specs(frames, lang) or None,
        "frame": frame,
        "player": _words(PLAYER_WORDS, lang),
        "sync": sync,
        "draw": _words(DRAW_WORDS, lang) if draw else None,
        "choose": choose,
    }


def legend_label(entry: LegendEntry, lang: str) -> str:
    """Words of a legend entry: class, variant unless in force, count."""
    title = entry.title[lang]
    if entry.variant == "in-force":
        return translate("map.legend_entry", lang, title=title, count=entry.count)
    variant = read_variants()[entry.variant].title[lang]
    return translate("map.legend_variant", lang, title=title, variant=variant, count=entry.count)


def drawn_id(layer: MapLayer) -> str:
    """Id of a layer in the browser: a background is not the layer itself."""
    return f"background:{layer.id}" if layer.background else layer.id


def _layers_below(document: MapDocument) -> MapDocument:
    return replace(document, layers=tuple(la for la in document.layers if la.background))


def _layers_above(document: MapDocument) -> MapDocument:
    return replace(document, layers=tuple(la for la in document.layers if not la.background))


def _frame_specs(frames: tuple[Frame, ...], lang: str) -> list[dict[str, Any]]:
    """Steps; those that show the very same layers are specified once."""
    held: dict[tuple[object, ...], dict[str, Any]] = {}
    found = []
    for frame in frames:
        layers = _layers_above(frame.document)
        key = (*map(id, layers.layers), *sorted(frame.urls.items()))
        if key not in held:
            held[key] = {
                "layers": _layer_specs(layers, frame.urls), "legend": _legend_spec(layers, lang),
            }  # fmt: skip
        found.append({"label": frame.label, "title": frame.title} | held[key])
    return found


def _layer_specs(document: MapDocument, urls: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": drawn_id(layer),
            "url": urls[drawn_id(layer)],
            "kind": layer.layer.info.kind,
            "looks": {"|".join(key): asdict(look) for key, look in looks_of(layer).items()},
            "background": layer.background,
            "label": layer.style.label,
            "label_zoom": LABEL_ZOOM,
        }
        for layer in document.layers
    ]


def _legend_spec(document: MapDocument, lang: str) -> list[dict[str, Any]]:
    return [
        {"label": legend_label(entry, lang), "kind": entry.kind, "look": asdict(entry.look)}
        for entry in legend(document)
    ]


def _shown(document: MapDocument, frames: tuple[Frame, ...]) -> list[MapLayer]:
    """Every layer that a map or its frames may show, bottom to top in each."""
    layers = list(_layers_below(document).layers if frames else document.layers)
    return layers + [layer for frame in frames for layer in _layers_above(frame.document).layers]


def _map_label(document: MapDocument, frames: tuple[Frame, ...], lang: str) -> str:
    """What a screen reader says the map is: the layers on it, topmost first."""
    shown = _shown(document, frames)
    chosen = [layer for layer in shown if not layer.background] or shown
    titles = dict.fromkeys(layer.layer.info.title[lang] for layer in reversed(chosen))
    return translate("explore.map_label", lang, layers=", ".join(titles))


def _attributions(document: MapDocument, frames: tuple[Frame, ...], lang: str) -> list[str]:
    """Every attribution once; the same on every frame, so that none comes and goes."""
    texts = (layer.layer.info.attribution[lang] for layer in _shown(document, frames))
    return list(dict.fromkeys(texts))


def _words(keys: dict[str, str], lang: str) -> dict[str, str]:
    return {name: translate(key, lang) for name, key in keys.items()}


def _measure_words(lang: str) -> dict[str, str]:
    names = {
        "measureControlTitleOn": "on", "measureControlTitleOff": "off",
        "clearControlTitle": "clear", "tooltipTextFinish": "finish",
        "tooltipTextDelete": "delete", "tooltipTextMove": "move", "tooltipTextResume": "resume",
        "tooltipTextAdd": "add",
    }  # fmt: skip
    return {name: translate(f"map.measure.{key}", lang) for name, key in names.items()}
