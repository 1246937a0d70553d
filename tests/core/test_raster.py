"""Cells and their scheme: what values may be, and where a cell lies."""

import copy

import numpy as np
import pytest

from atlas.core.raster import count_classes, raster_problems, read_scheme
from tests.raster_examples import CATEGORIES, QUANTITY, categories, heights, land_cover, quantity


def changed(table: dict, *path, to) -> dict:
    table = copy.deepcopy(table)
    place = table
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return table


def test_a_scheme_has_classes_or_a_range() -> None:
    assert [entry.value for entry in categories().classes] == [0, 1, 7]
    assert categories().range is None
    assert quantity().range == (-10.0, 2000.0)
    assert quantity().classes == ()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (changed(CATEGORIES, "raster", "range", to=[0, 1]), "either"),
        (changed(QUANTITY, "raster", to={**CATEGORIES["raster"]}), "either"),
        (changed(QUANTITY, "raster", "range", to=[5, 5]), "rising"),
        (changed(QUANTITY, "raster", "range", to=[1, 2, 3]), "rising"),
        (changed(QUANTITY, "raster", "nodata", to=7), "inside raster.range"),
        (changed(CATEGORIES, "raster", "nodata", to=7), "none of them raster.nodata"),
        (changed(CATEGORIES, "classes", 1, "value", to=0), "each value once"),
        (changed(CATEGORIES, "classes", 1, "value", to=1.5), "no integer"),
        (changed(CATEGORIES, "classes", 1, "colour", to="green"), "#rrggbb"),
        (changed(CATEGORIES, "classes", 1, "title", to={"zh": "林", "en": " "}), "zh and en"),
        (changed(CATEGORIES, "raster", "unit", to={"zh": "类", "en": ""}), "raster.unit"),
    ],
)
def test_a_scheme_that_is_wrong_is_said(table: dict, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        read_scheme(table)


@pytest.mark.parametrize("name", ["nodata", "unit", "resolution"])
def test_a_scheme_names_what_it_lacks(name: str) -> None:
    table = copy.deepcopy(CATEGORIES)
    del table["raster"][name]
    with pytest.raises(KeyError, match=name):
        read_scheme(table)


def test_a_cell_holds_its_west_and_north_edge() -> None:
    raster = land_cover()
    assert raster.bounds == (118.0, 31.0, 119.5, 32.0)
    assert raster.value_at(118.0, 32.0) == 0
    assert raster.value_at(118.49, 31.51) == 0
    assert raster.value_at(118.5, 32.0) == 1
    assert raster.value_at(118.0, 31.5) == 7
    for outside in ((119.5, 32.0), (118.0, 31.0), (117.99, 31.5), (118.0, 32.01)):
        with pytest.raises(IndexError, match="outside"):
            raster.value_at(*outside)


def test_cells_of_each_class_are_counted_without_nodata() -> None:
    scheme = categories()
    counted = count_classes(scheme.classes, land_cover())
    assert [(entry.value, cells) for entry, cells in counted] == [(0, 2), (1, 2), (7, 1)]
    water = land_cover(values=np.zeros((2, 2), dtype="uint8"))
    assert [cells for _, cells in count_classes(scheme.classes, water)] == [4, 0, 0]


def test_valid_cells_have_no_problem() -> None:
    assert list(raster_problems(categories(), land_cover())) == []
    assert list(raster_problems(quantity(), heights())) == []


@pytest.mark.parametrize(
    ("scheme", "raster", "rule", "words"),
    [
        (categories(), land_cover(west=107.9), "region", "107.9"),
        (categories(), land_cover(nodata=0.0), "nodata", "layer.toml says 255"),
        (categories(), land_cover(nodata=float("nan")), "nodata", "nan"),
        (categories(), land_cover(values=np.array([[3, 3, 9]], "uint8")), "values", "3, 9"),
        (categories(), land_cover(values=np.full((2, 2), 255, "uint8")), "values", "no cell"),
        (quantity(), heights(values=np.array([[0, 2001]], "int16")), "values", "2001"),
        (quantity(), heights(values=np.array([[0, np.nan]], "float32")), "values", "nan"),
    ],
)
def test_each_fault_is_one_problem(scheme, raster, rule: str, words: str) -> None:
    problems = list(raster_problems(scheme, raster))
    assert [found for found, _ in problems] == [rule]
    assert words in problems[0][1]
