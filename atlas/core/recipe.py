"""The recipe of a figure: all that it was drawn from, as a value and as canonical text.

The same recipe, drawn by the same versions, gives the same bytes. The text is JSON in
ASCII with sorted names, so that every kind of file can hold it and equal recipes are equal
texts.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from atlas.core.approval import PROFILES
from atlas.core.paper import ORIENTATIONS, PAPERS

SHOWN, BASE, NAMES, PLACE, UNITS, GROUND = ROLES = (
    "shown", "base", "names", "place", "units", "ground",
)  # fmt: skip
"""What an edition is for: drawn and in the legend, drawn below, only its names, the outline of
the place, the words of what changed, or the raster below the layers that are shown."""
FIGURE = "figure"
BOTH = "both"
LANGS = ("zh", "en", BOTH)
TEXT, PATHS = SVG_TEXTS = ("text", "paths")
DPI_RANGE = (150, 600)
SCHEME = 1
"""Number of this form of recipes; a reader refuses those that it does not know."""
MOST_SIGNS = 200_000
EAST_MOST, NORTH_MOST = 180.0, 90.0


@dataclass(frozen=True)
class EditionUsed:
    """One edition that went in; ``about_sha256`` is the hash of its layer's ``layer.toml``."""

    layer: str
    edition: int
    published: dt.date
    sha256: str
    about_sha256: str
    role: str


@dataclass(frozen=True)
class Recipe:
    """What a file of the atlas was made from.

    Parameters
    ----------
    kind, form
        What it is (``figure``, or what another operation makes), and the ending of the file.
    layers, editions
        Ids as asked for, and every edition that was read, bottom to top.
    day, until, known_by
        The day in force, the second day of a change figure, the day by which editions count.
    place, bounds
        The place as asked for (``layer:id`` or four degrees, or empty), and what it was then:
        west, south, east, north in degrees; None shows everything.
    paper, orientation, lang, profile, approval_number
        As asked for; the number is empty unless the profile is public.
    made
        The day that the file says it was made on.
    title
        The user's own title; empty for the atlas's.
    dpi, svg_text
        Of PNG, and of SVG: ``text`` or ``paths``.
    versions
        Names and versions of everything that drew.
    options
        What another kind of file needs beside these, sorted by name.
    """

    kind: str
    form: str
    layers: tuple[str, ...]
    editions: tuple[EditionUsed, ...]
    day: dt.date
    known_by: dt.date
    made: dt.date
    until: dt.date | None = None
    place: str = ""
    bounds: tuple[float, float, float, float] | None = None
    paper: str = "A4"
    orientation: str = ORIENTATIONS[0]
    lang: str = LANGS[0]
    profile: str = PROFILES[0]
    approval_number: str = ""
    title: str = ""
    dpi: int = 300
    svg_text: str = TEXT
    versions: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()


def to_text(recipe: Recipe) -> str:
    """Canonical JSON in ASCII: sorted names, no spaces, days as ISO text."""
    values = asdict(recipe) | {"scheme": SCHEME}
    return json.dumps(
        values, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_day_text
    )


def _day_text(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def from_text(text: str) -> Recipe:
    """Read a recipe; whoever wrote it, it has the right form afterwards.

    Raises
    ------
    ValueError
        If it is no recipe of this scheme; says what is wrong.

    >>> from_text("{}")
    Traceback (most recent call last):
    ...
    ValueError: scheme
    """
    if len(text) > MOST_SIGNS:
        raise ValueError("too long")
    values = json.loads(text)
    if not isinstance(values, dict) or values.pop("scheme", None) != SCHEME:
        raise ValueError("scheme")
    try:
        recipe = Recipe(**_typed(values))
        _check(recipe)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from None
    return recipe


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values of JSON as a recipe holds them: days, tuples, editions."""
    read = dict(values)
    for name in ("day", "known_by", "made"):
        read[name] = dt.date.fromisoformat(values[name])
    read["until"] = dt.date.fromisoformat(values["until"]) if values["until"] else None
    read["layers"] = tuple(values["layers"])
    read["bounds"] = tuple(map(float, values["bounds"])) if values["bounds"] else None
    read["editions"] = tuple(
        EditionUsed(**entry | {"published": dt.date.fromisoformat(entry["published"])})
        for entry in values["editions"]
    )
    for name in ("versions", "options"):
        read[name] = tuple((key, value) for key, value in values[name])
    return read


def _is_box(bounds: tuple[float, ...]) -> bool:
    """Whether four numbers are a box in degrees; what is no number is none."""
    if len(bounds) != len("wsen"):
        return False
    west, south, east, north = bounds
    return -EAST_MOST <= west < east <= EAST_MOST and -NORTH_MOST <= south < north <= NORTH_MOST


def _check(recipe: Recipe) -> None:
    """Raise ValueError naming the first part that no recipe can hold."""
    low, high = DPI_RANGE
    whole = (recipe.dpi, *(used.edition for used in recipe.editions))
    words = (
        recipe.kind, recipe.form, recipe.place, recipe.approval_number, recipe.title,
        *recipe.layers, *(text for pair in recipe.versions + recipe.options for text in pair),
        *(text for used in recipe.editions for text in (used.layer, used.sha256)),
    )  # fmt: skip
    rules = {
        "text": all(isinstance(word, str) for word in words),
        "number": all(type(number) is int for number in whole),
        "dpi": low <= recipe.dpi <= high,
        "bounds": recipe.bounds is None or _is_box(recipe.bounds),
        "paper": recipe.paper in PAPERS and recipe.orientation in ORIENTATIONS,
        "lang": recipe.lang in LANGS,
        "profile": recipe.profile in PROFILES,
        "svg_text": recipe.svg_text in SVG_TEXTS,
        "role": all(used.role in ROLES for used in recipe.editions),
        "days": recipe.until is None or recipe.until != recipe.day,
    }
    wrong = [name for name, kept in rules.items() if not kept]
    if wrong:
        raise ValueError(", ".join(wrong))
