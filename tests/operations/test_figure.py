"""Composing a figure: what goes into its recipe, and what is refused; none is half-written."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atlas.core.recipe import BASE, GROUND, NAMES, PLACE, SHOWN, UNITS, Recipe
from atlas.errors import (
    ApprovalMissing,
    AtlasError,
    EditionNotFound,
    FigureRefused,
    LayerNotFound,
    NothingThere,
    PlaceNotFound,
    WriteFailed,
    WrongKind,
)
from atlas.io import catalogue
from atlas.operations import figure_data, report, series
from atlas.operations.figure import compose, render, write_figure
from tests.cartography.figures import DAY, FOLDER, KNOWN_BY, MADE, READ, figure_of
from tests.conftest import StoreBuilder
from tests.examples import in_force, row, square

D = dt.date


def roles(recipe: Recipe) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for used in recipe.editions:
        found.setdefault(used.role, []).append(used.layer)
    return found


def composed(*layers: str, **options: Any):
    days = {"day": DAY, "known_by": KNOWN_BY, "made": MADE}
    return compose(FOLDER, layers, read=READ, **(days | options))


def test_a_recipe_names_every_edition_that_is_drawn() -> None:
    recipe = figure_of("innovation-corridors", "cities", "innovation-corridors").recipe
    assert recipe.layers == ("innovation-corridors", "cities")
    assert roles(recipe) == {
        SHOWN: ["innovation-corridors", "cities"], BASE: ["land", "lakes", "provinces"],
    }  # fmt: skip
    assert all(len(used.sha256) == len(used.about_sha256) == 64 for used in recipe.editions)
    assert (recipe.day, recipe.known_by, recipe.made) == (DAY, KNOWN_BY, MADE)
    names = dict(recipe.versions)
    assert {"atlas", "style", "matplotlib", "freetype", "font"} <= names.keys()
    assert all(names.values())


def test_a_layer_below_the_map_that_is_asked_for_is_drawn_once_and_in_the_legend() -> None:
    figure = figure_of("lakes")
    assert roles(figure.recipe)[BASE] == ["land", "provinces"]
    assert [la.id for la in figure.sheet.document.layers if not la.background] == ["lakes"]
    assert [layer.id for layer in figure.sheet.locator] == ["land", "lakes", "provinces"]


def test_a_place_is_pinned_with_its_box_and_its_edition() -> None:
    recipe = figure_of("innovation-corridors", place="320100").recipe
    assert recipe.place == "cities:320100"
    assert roles(recipe)[PLACE] == ["cities"]
    assert roles(recipe)[NAMES] == ["districts", "cities"]
    west, south, east, north = recipe.bounds
    assert 117.5 < west < 118.4
    assert 119.2 < east < 119.6
    assert 30.9 < south < 31.3
    assert 32.6 < north < 33.0


def test_a_box_is_drawn_as_it_is_given() -> None:
    recipe = figure_of("cities", place="118, 31, 119.5, 32.5").recipe
    assert recipe.bounds == (118.0, 31.0, 119.5, 32.5)
    assert recipe.place == "118,31,119.5,32.5"
    assert PLACE not in roles(recipe)


@pytest.mark.parametrize("layer", ["rail-stations", "rail-lines"])
def test_a_change_of_points_or_lines_is_drawn_too(layer: str) -> None:
    days = {"day": D(2018, 1, 1), "until": D(2026, 11, 25), "known_by": D(2026, 11, 25)}
    assert render(composed(layer, dpi=150, **days), "png").startswith(b"\x89PNG")


def test_two_days_show_what_changed_between_them() -> None:
    figure = figure_of("innovation-corridors", day=D(2018, 1, 1), until=D(2024, 1, 1), lang="en")
    assert set(roles(figure.recipe)) == {SHOWN, BASE, NAMES, UNITS}
    [layer] = [layer for layer in figure.sheet.document.layers if not layer.background]
    assert layer.id == "changes"
    assert "2018-01-01 to 2024-01-01" in figure.sheet.subtitle[0]
    assert "entries differ" in figure.sheet.subtitle[0]
    address = "/changes?layer=innovation-corridors&days=2018-01-01,2024-01-01&known=2026-11-24"
    assert any(address in note for note in figure.sheet.notes[0])


def test_an_older_day_of_record_draws_the_older_edition(store: StoreBuilder) -> None:
    first = store.publish([row()], published="2020-01-01")
    store.publish([row(name_zh="新河")], published="2021-01-01")
    for known_by, edition in ((D(2020, 6, 1), 1), (D(2021, 6, 1), 2)):
        recipe = compose(
            store.folder, ["belts"], day=DAY, known_by=known_by, made=MADE
        ).recipe  # fmt: skip
        assert [used.edition for used in recipe.editions] == [edition]
    assert compose(
        store.folder, ["belts"], day=DAY, known_by=D(2020, 6, 1), made=MADE
    ).recipe.editions[0].sha256 == first.sha256  # fmt: skip


def test_a_store_with_one_layer_only_is_drawn_too(store: StoreBuilder) -> None:
    names = {"name_zh": "<b>&科创</b>", "name_en": "$x$ \\alpha"}
    store.publish([row(**names)], published="2020-01-01", shape=square())
    for lang in ("zh", "en", "both"):
        figure = compose(
            store.folder, ["belts"], day=DAY, known_by=MADE, made=MADE, lang=lang
        )  # fmt: skip
        text = render(figure, "svg").decode()
        assert ("&lt;b&gt;&amp;科创&lt;/b&gt;" in text) == (lang != "en")
        assert ("$x$ \\alpha" in text) == (lang != "zh")


def test_shapes_are_simpler_on_small_paper_and_never_move_far() -> None:
    small = figure_of("districts", paper="A4")
    large = figure_of("districts", paper="A2", place="cities:320100")
    counts = [
        sum(len(shape.wkb) for shape in layer.features.geometry)
        for figure in (small, large)
        for layer in figure.sheet.document.layers
        if layer.id == "districts"
    ]
    assert counts[0] < counts[1]
    used = next(one for one in small.recipe.editions if one.layer == "districts")
    whole = READ(used).features.geometry.to_crs("EPSG:32650")
    [layer] = [layer for layer in small.sheet.document.layers if layer.id == "districts"]
    simple = layer.features.geometry.to_crs("EPSG:32650")
    limit_m = 4 * figure_data.ON_PAPER_M * figure_data.scale_of(small.recipe, [layer])
    moved = simple.hausdorff_distance(whole.loc[simple.index])
    assert moved.quantile(0.99) < limit_m


def test_a_raster_lies_below_with_its_edition_its_source_and_its_limits() -> None:
    figure = figure_of("land-cover", "ecological-belts", place="330100", lang="en")
    assert roles(figure.recipe)[GROUND] == ["land-cover"]
    assert roles(figure.recipe)[SHOWN] == ["ecological-belts"]
    assert figure.recipe.layers == ("land-cover", "ecological-belts")
    [used] = [one for one in figure.recipe.editions if one.role == GROUND]
    [edition] = catalogue.read_editions(FOLDER, "land-cover")[:1]
    assert (used.edition, used.sha256) == (1, edition.sha256)
    assert figure.sheet.title == ("Hangzhou: Land cover (2019), Ecological economic belts",)
    notes = "\n".join(figure.sheet.notes[0])
    assert f"Land cover (2019), edition 1 (2026-11-24, {edition.sha256[:12]})" in notes
    assert "MCD12C1 v006 (2019), doi:10.5067/MODIS/MCD12C1.006 (NASA open data" in notes
    assert "Land cover (2019): 5 km cells: for regions, not for parcels" in notes
    assert "/ground?raster=land-cover&tell=zones&over=ecological-belts&day=2024-06-01" in notes


def test_a_raster_alone_is_a_figure_and_none_has_none() -> None:
    figure = composed("terrain", lang="en", dpi=150)
    assert roles(figure.recipe)[GROUND] == ["terrain"]
    assert SHOWN not in roles(figure.recipe)
    raster = figure.sheet.raster
    assert raster is not None
    low, high = np.nanmin(raster.numbers), np.nanmax(raster.numbers)
    [title] = raster.title
    assert title.replace("−", "-") == (
        f"Terrain height: least {low:g}, greatest {high:,g}, m above the sea (whole raster)"
    )
    assert render(figure, "png") == render(composed("terrain", lang="en", dpi=150), "png")
    assert figure_of("cities").sheet.raster is None


def test_a_report_and_a_series_refuse_a_raster() -> None:
    days = {"day": DAY, "known_by": KNOWN_BY, "made": MADE}
    with pytest.raises(WrongKind, match="a report measures"):
        report.compose(FOLDER, ("land-cover", "cities"), **days)
    with pytest.raises(WrongKind, match="a series draws"):
        series.compose(FOLDER, ("land-cover", "cities"), **days)


BAD: dict[str, tuple[tuple[str, ...], dict[str, Any], type[AtlasError], str]] = {
    "no layer": ((), {}, FigureRefused, "at least one layer"),
    "unknown layer": (("corridors",), {}, LayerNotFound, "no layer 'corridors'"),
    "path for a layer": (("../layers/cities",), {}, LayerNotFound, "no layer"),
    "register": (("action-plan",), {"known_by": D(2026, 11, 25)}, WrongKind, "action-plan"),
    "raster that changed": (("terrain",), {"until": D(2025, 1, 1)}, WrongKind, "what changed"),
    "two rasters": (("terrain", "cities", "land-cover"), {}, FigureRefused,
                    "name one of terrain, land-cover"),
    "not yet published": (("cities",), {"known_by": D(2020, 1, 1)}, EditionNotFound, "cities"),
    "empty extent": (("cities",), {"place": "119,31,119,32"}, PlaceNotFound, "the smaller first"),
    "turned extent": (("cities",), {"place": "120,31,119,32"}, PlaceNotFound, "the smaller first"),
    "unknown place": (("cities",), {"place": "atlantis"}, PlaceNotFound, "atlantis"),
    "nothing there": (("innovation-corridors",), {"place": "114.9,34.5,115.1,34.7"}, NothingThere,
                      "innovation-corridors"),
    "nothing then": (("rail-lines",), {"day": D(1950, 1, 1)}, NothingThere, "1950"),
    "nothing changed": (("lakes",), {"until": D(2025, 1, 1)}, NothingThere, "2025-01-01"),
    "long title": (("cities",), {"title": "长" * 400}, FigureRefused, "400 signs; at most 120"),
    "two layers changed": (("cities", "lakes"), {"until": D(2025, 1, 1)}, FigureRefused, "one"),
    "same days": (("cities",), {"until": DAY}, FigureRefused, "the same"),
    "coarse": (("cities",), {"dpi": 72}, FigureRefused, "150 to 600"),
    "public": (("cities",), {"profile": "public"}, ApprovalMissing, "approval number"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(case: str) -> None:
    layers, options, error, words = BAD[case]
    with pytest.raises(error, match=words) as raised:
        composed(*layers, **options)
    assert "\n" not in str(raised.value)


def test_a_figure_is_written_whole_or_not_at_all(store: StoreBuilder, tmp_path: Path) -> None:
    store.publish([in_force("2018-06-01", None)], published="2020-01-01")
    figure = compose(store.folder, ["belts"], day=DAY, known_by=MADE, made=MADE)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(WriteFailed, match="nothing was changed"):
        write_figure(blocked / "a.svg", figure)
    with pytest.raises(FigureRefused, match=r"must end in one of \.pdf, \.svg, \.png"):
        write_figure(tmp_path / "a.jpg", figure)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "layers", "rows.geojson"]
    write_figure(tmp_path / "a.SVG", figure)
    assert b"<svg" in (tmp_path / "a.SVG").read_bytes()[:2000]
    assert not list(tmp_path.glob(".tmp-*"))


def test_many_figures_read_each_edition_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = figure_data.reader_of(FOLDER)
    composed_with = {"day": DAY, "known_by": KNOWN_BY, "made": MADE, "read": read}
    first = compose(FOLDER, ["cities"], **composed_with)
    used = first.recipe.editions[0]
    held = read(used)
    compose(FOLDER, ["cities"], place="118,31,119.5,32.5", **composed_with)
    assert read(used) is held
