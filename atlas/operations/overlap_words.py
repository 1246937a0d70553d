"""One cell of an overlap in a plain sentence, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atlas.i18n import translate
from atlas.operations.grammar import (
    capital,
    counted,
    joined,
    listed,
    share_text,
    size_text,
    with_article,
)
from atlas.operations.row_words import with_version

if TYPE_CHECKING:
    from atlas.operations.overlap import Overlap

UNITS = {"polygon": "km²", "line": "km", "point": ""}
Links = dict[tuple[int, int], tuple[str, ...]]


def tell_cell(found: Overlap, zone: int, feature: int, lang: str) -> str:
    """How much of a feature lies in a zone."""
    row = found.features.iloc[feature]
    values = {"zone": zone_name(found, zone, lang), "feature": _feature(row, lang)}
    pair = found.table[(found.table["zone"] == zone) & (found.table["feature"] == feature)]
    if row["geometry"] is None:
        return translate("overlap.cell_unknown", lang, **values)
    if pair.empty:
        return translate("overlap.cell_none", lang, **values)
    cell = pair.iloc[0]
    unit = UNITS[found.info.kind]
    values |= {
        "size": size_text(float(cell["size"]), unit, lang) if unit else f"{cell['size']:.0f}",
        "of_feature": share_text(float(cell["share_of_feature"]), lang),
    }
    if found.info.kind != "polygon":
        told = [translate("overlap.cell_line", lang, **values)]
    else:
        share = share_text(float(cell["share_of_zone"]), lang)
        told = [translate("overlap.cell", lang, of_zone=share, **values)]
    if cell["sliver"]:
        told.append(translate("overlap.cell_sliver", lang))
    if found.doubtful[feature]:
        told.append(translate("overlap.cell_uncertain", lang, day=found.day.isoformat()))
    if found.zones.rows["estimated"].iloc[zone]:
        told.append(translate("overlap.estimated", lang, zone=values["zone"]))
    return capital(joined(told, lang))


def zone_name(found: Overlap, zone: int, lang: str) -> str:
    """Name of a zone in the language."""
    return str(found.zones.rows[f"name_{lang}"].iloc[zone])


def _feature(row: Any, lang: str) -> str:
    return with_version(with_article(str(row[f"name_{lang}"]), lang), row, lang)


def tell_pair(
    found: Overlap, one: int, other: int, links: Links, line_names: dict[str, dict[str, str]],
    lang: str,
) -> str:  # fmt: skip
    """What two zones share: features, lines that link them directly, their border."""
    if one == other:
        return tell_zone(found, one, lang)
    first, second = sorted((one, other))
    pair = found.pairs()
    row = pair[(pair["zone"] == first) & (pair["other"] == second)].iloc[0]
    names = {"one": zone_name(found, one, lang), "other": zone_name(found, other, lang)}
    shared = [with_article(name, lang) for name in _names(found, row["shared"], lang)]
    told = []
    if shared:
        told.append(
            counted("overlap.pair", len(shared), lang, features=listed(shared, lang), **names)
        )
        jaccard = f"{row['jaccard']:.2f}"
        either = len(shared) + row["only"] + row["only_other"]
        told.append(translate("overlap.pair_jaccard", lang, jaccard=jaccard, either=either))
    else:
        told.append(translate("overlap.pair_none", lang, **names))
    lines = [line_names.get(id_, {}).get(lang, id_) for id_ in links.get((first, second), ())]
    if lines:
        told.append(counted("overlap.pair_lines", len(lines), lang, lines=listed(lines, lang)))
    if row["border_km"] > 0:
        border = size_text(float(row["border_km"]), "km", lang)
        told.append(translate("overlap.pair_border", lang, border=border))
    else:
        told.append(translate("overlap.pair_no_border", lang))
    return joined(told, lang)


def tell_zone(found: Overlap, zone: int, lang: str) -> str:
    """Everything of the layer that one zone holds, and what all of it covers once."""
    own = found.table[(found.table["zone"] == zone) & ~found.table["sliver"].astype(bool)]
    name = zone_name(found, zone, lang)
    if own.empty:
        return translate("overlap.zone_none", lang, zone=name, layer=found.info.title[lang])
    if found.info.kind == "point":
        return _tell_points(found, len(own), name, lang)
    unit = UNITS[found.info.kind]
    parts = [
        translate(
            "overlap.zone_part", lang, feature=_feature(found.features.iloc[int(feature)], lang),
            size=size_text(float(size), unit, lang),
        )
        for feature, size in zip(own["feature"], own["size"], strict=True)
    ]  # fmt: skip
    told = [translate("overlap.zone", lang, zone=name, parts=listed(parts, lang))]
    if found.info.kind == "polygon":
        union, size = float(found.union[zone]), float(found.zone_plane.size[zone])
        told.append(
            translate(
                "overlap.zone_union", lang, size=size_text(union, "km²", lang),
                share=share_text(union / size, lang),
            )
        )  # fmt: skip
    doubtful = int(found.doubtful[own["feature"]].sum())
    if doubtful:
        day = found.day.isoformat()
        told.append(counted("overlap.zone_uncertain", doubtful, lang, day=day))
    if found.zones.rows["estimated"].iloc[zone]:
        told.append(translate("overlap.estimated", lang, zone=name))
    return joined(told, lang)


def _tell_points(found: Overlap, count: int, name: str, lang: str) -> str:
    """How many points a zone holds: nobody reads two hundred names."""
    values = {"zone": name, "layer": found.info.title[lang], "all": f"{len(found.features):,}"}
    return counted("overlap.zone_points", count, lang, **values)


def _names(found: Overlap, ids: tuple[str, ...], lang: str) -> list[str]:
    known = dict(zip(found.features["id"], found.features[f"name_{lang}"], strict=True))
    return [str(known[id_]) for id_ in ids]


def strongest(found: Overlap, links: Links, *, least: int = 2) -> np.ndarray:
    """Positions of pairs by how strongly they are linked: shared features, then direct lines.

    Parameters
    ----------
    found
        An overlap.
    links
        Direct lines by pair.
    least
        Zones that hold fewer features than this do not count.
    """
    pairs = found.pairs()
    lines = [len(links.get((a, b), ())) for a, b in zip(pairs["zone"], pairs["other"], strict=True)]
    shared = pairs["shared"].map(len).to_numpy()
    enough = (shared + pairs["only"]).ge(least) & (shared + pairs["only_other"]).ge(least)
    order = np.lexsort((pairs["jaccard"].fillna(-1), np.array(lines), shared))[::-1]
    return np.asarray(order[enough.to_numpy()[order]])
