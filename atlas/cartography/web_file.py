"""What a map in one file holds: every plan version of its layers, as plain values.

What the page shows of them on a day is decided in the browser by ``browser/web-period.js``, the
rule of :func:`atlas.core.period.as_of`; :mod:`atlas.cartography.web_file_page` writes the page.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from atlas.cartography.map_document import look_keys, looks
from atlas.cartography.popup import popup_rows, short_zh, status_cells, tooltip_lines
from atlas.cartography.style import read_variants
from atlas.cartography.web import SCREEN_DECIMALS
from atlas.cartography.web_file_words import words_of
from atlas.core.schema import missing_to_none
from atlas.core.view import FIRST_DAY, LAST_DAY
from atlas.i18n import LANGUAGES

if TYPE_CHECKING:
    from atlas.cartography.map_document import MapDocument, MapLayer

LEAST_CORNERS = 3


@dataclass(frozen=True)
class WebFile:
    """What one file shows.

    ``document`` holds the rows of all plan versions of each layer; ``steps`` are the days from
    which on others of them are in force; ``bounds`` (west, south, east, north in degrees) is
    what the map shows first; ``place`` the name of the place in each language, if it is one.
    """

    document: MapDocument
    steps: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    lang: str
    made: dt.date
    place: dict[str, str] | None = None


def to_content(file: WebFile, *, leaflet: str) -> dict[str, Any]:
    """All that the page's script reads, as plain values in every language.

    Parameters
    ----------
    file
        What to show.
    leaflet
        Version of Leaflet, for the credits.
    """
    pool: dict[str, int] = {}
    document = file.document
    return {
        "lang": file.lang, "day": document.day.isoformat(), "first": FIRST_DAY.isoformat(),
        "last": LAST_DAY.isoformat(), "known_by": document.known_by.isoformat(),
        "made": file.made.isoformat(), "steps": list(file.steps), "bounds": list(file.bounds),
        "words": {
            lang: words_of(document, lang, leaflet=leaflet, place=file.place) for lang in LANGUAGES
        },
        "layers": [_layer(layer, pool) for layer in document.layers],
        "shapes": [json.loads(text) for text in pool],
    }  # fmt: skip


def _layer(layer: MapLayer, pool: dict[str, int]) -> dict[str, Any]:
    info, edition = layer.layer.info, layer.layer.edition
    titles: list[dict[str, str]] = []
    return {
        "id": layer.id, "kind": info.kind, "title": info.title, "background": layer.background,
        "label": layer.style.label, "edition": edition.edition,
        "published": edition.published.isoformat(), "sha256": edition.sha256,
        "licence": info.licence, "attribution": info.attribution, "source": info.source,
        "accuracy": info.accuracy,
        "looks": {"|".join(key): asdict(look) for key, look in looks(layer).items()},
        "legend": _legend(layer), "rows": _rows(layer, pool, titles), "columns": titles,
    }  # fmt: skip


def _legend(layer: MapLayer) -> list[dict[str, Any]]:
    """Classes and variants in the order of :func:`atlas.cartography.map_document.legend`."""
    titles = {entry.value: entry.title for entry in layer.style.classes}
    order = list(titles)
    return [
        {"key": "|".join(key), "title": titles[key[0]],
         "variant": None if key[1] == "in-force" else read_variants()[key[1]].title}
        for key in sorted(looks(layer), key=lambda key: (order.index(key[0]), key[1]))
    ]  # fmt: skip


def _rows(
    layer: MapLayer, pool: dict[str, int], titles: list[dict[str, str]]
) -> list[dict[str, Any]]:
    """Rows in short, with the names that the page's scripts use.

    ``i`` id, ``r`` part, ``k`` look, ``g`` place of the shape or None, the period as
    ``web-period.js`` says, and, of layers above the background, texts.
    """
    found = []
    for row, key in zip(layer.features.itertuples(), look_keys(layer), strict=True):
        entry: dict[str, Any] = {
            "i": row.id, "r": row.part, "k": "|".join(key), "g": _pooled(row.geometry, pool),
            "f": missing_to_none(row.valid_from), "fp": missing_to_none(row.valid_from_precision),
            "t": missing_to_none(row.valid_to), "tp": missing_to_none(row.valid_to_precision),
        }  # fmt: skip
        named = getattr(row, "successors", None)
        if isinstance(named, list) and named:
            entry["n"] = named
        if not layer.background:
            entry |= _texts(layer, row, titles)
        if layer.style.label and row.geometry is not None:
            place = row.geometry.representative_point()
            entry["c"] = [round(place.x, 4), round(place.y, 4)]
            entry["l"] = {"zh": short_zh(row.name_zh), "en": row.name_en.split(" (")[0]}
        found.append(entry)
    return found


def _texts(layer: MapLayer, row: Any, titles: list[dict[str, str]]) -> dict[str, Any]:
    """Lines of the tooltip, cells of the popup (with the place of their title), of the table."""
    cells = []
    for title, texts in popup_rows(layer, row):
        if title not in titles:
            titles.append(title)
        cells.append([titles.index(title), texts])
    return {
        "x": {lang: tooltip_lines(row, lang, doubt=False) for lang in LANGUAGES},
        "p": cells,
        "d": {lang: list(status_cells(row, lang).values()) for lang in LANGUAGES},
    }


def _pooled(shape: shapely.Geometry | None, pool: dict[str, int]) -> int | None:
    """Place of a shape among all; versions of the same extent share one."""
    coded = None if shape is None else encode(shape)
    if not coded:
        return None
    return pool.setdefault(json.dumps(coded, separators=(",", ":")), len(pool))


def encode(shape: shapely.Geometry) -> list[Any]:
    """A shape as whole numbers: hundred-thousandths of a degree, each from the one before.

    A point is one flat list, a line a list of them, a polygon a list of polygons of rings, whose
    last corner is left out. Corners that fall together are one; rings that vanish are left out.

    >>> encode(shapely.LineString([(120, 30), (120.00001, 30), (120.000011, 30)]))
    [[12000000, 3000000, 1, 0]]
    """
    if shape.geom_type == "Point":
        return _flat(shapely.get_coordinates(shape))
    parts = shapely.get_parts(shape)
    if shapely.get_dimensions(shape) == 1:
        return [_flat(shapely.get_coordinates(part)) for part in parts]
    polygons = ([_ring(ring) for ring in (p.exterior, *p.interiors)] for p in parts)
    return [[rings[0], *filter(None, rings[1:])] for rings in polygons if rings[0]]


def _ring(ring: shapely.LinearRing) -> list[int]:
    places = shapely.get_coordinates(ring)[:-1]
    corners = {(x, y) for x, y in _whole(places).tolist()}
    return _flat(places) if len(corners) >= LEAST_CORNERS else []


def _whole(places: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(places * 10**SCREEN_DECIMALS).astype(int)
    return whole


def _flat(places: np.ndarray) -> list[int]:
    whole = _whole(places)
    moved = np.ones(len(whole), dtype=bool)
    moved[1:] = (np.diff(whole, axis=0) != 0).any(axis=1)
    steps: list[int] = np.diff(whole[moved], axis=0, prepend=0).ravel().tolist()
    return steps
