"""layer.toml: what a layer says of itself, or one clear error."""

import datetime as dt
from pathlib import Path

import pytest

from atlas.errors import FileDamaged, HashMismatch, LayerNotFound
from atlas.io import catalogue
from tests.conftest import StoreBuilder
from tests.examples import OWN_COLUMNS, full_row


def test_a_layer_says_what_it_is(empty_store: StoreBuilder) -> None:
    empty_store.add_layer("lakes", kind="point", theme="water", columns=OWN_COLUMNS)
    info = catalogue.read_info(empty_store.folder, "lakes")
    assert (info.id, info.kind, info.theme, info.licence) == ("lakes", "point", "water", "CC0-1.0")
    assert info.title == {"zh": "title 中文", "en": "title of lakes"}
    assert info.columns == OWN_COLUMNS


def test_layers_are_the_folders_that_say_so(empty_store: StoreBuilder) -> None:
    for layer in ("rivers", "lakes"):
        empty_store.add_layer(layer)
    (empty_store.folder / "notes").mkdir()
    (empty_store.folder / "layer.toml").write_text("")
    assert catalogue.list_layer_ids(empty_store.folder) == ["lakes", "rivers"]
    assert catalogue.list_layer_ids(empty_store.folder / "nowhere") == []


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("lake", "there are: lakes$"),
        ("zzzzz", "there are: lakes, rivers$"),
        ("../layers/lakes", "no layer"),
        ("lakes/", "no layer"),
        ("Lakes", "no layer"),
        (".", "no layer"),
        ("", "no layer ''"),
        ("x" * 5000, "no layer 'x{60}' in"),
    ],
)
def test_an_unknown_layer_names_those_near(
    empty_store: StoreBuilder, asked: str, known: str
) -> None:
    for layer in ("rivers", "lakes"):
        empty_store.add_layer(layer)
    with pytest.raises(LayerNotFound, match=known):
        catalogue.read_info(empty_store.folder, asked)


def test_an_empty_store_has_none(empty_store: StoreBuilder) -> None:
    with pytest.raises(LayerNotFound, match="there are: none"):
        catalogue.read_info(empty_store.folder, "lakes")


COLUMN = '[[columns]]\nname = "x"\ntype = "text"\ntitle = { zh = "甲", en = "A" }\n'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("licence = ", "licence = = ", "not TOML"),
        ('theme = "ecology"\n', "", "missing or wrong: theme"),
        ('"ecology"', '"moon"', "theme = 'moon'; one of innovation, ecology"),
        ('"polygon"', '"cube"', "kind = 'cube'; one of polygon, line, point"),
        ('"CC0-1.0"', '" "', "licence is empty"),
        ('"CC0-1.0"', "5", "missing or wrong"),
        ('"title of belts"', '""', "title must have zh and en"),
        (', en = "source of belts"', "", "missing or wrong: en"),
        ('"accuracy 中文"', "5", "missing or wrong"),
        ('style = "belts"\n', "", "missing or wrong: style"),
        (COLUMN, "columns = 5\n", "missing or wrong"),
        ('"text"', '"colour"', "column type 'colour'; one of text, day"),
        ('name = "x"\n', "", "missing or wrong"),
        ('title = { zh = "甲", en = "A" }\n', "", "missing or wrong: title"),
        ('name = "x"\n', 'name = "x"\nhue = 1\n', "missing or wrong"),
        (COLUMN, COLUMN + '[[inputs]]\npackage = "p"\n', "missing or wrong"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    store: StoreBuilder, old: str, new: str, words: str
) -> None:
    path = store.folder / "belts" / "layer.toml"
    text = path.read_text("utf-8") + COLUMN
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(FileDamaged, match=f"layer.toml: .*{words}"):
        catalogue.read_info(store.folder, "belts")


def test_layer_toml_is_text(store: StoreBuilder) -> None:
    (store.folder / "belts" / "layer.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FileDamaged, match="not TOML"):
        catalogue.read_info(store.folder, "belts")


def test_what_was_published_is_what_is_read(empty_store: StoreBuilder) -> None:
    empty_store.add_layer(columns=OWN_COLUMNS)
    rows = [full_row(rank=3, open=False), full_row(id="canal", open=True, names_old=["旧名"])]
    edition = empty_store.publish(rows)
    layer = empty_store.read(edition)
    assert layer.edition == edition
    assert layer.info.id == "belts"
    assert layer.features["id"].tolist() == ["belt", "canal"]
    assert layer.features["open"].tolist() == [False, True]
    assert layer.features["rank"].isna().tolist() == [False, True]
    assert layer.features.crs.to_epsg() == 4326


def test_the_wrong_bytes_are_never_read(store: StoreBuilder) -> None:
    edition = store.publish()
    path: Path = store.folder / "belts" / "1.geojson"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(HashMismatch, match="restore the file from version control"):
        store.read(edition)
    found = catalogue.find_edition(store.folder, "belts", known_by=dt.date(2024, 1, 1))
    assert found == edition
