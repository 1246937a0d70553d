"""Ways on the real record, worked by hand: twelve pairs of stations on three days, and two more.

The arithmetic uses the published lengths of whole sections (their straight hops are stretched to
them), the design speeds of the rows, and the figures of ``PINNED``, written down here so that a new
calibration moves no test:

- speed between stops v: 350 × 0.64 = 224 km/h; 250 × 0.83 = 207.5 (opened since 2016); 200 × 0.88 =
  176; metro 100 × 0.80 = 80;
- a stop loses v/2a + v/2b: at 224 km/h (62.22 m/s) 62.22 × (1/0.52 + 1/1.00) = 181.9 s = 3.031 min;
  at 207.5 2.808 min; at 176 2.382 min; half of it at each end of a ride, whole with two minutes of
  dwell where the train stops on its way: 5.031, 4.808 and 4.382 min;
- an express calls at stations that bear their city's name and stops at 0.8 of those that it
  passes; a stopping train stops at 0.3 of all that it passes: the quicker one counts.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest

from atlas.analysis.journeys import Journey, from_stations
from atlas.analysis.travel_time import Assumptions
from atlas.operations.folder import PROJECT
from atlas.operations.rail import Model, model_on, read_rail

PINNED = Assumptions(
    factor_fast=0.64, factor_medium=0.83, factor_early=0.63, factor_slow=0.88, factor_urban=0.80,
    express_share=0.8, stopping_share=0.3, run_on_min=7.0, acceleration_ms2=0.26, braking_ms2=0.5,
    dwell_min=2.0, urban_ms2=0.8, urban_dwell_min=0.5, interchange_min=25.0,
    other_station_min=35.0, transfer_kmh=30.0, turn_deg=120.0,
)  # fmt: skip
KNOWN_BY = dt.date(2026, 11, 25)
Y2009, Y2019, Y2026 = dt.date(2009, 12, 31), dt.date(2019, 12, 31), dt.date(2026, 11, 25)


@cache
def model(day: dt.date) -> Model:
    return model_on(read_rail(PROJECT / "layers", known_by=KNOWN_BY), day, assumed=PINNED)


def way(day: dt.date, one: str, other: str) -> Journey | None:
    held = model(day)
    start, end = held.network.place(one), held.network.place(other)
    assert start >= 0, f"{one} is not open"
    assert end >= 0, f"{other} is not open"
    return from_stations(held.graph, [start]).journey(end)


def lines_of(day: dt.date, found: Journey) -> list[str]:
    return [model(day).network.sections[number].line for number in found.sections]


@pytest.mark.parametrize(
    ("day", "one", "other", "lines", "km", "minutes"),
    [
        # 2009, 1: the whole Ningbo–Taizhou–Wenzhou railway, 282.4 km at 176 km/h: 96.27 min. Only
        # Taizhou (now Taizhou West) bears its city's name on the way: 0.8 × 4.382 = 3.51.
        (Y2009, "ningbo", "wenzhou-south", ["ningbo-taizhou-wenzhou"], 282.4,
         96.273 + 3.506 + 2.382),
        # 2019, 2: Xuzhou–Yancheng, 316.3 km at 207.5: 91.46. Suqian and Huai'an East: 2 × 0.8.
        (Y2019, "xuzhou-east", "yancheng", ["xuzhou-yancheng-hsr"], 316.3,
         91.460 + 1.6 * 4.808 + 2.808),
        # 2019, 3: Hangzhou–Ningbo, 152 km at 224: 40.71. Shaoxing North and Shaoxing East bear the
        # city's name (Hangzhou South was closed until 2020): an express needs 1.6 × 5.031 = 8.05
        # for them, a stopping train 0.3 × 5.031 for each of Shaoxing North, Shaoxing East,
        # Yuyao North and Zhuangqiao: 6.04. The stopping train is quicker.
        (Y2019, "hangzhou-east", "ningbo", ["hangzhou-ningbo-hsr"], 152.0,
         40.714 + 1.2 * 5.031 + 3.031),
        # 2019, 4: Jinhua–Lishui–Wenzhou, 188 km at 176: 64.09. Lishui bears its city's name:
        # 0.8 × 4.382 = 3.51 by express; a stopping train passes four more.
        (Y2019, "jinhua", "wenzhou-south", ["jinhua-lishui-wenzhou"], 188.0,
         64.091 + 3.506 + 2.382),
        # 2026, 5: Yancheng–Nantong, 158 km at 224: 42.32. Express: Dafeng's station is called
        # Yancheng Dafeng, 0.8 × 5.031 = 4.02; stopping: four on the way, 1.2 × 5.031 = 6.04.
        (Y2026, "nantong-west", "yancheng", ["yancheng-nantong-hsr"], 158.0,
         42.321 + 0.8 * 5.031 + 3.031),
        # 2026, 6: Shanghai–Suzhou–Huzhou, 164 km: 43.93. Express: Songjiang, Suzhou South, Nanxun
        # and Huzhou East bear a city's name, 3.2 × 5.031; stopping: six on the way, 1.8 × 5.031.
        (Y2026, "shanghai-hongqiao", "huzhou", ["shanghai-suzhou-huzhou-hsr"], 164.0,
         43.929 + 1.8 * 5.031 + 3.031),
        # 2026, 7: Xuancheng–Jixi, 115 km: 30.80. Jixi North does not bear its city's name, which is
        # Xuancheng: only stopping trains call there, and pass Ningguo South: 0.3 × 5.031.
        (Y2026, "xuancheng", "jixi-north", ["xuancheng-jixi-hsr"], 115.0,
         30.804 + 0.3 * 5.031 + 3.031),
        # 2026, 8: Xuzhou–Lianyungang, 185 km: 49.55. Nothing on the way bears a city's name: the
        # express passes all of it.
        (Y2026, "xuzhou-east", "lianyungang", ["xuzhou-lianyungang-hsr"], 185.0, 49.554 + 3.031),
        # 2026, 9: the metro from Weiting to Huaqiao, 41.25 km at 80 km/h: 30.94. 28 stations are 27
        # hops; each loses 22.22 × (1/1.6 + 1/1.6) = 27.8 s = 0.463 min and halts 0.5 min: 26.0.
        (Y2026, "weiting", "huaqiao-metro", ["suzhou-metro-11"], 41.25, 30.938 + 27 * 0.963),
    ],
)  # fmt: skip
def test_a_ride_on_one_line(
    day: dt.date, one: str, other: str, lines: list[str], km: float, minutes: float
) -> None:
    found = way(day, one, other)
    assert found is not None
    assert lines_of(day, found) == lines
    assert found.changes == 0
    assert found.km == pytest.approx(km, abs=0.05)
    assert found.minutes == pytest.approx(minutes, abs=0.05)


def test_10_in_2009_no_train_joins_hefei_and_ningbo() -> None:
    # Open were Hefei–Nanjing, Hefei–Wuhan, Ningbo–Wenzhou and Wenzhou–Fuzhou: two pieces, since
    # the lines from Nanjing and Hangzhou to Shanghai came in 2010.
    assert way(Y2009, "hefei", "ningbo") is None
    found = way(Y2009, "luan", "nanjing")
    assert found is not None
    assert lines_of(Y2009, found) == ["hefei-wuhan", "hefei-nanjing"]


def test_11_in_2019_from_suqian_to_lianyungang_over_huaian_east() -> None:
    # Both lines opened on 16 December 2019. The train comes to Huai'an East from the west and goes
    # north, less than 120 degrees: it runs on. The other way, over Xuzhou, would have needed the
    # Xuzhou–Lianyungang line of 2021.
    found = way(Y2019, "suqian", "lianyungang")
    assert found is not None
    assert lines_of(Y2019, found) == ["xuzhou-yancheng-hsr", "lianyungang-zhenjiang-hsr"]
    assert found.changes == 0
    later = way(Y2026, "xuzhou-east", "lianyungang")
    assert later is not None
    assert lines_of(Y2026, later) == ["xuzhou-lianyungang-hsr"]


def test_12_in_2026_from_the_suburban_line_to_the_train_at_chuzhou() -> None:
    # Chahe is on line S4 of Chuzhou, which ends beside the railway station: out of the suburban
    # train, a walk, 25 minutes to change, and on to Nanjing South by the Beijing–Shanghai line.
    found = way(Y2026, "chahe", "nanjing-south")
    assert found is not None
    assert lines_of(Y2026, found) == ["chuzhou-nanjing-s4", "beijing-shanghai-hsr"]
    assert found.changes == 1
    suburban, change, train = found.legs
    # 44.83 km at 120 × 0.8 = 96 km/h: 28.02 min, nine hops of 26.67 × 1.25 s = 0.556 min and 0.5.
    assert suburban.km == pytest.approx(44.83, abs=0.05)
    assert suburban.minutes == pytest.approx(28.019 + 9 * 1.0556, abs=0.05)
    assert 25.0 <= change.minutes <= 25.0 + 1.0 / 4.5 * 60
    assert train.minutes == pytest.approx(train.km / 224 * 60 + 3.031, abs=0.05)


def test_13_in_2026_from_yiwu_to_hangzhou_west_by_the_line_of_2024() -> None:
    # Yiwu lies on three lines. Over the line of 2014 one comes to Hangzhou East, across town from
    # Hangzhou West; the line of 2024 meets the one to Hangzhou West at Tonglu East.
    found = way(Y2026, "yiwu", "hangzhou-west")
    assert found is not None
    assert lines_of(Y2026, found) == ["hangzhou-wenzhou-hsr", "huzhou-hangzhou-hsr"]
    assert found.changes == 0
    before = way(Y2019, "yiwu", "hangzhou-east")
    assert before is not None
    assert lines_of(Y2019, before) == ["hangzhou-changsha-hsr"]
