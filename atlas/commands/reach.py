"""The command that asks who is within an hour of whom on the railway of any day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from atlas.analysis.rail_network import EXPECTED
from atlas.analysis.travel_time import Assumptions
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
from atlas.i18n import translate
from atlas.operations import folder, reach_output
from atlas.operations.rail import OWN_SPEED_KMH, Rail, model_on, read_rail
from atlas.operations.rail_places import find_origin
from atlas.operations.reach import LIMITS_MIN, live_within, reach_from, read_residents, way_to
from atlas.operations.reach_areas import core_reach, read_areas, weak_links
from atlas.operations.reach_check import check_times, fit_of
from atlas.operations.reach_line_words import tell_what_if
from atlas.operations.reach_matrix import city_matrix
from atlas.operations.reach_what_if import what_if
from atlas.operations.reach_words import (
    tell_beyond,
    tell_circles,
    tell_core,
    tell_fit,
    tell_link,
    tell_living,
    tell_matrix,
    tell_way,
    tell_within,
)

LINKS_TOLD = 12
NAMES = tuple(one.name for one in fields(Assumptions))


@dataclass(frozen=True)
class Asked:
    """What every question of the command shares."""

    rail: Rail
    day: dt.date
    include: tuple[str, ...]
    assumed: Assumptions
    lang: str
    form: str


def _assumptions(values: tuple[str, ...]) -> Assumptions:
    """Assumptions with some of them set as ``name=value``."""
    return Assumptions(**read_numbers(values, NAMES, "assumption"))


@click.command()
@click.argument("origin", metavar="FROM", required=False)
@click.option("--to", "target", default=None, metavar="CITY", help="The way to a city or station.")
@click.option("--day", type=DAY, default=None, help="The network of this day (default: today).")
@click.option("--minutes", type=click.IntRange(1, 1440), default=60, show_default=True,
              help="Within so many minutes, boarding included.")  # fmt: skip
@click.option("--include", type=click.Choice(EXPECTED), multiple=True,
              help="Count lines under construction, or planned ones, as if open.")  # fmt: skip
@click.option("--matrix", "asks_matrix", is_flag=True, help="City by city.")
@click.option("--areas", "asks_areas", is_flag=True,
              help="What cores of metropolitan areas reach, and their weakest links.")  # fmt: skip
@click.option("--what-if", "line", default=None, metavar="LINE",
              help="What a planned line changes, or your own: STATION,STATION,…")  # fmt: skip
@click.option("--speed", type=float, default=OWN_SPEED_KMH, show_default=True,
              help="Design speed of a line of your own, km/h.")  # fmt: skip
@click.option("--check", "asks_check", is_flag=True, help="The model beside published times.")
@click.option("--assume", multiple=True, metavar="NAME=VALUE", help="Change an assumption.")
@known_option
@json_option
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .json, .csv (--matrix) or .geojson (FROM).")  # fmt: skip
@layers_option
def reach(
    origin: str | None, target: str | None, day: dt.date | None, minutes: int,
    include: tuple[str, ...], asks_matrix: bool, asks_areas: bool, line: str | None, speed: float,
    asks_check: bool, assume: tuple[str, ...], known_by: dt.date | None, as_json: bool, lang: str,
    output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Who is within an hour of FROM by train; a model, no timetable."""
    asked = [bool(origin), asks_matrix, asks_areas, bool(line), asks_check]
    if sum(asked) != 1:
        raise click.UsageError("give one of FROM, --matrix, --areas, --what-if LINE, --check")
    form = _form(output, as_json=as_json, matrix=asks_matrix, origin=bool(origin and not target))
    assumed = _assumptions(assume)
    rail = read_rail(folder.layers_folder(layers_folder), known_by=known_by or today())
    about = Asked(rail, day or today(), include, assumed, lang, form)
    if origin:
        content = _from(about, origin, target, minutes)
    elif line:
        content = _line(about, line, speed)
    elif asks_check:
        content = _check(about)
    else:
        content = _matrix(about) if asks_matrix else _areas(about)
    put_out(content, output)


def _form(output: Path | None, *, as_json: bool, matrix: bool, origin: bool) -> str:
    form = "json" if as_json else output.suffix.lower().lstrip(".") if output else "words"
    allowed = ("words", "json", *(("csv",) if matrix else ()), *(("geojson",) if origin else ()))
    if form not in allowed or (output and form == "words"):
        endings = ", ".join(f".{name}" for name in allowed[1:])
        raise click.UsageError(f"'{output}': the ending must be one of {endings}")
    return form


def _words(lines: list[str], about: Asked) -> bytes:
    told = [line for line in lines if line] + [translate("reach.notice", about.lang)]
    return ("\n".join(told) + "\n").encode("utf-8")


def _from(about: Asked, origin: str, target: str | None, minutes: int) -> bytes:
    model = model_on(about.rail, about.day, include=about.include, assumed=about.assumed)
    found = reach_from(model, find_origin(model, origin))
    if target:
        end = find_origin(model, target)
        way = way_to(found, end)
        if about.form == "json":
            values: dict[str, Any] = {"way": reach_output.way_values(model, way)}
            return reach_output.to_json(reach_output.provenance(model) | values)
        names = (found.origin.name[about.lang], end.name[about.lang])
        return _words([tell_way(model, way, names, about.lang)], about)
    if about.form == "geojson":
        return reach_output.reach_geojson(found, sorted({*LIMITS_MIN, minutes}))
    residents = read_residents(about.rail.folder, day=about.day, known_by=about.rail.known_by)
    if about.form == "json":
        lives = {limit: live_within(found, residents, limit) for limit in {*LIMITS_MIN, minutes}}
        return reach_output.to_json(reach_output.reach_values(found, residents, lives))
    lang = about.lang
    living = live_within(found, residents, minutes)
    return _words([tell_within(found, minutes, lang), tell_living(living, lang),
                   tell_circles(model, lang), tell_beyond(found, lang)], about)  # fmt: skip


def _matrix(about: Asked) -> bytes:
    model = model_on(about.rail, about.day, include=about.include, assumed=about.assumed)
    matrix = city_matrix(model)
    if about.form == "json":
        return reach_output.to_json(reach_output.matrix_values(matrix))
    if about.form == "csv":
        return reach_output.matrix_csv(matrix)
    return _words([tell_matrix(matrix, about.lang)], about)


def _areas(about: Asked) -> bytes:
    model = model_on(about.rail, about.day, include=about.include, assumed=about.assumed)
    root, known = about.rail.folder, about.rail.known_by
    areas, _ = read_areas(root, day=about.day, known_by=known)
    residents = read_residents(root, day=about.day, known_by=known)
    cores, links = core_reach(model, areas, residents), weak_links(model, areas)
    if about.form == "json":
        return reach_output.to_json(reach_output.areas_values(model, cores, links))
    names = {section.line: section.name for section in about.rail.sections}
    told = [tell_core(core, model, about.lang) for core in cores]
    told += [tell_link(link, model, names, about.lang) for link in links[:LINKS_TOLD]]
    return _words(told, about)


def _line(about: Asked, line: str, speed: float) -> bytes:
    residents = read_residents(about.rail.folder, day=about.day, known_by=about.rail.known_by)
    found = what_if(about.rail, line, about.day, include=about.include, assumed=about.assumed,
                    residents=residents, speed_kmh=speed)  # fmt: skip
    if about.form == "json":
        return reach_output.to_json(reach_output.what_if_values(found))
    return _words([tell_what_if(found, about.lang)], about)


def _check(about: Asked) -> bytes:
    checked = check_times(about.rail, about.assumed)
    if about.form == "json":
        model = model_on(about.rail, about.day, include=about.include, assumed=about.assumed)
        return reach_output.to_json(reach_output.check_values(model, checked))
    return _words([tell_fit(fit_of(checked), about.lang)], about)
