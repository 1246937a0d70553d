"""Prove a file: read its recipe, check its data against the store, draw it again, compare.

What is said of a file is one of five answers; the worst one that is true. A figure can only
be drawn again by the versions that drew it: others are named, and the data still checked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atlas.cartography.figure_versions import versions_of
from atlas.core.layer import Edition
from atlas.core.recipe import FIGURE, EditionUsed, Recipe
from atlas.errors import AtlasError
from atlas.i18n import translate
from atlas.io import catalogue
from atlas.io.assets import font_path
from atlas.io.files import read_bytes, sha256_of
from atlas.io.recipes import Carried, parts_of, read_recipe
from atlas.operations import report, series
from atlas.operations.evaluate_output import EVALUATION
from atlas.operations.evaluate_output import draw_again as evaluate_again
from atlas.operations.figure import draw_again
from atlas.operations.web_file import KIND as WEB_MAP
from atlas.operations.web_file import draw_web_file

SAME, WITHDRAWN, CHANGED, ALTERED, OTHER_VERSIONS = ANSWERS = (
    "same", "data withdrawn", "data changed", "file altered",
    "drawn with other versions: data verified, drawing not comparable",
)  # fmt: skip
WORDS = {
    SAME: "verify.same", WITHDRAWN: "verify.withdrawn", CHANGED: "verify.changed",
    ALTERED: "verify.altered", OTHER_VERSIONS: "verify.other_versions",
}  # fmt: skip
GOOD = (SAME, OTHER_VERSIONS)
"""Answers whose data are those of the store."""
SHORT = 12
Redraw = Callable[[Recipe, Path], bytes]
DRAWN = {
    FIGURE: draw_again, WEB_MAP: draw_web_file, EVALUATION: evaluate_again,
    report.REPORT: report.draw_again, series.SERIES: series.draw_again,
}  # fmt: skip
"""Kinds of files, and what draws each again from its recipe."""


@dataclass(frozen=True)
class Verdict:
    """What is true of a file: one of :data:`ANSWERS`, the reasons, and its recipe."""

    answer: str
    reasons: tuple[str, ...]
    recipe: Recipe


def verify(path: Path, folder: Path) -> Verdict:
    """Check a file that carries a recipe.

    Parameters
    ----------
    path
        A PDF, SVG, PNG, DOCX or HTML of the atlas.
    folder
        Where the layers lie.

    Raises
    ------
    FileDamaged
        If the file is not there, or carries no recipe that can be read.
    """
    carried = read_recipe(path)
    recipe = carried.recipe
    if carried.form != recipe.form:
        reason = f"a {carried.form} with the recipe of a {recipe.form}"
        return Verdict(ALTERED, (reason,), recipe)
    if not carried.intact:
        return Verdict(ALTERED, ("its seal does not fit its content",), recipe)
    changed, withdrawn = _check_data(recipe, folder)
    if changed:
        return Verdict(CHANGED, (*changed, *withdrawn), recipe)
    others = _other_versions(recipe, folder)
    if not others and not _is_same(carried, folder):
        reason = "drawing its recipe again gives other bytes"
        return Verdict(ALTERED, (reason, *withdrawn), recipe)
    if withdrawn:
        return Verdict(WITHDRAWN, (*withdrawn, *others), recipe)
    return Verdict(OTHER_VERSIONS if others else SAME, others, recipe)


def _check_data(recipe: Recipe, folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What differs from the store, and which editions were withdrawn since."""
    changed, withdrawn = [], []
    for used in dict.fromkeys(recipe.editions):
        name = f"{used.layer}, edition {used.edition}"
        edition, problem = _find(folder, used)
        if edition is None:
            changed.append(f"{name}: {problem}")
        elif edition.withdrawn:
            withdrawn.append(f"{name}: withdrawn on {edition.withdrawn.isoformat()}")
    return tuple(dict.fromkeys(changed)), tuple(dict.fromkeys(withdrawn))


def _find(folder: Path, used: EditionUsed) -> tuple[Edition | None, str]:
    """The edition of the store, if its bytes are those of the recipe; else what is wrong."""
    try:
        edition = catalogue.find_edition(
            folder, used.layer, known_by=used.published, number=used.edition
        )
        found = sha256_of(catalogue.read_edition_bytes(folder, edition))
    except AtlasError as error:
        return None, str(error)
    if found != used.sha256:
        return None, f"the store has {found[:SHORT]}, the recipe {used.sha256[:SHORT]}"
    if used.published != edition.published:
        return None, f"published on {edition.published.isoformat()}"
    return edition, ""


def _other_versions(recipe: Recipe, folder: Path) -> tuple[str, ...]:
    """What drew the file and is no longer what draws here."""
    now, then = dict(versions_of(font_path())), dict(recipe.versions)
    reasons = [
        f"{name}: {then.get(name, 'none')}, here {now.get(name, 'none')}"
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]
    for used in dict.fromkeys(recipe.editions):
        about = sha256_of(read_bytes(folder / used.layer / "layer.toml"))
        if about != used.about_sha256:
            reasons.append(f"{used.layer}/layer.toml: another text")
    if recipe.kind not in DRAWN:
        reasons.append(f"nothing here draws a '{recipe.kind[:40]}'")
    return tuple(dict.fromkeys(reasons))


def _is_same(carried: Carried, folder: Path) -> bool:
    """Whether drawing again gives the file; a recipe that cannot be drawn gave no file."""
    try:
        again = DRAWN[carried.recipe.kind](carried.recipe, folder)
    except AtlasError:
        return False
    if carried.form == "docx":
        return parts_of(again) == parts_of(carried.content)
    return again == carried.content


def to_lines(verdict: Verdict, lang: str) -> list[str]:
    """A verdict in words: the answer, then its reasons."""
    return [translate(WORDS[verdict.answer], lang), *(f"  {line}" for line in verdict.reasons)]


def to_values(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain values for machines."""
    recipe = verdict.recipe
    return {
        "answer": verdict.answer,
        "reasons": list(verdict.reasons),
        "kind": recipe.kind,
        "form": recipe.form,
        "layers": list(recipe.layers),
        "day": recipe.day.isoformat(),
        "until": recipe.until.isoformat() if recipe.until else None,
        "known_by": recipe.known_by.isoformat(),
        "made": recipe.made.isoformat(),
        "profile": recipe.profile,
        "approval_number": recipe.approval_number or None,
        "editions": [
            {"layer": used.layer, "edition": used.edition, "sha256": used.sha256,
             "role": used.role}
            for used in recipe.editions
        ],
        "versions": dict(recipe.versions),
    }  # fmt: skip
