"""Repairs of the Changes page, each a way in which it once went wrong."""

from pathlib import Path

import pytest

from tests.app.test_catalogue_page import G60, Catalogue
from tests.app.test_changes_page import (
    HEFEI_DAYS,
    KNOWN,
    LAYER_NAMES,
    METRO,
    Changes,
    _framed,  # noqa: F401
    drawn,
    publish_hostile,
)


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"layer": "cities"}, []),
        ({"layer": "cities", "maps": "one"}, []),
        ({"layer": "cities", "days": "2019-02-30,2020-01-01"}, ["days=2019-02-30,2020-01-01"]),
        ({"layer": "cities", "days": "2016-01-01,2020-01-01", "editions": "1,2"},
         ["days=2016-01-01,2020-01-01", "editions=1,2"]),
    ],
)  # fmt: skip
def test_a_link_that_names_a_layer_opens_it(part: dict[str, str], named: list[str]) -> None:
    page = Changes(**part, known=KNOWN, lang="en")
    page.run()
    assert page.named() == named
    assert page.query["layer"] == "cities"
    assert page.query.get("maps") == part.get("maps")


def test_versions_without_a_feature_are_named() -> None:
    page = Changes(layer=METRO, versions="nope,2021", lang="en")
    page.run()
    assert page.named() == ["versions=nope,2021"]


def test_days_come_back_after_editions_and_all_features_after_versions() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known=KNOWN, lang="en")
    page.run()
    before = page.query
    page.choose(changes__by="editions")
    page.choose(changes__by="days")
    assert page.query == before
    page.choose(changes__by="versions")
    page.choose(changes__by="days")
    assert page.query == before, "no feature: the reader chose none"


def test_the_address_says_the_layer_also_without_an_edition() -> None:
    page = Changes(layer=METRO, days="2016-06-04,2024-06-01", known="2020-01-01", lang="en")
    page.run()
    page.choose(changes__layer="cities")
    assert page.query["layer"] == "cities"
    assert page.query["days"] == "2016-06-04,2024-06-01"


@pytest.mark.parametrize("layer", LAYER_NAMES)
def test_changes_lie_on_top(layer: str) -> None:
    page = Changes(layer=layer, days="2009-01-01,2024-06-01", known=KNOWN, lang="en")
    page.run()
    for shown in page.specifications():
        assert "changes" not in drawn(shown)[:-1]


@pytest.mark.parametrize(
    "version", ["![x](https://example.com/v.png)", "[b](https://example.com/c)", "a_b_*c*"]
)
def test_a_plan_version_is_no_markdown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    layers = tmp_path / "layers"
    publish_hostile(layers, ["a", version], "text")
    monkeypatch.setenv("ATLAS_LAYERS", str(layers))
    page = Changes(layer="ecological-belts", versions=f"a,{version}", feature="belt", lang="en")
    app = page.run()
    assert page.named() == []
    assert not [shown.value for shown in app.caption if version in shown.value]


def test_captions_say_versions_and_editions_in_words() -> None:
    page = Changes(layer="cities", versions="before-2016-01,current", feature="340400", lang="en")
    app = page.run()
    assert not [
        c.value for c in app.caption if "before-2016-01" in c.value or ": current" in c.value
    ]


def test_a_link_to_changes_leaves_the_map_of_explore_as_it_was() -> None:
    """The browser's Back to Changes is such a link."""
    page = Changes(page="explore", layers="lakes", day="2019-01-01", known=KNOWN, lang="en")
    page.run()
    page.go("changes", **HEFEI_DAYS)
    page.run()
    page.go("explore")
    app = page.run()
    assert app.query_params["layers"] == "lakes"
    assert app.query_params["day"] == "2019-01-01"


def test_a_time_line_has_no_row_for_what_has_no_day() -> None:
    page = Changes(layer="rivers", days="2009-01-01,2024-06-01", known=KNOWN, lang="en")
    assert not page.run().get("vega_lite_chart")


def test_the_list_of_a_layer_judges_the_version_of_the_day() -> None:
    app = Catalogue(
        place="innovation-corridors", day="2017-01-01", known="2026-11-24", lang="en"
    ).run()
    rows = app.dataframe[0].value
    g60 = rows[rows["Code"] == G60.partition(":")[2]].iloc[0]
    assert g60["Status"] == "in force", "version 1.0 was"
