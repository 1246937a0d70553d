"""The command that measures files of any length: overlap-files."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from atlas.commands.common import DAY, known_option, layers_option, put_out, today
from atlas.io import catalogue
from atlas.io.vector import write_vector
from atlas.operations import folder
from atlas.operations.overlap_files import FileOverlap, overlap_files
from atlas.operations.overlap_files_output import FORMS, render, to_rows, write_overlap
from atlas.operations.show import align
from atlas.operations.zones import read_zones

THREADS = 2


@click.command(name="overlap-files")
@click.argument("parts", type=click.Path(path_type=Path))
@click.option("--zones", default="cities", show_default=True, metavar="LAYER|FILE",
              help="Zones: a layer of polygons, or a vector file.")  # fmt: skip
@click.option("--zone-key", default="id", show_default=True, help="Column that names the zones.")
@click.option("--by", default=None, metavar="COLUMN", help="Add up by this column of PARTS.")
@click.option("--part-key", default=None, metavar="COLUMN", help="Column that names a part.")
@click.option("--repair", is_flag=True, help="Make invalid geometries valid, and list each.")
@click.option("--threads", type=click.IntRange(1, 64), default=THREADS, show_default=True,
              help="Threads that work at the same time.")  # fmt: skip
@click.option("--scheduler", default=None, metavar="ADDRESS", help="A Dask scheduler to work on.")
@click.option("--as-of", type=DAY, default=None, help="Zones of a LAYER on this day.")
@known_option
@click.option("--json", "form", flag_value="json", help="JSON for machines.")
@click.option("--csv", "form", flag_value="csv", help="CSV.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None,
              help="Write to a file: .csv, .json or .parquet.")  # fmt: skip
@layers_option
def overlap_files_command(
    parts: Path, zones: str, zone_key: str, by: str | None, part_key: str | None, repair: bool,
    threads: int, scheduler: str | None, as_of: dt.date | None, known_by: dt.date | None,
    form: str | None, output: Path | None, layers_folder: Path | None,
) -> None:  # fmt: skip
    """How much of each zone the shapes of PARTS hold: files of any length, batch by batch."""
    if output and output.suffix.lower().lstrip(".") not in FORMS:
        raise click.UsageError(f"'{output}': the ending must be one of {', '.join(FORMS)}")
    day, known = as_of or today(), known_by or today()
    root = folder.layers_folder(layers_folder)
    with _zone_file(root, zones, day, known, shared=scheduler is not None) as (path, key):
        found = overlap_files(
            path, parts, zone_id=key or zone_key, by=by, part_id=part_key, repair=repair,
            threads=threads, progress=_progress if sys.stderr.isatty() else None,
            scheduler=scheduler,
        )  # fmt: skip
        for repaired in found.repairs:
            click.echo(f"repaired: {repaired}", err=True)
        if output:
            write_overlap(found, output)
        elif form:
            put_out(render(found, form), None)
        else:
            click.echo(_table(found))


def _table(found: FileOverlap) -> str:
    rows = to_rows(found)
    head = tuple(map(str, found.table.columns))
    lines = [head, *(tuple(_cell(row[name]) for name in head) for row in rows)]
    note = f"{found.rows:,} rows read, {found.skipped:,} without geometry"
    return f"{align(lines)}\n\n{note}"


def _cell(value: object) -> str:
    return f"{value:,.3f}" if isinstance(value, float) else str(value)


@contextmanager
def _zone_file(
    root: Path, zones: str, day: dt.date, known: dt.date, *, shared: bool
) -> Iterator[tuple[Path, str | None]]:
    """A file of the zones: the user's own, or the layer's as of a day for as long as it is needed.

    On a cluster the workers read the same path, so a layer's zones lie beside where we are.
    """
    if zones not in catalogue.list_layer_ids(root):
        yield Path(zones), None
        return
    held = read_zones(root, zones, day=day, known_by=known)
    with tempfile.TemporaryDirectory(dir=Path.cwd() if shared else None) as place:
        path = Path(place) / f"{zones}-{day.isoformat()}.fgb"
        write_vector(path, held.rows[["id", "geometry"]])
        yield path, "id"


def _progress(rows: int) -> None:
    click.echo(f"\r{rows:,} rows", nl=False, err=True)
