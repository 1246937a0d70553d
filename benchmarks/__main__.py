"""`make bench`: every benchmark, with the machine it ran on."""

from __future__ import annotations

import os
import platform

from benchmarks import diff, explore, figures, layers, rails, reach, record, store_kills, zonal
from benchmarks.overlap import report as overlap


def main() -> None:
    """Run all and print plain tables."""
    print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"\narea of the 41 cities: {layers.region_km2():,.0f} km² (published: 358,000)\n")
    for row in layers.measure():
        print("  ".join(f"{name}: {value}" for name, value in row.items()))
    print()
    for row in [*record.counts(), *record.areas()]:
        print("  ".join(f"{name}: {value}" for name, value in row.items()))
    print()
    rails.main()
    print()
    diff.report()
    print()
    overlap.report()
    print()
    zonal.report()
    print()
    reach.report()
    print()
    for name, value in explore.measure().items():
        print(f"{name}: {value}")
    print()
    figures.report()
    print()
    store_kills.main()


if __name__ == "__main__":
    main()
