"""What the page of reports keeps between reruns: figures by what they are made of, previews."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import streamlit as st

from atlas.app import cache
from atlas.app.report_inputs import Asked
from atlas.cartography import figure_files
from atlas.core.layer import Edition, Layer
from atlas.core.recipe import EditionUsed, to_text
from atlas.io import catalogue
from atlas.operations import report
from atlas.operations.export import Export, read_export
from atlas.operations.figure import Figure

PREVIEW_DPI = {"A4": 110, "A3": 80, "A2": 56, "slide": 100}
"""Pixels an inch of the preview by paper: about as many pixels on any."""


def read(used: EditionUsed) -> Layer:
    """A pinned edition, read once for all sessions."""
    edition = catalogue.find_edition(
        cache.folder(), used.layer, known_by=used.published, number=used.edition
    )
    return cache.read_layer(cache.folder(), edition)


def values_of(asked: Asked) -> dict[str, Any]:
    """What a figure and a report are composed of, as arguments."""
    held = asked.reported
    return {
        "day": asked.day, "since": held.since, "known_by": asked.known_by,
        "made": dt.date.today(), "place": asked.where, "paper": held.paper,
        "orientation": held.orientation, "lang": held.words, "profile": held.profile,
        "approval_number": asked.number, "title": held.title,
    }  # fmt: skip


def compose(asked: Asked) -> Figure:
    """The figure that is asked for, laid out once."""
    return _compose(cache.folder(), cache.stamp(), asked, dt.date.today())


@st.cache_resource(max_entries=16, show_spinner=False)
def _compose(
    folder: Path, stamp: tuple[Edition, ...], asked: Asked, made: dt.date
) -> Figure:  # fmt: skip
    _ = stamp, made
    return report.compose_figure(folder, asked.layers, read=read, **values_of(asked))


def report_bytes(asked: Asked) -> bytes:
    """The Word report that is asked for."""
    recipe = report.compose(cache.folder(), asked.layers, read=read, **values_of(asked))
    return report.render(recipe, cache.folder(), read=read)


def preview(figure: Figure) -> bytes:
    """The very figure as a small PNG, drawn once for each recipe."""
    return _preview(to_text(figure.recipe), figure.recipe.paper, figure)


@st.cache_resource(max_entries=32, show_spinner=False)
def _preview(recipe: str, paper: str, _figure: Figure) -> bytes:
    _ = recipe
    return figure_files.to_png(_figure.sheet, dpi=PREVIEW_DPI[paper])


@st.cache_resource(max_entries=16, show_spinner=False)
def _export(
    folder: Path, stamp: tuple[Edition, ...], layers: tuple[str, ...], day: dt.date,
    known_by: dt.date, where: str,
) -> Export:  # fmt: skip
    _ = stamp
    return read_export(folder, layers, day=day, known_by=known_by, place=where or None)


def export(asked: Asked) -> Export:
    """The data behind a figure, read once."""
    return _export(
        cache.folder(), cache.stamp(), asked.layers, asked.day, asked.known_by, asked.where or ""
    )
