"""What an engine answers, and what every engine's module offers.

A module ``engine_<name>`` has one function ``engine(threads)``, a context manager. Entering it is
what the clock leaves out: imports, connecting, starting a server. It gives a function that does
the whole task, from the files to the grouped table, and tells how long each step took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

COLUMNS = ["zone", "class", "area_km2"]


@dataclass
class Answer:
    """A table with :data:`COLUMNS` and the seconds of each step, whose sum is the time told.

    ``aside`` are seconds that were measured beside the task, so that they count for nothing;
    ``peak_mib`` is the memory of other processes than this one, ``cpu_s`` their processor time.
    """

    version: str
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    steps: dict[str, float] = field(default_factory=dict)
    aside: dict[str, float] = field(default_factory=dict)
    peak_mib: float | None = None
    cpu_s: float | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step."""
        began = time.perf_counter()
        yield
        self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - began

    @contextmanager
    def beside(self, name: str) -> Iterator[None]:
        """Time something that is not part of the task."""
        began = time.perf_counter()
        yield
        self.aside[name] = time.perf_counter() - began


Ask = Callable[[Path, Path, str], Answer]
"""The zones' file, the parts' file and the variant; gives the answer."""


class PeerMissing(Exception):
    """An engine, or something it needs, is not installed."""
