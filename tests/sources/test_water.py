"""Lakes and rivers: the rows keep the contract and lie where their names say."""

import os
import shutil
from dataclasses import replace

import pytest
import shapely

from atlas.core.crs import area_km2, length_km
from atlas.core.geometry import geometry_problems
from atlas.core.schema import check_rows, missing_to_none
from atlas.errors import SourceError
from atlas.sources import debian, gshhg, inputs, water
from atlas.sources.boundaries import build_cities, build_districts, build_provinces
from atlas.sources.waterways import to_network, trace

UNPACKED = debian.FOLDER / inputs.RIVER_LINES.package / inputs.RIVER_LINES.file
needs_debian = pytest.mark.skipif(
    not UNPACKED.is_file() and shutil.which("apt-get") is None and not os.environ.get("CI"),
    reason="GSHHG is not in build/inputs, and this machine has no apt-get to fetch it",
)


@pytest.fixture(scope="module")
def lakes():
    return water.build_lakes()


@pytest.fixture(scope="module")
def rivers():
    return water.build_rivers()


@pytest.fixture(scope="module")
def cities():
    return build_cities().set_index("id").geometry


def _problems(layer, kind, rows):
    records = [
        {name: missing_to_none(value) for name, value in record.items()}
        for record in rows.drop(columns="geometry").to_dict("records")
    ]
    shapes = [
        (row.id, problem)
        for row in rows.itertuples()
        for problem in geometry_problems(kind, row.geometry_basis, row.geometry)
    ]
    return check_rows(layer, None, (), records) + shapes


@needs_debian
class TestLakes:
    def test_rows_keep_the_contract(self, lakes):
        assert _problems("lakes", "polygon", lakes) == []
        assert lakes["id"].tolist() == sorted(lakes["id"])

    def test_every_lake_touches_the_four_provinces(self, lakes):
        assert lakes.intersects(build_provinces().union_all()).all()

    def test_no_lake_is_there_twice(self, lakes):
        shapes = lakes.geometry.to_numpy()
        overlaps = [
            shapely.intersection(one, other).area / min(one.area, other.area)
            for place, one in enumerate(shapes)
            for other in shapes[place + 1 :]
        ]
        assert max(overlaps) < 0.01

    @pytest.mark.parametrize(
        ("lake", "km2"),
        [("taihu", 2338), ("hongze-lake", 1960), ("gaoyou-lake", 760), ("chaohu", 770),
         ("qiandao-lake", 573), ("dianshan-lake", 62), ("yangcheng-lake", 119)],
    )  # fmt: skip
    def test_area_is_near_the_published_one(self, lakes, lake, km2):
        area = area_km2(lakes.set_index("id").geometry)[lake]
        assert 0.9 * km2 < area < 1.35 * km2

    @pytest.mark.parametrize(
        ("lake", "districts"),
        [("taihu", ["320506", "320211", "320282"]), ("dianshan-lake", ["310118", "320583"]),
         ("caizi-lake", ["340881", "340722"]), ("shijiu-lake", ["320117", "320118", "340521"]),
         ("nanyi-lake", ["341802", "341821"]), ("ge-lake", ["320412", "320282"]),
         ("changdang-lake", ["320413", "320481"]), ("wabu-lake", ["340422"]),
         ("luoma-lake", ["321311", "320381"]), ("bo-lake", ["340826", "340827", "340825"]),
         ("shengjin-lake", ["341721", "341702"]), ("qiandao-lake", ["330127"])],
    )  # fmt: skip
    def test_a_named_lake_lies_in_the_districts_that_share_it(self, lakes, lake, districts):
        shape = lakes.set_index("id").geometry[lake]
        units = build_districts().set_index("id").geometry
        shares = area_km2(units[districts].intersection(shape))
        assert (shares > 1.0).all()

    def test_a_doubtful_name_says_so(self, lakes):
        doubtful = lakes[lakes["unsourced"].str.len() > 0]
        assert set(doubtful["id"]) == {"unnamed-lake-xinghua", "taibo-lake"}
        assert all(names == ["name_zh", "name_en"] for names in doubtful["unsourced"])
        assert (lakes["name_en"] == "Unnamed lake").sum() == 1

    def test_a_lake_without_a_name_stops_the_build(self, monkeypatch):
        names = inputs.read_facts("lake_names")
        monkeypatch.setattr(water, "read_facts", lambda _: names[names["id"] != "taihu"])
        with pytest.raises(SourceError, match=r"no name for the lakes at .*POINT \(120"):
            water.build_lakes()

    def test_a_point_beside_the_lake_stops_the_build(self, monkeypatch):
        names = inputs.read_facts("lake_names").replace("120.138", "119.1")
        monkeypatch.setattr(water, "read_facts", lambda _: names)
        with pytest.raises(SourceError, match=r"0 lakes lie at POINT \(119.1"):
            water.build_lakes()


@needs_debian
class TestRivers:
    def test_rows_keep_the_contract(self, rivers):
        assert _problems("rivers", "line", rivers) == []
        keys = list(zip(rivers["id"], rivers["part"], strict=True))
        assert keys == sorted(set(keys))

    def test_every_path_has_a_name_and_every_name_a_path(self, rivers):
        names, paths = inputs.read_facts("river_names"), inputs.read_facts("river_paths")
        named = set(zip(names["id"], names["part"], strict=True))
        assert named == set(zip(paths["id"], paths["part"], strict=True)) | {("yangtze", "channel")}
        assert len(rivers) == len(named)

    def test_nothing_lies_further_out_than_the_margin(self, rivers):
        provinces = build_provinces().to_crs(water.WORKING_CRS).union_all()
        away = rivers.to_crs(water.WORKING_CRS).hausdorff_distance(provinces)
        assert away.notna().all()
        outline = provinces.buffer(water.MARGIN_M + 100)
        assert rivers.to_crs(water.WORKING_CRS).within(outline).all()

    @pytest.mark.parametrize(
        ("river", "passes"),
        [("grand-canal", ["330100", "330400", "320500", "320200", "320400", "321100", "321000",
                          "320800", "321300", "320300"]),
         ("yangtze", ["340800", "340200", "340500", "320100", "321200", "320600", "310000"]),
         ("huai-river", ["341200", "341500", "340400", "340300"]),
         ("xinan-river", ["341000", "330100"]), ("huangpu-river", ["310000"]),
         ("guo-river", ["341600", "340300"]), ("ou-river", ["331100", "330300"]),
         ("pi-river", ["341500"]), ("qu-river", ["330800", "330700"])],
    )  # fmt: skip
    def test_a_river_passes_its_cities(self, rivers, cities, river, passes):
        line = rivers[rivers["id"] == river].union_all()
        lengths = length_km(cities[passes].intersection(line))
        assert (lengths > 1.0).all()

    @pytest.mark.parametrize(
        ("river", "km"),
        [("north-jiangsu-irrigation-canal", 168), ("xinyi-river", 144), ("yan-river", 151),
         ("qu-river", 82), ("lan-river", 45), ("fuchun-river", 102), ("jinhua-river", 195),
         ("huangpu-river", 113), ("wusong-river", 125), ("pi-river", 253)],
    )  # fmt: skip
    def test_length_is_near_the_published_one(self, rivers, river, km):
        line = rivers[(rivers["id"] == river) & (rivers["part"] == "whole")]
        assert length_km(line.geometry).sum() == pytest.approx(km, rel=0.25)

    def test_the_yangtze_has_no_gap_from_anqing_to_the_sea(self, rivers):
        """At every tenth of a degree some part of it crosses the meridian."""
        line = rivers[rivers["id"] == "yangtze"].union_all()
        west = [117.1 + tenth / 10 for tenth in range(48)]
        assert all(line.intersects(shapely.box(x, 30, x + 0.01, 32.5)) for x in west)

    def test_the_channel_of_the_yangtze_parts_the_cities(self, rivers, cities):
        channel = rivers[rivers["part"] == "channel"].geometry.iloc[0]
        assert channel.geom_type == "LineString"
        north = cities[list(water.NORTH_OF_YANGTZE)].union_all()
        south = cities[list(water.SOUTH_OF_YANGTZE)].union_all()
        assert channel.distance(north) < 1e-9
        assert channel.hausdorff_distance(channel.intersection(north.buffer(1e-5))) < 1e-4
        assert channel.hausdorff_distance(channel.intersection(south.buffer(1e-5))) < 1e-4


@needs_debian
def test_bins_join_at_their_edges():
    """Lines that end on a meridian between bins go on from there in the next bin."""
    ends = [end for line in gshhg.read_rivers() for end in (line.coords[0], line.coords[-1])]
    places = {(round(x, 6), round(y, 6)) for x, y in ends if abs(x - 117) < 1e-9}
    counts = [sum(abs(x - 117) < 1e-9 and round(y, 6) == place[1] for x, y in ends)
              for place in places]  # fmt: skip
    assert len(places) > 5
    assert min(counts) >= 2


@needs_debian
def test_wide_rivers_are_kept_out_of_the_lakes(lakes):
    assert area_km2(lakes.geometry).max() < 2600
    assert max(area_km2(water.gpd.GeoSeries(gshhg.read_lakes(), crs=4326))) > 4900


class TestWays:
    LINES = (
        shapely.LineString([(0, 0), (1, 0), (2, 0)]),
        shapely.LineString([(1, 0), (1, 1)]),
        shapely.LineString([(2.003, 0), (3, 0)]),
        shapely.LineString([(9, 9), (9, 8)]),
    )

    def test_the_way_follows_the_lines_over_a_small_gap(self):
        way = trace(to_network(list(self.LINES)), [(0, 0), (3, 0)])
        assert list(way.coords) == [(0, 0), (1, 0), (2, 0), (2.003, 0), (3, 0)]

    def test_a_way_point_on_a_spur_leaves_no_trace(self):
        way = trace(to_network(list(self.LINES)), [(0, 0), (1, 1), (2, 0)])
        assert list(way.coords) == [(0, 0), (1, 0), (2, 0)]

    def test_a_way_point_off_the_lines_is_refused(self):
        with pytest.raises(SourceError, match=r"way-point \(0.5, 0.5\) lies more than 5 km"):
            trace(to_network(list(self.LINES)), [(0, 0), (0.5, 0.5)])

    def test_lines_that_do_not_meet_have_no_way(self):
        with pytest.raises(SourceError, match="no way along the lines"):
            trace(to_network(list(self.LINES)), [(0, 0), (9, 9)])


class TestDebian:
    def test_a_file_with_other_content_is_refused(self, tmp_path):
        path = tmp_path / inputs.RIVER_LINES.package / inputs.RIVER_LINES.file
        path.parent.mkdir(parents=True)
        path.write_bytes(b"something else")
        with pytest.raises(SourceError, match=r"binned_river_f.nc .*expected .*put the recorded"):
            debian.locate_debian(inputs.RIVER_LINES, folder=tmp_path)

    def test_a_recorded_file_is_used_without_fetching(self, tmp_path, monkeypatch):
        content = replace(
            inputs.RIVER_LINES,
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        )
        path = tmp_path / content.package / content.file
        path.parent.mkdir(parents=True)
        path.write_bytes(b"test")
        monkeypatch.setattr(debian.subprocess, "run", lambda *_, **__: pytest.fail("ran a program"))
        assert debian.locate_debian(content, folder=tmp_path) == path

    def test_a_machine_without_apt_is_told_so(self, tmp_path, monkeypatch):
        monkeypatch.setattr(debian.shutil, "which", lambda _: None)
        with pytest.raises(SourceError, match="apt-get is not on this machine"):
            debian.locate_debian(inputs.RIVER_LINES, folder=tmp_path)

    def test_a_failing_program_is_quoted(self, tmp_path):
        if shutil.which("dpkg-deb") is None:
            assert not os.environ.get("CI"), "CI must have dpkg-deb"
            pytest.skip("no dpkg-deb here")
        with pytest.raises(SourceError, match=r"dpkg-deb .* failed: .*no-such-file"):
            debian._run("dpkg-deb", "-x", "no-such-file.deb", "x", folder=tmp_path)
