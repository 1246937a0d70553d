"""Classes stay apart for colour-blind readers and on grey paper, by colour, mark or width.

Two classes of a style are told apart if their colours are, or their marks, or the widths of
their lines or points; so are the areas of plans, which lie on each other.
"""

import itertools

import pytest

from atlas.cartography.style import STYLES, Look, StyleClass, read_style, read_variants
from tests.cartography.colours import EYES, apart, lab, over, rgb

LAND = "#f4f1e8"
PLAIN, GREY_APART = 10.0, 12.0
"""CIEDE2000, and steps of lightness, that are seen without searching."""
WIDER = 1.28
NAMES = sorted(
    file.name[:-5] for file in STYLES.iterdir() if file.name.endswith(".toml")
    and file.name != "status.toml"
)  # fmt: skip
PLANS = ("belts", "corridors", "metropolitan")


def ground(look: Look):
    return over(look.fill, look.fill_opacity, LAND)


def sizes_differ(one: Look, other: Look) -> bool:
    pairs = ((one.weight, other.weight), (one.radius, other.radius))
    return any(max(pair) >= WIDER * min(pair) for pair in pairs)


def told_apart(one: StyleClass, other: StyleClass, eye: str) -> bool:
    if one.mark != other.mark or one.look.dash != other.look.dash:
        return True
    if sizes_differ(one.look, other.look):
        return True
    pairs = (
        (ground(one.look), ground(other.look)),
        (rgb(one.look.stroke), rgb(other.look.stroke)),
    )
    if eye == "grey":
        return any(abs(lab(a)[0] - lab(b)[0]) >= GREY_APART for a, b in pairs)
    return any(apart(lab(a, eye), lab(b, eye)) >= PLAIN for a, b in pairs)


@pytest.mark.parametrize("eye", [*EYES, "grey"])
@pytest.mark.parametrize("name", NAMES)
def test_the_classes_of_a_style_are_told_apart(name: str, eye: str) -> None:
    for one, other in itertools.combinations(read_style(name).classes, 2):
        assert told_apart(one, other, eye), (one.value, other.value)


@pytest.mark.parametrize("eye", [*EYES, "grey"])
def test_the_areas_of_plans_are_told_apart(eye: str) -> None:
    classes = [entry for name in PLANS for entry in read_style(name).classes]
    for one, other in itertools.combinations(classes, 2):
        assert told_apart(one, other, eye), (one, other)


@pytest.mark.parametrize("eye", [*EYES, "grey"])
@pytest.mark.parametrize("name", [*PLANS, "changes", "rail-lines", "rail-stations"])
def test_what_plans_draw_stands_out_from_the_land(name: str, eye: str) -> None:
    for entry in read_style(name).classes:
        seen = [lab(rgb(colour), "normal" if eye == "grey" else eye)[0]
                for colour in (entry.look.stroke, LAND)]  # fmt: skip
        assert seen[1] - seen[0] > 30, entry.value


def test_every_status_has_dashes_of_its_own() -> None:
    dashes = [variant.dash for name, variant in read_variants().items() if name != "in-force"]
    assert len(set(dashes)) == len(dashes)
    assert all(dashes)


def test_the_measure_is_that_of_its_authors() -> None:
    # Sharma, Wu and Dalal (2005), table 1, pairs 1, 7, 17 and 25.
    pairs = [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    for one, other, wanted in pairs:
        assert apart(one, other) == pytest.approx(wanted, abs=1e-4)
    assert lab(rgb("#ffffff")) == pytest.approx((100, 0, 0), abs=0.01)
    assert lab(rgb("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
