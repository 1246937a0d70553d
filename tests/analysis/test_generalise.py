"""Simpler shapes for the screen: a coverage stays a coverage."""

import math

import geopandas as gpd
import pytest
import shapely

from atlas.analysis.generalise import dissolve_to, simplify_coverage, simplify_lines
from atlas.core.crs import WORKING_CRS

SIDE = 4
STEP = 0.25
POINTS = 60


def wiggle(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """A wiggly border between two corners, the same from both sides."""
    (x0, y0), (x1, y1) = start, end
    points = []
    for place in range(POINTS + 1):
        share = place / POINTS
        bend = 0.01 * math.sin(9 * math.pi * share) * math.sin(math.pi * share)
        x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
        points.append((x + bend * (y1 - y0) / STEP, y + bend * (x1 - x0) / STEP))
    return points


def cell(column: int, line: int) -> shapely.Polygon:
    """One cell of a grid whose borders are shared wiggles."""
    west, south = 119 + column * STEP, 30 + line * STEP
    east, north = west + STEP, south + STEP
    ring = wiggle((west, south), (east, south))
    ring += wiggle((east, south), (east, north))
    ring += wiggle((west, north), (east, north))[::-1]
    ring += wiggle((west, south), (west, north))[::-1]
    return shapely.orient_polygons(shapely.Polygon(ring), exterior_cw=False)


@pytest.fixture(scope="module")
def zones() -> gpd.GeoDataFrame:
    """Sixteen cells in four blocks, on an index of their own."""
    places = [(column, line) for column in range(SIDE) for line in range(SIDE)]
    return gpd.GeoDataFrame(
        {
            "id": [f"{column}{line}" for column, line in places],
            "block": [f"{column // 2}{line // 2}" for column, line in places],
        },
        geometry=[cell(*place) for place in places],
        crs="EPSG:4326",
        index=range(100, 100 + len(places)),
    )


@pytest.fixture(scope="module")
def uneven(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same with one block as one zone, so that corners of others lie on its sides."""
    block = zones[zones["block"] == "00"]
    whole = gpd.GeoSeries([block.geometry.union_all()], index=block.index[:1], crs=zones.crs)
    rest = zones[(zones["block"] != "00") | (zones.index == block.index[0])]
    return rest.set_geometry(rest.geometry.where(rest.index != block.index[0], whole.iloc[0]))


def projected(features: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    return list(features.geometry.to_crs(WORKING_CRS))


def coverage_is_valid(features: gpd.GeoDataFrame) -> bool:
    return bool(shapely.coverage_is_valid(features.geometry.to_numpy()))


def test_the_synthetic_grids_are_coverages(
    zones: gpd.GeoDataFrame, uneven: gpd.GeoDataFrame
) -> None:
    assert coverage_is_valid(zones)
    assert coverage_is_valid(uneven)


@pytest.mark.parametrize("tolerance_m", [100.0, 1000.0])
def test_a_simplified_coverage_has_no_gap_and_no_overlap(
    uneven: gpd.GeoDataFrame, tolerance_m: float
) -> None:
    alone = uneven.set_geometry(uneven.geometry.simplify(tolerance_m / 100_000))
    assert not coverage_is_valid(alone), "each zone by itself would tear the borders"
    simple = simplify_coverage(uneven, tolerance_m=tolerance_m)
    assert coverage_is_valid(simple)
    shapes = projected(simple)
    union = shapely.union_all(shapes)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0, "a gap would be a hole"
    assert sum(shape.area for shape in shapes) == pytest.approx(union.area, rel=1e-9)


def test_simplifying_takes_points_and_little_area(zones: gpd.GeoDataFrame) -> None:
    simple = simplify_coverage(zones, tolerance_m=1000.0)
    before, after = (shapely.get_num_coordinates(f.geometry).sum() for f in (zones, simple))
    assert after < before / 2
    for one, other in zip(projected(zones), projected(simple), strict=True):
        assert other.symmetric_difference(one).area < 0.03 * one.area
    assert simple.index.tolist() == zones.index.tolist()
    assert simple.drop(columns="geometry").equals(zones.drop(columns="geometry"))
    assert simple.crs == zones.crs


def test_the_frame_that_was_given_is_untouched(zones: gpd.GeoDataFrame) -> None:
    before = shapely.to_wkb(zones.geometry.to_numpy()).tolist()
    simplify_coverage(zones, tolerance_m=1000.0)
    assert shapely.to_wkb(zones.geometry.to_numpy()).tolist() == before


def test_parents_are_exactly_the_union_of_their_children(zones: gpd.GeoDataFrame) -> None:
    own = shapely.box(100, 20, 101, 21)
    parents = gpd.GeoDataFrame(
        {"id": ["11", "00", "childless", "10", "01"]}, geometry=[own] * 5, crs="EPSG:4326",
        index=[5, 4, 3, 2, 1],
    )  # fmt: skip
    children = simplify_coverage(zones, tolerance_m=500.0)
    dissolved = dissolve_to(parents, children, by="block")
    assert dissolved.index.tolist() == [5, 4, 3, 2, 1]
    for row in dissolved.itertuples():
        mine = children[children["block"] == row.id].geometry
        if row.id == "childless":
            assert row.geometry == own
        else:
            assert len(mine) == 4
            assert row.geometry.equals(mine.union_all())
            parts = sum(shape.area for shape in mine)
            assert row.geometry.area == pytest.approx(parts, rel=1e-12)
    assert coverage_is_valid(dissolved[dissolved["id"] != "childless"])


def test_lines_keep_their_ends_and_stay_near() -> None:
    line = shapely.LineString(wiggle((119.0, 30.0), (120.0, 30.5)))
    lines = gpd.GeoDataFrame({"id": ["a"]}, geometry=[line], crs="EPSG:4326", index=[8])
    simple = simplify_lines(lines, tolerance_m=300.0)
    drawn = simple.geometry.loc[8]
    assert len(drawn.coords) < len(line.coords)
    for one, other in ((0, 0), (-1, -1)):
        assert drawn.coords[one] == pytest.approx(line.coords[other], abs=1e-9)
    assert projected(simple)[0].hausdorff_distance(projected(lines)[0]) <= 300.0
    assert simple.crs == lines.crs
