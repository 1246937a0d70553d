"""What the page of the ground keeps between reruns, each under the hash of what it came from.

Everything here is shared between sessions and read-only. A file of the reader's own lies on the
disk only while it is read, in a folder that goes at once.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

from atlas.app import cache
from atlas.cartography.raster_image import Overlay
from atlas.core.layer import Edition
from atlas.errors import FileDamaged
from atlas.operations import ground_map
from atlas.operations import profile as profiling
from atlas.operations import suitability as sketching
from atlas.operations.ground import Ground, open_ground, rename
from atlas.operations.ground_map import Drawing
from atlas.operations.profile import Profile
from atlas.operations.suitability import Sketch
from atlas.operations.zonal import Zonal, ZonalChange, zonal, zonal_change

Stamp = tuple[Edition, ...]


@dataclass(frozen=True)
class Source:
    """A raster that the page shows: a layer by its id, or an upload by its name and hash."""

    name: str
    sha256: str = ""
    content: bytes = field(default=b"", repr=False, compare=False)
    band: int = 1
    kind: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{self.name}|{self.sha256}|{self.band}|{self.kind}"


@contextmanager
def opened(source: Source, known_by: dt.date | None = None) -> Iterator[Ground]:
    """Open a raster for as long as it is read.

    Raises
    ------
    EditionNotFound, FileDamaged
        If it cannot be opened; an upload is named as its reader knows it.
    """
    day = known_by or dt.date.today()
    if not source.sha256:
        yield open_ground(cache.folder(), source.name, known_by=day)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload.tif"
        path.write_bytes(source.content)
        try:
            ground = open_ground(
                cache.folder(), str(path), known_by=day, band=source.band, kind=source.kind
            )
            yield rename(ground, source.name)
        except FileDamaged as error:
            problem = str(error.values["problem"]).replace(str(path), source.name)
            raise FileDamaged(file=source.name, problem=problem) from None


@st.cache_resource(max_entries=8, show_spinner=False)
def draw(
    layers: Path, stamp: Stamp, key: str, known_by: dt.date, _source: Source
) -> tuple[Ground, Drawing, Overlay]:
    """A raster, drawn; ``key`` tells rasters from others."""
    _ = layers, stamp, key
    with opened(_source, known_by) as ground:
        drawing = ground_map.draw_ground(ground)
    return ground, drawing, ground_map.overlay_of(drawing)


@st.cache_resource(max_entries=16, show_spinner=False)
def measure(
    layers: Path, stamp: Stamp, key: str, over: str, cut: str, day: dt.date,
    then: dt.date | None, known_by: dt.date, _source: Source,
) -> Zonal | ZonalChange:  # fmt: skip
    """What lies in zones, on one day or on two."""
    _ = stamp, key
    with opened(_source, known_by) as ground:
        if then is None:
            return zonal(layers, ground, zones=over, day=day, known_by=known_by, by=cut)
        old, new = sorted((day, then))
        return zonal_change(layers, ground, zones=over, old=old, new=new, known_by=known_by, by=cut)


@st.cache_resource(max_entries=16, show_spinner=False)
def follow(
    layers: Path, stamp: Stamp, keys: tuple[str, ...], line: str, day: dt.date, known_by: dt.date,
    _sources: tuple[Source, ...],
) -> Profile:  # fmt: skip
    """What lies along a line, raster by raster."""
    _ = stamp, keys
    named = profiling.read_line(layers, line, day=day, known_by=known_by, files=False)
    found = profiling.profile(layers, [], named, day=day, known_by=known_by)
    strips = []
    for source in _sources:
        with opened(source, known_by) as ground:
            strips.append(profiling.strip_along(found.way, ground))
    return Profile(named, found.way, day, known_by, tuple(strips), found.passed)


@st.cache_resource(max_entries=16, show_spinner=False)
def sketch(
    layers: Path, stamp: Stamp, weights: tuple[int, ...], day: dt.date, known_by: dt.date
) -> tuple[Sketch, Drawing, Overlay]:
    """The sketch of suitability, drawn."""
    _ = stamp
    found = sketching.sketch(layers, weights=weights, day=day, known_by=known_by)
    drawing = ground_map.draw_ground(found.ground)
    return found, drawing, ground_map.overlay_of(drawing)


@st.cache_resource(max_entries=16, show_spinner=False)
def sketch_zones(
    layers: Path, stamp: Stamp, _found: Sketch, over: str, weights: tuple[int, ...],
    day: dt.date, known_by: dt.date,
) -> Zonal:  # fmt: skip
    """Mean score of each zone."""
    _ = stamp, weights
    return zonal(layers, _found.ground, zones=over, day=day, known_by=known_by)
