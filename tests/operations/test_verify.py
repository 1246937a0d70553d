"""A file is proven by its recipe, its data and by drawing it again; every answer is given."""

import dataclasses
import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from atlas.core.recipe import Recipe
from atlas.errors import FileDamaged
from atlas.i18n import LANGUAGES
from atlas.io import recipes
from atlas.operations import verify as proving
from atlas.operations.figure import Figure, compose, render, write_figure
from atlas.operations.verify import ALTERED, CHANGED, OTHER_VERSIONS, SAME, WITHDRAWN, verify
from tests.cartography.figures import FOLDER, figure_of
from tests.conftest import StoreBuilder
from tests.examples import row

DAY, MADE = dt.date(2024, 6, 1), dt.date(2024, 6, 2)
FORMS = ("pdf", "svg", "png")


@pytest.fixture
def belts(store: StoreBuilder) -> StoreBuilder:
    store.publish([row()], published="2020-01-01")
    return store


def drawn(store: StoreBuilder, **options: object) -> Figure:
    options = {"dpi": 150} | options
    return compose(store.folder, ["belts"], day=DAY, known_by=DAY, made=MADE, **options)


def written(store: StoreBuilder, form: str = "pdf", **options: object) -> Path:
    path = store.folder.parent / f"figure.{form}"
    write_figure(path, drawn(store, **options))
    return path


def answer(path: Path, store: StoreBuilder) -> str:
    return verify(path, store.folder).answer


@pytest.mark.parametrize("form", FORMS)
def test_an_untouched_file_is_the_same(belts: StoreBuilder, form: str) -> None:
    verdict = verify(written(belts, form), belts.folder)
    assert (verdict.answer, verdict.reasons) == (SAME, ())
    assert verdict.recipe.form == form


def test_a_later_edition_changes_nothing(belts: StoreBuilder) -> None:
    path = written(belts)
    belts.publish([row(name_zh="新河")], published="2021-01-01")
    assert answer(path, belts) == SAME


def test_a_withdrawn_edition_is_told_with_its_day(belts: StoreBuilder) -> None:
    path = written(belts)
    belts.withdraw(1, "2024-06-03")
    verdict = verify(path, belts.folder)
    assert verdict.answer == WITHDRAWN
    assert verdict.reasons == ("belts, edition 1: withdrawn on 2024-06-03",)


def test_a_file_altered_after_its_data_were_withdrawn_is_altered(belts: StoreBuilder) -> None:
    path = written(belts, "svg")
    path.write_bytes(path.read_bytes().replace("淮河".encode(), "长江".encode()))
    belts.withdraw(1, "2024-06-03")
    assert answer(path, belts) == ALTERED


def test_other_bytes_in_the_store_are_changed_data(belts: StoreBuilder) -> None:
    path = written(belts)
    edition = belts.folder / "belts" / "1.geojson"
    edition.write_bytes(edition.read_bytes().replace("淮河".encode(), "长江".encode()))
    verdict = verify(path, belts.folder)
    assert verdict.answer == CHANGED
    assert "belts, edition 1" in verdict.reasons[0]


def test_another_store_has_other_data(
    belts: StoreBuilder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(belts)
    folder = tmp_path_factory.mktemp("other") / "layers"
    folder.mkdir()
    other = StoreBuilder(folder)
    assert answer(path, other) == CHANGED
    other.add_layer()
    assert answer(path, other) == CHANGED
    other.publish([row(name_zh="长江")], published="2020-01-01")
    verdict = verify(path, folder)
    assert verdict.answer == CHANGED
    assert "the store has" in verdict.reasons[0]


@pytest.mark.parametrize("form", FORMS)
def test_a_touched_file_is_altered(belts: StoreBuilder, form: str) -> None:
    path = written(belts, form)
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    path.write_bytes(bytes(content))
    assert answer(path, belts) == ALTERED


def test_a_new_seal_does_not_hide_a_change(belts: StoreBuilder) -> None:
    path = written(belts, "svg")
    forged = path.read_bytes().replace(b">belts, edition", b">x")
    forged = forged.replace("淮河".encode(), "长江".encode())
    text = recipes.SEAL.sub(b"atlasseal" + recipes.BLANK.encode(), forged, count=1)
    path.write_bytes(recipes.seal(text))
    verdict = verify(path, belts.folder)
    assert verdict.answer == ALTERED
    assert "drawing its recipe again" in verdict.reasons[0]


@pytest.mark.parametrize(
    "change",
    [
        {"profile": "public", "approval_number": "GS（2024）0650号"}, {"made": dt.date(2025, 1, 1)},
        {"profile": "public"}, {"title": "长" * 400}, {"layers": ()}, {"editions": ()},
        {"until": dt.date(2025, 1, 1), "editions": ()},
    ],
)  # fmt: skip
def test_the_recipe_of_another_figure_does_not_prove_this_one(
    belts: StoreBuilder, change: dict
) -> None:
    figure = drawn(belts)
    svg = render(figure, "svg")
    own = recipes.svg_metadata(dataclasses.replace(figure.recipe, form="svg"))
    other = recipes.svg_metadata(dataclasses.replace(figure.recipe, form="svg", **change))
    blank = recipes.SEAL.sub(b"atlasseal" + recipes.BLANK.encode(), svg, count=1)
    assert own.encode() in blank
    path = belts.folder.parent / "forged.svg"
    path.write_bytes(recipes.seal(blank.replace(own.encode(), other.encode())))
    assert answer(path, belts) == ALTERED


def test_a_recipe_in_another_kind_of_file_is_altered(belts: StoreBuilder) -> None:
    figure = drawn(belts)
    path = belts.folder.parent / "moved.svg"
    path.write_bytes(render(Figure(figure.recipe, figure.sheet), "svg"))
    moved = path.read_bytes().replace(b'"form":"svg"', b'"form":"png"')
    path.write_bytes(moved)
    assert answer(path, belts) == ALTERED


def other_versions(recipe: Recipe) -> Recipe:
    versions = tuple((name, "0" if name == "freetype" else v) for name, v in recipe.versions)
    return dataclasses.replace(recipe, versions=versions)


def test_other_versions_leave_the_data_verified(belts: StoreBuilder) -> None:
    figure = drawn(belts)
    path = belts.folder.parent / "old.png"
    write_figure(path, Figure(other_versions(figure.recipe), figure.sheet))
    verdict = verify(path, belts.folder)
    assert verdict.answer == OTHER_VERSIONS
    assert [reason[:11] for reason in verdict.reasons] == ["freetype: 0"]
    belts.withdraw(1, "2024-06-03")
    assert answer(path, belts) == WITHDRAWN


def test_another_description_of_the_layer_is_another_version(belts: StoreBuilder) -> None:
    path = written(belts)
    about = belts.folder / "belts" / "layer.toml"
    about.write_text(about.read_text("utf-8").replace("title 中文", "新标题"), "utf-8")
    verdict = verify(path, belts.folder)
    assert verdict.answer == OTHER_VERSIONS
    assert verdict.reasons == ("belts/layer.toml: another text",)


def test_a_kind_that_nothing_here_draws_is_another_version(belts: StoreBuilder) -> None:
    figure = drawn(belts)
    path = belts.folder.parent / "strange.png"
    write_figure(path, Figure(dataclasses.replace(figure.recipe, kind="poster"), figure.sheet))
    verdict = verify(path, belts.folder)
    assert verdict.answer == OTHER_VERSIONS
    assert verdict.reasons == ("nothing here draws a 'poster'",)


def test_a_real_change_figure_of_a_place_is_the_same(tmp_path: Path) -> None:

    path = tmp_path / "change.pdf"
    change = figure_of(
        "innovation-corridors", day=dt.date(2018, 1, 1), until=dt.date(2024, 1, 1),
        place="cities:330100", lang="both",
    )  # fmt: skip
    write_figure(path, change)
    assert verify(path, FOLDER).answer == SAME


@pytest.mark.parametrize("form", FORMS)
def test_a_figure_with_a_raster_is_the_same(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"ground.{form}"
    layers = ("land-cover", "ecological-belts")
    write_figure(path, figure_of(*layers, place="cities:330100", dpi=150))
    assert verify(path, FOLDER).answer == SAME


def test_other_cells_in_the_store_are_changed_data(tmp_path: Path) -> None:
    path = tmp_path / "ground.svg"
    write_figure(path, figure_of("land-cover", "ecological-belts", place="cities:330100", dpi=150))
    store = tmp_path / "layers"
    shutil.copytree(FOLDER, store)
    cells = store / "land-cover" / "1.tif"
    content = bytearray(cells.read_bytes())
    content[-1] ^= 1
    cells.write_bytes(bytes(content))
    verdict = verify(path, store)
    assert verdict.answer == CHANGED
    assert "land-cover, edition 1" in verdict.reasons[0]


def test_no_file_and_no_recipe_are_errors(belts: StoreBuilder, tmp_path: Path) -> None:
    with pytest.raises(FileDamaged, match="No such file"):
        verify(tmp_path / "none.pdf", belts.folder)
    plain = tmp_path / "plain.svg"
    plain.write_text("<svg/>")
    with pytest.raises(FileDamaged, match="no recipe"):
        verify(plain, belts.folder)


def test_a_verdict_is_told_in_words_and_for_machines(belts: StoreBuilder) -> None:
    verdict = verify(written(belts), belts.folder)
    assert proving.to_lines(verdict, "en")[0].startswith("Same: ")
    assert json.loads(json.dumps(proving.to_values(verdict)))["answer"] == SAME
    told = {
        (lang, found): proving.to_lines(dataclasses.replace(verdict, answer=found), lang)[0]
        for lang in LANGUAGES
        for found in proving.ANSWERS
    }
    assert len(set(told.values())) == 10
