"""Options and outputs that commands share."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from atlas.core.period import parse_day
from atlas.errors import DayError
from atlas.i18n import LANGUAGES
from atlas.io.files import write_atomically

PROBLEMS_SHOWN = 20


class Day(click.ParamType[dt.date]):
    """A full ISO day on the command line."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> dt.date:
        """Turn text into a date; a wrong one is wrong usage."""
        try:
            return value if isinstance(value, dt.date) else parse_day(value)
        except DayError as error:
            self.fail(str(error), param, ctx)


DAY = Day()
layers_option = click.option(
    "--layers", "layers_folder", type=click.Path(path_type=Path), default=None,
    help="Folder of the layers (default: ATLAS_LAYERS, then the project's layers/).",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="JSON for machines.")
known_option = click.option(
    "--known-by", type=DAY, default=None, help="As published by this day (default: today)."
)
as_of_option = click.option(
    "--as-of", type=DAY, default=None, help="Only rows in force on this day."
)
lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default="zh", show_default=True, help="Language."
)
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=None, help="Write to a file."
)


def read_numbers(settings: tuple[str, ...], names: Sequence[str], what: str) -> dict[str, float]:
    """Read settings written NAME=NUMBER; ``what`` they are is said of a name that there is not."""
    given: dict[str, float] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in names:
            raise click.UsageError(f"no {what} '{name[:40]}'; there are: {', '.join(names)}")
        try:
            given[name] = float(value)
        except ValueError:
            raise click.UsageError(f"'{setting[:60]}': write {name}=NUMBER") from None
    return given


def today() -> dt.date:
    """The current day."""
    return dt.date.today()


def print_json(value: object) -> None:
    """Print a value for machines."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_problems(problems: list[Any]) -> None:
    """Print the first problems, a line each."""
    for problem in problems[:PROBLEMS_SHOWN]:
        click.echo(str(problem))
    if len(problems) > PROBLEMS_SHOWN:
        click.echo(f"… and {len(problems) - PROBLEMS_SHOWN} more (all with --json)")


def put_out(content: bytes, output: Path | None) -> None:
    """Write bytes to a file, or to standard output."""
    if output:
        write_atomically(output, content)
    else:
        sys.stdout.buffer.write(content)
