"""The command line: each command is the function that a page calls.

Exit code 0: done; 1: the data or a check failed; 2: wrong usage. Errors are one line on
standard error.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from atlas import __version__
from atlas.core.period import parse_day
from atlas.core.view import FIRST_DAY, LAST_DAY, View, to_address, to_query
from atlas.errors import AtlasError, DayError, SchemaError
from atlas.i18n import LANGUAGES
from atlas.io.catalogue import read_info
from atlas.io.files import write_atomically
from atlas.operations import audit as auditing
from atlas.operations import check as checking
from atlas.operations import describe as describing
from atlas.operations import find, folder, prepare, show, tell
from atlas.operations import publish as publishing
from atlas.operations.download import shown_geojson

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="atlas")
def cli() -> None:
    """Delta Atlas: versioned planning layers of the Yangtze River Delta."""


@cli.command()
@layers_option
@json_option
def layers(layers_folder: Path | None, as_json: bool) -> None:
    """List all layers and their editions."""
    listed = show.list_layers(folder.layers_folder(layers_folder))
    if as_json:
        _print_json(listed)
        return
    for layer in listed:
        editions = ", ".join(
            f"{entry['edition']} ({entry['published']}"
            + (f", withdrawn {entry['withdrawn']})" if entry["withdrawn"] else ")")
            for entry in layer["editions"]
        )
        title = f"{layer['title']['zh']} · {layer['title']['en']}"
        click.echo(f"{layer['id']:<22}{layer['kind']:<9}{title}  [{editions or 'no edition'}]")


@cli.command(name="show")
@click.argument("layer")
@as_of_option
@known_option
@click.option("--edition", type=click.IntRange(min=1), default=None, help="An edition by number.")
@click.option("--id", "feature", default=None, help="Only this feature.")
@click.option(
    "--format", "form", type=click.Choice(["geojson", "csv", "table"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file.")
@layers_option
def show_layer(
    layer: str, as_of: dt.date | None, known_by: dt.date | None, edition: int | None,
    feature: str | None, form: str, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Show the rows of LAYER, all or those in force on a day; of a raster, its values."""
    read = show.read_any(
        folder.layers_folder(layers_folder), layer, known_by=known_by or _today(), edition=edition
    )
    _put_out(show.render(read, form, day=as_of, feature=feature), output)


@cli.command()
@click.argument("layer", nargs=-1, required=True)
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to a file.")
@layers_option
def download(
    layer: tuple[str, ...], as_of: dt.date | None, known_by: dt.date | None,
    output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Write what the map shows of LAYERs on a day as one GeoJSON, as Explore offers it."""
    day, known = as_of or _today(), known_by or _today()
    root = folder.layers_folder(layers_folder)
    read = [show.read_layer(root, name, known_by=known) for name in layer]
    shown = [(entry, show.select(entry, day=day)) for entry in read]
    _put_out(shown_geojson(shown, day=day, known_by=known), output)


@cli.command(name="find")
@click.argument("words")
@known_option
@layers_option
@json_option
def find_place(
    words: str, known_by: dt.date | None, layers_folder: Path | None, as_json: bool
) -> None:
    """Find places by Chinese name, English name, pinyin or its initials."""
    root, known = folder.layers_folder(layers_folder), known_by or _today()
    names = find.place_editions(root, known_by=known)
    read = [show.read_layer(root, e.layer, known_by=known, edition=e.edition) for e in names]
    found = find.find_places(find.list_places(read), words)
    if as_json:
        _print_json(
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


@cli.command()
@click.argument("layer")
@click.argument("feature", metavar="ID")
@known_option
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh", show_default=True)
@layers_option
@json_option
def describe(
    layer: str, feature: str, known_by: dt.date | None, lang: str, layers_folder: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Describe the feature ID of LAYER: every plan version with its sources and sizes."""
    root = folder.layers_folder(layers_folder)
    known = known_by or _today()
    described = describing.describe(root, layer, feature, known_by=known)
    if as_json:
        _print_json(asdict(described))
    else:
        click.echo(tell.to_text(described, lang, known))


@cli.command()
@click.argument("layer", nargs=-1, required=True)
@click.option("--as-of", type=DAY, default=None, help="In force on this day (default: today).")
@known_option
@click.option("--place", default=None, help="layer:id, as `atlas find` gives it.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="zh", show_default=True)
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
    click.echo(to_address(to_query(view, today=_today(), lang=lang)))


@cli.command()
@click.argument("layer", nargs=-1)
@layers_option
@json_option
def check(layer: tuple[str, ...], layers_folder: Path | None, as_json: bool) -> None:
    """Check LAYERs (default all): every problem at once."""
    root = folder.layers_folder(layers_folder)
    result = checking.check(root, list(layer) or None)
    if as_json:
        problems = [problem.__dict__ for problem in result.problems]
        _print_json({"ok": not problems, "problems": problems, "leftovers": result.leftovers})
    else:
        _print_problems(result.problems)
        for leftover in result.leftovers:
            click.echo(f"leftover of a stopped publisher, no failure: {leftover}")
        click.echo(
            f"{len(result.problems)} problem(s)" if result.problems else "all layers are valid"
        )
    if result.problems:
        sys.exit(1)


@cli.command()
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--note", required=True, help="Why this edition exists.")
@click.option("--published", type=DAY, default=None, help="Day of record (default: today).")
@click.option("--dry-run", is_flag=True, help="Only check, and show what would change.")
@layers_option
@json_option
def publish(
    layer: str, file: Path, note: str, published: dt.date | None, dry_run: bool,
    layers_folder: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Publish FILE (GeoJSON, of a raster GeoTIFF) as LAYER's next edition, after every check."""
    done = publishing.publish(
        folder.layers_folder(layers_folder), layer, file, note=note, published=published,
        today=_today(), dry_run=dry_run,
    )  # fmt: skip
    if as_json:
        number = done.edition.edition if done.edition else None
        _print_json({"layer": layer, "edition": number, "change": done.change.__dict__})
        return
    click.echo("\n".join(publishing.change_lines(done.change)))
    if done.edition:
        click.echo(f"published {layer} edition {done.edition.edition} ({done.edition.published})")


@cli.command()
@click.argument("layer")
@click.argument("edition", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why it no longer counts.")
@layers_option
def withdraw(layer: str, edition: int, reason: str, layers_folder: Path | None) -> None:
    """Withdraw an EDITION of LAYER: no longer shown, still readable by its number."""
    root = folder.layers_folder(layers_folder)
    publishing.withdraw(root, layer, edition, reason=reason, today=_today())
    click.echo(f"withdrew {layer} edition {edition}")


@cli.command()
@click.option(
    "--head",
    default=None,
    metavar="HASH|FILE",
    help="A head noted earlier (12 or more hex digits), or a saved `audit --json`.",
)
@layers_option
@json_option
def audit(head: str | None, layers_folder: Path | None, as_json: bool) -> None:
    """Prove the chain of every layer; compare with a head that was kept elsewhere."""
    result = auditing.audit(folder.layers_folder(layers_folder), head=head)
    if as_json:
        problems = [problem.__dict__ for problem in result.problems]
        _print_json(result.__dict__ | {"ok": not problems, "problems": problems})
    else:
        for layer, line in result.heads.items():
            click.echo(f"{layer:<22}{line}")
        click.echo(f"{'store':<22}{result.store_head}")
        click.echo("the store's figure stands for this moment only: keep `atlas audit --json`")
        for leftover in result.leftovers:
            click.echo(f"leftover of a stopped publisher, no failure: {leftover}")
        click.echo(f"{result.editions} edition(s) read, each with the sha256 that its line records")
        _print_problems(result.problems)
        if result.met:
            click.echo(f"the given head is {result.met}: nothing up to there was changed")
        elif head is None:
            click.echo(
                "no --head given: this proves that the files agree with the log, not that the "
                "log is the one first published; keep `atlas audit --json` elsewhere and compare"
            )
    if result.problems:
        sys.exit(1)


@cli.command(name="prepare")
def prepare_app() -> None:
    """Install what the browser needs (Leaflet, its plugin, the font) into static/."""
    for path in prepare.prepare_assets(folder.PROJECT, folder.layers_folder()):
        click.echo(path.relative_to(folder.PROJECT))


@cli.command()
@click.argument("layer", nargs=-1)
@click.option("--into", type=click.Path(path_type=Path), default=Path("build/layers"),
              show_default=True, help="Where the rebuilt files go.")  # fmt: skip
@layers_option
@json_option
def build(layer: tuple[str, ...], into: Path, layers_folder: Path | None, as_json: bool) -> None:
    """Rebuild LAYERs (default all) aside, and compare with the newest editions."""
    from atlas.sources import build as building  # noqa: PLC0415 - developers' packages

    results = building.build_layers(folder.layers_folder(layers_folder), into, list(layer) or None)
    if as_json:
        _print_json([result.__dict__ for result in results])
    else:
        for result in results:
            click.echo(f"{result.layer:<22}{result.outcome:<12}{result.file}")
    if any(result.outcome != "same" for result in results):
        raise AtlasError(
            problem="some files differ from the newest edition: `atlas publish` them, or leave them"
        )


def _today() -> dt.date:
    return dt.date.today()


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _print_problems(problems: list[Any]) -> None:
    for problem in problems[:PROBLEMS_SHOWN]:
        click.echo(str(problem))
    if len(problems) > PROBLEMS_SHOWN:
        click.echo(f"… and {len(problems) - PROBLEMS_SHOWN} more (all with --json)")


def _put_out(content: bytes, output: Path | None) -> None:
    if output:
        write_atomically(output, content)
    else:
        sys.stdout.buffer.write(content)


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
