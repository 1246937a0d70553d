"""The page of the action plan through Streamlit's own test runner: no exception on any rerun."""

import datetime as dt
import json
import runpy
import shutil
import time
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from atlas.i18n import LANGUAGES, translate
from atlas.operations import publish as publishing
from atlas.operations.folder import PROJECT
from atlas.operations.plan import read_plan
from tests.register_examples import statement

LAYERS = PROJECT / "layers"
LINK = {"day": "2026-11-25", "known": "2026-11-25", "lang": "en"}
PLAN = read_plan(LAYERS, known_by=dt.date(2026, 11, 25))
AREAS = [area.item.id for area in PLAN.areas]
WARM_S = 2.0
ATTACK = '<img src=x onerror="window.attacked=1"> **bold** [x](https://example.org)'


@pytest.fixture(autouse=True)
def _framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest runs a file of pages/ by itself; atlas.app.serve forbids that, and so does this."""
    monkeypatch.setattr(
        script_runner, "_mpa_v1", lambda main: runpy.run_path(main, run_name="__main__")
    )


class Page:
    """The running app, opened at /plan; every rerun asserts that nothing broke."""

    def __init__(self, **query: str) -> None:
        self.app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120)
        self.app.switch_page("pages/plan.py")
        for name, value in (LINK | query).items():
            self.app.query_params[name] = value

    def run(self) -> AppTest:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        assert not self.app.error, [error.value for error in self.app.error]
        return self.app

    def press(self, area: str) -> AppTest:
        self.app.button(key=f"plan.area.{area}").click()
        return self.run()

    def text(self) -> str:
        parts = [*self.app.markdown, *self.app.caption, *self.app.info, *self.app.header,
                 *self.app.subheader]  # fmt: skip
        return "\n".join(part.value for part in parts).replace("\\", "")

    def maps(self) -> list[list[str]]:
        """Layers of each map on the page, without its background."""
        frames = [e for e in self.app.main if e.type == "component_instance"]
        found = []
        for frame in frames:
            script = json.loads(frame.proto.json_args)["feature_group"]
            start = script.index("atlas.draw(") + len("atlas.draw(")
            told = json.loads(script[script.index(",", start) + 1 : script.index(");", start)])
            found.append([entry["id"] for entry in told["layers"] if not entry["background"]])
        return found


def test_all_areas_stand_at_a_glance_and_nothing_is_claimed_of_tasks() -> None:
    page = Page()
    app = page.run()
    assert app.title[0].value == translate("plan.heading", "en")
    keys = [button.key for button in app.button if (button.key or "").startswith("plan.area.")]
    assert keys == [f"plan.area.{name}" for name in AREAS]
    text = page.text()
    assert "12 measures read; the plan has 30 tasks; which measure belongs to which task is" in text
    assert text.count("heading only") == 4
    assert "Layers and indicators were linked by this atlas; the plan does not name them." in text
    assert page.maps() == []
    assert dict(app.query_params) == LINK


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_of_the_plan_is_on_the_page_in_both_languages(lang: str) -> None:
    page = Page(lang=lang)
    page.run()
    text = page.text()
    shown = ("plan", "body", "lesson", "challenge", "reference", "milestone")
    for item in PLAN.register.items:
        if item.kind in shown or (item.kind == "question" and not item.area):
            assert item.title[lang].replace("\\", "") in text, item.key
            for source in item.source_urls:
                assert source in text, (item.key, source)
    for item in PLAN.register.of("reference"):
        assert item.learn[lang] in text, item.key


def test_an_area_opens_closes_and_is_in_the_link() -> None:
    page = Page()
    page.run()
    app = page.press("ecology")
    assert app.query_params["area"] == "ecology"
    text = page.text()
    for area in PLAN.areas:
        for item in area.measures:
            assert item.title["en"] not in text, item.key
    assert PLAN.area("ecology").questions[0].text["en"] in text
    assert page.maps() == [["ecological-belts"]]
    app = page.press("chain")
    assert app.query_params["area"] == "chain"
    app = page.press("chain")
    assert "area" not in app.query_params


@pytest.mark.parametrize("area", [area for area in AREAS if area not in ("network", "group")])
def test_every_area_opens_by_a_link(area: str) -> None:
    page = Page(area=area)
    page.run()
    text = page.text()
    held = PLAN.area(area)
    for item in (*held.measures, *held.facts, *held.bodies, *held.questions):
        assert item.title["en"] in text, item.key
    if not held.layers:
        assert page.maps() == []
        assert "No layer of the atlas touches this area." in text
    if not held.indicators:
        assert "No indicator: no layer of the atlas touches this area." in text
    if not held.bodies:
        assert "The sources do not say who is responsible for this area." in text


def test_an_area_that_the_plan_does_not_have_is_named_and_ignored() -> None:
    for area in ("transport", "<b>"):
        page = Page(area=area)
        app = page.run()
        assert any(f"area={area}" in warning.value for warning in app.warning)
        assert "area" not in app.query_params


def test_what_no_page_says_is_marked() -> None:
    page = Page(area="group")
    page.run()
    unsourced = [fact for fact in PLAN.area("group").facts if not fact.sourced]
    assert unsourced
    for fact in unsourced:
        line = next(m.value for m in page.app.markdown if fact.title["en"] in m.value)
        assert ":orange-badge[no page]" in line
        assert fact.cited["en"] in line.replace("\\", "")


def test_indicators_have_values_changes_trends_and_how_they_came_to_be() -> None:
    page = Page(area="ecology")
    app = page.run()
    table = app.dataframe[0].value
    ids = PLAN.area("ecology").indicators
    assert table.shape == (len(ids), 5)
    assert all(len(trend) == 7 for trend in table.iloc[:, 4])
    assert table.iloc[:, 1:4].map(bool).all(axis=None)
    for name in ids:
        title = translate(f"indicator.{name}.title", "en")
        assert title in table.iloc[:, 0].tolist()
        assert any(title in expander.label.replace("\\", "") for expander in app.expander)
    assert page.text().count("ecological-belts") or "Ecological economic belts" in page.text()


@pytest.mark.parametrize(
    ("day", "words"),
    [("2025-10-08", "the cycle has not begun"), ("2025-10-09", "year 1 of the cycle"),
     ("2028-10-08", "year 3 of the cycle"), ("2028-10-09", "the cycle is over")],
)  # fmt: skip
def test_the_day_moves_the_cycle(day: str, words: str) -> None:
    page = Page(day=day)
    page.run()
    assert f"{day}: {words}" in page.text()


def test_the_map_draws_the_layers_that_are_chosen() -> None:
    page = Page(area="group")
    app = page.run()
    assert page.maps() == [["metropolitan-areas", "innovation-corridors"]]
    app.pills(key="plan.layers.group").set_value(["ecological-belts"])
    page.run()
    assert page.maps() == [["ecological-belts"]]
    app.pills(key="plan.layers.group").set_value([])
    page.run()
    assert page.maps() == [[]]


def test_the_evaluation_is_offered_after_the_announcement_only() -> None:
    for day, offered in (("2025-10-09", 0), ("2025-10-10", 4)):
        page = Page(day=day)
        app = page.run()
        buttons = [button.label for button in app.get("download_button")]
        assert len(buttons) == offered
        words = "The day evaluated must be after the announcement of 2025-10-09"
        assert (words in page.text()) == (offered == 0)


def test_plans_are_passed_down_when_the_reader_asks_for_it() -> None:
    page = Page()
    app = page.run()
    assert page.maps() == []
    app.toggle(key="plan.conform").set_value(True)
    page.run()
    assert len(page.maps()) == 1


def test_before_the_register_was_published_the_page_says_so() -> None:
    page = Page(known="2026-11-01")
    app = page.run()
    assert "No register of the action plan was published by 2026-11-01." in app.info[0].value


def test_a_plan_page_in_another_tab_of_the_session_keeps_the_area() -> None:
    page = Page(area="chain")
    page.run()
    page.app.switch_page("pages/catalogue.py")
    page.run()
    assert "area" not in page.app.query_params
    page.app.switch_page("pages/plan.py")
    page.app.query_params.clear()
    assert page.run().query_params["area"] == "chain"


def test_the_page_is_quick_once_its_layers_were_read() -> None:
    Page(area="group").run()
    page = Page(area="group")
    start = time.perf_counter()
    page.run()
    taken = time.perf_counter() - start
    print(f"plan page, warm: {taken:.2f} s")
    assert taken < WARM_S


def test_a_task_of_a_planner_is_shown_and_its_markup_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    for layer in LAYERS.iterdir():
        if layer.name != "action-plan":
            (folder / layer.name).symlink_to(layer)
    shutil.copytree(LAYERS / "action-plan", folder / "action-plan")
    task = statement(
        "evil", area="services", number=4, measures=["chain-consortia"], title_en=ATTACK,
        text_zh="文", text_en=ATTACK,
    )  # fmt: skip
    file = tmp_path / "task.json"
    file.write_text(json.dumps({"form": "changes", "task": [task]}), "utf-8")
    publishing.publish(folder, "action-plan", file, note="test", today=dt.date.today())
    monkeypatch.setenv("ATLAS_LAYERS", str(folder))
    page = Page(area="services", known=dt.date.today().isoformat())
    app = page.run()
    assert "1 of them entered; of 11 measures it is not known" in page.text()
    line = next(m.value for m in app.markdown if "onerror" in m.value)
    assert "\\<img" in line
    assert "\\[x\\]" in line
    assert "\\*\\*bold" in line
    assert "Task 4" in page.text()
    assert "Innovation consortia" in page.text()


def test_the_catalogue_shows_the_register_and_leads_to_the_page() -> None:
    app = AppTest.from_file(str(PROJECT / "streamlit_app.py"), default_timeout=120)
    app.switch_page("pages/catalogue.py")
    for name, value in (LINK | {"place": "action-plan"}).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert app.header[0].value == "Register of the action plan"
    links = [e for e in app.main if e.type == "page_link"]
    assert any("plan" in link.proto.page for link in links)
