"""Zonal statistics beside rasterstats on cells cut into many (tests/golden/zonal)."""

import json

import numpy as np
import pytest
import shapely

from tests.golden.zonal.cases import CASES
from tests.ground_examples import add_up, count_classes

EXPECTED = json.loads(
    (__import__("pathlib").Path(__file__).parents[1] / "golden/zonal/expected.json").read_text()
)
CLASSED = ("drawn", "land-cover")


@pytest.mark.parametrize("name", CASES)
def test_figures_are_those_of_many_small_cells(name: str) -> None:
    case, told = CASES[name](), EXPECTED[name]
    shapes = list(case.shapes.values())
    sums = add_up(case.values, shapes, case.grid, nodata=case.nodata, side=64, whole=True)
    counted = count_classes(case.values, shapes, case.grid, nodata=case.nodata, side=64)
    for zone, (title, shape) in enumerate(case.shapes.items()):
        wanted = told["zones"][title]
        # Along the border a small cell is counted or not: half of them each way, on average.
        border = shapely.length(shape) / case.grid.cell_width * told["finer"]
        off = 2 * np.sqrt(border) / told["finer"] ** 2 + border / told["finer"] ** 2 * 0.02
        assert counted.cells[zone].sum() == pytest.approx(wanted["count"], abs=3 * off), title
        if name in CLASSED:
            for value, cells in zip(counted.values, counted.cells[zone], strict=True):
                exact = wanted["cells"].get(f"{value:.0f}", 0.0)
                assert cells == pytest.approx(exact, abs=3 * off), (title, value)
        if wanted["sum"] is None:
            assert np.isnan(sums.total[zone])
            continue
        largest = np.abs(case.values[case.values != case.nodata]).max()
        assert sums.total[zone] == pytest.approx(wanted["sum"], abs=3 * off * largest, rel=2e-4)
        assert sums.least[zone] <= wanted["min"]
        assert sums.greatest[zone] >= wanted["max"]


def test_the_golden_figures_are_of_another_program() -> None:
    assert EXPECTED["rasterstats"]
    assert set(EXPECTED) == {"rasterstats", *CASES}
