"""A small valid register; a test changes the one thing that it is about."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from atlas.io import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.core.register import Rows

PAGE = "https://example.org/page"
LAYER = "small-plan"


def statement(name: str, **more: Any) -> dict[str, Any]:
    """A sourced item of any kind."""
    return {
        "id": name, "title_zh": f"{name} 中文", "title_en": f"Title of {name}",
        "sourced": True, "source_urls": [PAGE], "unsourced": [],
    } | more  # fmt: skip


def question(name: str, **more: Any) -> dict[str, Any]:
    """An open question, which claims nothing and so needs no source."""
    return {"id": name, "title_zh": f"{name} 中文", "title_en": f"Title of {name}"} | more


RAW: Rows = {
    "plan": [statement("p", day="2025-10-09", day_precision="day", tasks=3, cycle_years=3)],
    "fact": [statement("f", group="context", area="one-area")],
    "area": [statement("one-area", number=1), statement("other-area", number=2)],
    "one": [statement("first", number=1, area="one-area")],
    "measure": [statement("m", area="one-area"), statement("n", area="one-area")],
    "body": [statement("office", level=1), statement("group", level=2)],
    "link": [{**statement("l"), "from": "office", "to": "group"}],
    "milestone": [
        statement("start", group="plan", day="2025-10-09", day_precision="day"),
        statement("due", group="plan", number=1, day="2026-10-09", day_precision="day",
                  unsourced=["day"]),
    ],
    "lesson": [statement("law")],
    "reference": [statement("act", lesson="law", learn_zh="学", learn_en="learn",
                            learn_by="atlas")],
    "question": [question("q", area="other-area")],
}  # fmt: skip


def rows(**changes: Any) -> Rows:
    """The register with whole kinds replaced (None: left out)."""
    whole = copy.deepcopy(RAW) | changes
    return {kind: held for kind, held in whole.items() if held is not None}


def with_item(kind: str, place: int = 0, **changes: Any) -> Rows:
    """The register with fields of one item changed (None: left out)."""
    whole = copy.deepcopy(RAW)
    item = whole[kind][place] | changes
    whole[kind][place] = {name: value for name, value in item.items() if value is not None}
    return whole


def add_register(folder: Path, layer: str = LAYER) -> Path:
    """Write ``layers/<id>/layer.toml`` of a register."""
    (folder / layer).mkdir(parents=True)
    lines = ['theme = "plan"', 'kind = "register"', 'licence = "CC0-1.0"']
    lines += [f'{name} = {{ zh = "文", en = "{name}" }}' for name in catalogue.BOTH_LANGUAGES]
    path = folder / layer / "layer.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
