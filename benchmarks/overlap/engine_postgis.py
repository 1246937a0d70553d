"""PostGIS in a PostgreSQL cluster of its own, on a socket below /tmp, removed at the end."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil

from benchmarks.overlap.answer import COLUMNS, Answer, Ask, PeerMissing

SETTINGS = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
    "autovacuum": "off", "jit": "off", "shared_buffers": "2GB", "work_mem": "256MB",
    "maintenance_work_mem": "1GB", "min_parallel_table_scan_size": "0",
    "parallel_setup_cost": "0", "parallel_tuple_cost": "0",
}  # fmt: skip
"""Nothing is kept, so nothing is synced; parallel plans as soon as they are possible."""

INDEXES = """
SELECT UpdateGeometrySRID('zones', 'geometry', (SELECT ST_SRID(geometry) FROM parts LIMIT 1));
CREATE INDEX ON parts USING gist (geometry);
ANALYZE parts; ANALYZE zones;
"""
"""GDAL gives each of the two tables a number of its own for the same CRS."""

MANUAL = """
SELECT z.id, p.class, sum(ST_Area(ST_Intersection(z.geometry, p.geometry))) / 1e6
FROM parts AS p JOIN zones AS z ON ST_Intersects(z.geometry, p.geometry)
GROUP BY z.id, p.class
"""

SUBDIVIDED = """
CREATE UNLOGGED TABLE pieces AS SELECT id, ST_Subdivide(geometry, 64) AS geometry FROM zones;
CREATE INDEX ON pieces USING gist (geometry);
ANALYZE pieces;
SELECT z.id, p.class, sum(ST_Area(ST_Intersection(z.geometry, p.geometry))) / 1e6
FROM parts AS p JOIN pieces AS z ON ST_Intersects(z.geometry, p.geometry)
GROUP BY z.id, p.class
"""
"""PostGIS's own advice for large polygons; testing containment first was slower in both."""

VARIANTS = {"manual": MANUAL, "subdivided": SUBDIVIDED}


class Server:
    """The cluster, its programs, and the memory of its processes."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.folder = folder
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found or shutil.which("ogr2ogr") is None:
            raise PeerMissing("postgresql or ogr2ogr")
        self.programs = found[-1]
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.settings = SETTINGS | {
            "unix_socket_directories": str(folder),
            "max_parallel_workers_per_gather": str(threads - 1),
            "max_parallel_maintenance_workers": str(threads - 1),
        }

    def call(self, program: str, *words: str) -> None:
        command = [*self.user, str(self.programs / program), *words]
        subprocess.run(command, check=True, cwd=self.folder, capture_output=True)

    def start(self) -> None:
        data = str(self.folder / "data")
        self.call("initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
                  "--locale=C.UTF-8")  # fmt: skip
        options = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        self.call("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", options,
                  "start")  # fmt: skip
        self.main = psutil.Process(
            int((self.folder / "data/postmaster.pid").read_text().split()[0])
        )

    def stop(self) -> None:
        self.call("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def psql(self, text: str) -> str:
        done = subprocess.run(
            ["psql", "-X", "-q", "-t", "--csv", "-h", str(self.folder), "-U", "postgres", "-v",
             "ON_ERROR_STOP=1", "-f", "-"],
            input=text, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def load(self, path: Path, table: str) -> None:
        subprocess.run(
            ["ogr2ogr", "-f", "PostgreSQL", f"PG:host={self.folder} user=postgres dbname=postgres",
             str(path), "-nln", table, "-lco", "UNLOGGED=YES", "-lco", "SPATIAL_INDEX=NONE",
             "-lco", "GEOMETRY_NAME=geometry", "-lco", "FID=row", "--config", "PG_USE_COPY", "YES"],
            check=True, capture_output=True,
        )  # fmt: skip

    def cpu_s(self) -> float:
        """Processor time of the backends that have ended, and of the programs that were called."""
        server, here = self.main.cpu_times(), os.times()
        return (
            server.children_user
            + server.children_system
            + here.children_user
            + here.children_system
        )

    def memory_mib(self) -> float:
        """Shared pages are divided among those that share them."""
        whole = 0
        for process in [self.main, *self.main.children(recursive=True)]:
            try:
                whole += process.memory_full_info().pss
            except psutil.NoSuchProcess:
                continue
        return whole / 2**20


@contextmanager
def engine(threads: int) -> Iterator[Ask]:
    """Start the server."""
    with tempfile.TemporaryDirectory(prefix="overlap-", dir="/tmp") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Server(folder, threads)
        server.start()
        try:
            server.psql("CREATE EXTENSION postgis")
            yield _asking(server)
        finally:
            server.stop()


def _asking(server: Server) -> Ask:
    version = server.psql("SELECT postgis_lib_version() || ', GEOS ' || postgis_geos_version()")

    def ask(zones: Path, parts: Path, variant: str) -> Answer:
        answer = Answer(version.strip().strip('"'))
        before = server.cpu_s()
        with _watched(server) as peak:
            with answer.step("read"):
                server.load(zones, "zones")
                server.load(parts, "parts")
            with answer.step("index"):
                server.psql(INDEXES)
            with answer.step("query"):
                text = server.psql(VARIANTS[variant])
        answer.table = pd.read_csv(io.StringIO(text), names=COLUMNS, dtype={"zone": str})
        answer.peak_mib = peak[0]
        time.sleep(0.5)  # the last backend ends a little after its client
        answer.cpu_s = server.cpu_s() - before
        return answer

    return ask


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """The most memory above that of the idle server, asked every 0.2 s."""
    idle, peak, done = server.memory_mib(), [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], server.memory_mib() - idle)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()
