"""Bodies and their relations as a diagram in the DOT language, which the browser draws."""

from __future__ import annotations

import itertools
import textwrap
from typing import TYPE_CHECKING

from atlas.core.register import BODY, LINK
from atlas.core.text import width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlas.core.register import Item, Register

WIDTH = 26
"""Columns of a terminal that a line of a box takes; a Chinese sign takes two."""
HEAD = (
    'graph [rankdir=TB, bgcolor="transparent", nodesep=0.3, ranksep=0.45];'
    ' node [shape=box, style="rounded,filled", fillcolor="#eef3f8", color="#2f6f9f",'
    ' fontcolor="#1c2b36", fontname="Atlas Sans, sans-serif", fontsize=13, margin="0.2,0.1"];'
    ' edge [fontname="Atlas Sans, sans-serif", fontsize=11, color="#5a6b78",'
    ' fontcolor="#3d4c57"];'
)
DOUBTFUL = 'style="rounded,dashed"'


def to_dot(register: Register, lang: str, *, unknown: str) -> str:
    """Bodies as boxes, level by level, and links as arrows, with every text quoted.

    Bodies of one level that are linked to the same body in the same way share a box. What no
    page says, and a body without a link, is drawn with dashes.

    Parameters
    ----------
    register
        Its bodies and links.
    lang
        Language of the titles.
    unknown
        Words for a body whose role is not known: one without a link.
    """
    links = register.of(LINK)
    boxes = _boxes(register.of(BODY), links)
    box_of = {body.id: name for name, bodies in boxes.items() for body in bodies}
    lines = ["digraph {", HEAD]
    for name, bodies in boxes.items():
        linked = any(name in (box_of[link.origin], box_of[link.target]) for link in links)
        words = [line for body in bodies for line in wrap(body.title[lang])]
        if not linked:
            words.append(f"({unknown})")
        look = "" if linked else f", {DOUBTFUL}"
        lines.append(f"{name} [label={_quoted(words)}{look}];")
    lines += _order(boxes, box_of, links)
    drawn = dict.fromkeys(_arrow(link, box_of, register, lang) for link in links)
    return "\n".join([*lines, *drawn, "}"])


def _boxes(bodies: Iterable[Item], links: tuple[Item, ...]) -> dict[str, list[Item]]:
    """Bodies that share a box, by the box's name, uppermost level first."""
    alike: dict[object, list[Item]] = {}
    for body in sorted(bodies, key=lambda body: body.level or 0):
        out = [(link.target, link.title["en"]) for link in links if link.origin == body.id]
        into = any(link.target == body.id for link in links)
        key = body.id if into or not out else (body.level, *out)
        alike.setdefault(key, []).append(body)
    return {f"n{place}": held for place, held in enumerate(alike.values())}


def _order(
    boxes: dict[str, list[Item]], box_of: dict[str, str], links: tuple[Item, ...]
) -> list[str]:
    """Boxes of one level side by side, levels below each other whatever way arrows point."""
    levels: dict[int, list[str]] = {}
    for name, bodies in boxes.items():
        levels.setdefault(bodies[0].level or 0, []).append(name)
    lines = [f"{{rank=same; {'; '.join(names)}}}" for names in levels.values()]
    rows = [levels[level] for level in sorted(levels)]
    tied = {frozenset((box_of[link.origin], box_of[link.target])) for link in links}
    for above, below in itertools.pairwise(rows):
        if not any(frozenset((one, other)) in tied for one in above for other in below):
            lines.append(f"{above[0]} -> {below[0]} [style=invis];")
    return lines


def _arrow(link: Item, box_of: dict[str, str], register: Register, lang: str) -> str:
    levels = {body.id: body.level or 0 for body in register.of(BODY)}
    doubtful = not link.sourced or "from" in link.unsourced or "to" in link.unsourced
    words = [f" {line} " for line in wrap(link.title[lang])]
    look = f"label={_quoted(words)}" + (", style=dashed" if doubtful else "")
    origin, target = box_of[link.origin], box_of[link.target]
    if levels[link.origin] > levels[link.target]:
        return f"{target} -> {origin} [{look}, dir=back];"
    return f"{origin} -> {target} [{look}];"


def wrap(words: str) -> list[str]:
    """Lines of a box, none of them much wider than :data:`WIDTH` columns.

    >>> wrap("YRD Regional Cooperation Office")
    ['YRD Regional Cooperation', 'Office']
    """
    if words.isascii():
        return textwrap.wrap(words, WIDTH)
    lines, line = [], ""
    for sign in words:
        if width_of(line + sign) > WIDTH:
            lines.append(line)
            line = ""
        line += sign
    return [*lines, line]


def _quoted(lines: list[str]) -> str:
    r"""A label of several lines: quotes and backslashes lose their meaning."""
    safe = [line.replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"' + "\\n".join(safe) + '"'
