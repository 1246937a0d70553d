"""Commands that look at the ground: zonal, profile, suitability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from atlas.commands.common import (
    DAY,
    known_option,
    lang_option,
    layers_option,
    put_out,
    today,
)
from atlas.commands.measure import DAYS_AT_MOST, Days, OneOrTwoDays
from atlas.operations import folder, profile_output, zonal_output
from atlas.operations import profile as profiling
from atlas.operations.ground import KINDS, open_ground
from atlas.operations.profile_picture import to_png
from atlas.operations.suitability import CRITERIA, WEIGHTS, sketch, to_geotiff
from atlas.operations.zonal import zonal as measure
from atlas.operations.zonal import zonal_change

PNG = "png"
band_option = click.option(
    "--band", type=click.IntRange(min=1), default=1, show_default=True, help="Band of a file."
)
kind_option = click.option(
    "--as", "kind", type=click.Choice(KINDS), default=None,
    help="What the cells of a file hold (default: classes if it has a colour table or bytes).",
)  # fmt: skip


def form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``, ``--csv`` and ``-o``: a file's form goes by its ending."""
    command = click.option("--json", "form", flag_value="json", help="JSON for machines.")(command)
    command = click.option("--csv", "form", flag_value="csv", help="CSV.")(command)
    return click.option(
        "-o", "--output", type=click.Path(path_type=Path), default=None,
        help="Write to a file: .csv, .json or .xlsx; a profile also as .png.",
    )(command)  # fmt: skip


def _form(asked: str | None, output: Path | None, forms: tuple[str, ...]) -> str:
    form = asked or (output.suffix.lower().lstrip(".") if output else "table")
    if form not in forms or (output and form == "table"):
        raise click.UsageError(f"'{output}': the ending must be one of {', '.join(forms[1:])}")
    return form


@click.command(cls=OneOrTwoDays)
@click.argument("raster")
@click.option("--zones", default="cities", show_default=True, metavar="LAYER|FILE",
              help="Zones: a layer of polygons, or a vector file that GDAL reads.")  # fmt: skip
@click.option("--by", default="", metavar="LAYER", help="Only their pieces in these zones.")
@click.option(
    "--zone-key", default="id", show_default=True, help="Column that names a FILE's zones."
)
@click.option(
    "--days", type=Days(), default=None, help="One day in force (default: today), or two."
)
@known_option
@band_option
@kind_option
@form_options
@lang_option
@layers_option
def zonal(
    raster: str, zones: str, by: str, zone_key: str, days: tuple[dt.date, ...] | None,
    known_by: dt.date | None, band: int, kind: str | None, form: str | None, lang: str,
    output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """What lies in each zone of RASTER (a raster layer or a GeoTIFF); its change by two days."""
    form = _form(form, output, zonal_output.FORMS)
    root, known = folder.layers_folder(layers_folder), known_by or today()
    ground = open_ground(root, raster, known_by=known, band=band, kind=kind)
    asked = days or (today(),)
    if len(asked) == DAYS_AT_MOST:
        found: Any = zonal_change(
            root, ground, zones=zones, old=asked[0], new=asked[1], known_by=known, by=by,
            key=zone_key,
        )  # fmt: skip
    else:
        found = measure(
            root, ground, zones=zones, day=asked[0], known_by=known, by=by, key=zone_key
        )
    put_out(zonal_output.render(found, form, lang=lang, made=today()), output)


@click.command()
@click.argument("raster")
@click.argument("line")
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@band_option
@kind_option
@form_options
@lang_option
@layers_option
def profile(
    raster: str, line: str, as_of: dt.date | None, known_by: dt.date | None, band: int,
    kind: str | None, form: str | None, lang: str, output: Path | None,
    layers_folder: Path | None,
) -> None:  # fmt: skip
    """What RASTER, belts and lakes lie along LINE: layer:id, 'lon,lat;lon,lat', or a file."""
    form = _form(form, output, (*profile_output.FORMS, PNG))
    root, known = folder.layers_folder(layers_folder), known_by or today()
    ground = open_ground(root, raster, known_by=known, band=band, kind=kind)
    day = as_of or today()
    followed = profiling.read_line(root, line, day=day, known_by=known)
    found = profiling.profile(root, [ground], followed, day=day, known_by=known)
    if form == PNG:
        put_out(to_png(found, lang), output)
    else:
        put_out(profile_output.render(found, form, lang=lang, made=today()), output)


class Weights(click.ParamType[tuple[int, ...]]):
    """One whole number a criterion, parted by commas."""

    name = "W,W,W,W"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, ...]:
        """Turn text into weights; wrong ones are wrong usage."""
        if isinstance(value, tuple):
            return value
        parts = value.split(",")
        if len(parts) != len(CRITERIA) or not all(part.strip().isdigit() for part in parts):
            self.fail(f"give {len(CRITERIA)} whole numbers: {', '.join(CRITERIA)}", param, ctx)
        return tuple(int(part) for part in parts)


@click.command()
@click.option("--weights", type=Weights(), default=WEIGHTS, show_default=True,
              help="Of distance to stations, terrain, land cover, belts.")  # fmt: skip
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="GeoTIFF to write.")  # fmt: skip
@layers_option
def suitability(
    weights: tuple[int, ...], as_of: dt.date | None, known_by: dt.date | None, output: Path,
    layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write the sketch of where new building would fit (scores 0 to 100) as a GeoTIFF."""
    found = sketch(
        folder.layers_folder(layers_folder), weights=weights, day=as_of or today(),
        known_by=known_by or today(),
    )  # fmt: skip
    put_out(to_geotiff(found), output)
