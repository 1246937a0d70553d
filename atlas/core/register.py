"""A register: statements without geometry, each with its source; what kinds there are.

A register is a layer of kind ``register``. Its editions hold *items*: an area of a plan, a
measure, a body, a milestone … One item is one statement. It names the pages that say so, or
says that none does (``sourced``); ``unsourced`` names those of its fields that no page says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from atlas.core.layer import Edition, LayerInfo

(
    PLAN, FACT, AREA, ONE, MEASURE, TASK, BODY, LINK, MILESTONE, LESSON, CHALLENGE, REFERENCE,
    QUESTION,
) = KINDS = (
    "plan", "fact", "area", "one", "measure", "task", "body", "link", "milestone", "lesson",
    "challenge", "reference", "question",
)  # fmt: skip
"""Kinds of items, in canonical order."""
STATEMENTS = tuple(kind for kind in KINDS if kind != QUESTION)
"""Kinds that claim something; an open question claims only that nothing is known."""
LINKED = (AREA, FACT, MEASURE, TASK)
"""Kinds that name layers, features and indicators of the atlas."""
Rows = dict[str, list[dict[str, Any]]]
"""Items as a file holds them: lists of fields by kind."""
Texts = dict[str, str]


@dataclass(frozen=True)
class Field:
    """One field of an item.

    ``kinds`` may hold it (empty: every kind), ``required`` must; ``refers`` names the kind of
    item whose id it holds, ``values`` lists what it may hold, if it is a closed list.
    """

    name: str
    type: str = "text"
    kinds: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    refers: str = ""
    values: tuple[str, ...] = ()


PRECISIONS = ("day", "month", "year")
DATED = (PLAN, MILESTONE, REFERENCE)
FIELDS: tuple[Field, ...] = (
    Field("id", required=KINDS),
    Field("number", "integer", (AREA, ONE, TASK, MILESTONE), (AREA, ONE)),
    Field("area", kinds=(FACT, ONE, MEASURE, TASK, QUESTION), required=(ONE, MEASURE, TASK),
          refers=AREA),
    Field("group", kinds=(FACT, MILESTONE), required=(FACT, MILESTONE),
          values=("identity", "mechanism", "context", "plan", "earlier")),
    Field("level", "integer", (BODY,), (BODY,)),
    Field("from", kinds=(LINK,), required=(LINK,), refers=BODY),
    Field("to", kinds=(LINK,), required=(LINK,), refers=BODY),
    Field("lesson", kinds=(REFERENCE,), refers=LESSON),
    Field("challenge", kinds=(REFERENCE,), refers=CHALLENGE),
    Field("title_zh", required=KINDS),
    Field("title_en", required=KINDS),
    Field("text_zh"),
    Field("text_en"),
    Field("learn_zh", kinds=(REFERENCE,), required=(REFERENCE,)),
    Field("learn_en", kinds=(REFERENCE,), required=(REFERENCE,)),
    Field("learn_by", kinds=(REFERENCE,), required=(REFERENCE,), values=("article", "atlas")),
    Field("day", "day", DATED, (PLAN, MILESTONE)),
    Field("day_precision", kinds=DATED, values=PRECISIONS),
    Field("until", "day", DATED),
    Field("until_precision", kinds=DATED, values=PRECISIONS),
    Field("tasks", "integer", (PLAN,), (PLAN,)),
    Field("cycle_years", "integer", (PLAN,), (PLAN,)),
    Field("bodies", "texts", (PLAN, AREA, MEASURE, TASK), refers=BODY),
    Field("measures", "texts", (TASK,), refers=MEASURE),
    Field("layers", "texts", LINKED),
    Field("features", "texts", LINKED),
    Field("indicators", "texts", LINKED),
    Field("sourced", "boolean", STATEMENTS, STATEMENTS),
    Field("source_urls", "texts", required=STATEMENTS),
    Field("unsourced", "texts", STATEMENTS, STATEMENTS),
    Field("cited_zh", kinds=STATEMENTS),
    Field("cited_en", kinds=STATEMENTS),
    Field("doubt_zh", kinds=STATEMENTS),
    Field("doubt_en", kinds=STATEMENTS),
)  # fmt: skip
"""Every field of an item, in canonical order."""


@dataclass(frozen=True)
class Item:
    """One statement.

    ``text``, ``cited``, ``doubt`` and ``learn`` are empty if the item has none. ``cited`` says
    where a statement was read of which no page was kept, ``doubt`` why to be careful with it;
    ``learn_by`` whether an article draws that lesson, or this atlas. Days are ISO text with
    their precision, as in a layer's rows.
    """

    kind: str
    id: str
    title: Texts
    text: Texts = field(default_factory=dict)
    learn: Texts = field(default_factory=dict)
    cited: Texts = field(default_factory=dict)
    doubt: Texts = field(default_factory=dict)
    sourced: bool | None = None
    source_urls: tuple[str, ...] = ()
    unsourced: tuple[str, ...] = ()
    number: int | None = None
    level: int | None = None
    tasks: int | None = None
    cycle_years: int | None = None
    area: str = ""
    group: str = ""
    origin: str = ""
    target: str = ""
    lesson: str = ""
    challenge: str = ""
    learn_by: str = ""
    day: str | None = None
    day_precision: str | None = None
    until: str | None = None
    until_precision: str | None = None
    bodies: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Kind and id: what tells an item from every other."""
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class Register:
    """A register read at one edition: its items, where they came from, and what they are."""

    info: LayerInfo
    edition: Edition
    items: tuple[Item, ...]

    def of(self, kind: str) -> tuple[Item, ...]:
        """Items of a kind, in the order of the file."""
        return tuple(item for item in self.items if item.kind == kind)

    def in_area(self, kind: str, area: str) -> tuple[Item, ...]:
        """Items of a kind that belong to an area (an empty id: to the plan as a whole)."""
        return tuple(item for item in self.of(kind) if item.area == area)


RENAMED = {"from": "origin", "to": "target"}
"""Fields whose names are words of Python."""
PAIRS = ("title", "text", "learn", "cited", "doubt")
"""Texts in two languages: a field each for Chinese and English."""


def fields_of(kind: str) -> tuple[Field, ...]:
    """Fields that an item of a kind may hold, in canonical order."""
    return tuple(entry for entry in FIELDS if not entry.kinds or kind in entry.kinds)


def to_item(kind: str, row: dict[str, Any]) -> Item:
    """An item from its fields, which are valid.

    >>> to_item("lesson", {"id": "law", "title_zh": "立法", "title_en": "Law"}).title["en"]
    'Law'
    """
    parts: dict[str, Any] = {
        name: {lang: row[f"{name}_{lang}"] for lang in ("zh", "en")}
        for name in PAIRS
        if row.get(f"{name}_zh")
    }
    parts |= {
        RENAMED.get(entry.name, entry.name): (
            tuple(row[entry.name]) if entry.type == "texts" else row[entry.name]
        )
        for entry in FIELDS
        if entry.name in row and not entry.name.endswith(("_zh", "_en"))
    }
    return Item(kind=kind, **parts)


def to_items(rows: Rows) -> tuple[Item, ...]:
    """Items of all kinds: the kinds in canonical order, the items of each as the file has them."""
    return tuple(to_item(kind, row) for kind in KINDS for row in rows.get(kind, []))
