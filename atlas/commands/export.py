"""Commands that export: export."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from atlas.commands.common import (
    DAY,
    known_option,
    lang_option,
    layers_option,
    put_out,
    today,
)
from atlas.operations import folder
from atlas.operations.export import FORMS, export_bytes, read_export


@click.command(name="export")
@click.argument("layer", nargs=-1, required=True)
@click.option("--day", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@click.option("--place", default=None, metavar="ID|W,S,E,N",
              help="Only features in a place: layer:id as `atlas find` gives it, an id, or a box "
              "in degrees; they are not cut.")  # fmt: skip
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="File: .gpkg (with styles for QGIS), .geojson, .csv or .xlsx.")  # fmt: skip
@layers_option
def export_layers(
    layer: tuple[str, ...], day: dt.date | None, known_by: dt.date | None, place: str | None,
    lang: str, output: Path, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write LAYERs as of a day for other programs, with sources, both days and hashes."""
    form = output.suffix.lower().lstrip(".")
    if form not in FORMS:
        endings = ", ".join(f".{name}" for name in FORMS)
        raise click.UsageError(f"'{output}': the ending must be one of {endings}")
    export = read_export(
        folder.layers_folder(layers_folder), layer, day=day or today(),
        known_by=known_by or today(), place=place,
    )  # fmt: skip
    put_out(export_bytes(export, form, lang=lang, made=today()), output)
