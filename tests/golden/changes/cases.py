"""Real changes of the record whose reports are kept word by word."""

import datetime as dt
from dataclasses import dataclass

KNOWN_BY = dt.date(2026, 11, 24)


@dataclass(frozen=True)
class Case:
    """Two states of a layer, by name."""

    name: str
    layer: str
    by: str
    old: str
    new: str
    feature: str | None = None


def _versions(name: str, layer: str, feature: str, old: str, new: str) -> Case:
    return Case(name, layer, "versions", old, new, feature)


AREAS, CORRIDORS, BELTS = "metropolitan-areas", "innovation-corridors", "ecological-belts"
CASES = (
    _versions("hefei-2019-2024", AREAS, "hefei-metropolitan-area", "2019", "2024"),
    _versions("hefei-2006-2008", AREAS, "hefei-metropolitan-area", "2006", "2008"),
    _versions("hefei-2024-2019", AREAS, "hefei-metropolitan-area", "2024", "2019"),
    _versions("nanjing-2003-2013", AREAS, "nanjing-metropolitan-area", "2003", "2013"),
    _versions("nanjing-2020-2021", AREAS, "nanjing-metropolitan-area", "2020", "2021"),
    _versions("hangzhou-2007-2018", AREAS, "hangzhou-metropolitan-area", "2007", "2018"),
    _versions("hangzhou-2018-2023", AREAS, "hangzhou-metropolitan-area", "2018", "2023"),
    _versions("shanghai-2022-draft", AREAS, "shanghai-metropolitan-area", "2022", "2026-draft"),
    _versions("ningbo-2016-2026", AREAS, "ningbo-metropolitan-area", "2016", "2026"),
    _versions("g60-1-2", CORRIDORS, "g60-corridor", "1.0", "2.0"),
    _versions("g60-2-3", CORRIDORS, "g60-corridor", "2.0", "3.0"),
    _versions("hangzhou-west-2016-2021", CORRIDORS, "hangzhou-west", "2016", "2021"),
    _versions("sunan-2014-2021", CORRIDORS, "sunan", "2014", "2021"),
    _versions("shaoxing-2019-2022", CORRIDORS, "shaoxing", "2019", "2022"),
    Case("taihu-2021", CORRIDORS, "days", "2021-05-26", "2021-05-27", "taihu-circle"),
    _versions("demonstration-zone", BELTS, "demonstration-zone", "2019", "2023"),
    _versions("nanjing-hangzhou", BELTS, "nanjing-hangzhou-belt", "2017", "2019"),
    Case("huangshan-2021-2024", BELTS, "days", "2021-01-01", "2024-06-01", "greater-huangshan"),
    Case("canal-2026", BELTS, "days", "2026-02-28", "2026-03-01", "grand-canal-belt"),
    Case("chaohu-2011", "cities", "days", "2011-08-21", "2011-08-22"),
    Case("shouxian-2016", "cities", "days", "2016-01-03", "2016-01-04"),
    Case("hangzhou-2021", "districts", "days", "2021-04-08", "2021-04-09"),
    Case("longgang-2019", "districts", "days", "2019-07-31", "2019-08-01"),
    Case("jintan-2015", "districts", "days", "2015-04-30", "2015-05-01"),
    Case("areas-2016-2024", AREAS, "days", "2016-06-04", "2024-06-01"),
    Case("areas-editions", AREAS, "editions", "1", "2"),
    Case("districts-editions", "districts", "editions", "1", "2"),
    Case("rail-2009-2012", "rail-lines", "days", "2009-01-01", "2012-01-01"),
    Case("nothing", AREAS, "days", "2025-01-01", "2025-01-02"),
)
