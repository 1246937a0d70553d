"""Commands that look: layers, show, download, find, describe, link."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path

import click

from atlas.commands.common import (
    DAY,
    as_of_option,
    json_option,
    known_option,
    lang_option,
    layers_option,
    output_option,
    print_json,
    put_out,
    today,
)
from atlas.core.view import FIRST_DAY, LAST_DAY, View, to_address, to_query
from atlas.errors import AtlasError
from atlas.io.catalogue import read_info
from atlas.operations import describe as describing
from atlas.operations import find, folder, show, tell
from atlas.operations.download import shown_geojson


@click.command()
@layers_option
@json_option
def layers(layers_folder: Path | None, as_json: bool) -> None:
    """List all layers and their editions."""
    listed = show.list_layers(folder.layers_folder(layers_folder))
    if as_json:
        print_json(listed)
        return
    for layer in listed:
        editions = ", ".join(
            f"{entry['edition']} ({entry['published']}"
            + (f", withdrawn {entry['withdrawn']})" if entry["withdrawn"] else ")")
            for entry in layer["editions"]
        )
        title = f"{layer['title']['zh']} · {layer['title']['en']}"
        click.echo(f"{layer['id']:<22}{layer['kind']:<9}{title}  [{editions or 'no edition'}]")


@click.command(name="show")
@click.argument("layer")
@as_of_option
@known_option
@click.option("--edition", type=click.IntRange(min=1), default=None, help="An edition by number.")
@click.option("--id", "feature", default=None, help="Only this feature.")
@click.option(
    "--format", "form", type=click.Choice(["geojson", "csv", "table"]), default="table",
    show_default=True,
)  # fmt: skip
@output_option
@layers_option
def show_layer(
    layer: str, as_of: dt.date | None, known_by: dt.date | None, edition: int | None,
    feature: str | None, form: str, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Show the rows of LAYER, all or those in force on a day; of a raster, its values."""
    read = show.read_any(
        folder.layers_folder(layers_folder), layer, known_by=known_by or today(), edition=edition
    )
    content = show.render(read, form, judged=as_of or today(), day=as_of, feature=feature)
    put_out(content, output)


@click.command()
@click.argument("layer", nargs=-1, required=True)
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@output_option
@layers_option
def download(
    layer: tuple[str, ...], as_of: dt.date | None, known_by: dt.date | None,
    output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write what the map shows of LAYERs on a day as one GeoJSON, as Explore offers it."""
    day, known = as_of or today(), known_by or today()
    root = folder.layers_folder(layers_folder)
    read = [show.read_layer(root, name, known_by=known) for name in layer]
    shown = [(entry, show.select(entry, day=day)) for entry in read]
    put_out(shown_geojson(shown, day=day, known_by=known), output)


@click.command(name="find")
@click.argument("words")
@as_of_option
@known_option
@layers_option
@json_option
def find_place(
    words: str, as_of: dt.date | None, known_by: dt.date | None, layers_folder: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Find places by Chinese name, English name, pinyin or its initials."""
    root, known = folder.layers_folder(layers_folder), known_by or today()
    names = find.place_editions(root, known_by=known)
    read = [show.read_layer(root, e.layer, known_by=known, edition=e.edition) for e in names]
    if as_of:
        read = [replace(layer, features=show.select(layer, day=as_of)) for layer in read]
    found = find.find_places(find.list_places(read), words)
    if as_json:
        print_json(
            [
                {"place": entry.address, "name": {"zh": entry.name_zh, "en": entry.name_en},
                 "bounds": entry.bounds}
                for entry in found
            ]
        )  # fmt: skip
        return
    for entry in found:
        click.echo(f"{entry.address:<34}{entry.name_zh}  {entry.name_en}")
    if not found:
        raise AtlasError(problem=f"no place found for '{words[:60]}'")


@click.command()
@click.argument("layer")
@click.argument("feature", metavar="ID")
@click.option("--as-of", type=DAY, default=None, help="Judge each version on this day.")
@known_option
@lang_option
@layers_option
@json_option
def describe(
    layer: str, feature: str, as_of: dt.date | None, known_by: dt.date | None, lang: str,
    layers_folder: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Describe the feature ID of LAYER: every plan version with its sources and sizes."""
    root = folder.layers_folder(layers_folder)
    known = known_by or today()
    described = describing.describe(root, layer, feature, known_by=known)
    if as_json:
        print_json(asdict(described))
    else:
        click.echo(tell.to_text(described, lang, as_of or known))


@click.command()
@click.argument("layer", nargs=-1, required=True)
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@click.option("--place", default=None, help="layer:id, as `atlas find` gives it.")
@lang_option
@layers_option
def link(
    layer: tuple[str, ...], as_of: dt.date | None, known_by: dt.date | None,
    place: str | None, lang: str, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write the link that opens Explore on LAYERs, both days resolved."""
    for day in filter(None, (as_of, known_by)):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise click.UsageError(f"{day} lies outside {FIRST_DAY} to {LAST_DAY}")
    for name in layer:
        read_info(folder.layers_folder(layers_folder), name)
    view = View(layer, as_of, known_by, place, lang)
    click.echo(to_address(to_query(view, today=today(), lang=lang)))
