"""Looks of features: one style file a layer, one file for what a status looks like.

The web map, the figures and the legend all read looks from here, so that they cannot
differ. A look is the class's (colours, width) changed by the row's status (dashes,
lighter fill) and by whether the row is sourced.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

from atlas.core.schema import missing_to_none
from atlas.errors import ClassMissing, StyleNotFound

STYLES = resources.files("atlas.cartography") / "styles"
EVERY = "*"
VARIANTS = "status.toml"
STYLE_NAME = re.compile(r"(?!status$)[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Look:
    """Symbol of a feature; widths and radii in CSS pixels, dashes as in SVG."""

    fill: str
    stroke: str
    fill_opacity: float = 0.4
    weight: float = 1.5
    dash: str = ""
    radius: float = 4.0


@dataclass(frozen=True)
class StyleClass:
    """Rows with one value in the style's column, and what they look like.

    ``mark`` is what figures add to the look, so that classes differ on grey paper too: a
    hatch of areas in Matplotlib's signs, ``core`` or ``core-dashes`` of lines, ``dot`` or
    ``full`` of points. The web map has no marks.
    """

    value: str
    title: dict[str, str]
    look: Look
    mark: str = ""


@dataclass(frozen=True)
class Style:
    """Classes of a layer, and which columns a click tells.

    ``column`` is empty if all rows look alike; ``label`` writes names on the map.
    """

    name: str
    column: str
    classes: tuple[StyleClass, ...]
    label: bool = False
    order: int = 0
    popup: tuple[str, ...] = ()

    def class_of(self, value: object) -> StyleClass:
        """Class of what a row holds in the style's column; the class ``*`` takes all others.

        Raises
        ------
        ClassMissing
            If no class takes it.
        """
        value = missing_to_none(value) if self.column else EVERY
        for entry in self.classes:
            if entry.value in (value or "", EVERY):
                return entry
        raise ClassMissing(style=self.name, column=self.column, value=str(value)[:60])


@dataclass(frozen=True)
class Variant:
    """What a status, or a missing source, does to a look."""

    title: dict[str, str]
    dash: str
    fill_factor: float
    stroke: str


@cache
def read_style(name: str) -> Style:
    """Read ``styles/<name>.toml``.

    Raises
    ------
    StyleNotFound
        If there is no such style; names those that there are.
    """
    if not STYLE_NAME.fullmatch(name) or not (STYLES / f"{name}.toml").is_file():
        files = (Path(file.name) for file in STYLES.iterdir())
        known = sorted(
            file.stem for file in files if file.suffix == ".toml" and file.name != VARIANTS
        )
        raise StyleNotFound(style=name[:60], known=", ".join(known))
    table = tomllib.loads((STYLES / f"{name}.toml").read_text("utf-8"))
    classes = tuple(
        StyleClass(
            entry.pop("value"), entry.pop("title"), mark=entry.pop("mark", ""), look=Look(**entry)
        )
        for entry in table["classes"]
    )
    return Style(
        name=name,
        column=table.get("column", ""),
        classes=classes,
        label=table.get("label", False),
        order=table.get("order", 0),
        popup=tuple(table.get("popup", ())),
    )


@cache
def read_variants() -> dict[str, Variant]:
    """Read ``styles/status.toml``: what each status and ``unsourced`` looks like."""
    table = tomllib.loads((STYLES / VARIANTS).read_text("utf-8"))
    return {name: Variant(**entry) for name, entry in table.items()}


def variant_of(status: str, *, sourced: bool) -> str:
    """Name of the variant of a row: a row without a source shows that before its status."""
    return status if sourced else "unsourced"


def varied(look: Look, variant: str) -> Look:
    """A class's look as a status or a missing source changes it."""
    change = read_variants()[variant]
    return replace(
        look,
        dash=change.dash or look.dash,
        fill_opacity=round(look.fill_opacity * change.fill_factor, 3),
        stroke=change.stroke or look.stroke,
    )
