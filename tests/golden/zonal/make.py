"""Make ``expected.json``: rasterstats on cells cut into many small ones.

    PYTHONPATH=. .venv/bin/python tests/golden/zonal/make.py

rasterstats counts a cell if its middle lies in the zone, so its figures near those of exact
partial cells as cells get smaller. Nothing here is computed by the atlas.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import rasterstats
from rasterio.transform import Affine

from tests.golden.zonal.cases import CASES, Case


def measure(case: Case) -> dict[str, dict[str, object]]:
    """Of each zone: cells by class, and count, sum, least and greatest value."""
    grid, finer = case.grid, case.finer
    found = {}
    for name, shape in case.shapes.items():
        west, south, east, north = shape.bounds
        column = max(int((west - grid.west) / grid.cell_width), 0)
        row = max(int((grid.north - north) / grid.cell_height), 0)
        columns = int((east - grid.west) / grid.cell_width) + 1 - column
        rows = int((grid.north - south) / grid.cell_height) + 1 - row
        part = case.values[row : row + rows, column : column + columns]
        values = part.repeat(finer, 0).repeat(finer, 1).astype("int32")
        affine = Affine(
            grid.cell_width / finer, 0, grid.west + column * grid.cell_width,
            0, -grid.cell_height / finer, grid.north - row * grid.cell_height,
        )  # fmt: skip
        told = rasterstats.zonal_stats(
            [shape], values, affine=affine, nodata=case.nodata, categorical=True,
            stats=["count", "sum", "min", "max", "nodata"],
        )[0]  # fmt: skip
        cells = {str(k): v / finer**2 for k, v in told.items() if isinstance(k, int | np.integer)}
        found[name] = {
            "cells": dict(sorted(cells.items(), key=lambda pair: int(pair[0]))),
            "count": told["count"] / finer**2, "empty": (told["nodata"] or 0) / finer**2,
            "sum": None if told["sum"] is None else float(told["sum"]) / finer**2,
            "min": told["min"], "max": told["max"],
        }  # fmt: skip
    return found


def main() -> None:
    """Write the figures of all cases, with the version of rasterstats."""
    warnings.simplefilter("ignore")
    told = {"rasterstats": rasterstats.__version__}
    told |= {
        name: {"finer": case().finer, "zones": measure(case())} for name, case in CASES.items()
    }
    path = Path(__file__).with_name("expected.json")
    path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
