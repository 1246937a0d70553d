"""Zones that a reader draws on the map or pastes as text: WKT or GeoJSON in EPSG:4326."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from atlas.core.measured import LINK_DECIMALS
from atlas.errors import FileDamaged
from atlas.i18n import LANGUAGES, translate
from atlas.operations.zones import GIVEN, ID, ZoneSet, polygon_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from atlas.core.measured import Corners

TEXT_MOST = 200_000
"""Characters of a pasted text."""
ZONES_MOST = 500
"""Zones that a page shows at once; the command line takes any number."""
POLYGONS = ("Polygon", "MultiPolygon")
WKT = re.compile(r"(?:SRID\s*=\s*(\d{1,6})\s*;\s*)?((?:MULTI)?POLYGON\b.*)", re.I | re.S | re.A)
GEOGRAPHIC = re.compile(r"(?:CRS84|EPSG:{1,2}4326)$", re.IGNORECASE)
NAMED_SHOWN, REASON_SHOWN = 40, 120
Named = tuple[shapely.Geometry, str]
"""A polygon and its name; the name may be empty."""


def corner_zone(corners: Corners, lang: str) -> ZoneSet:
    """The one zone with these corners, as a reader drew it.

    Raises
    ------
    FileDamaged
        If its sides cross, or it lies outside the region.
    """
    return _zones([(shapely.Polygon(corners), "")], translate("overlap.drawn", lang))


def pasted_zones(text: str, lang: str, *, key: str = ID) -> ZoneSet:
    """Read polygons from WKT, or from a GeoJSON geometry, feature or collection.

    Parameters
    ----------
    text
        What a reader pasted.
    lang
        Language of the errors' words.
    key
        Property of features that names the zones; numbers name them where it is missing.

    Raises
    ------
    FileDamaged
        If it is too long, neither of the two, holds anything but polygons, repeats a name,
        holds an invalid shape, or lies outside the region.
    """
    label = translate("overlap.pasted", lang)
    if len(text) > TEXT_MOST:
        _refuse("overlap.paste_long", lang, most=f"{TEXT_MOST:,}")
    text = text.strip().removeprefix("\ufeff")
    found = _from_geojson(text, key, lang) if text.startswith("{") else _from_wkt(text, lang)
    if any(shapely.is_empty(shape) for shape, _ in found) or not found:
        _refuse("overlap.paste_empty", lang)
    if len(found) > ZONES_MOST:
        raise FileDamaged(file=label, problem=too_many(len(found), lang))
    names = [name for _, name in found]
    if not all(names):
        names = [""] * len(names)
    elif len(set(names)) < len(names):
        name = next(name for name in names if names.count(name) > 1)
        _refuse("overlap.paste_twice", lang, name=name[:NAMED_SHOWN])
    return _zones([(shape, name) for (shape, _), name in zip(found, names, strict=True)], label)


def too_many(count: int, lang: str) -> str:
    """Words that say how many zones a page takes."""
    return translate("overlap.zones_most", lang, count=f"{count:,}", most=ZONES_MOST)


def exact_corners(zones: ZoneSet) -> Corners:
    """Corners of the one polygon of these zones, if a link can say it without loss; else none."""
    shapes = zones.rows.geometry.to_numpy()
    parts = shapely.get_parts(shapes)
    if len(shapes) != 1 or len(parts) != 1 or shapely.get_num_interior_rings(parts[0]):
        return ()
    ring = shapely.get_coordinates(shapely.get_exterior_ring(parts[0]))[:-1]
    if not np.array_equal(np.round(ring, LINK_DECIMALS), ring):
        return ()
    return tuple((float(lon), float(lat)) for lon, lat in ring)


def _refuse(key: str, lang: str, **values: object) -> NoReturn:
    problem = translate(key, lang, **values)
    raise FileDamaged(file=translate("overlap.pasted", lang), problem=problem)


def _from_wkt(text: str, lang: str) -> list[Named]:
    """One polygon or multipolygon; collections, which could nest without end, are refused."""
    found = WKT.fullmatch(text)
    if found is None:
        _refuse("overlap.paste_unreadable", lang)
    if found[1] not in (None, "4326"):
        _refuse("overlap.paste_crs", lang)
    return [(_shape(shapely.from_wkt, found[2], lang), "")]


def _from_geojson(text: str, key: str, lang: str) -> list[Named]:
    try:
        held = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        _refuse("overlap.paste_unreadable", lang)
    _check_crs(held, lang)
    kind = held.get("type")
    if kind == "FeatureCollection":
        features = held.get("features")
    else:
        features = [held if kind == "Feature" else {"geometry": held}]
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        _refuse("overlap.paste_unreadable", lang)
    return [(_polygon(one.get("geometry"), lang), _name(one, key)) for one in features]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check_crs(held: dict[str, Any], lang: str) -> None:
    """Refuse an old ``crs`` member that names any other than EPSG:4326."""
    crs = held.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not GEOGRAPHIC.search(name):
        _refuse("overlap.paste_crs", lang)


def _polygon(geometry: object, lang: str) -> shapely.Geometry:
    if geometry is None:
        _refuse("overlap.paste_empty", lang)
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str):
        _refuse("overlap.paste_unreadable", lang)
    if kind not in POLYGONS:
        _refuse("overlap.paste_kind", lang, kind=kind[:NAMED_SHOWN])
    bare = {"type": kind, "coordinates": geometry.get("coordinates")}
    return _shape(shapely.from_geojson, json.dumps(bare), lang)


def _shape(reader: Any, text: str, lang: str) -> shapely.Geometry:
    """Read a shape without its heights; numbers too large for any are refused."""
    try:
        with np.errstate(all="ignore"):
            shape = shapely.force_2d(reader(text))
    except (shapely.errors.ShapelyError, ValueError) as error:
        _refuse("overlap.paste_broken", lang, reason=str(error)[:REASON_SHOWN])
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        _refuse("overlap.paste_crs", lang)
    return shape


def _name(feature: dict[str, Any], key: str) -> str:
    """Name of a feature by its key; empty if it has none."""
    properties = feature.get("properties")
    held = properties.get(key) if isinstance(properties, dict) else None
    if held is None and key == ID:
        held = feature.get(ID)
    return str(held).strip() if isinstance(held, str | int | float) else ""


def _zones(named: Sequence[Named], label: str) -> ZoneSet:
    """Zones of polygons; one alone has the id that its link gives it."""
    try:
        each = [
            polygon_zone(shape, name or (str(number + 1) if len(named) > 1 else GIVEN))
            for number, (shape, name) in enumerate(named)
        ]
    except FileDamaged as error:
        raise FileDamaged(file=label, problem=error.values["problem"]) from error
    rows = pd.concat([zone.rows for zone in each], ignore_index=True)
    if not all(name for _, name in named):
        rows[ID] = [str(number + 1) for number in range(len(rows))]
        for lang in LANGUAGES:
            rows[f"name_{lang}"] = [
                translate("overlap.polygon", lang, number=code) for code in rows[ID]
            ]
    if len(rows) == 1:
        rows[ID] = GIVEN
    digest = hashlib.sha256("".join(zone.sha256 for zone in each).encode("ascii")).hexdigest()
    return replace(each[0], rows=rows, name=label, title=dict.fromkeys(LANGUAGES, label),
                   sha256=each[0].sha256 if len(each) == 1 else digest)  # fmt: skip
