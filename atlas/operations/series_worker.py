"""A process that draws pages of a series: a job a line comes in, an answer a line goes out.

It is started by :mod:`atlas.operations.series_pool`, as a process of its own and not by
``multiprocessing``, which would run the app's own script again in it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path

from atlas.core.recipe import from_text
from atlas.errors import AtlasError
from atlas.io.page_store import PageStore
from atlas.operations.figure_data import Reader
from atlas.operations.series_page import Job, draw, reader_for

GARBAGE = 50_000
"""So many new objects are looked through at a time: a page makes a million, and keeps none."""


def main(layers: Path, pages: Path) -> None:
    """Draw pages of one series until no more jobs come.

    What a library prints does not mix with the answers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="ascii")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    gc.freeze()
    gc.set_threshold(GARBAGE)
    store = PageStore(pages)
    read: Reader | None = None
    for line in sys.stdin:
        job = Job.from_json(line)
        try:
            read = read or reader_for(from_text(job.recipe), layers)
            store.write(job.key, draw(job, read))
            answer: dict[str, object] = {"key": job.key}
        except AtlasError as error:
            values = {name: str(value) for name, value in error.values.items()}
            answer = {"error": type(error).__name__, "values": values, "text": str(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
