"""Commands that make documents: series, report."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from atlas.commands.common import DAY, known_option, layers_option, today
from atlas.commands.measure import Days, OneOrTwoDays
from atlas.core.approval import PROFILES
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.core.recipe import LANGS
from atlas.core.view import default_days
from atlas.operations import folder
from atlas.operations import report as reports
from atlas.operations import series as serial

MOST_PROCESSES = 16
lang_option = click.option("--lang", type=click.Choice(LANGS), default=LANGS[0], show_default=True)
profile_option = click.option(
    "--profile", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True,
    help="For whom; 'public' needs --approval-number.",
)  # fmt: skip
approval_option = click.option(
    "--approval-number", default=None, metavar="S",
    help="审图号, as the authority gave it for this extent and this base.",
)  # fmt: skip
title_option = click.option(
    "--title", default="", metavar="S", help="Instead of the atlas's own title."
)
made_option = click.option(
    "--made", type=DAY, default=None, help="The day it says it was made on (today)."
)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


@click.command(cls=OneOrTwoDays)
@click.option("--by", type=click.Choice(serial.PLACES), default=serial.PLACES[0],
              show_default=True, help="Whose features have a page each.")  # fmt: skip
@click.option("--layers", "names", default=",".join(serial.DEFAULT_LAYERS), show_default=True,
              metavar="A,B", help="Layers that are drawn and told of.")  # fmt: skip
@click.option("--days", type=Days(), default=None,
              help="The day in force, or two: changes are told since the first (default: ten "
              "years ago, and today).")  # fmt: skip
@known_option
@lang_option
@profile_option
@approval_option
@title_option
@made_option
@click.option("--work", type=click.Path(path_type=Path), default=None, metavar="FOLDER",
              help="Where finished pages wait for the whole (default: the user's "
              "cache).")  # fmt: skip
@click.option("--processes", type=click.IntRange(1, MOST_PROCESSES), default=2, show_default=True,
              help="Pages that are drawn at the same time.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="File to write: .pdf.")  # fmt: skip
@click.option("--layers-folder", type=click.Path(path_type=Path), default=None,
              help="Folder of the layers (default: ATLAS_LAYERS, then the project's "
              "layers/).")  # fmt: skip
def series(
    by: str, names: str, days: tuple[dt.date, ...] | None, known_by: dt.date | None, lang: str,
    profile: str, approval_number: str | None, title: str, made: dt.date | None,
    work: Path | None, processes: int, output: Path, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Make one PDF with a page for each city or metropolitan area.

    A series that was stopped goes on from its finished pages.
    """
    if output.suffix.lower() != ".pdf":
        raise click.UsageError(f"'{output}': the ending must be pdf")
    first, *rest = days or default_days(today())
    root = folder.layers_folder(layers_folder)
    recipe = serial.compose(
        root, _names(names), by=by, day=rest[0] if rest else first, since=first if rest else None,
        known_by=known_by or today(), made=made or today(), lang=lang, profile=profile,
        approval_number=approval_number, title=title,
    )  # fmt: skip
    serial.write_series(output, recipe, root, work=work, processes=processes, tell=_tell)


def _tell(done: int, total: int) -> None:
    """Count the pages on one line of a terminal; a file or a pipe is told nothing."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} / {total}", err=True, nl=done == total)


@click.command(cls=OneOrTwoDays)
@click.argument("layer", nargs=-1, required=True)
@click.option("--days", type=Days(), default=None,
              help="The day in force (default: today), or two: changes are told since the "
              "first.")  # fmt: skip
@known_option
@click.option("--place", default=None, metavar="PLACE",
              help="layer:id, an id, or W,S,E,N in degrees (default: everything).")  # fmt: skip
@click.option("--paper", type=click.Choice(list(PAPERS)), default="A4", show_default=True,
              help="Of the figure.")  # fmt: skip
@click.option(
    "--orientation", type=click.Choice(ORIENTATIONS), default=ORIENTATIONS[0], show_default=True
)
@lang_option
@profile_option
@approval_option
@title_option
@made_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="File to write: .docx.")  # fmt: skip
@layers_option
def report(
    layer: tuple[str, ...], days: tuple[dt.date, ...] | None, known_by: dt.date | None,
    place: str | None, paper: str, orientation: str, lang: str, profile: str,
    approval_number: str | None, title: str, made: dt.date | None, output: Path,
    layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write a Word report of LAYERs: figure, table of the place, changes, sources, method."""
    if output.suffix.lower() != ".docx":
        raise click.UsageError(f"'{output}': the ending must be docx")
    first, *rest = days or (today(),)
    root = folder.layers_folder(layers_folder)
    recipe = reports.compose(
        root, layer, day=rest[0] if rest else first, since=first if rest else None,
        known_by=known_by or today(), made=made or today(), place=place, paper=paper,
        orientation=orientation, lang=lang, profile=profile, approval_number=approval_number,
        title=title,
    )  # fmt: skip
    reports.write_report(output, recipe, root)
