"""What the atlas says of real changes, word by word, in both languages."""

import re
from pathlib import Path

import pytest

from atlas.i18n import LANGUAGES
from atlas.operations.change_words import plain_text, tell
from tests.golden.changes.cases import CASES, Case
from tests.golden.changes.make import compared

GOLDEN = Path(__file__).parents[1] / "golden" / "changes"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_real_change_is_told_as_before(case: Case) -> None:
    comparison = compared(case)
    for lang in LANGUAGES:
        expected = (GOLDEN / f"{case.name}.{lang}.txt").read_text("utf-8")
        assert plain_text(tell(comparison, lang)) == expected


def test_every_golden_text_has_its_case() -> None:
    files = {path.name for path in GOLDEN.glob("*.txt")}
    assert files == {f"{case.name}.{lang}.txt" for case in CASES for lang in LANGUAGES}
    assert len(CASES) >= 12


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.name)
def test_golden_texts_are_clean(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"[{}]|  |\b(nan|None|NaT)\b| \.|\.\.", text)
    for line in text.splitlines()[4:]:
        assert line.endswith((".", "。")), line
