"""Names do not collide, the most important come first, and the same map gives the same names."""

from functools import cache

import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure as Page

from atlas.cartography.figure_labels import Name, darker, place_names, spots
from atlas.cartography.figure_text import Box
from atlas.cartography.figure_write import writer_for
from atlas.io.assets import font_path
from tests.cartography.figures import figure_of, page_of

PANEL = Box(0, 0, 300, 200)
CITIES = ("上海", "南京", "杭州", "合肥", "苏州", "宁波", "黄山", "池州")
numbers = st.integers(0, 300)
names = st.lists(
    st.builds(
        Name,
        st.sampled_from([(city,) for city in CITIES]),
        st.sampled_from([6.0, 9.0]),
        st.just("#1d1d1d"),
        st.tuples(st.integers(0, 3).map(float)),
        st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4).map(tuple),
    ),
    max_size=25,
)


@cache
def writer():
    return writer_for(Page(), font_path())


def name(text: str, *places: tuple[float, float], rank: float = 0.0, size: float = 8.0) -> Name:
    return Name((text,), size, "#1d1d1d", (rank,), places)


@given(names, st.integers(0, 10))
def test_names_never_meet_and_stay_on_the_map(given_names: list[Name], most: int) -> None:
    taken = [Box(120, 80, 180, 120)]
    placed, left_out = place_names(given_names, writer(), PANEL, taken, most=most)
    boxes = [entry.box for entry in placed] + taken
    assert len(placed) + len(left_out) == len(given_names)
    assert len(placed) <= most
    for order, box in enumerate(boxes):
        assert PANEL.holds(box)
        assert not any(box.meets(other) for other in boxes[order + 1 :])
    again, _ = place_names(given_names[::-1], writer(), PANEL, taken, most=most)
    assert [entry.box for entry in again] == [entry.box for entry in placed]


def test_the_most_important_name_takes_the_place() -> None:
    small, large = name("池州", (100, 100), rank=2), name("上海", (104, 102), rank=0)
    placed, left_out = place_names([small, large], writer(), PANEL, [], most=9)
    assert [entry.name for entry in placed] == [large]
    assert left_out == [small]


def test_a_name_moves_to_its_next_place_before_it_is_left_out() -> None:
    first, second = name("上海", (100, 100)), name("苏州", (100, 100), (200, 50), rank=1)
    placed, _ = place_names([second, first], writer(), PANEL, [], most=9)
    assert [(entry.box.left + entry.box.right) / 2 for entry in placed] == [100, 200]


def test_a_place_may_be_given_for_every_kind_of_shape() -> None:
    line = shapely.LineString([(0, 0), (10, 0)])
    assert spots(line, "line")[0] == (5.0, 0.0)
    assert spots(shapely.Point(3, 4), "point") == [(3.0, 4.0)]
    ring = shapely.Point(0, 0).buffer(10).difference(shapely.Point(0, 0).buffer(8))
    found = spots(shapely.MultiPolygon([ring, shapely.box(50, 50, 51, 51)]), "polygon")
    assert len(found) > 3
    assert all(ring.covers(shapely.Point(place)) for place in found)


def test_letters_on_a_pale_ground_are_dark() -> None:
    assert darker("#ff8000") == "#9e4f00"


def shown(figure) -> set[str]:
    return {text for text, _ in page_of(figure)[1]} & {*CITIES, "宣城", "舟山", "淮北", "马鞍山"}


def test_a_smaller_scale_shows_only_the_more_important_cities() -> None:
    large = shown(figure_of("lakes", paper="A2"))
    small = shown(figure_of("lakes", paper="slide", lang="zh", place="108.1,22.1,129.9,40.4"))
    assert {"上海", "南京", "杭州"} <= small < large
    assert {"池州", "舟山"} <= large - small


def test_a_near_map_names_districts_and_a_far_one_does_not() -> None:
    near = figure_of("cities", place="cities:320100")
    assert "江宁区" in {text for text, _ in page_of(near)[1]}
    assert any(used.layer == "districts" for used in near.recipe.editions)
    far = figure_of("cities")
    assert not any(used.layer == "districts" for used in far.recipe.editions)
