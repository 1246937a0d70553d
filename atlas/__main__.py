"""The command line: each command is the function that a page calls.

Exit code 0: done; 1: the data or a check failed; 2: wrong usage. Errors are one line on
standard error.
"""

from __future__ import annotations

import os
import sys

import click

from atlas import __version__
from atlas.commands import (
    change,
    export,
    figures,
    ground,
    look,
    measure,
    measure_files,
    plan,
    plan_measures,
    reach,
    record,
    series,
)
from atlas.commands.common import PROBLEMS_SHOWN
from atlas.errors import AtlasError, SchemaError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="atlas")
def cli() -> None:
    """Delta Atlas: versioned planning layers of the Yangtze River Delta."""


for command in (
    look.layers, look.show_layer, look.download, look.find_place, look.describe, look.link,
    change.diff, change.compare, change.history,
    measure.overlap, measure_files.overlap_files_command, export.export_layers,
    figures.figure, figures.verify, series.series, series.report,
    ground.zonal, ground.profile, ground.suitability,
    plan.show_plan, reach.reach,
    plan_measures.indicators, plan_measures.evaluate, plan_measures.conform,
    record.check, record.publish, record.withdraw, record.audit, record.prepare_app, record.build,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run a command; errors become one line on standard error."""
    try:
        cli.main(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except click.exceptions.Abort:
        _fail("stopped", 1)
    except SchemaError as error:
        for problem in error.problems[:PROBLEMS_SHOWN]:
            click.echo(str(problem))
        _fail(str(error), 1)
    except AtlasError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        _drop_output()
        sys.exit(0)
    except OSError as error:
        _drop_output()
        _fail(error.strerror or str(error), 1)


def _drop_output() -> None:
    """Standard output takes no more: let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, code: int) -> None:
    click.echo("atlas: " + " ".join(message.split()), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
