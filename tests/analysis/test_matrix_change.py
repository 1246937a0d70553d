"""Changes of a matrix: every cell reconciles, and says because of what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.analysis.matrix_change import NOISE_KM2, PARTS, matrix_change
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import WORKING_CRS, area_km2, length_km, to_working
from atlas.operations.folder import PROJECT
from atlas.operations.overlap import OverlapChange, overlap, overlap_change
from tests.diff_strategies import CELLS, EDGES

STEP, CELL_KM2 = 10_000.0, 100.0
Cells = frozenset[tuple[int, int]]
Held = dict[str, Cells | None]
"""Cells by id; None where there is something without extent."""
REASONS = ("feature", "zone", "both")


@pytest.fixture(autouse=True, scope="module")
def _coarse() -> Iterator[None]:
    """A grid of few cells: the same numbers sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(index_zones.__kwdefaults__, "cells", 2_000)
        yield


def shape_of(cells: Cells | None) -> shapely.Geometry | None:
    if cells is None:
        return None
    boxes = [
        shapely.box(x * STEP, y * STEP, (x + 1) * STEP, (y + 1) * STEP) for x, y in sorted(cells)
    ]
    return shapely.union_all(boxes)


def series(held: Held) -> gpd.GeoSeries:
    shapes = [shape_of(cells) for cells in held.values()]
    return gpd.GeoSeries(shapes, index=list(held), crs=WORKING_CRS)


def cells(*places: int) -> Cells:
    """Cells by number, along the columns of the grid."""
    return frozenset(CELLS[place] for place in places)


@dataclass(frozen=True)
class Case:
    """Zones and features on two days."""

    old_zones: Held
    new_zones: Held
    old_features: Held
    new_features: Held

    def table(self) -> pd.DataFrame:
        held = (self.old_zones, self.new_zones, self.old_features, self.new_features)
        return matrix_change(*map(series, held))

    def wanted(self) -> dict[tuple[str, str], dict[str, float]]:
        """The same by counting cells: each cell of a zone and feature, and why it came or went."""
        found = {}
        zones = sorted(self.old_zones.keys() | self.new_zones.keys())
        features = sorted(self.old_features.keys() | self.new_features.keys())
        for zone, feature in product(zones, features):
            before, after, old, new = (
                held.get(name) or frozenset()
                for held, name in ((self.old_zones, zone), (self.new_zones, zone),
                                   (self.old_features, feature), (self.new_features, feature))
            )  # fmt: skip
            parts = {
                "old": before & old, "new": after & new, "kept": before & after & old & new,
                "gained_feature": (before & after) & (new - old),
                "gained_zone": (after - before) & (new & old),
                "gained_both": (after - before) & (new - old),
                "lost_feature": (before & after) & (old - new),
                "lost_zone": (before - after) & (new & old),
                "lost_both": (before - after) & (old - new),
            }  # fmt: skip
            if parts["old"] or parts["new"]:
                found[zone, feature] = {name: len(part) * CELL_KM2 for name, part in parts.items()}
        return found


def reconcile(table: pd.DataFrame, exact: float = 1e-6) -> None:
    """Old is kept and lost, new is kept and gained, three reasons add up; nothing is negative."""
    for side, total in (("lost", "old"), ("gained", "new")):
        reasons = sum(table[f"{side}_{reason}"] for reason in REASONS)
        pd.testing.assert_series_equal(table[side], reasons, check_names=False, atol=exact)
        whole = table["kept"] + table[side]
        pd.testing.assert_series_equal(table[total], whole, check_names=False, atol=exact)
    assert (table[[*PARTS, "gained", "lost"]] >= -exact).all(axis=None)


SOME = st.frozensets(st.sampled_from(CELLS), min_size=1, max_size=8)
IDS = ("a", "b", "c")


@st.composite
def dealt(draw: st.DrawFn) -> Held:
    """Cells dealt to zones; some belong to none, some zones get none and are not there."""
    owners = draw(st.lists(st.sampled_from([*IDS, *IDS, ""]), min_size=12, max_size=12))
    held = {
        name: frozenset(c for c, owner in zip(CELLS, owners, strict=True) if owner == name)
        for name in IDS
    }
    return {name: part for name, part in held.items() if part}


CHANGING = st.dictionaries(st.sampled_from(IDS), SOME | SOME | SOME | st.none(), max_size=3)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Zones, features or both change; ids come and go; extents are found and lost."""
    zones, features = draw(dealt() | CHANGING), draw(CHANGING)
    return Case(
        zones, draw(st.just(zones) | dealt() | CHANGING), features,
        draw(st.just(features) | CHANGING),
    )  # fmt: skip


def drawn(held: Held) -> bool:
    return any(held.values())


class TestReconciles:
    @given(cases().filter(lambda case: drawn(case.old_zones) or drawn(case.new_zones)))
    def test_every_cell_row_and_column(self, case: Case) -> None:
        table, wanted = case.table(), case.wanted()
        reconcile(table)
        assert list(zip(table["zone"], table["feature"], strict=True)) == list(wanted)
        for side in ("old", "new"):
            sizes = pd.Series({key: parts[side] for key, parts in wanted.items()}, dtype=float)
            region = len(CELLS) * CELL_KM2
            for level, name in enumerate(("zone", "feature")):
                sums = table.groupby(name)[side].sum()
                totals = sizes.groupby(level=level).sum() if len(sizes) else sizes
                assert sums.to_dict() == pytest.approx(totals.to_dict(), abs=1e-6 * region)

    @given(cases().filter(lambda case: drawn(case.old_zones) or drawn(case.new_zones)))
    def test_back_again_gains_are_losses(self, case: Case) -> None:
        back = Case(case.new_zones, case.old_zones, case.new_features, case.old_features).table()
        there = case.table()
        assert there[["zone", "feature"]].equals(back[["zone", "feature"]])
        turned = {"old": "new", "kept": "kept", "gained": "lost", "gained_both": "lost_both",
                  "gained_feature": "lost_feature", "gained_zone": "lost_zone"}  # fmt: skip
        for one, other in turned.items():
            pd.testing.assert_series_equal(there[one], back[other], check_names=False, atol=1e-6)

    @given(dealt().filter(drawn), CHANGING)
    def test_nothing_changes_nothing(self, zones: Held, features: Held) -> None:
        table = Case(zones, zones, features, features).table()
        assert (table["old"] == table["kept"]).all()
        assert (table["new"] == table["kept"]).all()
        assert not table[[name for name in PARTS if name[:4] in ("gain", "lost")]].any(axis=None)


ZONE, WIDER = {"z": cells(0, 1, 2)}, {"z": cells(1, 2, 3, 4)}
FEATURE, OTHER = {"f": cells(0, 1, 3)}, {"f": cells(1, 2, 4)}
NOTHING = dict.fromkeys(PARTS, 0.0)


class TestBecause:
    """One zone and one feature, of which this or that changes."""

    @pytest.mark.parametrize(
        ("case", "parts"),
        [
            (Case(ZONE, ZONE, FEATURE, FEATURE), {"old": 2, "new": 2, "kept": 2}),
            (Case(ZONE, ZONE, FEATURE, OTHER),
             {"old": 2, "new": 2, "kept": 1, "gained_feature": 1, "lost_feature": 1}),
            (Case(ZONE, WIDER, FEATURE, FEATURE),
             {"old": 2, "new": 2, "kept": 1, "gained_zone": 1, "lost_zone": 1}),
            (Case(ZONE, WIDER, FEATURE, OTHER),
             {"old": 2, "new": 3, "kept": 1, "gained_feature": 1, "gained_both": 1,
              "lost_both": 1}),
            (Case(ZONE, ZONE, {}, OTHER), {"new": 2, "gained_feature": 2}),
            (Case(ZONE, ZONE, FEATURE, {}), {"old": 2, "lost_feature": 2}),
            (Case({}, ZONE, FEATURE, FEATURE), {"new": 2, "gained_zone": 2}),
            (Case(ZONE, {}, FEATURE, FEATURE), {"old": 2, "lost_zone": 2}),
            (Case({}, ZONE, {}, FEATURE), {"new": 2, "gained_both": 2}),
            (Case(ZONE, {}, FEATURE, {}), {"old": 2, "lost_both": 2}),
            (Case(ZONE, ZONE, {"f": None}, FEATURE), {"new": 2, "gained_feature": 2}),
        ],
    )  # fmt: skip
    def test_one_cell(self, case: Case, parts: dict[str, int]) -> None:
        (row,) = case.table().to_dict("records")
        wanted = NOTHING | {name: count * CELL_KM2 for name, count in parts.items()}
        assert {name: row[name] for name in PARTS} == pytest.approx(wanted, abs=1e-9)
        assert row["gained"] == pytest.approx(wanted["new"] - wanted["kept"])
        assert row["lost"] == pytest.approx(wanted["old"] - wanted["kept"])

    def test_a_place_that_passes_from_zone_to_zone(self) -> None:
        """What one zone loses by its boundary another gains by its own."""
        before = {"a": cells(0, 1, 2), "b": cells(3, 4, 5)}
        after = {"a": cells(0, 1), "b": cells(2, 3, 4, 5)}
        table = Case(before, after, {"f": cells(1, 2, 3)}, {"f": cells(1, 2, 3)}).table()
        assert table["lost_zone"].tolist() == pytest.approx([CELL_KM2, 0])
        assert table["gained_zone"].tolist() == pytest.approx([0, CELL_KM2])
        assert table["old"].sum() == pytest.approx(table["new"].sum())

    def test_a_zone_that_moves_beside_itself_keeps_nothing(self) -> None:
        whole = {"f": cells(*range(12))}
        (row,) = Case({"z": cells(0)}, {"z": cells(1)}, whole, whole).table().to_dict("records")
        assert (row["kept"], row["gained_zone"], row["lost_zone"]) == (0, 100, 100)

    def test_no_features(self) -> None:
        table = Case(ZONE, WIDER, {}, {}).table()
        assert table.empty
        assert list(table.columns) == ["zone", "feature", *PARTS, "gained", "lost"]

    def test_no_zones(self) -> None:
        assert Case({}, {}, FEATURE, OTHER).table().empty
        assert Case({"z": None}, {"z": None}, FEATURE, OTHER).table().empty

    def test_the_rounding_of_sums_is_nothing(self) -> None:
        shapes = {"z": shapely.Point(0, 0).buffer(STEP, quad_segs=99)}
        zones = gpd.GeoSeries(shapes, crs=WORKING_CRS)
        features = gpd.GeoSeries({"f": shapely.Point(3_000, 1_000).buffer(STEP)}, crs=WORKING_CRS)
        (row,) = matrix_change(zones, zones, features, features).to_dict("records")
        for name in (*PARTS, "gained", "lost"):
            assert row[name] == 0 or abs(row[name]) > NOISE_KM2


Line = frozenset[tuple[tuple[int, int], tuple[int, int]]]


def line_of(edges: Line) -> shapely.Geometry:
    parts = [[(x * STEP, y * STEP) for x, y in edge] for edge in sorted(edges)]
    return shapely.line_merge(shapely.MultiLineString(parts))


def edges_of(zone: Cells) -> Line:
    """Edges that lie in a zone, on its border too."""
    corners = [{(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)} for x, y in zone]
    return frozenset(edge for edge in EDGES if any(set(edge) <= four for four in corners))


LINES = st.frozensets(st.sampled_from(EDGES), min_size=1, max_size=6)


class TestLines:
    def test_a_line_that_grows(self) -> None:
        short, long = ([(0, 5_000), (x, 5_000)] for x in (10_000, 25_000))
        lines = [gpd.GeoSeries({"f": shapely.LineString(nodes)}, crs=WORKING_CRS)
                 for nodes in (short, long)]  # fmt: skip
        zone = gpd.GeoSeries({"z": shapely.box(0, 0, 20_000, 10_000)}, crs=WORKING_CRS)
        (row,) = matrix_change(zone, zone, *lines).to_dict("records")
        assert row["kept"] == row["old"] == pytest.approx(10, rel=2e-3)
        assert row["gained"] == row["gained_feature"] == pytest.approx(10, rel=2e-3)
        assert row["lost"] == 0


def kilometres(edges: Line) -> float:
    if not edges:
        return 0.0
    return float(length_km(gpd.GeoSeries([line_of(edges)], crs=WORKING_CRS)).iloc[0])


KNOWN = dt.date(2026, 12, 31)
OLD, NEW = dt.date(2010, 1, 1), dt.date(2024, 6, 1)


@pytest.fixture(scope="module")
def change() -> OverlapChange:
    return overlap_change(
        PROJECT / "layers", "metropolitan-areas", old=OLD, new=NEW, known_by=KNOWN
    )


class TestCitiesAndMetropolitanAreas:
    """The atlas's own: districts moved between cities, areas were redrawn, Chaohu came apart."""

    def test_it_reconciles(self, change: OverlapChange) -> None:
        reconcile(change.table, exact=1e-9)
        assert len(change.table) > 30

    @pytest.mark.parametrize("side", ["old", "new"])
    def test_columns_add_up_to_the_areas(self, change: OverlapChange, side: str) -> None:
        """Cities cover the region, so what lies in them is what of the area lies in the region."""
        zones = change.old_zones.rows if side == "old" else change.new_zones.rows
        features = change.old_features if side == "old" else change.new_features
        region = area_km2(zones.geometry).sum()
        assert 350_000 < region < 360_000
        whole = shapely.union_all(to_working(zones).geometry.to_numpy())
        planes = to_working(features).set_index("id").geometry
        wanted = {id_: shapely.intersection(shape, whole).area / 1e6
                  for id_, shape in planes.items()}  # fmt: skip
        sums = change.table.groupby("feature")[side].sum()
        for id_, size in wanted.items():
            assert sums[id_] == pytest.approx(size, abs=1e-6 * region)
            assert sums[id_] == pytest.approx(size, rel=1e-9), "far below what must hold"

    @pytest.mark.parametrize(("side", "day"), [("old", OLD), ("new", NEW)])
    def test_each_side_is_the_matrix_of_its_day(
        self, change: OverlapChange, side: str, day: dt.date
    ) -> None:
        found = overlap(PROJECT / "layers", "metropolitan-areas", day=day, known_by=KNOWN)
        ids = found.features["id"]
        known = found.table[~ids.iloc[found.table["feature"]].isin(change.unknown).to_numpy()]
        keys = zip(found.zones.rows["id"].iloc[known["zone"]], ids.iloc[known["feature"]],
                   strict=True)  # fmt: skip
        single = pd.Series(known["size"].to_numpy(), index=pd.MultiIndex.from_tuples(list(keys)))
        # Of a feature of several parts, here a core inside what extends it, a place counts once.
        single = single.groupby(level=[0, 1]).max()
        table = change.table[change.table[side] > NOISE_KM2].set_index(["zone", "feature"])[side]
        assert table.to_dict() == pytest.approx(single[single > NOISE_KM2].to_dict(), rel=1e-9)

    def test_chaohu_is_lost_with_its_city_and_found_in_hefei(self, change: OverlapChange) -> None:
        row = change.table.set_index(["zone", "feature"]).loc[("341400", "hefei-metropolitan-area")]
        assert row["new"] == 0
        assert row["lost"] == row["old"] > 5_000
        assert {"341400", "340100"} <= change.estimated
        hefei = change.table.set_index(["zone", "feature"]).loc[
            ("340100", "hefei-metropolitan-area")
        ]
        assert hefei["gained_zone"] > 1_000
