"""A series: its pages, figures, links and proof; stopped, taken up again, refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pypdf import PdfReader

from atlas.analysis.zone_index import index_zones
from atlas.cartography.series_text import Section
from atlas.core.crs import area_km2, length_km
from atlas.core.period import as_of
from atlas.core.recipe import PLACE, SHOWN, UNITS, Recipe
from atlas.errors import (
    ApprovalMissing,
    AtlasError,
    FigureRefused,
    LayerNotFound,
    NothingThere,
    WriteFailed,
)
from atlas.io import catalogue
from atlas.io.page_store import DAYS_KEPT, PageStore
from atlas.io.recipes import read_recipe
from atlas.operations import figure_data, series, series_book, series_page, series_pool
from atlas.operations.folder import PROJECT
from atlas.operations.series_page import Job
from tests.conftest import StoreBuilder
from tests.examples import in_force
from tests.towns import CORRIDORS, D2, EAST, HALF, RAIL, RAILS, WEST, D, add, make_towns, publish

ASKED = {"day": D2, "since": D, "known_by": D2, "made": D2, "lang": "en"}
LAYERS = (CORRIDORS, RAILS)
PAGES = 3


@pytest.fixture(scope="module", autouse=True)
def _coarse() -> Iterator[None]:
    """A grid of few cells: the same numbers sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(index_zones.__kwdefaults__, "cells", 20_000)
        yield


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> StoreBuilder:
    return make_towns(tmp_path_factory.mktemp("towns") / "layers")


@pytest.fixture(scope="module")
def recipe(towns: StoreBuilder) -> Recipe:
    return series.compose(towns.folder, LAYERS, **ASKED)


@pytest.fixture(scope="module")
def content(towns: StoreBuilder, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    work = tmp_path_factory.mktemp("work")
    return series.render(recipe, towns.folder, work=work, processes=1)


def series_shapes(shapes: list[shapely.Geometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes, crs=4326)


def texts(content: bytes) -> list[str]:
    """Words of each page on one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages]


def sections(towns: StoreBuilder, recipe: Recipe, code: str) -> dict[str, Section]:
    """What the page of a place says, by the head."""
    gathered = series_book.gather(recipe, figure_data.reader_of(towns.folder))
    job = next(job for job in series_book.list_jobs(gathered) if job.place == code)
    return {section.head: section for section in job.texts[0]}


def test_a_recipe_pins_layers_places_and_stations(recipe: Recipe) -> None:
    roles = {(used.layer, used.role) for used in recipe.editions}
    assert {(CORRIDORS, SHOWN), (RAILS, SHOWN), ("cities", PLACE)} <= roles
    assert ("rail-stations", UNITS) in roles
    assert (recipe.day, recipe.until) == (D, D2)


def test_cover_contents_a_page_a_city_sources(content: bytes) -> None:
    pages = texts(content)
    assert len(pages) == 2 + PAGES + 1
    assert "Planning atlas" in pages[0]
    assert "working map, not for publication" in pages[0]
    assert re.search(r"Easttown 3 .*Island 4 .*Westtown 5 .*Sources and method 6", pages[1])
    for page, name in zip(pages[2:5], ("Easttown", "Island", "Westtown"), strict=True):
        assert page.startswith(name)
    assert "Proof" in pages[5]
    for number, page in enumerate(pages[1:], start=2):
        assert f"{number} / 6" in page


def test_links_and_bookmarks_lead_to_their_pages(content: bytes) -> None:
    reader = PdfReader(BytesIO(content))
    marks = {mark.title: reader.get_destination_page_number(mark) for mark in reader.outline}
    assert list(marks.values()) == list(range(6))
    assert marks["Island"] == 3
    order = {page.indirect_reference.idnum: place for place, page in enumerate(reader.pages)}
    targets = [
        [order[link.get_object()["/Dest"][0].idnum] for link in page.get("/Annots", [])]
        for page in reader.pages
    ]
    assert targets == [[], [2, 3, 4, 5, 1], [1], [1], [1], [1]]


def test_letters_are_embedded_and_found_as_text(towns: StoreBuilder, tmp_path: Path) -> None:
    both = series.compose(towns.folder, LAYERS, **ASKED | {"lang": "both"})
    made = series.render(both, towns.folder, work=tmp_path, processes=1)
    page = texts(made)[2]
    for words in ("东城市", "Easttown", "中走廊", "Middle Corridor", "主要数字", "Key figures"):
        assert words in page
    for page in PdfReader(BytesIO(made)).pages:
        for font in page["/Resources"]["/Font"].values():
            assert font.get_object()["/Subtype"] == "/Type3"
            assert "/ToUnicode" in font.get_object()


def test_figures_are_those_of_the_shapes(towns: StoreBuilder, recipe: Recipe) -> None:
    told = sections(towns, recipe, "w")
    figures = " | ".join(told["Key figures"].lines)
    whole, half = (
        float(area_km2(series_shapes([shape])).iloc[0]) for shape in (WEST, WEST.intersection(HALF))
    )
    assert "Residents, census of 2020: 1,234,567" in figures
    area, covered = (float(size.replace(",", "")) for size in re.findall(r"([\d,]+) km²", figures))
    assert area == pytest.approx(whole, abs=1.0)
    assert covered == pytest.approx(half, abs=1.0)
    assert "covered by those in force, 50.0 %" in figures
    rail = float(length_km(series_shapes([RAIL.intersection(WEST)])).iloc[0])
    assert f"{rail:.1f} km in operation" in figures
    assert "title of rail-stations: 1 " in figures


def test_a_draft_is_listed_with_its_status_and_not_counted(
    towns: StoreBuilder, recipe: Recipe
) -> None:
    held = sections(towns, recipe, "w")["title of innovation-corridors"]
    assert [line.partition(":")[0] for line in held.lines] == [
        "Middle Corridor (version 1)", "Draft Corridor (version 1, draft)",
    ]  # fmt: skip
    assert all("also in Easttown" in line for line in held.lines)
    assert held.notes[0].startswith("1 more has no published extent")


def test_changes_count_what_is_in_force(towns: StoreBuilder, recipe: Recipe) -> None:
    changed = " | ".join(sections(towns, recipe, "w")["Changes since 2018-06-01 "
                                                      "(only what is in force)"].lines)  # fmt: skip
    assert "new: Middle Corridor" in changed
    assert "Draft" not in changed
    assert re.search(r"Main line from 28\.\d km to 38\.\d km", changed)
    east = sections(towns, recipe, "e")
    assert "from 0 to 1" in " | ".join(list(east.values())[-1].lines)
    assert "census of 2020: not found" in east["Key figures"].lines[0]


def test_a_place_with_nothing_has_a_page_that_says_so(content: bytes) -> None:
    page = texts(content)[3]
    assert "Nothing of it lies here." in page
    assert "No change." in page
    assert "none in force" in page


@pytest.fixture
def _always_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes for a few pages too."""
    monkeypatch.setattr(series_pool, "FEW", 0)


class Stopped(BaseException):
    """What a click of the reader raises."""


@pytest.mark.usefixtures("_always_workers")
def test_a_stopped_series_leaves_no_file_and_goes_on_from_its_pages(
    towns: StoreBuilder, recipe: Recipe, content: bytes, tmp_path: Path
) -> None:
    """The same bytes, whichever process drew which page on which run."""
    path, work = tmp_path / "series.pdf", tmp_path / "work"

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise Stopped

    with pytest.raises(Stopped):
        series.write_series(path, recipe, towns.folder, work=work, processes=2, tell=stop)
    assert not path.exists()
    kept = list(work.glob("*.pdf"))
    assert kept
    kept[0].write_bytes(kept[0].read_bytes()[:-9])  # half-written by a dying disk
    told: list[int] = []
    series.write_series(
        path, recipe, towns.folder, work=work, processes=1, tell=lambda done, _: told.append(done)
    )
    assert told == list(range(len(kept) - 1, PAGES + 1))
    assert path.read_bytes() == content
    assert not list(work.glob("*.pdf"))


@pytest.mark.usefixtures("_always_workers")
def test_a_page_that_a_worker_cannot_draw_is_one_error(
    towns: StoreBuilder, recipe: Recipe, tmp_path: Path
) -> None:
    gathered = series_book.gather(recipe, figure_data.reader_of(towns.folder))
    (job, *_) = series_book.list_jobs(gathered)
    wrong = Job(job.recipe, "nowhere", job.texts, job.foot, job.sources)
    with pytest.raises(NothingThere, match="nowhere"):
        series_pool.draw_pages(towns.folder, [wrong], PageStore(tmp_path), processes=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("_always_workers")
def test_a_worker_that_ends_is_told(
    towns: StoreBuilder, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_pool, "WORKER", "no_such_module")
    with pytest.raises(AtlasError, match="no_such_module"):
        series.render(recipe, towns.folder, work=tmp_path, processes=2)


def test_a_job_travels_as_text(towns: StoreBuilder, recipe: Recipe) -> None:
    gathered = series_book.gather(recipe, figure_data.reader_of(towns.folder))
    for job in series_book.list_jobs(gathered):
        assert Job.from_json(job.to_json()) == job


def test_rows_of_a_day_give_the_same_page_as_all_rows(
    towns: StoreBuilder, recipe: Recipe, content: bytes
) -> None:
    gathered = series_book.gather(recipe, figure_data.reader_of(towns.folder))
    job = series_book.list_jobs(gathered)[0]
    whole = series_page.draw(job, figure_data.reader_of(towns.folder))
    assert series_page.draw(job, series_page.reader_for(recipe, towns.folder)) == whole


@pytest.mark.parametrize("layer", ["rail-lines", "ecological-belts", "cities"])
def test_rows_of_a_day_are_the_rows_of_that_days_rows(layer: str) -> None:
    folder = PROJECT / "layers"
    rows = catalogue.read_layer(
        folder, catalogue.find_edition(folder, layer, known_by=dt.date(2026, 11, 25))
    ).features
    for day in (dt.date(2011, 8, 1), dt.date(2016, 1, 1), dt.date(2021, 4, 1)):
        once = as_of(rows, day)
        assert len(once)
        assert as_of(once, day).index.tolist() == once.index.tolist()


def test_a_newer_edition_changes_no_series_that_was_made(
    towns: StoreBuilder, recipe: Recipe, content: bytes
) -> None:
    """Also one that is published on the very day by which editions count."""
    entry = (in_force("2019-01-01", None, id="c", name_zh="新走廊", name_en="New"), EAST)
    publish(towns, CORRIDORS, entry, day=D2.isoformat())
    assert series.draw_again(recipe, towns.folder, processes=1) == content
    newer = series.compose(towns.folder, LAYERS, **ASKED)
    assert newer.editions != recipe.editions


def test_a_file_carries_its_recipe(recipe: Recipe, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "series.pdf"
    path.write_bytes(content)
    carried = read_recipe(path)
    assert carried.intact
    assert carried.recipe == recipe
    path.write_bytes(content.replace(b"/Title", b"/Tutle", 1))
    assert not read_recipe(path).intact


def test_a_public_series_prints_its_number_on_every_map(
    towns: StoreBuilder, tmp_path: Path
) -> None:
    asked = ASKED | {"profile": "public", "approval_number": "GS（2024）0650号"}
    public = series.compose(towns.folder, (RAILS,), **asked)
    pages = texts(series.render(public, towns.folder, work=tmp_path, processes=1))
    for page in (pages[0], *pages[2:5]):
        assert "GS（2024）0650号" in page
        assert "working map" not in page
    assert "no legal clearance" in pages[2]


@pytest.mark.parametrize(
    ("layers", "changed", "error"),
    [
        (("nowhere",), {}, LayerNotFound),
        ((), {}, FigureRefused),
        (LAYERS, {"title": "x" * 400}, FigureRefused),
        (LAYERS, {"since": D2}, FigureRefused),
        (LAYERS, {"by": CORRIDORS}, FigureRefused),
        (LAYERS, {"profile": "public"}, ApprovalMissing),
    ],
    ids=["layer", "none", "title", "days", "by", "number"],
)
def test_what_cannot_be_is_refused(
    towns: StoreBuilder, layers: tuple[str, ...], changed: dict, error: type[AtlasError]
) -> None:
    with pytest.raises(error):
        series.compose(towns.folder, layers, **ASKED | changed)


def test_a_series_of_nothing_is_refused(towns: StoreBuilder, tmp_path: Path) -> None:
    row = in_force("2010-01-01", "2011-01-01", id="x")
    add(towns, "old-plans", "polygon", "ecology", (row, HALF))
    nothing = series.compose(towns.folder, ("old-plans",), **ASKED)
    with pytest.raises(NothingThere, match="old-plans"):
        series.render(nothing, towns.folder, work=tmp_path, processes=1)


@pytest.mark.parametrize("name", ["file/series.pdf", "series.png", "."])
def test_a_path_that_cannot_be_written_is_told_before_a_page_is_drawn(
    towns: StoreBuilder, recipe: Recipe, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text("x")

    def never(done: int, total: int) -> None:
        raise AssertionError

    with pytest.raises((WriteFailed, FigureRefused)):
        series.write_series(
            tmp_path / name, recipe, towns.folder, work=tmp_path / "work", tell=never
        )
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_words_that_find_no_room_are_counted(towns: StoreBuilder, recipe: Recipe) -> None:
    from atlas.cartography import figure_files, series_sheet
    from atlas.cartography.series_sheet import Foot, map_page
    from atlas.operations.series_page import place_part

    read = figure_data.reader_of(towns.folder)
    part = place_part(recipe, "w", read, 6)
    many = Section("Many", tuple(f"line {n} " + "x" * 60 for n in range(400)), ("the note",))
    with figure_files.drawing():
        page = map_page(part, ((many,),), Foot("t", "b", 1, 1))
    written = [text.get_text() for text in page.texts]
    lines = sum(text.startswith("line") for text in written)
    assert f"no room here for {400 - lines} more" in written
    assert "the note" in written
    low = min(text.get_position()[1] for text in page.texts if text.get_text().startswith("line"))
    assert low > series_sheet.FOOT_AT + series_sheet.FOOT_SIZE


def test_pages_that_nobody_took_up_are_dropped(tmp_path: Path) -> None:
    import os
    import time

    store = PageStore(tmp_path)
    store.write("a" * 64, b"%PDF-")
    store.write("b" * 64, b"%PDF-")
    old = time.time() - (DAYS_KEPT + 1) * 86_400
    for path in tmp_path.glob("a*"):
        os.utime(path, (old, old))
    store.prune()
    assert store.read("a" * 64) is None
    assert store.read("b" * 64) == b"%PDF-"
