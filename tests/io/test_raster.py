"""Cloud-Optimised GeoTIFF: the same cells give the same bytes; each fault is one clear error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile

from atlas.errors import AtlasError, FileDamaged, SchemaError
from atlas.io import raster as cog
from tests.raster_examples import categories, heights, land_cover, quantity, tiff


def read(content: bytes, scheme=None):
    return cog.read_raster(content, "cells.tif", layer="cover", scheme=scheme or categories())


def big(size: int = 300):
    values = np.zeros((size, size), dtype="uint8")
    values[::7] = 1
    return land_cover(values=values, cell_deg=(0.01, 0.01))


@pytest.mark.parametrize(
    ("raster", "scheme"), [(land_cover(), categories()), (heights(), quantity())]
)
def test_written_cells_are_read_back(raster, scheme) -> None:
    back = read(cog.to_bytes(raster), scheme)
    assert np.array_equal(back.values, raster.values)
    assert back.values.dtype == raster.values.dtype
    assert (back.bounds, back.nodata) == (raster.bounds, raster.nodata)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 7, 255]), min_size=6, max_size=6),
    st.integers(-80, 60), st.integers(-40, 40),
)  # fmt: skip
def test_any_cells_survive_and_give_the_same_bytes(values, east: int, up: int) -> None:
    cells = np.array([0, *values[1:]], dtype="uint8").reshape(2, 3)
    raster = land_cover(values=cells, west=118 + east / 10, north=32 + up / 10)
    content = cog.to_bytes(raster)
    back = read(content)
    assert np.array_equal(back.values, cells)
    assert back.bounds == pytest.approx(raster.bounds)
    assert cog.to_bytes(back) == content


def test_a_large_raster_has_tiles_and_overviews() -> None:
    content = cog.to_bytes(big())
    read(content)
    with MemoryFile(content) as memory, memory.open(driver="GTiff") as dataset:
        assert dataset.block_shapes == [(cog.TILE, cog.TILE)]
        assert dataset.overviews(1) == [2]
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert not {"TIFFTAG_DATETIME", "TIFFTAG_SOFTWARE"} & set(dataset.tags())


def rules(content: bytes, scheme=None) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        read(content, scheme)
    return [problem.rule for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (tiff(land_cover()), ["layout"]),
        (tiff(big(), tiled=True, blockxsize=128, blockysize=128), ["layout"]),
        (tiff(big(), driver="COG", blocksize=128, overviews="NONE"), ["layout"]),
        (tiff(land_cover(), driver="COG", crs="EPSG:4490"), ["crs"]),
        (tiff(land_cover(), driver="COG", crs="EPSG:3857"), ["crs"]),
        (tiff(land_cover(), driver="COG", crs=None), ["crs"]),
        (tiff(land_cover(), driver="COG", nodata=None), ["nodata"]),
        (tiff(land_cover(), driver="COG", count=2), ["bands"]),
        (tiff(land_cover(), count=2, crs=None, nodata=None), ["layout", "bands", "crs", "nodata"]),
        (tiff(land_cover(north=32, west=129.5), driver="COG"), ["region"]),
        (tiff(land_cover(values=np.array([[3]], "uint8")), driver="COG"), ["values"]),
        (tiff(land_cover(nodata=254.0), driver="COG"), ["nodata"]),
    ],
)
def test_a_file_that_breaks_a_rule(content: bytes, found: list[str]) -> None:
    assert rules(content) == found


def test_values_outside_the_range_are_named() -> None:
    with pytest.raises(SchemaError, match=r"1 cells lie outside the range -10 to 2000.*9000"):
        read(cog.to_bytes(heights(values=np.array([[9000, 0]], "int16"))), quantity())


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_grid_that_was_not_placed_is_no_grid() -> None:
    content = tiff(land_cover(), driver="COG", transform=None)
    assert rules(content) == ["grid"]


def test_a_scale_is_refused() -> None:
    assert rules(tiff(land_cover(), scale=0.1)) == ["layout", "type"]


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(50)
REMOTE = b'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand band="1"/></VRTDataset>'


@pytest.mark.parametrize("content", [b"", b"hello", b"II*\x00", PICTURE, REMOTE, b'{"type":1}'])
def test_what_is_no_geotiff_is_one_sentence(content: bytes) -> None:
    with pytest.raises(FileDamaged, match=r"cells.tif: not a readable GeoTIFF") as caught:
        read(content)
    assert "vsimem" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.9, 0.99])
def test_a_cut_off_file_is_refused(share: float) -> None:
    values = np.random.default_rng(1).integers(0, 2, (600, 600)).astype("uint8")
    content = cog.to_bytes(land_cover(values=values, cell_deg=(0.005, 0.005)))
    with pytest.raises(AtlasError) as caught:
        read(content[: int(len(content) * share)])
    assert "vsimem" not in str(caught.value)


def test_a_small_file_of_too_many_cells_is_refused_before_it_is_unpacked() -> None:
    values = np.zeros((1, 1), dtype="uint8")
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=60_000, height=60_000, count=1, dtype="uint8", tiled=True,
            sparse_ok=True, compress="deflate", crs="EPSG:4326", nodata=255,
            transform=cog.grid_of(land_cover(cell_deg=(1e-5, 1e-5))),
        ) as dataset:  # fmt: skip
            dataset.write(values, 1, window=((0, 1), (0, 1)))
        content = bytes(memory.getbuffer())
    assert len(content) < 2_000_000
    with pytest.raises(FileDamaged, match="at most 50,000,000"):
        read(content)


def test_a_superseded_edition_is_read_by_the_rules_of_its_day() -> None:
    raster = cog.read_superseded(tiff(land_cover(values=np.array([[9]], "uint8"))), "1.tif")
    assert raster.values.tolist() == [[9]]
