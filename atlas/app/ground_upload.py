"""A raster of the reader's own: given, read, used and forgotten."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from atlas.app.ground_cache import Source, opened
from atlas.errors import FileDamaged
from atlas.i18n import translate
from atlas.io.files import sha256_of
from atlas.operations.ground import KINDS, Ground

UPLOAD_MIB = 50
CELLS_MOST = 400_000_000
"""Cells that the page reads; the command line reads any number."""
NAME_SHOWN = 80


def choose_file(lang: str) -> Source | None:
    """A GeoTIFF, its band and what its cells hold; None until there is one.

    Raises
    ------
    FileDamaged
        If it is too large for the page, or no raster that can be trusted.
    """
    given = st.file_uploader(
        translate("ground.upload", lang, size=UPLOAD_MIB), type=["tif", "tiff"],
        max_upload_size=UPLOAD_MIB, key="ground.upload",
    )  # fmt: skip
    if given is None:
        return None
    source = to_source(given.getvalue(), given.name, lang)
    with opened(source) as ground:
        return _choose_band(source, ground, lang)


def to_source(content: bytes, name: str, lang: str) -> Source:
    """An upload as a raster to open.

    Raises
    ------
    FileDamaged
        If it is too large for the page, or no raster that can be trusted.
    """
    shown = Path(name).name[:NAME_SHOWN]
    if len(content) > UPLOAD_MIB << 20:
        problem = translate("ground.upload_large", lang, size=UPLOAD_MIB)
        raise FileDamaged(file=shown, problem=problem)
    source = Source(shown, sha256_of(content), content)
    with opened(source) as ground:
        cells = ground.grid.rows * ground.grid.columns
        if cells > CELLS_MOST:
            values = {"count": f"{cells:,}", "most": f"{CELLS_MOST:,}"}
            problem = translate("ground.upload_cells", lang, **values)
            raise FileDamaged(file=shown, problem=problem)
    return source


def _choose_band(source: Source, ground: Ground, lang: str) -> Source:
    bands = ground.facts.bands if ground.facts else ()
    band = 1
    if len(bands) > 1:
        titles = {
            entry.number: translate(
                "ground.band_title", lang, number=entry.number,
                title=entry.title or translate("ground.band_untitled", lang, number=entry.number),
            )
            for entry in bands
        }  # fmt: skip
        band = st.selectbox(
            translate("ground.band", lang), list(titles), format_func=titles.__getitem__,
            key=f"ground.band.{source.sha256[:12]}",
        )  # fmt: skip
    kind = st.radio(
        translate("ground.kind", lang), KINDS, index=KINDS.index(ground.kind), horizontal=True,
        format_func=lambda code: translate(f"ground.kind_{code}", lang),
        key=f"ground.kind.{source.sha256[:12]}.{band}",
    )  # fmt: skip
    return Source(source.name, source.sha256, source.content, int(band), str(kind))


def show_facts(ground: Ground, lang: str) -> None:
    """What the file says of itself: CRS, cells, no-data value, unit, bands."""
    facts = ground.facts
    if facts is None:
        return
    nothing = translate("ground.fact_none", lang)
    told = {
        "ground.fact_crs": ground.grid.crs.name,
        "ground.fact_size": f"{ground.grid.columns:,} × {ground.grid.rows:,}",
        "ground.fact_cell": ground.resolution[lang],
        "ground.fact_type": facts.dtype,
        "ground.fact_nodata": nothing if facts.nodata is None else f"{facts.nodata:g}",
        "ground.fact_unit": ground.unit[lang] or nothing,
        "ground.fact_bands": str(len(facts.bands)),
    }
    with st.expander(translate("ground.facts", lang), expanded=True):
        for key, value in told.items():
            st.text(f"{translate(key, lang)}: {value}")
