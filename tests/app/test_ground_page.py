"""The page of the ground through Streamlit's own test runner: no exception on any rerun."""

from __future__ import annotations

import datetime as dt
import io
import json
import runpy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.app import ground_map, ground_upload
from atlas.app.ground_cache import Source, opened
from atlas.app.ground_upload import to_source
from atlas.errors import FileDamaged
from atlas.operations.folder import PROJECT
from tests.ground_examples import write_tiff

DAY = "2026-11-24"
LINK = {"raster": "land-cover", "day": DAY, "known": DAY, "lang": "en"}
ATTACK = '<img src=x onerror="window.attacked=1"></script>.tif'


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""

    def run_frame(main: str) -> None:
        runpy.run_path(main, run_name="__main__")

    monkeypatch.setattr(script_runner, "_mpa_v1", run_frame)


class Ground:
    """The running app, opened at /ground; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120)
        for name, value in (LINK | query).items():
            self.app.query_params[name] = value
        self.app.switch_page("pages/ground.py")

    def run(self) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self.app

    def specification(self) -> dict[str, Any]:
        frames = [e for e in self.app.main if e.type == "component_instance"]
        assert len(frames) == 1
        script = json.loads(frames[0].proto.json_args)["feature_group"]
        start = script.index("atlas.draw(") + len("atlas.draw(")
        found: dict[str, Any] = json.loads(
            script[script.index(",", start) + 1 : script.index(");", start)]
        )
        return found

    def words(self) -> str:
        elements = [*self.app.success, *self.app.info, *self.app.warning, *self.app.caption,
                    *self.app.markdown]  # fmt: skip
        return "\n".join(one.value for one in elements).replace("\\", "")


def test_a_first_visit_shows_land_cover_and_its_limits() -> None:
    ground = Ground(lang="zh")
    del ground.app.query_params["raster"]
    app = ground.run()
    assert app.title[0].value == "地面上是什么？"
    assert "看区域，不看地块" in ground.words()
    image = ground.specification()["image"]
    assert image["url"].startswith("../../app/static/data/")
    assert image["bounds"] == [pytest.approx([27.0, 114.5]), pytest.approx([35.5, 123.5])]
    assert image["opacity"] == 0.7
    assert app.query_params["raster"] == "land-cover"


def test_the_legend_holds_every_class_with_its_colour() -> None:
    ground = Ground()
    app = ground.run()
    labels = {entry["label"]: entry["look"]["fill"] for entry in ground.specification()["legend"]}
    assert labels["Water"] == "#4f86c6"
    assert labels["Cropland"] == "#f2d16b"
    table = app.dataframe[0].value
    assert table["Meaning"].tolist()[0] == "Water"


def test_zones_are_told_charted_and_tabled() -> None:
    ground = Ground(over="cities")
    app = ground.run()
    assert "Lishui:" in ground.words()
    assert "Mixed forest" in ground.words()
    table = app.dataframe[1].value
    assert table["Zone"].nunique() == 41
    assert table["Covered"].unique().tolist() == ["covered"]
    assert [button.label for button in app.get("download_button")][:3] == ["CSV", "JSON", "XLSX"]
    assert app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")


def test_a_quantity_has_figures_and_no_total_of_heights() -> None:
    app = Ground(raster="terrain", over="provinces").run()
    columns = app.dataframe[1].value.columns.tolist()
    assert {"Mean", "Median", "Greatest"} <= set(columns)
    assert "Total" not in columns


def test_two_days_and_pieces() -> None:
    ground = Ground(over="metropolitan-areas", then="2016-07-01")
    app = ground.run()
    assert "What changes are the zones, not the cells" in ground.words()
    assert "Change (km²)" in app.dataframe[1].value
    cut = Ground(over="ecological-belts", cut="provinces")
    table = cut.run().dataframe[1].value
    assert table["Zone"].str.contains("∩").all()


def test_a_line_of_the_record() -> None:
    ground = Ground(tell="profile", line="rail-lines:shanghai-hangzhou-hsr")
    ground.run()
    assert "Along the line: Cropland" in ground.words()
    specification = ground.specification()
    assert specification["layers"][-1]["id"] == "ground-line"
    assert specification["draw"] is None
    assert specification["focus"]["place"] == "rail-lines:shanghai-hangzhou-hsr"


def test_a_line_is_drawn_or_written(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Ground(tell="profile", line="drawn")
    app = ground.run()
    assert ground.specification()["draw"]["line"] is True
    assert "Press the button with the bent line" in ground.words()
    drawing = {"geometry": {"type": "LineString", "coordinates": [[118.1234567, 31], [121, 31.5]]}}
    with monkeypatch.context() as patched:
        told = {"last_active_drawing": drawing}
        patched.setattr(ground_map, "st_folium", lambda *_, **__: told)
        app = ground.run()
    assert app.query_params["line"] == app.text_input[0].value == "118.12346,31;121,31.5"
    written = Ground(tell="profile", line="118,31;119,31.5").run()
    assert written.text_input[0].value == "118,31;119,31.5"
    for text in ("118,31;nonsense", "/etc/passwd"):
        written.text_input[0].set_value(text).run()
        assert not written.exception
        assert "a line is corners" in written.error[0].value


def test_the_sketch_shows_its_weights_and_that_it_is_one() -> None:
    ground = Ground(tell="sketch", over="provinces", weights="1,2,3,4")
    app = ground.run()
    assert "not a finding of any plan" in ground.words()
    assert [slider.value for slider in app.slider][1:] == [1, 2, 3, 4]
    assert "4 (40%)" in str(app.table[0].value.to_dict()).replace("\\", "")
    assert [entry["label"] for entry in ground.specification()["legend"]][-5:][0].startswith("0–20")
    for slider in app.slider[1:]:
        slider.set_value(0)
    assert "All weights are 0" in Ground.words(_rerun(ground))


def _rerun(ground: Ground) -> Ground:
    ground.run()
    return ground


def test_before_anything_was_published() -> None:
    ground = Ground(known="2020-01-01", tell="zones")
    ground.run()
    assert "had no edition published by 2020-01-01" in ground.words()
    sketch = Ground(known="2020-01-01", tell="sketch")
    sketch.run()
    assert "missing: rail-stations" in sketch.words()


class Given:
    """An upload."""

    def __init__(self, path: Path, name: str) -> None:
        self.name, self._content = name, path.read_bytes()

    def getvalue(self) -> bytes:
        return self._content


class TestUpload:
    """A raster of the reader's own: read, used, forgotten."""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        return tmp_path

    @staticmethod
    def give(monkeypatch: pytest.MonkeyPatch, path: Path, name: str = "own.tif") -> None:
        given = Given(path, name)
        path.unlink()
        monkeypatch.setattr(ground_upload.st, "file_uploader", lambda *_, **__: given)

    def test_it_is_shown_with_what_it_says_of_itself(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        values = np.random.default_rng(1).random((2, 60, 80), dtype=np.float32)
        self.give(monkeypatch, write_tiff(folder / "a.tif", values, unit="people"), ATTACK)
        ground = Ground(raster="own", over="cities")
        app = ground.run()
        told = " ".join(text.value for text in app.text)
        assert "WGS 84" in told
        assert "80 × 60" in told
        assert "people" in told
        assert ground.specification()["image"]["url"].startswith("data:image/png;base64,")
        assert "Total" in app.dataframe[1].value
        states = set(app.dataframe[1].value["Covered"])
        assert {"not covered", "partly covered"} <= states
        assert app.query_params["raster"] == "own"
        assert list(folder.iterdir()) == []

    def test_what_is_wrong_is_one_error(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = folder / "a.tif"
        path.write_text("hello", "utf-8")
        self.give(monkeypatch, path)
        app = Ground(raster="own").run()
        assert len(app.error) == 1
        assert "own\\.tif" in app.error[0].value
        assert str(folder) not in app.error[0].value
        assert list(folder.iterdir()) == []

    def test_a_file_too_large_for_the_page(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write_tiff(folder / "a.tif", np.ones((6, 8), "uint8"))
        content = path.read_bytes()
        monkeypatch.setattr(ground_upload, "CELLS_MOST", 47)
        with pytest.raises(FileDamaged, match="48 cells"):
            to_source(content, "../a.tif", "en")
        monkeypatch.setattr(ground_upload, "UPLOAD_MIB", 0)
        with pytest.raises(FileDamaged, match="command line"):
            to_source(content, "a.tif", "en")

    def test_errors_while_it_is_read_name_it_as_its_reader_does(self, folder: Path) -> None:
        path = write_tiff(folder / "a.tif", np.ones((6, 8), "uint8"), crs=None)
        source = Source("mine.tif", "0" * 64, path.read_bytes())
        with (
            pytest.raises(FileDamaged, match=r"^mine\.tif: it does not say"),
            opened(source, dt.date.today()),
        ):
            pass
        assert io.BytesIO(source.content).read(4) == b"II*\0"
