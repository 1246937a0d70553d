"""Work out indicators on one past day with PostGIS. Run by hand; tests only read.

    PYTHONPATH=. .venv/bin/python tests/golden/indicators/make.py

Needs Debian's postgis and postgresql-15-postgis-3; uses the cluster of
``tests/golden/diff/make.py`` and the files of published editions; nothing of the atlas, of Shapely
or of GeoPandas.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.golden.diff.make import PROJ4, SRID, cluster

HERE = Path(__file__).parent
LAYERS = HERE.parents[2] / "layers"
DAY = "2024-12-31"
FILES = {
    "cities": ("cities", 2), "districts": ("districts", 2),
    "corridors": ("innovation-corridors", 2), "belts": ("ecological-belts", 2),
    "metropolitan": ("metropolitan-areas", 2), "lines": ("rail-lines", 2),
    "stations": ("rail-stations", 2), "settlements": ("settlements", 1),
}  # fmt: skip


def main() -> None:
    with cluster() as server:
        words = ["-v", f"srid={SRID}", "-v", f"proj4={PROJ4}", "-v", f"day={DAY}"]
        for name, (layer, edition) in FILES.items():
            copy = server.folder / f"{name}.geojson"
            shutil.copyfile(LAYERS / layer / f"{edition}.geojson", copy)
            copy.chmod(0o644)
            words += ["-v", f"{name}={copy}"]
        script = server.folder / "indicators.sql"
        shutil.copyfile(HERE / "indicators.sql", script)
        script.chmod(0o644)
        values = json.loads(server.psql(*words, "-f", str(script)))
        versions = server.psql("-c", "SELECT postgis_full_version()")
    answer = {
        "day": DAY,
        "editions": dict(FILES.values()),
        "made_with": versions,
        "values": values,
    }
    text = json.dumps(answer, ensure_ascii=False, indent=1, sort_keys=True)
    (HERE / "expected.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
