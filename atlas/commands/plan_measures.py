"""Commands that measure the plan: indicators, evaluate, conform."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from pathlib import Path

import click

from atlas.analysis.conformance import Thresholds
from atlas.analysis.indicator_list import INDICATORS
from atlas.commands.common import (
    DAY,
    json_option,
    known_option,
    lang_option,
    layers_option,
    put_out,
    read_numbers,
    today,
)
from atlas.core.land_use import USES
from atlas.operations import evaluate_output, folder, indicator_output
from atlas.operations.conform import UNKNOWN_USE
from atlas.operations.conform import conform as hold
from atlas.operations.conform_output import FORMS as CONFORM_FORMS
from atlas.operations.conform_output import render as render_conformed
from atlas.operations.evaluate import BASELINE, assess
from atlas.operations.evaluate import evaluate as compare_days
from atlas.operations.evaluate_report import Evaluated
from atlas.operations.indicator_words import title
from atlas.operations.indicators import measure, read_record

EVALUATION_FILES = ("md", "docx", "pdf", "json")
SETTINGS = "A threshold: " + ", ".join(one.name for one in fields(Thresholds)) + "."


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--day", "days", type=DAY, multiple=True,
              help="In force on this day (default: today); give it again for a trend.")  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="Only the ids and what they are.")
@known_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="CSV.")
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .csv or .json.")  # fmt: skip
@layers_option
def indicators(
    ids: tuple[str, ...], days: tuple[dt.date, ...], listed: bool, known_by: dt.date | None,
    as_json: bool, as_csv: bool, lang: str, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Indicators of the plan on any day, all or those named, with what they are made of."""
    if listed:
        lines = [f"{id_}\t{title(id_, lang)}" for id_ in INDICATORS]
        click.echo("\n".join(lines))
        return
    form = "json" if as_json else "csv" if as_csv else ""
    form = _form(form, output, ("csv", "json"))
    record = read_record(folder.layers_folder(layers_folder), known_by=known_by or today())
    readings = [
        reading for day in days or (today(),) for reading in measure(record, day, ids or None)
    ]
    put_out(indicator_output.render(record, readings, form, lang=lang), output)


@click.command()
@click.option("--baseline", type=DAY, default=BASELINE.isoformat(), show_default=True,
              help="The day that others are compared with.")  # fmt: skip
@click.option("--day", "days", type=DAY, multiple=True,
              help="The day evaluated (default: today); several stand side by side.")  # fmt: skip
@known_option
@click.option("--made", type=DAY, default=None,
              help="Day that a document says it was made on (default: today).")  # fmt: skip
@json_option
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .docx, .pdf, .md or .json.")  # fmt: skip
@layers_option
def evaluate(
    baseline: dt.date, days: tuple[dt.date, ...], known_by: dt.date | None, made: dt.date | None,
    as_json: bool, lang: str, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """What the plan's areas look like on a day beside the baseline, what changed and why.

    A .docx or .pdf carries its recipe: `atlas verify` proves it.
    """
    form = _form("json" if as_json else "", output, EVALUATION_FILES)
    root, known = folder.layers_folder(layers_folder), known_by or today()
    asked = days or (today(),)
    found: Evaluated
    if len(asked) == 1:
        found = compare_days(root, day=asked[0], known_by=known, baseline=baseline)
    else:
        found = assess(root, days=asked, known_by=known, baseline=baseline)
    content = evaluate_output.render(found, form, lang=lang, made=made or today(), folder=root)
    put_out(content, output)


@click.command()
@click.argument("lower")
@click.argument("upper")
@click.option("--zones", default="cities", show_default=True, metavar="LAYER|FILE",
              help="Zones that the result is told by.")  # fmt: skip
@click.option("--days", "day", type=DAY, default=None, metavar="D",
              help="In force on this day (default: today).")  # fmt: skip
@known_option
@click.option("--class-column", default="", metavar="NAME",
              help="Column of a FILE that names land-use classes.")  # fmt: skip
@click.option("--use", type=click.Choice(USES), default=None,
              help="What a whole FILE is for, where no column says it.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help=SETTINGS)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="CSV, by zone.")
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .csv, .xlsx, .json or .geojson.")  # fmt: skip
@layers_option
def conform(
    lower: str, upper: str, zones: str, day: dt.date | None, known_by: dt.date | None,
    class_column: str, use: str | None, settings: tuple[str, ...], as_json: bool, as_csv: bool,
    lang: str, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """How much of each feature of layer UPPER a LOWER plan carries, leaves out, contradicts.

    LOWER is a layer, or a vector file in any CRS that GDAL reads.
    """
    form = _form("json" if as_json else "csv" if as_csv else "", output, CONFORM_FORMS[1:])
    found = hold(
        folder.layers_folder(layers_folder), lower, upper, zones=zones, day=day or today(),
        known_by=known_by or today(), class_column=class_column, use=use or UNKNOWN_USE,
        thresholds=_thresholds(settings),
    )  # fmt: skip
    put_out(render_conformed(found, form, lang=lang, made=today()), output)


def _form(asked: str, output: Path | None, endings: tuple[str, ...]) -> str:
    """The form asked for, by option or by the ending of the file; a table for a terminal."""
    if output is None:
        return asked or "table"
    ending = output.suffix.lower().lstrip(".")
    if ending not in endings or (asked and asked != ending):
        names = ", ".join(f".{name}" for name in endings)
        raise click.UsageError(f"'{output}': the ending must be one of {names}")
    return ending


def _thresholds(settings: tuple[str, ...]) -> Thresholds:
    """Thresholds with some of them set anew."""
    names = [one.name for one in fields(Thresholds)]
    return Thresholds(**read_numbers(settings, names, "threshold"))
