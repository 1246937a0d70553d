"""The record of plans: how much of it there is, and that each row says how it came to be."""

import datetime as dt
import re

import pytest

from atlas.core.crs import area_km2
from atlas.io import catalogue
from atlas.operations.folder import PROJECT

FOLDER = PROJECT / "layers"
DAY = dt.date.today()
PLANNING = ("innovation-corridors", "ecological-belts", "metropolitan-areas")
LEAST = {
    "innovation-corridors": (14, 30),
    "ecological-belts": (16, 16),
    "metropolitan-areas": (6, 14),
}
"""At least so many features, and plan versions or events."""
NATURE = (
    "grand-canal-belt", "yangtze-corridor", "around-taihu", "around-chaohu", "taipu-river",
    "jiangsu-coast", "dabie-barrier", "southern-barrier",
)  # fmt: skip


def read(layer: str):
    edition = catalogue.find_edition(FOLDER, layer, known_by=DAY)
    return catalogue.read_layer(FOLDER, edition).features


@pytest.mark.parametrize("layer", PLANNING)
def test_the_record_has_its_features_versions_and_events(layer: str) -> None:
    rows = read(layer)
    versions = rows.drop_duplicates(["id", "plan_version"])
    events = sum(len(entry) for entry in versions["events"])
    features, count = LEAST[layer]
    assert rows["id"].nunique() >= features
    assert len(versions) + events >= count


@pytest.mark.parametrize("layer", PLANNING)
def test_every_row_says_how_its_geometry_came_to_be(layer: str) -> None:
    for row in read(layer).itertuples():
        where = (row.id, row.plan_version, row.part)
        assert row.method_zh, where
        assert row.method_en, where
        assert not re.search(r"[\u4e00-\u9fff]", row.name_en), where
        if row.geometry_basis == "none":
            assert row.geometry is None, where
        else:
            assert row.accuracy_m >= 100, where


@pytest.mark.parametrize("layer", PLANNING)
def test_facts_have_a_source_or_say_that_they_have_none(layer: str) -> None:
    for row in read(layer).itertuples():
        if row.sourced:
            assert re.match(r"https?://", row.source_url), row.id
        for event in row.events:
            assert event["date"], row.id
            assert re.match(r"https?://", event["source_url"]), (row.id, event["title_en"])


@pytest.mark.parametrize("layer", PLANNING)
def test_a_named_date_has_the_precision_it_was_published_with(layer: str) -> None:
    for row in read(layer).itertuples():
        for name in ("valid_from", "valid_to", "issued"):
            day, precision = getattr(row, name), getattr(row, f"{name}_precision")
            assert isinstance(day, str) == isinstance(precision, str), (row.id, name)


def test_belts_that_follow_nature_are_no_unions_of_cities() -> None:
    belts = read("ecological-belts")
    natural = belts[belts["geometry_basis"].isin(["buffer", "threshold", "axis", "digitised"])]
    assert natural["id"].nunique() >= 8
    for row in natural.itertuples():
        assert not row.members, row.id


def test_terrain_shields_admit_how_coarse_they_are() -> None:
    belts = read("ecological-belts")
    shields = belts[belts["geometry_basis"] == "threshold"]
    assert len(shields) >= 2
    assert (shields["accuracy_m"] >= 9000).all()
    assert (area_km2(shields.geometry) > 500).all()


def test_research_proposals_are_marked_as_such() -> None:
    corridors = read("innovation-corridors")
    assert (corridors["status"] == "research").sum() >= 1
    assert (corridors["status"] == "draft").sum() >= 1


def test_one_unit_has_one_code_and_one_name_in_every_layer() -> None:
    names: dict[str, set[str]] = {}
    for layer in ("provinces", "cities", "districts"):
        for row in read(layer).itertuples():
            if row.plan_version == "current":
                names.setdefault(row.id, set()).add(row.name_zh)
    assert all(len(found) == 1 for code, found in names.items() if not code.endswith("0000"))


def test_the_two_shanghai_areas_and_the_smaller_hefei_are_there() -> None:
    areas = read("metropolitan-areas")
    shanghai = areas[areas["id"] == "shanghai-metropolitan-area"]
    assert set(shanghai["status"]) >= {"in-force", "draft"}
    hefei = areas[areas["id"] == "hefei-metropolitan-area"].set_index("plan_version")
    sizes = area_km2(hefei.geometry)
    assert sizes["2024"] < sizes["2019"] / 2
