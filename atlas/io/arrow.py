"""Columns of Arrow as plain arrays: bytes of geometries, and values as numbers of groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from atlas.errors import FileDamaged


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of a type holds text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def binaries(path: Path, shapes: pa.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Look at an Arrow array of binaries, without a copy.

    Returns
    -------
    content, start, length
        All bytes, and where each geometry lies; ``length`` is 0 where there is none.

    Raises
    ------
    FileDamaged
        If a geometry would lie outside the bytes.
    """
    if isinstance(shapes, pa.ExtensionArray):
        shapes = shapes.storage
    if not (pa.types.is_binary(shapes.type) or pa.types.is_large_binary(shapes.type)):
        shapes = shapes.cast(pa.large_binary())
    _, ends, content = shapes.buffers()
    whole = np.int64 if pa.types.is_large_binary(shapes.type) else np.int32
    shift = shapes.offset
    bounds = np.frombuffer(ends, whole)[shift : shift + len(shapes) + 1].astype(np.int64)
    length = np.diff(bounds)
    if shapes.null_count:
        length[shapes.is_null().to_numpy(zero_copy_only=False)] = 0
    found = np.frombuffer(content, np.uint8) if content is not None else np.empty(0, np.uint8)
    if (length < 0).any() or (len(bounds) and bounds[-1] > len(found)):
        raise FileDamaged(file=path, problem="not a readable vector file: its offsets are wrong")
    return found, bounds[:-1], length


def encode(path: Path, column: pa.Array, name: str) -> tuple[np.ndarray, list[Any]]:
    """Values as positions in a list of those that occur.

    Parameters
    ----------
    path, name
        File and column, for messages.
    column
        Text, numbers, days or truth values, plain or as a dictionary.

    Returns
    -------
    codes, groups
        The position of each row's value, and the values: text, numbers and truth values as they
        are, others as text, a missing one as None.

    Raises
    ------
    FileDamaged
        If rows cannot be grouped by such a column.
    """
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        problem = f"column '{name}' holds {kind}: name one of text, numbers or days"
        raise FileDamaged(file=path, problem=problem[:600])
    if not pa.types.is_dictionary(column.type):
        column = compute.dictionary_encode(column)
    values = column.dictionary
    if not (pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind)):
        values = values.cast(pa.string())
    codes = compute.fill_null(column.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    codes[codes < 0] = len(values)
    used = np.flatnonzero(np.bincount(codes, minlength=len(values) + 1))
    place = np.zeros(len(values) + 1, dtype=np.int64)
    place[used] = np.arange(len(used))
    inside = used[used < len(values)]
    try:
        groups = values.take(pa.array(inside)).to_pylist()
    except UnicodeDecodeError:
        raise FileDamaged(file=path, problem=f"column '{name}' is not UTF-8") from None
    groups = [None if value != value else value for value in groups]  # noqa: PLR0124
    return place[codes], groups + [None] * (len(used) - len(inside))
