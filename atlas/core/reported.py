"""What the page of reports composes, and how its link says it.

The number of a map approval is in no link: it is given for one extent and one base, and a link
would carry it to others.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.core.approval import PROFILES
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.core.recipe import LANGS
from atlas.core.report import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

REPORTED_NAMES = ("where", "since", "paper", "turn", "words", "profile", "title")
FEATURE = re.compile(r"[a-z0-9-]{1,60}:[^\s,]{1,80}")
DEGREES = r"-?\d{1,3}(?:\.\d{1,9})?"
BOX = re.compile(",".join([DEGREES] * 4), re.ASCII)
"""West, south, east, north."""
BOX_DECIMALS = 4
"""About ten metres: what a reader draws is no more exact."""
TITLE_SIGNS = 120


@dataclass(frozen=True)
class Reported:
    """A figure or report that a page composes, beside its layers and its day.

    ``where`` is ``layer:id``, ``west,south,east,north`` in degrees, or empty for everything;
    ``since`` an earlier day since which changes are told; ``words`` the language of the figure.
    """

    where: str = ""
    since: dt.date | None = None
    paper: str = "A4"
    orientation: str = ORIENTATIONS[0]
    words: str = LANGS[0]
    profile: str = PROFILES[0]
    title: str = ""


def read_reported(
    query: Mapping[str, str], *, since: dt.date | None
) -> tuple[Reported | None, list[str]]:
    """Read what a link composes; None if it says nothing of it.

    Parameters
    ----------
    query
        Names and values of the address.
    since
        The earlier day, if it was understood.

    Returns
    -------
    reported, unknown
        What is composed, and each part that is not understood as ``name=value``. Whether there
        is such a place is for the reader of the layers to say.
    """
    if not any(name in query for name in REPORTED_NAMES):
        return None, []
    usual = Reported()
    allowed = {"paper": PAPERS, "turn": ORIENTATIONS, "words": LANGS, "profile": PROFILES}
    wrong = [name for name, values in allowed.items() if query.get(name, "") not in ("", *values)]
    where, title = query.get("where", ""), clean(query.get("title", ""))
    if where and not (FEATURE.fullmatch(where) or BOX.fullmatch(where)):
        wrong.append("where")
    if len(title) > TITLE_SIGNS:
        wrong.append("title")
    if query.get("since") and since is None:
        wrong.append("since")
    right = {name: value for name, value in query.items() if name not in wrong}
    reported = Reported(
        right.get("where", ""), since, right.get("paper") or usual.paper,
        right.get("turn") or usual.orientation, right.get("words") or usual.words,
        right.get("profile") or usual.profile, title if "title" in right else "",
    )  # fmt: skip
    return reported, [f"{name}={query[name]}"[:80] for name in wrong]


def reported_query(reported: Reported) -> dict[str, str]:
    """The parts of a link that say what is composed; what is empty is left out."""
    parts = {
        "where": reported.where, "since": reported.since.isoformat() if reported.since else "",
        "paper": reported.paper, "turn": reported.orientation, "words": reported.words,
        "profile": reported.profile, "title": reported.title,
    }  # fmt: skip
    return {name: value for name, value in parts.items() if value}


def write_box(corners: tuple[tuple[float, float], ...]) -> str:
    """The box around corners (longitude, latitude) as a link says it.

    >>> write_box(((118.5, 31.0), (119.123456, 31.25), (118.75, 32.0)))
    '118.5,31,119.1235,32'
    """
    lons, lats = zip(*corners, strict=True)
    sides = (min(lons), min(lats), max(lons), max(lats))
    return ",".join(
        f"{round(side, BOX_DECIMALS) + 0.0:.{BOX_DECIMALS}f}".rstrip("0").rstrip(".")
        for side in sides
    )
