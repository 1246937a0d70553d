"""Canonical GeoJSON: read → write gives the same bytes; damage gives one clear error."""

import json
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from atlas.core.geometry import canonical
from atlas.core.schema import KEY, Column
from atlas.errors import AtlasError, FileDamaged, SchemaError
from atlas.io import geojson
from tests.examples import (
    OWN_COLUMNS,
    collection,
    feature,
    frame,
    full_row,
    row,
    rows_file,
    square,
)
from tests.strategies import SHAPES, layers

MEGABYTE = 1_000_000


def read(content: bytes, columns: tuple[Column, ...] = (), kind: str = "polygon"):
    return geojson.read_features(content, "a.geojson", layer="belts", kind=kind, columns=columns)


def damage(content: bytes) -> str:
    """The one message of a file that cannot be read."""
    with pytest.raises(FileDamaged, match=r"^a\.geojson: ") as caught:
        read(content)
    message = str(caught.value)
    assert len(message) < 400
    return message


def rules(content: bytes, **options: object) -> list[tuple[str | None, str]]:
    with pytest.raises(SchemaError) as caught:
        read(content, **options)
    assert len(str(caught.value)) < 400
    return [(problem.feature, problem.rule) for problem in caught.value.problems]


def parsed(content: bytes) -> list[dict]:
    return json.loads(content)["features"]


KINDS_AND_LAYERS = st.sampled_from(sorted(SHAPES)).flatmap(
    lambda kind: st.tuples(st.just(kind), layers(kind))
)


@given(KINDS_AND_LAYERS)
def test_write_read_write_gives_the_same_bytes(given_layer: tuple) -> None:
    kind, drawn = given_layer
    features = geojson.to_frame(OWN_COLUMNS, [entry for entry, _ in drawn], [s for _, s in drawn])
    content = geojson.to_bytes(features, OWN_COLUMNS)
    again = geojson.to_bytes(read(content, OWN_COLUMNS, kind), OWN_COLUMNS)
    assert again == content

    by_key = {tuple(entry[name] for name in KEY): (entry, shape) for entry, shape in drawn}
    written = parsed(content)
    assert [tuple(f["properties"][name] for name in KEY) for f in written] == sorted(by_key)
    for written_feature in written:
        entry, shape = by_key[tuple(written_feature["properties"][name] for name in KEY)]
        assert written_feature["properties"] == entry, "no value is lost or changed"
        if shape is None:
            assert written_feature["geometry"] is None
        else:
            stored = shapely.from_geojson(json.dumps(written_feature["geometry"]))
            assert stored.equals(shape)


def test_the_order_of_a_file_does_not_matter_and_lines_are_features() -> None:
    rows = [row(id=name, part=part) for name in ("b", "a") for part in ("whole", "core")]
    content = geojson.to_bytes(read(rows_file(rows)), ())
    assert content == geojson.to_bytes(read(rows_file(rows[::-1])), ())
    lines = content.decode().split("\n")
    assert lines[0] == '{"type":"FeatureCollection","features":['
    assert lines[-2:] == ["]}", ""]
    keys = []
    for line in lines[1:-2]:
        properties = json.loads(line.removesuffix(","))["properties"]
        keys.append((properties["id"], properties["part"]))
    assert keys == [("a", "core"), ("a", "whole"), ("b", "core"), ("b", "whole")]


def test_reading_sorts_and_writing_sorts() -> None:
    rows = [row(id=name, status="draft") for name in ("b", "c", "a")]
    features = read(rows_file(rows))
    assert features["id"].tolist() == ["a", "b", "c"]
    assert features.index.tolist() == [0, 1, 2]
    assert geojson.to_bytes(features.iloc[::-1], ()) == geojson.to_bytes(features, ())


def test_columns_come_in_the_order_of_the_schema_whatever_the_file_says() -> None:
    turned = dict(reversed(full_row().items()))
    content = geojson.to_bytes(read(rows_file([turned]), OWN_COLUMNS), OWN_COLUMNS)
    assert list(parsed(content)[0]["properties"]) == [*row(), *(c.name for c in OWN_COLUMNS)]


def test_shapes_are_rounded_and_turned_when_written() -> None:
    features = frame([row()], [shapely.Polygon(square().reverse().exterior.coords)])
    moved = features.set_geometry(features.geometry.translate(0.00000004, 0))
    shape = shapely.from_geojson(json.dumps(parsed(geojson.to_bytes(moved, ()))[0]["geometry"]))
    assert shapely.to_wkb(shape) == shapely.to_wkb(canonical(square().reverse()))


def test_missing_values_stay_missing() -> None:
    entry = full_row(accuracy_m=None, valid_from=None, valid_from_precision=None)
    properties = parsed(geojson.to_bytes(read(rows_file([entry]), OWN_COLUMNS), OWN_COLUMNS))[0]
    assert properties["properties"] == entry


def test_numbers_are_written_one_way() -> None:
    content = geojson.to_bytes(read(rows_file([row(accuracy_m=100.0)])), ())
    assert b'"accuracy_m":100,' in content
    content = geojson.to_bytes(read(rows_file([row(accuracy_m=0.1)])), ())
    assert b'"accuracy_m":0.1,' in content


def test_markup_and_chinese_stay_as_they_are() -> None:
    name = "<script>alert('长三角')</script>"
    features = read(rows_file([row(name_en=name)]))
    assert features["name_en"].tolist() == [name]
    assert name.encode() in geojson.to_bytes(features, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON at line 1, column 1"),
        (b"\x00" * 50, "not JSON at line 1, column 1"),
        (rows_file([row()])[:-30], "not JSON at line "),
        (rows_file([row()]).replace(b"100", b"NaN"), "holds NaN, which is not JSON: write null"),
        (rows_file([row()]).replace(b"100", b"-Infinity"), "holds -Infinity"),
        (rows_file([row()]).replace(b"120.5", b"NaN", 1), "holds NaN"),
        (rows_file([row()]).replace(b"100", b"1" * 5000), "a number that is too long"),
        (rows_file([row()]).replace(b"Huai", b"\xff\xfe"), "not UTF-8 at byte "),
        (rows_file([row()]).decode().encode("utf-16"), "not UTF-8 at byte 0"),
        (rows_file([row()]).replace(b"Huai", b"\\ud83d"), "half of a surrogate pair"),
        (b"\xef\xbb\xbf" * 2 + rows_file([row()]), "not JSON at line 1, column 1"),
        (rows_file([row()]).replace(b'"Feature"', b'"feature"'), "not of type 'Feature'"),
        (rows_file([row()]).replace(b'"part"', b'"id"'), "the key 'id' stands twice"),
        (rows_file([row()]).replace(b'"properties"', b'"type": 1, "properties"'), "key 'type'"),
        (b'{"type":1,"type":"FeatureCollection","features":[]}', "the key 'type' stands twice"),
        (b"[]", "not a GeoJSON FeatureCollection"),
        (b"null", "not a GeoJSON FeatureCollection"),
        (b'{"type":"Feature","features":[]}', "not a GeoJSON FeatureCollection"),
        (b'{"type":"FeatureCollection"}', "not a GeoJSON FeatureCollection"),
        (b'{"type":"FeatureCollection","features":{}}', "not a GeoJSON FeatureCollection"),
        (collection([feature(row(), square()), {}]), "feature 2 has no properties"),
        (b'{"type":"FeatureCollection","features":[null]}', "feature 1 has no properties"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"type":"FeatureCollection","features":' + b"[" * 50_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_gives_one_clear_error(content: bytes, words: str) -> None:
    assert words in damage(content)


def test_a_whole_surrogate_pair_is_one_sign() -> None:
    content = rows_file([row()]).replace(b"Huai", b"\\ud83d\\uddfa")
    assert read(content)["name_en"].tolist() == ["🗺"]


UNCLOSED = [[120, 30], [121, 30], [121, 31], [120, 31]]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [UNCLOSED]},
        {"type": "Polygon", "coordinates": [[[120, 30], [120, 30]]]},
        {"type": "Polygon", "coordinates": [[["120", 30], [121, 30], [121, 31], ["120", 30]]]},
        {"type": "Polygon", "coordinates": [[[None, 30], [121, 30], [121, 31], [None, 30]]]},
        {"type": "Polygon", "coordinates": [[[120], [121], [122], [120]]]},
        {"type": "Polygon"},
        {"type": "Cube", "coordinates": []},
        {"coordinates": []},
        {},
        [],
        5,
        "POINT (120 30)",
    ],
)
def test_a_broken_geometry_names_its_feature(geometry: object) -> None:
    content = collection([feature(row(), square()), feature(row(id="b", part="core"), geometry)])
    assert rules(content) == [("b/1/core", "geometry")]


def test_an_endless_number_among_the_coordinates_is_refused() -> None:
    content = rows_file([row()]).replace(b"120.5", b"1e999", 1)
    assert rules(content) == [("belt/1", "geometry")]


def test_all_broken_geometries_are_named_without_the_words_of_a_library() -> None:
    broken = {"type": "Polygon", "coordinates": [UNCLOSED]}
    with pytest.raises(SchemaError) as caught:
        read(collection([feature(row(id=name), broken) for name in ("a", "b")]))
    assert [str(problem) for problem in caught.value.problems] == [
        f"belts feature {name}/1: [geometry] not the coordinates of a GeoJSON geometry"
        for name in ("a", "b")
    ]


def test_a_byte_order_mark_is_no_damage() -> None:
    content = rows_file([row()])
    marked = read(b"\xef\xbb\xbf" + content)
    assert geojson.to_bytes(marked, ()) == geojson.to_bytes(read(content), ())


def with_crs(crs: object) -> bytes:
    return json.dumps({"crs": crs} | json.loads(rows_file([row()]))).encode()


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326", "epsg:4490",
        "OGC:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/EPSG/0/4490",
    ],
)  # fmt: skip
def test_degrees_may_be_named(name: str) -> None:
    assert len(read(with_crs({"type": "name", "properties": {"name": name}}))) == 1


@pytest.mark.parametrize(
    "crs",
    [
        *({"type": "name", "properties": {"name": name}}
          for name in ("urn:ogc:def:crs:EPSG::3857", "EPSG:4549", "4326", "IGNF:4326", "", 4326)),
        {"type": "link", "properties": {"href": "x"}}, {}, None, [], "EPSG:3857" * 50,
    ],
)  # fmt: skip
def test_another_crs_is_refused(crs: object) -> None:
    assert "its CRS is " in damage(with_crs(crs))


def test_nesting_of_any_depth_is_an_error_of_the_atlas() -> None:
    """Between what the JSON reader takes and what later steps would take lies no hole."""
    for depth in [5, 100, 400, *range(900, 1100, 7)]:
        deep = b"[" * depth + b"]" * depth
        for place in (b'"belt"', b"[]", b"120.5"):
            content = rows_file([row()]).replace(place, deep, 1)
            with pytest.raises(AtlasError):
                read(content)


def test_a_layer_has_features() -> None:
    assert rules(collection([])) == [(None, "rows")]


def test_problems_of_words_and_of_shapes_come_together() -> None:
    bow = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31), (120, 30)])
    content = collection(
        [
            feature(row(id="a", status="nowhere"), bow),
            feature(row(id="b"), None),
            feature(row(id="c", geometry_basis="none"), None),
            feature(row(id="d"), shapely.Point(30, 120)),
        ]
    )
    assert rules(content) == [
        ("a/1", "values"), ("a/1", "validity"), ("b/1", "geometry"), ("d/1", "geometry"),
    ]  # fmt: skip


def test_swapped_coordinates_are_named_in_the_file() -> None:
    swapped = feature(row(geometry_basis="position"), shapely.Point(30.5, 120.5))
    assert rules(collection([swapped]), kind="point") == [("belt/1", "region")]


@pytest.mark.parametrize("name", ["notes_en", "id", "valid_from", "status", "unknown_column"])
def test_an_attribute_of_200_megabytes_is_one_short_error(tmp_path: Path, name: str) -> None:
    size = 200 * MEGABYTE if name == "notes_en" else 5 * MEGABYTE
    mark = "@@@"
    head, tail = rows_file([row() | {name: mark}]).split(mark.encode())
    path = tmp_path / "big.geojson"
    with path.open("wb") as stream:
        stream.write(head)
        for _ in range(size // MEGABYTE):
            stream.write(b"x" * MEGABYTE)
        stream.write(tail)
    with pytest.raises(SchemaError) as caught:
        read(path.read_bytes())
    assert {problem.rule for problem in caught.value.problems} <= {"text", "dates", "columns"}
    assert all(len(str(problem)) < 300 for problem in caught.value.problems)
    assert len(str(caught.value)) < 300
    if name == "notes_en":
        assert [problem.message for problem in caught.value.problems] == [
            "'notes_en' has 200,000,000 characters; at most 20,000"
        ]
