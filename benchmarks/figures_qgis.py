"""Run by QGIS's own Python: an atlas of layers in a GeoPackage as one PDF; prints seconds as JSON.

``plain`` has the map of each city with room around it, its title, a legend, a scale bar, a north
arrow, an overview. ``full`` has what a page of the atlas's own series has beside these, as far as a
layout can: hatches of the classes, names of every layer with halos, a graticule, a watermark, and
the same words below the map. Legends are made once in QGIS, and are not fitted to their room.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsField,
    QgsLayoutExporter,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsLinePatternFillSymbolLayer,
    QgsNullSymbolRenderer,
    QgsPalLayerSettings,
    QgsPointPatternFillSymbolLayer,
    QgsPrintLayout,
    QgsProject,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant
from qgis.PyQt.QtGui import QColor, QFont, QFontDatabase

ALBERS = "+proj=aea +lat_1=28.4 +lat_2=33.8 +lat_0=0 +lon_0=118.8 +datum=WGS84 +units=m"
PLACES, NAMES = "cities", "districts"
FAMILY = "Noto Sans CJK SC"
HATCHES = {"innovation-corridors": "lines", "ecological-belts": "dots"}


def main(
    source: str, names: list[str], target: str, pages: int, kind: str, words: str, font: str
) -> None:
    """Export an atlas of the first pages."""
    app = QgsApplication([], False)  # noqa: FBT003 - no windows
    app.initQgis()
    QFontDatabase.addApplicationFont(font)
    begin = time.perf_counter()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem.fromProj(ALBERS))
    layers = [QgsVectorLayer(f"{source}|layername={name}", name, "ogr") for name in names]
    if not all(layer.isValid() for layer in layers):
        sys.exit("a layer cannot be read")
    for layer in layers:
        layer.loadDefaultStyle()
        project.addMapLayer(layer)
    places = next(layer for layer in layers if layer.name() == PLACES)
    full = kind == "full"
    if full:
        tell(places, json.loads(Path(words).read_text("utf-8")))
        for layer in layers:
            dress(layer)
    drawn = [layer for layer in layers if full or layer.name() != NAMES]
    layout = compose(project, drawn[::-1], places, full=full)
    layout.atlas().setFilterFeatures(True)
    layout.atlas().setFilterExpression(chosen(places, pages))
    count = layout.atlas().updateFeatures()
    loaded = time.perf_counter()
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = 300
    settings.forceVectorOutput = True
    done, error = QgsLayoutExporter.exportToPdf(layout.atlas(), target, settings)
    if done != QgsLayoutExporter.Success:
        sys.exit(error)
    print(json.dumps({
        "version": Qgis.QGIS_VERSION.split("-")[0], "load_s": loaded - begin,
        "export_s": time.perf_counter() - loaded, "pages": count,
        "bytes": Path(target).stat().st_size,
    }))  # fmt: skip


def chosen(places: QgsVectorLayer, pages: int) -> str:
    codes = sorted(feature["id"] for feature in places.getFeatures())[:pages]
    return '"id" in ({})'.format(", ".join(f"'{code}'" for code in codes))


def tell(places: QgsVectorLayer, words: dict[str, str]) -> None:
    """Give each place its words."""
    places.startEditing()
    places.addAttribute(QgsField("words", QVariant.String))
    at = places.fields().indexOf("words")
    for feature in places.getFeatures():
        places.changeAttributeValue(feature.id(), at, words.get(feature["id"], ""))
    places.commitChanges()


def dress(layer: QgsVectorLayer) -> None:
    """Hatch the classes of a plan; write the names of a layer of plans, cities or districts."""
    if layer.name() in HATCHES:
        renderer = layer.renderer().clone()
        for place, category in enumerate(renderer.categories()):
            symbol = category.symbol().clone()
            symbol.appendSymbolLayer(hatch(HATCHES[layer.name()]))
            renderer.updateCategorySymbol(place, symbol)
        layer.setRenderer(renderer)
    if layer.name() == NAMES:
        layer.setRenderer(QgsNullSymbolRenderer())
    if layer.name() in ("land", "lakes", "provinces"):
        return
    text = QgsTextFormat()
    text.setFont(QFont(FAMILY))
    text.setSize(9 if layer.name() == PLACES else 6.5)
    halo = QgsTextBufferSettings()
    halo.setEnabled(True)
    halo.setSize(0.4)
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.setFormat(text)
    settings.fieldName = "name_zh"
    if layer.geometryType() == QgsWkbTypes.LineGeometry:
        settings.placement = QgsPalLayerSettings.Horizontal
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)


def hatch(kind: str) -> QgsLinePatternFillSymbolLayer | QgsPointPatternFillSymbolLayer:
    if kind == "lines":
        made = QgsLinePatternFillSymbolLayer()
        made.setDistance(1.2)
        made.setLineAngle(45)
        made.setLineWidth(0.12)
        return made
    made = QgsPointPatternFillSymbolLayer()
    made.setDistanceX(1.6)
    made.setDistanceY(1.6)
    made.subSymbol().setSize(0.3)
    return made


def compose(
    project: QgsProject, layers: list[QgsVectorLayer], places: QgsVectorLayer, *, full: bool
) -> QgsPrintLayout:
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize("A4", 0)
    atlas = layout.atlas()
    atlas.setCoverageLayer(places)
    atlas.setEnabled(True)
    atlas.setSortFeatures(True)
    atlas.setSortExpression("id")
    shown = QgsLayoutItemMap(layout)
    put(layout, shown, 16, 25, 134, 98)
    shown.setLayers(layers)
    shown.setExtent(places.extent())
    shown.setAtlasDriven(True)
    shown.setAtlasScalingMode(QgsLayoutItemMap.Auto)
    shown.setAtlasMargin(0.06)
    overview = QgsLayoutItemMap(layout)
    put(layout, overview, 155, 103, 35, 30)
    overview.setLayers([layer for layer in layers if layer.name() in ("land", "provinces")])
    overview.setExtent(places.extent())
    overview.overview().setLinkedMap(shown)
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(shown)
    put(layout, legend, 153, 25, 45, 76)
    for style in (
        QgsLegendStyle.Title,
        QgsLegendStyle.Group,
        QgsLegendStyle.Subgroup,
        QgsLegendStyle.SymbolLabel,
    ):
        legend.setStyleFont(style, QFont(FAMILY, 6))
    bar = QgsLayoutItemScaleBar(layout)
    bar.setLinkedMap(shown)
    bar.setUnits(QgsUnitTypes.DistanceKilometers)
    bar.setUnitLabel("km")
    bar.setUnitsPerSegment(25)
    put(layout, bar, 16, 126, 60, 8)
    arrow = QgsLayoutItemPicture(layout)
    arrow.setPicturePath("/usr/share/qgis/svg/arrows/NorthArrow_02.svg")
    put(layout, arrow, 140, 27, 8, 10)
    write(layout, '[% "name_zh" %]', 17, (9, 9, 180, 12))
    if full:
        add_rest(layout, shown)
    return layout


def add_rest(layout: QgsPrintLayout, shown: QgsLayoutItemMap) -> None:
    """Graticule, watermark, and the words below the map."""
    grid = QgsLayoutItemMapGrid("grid", shown)
    grid.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    grid.setIntervalX(1 / 3)
    grid.setIntervalY(1 / 3)
    grid.setAnnotationEnabled(True)
    grid.setEnabled(True)
    shown.grids().addGrid(grid)
    mark = write(layout, "未经审图 · working map, not for publication", 20, (30, 70, 110, 10))
    mark.setFontColor(QColor(29, 29, 29, 33))
    mark.setItemRotation(-24)
    write(layout, '[% "words" %]', 7, (9, 150, 190, 138))


def write(
    layout: QgsPrintLayout, text: str, size: float, box: tuple[float, float, float, float]
) -> QgsLayoutItemLabel:
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setFont(QFont(FAMILY, round(size)))
    put(layout, label, *box)
    return label


def put(
    layout: QgsPrintLayout, item: QgsLayoutItem, x: float, y: float, wide: float, high: float
) -> None:
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(x, y))
    item.attemptResize(QgsLayoutSize(wide, high))


if __name__ == "__main__":
    source, names, target, pages, *rest = sys.argv[1:]
    main(source, names.split(","), target, int(pages), *rest)
