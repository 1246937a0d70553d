"""Draw the golden figures anew; look at every one of them before you keep it."""

from pathlib import Path

from atlas.cartography.figure_files import to_png
from tests.golden.figures.cases import CASES, DPI, composed

HERE = Path(__file__).parent


def main() -> None:
    """Write every picture."""
    for name in CASES:
        (HERE / f"{name}.png").write_bytes(to_png(composed(name).sheet, dpi=DPI))


if __name__ == "__main__":
    main()
