"""A recipe is a value: as text and back, the same; nothing but a recipe is read as one."""

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.recipe import EditionUsed, Recipe, from_text, to_text

DAY = dt.date(2024, 6, 1)
USED = EditionUsed("cities", 2, DAY, "a" * 64, "b" * 64, "shown")
RECIPE = Recipe(
    "figure", "pdf", ("cities",), (USED,), DAY, DAY, DAY, title="长三角 “x”",
    bounds=(118.0, 31.0, 119.5, 32.25), versions=(("atlas", "0.1"),),
)  # fmt: skip


def changed(**values: Any) -> str:
    return json.dumps(json.loads(to_text(RECIPE)) | values)


def test_a_recipe_comes_back_from_its_text() -> None:
    assert from_text(to_text(RECIPE)) == RECIPE
    later = dataclasses.replace(RECIPE, until=dt.date(2025, 1, 1), options=(("by", "cities"),))
    assert from_text(to_text(later)) == later


def test_the_text_is_canonical_and_ascii() -> None:
    text = to_text(RECIPE)
    assert text.isascii()
    assert ": " not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


@given(st.text(max_size=40), st.dates(), st.sampled_from(["zh", "en", "both"]))
def test_every_title_and_day_comes_back(title: str, day: dt.date, lang: str) -> None:
    recipe = dataclasses.replace(RECIPE, title=title, day=day, lang=lang)
    assert from_text(to_text(recipe)) == recipe


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "[]", "{}", "1", changed(scheme=2), changed(paper="A9"), changed(dpi=10_000),
        changed(dpi="300"), changed(lang="fr"), changed(profile="secret"),
        changed(day="2024-13-01"), changed(day=None), changed(bounds=[1, 2]),
        changed(bounds="abcd"), changed(bounds=[float("nan"), 1, 2, 3]),
        changed(bounds=[3, 1, 2, 3]), changed(layers=[1]),
        changed(layers=None), changed(title=7), changed(editions=[{}]), changed(editions=[1]),
        changed(strange=1), changed(svg_text="x"), changed(versions=[["a"]]), changed(until="x"),
        changed(until="2024-06-01"), changed(orientation="diagonal"), " " * 300_000,
        changed(editions=[json.loads(to_text(RECIPE))["editions"][0] | {"role": "x"}]),
        changed(editions=[json.loads(to_text(RECIPE))["editions"][0] | {"edition": "../1"}]),
    ],
)  # fmt: skip
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".?"):
        from_text(text)
