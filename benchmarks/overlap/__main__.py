"""Overlap of cities with parcels, the atlas beside its peers.

python -m benchmarks.overlap
python -m benchmarks.overlap --size 200000 --peers ours,duckdb,sedona --runs 1
python -m benchmarks.overlap --part scaling
"""

from benchmarks.overlap.report import main

if __name__ == "__main__":
    main()
