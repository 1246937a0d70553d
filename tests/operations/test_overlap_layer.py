"""Zones and a layer of the store: on a day, as published by a day, and between two days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS, area_km2
from atlas.core.geometry import canonical
from atlas.errors import (
    EditionNotFound,
    FileDamaged,
    LayerNotFound,
    WrongKind,
)
from atlas.operations import publish as publishing
from atlas.operations.folder import PROJECT
from atlas.operations.overlap import Overlap, OverlapChange, overlap, overlap_change
from atlas.operations.overlap_map import cell_layers, features_layer
from atlas.operations.zones import follow_degrees, polygon_zone, read_zones
from tests.conftest import TODAY, StoreBuilder
from tests.examples import collection, feature, in_force, row, square

COARSE = 20_000
LAYERS, KNOWN = PROJECT / "layers", dt.date(2026, 12, 31)
DAY = dt.date(2019, 6, 1)
WEST, EAST = square(120, 30), square(120.5, 30)
MIDDLE = square(120.25, 30)
Entry = tuple[dict[str, Any], Any]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", COARSE)


def add(
    store: StoreBuilder, layer: str, *entries: Entry, kind: str = "polygon",
    published: str = "2020-01-01", theme: str = "ecology",
) -> None:  # fmt: skip
    """Publish rows with shapes of their own; the layer is made if there is none."""
    if not (store.folder / layer).exists():
        store.add_layer(layer, kind=kind, theme=theme)
    rows = [feature(entry if shape else entry | {"geometry_basis": "none"}, shape)
            for entry, shape in entries]  # fmt: skip
    file = store.write(collection(rows))
    publishing.publish(
        store.folder, layer, file, note=published, published=dt.date.fromisoformat(published),
        today=TODAY,
    )  # fmt: skip


@pytest.fixture
def world(empty_store: StoreBuilder) -> StoreBuilder:
    """Two cities side by side; a belt that moves east in 2020, a park, one of unknown extent."""
    add(empty_store, "cities", (in_force(None, None, id="e", name_en="East"), EAST),
        (in_force(None, None, id="w", name_en="West"), WEST))  # fmt: skip
    add(
        empty_store,
        "belts",
        (in_force("2018-01-01", "2020-01-01", id="belt"), WEST),
        (in_force("2020-01-01", None, id="belt", plan_version="2"), MIDDLE),
        (row(id="park", valid_from="2019-01-01", valid_from_precision="year"), EAST),
        (row(id="secret", accuracy_m=None), None),
    )
    return empty_store


def measure(store: StoreBuilder, layer: str = "belts", **asked: Any) -> Overlap:
    return overlap(store.folder, layer, **({"day": DAY, "known_by": TODAY} | asked))


def cells(found: Overlap) -> dict[tuple[str, str, str], float]:
    """Size by zone, feature and version."""
    zones, rows = found.zones.rows, found.features
    return {
        (zones["id"].iloc[zone], rows["id"].iloc[thing], rows["plan_version"].iloc[thing]): size
        for zone, thing, size in zip(
            found.table["zone"], found.table["feature"], found.table["size"], strict=True
        )
    }


AREA = area_km2(gpd.GeoSeries([WEST, EAST, MIDDLE], crs=STORAGE_CRS)).tolist()
HALF = area_km2(gpd.GeoSeries([square(120.25, 30).intersection(WEST)], crs=STORAGE_CRS)).iloc[0]


def near(size: float) -> Any:
    """Edges that run along a parallel bend a little when cities are cut at other places."""
    return pytest.approx(size, rel=1e-3)


class TestOneDay:
    def test_what_was_in_force(self, world: StoreBuilder) -> None:
        assert cells(measure(world)) == {
            ("e", "park", "1"): near(AREA[1]), ("w", "belt", "1"): near(AREA[0]),
        }  # fmt: skip
        later = cells(measure(world, day=dt.date(2020, 1, 1)))
        assert later == {
            ("e", "belt", "2"): near(HALF), ("w", "belt", "2"): near(HALF),
            ("e", "park", "1"): near(AREA[1]),
        }  # fmt: skip
        assert cells(measure(world, day=dt.date(2017, 12, 31))) == {}

    def test_it_says_what_was_measured(self, world: StoreBuilder) -> None:
        found = measure(world)
        assert (found.info.id, found.edition.edition) == ("belts", 1)
        assert (found.day, found.known_by) == (DAY, TODAY)
        assert found.zones.name == "cities"
        assert found.size_name == "area_km2"
        assert found.features.index.tolist() == list(range(len(found.features)))

    def test_an_unknown_extent_is_no_overlap_and_no_zero(self, world: StoreBuilder) -> None:
        found = measure(world)
        place = found.features["id"].tolist().index("secret")
        assert place not in found.table["feature"].tolist()
        assert found.features.geometry.iloc[place] is None
        assert found.left[place] == found.plane.size[place] == 0

    def test_dates_known_to_the_year_are_doubtful(self, world: StoreBuilder) -> None:
        def doubtful(day: str) -> list[str]:
            found = measure(world, day=dt.date.fromisoformat(day))
            return found.features["id"][found.doubtful].tolist()

        assert doubtful("2019-06-01") == ["park"]
        assert doubtful("2020-06-01") == []

    def test_totals(self, world: StoreBuilder) -> None:
        found = measure(world, day=dt.date(2021, 1, 1))
        whole = dict(zip(found.zones.rows["id"], found.union, strict=True))
        assert whole == {"e": near(AREA[1]), "w": near(HALF)}, "no place twice"
        assert found.left == pytest.approx([0, 0, 0], abs=1), "a bent edge reaches out a little"

    def test_what_lies_outside_all_zones(self, world: StoreBuilder) -> None:
        add(world, "belts", (row(), square(119.75, 30)), published="2021-01-01")
        found = measure(world)
        assert found.left == near(HALF)

    def test_only_one_feature(self, world: StoreBuilder) -> None:
        assert {key[1] for key in cells(measure(world, feature="park"))} == {"park"}
        assert measure(world, feature="secret").table.empty

    def test_pieces_are_in_degrees_and_in_the_order_of_the_table(self, world: StoreBuilder) -> None:
        found = measure(world, day=dt.date(2021, 1, 1))
        shapes = found.shapes()
        assert shapes.crs == STORAGE_CRS
        assert area_km2(shapes.geometry).tolist() == pytest.approx(found.table["size"].tolist())
        assert found.shapes(found.table.iloc[[2, 0]]).index.tolist() == [2, 0]

    def test_what_two_zones_share(self, world: StoreBuilder) -> None:
        (pair,) = measure(world, day=dt.date(2021, 1, 1)).pairs().to_dict("records")
        assert (pair["zone"], pair["other"], pair["shared"]) == (0, 1, ("belt",))
        assert (pair["only"], pair["only_other"], pair["jaccard"]) == (1, 0, 0.5)
        assert pair["border_km"] == pytest.approx(55.4, abs=0.1)

    def test_threads_give_the_same(self, world: StoreBuilder) -> None:
        assert measure(world, threads=2).table.equals(measure(world).table)

    @pytest.mark.parametrize(
        ("kind", "shape", "name", "sizes"),
        [
            ("line", shapely.LineString([(120.1, 30.2), (120.9, 30.2)]), "length_km", [38.5, 38.5]),
            ("point", shapely.Point(120.1, 30.2), "count", [1]),
        ],
    )
    def test_lines_and_points(
        self, world: StoreBuilder, kind: str, shape: Any, name: str, sizes: list[float]
    ) -> None:
        add(world, "things", (row(), shape), kind=kind)
        found = measure(world, "things")
        assert found.size_name == name
        assert found.table["size"].tolist() == pytest.approx(sizes, abs=0.1)
        assert found.table["share_of_zone"].isna().all()


class TestZonesAndRecord:
    def test_zones_may_be_a_file_or_drawn(self, world: StoreBuilder, tmp_path: Path) -> None:
        path = tmp_path / "mine.gpkg"
        gpd.GeoDataFrame({"id": ["m"]}, geometry=[WEST], crs=4326).to_file(path)
        for zones in (str(path), polygon_zone(WEST, "m")):
            assert cells(measure(world, zones=zones)) == {("m", "belt", "1"): near(AREA[0])}

    def test_zones_may_be_any_layer_of_polygons(self, world: StoreBuilder) -> None:
        found = measure(world, "cities", zones="belts")
        assert {key[:2] for key in cells(found)} == {("belt", "w"), ("park", "e")}

    def test_zones_are_as_of_the_same_day(self, world: StoreBuilder) -> None:
        add(world, "cities", (in_force(None, "2019-01-01", id="old"), WEST),
            (in_force("2019-01-01", None, id="new"), WEST), published="2021-01-01")  # fmt: skip
        assert {key[0] for key in cells(measure(world))} == {"new"}
        assert {key[0] for key in cells(measure(world, day=dt.date(2018, 6, 1)))} == {"old"}

    def test_both_are_as_published_by_the_day(self, world: StoreBuilder) -> None:
        add(world, "belts", (row(id="corrected"), WEST), published="2021-01-01")
        add(world, "cities", (row(id="city"), WEST), published="2022-01-01")
        told = [
            {key[:2] for key in cells(measure(world, known_by=dt.date(year, 6, 1)))}
            for year in (2020, 2021, 2022)
        ]
        assert told == [
            {("w", "belt"), ("e", "park")}, {("w", "corrected")}, {("city", "corrected")},
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("asked", "error"),
        [
            ({"layer": "moon"}, LayerNotFound),
            ({"known_by": dt.date(2019, 12, 31)}, EditionNotFound),
            ({"zones": "moon"}, FileDamaged),
            ({"zones": "ways"}, WrongKind),
        ],
    )
    def test_what_is_not_there(
        self, world: StoreBuilder, asked: dict[str, Any], error: type[Exception]
    ) -> None:
        way = shapely.LineString([(120, 30), (121, 30)])
        add(world, "ways", (row(), way), kind="line")
        with pytest.raises(error):
            measure(world, **asked)

    def test_without_zones_on_the_day_nothing_overlaps(self, world: StoreBuilder) -> None:
        add(world, "cities", (in_force("2020-01-01", None), WEST), published="2021-01-01")
        found = measure(world)
        assert found.table.empty
        assert found.union.tolist() == []
        assert found.pairs().empty
        assert found.left == pytest.approx(found.plane.size)

    def test_without_features_on_the_day_nothing_overlaps(self, world: StoreBuilder) -> None:
        add(world, "belts", (in_force("2020-01-01", None), WEST), published="2021-01-01")
        found = measure(world)
        assert found.table.empty
        assert found.union.tolist() == [0, 0]
        assert found.shapes().empty
        assert found.pairs()["jaccard"].isna().all()


def change(store: StoreBuilder, old: str, new: str, **asked: Any) -> OverlapChange:
    given = {"old": dt.date.fromisoformat(old), "new": dt.date.fromisoformat(new),
             "known_by": TODAY}  # fmt: skip
    return overlap_change(store.folder, "belts", **(given | asked))


class TestChange:
    def test_because_the_feature_moved(self, world: StoreBuilder) -> None:
        found = change(world, "2019-06-01", "2020-06-01")
        rows = found.table.set_index(["zone", "feature"])
        assert list(rows.index) == [("e", "belt"), ("e", "park"), ("w", "belt")]
        assert rows.loc[("w", "belt"), "lost_feature"] == near(HALF)
        assert rows.loc[("e", "belt"), "gained_feature"] == near(HALF)
        assert rows.loc[("e", "park"), ["gained", "lost"]].tolist() == [0, 0]
        assert (found.old, found.new) == (dt.date(2019, 6, 1), dt.date(2020, 6, 1))
        assert found.size_name == "area_km2"

    def test_because_the_city_grew(self, world: StoreBuilder) -> None:
        merged = canonical(shapely.union_all([WEST, EAST]))
        add(world, "cities",
            (in_force(None, "2018-06-01", id="w", plan_version="before-2018-06"), WEST),
            (in_force("2018-06-01", None, id="w", plan_version="current"), merged),
            published="2021-01-01")  # fmt: skip
        add(world, "belts", (row(valid_from=None, valid_from_precision=None), MIDDLE),
            published="2021-01-01")  # fmt: skip
        found = change(world, "2018-05-31", "2018-06-01")
        (cell,) = found.table.to_dict("records")
        assert cell["gained"] == cell["gained_zone"] == near(HALF)
        assert found.estimated == {"w"}
        assert change(world, "2018-06-01", "2018-06-02").estimated == frozenset()

    def test_there_and_back(self, world: StoreBuilder) -> None:
        there = change(world, "2019-06-01", "2020-06-01").table
        back = change(world, "2020-06-01", "2019-06-01").table
        assert there["gained"].tolist() == back["lost"].tolist()

    def test_an_unknown_extent_is_neither_gained_nor_lost(self, world: StoreBuilder) -> None:
        add(
            world, "belts",
            (in_force("2016-01-01", "2018-01-01", id="a"), WEST),
            (in_force("2018-01-01", None, id="a", plan_version="2"), None),
            (in_force("2016-01-01", None, id="b"), WEST), published="2021-01-01",
        )  # fmt: skip
        for days in (("2017-01-01", "2019-01-01"), ("2019-01-01", "2017-01-01")):
            found = change(world, *days)
            assert found.unknown == {"a"}
            assert found.table["feature"].tolist() == ["b"]
            assert not found.table[["gained", "lost"]].any(axis=None)

    def test_an_extent_that_ended_is_lost(self, world: StoreBuilder) -> None:
        add(world, "belts", (in_force("2016-01-01", "2018-01-01", id="a"), WEST),
            published="2021-01-01")  # fmt: skip
        (cell,) = change(world, "2017-01-01", "2019-01-01").table.to_dict("records")
        assert cell["lost"] == cell["lost_feature"] == near(AREA[0])

    def test_parts_of_a_feature_are_one_extent(self, world: StoreBuilder) -> None:
        add(world, "belts", (row(id="a", part="core"), WEST), (row(id="a", part="rest"), MIDDLE),
            published="2021-01-01")  # fmt: skip
        rows = change(world, "2019-01-01", "2019-01-02").table.set_index("zone")
        assert rows["old"].to_dict() == {"e": near(HALF), "w": near(AREA[0])}

    def test_zones_that_do_not_change_change_nothing(self, world: StoreBuilder) -> None:
        found = change(world, "2019-06-01", "2020-06-01", zones=polygon_zone(WEST, "m"))
        (cell,) = found.table.to_dict("records")
        assert cell["lost"] == cell["lost_feature"] == near(HALF)
        assert found.old_zones is found.new_zones

    def test_both_days_are_of_one_edition(self, world: StoreBuilder) -> None:
        add(world, "belts", (in_force("2016-01-01", None, id="late"), WEST), published="2021-01-01")
        known = dt.date(2020, 6, 1)
        found = change(world, "2019-06-01", "2020-06-01", known_by=known)
        assert (found.edition.edition, found.known_by) == (1, known)
        assert "late" not in found.table["feature"].tolist()


def test_hangzhou_2018_to_2023_is_not_lost_but_unknown() -> None:
    """The plan of 2023 named districts of which no map was published."""
    found = overlap_change(
        LAYERS, "metropolitan-areas", old=dt.date(2018, 6, 1), new=dt.date(2023, 6, 1),
        known_by=KNOWN,
    )  # fmt: skip
    assert found.unknown == {"hangzhou-metropolitan-area"}
    assert "hangzhou-metropolitan-area" not in found.table["feature"].tolist()
    assert "nanjing-metropolitan-area" in found.table["feature"].tolist()
    before = overlap(LAYERS, "metropolitan-areas", day=dt.date(2018, 6, 1), known_by=KNOWN)
    assert "hangzhou-metropolitan-area" in before.features["id"].iloc[
        before.table["feature"]
    ].tolist()  # fmt: skip


class TestMap:
    def test_the_features_are_drawn_as_explore_draws_them(self, world: StoreBuilder) -> None:
        found = measure(world)
        drawn = features_layer(found)
        assert drawn.id == "belts"
        assert drawn.features["id"].tolist() == found.features["id"].tolist()

    def test_a_zone_and_what_it_holds(self, world: StoreBuilder) -> None:
        found = measure(world, day=dt.date(2021, 1, 1))
        pieces, zones = cell_layers(found, [0], None)
        assert sorted(pieces.features["name_en"]) == ["Huai", "Huai"]
        assert area_km2(pieces.features.geometry).sum() == near(HALF + AREA[1])
        assert zones.features["name_en"].tolist() == ["East"]
        assert zones.features["change"].tolist() == ["zone"]
        assert pieces.features["size_en"].iloc[0].endswith(" km²")

    def test_a_pair_of_zones_and_one_feature(self, world: StoreBuilder) -> None:
        found = measure(world, day=dt.date(2021, 1, 1))
        belt = found.features["id"].tolist().index("belt")
        pieces, zones = cell_layers(found, [0, 1], [belt])
        assert len(pieces.features) == 2
        assert zones.features["change"].tolist() == ["zone", "other"]
        assert pieces.features["id"].is_unique

    def test_an_empty_cell_draws_only_the_zone(self, world: StoreBuilder) -> None:
        found = measure(world)
        secret = found.features["id"].tolist().index("secret")
        pieces, zones = cell_layers(found, [0], [secret])
        assert pieces.features.empty
        assert len(zones.features) == 1


def test_the_atlas_own_zones_and_layers_overlap_on_any_day() -> None:
    zones = read_zones(LAYERS, "provinces", day=dt.date(2020, 1, 1), known_by=KNOWN)
    found = overlap(LAYERS, "cities", zones=zones, day=dt.date(2020, 1, 1), known_by=KNOWN)
    real = found.table[~found.table["sliver"]]
    assert len(real) == 41, "each city lies in one province"
    assert real["share_of_feature"].min() > 1 - 1e-4


class TestGivenZones:
    def test_long_sides_follow_their_parallel(self, empty_store: StoreBuilder) -> None:
        """Measured by its corners alone, the box would lose a bow of 1.7 km in the north."""
        long, narrow = shapely.box(118, 30, 122, 32), shapely.box(118, 31.9, 122, 32)
        add(
            empty_store,
            "belts",
            (in_force(None, None), canonical(shapely.segmentize(narrow, 0.001))),
        )
        zones = polygon_zone(long, "box")
        found = overlap(empty_store.folder, "belts", zones=zones, day=DAY, known_by=TODAY)
        assert found.table["share_of_feature"].tolist() == pytest.approx([1], abs=1e-6)
        assert found.zone_plane.size == pytest.approx([84_703.7446], abs=0.02)
        assert len(shapely.get_coordinates(zones.rows.geometry.iloc[0])) == 5

    def test_boundaries_of_layers_stay_as_they_are(self) -> None:
        zones = read_zones(LAYERS, "cities", day=DAY, known_by=KNOWN)
        assert follow_degrees(zones.rows, zones) is zones.rows


class TestDoubt:
    @pytest.mark.parametrize(("theme", "doubt"), [("ecology", True), ("water", False)])
    def test_what_does_not_say_when_it_began(
        self, empty_store: StoreBuilder, theme: str, doubt: bool
    ) -> None:
        add(empty_store, "belts", (in_force(None, None), WEST), theme=theme)
        zones = polygon_zone(MIDDLE, "box")
        found = overlap(empty_store.folder, "belts", zones=zones, day=DAY, known_by=TODAY)
        assert found.doubtful.tolist() == [doubt]
