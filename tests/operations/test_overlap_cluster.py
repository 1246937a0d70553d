"""The same overlaps by the workers of a cluster on this machine, to the last bit."""

import os
import pickle
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pandas as pd
import pytest
import shapely

from atlas.errors import AtlasError, ClusterFailed, FileDamaged
from atlas.operations import overlap_cluster
from atlas.operations.overlap_files import FileOverlap, overlap_files
from tests.parcels import ROTATED, make_parcels, make_zones, write

pytestmark = [ROTATED, pytest.mark.xdist_group("cluster")]
ROWS = 3_000
ANY_PORT = "127.0.0.1:0"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process of its own, and nothing beyond this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
        dashboard_address=ANY_PORT, silence_logs=50,
    ) as running:  # fmt: skip
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shared")
    write(make_zones(), path / "zones.parquet")
    make_parcels(ROWS).to_parquet(path / "parcels.parquet", row_group_size=800)
    write(make_parcels(ROWS), path / "parcels.fgb")
    return path


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_cluster, "SPAN_ROWS", 150)


def overlap(folder: Path, parts: str, **asked: Any) -> FileOverlap:
    return overlap_files(folder / "zones.parquet", folder / parts, by="use", batch_rows=64, **asked)


@pytest.mark.parametrize("parts", ["parcels.parquet", "parcels.fgb"])
def test_the_rows_are_the_same(cluster: Any, folder: Path, parts: str) -> None:
    here = overlap(folder, parts)
    told: list[int] = []
    there = overlap(folder, parts, scheduler=cluster.scheduler_address, progress=told.append)
    pd.testing.assert_frame_equal(here.table, there.table, check_exact=True)
    assert (there.rows, there.skipped, told[-1]) == (ROWS, 0, ROWS)
    assert told == sorted(told)


def test_a_relative_path_is_found_by_the_workers(
    cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    there = overlap(Path(), "parcels.fgb", scheduler=cluster.scheduler_address)
    assert there.rows == ROWS


def test_a_worker_killed_midway_changes_nothing(cluster: Any, folder: Path) -> None:
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        first, *_ = client.run(os.getpid).values()
    killed: list[int] = []

    def kill(rows: int) -> None:
        if not killed:
            killed.append(rows)
            os.kill(first, signal.SIGKILL)

    there = overlap(folder, "parcels.parquet", scheduler=cluster.scheduler_address, progress=kill)
    assert killed[0] < ROWS / 2
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    here = overlap(folder, "parcels.parquet")
    pd.testing.assert_frame_equal(here.table, there.table, check_exact=True)


@pytest.mark.parametrize("repair", [False, True])
def test_invalid_rows_are_named_and_repaired(
    cluster: Any, folder: Path, tmp_path: Path, repair: bool
) -> None:
    parcels = make_parcels(400)
    for row in (30, 333):
        bow = shapely.Polygon([(0, 0), (row, row), (row, 0), (0, row)])
        parcels.loc[row, "geometry"] = bow
    write(parcels, tmp_path / "p.gpkg")
    asked: dict[str, Any] = {
        "by": "use", "part_id": "name", "repair": repair, "scheduler": cluster.scheduler_address,
    }  # fmt: skip
    if repair:
        found = overlap_files(folder / "zones.parquet", tmp_path / "p.gpkg", **asked)
        assert [repaired.row for repaired in found.repairs] == [31, 334]
    else:
        with pytest.raises(FileDamaged, match=r"row 31 \(name = 'p0030'\) is invalid"):
            overlap_files(folder / "zones.parquet", tmp_path / "p.gpkg", **asked)


def test_another_file_on_the_workers_is_refused(folder: Path, tmp_path: Path) -> None:
    source = overlap_cluster.open_source(folder / "parcels.fgb")
    with pytest.raises(FileDamaged, match="another file on a worker"):
        overlap_cluster._check_same(overlap_cluster.replace(source, size=source.size + 1))


def test_no_scheduler_and_no_extra(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_cluster, "WAIT_S", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ClusterFailed, match="no scheduler answers"):
        overlap(folder, "parcels.fgb", scheduler=address)
    with pytest.raises(ClusterFailed, match="no scheduler answers"):
        overlap(folder, "parcels.fgb", scheduler="nonsense://here")

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(overlap_cluster, "import_module", missing)
    with pytest.raises(ClusterFailed, match="the extra is missing"):
        overlap(folder, "parcels.fgb", scheduler=address)


def test_a_scheduler_without_workers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_cluster, "WAIT_S", 2)
    with (
        distributed.LocalCluster(
            n_workers=0, host="127.0.0.1", dashboard_address=ANY_PORT, silence_logs=50
        ) as empty,
        pytest.raises(ClusterFailed, match="it has no workers"),
    ):
        overlap(folder, "parcels.fgb", scheduler=empty.scheduler_address)


@pytest.mark.parametrize(
    "error", [FileDamaged(file="a", problem="b"), ClusterFailed(address="a", problem="b")]
)
def test_errors_travel(error: AtlasError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(again), str(again), again.values) == (type(error), str(error), error.values)
