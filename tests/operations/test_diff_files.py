"""Two files of a user: any CRS gives the same counts, and a wrong file is named."""

import csv
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from atlas.analysis.diff import KINDS
from atlas.errors import FileDamaged, KeyRepeated, WriteFailed
from atlas.io.vector import WRITTEN, read_vector, write_vector
from atlas.operations.diff_files import (
    FileComparison,
    compare_files,
    list_changes,
    write_changes,
    write_pieces,
)
from tests.examples import collection, feature, square

WEST, EAST, WHOLE = square(120, 30, 0.2), square(120.2, 30, 0.2), shapely.box(120, 30, 120.4, 30.2)
BOWTIE = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])
CGCS2000, GAUSS_KRUGER, ALBERS = "EPSG:4490", "EPSG:4549", "ESRI:102025"
BEFORE = {"same": WEST, "words": EAST, "grows": square(118), "gone": square(117, 28, 0.1),
          "cut": shapely.box(121, 29, 121.4, 29.2), "found": None}  # fmt: skip
AFTER = {"same": WEST, "words": EAST, "grows": square(118, 30, 0.6), "new": square(116, 28, 0.1),
         "cut-1": square(121, 29, 0.2), "cut-2": square(121.2, 29, 0.2),
         "found": square(119, 28)}  # fmt: skip
COUNTS = {"inserted": 1, "removed": 1, "split": 1, "reshaped": 2, "reworded": 1, "kept": 1}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write shapes by name as a file, in a CRS."""

    def write_file(
        file: str, shapes: dict[str, Any], crs: str | None = "EPSG:4326", **columns: list[Any]
    ) -> Path:
        table = {"id": list(shapes)} | columns
        rows = gpd.GeoDataFrame(table, geometry=list(shapes.values()), crs="EPSG:4326")
        rows = rows.to_crs(crs) if crs else rows.set_crs(None, allow_override=True)
        path = tmp_path / file
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'crs' was not provided")
            rows.to_file(path, engine="pyogrio")
        return path

    return write_file


def pair(write: Write, ending: str = "gpkg", crs: str = "EPSG:4326") -> tuple[Path, Path]:
    """Two states of six features in one CRS."""
    return (
        write(f"old.{ending}", BEFORE, crs, name=[f"n-{name}" for name in BEFORE]),
        write(f"new.{ending}", AFTER, crs,
              name=["x" if name == "words" else f"n-{name}" for name in AFTER]),
    )  # fmt: skip


def some(counts: dict[str, int]) -> dict[str, int]:
    return {kind: count for kind, count in counts.items() if count}


@pytest.fixture
def compared(write: Write) -> FileComparison:
    return compare_files(*pair(write))


class TestCounts:
    """The same features differ in whatever form the files are."""

    @pytest.mark.parametrize("crs", ["EPSG:4326", CGCS2000, GAUSS_KRUGER, ALBERS])
    def test_in_any_crs(self, write: Write, crs: str) -> None:
        found = compare_files(*pair(write, crs=crs))
        assert some(found.counts) == COUNTS
        assert list(found.counts) == [*KINDS, "kept"]

    def test_sizes_are_those_of_the_same_ground(self, write: Write) -> None:
        totals = [
            compare_files(*pair(write, crs=crs)).sizes.sum() for crs in ("EPSG:4326", GAUSS_KRUGER)
        ]
        assert totals[0].to_dict() == pytest.approx(totals[1].to_dict(), rel=1e-3, abs=1e-6)
        assert totals[0]["gained"] > totals[0]["lost"] > 0

    @pytest.mark.parametrize("ending", ["gpkg", "geojson", "shp"])
    def test_in_any_format(self, write: Write, ending: str) -> None:
        assert some(compare_files(*pair(write, ending)).counts) == COUNTS

    def test_two_formats_of_the_same_are_the_same(self, write: Write) -> None:
        shapes = {name: shape for name, shape in BEFORE.items() if shape is not None}
        names = ["a.gpkg", "b.geojson", "c.fgb"]
        first, *others = [write(name, shapes) for name in names]
        for other in others:
            assert some(compare_files(first, other).counts) == {"kept": 5}

    @pytest.mark.parametrize("kind", ["line", "point"])
    def test_lines_and_points(self, write: Write, kind: str) -> None:
        shapes = {name: shape for name, shape in BEFORE.items() if shape is not None}
        turned = {
            name: shapely.LineString(shape.exterior) if kind == "line" else shape.centroid
            for name, shape in shapes.items()
        }
        old, new = write("old.gpkg", turned), write("new.gpkg", turned | {"z": turned["gone"]})
        assert some(compare_files(old, new).counts) == {"inserted": 1, "kept": 5}

    def test_heights_are_dropped(self, write: Write) -> None:
        flat = write("flat.gpkg", {"a": WEST})
        high = write("high.gpkg", {"a": shapely.force_3d(WEST, 12.5)})
        assert some(compare_files(flat, high).counts) == {"kept": 1}
        assert read_vector(high).crs.to_epsg() == 4326

    def test_a_column_that_only_one_file_has(self, write: Write) -> None:
        old = write("old.gpkg", {"a": WEST, "b": EAST})
        new = write("new.gpkg", {"a": WEST, "b": EAST}, rank=[None, 3])
        assert some(compare_files(old, new).counts) == {"reworded": 1, "kept": 1}

    def test_another_column_names_features(self, write: Write) -> None:
        old = write("old.gpkg", {"a": WEST, "b": EAST}, code=[1, 2])
        new = write("new.gpkg", {"c": EAST, "d": WEST}, code=[2, 1])
        found = compare_files(old, new, key="code")
        assert some(found.counts) == {"reworded": 2}
        assert found.diff.key == ("code",)


def damaged(*paths: Path, **options: str) -> str:
    with pytest.raises(FileDamaged) as caught:
        compare_files(*paths, **options)
    assert len(str(caught.value)) < 700
    return str(caught.value)


class TestWrongFiles:
    """What is wrong is named with the file and the way out."""

    @pytest.mark.parametrize("missing", [0, 1])
    def test_no_such_file(self, write: Write, tmp_path: Path, missing: int) -> None:
        paths = [write("a.gpkg", {"a": WEST})] * 2
        paths[missing] = tmp_path / "none.gpkg"
        assert damaged(*paths).endswith("none.gpkg: No such file or directory")

    @pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00", b"\x00" * 4096])
    @pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a"])
    def test_no_vector_file(self, write: Write, tmp_path: Path, name: str, content: bytes) -> None:
        good, bad = write("good.gpkg", {"a": WEST}), tmp_path / name
        bad.write_bytes(content)
        assert f"{bad}: not a vector file: " in damaged(good, bad)

    def test_a_folder(self, write: Write, tmp_path: Path) -> None:
        assert "not a vector file" in damaged(write("a.gpkg", {"a": WEST}), tmp_path)

    def test_half_a_file(self, write: Write) -> None:
        good = write("good.gpkg", {"a": WEST})
        path = write("half.geojson", {"a": WEST, "b": EAST})
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert "half.geojson: not a vector file" in damaged(path, good)

    def test_a_table_without_geometry(self, tmp_path: Path) -> None:
        table = tmp_path / "table.csv"
        table.write_text("id,name\na,b\n", "utf-8")
        assert damaged(table, table).endswith("table.csv: its layer has no geometry")

    def test_no_crs(self, write: Write) -> None:
        path = write("bare.gpkg", {"a": WEST}, crs=None)
        message = damaged(write("a.gpkg", {"a": WEST}), path)
        assert "bare.gpkg: it does not say its CRS: assign one, for example EPSG:4326" in message

    @pytest.mark.parametrize("key", ["code", "ID", "", "x" * 10_000])
    def test_no_such_column(self, write: Write, key: str) -> None:
        old, new = pair(write)
        message = damaged(old, new, key=key)
        assert f"no column '{key[:60]}' to compare by; name one with --key: id, name" in message

    def test_a_column_that_only_one_file_has_names_nothing(self, write: Write) -> None:
        old, new = write("old.gpkg", {"a": WEST}), write("new.gpkg", {"a": WEST}, code=[1])
        assert f"{old}: no column 'code'" in damaged(old, new, key="code")

    def test_a_repeated_name(self, write: Write) -> None:
        good = write("good.gpkg", {"a": WEST, "b": EAST}, code=[1, 2])
        bad = write("bad.gpkg", {"a": WEST, "b": EAST}, code=[7, 7])
        with pytest.raises(KeyRepeated, match="code = '7' stands in two rows"):
            compare_files(good, bad, key="code")

    @pytest.mark.parametrize("side", [0, 1])
    def test_an_invalid_geometry_that_differs(self, write: Write, side: int) -> None:
        paths = [write("good.gpkg", {"a": WEST, "b": EAST})] * 2
        paths[side] = write("bad.gpkg", {"a": WEST, "b": BOWTIE})
        message = damaged(*paths)
        assert (
            "bad.gpkg: 1 invalid geometry(ies); first where id = 'b': Self-intersection" in message
        )
        assert "Fix geometries" in message

    def test_an_invalid_geometry_that_stays_is_no_matter(self, write: Write) -> None:
        old = write("old.gpkg", {"a": WEST, "b": BOWTIE})
        new = write("new.gpkg", {"a": EAST, "b": BOWTIE})
        assert some(compare_files(old, new).counts) == {"moved": 1, "kept": 1}


class TestPieces:
    """Pieces as a file that other programs open."""

    @pytest.mark.parametrize("ending", WRITTEN)
    def test_a_piece_says_what_it_is_and_how_large(
        self, compared: FileComparison, tmp_path: Path, ending: str
    ) -> None:
        path = tmp_path / "new" / f"pieces{ending}"
        write_pieces(compared, path)
        found = gpd.read_file(path)
        assert set(found["change"]) == {"gained", "lost", "kept", "transferred", "undetermined"}
        assert {"from_id", "to_id", "kind", "size"} <= set(found.columns)
        assert found.crs.to_epsg() == 4326
        assert found["size"].sum() == pytest.approx(compared.pieces["size"].sum())
        cut = found[found["change"] == "transferred"]
        assert sorted(zip(cut["from_id"], cut["to_id"], strict=True)) == [
            ("cut", "cut-1"), ("cut", "cut-2"),
        ]  # fmt: skip
        assert [entry.name for entry in path.parent.iterdir()] == [path.name]

    @pytest.mark.parametrize("ending", WRITTEN)
    def test_no_pieces_are_a_whole_file_too(
        self, write: Write, tmp_path: Path, ending: str
    ) -> None:
        path = tmp_path / f"pieces{ending}"
        write_pieces(compare_files(*[write("a.gpkg", {"a": WEST})] * 2), path)
        assert len(read_vector(path)) == 0

    def test_names_that_are_numbers_are_written_as_text(self, write: Write, tmp_path: Path) -> None:
        old = write("old.gpkg", {"a": WEST}).rename(tmp_path / "o.gpkg")
        rows = read_vector(old).assign(id=[7])
        for name, shapes in (("n1.gpkg", [WEST]), ("n2.gpkg", [EAST])):
            write_vector(tmp_path / name, rows.set_geometry(shapes, crs=4326))
        write_pieces(compare_files(tmp_path / "n1.gpkg", tmp_path / "n2.gpkg"), tmp_path / "p.fgb")
        assert set(read_vector(tmp_path / "p.fgb")["to_id"].dropna()) == {"7"}


class TestLists:
    """The list of changes as CSV or JSON."""

    def test_every_change_is_a_line(self, compared: FileComparison, tmp_path: Path) -> None:
        for name in ("list.csv", "list.JSON"):
            write_changes(compared, tmp_path / name)
        told = json.loads((tmp_path / "list.JSON").read_text("utf-8"))
        assert [entry["kind"] for entry in told] == [
            change.kind for change in compared.diff.changes
        ]
        text = (tmp_path / "list.csv").read_bytes()[3:].decode("utf-8")
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [line["kind"] for line in lines] == [entry["kind"] for entry in told]
        assert {line["rule"] for line in lines} == {"", "key", "shape"}
        assert told == json.loads(json.dumps(list_changes(compared)))

    def test_nothing_that_differs_is_an_empty_list(self, write: Write, tmp_path: Path) -> None:
        same = compare_files(*[write("a.gpkg", {"a": WEST})] * 2)
        for name, content in (("a.json", "[]"), ("a.csv", "\ufeffkind\r\n")):
            write_changes(same, tmp_path / name)
            assert (tmp_path / name).read_bytes().decode("utf-8") == content


class TestWriting:
    """A file is written whole, or what was there stays."""

    @pytest.mark.parametrize("name", ["a.shp", "a.txt", "a", "a.gpkg.zip", ".gpkg"])
    def test_a_wrong_ending(self, compared: FileComparison, tmp_path: Path, name: str) -> None:
        folder = tmp_path / "out"
        with pytest.raises(WriteFailed, match=r"the ending must be one of \.gpkg, \.fgb"):
            write_pieces(compared, folder / name)
        with pytest.raises(WriteFailed, match=r"the ending must be \.csv or \.json"):
            write_changes(compared, folder / name)
        assert not folder.exists()

    @pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.geojson", "a.csv", "a.json"])
    def test_a_folder_that_cannot_be(
        self, compared: FileComparison, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "file").write_text("x")
        (tmp_path / "taken" / name).mkdir(parents=True)
        before = sorted(tmp_path.rglob("*"))
        write = write_changes if name in ("a.csv", "a.json") else write_pieces
        for path in (tmp_path / "file" / name, tmp_path / "taken" / name):
            with pytest.raises(WriteFailed, match="nothing was changed"):
                write(compared, path)
        assert sorted(tmp_path.rglob("*")) == before

    @pytest.mark.parametrize("name", ["a.gpkg", "a.fgb", "a.geojson", "a.csv", "a.json"])
    def test_a_folder_that_may_not_be_written(self, compared: FileComparison, name: str) -> None:
        write = write_changes if name in ("a.csv", "a.json") else write_pieces
        with pytest.raises(WriteFailed, match="nothing was changed"):
            write(compared, Path("/proc") / name)

    def test_what_was_there_is_replaced_whole(
        self, compared: FileComparison, tmp_path: Path
    ) -> None:
        path = tmp_path / "a.gpkg"
        path.write_bytes(b"old")
        write_pieces(compared, path)
        assert len(read_vector(path)) == len(compared.pieces)

    def test_a_failed_write_leaves_the_old_file(
        self, compared: FileComparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.gpkg"
        path.write_bytes(b"old")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(WriteFailed, match="No space left on device; nothing was changed"):
            write_pieces(compared, path)
        assert path.read_bytes() == b"old"
        assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_a_list_of_a_hostile_name_is_text(tmp_path: Path) -> None:
    for name, shape in (("old", WEST), ("new", EAST)):
        content = collection([feature({"id": "=1+1"}, shape)])
        (tmp_path / f"{name}.geojson").write_bytes(content)
    found = compare_files(tmp_path / "old.geojson", tmp_path / "new.geojson")
    write_changes(found, tmp_path / "a.csv")
    assert b",=1+1" not in (tmp_path / "a.csv").read_bytes()
