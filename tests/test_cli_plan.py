"""`atlas plan`, and a planner's task from its file to its edition."""

import json
import re
import shutil
import textwrap

import pytest

from atlas.core.register import KINDS, STATEMENTS, fields_of
from atlas.operations.folder import PROJECT
from tests.conftest import StoreBuilder

TASK = """form = "changes"

[[task]]
id = "chongming-ferry"
number = 7
area = "network"
title_zh = "任务七"
title_en = "Task seven"
sourced = true
source_urls = ["https://example.org/task-7"]
unsourced = []
measures = ["network-rails"]
layers = ["rail-lines"]
features = ["rail-lines:shanghai-hangzhou-hsr"]
indicators = ["rail-kilometres"]
"""
DAY = ("--day", "2026-11-25")


@pytest.fixture
def plans(empty_store: StoreBuilder) -> StoreBuilder:
    """A store that holds every layer of the atlas; only the register is a copy."""
    for layer in (PROJECT / "layers").iterdir():
        target = empty_store.folder / layer.name
        if layer.name == "action-plan":
            shutil.copytree(layer, target)
        else:
            target.symlink_to(layer)
    return empty_store


def test_the_plan_is_told_in_both_languages(plans: StoreBuilder, run) -> None:
    told = run("plan", *DAY)
    assert told.code == 0
    assert "读到 12 项举措；方案有 30 项任务；哪项举措属于哪项任务，不知道。" in told.out
    assert "1 一个群 · 跨区域协调发展" in told.out
    assert "5 一盘棋（无网页来源） · 高水平开放合作" in told.out
    english = run("plan", *DAY, "--lang", "en").out
    assert "12 measures read; the plan has 30 tasks; which measure belongs to which task" in english
    assert "2026-11-25: year 2 of the cycle of 3 years." in english
    assert "First yearly evaluation  47 days ago; the sources do not say whether" in english


def test_one_area_by_id_or_number(plans: StoreBuilder, run) -> None:
    told = run("plan", "--area", "network", "--lang", "en", *DAY).out
    assert told == run("plan", "--area", "2", "--lang", "en", *DAY).out
    assert "Measures read: 5" in told
    assert "  Roads and rails [no page]" in told
    assert "The sources do not say who is responsible for this area." in told
    heading = run("plan", "--area", "market", "--lang", "en", *DAY).out
    assert "heading only" in heading


def test_an_unknown_area_is_one_line_with_those_near(plans: StoreBuilder, run) -> None:
    told = run("plan", "--area", "networks")
    assert (told.code, told.out) == (1, "")
    assert told.err == "atlas: the plan has no area 'networks'; there are: network\n"


def test_json_holds_every_item_and_the_cycle(plans: StoreBuilder, run) -> None:
    values = json.loads(run("plan", "--json", *DAY).out)
    assert values["read"]["measures"] == 12
    assert values["read"]["tasks"] == 30
    assert values["read"]["entered"] == 0
    assert len(values["read"]["unplaced_measures"]) == 12
    assert values["cycle"]["year"] == 2
    assert [area["number"] for area in values["areas"]] == list(range(1, 9))
    alone = json.loads(run("plan", "--json", "--area", "ecology", *DAY).out)
    assert [area["layers"] for area in alone["areas"]] == [["ecological-belts"]]


def test_a_planner_adds_a_task_and_publishes_it(plans: StoreBuilder, run) -> None:
    file = plans.write(TASK.encode(), "task.toml")
    dry = run("publish", "action-plan", file, "--note", "Task 7 of the plan", "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert dry.out.startswith("inserted  task chongming-ferry\n")
    assert "published" not in dry.out
    done = run("publish", "action-plan", file, "--note", "Task 7 of the plan")
    assert "published action-plan edition 2" in done.out
    told = run("plan", "--lang", "en", *DAY).out
    assert "30 tasks, 1 of them entered; of 11 measures it is not known" in told
    told = run("plan", "--lang", "en", "--area", "network", *DAY).out
    assert "Task seven" in told
    assert "https://example.org/task-7" in told
    assert run("check", "action-plan").out == "all layers are valid\n"
    again = json.loads(run("audit", "--json").out)
    assert again["problems"] == []
    assert run("withdraw", "action-plan", 2, "--reason", "wrong").code == 0
    assert "12 measures read; the plan has 30 tasks; which" in run("plan", "--lang", "en").out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('area = "network"', 'area = "networks"', "'area': there is no area 'networks'; there are"),
        ("number = 7", "number = 31", "its number is 31; the plan has 30"),
        ("rail-lines:shanghai-hangzhou-hsr", "rail-lines:shanghai", "has no 'shanghai'; near:"),
        ('"network-rails"', '"network-rail"', "there is no measure 'network-rail'"),
        ('"rail-kilometres"', '"rail-kilometers"', "there is no 'rail-kilometers'; there are"),
        ('source_urls = ["https://example.org/task-7"]', "source_urls = []", "names no page"),
        ('title_en = "Task seven"\n', "", "'title_zh' stands alone: add 'title_en'"),
        ("[[task]]", "[[tasks]]", "no kind 'tasks'; there are task"),
        ('form = "changes"\n', "", "write form ="),
    ],
)
def test_a_wrong_task_is_told_with_its_name_and_changes_nothing(
    plans: StoreBuilder, run, old: str, new: str, words: str
) -> None:
    assert old in TASK
    before = plans.state("action-plan")
    file = plans.write(TASK.replace(old, new).encode(), "task.toml")
    told = run("publish", "action-plan", file, "--note", "why")
    assert told.code == 1
    assert words in told.out
    assert "task.toml: " in told.err
    assert plans.state("action-plan") == before


GUIDE = (PROJECT / "docs" / "add-a-task.md").read_text("utf-8")


def test_the_example_of_the_guide_can_be_published(plans: StoreBuilder, run) -> None:
    example = textwrap.dedent(re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0])
    file = plans.write(example.encode(), "task.toml")
    told = run("publish", "action-plan", file, "--note", "why", "--dry-run")
    assert (told.code, told.err) == (0, "")
    assert "inserted  task network-task-9" in told.out


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_lists_every_kind_and_its_fields(kind: str) -> None:
    line = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{kind}` |"))
    for entry in fields_of(kind):
        if entry.kinds and entry.kinds != STATEMENTS:
            assert f"`{entry.name}`" in line, entry.name
            must = kind in entry.required and entry.name != "id"
            assert (f"**`{entry.name}`**" in line) == must, entry.name


def test_the_guide_names_the_areas_that_there_are(plans: StoreBuilder, run) -> None:
    areas = [area["id"] for area in json.loads(run("plan", "--json").out)["areas"]]
    assert f"# {' '.join(areas)}\n" in GUIDE


def test_other_commands_say_what_a_register_is(plans: StoreBuilder, run) -> None:
    assert "action-plan           register" in run("layers").out
    shown = run("show", "action-plan", "--format", "csv").out
    assert "measure,group-pilots,group" in shown
    for words in (("download", "action-plan"), ("describe", "action-plan", "network-rails")):
        told = run(*words)
        assert told.code == 1
        assert "statements without geometry" in told.err


def test_a_store_without_a_register_says_so(store: StoreBuilder, run) -> None:
    told = run("plan")
    assert (told.code, told.out) == (1, "")
    assert "no layer 'action-plan'" in told.err
