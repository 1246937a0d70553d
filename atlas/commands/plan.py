"""The command of the action plan."""

from __future__ import annotations

import datetime as dt
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
from atlas.operations import folder
from atlas.operations.plan import read_plan
from atlas.operations.plan_output import to_text, to_values


@click.command(name="plan")
@click.option("--area", default=None, metavar="ID|NUMBER", help="Only this area, with its items.")
@click.option("--day", type=DAY, default=None, help="Judge the cycle on this day (default: today).")
@known_option
@lang_option
@layers_option
@json_option
def show_plan(
    area: str | None, day: dt.date | None, known_by: dt.date | None, lang: str,
    layers_folder: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Show the action plan: its areas, what is known of each, and where its cycle stands."""
    plan = read_plan(folder.layers_folder(layers_folder), known_by=known_by or today())
    judged = day or today()
    if as_json:
        print_json(to_values(plan, day=judged, area=area))
    else:
        click.echo(to_text(plan, lang, day=judged, area=area), nl=False)
