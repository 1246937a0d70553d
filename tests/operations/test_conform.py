"""Passing plans down: layers and files against layers, CGCS2000 zones, land-use classes, words."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from atlas.analysis.conformance import Thresholds
from atlas.analysis.zone_index import index_zones
from atlas.core.crs import STORAGE_CRS
from atlas.core.land_use import BUILD, KEEP, LAND_USES, NEITHER, USES, contradicts, use_of_theme
from atlas.core.layer import THEMES
from atlas.errors import EditionNotFound, FileDamaged, LayerNotFound, WrongKind
from atlas.i18n import LANGUAGES
from atlas.operations import conform_words as words
from atlas.operations.conform import Conformed, conform
from atlas.operations.conform_output import (
    FORMS,
    feature_rows,
    provenance,
    render,
    table_lines,
    to_map_layer,
    zone_rows,
)
from atlas.operations.cross import CONFLICT, relation_of
from atlas.operations.folder import PROJECT
from tests.conftest import StoreBuilder
from tests.plan_world import B_EAST, A, B, C, entry, fill, publish, world

LAYERS = PROJECT / "layers"
KNOWN_BY, DAY = dt.date(2026, 11, 25), dt.date(2025, 10, 9)
RECORD, NOW = dt.date(2024, 6, 1), dt.date(2024, 12, 31)
G60 = "g60-corridor"


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of few cells: the same numbers sooner."""
    monkeypatch.setitem(index_zones.__kwdefaults__, "cells", 20_000)


@pytest.fixture
def small(empty_store: StoreBuilder) -> StoreBuilder:
    fill(empty_store)
    return empty_store


def held(store: StoreBuilder, lower: str, upper: str, **asked: Any) -> Conformed:
    return conform(store.folder, lower, upper, **{"day": NOW, "known_by": RECORD, **asked})


def delta(lower: str | Path, upper: str, **asked: Any) -> Conformed:
    return conform(LAYERS, str(lower), upper, day=DAY, known_by=KNOWN_BY, **asked)


def by_id(found: Conformed) -> dict[str, dict[str, Any]]:
    return {row["upper_id"]: row for row in feature_rows(found)}


def file_of(folder: Path, file: str, crs: int, shapes: list[Any], **columns: list[Any]) -> Path:
    """A vector file of shapes in degrees, written in a CRS."""
    frame = gpd.GeoDataFrame(columns or {"no": range(len(shapes))}, geometry=shapes,
                             crs=STORAGE_CRS)  # fmt: skip
    path = folder / file
    frame.to_crs(crs).to_file(path, engine="pyogrio")
    return path


class TestLayers:
    """Layer against layer."""

    def test_metropolitan_areas_carry_corridors(self) -> None:
        found = delta("metropolitan-areas", "innovation-corridors")
        rows = by_id(found)
        # Of the G60 corridor Jinhua and Xuancheng and parts of others lie in no area drawn.
        assert 0.6 < rows[G60]["share_carried"] < 0.7
        assert rows[G60]["verdict"] == "partly"
        assert rows["taihu-circle"]["verdict"] == "carried"
        assert not any(row["contradicts"] for row in rows.values())
        for row in rows.values():
            if row["size"] is not None:
                assert row["carried"] + row["left_out"] == pytest.approx(row["size"], abs=1e-4)

    def test_cities_add_up_to_the_feature(self) -> None:
        found = delta("metropolitan-areas", "innovation-corridors")
        table = found.result.by_zone.groupby("feature")[["size", "carried", "left_out"]].sum()
        for place, row in table.iterrows():
            whole = found.result.features.loc[place]
            assert row["size"] == pytest.approx(whole["size"], rel=1e-6)
            assert row["carried"] == pytest.approx(whole["carried"], rel=1e-6, abs=1e-6)
        whole = gpd.GeoSeries(found.shapes().geometry)
        assert whole.crs == STORAGE_CRS

    def test_a_layer_carries_itself(self) -> None:
        found = delta("ecological-belts", "ecological-belts")
        known = found.result.features.dropna(subset=["share_carried"])
        assert known["share_carried"].min() == pytest.approx(1)
        assert known["left_out"].max() < 1e-6

    def test_corridors_and_belts_contradict_by_convention(self) -> None:
        found = delta("innovation-corridors", "ecological-belts")
        rows = by_id(found)
        assert rows["demonstration-zone"]["contradicts"]
        assert rows["demonstration-zone"]["share_contradicted"] == pytest.approx(1)
        assert not rows["chongming-island"]["contradicts"]
        assert found.result.features["carried"].sum() == 0


@pytest.mark.parametrize("one", THEMES)
@pytest.mark.parametrize("other", THEMES)
def test_the_rule_is_that_of_crossed_layers(one: str, other: str) -> None:
    assert contradicts(use_of_theme(one), use_of_theme(other)) == (
        relation_of(one, other) == CONFLICT
    )


def test_only_rows_in_force_on_the_day_count(small: StoreBuilder) -> None:
    rows = by_id(held(small, "metropolitan-areas", "innovation-corridors"))
    assert set(rows) == {"road", "spark", "dark"}
    assert rows["dark"]["verdict"] is None
    before = by_id(
        held(small, "metropolitan-areas", "innovation-corridors", day=dt.date(2018, 1, 1))
    )
    assert set(before) == {"dark"}
    assert dict(held(small, "cities", "innovation-corridors").uncounted) == {"initiative": 1}


def test_a_share_by_hand(small: StoreBuilder) -> None:
    # The demonstration zone is the eastern half of B, and C; "first" covers A and B, "second" B
    # and C. All of it is in both together, none of "wide" (D).
    rows = by_id(held(small, "metropolitan-areas", "ecological-belts"))
    assert rows["demonstration-zone"]["share_contradicted"] == pytest.approx(1)
    publish(small, "metropolitan-areas", [entry("2016-06-03", B, id="first")], "2024-03-01")
    rows = by_id(held(small, "metropolitan-areas", "ecological-belts"))
    areas = gpd.GeoSeries([B_EAST, C], crs=STORAGE_CRS).to_crs("ESRI:102025").area
    assert rows["demonstration-zone"]["share_contradicted"] == pytest.approx(
        areas[0] / areas.sum(), rel=1e-2
    )
    assert rows["wide"]["contradicted"] == 0


@pytest.mark.parametrize("crs", [4549, 4528, 4490, 3857])
def test_a_file_in_a_zone_of_cgcs2000_gives_the_same(tmp_path: Path, crs: int) -> None:
    # 4549 and 4528: CGCS2000, three degrees, 120 E; the second has the zone in its eastings.
    shapes = [
        shapely.Polygon([(119.7, 30.9), (121.3, 30.85), (121.1, 31.6), (120.2, 31.8)]),
        shapely.Point(120.4, 31.2).buffer(0.3),
    ]
    plain = file_of(tmp_path, "plan.geojson", 4326, shapes)
    other = file_of(tmp_path, f"plan-{crs}.gpkg", crs, shapes)
    first, second = (delta(path, "innovation-corridors") for path in (plain, other))
    for name in ("carried", "left_out"):
        assert second.result.features[name].to_numpy() == pytest.approx(
            first.result.features[name].to_numpy(), rel=1e-6, abs=1e-6
        )
        assert second.result.by_zone[name].to_numpy() == pytest.approx(
            first.result.by_zone[name].to_numpy(), rel=1e-6, abs=1e-6
        )
    assert first.result.features["carried"].sum() > 1000


def test_a_file_of_the_upper_layer_carries_all_of_it(tmp_path: Path, small: StoreBuilder) -> None:
    rows = world()["ecological-belts"]
    path = file_of(tmp_path, "belts.gpkg", 4549, [shape for _, shape in rows])
    found = held(small, str(path), "ecological-belts", use=KEEP)
    assert found.result.features["share_carried"].to_numpy() == pytest.approx([1, 1], abs=1e-6)
    assert found.lower.sha256
    assert found.lower.judged


def test_classes_of_a_column_decide_what_contradicts(tmp_path: Path, small: StoreBuilder) -> None:
    path = file_of(
        tmp_path, "zones.geojson", 4326, [B_EAST, C, A],
        use=["工业用地", "Wetland", "rocket base"], name=["园区", None, "x"],
    )  # fmt: skip
    found = held(small, str(path), "ecological-belts", class_column="use")
    row = by_id(found)["demonstration-zone"]
    assert row["contradicts"]
    assert row["share_carried"] + row["share_contradicted"] == pytest.approx(1, abs=1e-6)
    assert found.lower.unmapped == (("rocket base", 1),)
    assert found.lower.rows["name_zh"].tolist() == ["园区", "2", "x"]
    told = " ".join(words.tell(found, "zh"))
    assert "rocket base" in told
    place = [row["id"] for _, row in found.upper_rows.iterrows()].index("demonstration-zone")
    assert "园区" in words.tell_feature(found, place, "zh")
    assert provenance(found)["land_uses"]


def test_a_file_that_says_nothing_of_use_is_not_judged(tmp_path: Path, small: StoreBuilder) -> None:
    path = file_of(tmp_path, "plan.geojson", 4326, [A, B])
    found = held(small, str(path), "ecological-belts")
    assert not found.lower.judged
    assert found.result.features["contradicted"].sum() == 0
    assert "not judged" in " ".join(words.tell(found, "en"))
    built = held(small, str(path), "ecological-belts", use=BUILD)
    assert built.lower.judged
    assert built.result.features["contradicted"].sum() > 0


def test_an_empty_file_carries_nothing(tmp_path: Path, small: StoreBuilder) -> None:
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    found = held(small, str(path), "ecological-belts", use=BUILD)
    assert set(found.result.features["verdict"]) == {"left-out"}
    assert found.result.features["carried"].sum() == 0
    assert found.result.features["left_out"].tolist() == found.result.features["size"].tolist()


def test_what_cannot_be_held_is_refused(tmp_path: Path, small: StoreBuilder) -> None:
    plan = file_of(tmp_path, "plan.geojson", 4326, [A], use=["耕地"])
    cases: list[tuple[type[Exception], str, tuple[str, str], dict[str, Any]]] = [
        (LayerNotFound, "nowhere", ("cities", "nowhere"), {}),
        (FileDamaged, "No such file", (str(tmp_path / "none.gpkg"), "cities"), {}),
        (FileDamaged, "no column 'kind'", (str(plan), "cities"), {"class_column": "kind"}),
        (EditionNotFound, "cities", ("cities", "cities"), {"known_by": dt.date(2020, 1, 1)}),
    ]
    for error, match, names, asked in cases:
        with pytest.raises(error, match=match):
            held(small, *names, **asked)
    far = file_of(tmp_path, "far.geojson", 4326, [shapely.box(2, 48, 3, 49)])
    with pytest.raises(FileDamaged, match="check its CRS"):
        held(small, str(far), "cities")
    bow = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])
    with pytest.raises(FileDamaged, match="invalid"):
        held(small, str(file_of(tmp_path, "bow.geojson", 4326, [bow])), "cities")
    for names in (("terrain", "cities"), ("cities", "terrain")):
        with pytest.raises(WrongKind):
            delta(*names)


def test_zones_of_a_file(tmp_path: Path, small: StoreBuilder) -> None:
    zones = file_of(tmp_path, "zones.geojson", 4326, [A, B], id=["east", "west"])
    found = held(small, "metropolitan-areas", "innovation-corridors", zones=str(zones))
    assert {row["zone_id"] for row in zone_rows(found)} == {"east", "west"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_name_count_share_and_thresholds(small: StoreBuilder, lang: str) -> None:
    found = held(small, "innovation-corridors", "ecological-belts",
                 thresholds=Thresholds(carried_share=0.8))  # fmt: skip
    told = words.tell(found, lang)
    assert "2024-12-31" in told[0]
    assert any("80.0" in text for text in words.method_texts(found, lang))
    assert found.upper_edition.sha256[:12] in " ".join(words.origin_texts(found, lang))
    unknown = held(small, "metropolitan-areas", "innovation-corridors")
    place = unknown.upper_rows.index[unknown.upper_rows["id"] == "dark"][0]
    assert words.tell_feature(unknown, int(place), lang) == ""
    assert any("dark" in text.lower() for text in words.tell(unknown, lang))


def test_files_hold_the_same_numbers(small: StoreBuilder) -> None:
    found = held(small, "innovation-corridors", "ecological-belts")
    made = dt.date(2025, 1, 2)
    value = json.loads(render(found, "json", lang="zh", made=made))
    assert value["upper"]["sha256"] == found.upper_edition.sha256
    assert value["thresholds"]["carried_share"] == 0.95
    sizes = {row["upper_id"]: row["contradicted"] for row in value["features"]}
    text = render(found, "csv", lang="zh", made=made).decode("utf-8-sig")
    for id_, size in sizes.items():
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["upper_id"] == id_]
        total = sum(float(row["contradicted"]) for row in rows)
        assert total == pytest.approx(size, rel=1e-3, abs=1e-3)
    shapes = json.loads(render(found, "geojson", lang="zh", made=made))
    assert {one["properties"]["state"] for one in shapes["features"]} == {"contradicted", "silent"}
    assert render(found, "xlsx", lang="zh", made=made)[:2] == b"PK"
    assert words.title(found, "zh") in render(found, "table", lang="zh", made=made).decode()
    assert set(FORMS) == {"table", "json", "csv", "xlsx", "geojson"}


def test_a_map_draws_every_state_and_the_table_has_the_same_features(small: StoreBuilder) -> None:
    found = held(small, "innovation-corridors", "ecological-belts")
    layer = to_map_layer(found)
    assert set(layer.features["change"]) == {"contradicted", "silent"}
    assert {entry.value for entry in layer.style.classes} == {"carried", "contradicted", "silent"}
    lines = table_lines(found, "en")
    assert len(lines) == 2
    one = to_map_layer(found, lines[0][1])
    assert 0 < len(one.features) < len(layer.features)


def test_the_table_of_land_uses_is_sound() -> None:
    names = [name for entry_ in LAND_USES for name in (entry_.name_zh, entry_.name_en.casefold())]
    assert len(set(names)) == len(names)
    assert {entry_.use for entry_ in LAND_USES} == set(USES) == {BUILD, KEEP, NEITHER}
