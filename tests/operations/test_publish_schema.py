"""A layer's schema may grow: the edition before it has not the new column and is no obstacle."""

from atlas.io import catalogue
from atlas.operations import publish as publishing
from tests.conftest import TODAY
from tests.examples import row, rows_file

NEW_COLUMN = """
[[columns]]
name = "people"
type = "integer"
required = true
title = { zh = "人口", en = "People" }
"""


def test_an_edition_with_a_new_column_follows_one_without(store):
    store.publish([row()])
    schema = store.folder / "belts" / "layer.toml"
    schema.write_text(schema.read_text("utf-8") + NEW_COLUMN, "utf-8")
    file = store.write(rows_file([row() | {"people": 7}]))
    done = publishing.publish(store.folder, "belts", file, note="people counted", today=TODAY)
    assert done.edition is not None
    assert done.edition.edition == 2
    assert len(done.change.reworded) == 1
    first, second = catalogue.read_editions(store.folder, "belts")
    assert catalogue.read_layer(store.folder, second).features["people"].tolist() == [7]
    assert catalogue.read_layer(store.folder, first).features["people"].isna().all()
