"""Which layers there are, what they say of themselves, and their rows at an edition."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from atlas.core.layer import (
    KINDS,
    RASTER,
    REGISTER,
    THEMES,
    Edition,
    Input,
    Layer,
    LayerInfo,
    RasterLayer,
    edition_known_by,
    edition_numbered,
    list_editions,
)
from atlas.core.raster import read_scheme
from atlas.core.register import Register, to_items
from atlas.core.schema import FORMS, RECORD_COLUMNS, Column
from atlas.core.text import near_words
from atlas.errors import FileDamaged, HashMismatch, LayerNotFound, WrongKind
from atlas.io import geojson, raster, register, store
from atlas.io.files import read_bytes, sha256_of

LAYER_ID = re.compile(r"(?!.{61})[a-z][a-z0-9]*(-[a-z0-9]+)*")
RECORD_NAMES = {column.name for column in RECORD_COLUMNS}
BOTH_LANGUAGES = ("title", "description", "attribution", "source", "accuracy")


def list_layer_ids(folder: Path) -> list[str]:
    """Ids of all layers: the folders that hold a ``layer.toml``, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/layer.toml"))


def list_nameless_folders(folder: Path) -> list[str]:
    """Folders that hold a log or editions but no ``layer.toml``: a layer that lost its own."""
    return sorted(
        path.name
        for path in folder.glob("*/")
        if not (path / "layer.toml").is_file() and store.holds_record(path)
    )


def list_feature_layers(folder: Path) -> list[LayerInfo]:
    """Layers that hold features, in order of their ids: neither rasters nor registers."""
    infos = [read_info(folder, layer) for layer in list_layer_ids(folder)]
    return [info for info in infos if info.holds_features]


def list_raster_layers(folder: Path) -> list[LayerInfo]:
    """Layers that hold cells, in order of their ids."""
    infos = [read_info(folder, layer) for layer in list_layer_ids(folder)]
    return [info for info in infos if info.kind == RASTER]


def read_info(folder: Path, layer: str) -> LayerInfo:
    """Read a layer's ``layer.toml``.

    Raises
    ------
    LayerNotFound
        If there is no such layer; names those that look like it.
    FileDamaged
        If the file is no TOML or lacks something that every layer must say.
    """
    path = folder / layer / "layer.toml"
    if not LAYER_ID.fullmatch(layer) or not path.is_file():
        ids = list_layer_ids(folder)
        known = ", ".join(near_words(layer, ids) or ids) or "none"
        raise LayerNotFound(layer=layer[:60], folder=folder, known=known)
    try:
        return _parse_info(layer, read_bytes(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileDamaged(file=path, problem=f"not TOML: {error}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"missing or wrong: {error.args[0] if error.args else error}"
        raise FileDamaged(file=path, problem=problem) from None


@lru_cache(maxsize=128)
def _parse_info(layer: str, content: bytes) -> LayerInfo:
    """Read what was read before from memory: a page asks for every layer in each of its runs."""
    return _info(layer, tomllib.loads(content.decode("utf-8")))


def _info(layer: str, table: dict[str, Any]) -> LayerInfo:
    for name, allowed in (("theme", THEMES), ("kind", KINDS)):
        if table[name] not in allowed:
            raise ValueError(f"{name} = '{table[name]}'; one of {', '.join(allowed)}")
    for name in BOTH_LANGUAGES:
        if not (table[name]["zh"].strip() and table[name]["en"].strip()):
            raise ValueError(f"{name} must have zh and en")
    repeated = {entry["name"] for entry in table.get("columns", [])} & RECORD_NAMES
    if repeated:
        raise ValueError(f"columns that every row has already: {', '.join(sorted(repeated))}")
    if not table["licence"].strip():
        raise ValueError("licence is empty")
    return LayerInfo(
        id=layer,
        theme=table["theme"],
        kind=table["kind"],
        style="" if table["kind"] in (RASTER, REGISTER) else table["style"],
        licence=table["licence"],
        columns=tuple(_column(entry) for entry in table.get("columns", [])),
        inputs=tuple(Input(**entry) for entry in table.get("inputs", [])),
        raster=read_scheme(table) if table["kind"] == RASTER else None,
        **{name: dict(table[name]) for name in BOTH_LANGUAGES},
    )


def _column(entry: dict[str, Any]) -> Column:
    if entry["type"] not in FORMS:
        raise ValueError(f"column type '{entry['type']}'; one of {', '.join(FORMS)}")
    return replace(
        Column(**entry), values=tuple(entry.get("values", ())), title=dict(entry["title"])
    )


def read_editions(folder: Path, layer: str) -> list[Edition]:
    """All published editions of a layer, oldest first (chain of events checked)."""
    read_info(folder, layer)
    return list_editions(layer, store.read_log(folder / layer).events)


def find_edition(
    folder: Path, layer: str, *, known_by: dt.date, number: int | None = None
) -> Edition:
    """One edition by number, or the one in the record on a day.

    Raises
    ------
    LayerNotFound, EditionNotFound
        If there is no such layer or edition.
    """
    editions = read_editions(folder, layer)
    if number is not None:
        return edition_numbered(layer, editions, number)
    return edition_known_by(layer, editions, known_by)


def read_edition_bytes(folder: Path, edition: Edition) -> bytes:
    """Bytes of an edition, proven to be the published ones.

    Raises
    ------
    HashMismatch
        If the file differs from what was published.
    """
    path = store.edition_path(folder / edition.layer, edition.edition)
    content = read_bytes(path)
    found = sha256_of(content)
    if found != edition.sha256:
        raise HashMismatch(file=path, found=found[:12], expected=edition.sha256[:12])
    return content


def read_layer(folder: Path, edition: Edition) -> Layer:
    """Read one edition of a layer.

    Its hash proves that the rows are the ones that were checked when they were published,
    so they are not checked again (``atlas check`` does). ``layer.toml`` may have changed
    since: the edition is read with the columns that it shares with today's schema.

    Raises
    ------
    HashMismatch, FileDamaged
        If the file is not what was published or cannot be read.
    WrongKind
        If the layer is a raster or a register.
    """
    info = read_info(folder, edition.layer)
    if info.kind == RASTER:
        problem = "it has cells, no features, so neither GeoJSON nor rows of a day or an id"
        raise WrongKind(layer=info.id, kind=info.kind, problem=problem)
    if info.kind == REGISTER:
        problem = "it has statements without geometry, no features: read it with `atlas plan`"
        raise WrongKind(layer=info.id, kind=info.kind, problem=problem)
    content = read_edition_bytes(folder, edition)
    file = store.edition_path(folder / edition.layer, edition.edition)
    features = geojson.read_published(content, file, columns=info.columns)
    return Layer(info=info, edition=edition, features=features)


def read_raster_layer(folder: Path, edition: Edition) -> RasterLayer:
    """Read one edition of a raster layer into valid cells; an older one is proven by its hash.

    Raises
    ------
    HashMismatch, FileDamaged, SchemaError
        If the file is not what was published or breaks the layer's rules.
    WrongKind
        If the layer is no raster.
    """
    info = read_info(folder, edition.layer)
    if info.raster is None:
        features, statements = "it has features, no cells", "it has statements, no cells"
        problem = features if info.holds_features else statements
        raise WrongKind(layer=info.id, kind=info.kind, problem=problem)
    content = read_edition_bytes(folder, edition)
    file = store.edition_path(folder / edition.layer, edition.edition)
    if edition.edition < read_editions(folder, edition.layer)[-1].edition:
        cells = raster.read_superseded(content, file)
    else:
        cells = raster.read_raster(
            content, file, layer=info.id, scheme=info.raster, edition=edition.edition
        )
    return RasterLayer(info=info, edition=edition, raster=cells, scheme=info.raster)


def read_register(folder: Path, edition: Edition) -> Register:
    """Read one edition of a register; like a layer's rows it is proven by its hash alone.

    Raises
    ------
    HashMismatch, FileDamaged, SchemaError
        If the file is not what was published or cannot be read.
    WrongKind
        If the layer is no register.
    """
    info = read_info(folder, edition.layer)
    if info.kind != REGISTER:
        raise WrongKind(layer=info.id, kind=info.kind, problem="it is no register of statements")
    content = read_edition_bytes(folder, edition)
    file = store.edition_path(folder / edition.layer, edition.edition)
    sheet = register.parse(content, file, layer=info.id)
    return Register(info=info, edition=edition, items=to_items(sheet.rows))
