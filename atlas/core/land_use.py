"""What areas of a plan are for: to build on, to keep, or neither; a small stated table.

The names are those usual in municipal spatial plans: classes of land and sea use, planning zones,
control lines. What each counts as here is a choice of this atlas, made to find places that two
plans see differently; it is no legal reading. Codes are not read: 07 is housing in one standard
and something else in another.
"""

from __future__ import annotations

from dataclasses import dataclass

BUILD, KEEP, NEITHER = USES = ("build", "keep", "neither")
BUILT_THEMES = ("innovation", "metropolitan", "rail")
KEPT_THEMES = ("ecology", "water")
"""Themes of layers that plan building, work and traffic; that keep land and water as they are."""


@dataclass(frozen=True)
class LandUse:
    """A class: its names, and what it counts as."""

    name_zh: str
    name_en: str
    use: str


LAND_USES = (
    LandUse("耕地", "Cropland", NEITHER),
    LandUse("园地", "Orchards and plantations", NEITHER),
    LandUse("林地", "Forest", KEEP),
    LandUse("草地", "Grassland", KEEP),
    LandUse("湿地", "Wetland", KEEP),
    LandUse("农业设施建设用地", "Farm buildings", NEITHER),
    LandUse("居住用地", "Housing", BUILD),
    LandUse("住宅用地", "Residential land", BUILD),
    LandUse("公共管理与公共服务用地", "Public services", BUILD),
    LandUse("商业服务业用地", "Commerce", BUILD),
    LandUse("工矿用地", "Industry and mining", BUILD),
    LandUse("工业用地", "Industry", BUILD),
    LandUse("仓储用地", "Storage", BUILD),
    LandUse("交通运输用地", "Transport", BUILD),
    LandUse("公用设施用地", "Utilities", BUILD),
    LandUse("绿地与开敞空间用地", "Green and open space", KEEP),
    LandUse("特殊用地", "Special uses", NEITHER),
    LandUse("留白用地", "Reserve", NEITHER),
    LandUse("陆地水域", "Inland water", KEEP),
    LandUse("渔业用海", "Fishery", NEITHER),
    LandUse("工矿通信用海", "Industry, mining and cables at sea", BUILD),
    LandUse("交通运输用海", "Transport at sea", BUILD),
    LandUse("游憩用海", "Leisure at sea", NEITHER),
    LandUse("特殊用海", "Special uses at sea", NEITHER),
    LandUse("其他土地", "Other land", NEITHER),
    LandUse("其他海域", "Other sea", NEITHER),
    LandUse("生态保护区", "Ecological protection zone", KEEP),
    LandUse("生态控制区", "Ecological control zone", KEEP),
    LandUse("农田保护区", "Farmland protection zone", KEEP),
    LandUse("城镇发展区", "Urban development zone", BUILD),
    LandUse("乡村发展区", "Rural development zone", NEITHER),
    LandUse("海洋发展区", "Marine development zone", NEITHER),
    LandUse("矿产能源发展区", "Mining and energy zone", BUILD),
    LandUse("生态保护红线", "Ecological red line", KEEP),
    LandUse("永久基本农田", "Permanent basic farmland", KEEP),
    LandUse("城镇开发边界", "Urban development boundary", BUILD),
    LandUse("建设用地", "Building land", BUILD),
)  # fmt: skip
_BY_NAME = {
    name.casefold(): entry.use for entry in LAND_USES for name in (entry.name_zh, entry.name_en)
} | {use: use for use in USES}


def use_of_class(value: object) -> str | None:
    """What a class counts as; None if the table does not have it.

    Parameters
    ----------
    value
        A name in Chinese or English, whatever its capitals, or one of :data:`USES`.

    >>> use_of_class("居住用地"), use_of_class("wetland"), use_of_class("07")
    ('build', 'keep', None)
    """
    return _BY_NAME.get(str(value).strip().casefold())


def use_of_theme(theme: str) -> str:
    """What a layer counts as by its theme.

    >>> use_of_theme("ecology"), use_of_theme("rail"), use_of_theme("base")
    ('keep', 'build', 'neither')
    """
    if theme in BUILT_THEMES:
        return BUILD
    return KEEP if theme in KEPT_THEMES else NEITHER


def contradicts(lower: str, upper: str) -> bool:
    """Whether two uses contradict each other: one builds where the other keeps.

    >>> contradicts("build", "keep"), contradicts("build", "build"), contradicts("neither", "keep")
    (True, False, False)
    """
    return {lower, upper} == {BUILD, KEEP}
