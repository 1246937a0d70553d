"""Matrices as grids: which rows and columns, in which order, how dark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.layer import Edition, Layer, LayerInfo
from atlas.core.measured import ORDERS
from atlas.io import geojson
from atlas.operations.heat import COLUMNS_MOST, Heat, zone_feature_heat, zone_zone_heat
from atlas.operations.overlap import Overlap, overlap_layer
from atlas.operations.zones import ZoneSet
from tests.conftest import TODAY
from tests.examples import row

DAY = dt.date(2019, 6, 1)
CLUSTER, SIZE, CODE = ORDERS
ZONES = 6


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 5_000)


def strip(west: float, east: float, share: float = 1.0) -> shapely.Polygon:
    """The lower share of zones from one to another; a zone is 0.2° wide and 0.2° high."""
    return shapely.box(
        round(119 + 0.2 * west, 6), 30, round(119 + 0.2 * east, 6), round(30 + 0.2 * share, 6)
    )


def measure(*shapes: Any, kind: str = "polygon", zones: int = ZONES) -> Overlap:
    text = {"zh": "带", "en": "Belts"}
    info = LayerInfo("belts", "ecology", kind, text, text, "belts", "CC0-1.0", text, text, text, ())
    edition = Edition("belts", 1, dt.date(2020, 1, 1), "0" * 64, len(shapes), "why")
    rows = [row(id=f"f{number:03}", accuracy_m=0) for number in range(len(shapes))]
    names = [f"z{number}" for number in range(zones)]
    table = {"id": names, "name_zh": names, "name_en": names, "accuracy_m": 0.0, "estimated": False}
    squares = [strip(number, number + 1) for number in range(zones)]
    zoned = gpd.GeoDataFrame(table, geometry=squares, crs=STORAGE_CRS)
    held = ZoneSet(zoned, "cities", text, info=info)
    layer = Layer(info, edition, geojson.to_frame((), rows, list(shapes)))
    return overlap_layer(layer, held, day=DAY, known_by=TODAY)


def cell(heat: Heat, zone: int, feature: int) -> tuple[float, float]:
    """Value and darkness by positions, wherever they stand."""
    where = heat.rows.tolist().index(zone), heat.columns.tolist().index(feature)
    return heat.values[where], heat.share[where]


class TestZoneByFeature:
    FOUND = (strip(0, 2), strip(2, 3, 0.5), strip(4, 6, 0.25), None)

    @pytest.mark.parametrize("order", ORDERS)
    def test_each_cell_has_its_value_in_every_order(self, order: str) -> None:
        heat = zone_feature_heat(measure(*self.FOUND), order)
        assert sorted(heat.rows.tolist()) == [0, 1, 2, 4, 5], "zone 3 holds nothing"
        assert sorted(heat.columns.tolist()) == [0, 1, 2], "feature 3 has no extent"
        for zone, feature, percent in ((0, 0, 100), (1, 0, 100), (2, 1, 50), (4, 2, 25), (0, 1, 0)):
            value, share = cell(heat, zone, feature)
            assert value == pytest.approx(percent, abs=0.1)
            assert share == pytest.approx(percent / 100, abs=1e-3)
        assert heat.values.shape == heat.share.shape == (5, 3)

    def test_by_code_they_stand_as_they_are(self) -> None:
        heat = zone_feature_heat(measure(*self.FOUND), CODE)
        assert heat.rows.tolist() == [0, 1, 2, 4, 5]
        assert heat.columns.tolist() == [0, 1, 2]

    def test_by_size_the_largest_come_first(self) -> None:
        heat = zone_feature_heat(measure(strip(0, 1, 0.25), strip(1, 3), strip(2, 3, 0.5)), SIZE)
        assert heat.rows.tolist() == [2, 1, 0]
        assert heat.columns.tolist() == [1, 2, 0]

    def test_similar_ones_stand_together(self) -> None:
        """Zones 0, 2 and 4 hold one feature, 1 and 3 another."""
        odd = shapely.MultiPolygon([strip(1, 2), strip(3, 4)])
        even = shapely.MultiPolygon([strip(0, 1), strip(2, 3), strip(4, 5)])
        heat = zone_feature_heat(measure(odd, even), CLUSTER)
        assert [set(heat.rows[:3].tolist()), set(heat.rows[3:].tolist())] == [{0, 2, 4}, {1, 3}]

    def test_of_lines_the_longest_is_the_darkest(self) -> None:
        lines = [shapely.LineString([(119, 30.1), (119.2, 30.1)]),
                 shapely.LineString([(119.2, 30.1), (119.3, 30.1)])]  # fmt: skip
        heat = zone_feature_heat(measure(*lines, kind="line"), CODE)
        assert cell(heat, 0, 0)[0] == pytest.approx(19.3, abs=0.1)
        assert cell(heat, 0, 0)[1] == 1
        assert cell(heat, 1, 1)[1] == pytest.approx(0.5, abs=1e-3)

    def test_points_are_counted(self) -> None:
        heat = zone_feature_heat(measure(shapely.Point(119.1, 30.1), kind="point"), SIZE)
        assert (heat.values.tolist(), heat.share.tolist()) == ([[1]], [[1]])

    def test_only_the_largest_of_many_are_columns(self) -> None:
        shapes = [strip(0, 1, (number + 1) / 200) for number in range(COLUMNS_MOST + 20)]
        for order in ORDERS:
            heat = zone_feature_heat(measure(*shapes), order)
            assert sorted(heat.columns.tolist()) == list(range(20, COLUMNS_MOST + 20))

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("shapes", [(), (None,), (shapely.box(125, 30, 126, 31),)])
    def test_nothing(self, order: str, shapes: tuple[Any, ...]) -> None:
        heat = zone_feature_heat(measure(*shapes), order)
        assert heat.values.shape == (0, 0)
        assert len(heat.rows) == len(heat.columns) == 0

    @pytest.mark.parametrize("order", ORDERS)
    def test_the_same_each_time(self, order: str) -> None:
        found = measure(*self.FOUND)
        first, second = zone_feature_heat(found, order), zone_feature_heat(found, order)
        assert first.rows.tolist() == second.rows.tolist()
        assert (first.values == second.values).all()

    def test_shares_are_at_most_one(self) -> None:
        heat = zone_feature_heat(measure(shapely.box(118, 29, 122, 31)), CODE)
        assert heat.share.max() <= 1
        assert heat.values.max() == pytest.approx(100, abs=1e-6)


def heat_of_zones(found: Overlap, order: str) -> Heat:
    return zone_zone_heat(len(found.zones.rows), found.pairs(), order)


class TestZoneByZone:
    SHAPES = (strip(0, 3), strip(2, 4), strip(4, 5))

    @pytest.mark.parametrize("order", ORDERS)
    def test_each_cell_has_its_value_in_every_order(self, order: str) -> None:
        heat = heat_of_zones(measure(*self.SHAPES), order)
        assert sorted(heat.rows.tolist()) == list(range(ZONES))
        assert heat.rows.tolist() == heat.columns.tolist()
        for one, other, shared, jaccard in (
            (0, 1, 1, 1), (0, 2, 1, 0.5), (2, 3, 1, 0.5), (0, 3, 0, 0), (4, 5, 0, 0),
            (2, 2, 2, 1), (4, 4, 1, 1), (5, 5, 0, 0),
        ):  # fmt: skip
            assert cell(heat, one, other) == (shared, jaccard), (one, other)
        assert (heat.values == heat.values.T).all()
        assert (heat.share == heat.share.T).all()

    def test_by_size_and_by_code(self) -> None:
        found = measure(*self.SHAPES)
        assert heat_of_zones(found, CODE).rows.tolist() == list(range(ZONES))
        assert heat_of_zones(found, SIZE).rows[0] == 2, "it shares most"

    def test_what_shares_nothing_stands_last(self) -> None:
        assert set(heat_of_zones(measure(*self.SHAPES), CLUSTER).rows[-2:].tolist()) == {4, 5}

    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("count", [1, 2])
    def test_few_zones(self, order: str, count: int) -> None:
        heat = heat_of_zones(measure(*self.SHAPES, zones=count), order)
        assert heat.values.shape == (count, count)

    @pytest.mark.parametrize("order", ORDERS)
    def test_no_zones(self, order: str) -> None:
        columns = ["zone", "other", "shared", "only", "only_other", "jaccard"]
        none = pd.DataFrame({name: np.empty(0, dtype=int) for name in columns})
        assert zone_zone_heat(0, none, order).values.shape == (0, 0)
