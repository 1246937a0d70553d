"""A register in the store: what its items link to, and what a file would make of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from atlas.analysis.indicator_list import INDICATORS
from atlas.core.layer import list_editions
from atlas.core.register import LINKED, Register, Rows
from atlas.core.schema import shown_key
from atlas.core.text import near_words
from atlas.errors import EditionNotFound, Problem, SchemaError
from atlas.io import catalogue, store
from atlas.io import register as sheets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from atlas.core.layer import Edition, LayerInfo


def newest_rows(folder: Path, layer: str) -> tuple[Rows, int]:
    """Items of the newest edition that was not withdrawn, and its number; none yet: no items, 0."""
    editions = list_editions(layer, store.read_log(folder / layer).events)
    newest = next((entry for entry in reversed(editions) if entry.withdrawn is None), None)
    if newest is None:
        return {}, 0
    content = catalogue.read_edition_bytes(folder, newest)
    file = store.edition_path(folder / layer, newest.edition)
    return sheets.parse(content, file, layer=layer).rows, newest.edition


def read_candidate(folder: Path, info: LayerInfo, content: bytes, file: Path) -> tuple[Rows, int]:
    """Checked items of an edition to be, and the number of the edition that they start from.

    Parameters
    ----------
    folder
        The store, for what the items link to.
    info
        The register.
    content, file
        TOML or JSON, and its name: a whole register, or changes to the newest edition.

    Raises
    ------
    FileDamaged, SchemaError
        If the file is not a valid edition; all problems of all items at once.
    """
    sheet = sheets.parse(content, file, layer=info.id)
    old, number = newest_rows(folder, info.id)
    rows = sheet.rows
    if sheet.form == sheets.CHANGES:
        rows = sheets.merge(old, sheet.rows, layer=info.id, file=file)
    sheets.check(rows, file, layer=info.id)
    problems = list(link_problems(folder, info.id, None, rows))
    if problems:
        raise SchemaError(str(file), problems)
    return rows, number


def check_edition(folder: Path, info: LayerInfo, edition: Edition, content: bytes) -> list[Problem]:
    """Problems of the newest edition of a register: rules, links, form, count.

    Raises
    ------
    FileDamaged, SchemaError
        If the file cannot be read, or breaks the rules of registers.
    """
    number = edition.edition
    file = store.edition_path(folder / info.id, number)
    rows = sheets.read_whole(content, file, layer=info.id, edition=number)
    problems = list(link_problems(folder, info.id, number, rows))
    if sheets.to_bytes(rows) != content:
        message = "not in canonical form (order, one item a line)"
        problems.append(Problem(info.id, number, None, "canonical", message))
    if sheets.count(rows) != edition.features:
        message = f"{sheets.count(rows)} items where the record says {edition.features}"
        problems.append(Problem(info.id, number, None, "rows", message))
    return problems


def link_problems(folder: Path, layer: str, edition: int | None, rows: Rows) -> Iterator[Problem]:
    """Links of items to layers, features and indicators that do not exist.

    Features are looked up in the newest edition of their layer.
    """
    layers = [info.id for info in catalogue.list_feature_layers(folder)]
    features: dict[str, set[str]] = {}
    for kind in LINKED:
        for row in rows.get(kind, []):
            found = [
                *_unknown("layers", row.get("layers", []), layers),
                *_unknown("indicators", row.get("indicators", []), list(INDICATORS)),
                *_unknown_features(folder, row.get("features", []), layers, features),
            ]
            name = shown_key(f"{kind} {row['id']}")
            yield from (Problem(layer, edition, name, "links", message) for message in found)


def _unknown(field: str, names: list[str], known: list[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            near = ", ".join(near_words(name, known) or known) or "none yet"
            yield f"'{field}': there is no '{name[:60]}'; there are {near}"


def _unknown_features(
    folder: Path, places: list[str], layers: list[str], features: dict[str, set[str]]
) -> Iterator[str]:
    for place in places:
        layer, _, feature = place.partition(":")
        if not feature:
            yield f"'features': '{place[:60]}' is no feature: write layer:id"
        elif layer not in layers:
            yield from _unknown("features", [layer], layers)
        else:
            if layer not in features:
                features[layer] = _feature_ids(folder, layer)
            if feature not in features[layer]:
                near = ", ".join(near_words(feature, features[layer])) or "none like it"
                yield f"'features': layer '{layer}' has no '{feature[:60]}'; near: {near}"


def _feature_ids(folder: Path, layer: str) -> set[str]:
    try:
        newest = catalogue.find_edition(folder, layer, known_by=dt.date.max)
    except EditionNotFound:
        return set()
    return set(catalogue.read_layer(folder, newest).features["id"])


def to_lines(register: Register) -> list[tuple[str, ...]]:
    """Items as lines of cells, the first one their head: for a terminal or a table."""
    head = ("kind", "id", "area", "zh", "en", "text_zh", "text_en", "sourced", "unsourced", "pages")
    lines: list[tuple[str, ...]] = [head]
    for item in register.items:
        sourced = "" if item.sourced is None else "yes" if item.sourced else "no"
        lines.append((
            item.kind, item.id, item.area, item.title["zh"], item.title["en"],
            item.text.get("zh", ""), item.text.get("en", ""), sourced,
            " ".join(item.unsourced), " ".join(item.source_urls),
        ))  # fmt: skip
    return lines
