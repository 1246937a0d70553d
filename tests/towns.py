"""A small store for series and reports: three cities, a corridor, a railway, two editions' worth.

West and east are half covered by a corridor that is in force since 2019, and by a draft; the
railway runs through both and opened in stages; the island has nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import shapely

from atlas.core.schema import Column
from atlas.operations import publish as publishing
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, square

if TYPE_CHECKING:
    from pathlib import Path

WEST, EAST, ISLAND = square(120, 30), square(120.5, 30), square(121.5, 30, 0.2)
HALF = shapely.box(120.25, 30, 120.75, 30.5)
"""The eastern half of the west and the western half of the east."""
RAIL = shapely.LineString([(120.1, 30.2), (120.9, 30.2)])
SHORT = shapely.LineString([(120.1, 30.2), (120.4, 30.2)])
D, D2 = dt.date(2018, 6, 1), dt.date(2024, 6, 1)
CENSUS = Column("census_2020", "integer", title={"zh": "普查", "en": "Census"})
CORRIDORS, RAILS, STATIONS = "innovation-corridors", "rail-lines", "rail-stations"
STYLES = {"polygon": "belts", "line": "rivers", "point": "settlements"}
RESIDENTS = {"w": 1_234_567, "e": None, "i": 89_000}


def make_towns(folder: Path) -> StoreBuilder:
    """Publish every layer into an empty folder."""
    folder.mkdir(exist_ok=True)
    store = StoreBuilder(folder)
    add(store, "cities", "polygon", "base", *(
        (named(code, zh, en) | {"census_2020": RESIDENTS[code]}, shape)
        for code, zh, en, shape in (
            ("w", "西城市", "Westtown", WEST), ("e", "东城市", "Easttown", EAST),
            ("i", "岛城市", "Island", ISLAND),
        )
    ), columns=(CENSUS,))  # fmt: skip
    add(
        store, CORRIDORS, "polygon", "innovation",
        (in_force("2019-01-01", None, id="c", name_zh="中走廊", name_en="Middle Corridor"), HALF),
        (in_force("2016-01-01", None, id="d", name_zh="草案走廊", name_en="Draft Corridor",
                  status="draft"), HALF),
        (in_force("2016-01-01", None, id="u", name_zh="未知走廊", name_en="Lost Corridor",
                  geometry_basis="none", accuracy_m=None), None),
    )  # fmt: skip
    add(
        store, RAILS, "line", "rail",
        (in_force("2015-01-01", "2020-01-01", id="r", name_zh="东西铁路", name_en="Main line"),
         SHORT),
        (in_force("2020-01-01", None, id="r", name_zh="东西铁路", name_en="Main line",
                  plan_version="2"), RAIL),
    )  # fmt: skip
    add(
        store, STATIONS, "point", "rail",
        (in_force("2015-01-01", None, id="s", name_zh="西站", name_en="West station"),
         shapely.Point(120.1, 30.2)),
        (in_force("2020-01-01", None, id="t", name_zh="东站", name_en="East station"),
         shapely.Point(120.9, 30.2)),
    )  # fmt: skip
    return store


def named(code: str, zh: str, en: str) -> dict[str, Any]:
    """A row that was always in force."""
    return in_force(None, None, id=code, name_zh=zh, name_en=en)


def add(
    store: StoreBuilder, layer: str, kind: str, theme: str, *entries: tuple[dict[str, Any], Any],
    columns: tuple[Column, ...] = (),
) -> None:  # fmt: skip
    """Add a layer and publish its first edition."""
    about = store.add_layer(layer, kind=kind, theme=theme, columns=columns)
    about.write_text(about.read_text("utf-8").replace('"belts"', f'"{STYLES[kind]}"'), "utf-8")
    publish(store, layer, *entries)


def publish(
    store: StoreBuilder, layer: str, *entries: tuple[dict[str, Any], Any],
    day: str = "2020-01-01",
) -> None:  # fmt: skip
    """Publish an edition of a layer."""
    file = store.write(collection([feature(entry, shape) for entry, shape in entries]))
    publishing.publish(
        store.folder, layer, file, note="test", published=dt.date.fromisoformat(day), today=TODAY
    )
