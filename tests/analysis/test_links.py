"""Direct lines: those with a station in both of two zones."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from atlas.analysis.links import direct_links
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, to_working

ZONES = np.array([shapely.box(10_000 * x, 0, 10_000 * (x + 1), 10_000) for x in range(4)])
"""Four side by side: a, b, c and d have a station each."""
PLACES = {"a": (5, 5), "a2": (6, 6), "b": (15, 5), "c": (25, 5), "d": (35, 5), "far": (99, 99),
          "edge": (10, 5), "corner": (20, 10)}  # fmt: skip


def stations(**more: shapely.Point | None) -> gpd.GeoDataFrame:
    points = {id_: shapely.Point(x * 1000, y * 1000) for id_, (x, y) in PLACES.items()} | more
    return gpd.GeoDataFrame({"id": list(points)}, geometry=list(points.values()), crs=WORKING_CRS)


def links(*lines: Any, given: gpd.GeoDataFrame | None = None) -> dict[tuple[int, int], Any]:
    """Links by lines that are called 1, 2, …"""
    ids = [str(number) for number in range(1, len(lines) + 1)]
    table = pd.DataFrame({"id": ids, "stations": pd.Series(list(lines), dtype=object)})
    return direct_links(ZONES, table, stations() if given is None else given)


def test_a_line_links_every_pair_of_zones_that_it_serves() -> None:
    assert links(["a", "b", "d"]) == {(0, 1): ("1",), (0, 3): ("1",), (1, 3): ("1",)}


def test_a_zone_that_it_only_passes_is_not_linked() -> None:
    assert set(links(["a", "d"])) == {(0, 3)}


def test_lines_are_listed_in_order_and_each_once() -> None:
    assert links(["b", "a"], ["a", "a2", "b"], ["a", "b"])[0, 1] == ("1", "2", "3")


def test_the_direction_does_not_matter() -> None:
    assert links(["d", "a"]) == links(["a", "d"])


@pytest.mark.parametrize(
    "line", [["a"], ["a", "a2"], ["a", "far"], ["a", "unknown"], [], None, float("nan"), "a b"]
)
def test_what_serves_fewer_than_two_zones_links_none(line: Any) -> None:
    assert links(line) == {}


def test_a_station_on_a_border_belongs_to_the_first_zone() -> None:
    assert set(links(["edge", "b"])) == {(0, 1)}
    assert links(["edge", "a"]) == {}
    assert set(links(["corner", "c"])) == {(1, 2)}


def test_a_station_without_a_place_is_nowhere() -> None:
    assert links(["a", "b"], given=stations(b=None)) == {}


def test_of_two_rows_of_one_station_the_first_counts() -> None:
    twice = pd.concat([stations(), stations(b=shapely.Point(35_000, 5_000))])
    assert set(links(["a", "b"], given=twice)) == {(0, 1)}


def test_stations_may_be_in_degrees() -> None:
    degrees = stations().to_crs(STORAGE_CRS)
    assert to_working(degrees).crs == WORKING_CRS
    assert links(["a", "b", "d"], given=degrees) == links(["a", "b", "d"])


def test_zones_that_overlap_give_a_station_to_the_first() -> None:
    table = pd.DataFrame({"id": ["1"], "stations": [["a", "b"]]})
    doubled = np.concatenate([ZONES[:1], ZONES])
    assert direct_links(doubled, table, stations()) == {(0, 2): ("1",)}


def test_no_lines_no_stations_no_zones() -> None:
    none = stations().iloc[:0]
    table = pd.DataFrame({"id": ["1"], "stations": [["a", "b"]]})
    assert links() == {}
    assert links(["a", "b"], given=none) == {}
    assert direct_links(ZONES[:0], table, stations()) == {}
