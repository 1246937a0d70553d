"""Raster layers through the store and the command line: the same rules as for rows."""

import datetime as dt
import json

import numpy as np
import pytest

from atlas.errors import PublishRefused, SchemaError, StoreBusy, StoreDamaged, WrongKind
from atlas.io import catalogue
from atlas.io import raster as cog
from atlas.io import store as storing
from atlas.operations import publish as publishing
from atlas.operations.audit import audit
from atlas.operations.check import check
from tests.conftest import TODAY, StoreBuilder
from tests.examples import row, rows_file
from tests.raster_examples import QUANTITY, add_raster_layer, heights, land_cover, tiff

LATER = land_cover(values=np.array([[0, 1, 7], [7, 255, 0]], dtype="uint8"))


@pytest.fixture
def cover(empty_store: StoreBuilder) -> StoreBuilder:
    """A store with the raster layers ``cover`` and ``heights``, nothing published."""
    add_raster_layer(empty_store.folder, "cover")
    add_raster_layer(empty_store.folder, "heights", QUANTITY)
    return empty_store


def put(store: StoreBuilder, content: bytes, *, published: str = "2020-01-01",
        layer: str = "cover", dry_run: bool = False) -> publishing.Publication:  # fmt: skip
    file = store.write(content, "cells.tif")
    return publishing.publish(
        store.folder, layer, file, note="cells", published=dt.date.fromisoformat(published),
        today=TODAY, dry_run=dry_run,
    )  # fmt: skip


def rules(store: StoreBuilder) -> list[tuple]:
    return [(p.layer, p.edition, p.rule) for p in check(store.folder, ["cover"]).problems]


def test_a_raster_is_published_as_the_bytes_that_it_came_in(cover: StoreBuilder) -> None:
    content = cog.to_bytes(land_cover())
    done = put(cover, content)
    assert done.edition.features == 1
    assert (done.change.inserted, done.change.changed, done.change.kept) == (6, 0, 0)
    assert (cover.folder / "cover" / "1.tif").read_bytes() == content
    assert rules(cover) == []
    layer = catalogue.read_raster_layer(cover.folder, done.edition)
    assert layer.raster.values.tolist() == [[0, 1, 1], [7, 255, 0]]
    assert audit(cover.folder).problems == []


def test_a_new_edition_says_how_many_cells_differ(cover: StoreBuilder) -> None:
    put(cover, cog.to_bytes(land_cover()))
    change = put(cover, cog.to_bytes(LATER), published="2021-01-01").change
    assert (change.inserted, change.changed, change.kept) == (0, 1, 5)
    moved = cog.to_bytes(land_cover(west=118.5))
    change = put(cover, moved, published="2022-01-01", dry_run=True).change
    assert (change.inserted, change.changed, change.kept) == (6, 0, 0)
    first, second = catalogue.read_editions(cover.folder, "cover")
    assert catalogue.read_raster_layer(cover.folder, first).raster.values[0, 2] == 1
    assert catalogue.read_raster_layer(cover.folder, second).raster.values[0, 2] == 7


def test_the_rules_of_the_store_hold(cover: StoreBuilder) -> None:
    content = cog.to_bytes(land_cover())
    put(cover, content)
    for published, words in (("2021-01-01", "nothing differs"), ("2024-07-01", "after today")):
        with pytest.raises(PublishRefused, match=words):
            put(cover, content, published=published)
    with pytest.raises(PublishRefused, match="before the newest event"):
        put(cover, cog.to_bytes(LATER), published="2019-01-01")
    cover.withdraw(1, "2021-01-01", layer="cover")
    assert put(cover, content, published="2021-01-01").edition.edition == 2


@pytest.mark.parametrize(
    "content",
    [
        tiff(land_cover()),
        tiff(land_cover(), driver="COG", crs="EPSG:3857"),
        cog.to_bytes(land_cover(values=np.array([[3]], dtype="uint8"))),
    ],
    ids=["not a COG", "wrong CRS", "value without class"],
)
def test_a_faulty_raster_is_not_published(cover: StoreBuilder, content: bytes) -> None:
    before = cover.state("cover")
    with pytest.raises(SchemaError) as caught:
        put(cover, content)
    assert len(caught.value.problems) == 1
    assert cover.state("cover") == before


def test_what_a_killed_publisher_left_is_named_and_goes(cover: StoreBuilder) -> None:
    put(cover, cog.to_bytes(land_cover()))
    folder = cover.folder / "cover"
    for name in ("2.tif", "9.geojson", ".tmp-abc"):
        (folder / name).write_bytes(b"half")
    result = check(cover.folder, ["cover"])
    assert result.problems == []
    assert result.leftovers == ["cover/.tmp-abc", "cover/2.tif", "cover/9.geojson"]
    put(cover, cog.to_bytes(LATER), published="2021-01-01")
    assert sorted(cover.state("cover")) == ["1.tif", "2.tif", "editions.jsonl", "layer.toml"]


@pytest.mark.parametrize("name", ["1.geojson", "1.tif"])
def test_two_files_for_one_edition_are_never_guessed_at(
    cover: StoreBuilder, store: StoreBuilder, name: str
) -> None:
    """The wrong guess would take the published file for a leftover and remove it."""
    layer = "belts" if name == "1.tif" else "cover"
    if layer == "cover":
        put(cover, cog.to_bytes(land_cover()))
    else:
        store.publish()
    (cover.folder / layer / name).write_bytes(b"stray")
    before = cover.state(layer)
    with pytest.raises(StoreDamaged, match=r"1.geojson and 1.tif lie beside it"):
        storing.read_log(cover.folder / layer)
    with pytest.raises(StoreDamaged):
        cover.withdraw(1, "2021-01-01", layer=layer)
    assert cover.state(layer) == before


def test_check_and_audit_find_changed_bytes(cover: StoreBuilder) -> None:
    put(cover, cog.to_bytes(land_cover()))
    file = cover.folder / "cover" / "1.tif"
    file.write_bytes(file.read_bytes() + b" ")
    assert rules(cover) == [("cover", 1, "hash")]
    assert [problem.rule for problem in audit(cover.folder).problems] == ["hash"]
    file.unlink()
    assert rules(cover) == [("cover", 1, "file")]


@pytest.mark.parametrize(
    ("content", "features", "found"),
    [
        (tiff(land_cover()), 1, [("cover", 1, "layout")]),
        (b"hello", 1, [("cover", 1, "file")]),
        (cog.to_bytes(land_cover(west=100.0)), 1, [("cover", 1, "region")]),
        (cog.to_bytes(land_cover()), 2, [("cover", 1, "rows")]),
    ],
)
def test_check_reads_what_a_faulty_program_published(
    cover: StoreBuilder, content: bytes, features: int, found: list[tuple]
) -> None:
    storing.publish(
        cover.folder / "cover", content, features=features, note="planted",
        published=dt.date(2020, 1, 1), ending=storing.CELLS,
    )  # fmt: skip
    assert rules(cover) == found


def test_a_raster_has_no_rows_and_a_layer_of_rows_no_cells(
    cover: StoreBuilder, store: StoreBuilder
) -> None:
    raster = put(cover, cog.to_bytes(land_cover())).edition
    rows = store.publish()
    with pytest.raises(WrongKind, match="'cover' is of kind raster"):
        catalogue.read_layer(cover.folder, raster)
    with pytest.raises(WrongKind, match="'belts' is of kind polygon"):
        catalogue.read_raster_layer(cover.folder, rows)
    assert [info.id for info in catalogue.list_feature_layers(cover.folder)] == ["belts"]


def test_layers_lists_rasters(cover: StoreBuilder, run) -> None:
    put(cover, cog.to_bytes(land_cover()))
    entry = json.loads(run("layers", "--json").out)[0]
    assert (entry["id"], entry["kind"], entry["theme"]) == ("cover", "raster", "terrain")
    assert entry["editions"][0]["features"] == 1


def test_show_counts_the_cells_of_each_class(cover: StoreBuilder, run) -> None:
    put(cover, cog.to_bytes(land_cover()))
    table = [line.split() for line in run("show", "cover").out.splitlines()]
    assert table[1:] == [
        ["0", "水体", "Water", "#0000ff", "2", "0.4000"],
        ["1", "林地", "Forest", "#00ff00", "2", "0.4000"],
        ["7", "农田", "Cropland", "#ffff00", "1", "0.2000"],
        ["nodata", "1"],
    ]
    lines = run("show", "cover", "--format", "csv").out.splitlines()
    assert lines[0] == "\ufeffvalue,zh,en,colour,cells,share"
    assert lines[-1] == "nodata,,,,1,"


def test_show_tells_the_figures_of_a_quantity(cover: StoreBuilder, run) -> None:
    put(cover, cog.to_bytes(heights()), layer="heights")
    table = [line.split() for line in run("show", "heights").out.splitlines()]
    assert [line[:2] for line in table[1:4]] == [["min", "-3"], ["mean", "199.8"], ["max", "900"]]
    assert table[4] == ["nodata", "1"]
    old = run("show", "heights", "--edition", "1", "--format", "csv").out
    assert old.splitlines()[1] == "min,-3,类,class,5"


@pytest.mark.parametrize(
    "options",
    [
        ("--format", "geojson"),
        ("--as-of", "2020-01-01"),
        ("--id", "x"),
        ("--format", "geojson", "--id", "x"),
    ],
)
def test_what_cells_cannot_give_is_one_sentence(cover: StoreBuilder, run, options) -> None:
    put(cover, cog.to_bytes(land_cover()))
    done = run("show", "cover", *options)
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "no GeoJSON" in done.err
    assert run("download", "cover").code == 1


def test_publish_by_the_command_line(cover: StoreBuilder, run) -> None:
    file = cover.write(cog.to_bytes(land_cover()), "cells.tif")
    done = run("publish", "cover", file, "--note", "cells", "--published", "2020-01-01")
    assert (done.code, done.err) == (0, "")
    assert "inserted      6  cells" in done.out
    assert "published cover edition 1 (2020-01-01)" in done.out
    cover.write(cog.to_bytes(LATER), "cells.tif")
    done = run("publish", "cover", file, "--note", "more", "--json", "--dry-run")
    assert json.loads(done.out)["change"] == {"inserted": 0, "changed": 1, "kept": 5}
    assert run("check", "cover").out == "all layers are valid\n"


def test_each_bad_file_is_one_line_on_the_command_line(cover: StoreBuilder, run_process) -> None:
    bad = {
        "hello.tif": (b"hello", "not a readable GeoTIFF"),
        "cut.tif": (cog.to_bytes(land_cover())[:-40], "not a readable GeoTIFF"),
        "strips.tif": (tiff(land_cover()), "not a Cloud-Optimised GeoTIFF"),
    }
    for name, (content, words) in bad.items():
        file = cover.write(content, name)
        done = run_process("-m", "atlas", "publish", "cover", file, "--note", "bad")
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (cover.folder / "cover" / "editions.jsonl").exists()


def test_layer_toml_must_say_what_cells_hold(cover: StoreBuilder) -> None:
    path = cover.folder / "cover" / "layer.toml"
    path.write_text(path.read_text("utf-8").replace("[raster]", "[cells]"), "utf-8")
    problems = check(cover.folder, None).problems
    assert [(p.layer, p.rule) for p in problems if p.layer == "cover"] == [("cover", "layer")]
    assert "missing or wrong: raster" in problems[0].message


def test_another_publisher_holds_a_raster_layer_too(cover: StoreBuilder) -> None:
    with storing.locked(cover.folder / "cover"), pytest.raises(StoreBusy):
        put(cover, cog.to_bytes(land_cover()))
    assert sorted(cover.state("cover")) == ["layer.toml"]


def test_change_lines_of_rows_and_cells(cover: StoreBuilder, store: StoreBuilder) -> None:
    cells = put(cover, cog.to_bytes(land_cover()), dry_run=True).change
    assert publishing.change_lines(cells, "en")[0] == "inserted      6  cells"
    store.publish()
    rows = publishing.publish(
        store.folder, "belts", store.write(rows_file([row(), row(id="new")])), note="n",
        today=TODAY, dry_run=True,
    ).change  # fmt: skip
    lines = publishing.change_lines(rows, "en")
    assert lines[:2] == ["inserted      1  new/1", "kept          1"]
    assert lines[2] == "1 entry differs (1 new); 1 stays as it was."
    assert lines[3].startswith("• The Huai") or lines[3].startswith("• Huai")
