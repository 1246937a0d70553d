"""Hypothesis strategies for days, periods, texts, shapes and whole layers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import shapely
from hypothesis import strategies as st

from atlas.core.schema import BASES, KEY, STATUSES
from atlas.core.text import ID, has_hidden_signs

DAYS = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2060, 12, 31))
NEAR_DAYS = st.dates(min_value=dt.date(2018, 12, 20), max_value=dt.date(2019, 1, 10))
"""Days so near to each other that edges meet."""

SIGNS = st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n\t\"\\<>&'=，长三角")
TEXTS = st.text(SIGNS, max_size=12)
NAMES = TEXTS.filter(lambda text: bool(text.strip()))
VISIBLE = NAMES.filter(lambda text: not has_hidden_signs(text))
KEY_TEXTS = NAMES.map(lambda text: text.replace("/", "|"))
IDS = st.from_regex(ID, fullmatch=True)


@st.composite
def periods(draw: st.DrawFn, days: st.SearchStrategy[dt.date] = NEAR_DAYS
            ) -> tuple[str | None, str | None]:  # fmt: skip
    """A period that is not empty; either side may be open."""
    start, end = sorted((draw(days), draw(days)))
    end += dt.timedelta(days=1)
    return (
        draw(st.sampled_from([None, start.isoformat()])),
        draw(st.sampled_from([None, end.isoformat()])),
    )


def micro_degrees(low: int, high: int) -> st.SearchStrategy[float]:
    """Coordinates between two whole degrees, with six decimals."""
    return st.integers(low * 1_000_000, high * 1_000_000).map(lambda value: value / 1e6)


POSITIONS = st.tuples(micro_degrees(115, 123), micro_degrees(27, 35))


@st.composite
def boxes(draw: st.DrawFn) -> shapely.Polygon:
    """A box, with a hole or without, whose rings run any way round."""
    x, y = draw(POSITIONS)
    width, height = draw(micro_degrees(0, 1)) + 0.1, draw(micro_degrees(0, 1)) + 0.1
    outer = _ring(x, y, width, height)
    holes = [_ring(x + 0.03, y + 0.03, 0.02, 0.02)] if draw(st.booleans()) else []
    turned = [ring[::-1] if draw(st.booleans()) else ring for ring in (outer, *holes)]
    return shapely.Polygon(turned[0], turned[1:])


def _ring(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    ring = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    return [(round(east, 6), round(north, 6)) for east, north in ring]


LINES = st.lists(POSITIONS, min_size=2, max_size=5, unique=True).map(shapely.LineString)
POINTS = POSITIONS.map(shapely.Point)
SHAPES = {"polygon": boxes(), "line": LINES, "point": POINTS}

JSON_VALUES = st.none() | st.integers(-5, 5) | st.booleans() | TEXTS | st.lists(TEXTS, max_size=2)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {"date": DAYS.map(dt.date.isoformat), "title_zh": TEXTS, "title_en": TEXTS},
        optional={"source_url": JSON_VALUES},
    ),
    max_size=2,
)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A valid row of a layer with ``tests.examples.OWN_COLUMNS``."""
    start, end = draw(periods(DAYS))
    optional = st.none() | TEXTS
    return {
        "id": draw(st.sampled_from(["a", "b"]) | IDS),
        "plan_version": draw(KEY_TEXTS), "part": draw(KEY_TEXTS),
        "name_zh": draw(VISIBLE), "name_en": draw(VISIBLE),
        "status": draw(st.sampled_from(STATUSES)),
        "valid_from": start, "valid_from_precision": "day" if start else None,
        "valid_to": end, "valid_to_precision": "day" if end else None,
        "sourced": draw(st.booleans()),
        "unsourced": draw(st.lists(st.sampled_from(["id", "rank", "valid_to"]), max_size=2)),
        "geometry_basis": draw(st.sampled_from([basis for basis in BASES if basis != "none"])),
        "accuracy_m": draw(st.none() | st.floats(0, allow_nan=False, allow_infinity=False)),
        "method_zh": draw(NAMES), "method_en": draw(NAMES),
        "notes_zh": draw(optional), "notes_en": draw(optional),
        "rank": draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
        "share": draw(st.none() | st.integers(-(10**6), 10**6)
                      | st.floats(allow_nan=False, allow_infinity=False)),
        "open": draw(st.none() | st.booleans()),
        "names_old": draw(st.lists(TEXTS, max_size=3)),
        "events": draw(st.none() | EVENTS),
        "source_url": "page 1",
    }  # fmt: skip


def key_of(row: dict[str, Any]) -> tuple[str, ...]:
    """Key of a row."""
    return tuple(row[name] for name in KEY)


@st.composite
def layers(draw: st.DrawFn, kind: str) -> list[tuple[dict[str, Any], shapely.Geometry | None]]:
    """Rows of one layer with their shapes: keys differ, no id is in force twice."""
    table = draw(st.lists(rows(), min_size=1, max_size=4, unique_by=key_of))
    seen: set[str] = set()
    drawn = []
    for row in table:
        shape = draw(st.none() | SHAPES[kind])
        basis = "none" if shape is None else row["geometry_basis"]
        status = "draft" if row["id"] in seen else row["status"]
        drawn.append((row | {"geometry_basis": basis, "status": status}, shape))
        seen.add(row["id"])
    return drawn
