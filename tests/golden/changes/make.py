"""Write the golden change reports anew; read every difference before you keep it."""

from pathlib import Path

from atlas.operations.change_words import plain_text, tell
from atlas.operations.compare import Comparison, compare
from atlas.operations.folder import PROJECT
from tests.golden.changes.cases import CASES, KNOWN_BY, Case

HERE = Path(__file__).parent


def compared(case: Case) -> Comparison:
    """The comparison of a case, on the layers of the project."""
    return compare(
        PROJECT / "layers", case.layer, by=case.by, old=case.old, new=case.new,
        known_by=KNOWN_BY, feature=case.feature,
    )  # fmt: skip


def main() -> None:
    """Write every text."""
    for case in CASES:
        comparison = compared(case)
        for lang in ("zh", "en"):
            text = plain_text(tell(comparison, lang))
            (HERE / f"{case.name}.{lang}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
