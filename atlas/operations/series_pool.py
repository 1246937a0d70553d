"""Draw the pages of a series: finished ones are taken, the others drawn side by side."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import atlas
from atlas import errors
from atlas.core.recipe import from_text
from atlas.errors import AtlasError
from atlas.operations.series_page import draw, reader_for

if TYPE_CHECKING:
    from atlas.io.page_store import PageStore
    from atlas.operations.figure_data import Reader
    from atlas.operations.series_page import Job

WORKER = "atlas.operations.series_worker"
Tell = Callable[[int, int], None]
"""Told how many pages are done, and of how many; what it raises stops the work."""
FEW = 4
"""So many pages are drawn here sooner than processes start."""
TAIL = 300
PATIENCE_S = 10.0


def silent(done: int, total: int) -> None:
    """Tell nobody."""
    del done, total


def draw_pages(
    layers: Path, jobs: Sequence[Job], store: PageStore, *, processes: int = 2, tell: Tell = silent
) -> list[bytes]:
    """Every page, in the order of the jobs.

    Parameters
    ----------
    layers
        Folder of the layers.
    jobs
        The pages of one series, at least one.
    store
        Where finished pages are looked for, and kept.
    processes
        How many draw at the same time; one draws in this process.
    tell
        Called after each page; what it raises stops the work before the next page, and the
        finished pages stay.

    Raises
    ------
    AtlasError
        Whatever keeps a page from being drawn.
    """
    held = {job.key: content for job in jobs if (content := store.read(job.key)) is not None}
    missing = [job for job in jobs if job.key not in held]
    tell(len(held), len(jobs))
    read = reader_for(from_text(jobs[0].recipe), layers)
    with closing(_drawn(layers, missing, store, processes, read)) as drawn:
        for job in drawn:
            held[job.key] = store.read(job.key) or draw(job, read)
            tell(len(held), len(jobs))
    return [held[job.key] for job in jobs]


def _drawn(
    layers: Path, jobs: Sequence[Job], store: PageStore, processes: int, read: Reader
) -> Generator[Job]:
    """Jobs as their pages are finished."""
    if processes <= 1 or len(jobs) <= FEW:
        for job in jobs:
            store.write(job.key, draw(job, read))
            yield job
        return
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    answers: queue.SimpleQueue[Job | AtlasError] = queue.SimpleQueue()
    with _workers(layers, store, min(processes, len(jobs)), waiting, answers):
        for _ in jobs:
            answer = answers.get()
            if isinstance(answer, AtlasError):
                raise answer
            yield answer


@contextmanager
def _workers(
    layers: Path, store: PageStore, count: int, waiting: queue.SimpleQueue[Job],
    answers: queue.SimpleQueue[Job | AtlasError],
) -> Iterator[None]:  # fmt: skip
    """Workers that take jobs and put answers; none is left afterwards, whatever happens."""
    root = str(Path(atlas.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", WORKER, str(layers.absolute()), str(store.folder.absolute())]
    started: list[subprocess.Popen[str]] = []
    threads: list[threading.Thread] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        try:
            for _ in range(count):
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
                    text=True, env=os.environ | {"PYTHONPATH": paths},
                )  # fmt: skip
                started.append(process)
                arguments = (process, waiting, answers, complaints)
                thread = threading.Thread(target=_feed, args=arguments, daemon=True)
                threads.append(thread)
                thread.start()
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(PATIENCE_S)
            for thread in threads:
                thread.join(PATIENCE_S)


def _feed(
    process: subprocess.Popen[str], waiting: queue.SimpleQueue[Job],
    answers: queue.SimpleQueue[Job | AtlasError], complaints: IO[str],
) -> None:  # fmt: skip
    """Give one worker a job after the other, until there are none or it ends."""
    with process:
        while process.stdin and process.stdout:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                process.stdin.write(job.to_json() + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except OSError:
                line = ""
            if not line:
                answers.put(_ended(job, complaints))
                return
            answers.put(_answer(job, line))


def _answer(job: Job, line: str) -> Job | AtlasError:
    """The job of a finished page, or the error that kept it from being drawn."""
    told = json.loads(line)
    if "error" not in told:
        return job
    kind: type[AtlasError] = getattr(errors, told["error"])
    if kind.__init__ is not AtlasError.__init__:
        return AtlasError(problem=told["text"])
    return kind(**told["values"])


def _ended(job: Job, complaints: IO[str]) -> AtlasError:
    """What is said of a worker that ended without an answer."""
    complaints.seek(0)
    last = " ".join(complaints.read().split())[-TAIL:]
    return AtlasError(problem=f"the page of {job.place} could not be drawn: {last or 'stopped'}")
