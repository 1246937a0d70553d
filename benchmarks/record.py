"""What the record holds: features, versions, events, share sourced, published against measured."""

from __future__ import annotations

import datetime as dt

from atlas.core.crs import area_km2
from atlas.io import catalogue
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "layers"
PLANNING = ("innovation-corridors", "ecological-belts", "metropolitan-areas")


def counts() -> list[dict[str, object]]:
    """One row a planning layer."""
    rows: list[dict[str, object]] = []
    for layer in PLANNING:
        features = _read(layer)
        versions = features.drop_duplicates(["id", "plan_version"])
        rows.append(
            {
                "layer": layer,
                "features": features["id"].nunique(),
                "plan versions": len(versions),
                "rows": len(features),
                "events": sum(len(entry) for entry in features["events"]),
                "rows sourced": f"{features['sourced'].mean():.0%}",
                "rows with every column sourced": f"{_share_complete(features):.0%}",
                "rows without geometry": int(features.geometry.isna().sum()),
            }
        )
    return rows


def areas() -> list[dict[str, object]]:
    """Published against measured area, where the published figure covers the stored extent."""
    rows: list[dict[str, object]] = []
    for layer in PLANNING:
        features = _read(layer)
        measured = area_km2(features.geometry)
        rows += [
            {
                "row": f"{row.id}/{row.plan_version}/{row.part}",
                "published km²": round(row.published_area_km2),
                "measured km²": round(area),
                "difference": f"{area / row.published_area_km2 - 1:+.1%}",
            }
            for row, area in zip(features.itertuples(), measured, strict=True)
            if row.published_area_covers == "exact"
        ]
    return rows


def _share_complete(features) -> float:  # noqa: ANN001
    return float((features["unsourced"].str.len() == 0).mean())


def _read(layer: str):  # noqa: ANN202
    edition = catalogue.find_edition(FOLDER, layer, known_by=dt.date.today())
    return catalogue.read_layer(FOLDER, edition).features
