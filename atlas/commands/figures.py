"""Commands about figures: figure, verify."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from atlas.commands.common import (
    DAY,
    json_option,
    known_option,
    lang_option,
    layers_option,
    print_json,
    today,
)
from atlas.commands.measure import Days, OneOrTwoDays
from atlas.core.approval import PROFILES
from atlas.core.paper import ORIENTATIONS, PAPERS
from atlas.core.recipe import BOTH, DPI_RANGE, LANGS, SVG_TEXTS
from atlas.operations import folder
from atlas.operations import verify as proving
from atlas.operations.figure import FORMS, compose, write_figure
from atlas.operations.web_file import FORM as WEB_FORM
from atlas.operations.web_file import write_web_file


@click.command(cls=OneOrTwoDays)
@click.argument("layer", nargs=-1, required=True)
@click.option("--days", type=Days(), default=None,
              help="The day in force (default: today), or two: what changed in LAYER.")  # fmt: skip
@known_option
@click.option("--place", default=None, metavar="PLACE",
              help="layer:id, an id, or W,S,E,N in degrees (default: everything).")  # fmt: skip
@click.option("--paper", type=click.Choice(list(PAPERS)), default="A4", show_default=True)
@click.option(
    "--orientation", type=click.Choice(ORIENTATIONS), default=ORIENTATIONS[0], show_default=True
)
@click.option("--lang", type=click.Choice(LANGS), default=LANGS[0], show_default=True)
@click.option("--profile", type=click.Choice(PROFILES), default=PROFILES[0], show_default=True,
              help="For whom; 'public' needs --approval-number.")  # fmt: skip
@click.option("--approval-number", default=None, metavar="S",
              help="审图号, as the authority gave it for this extent and this base.")  # fmt: skip
@click.option("--title", default="", metavar="S", help="Instead of the atlas's own title.")
@click.option("--made", type=DAY, default=None, help="The day it says it was made on (today).")
@click.option("--dpi", type=click.IntRange(*DPI_RANGE), default=300, show_default=True,
              help="Of .png: pixels an inch.")  # fmt: skip
@click.option("--svg-text", type=click.Choice(SVG_TEXTS), default=SVG_TEXTS[0], show_default=True,
              help="Of .svg: letters as text with the font inside, or as shapes.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help=f"File to write: .{', .'.join(FORMS)}; .{WEB_FORM} is a map in one file, "
              "with all plan versions, for a browser without network.")  # fmt: skip
@layers_option
def figure(
    layer: tuple[str, ...], days: tuple[dt.date, ...] | None, known_by: dt.date | None,
    place: str | None, paper: str, orientation: str, lang: str, profile: str,
    approval_number: str | None, title: str, made: dt.date | None, dpi: int, svg_text: str,
    output: Path, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Draw LAYERs as a page for a report, with its recipe inside."""
    form = output.suffix.lower().lstrip(".")
    if form not in (*FORMS, WEB_FORM):
        endings = ", ".join((*FORMS, WEB_FORM))
        raise click.UsageError(f"'{output}': the ending must be one of {endings}")
    day, *rest = days or (today(),)
    if form == WEB_FORM:
        _refuse_page_options(profile, approval_number, title, two_days=bool(rest))
        write_web_file(
            output, folder.layers_folder(layers_folder), layer, day=day,
            known_by=known_by or today(), lang=LANGS[0] if lang == BOTH else lang,
            made=made or today(), place=place,
        )  # fmt: skip
        return
    drawn = compose(
        folder.layers_folder(layers_folder), layer, day=day, until=rest[0] if rest else None,
        known_by=known_by or today(), made=made or today(), place=place, paper=paper,
        orientation=orientation, lang=lang, profile=profile, approval_number=approval_number,
        title=title, dpi=dpi, svg_text=svg_text,
    )  # fmt: skip
    write_figure(output, drawn)


def _refuse_page_options(
    profile: str, approval_number: str | None, title: str, *, two_days: bool
) -> None:
    """A map in one file is a working map whose reader chooses day and language."""
    if two_days:
        raise click.UsageError("a map in one file opens at one day: its reader moves it to others")
    if profile != PROFILES[0] or approval_number:
        raise click.UsageError("a map in one file is always a working map, without approval number")
    if title:
        raise click.UsageError("a map in one file has the atlas's own title")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@lang_option
@json_option
@layers_option
def verify(file: Path, lang: str, as_json: bool, layers_folder: Path | None) -> None:
    """Check FILE against the store and by drawing it again; exit code 1 if it does not hold."""
    verdict = proving.verify(file, folder.layers_folder(layers_folder))
    if as_json:
        print_json(proving.to_values(verdict))
    else:
        click.echo("\n".join(proving.to_lines(verdict, lang)))
    if verdict.answer not in proving.GOOD:
        sys.exit(1)
