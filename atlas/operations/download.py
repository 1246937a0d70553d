"""Download exactly what a map shows: the editions' own geometry, never the simplified one."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from atlas.core.geometry import canonical
from atlas.core.schema import KEY, RECORD_COLUMNS, missing_to_none
from atlas.io.geojson import feature_line

if TYPE_CHECKING:
    import geopandas as gpd

    from atlas.core.layer import Layer


def shown_geojson(
    shown: list[tuple[Layer, gpd.GeoDataFrame]], *, day: dt.date, known_by: dt.date,
    place: str | None = None,
) -> bytes:  # fmt: skip
    """One GeoJSON of all rows shown, each with its layer, edition and the edition's sha256.

    The head of the file says both days, the place if they are only those of one, and, for each
    layer, licence and attribution.
    """
    head = {
        "type": "FeatureCollection",
        "in_force_on": day.isoformat(),
        "as_published_by": known_by.isoformat(),
        **({"place": place} if place else {}),
        "layers": [
            {
                "id": layer.info.id,
                "title": layer.info.title,
                "edition": layer.edition.edition,
                "published": layer.edition.published.isoformat(),
                "sha256": layer.edition.sha256,
                "licence": layer.info.licence,
                "attribution": layer.info.attribution,
                "source": layer.info.source,
                "accuracy": layer.info.accuracy,
                "features": len(rows),
            }
            for layer, rows in shown
        ],
    }
    lines = [line for layer, rows in shown for line in _lines(layer, rows)]
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return (text[:-1] + ',"features":[\n' + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def _lines(layer: Layer, rows: gpd.GeoDataFrame) -> list[str]:
    names = [column.name for column in RECORD_COLUMNS + layer.info.columns]
    origin = {
        "layer": layer.info.id,
        "edition": layer.edition.edition,
        "edition_sha256": layer.edition.sha256,
    }
    ordered = rows.sort_values(list(KEY))
    return [
        feature_line(
            origin | {name: missing_to_none(row[name]) for name in names}, canonical(shape)
        )
        for row, shape in zip(ordered[names].to_dict("records"), ordered.geometry, strict=True)
    ]
