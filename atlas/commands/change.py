"""Commands about change: diff, compare, history."""

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
    put_out,
    today,
)
from atlas.i18n import LANGUAGES
from atlas.operations import diff_files, folder
from atlas.operations import history as telling_history
from atlas.operations.change_report import FORMS, render
from atlas.operations.compare import DAYS, EDITIONS, VERSIONS
from atlas.operations.compare import compare as compare_states

TABLE = "table"


@click.command()
@click.argument("layer")
@click.option("--days", type=DAY, nargs=2, default=None, help="Two days in force.")
@click.option("--editions", type=click.IntRange(min=1), nargs=2, default=None, help="Two editions.")
@click.option("--versions", nargs=3, default=None, metavar="ID V1 V2",
              help="Two plan versions of one feature.")  # fmt: skip
@click.option("--id", "feature", default=None, help="Only this feature.")
@known_option
@json_option
@click.option("--words", type=click.Choice(LANGUAGES), default=None, help="In words, zh or en.")
@click.option("--geojson", "as_geojson", is_flag=True, help="The pieces gained, lost and kept.")
@lang_option
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .md, .docx, .txt, .json, .csv or .geojson.")  # fmt: skip
@layers_option
def diff(
    layer: str, days: tuple[dt.date, dt.date] | None, editions: tuple[int, int] | None,
    versions: tuple[str, str, str] | None, feature: str | None, known_by: dt.date | None,
    as_json: bool, words: str | None, as_geojson: bool, lang: str, output: Path | None,
    layers_folder: Path | None,
) -> None:  # fmt: skip
    """What differs in LAYER between two days, two editions, or two plan versions of a feature."""
    given = ((DAYS, days), (EDITIONS, editions), (VERSIONS, versions))
    chosen = [(by, value) for by, value in given if value]
    if len(chosen) != 1:
        raise click.UsageError("give one of --days D1 D2, --editions N1 N2, --versions ID V1 V2")
    forms = [
        form for form, on in (("json", as_json), ("txt", words), ("geojson", as_geojson)) if on
    ]
    form = _form(forms, output)
    by, value = chosen[0]
    if by == VERSIONS:
        feature = str(value[0])
    comparison = compare_states(
        folder.layers_folder(layers_folder), layer, by=by, old=value[-2], new=value[-1],
        known_by=known_by or today(), feature=feature,
    )  # fmt: skip
    root = folder.layers_folder(layers_folder)
    put_out(render(comparison, form, lang=words or lang, made=today(), folder=root), output)


def _form(asked: list[str], output: Path | None) -> str:
    """What to write: as asked, else by the file's ending, else a table for the terminal."""
    if len(asked) > 1:
        raise click.UsageError("give one of --json, --words, --geojson")
    ending = output.suffix.lower().lstrip(".") if output else TABLE
    form = asked[0] if asked else ending
    if form not in FORMS or (output and form == TABLE):
        endings = ", ".join(f".{form}" for form in FORMS if form != TABLE)
        raise click.UsageError(f"'{output}': the ending must be one of {endings}")
    return form


@click.command()
@click.argument("layer")
@click.argument("feature", metavar="ID")
@click.option("--as-of", type=DAY, default=None, help="Judge each version on this day.")
@known_option
@lang_option
@json_option
@layers_option
def history(
    layer: str, feature: str, as_of: dt.date | None, known_by: dt.date | None, lang: str,
    as_json: bool, layers_folder: Path | None,
) -> None:  # fmt: skip
    """Every plan version of the feature ID of LAYER, in both times."""
    told = telling_history.history(
        folder.layers_folder(layers_folder), layer, feature, day=as_of or today(),
        known_by=known_by or today(),
    )  # fmt: skip
    if as_json:
        print_json(telling_history.to_values(told))
        return
    click.echo("\n".join(telling_history.to_lines(told, lang)))


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--key", default=diff_files.KEY, show_default=True,
              help="Column that names a feature in both files.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write pieces (.gpkg, .fgb, .geojson) or the list (.csv, .json).")  # fmt: skip
@json_option
def compare(old: Path, new: Path, key: str, output: Path | None, as_json: bool) -> None:
    """What differs between the vector files OLD and NEW: features, and areas or lengths."""
    comparison = diff_files.compare_files(old, new, key=key)
    if output and output.suffix.lower() in diff_files.LISTS:
        diff_files.write_changes(comparison, output)
    elif output:
        diff_files.write_pieces(comparison, output)
    if as_json:
        print_json(comparison.counts | {"changes": diff_files.list_changes(comparison)})
    elif not output:
        for kind, count in comparison.counts.items():
            click.echo(f"{kind:<10} {count:>8,}")
        for name, total in comparison.sizes.sum().items():
            click.echo(f"{name:<12}{total:>16,.3f}")
