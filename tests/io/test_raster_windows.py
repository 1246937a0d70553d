"""Any GeoTIFF: windows, what is refused, and that nothing stays behind."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from struct import pack

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import Affine

from atlas.core.grid import Grid
from atlas.errors import FileDamaged
from atlas.io import raster_windows
from atlas.io.raster_windows import plan_windows, read_facts, read_picture, read_windows
from tests.ground_examples import DEGREES, write_tiff

VALUES = np.arange(48, dtype="int16").reshape(6, 8)
UTM = Grid(400_000.0, 3_500_000.0, 30.0, 30.0, 8, 6, CRS.from_epsg(32650))


def refused(path: Path, *, band: int = 1) -> str:
    with pytest.raises(FileDamaged) as told:
        read_facts(path, band=band)
    text = str(told.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert len(text) < 400 + len(str(path))
    return text


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    path = write_tiff(
        tmp_path / "a.tif", np.stack([VALUES, VALUES]), UTM, nodata=-1, scale=(0.1, 5.0), unit="m"
    )
    facts = read_facts(path, band=2)
    assert (facts.grid.columns, facts.grid.rows, facts.grid.cell_width) == (8, 6, 30)
    assert facts.grid.crs == CRS.from_epsg(32650)
    assert (facts.nodata, facts.dtype, facts.band, len(facts.bands)) == (-1, "int16", 2, 2)
    assert facts.bands[1].unit == "m"
    assert read_facts(path).scale == 0.1
    assert (read_facts(path).offset, facts.masked) == (5.0, False)


def test_colours_of_a_table_are_read(tmp_path: Path) -> None:
    table = {10: (0, 100, 0, 255), 80: (0, 0, 255, 255)}
    path = write_tiff(tmp_path / "a.tif", VALUES.astype("uint8"), colours=table)
    colours = read_facts(path).colours
    assert (colours[10], colours[80]) == ("#006400", "#0000ff")


@pytest.mark.parametrize("options", [
    {}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"driver": "COG", "blocksize": 128},
    {"compress": "lzw"}, {"BIGTIFF": "YES"}, {"ENDIANNESS": "BIG"},
])  # fmt: skip
def test_windows_hold_every_cell_once(
    tmp_path: Path, options: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster_windows, "WINDOW_CELLS", 200)
    values = np.random.default_rng(1).integers(0, 99, (60, 70)).astype("int16")
    grid = Grid(118.0, 32.0, 0.01, 0.01, 70, 60, DEGREES.crs)
    facts = read_facts(write_tiff(tmp_path / "a.tif", values, grid, **options))
    found = np.full(values.shape, -1)
    for window in read_windows(facts):
        rows, columns = window.values.shape
        part = found[window.row : window.row + rows, window.column : window.column + columns]
        assert (part == -1).all()
        part[:] = window.values
    assert (found == values).all()


def test_only_windows_that_boxes_meet_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster_windows, "WINDOW_CELLS", 256 * 256)
    grid = Grid(0.0, 10.0, 0.001, 0.001, 10_000, 10_000, DEGREES.crs)
    boxes = np.array([[0.1, 9.8, 0.2, 9.9], [5.0, 5.0, 5.3, 5.1], [20, 20, 21, 21],
                      [np.nan] * 4])  # fmt: skip
    plan = list(plan_windows(grid, (256, 256), boxes))
    assert len(plan) == 1 + 2
    assert plan[0][:2] == (0, 0)
    assert all(rows <= 256 and columns <= 256 for _, _, rows, columns in plan)
    assert list(plan_windows(grid, (256, 256), boxes[2:])) == []


def test_a_window_of_strips_is_wide_and_low() -> None:
    grid = Grid(0.0, 10.0, 0.001, 0.001, 50_000, 10_000, DEGREES.crs)
    row, column, rows, columns = next(plan_windows(grid, (1, 50_000), None))
    assert (row, column, columns) == (0, 0, 50_000)
    assert rows * columns <= raster_windows.WINDOW_CELLS


def test_a_mask_says_where_values_are(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write_tiff(path, VALUES)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(VALUES > 10)
    facts = read_facts(path)
    assert facts.masked
    (window,) = read_windows(facts)
    assert window.known is not None
    assert (window.known == (VALUES > 10)).all()


def test_a_picture_is_thinned_out(tmp_path: Path) -> None:
    grid = Grid(118.0, 32.0, 0.01, 0.01, 80, 60, DEGREES.crs)
    values = np.tile(np.arange(80, dtype="int16"), (60, 1))
    facts = read_facts(write_tiff(tmp_path / "a.tif", values, grid))
    window, coarse = read_picture(facts, (118.2, 31.5, 118.6, 31.9), side_most=10)
    assert window.values.shape == (10, 10)
    assert coarse.bounds == pytest.approx((118.2, 31.5, 118.6, 31.9))
    assert set(np.diff(window.values[0]).tolist()) == {4}


class TestRefused:
    """Bad files: one clear error each."""

    def test_a_text_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tif"
        path.write_text("hello", "utf-8")
        assert "does not begin as one" in refused(path)

    def test_no_file_a_folder_and_a_pipe(self, tmp_path: Path) -> None:
        assert "No such file" in refused(tmp_path / "none.tif")
        assert "not a regular file" in refused(tmp_path)
        os.mkfifo(tmp_path / "pipe.tif")
        assert "not a regular file" in refused(tmp_path / "pipe.tif")

    def test_a_head_without_a_body(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tif"
        path.write_bytes(b"II*\0" + b"\xff" * 40)
        assert "not a readable GeoTIFF" in refused(path)

    @pytest.mark.parametrize(
        "content",
        [
            b'<VRTDataset rasterXSize="2" rasterYSize="2"><VRTRasterBand/></VRTDataset>',
            b'{"type":"FeatureCollection"}', b"PK\x03\x04rest", b"\x89PNG\r\n\x1a\n",
        ],
        ids=["vrt", "geojson", "zip", "png"],
    )  # fmt: skip
    def test_other_formats_whatever_their_ending(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a.tif"
        path.write_bytes(content)
        assert "does not begin as one" in refused(path)

    def test_ways_into_archives_and_subfiles(self, tmp_path: Path) -> None:
        inside = write_tiff(tmp_path / "in.tif", VALUES)
        archive = tmp_path / "a.zip"
        with zipfile.ZipFile(archive, "w") as packed:
            packed.write(inside, "in.tif")
        for path in (f"/vsizip/{archive}/in.tif", f"zip://{archive}!in.tif",
                     f"GTIFF_DIR:1:{inside}", f"/vsicurl/http://localhost/{inside}"):  # fmt: skip
            assert "No such file" in refused(Path(path))

    def test_what_lies_beside_the_file_is_not_read(self, tmp_path: Path) -> None:
        """A world file or an .aux.xml could give a place, or name other files."""
        path = tmp_path / "a.tif"
        path.write_bytes(one_block(8, 6))
        (tmp_path / "a.tfw").write_text("0.25\n0\n0\n-0.25\n118\n32\n", "ascii")
        (tmp_path / "a.tif.aux.xml").write_text(
            "<PAMDataset><SRS>EPSG:4326</SRS></PAMDataset>", "utf-8"
        )
        assert "does not say where its cells lie" in refused(path)

    def test_no_crs(self, tmp_path: Path) -> None:
        assert "does not say its CRS" in refused(write_tiff(tmp_path / "a.tif", VALUES, crs=None))

    @pytest.mark.parametrize(
        ("crs", "transform", "words"),
        [
            ("EPSG:4326", Affine(30, 0, 400_000, 0, -30, 3_500_000), "counts in degrees"),
            ("EPSG:32650", Affine(0.25, 0, 118, 0, -0.25, 32), "outside the region"),
            ("EPSG:4326", Affine(0.25, 0, 8, 0, -0.25, 50), "outside the region"),
            ("EPSG:32650", Affine(1e6, 0, 4e8, 0, -1e6, 3e9), "the CRS is wrong"),
            ("EPSG:4978", Affine(30, 0, 0, 0, -30, 0), "none of the earth"),
        ],
    )  # fmt: skip
    def test_a_wrong_crs(self, tmp_path: Path, crs: str, transform: Affine, words: str) -> None:
        path = write_tiff(tmp_path / "a.tif", VALUES, crs=crs, transform=transform)
        assert words in refused(path)

    @pytest.mark.parametrize(
        ("transform", "words"),
        [
            (Affine(0.25, 0.05, 118, 0.05, -0.25, 32), "rotated"),
            (Affine(0.25, 0, 118, 0, 0.25, 30), "backwards"),
            (Affine(-0.25, 0, 120, 0, -0.25, 32), "backwards"),
        ],
    )
    def test_a_turned_grid(self, tmp_path: Path, transform: Affine, words: str) -> None:
        path = write_tiff(tmp_path / "a.tif", VALUES, transform=transform)
        assert words in refused(path)

    def test_a_band_that_is_not_there(self, tmp_path: Path) -> None:
        assert "no band 2" in refused(write_tiff(tmp_path / "a.tif", VALUES), band=2)

    def test_complex_cells(self, tmp_path: Path) -> None:
        path = write_tiff(tmp_path / "a.tif", VALUES.astype("complex64"))
        assert "complex64" in refused(path)

    def test_a_bomb_of_sparse_tiles(self, tmp_path: Path) -> None:
        """A few kilobytes that declare a hundred thousand million cells."""
        path = tmp_path / "a.tif"
        grid = Grid(118.0, 32.0, 1e-5, 1e-5, 300_000, 300_000, DEGREES.crs)
        transform = Affine(grid.cell_width, 0, grid.west, 0, -grid.cell_height, grid.north)
        with rasterio.open(
            path, "w", driver="GTiff", width=grid.columns, height=grid.rows, count=1, dtype="uint8",
            crs="EPSG:4326", transform=transform, tiled=True, blockxsize=4096, blockysize=4096,
            compress="deflate", SPARSE_OK=True,
        ):  # fmt: skip
            pass
        assert path.stat().st_size < 1 << 20
        assert "such a file is not read" in refused(path)

    def test_a_bomb_in_one_block(self, tmp_path: Path) -> None:
        """One tile of hundreds of megabytes, packed into a few bytes: it is unpacked whole."""
        path = tmp_path / "a.tif"
        path.write_bytes(one_block(20_000, 20_000, tile=True))
        assert "blocks of 381 MB" in refused(path)

    def test_a_side_without_end(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tif"
        path.write_bytes(one_block(2_000_000_000, 1))
        assert "at most" in refused(path)

    def test_cells_that_cannot_be_unpacked(self, tmp_path: Path) -> None:
        values = np.random.default_rng(1).integers(0, 999, (600, 700)).astype("int16")
        grid = Grid(118.0, 32.0, 0.001, 0.001, 700, 600, DEGREES.crs)
        path = write_tiff(tmp_path / "a.tif", values, grid, compress="deflate")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        facts = read_facts(path)
        with pytest.raises(FileDamaged, match="cannot be unpacked"):
            list(read_windows(facts))
        with pytest.raises(FileDamaged, match="cannot be unpacked"):
            read_picture(facts, facts.grid.bounds, side_most=500)


def one_block(width: int, height: int, *, tile: bool = False) -> bytes:
    """A TIFF without a place, its one deflated strip or tile written by hand: GDAL would not."""
    body = zlib.compress(bytes(min(width * height, 1 << 20)), 9)
    where = [(322, 4, 1, width), (323, 4, 1, height), (324, 4, 1, 8), (325, 4, 1, len(body))]
    if not tile:
        where = [(273, 4, 1, 8), (278, 4, 1, height), (279, 4, 1, len(body))]
    tags = sorted([
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1),
        (277, 3, 1, 1), *where,
    ])  # fmt: skip
    entries = b"".join(
        pack("<HHI", tag, kind, count) + (pack("<I", value) if kind == 4 else pack("<HH", value, 0))
        for tag, kind, count, value in tags
    )
    place = 8 + len(body)
    return pack("<2sHI", b"II", 42, place) + body + pack("<H", len(tags)) + entries + bytes(4)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Every window of 1 and of 9 times as many cells, in processes of their own."""
    peaks = []
    for side in (2500, 7500):
        grid = Grid(118.0, 32.0, 2.0 / side, 2.0 / side, side, side, DEGREES.crs)
        path = write_tiff(
            tmp_path / f"{side}.tif", np.zeros((side, side), "int16"), grid, tiled=True,
            blockxsize=512, blockysize=512, compress="deflate", zlevel=1,
        )  # fmt: skip
        code = (
            "import sys\nfrom pathlib import Path\n"
            "from atlas.io.raster_windows import read_facts, read_windows\n"
            "clear = Path('/proc/self/clear_refs')\nclear.write_text('5')\n"
            "for window in read_windows(read_facts(Path(sys.argv[1]))): pass\n"
            "print([l for l in open('/proc/self/status') if 'VmHWM' in l][0].split()[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout) / 1024)
    assert peaks[1] < peaks[0] + 60
    assert peaks[1] < 500
