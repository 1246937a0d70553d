"""Rules of a register: each names the item, what is wrong with it, and the way out."""

import pytest

from atlas.core.register import FIELDS, KINDS, Register, fields_of, to_items
from atlas.core.register_rules import check_items
from tests.register_examples import PAGE, question, rows, statement
from tests.register_examples import with_item as item


def told(found) -> list[str]:
    return [f"{problem.feature}: [{problem.rule}] {problem.message}" for problem in found]


def problems(changed) -> list[str]:
    return told(check_items("small-plan", None, changed))


def test_the_example_is_valid() -> None:
    assert problems(rows()) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (item("measure", title_zh=None), "measure m: [required] 'title_zh' is missing: add it"),
        (item("measure", title_zh="  "), "measure m: [required] 'title_zh' is empty"),
        (item("measure", title_zh=5), "measure m: [type] 'title_zh' must be text, not 5"),
        (item("measure", layers="lakes"), "measure m: [type] 'layers' must be a list of texts"),
        (item("measure", text_zh="只有中文"), "'text_zh' stands alone: add 'text_en'"),
        (item("measure", aera="x"), "a measure has no field 'aera': did you mean 'area'?"),
        (item("measure", level=1), "a measure has no field 'level'"),
        (item("measure", area="nowhere"), "there is no area 'nowhere'; there are other-area"),
        (item("measure", id="M 1"), "'M 1' is no id: small letters, digits and single '-'"),
        (item("measure", 1, id="m"), "measure m: [id] the id 'm' is used twice"),
        (item("measure", title_en="a\x07b"), "'title_en' holds control characters"),
        (item("measure", title_en="a\u202eb"), "'title_en' holds signs that nobody sees"),
        (item("measure", title_en="x" * 20_001), "'title_en' has 20,001 characters; at most"),
        (item("measure", layers=["lakes", "lakes"]), "'layers' names something twice"),
        (item("measure", source_urls=[]), "it says that it is sourced but names no page"),
        (item("measure", source_urls=["example.org"]), "'example.org' is no web address"),
        (item("measure", source_urls=["javascript:alert(1)"]), "is no web address"),
        (item("measure", source_urls=[f"{PAGE}) [x](y"]), "is no web address"),
        (item("measure", sourced=False), "it says sourced = false but names a page"),
        (item("measure", sourced=None), "measure m: [required] 'sourced' is missing"),
        (item("measure", sourced="yes"), "'sourced' must be true or false, not 'yes'"),
        (item("measure", unsourced=["colour"]), "names 'colour', which is no field"),
        (item("measure", unsourced=["text_zh"]), "'text_zh', which this item does not hold"),
        (item("milestone", day="2026-02-30"), "'day': '2026-02-30' is not a day"),
        (item("milestone", day_precision=None), "needs 'day_precision' (day, month or year)"),
        (item("milestone", day_precision="year"), "is not the first day of its year"),
        (item("milestone", until_precision="day"), "is set but 'until' is empty"),
        (item("milestone", until="2025-01-01", until_precision="day"), "lies before 'day'"),
        (item("milestone", group="later"), "'group' is 'later'; one of identity, mechanism"),
        (item("link", to="nobody"), "link l: [refers] 'to': there is no body 'nobody'"),
        (item("link", to=None), "link l: [required] 'to' is missing"),
        (item("body", level=0), "'level' is 0; it must lie between 1 and 1,000"),
        (item("plan", cycle_years=True), "'cycle_years' must be an integer"),
        (item("reference", lesson=None), "name a lesson or a challenge that it belongs to"),
        (item("reference", learn_by="me"), "'learn_by' is 'me'; one of article, atlas"),
        (item("area", 1, number=1), "area other-area: [number] the number 1 is used twice"),
        (rows(plan=None), "plan: [whole] a register has exactly one plan, not 0"),
        (rows(area=None), "area: [whole] a register has at least one area"),
        (item("question", area="x"), "question q: [refers] 'area': there is no area 'x'"),
    ],
)  # fmt: skip
def test_a_broken_rule_names_the_item_and_the_way_out(changed, words: str) -> None:
    assert [line for line in problems(changed) if words in line], problems(changed)


def test_all_problems_are_told_at_once() -> None:
    changed = item("measure", title_zh=None)
    changed["body"][0]["level"] = "top"
    changed["link"][0]["from"] = "nobody"
    assert {line.split(":")[0] for line in problems(changed)} == {
        "measure m",
        "body office",
        "link l",
    }


def test_an_item_without_an_id_is_named_by_its_place() -> None:
    assert problems(item("measure", 1, id=None))[0].startswith("measure number 2: [required]")


def test_a_question_claims_nothing_and_needs_no_source() -> None:
    assert problems(rows(question=[question("open")])) == []
    assert problems(rows(question=[question("open", sourced=True)])) != []


class TestTasks:
    """What planners add: numbered tasks, no more of them than the plan has."""

    def task(self, name: str, **more):
        return statement(name, area="one-area", measures=["m"], **more)

    def test_a_task_may_have_no_number(self) -> None:
        assert problems(rows(task=[self.task("t")])) == []

    def test_a_number_lies_among_those_of_the_plan(self) -> None:
        assert problems(rows(task=[self.task("t", number=3)])) == []
        words = "task t: [number] its number is 4; the plan has 3: correct it"
        assert problems(rows(task=[self.task("t", number=4)])) == [words]

    def test_a_plan_of_three_tasks_takes_no_fourth(self) -> None:
        four = [self.task(f"t{n}") for n in range(4)]
        assert problems(rows(task=four)) == [
            "plan: [whole] 4 tasks where the plan has 3: remove some"
        ]

    def test_a_task_names_measures_that_exist(self) -> None:
        wrong = problems(rows(task=[self.task("t") | {"measures": ["mm"]}]))
        assert wrong == ["task t: [refers] 'measures': there is no measure 'mm'; there are m"]


def test_an_area_has_one_one_at_most() -> None:
    both = [statement("a", number=1, area="one-area"), statement("b", number=2, area="one-area")]
    assert problems(rows(one=both)) == [
        "area one-area: [whole] 2 ones name this area: each area has one at most"
    ]


def test_every_kind_has_a_title_and_only_fields_that_exist() -> None:
    names = [entry.name for entry in FIELDS]
    assert len(names) == len(set(names))
    for kind in KINDS:
        assert {"id", "title_zh", "title_en"} <= {entry.name for entry in fields_of(kind)}
    for entry in FIELDS:
        assert set(entry.kinds or KINDS) >= set(entry.required), entry.name


def test_items_hold_what_their_rows_held() -> None:
    items = {item.key: item for item in to_items(rows())}
    assert items["link l"].origin == "office"
    assert items["link l"].target == "group"
    assert items["reference act"].learn == {"zh": "学", "en": "learn"}
    assert items["reference act"].learn_by == "atlas"
    assert items["milestone due"].unsourced == ("day",)
    assert items["question q"].sourced is None
    assert items["measure m"].text == {}


def test_a_register_gives_its_items_by_kind_and_area() -> None:
    register = Register(info=None, edition=None, items=to_items(rows()))  # type: ignore[arg-type]
    assert [item.id for item in register.of("area")] == ["one-area", "other-area"]
    assert [item.id for item in register.in_area("measure", "one-area")] == ["m", "n"]
    assert register.in_area("measure", "other-area") == ()
