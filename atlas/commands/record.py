"""Commands that keep the record: check, publish, withdraw, audit, prepare, build."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from atlas.analysis.cells import CellChange
from atlas.analysis.items import ItemChange
from atlas.commands.common import (
    DAY,
    json_option,
    lang_option,
    layers_option,
    print_json,
    print_problems,
    today,
)
from atlas.errors import AtlasError
from atlas.operations import audit as auditing
from atlas.operations import check as checking
from atlas.operations import folder, prepare
from atlas.operations import publish as publishing
from atlas.operations.compare import Comparison


@click.command()
@click.argument("layer", nargs=-1)
@layers_option
@json_option
def check(layer: tuple[str, ...], layers_folder: Path | None, as_json: bool) -> None:
    """Check LAYERs (default all): every problem at once."""
    root = folder.layers_folder(layers_folder)
    result = checking.check(root, list(layer) or None)
    if as_json:
        problems = [problem.__dict__ for problem in result.problems]
        print_json({"ok": not problems, "problems": problems, "leftovers": result.leftovers})
    else:
        print_problems(result.problems)
        for leftover in result.leftovers:
            click.echo(f"leftover of a stopped publisher, no failure: {leftover}")
        click.echo(
            f"{len(result.problems)} problem(s)" if result.problems else "all layers are valid"
        )
    if result.problems:
        sys.exit(1)


@click.command()
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--note", required=True, help="Why this edition exists.")
@click.option("--published", type=DAY, default=None, help="Day of record (default: today).")
@click.option("--dry-run", is_flag=True, help="Only check, and show what would change.")
@lang_option
@layers_option
@json_option
def publish(
    layer: str, file: Path, note: str, published: dt.date | None, dry_run: bool, lang: str,
    layers_folder: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Publish FILE as LAYER's next edition, after every check.

    FILE is GeoJSON; of a raster a GeoTIFF; of a register TOML or JSON.
    """
    done = publishing.publish(
        folder.layers_folder(layers_folder), layer, file, note=note, published=published,
        today=today(), dry_run=dry_run,
        show=None if as_json else lambda change: _show(change, lang),
    )  # fmt: skip
    if as_json:
        number = done.edition.edition if done.edition else None
        change = publishing.change_values(done.change)
        print_json({"layer": layer, "edition": number, "change": change})
    elif done.edition:
        click.echo(f"published {layer} edition {done.edition.edition} ({done.edition.published})")


def _show(change: Comparison | CellChange | ItemChange, lang: str) -> None:
    click.echo("\n".join(publishing.change_lines(change, lang)))


@click.command()
@click.argument("layer")
@click.argument("edition", type=click.IntRange(min=1))
@click.option("--reason", required=True, help="Why it no longer counts.")
@layers_option
def withdraw(layer: str, edition: int, reason: str, layers_folder: Path | None) -> None:
    """Withdraw an EDITION of LAYER: no longer shown, still readable by its number."""
    root = folder.layers_folder(layers_folder)
    publishing.withdraw(root, layer, edition, reason=reason, today=today())
    click.echo(f"withdrew {layer} edition {edition}")


@click.command()
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
        print_json(result.__dict__ | {"ok": not problems, "problems": problems})
    else:
        for layer, line in result.heads.items():
            click.echo(f"{layer:<22}{line}")
        click.echo(f"{'store':<22}{result.store_head}")
        click.echo("the store's figure stands for this moment only: keep `atlas audit --json`")
        for leftover in result.leftovers:
            click.echo(f"leftover of a stopped publisher, no failure: {leftover}")
        click.echo(f"{result.editions} edition(s) read, each with the sha256 that its line records")
        print_problems(result.problems)
        if result.met:
            click.echo(f"the given head is {result.met}: nothing up to there was changed")
        elif head is None:
            click.echo(
                "no --head given: this proves that the files agree with the log, not that the "
                "log is the one first published; keep `atlas audit --json` elsewhere and compare"
            )
    if result.problems:
        sys.exit(1)


@click.command(name="prepare")
def prepare_app() -> None:
    """Install what the browser needs (Leaflet, its plugin, the font) into static/."""
    for path in prepare.prepare_assets(folder.PROJECT, folder.layers_folder()):
        click.echo(path.relative_to(folder.PROJECT))


@click.command()
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
        print_json([result.__dict__ for result in results])
    else:
        for result in results:
            click.echo(f"{result.layer:<22}{result.outcome:<12}{result.file}")
    if any(result.outcome != "same" for result in results):
        raise AtlasError(
            problem="some files differ from the newest edition: `atlas publish` them, or leave them"
        )
