"""The plan by areas, and where its cycle stands on a day."""

import datetime as dt

import pytest

from atlas.core.register import Register, Rows, to_items
from atlas.errors import AreaUnknown
from atlas.i18n import LANGUAGES, translate
from atlas.operations.plan import (
    ACTION_PLAN,
    Plan,
    anniversary,
    area_titles,
    cycle_years,
    read_plan,
    stages,
    to_plan,
    trend_days,
    year_of_cycle,
)
from atlas.operations.plan_output import to_text, to_values
from atlas.operations.plan_words import area_words, count_words, cycle_words, mark_words, read_words
from tests.conftest import StoreBuilder
from tests.register_examples import question, rows, statement, with_item

DAY = dt.date(2025, 10, 9)


def plan_of(held: Rows) -> Plan:
    edition = type("Edition", (), {
        "edition": 1, "published": DAY, "sha256": "0" * 64, "layer": ACTION_PLAN,
    })  # fmt: skip
    return to_plan(Register(info=None, edition=edition, items=to_items(held)))  # type: ignore[arg-type]


class TestAreas:
    def test_an_area_gathers_what_its_items_name(self) -> None:
        held = rows(
            measure=[
                statement("m", area="one-area", layers=["lakes"], features=["belts:huai"]),
                statement("n", area="other-area", indicators=["belt-area"]),
            ],
            task=[statement("t", area="one-area", bodies=["office"], layers=["lakes", "rivers"])],
        )
        one, other = plan_of(held).areas
        assert one.layers == ("lakes", "rivers", "belts")
        assert one.features == ("belts:huai",)
        assert [body.id for body in one.bodies] == ["office"]
        assert [item.id for item in one.measures] == ["m"]
        assert other.layers == ()
        assert "belt-area" in other.indicators
        assert [item.id for item in other.questions] == ["q"]

    def test_indicators_of_an_area_are_the_atlas_s_own_and_those_its_items_name(self) -> None:
        one, other = plan_of(rows()).areas
        assert "metropolitan-overlap" in one.indicators
        assert "rail-kilometres" in other.indicators
        assert len(set(one.indicators)) == len(one.indicators)

    def test_only_a_heading_was_read_if_nothing_else_was(self) -> None:
        one, other = plan_of(rows()).areas
        assert (one.heading_only, other.heading_only) == (False, True)
        assert count_words(other, "en")[0] == "heading only"
        told = plan_of(rows(task=[statement("t", area="other-area")])).areas[1]
        assert not told.heading_only

    def test_areas_come_by_number_and_open_by_id_or_number(self) -> None:
        held = rows(area=[statement("b", number=2), statement("a", number=1)], fact=None, one=None,
                    measure=None, question=None)  # fmt: skip
        plan = plan_of(held)
        assert [area.item.id for area in plan.areas] == ["a", "b"]
        assert plan.area("2") == plan.area("b")

    def test_an_unknown_area_names_those_near(self) -> None:
        with pytest.raises(AreaUnknown, match="no area 'one-areas'; there are: one-area"):
            plan_of(rows()).area("one-areas")

    def test_a_back_translation_is_marked_wherever_the_one_is_named(self) -> None:
        area = plan_of(with_item("one", unsourced=["title_zh"])).areas[0]
        assert area_words(area, "zh") == "1 first 中文（无网页来源） · one-area 中文"
        assert area_words(area, "en") == "1 Title of first · Title of one-area"


class TestTasks:
    """Never is a measure attributed to a task that nobody named."""

    def test_without_tasks_the_sentence_says_that_nothing_is_known(self) -> None:
        plan = plan_of(rows())
        assert read_words(plan, "en") == (
            "2 measures read; the plan has 3 tasks; which measure belongs to which task is not "
            "known."
        )
        assert [item.id for item in plan.unplaced] == ["m", "n"]

    def test_a_task_places_only_the_measures_that_it_names(self) -> None:
        plan = plan_of(rows(task=[statement("t", area="one-area", measures=["m"])]))
        assert [item.id for item in plan.unplaced] == ["n"]
        assert "1 of them entered; of 1 measures it is not known" in read_words(plan, "en")


class TestCycle:
    def test_years_are_closed_at_their_start_and_open_at_their_end(self) -> None:
        plan = plan_of(rows())
        asked = ("2025-10-08", "2025-10-09", "2026-10-08", "2026-10-09", "2028-10-08", "2028-10-09")
        years = [year_of_cycle(plan, dt.date.fromisoformat(day)) for day in asked]
        assert years == [0, 1, 1, 2, 3, 4]
        assert cycle_years(plan)[-1] == (dt.date(2027, 10, 9), dt.date(2028, 10, 9))

    def test_words_say_before_during_and_after(self) -> None:
        plan = plan_of(rows())
        assert (
            cycle_words(plan, dt.date(2025, 1, 1), "en") == "2025-01-01: the cycle has not begun."
        )
        assert "year 2 of the cycle of 3" in cycle_words(plan, dt.date(2026, 11, 25), "en")
        assert cycle_words(plan, dt.date(2030, 1, 1), "en") == "2030-01-01: the cycle is over."

    @pytest.mark.parametrize(
        ("day", "state", "off"),
        [("2026-10-08", "coming", 1), ("2026-10-09", "today", 0), ("2026-10-10", "past", -1)],
    )
    def test_a_milestone_is_past_from_the_day_after_it(
        self, day: str, state: str, off: int
    ) -> None:
        due = stages(plan_of(rows()), dt.date.fromisoformat(day))[-1]
        assert (due.item.id, due.state, due.days_off) == ("due", state, off)

    def test_a_milestone_of_two_days_lasts_to_its_second(self) -> None:
        held = with_item("milestone", until="2025-10-10", until_precision="day")
        states = [stages(plan_of(held), dt.date(2025, 10, day))[0].state for day in (8, 9, 10, 11)]
        assert states == ["coming", "today", "today", "past"]

    def test_milestones_come_by_day_and_earlier_plans_are_no_part_of_them(self) -> None:
        late = statement("late", group="plan", day="2028-01-01", day_precision="year")
        old = statement("old", group="earlier", day="2018-01-01", day_precision="year")
        found = stages(plan_of(rows(milestone=[late, old, *rows()["milestone"]])), DAY)
        assert [stage.item.id for stage in found] == ["start", "due", "late"]

    def test_an_evaluation_that_is_due_is_not_said_to_be_done(self) -> None:
        told = to_text(plan_of(rows()), "en", day=dt.date(2026, 11, 25))
        assert (
            "2026-10-09 (counted)  Title of due  47 days ago; the sources do not say whether"
            in told
        )

    def test_anniversaries_of_a_leap_day(self) -> None:
        leap = dt.date(2024, 2, 29)
        assert [anniversary(leap, n).isoformat() for n in (-1, 0, 1, 4)] == [
            "2023-02-28", "2024-02-29", "2025-02-28", "2028-02-29",
        ]  # fmt: skip

    def test_a_trend_ends_on_the_day_and_never_holds_a_day_twice(self) -> None:
        days = trend_days(DAY, dt.date(2027, 10, 9))
        assert days[-1] == dt.date(2027, 10, 9)
        assert len(days) == len(set(days)) == 7
        assert days == sorted(days)
        assert trend_days(DAY, dt.date(1899, 1, 1)) == [dt.date(1899, 1, 1)]


class TestOutput:
    def test_json_says_of_every_statement_whether_it_is_sourced(self) -> None:
        values = to_values(plan_of(rows()), day=DAY)
        assert len(values["items"]) == sum(map(len, rows().values()))
        for item in values["items"]:
            assert item["kind"] == "question" or isinstance(item["sourced"], bool), item["id"]
            assert item["kind"] == "question" or "unsourced" in item, item["id"]
        assert values["read"] == {
            "measures": 2, "tasks": 3, "entered": 0, "unplaced_measures": ["m", "n"],
        }  # fmt: skip
        assert values["cycle"]["year"] == 1
        assert [area["id"] for area in values["areas"]] == ["one-area", "other-area"]

    def test_one_area_is_given_alone(self) -> None:
        values = to_values(plan_of(rows()), day=DAY, area="2")
        assert [area["id"] for area in values["areas"]] == ["other-area"]
        assert values["items"] == []
        with pytest.raises(AreaUnknown):
            to_values(plan_of(rows()), day=DAY, area="9")

    def test_text_marks_what_has_no_page(self) -> None:
        held = with_item(
            "measure", sourced=False, source_urls=[], cited_zh="某报", cited_en="A paper"
        )
        told = to_text(plan_of(held), "en", day=DAY, area="1").splitlines()
        assert "  Title of m [no page]" in told
        assert "    Read in: A paper" in told
        assert "The sources do not say who is responsible for this area." in told

    def test_marks_name_the_fields_without_a_source(self) -> None:
        due = plan_of(rows()).register.of("milestone")[1]
        assert mark_words(due, "zh") == ["无来源：日期"]
        assert mark_words(plan_of(rows()).head, "zh") == []

    def test_a_question_has_no_mark(self) -> None:
        held = rows(question=[question("q", area="one-area")])
        assert mark_words(plan_of(held).register.of("question")[0], "en") == []


def test_titles_of_areas_are_empty_where_there_is_no_register(store: StoreBuilder) -> None:
    assert area_titles(store.folder, known_by=DAY) == {}


def test_the_plan_of_the_atlas_is_read_as_published_by_a_day() -> None:
    from atlas.operations.folder import PROJECT

    plan = read_plan(PROJECT / "layers", known_by=dt.date.max)
    titles = area_titles(PROJECT / "layers", known_by=dt.date.max)
    assert list(titles) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert titles[1] == plan.areas[0].item.title
    assert area_titles(PROJECT / "layers", known_by=dt.date(2025, 1, 1)) == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_evaluation_calls_the_areas_as_the_register_does(lang: str) -> None:
    from atlas.operations.folder import PROJECT

    titles = area_titles(PROJECT / "layers", known_by=dt.date.max)
    told = {number: translate(f"evaluation.area_{number}", lang) for number in titles}
    assert told == {number: title[lang] for number, title in titles.items()}
