"""A raster in a figure: in its place, below the vectors, with its whole legend."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from pyproj import Transformer

from atlas.cartography.figure_files import drawing
from atlas.cartography.figure_page import to_page
from atlas.cartography.map_document import legend
from atlas.core.crs import STORAGE_CRS, WORKING_CRS, to_working
from atlas.operations.figure import render
from atlas.operations.ground import open_ground
from tests.cartography.figures import FOLDER, KNOWN_BY, figure_of, page_of

DPI = 150
NEAR = 12
"""How far apart two colours of 0 to 255 are that a reader takes for the same."""
PLANS = {"place": "cities:330100", "profile": "internal"}


def picture_of(figure):
    """Pixels of a page, and what carries metres of the working CRS to rows and columns."""
    with drawing():
        page = to_page(figure.sheet, dpi=DPI)
        canvas = FigureCanvasAgg(page)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[:, :, :3].astype(int)
        axes = page.axes[0]

    def place(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        at = axes.transData.transform(xy)
        return pixels.shape[0] - 1 - at[:, 1].astype(int), at[:, 0].astype(int)

    return pixels, place, axes


def bytes_of(colour: str) -> np.ndarray:
    return np.round(np.array(to_rgb(colour)) * 255).astype(int)


def test_each_cell_lies_where_it_belongs_in_its_colour() -> None:
    """The share of cells whose middle has the colour of its class; less for any shift of one."""
    figure = figure_of("land-cover", "ecological-belts", **PLANS)
    pixels, place, _ = picture_of(figure)
    ground = open_ground(FOLDER, "land-cover", known_by=KNOWN_BY)
    west, south, east, north = figure.recipe.bounds
    grid, values = ground.grid, ground.raster.values
    columns = np.arange(int((west - grid.west) / grid.cell_width) + 1,
                        int((east - grid.west) / grid.cell_width) - 1)  # fmt: skip
    rows = np.arange(int((grid.north - north) / grid.cell_height) + 1,
                     int((grid.north - south) / grid.cell_height) - 1)  # fmt: skip
    row, column = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    to_metres = Transformer.from_crs(STORAGE_CRS, WORKING_CRS, always_xy=True)
    middle = np.column_stack(to_metres.transform(
        grid.west + (column + 0.5) * grid.cell_width, grid.north - (row + 0.5) * grid.cell_height
    ))  # fmt: skip
    seen = pixels[place(middle)]
    colours = {entry.value: bytes_of(entry.colour) for entry in ground.classes}
    agree = {}
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            wanted = np.array([colours[value] for value in values[row + down, column + right]])
            agree[down, right] = (np.abs(seen - wanted).max(axis=1) <= NEAR).mean()
    assert len(row) > 500
    assert max(agree, key=lambda shift: agree[shift]) == (0, 0)
    assert agree[0, 0] > 0.75
    assert agree[0, 0] > 1.2 * max(share for shift, share in agree.items() if shift != (0, 0))


def test_lines_lie_on_the_raster() -> None:
    figure = figure_of("land-cover", "rail-lines", **PLANS)
    pixels, place, axes = picture_of(figure)
    [layer] = [one for one in figure.sheet.document.layers if one.id == "rail-lines"]
    lines = to_working(layer.features)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    shown = lines.geometry.clip_by_rect(left, bottom, right, top)
    line = max(shown, key=lambda shape: shape.length)
    points = [line.interpolate(share, normalized=True) for share in np.linspace(0.02, 0.98, 200)]
    seen = pixels[place(np.array([(point.x, point.y) for point in points]))]
    strokes = {bytes(bytes_of(entry.look.stroke).astype(np.uint8)) for entry in
               layer.style.classes}  # fmt: skip
    assert len({bytes(one.astype(np.uint8)) for one in seen} & strokes) == 1
    [image] = axes.images
    orders = {collection.get_zorder() for collection in axes.collections}
    assert min(orders) < image.get_zorder() < max(orders)


def test_the_legend_has_every_class_of_the_raster_after_the_layers() -> None:
    figure = figure_of("land-cover", "ecological-belts", lang="en", **PLANS)
    ground = open_ground(FOLDER, "land-cover", known_by=KNOWN_BY)
    occurring = np.unique(ground.raster.known)
    titles = [entry.title["en"] for entry in ground.classes if entry.value in occurring]
    assert len(titles) > 8
    texts = [text for text, _ in page_of(figure)[1]]
    head = texts.index("Land cover (2019)")
    told = "".join(texts[head + 1 :])
    places = [told.find(title) for title in titles]
    assert -1 not in places
    assert places == sorted(places)
    assert texts.index("Legend") < head
    unused = next(entry for entry in ground.classes if entry.value not in occurring)
    assert unused.title["en"] not in texts


def test_areas_on_a_raster_have_no_fill_on_the_map_nor_in_the_legend() -> None:
    on_raster = figure_of("land-cover", "ecological-belts", **PLANS)
    alone = figure_of("ecological-belts", **PLANS)
    fills = [[entry.look.fill_opacity for entry in legend(figure.sheet.document)]
             for figure in (on_raster, alone)]  # fmt: skip
    assert set(fills[0]) == {0.0}
    assert all(fill > 0 for fill in fills[1])


@pytest.mark.parametrize("paper", ["A4", "A2"])
def test_in_a_pdf_the_raster_is_one_image_and_all_else_vectors(paper: str, tmp_path: Path) -> None:
    path = tmp_path / "ground.pdf"
    path.write_bytes(render(figure_of("land-cover", "rail-lines", paper=paper, **PLANS), "pdf"))
    listed = subprocess.run(
        ["pdfimages", "-list", path], check=True, capture_output=True, text=True
    ).stdout.splitlines()[2:]
    assert len(listed) == 1
    assert max(int(side) for side in listed[0].split()[3:5]) == 2000
