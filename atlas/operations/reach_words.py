"""Rail reach in plain sentences, in either language; every figure says how it came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from atlas.i18n import translate
from atlas.operations.grammar import counted, joined, listed, share_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.analysis.journeys import Journey, Leg
    from atlas.analysis.reach_area import Living
    from atlas.operations.rail import Model
    from atlas.operations.reach import CityReached, Reach
    from atlas.operations.reach_areas import CoreReach, Link
    from atlas.operations.reach_check import Fit
    from atlas.operations.reach_matrix import CityMatrix

NAMED_MOST = 12
"""Cities that a sentence names; the table has all."""
MANY = {"zh": 1e4, "en": 1e6}
"""In which unit a language tells many people: 万, million."""


def people_text(count: float, lang: str) -> str:
    """A number of people in words, as precise as the method allows.

    >>> people_text(8_520_214.0, "en"), people_text(8_520_214.0, "zh"), people_text(812.0, "en")
    ('8.5 million', '852万', '800')
    """
    whole = MANY[lang]
    if count >= whole:
        digits = 0 if lang == "zh" and count >= 10 * whole else 1
        return translate("reach.many", lang, count=f"{count / whole:,.{digits}f}")
    return f"{round(count, -2):,.0f}"


def minutes_text(minutes: float, lang: str) -> str:
    """Minutes in words; what no train joins says so.

    >>> minutes_text(73.4, "en"), minutes_text(float("inf"), "zh")
    ('73 minutes', '火车不通')
    """
    if not np.isfinite(minutes):
        return translate("reach.no_train", lang)
    return translate("reach.minutes", lang, minutes=f"{minutes:.0f}")


def network_text(model: Model, lang: str) -> str:
    """Which network it is: its day, and what counts beside what is open."""
    day = model.day.isoformat()
    if not model.include:
        return translate("reach.network", lang, day=day)
    kinds = listed([translate(f"reach.include.{kind}", lang) for kind in model.include], lang)
    return translate("reach.network_with", lang, day=day, kinds=kinds)


def tell_within(reach: Reach, minutes: int, lang: str) -> str:
    """Which cities are within some minutes."""
    model = reach.model
    held = reach.within(minutes)
    fields = {
        "network": network_text(model, lang), "origin": reach.origin.name[lang],
        "minutes": minutes, "boarding": f"{model.assumed.boarding_min:g}",
    }  # fmt: skip
    if not held:
        return translate("reach.within_none", lang, **fields)
    names = [_city_minutes(reach, city, lang) for city in held[:NAMED_MOST]]
    if len(held) > NAMED_MOST:
        names.append(counted("reach.count.more", len(held) - NAMED_MOST, lang))
    return counted("reach.count.within", len(held), lang, cities=listed(names, lang), **fields)


def _city_minutes(reach: Reach, city: CityReached, lang: str) -> str:
    name = reach.model.city_name(city.city, lang)
    return translate("reach.city_minutes", lang, city=name, minutes=f"{city.minutes:.0f}")


def tell_living(living: Living, lang: str) -> str:
    """An area and who lives there, each with its method."""
    unknown = (
        translate("reach.unknown", lang, count=f"{living.unknown:,}") if living.unknown else ""
    )
    return translate(
        "reach.living", lang, area=size_text(living.area_km2, "km²", lang),
        people=people_text(living.by_area, lang), settled=people_text(living.by_settlements, lang),
        count=f"{living.settlements:,}", unknown=unknown,
    )  # fmt: skip


def tell_circles(model: Model, lang: str) -> str:
    """How the area around stations is drawn."""
    assumed = model.assumed
    return translate("reach.circles", lang, kmh=f"{assumed.access_kmh:g}",
                     most=f"{assumed.access_most_min:g}")  # fmt: skip


def tell_beyond(reach: Reach, lang: str) -> str:
    """Cities that no train reaches; empty if there are none."""
    names = [reach.model.city_name(code, lang) for code in reach.beyond()]
    if not names:
        return ""
    return translate("reach.beyond", lang, cities=listed(names, lang),
                     origin=reach.origin.name[lang])  # fmt: skip


def tell_way(model: Model, way: Journey | None, names: tuple[str, str], lang: str) -> str:
    """The fastest way between two places, leg by leg."""
    one, other = names
    fields = {"one": one, "other": other, "network": network_text(model, lang)}
    if way is None:
        return translate("reach.way_none", lang, **fields)
    if not way.legs:
        return translate("reach.way_same", lang, **fields)
    legs = [tell_leg(model, leg, lang) for leg in way.legs]
    changes = counted("reach.count.changes", way.changes, lang) if way.changes else translate(
        "reach.no_change", lang
    )  # fmt: skip
    return translate(
        "reach.way", lang, minutes=minutes_text(way.minutes, lang),
        km=size_text(way.km, "km", lang), changes=changes,
        legs=translate("reach.leg_stop", lang).join(legs), **fields,
    )  # fmt: skip


def tell_leg(model: Model, leg: Leg, lang: str) -> str:
    """A ride on a line, or a change."""
    start, end = (model.station_name(place, lang) for place in (leg.start, leg.end))
    minutes = minutes_text(leg.minutes, lang)
    if not leg.riding:
        key = "reach.leg_change" if leg.start == leg.end else "reach.leg_walk"
        return translate(key, lang, start=start, end=end, minutes=minutes)
    line = model.network.sections[leg.section].name[lang]
    return translate("reach.leg", lang, line=line, start=start, end=end, minutes=minutes)


def tell_matrix(matrix: CityMatrix, lang: str) -> str:
    """How near the cities are to one another, and which pairs have no direct line."""
    count = len(matrix.codes)
    one, other = np.triu_indices(count, 1)
    minutes = matrix.minutes[one, other]
    joined_ = minutes[np.isfinite(minutes)]
    if len(joined_) == 0:
        return translate("reach.matrix_none", lang, network=network_text(matrix.model, lang))
    longest = int(np.where(np.isfinite(minutes), minutes, -1).argmax())
    names = [matrix.model.city_name(matrix.codes[int(place[longest])], lang)
             for place in (one, other)]  # fmt: skip
    told = [translate(
        "reach.matrix", lang, network=network_text(matrix.model, lang), cities=count,
        pairs=f"{len(minutes):,}", median=minutes_text(float(np.median(joined_)), lang),
        hour=f"{int((joined_ <= 60).sum()):,}", without=f"{len(matrix.without_direct()):,}",  # noqa: PLR2004 - an hour
        changed=f"{int((matrix.changes[one, other] > 0).sum()):,}",
        first=names[0], last=names[1], longest=minutes_text(float(minutes[longest]), lang),
    )]  # fmt: skip
    apart = len(minutes) - len(joined_)
    if apart:
        told.append(counted("reach.count.apart", apart, lang))
    lacking = [code for code in sorted(matrix.model.names) if code not in matrix.codes]
    if lacking:
        cities = listed([matrix.model.city_name(code, lang) for code in lacking], lang)
        told.append(translate("reach.without_station", lang, cities=cities))
    return joined(told, lang)


def tell_city(matrix: CityMatrix, code: str, lang: str) -> str:
    """A city's place in the network: how near the others are, and by which lines."""
    place = matrix.codes.index(code)
    minutes = np.delete(matrix.minutes[place], place)
    finite = minutes[np.isfinite(minutes)]
    rank = int((matrix.closeness > matrix.closeness[place] + 1e-9).sum()) + 1
    lines = sorted({line for pair, held in matrix.direct.items() if place in pair
                    for line in held})  # fmt: skip
    names = {s.line: s.name[lang] for s in matrix.model.network.sections}
    told = [translate(
        "reach.city", lang, city=matrix.model.city_name(code, lang),
        hour=int((finite <= 60).sum()),  # noqa: PLR2004 - an hour
        median=minutes_text(float(np.median(finite)), lang) if len(finite) else
        translate("reach.no_train", lang),
        rank=rank, cities=len(matrix.codes),
    )]  # fmt: skip
    if lines:
        told.append(translate("reach.city_lines", lang,
                              lines=listed([names[line] for line in lines], lang)))  # fmt: skip
    return joined(told, lang)


def tell_core(core: CoreReach, model: Model, lang: str) -> str:
    """What a core reaches in an hour against its plan's area."""
    plan = core.plan
    told = [translate(
        "reach.core", lang, core=model.city_name(core.core, lang), plan=plan_name(core, lang),
        inside=size_text(core.inside.area_km2, "km²", lang),
        whole=size_text(core.whole.area_km2, "km²", lang), share=share_text(core.share, lang),
        people=people_text(core.inside.by_area, lang),
        all_people=people_text(core.whole.by_area, lang),
        settled=people_text(core.inside.by_settlements, lang),
        all_settled=people_text(core.whole.by_settlements, lang),
        outside=size_text(core.outside.area_km2, "km²", lang),
    )]  # fmt: skip
    if plan.older:
        told.append(translate("reach.core_older", lang, version=plan.version))
    return joined(told, lang)


def plan_name(core: CoreReach, lang: str) -> str:
    """Name of a core's plan, with its part where it has several."""
    name = core.plan.name[lang]
    if core.plan.part == "whole":
        return name
    note = translate(f"part.{core.plan.part}", lang)
    return translate("words.in_brackets", lang, text=name, note=note)


def tell_link(link: Link, model: Model, names: dict[str, dict[str, str]], lang: str) -> str:
    """A link inside a metropolitan area, and what would mend it."""
    fields = {
        "one": model.city_name(link.one, lang), "other": model.city_name(link.other, lang),
        "minutes": minutes_text(link.minutes, lang),
        "km": size_text(link.straight_km, "km", lang), "kmh": f"{link.kmh:.0f}",
    }  # fmt: skip
    key = "reach.link" if np.isfinite(link.minutes) else "reach.link_none"
    told = [translate(key, lang, **fields)]
    if link.mender:
        line = names[link.mender][lang]
        saved = "reach.mended" if np.isfinite(link.saved_min) else "reach.mended_first"
        told.append(translate(saved, lang, line=line, saved=f"{link.saved_min:.0f}"))
    else:
        told.append(translate("reach.mended_not", lang))
    return joined(told, lang)


def tell_fit(fits: Sequence[Fit], lang: str) -> str:
    """How far the model is from published times."""
    return joined((
        translate(
            f"reach.fit.{fit.use}", lang, count=fit.count, median=share_text(fit.median, lang),
            worst=share_text(fit.worst, lang), far=fit.far,
        ) for fit in fits
    ), lang)  # fmt: skip
