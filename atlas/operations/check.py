"""Check the layers: every rule of every edition, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.cartography.style import read_style
from atlas.core.layer import REGISTER, Edition, LayerInfo, list_editions
from atlas.core.schema import shown_key
from atlas.errors import (
    AtlasError,
    ClassMissing,
    HashMismatch,
    LayerNotFound,
    Problem,
    SchemaError,
    StyleNotFound,
)
from atlas.io import catalogue, geojson, raster, store
from atlas.operations import register

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd


@dataclass(frozen=True)
class Check:
    """Problems found, and leftovers of killed publishers, which are no problem."""

    problems: list[Problem]
    leftovers: list[str]


def check(folder: Path, layers: list[str] | None = None) -> Check:
    """Check layers in the store: schema, geometry, dates, hashes, canonical bytes.

    Parameters
    ----------
    folder
        Where the layers lie.
    layers
        Ids to check; default all.

    Returns
    -------
    Check
        Every problem of every edition.

    Raises
    ------
    LayerNotFound
        If a named layer does not exist, or there is none at all.
    """
    ids = layers or catalogue.list_layer_ids(folder)
    problems = [] if layers else nameless_folders(folder)
    if not ids and not problems:
        raise LayerNotFound(layer="*", folder=folder, known="none")
    leftovers: list[str] = []
    for layer in ids:
        if layers:
            catalogue.read_info(folder, layer)
        found, left = _check_layer(folder, layer)
        problems += found
        leftovers += left
    return Check(problems, leftovers)


def nameless_folders(folder: Path) -> list[Problem]:
    """Folders with a record but without their ``layer.toml``, each a problem."""
    message = "it holds a log or editions but no layer.toml: restore it from version control"
    names = catalogue.list_nameless_folders(folder)
    return [Problem(name, None, None, "layer", message) for name in names]


def leftovers_of(folder: Path, layer: str, log: store.Log) -> list[str]:
    """What a killed publisher left in a layer, each as one text."""
    left = store.list_leftovers(folder / layer, log.events)
    leftovers = [f"{layer}/{path.name}" for path in left]
    return leftovers + ([f"{layer}/{store.LOG}: a torn last line"] if log.torn is not None else [])


def _check_layer(folder: Path, layer: str) -> tuple[list[Problem], list[str]]:
    try:
        info = catalogue.read_info(folder, layer)
        log = store.read_log(folder / layer)
    except AtlasError as error:
        return [Problem(layer, None, None, "layer", str(error))], []
    leftovers = leftovers_of(folder, layer, log)
    editions = list_editions(layer, log.events)
    if not editions:
        return [Problem(layer, None, None, "layer", "nothing is published yet")], leftovers
    problems = [problem for edition in editions for problem in check_edition(folder, info, edition)]
    return problems, leftovers


def check_edition(folder: Path, info: LayerInfo, edition: Edition) -> list[Problem]:
    """Problems of one edition: its hash; for the newest also what it holds, and its form.

    ``layer.toml`` describes the newest edition; older ones are verified by their hash.
    """
    number = edition.edition
    try:
        content = catalogue.read_edition_bytes(folder, edition)
        if number != catalogue.read_editions(folder, info.id)[-1].edition:
            return []
        return _check_content(folder, info, edition, content)
    except HashMismatch as error:
        return [Problem(info.id, number, None, "hash", str(error))]
    except SchemaError as error:
        return error.problems
    except AtlasError as error:
        return [Problem(info.id, number, None, "file", str(error))]


def _check_content(
    folder: Path, info: LayerInfo, edition: Edition, content: bytes
) -> list[Problem]:
    """Problems of the newest edition's rows, cells or items."""
    number = edition.edition
    file = store.edition_path(folder / info.id, number)
    if info.raster is not None:
        raster.read_raster(content, file, layer=info.id, scheme=info.raster, edition=number)
        return _check_count(edition, 1)
    if info.kind == REGISTER:
        return register.check_edition(folder, info, edition, content)
    features = geojson.read_features(
        content, file, layer=info.id, kind=info.kind, columns=info.columns, edition=number
    )
    problems = []
    if geojson.to_bytes(features, info.columns) != content:
        message = "not in canonical form (order, decimals, one feature a line)"
        problems.append(Problem(info.id, number, None, "canonical", message))
    problems += _check_style(info, features, number)
    return problems + _check_count(edition, len(features))


def _check_style(info: LayerInfo, features: gpd.GeoDataFrame, number: int) -> list[Problem]:
    """The layer's style exists and has a class for every row."""
    messages: dict[str, str] = {}
    try:
        style = read_style(info.style)
    except StyleNotFound as error:
        return [Problem(info.id, number, None, "style", str(error))]
    for row in features.itertuples():
        try:
            style.class_of(getattr(row, style.column, None))
        except ClassMissing as error:
            messages.setdefault(str(error), str(row.id))
    return [
        Problem(info.id, number, shown_key(feature), "style", message)
        for message, feature in messages.items()
    ]


def _check_count(edition: Edition, features: int) -> list[Problem]:
    if features == edition.features:
        return []
    message = f"{features} rows where the record says {edition.features}"
    return [Problem(edition.layer, edition.edition, None, "rows", message)]
