"""The atlas's own words: the same keys and fields in every language."""

from pathlib import Path
from string import Formatter

import pytest

from atlas import errors
from atlas.errors import AtlasError, Problem, SchemaError
from atlas.i18n import LANGUAGES, LOCALES, in_both, language_of, read_words, say_error, translate

BUILT = (
    "basis.", "change.by_", "change.column.", "change.form.", "change.kind.", "change.maps_",
    "change.new_", "change.old_", "change.record.", "change.rule.", "change.sort.", "column.",
    "describe.measured_", "describe.published_", "error.", "figure.note.", "figure.paper.",
    "figure.stamp.",
    "ground.column.", "ground.criterion.", "ground.kind_", "ground.rule_of.", "ground.state.",
    "ground.tell_", "ground.view_", "map.measure.",
    "conform.column_", "conform.lower", "conform.status_", "conform.upper", "conform.verdict_",
    "evaluation.area_", "indicator.",
    "kind.", "overlap.column.",
    "overlap.matrix_", "overlap.order_", "overlap.pair.", "overlap.pair_lines.",
    "overlap.relation_", "overlap.show_", "overlap.zone_points.",
    "plan.about_", "plan.count_", "plan.cycle_", "plan.field.", "plan.lane_", "plan.learn_",
    "overlap.zone_uncertain.", "page.", "part.", "standing.", "table.", "theme.",
    "report.change_unknown.", "report.column.", "report.points.", "report.profile_",
    "report.turn_", "report.words_", "series.unknown.",
    "reach.ask_", "reach.assumption.", "reach.column.", "reach.count.", "reach.fit.", "reach.from_",
    "reach.include.", "reach.kind_", "reach.layer.", "reach.use.",
    "value.", "version.", "words.begins.", "words.between_", "words.changes.", "words.direction.",
    "words.ends.", "words.extent_found", "words.extent_lost", "words.extent_was",
    "words.inserted.", "words.join.", "words.kept.", "words.leave.", "words.length_was",
    "words.modified.", "words.record.", "words.removed.", "words.unit.",
)  # fmt: skip
"""Beginnings of keys that code completes by a name of data or of its own."""


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def subclasses(error: type[AtlasError]) -> list[type[AtlasError]]:
    below = [found for child in error.__subclasses__() for found in subclasses(child)]
    return [*error.__subclasses__(), *below]


def test_every_locale_is_offered() -> None:
    files = {file.name for file in LOCALES.iterdir()}
    assert files == {f"{lang}.toml" for lang in LANGUAGES} | {"reasons.zh.toml"}


def test_every_language_has_the_same_keys_and_fields() -> None:
    first, *others = [
        {key: fields(words) for key, words in read_words(lang).items()} for lang in LANGUAGES
    ]
    for other in others:
        assert other == first


def test_every_word_is_used() -> None:
    root = Path(str(LOCALES)).parents[1]
    files = [root / "streamlit_app.py", *root.glob("atlas/**/*.py"), *root.glob("pages/*.py")]
    code = "".join(file.read_text("utf-8") for file in files)
    unused = [
        key for key in read_words("en")
        if not key.startswith(BUILT)
        and not any(f"{sign}{key}{sign}" in code for sign in ("\"", "'"))
    ]  # fmt: skip
    asked = {f"explore.{name}{end}" for name in ("day", "known_by") for end in ("", "_help")}
    assert set(unused) <= asked


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_text_with_named_fields(lang: str) -> None:
    for key, words in read_words(lang).items():
        assert isinstance(words, str), key
        assert words.strip(), key
        assert all(name.isidentifier() for name in fields(words)), key


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("error", subclasses(AtlasError), ids=lambda error: error.__name__)
def test_every_error_has_a_sentence(error: type[AtlasError], lang: str) -> None:
    sentence = read_words(lang)[f"error.{error.__name__}"]
    assert fields(sentence) == fields(error.sentence)


def test_no_sentence_is_left_over() -> None:
    names = {error.__name__ for error in subclasses(AtlasError)}
    sentences = {key for key in read_words("en") if key.startswith("error.")}
    assert sentences == {f"error.{name}" for name in names}


def test_the_tree_of_errors_is_drawn_whole() -> None:
    for error in subclasses(AtlasError):
        assert f"── {error.__name__} " in (errors.__doc__ or ""), error


def test_an_error_speaks_each_language_whatever_its_values_hold() -> None:
    error = errors.FileDamaged(file="{0}", problem="a {brace} and %s")
    assert str(error) == "{0}: a {brace} and %s"
    for lang in LANGUAGES:
        assert "a {brace} and %s" in say_error(error, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_error_of_rows_says_how_many_and_the_first(lang: str) -> None:
    problems = [Problem("belts", 1, f"b{n}/1", "key", f"message {n}") for n in range(3)]
    sentence = say_error(SchemaError("a.geojson", problems), lang)
    assert "a.geojson" in sentence
    assert "3" in sentence
    assert "message 0" in sentence
    assert "message 1" not in sentence


def test_a_problem_names_what_it_knows() -> None:
    assert str(Problem("belts", 2, "b/1", "key", "twice")) == (
        "belts edition 2 feature b/1: [key] twice"
    )
    assert str(Problem("belts", None, None, "rows", "none")) == "belts: [rows] none"


def test_words_are_found_and_filled() -> None:
    assert translate("map.until", "en", end="2019") == "until 2019"
    assert in_both("language.name")["en"] == "English"
    assert set(in_both("language.name")) == set(LANGUAGES)
    with pytest.raises(KeyError):
        translate("no.such.key", "en")
    with pytest.raises(KeyError):
        translate("map.until", "en")


@pytest.mark.parametrize(
    ("browser", "lang"),
    [
        (None, "zh"), ("", "zh"), ("zh", "zh"), ("zh-CN", "zh"), ("ZH-Hant-TW", "zh"),
        ("en", "en"), ("en-GB", "en"), ("fr-FR", "en"),
    ],
)  # fmt: skip
def test_the_language_of_a_browser(browser: str | None, lang: str) -> None:
    assert language_of(browser) == lang
