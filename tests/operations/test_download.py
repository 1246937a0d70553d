"""The download is exactly what is shown, and says where it came from."""

import datetime as dt
import json

from atlas.operations import show
from atlas.operations.download import shown_geojson
from tests.conftest import StoreBuilder
from tests.examples import OWN_COLUMNS, full_row, in_force, row, square

DAY, KNOWN = dt.date(2019, 1, 1), dt.date(2024, 1, 1)


def test_what_is_shown_is_what_is_downloaded(store: StoreBuilder) -> None:
    store.add_layer("corridors", theme="innovation", columns=OWN_COLUMNS)
    shape = square(120.123456)
    rows = [in_force("2016-01-01", "2018-06-01"), in_force("2018-06-01", None, plan_version="2")]
    belts = store.read(store.publish(rows, shape=shape))
    corridors = store.read(store.publish([full_row(open=None, rank=2)], layer="corridors"))
    shown = [(layer, show.select(layer, day=DAY)) for layer in (belts, corridors)]

    document = json.loads(shown_geojson(shown, day=DAY, known_by=KNOWN))
    assert document["type"] == "FeatureCollection"
    assert document["in_force_on"] == "2019-01-01"
    assert document["as_published_by"] == "2024-01-01"
    assert [(entry["id"], entry["features"]) for entry in document["layers"]] == [
        ("belts", 1), ("corridors", 1),
    ]  # fmt: skip
    head = document["layers"][0]
    assert head["edition"] == 1
    assert head["sha256"] == belts.edition.sha256
    assert head["licence"] == "CC0-1.0"
    assert head["attribution"] == belts.info.attribution

    first, second = document["features"]
    assert first["properties"] == {
        "layer": "belts", "edition": 1, "edition_sha256": belts.edition.sha256, **rows[1],
    }  # fmt: skip
    assert first["geometry"]["coordinates"] == [[list(pair) for pair in shape.exterior.coords]]
    assert second["properties"]["open"] is None
    assert second["properties"]["rank"] == 2


def test_nothing_shown_is_a_valid_file(store: StoreBuilder) -> None:
    layer = store.read(store.publish([row(geometry_basis="none")]))
    nothing = show.select(layer, day=dt.date(1999, 1, 1))
    for shown in ([], [(layer, nothing)]):
        document = json.loads(shown_geojson(shown, day=DAY, known_by=KNOWN))
        assert document["features"] == []
        assert len(document["layers"]) == len(shown)
