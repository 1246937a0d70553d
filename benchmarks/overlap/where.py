"""Where the time goes: which function of the atlas each thread is in, asked every 2 ms."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from atlas.operations.folder import PROJECT

HOME = str(PROJECT / "atlas")
WAITING = ("threading.py", "queue.py", "thread.py", "_base.py")


@contextmanager
def sampled(*, wanted: bool) -> Iterator[Counter[str]]:
    """Count the places of all other threads while the body runs."""
    found: Counter[str] = Counter()
    done = threading.Event()

    def look() -> None:
        own = threading.get_ident()
        while not done.wait(0.002):
            for thread, frame in sys._current_frames().items():  # noqa: SLF001  the one way
                if thread != own:
                    found[place(frame)] += 1

    if not wanted:
        yield found
        return
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()


def place(frame: FrameType) -> str:
    """The innermost function of the atlas, or ``waiting``."""
    if frame.f_code.co_filename.endswith(WAITING):
        return "waiting"
    inner: FrameType | None = frame
    while inner is not None and not inner.f_code.co_filename.startswith(HOME):
        inner = inner.f_back
    if inner is None:
        return "elsewhere"
    name = inner.f_code.co_filename.removeprefix(HOME).strip("/")
    return f"{name}: {inner.f_code.co_name}"


def shares(samples: Counter[str]) -> dict[str, float]:
    """Percent of the time in which a thread was not waiting, largest first."""
    busy = Counter({name: count for name, count in samples.items() if name != "waiting"})
    whole = busy.total() or 1
    return {name: round(100 * count / whole, 1) for name, count in busy.most_common()}
