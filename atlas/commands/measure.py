"""Commands that measure: overlap."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from atlas.commands.common import (
    known_option,
    lang_option,
    layers_option,
    put_out,
    today,
)
from atlas.core.period import parse_day
from atlas.errors import DayError
from atlas.operations import folder
from atlas.operations.cross import cross
from atlas.operations.links import rail_links
from atlas.operations.overlap import overlap as measure
from atlas.operations.overlap import overlap_change
from atlas.operations.overlap_output import FORMS, render
from atlas.operations.overlap_report import render_cross, render_pairs, terminal
from atlas.operations.zones import read_zones

DAYS_AT_MOST = 2


class OneOrTwoDays(click.Command):
    """A command whose ``--days`` takes one day or two."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join the days after ``--days`` into one value."""
        joined: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            joined.append(word)
            if word == "--days":
                days: list[str] = []
                while rest and len(days) < DAYS_AT_MOST and rest[0][:1].isdigit():
                    days.append(rest.pop(0))
                joined += [",".join(days)] if days else []
        return super().parse_args(ctx, joined)


class Days(click.ParamType[tuple[dt.date, ...]]):
    """One day or two, parted by a comma."""

    name = "D [D2]"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[dt.date, ...]:
        """Turn text into days; a wrong one is wrong usage."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(parse_day(day) for day in value.split(","))
        except DayError as error:
            self.fail(str(error), param, ctx)


@click.command(cls=OneOrTwoDays)
@click.argument("layer")
@click.option("--zones", default="cities", show_default=True, metavar="LAYER|FILE",
              help="Zones: a layer of polygons, or a vector file that GDAL reads.")  # fmt: skip
@click.option(
    "--zone-key", default="id", show_default=True, help="Column that names a FILE's zones."
)
@click.option("--with", "other", default=None, metavar="LAYER", help="Cross with another layer.")
@click.option("--pairs", is_flag=True, help="What each two zones share.")
@click.option("--id", "feature", default=None, help="Only this feature.")
@click.option(
    "--days", type=Days(), default=None, help="One day in force (default: today), or two."
)
@known_option
@click.option("--json", "form", flag_value="json", help="JSON for machines.")
@click.option("--csv", "form", flag_value="csv", help="CSV.")
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .csv, .xlsx, .json, .geojson or .parquet.")  # fmt: skip
@layers_option
def overlap(
    layer: str, zones: str, zone_key: str, other: str | None, pairs: bool, feature: str | None,
    days: tuple[dt.date, ...] | None, known_by: dt.date | None, form: str | None, lang: str,
    output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """How much of each feature of LAYER lies in each zone; its change between two days."""
    form = _form(form, output)
    root, known = folder.layers_folder(layers_folder), known_by or today()
    asked = days or (today(),)
    _check(asked, other, form, pairs=pairs)
    if len(asked) == DAYS_AT_MOST:
        change = overlap_change(
            root, layer, zones=zones, old=asked[0], new=asked[1], known_by=known
        )
        table = form == "table"
        content = terminal(change, lang).encode() if table else render(change, form, made=today())
        put_out(content, output)
        return
    held = read_zones(root, zones, day=asked[0], known_by=known, key=zone_key)
    if other:
        crossed = cross(root, layer, other, zones=held, day=asked[0], known_by=known)
        put_out(render_cross(crossed, form, lang=lang, made=today()), output)
        return
    found = measure(
        root, layer, zones=held, day=asked[0], known_by=known, feature=feature, threads=2
    )
    if pairs:
        links = rail_links(root, found.zone_plane, day=asked[0], known_by=known)
        put_out(render_pairs(found, links, form, lang=lang, made=today()), output)
    elif form == "table":
        put_out(terminal(found, lang).encode(), output)
    else:
        put_out(render(found, form, made=today()), output)


def _form(asked: str | None, output: Path | None) -> str:
    ending = output.suffix.lower().lstrip(".") if output else "table"
    form = asked or ending
    if form not in FORMS or (output and form == "table"):
        raise click.UsageError(f"'{output}': the ending must be one of {', '.join(FORMS[1:])}")
    return form


def _check(days: tuple[dt.date, ...], other: str | None, form: str, *, pairs: bool) -> None:
    two = len(days) == DAYS_AT_MOST
    if two and (other or pairs):
        raise click.UsageError("two days go with the plain matrix only, not with --with or --pairs")
    if other and pairs:
        raise click.UsageError("give --with or --pairs, not both")
    if form == "geojson" and (two or pairs):
        raise click.UsageError("a change and a list of pairs have no shapes: no .geojson")
