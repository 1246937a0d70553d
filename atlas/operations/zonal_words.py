"""What lies in one zone, in plain sentences of either language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.i18n import translate
from atlas.operations.grammar import capital, joined, listed, share_text, size_text, with_article
from atlas.operations.zonal import EMPTY, NOWHERE, PARTLY

if TYPE_CHECKING:
    from atlas.operations.zonal import Zonal

NAMED = 4
"""Classes that a sentence names; the rest is told together."""
LEAST_SHARE = 0.01


def tell_zone(found: Zonal, zone: int, lang: str) -> str:
    """What a zone holds, how much of it the raster covers, and what is not certain."""
    row = found.zones.rows.iloc[zone]
    name = with_article(str(row[f"name_{lang}"]), lang)
    values = {"zone": name, "raster": found.ground.title[lang]}
    state = found.state(zone)
    if state in (NOWHERE, EMPTY):
        return capital(translate(f"ground.tell_{state.replace('-', '_')}", lang, **values))
    told = [_classes(found, zone, name, lang) or _quantity(found, zone, name, lang)]
    if state == PARTLY:
        share = share_text(float(found.covered[zone]), lang)
        told.append(translate("ground.tell_partly", lang, share=share, **values))
    if row["estimated"]:
        told.append(translate("overlap.estimated", lang, zone=name))
    if row["id"] in found.held.uncertain:
        told.append(translate("ground.tell_uncertain", lang, day=found.day.isoformat()))
    if _small(found, zone):
        told.append(translate("ground.tell_small", lang, resolution=found.ground.resolution[lang]))
    return capital(joined(told, lang))


def _classes(found: Zonal, zone: int, name: str, lang: str) -> str:
    if found.classes is None:
        return ""
    areas, known = found.classes.area_km2[zone], float(found.known_km2[zone])
    largest = sorted(range(len(areas)), key=lambda place: -areas[place])
    named = [place for place in largest[:NAMED] if areas[place] >= LEAST_SHARE * known]
    parts = [
        translate(
            "ground.tell_class", lang, share=share_text(float(areas[place]) / known, lang),
            title=found.ground.class_title(float(found.classes.values[place]), lang),
            size=size_text(float(areas[place]), "km²", lang),
        )
        for place in named
    ]  # fmt: skip
    return translate("ground.tell_classes", lang, zone=name, parts=listed(parts, lang))


def _quantity(found: Zonal, zone: int, name: str, lang: str) -> str:
    sums = found.quantity
    if sums is None:
        return ""
    figures = {
        "mean": sums.mean[zone], "least": sums.least[zone], "greatest": sums.greatest[zone],
        "median": sums.percentiles[zone][sums.percentiles.shape[1] // 2],
    }  # fmt: skip
    told = {key: f"{value:,.4g}" for key, value in figures.items()}
    unit = found.ground.unit[lang] or translate("ground.unit_unknown", lang)
    return translate("ground.tell_quantity", lang, zone=name, unit=unit, **told)


def _small(found: Zonal, zone: int) -> bool:
    """Whether a zone is so small that single cells decide: fewer than ten of them."""
    width, height = found.ground.cell_m
    return float(found.zone_km2[zone]) < FEW_CELLS * width * height / 1e6


FEW_CELLS = 10
